//! Copies of the journal while the store is open, and building the rows anew on request.
//!
//! Invariants: a backup holds the journal up to one moment, file by file synced and read back, and is marked as a copy
//! before its first byte of journal: whoever opens it goes on as a new site. Until its last byte is there it is also
//! marked as unfinished, so that a backup that was interrupted never passes for a whole one. Rows are not copied;
//! opening builds them.

use std::path::{Path, PathBuf};

use crate::journal::chain::Tip;

use super::error::StoreError;
use super::layout::{UNFINISHED, is_bulk, segment_name, segment_number};
use super::open;
use super::options::ProgressStep;
use super::vfs::{Vfs, write_whole};
use super::walk::{Step, Trouble, Visitor, walk};
use super::{HeadInfo, Inner, Store};

/// A verified copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupReport {
    /// The folder of the copy.
    pub dir: PathBuf,
    /// How many entries it holds.
    pub entries: u64,
    /// How many bytes of journal.
    pub bytes: u64,
    /// The last entry of the own site in it.
    pub head: HeadInfo,
}

#[derive(Default)]
struct Count {
    entries: u64,
    troubles: Vec<Trouble>,
}

impl Visitor for Count {
    fn entry(&mut self, _: Step<'_>) -> Result<(), StoreError> {
        self.entries += 1;
        Ok(())
    }

    fn trouble(&mut self, trouble: Trouble) -> Result<(), StoreError> {
        self.troubles.push(trouble);
        Ok(())
    }
}

impl Store {
    /// Copies the journal and the keys to a new or empty folder, reads the copy back and checks it. Writing goes on
    /// meanwhile; what is written after the start is not in the copy. A restored backup is simply opened: it
    /// continues as a new site.
    pub fn backup(&self, to: &Path) -> Result<BackupReport, StoreError> {
        self.backup_with(to, || Ok(()))
    }

    /// As [`Store::backup`]; `also` puts what else belongs to the copy into its folder. Until that is done too, the
    /// folder is marked as unfinished and does not open.
    pub fn backup_with<E: From<StoreError>>(
        &self,
        to: &Path,
        also: impl FnOnce() -> Result<(), E>,
    ) -> Result<BackupReport, E> {
        let report = self.copy_journal(to)?;
        also()?;
        let vfs = self.inner.vfs.as_ref();
        vfs.remove(&to.join(UNFINISHED))
            .and_then(|()| vfs.sync_dir(to))
            .map_err(|e| StoreError::file("could not finish the backup in", to, e))?;
        Ok(report)
    }

    /// Copies journal and keys and reads them back. The folder stays marked as unfinished.
    fn copy_journal(&self, to: &Path) -> Result<BackupReport, StoreError> {
        let inner = &self.inner;
        let vfs = inner.vfs.as_ref();
        let failed = |e| StoreError::file("could not write the backup to", to, e);
        if vfs.exists(to) && !vfs.list(to).map_err(failed)?.is_empty() {
            return Err(StoreError::Draft(format!(
                "the folder {} is not empty; a backup needs a folder of its own",
                to.display()
            )));
        }
        if to.starts_with(&inner.layout.dir) {
            return Err(StoreError::Draft(format!(
                "{} lies inside the store; a backup must lie elsewhere",
                to.display()
            )));
        }
        let (files, head) = self.moment()?;
        let journal = to.join("journal");
        let keys = to.join("keys");
        vfs.create_dir_all(to).map_err(failed)?;
        let unfinished = "A backup was being written here and is not complete.\n";
        write_whole(vfs, &to.join(UNFINISHED), unfinished.as_bytes()).map_err(failed)?;
        for folder in [&journal, &keys] {
            vfs.create_dir_all(folder).map_err(failed)?;
        }
        let mark = format!(
            "A copy of site {} up to record {}. Opening it begins a new site that continues that one.\n",
            head.site, head.seq
        );
        write_whole(vfs, &to.join("copied-from"), mark.as_bytes()).map_err(failed)?;
        let mut bytes = 0;
        for (name, len) in files {
            bytes += len;
            copy(
                inner,
                &inner.layout.journal().join(&name),
                &journal.join(&name),
                len,
            )?;
        }
        let from = inner.layout.keys();
        for name in vfs
            .list(&from)
            .map_err(|e| StoreError::file("could not list", &from, e))?
        {
            let len = vfs
                .len(&from.join(&name))
                .map_err(|e| StoreError::file("could not read", &from, e))?;
            copy(inner, &from.join(&name), &keys.join(&name), len)?;
        }
        for folder in [&journal, &keys, &to.to_path_buf()] {
            vfs.sync_dir(folder).map_err(failed)?;
        }
        let mut count = Count::default();
        let walked = walk(vfs, &journal, &mut count)?;
        let want = Tip {
            seq: head.seq,
            hash: head.hash,
        };
        if let Some(trouble) = count.troubles.first() {
            return Err(StoreError::Damaged {
                place: to.display().to_string(),
                reason: format!("the copy does not check out: {trouble}"),
            });
        }
        if walked.chains.tip(head.site) != want {
            return Err(StoreError::Damaged {
                place: to.display().to_string(),
                reason: "the copy does not end where the journal ended".to_owned(),
            });
        }
        Ok(BackupReport {
            dir: to.to_path_buf(),
            entries: count.entries,
            bytes,
            head,
        })
    }

    /// The journal's files with their lengths at one moment between two entries.
    fn moment(&self) -> Result<(Vec<(String, u64)>, HeadInfo), StoreError> {
        let writer = self.write();
        let inner = writer.inner;
        let dir = inner.layout.journal();
        let failed = |e| StoreError::file("could not list", &dir, e);
        let (number, committed) = writer.state.segment.position();
        let mut files = Vec::new();
        for name in inner.vfs.list(&dir).map_err(failed)? {
            let len = inner.vfs.len(&dir.join(&name)).map_err(failed)?;
            let live = segment_number(&name).is_some();
            if name == segment_name(number) {
                files.push((name, committed));
            } else if live || is_bulk(&name) {
                files.push((name, len));
            }
        }
        Ok((files, self.head()))
    }

    /// Builds all rows anew from the journal. Nobody writes meanwhile.
    pub fn rebuild(&self, progress: &mut dyn FnMut(ProgressStep)) -> Result<u64, StoreError> {
        let mut writer = self.write();
        let total = self.entries_count();
        progress(ProgressStep {
            doing: "building the working copy anew",
            done: 0,
            total: Some(total),
        });
        let meta = open::refold_in_place(writer.inner).inspect_err(|error| {
            writer.inner.base.mark_down(&error.to_string());
        })?;
        let entries = meta.watermark.applied;
        writer.state.meta = meta;
        writer.publish();
        writer.inner.base.flush()?;
        progress(ProgressStep {
            doing: "building the working copy anew",
            done: entries,
            total: Some(total),
        });
        Ok(entries)
    }
}

/// Copies the first `len` bytes of a file: temporary name, sync, rename.
fn copy(inner: &Inner, from: &Path, to: &Path, len: u64) -> Result<(), StoreError> {
    const PIECE: u64 = 1 << 20;
    let vfs: &dyn Vfs = inner.vfs.as_ref();
    let failed = |e| StoreError::file("could not copy to", to, e);
    let temporary = to.with_extension("tmp");
    let mut file = vfs.open_append(&temporary).map_err(failed)?;
    let mut at = 0;
    while at < len {
        let piece = vfs
            .read_at(from, at, (len - at).min(PIECE) as usize)
            .map_err(|e| StoreError::file("could not read", from, e))?;
        if piece.is_empty() {
            return Err(StoreError::Damaged {
                place: from.display().to_string(),
                reason: "it is shorter than it was a moment ago".to_owned(),
            });
        }
        file.append(&piece).map_err(failed)?;
        at += piece.len() as u64;
    }
    file.sync().map_err(failed)?;
    drop(file);
    vfs.rename(&temporary, to).map_err(failed)
}
