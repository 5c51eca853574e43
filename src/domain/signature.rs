//! A technician's signature over a record: who, when, what it means, and the bytes that prove it.
//!
//! The signed text lists every entry of the record (dot and entry hash), the procedure's hash and the tools' entries;
//! its blake3 hash, the signer, the time and the meaning are what the ed25519 key signs.

use serde::{Deserialize, Serialize};

use super::choices::choices;
use super::id::Hash;
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
    /// Hash of the list of signed entries.
    pub list: Hash,
    /// The signer's public key.
    pub public: [u8; 32],
    /// The ed25519 signature, 64 bytes.
    pub bytes: Vec<u8>,
}

impl Signature {
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
