//! An inspection and its steps as stable JSON and as lines for people.

use serde_json::{Value, json};

use crate::bench::digest;
use crate::bench::query::InspectionSheet;
use crate::domain::inspection::{Answer, Answered, Plan, PlanItem, PlanPoint, StepState, outcome};
use crate::domain::procedure::{Step, StepKind};
use crate::identify::text::clean;

use super::super::shapes;
use super::{doubt, previous};

/// The whole inspection.
pub fn sheet(sheet: &InspectionSheet, plan: &Plan) -> Value {
    let inspection = &sheet.inspection;
    let front = plan.front.and_then(|front| plan.items.get(front));
    let (ends, why) = match inspection.outcome {
        Some(outcome) => (outcome, inspection.because.clone()),
        None => outcome(inspection, &sheet.document, sheet.procedure.is_adopted()),
    };
    json!({
        "id": sheet.id.to_string(),
        "device": shapes::card(&sheet.device),
        "order": shapes::known(&sheet.order),
        "activity": inspection.activity,
        "procedure": {
            "hash": inspection.procedure.to_string(),
            "code": sheet.document.code,
            "title": sheet.document.title,
            "version": sheet.document.version,
            "adopted": sheet.procedure.is_adopted(),
        },
        "status": inspection.status.map(|status| status.key()),
        "holder": inspection.holder,
        "performed": inspection.performed,
        "front": front.map(|item| item.step.id.to_string()),
        "done": plan.done,
        "total": plan.total,
        "missing": plan.missing,
        "signed": !inspection.signatures.is_empty(),
        "outcome": inspection.outcome.map(|outcome| outcome.key()),
        "expected_outcome": ends.key(),
        "because": why,
        "steps": plan.items.iter().map(|item| step(sheet, item)).collect::<Vec<_>>(),
        "tools": inspection.tools.iter().map(|(kind, used)| json!({
            "kind": kind,
            "name": used.name,
            "calibration": used.calibration,
            "good": used.good,
        })).collect::<Vec<_>>(),
        "repairs": sheet.repairs.iter().map(|(step, number)| json!({
            "step": step.to_string(),
            "order": number,
        })).collect::<Vec<_>>(),
        "notes": inspection.notes.iter().map(|(step, note)| json!({
            "step": step.as_ref().map(ToString::to_string),
            "text": note.text,
            "by": note.stamp.by,
            "at": note.stamp.at.rfc3339(),
        })).collect::<Vec<_>>(),
        "conflicts": shapes::conflicts(&inspection.conflicts()),
        "same_order": sheet.others.iter().map(shapes::inspection_row).collect::<Vec<_>>(),
        "suspect": doubt::json(sheet),
        "void": inspection.void.as_ref().map(|(reason, _)| reason),
        "signatures": inspection.signatures.iter().map(|signature| json!({
            "signer": signature.signer,
            "name": signature.name,
            "meaning": signature.meaning.key(),
            "at": signature.at.rfc3339(),
        })).collect::<Vec<_>>(),
        "minutes": inspection.minutes,
        "digest": (!inspection.signatures.is_empty())
            .then(|| digest(sheet.id, inspection).to_string()),
        "revision": inspection.revision,
    })
}

fn step(sheet: &InspectionSheet, item: &PlanItem) -> Value {
    json!({
        "id": item.step.id.to_string(),
        "section": item.section,
        "title": item.step.title,
        "kind": item.step.kind.word(),
        "options": options(&item.step.kind),
        "unit": item.step.unit().map(|unit| unit.symbol()),
        "safety": item.step.safety,
        "required": item.step.required,
        "tool": item.step.tool,
        "asked": item.asked.is_asked(),
        "state": state_key(&item.state),
        "verdict": item.verdict().map(|verdict| verdict.key()),
        "points": item.points.iter().map(|one| point(sheet, item, one)).collect::<Vec<_>>(),
    })
}

/// The labels of a choice; `null` elsewhere.
fn options(kind: &StepKind) -> Option<Vec<&str>> {
    match kind {
        StepKind::Choice { options } => {
            Some(options.iter().map(|option| option.label.as_str()).collect())
        }
        _ => None,
    }
}

fn point(sheet: &InspectionSheet, item: &PlanItem, point: &PlanPoint) -> Value {
    let answered = |given: &Answered| answered(sheet, given);
    json!({
        "point": point.point.map(|number| u32::from(number) + 1),
        "label": shapes::known(&point.label),
        "limit": shapes::known(&point.limit),
        "state": state_key(&point.state),
        "as_found": point.found.as_ref().map(answered),
        "as_left": point.left.as_ref().map(answered),
        "previous": previous::json(sheet, item, point),
    })
}

fn answered(sheet: &InspectionSheet, answered: &Answered) -> Value {
    json!({
        "id": answered.stamp.dot.to_string(),
        "answer": words(&answered.answer),
        "verdict": answered.verdict.key(),
        "why": shapes::known(&answered.why),
        "origin": answered.origin.key(),
        "by": answered.stamp.by,
        "moved_from": sheet.inspection.moved_from(answered).map(|from| from.to_string()),
        "at": answered.stamp.at.rfc3339(),
    })
}

fn state_key(state: &StepState) -> &'static str {
    match state {
        StepState::Skipped => "skipped",
        StepState::Waiting => "waiting",
        StepState::Open => "open",
        StepState::Running { .. } => "running",
        StepState::Unsettled => "unsettled",
        StepState::AsLeft => "as-left",
        StepState::InRepair(_) => "in-repair",
        StepState::Suspect => "suspect",
        StepState::Done => "done",
    }
}

/// An answer in words.
pub fn words(answer: &Answer) -> String {
    match answer {
        Answer::Pass => "pass".to_owned(),
        Answer::Fail => "fail".to_owned(),
        Answer::NotApplicable { reason } => format!("not applicable: {reason}"),
        Answer::Reading(reading) => reading.to_string(),
        Answer::Choice(text) | Answer::Text(text) | Answer::Scan(text) => text.clone(),
        Answer::Date(date) => date.to_string(),
        Answer::Timer { passed, seconds } => {
            format!(
                "{} after {seconds} s",
                if *passed { "pass" } else { "fail" }
            )
        }
        Answer::SecondPerson { who } => format!("confirmed by {who}"),
    }
}

/// One step with its points, for people.
pub fn step_text(sheet: &InspectionSheet, item: &PlanItem) -> String {
    let mut out = format!(
        "[{}] {}{}  ({})\n",
        item.step.id,
        clean(&item.step.title),
        if item.step.safety { " (safety)" } else { "" },
        asks(&item.step)
    );
    if let Some(detail) = &item.step.detail {
        say!(out, "    {}\n", clean(detail));
    }
    for point in &item.points {
        out.push_str(&point_text(sheet, point));
        out.push_str(&previous::text(sheet, item, point));
    }
    out
}

fn asks(step: &Step) -> String {
    match &step.kind {
        StepKind::Check if step.allow_na => "pass, fail or na".to_owned(),
        StepKind::Check => "pass or fail".to_owned(),
        StepKind::Choice { options } => options
            .iter()
            .map(|option| clean(&option.label))
            .collect::<Vec<_>>()
            .join(" | "),
        StepKind::Measure(measure) => format!("a reading in {}", measure.unit),
        StepKind::Table(table) => format!("readings in {}", table.unit),
        StepKind::Timer { seconds, .. } => format!("{seconds} s, then pass or fail"),
        other => other.word().to_owned(),
    }
}

fn point_text(sheet: &InspectionSheet, point: &PlanPoint) -> String {
    let mut out = "    ".to_owned();
    if let Some(number) = point.point {
        say!(
            out,
            "point {} {}: ",
            u32::from(number) + 1,
            clean(&point.label)
        );
    }
    if !point.limit.is_empty() {
        say!(out, "limit {}; ", clean(&point.limit));
    }
    match point.current() {
        Some(answered) => say!(
            out,
            "{} [{}]",
            clean(&words(&answered.answer)),
            answered.verdict
        ),
        None => out.push_str(&point.state.words()),
    }
    if let Some(from) = point
        .current()
        .and_then(|given| sheet.inspection.moved_from(given))
    {
        say!(out, " MOVED from the record of {from}");
    }
    if !matches!(point.state, StepState::Done | StepState::Open) && point.current().is_some() {
        say!(out, " {}", point.state.words());
    }
    out.push('\n');
    out
}

/// Every step under its heading.
pub fn steps_text(sheet: &InspectionSheet, plan: &Plan) -> String {
    let mut out = String::new();
    let mut section = "";
    for item in &plan.items {
        if item.section != section {
            section = &item.section;
            say!(out, "\n{}\n", clean(section));
        }
        if item.asked.is_asked() {
            out.push_str(&step_text(sheet, item));
        } else {
            say!(
                out,
                "[{}] {} (not asked)\n",
                item.step.id,
                clean(&item.step.title)
            );
        }
    }
    out
}
