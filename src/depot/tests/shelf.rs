//! A store in memory: sites with real entries and real bundles, for tests of depots here and on a real server.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::house::bundle::{About, Builder, Bundle, BundleError, Created, split};
use super::house::depot::{Have, Shelf, ShelfError, Span, Taken};
use super::house::journal::system::Genesis;
use super::house::journal::{
    AggregateRef, CommandId, Dot, EntityId, Entry, EventRecord, Hash, HybridTime, SiteId, SiteKey,
    VersionVector,
};

/// Noon of 23 November 2026, in microseconds.
const NOON_US: i64 = 1_795_435_200_000_000;

/// A store that keeps entries as they are.
#[derive(Clone)]
pub struct MemoryShelf {
    key: SiteKeySeed,
    /// Entries by site and sequence, also those that wait for earlier ones.
    entries: BTreeMap<SiteId, BTreeMap<u64, Vec<u8>>>,
    tip: Hash,
    /// Bundles that it makes say another time each, so that their hashes differ.
    pub now_us: i64,
    /// Sites that do not count; all others do.
    pub strangers: BTreeSet<SiteId>,
    /// The largest bundle, in bytes.
    pub limit: u64,
    /// How many bundles were handed in.
    pub imported: usize,
}

/// A key that can be cloned.
#[derive(Clone, Copy)]
struct SiteKeySeed(u8);

impl SiteKeySeed {
    fn key(self) -> SiteKey {
        SiteKey::from_seed([self.0; 32])
    }
}

impl MemoryShelf {
    /// A site with its first entry.
    pub fn new(seed: u8) -> Self {
        let key = SiteKeySeed(seed);
        let mut shelf = Self {
            key,
            entries: BTreeMap::new(),
            tip: Hash::default(),
            now_us: NOON_US,
            strangers: BTreeSet::new(),
            limit: 1 << 20,
            imported: 0,
        };
        let genesis = Genesis {
            public_key: key.key().public(),
            shop: format!("Shop {seed}"),
            prefix: format!("S{seed}"),
            zone: "Europe/Berlin".to_owned(),
            machine: [seed; 32],
            continues: None,
            demo: false,
        };
        let event = genesis.to_record(shelf.site()).expect("a genesis");
        shelf.add(vec![event]);
        shelf
    }

    /// Records something.
    pub fn record(&mut self, body: &[u8]) {
        let event = EventRecord {
            aggregate: AggregateRef {
                kind: 100,
                id: EntityId::Made(Dot {
                    site: self.site(),
                    seq: 1,
                    index: 0,
                }),
            },
            kind: 200,
            schema: 1,
            body: body.to_vec(),
        };
        self.add(vec![event]);
    }

    fn add(&mut self, events: Vec<EventRecord>) {
        let site = self.site();
        let own = self.entries.entry(site).or_default();
        let seq = own.len() as u64 + 1;
        let wall_us = NOON_US + seq as i64;
        let entry = Entry {
            version: 1,
            site,
            seq,
            hybrid: HybridTime::from_millis((wall_us / 1000) as u64),
            wall_us,
            boot_id: [9; 16],
            offset_minutes: 60,
            actor: "kim".to_owned(),
            peer_uid: 1000,
            command: CommandId([seq as u8; 16]),
            previous: self.tip,
            events,
            hash: Hash::default(),
        };
        let (bytes, hash) = entry.encode().expect("an entry");
        own.insert(seq, bytes);
        self.tip = hash;
    }

    /// All entries without a gap, to compare.
    pub fn everything(&self) -> BTreeMap<(SiteId, u64), Vec<u8>> {
        let have = self.vector();
        let all = self.entries.iter().flat_map(|(site, rows)| {
            rows.iter()
                .map(|(seq, bytes)| ((*site, *seq), bytes.clone()))
        });
        all.filter(|((site, seq), _)| *seq <= have.get(*site))
            .collect()
    }

    /// What it has.
    pub fn vector(&self) -> VersionVector {
        let reach = |rows: &BTreeMap<u64, Vec<u8>>| {
            let last = rows.keys().next_back().copied().unwrap_or(0);
            (1..=last).take_while(|seq| rows.contains_key(seq)).count() as u64
        };
        self.entries
            .iter()
            .map(|(site, rows)| (*site, reach(rows)))
            .collect()
    }

    fn bundles(&mut self, spans: &[Span], folder: &Path) -> Result<Vec<PathBuf>, BundleError> {
        let mut sorted = spans.to_vec();
        sorted.sort();
        let mut entries = Vec::new();
        for span in sorted {
            for seq in span.from..=span.to {
                let bytes = self.entries.get(&span.site).and_then(|rows| rows.get(&seq));
                entries.push(Ok(bytes.expect("it is here").clone()));
            }
        }
        self.now_us += 1_000_000;
        let about = About {
            shop: format!("Shop {}", self.key.0),
            app: "test".to_owned(),
            created: Created {
                hybrid: HybridTime::from_millis((self.now_us / 1000) as u64),
                wall_us: self.now_us,
                offset_minutes: 0,
            },
            have: self.vector(),
            ..About::default()
        };
        let (key, limit) = (self.key.key(), self.limit);
        let mut files = Vec::new();
        split(
            entries,
            || Builder::new(about.clone(), limit, Cursor::new(Vec::new())),
            |builder| {
                let mut bytes = Vec::new();
                let written = builder.finish(&key, &mut bytes)?;
                let path = folder.join(written.name().to_string());
                std::fs::write(&path, bytes).expect("a scratch folder");
                files.push(path);
                Ok::<(), BundleError>(())
            },
        )?;
        Ok(files)
    }

    fn take(&mut self, file: &Path) -> Result<(), BundleError> {
        let file = File::open(file).expect("it was downloaded");
        let mut bundle = Bundle::open(file)?.verify(&mut |_| ControlFlow::Continue(()))?;
        for entry in bundle.entries()? {
            let entry = entry?;
            let rows = self.entries.entry(entry.face.site).or_default();
            rows.entry(entry.face.seq).or_insert(entry.bytes);
        }
        Ok(())
    }
}

impl Shelf for MemoryShelf {
    fn site(&self) -> SiteId {
        self.key.key().site()
    }

    fn have(&self) -> Result<VersionVector, ShelfError> {
        Ok(self.vector())
    }

    fn trusts(&self, site: SiteId) -> bool {
        !self.strangers.contains(&site)
    }

    fn statement(&self, damaged: &[String]) -> Result<Have, ShelfError> {
        let key = self.key.key();
        Ok(Have::sign(&key, self.now_us, self.vector(), damaged))
    }

    fn export(&mut self, spans: &[Span], folder: &Path) -> Result<Vec<PathBuf>, ShelfError> {
        self.bundles(spans, folder)
            .map_err(|error| ShelfError(error.to_string()))
    }

    fn import(&mut self, files: &[PathBuf]) -> Result<Vec<Taken>, ShelfError> {
        self.imported += files.len();
        let taken = files.iter().map(|file| match self.take(file) {
            Ok(()) => Taken::Kept,
            Err(error) if error.is_suspicious() => Taken::Refused(error.to_string()),
            Err(error) => Taken::Damaged(error.to_string()),
        });
        Ok(taken.collect())
    }
}
