//! Key scripts on the inbox of conflicts, and the marks on the pages of what is in conflict.

use crate::bench::tests::{record_unseen, unseen_edit};
use crate::domain::device::{DeviceCommand, Field, Value};
use crate::domain::id::EntityId;
use crate::tui::app::screen::Place;
use crate::tui::screens::device::DeviceScreen;
use crate::tui::screens::steps::testing::{Desk, Shop};

/// A shop with one device whose department and serial somebody elsewhere wrote too.
fn contested() -> (Shop, EntityId) {
    let shop = Shop::open();
    let device = shop.device("BME-1", "QQQ");
    shop.session
        .tell(crate::domain::command::Command::Device(
            DeviceCommand::Set {
                device,
                changes: vec![(Field::Location, Some(Value::Text("Room 4".into())))],
                reason: String::new(),
                expected: None,
            },
        ))
        .unwrap();
    shop.wait(60);
    for (field, text) in [(Field::Location, "Room 9"), (Field::Serial, "SN-2")] {
        record_unseen(&shop.bench, "mk", &[unseen_edit(device, field, text)]);
    }
    (shop, device)
}

#[test]
fn both_sides_are_shown_and_one_key_settles() {
    let (shop, device) = contested();
    let mut desk = Desk::new(shop, Place::Conflicts);
    insta::assert_snapshot!("conflicts-80x24", desk.shot(80, 24));
    insta::assert_snapshot!("conflicts-40x12", desk.shot(40, 12));
    insta::assert_snapshot!("conflicts-120x40", desk.shot(120, 40));
    let open = |desk: &Desk| desk.session().conflicts(0, 9).unwrap().rows;
    let first = open(&desk)[0].conflict.clone();
    // The later value is shown; the other one is taken with one key.
    desk.keys("o");
    assert_eq!(open(&desk).len(), 1, "{}", desk.last_said());
    assert!(desk.last_said().starts_with("Settled: "));
    let field = Field::from_key(&first.fact).unwrap();
    let other = first.sides.iter().find(|s| s.stamp.dot != first.shown);
    let now = desk.session().device(device).unwrap().device;
    assert_eq!(now.text(field), other.unwrap().value);
    desk.keys("k");
    assert!(open(&desk).is_empty());
    let shot = desk.shot(80, 24);
    assert!(shot.contains("Nothing is in conflict"), "{shot}");
    desk.keys("k o enter");
    assert_eq!(desk.told, 2);
}

#[test]
fn enter_asks_which_side_and_settles_nothing_by_itself() {
    let (shop, _) = contested();
    let mut desk = Desk::new(shop, Place::Conflicts);
    desk.keys("enter");
    assert_eq!(desk.told, 0);
    insta::assert_snapshot!("choose-80x24", desk.shot(80, 24));
    desk.keys("esc");
    let mut desk = {
        let (shop, _) = contested();
        Desk::new(shop, Place::Conflicts)
    };
    desk.keys("enter down enter");
    assert_eq!(desk.told, 1);
    assert_eq!(desk.session().conflicts(0, 9).unwrap().total, 1);
    // The last row of the list leads to the record.
    desk.keys("enter down down enter");
    assert!(matches!(desk.went.last(), Some(Place::Device(_))));
}

#[test]
fn two_devices_with_one_serial_are_told_apart_on_their_pages() {
    let shop = Shop::open();
    for tag in ["BME-1", "BME-2"] {
        let device = shop.device(tag, "QQQ");
        for (field, text) in [
            (Field::Serial, "SAME-1"),
            (Field::Manufacturer, "Acme"),
            (Field::Model, "Drip 3"),
        ] {
            let new = field.parse(text).unwrap();
            shop.session
                .tell(crate::domain::command::Command::Device(
                    DeviceCommand::Set {
                        device,
                        changes: vec![(field, new)],
                        reason: String::new(),
                        expected: None,
                    },
                ))
                .unwrap();
        }
    }
    let mut desk = Desk::new(shop, Place::Conflicts);
    let shot = desk.shot(80, 24);
    assert!(shot.contains("one serial on two devices"), "{shot}");
    desk.keys("o");
    assert_eq!(desk.told, 0);
    desk.keys("enter");
    assert!(matches!(desk.went.last(), Some(Place::Device(_))));
    assert!(desk.last_said().contains("combine"), "{}", desk.last_said());
    // They are two devices: one key says so.
    desk.keys("k");
    assert_eq!(desk.session().conflicts(0, 9).unwrap().total, 0);
}

#[test]
fn a_device_page_marks_what_shops_disagree_about() {
    let (shop, device) = contested();
    let mut desk = Desk::showing(shop, Box::new(DeviceScreen::new(device)));
    insta::assert_snapshot!("device-80x24", desk.shot(80, 24));
    desk.keys("home enter");
    assert_eq!(desk.went.last(), Some(&Place::Conflicts));
}
