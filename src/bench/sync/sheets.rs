//! What faces are told about the exchange: owned facts with words.

use serde::{Deserialize, Serialize};

/// A site, as people call it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct SiteName {
    /// What it is called here, or calls itself; empty if nobody knows.
    pub name: String,
    /// The first digits of its id.
    pub short: String,
    /// Its id, 32 hex digits.
    pub id: String,
}

impl std::fmt::Display for SiteName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.name.is_empty() {
            write!(f, "site {}", self.short)
        } else {
            write!(f, "{} ({})", self.name, self.short)
        }
    }
}

/// Records of one site that are taken in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TakenLine {
    /// The site.
    pub site: SiteName,
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
}

/// Records that are not taken in now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WaitingLine {
    /// The site.
    pub site: SiteName,
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// The reason in one word: `gap`, `unknown-site`, `needs`, `revoked`, `fork`, `unsigned`.
    pub reason: String,
    /// Why, in words.
    pub why: String,
    /// What to do.
    pub advice: String,
    /// They are kept and taken in as soon as they can be.
    pub waits: bool,
}

/// Two versions of one record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ForkLine {
    /// The site that wrote both.
    pub site: SiteName,
    /// The record.
    pub seq: u64,
    /// The hash of the version that counts here.
    pub kept: String,
    /// The hash of the other one.
    pub other: String,
    /// Who brought the other one.
    pub from: SiteName,
}

/// A clock that is ahead of the clock here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AheadLine {
    /// The site.
    pub site: SiteName,
    /// The record that is furthest ahead.
    pub seq: u64,
    /// By how many milliseconds.
    pub ahead_ms: u64,
}

/// What bundles bring, or brought.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Arrived {
    /// Bundles that were looked at, those that had waited among them.
    pub bundles: usize,
    /// How many records come.
    pub entries: u64,
    /// Of which sites.
    pub taken: Vec<TakenLine>,
    /// How many things of each kind they touch: the kind in the plural, the number.
    pub things: Vec<(String, u64)>,
    /// What does not come now.
    pub waiting: Vec<WaitingLine>,
    /// Two versions of one record: two machines write under one name.
    pub forks: Vec<ForkLine>,
    /// Clocks that are wrong.
    pub ahead: Vec<AheadLine>,
    /// Other shops that number their work orders as this one does: site and prefix.
    pub same_prefix: Vec<(SiteName, String)>,
    /// Bundles that had waited and cannot be read any more.
    pub broken: Vec<String>,
}

/// A bundle that was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MadeFile {
    /// What its file should be called.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// The hash at its end.
    pub hash: String,
    /// How many records it holds.
    pub entries: u64,
    /// Of which sites: site, first and last.
    pub ranges: Vec<TakenLine>,
}

/// A site, with all that is known of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SiteSheet {
    /// The site.
    pub site: SiteName,
    /// What it calls its shop; empty if its first record is not here.
    pub shop: String,
    /// The prefix of its numbers; empty if its first record is not here.
    pub prefix: String,
    /// It writes here.
    pub own: bool,
    /// It is the one that writes here now.
    pub current: bool,
    /// `own`, `trusted`, `unknown` or `revoked`.
    pub trust: String,
    /// The last record that counts, if it was revoked.
    pub revoked_after: Option<u64>,
    /// Why it was revoked.
    pub revoked_because: String,
    /// Its last record here.
    pub last: u64,
    /// When that was written, microseconds since 1970 UTC; unknown if none is here.
    pub last_us: Option<i64>,
    /// The words to compare with the other shop.
    pub words: Vec<String>,
    /// The site that it continues, after a restored backup or a copied disk.
    pub continues: Option<SiteName>,
    /// Records that it wrote twice, in two versions: two machines use its name.
    pub forks: Vec<u64>,
    /// Its clock was ahead by so many milliseconds when its records last came.
    pub ahead_ms: Option<u64>,
    /// Records of this store that it is not known to have.
    pub lacks: u64,
}
