//! Who is at a host.

use serde::{Deserialize, Serialize};

/// One session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionLine {
    /// The Unix account: its number, as the kernel says.
    pub uid: u32,
    /// The account's name.
    pub user: String,
    /// The client's process, as the kernel says.
    pub process: i32,
    /// Its terminal.
    pub terminal: String,
    /// Since when, microseconds since 1970 UTC.
    pub since: i64,
    /// What it does.
    pub doing: String,
}

/// The facts of a host.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HostStatus {
    /// Its process.
    pub process: u32,
    /// The program's version.
    pub build: String,
    /// Since when, microseconds since 1970 UTC.
    pub since: i64,
    /// Seconds without a session after which it leaves; `None` when it stays.
    pub idle: Option<u64>,
    /// Bytes of the store's files.
    pub bytes: u64,
    /// Who is here, without the one who asks.
    pub sessions: Vec<SessionLine>,
}
