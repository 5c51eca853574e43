//! Version 1 of the journal's own events (Genesis, Include, Merge) and of a signed head. Frozen.

use serde::{Deserialize, Serialize};

use super::Bytes;

/// The schema number of these bodies.
pub const SCHEMA: u16 = 1;

/// The first entry of every site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GenesisV1 {
    /// ed25519 public key.
    pub public_key: [u8; 32],
    /// The shop's name.
    pub shop: String,
    /// Prefix of the shop's numbers.
    pub prefix: String,
    /// IANA zone name.
    pub zone: String,
    /// Hash of the machine's id; zero if unknown.
    pub machine: [u8; 32],
    /// The site that this one continues: site, last sequence known, hash of that entry.
    pub continues: Option<([u8; 16], u64, [u8; 32])>,
    /// 1 for a demonstration store.
    pub demo: u8,
}

/// Takes a whole segment file in by one short entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IncludeV1 {
    /// blake3 of the segment file.
    pub file: [u8; 32],
    /// How many entries it holds.
    pub count: u64,
    /// The first sequence in it.
    pub first: u64,
    /// The last sequence in it.
    pub last: u64,
}

/// What was known of other sites when their entries were taken in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MergeV1 {
    /// Highest sequence per site, sorted by site.
    pub seen: Vec<([u8; 16], u64)>,
}

/// A signed head.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HeadV1 {
    /// The site.
    pub site: [u8; 16],
    /// Its last sequence.
    pub seq: u64,
    /// The hash of that entry.
    pub hash: [u8; 32],
    /// That entry's wall time, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// ed25519 signature (64 bytes).
    pub signature: Bytes,
}
