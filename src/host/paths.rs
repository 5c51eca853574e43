//! Where a store's host listens, and whom that place may be trusted from.
//!
//! Invariants: the socket of a private store lies in a folder of its own inside the store, 0700 like the store; a path
//! that is too long for a socket address is reached through its folder's descriptor; a client talks to nobody but the
//! owner of the store, or of the socket's folder.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// The longest path that fits into a socket address, with the closing zero.
const LONGEST: usize = 107;

/// The folder of the socket of a private store.
pub fn folder(store: &Path) -> PathBuf {
    store.join("host")
}

/// The socket of a private store.
pub fn socket(store: &Path) -> PathBuf {
    folder(store).join("socket")
}

/// The lock that serialises starters.
pub fn starting(store: &Path) -> PathBuf {
    folder(store).join("starting")
}

/// A starter's turn; its file goes with it.
pub struct Turn {
    file: File,
    path: PathBuf,
}

impl Turn {
    /// Waits until it is this process's turn to start a host.
    pub fn wait(store: &Path) -> io::Result<Self> {
        let path = starting(store);
        loop {
            let file = fs::OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .mode(0o600)
                .open(&path)?;
            flock(&file, FlockOperation::LockExclusive)?;
            let turn = Self {
                file,
                path: path.clone(),
            };
            // Whoever had the turn before may have taken the name away since it was opened here.
            if turn.has_the_name() {
                return Ok(turn);
            }
        }
    }

    /// The same turn for the host that is started: others wait until both are let go.
    pub fn share(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    fn has_the_name(&self) -> bool {
        let own = self.file.metadata();
        let named = fs::metadata(&self.path);
        own.is_ok_and(|own| {
            named.is_ok_and(|named| (own.dev(), own.ino()) == (named.dev(), named.ino()))
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.has_the_name() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes the folder of the socket, for the owner alone.
pub fn make_folder(store: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder(store))
}

/// A path that fits into a socket address, and what must stay open while it is used.
fn short(path: &Path) -> io::Result<(PathBuf, Option<File>)> {
    if path.as_os_str().len() <= LONGEST {
        return Ok((path.to_path_buf(), None));
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let folder = File::open(folder)?;
    let through = Path::new("/proc/self/fd")
        .join(folder.as_raw_fd().to_string())
        .join(name);
    Ok((through, Some(folder)))
}

/// Listens under a name of its own first and takes the socket's name by renaming: nobody ever finds it half made.
/// Only the holder of the store's lock may call this.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    let mut own = path.as_os_str().to_owned();
    own.push(format!(".{}", std::process::id()));
    let own = PathBuf::from(own);
    let _ = fs::remove_file(&own);
    let (address, _open) = short(&own)?;
    let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
    let listener = UnixListener::bind(address);
    rustix::process::umask(before);
    let listener = listener?;
    fs::rename(&own, path)?;
    Ok(listener)
}

/// Calls the socket.
pub fn call(path: &Path) -> io::Result<UnixStream> {
    let (address, _open) = short(path)?;
    UnixStream::connect(address)
}

/// The account whose host may be trusted at this socket: the owner of its folder, which nobody else may write to.
pub fn owner(path: &Path) -> io::Result<u32> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let facts = fs::metadata(folder)?;
    if facts.mode() & 0o002 != 0 && facts.mode() & 0o1000 == 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!(
                "everybody may write to {}, so the socket in it cannot be trusted",
                folder.display()
            ),
        ));
    }
    Ok(facts.uid())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::Ordering;

    use super::*;

    #[test]
    fn starters_take_turns_and_leave_nothing() {
        let dir = tempfile::tempdir().unwrap();
        make_folder(dir.path()).unwrap();
        let inside = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let turn = Turn::wait(dir.path()).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(turn);
                    }
                });
            }
        });
        assert!(!starting(dir.path()).exists());
    }

    #[test]
    fn a_socket_is_the_owners_alone_and_may_lie_deep() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a-long-name-of-a-folder".repeat(5));
        fs::create_dir(&deep).unwrap();
        let store = deep.join("store");
        make_folder(&store).unwrap();
        let at = socket(&store);
        assert!(at.as_os_str().len() > LONGEST);
        let _first = listen(&at).unwrap();
        // A second start takes the name over.
        let second = listen(&at).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&at), mode(&folder(&store))), (0o600, 0o700));
        let _line = call(&at).unwrap();
        second.accept().unwrap();
        assert_eq!(owner(&at).unwrap(), rustix::process::getuid().as_raw());
        fs::set_permissions(folder(&store), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(owner(&at).is_err());
    }
}
