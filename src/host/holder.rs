//! Which process has a store open, as the kernel says.
//!
//! Invariant: asking takes no lock, so that a host that starts at this moment is not kept out.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The process that holds the lock of the store in this folder, if one does and the kernel says so.
pub fn holder(store: &Path) -> Option<u32> {
    let facts = std::fs::metadata(store.join("lock")).ok()?;
    let device = (
        rustix::fs::major(facts.dev()),
        rustix::fs::minor(facts.dev()),
    );
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    locks
        .lines()
        .find_map(|line| read(line, device, facts.ino()))
}

/// The process that holds the lock of the store in this folder, if it is a host: one that opens the store, serves, or
/// leaves just now.
pub fn host_of(store: &Path) -> Option<u32> {
    holder(store).filter(|process| {
        let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        words
            .windows(2)
            .any(|two| two == [b"host".as_slice(), b"run"])
    })
}

/// The process of a line like `1: FLOCK  ADVISORY  WRITE 1234 08:02:1234567 0 EOF`, if it is about this file.
fn read(line: &str, device: (u32, u32), inode: u64) -> Option<u32> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let [_, "FLOCK", _, _, process, file, ..] = parts[..] else {
        return None;
    };
    let mut names = file.split(':');
    let major = u32::from_str_radix(names.next()?, 16).ok()?;
    let minor = u32::from_str_radix(names.next()?, 16).ok()?;
    let number: u64 = names.next()?.parse().ok()?;
    ((major, minor) == device && number == inode)
        .then(|| process.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use rustix::fs::{FlockOperation, flock};

    use super::*;

    #[test]
    fn lines_are_read_or_passed_over() {
        let of = |line| read(line, (8, 2), 77);
        assert_eq!(
            of("1: FLOCK  ADVISORY  WRITE 1234 08:02:77 0 EOF"),
            Some(1234)
        );
        for other in [
            "1: FLOCK  ADVISORY  WRITE 1234 08:02:78 0 EOF",
            "1: FLOCK  ADVISORY  WRITE 1234 08:03:77 0 EOF",
            "1: POSIX  ADVISORY  WRITE 1234 08:02:77 0 EOF",
            "1: -> FLOCK  ADVISORY  WRITE 1234 08:02:77 0 EOF",
            "1: FLOCK  ADVISORY  WRITE -1 08:02:77 0 EOF",
            "",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn whoever_holds_a_lock_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().join("lock");
        let file = std::fs::File::create(&at).unwrap();
        assert_eq!(holder(dir.path()), None);
        flock(&file, FlockOperation::NonBlockingLockExclusive).unwrap();
        assert_eq!(holder(dir.path()), Some(std::process::id()));
        drop(file);
        assert_eq!(holder(dir.path()), None);
    }
}
