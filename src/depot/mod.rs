//! Depots: places where bundles meet. A folder (a stick, a share), or an object store (S3 and compatible, Azure, Google).
//!
//! May use: `journal`, `bundle`. The only room that knows `object_store` and its runtime.
//!
//! What lies in a depot, and nothing else:
//!
//! ```text
//! sites/<site>/<name of a bundle>.tagout   immutable; put by that site only, and removed by that site only
//! have/<site>                              what the site had when it synced last, signed; overwritten by that site only
//! ```
//!
//! `<site>` is the site's id in 32 hex digits; the name of a bundle ends in a piece of its hash.
//!
//! Invariants:
//! - No lock, no leader, no condition on a put: real servers ignore them. Each site writes below its own names only, so two
//!   sites that sync at once never meet; a bundle put twice is the same bytes under the same name.
//! - A bundle is there whole or not at all, and is checked against its hash on reading. What is unknown, cut off, changed
//!   or put by somebody else is passed over with a warning; it stops nothing.
//! - `have` is advice. It is never the reason that something is not uploaded, not downloaded, or removed.
//! - A site removes only its own bundles, and only after all their entries were read back from another bundle of its own.
//!   So no entry that was in the depot leaves it, whoever else compacts, syncs or dies at that moment.
//! - A depot that lost everything is filled again by any site: what to upload depends on what is there now.
//!
//! | file | idea |
//! | --- | --- |
//! | [`place`] | where a depot is, as people write it |
//! | [`spans`] | runs of entries, and what several runs cover |
//! | [`plan`] | what to upload, to download, to compact. Pure |
//! | [`have`] | a site's statement of what it has |
//! | [`objects`] | what a depot needs of a place: list, get, put, remove |
//! | `folder`, `cloud` | the places |
//! | [`contents`] | what lies in a depot, read with as few requests as it takes |
//! | `settings` | how it is reached |
//! | [`shelf`] | what a depot needs of a store |
//! | [`mod@sync`] | the exchange |

#[cfg(feature = "cloud")]
mod cloud;
pub mod contents;
mod error;
mod folder;
pub mod have;
pub mod objects;
pub mod place;
pub mod plan;
#[cfg(feature = "cloud")]
mod profile;
mod settings;
pub mod shelf;
pub mod spans;
pub mod sync;
#[cfg(test)]
mod tests;

pub use contents::Memory;
pub use error::DepotError;
pub use have::Have;
pub use place::Place;
pub use shelf::{Shelf, ShelfError, Taken};
pub use spans::{Coverage, Span};
pub use sync::{Depot, Report, Settings, Step};
