//! What the end-to-end tests share: a pseudo-terminal with an emulator behind it, a small
//! program to run in it, and pictures of its screen.
pub mod child;
pub mod cli;
pub mod counter;
pub mod desk;
pub mod hospital;
pub mod kill;
pub mod pty;
pub mod shot;
