//! Opening orders, checking a repair in, editing, and opening again what was closed.
//!
//! Invariants: a number is given once; every report of possible harm sequesters the device until that report is released;
//! what was closed stays closed, its reopening is a new order.

use super::decide::{any_order, device_of, one, open_order};
use super::{
    Cause, CheckIn, Harm, Known, Opening, OrderCommand, OrderEvent, OrderKind, Priority, WorkAction,
};
use crate::domain::choices::fold;
use crate::domain::context::{Context, World};
use crate::domain::device::{DeviceEvent, Field, HoldKind, Stage};
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::refusal::{Refusal, RefusalKind};

/// How the link from a closed order to its successor is called.
const REOPENED_AS: &str = "reopened as";

pub(super) fn check_in(
    world: &dyn World,
    order: EntityId,
    check_in: &CheckIn,
) -> Result<Vec<Addressed>, Refusal> {
    let known = open_order(world, order)?;
    let check_in = match &known.check_in {
        Some(before) => added_to(&known.number, before, check_in)?,
        None => check_in.clone(),
    };
    if known.check_in.as_ref() == Some(&check_in) {
        return Ok(Vec::new());
    }
    let sequestered = sequester(world, &known.opening, &check_in, order);
    let urgent = reports_harm(&check_in) && known.opening.priority > Priority::Urgent;
    let mut events = vec![(order, OrderEvent::CheckedIn { check_in }).into()];
    if urgent {
        let raised = OrderEvent::Edited {
            priority: Some(Priority::Urgent),
            due: None,
            problem: None,
            reason: "possible harm reported at check-in".to_owned(),
        };
        events.push((order, raised).into());
    }
    events.extend(sequestered);
    Ok(events)
}

/// Possible harm goes before scheduled work, also after the device is released.
const fn reports_harm(line: &CheckIn) -> bool {
    matches!(line.harm, Harm::Harm | Harm::NearMiss)
}

/// A check-in line with a later one added: what the later one leaves open stays, and a report of possible harm is never
/// taken back or made smaller.
fn added_to(number: &str, before: &CheckIn, later: &CheckIn) -> Result<CheckIn, Refusal> {
    let smaller = match before.harm {
        Harm::Harm => matches!(later.harm, Harm::None | Harm::NearMiss),
        Harm::NearMiss => later.harm == Harm::None,
        Harm::None | Harm::Unknown => false,
    };
    if smaller {
        return Err(Refusal::rule(
            format!(
                "{number} was checked in with \"{}\"; that report is not taken back by checking in again.",
                before.harm
            ),
            "If it was a mistake, a named person releases the device and says why: device release TAG --by NAME --reason WHY. Nothing was changed.",
        ));
    }
    let kept = |old: &str, new: &str| if new.trim().is_empty() { old } else { new }.to_owned();
    Ok(CheckIn {
        harm: if later.harm == Harm::Unknown {
            before.harm
        } else {
            later.harm
        },
        clean: if later.clean == Known::Unknown {
            before.clean
        } else {
            later.clean
        },
        accessories: kept(&before.accessories, &later.accessories),
        shelf: kept(&before.shelf, &later.shelf),
    })
}

pub(super) fn edit(world: &dyn World, command: &OrderCommand) -> Result<Vec<Addressed>, Refusal> {
    let OrderCommand::Edit {
        order,
        priority,
        due,
        problem,
        reason,
        expected,
    } = command
    else {
        return Ok(Vec::new());
    };
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
    let priority = priority.filter(|p| *p != known.opening.priority);
    let due = due.filter(|d| Some(*d) != known.opening.due);
    let problem = problem.clone().filter(|p| *p != known.opening.problem);
    if priority.is_none() && due.is_none() && problem.is_none() {
        return Ok(Vec::new());
    }
    if known.opening.kind == OrderKind::Repair
        && problem.as_ref().is_some_and(|p| p.trim().is_empty())
    {
        return Err(Refusal::bad_input(
            "A repair needs the problem in words.",
            "Say what was reported. No patient data.",
        ));
    }
    if due.is_some() && known.opening.kind.is_scheduled() && reason.trim().is_empty() {
        return Err(Refusal::bad_input(
            "Moving the due date of scheduled work needs a reason.",
            "Say why in a few words; a try that failed is recorded as an attempt instead.",
        ));
    }
    one(
        *order,
        OrderEvent::Edited {
            priority,
            due,
            problem,
            reason: reason.clone(),
        },
    )
}

pub(super) fn open(
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
        if device.stage() == Stage::Disposed && opening.kind.is_scheduled() {
            return Err(Refusal::rule(
                format!("{} is disposed; it has left the hospital.", device.tag()),
                "Check the tag: another device may be meant.",
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
    if opening.window.is_some_and(|(first, last)| first > last) {
        return Err(Refusal::bad_input(
            "The due window ends before it begins.",
            "Give the first day, then the last.",
        ));
    }
    if opening
        .interval_months
        .is_some_and(|n| !(1..=600).contains(&n))
    {
        return Err(Refusal::bad_input(
            "Work comes due again after 1 to 600 months.",
            "Give --every MONTHS, or leave it out for work that is done once.",
        ));
    }
    if opening
        .planned_minutes
        .is_some_and(|n| !(1..=14_400).contains(&n))
    {
        return Err(Refusal::bad_input(
            "Planned minutes run from 1 to 14400 (ten days).",
            "Give the minutes of active work, or leave them out.",
        ));
    }
    let mut opening = opening.clone();
    if opening.activity.is_empty() {
        opening
            .kind
            .default_activity()
            .clone_into(&mut opening.activity);
    }
    if check_in.is_some_and(reports_harm) && opening.priority > Priority::Urgent {
        opening.priority = Priority::Urgent;
    }
    if opening.department.is_empty()
        && let Some(device) = device_of(world, &opening)
    {
        opening.department = device.text(Field::Department);
    }
    not_open_already(world, &opening)?;
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

/// Refuses scheduled work that is open already: one order for one activity of a device at one time. A second one that is
/// meant says why in its problem text.
fn not_open_already(world: &dyn World, opening: &Opening) -> Result<(), Refusal> {
    let Some(device) = opening.device.filter(|_| opening.kind.is_scheduled()) else {
        return Ok(());
    };
    if !opening.problem.trim().is_empty() {
        return Ok(());
    }
    let open = world
        .open_orders(device)
        .into_iter()
        .filter_map(|id| world.order(id))
        .find(|order| {
            order.opening.kind == opening.kind
                && fold(&order.opening.activity) == fold(&opening.activity)
                && order.opening.due == opening.due
        });
    let Some(order) = open else {
        return Ok(());
    };
    let due = opening.due.map_or_else(
        || "without a due date".to_owned(),
        |due| format!("due {due}"),
    );
    Err(Refusal::rule(
        format!(
            "{} for {}, {due}, is open on this device already.",
            order.number, opening.activity
        ),
        "Go on with that one. If a second one is meant, say why in its problem text (--problem). Nothing was opened.",
    ))
}

/// The number of the entry's order number `index` (0 for the first one it opens).
pub(crate) fn number(ctx: &Context, index: u32) -> String {
    format!("{}-{:05}", ctx.prefix, ctx.next_order.saturating_add(index))
}

fn sequester(
    world: &dyn World,
    opening: &Opening,
    check_in: &CheckIn,
    order: EntityId,
) -> Vec<Addressed> {
    if !reports_harm(check_in) {
        return Vec::new();
    }
    let Some(id) = opening.device else {
        return Vec::new();
    };
    // Each report is a hold of its own: releasing one says nothing about another.
    let already = world.device(id).is_some_and(|d| {
        d.holds
            .iter()
            .any(|h| h.kind == HoldKind::Sequestered && h.source == Some(order))
    });
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

pub(super) fn reopen(
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
    let again = order
        .links
        .iter()
        .filter(|(_, relation)| relation == REOPENED_AS)
        .filter_map(|(id, _)| world.order(*id))
        .find(|next| next.status.is_open());
    if let Some(next) = again {
        return Err(Refusal::rule(
            format!("{} was reopened as {}.", order.number, next.number),
            "Go on with that one.",
        ));
    }
    // The record that stands for the device now, if its own was combined away since.
    let device = order.opening.device.map(|id| {
        world
            .device(id)
            .and_then(|device| device.merged_into)
            .unwrap_or(id)
    });
    let new = ctx.id(0);
    let opening = Opening {
        device,
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
                relation: REOPENED_AS.to_owned(),
            },
        )
            .into(),
    ])
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
