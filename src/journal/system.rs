//! The journal's own events: Genesis, Include and Merge. Kinds 1 to 99 are kept for such events; what a shop decides
//! and notes about other sites is in [`super::notes`].

use crate::domain::id::{Dot, EntityId, Hash, SiteId};

use super::codec::{self, CodecError};
use super::wire::system_v1::{GenesisV1, IncludeV1, MergeV1, SCHEMA};
use super::wire::system_v2::{MERGE_SCHEMA, MergeV2};
use super::{AggregateRef, EventRecord, HybridTime, VersionVector};

/// The highest event kind and aggregate kind that belong to the journal itself; others begin above it.
pub const LAST_SYSTEM_KIND: u16 = 99;
/// The aggregate kind of the journal's own events: the site.
pub const AGGREGATE_SITE: u16 = 1;
/// Event kind of [`Genesis`].
pub const GENESIS: u16 = 1;
/// Event kind of [`Include`].
pub const INCLUDE: u16 = 2;
/// Event kind of [`Merge`].
pub const MERGE: u16 = 3;

/// Where a continued site ended, as far as is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Continues {
    /// The older site.
    pub site: SiteId,
    /// Its last sequence that is known here.
    pub seq: u64,
    /// The hash of that entry.
    pub hash: Hash,
}

/// The first entry of every site: who it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Genesis {
    /// ed25519 public key.
    pub public_key: [u8; 32],
    /// The shop's name.
    pub shop: String,
    /// The prefix of its numbers (`SHOP2` in `SHOP2-00123`).
    pub prefix: String,
    /// IANA zone that decides which day it is in the shop.
    pub zone: String,
    /// Hash of the machine's id; zero if unknown.
    pub machine: [u8; 32],
    /// The site this one continues after a rollback, a restored backup or a cloned disk.
    pub continues: Option<Continues>,
    /// A demonstration store: takes a test clock and refuses real sync.
    pub demo: bool,
}

/// Takes a bulk segment in: its entries count from the moment this entry is durable. Entries of other sites come in the
/// same way; then both sequences are 0, and a [`Merge`] stands beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Include {
    /// blake3 of the segment file.
    pub file: Hash,
    /// How many entries it holds.
    pub count: u64,
    /// First sequence in it; 0 for entries of other sites.
    pub first: u64,
    /// Last sequence in it; 0 for entries of other sites.
    pub last: u64,
}

/// What was known of other sites when their entries were taken in: causality without a vector in each entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merge {
    /// The version vector.
    pub seen: VersionVector,
    /// The latest fold time of anything that was known: what this site writes from here on comes after it, whatever its
    /// own clock says.
    pub after: HybridTime,
}

/// The site as an aggregate: named by its own first event.
pub fn site_aggregate(site: SiteId) -> AggregateRef {
    AggregateRef {
        kind: AGGREGATE_SITE,
        id: EntityId::Made(Dot {
            site,
            seq: 1,
            index: 0,
        }),
    }
}

pub(super) fn record<T: serde::Serialize>(
    site: SiteId,
    kind: u16,
    wire: &T,
) -> Result<EventRecord, CodecError> {
    Ok(EventRecord {
        aggregate: site_aggregate(site),
        kind,
        schema: SCHEMA,
        body: codec::encode(wire)?,
    })
}

pub(super) fn body<T: serde::de::DeserializeOwned>(
    event: &EventRecord,
    kind: u16,
) -> Result<Option<T>, CodecError> {
    body_up_to(event, kind, SCHEMA)
}

fn body_up_to<T: serde::de::DeserializeOwned>(
    event: &EventRecord,
    kind: u16,
    known: u16,
) -> Result<Option<T>, CodecError> {
    if event.kind != kind {
        return Ok(None);
    }
    if event.schema > known {
        return Err(CodecError::Newer {
            found: event.schema,
            known,
        });
    }
    codec::decode(&event.body).map(Some)
}

impl Genesis {
    /// The event that carries it.
    pub fn to_record(&self, site: SiteId) -> Result<EventRecord, CodecError> {
        let wire = GenesisV1 {
            public_key: self.public_key,
            shop: self.shop.clone(),
            prefix: self.prefix.clone(),
            zone: self.zone.clone(),
            machine: self.machine,
            continues: self.continues.map(|c| (c.site.0, c.seq, c.hash.0)),
            demo: u8::from(self.demo),
        };
        record(site, GENESIS, &wire)
    }

    /// Reads it from an event; `None` if the event is of another kind.
    pub fn from_record(event: &EventRecord) -> Result<Option<Self>, CodecError> {
        Ok(body::<GenesisV1>(event, GENESIS)?.map(|wire| Self {
            public_key: wire.public_key,
            shop: wire.shop,
            prefix: wire.prefix,
            zone: wire.zone,
            machine: wire.machine,
            continues: wire.continues.map(|(site, seq, hash)| Continues {
                site: SiteId(site),
                seq,
                hash: Hash(hash),
            }),
            demo: wire.demo != 0,
        }))
    }
}

impl Include {
    /// The event that carries it.
    pub fn to_record(&self, site: SiteId) -> Result<EventRecord, CodecError> {
        let wire = IncludeV1 {
            file: self.file.0,
            count: self.count,
            first: self.first,
            last: self.last,
        };
        record(site, INCLUDE, &wire)
    }

    /// Reads it from an event; `None` if the event is of another kind.
    pub fn from_record(event: &EventRecord) -> Result<Option<Self>, CodecError> {
        Ok(body::<IncludeV1>(event, INCLUDE)?.map(|wire| Self {
            file: Hash(wire.file),
            count: wire.count,
            first: wire.first,
            last: wire.last,
        }))
    }
}

impl Merge {
    /// The event that carries it.
    pub fn to_record(&self, site: SiteId) -> Result<EventRecord, CodecError> {
        let wire = MergeV2 {
            seen: self.seen.iter().map(|(site, seq)| (site.0, seq)).collect(),
            after: self.after.0,
        };
        Ok(EventRecord {
            schema: MERGE_SCHEMA,
            ..record(site, MERGE, &wire)?
        })
    }

    /// Reads it from an event; `None` if the event is of another kind.
    pub fn from_record(event: &EventRecord) -> Result<Option<Self>, CodecError> {
        let (seen, after) = if event.schema == SCHEMA {
            match body::<MergeV1>(event, MERGE)? {
                Some(wire) => (wire.seen, 0),
                None => return Ok(None),
            }
        } else {
            match body_up_to::<MergeV2>(event, MERGE, MERGE_SCHEMA)? {
                Some(wire) => (wire.seen, wire.after),
                None => return Ok(None),
            }
        };
        Ok(Some(Self {
            seen: seen
                .into_iter()
                .map(|(site, seq)| (SiteId(site), seq))
                .collect(),
            after: HybridTime(after),
        }))
    }
}
