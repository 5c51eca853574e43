//! The log file in the state folder, and the words after a crash.
//!
//! Invariants: the log never goes to the terminal, and trouble with it stops no work; it is its owner's alone and holds
//! at most two files of [`LONGEST`] bytes; it holds nothing that a person typed, read off a device or scanned: of a
//! refusal its kind, of a crash its place.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use super::paths::Folders;

/// A log of this size, in bytes, is put aside in the place of the one before it, and a new one begun.
const LONGEST: u64 = 4 << 20;

/// Starts the log (`TAGOUT_LOG` sets the level, `warn` when unset) and the words after a crash.
pub fn start(folders: &Folders, json: bool) {
    let path = folders.log();
    crash_words(path.clone(), json);
    let Some(log) = Log::open(path, LONGEST) else {
        return;
    };
    let filter = EnvFilter::try_from_env("TAGOUT_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(log))
        .finish();
    // A second start in one process (tests) keeps the first log.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// The log file; several processes may write to it at the same time, a line with one write each.
struct Log {
    path: PathBuf,
    file: File,
    longest: u64,
}

impl Log {
    fn open(path: PathBuf, longest: u64) -> Option<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path.parent()?)
            .ok()?;
        let mut log = Self {
            file: append_to(&path).ok()?,
            path,
            longest,
        };
        let _ = log.turn_over(0);
        Some(log)
    }

    /// Begins a new file if this one would grow too long; follows whoever began one meanwhile.
    fn turn_over(&mut self, more: usize) -> io::Result<()> {
        let own = self.file.metadata()?;
        if own.len().saturating_add(more as u64) <= self.longest {
            return Ok(());
        }
        let is_own = std::fs::metadata(&self.path)
            .is_ok_and(|facts| (facts.dev(), facts.ino()) == (own.dev(), own.ino()));
        if is_own {
            std::fs::rename(&self.path, self.path.with_extension("log.old"))?;
        }
        self.file = append_to(&self.path)?;
        Ok(())
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.turn_over(bytes.len());
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    // One that an earlier version or a careless copy left open to others.
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// The words of a crash as far as they hold no data: what is quoted or follows a colon may come from a record.
fn bare(why: &str) -> &str {
    let end = why.find(['`', '"', '\'', ':']).unwrap_or(why.len());
    why.get(..end).unwrap_or_default().trim_end()
}

/// After a crash: what it means for the records, and where the details are.
fn crash_words(log: PathBuf, json: bool) {
    std::panic::set_hook(Box::new(move |info| {
        let place = info
            .location()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        let why = info
            .payload()
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| info.payload().downcast_ref::<String>().map(String::as_str))
            .map_or("unknown reason", bare);
        tracing::error!("crash{place}: {why}");
        let words = format!(
            "tagout stopped by a fault of its own ({why}{place}). Everything that was confirmed as saved is in the \
             journal; nothing of it is lost."
        );
        let hint = format!("Start tagout again. Details: {}", log.display());
        let mut stderr = std::io::stderr().lock();
        let _ = if json {
            writeln!(
                stderr,
                "{}",
                serde_json::json!({"error": words, "hint": hint, "kind": "crash", "choices": []})
            )
        } else {
            writeln!(stderr, "error: {words}\nhint: {hint}")
        };
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn two_writers_keep_two_files_of_bounded_size_for_the_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/tagout.log");
        let old = dir.path().join("state/tagout.log.old");
        let mut one = Log::open(path.clone(), 100).unwrap();
        let mut two = Log::open(path.clone(), 100).unwrap();
        for n in 0..50 {
            one.write_all(format!("one {n:03}\n").as_bytes()).unwrap();
            two.write_all(format!("two {n:03}\n").as_bytes()).unwrap();
            for file in [&path, &old] {
                assert!(std::fs::metadata(file).map_or(0, |facts| facts.len()) <= 100);
            }
        }
        let last = std::fs::read_to_string(&path).unwrap();
        assert!(
            last.contains("one 049") && last.contains("two 049"),
            "{last}"
        );
        assert_eq!((mode(&path), mode(&old)), (0o600, 0o600));
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            2
        );
    }

    #[test]
    fn a_log_that_others_could_read_is_closed_to_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tagout.log");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        Log::open(path.clone(), 100).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn words_of_a_crash_hold_no_data() {
        for (why, left) in [
            (
                "byte index 2 is not a char boundary; it is inside 'é' (bytes 1..3) of `0.12 é`",
                "byte index 2 is not a char boundary; it is inside",
            ),
            (
                "called `Result::unwrap()` on an `Err` value: \"x\"",
                "called",
            ),
            ("index out of bounds: the len is 3", "index out of bounds"),
            ("plain words", "plain words"),
        ] {
            assert_eq!(bare(why), left);
        }
    }
}
