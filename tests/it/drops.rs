//! Sessions at a host that end without a word, and a host that does: hang-ups, kill -9, stops. What was answered is there
//! once, others work on, and whoever comes back goes on at the same step.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use crate::support::counter::{ANSWERS, Counter, DEVICE, begin, sign};
use crate::support::hospital::{saved, settled};
use crate::support::pty::{LIMIT, Tty};

/// Ctrl-R, the key that goes on.
const RESUME: &str = "\x12";
/// How long a session may outlive its line.
const LONGEST: Duration = Duration::from_secs(1);

fn face(counter: &Counter) -> Tty {
    let mut tty = counter.face().spawn();
    tty.wait_for("● in service");
    tty
}

/// Types the keys that answer this step, from 0, without waiting for what they do.
fn type_answer(tty: &mut Tty, step: usize) {
    settled(tty);
    tty.send(ANSWERS[step]);
}

fn wait_saved(tty: &mut Tty, count: usize) {
    let count = u32::try_from(count).expect("small");
    tty.wait(&format!("{count} answers saved"), |screen| {
        let text = screen.contents();
        saved(&text) == Some(count) || text.contains("s sign")
    });
}

fn answer(tty: &mut Tty, step: usize) {
    type_answer(tty, step);
    wait_saved(tty, step + 1);
}

fn resume(tty: &mut Tty) {
    settled(tty);
    tty.send(RESUME);
}

/// Waits until a process that is no child of ours has ended.
#[track_caller]
fn wait_gone(pid: Pid) {
    let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else {
        return;
    };
    let limit = Timespec::try_from(LIMIT).expect("a time");
    let ready = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&limit));
    assert!(ready.is_ok_and(|n| n > 0), "it stays");
}

/// Waits until the host knows only these sessions.
#[track_caller]
fn wait_sessions(counter: &Counter, expected: usize) {
    let end = Instant::now() + LIMIT;
    while counter.sessions().len() != expected {
        assert!(Instant::now() < end, "{:?}", counter.sessions());
    }
}

#[test]
fn a_closed_terminal_ends_its_session_within_a_second_and_nothing_else() {
    let counter = Counter::open();
    let mut other = face(&counter);
    let host = counter.host();
    for (step, by_signal) in [(0, false), (1, true)] {
        let mut tty = face(&counter);
        if step == 0 {
            begin(&mut tty);
        } else {
            resume(&mut tty);
        }
        answer(&mut tty, step);
        let cut = Instant::now();
        if by_signal {
            tty.kill(Signal::HUP);
        } else {
            tty.hang_up();
        }
        tty.wait_exit();
        let took = cut.elapsed();
        assert!(took < LONGEST, "{took:?}");
        wait_sessions(&counter, 1);
        assert_eq!(counter.host(), host, "the host lives on");
    }
    settled(&mut other);
    resume(&mut other);
    other.wait_for("step 3 of 6");
    counter.answered_once(2);
}

#[test]
fn a_line_that_dies_while_the_host_does_not_answer_ends_its_session_too() {
    let counter = Counter::open();
    let mut tty = face(&counter);
    begin(&mut tty);
    answer(&mut tty, 0);
    settled(&mut tty);
    let host = counter.host();
    kill_process(host, Signal::STOP).expect("it is there");
    type_answer(&mut tty, 1);
    // It waits for an answer that does not come.
    tty.is_silent(Duration::from_millis(100));
    let cut = Instant::now();
    tty.hang_up();
    tty.wait_exit();
    let took = cut.elapsed();
    kill_process(host, Signal::CONT).expect("it is there");
    assert!(took < LONGEST + Duration::from_millis(100), "{took:?}");
    // What had reached the host by then is done, once; nobody was told that it was.
    wait_sessions(&counter, 0);
    let done = counter.inspection()["done"].as_u64();
    assert!(matches!(done, Some(1 | 2)), "{done:?}");
    counter.answered_once(usize::try_from(done.unwrap_or(0)).expect("small"));
    assert_eq!(counter.host(), host);
}

#[test]
fn a_killed_session_is_forgotten_and_gone_on_with() {
    let counter = Counter::open();
    let mut other = face(&counter);
    let host = counter.host();
    let mut tty = face(&counter);
    begin(&mut tty);
    answer(&mut tty, 0);
    answer(&mut tty, 1);
    // In the middle of a number.
    answer(&mut tty, 2);
    settled(&mut tty);
    tty.send("10");
    tty.kill(Signal::KILL);
    tty.wait_exit();
    wait_sessions(&counter, 1);
    let mut again = face(&counter);
    again.wait_for("waits with 3 answers saved: Ctrl-R goes on");
    resume(&mut again);
    again.wait_for("step 4 of 6");
    for step in 3..ANSWERS.len() {
        answer(&mut again, step);
    }
    counter.answered_once(6);
    sign(&mut again);
    assert_eq!(counter.inspection()["outcome"], "passed");
    assert_eq!(counter.host(), host);
    settled(&mut other);
    counter.is_sound();
}

#[test]
fn of_several_open_inspections_the_one_worked_on_last_is_gone_on_with() {
    let counter = Counter::open();
    let shop = counter.shop();
    let other = "PUMP-8";
    for arguments in [
        &[
            "device",
            "add",
            other,
            "--stage",
            "in-service",
            "--taken-over",
            "--reason",
            "old list",
            "--type",
            "FRN",
            "--serial",
            "S8",
        ] as &[&str],
        &[
            "order",
            "open",
            other,
            "--kind",
            "pm",
            "--activity",
            "annual PM",
        ],
        &["inspection", "start", DEVICE],
        &["inspection", "start", other],
        &["inspection", "record", "next", DEVICE, "--on", DEVICE],
    ] {
        shop.done(arguments);
    }
    let mut tty = face(&counter);
    tty.wait_for("PUMP-7, annual PM, waits with 1 answer saved");
    resume(&mut tty);
    tty.wait_for("step 2 of 6");
    // From its own checklist the key leads back to the step that waits.
    settled(&mut tty);
    tty.send("\x1b[D");
    tty.wait_for("step 1 of 6");
    resume(&mut tty);
    tty.wait_for("step 2 of 6");
}

#[test]
fn sessions_whose_host_was_killed_start_one_another_and_say_so() {
    let counter = Counter::open();
    let mut ttys: Vec<Tty> = (0..3).map(|_| face(&counter)).collect();
    for _ in 0..3 {
        let host = counter.host();
        for tty in &mut ttys {
            // The next notice is a new one.
            settled(tty);
            tty.send("\x1b[B");
            tty.wait("no notice", |s| !s.contents().contains("is back"));
        }
        kill_process(host, Signal::KILL).expect("it is there");
        // Nobody presses a key.
        for tty in &mut ttys {
            tty.wait_for("was gone and is back");
        }
        wait_sessions(&counter, 3);
        assert_ne!(counter.host(), host);
    }
    counter.is_sound();
}

#[test]
fn an_answer_on_its_way_when_the_host_dies_is_recorded_once() {
    let counter = Counter::open();
    let mut tty = face(&counter);
    begin(&mut tty);
    for step in 0..ANSWERS.len() {
        settled(&mut tty);
        let host = counter.host();
        // Killed before it could read the answer, and at whatever moment it is at.
        let unread = step % 2 == 0;
        if unread {
            kill_process(host, Signal::STOP).expect("it is there");
        }
        type_answer(&mut tty, step);
        if unread {
            tty.is_silent(Duration::from_millis(150));
        }
        kill_process(host, Signal::KILL).expect("it is there");
        wait_gone(host);
        // The notice may come before the key is taken in, and goes with it.
        let (count, mut noticed) = (u32::try_from(step + 1).expect("small"), false);
        tty.wait("the answer and the notice", |screen| {
            let text = screen.contents();
            noticed |= text.contains("was gone and is back");
            noticed && (saved(&text) == Some(count) || text.contains("s sign"))
        });
        assert_ne!(counter.host(), host);
        counter.answered_once(step + 1);
    }
    sign(&mut tty);
    assert_eq!(counter.inspection()["outcome"], "passed");
    counter.is_sound();
}

#[test]
fn a_stopped_session_goes_on_and_sees_what_happened_meanwhile() {
    let counter = Counter::open();
    let mut tty = face(&counter);
    begin(&mut tty);
    answer(&mut tty, 0);
    settled(&mut tty);
    tty.kill(Signal::STOP);
    let mut other = face(&counter);
    resume(&mut other);
    answer(&mut other, 1);
    answer(&mut other, 2);
    assert_eq!(tty.state(), 'T');
    tty.kill(Signal::CONT);
    wait_saved(&mut tty, 3);
    resume(&mut tty);
    tty.wait_for("step 4 of 6");
    answer(&mut tty, 3);
    wait_saved(&mut other, 4);
    counter.answered_once(4);
}

/// Seconds that the screen shows for a count-down that runs.
fn left(screen: &vt100::Screen) -> Option<u32> {
    let text = screen.contents();
    let shown = text.lines().find(|line| line.contains(" left"))?;
    shown.split_whitespace().find_map(|word| {
        let (minutes, seconds) = word.split_once(':')?;
        Some(minutes.parse::<u32>().ok()? * 60 + seconds.parse::<u32>().ok()?)
    })
}

#[test]
fn a_count_down_goes_on_while_its_technician_and_the_host_are_away() {
    let counter = Counter::with_count_down();
    let mut tty = face(&counter);
    begin(&mut tty);
    for step in 0..ANSWERS.len() {
        answer(&mut tty, step);
    }
    settled(&mut tty);
    tty.send("t");
    tty.wait("a count-down", |screen| left(screen).is_some());
    let (first, began) = (left(tty.screen()).expect("it runs"), Instant::now());
    tty.hang_up();
    tty.wait_exit();
    kill_process(counter.host(), Signal::KILL).expect("it is there");
    let mut again = face(&counter);
    resume(&mut again);
    again.wait("the same count-down", |screen| {
        left(screen).is_some_and(|now| now + 3 <= first)
    });
    let now = left(again.screen()).expect("it runs");
    let away = u32::try_from(began.elapsed().as_secs()).expect("short");
    assert!(
        (now + away).abs_diff(first) <= 2,
        "{first} s were left, {away} s ago; now {now} s"
    );
}

#[test]
fn a_session_that_may_not_start_a_host_says_that_there_is_none_and_waits_for_one() {
    let counter = Counter::open();
    let socket = counter.shop().store().join("host/socket");
    let mut tty = counter
        .face()
        .env("TAGOUT_HOST", &socket.display().to_string())
        .spawn();
    tty.wait_for("● in service");
    begin(&mut tty);
    answer(&mut tty, 0);
    kill_process(counter.host(), Signal::KILL).expect("it is there");
    tty.wait_for("Nothing can be recorded");
    // An answer is refused at once, in words, and not kept for later.
    type_answer(&mut tty, 1);
    settled(&mut tty);
    tty.wait_for("Nothing can be recorded");
    // Somebody starts one.
    counter.answered_once(1);
    tty.wait_for("was gone and is back");
    answer(&mut tty, 1);
    counter.answered_once(2);
}
