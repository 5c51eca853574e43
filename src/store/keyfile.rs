//! The site's private key in its own file, readable by the owner only.
//!
//! The file holds the 32-byte seed and nothing else; its name is the site, which the seed's public key must give.

use crate::domain::id::SiteId;
use crate::journal::SiteKey;

use super::error::StoreError;
use super::layout::Layout;
use super::vfs::{Vfs, read_all, write_whole};

/// Reads a site's key; `None` if the file is absent or does not hold this site's key.
pub fn read(vfs: &dyn Vfs, layout: &Layout, site: SiteId) -> Option<SiteKey> {
    let bytes = read_all(vfs, &layout.key(site), 32).ok()?;
    let key = SiteKey::from_seed(bytes.try_into().ok()?);
    (key.site() == site).then_some(key)
}

/// Writes a key, durably.
pub fn write(vfs: &dyn Vfs, layout: &Layout, key: &SiteKey) -> Result<(), StoreError> {
    let path = layout.key(key.site());
    write_whole(vfs, &path, &key.seed()).map_err(|e| StoreError::file("could not write", &path, e))
}

/// A new key: from the given seed, or from the system's randomness.
pub fn mint(seed: Option<[u8; 32]>) -> Result<SiteKey, StoreError> {
    Ok(SiteKey::from_seed(match seed {
        Some(seed) => seed,
        None => random()?,
    }))
}

/// 32 random bytes of the system.
pub fn random() -> Result<[u8; 32], StoreError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| {
        StoreError::Draft(format!("the system gave no random numbers for a key ({e})"))
    })?;
    Ok(bytes)
}
