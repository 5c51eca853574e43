//! Repairs: what nurses report, what technicians find and do, which parts it takes.

use super::calendar::{at, later, working};
use super::history::{dollars, made_order};
use super::hospital::{missing, somebody};
use super::random::Random;
use super::script::{Move, Stage, then, when};
use super::walk::{Ending, Walk, walk};
use crate::bench::Failure;
use crate::domain::command::Command;
use crate::domain::context::World as _;
use crate::domain::device::{HoldKind, Stage as Life};
use crate::domain::id::EntityId;
use crate::domain::order::{
    Cause, CheckIn, FailureCause, Harm, HoldReason, Known, LabourKind, Opening, OrderCommand,
    OrderKind, Priority,
};

/// One sort of trouble from report to cause.
#[derive(Debug)]
pub struct Trouble {
    /// As reported.
    pub problem: &'static str,
    found: &'static str,
    done: &'static str,
    cause: FailureCause,
    /// Part number, description, whole dollars.
    part: Option<(&'static str, &'static str, i64)>,
    /// Types that have it; empty for any.
    types: &'static [&'static str],
}

const fn trouble(
    problem: &'static str,
    found: &'static str,
    done: &'static str,
    cause: FailureCause,
    part: Option<(&'static str, &'static str, i64)>,
    types: &'static [&'static str],
) -> Trouble {
    Trouble {
        problem,
        found,
        done,
        cause,
        part,
        types,
    }
}

/// The troubles of this hospital.
pub const TROUBLES: &[Trouble] = &[
    trouble(
        "Will not stay on when unplugged",
        "Battery holds no charge",
        "Replaced battery, charged and ran for 30 minutes",
        FailureCause::Battery,
        Some(("SBR-P-1101", "battery pack", 92)),
        &[],
    ),
    trouble(
        "Dropped, corner of the case is broken",
        "Case cracked, no damage inside",
        "Replaced the rear case, tested",
        FailureCause::UseError,
        Some(("SBR-P-1215", "rear case", 148)),
        &[],
    ),
    trouble(
        "Power cord is frayed at the plug",
        "Strain relief torn, conductors not bare",
        "Replaced the power cord",
        FailureCause::Accessory,
        Some(("SBR-P-1003", "power cord", 19)),
        &[],
    ),
    trouble(
        "Screen stays dark",
        "Backlight failed",
        "Replaced the display",
        FailureCause::Unpreventable,
        Some(("SBR-P-1330", "display assembly", 410)),
        &[],
    ),
    trouble(
        "Keys do not respond",
        "Keypad worn through",
        "Replaced the keypad",
        FailureCause::Preventable,
        Some(("SBR-P-1308", "keypad", 76)),
        &[],
    ),
    trouble(
        "Shows an error and alarms at times",
        "Could not be made to happen, log is clean",
        "Ran it overnight without an error, returned",
        FailureCause::CannotDuplicate,
        None,
        &[],
    ),
    trouble(
        "Does not work",
        "Nothing wrong, was in standby",
        "Showed the unit how to wake it",
        FailureCause::UseError,
        None,
        &[],
    ),
    trouble(
        "Wheel squeaks and pulls to one side",
        "Caster bearing worn",
        "Replaced the caster",
        FailureCause::Preventable,
        Some(("SBR-P-1420", "caster", 34)),
        &[],
    ),
    trouble(
        "Occlusion alarm without an occlusion",
        "Pressure sensor reads high",
        "Replaced the pressure sensor and calibrated",
        FailureCause::Hidden,
        Some(("SBR-P-2104", "pressure sensor", 133)),
        &[
            "Infusion pump",
            "Infusion pump module",
            "Syringe pump",
            "PCA pump",
        ],
    ),
    trouble(
        "Door does not latch",
        "Latch bent",
        "Replaced the door latch",
        FailureCause::UseError,
        Some(("SBR-P-2110", "door latch", 58)),
        &["Infusion pump", "Infusion pump module"],
    ),
    trouble(
        "Not seen on the network, no drug library update",
        "Wireless certificate expired",
        "Renewed the certificate with IT, synchronised",
        FailureCause::Network,
        None,
        &[
            "Infusion pump",
            "Syringe pump",
            "Vital signs monitor",
            "Infusion pump programming unit",
        ],
    ),
    trouble(
        "SpO2 shows dashes",
        "Sensor cable broken",
        "Replaced the SpO2 cable",
        FailureCause::Accessory,
        Some(("SBR-P-3107", "SpO2 cable", 87)),
        &[
            "Patient monitor",
            "Vital signs monitor",
            "Pulse oximeter",
            "Defibrillator/monitor",
        ],
    ),
    trouble(
        "Blood pressure will not read",
        "Cuff hose leaks at the connector",
        "Replaced the hose",
        FailureCause::Accessory,
        Some(("SBR-P-3120", "NIBP hose", 41)),
        &["Patient monitor", "Vital signs monitor", "NIBP monitor"],
    ),
    trouble(
        "Recorder does not print",
        "Paper roll was in the wrong way round",
        "Loaded the paper, showed the unit",
        FailureCause::UseError,
        None,
        &[
            "Defibrillator/monitor",
            "Electrocardiograph",
            "Fetal monitor",
        ],
    ),
    trouble(
        "Head section does not go up",
        "Actuator failed",
        "Replaced the head actuator",
        FailureCause::Unpreventable,
        Some(("SBR-P-4402", "head actuator", 365)),
        &["Hospital bed"],
    ),
    trouble(
        "Side rail does not stay up",
        "Latch pin worn",
        "Replaced the latch, tested both rails",
        FailureCause::Preventable,
        Some(("SBR-P-4417", "rail latch", 64)),
        &["Hospital bed"],
    ),
    trouble(
        "Exit alarm does not sound",
        "Load cell cable pulled out",
        "Connected and secured the cable, calibrated the scale",
        FailureCause::UseError,
        None,
        &["Hospital bed"],
    ),
    trouble(
        "Does not inflate one leg",
        "Tubing cracked",
        "Replaced the tubing set",
        FailureCause::Accessory,
        Some(("SBR-P-4610", "tubing set", 29)),
        &["Sequential compression pump"],
    ),
    trouble(
        "Reads too low",
        "Probe contact dirty",
        "Cleaned the contact, checked at 37 degrees",
        FailureCause::Evident,
        None,
        &["Electronic thermometer"],
    ),
    trouble(
        "Low vacuum",
        "Filter wet and blocked",
        "Replaced filter and canister",
        FailureCause::Preventable,
        Some(("SBR-P-4501", "filter", 12)),
        &["Suction pump"],
    ),
    trouble(
        "Fails its self-test with a flow error",
        "Flow sensor contaminated",
        "Replaced the flow sensor, ran the full test",
        FailureCause::Potential,
        Some(("SBR-P-5106", "flow sensor", 240)),
        &["ICU ventilator", "Transport ventilator", "Anesthesia unit"],
    ),
];

/// A trouble that this type can have.
pub fn trouble_of(type_name: &str, random: &mut Random) -> Option<&'static Trouble> {
    let own: Vec<&Trouble> = TROUBLES
        .iter()
        .filter(|t| t.types.contains(&type_name))
        .collect();
    let any: Vec<&Trouble> = TROUBLES.iter().filter(|t| t.types.is_empty()).collect();
    let list = if own.is_empty() || random.chance(400) {
        any
    } else {
        own
    };
    random.pick(&list).copied()
}

/// The line with which an ordinary repair comes in.
pub fn ordinary(random: &mut Random) -> CheckIn {
    CheckIn {
        harm: if random.chance(60) {
            Harm::Unknown
        } else {
            Harm::None
        },
        clean: if random.chance(850) {
            Known::Yes
        } else {
            Known::Unknown
        },
        accessories: random
            .pick(&["", "power cord", "power cord, pole clamp", "none"])
            .copied()
            .unwrap_or_default()
            .to_owned(),
        shelf: format!("bench {}", random.between(1, 6)),
    }
}

/// The opening of a repair.
pub fn opening(
    stage: &Stage<'_, '_>,
    device: usize,
    problem: &str,
    priority: Priority,
) -> Result<Opening, Failure> {
    let planned = stage.hospital.planned(device)?;
    Ok(Opening {
        kind: OrderKind::Repair,
        device: Some(stage.hospital.record(device)?),
        priority,
        problem: problem.to_owned(),
        requester: "charge nurse".to_owned(),
        department: planned.department.clone(),
        due: None,
        window: None,
        activity: String::new(),
        procedure: String::new(),
        planned_minutes: None,
        interval_months: None,
        cause: Cause::Request,
    })
}

/// A trouble is reported; somebody sees to it, most often within days.
pub fn reported(
    stage: &mut Stage<'_, '_>,
    device: usize,
    mut random: Random,
) -> Result<Vec<Move>, Failure> {
    let record = stage.hospital.record(device)?;
    let in_use = stage
        .view
        .device(record)
        .is_some_and(|d| d.stage() == Life::InService && d.hold(HoldKind::Sequestered).is_none());
    let planned = stage.hospital.planned(device)?;
    let Some(trouble) = trouble_of(planned.type_name, &mut random).filter(|_| in_use) else {
        return Ok(Vec::new());
    };
    let priority = if planned.high_risk && random.chance(300) {
        Priority::Urgent
    } else {
        Priority::Normal
    };
    let opening = opening(stage, device, trouble.problem, priority)?;
    let check_in = Some(ordinary(&mut random));
    let reporter = somebody(&mut random);
    let who = somebody(&mut random);
    Ok(vec![
        Move::Tell(
            reporter,
            Command::Order(OrderCommand::Open { opening, check_in }),
        ),
        then(move |stage| {
            let order = made_order(stage)?;
            let day = working(later(stage.day, random.between(0, 4)));
            let begins = at(day, 8 * 60 + random.below(480) as u32).max(stage.now + 1_800_000_000);
            Ok(vec![when(begins, move |stage| {
                work(stage, order, who, trouble, random)
            })])
        }),
    ])
}

fn work(
    stage: &mut Stage<'_, '_>,
    order: EntityId,
    who: &'static str,
    trouble: &'static Trouble,
    mut random: Random,
) -> Result<Vec<Move>, Failure> {
    let mut moves = vec![Move::Tell(
        who,
        Command::Order(OrderCommand::Start { order }),
    )];
    if let Some((_, part, _)) = trouble.part.filter(|_| random.chance(350)) {
        let back = working(later(stage.day, random.between(2, 12)));
        moves.push(Move::Wait(900));
        moves.push(Move::Tell(
            who,
            Command::Order(OrderCommand::Hold {
                order,
                reason: HoldReason::Parts,
                note: format!("ordered {part}"),
                chase: Some(back),
            }),
        ));
        moves.push(when(
            at(back, 10 * 60 + random.below(300) as u32),
            move |_| {
                let resume = Move::Tell(who, Command::Order(OrderCommand::Resume { order }));
                Ok(vec![
                    resume,
                    then(move |_| Ok(finish(order, who, trouble, random))),
                ])
            },
        ));
    } else {
        moves.push(then(move |_| Ok(finish(order, who, trouble, random))));
    }
    Ok(moves)
}

fn finish(order: EntityId, who: &'static str, trouble: &Trouble, mut random: Random) -> Vec<Move> {
    let mut moves = Vec::new();
    let minutes = random.between(15, 140);
    if let Some((number, description, cost)) = trouble.part {
        moves.push(Move::Tell(
            who,
            Command::Order(OrderCommand::Part {
                order,
                number: number.to_owned(),
                description: description.to_owned(),
                quantity: 1,
                cost: Some(dollars(cost, random.between(0, 99))),
            }),
        ));
    }
    if random.chance(200) {
        moves.push(Move::Tell(
            who,
            Command::Order(OrderCommand::Labour {
                order,
                who: String::new(),
                minutes: random.between(5, 20) as u32,
                kind: LabourKind::Travel,
                on: None,
                note: "fetched and returned it".to_owned(),
            }),
        ));
    }
    moves.push(Move::Wait(minutes * 60));
    moves.push(Move::Tell(
        who,
        Command::Order(OrderCommand::Close {
            order,
            found: trouble.found.to_owned(),
            done: trouble.done.to_owned(),
            cause: trouble.cause,
            action: None,
            outcome: None,
            performed: None,
            minutes: Some(minutes as u32),
        }),
    ));
    moves
}

/// The repair that a failed step opened, and the inspection that proves it.
pub fn after_failed_step(
    stage: &mut Stage<'_, '_>,
    device: usize,
    repair: EntityId,
    who: &'static str,
    mut random: Random,
) -> Result<Vec<Move>, Failure> {
    let planned = stage.hospital.planned(device)?;
    let fitting: Vec<&Trouble> = TROUBLES
        .iter()
        .filter(|t| {
            t.part.is_some() && (t.types.contains(&planned.type_name) || t.types.is_empty())
        })
        .collect();
    let trouble = random
        .pick(&fitting)
        .copied()
        .ok_or_else(|| missing("No trouble fits.".to_owned()))?;
    let procedure = planned.procedure.to_owned();
    let months = planned.pm_months;
    let open = Opening {
        kind: OrderKind::Pm,
        activity: stage
            .hospital
            .procedure(&procedure)
            .map(|(_, p)| p.activity.clone())
            .unwrap_or_default(),
        procedure: procedure.clone(),
        interval_months: Some(months),
        planned_minutes: Some(30),
        requester: String::new(),
        ..opening(
            stage,
            device,
            "Test again after the repair",
            Priority::Urgent,
        )?
    };
    let mut moves = vec![Move::Tell(
        who,
        Command::Order(OrderCommand::Start { order: repair }),
    )];
    moves.extend(finish(repair, who, trouble, random.clone()));
    moves.push(Move::Wait(300));
    moves.push(Move::Tell(
        who,
        Command::Order(OrderCommand::Open {
            opening: open,
            check_in: None,
        }),
    ));
    moves.push(then(move |stage| {
        let order = made_order(stage)?;
        let job = Walk {
            device,
            order,
            procedure,
            who,
            ending: Ending::Pass,
            minutes: random.between(15, 40) as u32,
        };
        walk(stage, job, |_, _| Ok(Vec::new()))
    }));
    Ok(moves)
}
