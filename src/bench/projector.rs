//! Folds entries into rows: each event changes the state it names, and the state's index rows follow.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::device::{DeviceEvent, Field, Value};
use crate::domain::event::{Addressed, Aggregate, Event};
use crate::domain::order::OrderEvent;
use crate::domain::seen::Seen;
use crate::domain::time::{Moment, Stamp};
use crate::journal::system::LAST_SYSTEM_KIND;
use crate::journal::wire::events;
use crate::journal::{AggregateRef, Entry, codec};
use crate::store::{FoldError, Past, Projector, Rows};

use super::held::{self, Held};
use super::rows::{self, State};
use super::twins;

/// The one projector of the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct Views;

impl Projector for Views {
    fn version(&self) -> u32 {
        rows::VERSION
    }

    fn fold(
        &self,
        entry: &Entry,
        seen: &Seen,
        later: &BTreeSet<AggregateRef>,
        out: &mut Rows,
    ) -> Result<(), FoldError> {
        let mut touched: BTreeMap<Aggregate, (State, Vec<rows::IndexRow>)> = BTreeMap::new();
        for (index, record) in entry.events.iter().enumerate() {
            let Some(addressed) = understood(entry, index, seen, out)? else {
                continue;
            };
            count(&addressed, out)?;
            if later.contains(&record.aggregate) {
                continue;
            }
            let to = addressed.to();
            let (state, _) = match touched.entry(to) {
                Slot::Occupied(slot) => slot.into_mut(),
                Slot::Vacant(slot) => slot.insert(read(to, out)?),
            };
            apply(state, &addressed.event, &stamp(entry, index), seen);
        }
        for (to, (state, before)) in touched {
            keep(to, state, &before, out)?;
        }
        Ok(())
    }

    fn refold(&self, thing: &AggregateRef, past: &[Past], out: &mut Rows) -> Result<(), FoldError> {
        let mut built: Option<(Aggregate, State)> = None;
        for (entry, seen) in past {
            for (index, record) in entry.events.iter().enumerate() {
                if record.aggregate != *thing || record.kind <= LAST_SYSTEM_KIND {
                    continue;
                }
                // What cannot be read was noted when its entry came.
                let Ok(addressed) = events::decode(record) else {
                    continue;
                };
                let to = addressed.to();
                let (_, state) = built.get_or_insert_with(|| (to, State::empty(to.kind)));
                apply(state, &addressed.event, &stamp(entry, index), seen);
            }
        }
        let Some((to, state)) = built else {
            return Ok(());
        };
        let (_, before) = read(to, out)?;
        keep(to, state, &before, out)
    }
}

/// The event at this index. One that only a newer version understands is noted and passed over, and so is one of another
/// shop that cannot be read: its entry is kept as it is. The own shop writes nothing that it cannot read.
fn understood(
    entry: &Entry,
    index: usize,
    seen: &Seen,
    out: &mut Rows,
) -> Result<Option<Addressed>, FoldError> {
    let Some(record) = entry
        .events
        .get(index)
        .filter(|record| record.kind > LAST_SYSTEM_KIND)
    else {
        return Ok(None);
    };
    match events::decode(record) {
        Ok(addressed) => return Ok(Some(addressed)),
        Err(events::WireError::Newer { .. }) => {}
        Err(_) if *seen != Seen::Everything => {}
        Err(error) => return Err(FoldError::Refused(error.to_string())),
    }
    let mut key = entry.site.0.to_vec();
    key.extend_from_slice(&entry.seq.to_be_bytes());
    key.extend_from_slice(&(index as u16).to_be_bytes());
    out.put(rows::NEWER, &key, record.kind.to_le_bytes().to_vec())?;
    Ok(None)
}

fn stamp(entry: &Entry, index: usize) -> Stamp {
    Stamp {
        dot: entry.dot(index as u16),
        at: Moment {
            micros: entry.wall_us,
            offset: entry.offset_minutes,
        },
        by: entry.actor.clone(),
    }
}

/// Puts a changed state back, and its index rows in the place of those before.
fn keep(
    to: Aggregate,
    state: State,
    before: &[rows::IndexRow],
    out: &mut Rows,
) -> Result<(), FoldError> {
    let after = state.index_rows(to.id).map_err(damaged)?;
    replace(before, &after, out)?;
    twins::mark(before, &after, out)?;
    let held = Held {
        state,
        index: Some(after),
    };
    Ok(held::put(out, to, held)?)
}

/// A state as it stands, with the index rows that follow from it.
fn read(to: Aggregate, out: &mut Rows) -> Result<(State, Vec<rows::IndexRow>), FoldError> {
    let Held { state, index } = held::lift(out, to)?;
    let before = match index {
        Some(index) => index,
        None => state.index_rows(to.id).map_err(damaged)?,
    };
    Ok((state, before))
}

fn damaged(error: codec::CodecError) -> FoldError {
    FoldError::Refused(format!("a row cannot be read: {error}"))
}

/// Changes a state by an event; `seen` is what the event's writer knew.
fn apply(state: &mut State, event: &Event, stamp: &Stamp, seen: &Seen) {
    match (state, event) {
        (State::Shop(state), Event::Shop(event)) => Arc::make_mut(state).apply(event, stamp, seen),
        (State::Technician(state), Event::Technician(event)) => {
            Arc::make_mut(state).apply(event, stamp, seen);
        }
        (State::Device(state), Event::Device(event)) => {
            Arc::make_mut(state).apply(event, stamp, seen);
        }
        (State::Order(state), Event::Order(event)) => {
            Arc::make_mut(state).apply(event, stamp, seen);
        }
        (State::Inspection(state), Event::Inspection(event)) => {
            Arc::make_mut(state).apply(event, stamp, seen);
        }
        (State::Procedure(state), Event::Procedure(event)) => {
            Arc::make_mut(state).apply(event, stamp, seen);
        }
        (State::Tool(state), Event::Tool(event)) => Arc::make_mut(state).apply(event, stamp, seen),
        (State::Model(state), Event::Model(event)) => {
            Arc::make_mut(state).apply(event, stamp, seen);
        }
        // The state was made from the event's own kind.
        _ => {}
    }
}

/// Writes the rows that are new or changed and removes those that are gone. Both lists are sorted.
fn replace(
    before: &[rows::IndexRow],
    after: &[rows::IndexRow],
    out: &mut Rows,
) -> Result<(), FoldError> {
    for (family, key, value) in after {
        let same = before
            .iter()
            .any(|(f, k, v)| f == family && k == key && v == value);
        if !same {
            out.put(*family, key, value.clone())?;
        }
    }
    for (family, key, _) in before {
        if !after.iter().any(|(f, k, _)| f == family && k == key) {
            out.delete(*family, key)?;
        }
    }
    Ok(())
}

/// Keeps the highest number given out under each prefix. A maximum does not care for the order of arrival.
fn count(addressed: &Addressed, out: &mut Rows) -> Result<(), FoldError> {
    let numbered = match &addressed.event {
        Event::Order(OrderEvent::Opened { number, .. }) => Some(number.clone()),
        Event::Device(DeviceEvent::Registered { changes, .. }) => changes
            .iter()
            .find(|change| change.field == Field::AssetTag)
            .and_then(|change| match &change.new {
                Some(Value::Text(tag)) if tag.starts_with("TMP-") => Some(tag.clone()),
                _ => None,
            }),
        _ => None,
    };
    let Some((prefix, number)) = numbered.as_deref().and_then(|text| text.rsplit_once('-')) else {
        return Ok(());
    };
    let Ok(number) = number.parse::<u32>() else {
        return Ok(());
    };
    if number > read_counter(out.get(rows::COUNTER, prefix.as_bytes())?.as_deref()) {
        out.put(
            rows::COUNTER,
            prefix.as_bytes(),
            number.to_le_bytes().to_vec(),
        )?;
    }
    Ok(())
}

/// The number in a counter row; 0 when there is none.
pub fn read_counter(row: Option<&[u8]>) -> u32 {
    row.and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u32::from_le_bytes)
}
