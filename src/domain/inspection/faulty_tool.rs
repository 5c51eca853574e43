//! Test equipment found faulty: every reading it gave since it was last known to be good becomes suspect, in every
//! inspection, signed ones too.
//!
//! Invariants: a signed outcome is not changed, its record says what became suspect; a reading counts as made after the
//! last good check when either the day of the work or the day it was recorded lies after it; on the very day the time
//! decides, and where the time of the check is not known the reading is suspect and says why.

use chrono::NaiveDate;

use super::judge::clean;
use super::reach::Entry;
use super::{InspectionEvent, InspectionStatus};
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::order::OrderEvent;
use crate::domain::refusal::Refusal;
use crate::domain::time::Stamp;
use crate::domain::tool::{GoodCheck, ToolEvent};

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
            last_good: last_good.map(|check| check.on),
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
            let why = since(last_good, inspection.performed, &answer.stamp);
            let known = inspection
                .suspects
                .iter()
                .any(|s| s.answer == answer.stamp.dot && s.tool == tool);
            if let Some(why) = why
                && !known
                && !inspection.is_superseded(answer.stamp.dot)
            {
                marked += 1;
                entry.push((
                    id,
                    InspectionEvent::Suspected {
                        answer: answer.stamp.dot,
                        tool,
                        reason: format!("{reason}{why}"),
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

/// Why a reading may have been made since the tool was last known to be good, as an ending of the reason; `None` when it
/// was surely made before.
fn since(last_good: Option<GoodCheck>, performed: NaiveDate, answer: &Stamp) -> Option<String> {
    let Some(good) = last_good else {
        return Some(String::new());
    };
    let made = performed.max(answer.at.date());
    if made != good.on {
        return (made > good.on).then(String::new);
    }
    match good.at {
        Some(at) => (answer.at.micros > at).then(String::new),
        None => Some(format!(
            " (made on {made}, the day of the tool's last good check; the time of that check is not on record)"
        )),
    }
}
