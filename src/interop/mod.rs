//! Files from outside: device CSV, procedure TOML, AccessGUDID rows.
//!
//! May use: `domain`, `identify`. Reads text and gives values or a list of mistakes with line and column; never touches
//! a store.

pub mod csv;
pub mod gudid;
pub mod procedure;
