//! IEC 62353, edition 2014: protective earth, insulation, equipment leakage and applied part leakage.

use super::row::{Row, at_least, at_most, slug};
use super::{ElectricalFacts, LeakageMethod};
use crate::domain::measure::Unit;
use crate::domain::procedure::{AppliedPartType, PowerConnection, ProtectionClass};

const EARTH: (bool, &str) = (true, "IEC 62353:2014 protective earth resistance");
const EQUIPMENT: (bool, &str) = (
    false,
    "IEC 62353:2014 equipment leakage, general practice, not verified",
);
const APPLIED: (bool, &str) = (
    false,
    "IEC 62353:2014 applied part leakage, general practice, not verified",
);
const INSULATION: (bool, &str) = (
    false,
    "IEC 62353:2014 insulation resistance, general practice, not verified",
);

const EARTH_HOW: &str = "At least 200 mA into 500 mΩ, open voltage at most 24 V; with direct current measure both polarities and record the higher. Flex the cord.";
const EQUIPMENT_HOW: &str =
    "On and off, both mains polarities where the method uses mains; record the highest value.";

pub(super) fn rows(facts: &ElectricalFacts, method: LeakageMethod) -> Vec<Row> {
    let mut rows = Vec::new();
    let internal = facts.class == Some(ProtectionClass::Internal)
        || facts.power == Some(PowerConnection::Internal);
    let double = facts.class == Some(ProtectionClass::II);
    let class_unknown = facts.class.is_none() && !internal;
    if !internal && !double {
        earth(&mut rows, facts, class_unknown);
    }
    if !internal {
        insulation(&mut rows, double, class_unknown);
        equipment(&mut rows, double, class_unknown, method);
    }
    match &facts.applied_parts {
        None => applied_part(
            &mut rows,
            "patient parts",
            None,
            Some(
                "No applied parts are recorded: if the device has any, read the symbol beside each connector; the limit is the one for type CF. If it has none, answer not applicable with that reason.",
            ),
        ),
        Some(parts) => {
            for part in parts {
                let words = part.kind.is_none().then_some(
                    "The type of this part is not known: the limit is the one for type CF.",
                );
                applied_part(&mut rows, &part.name, part.kind, words);
            }
        }
    }
    rows
}

fn earth(rows: &mut Vec<Row>, facts: &ElectricalFacts, class_unknown: bool) {
    let mut assumed = Vec::new();
    if class_unknown {
        assumed.push("The protection class is not known: tested as class I.".to_owned());
    }
    let mut row = |name: &str, title: &str, milliohm: i64, assumed: Vec<String>| {
        rows.push(Row {
            name: name.into(),
            title: title.into(),
            how: EARTH_HOW,
            unit: Unit::MilliOhm,
            limit: at_most(milliohm, 0),
            source: EARTH,
            assumed,
        });
    };
    match facts.power {
        Some(PowerConnection::FixedCord) => row(
            "earth",
            "Protective earth resistance, plug to case, cord fixed",
            300,
            assumed,
        ),
        Some(PowerConnection::Permanent) => {
            assumed.push("Permanently installed: the limit is the one without a cord.".to_owned());
            row(
                "earth",
                "Protective earth resistance, installation to case",
                200,
                assumed,
            );
        }
        other => {
            if other.is_none() {
                assumed.push("The power connection is not known: tested as a detachable cord. With a fixed cord answer the first two not applicable.".to_owned());
            }
            row(
                "earth-inlet",
                "Protective earth resistance, inlet to case",
                200,
                assumed.clone(),
            );
            row(
                "earth-cord",
                "Protective earth resistance, cord alone",
                100,
                assumed.clone(),
            );
            row(
                "earth",
                "Protective earth resistance, plug to case with cord",
                300,
                assumed,
            );
        }
    }
}

fn insulation(rows: &mut Vec<Row>, double: bool, class_unknown: bool) {
    let mut assumed = Vec::new();
    if class_unknown {
        assumed.push(
            "The protection class is not known: the limit is the one for class II.".to_owned(),
        );
    }
    let strict = double || class_unknown;
    rows.push(Row {
        name: "insulation".into(),
        title: if double {
            "Insulation resistance, mains parts to accessible parts"
        } else {
            "Insulation resistance, mains parts to protective earth"
        }
        .into(),
        how: "500 V direct current, switched on, unless the manufacturer forbids it.",
        unit: Unit::MegaOhm,
        limit: at_least(if strict { 7 } else { 2 }),
        source: INSULATION,
        assumed,
    });
}

fn equipment(rows: &mut Vec<Row>, double: bool, class_unknown: bool, method: LeakageMethod) {
    let alternative = method == LeakageMethod::Alternative;
    let mut assumed = Vec::new();
    if class_unknown {
        assumed.push(
            "The protection class is not known: the limit is the one for class II.".to_owned(),
        );
    }
    let microampere = match (double || class_unknown, alternative) {
        (true, false) => 100,
        (true, true) => 500,
        (false, false) => 500,
        (false, true) => 1000,
    };
    rows.push(Row {
        name: "equipment-leakage".into(),
        title: match method {
            LeakageMethod::Direct => "Equipment leakage current, direct method",
            LeakageMethod::Differential => "Equipment leakage current, differential method",
            LeakageMethod::Alternative => "Equipment leakage current, alternative method",
        }
        .into(),
        how: EQUIPMENT_HOW,
        unit: Unit::MicroAmpere,
        limit: at_most(microampere, 0),
        source: EQUIPMENT,
        assumed,
    });
}

/// Type B parts have no test of their own: they are joined to the case and measured with the equipment leakage.
fn applied_part(
    rows: &mut Vec<Row>,
    name: &str,
    kind: Option<AppliedPartType>,
    words: Option<&str>,
) {
    let microampere = match kind {
        Some(AppliedPartType::B) => return,
        Some(AppliedPartType::BF) => 5000,
        Some(AppliedPartType::CF) | None => 50,
    };
    let assumed: Vec<String> = words.map(str::to_owned).into_iter().collect();
    rows.push(Row {
        name: format!("applied-part-{}", slug(name)),
        title: format!("Applied part leakage, {name}"),
        how: "Mains voltage on all connections of this part joined together; record the highest value.",
        unit: Unit::MicroAmpere,
        limit: at_most(microampere, 0),
        source: APPLIED,
        assumed: assumed.clone(),
    });
    rows.push(Row {
        name: format!("insulation-{}", slug(name)),
        title: format!("Insulation resistance, {name} to protective earth and case"),
        how: "500 V direct current, unless the manufacturer forbids it.",
        unit: Unit::MegaOhm,
        limit: at_least(70),
        source: INSULATION,
        assumed,
    });
}
