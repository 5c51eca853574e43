//! The in-memory device index and its ranking; fuzzy-matcher is the scorer.
//!
//! May use: `domain`. Pure: rows go in, ranked ids come out.
