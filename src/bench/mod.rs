//! The application service: `Bench` owns store, index and clock, and is the only way in for every face.
//!
//! May use: everything above it. Commands, queries, answers and notices are owned serde types that pass the codec even
//! in-process, so that a later host process changes nothing here.
