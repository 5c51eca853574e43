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
use super::{HeadInfo, Store};

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

/// What a copy consists of: files that never change up to these lengths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupPlan {
    /// The files by name below the store's folder, with lengths in bytes.
    pub files: Vec<(String, u64)>,
    /// The last entry of the own site in it.
    pub head: HeadInfo,
}

impl Store {
    /// What a copy of the journal and the site's keys consists of at this moment. Writing goes on meanwhile; what is
    /// written later is not in the copy.
    pub fn backup_plan(&self) -> Result<BackupPlan, StoreError> {
        let inner = &self.inner;
        let (journal, head) = self.moment()?;
        let mut files: Vec<(String, u64)> = journal
            .into_iter()
            .map(|(name, len)| (format!("{JOURNAL}/{name}"), len))
            .collect();
        let keys = inner.layout.keys();
        let failed = |e| StoreError::file("could not list", &keys, e);
        for name in inner.vfs.list(&keys).map_err(failed)? {
            let len = inner.vfs.len(&keys.join(&name)).map_err(failed)?;
            files.push((format!("{KEYS}/{name}"), len));
        }
        Ok(BackupPlan { files, head })
    }

    /// A piece of a file of the plan, from this byte on, at most `longest` bytes. Names that no plan holds are refused.
    pub fn backup_piece(
        &self,
        name: &str,
        offset: u64,
        longest: usize,
    ) -> Result<Vec<u8>, StoreError> {
        let inner = &self.inner;
        let folder = match name.split_once('/') {
            Some((JOURNAL, file)) if plain(file) => inner.layout.journal().join(file),
            Some((KEYS, file)) if plain(file) => inner.layout.keys().join(file),
            _ => {
                return Err(StoreError::Draft(format!(
                    "\"{name}\" is no file of a backup"
                )));
            }
        };
        inner
            .vfs
            .read_at(&folder, offset, longest)
            .map_err(|e| StoreError::file("could not read", &folder, e))
    }

    /// Copies the journal and the keys to a new or empty folder, reads the copy back and checks it. A restored backup
    /// is simply opened: it continues as a new site.
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
        let inner = &self.inner;
        if to.starts_with(&inner.layout.dir) {
            return Err(inside(to).into());
        }
        let plan = self.backup_plan()?;
        let vfs = inner.vfs.as_ref();
        let report = write_copy(vfs, to, &plan, &mut |name, offset| {
            self.backup_piece(name, offset, PIECE)
        })?;
        also()?;
        finish_copy(vfs, to)?;
        Ok(report)
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

/// The longest piece that is copied at once, in bytes.
const PIECE: usize = 1 << 20;
/// The journal's folder in a copy.
const JOURNAL: &str = "journal";
/// The folder of the site's keys in a copy.
const KEYS: &str = "keys";

/// A name without a path.
fn plain(file: &str) -> bool {
    !file.is_empty() && !file.contains(['/', '\\']) && file != "." && file != ".."
}

/// A backup inside of what it is a backup of would be lost with it.
pub fn inside(to: &Path) -> StoreError {
    StoreError::Draft(format!(
        "{} lies inside the store; a backup must lie elsewhere",
        to.display()
    ))
}

/// Gives the bytes of a file of a backup, by name, from a byte on.
pub type Fetch<'a, E> = dyn FnMut(&str, u64) -> Result<Vec<u8>, E> + 'a;

/// Writes a copy by its plan into a new or empty folder, with what `fetch` gives for a file's name from a byte on;
/// reads it back and checks it. The folder stays marked as unfinished until [`finish_copy`].
pub fn write_copy<E: From<StoreError>>(
    vfs: &dyn Vfs,
    to: &Path,
    plan: &BackupPlan,
    fetch: &mut Fetch<'_, E>,
) -> Result<BackupReport, E> {
    let failed = |e| StoreError::file("could not write the backup to", to, e);
    if vfs.exists(to) && !vfs.list(to).map_err(failed)?.is_empty() {
        return Err(StoreError::Draft(format!(
            "the folder {} is not empty; a backup needs a folder of its own",
            to.display()
        ))
        .into());
    }
    let (journal, keys) = (to.join(JOURNAL), to.join(KEYS));
    vfs.create_dir_all(to).map_err(failed)?;
    let unfinished = "A backup was being written here and is not complete.\n";
    write_whole(vfs, &to.join(UNFINISHED), unfinished.as_bytes()).map_err(failed)?;
    for folder in [&journal, &keys] {
        vfs.create_dir_all(folder).map_err(failed)?;
    }
    let head = &plan.head;
    let mark = format!(
        "A copy of site {} up to record {}. Opening it begins a new site that continues that one.\n",
        head.site, head.seq
    );
    write_whole(vfs, &to.join("copied-from"), mark.as_bytes()).map_err(failed)?;
    let mut bytes = 0;
    for (name, len) in &plan.files {
        let at = match name.split_once('/') {
            Some((JOURNAL, file)) if plain(file) => journal.join(file),
            Some((KEYS, file)) if plain(file) => keys.join(file),
            _ => {
                return Err(StoreError::Draft(format!("\"{name}\" is no file of a backup")).into());
            }
        };
        if name.starts_with(JOURNAL) {
            bytes += len;
        }
        copy(vfs, &at, *len, &mut |offset| fetch(name, offset))?;
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
    let damaged = |reason: String| StoreError::Damaged {
        place: to.display().to_string(),
        reason,
    };
    if let Some(trouble) = count.troubles.first() {
        return Err(damaged(format!("the copy does not check out: {trouble}")).into());
    }
    if walked.chains.tip(head.site) != want {
        return Err(damaged("the copy does not end where the journal ended".to_owned()).into());
    }
    Ok(BackupReport {
        dir: to.to_path_buf(),
        entries: count.entries,
        bytes,
        head: *head,
    })
}

/// Takes the mark of an unfinished backup away: all that belongs to it is there.
pub fn finish_copy(vfs: &dyn Vfs, to: &Path) -> Result<(), StoreError> {
    vfs.remove(&to.join(UNFINISHED))
        .and_then(|()| vfs.sync_dir(to))
        .map_err(|e| StoreError::file("could not finish the backup in", to, e))
}

/// Writes a file of `len` bytes: temporary name, sync, rename.
fn copy<E: From<StoreError>>(
    vfs: &dyn Vfs,
    to: &Path,
    len: u64,
    fetch: &mut dyn FnMut(u64) -> Result<Vec<u8>, E>,
) -> Result<(), E> {
    let failed = |e| StoreError::file("could not copy to", to, e);
    let temporary = to.with_extension("tmp");
    let mut file = vfs.open_append(&temporary).map_err(failed)?;
    let mut at = 0;
    while at < len {
        let mut piece = fetch(at)?;
        piece.truncate(usize::try_from(len - at).unwrap_or(usize::MAX));
        if piece.is_empty() {
            return Err(StoreError::Damaged {
                place: to.display().to_string(),
                reason: "what it is copied from is shorter than it was a moment ago".to_owned(),
            }
            .into());
        }
        file.append(&piece).map_err(failed)?;
        at += piece.len() as u64;
    }
    file.sync().map_err(failed)?;
    drop(file);
    vfs.rename(&temporary, to).map_err(failed)?;
    Ok(())
}
