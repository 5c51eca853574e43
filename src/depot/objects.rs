//! What a depot needs of a place: to list, get, put and remove objects by their keys.
//!
//! Invariants of every implementation: a key appears with all its bytes or not at all; keys are those that the depot
//! makes, of small letters, digits, `-`, `.` and `/`; whatever may pass by itself was tried several times before it is an
//! error. There is no lock and no condition.

use std::path::Path;

use super::error::DepotError;

/// An object, as a listing names it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Object {
    /// Its key, relative to the depot.
    pub key: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Differs when the object was overwritten (an entity tag, or a time); empty where the place says nothing.
    pub stamp: String,
}

/// A place with objects. Keys are relative to the depot.
pub trait Objects {
    /// The objects whose keys begin with this; `prefix` ends in a slash. What is not there has none.
    fn list(&self, prefix: &str) -> Result<Vec<Object>, DepotError>;

    /// The first bytes of an object, at most so many; `None` if it is not there.
    fn head(&self, key: &str, most: u64) -> Result<Option<Vec<u8>>, DepotError>;

    /// Writes an object of at most `most` bytes into a file; false if it is not there or longer.
    fn fetch(&self, key: &str, most: u64, into: &Path) -> Result<bool, DepotError>;

    /// Puts these bytes there, whatever was there before.
    fn put(&self, key: &str, bytes: &[u8]) -> Result<(), DepotError>;

    /// Puts a file there, whole.
    fn put_file(&self, key: &str, file: &Path) -> Result<(), DepotError>;

    /// Removes an object; one that is not there is no error.
    fn remove(&self, key: &str) -> Result<(), DepotError>;
}
