//! Actions with their label, help, group and danger; key parsing; TOML keymaps; chord trie; conflict checks.
//!
//! May use: std, crokey, toml. Knows nothing of the application's state.

pub mod action;
pub mod context;
pub mod finding;
pub mod key;
pub mod map;
mod parse;
pub mod trie;

pub use action::{Action, Availability, Effect, Group};
pub use context::Context;
pub use finding::{Finding, Place};
pub use key::KeyCombo;
pub use map::{Binding, Candidate, ChordState, Keymap, Press};
