//! Damage to every file of a store, met through the real program: it heals with every record there, or refuses in
//! words; it never loses in silence and never panics.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::support::cli::Shop;

const DEVICES: usize = 12;

/// A shop with some devices and a technician with a key: made once, copied for each test.
fn stocked() -> Shop {
    static MADE: OnceLock<Shop> = OnceLock::new();
    MADE.get_or_init(|| {
        let shop = Shop::empty();
        shop.done(&["init", "--name", "Damage", "--prefix", "D", "--zone", "UTC"]);
        let labels = (0..DEVICES)
            .map(|i| format!("S{i}\tD{i}\n"))
            .collect::<Vec<_>>()
            .concat();
        shop.done_with(
            &["receive", "--manufacturer", "Acme", "--model", "P"],
            &labels,
        );
        shop.done(&["tech", "key"]);
        shop
    })
    .copy()
}

fn segment(shop: &Shop) -> PathBuf {
    shop.store().join("journal/00000001.seg")
}

/// Every file below a folder that holds anything.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.metadata().is_ok_and(|m| m.len() > 0) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What a command did on the damaged store.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn ran(shop: &Shop, arguments: &[&str]) -> Ran {
    let out = shop.command(arguments).output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ran = Ran {
        code: out.status.code().unwrap_or(-1),
        out: text(&out.stdout),
        err: text(&out.stderr),
    };
    assert!(!ran.err.contains("panicked at"), "{arguments:?}: {ran:?}");
    assert!(
        !ran.err.contains("RUST_BACKTRACE"),
        "{arguments:?}: {ran:?}"
    );
    assert!(
        matches!(ran.code, 0 | 1 | 3),
        "{arguments:?} ended in no known way: {ran:?}"
    );
    ran
}

fn tags(answer: &str) -> Vec<String> {
    let rows: serde_json::Value = serde_json::from_str(answer).expect("JSON");
    let mut tags: Vec<String> = rows
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|row| row["tag"].as_str().map(str::to_owned))
        .collect();
    tags.sort();
    tags
}

fn every_tag() -> Vec<String> {
    let mut tags: Vec<String> = (0..DEVICES).map(|i| format!("D{i}")).collect();
    tags.sort();
    tags
}

/// True if everything is there; false if the store refused. Anything between fails the test.
fn works_or_refuses(shop: &Shop, what: &str) -> bool {
    let found = ran(shop, &["device", "find", "Acme", "--json", "-n", "1000"]);
    match found.code {
        0 => {
            assert_eq!(
                tags(&found.out),
                every_tag(),
                "{what}: silent loss; {found:?}"
            );
            let added = ran(shop, &["device", "add", "NEW-1", "--serial", "N1"]);
            assert_eq!(added.code, 0, "{what}: reads but does not write; {added:?}");
            let shown = ran(shop, &["device", "show", "NEW-1", "--json"]);
            assert_eq!(
                shown.code, 0,
                "{what}: the new record is not there; {shown:?}"
            );
            true
        }
        3 => {
            assert!(
                found.err.contains("error"),
                "{what}: refused without words; {found:?}"
            );
            assert_eq!(found.out, "", "{what}: an answer beside a refusal");
            false
        }
        _ => panic!("{what}: {found:?}"),
    }
}

/// `verify` either healed the damage and says so, naming the file, or it ends in failure and names the problem.
fn verify_names_it(shop: &Shop, what: &str, healed: bool) {
    let verdict = ran(shop, &["verify"]);
    let words = format!("{}{}", verdict.out, verdict.err);
    assert!(
        words.contains("00000001.seg"),
        "{what}: no file is named; {verdict:?}"
    );
    assert!(words.contains("damaged"), "{what}: {verdict:?}");
    assert_eq!(verdict.code == 0, healed, "{what}: {verdict:?}");
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).expect("a file");
    change(&mut bytes);
    std::fs::write(path, bytes).expect("a file");
}

#[test]
fn sled_folder_deleted() {
    let shop = stocked();
    std::fs::remove_dir_all(shop.store().join("rows")).expect("removed");
    let digest = ran(&shop, &["digest"]);
    assert_eq!(digest.code, 0, "{digest:?}");
    assert!(
        works_or_refuses(&shop, "rows deleted"),
        "the journal has it all"
    );
    assert_eq!(shop.json(&["verify"])["ok"], true);
}

#[test]
fn journal_tail_cut() {
    for cut in [1, 7, 64, 300] {
        let shop = stocked();
        change(&segment(&shop), |bytes| bytes.truncate(bytes.len() - cut));
        let what = format!("{cut} bytes cut off the journal");
        works_or_refuses(&shop, &what);
    }
}

#[test]
fn journal_tail_cut_and_rows_deleted_is_never_silent() {
    for cut in [1, 64, 300] {
        let shop = stocked();
        change(&segment(&shop), |bytes| bytes.truncate(bytes.len() - cut));
        std::fs::remove_dir_all(shop.store().join("rows")).expect("removed");
        let found = ran(&shop, &["device", "find", "Acme", "--json", "-n", "1000"]);
        let complete = found.code == 0 && tags(&found.out) == every_tag();
        assert!(
            complete || !found.err.trim().is_empty(),
            "{cut} bytes: records are gone and nobody said so; {found:?}"
        );
    }
}

#[test]
fn a_flipped_bit_anywhere_in_the_journal() {
    let length = {
        let shop = stocked();
        segment(&shop).metadata().expect("a file").len() as usize
    };
    for part in 0..12 {
        let at = (length * part / 12 + 11).min(length - 3);
        let shop = stocked();
        change(&segment(&shop), |bytes| bytes[at] ^= 0x10);
        let what = format!("a bit at {at} of {length} in the journal");
        works_or_refuses(&shop, &what);
    }
}

#[test]
fn verify_names_a_flipped_bit_in_the_journal() {
    for rows_too in [false, true] {
        let shop = stocked();
        change(&segment(&shop), |bytes| {
            let at = bytes.len() / 2;
            bytes[at] ^= 0x10;
        });
        if rows_too {
            std::fs::remove_dir_all(shop.store().join("rows")).expect("removed");
        }
        let what = format!("a bit in the middle of the journal, rows deleted: {rows_too}");
        verify_names_it(&shop, &what, !rows_too);
        if rows_too {
            // It stays named, and nothing is written on top of it.
            let found = ran(&shop, &["device", "find", "Acme", "--json"]);
            assert!(found.err.contains("damaged"), "{what}: {found:?}");
            let added = ran(&shop, &["device", "add", "NEW-1", "--serial", "N1"]);
            assert_eq!(added.code, 3, "{what}: {added:?}");
            assert!(added.err.contains("nothing was saved"), "{what}: {added:?}");
        }
    }
}

#[test]
fn a_zeroed_page_in_the_journal() {
    let shop = stocked();
    change(&segment(&shop), |bytes| {
        let end = bytes.len();
        bytes[end / 3..end / 2].fill(0);
    });
    works_or_refuses(&shop, "zeros in the journal");
}

#[test]
fn flipped_bits_and_zeroed_pages_in_every_file_of_the_rows() {
    let names: Vec<PathBuf> = {
        let shop = stocked();
        let rows = shop.store().join("rows");
        files(&rows)
            .iter()
            .map(|path| path.strip_prefix(&rows).expect("inside").to_owned())
            .collect()
    };
    assert!(!names.is_empty());
    for name in names {
        let kind = name
            .components()
            .next()
            .expect("a name")
            .as_os_str()
            .to_owned();
        for part in [0, 1, 2, 3, 5, 7, 9] {
            for zero in [false, true] {
                let shop = stocked();
                let rows = shop.store().join("rows");
                // A snapshot's name holds a log position, which may differ from run to run.
                let path = files(&rows).into_iter().find(|p| {
                    p.file_name()
                        .and_then(|n| n.to_str())
                        .and_then(|n| n.split('.').next())
                        == kind.to_str().and_then(|n| n.split('.').next())
                });
                let Some(path) = path else { continue };
                change(&path, |bytes| {
                    let used = bytes.iter().rposition(|b| *b != 0).unwrap_or(0) + 1;
                    let at = (used * part / 10 + 5).min(used - 1);
                    if zero {
                        let end = (at + 4096).min(bytes.len());
                        bytes[at..end].fill(0);
                    } else {
                        bytes[at] ^= 0x40;
                    }
                });
                let what = format!("{} part {part}, zero {zero}", path.display());
                assert!(
                    works_or_refuses(&shop, &what),
                    "{what}: the journal is whole, so nothing need be refused"
                );
            }
        }
    }
}

#[test]
fn files_of_the_rows_cut_gone_or_replaced_by_a_folder() {
    let rows = |shop: &Shop| shop.store().join("rows");
    let count = files(&rows(&stocked())).len();
    assert!(count >= 2, "{count}");
    for index in 0..count {
        for harm in ["cut", "gone", "folder"] {
            let shop = stocked();
            let Some(path) = files(&rows(&shop)).into_iter().nth(index) else {
                continue;
            };
            if harm == "cut" {
                change(&path, |bytes| bytes.truncate(bytes.len() / 2));
            } else {
                std::fs::remove_file(&path).expect("removed");
            }
            if harm == "folder" {
                std::fs::create_dir(&path).expect("made");
            }
            let what = format!("{} {harm}", path.display());
            assert!(
                works_or_refuses(&shop, &what),
                "{what}: the journal is whole, so nothing need be refused"
            );
        }
    }
}

#[test]
fn other_files_of_the_store_emptied_or_gone() {
    for gone in [false, true] {
        let names: Vec<PathBuf> = {
            let shop = stocked();
            files(&shop.store())
                .into_iter()
                .filter(|path| !path.starts_with(shop.store().join("rows")))
                .map(|path| path.strip_prefix(shop.store()).expect("inside").to_owned())
                .collect()
        };
        for (index, _) in names.iter().enumerate() {
            let shop = stocked();
            let mut paths: Vec<PathBuf> = files(&shop.store());
            paths.retain(|path| !path.starts_with(shop.store().join("rows")));
            let Some(path) = paths.get(index) else {
                continue;
            };
            if gone {
                std::fs::remove_file(path).expect("removed");
            } else {
                change(path, Vec::clear);
            }
            let what = format!("{} gone {gone}", path.display());
            works_or_refuses(&shop, &what);
        }
    }
}

/// Every file of the shop with its place in it, but for the rows, which have a test of their own, and the log.
fn all_files(shop: &Shop) -> Vec<PathBuf> {
    files(shop.dir())
        .into_iter()
        .filter(|path| !path.starts_with(shop.store().join("rows")))
        .filter(|path| path.extension().is_none_or(|e| e != "log"))
        .map(|path| path.strip_prefix(shop.dir()).expect("inside").to_owned())
        .collect()
}

#[test]
fn every_file_cut_flipped_zeroed_or_replaced_by_a_folder() {
    type Harm = (&'static str, fn(&Path));
    let harms: [Harm; 4] = [
        ("half of it cut off", |path| {
            change(path, |bytes| bytes.truncate(bytes.len() / 2));
        }),
        ("a bit flipped", |path| {
            change(path, |bytes| {
                let at = bytes.len() / 3;
                bytes[at] ^= 0x20;
            });
        }),
        ("zeroed", |path| change(path, |bytes| bytes.fill(0))),
        ("a folder in its place", |path| {
            std::fs::remove_file(path).expect("removed");
            std::fs::create_dir(path).expect("made");
        }),
    ];
    let names = all_files(&stocked());
    let kinds = |text: &str| {
        names
            .iter()
            .any(|name| name.display().to_string().contains(text))
    };
    for kind in ["journal/", "keys/", "technicians/", "heads/"] {
        assert!(kinds(kind), "no file in {kind}: {names:?}");
    }
    for name in &names {
        for (words, harm) in harms {
            let shop = stocked();
            harm(&shop.dir().join(name));
            let what = format!("{}, {words}", name.display());
            works_or_refuses(&shop, &what);
            // Whatever became of it, saying so is not refused.
            ran(&shop, &["verify"]);
            ran(&shop, &["doctor"]);
        }
    }
}

#[test]
fn a_damaged_technician_key_signs_nothing_and_says_so() {
    for zero in [false, true] {
        let shop = stocked();
        let key = files(&shop.store().join("technicians")).remove(0);
        change(&key, |bytes| {
            let at = bytes.len() - 20;
            if zero {
                bytes.fill(0);
            } else {
                bytes[at] ^= 1;
            }
        });
        assert!(works_or_refuses(&shop, "a damaged technician's key"));
        let listed = shop.json(&["tech", "list"]);
        let me = listed[0]["key"].as_str().expect("a key").to_owned();
        // Its passphrase opens it no more; another technician revokes it, and a new one is enrolled.
        let again = shop
            .command(&["tech", "key"])
            .env("TAGOUT_OLD_PASSPHRASE", "correct horse")
            .output()
            .expect("the program runs");
        assert_eq!(again.status.code(), Some(1), "{again:?}");
        for way_out in [
            &["tech", "add", "second", "--name", "Second Person"][..],
            &[
                "tech", "revoke", &me, "--reason", "damaged", "--as", "second",
            ],
            &["tech", "key"],
        ] {
            let done = ran(&shop, way_out);
            assert_eq!(done.code, 0, "{way_out:?}: {done:?}");
        }
    }
}

#[test]
fn damaged_settings_and_maps_are_named_with_line_or_reason() {
    for (bytes, what) in [
        (&b"[keys\nq = 1\n"[..], "broken"),
        (&[0xff, 0xfe, 0x00, 0x81][..], "not text"),
        (&[0; 4096][..], "zeros"),
    ] {
        let shop = stocked();
        let config = shop.dir().join(".config/tagout");
        std::fs::create_dir_all(&config).expect("a folder");
        std::fs::write(config.join("keymap.toml"), bytes).expect("a file");
        let checked = ran(&shop, &["keys", "check"]);
        assert_ne!(checked.code, 0, "{what}: {checked:?}");
        assert!(
            format!("{}{}", checked.out, checked.err).contains("keymap.toml"),
            "{what}: {checked:?}"
        );
        let map = shop.file("map.toml", bytes);
        let list = shop.file("list.csv", "Asset Tag,Serial Number\nX-1,SX1\n");
        let refused = ran(&shop, &["device", "import", &list, "--map", &map]);
        assert_eq!(refused.code, 1, "{what}: {refused:?}");
        assert!(refused.out.contains("Nothing was imported"), "{refused:?}");
        for bad in [bytes, &[0xff; 300][..]] {
            let list = shop.file("bad.csv", bad);
            let refused = ran(&shop, &["device", "import", &list]);
            assert_eq!(refused.code, 1, "{what}: {refused:?}");
        }
        assert!(works_or_refuses(&shop, what), "{what} is no record");
    }
}
