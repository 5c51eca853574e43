//! A small demonstration hospital for tests of the real program: made once, copied for each test.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;

use super::pty::{Start, Tty};

/// The time in the hospital; it stands still.
const NOW: &str = "2026-11-23T14:00:00Z";
/// A pump with a PM due: nine steps, of which the first four need no tool.
pub const PUMP: &str = "SB-100043";
/// The passphrase of everyone in the demonstration.
pub const PASSPHRASE: &str = "demo bench 1234";

/// A hospital in a folder of its own.
pub struct Hospital {
    dir: TempDir,
}

impl Hospital {
    /// A fresh copy.
    pub fn open() -> Self {
        static MADE: OnceLock<TempDir> = OnceLock::new();
        let made = MADE.get_or_init(|| {
            let dir = tempfile::tempdir().expect("a temporary folder");
            let out = command(
                dir.path(),
                &[
                    "demo",
                    "--no-tui",
                    "--devices",
                    "120",
                    "--seed",
                    "7",
                    "--today",
                    "2026-11-23",
                ],
            )
            .env_remove("TAGOUT_CLOCK")
            .output()
            .expect("the program runs");
            assert!(out.status.success(), "{out:?}");
            dir
        });
        let dir = tempfile::tempdir().expect("a temporary folder");
        copy(made.path(), dir.path());
        Self { dir }
    }

    /// The folder around the store.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A command line on it, as `mrivera`; not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.dir(), arguments);
        command
            .args(["--as", "mrivera"])
            .env("TAGOUT_PASSPHRASE", PASSPHRASE)
            .env("TAGOUT_OLD_PASSPHRASE", PASSPHRASE);
        command
    }

    /// Runs a command line on it, as `mrivera`.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// Runs a command line that must end well, and gives what it printed.
    #[track_caller]
    pub fn done(&self, arguments: &[&str]) -> String {
        let out = self.run(arguments);
        assert!(out.status.success(), "{arguments:?}: {out:?}");
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// The program on a terminal at 80 x 24, as `mrivera`; not started yet.
    pub fn start(&self) -> Start {
        Start::tagout(self.dir())
            .env("TAGOUT_CLOCK", NOW)
            .args(["--as", "mrivera"])
    }

    /// The program under a shell with job control.
    pub fn under_bash(&self, script: &str) -> Start {
        let at = |name: &str| self.dir().join(name).display().to_string();
        Start::new("bash")
            .args(["-mc", script])
            .env("HOME", &at("home"))
            .env("XDG_STATE_HOME", &at("state"))
            .env("XDG_CONFIG_HOME", &at("config"))
            .env("XDG_DATA_HOME", &at("data"))
            .env("TAGOUT_STORE", &at("store"))
            .env("TAGOUT_CLOCK", NOW)
    }

    /// The program with its store open.
    pub fn bench(&self) -> Tty {
        let mut tty = self.start().spawn();
        tty.wait_for("120 devices");
        tty
    }

    /// The program with this device's PM open, at whichever step is in front.
    pub fn checklist(&self, tag: &str) -> Tty {
        let mut tty = self.bench();
        tty.send(format!("{tag}\r"));
        tty.wait_for(&format!("Scanned {tag}"));
        settled(&mut tty);
        tty.send("s");
        tty.wait("a checklist", |s| saved(&s.contents()).is_some());
        tty
    }
}

/// Waits until nothing more is painted and the next key is an honest one: a key right behind another, or behind the
/// paint of a step, is by design no answer.
pub fn settled(tty: &mut Tty) {
    while !tty.is_silent(Duration::from_millis(160)) {}
}

/// How many answers the checklist on screen shows as saved.
pub fn saved(text: &str) -> Option<u32> {
    text.match_indices(" done").find_map(|(at, _)| {
        let (count, total) = text[..at].rsplit_once(" of ")?;
        total.parse::<u32>().ok()?;
        count.rsplit(' ').next()?.parse().ok()
    })
}

/// A command line on the copy in this folder; not started yet.
pub fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagout"));
    command
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| {
            name == "PATH" || name.to_string_lossy().starts_with("LLVM_PROFILE")
        }))
        .env("HOME", dir.join("home"))
        .env("XDG_STATE_HOME", dir.join("state"))
        .env("XDG_CONFIG_HOME", dir.join("config"))
        .env("XDG_DATA_HOME", dir.join("data"))
        .env("TAGOUT_STORE", dir.join("store"))
        .env("TAGOUT_CLOCK", NOW)
        .env("LANG", "C.UTF-8")
        .args(arguments);
    command
}

/// Copies a folder, without the ballast: the next opening lays it down again, and it is most of the bytes.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.file_name() == "ballast" {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}
