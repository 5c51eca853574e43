//! Shops that meet in a folder by the real program: first contact, work apart, damage, kills, encryption, the host's own
//! exchanges.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::cli::Shop;
use crate::support::kill::{Dice, killed_at, time_of};

/// Only a failing test waits this long.
const LIMIT: Duration = Duration::from_secs(40);

fn named(shop: Shop, name: &str, prefix: &str) -> Shop {
    shop.done(&["init", "--name", name, "--prefix", prefix, "--zone", "UTC"]);
    shop
}

fn device(shop: &Shop, tag: &str) {
    shop.done(&["device", "add", tag, "--model", "P1", "--serial", tag]);
}

fn words(shop: &Shop) -> String {
    let shown = shop.json(&["site", "show"]);
    let words = shown["words"].as_array().unwrap().iter();
    let words: Vec<&str> = words.map(|word| word.as_str().unwrap()).collect();
    words.join(" ")
}

fn digest(shop: &Shop) -> String {
    let digest = shop.json(&["digest"])["digest"].clone();
    digest.as_str().unwrap().to_owned()
}

fn folder(parent: &Path) -> PathBuf {
    let folder = parent.join("depot");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn add(shop: &Shop, depot: &Path, more: &[&str]) {
    let mut arguments = vec!["depot", "add", "hub", depot.to_str().unwrap()];
    arguments.extend(more);
    shop.done(&arguments);
}

/// What one exchange did.
fn sync(shop: &Shop) -> Value {
    shop.json(&["sync", "hub"])["synced"][0].clone()
}

/// Everybody has synced once, so everybody is known to everybody; and then all trust all.
fn acquaint(shops: &[&Shop]) {
    for _ in 0..2 {
        for shop in shops {
            sync(shop);
        }
    }
    for shop in shops {
        for other in shops {
            if !std::ptr::eq(*shop, *other) {
                shop.done(&["site", "trust", &words(other)]);
            }
        }
    }
}

fn meet(shops: &[&Shop]) {
    for _ in 0..2 {
        for shop in shops {
            sync(shop);
        }
    }
}

/// All bundles that lie there.
fn bundles(depot: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let sites = std::fs::read_dir(depot.join("sites")).into_iter().flatten();
    for site in sites.flatten() {
        out.extend(
            std::fs::read_dir(site.path())
                .unwrap()
                .flatten()
                .map(|e| e.path()),
        );
    }
    out.sort();
    out
}

#[test]
fn three_shops_meet_in_a_folder_and_it_may_be_lost() {
    let place = tempfile::tempdir().unwrap();
    let depot = folder(place.path());
    let shops = [
        named(Shop::empty(), "East", "E"),
        named(Shop::empty(), "West", "W"),
        named(Shop::empty(), "North", "N"),
    ];
    let [east, west, north] = &shops;
    let all = [east, west, north];
    for shop in all {
        add(shop, &depot, &["--manual"]);
    }
    device(east, "E-1");
    let first = sync(east);
    assert!(first["sent"].as_u64().unwrap() > 0, "{first}");
    let waits = sync(west);
    assert_eq!(
        waits["arrived"]["waiting"][0]["reason"], "unknown-site",
        "{waits}"
    );
    acquaint(&all);
    device(west, "W-1");
    device(north, "N-1");
    assert!(
        west.json(&["depot", "list"])["depots"][0]["to_send"]
            .as_u64()
            .unwrap()
            > 0
    );
    meet(&all);
    for shop in all {
        assert_eq!(digest(shop), digest(east));
        assert_eq!(shop.json(&["device", "show", "W-1"])["tag"], "W-1");
        assert_eq!(shop.json(&["depot", "list"])["depots"][0]["to_send"], 0);
    }
    // Nothing is left to say: nobody answers anybody.
    let before = bundles(&depot);
    meet(&all);
    assert_eq!(bundles(&depot), before);
    assert!(east.done(&["sync"]).contains("nothing to send"));

    // Somebody empties it; any one of them fills it again, with the work of all.
    std::fs::remove_dir_all(&depot).unwrap();
    let gone = east.refused(1, &["sync", "hub"]);
    assert!(
        gone["error"].as_str().unwrap().contains("is not there"),
        "{gone}"
    );
    std::fs::create_dir(&depot).unwrap();
    sync(west);
    let new = named(Shop::empty(), "South", "S");
    add(&new, &depot, &["--manual"]);
    sync(&new);
    for shop in all {
        new.done(&["site", "trust", &words(shop)]);
    }
    assert_eq!(new.json(&["device", "show", "N-1"])["tag"], "N-1");

    // A bundle that rots there is said, and put there again by who has its records.
    device(east, "E-2");
    let known = bundles(&depot);
    sync(east);
    let fresh: Vec<PathBuf> = bundles(&depot)
        .into_iter()
        .filter(|b| !known.contains(b))
        .collect();
    let mut bytes = std::fs::read(&fresh[0]).unwrap();
    let middle = bytes.len() - 50;
    bytes[middle] ^= 1;
    std::fs::write(&fresh[0], bytes).unwrap();
    let told = sync(west);
    assert!(
        told["warnings"][0].as_str().unwrap().contains("is damaged"),
        "{told}"
    );
    assert!(sync(east)["sent"].as_u64().unwrap() > 0);
    sync(west);
    assert_eq!(west.json(&["device", "show", "E-2"])["tag"], "E-2");
    for shop in all {
        assert_eq!(shop.json(&["verify"])["ok"], true);
    }
}

#[test]
fn a_sync_that_is_killed_harms_nothing() {
    let place = tempfile::tempdir().unwrap();
    let depot = folder(place.path());
    let shops = [
        named(Shop::empty(), "East", "E"),
        named(Shop::empty(), "West", "W"),
    ];
    let [east, west] = &shops;
    for shop in [east, west] {
        add(shop, &depot, &["--manual"]);
    }
    acquaint(&[east, west]);
    meet(&[east, west]);
    let mut dice = Dice(11);
    let whole = time_of(&mut east.process(&["sync", "hub"]));
    for round in 0..6 {
        let shop = if round % 2 == 0 { east } else { west };
        device(shop, &format!("K-{round}"));
        killed_at(&mut shop.process(&["sync", "hub"]), dice.moment(whole));
    }
    meet(&[east, west]);
    assert_eq!(digest(east), digest(west));
    for shop in [east, west] {
        assert_eq!(shop.json(&["verify"])["ok"], true);
        for round in 0..6 {
            shop.done(&["device", "show", &format!("K-{round}")]);
        }
        assert_eq!(
            std::fs::read_dir(shop.store().join("passing")).map_or(0, Iterator::count),
            0
        );
    }
}

#[test]
fn an_encrypted_depot_is_read_by_those_who_are_trusted() {
    let place = tempfile::tempdir().unwrap();
    let depot = folder(place.path());
    let shops = [
        named(Shop::empty(), "East", "E"),
        named(Shop::empty(), "West", "W"),
    ];
    let [east, west] = &shops;
    for shop in [east, west] {
        add(shop, &depot, &["--manual", "--encrypt"]);
    }
    device(east, "SECRET-1");
    sync(east);
    let sealed = sync(west);
    assert!(sealed["sealed"][0]["short"].is_string(), "{sealed}");
    assert!(west.done(&["sync"]).contains("Encrypted for others"));
    let plain = |file: &PathBuf| {
        let shown = east.json(&["bundle", "inspect", file.to_str().unwrap()]);
        shown["encrypted_for"].as_array().unwrap().is_empty()
    };
    assert!(!bundles(&depot).iter().any(plain));
    // Nobody has seen a bundle that he can read: the words come on a stick.
    for (one, other) in [(east, west), (west, east)] {
        let stick = other.dir().join("stick.tagout");
        one.done(&["bundle", "export", stick.to_str().unwrap()]);
        other.done(&["bundle", "import", stick.to_str().unwrap()]);
        other.done(&["site", "trust", &words(one)]);
    }
    device(east, "SECRET-2");
    meet(&[east, west]);
    assert_eq!(digest(east), digest(west));
    let readers = |file: &PathBuf| {
        let shown = east.json(&["bundle", "inspect", file.to_str().unwrap()]);
        shown["encrypted_for"].as_array().unwrap().len()
    };
    for file in bundles(&depot) {
        assert_eq!(readers(&file), 2, "{}", file.display());
    }
    // What lies there for both is left as it is.
    let before = bundles(&depot);
    meet(&[east, west]);
    assert_eq!(bundles(&depot), before);
}

#[test]
fn depots_are_set_up_in_words_and_refused_in_words() {
    let shop = named(Shop::empty(), "East", "E");
    let place = tempfile::tempdir().unwrap();
    let depot = folder(place.path());
    assert_eq!(
        shop.json(&["depot", "list"])["depots"],
        serde_json::json!([])
    );
    shop.refused(1, &["sync"]);
    add(&shop, &depot, &["--every", "90s"]);
    let listed = shop.json(&["depot", "list"]);
    assert_eq!(listed["depots"][0]["depot"]["every"], 90, "{listed}");
    assert!(shop.done(&["depot", "list"]).contains("never synced"));
    let at = depot.to_str().unwrap();
    let store = shop.store().display().to_string();
    for (arguments, says) in [
        (["hub", "/elsewhere"], "already"),
        (["other", at], "already"),
        (["Not a name", "/x"], "is no name"),
        (["other", "ftp://x/y"], "is no depot"),
        (
            ["other", "s3://key:secret@bucket"],
            "passwords do not belong",
        ),
        (["other", store.as_str()], "is the store itself"),
    ] {
        let [name, url] = arguments;
        let error = shop.refused(1, &["depot", "add", name, url])["error"].clone();
        assert!(error.as_str().unwrap().contains(says), "{error}");
    }
    shop.refused(2, &["depot", "add", "x", "/x", "--every", "never"]);
    // A place that is not there yet is synced when it is.
    let later = place.path().join("stick");
    shop.done(&["depot", "add", "stick", later.to_str().unwrap()]);
    assert!(shop.done(&["depot", "list"]).contains("is not there now"));
    std::fs::create_dir(&later).unwrap();
    shop.done(&["sync", "stick"]);
    shop.refused(1, &["sync", "nobody"]);
    shop.done(&["depot", "remove", "hub"]);
    shop.refused(1, &["depot", "remove", "hub"]);
    assert!(depot.exists());
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_host_syncs_by_itself() {
    let place = tempfile::tempdir().unwrap();
    let depot = folder(place.path());
    let shops = [
        named(Shop::hosted(), "East", "E"),
        named(Shop::hosted(), "West", "W"),
    ];
    let [east, west] = &shops;
    for shop in [east, west] {
        add(shop, &depot, &["--every", "1s"]);
    }
    let sites = |shop: &Shop| {
        shop.json(&["site", "list"])["sites"]
            .as_array()
            .unwrap()
            .len()
    };
    until("they know each other", || {
        sites(east) == 2 && sites(west) == 2
    });
    east.done(&["site", "trust", &words(west)]);
    west.done(&["site", "trust", &words(east)]);
    device(east, "E-1");
    let there = |shop: &Shop, tag: &str| {
        let found = shop.command(&["device", "show", tag]).output();
        found.is_ok_and(|found| found.status.success())
    };
    until("it came by itself", || there(west, "E-1"));
    // Through the host by hand as well.
    device(west, "W-1");
    sync(west);
    until("it came by itself", || there(east, "W-1"));
    // The stick is pulled out and plugged in again.
    let away = place.path().join("away");
    std::fs::rename(&depot, &away).unwrap();
    device(east, "E-2");
    let absent = |shop: &Shop| shop.json(&["depot", "list"])["depots"][0]["absent"] == true;
    assert!(absent(east));
    std::fs::rename(&away, &depot).unwrap();
    until("it came when the stick did", || there(west, "E-2"));
    until("they are equal", || digest(east) == digest(west));
    // A host that syncs leaves when it is told to.
    for shop in [east, west] {
        assert_eq!(shop.json(&["host", "stop"])["stopped"], true);
        assert_eq!(shop.json(&["verify"])["ok"], true);
    }
}

#[test]
fn a_store_that_was_set_back_learns_it_from_the_depot() {
    let place = tempfile::tempdir().unwrap();
    let depot = folder(place.path());
    let east = named(Shop::empty(), "East", "E");
    add(&east, &depot, &["--manual"]);
    device(&east, "E-1");
    sync(&east);
    let old = east.copy();
    device(&east, "E-2");
    sync(&east);
    // The copy of yesterday, with what was kept outside the store.
    device(&old, "E-3");
    let site = |shop: &Shop| shop.json(&["site", "show"])["site"]["id"].clone();
    let before = site(&old);
    let kept = bundles(&depot);
    let told = old.refused(3, &["sync", "hub"]);
    assert!(
        told["error"].as_str().unwrap().contains("set back"),
        "{told}"
    );
    assert_eq!(
        bundles(&depot),
        kept,
        "nothing was put there under the old name"
    );
    // The next start goes on under a new name, and gets what is there.
    assert_ne!(site(&old), before);
    sync(&old);
    let again = sync(&old);
    assert_eq!(again["sent"], 0, "{again}");
    // What the copy wrote under the old name lies there beside the other version, and the first shop hears of it.
    let told = east.refused(3, &["sync", "hub"]);
    let told = told["error"].as_str().unwrap();
    assert!(told.contains("a copy of it is in use elsewhere"), "{told}");
    let here = site(&east);
    sync(&east);
    assert_ne!(site(&old), here);
    assert!(
        std::fs::read_dir(east.store().join("forks"))
            .unwrap()
            .next()
            .is_some()
    );
    assert_eq!(old.json(&["verify"])["ok"], true);
}
