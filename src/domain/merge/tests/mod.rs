//! Several shops in memory that work apart and exchange their entries, folded as the store folds them: causes before
//! effects, and what did not know of each other by time, site and sequence.

mod checklist;
mod random;
mod scenes;

use std::collections::BTreeMap;

use crate::domain::event::Addressed;
use crate::domain::id::SiteId;
use crate::domain::scenario::Shop;
use crate::domain::seen::Seen;
use crate::domain::testing::TestWorld;
use crate::domain::time::Stamp;

/// One entry as every shop gets it.
#[derive(Clone, Debug)]
pub struct Written {
    pub stamp: Stamp,
    pub saw: BTreeMap<SiteId, u64>,
    pub events: Vec<Addressed>,
}

impl Written {
    pub fn seen(&self) -> Seen {
        Seen::UpTo(self.saw.clone())
    }
}

/// Puts causes before effects; among the rest the earlier time, then site, then sequence.
pub fn in_order(mut entries: Vec<Written>) -> Vec<Written> {
    let mut out: Vec<Written> = Vec::new();
    let mut done: BTreeMap<SiteId, u64> = BTreeMap::new();
    while !entries.is_empty() {
        let ready = |entry: &Written| {
            let dot = entry.stamp.dot;
            entry.saw.iter().all(|(site, seq)| {
                let needed = if *site == dot.site { dot.seq - 1 } else { *seq };
                done.get(site).copied().unwrap_or(1) >= needed
            })
        };
        let (next, _) = entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| ready(entry))
            .min_by_key(|(_, entry)| (entry.stamp.at.micros, entry.stamp.dot))
            .expect("what an entry saw is there");
        let entry = entries.swap_remove(next);
        done.insert(entry.stamp.dot.site, entry.stamp.dot.seq);
        out.push(entry);
    }
    out
}

/// Several shops.
pub struct Group {
    pub shops: Vec<Shop>,
    /// What each shop has, in no order that matters.
    pub known: Vec<Vec<Written>>,
}

impl Group {
    /// Shops that have the same technicians and know nothing of each other. Their clocks differ.
    pub fn new(count: u8) -> Self {
        let mut shops: Vec<Shop> = Vec::new();
        for n in 0..count {
            let mut shop = Shop::at(SiteId([n + 1; 16]), &format!("S{n}"));
            shop.world.pass(i64::from(n) * 7);
            shops.push(shop);
        }
        let known = vec![Vec::new(); usize::from(count)];
        let mut group = Self { shops, known };
        group.take_notes();
        group
    }

    /// Shops that all know what the first one recorded before they part.
    pub fn after(count: u8, prepare: impl FnOnce(&mut Shop)) -> Self {
        let mut group = Self::new(count);
        prepare(&mut group.shops[0]);
        group.meet();
        group
    }

    fn vector(&self, shop: usize) -> BTreeMap<SiteId, u64> {
        let mut out = BTreeMap::new();
        for entry in &self.known[shop] {
            let dot = entry.stamp.dot;
            let last = out.entry(dot.site).or_insert(dot.seq);
            *last = dot.seq.max(*last);
        }
        out
    }

    /// Puts down what the shops recorded since.
    pub fn take_notes(&mut self) {
        for shop in 0..self.shops.len() {
            let mut saw = self.vector(shop);
            let own = self.shops[shop].world.site;
            let from = saw.get(&own).copied().unwrap_or(1);
            for (stamp, events) in self.shops[shop].world.entries.clone() {
                if stamp.dot.site == own && stamp.dot.seq > from {
                    saw.insert(own, stamp.dot.seq);
                    self.known[shop].push(Written {
                        stamp,
                        saw: saw.clone(),
                        events,
                    });
                }
            }
        }
    }

    /// One shop gets what another one has.
    pub fn give(&mut self, from: usize, to: usize) {
        self.take_notes();
        let have = self.vector(to);
        let new: Vec<Written> = self.known[from]
            .iter()
            .filter(|entry| {
                let dot = entry.stamp.dot;
                have.get(&dot.site).is_none_or(|last| dot.seq > *last)
            })
            .cloned()
            .collect();
        self.known[to].extend(new);
        self.shops[to].world = self.folded(to);
    }

    /// Everybody gets everything.
    pub fn meet(&mut self) {
        for shop in 1..self.shops.len() {
            self.give(shop, 0);
        }
        for shop in 1..self.shops.len() {
            self.give(0, shop);
        }
    }

    /// A shop's state, made anew from what it has.
    pub fn folded(&self, shop: usize) -> TestWorld {
        let old = &self.shops[shop].world;
        let mut world = TestWorld {
            site: old.site,
            prefix: old.prefix.clone(),
            seq: old.seq,
            now: old.now,
            ..TestWorld::default()
        };
        for entry in in_order(self.known[shop].clone()) {
            world.apply(&entry.stamp, &entry.events, &entry.seen());
        }
        world.entries = old.entries.clone();
        world
    }
}
