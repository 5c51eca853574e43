//! Start of the program to its first frame, and to the devices on it, through a real pseudo-terminal, against starting
//! the same program for `--version` (what a process costs here) and the editors vim and nano where they are installed:
//! `cargo bench --bench paint`. Last, `demo` on an empty folder: from nothing to the made hospital on the screen.

mod support;

use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use support::{Series, print_table};

/// How the asset tags of the demo hospital begin.
const TAG: &[u8] = b"SB-1";
/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a program in a 120x40 terminal and waits until its output holds `mark`; `None` where there is no such program.
fn until(program: &str, args: &[&str], env: &[(&str, &str)], mark: &[u8]) -> Option<Duration> {
    let (mut pty, pts) = pty_process::blocking::open().ok()?;
    pty.resize(pty_process::Size::new(40, 120)).ok()?;
    let start = Instant::now();
    let command = pty_process::blocking::Command::new(program)
        .args(args)
        .env_clear()
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(env.iter().copied());
    let mut child = command.spawn(pts).ok()?;
    let mut seen = Vec::new();
    let mut buffer = vec![0u8; 65536];
    let took = loop {
        assert!(
            readable(&pty, PATIENCE.saturating_sub(start.elapsed())),
            "{program} {args:?} never showed {:?}",
            String::from_utf8_lossy(mark)
        );
        let read = pty.read(&mut buffer).ok()?;
        seen.extend_from_slice(buffer.get(..read)?);
        if seen.windows(mark.len()).any(|part| part == mark) {
            break start.elapsed();
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    Some(took)
}

fn readable(pty: &pty_process::blocking::Pty, patience: Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let limit = Timespec {
        tv_sec: patience.as_secs() as i64,
        tv_nsec: i64::from(patience.subsec_nanos()),
    };
    let mut fds = [PollFd::new(pty, PollFlags::IN | PollFlags::HUP)];
    poll(&mut fds, Some(&limit)).is_ok_and(|ready| ready > 0)
}

fn main() {
    let dir = support::folder();
    let store = dir.path().join("store").display().to_string();
    let home = dir.path().display().to_string();
    let program = env!("CARGO_BIN_EXE_tagout");
    let filled = std::process::Command::new(program)
        .args(["demo", "--no-tui", "--store", &store])
        .env("HOME", &home)
        .stdout(Stdio::null())
        .status();
    assert!(
        filled.is_ok_and(|status| status.success()),
        "the demo hospital could not be made"
    );
    let env = [("HOME", home.as_str()), ("TAGOUT_STORE", store.as_str())];
    let mut ours = Series::new("tagout: start to first frame");
    let mut devices = Series::new("tagout: start to the bench, 1,500 devices");
    let mut version = Series::new("tagout --version");
    let mut vim = Series::new("vim: start to its screen");
    let mut nano = Series::new("nano: start to its screen");
    let mut demo = Series::new("tagout demo: nothing to the made hospital");
    for _ in 0..15 {
        for (series, took) in [
            (&mut ours, until(program, &[], &env, b"\x1b[?2026l")),
            (&mut devices, until(program, &[], &env, TAG)),
            (
                &mut version,
                until(program, &["--version"], &env, b"tagout"),
            ),
            (&mut vim, until("vim", &["--clean"], &env, b"\x1b[?1049h")),
            (&mut nano, until("nano", &[], &env, b"\x1b[?1049h")),
        ] {
            if let Some(took) = took {
                series.add(took);
            }
        }
    }
    for _ in 0..5 {
        let fresh = support::folder();
        let store = fresh.path().join("store").display().to_string();
        let env = [("HOME", home.as_str()), ("TAGOUT_STORE", store.as_str())];
        if let Some(took) = until(program, &["demo"], &env, TAG) {
            demo.add(took);
        }
    }
    print_table("start", &[&ours, &devices, &version, &vim, &nano]);
    print_table("start with `demo` on an empty folder", &[&demo, &version]);
}
