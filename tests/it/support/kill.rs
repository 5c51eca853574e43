//! Processes that are killed at a random moment, and what they had said until then.

use std::io::{Read as _, Seek as _};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// Draws of a fixed seed (SplitMix64), so that a failure names a round that can be run again.
pub struct Dice(pub u64);

impl Dice {
    /// Any number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A moment within `whole`, or a little behind it.
    pub fn moment(&mut self, whole: Duration) -> Duration {
        let most = whole.as_micros() as u64 * 11 / 10;
        Duration::from_micros(self.below(most.max(1)))
    }
}

/// How a process ended, and what it had said.
#[derive(Debug)]
pub struct Fate {
    /// Its exit code; nothing if it was killed.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Fate {
    /// True if it said that the step is saved: its answer is printed behind the sync, and is whole when its last line
    /// is.
    pub fn acknowledged(&self) -> bool {
        self.out.ends_with('\n') && self.code.is_none_or(|code| code == 0)
    }
}

/// Runs a process and kills it at `moment`, if it has not ended before.
#[track_caller]
pub fn killed_at(command: &mut Command, moment: Duration) -> Fate {
    // Files, not pipes: what was written before the kill is there afterwards, and nobody has to read along.
    let mut out = tempfile::tempfile().expect("a file");
    let mut err = tempfile::tempfile().expect("a file");
    let copy = |file: &std::fs::File| Stdio::from(file.try_clone().expect("a descriptor"));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(copy(&out))
        .stderr(copy(&err))
        .spawn()
        .expect("the program starts");
    let pidfd = pidfd_open(Pid::from_child(&child), PidfdFlags::empty()).expect("a pidfd");
    let end = Instant::now() + moment;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let time = Timespec {
            tv_sec: left.as_secs() as i64,
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        match poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&time)) {
            Err(rustix::io::Errno::INTR) => {}
            ready => {
                ready.expect("poll works");
                break;
            }
        }
    }
    child.kill().expect("it is ours");
    let status: ExitStatus = child.wait().expect("it is ours");
    let mut fate = Fate {
        code: status.code(),
        out: String::new(),
        err: String::new(),
    };
    for (file, text) in [(&mut out, &mut fate.out), (&mut err, &mut fate.err)] {
        file.rewind().expect("a file");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("a file");
        *text = String::from_utf8_lossy(&bytes).into_owned();
    }
    assert!(!fate.err.contains("panicked at"), "{fate:?}");
    fate
}

/// How long a command takes on this machine, now; it must end well.
#[track_caller]
pub fn time_of(command: &mut Command) -> Duration {
    let start = Instant::now();
    let out = command.output().expect("the program runs");
    assert!(out.status.success(), "{out:?}");
    start.elapsed()
}

/// How many rounds to run: `usual`, or in proportion more if `TAGOUT_KILL_ROUNDS` asks for more than its usual 120.
pub fn rounds(usual: u64) -> u64 {
    let asked = std::env::var("TAGOUT_KILL_ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(USUAL_ROUNDS);
    (usual * asked).div_ceil(USUAL_ROUNDS).max(1)
}

/// The rounds of the longest test when nothing else is asked for.
const USUAL_ROUNDS: u64 = 120;
