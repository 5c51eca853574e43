//! Rows: an overlay over sled in which one entry after another is folded, flushed in one batch.
//!
//! Invariants: a row is (family, key, value). Values over 4 KiB are stored in chunks, so no value in sled exceeds
//! 7 KiB. Each family carries a checksum that does not depend on the order of changes, kept up with every
//! flush, so that a row lost or changed behind the store's back is noticed. Families below [`FIRST_FREE`] are the
//! store's own.

use std::any::Any;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::base::{Base, Change, Direction};
use super::causes::Merged;
use super::error::StoreError;
use super::raw::{
    CHUNKED, INLINE, Pages, as_slice, bounds, chunk_key, full_key, is_empty_window, strip, unpack,
    window_bounds,
};
use crate::domain::id::SiteId;
use crate::journal::codec::CodecError;

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
        self.add_hash(row_hash(key, value));
    }

    fn add_hash(&mut self, hash: u128) {
        self.sum = self.sum.wrapping_add(hash);
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

/// What sled holds of a row.
#[derive(Clone, Copy)]
enum Old {
    Unknown,
    Absent,
    There { hash: u128, chunks: u32 },
}

/// Makes a decoded value of a row's bytes.
pub type Decoder<'a> = &'a dyn Fn(&[u8]) -> Result<Arc<dyn Decoded>, CodecError>;

/// A value that stays decoded while entry after entry changes it; its bytes are made when they are needed.
pub trait Decoded: Any + Send + Sync {
    /// The bytes that stand for it at rest: equal values give equal bytes.
    fn bytes(&self) -> Result<Vec<u8>, CodecError>;
}

/// A row's value in memory.
#[derive(Clone)]
enum Value {
    Bytes(Arc<Vec<u8>>),
    /// Decoded, with its bytes where they are made already.
    Decoded(Arc<dyn Decoded>, Option<Arc<Vec<u8>>>),
    /// Taken out to be changed; its new form comes back before the entry is folded.
    Lifted,
}

impl Value {
    fn bytes(&self) -> Result<Arc<Vec<u8>>, StoreError> {
        match self {
            Self::Bytes(bytes) | Self::Decoded(_, Some(bytes)) => Ok(Arc::clone(bytes)),
            Self::Decoded(value, None) => Ok(Arc::new(value.bytes()?)),
            Self::Lifted => Err(StoreError::Rows {
                reason: "a record was read while it was being changed".to_owned(),
            }),
        }
    }

    fn to_vec(&self) -> Result<Vec<u8>, StoreError> {
        Ok(Arc::unwrap_or_clone(self.bytes()?))
    }
}

/// How a buffered row stands to sled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// As in sled.
    Clean,
    /// Changed, and sled does not know.
    Dirty,
    /// Handed over; sled will know when the one who took it is done.
    Settling,
}

#[derive(Clone)]
struct Slot {
    old: Old,
    value: Option<Value>,
    standing: Standing,
    /// Counts hand-overs: when it was last asked for.
    used: u32,
}

/// A changed row on its way to sled.
pub(crate) struct Pending {
    key: Vec<u8>,
    old: Old,
    value: Option<Value>,
}

/// Whether the bytes of decoded values are made at once, so that one that is too long is refused before its entry is
/// written, or only when the rows go to sled: for work that is taken back as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Encoding {
    /// At once.
    #[default]
    AtOnce,
    /// When the rows go to sled.
    Late,
}

/// Reads and buffered changes of rows.
pub struct Rows {
    base: Arc<Base>,
    slots: BTreeMap<Vec<u8>, Slot>,
    undo: Option<Vec<(Vec<u8>, Option<Slot>)>>,
    encoding: Encoding,
    round: u32,
    /// The last Merge that was folded of each site that was asked for.
    pub(super) merges: BTreeMap<SiteId, Option<Arc<Merged>>>,
}

/// Decoded values that stay in memory for so many hand-overs after they were last asked for.
const ROUNDS_KEPT: u32 = 2;

impl Rows {
    pub(crate) fn new(base: Arc<Base>) -> Self {
        Self {
            base,
            slots: BTreeMap::new(),
            undo: None,
            encoding: Encoding::AtOnce,
            round: 0,
            merges: BTreeMap::new(),
        }
    }

    /// When the bytes of decoded values are made, from now until [`Rows::clear`].
    pub(crate) fn encode(&mut self, when: Encoding) {
        self.encoding = when;
    }

    /// The value of a row, as changed so far.
    pub fn get(&mut self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match &self.slot(full_key(family, key))?.value {
            Some(value) => value.to_vec().map(Some),
            None => Ok(None),
        }
    }

    /// The value of a row without keeping it in memory.
    pub(super) fn peek(&self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let full = full_key(family, key);
        match self.slots.get(&full) {
            Some(slot) => slot.value.as_ref().map(Value::to_vec).transpose(),
            None => Ok(load(&self.base, &full)?.1),
        }
    }

    /// The decoded value of a row; `read` makes it of the bytes where nobody has done so yet.
    pub fn decoded(
        &mut self,
        family: u8,
        key: &[u8],
        read: Decoder<'_>,
    ) -> Result<Option<Arc<dyn Decoded>>, StoreError> {
        let slot = self.slot(full_key(family, key))?;
        match &slot.value {
            None => Ok(None),
            Some(Value::Decoded(value, _)) => Ok(Some(Arc::clone(value))),
            Some(value) => {
                let bytes = value.bytes()?;
                let value = read(&bytes)?;
                slot.value = Some(Value::Decoded(Arc::clone(&value), Some(bytes)));
                Ok(Some(value))
            }
        }
    }

    /// As [`Rows::decoded`], to be changed and put back with [`Rows::put_decoded`] within the same entry. Where nothing
    /// needs to be taken back it is taken out, so that its owner may change it in place.
    pub fn lift(
        &mut self,
        family: u8,
        key: &[u8],
        read: Decoder<'_>,
    ) -> Result<Option<Arc<dyn Decoded>>, StoreError> {
        let value = self.decoded(family, key, read)?;
        if value.is_some() && self.undo.is_none() {
            self.slot(full_key(family, key))?.value = Some(Value::Lifted);
        }
        Ok(value)
    }

    /// Sets a row to a decoded value. Families below [`FIRST_FREE`] are refused.
    pub fn put_decoded(
        &mut self,
        family: u8,
        key: &[u8],
        value: Arc<dyn Decoded>,
    ) -> Result<(), StoreError> {
        let bytes = match self.encoding {
            Encoding::AtOnce => Some(value.bytes()?),
            Encoding::Late => None,
        };
        check(family, key, bytes.as_ref().map_or(0, Vec::len))?;
        let value = Value::Decoded(value, bytes.map(Arc::new));
        self.set(full_key(family, key), Some(value), Old::Unknown);
        Ok(())
    }

    fn slot(&mut self, full: Vec<u8>) -> Result<&mut Slot, StoreError> {
        let slot = match self.slots.entry(full) {
            Entry::Occupied(slot) => slot.into_mut(),
            Entry::Vacant(place) => {
                let (old, value) = load(&self.base, place.key())?;
                place.insert(Slot {
                    old,
                    value: value.map(|bytes| Value::Bytes(Arc::new(bytes))),
                    standing: Standing::Clean,
                    used: 0,
                })
            }
        };
        slot.used = self.round;
        Ok(slot)
    }

    /// Sets a row. Families below [`FIRST_FREE`] are refused.
    pub fn put(&mut self, family: u8, key: &[u8], value: Vec<u8>) -> Result<(), StoreError> {
        check(family, key, value.len())?;
        self.set(full_key(family, key), Some(bytes(value)), Old::Unknown);
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
        self.set(full_key(family, key), Some(bytes(value)), Old::Absent);
    }

    /// Sets one of the store's own rows.
    pub(crate) fn put_own(&mut self, family: u8, key: &[u8], value: Vec<u8>) {
        self.set(full_key(family, key), Some(bytes(value)), Old::Unknown);
    }

    fn set(&mut self, full: Vec<u8>, value: Option<Value>, old: Old) {
        let used = self.round;
        let dirty = |old| Slot {
            old,
            value,
            standing: Standing::Dirty,
            used,
        };
        let key = self.undo.is_some().then(|| full.clone());
        let before = match self.slots.entry(full) {
            Entry::Occupied(mut slot) => {
                let old = match slot.get().standing {
                    // What sled will hold by then is not known yet.
                    Standing::Settling => Old::Unknown,
                    _ => slot.get().old,
                };
                Some(slot.insert(dirty(old)))
            }
            Entry::Vacant(place) => {
                place.insert(dirty(old));
                None
            }
        };
        if let (Some(undo), Some(key)) = (&mut self.undo, key) {
            undo.push((key, before));
        }
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
            .filter(|(_, slot)| slot.standing != Standing::Clean)
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
                        out.push((key.to_vec(), value.to_vec()?));
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
        self.merges.clear();
        for (key, slot) in self.undo.take().unwrap_or_default().into_iter().rev() {
            match slot {
                Some(slot) => self.slots.insert(key, slot),
                None => self.slots.remove(&key),
            };
        }
    }

    /// Forgets everything buffered.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.merges.clear();
        self.undo = None;
        self.encoding = Encoding::AtOnce;
    }

    /// Takes all changes out, to be brought to sled at once; forgets the rest.
    pub(crate) fn take(&mut self) -> Vec<Pending> {
        self.undo = None;
        std::mem::take(&mut self.slots)
            .into_iter()
            .filter(|(_, slot)| slot.standing == Standing::Dirty)
            .map(|(key, slot)| Pending {
                key,
                old: slot.old,
                value: slot.value,
            })
            .collect()
    }

    /// Hands all changes out, to be brought to sled while work goes on: they stay visible here. Everything handed out
    /// before must have reached sled.
    pub(crate) fn hand_over(&mut self) -> Vec<Pending> {
        self.undo = None;
        let round = self.round;
        let mut out = Vec::new();
        self.slots.retain(|key, slot| match slot.standing {
            Standing::Dirty => {
                slot.standing = Standing::Settling;
                out.push(Pending {
                    key: key.clone(),
                    old: slot.old,
                    value: slot.value.clone(),
                });
                true
            }
            Standing::Settling | Standing::Clean => {
                if slot.standing == Standing::Settling {
                    slot.standing = Standing::Clean;
                    slot.old = Old::Unknown;
                }
                matches!(slot.value, Some(Value::Decoded(..)))
                    && round.wrapping_sub(slot.used) < ROUNDS_KEPT
            }
        });
        self.round = self.round.wrapping_add(1);
        out
    }
}

/// A row as sled holds it.
fn load(base: &Base, full: &[u8]) -> Result<(Old, Option<Vec<u8>>), StoreError> {
    match base.get(full)? {
        Some(raw) => {
            let (value, chunks) = unpack(base, full, raw)?;
            let hash = row_hash(full, &value);
            Ok((Old::There { hash, chunks }, Some(value)))
        }
        None => Ok((Old::Absent, None)),
    }
}

fn bytes(value: Vec<u8>) -> Value {
    Value::Bytes(Arc::new(value))
}

/// Turns changed rows into raw changes for one batch, bringing the checksums up. A row that did not change is left out.
pub(crate) fn raw_changes(
    base: &Base,
    pending: Vec<Pending>,
    sums: &mut BTreeMap<u8, Sum>,
) -> Result<Vec<Change>, StoreError> {
    let mut out = Vec::with_capacity(pending.len() + 1);
    for Pending { key, old, value } in pending {
        let old = match old {
            Old::Unknown => load(base, &key)?.0,
            known => known,
        };
        let value = value.map(|value| value.bytes()).transpose()?;
        let hash = value.as_ref().map(|value| row_hash(&key, value));
        let sum = sums.entry(key.first().copied().unwrap_or(0)).or_default();
        let mut stale = 0;
        match (old, hash) {
            (Old::There { hash: old, .. }, Some(hash)) if old == hash => continue,
            (Old::There { hash, chunks }, _) => {
                sum.remove_hash(hash);
                stale = chunks;
            }
            (Old::Absent | Old::Unknown, None) => continue,
            (Old::Absent | Old::Unknown, Some(_)) => {}
        }
        let mut fresh = 0;
        match (&value, hash) {
            (Some(value), Some(hash)) => {
                check_length(key.len().saturating_sub(1), value.len())?;
                sum.add_hash(hash);
                if value.len() <= CHUNK {
                    let mut raw = Vec::with_capacity(value.len() + 1);
                    raw.push(INLINE);
                    raw.extend_from_slice(value);
                    out.push((key.clone(), Some(raw)));
                } else {
                    for chunk in value.chunks(CHUNK) {
                        out.push((chunk_key(&key, fresh), Some(chunk.to_vec())));
                        fresh += 1;
                    }
                    let mut raw = vec![CHUNKED];
                    raw.extend_from_slice(&fresh.to_le_bytes());
                    raw.extend_from_slice(&(value.len() as u32).to_le_bytes());
                    out.push((key.clone(), Some(raw)));
                }
            }
            _ => out.push((key.clone(), None)),
        }
        for index in fresh..stale {
            out.push((chunk_key(&key, index), None));
        }
    }
    Ok(out)
}

fn check(family: u8, key: &[u8], len: usize) -> Result<(), StoreError> {
    if family < FIRST_FREE {
        return Err(StoreError::Draft(format!(
            "family {family:#04x} belongs to the store itself"
        )));
    }
    check_length(key.len(), len)
}

fn check_length(key: usize, len: usize) -> Result<(), StoreError> {
    if key > MAX_KEY || len > MAX_ROW {
        return Err(StoreError::Draft(format!(
            "a record with a key of {key} bytes and {len} bytes of content is too long"
        )));
    }
    Ok(())
}
