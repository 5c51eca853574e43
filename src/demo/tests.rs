//! The demo as a whole: the same twice, another with another seed, and sound by the rules of the shop.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;
use crate::bench::query::{Answer, DeviceSheet, OrderFilter, OrderRow, OrderSheet, Query};
use crate::bench::{BenchOptions, Session, Tuning};
use crate::domain::device::{Field, HoldKind, Origin, Stage, Whereabouts};
use crate::domain::id::EntityId;
use crate::domain::inspection::InspectionStatus;
use crate::domain::order::{HoldReason, OrderKind, OutcomeCode, Status};
use crate::domain::tool::ToolStatus;

fn options(devices: u32, seed: u64) -> DemoOptions {
    DemoOptions {
        devices,
        seed,
        today: NaiveDate::from_ymd_opt(2026, 11, 23).unwrap(),
    }
}

fn open(dir: &Path, options: &DemoOptions) -> Bench {
    let (bench, _) = Bench::open(BenchOptions {
        dir: dir.join("store"),
        state_dir: dir.join("state"),
        user: "demo".into(),
        new: Some(options.new_store()),
        clock: options.clock(),
        progress: None,
        tuning: Tuning {
            ballast_bytes: 0,
            floor_bytes: 1 << 16,
            background: false,
            ..Tuning::default()
        },
    })
    .unwrap();
    bench
}

/// Every file of a folder with its bytes.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(dir)
        .unwrap()
        .flatten()
        .map(|file| {
            (
                file.file_name().to_string_lossy().into_owned(),
                std::fs::read(file.path()).unwrap(),
            )
        })
        .collect()
}

struct Demo {
    dir: tempfile::TempDir,
    bench: Bench,
    summary: Summary,
}

fn made(devices: u32, seed: u64) -> Demo {
    let dir = tempfile::tempdir().unwrap();
    let options = options(devices, seed);
    let bench = open(dir.path(), &options);
    let summary = fill(&bench, &options, &mut |_| {}).unwrap();
    Demo {
        dir,
        bench,
        summary,
    }
}

impl Demo {
    fn devices(&self) -> Vec<DeviceSheet> {
        fleet(self.summary.devices, 7, options(1, 7).today)
            .iter()
            .map(|planned| {
                let Answer::Cards(cards) =
                    self.bench.ask(&Query::Named(planned.tag.clone())).unwrap()
                else {
                    panic!("no cards");
                };
                let card = cards.iter().find(|card| card.tag == planned.tag).unwrap();
                self.device(card.id)
            })
            .collect()
    }

    fn device(&self, id: EntityId) -> DeviceSheet {
        let Answer::Device(sheet) = self.bench.ask(&Query::Device(id)).unwrap() else {
            panic!("no device")
        };
        *sheet
    }

    fn open_orders(&self) -> Vec<OrderRow> {
        let mut rows = Vec::new();
        loop {
            let query = Query::Orders {
                filter: OrderFilter::default(),
                offset: rows.len(),
                limit: 500,
            };
            let Answer::Orders(window) = self.bench.ask(&query).unwrap() else {
                panic!("no orders")
            };
            rows.extend(window.rows);
            if rows.len() >= window.total {
                return rows;
            }
        }
    }

    /// Every order from the first number on, until one is missing.
    fn orders(&self) -> Vec<OrderSheet> {
        (1..)
            .map_while(|number| {
                match self
                    .bench
                    .ask(&Query::OrderNumbered(format!("SBR-{number:05}")))
                {
                    Ok(Answer::Order(sheet)) => Some(*sheet),
                    _ => None,
                }
            })
            .collect()
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
    let one = made(90, 7);
    let two = made(90, 7);
    let other = made(90, 8);
    let journal = |demo: &Demo| files(&demo.dir.path().join("store/journal"));
    assert!(!journal(&one).is_empty());
    assert_eq!(journal(&one), journal(&two));
    assert_ne!(journal(&one), journal(&other));
    assert_eq!(one.bench.digest().unwrap(), two.bench.digest().unwrap());
    assert_ne!(one.bench.digest().unwrap(), other.bench.digest().unwrap());
    assert_eq!(one.summary, two.summary);
    let keys = |demo: &Demo| files(&demo.dir.path().join("store/technicians"));
    assert_eq!(keys(&one), keys(&two));
    // Asked again, it changes nothing.
    let entries = one.bench.digest().unwrap();
    one.bench.clock().move_to(options(90, 7).end());
    let again = fill(&one.bench, &options(90, 7), &mut |_| {}).unwrap();
    assert_eq!(again.entries, 0);
    assert_eq!(one.bench.digest().unwrap(), entries);
}

#[test]
fn a_hospital_that_keeps_the_rules_of_the_shop() {
    let demo = made(320, 7);
    let verified = demo.bench.verify().unwrap();
    assert!(verified.ok, "{verified:?}");

    let devices = demo.devices();
    assert_eq!(devices.len(), 320);
    let mut stages: BTreeMap<Stage, u32> = BTreeMap::new();
    for sheet in &devices {
        let device = &sheet.device;
        *stages.entry(device.stage()).or_default() += 1;
        let accepted = device.origin == Some(Origin::TakenOver)
            || device
                .inspections
                .get("incoming inspection")
                .is_some_and(|i| i.outcome.is_pass());
        assert!(
            device.stage() != Stage::InService || accepted,
            "{} came into service by itself",
            device.tag()
        );
        for field in [
            Field::Serial,
            Field::Manufacturer,
            Field::Model,
            Field::TypeCode,
            Field::Department,
        ] {
            assert!(
                !device.text(field).is_empty(),
                "{} without {}",
                device.tag(),
                field.label()
            );
        }
    }
    assert!(stages[&Stage::InService] > 290, "{stages:?}");

    // Numbers without gaps, and nothing beyond them.
    let orders = demo.orders();
    let open = demo.open_orders();
    let still: BTreeSet<&str> = open.iter().map(|row| row.number.as_str()).collect();
    let counted = orders
        .iter()
        .filter(|sheet| sheet.order.status.is_open())
        .count();
    assert_eq!(still.len(), open.len());
    assert_eq!(counted, open.len(), "an order lies behind a gap");

    // Outcomes as in a real shop.
    let closed: Vec<&OrderSheet> = orders
        .iter()
        .filter(|o| o.order.opening.kind == OrderKind::Pm && o.order.closing.is_some())
        .collect();
    let of = |code| {
        closed
            .iter()
            .filter(|o| o.order.closing.as_ref().unwrap().outcome == Some(code))
            .count()
    };
    let (passed, corrected) = (of(OutcomeCode::Passed), of(OutcomeCode::Corrective));
    assert_eq!(passed + corrected, closed.len());
    assert!(
        corrected * 100 / closed.len() >= 2 && corrected * 100 / closed.len() <= 12,
        "{corrected} of {}",
        closed.len()
    );
    assert!(orders.iter().any(|o| !o.order.attempts.is_empty()));

    // Every signature of the last ones holds.
    let mut checked = 0;
    for sheet in devices.iter().take(40) {
        for row in sheet
            .inspections
            .iter()
            .filter(|row| row.status == InspectionStatus::Signed)
        {
            let check = demo.bench.check_record(row.id).unwrap();
            assert!(check.ok, "{:?}", check.problems);
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked}");
}

#[test]
fn a_morning_with_work_waiting() {
    let demo = made(320, 7);
    let today = options(1, 7).today;
    let open = demo.open_orders();
    let mine: Vec<&OrderRow> = open
        .iter()
        .filter(|o| o.assignee.as_deref() == Some(TECHNICIAN))
        .collect();
    assert!(
        mine.iter().filter(|o| o.kind == OrderKind::Pm).count() >= 12,
        "{}",
        mine.len()
    );
    assert!(
        open.iter()
            .any(|o| o.assignee.is_none() && o.kind == OrderKind::Pm)
    );
    assert!(
        open.iter().any(|o| o.due.is_some_and(|due| due < today)),
        "nothing is late"
    );
    assert!(open.iter().any(|o| o.status == Status::OnHold));
    assert!(
        open.iter()
            .any(|o| o.status == Status::InProgress && o.kind == OrderKind::Repair)
    );
    assert!(open.iter().any(|o| o.kind == OrderKind::Recall));
    assert!(
        open.iter().any(|o| o.inspection.is_some()),
        "nobody's inspection is half done"
    );
    let on_hold = |reason| {
        open.iter()
            .filter(|row| row.status == Status::OnHold)
            .any(|row| {
                let Ok(Answer::Order(sheet)) = demo.bench.ask(&Query::Order(row.id)) else {
                    return false;
                };
                sheet
                    .order
                    .hold
                    .as_ref()
                    .is_some_and(|(why, _, chase)| *why == reason && chase.is_some())
            })
    };
    assert!(on_hold(HoldReason::Parts) && on_hold(HoldReason::Vendor));

    let devices = demo.devices();
    let held = |kind| {
        devices
            .iter()
            .filter(|sheet| sheet.device.hold(kind).is_some())
            .count()
    };
    assert_eq!(held(HoldKind::Sequestered), 1);
    assert!(held(HoldKind::Recall) > 0);
    assert!(held(HoldKind::IncomingInspection) > 0);
    assert!(
        devices
            .iter()
            .any(|sheet| matches!(sheet.device.whereabouts, Whereabouts::Missing { .. }))
    );
    assert!(
        devices
            .iter()
            .any(|sheet| matches!(sheet.device.whereabouts, Whereabouts::SentOut { .. }))
    );
    assert!(devices.iter().any(|sheet| !sheet.modules.is_empty()));
    assert!(
        devices
            .iter()
            .any(|sheet| sheet.device.key(Field::Ownership) == "loaner")
    );

    // The corners of every list: two tags of one device after a combination, one serial at two makers, a loaner that
    // should be back, a delivery of which a part is missing.
    let combined = devices
        .iter()
        .find(|sheet| {
            sheet
                .device
                .aliases
                .iter()
                .any(|alias| alias.ends_with("-B"))
        })
        .expect("a combined pair");
    let temporary =
        combined.device.aliases.iter().find(|alias| {
            !alias.starts_with("SB-") && **alias != combined.device.text(Field::Serial)
        });
    assert!(temporary.is_some(), "{:?}", combined.device.aliases);
    for name in &combined.device.aliases {
        let Answer::Cards(cards) = demo.bench.ask(&Query::Named(name.clone())).unwrap() else {
            panic!("no cards")
        };
        assert!(
            cards.iter().any(|card| card.tag == combined.device.tag()),
            "{name} does not find {}",
            combined.device.tag()
        );
    }
    let mut serials: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for sheet in &devices {
        serials
            .entry(sheet.device.text(Field::Serial))
            .or_default()
            .insert(sheet.device.text(Field::Manufacturer));
    }
    assert_eq!(
        serials.values().filter(|makers| makers.len() == 2).count(),
        1
    );
    assert!(devices.iter().any(|sheet| {
        sheet.device.key(Field::Ownership) == "loaner"
            && sheet
                .device
                .date(Field::ReturnBy)
                .is_some_and(|back| back < today)
    }));
    assert!(
        on_hold(HoldReason::PurchaseOrder),
        "no delivery is waited for"
    );

    let Answer::Tools(tools) = demo.bench.ask(&Query::Tools).unwrap() else {
        panic!("no tools")
    };
    assert_eq!(
        tools
            .iter()
            .filter(|row| matches!(row.status, ToolStatus::OutOfCalibration(_)))
            .count(),
        1
    );
    assert!(
        tools
            .iter()
            .any(|row| matches!(row.status, ToolStatus::Good(due) if (due - today).num_days() < 8))
    );

    // The default technician's key opens with the passphrase on the screen.
    let mut session = Session::new(Arc::new(demo.bench), TECHNICIAN);
    session.unlock(PASSPHRASE).unwrap();
    assert!(session.is_unlocked());
}
