//! The journal's unit of truth: one accepted command, as one entry of 1 to n events.
//!
//! Invariants: an entry is never edited and never deleted. Its hash is taken over the bytes that are stored; reading
//! and writing again is never used to check it. Event bodies are opaque here: an unknown kind or a newer schema is
//! kept and hashed like any other.

use crate::domain::id::{CommandId, Dot, EntityId, Hash, SiteId};

use super::clock::HybridTime;
use super::codec::{self, CodecError};
use super::wire::Bytes;
use super::wire::entry_v1::{EntryV1, EventV1, FIXED, VERSION};

/// The largest entry in bytes: 4 MiB.
pub const MAX_ENTRY: usize = 4 << 20;
/// The longest actor in bytes.
pub const MAX_ACTOR: usize = 64;

/// The thing that an event is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AggregateRef {
    /// What kind of thing (device, order, …); numbers up to 99 belong to the journal itself.
    pub kind: u16,
    /// Which one.
    pub id: EntityId,
}

/// One event in its envelope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRecord {
    /// The thing it is about.
    pub aggregate: AggregateRef,
    /// What kind of event; numbers up to 99 belong to the journal itself.
    pub kind: u16,
    /// The version of the body's layout.
    pub schema: u16,
    /// The body, opaque to journal and store.
    pub body: Vec<u8>,
}

/// One entry, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The layout version it is stored in.
    pub version: u16,
    /// The site that wrote it.
    pub site: SiteId,
    /// Its sequence there: from 1, without gaps.
    pub seq: u64,
    /// Hybrid time: orders entries that do not know of each other.
    pub hybrid: HybridTime,
    /// Wall time, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// The machine's boot; zero if unknown.
    pub boot_id: [u8; 16],
    /// Minutes east of UTC where it was written.
    pub offset_minutes: i16,
    /// The technician's key, at most [`MAX_ACTOR`] bytes.
    pub actor: String,
    /// The Unix account that asked; `u32::MAX` if unknown.
    pub peer_uid: u32,
    /// The command that this entry answers.
    pub command: CommandId,
    /// blake3 of this site's previous entry as stored; zero for its first.
    pub previous: Hash,
    /// What happened, 1 to 65,535 events.
    pub events: Vec<EventRecord>,
    /// blake3 of this entry as stored. Not part of the bytes.
    pub hash: Hash,
}

impl Entry {
    /// The id of the event at this index.
    pub fn dot(&self, index: u16) -> Dot {
        Dot {
            site: self.site,
            seq: self.seq,
            index,
        }
    }

    /// The bytes to store and their hash. The field `hash` plays no part.
    pub fn encode(&self) -> Result<(Vec<u8>, Hash), CodecError> {
        let wire = EntryV1 {
            version: VERSION,
            site: self.site.0,
            seq: self.seq,
            hybrid: self.hybrid.0,
            wall_us: self.wall_us,
            boot_id: self.boot_id,
            offset_minutes: self.offset_minutes,
            peer_uid: self.peer_uid,
            command: self.command.0,
            previous: self.previous.0,
            actor: self.actor.clone(),
            events: self
                .events
                .iter()
                .map(|event| EventV1 {
                    aggregate_kind: event.aggregate.kind,
                    aggregate: Bytes(event.aggregate.id.key().to_vec()),
                    kind: event.kind,
                    schema: event.schema,
                    body: Bytes(event.body.clone()),
                })
                .collect(),
        };
        let bytes = codec::encode(&wire)?;
        if bytes.len() > MAX_ENTRY {
            return Err(CodecError::TooLong(bytes.len()));
        }
        let hash = hash_of(&bytes);
        Ok((bytes, hash))
    }

    /// Reads stored bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        Self::decode_hashed(bytes, hash_of(bytes))
    }

    /// Reads stored bytes whose hash the caller has already computed.
    pub fn decode_hashed(bytes: &[u8], hash: Hash) -> Result<Self, CodecError> {
        check_version(bytes)?;
        let wire: EntryV1 = codec::decode(bytes)?;
        let events = wire
            .events
            .into_iter()
            .map(|event| {
                let id = EntityId::from_key(&event.aggregate.0).ok_or_else(|| {
                    CodecError::Malformed("an event names no thing that can be read".to_owned())
                })?;
                Ok(EventRecord {
                    aggregate: AggregateRef {
                        kind: event.aggregate_kind,
                        id,
                    },
                    kind: event.kind,
                    schema: event.schema,
                    body: event.body.0,
                })
            })
            .collect::<Result<Vec<_>, CodecError>>()?;
        Ok(Self {
            version: wire.version,
            site: SiteId(wire.site),
            seq: wire.seq,
            hybrid: HybridTime(wire.hybrid),
            wall_us: wire.wall_us,
            boot_id: wire.boot_id,
            offset_minutes: wire.offset_minutes,
            actor: wire.actor,
            peer_uid: wire.peer_uid,
            command: CommandId(wire.command),
            previous: Hash(wire.previous),
            events,
            hash,
        })
    }
}

/// The part of an entry that a walk along the chain needs, read without its events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryFace {
    /// The site that wrote it.
    pub site: SiteId,
    /// Its sequence there.
    pub seq: u64,
    /// Hybrid time.
    pub hybrid: HybridTime,
    /// Wall time, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// Hash of the previous entry of this site.
    pub previous: Hash,
    /// Hash of this entry as stored.
    pub hash: Hash,
}

impl EntryFace {
    /// Reads it from stored bytes whose hash is known.
    pub fn read(bytes: &[u8], hash: Hash) -> Result<Self, CodecError> {
        check_version(bytes)?;
        let fixed = bytes
            .get(..FIXED)
            .ok_or_else(|| CodecError::Malformed("shorter than any entry".to_owned()))?;
        type Fixed = (
            (u16, [u8; 16], u64, u64, i64),
            ([u8; 16], i16, u32, [u8; 16], [u8; 32]),
        );
        let ((_, site, seq, hybrid, wall_us), (_, _, _, _, previous)): Fixed =
            codec::decode(fixed)?;
        Ok(Self {
            site: SiteId(site),
            seq,
            hybrid: HybridTime(hybrid),
            wall_us,
            previous: Hash(previous),
            hash,
        })
    }
}

/// The kind of an entry's first event, read without decoding the entry; `None` if the bytes are no entry.
pub fn first_kind(bytes: &[u8]) -> Option<u16> {
    let number = |at: usize| -> Option<usize> {
        let bytes = bytes.get(at..at.checked_add(8)?)?;
        usize::try_from(u64::from_le_bytes(bytes.try_into().ok()?)).ok()
    };
    // Behind the fixed part: the actor, the number of events, and the first one's aggregate.
    let events = FIXED.checked_add(8)?.checked_add(number(FIXED)?)?;
    if number(events)? == 0 {
        return None;
    }
    let aggregate = events.checked_add(8 + 2)?;
    let kind = aggregate.checked_add(8)?.checked_add(number(aggregate)?)?;
    let bytes = bytes.get(kind..kind.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

/// The hash of an entry: blake3 over its stored bytes.
pub fn hash_of(bytes: &[u8]) -> Hash {
    Hash(*blake3::hash(bytes).as_bytes())
}

fn check_version(bytes: &[u8]) -> Result<(), CodecError> {
    match bytes {
        [a, b, ..] if u16::from_le_bytes([*a, *b]) == VERSION => Ok(()),
        [a, b, ..] if u16::from_le_bytes([*a, *b]) > VERSION => Err(CodecError::Newer {
            found: u16::from_le_bytes([*a, *b]),
            known: VERSION,
        }),
        _ => Err(CodecError::Malformed("no entry version".to_owned())),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn any_entry() -> impl Strategy<Value = Entry> {
        let event = (
            any::<u16>(),
            any::<Option<(u64, u16)>>(),
            any::<u16>(),
            any::<u16>(),
            proptest::collection::vec(any::<u8>(), 0..60),
        )
            .prop_map(|(aggregate, id, kind, schema, body)| EventRecord {
                aggregate: AggregateRef {
                    kind: aggregate,
                    id: id.map_or(EntityId::Natural([7; 16]), |(seq, index)| {
                        EntityId::Made(Dot {
                            site: SiteId([1; 16]),
                            seq,
                            index,
                        })
                    }),
                },
                kind,
                schema,
                body,
            });
        (
            any::<([u8; 16], u64, u64, i64, [u8; 16], i16)>(),
            ".{0,16}",
            any::<(u32, [u8; 16], [u8; 32])>(),
            proptest::collection::vec(event, 0..4),
        )
            .prop_map(
                |(
                    (site, seq, hybrid, wall_us, boot_id, offset_minutes),
                    actor,
                    (peer_uid, command, previous),
                    events,
                )| Entry {
                    version: VERSION,
                    site: SiteId(site),
                    seq,
                    hybrid: HybridTime(hybrid),
                    wall_us,
                    boot_id,
                    offset_minutes,
                    actor,
                    peer_uid,
                    command: CommandId(command),
                    previous: Hash(previous),
                    events,
                    hash: Hash::default(),
                },
            )
    }

    proptest! {
        #[test]
        fn every_entry_comes_back_and_its_face_agrees(entry in any_entry()) {
            let (bytes, hash) = entry.encode().unwrap();
            let read = Entry::decode(&bytes).unwrap();
            prop_assert_eq!(&read, &Entry { hash, ..entry });
            let face = EntryFace::read(&bytes, hash).unwrap();
            prop_assert_eq!(
                (face.site, face.seq, face.hybrid, face.wall_us, face.previous, face.hash),
                (read.site, read.seq, read.hybrid, read.wall_us, read.previous, read.hash)
            );
            prop_assert_eq!(first_kind(&bytes), read.events.first().map(|event| event.kind));
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes: Vec<u8>) {
            let _ = Entry::decode(&bytes);
            let _ = EntryFace::read(&bytes, Hash::default());
            let _ = first_kind(&bytes);
        }
    }

    #[test]
    fn a_newer_version_is_named() {
        let error = Entry::decode(&[9, 0, 1, 2]).unwrap_err();
        assert_eq!(error, CodecError::Newer { found: 9, known: 1 });
        assert!(error.to_string().contains("newer tagout can read it"));
    }
}
