//! Where projections live: row families, and the index rows that follow from a state.
//!
//! Invariants: every row here is a pure function of one aggregate's state, so a changed state replaces exactly its own
//! rows; a key begins with what it is looked up by and ends with the aggregate's id.

use std::sync::Arc;

use crate::domain::command::model_id;
use crate::domain::device::{Device, DeviceCard, Field};
use crate::domain::event::{Aggregate, Kind};
use crate::domain::id::EntityId;
use crate::domain::inspection::{Inspection, InspectionStatus};
use crate::domain::merge::Conflict;
use crate::domain::model::Model;
use crate::domain::order::Order;
use crate::domain::shop::Shop;
use crate::domain::stored_procedure::StoredProcedure;
use crate::domain::technician::Technician;
use crate::domain::tool::Tool;
use crate::journal::codec;

/// The version of everything below; another number than a store's rows were made with makes them anew.
pub const VERSION: u32 = 4;

/// States: this plus the aggregate's kind.
const STATE: u8 = 0x20;
/// A tag, serial, UDI-DI or alias of a device.
pub const DEVICE_NAME: u8 = 0x40;
/// A device's card.
pub const DEVICE_CARD: u8 = 0x41;
/// A work order by number.
pub const ORDER_NUMBER: u8 = 0x42;
/// All work orders of a device, by time of opening.
pub const ORDERS_OF_DEVICE: u8 = 0x43;
/// Open work orders.
pub const OPEN_ORDER: u8 = 0x44;
/// All inspections of a device, by time of beginning.
pub const INSPECTIONS_OF_DEVICE: u8 = 0x45;
/// Inspections that are being worked on.
pub const OPEN_INSPECTION: u8 = 0x46;
/// Inspections by test equipment.
pub const INSPECTION_OF_TOOL: u8 = 0x47;
/// Procedure versions that may be used, by code.
pub const PROCEDURE: u8 = 0x48;
/// A technician by key.
pub const TECHNICIAN_KEY: u8 = 0x49;
/// Test equipment by name.
pub const TOOL_NAME: u8 = 0x4a;
/// A model record by any of its device identifiers.
pub const MODEL_DI: u8 = 0x4b;
/// Modules by the tag of their system.
pub const MODULE: u8 = 0x4c;
/// Highest numbers given out, by prefix: work orders and temporary tags.
pub const COUNTER: u8 = 0x4d;
/// Events that a newer version wrote: kept, counted, not understood.
pub const NEWER: u8 = 0x4e;
/// Inspections of a work order.
pub const INSPECTION_OF_ORDER: u8 = 0x4f;
/// Records with something in conflict: kind and id, with how many things.
pub const CONFLICT: u8 = 0x50;
/// Tags and serials that more than one device carries: a name, a zero byte, then 0 for a tag or 1 for a serial.
pub const TWINS: u8 = 0x51;

/// The family of a kind's states.
pub const fn state_family(kind: Kind) -> u8 {
    STATE + kind.code() as u8
}

/// One row to be: family, key, value.
pub type IndexRow = (u8, Vec<u8>, Vec<u8>);

/// Letters and digits only, lower case: how names are compared.
pub fn fold(text: &str) -> Vec<u8> {
    crate::domain::choices::fold(text).into_bytes()
}

/// `name`, a zero byte, then more: so that no name is a prefix of another one.
pub fn name_key(name: &[u8], rest: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 32);
    // Keys are bounded by the store; a longer name is found by its beginning.
    key.extend_from_slice(&name[..name.len().min(200)]);
    key.push(0);
    for part in rest {
        key.extend_from_slice(part);
    }
    key
}

/// The id at the end of an index key.
pub fn id_at_end(key: &[u8]) -> Option<EntityId> {
    EntityId::from_key(key.get(key.len().checked_sub(27)?..)?)
}

/// A state of any kind, shared with whoever reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// The shop.
    Shop(Arc<Shop>),
    /// A technician.
    Technician(Arc<Technician>),
    /// A device.
    Device(Arc<Device>),
    /// A work order.
    Order(Arc<Order>),
    /// An inspection.
    Inspection(Arc<Inspection>),
    /// A procedure version.
    Procedure(Arc<StoredProcedure>),
    /// Test equipment.
    Tool(Arc<Tool>),
    /// A model record.
    Model(Arc<Model>),
}

impl State {
    /// What an aggregate is before its first event.
    pub fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Shop => Self::Shop(Arc::default()),
            Kind::Technician => Self::Technician(Arc::default()),
            Kind::Device => Self::Device(Arc::default()),
            Kind::Order => Self::Order(Arc::default()),
            Kind::Inspection => Self::Inspection(Arc::default()),
            Kind::Procedure => Self::Procedure(Arc::default()),
            Kind::Tool => Self::Tool(Arc::default()),
            Kind::Model => Self::Model(Arc::default()),
        }
    }

    /// Reads a state row.
    pub fn decode(kind: Kind, bytes: &[u8]) -> Result<Self, codec::CodecError> {
        Ok(match kind {
            Kind::Shop => Self::Shop(codec::decode(bytes)?),
            Kind::Technician => Self::Technician(codec::decode(bytes)?),
            Kind::Device => Self::Device(codec::decode(bytes)?),
            Kind::Order => Self::Order(codec::decode(bytes)?),
            Kind::Inspection => Self::Inspection(codec::decode(bytes)?),
            Kind::Procedure => Self::Procedure(codec::decode(bytes)?),
            Kind::Tool => Self::Tool(codec::decode(bytes)?),
            Kind::Model => Self::Model(codec::decode(bytes)?),
        })
    }

    /// Writes a state row.
    pub fn encode(&self) -> Result<Vec<u8>, codec::CodecError> {
        match self {
            Self::Shop(state) => codec::encode(state),
            Self::Technician(state) => codec::encode(state),
            Self::Device(state) => codec::encode(state),
            Self::Order(state) => codec::encode(state),
            Self::Inspection(state) => codec::encode(state),
            Self::Procedure(state) => codec::encode(state),
            Self::Tool(state) => codec::encode(state),
            Self::Model(state) => codec::encode(state),
        }
    }

    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Shop(_) => Kind::Shop,
            Self::Technician(_) => Kind::Technician,
            Self::Device(_) => Kind::Device,
            Self::Order(_) => Kind::Order,
            Self::Inspection(_) => Kind::Inspection,
            Self::Procedure(_) => Kind::Procedure,
            Self::Tool(_) => Kind::Tool,
            Self::Model(_) => Kind::Model,
        }
    }

    /// What shops that did not know of each other disagree about in it.
    pub fn conflicts(&self) -> Vec<Conflict> {
        match self {
            Self::Technician(state) => state.conflicts(),
            Self::Device(state) => state.conflicts(),
            Self::Order(state) => state.conflicts(),
            Self::Inspection(state) => state.conflicts(),
            Self::Tool(state) => state.conflicts(),
            Self::Model(state) => state.conflicts(),
            // Only the shop itself writes its own facts, and a procedure version never changes.
            Self::Shop(_) | Self::Procedure(_) => Vec::new(),
        }
    }

    /// The index rows that follow from this state.
    pub fn index_rows(&self, id: EntityId) -> Result<Vec<IndexRow>, codec::CodecError> {
        let own = id.key();
        let mut rows: Vec<IndexRow> = Vec::new();
        match self {
            Self::Shop(_) => {}
            Self::Technician(technician) => {
                let key = name_key(technician.key.as_bytes(), &[&own]);
                rows.push((TECHNICIAN_KEY, key, Vec::new()));
            }
            Self::Device(device) => device_rows(id, device, &mut rows)?,
            Self::Order(order) => order_rows(id, order, &mut rows),
            Self::Inspection(inspection) => inspection_rows(id, inspection, &mut rows),
            Self::Procedure(stored) => {
                if let Some(procedure) = &stored.procedure
                    && stored.frozen_from.is_none()
                {
                    let key = name_key(procedure.code.as_bytes(), &[&own]);
                    rows.push((PROCEDURE, key, Vec::new()));
                }
            }
            Self::Tool(tool) => {
                rows.push((TOOL_NAME, name_key(&fold(&tool.name), &[&own]), Vec::new()));
            }
            Self::Model(model) => {
                let facts = &model.facts;
                for di in std::iter::once(&facts.di).chain(&facts.other_dis) {
                    rows.push((MODEL_DI, name_key(&fold(di), &[&own]), Vec::new()));
                }
                debug_assert!(facts.di.is_empty() || id == model_id(&facts.di));
            }
        }
        let open = self.conflicts().len();
        if open > 0 {
            let open = u16::try_from(open).unwrap_or(u16::MAX);
            let key = conflict_key(self.kind(), id);
            rows.push((CONFLICT, key, open.to_le_bytes().to_vec()));
        }
        rows.sort();
        rows.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
        Ok(rows)
    }
}

fn device_rows(
    id: EntityId,
    device: &Device,
    rows: &mut Vec<IndexRow>,
) -> Result<(), codec::CodecError> {
    let own = id.key();
    rows.push((
        DEVICE_CARD,
        own.to_vec(),
        codec::encode(&DeviceCard::of(id, device))?,
    ));
    if device.merged_into.is_some() {
        return Ok(());
    }
    let mut name = |text: &str, rank: u8| {
        let folded = fold(text);
        if !folded.is_empty() {
            rows.push((DEVICE_NAME, name_key(&folded, &[&[rank], &own]), Vec::new()));
        }
    };
    name(&device.tag(), 0);
    name(&device.text(Field::Serial), 1);
    name(&device.text(Field::UdiDi), 2);
    for alias in &device.aliases {
        name(alias, 3);
    }
    // While shops disagree about a tag or a serial, each of them finds the device.
    for field in [Field::AssetTag, Field::Serial] {
        let Some(register) = device.fields.get(&field).filter(|r| r.in_conflict()) else {
            continue;
        };
        for value in register
            .candidates()
            .iter()
            .filter_map(|c| c.value.as_ref())
        {
            name(&field.show(value), 3);
        }
    }
    let parent = fold(&device.text(Field::Parent));
    if !parent.is_empty() {
        rows.push((MODULE, name_key(&parent, &[&own]), Vec::new()));
    }
    Ok(())
}

fn order_rows(id: EntityId, order: &Order, rows: &mut Vec<IndexRow>) {
    let own = id.key();
    let Some(opened) = &order.opened else { return };
    for number in std::iter::once(&order.number).chain(&order.aliases) {
        rows.push((ORDER_NUMBER, name_key(&fold(number), &[&own]), Vec::new()));
    }
    if let Some(device) = order.opening.device {
        let mut key = device.key().to_vec();
        key.extend_from_slice(&time_key(opened.at.micros));
        key.extend_from_slice(&own);
        rows.push((
            ORDERS_OF_DEVICE,
            key,
            vec![u8::from(order.status.is_open())],
        ));
    }
    if order.status.is_open() {
        rows.push((OPEN_ORDER, own.to_vec(), Vec::new()));
    }
}

fn inspection_rows(id: EntityId, inspection: &Inspection, rows: &mut Vec<IndexRow>) {
    let own = id.key();
    let (Some(device), Some(started)) = (inspection.device, &inspection.started) else {
        return;
    };
    let mut key = device.key().to_vec();
    key.extend_from_slice(&time_key(started.at.micros));
    key.extend_from_slice(&own);
    let status = inspection.status.map_or(0, InspectionStatus::code) as u8;
    rows.push((INSPECTIONS_OF_DEVICE, key, vec![status]));
    if let Some(order) = inspection.order {
        let mut key = order.key().to_vec();
        key.extend_from_slice(&own);
        rows.push((INSPECTION_OF_ORDER, key, vec![status]));
    }
    if inspection.is_open() {
        rows.push((OPEN_INSPECTION, own.to_vec(), Vec::new()));
    }
    for used in &inspection.tools_used {
        let mut key = used.tool.key().to_vec();
        key.extend_from_slice(&own);
        rows.push((INSPECTION_OF_TOOL, key, Vec::new()));
    }
}

/// Where the row of a record with something in conflict lies.
pub fn conflict_key(kind: Kind, id: EntityId) -> Vec<u8> {
    let mut key = vec![kind.code() as u8];
    key.extend_from_slice(&id.key());
    key
}

/// The record that a row of [`CONFLICT`] is about.
pub fn conflict_at(key: &[u8]) -> Option<Aggregate> {
    let (kind, id) = key.split_first()?;
    Some(Aggregate {
        kind: Kind::from_code(u16::from(*kind))?,
        id: EntityId::from_key(id)?,
    })
}

/// A time as eight bytes that sort like it.
fn time_key(micros: i64) -> [u8; 8] {
    (micros.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_bytes() {
        let mut times = [0, -5, 5, i64::MIN, i64::MAX];
        times.sort_unstable();
        assert!(
            times
                .windows(2)
                .all(|pair| time_key(pair[0]) < time_key(pair[1]))
        );
    }

    #[test]
    fn an_id_is_found_at_the_end_of_its_key() {
        let id = EntityId::Natural([3; 16]);
        assert_eq!(id_at_end(&name_key(b"ab", &[&[1], &id.key()])), Some(id));
        assert_eq!(id_at_end(b"short"), None);
    }

    /// A stamp of a site's entry.
    fn stamp(site: u8, seq: u64) -> crate::domain::time::Stamp {
        crate::domain::time::Stamp {
            dot: crate::domain::id::Dot {
                site: crate::domain::id::SiteId([site; 16]),
                seq,
                index: 0,
            },
            at: crate::domain::time::Moment {
                micros: seq.cast_signed(),
                offset: 0,
            },
            by: format!("tech{site}"),
        }
    }

    #[test]
    fn an_order_that_two_shops_opened_and_claimed_has_two_numbers_and_a_row_in_the_inbox() {
        use crate::domain::order::{Opening, OrderEvent};
        use crate::domain::seen::Seen;
        let id = EntityId::Natural([8; 16]);
        let mut order = Order::default();
        let opened = |number: &str| OrderEvent::Opened {
            number: number.to_owned(),
            opening: Opening {
                activity: "annual PM".to_owned(),
                ..Order::default().opening
            },
        };
        let only =
            |site: u8, seq: u64| Seen::UpTo([(crate::domain::id::SiteId([site; 16]), seq)].into());
        let claim = |to: &str| OrderEvent::Assigned { to: to.to_owned() };
        order.apply(&opened("A-00001"), &stamp(1, 2), &only(1, 2));
        order.apply(&opened("B-00001"), &stamp(2, 2), &only(2, 2));
        let rows = |order: &Order| {
            let state = State::Order(Arc::new(order.clone()));
            state.index_rows(id).unwrap()
        };
        let of = |rows: &[IndexRow], family: u8| -> Vec<Vec<u8>> {
            let wanted = rows.iter().filter(|(f, _, _)| *f == family);
            wanted.map(|(_, key, _)| key.clone()).collect()
        };
        assert_eq!(of(&rows(&order), ORDER_NUMBER).len(), 2);
        assert!(of(&rows(&order), CONFLICT).is_empty());
        order.apply(&claim("jd"), &stamp(1, 3), &only(1, 3));
        order.apply(&claim("mk"), &stamp(2, 3), &only(2, 3));
        let inbox = of(&rows(&order), CONFLICT);
        assert_eq!(inbox, [conflict_key(Kind::Order, id)]);
        let about = conflict_at(&inbox[0]).unwrap();
        assert_eq!((about.kind, about.id), (Kind::Order, id));
        order.apply(&claim("jd"), &stamp(1, 4), &Seen::Everything);
        assert!(of(&rows(&order), CONFLICT).is_empty());
    }
}
