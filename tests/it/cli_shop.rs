//! The shop, its people, tools and procedures, keymaps and manuals, on the real program.
use serde_json::json;

use crate::support::cli::{Shop, steady};

#[test]
fn the_shop_is_named_once_and_changed_later() {
    let shop = Shop::empty();
    shop.ends(2, &["init", "--prefix", "lower"]);
    shop.ends(2, &["init", "--zone", "Mars/Olympus"]);
    let (_, stderr) = shop.ends(2, &["init", "--zone", "America/Chigago"]);
    assert!(stderr.contains("Did you mean America/Chicago"), "{stderr}");
    assert!(!shop.store().exists(), "nothing was made");
    let made = shop.json(&[
        "init",
        "--name",
        "St. Elsewhere",
        "--prefix",
        "ELSE",
        "--zone",
        "America/Chicago",
    ]);
    assert_eq!(
        (&made["name"], &made["prefix"]),
        (&json!("St. Elsewhere"), &json!("ELSE"))
    );
    assert_eq!(shop.refused(1, &["init"])["kind"], "rule");
    let set = shop.json(&["shop", "set", "--prefix", "E2", "--zone", "Europe/Paris"]);
    assert_eq!(
        (&set["prefix"], &set["zone"]),
        (&json!("E2"), &json!("Europe/Paris"))
    );
    shop.ends(1, &["shop", "set", "--prefix", "lower"]);
    shop.ends(2, &["shop", "set"]);
    let (_, stderr) = shop.ends(2, &["shop", "set", "--zone", "berlin"]);
    assert!(stderr.contains("Europe/Berlin"), "{stderr}");
    let opened = shop.json(&[
        "order",
        "open",
        "--kind",
        "project",
        "--problem",
        "label the shelves",
    ]);
    assert_eq!(opened["number"], "E2-00001");
}

#[test]
fn a_set_clock_is_for_demonstrations_only() {
    let shop = Shop::empty();
    // Where there is no store none is left behind by the refusal.
    shop.command(&["shop", "show"])
        .env("TAGOUT_CLOCK", "2026-01-01T00:00:00Z")
        .assert()
        .code(1);
    assert!(!shop.store().exists());
    shop.done(&["shop", "show"]);
    let mut command = shop.command(&["shop", "show"]);
    command
        .env("TAGOUT_CLOCK", "2026-01-01T00:00:00Z")
        .assert()
        .code(1);
    let mut command = shop.command(&["shop", "show"]);
    command.env("TAGOUT_CLOCK", "noon").assert().code(2);
}

#[test]
fn technicians_sign_with_their_own_keys() {
    let shop = Shop::practice();
    // The first one is named like the account that runs the tests.
    let all = shop.json(&["tech", "list"]);
    let ours: Vec<_> = all
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| one["key"] == "jd" || one["key"] == "second")
        .collect();
    insta::assert_json_snapshot!("tech_list", steady(&json!(ours)));
    shop.ends(1, &["tech", "add", "Not A Key", "--name", "X"]);
    let with = shop.json(&[
        "tech",
        "credential",
        "jd",
        "CBET",
        "--number",
        "1",
        "--expires",
        "2027-01-01",
    ]);
    assert_eq!(with["credentials"][0]["credential"], "CBET");
    assert_eq!(
        shop.refused(1, &["tech", "revoke", "jd", "--reason", "lost"])["kind"],
        "rule"
    );
    let short = shop.file("short", "1234\n");
    assert_eq!(
        shop.refused(1, &["tech", "key", "--passphrase-file", &short])["kind"],
        "key"
    );
    let first = shop.json(&["tech", "key"])["signing_key"].clone();
    assert!(first.is_string());
    // A key in force is replaced by its own passphrase only; a lost one is revoked by another technician.
    shop.refused(2, &["tech", "key"]);
    let wrong = shop.file("wrong", "another one\n");
    assert_eq!(
        shop.refused(1, &["tech", "key", "--old-passphrase-file", &wrong])["kind"],
        "key"
    );
    shop.refused(
        1,
        &[
            "tech",
            "key",
            "jd",
            "--old-passphrase-file",
            &wrong,
            "--as",
            "second",
        ],
    );
    let right = shop.file("right", "correct horse\n");
    let second =
        shop.json(&["tech", "key", "--old-passphrase-file", &right])["signing_key"].clone();
    assert_ne!(first, second, "a new key takes the place of the old one");
    assert_eq!(
        shop.refused(1, &["tech", "revoke", "jd", "--reason", "lost"])["kind"],
        "not-allowed"
    );
    assert_eq!(
        shop.json(&["tech", "revoke", "jd", "--reason", "lost", "--as", "second"])["signing_key"],
        json!(null)
    );
    shop.done(&["tech", "key"]);
    assert!(shop.json(&["tech", "left", "second", "--reason", "moved"])["left"].is_string());
    shop.ends(1, &["tech", "key", "no-such-technician"]);
    let mut command = shop.command(&["tech", "key"]);
    command.env_remove("TAGOUT_PASSPHRASE").assert().code(2);
}

#[test]
fn test_equipment_is_calibrated_checked_and_withdrawn() {
    let shop = Shop::practice();
    let added = shop.json(&[
        "tool",
        "add",
        "esa1",
        "--kind",
        "Safety Analyser",
        "--model",
        "Fluke 615",
        "--serial",
        "9",
    ]);
    assert_eq!(added["status"], "unknown");
    let set = shop.json(&[
        "tool",
        "set",
        "esa1",
        "--on",
        "2026-01-01",
        "--due",
        "2027-01-01",
        "--certificate",
        "C-1",
    ]);
    assert_eq!(
        (&set["status"], &set["due"]),
        (&json!("good"), &json!("2027-01-01"))
    );
    shop.ends(
        1,
        &[
            "tool",
            "set",
            "esa1",
            "--on",
            "2027-01-01",
            "--due",
            "2028-01-01",
        ],
    );
    shop.done(&["tool", "check", "esa1", "--note", "against the standard"]);
    assert_eq!(
        shop.json(&["tool", "fail", "esa1", "--reason", "dropped"])["status"],
        "faulty"
    );
    insta::assert_json_snapshot!("tool_list", steady(&shop.json(&["tool", "list"])));
    shop.done(&["tool", "withdraw", "esa1", "--reason", "beyond repair"]);
    shop.ends(1, &["tool", "check", "esa9"]);
}

#[test]
fn procedures_are_checked_imported_adopted_and_withdrawn() {
    let shop = Shop::practice();
    let example = shop.done(&["procedure", "new"]);
    let good = shop.file("good.toml", &example);
    assert_eq!(shop.json(&["procedure", "check", &good])["ok"], true);
    let bad = shop.file("bad.toml", example.replacen("kind = ", "kine = ", 1));
    let (stdout, _) = shop.ends(1, &["procedure", "check", &bad, "--json"]);
    let report: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert!(report["mistakes"][0]["line"].is_u64(), "{report}");
    shop.ends(1, &["procedure", "import", &bad]);
    assert_eq!(
        shop.json(&["procedure", "list"]),
        json!([]),
        "nothing was imported"
    );
    let imported = shop.json(&["procedure", "import", &good]);
    let code = imported["code"].as_str().expect("a code").to_owned();
    shop.ends(
        1,
        &[
            "procedure",
            "adopt",
            &code,
            "--by",
            " ",
            "--against",
            "manual",
        ],
    );
    let adopted = shop.json(&[
        "procedure",
        "adopt",
        &code,
        "--by",
        "Jane Doe",
        "--against",
        "IFU rev. 2",
    ]);
    assert_eq!(adopted["adopted"]["by"], "Jane Doe");
    assert!(shop.done(&["procedure", "print", &code]).lines().count() > 10);
    let shown = shop.done(&["procedure", "show", &code]);
    let again = shop.file("again.toml", &shown);
    assert_eq!(
        shop.json(&["procedure", "check", &again])["hash"],
        imported["hash"],
        "a shown version is the same version"
    );
    assert_eq!(
        shop.json(&["procedure", "withdraw", &code, "--reason", "superseded"])["withdrawn"],
        true
    );
    shop.ends(1, &["procedure", "show", "nothing"]);
}

#[test]
fn shipped_procedures_are_brought_in_by_name() {
    let shop = Shop::practice();
    let listed = shop.json(&["procedure", "library"]);
    assert!(listed.as_array().is_some_and(|list| list.len() >= 24));
    let first = shop.json(&[
        "procedure",
        "library",
        "--import",
        "aed",
        "infusion-pump-lvp",
    ]);
    assert_eq!(first["imported"], 2);
    assert_eq!(
        shop.json(&["procedure", "library", "--import", "aed"])["imported"],
        0
    );
    shop.ends(1, &["procedure", "library", "--import", "teapot"]);
    assert!(
        shop.done(&["procedure", "library", "--show", "aed"])
            .contains("code = \"aed\"")
    );
}

#[test]
fn keymaps_are_shown_and_checked() {
    let shop = Shop::practice();
    let shown = shop.json(&["keys", "show", "quit"]);
    assert_eq!(shown["in_force"], true);
    assert!(
        shown["keys"]
            .as_array()
            .is_some_and(|keys| !keys.is_empty())
    );
    let bad = shop.file("bad.toml", "[global]\nquit = \"no-such-key\"\n");
    let (stdout, _) = shop.ends(1, &["keys", "check", &bad, "--json"]);
    assert!(stdout.contains("\"ok\": false"), "{stdout}");
    shop.ends(0, &["keys", "check"]);
}

#[test]
fn completions_and_manual_pages_name_every_family() {
    let shop = Shop::empty();
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            shop.done(&["completions", shell]).contains("inspection"),
            "{shell}"
        );
    }
    let pages = shop.json(&["man", "pages"]);
    let pages = pages["files"].as_array().expect("files");
    for page in [
        "tagout.1",
        "tagout-device-add.1",
        "tagout-inspection-sign.1",
    ] {
        assert!(
            pages
                .iter()
                .any(|file| file.as_str().is_some_and(|file| file.ends_with(page))),
            "{page}"
        );
    }
    assert!(!shop.store().exists(), "neither needs a store");
}

#[test]
fn a_backup_is_a_store_of_the_same_records() {
    let shop = Shop::practice();
    shop.done(&["device", "add", "BME-1"]);
    let to = shop.dir().join("backup").display().to_string();
    let made = shop.json(&["backup", &to]);
    assert_eq!(made["entries"], shop.json(&["verify"])["entries"]);
    shop.ends(1, &["recover"]);
    shop.ends(1, &["backup", &shop.store().display().to_string()]);
}

/// The files of the journal, by name.
fn journal_of(shop: &Shop) -> std::collections::BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(shop.store().join("journal"))
        .expect("the journal")
        .map(|file| {
            let file = file.expect("a file");
            let bytes = std::fs::read(file.path()).expect("its bytes");
            (file.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect()
}

#[test]
fn the_demo_hospital_fills_a_store_of_its_own() {
    let shop = Shop::empty();
    let fill = [
        "demo",
        "--no-tui",
        "--devices",
        "12",
        "--seed",
        "7",
        "--today",
        "2026-11-23",
    ];
    let made = shop.json(&fill);
    assert_eq!(made["devices"], 12);
    let digest = shop.done(&["digest"]);
    let twin = Shop::empty();
    twin.done(&fill);
    assert_eq!(
        twin.done(&["digest"]),
        digest,
        "the same seed and day give the same records"
    );
    assert_eq!(shop.json(&["verify"])["ok"], true);
    assert!(
        shop.json(&["order", "list"])["total"]
            .as_u64()
            .is_some_and(|n| n > 0)
    );
    // None is put on top of one that is there: not the same one again, and no other one.
    for seed in ["7", "8"] {
        let mut again = fill;
        again[5] = seed;
        let refused = shop.refused(1, &again);
        assert!(
            refused["error"]
                .as_str()
                .is_some_and(|words| words.contains("a demonstration already")),
            "{refused}"
        );
        assert_eq!(shop.done(&["digest"]), digest);
    }
    assert_eq!(journal_of(&shop), journal_of(&twin), "byte for byte");
    // One that was interrupted is made to its end.
    std::fs::remove_file(shop.store().join("demo-made")).expect("the mark");
    shop.done(&fill);
    assert_eq!(shop.done(&["digest"]), digest);
    let real = Shop::empty();
    real.done(&["shop", "show"]);
    assert_eq!(
        real.refused(1, &fill)["kind"],
        "rule",
        "real records stay alone"
    );
}
