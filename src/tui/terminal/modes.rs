//! The terminal's modes: raw input, alternate screen, bracketed paste, hidden cursor.
//!
//! Invariants: what was entered is left in reversed order, once, on every path (return, error, panic of the UI thread);
//! leaving is idempotent and never fails loudly, because it also runs when the terminal is already gone. Modes belong to
//! the process, so there is one flag for them, not one per value.

use std::io::{self, Write};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::queue;
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

static ENTERED: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// Holds the modes for as long as it lives.
#[derive(Debug)]
pub(super) struct Modes(());

impl Modes {
    /// Enters raw mode, the alternate screen, bracketed paste, and hides the cursor.
    pub(super) fn enter() -> io::Result<Self> {
        let modes = Self(());
        enter()?;
        Ok(modes)
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> io::Result<()> {
    // Set before the first step: if a later step fails, `leave` still undoes the earlier ones.
    ENTERED.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    let mut bytes = Vec::with_capacity(64);
    queue!(bytes, EnterAlternateScreen, EnableBracketedPaste, Hide)?;
    write_once(&bytes)
}

/// Takes the terminal again after the process was stopped. The shell has changed the tty's settings meanwhile, so raw
/// mode is set anew even if it was never left.
pub(super) fn enter_again() -> io::Result<()> {
    disable_raw_mode()?;
    enter()
}

/// Gives the terminal back: at the end, and for a suspension.
pub(super) fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut bytes = Vec::with_capacity(64);
    // A Vec takes every write, and a terminal that is gone needs no restoring.
    let _ = queue!(
        bytes,
        SetAttribute(Attribute::Reset),
        Show,
        DisableBracketedPaste,
        LeaveAlternateScreen
    );
    let _ = write_once(&bytes);
    let _ = disable_raw_mode();
}

/// Puts the tty's settings back without writing a byte: for the forced exit, when the far end takes no output.
pub(super) fn leave_without_output() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        let _ = disable_raw_mode();
    }
}

fn write_once(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Installs the panic hook. A panic of the calling thread (the UI thread) restores the terminal before the message is
/// printed; a panic of any other thread is only logged while the screen is ours, since printing would spoil it and the
/// program is told anyway.
pub(super) fn install_panic_hook() {
    HOOK.call_once(|| {
        let ui = thread::current().id();
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == ui {
                leave();
                previous(info);
            } else if ENTERED.load(Ordering::SeqCst) {
                // Its words may quote what was typed; its place does not.
                let at = info.location().map(ToString::to_string);
                tracing::error!("a worker stopped at {}", at.unwrap_or_default());
            } else {
                previous(info);
            }
        }));
    });
}
