//! The in-memory device index and its ranking; fuzzy-matcher is the scorer.
//!
//! May use: `domain`. Pure: rows go in, ranked ids come out.
//!
//! Each word of a query must match some field of a device. What a match is worth is, first, its level:
//!
//! | level | meaning |
//! | --- | --- |
//! | 9 | an identifier exactly: asset tag, its number without letters and zeros, serial, IP, MAC, UDI-DI, earlier tag or serial |
//! | 8 | a text exactly |
//! | 7, 6, 5 | a whole word of a text; the text begins with it; a later word begins with it |
//! | 4 | an identifier begins with it |
//! | 3 | an identifier ends with it, or it stands inside a word of a text (from two characters) |
//! | 2 | inside an identifier (from two characters) |
//! | 1 | its characters are scattered over a text, or over make and model, in order and well (from three characters) |
//! | 0 | misspelt: one edit from four characters, two from eight, and no text of the fleet holds it as typed |
//!
//! and within a level the score of fuzzy-matcher and a small preference of fields. Neighbouring words that stand so in
//! one text earn a bonus. Devices that are retired, disposed or missing follow after all others; equals are in the
//! order of their asset tags. When nothing matches, misspelt identifiers are looked for and marked as nearest.
//!
//! Invariants: an answer depends on the cards that are in, not on the order or history of changes; a card that is
//! combined into another is never in.

mod fold;
mod highlight;
mod intern;
mod memo;
mod nearest;
mod query;
mod rank;
mod row;
mod score;
mod text;

#[cfg(test)]
mod reference;
#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)] // the ranges of a highlight are the data
mod tests;

use std::collections::HashMap;

use crate::domain::device::DeviceCard;
use crate::domain::id::EntityId;

pub use highlight::Highlight;
pub use query::filter_names;
pub use row::FieldName;
pub use score::{Scorer, Skim};
pub use text::{TextHit, rank_text};

use intern::Interner;
use memo::Memo;
use query::{Query, Word};
use rank::{Ranked, rank};
use row::Row;

/// What the caller knows about the text, beside the text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FindOptions {
    /// The UDI-DI, where the text is a scan that was parsed.
    pub di: Option<String>,
    /// The serial number, where the text is a scan that was parsed.
    pub serial: Option<String>,
}

/// A device that matches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    /// The device.
    pub id: EntityId,
    /// Its card.
    pub card: DeviceCard,
    /// What the match is worth; only comparable within one answer, and only among devices that are both gone or both not.
    pub total: u32,
    /// Where the words matched, in a few words: `asset tag`, `inside serial`.
    pub why: String,
    /// The characters that matched, field by field.
    pub highlights: Vec<Highlight>,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The best devices, best first, at most as many as asked for.
    pub hits: Vec<Hit>,
    /// How many match in all.
    pub total: usize,
    /// Nothing matches what was typed or scanned; these come nearest.
    pub nearest: bool,
}

/// The devices of a store, ready to be looked up.
#[derive(Debug, Default)]
pub struct Index {
    scorer: Skim,
    memo: Memo,
    interner: Interner,
    rows: Vec<Row>,
    numbers: HashMap<EntityId, usize>,
}

impl Index {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a card in, or in place of the one with its id. A card that is combined into another record leaves.
    pub fn upsert(&mut self, card: DeviceCard) {
        if card.merged {
            self.remove(card.id);
            return;
        }
        self.memo.clear();
        let id = card.id;
        let row = Row::new(card, &mut self.interner);
        let known = self.numbers.get(&id).copied();
        if let Some(slot) = known.and_then(|number| self.rows.get_mut(number)) {
            std::mem::replace(slot, row).leave(&mut self.interner);
        } else {
            self.numbers.insert(id, self.rows.len());
            self.rows.push(row);
        }
    }

    /// Takes a device out; one that is not in is none the less out.
    pub fn remove(&mut self, id: EntityId) {
        let Some(number) = self.numbers.remove(&id) else {
            return;
        };
        if number >= self.rows.len() {
            return;
        }
        self.memo.clear();
        self.rows.swap_remove(number).leave(&mut self.interner);
        if let Some(moved) = self.rows.get(number) {
            self.numbers.insert(moved.card.id, number);
        }
    }

    /// How many devices can be found; combined records are not among them.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when nothing can be found.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The card of a device, if it can be found.
    pub fn get(&self, id: EntityId) -> Option<&DeviceCard> {
        let number = *self.numbers.get(&id)?;
        self.rows.get(number).map(|row| &*row.card)
    }

    /// The devices that match a text, best first. An empty text matches all. `field:value` filters (see
    /// [`filter_names`]), `-word` excludes what begins with the word, `"quoted"` is taken literally.
    ///
    /// With a serial or DI from a parsed scan the text is not looked at: the serial must be equal, and devices with the
    /// same DI come first. A DI whose serial is not known gives the devices of that model, as nearest.
    pub fn find(&self, text: &str, limit: usize, options: &FindOptions) -> Found {
        let scanned = |text: &Option<String>| {
            text.as_deref()
                .map(Word::scanned)
                .filter(|word| !word.ident.is_empty())
        };
        let (di, serial) = (scanned(&options.di), scanned(&options.serial));
        if di.is_none() && serial.is_none() {
            let query = Query::parse(text);
            let ranked = self.rank(&query, limit, false);
            if ranked.total > 0 || query.words.is_empty() {
                return self.answer(ranked, false);
            }
            return self.answer(self.rank(&query, limit, true), true);
        }
        if let Some(serial) = serial {
            let query = Query {
                words: vec![serial],
                also: di.clone().into_iter().collect(),
                ..Query::default()
            };
            let ranked = self.rank(&query, limit, false);
            if ranked.total > 0 {
                return self.answer(ranked, false);
            }
            let Some(di) = di else {
                return Found::default();
            };
            return self.answer(self.rank(&Query::scan(di), limit, false), true);
        }
        let words = di.map(Query::scan).unwrap_or_default();
        self.answer(self.rank(&words, limit, false), false)
    }

    fn rank(&self, query: &Query, limit: usize, nearest: bool) -> Ranked {
        rank(
            &self.scorer,
            &self.memo,
            &self.interner,
            &self.rows,
            query,
            limit,
            nearest,
        )
    }

    fn answer(&self, ranked: Ranked, nearest: bool) -> Found {
        let hits = ranked
            .best
            .iter()
            .filter_map(|&(number, total)| {
                let row = self.rows.get(number)?;
                let explained =
                    highlight::explain(&self.scorer, &self.interner, row, &ranked.tables);
                Some(Hit {
                    id: row.card.id,
                    card: DeviceCard::clone(&row.card),
                    total,
                    why: explained.why.join(", "),
                    highlights: explained.highlights,
                })
            })
            .collect();
        Found {
            hits,
            nearest: nearest && ranked.total > 0,
            total: ranked.total,
        }
    }
}
