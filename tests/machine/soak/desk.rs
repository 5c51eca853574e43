//! A session that runs one command after the other, each a process of its own: answers of a checklist, and notes.

use std::io::{Read as _, Seek as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus, Stdio};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde_json::Value;

use super::shop::STEPS;
use super::{Phase, Soak, lock, mark};

/// How a command ended.
enum End {
    Done,
    /// By the killer, perhaps after its work.
    Killed {
        said: bool,
    },
    NotDone(String),
}

/// Runs a command that the killer may find.
fn run(soak: &Soak, slot: usize, command: &mut Command) -> (End, String) {
    // Files, not pipes: what was written before the kill is there afterwards.
    let mut out = tempfile::tempfile().expect("a file");
    let mut err = tempfile::tempfile().expect("a file");
    let copy = |file: &std::fs::File| Stdio::from(file.try_clone().expect("a descriptor"));
    let child = command
        .stdout(copy(&out))
        .stderr(copy(&err))
        .spawn()
        .expect("the program starts");
    let pidfd = pidfd_open(Pid::from_child(&child), PidfdFlags::empty()).expect("a pidfd");
    *lock(&soak.slots[slot]) = Some(child);
    while poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], None).is_err() {}
    let status: ExitStatus = lock(&soak.slots[slot])
        .take()
        .expect("only its own thread takes it")
        .wait()
        .expect("it is ours");
    let text = |file: &mut std::fs::File| {
        let mut bytes = Vec::new();
        file.rewind()
            .and_then(|()| file.read_to_end(&mut bytes))
            .expect("a file");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let (out, err) = (text(&mut out), text(&mut err));
    let end = match (status.code(), status.signal()) {
        (Some(0), _) => End::Done,
        (None, Some(9)) => End::Killed {
            said: out.ends_with('\n'),
        },
        _ => End::NotDone(format!("{status}: {}", err.trim())),
    };
    (end, out)
}

/// Whether a step of an inspection is answered, asked until the asker is not killed.
fn is_answered(soak: &Soak, slot: usize, inspection: &str, step: &str) -> Option<bool> {
    loop {
        let mut ask = soak
            .shop
            .command(&["inspection", "show", inspection, "--json"]);
        match run(soak, slot, &mut ask) {
            (End::Done, out) => {
                let shown: Value = serde_json::from_str(&out).expect("JSON");
                let steps = shown["steps"].as_array().expect("steps");
                let step = steps.iter().find(|found| found["id"] == step);
                return Some(step.expect("the step")["state"] == "done");
            }
            (End::Killed { .. }, _) => {}
            (End::NotDone(words), _) => {
                soak.not_done(&format!("desk {slot} looks"), &words);
                return None;
            }
        }
    }
}

/// Works until it is time to stop.
pub fn work(soak: &Soak, slot: usize) {
    let mut dice = soak.dice(slot);
    let inspection = soak.shop.inspections[slot].clone();
    let (mut number, mut step) = (0, 0);
    // An answer to this step was on its way when its sender was killed: it may be recorded after the desk has looked.
    let mut on_its_way = false;
    while soak.phase() != Phase::Stop {
        number += 1;
        let mark = mark(slot, 0, number);
        let answers = step < STEPS && dice.below(4) > 0;
        let id = format!("step-{step}");
        let arguments = if answers {
            ["inspection", "record", &id, &mark, "--on", &inspection].to_vec()
        } else {
            ["inspection", "note", &mark, "--on", &inspection].to_vec()
        };
        let (end, _) = run(soak, slot, &mut soak.shop.command(&arguments));
        let said = match end {
            End::Done | End::Killed { said: true } => {
                soak.acknowledged(&mark);
                true
            }
            End::Killed { said: false } => {
                on_its_way |= answers;
                false
            }
            End::NotDone(words) if on_its_way && words.contains("is answered already") => false,
            End::NotDone(words) => {
                soak.not_done(&format!("desk {slot}, {}", arguments[1]), &words);
                false
            }
        };
        if !answers {
            continue;
        }
        match is_answered(soak, slot, &inspection, &id) {
            Some(true) => {
                step += 1;
                on_its_way = false;
            }
            Some(false) if said => {
                soak.fault(format!(
                    "desk {slot}: {mark} was acknowledged and {id} has no answer"
                ));
                return;
            }
            Some(false) | None => {}
        }
    }
}
