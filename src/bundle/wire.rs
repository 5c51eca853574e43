//! The header of a bundle as it stands in the file, version 1. Frozen: see the table in [`super::format`].

use serde::{Deserialize, Serialize};

use crate::journal::wire::Bytes;

/// One header.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct HeaderV1 {
    /// The site that made the bundle.
    pub author: [u8; 16],
    /// Its ed25519 public key.
    pub author_key: [u8; 32],
    /// Its shop's name.
    pub shop: String,
    /// The program's version.
    pub app: String,
    /// Hybrid time of making.
    pub created_hybrid: u64,
    /// Wall time of making, microseconds since 1970 UTC.
    pub created_wall_us: i64,
    /// Minutes east of UTC.
    pub created_offset: i16,
    /// How many entries the body holds.
    pub entries: u64,
    /// Length of the entry stream, uncompressed.
    pub raw_bytes: u64,
    /// Length of the body in the file.
    pub body_bytes: u64,
    /// blake3 of the body as it stands in the file.
    pub body_hash: [u8; 32],
    /// What it carries.
    pub ranges: Vec<RangeV1>,
    /// What must be known for it to join: site and sequence.
    pub needs: Vec<([u8; 16], u64)>,
    /// What the author has: site and sequence.
    pub have: Vec<([u8; 16], u64)>,
    /// Where the author knows sites to be: site, sequence, hash.
    pub witnessed: Vec<([u8; 16], u64, [u8; 32])>,
    /// Heads signed by their own sites.
    pub heads: Vec<HeadRowV1>,
    /// For whom the body is encrypted: site, x25519 public key.
    pub recipients: Vec<([u8; 16], [u8; 32])>,
    /// The inspection that a sign-off bundle is about, in its 27-byte key form.
    pub inspection: Option<[u8; 27]>,
    /// For later formats; empty in this one.
    pub extra: Bytes,
}

/// A run of entries of one site.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RangeV1 {
    /// The site.
    pub site: [u8; 16],
    /// The first sequence.
    pub from: u64,
    /// The last sequence.
    pub to: u64,
    /// Hash of the entry before the first; zero at sequence 1.
    pub before: [u8; 32],
    /// Hash of the last entry.
    pub last: [u8; 32],
}

/// A head signed by its own site.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HeadRowV1 {
    /// The site's ed25519 public key.
    pub key: [u8; 32],
    /// The sequence.
    pub seq: u64,
    /// The hash of that entry.
    pub hash: [u8; 32],
    /// That entry's wall time, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// The signature in two halves.
    pub signature: ([u8; 32], [u8; 32]),
}
