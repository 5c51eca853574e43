//! The hash chain: each entry of a site carries the hash of the one before it, so none can be dropped, changed or moved.

use std::collections::BTreeMap;

use crate::domain::id::{Hash, SiteId};

use super::{EntryFace, VersionVector};

/// The end of a site's chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tip {
    /// Last sequence; 0 before the first entry.
    pub seq: u64,
    /// Hash of that entry; zero before the first.
    pub hash: Hash,
}

/// Why an entry does not continue its site's chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Break {
    /// Entries between the last one and this one are missing.
    Missing {
        /// First missing sequence.
        from: u64,
        /// Last missing sequence.
        to: u64,
    },
    /// This very entry was already seen.
    Repeated,
    /// Another entry holds this sequence, or this entry was written after another past.
    Fork,
}

/// The chains of all sites during a walk.
#[derive(Clone, Debug, Default)]
pub struct Chains {
    tips: BTreeMap<SiteId, Tip>,
}

impl Chains {
    /// The end of this site's chain.
    pub fn tip(&self, site: SiteId) -> Tip {
        self.tips.get(&site).copied().unwrap_or_default()
    }

    /// Every site with its end.
    pub fn tips(&self) -> impl Iterator<Item = (SiteId, Tip)> + '_ {
        self.tips.iter().map(|(site, tip)| (*site, *tip))
    }

    /// What is known of each site.
    pub fn vector(&self) -> VersionVector {
        self.tips().map(|(site, tip)| (site, tip.seq)).collect()
    }

    /// Says whether the entry continues its chain, without taking it in.
    pub fn check(&self, face: &EntryFace) -> Result<(), Break> {
        let tip = self.tip(face.site);
        if face.seq == tip.seq + 1 {
            if face.previous == tip.hash {
                Ok(())
            } else {
                Err(Break::Fork)
            }
        } else if face.seq > tip.seq {
            Err(Break::Missing {
                from: tip.seq + 1,
                to: face.seq - 1,
            })
        } else if face.seq == tip.seq && face.hash == tip.hash {
            Err(Break::Repeated)
        } else {
            Err(Break::Fork)
        }
    }

    /// Sets the end of a site's chain.
    pub fn set(&mut self, site: SiteId, tip: Tip) {
        self.tips.insert(site, tip);
    }

    /// Takes the entry in as the end of its chain, whether it joins or not.
    pub fn force(&mut self, face: &EntryFace) {
        self.tips.insert(
            face.site,
            Tip {
                seq: face.seq,
                hash: face.hash,
            },
        );
    }

    /// Takes the entry in if it continues its chain.
    pub fn extend(&mut self, face: &EntryFace) -> Result<(), Break> {
        self.check(face)?;
        self.force(face);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::HybridTime;

    fn face(seq: u64, previous: u8, hash: u8) -> EntryFace {
        EntryFace {
            site: SiteId([1; 16]),
            seq,
            hybrid: HybridTime(0),
            wall_us: 0,
            previous: Hash([previous; 32]),
            hash: Hash([hash; 32]),
        }
    }

    #[test]
    fn a_chain_takes_only_what_joins() {
        let mut chains = Chains::default();
        assert_eq!(chains.extend(&face(1, 0, 1)), Ok(()));
        assert_eq!(chains.extend(&face(2, 1, 2)), Ok(()));
        assert_eq!(chains.extend(&face(2, 1, 2)), Err(Break::Repeated));
        assert_eq!(chains.extend(&face(2, 1, 3)), Err(Break::Fork));
        assert_eq!(chains.extend(&face(1, 0, 1)), Err(Break::Fork));
        assert_eq!(chains.extend(&face(3, 9, 3)), Err(Break::Fork));
        assert_eq!(
            chains.extend(&face(6, 5, 6)),
            Err(Break::Missing { from: 3, to: 5 })
        );
        assert_eq!(chains.tip(SiteId([1; 16])).seq, 2);
    }
}
