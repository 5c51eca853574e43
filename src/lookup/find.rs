//! Questions to the index: a text or a parsed scan becomes words to look for, and the rows that match become an answer.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::domain::id::EntityId;

use super::groups::{Group, Groups};
use super::memo::Known;
use super::query::{Query, Word};
use super::rank::{Table, phrase_table};
use super::row::Row;
use super::score::LEVEL;
use super::search::{Passed, Plan, Rows, pass, total};
use super::sieve::Sieve;
use super::{FindOptions, Found, Hit, Index, highlight};

/// What a pass found, with the words, for showing where they matched.
struct Ranked {
    passed: Passed,
    words: Vec<Arc<Known>>,
}

impl Index {
    /// The devices that match a text, best first. An empty text matches all. `field:value` filters (see
    /// [`super::filter_names`]), `-word` excludes what begins with the word, `"quoted"` is taken literally.
    ///
    /// With a serial or DI from a parsed scan the text is not looked at: the serial must be equal, and devices with the
    /// same DI come first. A DI whose serial is not known gives the devices of that model, as nearest.
    pub fn find(&self, text: &str, limit: usize, options: &FindOptions) -> Found {
        self.find_until(text, limit, options, &AtomicBool::new(false))
            .unwrap_or_default()
    }

    /// As [`Index::find`]; gives up, with no answer, soon after `stop` became true.
    pub fn find_until(
        &self,
        text: &str,
        limit: usize,
        options: &FindOptions,
        stop: &AtomicBool,
    ) -> Option<Found> {
        let scanned = |text: &Option<String>| {
            text.as_deref()
                .map(Word::scanned)
                .filter(|word| !word.ident.is_empty())
        };
        let rank = |query: &Query, nearest| self.rank(query, limit, nearest, stop);
        let (di, serial) = (scanned(&options.di), scanned(&options.serial));
        if di.is_none() && serial.is_none() {
            let query = Query::parse(text);
            let ranked = rank(&query, false)?;
            if ranked.passed.count > 0 || query.words.is_empty() {
                return Some(self.answer(&ranked, false));
            }
            return Some(self.answer(&rank(&query, true)?, true));
        }
        if let Some(serial) = serial {
            let query = Query {
                words: vec![serial],
                also: di.clone().into_iter().collect(),
                ..Query::default()
            };
            let ranked = rank(&query, false)?;
            if ranked.passed.count > 0 {
                return Some(self.answer(&ranked, false));
            }
            let Some(di) = di else {
                return Some(Found::default());
            };
            return Some(self.answer(&rank(&Query::scan(di), false)?, true));
        }
        let words = di.map(Query::scan).unwrap_or_default();
        Some(self.answer(&rank(&words, false)?, false))
    }

    /// As [`Index::find`] for a text, without saying where it matched: the ids and worths of the best devices, and how many
    /// match.
    pub fn rank_only(&self, text: &str, limit: usize) -> (Vec<(EntityId, u32)>, usize) {
        let query = Query::parse(text);
        let stop = AtomicBool::new(false);
        let first = self.rank(&query, limit, false, &stop);
        let ranked = match first {
            Some(found) if found.passed.count == 0 && !query.words.is_empty() => {
                self.rank(&query, limit, true, &stop)
            }
            found => found,
        };
        let passed = ranked.map(|ranked| ranked.passed).unwrap_or_default();
        let ids = passed.best.iter().filter_map(|candidate| {
            Some((self.pages.id(candidate.1 as usize)?, total(*candidate)))
        });
        (ids.collect(), passed.count)
    }

    /// One pass over the fleet; `nearest` lets misspelt words and identifiers count.
    fn rank(
        &self,
        query: &Query,
        limit: usize,
        nearest: bool,
        stop: &AtomicBool,
    ) -> Option<Ranked> {
        let fleet = self.fleet();
        let known = |word: &Word, nearest| self.memo.word(&self.scorer, fleet, word, nearest);
        let all = |words: &[Word], nearest| -> Vec<Arc<Known>> {
            words.iter().map(|word| known(word, nearest)).collect()
        };
        let words = all(&query.words, nearest);
        let also = all(&query.also, nearest);
        let joined = query.joined().map(|word| known(&word, false));
        let phrases = words
            .windows(2)
            .filter_map(|pair| match pair {
                [a, b] if !a.table.word.exact && !b.table.word.exact => Some((a, b)),
                _ => None,
            })
            .map(|(a, b)| {
                let phrase = format!("{} {}", a.table.word.low, b.table.word.low);
                self.memo
                    .phrase(&phrase, || phrase_table(fleet, &a.table, &b.table))
            })
            .filter(|phrase| phrase.iter().any(|table| table.any))
            .collect();
        let mut plan = Plan {
            words: words.clone(),
            also: also.clone(),
            joined: joined.clone().filter(|known| known.can_match()),
            phrases,
            sieve: Sieve::new(fleet, query, all(&query.without, false)),
        };
        // The rarest first: the others are then looked for in few rows.
        plan.words.sort_by_key(|known| known.rows());
        let gone: Vec<bool> = self
            .groups
            .last()
            .map(Groups::all)
            .unwrap_or_default()
            .iter()
            .map(|group: &Group| group.gone)
            .collect();
        let rows = Rows {
            groups: &self.members,
            gone: &gone,
            // One word that is an identifier of it: whoever scans a missing device has found it.
            named: if query.words.len() == 1 {
                9 * LEVEL
            } else {
                u32::MAX
            },
            sorted: self.sorted,
            by_tag: &|a, b| self.by_tag(a, b),
        };
        let nothing = plan.words.iter().any(|known| !known.can_match()) && plan.joined.is_none();
        let passed = if nothing {
            Passed::default()
        } else {
            pass(fleet, rows, &plan, limit, stop)?
        };
        // Rows that matched as one identifier are explained by it, where the words do not.
        let words = words.into_iter().chain(also).chain(joined).collect();
        Some(Ranked { passed, words })
    }

    fn answer(&self, ranked: &Ranked, nearest: bool) -> Found {
        let tables: Vec<&Table> = ranked.words.iter().map(|known| &known.table).collect();
        let hits = ranked
            .passed
            .best
            .iter()
            .filter_map(|candidate| {
                let row = Row::new(self.card(candidate.1 as usize)?, &self.interner);
                let explained = highlight::explain(&self.scorer, &self.interner, &row, &tables);
                Some(Hit {
                    id: row.card.id,
                    card: row.card,
                    total: total(*candidate),
                    why: explained.why.join(", "),
                    highlights: explained.highlights,
                })
            })
            .collect();
        Found {
            hits,
            nearest: nearest && ranked.passed.count > 0,
            total: ranked.passed.count,
        }
    }
}
