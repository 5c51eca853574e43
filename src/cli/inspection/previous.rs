//! Earlier readings of a step on this device, and how far the newest one has drifted from them.

use serde_json::{Value, json};

use crate::bench::query::{InspectionSheet, Previous};
use crate::domain::inspection::{Answer, PlanItem, PlanPoint};
use crate::domain::measure::{Drift, Limit, Reading, Unit, drift};
use crate::domain::procedure::StepKind;
use crate::identify::text::clean;

/// Earlier readings that are shown at most.
const MOST: usize = 3;

/// The unit and limit that a point's readings are compared by.
fn scale(item: &PlanItem, point: &PlanPoint) -> Option<(Unit, Option<Limit>)> {
    Some(match &item.step.kind {
        StepKind::Measure(measure) => (measure.unit, measure.limit),
        StepKind::Computed(computed) => (computed.unit, computed.limit),
        StepKind::Table(table) => (
            table.unit,
            point
                .point
                .and_then(|number| table.points.get(usize::from(number)))
                .map(|set| set.limit),
        ),
        _ => return None,
    })
}

/// The reading that counts now, if the point has one.
fn now(point: &PlanPoint) -> Option<&Reading> {
    match point.current().map(|given| &given.answer) {
        Some(Answer::Reading(reading)) => Some(reading),
        _ => None,
    }
}

/// Earlier readings of a point, newest first, with the drift of the reading now.
fn of<'s>(
    sheet: &'s InspectionSheet,
    item: &PlanItem,
    point: &PlanPoint,
) -> Vec<(&'s Previous, Unit, Option<Drift>)> {
    let Some((unit, limit)) = scale(item, point) else {
        return Vec::new();
    };
    sheet
        .previous
        .iter()
        .filter(|earlier| earlier.step == item.step.id && earlier.point == point.point)
        .take(MOST)
        .map(|earlier| {
            let change =
                now(point).and_then(|now| drift(&earlier.reading, now, limit.as_ref(), unit));
            (earlier, unit, change)
        })
        .collect()
}

/// As JSON, newest first.
pub fn json(sheet: &InspectionSheet, item: &PlanItem, point: &PlanPoint) -> Value {
    of(sheet, item, point)
        .into_iter()
        .map(|(earlier, unit, change)| {
            json!({
                "on": earlier.on,
                "reading": earlier.reading.to_string(),
                "difference": change.map(|change| json!({
                    "value": change.difference.normalize().to_string(),
                    "unit": unit.difference().symbol(),
                    "percent_of_margin": change.share_of_margin.map(|share| share.round().normalize().to_string()),
                })),
            })
        })
        .collect()
}

/// As lines under the point.
pub fn text(sheet: &InspectionSheet, item: &PlanItem, point: &PlanPoint) -> String {
    let mut out = String::new();
    for (earlier, unit, change) in of(sheet, item, point) {
        say!(
            out,
            "      {}: {}",
            earlier.on,
            clean(&earlier.reading.to_string())
        );
        if let Some(change) = change {
            let sign = if change.difference.is_sign_negative() {
                ""
            } else {
                "+"
            };
            let difference = format!(
                ", now {sign}{} {}",
                change.difference.normalize(),
                unit.difference()
            );
            out.push_str(difference.trim_end());
            if let Some(share) = change.share_of_margin.filter(|share| *share >= 50.into()) {
                say!(
                    out,
                    ", {} % of the way to the limit",
                    share.round().normalize()
                );
            }
        }
        out.push('\n');
    }
    out
}
