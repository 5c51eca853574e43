//! What came before what: which entries an entry's writer had seen, and the place of each entry in the order of folding.
//!
//! Every Merge says what its site knew from then on. An entry's *fold time* is its hybrid time, but never less than just
//! after everything that its site had taken in: so the order (fold time, site, sequence) puts every entry behind all that
//! its writer had seen, however wrong a clock was.
//!
//! Invariants: fold time and causes of an entry follow from its own site's chain alone, so they are the same in every
//! store and do not depend on what arrived when. A site's entries are folded in their own order.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::id::SiteId;
use crate::domain::seen::Seen;
use crate::journal::system::{MERGE, Merge};
use crate::journal::{Entry, HybridTime, codec};

use super::base::Direction;
use super::error::StoreError;
use super::layout::entry_key;
use super::rows::{Rows, family};

/// The last Merge of a site, as its row keeps it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Merged {
    /// The sequence of its entry.
    pub seq: u64,
    /// The latest fold time of anything that was known.
    pub after: HybridTime,
    /// What was known of each site.
    pub seen: BTreeMap<SiteId, u64>,
}

impl Merged {
    /// The Merge in this entry, if there is one.
    fn of(entry: &Entry) -> Option<Self> {
        let event = entry.events.iter().find(|event| event.kind == MERGE)?;
        // One that only a newer version can read says nothing here: its site then counts as having seen less.
        let merge = Merge::from_record(event).ok()??;
        Some(Self {
            seq: entry.seq,
            after: merge.after,
            seen: merge.seen.iter().collect(),
        })
    }

    /// What the writer of this site's entry had seen.
    fn seen_at(&self, site: SiteId, seq: u64) -> Seen {
        let mut seen = self.seen.clone();
        seen.insert(site, seq);
        Seen::UpTo(seen)
    }
}

/// The last Merge of a site up to this sequence.
pub fn last_merge(
    rows: &mut Rows,
    site: SiteId,
    seq: u64,
) -> Result<Option<Arc<Merged>>, StoreError> {
    if let Some(known) = rows.merges.get(&site)
        && known.as_ref().is_none_or(|merge| merge.seq <= seq)
    {
        return Ok(known.clone());
    }
    stored_merge(rows, site, seq)
}

fn stored_merge(
    rows: &mut Rows,
    site: SiteId,
    seq: u64,
) -> Result<Option<Arc<Merged>>, StoreError> {
    let (from, to) = (entry_key(site, 0), entry_key(site, seq));
    let found = rows.scan_range(
        family::MERGES,
        std::ops::Bound::Included(&from),
        std::ops::Bound::Included(&to),
        1,
        Direction::Down,
    )?;
    Ok(match found.first() {
        Some((_, row)) => Some(Arc::new(codec::decode(row)?)),
        None => None,
    })
}

/// What an entry's writer had seen.
pub fn seen_by(rows: &mut Rows, site: SiteId, seq: u64) -> Result<Seen, StoreError> {
    Ok(match last_merge(rows, site, seq)? {
        Some(merge) => merge.seen_at(site, seq),
        None => Seen::UpTo([(site, seq)].into()),
    })
}

/// Keeps the Merge in this entry, if there is one, and gives the entry's fold time.
pub fn take_in(rows: &mut Rows, entry: &Entry) -> Result<HybridTime, StoreError> {
    let merge = match Merged::of(entry) {
        Some(merge) => {
            let key = entry_key(entry.site, entry.seq);
            rows.put_own(family::MERGES, &key, codec::encode(&merge)?);
            Some(Arc::new(merge))
        }
        // A site's entries are folded in order: its last Merge that is stored is the last one before this entry.
        None => match rows.merges.get(&entry.site) {
            Some(known) => known.clone(),
            None => stored_merge(rows, entry.site, entry.seq)?,
        },
    };
    let time = fold_time(entry.hybrid, merge.as_deref());
    rows.merges.insert(entry.site, merge);
    Ok(time)
}

/// The time under which an entry is folded.
pub fn fold_time(hybrid: HybridTime, merge: Option<&Merged>) -> HybridTime {
    merge.map_or(hybrid, |merge| {
        hybrid.max(HybridTime(merge.after.0.saturating_add(1)))
    })
}
