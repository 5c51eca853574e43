//! Setting things aside: what a repair replaces is kept under `set-aside/`, never deleted.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::layout::Layout;
use super::vfs::{Vfs, write_whole};

const TRIES: u32 = 100_000;

fn free_name(layout: &Layout, name: &str, taken: impl Fn(&Path) -> bool) -> PathBuf {
    let aside = layout.set_aside();
    (1..TRIES)
        .map(|n| aside.join(format!("{name}.{n}")))
        .find(|path| !taken(path))
        .unwrap_or_else(|| aside.join(name))
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| "file".to_owned(), |n| n.to_string_lossy().into_owned())
}

/// Moves a journal file aside.
pub fn file(vfs: &dyn Vfs, layout: &Layout, path: &Path) -> Result<PathBuf, StoreError> {
    let failed = |e| StoreError::file("could not set aside", path, e);
    vfs.create_dir_all(&layout.set_aside()).map_err(failed)?;
    let kept = free_name(layout, &name_of(path), |p| vfs.exists(p));
    vfs.rename(path, &kept).map_err(failed)?;
    Ok(kept)
}

/// Copies a part of a journal file aside.
pub fn part(
    vfs: &dyn Vfs,
    layout: &Layout,
    path: &Path,
    offset: u64,
    len: u64,
) -> Result<PathBuf, StoreError> {
    let failed = |e| StoreError::file("could not keep a part of", path, e);
    vfs.create_dir_all(&layout.set_aside()).map_err(failed)?;
    let name = format!("{}.part", name_of(path));
    let kept = free_name(layout, &name, |p| vfs.exists(p));
    let bytes = vfs
        .read_at(path, offset, usize::try_from(len).unwrap_or(usize::MAX))
        .map_err(failed)?;
    write_whole(vfs, &kept, &bytes).map_err(failed)?;
    Ok(kept)
}

/// Moves sled's folder aside, if there is one. sled uses the real file system.
pub fn rows(vfs: &dyn Vfs, layout: &Layout) -> Result<Option<PathBuf>, StoreError> {
    let rows = layout.rows();
    if !rows.exists() {
        return Ok(None);
    }
    let failed = |e| StoreError::file("could not set aside", &rows, e);
    vfs.create_dir_all(&layout.set_aside()).map_err(failed)?;
    // The same folder on the real file system, which sled uses, if the journal's is another.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(layout.set_aside())
        .map_err(failed)?;
    let kept = free_name(layout, "rows", Path::exists);
    std::fs::rename(&rows, &kept).map_err(failed)?;
    Ok(Some(kept))
}
