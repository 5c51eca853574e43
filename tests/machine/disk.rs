//! File systems made for a test.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a program of the system; its words if it fails.
pub fn command(program: &str, args: &[&std::ffi::OsStr]) -> Result<(), String> {
    let output = Command::new(program)
        .args(args)
        .output()
        .map_err(|e| format!("{program}: {e}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!(
            "{program}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ))
    }
}

/// A small disk in memory; unmounted when dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one at a path that does not exist yet. Only root can.
    pub fn new(mount: PathBuf, size: &str) -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("not root".to_owned());
        }
        std::fs::create_dir(&mount).map_err(|e| e.to_string())?;
        let options = format!("size={size}");
        command(
            "mount",
            &[
                "-t".as_ref(),
                "tmpfs".as_ref(),
                "-o".as_ref(),
                options.as_ref(),
                "tmpfs".as_ref(),
                mount.as_os_str(),
            ],
        )?;
        Ok(Self(mount))
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file until only this many bytes are free; 0 fills the disk to its last byte.
    pub fn fill(&self, name: &str, leave: u64) {
        let mut file = std::fs::File::create(self.0.join(name)).expect("made");
        let free = || {
            let state = rustix::fs::statvfs(&self.0).expect("it is mounted");
            state.f_bavail * state.f_frsize
        };
        while free() > leave {
            let piece = usize::try_from((free() - leave).min(1 << 20)).expect("a small piece");
            if file.write_all(&vec![0; piece.max(4096)]).is_err() {
                break;
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = command("umount", &["-l".as_ref(), self.0.as_os_str()]);
    }
}
