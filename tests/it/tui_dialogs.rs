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
    desk.keys("<tab><enter>d")
        .sees("It is closed by signing its inspection");
    desk.keys("<esc><down><down><enter>d<f2>")
        .sees("Found is needed.");
    desk.keys("Worn cable<f2>Replaced it<f2><right><enter>");
    let order = desk.session.order_numbered("T-00003").unwrap().order;
    assert!(!order.status.is_open(), "{}", desk.text());
    assert_eq!(order.closing.unwrap().found, "Worn cable");
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
    // Two labels, no key: the serial from the maker's label, then the shop's next tag.
    desk.scan("(01)00613994719669(21)SN-A1").scan("NEW-1");
    desk.sees("Device 2 of 2").sees("1 of 2 received");
    let first = desk.session.device(desk.device("NEW-1")).unwrap().device;
    assert_eq!(
        first.text(tagout::domain::device::Field::UdiDi),
        "00613994719669"
    );
    desk.keys("SN-A2<tab>NEW-2<tab>y<enter>")
        .sees("Delivery complete");
    assert_eq!(desk.session.named("NEW-1").unwrap()[0].serial, "SN-A1");
    assert_eq!(desk.session.named("NEW-2").unwrap()[0].model, "P1");
}

#[test]
fn a_note_has_several_lines_and_enter_loses_none_of_them() {
    use tagout::domain::command::Command;
    let mut desk = Desk::open(80, 24);
    desk.keys("ala<enter>m").sees("Note on BME-001");
    desk.sees("F2 save").sees("Enter new line");
    desk.keys("Door latch worn<enter>Part ordered<enter><enter>Ask Kim<up><up><up><end>!");
    desk.sees("Door latch worn!").sees("Part ordered");
    let notes = |desk: &Desk| {
        let sheet = desk.session.device(desk.device("BME-001")).unwrap();
        sheet
            .device
            .notes
            .iter()
            .map(|n| n.text.clone())
            .collect::<Vec<_>>()
    };
    assert!(notes(&desk).is_empty(), "Enter saves nothing");
    desk.keys("<f2>");
    assert_eq!(
        notes(&desk),
        ["Door latch worn!\nPart ordered\n\nAsk Kim"],
        "{}",
        desk.text()
    );
    // Long text of somebody else is shown to its end, with the name of who wrote it.
    let note = tagout::domain::device::DeviceCommand::Note {
        device: desk.device("BME-001"),
        text: "word ".repeat(30) + "zebra",
    };
    desk.session.tell(Command::Device(note)).unwrap();
    desk.changed();
    desk.keys("<end>")
        .sees("zebra")
        .sees("Jo Doe")
        .misses("jd 2026");
}

#[test]
fn a_paste_into_a_note_keeps_its_lines() {
    let mut desk = Desk::open(80, 24);
    desk.keys("<tab><enter>m");
    desk.paste("first\nsecond");
    desk.keys("<f2>");
    let order = desk.session.order_numbered("T-00001").unwrap().order;
    assert_eq!(order.notes[0].text, "first\nsecond", "{}", desk.text());
}

#[test]
fn scheduled_work_ends_undone_only_with_a_named_approver() {
    let mut desk = Desk::open(80, 24);
    let closed = |desk: &Desk| {
        let order = desk.session.order_numbered("T-00001").unwrap().order;
        !order.status.is_open()
    };
    desk.keys("<tab>E").sees("End T-00001 undone");
    desk.keys("<enter>").sees("Approved by is needed.");
    // Nobody approves for themselves.
    desk.keys("Jo Doe<tab>Ward closed<f2>").sees("Yes or no");
    desk.keys("<enter>").sees("Yes or no");
    desk.keys("y").sees("You cannot approve this yourself.");
    assert!(!closed(&desk));
    desk.keys("EM. Chen<tab>Ward closed<enter>until May<f2>")
        .sees("approved by M. Chen");
    desk.keys("n").sees("Nothing was changed");
    assert!(!closed(&desk));
    desk.keys("EM. Chen<tab>Ward closed<f2>y");
    assert!(closed(&desk), "{}", desk.text());
    let device = desk.session.device(desk.device("BME-001")).unwrap().device;
    assert_eq!(device.holds.len(), 1);
    // A repair has no such end.
    desk.keys("<home><down>E")
        .sees("Only scheduled work is ended undone");
}

#[test]
fn a_sequestered_device_is_released_by_a_named_person() {
    use tagout::domain::device::HoldKind;
    let mut desk = Desk::open(80, 24);
    desk.keys("ala<enter>rSmoke<tab><tab><tab>").sees("Harm?");
    // The list of harm: an event that harmed somebody.
    desk.keys("3<enter>");
    let holds = |desk: &Desk| {
        let sheet = desk.session.device(desk.device("BME-001")).unwrap();
        sheet.device.holds
    };
    assert_eq!(
        holds(&desk)[0].kind,
        HoldKind::Sequestered,
        "{}",
        desk.text()
    );
    desk.session.enrol_key("mx", "maxes own words").unwrap();
    desk.keys("<tab>").keys("/<c-u>BME-001<enter>W");
    desk.sees("sequestered").sees("Released by").sees("Max Ix");
    desk.misses("Jo Doe /");
    desk.keys("Photographed<enter>").sees("Released by");
    assert_eq!(holds(&desk).len(), 1, "a reason alone releases nothing");
    desk.keys("m<enter>").sees("Second person");
    desk.sees("Max Ix").sees("Photographed");
    desk.keys("not his<enter>").sees("Second person");
    assert_eq!(holds(&desk).len(), 1, "nor does a wrong passphrase");
    desk.keys("maxes own words<enter>");
    assert!(holds(&desk).is_empty(), "{}", desk.text());
    desk.keys("v").sees("released by Max Ix").sees("Jo Doe");
}

#[test]
fn the_history_of_a_device_holds_its_orders_and_names_people() {
    let mut desk = Desk::open(120, 40);
    desk.keys("<tab>cuStore room<enter>");
    desk.keys("/BME-001<enter>v").sees("History of BME-001");
    desk.sees("T-00001 opened, PM: annual PM")
        .sees("T-00001: assigned to Jo Doe")
        .sees("T-00001: D1 unable to locate at Store room")
        .sees("taken over from a list");
    desk.misses("T-00002");
    let screen = desk.text();
    let at = |words: &str| screen.find(words).unwrap();
    assert!(at("Store room") < at("assigned to"), "newest first");
    assert!(at("assigned to") < at("taken over"), "{screen}");
}

#[test]
fn a_companys_report_is_entered_signed_and_closes_the_order() {
    let mut desk = Desk::open(80, 24);
    desk.session.enrol_key("jd", "correct horse").unwrap();
    desk.keys("<tab><enter>x").sees("Company's report");
    desk.keys("Acme Service<tab>L. Fox<tab>R-118<tab>-2 days<tab>1<tab>2<tab>S:/r118.pdf<enter>");
    desk.sees("Acme Service, report R-118").sees("Passphrase");
    // Closing the question signs nothing, and nothing typed is lost.
    desk.keys("<esc>")
        .sees("Nothing was signed")
        .sees("S:/r118.pdf");
    desk.keys("<enter>correct horse<enter>").sees("PIN");
    desk.keys("<enter>");
    let order = |desk: &Desk| desk.session.order_numbered("T-00001").unwrap().order;
    let report = order(&desk).external[0].clone();
    assert!(report.proves_work() && !report.readings);
    assert_eq!(report.on.to_string(), "2026-11-21");
    desk.sees("passed, without readings")
        .sees("reviewed by Jo Doe");
    desk.keys("d").sees("work of 2026-11-21");
    desk.keys("<enter>");
    let closing = order(&desk).closing.expect("closed by the report");
    assert_eq!(closing.performed.to_string(), "2026-11-21");
    desk.sees("How it ended");
    // A closed order takes no report any more.
    desk.keys("x").sees("This order is closed");
}

#[test]
fn filters_are_chosen_from_a_list_with_counts() {
    let mut desk = Desk::open(80, 24);
    desk.keys("<tab>fk").sees("Which kind?").sees("every kind");
    desk.keys("rep<enter>")
        .sees("[repair]")
        .sees("Work orders (2)");
    desk.keys("fd").sees("Which department?").misses("ICU");
    desk.keys("ed<enter>").sees("[ED]").sees("Work orders (1)");
    desk.keys("fk").sees("every kind");
    desk.keys("<enter>").misses("[repair]").sees("[ED]");
    desk.keys("fc").sees("Work orders (5)");
}

#[test]
fn people_have_names_on_device_and_order_pages() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut desk = Desk::open(width, height);
        desk.keys("<tab>cuStore room<enter>").keys("<home><enter>");
        let screen = desk.text();
        let body: String = screen.lines().skip(1).collect();
        assert!(body.contains("Jo Doe"), "{screen}");
        assert!(!body.contains(" jd"), "{screen}");
    }
}

#[test]
fn help_takes_a_small_screen_whole() {
    let mut desk = Desk::open(80, 24);
    desk.keys("<tab>?");
    let text = desk.text();
    let rows: Vec<&str> = text.lines().collect();
    for row in &rows[1..22] {
        assert_eq!(row.chars().count(), 80, "{row}");
        assert!(
            !row.contains("BME-"),
            "the page beneath shows through: {row}"
        );
    }
}

#[test]
fn a_device_goes_to_a_vendor_and_another_one_comes_back() {
    use tagout::domain::device::Whereabouts;
    let mut desk = Desk::open(80, 24);
    desk.keys("ala<enter>p").sees("at its location. Change to");
    desk.keys("vendor<enter>").sees("ePHI removed?");
    desk.keys("Acme Service<tab>RMA 7<tab>UPS<tab>y<tab>n<tab>+14<enter>");
    let whereabouts = |desk: &Desk| {
        let sheet = desk.session.device(desk.device("BME-001")).unwrap();
        sheet.device.whereabouts
    };
    assert_eq!(
        whereabouts(&desk),
        Whereabouts::SentOut {
            vendor: "Acme Service".to_owned(),
            rma: "RMA 7".to_owned(),
            carrier: "UPS".to_owned(),
            ephi_cleared: Some(true),
            decontaminated: Some(false),
            expected: "2026-12-07".parse().ok(),
        },
        "{}",
        desk.text()
    );
    desk.sees("sent out to Acme Service");
    // The same serial, however it is typed, is the same device.
    desk.keys("pback<enter>").sees("S/N SN-1001 was sent out");
    desk.keys("sn 1001<enter>");
    assert_eq!(whereabouts(&desk), Whereabouts::AtLocation);
    desk.keys("ploan<enter>OR 3<enter>").sees("on loan to OR 3");
    desk.keys("pvendor<enter>Acme<enter>pback<enter>");
    desk.keys("SN-9999<enter>");
    let new = &desk.session.named("SN-9999").unwrap()[0];
    assert_ne!(new.tag, "BME-001");
    assert_eq!(desk.in_front(), new.tag, "{}", desk.text());
}
