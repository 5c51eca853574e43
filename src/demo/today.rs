//! The last morning: what waits when the demo opens. Work for the default technician, repairs at every stage, a hold on
//! one model, a near miss, a device at its maker's, a loaner that goes back, and somebody's half-done inspection.

use super::calendar::{later, working};
use super::history::{made_order, open_maintenance};
use super::hospital::OpenPm;
use super::oddities::oddities;
use super::people::{DEFAULT, LEAD};
use super::repairs::{TROUBLES, opening, ordinary};
use super::script::{Move, Stage, then};
use super::walk::{Ending, Walk, walk};
use crate::bench::Failure;
use crate::domain::command::Command;
use crate::domain::context::World as _;
use crate::domain::device::{DeviceCommand, Field, HoldKind, Stage as Life, Value, Whereabouts};
use crate::domain::id::EntityId;
use crate::domain::order::{
    AttemptCode, Cause, CheckIn, Harm, HoldReason, Known, Opening, OrderCommand, OrderKind,
    Priority,
};

/// How many maintenance orders wait for the default technician.
const FOR_TODAY: usize = 12;
/// The model that the shop's own alert holds back.
const HELD_MODEL: &str = "Medfusion 4000";

/// Everything of the last morning.
pub fn last_morning(stage: &mut Stage<'_, '_>) -> Result<Vec<Move>, Failure> {
    let mut used = Vec::new();
    let mut moves = Vec::new();
    moves.extend(enough_maintenance(stage)?);
    moves.push(then(share_out));
    moves.push(then(lost));
    moves.push(then(half_done));
    for scene in [
        near_miss,
        waiting_for_parts,
        at_the_maker,
        in_progress,
        new_this_morning,
        loaner,
    ] {
        moves.extend(scene(stage, &mut used)?);
    }
    moves.extend(alert(stage)?);
    moves.extend(oddities(stage, &mut used)?);
    Ok(moves)
}

/// A device in ordinary use without an open order, of one of these types, not used for another part of the story.
pub fn some_device(stage: &Stage<'_, '_>, used: &mut Vec<usize>, types: &[&str]) -> Option<usize> {
    let fits = |at: usize| {
        let known = stage
            .hospital
            .record(at)
            .ok()
            .and_then(|id| Some((id, stage.view.device(id)?)));
        known.is_some_and(|(id, device)| {
            device.stage() == Life::InService
                && device.holds.is_empty()
                && device.whereabouts == Whereabouts::AtLocation
                && stage.view.open_orders(id).is_empty()
        })
    };
    let size = stage.hospital.fleet.len();
    // Begin somewhere in the middle, so that the story's devices are not all the first of the list.
    let found = (0..size)
        .map(|step| (size / 3 + step * 7 + step / size.max(1)) % size.max(1))
        .find(|at| {
            let wanted = stage.hospital.fleet.get(*at).is_some_and(|planned| {
                planned.parent.is_empty()
                    && planned.model != HELD_MODEL
                    && (types.is_empty() || types.contains(&planned.type_name))
            });
            wanted && !used.contains(at) && fits(*at)
        })?;
    used.push(found);
    Some(found)
}

/// Opens as many more maintenance orders as the morning needs.
fn enough_maintenance(stage: &mut Stage<'_, '_>) -> Result<Vec<Move>, Failure> {
    let due_soon = later(stage.hospital.today, 5);
    let waiting = stage
        .hospital
        .open
        .iter()
        .filter(|open| open.due <= due_soon)
        .count();
    let mut used: Vec<usize> = stage.hospital.open.iter().map(|open| open.device).collect();
    let mut moves = Vec::new();
    for more in waiting..FOR_TODAY + 8 {
        let types: Vec<&str> = stage
            .hospital
            .fleet
            .iter()
            .filter(|planned| !planned.procedure.is_empty())
            .map(|planned| planned.type_name)
            .collect();
        let Some(device) = some_device(stage, &mut used, &types) else {
            break;
        };
        let due = working(later(stage.hospital.today, (more % 5) as i64));
        moves.push(then(move |stage| {
            let mut moves = open_maintenance(stage, device, due)?;
            // The order waits; nobody begins it before the demo opens.
            moves.truncate(1);
            moves.push(then(move |stage| {
                if let Some(order) = stage.made(crate::domain::event::Kind::Order) {
                    stage.hospital.open.push(OpenPm { order, device, due });
                }
                Ok(Vec::new())
            }));
            Ok(moves)
        }));
    }
    Ok(moves)
}

/// The most urgent dozen goes to the default technician, some to the others, the rest is for whoever takes it.
fn share_out(stage: &mut Stage<'_, '_>) -> Result<Vec<Move>, Failure> {
    let mut open = stage.hospital.open.clone();
    let free = |open: &OpenPm| {
        stage
            .view
            .order(open.order)
            .is_some_and(|order| order.assignee.is_none() && order.status.is_open())
    };
    open.retain(free);
    open.sort_by_key(|open| (open.due, open.device));
    let orders: Vec<EntityId> = open.iter().map(|open| open.order).collect();
    let mine: Vec<EntityId> = orders.iter().take(FOR_TODAY).copied().collect();
    let mut moves = Vec::new();
    let mut assign = |orders: Vec<EntityId>, to: &str| {
        if !orders.is_empty() {
            moves.push(Move::Tell(
                LEAD,
                Command::Order(OrderCommand::Assign {
                    orders,
                    to: to.to_owned(),
                }),
            ));
        }
    };
    assign(mine, DEFAULT);
    for (at, who) in ["jokafor", "tlindqvist", "awhitehorse"]
        .into_iter()
        .enumerate()
    {
        assign(
            orders
                .iter()
                .skip(FOR_TODAY + at)
                .step_by(5)
                .copied()
                .collect(),
            who,
        );
    }
    Ok(moves)
}

/// Two devices that nobody finds.
fn lost(stage: &mut Stage<'_, '_>) -> Result<Vec<Move>, Failure> {
    let mut orders = Vec::new();
    for open in stage.hospital.open.iter().rev() {
        let planned = stage.hospital.planned(open.device)?;
        let unassigned = stage
            .view
            .order(open.order)
            .is_some_and(|o| o.status.is_open() && o.assignee.is_none());
        if !planned.fixed && unassigned && orders.len() < 2 {
            orders.push((open.order, format!("last seen in {}", planned.location)));
        }
    }
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let attempt = OrderCommand::Attempt {
        orders,
        code: AttemptCode::UnableToLocate,
        place: "its unit, both neighbours, the equipment pool".to_owned(),
        next_try: Some(working(later(stage.hospital.today, 3))),
    };
    Ok(vec![Move::Tell("awhitehorse", Command::Order(attempt))])
}

/// One inspection that a colleague has begun.
fn half_done(stage: &mut Stage<'_, '_>) -> Result<Vec<Move>, Failure> {
    let found = stage.hospital.open.iter().copied().find(|open| {
        stage
            .view
            .order(open.order)
            .is_some_and(|order| order.assignee.as_deref() == Some("tlindqvist"))
            && stage
                .hospital
                .planned(open.device)
                .is_ok_and(|planned| planned.model != HELD_MODEL)
    });
    let Some(open) = found else {
        return Ok(Vec::new());
    };
    let procedure = stage.hospital.planned(open.device)?.procedure.to_owned();
    let job = Walk {
        device: open.device,
        order: open.order,
        procedure,
        who: "tlindqvist",
        ending: Ending::LeftOpen(4),
        minutes: 20,
    };
    walk(stage, job, |_, _| Ok(Vec::new()))
}

fn repair(
    stage: &Stage<'_, '_>,
    device: usize,
    problem: &str,
    priority: Priority,
    check_in: CheckIn,
    after: impl FnOnce(&mut Stage<'_, '_>, EntityId) -> Result<Vec<Move>, Failure> + 'static,
) -> Result<Vec<Move>, Failure> {
    let opening = opening(stage, device, problem, priority)?;
    Ok(vec![
        Move::Tell(
            LEAD,
            Command::Order(OrderCommand::Open {
                opening,
                check_in: Some(check_in),
            }),
        ),
        then(move |stage| {
            let order = made_order(stage)?;
            after(stage, order)
        }),
    ])
}

fn near_miss(stage: &mut Stage<'_, '_>, used: &mut Vec<usize>) -> Result<Vec<Move>, Failure> {
    let Some(device) = some_device(
        stage,
        used,
        &["Infusion pump", "Syringe pump", "Patient monitor"],
    ) else {
        return Ok(Vec::new());
    };
    let check_in = CheckIn {
        harm: Harm::NearMiss,
        clean: Known::No,
        accessories: "infusion set still attached, kept as it is".to_owned(),
        shelf: "locked cabinet".to_owned(),
    };
    repair(
        stage,
        device,
        "Stopped without an alarm, noticed by the nurse",
        Priority::Emergency,
        check_in,
        |_, _| Ok(Vec::new()),
    )
}

fn waiting_for_parts(
    stage: &mut Stage<'_, '_>,
    used: &mut Vec<usize>,
) -> Result<Vec<Move>, Failure> {
    let mut random = stage.hospital.random("parts", 0);
    let mut moves = Vec::new();
    for (days, who) in [(2, DEFAULT), (-1, "jokafor")] {
        let Some(device) = some_device(
            stage,
            used,
            &["Hospital bed", "Patient monitor", "Infusion pump"],
        ) else {
            break;
        };
        let problem = TROUBLES
            .iter()
            .find(|t| t.problem == "Screen stays dark")
            .map_or("Screen stays dark", |t| t.problem);
        let today = stage.hospital.today;
        moves.extend(repair(
            stage,
            device,
            problem,
            Priority::Normal,
            ordinary(&mut random),
            move |_, order| {
                Ok(vec![
                    Move::Tell(who, Command::Order(OrderCommand::Start { order })),
                    Move::Tell(
                        who,
                        Command::Order(OrderCommand::Hold {
                            order,
                            reason: HoldReason::Parts,
                            note: "display assembly SBR-P-1330 on back order".to_owned(),
                            chase: Some(later(today, i64::max(days, 0))),
                        }),
                    ),
                ])
            },
        )?);
    }
    Ok(moves)
}

fn at_the_maker(stage: &mut Stage<'_, '_>, used: &mut Vec<usize>) -> Result<Vec<Move>, Failure> {
    let Some(device) = some_device(
        stage,
        used,
        &["Pulse oximeter", "Vital signs monitor", "Bladder scanner"],
    ) else {
        return Ok(Vec::new());
    };
    let record = stage.hospital.record(device)?;
    let vendor = stage.hospital.planned(device)?.maker.to_owned();
    let today = stage.hospital.today;
    let mut random = stage.hospital.random("maker", 0);
    repair(
        stage,
        device,
        "Main board error, sent for repair",
        Priority::Normal,
        ordinary(&mut random),
        move |_, order| {
            Ok(vec![
                Move::Tell("tlindqvist", Command::Order(OrderCommand::Start { order })),
                Move::Tell(
                    "tlindqvist",
                    Command::Device(DeviceCommand::Place {
                        device: record,
                        at: Whereabouts::SentOut {
                            vendor,
                            rma: "RMA-118204".to_owned(),
                            carrier: "courier, insured".to_owned(),
                            ephi_cleared: Some(true),
                            decontaminated: Some(true),
                            expected: Some(later(today, 9)),
                        },
                        note: "packed with its accessories".to_owned(),
                    }),
                ),
                Move::Tell(
                    "tlindqvist",
                    Command::Order(OrderCommand::Hold {
                        order,
                        reason: HoldReason::Vendor,
                        note: "RMA-118204".to_owned(),
                        chase: Some(working(later(today, 9))),
                    }),
                ),
            ])
        },
    )
}

fn in_progress(stage: &mut Stage<'_, '_>, used: &mut Vec<usize>) -> Result<Vec<Move>, Failure> {
    let Some(device) = some_device(stage, used, &["Hospital bed", "Suction pump"]) else {
        return Ok(Vec::new());
    };
    let mut random = stage.hospital.random("progress", 0);
    repair(
        stage,
        device,
        "Brake does not hold",
        Priority::Urgent,
        ordinary(&mut random),
        |_, order| {
            Ok(vec![Move::Tell(
                "jokafor",
                Command::Order(OrderCommand::Start { order }),
            )])
        },
    )
}

fn new_this_morning(
    stage: &mut Stage<'_, '_>,
    used: &mut Vec<usize>,
) -> Result<Vec<Move>, Failure> {
    let mut random = stage.hospital.random("morning", 0);
    let mut moves = Vec::new();
    for (problem, types, priority) in [
        (
            "Alarm volume cannot be heard in the hall",
            ["Patient monitor", "Vital signs monitor"],
            Priority::Urgent,
        ),
        (
            "Will not stay on when unplugged",
            ["Infusion pump", "Syringe pump"],
            Priority::Normal,
        ),
        (
            "Reads too low",
            ["Electronic thermometer", "Pulse oximeter"],
            Priority::Low,
        ),
    ] {
        let Some(device) = some_device(stage, used, &types) else {
            continue;
        };
        moves.extend(repair(
            stage,
            device,
            problem,
            priority,
            ordinary(&mut random),
            |_, _| Ok(Vec::new()),
        )?);
    }
    Ok(moves)
}

/// A maker's loaner that has to go back soon.
fn loaner(stage: &mut Stage<'_, '_>, used: &mut Vec<usize>) -> Result<Vec<Move>, Failure> {
    let Some(device) = some_device(
        stage,
        used,
        &["Syringe pump", "Infusion pump", "Vital signs monitor"],
    ) else {
        return Ok(Vec::new());
    };
    let planned = stage.hospital.planned(device)?;
    let set = DeviceCommand::Set {
        device: stage.hospital.record(device)?,
        changes: vec![
            (
                Field::Ownership,
                Field::Ownership.parse("loaner").ok().flatten(),
            ),
            (Field::Owner, Some(Value::Text(planned.maker.to_owned()))),
            (
                Field::ReturnBy,
                Some(Value::Date(later(stage.hospital.today, 4))),
            ),
            (Field::PurchasePrice, None),
            (Field::PurchaseOrder, None),
        ],
        reason: "the maker lends it until the repaired one is back".to_owned(),
        expected: None,
    };
    Ok(vec![Move::Tell(LEAD, Command::Device(set))])
}

/// The shop holds back one model until its clamps are looked at. A made-up alert of a made-up hospital.
fn alert(stage: &mut Stage<'_, '_>) -> Result<Vec<Move>, Failure> {
    let mut moves = Vec::new();
    for (at, planned) in stage.hospital.fleet.iter().enumerate() {
        if planned.model != HELD_MODEL {
            continue;
        }
        let device = stage.hospital.record(at)?;
        if stage
            .view
            .device(device)
            .is_some_and(|known| known.stage() == Life::InService)
        {
            moves.push(Move::Tell(
                LEAD,
                Command::Device(DeviceCommand::Hold {
                    device,
                    kind: HoldKind::Recall,
                    reason:
                        "internal alert SBR-A-07 (made up): inspect the barrel clamp before use"
                            .to_owned(),
                }),
            ));
        }
    }
    let count = moves.len();
    if count == 0 {
        return Ok(moves);
    }
    let opening = Opening {
        kind: OrderKind::Recall,
        device: None,
        priority: Priority::Urgent,
        problem: format!(
            "Internal alert SBR-A-07 (made up for this demo): inspect the barrel clamp of {count} {HELD_MODEL}"
        ),
        requester: "Robert Hale".to_owned(),
        department: "Biomedical Engineering".to_owned(),
        due: Some(working(later(stage.hospital.today, 7))),
        window: None,
        activity: String::new(),
        procedure: String::new(),
        planned_minutes: Some(count as u32 * 10),
        interval_months: None,
        cause: Cause::Request,
    };
    moves.push(Move::Tell(
        LEAD,
        Command::Order(OrderCommand::Open {
            opening,
            check_in: None,
        }),
    ));
    Ok(moves)
}
