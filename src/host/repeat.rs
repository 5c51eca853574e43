//! What a session may expect of a call: an answer soon, and that asking again after a break does nothing twice.

use crate::bench::link::{Call, KeyAct};
use crate::bench::sync::{DepotCall, SyncCall};

/// What a host that runs answers soon, however much there is to do.
pub fn is_short(call: &Call) -> bool {
    matches!(
        call,
        Call::Tell(_)
            | Call::TellWith { .. }
            | Call::Ask(_)
            | Call::Sign { .. }
            | Call::Review { .. }
            | Call::Key { .. }
    )
}

/// Whether asking again cannot do it twice. An opened key is gone with its host, so nothing about keys is repeated.
pub fn may_repeat(call: &Call) -> bool {
    match call {
        Call::Key { act, .. } => matches!(act, KeyAct::Look | KeyAct::Lock),
        Call::Tell(_)
        | Call::Ask(_)
        | Call::TellWith { .. }
        | Call::Sign { .. }
        | Call::Review { .. }
        | Call::Verify
        | Call::Digest
        | Call::Rebuild
        | Call::BackupPlan
        | Call::BackupPiece { .. }
        | Call::BackupMade(_)
        | Call::Look => true,
        Call::Sync(call) => matches!(call, SyncCall::Sites | SyncCall::Depot(DepotCall::List)),
        // What was given to a task, and what it made, is gone with its host.
        Call::Piece(_) | Call::Task { .. } | Call::Fetch(_) => false,
    }
}
