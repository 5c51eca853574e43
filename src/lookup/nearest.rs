//! Misspelt words: edit distances for texts, and the second pass over identifiers when nothing matches at all.
//!
//! The distance is optimal string alignment: a character put in, left out or exchanged, or two neighbours swapped, count
//! one each.

use super::fold::alike;
use super::query::Word;
use super::row::Ident;

/// Worth of an identifier that only look-alikes keep apart.
pub(super) const NEAR_ALIKE: u32 = 56;
/// Worth of an identifier that is one edit away.
pub(super) const NEAR_WHOLE: u32 = 48;
/// Worth of an identifier of which a part is one edit away.
pub(super) const NEAR_PART: u32 = 40;
/// Identifier characters that the second pass needs, and the most it takes.
pub(super) const NEAR_LENGTHS: std::ops::RangeInclusive<usize> = 6..=15;

/// The distances of `word` to the beginnings of `text`, or where `anywhere` to the parts that end there.
fn last_row(text: &[char], word: &[char], anywhere: bool) -> Vec<usize> {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=text.len())
        .map(|j| if anywhere { 0 } else { j })
        .collect();
    let mut last = None;
    for (i, &w) in word.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        let mut text_before = None;
        for (j, &t) in text.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut least = (at(&row, j) + usize::from(w != t))
                .min(at(&row, j + 1) + 1)
                .min(at(&next, j) + 1);
            if last == Some(t) && text_before == Some(w) && j > 0 {
                least = least.min(at(&before, j - 1) + 1);
            }
            next.push(least);
            text_before = Some(t);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(w);
    }
    row
}

/// The least edits between a misspelt word and the beginning of a word of a text (without marks and case), with that
/// word's place in characters. The first letter must be right, or the first two swapped.
pub(super) fn typo(low: &str, word: &Word) -> Option<(usize, std::ops::Range<usize>)> {
    let most = word.edits();
    if most == 0 {
        return None;
    }
    let typed: Vec<char> = word.low.chars().collect();
    let mut best: Option<(usize, std::ops::Range<usize>)> = None;
    let mut start = 0;
    for part in low.split(|c: char| !c.is_alphanumeric()) {
        let place = start..start + part.chars().count();
        start = place.end + 1;
        let begins = match (typed.first(), typed.get(1), part.chars().next()) {
            (Some(a), _, Some(c)) if *a == c => true,
            (Some(a), Some(b), Some(c)) => *b == c && part.chars().nth(1) == Some(*a),
            _ => false,
        };
        if !begins {
            continue;
        }
        let chars: Vec<char> = part.chars().take(typed.len() + most).collect();
        let least = last_row(&chars, &typed, false).into_iter().min();
        if let Some(least) = least
            && least <= most
            && best.as_ref().is_none_or(|(known, _)| least < *known)
        {
            best = Some((least, place));
        }
    }
    best
}

/// What a misspelt word is worth against one word of a text.
pub(super) fn typo_worth(part: &str, word: &Word) -> u32 {
    // The first letter must be right, or the first two swapped: most parts end here.
    let begins = part.bytes().next().is_some_and(|first| {
        let mut typed = word.low.bytes();
        typed.next() == Some(first) || typed.next() == Some(first) || !first.is_ascii()
    });
    if !begins {
        return 0;
    }
    typo(part, word).map_or(0, |(edits, _)| 200 - 60 * edits as u32)
}

/// A word prepared for the second pass over identifiers.
#[derive(Debug)]
pub(super) struct Near {
    word: Vec<char>,
    /// The word in three pieces with their pairs: one edit leaves at least one of them whole.
    pieces: Vec<(Vec<char>, u128)>,
}

impl Near {
    /// None where the word is too short or too long to be guessed at, or is to be taken literally.
    pub(super) fn new(word: &Word) -> Option<Self> {
        let chars: Vec<char> = word.ident.chars().map(alike).collect();
        if word.literal || !NEAR_LENGTHS.contains(&chars.len()) {
            return None;
        }
        let third = chars.len().div_ceil(3);
        let pieces = chars
            .chunks(third)
            .map(|piece| {
                let text: String = piece.iter().collect();
                (piece.to_vec(), super::row::pairs(&text))
            })
            .collect();
        Some(Self {
            word: chars,
            pieces,
        })
    }

    /// False where no identifier with these pairs can be near.
    pub(super) fn possible(&self, pairs: u128) -> bool {
        self.pieces.iter().any(|(_, piece)| piece & !pairs == 0)
    }

    /// What the word is worth against an identifier, look-alikes (O and 0, I and 1, S and 5, B and 8) taken as one.
    pub(super) fn worth(&self, ident: &Ident) -> u32 {
        let whole_piece = self
            .pieces
            .iter()
            .any(|(piece, _)| holds_alike(&ident.text, piece));
        if !whole_piece {
            return 0;
        }
        let text: Vec<char> = ident.text.chars().map(alike).collect();
        if text == self.word {
            NEAR_ALIKE
        } else if last_row(&text, &self.word, false)
            .last()
            .is_some_and(|edits| *edits <= 1)
        {
            NEAR_WHOLE
        } else if last_row(&text, &self.word, true)
            .iter()
            .any(|edits| *edits <= 1)
        {
            NEAR_PART
        } else {
            0
        }
    }
}

/// True when a text holds a piece, look-alikes taken as one; the piece is already so.
fn holds_alike(text: &str, piece: &[char]) -> bool {
    let mut rest = text.chars();
    loop {
        let mut here = rest.clone().map(alike);
        if piece.iter().all(|c| here.next() == Some(*c)) {
            return true;
        }
        if rest.next().is_none() {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lookup::row::{FieldName, pairs};

    #[test]
    fn misspelt_words() {
        for (text, word, edits) in [
            ("alaris pump", "alrais", Some(1)),
            ("evita infinity", "evtia", Some(1)),
            ("evita", "veita", Some(1)),
            ("infusomat space", "infusmat", Some(1)),
            ("infusomat", "infusmta", Some(2)),
            ("alaris", "xlaris", None),
            ("alaris", "ala", None),
            ("bd alaris", "alarsi", Some(1)),
            ("mx450", "mx540", None),
        ] {
            let found = typo(text, &Word::new(word)).map(|found| found.0);
            assert_eq!(found, edits, "{text} {word}");
        }
        assert_eq!(typo("bd alaris", &Word::new("alrais")).unwrap().1, 3..9);
    }

    fn distance(a: &[char], b: &[char]) -> usize {
        match (a.split_last(), b.split_last()) {
            (None, _) => b.len(),
            (_, None) => a.len(),
            (Some((x, a1)), Some((y, b1))) => {
                let mut least = (distance(a1, b1) + usize::from(x != y))
                    .min(distance(a1, b) + 1)
                    .min(distance(a, b1) + 1);
                if let (Some((x2, a2)), Some((y2, b2))) = (a1.split_last(), b1.split_last())
                    && (x, x2) == (y2, y)
                {
                    least = least.min(distance(a2, b2) + 1);
                }
                least
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn the_row_holds_the_distances(text in "[AC]{0,5}", word in "[AC]{0,4}") {
            let (text, word): (Vec<char>, Vec<char>) = (text.chars().collect(), word.chars().collect());
            for (at, edits) in last_row(&text, &word, false).into_iter().enumerate() {
                prop_assert_eq!(edits, distance(&text[..at], &word));
            }
            for (at, edits) in last_row(&text, &word, true).into_iter().enumerate() {
                let least = (0..=at).map(|from| distance(&text[from..at], &word)).min().unwrap();
                prop_assert_eq!(edits, least);
            }
        }

        #[test]
        fn pieces_never_hide_a_near_identifier(text in "[AC0O]{0,4}", base in "[AC0]{6,10}", edit in 0usize..10, kind in 0u8..4) {
            let mut typed: Vec<char> = base.chars().collect();
            let at = edit.min(typed.len() - 2);
            match kind {
                0 => typed.swap(at, at + 1),
                1 => typed[at] = 'X',
                2 => typed.insert(at, 'X'),
                _ => { typed.remove(at); }
            }
            let typed: String = typed.into_iter().collect();
            let full = format!("{text}{base}");
            let ident = Ident { field: FieldName::Serial, nth: 0, text: full.clone().into(), short: 0 };
            if let Some(near) = Near::new(&Word::new(&typed)) {
                prop_assert!(near.possible(pairs(&full)));
                prop_assert!(near.worth(&ident) >= NEAR_PART, "{typed} in {full}");
            }
        }
    }
}
