//! Settling what shops disagree about in one inspection.
//!
//! Invariants: a failed safety step is never chosen away: it is put right or repaired; a signed inspection is only read.

use super::computed::follow;
use super::conflicts::STEP;
use super::reach::{Entry, on_record};
use super::{InspectionEvent, Verdict};
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::merge::{Chosen, settled_already, written};
use crate::domain::order::OrderEvent;
use crate::domain::refusal::Refusal;

/// The events that say a side was chosen.
pub(crate) fn settle_beside(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    chosen: &Chosen<'_>,
) -> Result<Vec<Addressed>, Refusal> {
    let inspection = world.inspection(id).ok_or_else(settled_already)?;
    let fact = chosen.conflict.fact.as_str();
    if fact.starts_with(STEP) && inspection.is_open() {
        return choose(world, ctx, id, chosen);
    }
    let mut entry = Entry::new(ctx);
    match fact {
        "holder" => {
            let to = chosen.side.value.clone();
            entry.push((
                id,
                InspectionEvent::HandedOver {
                    to: to.clone(),
                    place: String::new(),
                    left: chosen.reason(),
                },
            ));
            if let Some(order) = inspection.order
                && world.order(order).is_some_and(|o| o.status.is_open())
            {
                entry.push((order, OrderEvent::Assigned { to }));
            }
        }
        "place" => {
            let (to, order) = written(inspection.places.candidates(), chosen.side.stamp.dot)?;
            let from = inspection.device.ok_or_else(settled_already)?;
            entry.push((
                id,
                InspectionEvent::Moved {
                    from,
                    to,
                    order,
                    reason: chosen.reason(),
                },
            ));
        }
        _ => entry.push((
            id,
            InspectionEvent::NoticeRead {
                of: chosen.notice(),
            },
        )),
    }
    Ok(entry.events)
}

/// Of answers that did not know of each other, the one that counts.
fn choose(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    chosen: &Chosen<'_>,
) -> Result<Vec<Addressed>, Refusal> {
    let reached = on_record(world, id)?;
    let answer_of = |dot| {
        let mut answers = reached.inspection.answers.iter();
        answers.find(|a| a.stamp.dot == dot)
    };
    let others = chosen.others();
    let answer = answer_of(chosen.side.stamp.dot).ok_or_else(settled_already)?;
    let plan = reached.plan();
    let item = reached.item(&plan, &answer.step)?;
    let failed = others
        .iter()
        .filter_map(|dot| answer_of(*dot))
        .any(|other| other.verdict == Verdict::Fail);
    if item.step.safety && failed && answer.verdict != Verdict::Fail {
        return Err(Refusal::rule(
            format!(
                "\"{}\" is a safety step and failed once: a failure is not chosen away.",
                item.step.title
            ),
            "Choose the failed answer, then say what is done about it: put right, or a repair order.",
        ));
    }
    let mut entry = Entry::new(ctx);
    entry.push((
        id,
        InspectionEvent::AnswerChosen {
            answer: chosen.side.stamp.dot,
            over: others,
        },
    ));
    follow(&reached, ctx, &mut entry);
    Ok(entry.events)
}
