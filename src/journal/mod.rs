//! Entries, site identity (ed25519), hybrid logical clock, hash chain, version vector and the one versioned codec.
//!
//! May use: `domain`. Knows nothing of files or sled.
//! Invariants: hashes and signatures are taken over *stored bytes*, never over re-encoded values; domain types never
//! reach bincode here, only the frozen structs of `wire` do; an unknown kind is kept byte for byte.

pub mod chain;
pub mod clock;
pub mod codec;
mod entry;
#[cfg(test)]
mod golden;
pub mod head;
pub mod notes;
pub mod site;
pub mod system;
mod vector;
pub mod wire;

pub use crate::domain::id::{CommandId, Dot, EntityId, Hash, SiteId};
pub use clock::{Clock, HybridTime};
pub use entry::{
    AggregateRef, Entry, EntryFace, EventRecord, MAX_ACTOR, MAX_ENTRY, first_kind,
    hash_of as entry_hash,
};
pub use head::Head;
pub use site::SiteKey;
pub use vector::VersionVector;
