//! The bundle: the one file in which shops exchange entries. Write, inspect, verify; pure.
//!
//! May use: `journal`. Knows no store, no folder and no clock; reads and writes whatever it is handed.
//! Invariants: an entry leaves a bundle exactly as its site wrote it; entries come only out of a bundle that was
//! checked whole; no byte of a bundle can make reading panic, take more memory than a frame, a header and an entry, or
//! give an entry that its author did not put there. Whether the author is trusted is for others to say.
//!
//! [`mod@format`] has the layout, byte by byte.

mod age;
mod error;
pub mod format;
mod frame;
mod header;
mod name;
mod plausible;
mod range;
mod read;
mod split;
mod tally;
#[cfg(test)]
mod tests;
mod walk;
pub mod wire;
mod write;

pub use age::Fresh;
pub use error::BundleError;
pub use header::{About, Created, Header, Recipient, SignedHead};
pub use name::{BundleName, Carries, ENDING};
pub use range::Range;
pub use read::{Bundle, BundledEntry, Entries, Progress, Verified, Watch, inspect};
pub use split::split;
pub use walk::{Carried, Report};
pub use write::{Builder, Push, Written};

pub use crate::journal::VersionVector;
