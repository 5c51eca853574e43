//! The bench as a face meets it: one trip from nothing to a device, and back after a restart.

use std::sync::Arc;

use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, Field, Origin, Stage, Value};
use crate::domain::event::Kind;

use super::clock::Clock;
use super::{Bench, BenchOptions, NewStore, Session, Tuning};

fn options(dir: &std::path::Path) -> BenchOptions {
    BenchOptions {
        dir: dir.join("store"),
        state_dir: dir.join("state"),
        user: "jd".to_owned(),
        new: Some(NewStore {
            seed: Some([9; 32]),
            shop: "Test shop".to_owned(),
            prefix: "T".to_owned(),
            zone: "UTC".to_owned(),
            demo: false,
        }),
        clock: Clock::System,
        progress: None,
        tuning: Tuning::small(),
    }
}

#[test]
fn a_device_is_found_again_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (bench, _) = Bench::open(options(dir.path())).unwrap();
    let session = Session::new(Arc::new(bench), "jd");
    assert_eq!(session.technicians().unwrap()[0].key, "jd");
    let fields = vec![
        (Field::AssetTag, Value::Text("BME-1".to_owned())),
        (Field::Serial, Value::Text("SN-77".to_owned())),
        (Field::Manufacturer, Value::Text("Acme".to_owned())),
    ];
    let add = DeviceCommand::Add {
        fields,
        stage: Stage::Received,
        origin: Origin::Entered,
    };
    let receipt = session.tell(Command::Device(add.clone())).unwrap();
    let id = receipt.made(Kind::Device).unwrap().what.id;
    assert_eq!(session.named("sn77").unwrap()[0].tag, "BME-1");
    let refused = session.tell(Command::Device(add)).unwrap_err();
    assert!(refused.to_string().contains("already"), "{refused}");
    let digest = session.digest().unwrap();
    assert!(session.verify().unwrap().ok);
    drop(session);

    let (bench, _) = Bench::open(options(dir.path())).unwrap();
    let session = Session::new(Arc::new(bench), "jd");
    assert_eq!(session.digest().unwrap(), digest);
    assert_eq!(session.device(id).unwrap().device.tag(), "BME-1");
    assert_eq!(session.find("acme", 5).unwrap().devices.len(), 1);
    let history = session.history(receipt.made[0].what, 0, 10).unwrap();
    assert_eq!(
        history.total, 2,
        "registered, and held until its incoming inspection"
    );
}

/// A small procedure: one look, one measured safety step.
fn procedure() -> crate::domain::procedure::Procedure {
    use crate::domain::measure::{Limit, Unit};
    use crate::domain::procedure::{LimitSource, Measure, Procedure, Section, Step, StepKind};
    let mut ground = Step::new(
        "ground",
        "Ground wire resistance",
        StepKind::Measure(Measure {
            unit: Unit::Ohm,
            limit: Some(Limit::AtMost("0.5".parse().unwrap())),
            source: LimitSource {
                verified: true,
                text: "test".to_owned(),
            },
        }),
    );
    ground.safety = true;
    Procedure {
        code: "test-pump".to_owned(),
        title: "Test pump".to_owned(),
        activity: "incoming inspection".to_owned(),
        version: "1".to_owned(),
        sections: vec![Section {
            title: "All".to_owned(),
            steps: vec![Step::new("look", "Look at it", StepKind::Check), ground],
        }],
        ..Procedure::default()
    }
}

#[test]
fn an_incoming_inspection_from_start_to_a_signature_that_holds() {
    use crate::domain::inspection::{Answer, AnswerOrigin, InspectionCommand};
    use crate::domain::measure::{Reading, Unit};
    use crate::domain::signature::Meaning;

    let dir = tempfile::tempdir().unwrap();
    let (bench, _) = Bench::open(options(dir.path())).unwrap();
    let mut session = Session::new(Arc::new(bench), "jd");
    let add = DeviceCommand::Add {
        fields: Vec::new(),
        stage: Stage::Received,
        origin: Origin::Entered,
    };
    let made = session.tell(Command::Device(add)).unwrap();
    let device = made.made(Kind::Device).unwrap().what.id;
    assert_eq!(made.made(Kind::Device).unwrap().name, "TMP-T-0001");
    let document = procedure();
    let hash = document.hash().0;
    session
        .tell(Command::ImportProcedure {
            procedure: Box::new(document),
            source: "test".to_owned(),
        })
        .unwrap();
    session
        .tell(Command::AdoptProcedure {
            hash,
            by: "Dr. Test".to_owned(),
            against: "Manual 1".to_owned(),
            note: String::new(),
        })
        .unwrap();
    let proposed = session
        .procedures_for(device, "incoming inspection")
        .unwrap();
    assert_eq!(proposed[0].hash, hash);
    let acknowledged = session.warnings(device, None).unwrap();
    let started = session
        .tell(Command::Inspection(InspectionCommand::Start {
            device,
            order: None,
            procedure: hash,
            performed: None,
            acknowledged,
            tools: Vec::new(),
        }))
        .unwrap();
    let inspection = started.made(Kind::Inspection).unwrap().what.id;
    let answer = |step: &str, answer: Answer| {
        session
            .tell(Command::Inspection(InspectionCommand::Answer {
                inspection,
                step: step.into(),
                point: None,
                answer,
                origin: AnswerOrigin::Key,
                again: None,
                reason: String::new(),
            }))
            .unwrap()
    };
    answer("look", Answer::Pass);
    answer(
        "ground",
        Answer::Reading(Reading::parse("0.12", Unit::Ohm).unwrap()),
    );
    session.enrol_key("jd", "correct horse").unwrap();
    session.unlock("correct horse").unwrap();
    let request = super::SignRequest {
        inspection,
        meaning: Meaning::Performed,
        minutes: None,
        cause: None,
    };
    let signed = session.sign(&request).unwrap();
    assert!(
        signed.lines.iter().any(|line| line.contains("in service")),
        "{:?}",
        signed.lines
    );
    let check = session.check_record(inspection).unwrap();
    assert!(check.ok, "{:?}", check.problems);
    let sheet = session.device(device).unwrap();
    assert_eq!(sheet.device.stage(), Stage::InService);
    assert!(sheet.device.holds.is_empty() && sheet.open_orders.is_empty());
    assert_eq!(sheet.closed_orders.len(), 1);
    let digest = session.digest().unwrap();
    session.rebuild(&mut |_| {}).unwrap();
    assert_eq!(session.digest().unwrap(), digest);
}

#[test]
fn a_standing_clock_makes_no_real_store() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |dir: &std::path::Path| {
        Bench::open(BenchOptions {
            clock: Clock::set(0),
            ..options(dir)
        })
        .err()
        .unwrap()
    };
    let refusal = refused(dir.path());
    assert!(refusal.to_string().contains("demonstration"), "{refusal}");
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        0,
        "nothing was left behind"
    );
    // What is no folder is the store's trouble, whatever the clock says.
    std::fs::write(dir.path().join("store"), "a file").unwrap();
    let trouble = refused(dir.path());
    assert!(!trouble.to_string().contains("demonstration"), "{trouble}");
}
