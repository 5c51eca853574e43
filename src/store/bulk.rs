//! Big transactions: written and synced as their own journal file, taken in by one short Include entry.
//!
//! Invariants: all or nothing. Until the Include entry is durable nothing of it counts: a refusal, an error or a crash
//! leaves the journal as it was. Rows are folded in bounded batches while the file is written; the meta row says so,
//! and an abort or the next open builds the rows anew from the journal.

use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::id::{CommandId, Dot, Hash};
use crate::journal::Entry;
use crate::journal::system::Include;

use super::base::Direction;
use super::error::StoreError;
use super::layout::{Meta, Watermark, bulk_name};
use super::rows::{Encoding, Row};
use super::settle::Settler;
use super::vfs::{AppendFile, Vfs};
use super::writer::{Committed, Draft, Writer};
use super::{Inner, Store, fold, frame, open, segment};

const TEMPORARY: &str = "bulk.tmp";
const BUFFER: usize = 1 << 20;

/// A durable big transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BulkCommitted {
    /// The first sequence written; 0 if there was nothing to write.
    pub first: u64,
    /// The last sequence written, without the Include entry.
    pub last: u64,
    /// How many entries.
    pub count: u64,
    /// True if the first draft's command had been answered before and nothing was written now.
    pub repeated: bool,
}

/// What the maker of drafts sees: the state with everything folded so far, and the next id.
pub struct BulkView<'v, 'a> {
    writer: &'v mut Writer<'a>,
}

impl BulkView<'_, '_> {
    /// A row, as changed by the drafts so far.
    pub fn get(&mut self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.writer.get(family, key)
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
        self.writer.scan(family, prefix, after, limit, direction)
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
        self.writer.scan_range(family, from, to, limit, direction)
    }

    /// The rows, for code that is written against [`super::Rows`]. Changes made here are not kept.
    pub fn rows(&mut self) -> &mut super::Rows {
        self.writer.rows()
    }

    /// The id that the event at this index of the next draft will have.
    pub fn next_dot(&self, index: u16) -> Dot {
        self.writer.next_dot(index)
    }
}

/// Makes the drafts of a big transaction one after another; `None` ends it, an error takes it back.
pub type DraftMaker<'m> =
    &'m mut dyn FnMut(&mut BulkView<'_, '_>) -> Result<Option<Draft>, StoreError>;

impl Store {
    /// Writes many entries, all or none, durable when it returns. `progress` hears how many are done.
    pub fn append_bulk(
        &self,
        drafts: &mut dyn Iterator<Item = Draft>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<BulkCommitted, StoreError> {
        self.write()
            .append_bulk(&mut |_| Ok(drafts.next()), progress)
    }
}

/// On whose behalf the transaction is written: as its last entry.
#[derive(Default)]
struct By {
    actor: String,
    peer_uid: u32,
    offset_minutes: i16,
}

impl By {
    fn of(entry: &Entry) -> Self {
        Self {
            actor: entry.actor.clone(),
            peer_uid: entry.peer_uid,
            offset_minutes: entry.offset_minutes,
        }
    }
}

/// The file of a big transaction in the making. Until it is [`BulkFile::finish`]ed and taken in it counts for nothing.
pub(super) struct BulkFile {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    file: Box<dyn AppendFile>,
    buffer: Vec<u8>,
    hasher: blake3::Hasher,
}

impl BulkFile {
    /// Begins one, in the place of what an earlier attempt may have left.
    pub fn begin(inner: &Inner) -> Result<Self, StoreError> {
        let vfs = Arc::clone(&inner.vfs);
        let dir = inner.layout.journal();
        let temporary = dir.join(TEMPORARY);
        let failed = |e| failed(&temporary, &e);
        if vfs.exists(&temporary) {
            vfs.remove(&temporary).map_err(failed)?;
        }
        let file = vfs.open_append(&temporary).map_err(failed)?;
        Ok(Self {
            vfs,
            dir,
            file,
            buffer: Vec::with_capacity(BUFFER * 2),
            hasher: blake3::Hasher::new(),
        })
    }

    /// Adds an entry.
    pub fn push(&mut self, bytes: &[u8], hash: Hash) -> Result<(), StoreError> {
        frame::push(&mut self.buffer, bytes, hash);
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.hasher.update(&self.buffer);
        self.file
            .append(&self.buffer)
            .map_err(|e| failed(&self.dir.join(TEMPORARY), &e))?;
        self.buffer.clear();
        Ok(())
    }

    /// Makes the file durable, waits for the rows, and gives the file its name: its path and its hash.
    pub fn finish(
        mut self,
        settler: Settler,
        meta: &mut Meta,
    ) -> Result<(PathBuf, Hash), StoreError> {
        self.flush()?;
        let temporary = self.dir.join(TEMPORARY);
        self.file.sync().map_err(|e| failed(&temporary, &e))?;
        let hash = Hash(*self.hasher.finalize().as_bytes());
        drop(self.file);
        let mut settler = settler;
        settler.settled(meta)?;
        drop(settler);
        let path = self.dir.join(bulk_name(&hash));
        self.vfs
            .rename(&temporary, &path)
            .and_then(|()| self.vfs.sync_dir(&self.dir))
            .map_err(|e| failed(&temporary, &e))?;
        Ok((path, hash))
    }
}

fn failed(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::JournalWrite {
        reason: format!("{}: {error}", path.display()),
        next: "free some space on the disk or check it, then repeat the last step",
    }
}

impl Writer<'_> {
    /// Writes many entries that are decided one after another on the state so far: all or none, durable when it
    /// returns. Only the first draft's command id is looked up: a repeated transaction writes nothing.
    pub fn append_bulk(
        &mut self,
        make: DraftMaker<'_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<BulkCommitted, StoreError> {
        self.commit()?;
        self.may_write()?;
        self.remember();
        self.state.rows.encode(Encoding::Late);
        let mut flushed = false;
        let result = self.bulk_inner(make, progress, &mut flushed);
        match result {
            Ok(done) => {
                self.no_way_back();
                Ok(done)
            }
            Err(error) => {
                self.abort(flushed);
                Err(error)
            }
        }
    }

    fn bulk_inner(
        &mut self,
        make: DraftMaker<'_>,
        progress: &mut dyn FnMut(u64),
        flushed: &mut bool,
    ) -> Result<BulkCommitted, StoreError> {
        let nothing = BulkCommitted {
            first: 0,
            last: 0,
            count: 0,
            repeated: false,
        };
        let before = self.here();
        let first = self.state.tip.seq + 1;
        let mut out: Option<BulkFile> = None;
        let mut count = 0u64;
        let mut by = By::default();
        let mut settler = Settler::start(&self.inner.base);
        while let Some(draft) = make(&mut BulkView { writer: self })? {
            let file = if let Some(file) = &mut out {
                file
            } else {
                if let Some(answer) = self.answered(draft.command)? {
                    return Ok(BulkCommitted {
                        first: answer.seq,
                        last: answer.seq,
                        repeated: true,
                        ..nothing
                    });
                }
                out.insert(BulkFile::begin(self.inner)?)
            };
            let (entry, bytes) = self.build(draft, false)?;
            by = By::of(&entry);
            fold::fold_for_good(
                self.inner.projector.as_ref(),
                &entry,
                &bytes,
                if count == 0 {
                    fold::Answers::Keep
                } else {
                    fold::Answers::Skip
                },
                &mut self.state.rows,
            )?;
            file.push(&bytes, entry.hash)?;
            self.take(&entry);
            count += 1;
            if count.is_multiple_of(self.inner.tuning.batch.max(1) as u64) {
                self.inner.room()?;
                let state = &mut *self.state;
                state.meta.bulk_from = Some(before);
                *flushed = true;
                settler.hand(&mut state.rows, &mut state.meta)?;
                progress(count);
            }
        }
        let Some(file) = out else {
            return Ok(nothing);
        };
        // Before the transaction counts: a row that cannot be stored takes all of it back.
        {
            let state = &mut *self.state;
            state.meta.bulk_from = Some(before);
            *flushed = true;
            settler.hand(&mut state.rows, &mut state.meta)?;
        }
        let (path, hash) = file.finish(settler, &mut self.state.meta)?;
        let last = self.state.tip.seq;
        let include = Include {
            file: hash,
            count,
            first,
            last,
        };
        if let Err(error) = self.include(&include, by) {
            // After a failed sync nobody knows whether the Include is on the disk: then its file must stay.
            if self.state.segment.broken().is_none() {
                let _ = self.inner.vfs.remove(&path);
            }
            return Err(error);
        }
        progress(count);
        Ok(BulkCommitted {
            first,
            last,
            count,
            repeated: false,
        })
    }

    fn include(&mut self, include: &Include, by: By) -> Result<Committed, StoreError> {
        self.end_bulk(Draft {
            command: CommandId::default(),
            actor: by.actor,
            peer_uid: by.peer_uid,
            wall_us: self.state.wall_us,
            offset_minutes: by.offset_minutes,
            events: vec![include.to_record(self.state.site)?],
        })
    }

    /// Where the journal stands, for the meta row of a big transaction.
    pub(super) fn here(&self) -> Watermark {
        Watermark {
            site: self.state.site,
            seq: self.state.tip.seq,
            ..self.state.meta.watermark
        }
    }

    /// Writes the entry that takes a big transaction in. From here on it counts.
    pub(super) fn end_bulk(&mut self, draft: Draft) -> Result<Committed, StoreError> {
        let (entry, bytes) = self.build(draft, true)?;
        fold::fold(
            self.inner.projector.as_ref(),
            &entry,
            &bytes,
            fold::Answers::Keep,
            &mut self.state.rows,
        )?;
        let state = &mut *self.state;
        let durable = state
            .segment
            .write(&segment::framed(&bytes, entry.hash))
            .and_then(|()| state.segment.commit());
        if let Err(error) = durable {
            state.segment.take_back();
            return Err(error);
        }
        self.take(&entry);
        self.state.meta.bulk_from = None;
        self.publish();
        let state = &mut *self.state;
        if let Err(error) = fold::flush(&self.inner.base, &mut state.rows, &mut state.meta) {
            self.inner.base.mark_down(&error.to_string());
        }
        Ok(Committed::of(&entry))
    }

    pub(super) fn abort(&mut self, flushed: bool) {
        let temporary = self.inner.layout.journal().join(TEMPORARY);
        if self.inner.vfs.exists(&temporary) {
            let _ = self.inner.vfs.remove(&temporary);
        }
        self.go_back();
        if flushed {
            let again = open::refold_in_place(self.inner);
            match again {
                Ok(meta) => self.state.meta = meta,
                Err(error) => self.inner.base.mark_down(&error.to_string()),
            }
        }
    }
}
