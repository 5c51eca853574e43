//! The same ranking over a plain list of texts: orders, procedures, technicians, the command palette.

use std::ops::Range;

use super::highlight::{joined, text_places, unfold};
use super::intern::Interner;
use super::query::Query;
use super::rank::Table;
use super::score::{LEVEL, Skim, phrase_worth, text_level};
use super::worth::worths;

/// A text that matches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextHit {
    /// Its place among the candidates, from 0.
    pub index: usize,
    /// Its worth; higher is better.
    pub total: u32,
    /// Ranges of characters (not bytes) that matched, in order.
    pub ranges: Vec<Range<usize>>,
}

/// The candidates that hold every word of the query, best first and equals in the order given; an empty query keeps
/// all. Words, quotes and `-word` work as in [`super::Index::find`]; there are no fields, so a colon is a character.
pub fn rank_text<'a>(query: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<TextHit> {
    let scorer = Skim::default();
    let query = Query::parse_words(query);
    let texts: Vec<&str> = candidates.collect();
    // Each distinct text once; the candidates then are numbers.
    let mut interner = Interner::default();
    let numbers: Vec<u32> = texts.iter().map(|text| interner.take(text)).collect();
    let tables: Vec<Table> = query
        .words
        .iter()
        .map(|word| {
            let worths = worths(&scorer, &interner, 1, word, false, None);
            Table::new(0, worths.by_value, word, false)
        })
        .collect();
    let phrases: Vec<String> = query
        .words
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some(format!("{} {}", a.low, b.low)),
            _ => None,
        })
        .collect();

    let mut hits = Vec::new();
    'texts: for (index, (number, text)) in numbers.iter().zip(&texts).enumerate() {
        let Some(value) = interner.get(*number) else {
            continue;
        };
        let excluded = query
            .without
            .iter()
            .any(|word| text_level(&value.low, &word.low).is_some_and(|(level, _)| level >= 5));
        if excluded {
            continue;
        }
        let mut total = 0;
        let mut found = Vec::new();
        for table in &tables {
            let worth = table.text(*number as usize);
            if worth == 0 {
                continue 'texts;
            }
            total += worth;
            found.extend(text_places(&scorer, value, &table.word, worth / LEVEL));
        }
        total += phrases
            .iter()
            .map(|phrase| phrase_worth(value, phrase))
            .sum::<u32>();
        hits.push(TextHit {
            index,
            total,
            ranges: joined(unfold(text, &found)),
        });
    }
    // A stable sort keeps equals in the order given.
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.total));
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_ranked() {
        let texts = [
            "Infusion pump, general purpose",
            "Syringe pump",
            "Défibrillator",
            "Pump",
            "SHOP2-00123 ICU bed scale",
        ];
        for (query, expected) in [
            ("pump", &[3, 0, 1][..]),
            ("pump sy", &[1]),
            ("defib", &[2]),
            ("pmup", &[0, 1, 3]),
            ("123", &[4]),
            ("shop2-00123", &[4]),
            ("pump -syringe", &[3, 0]),
            ("\"general purpose\"", &[0]),
            ("type:x", &[]),
            ("zzz", &[]),
            ("", &[0, 1, 2, 3, 4]),
        ] {
            let found: Vec<usize> = rank_text(query, texts.into_iter())
                .iter()
                .map(|hit| hit.index)
                .collect();
            assert_eq!(found, expected, "{query}");
        }
        let hits = rank_text("defib", texts.into_iter());
        assert_eq!(hits[0].ranges.first(), Some(&(0..5)));
    }
}
