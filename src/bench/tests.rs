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
    let digest = session.bench().digest().unwrap();
    assert!(session.bench().verify().unwrap().ok);
    drop(session);

    let (bench, _) = Bench::open(options(dir.path())).unwrap();
    let session = Session::new(Arc::new(bench), "jd");
    assert_eq!(session.bench().digest().unwrap(), digest);
    assert_eq!(session.device(id).unwrap().device.tag(), "BME-1");
    assert_eq!(session.find("acme", 5).unwrap().devices.len(), 1);
    let history = session.history(receipt.made[0].what, 0, 10).unwrap();
    assert_eq!(
        history.total, 2,
        "registered, and held until its incoming inspection"
    );
}
