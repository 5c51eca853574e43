//! What a word is worth against one value: the levels of the ranking, and the scorer behind a small trait.
//!
//! Invariants: every worth depends on the word and the value alone, never on earlier calls or on other devices. Only
//! single folded fields are scored, never whole lines.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::fold::fold;
use super::intern::Value;
use super::query::Word;
use super::row::{FieldName, Ident};

/// Points between two levels: more than score and field priority can add.
pub(super) const LEVEL: u32 = 1024;
/// The most a score adds.
const TOP_SCORE: u32 = 900;
/// Score per character below which a scattered match is noise.
const SCORE_PER_CHAR: u32 = 17;
/// Longer words or values are matched by level alone: the scorer's work grows with the product of the two.
const WORD_LIMIT: usize = 64;
const VALUE_LIMIT: usize = 256;

/// Scores a word against a text; both folded.
pub trait Scorer {
    /// How well the word's characters are found in this order in the text, 0 to 900; none if they are not.
    fn score(&self, text: &str, word: &str) -> Option<u32>;
    /// Which characters of the text they are, counted from 0.
    fn places(&self, text: &str, word: &str) -> Option<Vec<usize>>;
}

/// fuzzy-matcher's skim algorithm, without its memory of earlier calls.
pub struct Skim(SkimMatcherV2);

impl Default for Skim {
    fn default() -> Self {
        // Its default compares case as soon as the word has a capital.
        Self(SkimMatcherV2::default().ignore_case())
    }
}

impl std::fmt::Debug for Skim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Skim")
    }
}

impl Skim {
    fn run(&self, text: &str, word: &str) -> Option<(i64, Vec<usize>)> {
        if word.is_empty()
            || word.chars().count() > WORD_LIMIT
            || text.chars().count() > VALUE_LIMIT
        {
            return None;
        }
        // Version 0.3.7 keeps cells of its last matrix, and they change the next score. A match of one character
        // shrinks that matrix to four cells; what the next match adds is fresh.
        let _ = self.0.fuzzy_match("a", "a");
        // `fuzzy_match` may give another score than `fuzzy_indices`; only the latter is used.
        self.0.fuzzy_indices(text, word)
    }
}

impl Scorer for Skim {
    fn score(&self, text: &str, word: &str) -> Option<u32> {
        let (score, _) = self.run(text, word)?;
        Some(u32::try_from(score).unwrap_or(0).min(TOP_SCORE))
    }

    fn places(&self, text: &str, word: &str) -> Option<Vec<usize>> {
        self.run(text, word).map(|(_, places)| places)
    }
}

/// The level at which a text holds a word, and where (byte): 8 is the text, 7 a whole word of it, 6 begins it, 5 begins
/// a later word, 3 inside a word (from two characters). Both without marks and case.
pub(super) fn text_level(low: &str, word: &str) -> Option<(u32, usize)> {
    if word.is_empty() {
        return None;
    }
    if low == word {
        return Some((8, 0));
    }
    let long_enough = word.chars().nth(1).is_some();
    let mut best: Option<(u32, usize)> = None;
    let mut from = 0;
    while let Some(found) = low.get(from..).and_then(|rest| rest.find(word)) {
        let at = from + found;
        let before = low.get(..at).and_then(|text| text.chars().next_back());
        let after = low
            .get(at + word.len()..)
            .and_then(|text| text.chars().next());
        let begins = before.is_none_or(|c| !c.is_alphanumeric());
        let ends = after.is_none_or(|c| !c.is_alphanumeric());
        let level = match (begins, ends) {
            (true, true) => 7,
            (true, false) if at == 0 => 6,
            (true, false) => 5,
            (false, _) if long_enough => 3,
            (false, _) => 0,
        };
        if level > best.map_or(0, |(level, _)| level) {
            best = Some((level, at));
        }
        if level == 7 {
            break;
        }
        from = at
            + low
                .get(at..)
                .and_then(|s| s.chars().next())
                .map_or(1, char::len_utf8);
    }
    best
}

/// What a word is worth against a text: levels 8 to 1. Field priority is added by the caller.
pub(super) fn text_worth(scorer: &impl Scorer, value: &Value, word: &Word) -> u32 {
    if word.exact || word.low.is_empty() || word.mask & !value.mask != 0 {
        return 0;
    }
    if let Some((level, _)) = text_level(&value.low, &word.low) {
        return level * LEVEL + scorer.score(&value.fold, &word.low).unwrap_or(0);
    }
    if word.literal || word.chars < 3 {
        return 0;
    }
    match scorer.score(&value.fold, &word.low) {
        Some(score) if score >= SCORE_PER_CHAR * word.chars as u32 => LEVEL + score,
        _ => 0,
    }
}

/// The score part of every identifier match of a word: the matched run is the same in all of them.
pub(super) fn ident_base(scorer: &impl Scorer, word: &Word) -> u32 {
    let low = fold(&word.ident).to_lowercase();
    scorer.score(&low, &low).unwrap_or(0)
}

/// The level at which an identifier holds a word: 9 is the identifier (or its short form), 4 begins it, 3 ends it,
/// 2 inside.
pub(super) fn ident_level(ident: &Ident, word: &Word) -> Option<u32> {
    let wanted = word.ident_for(ident.field);
    if wanted.is_empty() {
        return None;
    }
    let text = &*ident.text;
    let short = ident.short();
    let numbered = matches!(ident.field, FieldName::Tag | FieldName::UdiDi)
        && !word.number.is_empty()
        && short.unwrap_or(text) == word.number;
    if text == wanted || short == Some(wanted) || numbered {
        return Some(9);
    }
    if word.exact {
        return None;
    }
    if text.starts_with(wanted) || short.is_some_and(|short| short.starts_with(wanted)) {
        return Some(4);
    }
    // One character is found at the beginning only.
    wanted.chars().nth(1)?;
    if text.ends_with(wanted) {
        return Some(3);
    }
    let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
    text.windows(wanted.len())
        .any(|part| part == wanted)
        .then_some(2)
}

/// Points of an identifier that was typed or scanned whole: they put it before one whose number is the same.
pub(super) const WHOLE: u32 = 4;

/// What a word is worth against an identifier; `base` is [`ident_base`].
pub(super) fn ident_worth(ident: &Ident, word: &Word, base: u32) -> u32 {
    let whole = *ident.text == *word.ident_for(ident.field);
    ident_level(ident, word).map_or(0, |level| {
        level * LEVEL + base + ident.field.priority() + if whole { WHOLE } else { 0 }
    })
}

/// The bonus of two neighbouring words (given as one text with a space) that stand so in a value.
pub(super) fn phrase_worth(value: &Value, phrase: &str) -> u32 {
    match text_level(&value.low, phrase) {
        Some((7 | 8, _)) => LEVEL + LEVEL / 2,
        Some((5 | 6, _)) => LEVEL,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn levels_of_texts() {
        for (text, word, level) in [
            ("3w", "3w", Some(8)),
            ("bed 12", "12", Some(7)),
            ("alaris pump", "ala", Some(6)),
            ("alaris pump", "pum", Some(5)),
            ("nicu", "icu", Some(3)),
            ("nicu icu", "icu", Some(7)),
            ("nicu", "c", None),
            ("nicu", "n", Some(6)),
            ("ééé", "éé", Some(6)),
            ("aaab", "aab", Some(3)),
            ("x", "", None),
        ] {
            assert_eq!(
                text_level(text, word).map(|found| found.0),
                level,
                "{text} {word}"
            );
        }
    }

    #[test]
    fn places_count_characters_and_case_is_ignored() {
        let skim = Skim::default();
        assert_eq!(skim.places("щit Bed", "bed"), Some(vec![4, 5, 6]));
        assert!(skim.score("bme", "BME").is_some());
        assert_eq!(skim.score("bme", "bmx"), None);
        assert_eq!(skim.score("", ""), None);
        assert_eq!(skim.score(&"a".repeat(300), "a"), None);
    }

    proptest! {
        #[test]
        fn a_score_does_not_depend_on_earlier_ones(
            pairs in prop::collection::vec(("[a-cA-C0 \\-]{0,20}", "[a-c0]{1,5}"), 1..12)
        ) {
            let used = Skim::default();
            for (text, word) in &pairs {
                let fresh = Skim::default();
                prop_assert_eq!(used.run(text, word), fresh.run(text, word));
            }
        }

        #[test]
        fn odd_input_is_survived(text in "[\\x00\\x1d\u{301}\u{200d}aA👩é ]{0,12}", word in "[\\x00\\x1d\u{301}\u{200d}a👩é]{0,6}") {
            let skim = Skim::default();
            let places = skim.places(&text, &word);
            prop_assert_eq!(places.is_some(), skim.score(&text, &word).is_some());
            for place in places.into_iter().flatten() {
                prop_assert!(place < text.chars().count());
            }
            let _ = text_level(&text, &word);
        }
    }
}
