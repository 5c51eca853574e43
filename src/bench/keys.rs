//! Technicians' signing keys: sealed files beside the journal, never synced.
//!
//! A file holds the ed25519 seed, encrypted with a key that argon2id stretches from the passphrase. Losing the file or
//! the passphrase loses nothing but the ability to sign with that key: a new one is enrolled.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use argon2::Argon2;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use zeroize::Zeroizing;

use crate::journal::SiteKey;

const MAGIC: &[u8; 8] = b"TAGKEY01";
/// The shortest passphrase, in characters.
pub const SHORTEST: usize = 8;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No key file.
    #[error("{0} has no signing key here. Enrol one with `tagout tech key {0}`")]
    Missing(String),
    /// Wrong passphrase, or a damaged file.
    #[error("the passphrase does not open the key of {0}. Nothing was signed; try again")]
    Wrong(String),
    /// The passphrase is too short.
    #[error("the passphrase is too short: use at least {SHORTEST} characters")]
    Short,
    /// A file could not be read or written.
    #[error("{doing} {path}: {source}. The records are untouched", path = path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gave no randomness, or the stretching failed.
    #[error("a key could not be made on this machine: {0}. Nothing was changed")]
    Machine(String),
}

/// The name of the folder of sealed keys in a store.
pub const TECHNICIANS: &str = "technicians";

/// The folder of sealed keys in a store.
pub struct KeyRing {
    dir: PathBuf,
}

impl KeyRing {
    /// The ring of a store.
    pub fn of(store: &Path) -> Self {
        Self {
            dir: store.join(TECHNICIANS),
        }
    }

    fn path(&self, technician: &str) -> PathBuf {
        self.dir.join(format!("{technician}.key"))
    }

    /// True if a key of this technician is here.
    pub fn has(&self, technician: &str) -> bool {
        self.path(technician).exists()
    }

    /// Makes a key and seals it. An older file is kept beside it.
    pub fn create(
        &self,
        technician: &str,
        passphrase: &str,
        seed: Option<[u8; 32]>,
    ) -> Result<SiteKey, KeyError> {
        if passphrase.chars().count() < SHORTEST {
            return Err(KeyError::Short);
        }
        let seed = Zeroizing::new(match seed {
            Some(seed) => seed,
            None => random()?,
        });
        let made = cheap(&seed);
        let salt = if made { DEMO_SALT } else { random()? };
        let nonce = if made { [7; 12] } else { random()? };
        let key = stretch(passphrase, &salt)?;
        self.seal(technician, &seed, &salt, nonce, &key)
    }

    /// As [`KeyRing::create`] for several seeds of a demonstration with one passphrase, which is stretched once for all.
    pub fn create_made(
        &self,
        seeds: &[(&str, [u8; 32])],
        passphrase: &str,
    ) -> Result<(), KeyError> {
        let key = stretch(passphrase, &DEMO_SALT)?;
        for (technician, seed) in seeds {
            self.seal(technician, seed, &DEMO_SALT, [7; 12], &key)?;
        }
        Ok(())
    }

    fn seal(
        &self,
        technician: &str,
        seed: &[u8; 32],
        salt: &[u8; 16],
        nonce: [u8; 12],
        key: &Zeroizing<[u8; 32]>,
    ) -> Result<SiteKey, KeyError> {
        let sealed = ChaCha20Poly1305::new(Key::from_slice(key.as_ref()))
            .encrypt(Nonce::from_slice(&nonce), seed.as_slice())
            .map_err(|error| KeyError::Machine(error.to_string()))?;
        let path = self.path(technician);
        let file = |doing, source| KeyError::File {
            doing,
            path: path.clone(),
            source,
        };
        fs::create_dir_all(&self.dir).map_err(|e| file("could not make the folder of", e))?;
        fs::set_permissions(&self.dir, fs::Permissions::from_mode(0o700))
            .map_err(|e| file("could not protect the folder of", e))?;
        // Under another name until it is whole: a crash leaves the old key or the new one, never half of one.
        let unfinished = path.with_extension("key.tmp");
        if unfinished.exists() {
            fs::remove_file(&unfinished).map_err(|e| file("could not write", e))?;
        }
        let mut out = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)
            .map_err(|e| file("could not write", e))?;
        [MAGIC.as_slice(), salt, &nonce, &sealed]
            .into_iter()
            .try_for_each(|part| out.write_all(part))
            .and_then(|()| out.sync_all())
            .map_err(|e| file("could not write", e))?;
        if path.exists() {
            let old = path.with_extension("key.old");
            if old.exists() {
                fs::remove_file(&old).map_err(|e| file("could not keep the old", e))?;
            }
            // Both names for a moment, where the file system can do that.
            fs::hard_link(&path, &old)
                .or_else(|_| fs::rename(&path, &old))
                .map_err(|e| file("could not keep the old", e))?;
        }
        fs::rename(&unfinished, &path)
            .and_then(|()| fs::File::open(&self.dir)?.sync_all())
            .map_err(|e| file("could not write", e))?;
        Ok(SiteKey::from_seed(*seed))
    }

    /// The files of the sealed keys, with lengths.
    pub fn files(&self) -> Result<Vec<(String, u64)>, KeyError> {
        let failed = |source| KeyError::File {
            doing: "could not read",
            path: self.dir.clone(),
            source,
        };
        let files = match fs::read_dir(&self.dir) {
            Ok(files) => files,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(failed(source)),
        };
        let mut out = Vec::new();
        for file in files.flatten() {
            let len = file.metadata().map_err(failed)?.len();
            out.push((file.file_name().to_string_lossy().into_owned(), len));
        }
        out.sort();
        Ok(out)
    }

    /// A piece of one of these files, from this byte on.
    pub fn piece(&self, name: &str, offset: u64, longest: usize) -> Result<Vec<u8>, KeyError> {
        let path = self.dir.join(name);
        let failed = |source| KeyError::File {
            doing: "could not read",
            path: path.clone(),
            source,
        };
        if name.contains(['/', '\\']) || name.starts_with('.') {
            return Err(failed(std::io::ErrorKind::InvalidInput.into()));
        }
        let bytes = fs::read(&path).map_err(failed)?;
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| bytes.get(offset..))
            .unwrap_or_default();
        Ok(rest[..rest.len().min(longest)].to_vec())
    }

    /// Puts a sealed key that was copied from elsewhere into this place, durably.
    pub fn put(&self, name: &str, sealed: &[u8]) -> Result<(), KeyError> {
        let to = self.dir.join(name);
        let written = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)
            .and_then(|()| {
                fs::OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(&to)
            })
            .and_then(|mut file| {
                file.write_all(sealed)?;
                file.sync_all()
            });
        written.map_err(|source| KeyError::File {
            doing: "could not copy a signing key to",
            path: to,
            source,
        })
    }

    /// Opens a sealed key.
    pub fn unlock(&self, technician: &str, passphrase: &str) -> Result<SiteKey, KeyError> {
        open(&self.path(technician), technician, passphrase)
    }

    /// Opens the key with this public half: the file in place, or the one before it, which a replacement that was cut short
    /// left beside it; that one takes its place again.
    pub fn unlock_in_force(
        &self,
        technician: &str,
        passphrase: &str,
        public: &[u8; 32],
    ) -> Result<SiteKey, KeyError> {
        let path = self.path(technician);
        let before = path.with_extension("key.old");
        let opened = self.unlock(technician, passphrase);
        if opened.as_ref().is_ok_and(|key| key.public() == *public) || !before.exists() {
            return opened;
        }
        match open(&before, technician, passphrase) {
            Ok(key) if key.public() == *public => {
                fs::rename(&before, &path)
                    .and_then(|()| fs::File::open(&self.dir)?.sync_all())
                    .map_err(|source| KeyError::File {
                        doing: "could not put back the key in",
                        path,
                        source,
                    })?;
                Ok(key)
            }
            _ => opened,
        }
    }
}

fn open(path: &Path, technician: &str, passphrase: &str) -> Result<SiteKey, KeyError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(KeyError::Missing(technician.to_owned()));
        }
        Err(source) => {
            return Err(KeyError::File {
                doing: "could not read",
                path: path.to_owned(),
                source,
            });
        }
    };
    let wrong = || KeyError::Wrong(technician.to_owned());
    let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or_else(wrong)?;
    let (salt, rest) = rest.split_at_checked(16).ok_or_else(wrong)?;
    let (nonce, sealed) = rest.split_at_checked(12).ok_or_else(wrong)?;
    let key = stretch(passphrase, salt)?;
    let seed = Zeroizing::new(
        ChaCha20Poly1305::new(Key::from_slice(key.as_ref()))
            .decrypt(Nonce::from_slice(nonce), sealed)
            .map_err(|_| wrong())?,
    );
    let seed: [u8; 32] = seed.as_slice().try_into().map_err(|_| wrong())?;
    Ok(SiteKey::from_seed(seed))
}

/// The salt of a demonstration, whose files follow from its seed.
const DEMO_SALT: [u8; 16] = [7; 16];

/// A seed of a demonstration begins with a fixed mark: its file is made of fixed bytes so that two runs are equal.
fn cheap(seed: &[u8; 32]) -> bool {
    seed.starts_with(b"demo")
}

fn stretch(passphrase: &str, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut key = Zeroizing::new([0u8; 32]);
    Argon2::default()
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut())
        .map_err(|error| KeyError::Machine(error.to_string()))?;
    Ok(key)
}

/// Random bytes from the system.
pub fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(|error| KeyError::Machine(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_passphrase_opens_a_key() {
        let dir = tempfile::tempdir().unwrap();
        let ring = KeyRing::of(dir.path());
        assert!(matches!(
            ring.unlock("jd", "whatever"),
            Err(KeyError::Missing(_))
        ));
        assert!(matches!(
            ring.create("jd", "short", None),
            Err(KeyError::Short)
        ));
        let made = ring.create("jd", "correct horse", None).unwrap();
        assert_eq!(
            ring.unlock("jd", "correct horse").unwrap().public(),
            made.public()
        );
        assert!(matches!(
            ring.unlock("jd", "correct house"),
            Err(KeyError::Wrong(_))
        ));
        let mode = fs::metadata(ring.path("jd")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let other = tempfile::tempdir().unwrap();
        let copy = KeyRing::of(other.path());
        for (name, len) in ring.files().unwrap() {
            let sealed = ring.piece(&name, 0, 1 << 20).unwrap();
            assert_eq!(sealed.len() as u64, len);
            copy.put(&name, &sealed).unwrap();
        }
        assert!(ring.piece("../keys/site.key", 0, 9).is_err());
        let copied = copy.unlock("jd", "correct horse").unwrap();
        assert_eq!(copied.public(), made.public());
        // A new one whose enrolment was cut short gives way to the one in force.
        ring.create("jd", "battery staple", None).unwrap();
        assert!(matches!(
            ring.unlock_in_force("jd", "battery stable", &made.public()),
            Err(KeyError::Wrong(_))
        ));
        let back = ring
            .unlock_in_force("jd", "correct horse", &made.public())
            .unwrap();
        assert_eq!(back.public(), made.public());
        assert!(ring.unlock("jd", "correct horse").is_ok());
        let mut bytes = fs::read(ring.path("jd")).unwrap();
        bytes.truncate(20);
        fs::write(ring.path("jd"), bytes).unwrap();
        assert!(matches!(
            ring.unlock("jd", "correct horse"),
            Err(KeyError::Wrong(_))
        ));
    }
}
