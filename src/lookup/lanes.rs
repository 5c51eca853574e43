//! One kind of identifier of all devices, sixteen bytes each, side by side: a word is looked for by comparing sixteen
//! places at once.
//!
//! Invariants: a cell holds capitals, digits and dots, then zeros; what does not fit so is not here but in
//! [`super::extra`]. The counts say what stands in the cells, no more and no less.

// Only as part of the loops around them are these quick.
#![allow(clippy::inline_always)]

use wide::u8x16;

use super::grams::Grams;

/// Bytes of a cell.
pub(super) const CELL: usize = 16;

/// The identifiers of one field, by row.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    cells: Vec<[u8; CELL]>,
    grams: Grams,
    lengths: [u32; CELL + 1],
    /// Lengths of the short forms.
    shorts: [u32; CELL + 1],
}

/// True for a text that a cell can hold.
pub(super) fn fits(text: &str) -> bool {
    text.len() <= CELL
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'.')
}

/// A text in a cell, if it [`fits`].
pub(super) fn cell(text: &str) -> Option<[u8; CELL]> {
    if !fits(text) {
        return None;
    }
    let mut cell = [0; CELL];
    for (to, from) in cell.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    Some(cell)
}

/// The text of a cell.
pub(super) fn text(cell: &[u8; CELL]) -> &[u8] {
    let end = cell.iter().position(|byte| *byte == 0).unwrap_or(CELL);
    cell.get(..end).unwrap_or(cell)
}

impl Lanes {
    /// All cells, by row.
    pub(super) fn cells(&self) -> &[[u8; CELL]] {
        &self.cells
    }

    /// What stands in the cells.
    pub(super) fn grams(&self) -> &Grams {
        &self.grams
    }

    /// The same rows in another order; rows that are not named are empty.
    pub(super) fn reorder(&mut self, order: &[u32]) {
        self.cells = order
            .iter()
            .map(|row| self.cells.get(*row as usize).copied().unwrap_or_default())
            .collect();
    }

    /// Puts a text (that [`fits`]; else an empty one) into a row, with where its short form begins.
    pub(super) fn set(&mut self, row: usize, new: &str, short: usize, short_before: usize) {
        if self.cells.len() <= row {
            self.cells.resize(row + 1, [0; CELL]);
        }
        let Some(cell) = self.cells.get_mut(row) else {
            return;
        };
        let old = *cell;
        let new = self::cell(new).unwrap_or_default();
        if old == new && short == short_before {
            return;
        }
        *cell = new;
        self.account(text(&old), short_before, false);
        self.account(text(&new), short, true);
    }

    fn account(&mut self, text: &[u8], short: usize, add: bool) {
        if text.is_empty() {
            return;
        }
        self.grams.count(text, add);
        for (counts, length) in [
            (&mut self.lengths, text.len()),
            (&mut self.shorts, text.len().saturating_sub(short)),
        ] {
            if let Some(count) = counts.get_mut(length) {
                *count = if add {
                    count.saturating_add(1)
                } else {
                    count.saturating_sub(1)
                };
            }
        }
    }

    /// False where no text nor short form has this length.
    pub(super) fn has_length(&self, length: usize) -> bool {
        [&self.lengths, &self.shorts]
            .iter()
            .any(|counts| counts.get(length).is_some_and(|count| *count > 0))
    }
}

/// A word to look for in cells.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The bytes with their places, the rarest first: most cells are passed over by one comparison.
    bytes: Vec<(u8x16, u32)>,
    /// The first two of them, twice the same where the word has one.
    rarest: [(u8x16, u32); 2],
    /// The same with their twins, where look-alikes count.
    twins: Vec<u8x16>,
    rarest_twins: [u8x16; 2],
    /// False where the two rarest have no twins.
    twins_first: bool,
    valid: u32,
    /// Bytes of the word.
    pub(super) length: usize,
}

impl Pattern {
    /// None where the word is empty or longer than a cell.
    pub(super) fn new(word: &[u8], grams: &Grams) -> Option<Self> {
        if word.is_empty() || word.len() > CELL {
            return None;
        }
        Self::of(word, grams, |_| 0)
    }

    /// As [`Pattern::new`], with what is to be compared first besides the rarest.
    fn of(word: &[u8], grams: &Grams, rank: impl Fn(u32) -> u32) -> Option<Self> {
        let mut places: Vec<(u8, u32)> = word.iter().copied().zip(0..).collect();
        places.sort_by_key(|(byte, at)| (rank(*at), grams.common(*byte)));
        let bytes: Vec<(u8x16, u32)> = places
            .into_iter()
            .map(|(byte, at)| (u8x16::splat(byte), at))
            .collect();
        let first = *bytes.first()?;
        Some(Self {
            rarest: [first, bytes.get(1).copied().unwrap_or(first)],
            bytes,
            twins: Vec::new(),
            rarest_twins: [u8x16::splat(0); 2],
            twins_first: false,
            valid: (1 << (CELL + 1 - word.len())) - 1,
            length: word.len(),
        })
    }

    /// As [`Pattern::new`], where each byte may be its twin.
    pub(super) fn alike(word: &[(u8, u8)], grams: &Grams) -> Option<Self> {
        let bytes: Vec<u8> = word.iter().map(|(byte, _)| *byte).collect();
        if word.is_empty() || word.len() > CELL {
            return None;
        }
        let is_twin = |at: u32| word.get(at as usize).is_some_and(|(a, b)| a != b);
        // One comparison does for a character without a twin.
        let mut pattern = Self::of(&bytes, grams, |at| u32::from(is_twin(at)))?;
        let first = pattern.bytes.iter().take(2);
        pattern.twins_first = first.into_iter().any(|(_, at)| is_twin(*at));
        pattern.twins = pattern
            .bytes
            .iter()
            .map(|(_, at)| u8x16::splat(word.get(*at as usize).map_or(0, |(_, twin)| *twin)))
            .collect();
        let first = *pattern.twins.first()?;
        pattern.rarest_twins = [first, pattern.twins.get(1).copied().unwrap_or(first)];
        Some(pattern)
    }

    /// Bit p is set where the word stands from place p.
    #[inline(always)]
    pub(super) fn starts(&self, cell: u8x16) -> u32 {
        let mask = self.valid & self.pair(cell);
        if mask == 0 { 0 } else { mask & self.rest(cell) }
    }

    /// As [`Pattern::starts`], without a way out before the end: for words that most cells hold.
    #[inline(always)]
    pub(super) fn starts_dense(&self, cell: u8x16) -> u32 {
        self.valid & self.pair(cell) & self.rest(cell)
    }

    /// The two rarest characters.
    #[inline(always)]
    fn pair(&self, cell: u8x16) -> u32 {
        let [(a, at_a), (b, at_b)] = self.rarest;
        ((cell.cmp_eq(a).move_mask() as u32) >> at_a)
            & ((cell.cmp_eq(b).move_mask() as u32) >> at_b)
    }

    #[inline(always)]
    fn rest(&self, cell: u8x16) -> u32 {
        let mut mask = u32::MAX;
        for (byte, at) in self.bytes.get(2..).unwrap_or(&[]) {
            mask &= (cell.cmp_eq(*byte).move_mask() as u32) >> at;
        }
        mask
    }

    /// As [`Pattern::starts`], for a word with twins.
    #[inline(always)]
    pub(super) fn starts_alike(&self, cell: u8x16) -> u32 {
        let [(a, at_a), (b, at_b)] = self.rarest;
        let [twin_a, twin_b] = self.rarest_twins;
        let (mut a, mut b) = (cell.cmp_eq(a), cell.cmp_eq(b));
        if self.twins_first {
            a |= cell.cmp_eq(twin_a);
            b |= cell.cmp_eq(twin_b);
        }
        let mut mask =
            self.valid & ((a.move_mask() as u32) >> at_a) & ((b.move_mask() as u32) >> at_b);
        if mask == 0 {
            return 0;
        }
        for ((byte, at), twin) in self.bytes.iter().zip(&self.twins).skip(2) {
            let same = cell.cmp_eq(*byte) | cell.cmp_eq(*twin);
            mask &= (same.move_mask() as u32) >> at;
        }
        mask
    }
}

/// Bit p is set where a cell has no character at place p, or ends there.
#[inline(always)]
pub(super) fn blanks(cell: u8x16) -> u32 {
    cell.cmp_eq(u8x16::splat(0)).move_mask() as u32 | 1 << CELL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_at_all_its_places() {
        let mut lanes = Lanes::default();
        lanes.set(0, "A0A0B", 0, 0);
        lanes.set(1, "0123456789ABCDEF", 0, 0);
        let cell = |row: usize| u8x16::new(lanes.cells()[row]);
        for (row, word, places) in [
            (0, &b"A0"[..], 0b101),
            (0, b"0B", 0b1000),
            (0, b"B0", 0),
            (1, b"F", 1 << 15),
            (1, b"0123456789ABCDEF", 1),
            (1, b"EF", 1 << 14),
        ] {
            let pattern = Pattern::new(word, lanes.grams()).unwrap();
            assert_eq!(pattern.starts(cell(row)), places, "{word:?}");
        }
        assert!(Pattern::new(&[b'A'; 17], lanes.grams()).is_none());
        let alike = Pattern::alike(&[(b'8', b'B'), (b'9', b'9')], lanes.grams()).unwrap();
        assert_eq!(alike.starts_alike(cell(1)), 1 << 8);
        assert_eq!(blanks(cell(0)), 0x1_FFE0);
        assert_eq!(blanks(cell(1)), 0x1_0000);
        assert_eq!(text(&lanes.cells()[0]), b"A0A0B");
        assert!(lanes.has_length(5) && !lanes.has_length(4));
    }
}
