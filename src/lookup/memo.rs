//! The words last looked for, with all that was found out about them: while the third word is typed, the first two are
//! not looked for again, and a longer word only where the shorter one was found.
//!
//! Invariant: holds only what would be computed anew from the devices as they are; every change of the fleet empties it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::groups::Groups;
use super::idents::{CHUNK, ChunkHits, Idents, Probe};
use super::intern::Interner;
use super::nearest::NEAR_LENGTHS;
use super::query::Word;
use super::rank::{GroupTable, PhraseTable, Table, group_tables};
use super::score::{Scorer, ident_base};
use super::worth::{Worths, worths};

/// More words than these are forgotten, the oldest first.
const MOST: usize = 24;
/// More comparisons with all texts than these are forgotten, the oldest first,
const MOST_COMPARED: usize = 512;
/// and so are the oldest when they are of more texts than this together.
const MOST_TEXTS: usize = 4_000_000;

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
    /// Its worth in each group of each part.
    pub(super) groups: [GroupTable; 3],
    pub(super) probe: Probe,
    hits: Vec<OnceLock<ChunkHits>>,
    shorter: Option<Arc<Known>>,
    /// In the second pass: the word as it was found in the first.
    plain: Option<Arc<Known>>,
}

impl Known {
    fn new<S: Scorer + Sync>(
        scorer: &S,
        fleet: Fleet<'_>,
        word: &Word,
        worths: Arc<Worths>,
        shorter: Option<Arc<Self>>,
        plain: Option<Arc<Self>>,
    ) -> Self {
        let nearest = plain.is_some();
        let base = ident_base(scorer, word);
        let table = Table::new(base, Arc::clone(&worths.by_value), word, nearest);
        let probe = Probe::new(fleet.idents, word, base, nearest);
        Self {
            groups: group_tables(&table, fleet),
            shorter: shorter.filter(|known| probe.narrows && known.narrows_to(word, nearest)),
            hits: (0..fleet.chunks).map(|_| OnceLock::new()).collect(),
            probe,
            table,
            nearest,
            plain,
        }
    }

    /// True where every identifier that is worth something to `word` is so to this one.
    fn narrows_to(&self, word: &Word, nearest: bool) -> bool {
        let own = &self.table.word;
        let length = own.ident.chars().count();
        length > 1
            && word.ident.starts_with(&own.ident)
            && word.ip.starts_with(&own.ip)
            && !own.exact
            // What is one edit from the longer word is so from the shorter one, if that was looked for.
            && self.nearest == nearest
            && (!nearest || (NEAR_LENGTHS.contains(&length) && !own.literal))
    }

    /// True where some text is worth something: then every row has to be looked at.
    pub(super) fn in_texts(&self) -> bool {
        self.groups.iter().any(|table| table.any)
    }

    /// False where no device can match.
    pub(super) fn can_match(&self) -> bool {
        let plain = || self.plain.as_ref().is_some_and(|plain| plain.can_match());
        self.in_texts() || self.probe.any() || plain()
    }

    /// About how many rows it is found in.
    pub(super) fn rows(&self) -> usize {
        let plain = self.plain.as_ref().map_or(0, |plain| plain.probe.most);
        plain + self.probe.most + self.groups.iter().map(|table| table.rows).sum::<usize>()
    }

    /// What it is worth in the identifiers of a chunk.
    pub(super) fn chunk(&self, idents: &Idents, chunk: usize, worths: &mut Vec<u16>) -> &ChunkHits {
        let Some(slot) = self.hits.get(chunk) else {
            return &ChunkHits::None;
        };
        slot.get_or_init(|| {
            let plain = self
                .plain
                .as_ref()
                .map(|plain| plain.chunk(idents, chunk, worths));
            if !self.probe.any() {
                return plain.cloned().unwrap_or(ChunkHits::None);
            }
            self.probe
                .chunk(idents, chunk, self.shorter_in(chunk), plain, worths)
        })
    }

    /// What it is worth in the identifiers of one row.
    pub(super) fn row(&self, idents: &Idents, row: usize) -> u16 {
        let (chunk, at) = (row / CHUNK, row % CHUNK);
        if let Some(hits) = self.known_in(chunk) {
            return hits.at(at);
        }
        let plain = self
            .plain
            .as_ref()
            .map_or(0, |plain| plain.row(idents, row));
        if self.probe.any() {
            plain.max(self.probe.row(idents, row))
        } else {
            plain
        }
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
        if self.in_texts() || self.nearest {
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

/// Texts against a word: true as long as the fleet's texts are the same, whatever happens to devices.
#[derive(Debug)]
struct Compared {
    low: String,
    literal: bool,
    nearest: bool,
    worths: Arc<Worths>,
}

#[derive(Debug, Default)]
struct Kept {
    words: Vec<Arc<Known>>,
    phrases: Vec<(String, Arc<PhraseTable>)>,
    compared: VecDeque<Compared>,
    /// The state of the texts that these were compared with.
    texts: u64,
    /// Texts in all of `compared`.
    size: usize,
}

impl Kept {
    fn compared(&self, word: &Word, nearest: bool) -> Option<Arc<Worths>> {
        self.compared
            .iter()
            .find(|known| {
                known.low == word.low && (known.literal, known.nearest) == (word.literal, nearest)
            })
            .map(|known| Arc::clone(&known.worths))
    }

    /// What is known of the longest beginning of a word.
    fn begun(&self, word: &Word) -> Option<Arc<Worths>> {
        self.compared
            .iter()
            .filter(|known| word.low.starts_with(&known.low))
            .max_by_key(|known| known.low.len())
            .map(|known| Arc::clone(&known.worths))
    }

    fn keep(&mut self, word: &Word, nearest: bool, worths: &Arc<Worths>) {
        self.size += worths.by_value.len();
        self.compared.push_back(Compared {
            low: word.low.clone(),
            literal: word.literal,
            nearest,
            worths: Arc::clone(worths),
        });
        while self.size > MOST_TEXTS || self.compared.len() > MOST_COMPARED {
            let Some(oldest) = self.compared.pop_front() else {
                break;
            };
            self.size -= oldest.worths.by_value.len();
        }
    }
}

/// The words last looked for.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<Kept>);

impl Memo {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Entries are whole or not there, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what depends on devices: they have changed.
    pub(super) fn clear(&mut self) {
        let kept = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        kept.words.clear();
        kept.phrases.clear();
    }

    /// Forgets all.
    pub(super) fn clear_all(&mut self) {
        *self = Self::default();
    }

    /// A word, looked for if it is not known.
    pub(super) fn word<S: Scorer + Sync>(
        &self,
        scorer: &S,
        fleet: Fleet<'_>,
        word: &Word,
        nearest: bool,
    ) -> Arc<Known> {
        let plain = nearest.then(|| self.word(scorer, fleet, word, false));
        let (shorter, known_worths, begun) = {
            let mut kept = self.kept();
            let found = kept
                .words
                .iter()
                .find(|known| known.table.word == *word && known.nearest == nearest);
            if let Some(found) = found {
                return Arc::clone(found);
            }
            if kept.texts != fleet.interner.state() {
                kept.compared.clear();
                kept.size = 0;
                kept.texts = fleet.interner.state();
            }
            let shorter = kept
                .words
                .iter()
                .filter(|known| {
                    word.low.starts_with(&known.table.word.low)
                        && known.nearest == nearest
                        && !known.table.word.exact
                })
                .max_by_key(|known| known.table.word.low.len())
                .map(Arc::clone);
            if word.exact {
                (shorter, Some(Arc::default()), None)
            } else {
                (shorter, kept.compared(word, nearest), kept.begun(word))
            }
        };
        // Not under the lock: other searches need not wait.
        let worths = known_worths.unwrap_or_else(|| {
            let begun = begun.as_deref();
            let worths = worths(scorer, fleet.interner, fleet.threads, word, nearest, begun);
            let worths = Arc::new(worths);
            self.kept().keep(word, nearest, &worths);
            worths
        });
        let known = Arc::new(Known::new(scorer, fleet, word, worths, shorter, plain));
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
