//! The canonical form: stable, exact, and safe to read.

use super::arbitrary::procedures;
use super::*;
use crate::domain::measure::{Decimal, Limit, Unit};
use proptest::prelude::*;

fn small() -> Procedure {
    let measure = StepKind::Measure(Measure {
        unit: Unit::Ohm,
        limit: Some(Limit::AtMost(Decimal::new(50, 2))),
        source: LimitSource {
            verified: true,
            text: "standard".into(),
        },
    });
    Procedure {
        code: "small".into(),
        title: "Small".into(),
        activity: "annual PM".into(),
        version: "1".into(),
        sections: vec![Section {
            title: "All".into(),
            steps: vec![Step::new("ground", "Ground wire", measure)],
        }],
        ..Procedure::default()
    }
}

/// If this hash changes, every journal that holds a procedure breaks: a new form needs a new format number.
#[test]
fn the_hash_never_changes() {
    assert_eq!(
        small().hash().to_string(),
        "d3669504801362fe9189696c86820b53a143ac41cee1fc9541f5e4f386b7925c"
    );
}

#[test]
fn places_do_not_change_a_limit_but_values_do() {
    let mut other = small();
    let set = |procedure: &mut Procedure, value: Decimal| {
        if let StepKind::Measure(m) = &mut procedure.sections[0].steps[0].kind {
            m.limit = Some(Limit::AtMost(value));
        }
    };
    set(&mut other, Decimal::new(5, 1));
    assert_eq!(other.hash(), small().hash());
    set(&mut other, Decimal::new(51, 2));
    assert_ne!(other.hash(), small().hash());
}

#[test]
fn damage_is_refused_in_words() {
    let bytes = small().to_bytes();
    for end in 0..bytes.len() {
        assert!(
            Procedure::from_bytes(&bytes[..end]).is_err(),
            "cut at {end}"
        );
    }
    let mut newer = bytes.clone();
    newer[4] = 9;
    assert_eq!(Procedure::from_bytes(&newer), Err(BadBytes::Newer(9)));
    let mut longer = bytes;
    longer.push(0);
    assert!(matches!(
        Procedure::from_bytes(&longer),
        Err(BadBytes::Damaged(_))
    ));
}

#[test]
fn the_profile_step_becomes_its_measurements_in_place() {
    let mut procedure = small();
    let mut electrical = Step::new(
        "es",
        "Electrical safety",
        StepKind::ElectricalSafety {
            profile: electrical::Profile::Nfpa99Edition2012,
        },
    );
    electrical.condition = Some(Condition::Device(DeviceTest::Battery(false)));
    procedure.sections[0].steps.push(electrical.clone());
    procedure.sections[0]
        .steps
        .push(Step::new("end", "End", StepKind::Check));
    let facts = electrical::ElectricalFacts {
        class: Some(ProtectionClass::II),
        power: Some(PowerConnection::FixedCord),
        applied_parts: Some(Vec::new()),
    };
    let ids = |profile| -> Vec<String> {
        procedure.expanded(&facts, profile)[0]
            .steps
            .iter()
            .map(|s| s.id.0.clone())
            .collect()
    };
    assert_eq!(ids(None), ["ground", "es.touch-closed", "end"]);
    let iec = electrical::Profile::Iec62353Edition2014(electrical::LeakageMethod::Direct);
    assert_eq!(
        ids(Some(iec)),
        ["ground", "es.insulation", "es.equipment-leakage", "end"]
    );
    let made = &procedure.expanded(&facts, None)[0].steps[1];
    assert_eq!(made.condition, electrical.condition);
    assert!(made.id.is_child_of(&electrical.id));
}

proptest! {
    #[test]
    fn every_procedure_survives_its_canonical_form(procedure in procedures()) {
        let bytes = procedure.to_bytes();
        let back = Procedure::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&back, &procedure);
        prop_assert_eq!(back.to_bytes(), bytes);
        prop_assert_eq!(back.hash(), procedure.hash());
    }

    #[test]
    fn a_flipped_byte_is_refused_or_another_procedure(procedure in procedures(), at in any::<prop::sample::Index>(), flip in 1u8..) {
        let mut bytes = procedure.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = Procedure::from_bytes(&bytes) {
            prop_assert_eq!(other.to_bytes(), bytes);
            prop_assert_ne!(other.hash(), procedure.hash());
        }
    }

    #[test]
    fn frozen_sections_survive_and_are_not_mistaken_for_a_procedure(procedure in procedures()) {
        let sections = procedure.expanded(&electrical::ElectricalFacts::default(), None);
        let bytes = sections_to_bytes(&sections);
        prop_assert_eq!(sections_from_bytes(&bytes).unwrap(), sections);
        prop_assert!(Procedure::from_bytes(&bytes).is_err());
        prop_assert!(sections_from_bytes(&procedure.to_bytes()).is_err());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(rest in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = small().to_bytes();
        bytes.truncate(6);
        bytes.extend(rest);
        let _ = Procedure::from_bytes(&bytes);
    }

    #[test]
    fn expanded_ids_stay_unique(procedure in procedures()) {
        let sections = procedure.expanded(&electrical::ElectricalFacts::default(), None);
        let ids: Vec<&StepId> = sections.iter().flat_map(|s| &s.steps).map(|s| &s.id).collect();
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        prop_assert_eq!(unique.len(), ids.len());
        let asked = applicable(&sections, &DeviceFacts::default(), &Answers::new());
        prop_assert_eq!(asked.iter().map(|(id, _)| id).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn serde_gives_the_same_procedure_back(procedure in procedures()) {
        let text = serde_json::to_string(&procedure).unwrap();
        prop_assert_eq!(serde_json::from_str::<Procedure>(&text).unwrap(), procedure);
    }
}
