//! A session's bundles on their way: those that it gives, those that were made for it.
//!
//! Invariants: the files lie in a folder of their own in the store's folder and go with the session. A bundle counts as
//! given only after it was checked from the first byte to the last; it is checked once.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::failure::Failure;
use super::super::link::PIECE;
use crate::bundle::Verified;

/// The folder of all bundles on their way, in the store's folder.
pub const PASSING: &str = "passing";

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A session's bundles.
#[derive(Default)]
pub struct Desk {
    folder: Option<PathBuf>,
    writing: Option<File>,
    pub(super) given: Vec<Verified<File>>,
    pub(super) made: Vec<PathBuf>,
}

impl Desk {
    /// Takes a piece of a bundle; the path of the file if it is whole now.
    pub(super) fn take(
        &mut self,
        store: &Path,
        piece: &[u8],
        ends: bool,
    ) -> Result<Option<PathBuf>, Failure> {
        let name = given_name(self.given.len());
        let path = self.folder(store)?.join(name);
        let failed = |e| trouble("kept", &path, &e);
        let mut file = match self.writing.take() {
            Some(file) => file,
            None => File::create(&path).map_err(failed)?,
        };
        file.write_all(piece).map_err(failed)?;
        if !ends {
            self.writing = Some(file);
            return Ok(None);
        }
        Ok(Some(path))
    }

    /// Forgets what was given.
    pub(super) fn forget(&mut self) {
        self.writing = None;
        let given = self.given.drain(..).count();
        if let Some(folder) = &self.folder {
            for number in 0..given {
                let _ = fs::remove_file(folder.join(given_name(number)));
            }
        }
    }

    /// A piece of a bundle that was made.
    pub(super) fn piece(&self, part: u32, offset: u64) -> Result<Vec<u8>, Failure> {
        let Some(path) = self.made.get(part as usize) else {
            return Ok(Vec::new());
        };
        let read = || -> std::io::Result<Vec<u8>> {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = Vec::new();
            file.take(PIECE as u64).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|e| trouble("read", path, &e))
    }

    /// The folder for this session's bundles.
    pub(super) fn folder(&mut self, store: &Path) -> Result<&Path, Failure> {
        let folder = self.folder.get_or_insert_with(|| {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            store
                .join(PASSING)
                .join(format!("{}-{number}", std::process::id()))
        });
        fs::create_dir_all(&*folder).map_err(|e| trouble("kept", folder, &e))?;
        Ok(folder)
    }
}

/// The file of the bundle that was given as this one, from 0.
fn given_name(number: usize) -> String {
    format!("{number}.given")
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Removes what sessions left that ended with their process.
pub fn clear(store: &Path) {
    let _ = fs::remove_dir_all(store.join(PASSING));
}

fn trouble(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::Store {
        words: format!(
            "the bundle could not be {doing} on its way ({}: {error}). Nothing was changed; free some space on the disk \
             or check it, then try again",
            path.display()
        ),
        read_only: false,
        refused: true,
    }
}
