//! Start of the program to its first frame, through a real pseudo-terminal, against starting the same program for
//! `--version` (what a process costs here) and nano where it is installed: `cargo bench --bench paint`.

mod support;

use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use support::{Series, print_table};

/// Starts a program in a 120x40 terminal and waits until its output holds `mark`.
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
    let mut nano = Series::new("nano: start to first output");
    for _ in 0..15 {
        for (series, took) in [
            (&mut ours, until(program, &[], &env, b"\x1b[?2026l")),
            (&mut devices, until(program, &[], &env, b"BME")),
            (
                &mut version,
                until(program, &["--version"], &env, b"tagout"),
            ),
            (&mut nano, until("nano", &[], &env, b"\x1b[?1049h")),
        ] {
            if let Some(took) = took {
                series.add(took);
            }
        }
    }
    print_table("start", &[&ours, &devices, &version, &nano]);
}
