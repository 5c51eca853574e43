//! What faces are told about depots: owned facts with words.

use serde::{Deserialize, Serialize};

use super::files::DepotSetting;
use crate::bench::sync::{Arrived, SiteName};

/// How the last exchange with a depot ended.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LastSync {
    /// How many ended here, well or not.
    pub count: u64,
    /// When the last one ended, well or not, microseconds since 1970 UTC; 0 if there was none.
    pub at_us: i64,
    /// When the last one ended well; 0 if none did.
    pub good_us: i64,
    /// Records that it put there.
    pub sent: u64,
    /// Records that it brought.
    pub received: u64,
    /// What went wrong, in words.
    pub trouble: Option<String>,
    /// The trouble may pass by itself: a stick that is not plugged in, a line that is down.
    pub passes: bool,
    /// What there was to say of the last one that ended well.
    pub lines: Vec<String>,
    /// What the site had when it last exchanged everything: site and sequence.
    pub had: Vec<(String, u64)>,
}

/// A depot, with all that is known of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DepotSheet {
    /// As it was set up.
    pub depot: DepotSetting,
    /// How the last exchange ended.
    pub last: LastSync,
    /// Records that wait to go there.
    pub to_send: u64,
    /// Its folder is not there: a stick that is not plugged in, a share that is not connected.
    pub absent: bool,
    /// What is being done there now.
    pub running: Option<String>,
}

/// One short mark for all depots together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SyncMark {
    /// An exchange ended in trouble.
    Trouble,
    /// So many records wait to go.
    ToSend(u64),
    /// Everything went; when, microseconds since 1970 UTC.
    Synced(i64),
    /// Nothing was ever exchanged.
    Never,
}

/// What an exchange did.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Synced {
    /// The depot.
    pub name: String,
    /// Records that were put there.
    pub sent: u64,
    /// Bundles that they went in.
    pub uploaded: Vec<String>,
    /// Records that are here now and were not before.
    pub received: u64,
    /// Bundles that were fetched.
    pub downloaded: usize,
    /// Bytes of them.
    pub bytes_down: u64,
    /// Own bundles that were put together.
    pub replaced: usize,
    /// What was taken in, and what waits for something.
    pub arrived: Arrived,
    /// Records that are in no bundle there, though later ones are: site, first and last.
    pub gaps: Vec<(SiteName, u64, u64)>,
    /// Sites that said they lack records of this store, and how many.
    pub behind: Vec<(SiteName, u64)>,
    /// Sites whose bundles are encrypted for others.
    pub sealed: Vec<SiteName>,
    /// What was passed over or refused.
    pub warnings: Vec<String>,
}
