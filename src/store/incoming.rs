//! Which of the entries that bundles bring can be taken in now, and why the others cannot.
//!
//! An entry is taken in if its site is trusted, it continues its site's chain, and everything that its writer had seen is
//! here or comes with it: nobody is shown half of what happened. Everything else waits, with the reason.
//!
//! Invariants: pure. The result does not depend on the order in which bundles are named; what overlaps is compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::id::{Hash, SiteId};
use crate::journal::chain::{Chains, Tip};
use crate::journal::{HybridTime, VersionVector};

use super::notes::{Notes, Trust};

/// A run of entries of one site in one bundle.
#[derive(Clone, Debug)]
pub struct Run {
    /// The bundle, by its place in the list.
    pub source: usize,
    /// The site.
    pub site: SiteId,
    /// The first sequence.
    pub from: u64,
    /// Hash of the entry before the first.
    pub before: Hash,
    /// The hash of each entry.
    pub hashes: Vec<Hash>,
    /// What its writer knew of others, where it took entries in: by sequence, in order.
    pub merges: Vec<(u64, VersionVector)>,
    /// The last entry in it that somebody waits for.
    pub news: u64,
    /// Who signed the bundle.
    pub author: SiteId,
    /// The last sequence in it that the author or the site itself signed for.
    pub vouched: u64,
}

impl Run {
    /// The last sequence.
    pub fn to(&self) -> u64 {
        self.from + (self.hashes.len() as u64).saturating_sub(1)
    }

    /// The hash of the entry with this sequence, or of the one before the first.
    fn hash(&self, seq: u64) -> Option<Hash> {
        if seq + 1 == self.from {
            return Some(self.before);
        }
        let index = usize::try_from(seq.checked_sub(self.from)?).ok()?;
        self.hashes.get(index).copied()
    }
}

/// Entries that are taken in: a part of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// The bundle.
    pub source: usize,
    /// The site.
    pub site: SiteId,
    /// The first sequence.
    pub from: u64,
    /// The last sequence.
    pub to: u64,
}

/// Why entries are not taken in now.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    /// Entries before them are missing.
    Gap {
        /// First missing sequence.
        from: u64,
        /// Last missing sequence.
        to: u64,
    },
    /// Nobody here has said that the site is trusted.
    Unknown,
    /// Their writer had seen entries of another site that are not here.
    Needs {
        /// The other site.
        site: SiteId,
        /// The first missing sequence.
        from: u64,
        /// The last missing sequence.
        to: u64,
    },
    /// The site was revoked before them.
    Revoked {
        /// The last sequence that counts.
        after: u64,
    },
    /// Another entry with the same sequence counts here.
    Fork {
        /// The sequence from which they differ.
        seq: u64,
    },
    /// Only the bundle's author says that these are the site's entries, not the site itself.
    Unsigned,
}

impl Why {
    /// True if it may change: the entries are kept.
    pub const fn waits(&self) -> bool {
        matches!(self, Self::Gap { .. } | Self::Unknown | Self::Needs { .. })
    }
}

/// Entries that are not taken in now.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Waiting {
    /// The site.
    pub site: SiteId,
    /// The first sequence.
    pub from: u64,
    /// The last sequence.
    pub to: u64,
    /// Why.
    pub why: Why,
    /// The bundle.
    pub source: usize,
}

/// Two entries of one site with one sequence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fork {
    /// The site.
    pub site: SiteId,
    /// The first sequence that differs.
    pub seq: u64,
    /// The entry that counts here.
    pub kept: Hash,
    /// The other one.
    pub other: Hash,
    /// Who signed the bundle with the other one.
    pub author: SiteId,
    /// The bundle.
    pub source: usize,
}

/// What becomes of the entries of some bundles.
#[derive(Clone, Debug, Default)]
pub struct Sorted {
    /// Taken in, in this order.
    pub parts: Vec<Part>,
    /// Not taken in now.
    pub waiting: Vec<Waiting>,
    /// Forks.
    pub forks: Vec<Fork>,
    /// The chains with the parts taken in.
    pub chains: Chains,
    /// True if somebody waits for one of the entries that are taken in.
    pub news: bool,
}

/// What is known of entries that are here already: the hash of one.
pub type Known<'k, E> = &'k mut dyn FnMut(SiteId, u64) -> Result<Option<Hash>, E>;

/// Sorts runs into what is taken in and what waits.
pub fn sort<E>(
    runs: &[Run],
    chains: &Chains,
    notes: &Notes,
    known: Known<'_, E>,
) -> Result<Sorted, E> {
    let mut sorting = Sorting {
        runs,
        notes,
        out: Sorted {
            chains: chains.clone(),
            ..Sorted::default()
        },
        state: vec![State::Open; runs.len()],
        arriving: BTreeMap::new(),
    };
    for (index, run) in runs.iter().enumerate() {
        sorting.compare(index, run, chains, known)?;
    }
    while sorting.round() {}
    sorting.say_what_waits();
    Ok(sorting.out)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Everything in it is here.
    Done,
    Forked,
}

struct Sorting<'a> {
    runs: &'a [Run],
    notes: &'a Notes,
    out: Sorted,
    state: Vec<State>,
    /// Hashes of what is taken in, to compare overlaps: which run holds a sequence.
    arriving: BTreeMap<(SiteId, u64), usize>,
}

impl Sorting<'_> {
    /// Compares a run with what is here already.
    fn compare<E>(
        &mut self,
        index: usize,
        run: &Run,
        chains: &Chains,
        known: Known<'_, E>,
    ) -> Result<(), E> {
        let tip = chains.tip(run.site);
        if run.from > tip.seq {
            return Ok(());
        }
        // One chain: if the last that both have is the same, so is everything before.
        let last = run.to().min(tip.seq);
        let same = run.hash(last) == known(run.site, last)?;
        if !same {
            let mut seq = run.from;
            while seq < last && run.hash(seq) == known(run.site, seq)? {
                seq += 1;
            }
            if let (Some(kept), Some(other)) = (known(run.site, seq)?, run.hash(seq)) {
                self.fork(index, run, seq, kept, other);
            }
        } else if run.to() <= tip.seq {
            self.set(index, State::Done);
        }
        Ok(())
    }

    fn set(&mut self, index: usize, to: State) {
        if let Some(state) = self.state.get_mut(index) {
            *state = to;
        }
    }

    fn fork(&mut self, index: usize, run: &Run, seq: u64, kept: Hash, other: Hash) {
        self.set(index, State::Forked);
        self.out.forks.push(Fork {
            site: run.site,
            seq,
            kept,
            other,
            author: run.author,
            source: run.source,
        });
    }

    /// The last sequence of a run that may be taken in as things stand: less than its first if none may.
    fn limit(&self, run: &Run) -> u64 {
        let Some(trusted) = self.notes.trust(run.site).limit() else {
            return 0;
        };
        let mut limit = run.to().min(trusted).min(run.vouched);
        for (seq, seen) in run.merges.iter().filter(|(seq, _)| *seq <= limit) {
            if self.first_lack(run.site, seen).is_some() {
                limit = seq - 1;
                break;
            }
        }
        limit
    }

    /// The first site whose entries a writer had seen and that are not here.
    fn first_lack(&self, by: SiteId, seen: &VersionVector) -> Option<(SiteId, u64, u64)> {
        seen.iter()
            .filter(|(site, _)| *site != by)
            .map(|(site, seq)| {
                // What a revoked site wrote later is never taken in: nobody waits for it.
                let seq = match self.notes.trust(site) {
                    Trust::Revoked { after } => seq.min(after),
                    _ => seq,
                };
                (site, self.out.chains.tip(site).seq, seq)
            })
            .find(|(_, have, seq)| have < seq)
            .map(|(site, have, seq)| (site, have + 1, seq))
    }

    /// Takes in what can be taken in; true if anything was.
    fn round(&mut self) -> bool {
        let mut moved = false;
        for (index, run) in self.runs.iter().enumerate() {
            if self.state.get(index) != Some(&State::Open) {
                continue;
            }
            let tip = self.out.chains.tip(run.site);
            if run.from > tip.seq + 1 {
                continue;
            }
            let overlap = tip.seq.min(run.to());
            if !self.joins(index, run, tip, overlap) {
                continue;
            }
            if run.to() <= tip.seq {
                self.set(index, State::Done);
                continue;
            }
            let limit = self.limit(run);
            if limit <= tip.seq {
                continue;
            }
            let part = Part {
                source: run.source,
                site: run.site,
                from: tip.seq + 1,
                to: limit,
            };
            self.out.news |= run.news >= part.from;
            self.out.parts.push(part);
            self.arriving.insert((run.site, part.from), index);
            let hash = run.hash(limit).unwrap_or_default();
            self.out.chains.set(run.site, Tip { seq: limit, hash });
            if limit == run.to() {
                self.set(index, State::Done);
            }
            moved = true;
        }
        moved
    }

    /// Whether a run agrees with what is taken in so far at the last entry that both have.
    fn joins(&mut self, index: usize, run: &Run, tip: Tip, overlap: u64) -> bool {
        let theirs = run.hash(overlap);
        let ours = if overlap == tip.seq {
            Some(tip.hash)
        } else {
            self.arrived(run.site, overlap)
        };
        match (ours, theirs) {
            // Compared with the store already, or nothing to compare.
            (None, _) | (_, None) => true,
            (Some(a), Some(b)) if a == b => true,
            (Some(kept), Some(other)) => {
                let mut seq = overlap;
                let (mut kept, mut other) = (kept, other);
                while let (Some(a), Some(b)) = (
                    self.arrived(run.site, seq.saturating_sub(1)),
                    run.hash(seq.saturating_sub(1)),
                ) {
                    if a == b || seq <= run.from {
                        break;
                    }
                    seq -= 1;
                    (kept, other) = (a, b);
                }
                self.fork(index, run, seq, kept, other);
                false
            }
        }
    }

    /// The hash of an entry that is being taken in.
    fn arrived(&self, site: SiteId, seq: u64) -> Option<Hash> {
        let (_, index) = self.arriving.range((site, 0)..=(site, seq)).next_back()?;
        self.runs.get(*index)?.hash(seq)
    }

    fn say_what_waits(&mut self) {
        let mut said = BTreeSet::new();
        for (index, run) in self.runs.iter().enumerate() {
            let tip = self.out.chains.tip(run.site);
            let (from, why) = match self.state.get(index) {
                Some(State::Forked) => {
                    let seq = self
                        .out
                        .forks
                        .iter()
                        .find(|f| f.source == run.source && f.site == run.site)
                        .map_or(run.from, |f| f.seq);
                    (seq, Why::Fork { seq })
                }
                Some(State::Open) => {
                    let from = run.from.max(tip.seq + 1);
                    (from, self.why(run, tip))
                }
                _ => continue,
            };
            // Nobody waits for entries that only say how shops exchanged.
            if why.waits() && run.news < from {
                continue;
            }
            let waiting = Waiting {
                site: run.site,
                from,
                to: run.to(),
                why,
                source: run.source,
            };
            if said.insert(waiting.clone()) {
                self.out.waiting.push(waiting);
            }
        }
        self.out.waiting.sort();
    }

    fn why(&self, run: &Run, tip: Tip) -> Why {
        match self.notes.trust(run.site) {
            Trust::Unknown => return Why::Unknown,
            Trust::Revoked { after } if tip.seq >= after => return Why::Revoked { after },
            _ => {}
        }
        if run.from > tip.seq + 1 {
            let first = self
                .runs
                .iter()
                .filter(|other| other.site == run.site && other.from > tip.seq + 1)
                .map(|other| other.from)
                .min();
            return Why::Gap {
                from: tip.seq + 1,
                to: first.unwrap_or(run.from) - 1,
            };
        }
        if run.vouched <= tip.seq {
            return Why::Unsigned;
        }
        run.merges
            .iter()
            .filter(|(seq, _)| *seq > tip.seq)
            .find_map(|(_, seen)| self.first_lack(run.site, seen))
            .map_or(Why::Unsigned, |(site, from, to)| Why::Needs {
                site,
                from,
                to,
            })
    }
}

/// How far ahead of a clock a hybrid time is, in milliseconds, if it is more than may be followed.
pub fn ahead(time: HybridTime, wall_us: i64) -> Option<u64> {
    let now = u64::try_from(wall_us.div_euclid(1000)).unwrap_or(0);
    let by = time.millis().saturating_sub(now);
    (by > crate::journal::clock::MAX_AHEAD_MS).then_some(by)
}
