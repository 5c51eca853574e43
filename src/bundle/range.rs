//! Runs of entries: what a bundle carries of each site.
//!
//! Invariants: the runs of a bundle are sorted by site and sequence; those of one site neither overlap nor touch, so
//! that the same entries always give the same list.

use crate::journal::{Hash, SiteId};

use super::error::BundleError;
use super::wire::RangeV1;

/// A run of entries of one site, without a gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// The site.
    pub site: SiteId,
    /// The first sequence, from 1.
    pub from: u64,
    /// The last sequence.
    pub to: u64,
    /// Hash of the entry before the first: where the run joins; zero at sequence 1.
    pub before: Hash,
    /// Hash of the last entry.
    pub last: Hash,
}

impl Range {
    /// How many entries it holds.
    pub fn count(&self) -> u64 {
        (self.to - self.from).saturating_add(1)
    }

    pub(super) fn to_wire(self) -> RangeV1 {
        RangeV1 {
            site: self.site.0,
            from: self.from,
            to: self.to,
            before: self.before.0,
            last: self.last.0,
        }
    }

    pub(super) fn from_wire(wire: &RangeV1) -> Self {
        Self {
            site: SiteId(wire.site),
            from: wire.from,
            to: wire.to,
            before: Hash(wire.before),
            last: Hash(wire.last),
        }
    }
}

/// Checks a bundle's list of runs and gives the number of entries in all of them.
pub(super) fn check_order(ranges: &[Range]) -> Result<u64, BundleError> {
    let mut sum: u64 = 0;
    let mut last: Option<&Range> = None;
    for range in ranges {
        let whole = range.from >= 1 && range.from <= range.to && range.to < u64::MAX;
        let zero = range.before == Hash::default();
        if !whole || zero != (range.from == 1) {
            return Err(BundleError::absurd(format!(
                "records {} to {} of site {}",
                range.from,
                range.to,
                range.site.short()
            )));
        }
        let follows = last.is_none_or(|last| {
            last.site < range.site || (last.site == range.site && last.to + 1 < range.from)
        });
        if !follows {
            return Err(BundleError::absurd(
                "the same records twice, or out of order",
            ));
        }
        sum = sum
            .checked_add(range.count())
            .ok_or_else(|| BundleError::absurd("more records than can be counted"))?;
        last = Some(range);
    }
    if sum == 0 {
        return Err(BundleError::absurd("to hold no records"));
    }
    Ok(sum)
}
