//! The application service: `Bench` owns store, index and clock, and is the only way in for every face.
//!
//! May use: everything above it. Commands, queries, answers and notices are owned serde types that pass the codec even
//! in-process, so that a later host process changes nothing here.

mod ask;
mod bulk;
mod check;
pub mod clock;
mod conflicts;
pub mod depots;
mod failure;
mod held;
pub mod history;
pub mod keys;
pub mod link;
mod listing;
mod past;
mod projector;
pub mod query;
mod replace_key;
mod rows;
pub mod seat;
mod service;
mod session;
mod siblings;
mod sign;
pub mod sync;
mod tend;
#[cfg(test)]
pub(crate) mod tests;
mod together;
mod twins;
pub mod upkeep;
mod view;

pub use bulk::{Act, BulkReceipt, BulkStep, Made, StepMaker};
pub use check::{RecordCheck, digest};
pub use failure::Failure;
pub use seat::{PIN_TRIES, Peer, SHORTEST_PIN, Seat, Tasks};
pub use service::{Bench, BenchOptions, new_command_id, own_uid, technician_key};
pub use session::Session;
pub use sign::{ReviewRequest, SignRequest};
pub use view::View;

pub use crate::journal::SiteKey as SigningKey;
pub use crate::lookup::{TextHit, filter_names, rank_text};
pub use crate::store::{NewStore, Notice, Progress, ProgressStep, Tuning};
