//! Slips at the keyboard, on the real program: the wrong folder, the wrong file, a forgotten word.
use serde_json::json;

use crate::support::cli::Shop;

fn with_a_device() -> Shop {
    let shop = Shop::practice();
    shop.done(&[
        "device",
        "add",
        "P-1",
        "--serial",
        "S1",
        "--manufacturer",
        "Acme",
        "--model",
        "P",
    ]);
    shop
}

#[test]
fn a_folder_with_other_files_is_no_store() {
    let shop = Shop::empty();
    let folder = shop.dir().join("papers");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("letter.txt"), "Dear Sir").expect("a file");
    let name = folder.display().to_string();
    let refused = shop.refused(1, &["--store", &name, "device", "find", "x"]);
    assert!(
        refused["error"].to_string().contains("other files"),
        "{refused}"
    );
    assert_eq!(
        std::fs::read_dir(&folder).expect("the folder").count(),
        1,
        "nothing was made"
    );
    // What a system leaves there by itself is nobody's file.
    std::fs::remove_file(folder.join("letter.txt")).expect("it goes");
    std::fs::create_dir(folder.join("lost+found")).expect("a folder");
    shop.done(&["--store", &name, "device", "add", "P-1"]);
}

#[test]
fn a_printed_file_is_not_written_over_by_accident() {
    let shop = with_a_device();
    shop.done(&["procedure", "library", "--import", "infusion-pump-lvp"]);
    shop.done(&[
        "inspection",
        "start",
        "P-1",
        "--procedure",
        "infusion-pump-lvp",
        "--read",
    ]);
    let file = shop.file("record.txt", "mine");
    let print = ["inspection", "print", "P-1", "-o", &file];
    assert_eq!(shop.refused(1, &print)["kind"], "rule");
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), "mine");
    shop.done(&[&print[..], &["--force"]].concat());
    assert!(
        std::fs::read_to_string(&file)
            .expect("it is there")
            .contains("INSPECTION RECORD")
    );
    // The order's number alone names the inspection, and every command takes --on.
    let number = shop.json(&["inspection", "show", "--on", "P-1"])["order"].clone();
    assert_eq!(shop.json(&["inspection", "show", "1"])["order"], number);
    let voided = shop.json(&[
        "inspection",
        "void",
        "--on",
        "P-1",
        "--reason",
        "wrong pump",
    ]);
    assert_eq!(voided["void"], "wrong pump");
}

#[test]
fn a_repair_says_why_it_failed() {
    let shop = with_a_device();
    shop.done(&["order", "open", "P-1", "--problem", "no power"]);
    shop.done(&["order", "start", "1"]);
    let close = [
        "order",
        "close",
        "1",
        "--found",
        "blown fuse",
        "--done",
        "new fuse",
    ];
    let refused = shop.refused(1, &close);
    assert!(refused["hint"].to_string().contains("UPF"), "{refused}");
    assert_eq!(shop.json(&["order", "show", "1"])["status"], "in-progress");
    shop.done(&[&close[..], &["--cause", "unknown"]].concat());
    assert_eq!(shop.json(&["order", "show", "1"])["status"], "closed");
    // Help names the words.
    let (help, _) = shop.ends(0, &["order", "close", "--help"]);
    assert!(
        help.contains("possible values") && help.contains("UPF"),
        "{help}"
    );
}

#[test]
fn every_mistake_of_a_procedure_is_reported_at_once() {
    let shop = Shop::practice();
    let text = "code = \"x\"\ntitle = \"X\"\nactivity = \"annual PM\"\nversion = \"1\"\nsource = \"shop\"\n\
        [[section]]\ntitle = \"A\"\n[[section.step]]\nid = \"a\"\ntitle = \"A\"\nkind = \"text\"\ntool = \"scale\"\n\
        [[section.step]]\nid = \"b\"\ntitle = \"B\"\nkind = \"measure\"\nunit = \"furlong\"\nat-most = \"much\"\n";
    let file = shop.file("x.toml", text);
    let (out, err) = shop.ends(1, &["procedure", "check", &file]);
    let words = out + &err;
    for part in [
        "line 12",
        "nothing is measured",
        "line 17, column 8: \"furlong\"",
        "line 18, column 11",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

#[test]
fn a_long_query_is_not_sent_back_whole() {
    let shop = with_a_device();
    let (words, _) = shop.ends(1, &["device", "find", &"x".repeat(5_000)]);
    assert!(words.len() < 200, "{words}");
    assert_eq!(
        shop.json(&["device", "find", "P-1"])[0]["tag"],
        json!("P-1")
    );
}

#[test]
fn who_inspects_a_device_has_found_it() {
    let shop = with_a_device();
    shop.done(&["procedure", "library", "--import", "infusion-pump-lvp"]);
    shop.done(&[
        "order",
        "open",
        "P-1",
        "--kind",
        "pm",
        "--activity",
        "annual PM",
        "--procedure",
        "infusion-pump-lvp",
    ]);
    shop.done(&[
        "order",
        "attempt",
        "1=not in the storage",
        "--code",
        "D1",
        "--place",
        "ICU",
    ]);
    let where_it_is =
        |shop: &Shop| shop.json(&["device", "show", "P-1"])["whereabouts"]["at"].clone();
    assert_eq!(where_it_is(&shop), json!("missing"));
    shop.done(&["inspection", "start", "P-1", "--read"]);
    assert_eq!(where_it_is(&shop), json!("location"));
    assert!(
        shop.done(&["device", "history", "P-1"])
            .contains("found: its inspection was begun")
    );
}
