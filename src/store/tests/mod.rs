//! Tests of the whole store: what a technician relies on, row by row of the recovery table, and under faults.

mod basic;
mod damage;
mod exchange;
mod faults;
mod reading;
mod reattach;
mod recovery;
mod rows;
mod trust;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::vfs::{RealFs, Vfs};
use super::*;
use crate::domain::id::{CommandId, EntityId};
use crate::domain::seen::Seen;
use crate::journal::{AggregateRef, Entry, EventRecord};

/// The family of the test projection.
pub const SUMS: u8 = 0x20;

/// A projection for tests: per aggregate, how many events and the last body; it refuses a body that begins with '!'.
pub struct Tally(pub u32);

impl Projector for Tally {
    fn version(&self) -> u32 {
        self.0
    }

    fn fold(
        &self,
        entry: &Entry,
        _: &Seen,
        later: &BTreeSet<AggregateRef>,
        rows: &mut Rows,
    ) -> Result<(), FoldError> {
        for event in entry.events.iter().filter(|e| e.kind >= 100) {
            if later.contains(&event.aggregate) {
                continue;
            }
            if event.body.first() == Some(&b'!') {
                return Err(FoldError::Refused("a body begins with '!'".to_owned()));
            }
            let key = event.aggregate.id.key();
            let mut count = match rows.get(SUMS, &key)? {
                Some(row) => row.get(..4).map_or(0, |b| {
                    b.iter().rev().fold(0u32, |n, b| n << 8 | u32::from(*b))
                }),
                None => 0,
            };
            count += 1;
            let mut row = count.to_le_bytes().to_vec();
            row.extend_from_slice(&event.body);
            rows.put(SUMS, &key, row)?;
        }
        Ok(())
    }

    fn refold(
        &self,
        thing: &AggregateRef,
        past: &[Past],
        rows: &mut Rows,
    ) -> Result<(), FoldError> {
        rows.delete(SUMS, &thing.id.key())?;
        for (entry, seen) in past {
            let mut one = Entry::clone(entry);
            one.events.retain(|event| event.aggregate == *thing);
            self.fold(&one, seen, &BTreeSet::new(), rows)?;
        }
        Ok(())
    }
}

/// A store in a temporary folder, opened again as often as a test likes.
pub struct Bench {
    pub dir: TempDir,
    pub vfs: Arc<dyn Vfs>,
    pub tuning: Tuning,
    pub machine: MachineFacts,
    pub version: u32,
}

/// In memory where the machine has such a folder: these tests wait for no disk.
fn temp_dir() -> TempDir {
    TempDir::new_in("/dev/shm").unwrap_or_else(|_| TempDir::new().unwrap())
}

pub const WALL: i64 = 1_790_000_000_000_000;

impl Bench {
    pub fn new() -> Self {
        Self::with(Arc::new(RealFs))
    }

    pub fn with(vfs: Arc<dyn Vfs>) -> Self {
        Self {
            dir: temp_dir(),
            vfs,
            tuning: Tuning::small(),
            machine: MachineFacts {
                machine: [8; 32],
                boot_id: [9; 16],
                user: "kim".to_owned(),
                terminal: "pts/3".to_owned(),
                process: 4711,
                wall_us: WALL,
                offset_minutes: 60,
                since: "14:03".to_owned(),
            },
            version: 1,
        }
    }

    pub fn store_dir(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    pub fn options(&self) -> StoreOptions {
        StoreOptions {
            vfs: Arc::clone(&self.vfs),
            tuning: self.tuning,
            machine: self.machine.clone(),
            if_absent: IfAbsent::Create(NewStore {
                seed: None,
                shop: "Biomed".to_owned(),
                prefix: "SHOP".to_owned(),
                zone: "Europe/Berlin".to_owned(),
                demo: false,
            }),
            ..StoreOptions::new(
                self.store_dir(),
                self.dir.path().join("state"),
                Arc::new(Tally(self.version)),
            )
        }
    }

    pub fn open(&self) -> (Store, Vec<Notice>) {
        Store::open(self.options()).unwrap()
    }

    pub fn journal(&self, number: u64) -> PathBuf {
        self.store_dir()
            .join("journal")
            .join(format!("{number:08}.seg"))
    }
}

pub fn thing(n: u8) -> AggregateRef {
    AggregateRef {
        kind: 100,
        id: EntityId::Natural([n; 16]),
    }
}

pub fn draft(n: u64, body: &[u8]) -> Draft {
    let mut command = [0; 16];
    command[..8].copy_from_slice(&(n + 1).to_le_bytes());
    Draft {
        command: CommandId(command),
        actor: "kim".to_owned(),
        peer_uid: 1000,
        wall_us: WALL + n as i64 * 1000,
        offset_minutes: 60,
        events: vec![EventRecord {
            aggregate: thing((n % 5) as u8),
            kind: 200,
            schema: 1,
            body: body.to_vec(),
        }],
    }
}

pub fn remove_rows(bench: &Bench) {
    let rows = bench.store_dir().join("rows");
    if rows.exists() {
        std::fs::remove_dir_all(rows).unwrap();
    }
}

/// Every body of the test entries, in sequence order.
pub fn bodies(store: &Store) -> Vec<Vec<u8>> {
    let head = store.head();
    (1..=head.seq)
        .filter_map(|seq| store.entry(head.site, seq).unwrap())
        .flat_map(|entry| entry.events)
        .filter(|event| event.kind >= 100)
        .map(|event| event.body)
        .collect()
}

pub fn names(dir: &Path) -> Vec<String> {
    let mut out: Vec<String> = std::fs::read_dir(dir)
        .map(|entries| {
            entries
                .flatten()
                .map(|e| e.file_name().to_string_lossy().into_owned())
                .collect()
        })
        .unwrap_or_default();
    out.sort();
    out
}
