//! A shop in a temporary folder, worked on through the real program: every command is a process of its own.
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// When nothing else is said it is this time in the shop.
pub const NOW: &str = "2026-11-23T14:00:00Z";

/// A folder with a store, its state and a home of its own.
pub struct Shop {
    dir: TempDir,
    store: PathBuf,
    clock: Option<String>,
    hosted: bool,
}

impl Drop for Shop {
    fn drop(&mut self) {
        if self.hosted {
            let _ = self.command(&["host", "stop"]).output();
        }
    }
}

impl Shop {
    /// An empty folder; the first command makes the store.
    pub fn empty() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let store = dir.path().join("store");
        Self {
            dir,
            store,
            clock: None,
            hosted: false,
        }
    }

    /// As [`Shop::empty`], with the store elsewhere.
    #[allow(dead_code)] // used where a disk can be made
    pub fn with_store(store: PathBuf) -> Self {
        let mut shop = Self::empty();
        shop.store = store;
        shop
    }

    /// Has its store elsewhere from now on.
    #[allow(dead_code)] // not by every test program
    pub fn move_store(&mut self, store: PathBuf) {
        self.store = store;
    }

    /// A copy of this shop in a folder of its own.
    pub fn copy(&self) -> Self {
        let copy = Self::empty();
        super::hospital::copy(self.dir(), copy.dir());
        copy
    }

    /// An empty folder whose store is kept open by a host, as on a shop terminal.
    pub fn hosted() -> Self {
        let mut shop = Self::empty();
        shop.hosted = true;
        shop
    }

    /// A demonstration store whose clock stands at [`NOW`], with technicians `jd` and `second`.
    pub fn practice() -> Self {
        let mut shop = Self::empty();
        shop.done(&[
            "init",
            "--demo",
            "--name",
            "Test shop",
            "--prefix",
            "T",
            "--zone",
            "UTC",
        ]);
        shop.clock = Some(NOW.to_owned());
        shop.done(&["tech", "add", "jd", "--name", "Jane Doe"]);
        shop.done(&["tech", "add", "second", "--name", "Second Person"]);
        shop
    }

    /// The clock of the commands that follow.
    pub fn at(&mut self, rfc3339: &str) {
        self.clock = Some(rfc3339.to_owned());
    }

    /// The folder around the store.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The store's folder.
    pub fn store(&self) -> PathBuf {
        self.store.clone()
    }

    /// An answer with this run's folder replaced, for snapshots.
    pub fn without_folder(&self, answer: &Value) -> Value {
        let folder = self.dir.path().display().to_string();
        let text = answer.to_string().replace(&folder, "FOLDER");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Writes a file beside the store and gives its path.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    /// The program with these arguments, ready to run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagout"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir.path())
            .env("LANG", "C.UTF-8")
            .env("TAGOUT_STORE", self.store())
            .env("TAGOUT_PASSPHRASE", "correct horse")
            // A host that a test forgets does not stay.
            .env("TAGOUT_IDLE", "60")
            .env("TAGOUT_SECOND_PASSPHRASE", "battery staple")
            .current_dir(self.dir.path())
            .args(arguments);
        if !self.hosted {
            command.env("TAGOUT_IN_PROCESS", "1");
        }
        if let Some(clock) = &self.clock {
            command.env("TAGOUT_CLOCK", clock);
            if !arguments.contains(&"--as") {
                command.args(["--as", "jd"]);
            }
        }
        command
    }

    /// The program in a process that a test may kill.
    #[allow(dead_code)] // not by every test program
    pub fn process(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tagout"));
        command
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| {
                name == "PATH" || name.to_string_lossy().starts_with("LLVM_PROFILE")
            }))
            .env("HOME", self.dir())
            .env("LANG", "C.UTF-8")
            .env("TAGOUT_STORE", self.store())
            .env("TAGOUT_IN_PROCESS", "1")
            .current_dir(self.dir())
            .args(arguments);
        command
    }

    fn output(&self, arguments: &[&str], input: &str) -> Output {
        self.command(arguments)
            .write_stdin(input)
            .output()
            .expect("the program runs")
    }

    /// Runs a command that must end well, and gives what it printed.
    pub fn done(&self, arguments: &[&str]) -> String {
        self.done_with(arguments, "")
    }

    /// As [`Shop::done`], with text on standard input.
    pub fn done_with(&self, arguments: &[&str], input: &str) -> String {
        let out = self.output(arguments, input);
        assert!(
            out.status.success(),
            "{arguments:?}: {:?}\n{}\n{}",
            out.status,
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8(out.stdout).expect("text")
    }

    /// As [`Shop::done`], with `--json`, and reads the answer.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        serde_json::from_str(&self.done(&arguments)).expect("JSON")
    }

    /// Runs a command that must end with this code: standard output and error.
    pub fn ends(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let out = self.output(arguments, "");
        let (stdout, stderr) = (
            String::from_utf8_lossy(&out.stdout).into_owned(),
            String::from_utf8_lossy(&out.stderr).into_owned(),
        );
        assert_eq!(
            out.status.code(),
            Some(code),
            "{arguments:?}\n{stdout}\n{stderr}"
        );
        (stdout, stderr)
    }

    /// Runs a command that must be refused or not understood, whatever the code.
    pub fn refused_any(&self, arguments: &[&str]) {
        let out = self.output(arguments, "");
        assert!(
            matches!(out.status.code(), Some(1 | 2)),
            "{arguments:?}: {out:?}"
        );
    }

    /// Runs a command that must be refused with `--json`, and reads the error.
    pub fn refused(&self, code: i32, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        let (stdout, stderr) = self.ends(code, &arguments);
        assert_eq!(stdout, "", "nothing is answered when a command is refused");
        let last = stderr.lines().last().expect("an error");
        serde_json::from_str(last).expect("the error is JSON")
    }
}

/// An answer with ids, hashes, sites and times of this run replaced, for snapshots.
pub fn steady(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(steady_text(text)),
        Value::Array(items) => items.iter().map(steady).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), steady(value)))
            .collect(),
        other => other.clone(),
    }
}

fn steady_text(text: &str) -> String {
    let hex = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
    let (head, tail) = text.split_once('-').unwrap_or((text, ""));
    if head.len() == 32 && hex(head) && !tail.is_empty() {
        return format!("SITE-{tail}");
    }
    if let Some((site, seq)) = text.split_once(':')
        && site.len() == 8
        && hex(site)
        && seq.bytes().all(|b| b.is_ascii_digit())
    {
        return format!("SITE:{seq}");
    }
    match text.len() {
        32 | 64 if hex(text) => "HEX".to_owned(),
        _ => text.to_owned(),
    }
}
