//! Folding entries of other sites: at once where they come last for everything they touch, else by building those
//! things anew from all their entries.
//!
//! Invariants: after [`Late::settle`] the state of every thing is the fold of all its entries in the order (fold time,
//! site, sequence), whatever the order of arrival. Nothing goes to sled before that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::journal::{AggregateRef, Entry, HybridTime};

use super::base::Direction;
use super::causes;
use super::error::StoreError;
use super::fold::{Answers, own_rows, things};
use super::layout::{aggregate_prefix, entry_key, read_aggregate_key};
use super::project::{Past, Projector};
use super::rows::{Rows, family};

/// Entries that are kept decoded while things are built anew: neighbours share many.
const KEPT: usize = 256;

/// The things that wait to be built anew.
#[derive(Default)]
pub(super) struct Late {
    things: BTreeSet<AggregateRef>,
}

impl Late {
    /// Folds an entry of another site and gives its fold time. A refusal leaves the rows half changed, and whoever folds must give them up.
    pub fn fold(
        &mut self,
        projector: &dyn Projector,
        entry: &Entry,
        bytes: &[u8],
        rows: &mut Rows,
    ) -> Result<HybridTime, StoreError> {
        let touched = things(entry);
        // What this entry's fold time is stands only after its Merge is kept, so look at what lies behind it afterwards.
        let time = own_rows(entry, bytes, Answers::Skip, rows)?;
        for thing in &touched {
            if !self.things.contains(thing) && !is_last(thing, entry, rows)? {
                self.things.insert(*thing);
            }
        }
        let seen = causes::seen_by(rows, entry.site, entry.seq)?;
        projector.fold(entry, &seen, &self.things, rows)?;
        Ok(time)
    }

    /// Builds everything that waits anew.
    pub fn settle(&mut self, projector: &dyn Projector, rows: &mut Rows) -> Result<(), StoreError> {
        let mut entries = Entries::default();
        while let Some(thing) = self.things.pop_first() {
            let past = past_of(&thing, &mut entries, rows)?;
            projector.refold(&thing, &past, rows)?;
        }
        Ok(())
    }
}

/// True if no entry of the thing is folded behind this one.
fn is_last(thing: &AggregateRef, entry: &Entry, rows: &mut Rows) -> Result<bool, StoreError> {
    let last = rows.scan(
        family::BY_AGGREGATE,
        &aggregate_prefix(thing),
        None,
        1,
        Direction::Down,
    )?;
    let tail = entry_key(entry.site, entry.seq);
    Ok(last.first().is_some_and(|(key, _)| key.ends_with(&tail)))
}

/// All entries of a thing in fold order.
fn past_of(
    thing: &AggregateRef,
    entries: &mut Entries,
    rows: &mut Rows,
) -> Result<Vec<Past>, StoreError> {
    let keys = rows.scan_prefix(family::BY_AGGREGATE, &aggregate_prefix(thing))?;
    let mut past = Vec::with_capacity(keys.len());
    for (key, _) in keys {
        let Some((site, seq)) = read_aggregate_key(&key) else {
            return Err(missing());
        };
        let entry = entries.get(&entry_key(site, seq), rows)?;
        let seen = causes::seen_by(rows, site, seq)?;
        past.push((entry, seen));
    }
    Ok(past)
}

/// The entries that were decoded last.
#[derive(Default)]
struct Entries {
    kept: BTreeMap<[u8; 24], Arc<Entry>>,
}

impl Entries {
    fn get(&mut self, key: &[u8; 24], rows: &mut Rows) -> Result<Arc<Entry>, StoreError> {
        if let Some(entry) = self.kept.get(key) {
            return Ok(Arc::clone(entry));
        }
        let bytes = rows.peek(family::ENTRIES, key)?.ok_or_else(missing)?;
        let entry = Arc::new(Entry::decode(&bytes)?);
        if self.kept.len() >= KEPT {
            self.kept.clear();
        }
        self.kept.insert(*key, Arc::clone(&entry));
        Ok(entry)
    }
}

fn missing() -> StoreError {
    StoreError::Rows {
        reason: "an entry that the index names is missing".to_owned(),
    }
}
