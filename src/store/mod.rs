//! The only code that knows sled and the journal files: durability, locking, projections at rest, recovery, verify.
//!
//! May use: `bundle`, `journal`, `domain`.
//! Invariants: an entry is acknowledged only after its frame was appended and `fdatasync`ed; sled can be deleted at any
//! time without losing an acknowledged entry; no value in sled exceeds 7 KiB; nothing is ever thrown away silently.
//!
//! [`Store::open`] gives a [`Store`] with [`Notice`]s. Reads go straight to it. Writes go through [`Store::write`]: the
//! guard reads and appends while nobody else writes, so that a decision and its entry are one step. Other shops' entries
//! come in through [`Store::import`] and leave through [`Store::export`]; wherever an entry comes from, every thing is the
//! fold of its entries in one order (`causes`, `foreign`).

mod arrival;
mod aside;
mod background;
mod backup;
mod base;
mod bulk;
mod carrier;
mod causes;
mod check;
mod error;
mod export;
mod fold;
mod foreign;
mod frame;
mod gaps;
mod heads;
mod heard;
mod held;
mod identity;
mod import;
mod incoming;
mod keyfile;
mod layout;
mod lock;
mod look;
mod meeting;
mod notes;
mod open;
mod options;
mod project;
mod raw;
mod read;
mod reattach;
mod refill;
mod repair;
pub mod rows;
mod segment;
mod settle;
mod space;
#[cfg(test)]
mod tests;
mod verify;
pub mod vfs;
mod walk;
mod writer;

pub use arrival::{Ahead, Arrival};
pub use backup::{BackupPlan, BackupReport, Fetch, finish_copy, inside, write_copy};
pub use base::{Direction, in_guarded_call};
pub use bulk::{BulkCommitted, BulkView};
pub use carrier::Carrier;
pub use check::Digest;
pub use error::{ExitClass, Notice, StoreError};
pub use export::{ExportPlan, Exported, MAX_BUNDLE, Stretch};
pub use import::{Hear, ImportBy};
pub use incoming::{Fork, Waiting, Why};
pub use layout::{Watermark, aggregate_prefix, entry_key, read_entry_key};
pub use look::{BackupNote, HeadState, Look, look};
pub use notes::{Noted, Notes, Trust};
pub use options::{IfAbsent, MachineFacts, NewStore, Progress, ProgressStep, StoreOptions, Tuning};
pub use project::{FoldError, NoProjection, Past, Projector};
pub use read::HeadInfo;
pub use rows::{Decoded, FIRST_FREE, Row, Rows, family};
pub use verify::{Problem, SiteReport, VerifyReport};
pub use writer::{Committed, Draft, Writer};

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use crate::domain::id::SiteId;
use crate::journal::SiteKey;
use crate::journal::chain::Chains;
use crate::journal::system::Genesis;

use base::Base;
use layout::Layout;
use options::Tuning as Tune;

/// An open store. All methods take `&self`; one thread writes at a time, any number read.
pub struct Store {
    inner: Arc<Inner>,
    background: Option<background::Background>,
}

/// What the store's threads share.
pub(crate) struct Inner {
    pub layout: Layout,
    pub vfs: Arc<dyn vfs::Vfs>,
    pub projector: Arc<dyn Projector>,
    pub machine: MachineFacts,
    pub tuning: Tune,
    pub base: Arc<Base>,
    pub genesis: Genesis,
    pub key: Option<SiteKey>,
    pub write: Mutex<writer::WriteState>,
    pub published: RwLock<read::Published>,
    /// The end of every site's chain except the own one's, which is in `published`.
    pub others: RwLock<Chains>,
    /// All sites that ever wrote here.
    pub sites: BTreeSet<SiteId>,
    pub read_only: RwLock<Option<String>>,
    pub wake: background::Wake,
    /// The disk was seen without room since the rows were counted last.
    pub tight: AtomicBool,
    /// Held by readers, and by whoever builds all rows anew: nobody finds half of them.
    pub whole: RwLock<()>,
    /// Freed last.
    pub _lock: lock::StoreLock,
}

impl Inner {
    /// Refuses when too little is free, and remembers it: see [`Store::doubt_rows`].
    pub fn room(&self) -> Result<(), StoreError> {
        let room = space::check_floor(self.vfs.as_ref(), &self.layout, &self.tuning);
        if room.is_err() {
            self.tight.store(true, Ordering::Release);
        }
        room
    }

    pub fn published(&self) -> read::Published {
        *self
            .published
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The end of every site's chain.
    pub fn chains(&self) -> Chains {
        let published = self.published();
        let mut chains = self
            .others
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if published.tip.seq > 0 {
            chains.set(published.site, published.tip);
        }
        chains
    }

    /// After entries of other sites were taken in.
    pub fn set_chains(&self, chains: &Chains) {
        self.others
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(chains);
    }

    /// Everything noted about sites.
    pub fn notes(&self) -> Result<Notes, StoreError> {
        let rows = raw::read_range(
            &self.base,
            rows::family::NOTES,
            Bound::Unbounded,
            Bound::Unbounded,
            usize::MAX,
            Direction::Up,
        )?;
        Notes::of(self.sites.clone(), &rows)
    }

    /// While this is held the rows are all there.
    pub fn whole(&self) -> RwLockReadGuard<'_, ()> {
        self.whole.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn read_only(&self) -> Option<String> {
        self.read_only
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Store {
    /// Why the working copy cannot be used any more, if so: the store must be opened again, which builds it anew.
    pub fn is_down(&self) -> Option<String> {
        self.inner.base.down()
    }

    /// False if somebody changed the store's files behind the back of the process that has it open: the journal is not
    /// as long as it was written, or the rows are gone. While something is being written, and in a
    /// store that is read only, the answer is true.
    pub fn is_undisturbed(&self) -> bool {
        let inner = &self.inner;
        if inner.read_only().is_some() {
            return true;
        }
        let (number, committed) = match inner.write.try_lock() {
            Ok(state) => state.segment.position(),
            Err(_) => return true,
        };
        let live = inner.layout.journal().join(layout::segment_name(number));
        let length = inner.vfs.len(&live).unwrap_or(0);
        length == committed && inner.vfs.exists(&inner.layout.rows().join("db"))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(background) = self.background.take() {
            background.stop(&self.inner);
        }
    }
}
