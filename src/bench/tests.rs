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

/// Records events as they are, as if their writer had seen nothing of the values they replace.
pub(crate) fn record_unseen(
    bench: &Bench,
    actor: &str,
    events: &[crate::domain::event::Addressed],
) {
    use std::cell::RefCell;
    let seq = bench.store.write().next_dot(0).seq;
    let context = bench.context(&bench.view(), actor, seq, None);
    let id = super::new_command_id().unwrap();
    let draft = super::service::draft(id, actor, 0, &context, events).unwrap();
    let cell = RefCell::new(bench.store.write());
    cell.borrow_mut().stage(draft).unwrap();
    cell.into_inner().commit().unwrap();
    let changed: Vec<_> = events
        .iter()
        .map(crate::domain::event::Addressed::to)
        .collect();
    bench.after(&changed).unwrap();
}

/// A change of a field by somebody who had not seen what stood there.
pub(crate) fn unseen_edit(
    device: crate::domain::id::EntityId,
    field: Field,
    text: &str,
) -> crate::domain::event::Addressed {
    use crate::domain::device::{DeviceEvent, FieldChange};
    let change = FieldChange {
        field,
        old: None,
        new: field.parse(text).unwrap(),
        replaces: Vec::new(),
    };
    let event = DeviceEvent::Edited {
        changes: vec![change],
        reason: String::new(),
    };
    (device, event).into()
}

fn pump(session: &Session, tag: &str, serial: &str) -> crate::domain::id::EntityId {
    let fields = [
        (Field::AssetTag, tag),
        (Field::Serial, serial),
        (Field::Manufacturer, "Acme"),
        (Field::Model, "Drip 3"),
        (Field::Department, "ICU"),
    ];
    let add = DeviceCommand::Add {
        fields: fields
            .iter()
            .map(|(field, text)| (*field, Value::Text((*text).to_owned())))
            .collect(),
        stage: Stage::InService,
        origin: Origin::TakenOver,
    };
    let receipt = session.tell(Command::Device(add)).unwrap();
    receipt.made(Kind::Device).unwrap().what.id
}

#[test]
fn the_inbox_shows_what_is_in_conflict_until_it_is_settled() {
    use crate::domain::merge::{ConflictKind, Settle};
    let dir = tempfile::tempdir().unwrap();
    let (bench, _) = Bench::open(options(dir.path())).unwrap();
    let bench = Arc::new(bench);
    let session = Session::new(Arc::clone(&bench), "jd");
    let device = pump(&session, "BME-1", "SN-77");
    assert_eq!(session.conflicts(0, 10).unwrap().total, 0);
    record_unseen(
        &bench,
        "mk",
        &[unseen_edit(device, Field::Department, "ER")],
    );
    record_unseen(
        &bench,
        "mk",
        &[unseen_edit(device, Field::AssetTag, "BME-9")],
    );
    assert_eq!(session.shop().unwrap().conflicts, 2);
    let rows = session.conflicts(0, 10).unwrap().rows;
    let row = rows
        .iter()
        .find(|row| row.conflict.fact == "department")
        .unwrap();
    assert_eq!(row.conflict.kind, ConflictKind::Values);
    assert_eq!(row.sites, ["Test shop", "Test shop"]);
    assert_eq!(row.what, "Acme Drip 3");
    let values: Vec<_> = row
        .conflict
        .sides
        .iter()
        .map(|side| side.value.clone())
        .collect();
    assert_eq!(values, ["ICU", "ER"]);
    // Both labels find it.
    for tag in ["BME-1", "BME-9"] {
        assert_eq!(session.named(tag).unwrap()[0].id, device, "{tag}");
    }
    for row in &rows {
        let settle = Settle {
            about: row.about,
            fact: row.conflict.fact.clone(),
            choose: row.conflict.sides[0].stamp.dot,
        };
        session.tell(Command::Settle(settle)).unwrap();
    }
    assert_eq!(session.conflicts(0, 10).unwrap().total, 0);
    let sheet = session.device(device).unwrap();
    assert_eq!(sheet.device.text(Field::Department), "ICU");
    assert_eq!(sheet.device.tag(), "BME-1");
    assert_eq!(
        session.named("BME-9").unwrap()[0].id,
        device,
        "still an alias"
    );
    let digest = session.digest().unwrap();
    session.rebuild(&mut |_| {}).unwrap();
    assert_eq!(session.digest().unwrap(), digest);
}

#[test]
fn devices_with_one_tag_or_one_serial_are_in_the_inbox_until_they_are_told_apart() {
    use crate::domain::merge::{ConflictKind, Settle};
    let dir = tempfile::tempdir().unwrap();
    let (bench, _) = Bench::open(options(dir.path())).unwrap();
    let bench = Arc::new(bench);
    let session = Session::new(Arc::clone(&bench), "jd");
    let first = pump(&session, "BME-1", "SN-77");
    let second = pump(&session, "BME-2", "SN-77");
    pump(&session, "BME-3", "SN-78");
    let kinds = || -> Vec<ConflictKind> {
        let rows = session.conflicts(0, 10).unwrap().rows;
        rows.iter().map(|row| row.conflict.kind).collect()
    };
    assert_eq!(kinds(), [ConflictKind::DuplicateSerial]);
    session.rebuild(&mut |_| {}).unwrap();
    let row = session.conflicts(0, 10).unwrap().rows.remove(0);
    assert_eq!(row.conflict.sides.len(), 2);
    let settle = Settle {
        about: row.about,
        fact: row.conflict.fact.clone(),
        choose: row.conflict.shown,
    };
    // They may be two devices after all: said once, asked no more, until a third one comes.
    session.tell(Command::Settle(settle.clone())).unwrap();
    assert_eq!(kinds(), []);
    session.tell(Command::Settle(settle)).unwrap_err();
    let third = pump(&session, "BME-4", "SN-77");
    assert_eq!(kinds(), [ConflictKind::DuplicateSerial]);
    session
        .tell(Command::Device(DeviceCommand::Combine {
            keep: first,
            other: third,
            reason: "one device".to_owned(),
        }))
        .unwrap();
    assert_eq!(kinds(), []);
    // One tag on two devices is never only read.
    record_unseen(
        &bench,
        "mk",
        &[unseen_edit(second, Field::AssetTag, "BME-1")],
    );
    let rows = session.conflicts(0, 10).unwrap().rows;
    let row = rows
        .into_iter()
        .find(|row| row.conflict.kind == ConflictKind::DuplicateTag)
        .unwrap();
    let settle = Settle {
        about: row.about,
        fact: row.conflict.fact.clone(),
        choose: row.conflict.shown,
    };
    let refused = session.tell(Command::Settle(settle)).unwrap_err();
    assert!(refused.to_string().contains("choosing one"), "{refused}");
    session
        .tell(Command::Device(DeviceCommand::Retag {
            device: second,
            tag: "BME-7".to_owned(),
            reason: String::new(),
        }))
        .unwrap();
    assert_eq!(kinds(), []);
    assert_eq!(session.shop().unwrap().conflicts, 0);
}
