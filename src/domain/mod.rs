//! What HTM is: devices, work orders, procedures, inspections, readings with units and limits, technicians, codes;
//! commands, events, decide and apply.
//!
//! May use: std, chrono's types, serde derives, rust_decimal, and blake3 where a thing is named by its content.
//! Invariants: pure. No clock, no randomness, no IO, no threads: time, actor and ids come in through the context.
//! Unknown is a value, never "fine". State is per aggregate: `decide` sees only the aggregates a command names, and
//! `apply` touches only the one aggregate its event names.

pub(crate) mod choices;
pub mod claims;
pub mod command;
pub mod context;
pub mod device;
pub mod event;
pub mod id;
pub mod inspection;
pub mod measure;
pub mod merge;
pub mod model;
pub mod order;
pub mod procedure;
pub mod refusal;
pub mod register;
#[cfg(test)]
mod scenario;
pub mod seen;
pub mod shop;
pub mod signature;
pub mod stored_procedure;
pub mod technician;
#[doc(hidden)]
pub mod testing;
pub mod time;
pub mod tool;
pub mod witness;
