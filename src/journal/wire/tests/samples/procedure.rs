//! Samples of procedure events.

use super::{number, s};
use crate::domain::id::Hash;
use crate::domain::measure::{Limit, Unit};
use crate::domain::procedure::{
    Condition, DeviceTest, LimitSource, Measure, Procedure, ProtectionClass, Section, SourceKind,
    Step, StepKind,
};
use crate::domain::stored_procedure::ProcedureEvent;

fn document() -> Box<Procedure> {
    let measure = StepKind::Measure(Measure {
        unit: Unit::Ohm,
        limit: Some(Limit::AtMost(number("0.5"))),
        source: LimitSource {
            verified: true,
            text: s("IFU 7.3"),
        },
    });
    Box::new(Procedure {
        code: s("infusion-pump"),
        title: s("Infusion pump, annual"),
        activity: s("annual PM"),
        device_types: vec![s("FRN")],
        version: s("2"),
        source: SourceKind::Manufacturer,
        minutes: Some(25),
        sections: vec![Section {
            title: s("Electrical"),
            steps: vec![
                Step::new("look", "Look at the case", StepKind::Check),
                Step {
                    safety: true,
                    condition: Some(Condition::Device(DeviceTest::Class(ProtectionClass::I))),
                    ..Step::new("earth", "Earth resistance", measure)
                },
            ],
        }],
        ..Procedure::default()
    })
}

/// In the order of their golden files.
pub fn events() -> Vec<ProcedureEvent> {
    use ProcedureEvent as E;
    vec![
        E::Imported {
            procedure: document(),
            source: s("pump.toml"),
        },
        E::Frozen {
            procedure: document(),
            of: Hash([0x21; 32]),
        },
        E::Adopted {
            by: s("Renée Köhler"),
            against: s("IFU 1234 rev C"),
            note: s(""),
        },
        E::Withdrawn {
            reason: s("replaced by version 3"),
        },
    ]
}
