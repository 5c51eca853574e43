//! A technician's signature over a record: who, when, what it means, and the bytes that prove it.
//!
//! The signed text lists every entry of the record (dot and entry hash), the procedure's hash and the tools' entries;
//! its blake3 hash, the signer, the time and the meaning are what the ed25519 key signs.

use serde::{Deserialize, Serialize};

use super::choices::choices;
use super::id::{EntityId, Hash, SiteId};
use super::time::Moment;

choices! {
    /// What a signature says.
    Meaning {
        /// I did this work.
        Performed = 1, "performed", "performed by";
        /// I read this and found it in order.
        Reviewed = 2, "reviewed", "reviewed by";
        /// I approve this.
        Approved = 3, "approved", "approved by";
        /// I did these steps again and stand for them.
        Reverified = 4, "reverified", "re-verified by";
    }
}

/// One entry that a signature covers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Covered {
    /// The site that wrote it.
    pub site: SiteId,
    /// Its sequence there.
    pub seq: u64,
    /// The blake3 hash of its stored bytes.
    pub hash: Hash,
}

/// One signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Signature {
    /// The technician's key (short name).
    pub signer: String,
    /// Their printed name at the time.
    pub name: String,
    /// When.
    pub at: Moment,
    /// What it says.
    pub meaning: Meaning,
    /// Hash of the list of signed entries, procedure and tools.
    pub list: Hash,
    /// The list: every entry of the record and of its tools, by site, sequence and entry hash.
    pub covers: Vec<Covered>,
    /// The signer's public key.
    pub public: [u8; 32],
    /// The ed25519 signature, 64 bytes.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// The hash that stands for the list: the inspection or order, the procedure documents, and every entry covered.
    pub fn list_hash(record: EntityId, documents: &[Hash], covers: &[Covered]) -> Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"tagout record 1");
        hasher.update(&record.key());
        hasher.update(&(documents.len() as u64).to_le_bytes());
        for document in documents {
            hasher.update(&document.0);
        }
        for entry in covers {
            hasher.update(&entry.site.0);
            hasher.update(&entry.seq.to_le_bytes());
            hasher.update(&entry.hash.0);
        }
        Hash(*hasher.finalize().as_bytes())
    }

    /// The bytes that are signed: fixed order, length-prefixed texts, so that no two records give the same bytes.
    pub fn message(signer: &str, name: &str, at: Moment, meaning: Meaning, list: Hash) -> Vec<u8> {
        let mut out = b"tagout signature 1".to_vec();
        for text in [signer, name] {
            out.extend_from_slice(&(text.len() as u64).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(&at.micros.to_le_bytes());
        out.extend_from_slice(&at.offset.to_le_bytes());
        out.extend_from_slice(&meaning.code().to_le_bytes());
        out.extend_from_slice(&list.0);
        out
    }
}
