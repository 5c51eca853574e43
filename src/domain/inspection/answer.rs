//! Recording an answer: who may give it, what takes the place of what, and what follows from it in the same entry.
//!
//! Invariants: an answer that is there already is replaced only with a stated reason, and stays; an amendment never turns
//! a failed safety step into anything else, a typing slip only before the next answer was given.

use super::judge::{Bench, Judged, clean, judge_answer};
use super::reach::{Entry, Reached, at_work};
use super::walk::{Plan, PlanItem, PlanPoint, StepState, by_a_person};
use super::{
    Again, Answer, AnswerOrigin, Answered, InspectionEvent, Phase, Verdict, computed, tools,
};
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::{Dot, EntityId};
use crate::domain::procedure::{Applicability, StepId, StepKind};
use crate::domain::refusal::Refusal;
use crate::domain::witness;

/// What a person answers.
pub(super) struct Given<'a> {
    pub step: &'a StepId,
    pub point: Option<u16>,
    pub answer: &'a Answer,
    pub origin: AnswerOrigin,
    pub again: Option<Again>,
    pub reason: &'a str,
}

/// An inspection as it stands before an entry: every answer of the entry is decided on it.
pub(super) struct Standing {
    reached: Reached,
    plan: Plan,
}

impl Standing {
    /// The inspection, open, in the hands of who asks.
    pub(super) fn of(world: &dyn World, ctx: &Context, id: EntityId) -> Result<Self, Refusal> {
        let reached = at_work(world, ctx, id)?;
        let plan = reached.plan();
        Ok(Self { reached, plan })
    }

    /// Which one.
    pub(super) fn id(&self) -> EntityId {
        self.reached.id
    }

    /// Decides an answer.
    pub(super) fn answer(
        &self,
        world: &dyn World,
        ctx: &Context,
        given: &Given<'_>,
    ) -> Result<Vec<Addressed>, Refusal> {
        decide(world, ctx, &self.reached, &self.plan, given)
    }
}

fn decide(
    world: &dyn World,
    ctx: &Context,
    reached: &Reached,
    plan: &Plan,
    given: &Given<'_>,
) -> Result<Vec<Addressed>, Refusal> {
    let item = reached.item(plan, given.step)?;
    asked(item)?;
    let points = points_meant(item, given);
    if points.is_empty() {
        return Err(Refusal::bad_input(
            format!("\"{}\" has no such set point.", item.step.title),
            "Name a set point as the checklist shows it.",
        ));
    }
    let bench = Bench {
        device: &reached.device,
        performed: reached.inspection.performed,
        adopted: reached.adopted,
        elapsed: elapsed(ctx, reached, item, given.again),
    };
    let tool = tools::for_answer(world, ctx, reached, item, given.answer)?;
    let mut entry = Entry::new(ctx);
    let witness = match given.answer {
        Answer::SecondPerson { who } => {
            let statement = witness::hold_point(reached.id, given.step, who);
            Some((witness::proven(world, ctx, &statement)?, statement.words))
        }
        _ => None,
    };
    for point in points {
        let judged = judge_answer(&item.step, point.point, given.answer, given.origin, &bench)?;
        let event = replacing(reached, item, point, given, judged, tool)?;
        entry.push((reached.id, event));
    }
    if let Some(((_, signature), words)) = witness {
        entry.push((reached.id, InspectionEvent::Witnessed { words, signature }));
    }
    computed::follow(reached, ctx, &mut entry);
    Ok(entry.events)
}

/// Seconds since the count-down of a step began, if that run has not been answered yet: a test that is done again runs
/// again. A slip or amendment is about the same run.
fn elapsed(ctx: &Context, reached: &Reached, item: &PlanItem, again: Option<Again>) -> Option<i64> {
    let (from, _) = reached.inspection.timers.get(&item.step.id)?;
    let same_run = matches!(again, Some(Again::TypingSlip | Again::Amended));
    let spent = item.points.iter().any(|p| {
        let answered = p.current().map(|a| &a.stamp);
        let fixed = p.fix.as_ref().map(|fix| &fix.stamp);
        answered
            .into_iter()
            .chain(fixed)
            .any(|stamp| reached.inspection.came_later(stamp, from))
    });
    (same_run || !spent).then(|| ctx.now.seconds_since(from.at))
}

fn asked(item: &PlanItem) -> Result<(), Refusal> {
    match &item.asked {
        Applicability::Asked | Applicability::AskedUnknown(_) => Ok(()),
        Applicability::Skipped(why) => Err(Refusal::rule(
            format!("\"{}\" is not asked here: {why}.", item.step.title),
            "Go on with the step in front.",
        )),
        Applicability::Waits(on) => Err(Refusal::rule(
            format!("\"{}\" waits for step {on}.", item.step.title),
            "Answer that one first.",
        )),
    }
}

/// "Not applicable" without a set point is meant for every open point of a table.
fn points_meant<'p>(item: &'p PlanItem, given: &Given<'_>) -> Vec<&'p PlanPoint> {
    let whole = given.point.is_none()
        && matches!(item.step.kind, StepKind::Table(_))
        && matches!(given.answer, Answer::NotApplicable { .. });
    if whole {
        return item
            .points
            .iter()
            .filter(|p| p.state == StepState::Open)
            .collect();
    }
    if !matches!(item.step.kind, StepKind::Table(_)) {
        return item.points.iter().collect();
    }
    item.points
        .iter()
        .filter(|p| p.point == given.point)
        .collect()
}

/// The event, with the earlier answer it takes the place of.
fn replacing(
    reached: &Reached,
    item: &PlanItem,
    point: &PlanPoint,
    given: &Given<'_>,
    judged: Judged,
    tool: Option<EntityId>,
) -> Result<InspectionEvent, Refusal> {
    let safety = item.step.safety;
    let not_applicable = matches!(judged.answer, Answer::NotApplicable { .. });
    let misread = !safety && matches!(given.again, Some(Again::TypingSlip | Again::Amended));
    if not_applicable && point.failure.is_some() && !misread {
        return Err(Refusal::rule(
            format!(
                "\"{}\" failed; it cannot become not applicable.",
                item.step.title
            ),
            "Measure it again, say that it was fixed, or open a repair order.",
        ));
    }
    let before = point.current();
    let (phase, supersedes) = if point.wants_as_left() {
        let earlier = point.left.as_ref();
        (
            Phase::AsLeft,
            earlier.map(|a| (a.stamp.dot, Again::Remeasured)),
        )
    } else if let Some(before) = before {
        let suspect = reached.inspection.is_suspect(before.stamp.dot);
        let again = match given.again {
            _ if suspect => Again::ToolFault,
            Some(Again::ToolFault) => {
                return Err(Refusal::rule(
                    "No test equipment of this reading is known to be faulty.",
                    "Record the faulty tool first, or say that it was measured again.",
                ));
            }
            Some(again) => again,
            None => {
                return Err(Refusal::rule(
                    format!(
                        "\"{}\" is answered already, by {} at {}.",
                        item.step.title,
                        before.stamp.by,
                        before.stamp.at.minute()
                    ),
                    "Say why it is answered again: typing slip, measured again, or amended with a reason. Both are kept.",
                ));
            }
        };
        if safety && point.failure.is_some() && judged.verdict != Verdict::Fail {
            keep_the_failure(reached, item, point, again)?;
        }
        (before.phase, Some((before.stamp.dot, again)))
    } else {
        (Phase::AsFound, superseded_by_move(reached, item, point))
    };
    let amended = matches!(supersedes, Some((_, Again::Amended)));
    let reason = if amended || !given.reason.trim().is_empty() {
        clean(given.reason, "The reason of an amendment")?
    } else {
        String::new()
    };
    Ok(InspectionEvent::Answered {
        step: item.step.id.clone(),
        point: point.point,
        answer: judged.answer,
        verdict: judged.verdict,
        limit: judged.limit,
        why: judged.why,
        phase,
        origin: given.origin,
        tool,
        supersedes,
        reason,
    })
}

/// A failed safety step stays failed through amendments, and through slips that are noticed too late.
fn keep_the_failure(
    reached: &Reached,
    item: &PlanItem,
    point: &PlanPoint,
    again: Again,
) -> Result<(), Refusal> {
    let Some(failure) = &point.failure else {
        return Ok(());
    };
    match again {
        Again::Remeasured | Again::ToolFault => Ok(()),
        Again::Amended => Err(Refusal::rule(
            format!(
                "\"{}\" is a safety step that failed; an amendment cannot undo that.",
                item.step.title
            ),
            "Say what was fixed, or that it was measured again and why (tagout inspection settle), then give the as-left answer; or open a repair order.",
        )),
        Again::TypingSlip => {
            let since = first_of_the_slips(reached, failure);
            let moved_on = reached.inspection.answers.iter().any(|a| {
                by_a_person(a)
                    && reached.inspection.came_later(&a.stamp, &since.stamp)
                    && (a.step != item.step.id || a.point != point.point)
            });
            let settled = point.fix.is_some()
                || reached
                    .inspection
                    .repairs
                    .iter()
                    .any(|(step, _)| *step == item.step.id);
            let newest = point
                .current()
                .is_some_and(|a| a.stamp.dot == failure.stamp.dot);
            if moved_on || settled || !newest {
                return Err(Refusal::rule(
                    format!(
                        "\"{}\" is a safety step that failed, and work went on since; it is too late for a typing slip.",
                        item.step.title
                    ),
                    "Say what was fixed, or that it was measured again and why (tagout inspection settle), then give the as-left answer; or open a repair order.",
                ));
            }
            Ok(())
        }
    }
}

/// The failing answer that a chain of typing slips began with: a slip of a slip buys no time.
fn first_of_the_slips<'a>(reached: &'a Reached, failure: &'a Answered) -> &'a Answered {
    let mut first = failure;
    while let Some((old, Again::TypingSlip)) = first.supersedes {
        let Some(before) =
            reached.inspection.answers.iter().find(|a| {
                a.stamp.dot == old && reached.inspection.came_later(&first.stamp, &a.stamp)
            })
        else {
            break;
        };
        first = before;
    }
    first
}

/// The scan that named the device before the inspection was moved is replaced without asking.
fn superseded_by_move(
    reached: &Reached,
    item: &PlanItem,
    point: &PlanPoint,
) -> Option<(Dot, Again)> {
    reached
        .inspection
        .answer(&item.step.id, point.point, Phase::AsFound)
        .map(|old| (old.stamp.dot, Again::Remeasured))
}
