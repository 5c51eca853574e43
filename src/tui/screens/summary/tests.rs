//! Key scripts at the end of an inspection.

use crate::domain::device::Outcome;
use crate::domain::id::EntityId;
use crate::keymap::Context;
use crate::tui::app::screen::Place;
use crate::tui::screens::steps::testing::{Desk, Shop};

/// A shop where jd can sign, with an inspection of the short procedure.
fn short(adopt: bool) -> (Shop, EntityId) {
    let mut shop = Shop::open();
    if adopt {
        shop.adopt(shop.short);
    }
    shop.unlock();
    let device = shop.device("BME-2", "QQQ");
    let order = shop.pm(device);
    let id = shop.start(device, order, shop.short);
    (shop, id)
}

fn ended(desk: &Desk, id: EntityId) -> Option<Outcome> {
    desk.session().inspection(id).unwrap().inspection.outcome
}

/// A picture without its digest: command ids are random, so every run signs other bytes.
fn without_digest(shot: &str) -> String {
    let digits = |line: &str| {
        let line = line.trim();
        !line.is_empty() && line.chars().all(|c| c.is_ascii_hexdigit())
    };
    shot.lines()
        .map(|line| {
            if digits(line) {
                "          (digest)"
            } else {
                line
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_passed_inspection_is_signed_and_printed() {
    let (shop, id) = short(true);
    let mut desk = Desk::new(shop, Place::Checklist(id));
    desk.keys("p");
    desk.shop.wait(240);
    desk.enter("0.12");
    desk.keys("p");
    assert_eq!(desk.went.last(), Some(&Place::Summary(id)));
    insta::assert_snapshot!("passed-80x24", desk.shot(80, 24));
    desk.keys("t");
    assert!(desk.last_said().contains("once it is signed"));
    desk.keys("s");
    assert_eq!(desk.contexts(), [Context::Dialog]);
    insta::assert_snapshot!("sign-80x24", desk.shot(80, 24));
    assert_eq!(ended(&desk, id), None);
    desk.keys("enter");
    assert_eq!(ended(&desk, id), Some(Outcome::Passed));
    let shot = desk.shot(80, 24);
    assert!(shot.contains("performed by Jo Doe"), "{shot}");
    assert!(shot.contains("signatures hold"), "{shot}");
    insta::assert_snapshot!("signed-40x12", without_digest(&desk.shot(40, 12)));
    desk.keys("enter");
    assert!(desk.shot(80, 24).contains("Record"));
    desk.keys("pagedown esc t");
    assert!(
        desk.shot(80, 24).contains("DONE 2026-11-23"),
        "{}",
        desk.shot(80, 24)
    );
    desk.keys("esc p");
    let names: Vec<&str> = desk.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["BME-2-T-00001.txt", "BME-2-T-00001.html"]);
    desk.keys("s");
    assert!(desk.last_said().contains("You have signed"));
}

#[test]
fn what_is_missing_is_listed_and_led_to() {
    let (shop, id) = short(true);
    let mut desk = Desk::new(shop, Place::Summary(id));
    let shot = desk.shot(80, 24);
    assert!(shot.contains("3 steps are missing"), "{shot}");
    insta::assert_snapshot!("missing-80x24", shot);
    insta::assert_snapshot!("missing-120x40", desk.shot(120, 40));
    desk.keys("s");
    assert!(desk.last_said().contains("missing"));
    desk.keys("down down enter");
    assert!(desk.shot(80, 24).contains("Clean"));
    desk.keys("p");
    let record = desk.session().inspection(id).unwrap().inspection;
    assert_eq!(record.answers[0].step.0, "clean");
}

#[test]
fn do_not_use_is_explained_and_its_cause_asked() {
    let (shop, id) = short(true);
    let mut desk = Desk::new(shop, Place::Checklist(id));
    desk.keys("p");
    desk.enter("7");
    desk.keys("r p");
    let shot = desk.shot(80, 24);
    assert!(shot.contains("DO NOT USE"), "{shot}");
    assert!(shot.contains("(7 Ω, limit"), "{shot}");
    assert!(shot.contains("T-00002"), "{shot}");
    insta::assert_snapshot!("do-not-use-80x24", shot);
    desk.keys("s enter");
    assert_eq!(ended(&desk, id), Some(Outcome::DoNotUse));
    desk.keys("t");
    assert!(desk.shot(80, 24).contains("Red tag"));
}

#[test]
fn limits_that_nobody_adopted_cannot_pass() {
    let (shop, id) = short(false);
    let mut desk = Desk::new(shop, Place::Checklist(id));
    desk.keys("p");
    desk.enter("0.1");
    desk.keys("p");
    let shot = desk.shot(80, 24);
    assert!(shot.contains("undecided"), "{shot}");
    assert!(shot.contains("nobody has adopted"), "{shot}");
}

#[test]
fn a_note_is_for_the_whole_inspection() {
    let (shop, id) = short(true);
    let mut desk = Desk::new(shop, Place::Summary(id));
    desk.keys("m");
    desk.note("done in the ward");
    assert!(desk.shot(80, 24).contains("Note      done in the ward"));
}
