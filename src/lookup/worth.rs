//! What a word is worth against each distinct text of the fleet.
//!
//! A text can only be worth something, misspellings aside, if it has the word's characters in their order; so a longer
//! word is only compared with the texts that had those of the shorter one.

use std::sync::Arc;

use super::intern::{Interner, Value};
use super::nearest::typo_worth;
use super::query::Word;
use super::score::{LEVEL, Scorer, text_worth};

/// So many comparisons are shared out among threads.
const MANY: usize = 1024;

/// A word against all texts.
#[derive(Debug, Default)]
pub(super) struct Worths {
    pub(super) by_value: Arc<Vec<u16>>,
    /// The texts that have the word's characters in their order.
    possible: Vec<u32>,
}

/// True where the characters of the word stand in the text in their order.
fn in_order(text: &str, word: &str) -> bool {
    if word.is_ascii() {
        let mut rest = text.bytes();
        return word.bytes().all(|b| rest.any(|other| other == b));
    }
    let mut rest = text.chars();
    word.chars().all(|c| rest.any(|other| other == c))
}

fn compare<S: Scorer>(
    scorer: &S,
    values: &[Value],
    word: &Word,
    numbers: &[u32],
) -> Vec<(u32, u16)> {
    numbers
        .iter()
        .filter_map(|number| {
            let value = values.get(*number as usize)?;
            in_order(&value.low, &word.low)
                .then(|| (*number, text_worth(scorer, value, word) as u16))
        })
        .collect()
}

/// Scores a word against all texts. A misspelt word is looked for only where no text at all holds it, or in the second
/// pass.
pub(super) fn worths<S: Scorer + Sync>(
    scorer: &S,
    interner: &Interner,
    threads: usize,
    word: &Word,
    nearest: bool,
    before: Option<&Worths>,
) -> Worths {
    let (values, masks) = (interner.values(), interner.masks());
    if word.exact || word.low.is_empty() {
        return Worths {
            by_value: Arc::default(),
            possible: Vec::new(),
        };
    }
    let may_hold = |mask: &u64| word.mask & !mask == 0;
    let numbers: Vec<u32> = match before {
        Some(before) => before
            .possible
            .iter()
            .copied()
            .filter(|number| masks.get(*number as usize).is_some_and(may_hold))
            .collect(),
        None => (0..)
            .zip(masks)
            .filter(|(_, mask)| may_hold(mask))
            .map(|(number, _)| number)
            .collect(),
    };
    let found: Vec<(u32, u16)> = if numbers.len() < MANY || threads < 2 {
        compare(scorer, values, word, &numbers)
    } else {
        let share = numbers.len().div_ceil(threads);
        let mut shares = numbers.chunks(share);
        let own = shares.next().unwrap_or(&[]);
        std::thread::scope(|scope| {
            let others: Vec<_> = shares
                .map(|part| scope.spawn(|| compare(scorer, values, word, part)))
                .collect();
            let mut found = compare(scorer, values, word, own);
            for other in others {
                match other.join() {
                    Ok(more) => found.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            found
        })
    };
    let mut by_value = vec![0; values.len()];
    let mut held = false;
    for (number, worth) in &found {
        if let Some(slot) = by_value.get_mut(*number as usize) {
            *slot = *worth;
        }
        // From two characters on, every text that holds the word is worth level 3 or more; one is never misspelt.
        held |= u32::from(*worth) >= 2 * LEVEL;
    }
    if (!held || nearest) && word.edits() > 0 {
        let parts: Vec<u16> = interner
            .parts()
            .iter()
            .map(|part| typo_worth(&part.low, word) as u16)
            .collect();
        if parts.iter().any(|worth| *worth > 0) {
            for (worth, value) in by_value.iter_mut().zip(values) {
                if *worth == 0 {
                    let own = value.parts.iter();
                    let best = own.filter_map(|part| parts.get(*part as usize)).max();
                    *worth = best.copied().unwrap_or(0);
                }
            }
        }
    }
    Worths {
        by_value: Arc::new(by_value),
        possible: found.into_iter().map(|(number, _)| number).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_in_order() {
        for (text, word, yes) in [
            ("alaris pump", "alp", true),
            ("alaris pump", "pal", false),
            ("été", "éé", true),
            ("a", "", true),
            ("", "a", false),
        ] {
            assert_eq!(in_order(text, word), yes, "{text} {word}");
        }
    }
}
