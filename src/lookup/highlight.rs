//! Where a returned device matched: ranges of characters in its fields as written, and a few words that say why.
//!
//! Worked out for the rows that are shown only.

use std::ops::Range;

use crate::domain::device::DeviceCard;

use super::fold::{fold_places, ident_places};
use super::intern::{Interner, Value};
use super::nearest::typo;
use super::query::Word;
use super::rank::{Place, Table, Win};
use super::row::{FieldName, Ident, Row, raw};
use super::score::{Scorer, text_level};

/// A field with the characters that matched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Highlight {
    /// The field.
    pub field: FieldName,
    /// Which of several (numbers, holds, earlier tags and serials), from 0.
    pub nth: usize,
    /// Ranges of characters (not bytes) of the field as the card writes it; in order, apart from each other.
    pub ranges: Vec<Range<usize>>,
}

/// What matched in one row.
#[derive(Default)]
pub(super) struct Explained {
    pub(super) why: Vec<String>,
    pub(super) highlights: Vec<Highlight>,
}

/// Finds again where each word matched a row.
pub(super) fn explain(
    scorer: &impl Scorer,
    interner: &Interner,
    row: &Row,
    tables: &[&Table],
) -> Explained {
    let mut out = Explained::default();
    for table in tables {
        let Some(win) = table.best(row) else {
            continue;
        };
        let field = match win.place {
            Place::Text(at) => {
                let Some(text) = row.texts.get(at) else {
                    continue;
                };
                let Some(value) = interner.get(text.value) else {
                    continue;
                };
                let found = text_places(scorer, value, &table.word, win.level());
                if text.field == FieldName::Name {
                    out.mark_name(&row.card, &found);
                } else {
                    out.mark_text(&row.card, text.field, usize::from(text.nth), &found);
                }
                text.field
            }
            Place::Ident(at) => {
                let Some(ident) = row.idents.get(at) else {
                    continue;
                };
                out.mark_ident(&row.card, ident, &table.word, win.level());
                ident.field
            }
        };
        let why = reason(field, win);
        if !out.why.contains(&why) {
            out.why.push(why);
        }
    }
    for highlight in &mut out.highlights {
        highlight.ranges = joined(std::mem::take(&mut highlight.ranges));
    }
    out.highlights.sort_by_key(|mark| (mark.field, mark.nth));
    out
}

fn reason(field: FieldName, win: Win) -> String {
    let label = field.label();
    match (win.level(), win.place) {
        (5.., _) => label.to_owned(),
        (4, _) => format!("{label} begins so"),
        (3, Place::Ident(_)) => format!("{label} ends so"),
        (2 | 3, _) => format!("inside {label}"),
        (1, _) => format!("scattered in {label}"),
        _ => format!("almost {label}"),
    }
}

/// The characters of a folded text that a word matched, by the level at which it did.
pub(super) fn text_places(
    scorer: &impl Scorer,
    value: &Value,
    word: &Word,
    level: u32,
) -> Vec<Range<usize>> {
    match level {
        2.. => text_level(&value.low, &word.low)
            .map(|(_, at)| {
                let start = value.low.get(..at).map_or(0, |text| text.chars().count());
                start..start + word.chars
            })
            .into_iter()
            .collect(),
        1 => {
            let places = scorer.places(&value.fold, &word.low);
            joined(places.into_iter().flatten().map(|at| at..at + 1).collect())
        }
        0 => typo(&value.low, word)
            .map(|(_, place)| place)
            .into_iter()
            .collect(),
    }
}

/// Ranges of a folded text as ranges of the text it came from.
pub(super) fn unfold(raw: &str, found: &[Range<usize>]) -> Vec<Range<usize>> {
    let places = fold_places(raw);
    let end = raw.chars().count();
    found
        .iter()
        .filter_map(|range| {
            let start = *places.get(range.start)?;
            let last = *places.get(range.end.checked_sub(1)?)?;
            // Marks that were dropped belong to the character before them.
            let next = places
                .get(range.end..)
                .and_then(|rest| rest.iter().find(|at| **at > last))
                .copied();
            Some(start..next.unwrap_or(end))
        })
        .collect()
}

/// Sorted, with overlapping and touching ranges as one.
pub(super) fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

impl Explained {
    fn mark(&mut self, field: FieldName, nth: usize, ranges: Vec<Range<usize>>) {
        if ranges.is_empty() {
            return;
        }
        match self
            .highlights
            .iter_mut()
            .find(|mark| (mark.field, mark.nth) == (field, nth))
        {
            Some(mark) => mark.ranges.extend(ranges),
            None => self.highlights.push(Highlight { field, nth, ranges }),
        }
    }

    fn mark_text(
        &mut self,
        card: &DeviceCard,
        field: FieldName,
        nth: usize,
        found: &[Range<usize>],
    ) {
        if let Some(text) = raw(card, field, nth) {
            self.mark(field, nth, unfold(text, found));
        }
    }

    /// Make and model are scored as one text, with a blank between them, and shown as two.
    fn mark_name(&mut self, card: &DeviceCard, found: &[Range<usize>]) {
        let border = fold_places(&card.manufacturer).len();
        let (mut maker, mut model) = (Vec::new(), Vec::new());
        for range in found {
            if range.start < border {
                maker.push(range.start..range.end.min(border));
            }
            if range.end > border + 1 {
                model.push(range.start.saturating_sub(border + 1)..range.end - border - 1);
            }
        }
        self.mark_text(card, FieldName::Manufacturer, 0, &maker);
        self.mark_text(card, FieldName::Model, 0, &model);
    }

    fn mark_ident(&mut self, card: &DeviceCard, ident: &Ident, word: &Word, level: u32) {
        let Some(text) = raw(card, ident.field, ident.nth) else {
            return;
        };
        let places = ident_places(text, ident.field == FieldName::Ip);
        let range = ident_range(ident, word, level);
        // One run from first to last: what separates them inside belongs to it.
        let first = places.get(range.start);
        let last = range.end.checked_sub(1).and_then(|at| places.get(at));
        if let (Some(first), Some(last)) = (first, last) {
            self.mark(
                ident.field,
                ident.nth,
                std::iter::once(*first..last + 1).collect(),
            );
        }
    }
}

/// The characters of a compared identifier that a word matched.
fn ident_range(ident: &Ident, word: &Word, level: u32) -> Range<usize> {
    let text = &*ident.text;
    let all = text.chars().count();
    let wanted = word.ident_for(ident.field);
    let length = wanted.chars().count();
    let short = text
        .get(..ident.short)
        .map_or(0, |head| head.chars().count());
    match level {
        9 if text == wanted => 0..all,
        9 => short..all,
        4 if text.starts_with(wanted) => 0..length,
        4 => short..short + length,
        3 => all.saturating_sub(length)..all,
        2 => {
            let at = text.find(wanted).unwrap_or(0);
            let start = text.get(..at).map_or(0, |head| head.chars().count());
            start..start + length
        }
        _ => 0..all,
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)] // the ranges are the data
mod tests {
    use super::*;

    #[test]
    fn ranges_go_back_to_the_written_text() {
        // "e" with a combining accent is two characters as written.
        assert_eq!(unfold("De\u{301}fi X", &[0..2, 5..6]), [0..3, 6..7]);
        assert_eq!(unfold("ﬁn", &[0..1]), [0..1]);
        assert!(unfold("abc", &[2..9, 0..0]).is_empty());
        assert_eq!(joined(vec![4..5, 0..2, 2..3]), [0..3, 4..5]);
    }
}
