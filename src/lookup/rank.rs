//! What a word is worth in a device: at its best field, whichever that is.
//!
//! Each distinct text is compared once per word, and each group of devices that share their texts is weighed once; a
//! device is then three numbers to look up and its own identifiers.

// Only as part of the loops around them are these quick.
#![allow(clippy::inline_always)]

use std::sync::Arc;

use super::groups::{Group, Part};
use super::memo::Fleet;
use super::nearest::Near;
use super::query::Word;
use super::row::{FieldName, Ident, Row, TextRef};
use super::score::{LEVEL, ident_worth, phrase_worth};

/// Which text or identifier of a row won a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Number in the row's texts.
    Text(usize),
    /// Number in the row's identifiers.
    Ident(usize),
}

/// A word's best field in a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Win {
    pub(super) worth: u32,
    pub(super) place: Place,
}

impl Win {
    /// The level of the ranking.
    pub(super) const fn level(self) -> u32 {
        self.worth / LEVEL
    }
}

/// A word with its worth against each distinct text.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) word: Word,
    base: u32,
    values: Arc<Vec<u16>>,
    /// False where no text is worth anything: an identifier was typed.
    in_texts: bool,
    near: Option<Near>,
}

impl Table {
    /// A word with what it is worth against each text.
    pub(super) fn new(base: u32, worths: Arc<Vec<u16>>, word: &Word, nearest: bool) -> Self {
        Self {
            base,
            near: if nearest { Near::new(word) } else { None },
            word: word.clone(),
            in_texts: worths.iter().any(|worth| *worth > 0),
            values: worths,
        }
    }

    /// What the word is worth against the text with this number.
    pub(super) fn text(&self, number: usize) -> u32 {
        self.values.get(number).copied().map_or(0, u32::from)
    }

    /// The best field of a row, if any matches.
    pub(super) fn best(&self, row: &Row) -> Option<Win> {
        self.best_of(&row.texts, &row.idents)
    }

    fn best_of(&self, texts: &[TextRef], idents: &[Ident]) -> Option<Win> {
        let mut best: Option<Win> = None;
        let mut offer = |worth, place| {
            if worth > best.map_or(0, |win| win.worth) {
                best = Some(Win { worth, place });
            }
        };
        let texts = if self.in_texts { texts } else { &[] };
        for (at, text) in texts.iter().enumerate() {
            let worth = self.text(text.value as usize);
            // Make and model in one count only for characters scattered over both.
            let counts = text.field != FieldName::Name || worth / LEVEL == 1;
            if worth >= LEVEL && counts {
                offer(worth + text.field.priority(), Place::Text(at));
            } else if worth > 0 && counts {
                offer(worth, Place::Text(at));
            }
        }
        for (at, ident) in idents.iter().enumerate() {
            offer(ident_worth(ident, &self.word, self.base), Place::Ident(at));
        }
        if let Some(near) = &self.near {
            for (at, ident) in idents.iter().enumerate() {
                offer(near.worth(ident), Place::Ident(at));
            }
        }
        best
    }
}

/// A word's worth in each group of one part.
#[derive(Debug, Default)]
pub(super) struct GroupTable {
    pub(super) worths: Vec<u16>,
    /// False where it is worth nothing in all of them; then `worths` may be empty.
    pub(super) any: bool,
    /// How many devices are in the groups where it is worth something.
    pub(super) rows: usize,
}

impl GroupTable {
    fn raise(&mut self, groups: &[Group], number: u32, worth: u32) {
        if self.worths.is_empty() {
            self.worths = vec![0; groups.len()];
            self.any = true;
        }
        if let (Some(slot), Some(group)) = (
            self.worths.get_mut(number as usize),
            groups.get(number as usize),
        ) {
            if *slot == 0 {
                self.rows += group.uses as usize;
            }
            *slot = (*slot).max(worth as u16);
        }
    }

    /// The worth in a group.
    #[inline(always)]
    pub(super) fn get(&self, group: u32) -> u16 {
        self.worths.get(group as usize).copied().unwrap_or(0)
    }
}

/// What a word is worth in all groups.
pub(super) fn group_tables(table: &Table, fleet: Fleet<'_>) -> [GroupTable; 3] {
    let mut tables: [GroupTable; 3] = Default::default();
    let values = fleet.interner.values();
    for (worth, value) in table.values.iter().zip(values) {
        let worth = u32::from(*worth);
        if worth == 0 {
            continue;
        }
        for (number, field) in &value.groups {
            // Make and model in one count only for characters scattered over both.
            if *field == FieldName::Name && worth / LEVEL != 1 {
                continue;
            }
            let priority = if worth >= LEVEL { field.priority() } else { 0 };
            let part = Part::of(*field) as usize;
            if let (Some(table), Some(groups)) = (tables.get_mut(part), fleet.groups.get(part)) {
                table.raise(groups.all(), *number, worth + priority);
            }
        }
    }
    for (groups, own) in fleet.groups.iter().zip(&mut tables) {
        if !groups.has_idents() {
            continue;
        }
        for (number, group) in (0..).zip(groups.all()) {
            if group.idents.is_empty() || !(table.near.is_some() || group.may_hold(&table.word)) {
                continue;
            }
            if let Some(win) = table.best_of(&[], &group.idents) {
                own.raise(groups.all(), number, win.worth);
            }
        }
    }
    tables
}

/// The bonus of two neighbouring words in each group of each part.
pub(super) type PhraseTable = [GroupTable; 3];

/// The bonus of two neighbouring words, which only a text that has both can earn.
pub(super) fn phrase_table(fleet: Fleet<'_>, a: &Table, b: &Table) -> PhraseTable {
    let phrase = format!("{} {}", a.word.low, b.word.low);
    let mut tables = PhraseTable::default();
    let pairs = a.values.iter().zip(b.values.iter());
    for ((a, b), value) in pairs.zip(fleet.interner.values()) {
        if *a == 0 || *b == 0 {
            continue;
        }
        let worth = phrase_worth(value, &phrase);
        if worth == 0 {
            continue;
        }
        for (number, field) in &value.groups {
            let part = Part::of(*field) as usize;
            if *field != FieldName::Name
                && let (Some(table), Some(groups)) = (tables.get_mut(part), fleet.groups.get(part))
            {
                table.raise(groups.all(), *number, worth);
            }
        }
    }
    tables
}
