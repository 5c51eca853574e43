//! Test equipment in an inspection: choosing it, and checking its calibration at each reading.
//!
//! Invariants: calibration is judged on the day of the measurement, when chosen and again at each reading; an override
//! needs a reason and a second person, and never covers a tool that is faulty or withdrawn.

use super::reach::{Entry, Reached, at_work};
use super::walk::PlanItem;
use super::{Answer, Inspection, InspectionEvent, ToolUse};
use crate::domain::choices::fold;
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::procedure::Procedure;
use crate::domain::refusal::Refusal;
use crate::domain::tool::{Tool, ToolStatus};
use crate::domain::witness;
use chrono::NaiveDate;

/// What is known of a tool for a measurement made on `performed` and recorded today: a tool that is faulty now gives no
/// more readings, unless it was known to be good on a later day than that.
pub(super) fn status(tool: &Tool, performed: NaiveDate, today: NaiveDate) -> ToolStatus {
    let faulty_now = matches!(tool.status_on(today), ToolStatus::Faulty(_));
    if faulty_now {
        let covered = tool
            .failures
            .iter()
            .max_by_key(|(on, _, _)| *on)
            .is_some_and(|(_, _, good)| good.is_some_and(|good| good > performed));
        if !covered {
            return tool.status_on(today);
        }
    }
    tool.status_on(performed)
}

/// The spelling of a tool kind in the checklist, if any step needs it.
fn kind_in(frozen: &Procedure, kind: &str) -> Option<String> {
    frozen
        .steps()
        .filter_map(|step| step.tool.as_ref())
        .find(|needed| fold(needed) == fold(kind))
        .cloned()
}

/// The tool that is chosen for a kind.
pub(super) fn chosen<'i>(inspection: &'i Inspection, kind: &str) -> Option<&'i ToolUse> {
    inspection
        .tools
        .iter()
        .find(|(known, _)| fold(known) == fold(kind))
        .map(|(_, used)| used)
}

fn on_record(world: &dyn World, id: EntityId) -> Result<Tool, Refusal> {
    world.tool(id).filter(|t| t.revision > 0).ok_or_else(|| {
        Refusal::not_found(
            "This tool is not on record.",
            "List the tools with `tagout tool list`.",
        )
    })
}

/// Decides the choice of a tool.
pub(super) fn choose(
    world: &dyn World,
    ctx: &Context,
    inspection: EntityId,
    kind: &str,
    tool: EntityId,
    override_by: Option<&(String, String)>,
) -> Result<Vec<Addressed>, Refusal> {
    let reached = at_work(world, ctx, inspection)?;
    let kind = kind_in(&reached.frozen, kind).ok_or_else(|| {
        Refusal::bad_input(
            format!("No step of this checklist needs a \"{kind}\"."),
            "Choose tools of the kinds that its steps name.",
        )
    })?;
    let known = on_record(world, tool)?;
    let status = status(&known, reached.inspection.performed, ctx.today);
    let mut proof = None;
    let override_by = match (&status, override_by) {
        (ToolStatus::Good(_), _) => None,
        (ToolStatus::Faulty(_) | ToolStatus::Withdrawn, _) => {
            return Err(Refusal::rule(
                format!("{} is {}.", known.name, status.words()),
                "Take another tool. Nobody can override this.",
            ));
        }
        (_, Some((reason, who))) => {
            let statement = witness::tool_override(world, reached.id, &kind, tool, reason, who);
            let reason = super::judge::clean(reason, "The reason of the override")?;
            let (_, signature) = witness::proven(world, ctx, &statement)?;
            proof = Some(InspectionEvent::Witnessed {
                words: statement.words,
                signature,
            });
            Some((reason, who.clone()))
        }
        (_, None) => {
            return Err(Refusal::rule(
                format!("{}: {}.", known.name, status.words()),
                "Take another tool, or override with a reason and a second person; that prints on the record.",
            ));
        }
    };
    let event = event(&kind, tool, &known, &status, override_by)?;
    Ok([Some(event), proof]
        .into_iter()
        .flatten()
        .map(|event| (reached.id, event).into())
        .collect())
}

fn event(
    kind: &str,
    id: EntityId,
    tool: &Tool,
    status: &ToolStatus,
    override_by: Option<(String, String)>,
) -> Result<InspectionEvent, Refusal> {
    if fold(&tool.kind) != fold(kind) {
        return Err(Refusal::rule(
            format!(
                "{} is on record as {}, not as {kind}.",
                tool.name, tool.kind
            ),
            format!("Choose a tool of the kind \"{kind}\"."),
        ));
    }
    let description = format!("{} {}", tool.model, tool.serial);
    Ok(InspectionEvent::ToolChosen {
        kind: kind.to_owned(),
        tool: id,
        name: tool.name.clone(),
        description: description.trim().to_owned(),
        calibration: status.words(),
        good: status.is_good(),
        override_by,
    })
}

/// Takes over the tools of the session that the checklist needs and that are good on the day; the rest is asked for when
/// a step needs it.
pub(super) fn of_the_session(
    world: &dyn World,
    ctx: &Context,
    frozen: &Procedure,
    performed: NaiveDate,
    tools: &[(String, EntityId)],
    inspection: EntityId,
    entry: &mut Entry<'_>,
) {
    for (kind, id) in tools {
        let Some(kind) = kind_in(frozen, kind) else {
            continue;
        };
        let Ok(tool) = on_record(world, *id) else {
            continue;
        };
        let status = status(&tool, performed, ctx.today);
        if status.is_good()
            && let Ok(event) = event(&kind, *id, &tool, &status, None)
        {
            entry.push((inspection, event));
        }
    }
}

/// The tool behind an answer, checked again for the day of the measurement; `None` when the step needs none.
pub(super) fn for_answer(
    world: &dyn World,
    ctx: &Context,
    reached: &Reached,
    item: &PlanItem,
    answer: &Answer,
) -> Result<Option<EntityId>, Refusal> {
    let Some(kind) = &item.step.tool else {
        return Ok(None);
    };
    if matches!(answer, Answer::NotApplicable { .. }) {
        return Ok(None);
    }
    let used = chosen(&reached.inspection, kind).ok_or_else(|| {
        Refusal::rule(
            format!("\"{}\" needs a {kind}.", item.step.title),
            "Choose the tool first. Nothing was recorded.",
        )
    })?;
    let tool = on_record(world, used.tool)?;
    let status = status(&tool, reached.inspection.performed, ctx.today);
    let usable = match status {
        ToolStatus::Good(_) => true,
        ToolStatus::Faulty(_) | ToolStatus::Withdrawn => false,
        ToolStatus::OutOfCalibration(_) | ToolStatus::Unknown => used.override_by.is_some(),
    };
    if usable {
        return Ok(Some(used.tool));
    }
    Err(Refusal::rule(
        format!("{}: {}.", tool.name, status.words()),
        match status {
            ToolStatus::Faulty(_) | ToolStatus::Withdrawn => {
                "Choose another tool; nobody can override this. Nothing was recorded."
            }
            _ => {
                "Choose another tool, or override with a reason and a second person. Nothing was recorded."
            }
        },
    ))
}
