//! What can only be checked across steps: ids, and what conditions and formulas say about earlier steps.

use std::collections::BTreeMap;
use std::ops::Range;

use super::condition::{Asks, Mention};
use super::fields::At;
use super::mistake::{Mistakes, suggest};
use crate::domain::measure::{Dimension, Unit};
use crate::domain::procedure::{Formula, Step, StepId, StepKind};

/// Set points in one table, at most; more do not fit one screen or one stored row.
const MAX_POINTS: usize = 64;

/// A step with the places that later checks point at.
pub(super) struct ParsedStep {
    pub step: Step,
    /// Whether its kind could be read; if not, nothing is said about what it can be asked.
    pub known: bool,
    /// The place of its id.
    pub span: Range<usize>,
    /// The earlier steps that its condition mentions.
    pub mentions: Vec<Mention>,
    /// The earlier steps that its formula computes from.
    pub operands: Vec<At<StepId>>,
}

/// Checks all steps against each other, in working order.
pub(super) fn check(steps: &[ParsedStep], mistakes: &mut Mistakes<'_>) {
    let all: BTreeMap<&StepId, usize> = steps
        .iter()
        .enumerate()
        .rev()
        .map(|(i, one)| (&one.step.id, i))
        .collect();
    for (here, one) in steps.iter().enumerate() {
        if !one.step.id.0.is_empty() && all.get(&one.step.id) != Some(&here) {
            mistakes.add(
                &one.span,
                format!("the id \"{}\" is there twice", one.step.id),
                "Give every step its own id",
            );
        }
        let earlier = |id: &StepId, span: &Range<usize>, mistakes: &mut Mistakes<'_>| {
            let found = all.get(id).copied();
            match found {
                Some(there) if there < here => {
                    return steps
                        .get(there)
                        .filter(|one| one.known)
                        .map(|one| &one.step);
                }
                Some(there) if there == here => {
                    mistakes.add(
                        span,
                        format!("step \"{id}\" looks at itself"),
                        "Name an earlier step",
                    );
                }
                Some(_) => mistakes.add(
                    span,
                    format!("step \"{id}\" comes later"),
                    "Only earlier steps can be asked: move that step up or this one down",
                ),
                None => {
                    let known = steps.iter().take(here).map(|one| one.step.id.0.as_str());
                    mistakes.missing(
                        span,
                        format!("there is no step \"{id}\""),
                        suggest(&id.0, known),
                    );
                }
            }
            None
        };
        for mention in &one.mentions {
            if let Some(step) = earlier(&mention.step, &mention.span, mistakes) {
                asks(step, mention, mistakes);
            }
        }
        let mut first = None;
        for operand in &one.operands {
            if let Some(step) = earlier(&operand.value, &operand.span, mistakes) {
                computes(step, &one.step, &operand.span, mistakes);
                let dimension = step.unit().map(Unit::dimension);
                let first = *first.get_or_insert(dimension);
                if let (Some(a), Some(b)) = (first, dimension)
                    && a != b
                {
                    mistakes.add(
                        &operand.span,
                        format!(
                            "step \"{}\" gives a {}, the one before a {}",
                            step.id,
                            b.name(),
                            a.name()
                        ),
                        "Compute from steps that measure the same quantity",
                    );
                }
            }
        }
        if let StepKind::Table(table) = &one.step.kind
            && table.points.len() > MAX_POINTS
        {
            mistakes.add(
                &one.span,
                format!("the table has more than {MAX_POINTS} points"),
                "Split it into two steps",
            );
        }
    }
}

/// Whether an earlier step can be asked this.
fn asks(step: &Step, mention: &Mention, mistakes: &mut Mistakes<'_>) {
    let word = step.kind.word();
    match &mention.asks {
        Asks::Verdict => {
            if matches!(step.kind, StepKind::Text { .. }) {
                mistakes.add(
                    &mention.span,
                    format!(
                        "step \"{}\" is a text and neither passes nor fails",
                        step.id
                    ),
                    "Ask a step that is judged",
                );
            }
        }
        Asks::Option(option) => match &step.kind {
            StepKind::Choice { options } => {
                if !options.iter().any(|known| known.label == *option) {
                    let known = options.iter().map(|o| o.label.as_str());
                    mistakes.add(
                        &mention.span,
                        format!("step \"{}\" has no answer \"{option}\"", step.id),
                        suggest(option, known),
                    );
                }
            }
            _ => mistakes.add(
                &mention.span,
                format!("step \"{}\" is a {word}, not a choice", step.id),
                "Ask with failed or passed, or with a comparison",
            ),
        },
        Asks::Value => {
            if !matches!(step.kind, StepKind::Measure(_) | StepKind::Computed(_)) {
                mistakes.add(
                    &mention.span,
                    format!("step \"{}\" is a {word} and has no single value", step.id),
                    "Compare a measured or computed step",
                );
            }
        }
    }
}

/// Whether a computed step can compute from an earlier one.
fn computes(from: &Step, step: &Step, span: &Range<usize>, mistakes: &mut Mistakes<'_>) {
    let StepKind::Computed(computed) = &step.kind else {
        return;
    };
    let Some(unit) = from.unit() else {
        mistakes.add(
            span,
            format!(
                "step \"{}\" is a {} and gives no number",
                from.id,
                from.kind.word()
            ),
            "Compute from measured, table or computed steps",
        );
        return;
    };
    let table = matches!(from.kind, StepKind::Table(_));
    let want = match computed.formula {
        Formula::WorstOf(_) | Formula::Mean(_) => unit.dimension(),
        Formula::Difference { .. } => unit.difference().dimension(),
        Formula::PercentError { .. } => Dimension::Proportion,
    };
    if table && !matches!(computed.formula, Formula::WorstOf(_) | Formula::Mean(_)) {
        mistakes.add(
            span,
            format!("step \"{}\" is a table of several values", from.id),
            "Take worst-of or mean of it, or name a measured step",
        );
    } else if want != computed.unit.dimension() {
        mistakes.add(
            span,
            format!(
                "this gives a {}, but the step's unit {} is one of {}",
                want.name(),
                shown(computed.unit),
                computed.unit.dimension().name()
            ),
            if matches!(computed.formula, Formula::PercentError { .. }) {
                "Write unit = \"%\""
            } else {
                "Give the step a unit of that kind"
            },
        );
    }
}

/// A unit as authors write it.
fn shown(unit: Unit) -> &'static str {
    if unit.symbol().is_empty() {
        "none"
    } else {
        unit.symbol()
    }
}
