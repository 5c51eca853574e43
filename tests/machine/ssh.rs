//! The real program at the far end of a real ssh connection: at work, cut off, without a terminal, and asked to stop.
//!
//! Needs sshd and ssh; without them it says so and ends, or fails if `TAGOUT_REQUIRE` names `ssh`.

use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use tempfile::TempDir;

use crate::sshd::Sshd;
use crate::support::hospital::{Hospital, PUMP, saved, settled};
use crate::support::pty::{LIMIT, Tty};

pub fn server(dir: &TempDir) -> Sshd {
    Sshd::start(dir.path()).expect("an ssh server")
}

/// What the far end runs: the program on this hospital.
fn remote(hospital: &Hospital) -> String {
    let at = |name: &str| hospital.dir().join(name).display().to_string();
    format!(
        "exec env HOME={} XDG_STATE_HOME={} XDG_CONFIG_HOME={} XDG_DATA_HOME={} TAGOUT_STORE={} LANG=C.UTF-8 \
         TAGOUT_CLOCK=2026-11-23T14:00:00Z {} --as mrivera",
        at("home"),
        at("state"),
        at("config"),
        at("data"),
        at("store"),
        env!("CARGO_BIN_EXE_tagout")
    )
}

fn login(server: &Sshd, hospital: &Hospital) -> Tty {
    let mut tty = server.on_a_terminal(&remote(hospital)).spawn();
    tty.wait_for("120 devices");
    tty
}

/// The checklist of the pump, from the lookup: scanned, and started or gone on with.
fn checklist(tty: &mut Tty) {
    settled(tty);
    tty.send(format!("{PUMP}\r"));
    tty.wait_for(&format!("Scanned {PUMP}"));
    settled(tty);
    tty.send("s");
    tty.wait_for(" of 9 done");
}

fn answer(tty: &mut Tty, keys: &str, count: u32) {
    settled(tty);
    tty.send(keys);
    tty.wait(&format!("{count} answers saved after {keys:?}"), |s| {
        saved(&s.contents()) == Some(count)
    });
}

/// The process that holds the hospital's store, and who started it.
fn program_of(hospital: &Hospital) -> (OwnedFd, Pid) {
    let holder = std::fs::read_to_string(hospital.dir().join("store/lock.holder")).expect("held");
    let number = |text: &str| -> Pid {
        let raw = text.trim().parse().expect("a process number");
        Pid::from_raw(raw).expect("a process number")
    };
    let pid = number(holder.split(' ').nth(1).expect("a process number"));
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).expect("it runs");
    let parent = status
        .lines()
        .find_map(|line| line.strip_prefix("PPid:"))
        .expect("it has a parent");
    let pidfd = pidfd_open(pid, PidfdFlags::empty()).expect("it runs");
    (pidfd, number(parent))
}

/// Waits until a process is gone.
#[track_caller]
pub fn gone(pidfd: &OwnedFd, what: &str) {
    let time = Timespec {
        tv_sec: LIMIT.as_secs() as i64,
        tv_nsec: 0,
    };
    let ended = loop {
        match poll(&mut [PollFd::new(pidfd, PollFlags::IN)], Some(&time)) {
            Err(rustix::io::Errno::INTR) => {}
            ready => break ready.expect("poll works") > 0,
        }
    };
    assert!(ended, "{what}: the program stays behind at the far end");
}

pub fn a_link_that_is_cut_ends_the_program_and_keeps_the_answer() {
    let dir = TempDir::new().expect("a temporary folder");
    let server = server(&dir);
    let hospital = Hospital::open();
    for (round, session) in [false, true].into_iter().enumerate() {
        let mut tty = login(&server, &hospital);
        let front = u32::try_from(round).expect("small");
        checklist(&mut tty);
        let text = tty.text();
        assert_eq!(saved(&text), Some(front), "{text}");
        assert!(text.contains(&format!("step {} of 9", front + 1)), "{text}");
        let keys = [format!("{PUMP}\r"), "p".to_owned()];
        answer(&mut tty, &keys[round], front + 1);
        let (program, parent) = program_of(&hospital);
        if session {
            // The server's end of the session dies.
            kill_process(parent, Signal::KILL).expect("it runs as we do");
            gone(&program, "the session was killed");
            tty.wait_exit();
        } else {
            // The client dies; the server sees the connection close.
            tty.kill(Signal::KILL);
            tty.wait_exit();
            gone(&program, "the client was killed");
        }
    }
    // Both answers are there, and the step behind them is in front.
    let mut tty = login(&server, &hospital);
    checklist(&mut tty);
    let text = tty.text();
    assert_eq!(saved(&text), Some(2), "{text}\n{}", server.log());
    assert!(text.contains("step 3 of 9"), "{text}");
    drop(tty);
}

pub fn without_a_terminal_it_refuses_in_words() {
    let dir = TempDir::new().expect("a temporary folder");
    let server = server(&dir);
    let hospital = Hospital::open();
    let out = server
        .without_a_terminal(&remote(&hospital))
        .output()
        .expect("ssh runs");
    let words = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{out:?}");
    assert!(
        words.contains("not a terminal") && words.contains("ssh -t"),
        "{words}"
    );
    assert!(!out.stdout.contains(&0x1b) && !out.stderr.contains(&0x1b));
    // A line command needs none.
    let found = server
        .without_a_terminal(&format!("{} device show {PUMP} --json", remote(&hospital)))
        .output()
        .expect("ssh runs");
    let shown: serde_json::Value = serde_json::from_slice(&found.stdout).expect("JSON");
    assert_eq!(shown["tag"], PUMP, "{found:?}");
}

pub fn ctrl_z_without_a_shell_behind_it_says_so_and_goes_on() {
    let dir = TempDir::new().expect("a temporary folder");
    let server = server(&dir);
    let hospital = Hospital::open();
    let mut tty = login(&server, &hospital);
    settled(&mut tty);
    tty.send("\x1a");
    tty.wait("words about the missing shell", |s| {
        s.contents().contains("shell")
    });
    settled(&mut tty);
    tty.send("Plum");
    tty.wait_for("/ Plum");
    let (program, _) = program_of(&hospital);
    tty.send("\x03");
    gone(&program, "asked to quit");
    assert!(tty.wait_exit().success());
}
