//! What earlier inspections may lend to this one: values to compare with, and a few texts to be confirmed.
//!
//! Invariant: no answer is ever filled from an earlier inspection; only the texts about accessories, software version and
//! location are offered again, and each is confirmed by a person.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Answer, Inspection, InspectionStatus, Phase, Verdict};
use crate::domain::measure::Reading;
use crate::domain::procedure::{Step, StepId, StepKind, TextAbout};

/// The text to offer for confirmation, taken from the last inspection; `None` for every other kind of step.
pub fn prefill(previous: &Inspection, step: &Step) -> Option<Answer> {
    let offered = matches!(
        &step.kind,
        StepKind::Text { about } if *about != TextAbout::Other
    );
    if !offered || previous.status == Some(InspectionStatus::Void) {
        return None;
    }
    let last = previous
        .answer(&step.id, None, Phase::AsLeft)
        .or_else(|| previous.answer(&step.id, None, Phase::AsFound))?;
    match &last.answer {
        Answer::Text(text) => Some(Answer::Text(text.clone())),
        _ => None,
    }
}

/// An earlier reading of the same step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Previous {
    /// The day the work was done.
    pub performed: NaiveDate,
    /// As found or as left: the one that counted at the end.
    pub phase: Phase,
    /// The reading.
    pub reading: Reading,
    /// What it said then.
    pub verdict: Verdict,
    /// Its test equipment turned out faulty.
    pub suspect: bool,
}

/// The readings of the same step (and set point) in signed inspections of the device, newest first. Void and open ones
/// count nowhere.
pub fn previous_readings(past: &[Inspection], step: &StepId, point: Option<u16>) -> Vec<Previous> {
    let mut out: Vec<Previous> = past
        .iter()
        .filter(|i| i.status == Some(InspectionStatus::Signed))
        .filter_map(|inspection| {
            let answer = inspection
                .answer(step, point, Phase::AsLeft)
                .or_else(|| inspection.answer(step, point, Phase::AsFound))?;
            let Answer::Reading(reading) = &answer.answer else {
                return None;
            };
            Some(Previous {
                performed: inspection.performed,
                phase: answer.phase,
                reading: reading.clone(),
                verdict: answer.verdict,
                suspect: inspection.is_suspect(answer.stamp.dot),
            })
        })
        .collect();
    out.sort_by_key(|p| std::cmp::Reverse(p.performed));
    out
}
