//! Actions with their label, help, group and danger; key parsing; TOML keymaps; chord trie; conflict checks.
//!
//! May use: std, crokey, toml. Knows nothing of the application's state.
