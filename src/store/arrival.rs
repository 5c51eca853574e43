//! A first pass through bundles: which runs of entries they carry, whose heads, what the entries touch.
//!
//! Invariants: nothing is changed. Memory grows with the number of entries (a hash each), not with their size.

use std::collections::{BTreeMap, HashSet};

use crate::domain::id::SiteId;
use crate::journal::notes::is_news;
use crate::journal::system::{GENESIS, Genesis, LAST_SYSTEM_KIND, MERGE, Merge};
use crate::journal::{Entry, EntryFace, Head, HybridTime, first_kind};

use super::carrier::Carrier;
use super::error::StoreError;
use super::incoming::{self, Fork, Run, Sorted, Waiting};
use super::notes::Notes;

/// A site's clock that is ahead of the clock here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ahead {
    /// The site.
    pub site: SiteId,
    /// The entry that is furthest ahead.
    pub seq: u64,
    /// By how many milliseconds.
    pub ahead_ms: u64,
}

/// What bundles bring, or brought.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    /// What is taken in, by site: the first and last sequence.
    pub taken: BTreeMap<SiteId, (u64, u64)>,
    /// How many entries that is.
    pub entries: u64,
    /// How many different things of each kind they touch.
    pub things: BTreeMap<u16, u64>,
    /// What waits or is refused, and why.
    pub waiting: Vec<Waiting>,
    /// The shop names that bundles with unknown authors give, by site.
    pub authors: BTreeMap<SiteId, String>,
    /// The keys of the sites that signed something in the bundles.
    pub keys: BTreeMap<SiteId, [u8; 32]>,
    /// Forks that were not known before.
    pub forks: Vec<Fork>,
    /// Clocks that are ahead of the clock here.
    pub ahead: Vec<Ahead>,
    /// First entries of sites that the bundles carry, the unknown ones among them.
    pub sites: BTreeMap<SiteId, Genesis>,
    /// Kept bundles that cannot be read any more, in words.
    pub broken: Vec<String>,
}

/// What a first pass through the bundles finds.
pub(super) struct FirstPass {
    demo: bool,
    pub(super) runs: Vec<Run>,
    pub(super) heads: BTreeMap<SiteId, ([u8; 32], Head)>,
    sites: BTreeMap<SiteId, Genesis>,
    authors: BTreeMap<SiteId, String>,
    keys: BTreeMap<SiteId, [u8; 32]>,
    /// The latest hybrid time of each site's new entries, with its sequence.
    latest: BTreeMap<SiteId, (HybridTime, u64)>,
    /// Things touched by new entries, per run.
    things: Vec<Vec<(u64, u16, u64)>>,
}

impl FirstPass {
    pub(super) fn new(demo: bool) -> Self {
        Self {
            demo,
            runs: Vec::new(),
            heads: BTreeMap::new(),
            sites: BTreeMap::new(),
            authors: BTreeMap::new(),
            keys: BTreeMap::new(),
            latest: BTreeMap::new(),
            things: Vec::new(),
        }
    }

    pub(super) fn bundle(
        &mut self,
        source: usize,
        bundle: &mut dyn Carrier,
        tip: impl Fn(SiteId) -> u64,
    ) -> Result<(), StoreError> {
        let header = bundle.header();
        let author = header.author;
        self.authors.insert(author, header.about.shop.clone());
        self.keys.insert(author, header.key);
        for signed in &header.about.heads {
            let known = self.heads.get(&signed.head.site);
            if known.is_none_or(|(_, head)| head.seq < signed.head.seq) {
                let head = (signed.key, signed.head.clone());
                self.heads.insert(signed.head.site, head);
            }
        }
        let vouched: BTreeMap<(SiteId, u64), u64> = bundle
            .report()
            .ranges
            .iter()
            .map(|carried| {
                let range = carried.range;
                let to = if range.site == author {
                    range.to
                } else {
                    carried.signed_to.unwrap_or(0)
                };
                ((range.site, range.from), to)
            })
            .collect();
        let mut run: Option<usize> = None;
        bundle.each(&mut |face, bytes| {
            let current = run.and_then(|at| self.runs.get(at));
            let goes_on = current.is_some_and(|r| r.site == face.site && r.to() + 1 == face.seq);
            if !goes_on {
                self.runs.push(Run {
                    source,
                    site: face.site,
                    from: face.seq,
                    before: face.previous,
                    hashes: Vec::new(),
                    merges: Vec::new(),
                    news: 0,
                    author,
                    vouched: vouched
                        .get(&(face.site, face.seq))
                        .copied()
                        .unwrap_or_default(),
                });
                self.things.push(Vec::new());
                run = Some(self.runs.len() - 1);
            }
            self.entry(&face, bytes, face.seq > tip(face.site))
        })
    }

    fn entry(&mut self, face: &EntryFace, bytes: &[u8], new: bool) -> Result<(), StoreError> {
        let (Some(run), Some(things)) = (self.runs.last_mut(), self.things.last_mut()) else {
            return Ok(());
        };
        run.hashes.push(face.hash);
        let kind = first_kind(bytes).unwrap_or(0);
        if is_news(kind) {
            run.news = face.seq;
        }
        if !new {
            return Ok(());
        }
        let latest = self.latest.entry(face.site).or_default();
        *latest = (*latest).max((face.hybrid, face.seq));
        let entry = Entry::decode_hashed(bytes, face.hash)?;
        for event in &entry.events {
            match event.kind {
                GENESIS => {
                    if let Ok(Some(genesis)) = Genesis::from_record(event) {
                        if genesis.demo != self.demo {
                            return Err(StoreError::Practice(if self.demo {
                                "this is a practice store, and the bundle holds a shop's real records"
                            } else {
                                "the bundle comes from a practice store (tagout demo)"
                            }));
                        }
                        self.sites.insert(face.site, genesis);
                    }
                }
                MERGE => {
                    if let Ok(Some(merge)) = Merge::from_record(event) {
                        run.merges.push((face.seq, merge.seen));
                    }
                }
                kind if kind > LAST_SYSTEM_KIND => {
                    let id = blake3::hash(&event.aggregate.id.key());
                    let mut short = [0; 8];
                    short.copy_from_slice(id.as_bytes().get(..8).unwrap_or(&[0; 8]));
                    things.push((face.seq, event.aggregate.kind, u64::from_le_bytes(short)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn arrival(&mut self, sorted: &Sorted, notes: &Notes, wall_us: i64) -> Arrival {
        let heads = self.heads.iter().map(|(site, (key, _))| (*site, *key));
        let mut keys = std::mem::take(&mut self.keys);
        keys.extend(heads);
        let mut arrival = Arrival {
            keys,
            sites: std::mem::take(&mut self.sites),
            authors: std::mem::take(&mut self.authors),
            waiting: sorted.waiting.clone(),
            ..Arrival::default()
        };
        arrival.forks = sorted
            .forks
            .iter()
            .filter(|fork| !notes.knows_fork(fork.site, fork.seq, fork.other))
            .copied()
            .collect();
        if !sorted.news {
            return arrival;
        }
        let mut touched: BTreeMap<u16, HashSet<u64>> = BTreeMap::new();
        for part in &sorted.parts {
            let taken = arrival
                .taken
                .entry(part.site)
                .or_insert((part.from, part.to));
            *taken = (taken.0.min(part.from), taken.1.max(part.to));
            arrival.entries += part.to - part.from + 1;
            for (run, things) in self.runs.iter().zip(&self.things) {
                if run.source == part.source && run.site == part.site {
                    for (seq, kind, thing) in things {
                        if (part.from..=part.to).contains(seq) {
                            touched.entry(*kind).or_default().insert(*thing);
                        }
                    }
                }
            }
        }
        arrival.things = touched
            .into_iter()
            .map(|(kind, things)| (kind, things.len() as u64))
            .collect();
        for site in arrival.taken.keys() {
            if let Some((time, seq)) = self.latest.get(site)
                && let Some(ahead_ms) = incoming::ahead(*time, wall_us)
            {
                arrival.ahead.push(Ahead {
                    site: *site,
                    seq: *seq,
                    ahead_ms,
                });
            }
        }
        arrival
    }
}
