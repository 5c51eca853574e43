//! One process per store: an flock held for life, and a sidecar file that says who holds it.
//!
//! Invariants: only the flock decides; the kernel frees it when the process dies, however it dies. The sidecar is for
//! people and may be stale. Whoever frees the lock takes both files away.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::error::StoreError;
use super::layout::Layout;
use super::vfs::{Vfs, read_all, write_whole};

/// The held lock; dropping it frees the store.
pub struct StoreLock {
    vfs: Arc<dyn Vfs>,
    holder: PathBuf,
    /// Freed last.
    _guard: Box<dyn Send + Sync>,
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        let _ = self.vfs.remove(&self.holder);
    }
}

/// How long to wait between two tries.
const BETWEEN: Duration = Duration::from_millis(10);

/// Takes the store's lock, or names who holds it still after this wait.
pub fn take(
    vfs: &Arc<dyn Vfs>,
    layout: &Layout,
    holder: &str,
    wait: Duration,
) -> Result<StoreLock, StoreError> {
    let path = layout.lock();
    let end = Instant::now() + wait;
    let mut taken = vfs.try_lock(&path);
    while matches!(taken, Ok(None)) && Instant::now() < end {
        thread::sleep(BETWEEN);
        taken = vfs.try_lock(&path);
    }
    match taken {
        Ok(Some(guard)) => {
            // The words are a courtesy: a full disk must not keep anybody from reading.
            let _ = write_whole(vfs.as_ref(), &layout.holder(), holder.as_bytes());
            Ok(StoreLock {
                vfs: Arc::clone(vfs),
                holder: layout.holder(),
                _guard: guard,
            })
        }
        Ok(None) => Err(StoreError::InUse {
            path: layout.dir.clone(),
            holder: holder_words(vfs.as_ref(), &layout.holder()),
        }),
        Err(e) => Err(StoreError::file("could not lock", &path, e)),
    }
}

fn holder_words(vfs: &dyn Vfs, path: &Path) -> String {
    read_all(vfs, path, 4096)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .map(|text| text.chars().filter(|c| !c.is_control()).collect::<String>())
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| "another process that left no name".to_owned())
}
