//! Folding one entry into rows: the store's own rows first, then the projector's.
//!
//! Invariants: rows, watermark and checksums of a batch go to sled in one `apply_batch`, and sled is never ahead of the
//! journal. While a big transaction is folded neither holds, which the meta row says before anything else.

use std::collections::BTreeSet;

use crate::domain::id::CommandId;
use crate::domain::seen::Seen;
use crate::journal::{AggregateRef, Entry, HybridTime, codec};

use super::base::Base;
use super::error::StoreError;
use super::layout::{FORMAT, META_KEY, Meta, Watermark, aggregate_key, entry_key};
use super::project::Projector;
use super::rows::{Pending, Rows, family, raw_changes};
use super::writer::Committed;
use super::{causes, notes};

/// Whether the command of an entry is kept for repeats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answers {
    /// Kept: a repeat of the command gets this answer.
    Keep,
    /// Not kept: inside a big transaction, which is repeated as a whole or not at all, only the first command counts;
    /// and nobody repeats another shop's commands here.
    Skip,
}

/// The store's own rows of an entry. Gives its fold time.
pub fn own_rows(
    entry: &Entry,
    bytes: &[u8],
    answers: Answers,
    rows: &mut Rows,
) -> Result<HybridTime, StoreError> {
    let time = causes::take_in(rows, entry)?;
    rows.put_fresh(
        family::ENTRIES,
        &entry_key(entry.site, entry.seq),
        bytes.to_vec(),
    );
    for thing in things(entry) {
        let key = aggregate_key(&thing, time, entry.site, entry.seq);
        rows.put_fresh(family::BY_AGGREGATE, &key, Vec::new());
    }
    notes::take_in(rows, entry)?;
    if answers == Answers::Keep && entry.command != CommandId::default() {
        let committed = Committed::of(entry);
        rows.put_own(
            family::COMMANDS,
            &entry.command.0,
            codec::encode(&committed)?,
        );
    }
    Ok(time)
}

/// The things that an entry touches, each once.
pub fn things(entry: &Entry) -> BTreeSet<AggregateRef> {
    entry.events.iter().map(|event| event.aggregate).collect()
}

/// Folds an entry that was written on the present state; a refusal leaves the rows as they were.
pub fn fold(
    projector: &dyn Projector,
    entry: &Entry,
    bytes: &[u8],
    answers: Answers,
    rows: &mut Rows,
) -> Result<(), StoreError> {
    rows.begin();
    match fold_for_good(projector, entry, bytes, answers, rows) {
        Ok(()) => {
            rows.keep();
            Ok(())
        }
        Err(error) => {
            rows.take_back();
            Err(error)
        }
    }
}

/// Folds an entry of work that is taken back as a whole: a refusal leaves the rows half changed, and whoever folds must
/// give them up.
pub fn fold_for_good(
    projector: &dyn Projector,
    entry: &Entry,
    bytes: &[u8],
    answers: Answers,
    rows: &mut Rows,
) -> Result<(), StoreError> {
    own_rows(entry, bytes, answers, rows)?;
    Ok(projector.fold(entry, &Seen::Everything, &BTreeSet::new(), rows)?)
}

/// Notes in the meta row that this entry is folded.
pub fn advance(meta: &mut Meta, entry: &Entry) {
    meta.watermark = Watermark {
        applied: meta.watermark.applied + 1,
        site: entry.site,
        seq: entry.seq,
        hash: entry.hash,
    };
}

/// Brings all buffered rows and the meta row to sled in one batch.
pub fn flush(base: &Base, rows: &mut Rows, meta: &mut Meta) -> Result<(), StoreError> {
    bring(base, rows.take(), meta)
}

/// Brings changed rows and the meta row to sled in one batch. Rows of a big transaction go one by one behind the meta row:
/// sled lets nobody read while it applies a batch, and whoever decides the next entries reads. With that meta row they
/// count for nothing until the transaction is in the journal.
pub fn bring(base: &Base, pending: Vec<Pending>, meta: &mut Meta) -> Result<(), StoreError> {
    let mut changes = raw_changes(base, pending, &mut meta.sums)?;
    meta.format = FORMAT;
    let mut key = vec![family::META];
    key.extend_from_slice(META_KEY);
    let meta_row = (key, Some(codec::encode(meta)?));
    if meta.bulk_from.is_some() {
        base.apply(vec![meta_row])?;
        return base.apply_singly(changes);
    }
    changes.push(meta_row);
    base.apply(changes)
}

/// The meta row; `None` in an empty database.
pub fn read_meta(base: &Base) -> Result<Option<Meta>, StoreError> {
    let mut key = vec![family::META];
    key.extend_from_slice(META_KEY);
    match base.get(&key)? {
        Some(bytes) => Ok(Some(codec::decode(&bytes)?)),
        None => Ok(None),
    }
}
