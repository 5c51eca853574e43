//! What a full-screen program is to the terminal: its inputs, its wishes, and its drawing.

use std::time::Instant;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Size;

use crate::tui::input::{Press, Scan};

/// Longest text, in bytes, that [`Flow::and_copy`] takes: terminals drop longer clipboard sequences without a word.
pub const COPY_LIMIT: usize = 50_000;

/// A full-screen program: state that takes inputs and draws itself. All calls come from one thread.
pub trait Program {
    /// What its workers report.
    type Msg: Send + 'static;

    /// Takes one input in. `now` is the moment it is handled; a key carries the moment it was pressed.
    fn update(&mut self, input: Input<Self::Msg>, now: Instant) -> Flow;

    /// Draws the whole screen. Called only after an input asked for it.
    fn draw(&mut self, frame: &mut Frame<'_>);

    /// A frame was handed to the terminal. A key pressed before `painted.at` was pressed without having seen it.
    fn painted(&mut self, painted: Painted) {
        let _ = painted;
    }

    /// When to be called with [`Input::Wake`] if nothing else happens. `update` must move it on.
    fn wake_at(&self) -> Option<Instant> {
        None
    }

    /// Does this text name something: a UDI, a known asset tag or serial? Decides whether a burst of characters was a
    /// scanned label. Called at most once for each burst that ends with Enter or Tab.
    fn is_known(&self, text: &str) -> bool {
        let _ = text;
        false
    }

    /// May this printable key act at once, although it may turn out to be the first character of a scanned label?
    /// True while it only types into a text field or moves a cursor; such keys are then not held back. If a scan
    /// follows, [`Scan::shown`] tells how many of its characters were already delivered.
    fn harmless(&self, key: &KeyEvent) -> bool {
        let _ = key;
        false
    }

    /// Would this key answer a step or a question? Such a key, pressed again within a second, is held for a moment
    /// until it is certain that it is not the start of an auto-repeat.
    fn answers(&self, key: &KeyEvent) -> bool {
        let _ = key;
        false
    }
}

/// One thing that happened.
#[derive(Debug)]
pub enum Input<M> {
    /// A key was pressed.
    Key(Press),
    /// A label was scanned.
    Scan(Scan),
    /// A scanner with a configured prefix began a label that never ended; the text so far. Scan again.
    BrokenScan(String),
    /// Text was pasted, already cleaned: no control characters, lines separated by `\n`. It never acts as keys.
    Paste(String),
    /// The window has a new size.
    Resize(Size),
    /// The terminal is ours again after a suspension.
    Resume,
    /// Suspension was asked for, but no shell stands behind the program that could continue it.
    CannotSuspend,
    /// The moment of [`Program::wake_at`] has come.
    Wake,
    /// A worker's message.
    Worker(M),
    /// A worker panicked and is gone.
    WorkerFailed {
        /// The name it was started with.
        name: &'static str,
        /// The panic's message.
        reason: String,
    },
    /// The program is about to end, whatever it answers. Only quick, final acts here.
    Closing(Closing),
}

/// Why a program ends without having asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The line is gone.
    HangUp,
    /// A terminating signal, by number.
    Terminate(i32),
}

/// A frame that was handed to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Painted {
    /// Counts from 1.
    pub frame: u64,
    /// When the frame was handed over; if the terminal made us wait, when it had taken the whole of it; on a line that
    /// says it is slow, when the line has carried it.
    pub at: Instant,
}

/// What a program wants after an input. Wishes add up: `Flow::REDRAW.and_bell()`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Flow {
    pub(super) redraw: bool,
    pub(super) repaint: bool,
    pub(super) bell: bool,
    pub(super) copy: Option<String>,
    pub(super) drop_typed_ahead: bool,
    pub(super) suspend: bool,
    pub(super) quit: bool,
}

impl Flow {
    /// Nothing changed on the screen.
    pub const CONTINUE: Self = Self {
        redraw: false,
        repaint: false,
        bell: false,
        copy: None,
        drop_typed_ahead: false,
        suspend: false,
        quit: false,
    };
    /// Draw once everything queued is taken in.
    pub const REDRAW: Self = Self {
        redraw: true,
        ..Self::CONTINUE
    };
    /// Paint every cell anew, for a glass that something else has written on (Ctrl-L).
    pub const REPAINT: Self = Self {
        redraw: true,
        repaint: true,
        ..Self::CONTINUE
    };
    /// Stop as a job of the shell; answered with [`Input::CannotSuspend`] where no shell could continue us.
    pub const SUSPEND: Self = Self {
        suspend: true,
        ..Self::CONTINUE
    };
    /// End the program.
    pub const QUIT: Self = Self {
        quit: true,
        ..Self::CONTINUE
    };

    /// Also ring the bell.
    pub const fn and_bell(mut self) -> Self {
        self.bell = true;
        self
    }

    /// Also forget every key, scan and paste that was pressed before the next frame is painted: for dialogs, so that
    /// nothing typed ahead answers a question nobody has read.
    pub const fn and_drop_typed_ahead(mut self) -> Self {
        self.drop_typed_ahead = true;
        self.redraw = true;
        self
    }

    /// Also copy `text` to the clipboard of the user's own terminal. `None` when it is longer than [`COPY_LIMIT`].
    #[must_use]
    pub fn and_copy(mut self, text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        if text.len() > COPY_LIMIT {
            return None;
        }
        self.copy = Some(text);
        Some(self)
    }

    /// Both wishes.
    pub fn and(self, other: Self) -> Self {
        Self {
            redraw: self.redraw || other.redraw,
            repaint: self.repaint || other.repaint,
            bell: self.bell || other.bell,
            copy: other.copy.or(self.copy),
            drop_typed_ahead: self.drop_typed_ahead || other.drop_typed_ahead,
            suspend: self.suspend || other.suspend,
            quit: self.quit || other.quit,
        }
    }
}
