//! The real file system.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock, statvfs};

use super::{AppendFile, Vfs};

/// File operations on the machine's own disks.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealFs;

struct RealFile(File);

impl AppendFile for RealFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    /// Asks the file system for the room without writing it; where it cannot do that, the room is written.
    #[cfg(target_os = "linux")]
    fn reserve(&mut self, len: u64) -> io::Result<()> {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;
        let from = self.length()?;
        match fallocate(&self.0, FallocateFlags::empty(), from, len) {
            Ok(()) => Ok(()),
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => super::fill(self, len),
            Err(error) => Err(error.into()),
        }
    }
}

impl Vfs for RealFs {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        Ok(Box::new(RealFile(file)))
    }

    fn read_at(&self, path: &Path, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let there = file.metadata()?.len().saturating_sub(offset);
        let want = usize::try_from(there).unwrap_or(usize::MAX).min(len);
        let mut out = vec![0; want];
        let mut done = 0;
        while done < want {
            let Some(rest) = out.get_mut(done..) else {
                break;
            };
            match file.read_at(rest, offset + done as u64) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        out.truncate(done);
        Ok(out)
    }

    fn len(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn free_space(&self, path: &Path) -> io::Result<u64> {
        let stat = statvfs(path)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    fn shared_kind(&self, path: &Path) -> io::Result<Option<String>> {
        shared_kind(path)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        loop {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(e) if e == rustix::io::Errno::WOULDBLOCK => return Ok(None),
                Err(e) => return Err(e.into()),
            }
            let held = HeldLock {
                file,
                path: path.to_path_buf(),
            };
            // Whoever held it before may have taken the name away since it was opened here.
            if held.has_the_name() {
                return Ok(Some(Box::new(held)));
            }
        }
    }
}

/// A lock that is held. Its file goes with it: the name is taken away while the lock is still held, so nobody holds
/// another file's lock under the same name.
struct HeldLock {
    file: File,
    path: PathBuf,
}

impl HeldLock {
    fn has_the_name(&self) -> bool {
        let own = self.file.metadata();
        let named = fs::metadata(&self.path);
        own.is_ok_and(|own| {
            named.is_ok_and(|named| (own.dev(), own.ino()) == (named.dev(), named.ino()))
        })
    }
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        if self.has_the_name() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The magic numbers that `statfs` gives for file systems shared between machines (Linux `magic.h`).
#[cfg(target_os = "linux")]
fn shared_kind(path: &Path) -> io::Result<Option<String>> {
    const SHARED: &[(u32, &str)] = &[
        (0x6969, "a network folder (NFS)"),
        (0x517b, "a network folder (SMB)"),
        (0xff53_4d42, "a network folder (CIFS)"),
        (0xfe53_4d42, "a network folder (SMB 2)"),
        (0x6573_5546, "a FUSE folder (such as sshfs)"),
        (0x0102_1997, "a folder shared with another machine (9p)"),
        (0x5346_414f, "a network folder (AFS)"),
        (0x00c3_6400, "a network folder (Ceph)"),
        (0x7461_636f, "a cluster folder (OCFS2)"),
        (0x0116_1970, "a cluster folder (GFS2)"),
    ];
    let kind = rustix::fs::statfs(path)?.f_type as u32;
    Ok(SHARED
        .iter()
        .find(|(magic, _)| *magic == kind)
        .map(|(_, name)| (*name).to_owned()))
}

#[cfg(not(target_os = "linux"))]
fn shared_kind(_: &Path) -> io::Result<Option<String>> {
    Ok(None)
}
