//! A session with a screen: keys are pressed while hosts come and go, the terminal is hung up or the program killed, and
//! another is opened. At the end each finds what was recorded last.

use std::time::Duration;

use rustix::process::Signal;

use super::{Phase, Soak};
use crate::support::pty::{Start, Tty};

/// The device that is added last.
pub const LAST: &str = "LAST-1";

fn open(soak: &Soak) -> Tty {
    let mut tty = Start::new(env!("CARGO_BIN_EXE_tagout"))
        .env("HOME", &soak.shop.home.display().to_string())
        .env("TAGOUT_STORE", &soak.shop.store.display().to_string())
        .env("TAGOUT_IDLE", "60")
        .spawn();
    tty.wait_for("DESK-");
    tty
}

/// Works until it is time to stop.
pub fn work(soak: &Soak, number: usize) {
    let mut dice = soak.dice(number);
    let mut tty = open(soak);
    while soak.phase() != Phase::Stop {
        match dice.below(60) {
            // On a full disk another may not be able to open.
            0 | 1 if soak.phase() > Phase::Work => {}
            0 => {
                tty.kill(Signal::KILL);
                tty.wait_exit();
                tty = open(soak);
            }
            1 => {
                tty.hang_up();
                tty.wait_exit_unread();
                tty = open(soak);
            }
            draw => tty.send(if draw % 2 == 0 { "\x1b[B" } else { "\x1b[A" }),
        }
        tty.is_silent(Duration::from_millis(20 + dice.below(60)));
    }
    tty.send("\x1b[B");
    tty.wait_for("/ find");
    tty.send("/");
    tty.wait_for("into the list");
    for letter in LAST.chars() {
        // As a person types, not as a scanner does.
        tty.send(letter.to_string());
        tty.is_silent(Duration::from_millis(60));
    }
    tty.wait("the device that was added last", |screen| {
        screen.contents().matches(LAST).count() > 1
    });
    tty.hang_up();
    tty.wait_exit_unread();
}
