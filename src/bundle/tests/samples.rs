//! Small journals and the bundles made of them.

use std::io::Cursor;
use std::ops::ControlFlow;

use super::forge::Forge;
use crate::bundle::{
    About, Builder, Bundle, BundleError, Created, Push, Verified, Written, format,
};
use crate::journal::system::Genesis;
use crate::journal::{
    AggregateRef, CommandId, Dot, EntityId, Entry, EventRecord, Hash, HybridTime, SiteId, SiteKey,
};

/// Noon of 23 November 2026, in microseconds.
pub const NOON_US: i64 = 1_795_435_200_000_000;

pub fn key(seed: u8) -> SiteKey {
    SiteKey::from_seed([seed; 32])
}

/// A site with its entries as stored.
#[derive(Debug)]
pub struct Shop {
    pub key: SiteKey,
    pub entries: Vec<Vec<u8>>,
    tip: Hash,
}

impl Shop {
    pub fn new(seed: u8) -> Self {
        let key = key(seed);
        let genesis = Genesis {
            public_key: key.public(),
            shop: format!("Shop {seed}"),
            prefix: format!("S{seed}"),
            zone: "Europe/Berlin".to_owned(),
            machine: [seed; 32],
            continues: None,
            demo: false,
        };
        let event = genesis.to_record(key.site()).unwrap();
        let mut shop = Self {
            key,
            entries: Vec::new(),
            tip: Hash::default(),
        };
        shop.add(vec![event]);
        shop
    }

    /// A site with an entry for each of these bodies.
    pub fn with(seed: u8, bodies: &[Vec<u8>]) -> Self {
        let mut shop = Self::new(seed);
        for body in bodies {
            shop.record(body);
        }
        shop
    }

    pub fn site(&self) -> SiteId {
        self.key.site()
    }

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

    /// The entry that would come next.
    pub fn next(&self, events: Vec<EventRecord>) -> Entry {
        let seq = self.entries.len() as u64 + 1;
        let wall_us = NOON_US + seq as i64 * 60_000_000;
        Entry {
            version: 1,
            site: self.site(),
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
        }
    }

    pub fn put(&mut self, entry: &Entry) {
        let (bytes, hash) = entry.encode().unwrap();
        self.entries.push(bytes);
        self.tip = hash;
    }

    fn add(&mut self, events: Vec<EventRecord>) {
        let entry = self.next(events);
        self.put(&entry);
    }
}

/// The entries of several sites, sorted as a bundle wants them.
pub fn sorted(shops: &[Shop]) -> Vec<Vec<u8>> {
    let mut order: Vec<&Shop> = shops.iter().collect();
    order.sort_by_key(|shop| shop.site());
    order.iter().flat_map(|s| s.entries.clone()).collect()
}

pub fn about() -> About {
    About {
        shop: "Biomed East".to_owned(),
        app: "0.1.0".to_owned(),
        created: Created {
            hybrid: HybridTime::from_millis((NOON_US / 1000) as u64),
            wall_us: NOON_US,
            offset_minutes: -300,
        },
        ..About::default()
    }
}

pub fn builder(about: About, limit: u64) -> Builder<Cursor<Vec<u8>>> {
    Builder::new(about, limit, Cursor::new(Vec::new())).unwrap()
}

pub fn try_write(
    entries: &[Vec<u8>],
    about: About,
    key: &SiteKey,
) -> Result<(Vec<u8>, Written), BundleError> {
    let mut builder = Builder::new(about, format::USUAL_LIMIT, Cursor::new(Vec::new()))?;
    for entry in entries {
        assert_eq!(builder.push(entry)?, Push::Taken);
    }
    let mut out = Vec::new();
    let written = builder.finish(key, &mut out)?;
    Ok((out, written))
}

pub fn write(entries: &[Vec<u8>], about: About, key: &SiteKey) -> (Vec<u8>, Written) {
    try_write(entries, about, key).unwrap()
}

pub fn verify(bytes: &[u8]) -> Result<Verified<Cursor<&[u8]>>, BundleError> {
    Bundle::open(Cursor::new(bytes))?.verify(&mut |_| ControlFlow::Continue(()))
}

/// Everything that comes out of these bytes.
pub fn read(bytes: &[u8]) -> Result<Vec<Vec<u8>>, BundleError> {
    let mut verified = verify(bytes)?;
    let entries = verified.entries()?;
    entries.map(|entry| entry.map(|e| e.bytes)).collect()
}

/// The same for the holder of this key.
pub fn opened(bytes: &[u8], key: &SiteKey) -> Result<Vec<Vec<u8>>, BundleError> {
    let bundle = Bundle::open(Cursor::new(bytes))?;
    let mut verified = bundle.verify_as(key, &mut |_| ControlFlow::Continue(()))?;
    let entries = verified.entries()?;
    entries.map(|e| e.map(|e| e.bytes)).collect()
}

/// A shop, the honest bundle of its entries, and its parts.
pub fn honest() -> (Shop, Vec<u8>, Forge) {
    let shop = Shop::with(1, &vec![b"0.12 ohm".to_vec(); 8]);
    let (bytes, _) = write(&shop.entries, about(), &shop.key);
    let forge = Forge::of(&bytes);
    (shop, bytes, forge)
}

/// Why these bytes are refused.
pub fn error(bytes: &[u8]) -> BundleError {
    read(bytes).expect_err("refused")
}

/// Asserts that bytes are refused, and for which reason.
macro_rules! refused {
    ($bytes:expr, $pattern:pat $(if $guard:expr)?) => {
        let error = $crate::bundle::tests::samples::error(&$bytes);
        assert!(matches!(error, $pattern $(if $guard)?), "{error:?}");
    };
}
pub(crate) use refused;
