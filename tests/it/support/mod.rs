//! What the end-to-end tests share: a pseudo-terminal with an emulator behind it, and pictures of its screen.
pub mod pty;
pub mod shot;
