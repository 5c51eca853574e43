//! Many sites, chance, loss, repetition and death in the middle: in the end everybody has everything, and no entry that was
//! in the depot ever left it by an act of ours.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::exchange::{Site, depot};
use super::objects::Bucket;
use crate::bundle::inspect;
use crate::depot::contents::STATEMENTS;
use crate::depot::plan::{Stored, coverage, to_compact, to_download, to_upload};
use crate::depot::{Coverage, Span};
use crate::journal::{SiteId, VersionVector};

#[derive(Debug, Clone)]
enum Act {
    Record(usize, usize),
    Sync(usize),
    /// A sync that dies after so many requests.
    Die(usize, usize),
    /// Two at once: the second one acts on what the first one saw before it began.
    Two(usize, usize, usize),
    /// Somebody else removes an object.
    Lose(prop::sample::Index),
    Empty,
    /// A site forgets what it remembered of the depot.
    Forget(usize),
}

fn acts(sites: usize) -> impl Strategy<Value = Vec<Act>> {
    let one = prop_oneof![
        4 => (0..sites, 1_usize..4).prop_map(|(site, n)| Act::Record(site, n)),
        6 => (0..sites).prop_map(Act::Sync),
        3 => (0..sites, 0_usize..20).prop_map(|(site, n)| Act::Die(site, n)),
        2 => (0..sites, 0..sites, 0_usize..12).prop_map(|(a, b, n)| Act::Two(a, b, n)),
        1 => any::<prop::sample::Index>().prop_map(Act::Lose),
        1 => Just(Act::Empty),
        1 => (0..sites).prop_map(Act::Forget),
    ];
    prop::collection::vec(one, 10..40)
}

/// All entries that lie in a bucket.
fn held(bucket: &Bucket) -> Coverage {
    let mut coverage = Coverage::default();
    bucket.with(|inside| {
        for (key, (_, bytes)) in &inside.objects {
            if !key.starts_with("sites/") {
                continue;
            }
            let header = inspect(&mut bytes.as_slice()).unwrap();
            for range in header.ranges {
                coverage.add(Span {
                    site: range.site,
                    from: range.from,
                    to: range.to,
                });
            }
        }
    });
    coverage
}

fn holds(after: &Coverage, before: &Coverage) -> bool {
    before.spans().into_iter().all(|span| after.covers(span))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everybody_gets_everything(acts in acts(4)) {
        let bucket = Bucket::default();
        let mut sites: Vec<Site> = (0..4).map(|n| Site::new(n + 1)).collect();
        for act in acts {
            let before = held(&bucket);
            match act {
                Act::Record(site, n) => sites[site].record(n),
                Act::Sync(site) => {
                    sites[site].sync(&bucket);
                }
                Act::Die(site, after) => {
                    bucket.with(|inside| inside.dies_after = Some(after));
                    let _ = sites[site].sync_with(&depot(&bucket));
                    bucket.with(|inside| inside.dies_after = None);
                }
                Act::Two(one, two, after) => {
                    // The first one is overtaken in the middle: it ends there, and what it had seen is old.
                    let seen = bucket.with(|inside| inside.objects.clone());
                    bucket.with(|inside| inside.dies_after = Some(after));
                    let _ = sites[one].sync_with(&depot(&bucket));
                    bucket.with(|inside| inside.dies_after = None);
                    // The other acts on the view from before; what it puts and removes happens to the real place.
                    let stale = Bucket::default();
                    stale.with(|inside| inside.objects.clone_from(&seen));
                    let _ = sites[two].sync_with(&depot(&stale));
                    let end = stale.with(|inside| inside.objects.clone());
                    bucket.with(|inside| {
                        for key in seen.keys().filter(|key| !end.contains_key(*key)) {
                            inside.objects.remove(key);
                        }
                        for (key, value) in end {
                            if seen.get(&key) != Some(&value) {
                                inside.objects.insert(key, value);
                            }
                        }
                    });
                }
                Act::Lose(which) => bucket.with(|inside| {
                    if !inside.objects.is_empty() {
                        let key = inside.objects.keys().nth(which.index(inside.objects.len()));
                        let key = key.cloned().unwrap();
                        inside.objects.remove(&key);
                    }
                }),
                Act::Empty => bucket.with(|inside| inside.objects.clear()),
                Act::Forget(site) => sites[site].memory = crate::depot::Memory::default(),
            }
            if !matches!(act, Act::Lose(_) | Act::Empty) {
                prop_assert!(holds(&held(&bucket), &before), "an entry left the depot: {act:?}");
            }
        }
        for _ in 0..2 {
            for site in &mut sites {
                let report = site.sync(&bucket);
                prop_assert!(report.warnings.is_empty(), "{:?}", report.warnings);
            }
        }
        let all = sites[0].shelf.everything();
        for site in &sites {
            prop_assert_eq!(&site.shelf.everything(), &all);
        }
        let own: usize = sites.iter().map(|s| s.shelf.vector().len()).max().unwrap();
        prop_assert_eq!(own, 4);
        // Who is new finds everything there.
        let mut new = Site::new(9);
        new.sync(&bucket);
        prop_assert_eq!(new.shelf.everything().len(), all.len() + 1);
    }
}

/// What one exchange costs when many sites share a depot: it follows what changed, not what exists.
#[test]
fn many_sites_pay_for_what_changed() {
    let count: usize = std::env::var("TAGOUT_DEPOT_SITES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(8);
    let count = count.clamp(2, 250);
    let bucket = Bucket::default();
    let mut sites: Vec<Site> = (1..=count).map(|n| Site::with(n as u8, 5)).collect();
    let cost = |bucket: &Bucket, site: &mut Site| {
        bucket.with(|inside| {
            inside.requests.clear();
            (inside.carried, inside.listed) = (0, 0);
        });
        site.sync(bucket);
        bucket.with(|inside| (inside.requests.len(), inside.carried, inside.listed))
    };
    let round = |name: &str, sites: &mut [Site]| {
        let costs: Vec<(usize, u64, usize)> = sites.iter_mut().map(|s| cost(&bucket, s)).collect();
        let most = costs.iter().max().copied().unwrap_or_default();
        let (requests, bytes) = costs
            .iter()
            .fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
        println!(
            "{count} sites, {name:<38} requests {:>6.1} a sync, {:>4} at most; bytes {:>9.0} a sync, {:>9} at most; {} names \
             listed",
            requests as f64 / count as f64,
            most.0,
            bytes as f64 / count as f64,
            most.1,
            most.2
        );
        (most.0, most.1)
    };
    round("first sync of each", &mut sites);
    round("second: everybody gets everything", &mut sites);
    round("everybody says so", &mut sites);
    let (idle, _) = round("nothing changed", &mut sites);
    // With more sites than are heard at once, the statements of the others have their turn.
    let heard = if count <= STATEMENTS { 0 } else { STATEMENTS };
    assert!(idle <= 3 + heard, "{idle} requests when nothing changed");
    for day in 0..3 {
        sites[0].record(3);
        let (spread, bytes) = round("one site recorded 3 entries", &mut sites);
        // Two listings, its header and its bytes, the own statement, and some of those of others.
        assert!(spread <= 6 + STATEMENTS, "day {day}: {spread}");
        assert!(bytes <= 128 << 10, "day {day}: {bytes}");
    }
    let all = sites[0].shelf.everything();
    assert_eq!(all.len(), count * 6 + 9);
    for site in &sites {
        assert_eq!(site.shelf.everything(), all);
    }
}

fn site(n: u8) -> SiteId {
    SiteId([n; 16])
}

fn stored() -> impl Strategy<Value = Vec<Stored>> {
    let span = (0_u8..4, 1_u64..30, 0_u64..12).prop_map(|(s, from, len)| Span {
        site: site(s),
        from,
        to: from + len,
    });
    let one = (0_u8..4, prop::collection::vec(span, 1..4), 1_u64..1 << 22);
    prop::collection::vec(one, 0..24).prop_map(|all| {
        let numbered = all.into_iter().enumerate();
        numbered
            .map(|(n, (author, spans, bytes))| Stored {
                key: format!("sites/{}/{n}", site(author)),
                author: site(author),
                spans,
                bytes,
                readers: Vec::new(),
                ends: Vec::new(),
                agreed: false,
            })
            .collect()
    })
}

fn vector() -> impl Strategy<Value = VersionVector> {
    prop::collection::btree_map(0_u8..4, 0_u64..30, 0..5)
        .prop_map(|rows| rows.into_iter().map(|(n, seq)| (site(n), seq)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plans_bring_all_and_nothing_in_vain(stored in stored(), own in vector()) {
        // Up: afterwards the depot holds what this site has, and nothing was sent that it held.
        let there = coverage(&stored);
        let up = to_upload(&own, &stored);
        let mut after = there.clone();
        after.add_all(&up);
        prop_assert!(holds(&after, &Coverage::of(&own)));
        let sent: u64 = up.iter().map(Span::count).sum();
        prop_assert_eq!(there.count() + sent, after.count());

        // Down: afterwards this site reaches as far as all of it together would.
        let fetch = to_download(&own, &stored);
        let taken: BTreeSet<&String> = fetch.keys.iter().collect();
        let mut all = Coverage::of(&own);
        all.add_all(stored.iter().flat_map(|bundle| &bundle.spans));
        let mut got = Coverage::of(&own);
        got.add_all(stored.iter().filter(|b| taken.contains(&b.key)).flat_map(|b| &b.spans));
        prop_assert_eq!(got.reach(), all.reach());
        // No bundle of it could be left out.
        for left_out in &fetch.keys {
            let mut less = Coverage::of(&own);
            let rest = stored.iter().filter(|b| taken.contains(&b.key) && b.key != *left_out);
            less.add_all(rest.flat_map(|b| &b.spans));
            prop_assert_ne!(less.reach(), all.reach());
        }
        // Gaps are what is missing before something that is there.
        for gap in &fetch.gaps {
            prop_assert!(all.missing(*gap) == [*gap]);
            let (before, behind) = (gap.from - 1, gap.to + 1);
            let point = |seq| Span { site: gap.site, from: seq, to: seq };
            prop_assert!(all.covers(point(behind)) && (before == 0 || all.covers(point(before))));
        }
        let mut filled = all.clone();
        filled.add_all(&fetch.gaps);
        let reach = filled.reach();
        for span in all.spans() {
            prop_assert!(reach.get(span.site) >= span.to);
        }
    }

    #[test]
    fn what_is_put_together_holds_all_that_is_replaced(stored in stored(), own in vector(), n in 0_u8..4) {
        let Some(checkpoint) = to_compact(site(n), &own, &stored) else { return Ok(()) };
        let replaced: Vec<&Stored> =
            stored.iter().filter(|b| checkpoint.replaces.contains(&b.key)).collect();
        prop_assert!(replaced.len() >= 8);
        prop_assert!(replaced.iter().all(|b| b.author == site(n)));
        let mut new = Coverage::default();
        new.add_all(&checkpoint.spans);
        prop_assert!(holds(&new, &coverage(replaced.iter().copied())));
        prop_assert!(holds(&Coverage::of(&own), &new), "only what the site can write");
        let sizes: BTreeMap<u32, usize> = replaced.iter().fold(BTreeMap::new(), |mut all, b| {
            *all.entry((b.bytes / (16 << 10)).max(1).ilog(8)).or_default() += 1;
            all
        });
        prop_assert_eq!(sizes.len(), 1, "of one size");
    }
}
