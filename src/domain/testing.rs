//! A whole shop in memory, for tests: the same decide and apply as the real one, over maps, with a clock that the test
//! moves.
//!
//! Invariants: nothing here is used by the program itself; one accepted command is one entry, applied whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::choices::fold;
use super::command::{self, Command, procedure_id, technician_id};
use super::context::{Context, World};
use super::device::{Device, Field};
use super::event::{Addressed, Event, Kind};
use super::id::{Dot, EntityId, Hash, SiteId};
use super::inspection::Inspection;
use super::model::Model;
use super::order::{Order, OrderEvent};
use super::refusal::Refusal;
use super::seen::Seen;
use super::signature::{Meaning, Signature};
use super::stored_procedure::StoredProcedure;
use super::technician::Technician;
use super::time::{Moment, Stamp};
use super::tool::Tool;
use super::witness;

/// A shop in memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestWorld {
    /// The site that writes.
    pub site: SiteId,
    /// Its work order prefix.
    pub prefix: String,
    /// The sequence of the last entry.
    pub seq: u64,
    /// The clock; a test moves it.
    pub now: Moment,
    /// Devices.
    pub devices: BTreeMap<EntityId, Device>,
    /// Work orders.
    pub orders: BTreeMap<EntityId, Order>,
    /// Inspections.
    pub inspections: BTreeMap<EntityId, Inspection>,
    /// Technicians.
    pub technicians: BTreeMap<EntityId, Technician>,
    /// Test equipment.
    pub tools: BTreeMap<EntityId, Tool>,
    /// Published model records.
    pub models: BTreeMap<EntityId, Model>,
    /// Procedure versions.
    pub procedures: BTreeMap<EntityId, StoredProcedure>,
    /// Every entry so far: the stamp of its first event, and its events.
    pub entries: Vec<(Stamp, Vec<Addressed>)>,
}

/// What an accepted command recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The events, in order.
    pub events: Vec<Addressed>,
}

impl Receipt {
    /// The id of the first aggregate of this kind among the events.
    pub fn first(&self, kind: Kind) -> Option<EntityId> {
        self.events
            .iter()
            .find(|e| e.event.kind() == kind)
            .map(|e| e.id)
    }
}

impl Default for TestWorld {
    fn default() -> Self {
        Self {
            site: SiteId([1; 16]),
            prefix: "SHOP".to_owned(),
            seq: 1,
            // 2026-03-02 08:00 UTC, a Monday.
            now: Moment {
                micros: 1_772_438_400_000_000,
                offset: 0,
            },
            devices: BTreeMap::new(),
            orders: BTreeMap::new(),
            inspections: BTreeMap::new(),
            technicians: BTreeMap::new(),
            tools: BTreeMap::new(),
            models: BTreeMap::new(),
            procedures: BTreeMap::new(),
            entries: Vec::new(),
        }
    }
}

impl TestWorld {
    /// Lets time pass.
    pub fn pass(&mut self, seconds: i64) {
        self.now = self.now.plus_seconds(seconds);
    }

    /// Lets whole days pass.
    pub fn pass_days(&mut self, days: i64) {
        self.pass(days * 86_400);
    }

    /// What `decide` would know of time, actor and ids.
    pub fn context(&self, actor: &str) -> Context {
        Context {
            site: self.site,
            seq: self.seq + 1,
            now: self.now,
            today: self.now.date(),
            actor: actor.to_owned(),
            prefix: self.prefix.clone(),
            next_order: self.orders.len() as u32 + 1,
            next_temporary: self.temporary_tags() + 1,
            witness: None,
        }
    }

    /// How many temporary tags were given out.
    fn temporary_tags(&self) -> u32 {
        self.devices
            .values()
            .filter(|d| {
                d.tag().starts_with("TMP-") || d.aliases.iter().any(|a| a.starts_with("TMP-"))
            })
            .count() as u32
    }

    /// Decides a command and applies its events.
    pub fn tell(&mut self, actor: &str, command: &Command) -> Result<Receipt, Refusal> {
        let mut context = self.context(actor);
        context.witness = self.proof(command);
        let events = command::decide(self, &context, command)?;
        self.record(actor, &events);
        Ok(Receipt { events })
    }

    /// As [`TestWorld::tell`], when no second person has proved anything.
    pub fn tell_alone(&mut self, actor: &str, command: &Command) -> Result<Receipt, Refusal> {
        let events = command::decide(self, &self.context(actor), command)?;
        self.record(actor, &events);
        Ok(Receipt { events })
    }

    /// The proof of the second person that a command names, with the key they have enrolled.
    pub fn proof(&self, command: &Command) -> Option<Signature> {
        let statement = witness::statement(self, command)?;
        let person = self.technician(&statement.who)?;
        let public = person.current_key()?.public;
        Some(Signature {
            signer: person.key.clone(),
            name: person.name.clone(),
            at: self.now,
            meaning: Meaning::Approved,
            list: statement.hash(),
            covers: Vec::new(),
            public,
            bytes: vec![0; 64],
        })
    }

    /// Applies events as one entry.
    pub fn record(&mut self, actor: &str, events: &[Addressed]) {
        if events.is_empty() {
            return;
        }
        self.seq += 1;
        let stamp = Stamp {
            dot: Dot {
                site: self.site,
                seq: self.seq,
                index: 0,
            },
            at: self.now,
            by: actor.to_owned(),
        };
        self.apply(&stamp, events, &Seen::Everything);
        self.entries.push((stamp, events.to_vec()));
    }

    /// Applies the events of one entry, whoever wrote it; `seen` is what its writer knew.
    pub fn apply(&mut self, first: &Stamp, events: &[Addressed], seen: &Seen) {
        for (index, addressed) in events.iter().enumerate() {
            let mut stamp = first.clone();
            stamp.dot.index = index as u16;
            let id = addressed.id;
            match &addressed.event {
                Event::Device(e) => self.devices.entry(id).or_default().apply(e, &stamp, seen),
                Event::Order(e) => self.orders.entry(id).or_default().apply(e, &stamp, seen),
                Event::Inspection(e) => self
                    .inspections
                    .entry(id)
                    .or_default()
                    .apply(e, &stamp, seen),
                Event::Technician(e) => self
                    .technicians
                    .entry(id)
                    .or_default()
                    .apply(e, &stamp, seen),
                Event::Tool(e) => self.tools.entry(id).or_default().apply(e, &stamp, seen),
                Event::Procedure(e) => self
                    .procedures
                    .entry(id)
                    .or_default()
                    .apply(e, &stamp, seen),
                Event::Model(e) => self.models.entry(id).or_default().apply(e, &stamp, seen),
                Event::Shop(_) => {}
            }
        }
    }

    /// The same shop, made again from its entries alone.
    #[must_use]
    pub fn replayed(&self) -> Self {
        let mut again = Self {
            site: self.site,
            prefix: self.prefix.clone(),
            seq: self.seq,
            now: self.now,
            ..Self::default()
        };
        for (stamp, events) in &self.entries {
            again.apply(stamp, events, &Seen::Everything);
            again.entries.push((stamp.clone(), events.clone()));
        }
        again
    }

    fn named(&self, matches: impl Fn(&Device) -> bool) -> Vec<EntityId> {
        self.devices
            .iter()
            .filter(|(_, d)| d.merged_into.is_none() && matches(d))
            .map(|(id, _)| *id)
            .collect()
    }

    /// The order with this number.
    pub fn order_numbered(&self, number: &str) -> Option<EntityId> {
        self.orders
            .iter()
            .find(|(_, order)| order.number == number)
            .map(|(id, _)| *id)
    }

    /// How many events of opened orders were recorded.
    pub fn orders_opened(&self) -> usize {
        self.entries
            .iter()
            .flat_map(|(_, events)| events)
            .filter(|e| matches!(e.event, Event::Order(OrderEvent::Opened { .. })))
            .count()
    }
}

impl World for TestWorld {
    fn device(&self, id: EntityId) -> Option<Arc<Device>> {
        self.devices.get(&id).cloned().map(Arc::new)
    }

    fn order(&self, id: EntityId) -> Option<Arc<Order>> {
        self.orders.get(&id).cloned().map(Arc::new)
    }

    fn inspection(&self, id: EntityId) -> Option<Arc<Inspection>> {
        self.inspections.get(&id).cloned().map(Arc::new)
    }

    fn technician(&self, key: &str) -> Option<Technician> {
        self.technicians.get(&self.technician_id(key)).cloned()
    }

    fn technician_of(&self, id: EntityId) -> Option<Technician> {
        self.technicians.get(&id).cloned()
    }

    fn model(&self, id: EntityId) -> Option<Arc<Model>> {
        self.models.get(&id).cloned().map(Arc::new)
    }

    fn technician_id(&self, key: &str) -> EntityId {
        let own = technician_id(self.site, key);
        if self.technicians.contains_key(&own) {
            return own;
        }
        let elsewhere = self.technicians.iter().find(|(_, t)| t.key == key);
        elsewhere.map_or(own, |(id, _)| *id)
    }

    fn tool_named(&self, name: &str) -> Option<EntityId> {
        let wanted = fold(name);
        self.tools
            .iter()
            .find(|(_, tool)| fold(&tool.name) == wanted)
            .map(|(id, _)| *id)
    }

    fn tool(&self, id: EntityId) -> Option<Tool> {
        self.tools.get(&id).cloned()
    }

    fn procedure(&self, hash: Hash) -> Option<Arc<StoredProcedure>> {
        self.procedures
            .get(&procedure_id(hash))
            .cloned()
            .map(Arc::new)
    }

    fn devices_named(&self, name: &str) -> Vec<EntityId> {
        let wanted = fold(name);
        let mut found = self.named(|d| fold(&d.tag()) == wanted);
        let others = self.named(|d| {
            fold(&d.text(Field::Serial)) == wanted || d.aliases.iter().any(|a| fold(a) == wanted)
        });
        for id in others {
            if !found.contains(&id) {
                found.push(id);
            }
        }
        found
    }

    fn open_orders(&self, device: EntityId) -> Vec<EntityId> {
        let mut open: Vec<_> = self
            .orders
            .iter()
            .filter(|(_, o)| o.opening.device == Some(device) && o.status.is_open())
            .collect();
        open.sort_by_key(|(_, o)| o.opened.clone());
        open.into_iter().map(|(id, _)| *id).collect()
    }

    fn open_inspections(&self, device: EntityId) -> Vec<EntityId> {
        let mut open: Vec<_> = self
            .inspections
            .iter()
            .filter(|(_, i)| i.device == Some(device) && i.is_open())
            .collect();
        open.sort_by_key(|(_, i)| i.started.clone());
        open.into_iter().map(|(id, _)| *id).collect()
    }

    fn inspections_of(&self, device: EntityId) -> Vec<EntityId> {
        let mut all: Vec<_> = self
            .inspections
            .iter()
            .filter(|(_, i)| i.device == Some(device))
            .collect();
        all.sort_by_key(|(_, i)| i.started.clone());
        all.into_iter().map(|(id, _)| *id).collect()
    }

    fn inspections_with_tool(&self, tool: EntityId) -> Vec<EntityId> {
        self.inspections
            .iter()
            .filter(|(_, i)| i.answers.iter().any(|a| a.tool == Some(tool)))
            .map(|(id, _)| *id)
            .collect()
    }

    fn children(&self, tag: &str) -> Vec<EntityId> {
        let wanted = fold(tag);
        self.named(|d| fold(&d.text(Field::Parent)) == wanted)
    }
}
