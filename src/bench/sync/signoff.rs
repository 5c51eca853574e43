//! A signed inspection in a file of its own, for an auditor without a store: the entries that its signatures list, the
//! signatures themselves, and the entries that say whose key it was.
//!
//! Invariants: the file carries these entries and no others; the bundle's author countersigns all of them. Checking it
//! needs nothing but the file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

use super::super::check::{Found, RecordCheck, digest, wrong_with};
use super::super::failure::Failure;
use super::super::service::Bench;
use crate::bundle::Verified;
use crate::domain::event::{Aggregate, Event, Kind};
use crate::domain::id::{Dot, EntityId, Hash, SiteId};
use crate::domain::inspection::{Inspection, InspectionEvent};
use crate::domain::refusal::Refusal;
use crate::domain::seen::Seen;
use crate::domain::signature::Signature;
use crate::domain::technician::Technician;
use crate::domain::time::{Moment, Stamp};
use crate::domain::witness::Statement;
use crate::journal::Entry;
use crate::journal::wire::events;
use crate::store::{StoreError, Stretch};

impl Bench {
    /// The entries of a signed inspection's own file.
    pub(super) fn signoff(&self, inspection: EntityId) -> Result<Vec<Stretch>, Failure> {
        let view = self.view();
        let state = view.inspection_state(inspection).ok_or_else(|| {
            Refusal::not_found(
                "This inspection is not on record.",
                "List them with `device show TAG`. Nothing was written.",
            )
        })?;
        if state.signatures.is_empty() {
            return Err(Refusal::rule(
                "This inspection is not signed.",
                "Sign it first; only a signed record has a file of its own. Nothing was written.",
            )
            .into());
        }
        let mut all: BTreeSet<(SiteId, u64)> = BTreeSet::new();
        let mut signers: BTreeSet<String> = BTreeSet::new();
        for signature in &state.signatures {
            all.extend(signature.covers.iter().map(|c| (c.site, c.seq)));
            signers.insert(signature.signer.clone());
        }
        signers.extend(state.witnesses.iter().map(|w| w.signature.signer.clone()));
        let about = events::aggregate_ref(Aggregate {
            kind: Kind::Inspection,
            id: inspection,
        });
        for entry in self.store().entries_of(&about, 0, usize::MAX)? {
            if signs(&entry) {
                all.insert((entry.site, entry.seq));
            }
        }
        for signer in signers {
            for id in view.named_so(&signer) {
                let technician = events::aggregate_ref(Aggregate {
                    kind: Kind::Technician,
                    id,
                });
                for entry in self.store().entries_of(&technician, 0, usize::MAX)? {
                    all.insert((entry.site, entry.seq));
                }
            }
        }
        view.trouble()?;
        Ok(stretches(&all))
    }
}

fn signs(entry: &Entry) -> bool {
    entry.events.iter().any(|record| {
        matches!(
            events::decode(record).map(|addressed| addressed.event),
            Ok(Event::Inspection(InspectionEvent::Signed { .. }))
        )
    })
}

/// Neighbours together.
fn stretches(all: &BTreeSet<(SiteId, u64)>) -> Vec<Stretch> {
    let mut out: Vec<Stretch> = Vec::new();
    for (site, seq) in all {
        match out.last_mut() {
            Some(last) if last.site == *site && last.to + 1 == *seq => last.to = *seq,
            _ => out.push(Stretch {
                site: *site,
                from: *seq,
                to: *seq,
            }),
        }
    }
    out
}

/// Checks a signed inspection by nothing but the bundle that carries it.
pub fn check_signoff<R: Read + Seek>(
    bundle: &mut Verified<R>,
    inspection: EntityId,
) -> Result<RecordCheck, Failure> {
    let mut hashes: BTreeMap<(SiteId, u64), Hash> = BTreeMap::new();
    let mut state = Inspection::default();
    let mut people: BTreeMap<EntityId, Technician> = BTreeMap::new();
    for entry in bundle.entries().map_err(StoreError::from)? {
        let entry = entry.map_err(StoreError::from)?;
        hashes.insert((entry.face.site, entry.face.seq), entry.face.hash);
        let entry = Entry::decode_hashed(&entry.bytes, entry.face.hash)?;
        for (index, record) in (0..).zip(&entry.events) {
            let Ok(addressed) = events::decode(record) else {
                continue;
            };
            let stamp = Stamp {
                dot: Dot {
                    site: entry.site,
                    seq: entry.seq,
                    index,
                },
                at: Moment {
                    micros: entry.wall_us,
                    offset: entry.offset_minutes,
                },
                by: entry.actor.clone(),
            };
            match &addressed.event {
                Event::Inspection(event) if addressed.id == inspection => {
                    state.apply(event, &stamp, &Seen::Everything);
                }
                Event::Technician(event) => {
                    let person = people.entry(addressed.id).or_default();
                    person.apply(event, &stamp, &Seen::Everything);
                }
                _ => {}
            }
        }
    }
    if state.started.is_none() {
        return Err(Refusal::not_found(
            "This inspection is not in the bundle.",
            "Ask for a file made with `tagout bundle export --inspection`.",
        )
        .into());
    }
    let mut found = Found::default();
    let mut known = |site: SiteId, seq: u64| Ok(hashes.get(&(site, seq)).copied());
    let people: Vec<Technician> = people.into_values().collect();
    let of = |signature: &Signature| -> Vec<Technician> {
        let same = people.iter().filter(|t| t.key == signature.signer);
        same.cloned().collect()
    };
    for signature in &state.signatures {
        let list = Signature::list_hash(
            inspection,
            &[state.procedure, state.frozen],
            &signature.covers,
        );
        let wrong = wrong_with(signature, list, &of(signature), &mut known)?;
        found.add(signature, wrong);
    }
    for proof in &state.witnesses {
        let list = Statement::hash_of(inspection, &proof.words);
        let wrong = wrong_with(&proof.signature, list, &of(&proof.signature), &mut known)?;
        found.proof(&proof.signature, &proof.words, wrong);
    }
    if state.signatures.is_empty() {
        found.problems.push("it is not signed".to_owned());
    }
    Ok(found.of(digest(inspection, &state)))
}
