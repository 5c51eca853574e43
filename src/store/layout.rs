//! Where things lie in the store's folder, and how the store's own rows are keyed.
//!
//! ```text
//! STORE/lock, lock.holder       who holds the store
//! STORE/journal/00000001.seg    live journal files: frames of entries
//! STORE/journal/bulk-HASH.seg   a big transaction, taken in by an Include entry
//! STORE/keys/SITE.key           the site's private key
//! STORE/rows/                   sled: every entry and projection; can be deleted at any time
//! STORE/held/                   bundles with entries that wait
//! STORE/forks/                  bundles with another version of an entry
//! STORE/heard/SITE.have         what another site said it has: advice
//! STORE/set-aside/              whatever a repair replaced
//! STORE/ballast                 space to get out of a full disk
//! STORE/backup-made             when the last backup was made
//! STORE/copied-from             only in backups: this copy must continue as a new site
//! STORE/unfinished-backup       only while a backup is written: this copy lacks records
//! STATE/heads/SITE.head         the last head, outside the store
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::id::{Hash, SiteId};
use crate::journal::{AggregateRef, HybridTime};

use super::rows::Sum;

/// The format of the store's own rows.
pub const FORMAT: u32 = 1;

/// The name of the mark of a backup that is being written, or was interrupted.
pub const UNFINISHED: &str = "unfinished-backup";

/// The paths of one store.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The store's folder.
    pub dir: PathBuf,
    /// The state folder, outside the store.
    pub state: PathBuf,
}

impl Layout {
    /// The journal's folder.
    pub fn journal(&self) -> PathBuf {
        self.dir.join("journal")
    }
    /// The folder of private keys.
    pub fn keys(&self) -> PathBuf {
        self.dir.join("keys")
    }
    /// sled's folder.
    pub fn rows(&self) -> PathBuf {
        self.dir.join("rows")
    }
    /// The folder of things that a repair replaced.
    pub fn set_aside(&self) -> PathBuf {
        self.dir.join("set-aside")
    }
    /// The lock file.
    pub fn lock(&self) -> PathBuf {
        self.dir.join("lock")
    }
    /// Who holds the lock, in words.
    pub fn holder(&self) -> PathBuf {
        self.dir.join("lock.holder")
    }
    /// The ballast file.
    pub fn ballast(&self) -> PathBuf {
        self.dir.join("ballast")
    }
    /// The mark of a backup.
    pub fn copied_from(&self) -> PathBuf {
        self.dir.join("copied-from")
    }
    /// The mark of a backup that is being written, or was interrupted.
    pub fn unfinished(&self) -> PathBuf {
        self.dir.join(UNFINISHED)
    }
    /// Gaps that a person has accepted.
    pub fn accepted(&self) -> PathBuf {
        self.dir.join("accepted-gaps")
    }
    /// The note of the last backup.
    pub fn backup_made(&self) -> PathBuf {
        self.dir.join("backup-made")
    }
    /// The mark that the rows did not pass a check and must be built anew.
    pub fn suspect(&self) -> PathBuf {
        self.dir.join("rows.suspect")
    }
    /// Bundles whose entries wait, in part or in whole.
    pub fn held(&self) -> PathBuf {
        self.dir.join("held")
    }
    /// What other sites said they have.
    pub fn heard(&self) -> PathBuf {
        self.dir.join("heard")
    }
    /// Bundles that hold another version of an entry than the one that counts here.
    pub fn forks(&self) -> PathBuf {
        self.dir.join("forks")
    }
    /// A head of the own site that others know and that does not agree with this store.
    pub fn contradicted(&self, site: SiteId) -> PathBuf {
        self.heads().join(format!("{site}.elsewhere"))
    }
    /// The private key of a site.
    pub fn key(&self, site: SiteId) -> PathBuf {
        self.keys().join(format!("{site}.key"))
    }
    /// The folder of heads.
    pub fn heads(&self) -> PathBuf {
        self.state.join("heads")
    }
    /// The head of a site.
    pub fn head(&self, site: SiteId) -> PathBuf {
        self.heads().join(format!("{site}.head"))
    }
}

/// The name of a live journal file.
pub fn segment_name(number: u64) -> String {
    format!("{number:08}.seg")
}

/// The number of a live journal file.
pub fn segment_number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".seg")?;
    (digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// The name of the file of a big transaction.
pub fn bulk_name(hash: &Hash) -> String {
    let mut text = hash.to_string();
    text.truncate(24);
    format!("bulk-{text}.seg")
}

/// True if this is the name of a big transaction's file.
pub fn is_bulk(name: &str) -> bool {
    name.starts_with("bulk-") && Path::new(name).extension().is_some_and(|e| e == "seg")
}

/// The last entry that the rows hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Watermark {
    /// How many entries of the journal are folded, in journal order.
    pub applied: u64,
    /// The site of the last one.
    pub site: SiteId,
    /// Its sequence.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

/// The one row about all rows.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Meta {
    /// [`FORMAT`].
    pub format: u32,
    /// The projector's version.
    pub projector: u32,
    /// The last entry folded.
    pub watermark: Watermark,
    /// Checksum per family.
    pub sums: BTreeMap<u8, Sum>,
    /// While a big transaction is folded: the last entry that was there before it. Of what lies behind it any number of
    /// rows may be missing.
    pub bulk_from: Option<Watermark>,
    /// Entries whose fold was refused while rows were built from a damaged journal.
    pub skipped: u64,
}

/// Key of the row about all rows.
pub const META_KEY: &[u8] = b"meta";

/// Key of an entry.
pub fn entry_key(site: SiteId, seq: u64) -> [u8; 24] {
    let mut out = [0; 24];
    out[..16].copy_from_slice(&site.0);
    out[16..].copy_from_slice(&seq.to_be_bytes());
    out
}

/// Site and sequence of an entry's key.
pub fn read_entry_key(key: &[u8]) -> Option<(SiteId, u64)> {
    let site = key.get(..16)?.try_into().ok()?;
    let seq = key.get(16..24)?.try_into().ok()?;
    Some((SiteId(site), u64::from_be_bytes(seq)))
}

/// Site and sequence of the entry that an aggregate's key names.
pub fn read_aggregate_key(key: &[u8]) -> Option<(SiteId, u64)> {
    key.get(37..).and_then(read_entry_key)
}

/// What begins the keys of all entries of an aggregate.
pub fn aggregate_prefix(aggregate: &AggregateRef) -> [u8; 29] {
    let mut out = [0; 29];
    out[..2].copy_from_slice(&aggregate.kind.to_be_bytes());
    out[2..].copy_from_slice(&aggregate.id.key());
    out
}

/// Key of one entry of an aggregate: sorts by fold time, site, sequence.
pub fn aggregate_key(
    aggregate: &AggregateRef,
    time: HybridTime,
    site: SiteId,
    seq: u64,
) -> [u8; 61] {
    let mut out = [0; 61];
    out[..29].copy_from_slice(&aggregate_prefix(aggregate));
    out[29..37].copy_from_slice(&time.0.to_be_bytes());
    out[37..].copy_from_slice(&entry_key(site, seq));
    out
}
