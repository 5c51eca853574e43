//! Two years of work: deliveries, incoming inspections, maintenance and repairs, device by device.
//!
//! Invariants: maintenance follows from when it was last done; a month's orders open on its first working day; about 88 of
//! 100 pass as found, 5 after correction, the rest is tried in vain first or ends in a repair.

use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;

use super::calendar::{at, later, month_begins, working};
use super::hospital::{OpenPm, missing, somebody};
use super::people::LEAD;
use super::prologue::registered;
use super::random::Random;
use super::repairs;
use super::script::{Move, Stage, then, when};
use super::walk::{Ending, Walk, walk};
use crate::bench::Failure;
use crate::domain::command::Command;
use crate::domain::context::World as _;
use crate::domain::device::{DeviceCommand, Origin, Stage as Life, Whereabouts};
use crate::domain::event::Kind;
use crate::domain::id::EntityId;
use crate::domain::order::{AttemptCode, Cause, Opening, OrderCommand, OrderKind, Priority};

/// Above this size only a part of the fleet has a history, so that a demo of any size opens soon.
const FULL_HISTORY: u64 = 4_000;

/// True for devices whose maintenance is told.
pub fn has_history(stage: &Stage<'_, '_>, device: usize) -> bool {
    let size = stage.hospital.fleet.len() as u64;
    size <= FULL_HISTORY || stage.hospital.random("told", device as u64).below(size) < FULL_HISTORY
}

/// A device that was in service before the story began.
pub fn taken_over(
    stage: &mut Stage<'_, '_>,
    device: usize,
    mut random: Random,
) -> Result<Vec<Move>, Failure> {
    if !has_history(stage, device) {
        return Ok(Vec::new());
    }
    let months = interval(stage, device)?;
    let mut moves = Vec::new();
    if let Some(months) = months {
        // Where in its cycle the device stood on the first day.
        let due = later(stage.day, random.between(25, i64::from(months) * 30 + 10));
        moves.push(maintenance(stage, device, due));
    }
    moves.extend(mishaps(stage, device, stage.day, &mut random)?);
    Ok(moves)
}

/// A device that arrives during the story.
pub fn delivered(stage: &mut Stage<'_, '_>, device: usize) -> Result<Vec<Move>, Failure> {
    let planned = stage.hospital.planned(device)?;
    let fields = planned.fields.clone();
    let mut random = stage.hospital.random("history", device as u64);
    let department = planned.department.clone();
    // In a big fleet only the devices that are told about are unpacked one by one; the rest still waits.
    let told = has_history(stage, device);
    let wait = random.between(1, 4);
    Ok(vec![
        Move::Tell(
            LEAD,
            Command::Device(DeviceCommand::Add {
                fields,
                stage: Life::Received,
                origin: Origin::Delivered,
            }),
        ),
        then(move |stage| {
            registered(stage, device);
            let due = later(stage.day, 7);
            let opening = Opening {
                kind: OrderKind::IncomingInspection,
                device: Some(stage.hospital.record(device)?),
                priority: Priority::Normal,
                problem: String::new(),
                requester: "Receiving".to_owned(),
                department,
                due: Some(due),
                window: None,
                activity: String::new(),
                procedure: super::procedures::INCOMING.to_owned(),
                planned_minutes: Some(30),
                interval_months: None,
                cause: Cause::Request,
            };
            let day = working(later(stage.day, wait));
            if !told {
                return Ok(Vec::new());
            }
            Ok(vec![
                Move::Tell(
                    LEAD,
                    Command::Order(OrderCommand::Open {
                        opening,
                        check_in: None,
                    }),
                ),
                then(move |stage| {
                    let order = made_order(stage)?;
                    Ok(vec![when(
                        at(day, 8 * 60 + random.below(400) as u32),
                        move |stage| incoming(stage, device, order, random),
                    )])
                }),
            ])
        }),
    ])
}

fn incoming(
    stage: &mut Stage<'_, '_>,
    device: usize,
    order: EntityId,
    mut random: Random,
) -> Result<Vec<Move>, Failure> {
    let who = somebody(&mut random);
    let ending = match random.below(100) {
        0..3 => Ending::Corrected,
        3..5 => Ending::Slip,
        _ => Ending::Pass,
    };
    let job = Walk {
        device,
        order,
        procedure: super::procedures::INCOMING.to_owned(),
        who,
        ending,
        minutes: random.between(18, 45) as u32,
    };
    walk(stage, job, move |stage, _| {
        let mut moves = Vec::new();
        if let Some(months) = interval(stage, device)? {
            let due = stage
                .day
                .checked_add_months(Months::new(months))
                .unwrap_or(stage.day);
            moves.push(maintenance(stage, device, due));
        }
        moves.extend(mishaps(stage, device, stage.day, &mut random)?);
        Ok(moves)
    })
}

/// Months between maintenances, if the shop does them.
fn interval(stage: &Stage<'_, '_>, device: usize) -> Result<Option<u32>, Failure> {
    let planned = stage.hospital.planned(device)?;
    Ok((!planned.procedure.is_empty() && planned.pm_months > 0).then_some(planned.pm_months))
}

/// The order of a maintenance that comes due, at the beginning of its month.
fn maintenance(stage: &Stage<'_, '_>, device: usize, due: NaiveDate) -> Move {
    let opens = month_begins(due).max(stage.day);
    when(at(opens, 6 * 60 + 15), move |stage| {
        open_maintenance(stage, device, due)
    })
}

/// Opens a device's maintenance order now, unless the device has left the service.
pub fn open_maintenance(
    stage: &mut Stage<'_, '_>,
    device: usize,
    due: NaiveDate,
) -> Result<Vec<Move>, Failure> {
    let record = stage.hospital.record(device)?;
    let in_use = stage
        .view
        .device(record)
        .is_some_and(|d| d.stage() == Life::InService);
    if !in_use {
        return Ok(Vec::new());
    }
    let planned = stage.hospital.planned(device)?;
    let Some((_, procedure)) = stage.hospital.procedure(planned.procedure) else {
        return Ok(Vec::new());
    };
    let opening = Opening {
        kind: OrderKind::Pm,
        device: Some(record),
        priority: if planned.high_risk {
            Priority::Normal
        } else {
            Priority::Low
        },
        problem: String::new(),
        requester: String::new(),
        department: planned.department.clone(),
        due: Some(due),
        window: Some((later(due, -30), later(due, 30))),
        activity: procedure.activity.clone(),
        procedure: procedure.code.clone(),
        planned_minutes: procedure.minutes,
        interval_months: Some(planned.pm_months),
        cause: Cause::Plan {
            plan: procedure.title.clone(),
        },
    };
    let minutes = procedure.minutes.unwrap_or(30);
    Ok(vec![
        Move::Tell(
            LEAD,
            Command::Order(OrderCommand::Open {
                opening,
                check_in: None,
            }),
        ),
        then(move |stage| {
            let order = made_order(stage)?;
            stage.hospital.open.push(OpenPm { order, device, due });
            let mut random = stage.hospital.random("pm", stage.context.seq);
            let day = working_day_of(&mut random, due).max(working(later(stage.day, 1)));
            let who = somebody(&mut random);
            let hour = 7 * 60 + 30 + random.below(480) as u32;
            Ok(vec![when(at(day, hour), move |stage| {
                try_maintenance(
                    stage,
                    Pm {
                        order,
                        device,
                        who,
                        minutes,
                    },
                    random,
                )
            })])
        }),
    ])
}

/// Most maintenance is done about its due day, a little of it much later.
fn working_day_of(random: &mut Random, due: NaiveDate) -> NaiveDate {
    let late = if random.chance(45) {
        random.between(20, 75)
    } else {
        random.bell() / 170
    };
    working(later(due, late))
}

/// A maintenance on its day.
#[derive(Clone, Copy)]
struct Pm {
    order: EntityId,
    device: usize,
    who: &'static str,
    minutes: u32,
}

fn try_maintenance(
    stage: &mut Stage<'_, '_>,
    pm: Pm,
    mut random: Random,
) -> Result<Vec<Move>, Failure> {
    let record = stage.hospital.record(pm.device)?;
    let Some(device) = stage.view.device(record) else {
        return Ok(Vec::new());
    };
    if device.stage() != Life::InService {
        stage.hospital.open.retain(|open| open.order != pm.order);
        let reason = "device taken out of use before its maintenance".to_owned();
        return Ok(vec![Move::Tell(
            LEAD,
            Command::Order(OrderCommand::Cancel {
                order: pm.order,
                reason,
            }),
        )]);
    }
    let planned = stage.hospital.planned(pm.device)?;
    let next = working(later(stage.day, random.between(6, 13)));
    let again = |mut random: Random| {
        let hour = 8 * 60 + random.below(400) as u32;
        when(at(next, hour), move |stage| {
            do_maintenance(stage, pm, random)
        })
    };
    let attempt = |code, place: &str, note: &str| {
        Move::Tell(
            pm.who,
            Command::Order(OrderCommand::Attempt {
                orders: vec![(pm.order, note.to_owned())],
                code,
                place: place.to_owned(),
                next_try: Some(next),
            }),
        )
    };
    Ok(match random.below(1_000) {
        0..30 if !planned.fixed => {
            let place = format!(
                "{}, clean utility, {}",
                planned.department, planned.location
            );
            vec![
                attempt(
                    AttemptCode::UnableToLocate,
                    &place,
                    "asked the charge nurse",
                ),
                again(random),
            ]
        }
        30..50 => vec![
            attempt(AttemptCode::InUse, &planned.location, "on a patient"),
            again(random),
        ],
        50..70 => vec![
            attempt(
                AttemptCode::OutOfService,
                &planned.location,
                "room closed for renovation",
            ),
            again(random),
        ],
        _ => do_maintenance(stage, pm, random)?,
    })
}

fn do_maintenance(
    stage: &mut Stage<'_, '_>,
    pm: Pm,
    mut random: Random,
) -> Result<Vec<Move>, Failure> {
    let record = stage.hospital.record(pm.device)?;
    let Some(device) = stage.view.device(record) else {
        return Ok(Vec::new());
    };
    if device.stage() != Life::InService {
        return try_maintenance(stage, pm, random);
    }
    let mut moves = Vec::new();
    if matches!(device.whereabouts, Whereabouts::Missing { .. }) {
        // One in eight is still not found.
        if random.chance(125) {
            return Ok(Vec::new());
        }
        let place = DeviceCommand::Place {
            device: record,
            at: Whereabouts::AtLocation,
            note: "found in a storage room of another floor".to_owned(),
        };
        moves.push(Move::Tell(pm.who, Command::Device(place)));
    }
    let ending = match random.below(1_000) {
        0..54 => Ending::Corrected,
        54..66 => Ending::Repair,
        66..76 => Ending::Slip,
        _ => Ending::Pass,
    };
    let planned = stage.hospital.planned(pm.device)?;
    let job = Walk {
        device: pm.device,
        order: pm.order,
        procedure: planned.procedure.to_owned(),
        who: pm.who,
        ending,
        minutes: (i64::from(pm.minutes) * random.between(70, 130) / 100).max(3) as u32,
    };
    let months = planned.pm_months;
    stage.hospital.open.retain(|open| open.order != pm.order);
    moves.push(then(move |stage| {
        walk(stage, job, move |stage, repair| {
            let due = stage
                .day
                .checked_add_months(Months::new(months))
                .unwrap_or(stage.day);
            let mut moves = vec![maintenance(stage, pm.device, due)];
            if let Some(repair) = repair {
                let day = working(later(stage.day, random.between(1, 9)));
                moves.push(when(
                    at(day, 9 * 60 + random.below(300) as u32),
                    move |stage| {
                        repairs::after_failed_step(stage, pm.device, repair, pm.who, random)
                    },
                ));
            }
            Ok(moves)
        })
    }));
    Ok(moves)
}

/// Breakdowns and retirement of one device, from a day on.
fn mishaps(
    stage: &Stage<'_, '_>,
    device: usize,
    from: NaiveDate,
    random: &mut Random,
) -> Result<Vec<Move>, Failure> {
    let planned = stage.hospital.planned(device)?;
    let mut moves = Vec::new();
    // About one repair in four years; pumps and beds break more often.
    let rate = if matches!(planned.type_name, "Infusion pump" | "Hospital bed") {
        34
    } else {
        20
    };
    let mut day = from;
    loop {
        day = later(day, 20 + random.below(100 * 365 * 2 / rate) as i64 / 10);
        if day >= stage.hospital.today || random.chance(550) {
            break;
        }
        let (hour, random) = (
            7 * 60 + random.below(540) as u32,
            Random::numbered(random.bits(), "repair", 0),
        );
        moves.push(when(at(working(day), hour), move |stage| {
            repairs::reported(stage, device, random)
        }));
    }
    let old = (stage.hospital.today - planned.arrived).num_days() > 365 * 9;
    if old && random.chance(60) && planned.parent.is_empty() {
        let day = working(later(from, random.between(30, 690)));
        moves.push(when(at(day, 15 * 60), move |stage| retire(stage, device)));
    }
    Ok(moves)
}

fn retire(stage: &mut Stage<'_, '_>, device: usize) -> Result<Vec<Move>, Failure> {
    let record = stage.hospital.record(device)?;
    let known = stage.view.device(record);
    let free = known.is_some_and(|d| {
        d.stage() == Life::InService
            && d.holds.is_empty()
            && d.whereabouts == Whereabouts::AtLocation
    }) && stage.view.open_orders(record).is_empty();
    if !free {
        return Ok(Vec::new());
    }
    Ok(vec![Move::Tell(
        LEAD,
        Command::Device(DeviceCommand::SetStage {
            device: record,
            to: Life::Retired,
            reason: "beyond its years of use, parts no longer sold".to_owned(),
        }),
    )])
}

/// The order that the last command opened.
pub fn made_order(stage: &Stage<'_, '_>) -> Result<EntityId, Failure> {
    stage
        .made(Kind::Order)
        .ok_or_else(|| missing("A work order of the demo did not open.".to_owned()))
}

/// Dollars.
pub fn dollars(amount: i64, cents: i64) -> Decimal {
    Decimal::new(amount * 100 + cents, 2)
}
