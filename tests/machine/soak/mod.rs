//! Twenty sessions of one shop at work while sessions and hosts are killed at random, and at the end on a nearly full disk:
//! `TAGOUT_SOAK_SECONDS=300 cargo test --test machine soak`, with `TAGOUT_SEED` to run the same draws again.
//!
//! Every note and answer carries a mark of its own. At the end each mark that was acknowledged stands in the journal's
//! files once, no other stands there twice, every chain verifies, the rows equal rows built anew, and neither process,
//! socket nor lock is left behind. A session that was not killed itself must never be told that something failed, except
//! for want of room.

mod checks;
mod client;
mod desk;
mod face;
mod shop;

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hasher as _};
use std::process::Child;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::disk::SmallDisk;
use crate::support::kill::Dice;
use shop::Shop;

pub use client::session_process;

/// Sessions that run one command after the other.
const DESKS: usize = 11;
/// Sessions that stay on the line.
const CLIENTS: usize = 7;
/// Sessions with a screen.
const FACES: usize = 2;

const MIB: u64 = 1 << 20;
/// How long the sessions work on a full disk, and afterwards.
const FULL: Duration = Duration::from_secs(2);

/// What the sessions do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Work,
    Full,
    Stop,
}

/// What all sessions and the killer share.
struct Soak {
    shop: Shop,
    seed: u64,
    phase: AtomicU32,
    /// Marks whose note or answer was acknowledged.
    said: Mutex<BTreeSet<String>>,
    faults: Mutex<Vec<String>>,
    /// The process of each session, while it may be killed.
    slots: Vec<Mutex<Option<Child>>>,
    refused: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Soak {
    fn phase(&self) -> Phase {
        match self.phase.load(Ordering::SeqCst) {
            0 => Phase::Work,
            1 => Phase::Full,
            _ => Phase::Stop,
        }
    }

    fn enter(&self, phase: Phase) {
        self.phase.store(phase as u32, Ordering::SeqCst);
    }

    fn fault(&self, words: String) {
        println!("soak: {words}");
        lock(&self.faults).push(words);
    }

    fn acknowledged(&self, mark: &str) {
        lock(&self.said).insert(mark.to_owned());
    }

    /// A session that was not killed was told that something was not done.
    fn not_done(&self, who: &str, words: &str) {
        let for_want_of_room =
            words.to_lowercase().contains("nothing was saved") && words.contains("free");
        if for_want_of_room && self.phase() > Phase::Work {
            self.refused.fetch_add(1, Ordering::SeqCst);
        } else {
            self.fault(format!("{who}: {words}"));
        }
    }

    fn dice(&self, who: usize) -> Dice {
        Dice(self.seed.wrapping_add(1000 * who as u64))
    }
}

/// The mark of a session's note or answer; the checks look for this form.
fn mark(session: usize, life: u64, number: u64) -> String {
    format!("soak-{session:02}-{life:04}-{number:06}.")
}

fn asked<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// The test.
pub fn twenty_sessions_lose_nothing_while_sessions_and_hosts_are_killed() {
    let random = || std::hash::RandomState::new().build_hasher().finish();
    let seed = asked("TAGOUT_SEED").unwrap_or_else(random);
    let time = Duration::from_secs(asked("TAGOUT_SOAK_SECONDS").unwrap_or(8));
    println!(
        "soak: TAGOUT_SEED={seed}, {} sessions for {} s",
        DESKS + CLIENTS + FACES,
        time.as_secs()
    );
    let dir = tempfile::Builder::new()
        .prefix("soak")
        .tempdir()
        .expect("a temporary folder");
    let disk = match SmallDisk::new(dir.path().join("disk"), "700m") {
        Ok(disk) => Some(disk),
        Err(reason) => {
            println!("soak: NO DISK OF ITS OWN ({reason}): the nearly full disk is left out");
            None
        }
    };
    let home = dir.path().join("home");
    std::fs::create_dir(&home).expect("a folder");
    let store = disk
        .as_ref()
        .map_or_else(|| dir.path().join("s"), |disk| disk.path().join("s"));
    let soak = Soak {
        shop: Shop::make(&home, &store, DESKS),
        seed,
        phase: AtomicU32::new(0),
        said: Mutex::default(),
        faults: Mutex::default(),
        slots: (0..DESKS + CLIENTS).map(|_| Mutex::default()).collect(),
        refused: AtomicU64::new(0),
    };
    let killed = std::thread::scope(|scope| {
        let soak = &soak;
        for number in 0..DESKS {
            scope.spawn(move || desk::work(soak, number));
        }
        for number in DESKS..DESKS + CLIENTS {
            scope.spawn(move || client::work(soak, number));
        }
        let faces: Vec<_> = (DESKS + CLIENTS..DESKS + CLIENTS + FACES)
            .map(|number| scope.spawn(move || face::work(soak, number)))
            .collect();
        let killed = kill_at_random(soak, time);
        if let Some(disk) = &disk {
            fill_up(soak, disk);
        }
        soak.shop.done(&["device", "add", face::LAST]);
        soak.enter(Phase::Stop);
        for face in faces {
            if let Err(panic) = face.join() {
                let words = panic.downcast_ref::<String>().cloned().or_else(|| {
                    panic
                        .downcast_ref::<&str>()
                        .map(|words| (*words).to_owned())
                });
                soak.fault(format!("a screen: {}", words.unwrap_or_default()));
            }
        }
        killed
    });
    let said = lock(&soak.said).clone();
    println!(
        "soak: {} hosts and {} sessions killed, {} notes and answers acknowledged, {} refused for want of room",
        killed.hosts,
        killed.sessions,
        said.len(),
        soak.refused.load(Ordering::SeqCst)
    );
    checks::all(&soak, &said);
    let faults = lock(&soak.faults);
    assert!(
        faults.is_empty(),
        "TAGOUT_SEED={seed}, {} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(killed.hosts > 0 && killed.sessions > 0 && said.len() > 50);
    assert!(disk.is_none() || soak.refused.load(Ordering::SeqCst) > 0);
}

#[derive(Default)]
struct Killed {
    hosts: u64,
    sessions: u64,
}

fn kill_at_random(soak: &Soak, time: Duration) -> Killed {
    let mut dice = soak.dice(99);
    let mut killed = Killed::default();
    let end = Instant::now() + time;
    let mut host = Instant::now() + Duration::from_millis(500);
    while Instant::now() < end {
        // The pace of the accidents, not a wait for something.
        std::thread::sleep(Duration::from_millis(50 + dice.below(250)));
        let slot = &soak.slots[dice.below(soak.slots.len() as u64) as usize];
        if let Some(child) = lock(slot).as_mut()
            && child.kill().is_ok()
        {
            killed.sessions += 1;
        }
        if Instant::now() >= host {
            killed.hosts += u64::from(kill_host(soak));
            host = Instant::now() + Duration::from_millis(500 + dice.below(2500));
        }
    }
    killed
}

fn kill_host(soak: &Soak) -> bool {
    tagout::host::holder(&soak.shop.store)
        .and_then(|process| Pid::from_raw(process as i32))
        .is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok())
}

/// Others take nearly all room, then what the store had put by, then the last byte; then they make room again.
fn fill_up(soak: &Soak, disk: &SmallDisk) {
    soak.enter(Phase::Full);
    disk.fill("others", 20 * MIB);
    std::thread::sleep(FULL / 2);
    kill_host(soak);
    until(soak, "a host on the full disk", || {
        tagout::host::holder(&soak.shop.store).is_some()
    });
    std::thread::sleep(FULL / 2);
    disk.fill("more of others", 20 * MIB);
    std::thread::sleep(FULL / 2);
    disk.fill("the last of others", 0);
    std::thread::sleep(FULL / 2);
    kill_host(soak);
    std::thread::sleep(FULL / 2);
    for name in ["others", "more of others", "the last of others"] {
        std::fs::remove_file(disk.path().join(name)).expect("it is there");
    }
    let before = lock(&soak.said).len();
    until(soak, "work with room again", || {
        lock(&soak.said).len() > before + DESKS
    });
}

/// Waits for a state of the sessions; a fault if it does not come.
fn until(soak: &Soak, what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(40);
    while !holds() {
        if Instant::now() > end {
            soak.fault(format!("never: {what}"));
            return;
        }
        std::thread::yield_now();
    }
}
