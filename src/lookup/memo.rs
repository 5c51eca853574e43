//! The words last looked for, with all that was found out about them: while the third word is typed, the first two are
//! not looked for again, and a longer word only where the shorter one was found.
//!
//! Invariant: holds only what would be computed anew from the devices as they are; every change of the fleet empties it.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::groups::Groups;
use super::idents::{ChunkHits, Idents, Probe};
use super::intern::Interner;
use super::query::Word;
use super::rank::{GroupTable, PhraseTable, Table, group_tables};
use super::score::{Scorer, ident_base};
use super::worth::{Worths, worths};

/// More words than these are forgotten, the oldest first.
const MOST: usize = 24;

/// The devices that a word is looked for in.
#[derive(Clone, Copy)]
pub(super) struct Fleet<'i> {
    pub(super) interner: &'i Interner,
    pub(super) groups: &'i [Groups; 3],
    pub(super) idents: &'i Idents,
    pub(super) chunks: usize,
    pub(super) threads: usize,
}

/// A word that was looked for.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) table: Table,
    nearest: bool,
    worths: Worths,
    /// Its worth in each group of each part.
    pub(super) groups: [GroupTable; 3],
    pub(super) probe: Probe,
    hits: Vec<OnceLock<ChunkHits>>,
    shorter: Option<Arc<Known>>,
}

impl Known {
    fn new<S: Scorer + Sync>(
        scorer: &S,
        fleet: Fleet<'_>,
        word: &Word,
        nearest: bool,
        shorter: Option<Arc<Self>>,
    ) -> Self {
        let before = shorter
            .as_ref()
            .filter(|known| word.low.starts_with(&known.table.word.low))
            .map(|known| &known.worths);
        let worths = worths(scorer, fleet.interner, fleet.threads, word, nearest, before);
        let base = ident_base(scorer, word);
        let table = Table::new(base, Arc::clone(&worths.by_value), word, nearest);
        let probe = Probe::new(fleet.idents, word, base, nearest);
        Self {
            groups: group_tables(&table, fleet),
            shorter: shorter.filter(|known| probe.narrows && known.narrows_to(word)),
            hits: (0..fleet.chunks).map(|_| OnceLock::new()).collect(),
            probe,
            table,
            nearest,
            worths,
        }
    }

    /// True where every identifier that holds `word` holds this one.
    fn narrows_to(&self, word: &Word) -> bool {
        let own = &self.table.word;
        own.ident.chars().nth(1).is_some()
            && word.ident.starts_with(&own.ident)
            && word.ip.starts_with(&own.ip)
            && !own.exact
            && !self.nearest
    }

    /// True where some text is worth something: then every row has to be looked at.
    pub(super) fn in_texts(&self) -> bool {
        self.groups.iter().any(|table| table.any)
    }

    /// False where no device can match.
    pub(super) fn can_match(&self) -> bool {
        self.in_texts() || self.probe.any()
    }

    /// About how many rows it is found in.
    pub(super) fn rows(&self) -> usize {
        self.probe.most + self.groups.iter().map(|table| table.rows).sum::<usize>()
    }

    /// What it is worth in the identifiers of a chunk.
    pub(super) fn chunk(&self, idents: &Idents, chunk: usize, worths: &mut Vec<u16>) -> &ChunkHits {
        let Some(slot) = self.hits.get(chunk) else {
            return &ChunkHits::None;
        };
        slot.get_or_init(|| {
            if !self.probe.any() {
                return ChunkHits::None;
            }
            self.probe
                .chunk(idents, chunk, self.shorter_in(chunk), worths)
        })
    }

    /// What is known of a chunk already.
    pub(super) fn known_in(&self, chunk: usize) -> Option<&ChunkHits> {
        self.hits.get(chunk)?.get()
    }

    fn shorter_in(&self, chunk: usize) -> Option<&ChunkHits> {
        let shorter = self.shorter.as_ref()?;
        shorter
            .known_in(chunk)
            .or_else(|| shorter.shorter_in(chunk))
    }

    /// True where only few identifiers have to be looked at.
    pub(super) fn is_quick(&self) -> bool {
        if self.in_texts() {
            return false;
        }
        let few = |chunk| match self.known_in(chunk).or_else(|| self.shorter_in(chunk)) {
            Some(ChunkHits::None) => Some(0),
            Some(ChunkHits::Some(hits)) => Some(hits.len()),
            _ => None,
        };
        !self.probe.any()
            || (0..self.hits.len())
                .try_fold(0, |sum, chunk| Some(sum + few(chunk)?))
                .is_some_and(|sum| sum < 20_000)
    }
}

#[derive(Debug, Default)]
struct Kept {
    words: Vec<Arc<Known>>,
    phrases: Vec<(String, Arc<PhraseTable>)>,
}

/// The words last looked for.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<Kept>);

impl Memo {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Entries are whole or not there, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all: the devices have changed.
    pub(super) fn clear(&mut self) {
        let kept = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if !kept.words.is_empty() || !kept.phrases.is_empty() {
            *kept = Kept::default();
        }
    }

    /// A word, looked for if it is not known.
    pub(super) fn word<S: Scorer + Sync>(
        &self,
        scorer: &S,
        fleet: Fleet<'_>,
        word: &Word,
        nearest: bool,
    ) -> Arc<Known> {
        let shorter = {
            let kept = self.kept();
            let found = kept
                .words
                .iter()
                .find(|known| known.table.word == *word && known.nearest == nearest);
            if let Some(found) = found {
                return Arc::clone(found);
            }
            kept.words
                .iter()
                .filter(|known| {
                    word.low.starts_with(&known.table.word.low)
                        && !known.nearest
                        && !known.table.word.exact
                })
                .max_by_key(|known| known.table.word.low.len())
                .map(Arc::clone)
        };
        // Not under the lock: other searches need not wait.
        let known = Arc::new(Known::new(scorer, fleet, word, nearest, shorter));
        let mut kept = self.kept();
        if kept.words.len() >= MOST {
            kept.words.remove(0);
        }
        kept.words.push(Arc::clone(&known));
        known
    }

    /// Two neighbouring words as one text, compared if they are not known.
    pub(super) fn phrase(
        &self,
        phrase: &str,
        compute: impl FnOnce() -> PhraseTable,
    ) -> Arc<PhraseTable> {
        let found = self
            .kept()
            .phrases
            .iter()
            .find(|(known, _)| known == phrase)
            .map(|(_, table)| Arc::clone(table));
        if let Some(found) = found {
            return found;
        }
        let table = Arc::new(compute());
        let mut kept = self.kept();
        if kept.phrases.len() >= MOST {
            kept.phrases.remove(0);
        }
        kept.phrases.push((phrase.to_owned(), Arc::clone(&table)));
        table
    }
}
