//! The characters that a device's identifiers begin with, all in four bytes: a single letter is looked for at beginnings
//! only, and is what every search starts with.

// Only as part of the loops around them are these quick.
#![allow(clippy::inline_always)]

use super::grams::symbol;
use super::lanes::{CELL, text};

/// Bits of a character.
const BITS: u32 = 6;
/// Set where an identifier, or a tag's number, is one character only: such rows are looked at by themselves.
const SHORT: u32 = 1 << 31;

/// The beginnings of tag, serial, IP address, MAC address and of the tag's number.
pub(super) fn pack(cells: [&[u8; CELL]; 4], short: u8) -> u32 {
    let [tag, serial, ip, mac] = cells.map(text);
    let number = tag.get(usize::from(short)..).unwrap_or(&[]);
    let mut packed = 0;
    for (place, text) in (0..).zip([tag, serial, ip, mac, number]) {
        if let Some(first) = text.first() {
            packed |= (symbol(*first) as u32 + 1) << (place * BITS);
        }
        if text.len() == 1 {
            packed |= SHORT;
        }
    }
    packed
}

/// What a letter is worth in a row, by where it stands.
#[derive(Debug)]
pub(super) struct Letter {
    wanted: u32,
    worths: [u16; 5],
}

impl Letter {
    /// A letter with its worth at the beginning of each column.
    pub(super) fn new(byte: u8, worths: [u16; 4]) -> Self {
        let [tag, serial, ip, mac] = worths;
        Self {
            wanted: symbol(byte) as u32 + 1,
            worths: [tag, serial, ip, mac, tag],
        }
    }

    /// The worth by these beginnings.
    #[inline(always)]
    pub(super) fn worth(&self, packed: u32) -> u16 {
        let mut best = 0;
        for (place, worth) in (0..5).zip(self.worths) {
            let same = (packed >> (place * BITS)) & 63 == self.wanted;
            best = best.max(if same { worth } else { 0 });
        }
        best
    }

    /// True where the row has an identifier of one character.
    #[inline(always)]
    pub(super) const fn is_short(packed: u32) -> bool {
        packed & SHORT != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_at_beginnings() {
        let cell = |text: &str| {
            let mut cell = [0; CELL];
            cell[..text.len()].copy_from_slice(text.as_bytes());
            cell
        };
        let cells = [cell("BME0012"), cell("AL7"), cell(""), cell("00AA")];
        let packed = pack(cells.each_ref(), 5);
        for (byte, worth) in [(b'B', 40), (b'1', 40), (b'A', 30), (b'0', 10), (b'2', 0)] {
            let letter = Letter::new(byte, [40, 30, 20, 10]);
            assert_eq!(letter.worth(packed), worth, "{byte}");
        }
        assert!(!Letter::is_short(packed));
        let short = [cell("A7"), cell(""), cell(""), cell("")];
        assert!(Letter::is_short(pack(short.each_ref(), 1)));
    }
}
