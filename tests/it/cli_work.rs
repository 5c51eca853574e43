//! Orders and inspections on the real program: a device's way from the loading dock to its repair.
use serde_json::{Value, json};

use crate::support::cli::{Shop, steady};

const PM: &str = r#"
code = "p100-pm"
title = "P100 annual PM"
activity = "annual PM"
version = "1"
source = "shop"
device-types = ["FRN"]

[[section]]
title = "Identify"

[[section.step]]
id = "identify"
title = "Scan the device"
kind = "scan"
what = "device"
safety = true

[[section]]
title = "Performance"

[[section.step]]
id = "case"
title = "Case sound"
kind = "check"

[[section.step]]
id = "flow"
title = "Flow at 100 mL/h"
kind = "measure"
unit = "mL/h"
nominal = 100
percent = 5
verified = true
source = "service manual"
tool = "infusion pump analyser"

[[section.step]]
id = "run"
title = "Run"
kind = "timer"
duration = "1 min"
"#;

fn shop() -> Shop {
    let shop = Shop::practice();
    shop.done(&[
        "device",
        "add",
        "BME-1",
        "--serial",
        "SN1",
        "--manufacturer",
        "Acme",
        "--model",
        "P100",
        "--type",
        "FRN",
        "--protection-class",
        "class-i",
        "--power",
        "detachable",
        "--applied-parts",
        "line: CF",
        "--ephi",
        "no",
        "--network",
        "none",
        "--high-risk",
        "yes",
    ]);
    for (name, kind) in [
        ("esa1", "safety analyser"),
        ("ipa1", "infusion pump analyser"),
    ] {
        shop.done(&["tool", "add", name, "--kind", kind]);
        shop.done(&[
            "tool",
            "set",
            name,
            "--on",
            "2026-06-01",
            "--due",
            "2027-06-01",
        ]);
    }
    shop.done(&["tech", "key"]);
    let theirs = shop.file("theirs", "battery staple\n");
    shop.done(&[
        "tech",
        "key",
        "--as",
        "second",
        "--passphrase-file",
        &theirs,
    ]);
    shop
}

/// An answer that passes this step, as a person at the bench would give it.
fn good(step: &Value) -> String {
    let id = step["id"].as_str().unwrap_or_default();
    match step["kind"].as_str().unwrap_or_default() {
        "check" | "timer" => "pass".to_owned(),
        "scan" => "BME-1".to_owned(),
        "text" => "as labelled".to_owned(),
        "date" => "2030-01-01".to_owned(),
        "second-person" => "second".to_owned(),
        "choice" => step["options"][0].as_str().unwrap_or_default().to_owned(),
        "measure" if id == "flow" => "101".to_owned(),
        "measure" if id == "clock" => "0".to_owned(),
        _ => "0.1".to_owned(),
    }
}

fn walk(shop: &Shop) {
    for _ in 0..60 {
        let standing = shop.json(&["inspection", "show"]);
        let Some(front) = standing["front"].as_str() else {
            return;
        };
        let steps = standing["steps"].as_array().expect("steps");
        let step = steps
            .iter()
            .find(|step| step["id"] == front)
            .expect("the front step");
        if step["state"] == "running" || step["kind"] == "timer" {
            shop.done(&["inspection", "timer", front]);
            return;
        }
        shop.done(&["inspection", "record", front, &good(step)]);
    }
    panic!("the checklist does not end");
}

#[test]
fn from_the_loading_dock_to_a_repair_and_back() {
    let mut shop = shop();
    // Incoming inspection: the warning is read first.
    let refused = shop.refused(1, &["inspection", "start", "BME-1"]);
    assert_eq!(refused["kind"], "needs-choice");
    shop.done(&["inspection", "start", "BME-1", "--read", "--tool", "esa1"]);
    shop.done(&[
        "procedure",
        "adopt",
        "incoming-inspection",
        "--by",
        "Jane Doe",
        "--against",
        "Acme IFU, rev. 3",
    ]);
    assert_eq!(
        shop.refused(1, &["inspection", "sign"])["kind"],
        "rule",
        "nothing is signed half done"
    );
    walk(&shop);
    let ready = shop.json(&["inspection", "show"]);
    assert_eq!(
        (&ready["missing"], &ready["expected_outcome"]),
        (&json!([]), &json!("passed")),
        "{ready}"
    );
    let wrong = shop.file("wrong", "not the passphrase\n");
    assert_eq!(
        shop.refused(1, &["inspection", "sign", "--passphrase-file", &wrong])["kind"],
        "key"
    );
    let signed = shop.json(&["inspection", "sign"]);
    assert_eq!(signed["outcome"], "passed");
    let id = signed["id"].as_str().expect("an id").to_owned();
    assert_eq!(shop.json(&["inspection", "verify", &id])["ok"], true);
    assert!(
        shop.done(&["inspection", "print", &id, "--sticker"])
            .contains("BME-1")
    );
    assert!(
        shop.done(&["inspection", "print", &id, "--html"])
            .contains("<html")
    );
    shop.ends(1, &["inspection", "print", &id, "--red-tag"]);
    let device = shop.json(&["device", "show", "BME-1"]);
    assert_eq!(
        (&device["status"], &device["holds"]),
        (&json!("in-service"), &json!([]))
    );

    // The PM a year later finds the flow wrong.
    shop.at("2027-01-10T09:00:00Z");
    let file = shop.file("pm.toml", PM);
    shop.done(&["procedure", "check", &file]);
    shop.done(&["procedure", "import", &file]);
    shop.done(&[
        "order",
        "open",
        "BME-1",
        "--kind",
        "pm",
        "--activity",
        "annual PM",
        "--due",
        "2027-01-15",
    ]);
    let begun = shop.json(&["inspection", "start", "BME-1", "--tool", "ipa1"]);
    assert_eq!(begun["procedure"]["code"], "p100-pm");
    assert_eq!(
        shop.refused(1, &["inspection", "record", "next", "BME-2"])["kind"],
        "rule",
        "another device"
    );
    shop.done(&["inspection", "record", "next", "BME-1"]);
    shop.done(&["inspection", "record", "case", "pass"]);
    shop.ends(1, &["inspection", "record", "flow", "a lot"]);
    let failed = shop.json(&["inspection", "record", "flow", "80"]);
    assert_eq!(failed["steps"][2]["verdict"], "fail");
    let settled = shop.json(&["inspection", "settle", "flow", "--repair"]);
    let repair = settled["repairs"][0]["order"]
        .as_str()
        .expect("an order")
        .to_owned();
    shop.done(&["inspection", "timer", "run"]);
    assert_eq!(
        shop.refused(1, &["inspection", "record", "run", "pass"])["kind"],
        "rule",
        "it still runs"
    );
    shop.at("2027-01-10T09:05:00Z");
    shop.done(&["inspection", "record", "run", "pass"]);
    shop.done(&["inspection", "note", "hums", "--step", "run"]);
    let signed = shop.json(&["inspection", "sign", "--cause", "UPF"]);
    assert_eq!(signed["outcome"], "failed");

    // The repair.
    let order = shop.json(&["order", "show", &repair]);
    assert!(
        order["problem"]
            .as_str()
            .is_some_and(|words| words.contains("80")),
        "{order}"
    );
    shop.done(&["order", "claim", &repair]);
    shop.done(&["order", "start", &repair]);
    shop.done(&[
        "order",
        "part",
        &repair,
        "--number",
        "1005",
        "--description",
        "pump head",
        "--cost",
        "120.50",
    ]);
    shop.done(&["order", "labor", &repair, "45"]);
    let closed = shop.json(&[
        "order",
        "close",
        &repair,
        "--found",
        "worn head",
        "--done",
        "replaced head",
        "--cause",
        "FFPM",
    ]);
    assert_eq!(closed["status"], "closed");
    insta::assert_json_snapshot!("order_closed", steady(&closed));
    assert_eq!(
        shop.refused(1, &["order", "labor", &repair, "5"])["kind"],
        "rule"
    );
    shop.done(&["order", "note", &repair, "customer", "called"]);
    assert_eq!(shop.json(&["verify"])["ok"], true);
}

#[test]
fn orders_are_held_tried_edited_cancelled_and_reopened() {
    let shop = shop();
    let opened = shop.json(&[
        "order",
        "open",
        "BME-1",
        "--problem",
        "no display",
        "--harm",
        "none",
        "--shelf",
        "B2",
    ]);
    assert_eq!(
        (&opened["number"], &opened["check_in"]["shelf"]),
        (&json!("T-00001"), &json!("B2"))
    );
    assert_eq!(
        opened["check_in"]["clean"], "unknown",
        "what is left out is unknown"
    );
    shop.ends(1, &["order", "open", "BME-1"]);
    shop.ends(2, &["order", "open", "BME-1", "--kind", "tango"]);
    shop.done(&["order", "assign", "T-00001", "--to", "second"]);
    assert_eq!(
        shop.refused(1, &["order", "claim", "T-00001"])["kind"],
        "changed"
    );
    shop.done(&["order", "release", "T-00001", "--reason", "on leave"]);
    shop.done(&["order", "claim", "T-00001"]);
    shop.done(&[
        "order",
        "hold",
        "T-00001",
        "--for",
        "parts",
        "--chase",
        "2026-12-01",
    ]);
    assert_eq!(
        shop.json(&["order", "show", "T-00001"])["hold"]["reason"],
        "parts"
    );
    shop.done(&["order", "resume", "T-00001"]);
    shop.done(&[
        "order",
        "edit",
        "T-00001",
        "--priority",
        "urgent",
        "--reason",
        "only pump",
    ]);
    shop.done(&["order", "attach", "T-00001", "photo.jpg"]);
    shop.done(&["order", "tool", "T-00001", "esa1"]);
    shop.done(&[
        "order",
        "attempt",
        "T-00001=behind curtain",
        "--code",
        "D1",
        "--place",
        "ICU",
    ]);
    let listed = shop.json(&["order", "list", "--mine"]);
    assert_eq!(listed["total"], 1);
    insta::assert_json_snapshot!("order_list", steady(&listed));
    assert_eq!(shop.json(&["order", "list", "--unassigned"])["total"], 0);
    shop.done(&["order", "cancel", "T-00001", "--reason", "duplicate"]);
    shop.ends(1, &["order", "start", "T-00001"]);
    shop.ends(1, &["order", "show", "T-99999"]);
    let repair = shop.json(&["order", "open", "BME-1", "--problem", "again"]);
    let number = repair["number"].as_str().expect("a number").to_owned();
    shop.done(&[
        "order", "close", &number, "--found", "nothing", "--done", "ran 1 h", "--cause", "CND",
    ]);
    let again = shop.json(&["order", "reopen", &number, "--reason", "came back"]);
    assert_ne!(again["number"], number);
    assert_eq!(again["links"][0]["number"], number);
}

#[test]
fn possible_harm_keeps_a_device_as_it_is_until_a_person_releases_it() {
    let shop = shop();
    shop.done(&[
        "order",
        "open",
        "BME-1",
        "--problem",
        "over-infused",
        "--harm",
        "harm",
    ]);
    let refused = shop.refused(1, &["inspection", "start", "BME-1", "--read"]);
    assert!(
        refused["error"]
            .as_str()
            .is_some_and(|words| words.contains("sequestered")),
        "{refused}"
    );
    shop.ends(1, &["order", "part", "T-00001", "--number", "1"]);
    shop.ends(2, &["device", "release", "BME-1"]);
    let release = |by: &'static str| {
        [
            "device",
            "release",
            "BME-1",
            "--by",
            by,
            "--reason",
            "investigation closed",
        ]
    };
    // Somebody on record, somebody else, and with their own passphrase.
    assert_eq!(
        shop.refused(1, &release("Risk manager"))["kind"],
        "not-found"
    );
    assert_eq!(shop.refused(1, &release("jd"))["kind"], "rule");
    let wrong = shop.file("wrong", "not hers\n");
    let mut forged = release("second").to_vec();
    forged.extend(["--second-passphrase-file", &wrong]);
    assert_eq!(shop.refused(1, &forged)["kind"], "key");
    assert_ne!(shop.json(&["device", "show", "BME-1"])["holds"], json!([]));
    shop.done(&release("Second Person"));
    let history = shop.done(&["device", "history", "BME-1"]);
    assert!(
        history.contains("released by Second Person (second)")
            && history.contains("proved by Second Person (second) with their own key"),
        "{history}"
    );
    shop.done(&["inspection", "start", "BME-1", "--read"]);
}

#[test]
fn wrong_inspections_are_moved_or_void_and_tools_that_fail_spoil_their_readings() {
    let shop = shop();
    shop.done(&[
        "device",
        "add",
        "BME-2",
        "--serial",
        "SN2",
        "--manufacturer",
        "Acme",
        "--model",
        "P100",
        "--type",
        "FRN",
    ]);
    let file = shop.file("pm.toml", PM);
    shop.done(&["procedure", "import", &file]);
    shop.done(&[
        "inspection",
        "start",
        "BME-1",
        "--read",
        "--procedure",
        "p100-pm",
        "--tool",
        "infusion pump analyser=ipa1",
    ]);
    shop.done(&["inspection", "record", "identify", "SN1"]);
    shop.done(&["inspection", "record", "flow", "99.5"]);
    let amended = shop.json(&[
        "inspection",
        "amend",
        "flow",
        "100.5",
        "--because",
        "slip",
        "--reason",
        "mistyped",
    ]);
    assert_eq!(
        amended["steps"][2]["points"][0]["as_found"]["answer"],
        "100.5 mL/h"
    );
    shop.done(&["tool", "fail", "ipa1", "--reason", "dropped"]);
    let suspect = shop.json(&["inspection", "show"]);
    assert_eq!(suspect["steps"][2]["state"], "suspect");
    let na = shop.json(&["inspection", "record", "case", "na", "--reason", "no case"]);
    assert_eq!(na["steps"][1]["verdict"], "na");
    shop.done(&[
        "inspection",
        "hand-over",
        "--to",
        "second",
        "--place",
        "bench 2",
    ]);
    shop.ends(1, &["inspection", "record", "case", "pass"]);
    let void = shop.json(&[
        "inspection",
        "void",
        "BME-1",
        "--reason",
        "wrong device",
        "--as",
        "second",
    ]);
    assert_eq!(void["status"], "void");
    shop.ends(1, &["inspection", "sign", "BME-1"]);
    shop.done(&[
        "inspection",
        "start",
        "BME-2",
        "--read",
        "--procedure",
        "p100-pm",
    ]);
    shop.done(&["inspection", "record", "case", "pass"]);
    let moved = shop.json(&[
        "inspection",
        "move",
        "--to",
        "BME-1",
        "--reason",
        "tags mixed up",
    ]);
    assert_eq!(moved["device"]["tag"], "BME-1");
}

/// A vendor's report, entered and signed as reviewed.
fn external(order: &'static str, on: &'static str, passed: &'static str) -> [&'static str; 13] {
    [
        "order",
        "external",
        order,
        "--company",
        "Acme Service",
        "--technician",
        "P. Roe",
        "--report",
        "R-9",
        "--on",
        on,
        "--passed",
        passed,
    ]
}

#[test]
fn vendor_work_is_reviewed_and_signed_and_says_when_it_holds_no_readings() {
    let mut shop = shop();
    shop.done(&[
        "order",
        "open",
        "BME-1",
        "--kind",
        "pm",
        "--activity",
        "annual PM",
        "--every",
        "12",
    ]);
    shop.ends(2, &external("T-00001", "2026-11-20", "maybe"));
    shop.ends(1, &external("T-00001", "2027-11-20", "yes"));
    let wrong = shop.file("wrong", "not the passphrase\n");
    let mut forged = external("T-00001", "2026-11-20", "yes").to_vec();
    forged.extend(["--passphrase-file", &wrong]);
    assert_eq!(shop.refused(1, &forged)["kind"], "key");
    assert_eq!(
        shop.json(&["order", "show", "T-00001"])["external"],
        json!([]),
        "nothing unsigned is kept"
    );
    assert_eq!(
        shop.refused(1, &["order", "close", "T-00001"])["kind"],
        "rule"
    );

    let entered = shop.json(&external("T-00001", "2026-11-20", "yes"));
    assert_eq!(entered["external"][0]["signed"], true);
    let shown = shop.done(&["order", "show", "T-00001"]);
    assert!(shown.contains("without readings"), "{shown}");
    assert!(shown.contains("reviewed by Jane Doe (jd)"), "{shown}");
    let check = shop.json(&["order", "verify", "T-00001"]);
    assert_eq!(
        (&check["ok"], &check["problems"]),
        (&json!(true), &json!([]))
    );
    assert_eq!(check["digest"], entered["external"][0]["digest"]);

    // Days later it is closed: the device counts as maintained on the day of service.
    shop.at("2026-12-05T09:00:00Z");
    shop.done(&["order", "close", "T-00001"]);
    let device = shop.done(&["device", "show", "BME-1"]);
    assert!(
        device.contains("2026-11-20") && device.contains("without readings"),
        "{device}"
    );
    let history = shop.done(&["device", "history", "BME-1"]);
    assert!(history.contains("next due 2027-11-20"), "{history}");
    assert_eq!(shop.json(&["order", "verify", "T-00001"])["ok"], true);
    shop.ends(1, &["order", "verify", "T-99999"]);
}

#[test]
fn a_report_is_signed_by_whoever_has_a_key() {
    let shop = Shop::practice();
    shop.done(&[
        "device",
        "add",
        "BME-1",
        "--manufacturer",
        "Acme",
        "--model",
        "P100",
        "--serial",
        "SN1",
    ]);
    shop.done(&[
        "order",
        "open",
        "BME-1",
        "--kind",
        "vendor",
        "--problem",
        "service",
    ]);
    let refused = shop.refused(1, &external("T-00001", "2026-11-20", "yes"));
    assert!(
        refused["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("tech key")),
        "{refused}"
    );
    assert_eq!(
        shop.refused(1, &["order", "verify", "T-00001"])["kind"],
        "rule"
    );
}

const LASER: &str = r#"
code = "laser-pm"
title = "Laser PM"
activity = "annual PM"
version = "1"
source = "shop"
credentials = ["laser safety training"]

[[section]]
title = "All"

[[section.step]]
id = "case"
title = "Case sound"
kind = "check"

[[section.step]]
id = "again"
title = "Key switch checked by a second person"
kind = "second-person"
"#;

#[test]
fn work_that_asks_for_a_credential_is_signed_by_who_holds_it() {
    let shop = shop();
    let file = shop.file("laser.toml", LASER);
    shop.done(&["procedure", "import", &file]);
    shop.done(&[
        "procedure",
        "adopt",
        "laser-pm",
        "--by",
        "Jane Doe",
        "--against",
        "IFU 2",
    ]);
    let begun = shop.done(&[
        "inspection",
        "start",
        "BME-1",
        "--read",
        "--procedure",
        "laser-pm",
    ]);
    assert!(
        begun.contains("does not hold: laser safety training is not on record"),
        "said at the start: {begun}"
    );
    shop.done(&["inspection", "record", "case", "pass"]);
    // A hold point is confirmed by the second person's own passphrase.
    let wrong = shop.file("wrong", "not hers\n");
    let confirm = ["inspection", "record", "again", "second"];
    let mut forged = confirm.to_vec();
    forged.extend(["--second-passphrase-file", &wrong]);
    assert_eq!(shop.refused(1, &forged)["kind"], "key");
    shop.done(&confirm);
    let refused = shop.refused(1, &["inspection", "sign"]);
    assert_eq!(refused["kind"], "not-allowed");
    assert!(
        refused["error"]
            .as_str()
            .is_some_and(|words| words.contains("laser safety training")),
        "{refused}"
    );
    // A credential that ended before the work does not help.
    shop.done(&[
        "tech",
        "credential",
        "jd",
        "laser safety training",
        "--expires",
        "2026-01-31",
    ]);
    let refused = shop.refused(1, &["inspection", "sign"]);
    assert!(
        refused["error"]
            .as_str()
            .is_some_and(|words| words.contains("ended on 2026-01-31")),
        "{refused}"
    );
    shop.done(&["tech", "credential", "second", "Laser Safety Training"]);
    shop.done(&[
        "inspection",
        "hand-over",
        "--to",
        "second",
        "--place",
        "bench 2",
    ]);
    let theirs = shop.file("theirs", "battery staple\n");
    let signed = shop.json(&[
        "inspection",
        "sign",
        "BME-1",
        "--meaning",
        "reverified",
        "--as",
        "second",
        "--passphrase-file",
        &theirs,
    ]);
    assert_eq!(signed["outcome"], "passed", "{signed}");
    let id = signed["id"].as_str().expect("an id");
    let check = shop.json(&["inspection", "verify", id]);
    assert_eq!(check["ok"], true, "{check}");
    let lines = check["signatures"].to_string();
    assert!(
        lines.contains("second person Second Person (second)"),
        "{lines}"
    );
    let printed = shop.done(&["inspection", "print", id]);
    assert!(printed.contains("proved by their own key"), "{printed}");
}

#[test]
fn scheduled_work_ends_undone_only_with_a_named_approver() {
    let shop = Shop::practice();
    shop.done(&[
        "device",
        "add",
        "BME-9",
        "--manufacturer",
        "Acme",
        "--model",
        "P1",
        "--serial",
        "S9",
    ]);
    let order = shop.json(&["order", "open", "BME-9", "--kind", "incoming"]);
    let number = order["number"].as_str().unwrap().to_owned();
    let ended = shop.json(&[
        "order",
        "escalate",
        &number,
        "--by",
        "R. Manager",
        "--reason",
        "lost in a flood",
    ]);
    assert_eq!(ended["status"], "closed", "{ended}");
}
