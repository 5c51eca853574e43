//! Many commands as one transaction: all or none, each decided on the state that the ones before it left.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::domain::command::{Command, decide, decide_all};
use crate::domain::context::Context;
use crate::domain::event::{Addressed, Aggregate, Kind};
use crate::domain::id::{CommandId, EntityId};
use crate::journal::SiteKey;
use crate::store::{Row, StoreError};

use super::failure::Failure;
use super::rows::{self, State};
use super::service::{Bench, draft};
use super::sign::{SignRequest, signing};
use super::view::{Read, View};

/// One command of a big transaction.
#[derive(Clone, Debug)]
pub struct BulkStep {
    /// The command's id; that of the first one names the whole transaction.
    pub id: CommandId,
    /// The technician's key.
    pub actor: String,
    /// When it happened; now when not said. Only a demonstration store takes other times.
    pub at: Option<i64>,
    /// What.
    pub act: Act,
}

/// A command, or a signature to be made on the spot.
#[derive(Clone, Debug)]
pub enum Act {
    /// A command.
    Tell(Box<Command>),
    /// Commands that are recorded as one entry, each decided on the state before it (a walk that was made elsewhere).
    TellAll(Vec<Command>),
    /// A signature.
    Sign(SignRequest, std::sync::Arc<SiteKey>),
}

/// What the maker of steps sees: the state so far, and what the last step recorded.
pub struct Made<'a> {
    /// The state with everything so far.
    pub view: &'a View<'a>,
    /// Time, ids and numbers for the next command.
    pub context: &'a Context,
    /// The events of the step before; empty at the first.
    pub last: &'a [Addressed],
}

/// The durable end of a big transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BulkReceipt {
    /// Entries written.
    pub entries: u64,
    /// Steps that had nothing to record.
    pub same: u64,
    /// It had been done before and nothing was written.
    pub repeated: bool,
}

/// Gives the next step, `None` at the end; an error takes everything back.
pub type StepMaker<'m> = &'m mut dyn FnMut(&Made<'_>) -> Result<Option<BulkStep>, Failure>;

impl Bench {
    /// Does many commands, all or none; durable when it returns. `progress` hears how many entries are done.
    pub fn tell_bulk(
        &self,
        uid: u32,
        make: StepMaker<'_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<BulkReceipt, Failure> {
        let uid = self.recorded_uid(uid);
        let sites = self.store.own_sites();
        let demo = self.store.genesis().demo;
        let mut failure: Option<Failure> = None;
        let mut last: Vec<Addressed> = Vec::new();
        let lists = RefCell::new(Lists::new());
        let mut same = 0;
        let mut changed: Vec<Aggregate> = Vec::new();
        let done = self.store.write().append_bulk(
            &mut |bulk| {
                let seq = bulk.next_dot(0).seq;
                if last.iter().any(|addressed| is_listed(addressed.to().kind)) {
                    lists.borrow_mut().clear();
                }
                let cell = RefCell::new(bulk);
                let kept = Kept {
                    below: &cell,
                    lists: &lists,
                };
                let view = View::new(&kept, sites.clone());
                loop {
                    let context = self.context(&view, "", seq, None);
                    let step = make(&Made {
                        view: &view,
                        context: &context,
                        last: &last,
                    });
                    view.trouble()?;
                    let step = match step {
                        Ok(Some(step)) => step,
                        Ok(None) => return Ok(None),
                        Err(error) => return Err(stop(&mut failure, error)),
                    };
                    let at = step.at.filter(|_| demo);
                    let context = self.context(&view, &step.actor, seq, at);
                    let decided = decide_step(&view, &context, &step.act);
                    view.trouble()?;
                    match decided {
                        Ok(events) if events.is_empty() => {
                            same += 1;
                            last.clear();
                        }
                        Ok(events) => {
                            let draft = draft(step.id, &step.actor, uid, &context, &events)
                                .map_err(|error| stop(&mut failure, error))?;
                            changed.extend(events.iter().map(Addressed::to));
                            last = events;
                            return Ok(Some(draft));
                        }
                        Err(error) => return Err(stop(&mut failure, error)),
                    }
                }
            },
            progress,
        );
        let done = match (done, failure) {
            (_, Some(failure)) => return Err(failure),
            (done, None) => done?,
        };
        changed.sort();
        changed.dedup();
        if changed.len() > 1_000 {
            self.fill_index()?;
            self.announce(Vec::new());
        } else {
            self.after(&changed)?;
        }
        Ok(BulkReceipt {
            entries: done.count,
            same,
            repeated: done.repeated,
        })
    }
}

/// Rows with the lists of people, tools and procedures that were read before: nearly every step asks for them, and hardly
/// any changes them. Any change of one of those kinds forgets all lists.
struct Kept<'k> {
    below: &'k dyn Read,
    lists: &'k RefCell<Lists>,
}

type Lists = HashMap<(u8, Vec<u8>, usize), Vec<Row>>;

/// Lists kept at most; then all are forgotten.
const MOST_KEPT: usize = 4_096;

fn is_listed(kind: Kind) -> bool {
    matches!(kind, Kind::Technician | Kind::Tool | Kind::Procedure)
}

impl Read for Kept<'_> {
    fn row(&self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.below.row(family, key)
    }

    fn rows(&self, family: u8, prefix: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        if !matches!(
            family,
            rows::TECHNICIAN_KEY | rows::TOOL_NAME | rows::PROCEDURE
        ) {
            return self.below.rows(family, prefix, limit);
        }
        let what = (family, prefix.to_vec(), limit);
        if let Some(known) = self.lists.borrow().get(&what) {
            return Ok(known.clone());
        }
        let found = self.below.rows(family, prefix, limit)?;
        let mut lists = self.lists.borrow_mut();
        if lists.len() >= MOST_KEPT {
            lists.clear();
        }
        lists.insert(what, found.clone());
        Ok(found)
    }

    fn state(&self, kind: Kind, id: EntityId) -> Result<Option<State>, StoreError> {
        self.below.state(kind, id)
    }
}

/// Keeps the reason in its own type and gives the store a word to stop with.
fn stop(kept: &mut Option<Failure>, failure: Failure) -> StoreError {
    let words = failure.to_string();
    kept.get_or_insert(failure);
    StoreError::Refused(words)
}

fn decide_step(view: &View<'_>, context: &Context, act: &Act) -> Result<Vec<Addressed>, Failure> {
    match act {
        Act::Tell(command) => Ok(decide(view, context, command)?),
        Act::TellAll(commands) => Ok(decide_all(view, context, commands)?),
        Act::Sign(request, key) => {
            let command = signing(view, &context.actor, context.now, key, request)?;
            Ok(decide(view, context, &command)?)
        }
    }
}
