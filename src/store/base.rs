//! sled behind a wall: every call is wrapped so that a panic inside it becomes an error in words.
//!
//! Invariants: one tree; a call that panicked or failed marks the whole base as down, and the next open builds it
//! anew. sled's own `flush` does not reach the disk on Linux, so a flush here adds an `fdatasync` of its file.

use std::cell::Cell;
use std::fs::{DirBuilder, File};
use std::ops::Bound;
use std::os::unix::fs::DirBuilderExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::error::StoreError;

/// A raw row: key and value as sled holds them.
pub type RawRow = (Vec<u8>, Vec<u8>);

/// A raw change: the key's new value, or `None` to remove it.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// The open sled database.
pub struct Base {
    db: Option<sled::Db>,
    dir: PathBuf,
    file: Option<File>,
    down: Mutex<Option<String>>,
    /// Held by readers for a whole answer and by the writer for a change: a long row is several in sled.
    steady: RwLock<()>,
}

const LOCK_TRIES: u32 = 1000;
const LOCK_WAIT: std::time::Duration = std::time::Duration::from_millis(5);

/// Why the database did not open. Only damage is a reason to set it aside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OpenFailure {
    /// Somebody holds its file.
    Busy(String),
    /// The disk is full, and sled cannot even read then.
    Full,
    /// It is damaged; the text is sled's own.
    Damaged(String),
}

/// In which order a scan runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From the lowest key up.
    Up,
    /// From the highest key down.
    Down,
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// True while this thread is inside sled, where a panic is caught and turned into an error: a panic hook should then
/// stay quiet.
pub fn in_guarded_call() -> bool {
    INSIDE.get()
}

fn guarded<T>(call: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, String> {
    let outer = INSIDE.replace(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    INSIDE.set(outer);
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
            .unwrap_or_else(|| "it gave up without a reason".to_owned())),
    }
}

impl Base {
    /// Opens or makes the database in this folder.
    pub fn open(dir: &Path, cache_bytes: u64) -> Result<Self, OpenFailure> {
        let open = || {
            guarded(|| {
                sled::Config::default()
                    .path(dir)
                    .cache_capacity(cache_bytes)
                    .flush_every_ms(None)
                    .open()
            })
        };
        // sled would make the folder readable for everybody. If this fails, opening says why.
        let _ = DirBuilder::new().recursive(true).mode(0o700).create(dir);
        // sled's own threads may hold its file a moment longer than the handle that was dropped.
        let mut tries = LOCK_TRIES;
        let db = loop {
            match open() {
                Ok(db) => break db,
                Err(reason) if reason.contains("could not acquire lock") => {
                    if tries == 0 {
                        return Err(OpenFailure::Busy(reason));
                    }
                    tries -= 1;
                    std::thread::sleep(LOCK_WAIT);
                }
                Err(reason)
                    if reason.contains("StorageFull") || reason.contains("No space left") =>
                {
                    return Err(OpenFailure::Full);
                }
                Err(reason) => return Err(OpenFailure::Damaged(reason)),
            }
        };
        let file = File::open(dir.join("db")).ok();
        Ok(Self {
            db: Some(db),
            dir: dir.to_path_buf(),
            file,
            down: Mutex::new(None),
            steady: RwLock::default(),
        })
    }

    fn call<T>(
        &self,
        call: impl FnOnce(&sled::Tree) -> Result<T, sled::Error>,
    ) -> Result<T, StoreError> {
        if let Some(reason) = self.down() {
            return Err(StoreError::Rows { reason });
        }
        let Some(db) = &self.db else {
            return Err(StoreError::Rows {
                reason: "it is closed".to_owned(),
            });
        };
        guarded(|| call(db)).map_err(|reason| {
            self.mark_down(&reason);
            StoreError::Rows { reason }
        })
    }

    /// Marks the base as unusable until it is built anew.
    pub fn mark_down(&self, reason: &str) {
        let mut down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        down.get_or_insert_with(|| reason.to_owned());
    }

    /// Why the base cannot be used, if so.
    pub fn down(&self) -> Option<String> {
        self.down
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// While this is held nothing changes. Whoever writes must not hold it.
    pub fn steady(&self) -> RwLockReadGuard<'_, ()> {
        self.steady.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn changing(&self) -> RwLockWriteGuard<'_, ()> {
        self.steady.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// One raw row.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.call(|tree| tree.get(key))?.map(|v| v.to_vec()))
    }

    /// Up to `limit` raw rows between two bounds.
    pub fn range(
        &self,
        from: Bound<Vec<u8>>,
        to: Bound<Vec<u8>>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<RawRow>, StoreError> {
        self.call(|tree| {
            let take = |row: Result<(sled::IVec, sled::IVec), sled::Error>| {
                row.map(|(k, v)| (k.to_vec(), v.to_vec()))
            };
            let rows = tree.range::<Vec<u8>, _>((from, to));
            match direction {
                Direction::Up => rows.take(limit).map(take).collect(),
                Direction::Down => rows.rev().take(limit).map(take).collect(),
            }
        })
    }

    /// Applies all changes or none.
    pub fn apply(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key, fitting(value)),
                None => batch.remove(key),
            }
        }
        let _alone = self.changing();
        self.call(|tree| tree.apply_batch(batch))
    }

    /// Applies changes one by one, in their order: after a crash any number of them may be there.
    pub fn apply_singly(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let _alone = self.changing();
        self.call(|tree| {
            for (key, value) in changes {
                match value {
                    Some(value) => tree.insert(key, fitting(value))?,
                    None => tree.remove(key)?,
                };
            }
            Ok(())
        })
    }

    /// Removes every row.
    pub fn clear(&self) -> Result<(), StoreError> {
        self.call(sled::Tree::clear)
    }

    /// Brings everything applied so far to the disk.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.call(sled::Tree::flush)?;
        if let Some(file) = &self.file {
            file.sync_data().map_err(|e| {
                self.mark_down(&e.to_string());
                StoreError::file("could not sync", &self.dir, e)
            })?;
        }
        Ok(())
    }
}

fn fitting(value: Vec<u8>) -> Vec<u8> {
    debug_assert!(
        value.len() <= super::raw::MAX_VALUE,
        "a value too long for sled"
    );
    value
}

impl Drop for Base {
    fn drop(&mut self) {
        if let Some(db) = self.db.take() {
            // A damaged database may panic while it closes; what matters is in the journal.
            let _ = guarded(|| {
                drop(db);
                Ok(())
            });
        }
    }
}
