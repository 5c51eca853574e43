//! Signing records with a technician's own key: inspections, companies' reports, and the proof of a second person.
//!
//! Invariants: a signature is made under the write guard over every entry of the record as stored; a command that carries
//! a signature is decided only if its bytes are true.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use crate::domain::command::Command;
use crate::domain::context::World as _;
use crate::domain::event::{Aggregate, Kind};
use crate::domain::id::{CommandId, EntityId};
use crate::domain::inspection::InspectionCommand;
use crate::domain::order::{FailureCause, OrderCommand, Report};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::signature::{Covered, Meaning, Signature};
use crate::domain::technician::TechnicianEvent;
use crate::domain::time::Moment;
use crate::domain::witness;
use crate::journal::wire::events;
use crate::journal::{SiteKey, entry_hash, site};
use crate::store::{
    BulkView, Direction, Row, StoreError, aggregate_prefix, entry_key, family, read_entry_key,
};

use super::failure::Failure;
use super::held;
use super::query::Receipt;
use super::rows::State;
use super::service::{Bench, new_command_id};
use super::view::{Read, View};

/// What a technician wants to sign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignRequest {
    /// The inspection.
    pub inspection: EntityId,
    /// What the signature says.
    pub meaning: Meaning,
    /// Active minutes, when not as proposed.
    pub minutes: Option<u32>,
    /// Failure cause, for an outcome other than passed.
    pub cause: Option<FailureCause>,
}

/// A company's report that a technician has reviewed and enters with their signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReviewRequest {
    /// The order.
    pub order: EntityId,
    /// What the report says.
    pub report: Report,
}

impl Bench {
    /// Makes and enrols a signing key for a technician who has none in force.
    pub fn enrol_key(
        &self,
        technician: &str,
        passphrase: &str,
        seed: Option<[u8; 32]>,
        uid: u32,
    ) -> Result<(), Failure> {
        let known = {
            let view = self.view();
            let known = view.technician(technician);
            view.trouble()?;
            known.ok_or_else(|| {
                Refusal::not_found(
                    format!("No technician \"{technician}\" is on record."),
                    "Add them with `tech add` first.",
                )
            })?
        };
        if known.current_key().is_some() {
            return Err(super::replace_key::in_force(&known).into());
        }
        let key = self.keys().create(technician, passphrase, seed)?;
        self.tell_from(
            super::query::Request {
                id: new_command_id()?,
                actor: technician.to_owned(),
                command: Command::Technician {
                    key: technician.to_owned(),
                    event: TechnicianEvent::KeyEnrolled {
                        public: key.public(),
                    },
                },
            },
            uid,
        )?;
        Ok(())
    }

    /// Signs an inspection. What follows for its order and device is recorded in the same entry.
    pub fn sign(
        &self,
        id: CommandId,
        actor: &str,
        uid: u32,
        key: &SiteKey,
        request: &SignRequest,
    ) -> Result<Receipt, Failure> {
        self.tell_made(id, actor, uid, &mut |view, context| {
            signing(view, &context.actor, context.now, key, request)
        })
    }

    /// Enters a company's report, signed as reviewed over the order's entries and all that the report says.
    pub fn review(
        &self,
        id: CommandId,
        actor: &str,
        uid: u32,
        key: &SiteKey,
        request: &ReviewRequest,
    ) -> Result<Receipt, Failure> {
        self.tell_made(id, actor, uid, &mut |view, context| {
            let record = Aggregate {
                kind: Kind::Order,
                id: request.order,
            };
            let covers = covered(view.reader(), record)?;
            let list = Signature::list_hash(request.order, &[request.report.hash()], &covers);
            let signature = Signed {
                signer: actor,
                at: context.now,
                meaning: Meaning::Reviewed,
            }
            .by(view, key, list, covers);
            Ok(Command::Order(OrderCommand::External {
                order: request.order,
                report: request.report.clone(),
                signature,
            }))
        })
    }

    /// What a second person has to prove before a command counts, if anything.
    pub fn statement(&self, command: &Command) -> Result<Option<witness::Statement>, Failure> {
        let view = self.view();
        let statement = witness::statement(&view, command);
        view.trouble()?;
        Ok(statement)
    }

    /// Does what a command asks, with the proof of the second person that it names, made by their own key.
    pub fn tell_witnessed(
        &self,
        id: CommandId,
        actor: &str,
        uid: u32,
        command: &Command,
        key: &SiteKey,
    ) -> Result<Receipt, Failure> {
        self.tell_made(id, actor, uid, &mut |view, context| {
            let Some(statement) = witness::statement(view, command) else {
                return Ok(command.clone());
            };
            let signature = Signed {
                signer: &statement.who,
                at: context.now,
                meaning: Meaning::Approved,
            }
            .by(view, key, statement.hash(), Vec::new());
            Ok(Command::Witnessed {
                command: Box::new(command.clone()),
                signature,
            })
        })
    }
}

/// Refuses a command that carries a signature whose bytes are not true.
pub(super) fn genuine(command: &Command) -> Result<(), Refusal> {
    let (Command::Inspection(InspectionCommand::Sign { signature, .. })
    | Command::Order(OrderCommand::External { signature, .. })
    | Command::Witnessed { signature, .. }) = command
    else {
        return Ok(());
    };
    let message = Signature::message(
        &signature.signer,
        &signature.name,
        signature.at,
        signature.meaning,
        signature.list,
    );
    if site::verify(&signature.public, &message, &signature.bytes) {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalKind::NotAllowed,
        format!("The signature of {} is not true.", signature.signer),
        "Sign again with your own key. Nothing was recorded.",
    ))
}

/// Who signs, when and what it means.
struct Signed<'a> {
    signer: &'a str,
    at: Moment,
    meaning: Meaning,
}

impl Signed<'_> {
    /// The signature over a list, under the printed name of this moment.
    fn by(
        self,
        view: &View<'_>,
        key: &SiteKey,
        list: crate::domain::id::Hash,
        covers: Vec<Covered>,
    ) -> Signature {
        let name = view
            .technician(self.signer)
            .map(|technician| technician.name)
            .unwrap_or_default();
        let message = Signature::message(self.signer, &name, self.at, self.meaning, list);
        Signature {
            signer: self.signer.to_owned(),
            name,
            at: self.at,
            meaning: self.meaning,
            list,
            covers,
            public: key.public(),
            bytes: key.sign(&message).to_vec(),
        }
    }
}

/// Makes the signed command, on the rows as they are.
pub(super) fn signing(
    view: &View<'_>,
    actor: &str,
    at: Moment,
    key: &SiteKey,
    request: &SignRequest,
) -> Result<Command, Failure> {
    let state = view
        .inspection(request.inspection)
        .filter(|i| i.started.is_some())
        .ok_or_else(|| {
            Refusal::not_found(
                "This inspection is not on record.",
                "List the open ones with `inspection show`.",
            )
        })?;
    let mut of = vec![Aggregate {
        kind: Kind::Inspection,
        id: request.inspection,
    }];
    for used in &state.tools_used {
        let tool = Aggregate {
            kind: Kind::Tool,
            id: used.tool,
        };
        if !of.contains(&tool) {
            of.push(tool);
        }
    }
    let mut covers = Vec::new();
    for what in of {
        covers.extend(covered(view.reader(), what)?);
    }
    covers.sort();
    covers.dedup();
    let list = Signature::list_hash(
        request.inspection,
        &[state.procedure, state.frozen],
        &covers,
    );
    let signature = Signed {
        signer: actor,
        at,
        meaning: request.meaning,
    }
    .by(view, key, list, covers);
    Ok(Command::Inspection(InspectionCommand::Sign {
        inspection: request.inspection,
        signature,
        minutes: request.minutes,
        cause: request.cause,
    }))
}

/// Every entry that touches an aggregate, with its hash over the stored bytes.
fn covered(read: &dyn Read, what: Aggregate) -> Result<Vec<Covered>, StoreError> {
    let prefix = aggregate_prefix(&events::aggregate_ref(what));
    let mut out = Vec::new();
    for (key, _) in read.rows(family::BY_AGGREGATE, &prefix, usize::MAX)? {
        let place = key.get(37..).and_then(read_entry_key);
        if let Some((site, seq)) = place
            && let Some(bytes) = read.row(family::ENTRIES, &entry_key(site, seq))?
        {
            out.push(Covered {
                site,
                seq,
                hash: entry_hash(&bytes),
            });
        }
    }
    Ok(out)
}

impl Read for RefCell<&mut BulkView<'_, '_>> {
    fn row(&self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.borrow_mut().get(family, key)
    }

    fn state(&self, kind: Kind, id: EntityId) -> Result<Option<State>, StoreError> {
        held::read(self.borrow_mut().rows(), Aggregate { kind, id })
    }

    fn rows(&self, family: u8, prefix: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.borrow_mut()
            .scan(family, prefix, None, limit, Direction::Up)
    }
}
