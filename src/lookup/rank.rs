//! The ranking: which devices match a query, and in which order.
//!
//! Every word must match some field (levels 9 to 0); a device is worth the sum of its words, each at its best field,
//! plus a bonus for neighbouring words that stand so in one value. Devices that are gone come after all others; among
//! equals the asset tag decides. Each distinct text of the fleet is compared once per word, whoever has it.

use std::cmp::Ordering;
use std::sync::Arc;

use super::intern::{Interner, Value};
use super::memo::Memo;
use super::nearest::{Near, Typos};
use super::query::{Filter, Query, Subject, Word};
use super::row::{FieldName, Row};
use super::score::{LEVEL, Scorer, ident_base, ident_level, phrase_worth, text_level, text_worth};

/// Which text or identifier of a row won a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Number in the row's texts.
    Text(usize),
    /// Number in the row's identifiers.
    Ident(usize),
}

/// A word's best field in a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Win {
    pub(super) worth: u32,
    pub(super) place: Place,
}

impl Win {
    /// The level of the ranking.
    pub(super) const fn level(self) -> u32 {
        self.worth / LEVEL
    }
}

/// A word with its worth against each distinct text.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) word: Word,
    base: u32,
    values: Arc<Vec<u16>>,
    /// False where no text is worth anything: an identifier was typed.
    in_texts: bool,
    near: Option<Near>,
}

impl Table {
    /// A word with what [`worths`] found.
    pub(super) fn new(
        scorer: &impl Scorer,
        worths: Arc<Vec<u16>>,
        word: &Word,
        nearest: bool,
    ) -> Self {
        Self {
            base: ident_base(scorer, word),
            near: if nearest { Near::new(word) } else { None },
            word: word.clone(),
            in_texts: worths.iter().any(|worth| *worth > 0),
            values: worths,
        }
    }

    /// What the word is worth against the text with this number.
    pub(super) fn text(&self, number: usize) -> u32 {
        self.values.get(number).copied().map_or(0, u32::from)
    }

    /// The best field of a row, if any matches.
    pub(super) fn best(&self, row: &Row) -> Option<Win> {
        let mut best: Option<Win> = None;
        let mut offer = |worth, place| {
            if worth > best.map_or(0, |win| win.worth) {
                best = Some(Win { worth, place });
            }
        };
        let texts = if self.in_texts { &*row.texts } else { &[] };
        for (at, text) in texts.iter().enumerate() {
            let worth = self.text(text.value as usize);
            // Make and model in one count only for characters scattered over both.
            let counts = text.field != FieldName::Name || worth / LEVEL == 1;
            if worth >= LEVEL && counts {
                offer(worth + text.field.priority(), Place::Text(at));
            } else if worth > 0 && counts {
                offer(worth, Place::Text(at));
            }
        }
        if self.word.may_be_in(row) {
            for (at, ident) in row.idents.iter().enumerate() {
                if let Some(level) = ident_level(ident, &self.word) {
                    let worth = level * LEVEL + self.base + ident.field.priority();
                    offer(worth, Place::Ident(at));
                }
            }
        }
        if let Some(near) = &self.near
            && near.possible(row.pairs)
        {
            for (at, ident) in row.idents.iter().enumerate() {
                offer(near.worth(ident), Place::Ident(at));
            }
        }
        best
    }
}

/// Scores a word against all texts. A misspelt word is looked for only where no text at all holds it, or in the second
/// pass.
pub(super) fn worths(
    scorer: &impl Scorer,
    values: &[Value],
    word: &Word,
    nearest: bool,
) -> Vec<u16> {
    let mut worths: Vec<u16> = values
        .iter()
        .map(|value| text_worth(scorer, value, word) as u16)
        .collect();
    // From two characters on, every text that holds the word is worth level 3 or more; one is never misspelt.
    let held = worths.iter().any(|worth| u32::from(*worth) >= 2 * LEVEL);
    if (!held || nearest) && word.edits() > 0 {
        let mut typos = Typos::new(word);
        for (worth, value) in worths.iter_mut().zip(values) {
            if *worth == 0 {
                *worth = typos.worth(&value.low) as u16;
            }
        }
    }
    worths
}

/// For each distinct text the bonus of one pair of neighbouring words.
fn phrases(values: &[Value], words: &[Word]) -> Vec<Vec<u16>> {
    words
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] if !a.exact && !b.exact => Some(format!("{} {}", a.low, b.low)),
            _ => None,
        })
        .map(|phrase| {
            values
                .iter()
                .map(|value| phrase_worth(value, &phrase) as u16)
                .collect()
        })
        .collect()
}

/// The worth of a text list in rows: the sum over pairs of the best text.
fn phrase_bonus(phrases: &[Vec<u16>], row: &Row) -> u32 {
    phrases
        .iter()
        .map(|table| {
            row.texts
                .iter()
                .filter(|text| text.field != FieldName::Name)
                .filter_map(|text| table.get(text.value as usize))
                .max()
                .copied()
                .map_or(0, u32::from)
        })
        .sum()
}

/// Filters and exclusions, with what can be said per distinct text said once.
struct Sieve<'q> {
    filters: Vec<(&'q Filter, Vec<bool>)>,
    without: Vec<(&'q Word, Vec<bool>)>,
}

impl<'q> Sieve<'q> {
    fn new(values: &[Value], query: &'q Query) -> Self {
        Self {
            filters: query
                .filters
                .iter()
                .map(|filter| {
                    let holds = match filter.subject {
                        Subject::Texts(_) => values
                            .iter()
                            .map(|value| value.plain.contains(&filter.wanted))
                            .collect(),
                        _ => Vec::new(),
                    };
                    (filter, holds)
                })
                .collect(),
            without: query
                .without
                .iter()
                .map(|word| {
                    let holds = values
                        .iter()
                        .map(|v| text_level(&v.low, &word.low).is_some_and(|(level, _)| level >= 5))
                        .collect();
                    (word, holds)
                })
                .collect(),
        }
    }

    fn lets_through(&self, row: &Row) -> bool {
        let has = |holds: &[bool], value: u32| holds.get(value as usize).copied().unwrap_or(false);
        self.filters.iter().all(|(filter, holds)| {
            let yes = match filter.subject {
                Subject::Texts(fields) => row
                    .texts
                    .iter()
                    .any(|text| fields.contains(&text.field) && has(holds, text.value)),
                Subject::Idents(fields) => row.idents.iter().any(|ident| {
                    fields.contains(&ident.field) && ident.text.contains(&filter.wanted)
                }),
                Subject::Risk => {
                    let high = "high".starts_with(&filter.wanted) || filter.wanted == "yes";
                    let low = "low".starts_with(&filter.wanted) || filter.wanted == "no";
                    (high && row.card.high_risk != Some(false))
                        || (low && row.card.high_risk == Some(false))
                }
            };
            yes != filter.exclude
        }) && !self.without.iter().any(|(word, holds)| {
            row.texts.iter().any(|text| has(holds, text.value))
                || (word.may_be_in(row)
                    && row
                        .idents
                        .iter()
                        .any(|ident| matches!(ident_level(ident, word), Some(9 | 4))))
        })
    }
}

/// A row that matches.
struct Candidate {
    gone: bool,
    total: u32,
    number: usize,
}

/// The devices that match, the best ones in order.
#[derive(Debug, Default)]
pub(super) struct Ranked {
    /// Row numbers with their worth.
    pub(super) best: Vec<(usize, u32)>,
    /// How many match in all.
    pub(super) total: usize,
    /// The tables of all words, for showing where a row matched.
    pub(super) tables: Vec<Table>,
}

/// The order of devices of equal worth.
fn tag_order(a: &Row, b: &Row) -> Ordering {
    a.tag_key
        .cmp(&b.tag_key)
        .then_with(|| a.card.tag.cmp(&b.card.tag))
        .then_with(|| a.card.id.cmp(&b.card.id))
}

/// One pass over the fleet; `nearest` lets misspelt words and identifiers count.
pub(super) fn rank(
    scorer: &impl Scorer,
    memo: &Memo,
    interner: &Interner,
    rows: &[Row],
    query: &Query,
    limit: usize,
    nearest: bool,
) -> Ranked {
    let values = interner.values();
    let table = |word| {
        let worths = memo.get(word, nearest, || worths(scorer, values, word, nearest));
        Table::new(scorer, worths, word, nearest)
    };
    let mut tables: Vec<Table> = query.words.iter().map(table).collect();
    let needed = tables.len();
    tables.extend(query.also.iter().map(table));
    let joined = query
        .joined()
        .map(|word| Table::new(scorer, Arc::default(), &word, false));
    let phrases = phrases(values, &query.words);
    let sieve = Sieve::new(values, query);

    let mut hits: Vec<Candidate> = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        if !sieve.lets_through(row) {
            continue;
        }
        let mut total = Some(0);
        for (at, table) in tables.iter().enumerate() {
            match table.best(row) {
                Some(win) => total = total.map(|total| total + win.worth),
                None if at < needed => {
                    total = None;
                    break;
                }
                None => {}
            }
        }
        let mut total = total.map(|total| total + phrase_bonus(&phrases, row));
        // "SN 12 345" for the serial SN12345: as good as every word found exactly.
        if let Some(table) = &joined
            && table.word.may_be_in(row)
            && let Some(win) = table.best(row)
        {
            total = total.max(Some(win.worth * needed as u32));
        }
        if let Some(total) = total {
            hits.push(Candidate {
                gone: row.gone,
                total,
                number,
            });
        }
    }

    let total = hits.len();
    let order = |a: &Candidate, b: &Candidate| {
        (a.gone, b.total).cmp(&(b.gone, a.total)).then_with(|| {
            match (rows.get(a.number), rows.get(b.number)) {
                (Some(a), Some(b)) => tag_order(a, b),
                _ => Ordering::Equal,
            }
        })
    };
    if limit == 0 {
        hits.clear();
    } else if hits.len() > limit {
        hits.select_nth_unstable_by(limit - 1, order);
        hits.truncate(limit);
    }
    hits.sort_unstable_by(order);
    // Rows that matched as one identifier are explained by it, where the words do not.
    tables.extend(joined);
    Ranked {
        best: hits
            .into_iter()
            .map(|hit| (hit.number, hit.total))
            .collect(),
        total,
        tables,
    }
}
