//! Pictures of a screen.
