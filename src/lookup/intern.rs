//! Each distinct text of the fleet once: a word is scored against a value, not against every device that has it.
//!
//! Invariants: a value lives as long as somebody uses it; its number is reused afterwards, so what a query sees is the
//! texts in use and nothing else, however the fleet came to be.

use std::collections::HashMap;

use super::fold::{char_mask, fold, plain};
use super::row::FieldName;

/// One distinct text in its compared forms.
#[derive(Debug, Default)]
pub(super) struct Value {
    /// Without marks, ASCII case kept: what the scorer sees.
    pub(super) fold: Box<str>,
    /// Without marks and case.
    pub(super) low: Box<str>,
    /// See [`plain`].
    pub(super) plain: Box<str>,
    /// See [`char_mask`].
    pub(super) mask: u64,
    /// As written.
    pub(super) raw: Box<str>,
    /// The numbers of its words in [`Interner::parts`].
    pub(super) parts: Box<[u32]>,
    /// The groups that have it, with the field.
    pub(super) groups: Vec<(u32, FieldName)>,
    uses: u32,
}

/// A word that texts of the fleet hold, each once: thousands of locations share few words.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Without marks and case.
    pub(super) low: Box<str>,
    uses: u32,
}

impl Value {
    /// The forms of one text.
    pub(super) fn of(raw: &str) -> Self {
        let fold = fold(raw);
        let low = fold.to_ascii_lowercase();
        Self {
            mask: char_mask(&low),
            plain: plain(raw).into(),
            fold: fold.into(),
            low: low.into(),
            raw: raw.into(),
            parts: Box::default(),
            groups: Vec::new(),
            uses: 0,
        }
    }
}

/// The words of a text without marks and case.
pub(super) fn parts(low: &str) -> impl Iterator<Item = &str> {
    low.split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
}

/// The distinct texts of a fleet.
#[derive(Debug, Default)]
pub(super) struct Interner {
    numbers: HashMap<Box<str>, u32>,
    values: Vec<Value>,
    /// See [`Value::mask`]; beside the values, because most are passed over by it.
    masks: Vec<u64>,
    free: Vec<u32>,
    state: u64,
    part_numbers: HashMap<Box<str>, u32>,
    parts: Vec<Part>,
    free_parts: Vec<u32>,
}

impl Interner {
    /// The number of a text, which is used once more from now on.
    pub(super) fn take(&mut self, raw: &str) -> u32 {
        if let Some(&number) = self.numbers.get(raw) {
            if let Some(value) = self.values.get_mut(number as usize) {
                value.uses += 1;
            }
            return number;
        }
        let mut value = Value::of(raw);
        value.uses = 1;
        let words: Vec<&str> = parts(&value.low).collect();
        let words = words.into_iter().map(|part| self.take_part(part)).collect();
        value.parts = words;
        let reused = self.free.pop();
        let number = reused.unwrap_or(self.values.len() as u32);
        let mask = value.mask;
        if let (Some(slot), Some(masks)) = (
            self.values.get_mut(number as usize),
            self.masks.get_mut(number as usize),
        ) {
            (*slot, *masks) = (value, mask);
        } else {
            self.values.push(value);
            self.masks.push(mask);
        }
        self.numbers.insert(raw.into(), number);
        self.state += 1;
        number
    }

    /// One use less; the last one forgets the text.
    pub(super) fn give_back(&mut self, number: u32) {
        let Some(value) = self.values.get_mut(number as usize) else {
            return;
        };
        value.uses = value.uses.saturating_sub(1);
        if value.uses == 0 {
            let gone = std::mem::take(value);
            if let Some(mask) = self.masks.get_mut(number as usize) {
                *mask = 0;
            }
            self.numbers.remove(&gone.raw);
            self.state += 1;
            self.free.push(number);
            for part in gone.parts {
                self.give_back_part(part);
            }
        }
    }

    fn take_part(&mut self, low: &str) -> u32 {
        if let Some(&number) = self.part_numbers.get(low) {
            if let Some(part) = self.parts.get_mut(number as usize) {
                part.uses += 1;
            }
            return number;
        }
        let part = Part {
            low: low.into(),
            uses: 1,
        };
        let number = self.free_parts.pop().unwrap_or(self.parts.len() as u32);
        match self.parts.get_mut(number as usize) {
            Some(slot) => *slot = part,
            None => self.parts.push(part),
        }
        self.part_numbers.insert(low.into(), number);
        number
    }

    fn give_back_part(&mut self, number: u32) {
        let Some(part) = self.parts.get_mut(number as usize) else {
            return;
        };
        part.uses = part.uses.saturating_sub(1);
        if part.uses == 0 {
            let low = std::mem::take(part).low;
            self.part_numbers.remove(&low);
            self.free_parts.push(number);
        }
    }

    /// Says that a group has a text.
    pub(super) fn join(&mut self, number: u32, group: u32, field: FieldName) {
        if let Some(value) = self.values.get_mut(number as usize) {
            value.groups.push((group, field));
        }
    }

    /// Takes that back.
    pub(super) fn part_from(&mut self, number: u32, group: u32, field: FieldName) {
        if let Some(value) = self.values.get_mut(number as usize)
            && let Some(at) = value.groups.iter().position(|g| *g == (group, field))
        {
            value.groups.swap_remove(at);
        }
    }

    /// Another number whenever a text came or went.
    pub(super) fn state(&self) -> u64 {
        self.state
    }

    /// The words of all texts, by number; those out of use are empty.
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The masks of all values, by number.
    pub(super) fn masks(&self) -> &[u64] {
        &self.masks
    }

    /// The number of a text in use.
    pub(super) fn number(&self, raw: &str) -> Option<u32> {
        self.numbers.get(raw).copied()
    }

    /// All values by number; those out of use are empty texts.
    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    /// Bytes in use, about.
    pub(super) fn size(&self) -> usize {
        let heap = |value: &Value| {
            value.fold.len()
                + value.low.len()
                + value.plain.len()
                + 2 * value.raw.len()
                + 5 * 8
                + value.groups.capacity() * 8
                + value.parts.len() * 4
        };
        self.values.capacity() * size_of::<Value>()
            + self.values.iter().map(heap).sum::<usize>()
            + self.numbers.capacity() * 28
    }

    /// The value with this number.
    pub(super) fn get(&self, number: u32) -> Option<&Value> {
        self.values.get(number as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_while_it_is_used() {
        let mut texts = Interner::default();
        let a = texts.take("ICU");
        let b = texts.take("ED");
        assert_eq!(texts.take("ICU"), a);
        assert_ne!(a, b);
        texts.give_back(a);
        assert_eq!(texts.get(a).map(|v| &*v.low), Some("icu"));
        texts.give_back(a);
        assert_eq!(texts.get(a).map(|v| &*v.low), Some(""));
        assert_eq!(texts.take("OR"), a, "the number is used again");
        assert_eq!(texts.take("ED"), b);
        assert_eq!(texts.values().len(), 2);
    }
}
