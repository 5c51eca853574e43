//! Into service and out of it: stages, whereabouts and holds.
//!
//! Invariants: a stage moves along legal arrows only; no device enters service without a passed incoming inspection, save
//! one that was in service when it was taken over; a hold is lifted only by name, one that a test placed only by a test,
//! and a sequestered device stays as it is until a named person releases it.

use chrono::NaiveDate;

use super::decide::need_reason;
use super::{Device, DeviceEvent, Field, Hold, HoldKind, Origin, Outcome, Stage, Whereabouts};
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::{Dot, EntityId};
use crate::domain::order::{OrderKind, device_not_sequestered};
use crate::domain::refusal::Refusal;

/// The activity that every device passes before it enters service.
pub(super) const INCOMING: &str = "incoming inspection";

/// The hold under which every device arrives.
pub fn incoming_hold() -> DeviceEvent {
    DeviceEvent::HoldPlaced {
        kind: HoldKind::IncomingInspection,
        reason: "no passed incoming inspection on record".to_owned(),
        source: None,
    }
}

pub(super) fn set_stage(
    id: EntityId,
    device: &Device,
    to: Stage,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let from = device.stage();
    if from == to {
        return Ok(Vec::new());
    }
    if !from.next().contains(&to) {
        let next: Vec<_> = from.next().iter().map(|s| s.label()).collect();
        return Err(Refusal::rule(
            format!("A device that is {from} cannot become {to}."),
            if next.is_empty() {
                "It is gone; register it anew if it came back.".to_owned()
            } else {
                format!("From here it can become: {}.", next.join(", "))
            },
        ));
    }
    if to == Stage::InService {
        may_enter_service(device)?;
    }
    if matches!(to, Stage::Retired | Stage::Disposed) {
        device_not_sequestered(device)?;
    }
    if to == Stage::Disposed && device.key(Field::StoresEphi) != "no" {
        need_reason(
            reason,
            "Disposal of a device that stores or may store patient information",
        )?;
    }
    let mut events = vec![
        (
            id,
            DeviceEvent::StageChanged {
                from,
                to,
                reason: reason.to_owned(),
            },
        )
            .into(),
    ];
    // What was inspected on trial, before it was bought, is inspected again when it is delivered.
    // So is what was retired and comes back.
    if (to == Stage::Received || from == Stage::Retired && to == Stage::OutOfService)
        && device.hold(HoldKind::IncomingInspection).is_none()
    {
        events.push((id, incoming_hold()).into());
    }
    Ok(events)
}

/// Refuses unless the device passed its incoming inspection (or was in service when taken over) and nothing holds it.
fn may_enter_service(device: &Device) -> Result<(), Refusal> {
    let was_in_service = device.origin == Some(Origin::TakenOver)
        && device.stage() == Stage::OutOfService
        && device.hold(HoldKind::IncomingInspection).is_none();
    let passed = device
        .inspections
        .get(INCOMING)
        .map_or(was_in_service, |last| last.outcome.is_pass());
    if !passed {
        return Err(Refusal::rule(
            "No passed incoming inspection is on record, so this device cannot enter service.",
            "Do its incoming inspection and sign it; then it enters service by itself.",
        ));
    }
    if let Some(hold) = device.holds.first() {
        return Err(Refusal::rule(
            format!("A hold is open: {} ({}).", hold.kind, hold.reason),
            "Lift the hold by name first.",
        ));
    }
    if matches!(
        device.whereabouts,
        Whereabouts::Missing { .. } | Whereabouts::SentOut { .. }
    ) {
        return Err(Refusal::rule(
            format!(
                "{} is {}; it cannot enter service.",
                device.tag(),
                device.whereabouts.words()
            ),
            "Record that it is back first: device status TAG --at-location.",
        ));
    }
    Ok(())
}

pub(super) fn place(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    device: &Device,
    at: &Whereabouts,
    note: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let missing = |what: &str| {
        Refusal::bad_input(
            format!("{what} is missing."),
            "Say it in a few words. No patient data.",
        )
    };
    match at {
        Whereabouts::AtLocation => {}
        Whereabouts::OnLoan { to, .. } => {
            if to.trim().is_empty() {
                return Err(missing("Who borrows the device"));
            }
            device_not_sequestered(device)?;
        }
        Whereabouts::SentOut { vendor, .. } => {
            if vendor.trim().is_empty() {
                return Err(missing("The vendor"));
            }
            device_not_sequestered(device)?;
        }
        Whereabouts::Missing { .. } if device.key(Field::Fixed) == "yes" => {
            return Err(Refusal::rule(
                "This device is fixed in place; it cannot be missing.",
                "Check the record: wrong device, or removed without an order?",
            ));
        }
        Whereabouts::Missing { searched } if searched.trim().is_empty() => {
            return Err(missing("Where people searched"));
        }
        Whereabouts::Missing { .. } => {}
    }
    let (Whereabouts::OnLoan { back: day, .. } | Whereabouts::SentOut { expected: day, .. }) = at
    else {
        return Ok(placed(world, ctx, id, device, at, note));
    };
    if device.whereabouts != *at && day.is_some_and(|day| day < ctx.today) {
        return Err(Refusal::bad_input(
            "The day it should come back lies in the past.",
            "Give a day from today on, or leave it out. Nothing was recorded.",
        ));
    }
    Ok(placed(world, ctx, id, device, at, note))
}

/// What follows when a device is placed.
fn placed(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    device: &Device,
    at: &Whereabouts,
    note: &str,
) -> Vec<Addressed> {
    let mut events: Vec<Addressed> = Vec::new();
    if device.whereabouts != *at {
        events.push(
            (
                id,
                DeviceEvent::WhereaboutsChanged {
                    to: at.clone(),
                    note: note.to_owned(),
                },
            )
                .into(),
        );
    }
    let found = matches!(device.whereabouts, Whereabouts::Missing { .. })
        && !matches!(at, Whereabouts::Missing { .. });
    if found
        && device.hold(HoldKind::FoundWithoutPm).is_none()
        && let Some(due) = missed_pm(world, id, device, ctx.today)
    {
        events.push(
            (
                id,
                DeviceEvent::HoldPlaced {
                    kind: HoldKind::FoundWithoutPm,
                    reason: format!("found after its maintenance was due on {due}"),
                    source: None,
                },
            )
                .into(),
        );
    }
    events
}

/// The earliest day on which maintenance was due and not done: by its last inspections, or by an open order for one.
fn missed_pm(
    world: &dyn World,
    id: EntityId,
    device: &Device,
    today: NaiveDate,
) -> Option<NaiveDate> {
    let by_record = device.inspections.values().filter_map(|i| i.next_due);
    let by_order = world
        .open_orders(id)
        .into_iter()
        .filter_map(|order| world.order(order))
        .filter(|order| order.opening.kind == OrderKind::Pm)
        .filter_map(|order| order.last_day());
    by_record.chain(by_order).filter(|due| *due < today).min()
}

pub(super) fn lift(
    id: EntityId,
    device: &Device,
    hold: Dot,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let Some(known) = device.holds.iter().find(|h| h.stamp.dot == hold) else {
        return Err(Refusal::not_found(
            "This hold is not open on this device.",
            "Look at the device again: somebody may have lifted it.",
        ));
    };
    need_reason(reason, "Lifting a hold")?;
    match known.kind {
        HoldKind::FailedTest | HoldKind::FoundWithoutPm => Err(Refusal::rule(
            format!(
                "\"{}\" is lifted only by a signed passing inspection.",
                known.kind
            ),
            "Inspect the device and sign; the hold goes by itself when it passes.",
        )),
        HoldKind::IncomingInspection => Err(Refusal::rule(
            "This hold is lifted only by a passed incoming inspection.",
            "Do the incoming inspection and sign it.",
        )),
        HoldKind::Sequestered => Err(Refusal::rule(
            "A sequestered device is released only by a named person.",
            "Say who: device release TAG --by TECH --reason WHY.",
        )),
        HoldKind::DoNotUse | HoldKind::Recall => Ok(vec![
            (
                id,
                DeviceEvent::HoldLifted {
                    hold,
                    reason: reason.to_owned(),
                    inspection: None,
                },
            )
                .into(),
        ]),
    }
}

/// True when an inspection of this activity may lift this sort of hold at all: maintenance that was missed is made up
/// only when nothing else is overdue.
fn answers(device: &Device, kind: HoldKind, activity: &str, performed: NaiveDate) -> bool {
    match kind {
        HoldKind::FailedTest => true,
        HoldKind::IncomingInspection => activity == INCOMING,
        HoldKind::FoundWithoutPm => device
            .inspections
            .iter()
            .filter(|(other, _)| *other != activity)
            .all(|(_, last)| last.next_due.is_none_or(|due| due >= performed)),
        HoldKind::DoNotUse | HoldKind::Recall | HoldKind::Sequestered => false,
    }
}

/// The events with which a signed inspection changes its device: the record of it, holds lifted by name, service entered.
///
/// `may_lift` says whether the inspection is late enough for a hold: begun after it was placed and after the last repair.
/// A failure always places a hold of its own, so that no inspection begun before it can clear the device.
#[allow(clippy::too_many_arguments)]
pub(crate) fn inspected(
    id: EntityId,
    device: &Device,
    inspection: EntityId,
    activity: &str,
    outcome: Outcome,
    performed: NaiveDate,
    next_due: Option<NaiveDate>,
    may_lift: &dyn Fn(&Hold) -> bool,
) -> Vec<Addressed> {
    let mut events: Vec<Addressed> = vec![
        (
            id,
            DeviceEvent::Inspected {
                inspection,
                activity: activity.to_owned(),
                outcome,
                performed,
                next_due,
            },
        )
            .into(),
    ];
    if outcome.is_pass() {
        let mut stays = false;
        for hold in &device.holds {
            if !answers(device, hold.kind, activity, performed) || !may_lift(hold) {
                stays = true;
                continue;
            }
            events.push(
                (
                    id,
                    DeviceEvent::HoldLifted {
                        hold: hold.stamp.dot,
                        reason: format!("{activity} passed and signed"),
                        inspection: Some(inspection),
                    },
                )
                    .into(),
            );
        }
        if activity == INCOMING && device.stage() == Stage::Received && !stays {
            events.push(
                (
                    id,
                    DeviceEvent::StageChanged {
                        from: Stage::Received,
                        to: Stage::InService,
                        reason: "incoming inspection passed and signed".to_owned(),
                    },
                )
                    .into(),
            );
        }
    } else if outcome == Outcome::DoNotUse {
        events.push(
            (
                id,
                DeviceEvent::HoldPlaced {
                    kind: HoldKind::FailedTest,
                    reason: format!("{activity} of {performed} failed a safety step"),
                    source: Some(inspection),
                },
            )
                .into(),
        );
    }
    events
}

/// The events with which a company's reviewed report changes its device: the record of the work, and the hold of work
/// that was missed, when it is this work and was done no earlier than the hold.
#[allow(clippy::too_many_arguments)]
pub(crate) fn serviced(
    id: EntityId,
    device: &Device,
    order: EntityId,
    activity: &str,
    performed: NaiveDate,
    next_due: Option<NaiveDate>,
    report: &str,
    may_lift: &dyn Fn(&Hold) -> bool,
) -> Vec<Addressed> {
    let mut events: Vec<Addressed> = vec![
        (
            id,
            DeviceEvent::Serviced {
                order,
                activity: activity.to_owned(),
                performed,
                next_due,
                report: report.to_owned(),
            },
        )
            .into(),
    ];
    for hold in &device.holds {
        let missed = hold.kind == HoldKind::FoundWithoutPm
            && answers(device, hold.kind, activity, performed)
            && hold.stamp.at.date() <= performed
            && may_lift(hold);
        if missed {
            events.push(
                (
                    id,
                    DeviceEvent::HoldLifted {
                        hold: hold.stamp.dot,
                        reason: format!("{activity} done: {report}"),
                        inspection: None,
                    },
                )
                    .into(),
            );
        }
    }
    events
}
