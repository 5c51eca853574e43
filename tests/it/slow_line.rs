//! What a session costs on the wire, with a host and other sessions beside it, and work on a line of 9,600 baud.
//!
//! The bytes are those of the frames, as the program writes them. `--nocapture` prints the tables.

use std::time::{Duration, Instant};

use crate::host_faces::Hosted;
use crate::support::counter::{ANSWERS, Counter, DEVICE, begin};
use crate::support::hospital::{Hospital, PUMP, saved, settled};
use crate::support::pty::Tty;

const WHO: &str = "mrivera";
/// What a move of the selection may cost.
const MOVE: usize = 400;
/// Nothing more comes after a move for so long.
const REST: Duration = Duration::from_secs(2);
/// What an answer may cost, with the next step that it shows.
const ANSWER: usize = 1536;

/// A terminal whose acts are measured.
struct Meter {
    tty: Tty,
    size: (u16, u16),
}

impl Meter {
    /// Sends keys, waits for what they do and for all that follows: the bytes of each frame.
    fn frames(
        &mut self,
        what: &str,
        keys: &str,
        done: impl Fn(&vt100::Screen) -> bool,
    ) -> Vec<usize> {
        settled(&mut self.tty);
        let (before, frames) = (
            self.tty.screen().contents_formatted(),
            self.tty.frames.len(),
        );
        self.tty.send(keys);
        self.tty.wait(what, |screen| {
            screen.contents_formatted() != before && done(screen)
        });
        settled(&mut self.tty);
        let frames = self.tty.frames[frames..].to_vec();
        let (columns, rows) = self.size;
        println!(
            "{columns}x{rows}  {what:<36} {:>5} bytes  {frames:?}",
            frames.iter().sum::<usize>()
        );
        frames
    }

    /// The same, for an act that may cost so much.
    #[track_caller]
    fn costs(&mut self, limit: usize, what: &str, keys: &str, shows: &str) {
        let bytes: usize = self
            .frames(what, keys, |screen| screen.contents().contains(shows))
            .iter()
            .sum();
        assert!(bytes <= limit, "{what}: {bytes} bytes\n{}", self.tty.text());
    }

    /// Moves of the selection, each with all that follows: the dearest one. A move in a while is followed by a rest.
    #[track_caller]
    fn moves(&mut self, what: &str, key: &str, count: usize) -> usize {
        settled(&mut self.tty);
        let mut worst = 0;
        for at in 0..count {
            let (bytes, frames) = (self.tty.raw.len(), self.tty.frames.len());
            let before = self.tty.screen().contents_formatted();
            self.tty.send(key);
            self.tty
                .wait(what, |screen| screen.contents_formatted() != before);
            if at % 24 == 4 {
                assert!(self.tty.is_silent(REST), "{what}: something follows");
            }
            assert_eq!(self.tty.frames.len(), frames + 1, "{what}: one frame");
            let cost = self.tty.raw.len() - bytes;
            let raw = &self.tty.raw[bytes..];
            assert!(
                cost <= MOVE,
                "{what}, move {at}: {cost} bytes\n{:?}\n{}",
                String::from_utf8_lossy(raw),
                self.tty.text()
            );
            worst = worst.max(cost);
        }
        let (columns, rows) = self.size;
        println!("{columns}x{rows}  {what:<36} {worst:>5} bytes at most, of {count}");
        worst
    }
}

#[test]
fn what_typical_acts_cost() {
    let hospital = Hosted(Hospital::open());
    let mut other = hospital.start(WHO).spawn();
    other.wait_for("120 devices");
    for size in [(80, 24), (120, 40)] {
        let mut tty = hospital.start(WHO).size(size.0, size.1).spawn();
        tty.wait_for("120 devices");
        settled(&mut tty);
        let first: usize = tty.frames.iter().sum();
        println!(
            "{}x{}  {:<36} {first:>5} bytes",
            size.0, size.1, "first screen"
        );
        assert!(first <= 8192, "{first}");
        let mut meter = Meter { tty, size };
        meter.costs(4096, "into the list", "\x1b[B", "▸");
        meter.costs(4096, "a page of devices", "\x1b[6~", "");
        meter.costs(6144, "help", "?", "Help");
        meter.costs(6144, "back", "\x1b", "120 devices");
        meter.costs(4096, "to the search", "/", "");
        meter.costs(4096, "search: a letter", "P", "/ P");
        meter.costs(4096, "search: a letter more", "l", "/ Pl");
        meter.costs(4096, "search: cleared", "\x15", "120 devices");
        meter.costs(5120, "to the queue", "\t", "");
        meter.costs(7168, "scan of a device", &format!("{PUMP}\r"), "Scanned");
        meter.costs(4096, "its checklist", "s", " of 9 done");
    }
}

#[test]
fn a_move_of_the_selection_costs_at_most_400_bytes_with_all_that_follows() {
    // On a day that stands still, as the words for what is due are part of it.
    let hospital = Hospital::open();
    // At 80 x 24 as far as the list stands still; where two lists stand beside each other, scrolling moves both.
    for (columns, rows, devices, orders) in [(80, 24, 8, 8), (120, 40, 118, 29)] {
        let mut tty = hospital.start().size(columns, rows).spawn();
        tty.wait_for("120 devices");
        settled(&mut tty);
        tty.send("\x1b[B");
        tty.wait_for("▸ Devices");
        let size = (columns, rows);
        let mut meter = Meter { tty, size };
        meter.moves("one device down", "\x1b[B", devices);
        meter.moves("one device up", "\x1b[A", devices);
        meter.tty.send("\t");
        meter.tty.wait_for("▸ Work orders");
        meter.moves("one order down", "\x1b[B", orders);
        meter.moves("one order up", "\x1b[A", orders);
    }
}

#[test]
fn what_answers_cost() {
    for size in [(80, 24), (120, 40)] {
        let counter = Counter::open();
        let mut other = counter.face().spawn();
        other.wait_for("● in service");
        let mut tty = counter.face().size(size.0, size.1).spawn();
        tty.wait_for("● in service");
        begin(&mut tty);
        let mut meter = Meter { tty, size };
        for (step, keys) in (1..).zip(ANSWERS) {
            let bytes: usize = meter
                .frames(&format!("answer {step}"), keys, |screen| {
                    let text = screen.contents();
                    saved(&text) == Some(step) || text.contains("s sign")
                })
                .iter()
                .sum();
            assert!(bytes <= ANSWER, "{bytes}\n{}", meter.tty.text());
        }
        counter.answered_once(ANSWERS.len());
    }
}

#[test]
fn idle_sessions_write_nothing() {
    let counter = Counter::open();
    let mut ttys: Vec<Tty> = (0..3)
        .map(|_| counter.face().size(120, 40).spawn())
        .collect();
    for tty in &mut ttys {
        tty.wait_for("● in service");
    }
    begin(&mut ttys[0]);
    for tty in &mut ttys {
        settled(tty);
    }
    // All of them at once, as nobody reads meanwhile.
    assert!(
        ttys[0].is_silent(Duration::from_secs(2)),
        "{}",
        ttys[0].text()
    );
    for tty in &mut ttys {
        assert!(tty.is_silent(Duration::ZERO), "{}", tty.text());
    }
}

#[test]
fn at_9600_baud_a_device_is_found_and_its_steps_are_answered() {
    let counter = Counter::open();
    let mut tty = counter.face().baud(9_600).spawn();
    let mut began = Instant::now();
    let mut took = |what: &str, longest: u64| {
        let time = began.elapsed();
        println!("9600 baud  {what:<28} {:>5} ms", time.as_millis());
        assert!(time < Duration::from_secs(longest), "{what}: {time:?}");
        began = Instant::now();
    };
    tty.wait_for("● in service");
    settled(&mut tty);
    took("started, first screen", 12);
    // Typed faster than the line paints: nothing is lost.
    let typed = "the quick brown fox jumps over it";
    for letter in typed.chars() {
        tty.send(letter.to_string());
        tty.is_silent(Duration::from_millis(20));
    }
    tty.wait_for(&format!("/ {typed}"));
    settled(&mut tty);
    took("33 letters typed", 12);
    tty.send("\x15");
    tty.wait_for("1 device");
    settled(&mut tty);
    took("search cleared", 6);
    tty.send(format!("{DEVICE}\r"));
    tty.wait_for(&format!("Scanned {DEVICE}"));
    settled(&mut tty);
    took("device scanned", 8);
    tty.send("s");
    tty.wait_for(" of 6 done");
    settled(&mut tty);
    took("checklist open", 6);
    for (step, keys) in (1..).zip(ANSWERS) {
        tty.send(keys);
        tty.wait(&format!("{step} answers"), |screen| {
            let text = screen.contents();
            saved(&text) == Some(step) || text.contains("s sign")
        });
        settled(&mut tty);
        took(
            &format!("step {step} answered"),
            if step < 6 { 3 } else { 6 },
        );
    }
    counter.answered_once(ANSWERS.len());
    // What stands on the glass is what the program means to stand there.
    let lines = |tty: &Tty| -> Vec<String> {
        let text = tty.text();
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    let shown = lines(&tty);
    tty.send("\x0c");
    settled(&mut tty);
    took("painted anew", 6);
    assert_eq!(lines(&tty), shown);
}

#[test]
fn at_9600_baud_a_key_that_is_held_down_leaves_no_queue_behind() {
    let counter = Counter::open();
    let mut list = "Asset Tag,Manufacturer,Model,Serial Number,Location\n".to_owned();
    list.extend((10..90).map(|n| format!("PUMP-{n},Acme Medical,Infuser {n},S-{n},Room {n}\n")));
    let file = counter.shop().file("list.csv", list);
    counter.shop().done(&["device", "import", &file]);
    let mut tty = counter.face().baud(9_600).spawn();
    tty.wait_for("81 devices");
    settled(&mut tty);
    // Two seconds at 30 a second; the line carries a tenth of the frames.
    let frames = tty.frames.len();
    for _ in 0..60 {
        tty.send("\x1b[B");
        tty.is_silent(Duration::from_millis(33));
    }
    let released = Instant::now();
    // The first key goes into the list, the others down: every one of them counts.
    let row = |text: &str| {
        text.lines()
            .position(|line| line.contains("PUMP-69"))
            .is_some()
    };
    tty.wait("the row that was reached", |screen| row(&screen.contents()));
    settled(&mut tty);
    let late = released.elapsed();
    println!(
        "9600 baud  {:<28} {:>5} ms in {} frames",
        "60 rows: late by",
        late.as_millis(),
        tty.frames.len() - frames
    );
    assert!(late < Duration::from_secs(4), "{late:?}");
}
