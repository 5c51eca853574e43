//! An order in somebody's hands: claiming, giving, starting, and tries that did not get the work done.
//!
//! Invariants: several orders are claimed or tried all together or not at all; nobody takes an order out of another's hands
//! without a release; an attempt never closes an order.

use chrono::NaiveDate;

use super::decide::{device_of, not_sequestered, open_order};
use super::{AttemptCode, OrderEvent, Status};
use crate::domain::context::{Context, World};
use crate::domain::device::{DeviceEvent, Field, Whereabouts};
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::refusal::{Refusal, RefusalKind};

/// The printed name of a technician with their key, or the key alone.
pub(crate) fn named(world: &dyn World, key: &str) -> String {
    match world.technician(key) {
        Some(technician) if !technician.name.is_empty() => format!("{} ({key})", technician.name),
        _ => key.to_owned(),
    }
}

/// Each order once, in the order given; none is a mistake.
fn each_once(orders: impl Iterator<Item = EntityId>) -> Result<Vec<EntityId>, Refusal> {
    let mut out = Vec::new();
    for id in orders {
        if !out.contains(&id) {
            out.push(id);
        }
    }
    if out.is_empty() {
        return Err(Refusal::bad_input(
            "No work order was named.",
            "Give one or more order numbers.",
        ));
    }
    Ok(out)
}

pub(super) fn assign(
    world: &dyn World,
    orders: &[EntityId],
    to: &str,
    claim: bool,
) -> Result<Vec<Addressed>, Refusal> {
    let mut events = Vec::new();
    for id in each_once(orders.iter().copied())? {
        let order = open_order(world, id)?;
        match order.assignee.as_deref() {
            Some(who) if who == to => {}
            Some(who) if claim => {
                return Err(Refusal::new(
                    RefusalKind::Changed,
                    format!(
                        "{} has been claimed by {}.",
                        order.number,
                        named(world, who)
                    ),
                    "Take another one, or ask them to give it back. Nothing was claimed.",
                ));
            }
            _ => events.push((id, OrderEvent::Assigned { to: to.to_owned() }).into()),
        }
    }
    Ok(events)
}

pub(super) fn start(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
) -> Result<Vec<Addressed>, Refusal> {
    let order = open_order(world, id)?;
    not_sequestered(world, &order)?;
    let mut events = Vec::new();
    match order.assignee.as_deref() {
        Some(who) if who == ctx.actor => {}
        Some(who) => {
            return Err(Refusal::new(
                RefusalKind::Changed,
                format!(
                    "{} has been claimed by {}.",
                    order.number,
                    named(world, who)
                ),
                "Ask them, or give it back for them; then begin.",
            ));
        }
        None => events.push(
            (
                id,
                OrderEvent::Assigned {
                    to: ctx.actor.clone(),
                },
            )
                .into(),
        ),
    }
    if order.status != Status::InProgress {
        events.push((id, OrderEvent::Started).into());
    }
    Ok(events)
}

pub(super) fn attempt(
    world: &dyn World,
    ctx: &Context,
    orders: &[(EntityId, String)],
    code: AttemptCode,
    place: &str,
    next_try: Option<NaiveDate>,
) -> Result<Vec<Addressed>, Refusal> {
    if next_try.is_some_and(|day| day < ctx.today) {
        return Err(Refusal::bad_input(
            "The next try lies in the past.",
            "Give a day from today on.",
        ));
    }
    let next_try = next_try.or_else(|| ctx.today.checked_add_days(chrono::Days::new(7)));
    let named = each_once(orders.iter().map(|(id, _)| *id))?;
    if named.len() < orders.len() {
        return Err(Refusal::bad_input(
            "An order was named twice.",
            "Name each order once, with its own note. Nothing was recorded.",
        ));
    }
    let mut gone = Vec::new();
    let mut events = Vec::new();
    for (id, note) in orders {
        let order = open_order(world, *id)?;
        if code == AttemptCode::UnableToLocate {
            if place.trim().is_empty() {
                return Err(Refusal::bad_input(
                    "Where did you look?",
                    "Give the place that was searched.",
                ));
            }
            if let Some(device) = device_of(world, &order.opening) {
                if device.key(Field::Fixed) == "yes" {
                    return Err(Refusal::rule(
                        format!(
                            "{} is fixed in place; it cannot be impossible to locate.",
                            device.tag()
                        ),
                        "Check the record: wrong device, or removed without an order? Nothing was recorded.",
                    ));
                }
                if !matches!(device.whereabouts, Whereabouts::Missing { .. })
                    && let Some(device_id) = order.opening.device
                    && !gone.contains(&device_id)
                {
                    gone.push(device_id);
                    events.push(
                        (
                            device_id,
                            DeviceEvent::WhereaboutsChanged {
                                to: Whereabouts::Missing {
                                    searched: place.to_owned(),
                                },
                                note: note.clone(),
                            },
                        )
                            .into(),
                    );
                }
            }
        }
        events.push(
            (
                *id,
                OrderEvent::Attempted {
                    code,
                    place: place.to_owned(),
                    note: note.clone(),
                    next_try,
                },
            )
                .into(),
        );
    }
    Ok(events)
}
