//! How an order ends: closed with what was done, closed by a company's reviewed report, ended undone with a named
//! approver, or cancelled.
//!
//! Invariants: scheduled work never ends quietly: it is signed for, proved by a reviewed report that says passed, or
//! escalated to a named approver, and then the device is held; nothing ends while an inspection of it is open; a device
//! that is sequestered is not reported as worked on.

use chrono::Months;

use super::decide::{any_order, bookable, device_of, not_sequestered, one, open_order, past_day};
use super::opening::proposed_action;
use super::{
    External, FailureCause, LabourKind, Order, OrderCommand, OrderEvent, OrderKind, OutcomeCode,
    Report,
};
use crate::domain::choices::fold;
use crate::domain::context::{Context, World};
use crate::domain::device::{self, DeviceEvent, HoldKind, Stage};
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::signature::{Meaning, Signature};

pub(super) fn external(
    world: &dyn World,
    ctx: &Context,
    order: EntityId,
    report: &Report,
    signature: &Signature,
) -> Result<Vec<Addressed>, Refusal> {
    open_order(world, order)?;
    past_day(ctx, Some(report.on))?;
    if report.company.trim().is_empty() || report.number.trim().is_empty() {
        return Err(Refusal::bad_input(
            "Vendor work needs the company and its report number.",
            "Both stand on the service report.",
        ));
    }
    reviewer(world, ctx, signature)?;
    if signature.list != Signature::list_hash(order, &[report.hash()], &signature.covers) {
        return Err(Refusal::bad_input(
            "The signature is over another report, or over another order.",
            "Sign again; if it stays so, run `tagout doctor`. Nothing was recorded.",
        ));
    }
    let Report {
        company,
        technician,
        number,
        on,
        passed,
        readings,
        file,
    } = report.clone();
    one(
        order,
        OrderEvent::External {
            company,
            technician,
            report: number,
            on,
            passed,
            readings,
            file,
            signature: Some(signature.clone()),
        },
    )
}

/// Who signs for a report signs that they reviewed it, with their own valid key. They did not do the work.
fn reviewer(world: &dyn World, ctx: &Context, signature: &Signature) -> Result<(), Refusal> {
    if !matches!(signature.meaning, Meaning::Reviewed | Meaning::Approved) {
        return Err(Refusal::rule(
            "A company's report is signed with the meaning \"reviewed\".",
            "The company did the work; you read its report.",
        ));
    }
    let valid = signature.signer == ctx.actor
        && signature.bytes.len() == 64
        && world.technician(&signature.signer).is_some_and(|t| {
            t.left.is_none()
                && t.name == signature.name
                && t.key_valid_at(&signature.public, signature.at)
                && t.key_valid_at(&signature.public, ctx.now)
        });
    if valid {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalKind::NotAllowed,
        format!(
            "{} has no valid signing key for this signature.",
            signature.signer
        ),
        "Everybody signs with their own key: enrol one with `tagout tech key`, then sign again.",
    ))
}

pub(super) fn close(
    world: &dyn World,
    ctx: &Context,
    command: &OrderCommand,
) -> Result<Vec<Addressed>, Refusal> {
    let OrderCommand::Close {
        order: id,
        found,
        done,
        cause,
        action,
        outcome,
        performed,
        minutes,
    } = command
    else {
        return Ok(Vec::new());
    };
    let order = open_order(world, *id)?;
    let scheduled = order.opening.kind.is_scheduled();
    // What the newest report says counts: a failure that came after a pass is not closed over.
    let newest = order.external.last();
    let report = newest.filter(|report| report.proves_work());
    let arrives = order.opening.kind == OrderKind::IncomingInspection;
    if scheduled && (report.is_none() || arrives) {
        let hint = match newest {
            _ if arrives => {
                "A device is inspected here before it enters service, whoever else looked at it."
            }
            Some(newest) if newest.passed => {
                "Nobody signed that they reviewed the vendor's report: enter it again with `order external`."
            }
            Some(_) => {
                "The vendor's report does not say passed: repair, then inspect it or enter a new report."
            }
            None => "Start the inspection, or enter the vendor's report with `order external`.",
        };
        return Err(Refusal::rule(
            format!("{} is closed by signing its inspection.", order.number),
            hint,
        ));
    }
    if *outcome == Some(OutcomeCode::Escalated) {
        return Err(Refusal::rule(
            "An order ends undone only with a named approver.",
            "Give --by NAME and --reason: order escalate.",
        ));
    }
    let performed = past_day(ctx, performed.or_else(|| report.map(|report| report.on)))?;
    if order.opening.kind == OrderKind::Repair {
        for (text, what) in [(found, "what was found"), (done, "what was done")] {
            if text.trim().is_empty() {
                return Err(Refusal::bad_input(
                    format!("A repair is closed with {what}."),
                    "Give found, done and cause; a few words each.",
                ));
            }
        }
    }
    not_sequestered(world, &order)?;
    nothing_open(world, *id, &order)?;
    let mut events: Vec<Addressed> = Vec::new();
    if let Some(minutes) = minutes.filter(|m| *m > 0) {
        bookable(minutes)?;
        events.push(
            (
                *id,
                OrderEvent::LabourBooked {
                    who: ctx.actor.clone(),
                    minutes,
                    kind: LabourKind::Active,
                    on: performed,
                    note: String::new(),
                },
            )
                .into(),
        );
    }
    let report = report.filter(|_| scheduled);
    if let Some(report) = report
        && performed != report.on
    {
        return Err(Refusal::bad_input(
            format!(
                "The report says that the work was done on {}, not on {performed}.",
                report.on
            ),
            "Leave the day out, or enter the report again with the right day.",
        ));
    }
    let done = match report {
        Some(report) if done.trim().is_empty() => format!("done by {}", report.words()),
        _ => done.clone(),
    };
    events.push(
        (
            *id,
            OrderEvent::Closed {
                outcome: outcome.or(report.map(|_| OutcomeCode::Passed)),
                cause: *cause,
                action: action.unwrap_or_else(|| proposed_action(order.opening.kind)),
                found: found.clone(),
                done,
                performed,
                inspection: None,
            },
        )
            .into(),
    );
    if let Some(report) = report {
        events.extend(maintained(world, *id, &order, report));
    }
    Ok(events)
}

/// What a company's reviewed report means for the device: the work is done on the day of service, and due again from it.
fn maintained(world: &dyn World, id: EntityId, order: &Order, report: &External) -> Vec<Addressed> {
    let Some((device_id, device)) = order.opening.device.zip(device_of(world, &order.opening))
    else {
        return Vec::new();
    };
    let activity = if order.opening.activity.is_empty() {
        order.opening.kind.default_activity()
    } else {
        &order.opening.activity
    };
    let next_due = order
        .opening
        .interval_months
        .and_then(|months| report.on.checked_add_months(Months::new(months)));
    device::serviced(
        device_id,
        &device,
        id,
        activity,
        report.on,
        next_due,
        &report.words(),
        &|hold| {
            hold.source
                .and_then(|source| world.order(source))
                .is_none_or(|missed| fold(&missed.opening.activity) == fold(activity))
        },
    )
}

/// Refuses while an inspection of the order is open: its answers would be left hanging.
fn nothing_open(world: &dyn World, id: EntityId, order: &Order) -> Result<(), Refusal> {
    let open = order
        .opening
        .device
        .map(|device| world.open_inspections(device))
        .unwrap_or_default()
        .into_iter()
        .filter_map(|inspection| world.inspection(inspection))
        .find(|inspection| inspection.order == Some(id));
    match open {
        Some(open) => Err(Refusal::rule(
            format!(
                "An inspection of this order is still open ({} answers).",
                open.answer_count()
            ),
            "Finish and sign it, or void it with a reason.",
        )),
        None => Ok(()),
    }
}

pub(super) fn escalate(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    approved_by: &str,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let order = open_order(world, id)?;
    if !order.opening.kind.is_scheduled() {
        return Err(Refusal::rule(
            format!("{} is no scheduled work.", order.number),
            "Close it with what was done, or cancel it with a reason.",
        ));
    }
    let (approved_by, reason) = (approved_by.trim(), reason.trim());
    if approved_by.is_empty() || reason.is_empty() {
        return Err(Refusal::bad_input(
            "Ending scheduled work undone needs a named approver and a reason.",
            "Give --by NAME and --reason WHY.",
        ));
    }
    let asking = world.technician(&ctx.actor).map(|t| t.name);
    let own = [Some(ctx.actor.clone()), asking]
        .into_iter()
        .flatten()
        .any(|name| fold(&name) == fold(approved_by));
    if own {
        return Err(Refusal::new(
            RefusalKind::NotAllowed,
            "You cannot approve this yourself.",
            "Name the person who approved it.",
        ));
    }
    nothing_open(world, id, &order)?;
    let what = if order.opening.activity.is_empty() {
        order.opening.kind.label()
    } else {
        &order.opening.activity
    };
    let mut events: Vec<Addressed> = vec![
        (
            id,
            OrderEvent::Closed {
                outcome: Some(OutcomeCode::Escalated),
                cause: FailureCause::Unknown,
                action: proposed_action(order.opening.kind),
                found: format!("not done: {reason}"),
                done: format!("ended undone, approved by {approved_by}"),
                performed: ctx.today,
                inspection: None,
            },
        )
            .into(),
    ];
    // The hold is lifted by doing the work, not by words; a device that waits for its first inspection has its own.
    let held = order
        .opening
        .device
        .zip(device_of(world, &order.opening))
        .filter(|(_, device)| device.hold(HoldKind::IncomingInspection).is_none());
    if let Some((device, _)) = held {
        events.push(
            (
                device,
                DeviceEvent::HoldPlaced {
                    kind: HoldKind::FoundWithoutPm,
                    reason: format!(
                        "{what} not done ({}): {reason}; approved by {approved_by}",
                        order.number
                    ),
                    source: Some(id),
                },
            )
                .into(),
        );
    }
    Ok(events)
}

pub(super) fn cancel(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let order = open_order(world, id)?;
    if reason.trim().is_empty() {
        return Err(Refusal::bad_input(
            "Cancelling needs a reason.",
            "Say why in a few words.",
        ));
    }
    nothing_open(world, id, &order)?;
    if is_owed(world, ctx, id, &order) {
        return Err(Refusal::rule(
            format!(
                "{} is due, and its device is in service: it does not end undone without an approver.",
                order.number
            ),
            "Do it, record an attempt, or escalate it: order escalate ORDER --by NAME --reason WHY.",
        ));
    }
    one(
        id,
        OrderEvent::Cancelled {
            reason: reason.to_owned(),
        },
    )
}

/// True for scheduled work that is due on a device in service, and that no other open order stands for.
fn is_owed(world: &dyn World, ctx: &Context, id: EntityId, order: &Order) -> bool {
    let Some((device_id, device)) = order.opening.device.zip(device_of(world, &order.opening))
    else {
        return false;
    };
    let due = order.first_day().is_some_and(|first| first <= ctx.today);
    let twin = world
        .open_orders(device_id)
        .into_iter()
        .filter(|other| *other != id)
        .filter_map(|other| any_order(world, other).ok())
        .any(|other| {
            other.opening.kind == order.opening.kind
                && fold(&other.opening.activity) == fold(&order.opening.activity)
        });
    let current = device
        .inspections
        .get(&order.opening.activity)
        .and_then(|last| last.next_due)
        .is_some_and(|next| next > ctx.today);
    order.opening.kind.is_scheduled()
        && device.stage() == Stage::InService
        && due
        && !twin
        && !current
}
