//! The terminal runtime on a real pseudo-terminal: every way a line, a signal, a shell or a scanner can treat it.
//! The program under test is the one of `support::child`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::support::child::{child_arguments, child_program};
use crate::support::pty::{LIMIT, Start, Tty};

fn started(start: Start) -> Tty {
    let mut tty = start.spawn();
    tty.wait_for("Ready");
    tty
}

fn started_with_log() -> (Tty, TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let tty = started(child_program("x").env("CHILD_LOG", &log.display().to_string()));
    (tty, folder, log)
}

fn logged(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

/// Waits for a line in the log; a file cannot be waited for otherwise.
#[track_caller]
fn wait_logged(log: &Path, text: &str) {
    let end = Instant::now() + LIMIT;
    while !logged(log).contains(text) {
        assert!(Instant::now() < end, "never logged {text:?}");
        std::thread::yield_now();
    }
}

fn is_given_back(tty: &Tty) -> bool {
    let screen = tty.screen();
    !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
}

fn selected(screen: &vt100::Screen) -> Option<u16> {
    (0..screen.size().0.get())
        .find(|row| screen.cell(*row, 1).is_some_and(vt100::Cell::inverse))
        .map(|row| row - 2)
}

/// True if a colour is set anywhere, as opposed to bold, reverse or reset.
fn has_colour(raw: &[u8]) -> bool {
    let text = String::from_utf8_lossy(raw);
    text.split("\x1b[").skip(1).any(|rest| {
        let Some((parameters, _)) = rest.split_once('m') else {
            return false;
        };
        parameters.split(';').any(|p| {
            p.parse::<u16>()
                .is_ok_and(|n| matches!(n, 30..=38 | 40..=48 | 90..=107))
        })
    })
}

#[test]
fn first_paint() {
    let mut tty = started(child_program("x"));
    tty.wait("every mode", |s| {
        s.alternate_screen() && s.bracketed_paste() && s.hide_cursor()
    });
    assert!(tty.text().contains("[80x24]"));
    assert_eq!(tty.seen().queries, 0, "the terminal is never asked");
    assert_eq!(tty.frames.len(), 1);
}

#[test]
fn resize_storm() {
    let mut tty = started(child_program("x"));
    for i in 0..100 {
        tty.resize(60 + i % 60, 20 + i % 20);
    }
    tty.resize(81, 25);
    tty.wait("the last size, to its edges", |s| {
        s.contents().contains("[81x25]")
            && s.cell(24, 80).is_some_and(|c| c.contents() == "┘")
            && s.cell(0, 80).is_some_and(|c| c.contents() == "┐")
    });
    assert_eq!(tty.seen().queries, 0);
}

#[test]
fn a_window_made_smaller_and_back_is_whole_again() {
    let mut tty = started(child_program("x"));
    for _ in 0..50 {
        tty.resize(60, 20);
        tty.resize(80, 24);
    }
    tty.wait("every corner", |s| {
        [(0, 0, "┌"), (0, 79, "┐"), (23, 0, "└"), (23, 79, "┘")]
            .into_iter()
            .all(|(row, column, corner)| {
                s.cell(row, column).is_some_and(|c| c.contents() == corner)
            })
    });
}

#[test]
fn a_size_of_zero_is_taken_for_80_by_24() {
    let mut tty = child_program("x").kernel_size(0, 0).spawn();
    tty.wait_for("[80x24]");
}

#[test]
fn a_scan_of_40_characters_in_5_ms() {
    let mut tty = started(child_program("patient"));
    for round in 1..=5 {
        let label = format!("TAG{round:037}");
        let start = Instant::now();
        for (i, byte) in label.bytes().enumerate() {
            tty.send([byte]);
            while start.elapsed() < Duration::from_micros(125) * i as u32 {
                std::hint::spin_loop();
            }
        }
        tty.send("\r");
        tty.wait_for(&format!("Scan #{round} {label}"));
    }
    // Several labels in one write, with CR LF ends.
    let many: Vec<String> = (6..=10).map(|i| format!("TAG{i:037}\r\n")).collect();
    tty.send(many.concat());
    tty.wait_for(&format!("Scan #10 TAG{:037}", 10));
    assert!(!tty.text().contains("Ctrl-j"));
}

#[test]
fn what_names_nothing_comes_out_as_keys_in_order() {
    let mut tty = started(child_program("patient"));
    tty.send("HELLO WORLD 123\r");
    tty.wait_for("Saved #1 HELLO WORLD 123");
}

#[test]
fn a_paste_never_acts_as_keys() {
    let mut tty = started(child_program("x"));
    tty.send("\x1b[200~two\r\nlines!\x07\x1b[201~");
    tty.wait_for("Pasted 10 characters");
    assert!(tty.text().contains("> two lines!"));
    tty.send("\x1b[200~TAG-77\r\x1b[201~");
    tty.wait_for("Scan #1 TAG-77");
}

#[test]
fn a_key_cut_by_the_network() {
    let mut tty = started(child_program("patient"));
    let cuts = [
        ("\x1b", "[B"),
        ("\x1b[", "B"),
        ("\x1b", "OB"),
        ("\x1bO", "B"),
        ("\x1b", "[B\x1b[B\x1b[A"),
    ];
    for (row, (first, rest)) in (1..).zip(cuts) {
        tty.send(first);
        // Give the program the chance to see the first part alone; the result must not depend on it.
        assert!(tty.is_silent(Duration::from_millis(10)));
        tty.send(rest);
        tty.wait(&format!("row {row} after {first:?} and {rest:?}"), |s| {
            selected(s) == Some(row)
        });
    }
    assert!(!tty.text().contains("Esc") && !tty.text().contains("> ["));
}

#[test]
fn escape_alone_is_a_key() {
    let mut tty = started(child_program("x"));
    tty.send("\x1b");
    tty.wait_for("Esc");
}

#[test]
fn ctrl_l_repairs_the_screen_without_asking() {
    let mut tty = started(child_program("x"));
    let before = tty.text();
    tty.scribble("\x1b[10;10Hgarbage from elsewhere\x1b[41m\x1b[2J");
    assert_ne!(tty.text(), before);
    tty.send("\x0c");
    tty.wait("the screen as before", |s| s.contents() == before);
    tty.wait("no foreign colour", |s| {
        s.cell(10, 70)
            .is_some_and(|c| c.bgcolor() == vt100::Color::Default)
    });
    assert_eq!(tty.seen().queries, 0);
}

#[test]
fn termination_gives_the_terminal_back() {
    for (signal, number) in [(Signal::TERM, 15), (Signal::INT, 2), (Signal::QUIT, 3)] {
        let (mut tty, _folder, log) = started_with_log();
        tty.kill(signal);
        assert_eq!(tty.wait_exit().code(), Some(60 + number));
        assert!(is_given_back(&tty));
        assert!(logged(&log).contains(&format!("Closing: signal {number}")));
    }
}

#[test]
fn sighup_ends_it() {
    let (mut tty, _folder, log) = started_with_log();
    tty.kill(Signal::HUP);
    assert_eq!(tty.wait_exit().code(), Some(41));
    assert!(logged(&log).contains("Closing: hang-up"));
}

#[test]
fn a_real_hang_up_ends_it_within_a_second() {
    let (mut tty, _folder, log) = started_with_log();
    tty.send("\r");
    tty.wait_for("Saved #1");
    let start = Instant::now();
    tty.hang_up();
    assert_eq!(tty.wait_exit().code(), Some(41));
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(logged(&log).contains("Closing: hang-up"));
}

/// A wrapper between us and the terminal may keep SIGHUP to itself; only the dead line tells then. The shell leads the
/// session here and ignores the signal, and `setsid`-less background children would not get it either.
#[test]
fn a_hang_up_without_the_signal_ends_it_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let here = std::env::current_exe()
        .expect("this test binary")
        .display()
        .to_string();
    // The wrapper hands the terminal on but puts the program into another session, which the kernel does not signal.
    let mut tty = Start::new("/usr/bin/setsid")
        .args(["--wait", &here])
        .args(child_arguments())
        .env("CHILD", "x")
        .env("CHILD_LOG", &log.display().to_string())
        .spawn();
    tty.wait_for("Ready");
    tty.hang_up();
    wait_logged(&log, "Closing: hang-up");
}

#[test]
fn ctrl_z_and_fg_under_a_shell() {
    let here = std::env::current_exe()
        .expect("this test binary")
        .display()
        .to_string();
    let script = format!(
        "{here} {}; echo STOPPED=$?; read x; fg; echo DONE=$?",
        child_arguments().join(" ")
    );
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let mut tty = Start::new("bash")
        .args(["-mc", &script])
        .env("CHILD", "x")
        .env("CHILD_LOG", &log.display().to_string())
        .spawn();
    tty.wait_for("Ready");
    tty.send("abc");
    tty.wait_for("> abc");
    tty.send("\x1a");
    tty.wait("the shell on the normal screen", |s| {
        s.contents().contains("STOPPED=")
            && !s.alternate_screen()
            && !s.bracketed_paste()
            && !s.hide_cursor()
    });
    tty.send("\n");
    tty.wait("the program with its text kept", |s| {
        s.alternate_screen() && s.contents().contains("> abc")
    });
    tty.wait_for("Resumed");
    tty.send("d");
    tty.wait_for("> abcd");
    tty.send("\x03");
    tty.wait_for("DONE=0");
    assert_eq!(logged(&log).matches("Resumed").count(), 1);
}

#[test]
fn ctrl_z_without_a_shell_says_so() {
    let mut tty = started(child_program("x"));
    tty.send("\x1a");
    tty.wait_for("No shell to go back to");
    tty.send("xyz");
    tty.wait_for("> xyz");
}

#[test]
fn a_stop_signal_without_a_shell_does_not_freeze_it() {
    let mut tty = started(child_program("x"));
    tty.kill(Signal::TSTP);
    tty.wait_for("No shell to go back to");
}

#[test]
fn stopped_and_continued() {
    let mut tty = started(child_program("x"));
    tty.kill(Signal::STOP);
    while tty.state() != 'T' {
        std::thread::yield_now();
    }
    tty.send("late");
    // What a shell would do to the line meanwhile.
    tty.make_cooked();
    tty.kill(Signal::CONT);
    tty.wait_for("Resumed");
    tty.wait_for("> late");
    tty.send("r");
    tty.wait_for("> later");
}

#[test]
fn terminals() {
    for (term, unicode_frame, colour) in [
        ("xterm-256color", true, true),
        ("linux", false, true),
        ("vt100", false, false),
    ] {
        let tty = started(child_program("x").env("TERM", term));
        let text = tty.text();
        assert_eq!(text.contains('┌'), unicode_frame, "{term}");
        assert!(
            text.contains("Müller"),
            "{term}: text from data stays as it is"
        );
        assert_eq!(has_colour(&tty.raw), colour, "{term}");
    }
}

#[test]
fn a_dumb_terminal_is_refused_in_words() {
    let mut tty = child_program("x").env("TERM", "dumb").spawn();
    assert_eq!(tty.wait_exit().code(), Some(2));
    assert!(
        tty.text().contains("TERM=dumb cannot show"),
        "{}",
        tty.text()
    );
    assert!(!tty.raw.contains(&0x1b), "not one escape byte");
}

#[test]
fn a_pipe_is_refused_in_words() {
    let here = std::env::current_exe().expect("this test binary");
    let output = std::process::Command::new(here)
        .args(child_arguments())
        .env("CHILD", "x")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not a terminal"));
    assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b));
}

#[test]
fn no_color_keeps_reverse_and_bold() {
    let mut tty = started(child_program("x").env("NO_COLOR", "1"));
    assert!(!has_colour(&tty.raw));
    tty.wait("the cursor row in reverse", |s| selected(s) == Some(0));
    tty.send("b");
    tty.wait("bold text", |s| s.cell(1, 3).is_some_and(vt100::Cell::bold));
}

#[test]
fn without_utf8_every_byte_is_ascii() {
    for (name, value) in [
        ("LANG", "C"),
        ("LC_ALL", "POSIX"),
        ("LANG", "en_US.ISO-8859-1"),
    ] {
        let tty = started(child_program("x").env(name, value));
        assert!(tty.raw.is_ascii(), "{name}={value}");
        assert!(tty.text().contains("M?ller") && tty.text().contains("+-"));
    }
}

#[test]
fn a_panic_gives_the_terminal_back() {
    let mut tty = started(child_program("x"));
    tty.send("!");
    assert_eq!(tty.wait_exit().code(), Some(101));
    assert!(is_given_back(&tty));
    assert!(tty.text().contains("boom"), "{}", tty.text());
}

#[test]
fn a_worker_may_answer_or_panic() {
    let mut tty = started(child_program("x"));
    tty.send("\x17");
    tty.wait_for("Worker says hello");
    tty.send("\x18");
    tty.wait_for("doomed failed: worker boom");
    assert!(tty.screen().alternate_screen());
    tty.send("fine");
    tty.wait_for("> fine");
}

#[test]
fn a_terminal_that_takes_no_output_cannot_hold_it() {
    let (mut tty, _folder, _log) = started_with_log();
    tty.send("\x06");
    tty.wait_readable();
    tty.kill(Signal::TERM);
    let start = Instant::now();
    assert_eq!(
        tty.wait_exit_unread().code(),
        Some(128 + 15),
        "the forced end"
    );
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_program_that_hangs_cannot_outlive_its_line() {
    let (mut tty, _folder, log) = started_with_log();
    tty.send("\x0b");
    wait_logged(&log, "Hanging");
    let start = Instant::now();
    tty.hang_up();
    assert_eq!(tty.wait_exit().code(), Some(128 + 1), "the forced end");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_flood_of_messages_does_not_stop_the_frames() {
    let mut tty = started(child_program("x"));
    tty.send("\x07");
    tty.wait_for("Flood");
    tty.send("x");
    tty.wait_for("> x");
    tty.send("\x07");
    tty.wait_for("Ebb");
}

#[test]
fn idle_is_silent() {
    let mut tty = started(child_program("x"));
    assert!(tty.is_silent(Duration::from_millis(300)));
    // A key that changes nothing is answered with nothing, even if the program asks for a frame.
    tty.send("\x0e\x0f");
    assert!(tty.is_silent(Duration::from_millis(200)));
}

#[test]
fn a_move_costs_one_write_and_few_bytes() {
    let mut tty = started(child_program("x").size(120, 40));
    assert!(tty.is_silent(Duration::from_millis(200)));
    let mut writes = tty.writes();
    for row in 1..=10 {
        let frames = tty.frames.len();
        tty.send("\x1b[B");
        tty.wait(&format!("row {row}"), |s| selected(s) == Some(row));
        assert_eq!(tty.frames.len(), frames + 1);
        assert!(tty.frames[frames] <= 400, "{} bytes", tty.frames[frames]);
        writes += 1;
        assert_eq!(tty.writes_from(writes), writes);
    }
}

#[test]
fn a_dialog_is_not_answered_by_what_was_typed_before_it() {
    let mut tty = started(child_program("x"));
    tty.send("\x01yyyy");
    tty.wait_for("Asked");
    assert!(tty.is_silent(Duration::from_millis(150)));
    assert!(!tty.text().contains("Answered"));
    tty.send("y");
    tty.wait_for("Answered yes");
}

#[test]
fn an_answer_typed_before_the_question_was_painted_is_known_as_such() {
    let mut tty = started(child_program("x"));
    tty.send("\x05\x05\x05");
    tty.wait_for("Step 2, too early");
    tty.send("\x05");
    tty.wait("the next step", |s| {
        s.contents().contains("Step 3 ") || s.contents().contains("Step 3\n")
    });
}

#[test]
fn bell_and_clipboard() {
    let mut tty = started(child_program("x"));
    tty.send("\x02");
    tty.wait_for("Bell");
    assert_eq!(tty.seen().bells, 1);
    tty.send("pump");
    tty.wait_for("> pump");
    tty.send("\x19");
    tty.send("!");
    tty.wait_exit();
    assert_eq!(tty.seen().copied, ["cHVtcA=="]);
}
