//! A form in front of a place: a few fields, words about what is wrong, one key to send.
//!
//! Invariants: what was typed stays until it was recorded or the form is closed; a refusal is shown in the form, beside
//! the field where that is known; Enter sends only when every needed field is filled, otherwise it goes to the first one
//! that is not; in a note Enter begins a line, and another key saves.

mod draw;
mod entry;

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::bench::Failure;
use crate::bench::query::{Receipt, ScanAnswer};
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Screen};
use crate::tui::input::Press;
use crate::tui::screens::steps::edit::Edit;
use crate::tui::screens::words;
use crate::tui::view::Look;

use entry::Kind;
pub use entry::{Entry, Values, Wrong};

type Send = Box<dyn Fn(&Values<'_>) -> Result<Vec<Effect>, Wrong>>;
type Then = Box<dyn Fn(&Receipt) -> Vec<Effect>>;

/// A form.
pub struct Form {
    title: String,
    intro: String,
    entries: Vec<Entry>,
    at: usize,
    wrong: Option<Wrong>,
    send: Send,
    then: Option<Then>,
    /// Commands sent and not yet answered.
    waiting: usize,
    secret: bool,
    /// The label of a model that was scanned into it.
    label: Option<ScanAnswer>,
    /// A scan that fills the last needed field sends.
    scans: bool,
}

impl Form {
    /// A form with its title, fields, and what is done with them.
    pub fn new(
        title: impl Into<String>,
        entries: Vec<Entry>,
        send: impl Fn(&Values<'_>) -> Result<Vec<Effect>, Wrong> + 'static,
    ) -> Self {
        let secret = entries.iter().all(|e| matches!(e.kind, Kind::Secret(_)));
        Self {
            title: title.into(),
            intro: String::new(),
            entries,
            at: 0,
            wrong: None,
            send: Box::new(send),
            then: None,
            waiting: 0,
            secret,
            label: None,
            scans: false,
        }
    }

    /// A sentence above the fields.
    pub fn intro(mut self, words: impl Into<String>) -> Self {
        self.intro = words.into();
        self
    }

    /// What follows when it was recorded.
    pub fn then(mut self, then: impl Fn(&Receipt) -> Vec<Effect> + 'static) -> Self {
        self.then = Some(Box::new(then));
        self
    }

    /// A scan that fills the last needed field sends it, so that a row of labels needs no key.
    pub const fn sent_by_scan(mut self) -> Self {
        self.scans = true;
        self
    }

    /// The field that a label belongs in: a device's label in that of the serial, all else in the one in front.
    fn place_of(&self, scan: &ScanAnswer) -> Option<usize> {
        let line = |entry: &Entry| matches!(entry.kind, Kind::Line(_));
        let serial = self.entries.iter().position(|e| line(e) && e.is_serial());
        if let Some(serial) = serial
            && scan.scan.di.is_some()
            && scan.scan.serial.is_some()
        {
            return Some(serial);
        }
        match self.entries.get(self.at)?.kind {
            Kind::Line(_) | Kind::Note(_) => Some(self.at),
            Kind::Secret(_) => None,
            Kind::Choice { .. } => self
                .entries
                .iter()
                .position(|entry| line(entry) && entry.value().is_empty()),
        }
    }

    /// Begins at this field.
    pub fn starting_at(mut self, at: usize) -> Self {
        self.at = at.min(self.entries.len().saturating_sub(1));
        self
    }

    fn submit(&mut self, cx: &mut Cx<'_>) {
        self.wrong = None;
        let missing = self
            .entries
            .iter()
            .position(|entry| entry.needed && entry.value().is_empty());
        if let Some(at) = missing {
            let label = self.entries.get(at).map_or("", |e| e.label.as_str());
            let here = at == self.at;
            self.at = at;
            // Enter walks through the fields; only the one that stays empty is complained about.
            if here {
                self.wrong = Some((Some(at), format!("{label} is needed.")));
            }
            return;
        }
        match (self.send)(&Values {
            entries: &self.entries,
            label: self.label.as_ref(),
        }) {
            Err(wrong) => {
                if let Some(at) = wrong.0 {
                    self.at = at;
                }
                self.wrong = Some(wrong);
            }
            Ok(effects) => {
                self.waiting = effects
                    .iter()
                    .filter(|e| matches!(e, Effect::Tell(_) | Effect::Sign(_) | Effect::Review(_)))
                    .count();
                if self.waiting == 0 {
                    cx.wish(Effect::Back);
                }
                cx.effects.extend(effects);
            }
        }
    }

    /// The note that is being written, if the field in front is one.
    fn note(&self) -> Option<&Edit> {
        match &self.entries.get(self.at)?.kind {
            Kind::Note(edit) => Some(edit),
            _ => None,
        }
    }

    fn note_mut(&mut self) -> Option<&mut Edit> {
        match &mut self.entries.get_mut(self.at)?.kind {
            Kind::Note(edit) => Some(edit),
            _ => None,
        }
    }

    fn step(&mut self, forward: bool) {
        let count = self.entries.len().max(1);
        self.at = if forward {
            (self.at + 1) % count
        } else {
            (self.at + count - 1) % count
        };
    }
}

impl Screen for Form {
    fn contexts(&self) -> Vec<Context> {
        vec![match self.entries.get(self.at).map(|entry| &entry.kind) {
            _ if self.secret => Context::PinInput,
            Some(Kind::Note(_)) => Context::Note,
            _ => Context::Dialog,
        }]
    }

    fn title(&self) -> String {
        self.title.clone()
    }

    fn availability(&self, action: Action) -> Availability {
        match action {
            Action::NewLine if self.note().is_none() => {
                Availability::Disabled("This field has one line.".to_owned())
            }
            Action::Submit
            | Action::NewLine
            | Action::NextField
            | Action::PreviousField
            | Action::Up
            | Action::Down => Availability::Ready,
            _ => Availability::Disabled("Close this form first.".to_owned()),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        if let (Some(edit), Action::Up | Action::Down) = (self.note_mut(), action)
            && edit.step(action == Action::Down)
        {
            return;
        }
        match action {
            Action::NewLine => {
                if let Some(edit) = self.note_mut() {
                    edit.insert("\n");
                }
            }
            Action::NextField | Action::Down => self.step(true),
            Action::PreviousField | Action::Up => self.step(false),
            Action::Submit => self.submit(cx),
            _ => {}
        }
    }

    fn typed(&mut self, key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        // Passphrase forms have no keys for fields of their own.
        if self.secret && self.entries.len() > 1 {
            match key.code() {
                KeyCode::Tab => {
                    self.step(true);
                    return true;
                }
                KeyCode::BackTab => {
                    self.step(false);
                    return true;
                }
                _ => {}
            }
        }
        let used = self.entries.get_mut(self.at).is_some_and(|e| e.edit(key));
        if used {
            self.wrong = None;
        }
        used
    }

    fn scanned(&mut self, scan: &ScanAnswer, text: &str, cx: &mut Cx<'_>) -> bool {
        let Some(at) = self.place_of(scan) else {
            return false;
        };
        let Some(entry) = self.entries.get_mut(at) else {
            return false;
        };
        let named = match scan.devices.as_slice() {
            [only] if !entry.is_serial() => Some(only.tag.clone()),
            _ => None,
        };
        let value = named
            .or_else(|| scan.scan.serial.clone())
            .unwrap_or_else(|| text.to_owned());
        match &mut entry.kind {
            Kind::Line(field) => field.set(&value),
            // A label becomes a word of a note.
            Kind::Note(edit) => edit.insert(&value),
            Kind::Secret(_) | Kind::Choice { .. } => return false,
        }
        self.wrong = None;
        self.at = at;
        if scan.scan.di.is_some() {
            self.label = Some(scan.clone());
        }
        cx.wish(Effect::Bell);
        let empty = |entry: &Entry| entry.needed && entry.value().is_empty();
        if let Some(next) = self.entries.iter().position(empty) {
            self.at = next;
        } else if self.scans {
            self.submit(cx);
        }
        true
    }

    fn pasted(&mut self, text: &str, _cx: &mut Cx<'_>) -> bool {
        self.entries
            .get_mut(self.at)
            .is_some_and(|entry| entry.paste(text))
    }

    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        self.waiting = self.waiting.saturating_sub(1);
        match result {
            Ok(receipt) => {
                if self.waiting > 0 || self.wrong.is_some() {
                    return;
                }
                cx.wish(Effect::Back);
                let (tone, words) = words::recorded(receipt);
                cx.say(tone, words);
                if let Some(then) = &self.then {
                    cx.effects.extend(then(receipt));
                }
            }
            Err(failure) => {
                let hint = failure.hint().map(|h| format!(" {h}")).unwrap_or_default();
                self.wrong = Some((None, format!("{failure}{hint}")));
                cx.wish(Effect::Bell);
            }
        }
    }

    fn refresh(&mut self, _cx: &mut Cx<'_>) {}

    fn wants(&self, room: (u16, u16)) -> (u16, u16) {
        self.size(room)
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        self.paint(frame, area, look);
    }
}
