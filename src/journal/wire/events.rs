//! Domain events as the journal's event records, and back.
//!
//! Invariants: an event kind's number belongs to one event variant for ever. What a later version wrote is told apart
//! from damage, so that a caller can keep it. What is read gives the same bytes when written again.

use super::v1::{self, Trouble};
use crate::domain::event::{Addressed, Aggregate, Event, Kind};
use crate::journal::system::LAST_SYSTEM_KIND;
use crate::journal::{AggregateRef, EventRecord};

/// Why an event could not be written, or a record could not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WireError {
    /// A later version wrote it: an unknown kind, a newer schema, or a number in the body that is not known yet.
    #[error(
        "an event of kind {kind}, schema {schema} was written by a newer tagout; it is kept as it is, a newer version can read it"
    )]
    Newer {
        /// The event kind.
        kind: u16,
        /// The schema of its body.
        schema: u16,
    },
    /// No version writes such a record.
    #[error(
        "an event of kind {kind} is damaged ({what}); it was left as it is, `tagout verify` says where"
    )]
    Damaged {
        /// The event kind.
        kind: u16,
        /// What is wrong with it.
        what: String,
    },
    /// The event belongs to the journal itself (Genesis, Include, Merge): not a domain event.
    #[error("event kind {kind} belongs to the journal itself and changes no record")]
    JournalsOwn {
        /// The event kind.
        kind: u16,
    },
    /// The event cannot be stored so that it reads the same again. Nothing was written.
    #[error("this cannot be stored: {what}; nothing was written")]
    Unwritable {
        /// Why not.
        what: String,
    },
}

/// Writes an event.
pub fn encode(event: &Addressed) -> Result<EventRecord, WireError> {
    let written = match &event.event {
        Event::Shop(event) => v1::shop::write(event),
        Event::Technician(event) => v1::technician::write(event),
        Event::Device(event) => v1::device::write(event),
        Event::Order(event) => v1::order::write(event),
        Event::Inspection(event) => v1::inspection::write(event),
        Event::Procedure(event) => v1::procedure::write(event),
        Event::Tool(event) => v1::tool::write(event),
        Event::Model(event) => v1::model::write(event),
    };
    let (kind, body) = written.map_err(|trouble| WireError::Unwritable {
        what: match trouble {
            Trouble::Newer => "it holds a choice that has no number".to_owned(),
            Trouble::Damaged(what) => what,
            Trouble::TooLong(bytes) => format!("{bytes} bytes are more than an event may take"),
            Trouble::Unwritable(what) => what.to_owned(),
        },
    })?;
    Ok(EventRecord {
        aggregate: aggregate_ref(event.to()),
        kind,
        schema: v1::SCHEMA,
        body,
    })
}

/// Writes an event and gives it as it will be read. What is applied now must be this and not the event that was handed
/// in: a form may lose what means nothing (the sign of zero, a limit's trailing zeros), and a rebuild sees only the form.
pub fn encode_and_read(event: &Addressed) -> Result<(EventRecord, Addressed), WireError> {
    let record = encode(event)?;
    match decode(&record) {
        Ok(read) if read == *event => Ok((record, read)),
        _ => Err(WireError::Unwritable {
            what: format!("event kind {} would not read as it is", record.kind),
        }),
    }
}

/// Reads an event.
pub fn decode(record: &EventRecord) -> Result<Addressed, WireError> {
    let EventRecord {
        aggregate,
        kind,
        schema,
        body,
    } = record;
    let (kind, schema) = (*kind, *schema);
    let damaged = |what: &str| WireError::Damaged {
        kind,
        what: what.to_owned(),
    };
    if kind == 0 || schema == 0 {
        return Err(damaged("kind and schema are counted from 1"));
    }
    if kind <= LAST_SYSTEM_KIND {
        return Err(WireError::JournalsOwn { kind });
    }
    let newer = WireError::Newer { kind, schema };
    if schema > v1::SCHEMA {
        return Err(newer);
    }
    let Some(owner) = Kind::from_code(kind / 100) else {
        return Err(newer);
    };
    if kind_name(kind).is_none() {
        return Err(newer);
    }
    if aggregate.kind != aggregate_number(owner) {
        return Err(damaged("it is addressed to a thing of another kind"));
    }
    let event = match owner {
        Kind::Shop => v1::shop::read(kind, body).map(Event::Shop),
        Kind::Technician => v1::technician::read(kind, body).map(Event::Technician),
        Kind::Device => v1::device::read(kind, body).map(Event::Device),
        Kind::Order => v1::order::read(kind, body).map(Event::Order),
        Kind::Inspection => v1::inspection::read(kind, body).map(Event::Inspection),
        Kind::Procedure => v1::procedure::read(kind, body).map(Event::Procedure),
        Kind::Tool => v1::tool::read(kind, body).map(Event::Tool),
        Kind::Model => v1::model::read(kind, body).map(Event::Model),
    };
    match event {
        Ok(event) => Ok(Addressed {
            id: aggregate.id,
            event,
        }),
        Err(Trouble::Newer) => Err(newer),
        Err(Trouble::Damaged(what)) => Err(WireError::Damaged { kind, what }),
        Err(Trouble::TooLong(bytes)) => Err(WireError::Damaged {
            kind,
            what: format!("{bytes} bytes are more than an event takes"),
        }),
        Err(Trouble::Unwritable(what)) => Err(damaged(what)),
    }
}

/// Every event kind with its number and its name, such as `(301, "device-registered")`.
pub fn kinds() -> impl Iterator<Item = (u16, &'static str)> {
    [
        v1::shop::KINDS,
        v1::technician::KINDS,
        v1::device::KINDS,
        v1::order::KINDS,
        v1::inspection::KINDS,
        v1::procedure::KINDS,
        v1::tool::KINDS,
        v1::model::KINDS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The name of an event kind, if this version knows it.
pub fn kind_name(kind: u16) -> Option<&'static str> {
    kinds()
        .find(|(number, _)| *number == kind)
        .map(|(_, name)| name)
}

/// The aggregate as the journal names it. Numbers up to 99 are the journal's own, so the domain's kinds go as their
/// number times 100: shop 100, technician 200 and so on to model 800, and their events begin above each.
pub const fn aggregate_ref(aggregate: Aggregate) -> AggregateRef {
    AggregateRef {
        kind: aggregate_number(aggregate.kind),
        id: aggregate.id,
    }
}

/// The aggregate that the journal names; `None` for the journal's own and for kinds of a later version.
pub const fn aggregate_of(aggregate: &AggregateRef) -> Option<Aggregate> {
    if !aggregate.kind.is_multiple_of(100) {
        return None;
    }
    match Kind::from_code(aggregate.kind / 100) {
        Some(kind) => Some(Aggregate {
            kind,
            id: aggregate.id,
        }),
        None => None,
    }
}

const fn aggregate_number(kind: Kind) -> u16 {
    kind.code() * 100
}
