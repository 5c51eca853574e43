//! Test equipment found faulty: every reading it gave since it was last known to be good becomes suspect, in every
//! inspection, signed ones too.
//!
//! Invariants: a signed outcome is not changed, its record says what became suspect; a reading counts as made after the
//! last good day when either the day of the work or the day it was recorded lies after it.

use chrono::NaiveDate;

use super::judge::clean;
use super::reach::Entry;
use super::{InspectionEvent, InspectionStatus};
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::order::OrderEvent;
use crate::domain::refusal::Refusal;
use crate::domain::tool::ToolEvent;

/// Marks every reading that a tool gave since it was last known to be good as suspect.
pub fn tool_failed(
    world: &dyn World,
    ctx: &Context,
    tool: EntityId,
    on: NaiveDate,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let known = world.tool(tool).filter(|t| t.revision > 0).ok_or_else(|| {
        Refusal::not_found(
            "This tool is not on record.",
            "List the tools with `tagout tool list`.",
        )
    })?;
    if on > ctx.today {
        return Err(Refusal::bad_input(
            format!("{on} lies in the future."),
            "Give the day the fault was found.",
        ));
    }
    let reason = clean(reason, "What was found")?;
    let last_good = known.last_good(on);
    let mut entry = Entry::new(ctx);
    entry.push((
        tool,
        ToolEvent::Failed {
            on,
            reason: reason.clone(),
            last_good,
        },
    ));
    for id in world.inspections_with_tool(tool) {
        let Some(inspection) = world.inspection(id) else {
            continue;
        };
        if inspection.status == Some(InspectionStatus::Void) {
            continue;
        }
        let mut marked = 0;
        for answer in inspection.answers.iter().filter(|a| a.tool == Some(tool)) {
            let made = inspection.performed.max(answer.stamp.at.date());
            let after = last_good.is_none_or(|good| made > good);
            let known = inspection
                .suspects
                .iter()
                .any(|s| s.answer == answer.stamp.dot && s.tool == tool);
            if after && !known && !inspection.is_superseded(answer.stamp.dot) {
                marked += 1;
                entry.push((
                    id,
                    InspectionEvent::Suspected {
                        answer: answer.stamp.dot,
                        tool,
                        reason: reason.clone(),
                    },
                ));
            }
        }
        let closed = inspection
            .order
            .filter(|_| marked > 0 && inspection.status == Some(InspectionStatus::Signed))
            .filter(|order| world.order(*order).is_some_and(|o| !o.status.is_open()));
        if let Some(order) = closed {
            entry.push((
                order,
                OrderEvent::Addendum {
                    text: format!(
                        "{} was found faulty ({reason}): {marked} reading(s) of the inspection are suspect and should be measured again.",
                        known.name
                    ),
                },
            ));
        }
    }
    Ok(entry.events)
}
