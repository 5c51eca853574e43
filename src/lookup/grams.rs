//! How often each pair and triple of characters stands in a column of identifiers: a word with a triple that no
//! identifier has need not be looked for there.
//!
//! Invariant: a word that stands in a counted text is never denied.

/// Digits, capitals, the dot, and all else as one.
const SYMBOLS: usize = 38;

/// The number of a character, below 38.
pub(super) const fn symbol(byte: u8) -> usize {
    match byte {
        b'0'..=b'9' => (byte - b'0') as usize,
        b'A'..=b'Z' => 10 + (byte - b'A') as usize,
        b'.' => 36,
        _ => 37,
    }
}

/// The counts of one column.
#[derive(Debug)]
pub(super) struct Grams {
    ones: [u32; SYMBOLS],
    pairs: Vec<u32>,
    triples: Vec<u32>,
}

impl Default for Grams {
    fn default() -> Self {
        Self {
            ones: [0; SYMBOLS],
            pairs: vec![0; SYMBOLS * SYMBOLS],
            triples: vec![0; SYMBOLS * SYMBOLS * SYMBOLS],
        }
    }
}

impl Grams {
    /// Counts a text in, or out again.
    pub(super) fn count(&mut self, text: &[u8], add: bool) {
        let change = |slot: Option<&mut u32>| {
            if let Some(slot) = slot {
                *slot = if add {
                    slot.saturating_add(1)
                } else {
                    slot.saturating_sub(1)
                };
            }
        };
        let (mut pair, mut triple) = (0, 0);
        for (at, byte) in text.iter().enumerate() {
            let one = symbol(*byte);
            pair = pair % SYMBOLS * SYMBOLS + one;
            triple = triple % (SYMBOLS * SYMBOLS) * SYMBOLS + one;
            change(self.ones.get_mut(one));
            if at > 0 {
                change(self.pairs.get_mut(pair));
            }
            if at > 1 {
                change(self.triples.get_mut(triple));
            }
        }
    }

    fn of(&self, part: &[u8]) -> u32 {
        let place = part
            .iter()
            .fold(0, |place, byte| place * SYMBOLS + symbol(*byte));
        let counts = match part.len() {
            1 => self.ones.as_slice(),
            2 => &self.pairs,
            _ => &self.triples,
        };
        counts.get(place).copied().unwrap_or(0)
    }

    /// At most so many times does the word stand in the texts.
    pub(super) fn most(&self, word: &[u8]) -> u32 {
        if word.is_empty() {
            return 0;
        }
        word.windows(word.len().min(3))
            .map(|part| self.of(part))
            .min()
            .unwrap_or(0)
    }

    /// False where no text holds the word, each character or its twin.
    pub(super) fn may_hold_alike(&self, word: &[(u8, u8)]) -> bool {
        word.windows(word.len().clamp(1, 3)).all(|part| {
            (0..1_u8 << part.len()).any(|choice| {
                let mut bytes = [0; 3];
                for (at, (slot, (byte, twin))) in bytes.iter_mut().zip(part).enumerate() {
                    *slot = if choice >> at & 1 == 0 { *byte } else { *twin };
                }
                bytes
                    .get(..part.len())
                    .is_some_and(|bytes| self.of(bytes) > 0)
            })
        })
    }

    /// How common a character is.
    pub(super) fn common(&self, byte: u8) -> u32 {
        self.ones.get(symbol(byte)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_and_out() {
        let mut grams = Grams::default();
        grams.count(b"BME0012", true);
        grams.count(b"AL0", true);
        for (word, most) in [
            (&b"BME"[..], 1),
            (b"0012", 1),
            (b"BMX", 0),
            (b"L0", 1),
            (b"0", 3),
            (b"", 0),
            (b"E00", 1),
        ] {
            assert_eq!(grams.most(word), most);
        }
        assert!(grams.may_hold_alike(&[(b'O', b'0'), (b'O', b'0'), (b'1', b'I')]));
        assert!(!grams.may_hold_alike(&[(b'O', b'0'), (b'X', b'X')]));
        grams.count(b"BME0012", false);
        assert_eq!(grams.most(b"BME"), 0);
        assert_eq!(grams.most(b"AL0"), 1);
    }
}
