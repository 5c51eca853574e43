//! The smaller acts of an inspection: notes, count-downs, leaving a step for later, handing over, voiding, and the
//! suspicion of a recall.

use super::judge::clean;
use super::reach::{Entry, at_work, held, on_record, open};
use super::settle::link;
use super::walk::StepState;
use super::{InspectionEvent, InspectionStatus};
use crate::domain::context::{Context, World};
use crate::domain::device::Field;
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::order::{Cause, Opening, OrderEvent, OrderKind, Priority};
use crate::domain::procedure::{StepId, StepKind};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::witness::colleague;

/// A note: at any time, as an addendum once it is signed.
pub(super) fn note(
    world: &dyn World,
    id: EntityId,
    step: Option<&StepId>,
    text: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let reached = on_record(world, id)?;
    if let Some(step) = step {
        reached.item(&reached.plan(), step)?;
    }
    let event = InspectionEvent::Noted {
        step: step.cloned(),
        text: clean(text, "The note")?,
    };
    Ok(vec![(id, event).into()])
}

/// Starts the count-down of a step.
pub(super) fn start_timer(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    step: &StepId,
) -> Result<Vec<Addressed>, Refusal> {
    let reached = at_work(world, ctx, id)?;
    let plan = reached.plan();
    let item = reached.item(&plan, step)?;
    let StepKind::Timer { seconds, .. } = item.step.kind else {
        return Err(Refusal::bad_input(
            format!("\"{}\" has no count-down.", item.step.title),
            "Answer it as the checklist shows it.",
        ));
    };
    if !item.asked.is_asked() {
        return Err(Refusal::rule(
            format!("\"{}\" is not asked here.", item.step.title),
            "Go on with the step in front.",
        ));
    }
    if let StepState::Running { until } = &item.state
        && until.micros > ctx.now.micros
    {
        return Err(Refusal::rule(
            format!(
                "\"{}\" is running until {}.",
                item.step.title,
                until.minute()
            ),
            "Wait for it, or record a failure at once.",
        ));
    }
    let event = InspectionEvent::TimerStarted {
        step: step.clone(),
        seconds,
    };
    Ok(vec![(id, event).into()])
}

/// Leaves a step for later.
pub(super) fn defer(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    step: &StepId,
) -> Result<Vec<Addressed>, Refusal> {
    let reached = held(world, ctx, id)?;
    let plan = reached.plan();
    let item = reached.item(&plan, step)?;
    if item.state == StepState::Unsettled {
        return Err(Refusal::rule(
            format!(
                "\"{}\" failed; say first what is done about it.",
                item.step.title
            ),
            "Typing slip, measured again, fixed now, or open a repair order.",
        ));
    }
    if item.deferred || matches!(item.state, StepState::Done | StepState::InRepair(_)) {
        return Ok(Vec::new());
    }
    let event = InspectionEvent::Deferred { step: step.clone() };
    Ok(vec![(id, event).into()])
}

/// Hands over, by who has it; or takes over, by who will have it. The order follows.
pub(super) fn hand_over(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    to: &str,
    place: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let reached = open(world, id)?;
    let holder = &reached.inspection.holder;
    if *holder == to {
        return Ok(Vec::new());
    }
    if *holder != ctx.actor && to != ctx.actor {
        return Err(Refusal::new(
            RefusalKind::NotAllowed,
            format!("{holder} has this inspection."),
            "They can hand it over, or whoever goes on with it can take it over.",
        ));
    }
    colleague(world, to)?;
    let plan = reached.plan();
    let left = match plan.missing.len() {
        0 => "nothing but the signature".to_owned(),
        n => {
            let shown: Vec<&str> = plan.missing.iter().take(5).map(String::as_str).collect();
            let more = if n > 5 {
                format!("; and {} more", n - 5)
            } else {
                String::new()
            };
            format!("{}{more}", shown.join("; "))
        }
    };
    let mut entry = Entry::new(ctx);
    entry.push((
        id,
        InspectionEvent::HandedOver {
            to: to.to_owned(),
            place: place.trim().to_owned(),
            left,
        },
    ));
    if let Some(order) = reached.inspection.order
        && world.order(order).is_some_and(|o| o.status.is_open())
    {
        entry.push((order, OrderEvent::Assigned { to: to.to_owned() }));
    }
    Ok(entry.events)
}

/// Voids an inspection that is not signed; an order that was opened for it alone is cancelled.
pub(super) fn void(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let reached = on_record(world, id)?;
    if reached.inspection.status == Some(InspectionStatus::Signed) {
        return Err(Refusal::rule(
            "This inspection is signed; it cannot be voided.",
            "Start a new inspection, and add a note here that says why.",
        ));
    }
    let reached = held(world, ctx, id)?;
    let reason = clean(reason, "The reason")?;
    let mut entry = Entry::new(ctx);
    entry.push((
        id,
        InspectionEvent::Voided {
            reason: reason.clone(),
        },
    ));
    drop_unscheduled(world, &mut entry, reached.inspection.order, &reason);
    Ok(entry.events)
}

/// Cancels the order of an inspection, if it was opened for that inspection alone and nothing was booked on it.
pub(super) fn drop_unscheduled(
    world: &dyn World,
    entry: &mut Entry<'_>,
    order: Option<EntityId>,
    reason: &str,
) {
    let Some((id, order)) = order.and_then(|id| Some((id, world.order(id)?))) else {
        return;
    };
    let alone = order.opening.cause == Cause::Unscheduled
        && order.status.is_open()
        && order.labour.is_empty()
        && order.parts.is_empty()
        && order.links.is_empty();
    if alone {
        entry.push((
            id,
            OrderEvent::Cancelled {
                reason: format!("its inspection was given up: {reason}"),
            },
        ));
    }
}

/// Opens a recall order for what a technician suspects.
pub(super) fn suspect_recall(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    note: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let reached = on_record(world, id)?;
    if reached.inspection.status == Some(InspectionStatus::Void) {
        return Err(Refusal::rule(
            "This inspection is void; it counts nowhere.",
            "Open a recall order on the device itself.",
        ));
    }
    let note = clean(note, "What was seen")?;
    let mut entry = Entry::new(ctx);
    let order = entry.next_id();
    let number = entry.next_number();
    entry.push((
        order,
        OrderEvent::Opened {
            number,
            opening: Opening {
                kind: OrderKind::Recall,
                device: Some(reached.device_id),
                priority: Priority::Urgent,
                problem: format!("Suspected recall of {}: {note}", reached.device.name()),
                requester: ctx.actor.clone(),
                department: reached.device.text(Field::Department),
                due: None,
                window: None,
                activity: String::new(),
                procedure: String::new(),
                planned_minutes: None,
                interval_months: None,
                cause: Cause::SuspectRecall {
                    inspection: Some(id),
                },
            },
        },
    ));
    link(
        &mut entry,
        &reached,
        order,
        "suspected during",
        "recall suspected",
    );
    Ok(entry.events)
}
