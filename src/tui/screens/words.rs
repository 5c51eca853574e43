//! Words and marks that several screens use for the same facts.
//!
//! Invariant: a state is always a mark and a word; the role only repeats it in colour.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::bench::Session;
use crate::bench::query::{OrderRow, Receipt};
use crate::domain::device::{DeviceCard, Outcome};
use crate::domain::merge::{Conflict, Side};
use crate::domain::order::{Status, Urgency};
use crate::tui::app::screen::Tone;
use crate::tui::view::Role;

/// Who is meant by a technician's key.
#[derive(Clone, Default, Debug)]
pub struct People(BTreeMap<String, (String, String)>);

impl People {
    /// Everybody on record, those who left and those of other shops too. Nobody when the store does not answer. Where two
    /// shops have somebody with one key, both are named: nobody is taken for the other.
    pub fn of(session: &Session) -> Self {
        let mut known: BTreeMap<String, (String, String)> = BTreeMap::new();
        for person in session.people().unwrap_or_default() {
            match known.get_mut(&person.key) {
                Some((name, initials)) if *name != person.name => {
                    name.push_str(" or ");
                    name.push_str(&person.name);
                    initials.clear();
                }
                Some(_) => {}
                None => {
                    known.insert(person.key, (person.name, person.initials));
                }
            }
        }
        Self(known)
    }

    /// The printed name; the key itself of somebody who is not on record.
    pub fn name(&self, key: &str) -> String {
        self.of_key(key, |(name, _)| name)
    }

    /// The initials, for narrow columns; the name where none are on record.
    pub fn initials(&self, key: &str) -> String {
        self.of_key(
            key,
            |(name, initials)| {
                if initials.is_empty() { name } else { initials }
            },
        )
    }

    fn of_key(&self, key: &str, what: impl Fn(&(String, String)) -> &String) -> String {
        match self.0.get(key).map(what) {
            Some(words) if !words.is_empty() => words.clone(),
            _ => key.to_owned(),
        }
    }
}

/// The sides of a conflict in one line, the one that counts first, each with who wrote it and when.
pub fn sides(conflict: &Conflict, name: &dyn Fn(&str) -> String) -> String {
    let said = |side: &Side| {
        format!(
            "{} ({}, {})",
            side.value,
            name(&side.stamp.by),
            side.stamp.at.minute()
        )
    };
    let others = conflict
        .sides
        .iter()
        .filter(|side| side.stamp.dot != conflict.shown);
    conflict
        .shown()
        .into_iter()
        .chain(others)
        .map(said)
        .collect::<Vec<_>>()
        .join("  ≠  ")
}

/// Key and printed name of everybody who works here apart from the session's technician: whom a second person is
/// chosen from.
pub fn colleagues(session: &Session) -> Vec<(String, String)> {
    let mut all = session.technicians().unwrap_or_default();
    all.retain(|t| t.left.is_none() && t.key != session.actor());
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.into_iter()
        .map(|t| match t.name.as_str() {
            "" => (t.key.clone(), t.key),
            _ => (t.key, t.name),
        })
        .collect()
}

/// A device's state in a list: mark, word, role. Reasons not to use it come first.
pub fn device_state(card: &DeviceCard) -> (&'static str, String, Role) {
    if let Some(hold) = card.holds.first() {
        let more = match card.holds.len() {
            1 => String::new(),
            n => format!(" +{}", n - 1),
        };
        return ("✗", format!("{hold}{more}"), Role::Bad);
    }
    let words = card.status.replace('-', " ");
    match card.status.as_str() {
        "in-service" => ("●", words, Role::Good),
        "missing" => ("?", words, Role::Warn),
        _ => ("○", words, Role::Text),
    }
}

/// An order's urgency: mark and role.
pub const fn urgency(urgency: Urgency) -> (&'static str, Role) {
    match urgency {
        Urgency::Safety => ("!", Role::Bad),
        Urgency::Overdue => ("▲", Role::Warn),
        Urgency::Urgent => ("▴", Role::Warn),
        Urgency::Due => ("●", Role::Good),
        Urgency::Later => ("○", Role::Dim),
        Urgency::Waiting => ("◌", Role::Dim),
    }
}

/// An order's status in a list: mark and word.
pub fn order_status(row: &OrderRow) -> String {
    let mark = match row.status {
        Status::Open => "○",
        Status::Assigned | Status::InProgress => "▸",
        Status::OnHold => "◌",
        Status::WorkDone | Status::Closed => "✓",
        Status::Cancelled => "✗",
    };
    format!("{mark} {}", row.status.label())
}

/// How an inspection ended: mark, word, role.
pub const fn outcome(outcome: Option<Outcome>) -> (&'static str, &'static str, Role) {
    match outcome {
        Some(Outcome::Passed) => ("✓", "passed", Role::Good),
        Some(Outcome::Corrected) => ("✓", "passed after correction", Role::Good),
        Some(Outcome::Failed) => ("✗", "failed", Role::Bad),
        Some(Outcome::DoNotUse) => ("✗", "do not use", Role::Bad),
        Some(Outcome::Undecided) => ("?", "undecided", Role::Warn),
        None => ("○", "not ended", Role::Dim),
    }
}

/// A date, or words for none.
pub fn day(date: Option<NaiveDate>) -> String {
    date.map_or_else(|| "no date".to_owned(), |date| date.to_string())
}

/// What was recorded, as a sentence begins: the first line of a receipt, and how many more there are.
pub fn recorded(receipt: &Receipt) -> (Tone, String) {
    let Some(first) = receipt.lines.first() else {
        let words = "Nothing to change: it is so already.".to_owned();
        return (Tone::Plain, words);
    };
    let mut chars = first.chars();
    let begin: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let same = receipt.lines.iter().filter(|line| *line == first).count();
    let times = match same {
        1 => String::new(),
        n => format!(" ({n} times)"),
    };
    (Tone::Good, format!("{begin}{}{times}", chars.as_str()))
}

/// A count with its noun.
pub fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

/// The printed name of a technician, or their key.
pub fn who(names: &[(String, String)], key: &str) -> String {
    names
        .iter()
        .find(|(known, name)| known == key && !name.is_empty())
        .map_or(key, |(_, name)| name)
        .to_owned()
}
