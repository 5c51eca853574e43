//! Tags, serials and fields.

use crate::domain::context::World as _;
use crate::domain::device::{DeviceCommand, Field, Origin, Stage, Value};
use crate::domain::scenario::{JD, MK, Shop, add, day, value};

#[test]
fn a_device_without_a_label_gets_a_temporary_tag_and_is_found_by_it_for_ever() {
    let mut shop = Shop::new();
    let serial = [(Field::Serial, "SN1")];
    let device = shop.add(&serial, Stage::Received, Origin::Entered);
    assert_eq!(shop.device(device).tag(), "TMP-SHOP-0001");
    let retag = |tag: &str| DeviceCommand::Retag {
        device,
        tag: tag.into(),
        reason: String::new(),
    };
    shop.ok(retag("BM-7"));
    shop.ok(retag("BM-8"));
    assert_eq!(shop.device(device).tag(), "BM-8");
    for name in ["TMP-SHOP-0001", "bm 7", "BM-8", "sn-1"] {
        assert_eq!(shop.world.devices_named(name), [device], "{name}");
    }
    // The number of a temporary tag is not given out again.
    let next = shop.add(&[(Field::Serial, "SN2")], Stage::Received, Origin::Entered);
    assert_eq!(shop.device(next).tag(), "TMP-SHOP-0002");
    assert!(shop.ok(retag("BM-8")).events.is_empty());
}

#[test]
fn a_tag_in_use_is_refused_and_a_serial_in_use_is_not() {
    let mut shop = Shop::new();
    let first = shop.pump("BM-1", "SN1");
    let twin = add(
        &[(Field::AssetTag, "bm 1")],
        Stage::Received,
        Origin::Entered,
    );
    assert!(
        shop.refused(twin)
            .contains("already on Acme Drip 3, serial SN1")
    );
    let second = shop.pump("BM-2", "SN1");
    let mut both = shop.world.devices_named("SN1");
    both.sort();
    let mut added = [first, second];
    added.sort();
    assert_eq!(both, added);
    let retag = DeviceCommand::Retag {
        device: second,
        tag: "BM-1".into(),
        reason: String::new(),
    };
    assert!(shop.refused(retag).contains("already on"));
    assert!(shop.set(second, Field::AssetTag, "BM-1").is_err());
    assert!(shop.set(second, Field::AssetTag, "").is_err());
}

#[test]
fn a_field_takes_only_what_it_can_hold_whoever_asks() {
    let mut shop = Shop::new();
    let device = shop.pump("BM-1", "SN1");
    let wrong = [
        (Field::Serial, Value::Date(day("2026-01-01"))),
        (Field::Serial, Value::Text("  ".into())),
        (Field::HighRisk, Value::Choice(99)),
        (Field::EmRisk, Value::Number(6.into())),
        (Field::AppliedParts, Value::List(vec!["cuff".into()])),
        (Field::AssetTag, Value::Choice(1)),
        (Field::Notes, Value::Text("x".repeat(2_001))),
    ];
    for (field, new) in wrong {
        let fields = vec![(field, new.clone())];
        shop.refused(DeviceCommand::Add {
            fields,
            stage: Stage::Received,
            origin: Origin::Entered,
        });
        shop.refused(DeviceCommand::Set {
            device,
            changes: vec![(field, Some(new))],
            reason: String::new(),
            expected: None,
        });
    }
    let icu = Some(value(Field::Location, "ICU 3"));
    let er = Some(value(Field::Location, "ER"));
    let twice = DeviceCommand::Set {
        device,
        changes: vec![(Field::Location, icu), (Field::Location, er)],
        reason: String::new(),
        expected: None,
    };
    assert!(shop.refused(twice).contains("given twice"));
}

#[test]
fn who_edits_what_somebody_else_changed_meanwhile_is_told() {
    let mut shop = Shop::new();
    let device = shop.pump("BM-1", "SN1");
    let seen = Some(shop.device(device).revision);
    let edit = |room: &str| DeviceCommand::Set {
        device,
        changes: vec![(Field::Location, Some(value(Field::Location, room)))],
        reason: String::new(),
        expected: seen,
    };
    shop.ok_as(MK, edit("ER"));
    let refusal = shop.refused_as(JD, edit("ICU"));
    assert!(
        refusal
            .what
            .starts_with("mk changed this device at 2026-03-02")
    );
}

#[test]
fn a_loaner_says_when_it_goes_back() {
    let mut shop = Shop::new();
    let fields = [
        (Field::AssetTag, "L-1"),
        (Field::Ownership, "vendor loaner"),
        (Field::Owner, "Acme"),
        (Field::ReturnBy, "2026-02-27"),
    ];
    let loaner = shop.add(&fields, Stage::Received, Origin::Entered);
    let device = shop.device(loaner);
    let today = day("2026-03-02");
    assert_eq!(
        device.chased(today),
        ["vendor loaner of Acme, return by 2026-02-27: 3 d late"]
    );
    let lent = crate::domain::device::Whereabouts::OnLoan {
        to: "Ward 4".into(),
        back: Some(day("2026-03-05")),
    };
    shop.ok(crate::domain::scenario::place(loaner, lent));
    assert_eq!(
        shop.device(loaner).chased(today)[1],
        "on loan to Ward 4, back on 2026-03-05"
    );
    shop.ok(crate::domain::scenario::stage(loaner, Stage::Disposed));
    assert!(shop.device(loaner).chased(today).is_empty());
}
