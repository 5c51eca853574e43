//! Test equipment found faulty, on the real program: what it measured is asked for again wherever it shows.
use serde_json::{Value, json};

use crate::support::cli::Shop;

const BENCH: &str = r#"
code = "bench"
title = "Bench check"
activity = "annual PM"
version = "1"
frequency = "every 12 months"
source = "shop"

[[section]]
title = "Safety"

[[section.step]]
id = "leak"
title = "Touch current"
kind = "measure"
unit = "uA"
tool = "safety analyser"
at-most = 100
safety = true
as-left = true
verified = true
source = "manual"
"#;

/// Two devices in service and two safety analysers.
fn shop() -> Shop {
    let shop = Shop::practice();
    for (tag, serial) in [("M-1", "S1"), ("M-2", "S2")] {
        shop.done(&[
            "device",
            "add",
            tag,
            "--serial",
            serial,
            "--manufacturer",
            "Acme",
            "--model",
            "P",
            "--location",
            "Ward 3",
            "--taken-over",
            "--stage",
            "in-service",
            "--reason",
            "found in use",
        ]);
    }
    for tool in ["esa", "esb"] {
        shop.done(&["tool", "add", tool, "--kind", "safety analyser"]);
        shop.done(&[
            "tool",
            "set",
            tool,
            "--on",
            "2026-11-01",
            "--due",
            "2027-11-01",
        ]);
    }
    let file = shop.file("bench.toml", BENCH);
    shop.done(&["procedure", "import", &file]);
    shop.done(&["tech", "key", "jd"]);
    shop
}

/// The order with this number on `M-2`, begun and measured.
fn measured(shop: &Shop, order: &str) {
    shop.done(&[
        "order",
        "open",
        "M-2",
        "--kind",
        "pm",
        "--activity",
        "annual PM",
        "--procedure",
        "bench",
    ]);
    shop.done(&[
        "inspection",
        "start",
        "M-2",
        "--order",
        order,
        "--read",
        "--tool",
        "safety analyser=esa",
    ]);
    shop.done(&["inspection", "record", "leak", "50", "--on", order]);
}

fn says(words: &Value, part: &str) -> bool {
    words.to_string().contains(part)
}

#[test]
fn readings_of_a_faulty_tool_are_asked_for_again_until_they_are_made() {
    let shop = shop();
    measured(&shop, "1");
    shop.done(&["inspection", "sign", "1"]);
    assert!(
        shop.done(&["inspection", "print", "1", "--sticker"])
            .contains("DONE")
    );
    measured(&shop, "2");

    let failed = shop.json(&["tool", "fail", "esa", "--reason", "reads low"]);
    let suspect = |n: usize, key: &str| failed["suspect"][n][key].clone();
    assert_eq!(
        failed["suspect"].as_array().map(Vec::len),
        Some(2),
        "{failed}"
    );
    assert_eq!(
        (suspect(0, "tag"), suspect(0, "order"), suspect(0, "status")),
        (json!("M-2"), json!("T-00001"), json!("signed"))
    );
    assert_eq!(
        (suspect(1, "title"), suspect(1, "status")),
        (json!("Touch current"), json!("open"))
    );

    // It is said wherever the device or the record is seen.
    let ask = "measure again: Touch current";
    assert!(says(
        &shop.json(&["device", "show", "M-2"])["warnings"],
        ask
    ));
    let shown = shop.done(&["inspection", "show", "1"]);
    assert!(
        shown.contains("SUSPECT: Touch current was measured with esa"),
        "{shown}"
    );
    let checked = shop.json(&["inspection", "verify", "1"]);
    assert_eq!(
        (&checked["ok"], &checked["suspect"][0]["step"]),
        (&json!(true), &json!("leak"))
    );
    let refused = shop.refused(1, &["inspection", "print", "1", "--sticker"]);
    assert!(says(&refused, "No sticker"), "{refused}");
    let refused = shop.refused(1, &["swap", "M-1", "M-2"]);
    assert!(says(&refused, ask), "{refused}");
    // A look at a faulty tool does not make it good.
    assert_eq!(shop.refused(1, &["tool", "check", "esa"])["kind"], "rule");

    // The open inspection asks for it; its new reading ends the doubt of the signed one.
    assert!(says(
        &shop.refused(1, &["inspection", "sign", "2"]),
        "measure again"
    ));
    shop.done(&["inspection", "tool", "esb", "--on", "2"]);
    shop.done(&["inspection", "record", "leak", "51", "--on", "2"]);
    assert!(
        says(&shop.json(&["device", "show", "M-2"])["warnings"], ask),
        "not yet signed"
    );
    shop.done(&["inspection", "sign", "2"]);
    assert_eq!(shop.json(&["device", "show", "M-2"])["warnings"], json!([]));
    assert!(
        shop.done(&["inspection", "print", "2", "--sticker"])
            .contains("NEXT DUE 2027-11-23")
    );
    shop.done(&["swap", "M-1", "M-2"]);
}
