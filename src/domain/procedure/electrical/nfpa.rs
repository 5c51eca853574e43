//! NFPA 99, 2012 edition: ground wire, touch current, and lead leakage of patient-connected equipment.

use super::row::{Row, at_most, slug};
use super::{ElectricalFacts, Supply, parts_to_test};
use crate::domain::measure::Unit;
use crate::domain::procedure::{AppliedPartType, PowerConnection};

const GROUND: (bool, &str) = (true, "NFPA 99-2012: ground wire at most 0.50 ohm");
const CLOSED: (bool, &str) = (
    true,
    "NFPA 99-2012: touch current at most 100 µA, ground intact",
);
const OPEN: (bool, &str) = (
    true,
    "NFPA 99-2012: touch current at most 500 µA, ground open",
);
const LEADS: (bool, &str) = (
    false,
    "NFPA 99-2012 lead leakage: general practice, not verified",
);

pub(super) fn rows(facts: &ElectricalFacts) -> Vec<Row> {
    let supply = Supply::of(facts);
    let permanent = facts.power == Some(PowerConnection::Permanent);
    let mut rows = Vec::new();
    if !supply.internal && !supply.double {
        rows.push(Row {
            name: "ground-wire".into(),
            title: if permanent {
                "Ground resistance, installation to exposed metal"
            } else {
                "Ground wire resistance, cord flexed"
            }
            .into(),
            how: "Measure from the ground pin (or the installation's ground) to exposed metal. Flex the cord along its length. Record the highest value.",
            unit: Unit::Ohm,
            limit: at_most(5, 1),
            source: GROUND,
            assumed: supply.words(),
        });
    }
    if !supply.internal {
        rows.push(Row {
            name: "touch-closed".into(),
            title: "Touch current, ground intact".into(),
            how: "Measure from the chassis to ground, switched on and off. Record the highest value.",
            unit: Unit::MicroAmpere,
            limit: at_most(100, 0),
            source: CLOSED,
            assumed: supply.words(),
        });
    }
    // A permanent installation has no plug at which the ground could be opened.
    if !supply.internal && !supply.double && !permanent {
        rows.push(Row {
            name: "touch-open".into(),
            title: "Touch current, ground open".into(),
            how: "As before, with the ground opened at the analyser. Record the highest value.",
            unit: Unit::MicroAmpere,
            limit: at_most(500, 0),
            source: OPEN,
            assumed: supply.words(),
        });
    }
    for (name, kind, assumed) in parts_to_test(facts) {
        // The limit of isolated leads is taken for type CF and for parts whose type is not known.
        let (closed, open) = match kind {
            Some(AppliedPartType::B | AppliedPartType::BF) => (100, 500),
            Some(AppliedPartType::CF) | None => (10, 50),
        };
        rows.push(Row {
            name: format!("leads-closed-{}", slug(name)),
            title: if supply.internal {
                format!("Lead leakage, {name}")
            } else {
                format!("Lead leakage, {name}, ground intact")
            },
            how: "Measure from all leads of this part together to ground. Record the highest value.",
            unit: Unit::MicroAmpere,
            limit: at_most(closed, 0),
            source: LEADS,
            assumed: assumed.clone(),
        });
        if !supply.internal && !permanent {
            rows.push(Row {
                name: format!("leads-open-{}", slug(name)),
                title: format!("Lead leakage, {name}, ground open"),
                how: "As before, with the ground opened at the analyser. Record the highest value.",
                unit: Unit::MicroAmpere,
                limit: at_most(open, 0),
                source: LEADS,
                assumed,
            });
        }
    }
    rows
}
