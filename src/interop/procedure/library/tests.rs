//! Every shipped procedure is without mistakes, in the house order, and says who decides.

use super::{all, get};
use crate::domain::procedure::{Procedure, SourceKind, StepKind};
use crate::interop::procedure::{print, read, write};

fn procedures() -> Vec<Procedure> {
    all()
        .iter()
        .map(|(code, text)| {
            read(text).unwrap_or_else(|mistakes| {
                let list: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                panic!("{code}:\n{}", list.join("\n"))
            })
        })
        .collect()
}

/// The sections in the order of work at the bench.
const ORDER: [&str; 10] = [
    "Identify",
    "Visual inspection",
    "Electrical safety",
    "Long tests",
    "Self-test",
    "Performance",
    "Alarms",
    "Parts",
    "Accessories",
    "Restore and finish",
];

#[test]
fn every_one_reads_without_mistakes_under_its_own_code() {
    for ((code, _), procedure) in all().iter().zip(procedures()) {
        assert_eq!(*code, procedure.code);
        assert_eq!(procedure.source, SourceKind::BuiltIn);
        let banner = procedure.banner.unwrap_or_default();
        assert!(
            banner.contains("manufacturer's instructions decide"),
            "{code}"
        );
    }
    assert!(all().windows(2).all(|pair| pair[0].0 < pair[1].0), "sorted");
}

#[test]
fn every_one_follows_the_order_of_work() {
    for procedure in procedures() {
        let places: Vec<usize> = procedure
            .sections
            .iter()
            .map(|section| {
                ORDER
                    .iter()
                    .position(|title| *title == section.title)
                    .unwrap_or_else(|| panic!("{}: {}", procedure.code, section.title))
            })
            .collect();
        assert!(
            places.windows(2).all(|pair| pair[0] < pair[1]),
            "{}",
            procedure.code
        );
        let ids: Vec<&str> = procedure.steps().map(|step| step.id.0.as_str()).collect();
        assert_eq!(ids[..2], ["identify", "no-patient"], "{}", procedure.code);
        for last in ["restore", "clean", "sticker"] {
            assert!(ids.contains(&last), "{}: {last}", procedure.code);
        }
    }
}

#[test]
fn device_procedures_measure_and_test_electrical_safety() {
    let mut devices = 0;
    let mut electrical = 0;
    for procedure in procedures() {
        let has = |test: fn(&StepKind) -> bool| procedure.steps().any(|step| test(&step.kind));
        let measures = has(|kind| match kind {
            StepKind::Measure(m) => m.limit.is_some(),
            StepKind::Table(_) => true,
            _ => false,
        });
        let es = has(|kind| matches!(kind, StepKind::ElectricalSafety { .. }));
        if procedure.device_types.is_empty() {
            assert!(es, "{}", procedure.code);
            continue;
        }
        // The endoscopy tower is judged by eye; its units are measured one by one.
        assert!(
            measures || procedure.code == "endoscopy-tower",
            "{}",
            procedure.code
        );
        devices += usize::from(measures);
        electrical += usize::from(es);
    }
    assert!(devices >= 45, "{devices}");
    assert!(electrical >= 40, "{electrical}");
    for code in [
        "aed",
        "defibrillator-monitor",
        "incoming-inspection",
        "visual-electrical-safety",
    ] {
        assert!(get(code).is_some(), "{code}");
    }
    assert_eq!(get("no-such"), None);
}

#[test]
fn every_limit_names_its_source_and_none_claims_to_be_verified() {
    for procedure in procedures() {
        for step in procedure.steps() {
            let source = match &step.kind {
                StepKind::Measure(m) if m.limit.is_some() => &m.source,
                StepKind::Table(t) => &t.source,
                StepKind::Computed(c) if c.limit.is_some() => &c.source,
                _ => continue,
            };
            assert!(!source.verified, "{} {}", procedure.code, step.id);
            assert!(
                source.text.contains("not verified"),
                "{} {}",
                procedure.code,
                step.id
            );
        }
    }
}

#[test]
fn every_one_survives_writing_and_prints() {
    for procedure in procedures() {
        assert_eq!(read(&write(&procedure)).as_ref(), Ok(&procedure));
        assert_eq!(
            Procedure::from_bytes(&procedure.to_bytes()).as_ref(),
            Ok(&procedure)
        );
        let paper = print(&procedure, 80);
        assert!(
            paper.lines().all(|line| line.chars().count() <= 80),
            "{}",
            procedure.code
        );
        for step in procedure.steps() {
            let start: String = step.title.chars().take(20).collect();
            assert!(paper.contains(&start), "{} {}", procedure.code, step.id);
        }
    }
}

#[test]
fn the_type_decides_which_procedures_fit() {
    use crate::domain::device::{Device, DeviceEvent, Field, FieldChange, Origin, Stage, Value};
    use crate::domain::time::Stamp;

    let device = |code: &str| {
        let mut device = Device::default();
        let stamp = Stamp {
            dot: crate::domain::id::Dot::default(),
            at: crate::domain::time::Moment::default(),
            by: "jd".to_owned(),
        };
        let change = FieldChange {
            field: Field::TypeCode,
            old: None,
            new: Some(Value::Text(code.to_owned())),
            replaces: Vec::new(),
        };
        let event = DeviceEvent::Registered {
            origin: Origin::Entered,
            stage: Stage::Received,
            changes: vec![change],
        };
        device.apply(&event, &stamp, &crate::domain::seen::Seen::Everything);
        device
    };
    let codes = |code: &str, activity: &str| -> Vec<String> {
        super::fitting(&device(code), activity)
            .into_iter()
            .map(|procedure| procedure.code)
            .collect()
    };
    assert!(codes("FRN", "semi-annual PM").contains(&"infusion-pump-lvp".to_owned()));
    assert_eq!(codes("FRN", "incoming inspection"), ["incoming-inspection"]);
    assert!(
        codes("QQQ", "annual PM").is_empty(),
        "no procedure for an unknown type"
    );
    assert!(codes("QQQ", "electrical safety").contains(&"visual-electrical-safety".to_owned()));
}
