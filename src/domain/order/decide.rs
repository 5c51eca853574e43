//! What may be done to a work order, and what it does.
//!
//! Rules that no command gets round: closed and cancelled orders are only added to; possible harm sequesters the device;
//! a sequestered device gets no inspection, part or setting change until a named person releases it; attempts never
//! close an order; an inspection-bound order is closed by the signature, not by hand.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    AttemptCode, Cause, CheckIn, FailureCause, Harm, HoldReason, LabourKind, Opening, Order,
    OrderEvent, OrderKind, OutcomeCode, Status, WorkAction,
};
use crate::domain::context::{Context, World};
use crate::domain::device::{Device, DeviceEvent, Field, HoldKind, Whereabouts};
use crate::domain::event::Addressed;
use crate::domain::id::{Dot, EntityId};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::signature::Signature;

/// What a person asks of work orders.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum OrderCommand {
    /// Open an order.
    Open {
        /// With what.
        opening: Opening,
        /// The check-in line of a repair.
        check_in: Option<CheckIn>,
    },
    /// Check a repair in.
    CheckIn {
        /// The order.
        order: EntityId,
        /// The line.
        check_in: CheckIn,
    },
    /// Take orders.
    Claim {
        /// The orders; all or none.
        orders: Vec<EntityId>,
    },
    /// Give orders to somebody.
    Assign {
        /// The orders.
        orders: Vec<EntityId>,
        /// The technician's key.
        to: String,
    },
    /// Give an order back.
    Release {
        /// The order.
        order: EntityId,
        /// Why.
        reason: String,
    },
    /// Begin.
    Start {
        /// The order.
        order: EntityId,
    },
    /// Wait for something.
    Hold {
        /// The order.
        order: EntityId,
        /// For what.
        reason: HoldReason,
        /// In words.
        note: String,
        /// When to ask again.
        chase: Option<NaiveDate>,
    },
    /// Go on.
    Resume {
        /// The order.
        order: EntityId,
    },
    /// The work is done, the papers are not.
    WorkDone {
        /// The order.
        order: EntityId,
    },
    /// Record tries that did not get the work done.
    Attempt {
        /// The orders, each with a note of its own.
        orders: Vec<(EntityId, String)>,
        /// D0 to D3.
        code: AttemptCode,
        /// Where people looked.
        place: String,
        /// When to try again.
        next_try: Option<NaiveDate>,
    },
    /// Book labour.
    Labour {
        /// The order.
        order: EntityId,
        /// Who worked; the person asking when empty.
        who: String,
        /// Minutes.
        minutes: u32,
        /// What sort.
        kind: LabourKind,
        /// The day; today when not said.
        on: Option<NaiveDate>,
        /// A note.
        note: String,
    },
    /// Book a part.
    Part {
        /// The order.
        order: EntityId,
        /// Part number.
        number: String,
        /// What it is.
        description: String,
        /// How many.
        quantity: u32,
        /// Cost of one.
        cost: Option<Decimal>,
    },
    /// Name a file kept elsewhere.
    Attach {
        /// The order.
        order: EntityId,
        /// Where.
        reference: String,
        /// What.
        note: String,
    },
    /// Name test equipment used.
    UseTool {
        /// The order.
        order: EntityId,
        /// The tool.
        tool: EntityId,
    },
    /// A note; an addendum once the order is closed.
    Note {
        /// The order.
        order: EntityId,
        /// The text.
        text: String,
    },
    /// Change priority, due date or problem text.
    Edit {
        /// The order.
        order: EntityId,
        /// New priority.
        priority: Option<super::Priority>,
        /// New due date.
        due: Option<NaiveDate>,
        /// New problem text.
        problem: Option<String>,
        /// Why.
        reason: String,
        /// The revision the person saw.
        expected: Option<u64>,
    },
    /// Enter a company's work from its report.
    External {
        /// The order.
        order: EntityId,
        /// Company.
        company: String,
        /// Its technician.
        technician: String,
        /// Report number.
        report: String,
        /// Day of service.
        on: NaiveDate,
        /// As the report says.
        passed: bool,
        /// The report holds readings.
        readings: bool,
        /// Where the file is.
        file: String,
        /// The reviewer's signature.
        signature: Option<Signature>,
    },
    /// Close by hand: repairs and work without an inspection.
    Close {
        /// The order.
        order: EntityId,
        /// What was found.
        found: String,
        /// What was done.
        done: String,
        /// Why it failed.
        cause: FailureCause,
        /// Work action; proposed from the kind when not said.
        action: Option<WorkAction>,
        /// Outcome, for scheduled work.
        outcome: Option<OutcomeCode>,
        /// The day the work was done; today when not said.
        performed: Option<NaiveDate>,
        /// Minutes to book with it.
        minutes: Option<u32>,
    },
    /// Do not do it.
    Cancel {
        /// The order.
        order: EntityId,
        /// Why.
        reason: String,
    },
    /// Open it again, as a new linked order.
    Reopen {
        /// The closed order.
        order: EntityId,
        /// Why.
        reason: String,
    },
    /// Release a sequestered device.
    ReleaseSequestered {
        /// The device.
        device: EntityId,
        /// The hold.
        hold: Dot,
        /// The person who released it.
        released_by: String,
        /// Why.
        reason: String,
    },
}

/// Decides an order command.
pub fn decide(
    world: &dyn World,
    ctx: &Context,
    command: &OrderCommand,
) -> Result<Vec<Addressed>, Refusal> {
    match command {
        OrderCommand::Open { opening, check_in } => open(world, ctx, opening, check_in.as_ref()),
        OrderCommand::CheckIn { order, check_in } => {
            let known = open_order(world, *order)?;
            let mut events = vec![
                (
                    *order,
                    OrderEvent::CheckedIn {
                        check_in: check_in.clone(),
                    },
                )
                    .into(),
            ];
            events.extend(sequester(world, &known.opening, check_in, *order));
            Ok(events)
        }
        OrderCommand::Claim { orders } => assign(world, orders, &ctx.actor, true),
        OrderCommand::Assign { orders, to } => {
            if world.technician(to).is_none() {
                return Err(Refusal::not_found(
                    format!("No technician \"{to}\" is on record."),
                    "List them with `tagout tech list`.",
                ));
            }
            assign(world, orders, to, false)
        }
        OrderCommand::Release { order, reason } => {
            let known = open_order(world, *order)?;
            if known.assignee.is_none() {
                return Err(Refusal::rule(
                    format!("{} is not claimed.", known.number),
                    "Nothing to do.",
                ));
            }
            one(
                *order,
                OrderEvent::Released {
                    reason: reason.clone(),
                },
            )
        }
        OrderCommand::Start { order } => start(world, ctx, *order),
        OrderCommand::Hold {
            order,
            reason,
            note,
            chase,
        } => {
            open_order(world, *order)?;
            if chase.is_some_and(|day| day < ctx.today) {
                return Err(Refusal::bad_input(
                    "The chase date lies in the past.",
                    "Give a day from today on.",
                ));
            }
            one(
                *order,
                OrderEvent::Held {
                    reason: *reason,
                    note: note.clone(),
                    chase: *chase,
                },
            )
        }
        OrderCommand::Resume { order } => {
            let known = open_order(world, *order)?;
            if known.status != Status::OnHold {
                return Err(Refusal::rule(
                    format!("{} is not on hold.", known.number),
                    "Nothing to do.",
                ));
            }
            one(*order, OrderEvent::Resumed)
        }
        OrderCommand::WorkDone { order } => {
            open_order(world, *order)?;
            one(*order, OrderEvent::WorkDone)
        }
        OrderCommand::Attempt {
            orders,
            code,
            place,
            next_try,
        } => attempt(world, ctx, orders, *code, place, *next_try),
        OrderCommand::Labour {
            order,
            who,
            minutes,
            kind,
            on,
            note,
        } => {
            open_order(world, *order)?;
            let on = past_day(ctx, *on)?;
            if *minutes == 0 || *minutes > 24 * 60 {
                return Err(Refusal::bad_input(
                    format!("{minutes} minutes cannot be booked in one line."),
                    "Give 1 to 1440 minutes.",
                ));
            }
            let who = if who.is_empty() {
                ctx.actor.clone()
            } else {
                who.clone()
            };
            one(
                *order,
                OrderEvent::LabourBooked {
                    who,
                    minutes: *minutes,
                    kind: *kind,
                    on,
                    note: note.clone(),
                },
            )
        }
        OrderCommand::Part {
            order,
            number,
            description,
            quantity,
            cost,
        } => {
            let known = open_order(world, *order)?;
            not_sequestered(world, &known)?;
            if *quantity == 0 || (number.trim().is_empty() && description.trim().is_empty()) {
                return Err(Refusal::bad_input(
                    "A part needs a number or a description, and a quantity.",
                    "For example: order part SHOP-00012 --number 1005 --quantity 1.",
                ));
            }
            one(
                *order,
                OrderEvent::PartUsed {
                    number: number.clone(),
                    description: description.clone(),
                    quantity: *quantity,
                    cost: *cost,
                },
            )
        }
        OrderCommand::Attach {
            order,
            reference,
            note,
        } => {
            open_order(world, *order)?;
            one(
                *order,
                OrderEvent::Attached {
                    reference: reference.clone(),
                    note: note.clone(),
                },
            )
        }
        OrderCommand::UseTool { order, tool } => {
            open_order(world, *order)?;
            if world.tool(*tool).is_none() {
                return Err(Refusal::not_found(
                    "This tool is not on record.",
                    "List them with `tagout tool list`.",
                ));
            }
            one(*order, OrderEvent::ToolUsed { tool: *tool })
        }
        OrderCommand::Note { order, text } => {
            let known = any_order(world, *order)?;
            if text.trim().is_empty() {
                return Err(Refusal::bad_input(
                    "The note is empty.",
                    "Write a few words. No patient data.",
                ));
            }
            let text = text.clone();
            one(
                *order,
                if known.status.is_open() {
                    OrderEvent::Noted { text }
                } else {
                    OrderEvent::Addendum { text }
                },
            )
        }
        OrderCommand::Edit {
            order,
            priority,
            due,
            problem,
            reason,
            expected,
        } => {
            let known = open_order(world, *order)?;
            if let (Some(seen), Some(changed)) = (expected, &known.changed)
                && *seen != known.revision
            {
                return Err(Refusal::new(
                    RefusalKind::Changed,
                    format!(
                        "{} changed {} at {}.",
                        changed.by,
                        known.number,
                        changed.at.minute()
                    ),
                    "Look at it again and make your change anew. Nothing of yours was recorded.",
                ));
            }
            one(
                *order,
                OrderEvent::Edited {
                    priority: *priority,
                    due: *due,
                    problem: problem.clone(),
                    reason: reason.clone(),
                },
            )
        }
        OrderCommand::External {
            order,
            company,
            technician,
            report,
            on,
            passed,
            readings,
            file,
            signature,
        } => {
            open_order(world, *order)?;
            past_day(ctx, Some(*on))?;
            if company.trim().is_empty() || report.trim().is_empty() {
                return Err(Refusal::bad_input(
                    "Vendor work needs the company and its report number.",
                    "Both stand on the service report.",
                ));
            }
            one(
                *order,
                OrderEvent::External {
                    company: company.clone(),
                    technician: technician.clone(),
                    report: report.clone(),
                    on: *on,
                    passed: *passed,
                    readings: *readings,
                    file: file.clone(),
                    signature: signature.clone(),
                },
            )
        }
        OrderCommand::Close { .. } => close(world, ctx, command),
        OrderCommand::Cancel { order, reason } => {
            open_order(world, *order)?;
            if reason.trim().is_empty() {
                return Err(Refusal::bad_input(
                    "Cancelling needs a reason.",
                    "Say why in a few words.",
                ));
            }
            one(
                *order,
                OrderEvent::Cancelled {
                    reason: reason.clone(),
                },
            )
        }
        OrderCommand::Reopen { order, reason } => reopen(world, ctx, *order, reason),
        OrderCommand::ReleaseSequestered {
            device,
            hold,
            released_by,
            reason,
        } => {
            let known = world.device(*device).ok_or_else(|| {
                Refusal::not_found("This device is not on record.", "Look it up again.")
            })?;
            if released_by.trim().is_empty() || reason.trim().is_empty() {
                return Err(Refusal::bad_input(
                    "A sequestered device is released by a named person, with a reason.",
                    "Give --by NAME and --reason.",
                ));
            }
            if !known
                .holds
                .iter()
                .any(|h| h.stamp.dot == *hold && h.kind == HoldKind::Sequestered)
            {
                return Err(Refusal::not_found(
                    "This device is not sequestered by that hold.",
                    "Look at it again.",
                ));
            }
            Ok(vec![
                (
                    *device,
                    DeviceEvent::HoldLifted {
                        hold: *hold,
                        reason: format!("released by {released_by}: {reason}"),
                        inspection: None,
                    },
                )
                    .into(),
            ])
        }
    }
}

fn one(order: EntityId, event: OrderEvent) -> Result<Vec<Addressed>, Refusal> {
    Ok(vec![(order, event).into()])
}

fn any_order(world: &dyn World, id: EntityId) -> Result<Order, Refusal> {
    world
        .order(id)
        .filter(|order| order.opened.is_some())
        .ok_or_else(|| {
            Refusal::not_found(
                "This work order is not on record.",
                "Look it up again by its number.",
            )
        })
}

fn open_order(world: &dyn World, id: EntityId) -> Result<Order, Refusal> {
    let order = any_order(world, id)?;
    if order.status.is_open() {
        Ok(order)
    } else {
        Err(Refusal::rule(
            format!(
                "{} is {}; it cannot be changed any more.",
                order.number, order.status
            ),
            "Add a note, or reopen it as a new linked order.",
        ))
    }
}

fn past_day(ctx: &Context, day: Option<NaiveDate>) -> Result<NaiveDate, Refusal> {
    let day = day.unwrap_or(ctx.today);
    if day > ctx.today {
        return Err(Refusal::bad_input(
            format!("{day} lies in the future."),
            "Give the day the work was done.",
        ));
    }
    Ok(day)
}

fn device_of(world: &dyn World, opening: &Opening) -> Option<Device> {
    opening.device.and_then(|id| world.device(id))
}

/// Refuses work on a device that must stay as it is.
pub(crate) fn not_sequestered(world: &dyn World, order: &Order) -> Result<(), Refusal> {
    match device_of(world, &order.opening) {
        Some(device) => device_not_sequestered(&device),
        None => Ok(()),
    }
}

/// Refuses work on a device that must stay as it is.
pub(crate) fn device_not_sequestered(device: &Device) -> Result<(), Refusal> {
    match device.hold(HoldKind::Sequestered) {
        Some(hold) => Err(Refusal::rule(
            format!(
                "{} is sequestered: {}. Nothing on it may be changed.",
                device.tag(),
                hold.reason
            ),
            "A named person has to release it first: device release TAG --by NAME --reason WHY.",
        )),
        None => Ok(()),
    }
}

fn open(
    world: &dyn World,
    ctx: &Context,
    opening: &Opening,
    check_in: Option<&CheckIn>,
) -> Result<Vec<Addressed>, Refusal> {
    if let Some(id) = opening.device {
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
                "Open the order on the record that stayed.",
            ));
        }
    } else if matches!(
        opening.kind,
        OrderKind::Pm | OrderKind::IncomingInspection | OrderKind::ElectricalSafety
    ) {
        return Err(Refusal::bad_input(
            format!("An order for {} needs a device.", opening.kind),
            "Give the asset tag, or scan the device.",
        ));
    }
    if opening.problem.trim().is_empty() && opening.kind == OrderKind::Repair {
        return Err(Refusal::bad_input(
            "A repair needs the problem in words.",
            "Say what was reported. No patient data.",
        ));
    }
    let mut opening = opening.clone();
    if opening.activity.is_empty() {
        opening
            .kind
            .default_activity()
            .clone_into(&mut opening.activity);
    }
    if opening.department.is_empty()
        && let Some(device) = device_of(world, &opening)
    {
        opening.department = device.text(Field::Department);
    }
    let id = ctx.id(0);
    let number = number(ctx, 0);
    let mut events: Vec<Addressed> = vec![
        (
            id,
            OrderEvent::Opened {
                number,
                opening: opening.clone(),
            },
        )
            .into(),
    ];
    if let Some(check_in) = check_in {
        events.push(
            (
                id,
                OrderEvent::CheckedIn {
                    check_in: check_in.clone(),
                },
            )
                .into(),
        );
        events.extend(sequester(world, &opening, check_in, id));
    }
    Ok(events)
}

/// The number of the entry's order number `index` (0 for the first one it opens).
pub(crate) fn number(ctx: &Context, index: u32) -> String {
    format!("{}-{:05}", ctx.prefix, ctx.next_order + index)
}

fn sequester(
    world: &dyn World,
    opening: &Opening,
    check_in: &CheckIn,
    order: EntityId,
) -> Vec<Addressed> {
    if !matches!(check_in.harm, Harm::Harm | Harm::NearMiss) {
        return Vec::new();
    }
    let Some(id) = opening.device else {
        return Vec::new();
    };
    let already = world
        .device(id)
        .is_some_and(|d| d.hold(HoldKind::Sequestered).is_some());
    if already {
        return Vec::new();
    }
    vec![
        (
            id,
            DeviceEvent::HoldPlaced {
                kind: HoldKind::Sequestered,
                reason: format!("{} reported at check-in", check_in.harm),
                source: Some(order),
            },
        )
            .into(),
    ]
}

fn assign(
    world: &dyn World,
    orders: &[EntityId],
    to: &str,
    claim: bool,
) -> Result<Vec<Addressed>, Refusal> {
    let mut events = Vec::new();
    for id in orders {
        let order = open_order(world, *id)?;
        match order.assignee.as_deref() {
            Some(who) if who == to => {}
            Some(who) if claim => {
                return Err(Refusal::new(
                    RefusalKind::Changed,
                    format!("{} has been claimed by {who}.", order.number),
                    "Take another one, or ask them to release it. Nothing was claimed.",
                ));
            }
            _ => events.push((*id, OrderEvent::Assigned { to: to.to_owned() }).into()),
        }
    }
    Ok(events)
}

fn start(world: &dyn World, ctx: &Context, id: EntityId) -> Result<Vec<Addressed>, Refusal> {
    let order = open_order(world, id)?;
    let mut events = Vec::new();
    match order.assignee.as_deref() {
        Some(who) if who == ctx.actor => {}
        Some(who) => {
            return Err(Refusal::new(
                RefusalKind::Changed,
                format!("{} has been claimed by {who}.", order.number),
                "Ask them to release it first.",
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

fn attempt(
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
                {
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

fn close(
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
    let performed = past_day(ctx, *performed)?;
    let scheduled = matches!(
        order.opening.kind,
        OrderKind::Pm
            | OrderKind::IncomingInspection
            | OrderKind::ElectricalSafety
            | OrderKind::Calibration
    );
    let reviewed = order.external.iter().any(|e| e.passed);
    if scheduled && !reviewed {
        return Err(Refusal::rule(
            format!("{} is closed by signing its inspection.", order.number),
            "Start the inspection, or enter the vendor's report with `order external`.",
        ));
    }
    if order.opening.kind == OrderKind::Repair {
        for (text, what) in [(found, "what was found"), (done, "what was done")] {
            if text.trim().is_empty() {
                return Err(Refusal::bad_input(
                    format!("A repair is closed with {what}."),
                    "Give found, done and cause; a few words each.",
                ));
            }
        }
        not_sequestered(world, &order)?;
    }
    let open_inspections = order
        .opening
        .device
        .map(|d| world.open_inspections(d))
        .unwrap_or_default();
    if let Some(open) = open_inspections
        .into_iter()
        .filter_map(|i| world.inspection(i))
        .find(|i| i.order == Some(*id))
    {
        return Err(Refusal::rule(
            format!(
                "An inspection of this order is still open ({} answers).",
                open.answer_count()
            ),
            "Finish and sign it, or void it with a reason.",
        ));
    }
    let mut events: Vec<Addressed> = Vec::new();
    if let Some(minutes) = minutes.filter(|m| *m > 0) {
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
    let outcome = outcome.or((scheduled && reviewed).then_some(OutcomeCode::Passed));
    events.push(
        (
            *id,
            OrderEvent::Closed {
                outcome,
                cause: *cause,
                action: action.unwrap_or_else(|| proposed_action(order.opening.kind)),
                found: found.clone(),
                done: done.clone(),
                performed,
                inspection: None,
            },
        )
            .into(),
    );
    Ok(events)
}

/// The work action that a kind of order proposes.
pub(crate) const fn proposed_action(kind: OrderKind) -> WorkAction {
    match kind {
        OrderKind::IncomingInspection => WorkAction::IncomingInspection,
        OrderKind::Pm => WorkAction::Pm,
        OrderKind::Repair => WorkAction::Repair,
        OrderKind::ElectricalSafety => WorkAction::ElectricalSafety,
        OrderKind::Installation => WorkAction::Installation,
        OrderKind::Calibration => WorkAction::Verification,
        OrderKind::Modification | OrderKind::Cyber => WorkAction::Modification,
        OrderKind::Recall => WorkAction::HazardAlert,
        OrderKind::Incident => WorkAction::Evaluation,
        OrderKind::VendorService => WorkAction::VendorService,
        OrderKind::Relocation => WorkAction::Relocation,
        OrderKind::Disposal => WorkAction::Removal,
        OrderKind::Project => WorkAction::Project,
    }
}

fn reopen(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let order = any_order(world, id)?;
    if order.status.is_open() {
        return Err(Refusal::rule(
            format!(
                "{} is {}; there is nothing to reopen.",
                order.number, order.status
            ),
            "Go on with it.",
        ));
    }
    if reason.trim().is_empty() {
        return Err(Refusal::bad_input(
            "Reopening needs a reason.",
            "Say why in a few words.",
        ));
    }
    let new = ctx.id(0);
    let opening = Opening {
        cause: Cause::Reopened { order: id },
        problem: format!("{reason} (reopened {})", order.number),
        window: None,
        ..order.opening.clone()
    };
    Ok(vec![
        (
            new,
            OrderEvent::Opened {
                number: number(ctx, 0),
                opening,
            },
        )
            .into(),
        (
            new,
            OrderEvent::Linked {
                order: id,
                relation: "reopens".to_owned(),
            },
        )
            .into(),
        (
            id,
            OrderEvent::Linked {
                order: new,
                relation: "reopened as".to_owned(),
            },
        )
            .into(),
    ])
}
