//! Which answers of a checklist say something of the device that its record keeps.
//!
//! A choice with the id `class` or `power` is the rating plate, a text about the software version is that version. They are
//! saved when the inspection is signed: an inspection that is given up or moved has said nothing of this device.

use super::Answer;
use super::walk::Plan;
use crate::domain::choices::fold;
use crate::domain::device::{Field, Seen};
use crate::domain::procedure::{StepKind, TextAbout};

/// The field that a choice with this id reads from the rating plate.
fn plate_field(step: &str) -> Option<Field> {
    match fold(step).as_str() {
        "class" | "protectionclass" => Some(Field::ProtectionClass),
        "power" | "powerconnection" => Some(Field::Power),
        _ => None,
    }
}

/// What a plan's answers say of the device's record.
pub(super) fn seen(plan: &Plan) -> Vec<Seen<'_>> {
    let mut out = Vec::new();
    for item in plan.items.iter().filter(|item| item.asked.is_asked()) {
        let answer = item.points.first().and_then(|point| point.current());
        match (&item.step.kind, answer.map(|given| &given.answer)) {
            (StepKind::Choice { .. }, Some(Answer::Choice(label))) => {
                out.extend(plate_field(&item.step.id.0).map(|field| Seen::Plate(field, label)));
            }
            (
                StepKind::Text {
                    about: TextAbout::SoftwareVersion,
                },
                Some(Answer::Text(version)),
            ) => out.push(Seen::Software(version)),
            _ => {}
        }
    }
    out
}
