//! A site's identity: an ed25519 key pair. The public key's hash is the site's name for ever.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use zeroize::Zeroizing;

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

    /// The x25519 secret of the same key pair: opens what was encrypted for [`x25519_of`] the public key.
    pub fn x25519_secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_scalar_bytes())
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

/// The x25519 public key of the site with this ed25519 public key, so that one key names, signs and receives; `None` if
/// it is no key or a weak one.
pub fn x25519_of(public: &[u8; 32]) -> Option<[u8; 32]> {
    let key = VerifyingKey::from_bytes(public).ok()?;
    (!key.is_weak()).then(|| key.to_montgomery().to_bytes())
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
    fn one_key_receives_too() {
        for seed in 0..20 {
            let key = SiteKey::from_seed([seed; 32]);
            let public = curve25519_dalek::MontgomeryPoint::mul_base_clamped(*key.x25519_secret());
            assert_eq!(x25519_of(&key.public()), Some(public.to_bytes()));
        }
        assert_eq!(x25519_of(&[0; 32]), None);
    }

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
