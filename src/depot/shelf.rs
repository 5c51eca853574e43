//! What a depot needs of a store: what it has, bundles of it, and to take bundles in.
//!
//! Invariants expected of a shelf: what [`Shelf::have`] covers stays covered; taking the same bundle in twice changes
//! nothing; a bundle is taken in whole or not at all; bundles are exported with the site's own key.

use std::path::{Path, PathBuf};

use crate::journal::{Hash, SiteId, VersionVector};

use super::have::Have;
use super::spans::Span;

/// Why a store did not do what it was asked, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ShelfError(pub String);

/// What became of a bundle that was handed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    /// It was taken in, or waits in the store for something that is missing or for a person's trust.
    Kept,
    /// It is damaged: bytes were changed or are missing.
    Damaged(String),
    /// It was refused for another reason.
    Refused(String),
}

/// A store, seen from a depot.
pub trait Shelf {
    /// The site that writes here.
    fn site(&self) -> SiteId;

    /// The highest sequence without a gap of every site that it has.
    fn have(&self) -> Result<VersionVector, ShelfError>;

    /// Whether bundles of this site count. What others put into the depot may be false, so it does not spare anybody an
    /// upload.
    fn trusts(&self, site: SiteId) -> bool;

    /// The sites for which bundles in this depot are encrypted, itself among them; `None` if everybody may read them.
    fn readers(&self) -> Option<Vec<SiteId>> {
        None
    }

    /// Whether it can read what is encrypted for these sites.
    fn reads(&self, readers: &[SiteId]) -> bool {
        readers.contains(&self.site())
    }

    /// A bundle that this very site signed says that its chain has this entry. A store that has not, or has another one
    /// there, was set back or copied: it says so as an error.
    fn wrote(&mut self, _seq: u64, _hash: Hash) -> Result<(), ShelfError> {
        Ok(())
    }

    /// Whether it has another entry than this one there: two machines wrote under one name.
    fn differs(&self, _site: SiteId, _seq: u64, _hash: Hash) -> Result<bool, ShelfError> {
        Ok(false)
    }

    /// A signed statement of what it has, and of bundles that were found damaged.
    fn statement(&self, damaged: &[String]) -> Result<Have, ShelfError>;

    /// Writes bundles of exactly these entries into a folder, each under the name that [`crate::bundle::BundleName`]
    /// gives it, synced to disk; gives their paths.
    fn export(&mut self, spans: &[Span], folder: &Path) -> Result<Vec<PathBuf>, ShelfError>;

    /// Takes in these files together; what became of each, in the same order.
    fn import(&mut self, files: &[PathBuf]) -> Result<Vec<Taken>, ShelfError>;
}
