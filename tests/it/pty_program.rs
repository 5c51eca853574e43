//! The real program on a pseudo-terminal at 80 x 24, on a small demonstration hospital.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::hospital::{Hospital, PASSPHRASE, PUMP, saved, settled};
use crate::support::pty::Tty;

fn is_given_back(tty: &Tty) -> bool {
    let screen = tty.screen();
    !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
}

/// Sends keys and waits until the checklist shows `count` answers as saved.
fn answer(tty: &mut Tty, keys: &str, count: u32) {
    settled(tty);
    tty.send(keys);
    tty.wait(&format!("{count} answers saved after {keys:?}"), |s| {
        saved(&s.contents()) == Some(count)
    });
}

/// Sends a key and gives the bytes of the frames it caused.
fn cost(tty: &mut Tty, keys: &str) -> usize {
    settled(tty);
    let (before, frames) = (tty.screen().contents_formatted(), tty.frames.len());
    tty.send(keys);
    tty.wait(&format!("a change after {keys:?}"), |s| {
        s.contents_formatted() != before
    });
    settled(tty);
    tty.frames[frames..].iter().sum()
}

#[test]
fn first_paint_comes_before_the_store_is_open() {
    let hospital = Hospital::open();
    let mut tty = hospital.start().spawn();
    tty.wait("a first frame", |s| {
        s.alternate_screen() && !s.contents().trim().is_empty()
    });
    assert!(
        !tty.text().contains("devices"),
        "the first frame waited for the store:\n{}",
        tty.text()
    );
    tty.wait_for("120 devices");
    assert_eq!(tty.seen().queries, 0, "the terminal is never asked");
}

#[test]
fn typing_in_lookup_finds() {
    let hospital = Hospital::open();
    let mut tty = hospital.bench();
    for c in ["P", "l", "u", "m"] {
        tty.send(c);
    }
    tty.wait_for("/ Plum");
    tty.wait_for("3 devices");
    assert!(tty.text().contains("SB-100098"));
}

#[test]
fn from_a_scan_to_step_1_and_to_a_signature_by_keys() {
    let hospital = Hospital::open();
    let mut tty = hospital.bench();
    tty.send(format!("{PUMP}\r"));
    tty.wait_for(&format!("Scanned {PUMP}"));
    settled(&mut tty);
    // One key: three are the most a technician may need.
    tty.send("s");
    tty.wait_for("step 1 of 9");
    answer(&mut tty, &format!("{PUMP}\r"), 1);
    answer(&mut tty, "p", 2);
    answer(&mut tty, "p", 3);
    answer(&mut tty, "p", 4);
    tty.wait_for("Which infusion pump analyser?");
    settled(&mut tty);
    tty.send("1");
    tty.wait_for("ida1  calibrated");
    answer(&mut tty, "100\r", 5);
    answer(&mut tty, "10\r", 6);
    answer(&mut tty, "10\r", 7);
    answer(&mut tty, "p", 8);
    settled(&mut tty);
    tty.send("p");
    tty.wait_for("passed");
    tty.wait_for("s sign");
    settled(&mut tty);
    tty.send("s");
    tty.wait_for("performed by");
    settled(&mut tty);
    tty.send("\r");
    tty.wait_for("▸Passphrase");
    settled(&mut tty);
    tty.send(PASSPHRASE);
    settled(&mut tty);
    assert!(!tty.text().contains(PASSPHRASE), "it is never on screen");
    tty.send("\r");
    tty.wait_for("A PIN for later signatures");
    settled(&mut tty);
    tty.send("\r");
    tty.wait("the signed record", |s| {
        s.contents().to_lowercase().contains("signed")
    });
    settled(&mut tty);
    tty.send("\x03");
    settled(&mut tty);
    tty.kill(Signal::TERM);
    tty.wait_exit();
    assert!(!String::from_utf8_lossy(&tty.raw).contains(PASSPHRASE));
    let shown = hospital.done(&["device", "history", PUMP]);
    assert!(!shown.is_empty());
    let verdict = hospital.done(&["inspection", "verify", "SBR-00219", "--json"]);
    let verdict: serde_json::Value = serde_json::from_str(&verdict).expect("JSON");
    assert_eq!(verdict["ok"], true, "{verdict}");
}

#[test]
fn a_resize_storm_ends_in_a_whole_screen() {
    let hospital = Hospital::open();
    let mut tty = hospital.bench();
    for i in 0..100 {
        tty.resize(40 + i % 90, 10 + i % 40);
    }
    tty.resize(100, 30);
    tty.wait("the last size, to its edge", |s| {
        s.contents().contains("120 devices")
            && s.cell(1, 99).is_some_and(|c| c.contents() == "┐")
            && s.cell(27, 99).is_some_and(|c| c.contents() == "┘")
    });
    tty.send("Plum");
    tty.wait_for("/ Plum");
}

#[test]
fn a_hang_up_ends_it_within_a_second_and_the_store_opens_at_once() {
    for by_signal in [false, true] {
        let hospital = Hospital::open();
        let mut tty = hospital.checklist(PUMP);
        answer(&mut tty, &format!("{PUMP}\r"), 1);
        let start = Instant::now();
        if by_signal {
            tty.kill(Signal::HUP);
        } else {
            tty.hang_up();
        }
        tty.wait_exit();
        assert!(
            start.elapsed() < Duration::from_secs(1),
            "{:?}",
            start.elapsed()
        );
        let again = hospital.checklist(PUMP);
        assert_eq!(saved(&again.text()), Some(1));
    }
}

#[test]
fn sigterm_gives_the_terminal_and_the_store_back() {
    let hospital = Hospital::open();
    let mut tty = hospital.bench();
    tty.kill(Signal::TERM);
    tty.wait_exit();
    assert!(is_given_back(&tty));
    hospital.done(&["device", "show", PUMP]);
}

#[test]
fn ctrl_z_and_fg_under_a_shell() {
    let hospital = Hospital::open();
    let program = env!("CARGO_BIN_EXE_tagout");
    let script = format!("{program} --as mrivera; echo STOPPED=$?; read x; fg; echo DONE=$?");
    let mut tty = hospital.under_bash(&script).spawn();
    tty.wait_for("120 devices");
    tty.send("Plum");
    tty.wait_for("/ Plum");
    tty.send("\x1a");
    tty.wait("the shell on the normal screen", |s| {
        s.contents().contains("STOPPED=")
            && !s.alternate_screen()
            && !s.bracketed_paste()
            && !s.hide_cursor()
    });
    tty.send("\n");
    tty.wait("the program with its text kept", |s| {
        s.alternate_screen() && s.contents().contains("/ Plum")
    });
    tty.send(" 360");
    tty.wait_for("/ Plum 360");
    tty.send("\x03");
    tty.wait_for("DONE=0");
}

#[test]
fn a_key_cut_by_the_network_does_nothing_harmful() {
    let hospital = Hospital::open();
    let mut tty = hospital.bench();
    tty.send("Plum");
    tty.wait_for("3 devices");
    settled(&mut tty);
    for (first, rest) in [("\x1b", "[B"), ("\x1b[", "B"), ("\x1b", "OA")] {
        tty.send(first);
        assert!(tty.is_silent(Duration::from_millis(10)));
        tty.send(rest);
        settled(&mut tty);
        let text = tty.text();
        assert!(text.contains("/ Plum "), "{first:?} {rest:?}\n{text}");
    }
}

#[test]
fn a_paste_never_acts_as_keys() {
    let hospital = Hospital::open();
    let mut tty = hospital.checklist(PUMP);
    answer(&mut tty, &format!("{PUMP}\r"), 1);
    settled(&mut tty);
    tty.send("\x1b[200~ppp\rq\r:quit\r\x03\x1b[201~");
    settled(&mut tty);
    assert_eq!(saved(&tty.text()), Some(1), "{}", tty.text());
    answer(&mut tty, "p", 2);
}

#[test]
fn a_held_key_answers_one_step_only() {
    let hospital = Hospital::open();
    let mut tty = hospital.checklist(PUMP);
    answer(&mut tty, &format!("{PUMP}\r"), 1);
    answer(&mut tty, "p", 2);
    // A keyboard repeats after a pause, then 30 times a second.
    settled(&mut tty);
    for _ in 0..30 {
        tty.send("p");
        tty.is_silent(Duration::from_millis(33));
    }
    settled(&mut tty);
    let after = saved(&tty.text());
    assert!(
        matches!(after, Some(2 | 3)),
        "a held key answered step after step: {after:?}\n{}",
        tty.text()
    );
}

#[test]
fn a_dumb_terminal_is_refused_in_words() {
    let hospital = Hospital::open();
    let mut tty = hospital.start().env("TERM", "dumb").spawn();
    assert_eq!(tty.wait_exit().code(), Some(2));
    assert!(!tty.raw.contains(&0x1b), "not one escape byte");
    assert!(tty.text().contains("TERM=dumb"), "{}", tty.text());
}

#[test]
fn no_color_and_lang_c() {
    let hospital = Hospital::open();
    let mut tty = hospital.start().env("NO_COLOR", "1").spawn();
    tty.wait_for("120 devices");
    let coloured = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
    for (row, column) in coloured {
        if let Some(cell) = tty.screen().cell(row, column) {
            assert_eq!(cell.fgcolor(), vt100::Color::Default, "{row}:{column}");
            assert_eq!(cell.bgcolor(), vt100::Color::Default, "{row}:{column}");
        }
    }
    drop(tty);
    let mut tty = hospital.start().env("LANG", "C").spawn();
    tty.wait_for("120 devices");
    assert!(tty.raw.is_ascii());
}

#[test]
fn idle_for_two_seconds_writes_nothing() {
    let hospital = Hospital::open();
    let mut tty = hospital.bench();
    settled(&mut tty);
    assert!(tty.is_silent(Duration::from_secs(2)), "{}", tty.text());
}

#[test]
fn a_move_costs_few_bytes() {
    let hospital = Hospital::open();
    // Moves in the list alone: at 80 x 24, and at 120 x 40 beside a device that stays open.
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut tty = hospital.start().size(columns, rows).spawn();
        tty.wait_for("120 devices");
        if columns == 120 {
            tty.send(format!("{PUMP}\r"));
            tty.wait_for(&format!("Scanned {PUMP}"));
            settled(&mut tty);
            tty.send("/");
        }
        // From the field into the list.
        cost(&mut tty, "\x1b[B");
        for row in 0..8 {
            let bytes = cost(&mut tty, "\x1b[B");
            assert!(
                bytes <= 400,
                "{columns}x{rows}, move {row}: {bytes} bytes\n{}",
                tty.text()
            );
        }
    }
}

#[test]
fn an_answer_costs_few_bytes() {
    let hospital = Hospital::open();
    let mut tty = hospital.start().size(120, 40).spawn();
    tty.wait_for("120 devices");
    tty.send(format!("{PUMP}\r"));
    tty.wait_for(&format!("Scanned {PUMP}"));
    settled(&mut tty);
    tty.send("s");
    tty.wait_for("step 1 of 9");
    answer(&mut tty, &format!("{PUMP}\r"), 1);
    for step in 2..4 {
        let bytes = cost(&mut tty, "p");
        assert_eq!(saved(&tty.text()), Some(step), "{}", tty.text());
        assert!(bytes <= 1536, "step {step}: {bytes} bytes");
    }
}
