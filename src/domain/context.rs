//! What `decide` may know beside the command: the time, who asks, the next ids, and the states the command names.

use std::sync::Arc;

use chrono::NaiveDate;

use super::device::Device;
use super::id::{Dot, EntityId, Hash, SiteId};
use super::inspection::Inspection;
use super::model::Model;
use super::order::Order;
use super::signature::Signature;
use super::stored_procedure::StoredProcedure;
use super::technician::Technician;
use super::time::Moment;
use super::tool::Tool;

/// Time, actor and ids for one command. Filled from outside: the domain has no clock and no randomness.
#[derive(Clone, Debug)]
pub struct Context {
    /// The site that decides.
    pub site: SiteId,
    /// The sequence that the entry will have.
    pub seq: u64,
    /// Now.
    pub now: Moment,
    /// The shop's date now.
    pub today: NaiveDate,
    /// The key of the technician who asks.
    pub actor: String,
    /// The shop's work order prefix.
    pub prefix: String,
    /// The number the next work order of this shop gets.
    pub next_order: u32,
    /// The number the next temporary tag of this shop gets.
    pub next_temporary: u32,
    /// The proof of a second person, for a command that needs one.
    pub witness: Option<Signature>,
}

impl Context {
    /// The id of the thing that the entry's event number `index` creates.
    pub fn id(&self, index: usize) -> EntityId {
        EntityId::Made(self.dot(index))
    }

    /// The dot of the entry's event number `index`.
    pub fn dot(&self, index: usize) -> Dot {
        Dot {
            site: self.site,
            seq: self.seq,
            index: index as u16,
        }
    }
}

/// The states that commands name, read at one moment. Implemented over the store's rows; in tests over maps. The large ones
/// are shared: a decision reads them and changes nothing.
pub trait World {
    /// A device's record.
    fn device(&self, id: EntityId) -> Option<Arc<Device>>;
    /// A technician by the id of their record.
    fn technician_of(&self, id: EntityId) -> Option<Technician>;
    /// A published model record.
    fn model(&self, id: EntityId) -> Option<Arc<Model>>;
    /// A work order.
    fn order(&self, id: EntityId) -> Option<Arc<Order>>;
    /// An inspection.
    fn inspection(&self, id: EntityId) -> Option<Arc<Inspection>>;
    /// A technician by key.
    fn technician(&self, key: &str) -> Option<Technician>;
    /// The id of the technician with this key, known or new.
    fn technician_id(&self, key: &str) -> EntityId;
    /// The test equipment with this short name (folded comparison).
    fn tool_named(&self, name: &str) -> Option<EntityId>;
    /// A piece of test equipment.
    fn tool(&self, id: EntityId) -> Option<Tool>;
    /// A procedure version by content hash.
    fn procedure(&self, hash: Hash) -> Option<Arc<StoredProcedure>>;
    /// The devices that carry this tag, serial or alias now (folded comparison), current tags first.
    fn devices_named(&self, name: &str) -> Vec<EntityId>;
    /// The open work orders of a device, oldest first.
    fn open_orders(&self, device: EntityId) -> Vec<EntityId>;
    /// The inspections of a device that are neither signed nor void, oldest first.
    fn open_inspections(&self, device: EntityId) -> Vec<EntityId>;
    /// All inspections of a device, oldest first.
    fn inspections_of(&self, device: EntityId) -> Vec<EntityId>;
    /// All inspections that used a tool.
    fn inspections_with_tool(&self, tool: EntityId) -> Vec<EntityId>;
    /// Modules of a system: devices whose parent is this tag.
    fn children(&self, tag: &str) -> Vec<EntityId>;
}
