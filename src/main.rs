//! The `tagout` program: wires the rooms of the house together in order and turns errors into words and exit codes.
fn main() {}
