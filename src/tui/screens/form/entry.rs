//! The fields of a form: a line, a note of several lines, a secret, one of several; and reading what they hold.
//!
//! Invariants: a choice is never made by itself; what cannot be read is refused in words with the field it stands in.

use chrono::{Days, NaiveDate};
use crossterm::event::KeyCode;

use crate::bench::query::ScanAnswer;
use crate::keymap::KeyCombo;
use crate::tui::screens::field::Field;
use crate::tui::screens::steps::edit::Edit;

/// What is wrong with a form: the field, if it is one, and the words.
pub type Wrong = (Option<usize>, String);

/// What a field takes.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Line(Field),
    Secret(Field),
    Note(Edit),
    Choice {
        choices: Vec<(String, String)>,
        at: Option<usize>,
    },
}

/// One field of a form.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) needed: bool,
    pub(super) kind: Kind,
}

impl Entry {
    fn new(label: &str, kind: Kind) -> Self {
        Self {
            label: label.to_owned(),
            hint: String::new(),
            needed: false,
            kind,
        }
    }

    /// A line of text.
    pub fn line(label: &str) -> Self {
        Self::new(label, Kind::Line(Field::default()))
    }

    /// A text that is not shown.
    pub fn secret(label: &str) -> Self {
        Self::new(label, Kind::Secret(Field::default()))
    }

    /// A text of several lines.
    pub fn note(label: &str) -> Self {
        Self::new(label, Kind::Note(Edit::note()))
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
            Kind::Line(field) | Kind::Secret(field) => field.set(text),
            Kind::Note(edit) => {
                edit.clear();
                edit.insert(text);
            }
        }
        self
    }

    /// The text, or the key of the choice.
    pub(super) fn value(&self) -> String {
        match &self.kind {
            Kind::Choice { choices, at } => at
                .and_then(|at| choices.get(at))
                .map(|(key, _)| key.clone())
                .unwrap_or_default(),
            Kind::Line(field) => field.text().trim().to_owned(),
            Kind::Secret(field) => field.text().to_owned(),
            Kind::Note(edit) => edit.text().trim().to_owned(),
        }
    }

    /// Whether a serial number stands here.
    pub(super) fn is_serial(&self) -> bool {
        self.label.to_lowercase().contains("serial")
    }

    /// Puts pasted text in. False for a choice.
    pub(super) fn paste(&mut self, text: &str) -> bool {
        match &mut self.kind {
            Kind::Line(field) | Kind::Secret(field) => field.insert(text),
            Kind::Note(edit) => edit.insert(text),
            Kind::Choice { .. } => return false,
        }
        true
    }

    /// Takes a key; digits and first letters choose, arrows and space go on.
    pub(super) fn edit(&mut self, key: KeyCombo) -> bool {
        let (choices, at) = match &mut self.kind {
            Kind::Choice { choices, at } => (choices, at),
            Kind::Line(field) | Kind::Secret(field) => return field.edit(key),
            Kind::Note(edit) => return edit.key(key),
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
    pub(super) entries: &'a [Entry],
    pub(super) label: Option<&'a ScanAnswer>,
}

impl Values<'_> {
    /// The last label of a model that was scanned into the form, if the serial that it named still stands in this field.
    pub fn label(&self, serial: usize) -> Option<&ScanAnswer> {
        self.label
            .filter(|label| label.scan.serial.as_deref() == Some(self.text(serial).as_str()))
    }

    /// The text, or the key of the choice, of a field; empty when it holds nothing.
    pub fn text(&self, at: usize) -> String {
        self.entries.get(at).map(Entry::value).unwrap_or_default()
    }

    /// A date of a field: `YYYY-MM-DD`, `yesterday`, `today`, `tomorrow`, `+7` or `-3` days; `None` when empty.
    pub fn date(&self, at: usize, today: NaiveDate) -> Result<Option<NaiveDate>, Wrong> {
        let text = self.text(at);
        if text.is_empty() {
            return Ok(None);
        }
        read_date(&text, today).map(Some).ok_or_else(|| {
            let words = format!(
                "\"{text}\" is not a date. Write YYYY-MM-DD, \"today\", or +7 or -3 for days from today."
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
        "yesterday" => today.pred_opt(),
        other => match (other.strip_prefix('+'), other.strip_prefix('-')) {
            (Some(days), _) => today.checked_add_days(read_days(days)?),
            (_, Some(days)) => today.checked_sub_days(read_days(days)?),
            _ => NaiveDate::parse_from_str(other, "%Y-%m-%d").ok(),
        },
    }
}

/// `7`, `7 d` and `7 days`.
fn read_days(text: &str) -> Option<Days> {
    let text = text.trim();
    let number = ["days", "day", "d"]
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or(text);
    let days: u16 = number.trim().parse().ok()?;
    Some(Days::new(days.into()))
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
            ("yesterday", Some("2026-11-22")),
            ("+7", Some("2026-11-30")),
            ("+7 days", Some("2026-11-30")),
            ("+ 1 day", Some("2026-11-24")),
            ("+7d", Some("2026-11-30")),
            ("-3", Some("2026-11-20")),
            ("-3 days", Some("2026-11-20")),
            ("+days", None),
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
