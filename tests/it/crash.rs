//! Kill -9 at random moments on the real program: whatever was said to be recorded is there afterwards, for good.
//!
//! Every round kills at a moment drawn from a fixed seed, so a failure names a round that can be run again.
//! `TAGOUT_KILL_ROUNDS` sets how many rounds the stream of commands gets (120 when it is not set).

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::support::cli::Shop;
use crate::support::hospital::{Hospital, PUMP, saved, settled};
use crate::support::kill::{Dice, rounds};

/// How often the stream of commands is killed when nothing else is asked for.
const ROUNDS: u64 = 120;

/// The real program on the shop's store, ready to be started and killed.
fn program(shop: &Shop, arguments: &[&str]) -> Command {
    let mut command = shop.process(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Takes devices in until it is killed: the tags and order numbers that were said to be recorded, and what else was
/// said. The moment is `after` acknowledgements and then `delay`.
fn killed_delivery(
    shop: &Shop,
    round: u64,
    after: u64,
    delay: Duration,
) -> (Vec<(String, String)>, Vec<String>) {
    let mut child = program(shop, &["receive", "--manufacturer", "Acme", "--model", "P"])
        .spawn()
        .expect("the program starts");
    let labels = (0..300)
        .map(|i| format!("S{round}-{i}\tK{round}-{i}\n"))
        .collect::<Vec<_>>()
        .concat();
    let mut input = child.stdin.take().expect("its input");
    // It may be dead before it has read all of it; that is the point of this test.
    let feeding = std::thread::spawn(move || {
        let _ = input.write_all(labels.as_bytes());
        input
    });
    let errors = BufReader::new(child.stderr.take().expect("its words"));
    let (tell, told) = mpsc::channel();
    let reading = std::thread::spawn(move || {
        // A line that the kill has cut in two is no acknowledgement: it has no end.
        let mut errors = errors;
        let mut line = String::new();
        while errors.read_line(&mut line).is_ok_and(|n| n > 0) {
            if line.ends_with('\n') && tell.send(line.trim_end().to_owned()).is_err() {
                break;
            }
            line.clear();
        }
    });
    let mut lines: Vec<String> = Vec::new();
    let limit = Instant::now() + Duration::from_secs(20);
    while (lines.len() as u64) < after {
        match told.recv_timeout(limit.saturating_duration_since(Instant::now())) {
            Ok(line) => lines.push(line),
            Err(_) => break,
        }
    }
    let end = Instant::now() + delay;
    while let Ok(line) = told.recv_timeout(end.saturating_duration_since(Instant::now())) {
        lines.push(line);
    }
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    reading.join().expect("the reader ends");
    drop(feeding.join());
    lines.extend(told.try_iter());
    let mut acknowledged = Vec::new();
    let mut other = Vec::new();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["note:", count, tag, _, order] if count.ends_with(':') => {
                acknowledged.push(((*tag).to_owned(), (*order).to_owned()));
            }
            _ => other.push(line),
        }
    }
    (acknowledged, other)
}

/// Every tag on record, and every order number.
fn on_record(shop: &Shop) -> (BTreeSet<String>, BTreeSet<String>) {
    let names = |list: &serde_json::Value, key: &str| -> BTreeSet<String> {
        let rows = list.as_array().expect("a list");
        rows.iter()
            .filter_map(|row| row[key].as_str().map(str::to_owned))
            .collect()
    };
    let devices = shop.json(&["device", "find", "Acme", "-n", "1000000"]);
    let orders = shop.json(&["order", "list", "-n", "1000000"]);
    (names(&devices, "tag"), names(&orders["orders"], "number"))
}

#[test]
fn a_stream_of_commands_killed_at_random_moments_loses_nothing() {
    let shop = Shop::empty();
    shop.done(&["init", "--name", "Crash", "--prefix", "C", "--zone", "UTC"]);
    let mut dice = Dice(0x7A67);
    let mut said: Vec<(String, String)> = Vec::new();
    for round in 0..rounds(ROUNDS) {
        // A third dies while it opens and heals, the rest between, before and within records.
        let (after, delay) = match dice.below(3) {
            0 => (0, dice.below(60_000)),
            _ => (1 + dice.below(8), dice.below(6_000)),
        };
        let (acknowledged, other) =
            killed_delivery(&shop, round, after, Duration::from_micros(delay));
        for line in other {
            assert!(!line.contains("panicked at"), "round {round}: {line}");
            assert!(!line.starts_with("error"), "round {round}: {line}");
        }
        said.extend(acknowledged);
        if round % 20 == 0 {
            assert_eq!(shop.json(&["verify"])["ok"], true, "round {round}");
        }
    }
    assert!(
        said.len() as u64 > rounds(ROUNDS),
        "it was killed before it could do any work: {}",
        said.len()
    );
    let (tags, orders) = on_record(&shop);
    for (tag, order) in &said {
        assert!(tags.contains(tag), "{tag} was acknowledged and is lost");
        assert!(
            orders.contains(order),
            "{order} was acknowledged and is lost"
        );
    }
    let numbers: BTreeSet<&String> = said.iter().map(|(_, order)| order).collect();
    assert_eq!(numbers.len(), said.len(), "an order number was given twice");
    let verdict = shop.json(&["verify"]);
    assert_eq!(verdict["ok"], true, "{verdict}");
    let digest = shop.done(&["digest"]);
    shop.done(&["rebuild"]);
    assert_eq!(
        shop.done(&["digest"]),
        digest,
        "the rows are what the journal says"
    );
    assert_eq!(on_record(&shop), (tags, orders));
}

/// Infusion pumps with a PM due. Each takes four rounds on the terminal.
const BENCH_DEVICES: [&str; 3] = [PUMP, "SB-100028", "SB-100058"];

#[test]
fn an_open_inspection_killed_at_random_moments_keeps_every_saved_answer() {
    let hospital = Hospital::open();
    let mut dice = Dice(0x1CE);
    let mut answered = 0;
    for tag in BENCH_DEVICES {
        let mut shown = 0;
        for round in 0..4 {
            let mut tty = hospital.checklist(tag);
            let front = saved(&tty.text()).expect("progress on screen");
            assert!(
                front >= shown,
                "{tag}, round {round}: {shown} answers were shown as saved, {front} are there\n{}",
                tty.text()
            );
            assert!(
                tty.text().contains(&format!("step {} of ", front + 1)),
                "{tag}, round {round}: another step is in front\n{}",
                tty.text()
            );
            shown = front;
            settled(&mut tty);
            match front {
                0 => tty.send(format!("{tag}\r")),
                1..=3 => tty.send("p"),
                _ => tty.send("1"),
            }
            // Anything from before the key is read until after its answer is on screen.
            let moment = Instant::now() + Duration::from_micros(dice.below(250_000));
            loop {
                let left = moment.saturating_duration_since(Instant::now());
                if left.is_zero() || tty.is_silent(left) {
                    break;
                }
            }
            tty.kill(rustix::process::Signal::KILL);
            // Whatever reached the terminal before the kill was shown to the person.
            tty.wait_exit();
            shown = saved(&tty.text()).unwrap_or(shown).max(shown);
            answered += u32::from(shown > front);
        }
    }
    assert!(answered >= 4, "it was always killed too early: {answered}");
    let verdict = hospital.done(&["verify", "--json"]);
    let verdict: serde_json::Value = serde_json::from_str(&verdict).expect("JSON");
    assert_eq!(verdict["ok"], true, "{verdict}");
    let digest = hospital.done(&["digest"]);
    hospital.done(&["rebuild"]);
    assert_eq!(hospital.done(&["digest"]), digest);
}
