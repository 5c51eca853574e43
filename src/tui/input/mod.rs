//! Terminal events to what they mean: key presses, scanned labels, pastes.
//!
//! Everything here is pure: the moment of each event is passed in, so every rule is tested without waiting. The stages,
//! in order:
//!
//! 1. `escape`: a key that the network cut after its first byte arrives as Esc and ordinary characters; they are
//!    joined again.
//! 2. `repeat`: marks presses that no hand made (auto-repeat).
//! 3. `scan`: a burst of characters from a barcode scanner becomes one scan before any key of it can act.
//!
//! Invariants: keys come out in the order they went in; a key is held 100 ms at most after the last one before it; no
//! key is lost or doubled; a paste never acts as keys.

mod escape;
mod paste;
mod repeat;
mod scan;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

pub use paste::clean;
pub use scan::{Scan, ScanSource};

use escape::{Joined, Joiner};
use repeat::RepeatWatch;
use scan::Scanner;

/// How input is understood. The defaults suit a wired scanner and an ordinary network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputOptions {
    /// The key the scanner is set to send before each label, if it is. Choose one that nobody types, such as Ctrl-b
    /// (STX). With a prefix no key is ever held back.
    pub prefix: Option<(KeyCode, KeyModifiers)>,
    /// The longest pause between two characters of a label. Wired scanners send them 1 to 16 ms apart; hands and
    /// auto-repeat are slower than the default of 30 ms. Every printable key that acts is held this long.
    pub scanner_gap: Duration,
    /// The longest pause inside a key that the network cut in two. The Esc key is held this long; default 50 ms.
    pub escape_gap: Duration,
}

impl Default for InputOptions {
    fn default() -> Self {
        Self {
            prefix: None,
            scanner_gap: Duration::from_millis(30),
            escape_gap: Duration::from_millis(50),
        }
    }
}

/// A key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Press {
    /// Which key, with modifiers.
    pub key: KeyEvent,
    /// When it arrived. An answer counts only if this is not before the frame that showed the question.
    pub at: Instant,
    /// Looks like auto-repeat of the key before: no hand presses one key again so soon. Must not answer anything.
    pub repeat: bool,
    /// Came at machine speed with at least as many others as a label has, but named nothing. Must not answer
    /// anything: it is most likely a label that nobody knows.
    pub burst: bool,
}

/// What the stages put out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// A key press.
    Key(Press),
    /// A scanned label.
    Scan(Scan),
    /// A label that began with the scanner's prefix and never ended.
    BrokenScan(String),
    /// Pasted text, cleaned by [`clean`].
    Paste(String),
}

/// What the decoder asks the program; see the methods of the same names on [`crate::tui::terminal::Program`].
pub trait Judge {
    /// Does this text name something?
    fn is_known(&self, text: &str) -> bool;
    /// May this printable key act at once?
    fn harmless(&self, key: &KeyEvent) -> bool;
    /// Would this key answer something?
    fn answers(&self, key: &KeyEvent) -> bool;
}

/// All stages in a row.
#[derive(Debug)]
pub struct Decoder {
    joiner: Joiner,
    repeat: RepeatWatch,
    scanner: Scanner,
}

impl Decoder {
    /// A decoder with nothing held.
    pub fn new(options: InputOptions) -> Self {
        Self {
            joiner: Joiner::new(options.escape_gap),
            repeat: RepeatWatch::default(),
            scanner: Scanner::new(options),
        }
    }

    /// Takes one terminal event that arrived at `at`; appends what is now certain to `out`.
    pub fn feed(&mut self, event: &Event, at: Instant, judge: &impl Judge, out: &mut Vec<Decoded>) {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                let mut joined = Vec::new();
                self.joiner.feed(*key, at, &mut joined);
                self.pass_on(joined, judge, out);
            }
            Event::Paste(text) => {
                self.flush(judge, out);
                pasted(text, at, judge, out);
            }
            _ => {}
        }
    }

    /// Lets go of what has waited long enough at `now`.
    pub fn tick(&mut self, now: Instant, judge: &impl Judge, out: &mut Vec<Decoded>) {
        let mut joined = Vec::new();
        self.joiner.tick(now, &mut joined);
        self.pass_on(joined, judge, out);
        if let Some(press) = self.repeat.tick(now) {
            self.scanner.feed(press, judge, out);
        }
        self.scanner.tick(now, out);
    }

    /// When [`tick`](Self::tick) must be called at the latest, if anything is held.
    pub fn wake_at(&self) -> Option<Instant> {
        [
            self.joiner.wake_at(),
            self.repeat.wake_at(),
            self.scanner.wake_at(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Forgets everything held, for a dialog that must not be answered by what was typed before it.
    pub fn clear(&mut self) {
        self.joiner.clear();
        self.repeat.clear();
        self.scanner.clear();
    }

    fn flush(&mut self, judge: &impl Judge, out: &mut Vec<Decoded>) {
        let mut joined = Vec::new();
        self.joiner.flush(&mut joined);
        self.pass_on(joined, judge, out);
        if let Some(press) = self.repeat.flush() {
            self.scanner.feed(press, judge, out);
        }
        self.scanner.flush(out);
    }

    fn pass_on(&mut self, joined: Vec<Joined>, judge: &impl Judge, out: &mut Vec<Decoded>) {
        for one in joined {
            match one {
                Joined::Key(key, at) => {
                    let answers = judge.answers(&key);
                    for press in self.repeat.feed(key, at, answers) {
                        self.scanner.feed(press, judge, out);
                    }
                }
                Joined::Paste(text, at) => {
                    if let Some(press) = self.repeat.flush() {
                        self.scanner.feed(press, judge, out);
                    }
                    self.scanner.flush(out);
                    pasted(&text, at, judge, out);
                }
            }
        }
    }
}

fn pasted(text: &str, at: Instant, judge: &impl Judge, out: &mut Vec<Decoded>) {
    let label = paste::one_line_label(text);
    match label.filter(|label| judge.is_known(label)) {
        Some(text) => out.push(Decoded::Scan(Scan {
            text,
            at,
            shown: 0,
            source: ScanSource::Paste,
        })),
        None => out.push(Decoded::Paste(clean(text))),
    }
}
