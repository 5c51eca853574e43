//! Two devices, or two records, in one act.

use crate::domain::context::World as _;
use crate::domain::device::record::changed;
use crate::domain::device::{
    DeviceCommand, DeviceEvent, Field, HoldKind, Stage, Value, Whereabouts,
};
use crate::domain::id::EntityId;
use crate::domain::order::OrderKind;
use crate::domain::scenario::{Shop, missing, place, sent_out, stage};

fn combine(keep: EntityId, other: EntityId) -> DeviceCommand {
    DeviceCommand::Combine {
        keep,
        other,
        reason: "one device, two lists".into(),
    }
}

fn separate(keep: EntityId, other: EntityId) -> DeviceCommand {
    DeviceCommand::Separate {
        keep,
        other,
        reason: "two devices after all".into(),
    }
}

fn swap(out: EntityId, with: EntityId) -> DeviceCommand {
    DeviceCommand::Swap {
        out,
        with,
        reason: String::new(),
    }
}

#[test]
fn two_records_become_one_and_are_two_again() {
    let mut shop = Shop::new();
    let keep = shop.pump("BM-1", "SN1");
    let other = shop.pump("A-900", "SN-1X");
    shop.ok(combine(keep, other));
    for name in ["BM-1", "A-900", "SN-1X"] {
        assert_eq!(shop.world.devices_named(name), [keep], "{name}");
    }
    assert!(shop.refused(combine(keep, other)).contains("was combined"));
    shop.ok(separate(keep, other));
    assert_eq!(shop.world.devices_named("A-900"), [other]);
    assert_eq!(shop.world.devices_named("BM-1"), [keep]);
    assert!(shop.refused(separate(keep, other)).contains("not combined"));
    assert!(shop.refused(combine(keep, keep)).contains("same record"));
}

#[test]
fn a_record_whose_tag_was_given_away_is_not_separated_before_that_is_settled() {
    let mut shop = Shop::new();
    let keep = shop.pump("BM-1", "SN1");
    let other = shop.pump("A-900", "SN2");
    shop.ok(combine(keep, other));
    let third = shop.pump("BM-2", "SN3");
    let retag = DeviceCommand::Retag {
        device: third,
        tag: "A-900".into(),
        reason: String::new(),
    };
    assert!(shop.refused(retag).contains("earlier label"));
    // Another shop that did not know of the earlier label gave it away.
    let change = changed(
        &shop.device(third),
        Field::AssetTag,
        Some(Value::Text("A-900".into())),
    );
    let given = DeviceEvent::Retagged {
        old: "BM-2".into(),
        change,
        reason: "new label".into(),
    };
    shop.world.record("mk", &[(third, given).into()]);
    assert!(
        shop.refused(separate(keep, other))
            .contains("A-900 is already on")
    );
    shop.ok(DeviceCommand::Retag {
        device: third,
        tag: "BM-3".into(),
        reason: String::new(),
    });
    shop.ok(separate(keep, other));
}

#[test]
fn holds_are_carried_over_and_never_lost_on_the_way_back() {
    let mut shop = Shop::new();
    let keep = shop.pump("BM-1", "SN1");
    let other = shop.pump("A-900", "SN2");
    shop.inspect(keep, "electrical safety", false);
    shop.inspect(other, "annual PM", false);
    for device in [keep, other] {
        for order in shop.world.open_orders(device) {
            shop.ok(crate::domain::scenario::close(order, "crack", "new case"));
        }
    }
    shop.ok(combine(keep, other));
    // Each failure is answered by its own test.
    let failed = |shop: &Shop| {
        let holds = shop.device(keep).holds;
        holds
            .iter()
            .filter(|h| h.kind == HoldKind::FailedTest)
            .count()
    };
    assert_eq!(failed(&shop), 2);
    shop.inspect(keep, "electrical safety", true);
    shop.ok(separate(keep, other));
    assert!(shop.hold(other, HoldKind::FailedTest).is_some());
    shop.inspect(keep, "annual PM", true);
    assert_eq!(failed(&shop), 0);
}

#[test]
fn nothing_is_done_on_a_record_that_stands_for_nothing() {
    let mut shop = Shop::new();
    let keep = shop.pump("BM-1", "SN1");
    let other = shop.pump("A-900", "SN2");
    let third = shop.pump("BM-3", "SN3");
    shop.ok(combine(keep, other));
    for command in [
        stage(other, Stage::Retired),
        place(other, missing()),
        swap(other, third),
        swap(third, other),
        combine(third, other),
        combine(other, third),
        DeviceCommand::Note {
            device: other,
            text: "seen".into(),
        },
    ] {
        let what = shop.refused(command);
        assert!(what.contains("combined into the record of BM-1"), "{what}");
    }
    assert!(shop.set(other, Field::Location, "ER").is_err());
    assert!(shop.start(other, "annual PM").is_err());
}

#[test]
fn a_record_with_open_work_is_not_combined_away() {
    let mut shop = Shop::new();
    let keep = shop.pump("BM-1", "SN1");
    let other = shop.pump("A-900", "SN2");
    shop.open(OrderKind::Repair, other);
    assert!(
        shop.refused(combine(keep, other))
            .contains("open work orders: SHOP-00001")
    );
    shop.ok(combine(other, keep));
}

#[test]
fn a_swap_takes_a_device_that_is_passed_current_and_here() {
    let mut shop = Shop::new();
    let out = shop.pump("BM-1", "SN1");
    let with = shop.pump("BM-2", "SN2");
    shop.set(out, Field::Location, "Bed 4").unwrap();
    shop.set(with, Field::Location, "Store").unwrap();
    assert!(
        shop.refused(swap(out, with))
            .contains("last inspection is missing")
    );
    shop.open(OrderKind::Pm, with);
    shop.inspect(with, "annual PM", true);

    let hold = DeviceCommand::Hold {
        device: with,
        kind: HoldKind::DoNotUse,
        reason: "cracked".into(),
    };
    let mut held = Shop {
        world: shop.world.clone(),
    };
    held.ok(hold);
    assert!(
        held.refused(swap(out, with))
            .contains("do not use: cracked")
    );
    let mut late = Shop {
        world: shop.world.clone(),
    };
    late.world.pass_days(400);
    assert!(late.refused(swap(out, with)).contains("overdue"));
    let mut due = Shop {
        world: shop.world.clone(),
    };
    due.open_due(OrderKind::Calibration, with, Some("2026-03-01"));
    assert!(due.refused(swap(out, with)).contains("is overdue"));
    let mut away = Shop {
        world: shop.world.clone(),
    };
    away.ok(place(with, sent_out()));
    assert!(away.refused(swap(out, with)).contains("cannot replace"));
    assert!(shop.refused(swap(out, out)).contains("same device"));

    shop.ok(swap(out, with));
    let (old, new) = (shop.device(out), shop.device(with));
    assert_eq!(new.text(Field::Location), "Bed 4");
    assert_eq!(old.text(Field::Location), "Store");
    assert_eq!(old.stage(), Stage::OutOfService);
    assert_eq!(new.stage(), Stage::InService);
}

#[test]
fn a_device_that_comes_back_with_another_serial_is_an_exchange() {
    let mut shop = Shop::new();
    let sent = shop.pump("BM-1", "SN1");
    let back = |serial: &str| DeviceCommand::Exchange {
        device: sent,
        serial: serial.into(),
        reason: String::new(),
    };
    assert!(shop.refused(back("SN9")).contains("not sent out"));
    shop.ok(place(sent, sent_out()));
    assert!(shop.refused(back("sn-1")).contains("was sent out"));
    assert!(shop.refused(back(" ")).contains("missing"));
    let came = shop.ok(back("SN9")).events[0].id;
    let device = shop.device(came);
    assert_eq!(device.tag(), "TMP-SHOP-0001");
    assert_eq!(device.name(), "Acme Drip 3");
    assert_eq!(device.stage(), Stage::Received);
    assert!(shop.hold(came, HoldKind::IncomingInspection).is_some());
    shop.refused(stage(came, Stage::InService));
    let gone = shop.device(sent);
    assert_eq!(gone.stage(), Stage::Disposed);
    assert_eq!(gone.whereabouts, Whereabouts::AtLocation);
    assert_eq!(shop.world.devices_named("SN9"), [came]);
}
