//! Checking signed records: inspections, and orders with a company's report.
//!
//! Invariant: checking reads the stored bytes again and says in words what does not fit.

use serde::{Deserialize, Serialize};

use crate::domain::context::World as _;
use crate::domain::event::{Aggregate, Event, Kind};
use crate::domain::id::{EntityId, Hash, SiteId};
use crate::domain::inspection::{Inspection, InspectionEvent};
use crate::domain::refusal::Refusal;
use crate::domain::signature::Signature;
use crate::domain::technician::Technician;
use crate::domain::witness::Statement;
use crate::journal::wire::events;
use crate::journal::{AggregateRef, Entry, site};

use super::failure::Failure;
use super::service::{Bench, decoded};
use super::view::View;

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
        let mut found = Found::default();
        let entries =
            self.store()
                .entries_of(&reference(Kind::Inspection, inspection), 0, usize::MAX)?;
        for signature in &state.signatures {
            let list = Signature::list_hash(
                inspection,
                &[state.procedure, state.frozen],
                &signature.covers,
            );
            let mut wrong = self.wrong_with(&view, signature, list)?;
            for entry in entries
                .iter()
                .filter(|entry| before_signature(entry, signature))
            {
                if !covers(signature, entry) {
                    wrong.push(not_covered(entry));
                }
            }
            found.add(signature, wrong);
        }
        for proof in &state.witnesses {
            let list = Statement::hash_of(inspection, &proof.words);
            let wrong = self.wrong_with(&view, &proof.signature, list)?;
            found.proof(&proof.signature, &proof.words, wrong);
        }
        view.trouble()?;
        if state.signatures.is_empty() {
            found.problems.push("it is not signed".to_owned());
        }
        Ok(found.of(digest(inspection, &state)))
    }

    /// Checks an order's reviewed reports: each signature, what it says, and the entries it covers.
    pub fn check_order(&self, order: EntityId) -> Result<RecordCheck, Failure> {
        let view = self.view();
        let state = view
            .order(order)
            .filter(|state| state.opened.is_some())
            .ok_or_else(|| {
                Refusal::not_found(
                    "This work order is not on record.",
                    "Look it up again by its number.",
                )
            })?;
        if state.external.is_empty() {
            return Err(Refusal::rule(
                format!("{} holds no company's report to check.", state.number),
                "What was inspected here is checked with `inspection verify`.",
            )
            .into());
        }
        let mut found = Found::default();
        let entries = self
            .store()
            .entries_of(&reference(Kind::Order, order), 0, usize::MAX)?;
        let mut last = Hash::default();
        for report in &state.external {
            let Some(signature) = &report.signature else {
                found
                    .problems
                    .push(format!("report {} is not signed", report.report));
                continue;
            };
            let list = Signature::list_hash(order, &[report.facts().hash()], &signature.covers);
            let mut wrong = self.wrong_with(&view, signature, list)?;
            let entered = report.stamp.dot;
            let before = |entry: &&Entry| entry.site == entered.site && entry.seq < entered.seq;
            for entry in entries.iter().filter(before) {
                if !covers(signature, entry) {
                    wrong.push(not_covered(entry));
                }
            }
            last = signature.list;
            found.add(signature, wrong);
        }
        view.trouble()?;
        Ok(found.of(last))
    }

    /// What does not fit a signature that should be over this list.
    fn wrong_with(
        &self,
        view: &View<'_>,
        signature: &Signature,
        list: Hash,
    ) -> Result<Vec<String>, Failure> {
        let signers: Vec<Technician> = view
            .named_so(&signature.signer)
            .into_iter()
            .filter_map(|id| view.technician_of(id))
            .collect();
        wrong_with(signature, list, &signers, &mut |site, seq| {
            Ok(self.store().entry(site, seq)?.map(|entry| entry.hash))
        })
    }
}

/// What does not fit a signature that should be over this list, by the people who have the signer's short key and the
/// entries that are at hand.
pub(super) fn wrong_with(
    signature: &Signature,
    list: Hash,
    signers: &[Technician],
    entry: &mut dyn FnMut(SiteId, u64) -> Result<Option<Hash>, Failure>,
) -> Result<Vec<String>, Failure> {
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
    // Two shops may each have somebody with this short key: one of them must have had this very signing key.
    let holds = signers
        .iter()
        .any(|t| t.key_valid_at(&signature.public, signature.at));
    if signers.is_empty() {
        wrong.push("the signer is not on record".to_owned());
    } else if !holds {
        wrong.push("the key was not enrolled, or was revoked, when it signed".to_owned());
    }
    for covered in &signature.covers {
        let name = format!("entry {}:{}", covered.site.short(), covered.seq);
        match entry(covered.site, covered.seq)? {
            Some(known) if known == covered.hash => {}
            Some(_) => wrong.push(format!("{name} was changed")),
            None => wrong.push(format!("{name} is missing")),
        }
    }
    Ok(wrong)
}

/// Lines and problems as they come up.
#[derive(Default)]
pub(super) struct Found {
    lines: Vec<String>,
    pub(super) problems: Vec<String>,
}

impl Found {
    pub(super) fn add(&mut self, signature: &Signature, wrong: Vec<String>) {
        self.lines.push(format!(
            "{} {} ({}) at {}: {}, covers {} {}",
            signature.meaning,
            signature.name,
            signature.signer,
            signature.at.minute(),
            verdict(&wrong),
            signature.covers.len(),
            if signature.covers.len() == 1 {
                "entry"
            } else {
                "entries"
            }
        ));
        self.problems.extend(wrong);
    }

    pub(super) fn proof(&mut self, signature: &Signature, words: &str, wrong: Vec<String>) {
        self.lines.push(format!(
            "second person {} ({}) at {}: {}: {words}",
            signature.name,
            signature.signer,
            signature.at.minute(),
            verdict(&wrong),
        ));
        self.problems.extend(wrong);
    }

    pub(super) fn of(self, digest: Hash) -> RecordCheck {
        RecordCheck {
            ok: self.problems.is_empty(),
            digest,
            signatures: self.lines,
            problems: self.problems,
        }
    }
}

const fn verdict(wrong: &[String]) -> &'static str {
    if wrong.is_empty() {
        "holds"
    } else {
        "DOES NOT HOLD"
    }
}

fn covers(signature: &Signature, entry: &Entry) -> bool {
    signature
        .covers
        .iter()
        .any(|c| c.site == entry.site && c.seq == entry.seq)
}

fn not_covered(entry: &Entry) -> String {
    format!("entry {}:{} is not covered", entry.site.short(), entry.seq)
}

/// The digest that is printed on a record: the first signature's list, or the hash of the documents while unsigned.
pub fn digest(inspection: EntityId, state: &Inspection) -> Hash {
    state.signatures.first().map_or_else(
        || Signature::list_hash(inspection, &[state.procedure, state.frozen], &[]),
        |signature| signature.list,
    )
}

fn reference(kind: Kind, id: EntityId) -> AggregateRef {
    events::aggregate_ref(Aggregate { kind, id })
}

/// True for an entry of the signing site that came before the signature was made.
fn before_signature(entry: &Entry, signature: &Signature) -> bool {
    let own = decoded(entry).iter().any(|addressed| {
        matches!(&addressed.event, Event::Inspection(InspectionEvent::Signed { signature: s, .. }) if s == signature)
    });
    let after_record = decoded(entry).iter().any(|addressed| {
        matches!(
            &addressed.event,
            Event::Inspection(InspectionEvent::Signed { .. } | InspectionEvent::Suspected { .. })
        )
    });
    !own && !after_record
        && entry.wall_us <= signature.at.micros
        && signature.covers.iter().any(|c| c.site == entry.site)
}
