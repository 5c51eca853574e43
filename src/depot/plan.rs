//! What to upload, what to download, what to compact: decided from what a site has and what lies in the depot.
//!
//! Invariants: nothing here asks what another site says it has; the same contents give the same plan; a plan is never
//! needed for safety, as each of its acts is harmless alone, twice, or at the same time as anybody else's.

use std::collections::BTreeMap;

use crate::journal::{Hash, SiteId, VersionVector};

use super::spans::{Coverage, Span};

/// So many bundles of about the same size become one.
pub const MERGE: usize = 8;
/// The smallest size that is told apart, in bytes; each step above it is eight times as large.
const SMALL: u64 = 16 << 10;
/// A bundle larger than this is left alone, in bytes.
pub const LARGEST: u64 = 256 << 20;

/// A bundle in the depot, by what its header says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// Its key: `sites/<site>/<name>`.
    pub key: String,
    /// The site that made it and under whose names it lies.
    pub author: SiteId,
    /// What it carries.
    pub spans: Vec<Span>,
    /// Its length in bytes.
    pub bytes: u64,
    /// The sites that can read it; empty if everybody can.
    pub readers: Vec<SiteId>,
    /// Where its runs end: site, sequence and hash.
    pub ends: Vec<(SiteId, u64, Hash)>,
    /// The site that looks has these very entries.
    pub agreed: bool,
}

/// What a site has and the depot has not: its own entries, and others' that were lost there or never came.
pub fn to_upload<'a>(
    own: &VersionVector,
    stored: impl IntoIterator<Item = &'a Stored>,
) -> Vec<Span> {
    let there = coverage(stored);
    let all = Coverage::of(own).spans().into_iter();
    all.flat_map(|span| there.missing(span)).collect()
}

/// What to fetch.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fetch {
    /// The keys of the bundles, in the order in which their entries join.
    pub keys: Vec<String>,
    /// How many bytes that is.
    pub bytes: u64,
    /// Entries that must be there, as later ones are, but are in no bundle: what follows them waits.
    pub gaps: Vec<Span>,
}

/// The bundles that bring a site what it lacks, few and small ones first choice. What could not be joined to what is
/// known, because something before it is nowhere, is left where it is.
pub fn to_download<'a>(own: &VersionVector, stored: impl IntoIterator<Item = &'a Stored>) -> Fetch {
    let stored: Vec<&Stored> = stored.into_iter().collect();
    let mut there = Coverage::of(own);
    for bundle in &stored {
        there.add_all(&bundle.spans);
    }
    let reach = there.reach();
    // The last run of each site ends where the site's entries are known to end.
    let mut last: BTreeMap<SiteId, u64> = BTreeMap::new();
    for span in there.spans() {
        last.insert(span.site, span.to);
    }
    let whole = last
        .into_iter()
        .map(|(site, to)| Span { site, from: 1, to });
    let gaps = whole.flat_map(|span| there.missing(span)).collect();
    // What a bundle brings of what can be joined.
    let brings = |bundle: &Stored, have: &Coverage| -> u64 {
        let parts = bundle.spans.iter().flat_map(|span| {
            let to = span.to.min(reach.get(span.site));
            have.missing(Span { to, ..*span })
        });
        parts.map(|part| part.count()).sum()
    };
    let mut have = Coverage::of(own);
    let mut candidates: Vec<(u64, &Stored)> = stored
        .iter()
        .map(|bundle| (brings(bundle, &have), *bundle))
        .filter(|(brings, _)| *brings > 0)
        .collect();
    // The fewest bytes for each new entry first; names decide between equals, so that the plan is always the same.
    candidates.sort_by(|(a, left), (b, right)| {
        let (cheap, dear) = (
            u128::from(left.bytes) * u128::from(*b),
            u128::from(right.bytes) * u128::from(*a),
        );
        cheap
            .cmp(&dear)
            .then_with(|| b.cmp(a))
            .then_with(|| left.key.cmp(&right.key))
    });
    let mut chosen: Vec<&Stored> = Vec::new();
    for (_, bundle) in candidates {
        if brings(bundle, &have) > 0 {
            have.add_all(&bundle.spans);
            chosen.push(bundle);
        }
    }
    // A bundle chosen early may be covered by those chosen later.
    let mut at = 0;
    while let Some(bundle) = chosen.get(at) {
        let mut without = Coverage::of(own);
        for (other, chosen) in chosen.iter().enumerate() {
            if other != at {
                without.add_all(&chosen.spans);
            }
        }
        // With very many the saving is not worth the time.
        if chosen.len() <= 256 && brings(bundle, &without) == 0 {
            chosen.remove(at);
        } else {
            at += 1;
        }
    }
    chosen.sort_by_key(|bundle| {
        let first = bundle.spans.iter().map(|span| span.from).min();
        (first, bundle.key.clone())
    });
    Fetch {
        keys: chosen.iter().map(|bundle| bundle.key.clone()).collect(),
        bytes: chosen.iter().map(|bundle| bundle.bytes).sum(),
        gaps,
    }
}

/// Bundles of a site's own that one bundle is to replace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// All that they hold: the new bundle carries it.
    pub spans: Vec<Span>,
    /// Their keys, to be removed once the new one was read back.
    pub replaces: Vec<String>,
}

/// What a site may put together: bundles of its own of about the same size, once there are many. Their entries stay in the
/// depot, every one of them, whoever lacks them. Bundles of others are theirs to compact.
///
/// As only equals are put together, an entry is written anew at most once for each step in size: the work grows with what
/// is new, not with what exists.
pub fn to_compact<'a>(
    site: SiteId,
    own: &VersionVector,
    stored: impl IntoIterator<Item = &'a Stored>,
) -> Option<Checkpoint> {
    let known = Coverage::of(own);
    let mut steps: Vec<Vec<&Stored>> = Vec::new();
    for bundle in stored {
        let mine = bundle.author == site && bundle.bytes <= LARGEST / MERGE as u64;
        // A site that was set back cannot write again what it lost.
        if !mine || !bundle.spans.iter().all(|span| known.covers(*span)) {
            continue;
        }
        let step = (bundle.bytes / SMALL).max(1).ilog(MERGE as u64) as usize;
        if steps.len() <= step {
            steps.resize_with(step + 1, Vec::new);
        }
        if let Some(equals) = steps.get_mut(step) {
            equals.push(bundle);
        }
    }
    let many = steps.into_iter().find(|equals| equals.len() >= MERGE)?;
    // The oldest first, as many as make one that is still no larger than the largest.
    let mut sorted = many;
    sorted.sort_by_key(|bundle| {
        let first = bundle.spans.iter().map(|span| span.from).min();
        (first, bundle.key.clone())
    });
    let mut bytes = 0_u64;
    let taken: Vec<&Stored> = sorted
        .into_iter()
        .take_while(|bundle| {
            bytes = bytes.saturating_add(bundle.bytes);
            bytes <= LARGEST
        })
        .collect();
    Some(Checkpoint {
        spans: coverage(taken.iter().copied()).spans(),
        replaces: taken.iter().map(|bundle| bundle.key.clone()).collect(),
    })
}

/// What a site has to put there again because it is encrypted for fewer than can be trusted now: bundles of its own, not
/// more at once than makes a large one.
pub fn to_renew<'a>(
    site: SiteId,
    own: &VersionVector,
    readers: &[SiteId],
    stored: impl IntoIterator<Item = &'a Stored>,
) -> Option<Checkpoint> {
    let known = Coverage::of(own);
    let mut bytes = 0_u64;
    let taken: Vec<&Stored> = stored
        .into_iter()
        .filter(|bundle| bundle.author == site)
        .filter(|bundle| {
            bundle.readers.is_empty() || readers.iter().any(|one| !bundle.readers.contains(one))
        })
        .filter(|bundle| bundle.spans.iter().all(|span| known.covers(*span)))
        .take_while(|bundle| {
            let first = bytes == 0;
            bytes = bytes.saturating_add(bundle.bytes);
            first || bytes <= LARGEST
        })
        .collect();
    (!taken.is_empty()).then(|| Checkpoint {
        spans: coverage(taken.iter().copied()).spans(),
        replaces: taken.iter().map(|bundle| bundle.key.clone()).collect(),
    })
}

/// What these bundles hold together.
pub fn coverage<'a>(stored: impl IntoIterator<Item = &'a Stored>) -> Coverage {
    let mut there = Coverage::default();
    for bundle in stored {
        there.add_all(&bundle.spans);
    }
    there
}
