//! What is shared with the tests that run everywhere.

#[path = "../it/support/cli.rs"]
pub mod cli;
#[path = "../it/support/counter.rs"]
pub mod counter;
#[path = "../it/support/hospital.rs"]
pub mod hospital;
#[path = "../it/support/kill.rs"]
pub mod kill;
#[path = "../it/support/pty.rs"]
pub mod pty;
