//! `doctor`: what it says of a healthy store, of each thing that may be wrong, and that it touches nothing.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::cli::Shop;

/// The report, whatever its exit code, which must fit what it says.
fn report_with(shop: &Shop, env: &[(&str, &str)]) -> Value {
    let mut command = shop.command(&["doctor", "--json"]);
    for (name, value) in env {
        command.env(name, value);
    }
    let out = command.output().expect("the program runs");
    let report: Value = serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&out.stderr)));
    let fails = report["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .any(|line| line["level"] == "fail");
    assert_eq!(report["ok"], !fails);
    assert_eq!(out.status.code(), Some(if fails { 3 } else { 0 }));
    report
}

fn report(shop: &Shop) -> Value {
    report_with(shop, &[])
}

/// A line's level, value and advice.
#[track_caller]
fn line(report: &Value, key: &str) -> (String, String, String) {
    let lines = report["lines"].as_array().expect("lines");
    let line = lines
        .iter()
        .find(|line| line["key"] == key)
        .unwrap_or_else(|| panic!("no {key} in {report}"));
    let word = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let (level, advice) = (word("level"), word("advice"));
    assert_eq!(level == "ok", advice.is_empty(), "{line}");
    (level, word("value"), advice)
}

#[track_caller]
fn is(report: &Value, key: &str, level: &str, value: &str, advice: &str) {
    let (is, words, does) = line(report, key);
    assert!(
        is == level && words.contains(value) && does.contains(advice),
        "{key}: {is}: {words}: {does}"
    );
}

/// Every file below a folder with its bytes; sockets and folders with none.
fn everything(dir: &Path, out: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            everything(&path, out);
            out.insert(path, Vec::new());
        } else {
            let bytes = std::fs::read(&path).unwrap_or_default();
            out.insert(path, bytes);
        }
    }
}

fn files(shop: &Shop) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    everything(&shop.store(), &mut out);
    out
}

/// A closed store with some records, and no host.
fn closed() -> Shop {
    let shop = Shop::empty();
    shop.done(&["device", "add", "BME-1", "--serial", "S1"]);
    shop.done(&["device", "add", "BME-2", "--serial", "S2"]);
    shop
}

#[test]
fn where_nothing_is_yet_it_makes_nothing() {
    let shop = Shop::hosted();
    let report = report(&shop);
    assert!(!shop.store().exists(), "looking makes no store");
    is(&report, "records", "ok", "no store here yet", "");
    is(&report, "host", "ok", "none runs", "");
    is(
        &report,
        "store",
        "ok",
        &shop.store().display().to_string(),
        "",
    );
    assert_eq!(report["ok"], true);
}

#[test]
fn without_a_host_it_looks_at_the_files_and_starts_none() {
    let shop = Shop::hosted();
    shop.done(&["device", "add", "BME-1", "--serial", "S1"]);
    shop.done(&["host", "stop"]);
    let before = files(&shop);
    let report = report(&shop);
    assert_eq!(files(&shop), before, "nothing is touched");
    shop.ends(1, &["host", "status"]);
    is(&report, "records", "ok", "whole", "");
    is(&report, "head", "ok", "agrees with record", "");
    is(&report, "host", "ok", "none runs", "");
    is(&report, "ballast", "ok", "64 MiB", "");
    is(&report, "store_modes", "ok", "store 700, journal 700", "");
    is(&report, "state_modes", "ok", "log 600", "");
    is(&report, "backup", "warn", "none", "tagout backup");
    assert_eq!(report["worst"], "warn");
}

#[test]
fn a_host_that_runs_is_asked_and_one_that_hangs_is_named() {
    let shop = Shop::hosted();
    shop.done(&["device", "add", "BME-1", "--serial", "S1"]);
    let pid = shop.json(&["host", "status"])["pid"].to_string();
    let seen = report(&shop);
    is(
        &seen,
        "host",
        "ok",
        &format!("process {pid} of version"),
        "",
    );
    is(&seen, "records", "ok", "whole", "");
    is(&seen, "socket_modes", "ok", "folder 700, socket 600", "");
    let backup = shop.dir().join("copy");
    shop.done(&["backup", &backup.display().to_string()]);
    is(&report(&shop), "backup", "ok", "0 records since", "");

    let host = Pid::from_raw(pid.parse().expect("a number")).expect("a process");
    kill_process(host, Signal::STOP).expect("it is there");
    let hung = report(&shop);
    kill_process(host, Signal::CONT).expect("it is there");
    is(&hung, "host", "fail", &pid, &format!("kill {pid}"));
    is(&hung, "records", "ok", "whole", "");
    is(&report(&shop), "host", "ok", &pid, "");
}

#[test]
fn a_damaged_journal_is_said_and_left_alone() {
    let shop = closed();
    let journal = shop.store().join("journal/00000001.seg");
    let mut bytes = std::fs::read(&journal).expect("a journal");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&journal, &bytes).expect("written");
    let before = files(&shop);
    let seen = report(&shop);
    assert_eq!(files(&shop), before, "nothing is mended");
    is(&seen, "records", "fail", "NOT WHOLE", "tagout verify");
    // What the working copy has is put back by opening it.
    shop.done(&["device", "show", "BME-1"]);
    is(&report(&shop), "records", "ok", "whole", "");
}

#[test]
fn a_journal_that_was_set_back_is_said() {
    let shop = closed();
    let old = std::fs::read(shop.store().join("journal/00000001.seg")).expect("a journal");
    shop.done(&["device", "add", "BME-3"]);
    std::fs::write(shop.store().join("journal/00000001.seg"), old).expect("written");
    is(
        &report(&shop),
        "head",
        "fail",
        "1 ahead",
        "later copy of the store",
    );
}

#[test]
fn what_others_may_read_is_said_with_what_to_type() {
    let shop = closed();
    std::fs::set_permissions(shop.store(), std::fs::Permissions::from_mode(0o755)).expect("set");
    is(
        &report(&shop),
        "store_modes",
        "fail",
        "store 755",
        &format!("chmod 700 {}", shop.store().display()),
    );
}

#[test]
fn clock_locale_terminal_ballast_and_old_backups_are_looked_at() {
    let shop = closed();
    let copy = shop.dir().join("copy");
    shop.done(&["backup", &copy.display().to_string()]);
    shop.done(&["device", "add", "BME-3"]);
    std::fs::remove_file(shop.store().join("ballast")).expect("it is there");
    let past = report_with(
        &shop,
        &[
            ("TAGOUT_CLOCK", "2001-01-01T00:00:00Z"),
            ("LANG", "C"),
            ("TERM", "dumb"),
        ],
    );
    is(&past, "clock", "fail", "2001", "timedatectl");
    is(&past, "locale", "warn", "C", "--ascii");
    is(&past, "terminal", "warn", "dumb", "line commands");
    is(&past, "ballast", "warn", "0 MiB", "put by again");
    let future = report_with(
        &shop,
        &[
            ("TAGOUT_CLOCK", "2199-01-01T00:00:00Z"),
            ("TERM", "xterm-256color"),
        ],
    );
    is(&future, "backup", "warn", "1 records since", "It is old");
    is(&future, "terminal", "ok", "256 colours, UTF-8", "");
    is(&future, "clock", "ok", "2199", "");
}

#[test]
fn a_restored_backup_is_told_from_one_that_was_interrupted() {
    let shop = closed();
    let copy = shop.dir().join("copy");
    shop.done(&["backup", &copy.display().to_string()]);
    let other = Shop::with_store(copy.clone());
    is(&report(&other), "records", "warn", "whole", "new site");
    assert!(copy.join("copied-from").exists(), "it was not opened");
    std::fs::write(copy.join("unfinished-backup"), "").expect("written");
    is(&report(&other), "records", "fail", "", "interrupted");
}
