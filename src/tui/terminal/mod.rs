//! The terminal: modes, signals, threads, frames. The only code that touches crossterm's terminal.
//!
//! A [`Program`] is pure state with `update` and `draw`; [`run`] gives it a terminal. Invariants:
//!
//! - The terminal is given back on every path: return, error, panic of the UI thread, suspension.
//! - Nothing is drawn unless something changed: everything queued is taken in first, then at most one frame is drawn,
//!   with one `write`, inside synchronised-output marks. An idle program sends no byte. A line that says it is slow gets
//!   its next frame when it has carried the last.
//! - The terminal is never asked anything.
//! - A terminating signal ends the process within 1.5 s and a hang-up within 1 s, even if the far end takes no output.
//! - No key reaches the program as a command while it may still be part of a scanned label ([`crate::tui::input`]).

mod caps;
mod fit;
mod frame;
mod modes;
mod paint;
mod program;
mod run;
mod watch;
mod workers;

pub use caps::{Capabilities, ColourDepth};
pub use program::{COPY_LIMIT, Closing, Flow, Input, Painted, Program};
pub use run::{Exit, Options, TerminalError, capabilities_here, run};
pub use workers::Workers;
