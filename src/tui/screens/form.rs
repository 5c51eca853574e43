//! A form in front of a place: a few fields, words about what is wrong, one key to send.
//!
//! Invariants: what was typed stays until it was recorded or the form is closed; a refusal is shown in the form, beside
//! the field where that is known; Enter sends only when every needed field is filled, otherwise it goes to the first one
//! that is not; a choice is never made by itself.

use chrono::{Days, NaiveDate};
use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::field::Field;
use crate::bench::Failure;
use crate::bench::query::{Receipt, ScanAnswer};
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::view::text::{LineMaker, width, wrap};
use crate::tui::view::{Look, Role};

/// What is wrong with a form: the field, if it is one, and the words.
pub type Wrong = (Option<usize>, String);

/// What a field takes.
#[derive(Clone, Debug)]
enum Kind {
    Line,
    Secret,
    Choice {
        choices: Vec<(String, String)>,
        at: Option<usize>,
    },
}

/// One field of a form.
#[derive(Clone, Debug)]
pub struct Entry {
    label: String,
    hint: String,
    needed: bool,
    kind: Kind,
    field: Field,
}

impl Entry {
    fn new(label: &str, kind: Kind) -> Self {
        Self {
            label: label.to_owned(),
            hint: String::new(),
            needed: false,
            kind,
            field: Field::default(),
        }
    }

    /// A line of text.
    pub fn line(label: &str) -> Self {
        Self::new(label, Kind::Line)
    }

    /// A text that is not shown.
    pub fn secret(label: &str) -> Self {
        Self::new(label, Kind::Secret)
    }

    /// One of several: key and words of each. Nothing is chosen at first.
    pub fn choice(label: &str, choices: Vec<(String, String)>) -> Self {
        Self::new(label, Kind::Choice { choices, at: None })
    }

    /// Must be filled.
    pub fn needed(mut self) -> Self {
        self.needed = true;
        self
    }

    /// Shown while the field is empty.
    pub fn hint(mut self, hint: &str) -> Self {
        hint.clone_into(&mut self.hint);
        self
    }

    /// Filled in: a text, or the key of a choice.
    pub fn holding(mut self, text: &str) -> Self {
        match &mut self.kind {
            Kind::Choice { choices, at } => {
                *at = choices.iter().position(|(key, _)| key == text);
            }
            Kind::Line | Kind::Secret => self.field = Field::holding(text),
        }
        self
    }

    fn value(&self) -> String {
        match &self.kind {
            Kind::Choice { choices, at } => at
                .and_then(|at| choices.get(at))
                .map(|(key, _)| key.clone())
                .unwrap_or_default(),
            Kind::Line => self.field.text().trim().to_owned(),
            Kind::Secret => self.field.text().to_owned(),
        }
    }

    /// Takes a key; digits and first letters choose, arrows and space go on.
    fn edit(&mut self, key: KeyCombo) -> bool {
        let Kind::Choice { choices, at } = &mut self.kind else {
            return self.field.edit(key);
        };
        let count = choices.len();
        if count == 0 {
            return false;
        }
        let next = |at: Option<usize>| at.map_or(0, |at| (at + 1) % count);
        let chosen = match (key.code(), key.typed()) {
            (KeyCode::Right, _) | (_, Some(' ')) => Some(next(*at)),
            (KeyCode::Left, _) => Some(at.map_or(count - 1, |at| (at + count - 1) % count)),
            (KeyCode::Backspace | KeyCode::Delete, _) => {
                *at = None;
                return true;
            }
            (_, Some(c)) => {
                let by_digit = c
                    .to_digit(10)
                    .and_then(|digit| (digit as usize).checked_sub(1))
                    .filter(|index| *index < count && count < 10);
                by_digit.or_else(|| {
                    let begins = |index: &usize| {
                        choices.get(*index).is_some_and(|(_, words)| {
                            words
                                .chars()
                                .next()
                                .is_some_and(|first| first.eq_ignore_ascii_case(&c))
                        })
                    };
                    let from = next(*at);
                    (from..count).chain(0..from).find(begins)
                })
            }
            _ => return false,
        };
        if chosen.is_some() {
            *at = chosen;
        }
        true
    }
}

/// What was typed and chosen.
pub struct Values<'a> {
    entries: &'a [Entry],
}

impl Values<'_> {
    /// The text, or the key of the choice, of a field; empty when it holds nothing.
    pub fn text(&self, at: usize) -> String {
        self.entries.get(at).map(Entry::value).unwrap_or_default()
    }

    /// A date of a field: `YYYY-MM-DD`, `today`, `tomorrow` or `+7` days; `None` when empty.
    pub fn date(&self, at: usize, today: NaiveDate) -> Result<Option<NaiveDate>, Wrong> {
        let text = self.text(at);
        if text.is_empty() {
            return Ok(None);
        }
        read_date(&text, today).map(Some).ok_or_else(|| {
            let words = format!(
                "\"{text}\" is not a date. Write YYYY-MM-DD, \"today\", \"tomorrow\" or +7 for days from today."
            );
            (Some(at), words)
        })
    }

    /// A whole number of a field, within bounds; `None` when empty.
    pub fn number(&self, at: usize, most: u32) -> Result<Option<u32>, Wrong> {
        let text = self.text(at);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse() {
            Ok(number) if number <= most => Ok(Some(number)),
            _ => Err((
                Some(at),
                format!("\"{text}\" is not a whole number from 0 to {most}."),
            )),
        }
    }
}

fn read_date(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    match text.to_lowercase().as_str() {
        "today" => Some(today),
        "tomorrow" => today.succ_opt(),
        other => match other.strip_prefix('+') {
            Some(days) => {
                today.checked_add_days(Days::new(days.trim().parse::<u16>().ok()?.into()))
            }
            None => NaiveDate::parse_from_str(other, "%Y-%m-%d").ok(),
        },
    }
}

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
}

impl Form {
    /// A form with its title, fields, and what is done with them.
    pub fn new(
        title: impl Into<String>,
        entries: Vec<Entry>,
        send: impl Fn(&Values<'_>) -> Result<Vec<Effect>, Wrong> + 'static,
    ) -> Self {
        let secret = entries.iter().all(|e| matches!(e.kind, Kind::Secret));
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
                    .filter(|e| matches!(e, Effect::Tell(_) | Effect::Sign(_)))
                    .count();
                if self.waiting == 0 {
                    cx.wish(Effect::Back);
                }
                cx.effects.extend(effects);
            }
        }
    }

    fn label_width(&self, room: u16) -> usize {
        let widest = self.entries.iter().map(|e| width(&e.label)).max();
        (widest.unwrap_or(0) + 2).min(room as usize * 2 / 5)
    }

    fn step(&mut self, forward: bool) {
        let count = self.entries.len().max(1);
        self.at = if forward {
            (self.at + 1) % count
        } else {
            (self.at + count - 1) % count
        };
    }

    fn intro_lines(&self, columns: u16) -> Vec<String> {
        if self.intro.is_empty() {
            Vec::new()
        } else {
            wrap(&self.intro, columns as usize)
        }
    }

    fn draw_entry(&self, frame: &mut Frame<'_>, row: Rect, look: &Look, at: usize, entry: &Entry) {
        let label = self.label_width(row.width);
        let here = at == self.at;
        let mut line = LineMaker::new(row.width);
        let role = if here { Role::Strong } else { Role::Dim };
        let star = if entry.needed { "*" } else { "" };
        let mark = if here { "▸" } else { " " };
        line.add(mark, look.style(Role::Title));
        line.column(&format!("{}{star}", entry.label), label, look.style(role));
        let used = (1 + label) as u16;
        let space = Rect {
            x: row.x + used.min(row.width),
            width: row.width.saturating_sub(used),
            ..row
        };
        if let Kind::Choice { choices, at } = &entry.kind {
            let words = at.and_then(|at| choices.get(at)).map(|(_, words)| words);
            if let Some(words) = words {
                line.add(&format!("‹ {words} ›"), look.style(role));
            } else {
                let all: Vec<&str> = choices.iter().map(|(_, w)| w.as_str()).collect();
                line.add(&format!("‹ › {}", all.join(" / ")), look.style(Role::Dim));
            }
            line.line().render(row, frame.buffer_mut());
            if here {
                frame.set_cursor_position((space.x, space.y));
            }
            return;
        }
        line.line().render(row, frame.buffer_mut());
        let secret = matches!(entry.kind, Kind::Secret);
        entry
            .field
            .draw(frame, space, look, here, secret, &entry.hint);
        if !secret {
            // A line under the text shows where it goes, also without colour.
            let style =
                ratatui::style::Style::new().add_modifier(ratatui::style::Modifier::UNDERLINED);
            frame.buffer_mut().set_style(space, style);
        }
    }
}

impl Screen for Form {
    fn contexts(&self) -> Vec<Context> {
        vec![if self.secret {
            Context::PinInput
        } else {
            Context::Dialog
        }]
    }

    fn title(&self) -> String {
        self.title.clone()
    }

    fn availability(&self, action: Action) -> Availability {
        match action {
            Action::Submit
            | Action::NextField
            | Action::PreviousField
            | Action::Up
            | Action::Down => Availability::Ready,
            _ => Availability::Disabled("Close this form first.".to_owned()),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        match action {
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
        let Some(entry) = self.entries.get_mut(self.at) else {
            return false;
        };
        if !matches!(entry.kind, Kind::Line) {
            return false;
        }
        let label = entry.label.to_lowercase();
        let named = match scan.devices.as_slice() {
            [only] if !label.contains("serial") => Some(only.tag.clone()),
            _ => None,
        };
        let value = named
            .or_else(|| scan.scan.serial.clone())
            .unwrap_or_else(|| text.to_owned());
        entry.field.set(&value);
        cx.wish(Effect::Bell);
        true
    }

    fn pasted(&mut self, text: &str, _cx: &mut Cx<'_>) -> bool {
        match self.entries.get_mut(self.at) {
            Some(entry) if !matches!(entry.kind, Kind::Choice { .. }) => {
                entry.field.insert(text);
                true
            }
            _ => false,
        }
    }

    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        self.waiting = self.waiting.saturating_sub(1);
        match result {
            Ok(receipt) => {
                if self.waiting > 0 || self.wrong.is_some() {
                    return;
                }
                cx.wish(Effect::Back);
                match receipt.lines.first() {
                    Some(line) => cx.say(Tone::Good, line.clone()),
                    None => cx.say(Tone::Plain, "Nothing to change: it is so already."),
                }
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
        let wide = room.0.saturating_sub(8).clamp(32, 68);
        let intro = self.intro_lines(wide).len();
        let intro = if intro > 0 { intro + 1 } else { 0 };
        let wrong = self
            .wrong
            .as_ref()
            .map_or(1, |(_, words)| wrap(words, wide as usize - 2).len());
        (wide, (intro + self.entries.len() + 1 + wrong) as u16)
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let mut y = area.y;
        let wrong: Vec<String> = self
            .wrong
            .as_ref()
            .map(|(_, words)| wrap(words, (area.width as usize).saturating_sub(2)))
            .unwrap_or_default();
        let fields = self.entries.len() as u16;
        let intro = self.intro_lines(area.width);
        // With little room the fields come before the sentence above them.
        let spare = area
            .height
            .saturating_sub(fields.min(area.height) + 1 + wrong.len() as u16);
        let shown = intro.len().min(spare as usize);
        for text in intro.iter().take(shown) {
            let line = Line::styled(text.clone(), look.style(Role::Text));
            line.render(
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                frame.buffer_mut(),
            );
            y += 1;
        }
        if shown > 0 && spare as usize > shown {
            y += 1;
        }
        let left = area
            .bottom()
            .saturating_sub(y)
            .saturating_sub(wrong.len() as u16)
            .max(1);
        let first = self.at.saturating_sub(left.saturating_sub(1) as usize);
        for (at, entry) in self.entries.iter().enumerate().skip(first) {
            if y >= area.bottom().saturating_sub(wrong.len() as u16) {
                break;
            }
            self.draw_entry(
                frame,
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                look,
                at,
                entry,
            );
            y += 1;
        }
        let from = area.bottom().saturating_sub(wrong.len() as u16).max(area.y);
        for (at, text) in wrong.iter().enumerate() {
            let y = from + at as u16;
            if y >= area.bottom() {
                break;
            }
            let mut line = LineMaker::new(area.width);
            line.add(if at == 0 { "! " } else { "  " }, look.style(Role::Bad));
            line.add(text, look.style(Role::Bad));
            line.line().render(
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                frame.buffer_mut(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let today: NaiveDate = "2026-11-23".parse().unwrap();
        for (text, day) in [
            ("2026-12-01", Some("2026-12-01")),
            ("today", Some("2026-11-23")),
            ("Tomorrow", Some("2026-11-24")),
            ("+7", Some("2026-11-30")),
            ("7", None),
            ("2026-02-30", None),
            ("+99999", None),
        ] {
            assert_eq!(
                read_date(text, today),
                day.map(|d| d.parse().unwrap()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_choice_is_made_by_digit_letter_or_arrow() {
        let choices = [("y", "yes"), ("n", "no"), ("u", "unknown")];
        let entry = Entry::choice(
            "Clean",
            choices.map(|(k, w)| (k.to_owned(), w.to_owned())).to_vec(),
        );
        for (keys, value) in [
            ("", ""),
            ("2", "n"),
            ("u", "u"),
            ("right", "y"),
            ("left", "u"),
            ("right right", "n"),
            ("y backspace", ""),
            ("9", ""),
        ] {
            let mut entry = entry.clone();
            for key in keys.split(' ').filter(|k| !k.is_empty()) {
                entry.edit(key.parse().unwrap());
            }
            assert_eq!(entry.value(), value, "{keys}");
        }
    }
}
