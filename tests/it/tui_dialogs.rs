//! Forms, questions, help, palette and chords by key script.

use crate::support::desk::Desk;

#[test]
fn a_field_is_changed_and_the_old_value_kept() {
    let mut desk = Desk::open(80, 24);
    desk.keys("ala<enter>e").sees("Which field?");
    desk.keys("location<enter>").sees("BME-001: Location");
    desk.keys("Room 12<enter>").sees("Room 12");
    let record = desk.session.device(desk.device("BME-001")).unwrap().device;
    assert_eq!(
        record.text(tagout::domain::device::Field::Location),
        "Room 12"
    );
    desk.keys("v").sees("Room 12").sees("History of BME-001");
}

#[test]
fn a_repair_is_opened_with_its_check_in_line() {
    let mut desk = Desk::open(80, 24);
    desk.keys("ala<enter>rAlarm silent<tab>Nurse Kim<tab>2<tab>1<tab>y<tab>leads<tab>B3<enter>");
    assert_eq!(desk.in_front(), "T-00006", "{}", desk.text());
    desk.sees("Alarm silent")
        .sees("no harm; clean: yes")
        .sees("urgent");
}

#[test]
fn what_is_wrong_is_said_in_the_form_and_nothing_is_lost() {
    let mut desk = Desk::open(80, 24);
    desk.keys("<tab>w").sees("T-00001 waits");
    desk.keys("3<tab>PO 17<tab>last week<enter>");
    desk.sees("is not a date").sees("PO 17");
    desk.keys("<c-u>+7<enter>").misses("is not a date");
    desk.keys("<enter>").sees("awaiting PO PO 17");
}

#[test]
fn needed_fields_are_asked_for_one_after_the_other() {
    let mut desk = Desk::open(80, 24);
    desk.keys("<tab><enter>d<enter>").sees("Found is needed.");
    desk.keys("Worn cable<enter>Replaced it<enter>8<enter>");
    let order = desk.session.order_numbered("T-00001").unwrap().order;
    assert!(order.status.is_open(), "a PM is closed by its signature");
    desk.sees("!");
}

#[test]
fn unable_to_locate_for_several_orders_at_once() {
    let mut desk = Desk::open(100, 30);
    desk.keys("<tab><space><space>u")
        .sees("Attempt on 2 orders");
    desk.keys("Storage B<tab>+3<tab>not there<tab>lent?<enter>");
    for (number, note) in [("T-00001", "not there"), ("T-00002", "lent?")] {
        let order = desk.session.order_numbered(number).unwrap().order;
        assert_eq!(order.attempts.len(), 1, "{number}\n{}", desk.text());
        assert_eq!(order.attempts[0].note, note);
        assert_eq!(order.attempts[0].place, "Storage B");
    }
}

#[test]
fn cancelling_asks_and_enter_is_not_yes() {
    let mut desk = Desk::open(80, 24);
    let open = |desk: &Desk| {
        let order = desk.session.order_numbered("T-00003").unwrap().order;
        order.status.is_open()
    };
    // Scheduled work that is due cannot be cancelled; the repair in the third row can.
    desk.keys("<tab><down><down>XDuplicate<enter>")
        .sees("Yes or no");
    desk.keys("<enter><space>q<esc>");
    assert!(open(&desk));
    desk.keys("XDuplicate<enter>n").sees("Nothing was changed");
    assert!(open(&desk));
    desk.keys("XDuplicate<enter>");
    desk.hold('y');
    assert!(open(&desk), "a held key answers nothing");
    desk.keys("y");
    assert!(!open(&desk));
}

#[test]
fn holds_are_placed_and_lifted_by_name() {
    let mut desk = Desk::open(80, 24);
    desk.keys("ala<enter>wCracked housing<enter>")
        .sees("do not use");
    desk.keys("WHousing replaced<enter>");
    let device = desk.session.device(desk.device("BME-001")).unwrap().device;
    assert!(device.holds.is_empty(), "{}", desk.text());
}

#[test]
fn help_is_narrowed_by_words_and_by_keys() {
    let mut desk = Desk::open(80, 24);
    desk.keys("<tab>?").sees("Help").sees("Claim");
    desk.keys("give ba").sees("Give back").misses("Claim");
    desk.keys("<c-u>g q")
        .sees("Go to the queue")
        .misses("Give back");
    desk.keys("<esc>").misses("Help: keys");
}

#[test]
fn the_palette_finds_actions_devices_and_orders() {
    for (script, front) in [
        (":zoll<enter>", "BME-003"),
        (":T-00004<enter>", "T-00004"),
        (":notices<enter>", "Notices"),
    ] {
        let mut desk = Desk::open(80, 24);
        desk.keys("<tab>").keys(script);
        assert_eq!(desk.in_front(), front, "{script}\n{}", desk.text());
    }
}

#[test]
fn a_begun_chord_shows_its_ways_and_esc_drops_it() {
    let mut desk = Desk::open(80, 24);
    desk.keys("<tab>g").sees("Go to the queue").sees("g …");
    desk.keys("<esc>").misses("g …");
    desk.keys("gl");
    assert_eq!(desk.in_front(), "Devices");
}

#[test]
fn what_cannot_be_done_says_why() {
    let mut desk = Desk::open(80, 24);
    desk.keys("ala<enter>W").sees("Nothing holds this device.");
    desk.keys("<esc><tab>b")
        .sees("Nobody has claimed this order.");
    desk.keys("Q").sees("does nothing here");
    desk.keys("gn").sees("Nobody has claimed this order.");
}

#[test]
fn a_delivery_is_received_one_after_the_other() {
    let mut desk = Desk::open(80, 24);
    desk.keys("<down>nPO-9<tab>Acme<tab>P1<tab><tab><tab><tab>2<enter>");
    desk.sees("Device 1 of 2");
    desk.scan("SN-A1")
        .keys("<tab>")
        .scan("NEW-1")
        .keys("<enter>");
    desk.sees("Device 2 of 2").sees("1 of 2 received");
    desk.keys("SN-A2<tab>NEW-2<tab>y<enter>")
        .sees("Delivery complete");
    assert_eq!(desk.session.named("NEW-1").unwrap()[0].serial, "SN-A1");
    assert_eq!(desk.session.named("NEW-2").unwrap()[0].model, "P1");
}
