//! NFPA 99, 2012 edition: ground wire, touch current, and lead leakage of patient-connected equipment.

use super::ElectricalFacts;
use super::row::{Row, at_most, slug};
use crate::domain::measure::Unit;
use crate::domain::procedure::{AppliedPartType, PowerConnection, ProtectionClass};

const GROUND: (bool, &str) = (true, "NFPA 99-2012: ground wire at most 0.50 ohm");
const TOUCH_CLOSED: (bool, &str) = (
    true,
    "NFPA 99-2012: touch current at most 100 µA, ground intact",
);
const TOUCH_OPEN: (bool, &str) = (
    true,
    "NFPA 99-2012: touch current at most 500 µA, ground open",
);
const LEADS: (bool, &str) = (
    false,
    "NFPA 99-2012 lead leakage, general practice, not verified",
);

pub(super) fn rows(facts: &ElectricalFacts) -> Vec<Row> {
    let mut rows = Vec::new();
    let internal = facts.class == Some(ProtectionClass::Internal)
        || facts.power == Some(PowerConnection::Internal);
    let double = facts.class == Some(ProtectionClass::II);
    let mut assumed = Vec::new();
    if facts.class.is_none() && !internal {
        assumed.push("The protection class is not known: tested as class I.".to_owned());
    }
    if !internal && !double {
        rows.push(Row {
            name: "ground-wire".into(),
            title: "Ground wire resistance, cord flexed".into(),
            how: "Measure from the ground pin to exposed metal while flexing the cord along its length; record the highest value.",
            unit: Unit::Ohm,
            limit: at_most(5, 1),
            source: GROUND,
            assumed: assumed.clone(),
        });
    }
    if !internal {
        rows.push(Row {
            name: "touch-closed".into(),
            title: "Touch current, ground intact".into(),
            how: "Measure from the chassis to ground, on and off, both polarities; record the highest value.",
            unit: Unit::MicroAmpere,
            limit: at_most(100, 0),
            source: TOUCH_CLOSED,
            assumed: assumed.clone(),
        });
        if !double {
            rows.push(Row {
                name: "touch-open".into(),
                title: "Touch current, ground open".into(),
                how: "As before with the ground conductor opened at the analyser; record the highest value.",
                unit: Unit::MicroAmpere,
                limit: at_most(500, 0),
                source: TOUCH_OPEN,
                assumed: assumed.clone(),
            });
        }
    }
    match &facts.applied_parts {
        None => leads(
            &mut rows,
            "patient leads",
            None,
            Some(
                "No applied parts are recorded: if the device has any, read the symbol beside each connector; the limit is the one for type CF. If it has none, answer not applicable with that reason.",
            ),
            internal,
        ),
        Some(parts) => {
            for part in parts {
                let words = part.kind.is_none().then_some(
                    "The type of this part is not known: the limit is the one for type CF.",
                );
                leads(&mut rows, &part.name, part.kind, words, internal);
            }
        }
    }
    rows
}

/// Isolated parts are the ones of type CF; type B and BF take the limit for non-isolated leads.
fn leads(
    rows: &mut Vec<Row>,
    name: &str,
    kind: Option<AppliedPartType>,
    words: Option<&str>,
    internal: bool,
) {
    let isolated = !matches!(kind, Some(AppliedPartType::B | AppliedPartType::BF));
    let assumed: Vec<String> = words.map(str::to_owned).into_iter().collect();
    let (closed, open) = if isolated { (10, 50) } else { (100, 500) };
    rows.push(Row {
        name: format!("leads-closed-{}", slug(name)),
        title: if internal {
            format!("Lead leakage, {name}")
        } else {
            format!("Lead leakage, {name}, ground intact")
        },
        how: "Measure from all leads of this part together to ground; record the highest value.",
        unit: Unit::MicroAmpere,
        limit: at_most(closed, 0),
        source: LEADS,
        assumed: assumed.clone(),
    });
    if !internal {
        rows.push(Row {
            name: format!("leads-open-{}", slug(name)),
            title: format!("Lead leakage, {name}, ground open"),
            how: "As before with the ground conductor opened at the analyser; record the highest value.",
            unit: Unit::MicroAmpere,
            limit: at_most(open, 0),
            source: LEADS,
            assumed,
        });
    }
}
