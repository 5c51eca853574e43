//! Looking at a store without opening it: what its journal holds, whether the head outside agrees, what room there is.
//!
//! Invariant: nothing is locked, made, changed or repaired. Whoever looks while another process writes may meet a
//! record that is half there; such a tail is told apart from damage.

use std::path::Path;
use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};

use crate::domain::id::SiteId;
use crate::journal::system::{GENESIS, Genesis};
use crate::journal::{Entry, Head};

use super::error::StoreError;
use super::gaps::{self, Gap};
use super::heads;
use super::layout::{Layout, segment_number};
use super::options::Tuning;
use super::vfs::{RealFs, Vfs, read_all, write_whole};
use super::walk::{Step, Trouble, Visitor, walk};
use super::{Store, Writer, check};

/// How the head that is kept outside the store agrees with the journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum HeadState {
    /// A demonstration keeps none.
    Demonstration,
    /// None is kept, or none that the site has signed.
    Missing,
    /// It names a record of the journal, so many before the last one.
    Behind(u64),
    /// It names a record that the journal does not have, so many after the last one.
    Ahead(u64),
    /// It names another record than the journal has in that place.
    Differs,
}

/// The last backup that was made and read back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BackupNote {
    /// When, microseconds since 1970 UTC.
    pub at: i64,
    /// The journal's entries in it.
    pub entries: u64,
    /// Its folder, as whoever made it named it.
    pub dir: String,
}

/// What looking found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Look {
    /// Entries in the journal.
    pub entries: u64,
    /// What is wrong with the journal and was not accepted, in words.
    pub troubles: Vec<String>,
    /// All that is wrong is a last record that is not whole.
    pub only_tail: bool,
    /// A demonstration.
    pub demo: bool,
    /// The last record of the site that writes here; 0 when there is none.
    pub last: u64,
    /// The wall time of that record, microseconds since 1970 UTC.
    pub last_at: i64,
    /// The head outside.
    pub head: HeadState,
    /// A copy: opening it begins a new site.
    pub copy: bool,
    /// A backup that was interrupted.
    pub unfinished: bool,
    /// The working copy did not pass a check and is built anew at the next opening.
    pub suspect: bool,
    /// Bytes free for the account that looks; `None` when the system does not say.
    pub free: Option<u64>,
    /// Bytes that must stay free; below, nothing is saved.
    pub floor: u64,
    /// Bytes of the ballast that is there.
    pub ballast: u64,
    /// Bytes that it should have.
    pub ballast_wanted: u64,
    /// The last backup, if one was noted.
    pub backup: Option<BackupNote>,
}

struct Survey<'a> {
    vfs: &'a dyn Vfs,
    layout: &'a Layout,
    known: Vec<Gap>,
    entries: u64,
    own: Option<(SiteId, Genesis)>,
    last: u64,
    last_at: i64,
    head: Option<Head>,
    differs: bool,
    troubles: Vec<Trouble>,
}

impl Visitor for Survey<'_> {
    fn entry(&mut self, step: Step<'_>) -> Result<(), StoreError> {
        self.entries += 1;
        let face = &step.face;
        if face.seq == 1
            && segment_number(&step.place.file).is_some()
            && let Ok(entry) = Entry::decode_hashed(step.bytes, face.hash)
            && let Some(event) = entry.events.iter().find(|event| event.kind == GENESIS)
            && let Ok(Some(genesis)) = Genesis::from_record(event)
        {
            self.head = heads::read(self.vfs, self.layout, face.site, &genesis.public_key);
            self.differs = false;
            self.own = Some((face.site, genesis));
        }
        if self
            .own
            .as_ref()
            .is_some_and(|(site, _)| *site == face.site)
        {
            self.last = face.seq;
            self.last_at = face.wall_us;
            self.differs |= self
                .head
                .as_ref()
                .is_some_and(|head| head.seq == face.seq && head.hash != face.hash);
        }
        Ok(())
    }

    fn trouble(&mut self, trouble: Trouble) -> Result<(), StoreError> {
        if !Gap::of(&trouble).is_some_and(|gap| self.known.contains(&gap)) {
            self.troubles.push(trouble);
        }
        Ok(())
    }
}

impl Survey<'_> {
    fn is_demo(&self) -> bool {
        self.own.as_ref().is_some_and(|(_, genesis)| genesis.demo)
    }

    fn head(&self) -> HeadState {
        if self.is_demo() {
            return HeadState::Demonstration;
        }
        match &self.head {
            None => HeadState::Missing,
            Some(head) if head.seq > self.last => HeadState::Ahead(head.seq - self.last),
            Some(_) if self.differs => HeadState::Differs,
            Some(head) => HeadState::Behind(self.last - head.seq),
        }
    }
}

/// Looks at the store in this folder, whose heads are kept in `state`. Sizes are the usual ones.
pub fn look(dir: &Path, state: &Path) -> Result<Look, StoreError> {
    let layout = Layout {
        dir: dir.to_path_buf(),
        state: state.to_path_buf(),
    };
    look_with(&RealFs, &layout, &Tuning::default())
}

fn look_with(vfs: &dyn Vfs, layout: &Layout, tuning: &Tuning) -> Result<Look, StoreError> {
    let mut found = Survey {
        vfs,
        layout,
        known: gaps::read(vfs, layout),
        entries: 0,
        own: None,
        last: 0,
        last_at: 0,
        head: None,
        differs: false,
        troubles: Vec::new(),
    };
    walk(vfs, &layout.journal(), &mut found)?;
    Ok(Look {
        entries: found.entries,
        only_tail: found
            .troubles
            .iter()
            .all(|trouble| matches!(trouble, Trouble::Tail { .. })),
        demo: found.is_demo(),
        last: found.last,
        last_at: found.last_at,
        head: found.head(),
        troubles: found.troubles.iter().map(ToString::to_string).collect(),
        copy: vfs.exists(&layout.copied_from()),
        unfinished: vfs.exists(&layout.unfinished()),
        suspect: vfs.exists(&layout.suspect()),
        free: vfs.free_space(&layout.dir).ok(),
        floor: tuning.floor_bytes,
        ballast: vfs.len(&layout.ballast()).unwrap_or(0),
        ballast_wanted: tuning.ballast_bytes,
        backup: read_all(vfs, &layout.backup_made(), 1 << 16)
            .ok()
            .and_then(|bytes| crate::journal::codec::decode(&bytes).ok()),
    })
}

impl Store {
    /// As [`look`], while work goes on; only when something seems wrong does the work wait for a second look.
    pub fn look(&self) -> Result<Look, StoreError> {
        let inner = &self.inner;
        let first = look_with(inner.vfs.as_ref(), &inner.layout, &inner.tuning)?;
        if first.troubles.is_empty() {
            return Ok(first);
        }
        let _quiet = self.write();
        look_with(inner.vfs.as_ref(), &inner.layout, &inner.tuning)
    }

    /// To be asked before somebody is told that a record is not there: on a disk without room sled may lose rows and
    /// say nothing, and they stay lost when there is room again. Then all rows are counted, and if some are gone the
    /// working copy is marked to be built anew.
    pub fn doubt_rows(&self) -> Result<(), StoreError> {
        self.write().doubt_rows()
    }

    /// Notes that a backup was made and read back.
    pub fn note_backup(&self, note: &BackupNote) -> Result<(), StoreError> {
        let path = self.inner.layout.backup_made();
        write_whole(
            self.inner.vfs.as_ref(),
            &path,
            &crate::journal::codec::encode(note)?,
        )
        .map_err(|e| StoreError::file("could not write", &path, e))
    }
}

impl Writer<'_> {
    /// As [`Store::doubt_rows`].
    pub fn doubt_rows(&mut self) -> Result<(), StoreError> {
        let inner = self.inner;
        let room = inner.room().is_ok();
        if room && !inner.tight.load(Ordering::Acquire) {
            return Ok(());
        }
        // What is staged is neither among the rows yet nor in their checksums.
        let Some(reason) = check::check_rows(&inner.base, &self.state.meta)? else {
            inner.tight.store(!room, Ordering::Release);
            return Ok(());
        };
        inner.base.mark_down(&reason);
        Err(StoreError::Rows { reason })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::base::Direction;
    use super::super::raw;
    use super::super::rows::FIRST_FREE;
    use super::super::tests::{Bench, draft};
    use super::super::vfs::FaultFs;
    use super::*;

    fn layout(bench: &Bench) -> Layout {
        Layout {
            dir: bench.store_dir(),
            state: bench.dir.path().join("state"),
        }
    }

    fn seen(bench: &Bench) -> Look {
        look_with(bench.vfs.as_ref(), &layout(bench), &bench.tuning).unwrap()
    }

    #[test]
    fn what_is_there_is_seen_and_left_alone() {
        let bench = Bench::new();
        let (store, _) = bench.open();
        store.append(draft(1, b"one")).unwrap();
        store.append(draft(2, b"two")).unwrap();
        let inside = store.look().unwrap();
        assert_eq!((inside.entries, inside.last), (3, 3));
        let note = BackupNote {
            at: 7,
            entries: 3,
            dir: "/mnt/stick".to_owned(),
        };
        store.note_backup(&note).unwrap();
        drop(store);
        let closed = seen(&bench);
        assert_eq!((closed.entries, closed.last), (3, 3));
        assert_eq!(closed.head, HeadState::Behind(0));
        assert_eq!(closed.backup, Some(note));
        assert!(closed.troubles.is_empty() && closed.only_tail);
        assert!(!closed.copy && !closed.unfinished && !closed.suspect);
        assert_eq!(seen(&bench), closed);
    }

    #[test]
    fn a_journal_that_was_set_back_and_one_that_is_cut_are_told_apart() {
        let bench = Bench::new();
        let (store, _) = bench.open();
        store.append(draft(1, b"one")).unwrap();
        store.append(draft(2, b"two")).unwrap();
        drop(store);
        let journal = layout(&bench).journal().join("00000001.seg");
        let whole = bench.vfs.read_at(&journal, 0, 1 << 20).unwrap();
        let put = |bytes: &[u8]| {
            bench.vfs.remove(&journal).unwrap();
            bench
                .vfs
                .open_append(&journal)
                .and_then(|mut file| file.append(bytes))
                .unwrap();
        };
        put(&whole[..whole.len() - 3]);
        let cut = seen(&bench);
        assert_eq!((cut.entries, cut.head), (2, HeadState::Ahead(1)));
        assert!(cut.only_tail && cut.troubles.len() == 1, "{cut:?}");
        let mut harmed = whole.clone();
        harmed[40] ^= 1;
        put(&harmed);
        let harmed = seen(&bench);
        assert!(
            !harmed.only_tail && !harmed.troubles.is_empty(),
            "{harmed:?}"
        );
    }

    #[test]
    fn a_row_lost_while_the_disk_had_no_room_is_missed_when_there_is_room_again() {
        let fs = FaultFs::new(5);
        let mut bench = Bench::with(Arc::new(fs.clone()));
        bench.tuning.background = false;
        let (store, _) = bench.open();
        store.append(draft(1, b"one")).unwrap();
        store.append(draft(2, b"two")).unwrap();
        let lose = |lost: &[u8]| {
            let row = (raw::full_key(FIRST_FREE, lost), None);
            store.inner.base.apply(vec![row]).unwrap();
        };
        let rows = store.scan(FIRST_FREE, &[], None, 9, Direction::Up).unwrap();
        assert!(!rows.is_empty());
        // Nothing is lost: with room nobody counts, and after a count the store is trusted again.
        store.doubt_rows().unwrap();
        fs.set_free(Some(0));
        assert!(store.append(draft(3, b"three")).is_err());
        store.doubt_rows().unwrap();
        fs.set_free(None);
        assert!(store.inner.tight.load(Ordering::Acquire));
        store.doubt_rows().unwrap();
        assert!(!store.inner.tight.load(Ordering::Acquire));
        fs.set_free(Some(0));
        assert!(store.append(draft(3, b"three")).is_err());
        lose(&rows[0].0);
        fs.set_free(None);
        assert!(matches!(store.doubt_rows(), Err(StoreError::Rows { .. })));
        assert!(store.get(FIRST_FREE, &rows[0].0).is_err());
    }
}
