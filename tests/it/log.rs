//! The log: what it says, what it never holds, whose it is, and how long it gets.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::support::cli::Shop;
use crate::support::pty::Start;

fn folder(shop: &Shop) -> PathBuf {
    shop.dir().join(".local/state/tagout")
}

fn log(shop: &Shop) -> PathBuf {
    folder(shop).join("tagout.log")
}

/// A command at the most talkative level.
fn talkative(shop: &Shop, arguments: &[&str]) -> Option<i32> {
    let mut command = shop.command(arguments);
    let out = command.env("TAGOUT_LOG", "trace").output();
    out.expect("the program runs").status.code()
}

#[test]
fn the_log_holds_nothing_that_was_typed_read_or_kept_secret() {
    let shop = Shop::hosted();
    assert_eq!(
        talkative(&shop, &["device", "add", "BME-1", "--model", "P"]),
        Some(0)
    );
    // Secrets, right and wrong.
    assert_eq!(talkative(&shop, &["tech", "key"]), Some(0));
    let wrong = shop.file("wrong", "wrong-secret-words\n");
    let sign = ["inspection", "sign", "BME-1", "--passphrase-file", &wrong];
    assert_ne!(talkative(&shop, &sign), Some(0));
    // Readings, names and texts that are refused, since refusals quote them.
    for refused in [
        [
            "inspection",
            "record",
            "next",
            "0.1234567 ohm",
            "--on",
            "BME-1",
        ]
        .as_slice(),
        &["device", "show", "nobodys-tag-77"],
        &["order", "claim", "no-such-order-99"],
        &["keys", "no-such-word-55"],
    ] {
        assert_ne!(talkative(&shop, refused), Some(0), "{refused:?}");
    }
    talkative(&shop, &["scan", "(01)00884838000001(21)scanned-serial"]);
    // Keys on a terminal.
    let mut tty = Start::new(env!("CARGO_BIN_EXE_tagout"))
        .env("HOME", &shop.dir().display().to_string())
        .env("TAGOUT_STORE", &shop.store().display().to_string())
        .env("TAGOUT_IDLE", "60")
        .env("TAGOUT_LOG", "trace")
        .spawn();
    tty.wait_for("1 device");
    tty.send("pressed-keys");
    tty.wait_for("pressed-keys");
    tty.hang_up();
    tty.wait_exit_unread();
    shop.done(&["host", "stop"]);

    let text = std::fs::read_to_string(log(&shop)).expect("a log");
    // It is the log of all this.
    for said in [
        "not done",
        "not-found",
        "the host leaves",
        "terminal closed",
    ] {
        assert!(text.contains(said), "{said} in:\n{text}");
    }
    for never in [
        "correct horse",
        "wrong-secret",
        "0.1234567",
        "nobodys-tag",
        "scanned-serial",
        "no-such-order",
        "no-such-word",
        "pressed-keys",
    ] {
        assert!(!text.contains(never), "{never} in:\n{text}");
    }
}

#[test]
fn the_log_is_its_owners_and_turns_over() {
    let shop = Shop::hosted();
    shop.done(&["device", "add", "BME-1"]);
    let mode = |path: &PathBuf| {
        let facts = std::fs::metadata(path).expect("it is there");
        facts.permissions().mode() & 0o777
    };
    assert_eq!((mode(&folder(&shop)), mode(&log(&shop))), (0o700, 0o600));
    std::fs::write(log(&shop), vec![b'x'; (4 << 20) + 1]).expect("written");
    // The host that runs writes to the new one too.
    shop.ends(1, &["device", "show", "none"]);
    shop.done(&["host", "stop"]);
    let old = folder(&shop).join("tagout.log.old");
    let length = |path: &PathBuf| std::fs::metadata(path).expect("it is there").len();
    assert!(length(&old) > 4 << 20 && length(&log(&shop)) < 100_000);
    assert_eq!((mode(&old), mode(&log(&shop))), (0o600, 0o600));
}
