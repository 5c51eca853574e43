//! One inspection from start to signature, as a technician walks it.
//!
//! Invariant: the walk asks the inspection itself which steps come next; what a step may be answered with is decided by
//! the bench, not here.

use super::calendar::later;
use super::fleet::HISTORY_DAYS;
use super::hospital::missing;
use super::random::Random;
use super::reading::OnBench;
use super::script::{Move, Stage, then};
use crate::bench::{Failure, SignRequest};
use crate::domain::command::Command;
use crate::domain::context::World as _;
use crate::domain::device::Field;
use crate::domain::event::Kind;
use crate::domain::id::EntityId;
use crate::domain::inspection::{
    Again, Answer, AnswerOrigin, Failing, InspectionCommand, StepState, plan, warnings,
};
use crate::domain::order::FailureCause;
use crate::domain::procedure::{Step, StepKind};
use crate::domain::signature::Meaning;

/// How a walk ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// Everything passes.
    Pass,
    /// Something fails and is put right on the spot.
    Corrected,
    /// Something fails and a repair is opened.
    Repair,
    /// A reading is mistyped first.
    Slip,
    /// It is left open after so many answers.
    LeftOpen(usize),
}

/// A walk to be done.
#[derive(Clone, Debug)]
pub struct Walk {
    /// The device, by its place in the fleet.
    pub device: usize,
    /// Its order.
    pub order: EntityId,
    /// The procedure, by code.
    pub procedure: String,
    /// Who.
    pub who: &'static str,
    /// How it ends.
    pub ending: Ending,
    /// Minutes it takes.
    pub minutes: u32,
}

/// The moves of a walk; `after` hears of the repair order, if one was opened.
pub fn walk(
    stage: &mut Stage<'_, '_>,
    walk: Walk,
    after: impl FnOnce(&mut Stage<'_, '_>, Option<EntityId>) -> Result<Vec<Move>, Failure> + 'static,
) -> Result<Vec<Move>, Failure> {
    let record = stage.hospital.record(walk.device)?;
    let (procedure, kinds) = {
        let (hash, document) = stage
            .hospital
            .procedure(&walk.procedure)
            .ok_or_else(|| missing(format!("The demo has no procedure {}.", walk.procedure)))?;
        let mut kinds: Vec<String> = document
            .steps()
            .filter_map(|step| step.tool.clone())
            .collect();
        if document
            .steps()
            .any(|step| matches!(step.kind, StepKind::ElectricalSafety { .. }))
        {
            kinds.push("safety analyser".to_owned());
        }
        kinds.dedup();
        (*hash, kinds)
    };
    let tools = stage.hospital.good_tools(stage.view, &kinds, stage.day);
    let acknowledged = warnings(stage.view, stage.context, record, Some(walk.order));
    let start = InspectionCommand::Start {
        device: record,
        order: Some(walk.order),
        procedure,
        performed: None,
        acknowledged,
        tools,
    };
    let who = walk.who;
    Ok(vec![
        Move::Tell(who, Command::Inspection(start)),
        then(move |stage| {
            let inspection = stage
                .made(Kind::Inspection)
                .ok_or_else(|| missing("An inspection of the demo did not start.".to_owned()))?;
            answers(stage, &walk, inspection, after)
        }),
    ])
}

/// One answer to be given.
struct Given {
    step: Step,
    point: Option<u16>,
    good: Option<Answer>,
    bad: Option<Answer>,
}

fn answers(
    stage: &mut Stage<'_, '_>,
    walk: &Walk,
    inspection: EntityId,
    after: impl FnOnce(&mut Stage<'_, '_>, Option<EntityId>) -> Result<Vec<Move>, Failure> + 'static,
) -> Result<Vec<Move>, Failure> {
    let who = walk.who;
    let mut random = stage.hospital.random("walk", stage.context.seq);
    let list = to_answer(stage, walk, inspection)?;
    // The step that fails, if one does: any that can be answered both ways.
    let could_fail: Vec<usize> = (0..list.len())
        .filter(|at| {
            list.get(*at)
                .is_some_and(|given| may_fail(given, walk.ending))
        })
        .collect();
    let failing = match walk.ending {
        Ending::Pass | Ending::LeftOpen(_) => None,
        _ => random.pick(&could_fail).copied(),
    };
    let mut moves = Vec::new();
    let mut run = Vec::new();
    let mut count = 0;
    let seconds = i64::from(walk.minutes) * 60;
    let recent = stage.day > later(stage.hospital.today, -45);
    for (index, given) in list.iter().enumerate() {
        if matches!(walk.ending, Ending::LeftOpen(after) if index >= after) {
            break;
        }
        let Some(good) = &given.good else { continue };
        count += 1;
        let answer = |answer: &Answer, again| command(inspection, given, answer.clone(), again);
        let Some(bad) = given.bad.as_ref().filter(|_| failing == Some(index)) else {
            run.push(answer(good, None));
            // What was done lately is kept answer by answer, older work in one go.
            if recent {
                moves.push(Move::Wait(seconds / (list.len() as i64 + 1)));
                moves.push(Move::TellAll(who, std::mem::take(&mut run)));
            }
            continue;
        };
        count += 1;
        run.push(answer(bad, None));
        moves.push(Move::Wait(seconds / 2));
        moves.push(Move::TellAll(who, std::mem::take(&mut run)));
        match walk.ending {
            Ending::Slip => run.push(answer(good, Some(Again::TypingSlip))),
            Ending::Repair => {
                count -= 1;
                let settle = InspectionCommand::Settle {
                    inspection,
                    step: given.step.id.clone(),
                    with: Failing::OpenRepair,
                };
                moves.push(Move::Tell(who, Command::Inspection(settle)));
            }
            _ => {
                let (done, cause) = fixed(&given.step, &mut random);
                let settle = InspectionCommand::Settle {
                    inspection,
                    step: given.step.id.clone(),
                    with: Failing::FixedNow {
                        done: done.to_owned(),
                        cause,
                        minutes: random.between(3, 25) as u32,
                    },
                };
                moves.push(Move::Tell(who, Command::Inspection(settle)));
                run.push(answer(good, None));
            }
        }
    }
    if !run.is_empty() {
        moves.push(Move::Wait(seconds / 2));
        moves.push(Move::TellAll(who, run));
    }
    stage.hospital.answers += count;
    if matches!(walk.ending, Ending::LeftOpen(_)) {
        return Ok(moves);
    }
    moves.push(Move::Wait(60));
    moves.push(Move::Sign(
        who,
        SignRequest {
            inspection,
            meaning: Meaning::Performed,
            minutes: Some(walk.minutes),
            cause: None,
        },
    ));
    moves.push(then(move |stage| {
        stage.hospital.inspections += 1;
        let repair = stage
            .view
            .inspection(inspection)
            .and_then(|state| state.repairs.first().map(|(_, order)| *order));
        after(stage, repair)
    }));
    Ok(moves)
}

fn to_answer(
    stage: &Stage<'_, '_>,
    walk: &Walk,
    inspection: EntityId,
) -> Result<Vec<Given>, Failure> {
    let gone = || missing("An inspection of the demo is not on record.".to_owned());
    let state = stage.view.inspection(inspection).ok_or_else(gone)?;
    let frozen = stage
        .view
        .procedure(state.frozen)
        .and_then(|stored| stored.procedure.clone())
        .ok_or_else(gone)?;
    let planned = stage.hospital.planned(walk.device)?;
    let software = state
        .device
        .and_then(|device| stage.view.device(device))
        .map(|device| device.text(Field::Software))
        .unwrap_or_default();
    let start = later(stage.hospital.today, -(HISTORY_DAYS as i64));
    let bench = OnBench {
        seed: stage.hospital.seed,
        device: u64::from(planned.index),
        tag: &planned.tag,
        location: &planned.location,
        software: software.strip_prefix("system ").unwrap_or(&software),
        day: stage.day,
        age: (stage.day - start).num_days(),
    };
    let mut out = Vec::new();
    for item in plan(&state, &frozen, &state.facts).items {
        if !item.asked.is_asked() {
            continue;
        }
        for point in item
            .points
            .iter()
            .filter(|point| point.state == StepState::Open)
        {
            out.push(Given {
                good: bench.answer(&item.step, point.point, true),
                bad: bench.answer(&item.step, point.point, false),
                step: item.step.clone(),
                point: point.point,
            });
        }
    }
    Ok(out)
}

/// Only a reading is mistyped; a scan, a text and the question about the patient never fail here.
fn may_fail(given: &Given, ending: Ending) -> bool {
    match given.step.kind {
        StepKind::Measure(_) | StepKind::Table(_) => true,
        StepKind::Check => {
            ending != Ending::Slip && given.step.allow_na && given.step.id.0 != "restore"
        }
        _ => false,
    }
}

fn command(inspection: EntityId, given: &Given, answer: Answer, again: Option<Again>) -> Command {
    let origin = if matches!(answer, Answer::Scan(_)) {
        AnswerOrigin::Scan
    } else {
        AnswerOrigin::Key
    };
    Command::Inspection(InspectionCommand::Answer {
        inspection,
        step: given.step.id.clone(),
        point: given.point,
        answer,
        origin,
        again,
        reason: String::new(),
    })
}

/// What was done on the spot, and why it had failed.
fn fixed(step: &Step, random: &mut Random) -> (&'static str, FailureCause) {
    let measured: &[(&str, FailureCause)] = &[
        ("calibrated in the service menu", FailureCause::Potential),
        (
            "cleaned the sensor and calibrated again",
            FailureCause::Hidden,
        ),
        ("replaced the worn seal", FailureCause::Preventable),
        ("replaced the power cord", FailureCause::Accessory),
    ];
    let checked: &[(&str, FailureCause)] = &[
        ("replaced the battery pack", FailureCause::Battery),
        ("replaced the damaged cord", FailureCause::Accessory),
        (
            "tightened and replaced the missing screw",
            FailureCause::UseError,
        ),
        ("replaced the cracked cover", FailureCause::UseError),
        ("replaced the filter", FailureCause::Preventable),
        (
            "reset the alarm volume to the department's default",
            FailureCause::Hidden,
        ),
    ];
    let list = if matches!(step.kind, StepKind::Check) {
        checked
    } else {
        measured
    };
    random
        .pick(list)
        .copied()
        .unwrap_or(("put right", FailureCause::Unknown))
}
