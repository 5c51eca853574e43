//! What every decision about an inspection needs first: the record, its frozen document, its device, and who may act.

use std::sync::Arc;

use super::walk::{Plan, PlanItem, plan};
use super::{Inspection, InspectionStatus};
use crate::domain::context::{Context, World};
use crate::domain::device::Device;
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::order::device_not_sequestered;
use crate::domain::procedure::{Procedure, StepId};
use crate::domain::refusal::{Refusal, RefusalKind};

/// The events of one entry, in order: the next one's place gives the id of what it creates.
pub(super) struct Entry<'a> {
    ctx: &'a Context,
    pub events: Vec<Addressed>,
    numbers: u32,
}

impl<'a> Entry<'a> {
    pub fn new(ctx: &'a Context) -> Self {
        Self {
            ctx,
            events: Vec::new(),
            numbers: 0,
        }
    }

    /// The id of what the next event creates.
    pub fn next_id(&self) -> EntityId {
        self.ctx.id(self.events.len())
    }

    /// The next work order number.
    pub fn next_number(&mut self) -> String {
        let number = crate::domain::order::number(self.ctx, self.numbers);
        self.numbers += 1;
        number
    }

    pub fn push(&mut self, event: impl Into<Addressed>) {
        self.events.push(event.into());
    }
}

/// An inspection with what it is judged by.
pub(super) struct Reached {
    pub id: EntityId,
    pub inspection: Arc<Inspection>,
    pub frozen: Arc<Procedure>,
    pub device_id: EntityId,
    pub device: Arc<Device>,
    /// A named person has adopted the version, at the start or since.
    pub adopted: bool,
}

impl Reached {
    pub fn plan(&self) -> Plan {
        plan(&self.inspection, &self.frozen, &self.inspection.facts)
    }

    /// The step in a plan, or a refusal.
    pub fn item<'p>(&self, plan: &'p Plan, step: &StepId) -> Result<&'p PlanItem, Refusal> {
        plan.item(step).ok_or_else(|| {
            Refusal::not_found(
                format!(
                    "The checklist \"{}\" has no step \"{step}\".",
                    self.frozen.title
                ),
                "Show the inspection to see its steps.",
            )
        })
    }
}

/// The inspection with this id, whatever its status.
pub(super) fn on_record(world: &dyn World, id: EntityId) -> Result<Reached, Refusal> {
    let missing = || {
        Refusal::not_found(
            "This inspection is not on record.",
            "List the open ones, or look the device up.",
        )
    };
    let inspection = world
        .inspection(id)
        .filter(|i| i.started.is_some())
        .ok_or_else(missing)?;
    let device_id = inspection.device.ok_or_else(missing)?;
    let device = world.device(device_id).ok_or_else(missing)?;
    let frozen = world
        .procedure(inspection.frozen)
        .and_then(|stored| stored.procedure.clone())
        .ok_or_else(|| {
            Refusal::not_found(
                "The checklist of this inspection is not in this store yet.",
                "Import the bundle that holds it; the answers are safe.",
            )
        })?;
    let adopted = inspection.adopted
        || world
            .procedure(inspection.procedure)
            .is_some_and(|stored| stored.is_adopted());
    Ok(Reached {
        id,
        inspection,
        frozen,
        device_id,
        device,
        adopted,
    })
}

/// The inspection, still open.
pub(super) fn open(world: &dyn World, id: EntityId) -> Result<Reached, Refusal> {
    let reached = on_record(world, id)?;
    match reached.inspection.status {
        Some(InspectionStatus::Open) => Ok(reached),
        Some(InspectionStatus::Signed) => Err(Refusal::rule(
            "This inspection is signed; it cannot be changed any more.",
            "Add a note as an addendum, or start a new inspection.",
        )),
        _ => Err(Refusal::rule(
            "This inspection is void; it counts nowhere.",
            "Start a new inspection.",
        )),
    }
}

/// The inspection, open and in the hands of who asks.
pub(super) fn held(world: &dyn World, ctx: &Context, id: EntityId) -> Result<Reached, Refusal> {
    let reached = open(world, id)?;
    if reached.inspection.holder != ctx.actor {
        return Err(Refusal::new(
            RefusalKind::NotAllowed,
            format!(
                "{} has this inspection of {}.",
                reached.inspection.holder,
                reached.device.tag()
            ),
            "Ask for a hand-over, or take it over. Nothing was recorded.",
        ));
    }
    Ok(reached)
}

/// The inspection, open, in the hands of who asks, on a device that may be worked on.
pub(super) fn at_work(world: &dyn World, ctx: &Context, id: EntityId) -> Result<Reached, Refusal> {
    let reached = held(world, ctx, id)?;
    device_not_sequestered(&reached.device)?;
    Ok(reached)
}
