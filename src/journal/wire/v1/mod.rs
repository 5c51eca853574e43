//! Version 1 of every domain event as the journal stores it. Frozen.
//!
//! Invariants: the rows of these files say the layout: which plain fields a body has and in which order. A domain type
//! never decides it. A released row never changes and its number is never used again; a variant that gains a field gets
//! a row with a new schema, and the old one a conversion. A variant without a row does not compile.
//!
//! How things are written: whole numbers little endian; a text or list as its length (u64), then its content; an option
//! as 0 or 1, then the value; yes or no as 1 or 0; a day as days since 1970-01-01 (i32); a moment as microseconds since
//! 1970 UTC (i64) and minutes east of UTC (i16); a decimal as mantissa (i128) and places (u32), kept as written (0.10 is
//! not 0.1); a choice as its number (u16); an id as 27 bytes.

mod frozen;
mod parts;
mod table;

pub(super) mod device;
pub(super) mod inspection;
pub(super) mod model;
pub(super) mod order;
pub(super) mod procedure;
pub(super) mod shop;
pub(super) mod technician;
pub(super) mod tool;

pub(super) use frozen::Trouble;

/// The schema number of these bodies.
pub(super) const SCHEMA: u16 = 1;
