//! Version 1 of a journal entry as stored. Frozen.
//!
//! The fields of fixed length come first, so that a walk along the chain reads site, sequence and previous hash at
//! fixed places without decoding the events.

use serde::{Deserialize, Serialize};

use super::Bytes;

/// The version number that begins every stored entry of this layout.
pub const VERSION: u16 = 1;
/// Bytes before the actor: everything of fixed length.
pub const FIXED: usize = 2 + 16 + 8 + 8 + 8 + 16 + 2 + 4 + 16 + 32;

/// One entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EntryV1 {
    /// Always [`VERSION`].
    pub version: u16,
    /// The writing site.
    pub site: [u8; 16],
    /// Its sequence there, from 1.
    pub seq: u64,
    /// Hybrid time: 48 bits of milliseconds, 16 bits of counter.
    pub hybrid: u64,
    /// Wall time, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// The machine's boot id; zero if unknown.
    pub boot_id: [u8; 16],
    /// Minutes east of UTC.
    pub offset_minutes: i16,
    /// The Unix account that asked; `u32::MAX` if unknown.
    pub peer_uid: u32,
    /// The command's id.
    pub command: [u8; 16],
    /// blake3 of the stored bytes of this site's previous entry; zero for its first.
    pub previous: [u8; 32],
    /// The technician's key, at most 64 bytes of text.
    pub actor: String,
    /// What happened.
    pub events: Vec<EventV1>,
}

/// One event in its envelope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventV1 {
    /// What kind of thing the event is about.
    pub aggregate_kind: u16,
    /// The thing's id in its 27-byte key form.
    pub aggregate: Bytes,
    /// What kind of event.
    pub kind: u16,
    /// The version of the body's layout.
    pub schema: u16,
    /// The body, opaque here.
    pub body: Bytes,
}
