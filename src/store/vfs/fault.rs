//! A file system in memory that loses what was not synced, tears writes, fills up and fails on demand.
//!
//! It models what POSIX promises and no more: after [`FaultFs::power_cut`] a file holds what was synced plus any part
//! of what was appended since, the last bytes of which may be garbage; a name that was made, changed or removed since
//! its folder's last sync is there or not. All choices come from a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{AppendFile, Vfs};

#[derive(Clone, Default)]
struct Inode {
    synced: Vec<u8>,
    now: Vec<u8>,
    /// True if the file was shortened since its last sync; otherwise it only grew.
    cut: bool,
}

#[derive(Default)]
struct Disk {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    folders: BTreeSet<PathBuf>,
    locks: BTreeSet<PathBuf>,
    free: Option<u64>,
    fail_sync_in: Option<u64>,
    stop_after: Option<u64>,
    shared: Option<String>,
    seed: u64,
}

impl Disk {
    fn random(&mut self, below: u64) -> u64 {
        // splitmix64: enough to make choices, and the same on every machine.
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below.max(1)
    }

    fn inode(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(not_found)
    }

    fn step(&mut self) -> io::Result<()> {
        match &mut self.stop_after {
            Some(0) => Err(io::Error::other("the machine lost power")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn not_found() -> io::Error {
    io::Error::from(io::ErrorKind::NotFound)
}

/// The file system; clones share one disk.
#[derive(Clone, Default)]
pub struct FaultFs(Arc<Mutex<Disk>>);

struct FaultFile {
    disk: Arc<Mutex<Disk>>,
    inode: usize,
}

fn open(disk: &Mutex<Disk>) -> MutexGuard<'_, Disk> {
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FaultFs {
    /// An empty disk whose choices come from this seed.
    pub fn new(seed: u64) -> Self {
        let fs = Self::default();
        open(&fs.0).seed = seed;
        fs
    }

    /// Sets how many bytes may still be written; `None` for no limit.
    pub fn set_free(&self, bytes: Option<u64>) {
        open(&self.0).free = bytes;
    }

    /// Lets the n-th sync from now fail with an input/output error (0: the next one).
    pub fn fail_sync_in(&self, n: u64) {
        open(&self.0).fail_sync_in = Some(n);
    }

    /// Lets every operation after the next `n` fail, as if the machine had stopped: [`FaultFs::power_cut`] follows.
    pub fn stop_after(&self, n: u64) {
        open(&self.0).stop_after = Some(n);
    }

    /// Makes the disk look like a network folder of this kind.
    pub fn set_shared(&self, kind: &str) {
        open(&self.0).shared = Some(kind.to_owned());
    }

    /// Pulls the plug: what was not synced is lost, torn or kept, as the seed has it. Locks are gone.
    pub fn power_cut(&self) {
        let mut disk = open(&self.0);
        disk.stop_after = None;
        disk.fail_sync_in = None;
        disk.locks.clear();
        let paths: BTreeSet<PathBuf> = disk
            .names
            .keys()
            .chain(disk.synced_names.keys())
            .cloned()
            .collect();
        let mut after = BTreeMap::new();
        for path in paths {
            let now = disk.names.get(&path).copied();
            let old = disk.synced_names.get(&path).copied();
            let survivor = if now == old || disk.random(2) == 0 {
                now
            } else {
                old
            };
            if let Some(inode) = survivor {
                after.insert(path, inode);
            }
        }
        // A rename is one step of the file system's own journal: the file has its old name or its new one, not both.
        let mut seen = BTreeSet::new();
        let order: Vec<(PathBuf, usize)> = after.iter().map(|(p, i)| (p.clone(), *i)).collect();
        for (path, inode) in order {
            if !seen.insert(inode) {
                after.remove(&path);
            }
        }
        disk.names.clone_from(&after);
        disk.synced_names = after;
        for index in 0..disk.inodes.len() {
            let choice = disk.random(4);
            let (synced, now) = match disk.inodes.get(index) {
                Some(inode) => (inode.synced.clone(), inode.now.clone()),
                None => continue,
            };
            let mut content = if now.starts_with(&synced) {
                let fresh = (now.len() - synced.len()) as u64;
                let keep = if choice == 0 {
                    0
                } else {
                    disk.random(fresh + 1)
                };
                let mut kept = now;
                kept.truncate(synced.len() + keep as usize);
                kept
            } else if choice < 2 {
                synced.clone()
            } else {
                now
            };
            if choice == 3 && content.len() > synced.len() {
                let fresh = (content.len() - synced.len()) as u64;
                let from = synced.len() + disk.random(fresh) as usize;
                if let Some(tail) = content.get_mut(from..) {
                    tail.fill(0);
                }
            }
            if let Some(inode) = disk.inodes.get_mut(index) {
                inode.synced.clone_from(&content);
                inode.cut = false;
                inode.now = content;
            }
        }
    }

    /// Every file with its length.
    pub fn files(&self) -> Vec<(PathBuf, u64)> {
        let disk = open(&self.0);
        disk.names
            .iter()
            .filter_map(|(path, inode)| {
                let inode = disk.inodes.get(*inode)?;
                Some((path.clone(), inode.now.len() as u64))
            })
            .collect()
    }

    /// Changes a file's bytes in place, durably: damage from outside.
    pub fn damage(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut disk = open(&self.0);
        let Ok(index) = disk.inode(path) else { return };
        if let Some(inode) = disk.inodes.get_mut(index) {
            change(&mut inode.now);
            inode.synced = inode.now.clone();
        }
    }

    /// A copy of the whole disk as it is now, with its own future: a backup image or a cloned disk.
    pub fn image(&self) -> Self {
        let disk = open(&self.0);
        Self(Arc::new(Mutex::new(Disk {
            inodes: disk.inodes.clone(),
            names: disk.names.clone(),
            synced_names: disk.synced_names.clone(),
            folders: disk.folders.clone(),
            seed: disk.seed ^ 1,
            ..Disk::default()
        })))
    }
}

impl AppendFile for FaultFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut disk = open(&self.disk);
        let torn = disk.step().err().map(|e| {
            let part = disk.random(bytes.len() as u64 + 1) as usize;
            (part, e)
        });
        let (part, error) = match (torn, disk.free) {
            (Some((part, e)), _) => (part, Some(e)),
            (None, Some(free)) if (bytes.len() as u64) > free => {
                (free as usize, Some(io::ErrorKind::StorageFull.into()))
            }
            (None, _) => (bytes.len(), None),
        };
        if let Some(free) = &mut disk.free {
            *free = free.saturating_sub(part as u64);
        }
        if let (Some(inode), Some(bytes)) = (disk.inodes.get_mut(self.inode), bytes.get(..part)) {
            inode.now.extend_from_slice(bytes);
        }
        match error {
            Some(e) => Err(e),
            None => Ok(()),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut disk = open(&self.disk);
        disk.step()?;
        match disk.fail_sync_in {
            Some(0) => {
                disk.fail_sync_in = None;
                return Err(io::Error::from_raw_os_error(5));
            }
            Some(n) => disk.fail_sync_in = Some(n - 1),
            None => {}
        }
        if let Some(inode) = disk.inodes.get_mut(self.inode) {
            if inode.cut {
                inode.synced.clone_from(&inode.now);
                inode.cut = false;
            } else {
                let from = inode.synced.len();
                let fresh = inode.now.get(from..).unwrap_or_default();
                inode.synced.extend_from_slice(fresh);
            }
        }
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        let disk = open(&self.disk);
        let inode = disk.inodes.get(self.inode).ok_or_else(not_found)?;
        Ok(inode.now.len() as u64)
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let mut disk = open(&self.disk);
        disk.step()?;
        if let Some(inode) = disk.inodes.get_mut(self.inode) {
            inode.now.resize(len as usize, 0);
            inode.cut = true;
        }
        Ok(())
    }
}

impl Vfs for FaultFs {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut disk = open(&self.0);
        disk.step()?;
        for part in path.ancestors() {
            disk.folders.insert(part.to_path_buf());
        }
        Ok(())
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let mut disk = open(&self.0);
        disk.step()?;
        let inode = if let Some(inode) = disk.names.get(path) {
            *inode
        } else {
            if disk.free == Some(0) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            disk.inodes.push(Inode::default());
            let inode = disk.inodes.len() - 1;
            disk.names.insert(path.to_path_buf(), inode);
            inode
        };
        Ok(Box::new(FaultFile {
            disk: Arc::clone(&self.0),
            inode,
        }))
    }

    fn read_at(&self, path: &Path, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let disk = open(&self.0);
        let index = disk.inode(path)?;
        let inode = disk.inodes.get(index).ok_or_else(not_found)?;
        let from = (offset as usize).min(inode.now.len());
        let to = from.saturating_add(len).min(inode.now.len());
        Ok(inode.now.get(from..to).unwrap_or_default().to_vec())
    }

    fn len(&self, path: &Path) -> io::Result<u64> {
        let disk = open(&self.0);
        let index = disk.inode(path)?;
        let inode = disk.inodes.get(index).ok_or_else(not_found)?;
        Ok(inode.now.len() as u64)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut disk = open(&self.0);
        disk.step()?;
        let inode = disk.inode(from)?;
        disk.names.remove(from);
        disk.names.insert(to.to_path_buf(), inode);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut disk = open(&self.0);
        disk.step()?;
        let index = disk.names.remove(path).ok_or_else(not_found)?;
        let size = disk.inodes.get(index).map_or(0, |i| i.now.len() as u64);
        if let Some(free) = &mut disk.free {
            *free += size;
        }
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let disk = open(&self.0);
        if !disk.folders.contains(path) {
            return Err(not_found());
        }
        let files = disk.names.keys().filter(|p| p.parent() == Some(path));
        let folders = disk.folders.iter().filter(|p| p.parent() == Some(path));
        let mut names: Vec<String> = files
            .chain(folders)
            .filter_map(|p| p.file_name().map(|n| n.to_string_lossy().into_owned()))
            .collect();
        names.sort();
        Ok(names)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut disk = open(&self.0);
        disk.step()?;
        let here: Vec<(PathBuf, usize)> = disk
            .names
            .iter()
            .filter(|(p, _)| p.parent() == Some(path))
            .map(|(p, i)| (p.clone(), *i))
            .collect();
        disk.synced_names.retain(|p, _| p.parent() != Some(path));
        disk.synced_names.extend(here);
        Ok(())
    }

    fn exists(&self, path: &Path) -> bool {
        let disk = open(&self.0);
        disk.names.contains_key(path) || disk.folders.contains(path)
    }

    fn free_space(&self, _: &Path) -> io::Result<u64> {
        Ok(open(&self.0).free.unwrap_or(1 << 40))
    }

    fn shared_kind(&self, _: &Path) -> io::Result<Option<String>> {
        Ok(open(&self.0).shared.clone())
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let taken = !open(&self.0).locks.insert(path.to_path_buf());
        if taken {
            return Ok(None);
        }
        Ok(Some(Box::new(HeldLock {
            disk: Arc::clone(&self.0),
            path: path.to_path_buf(),
        })))
    }
}

struct HeldLock {
    disk: Arc<Mutex<Disk>>,
    path: PathBuf,
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        open(&self.disk).locks.remove(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_cut_keeps_what_was_synced_and_only_that_for_sure() {
        let (mut lost, mut kept, mut torn) = (0, 0, 0);
        for seed in 0..200 {
            let fs = FaultFs::new(seed);
            let dir = Path::new("/s");
            fs.create_dir_all(dir).unwrap();
            let path = dir.join("a");
            let mut file = fs.open_append(&path).unwrap();
            file.append(b"synced").unwrap();
            file.sync().unwrap();
            fs.sync_dir(dir).unwrap();
            file.append(b"not yet").unwrap();
            fs.power_cut();
            let bytes = fs.read_at(&path, 0, 100).unwrap();
            assert!(bytes.starts_with(b"synced"));
            match bytes.len() {
                6 => lost += 1,
                13 => kept += 1,
                _ => torn += 1,
            }
        }
        assert!(lost > 0 && kept > 0 && torn > 0);
    }
}
