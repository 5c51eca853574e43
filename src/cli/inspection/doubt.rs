//! Readings of an inspection that were made with test equipment found faulty later, as lines and as JSON.

use serde_json::{Value, json};

use crate::bench::query::InspectionSheet;
use crate::domain::id::EntityId;
use crate::domain::inspection::{Doubt, doubts};
use crate::domain::procedure::StepId;
use crate::identify::text::clean;

/// A line for each reading in doubt.
pub fn lines(sheet: &InspectionSheet) -> Vec<String> {
    doubts(&sheet.inspection)
        .iter()
        .map(|doubt| {
            clean(&format!(
                "SUSPECT: {}{} was measured with {}, found faulty: {}. Measure it again.",
                title(sheet, &doubt.step),
                doubt
                    .point
                    .map(|point| format!(" [{}]", u32::from(point) + 1))
                    .unwrap_or_default(),
                tool(sheet, doubt.tool),
                doubt.reason
            ))
        })
        .collect()
}

/// The readings in doubt, with the device, the order and the inspection they belong to.
pub fn json(sheet: &InspectionSheet) -> Vec<Value> {
    doubts(&sheet.inspection)
        .iter()
        .map(|doubt: &Doubt| {
            json!({
                "tag": sheet.device.tag,
                "order": sheet.order,
                "inspection": sheet.id.to_string(),
                "activity": sheet.inspection.activity,
                "performed": sheet.inspection.performed,
                "status": sheet.inspection.status.map(|status| status.key()),
                "step": doubt.step.to_string(),
                "title": title(sheet, &doubt.step),
                "point": doubt.point.map(|point| u32::from(point) + 1),
                "tool": tool(sheet, doubt.tool),
                "reason": doubt.reason,
            })
        })
        .collect()
}

fn title(sheet: &InspectionSheet, step: &StepId) -> String {
    sheet
        .document
        .step(step)
        .map_or_else(|| step.to_string(), |step| step.title.clone())
}

fn tool(sheet: &InspectionSheet, id: EntityId) -> String {
    sheet
        .inspection
        .tools_used
        .iter()
        .find(|used| used.tool == id)
        .map_or_else(|| "test equipment".to_owned(), |used| used.name.clone())
}
