//! Signed heads: a site's statement "my last entry is this one", kept outside the store and given to others.
//!
//! A head that is ahead of the journal proves that the journal was set back.

use crate::domain::id::{Hash, SiteId};

use super::codec::{self, CodecError};
use super::site::{self, SiteKey};
use super::wire::Bytes;
use super::wire::system_v1::HeadV1;

/// A site's last entry, signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The site.
    pub site: SiteId,
    /// Its last sequence.
    pub seq: u64,
    /// The hash of that entry.
    pub hash: Hash,
    /// That entry's wall time, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// ed25519 signature of the site, 64 bytes.
    pub signature: Vec<u8>,
}

fn signed_bytes(site: SiteId, seq: u64, hash: Hash, wall_us: i64) -> Vec<u8> {
    let mut out = b"tagout head 1".to_vec();
    out.extend_from_slice(&site.0);
    out.extend_from_slice(&seq.to_le_bytes());
    out.extend_from_slice(&hash.0);
    out.extend_from_slice(&wall_us.to_le_bytes());
    out
}

impl Head {
    /// Signs a head with the site's key.
    pub fn sign(key: &SiteKey, seq: u64, hash: Hash, wall_us: i64) -> Self {
        let site = key.site();
        let signature = key.sign(&signed_bytes(site, seq, hash, wall_us)).to_vec();
        Self {
            site,
            seq,
            hash,
            wall_us,
            signature,
        }
    }

    /// True if the site with this public key signed this head.
    pub fn verify(&self, public: &[u8; 32]) -> bool {
        site::site_of(public) == self.site
            && site::verify(
                public,
                &signed_bytes(self.site, self.seq, self.hash, self.wall_us),
                &self.signature,
            )
    }

    /// The bytes of the head's file.
    pub fn encode(&self) -> Result<Vec<u8>, CodecError> {
        codec::encode(&HeadV1 {
            site: self.site.0,
            seq: self.seq,
            hash: self.hash.0,
            wall_us: self.wall_us,
            signature: Bytes(self.signature.clone()),
        })
    }

    /// Reads the bytes of a head's file. The signature is not checked here.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let wire: HeadV1 = codec::decode(bytes)?;
        Ok(Self {
            site: SiteId(wire.site),
            seq: wire.seq,
            hash: Hash(wire.hash),
            wall_us: wire.wall_us,
            signature: wire.signature.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_head_does_not_verify() {
        let key = SiteKey::from_seed([5; 32]);
        let head = Head::sign(&key, 12, Hash([9; 32]), 77);
        let read = Head::decode(&head.encode().unwrap()).unwrap();
        assert_eq!(read, head);
        assert!(read.verify(&key.public()));
        assert!(
            !Head {
                seq: 13,
                ..head.clone()
            }
            .verify(&key.public())
        );
        assert!(!head.verify(&SiteKey::from_seed([6; 32]).public()));
    }
}
