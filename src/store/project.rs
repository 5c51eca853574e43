//! How projections come in: the store hands each entry to a projector, which changes rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::seen::Seen;
use crate::journal::{AggregateRef, Entry};

use super::error::StoreError;
use super::rows::Rows;

/// Why an entry could not be folded.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// The entry makes no sense on the present state; the text says why.
    #[error("{0}")]
    Refused(String),
    /// Rows could not be read or changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FoldError> for StoreError {
    fn from(error: FoldError) -> Self {
        match error {
            FoldError::Refused(reason) => Self::Refused(reason),
            FoldError::Store(error) => error,
        }
    }
}

/// An entry that touches a thing, with what its writer had seen.
pub type Past = (Arc<Entry>, Seen);

/// Turns entries into rows.
///
/// It must be a pure function of the entry and the rows: the same entries give the same rows on every machine. It sees
/// every entry, the journal's own ones (event kinds up to 99) included, and passes over kinds it does not know.
///
/// The state of a thing is the fold of its entries in one order, the same in every store. Entries of the own shop come
/// last in it, so they are taken in as they are written. An entry of another shop may belong before one that was folded
/// already: then its things are built anew from all their entries.
pub trait Projector: Send + Sync {
    /// The version of what it makes. Another number than the one the rows were made with builds them anew.
    fn version(&self) -> u32;

    /// Takes one entry in. The states of the things in `later` stay as they are: they are built anew afterwards.
    fn fold(
        &self,
        entry: &Entry,
        seen: &Seen,
        later: &BTreeSet<AggregateRef>,
        rows: &mut Rows,
    ) -> Result<(), FoldError>;

    /// Builds the state of one thing anew from all entries that touch it, in fold order.
    fn refold(&self, thing: &AggregateRef, past: &[Past], rows: &mut Rows)
    -> Result<(), FoldError>;
}

/// A projector that makes no rows: the journal alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProjection;

impl Projector for NoProjection {
    fn version(&self) -> u32 {
        0
    }

    fn fold(
        &self,
        _: &Entry,
        _: &Seen,
        _: &BTreeSet<AggregateRef>,
        _: &mut Rows,
    ) -> Result<(), FoldError> {
        Ok(())
    }

    fn refold(&self, _: &AggregateRef, _: &[Past], _: &mut Rows) -> Result<(), FoldError> {
        Ok(())
    }
}
