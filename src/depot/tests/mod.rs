//! Depots with stores in memory: what sites exchange, and what they never lose.

mod house {
    pub use crate::{bundle, depot, journal};
}

mod exchange;
mod objects;
mod shelf;
mod simulate;
