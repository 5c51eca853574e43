//! A seeded, realistic hospital fleet with history.
//!
//! May use: `domain`, `bench`.
//! Invariants: the same seed, size and day give the same journal, byte for byte; everything goes through real commands,
//! nothing is written past the deciders. The hospital, its people and its instructions are made up; makers, models and
//! product codes are public names.

pub mod catalogue;
pub mod fleet;
pub mod places;
pub mod random;
