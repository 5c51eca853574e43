//! Readings in doubt: made with test equipment that turned out faulty, and not measured again since.
//!
//! Invariants: a signed record is not changed by a doubt, it says it; a doubt ends with a later reading of the same step
//! that is none itself, in the same inspection or in a later signed one; a value computed from a doubtful reading is
//! doubtful too.

use serde::{Deserialize, Serialize};

use super::walk::{inputs, later};
use super::{Answered, Inspection, InspectionStatus};
use crate::domain::context::World;
use crate::domain::id::EntityId;
use crate::domain::procedure::{Procedure, Step, StepId};

/// A reading that nobody can rely on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Doubt {
    /// The step.
    pub step: StepId,
    /// The set point, from 0.
    pub point: Option<u16>,
    /// The test equipment.
    pub tool: EntityId,
    /// What was found on it.
    pub reason: String,
}

/// The readings in doubt of one inspection, in the order they were recorded; each step and set point once.
pub fn doubts(inspection: &Inspection) -> Vec<Doubt> {
    of(inspection)
        .map(|(answered, suspect)| Doubt {
            step: answered.step.clone(),
            point: answered.point,
            tool: suspect.tool,
            reason: suspect.reason.clone(),
        })
        .collect()
}

/// The value of this step is computed from a reading in doubt.
pub fn rests_on_doubt(step: &Step, doubts: &[Doubt], document: &Procedure) -> bool {
    inputs(step).iter().any(|input| {
        doubts.iter().any(|doubt| doubt.step == *input)
            || document
                .step(input)
                .is_some_and(|step| rests_on_doubt(step, doubts, document))
    })
}

/// The readings of a device's signed inspections that should be measured again, with the inspection, oldest first.
pub fn to_measure_again(world: &dyn World, device: EntityId) -> Vec<(EntityId, Doubt)> {
    let signed: Vec<_> = world
        .inspections_of(device)
        .into_iter()
        .filter_map(|id| Some((id, world.inspection(id)?)))
        .filter(|(_, inspection)| inspection.status == Some(InspectionStatus::Signed))
        .collect();
    let mut out = Vec::new();
    for (id, inspection) in &signed {
        for (answered, suspect) in of(inspection) {
            let again = signed
                .iter()
                .any(|(_, other)| measures_again(other, answered));
            if !again {
                out.push((
                    *id,
                    Doubt {
                        step: answered.step.clone(),
                        point: answered.point,
                        tool: suspect.tool,
                        reason: suspect.reason.clone(),
                    },
                ));
            }
        }
    }
    out
}

/// What should be measured again on a device, a line for each inspection and tool.
pub fn measure_again_lines(world: &dyn World, device: EntityId) -> Vec<String> {
    let doubts = to_measure_again(world, device);
    let mut out = Vec::new();
    let mut said: Vec<(EntityId, EntityId)> = Vec::new();
    for (id, doubt) in &doubts {
        if said.contains(&(*id, doubt.tool)) {
            continue;
        }
        said.push((*id, doubt.tool));
        let Some(inspection) = world.inspection(*id) else {
            continue;
        };
        let document = world
            .procedure(inspection.frozen)
            .and_then(|stored| stored.procedure.clone());
        let mut titles: Vec<String> = Vec::new();
        for (_, same) in doubts
            .iter()
            .filter(|(other, same)| other == id && same.tool == doubt.tool)
        {
            let title = document
                .as_ref()
                .and_then(|document| document.step(&same.step))
                .map_or_else(|| same.step.to_string(), |step| step.title.clone());
            if !titles.contains(&title) {
                titles.push(title);
            }
        }
        let tool = world
            .tool(doubt.tool)
            .map_or_else(|| "test equipment".to_owned(), |tool| tool.name);
        out.push(format!(
            "measure again: {} ({} of {}); {tool} was found faulty: {}",
            titles.join(", "),
            inspection.activity,
            inspection.performed,
            doubt.reason
        ));
    }
    out
}

/// The answers in doubt with what was found, each once.
fn of(inspection: &Inspection) -> impl Iterator<Item = (&Answered, &super::Suspect)> {
    inspection.answers.iter().filter_map(|answered| {
        if inspection.is_superseded(answered.stamp.dot) {
            return None;
        }
        let suspect = inspection
            .suspects
            .iter()
            .find(|suspect| suspect.answer == answered.stamp.dot)?;
        Some((answered, suspect))
    })
}

/// This inspection holds a later, sound reading of the same step and set point.
fn measures_again(inspection: &Inspection, doubtful: &Answered) -> bool {
    inspection.answers.iter().any(|answered| {
        answered.step == doubtful.step
            && answered.point == doubtful.point
            && later(&answered.stamp, &doubtful.stamp)
            && !inspection.is_superseded(answered.stamp.dot)
            && !inspection.is_suspect(answered.stamp.dot)
    })
}
