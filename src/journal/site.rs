//! A site's identity: an ed25519 key pair. The public key's hash is the site's name for ever.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::domain::id::SiteId;

/// A site's private key. Lives in its own file in the store; never in the journal, never in a bundle.
pub struct SiteKey(SigningKey);

impl SiteKey {
    /// The key that this seed gives: the same seed, the same key. Only demonstrations and tests choose their seed.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// The seed, for the key file.
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public key, as Genesis carries it.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The site's id.
    pub fn site(&self) -> SiteId {
        site_of(&self.public())
    }

    /// Signs these bytes.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

impl std::fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "key of {:?}", self.site())
    }
}

/// The id of the site with this public key: the first 16 bytes of its blake3 hash.
pub fn site_of(public: &[u8; 32]) -> SiteId {
    let mut id = [0; 16];
    id.copy_from_slice(&blake3::hash(public).as_bytes()[..16]);
    SiteId(id)
}

/// True if this is the public key's signature over these bytes. Weak keys are refused.
pub fn verify(public: &[u8; 32], bytes: &[u8], signature: &[u8]) -> bool {
    let Ok(signature) = Signature::from_slice(signature) else {
        return false;
    };
    VerifyingKey::from_bytes(public).is_ok_and(|key| key.verify_strict(bytes, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_bytes_and_key_only() {
        let key = SiteKey::from_seed([3; 32]);
        let signature = key.sign(b"head");
        assert!(verify(&key.public(), b"head", &signature));
        assert!(!verify(&key.public(), b"Head", &signature));
        assert!(!verify(
            &SiteKey::from_seed([4; 32]).public(),
            b"head",
            &signature
        ));
        assert!(!verify(&key.public(), b"head", &signature[..63]));
        assert_eq!(key.site(), SiteKey::from_seed([3; 32]).site());
        assert!(!format!("{key:?}").contains("0303"));
    }
}
