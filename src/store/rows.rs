//! Rows: an overlay over sled in which one entry after another is folded, flushed in one batch.
//!
//! Invariants: a row is (family, key, value). Values over 4 KiB are stored in chunks, so no value in sled exceeds
//! 7 KiB. Each family carries a checksum that does not depend on the order of changes, kept up with every
//! flush, so that a row lost or changed behind the store's back is noticed. Families below [`FIRST_FREE`] are the
//! store's own.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::base::{Base, Change, Direction};
use super::error::StoreError;
use super::raw::{
    CHUNKED, INLINE, Pages, as_slice, bounds, chunk_key, full_key, is_empty_window, strip, unpack,
    window_bounds,
};

pub use super::raw::{CHUNK, FIRST_FREE, MAX_KEY, MAX_ROW, Row, family, prefix_end};

/// The order-free checksum of one family, with its number of rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sum {
    /// Wrapping sum of the hashes of all rows.
    pub sum: u128,
    /// Number of rows.
    pub rows: u64,
}

impl Sum {
    /// Takes a row in.
    pub fn add(&mut self, key: &[u8], value: &[u8]) {
        self.sum = self.sum.wrapping_add(row_hash(key, value));
        self.rows = self.rows.wrapping_add(1);
    }

    fn remove_hash(&mut self, hash: u128) {
        self.sum = self.sum.wrapping_sub(hash);
        self.rows = self.rows.wrapping_sub(1);
    }
}

fn row_hash(key: &[u8], value: &[u8]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(key.len() as u32).to_le_bytes());
    hasher.update(key);
    hasher.update(value);
    let mut out = [0; 16];
    out.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_le_bytes(out)
}

#[derive(Clone)]
enum Old {
    Unknown,
    Absent,
    There { hash: u128, chunks: u32 },
}

#[derive(Clone)]
struct Slot {
    old: Old,
    value: Option<Vec<u8>>,
    dirty: bool,
}

/// Reads and buffered changes of rows.
pub struct Rows {
    base: Arc<Base>,
    slots: BTreeMap<Vec<u8>, Slot>,
    undo: Option<Vec<(Vec<u8>, Option<Slot>)>>,
    dirty: usize,
}

impl Rows {
    pub(crate) fn new(base: Arc<Base>) -> Self {
        Self {
            base,
            slots: BTreeMap::new(),
            undo: None,
            dirty: 0,
        }
    }

    /// The value of a row, as changed so far.
    pub fn get(&mut self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let full = full_key(family, key);
        if let Some(slot) = self.slots.get(&full) {
            return Ok(slot.value.clone());
        }
        let slot = self.load(&full)?;
        let value = slot.value.clone();
        self.slots.insert(full, slot);
        Ok(value)
    }

    fn load(&self, full: &[u8]) -> Result<Slot, StoreError> {
        let (old, value) = match self.base.get(full)? {
            Some(raw) => {
                let (value, chunks) = unpack(&self.base, full, raw)?;
                let hash = row_hash(full, &value);
                (Old::There { hash, chunks }, Some(value))
            }
            None => (Old::Absent, None),
        };
        Ok(Slot {
            old,
            value,
            dirty: false,
        })
    }

    /// Sets a row. Families below [`FIRST_FREE`] are refused.
    pub fn put(&mut self, family: u8, key: &[u8], value: Vec<u8>) -> Result<(), StoreError> {
        check(family, key, value.len())?;
        self.set(full_key(family, key), Some(value), Old::Unknown);
        Ok(())
    }

    /// Removes a row. Families below [`FIRST_FREE`] are refused.
    pub fn delete(&mut self, family: u8, key: &[u8]) -> Result<(), StoreError> {
        check(family, key, 0)?;
        self.set(full_key(family, key), None, Old::Unknown);
        Ok(())
    }

    /// Sets one of the store's own rows that is known not to exist yet: no read is needed.
    pub(crate) fn put_fresh(&mut self, family: u8, key: &[u8], value: Vec<u8>) {
        self.set(full_key(family, key), Some(value), Old::Absent);
    }

    /// Sets one of the store's own rows.
    pub(crate) fn put_own(&mut self, family: u8, key: &[u8], value: Vec<u8>) {
        self.set(full_key(family, key), Some(value), Old::Unknown);
    }

    fn set(&mut self, full: Vec<u8>, value: Option<Vec<u8>>, old: Old) {
        let before = self.slots.get(&full).cloned();
        let old = before.as_ref().map_or(old, |slot| slot.old.clone());
        if !before.as_ref().is_some_and(|slot| slot.dirty) {
            self.dirty += 1;
        }
        if let Some(undo) = &mut self.undo {
            undo.push((full.clone(), before));
        }
        self.slots.insert(
            full,
            Slot {
                old,
                value,
                dirty: true,
            },
        );
    }

    /// All rows whose key begins with the prefix, in key order.
    pub fn scan_prefix(&mut self, family: u8, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        self.scan(family, prefix, None, usize::MAX, Direction::Up)
    }

    /// Up to `limit` rows whose key begins with the prefix and lies behind `after`.
    pub fn scan(
        &mut self,
        family: u8,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Row>, StoreError> {
        let (from, to) = window_bounds(prefix, after, direction);
        self.scan_range(family, as_slice(&from), as_slice(&to), limit, direction)
    }

    /// Up to `limit` rows between two keys.
    pub fn scan_range(
        &mut self,
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
        let mut changed: Vec<(&Vec<u8>, &Slot)> = self
            .slots
            .range::<Vec<u8>, _>((from.clone(), to.clone()))
            .filter(|(_, slot)| slot.dirty)
            .collect();
        if direction == Direction::Down {
            changed.reverse();
        }
        let mut out = Vec::new();
        let mut changed = changed.into_iter().peekable();
        let mut pages = Pages::new(&self.base, from, to, limit, direction);
        let before = |a: &[u8], b: &[u8]| match direction {
            Direction::Up => a < b,
            Direction::Down => a > b,
        };
        while out.len() < limit {
            let base_key = pages.peek()?.map(|(key, _)| key.clone());
            let take_change = match (changed.peek(), &base_key) {
                (Some((key, _)), Some(base_key)) => !before(base_key, key),
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            if take_change {
                if let Some((key, slot)) = changed.next() {
                    if base_key.as_ref() == Some(key) {
                        pages.next_row()?;
                    }
                    if let (Some(value), Some(key)) = (&slot.value, key.get(1..)) {
                        out.push((key.to_vec(), value.clone()));
                    }
                }
            } else if let Some((key, raw)) = pages.next_row()? {
                out.push(strip(&self.base, key, raw)?);
            }
        }
        Ok(out)
    }

    /// Begins a part that can be taken back.
    pub(crate) fn begin(&mut self) {
        self.undo = Some(Vec::new());
    }

    /// Keeps the changes since [`Rows::begin`].
    pub(crate) fn keep(&mut self) {
        self.undo = None;
    }

    /// Takes the changes since [`Rows::begin`] back.
    pub(crate) fn take_back(&mut self) {
        for (key, slot) in self.undo.take().unwrap_or_default().into_iter().rev() {
            let was_dirty = slot.as_ref().is_some_and(|s| s.dirty);
            if !was_dirty {
                self.dirty = self.dirty.saturating_sub(1);
            }
            match slot {
                Some(slot) => self.slots.insert(key, slot),
                None => self.slots.remove(&key),
            };
        }
    }

    /// Forgets everything buffered.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.undo = None;
        self.dirty = 0;
    }

    /// Turns the buffered changes into raw changes for one batch, bringing the checksums up.
    pub(crate) fn drain(
        &mut self,
        sums: &mut BTreeMap<u8, Sum>,
    ) -> Result<Vec<Change>, StoreError> {
        let mut out = Vec::with_capacity(self.dirty + 1);
        let slots = std::mem::take(&mut self.slots);
        self.undo = None;
        self.dirty = 0;
        for (full, slot) in slots {
            if !slot.dirty {
                continue;
            }
            let old = match slot.old {
                Old::Unknown => self.load(&full)?.old,
                known => known,
            };
            let sum = sums.entry(full.first().copied().unwrap_or(0)).or_default();
            let mut stale = 0;
            if let Old::There { hash, chunks } = old {
                sum.remove_hash(hash);
                stale = chunks;
            }
            let mut fresh = 0;
            match slot.value {
                Some(value) => {
                    sum.add(&full, &value);
                    if value.len() <= CHUNK {
                        let mut raw = Vec::with_capacity(value.len() + 1);
                        raw.push(INLINE);
                        raw.extend_from_slice(&value);
                        out.push((full.clone(), Some(raw)));
                    } else {
                        for chunk in value.chunks(CHUNK) {
                            out.push((chunk_key(&full, fresh), Some(chunk.to_vec())));
                            fresh += 1;
                        }
                        let mut raw = vec![CHUNKED];
                        raw.extend_from_slice(&fresh.to_le_bytes());
                        raw.extend_from_slice(&(value.len() as u32).to_le_bytes());
                        out.push((full.clone(), Some(raw)));
                    }
                }
                None if stale == 0 && matches!(old, Old::Absent) => {}
                None => out.push((full.clone(), None)),
            }
            for index in fresh..stale {
                out.push((chunk_key(&full, index), None));
            }
        }
        Ok(out)
    }
}

fn check(family: u8, key: &[u8], len: usize) -> Result<(), StoreError> {
    if family < FIRST_FREE {
        return Err(StoreError::Draft(format!(
            "family {family:#04x} belongs to the store itself"
        )));
    }
    if key.len() > MAX_KEY || len > MAX_ROW {
        return Err(StoreError::Draft(format!(
            "a record with a key of {} bytes and {len} bytes of content is too long",
            key.len()
        )));
    }
    Ok(())
}
