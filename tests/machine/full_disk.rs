//! The real program on a disk that fills up: it opens, reads and exports; it saves nothing and says so; it goes on when
//! there is room again. The disk is a small one in memory, which only root can mount.

use std::path::Path;

use serde_json::Value;

use crate::disk::SmallDisk;
use crate::support::cli::Shop;

const MIB: u64 = 1 << 20;
const DEVICES: usize = 20;

fn tags(answer: &Value) -> usize {
    answer.as_array().expect("a list").len()
}

/// Everything that only reads works, and finds every record.
#[track_caller]
fn reads_and_exports(shop: &Shop, what: &str) {
    let found = shop.json(&["device", "find", "Acme", "-n", "1000"]);
    assert_eq!(tags(&found), DEVICES, "{what}");
    assert_eq!(
        shop.json(&["device", "show", "D-7"])["serial"],
        "S7",
        "{what}"
    );
    assert_eq!(shop.json(&["verify"])["ok"], true, "{what}");
    let copy = shop.dir().join(format!("copy {what}"));
    let copied = shop.json(&["backup", &copy.display().to_string()]);
    assert!(
        copied["entries"]
            .as_u64()
            .is_some_and(|n| n > DEVICES as u64)
    );
    assert!(copy.join("journal").exists(), "{what}");
}

#[track_caller]
fn saves_nothing(shop: &Shop, what: &str) {
    let refused = shop.refused(3, &["device", "add", "NEW-1", "--serial", "N1"]);
    let words = refused["error"].as_str().expect("words");
    assert!(words.contains("nothing was saved"), "{what}: {words}");
    assert!(words.contains("free"), "{what}: {words}");
    let list = shop.file("list.csv", "Asset Tag,Serial Number\nNEW-2,N2\n");
    let refused = shop.refused(3, &["device", "import", &list]);
    let words = refused["error"].as_str().expect("words");
    assert!(words.contains("nothing was saved"), "{what}: {words}");
    for tag in ["NEW-1", "NEW-2"] {
        shop.ends(1, &["device", "show", tag]);
    }
}

fn free_again(disk: &SmallDisk, names: &[&str]) {
    for name in names {
        std::fs::remove_file(disk.path().join(name)).expect("it is there");
    }
}

fn stocked(disk_at: &Path) -> Shop {
    let shop = Shop::with_store(disk_at.to_path_buf());
    shop.done(&["init", "--name", "Full", "--prefix", "F", "--zone", "UTC"]);
    let labels = (0..DEVICES)
        .map(|i| format!("S{i}\tD-{i}\n"))
        .collect::<Vec<_>>()
        .concat();
    shop.done_with(
        &["receive", "--manufacturer", "Acme", "--model", "P"],
        &labels,
    );
    shop
}

pub fn a_full_disk_is_read_and_exported_and_nothing_is_saved_until_there_is_room() {
    let dir = tempfile::TempDir::new().expect("a temporary folder");
    let disk = SmallDisk::new(dir.path().join("small"), "200m").expect("a disk in memory");
    let shop = stocked(&disk.path().join("store"));
    let ballast = disk.path().join("store/ballast");
    assert!(ballast.exists(), "room was put by");

    // Nearly full: less is free than must stay free.
    disk.fill("others", 20 * MIB);
    let (_, words) = shop.ends(0, &["device", "find", "Acme"]);
    assert!(words.contains("nearly full"), "{words}");
    assert!(!ballast.exists(), "the room that was put by is given up");
    reads_and_exports(&shop, "nearly full");

    // Somebody else takes that room too.
    disk.fill("more of others", 20 * MIB);
    reads_and_exports(&shop, "without ballast");
    saves_nothing(&shop, "without ballast");

    // Room again: work goes on, and what was saved before is there.
    free_again(&disk, &["others", "more of others"]);
    shop.done(&["device", "add", "NEW-1", "--serial", "N1"]);
    assert_eq!(shop.json(&["device", "show", "NEW-1"])["serial"], "N1");
    reads_and_exports(&shop, "with room");
    assert!(ballast.exists(), "room is put by again");
}

pub fn a_disk_full_to_its_last_byte_is_opened_with_the_room_that_was_put_by() {
    let dir = tempfile::TempDir::new().expect("a temporary folder");
    let disk = SmallDisk::new(dir.path().join("small"), "200m").expect("a disk in memory");
    let shop = stocked(&disk.path().join("store"));
    disk.fill("others", 0);
    reads_and_exports(&shop, "to the last byte");
    // The room that was put by is taken too.
    disk.fill("more of others", 0);
    reads_and_exports(&shop, "without any room");
    saves_nothing(&shop, "without any room");
    free_again(&disk, &["others", "more of others"]);
    reads_and_exports(&shop, "with room");
    shop.done(&["device", "add", "NEW-1", "--serial", "N1"]);
    assert_eq!(shop.json(&["verify"])["ok"], true);
}
