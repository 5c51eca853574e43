//! What a store needs to know to be opened. Time, machine and randomness come from outside.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::project::Projector;
use super::vfs::{RealFs, Vfs};

/// What a long step of opening is doing, for a progress line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProgressStep {
    /// What is being done, in words ("checking the journal").
    pub doing: &'static str,
    /// How many records are done.
    pub done: u64,
    /// How many there are, if known.
    pub total: Option<u64>,
}

/// Called now and then during long work.
pub type Progress = Arc<dyn Fn(ProgressStep) + Send + Sync>;

/// Facts about the machine and the account, for entries and for the words of the lock.
#[derive(Clone, Debug, Default)]
pub struct MachineFacts {
    /// blake3 of the machine's id; zero if unknown.
    pub machine: [u8; 32],
    /// This boot's id; zero if unknown.
    pub boot_id: [u8; 16],
    /// The account's name.
    pub user: String,
    /// The terminal's name.
    pub terminal: String,
    /// Process id.
    pub process: u32,
    /// Wall time of opening, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// Minutes east of UTC.
    pub offset_minutes: i16,
    /// The local time of opening in words, for "since …".
    pub since: String,
}

/// A store that is to be made.
#[derive(Clone, Debug)]
pub struct NewStore {
    /// Seed of the site's key; `None` takes one from the system's randomness. Only demonstrations give one.
    pub seed: Option<[u8; 32]>,
    /// The shop's name.
    pub shop: String,
    /// Prefix of the shop's numbers.
    pub prefix: String,
    /// IANA zone.
    pub zone: String,
    /// A demonstration store: takes a test clock, refuses real sync, and keeps no head outside.
    pub demo: bool,
}

/// What to do if there is no store.
#[derive(Clone, Debug)]
pub enum IfAbsent {
    /// Say so.
    Refuse,
    /// Make one.
    Create(NewStore),
}

/// Sizes and limits.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// How long to wait for another process that holds the store and may be leaving it.
    pub lock_wait: Duration,
    /// Size of the ballast file in bytes; 0 for none.
    pub ballast_bytes: u64,
    /// Writes are refused when less than this is free, in bytes.
    pub floor_bytes: u64,
    /// A live journal file is closed at this size in bytes.
    pub segment_bytes: u64,
    /// Entries per batch while folding many.
    pub batch: usize,
    /// sled's cache in bytes.
    pub cache_bytes: u64,
    /// Rows up to which every row is checked at opening.
    pub full_check_rows: u64,
    /// Whether a background thread flushes once a second.
    pub background: bool,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            lock_wait: Duration::ZERO,
            ballast_bytes: 64 << 20,
            floor_bytes: 32 << 20,
            segment_bytes: 8 << 20,
            batch: 1000,
            cache_bytes: 64 << 20,
            full_check_rows: 200_000,
            background: true,
        }
    }
}

impl Tuning {
    /// Small sizes for tests: no ballast, short journal files.
    pub fn small() -> Self {
        Self {
            lock_wait: Duration::ZERO,
            ballast_bytes: 0,
            floor_bytes: 1 << 16,
            segment_bytes: 16 << 10,
            batch: 50,
            cache_bytes: 8 << 20,
            full_check_rows: 1_000_000,
            background: false,
        }
    }
}

/// How to open a store.
#[derive(Clone)]
pub struct StoreOptions {
    /// The store's folder.
    pub dir: PathBuf,
    /// A folder outside the store that survives a restored backup: the heads live there.
    pub state_dir: PathBuf,
    /// Makes the projections.
    pub projector: Arc<dyn Projector>,
    /// The file layer of the journal.
    pub vfs: Arc<dyn Vfs>,
    /// Machine and account.
    pub machine: MachineFacts,
    /// Called during long steps.
    pub progress: Option<Progress>,
    /// What to do if there is no store.
    pub if_absent: IfAbsent,
    /// Sizes and limits.
    pub tuning: Tuning,
}

impl StoreOptions {
    /// Options with the real file system, default sizes and no creation.
    pub fn new(dir: PathBuf, state_dir: PathBuf, projector: Arc<dyn Projector>) -> Self {
        Self {
            dir,
            state_dir,
            projector,
            vfs: Arc::new(RealFs),
            machine: MachineFacts::default(),
            progress: None,
            if_absent: IfAbsent::Refuse,
            tuning: Tuning::default(),
        }
    }

    pub(crate) fn tell(&self, doing: &'static str, done: u64, total: Option<u64>) {
        if let Some(progress) = &self.progress {
            progress(ProgressStep { doing, done, total });
        }
    }
}
