//! Signing records with a technician's own key, and checking signed records.
//!
//! Invariant: a signature is made under the write guard over every entry of the record as stored; checking reads the
//! stored bytes again and says in words what does not fit.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use crate::domain::command::Command;
use crate::domain::context::World as _;
use crate::domain::event::{Aggregate, Event, Kind};
use crate::domain::id::{CommandId, EntityId, Hash};
use crate::domain::inspection::{Inspection, InspectionCommand, InspectionEvent};
use crate::domain::order::FailureCause;
use crate::domain::refusal::Refusal;
use crate::domain::signature::{Covered, Meaning, Signature};
use crate::domain::technician::TechnicianEvent;
use crate::domain::time::Moment;
use crate::journal::wire::events;
use crate::journal::{AggregateRef, Entry, SiteKey, site};
use crate::store::{
    BulkView, Direction, Row, StoreError, aggregate_prefix, entry_key, family, read_entry_key,
};

use super::failure::Failure;
use super::query::Receipt;
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

/// What checking a record found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecordCheck {
    /// Every signature holds and nothing was changed since.
    pub ok: bool,
    /// The digest printed on the record.
    pub digest: Hash,
    /// A line per signature.
    pub signatures: Vec<String>,
    /// What does not fit.
    pub problems: Vec<String>,
}

impl Bench {
    /// Makes and enrols a signing key for a technician who has none in force.
    pub fn enrol_key(
        &self,
        technician: &str,
        passphrase: &str,
        seed: Option<[u8; 32]>,
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
        self.tell(super::query::Request {
            id: new_command_id()?,
            actor: technician.to_owned(),
            command: Command::Technician {
                key: technician.to_owned(),
                event: TechnicianEvent::KeyEnrolled {
                    public: key.public(),
                },
            },
        })?;
        Ok(())
    }

    /// Signs an inspection. What follows for its order and device is recorded in the same entry.
    pub fn sign(
        &self,
        id: CommandId,
        actor: &str,
        key: &SiteKey,
        request: &SignRequest,
    ) -> Result<Receipt, Failure> {
        self.tell_made(id, actor, &mut |view, context| {
            signing(view, &context.actor, context.now, key, request)
        })
    }

    /// Checks a record: its signatures, the entries they cover, and that none is missing.
    pub fn check_record(&self, inspection: EntityId) -> Result<RecordCheck, Failure> {
        let view = self.view();
        let state = view
            .inspection(inspection)
            .filter(|i| i.started.is_some())
            .ok_or_else(|| {
                Refusal::not_found(
                    "This inspection is not on record.",
                    "List them with `device show TAG`.",
                )
            })?;
        let mut problems = Vec::new();
        let mut lines = Vec::new();
        let entries = self
            .store()
            .entries_of(&reference(inspection), 0, usize::MAX)?;
        for signature in &state.signatures {
            let list = Signature::list_hash(
                inspection,
                &[state.procedure, state.frozen],
                &signature.covers,
            );
            let mut wrong = Vec::new();
            if list != signature.list {
                wrong.push("the list of entries does not match its hash".to_owned());
            }
            let message = Signature::message(
                &signature.signer,
                &signature.name,
                signature.at,
                signature.meaning,
                signature.list,
            );
            if !site::verify(&signature.public, &message, &signature.bytes) {
                wrong.push("the signature does not fit the record".to_owned());
            }
            match view.technician(&signature.signer) {
                Some(technician) if technician.key_valid_at(&signature.public, signature.at) => {}
                Some(_) => wrong
                    .push("the key was not enrolled, or was revoked, when it signed".to_owned()),
                None => wrong.push("the signer is not on record".to_owned()),
            }
            for covered in &signature.covers {
                match self.store().entry(covered.site, covered.seq)? {
                    Some(entry) if entry.hash == covered.hash => {}
                    Some(_) => wrong.push(format!(
                        "entry {}:{} was changed",
                        covered.site.short(),
                        covered.seq
                    )),
                    None => wrong.push(format!(
                        "entry {}:{} is missing",
                        covered.site.short(),
                        covered.seq
                    )),
                }
            }
            for entry in entries
                .iter()
                .filter(|entry| before_signature(entry, signature))
            {
                if !signature
                    .covers
                    .iter()
                    .any(|c| c.site == entry.site && c.seq == entry.seq)
                {
                    wrong.push(format!(
                        "entry {}:{} is not covered",
                        entry.site.short(),
                        entry.seq
                    ));
                }
            }
            let verdict = if wrong.is_empty() {
                "holds"
            } else {
                "DOES NOT HOLD"
            };
            lines.push(format!(
                "{} {} ({}) at {}: {verdict}, covers {} entries",
                signature.meaning,
                signature.name,
                signature.signer,
                signature.at.minute(),
                signature.covers.len()
            ));
            problems.extend(wrong);
        }
        view.trouble()?;
        if state.signatures.is_empty() {
            problems.push("it is not signed".to_owned());
        }
        Ok(RecordCheck {
            ok: problems.is_empty(),
            digest: digest(inspection, &state),
            signatures: lines,
            problems,
        })
    }
}

/// The digest that is printed on a record: the first signature's list, or the hash of the documents while unsigned.
pub fn digest(inspection: EntityId, state: &Inspection) -> Hash {
    state.signatures.first().map_or_else(
        || Signature::list_hash(inspection, &[state.procedure, state.frozen], &[]),
        |signature| signature.list,
    )
}

fn reference(inspection: EntityId) -> AggregateRef {
    events::aggregate_ref(Aggregate {
        kind: Kind::Inspection,
        id: inspection,
    })
}

/// True for an entry of the signing site that came before the signature was made.
fn before_signature(entry: &Entry, signature: &Signature) -> bool {
    let own = super::service::decoded(entry).iter().any(|addressed| {
        matches!(&addressed.event, Event::Inspection(InspectionEvent::Signed { signature: s, .. }) if s == signature)
    });
    let after_record = super::service::decoded(entry).iter().any(|addressed| {
        matches!(
            &addressed.event,
            Event::Inspection(InspectionEvent::Signed { .. } | InspectionEvent::Suspected { .. })
        )
    });
    !own && !after_record
        && entry.wall_us <= signature.at.micros
        && signature.covers.iter().any(|c| c.site == entry.site)
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
    let name = view
        .technician(actor)
        .map(|technician| technician.name)
        .unwrap_or_default();
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
    let bytes = key
        .sign(&Signature::message(actor, &name, at, request.meaning, list))
        .to_vec();
    Ok(Command::Inspection(InspectionCommand::Sign {
        inspection: request.inspection,
        signature: Signature {
            signer: actor.to_owned(),
            name,
            at,
            meaning: request.meaning,
            list,
            covers,
            public: key.public(),
            bytes,
        },
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
                hash: Entry::decode(&bytes)?.hash,
            });
        }
    }
    Ok(out)
}

impl Read for RefCell<&mut BulkView<'_, '_>> {
    fn row(&self, family: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.borrow_mut().get(family, key)
    }

    fn rows(&self, family: u8, prefix: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.borrow_mut()
            .scan(family, prefix, None, limit, Direction::Up)
    }
}
