//! Two shops that exchange bundles by the command line: first contact, work apart, conflicts, hostile files, kills.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::support::cli::Shop;
use crate::support::hospital::{Hospital, PUMP};
use crate::support::kill::{Dice, killed_at, rounds, time_of};

/// A shop with a real store and one technician.
fn shop(name: &str, prefix: &str) -> Shop {
    let shop = Shop::empty();
    shop.done(&["init", "--name", name, "--prefix", prefix, "--zone", "UTC"]);
    shop
}

fn device(shop: &Shop, tag: &str) {
    shop.done(&[
        "device",
        "add",
        tag,
        "--taken-over",
        "--stage",
        "in-service",
        "--reason",
        "list",
        "--manufacturer",
        "Acme",
        "--model",
        "P1",
        "--serial",
        &format!("SN-{tag}"),
    ]);
}

/// Exports to a folder of its own and gives the file.
fn export(shop: &Shop, more: &[&str]) -> PathBuf {
    let folder = shop.dir().join(format!("out-{}", more.join("-")));
    std::fs::create_dir_all(&folder).unwrap();
    let mut arguments = vec!["bundle", "export", folder.to_str().unwrap()];
    arguments.extend(more);
    let made = shop.json(&arguments);
    PathBuf::from(made["files"][0]["file"].as_str().expect("a file"))
}

fn import(shop: &Shop, file: &Path) -> Value {
    shop.json(&["bundle", "import", file.to_str().unwrap()])
}

fn words(shop: &Shop) -> String {
    let shown = shop.json(&["site", "show"]);
    let words = shown["words"].as_array().unwrap().iter();
    words
        .map(|w| w.as_str().unwrap())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Two shops that trust each other.
fn pair() -> (Shop, Shop) {
    let (east, west) = (shop("Biomed East", "EAST"), shop("Biomed West", "WEST"));
    for (one, other) in [(&east, &west), (&west, &east)] {
        let waits = import(other, &export(one, &[]));
        assert_eq!(waits["arrived"]["waiting"][0]["reason"], "unknown-site");
        let trusted = other.json(&["site", "trust", &words(one)]);
        assert_eq!(trusted["site"]["trust"], "trusted");
        assert!(trusted["arrived"]["entries"].as_u64().unwrap() > 0);
    }
    (east, west)
}

fn digest(shop: &Shop) -> String {
    shop.json(&["digest"])["digest"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn two_shops_meet_work_apart_and_settle_what_they_disagree_about() {
    let (east, west) = pair();
    device(&east, "E-1");
    let file = export(&east, &["--for", "Biomed West"]);
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("biomed-east-") && name.ends_with(".tagout"),
        "{name}"
    );
    // Looking changes nothing.
    let before = digest(&west);
    let look = west.json(&["bundle", "import", file.to_str().unwrap(), "--dry-run"]);
    assert_eq!(
        look["arrived"]["things"][0],
        serde_json::json!(["devices", 1])
    );
    assert_eq!(digest(&west), before);
    import(&west, &file);
    assert_eq!(west.json(&["device", "show", "E-1"])["tag"], "E-1");
    // Both write of one fact, unseen by the other.
    east.done(&["device", "set", "E-1", "department=ICU"]);
    west.done(&["device", "set", "E-1", "department=ER"]);
    east.done(&["order", "open", "E-1", "--problem", "no alarm"]);
    import(&west, &export(&east, &["--for", "Biomed West"]));
    import(&east, &export(&west, &["--for", "Biomed East"]));
    assert_eq!(digest(&east), digest(&west));
    for shop in [&east, &west] {
        let open = shop.json(&["conflict", "list"]);
        assert_eq!(open.as_array().unwrap().len(), 1, "{open}");
    }
    let open = west.json(&["conflict", "list"]);
    let id = open[0]["id"].as_str().unwrap().to_owned();
    west.done(&["conflict", "settle", &id, "--choose", "1"]);
    import(&east, &export(&west, &["--for", "Biomed East"]));
    assert_eq!(digest(&east), digest(&west));
    let open = east.json(&["conflict", "list"]);
    assert!(open.as_array().unwrap().is_empty(), "{open}");
    // Nothing is left to say, and that is said.
    let none = east.json(&["bundle", "export", "nothing.tagout", "--for", "Biomed West"]);
    assert!(none["files"].as_array().unwrap().is_empty());
    assert!(!east.dir().join("nothing.tagout").exists());
    // Word of what arrived can be asked for; it brings nothing and calls for nothing.
    device(&east, "E-2");
    import(&west, &export(&east, &["--for", "Biomed West"]));
    let word = import(
        &east,
        &export(&west, &["--for", "Biomed East", "--receipt"]),
    );
    assert_eq!(word["arrived"]["entries"], 0);
    let none = east.json(&["bundle", "export", "nothing.tagout", "--for", "Biomed West"]);
    assert!(none["files"].as_array().unwrap().is_empty(), "{none}");
    for shop in [&east, &west] {
        assert_eq!(shop.json(&["verify"])["ok"], true);
    }
}

#[test]
fn a_session_on_a_shop_terminal_reads_and_writes_its_own_files() {
    let east = shop("Biomed East", "EAST");
    device(&east, "E-1");
    let west = Shop::hosted();
    west.done(&[
        "init",
        "--name",
        "Biomed West",
        "--prefix",
        "WEST",
        "--zone",
        "UTC",
    ]);
    import(&west, &export(&east, &[]));
    west.done(&["site", "trust", &words(&east)]);
    assert_eq!(west.json(&["device", "show", "E-1"])["tag"], "E-1");
    import(&east, &export(&west, &[]));
    let sites = east.json(&["site", "list"]);
    assert_eq!(sites["sites"][1]["trust"], "unknown");
}

#[test]
fn files_that_are_no_good_are_refused_each_with_its_words() {
    let (east, west) = pair();
    device(&east, "E-1");
    let file = export(&east, &["--for", "Biomed West"]);
    let good = std::fs::read(&file).unwrap();
    let before = (
        digest(&west),
        std::fs::read_dir(west.store().join("journal"))
            .unwrap()
            .count(),
    );
    let mut flipped = good.clone();
    let end = flipped.len() - 60;
    flipped[end] ^= 1;
    let mut header = good.clone();
    header[70] ^= 1;
    let text = |bytes: &[u8]| -> Vec<u8> {
        let mut out = Vec::new();
        for b in bytes {
            if *b == b'\n' {
                out.push(b'\r');
            }
            out.push(*b);
        }
        out
    };
    let mut longer = good.clone();
    longer.extend_from_slice(b"more");
    for (name, bytes, says) in [
        ("empty", Vec::new(), "cut off"),
        (
            "letter",
            b"Dear shop, here are the records".to_vec(),
            "not a tagout bundle",
        ),
        ("short", good[..good.len() - 7].to_vec(), "cut off"),
        ("flipped", flipped, "changed after it was written"),
        ("header", header, "changed after it was written"),
        ("copied as text", text(&good), "as if it were text"),
        ("longer", longer, "follow the end"),
    ] {
        let path = west.file("bad.tagout", &bytes);
        let refused = west.refused(1, &["bundle", "import", &path]);
        let error = refused.to_string();
        assert!(error.contains(says), "{name}: {error}");
        assert!(error.contains("othing was changed"), "{name}: {error}");
        let (_, words) = west.ends(1, &["bundle", "verify", &path]);
        assert!(words.contains(says), "{name}: {words}");
    }
    let after = (
        digest(&west),
        std::fs::read_dir(west.store().join("journal"))
            .unwrap()
            .count(),
    );
    assert_eq!(after, before);
    assert!(
        !west.store().join("held").exists()
            || std::fs::read_dir(west.store().join("held"))
                .unwrap()
                .count()
                == 0
    );
    // An encrypted one is for those it names.
    let secret = export(&east, &["--encrypt-to", "Biomed West"]);
    let third = shop("Biomed North", "NORTH");
    let refused = third.refused(1, &["bundle", "import", secret.to_str().unwrap()]);
    assert!(refused.to_string().contains("encrypted for"), "{refused}");
    import(&west, &secret);
    assert_eq!(west.json(&["device", "show", "E-1"])["tag"], "E-1");
    // No store is needed to look at a file.
    let nobody = Shop::empty();
    let seen = nobody.json(&["bundle", "verify", file.to_str().unwrap()]);
    assert_eq!(
        (&seen["ok"], &seen["records_checked"]),
        (&Value::Bool(true), &Value::Bool(true))
    );
    assert!(!nobody.store().exists());
}

#[test]
fn a_revoked_site_is_refused_and_says_so() {
    let (east, west) = pair();
    west.done(&["site", "revoke", "Biomed East", "--reason", "laptop stolen"]);
    device(&east, "E-1");
    let file = export(&east, &[]);
    let (out, _) = west.ends(1, &["bundle", "import", file.to_str().unwrap()]);
    assert!(out.contains("revoked after record"), "{out}");
    west.refused(1, &["site", "trust", "Biomed East"]);
    west.refused(1, &["site", "revoke", "Biomed West", "--reason", "x"]);
    west.refused(1, &["site", "show", "nobody"]);
}

#[test]
fn an_auditor_checks_a_signed_inspection_with_nothing_but_a_file() {
    let hospital = Hospital::open();
    let device: Value =
        serde_json::from_str(&hospital.done(&["device", "show", PUMP, "--json"])).unwrap();
    let inspections = device["inspections"].as_array().unwrap();
    let signed = inspections
        .iter()
        .find(|i| i["status"] == "signed")
        .unwrap();
    let id = signed["id"].as_str().unwrap().to_owned();
    let folder = hospital.dir().join("audit");
    std::fs::create_dir_all(&folder).unwrap();
    hospital.done(&[
        "bundle",
        "export",
        folder.to_str().unwrap(),
        "--inspection",
        &id,
    ]);
    let file = std::fs::read_dir(&folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.contains("signoff"), "{name}");
    let nobody = Shop::empty();
    let seen = nobody.json(&[
        "bundle",
        "verify",
        file.to_str().unwrap(),
        "--inspection",
        &id,
    ]);
    assert_eq!(seen["ok"], true, "{seen}");
    assert_eq!(seen["record"]["ok"], true, "{seen}");
    assert!(!nobody.store().exists());
    let other = "n-000000000000000000000000000000aa";
    nobody.refused(
        1,
        &[
            "bundle",
            "verify",
            file.to_str().unwrap(),
            "--inspection",
            other,
        ],
    );
    // It carries the record and whose key it was; the rest of the store stays at home.
    let carried = seen["entries"].as_u64().unwrap();
    let json: Value = serde_json::from_str(&hospital.done(&["verify", "--json"])).unwrap();
    assert!(carried < json["entries"].as_u64().unwrap(), "{carried}");
}

#[test]
fn kills_leave_no_half_bundle_and_no_half_import() {
    let (east, west) = pair();
    let lines: Vec<String> = (0..400).map(|i| format!("T-{i},Acme,P1,S{i}\n")).collect();
    let list = lines.concat();
    let list = east.file(
        "list.csv",
        format!("Asset tag,Manufacturer,Model,Serial\n{list}"),
    );
    east.done(&["device", "import", &list]);
    let whole = export(&east, &["--for", "Biomed West"]);
    let mut dice = Dice(4);
    let time = time_of(&mut east.process(&["bundle", "export", "first.tagout"]));
    for round in 0..rounds(8).max(3) {
        let name = format!("round-{round}.tagout");
        let moment = dice.moment(time);
        let fate = killed_at(&mut east.process(&["bundle", "export", &name]), moment);
        let path = east.dir().join(&name);
        if path.exists() {
            east.done(&["bundle", "verify", path.to_str().unwrap()]);
        } else {
            assert!(!fate.acknowledged(), "{fate:?}");
        }
    }
    let before = digest(&west);
    let file = whole.to_str().unwrap();
    let copy = west.copy();
    let time = time_of(&mut copy.process(&["bundle", "import", file]));
    let after = digest(&copy);
    let mut seen = (0, 0);
    for round in 0..rounds(12).max(5) {
        let trial = west.copy();
        let moment = dice.moment(time + Duration::from_millis(round));
        let fate = killed_at(&mut trial.process(&["bundle", "import", file]), moment);
        let found = digest(&trial);
        if found == after {
            seen.0 += 1;
        } else {
            assert_eq!(found, before, "half of it (round {round})");
            assert!(!fate.acknowledged(), "{fate:?}");
            seen.1 += 1;
        }
        import(&trial, &whole);
        assert_eq!(digest(&trial), after);
        assert_eq!(trial.json(&["verify"])["ok"], true);
    }
    assert!(seen.1 > 0, "{seen:?}");
}
