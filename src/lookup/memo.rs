//! The worths of the words last looked for: while the third word is typed, the first two are not scored again.
//!
//! Invariant: holds only what would be computed anew from the texts as they are; every change of the fleet empties it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::query::Word;

/// More words than these are forgotten, the oldest first.
const MOST: usize = 24;

#[derive(Debug)]
struct Known {
    low: String,
    literal: bool,
    exact: bool,
    nearest: bool,
    worths: Arc<Vec<u16>>,
}

/// The words last looked for.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<Vec<Known>>);

impl Memo {
    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        // Entries are whole or not there, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all: the texts have changed.
    pub(super) fn clear(&mut self) {
        self.known().clear();
    }

    /// The worths of a word, computed if they are not known.
    pub(super) fn get(
        &self,
        word: &Word,
        nearest: bool,
        compute: impl FnOnce() -> Vec<u16>,
    ) -> Arc<Vec<u16>> {
        let found = self
            .known()
            .iter()
            .find(|known| {
                known.low == word.low
                    && (known.literal, known.exact, known.nearest)
                        == (word.literal, word.exact, nearest)
            })
            .map(|known| Arc::clone(&known.worths));
        if let Some(worths) = found {
            return worths;
        }
        // Not under the lock: other searches need not wait.
        let worths = Arc::new(compute());
        let mut known = self.known();
        if known.len() >= MOST {
            known.remove(0);
        }
        known.push(Known {
            low: word.low.clone(),
            literal: word.literal,
            exact: word.exact,
            nearest,
            worths: Arc::clone(&worths),
        });
        worths
    }
}
