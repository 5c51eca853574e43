//! The small file layer under the journal, so that tests can pull the plug at any byte.
//!
//! Invariants: a write counts as durable only after `sync_data` of its file, a name only after `sync_dir` of its
//! folder. sled does not go through this layer: it always uses the real file system.

mod fault;
mod real;

pub use fault::FaultFs;
pub use real::RealFs;

use std::io;
use std::path::Path;

/// A file open for appending.
pub trait AppendFile: Send {
    /// Writes all bytes at the end. On an error a part of them may have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes everything written so far durable.
    fn sync(&mut self) -> io::Result<()>;
    /// The length in bytes.
    fn length(&self) -> io::Result<u64>;
    /// Cuts the file to this length.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
    /// Grows the file by so many bytes that take room on the disk; what they hold does not matter.
    fn reserve(&mut self, len: u64) -> io::Result<()> {
        fill(self, len)
    }
}

/// Writes so many bytes that mean nothing.
fn fill(file: &mut (impl AppendFile + ?Sized), len: u64) -> io::Result<()> {
    const BLOCK: u64 = 1 << 20;
    let block = vec![0x5a; len.min(BLOCK) as usize];
    let mut missing = len;
    while missing > 0 {
        let take = missing.min(BLOCK);
        file.append(block.get(..take as usize).unwrap_or_default())?;
        missing -= take;
    }
    Ok(())
}

/// The file operations that the journal needs.
pub trait Vfs: Send + Sync {
    /// Makes a folder and its parents, for its owner only (0700).
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Opens a file for appending, making it (0600) if it is absent.
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;
    /// Reads up to `len` bytes from `offset`; fewer only at the end of the file.
    fn read_at(&self, path: &Path, offset: u64, len: usize) -> io::Result<Vec<u8>>;
    /// The length of a file.
    fn len(&self, path: &Path) -> io::Result<u64>;
    /// Renames a file or folder, replacing a file of that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// The names of the files and folders in a folder, sorted.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Makes the names in a folder durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// True if the path exists.
    fn exists(&self, path: &Path) -> bool;
    /// Bytes free for this user on the file system of the path.
    fn free_space(&self, path: &Path) -> io::Result<u64>;
    /// The name of a file system that is shared between machines, if the path lies on one.
    fn shared_kind(&self, path: &Path) -> io::Result<Option<String>>;
    /// Takes the lock file for the life of the returned guard; `None` if another holds it.
    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>>;
}

/// Reads a whole file of at most `limit` bytes.
pub fn read_all(vfs: &dyn Vfs, path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let len = vfs.len(path)?;
    if len > limit as u64 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{len} bytes are more than expected"),
        ));
    }
    vfs.read_at(path, 0, limit)
}

/// Puts a file in place as a whole: temporary name, write, sync, rename, sync the folder.
pub fn write_whole(vfs: &dyn Vfs, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    if vfs.exists(&temporary) {
        vfs.remove(&temporary)?;
    }
    let mut file = vfs.open_append(&temporary)?;
    file.append(bytes)?;
    file.sync()?;
    drop(file);
    vfs.rename(&temporary, path)?;
    match path.parent() {
        Some(folder) => vfs.sync_dir(folder),
        None => Ok(()),
    }
}
