//! A site's statement of what it had when it synced last: for people who ask how far the others are, and for a site whose
//! bundle another one could not read.
//!
//! Invariants: signed by the site it speaks of; advice only. The layout is frozen: a change is a new format number.
//!
//! | bytes | what |
//! | --- | --- |
//! | 2 | format, little endian: 1 |
//! | the rest | the struct `HaveV1` as the journal encodes values |

use serde::{Deserialize, Serialize};

use crate::journal::codec;
use crate::journal::site::{site_of, verify};
use crate::journal::wire::Bytes;
use crate::journal::{SiteId, SiteKey, VersionVector};

/// The format that is written.
const FORMAT: u16 = 1;
/// A statement longer than this is not read, in bytes.
pub const LONGEST: usize = 1 << 20;
/// Names of damaged bundles in one statement at most.
const MOST_DAMAGED: usize = 64;
/// The longest key that is named, in bytes.
const LONGEST_KEY: usize = 256;

/// What a site has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Have {
    /// The site's ed25519 public key; the site is named after it.
    pub key: [u8; 32],
    /// When it said so, by its own clock, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// What it has.
    pub vector: VersionVector,
    /// Keys of bundles that it found damaged: whoever has their entries puts them there again.
    pub damaged: Vec<String>,
    signature: [u8; 64],
}

#[derive(Serialize, Deserialize)]
struct HaveV1 {
    key: [u8; 32],
    wall_us: i64,
    vector: Vec<([u8; 16], u64)>,
    damaged: Vec<String>,
    signature: Bytes,
}

/// Why a statement is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HaveError {
    /// It is no statement.
    #[error("it is no statement of a site: {0}")]
    Malformed(String),
    /// It was written by a later version.
    #[error("it was written by a newer tagout (format {0})")]
    Newer(u16),
    /// Somebody else wrote it.
    #[error("its site did not sign it")]
    Forged,
}

impl Have {
    /// Says and signs what a site has. Of the damaged bundles only the first 64 are named.
    pub fn sign(key: &SiteKey, wall_us: i64, vector: VersionVector, damaged: &[String]) -> Self {
        let named = damaged.iter().filter(|name| name.len() <= LONGEST_KEY);
        let damaged: Vec<String> = named.take(MOST_DAMAGED).cloned().collect();
        let public = key.public();
        let signature = key.sign(&signed(&public, wall_us, &vector, &damaged));
        Self {
            key: public,
            wall_us,
            vector,
            damaged,
            signature,
        }
    }

    /// The site that it speaks of.
    pub fn site(&self) -> SiteId {
        site_of(&self.key)
    }

    /// True if it says the same as another one, whenever that was.
    pub fn says_as(&self, other: &Self) -> bool {
        (self.key, &self.vector, &self.damaged) == (other.key, &other.vector, &other.damaged)
    }

    /// Its bytes.
    pub fn encode(&self) -> Result<Vec<u8>, HaveError> {
        let wire = HaveV1 {
            key: self.key,
            wall_us: self.wall_us,
            vector: self
                .vector
                .iter()
                .map(|(site, seq)| (site.0, seq))
                .collect(),
            damaged: self.damaged.clone(),
            signature: Bytes(self.signature.to_vec()),
        };
        let body = codec::encode(&wire).map_err(|e| HaveError::Malformed(e.to_string()))?;
        let mut out = FORMAT.to_le_bytes().to_vec();
        out.extend(body);
        Ok(out)
    }

    /// Reads bytes, and checks that the site signed them.
    pub fn decode(bytes: &[u8]) -> Result<Self, HaveError> {
        let malformed = |words: &str| HaveError::Malformed(words.to_owned());
        if bytes.len() > LONGEST {
            return Err(malformed("it is too long"));
        }
        let (format, body) = bytes
            .split_first_chunk::<2>()
            .ok_or_else(|| malformed("it is cut off"))?;
        match u16::from_le_bytes(*format) {
            FORMAT => {}
            0 => return Err(malformed("it has no format")),
            newer => return Err(HaveError::Newer(newer)),
        }
        let wire: HaveV1 = codec::decode(body).map_err(|e| HaveError::Malformed(e.to_string()))?;
        let signature =
            <[u8; 64]>::try_from(wire.signature.0.as_slice()).map_err(|_| HaveError::Forged)?;
        if wire.damaged.len() > MOST_DAMAGED {
            return Err(malformed("it names too many bundles"));
        }
        let have = Self {
            key: wire.key,
            wall_us: wire.wall_us,
            vector: wire
                .vector
                .iter()
                .map(|(site, seq)| (SiteId(*site), *seq))
                .collect(),
            damaged: wire.damaged,
            signature,
        };
        let words = signed(&have.key, have.wall_us, &have.vector, &have.damaged);
        if !verify(&have.key, &words, &have.signature) {
            return Err(HaveError::Forged);
        }
        Ok(have)
    }
}

/// The bytes that are signed.
fn signed(key: &[u8; 32], wall_us: i64, vector: &VersionVector, damaged: &[String]) -> Vec<u8> {
    let mut out = b"tagout have 1".to_vec();
    out.extend_from_slice(key);
    out.extend_from_slice(&wall_us.to_le_bytes());
    out.extend_from_slice(&(vector.len() as u64).to_le_bytes());
    for (site, seq) in vector.iter() {
        out.extend_from_slice(&site.0);
        out.extend_from_slice(&seq.to_le_bytes());
    }
    for name in damaged {
        out.extend_from_slice(&(name.len() as u64).to_le_bytes());
        out.extend_from_slice(name.as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> Have {
        let vector = [(SiteId([3; 16]), 7), (SiteId([9; 16]), 1 << 40)];
        Have::sign(
            &SiteKey::from_seed([4; 32]),
            1_795_435_200_000_000,
            vector.into_iter().collect(),
            &["sites/ab/x.tagout".to_owned()],
        )
    }

    #[test]
    fn what_a_site_said_is_read_as_it_was() {
        let have = sample();
        let read = Have::decode(&have.encode().unwrap()).unwrap();
        assert_eq!(read, have);
        assert_eq!(read.site(), SiteKey::from_seed([4; 32]).site());
        let many: Vec<String> = (0..100).map(|n| format!("{n}")).collect();
        let have = Have::sign(
            &SiteKey::from_seed([4; 32]),
            0,
            VersionVector::default(),
            &many,
        );
        assert_eq!(
            Have::decode(&have.encode().unwrap()).unwrap().damaged.len(),
            64
        );
    }

    #[test]
    fn a_newer_one_is_told_as_such() {
        let mut bytes = sample().encode().unwrap();
        bytes[0] = 2;
        assert_eq!(Have::decode(&bytes), Err(HaveError::Newer(2)));
        assert!(matches!(Have::decode(&[]), Err(HaveError::Malformed(_))));
    }

    /// The layout is frozen.
    #[test]
    fn the_bytes_stay() {
        let bytes = sample().encode().unwrap();
        let hash = blake3::hash(&bytes).to_hex();
        assert_eq!(
            &hash[..16],
            GOLDEN,
            "the layout of a released format changed"
        );
    }

    const GOLDEN: &str = "ccbd18ff18657c54";

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_changed_byte_is_never_believed(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let mut bytes = sample().encode().unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(Have::decode(&bytes).is_err());
        }

        #[test]
        fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(Have::decode(&bytes).is_err());
            let mut with_format = vec![1, 0];
            with_format.extend(bytes);
            prop_assert!(Have::decode(&with_format).is_err());
        }
    }
}
