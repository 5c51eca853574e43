//! Key scripts on the tray.

use crate::domain::device::Outcome;
use crate::domain::id::EntityId;
use crate::domain::inspection::Answer;
use crate::tui::app::screen::Place;
use crate::tui::screens::steps::testing::{Desk, Shop};

/// Three open inspections of the short procedure, and one of every kind.
fn tray() -> (Desk, Vec<EntityId>) {
    let mut shop = Shop::open();
    shop.adopt(shop.short);
    shop.unlock();
    let ids: Vec<EntityId> = ["BME-1", "BME-2", "BME-3"]
        .iter()
        .map(|tag| {
            let device = shop.device(tag, "QQQ");
            let order = shop.pm(device);
            shop.start(device, order, shop.short)
        })
        .collect();
    shop.inspection("BME-9");
    (Desk::new(shop, Place::Tray), ids)
}

fn answers(desk: &Desk, id: EntityId) -> Vec<Answer> {
    let record = desk.session().inspection(id).unwrap().inspection;
    record.answers.into_iter().map(|a| a.answer).collect()
}

#[test]
fn one_step_is_walked_across_the_tray_one_answer_each() {
    let (mut desk, ids) = tray();
    insta::assert_snapshot!("tray-80x24", desk.shot(80, 24));
    insta::assert_snapshot!("tray-40x12", desk.shot(40, 12));
    insta::assert_snapshot!("tray-120x40", desk.shot(120, 40));
    desk.keys("w");
    insta::assert_snapshot!("walk-80x24", desk.shot(80, 24));
    desk.press("p", true, false);
    assert!(answers(&desk, ids[0]).is_empty(), "a held key answers none");
    desk.keys("p p");
    assert_eq!(answers(&desk, ids[0]), [Answer::Pass]);
    assert_eq!(answers(&desk, ids[1]), [Answer::Pass]);
    assert!(answers(&desk, ids[2]).is_empty());
    desk.keys("p");
    assert!(desk.last_said().contains("Every device"));
    // The next step is a reading: a scan leads to a device, a failure is settled later.
    desk.keys("w");
    desk.scan("BME-3");
    desk.enter("0.3");
    assert_eq!(answers(&desk, ids[2]).len(), 2);
    desk.enter("9");
    assert!(desk.last_said().contains("BME-1: FAILED"));
    desk.enter("0.2");
    let shot = desk.shot(80, 24);
    assert!(shot.contains("FAILED, unsettled"), "{shot}");
}

#[test]
fn a_scan_leads_to_the_waiting_step_and_answers_nothing() {
    let (mut desk, ids) = tray();
    desk.scan("BME-2");
    assert_eq!(desk.went.last(), Some(&Place::Checklist(ids[1])));
    assert!(answers(&desk, ids[1]).is_empty());
    assert!(desk.shot(80, 24).contains("No patient"));
}

#[test]
fn several_are_signed_after_their_table_each_by_itself() {
    let (mut desk, ids) = tray();
    desk.keys("w p p p w");
    desk.enter("0.1");
    desk.enter("0.2");
    desk.enter("0.3");
    desk.keys("w p n");
    desk.enter("sealed case");
    desk.keys("p");
    assert!(desk.shot(80, 24).contains("ready to sign"));
    desk.keys("home space space space s");
    let shot = desk.shot(80, 24);
    assert!(shot.contains("3 inspections would be signed"), "{shot}");
    assert!(shot.contains("Clean: not applicable"), "{shot}");
    insta::assert_snapshot!("table-80x24", shot);
    desk.keys("s");
    for id in &ids {
        let record = desk.session().inspection(*id).unwrap().inspection;
        assert_eq!(record.outcome, Some(Outcome::Passed));
        assert_eq!(record.signatures.len(), 1);
    }
    assert!(!desk.shot(80, 24).contains("BME-1"));
}

#[test]
fn a_count_down_rings_once_with_its_tag() {
    let (desk, _) = tray();
    let id = desk
        .session()
        .open_inspections(None)
        .unwrap()
        .into_iter()
        .find(|row| row.device.as_ref().is_some_and(|card| card.tag == "BME-9"))
        .unwrap()
        .id;
    let mut desk = Desk::new(desk.shop, Place::Checklist(id));
    desk.scan("BME-9");
    desk.keys("p 1 1");
    desk.enter("0.1");
    desk.enter("100");
    desk.keys("t");
    let mut desk = Desk::new(desk.shop, Place::Tray);
    desk.wait(60);
    let shot = desk.shot(80, 24);
    assert!(shot.contains("1:59:00"), "{shot}");
    assert_eq!(desk.bells, 0);
    desk.wait(7200);
    desk.wait(1);
    assert_eq!(desk.bells, 1);
    assert!(desk.last_said().contains("BME-9"));
    assert!(desk.shot(80, 24).contains("TIME OVER"));
}
