//! Tests of the bundle as a whole: round trips, the committed bytes, and everything a hostile or damaged file can be.

mod damage;
mod encrypted;
mod forge;
mod golden;
mod lies;
mod limits;
mod mutate;
mod roundtrip;
mod samples;
mod words;
