//! Who has a piece of work, when several shops may give it away at once.
//!
//! Invariants: claims that did not see each other all stay, the first one in the order of the fold has the work; a claim
//! that takes over from another one inherits its place; giving back removes only the claims that were seen.

use serde::{Deserialize, Serialize};

use super::seen::Seen;
use super::time::Stamp;

/// The claims that stand, the one that has the work first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Claims(Vec<(String, Stamp)>);

impl Claims {
    /// Somebody takes the work or is given it.
    pub fn claim(&mut self, to: &str, stamp: &Stamp, seen: &Seen) {
        let place = self
            .0
            .iter()
            .position(|(_, claim)| seen.covers(claim.dot))
            .unwrap_or(self.0.len());
        self.release(seen);
        let place = place.min(self.0.len());
        self.0.insert(place, (to.to_owned(), stamp.clone()));
    }

    /// The claims that were seen are given back.
    pub fn release(&mut self, seen: &Seen) {
        self.0.retain(|(_, claim)| !seen.covers(claim.dot));
    }

    /// Who has the work.
    pub fn holder(&self) -> Option<&str> {
        self.0.first().map(|(who, _)| who.as_str())
    }

    /// All claims, the one that has the work first.
    pub fn all(&self) -> &[(String, Stamp)] {
        &self.0
    }

    /// Who claimed it and did not get it.
    pub fn losers(&self) -> impl Iterator<Item = &(String, Stamp)> {
        let holder = self.holder().unwrap_or_default();
        self.0.iter().filter(move |(who, _)| who != holder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{Dot, SiteId};
    use crate::domain::time::Moment;

    fn stamp(site: u8, seq: u64) -> Stamp {
        Stamp {
            dot: Dot {
                site: SiteId([site; 16]),
                seq,
                index: 0,
            },
            at: Moment::default(),
            by: String::new(),
        }
    }

    fn saw(known: &[(u8, u64)]) -> Seen {
        Seen::UpTo(
            known
                .iter()
                .map(|(site, seq)| (SiteId([*site; 16]), *seq))
                .collect(),
        )
    }

    #[test]
    fn the_first_claim_has_the_work_and_the_other_is_told() {
        let mut claims = Claims::default();
        claims.claim("jd", &stamp(1, 1), &saw(&[]));
        claims.claim("mk", &stamp(2, 1), &saw(&[]));
        assert_eq!(claims.holder(), Some("jd"));
        assert_eq!(claims.losers().count(), 1);
        // Whoever takes over from jd without knowing of mk has jd's place.
        claims.claim("lo", &stamp(1, 2), &saw(&[(1, 1)]));
        assert_eq!(claims.holder(), Some("lo"));
        assert_eq!(claims.losers().count(), 1);
        // mk gives back what mk saw: their own.
        claims.release(&saw(&[(2, 1)]));
        assert_eq!(claims.holder(), Some("lo"));
        assert_eq!(claims.losers().count(), 0);
        claims.claim("mk", &stamp(2, 3), &Seen::Everything);
        assert_eq!(claims.all().len(), 1);
    }
}
