//! Actions with their label, help, group and danger; key parsing; TOML keymaps; chord trie; conflict checks.
//!
//! May use: std, crokey, toml, and crossterm's key event types. Knows nothing of the application's state: whoever asks
//! brings the contexts in front and says which actions can be used now ([`Availability`]).
//!
//! | file | idea |
//! | --- | --- |
//! | [`action`] | every action once, with its words and its effect |
//! | [`context`] | where keys are pressed, what is typed there, what it falls back to |
//! | [`key`] | one key press and its text |
//! | [`trie`], [`map`] | from keys to an action, chords included |
//! | `parse`, `check`, [`mod@load`] | keymap files: reading, rules, and laying one over another |
//! | [`finding`] | mistakes and warnings with their place |
//! | [`describe`], [`tables`] | footer, help, `keys show`, `keys check`, README |
//!
//! Invariants: there is always a usable keymap; nobody can be locked in; text is never an action; Enter confirms
//! nothing; no time limit decides what a key means; whatever people read about keys is derived from the actions and the
//! keymap in force.

pub mod action;
mod check;
pub mod context;
pub mod describe;
pub mod finding;
pub mod key;
pub mod load;
pub mod map;
mod parse;
pub mod tables;
#[cfg(test)]
mod tests;
pub mod trie;

pub use action::{Action, Availability, Effect, Group};
pub use check::Shadow;
pub use context::Context;
pub use finding::{Finding, Place};
pub use key::KeyCombo;
pub use load::{Loaded, load};
pub use map::{Binding, Candidate, ChordState, Keymap, Press};
