//! Files of a store that the account may not read: refused in words, and unharmed.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::support::cli::Shop;

const DEVICES: usize = 12;
const NOBODY: u32 = 65534;

/// A shop with some devices: made once, copied for each file.
fn stocked() -> Shop {
    static MADE: OnceLock<Shop> = OnceLock::new();
    MADE.get_or_init(|| {
        let shop = Shop::empty();
        let labels = (0..DEVICES)
            .map(|i| format!("S{i}\tD{i}\n"))
            .collect::<Vec<_>>()
            .concat();
        shop.done_with(
            &["receive", "--manufacturer", "Acme", "--model", "P"],
            &labels,
        );
        shop
    })
    .copy()
}

fn all_found(answer: &[u8]) -> bool {
    let rows: serde_json::Value = serde_json::from_slice(answer).expect("JSON");
    rows.as_array().expect("a list").len() == DEVICES
}

/// Runs the program on the store in this folder as an account that may not read everything.
fn as_account(home: &Path, arguments: &[&str]) -> io::Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagout"));
    command
        .env_clear()
        .env("HOME", home)
        .env("TAGOUT_STORE", home.join("store"))
        .args(arguments);
    if rustix::process::geteuid().is_root() {
        // Root may read everything; an account without rights may not.
        command.uid(NOBODY).gid(NOBODY);
    }
    command.output()
}

/// Whether an account without rights can start the program here.
pub fn possible() -> Result<(), String> {
    let home = tempfile::tempdir().map_err(|e| e.to_string())?;
    as_account(home.path(), &["--version"])
        .map(drop)
        .map_err(|error| format!("another account cannot start the program: {error}"))
}

/// Gives a folder and all in it to an account without rights.
fn give_away(folder: &Path, uid: u32) {
    std::os::unix::fs::chown(folder, Some(uid), Some(uid)).expect("root may");
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            give_away(&entry.path(), uid);
        } else {
            std::os::unix::fs::chown(entry.path(), Some(uid), Some(uid)).expect("root may");
        }
    }
}

pub fn files_that_may_not_be_read_are_refused_in_words() {
    let root = rustix::process::geteuid().is_root();
    for name in [
        "store",
        "store/journal",
        "store/journal/00000001.seg",
        "store/keys",
        "store/rows",
        "store/rows/db",
        "store/rows/conf",
        "store/lock",
    ] {
        let shop = stocked();
        let path = shop.dir().join(name);
        if name == "store/lock" {
            // As a process leaves it that was killed.
            std::fs::write(&path, "").expect("a file");
        }
        if root {
            give_away(shop.dir(), NOBODY);
        }
        let before = std::fs::metadata(&path).expect("it is there").permissions();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("ours");
        let find = ["device", "find", "Acme", "--json", "-n", "1000"];
        let out = as_account(shop.dir(), &find).expect("it runs");
        let words = String::from_utf8_lossy(&out.stderr);
        assert!(!words.contains("panicked at"), "{name}: {words}");
        if out.status.success() {
            assert!(all_found(&out.stdout), "{name}: silent loss; {words}");
        } else {
            assert_eq!(out.status.code(), Some(3), "{name}: {words}");
            assert!(words.contains("error"), "{name}: refused without words");
        }
        // Nothing was harmed by trying.
        std::fs::set_permissions(&path, before).expect("ours");
        let out = as_account(shop.dir(), &find).expect("it runs");
        assert!(out.status.success(), "{name}: {out:?}");
        assert!(all_found(&out.stdout), "{name}");
    }
}
