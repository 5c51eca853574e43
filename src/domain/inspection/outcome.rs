//! How an inspection ends, and why, in sentences that name the steps.
//!
//! Invariants: a safety failure that was not put right is "do not use"; what is undecided, unverified or suspect is never
//! a pass; of several, the gravest decides and all are listed.

use super::walk::{PlanItem, PlanPoint, StepState, plan};
use super::{Again, Answer, Answered, Inspection, Verdict};
use crate::domain::device::Outcome;
use crate::domain::procedure::{Procedure, Step};

/// How an inspection ends as it stands now, and why. `adopted` says that a named person has adopted the procedure version
/// by now.
pub fn outcome(
    inspection: &Inspection,
    frozen: &Procedure,
    adopted: bool,
) -> (Outcome, Vec<String>) {
    let plan = plan(inspection, frozen, &inspection.facts);
    let mut found = Found::default();
    let mut answered = 0;
    for item in plan.items.iter().filter(|i| i.asked.is_asked()) {
        for point in &item.points {
            look(inspection, item, point, adopted, &mut found);
            answered += usize::from(
                point
                    .current()
                    .is_some_and(|a| a.verdict != Verdict::NotApplicable),
            );
        }
    }
    if answered == 0 {
        found.undecided.push("Nothing was tested.".to_owned());
    }
    let outcome = if !found.unsafe_.is_empty() {
        Outcome::DoNotUse
    } else if !found.failed.is_empty() {
        Outcome::Failed
    } else if !found.undecided.is_empty() {
        Outcome::Undecided
    } else if !found.corrected.is_empty() {
        Outcome::Corrected
    } else {
        Outcome::Passed
    };
    let mut because = found.unsafe_;
    because.extend(found.failed);
    because.extend(found.undecided);
    because.extend(found.corrected);
    because.extend(found.remarks);
    (outcome, because)
}

#[derive(Default)]
struct Found {
    unsafe_: Vec<String>,
    failed: Vec<String>,
    undecided: Vec<String>,
    corrected: Vec<String>,
    remarks: Vec<String>,
}

fn look(
    inspection: &Inspection,
    item: &PlanItem,
    point: &PlanPoint,
    adopted: bool,
    found: &mut Found,
) {
    let name = named(&item.step, point);
    if let StepState::Unsettled | StepState::AsLeft | StepState::InRepair(_) = point.state {
        let what = match point.state {
            StepState::AsLeft => "was put right, but not tested as left",
            StepState::InRepair(_) => "failed; a repair order is open",
            _ => "failed",
        };
        let value = point.failure.as_ref().map(read).unwrap_or_default();
        if item.step.safety {
            found
                .unsafe_
                .push(format!("{name} {what}{value}: a safety step, do not use."));
        } else {
            found.failed.push(format!("{name} {what}{value}."));
        }
        return;
    }
    let Some(current) = point.current() else {
        if item.step.required {
            found.undecided.push(format!("{name} was not answered."));
        }
        return;
    };
    if point.state == StepState::Suspect {
        found.undecided.push(format!(
            "{name} was measured with test equipment that turned out faulty."
        ));
        return;
    }
    match (current.verdict, &point.failure, &point.fix) {
        (Verdict::Undecided, ..) => found
            .undecided
            .push(format!("{name} is undecided: {}.", current.why)),
        (Verdict::Unverified, ..) if !adopted => found.undecided.push(format!(
            "{name} is within a limit that nobody has adopted{}.",
            read(current)
        )),
        (Verdict::Pass | Verdict::Unverified, Some(failure), Some(fix)) => {
            found.corrected.push(format!(
                "{name} failed as found{}, was put right ({}), and passed as left{}.",
                read(failure),
                fix.done,
                read(current)
            ));
        }
        (_, Some(_), Some(_)) => found.undecided.push(format!(
            "{name} was put right, but its as-left answer is not a pass."
        )),
        (Verdict::Fail, ..) => found.failed.push(format!("{name} failed.")),
        (Verdict::NotApplicable, ..) => {
            if let Answer::NotApplicable { reason } = &current.answer {
                found
                    .remarks
                    .push(format!("{name} was not applicable: {reason}."));
            }
        }
        _ => {}
    }
    for old in inspection
        .answers
        .iter()
        .filter(|a| a.step == item.step.id && a.point == point.point && a.verdict == Verdict::Fail)
    {
        let why = inspection.superseded_by(old.stamp.dot);
        if let Some(why) = why.filter(|_| point.failure.is_none()) {
            let why = match why {
                Again::TypingSlip => "was a typing slip",
                Again::Remeasured => "was measured again",
                Again::Amended => "was amended",
                Again::ToolFault => "was measured with a faulty tool",
            };
            found
                .remarks
                .push(format!("{name}: a failing answer{} {why}.", read(old)));
        }
    }
}

fn named(step: &Step, point: &PlanPoint) -> String {
    if point.label.is_empty() {
        format!("\"{}\"", step.title)
    } else {
        format!("\"{}\" at {}", step.title, point.label)
    }
}

/// The value and the limit, to follow a sentence.
fn read(answer: &Answered) -> String {
    let value = in_words(&answer.answer);
    match (value.is_empty(), answer.limit.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!(" ({value})"),
        (false, false) => format!(" ({value}, limit {})", answer.limit),
    }
}

/// An answer in a few words; empty for a plain pass or fail.
pub(super) fn in_words(answer: &Answer) -> String {
    match answer {
        Answer::Pass | Answer::Fail => String::new(),
        Answer::NotApplicable { reason } => format!("not applicable: {reason}"),
        Answer::Reading(reading) => format!("{} {}", reading.form, reading.unit)
            .trim()
            .to_owned(),
        Answer::Choice(text) | Answer::Text(text) | Answer::Scan(text) => text.clone(),
        Answer::Date(date) => date.to_string(),
        Answer::Timer { seconds, .. } => format!("after {seconds} s"),
        Answer::SecondPerson { who } => format!("confirmed by {who}"),
    }
}
