//! What may be done to a work order, and what it does.
//!
//! Rules that no command gets round: closed and cancelled orders are only added to; possible harm sequesters the device;
//! a sequestered device gets no inspection, part or setting change until a named person releases it; attempts never
//! close an order; scheduled work is closed by the signature of its inspection or by a reviewed report, ends undone only
//! with a named approver, and then holds the device.

use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    AttemptCode, CheckIn, FailureCause, HoldReason, LabourKind, Opening, Order, OrderEvent,
    OrderKind, OutcomeCode, Report, Status, WorkAction, ending, hands, opening,
};
use crate::domain::context::{Context, World};
use crate::domain::device::{Device, DeviceEvent, HoldKind};
use crate::domain::event::Addressed;
use crate::domain::id::{Dot, EntityId};
use crate::domain::refusal::Refusal;
use crate::domain::signature::Signature;
use crate::domain::tool::{Tool, ToolStatus};
use crate::domain::witness;

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
        /// What the report says.
        report: Report,
        /// The reviewer's signature over the entries of the order and the report.
        signature: Signature,
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
    /// End scheduled work undone, on somebody's word: the device is held until the work is made up.
    Escalate {
        /// The order.
        order: EntityId,
        /// Printed name of who approved it; never the person asking.
        approved_by: String,
        /// Why it was not done.
        reason: String,
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
        /// The key of the technician who releases it: never the person asking, and proved by their own key.
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
        OrderCommand::Open { opening, check_in } => {
            opening::open(world, ctx, opening, check_in.as_ref())
        }
        OrderCommand::CheckIn { order, check_in } => opening::check_in(world, *order, check_in),
        OrderCommand::Claim { orders } => hands::assign(world, orders, &ctx.actor, true),
        OrderCommand::Assign { orders, to } => {
            if world.technician(to).is_none_or(|t| t.left.is_some()) {
                return Err(Refusal::not_found(
                    format!("No technician \"{to}\" is on record, or they have left."),
                    "List them with `tagout tech list`.",
                ));
            }
            hands::assign(world, orders, to, false)
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
        OrderCommand::Start { order } => hands::start(world, ctx, *order),
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
            let known = open_order(world, *order)?;
            not_sequestered(world, &known)?;
            one(*order, OrderEvent::WorkDone)
        }
        OrderCommand::Attempt {
            orders,
            code,
            place,
            next_try,
        } => hands::attempt(world, ctx, orders, *code, place, *next_try),
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
            bookable(*minutes)?;
            let who = if who.is_empty() { &ctx.actor } else { who };
            if *who != ctx.actor && world.technician(who).is_none() {
                return Err(Refusal::not_found(
                    format!("No technician \"{who}\" is on record."),
                    "List them with `tagout tech list`. Nothing was booked.",
                ));
            }
            one(
                *order,
                OrderEvent::LabourBooked {
                    who: who.clone(),
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
            if let Some(device) = device_of(world, &known.opening) {
                device_not_sequestered(&device)?;
            }
            if *quantity == 0 || (number.trim().is_empty() && description.trim().is_empty()) {
                return Err(Refusal::bad_input(
                    "A part needs a number or a description, and a quantity.",
                    "For example: order part SHOP-00012 --number 1005 --quantity 1.",
                ));
            }
            if cost.is_some_and(|cost| cost.is_sign_negative() && !cost.is_zero()) {
                return Err(Refusal::bad_input(
                    "A part cannot cost less than nothing.",
                    "Give the cost of one, or leave it out.",
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
            if reference.trim().is_empty() {
                return Err(Refusal::bad_input(
                    "The attachment has no reference.",
                    "Say where the file is kept.",
                ));
            }
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
            let known = world.tool(*tool).ok_or_else(|| {
                Refusal::not_found(
                    "This tool is not on record.",
                    "List them with `tagout tool list`.",
                )
            })?;
            usable(&known, ctx.today)?;
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
        OrderCommand::Edit { .. } => opening::edit(world, command),
        OrderCommand::External {
            order,
            report,
            signature,
        } => ending::external(world, ctx, *order, report, signature),
        OrderCommand::Close { .. } => ending::close(world, ctx, command),
        OrderCommand::Escalate {
            order,
            approved_by,
            reason,
        } => ending::escalate(world, ctx, *order, approved_by, reason),
        OrderCommand::Cancel { order, reason } => ending::cancel(world, ctx, *order, reason),
        OrderCommand::Reopen { order, reason } => opening::reopen(world, ctx, *order, reason),
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
                    "Give --by TECH and --reason.",
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
            let statement = witness::release(world, *device, *hold, released_by, reason);
            let (person, signature) = witness::proven(world, ctx, &statement)?;
            let lifted = DeviceEvent::HoldLifted {
                hold: *hold,
                reason: format!(
                    "released by {} ({}): {}",
                    person.name,
                    person.key,
                    reason.trim()
                ),
                inspection: None,
            };
            let proof = DeviceEvent::Witnessed {
                words: statement.words,
                signature,
            };
            Ok(vec![(*device, lifted).into(), (*device, proof).into()])
        }
    }
}

/// Refuses test equipment that nobody may measure with.
fn usable(tool: &Tool, today: NaiveDate) -> Result<(), Refusal> {
    let status = tool.status_on(today);
    if !matches!(status, ToolStatus::Faulty(_) | ToolStatus::Withdrawn) {
        return Ok(());
    }
    Err(Refusal::rule(
        format!("{} is {}.", tool.name, status.words()),
        "Take another tool. Nothing was recorded.",
    ))
}

/// One event of one order.
pub(super) fn one(order: EntityId, event: OrderEvent) -> Result<Vec<Addressed>, Refusal> {
    Ok(vec![(order, event).into()])
}

/// The order, whatever its status.
pub(super) fn any_order(world: &dyn World, id: EntityId) -> Result<Arc<Order>, Refusal> {
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

/// The order, if it may still be changed.
pub(super) fn open_order(world: &dyn World, id: EntityId) -> Result<Arc<Order>, Refusal> {
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

/// The day that was named, today when none was; never a day to come.
pub(super) fn past_day(ctx: &Context, day: Option<NaiveDate>) -> Result<NaiveDate, Refusal> {
    let day = day.unwrap_or(ctx.today);
    if day > ctx.today {
        return Err(Refusal::bad_input(
            format!("{day} lies in the future."),
            "Give the day the work was done.",
        ));
    }
    Ok(day)
}

/// The device that an order concerns.
pub(super) fn device_of(world: &dyn World, opening: &Opening) -> Option<Arc<Device>> {
    opening.device.and_then(|id| world.device(id))
}

/// Minutes that fit one line of labour.
pub(super) fn bookable(minutes: u32) -> Result<(), Refusal> {
    if minutes == 0 || minutes > 24 * 60 {
        return Err(Refusal::bad_input(
            format!("{minutes} minutes cannot be booked in one line."),
            "Give 1 to 1440 minutes.",
        ));
    }
    Ok(())
}

/// Refuses work on a device that must stay as it is. The investigation of an incident is what releases it.
pub(crate) fn not_sequestered(world: &dyn World, order: &Order) -> Result<(), Refusal> {
    match device_of(world, &order.opening) {
        Some(device) if order.opening.kind != OrderKind::Incident => {
            device_not_sequestered(&device)
        }
        _ => Ok(()),
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
            "A named person has to release it first: device release TAG --by TECH --reason WHY.",
        )),
        None => Ok(()),
    }
}
