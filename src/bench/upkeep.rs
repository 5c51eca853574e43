//! Looking after the store: verify, digest, rebuild, backup, recover. Answers are plain facts for the faces.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::store::vfs::RealFs;
use crate::store::{self, BackupPlan, HeadInfo, ProgressStep, Store};

use super::failure::Failure;
use super::keys::{KeyRing, TECHNICIANS};
use super::link::{BackupFiles, PIECE};
use super::service::{Bench, BenchOptions};

pub use crate::store::{BackupNote, HeadState, Look};

/// One thing that is wrong with the store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// What.
    pub what: String,
    /// Where.
    pub place: String,
    /// What it means for the records.
    pub meaning: String,
    /// What to do.
    pub advice: String,
    /// A person accepted it earlier.
    pub accepted: bool,
}

/// One site's chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SiteLine {
    /// The site.
    pub site: String,
    /// Its last entry.
    pub last: u64,
    /// The hash of that entry.
    pub hash: String,
    /// True for the site that writes here.
    pub own: bool,
}

/// What `verify` found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Verified {
    /// Nothing is wrong.
    pub ok: bool,
    /// Entries in the journal.
    pub entries: u64,
    /// Every chain.
    pub sites: Vec<SiteLine>,
    /// What is wrong; the first one is the first bad entry.
    pub problems: Vec<Problem>,
}

/// A backup that was made and read back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BackupMade {
    /// Its folder.
    pub dir: String,
    /// Entries in it.
    pub entries: u64,
    /// Bytes of journal.
    pub bytes: u64,
}

impl Bench {
    /// Walks every chain and compares sled with the journal.
    pub fn verify(&self) -> Result<Verified, Failure> {
        let report = self.store().verify()?;
        Ok(Verified {
            ok: report.ok,
            entries: report.entries,
            sites: report
                .sites
                .into_iter()
                .map(|site| SiteLine {
                    site: site.site.to_string(),
                    last: site.tip.seq,
                    hash: site.tip.hash.to_string(),
                    own: site.own,
                })
                .collect(),
            problems: report
                .problems
                .into_iter()
                .map(|problem| Problem {
                    what: problem.what,
                    place: problem.place,
                    meaning: problem.meaning,
                    advice: problem.advice,
                    accepted: problem.accepted,
                })
                .collect(),
        })
    }

    /// `entries:HEX state-vN:HEX`, equal on any two stores that hold the same entries (the second at equal N).
    pub fn digest(&self) -> Result<String, Failure> {
        Ok(self.store().digest()?.to_string())
    }

    /// Makes the working copy anew from the journal. Says how many entries were folded.
    pub fn rebuild(&self, progress: &mut dyn FnMut(ProgressStep)) -> Result<u64, Failure> {
        let entries = self.store().rebuild(progress)?;
        self.fill_index()?;
        self.announce(Vec::new());
        Ok(entries)
    }

    /// What a backup consists of: the journal, the site's keys and the technicians' sealed signing keys.
    pub fn backup_plan(&self) -> Result<BackupFiles, Failure> {
        let plan = self.store().backup_plan()?;
        let mut files = plan.files;
        for (name, len) in self.keys().files()? {
            files.push((format!("{TECHNICIANS}/{name}"), len));
        }
        Ok(BackupFiles {
            files,
            site: plan.head.site,
            seq: plan.head.seq,
            hash: plan.head.hash,
            wall_us: plan.head.wall_us,
        })
    }

    /// A piece of one of these files, from this byte on, at most [`PIECE`] bytes.
    pub fn backup_piece(&self, name: &str, offset: u64) -> Result<Vec<u8>, Failure> {
        match name.split_once('/') {
            Some((TECHNICIANS, file)) => Ok(self.keys().piece(file, offset, PIECE)?),
            _ => Ok(self.store().backup_piece(name, offset, PIECE)?),
        }
    }

    /// Notes that a backup was made and read back.
    pub fn note_backup(&self, note: &BackupNote) -> Result<(), Failure> {
        Ok(self.store().note_backup(note)?)
    }

    /// Looks at the journal, the head outside and the room on the disk.
    pub fn look(&self) -> Result<Look, Failure> {
        Ok(self.store().look()?)
    }

    /// Opens a store that cannot be opened for writing, accepting what is lost: each loss is listed and what is damaged is
    /// kept aside.
    pub fn recover(options: BenchOptions) -> Result<Vec<String>, Failure> {
        let store_options = super::service::store_options(&options);
        let (store, notices) = Store::recover(store_options)?;
        drop(store);
        Ok(notices.iter().map(ToString::to_string).collect())
    }
}

/// As [`Bench::look`], at a store that nobody opens: nothing is locked, made, changed or repaired.
pub fn look(dir: &Path, state: &Path) -> Result<Look, Failure> {
    Ok(store::look(dir, state)?)
}

/// Writes a backup into a new or empty folder with what `fetch` gives, reads it back and checks it.
pub fn write_backup(
    from: &Path,
    to: &Path,
    plan: BackupFiles,
    fetch: &mut store::Fetch<'_, Failure>,
) -> Result<BackupMade, Failure> {
    if to.starts_with(from) {
        return Err(store::inside(to).into());
    }
    let (sealed, files) = plan
        .files
        .into_iter()
        .partition(|(name, _)| name.starts_with(TECHNICIANS));
    let plan = BackupPlan {
        files,
        head: HeadInfo {
            site: plan.site,
            seq: plan.seq,
            hash: plan.hash,
            wall_us: plan.wall_us,
        },
    };
    let report = store::write_copy(&RealFs, to, &plan, fetch)?;
    let keys = KeyRing::of(to);
    for (name, len) in Vec::from_iter(sealed) {
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < len {
            let piece = fetch(&name, bytes.len() as u64)?;
            if piece.is_empty() {
                break;
            }
            bytes.extend_from_slice(&piece);
        }
        if let Some((_, file)) = name.split_once('/') {
            keys.put(file, &bytes)?;
        }
    }
    store::finish_copy(&RealFs, to)?;
    Ok(BackupMade {
        dir: report.dir.display().to_string(),
        entries: report.entries,
        bytes: report.bytes,
    })
}
