//! What the people of the demo hospital know while the story goes on: who has which key, which procedures are adopted,
//! where the devices are recorded, and which maintenance is open.
//!
//! Invariant: lists only, in the order in which things were made, so that every draw from them repeats.

use std::sync::Arc;

use chrono::NaiveDate;

use super::fleet::Planned;
use super::people::{INSTRUMENTS, PEOPLE};
use super::random::Random;
use crate::bench::{Failure, SigningKey, View};
use crate::domain::context::World as _;
use crate::domain::id::{EntityId, Hash};
use crate::domain::procedure::Procedure;
use crate::domain::refusal::Refusal;

/// Maintenance that is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenPm {
    /// The order.
    pub order: EntityId,
    /// The device, by its place in the fleet.
    pub device: usize,
    /// When it is due.
    pub due: NaiveDate,
}

/// The hospital while the story goes on.
pub struct Hospital {
    /// The seed of everything.
    pub seed: u64,
    /// The last day of the story.
    pub today: NaiveDate,
    /// The fleet.
    pub fleet: Vec<Planned>,
    /// The record of each device of the fleet, once it is registered.
    pub records: Vec<Option<EntityId>>,
    /// The shop's procedures by code.
    pub procedures: Vec<(Hash, Procedure)>,
    /// Test equipment, in the order of [`INSTRUMENTS`].
    pub tools: Vec<Option<EntityId>>,
    /// Open maintenance.
    pub open: Vec<OpenPm>,
    /// How many answers were recorded.
    pub answers: u64,
    /// How many inspections were signed.
    pub inspections: u64,
    keys: Vec<(&'static str, Arc<SigningKey>)>,
}

impl Hospital {
    /// A hospital on its first morning.
    pub fn new(
        seed: u64,
        today: NaiveDate,
        fleet: Vec<Planned>,
        procedures: Vec<Procedure>,
        keys: Vec<(&'static str, Arc<SigningKey>)>,
    ) -> Self {
        Self {
            seed,
            today,
            records: vec![None; fleet.len()],
            fleet,
            procedures: procedures.into_iter().map(|p| (p.hash().0, p)).collect(),
            tools: vec![None; INSTRUMENTS.len()],
            open: Vec::new(),
            answers: 0,
            inspections: 0,
            keys,
        }
    }

    /// A stream of numbers for one matter of one device.
    pub fn random(&self, matter: &str, number: u64) -> Random {
        Random::numbered(self.seed, matter, number)
    }

    /// A technician's signing key.
    pub fn key(&self, who: &str) -> Result<Arc<SigningKey>, Failure> {
        self.keys
            .iter()
            .find(|(key, _)| *key == who)
            .map(|(_, key)| Arc::clone(key))
            .ok_or_else(|| missing(format!("{who} has no signing key in the demo.")))
    }

    /// The public keys, for enrolment.
    pub fn public_keys(&self) -> Vec<(&'static str, [u8; 32])> {
        self.keys
            .iter()
            .map(|(who, key)| (*who, key.public()))
            .collect()
    }

    /// A procedure by code.
    pub fn procedure(&self, code: &str) -> Option<&(Hash, Procedure)> {
        self.procedures
            .iter()
            .find(|(_, procedure)| procedure.code == code)
    }

    /// The record of a device.
    pub fn record(&self, device: usize) -> Result<EntityId, Failure> {
        self.records.get(device).copied().flatten().ok_or_else(|| {
            missing(format!(
                "Device {device} of the demo is not registered yet."
            ))
        })
    }

    /// The planned device.
    pub fn planned(&self, device: usize) -> Result<&Planned, Failure> {
        self.fleet
            .get(device)
            .ok_or_else(|| missing(format!("The demo has no device {device}.")))
    }

    /// Test equipment that is good on this day, one of each kind.
    pub fn good_tools(
        &self,
        view: &View<'_>,
        kinds: &[String],
        day: NaiveDate,
    ) -> Vec<(String, EntityId)> {
        kinds
            .iter()
            .filter_map(|kind| {
                INSTRUMENTS
                    .iter()
                    .zip(&self.tools)
                    .filter(|(instrument, _)| instrument.kind.eq_ignore_ascii_case(kind))
                    .filter_map(|(_, id)| *id)
                    .find(|id| {
                        view.tool(*id)
                            .is_some_and(|tool| tool.status_on(day).is_good())
                    })
                    .map(|id| (kind.clone(), id))
            })
            .collect()
    }
}

/// Somebody for routine work.
pub fn somebody(random: &mut Random) -> &'static str {
    random
        .weighted(PEOPLE, |person| person.share)
        .map_or(super::people::DEFAULT, |person| person.key)
}

/// The story names something that is not there: a mistake in the demo, said in words.
pub fn missing(what: String) -> Failure {
    Refusal::not_found(
        what,
        "Report this; it is a mistake in the demo. Nothing was recorded.",
    )
    .into()
}
