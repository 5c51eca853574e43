//! Key scripts from the first key to a device, an order and back, on the real program with a real bench.

use crate::support::desk::Desk;

#[test]
fn typing_searches_and_enter_opens_the_best() {
    for (script, front, sees) in [
        ("ala<enter>", "BME-001", "Alaris 8015"),
        ("ala<down><enter>", "BME-002", "Alaris 8100"),
        ("BME-003<enter>", "BME-003", "ZOLL R Series"),
        ("sn3001<enter>", "BME-004", "Philips MX450"),
        ("dept:or<enter>", "BME-005", "do not use"),
        ("dep<right>ed<enter>", "BME-003", "Defibrillator"),
        ("xyzzy<c-u>ala<enter>", "BME-001", "Alaris 8015"),
        // Up from the first row leads back into the field.
        ("ala<down><up><up>r<enter>", "BME-001", "Alaris"),
    ] {
        let mut desk = Desk::open(100, 30);
        desk.keys(script);
        assert_eq!(desk.in_front(), front, "{script}\n{}", desk.text());
        desk.sees(sees);
    }
}

#[test]
fn nothing_found_says_so_and_near_ones_are_marked() {
    let mut desk = Desk::open(80, 24);
    desk.keys("qqqqqq").sees("nothing matches");
    desk.keys("<c-u>BME-00").sees("BME-006");
    desk.keys("<c-u>").sees("7 devices");
}

#[test]
fn letters_are_text_in_the_field_and_actions_in_the_list() {
    let mut desk = Desk::open(80, 24);
    desk.keys("q").sees("/ q");
    desk.keys("<c-u><down>a").sees("Register a device");
    desk.keys("<esc>").misses("Register a device");
}

#[test]
fn the_queue_is_in_order_and_says_why() {
    let mut desk = Desk::open(120, 40);
    desk.keys("<tab>");
    let text = desk.text();
    let place = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words}\n{text}"))
    };
    assert!(place("overdue 3 d, high-risk") < place("due today, high-risk"));
    assert!(place("due today, high-risk") < place("from 2026-12-20"));
    assert_eq!(desk.in_front(), "Work orders (5)");
    for (keys, count) in [
        ("fo", "Work orders (1)"),
        ("fc", "Work orders (5)"),
        ("ft", "Work orders (2)"),
        ("fc", "Work orders (5)"),
        ("fm", "Work orders (0)"),
        ("fm", "Work orders (5)"),
        ("fdicu<enter>", "Work orders (2)"),
    ] {
        desk.keys(keys);
        assert_eq!(desk.in_front(), count, "after {keys}\n{}", desk.text());
    }
}

#[test]
fn claiming_one_and_claiming_several() {
    let mut desk = Desk::open(120, 40);
    desk.keys("<tab>c").sees("✓");
    desk.keys("fm");
    assert_eq!(desk.in_front(), "Work orders (1)");
    desk.keys("fm<home><space><space>").sees("2 marked");
    desk.keys("c").misses("marked");
    desk.keys("fm");
    assert_eq!(desk.in_front(), "Work orders (2)");
    desk.keys("b");
    assert_eq!(desk.in_front(), "Work orders (1)", "{}", desk.text());
}

#[test]
fn back_leads_the_way_it_came() {
    let mut desk = Desk::open(80, 24);
    desk.keys("ala<enter><enter>");
    assert_eq!(desk.in_front(), "T-00001", "{}", desk.text());
    desk.keys("<esc>");
    assert_eq!(desk.in_front(), "BME-001");
    desk.keys("<esc>");
    assert_eq!(desk.in_front(), "Devices");
    desk.sees("/ ala");
}

#[test]
fn a_scan_from_anywhere_opens_the_device() {
    for before in ["", "ala", "<tab>", "ala<enter>", "<tab><enter>", "<tab>g"] {
        let mut desk = Desk::open(80, 24);
        desk.keys(before).scan("BME-003");
        assert_eq!(desk.in_front(), "BME-003", "after {before}");
        desk.sees("Scanned BME-003");
    }
}

#[test]
fn a_label_that_fits_several_devices_gives_a_choice() {
    let mut desk = Desk::open(80, 24);
    desk.scan("SN-5001").sees("BME-006").sees("BME-007");
    desk.keys("<down><enter>");
    assert!(desk.in_front().starts_with("BME-00"), "{}", desk.text());
}

#[test]
fn a_label_that_nobody_knows_says_what_it_read() {
    let mut desk = Desk::open(80, 24);
    desk.scan("HELLO-WORLD").sees("Read \"HELLO-WORLD\"");
    // A UDI of a model that is not on record offers to register, with the serial filled in.
    desk.scan("(01)00613994719669(21)XYZ77")
        .sees("Register a device");
    desk.sees("XYZ77").sees("00613994719669");
}

#[test]
fn a_scan_never_leaves_a_form_behind() {
    let mut desk = Desk::open(80, 24);
    desk.keys("ala<enter>t").scan("LABEL-77").sees("LABEL-77");
    assert!(desk.in_front().starts_with("Change the tag"));
    desk.keys("<tab><tab><enter>").sees("LABEL-77");
    assert_eq!(desk.in_front(), "LABEL-77");
    assert_eq!(desk.session.named("BME-001").unwrap()[0].tag, "LABEL-77");
}

#[test]
fn somebody_elses_change_appears_without_disturbing() {
    let mut desk = Desk::open(120, 40);
    desk.keys("mas<down>").sees("2 devices");
    let change = tagout::domain::device::DeviceCommand::Hold {
        device: desk.device("BME-007"),
        kind: tagout::domain::device::HoldKind::Recall,
        reason: "Notice 12".to_owned(),
    };
    desk.session
        .tell(tagout::domain::command::Command::Device(change))
        .unwrap();
    desk.changed();
    desk.sees("/ mas").sees("✗ recall");
    desk.keys("<enter>");
    assert_eq!(desk.in_front(), "BME-007");
}

#[test]
fn from_a_device_its_start_key_begins_the_inspection() {
    let mut desk = Desk::open(80, 24);
    desk.scan("BME-001").keys("s");
    assert_ne!(desk.in_front(), "BME-001", "{}", desk.text());
}

#[test]
fn the_pane_below_the_lists_tells_of_the_selected_row_at_once() {
    let mut desk = Desk::open(120, 40);
    let below = |text: &str| {
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len() - 5..lines.len() - 2].join("\n")
    };
    for (keys, tag, work) in [
        ("", "BME-001", "annual PM: overdue 3 d"),
        ("<down>", "BME-002", "annual PM: due today"),
        ("<down><down><down>", "BME-005", "! do not use"),
        ("<tab>", "T-00001", "in service · ICU"),
        ("<down><down><down>", "T-00005", "✗ do not use · OR"),
    ] {
        desk.keys(keys);
        let text = below(&desk.text());
        assert!(text.starts_with(&format!("── {tag} ")), "{tag}:\n{text}");
        assert!(text.contains(work), "{tag}:\n{text}");
    }
    // Going over to it opens its page.
    desk.keys("<tab>");
    assert_eq!(desk.in_front(), "T-00005", "{}", desk.text());
    // What was left open is named while a list has the keys.
    desk.keys("<tab><down>")
        .sees("T-00005 waits in the next pane");
}
