//! The journal's own events that came with the exchange between shops: Merge in its second layout, and what a shop
//! decides and notes about other sites. Frozen.

use serde::{Deserialize, Serialize};

use super::Bytes;

/// The schema number of [`MergeV2`].
pub const MERGE_SCHEMA: u16 = 2;

/// What was known of other sites when their entries were taken in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MergeV2 {
    /// Highest sequence per site, sorted by site.
    pub seen: Vec<([u8; 16], u64)>,
    /// The latest fold time of anything that was known.
    pub after: u64,
}

/// A person of this shop trusts a site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrustV1 {
    /// Its ed25519 public key.
    pub public_key: [u8; 32],
    /// What it is called here; empty for the name that it gives itself.
    pub name: String,
}

/// What a site is called here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RenameV1 {
    /// The name; empty for the one that the site gives itself.
    pub name: String,
}

/// Nothing that a site writes after this sequence counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RevokeV1 {
    /// The last sequence that counts.
    pub after: u64,
    /// Why.
    pub reason: String,
}

/// Two different entries of one site with one sequence were met.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ForkV1 {
    /// The sequence.
    pub seq: u64,
    /// The entry that counts here.
    pub kept: [u8; 32],
    /// The other one.
    pub other: [u8; 32],
    /// The site whose bundle brought the other one.
    pub from: [u8; 16],
}

/// A site's clock was ahead of the clock here when its entries were taken in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AheadV1 {
    /// The entry that was furthest ahead.
    pub seq: u64,
    /// By how many milliseconds.
    pub ahead_ms: u64,
}

/// A head that a site signed, kept so that its entries can be passed on with it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WitnessV1 {
    /// The site's ed25519 public key.
    pub public_key: [u8; 32],
    /// The head as in its file.
    pub head: Bytes,
}
