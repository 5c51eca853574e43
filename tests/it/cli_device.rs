//! The device commands, labels and looking after the store, on the real program.
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::cli::{Shop, steady};

const PUMP: &[&str] = &[
    "--manufacturer",
    "Acme",
    "--model",
    "P100",
    "--type",
    "FRN",
    "--department",
    "ICU",
    "--location",
    "Room 4",
];

fn add(shop: &Shop, tag: &str, serial: &str) -> serde_json::Value {
    let mut arguments = vec!["device", "add", tag, "--serial", serial];
    arguments.extend(PUMP);
    shop.json(&arguments)
}

#[test]
fn a_new_store_needs_no_ceremony() {
    let shop = Shop::empty();
    let added = add(&shop, "BME-1", "SN1");
    assert_eq!(added["tag"], "BME-1");
    assert!(
        added["id"].as_str().is_some_and(|id| id.len() > 30),
        "{added}"
    );
    let verified = shop.json(&["verify"]);
    assert_eq!(verified["ok"], true);
    let keys: Vec<&str> = verified
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(keys, ["entries", "ok", "problems", "sites"]);
    let digest = shop.done(&["digest"]);
    assert_eq!(digest.lines().count(), 1);
    assert_eq!(shop.done(&["digest"]), digest, "looking changes nothing");
    shop.done(&["rebuild"]);
    assert_eq!(
        shop.done(&["digest"]),
        digest,
        "a rebuilt store is the same"
    );
}

#[test]
fn the_answers_of_device_commands_keep_their_shape() {
    let shop = Shop::practice();
    insta::assert_json_snapshot!("device_add", steady(&add(&shop, "BME-1", "SN1")));
    insta::assert_json_snapshot!(
        "device_find",
        steady(&shop.json(&["device", "find", "acme"]))
    );
    insta::assert_json_snapshot!(
        "device_show",
        steady(&shop.json(&["device", "show", "BME-1"]))
    );
    insta::assert_json_snapshot!(
        "device_history",
        steady(&shop.json(&["device", "history", "BME-1"]))
    );
    insta::assert_json_snapshot!(
        "shop_show",
        steady(&shop.without_folder(&shop.json(&["shop", "show"])))
    );
    insta::assert_json_snapshot!(
        "refusal",
        steady(&shop.refused(1, &["device", "add", "BME-1"]))
    );
}

#[test]
fn found_devices_come_best_first_with_exactly_these_keys() {
    let shop = Shop::practice();
    for number in 1..=5 {
        add(&shop, &format!("BME-{number}"), &format!("SN-{number}00"));
    }
    let found = shop.json(&["device", "find", "BME-3", "-n", "2"]);
    let found = found.as_array().expect("an array");
    assert_eq!(found[0]["tag"], "BME-3");
    assert!(found.len() <= 2);
    let keys: Vec<&String> = found[0].as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "department",
            "location",
            "manufacturer",
            "model",
            "serial",
            "status",
            "tag"
        ]
    );
    let (stdout, _) = shop.ends(1, &["device", "find", "qqqqqqqqqq", "--json"]);
    assert_eq!(stdout.trim(), "[]");
}

#[test]
fn names_that_fit_several_devices_are_refused_with_the_choice() {
    let shop = Shop::practice();
    add(&shop, "BME-1", "SAME");
    let other = add(&shop, "BME-2", "SAME");
    let refused = shop.refused(1, &["device", "show", "SAME"]);
    assert_eq!(refused["kind"], "needs-choice");
    assert_eq!(refused["choices"].as_array().map(Vec::len), Some(2));
    let id = other["id"].as_str().expect("an id");
    assert_eq!(shop.json(&["device", "show", "--id", id])["tag"], "BME-2");
    assert_eq!(
        shop.refused(1, &["device", "show", "BME-9"])["kind"],
        "not-found"
    );
}

#[test]
fn fields_status_and_holds_change_and_are_refused_by_the_rules() {
    let shop = Shop::practice();
    add(&shop, "BME-1", "SN1");
    let set = shop.json(&[
        "device",
        "set",
        "BME-1",
        "department=OR 2",
        "ephi=no",
        "notes=",
        "--reason",
        "moved",
    ]);
    assert_eq!(
        (&set["department"], &set["ephi"]),
        (&json!("OR 2"), &json!("no"))
    );
    assert_eq!(
        shop.refused(1, &["device", "set", "BME-1", "ephi=perhaps"])["kind"],
        "bad-input"
    );
    assert_eq!(
        shop.refused(2, &["device", "set", "BME-1", "colour=red"])["kind"],
        "usage"
    );
    assert_eq!(
        shop.refused(
            1,
            &["device", "set", "BME-1", "location=x", "--expected", "1"]
        )["kind"],
        "changed"
    );
    // No device enters service without a passed incoming inspection, whatever command asks.
    let refused = shop.refused(1, &["device", "status", "BME-1", "--stage", "in-service"]);
    assert_eq!(refused["kind"], "rule");
    shop.ends(
        1,
        &[
            "device",
            "lift",
            "BME-1",
            "--hold",
            "incoming-inspection",
            "--reason",
            "hurry",
        ],
    );
    shop.ends(1, &["device", "add", "BME-2", "--stage", "in-service"]);
    let sent = shop.json(&[
        "device",
        "status",
        "BME-1",
        "--sent-out",
        "Acme depot",
        "--rma",
        "R7",
        "--decontaminated",
        "yes",
    ]);
    assert_eq!(sent["whereabouts"]["decontaminated"], true);
    assert_eq!(
        sent["whereabouts"]["ephi_cleared"],
        serde_json::Value::Null,
        "unknown stays unknown"
    );
    assert_eq!(
        shop.json(&["device", "status", "BME-1", "--at-location"])["whereabouts"]["at"],
        "location"
    );
    let held = shop.json(&["device", "hold", "BME-1", "--reason", "smells burnt"]);
    assert_eq!(held["holds"].as_array().map(Vec::len), Some(2));
    let lifted = shop.json(&[
        "device",
        "lift",
        "BME-1",
        "--hold",
        "do-not-use",
        "--reason",
        "was the toast",
    ]);
    assert_eq!(lifted["holds"].as_array().map(Vec::len), Some(1));
    shop.done(&["device", "note", "BME-1", "seen", "on", "shelf", "3"]);
    shop.ends(2, &["device", "status", "BME-1"]);
}

#[test]
fn old_tags_still_find_a_device_and_records_are_combined_and_separated() {
    let shop = Shop::practice();
    let temporary = shop.json(&["device", "add", "--serial", "SN9"]);
    let tag = temporary["tag"].as_str().expect("a tag").to_owned();
    assert!(tag.starts_with("TMP-"), "{tag}");
    shop.done(&["device", "retag", &tag, "BME-9"]);
    assert_eq!(shop.json(&["device", "show", &tag])["tag"], "BME-9");
    let other = add(&shop, "BME-10", "SN10");
    shop.done(&[
        "device",
        "combine",
        "BME-9",
        "BME-10",
        "--reason",
        "one device",
    ]);
    assert_eq!(shop.json(&["device", "show", "BME-10"])["tag"], "BME-9");
    let id = other["id"].as_str().expect("an id");
    shop.done(&[
        "device",
        "separate",
        "BME-9",
        id,
        "--reason",
        "two after all",
    ]);
    assert_eq!(shop.json(&["device", "show", "BME-10"])["tag"], "BME-10");
    // A device that is not passed and current takes nobody's place.
    assert_eq!(
        shop.refused(1, &["swap", "BME-9", "BME-10"])["kind"],
        "rule"
    );
}

#[test]
fn labels_are_read_and_find_their_device() {
    let shop = Shop::practice();
    add(&shop, "BME-1", "SN1");
    let label = "(01)00844588003288(17)271231(21)SN1";
    let scan = shop.json(&["scan", label, "--today", "2026-01-01"]);
    insta::assert_json_snapshot!("scan", steady(&scan));
    assert_eq!(shop.json(&["scan", "BME-1"])["device"]["tag"], "BME-1");
    let (stdout, _) = shop.ends(1, &["scan", "hello", "--json"]);
    assert!(stdout.contains("\"not_a_udi\""), "{stdout}");
    add(&shop, "BME-2", "SN1");
    let two = shop.json(&["scan", "SN1"]);
    assert_eq!(
        (&two["device"], two["devices"].as_array().map(Vec::len)),
        (&serde_json::Value::Null, Some(2))
    );
}

#[test]
fn what_data_says_cannot_steer_the_terminal() {
    let shop = Shop::practice();
    shop.done(&["device", "add", "BME-1", "--notes", "one\u{1b}[2Jtwo"]);
    let shown = shop.done(&["device", "show", "BME-1"]);
    assert!(
        shown.contains("one[2Jtwo") && !shown.contains('\u{1b}'),
        "{shown:?}"
    );
    let (_, stderr) = shop.ends(1, &["device", "show", "x\u{1b}]0;title\u{7}"]);
    assert!(
        !stderr.chars().any(|c| c.is_control() && c != '\n'),
        "{stderr:?}"
    );
}

#[test]
fn a_list_is_imported_whole_or_not_at_all() {
    let shop = Shop::practice();
    let list = shop.file(
        "list.csv",
        "Asset Tag;Serial No.;Manufacturer;Model;Dept\nA-1;S1;Acme;P100;ICU\nA-2;S2;Acme;P100;ICU\nA-2;S3;Acme;P100;ICU\n",
    );
    let before = shop.done(&["digest"]);
    let (stdout, _) = shop.ends(1, &["device", "import", &list, "--json"]);
    let report: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(report["imported"], false);
    assert_eq!(shop.done(&["digest"]), before, "nothing was imported");
    let bad = shop.dir().join("bad.csv").display().to_string();
    shop.done(&["device", "import", &list, "--dry-run", "--skip-bad", &bad]);
    assert_eq!(shop.done(&["digest"]), before, "a dry run records nothing");
    let report = shop.json(&["device", "import", &list, "--skip-bad", &bad]);
    assert_eq!(report["imported"], true);
    let refused = std::fs::read_to_string(&bad).expect("the refused rows");
    assert!(
        refused.contains("A-2") && refused.lines().count() >= 2,
        "{refused}"
    );
    let after = shop.done(&["digest"]);
    let again = shop.json(&["device", "import", &list, "--skip-bad", &bad]);
    assert_eq!((&again["added"], &again["updated"]), (&json!(0), &json!(0)));
    assert_eq!(
        shop.done(&["digest"]),
        after,
        "importing again changes nothing"
    );
    assert_eq!(shop.json(&["device", "show", "A-1"])["department"], "ICU");
    shop.ends(1, &["device", "import", "missing.csv"]);
}

#[test]
fn a_saved_map_is_used_again_by_its_name() {
    let shop = Shop::practice();
    let map = shop.file(
        "map.toml",
        "[columns]\n\"Nummer\" = \"tag\"\n\"Abt\" = \"department\"\n",
    );
    let list = shop.file("list.csv", "Nummer,Abt,Serial\nA-1,ICU,S1\n");
    shop.done(&[
        "device",
        "import",
        &list,
        "--map",
        &map,
        "--save-map",
        "house",
    ]);
    let list = shop.file("next.csv", "Nummer,Abt,Serial\nA-2,OR,S2\n");
    shop.done(&["device", "import", &list, "--map", "house"]);
    assert_eq!(shop.json(&["device", "show", "A-2"])["department"], "OR");
    assert_eq!(
        shop.refused(1, &["device", "import", &list, "--map", "house2"])["kind"],
        "not-found"
    );
}

#[test]
fn a_delivery_is_taken_in_scan_by_scan() {
    let shop = Shop::practice();
    add(&shop, "OLD-1", "S1");
    let out = shop.done_with(
        &[
            "receive",
            "--po",
            "PO-7",
            "--manufacturer",
            "Acme",
            "--model",
            "P100",
            "--ordered",
            "4",
            "--json",
        ],
        "S2\nD-2\nS3\tD-3\ndead cracked case\nS1\nOLD-1\nS4\n\n\n",
    );
    let answer: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let received = answer["received"].as_array().expect("an array");
    assert_eq!(received.len(), 3, "{answer}");
    assert_eq!(received[1]["dead"], "cracked case");
    assert!(
        received[2]["tag"]
            .as_str()
            .is_some_and(|tag| tag.starts_with("TMP-"))
    );
    assert_eq!(
        answer["duplicates"],
        json!([{"serial": "S1", "tag": "OLD-1"}])
    );
    let device = shop.json(&["device", "show", "D-2"]);
    assert_eq!(
        (&device["po"], &device["origin"]),
        (&json!("PO-7"), &json!("delivered"))
    );
    assert_eq!(device["open_orders"][0]["kind"], "incoming");
}

#[test]
fn exit_codes_tell_refused_from_misused_from_store_trouble() {
    let shop = Shop::practice();
    shop.ends(0, &["device", "find", "--help"]);
    shop.ends(2, &["device"]);
    assert_eq!(
        shop.refused(2, &["device", "add", "X", "--colour", "red"])["kind"],
        "usage"
    );
    shop.ends(2, &["order", "list", "--kind", "dance"]);
    assert_eq!(
        shop.refused(1, &["device", "note", "BME-404", "hello"])["kind"],
        "not-found"
    );
    let (_, stderr) = shop.ends(
        1,
        &[
            "device",
            "note",
            "BME-404",
            "hello",
            "--as",
            "no-such-technician",
        ],
    );
    assert!(stderr.contains("tech add"), "{stderr}");
    let blocked = shop.file("blocked", "a file, not a folder");
    shop.ends(3, &["verify", "--store", &blocked]);
}

#[test]
fn a_second_process_on_the_store_is_told_who_holds_it() {
    let shop = Shop::practice();
    // A delivery that waits for its next scan holds the store.
    let mut holder = Command::new(env!("CARGO_BIN_EXE_tagout"))
        .args(["receive", "--model", "P100", "--as", "jd"])
        .env("TAGOUT_STORE", shop.store())
        .env("HOME", shop.dir())
        .env("TAGOUT_CLOCK", crate::support::cli::NOW)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut input = holder.stdin.take().expect("its input");
    input.write_all(b"S1\tD-1\n").expect("a scan");
    let mut lines = BufReader::new(holder.stderr.take().expect("its words")).lines();
    let taken = lines.next().expect("a line").expect("text");
    assert!(taken.contains("D-1"), "{taken}");
    let refused = shop.refused(3, &["device", "find", "x"]);
    assert_eq!(refused["kind"], "store");
    let words = refused["error"].as_str().expect("words");
    assert!(
        words.contains("in use") && words.contains(&holder.id().to_string()),
        "{words}"
    );
    // Killed between two scans: what was taken in is there.
    holder.kill().expect("it is ours");
    holder.wait().expect("it ends");
    assert_eq!(shop.json(&["device", "show", "D-1"])["serial"], "S1");
    assert_eq!(shop.json(&["verify"])["ok"], true);
}
