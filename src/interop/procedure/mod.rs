//! Procedures as files: the TOML in which technicians write them, its checker, its writer, the paper form, and the
//! procedures that are shipped.
//!
//! Invariants: [`read`] reports every mistake at once, each with line and column, what is wrong and how to mend it, and
//! never panics. What [`write()`] writes, [`read`] reads back as the same procedure. Numbers are taken from the file as
//! decimals, never through floating point.

mod check;
mod condition;
mod document;
mod example;
mod fields;
pub mod library;
mod limit;
mod mistake;
mod print;
mod step;
mod write;

pub use document::read;
pub use example::example;
pub use mistake::Mistake;
pub use print::{print, print_sections};
pub use write::write;

#[cfg(test)]
mod tests;
