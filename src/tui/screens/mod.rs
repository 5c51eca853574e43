//! The places of the terminal, one file each.

pub mod checklist;
pub mod steps;
