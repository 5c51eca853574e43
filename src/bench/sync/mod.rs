//! Exchanging work with other shops: bundles in and out, and which sites are trusted.
//!
//! Invariants: a bundle comes and goes in pieces, so a session on another account's terminal reads and writes its own
//! files; until [`SyncCall::Import`] nothing is changed; everything said here is in words a technician can act on.

mod ask;
mod desk;
mod files;
mod make;
mod sheets;
mod signoff;
mod sites;
mod take;
#[cfg(test)]
mod tests;
mod words;

pub use ask::NotGiven;
pub use desk::{Desk, PASSING, clear};
pub use files::FileTrouble;
pub use sheets::{
    AheadLine, Arrived, ForkLine, MadeFile, SiteName, SiteSheet, TakenLine, WaitingLine,
};
pub use signoff::check_signoff;
pub(super) use sites::Names;
pub(super) use words::records;

use serde::{Deserialize, Serialize};

use super::depots::{DepotSetting, DepotSheet, Synced};
use crate::domain::id::{EntityId, SiteId};

/// What a session asks about the exchange with other shops.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum SyncCall {
    /// The next piece of a bundle, at most [`super::link::PIECE`] bytes.
    Give {
        /// The bytes.
        piece: Vec<u8>,
        /// It is the last piece: the bundle is whole and is checked.
        ends: bool,
    },
    /// Forget the bundles that were given.
    Forget,
    /// What the given bundles, and those that wait, would bring.
    Preview,
    /// Take in what they bring.
    Import {
        /// The technician.
        actor: String,
    },
    /// Make bundles.
    Export(ExportAsk),
    /// A piece of a bundle that was made.
    Made {
        /// Which, from 0.
        part: u32,
        /// From this byte.
        offset: u64,
    },
    /// Every known site.
    Sites,
    /// Say something about a site.
    Site {
        /// The technician.
        actor: String,
        /// The site.
        site: SiteId,
        /// What.
        act: SiteAct,
    },
    /// Something about depots.
    Depot(DepotCall),
}

/// What a session asks about depots.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum DepotCall {
    /// Every depot, with how things are.
    List,
    /// Set a depot up.
    Add(DepotSetting),
    /// Take a depot from the list.
    Remove {
        /// Its name.
        name: String,
    },
    /// Exchange with a depot and wait for the end.
    Sync {
        /// The technician.
        actor: String,
        /// Its name.
        name: String,
    },
    /// Begin to exchange with a depot.
    Start {
        /// The technician.
        actor: String,
        /// Its name.
        name: String,
    },
}

/// What is to be exported.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExportAsk {
    /// Which records.
    pub scope: Scope,
    /// The sites that can read it; everybody if none is named.
    pub readers: Vec<SiteId>,
    /// The largest file in bytes; the largest allowed if 0.
    pub limit: u64,
}

/// Which records are exported.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Scope {
    /// All.
    All,
    /// What a site is not known to have.
    For(SiteId),
    /// What was written at this time or later, microseconds since 1970 UTC.
    Since(i64),
    /// A signed inspection with all that its signatures list, and nothing else.
    Inspection(EntityId),
    /// As [`Scope::For`]; if there is nothing new, only word of what arrived from there.
    Receipt(SiteId),
}

/// What is said about a site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SiteAct {
    /// It is trusted: somebody compared its words. What waited for that is taken in.
    Trust {
        /// What it is called here; empty for the name it gives itself.
        name: String,
    },
    /// What it writes from now on does not count.
    Revoke {
        /// Why.
        reason: String,
    },
    /// What it is called here.
    Rename {
        /// The name; empty for the name it gives itself.
        name: String,
    },
}

/// The answer to a [`SyncCall`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum SyncReply {
    /// Done; nothing more to say.
    Done,
    /// To [`SyncCall::Preview`], [`SyncCall::Import`] and a trust: what came or would come.
    Arrived(Box<Arrived>),
    /// To [`SyncCall::Export`].
    Made(Vec<MadeFile>),
    /// To [`SyncCall::Made`].
    Bytes(Vec<u8>),
    /// To [`SyncCall::Sites`].
    Sites(Vec<SiteSheet>),
    /// To [`DepotCall::List`].
    Depots(Vec<DepotSheet>),
    /// To [`DepotCall::Add`]: what to know beside it.
    Words(Vec<String>),
    /// To [`DepotCall::Sync`].
    Synced(Box<Synced>),
}
