//! Typed reading of rows: the [`World`] that deciders see, over the store or over what a writer has staged.
//!
//! Invariant: trouble while reading is never taken for "not there": it is kept, and whoever decided on this view must
//! ask [`View::trouble`] before recording anything.

use std::cell::RefCell;
use std::sync::Arc;

use crate::domain::command::{procedure_id, technician_id};
use crate::domain::context::World;
use crate::domain::device::{Device, DeviceCard};
use crate::domain::event::{Aggregate, Kind};
use crate::domain::id::{EntityId, Hash, SiteId};
use crate::domain::inspection::Inspection;
use crate::domain::model::Model;
use crate::domain::order::Order;
use crate::domain::shop::Shop;
use crate::domain::stored_procedure::StoredProcedure;
use crate::domain::technician::Technician;
use crate::domain::tool::Tool;
use crate::journal::codec;
use crate::store::{Direction, Row, Store, StoreError, Writer};

use super::held;
use super::rows::{self, State};

/// Rows from anywhere.
pub trait Read {
    /// One row.
    fn row(&self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// Rows by prefix, in key order.
    fn rows(&self, family: u8, prefix: &[u8], limit: usize) -> Result<Vec<Row>, StoreError>;
    /// The decoded state of an aggregate; readers that keep states decoded answer without decoding.
    fn state(&self, kind: Kind, id: EntityId) -> Result<Option<State>, StoreError> {
        match self.row(rows::state_family(kind), &id.key())? {
            Some(bytes) => Ok(Some(State::decode(kind, &bytes)?)),
            None => Ok(None),
        }
    }
}

impl Read for Store {
    fn row(&self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(family, key)
    }

    fn rows(&self, family: u8, prefix: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.scan(family, prefix, None, limit, Direction::Up)
    }
}

impl Read for RefCell<Writer<'_>> {
    fn row(&self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.borrow_mut().get(family, key)
    }

    fn state(&self, kind: Kind, id: EntityId) -> Result<Option<State>, StoreError> {
        held::read(self.borrow_mut().rows(), Aggregate { kind, id })
    }

    fn rows(&self, family: u8, prefix: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.borrow_mut()
            .scan(family, prefix, None, limit, Direction::Up)
    }
}

/// Typed reading over any rows.
pub struct View<'a> {
    read: &'a dyn Read,
    /// The sites that ever wrote here, the one that writes now first.
    sites: Vec<SiteId>,
    trouble: RefCell<Option<StoreError>>,
}

macro_rules! typed {
    ($(#[$doc:meta] $name:ident: $type:ty = $kind:ident;)*) => {
        $(
            #[$doc]
            pub fn $name(&self, id: EntityId) -> Option<Arc<$type>> {
                match self.state(Kind::$kind, id)? {
                    State::$kind(state) => Some(state),
                    _ => None,
                }
            }
        )*
    };
}

impl<'a> View<'a> {
    /// A view of rows as the shop with these sites sees them: those that ever wrote here, the one that writes now first.
    pub fn new(read: &'a dyn Read, sites: Vec<SiteId>) -> Self {
        Self {
            read,
            sites,
            trouble: RefCell::new(None),
        }
    }

    /// The technicians with this key, of whatever shop.
    pub(super) fn named_so(&self, key: &str) -> Vec<EntityId> {
        let prefix = rows::name_key(key.as_bytes(), &[]);
        self.ids(rows::TECHNICIAN_KEY, &prefix, usize::MAX)
    }

    /// The technicians of this shop.
    pub(super) fn technicians_here(&self) -> Vec<Technician> {
        self.ids(rows::TECHNICIAN_KEY, &[], usize::MAX)
            .into_iter()
            .filter_map(|id| {
                let technician = self.technician_state(id)?;
                (self.technician_id(&technician.key) == id)
                    .then(|| Arc::unwrap_or_clone(technician))
            })
            .collect()
    }

    /// The rows below.
    pub(super) fn reader(&self) -> &'a dyn Read {
        self.read
    }

    /// The first trouble met while reading, if any.
    pub fn trouble(&self) -> Result<(), StoreError> {
        self.trouble.borrow_mut().take().map_or(Ok(()), Err)
    }

    fn keep<T>(&self, result: Result<T, StoreError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.trouble.borrow_mut().get_or_insert(error);
                None
            }
        }
    }

    fn state(&self, kind: Kind, id: EntityId) -> Option<State> {
        self.keep(self.read.state(kind, id))?
    }

    typed! {
        /// A device.
        device_state: Device = Device;
        /// A work order.
        order_state: Order = Order;
        /// An inspection.
        inspection_state: Inspection = Inspection;
        /// A procedure version.
        procedure_state: StoredProcedure = Procedure;
        /// A technician.
        technician_state: Technician = Technician;
        /// Test equipment.
        tool_state: Tool = Tool;
        /// A model record.
        model_state: Model = Model;
        /// The shop.
        shop_state: Shop = Shop;
    }

    /// A device's card.
    pub fn card(&self, id: EntityId) -> Option<DeviceCard> {
        let bytes = self.keep(self.read.row(rows::DEVICE_CARD, &id.key()))??;
        self.keep(codec::decode(&bytes).map_err(StoreError::from))
    }

    /// The ids at the end of the keys of a family that begin with this prefix.
    pub fn ids(&self, family: u8, prefix: &[u8], limit: usize) -> Vec<EntityId> {
        self.keep(self.read.rows(family, prefix, limit))
            .unwrap_or_default()
            .iter()
            .filter_map(|(key, _)| rows::id_at_end(key))
            .collect()
    }

    /// Keys and values by prefix.
    pub fn scan(&self, family: u8, prefix: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.keep(self.read.rows(family, prefix, limit))
            .unwrap_or_default()
    }

    /// The highest number given out under a prefix.
    pub fn counter(&self, prefix: &str) -> u32 {
        let row = self
            .keep(self.read.row(rows::COUNTER, prefix.as_bytes()))
            .flatten();
        super::projector::read_counter(row.as_deref())
    }

    /// The work order with this number.
    pub fn order_numbered(&self, number: &str) -> Option<EntityId> {
        self.ids(
            rows::ORDER_NUMBER,
            &rows::name_key(&rows::fold(number), &[]),
            1,
        )
        .first()
        .copied()
    }

    /// The published record of a device identifier.
    pub fn model_of(&self, di: &str) -> Option<Arc<Model>> {
        let id = self
            .ids(rows::MODEL_DI, &rows::name_key(&rows::fold(di), &[]), 1)
            .first()
            .copied()?;
        self.model_state(id)
    }

    /// Every procedure version that is not a frozen copy: id and state, by code.
    pub fn procedures(&self) -> Vec<(EntityId, Arc<StoredProcedure>)> {
        self.ids(rows::PROCEDURE, &[], usize::MAX)
            .into_iter()
            .filter_map(|id| self.procedure_state(id).map(|state| (id, state)))
            .collect()
    }

    /// The inspections of a work order.
    pub fn inspections_of_order(&self, order: EntityId) -> Vec<EntityId> {
        self.ids(rows::INSPECTION_OF_ORDER, &order.key(), usize::MAX)
    }
}

impl World for View<'_> {
    fn device(&self, id: EntityId) -> Option<Arc<Device>> {
        self.device_state(id)
    }

    fn order(&self, id: EntityId) -> Option<Arc<Order>> {
        self.order_state(id)
    }

    fn inspection(&self, id: EntityId) -> Option<Arc<Inspection>> {
        self.inspection_state(id)
    }

    fn technician(&self, key: &str) -> Option<Technician> {
        self.technician_state(self.technician_id(key))
            .map(Arc::unwrap_or_clone)
    }

    fn technician_of(&self, id: EntityId) -> Option<Technician> {
        self.technician_state(id).map(Arc::unwrap_or_clone)
    }

    fn model(&self, id: EntityId) -> Option<Arc<Model>> {
        self.model_state(id)
    }

    fn technician_id(&self, key: &str) -> EntityId {
        let known = self.named_so(key);
        let mut own = self.sites.iter().map(|site| technician_id(*site, key));
        // People of another shop may have the same short key: nobody here is taken for one of them.
        own.clone()
            .find(|id| known.contains(id))
            .or_else(|| own.next())
            .unwrap_or_else(|| technician_id(SiteId::default(), key))
    }

    fn tool_named(&self, name: &str) -> Option<EntityId> {
        self.ids(rows::TOOL_NAME, &rows::name_key(&rows::fold(name), &[]), 1)
            .first()
            .copied()
    }

    fn tool(&self, id: EntityId) -> Option<Tool> {
        self.tool_state(id).map(Arc::unwrap_or_clone)
    }

    fn procedure(&self, hash: Hash) -> Option<Arc<StoredProcedure>> {
        self.procedure_state(procedure_id(hash))
    }

    fn devices_named(&self, name: &str) -> Vec<EntityId> {
        let folded = rows::fold(name);
        if folded.is_empty() {
            return Vec::new();
        }
        let mut out = Vec::new();
        for id in self.ids(rows::DEVICE_NAME, &rows::name_key(&folded, &[]), 1_000) {
            if !out.contains(&id) {
                out.push(id);
            }
        }
        out
    }

    fn open_orders(&self, device: EntityId) -> Vec<EntityId> {
        self.scan(rows::ORDERS_OF_DEVICE, &device.key(), usize::MAX)
            .into_iter()
            .filter(|(_, value)| value.first() == Some(&1))
            .filter_map(|(key, _)| rows::id_at_end(&key))
            .collect()
    }

    fn open_inspections(&self, device: EntityId) -> Vec<EntityId> {
        let open = crate::domain::inspection::InspectionStatus::Open.code() as u8;
        self.scan(rows::INSPECTIONS_OF_DEVICE, &device.key(), usize::MAX)
            .into_iter()
            .filter(|(_, value)| value.first() == Some(&open))
            .filter_map(|(key, _)| rows::id_at_end(&key))
            .collect()
    }

    fn inspections_of(&self, device: EntityId) -> Vec<EntityId> {
        self.ids(rows::INSPECTIONS_OF_DEVICE, &device.key(), usize::MAX)
    }

    fn inspections_with_tool(&self, tool: EntityId) -> Vec<EntityId> {
        self.ids(rows::INSPECTION_OF_TOOL, &tool.key(), usize::MAX)
    }

    fn children(&self, tag: &str) -> Vec<EntityId> {
        self.ids(
            rows::MODULE,
            &rows::name_key(&rows::fold(tag), &[]),
            usize::MAX,
        )
    }
}
