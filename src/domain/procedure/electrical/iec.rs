//! IEC 62353, edition 2014: protective earth, insulation, equipment leakage and applied part leakage.

use super::row::{Row, at_least, at_most, slug};
use super::{ElectricalFacts, LeakageMethod, Supply, parts_to_test};
use crate::domain::measure::Unit;
use crate::domain::procedure::{AppliedPartType, PowerConnection};

const EARTH: (bool, &str) = (true, "IEC 62353:2014 protective earth resistance");
const EQUIPMENT: (bool, &str) = (
    false,
    "IEC 62353:2014 equipment leakage: general practice, not verified",
);
const APPLIED: (bool, &str) = (
    false,
    "IEC 62353:2014 applied part leakage: general practice, not verified",
);
const INSULATION: (bool, &str) = (
    false,
    "IEC 62353:2014 insulation resistance: general practice, not verified",
);
/// The installed limit without a cord is taken from the one for inlet to case, which the standard does not say.
const EARTH_INSTALLED: (bool, &str) = (
    false,
    "IEC 62353:2014, the limit for inlet to case taken for an installation, not verified",
);

pub(super) fn rows(facts: &ElectricalFacts, method: LeakageMethod) -> Vec<Row> {
    let supply = Supply::of(facts);
    let mut rows = Vec::new();
    if !supply.internal && !supply.double {
        earth(&mut rows, facts, &supply);
    }
    if !supply.internal {
        mains(&mut rows, &supply, method);
    }
    for (name, kind, assumed) in parts_to_test(facts) {
        applied_part(&mut rows, name, kind, &assumed);
    }
    rows
}

fn earth(rows: &mut Vec<Row>, facts: &ElectricalFacts, supply: &Supply) {
    let mut assumed = supply.words();
    if facts
        .power
        .is_none_or(|power| power == PowerConnection::Internal)
    {
        assumed.push("The power connection is not known: tested as a detachable cord. With a fixed cord, answer the tests of inlet and cord alone as not applicable.".to_owned());
    }
    let tests: &[(&str, &str, i64, (bool, &'static str))] = match facts.power {
        Some(PowerConnection::FixedCord) => &[(
            "earth",
            "Protective earth resistance, plug to case, cord fixed",
            300,
            EARTH,
        )],
        Some(PowerConnection::Permanent) => &[(
            "earth",
            "Protective earth resistance, installation to case",
            200,
            EARTH_INSTALLED,
        )],
        Some(PowerConnection::DetachableCord | PowerConnection::Internal) | None => &[
            (
                "earth-inlet",
                "Protective earth resistance, inlet to case",
                200,
                EARTH,
            ),
            (
                "earth-cord",
                "Protective earth resistance, cord alone",
                100,
                EARTH,
            ),
            (
                "earth",
                "Protective earth resistance, plug to case with cord",
                300,
                EARTH,
            ),
        ],
    };
    for (name, title, milliohm, source) in tests {
        rows.push(Row {
            name: (*name).into(),
            title: (*title).into(),
            how: "At least 200 mA into 500 mΩ, at most 24 V open. With direct current measure both polarities and record the higher. Flex the cord.",
            unit: Unit::MilliOhm,
            limit: at_most(*milliohm, 0),
            source: *source,
            assumed: assumed.clone(),
        });
    }
}

/// Insulation of the mains part and equipment leakage.
fn mains(rows: &mut Vec<Row>, supply: &Supply, method: LeakageMethod) {
    let strict = supply.double || supply.uncertain;
    rows.push(Row {
        name: "insulation".into(),
        title: if supply.double {
            "Insulation resistance, mains part to accessible parts"
        } else {
            "Insulation resistance, mains part to protective earth"
        }
        .into(),
        how: "500 V direct current, device switched on, unless the manufacturer forbids it.",
        unit: Unit::MegaOhm,
        limit: at_least(if strict { 7 } else { 2 }),
        source: INSULATION,
        assumed: supply.words(),
    });
    let (title, class_one, class_two) = match method {
        LeakageMethod::Direct => ("Equipment leakage current, direct method", 500, 100),
        LeakageMethod::Differential => ("Equipment leakage current, differential method", 500, 100),
        LeakageMethod::Alternative => ("Equipment leakage current, alternative method", 1000, 500),
    };
    rows.push(Row {
        name: "equipment-leakage".into(),
        title: title.into(),
        how: "Device switched on, applied parts joined to the measurement as the analyser shows, both mains polarities where the method uses mains. Record the highest value.",
        unit: Unit::MicroAmpere,
        limit: at_most(if strict { class_two } else { class_one }, 0),
        source: EQUIPMENT,
        assumed: supply.words(),
    });
}

/// Type B parts have no test of their own: they are measured together with the case as equipment leakage.
fn applied_part(
    rows: &mut Vec<Row>,
    name: &str,
    kind: Option<AppliedPartType>,
    assumed: &[String],
) {
    let microampere = match kind {
        Some(AppliedPartType::B) => return,
        Some(AppliedPartType::BF) => 5000,
        Some(AppliedPartType::CF) | None => 50,
    };
    rows.push(Row {
        name: format!("applied-part-{}", slug(name)),
        title: format!("Applied part leakage, {name}"),
        how: "Test voltage on all connections of this part joined together. Record the highest value.",
        unit: Unit::MicroAmpere,
        limit: at_most(microampere, 0),
        source: APPLIED,
        assumed: assumed.to_vec(),
    });
    rows.push(Row {
        name: format!("insulation-{}", slug(name)),
        title: format!("Insulation resistance, {name} to protective earth and case"),
        how: "500 V direct current, unless the manufacturer forbids it.",
        unit: Unit::MegaOhm,
        limit: at_least(70),
        source: INSULATION,
        assumed: assumed.to_vec(),
    });
}
