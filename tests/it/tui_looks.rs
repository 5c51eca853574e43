//! What the program looks like: pictures with styles at three sizes, and every size and every action without a panic.

use tagout::keymap::Action;
use tagout::tui::view::Look;

use crate::support::desk::Desk;

const SIZES: [(u16, u16); 3] = [(40, 12), (80, 24), (120, 40)];

#[test]
fn pictures_of_the_main_screens() {
    for (width, height) in SIZES {
        for (name, script) in [
            ("lookup", "ala"),
            ("queue", "<tab><down>"),
            ("device", "dept:or<enter>"),
            ("order", "<tab><enter>"),
            ("form", "ala<enter>r"),
            ("confirm", "<tab>Xtwice<enter>"),
            ("help", "<tab>?"),
            ("chord", "<tab>g"),
        ] {
            let mut desk = Desk::open(width, height);
            desk.keys(script);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), desk.picture());
        }
    }
}

#[test]
fn plain_and_mono_carry_everything_without_colour_and_frames() {
    let look = Look {
        mono: true,
        ascii: true,
        plain: true,
    };
    let mut desk = Desk::with_look(80, 24, look);
    desk.keys("dept:or<enter>");
    let picture = desk.picture();
    assert!(
        !picture.contains("Indexed") && !picture.contains('│'),
        "{picture}"
    );
    desk.sees("held: do not use").sees("In: BME-005");
}

#[test]
fn every_size_is_drawn() {
    for script in [
        "ala",
        "<tab>",
        "ala<enter>",
        "ala<enter>r",
        "<tab>?",
        "<tab>g",
        "<tab>Xno<enter>",
    ] {
        let mut desk = Desk::open(80, 24);
        desk.keys(script);
        for height in 0..=45 {
            for width in (0..=130).step_by(if height % 5 == 0 { 1 } else { 13 }) {
                desk.resize(width, height);
            }
        }
        desk.resize(80, 24);
        desk.sees("jd · 2026-11-23");
    }
}

#[test]
fn every_action_everywhere_does_no_harm() {
    let keymap = tagout::keymap::load(None, None).keymap;
    let scripts = [
        "",
        "<down>",
        "<tab>",
        "ala<enter>",
        "<tab><enter>",
        "ala<enter>r",
        "<tab>?",
        "<tab>:",
    ];
    for script in scripts {
        let mut desk = Desk::open(80, 24);
        desk.keys(script);
        for action in Action::ALL {
            for binding in keymap.bindings().iter().filter(|b| b.action == *action) {
                for key in &binding.keys {
                    desk.press(key.code(), key.modifiers());
                }
                desk.keys("<esc>");
            }
        }
        assert!(!desk.in_front().is_empty());
    }
}
