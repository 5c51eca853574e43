//! Version vectors: what is known of each site, as the highest sequence without a gap.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::id::SiteId;

/// The highest sequence known of each site; a site that is not named counts as 0.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct VersionVector(BTreeMap<SiteId, u64>);

impl VersionVector {
    /// The highest sequence known of this site, 0 if none.
    pub fn get(&self, site: SiteId) -> u64 {
        self.0.get(&site).copied().unwrap_or(0)
    }

    /// Raises a site to at least this sequence.
    pub fn raise(&mut self, site: SiteId, seq: u64) {
        if seq > 0 {
            let known = self.0.entry(site).or_insert(0);
            *known = (*known).max(seq);
        }
    }

    /// Takes the higher of both for every site.
    pub fn merge(&mut self, other: &Self) {
        for (site, seq) in &other.0 {
            self.raise(*site, *seq);
        }
    }

    /// True if everything the other knows is known here.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(site, seq)| self.get(*site) >= *seq)
    }

    /// Sites with their sequences, sorted by site.
    pub fn iter(&self) -> impl Iterator<Item = (SiteId, u64)> + '_ {
        self.0.iter().map(|(site, seq)| (*site, *seq))
    }

    /// How many sites are named.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if nothing is known of any site.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(SiteId, u64)> for VersionVector {
    fn from_iter<I: IntoIterator<Item = (SiteId, u64)>>(items: I) -> Self {
        let mut out = Self::default();
        for (site, seq) in items {
            out.raise(site, seq);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vector() -> impl Strategy<Value = VersionVector> {
        proptest::collection::vec((0u8..4, 0u64..9), 0..6)
            .prop_map(|v| v.into_iter().map(|(s, q)| (SiteId([s; 16]), q)).collect())
    }

    proptest! {
        #[test]
        fn merging_is_order_free_and_covers_both(a in vector(), b in vector()) {
            let (mut ab, mut ba) = (a.clone(), b.clone());
            ab.merge(&b);
            ba.merge(&a);
            prop_assert_eq!(&ab, &ba);
            prop_assert!(ab.covers(&a) && ab.covers(&b));
            prop_assert_eq!(a.covers(&ab), a == ab);
        }
    }
}
