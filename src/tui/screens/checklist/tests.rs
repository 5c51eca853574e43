//! Key scripts through a whole checklist, with an in-process bench.

use crate::domain::inspection::{
    Again, Answer, AnswerOrigin, Inspection, InspectionStatus, Phase, Verdict,
};
use crate::keymap::Context;
use crate::tui::app::screen::Place;
use crate::tui::screens::steps::testing::{Desk, Shop};

/// The inspection as it is durable.
fn record(desk: &Desk) -> Inspection {
    let Some(Place::Checklist(id)) = desk.went.first() else {
        panic!("at a checklist")
    };
    desk.session().inspection(*id).unwrap().inspection
}

fn last(desk: &Desk) -> (String, Verdict) {
    let record = record(desk);
    let answered = record.answers.last().unwrap();
    (answered.step.0.clone(), answered.verdict)
}

fn is(desk: &Desk, step: &str, verdict: Verdict) {
    assert_eq!(
        last(desk),
        (step.to_owned(), verdict),
        "{}",
        desk.shot(80, 24)
    );
}

/// At the first measured step, its tool chosen.
fn at_earth() -> Desk {
    let mut desk = Desk::at_checklist();
    desk.scan("BME-1");
    desk.keys("p 1 1");
    desk
}

#[test]
fn every_kind_of_step_is_answered_from_the_keyboard() {
    let mut desk = Desk::at_checklist();
    insta::assert_snapshot!("scan-80x24", desk.shot(80, 24));
    desk.scan("BME-1");
    is(&desk, "identify", Verdict::Pass);
    assert_eq!(record(&desk).answers[0].origin, AnswerOrigin::Scan);
    insta::assert_snapshot!("check-80x24", desk.shot(80, 24));
    desk.keys("p");
    is(&desk, "no-patient", Verdict::Pass);
    insta::assert_snapshot!("choice-80x24", desk.shot(80, 24));
    desk.keys("1");
    is(&desk, "case", Verdict::Pass);
    assert_eq!(desk.contexts(), [Context::Dialog], "asks for the tool");
    insta::assert_snapshot!("tool-80x24", desk.shot(80, 24));
    desk.keys("1");
    desk.enter("0.12");
    is(&desk, "earth", Verdict::Pass);
    let shot = desk.shot(80, 24);
    assert!(
        shot.contains("0.12 Ω ✓ pass, limit at most 0.5 Ω"),
        "{shot}"
    );
    insta::assert_snapshot!("saved-80x24", shot);
    insta::assert_snapshot!("saved-120x40", desk.shot(120, 40));
    insta::assert_snapshot!("saved-40x12", desk.shot(40, 12));
    // The tool of this kind is remembered.
    desk.enter("120 uA");
    is(&desk, "leakage", Verdict::Pass);
    // A long count-down goes to the background.
    desk.keys("t");
    assert!(desk.shot(80, 24).contains("Pressure holds"));
    desk.keys("t");
    desk.wait(10);
    assert!(
        desk.shot(80, 24).contains("Running: 0:50 left"),
        "{}",
        desk.shot(80, 24)
    );
    insta::assert_snapshot!("timer-80x24", desk.shot(80, 24));
    let bells = desk.bells;
    desk.keys("p");
    assert!(desk.last_said().contains("still running"));
    desk.wait(51);
    assert_eq!(desk.bells, bells + 1);
    assert!(desk.last_said().contains("BME-1"));
    desk.wait(5);
    assert_eq!(desk.bells, bells + 1, "rings once");
    desk.keys("p");
    is(&desk, "hold", Verdict::Pass);
    desk.enter("10.1");
    desk.enter("125");
    insta::assert_snapshot!("table-80x24", desk.shot(80, 24));
    desk.enter("401");
    is(&desk, "flow", Verdict::Pass);
    assert_eq!(record(&desk).answers.last().unwrap().point, Some(2));
    desk.enter("10.4");
    is(&desk, "error", Verdict::Pass); // computed in the same act
    desk.enter("2027-03");
    is(&desk, "expiry", Verdict::Pass);
    desk.enter("4.2 b");
    is(&desk, "software", Verdict::Neutral);
    insta::assert_snapshot!("second-80x24", desk.shot(80, 24));
    desk.keys("1");
    is(&desk, "second", Verdict::Pass);
    // Only the long count-down is left.
    assert!(desk.shot(80, 24).contains("Run on battery"));
    desk.wait(7200);
    desk.keys("p");
    is(&desk, "battery-run", Verdict::Pass);
    assert!(matches!(desk.went.last(), Some(Place::Summary(_))));
}

#[test]
fn words_that_are_no_number_stay_in_the_field() {
    let mut desk = at_earth();
    let before = desk.told;
    desk.enter("1.2.3");
    assert_eq!(desk.told, before);
    let shot = desk.shot(80, 24);
    assert!(shot.contains("is not a number"), "{shot}");
    assert!(shot.contains("1.2.3"), "{shot}");
    desk.keys("esc");
    desk.enter("0.2 V");
    assert_eq!(desk.told, before, "another dimension");
    desk.keys("esc");
    desk.enter("300 mohm");
    is(&desk, "earth", Verdict::Pass);
}

#[test]
fn a_failure_asks_what_is_done_about_it() {
    // A typing slip: both are kept.
    let mut desk = at_earth();
    desk.enter("0.9");
    is(&desk, "earth", Verdict::Fail);
    assert_eq!(desk.contexts(), [Context::AsFound]);
    insta::assert_snapshot!("failed-80x24", desk.shot(80, 24));
    insta::assert_snapshot!("failed-40x12", desk.shot(40, 12));
    desk.keys("t");
    desk.enter("0.09");
    is(&desk, "earth", Verdict::Pass);
    let kept = record(&desk);
    assert_eq!(kept.answers.len(), 5);
    assert!(matches!(
        kept.answers.last().unwrap().supersedes,
        Some((_, Again::TypingSlip))
    ));

    // Fixed now: the failure stays as found, an as-left answer follows.
    let mut desk = at_earth();
    desk.enter("0.9");
    desk.keys("x");
    insta::assert_snapshot!("fixed-80x24", desk.shot(80, 24));
    desk.note("cord changed");
    assert_eq!(record(&desk).fixes[0].done, "cord changed");
    insta::assert_snapshot!("as-left-80x24", desk.shot(80, 24));
    desk.enter("0.1");
    let kept = record(&desk);
    assert_eq!(kept.answers.last().unwrap().phase, Phase::AsLeft);
    assert!(desk.shot(80, 24).contains("Touch current"));

    // Measured again.
    let mut desk = at_earth();
    desk.enter("0.9");
    desk.keys("m");
    desk.enter("0.8");
    is(&desk, "earth", Verdict::Fail);
    assert_eq!(desk.contexts(), [Context::AsFound]);
    // A repair order.
    desk.keys("r");
    assert_eq!(record(&desk).repairs.len(), 1);
    assert!(
        desk.said
            .iter()
            .any(|(_, w)| w.contains("Repair order T-00002"))
    );
    assert!(desk.shot(80, 24).contains("Touch current"));
}

#[test]
fn nothing_is_answered_by_a_held_key_a_burst_or_before_it_was_painted() {
    let mut desk = Desk::at_checklist();
    desk.scan("BME-1");
    let before = desk.told;
    desk.press("p", true, false);
    desk.press("p", false, true);
    assert_eq!(desk.told, before);
    // Two presses before the next frame: the second one was meant for what was seen.
    desk.hasty = true;
    desk.keys("p p 1 1");
    assert_eq!(desk.told, before + 1);
    desk.hasty = false;
    desk.paint();
    desk.keys("1");
    is(&desk, "case", Verdict::Pass);
    desk.keys("1");
    for c in "0.1".chars() {
        desk.press(&c.to_string(), false, true);
    }
    let told = desk.told;
    desk.keys("enter");
    assert_eq!(desk.told, told, "a scan is never a reading");
}

#[test]
fn not_applicable_needs_a_reason_and_a_step_that_allows_it() {
    let mut desk = Desk::at_checklist();
    desk.scan("BME-1");
    desk.keys("n");
    assert!(desk.last_said().contains("cannot be answered"));
    desk.keys("p n enter");
    assert_eq!(desk.contexts(), [Context::Dialog], "the reason is missing");
    insta::assert_snapshot!("na-80x24", desk.shot(80, 24));
    desk.enter("no case");
    is(&desk, "case", Verdict::NotApplicable);
}

#[test]
fn a_step_before_is_amended_with_a_reason_and_the_old_answer_stays() {
    let mut desk = at_earth();
    desk.enter("0.12");
    desk.keys("left");
    let shot = desk.shot(80, 24);
    assert!(shot.contains("0.12 Ω ✓ pass"), "{shot}");
    desk.keys("p");
    assert!(desk.last_said().contains("another kind") || desk.last_said().contains("already"));
    desk.keys("a");
    desk.enter("read the wrong line");
    desk.enter("0.21");
    let kept = record(&desk);
    let newest = kept.answers.last().unwrap();
    assert_eq!(newest.reason, "read the wrong line");
    assert!(
        desk.shot(80, 24).contains("Touch current"),
        "back at the front"
    );
    desk.keys("left");
    let shot = desk.shot(80, 24);
    assert!(shot.contains("Kept") && shot.contains("0.12 Ω"), "{shot}");
    insta::assert_snapshot!("amended-80x24", shot);
}

#[test]
fn a_failing_tool_needs_a_reason_and_a_second_person() {
    let mut desk = Desk::at_checklist();
    desk.scan("BME-1");
    desk.keys("p 1 2");
    assert!(desk.shot(80, 24).contains("OUT OF CALIBRATION"));
    insta::assert_snapshot!("override-80x24", desk.shot(80, 24));
    desk.enter("only one here");
    desk.keys("enter");
    let kept = record(&desk);
    let used = kept.tools.values().next().unwrap();
    assert_eq!(
        used.override_by,
        Some(("only one here".to_owned(), "mk".to_owned()))
    );
    desk.enter("0.2");
    is(&desk, "earth", Verdict::Pass);
}

#[test]
fn a_scan_of_another_device_asks_and_records_nothing() {
    let shop = Shop::open();
    let id = shop.inspection("BME-1");
    let other = shop.inspection("BME-2");
    let third = shop.device("BME-3", "FRN");
    let mut desk = Desk::new(shop, Place::Checklist(id));
    let before = desk.told;
    desk.scan("BME-2");
    assert_eq!(desk.told, before);
    insta::assert_snapshot!("other-80x24", desk.shot(80, 24));
    desk.keys("1");
    assert!(desk.shot(80, 24).contains("BME-1"));
    desk.scan("BME-2");
    desk.keys("2");
    assert_eq!(desk.went.last(), Some(&Place::Checklist(other)));
    desk.scan("BME-3");
    desk.keys("2");
    assert!(desk.went.contains(&Place::Begin {
        device: third,
        order: None
    }));
    assert_eq!(desk.told, before + 1, "only the third one was begun");
}

#[test]
fn the_wrong_device_is_moved_or_void_after_a_yes() {
    let shop = Shop::open();
    let id = shop.inspection("BME-1");
    let other = shop.device("BME-2", "FRN");
    let mut desk = Desk::new(shop, Place::Checklist(id));
    desk.scan("BME-1");
    desk.keys("p X");
    desk.scan("BME-2");
    desk.keys("m enter enter");
    desk.enter("labels swapped");
    assert!(desk.question().unwrap().contains("BME-2"));
    desk.keys("n");
    assert_eq!(record(&desk).device, desk_device(&desk, "BME-1"));
    desk.keys("X");
    desk.scan("BME-2");
    desk.keys("m enter enter");
    desk.enter("labels swapped");
    desk.keys("y");
    assert_eq!(record(&desk).device, Some(other));
    assert!(
        desk.shot(80, 24).contains("Scan BME-2"),
        "the device is confirmed again"
    );
    desk.keys("esc X enter enter");
    desk.enter("not needed");
    desk.keys("y");
    assert_eq!(record(&desk).status, Some(InspectionStatus::Void));
}

fn desk_device(desk: &Desk, tag: &str) -> Option<crate::domain::id::EntityId> {
    desk.session().named(tag).unwrap().first().map(|c| c.id)
}

#[test]
fn notes_skips_recalls_and_hand_overs() {
    let mut desk = Desk::at_checklist();
    desk.scan("BME-1");
    desk.keys("m");
    desk.enter("ward says it was dropped");
    assert!(record(&desk).notes.is_empty(), "Enter begins a line");
    desk.note("on Friday");
    let (_, note) = &record(&desk).notes[0];
    assert_eq!(note.text, "ward says it was dropped\non Friday");
    assert!(desk.shot(80, 24).contains("it was dropped"));
    desk.keys("s");
    assert!(
        desk.shot(80, 24).contains("Case and mounts"),
        "{}",
        desk.shot(80, 24)
    );
    assert_eq!(record(&desk).deferred.len(), 1);
    desk.shop.device("BME-7", "FRN");
    desk.keys("R");
    desk.note("cracked like the others");
    let shot = desk.shot(80, 24);
    assert!(shot.contains("1 other device"), "{shot}");
    assert!(shot.contains("BME-7"), "{shot}");
    desk.keys("esc H");
    desk.keys("enter");
    desk.enter("shelf 3");
    assert_eq!(record(&desk).holder, "mk");
    assert!(desk.last_said().contains("Mika Klein"));
}

#[test]
fn it_goes_on_where_it_stood() {
    let mut desk = at_earth();
    desk.enter("0.12");
    let Some(Place::Checklist(id)) = desk.went.first().cloned() else {
        panic!("at a checklist")
    };
    let desk = Desk::new(desk.shop, Place::Checklist(id));
    assert!(desk.shot(80, 24).contains("Touch current, ground open"));
}

#[test]
fn earlier_values_and_the_drift_stand_beside_the_input() {
    use crate::bench::SignRequest;
    use crate::domain::order::OrderKind;
    use crate::domain::signature::Meaning;
    let mut shop = Shop::open();
    let device = shop.device("BME-2", "QQQ");
    let order = shop.pm(device);
    let first = shop.start(device, order, shop.short);
    shop.unlock();
    let mut desk = Desk::new(shop, Place::Checklist(first));
    desk.keys("p");
    desk.enter("0.12");
    desk.keys("p");
    let request = SignRequest {
        inspection: first,
        meaning: Meaning::Performed,
        minutes: None,
        cause: None,
    };
    desk.session().sign(&request).unwrap();
    // The first one stays open: its limits are not adopted.
    let order = desk
        .shop
        .order(device, OrderKind::Pm, "annual PM", "once more");
    let second = desk.shop.start(device, order, desk.shop.short);
    let mut desk = Desk::new(desk.shop, Place::Checklist(second));
    desk.keys("p 0 . 1 5");
    let shot = desk.shot(80, 24);
    assert!(
        shot.contains("2026-11-23: 0.12 Ω  difference +0.03 Ω"),
        "{shot}"
    );
    insta::assert_snapshot!("drift-80x24", shot);
}

#[test]
fn a_text_field_is_left_before_letters_act() {
    let mut desk = Desk::at_checklist();
    desk.keys("x 1");
    assert!(desk.shot(80, 24).contains("x1"));
    desk.keys("esc");
    assert_eq!(desk.contexts()[0], Context::Choice);
    desk.keys("right");
    assert!(
        desk.shot(80, 24).contains("No patient"),
        "{}",
        desk.shot(80, 24)
    );
}

mod any {
    use super::*;
    use proptest::prelude::*;

    const KEYS: [&str; 30] = [
        "p",
        "f",
        "n",
        "t",
        "m",
        "x",
        "r",
        "s",
        "a",
        "i",
        "e",
        "R",
        "X",
        "H",
        "1",
        "2",
        "0",
        ".",
        "9",
        "enter",
        "enter",
        "esc",
        "left",
        "right",
        "up",
        "down",
        "tab",
        "backspace",
        "y",
        "space",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]
        /// Whatever is pressed, nothing panics, every size can be drawn, and no held key answers anything.
        #[test]
        fn keys_never_panic_and_held_keys_never_answer(
            script in proptest::collection::vec((0usize..KEYS.len(), 0u8..12), 1..70)
        ) {
            let mut desk = Desk::at_checklist();
            for (i, (key, how)) in script.into_iter().enumerate() {
                match how {
                    0 => desk.scan("BME-1"),
                    1 => desk.wait(40),
                    2 | 3 => {
                        let before = desk.told;
                        desk.press(KEYS[key], how == 2, how == 3);
                        prop_assert_eq!(desk.told, before, "{} answered although no hand pressed it", KEYS[key]);
                    }
                    _ => desk.press(KEYS[key], false, false),
                }
                let (width, height) = [(80, 24), (120, 40), (40, 12), (20, 6)][i % 4];
                desk.shot(width, height);
            }
            // Every answer on record was given by a key or a scan, never made up.
            for answered in record(&desk).answers {
                let by_hand = matches!(answered.origin, AnswerOrigin::Key | AnswerOrigin::Scan | AnswerOrigin::Confirmed);
                prop_assert!(by_hand || matches!(answered.answer, Answer::Reading(_)));
            }
        }
    }
}
