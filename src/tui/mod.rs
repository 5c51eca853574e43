//! The terminal face. `app` (model, messages, update: pure), `screens` (one file each), `view` (drawing and theme),
//! `input` (terminal events to messages, scans, pastes), `terminal` (modes, signals, threads: the only code that touches
//! crossterm's terminal).
//!
//! May use: `bench`, `keymap`. `view` never changes the model.

pub mod app;
pub mod input;
pub mod screens;
pub mod terminal;
pub mod view;
