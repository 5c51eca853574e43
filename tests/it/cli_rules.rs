//! Slips and mix-ups at the bench, on the real program: each is refused, asked or said, never recorded as if it were right.
use serde_json::{Value, json};

use crate::support::cli::Shop;

/// A checklist with a table, a leakage reading and the rating plate.
const BENCH: &str = r#"
code = "bench"
title = "Bench check"
activity = "annual PM"
version = "1"
source = "shop"

[[section]]
title = "Performance"

[[section.step]]
id = "flow"
title = "Flow"
kind = "table"
unit = "mL/h"
points = [
  { at = "10 mL/h", nominal = 10, percent = 5 },
  { at = "50 mL/h", nominal = 50, percent = 5 },
  { at = "100 mL/h", nominal = 100, percent = 5 },
]
verified = true
source = "manual"

[[section.step]]
id = "leak"
title = "Touch current"
kind = "measure"
unit = "uA"
at-most = 100
safety = true
as-left = true
verified = true
source = "manual"
"#;

fn add(shop: &Shop, tag: &str, serial: &str) {
    shop.done(&[
        "device",
        "add",
        tag,
        "--serial",
        serial,
        "--manufacturer",
        "Acme",
        "--model",
        "P100",
    ]);
}

/// A shop with a device `B-1` on which the bench check is begun.
fn begun() -> Shop {
    let shop = Shop::practice();
    add(&shop, "B-1", "S1");
    let file = shop.file("bench.toml", BENCH);
    shop.done(&["procedure", "import", &file]);
    shop.done(&[
        "inspection",
        "start",
        "B-1",
        "--procedure",
        "bench",
        "--read",
    ]);
    shop
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn set_points_are_counted_as_they_are_shown() {
    let shop = begun();
    assert!(
        shop.done(&["inspection", "plan"])
            .contains("point 1 10 mL/h")
    );
    shop.done(&["inspection", "record", "flow", "10", "--point", "1"]);
    shop.done(&["inspection", "record", "flow", "100", "--point", "3"]);
    shop.done(&[
        "inspection",
        "amend",
        "flow",
        "10.1",
        "--point",
        "1",
        "--reason",
        "misread",
    ]);
    let plan = shop.json(&["inspection", "plan"]);
    let flow = &plan["steps"][0]["points"];
    assert_eq!(
        (&flow[0]["point"], &flow[2]["point"]),
        (&json!(1), &json!(3))
    );
    assert_eq!(flow[0]["as_found"]["verdict"], "pass", "{flow}");
    assert_eq!(flow[2]["as_found"]["verdict"], "pass", "{flow}");
    assert_eq!(flow[1]["as_found"], json!(null));
    for point in ["0", "4", "7 mL/h"] {
        let refused = shop.refused(1, &["inspection", "record", "flow", "50", "--point", point]);
        assert!(text(&refused, "hint").contains("1 to 3"), "{refused}");
    }
}

#[test]
fn less_than_nothing_is_a_slip_and_never_a_pass() {
    let shop = begun();
    for value in ["-5", "<0", "-0.2"] {
        let refused = shop.refused(1, &["inspection", "record", "leak", value]);
        assert!(text(&refused, "error").contains("cannot be"), "{refused}");
    }
    assert_eq!(
        shop.json(&["inspection", "plan"])["steps"][1]["points"][0]["as_found"],
        json!(null)
    );
    shop.done(&["inspection", "record", "leak", "0"]);
}

#[test]
fn a_sequestered_device_stays_as_it_is() {
    let shop = Shop::practice();
    add(&shop, "B-1", "S1");
    shop.done(&[
        "order",
        "open",
        "B-1",
        "--problem",
        "burn",
        "--harm",
        "harm",
    ]);
    for change in [
        &["device", "set", "B-1", "software=9.9"][..],
        &["device", "set", "B-1", "serial=zzz", "location=Safe"],
        &["device", "retag", "B-1", "B-2"],
        &["device", "status", "B-1", "--stage", "retired"],
    ] {
        let refused = shop.refused(1, change);
        assert!(text(&refused, "error").contains("sequestered"), "{refused}");
    }
    shop.done(&["device", "set", "B-1", "location=Locked room"]);
    shop.done(&["device", "note", "B-1", "moved to the locked room"]);
    shop.command(&["tech", "key", "second"])
        .env("TAGOUT_PASSPHRASE", "battery staple")
        .assert()
        .success();
    shop.done(&[
        "device",
        "release",
        "B-1",
        "--by",
        "second",
        "--reason",
        "looked at",
    ]);
    shop.done(&["device", "set", "B-1", "software=9.9"]);
}

#[test]
fn a_second_check_in_adds_and_takes_nothing_back() {
    let shop = Shop::practice();
    add(&shop, "B-1", "S1");
    let order = shop.json(&[
        "order",
        "open",
        "B-1",
        "--problem",
        "burn",
        "--harm",
        "near-miss",
        "--clean",
        "no",
        "--accessories",
        "cable",
    ]);
    let number = text(&order, "number").to_owned();
    let refused = shop.refused(1, &["order", "check-in", &number, "--harm", "none"]);
    assert!(text(&refused, "error").contains("near miss"), "{refused}");
    shop.done(&["order", "check-in", &number, "--shelf", "B3"]);
    let line = shop.done(&["order", "show", &number]);
    assert!(
        line.contains("near miss; clean: no; accessories: cable; shelf: B3"),
        "{line}"
    );
}

#[test]
fn a_loaner_past_its_day_is_chased_wherever_it_is_seen() {
    let shop = Shop::practice();
    shop.done(&[
        "device",
        "add",
        "L-1",
        "--serial",
        "LS1",
        "--ownership",
        "loaner",
        "--owner",
        "Acme",
        "--return-by",
        "2026-11-01",
    ]);
    shop.done(&["order", "open", "L-1", "--problem", "beeps"]);
    let late = "return by 2026-11-01: 22 d late";
    assert!(
        shop.json(&["device", "show", "L-1"])["warnings"]
            .to_string()
            .contains(late)
    );
    for words in [
        &["device", "show", "L-1"][..],
        &["scan", "L-1"],
        &["device", "find", "L-1"],
        &["order", "list"],
    ] {
        let said = shop.done(words);
        assert!(said.contains(late), "{words:?}: {said}");
    }
}

#[test]
fn the_earlier_label_of_another_device_is_no_new_tag() {
    let shop = Shop::practice();
    add(&shop, "N-1", "S1");
    shop.done(&["device", "retag", "N-1", "N-100"]);
    let refused = shop.refused(1, &["device", "add", "N-1"]);
    assert!(text(&refused, "error").contains("N-100"), "{refused}");
    add(&shop, "N-2", "S2");
    shop.refused(1, &["device", "retag", "N-2", "N-1"]);
    // Its own earlier label may be put on it again.
    shop.done(&["device", "retag", "N-100", "N-1"]);
}

/// Tag and serial of every device that a delivery took in, and the exit code.
fn delivered(shop: &Shop, lines: &str) -> (Vec<(String, String)>, i32) {
    let out = shop
        .command(&[
            "receive",
            "--manufacturer",
            "Acme",
            "--model",
            "P100",
            "--json",
        ])
        .write_stdin(lines)
        .output()
        .expect("the program runs");
    let answer: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let received = answer["received"].as_array().cloned().unwrap_or_default();
    let pairs = received
        .iter()
        .map(|one| (text(one, "tag").to_owned(), text(one, "serial").to_owned()))
        .collect();
    (pairs, out.status.code().unwrap_or(-1))
}

#[test]
fn a_delivery_never_gets_out_of_step() {
    let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(tag, serial)| ((*tag).to_owned(), (*serial).to_owned()))
            .collect()
    };
    let shop = Shop::practice();
    add(&shop, "PUMP-1", "S0");
    // A refused tag is asked for again for the same serial number.
    assert_eq!(
        delivered(&shop, "R3\nPUMP-1\nPUMP-3\nR4\nPUMP-4\n\n"),
        (own(&[("PUMP-3", "R3"), ("PUMP-4", "R4")]), 0)
    );
    // A serial number on record takes its tag with it.
    assert_eq!(
        delivered(&shop, "S1\nTG1\nS1\nTG2\nS3\nTG3\n"),
        (own(&[("TG1", "S1"), ("TG3", "S3")]), 0)
    );
    // A label is known for what it is, whatever comes first.
    let udi = |serial: &str| format!("(01)00613994719669(21){serial}");
    assert_eq!(
        delivered(&shop, &format!("TG20\n{}\n", udi("S20"))),
        (own(&[("TG20", "S20")]), 0)
    );
    assert_eq!(
        delivered(
            &shop,
            &format!(
                "TG21\t{}\n{}\n{}\nTG22\n",
                udi("S21"),
                udi("S22"),
                udi("S22")
            )
        ),
        (own(&[("TG21", "S21"), ("TG22", "S22")]), 0)
    );
    assert_eq!(delivered(&shop, "TG1\tS30\n"), (Vec::new(), 1));
    assert_eq!(delivered(&shop, "S31\nS31\n"), (Vec::new(), 1));
}

#[test]
fn the_queue_says_why_an_order_stands_where_it_stands() {
    let shop = Shop::practice();
    add(&shop, "B-1", "S1");
    add(&shop, "B-2", "S2");
    shop.done(&[
        "order",
        "open",
        "B-1",
        "--kind",
        "pm",
        "--due",
        "2026-11-20",
    ]);
    shop.done(&[
        "order",
        "open",
        "B-2",
        "--problem",
        "spark",
        "--harm",
        "near-miss",
    ]);
    shop.command(&["tech", "key", "second"])
        .env("TAGOUT_PASSPHRASE", "battery staple")
        .assert()
        .success();
    shop.done(&[
        "device",
        "release",
        "B-2",
        "--by",
        "second",
        "--reason",
        "looked at",
    ]);
    let queue = shop.json(&["order", "list"]);
    let orders = queue["orders"].as_array().expect("orders");
    assert_eq!(
        (&orders[0]["device"]["tag"], &orders[0]["priority"]),
        (&json!("B-2"), &json!("urgent"))
    );
    assert!(
        text(&orders[0], "why").starts_with("possible harm"),
        "{queue}"
    );
    assert!(
        text(&orders[1], "why").starts_with("overdue 3 d"),
        "{queue}"
    );
    let listed = shop.done(&["order", "list"]);
    assert!(
        listed.contains("possible harm") && listed.contains("overdue 3 d"),
        "{listed}"
    );
}

#[test]
fn who_has_left_acts_no_more() {
    let shop = Shop::practice();
    shop.done(&["tech", "left", "second", "--reason", "moved"]);
    for act in [
        &["device", "add", "B-9", "--as", "second"][..],
        &[
            "tech", "add", "second", "--name", "Me Again", "--as", "second",
        ],
    ] {
        let refused = shop.refused(1, act);
        assert_eq!(refused["kind"], "not-allowed", "{refused}");
    }
    shop.done(&["tech", "add", "second", "--name", "Second Person"]);
    shop.done(&["device", "add", "B-9", "--as", "second"]);
}

#[test]
fn scheduled_work_is_opened_once() {
    let shop = Shop::practice();
    add(&shop, "B-1", "S1");
    let pm = [
        "order",
        "open",
        "B-1",
        "--kind",
        "pm",
        "--due",
        "2026-12-01",
    ];
    shop.done(&pm);
    let refused = shop.refused(1, &pm);
    assert!(text(&refused, "error").contains("T-00001"), "{refused}");
    let mut again = pm.to_vec();
    again.extend(["--problem", "second module"]);
    shop.done(&again);
    shop.done(&[
        "order",
        "open",
        "B-1",
        "--kind",
        "pm",
        "--due",
        "2027-12-01",
    ]);
}

#[test]
fn a_tool_is_taken_for_what_it_is() {
    let shop = Shop::practice();
    add(&shop, "B-1", "S1");
    let file = shop.file("bench.toml", BENCH);
    shop.done(&["procedure", "import", &file]);
    for (name, kind, due) in [
        ("ipa", "infusion pump analyser", "2027-06-01"),
        ("old", "safety analyser", "2026-08-01"),
    ] {
        shop.done(&["tool", "add", name, "--kind", kind]);
        shop.done(&["tool", "set", name, "--on", "2026-06-01", "--due", due]);
    }
    let start = |tool: &'static str| {
        [
            "inspection",
            "start",
            "B-1",
            "--procedure",
            "bench",
            "--read",
            "--tool",
            tool,
        ]
    };
    let refused = shop.refused(1, &start("safety analyser=ipa"));
    assert!(
        text(&refused, "error").contains("not as safety analyser"),
        "{refused}"
    );
    let refused = shop.refused(1, &start("old"));
    assert!(
        text(&refused, "error").contains("OUT OF CALIBRATION"),
        "{refused}"
    );
    shop.done(&["order", "open", "B-1", "--problem", "beeps"]);
    shop.done(&["tool", "fail", "ipa", "--reason", "dropped"]);
    let refused = shop.refused(1, &["order", "tool", "T-00001", "ipa"]);
    assert!(text(&refused, "error").contains("FAULTY"), "{refused}");
}

#[test]
fn a_list_without_makers_is_not_judged_equal() {
    let shop = Shop::practice();
    add(&shop, "D-1", "77");
    let other = shop.file(
        "other.csv",
        "Tag,Manufacturer,Model,Serial\nD-2,Bmed,X9,77\n",
    );
    shop.done(&["device", "import", &other]);
    let blank = shop.file("blank.csv", "Tag,Serial\nD-3,77\n");
    let (said, _) = shop.ends(1, &["device", "import", &blank]);
    assert!(said.contains("cannot be said whether"), "{said}");
    assert!(!said.contains("The same maker"), "{said}");
}

#[test]
fn a_known_model_fills_the_record() {
    let shop = Shop::practice();
    let file = shop.file(
        "models.json",
        r#"{"results":[{"identifiers":[{"id":"00613994719669","type":"Primary","issuing_agency":"GS1"}],
        "company_name":"Acme Medical","brand_name":"Drip","version_or_model_number":"P100","catalog_number":"P100-US",
        "product_codes":[{"code":"FRN","name":"Pump, Infusion"}]}]}"#,
    );
    shop.done(&["device", "import-models", &file]);
    let hint = shop.done(&["scan", "(01)00613994719669(21)S20"]);
    assert!(
        hint.contains("device add TAG --udi-di 00613994719669 --serial S20`"),
        "{hint}"
    );
    let hint = shop.done(&["scan", "(01)00613994719669(10)A'B(21)S 1(11)250102"]);
    let options = "--serial 'S 1' --lot 'A'\\''B' --manufactured 2025-01-02`";
    assert!(hint.contains(options), "{hint}");
    let device = shop.json(&["device", "add", "B-1", "--udi-di", "00613994719669"]);
    assert_eq!(
        (&device["manufacturer"], &device["model"], &device["type"]),
        (&json!("Acme Medical"), &json!("P100"), &json!("FRN"))
    );
    // The whole label gives the serial number too.
    let device = shop.json(&[
        "device",
        "add",
        "B-2",
        "--udi-di",
        "(01)00613994719669(21)S20",
    ]);
    assert_eq!(
        (
            &device["udi_di"],
            &device["serial"],
            &device["manufacturer"]
        ),
        (
            &json!("00613994719669"),
            &json!("S20"),
            &json!("Acme Medical")
        )
    );
    assert_eq!(
        shop.json(&["scan", "(01)00613994719669(21)S20"])["device"]["tag"],
        "B-2"
    );
}

#[test]
fn what_the_rating_plate_says_is_kept_on_the_record() {
    let shop = Shop::practice();
    add(&shop, "B-1", "S1");
    let plate = r#"
code = "plate"
title = "Rating plate"
activity = "annual PM"
version = "1"
source = "shop"
frequency = "every 12 months"

[[section]]
title = "Rating plate"

[[section.step]]
id = "class"
title = "Protection class on the rating plate"
kind = "choice"
options = [ { answer = "I", verdict = "neutral" }, { answer = "II", verdict = "neutral" }, { answer = "Cannot be read", verdict = "fail" } ]

[[section.step]]
id = "software"
title = "Software version as shown"
kind = "text"
about = "software version"
"#;
    let file = shop.file("plate.toml", plate);
    shop.done(&["procedure", "import", &file]);
    shop.done(&["tech", "key"]);
    shop.done(&[
        "inspection",
        "start",
        "B-1",
        "--procedure",
        "plate",
        "--read",
    ]);
    shop.done(&["inspection", "record", "class", "I"]);
    shop.done(&["inspection", "record", "software", "9.02"]);
    assert_eq!(
        shop.json(&["device", "show", "B-1"])["protection_class"],
        json!(null)
    );
    shop.done(&["inspection", "sign"]);
    let device = shop.json(&["device", "show", "B-1"]);
    assert_eq!(device["protection_class"], "class-i");
    assert_eq!(device["software_seen"][0]["version"], "9.02", "{device}");
    assert!(
        text(&device["software_seen"][0], "how").contains("annual PM"),
        "{device}"
    );
    // No order is open; the procedure says how often.
    assert!(
        shop.done(&["inspection", "print", "B-1", "--sticker"])
            .contains("NEXT DUE 2027-11-23")
    );
}

#[test]
fn addresses_and_systems_are_checked() {
    let shop = Shop::practice();
    add(&shop, "B-1", "S1");
    add(&shop, "B-2", "S2");
    for change in [
        "ip=notanip",
        "ip=999.1.1.1",
        "mac=zz",
        "parent=B-999",
        "parent=B-1",
        "purchased=0001-01-01",
    ] {
        shop.refused_any(&["device", "set", "B-1", change]);
    }
    shop.done(&[
        "device",
        "set",
        "B-1",
        "ip=10.20.3.4",
        "mac=00:1B:44:11:3A:B7",
        "parent=B-2",
    ]);
    let refused = shop.refused(1, &["device", "set", "B-2", "parent=B-1"]);
    assert!(
        text(&refused, "error").contains("part of itself"),
        "{refused}"
    );
    let list = shop.file("list.csv", "Tag,Serial,IP Address\nC-1,9,not an ip\n");
    let (said, _) = shop.ends(1, &["device", "import", &list]);
    assert!(said.contains("not an IP address"), "{said}");
}

#[test]
fn a_failure_that_was_none_is_measured_again_and_kept() {
    let shop = begun();
    shop.done(&["inspection", "record", "leak", "500"]);
    shop.refused(
        1,
        &["inspection", "settle", "leak", "--measured-again", " "],
    );
    shop.done(&[
        "inspection",
        "settle",
        "leak",
        "--measured-again",
        "the lead had slipped off",
    ]);
    shop.done(&["inspection", "record", "leak", "50"]);
    let leak = &shop.json(&["inspection", "plan"])["steps"][1];
    assert_eq!(leak["state"], "done", "{leak}");
    assert_eq!(leak["points"][0]["as_found"]["verdict"], "fail");
    assert_eq!(leak["points"][0]["as_left"]["verdict"], "pass");
}

#[test]
fn what_is_known_of_a_device_that_was_sent_out_is_shown() {
    let shop = Shop::practice();
    add(&shop, "B-1", "S1");
    let past = [
        "device",
        "status",
        "B-1",
        "--sent-out",
        "Acme",
        "--expected",
        "2026-01-01",
    ];
    shop.refused(1, &past);
    shop.refused(1, &["device", "status", "B-1", "--missing", ""]);
    let said = shop.done(&[
        "device",
        "status",
        "B-1",
        "--sent-out",
        "Acme",
        "--rma",
        "R-77",
        "--carrier",
        "UPS",
        "--expected",
        "2026-12-01",
        "--ephi-cleared",
        "no",
    ]);
    assert!(said.contains("patient information"), "{said}");
    for words in [
        &["device", "show", "B-1"][..],
        &["device", "history", "B-1"],
    ] {
        let said = shop.done(words);
        for part in ["R-77", "UPS", "ePHI cleared: NO", "2026-12-01"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}

#[test]
fn earlier_readings_and_their_drift_are_beside_the_step() {
    let mut shop = begun();
    shop.done(&["tech", "key"]);
    let walk = |shop: &Shop, leak: &str| {
        for point in ["10", "50", "100"] {
            shop.done(&["inspection", "record", "flow", point]);
        }
        shop.done(&["inspection", "record", "leak", leak]);
    };
    walk(&shop, "40");
    shop.done(&["inspection", "sign"]);
    shop.at("2027-01-05T09:00:00Z");
    shop.done(&[
        "inspection",
        "start",
        "B-1",
        "--procedure",
        "bench",
        "--read",
    ]);
    assert!(
        shop.done(&["inspection", "plan"])
            .contains("2026-11-23: 40")
    );
    walk(&shop, "80");
    let leak = &shop.json(&["inspection", "plan"])["steps"][1]["points"][0];
    assert_eq!(
        (
            &leak["previous"][0]["on"],
            &leak["previous"][0]["difference"]["value"]
        ),
        (&json!("2026-11-23"), &json!("40")),
        "{leak}"
    );
    assert!(shop.done(&["inspection", "plan"]).contains("now +40"));
    // Moved to another device, each reading says so.
    add(&shop, "B-2", "S2");
    shop.done(&[
        "inspection",
        "move",
        "--to",
        "B-2",
        "--reason",
        "wrong tag",
        "--on",
        "B-1",
    ]);
    let sheet = shop.json(&["inspection", "plan", "B-2"]);
    assert!(
        sheet["steps"][1]["points"][0]["as_found"]["moved_from"].is_string(),
        "{sheet}"
    );
    let printed = shop.done(&["inspection", "print", "B-2"]);
    assert!(printed.matches("MOVED").count() >= 5, "{printed}");
}

#[test]
fn a_suspected_recall_reaches_every_device_of_the_model() {
    let shop = begun();
    add(&shop, "B-2", "S2");
    shop.done(&[
        "device",
        "add",
        "C-1",
        "--manufacturer",
        "Acme",
        "--model",
        "P200",
    ]);
    let told = shop.json(&["inspection", "suspect-recall", "battery", "swollen"]);
    assert_eq!(told["siblings"][0]["tag"], "B-2", "{told}");
    assert_eq!(told["siblings"].as_array().map(Vec::len), Some(1));
    let listed = shop.json(&["order", "list", "--kind", "recall"]);
    let number = text(&listed["orders"][0], "number").to_owned();
    assert!(shop.done(&["order", "show", &number]).contains("B-2"));
    let alert = |tag: &str| shop.json(&["device", "show", tag])["warnings"].to_string();
    assert!(
        alert("B-2").contains("recall suspected on B-1"),
        "{}",
        alert("B-2")
    );
    assert!(!alert("C-1").contains("recall"));
    shop.done(&["order", "cancel", &number, "--reason", "not covered"]);
    assert!(!alert("B-2").contains("recall"));
}

#[test]
fn two_records_of_one_device_are_pointed_out() {
    let shop = Shop::practice();
    add(&shop, "D-1", "S1");
    let said = shop.done(&[
        "device",
        "add",
        "D-2",
        "--serial",
        "S1",
        "--manufacturer",
        "acme",
        "--model",
        "P-100",
    ]);
    assert!(said.contains("! D-1 has the same maker"), "{said}");
    shop.done(&[
        "device",
        "add",
        "D-3",
        "--serial",
        "S3",
        "--manufacturer",
        "Acme",
        "--model",
        "P100",
    ]);
    assert_eq!(
        shop.json(&["device", "set", "D-3", "serial=S1"])["same_serial"],
        json!(["D-1", "D-2"])
    );
}

#[test]
fn an_unsigned_record_has_nothing_to_check_it_by() {
    let shop = begun();
    assert_eq!(shop.json(&["inspection", "show"])["digest"], json!(null));
    assert!(
        shop.done(&["inspection", "print"])
            .contains("not signed yet")
    );
}

#[test]
fn a_device_identifier_is_kept_alone_and_found_by_its_label() {
    let shop = Shop::practice();
    shop.refused(1, &["device", "add", "G-1", "--udi-di", "garbage"]);
    add(&shop, "B-1", "S1");
    shop.refused(1, &["device", "set", "B-1", "udi_di=notudi"]);
    let set = shop.json(&["device", "set", "B-1", "udi_di=(01)00613994719669(21)S1"]);
    assert_eq!(set["udi_di"], "00613994719669");
    let list = shop.file(
        "udi.csv",
        "Tag,Serial,UDI\nU-1,s3,(01)00613994719669(21)s3\nU-2,s4,00613994719660\n",
    );
    let said = shop.done(&["device", "import", &list]);
    assert!(
        said.contains("whole label") && said.contains("check digit"),
        "{said}"
    );
    assert_eq!(
        shop.json(&["scan", "(01)00613994719669(21)s3"])["device"]["tag"],
        "U-1"
    );
    let wrong = shop.file("wrong.csv", "Tag,Serial,UDI\nU-3,s5,notudi\n");
    let (said, _) = shop.ends(1, &["device", "import", &wrong]);
    assert!(said.contains("no device identifier"), "{said}");
}

#[test]
fn nothing_enters_service_without_a_word() {
    let shop = Shop::practice();
    let add = [
        "device",
        "add",
        "T-1",
        "--taken-over",
        "--stage",
        "in-service",
    ];
    shop.refused(1, &add);
    let mut why = add.to_vec();
    why.extend(["--reason", "on the ward since 2019"]);
    shop.done(&why);
    assert!(
        shop.json(&["device", "history", "T-1"])
            .to_string()
            .contains("on the ward since 2019")
    );
    for stage in ["retired", "out-of-service"] {
        shop.done(&["device", "status", "T-1", "--stage", stage]);
    }
    shop.refused(1, &["device", "status", "T-1", "--stage", "in-service"]);
    shop.refused(1, &["device", "add"]);
}

#[test]
fn orders_are_opened_with_sense_and_named_short() {
    let shop = Shop::practice();
    add(&shop, "B-1", "S1");
    for wrong in [
        ["--every", "0"],
        ["--minutes", "99999999"],
        ["--procedure", "nosuch"],
    ] {
        let mut open = vec!["order", "open", "B-1", "--kind", "pm"];
        open.extend(wrong);
        shop.refused(1, &open);
    }
    shop.done(&[
        "order",
        "open",
        "B-1",
        "--kind",
        "pm",
        "--procedure",
        "infusion-pump-lvp",
    ]);
    assert_eq!(shop.json(&["order", "show", "1"])["number"], "T-00001");
    // The order names a shipped procedure; the device has no type.
    shop.done(&[
        "inspection",
        "start",
        "B-1",
        "--procedure",
        "infusion-pump-lvp",
        "--read",
    ]);
}
