//! Checking the rows against their checksums, and the digests that two stores can compare.
//!
//! Invariants: a check reads every row; nothing is taken from a cache of earlier results. Digests do not depend on the
//! order in which entries arrived.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::PoisonError;

use crate::journal::notes::is_news;
use crate::journal::{EntryFace, first_kind};

use super::base::{Base, Direction};
use super::error::StoreError;
use super::layout::Meta;
use super::raw;
use super::rows::{FIRST_FREE, Sum, family};
use super::{Inner, Store};

const PAGE: usize = 1000;

/// Two digests that are equal on any two stores that hold the same entries (the second at equal version). Entries that
/// only say how shops exchanged ([`is_news`]) are left out: every exchange adds some on one side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Digest {
    /// Over all entries, as 32 hex digits.
    pub entries: String,
    /// The projector's version.
    pub version: u32,
    /// Over all projection rows, as 32 hex digits.
    pub state: String,
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "entries:{} state-v{}:{}",
            self.entries, self.version, self.state
        )
    }
}

/// Called with key and value of each row.
pub type RowVisitor<'v> = &'v mut dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError>;

/// Visits every row of a family (logical values) in key order.
pub fn each_row(base: &Base, family: u8, visit: RowVisitor<'_>) -> Result<(), StoreError> {
    let mut after: Option<Vec<u8>> = None;
    loop {
        let from = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let page = raw::read_range(base, family, from, Bound::Unbounded, PAGE, Direction::Up)?;
        for (key, value) in &page {
            visit(key, value)?;
        }
        match page.into_iter().last() {
            Some((key, _)) => after = Some(key),
            None => return Ok(()),
        }
    }
}

/// The families that hold rows, in order.
pub fn families(base: &Base) -> Result<Vec<u8>, StoreError> {
    let mut out = Vec::new();
    let mut from = Bound::Unbounded;
    loop {
        let next = base.range(from, Bound::Unbounded, 1, Direction::Up)?;
        let Some(family) = next.first().and_then(|(key, _)| key.first().copied()) else {
            return Ok(out);
        };
        out.push(family);
        match family.checked_add(1) {
            Some(next) => from = Bound::Included(vec![next]),
            None => return Ok(out),
        }
    }
}

/// The checksums that the rows really have.
pub fn sums(base: &Base) -> Result<BTreeMap<u8, Sum>, StoreError> {
    let mut out = BTreeMap::new();
    for family in families(base)? {
        if family == family::META || family == family::CHUNKS {
            continue;
        }
        if let Some(sum) = family_sum(base, family, &mut || false)? {
            out.insert(family, sum);
        }
    }
    Ok(out)
}

/// The checksum that the rows of one family really have; nothing if `stop` said so before its end.
fn family_sum(
    base: &Base,
    family: u8,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Option<Sum>, StoreError> {
    let mut sum = Sum::default();
    let mut full = vec![family];
    let mut stopped = false;
    let mut count = 0usize;
    let result = each_row(base, family, &mut |key, value| {
        count += 1;
        if count.is_multiple_of(PAGE) && stop() {
            stopped = true;
            return Err(StoreError::Draft("the check was stopped".to_owned()));
        }
        full.truncate(1);
        full.extend_from_slice(key);
        sum.add(&full, value);
        Ok(())
    });
    if stopped {
        return Ok(None);
    }
    result.map(|()| Some(sum))
}

/// Says what is wrong with the rows, if anything: every row is read.
pub fn check_rows(base: &Base, meta: &Meta) -> Result<Option<String>, StoreError> {
    let mut expected = meta.sums.clone();
    expected.retain(|_, sum| *sum != Sum::default());
    let found = sums(base)?;
    for family in expected.keys().chain(found.keys()) {
        let (want, have) = (expected.get(family), found.get(family));
        if want != have {
            let sum = |sum: Option<&Sum>| sum.copied().unwrap_or_default();
            return Ok(Some(wrong(*family, &sum(want), &sum(have))));
        }
    }
    Ok(None)
}

/// A check of all rows beside the work, family by family, in a store too big to be checked when it is opened.
#[derive(Default)]
pub(crate) struct Slow {
    /// The families still to be read.
    left: Vec<u8>,
}

impl Slow {
    /// All families, or none if opening has checked them.
    pub fn of(inner: &Inner) -> Self {
        let state = inner.write.lock().unwrap_or_else(PoisonError::into_inner);
        let checked = row_count(&state.meta) <= inner.tuning.full_check_rows;
        Self {
            left: if checked {
                Vec::new()
            } else {
                state.meta.sums.keys().copied().collect()
            },
        }
    }

    /// True while something is left to be read.
    #[cfg(test)]
    pub fn is_going(&self) -> bool {
        !self.left.is_empty()
    }

    /// Reads one more family and says what is wrong with it. A family that was written to meanwhile tells nothing and
    /// stays to be read.
    pub fn go_on(
        &mut self,
        inner: &Inner,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Option<String>, StoreError> {
        let Some(family) = self.left.last().copied() else {
            return Ok(None);
        };
        let want = |inner: &Inner| {
            let state = inner.write.lock().unwrap_or_else(PoisonError::into_inner);
            let settled = state.meta.bulk_from.is_none();
            settled.then(|| (state.meta.watermark, state.meta.sums.get(&family).copied()))
        };
        let before = want(inner);
        let found = family_sum(&inner.base, family, stop)?;
        let (Some(found), Some(before)) = (found, before) else {
            return Ok(None);
        };
        if want(inner) != Some(before) {
            return Ok(None);
        }
        self.left.pop();
        let expected = before.1.unwrap_or_default();
        Ok((found != expected).then(|| wrong(family, &expected, &found)))
    }
}

fn wrong(family: u8, want: &Sum, have: &Sum) -> String {
    format!(
        "its checksum was wrong in family {family:#04x} ({} rows expected, {} found)",
        want.rows, have.rows
    )
}

/// How many rows the meta row counts.
pub fn row_count(meta: &Meta) -> u64 {
    meta.sums.values().map(|s| s.rows).sum()
}

fn hex_of(hasher: &blake3::Hasher) -> String {
    let mut text = hasher.finalize().to_hex().to_string();
    text.truncate(32);
    text
}

impl Store {
    /// Digests of all entries and of all projection rows, read from the rows themselves.
    pub fn digest(&self) -> Result<Digest, StoreError> {
        // Nobody writes meanwhile, so both digests are of one moment.
        let writer = self.write();
        let base = &writer.inner.base;
        let mut entries = Sum::default();
        each_row(base, family::ENTRIES, &mut |_, bytes| {
            if !is_news(first_kind(bytes).unwrap_or_default()) {
                return Ok(());
            }
            let hash = crate::domain::id::Hash(*blake3::hash(bytes).as_bytes());
            let face = EntryFace::read(bytes, hash)?;
            let mut name = face.site.0.to_vec();
            name.extend_from_slice(&face.seq.to_le_bytes());
            entries.add(&name, &face.hash.0);
            Ok(())
        })?;
        let mut of_entries = blake3::Hasher::new();
        of_entries.update(&entries.rows.to_le_bytes());
        of_entries.update(&entries.sum.to_le_bytes());
        let mut of_state = blake3::Hasher::new();
        for (family, sum) in sums(base)? {
            if family >= FIRST_FREE && sum.rows > 0 {
                of_state.update(&[family]);
                of_state.update(&sum.rows.to_le_bytes());
                of_state.update(&sum.sum.to_le_bytes());
            }
        }
        Ok(Digest {
            entries: hex_of(&of_entries),
            version: writer.inner.projector.version(),
            state: hex_of(&of_state),
        })
    }
}
