//! Beginning an inspection: the order it belongs to, the document it is judged by, and what must be read first.
//!
//! Invariants: never two open inspections of one order; a choice between orders is never made silently; what is not known
//! of the device stays unknown in the frozen facts.

use std::sync::Arc;

use chrono::NaiveDate;

use super::alerts::warnings;
use super::facts::facts_of;
use super::reach::Entry;
use super::{Inspection, InspectionEvent, tools};
use crate::domain::choices::fold;
use crate::domain::command::procedure_id;
use crate::domain::context::{Context, World};
use crate::domain::device::{Device, DeviceEvent, Field, Stage, Whereabouts};
use crate::domain::event::Addressed;
use crate::domain::id::{EntityId, Hash};
use crate::domain::order::{
    Cause, Opening, Order, OrderEvent, OrderKind, Priority, Status, device_not_sequestered, named,
};
use crate::domain::procedure::electrical::ElectricalFacts;
use crate::domain::procedure::{DeviceFacts, Procedure};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::stored_procedure::ProcedureEvent;

/// What a person begins.
pub(super) struct Beginning<'a> {
    pub device: EntityId,
    pub order: Option<EntityId>,
    pub procedure: Hash,
    pub performed: Option<NaiveDate>,
    pub acknowledged: &'a [String],
    pub tools: &'a [(String, EntityId)],
}

/// Decides the start of an inspection.
pub(super) fn start(
    world: &dyn World,
    ctx: &Context,
    begin: &Beginning<'_>,
) -> Result<Vec<Addressed>, Refusal> {
    let device = workable(world, begin.device)?;
    let performed = begin.performed.unwrap_or(ctx.today);
    if performed > ctx.today {
        return Err(Refusal::bad_input(
            format!("{performed} lies in the future."),
            "Give the day the work was done.",
        ));
    }
    let (procedure, adopted) = offered(world, begin.procedure)?;
    let facts = facts_of(&device);
    let frozen = expand(&procedure, &facts);
    let wanted = Wanted::of(&procedure);
    let order = wanted.order(world, begin.device, &device, begin.order)?;
    if let Some((id, order)) = &order {
        free_to_begin(world, ctx, begin.device, *id, order)?;
    }
    let current = warnings(world, ctx, begin.device, order.as_ref().map(|(id, _)| *id));
    let unread: Vec<&String> = current
        .iter()
        .filter(|w| !begin.acknowledged.contains(w))
        .collect();
    if !unread.is_empty() {
        let mut refusal = Refusal::new(
            RefusalKind::NeedsChoice,
            format!(
                "{} has {} that must be read before step 1.",
                device.tag(),
                if unread.len() == 1 {
                    "a warning".to_owned()
                } else {
                    format!("{} warnings", unread.len())
                }
            ),
            "Read them and acknowledge each one.",
        );
        refusal.choices = unread.into_iter().map(|w| (w.clone(), w.clone())).collect();
        return Err(refusal);
    }

    let mut entry = Entry::new(ctx);
    // Who inspects a device has found it.
    if matches!(device.whereabouts, Whereabouts::Missing { .. }) {
        entry.push((
            begin.device,
            DeviceEvent::WhereaboutsChanged {
                to: Whereabouts::AtLocation,
                note: "found: its inspection was begun".to_owned(),
            },
        ));
    }
    let order_id = match &order {
        Some((id, _)) => *id,
        None => open_unscheduled(&mut entry, begin.device, &device, &wanted),
    };
    claim_and_start(
        &mut entry,
        ctx,
        order_id,
        order.as_ref().map(|(_, order)| order.as_ref()),
    );
    let frozen_hash = frozen.hash().0;
    if world.procedure(frozen_hash).is_none() {
        entry.push((
            procedure_id(frozen_hash),
            ProcedureEvent::Frozen {
                procedure: Box::new(frozen.clone()),
                of: begin.procedure,
            },
        ));
    }
    let id = entry.next_id();
    entry.push((
        id,
        InspectionEvent::Started {
            device: begin.device,
            order: order_id,
            procedure: begin.procedure,
            frozen: frozen_hash,
            activity: order
                .as_ref()
                .map_or_else(|| wanted.activity.clone(), |(_, o)| wanted.named(o)),
            performed,
            facts,
            adopted,
        },
    ));
    let unqualified = unqualified(world, &ctx.actor, &frozen, performed);
    for warning in current.into_iter().chain(unqualified) {
        entry.push((id, InspectionEvent::Acknowledged { warning }));
    }
    tools::of_the_session(world, ctx, &frozen, performed, begin.tools, id, &mut entry);
    Ok(entry.events)
}

/// The credentials that the procedure asks for and a technician does not hold on that day, in one sentence. Who lacks one
/// may begin; the record says so, and somebody who holds it signs.
pub fn unqualified(
    world: &dyn World,
    technician: &str,
    procedure: &Procedure,
    on: NaiveDate,
) -> Option<String> {
    let known = world.technician(technician).unwrap_or_default();
    let lacks = known.lacks(&procedure.credentials, on);
    (!lacks.is_empty()).then(|| {
        format!(
            "this procedure asks for credentials that {technician} does not hold: {}",
            lacks.join("; ")
        )
    })
}

/// The device, if it may be worked on.
pub(super) fn workable(world: &dyn World, id: EntityId) -> Result<Arc<Device>, Refusal> {
    let device = world.device(id).filter(|d| d.revision > 0).ok_or_else(|| {
        Refusal::not_found(
            "This device is not on record.",
            "Look it up again, or register it first.",
        )
    })?;
    if device.merged_into.is_some() {
        return Err(Refusal::rule(
            format!(
                "The record of {} was combined into another one.",
                device.tag()
            ),
            "Start on the record that stayed.",
        ));
    }
    if device.stage() == Stage::Disposed {
        return Err(Refusal::rule(
            format!("{} is disposed; it has left the hospital.", device.tag()),
            "Check the tag: another device may be on the bench.",
        ));
    }
    device_not_sequestered(&device)?;
    Ok(device)
}

fn offered(world: &dyn World, hash: Hash) -> Result<(Arc<Procedure>, bool), Refusal> {
    let missing = || {
        Refusal::not_found(
            "This procedure version is not on record.",
            "List them with `tagout procedure list`.",
        )
    };
    let stored = world
        .procedure(hash)
        .filter(|p| p.frozen_from.is_none())
        .ok_or_else(missing)?;
    if let Some(reason) = &stored.withdrawn {
        return Err(Refusal::rule(
            format!("This procedure version was withdrawn: {reason}."),
            "Use the version that took its place.",
        ));
    }
    let adopted = stored.is_adopted();
    Ok((stored.procedure.clone().ok_or_else(missing)?, adopted))
}

/// The document for this device: every electrical safety step made concrete.
pub(super) fn expand(procedure: &Procedure, facts: &DeviceFacts) -> Procedure {
    Procedure {
        sections: procedure.expanded(&ElectricalFacts::from(facts), None),
        ..procedure.clone()
    }
}

/// The kind of order and activity that a procedure is for.
pub(super) struct Wanted {
    kind: OrderKind,
    activity: String,
    code: String,
}

impl Wanted {
    pub fn of(procedure: &Procedure) -> Self {
        let folded = fold(&procedure.activity);
        let kind = [
            OrderKind::IncomingInspection,
            OrderKind::ElectricalSafety,
            OrderKind::Calibration,
        ]
        .into_iter()
        .find(|kind| fold(kind.default_activity()) == folded || fold(kind.key()) == folded)
        .unwrap_or(OrderKind::Pm);
        let activity = if kind == OrderKind::Pm && folded != "pm" && !folded.is_empty() {
            procedure.activity.clone()
        } else {
            kind.default_activity().to_owned()
        };
        Self {
            kind,
            activity,
            code: procedure.code.clone(),
        }
    }

    /// The activity that the record is kept under: the order's, for scheduled maintenance.
    pub fn named(&self, order: &Order) -> String {
        if self.kind == OrderKind::Pm
            && order.opening.kind == OrderKind::Pm
            && !order.opening.activity.is_empty()
        {
            order.opening.activity.clone()
        } else {
            self.activity.clone()
        }
    }

    fn fits(&self, order: &Order) -> bool {
        order.opening.kind == self.kind
            && (order.opening.activity.is_empty()
                || fold(&order.opening.activity) == fold(&self.activity)
                || (!self.code.is_empty() && order.opening.procedure == self.code))
    }

    /// The order to attach to; `None` when there is none.
    pub fn order(
        &self,
        world: &dyn World,
        device_id: EntityId,
        device: &Device,
        chosen: Option<EntityId>,
    ) -> Result<Option<(EntityId, Arc<Order>)>, Refusal> {
        if let Some(id) = chosen {
            return self.chosen(world, device_id, device, id).map(Some);
        }
        let mut fitting: Vec<(EntityId, Arc<Order>)> = world
            .open_orders(device_id)
            .into_iter()
            .filter_map(|id| Some((id, world.order(id)?)))
            .filter(|(_, order)| order.status.is_open() && self.fits(order))
            .collect();
        if fitting.len() > 1 {
            let mut refusal = Refusal::new(
                RefusalKind::NeedsChoice,
                format!(
                    "{} has {} open orders for {}.",
                    device.tag(),
                    fitting.len(),
                    self.activity
                ),
                "Choose the one that this inspection is for.",
            );
            refusal.choices = fitting
                .iter()
                .map(|(id, order)| (id.to_string(), in_words(order)))
                .collect();
            return Err(refusal);
        }
        Ok(fitting.pop())
    }

    fn chosen(
        &self,
        world: &dyn World,
        device_id: EntityId,
        device: &Device,
        id: EntityId,
    ) -> Result<(EntityId, Arc<Order>), Refusal> {
        let order = world
            .order(id)
            .filter(|order| order.opened.is_some())
            .ok_or_else(|| {
                Refusal::not_found(
                    "This work order is not on record.",
                    "Look it up again by its number.",
                )
            })?;
        if order.opening.device != Some(device_id) {
            return Err(Refusal::rule(
                format!("{} is not an order for {}.", order.number, device.tag()),
                "Check the number and the device.",
            ));
        }
        if !order.status.is_open() {
            return Err(Refusal::rule(
                format!("{} is {}.", order.number, order.status),
                "Start without an order, or reopen it as a new linked order.",
            ));
        }
        if is_scheduled(order.opening.kind) && order.opening.kind != self.kind {
            return Err(Refusal::rule(
                format!(
                    "{} is for {}; this procedure does {}.",
                    order.number, order.opening.kind, self.activity
                ),
                "Choose a procedure of that activity.",
            ));
        }
        Ok((id, order))
    }
}

/// The kinds of work that an inspection completes.
pub(super) const fn is_scheduled(kind: OrderKind) -> bool {
    matches!(
        kind,
        OrderKind::Pm
            | OrderKind::IncomingInspection
            | OrderKind::ElectricalSafety
            | OrderKind::Calibration
    )
}

/// The order in one line: number, what, due day, problem.
pub(super) fn in_words(order: &Order) -> String {
    let due = order
        .opening
        .due
        .map(|due| format!(", due {due}"))
        .unwrap_or_default();
    let what = if order.opening.activity.is_empty() {
        order.opening.kind.label()
    } else {
        &order.opening.activity
    };
    let problem = if order.opening.problem.is_empty() {
        String::new()
    } else {
        format!(": {}", order.opening.problem)
    };
    format!("{} {what}, {}{due}{problem}", order.number, order.status)
}

fn free_to_begin(
    world: &dyn World,
    ctx: &Context,
    device: EntityId,
    id: EntityId,
    order: &Order,
) -> Result<(), Refusal> {
    let other: Option<(EntityId, Arc<Inspection>)> = world
        .open_inspections(device)
        .into_iter()
        .filter_map(|i| Some((i, world.inspection(i)?)))
        .find(|(_, i)| i.order == Some(id) && i.is_open());
    if let Some((other, inspection)) = other {
        let mut refusal = Refusal::new(
            RefusalKind::Changed,
            format!(
                "{} already has an open inspection: {} has it, {} answers.",
                order.number,
                named(world, &inspection.holder),
                inspection.answer_count()
            ),
            if inspection.holder == ctx.actor {
                "Resume it where it stands."
            } else {
                "Ask for a hand-over, or take it over and resume it where it stands."
            },
        );
        refusal.choices = vec![(other.to_string(), "resume this inspection".to_owned())];
        return Err(refusal);
    }
    match order.assignee.as_deref() {
        Some(who) if who != ctx.actor => Err(Refusal::new(
            RefusalKind::Changed,
            format!(
                "{} has been claimed by {}.",
                order.number,
                named(world, who)
            ),
            "Ask them, or give it back for them; then begin.",
        )),
        _ => Ok(()),
    }
}

/// Opens the order of an inspection for which none was open.
pub(super) fn open_unscheduled(
    entry: &mut Entry<'_>,
    device_id: EntityId,
    device: &Device,
    wanted: &Wanted,
) -> EntityId {
    let id = entry.next_id();
    let number = entry.next_number();
    entry.push((
        id,
        OrderEvent::Opened {
            number,
            opening: Opening {
                kind: wanted.kind,
                device: Some(device_id),
                priority: Priority::Normal,
                problem: String::new(),
                requester: String::new(),
                department: device.text(Field::Department),
                due: None,
                window: None,
                activity: wanted.activity.clone(),
                procedure: wanted.code.clone(),
                planned_minutes: None,
                interval_months: None,
                cause: Cause::Unscheduled,
            },
        },
    ));
    id
}

/// Claims an order and starts it, as far as that is not so already.
pub(super) fn claim_and_start(
    entry: &mut Entry<'_>,
    ctx: &Context,
    id: EntityId,
    order: Option<&Order>,
) {
    if order.is_none_or(|o| o.assignee.is_none()) {
        entry.push((
            id,
            OrderEvent::Assigned {
                to: ctx.actor.clone(),
            },
        ));
    }
    if order.is_none_or(|o| o.status != Status::InProgress) {
        entry.push((id, OrderEvent::Started));
    }
}
