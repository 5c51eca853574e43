//! The inbox of conflicts on the real program.
use crate::support::cli::Shop;

fn add(shop: &Shop, tag: &str, serial: &str) {
    shop.json(&[
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

#[test]
fn two_devices_with_one_serial_are_listed_shown_and_settled() {
    let shop = Shop::empty();
    assert_eq!(shop.done(&["conflict", "list"]), "No conflicts.\n");
    add(&shop, "BME-1", "SN1");
    add(&shop, "BME-2", "SN2");
    assert_eq!(shop.json(&["conflict", "list"]), serde_json::json!([]));
    add(&shop, "BME-3", "SN1");
    let listed = shop.json(&["conflict", "list"]);
    let id = listed[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(listed[0]["kind"], "duplicate-serial");
    assert_eq!(listed[0]["sides"].as_array().map(Vec::len), Some(2));
    assert_eq!(shop.json(&["shop", "show"])["conflicts"], 1);
    // The beginning of the name will do.
    let shown = shop.done(&["conflict", "show", &id[..4]]);
    for words in [
        "BME-1: Acme P100",
        "BME-3: Acme P100",
        "combine the records",
    ] {
        assert!(shown.contains(words), "{shown}");
    }
    let settled = shop.json(&["conflict", "settle", &id, "--choose", "1"]);
    assert_eq!(settled["left"], 0);
    assert_eq!(shop.done(&["conflict", "list"]), "No conflicts.\n");
}

#[test]
fn the_rules_can_be_read() {
    let shop = Shop::empty();
    let rules = shop.done(&["conflict", "rules"]);
    for words in ["Holds (red tags)", "by name", "never chosen away"] {
        assert!(rules.contains(words), "{words}");
    }
}
