//! What the writer of an entry knew: decides whether an edit replaces another one or was made beside it.
//!
//! Invariants: a shop always knows its own earlier work, and the earlier events of the same entry.

use std::collections::BTreeMap;

use super::id::{Dot, SiteId};

/// What the writer of an entry had seen when it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    /// Everything that is known here: the entry was made on the present state.
    Everything,
    /// Of each site the entries up to this sequence; of a site that is not named, none.
    UpTo(BTreeMap<SiteId, u64>),
}

impl Seen {
    /// True if the writer had seen the event with this dot.
    pub fn covers(&self, dot: Dot) -> bool {
        match self {
            Self::Everything => true,
            Self::UpTo(sites) => sites.get(&dot.site).is_some_and(|seq| dot.seq <= *seq),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_has_seen_what_came_before_and_nothing_of_strangers() {
        let dot = |site: u8, seq| Dot {
            site: SiteId([site; 16]),
            seq,
            index: 0,
        };
        let seen = Seen::UpTo([(SiteId([1; 16]), 5)].into());
        assert!(seen.covers(dot(1, 5)));
        assert!(!seen.covers(dot(1, 6)));
        assert!(!seen.covers(dot(2, 1)));
        assert!(Seen::Everything.covers(dot(2, 1)));
    }
}
