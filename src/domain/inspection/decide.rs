//! What may be done in an inspection, and what it does.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Again, Answer, AnswerOrigin, acts, answer, moving, settle, sign, start, tools};
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::{EntityId, Hash};
use crate::domain::order::FailureCause;
use crate::domain::procedure::StepId;
use crate::domain::refusal::Refusal;
use crate::domain::signature::Signature;

/// What is done about a failing answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Failing {
    /// It was put right on the spot; an as-left answer follows.
    FixedNow {
        /// What was done.
        done: String,
        /// Why it failed.
        cause: FailureCause,
        /// Minutes it took.
        minutes: u32,
    },
    /// A repair order is opened with the finding filled in.
    OpenRepair,
}

/// What a person asks of an inspection.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum InspectionCommand {
    /// Begin. Without an order it attaches to the device's open order of that activity, or makes an unscheduled one;
    /// when several are open the refusal carries the choice.
    Start {
        /// The device.
        device: EntityId,
        /// The order, if chosen.
        order: Option<EntityId>,
        /// The procedure version.
        procedure: Hash,
        /// The day the work is done; today when not said.
        performed: Option<NaiveDate>,
        /// Warnings that were read, as `warnings` gave them.
        acknowledged: Vec<String>,
        /// Tools to take over for the session: kind and tool.
        tools: Vec<(String, EntityId)>,
    },
    /// Choose test equipment for a kind.
    ChooseTool {
        /// The inspection.
        inspection: EntityId,
        /// The kind of tool.
        kind: String,
        /// The tool.
        tool: EntityId,
        /// Reason and second person's key, when it is not known to be good.
        override_by: Option<(String, String)>,
    },
    /// Answer a step.
    Answer {
        /// The inspection.
        inspection: EntityId,
        /// The step.
        step: StepId,
        /// The set point of a table.
        point: Option<u16>,
        /// What.
        answer: Answer,
        /// From where.
        origin: AnswerOrigin,
        /// Why an answer that is already there is given again.
        again: Option<Again>,
        /// Reason of an amendment.
        reason: String,
    },
    /// Say what is done about a failing answer.
    Settle {
        /// The inspection.
        inspection: EntityId,
        /// The step that failed.
        step: StepId,
        /// What.
        with: Failing,
    },
    /// A note.
    Note {
        /// The inspection.
        inspection: EntityId,
        /// The step, or the whole inspection.
        step: Option<StepId>,
        /// The text.
        text: String,
    },
    /// Start a count-down.
    StartTimer {
        /// The inspection.
        inspection: EntityId,
        /// The step.
        step: StepId,
    },
    /// Leave a step for later.
    Defer {
        /// The inspection.
        inspection: EntityId,
        /// The step.
        step: StepId,
    },
    /// Hand over to somebody else.
    HandOver {
        /// The inspection.
        inspection: EntityId,
        /// Their key.
        to: String,
        /// Where the device is.
        place: String,
    },
    /// It was the wrong device: move every reading to the right one. Before signing only.
    Move {
        /// The inspection.
        inspection: EntityId,
        /// The right device.
        to: EntityId,
        /// Why.
        reason: String,
    },
    /// It counts nowhere.
    Void {
        /// The inspection.
        inspection: EntityId,
        /// Why.
        reason: String,
    },
    /// A technician suspects a recall: open a recall order.
    SuspectRecall {
        /// The inspection.
        inspection: EntityId,
        /// What was seen.
        note: String,
    },
    /// Sign. The outcome, minutes and what follows for order and device are computed.
    Sign {
        /// The inspection.
        inspection: EntityId,
        /// The signature over the list of its entries.
        signature: Signature,
        /// Active minutes; from first to last answer when not said.
        minutes: Option<u32>,
        /// Failure cause, for an outcome other than passed.
        cause: Option<FailureCause>,
    },
}

/// Decides commands that are recorded as one entry: each finds the inspection as it stood before the entry.
pub fn decide_all<'c>(
    world: &dyn World,
    ctx: &Context,
    commands: impl Iterator<Item = &'c InspectionCommand>,
) -> Result<Vec<Addressed>, Refusal> {
    let mut events = Vec::new();
    let mut standing: Option<answer::Standing> = None;
    for command in commands {
        let InspectionCommand::Answer {
            inspection,
            step,
            point,
            answer,
            origin,
            again,
            reason,
        } = command
        else {
            events.extend(decide(world, ctx, command)?);
            continue;
        };
        let found = match standing.take() {
            Some(found) if found.id() == *inspection => found,
            _ => answer::Standing::of(world, ctx, *inspection)?,
        };
        let given = answer::Given {
            step,
            point: *point,
            answer,
            origin: *origin,
            again: *again,
            reason,
        };
        events.extend(found.answer(world, ctx, &given)?);
        standing = Some(found);
    }
    Ok(events)
}

/// Decides an inspection command.
pub fn decide(
    world: &dyn World,
    ctx: &Context,
    command: &InspectionCommand,
) -> Result<Vec<Addressed>, Refusal> {
    use InspectionCommand as C;
    match command {
        C::Start {
            device,
            order,
            procedure,
            performed,
            acknowledged,
            tools,
        } => start::start(
            world,
            ctx,
            &start::Beginning {
                device: *device,
                order: *order,
                procedure: *procedure,
                performed: *performed,
                acknowledged,
                tools,
            },
        ),
        C::ChooseTool {
            inspection,
            kind,
            tool,
            override_by,
        } => tools::choose(world, ctx, *inspection, kind, *tool, override_by.as_ref()),
        C::Answer { .. } => decide_all(world, ctx, std::iter::once(command)),
        C::Settle {
            inspection,
            step,
            with,
        } => settle::settle(world, ctx, *inspection, step, with),
        C::Note {
            inspection,
            step,
            text,
        } => acts::note(world, *inspection, step.as_ref(), text),
        C::StartTimer { inspection, step } => acts::start_timer(world, ctx, *inspection, step),
        C::Defer { inspection, step } => acts::defer(world, ctx, *inspection, step),
        C::HandOver {
            inspection,
            to,
            place,
        } => acts::hand_over(world, ctx, *inspection, to, place),
        C::Move {
            inspection,
            to,
            reason,
        } => moving::move_to(world, ctx, *inspection, *to, reason),
        C::Void { inspection, reason } => acts::void(world, ctx, *inspection, reason),
        C::SuspectRecall { inspection, note } => {
            acts::suspect_recall(world, ctx, *inspection, note)
        }
        C::Sign {
            inspection,
            signature,
            minutes,
            cause,
        } => sign::sign(world, ctx, *inspection, signature, *minutes, *cause),
    }
}
