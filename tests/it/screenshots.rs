//! The pictures in `screenshots/`, taken from the running program. `TAGOUT_SHOTS=write cargo test --test it screenshots`
//! takes them anew (PNG too, where `rsvg-convert` is installed); without it they are compared byte for byte, so that a
//! changed screen cannot keep an old picture.

use std::path::{Path, PathBuf};

use std::process::Command;
use std::time::Duration;

use crate::support::child::child_program;
use crate::support::pty::Start;
use crate::support::shot;

/// What to run when a picture is stale.
const REFRESH: &str = "TAGOUT_SHOTS=write cargo test --test it screenshots";
/// A screen that says nothing for this long is finished; nothing in the program moves by itself.
const STILL: Duration = Duration::from_millis(250);
/// The same key again after this long was pressed again, not held.
const NO_REPEAT: Duration = Duration::from_millis(700);
/// Five past eight in the demonstration's hospital, on the last day of its story.
const CLOCK: &str = "2026-11-23T14:05:00Z";

/// The narrow and the wide window.
const NARROW: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (120, 40);

type Typed<'a> = &'a [(&'a str, &'a str)];

/// From the start to the queue.
const QUEUE: Typed<'_> = &[("▸ Devices", "\t")];
/// From the queue to the page of a device that is held.
const HELD: Typed<'_> = &[
    ("▸ Devices", "\t"),
    ("▸ Work orders", "\r"),
    ("▸ SBR-00271", "\r"),
];
/// From the start to the reading of a checklist, with its test tool chosen.
const READING: Typed<'_> = &[
    ("▸ Devices", "\t"),
    ("▸ Work orders", "\x1b[B"),
    ("SBR-00276 · or ── SBR-00276 ─", "\x1b[B"),
    ("SBR-00275 · or ── SBR-00275 ─", "\x1b[B"),
    ("SBR-00243 · or ── SBR-00243 ─", "s"),
    ("step 1 of 7", "SB-100050\r"),
    ("step 2 of 7", "p"),
    ("step 3 of 7", "p"),
    ("step 4 of 7", "p"),
    ("Which vacuum gauge?", "\r"),
];
/// A reading that passes, and the first digit of the next one.
const PASSING: Typed<'_> = &[("Tool      vac1", "5"), ("[5_", "2"), ("[52_", "1")];
/// A reading that fails.
const FAILING: Typed<'_> = &[
    ("Tool      vac1", "4"),
    ("[4_", "2"),
    ("[42_", "0"),
    ("[420_", "\r"),
];
/// From a passing reading to the end of the checklist.
const ENDING: Typed<'_> = &[
    ("[521_", "\r"),
    ("step 6 of 7", "8"),
    ("[8_", "\r"),
    ("step 7 of 7", "p"),
];

/// One picture: what to start and what to type before it is taken.
struct Shot<'a> {
    /// The file's name without ending.
    name: &'a str,
    /// Columns and rows.
    size: (u16, u16),
    /// Options of the program.
    args: &'a [&'a str],
    /// Variables on top of those of [`Start`].
    env: &'a [(&'a str, &'a str)],
    /// Pairs: wait until the screen holds the first (one side of an "or"), then type the second.
    script: &'a [(&'a str, &'a str)],
    /// The picture is taken when the screen holds this.
    until: &'a str,
}

/// Takes one picture and writes it to `folder`, or compares it with what is there. Returns what is wrong with it.
fn take(shot: &Shot<'_>, start: Start, folder: &Path, write: bool) -> Option<String> {
    let (columns, rows) = shot.size;
    let start = shot
        .env
        .iter()
        .fold(start.size(columns, rows).args(shot.args), |start, pair| {
            start.env(pair.0, pair.1)
        });
    let mut tty = start.spawn();
    let mut last = "";
    for (seen, typed) in shot.script {
        tty.wait(seen, |screen| {
            let text = screen.contents();
            seen.split(" or ").any(|one| text.contains(one))
        });
        // A key that comes again at once is a held key, which answers nothing.
        while *typed == last && !tty.is_silent(NO_REPEAT) {}
        last = typed;
        tty.send(typed);
    }
    tty.wait_for(shot.until);
    // What arrives later, such as the other panes, belongs to the picture too.
    while !tty.is_silent(STILL) {}
    let drawn = shot::svg(tty.screen(), "tagout");
    let file: PathBuf = folder.join(shot.name).with_extension("svg");
    if write {
        std::fs::write(&file, drawn).expect("the picture is written");
        if !shot::png(&file) {
            eprintln!("no PNG of {}: rsvg-convert is not installed", shot.name);
        }
        return None;
    }
    match std::fs::read_to_string(&file) {
        Ok(kept) if kept == drawn => None,
        Ok(_) => Some(format!("{} has changed", shot.name)),
        Err(e) => Some(format!("{} cannot be read: {e}", shot.name)),
    }
}

/// True when the pictures are to be taken anew.
fn asked_to_write() -> bool {
    std::env::var_os("TAGOUT_SHOTS").is_some_and(|wish| wish == "write")
}

/// The screens that are kept as pictures.
fn screens(check: &mut dyn FnMut(Shot<'_>)) {
    let mono = &[("NO_COLOR", "1")];
    let shot = |name, size, script, until| Shot {
        name,
        size,
        args: &[],
        env: &[],
        script,
        until,
    };
    let search = &[
        ("▸ Devices", "p"),
        ("/ p", "h"),
        ("/ ph", "i"),
        ("/ phi", "l"),
    ];
    check(shot("lookup", WIDE, search, "/ phil"));
    let device = &[search, &[("/ phil", "\x1b[B"), ("▸ Devices", "\r")][..]].concat();
    check(shot("panes", WIDE, device, "▸ SB-1"));
    check(shot("queue", NARROW, QUEUE, "▸ Work orders"));
    check(Shot {
        args: &["--ascii"],
        ..shot(
            "queue-ascii",
            NARROW,
            &[("> Devices", "\t")],
            "> Work orders",
        )
    });
    check(shot("device-alerts", NARROW, HELD, "▸ SB-100224"));
    check(Shot {
        env: mono,
        ..shot("device-alerts-mono", NARROW, HELD, "▸ SB-100224")
    });
    let passing = &[READING, PASSING].concat();
    check(shot("checklist-wide", WIDE, passing, "[521_"));
    check(shot("checklist", NARROW, passing, "[521_"));
    let failing = &[READING, FAILING].concat();
    check(shot("failed", NARROW, failing, "FAILED: what is done"));
    check(Shot {
        env: mono,
        ..shot("failed-mono", NARROW, failing, "FAILED: what is done")
    });
    let ending = &[READING, PASSING, ENDING].concat();
    check(shot("summary", NARROW, ending, "annual PM: end"));
    let signing = &[ending, &[("annual PM: end", "s")][..]].concat();
    check(shot("sign", NARROW, signing, "┌ Sign ─"));
    let help = &[QUEUE, &[("▸ Work orders", "?")][..]].concat();
    check(shot("help", NARROW, help, "Help: keys that work here"));
    let palette = &[
        QUEUE,
        &[
            ("▸ Work orders", ":"),
            ("▸ Commands", "r"),
            (": r", "e"),
            (": re", "p"),
        ][..],
    ]
    .concat();
    check(shot("palette", WIDE, palette, ": rep"));
}

/// The screens about other shops, of a shop that has met one.
fn meetings(check: &mut dyn FnMut(Shot<'_>)) {
    let shot = |name, size, key, until| Shot {
        name,
        size,
        args: &[],
        env: &[],
        script: key,
        until,
    };
    let sync = &[QUEUE, &[("▸ Work orders", "gb")][..]].concat();
    check(shot("sync", NARROW, sync, "▸ Sync"));
    let conflicts = &[QUEUE, &[("▸ Work orders", "gx")][..]].concat();
    check(shot("conflicts", WIDE, conflicts, "▸ Conflicts"));
}

/// A demonstration store of this size, by its seed.
fn demonstration(scratch: &Path, name: &str, devices: &str, seed: &str) -> PathBuf {
    let store = scratch.join(name);
    let made = Command::new(env!("CARGO_BIN_EXE_tagout"))
        .args(["demo", "--no-tui", "--devices", devices, "--seed", seed])
        .args(["--today", "2026-11-23", "--store"])
        .arg(&store)
        .env("HOME", scratch.join("maker"))
        .env_remove("XDG_STATE_HOME")
        .env_remove("TAGOUT_CLOCK")
        .output()
        .expect("the program starts");
    assert!(made.status.success(), "{made:?}");
    store
}

/// Runs a command on a store, by the clock of the pictures.
fn told(scratch: &Path, store: &Path, arguments: &[&str]) -> serde_json::Value {
    let done = Command::new(env!("CARGO_BIN_EXE_tagout"))
        .args(["--as", "mrivera", "--json"])
        .args(arguments)
        .env("HOME", scratch.join("maker"))
        .env("TAGOUT_STORE", store)
        .env("TAGOUT_CLOCK", CLOCK)
        .env_remove("XDG_STATE_HOME")
        .current_dir(scratch)
        .output()
        .expect("the program starts");
    assert!(done.status.success(), "{arguments:?}: {done:?}");
    serde_json::from_slice(&done.stdout).expect("JSON")
}

/// The shop meets a clinic: a bundle, a trust, a depot.
fn meet(scratch: &Path, shop: &Path) {
    let clinic = demonstration(scratch, "clinic", "12", "8");
    let told = |store: &Path, arguments: &[&str]| told(scratch, store, arguments);
    std::fs::create_dir_all(scratch.join("stick/depot")).expect("a folder");
    told(&clinic, &["bundle", "export", "stick"]);
    told(shop, &["bundle", "import", "stick"]);
    let shown = told(&clinic, &["site", "show"]);
    let id = shown["site"]["id"].as_str().expect("an id");
    told(shop, &["site", "trust", id, "--name", "West clinic"]);
    told(shop, &["depot", "add", "share", "stick/depot"]);
    told(shop, &["sync", "share"]);
}

/// Every picture in `screenshots/` shows the program as it is.
#[test]
fn the_pictures_show_the_program_as_it_is() {
    let scratch = tempfile::tempdir().expect("a folder");
    let full = demonstration(scratch.path(), "full", "150", "7");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let write = asked_to_write();
    if write {
        std::fs::create_dir_all(&folder).expect("a folder");
    }
    let mut wrong = Vec::new();
    let mut each = |shot: Shot<'_>| {
        // Each begins on the same records, whatever another one wrote.
        let place = scratch.path().join(shot.name);
        copy(&full, &place.join("store"));
        let start = Start::tagout(&place)
            .env("TAGOUT_CLOCK", CLOCK)
            .args(["--as", "mrivera"]);
        wrong.extend(take(&shot, start, &folder, write));
    };
    screens(&mut each);
    meet(scratch.path(), &full);
    meetings(&mut each);
    assert!(
        wrong.is_empty(),
        "{}\nLook at what changed; if it is meant, run: {REFRESH}",
        wrong.join("\n")
    );
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder that can be read") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a kind").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}

/// The exporter itself, on the small program of the terminal tests: twice the same bytes, and a change is noticed.
#[test]
fn a_picture_is_the_same_twice_and_notices_a_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut shot = Shot {
        name: "child",
        size: (80, 12),
        args: &[],
        env: &[],
        script: &[("Ready", "pump"), ("> pump", "\x1b[B")],
        until: "row 1",
    };
    assert_eq!(take(&shot, child_program("x"), folder.path(), true), None);
    if let Some(keep) = std::env::var_os("TAGOUT_SHOT_SAMPLE") {
        std::fs::copy(folder.path().join("child.svg"), &keep).expect("a copy");
        assert!(shot::png(Path::new(&keep)));
    }
    assert_eq!(take(&shot, child_program("x"), folder.path(), false), None);
    shot.script = &[("Ready", "pumps"), ("> pumps", "\x1b[B")];
    assert_eq!(
        take(&shot, child_program("x"), folder.path(), false),
        Some("child has changed".into())
    );
    shot.name = "missing";
    assert!(
        take(&shot, child_program("x"), folder.path(), false)
            .is_some_and(|wrong| wrong.contains("cannot be read"))
    );
}
