//! Gaps in the journal that a person has accepted with `recover`: known, named for ever, and no longer in the way.

use serde::{Deserialize, Serialize};

use crate::domain::id::SiteId;
use crate::journal::codec;

use super::error::StoreError;
use super::layout::Layout;
use super::vfs::{Vfs, read_all, write_whole};
use super::walk::Trouble;

/// Missing or contradictory entries of one site.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Gap {
    /// The site.
    pub site: SiteId,
    /// First sequence.
    pub from: u64,
    /// Last sequence.
    pub to: u64,
}

impl Gap {
    /// The gap that this trouble is about, if it is about entries.
    pub fn of(trouble: &Trouble) -> Option<Self> {
        match trouble {
            Trouble::Missing { site, from, to, .. } => Some(Self {
                site: *site,
                from: *from,
                to: *to,
            }),
            Trouble::Fork { site, seq, .. } => Some(Self {
                site: *site,
                from: *seq,
                to: *seq,
            }),
            _ => None,
        }
    }
}

/// The accepted gaps. A file that cannot be read counts as none: the gaps are then reported again.
pub fn read(vfs: &dyn Vfs, layout: &Layout) -> Vec<Gap> {
    read_all(vfs, &layout.accepted(), 1 << 20)
        .ok()
        .and_then(|bytes| codec::decode(&bytes).ok())
        .unwrap_or_default()
}

/// Writes the accepted gaps.
pub fn write(vfs: &dyn Vfs, layout: &Layout, gaps: &Vec<Gap>) -> Result<(), StoreError> {
    let path = layout.accepted();
    write_whole(vfs, &path, &codec::encode(gaps)?)
        .map_err(|e| StoreError::file("could not write", &path, e))
}
