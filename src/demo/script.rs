//! The story as a play: scenes wait for their hour, each gives moves, each move becomes one command of the bench.
//!
//! Invariants: time only goes forward; scenes of the same hour come in the order in which they were written; nothing
//! depends on a hash map's order. So the same scenes give the same commands.

use std::collections::{BTreeMap, VecDeque};

use chrono::NaiveDate;

use super::hospital::Hospital;
use super::random::Random;
use crate::bench::clock::moment;
use crate::bench::{Act, BulkStep, Failure, Made, SignRequest, View};
use crate::domain::command::Command;
use crate::domain::context::Context;
use crate::domain::event::{Addressed, Kind};
use crate::domain::id::{CommandId, EntityId};

/// Something that happens at its hour.
pub type Scene = Box<dyn FnOnce(&mut Stage<'_, '_>) -> Result<Vec<Move>, Failure>>;

/// One thing that happens.
pub enum Move {
    /// So many seconds pass.
    Wait(i64),
    /// Somebody tells the bench something.
    Tell(&'static str, Command),
    /// Somebody tells several things that were done in one go, recorded together.
    TellAll(&'static str, Vec<Command>),
    /// Somebody signs.
    Sign(&'static str, SignRequest),
    /// What comes next follows from what was just recorded.
    Then(Scene),
    /// Another scene waits for its hour (microseconds since 1970 UTC).
    At(i64, Scene),
}

/// A scene that follows at once.
pub fn then(
    scene: impl FnOnce(&mut Stage<'_, '_>) -> Result<Vec<Move>, Failure> + 'static,
) -> Move {
    Move::Then(Box::new(scene))
}

/// A scene that waits.
pub fn when(
    at: i64,
    scene: impl FnOnce(&mut Stage<'_, '_>) -> Result<Vec<Move>, Failure> + 'static,
) -> Move {
    Move::At(at, Box::new(scene))
}

/// What a scene sees.
pub struct Stage<'s, 'v> {
    /// The hospital and what its people know.
    pub hospital: &'s mut Hospital,
    /// The state of the store so far.
    pub view: &'s View<'v>,
    /// The events of the last command.
    pub last: &'s [Addressed],
    /// Ids and numbers.
    pub context: &'s Context,
    /// The shop's day in the story.
    pub day: NaiveDate,
    /// The story's clock.
    pub now: i64,
}

impl Stage<'_, '_> {
    /// What the last command made of this kind; the first of several.
    pub fn made(&self, kind: Kind) -> Option<EntityId> {
        self.last
            .iter()
            .find(|event| event.to().kind == kind)
            .map(|event| event.id)
    }
}

/// The play.
pub struct Script {
    hospital: Hospital,
    waiting: BTreeMap<(i64, u64), Scene>,
    moves: VecDeque<Move>,
    written: u64,
    now: i64,
    end: i64,
    ids: Random,
}

impl Script {
    /// A play that begins and ends at these hours.
    pub fn new(hospital: Hospital, begin: i64, end: i64) -> Self {
        let ids = Random::new(hospital.seed, "commands");
        Self {
            hospital,
            waiting: BTreeMap::new(),
            moves: VecDeque::new(),
            written: 0,
            now: begin,
            end,
            ids,
        }
    }

    /// Adds a scene.
    pub fn scene(
        &mut self,
        at: i64,
        scene: impl FnOnce(&mut Stage<'_, '_>) -> Result<Vec<Move>, Failure> + 'static,
    ) {
        self.insert(at, Box::new(scene));
    }

    fn insert(&mut self, at: i64, scene: Scene) {
        // What would happen after the end does not happen.
        if at <= self.end {
            self.written += 1;
            self.waiting.insert((at, self.written), scene);
        }
    }

    /// The hospital at the end.
    pub fn into_hospital(self) -> Hospital {
        self.hospital
    }

    /// The next command.
    pub fn next(&mut self, made: &Made<'_>) -> Result<Option<BulkStep>, Failure> {
        loop {
            let scene = match self.moves.pop_front() {
                Some(Move::Wait(seconds)) => {
                    self.now = self
                        .now
                        .saturating_add(seconds.max(0).saturating_mul(1_000_000));
                    continue;
                }
                Some(Move::At(at, scene)) => {
                    self.insert(at, scene);
                    continue;
                }
                Some(Move::Then(scene)) => scene,
                Some(Move::Tell(who, command)) => {
                    return Ok(Some(self.step(who, Act::Tell(Box::new(command)))));
                }
                Some(Move::TellAll(who, commands)) => {
                    return Ok(Some(self.step(who, Act::TellAll(commands))));
                }
                Some(Move::Sign(who, request)) => {
                    let key = self.hospital.key(who)?;
                    return Ok(Some(self.step(who, Act::Sign(request, key))));
                }
                None => match self.waiting.pop_first() {
                    Some(((at, _), scene)) => {
                        self.now = self.now.max(at);
                        scene
                    }
                    None => return Ok(None),
                },
            };
            let mut stage = Stage {
                hospital: &mut self.hospital,
                view: made.view,
                last: made.last,
                context: made.context,
                day: moment(self.now, super::calendar::ZONE).date(),
                now: self.now,
            };
            for next in scene(&mut stage)?.into_iter().rev() {
                self.moves.push_front(next);
            }
        }
    }

    fn step(&mut self, who: &str, act: Act) -> BulkStep {
        // No two commands in the same second, and none after the end.
        self.now = (self.now + 1_000_000).min(self.end);
        BulkStep {
            id: CommandId(self.ids.bytes16()),
            actor: who.to_owned(),
            at: Some(self.now),
            act,
        }
    }
}
