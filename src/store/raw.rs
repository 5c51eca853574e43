//! Rows as sled holds them: keys, chunks and windows.
//!
//! Invariants: a row is (family, key, value). Values over [`CHUNK`] are stored in chunks, so no value in sled exceeds
//! [`MAX_VALUE`]. A row that does not read as it was written marks sled as down: the next open builds it anew.

use std::collections::VecDeque;
use std::ops::Bound;

use super::base::{Base, Direction, RawRow};
use super::error::StoreError;

/// The longest value that sled may hold, in bytes: longer ones end in files that nobody syncs.
pub const MAX_VALUE: usize = 7 * 1024;
/// Values longer than this are stored in chunks of this many bytes.
pub const CHUNK: usize = 4096;
/// The longest key in bytes, without its family.
pub const MAX_KEY: usize = 512;
/// The longest value in bytes before chunking: 4 MiB.
pub const MAX_ROW: usize = 4 << 20;
/// The first family that projections may use.
pub const FIRST_FREE: u8 = 0x20;

/// The store's own families.
pub mod family {
    /// Format, watermark and checksums: one row.
    pub const META: u8 = 0x01;
    /// Chunks of long values.
    pub const CHUNKS: u8 = 0x02;
    /// Entries by site and sequence.
    pub const ENTRIES: u8 = 0x03;
    /// Which entries touch an aggregate, in fold order.
    pub const BY_AGGREGATE: u8 = 0x04;
    /// Commands already answered.
    pub const COMMANDS: u8 = 0x05;
    /// What each site knew of the others, by site and sequence.
    pub const MERGES: u8 = 0x06;
    /// What shops decided and noted about sites, by the site they are about.
    pub const NOTES: u8 = 0x07;
}

pub(super) const INLINE: u8 = 0;
pub(super) const CHUNKED: u8 = 1;

/// A row without its family byte: key and value.
pub type Row = (Vec<u8>, Vec<u8>);

pub(super) fn full_key(family: u8, key: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(key.len() + 1);
    out.push(family);
    out.extend_from_slice(key);
    out
}

pub(super) fn chunk_key(full: &[u8], index: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(full.len() + 5);
    out.push(family::CHUNKS);
    out.extend_from_slice(full);
    out.extend_from_slice(&index.to_be_bytes());
    out
}

/// The smallest key behind every key with this prefix; `None` if there is none.
pub fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

fn broken(key: &[u8]) -> StoreError {
    StoreError::Rows {
        reason: format!(
            "a row of family {:#04x} is not whole",
            key.first().copied().unwrap_or(0)
        ),
    }
}

/// Turns what sled holds into the value, with the number of chunks it takes.
pub(super) fn unpack(base: &Base, full: &[u8], raw: Vec<u8>) -> Result<(Vec<u8>, u32), StoreError> {
    match raw.first() {
        Some(&INLINE) => {
            let mut value = raw;
            value.remove(0);
            Ok((value, 0))
        }
        Some(&CHUNKED) if raw.len() == 9 => {
            let number = |at: usize| {
                raw.get(at..at + 4).map_or(0, |b| {
                    b.iter().rev().fold(0u32, |n, b| n << 8 | u32::from(*b))
                })
            };
            let (chunks, len) = (number(1), number(5) as usize);
            if len > MAX_ROW || chunks as usize != len.div_ceil(CHUNK) {
                base.mark_down("a row's length makes no sense");
                return Err(broken(full));
            }
            let mut value = Vec::with_capacity(len);
            for index in 0..chunks {
                if let Some(chunk) = base.get(&chunk_key(full, index))? {
                    value.extend_from_slice(&chunk);
                } else {
                    base.mark_down("a part of a row is missing");
                    return Err(broken(full));
                }
            }
            if value.len() == len {
                Ok((value, chunks))
            } else {
                base.mark_down("a row is shorter than it says");
                Err(broken(full))
            }
        }
        _ => {
            base.mark_down("a row has no known form");
            Err(broken(full))
        }
    }
}

/// One row straight from sled.
pub fn read(base: &Base, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let _steady = base.steady();
    let full = full_key(family, key);
    match base.get(&full)? {
        Some(raw) => Ok(Some(unpack(base, &full, raw)?.0)),
        None => Ok(None),
    }
}

pub(super) fn bounds(
    family: u8,
    from: Bound<&[u8]>,
    to: Bound<&[u8]>,
) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let from = match from {
        Bound::Included(key) => Bound::Included(full_key(family, key)),
        Bound::Excluded(key) => Bound::Excluded(full_key(family, key)),
        Bound::Unbounded => Bound::Included(vec![family]),
    };
    let to = match to {
        Bound::Included(key) => Bound::Included(full_key(family, key)),
        Bound::Excluded(key) => Bound::Excluded(full_key(family, key)),
        Bound::Unbounded => prefix_end(&[family]).map_or(Bound::Unbounded, Bound::Excluded),
    };
    (from, to)
}

/// Bounds that hold no key make sled and `BTreeMap` panic or give nonsense; such a window is simply empty.
pub(super) fn is_empty_window(from: &Bound<Vec<u8>>, to: &Bound<Vec<u8>>) -> bool {
    match (from, to) {
        (Bound::Included(a), Bound::Included(b)) => a > b,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => {
            a >= b
        }
        _ => false,
    }
}

/// Rows of a window straight from sled.
pub fn read_range(
    base: &Base,
    family: u8,
    from: Bound<&[u8]>,
    to: Bound<&[u8]>,
    limit: usize,
    direction: Direction,
) -> Result<Vec<Row>, StoreError> {
    let (from, to) = bounds(family, from, to);
    if is_empty_window(&from, &to) {
        return Ok(Vec::new());
    }
    let _steady = base.steady();
    base.range(from, to, limit, direction)?
        .into_iter()
        .map(|(key, raw)| strip(base, key, raw))
        .collect()
}

pub(super) fn strip(base: &Base, key: Vec<u8>, raw: Vec<u8>) -> Result<Row, StoreError> {
    let (value, _) = unpack(base, &key, raw)?;
    let mut key = key;
    if !key.is_empty() {
        key.remove(0);
    }
    Ok((key, value))
}

/// The bounds of a prefix scan that goes on behind `after`.
pub fn window_bounds(
    prefix: &[u8],
    after: Option<&[u8]>,
    direction: Direction,
) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let low = Bound::Included(prefix.to_vec());
    let high = prefix_end(prefix).map_or(Bound::Unbounded, Bound::Excluded);
    match (after, direction) {
        (None, _) => (low, high),
        (Some(after), Direction::Up) => (Bound::Excluded(after.to_vec()), high),
        (Some(after), Direction::Down) => (low, Bound::Excluded(after.to_vec())),
    }
}

pub(crate) fn as_slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    match bound {
        Bound::Included(key) => Bound::Included(key),
        Bound::Excluded(key) => Bound::Excluded(key),
        Bound::Unbounded => Bound::Unbounded,
    }
}

/// Raw rows of a window, read page by page.
pub(super) struct Pages<'a> {
    base: &'a Base,
    from: Bound<Vec<u8>>,
    to: Bound<Vec<u8>>,
    page: usize,
    direction: Direction,
    rows: VecDeque<RawRow>,
    done: bool,
}

impl<'a> Pages<'a> {
    pub(super) fn new(
        base: &'a Base,
        from: Bound<Vec<u8>>,
        to: Bound<Vec<u8>>,
        limit: usize,
        direction: Direction,
    ) -> Self {
        Self {
            base,
            from,
            to,
            page: limit.clamp(1, 256),
            direction,
            rows: VecDeque::new(),
            done: false,
        }
    }

    fn fill(&mut self) -> Result<(), StoreError> {
        if !self.rows.is_empty() || self.done {
            return Ok(());
        }
        if is_empty_window(&self.from, &self.to) {
            self.done = true;
            return Ok(());
        }
        let rows = self.base.range(
            self.from.clone(),
            self.to.clone(),
            self.page,
            self.direction,
        )?;
        self.done = rows.len() < self.page;
        if let Some((last, _)) = rows.last() {
            match self.direction {
                Direction::Up => self.from = Bound::Excluded(last.clone()),
                Direction::Down => self.to = Bound::Excluded(last.clone()),
            }
        }
        self.rows = rows.into();
        Ok(())
    }

    pub(super) fn peek(&mut self) -> Result<Option<&RawRow>, StoreError> {
        self.fill()?;
        Ok(self.rows.front())
    }

    pub(super) fn next_row(&mut self) -> Result<Option<RawRow>, StoreError> {
        self.fill()?;
        Ok(self.rows.pop_front())
    }
}
