//! What several tests of this binary need.
pub mod shared;
