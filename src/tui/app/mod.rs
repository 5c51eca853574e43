//! The application on screen.

pub mod screen;
