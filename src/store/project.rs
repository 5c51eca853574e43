//! How projections come in: the store hands each entry to a projector, which changes rows.

use crate::journal::Entry;

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

/// Turns entries into rows.
///
/// It must be a pure function of the entry and the rows: the same entries give the same rows on every machine. It sees
/// every entry, the journal's own ones (event kinds up to 99) included, and passes over kinds it does not know.
pub trait Projector: Send + Sync {
    /// The version of what it makes. Another number than the one the rows were made with builds them anew.
    fn version(&self) -> u32;

    /// Takes one entry in.
    fn fold(&self, entry: &Entry, rows: &mut Rows) -> Result<(), FoldError>;
}

/// A projector that makes no rows: the journal alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProjection;

impl Projector for NoProjection {
    fn version(&self) -> u32 {
        0
    }

    fn fold(&self, _: &Entry, _: &mut Rows) -> Result<(), FoldError> {
        Ok(())
    }
}
