//! The wrong device: moving an unsigned inspection with every reading to the right one.
//!
//! Invariants: only where the checklist would have been the same, word for word and step for step; the device must be
//! confirmed again; never after signing.

use super::acts::drop_unscheduled;
use super::alerts::warnings;
use super::facts::facts_of;
use super::judge::clean;
use super::reach::{Entry, held, on_record};
use super::start::{Wanted, claim_and_start, expand, open_unscheduled, workable};
use super::walk::plan;
use super::{Answered, Inspection, InspectionEvent, InspectionStatus};
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::order::OrderEvent;
use crate::domain::refusal::{Refusal, RefusalKind};

impl Inspection {
    /// The device on whose record an answer was given before the inspection was moved; `None` for one given here.
    pub fn moved_from(&self, given: &Answered) -> Option<EntityId> {
        self.moved
            .iter()
            .find(|(_, _, moved)| self.came_later(moved, &given.stamp))
            .map(|(from, _, _)| *from)
    }
}

/// Decides a move to another device.
pub(super) fn move_to(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    to: EntityId,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    if on_record(world, id)?.inspection.status == Some(InspectionStatus::Signed) {
        return Err(Refusal::rule(
            "This inspection is signed; it cannot be moved.",
            "Start a new inspection on the right device, and add a note here that says why.",
        ));
    }
    let reached = held(world, ctx, id)?;
    let reason = clean(reason, "The reason")?;
    if to == reached.device_id {
        return Err(Refusal::bad_input(
            "The inspection is on this device already.",
            "Name the device it was really done on.",
        ));
    }
    let target = workable(world, to)?;
    let void = "Void this one with a reason, and start again on the right device.";
    if !reached.inspection.repairs.is_empty() {
        return Err(Refusal::rule(
            format!(
                "Repair orders were opened on {} from this inspection.",
                reached.device.tag()
            ),
            void,
        ));
    }
    let procedure = world
        .procedure(reached.inspection.procedure)
        .and_then(|stored| stored.procedure.clone())
        .ok_or_else(|| Refusal::not_found("The procedure version is not in this store.", void))?;
    let facts = facts_of(&target);
    let here = plan(
        &reached.inspection,
        &reached.frozen,
        &reached.inspection.facts,
    );
    let there = plan(&reached.inspection, &reached.frozen, &facts);
    let same = expand(&procedure, &facts).hash().0 == reached.inspection.frozen
        && here
            .items
            .iter()
            .zip(&there.items)
            .all(|(a, b)| a.asked == b.asked);
    if !same {
        return Err(Refusal::rule(
            format!(
                "{} would have been asked other steps or judged by other limits.",
                target.tag()
            ),
            void,
        ));
    }
    let wanted = Wanted::of(&procedure);
    let order = wanted
        .order(world, to, &target, None)
        .map_err(|refusal| Refusal {
            kind: RefusalKind::Rule,
            hint: void.to_owned(),
            ..refusal
        })?;
    if let Some((order_id, order)) = &order {
        let taken = order.assignee.as_ref().is_some_and(|who| *who != ctx.actor)
            || world
                .open_inspections(to)
                .into_iter()
                .filter_map(|i| world.inspection(i))
                .any(|i| i.order == Some(*order_id));
        if taken {
            return Err(Refusal::new(
                RefusalKind::Changed,
                format!("{} is being worked on by somebody else.", order.number),
                void,
            ));
        }
    }

    let unread = warnings(world, ctx, to, order.as_ref().map(|(id, _)| *id));
    let mut entry = Entry::new(ctx);
    let order_id = match &order {
        Some((id, _)) => *id,
        None => open_unscheduled(&mut entry, to, &target, &wanted),
    };
    claim_and_start(
        &mut entry,
        ctx,
        order_id,
        order.as_ref().map(|(_, order)| order.as_ref()),
    );
    entry.push((
        id,
        InspectionEvent::Moved {
            from: reached.device_id,
            to,
            order: order_id,
            reason: reason.clone(),
        },
    ));
    for warning in unread {
        entry.push((
            id,
            InspectionEvent::Noted {
                step: None,
                text: format!("Came with the move, not read before step 1: {warning}"),
            },
        ));
    }
    if let Some(old) = reached.inspection.order
        && world.order(old).is_some_and(|o| o.status.is_open())
    {
        entry.push((
            old,
            OrderEvent::Noted {
                text: format!("Its inspection was moved to {}: {reason}", target.tag()),
            },
        ));
    }
    drop_unscheduled(world, &mut entry, reached.inspection.order, &reason);
    Ok(entry.events)
}
