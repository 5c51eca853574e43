//! A shop terminal: a store with its host, one device with an inspection due, and a short checklist that asks for no test
//! equipment and depends on no date.

use serde_json::Value;

use rustix::process::Pid;

use super::cli::Shop;
use super::hospital::settled;
use super::pty::{Start, Tty};

/// The device's tag.
pub const DEVICE: &str = "PUMP-7";
/// What opens the technician's signing key.
pub const PASSPHRASE: &str = "correct horse";
/// Keys that pass the steps, one after the other; the count-down between them is not among them.
pub const ANSWERS: [&str; 6] = ["PUMP-7\r", "p", "p", "101\r", "p", "p"];

const CHECKLIST: &str = r#"
code = "p7-pm"
title = "P7 annual PM"
activity = "annual PM"
version = "1"
source = "shop"
device-types = ["FRN"]

[[section]]
title = "Identify"

[[section.step]]
id = "identify"
title = "Scan the device"
kind = "scan"
what = "device"
safety = true

[[section]]
title = "Look and try"

[[section.step]]
id = "case"
title = "Case and cord sound"
kind = "check"

[[section.step]]
id = "labels"
title = "Labels can be read"
kind = "check"

[[section.step]]
id = "flow"
title = "Flow at 100 mL/h"
kind = "measure"
unit = "mL/h"
nominal = 100
percent = 5
verified = true
source = "service manual"

[[section.step]]
id = "alarm"
title = "Alarm can be heard"
kind = "check"

[[section.step]]
id = "clean"
title = "Clean"
kind = "check"
"#;

/// A step that counts down, for a checklist that has one.
const COUNT_DOWN: &str = r#"
[[section.step]]
id = "battery"
title = "Run on battery"
kind = "timer"
duration = "10 min"
background = true
"#;

/// The shop. Its host is stopped at the end, also when a test fails.
pub struct Counter(Shop);

impl Counter {
    /// A shop with the device, its order and the checklist.
    pub fn open() -> Self {
        Self::with(CHECKLIST)
    }

    /// The same with a count-down of ten minutes as the last step.
    #[allow(dead_code)] // not every test binary has one
    pub fn with_count_down() -> Self {
        Self::with(&format!("{CHECKLIST}{COUNT_DOWN}"))
    }

    fn with(checklist: &str) -> Self {
        let shop = Shop::hosted();
        let file = shop.file("checklist.toml", checklist);
        for arguments in [
            &["tech", "key"] as &[&str],
            &[
                "device",
                "add",
                DEVICE,
                "--stage",
                "in-service",
                "--taken-over",
                "--reason",
                "old list",
                "--model",
                "P7",
                "--serial",
                "S7",
                "--type",
                "FRN",
            ],
            &["procedure", "import", &file],
            &[
                "procedure",
                "adopt",
                "p7-pm",
                "--by",
                "Jo Doe",
                "--against",
                "Acme IFU, rev. 3",
            ],
            &[
                "order",
                "open",
                DEVICE,
                "--kind",
                "pm",
                "--activity",
                "annual PM",
            ],
        ] {
            shop.done(arguments);
        }
        Self(shop)
    }

    /// The shop for line commands.
    pub fn shop(&self) -> &Shop {
        &self.0
    }

    /// The environment of a session here.
    pub fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("HOME", self.0.dir().display().to_string()),
            ("TAGOUT_STORE", self.0.store().display().to_string()),
            ("TAGOUT_IDLE", "60".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
        ]
    }

    /// The terminal face; not started yet.
    #[allow(dead_code)] // not every test binary has one
    pub fn face(&self) -> Start {
        self.environment().iter().fold(
            Start::new(env!("CARGO_BIN_EXE_tagout")),
            |start, (name, value)| start.env(name, value),
        )
    }

    /// The host's process.
    pub fn host(&self) -> Pid {
        pid(&self.0.json(&["host", "status"])["pid"])
    }

    /// The processes of the sessions with a terminal, the latest last.
    pub fn sessions(&self) -> Vec<Pid> {
        let status = self.0.json(&["host", "status"]);
        let sessions = status["sessions"].as_array().expect("sessions");
        sessions
            .iter()
            .filter(|line| {
                line["doing"]
                    .as_str()
                    .is_some_and(|d| d.starts_with("terminal"))
            })
            .map(|line| pid(&line["pid"]))
            .collect()
    }

    /// The device's inspection.
    pub fn inspection(&self) -> Value {
        self.0.json(&["inspection", "show", DEVICE])
    }

    /// Checks that this many steps are answered, each once, and that nothing else was recorded in the inspection.
    #[track_caller]
    pub fn answered_once(&self, count: usize) {
        let shown = self.inspection();
        let points = |step: &Value| step["points"].as_array().cloned().unwrap_or_default();
        let steps = shown["steps"].as_array().expect("steps");
        let done: Vec<Value> = steps
            .iter()
            .filter(|step| step["state"] == "done")
            .flat_map(points)
            .collect();
        assert_eq!(done.len(), count, "{shown:#}");
        for point in &done {
            assert_eq!(
                point["previous"].as_array().map(Vec::len),
                Some(0),
                "{point:#}"
            );
            assert_eq!(point["as_left"], Value::Null, "{point:#}");
        }
        // One event for the beginning, one for each answer.
        assert_eq!(
            shown["revision"].as_u64(),
            Some(1 + count as u64),
            "{shown:#}"
        );
    }

    /// Checks every chain of the store, and that the working copy equals one built anew.
    #[track_caller]
    pub fn is_sound(&self) {
        assert_eq!(self.0.json(&["verify"])["ok"], true);
    }
}

fn pid(value: &Value) -> Pid {
    let raw = i32::try_from(value.as_i64().expect("a process")).expect("a process");
    Pid::from_raw(raw).expect("a process")
}

/// Scans the device and begins its inspection, or goes on with it.
pub fn begin(tty: &mut Tty) {
    settled(tty);
    tty.send(format!("{DEVICE}\r"));
    tty.wait_for(&format!("Scanned {DEVICE}"));
    settled(tty);
    tty.send("s");
    tty.wait_for(" done");
}

/// From the end of the checklist to a signature.
pub fn sign(tty: &mut Tty) {
    tty.wait_for("s sign");
    for (keys, then) in [
        ("s", "performed by"),
        ("\r", "▸Passphrase"),
        (PASSPHRASE, "▸Passphrase"),
        ("\r", "A PIN for later signatures"),
        ("\r", "igned"),
    ] {
        settled(tty);
        tty.send(keys);
        tty.wait_for(then);
    }
}
