//! Runs of entries, and what several runs cover together.
//!
//! Invariant: the runs of a coverage are sorted, and neither overlap nor touch.

use std::collections::BTreeMap;

use crate::journal::{SiteId, VersionVector};

/// A run of entries of one site, both ends included; sequences begin at 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Span {
    /// The site.
    pub site: SiteId,
    /// The first sequence.
    pub from: u64,
    /// The last sequence.
    pub to: u64,
}

impl Span {
    /// How many entries it holds.
    pub fn count(&self) -> u64 {
        match self.to.checked_sub(self.from) {
            Some(more) => more.saturating_add(1),
            None => 0,
        }
    }
}

/// The entries that several runs hold together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Coverage(BTreeMap<SiteId, Vec<(u64, u64)>>);

impl Coverage {
    /// Everything up to these sequences.
    pub fn of(vector: &VersionVector) -> Self {
        let rows = vector.iter().filter(|(_, seq)| *seq > 0);
        Self(rows.map(|(site, seq)| (site, vec![(1, seq)])).collect())
    }

    /// Adds a run; an empty one changes nothing.
    pub fn add(&mut self, span: Span) {
        if span.from == 0 || span.from > span.to {
            return;
        }
        let runs = self.0.entry(span.site).or_default();
        let (mut from, mut to) = (span.from, span.to);
        // Those that overlap or touch it become one with it.
        let first = runs.partition_point(|run| run.1.saturating_add(1) < from);
        let last = runs.partition_point(|run| run.0 <= to.saturating_add(1));
        if let Some(joined) = runs.get(first..last) {
            if let (Some(low), Some(high)) = (joined.first(), joined.last()) {
                from = from.min(low.0);
                to = to.max(high.1);
            }
            runs.splice(first..last, [(from, to)]);
        }
    }

    /// Adds several runs.
    pub fn add_all<'a>(&mut self, spans: impl IntoIterator<Item = &'a Span>) {
        for span in spans {
            self.add(*span);
        }
    }

    /// The parts of a run that are not covered, in order.
    pub fn missing(&self, span: Span) -> Vec<Span> {
        let mut out = Vec::new();
        let mut from = span.from;
        for (low, high) in self.0.get(&span.site).into_iter().flatten() {
            if *high < from {
                continue;
            }
            if *low > span.to {
                break;
            }
            if *low > from {
                out.push(Span {
                    from,
                    to: low - 1,
                    ..span
                });
            }
            if *high >= span.to {
                return out;
            }
            from = high + 1;
        }
        if from <= span.to {
            out.push(Span { from, ..span });
        }
        out
    }

    /// True if the whole run is covered.
    pub fn covers(&self, span: Span) -> bool {
        self.missing(span).is_empty()
    }

    /// The highest sequence that is reached without a gap from the first one, for every site.
    pub fn reach(&self) -> VersionVector {
        let first = |runs: &Vec<(u64, u64)>| runs.first().filter(|run| run.0 == 1).map(|run| run.1);
        self.0
            .iter()
            .filter_map(|(site, runs)| Some((*site, first(runs)?)))
            .collect()
    }

    /// All runs, sorted by site and sequence.
    pub fn spans(&self) -> Vec<Span> {
        let runs = self.0.iter();
        runs.flat_map(|(site, runs)| {
            runs.iter().map(|(from, to)| Span {
                site: *site,
                from: *from,
                to: *to,
            })
        })
        .collect()
    }

    /// How many entries that is.
    pub fn count(&self) -> u64 {
        let counts = self.spans().into_iter().map(|span| span.count());
        counts.fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const SITE: SiteId = SiteId([1; 16]);

    fn span((from, len): (u64, u64)) -> Span {
        Span {
            site: SITE,
            from,
            to: from + len,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_coverage_is_the_set_of_its_entries(
            runs in prop::collection::vec((1_u64..40, 0_u64..12), 0..12),
            asked in (1_u64..50, 0_u64..30),
        ) {
            let mut coverage = Coverage::default();
            let mut set = BTreeSet::new();
            for run in runs {
                coverage.add(span(run));
                set.extend(span(run).from..=span(run).to);
            }
            let listed: Vec<u64> = coverage.spans().iter().flat_map(|s| s.from..=s.to).collect();
            prop_assert_eq!(&listed, &set.iter().copied().collect::<Vec<_>>());
            prop_assert!(coverage.spans().windows(2).all(|two| two[0].to + 1 < two[1].from));
            prop_assert_eq!(coverage.count(), set.len() as u64);
            let asked = span(asked);
            let missing: Vec<u64> =
                coverage.missing(asked).iter().flat_map(|s| s.from..=s.to).collect();
            let expected: Vec<u64> = (asked.from..=asked.to).filter(|n| !set.contains(n)).collect();
            prop_assert_eq!(missing, expected);
            let reach = (1..100).take_while(|n| set.contains(n)).count() as u64;
            prop_assert_eq!(coverage.reach().get(SITE), reach);
        }
    }

    #[test]
    fn the_last_sequence_there_can_be_is_no_trouble() {
        let mut coverage = Coverage::default();
        for (from, to) in [(u64::MAX, u64::MAX), (5, 4), (0, 3), (2, u64::MAX)] {
            coverage.add(Span {
                site: SITE,
                from,
                to,
            });
        }
        assert_eq!(coverage.count(), u64::MAX - 1);
        assert!(coverage.covers(Span {
            site: SITE,
            from: 2,
            to: u64::MAX
        }));
        assert!(coverage.reach().is_empty());
    }
}
