//! Parts that several events carry: ids, moments and signatures.

use serde::{Deserialize, Serialize};

use super::super::Bytes;
use super::frozen::{Frozen, Trouble};
use super::table::{codes, record};
use crate::domain::device::Outcome;
use crate::domain::id::{Dot, EntityId, SiteId};
use crate::domain::order::FailureCause;
use crate::domain::signature::{Covered, Meaning, Signature};
use crate::domain::time::Moment;

/// The id of a thing, 27 bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IdV1 {
    /// 1 named by the event that made it, 2 named by what it is.
    kind: u8,
    /// The site, or the hash of what it is.
    head: [u8; 16],
    /// The entry's sequence; 0 when named by what it is.
    seq: u64,
    /// The event's place in the entry; 0 when named by what it is.
    index: u16,
}

impl Frozen<EntityId> for IdV1 {
    fn freeze(value: &EntityId) -> Result<Self, Trouble> {
        Ok(match value {
            EntityId::Made(dot) => Self {
                kind: 1,
                head: dot.site.0,
                seq: dot.seq,
                index: dot.index,
            },
            EntityId::Natural(hash) => Self {
                kind: 2,
                head: *hash,
                seq: 0,
                index: 0,
            },
        })
    }
    fn thaw(self) -> Result<EntityId, Trouble> {
        match (self.kind, self.seq, self.index) {
            (1, seq, index) => Ok(EntityId::Made(Dot {
                site: SiteId(self.head),
                seq,
                index,
            })),
            (2, 0, 0) => Ok(EntityId::Natural(self.head)),
            (0 | 2, _, _) => Err(Trouble::damaged("an id that names nothing")),
            _ => Err(Trouble::Newer),
        }
    }
}

/// The id of an event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DotV1 {
    /// The site that wrote it.
    site: [u8; 16],
    /// The entry's sequence there.
    seq: u64,
    /// The event's place in the entry.
    index: u16,
}

impl Frozen<Dot> for DotV1 {
    fn freeze(value: &Dot) -> Result<Self, Trouble> {
        Ok(Self {
            site: value.site.0,
            seq: value.seq,
            index: value.index,
        })
    }
    fn thaw(self) -> Result<Dot, Trouble> {
        Ok(Dot {
            site: SiteId(self.site),
            seq: self.seq,
            index: self.index,
        })
    }
}

/// A site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SiteV1([u8; 16]);

impl Frozen<SiteId> for SiteV1 {
    fn freeze(value: &SiteId) -> Result<Self, Trouble> {
        Ok(Self(value.0))
    }
    fn thaw(self) -> Result<SiteId, Trouble> {
        Ok(SiteId(self.0))
    }
}

/// A moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MomentV1 {
    /// Microseconds since 1970-01-01 00:00 UTC.
    micros: i64,
    /// Minutes east of UTC.
    offset: i16,
}

impl Frozen<Moment> for MomentV1 {
    fn freeze(value: &Moment) -> Result<Self, Trouble> {
        Ok(Self {
            micros: value.micros,
            offset: value.offset,
        })
    }
    fn thaw(self) -> Result<Moment, Trouble> {
        Ok(Moment {
            micros: self.micros,
            offset: self.offset,
        })
    }
}

record! {
    /// One entry that a signature covers.
    CoveredV1 of Covered {
        site: SiteV1,
        seq: u64,
        hash: [u8; 32],
    }
}

record! {
    /// A signature.
    SignatureV1 of Signature {
        signer: String,
        name: String,
        at: MomentV1,
        meaning: u16,
        list: [u8; 32],
        covers: Vec<CoveredV1>,
        public: [u8; 32],
        bytes: Bytes,
    }
}

codes!(Meaning, Outcome, FailureCause);
