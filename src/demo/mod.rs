//! A seeded, realistic hospital fleet with history.
//!
//! May use: `domain`, `bench`, `interop`.
//! Invariants: the same seed, size and day give the same journal, byte for byte; everything goes through real commands,
//! nothing is written past the deciders. The hospital, its people and its instructions are made up; makers, models and
//! product codes are public names.

mod calendar;
mod catalogue;
mod fleet;
mod history;
mod hospital;
mod oddities;
mod people;
mod places;
mod procedures;
mod prologue;
mod random;
mod reading;
mod repairs;
mod script;
mod today;
mod walk;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::NaiveDate;

use crate::bench::clock::Clock;
use crate::bench::{Bench, Failure, NewStore, SigningKey};

pub use people::{DEFAULT as TECHNICIAN, PASSPHRASE};

use calendar::{at, later};
use fleet::{HISTORY_DAYS, fleet};
use hospital::Hospital;
use people::PEOPLE;
use random::Random;
use script::Script;

/// How many devices the demo has when nobody says.
pub const DEVICES: u32 = 1_500;
/// The most devices that the demo makes.
pub const MOST_DEVICES: u32 = 100_000;
/// The hospital's name.
pub const HOSPITAL: &str = "St. Brigid Regional";

/// Which hospital.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DemoOptions {
    /// How many devices, from 1 to [`MOST_DEVICES`]; more are cut to that.
    pub devices: u32,
    /// The seed: another one gives another hospital.
    pub seed: u64,
    /// The day on which the story ends.
    pub today: NaiveDate,
}

/// What was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// Devices.
    pub devices: u32,
    /// Signed inspections.
    pub inspections: u64,
    /// Answers in all inspections.
    pub answers: u64,
    /// Journal entries written.
    pub entries: u64,
    /// The technician as whom to open.
    pub technician: &'static str,
    /// The passphrase of every technician's signing key.
    pub passphrase: &'static str,
}

impl DemoOptions {
    fn random(&self, stream: &str) -> Random {
        Random::new(self.seed, stream)
    }

    /// The store to be made for it: marked as a demonstration, with a key that follows from the seed.
    pub fn new_store(&self) -> NewStore {
        NewStore {
            seed: Some(self.random("site").demo_seed()),
            shop: format!("{HOSPITAL} (demonstration)"),
            prefix: "SBR".to_owned(),
            zone: calendar::ZONE.name().to_owned(),
            demo: true,
        }
    }

    /// The clock with which to open the store: it stands at the beginning of the story.
    pub fn clock(&self) -> Clock {
        Clock::set(self.begin())
    }

    fn begin(&self) -> i64 {
        at(later(self.today, -(HISTORY_DAYS as i64)), 5 * 60)
    }

    /// Where the story ends: 09:00 in the shop.
    pub fn end(&self) -> i64 {
        at(self.today, 9 * 60)
    }

    fn key_seed(&self, who: &str) -> [u8; 32] {
        self.random(&format!("key of {who}")).demo_seed()
    }
}

/// Fills an empty demonstration store: all of it or nothing. The bench must have been opened with
/// [`DemoOptions::new_store`] and [`DemoOptions::clock`]; the clock stands at the end of the story afterwards.
///
/// `progress` hears how many entries are done. A store that holds this demo already is left as it is.
pub fn fill(
    bench: &Bench,
    options: &DemoOptions,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, Failure> {
    let devices = options.devices.clamp(1, MOST_DEVICES);
    // Sealing a key is slow by design: it is done while the story is told.
    std::thread::scope(|scope| {
        let seal = || seal_keys(bench, options);
        let sealing = std::thread::Builder::new().spawn_scoped(scope, seal);
        let summary = tell(bench, options, devices, progress);
        match sealing {
            Ok(sealing) => sealing
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?,
            // No thread to be had.
            Err(_) => seal_keys(bench, options)?,
        }
        summary
    })
}

/// Seals the key of every technician who has none here yet.
fn seal_keys(bench: &Bench, options: &DemoOptions) -> Result<(), Failure> {
    let missing: Vec<_> = PEOPLE
        .iter()
        .filter(|person| !bench.keys().has(person.key))
        .map(|person| (person.key, options.key_seed(person.key)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Ok(bench.keys().create_made(&missing, PASSPHRASE)?)
}

fn tell(
    bench: &Bench,
    options: &DemoOptions,
    devices: u32,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, Failure> {
    let keys = PEOPLE
        .iter()
        .map(|person| {
            let key = SigningKey::from_seed(options.key_seed(person.key));
            (person.key, Arc::new(key))
        })
        .collect();
    let fleet = fleet(devices, options.seed, options.today);
    let hospital = Hospital::new(
        options.seed,
        options.today,
        fleet,
        procedures::procedures()?,
        keys,
    );
    // Nobody begins anything on the last morning but what that scene says.
    let curtain = at(options.today, 6 * 60 + 30);
    let mut script = Script::new(hospital, options.begin(), curtain, options.end());
    script.scene(options.begin(), prologue::first_morning);
    script.scene(curtain, today::last_morning);
    let done = bench.tell_bulk(0, &mut |made| script.next(made), progress)?;
    bench.clock().move_to(options.end());
    let hospital = script.into_hospital();
    Ok(Summary {
        devices,
        inspections: hospital.inspections,
        answers: hospital.answers,
        entries: done.entries,
        technician: TECHNICIAN,
        passphrase: PASSPHRASE,
    })
}
