//! One pass over the fleet: which devices match, how many, and the best of them in order.
//!
//! The rows are taken in chunks by several threads. A row is kept for the list only while fewer better ones are known
//! than the list has places; all that match are counted.
//!
//! Invariant: the answer is that of looking at every device by itself, whatever the threads and whatever was looked for
//! before.

// Only as part of the loops around them are these quick.
#![allow(clippy::inline_always)]

use std::cmp::Ordering;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use super::idents::{CHUNK, ChunkHits};
use super::memo::{Fleet, Known};
use super::rank::PhraseTable;
use super::sieve::Sieve;

/// Marks a device that is not gone: it comes before all that are.
const HERE: u32 = 1 << 31;

/// What is looked for.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Each must be found.
    pub(super) words: Vec<Arc<Known>>,
    /// These add to the worth.
    pub(super) also: Vec<Arc<Known>>,
    /// All words as one identifier.
    pub(super) joined: Option<Arc<Known>>,
    /// Neighbouring words that stand so in a text.
    pub(super) phrases: Vec<Arc<PhraseTable>>,
    pub(super) sieve: Option<Sieve>,
}

/// The rows that are searched.
#[derive(Clone, Copy)]
pub(super) struct Rows<'i> {
    /// The numbers of each row's groups; zero in the last part for a row that is not in.
    pub(super) groups: &'i [Vec<u32>; 3],
    /// True for each state group whose devices are gone.
    pub(super) gone: &'i [bool],
    /// From this total on a device that is gone is listed with the others.
    pub(super) named: u32,
    /// So many rows from the first are in the order of their tags.
    pub(super) sorted: usize,
    /// The order of any two rows by their tags.
    pub(super) by_tag: &'i (dyn Fn(usize, usize) -> Ordering + Sync),
}

/// A row that matches: first whether it is here and its worth, then its number.
pub(super) type Candidate = (u32, u32);

/// The worth of a candidate.
pub(super) const fn total(candidate: Candidate) -> u32 {
    candidate.0 & !HERE
}

/// The best rows so far.
struct Best<'i> {
    rows: Rows<'i>,
    limit: usize,
    kept: Vec<Candidate>,
    /// The last of the best, once there are enough.
    last: Option<Candidate>,
}

impl Best<'_> {
    fn order(rows: Rows<'_>, a: Candidate, b: Candidate) -> Ordering {
        b.0.cmp(&a.0).then_with(|| {
            if (a.1.max(b.1) as usize) < rows.sorted {
                a.1.cmp(&b.1)
            } else {
                (rows.by_tag)(a.1 as usize, b.1 as usize)
            }
        })
    }

    fn cut(&mut self) {
        let rows = self.rows;
        if self.kept.len() > self.limit {
            if let Some(last) = self.limit.checked_sub(1) {
                let order = |a: &Candidate, b: &Candidate| Self::order(rows, *a, *b);
                let (_, last, _) = self.kept.select_nth_unstable_by(last, order);
                self.last = Some(*last);
            }
            self.kept.truncate(self.limit);
        }
    }

    /// Rows from this one on need this total at least.
    fn least(&self, from: usize) -> u32 {
        match self.last {
            Some((worth, last)) if worth & HERE != 0 => {
                // All rows after those that are sorted may still come before it.
                let later = from > last as usize && from + CHUNK <= self.rows.sorted;
                total((worth, 0)) + u32::from(later)
            }
            _ => 0,
        }
    }

    #[inline(always)]
    fn offer(&mut self, total: u32, row: usize, state: u32) {
        if let Some((worth, last)) = self.last {
            let most = total | HERE;
            let later = (row.max(last as usize)) < self.rows.sorted && row > last as usize;
            if most < worth || (most == worth && later) {
                return;
            }
        }
        let gone = self.rows.gone.get(state as usize).copied().unwrap_or(false);
        let worth = if gone && total < self.rows.named {
            total
        } else {
            total | HERE
        };
        if self.last.is_some_and(|(last, _)| worth < last) {
            return;
        }
        self.kept.push((worth, row as u32));
        if self.kept.len() >= self.limit.saturating_mul(2).saturating_add(64) {
            self.cut();
        }
    }
}

/// Room that a thread works in.
#[derive(Default)]
struct Bench {
    worths: Vec<u16>,
    q: Vec<u16>,
    /// Places in the chunk that match so far, with their totals.
    found: Vec<(u16, u32)>,
}

/// What a pass found.
#[derive(Debug, Default)]
pub(super) struct Passed {
    pub(super) best: Vec<Candidate>,
    pub(super) count: usize,
}

/// Searches all rows; none when `stop` became true on the way.
pub(super) fn pass(
    fleet: Fleet<'_>,
    rows: Rows<'_>,
    plan: &Plan,
    limit: usize,
    stop: &AtomicBool,
) -> Option<Passed> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut best = Best {
            rows,
            limit,
            kept: Vec::new(),
            last: None,
        };
        let mut bench = Bench::default();
        let mut count = 0;
        while !stop.load(std::sync::atomic::Ordering::Relaxed) {
            let chunk = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if chunk >= fleet.chunks {
                break;
            }
            count += search_chunk(fleet, plan, chunk, &mut bench, &mut best);
        }
        best.cut();
        (best.kept, count)
    };
    let quick = plan.words.first().is_some_and(|word| word.is_quick()) && plan.joined.is_none();
    let threads = if quick {
        1
    } else {
        fleet.threads.min(fleet.chunks / 2).max(1)
    };
    let (mut best, mut count) = (Vec::new(), 0);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        (best, count) = run();
        for other in others {
            match other.join() {
                Ok((more, found)) => {
                    best.extend(more);
                    count += found;
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    if stop.load(std::sync::atomic::Ordering::Relaxed) {
        return None;
    }
    best.sort_unstable_by(|a, b| Best::order(rows, *a, *b));
    best.truncate(limit);
    Some(Passed { best, count })
}

/// What a word is worth in each row of the chunk.
fn weigh(fleet: Fleet<'_>, columns: [&[u32]; 3], known: &Known, chunk: usize, bench: &mut Bench) {
    let rows = columns[2].len();
    let hits = known.chunk(fleet.idents, chunk, &mut bench.worths);
    bench.q.clear();
    match hits {
        ChunkHits::Many(worths) => bench.q.extend_from_slice(worths),
        ChunkHits::None => bench.q.resize(rows, 0),
        ChunkHits::Some(hits) => {
            bench.q.resize(rows, 0);
            for (at, worth) in hits {
                if let Some(slot) = bench.q.get_mut(usize::from(*at)) {
                    *slot = *worth;
                }
            }
        }
    }
    for (table, column) in known.groups.iter().zip(columns) {
        if table.any {
            for (slot, group) in bench.q.iter_mut().zip(column) {
                *slot = (*slot).max(table.get(*group));
            }
        }
    }
}

fn search_chunk(
    fleet: Fleet<'_>,
    plan: &Plan,
    chunk: usize,
    bench: &mut Bench,
    best: &mut Best<'_>,
) -> usize {
    let start = chunk * CHUNK;
    let columns = best.rows.groups.each_ref().map(|column| {
        let rows = column.len().saturating_sub(start).min(CHUNK);
        column.get(start..start + rows).unwrap_or(&[])
    });
    let [_, _, states] = columns;
    let mut words = plan.words.iter();
    bench.found.clear();
    if let Some(first) = words.next() {
        let listed = if first.in_texts() {
            None
        } else {
            match first.chunk(fleet.idents, chunk, &mut bench.worths) {
                ChunkHits::None => Some(&[][..]),
                ChunkHits::Some(hits) => Some(&**hits),
                ChunkHits::Many(_) => None,
            }
        };
        if let Some(hits) = listed {
            let hits = hits.iter().map(|(at, worth)| (*at, u32::from(*worth)));
            bench.found.extend(hits);
        } else {
            weigh(fleet, columns, first, chunk, bench);
            if words.len() == 0 && plan.also.is_empty() && plan.sieve.is_none() {
                return offer_all(&bench.q, start, states, best);
            }
            // Written in any case, and kept by counting on: no guessing which rows match.
            bench.found.resize(bench.q.len(), (0, 0));
            let mut kept = 0;
            for (at, worth) in (0..).zip(&bench.q) {
                if let Some(slot) = bench.found.get_mut(kept) {
                    *slot = (at, u32::from(*worth));
                }
                kept += usize::from(*worth > 0);
            }
            bench.found.truncate(kept);
        }
    } else {
        let live = (0..).zip(states).filter(|(_, state)| **state != 0);
        bench.found.extend(live.map(|(at, _)| (at, 0)));
    }
    for known in words {
        if bench.found.is_empty() {
            break;
        }
        add_word(fleet, columns, known, chunk, bench, true);
    }
    for known in &plan.also {
        add_word(fleet, columns, known, chunk, bench, false);
    }
    let group = |part: usize, at: u16| {
        let column = columns.get(part).copied().unwrap_or(&[]);
        column.get(usize::from(at)).copied().unwrap_or(0)
    };
    for phrase in &plan.phrases {
        for (at, total) in &mut bench.found {
            let bonus = phrase
                .iter()
                .enumerate()
                .map(|(part, table)| table.get(group(part, *at)))
                .max();
            *total += u32::from(bonus.unwrap_or(0));
        }
    }
    if let Some(joined) = &plan.joined {
        add_joined(
            fleet,
            columns,
            joined,
            plan.words.len() as u32,
            chunk,
            bench,
        );
    }
    if let Some(sieve) = &plan.sieve {
        let without = sieve.chunk(fleet, chunk, &mut bench.worths);
        bench.found.retain(|(at, _)| {
            let groups = [group(0, *at), group(1, *at), group(2, *at)];
            let at = usize::from(*at);
            sieve.passes(start + at, groups, at, &without)
        });
    }
    for (at, total) in &bench.found {
        best.offer(*total, start + usize::from(*at), group(2, *at));
    }
    bench.found.len()
}

/// Rows that match one word, where nothing else is asked.
fn offer_all(worths: &[u16], start: usize, states: &[u32], best: &mut Best<'_>) -> usize {
    const BLOCK: usize = 64;
    let mut count = 0;
    let blocks = worths.chunks(BLOCK).zip(states.chunks(BLOCK));
    for ((worths, states), from) in blocks.zip((start..).step_by(BLOCK)) {
        let most = worths.iter().copied().max().unwrap_or(0);
        if most == 0 {
            continue;
        }
        count += worths.iter().filter(|worth| **worth > 0).count();
        if u32::from(most) < best.least(from) {
            continue;
        }
        for ((at, worth), state) in worths.iter().enumerate().zip(states) {
            if *worth > 0 {
                best.offer(u32::from(*worth), from + at, *state);
            }
        }
    }
    count
}

/// Adds what a word is worth to the rows found so far; those without it fall out where it is needed.
fn add_word(
    fleet: Fleet<'_>,
    columns: [&[u32]; 3],
    known: &Known,
    chunk: usize,
    bench: &mut Bench,
    needed: bool,
) {
    let start = chunk * CHUNK;
    let rows = columns[2].len();
    let few = bench.found.len() < rows / 16;
    let mut found = std::mem::take(&mut bench.found);
    if few {
        found.retain_mut(|(at, total)| {
            let at = usize::from(*at);
            let texts = known.groups.iter().zip(columns).filter(|(t, _)| t.any);
            let text = texts
                .filter_map(|(table, column)| Some(table.get(*column.get(at)?)))
                .max()
                .unwrap_or(0);
            let ident = known.row(fleet.idents, start + at);
            let worth = text.max(ident);
            *total += u32::from(worth);
            worth > 0 || !needed
        });
    } else {
        weigh(fleet, columns, known, chunk, bench);
        let mut kept = 0;
        for read in 0..found.len() {
            let Some((at, total)) = found.get(read).copied() else {
                break;
            };
            let worth = bench.q.get(usize::from(at)).copied().unwrap_or(0);
            if let Some(slot) = found.get_mut(kept) {
                *slot = (at, total + u32::from(worth));
            }
            kept += usize::from(worth > 0 || !needed);
        }
        found.truncate(kept);
    }
    bench.found = found;
}

/// "SN 12 345" for the serial SN12345: as good as every word found exactly.
fn add_joined(
    fleet: Fleet<'_>,
    columns: [&[u32]; 3],
    joined: &Known,
    needed: u32,
    chunk: usize,
    bench: &mut Bench,
) {
    if !joined.in_texts()
        && matches!(
            joined.chunk(fleet.idents, chunk, &mut bench.worths),
            ChunkHits::None
        )
    {
        return;
    }
    weigh(fleet, columns, joined, chunk, bench);
    let mut known = std::mem::take(&mut bench.found).into_iter().peekable();
    let mut found = Vec::new();
    for (at, worth) in (0_u16..).zip(&bench.q).filter(|(_, worth)| **worth > 0) {
        while let Some(before) = known.next_if(|(other, _)| *other < at) {
            found.push(before);
        }
        let own = known.next_if(|(other, _)| *other == at);
        let total = own.map_or(0, |(_, total)| total);
        found.push((at, total.max(u32::from(*worth) * needed)));
    }
    found.extend(known);
    bench.found = found;
}
