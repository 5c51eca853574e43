//! The second pass over cells: a word of which one character is wrong, missing, too many or swapped with the next.
//!
//! One edit leaves the first or the second half of the word whole, but for a swap across the middle, which is looked for
//! as it is. The other half is then near in the same way: one of its own halves is whole, and at its place or beside it.
//! What is left is compared with one edit allowed.

// Only as part of the loops around them are these quick.
#![allow(clippy::inline_always)]

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

/// One half of a word, and its own halves.
#[derive(Debug)]
struct Half {
    whole: Option<Pattern>,
    first: Option<Pattern>,
    second: Option<Pattern>,
    swapped: Option<Pattern>,
    length: usize,
    middle: usize,
}

/// The pattern of a part, where the column may hold it.
fn part(part: &[u8], grams: &Grams) -> Option<Pattern> {
    let twins: Vec<(u8, u8)> = part.iter().map(|byte| (*byte, twin(*byte))).collect();
    if grams.may_hold_alike(&twins) {
        Pattern::alike(&twins, grams)
    } else {
        None
    }
}

/// The word with the two characters around the place swapped.
fn turned(word: &[u8], place: usize) -> Vec<u8> {
    let mut turned = word.to_vec();
    turned.swap(place - 1, place);
    turned
}

#[inline(always)]
fn starts(pattern: Option<&Pattern>, lane: u8x16) -> u32 {
    pattern.map_or(0, |pattern| pattern.starts_alike(lane))
}

impl Half {
    /// Halves have three characters at least.
    fn new(word: &[u8], grams: &Grams) -> Self {
        let middle = word.len() / 2;
        let (first, second) = word.split_at(middle);
        Self {
            whole: part(word, grams),
            first: part(first, grams),
            second: part(second, grams),
            swapped: part(&turned(word, middle), grams),
            length: word.len(),
            middle,
        }
    }

    /// Bit p is set where the half may stand from place p with one edit.
    #[inline(always)]
    fn near_from(&self, lane: u8x16) -> u32 {
        let second = starts(self.second.as_ref(), lane);
        starts(self.first.as_ref(), lane)
            | starts(self.swapped.as_ref(), lane)
            | second >> (self.middle - 1)
            | second >> self.middle
            | second >> (self.middle + 1)
    }

    /// Bit p is set where the half may end before place p with one edit.
    #[inline(always)]
    fn near_before(&self, lane: u8x16) -> u32 {
        let first = starts(self.first.as_ref(), lane);
        starts(self.second.as_ref(), lane) << (self.length - self.middle)
            | starts(self.swapped.as_ref(), lane) << self.length
            | first << (self.length - 1)
            | first << self.length
            | first << (self.length + 1)
    }
}

/// A word prepared for one column.
#[derive(Debug)]
pub(super) struct NearLane {
    /// Look-alikes as one.
    word: Vec<u8>,
    half: usize,
    before: Half,
    after: Half,
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
        let (a, b) = word.split_at(half);
        let (before, after) = (Half::new(a, grams), Half::new(b, grams));
        let swapped = part(&turned(&word, half), grams);
        (before.whole.is_some() || after.whole.is_some() || swapped.is_some()).then_some(Self {
            word,
            half,
            before,
            after,
            swapped,
        })
    }

    /// What the word is worth against a cell; see [`super::nearest::Near::worth`].
    #[inline(always)]
    pub(super) fn worth(&self, cell: &[u8; CELL]) -> u16 {
        let lane = u8x16::new(*cell);
        let mut first = starts(self.before.whole.as_ref(), lane);
        let mut second = starts(self.after.whole.as_ref(), lane);
        let swapped = starts(self.swapped.as_ref(), lane);
        if first | second | swapped == 0 {
            return 0;
        }
        if first != 0 {
            first &= self.after.near_from(lane) >> self.half;
        }
        if second != 0 {
            second &= self.before.near_before(lane);
        }
        if first | second | swapped == 0 {
            return 0;
        }
        self.compare(cell, first, second, swapped)
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
