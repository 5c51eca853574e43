//! Depots of this store: which there are, when they are synced, and what came of it.
//!
//! Invariants: what is set up here belongs to this machine and never enters the journal; to lose it costs requests, no
//! record. Nothing secret is kept: keys and passwords come from the environment or a profile of the process that syncs.
//! One exchange runs at a time, and nobody is kept from writing while it talks to the place. A thread that talks to a slow
//! place does not keep the store open.
//!
//! | file | idea |
//! | --- | --- |
//! | `files` | what is kept on disk, in the store's folder |
//! | `desk` | what runs, what was asked for, when to stop |
//! | `shelf` | the store, as a depot needs it |
//! | `exchange` | one exchange, and what it says |
//! | `manage` | add, list, remove |
//! | `auto` | exchanges in the background |
//! | `timing` | when the next one is due. Pure |
//! | `ask` | the same as a session asks for it |

mod ask;
mod auto;
mod desk;
mod exchange;
mod files;
mod manage;
mod sheets;
mod shelf;
mod timing;
mod words;

pub use auto::Background;
pub(super) use desk::Depots;
pub use files::DepotSetting;
pub use sheets::{DepotSheet, LastSync, SyncMark, Synced};
pub use words::every_words;
