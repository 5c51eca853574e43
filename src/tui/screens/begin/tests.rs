//! Key scripts from a device to step 1.

use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, HoldKind};
use crate::domain::order::OrderKind;
use crate::keymap::Context;
use crate::tui::app::screen::Place;
use crate::tui::screens::steps::testing::{Desk, Shop};

fn begin(shop: Shop, device: crate::domain::id::EntityId) -> Desk {
    Desk::new(
        shop,
        Place::Begin {
            device,
            order: None,
        },
    )
}

#[test]
fn with_nothing_to_read_step_one_is_in_front_at_once() {
    let shop = Shop::open();
    let device = shop.device("BME-1", "FRN");
    shop.pm(device);
    let desk = begin(shop, device);
    assert!(matches!(desk.went.last(), Some(Place::Checklist(_))));
    assert_eq!(desk.told, 1);
}

#[test]
fn warnings_are_read_and_acknowledged_by_one_key() {
    let shop = Shop::open();
    let device = shop.device("BME-1", "FRN");
    shop.pm(device);
    shop.order(device, OrderKind::Repair, "", "case cracked");
    shop.session
        .tell(Command::Device(DeviceCommand::Hold {
            device,
            kind: HoldKind::Recall,
            reason: "field action 2026-11".to_owned(),
        }))
        .unwrap();
    let mut desk = begin(shop, device);
    assert_eq!(desk.contexts(), [Context::Alerts]);
    assert_eq!(desk.told, 0);
    let shot = desk.shot(80, 24);
    assert!(shot.contains("field action 2026-11"), "{shot}");
    assert!(shot.contains("case cracked"), "{shot}");
    insta::assert_snapshot!("begin-80x24", shot);
    insta::assert_snapshot!("begin-40x12", desk.shot(40, 12));
    desk.press("a", true, false);
    assert_eq!(desk.told, 0, "a held key acknowledges nothing");
    desk.keys("a");
    assert!(matches!(desk.went.last(), Some(Place::Checklist(_))));
    let Some(Place::Checklist(id)) = desk.went.last().cloned() else {
        panic!("in the checklist")
    };
    let record = desk.session().inspection(id).unwrap().inspection;
    assert_eq!(record.acknowledged.len(), 2);
}

#[test]
fn of_several_orders_one_is_chosen_by_a_person() {
    let shop = Shop::open();
    let device = shop.device("BME-1", "FRN");
    shop.pm(device);
    shop.order(device, OrderKind::Pm, "semi-annual PM", "");
    let mut desk = begin(shop, device);
    assert_eq!(desk.told, 0);
    assert_eq!(desk.contexts(), [Context::Dialog]);
    insta::assert_snapshot!("begin-orders-80x24", desk.shot(80, 24));
    desk.keys("2");
    // The other order is a warning to be read.
    assert_eq!(desk.contexts(), [Context::Alerts]);
    desk.keys("a");
    assert!(matches!(desk.went.last(), Some(Place::Checklist(_))));
}

#[test]
fn an_unadopted_procedure_is_seen_before_it_begins() {
    let shop = Shop::open();
    let device = shop.device("BME-2", "QQQ");
    shop.pm(device);
    let mut desk = begin(shop, device);
    assert_eq!(desk.told, 0);
    assert!(desk.shot(80, 24).contains("UNVERIFIED"));
    desk.keys("a");
    assert!(matches!(desk.went.last(), Some(Place::Checklist(_))));
    assert!(desk.shot(80, 24).contains("UNVERIFIED"));
}

#[test]
fn an_open_inspection_is_gone_on_with() {
    let shop = Shop::open();
    let id = shop.inspection("BME-1");
    let device = shop.session.inspection(id).unwrap().device.id;
    let desk = begin(shop, device);
    assert_eq!(desk.went.last(), Some(&Place::Checklist(id)));
    assert_eq!(desk.told, 0, "nothing was begun twice");
}

#[test]
fn without_a_procedure_nothing_begins() {
    let shop = Shop::open();
    let device = shop.device("BME-1", "ZZZ");
    shop.pm(device);
    let mut desk = begin(shop, device);
    desk.keys("a");
    assert_eq!(desk.told, 0);
    assert!(desk.shot(80, 24).contains("none on record fits"));
}

#[test]
fn on_a_small_screen_nothing_unseen_is_acknowledged() {
    let shop = Shop::open();
    let device = shop.device("BME-1", "FRN");
    shop.pm(device);
    for i in 0..9 {
        shop.order(
            device,
            OrderKind::Repair,
            "",
            &format!("problem number {i}"),
        );
    }
    let mut desk = begin(shop, device);
    desk.size = (40, 12);
    desk.paint();
    let mut read = String::new();
    let mut presses = 0;
    while desk.told == 0 && presses < 9 {
        read.push_str(&desk.shot(40, 12));
        desk.keys("a");
        presses += 1;
    }
    assert!(presses > 1 && desk.told == 1, "{presses} presses");
    for i in 0..9 {
        assert!(
            read.contains(&format!("number {i}")),
            "problem {i} was on screen"
        );
    }
}
