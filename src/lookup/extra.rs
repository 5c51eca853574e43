//! Identifiers that have no cell: longer than sixteen characters, of other letters, or one of several of a device
//! (earlier tags and serials).
//!
//! Invariant: every identifier of a device is either in its cell or here, never in both.

use std::collections::HashMap;

use super::grams::Grams;
use super::lanes;
use super::near_lanes::NearLane;
use super::nearest::Near;
use super::query::Word;
use super::row::{Ident, pairs};
use super::score::ident_worth;

/// The identifiers without a cell, in no order.
#[derive(Debug, Default)]
pub(super) struct Extra {
    rows: Vec<u32>,
    /// See [`pairs`].
    pairs: Vec<u128>,
    idents: Vec<Ident>,
    /// Where the identifiers of a row are.
    places: HashMap<u32, Vec<u32>>,
    grams: Grams,
}

impl Extra {
    /// Adds an identifier of a row.
    pub(super) fn add(&mut self, row: u32, ident: Ident) {
        self.grams.count(ident.text.as_bytes(), true);
        self.places
            .entry(row)
            .or_default()
            .push(self.rows.len() as u32);
        self.rows.push(row);
        self.pairs.push(pairs(&ident.text));
        self.idents.push(ident);
    }

    /// Takes out all identifiers of a row.
    pub(super) fn clear(&mut self, row: u32) {
        let mut places = self.places.remove(&row).unwrap_or_default();
        // From the end, so that what moves into a gap is never one of these.
        places.sort_unstable();
        for place in places.into_iter().rev() {
            let at = place as usize;
            if at >= self.rows.len() {
                continue;
            }
            self.rows.swap_remove(at);
            self.pairs.swap_remove(at);
            let gone = self.idents.swap_remove(at);
            self.grams.count(gone.text.as_bytes(), false);
            let last = self.rows.len() as u32;
            if let Some(moved) = self
                .rows
                .get(at)
                .and_then(|moved| self.places.get_mut(moved))
            {
                for slot in moved.iter_mut().filter(|slot| **slot == last) {
                    *slot = place;
                }
            }
        }
    }

    /// The same rows under other numbers; rows that are not named have nothing here.
    pub(super) fn reorder(&mut self, order: &[u32]) {
        let before = std::mem::take(&mut self.places);
        for (new, old) in (0..).zip(order) {
            let Some(places) = before.get(old) else {
                continue;
            };
            for place in places {
                if let Some(row) = self.rows.get_mut(*place as usize) {
                    *row = new;
                }
            }
            self.places.insert(new, places.clone());
        }
    }

    /// At most so many identifiers hold the word.
    pub(super) fn most(&self, word: &Word) -> u32 {
        let at_most = |text: &str| self.grams.most(text.as_bytes());
        at_most(&word.ident)
            .saturating_add(if word.ip == word.ident {
                0
            } else {
                at_most(&word.ip)
            })
            .saturating_add(if word.number == word.ident {
                0
            } else {
                at_most(&word.number)
            })
    }

    /// What a word is worth in each row, rows in order; the rows with several are named once.
    pub(super) fn hits(&self, word: &Word, base: u32, near: Option<&Near>) -> Vec<(u32, u16)> {
        let possible = self.most(word) > 0;
        if self.rows.is_empty() || (!possible && near.is_none()) {
            return Vec::new();
        }
        // The same judgement, quicker where the text could be in a cell.
        let near_cell = near.and_then(|_| NearLane::new(&word.ident, &self.grams));
        let mut hits: Vec<(u32, u16)> = Vec::new();
        for ((row, held), ident) in self.rows.iter().zip(&self.pairs).zip(&self.idents) {
            let mut worth = 0;
            if possible && word.pairs.iter().any(|own| own & !held == 0) {
                worth = ident_worth(ident, word, base);
            }
            if worth == 0
                && let Some(near) = near
                && near.possible(*held)
            {
                worth = match (lanes::cell(&ident.text), &near_cell) {
                    (Some(cell), Some(near)) => u32::from(near.worth(&cell)),
                    (Some(_), None) => 0,
                    (None, _) => near.worth(ident),
                };
            }
            if worth > 0 {
                hits.push((*row, worth as u16));
            }
        }
        // Of one row the best first, which is the one that is kept.
        hits.sort_unstable_by_key(|(row, worth)| (*row, std::cmp::Reverse(*worth)));
        hits.dedup_by_key(|(row, _)| *row);
        hits
    }

    /// The rows of which an identifier fits.
    pub(super) fn rows_where(&self, fits: impl Fn(&Ident) -> bool) -> Vec<u32> {
        let mut rows: Vec<u32> = self
            .rows
            .iter()
            .zip(&self.idents)
            .filter(|(_, ident)| fits(ident))
            .map(|(row, _)| *row)
            .collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// Bytes in use, about.
    pub(super) fn size(&self) -> usize {
        self.rows.capacity() * 4
            + self.pairs.capacity() * 16
            + self.idents.capacity() * size_of::<Ident>()
            + self.idents.iter().map(|i| i.text.len() + 16).sum::<usize>()
            + self.places.capacity() * 48
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::row::FieldName;

    #[test]
    fn rows_come_and_go() {
        let ident = |text: &str| Ident {
            field: FieldName::Alias,
            nth: 0,
            text: text.into(),
            short: 0,
        };
        let mut extra = Extra::default();
        for (row, text) in [(5, "OLD1"), (3, "OLD2"), (5, "OLD3"), (4, "NEW")] {
            extra.add(row, ident(text));
        }
        let rows = |extra: &Extra, word: &str| -> Vec<u32> {
            extra
                .hits(&Word::new(word), 0, None)
                .into_iter()
                .map(|(row, _)| row)
                .collect()
        };
        assert_eq!(rows(&extra, "old"), [3, 5]);
        extra.clear(5);
        assert_eq!(rows(&extra, "old"), [3]);
        assert_eq!(rows(&extra, "new"), [4]);
        extra.clear(3);
        extra.clear(9);
        assert_eq!(rows(&extra, "old"), [0_u32; 0]);
        assert_eq!(rows(&extra, "new"), [4]);
    }
}
