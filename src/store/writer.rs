//! The write guard: read, decide and append while nobody else writes.
//!
//! Invariants: an entry is folded in memory first (a refusal costs nothing), then its frame is made durable, then its
//! rows go to sled. Several staged entries share one `fdatasync`: that is the group commit.

use std::ops::Bound;
use std::sync::{MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::domain::id::{CommandId, Dot, Hash, SiteId};
use crate::journal::chain::Tip;
use crate::journal::codec::{self, CodecError};
use crate::journal::system::LAST_SYSTEM_KIND;
use crate::journal::{Clock, Entry, EventRecord, HybridTime, MAX_ACTOR, MAX_ENTRY};

use super::base::Direction;
use super::error::StoreError;
use super::fold;
use super::layout::Meta;
use super::rows::{Row, Rows, family};
use super::segment::Segment;
use super::{Inner, Store, frame};

/// What is to be written as one entry.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The command that asks; a repeat of it writes nothing.
    pub command: CommandId,
    /// The technician's key, at most 64 bytes.
    pub actor: String,
    /// The Unix account that asks; `u32::MAX` if unknown.
    pub peer_uid: u32,
    /// Wall time, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// Minutes east of UTC.
    pub offset_minutes: i16,
    /// What happened: 1 to 65,535 events with kinds above 99.
    pub events: Vec<EventRecord>,
}

/// A durable entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Committed {
    /// The site.
    pub site: SiteId,
    /// Its sequence there.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
    /// Hybrid time.
    pub hybrid: HybridTime,
    /// Wall time, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// Number of events.
    pub events: u16,
    /// True if the command had been answered before and nothing was written now.
    pub repeated: bool,
}

impl Committed {
    pub(crate) fn of(entry: &Entry) -> Self {
        Self {
            site: entry.site,
            seq: entry.seq,
            hash: entry.hash,
            hybrid: entry.hybrid,
            wall_us: entry.wall_us,
            events: u16::try_from(entry.events.len()).unwrap_or(u16::MAX),
            repeated: false,
        }
    }

    /// The id of the event at this index.
    pub fn dot(&self, index: u16) -> Dot {
        Dot {
            site: self.site,
            seq: self.seq,
            index,
        }
    }
}

/// The state of the one writer.
pub(crate) struct WriteState {
    pub segment: Segment,
    pub rows: Rows,
    pub meta: Meta,
    pub clock: Clock,
    pub site: SiteId,
    pub tip: Tip,
    pub wall_us: i64,
}

/// What a failed commit goes back to.
struct Before {
    meta: Meta,
    clock: Clock,
    tip: Tip,
    wall_us: i64,
}

/// Exclusive access for one decision, or several that share a commit. What was staged and not committed is dropped
/// with the guard.
pub struct Writer<'a> {
    pub(crate) inner: &'a Inner,
    pub(crate) state: MutexGuard<'a, WriteState>,
    before: Option<Before>,
    pub(super) pending: Vec<u8>,
}

impl Store {
    /// Waits for the turn to write.
    pub fn write(&self) -> Writer<'_> {
        Writer::of(&self.inner)
    }

    /// Writes one entry; it is durable when this returns. A repeated command id gives the first answer.
    pub fn append(&self, draft: Draft) -> Result<Committed, StoreError> {
        self.write().append(draft)
    }
}

impl<'a> Writer<'a> {
    pub(crate) fn of(inner: &'a Inner) -> Self {
        let mut state = inner.write.lock().unwrap_or_else(PoisonError::into_inner);
        state.rows.clear();
        Self {
            inner,
            state,
            before: None,
            pending: Vec::new(),
        }
    }

    /// A row, as changed by what is staged.
    pub fn get(&mut self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.state.rows.get(family, key)
    }

    /// Up to `limit` rows whose key begins with the prefix and lies behind `after`.
    pub fn scan(
        &mut self,
        family: u8,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Row>, StoreError> {
        self.state
            .rows
            .scan(family, prefix, after, limit, direction)
    }

    /// Up to `limit` rows between two keys.
    pub fn scan_range(
        &mut self,
        family: u8,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Row>, StoreError> {
        self.state
            .rows
            .scan_range(family, from, to, limit, direction)
    }

    /// The rows, for code that is written against [`Rows`]. Changes made here are not kept.
    pub fn rows(&mut self) -> &mut Rows {
        &mut self.state.rows
    }

    /// The id that the event at this index of the next entry will have.
    pub fn next_dot(&self, index: u16) -> Dot {
        Dot {
            site: self.state.site,
            seq: self.state.tip.seq + 1,
            index,
        }
    }

    /// The first answer to this command, if it was answered before.
    pub fn answered(&mut self, command: CommandId) -> Result<Option<Committed>, StoreError> {
        if command == CommandId::default() {
            return Ok(None);
        }
        match self.state.rows.get(family::COMMANDS, &command.0)? {
            Some(bytes) => Ok(Some(Committed {
                repeated: true,
                ..codec::decode(&bytes)?
            })),
            None => Ok(None),
        }
    }

    /// Writes one entry, with all that was staged before it; all are durable when this returns.
    pub fn append(&mut self, draft: Draft) -> Result<Committed, StoreError> {
        let committed = self.stage(draft)?;
        self.commit()?;
        Ok(committed)
    }

    /// Decides on an entry without making it durable. It is seen by this guard's reads only, and counts only after
    /// [`Writer::commit`].
    pub fn stage(&mut self, draft: Draft) -> Result<Committed, StoreError> {
        if let Some(first) = self.answered(draft.command)? {
            return Ok(first);
        }
        self.may_write()?;
        self.stage_as(draft, false)
    }

    /// Stages an entry; the journal's own events are allowed if `system` says so.
    pub(crate) fn stage_as(&mut self, draft: Draft, system: bool) -> Result<Committed, StoreError> {
        let (entry, bytes) = self.build(draft, system)?;
        self.remember();
        fold::fold(
            self.inner.projector.as_ref(),
            &entry,
            &bytes,
            fold::Answers::Keep,
            &mut self.state.rows,
        )?;
        self.take(&entry);
        frame::push(&mut self.pending, &bytes, entry.hash);
        Ok(Committed::of(&entry))
    }

    /// Makes everything staged durable with one sync.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let state = &mut *self.state;
        let durable = state
            .segment
            .write(&pending)
            .and_then(|()| state.segment.commit());
        if let Err(error) = durable {
            state.segment.take_back();
            self.go_back();
            return Err(error);
        }
        self.before = None;
        self.publish();
        // The entries are durable from here on. If the rows cannot follow, reads say so and the next open heals them.
        let state = &mut *self.state;
        if let Err(error) = fold::flush(&self.inner.base, &mut state.rows, &mut state.meta) {
            self.inner.base.mark_down(&error.to_string());
        }
        Ok(())
    }

    pub(crate) fn may_write(&self) -> Result<(), StoreError> {
        if let Some(reason) = self.inner.read_only() {
            return Err(StoreError::ReadOnly { reason });
        }
        if let Some(reason) = self.inner.base.down() {
            return Err(StoreError::Rows { reason });
        }
        if let Some(reason) = self.state.segment.broken() {
            return Err(StoreError::ReadOnly {
                reason: format!(
                    "an earlier write to the journal failed ({reason}); close tagout and open it again"
                ),
            });
        }
        self.inner.room()
    }

    pub(crate) fn build(&self, draft: Draft, system: bool) -> Result<(Entry, Vec<u8>), StoreError> {
        if draft.actor.len() > MAX_ACTOR {
            return Err(StoreError::Draft(format!(
                "the technician's key has {} bytes, more than {MAX_ACTOR}",
                draft.actor.len()
            )));
        }
        if draft.events.is_empty() || draft.events.len() > usize::from(u16::MAX) {
            return Err(StoreError::Draft(format!(
                "an entry takes 1 to 65,535 events, not {}",
                draft.events.len()
            )));
        }
        if !system && draft.events.iter().any(|e| e.kind <= LAST_SYSTEM_KIND) {
            return Err(StoreError::Draft(
                "event kinds up to 99 belong to the journal itself".to_owned(),
            ));
        }
        let mut clock = self.state.clock;
        let mut entry = Entry {
            version: crate::journal::wire::entry_v1::VERSION,
            site: self.state.site,
            seq: self.state.tip.seq + 1,
            hybrid: clock.tick(draft.wall_us),
            wall_us: draft.wall_us,
            boot_id: self.inner.machine.boot_id,
            offset_minutes: draft.offset_minutes,
            actor: draft.actor,
            peer_uid: draft.peer_uid,
            command: draft.command,
            previous: self.state.tip.hash,
            events: draft.events,
            hash: Hash::default(),
        };
        let (bytes, hash) = entry.encode().map_err(|error| match error {
            CodecError::TooLong(_) => StoreError::Draft(format!(
                "one entry takes at most {} MiB; import in smaller parts",
                MAX_ENTRY >> 20
            )),
            other => StoreError::Codec(other),
        })?;
        entry.hash = hash;
        Ok((entry, bytes))
    }

    /// Moves the writer's state behind this entry.
    pub(crate) fn take(&mut self, entry: &Entry) {
        let state = &mut *self.state;
        state.clock = Clock::after(entry.hybrid);
        state.tip = Tip {
            seq: entry.seq,
            hash: entry.hash,
        };
        state.wall_us = entry.wall_us;
        fold::advance(&mut state.meta, entry);
    }

    pub(crate) fn publish(&self) {
        let mut published = self
            .inner
            .published
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        published.site = self.state.site;
        published.tip = self.state.tip;
        published.wall_us = self.state.wall_us;
        published.watermark = self.state.meta.watermark;
        drop(published);
        self.inner.wake.mark();
    }

    pub(crate) fn remember(&mut self) {
        if self.before.is_none() {
            self.before = Some(Before {
                meta: self.state.meta.clone(),
                clock: self.state.clock,
                tip: self.state.tip,
                wall_us: self.state.wall_us,
            });
        }
    }

    /// Forgets what [`Writer::remember`] kept: from here on there is no way back.
    pub(crate) fn no_way_back(&mut self) {
        self.before = None;
    }

    pub(crate) fn go_back(&mut self) {
        self.pending.clear();
        if let Some(before) = self.before.take() {
            self.state.meta = before.meta;
            self.state.clock = before.clock;
            self.state.tip = before.tip;
            self.state.wall_us = before.wall_us;
        }
        self.state.rows.clear();
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if self.before.is_some() {
            self.go_back();
        }
        self.state.rows.clear();
    }
}
