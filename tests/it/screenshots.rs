//! The pictures in `screenshots/`, taken from the running program. `TAGOUT_SHOTS=write cargo test --test it screenshots`
//! takes them anew (PNG too, where `rsvg-convert` is installed); without it they are compared byte for byte, so that a
//! changed screen cannot keep an old picture.

use std::path::{Path, PathBuf};

use crate::support::child::child_program;
use crate::support::pty::Start;
use crate::support::shot;

/// One picture: what to start and what to type before it is taken.
struct Shot<'a> {
    /// The file's name without ending.
    name: &'a str,
    /// Columns and rows.
    size: (u16, u16),
    /// Variables on top of those of [`Start`].
    env: &'a [(&'a str, &'a str)],
    /// Pairs: wait until the screen holds the first, then type the second.
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
        .fold(start.size(columns, rows), |start, (name, value)| {
            start.env(name, value)
        });
    let mut tty = start.spawn();
    for (seen, typed) in shot.script {
        tty.wait_for(seen);
        tty.send(typed);
    }
    tty.wait_for(shot.until);
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
#[allow(dead_code)] // for the table of the program's screens
fn asked_to_write() -> bool {
    std::env::var_os("TAGOUT_SHOTS").is_some_and(|wish| wish == "write")
}

/// The exporter itself, on the small program of the terminal tests: twice the same bytes, and a change is noticed.
#[test]
fn a_picture_is_the_same_twice_and_notices_a_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut shot = Shot {
        name: "child",
        size: (80, 12),
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
