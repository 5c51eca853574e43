//! Every event, addressed to the one aggregate it changes.

use serde::{Deserialize, Serialize};

use super::device::DeviceEvent;
use super::id::EntityId;
use super::inspection::InspectionEvent;
use super::model::ModelEvent;
use super::order::OrderEvent;
use super::shop::ShopEvent;
use super::stored_procedure::ProcedureEvent;
use super::technician::TechnicianEvent;
use super::tool::ToolEvent;

/// The kinds of aggregates, with their number on the wire and in store keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[repr(u16)]
pub enum Kind {
    /// The shop itself: name, zone, policies.
    Shop = 1,
    /// A technician.
    Technician = 2,
    /// A device.
    Device = 3,
    /// A work order.
    Order = 4,
    /// An inspection: one walk through a procedure on a device.
    Inspection = 5,
    /// A procedure version.
    Procedure = 6,
    /// A piece of test equipment.
    Tool = 7,
    /// A device model as published (AccessGUDID).
    Model = 8,
}

impl Kind {
    /// The number on the wire.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The kind with this number.
    pub const fn from_code(code: u16) -> Option<Self> {
        Some(match code {
            1 => Self::Shop,
            2 => Self::Technician,
            3 => Self::Device,
            4 => Self::Order,
            5 => Self::Inspection,
            6 => Self::Procedure,
            7 => Self::Tool,
            8 => Self::Model,
            _ => return None,
        })
    }
}

/// One aggregate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Aggregate {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub id: EntityId,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Event {
    /// To the shop.
    Shop(ShopEvent),
    /// To a technician.
    Technician(TechnicianEvent),
    /// To a device.
    Device(DeviceEvent),
    /// To a work order.
    Order(OrderEvent),
    /// To an inspection.
    Inspection(InspectionEvent),
    /// To a procedure version.
    Procedure(ProcedureEvent),
    /// To a piece of test equipment.
    Tool(ToolEvent),
    /// To a model record.
    Model(ModelEvent),
}

impl Event {
    /// The kind of aggregate it changes.
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
}

/// An event with the id of the aggregate it changes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Addressed {
    /// The aggregate.
    pub id: EntityId,
    /// What happened to it.
    pub event: Event,
}

impl Addressed {
    /// The aggregate with its kind.
    pub const fn to(&self) -> Aggregate {
        Aggregate {
            kind: self.event.kind(),
            id: self.id,
        }
    }
}

macro_rules! addressed_from {
    ($($event:ident => $variant:ident),* $(,)?) => {
        $(impl From<(EntityId, $event)> for Addressed {
            fn from((id, event): (EntityId, $event)) -> Self {
                Self { id, event: Event::$variant(event) }
            }
        })*
    };
}

addressed_from! {
    ShopEvent => Shop, TechnicianEvent => Technician, DeviceEvent => Device, OrderEvent => Order,
    InspectionEvent => Inspection, ProcedureEvent => Procedure, ToolEvent => Tool, ModelEvent => Model,
}
