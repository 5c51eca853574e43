//! Computed steps: recorded by themselves, in the entry of the answer that completed or changed their inputs.
//!
//! Invariants: a missing reading gives no value; an uncertain one gives an undecided step with the reason. A value that
//! an earlier one is replaced by says the same reason as the answer that caused it.

use super::judge::by_limit;
use super::reach::{Entry, Reached};
use super::walk::{PlanItem, inputs, plan};
use super::{Again, Answer, AnswerOrigin, Inspection, InspectionEvent, Phase, Verdict};
use crate::domain::context::Context;
use crate::domain::event::Event;
use crate::domain::measure::{Reading, Unit};
use crate::domain::procedure::{Applicability, ComputeError, Computed, StepId, StepKind, compute};
use crate::domain::seen::Seen;
use crate::domain::time::Stamp;

/// Adds the computed answers that follow from the answers in an entry.
pub(super) fn follow(reached: &Reached, ctx: &Context, entry: &mut Entry<'_>) {
    let steps: Vec<StepId> = reached
        .frozen
        .steps()
        .filter(|step| matches!(step.kind, StepKind::Computed(_)))
        .map(|step| step.id.clone())
        .collect();
    if steps.is_empty() {
        return;
    }
    let mut state = Inspection::clone(&reached.inspection);
    let mut why = Again::Remeasured;
    for (index, addressed) in entry.events.iter().enumerate() {
        if let Event::Inspection(event) = &addressed.event {
            if let InspectionEvent::Answered {
                supersedes: Some((_, again)),
                ..
            } = event
            {
                why = *again;
            }
            state.apply(event, &stamp(ctx, index), &Seen::Everything);
        }
    }
    let mut now = None;
    for step in steps {
        let plan = now.get_or_insert_with(|| plan(&state, &reached.frozen, &state.facts));
        let Some(item) = plan.item(&step) else {
            continue;
        };
        let changed = computed_event(&state, &plan.items, item, reached.adopted, why);
        if let Some(event) = changed {
            state.apply(&event, &stamp(ctx, entry.events.len()), &Seen::Everything);
            now = None;
            entry.push((reached.id, event));
        }
    }
}

fn stamp(ctx: &Context, index: usize) -> Stamp {
    Stamp {
        dot: ctx.dot(index),
        at: ctx.now,
        by: ctx.actor.clone(),
    }
}

fn computed_event(
    state: &Inspection,
    items: &[PlanItem],
    item: &PlanItem,
    adopted: bool,
    why: Again,
) -> Option<InspectionEvent> {
    let StepKind::Computed(computed) = &item.step.kind else {
        return None;
    };
    if !item.asked.is_asked() {
        return None;
    }
    let found = value_of(computed, item, items, adopted)?;
    let point = item.points.first()?;
    let before = point.current();
    let same = before.is_some_and(|a| {
        a.answer == found.answer && a.verdict == found.verdict && a.why == found.why
    });
    // An as-left value is made from something that was measured after the repair.
    let wanted = point.wants_as_left();
    if wanted
        && !point
            .fix
            .as_ref()
            .is_some_and(|fix| measured_since(state, item, items, &fix.stamp))
    {
        return None;
    }
    if same && !wanted {
        return None;
    }
    let phase = if wanted || point.left.is_some() {
        Phase::AsLeft
    } else {
        Phase::AsFound
    };
    let supersedes = state
        .answer(&item.step.id, None, phase)
        .map(|old| (old.stamp.dot, why));
    Some(InspectionEvent::Answered {
        step: item.step.id.clone(),
        point: None,
        answer: found.answer,
        verdict: found.verdict,
        limit: point.limit.clone(),
        why: found.why,
        phase,
        origin: AnswerOrigin::Computed,
        tool: None,
        supersedes,
        reason: String::new(),
    })
}

fn measured_since(state: &Inspection, item: &PlanItem, items: &[PlanItem], fix: &Stamp) -> bool {
    let inputs = inputs(&item.step);
    items
        .iter()
        .filter(|i| {
            inputs
                .iter()
                .any(|id| i.step.id == *id || i.step.id.is_child_of(id))
        })
        .flat_map(|i| &i.points)
        .filter_map(|p| p.current())
        .any(|a| state.came_later(&a.stamp, fix))
}

struct Found {
    answer: Answer,
    verdict: Verdict,
    why: String,
}

/// The value, or why there is none; `None` while an input is still to be answered.
fn value_of(
    computed: &Computed,
    item: &PlanItem,
    items: &[PlanItem],
    adopted: bool,
) -> Option<Found> {
    let sources = |id: &StepId| -> Vec<&PlanItem> {
        items
            .iter()
            .filter(|i| i.step.id == *id || i.step.id.is_child_of(id))
            .filter(|i| !matches!(i.asked, Applicability::Skipped(_)))
            .collect()
    };
    let pending = inputs(&item.step).iter().any(|id| {
        sources(id).iter().any(|i| {
            i.points
                .iter()
                .any(|p| p.current().is_none() || p.wants_as_left())
        })
    });
    if pending {
        return None;
    }
    let readings = |id: &StepId| -> Option<(Unit, Vec<Reading>)> {
        let mut unit = None;
        let mut all = Vec::new();
        for source in sources(id) {
            unit = unit.or(source.step.unit());
            for point in &source.points {
                if let Some(Answer::Reading(reading)) = point.current().map(|a| &a.answer) {
                    all.push(reading.clone());
                }
            }
        }
        Some((unit?, all))
    };
    Some(match compute(computed, &readings) {
        Ok(computation) => {
            let (verdict, why) = match computed.limit {
                None => (Verdict::Neutral, String::new()),
                Some(_) => by_limit(
                    computation.judgement,
                    item.step.is_unverified(),
                    &computed.source.text,
                    adopted,
                ),
            };
            Found {
                answer: Answer::Reading(Reading::exact(computation.value, computed.unit)),
                verdict,
                why,
            }
        }
        Err(error @ ComputeError::Missing(_)) => Found {
            answer: Answer::NotApplicable {
                reason: error.to_string(),
            },
            verdict: Verdict::NotApplicable,
            why: String::new(),
        },
        Err(error) => Found {
            answer: Answer::NotApplicable {
                reason: error.to_string(),
            },
            verdict: Verdict::Undecided,
            why: error.to_string(),
        },
    })
}
