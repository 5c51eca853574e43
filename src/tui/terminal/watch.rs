//! Everything that can end or stop the program from outside: signals, a hung-up line, a stopped job.
//!
//! Invariants: shutting down never depends on the input thread, which spins inside crossterm once the tty is gone; the
//! hang-up is noticed twice over (SIGHUP, and a `poll` that asks for no event and so wakes only when the line dies); a
//! UI thread that is stuck in a write to a stalled terminal cannot keep the process alive. That forced end is safe
//! because acknowledged work is already durable.

use std::io;
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use nix::unistd::{Pid, getpgid, getppid, getsid};
use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use super::modes;

/// How long a terminated program may take to leave by itself.
const GRACE: Duration = Duration::from_millis(1500);
/// The same after a hang-up: nobody is there to wait for, and the next session wants the store.
const GRACE_HANG_UP: Duration = Duration::from_millis(800);

/// What the outside wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outside {
    /// The window changed its size.
    Resized,
    /// The process was stopped and runs again.
    Continued,
    /// Somebody asks the process to stop (SIGTSTP from outside).
    StopAsked,
    /// A terminating signal.
    Terminate(i32),
    /// The line is gone.
    HungUp,
}

/// Starts the signal thread and the hang-up watchdog. `tell` returns false when nobody listens any more.
pub(super) fn start(tell: impl Fn(Outside) -> bool + Clone + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGCONT, SIGTSTP, SIGWINCH])?;
    let tell_signal = tell.clone();
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for signal in signals.forever() {
                let outside = match signal {
                    SIGWINCH => Outside::Resized,
                    SIGCONT => Outside::Continued,
                    SIGTSTP => Outside::StopAsked,
                    SIGHUP => Outside::HungUp,
                    other => Outside::Terminate(other),
                };
                force_exit_later(outside);
                if !tell_signal(outside) {
                    return;
                }
            }
        })?;
    let line = io::stdin().as_fd().try_clone_to_owned()?;
    thread::Builder::new()
        .name("hang-up".into())
        .spawn(move || {
            loop {
                let mut fds = [PollFd::new(&line, PollFlags::empty())];
                match poll(&mut fds, None) {
                    Err(rustix::io::Errno::INTR) => continue,
                    Err(e) => {
                        tracing::warn!("cannot watch the line for a hang-up: {e}");
                        return;
                    }
                    Ok(_) => {}
                }
                let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
                if fds.iter().any(|fd| fd.revents().intersects(gone)) {
                    force_exit_later(Outside::HungUp);
                    tell(Outside::HungUp);
                    return;
                }
            }
        })?;
    Ok(())
}

/// Ends the process after the grace period, whatever the other threads do. The exit code is the shell's convention for
/// a signal (128 + number).
fn force_exit_later(outside: Outside) {
    let (signal, grace) = match outside {
        Outside::HungUp => (SIGHUP, GRACE_HANG_UP),
        Outside::Terminate(signal) => (signal, GRACE),
        Outside::Resized | Outside::Continued | Outside::StopAsked => return,
    };
    let end = move || {
        thread::sleep(grace);
        tracing::warn!(
            "did not end by itself in time (does the terminal take no output?); ended now"
        );
        modes::leave_without_output();
        low_level::exit(128 + signal);
    };
    if thread::Builder::new()
        .name("forced exit".into())
        .spawn(end)
        .is_err()
    {
        tracing::warn!("cannot watch over the exit: no thread to be had");
    }
}

/// True when a job-control shell stands behind us and can continue us: our parent is in our session but in another
/// process group. Under `ssh host tagout` or a forced command nobody could, and the session would freeze for ever.
///
/// In a container a session or group may be led by a process that cannot be seen from inside; the kernel then names it
/// 0, which is nobody to rely on.
pub(super) fn can_suspend() -> bool {
    let seen = |id: nix::Result<Pid>| id.ok().filter(|id| id.as_raw() > 0);
    let Some(parent) = seen(Ok(getppid())) else {
        return false;
    };
    let session = seen(getsid(None));
    let groups = (seen(getpgid(Some(parent))), seen(getpgid(None)));
    session.is_some()
        && session == seen(getsid(Some(parent)))
        && matches!(groups, (Some(theirs), Some(ours)) if theirs != ours)
}

/// Stops the process; returns when it is continued.
pub(super) fn stop() -> io::Result<()> {
    low_level::emulate_default_handler(SIGTSTP)
}
