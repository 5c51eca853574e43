//! The second pass over cells: a word of which one character is wrong, missing, too many or swapped with the next.
//!
//! One edit leaves the first or the second half of the word whole, but for a swap across the middle, which is looked for
//! as it is. What comes before or after a whole half is then compared with one edit allowed.

use wide::u8x16;

use super::fold::alike;
use super::grams::Grams;
use super::lanes::{self, CELL, Pattern};
use super::nearest::{NEAR_ALIKE, NEAR_LENGTHS, NEAR_PART, NEAR_WHOLE};

/// Stands for a character that no cell holds.
const NONE: u8 = 1;

/// The look-alike of a character, or itself.
const fn twin(byte: u8) -> u8 {
    match byte {
        b'0' => b'O',
        b'1' => b'I',
        b'5' => b'S',
        b'8' => b'B',
        other => other,
    }
}

/// A word prepared for one column.
#[derive(Debug)]
pub(super) struct NearLane {
    /// Look-alikes as one.
    word: Vec<u8>,
    half: usize,
    first: Option<Pattern>,
    second: Option<Pattern>,
    swapped: Option<Pattern>,
}

impl NearLane {
    /// None where no cell of the column can be near the word.
    pub(super) fn new(ident: &str, grams: &Grams) -> Option<Self> {
        let word: Vec<u8> = ident
            .chars()
            .map(alike)
            .map(|c| if c.is_ascii() { c as u8 } else { NONE })
            .collect();
        if !NEAR_LENGTHS.contains(&word.len()) {
            return None;
        }
        let half = word.len() / 2;
        let mut turned = word.clone();
        turned.swap(half - 1, half);
        let part = |part: &[u8]| {
            let twins: Vec<(u8, u8)> = part.iter().map(|byte| (*byte, twin(*byte))).collect();
            if grams.may_hold_alike(&twins) {
                Pattern::alike(&twins, grams)
            } else {
                None
            }
        };
        let (a, b) = word.split_at(half);
        let (first, second, swapped) = (part(a), part(b), part(&turned));
        (first.is_some() || second.is_some() || swapped.is_some()).then_some(Self {
            half,
            first,
            second,
            swapped,
            word,
        })
    }

    /// What the word is worth against a cell; see [`super::nearest::Near::worth`].
    #[inline]
    pub(super) fn worth(&self, cell: &[u8; CELL]) -> u16 {
        let lane = u8x16::new(*cell);
        let starts = |pattern: &Option<Pattern>| {
            pattern
                .as_ref()
                .map_or(0, |pattern| pattern.starts_alike(lane))
        };
        let (first, second) = (starts(&self.first), starts(&self.second));
        if first | second != 0 || starts(&self.swapped) != 0 {
            self.compare(cell, first, second, starts(&self.swapped))
        } else {
            0
        }
    }

    #[inline(never)]
    fn compare(&self, cell: &[u8; CELL], first: u32, second: u32, swapped: u32) -> u16 {
        let mut folded = *cell;
        for byte in &mut folded {
            *byte = alike(char::from(*byte)) as u8;
        }
        let text = lanes::text(&folded);
        let (a, b) = self.word.split_at(self.half);
        let near = swapped != 0
            || (0..CELL).any(|at| {
                let after = || text.get(at + self.half..).unwrap_or(&[]);
                let before = || text.get(..at).unwrap_or(text);
                (first >> at & 1 == 1 && begins_near(after(), b))
                    || (second >> at & 1 == 1 && ends_near(before(), a))
            });
        let worth = if !near {
            0
        } else if text == self.word {
            NEAR_ALIKE
        } else if is_near(text, &self.word) {
            NEAR_WHOLE
        } else {
            NEAR_PART
        };
        worth as u16
    }
}

/// True where the text begins with the word, one edit allowed.
fn begins_near(text: &[u8], word: &[u8]) -> bool {
    let same = text.iter().zip(word).take_while(|(a, b)| a == b).count();
    let text = text.get(same..).unwrap_or(&[]);
    let word = word.get(same..).unwrap_or(&[]);
    let begins = |from: usize, wanted: usize| match (text.get(from..), word.get(wanted..)) {
        (Some(text), Some(word)) => text.starts_with(word),
        _ => false,
    };
    word.is_empty()
        || begins(1, 1)
        || begins(0, 1)
        || begins(1, 0)
        || (swapped(text, word) && begins(2, 2))
}

/// True where the text ends with the word, one edit allowed.
fn ends_near(text: &[u8], word: &[u8]) -> bool {
    let turn = |bytes: &[u8]| bytes.iter().rev().copied().collect::<Vec<u8>>();
    begins_near(&turn(text), &turn(word))
}

/// True where text and word are one edit apart or less.
fn is_near(text: &[u8], word: &[u8]) -> bool {
    let same = text.iter().zip(word).take_while(|(a, b)| a == b).count();
    let text = text.get(same..).unwrap_or(&[]);
    let word = word.get(same..).unwrap_or(&[]);
    let equal = |from: usize, wanted: usize| match (text.get(from..), word.get(wanted..)) {
        (Some(text), Some(word)) => text == word,
        _ => false,
    };
    equal(0, 0) || equal(1, 1) || equal(0, 1) || equal(1, 0) || (swapped(text, word) && equal(2, 2))
}

fn swapped(text: &[u8], word: &[u8]) -> bool {
    matches!((text, word), ([a, b, ..], [c, d, ..]) if (a, b) == (d, c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lanes::Lanes;
    use super::super::nearest::Near;
    use super::super::query::Word;
    use super::super::row::{FieldName, Ident};
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn cells_are_worth_what_the_distances_say(text in "[A0OC]{1,16}", word in "[A0OCÉ]{6,15}", cut in 0usize..16, edit in 0usize..16, kind in 0u8..5) {
            // Half of the words are near the text.
            let mut typed: Vec<char> = if kind > 0 { text.chars().skip(cut % 4).collect() } else { word.chars().collect() };
            let at = edit % typed.len().max(1);
            match kind {
                1 if at + 1 < typed.len() => typed.swap(at, at + 1),
                2 if at < typed.len() => typed[at] = 'X',
                3 => typed.insert(at.min(typed.len()), 'X'),
                4 if at < typed.len() => { typed.remove(at); }
                _ => {}
            }
            let word = Word::new(&typed.into_iter().collect::<String>());
            let mut lanes = Lanes::default();
            lanes.set(0, &text, 0, 0);
            let ident = Ident { field: FieldName::Serial, nth: 0, text: text.clone().into(), short: 0 };
            let expected = Near::new(&word).map_or(0, |near| near.worth(&ident));
            let got = NearLane::new(&word.ident, lanes.grams()).map_or(0, |near| near.worth(&lanes.cells()[0]));
            prop_assert_eq!(u32::from(got), expected, "{} {}", text, word.ident);
        }
    }
}
