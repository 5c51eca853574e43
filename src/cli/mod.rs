//! clap commands: every technician action as a line command, as text or `--json`.
//!
//! May use: `bench`, `interop`, `report`, `keymap`.
