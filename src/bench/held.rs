//! States that stay decoded in the rows while entry after entry changes them.
//!
//! Invariant: the index rows kept beside a state are those that follow from it.

use std::any::Any;
use std::sync::Arc;

use crate::domain::event::Aggregate;
use crate::journal::codec::CodecError;
use crate::store::{Decoded, Rows, StoreError};

use super::rows::{IndexRow, State, state_family};

/// A state, with its index rows where somebody has made them already.
#[derive(Clone)]
pub struct Held {
    /// The state.
    pub state: State,
    /// What [`State::index_rows`] gives of it.
    pub index: Option<Vec<IndexRow>>,
}

impl Decoded for Held {
    fn bytes(&self) -> Result<Vec<u8>, CodecError> {
        self.state.encode()
    }
}

/// A state as it stands in the rows.
pub fn read(rows: &mut Rows, what: Aggregate) -> Result<Option<State>, StoreError> {
    let held = rows.decoded(state_family(what.kind), &what.id.key(), &|bytes| {
        decode(what, bytes)
    })?;
    Ok(held.and_then(of).map(|held| held.state.clone()))
}

/// A state to be changed and put back with [`put`]; the empty one if there is none.
pub fn lift(rows: &mut Rows, what: Aggregate) -> Result<Held, StoreError> {
    let held = rows.lift(state_family(what.kind), &what.id.key(), &|bytes| {
        decode(what, bytes)
    })?;
    Ok(held.and_then(of).map_or_else(
        || Held {
            state: State::empty(what.kind),
            index: None,
        },
        Arc::unwrap_or_clone,
    ))
}

/// Puts a state back.
pub fn put(rows: &mut Rows, what: Aggregate, held: Held) -> Result<(), StoreError> {
    rows.put_decoded(state_family(what.kind), &what.id.key(), Arc::new(held))
}

fn decode(what: Aggregate, bytes: &[u8]) -> Result<Arc<dyn Decoded>, CodecError> {
    Ok(Arc::new(Held {
        state: State::decode(what.kind, bytes)?,
        index: None,
    }))
}

fn of(value: Arc<dyn Decoded>) -> Option<Arc<Held>> {
    let value: Arc<dyn Any + Send + Sync> = value;
    value.downcast().ok()
}
