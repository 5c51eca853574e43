//! What a shop decides and notes about other sites, as events of the journal: trust, names, revocations, forks, clocks
//! that were ahead, and heads that were received.
//!
//! Invariants: each event is about one site, which its envelope names. A note says something about the exchange, never
//! about a device or an order: two stores with the same work may hold different notes.

use crate::domain::id::{Dot, EntityId, Hash, SiteId};

use super::codec::{self, CodecError};
use super::system::{GENESIS, body, record};
use super::wire::Bytes;
use super::wire::system_v2::{AheadV1, ForkV1, RenameV1, RevokeV1, TrustV1, WitnessV1};
use super::{EventRecord, Head};

/// Event kind of [`Note::Trusted`].
pub const TRUSTED: u16 = 4;
/// Event kind of [`Note::Revoked`].
pub const REVOKED: u16 = 5;
/// Event kind of [`Note::Renamed`].
pub const RENAMED: u16 = 6;
/// Event kind of [`Note::Forked`].
pub const FORKED: u16 = 7;
/// Event kind of [`Note::Ahead`].
pub const AHEAD: u16 = 8;
/// Event kind of [`Note::Witnessed`].
pub const WITNESSED: u16 = 9;

/// One decision or observation about a site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// A person of this shop trusts the site.
    Trusted {
        /// Its ed25519 public key.
        public_key: [u8; 32],
        /// What it is called here; empty for the name that it gives itself.
        name: String,
    },
    /// Nothing that the site writes after this sequence counts.
    Revoked {
        /// The last sequence that counts.
        after: u64,
        /// Why.
        reason: String,
    },
    /// What the site is called here; empty for the name that it gives itself.
    Renamed {
        /// The name.
        name: String,
    },
    /// Two different entries of the site with one sequence were met: two machines write under one identity.
    Forked {
        /// The sequence.
        seq: u64,
        /// The entry that counts here.
        kept: Hash,
        /// The other one.
        other: Hash,
        /// The site whose bundle brought the other one.
        from: SiteId,
    },
    /// The site's clock was ahead of the clock here.
    Ahead {
        /// The entry that was furthest ahead.
        seq: u64,
        /// By how many milliseconds.
        ahead_ms: u64,
    },
    /// A head that the site signed.
    Witnessed {
        /// Its ed25519 public key.
        public_key: [u8; 32],
        /// The head.
        head: Head,
    },
}

/// True for entries that other shops are waiting for, judged by their first event: work, a site's first entry and
/// revocations. Others only say how shops exchanged, and are never a reason to exchange.
pub const fn is_news(first_kind: u16) -> bool {
    first_kind > super::system::LAST_SYSTEM_KIND || first_kind == GENESIS || first_kind == REVOKED
}

impl Note {
    /// The event that carries it.
    pub fn to_record(&self, about: SiteId) -> Result<EventRecord, CodecError> {
        match self {
            Self::Trusted { public_key, name } => {
                let wire = TrustV1 {
                    public_key: *public_key,
                    name: name.clone(),
                };
                record(about, TRUSTED, &wire)
            }
            Self::Revoked { after, reason } => {
                let wire = RevokeV1 {
                    after: *after,
                    reason: reason.clone(),
                };
                record(about, REVOKED, &wire)
            }
            Self::Renamed { name } => record(about, RENAMED, &RenameV1 { name: name.clone() }),
            Self::Forked {
                seq,
                kept,
                other,
                from,
            } => {
                let wire = ForkV1 {
                    seq: *seq,
                    kept: kept.0,
                    other: other.0,
                    from: from.0,
                };
                record(about, FORKED, &wire)
            }
            Self::Ahead { seq, ahead_ms } => {
                let wire = AheadV1 {
                    seq: *seq,
                    ahead_ms: *ahead_ms,
                };
                record(about, AHEAD, &wire)
            }
            Self::Witnessed { public_key, head } => {
                let wire = WitnessV1 {
                    public_key: *public_key,
                    head: Bytes(head.encode()?),
                };
                record(about, WITNESSED, &wire)
            }
        }
    }

    /// Reads it from an event, with the site it is about; `None` if the event is of another kind.
    pub fn from_record(event: &EventRecord) -> Result<Option<(SiteId, Self)>, CodecError> {
        let EntityId::Made(Dot { site, .. }) = event.aggregate.id else {
            return Ok(None);
        };
        let note = match event.kind {
            TRUSTED => body::<TrustV1>(event, TRUSTED)?.map(|wire| Self::Trusted {
                public_key: wire.public_key,
                name: wire.name,
            }),
            REVOKED => body::<RevokeV1>(event, REVOKED)?.map(|wire| Self::Revoked {
                after: wire.after,
                reason: wire.reason,
            }),
            RENAMED => {
                body::<RenameV1>(event, RENAMED)?.map(|wire| Self::Renamed { name: wire.name })
            }
            FORKED => body::<ForkV1>(event, FORKED)?.map(|wire| Self::Forked {
                seq: wire.seq,
                kept: Hash(wire.kept),
                other: Hash(wire.other),
                from: SiteId(wire.from),
            }),
            AHEAD => body::<AheadV1>(event, AHEAD)?.map(|wire| Self::Ahead {
                seq: wire.seq,
                ahead_ms: wire.ahead_ms,
            }),
            WITNESSED => match body::<WitnessV1>(event, WITNESSED)? {
                Some(wire) => Some(Self::Witnessed {
                    public_key: wire.public_key,
                    head: Head::decode(&wire.head.0)?,
                }),
                None => None,
            },
            _ => None,
        };
        Ok(note.map(|note| (site, note)))
    }

    /// The bytes for a row: the event's kind, then its body.
    pub fn to_row(&self, about: SiteId) -> Result<Vec<u8>, CodecError> {
        let record = self.to_record(about)?;
        codec::encode(&(record.kind, record.schema, Bytes(record.body)))
    }

    /// Reads such bytes.
    pub fn from_row(about: SiteId, bytes: &[u8]) -> Result<Option<Self>, CodecError> {
        let (kind, schema, body): (u16, u16, Bytes) = codec::decode(bytes)?;
        let record = EventRecord {
            aggregate: super::system::site_aggregate(about),
            kind,
            schema,
            body: body.0,
        };
        Ok(Self::from_record(&record)?.map(|(_, note)| note))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::journal::SiteKey;

    fn note() -> impl Strategy<Value = Note> {
        let witness = any::<([u8; 32], u64, i64)>().prop_map(|(seed, seq, wall_us)| {
            let key = SiteKey::from_seed(seed);
            Note::Witnessed {
                public_key: key.public(),
                head: Head::sign(&key, seq, Hash(seed), wall_us),
            }
        });
        prop_oneof![
            any::<([u8; 32], String)>()
                .prop_map(|(public_key, name)| Note::Trusted { public_key, name }),
            any::<(u64, String)>().prop_map(|(after, reason)| Note::Revoked { after, reason }),
            any::<String>().prop_map(|name| Note::Renamed { name }),
            any::<(u64, [u8; 32], [u8; 32], [u8; 16])>().prop_map(|(seq, kept, other, from)| {
                Note::Forked {
                    seq,
                    kept: Hash(kept),
                    other: Hash(other),
                    from: SiteId(from),
                }
            }),
            any::<(u64, u64)>().prop_map(|(seq, ahead_ms)| Note::Ahead { seq, ahead_ms }),
            witness,
        ]
    }

    proptest! {
        #[test]
        fn every_note_comes_back(note in note(), site: [u8; 16]) {
            let site = SiteId(site);
            let record = note.to_record(site).unwrap();
            prop_assert_eq!(Note::from_record(&record).unwrap(), Some((site, note.clone())));
            let row = note.to_row(site).unwrap();
            prop_assert_eq!(Note::from_row(site, &row).unwrap(), Some(note));
        }
    }

    #[test]
    fn what_only_says_how_shops_exchanged_is_no_news() {
        use crate::journal::system::{INCLUDE, MERGE};
        for kind in [INCLUDE, MERGE, TRUSTED, RENAMED, FORKED, AHEAD, WITNESSED] {
            assert!(!is_news(kind), "{kind}");
        }
        for kind in [GENESIS, REVOKED, 100, 65_535] {
            assert!(is_news(kind), "{kind}");
        }
    }
}
