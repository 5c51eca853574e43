//! Settling what shops disagree about on a work order.

use super::{OrderEvent, Status};
use crate::domain::context::World;
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::merge::{Chosen, settled_already, written};
use crate::domain::refusal::Refusal;

/// The events that say a side was chosen.
pub(crate) fn settle(
    world: &dyn World,
    id: EntityId,
    chosen: &Chosen<'_>,
) -> Result<Vec<Addressed>, Refusal> {
    let order = world.order(id).ok_or_else(settled_already)?;
    let dot = chosen.side.stamp.dot;
    let edited = |priority, due, problem| OrderEvent::Edited {
        priority,
        due,
        problem,
        reason: chosen.reason(),
    };
    let event = match chosen.conflict.fact.as_str() {
        "priority" => edited(
            Some(written(order.priorities.candidates(), dot)?),
            None,
            None,
        ),
        "due" => {
            let Some(due) = written(order.dues.candidates(), dot)? else {
                return Err(Refusal::rule(
                    "A due date cannot be taken away.",
                    "Choose the day, or set another one: order edit. Nothing was recorded.",
                ));
            };
            edited(None, Some(due), None)
        }
        "problem" => edited(None, None, Some(written(order.problems.candidates(), dot)?)),
        "check-in" => OrderEvent::CheckedIn {
            check_in: written(order.check_ins.candidates(), dot)?,
        },
        "status" => {
            let step = written(order.path.candidates(), dot)?;
            match (step.status, step.hold) {
                (Status::OnHold, Some((reason, note, chase))) => OrderEvent::Held {
                    reason,
                    note,
                    chase,
                },
                (Status::WorkDone, _) => OrderEvent::WorkDone,
                _ => OrderEvent::Started,
            }
        }
        "claim" => OrderEvent::Assigned {
            to: chosen.side.value.clone(),
        },
        _ => OrderEvent::NoticeRead {
            of: chosen.notice(),
        },
    };
    Ok(vec![(id, event).into()])
}
