//! The log file in the state folder, and the words after a crash.
//!
//! Invariant: the log never goes to the terminal, and trouble with it stops no work.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use super::paths::Folders;

/// A log of this size, in bytes, is put aside and a new one begun.
const LONGEST: u64 = 4 << 20;

/// Starts the log (`TAGOUT_LOG` sets the level, `warn` when unset) and the words after a crash.
pub fn start(folders: &Folders, json: bool) {
    let path = folders.log();
    crash_words(path.clone(), json);
    let Some(file) = open(&path) else { return };
    let filter = EnvFilter::try_from_env("TAGOUT_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .finish();
    // A second start in one process (tests) keeps the first log.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

fn open(path: &PathBuf) -> Option<std::fs::File> {
    std::fs::create_dir_all(path.parent()?).ok()?;
    if std::fs::metadata(path).is_ok_and(|facts| facts.len() > LONGEST) {
        let _ = std::fs::rename(path, path.with_extension("log.old"));
    }
    OpenOptions::new().create(true).append(true).open(path).ok()
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
            .unwrap_or("unknown reason");
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
