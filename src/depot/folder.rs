//! A folder as a depot: a stick, a share, a folder that another program carries elsewhere.
//!
//! Invariants: the folder itself is never made, so that a stick that is not plugged in is noticed; an object is written
//! under a name that begins with a dot, synced, renamed, and its folder synced; links are not followed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::error::DepotError;
use super::objects::{Object, Objects};

/// How a file in the making begins.
const MAKING: &str = ".tagout-";
/// A file in the making that is older than this was given up.
const GIVEN_UP: Duration = Duration::from_secs(24 * 60 * 60);
/// Files that are looked at below one name at most.
const MOST: usize = 1_000_000;

/// A folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder as a depot; it must be there.
    pub fn open(root: &Path) -> Result<Self, DepotError> {
        let folder = Self {
            root: root.to_owned(),
        };
        folder.there()?;
        Ok(folder)
    }

    /// A stick may be pulled out at any moment.
    fn there(&self) -> Result<(), DepotError> {
        if self.root.is_dir() {
            return Ok(());
        }
        Err(DepotError::NoFolder {
            folder: self.root.display().to_string(),
        })
    }

    fn path(&self, key: &str) -> PathBuf {
        key.split('/')
            .fold(self.root.clone(), |path, part| path.join(part))
    }

    fn failed(&self, doing: &str) -> impl FnOnce(io::Error) -> DepotError {
        let (place, doing) = (self.root.display().to_string(), doing.to_owned());
        let gone = !self.root.is_dir();
        move |error| match error.kind() {
            _ if gone => DepotError::NoFolder { folder: place },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                DepotError::Denied {
                    place,
                    doing,
                    reason: error.to_string(),
                }
            }
            _ => DepotError::Unreachable {
                place,
                doing,
                reason: error.to_string(),
            },
        }
    }

    /// Opens an object to read it; `None` if no file is there.
    fn open_file(&self, key: &str) -> Result<Option<(File, u64)>, DepotError> {
        self.there()?;
        let path = self.path(key);
        let about = match fs::symlink_metadata(&path) {
            Ok(about) if about.is_file() => about,
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("read a bundle")(error)),
        };
        match File::open(&path) {
            Ok(file) => Ok(Some((file, about.len()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("read a bundle")(error)),
        }
    }

    fn put_from(&self, key: &str, from: &mut impl Read) -> Result<(), DepotError> {
        self.there()?;
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.root);
        let failed = |error| self.failed("write a bundle")(error);
        // Never the depot's own folder: that one is there, or the stick is not.
        fs::create_dir_all(folder).map_err(failed)?;
        let making = folder.join(making_name());
        let written = (|| {
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&making)?;
            io::copy(from, &mut file)?;
            file.flush()?;
            file.sync_all()?;
            let now = file.metadata()?.modified()?;
            fs::rename(&making, &path)?;
            sync_folder(folder);
            clear(folder, now);
            Ok(())
        })();
        written.map_err(|error| {
            let _ = fs::remove_file(&making);
            self.failed("write a bundle")(error)
        })
    }
}

/// A name that nobody else makes.
fn making_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut random = [0; 8];
    // Without randomness the process's id and a count still tell names apart on this machine.
    let _ = getrandom::fill(&mut random);
    let random = u64::from_le_bytes(random);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{MAKING}{}-{count}-{random:016x}", std::process::id())
}

/// Removes what programs that died while writing left behind. Their own next try has another name. `now` is the time by
/// the clock of the file system.
fn clear(folder: &Path, now: SystemTime) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let left = entry.file_name().to_string_lossy().starts_with(MAKING);
        let written = entry.metadata().and_then(|about| about.modified());
        let age = written.ok().and_then(|at| now.duration_since(at).ok());
        if left && age.is_some_and(|age| age > GIVEN_UP) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Some file systems of sticks and shares cannot sync a folder; the file itself is synced.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

impl Objects for Folder {
    fn list(&self, prefix: &str) -> Result<Vec<Object>, DepotError> {
        self.there()?;
        let mut out = Vec::new();
        let mut folders = vec![prefix.trim_end_matches('/').to_owned()];
        while let Some(key) = folders.pop() {
            let entries = match fs::read_dir(self.path(&key)) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) if error.kind() == io::ErrorKind::NotADirectory => continue,
                Err(error) => return Err(self.failed("list the depot")(error)),
            };
            for entry in entries {
                let entry = entry.map_err(|error| self.failed("list the depot")(error))?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let Ok(about) = entry.metadata() else {
                    continue;
                };
                if name.starts_with(MAKING) {
                    continue;
                }
                let key = format!("{key}/{name}");
                // Two levels is all there is.
                if about.is_dir() && key.matches('/').count() < 3 {
                    folders.push(key);
                } else if about.is_file() && out.len() < MOST {
                    let changed = about.modified().ok();
                    let changed =
                        changed.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
                    out.push(Object {
                        key,
                        bytes: about.len(),
                        stamp: changed.map_or_else(String::new, |at| at.as_nanos().to_string()),
                    });
                }
            }
        }
        out.sort();
        Ok(out)
    }

    fn head(&self, key: &str, most: u64) -> Result<Option<Vec<u8>>, DepotError> {
        let Some((file, _)) = self.open_file(key)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        file.take(most)
            .read_to_end(&mut bytes)
            .map_err(self.failed("read a bundle"))?;
        Ok(Some(bytes))
    }

    fn fetch(&self, key: &str, most: u64, into: &Path) -> Result<bool, DepotError> {
        let Some((file, bytes)) = self.open_file(key)? else {
            return Ok(false);
        };
        if bytes > most {
            return Ok(false);
        }
        let mut out = File::create(into).map_err(DepotError::here("write a working file"))?;
        let mut piece = vec![0; 256 << 10];
        let mut file = file.take(most);
        loop {
            // Reading fails there, writing here.
            let read = file
                .read(&mut piece)
                .map_err(self.failed("read a bundle"))?;
            let Some(read) = piece.get(..read).filter(|read| !read.is_empty()) else {
                return Ok(true);
            };
            out.write_all(read)
                .map_err(DepotError::here("write a working file"))?;
        }
    }

    fn put(&self, key: &str, mut bytes: &[u8]) -> Result<(), DepotError> {
        self.put_from(key, &mut bytes)
    }

    fn put_file(&self, key: &str, file: &Path) -> Result<(), DepotError> {
        let mut from = File::open(file).map_err(DepotError::here("read a working file"))?;
        self.put_from(key, &mut from)
    }

    fn remove(&self, key: &str) -> Result<(), DepotError> {
        self.there()?;
        match fs::remove_file(self.path(key)) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.failed("remove a bundle")(error)),
        }
    }
}
