//! The walk over a bundle's entries: each must be the one that the header announced, and continue the one before it.
//!
//! Invariants: an entry that this walk lets through stands in its range, in sequence, joined to its predecessor, and
//! agrees with every statement of the header about it.

use std::collections::BTreeMap;

use crate::journal::{EntryFace, Hash, HybridTime, SiteId};

use super::error::BundleError;
use super::header::{About, Header};
use super::plausible::Examined;
use super::range::Range;

/// A range whose entries were all checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Carried {
    /// The range.
    pub range: Range,
    /// The highest sequence in it that the range's own site signed; `None` if there is only the author's word for it.
    pub signed_to: Option<u64>,
    /// The earliest wall time in it, microseconds since 1970 UTC.
    pub earliest_us: i64,
    /// The latest wall time in it.
    pub latest_us: i64,
    /// The latest hybrid time in it: compare it with the own clock before following it.
    pub hybrid: HybridTime,
}

/// What was found in a bundle whose every byte and entry was checked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Its ranges, in order.
    pub ranges: Vec<Carried>,
    /// The public keys of the sites whose first entry it carries.
    pub keys: BTreeMap<SiteId, [u8; 32]>,
}

impl Report {
    /// The latest hybrid time of all.
    pub fn hybrid(&self) -> HybridTime {
        let all = self.ranges.iter().map(|range| range.hybrid);
        all.max().unwrap_or_default()
    }

    /// The ranges of other sites that nobody but the bundle's author vouches for, in full or in part.
    pub fn unsigned(&self) -> impl Iterator<Item = &Carried> {
        self.ranges
            .iter()
            .filter(|range| range.signed_to != Some(range.range.to))
    }
}

/// What a header says of single entries: where the author knows sites to be, and what they signed themselves.
pub struct Statements(BTreeMap<(SiteId, u64), Statement>);

#[derive(Clone, Copy)]
struct Statement {
    hash: Hash,
    signed: bool,
}

impl Statements {
    /// All statements; they must agree with each other.
    pub fn of(about: &About) -> Result<Self, BundleError> {
        let mut all = BTreeMap::new();
        for (site, tip) in &about.witnessed {
            let statement = Statement {
                hash: tip.hash,
                signed: false,
            };
            all.insert((*site, tip.seq), statement);
        }
        for signed in &about.heads {
            let head = &signed.head;
            let statement = Statement {
                hash: head.hash,
                signed: true,
            };
            let earlier = all.insert((head.site, head.seq), statement);
            if earlier.is_some_and(|earlier| earlier.hash != head.hash) {
                return Err(BundleError::TwoVersions {
                    site: head.site,
                    seq: head.seq,
                });
            }
        }
        Ok(Self(all))
    }

    /// The entry must be the one that is spoken of, if any is. True if its own site signed that.
    pub fn agree(&self, face: &EntryFace) -> Result<bool, BundleError> {
        match self.0.get(&(face.site, face.seq)) {
            Some(statement) if statement.hash != face.hash => Err(BundleError::TwoVersions {
                site: face.site,
                seq: face.seq,
            }),
            Some(statement) => Ok(statement.signed),
            None => Ok(false),
        }
    }
}

/// The walk.
pub struct Walk<'a> {
    header: &'a Header,
    statements: Statements,
    place: usize,
    last: Option<EntryFace>,
    current: Option<Carried>,
    report: Report,
}

impl<'a> Walk<'a> {
    /// Begins at the first range.
    pub fn new(header: &'a Header) -> Result<Self, BundleError> {
        Ok(Self {
            header,
            statements: Statements::of(&header.about)?,
            place: 0,
            last: None,
            current: None,
            report: Report::default(),
        })
    }

    /// Takes the next entry.
    pub fn step(&mut self, entry: &Examined) -> Result<(), BundleError> {
        let face = &entry.face;
        let Some(range) = self.header.ranges.get(self.place) else {
            return Err(BundleError::absurd("more records than it announced"));
        };
        let (want_seq, want_previous) = match &self.last {
            None => (range.from, range.before),
            Some(last) => (last.seq + 1, last.hash),
        };
        if (face.site, face.seq) != (range.site, want_seq) {
            return Err(BundleError::OutsideRange {
                site: face.site,
                seq: face.seq,
                want_site: range.site,
                want_seq,
            });
        }
        let breaks = || BundleError::Chain {
            site: face.site,
            seq: face.seq,
        };
        if face.previous != want_previous {
            return Err(breaks());
        }
        let signed = self.statements.agree(face)?;
        let carried = self.current.get_or_insert(Carried {
            range: *range,
            signed_to: None,
            earliest_us: face.wall_us,
            latest_us: face.wall_us,
            hybrid: face.hybrid,
        });
        carried.earliest_us = carried.earliest_us.min(face.wall_us);
        carried.latest_us = carried.latest_us.max(face.wall_us);
        carried.hybrid = carried.hybrid.max(face.hybrid);
        if signed {
            carried.signed_to = Some(face.seq);
        }
        if let Some(key) = entry.key {
            self.report.keys.insert(face.site, key);
        }
        if face.seq < range.to {
            self.last = Some(*face);
            return Ok(());
        }
        if face.hash != range.last {
            return Err(breaks());
        }
        if range.site == self.header.author {
            carried.signed_to = Some(range.to);
        }
        self.report.ranges.extend(self.current.take());
        self.last = None;
        self.place += 1;
        Ok(())
    }

    /// Ends the walk: every range must be complete.
    pub fn finish(self) -> Result<Report, BundleError> {
        if self.place == self.header.ranges.len() {
            Ok(self.report)
        } else {
            Err(BundleError::absurd("more records than it holds"))
        }
    }
}
