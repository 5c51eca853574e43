//! Reading: rows, entries, entries of a thing, and where the store stands.

use std::ops::Bound;

use crate::domain::id::{Dot, Hash, SiteId};
use crate::journal::chain::Tip;
use crate::journal::system::Genesis;
use crate::journal::{AggregateRef, Entry};

use super::base::Direction;
use super::error::StoreError;
use super::layout::{Watermark, aggregate_prefix, entry_key, read_aggregate_key};
use super::raw;
use super::rows::{Row, family};
use super::{Inner, Store};

/// What readers see of the writer's state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Published {
    pub site: SiteId,
    pub tip: Tip,
    pub wall_us: i64,
    pub watermark: Watermark,
}

/// The last durable entry of the own site.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadInfo {
    /// The site.
    pub site: SiteId,
    /// Its last sequence.
    pub seq: u64,
    /// The hash of that entry.
    pub hash: Hash,
    /// Its wall time, microseconds since 1970 UTC.
    pub wall_us: i64,
}

impl Store {
    /// One row of a projection.
    pub fn get(&self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let _whole = self.inner.whole();
        raw::read(&self.inner.base, family, key)
    }

    /// Up to `limit` rows whose key begins with the prefix and lies behind `after`.
    pub fn scan(
        &self,
        family: u8,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Row>, StoreError> {
        let (from, to) = raw::window_bounds(prefix, after, direction);
        self.scan_range(
            family,
            raw::as_slice(&from),
            raw::as_slice(&to),
            limit,
            direction,
        )
    }

    /// Up to `limit` rows between two keys.
    pub fn scan_range(
        &self,
        family: u8,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Row>, StoreError> {
        let _whole = self.inner.whole();
        raw::read_range(&self.inner.base, family, from, to, limit, direction)
    }

    /// An entry by site and sequence.
    pub fn entry(&self, site: SiteId, seq: u64) -> Result<Option<Entry>, StoreError> {
        let _whole = self.inner.whole();
        self.inner.entry(site, seq)
    }

    /// The entries that touch this thing, in fold order: at most `limit`, from `offset`.
    pub fn entries_of(
        &self,
        aggregate: &AggregateRef,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let prefix = aggregate_prefix(aggregate);
        let (from, to) = raw::window_bounds(&prefix, None, Direction::Up);
        let _whole = self.inner.whole();
        let keys = raw::read_range(
            &self.inner.base,
            family::BY_AGGREGATE,
            raw::as_slice(&from),
            raw::as_slice(&to),
            offset.saturating_add(limit),
            Direction::Up,
        )?;
        let mut out = Vec::new();
        for (key, _) in keys.into_iter().skip(offset) {
            let place = read_aggregate_key(&key);
            let entry = match place {
                Some((site, seq)) => self.inner.entry(site, seq)?,
                None => None,
            };
            if let Some(entry) = entry {
                out.push(entry);
            } else {
                let reason = "an entry that the index names is missing".to_owned();
                self.inner.base.mark_down(&reason);
                return Err(StoreError::Rows { reason });
            }
        }
        Ok(out)
    }

    /// The last durable entry of the own site.
    pub fn head(&self) -> HeadInfo {
        let published = self.inner.published();
        HeadInfo {
            site: published.site,
            seq: published.tip.seq,
            hash: published.tip.hash,
            wall_us: published.wall_us,
        }
    }

    /// The own site.
    pub fn site(&self) -> SiteId {
        self.inner.published().site
    }

    /// The sites that ever wrote here, the one that writes now first.
    pub fn own_sites(&self) -> Vec<SiteId> {
        let now = self.site();
        let before = self.inner.sites.iter().copied();
        std::iter::once(now)
            .chain(before.filter(|site| *site != now))
            .collect()
    }

    /// Who the own site is.
    pub fn genesis(&self) -> &Genesis {
        &self.inner.genesis
    }

    /// The last entry that the rows hold.
    pub fn watermark(&self) -> Watermark {
        self.inner.published().watermark
    }

    /// How many entries the store holds, of all sites.
    pub fn entries_count(&self) -> u64 {
        self.inner.published().watermark.applied
    }

    /// The id that the event at this index of the next entry would have now. Inside a decision use
    /// [`super::Writer::next_dot`].
    pub fn next_dot(&self, index: u16) -> Dot {
        let published = self.inner.published();
        Dot {
            site: published.site,
            seq: published.tip.seq + 1,
            index,
        }
    }

    /// Why the store takes no writes, if so.
    pub fn read_only(&self) -> Option<String> {
        self.inner.read_only()
    }
}

impl Inner {
    pub fn entry(&self, site: SiteId, seq: u64) -> Result<Option<Entry>, StoreError> {
        match raw::read(&self.base, family::ENTRIES, &entry_key(site, seq))? {
            Some(bytes) => Ok(Some(Entry::decode(&bytes)?)),
            None => Ok(None),
        }
    }
}
