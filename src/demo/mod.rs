//! A seeded, realistic hospital fleet with history.
//!
//! May use: `domain`, `bench`.
