//! The files of depots: `depots/list.json` with what was set up, and beside it for each depot what is remembered of it
//! (`NAME.memory`) and how the last exchange ended (`NAME.last.json`).
//!
//! Invariants: a file is there as it was or as it is to be, never by half; only the store's account can read it. A list
//! that cannot be read is told; what is only remembered is forgotten then.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::sheets::LastSync;
use crate::bench::Failure;
use crate::depot::Memory;

/// The folder in the store's folder.
pub const FOLDER: &str = "depots";
/// The longest of these files that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// A depot, as it was set up on this machine.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DepotSetting {
    /// What it is called here: small letters, digits, `-` and `_`.
    pub name: String,
    /// Where it is, as [`crate::depot::Place`] writes it.
    pub place: String,
    /// Seconds between two exchanges in the background; `None` if only a person starts them.
    pub every: Option<u64>,
    /// Bundles are encrypted for this shop and all that it trusts.
    pub encrypted: bool,
}

/// What stands in the list.
#[derive(Default, Serialize, Deserialize)]
struct Listed {
    depots: Vec<DepotSetting>,
}

/// The files of one store's depots.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Of this store.
    pub fn of(store: &Path) -> Self {
        Self {
            folder: store.join(FOLDER),
        }
    }

    fn list(&self) -> PathBuf {
        self.folder.join("list.json")
    }

    /// What was set up.
    pub fn read(&self) -> Result<Vec<DepotSetting>, Failure> {
        let path = self.list();
        let bytes = match read(&path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Vec::new()),
            Err(error) => return Err(unread(&path, &error.to_string())),
        };
        match serde_json::from_slice::<Listed>(&bytes) {
            Ok(listed) => Ok(listed.depots),
            Err(error) => Err(unread(&path, &error.to_string())),
        }
    }

    /// Sets up these and no others.
    pub fn write(&self, depots: &[DepotSetting]) -> Result<(), Failure> {
        let listed = Listed {
            depots: depots.to_vec(),
        };
        let bytes = serde_json::to_vec_pretty(&listed).unwrap_or_default();
        let path = self.list();
        self.put(&path, &bytes).map_err(|error| Failure::Store {
            words: format!(
                "the list of depots could not be written ({}: {error}). Nothing was changed; free some space on the disk \
                 or check it, then try again",
                path.display()
            ),
            read_only: false,
            refused: true,
        })
    }

    /// What is remembered of a depot.
    pub fn memory(&self, name: &str) -> Memory {
        let bytes = read(&self.folder.join(format!("{name}.memory")));
        Memory::decode(&bytes.ok().flatten().unwrap_or_default())
    }

    /// How the last exchange ended.
    pub fn last(&self, name: &str) -> LastSync {
        let bytes = read(&self.folder.join(format!("{name}.last.json")));
        let bytes = bytes.ok().flatten().unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Remembers what an exchange learnt. That it cannot be kept (a full disk) costs requests, nothing else.
    pub fn remember(&self, name: &str, memory: &Memory, last: &LastSync) {
        self.remember_memory(name, memory);
        self.remember_last(name, last);
    }

    /// Remembers what was learnt of a depot.
    pub fn remember_memory(&self, name: &str, memory: &Memory) {
        let _ = self.put(
            &self.folder.join(format!("{name}.memory")),
            &memory.encode(),
        );
    }

    /// Remembers how an exchange ended.
    pub fn remember_last(&self, name: &str, last: &LastSync) {
        let bytes = serde_json::to_vec_pretty(last).unwrap_or_default();
        let _ = self.put(&self.folder.join(format!("{name}.last.json")), &bytes);
    }

    /// Forgets what is remembered of a depot.
    pub fn forget(&self, name: &str) {
        for ending in ["memory", "last.json"] {
            let _ = fs::remove_file(self.folder.join(format!("{name}.{ending}")));
        }
    }

    /// Writes a file under another name, syncs it, and gives it its own.
    fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if !self.folder.exists() {
            fs::DirBuilder::new().mode(0o700).create(&self.folder)?;
        }
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".tmp");
        let temporary = PathBuf::from(temporary);
        let _ = fs::remove_file(&temporary);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(&self.folder)?.sync_all()
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    use std::io::Read as _;
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn unread(path: &Path, why: &str) -> Failure {
    Failure::Store {
        words: format!(
            "the list of depots cannot be read ({}: {why}). The records are safe, and nothing is synced; move that file \
             away and add the depots again with `tagout depot add`",
            path.display()
        ),
        read_only: true,
        refused: true,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_was_set_up_is_there_again_for_its_own_account_only() {
        let store = tempfile::tempdir().unwrap();
        let files = Files::of(store.path());
        assert_eq!(files.read().unwrap(), []);
        assert_eq!(files.last("stick"), LastSync::default());
        let depot = DepotSetting {
            name: "stick".to_owned(),
            place: "/media/stick".to_owned(),
            every: Some(300),
            encrypted: false,
        };
        files.write(std::slice::from_ref(&depot)).unwrap();
        let last = LastSync {
            at_us: 7,
            ..LastSync::default()
        };
        files.remember("stick", &Memory::default(), &last);
        let again = Files::of(store.path());
        assert_eq!(again.read().unwrap(), [depot]);
        assert_eq!(again.last("stick"), last);
        for file in fs::read_dir(store.path().join(FOLDER)).unwrap().flatten() {
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{:?}", file.path());
        }
        files.forget("stick");
        assert_eq!(files.last("stick"), LastSync::default());
        fs::write(files.list(), "{").unwrap();
        let error = files.read().unwrap_err().to_string();
        assert!(
            error.contains("cannot be read") && error.contains("safe"),
            "{error}"
        );
    }
}
