//! The shop that soaks: a store, its devices and inspections, and the program on it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Steps of an inspection.
pub const STEPS: usize = 25;

/// A store with a device and an inspection for each desk.
pub struct Shop {
    pub home: PathBuf,
    pub store: PathBuf,
    /// The inspection of each desk.
    pub inspections: Vec<String>,
}

impl Drop for Shop {
    fn drop(&mut self) {
        // Whatever went wrong, no host stays.
        let _ = self
            .command(&["host", "stop"])
            .stdout(Stdio::null())
            .status();
    }
}

fn procedure() -> String {
    let mut text = "code = \"soak\"\ntitle = \"Soak\"\nactivity = \"annual PM\"\nversion = \"1\"\nsource = \"shop\"\n\n\
                    [[section]]\ntitle = \"All\"\n"
        .to_owned();
    for step in 0..STEPS {
        let _ = write!(
            text,
            "\n[[section.step]]\nid = \"step-{step}\"\ntitle = \"Step {step}\"\nkind = \"text\"\n"
        );
    }
    text
}

impl Shop {
    pub fn make(home: &Path, store: &Path, desks: usize) -> Self {
        let mut shop = Self {
            home: home.to_path_buf(),
            store: store.to_path_buf(),
            inspections: Vec::new(),
        };
        shop.done(&["init", "--name", "Soak", "--prefix", "S", "--zone", "UTC"]);
        let file = home.join("soak.toml");
        std::fs::write(&file, procedure()).expect("a file");
        shop.done(&["procedure", "import", &file.display().to_string()]);
        for desk in 0..desks {
            let tag = format!("DESK-{desk}");
            shop.done(&["device", "add", &tag, "--model", "P"]);
            let inspection = shop.begin(&tag);
            shop.inspections.push(inspection);
        }
        shop
    }

    /// Begins an inspection on this device.
    pub fn begin(&self, tag: &str) -> String {
        let begun = self.json(&["inspection", "start", tag, "--procedure", "soak", "--read"]);
        begun["id"].as_str().expect("an id").to_owned()
    }

    /// The program.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagout"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .env("LANG", "C.UTF-8")
            .env("TAGOUT_STORE", &self.store)
            .env("TAGOUT_IDLE", "60")
            .current_dir(&self.home)
            .stdin(Stdio::null())
            .args(arguments);
        command
    }

    /// Runs a command that must end well.
    #[track_caller]
    pub fn done(&self, arguments: &[&str]) -> String {
        let out = self.command(arguments).output().expect("the program runs");
        assert!(
            out.status.success(),
            "{arguments:?}: {:?}\n{}\n{}",
            out.status,
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8(out.stdout).expect("text")
    }

    /// As [`Shop::done`], as JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        serde_json::from_str(&self.done(&arguments)).expect("JSON")
    }
}
