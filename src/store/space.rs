//! Room on the disk: a floor below which nothing is written, and a ballast file to get out of a full disk.
//!
//! Invariants: sled cannot even read on a full disk, so the ballast is given up before sled is opened there. It comes
//! back when there is plenty of room.

use super::error::{Notice, StoreError};
use super::layout::Layout;
use super::options::Tuning;
use super::vfs::Vfs;

const MIB: u64 = 1 << 20;

/// Refuses when too little is free.
pub fn check_floor(vfs: &dyn Vfs, layout: &Layout, tuning: &Tuning) -> Result<(), StoreError> {
    let free = vfs
        .free_space(&layout.dir)
        .map_err(|e| StoreError::file("could not ask for free space at", &layout.dir, e))?;
    if free < tuning.floor_bytes {
        return Err(StoreError::DiskFull {
            free_mib: free / MIB,
            floor_mib: tuning.floor_bytes.div_ceil(MIB),
        });
    }
    Ok(())
}

/// Before sled opens: gives the ballast up if the disk is nearly full, or lays it down if there is room.
pub fn prepare(vfs: &dyn Vfs, layout: &Layout, tuning: &Tuning) -> Vec<Notice> {
    let mut notices = Vec::new();
    let Ok(free) = vfs.free_space(&layout.dir) else {
        return notices;
    };
    let path = layout.ballast();
    if free < tuning.floor_bytes {
        if vfs.exists(&path) && vfs.remove(&path).is_ok() {
            let _ = vfs.sync_dir(&layout.dir);
            notices.push(Notice::Other(
                "The disk is nearly full. The space kept for this case was given up so that records can be read."
                    .to_owned(),
            ));
        }
        notices.push(Notice::DiskNearlyFull {
            free_mib: free / MIB,
        });
        return notices;
    }
    let missing = vfs.len(&path).map_or(tuning.ballast_bytes, |len| {
        tuning.ballast_bytes.saturating_sub(len)
    });
    if missing > 0 && free > tuning.floor_bytes.saturating_mul(2).saturating_add(missing) {
        // Without ballast the store is as safe as before, only harder to rescue: no reason to refuse to open.
        if lay(vfs, layout, missing).is_err() {
            let _ = vfs.remove(&path);
        }
    }
    notices
}

fn lay(vfs: &dyn Vfs, layout: &Layout, missing: u64) -> std::io::Result<()> {
    vfs.open_append(&layout.ballast())?.reserve(missing)
}
