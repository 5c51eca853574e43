//! What can go wrong with a depot, in words: what happened, that the records are safe, what to do.
//!
//! Invariant: whatever happened, the records of this shop and what others put into the depot are as they were.

/// Why a depot could not be used.
#[derive(Debug, thiserror::Error)]
pub enum DepotError {
    /// This names no place.
    #[error(
        "\"{text}\" is no depot: {reason}. Nothing was changed; name a folder, s3://BUCKET/PREFIX, az://CONTAINER/PREFIX or gs://BUCKET/PREFIX"
    )]
    Place {
        /// What was written.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The folder is not there.
    #[error(
        "the folder {folder} is not there. Nothing was changed; plug the stick in, or connect the share, and sync again"
    )]
    NoFolder {
        /// The folder.
        folder: String,
    },
    /// This program cannot reach such places.
    #[error(
        "this tagout was built without object stores, so it cannot reach {place}. Nothing was changed; use a folder, or a tagout with the feature \"cloud\""
    )]
    NotBuilt {
        /// The place.
        place: String,
    },
    /// How to reach it is missing or wrong.
    #[error("{place} cannot be reached as it is set up: {reason}. Nothing was changed; {advice}")]
    Setup {
        /// The place.
        place: String,
        /// What is missing or wrong.
        reason: String,
        /// What to do.
        advice: String,
    },
    /// It does not let us in.
    #[error(
        "{place} refuses to {doing}: {reason}. Your records are safe, and what was uploaded stays; check the key and its rights (list, read, write and remove below this place), then sync again"
    )]
    Denied {
        /// The place.
        place: String,
        /// What was tried.
        doing: String,
        /// What it said.
        reason: String,
    },
    /// It cannot be reached, or breaks off, also after several tries.
    #[error(
        "{place} does not answer as it should: could not {doing} ({reason}). Your records are safe, and what was uploaded stays; check the line and the place, and sync again later: it goes on where it stopped"
    )]
    Unreachable {
        /// The place.
        place: String,
        /// What was tried.
        doing: String,
        /// What happened.
        reason: String,
    },
    /// It holds names that are none.
    #[error(
        "{place} holds something that does not belong there and cannot be listed ({reason}). Your records are safe; have it removed by whoever looks after the place"
    )]
    Strange {
        /// The place.
        place: String,
        /// What is strange.
        reason: String,
    },
    /// A file of this machine.
    #[error(
        "could not {doing} ({reason}). Your records are safe; make room or give the right to write there, and sync again"
    )]
    Here {
        /// What was tried.
        doing: String,
        /// What happened.
        reason: String,
    },
    /// The store had to refuse something.
    #[error("{0}")]
    Shelf(#[from] super::shelf::ShelfError),
    /// A person stopped it.
    #[error(
        "the sync was stopped. Your records are safe, and what was uploaded stays; the next sync goes on from there"
    )]
    Stopped,
}

impl DepotError {
    /// Whether the same may work a little later by itself.
    pub const fn passes(&self) -> bool {
        matches!(self, Self::NoFolder { .. } | Self::Unreachable { .. })
    }

    /// For files of this machine.
    pub(super) fn here(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let doing = doing.into();
        move |error| Self::Here {
            doing,
            reason: error.to_string(),
        }
    }
}
