//! Finds scanned labels among typed keys.
//!
//! A barcode scanner types: its characters come milliseconds apart and end with Enter or Tab. With a configured prefix
//! key the rule is certain: from the prefix to the end mark it is a label. Without one, at least six printable
//! characters that arrive together and end so are a *candidate*, and a label only if they name something; else they are
//! let go as the keys they were, marked as a burst.
//!
//! Invariants: no held key acts before it is certain that it belongs to no label; keys come out in order, none lost or
//! doubled; a lone printable key waits 30 ms, a burst 100 ms after its last character. The separators of labels arrive as
//! control keys (GS as Ctrl-5 or Ctrl-], RS as Ctrl-6 or Ctrl-^, EOT as Ctrl-d) and are put back. The line feed of a
//! scanner that ends with CR LF (Ctrl-j) is swallowed.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Decoded, InputOptions, Judge, Press};

/// How long a burst may pause, and its end mark may take.
const HOLD: Duration = Duration::from_millis(100);
/// A key repeated evenly at this pace or slower is a held key, not a label's row of zeros.
const FASTEST_REPEAT: Duration = Duration::from_millis(20);
/// Fewer characters than this are never a label.
const SHORTEST: usize = 6;
/// More characters than this are never a label (the largest data matrix in use on devices holds fewer).
const LONGEST: usize = 512;

/// How a label came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanSource {
    /// After the configured prefix. It may name nothing.
    Prefix,
    /// As a burst of characters that names something.
    Burst,
    /// As a pasted line that names something.
    Paste,
}

/// A scanned label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The text, with U+001D where the label has a group separator.
    pub text: String,
    /// When its last character arrived.
    pub at: Instant,
    /// How many of its characters were already delivered as harmless keys; a text field takes them back.
    pub shown: usize,
    /// How it came in.
    pub source: ScanSource,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    press: Press,
    c: char,
    shown: bool,
}

/// The stage's memory.
#[derive(Debug)]
pub(super) struct Scanner {
    options: InputOptions,
    /// Without a prefix: the burst so far.
    held: Vec<Held>,
    /// With a prefix: the label so far and when its last character came.
    label: Option<(String, Instant)>,
    /// A line feed until then belongs to the label before.
    swallow_line_feed: Option<Instant>,
}

impl Scanner {
    pub(super) fn new(options: InputOptions) -> Self {
        Self {
            options,
            held: Vec::new(),
            label: None,
            swallow_line_feed: None,
        }
    }

    pub(super) fn feed(&mut self, press: Press, judge: &impl Judge, out: &mut Vec<Decoded>) {
        self.tick(press.at, out);
        if is_control(&press.key, 'j')
            && self
                .swallow_line_feed
                .take()
                .is_some_and(|until| press.at <= until)
        {
            return;
        }
        match self.options.prefix {
            Some(prefix) => self.feed_with_prefix(prefix, press, out),
            None => self.feed_burst(press, judge, out),
        }
    }

    fn feed_with_prefix(
        &mut self,
        prefix: (KeyCode, KeyModifiers),
        press: Press,
        out: &mut Vec<Decoded>,
    ) {
        if (press.key.code, press.key.modifiers) == prefix {
            self.flush(out);
            self.label = Some((String::new(), press.at));
            return;
        }
        let Some((text, last)) = &mut self.label else {
            out.push(Decoded::Key(press));
            return;
        };
        if ends_label(&press.key) {
            let text = std::mem::take(text);
            self.label = None;
            self.swallow_line_feed = Some(press.at + HOLD);
            // A label of nothing is the scanner's hiccup.
            if !text.is_empty() {
                out.push(Decoded::Scan(Scan {
                    text,
                    at: press.at,
                    shown: 0,
                    source: ScanSource::Prefix,
                }));
            }
            return;
        }
        match label_char(&press.key) {
            Some(c) if text.len() < LONGEST => {
                text.push(c);
                *last = press.at;
            }
            _ => {
                self.flush(out);
                out.push(Decoded::Key(press));
            }
        }
    }

    fn feed_burst(&mut self, press: Press, judge: &impl Judge, out: &mut Vec<Decoded>) {
        if ends_label(&press.key) {
            let text: String = self.held.iter().map(|held| held.c).collect();
            if self.held.len() >= SHORTEST && judge.is_known(&text) {
                let shown = self.held.iter().filter(|held| held.shown).count();
                self.held.clear();
                self.swallow_line_feed = Some(press.at + HOLD);
                out.push(Decoded::Scan(Scan {
                    text,
                    at: press.at,
                    shown,
                    source: ScanSource::Burst,
                }));
                return;
            }
            let burst = self.held.len() >= SHORTEST;
            self.flush(out);
            out.push(Decoded::Key(Press { burst, ..press }));
            return;
        }
        // EOT and RS appear only inside the envelope that begins with "[)>".
        let in_envelope = self.held.len() >= 3
            && self
                .held
                .iter()
                .take(3)
                .map(|held| held.c)
                .eq("[)>".chars());
        let c = label_char(&press.key).filter(|c| in_envelope || !matches!(c, '\u{4}' | '\u{1e}'));
        let Some(c) = c else {
            self.flush(out);
            out.push(Decoded::Key(press));
            return;
        };
        if self.is_held_down(&press) || self.held.len() >= LONGEST {
            self.flush(out);
        }
        // Behind a held key even a harmless one waits, or the order would change.
        let shown = self.held.iter().all(|held| held.shown) && judge.harmless(&press.key);
        if shown {
            out.push(Decoded::Key(press));
        }
        self.held.push(Held { press, c, shown });
    }

    /// The same key over and over, evenly and no faster than a keyboard repeats.
    fn is_held_down(&self, press: &Press) -> bool {
        self.held.last().is_some_and(|last| {
            press.at.saturating_duration_since(last.press.at) >= FASTEST_REPEAT
                && self
                    .held
                    .iter()
                    .all(|held| held.press.key.code == press.key.code)
        })
    }

    pub(super) fn tick(&mut self, now: Instant, out: &mut Vec<Decoded>) {
        if self.wake_at().is_some_and(|at| now >= at) {
            self.flush(out);
        }
    }

    pub(super) fn wake_at(&self) -> Option<Instant> {
        if let Some((_, last)) = &self.label {
            return Some(*last + HOLD);
        }
        let gap = self.options.scanner_gap;
        let wait = if self.held.len() >= SHORTEST {
            gap.max(HOLD)
        } else {
            gap
        };
        self.held.last().map(|held| held.press.at + wait)
    }

    /// Lets everything go at once.
    pub(super) fn flush(&mut self, out: &mut Vec<Decoded>) {
        if let Some((text, _)) = self.label.take() {
            out.push(Decoded::BrokenScan(text));
        }
        let burst = self.held.len() >= SHORTEST;
        for held in self.held.drain(..).filter(|held| !held.shown) {
            out.push(Decoded::Key(Press {
                burst,
                ..held.press
            }));
        }
    }

    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.label = None;
    }
}

fn is_control(key: &KeyEvent, c: char) -> bool {
    key.code == KeyCode::Char(c) && key.modifiers == KeyModifiers::CONTROL
}

fn ends_label(key: &KeyEvent) -> bool {
    matches!(key.code, KeyCode::Enter | KeyCode::Tab) && key.modifiers.is_empty()
}

/// The character of a label that this key stands for.
fn label_char(key: &KeyEvent) -> Option<char> {
    let KeyCode::Char(c) = key.code else {
        return None;
    };
    if (key.modifiers - KeyModifiers::SHIFT).is_empty() {
        return (!c.is_control()).then_some(c);
    }
    match c {
        _ if key.modifiers != KeyModifiers::CONTROL => None,
        '5' | ']' => Some('\u{1d}'),
        '6' | '^' => Some('\u{1e}'),
        'd' => Some('\u{4}'),
        _ => None,
    }
}
