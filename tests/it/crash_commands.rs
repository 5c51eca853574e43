//! Kill -9 at random moments of single commands: recording and signing, importing, making the demonstration, building the
//! working copy anew, backing up.
//!
//! A moment is drawn from a fixed seed within the time the command takes on this machine, so that kills fall everywhere
//! in it however busy the machine is. `TAGOUT_KILL_ROUNDS` asks for more rounds, in proportion.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::hospital::{Hospital, PUMP, copy};
use crate::support::kill::{Dice, killed_at, rounds, time_of};
use crate::support::pty::Start;

/// Answers that pass the pump's PM, step by step.
const ANSWERS: [&str; 9] = [
    PUMP, "pass", "pass", "pass", "100", "10", "10", "pass", "pass",
];

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The program on a store in `folder`.
fn tagout(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagout"));
    command
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| {
            name == "PATH" || name.to_string_lossy().starts_with("LLVM_PROFILE")
        }))
        .env("HOME", folder)
        .env("LANG", "C.UTF-8")
        .env("TAGOUT_STORE", folder.join("store"))
        .args(arguments);
    command
}

/// Runs a command that must end well, and gives what it printed.
#[track_caller]
fn done(mut command: Command) -> String {
    let out = command.output().expect("the program runs");
    assert!(out.status.success(), "{out:?}");
    String::from_utf8(out.stdout).expect("text")
}

/// How far an inspection is: answered steps, and whether it is signed. Checks that the step in front is the first one
/// without an answer.
#[track_caller]
fn standing(hospital: &Hospital, id: &str) -> (usize, bool) {
    let shown = json(&hospital.done(&["inspection", "show", id, "--json"]));
    let steps = shown["steps"].as_array().expect("steps");
    let answered = steps.iter().filter(|step| step["state"] == "done").count();
    let front = steps.iter().find(|step| step["state"] != "done");
    let signed = shown["signed"] == true;
    if !signed {
        let id = front.map_or(&Value::Null, |step| &step["id"]);
        assert_eq!(&shown["front"], id, "another step is in front: {shown}");
    }
    (answered, signed)
}

#[test]
fn an_inspection_by_commands_killed_at_random_moments_keeps_every_answer_and_signature() {
    let mut dice = Dice(0x51);
    for round in 0..rounds(1) {
        let hospital = Hospital::open();
        let begun = hospital.done(&["inspection", "start", PUMP, "--tool", "ida1", "--json"]);
        let id = json(&begun)["id"].as_str().expect("an id").to_owned();
        let whole = time_of(&mut hospital.command(&["inspection", "show", &id]));
        for (step, answer) in ANSWERS.iter().enumerate() {
            let before = format!("round {round}, step {step}");
            loop {
                let arguments = [
                    "inspection",
                    "record",
                    "next",
                    answer,
                    "--on",
                    &id,
                    "--json",
                ];
                let fate = killed_at(&mut hospital.command(&arguments), dice.moment(whole * 2));
                let (answered, _) = standing(&hospital, &id);
                assert!(
                    answered == step + 1 || (answered == step && !fate.acknowledged()),
                    "{before}: {answered} answers are there; {fate:?}"
                );
                assert!(
                    fate.code.is_none() || answered == step + 1,
                    "{before}: {fate:?}"
                );
                if answered > step {
                    break;
                }
            }
        }
        notes(&hospital, &id, &mut dice, whole);
        signed(&hospital, &id, &mut dice);
        let verdict = json(&hospital.done(&["inspection", "verify", &id, "--json"]));
        assert_eq!(verdict["ok"], true, "round {round}: {verdict}");
        let order = json(&hospital.done(&["order", "show", "SBR-00219", "--json"]));
        assert_eq!(
            order["status"], "closed",
            "round {round}: signing closes it"
        );
        assert_eq!(json(&hospital.done(&["verify", "--json"]))["ok"], true);
    }
}

/// Notes until some were killed: each is there whole or not at all, and there if that was said.
fn notes(hospital: &Hospital, id: &str, dice: &mut Dice, whole: Duration) {
    let (mut kills, mut number) = (0, 0);
    let mut said = Vec::new();
    while kills < 6 {
        number += 1;
        let text = format!("note {number}");
        let arguments = ["inspection", "note", &text, "--on", id];
        let fate = killed_at(&mut hospital.command(&arguments), dice.moment(whole));
        kills += u32::from(fate.code.is_none());
        if fate.acknowledged() {
            said.push(text);
        }
    }
    let shown = json(&hospital.done(&["inspection", "show", id, "--json"]));
    let there: Vec<&str> = shown["notes"]
        .as_array()
        .expect("notes")
        .iter()
        .filter_map(|note| note["text"].as_str())
        .collect();
    for text in &said {
        assert!(there.contains(&text.as_str()), "{text} is lost: {there:?}");
    }
    assert!(there.iter().all(|text| text.starts_with("note ")));
}

/// Signs until it is signed, killed on the way as often as the dice say.
fn signed(hospital: &Hospital, id: &str, dice: &mut Dice) {
    let sign = ["inspection", "sign", id, "--json"];
    // A refusal takes the key's unlocking too, up to the passphrase.
    let mut wrong = hospital.command(&sign);
    wrong.env("TAGOUT_PASSPHRASE", "not the passphrase");
    let start = Instant::now();
    assert_eq!(wrong.output().expect("it runs").status.code(), Some(1));
    let whole = start.elapsed();
    loop {
        let fate = killed_at(&mut hospital.command(&sign), dice.moment(whole * 3 / 2));
        let (_, signed) = standing(hospital, id);
        assert!(signed || !fate.acknowledged(), "{fate:?}");
        if signed {
            return;
        }
        assert_eq!(fate.code, None, "{fate:?}");
    }
}

/// A list of devices whose tags begin with these letters.
fn list(folder: &Path, letters: &str, rows: u32) -> String {
    let mut text = "Asset Tag,Serial Number,Manufacturer,Model,Department\n".to_owned();
    for row in 0..rows {
        let _ = writeln!(text, "{letters}-{row:05},{letters}{row:06},Acme,P100,ICU");
    }
    let path = folder.join(format!("{letters}.csv"));
    std::fs::write(&path, text).expect("a file");
    path.display().to_string()
}

fn entries(folder: &Path) -> u64 {
    let verdict = json(&done(tagout(folder, &["verify", "--json"])));
    assert_eq!(verdict["ok"], true, "{verdict}");
    verdict["entries"].as_u64().expect("a number")
}

#[test]
fn an_import_killed_at_random_moments_is_all_there_or_not_at_all() {
    const ROWS: u32 = 1_000;
    let dir = TempDir::new().expect("a temporary folder");
    let folder = dir.path();
    let init = ["init", "--name", "Crash", "--prefix", "C", "--zone", "UTC"];
    done(tagout(folder, &init));
    let file = list(folder, "A", ROWS);
    let whole = time_of(&mut tagout(folder, &["device", "import", &file]));
    let mut dice = Dice(0x1209);
    let mut lot = 1;
    let mut before = entries(folder);
    let (mut round, mut kills) = (0, 0);
    while kills < rounds(4) {
        round += 1;
        let letters = format!("L{lot}");
        let file = list(folder, &letters, ROWS);
        let mut import = tagout(folder, &["device", "import", &file]);
        let fate = killed_at(&mut import, dice.moment(whole));
        kills += u64::from(fate.code.is_none());
        let now = entries(folder);
        // Each row is a record; one more takes them in.
        let all = before + u64::from(ROWS) + 1;
        assert!(
            now == all || (now == before && !fate.acknowledged()),
            "round {round}: {now} records, {before} before; {fate:?}"
        );
        let first = format!("{letters}-00000");
        let last = format!("{letters}-{:05}", ROWS - 1);
        for tag in [&first, &last] {
            let shown = tagout(folder, &["device", "show", tag])
                .output()
                .expect("it runs");
            assert_eq!(shown.status.success(), now == all, "round {round}, {tag}");
        }
        if now == all {
            before = now;
            lot += 1;
        }
    }
    // What was killed can be done again; what is there already stays as it is.
    let file = list(folder, &format!("L{lot}"), ROWS);
    for added in [ROWS, 0] {
        let report = json(&done(tagout(
            folder,
            &["device", "import", &file, "--json"],
        )));
        assert_eq!(report["added"], added, "{}", report["mistakes"]);
        assert_eq!(report["updated"], 0);
    }
    assert_eq!(entries(folder), before + u64::from(ROWS) + 1);
}

#[test]
fn a_signing_key_killed_while_it_is_made_is_whole_or_not_there() {
    let hospital = Hospital::open();
    let folder = hospital.dir().join("store/technicians");
    let key = ["tech", "key"];
    let whole = time_of(&mut hospital.command(&key));
    let length = |name: &Path| std::fs::metadata(name).expect("a file").len();
    let full = length(&folder.join("mrivera.key"));
    let mut dice = Dice(0x6B);
    for round in 0..rounds(5) {
        let fate = killed_at(&mut hospital.command(&key), dice.moment(whole));
        assert_eq!(
            length(&folder.join("mrivera.key")),
            full,
            "round {round}: {fate:?}"
        );
    }
    // Made anew, it signs.
    hospital.done(&key);
    let begun = hospital.done(&["inspection", "start", PUMP, "--tool", "ida1", "--json"]);
    let id = json(&begun)["id"].as_str().expect("an id").to_owned();
    for answer in ANSWERS {
        hospital.done(&["inspection", "record", "next", answer, "--on", &id]);
    }
    hospital.done(&["inspection", "sign", &id]);
    let verdict = json(&hospital.done(&["inspection", "verify", &id, "--json"]));
    assert_eq!(verdict["ok"], true, "{verdict}");
}

const DEMO: [&str; 8] = [
    "demo",
    "--no-tui",
    "--devices",
    "25",
    "--seed",
    "7",
    "--today",
    "2026-11-23",
];

#[test]
fn a_demonstration_killed_while_it_is_made_can_be_made_again() {
    let whole_one = TempDir::new().expect("a temporary folder");
    let whole = time_of(&mut tagout(whole_one.path(), &DEMO));
    let digest = done(tagout(whole_one.path(), &["digest"]));
    let mut dice = Dice(0xDE30);
    for round in 0..rounds(3) {
        let dir = TempDir::new().expect("a temporary folder");
        let mut kills = 0;
        loop {
            let fate = killed_at(&mut tagout(dir.path(), &DEMO), dice.moment(whole));
            if fate.code.is_some() || kills == 2 {
                break;
            }
            kills += 1;
            // It opens and is sound, as far as it is there, or refuses in words. A copy is looked at: a store that
            // has not begun would become a real one.
            if kills == 2 {
                let look = TempDir::new().expect("a temporary folder");
                copy(dir.path(), look.path());
                let out = tagout(look.path(), &["verify"]).output().expect("it runs");
                let words = String::from_utf8_lossy(&out.stderr);
                assert!(!words.contains("panicked at"), "round {round}: {words}");
                assert!(
                    out.status.success() || words.contains("error"),
                    "round {round}: {out:?}"
                );
            }
        }
        // One that came to its end before it was killed is not made twice.
        if !dir.path().join("store/demo-made").exists() {
            done(tagout(dir.path(), &DEMO));
        }
        assert_eq!(
            done(tagout(dir.path(), &["digest"])),
            digest,
            "round {round}: another hospital"
        );
    }
}

#[test]
fn a_demonstration_killed_on_the_terminal_is_whole_at_the_next_start() {
    let mut dice = Dice(0x7E1);
    let whole = {
        let dir = TempDir::new().expect("a temporary folder");
        time_of(&mut tagout(dir.path(), &DEMO))
    };
    for _ in 0..rounds(2) {
        let dir = TempDir::new().expect("a temporary folder");
        let start = || {
            let arguments = DEMO.iter().filter(|word| **word != "--no-tui");
            Start::tagout(dir.path()).args(arguments).spawn()
        };
        let mut tty = start();
        let moment = Instant::now() + dice.moment(whole);
        loop {
            let left = moment.saturating_duration_since(Instant::now());
            if left.is_zero() || tty.is_silent(left) {
                break;
            }
        }
        tty.kill(rustix::process::Signal::KILL);
        tty.wait_exit();
        start().wait_for("25 devices");
    }
}

#[test]
fn rebuilding_and_backing_up_killed_at_random_moments_harm_nothing() {
    let hospital = Hospital::open();
    let digest = hospital.done(&["digest"]);
    let mut dice = Dice(0xBAC);
    let whole = time_of(&mut hospital.command(&["rebuild"]));
    for round in 0..rounds(3) {
        let fate = killed_at(&mut hospital.command(&["rebuild"]), dice.moment(whole));
        assert_eq!(
            hospital.done(&["digest"]),
            digest,
            "round {round}: {fate:?}"
        );
    }
    let copies = TempDir::new().expect("a temporary folder");
    let at = |name: &str| copies.path().join(name).display().to_string();
    let whole = time_of(&mut hospital.command(&["backup", &at("whole")]));
    let entries = |folder: &str| {
        let mut command = hospital.command(&["--store", folder, "verify", "--json"]);
        command.env("XDG_STATE_HOME", copies.path());
        command.output().expect("the program runs")
    };
    let want = json(&hospital.done(&["verify", "--json"]))["entries"].clone();
    for round in 0..rounds(6) {
        let folder = at(&format!("copy-{round}"));
        let fate = killed_at(
            &mut hospital.command(&["backup", &folder]),
            dice.moment(whole),
        );
        // Without a journal in it the folder is no store of any sort yet.
        if !Path::new(&folder).join("journal").exists() {
            assert!(!fate.acknowledged(), "round {round}: {fate:?}");
            continue;
        }
        let out = entries(&folder);
        let words = String::from_utf8_lossy(&out.stderr);
        if out.status.success() {
            // Opening a copy begins a new site with a record of its own.
            let report = json(&String::from_utf8_lossy(&out.stdout));
            let have = report["entries"].as_u64().expect("a number");
            assert_eq!(
                Some(have - 1),
                want.as_u64(),
                "round {round}: an unfinished copy passes for a whole one; {fate:?} {words}"
            );
        } else {
            assert!(!fate.acknowledged(), "round {round}: {fate:?} {out:?}");
            assert_eq!(out.status.code(), Some(3), "round {round}: {words}");
            assert!(words.contains("backup"), "round {round}: {words}");
        }
    }
    assert_eq!(hospital.done(&["digest"]), digest);
}
