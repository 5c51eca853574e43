//! Actions with their label, help, group and danger; key parsing; TOML keymaps; chord trie; conflict checks.
//!
//! May use: std, crokey, toml. Knows nothing of the application's state.

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
pub mod trie;

pub use action::{Action, Availability, Effect, Group};
pub use check::Shadow;
pub use context::Context;
pub use finding::{Finding, Place};
pub use key::KeyCombo;
pub use load::{Loaded, load};
pub use map::{Binding, Candidate, ChordState, Keymap, Press};
