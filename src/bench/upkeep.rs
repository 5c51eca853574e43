//! Looking after the store: verify, digest, rebuild, backup, recover. Answers are plain facts for the faces.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::store::{ProgressStep, Store};

use super::failure::Failure;
use super::service::{Bench, BenchOptions};

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

    /// Copies the journal, the site's key and the technicians' sealed signing keys into an empty folder, and reads the
    /// journal back.
    pub fn backup(&self, to: &Path) -> Result<BackupMade, Failure> {
        let report = self.store().backup_with(to, || -> Result<(), Failure> {
            self.keys().copy_to(to)?;
            Ok(())
        })?;
        Ok(BackupMade {
            dir: report.dir.display().to_string(),
            entries: report.entries,
            bytes: report.bytes,
        })
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
