//! Each distinct text of the fleet once: a word is scored against a value, not against every device that has it.
//!
//! Invariants: a value lives as long as somebody uses it; its number is reused afterwards, so what a query sees is the
//! texts in use and nothing else, however the fleet came to be.

use std::collections::HashMap;

use super::fold::{char_mask, fold, plain};

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
            uses: 0,
        }
    }
}

/// The distinct texts of a fleet.
#[derive(Debug, Default)]
pub(super) struct Interner {
    numbers: HashMap<Box<str>, u32>,
    values: Vec<Value>,
    free: Vec<u32>,
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
        let reused = self.free.pop();
        let number = reused.unwrap_or(self.values.len() as u32);
        match self.values.get_mut(number as usize) {
            Some(slot) => *slot = value,
            None => self.values.push(value),
        }
        self.numbers.insert(raw.into(), number);
        number
    }

    /// One use less; the last one forgets the text.
    pub(super) fn give_back(&mut self, number: u32) {
        let Some(value) = self.values.get_mut(number as usize) else {
            return;
        };
        value.uses = value.uses.saturating_sub(1);
        if value.uses == 0 {
            let raw = std::mem::take(value).raw;
            self.numbers.remove(&raw);
            self.free.push(number);
        }
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
            value.fold.len() + value.low.len() + value.plain.len() + 2 * value.raw.len() + 5 * 8
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
