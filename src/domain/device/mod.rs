//! The device record: fields, lifecycle stage, whereabouts and holds, and how events change them.
//!
//! Invariants: stage, whereabouts and holds are three independent facts, never one status; a hold is lifted only by an
//! event that names it; an old tag stays an alias for ever; unknown is a value.

mod address;
mod beside;
mod card;
mod conflicts;
mod decide;
mod event;
mod field;
mod pair;
mod plate;
mod record;
mod service;
mod settle;
#[cfg(test)]
mod tests;
mod whereabouts;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use beside::LastInspection;
pub use card::DeviceCard;
pub use decide::{DeviceCommand, decide};
pub use event::DeviceEvent;
pub use field::{
    BadValue, Choice, Field, FieldKind, TEXT_LIMIT, Value, YES_NO_UNKNOWN, applied_part,
};
pub(crate) use plate::{Seen, saved};
pub use service::incoming_hold;
pub(crate) use service::{inspected, serviced};
pub(crate) use settle::{settle, told_apart};
pub use whereabouts::Whereabouts;

use super::choices::choices;
use super::id::{Dot, EntityId};
use super::register::Register;
use super::seen;
use super::time::Stamp;

choices! {
    /// Where a device is in its life.
    Stage {
        /// Somebody asked for it.
        Requested = 1, "requested", "requested";
        /// Being tried before purchase.
        Evaluated = 2, "evaluated", "under evaluation";
        /// Bought, not here yet.
        Ordered = 3, "ordered", "ordered";
        /// Here, not yet through incoming inspection.
        Received = 4, "received", "received";
        /// In use for patients.
        InService = 5, "in-service", "in service";
        /// Taken out of use, to come back.
        OutOfService = 6, "out-of-service", "out of service";
        /// Out of use for good.
        Retired = 7, "retired", "retired";
        /// Gone from the hospital.
        Disposed = 8, "disposed", "disposed";
    }
}

impl Stage {
    /// The stages a device may go to from here.
    pub const fn next(self) -> &'static [Stage] {
        match self {
            Self::Requested => &[
                Self::Evaluated,
                Self::Ordered,
                Self::Received,
                Self::Disposed,
            ],
            Self::Evaluated => &[Self::Ordered, Self::Received, Self::Disposed],
            Self::Ordered => &[Self::Received, Self::Disposed],
            Self::Received => &[
                Self::InService,
                Self::OutOfService,
                Self::Retired,
                Self::Disposed,
            ],
            Self::InService => &[Self::OutOfService, Self::Retired],
            Self::OutOfService => &[Self::InService, Self::Retired],
            Self::Retired => &[Self::OutOfService, Self::Disposed],
            Self::Disposed => &[],
        }
    }
}

choices! {
    /// Why a device may not be used.
    HoldKind {
        /// A safety test failed; lifted by a signed passing inspection after the last repair.
        FailedTest = 1, "failed-test", "failed test";
        /// A technician said: do not use.
        DoNotUse = 2, "do-not-use", "do not use";
        /// A recall or alert covers it.
        Recall = 3, "recall", "recall";
        /// Possible harm: nothing may be changed until a named person releases it.
        Sequestered = 4, "sequestered", "sequestered";
        /// Found after it missed its PM.
        FoundWithoutPm = 5, "found-without-pm", "found without PM";
        /// Incoming inspection is still to be passed.
        IncomingInspection = 6, "incoming-inspection", "incoming inspection open";
    }
}

choices! {
    /// VistA's use status, computed from stage, whereabouts and holds.
    UseStatus {
        /// In use.
        InUse = 1, "in-use", "in use";
        /// Out of service.
        OutOfService = 2, "out-of-service", "out of service";
        /// Loaned out.
        LoanedOut = 3, "loaned-out", "loaned out";
        /// Turned in.
        TurnedIn = 4, "turned-in", "turned in";
        /// Lost or stolen.
        LostOrStolen = 5, "lost-or-stolen", "lost or stolen";
    }
}

/// A reason not to use the device, open until an event lifts it by name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hold {
    /// Its sort.
    pub kind: HoldKind,
    /// Why, in words.
    pub reason: String,
    /// The inspection, order or recall it came from.
    pub source: Option<EntityId>,
    /// Who placed it and when; its dot names the hold.
    pub stamp: Stamp,
}

/// One field edited: what it was, what it is, and which candidates the writer saw.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field.
    pub field: Field,
    /// What the writer saw there.
    pub old: Option<Value>,
    /// What it is now.
    pub new: Option<Value>,
    /// The candidates this replaces.
    pub replaces: Vec<Dot>,
}

choices! {
    /// How a device came into the inventory.
    Origin {
        /// Typed or scanned in by a technician.
        Entered = 1, "entered", "entered";
        /// Taken over from the hospital's list.
        TakenOver = 2, "taken-over", "taken over from a list";
        /// Received with a delivery.
        Delivered = 3, "delivered", "received with a delivery";
    }
}

choices! {
    /// How an inspection ended.
    Outcome {
        /// Everything passed as found.
        Passed = 1, "passed", "passed";
        /// Something failed and was put right during the inspection.
        Corrected = 2, "corrected", "passed after correction";
        /// Something failed and stays failed; the device may still be used.
        Failed = 3, "failed", "failed";
        /// A safety step failed: do not use.
        DoNotUse = 4, "do-not-use", "do not use";
        /// It cannot be said: a limit is not verified or an answer is undecided.
        Undecided = 5, "undecided", "undecided";
    }
}

impl Outcome {
    /// True when the device may be used after it.
    pub const fn is_pass(self) -> bool {
        matches!(self, Self::Passed | Self::Corrected)
    }

    /// How grave it is, from 0 for a plain pass: of two outcomes that did not know of each other the graver counts.
    pub const fn gravity(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Corrected => 1,
            Self::Undecided => 2,
            Self::Failed => 3,
            Self::DoNotUse => 4,
        }
    }
}

/// A software version seen on the device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SoftwareSeen {
    /// Which software.
    pub component: String,
    /// Raw text.
    pub version: String,
    /// How it was seen.
    pub how: String,
    /// By whom and when.
    pub stamp: Stamp,
}

/// A note with its author.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    /// The text.
    pub text: String,
    /// By whom and when.
    pub stamp: Stamp,
}

/// The record of one device.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Device {
    /// Every field ever written.
    pub fields: BTreeMap<Field, Register<Value>>,
    /// Where it is in its life: what every shop says that has not seen the others.
    pub stages: Register<Stage>,
    /// How it came here.
    pub origin: Option<Origin>,
    /// Where it is. While shops disagree, a place where it is away comes before its own location.
    pub whereabouts: Whereabouts,
    /// What the shops that moved it say of where it is; empty until somebody moves it.
    pub places: Register<Whereabouts>,
    /// Open holds.
    pub holds: Vec<Hold>,
    /// Tags and serials of before, each still finding it.
    pub aliases: Vec<String>,
    /// Records combined into this one.
    pub combined: Vec<EntityId>,
    /// The aliases that each combined record brought along, and takes back when it is separated.
    pub lent: Vec<(EntityId, Vec<String>)>,
    /// The record that stands for this one, if it was combined. Two records that were combined into each other both stand.
    pub merged_into: Option<EntityId>,
    /// What the shops that combined this record say; empty until somebody does.
    pub merges: Register<EntityId>,
    /// The last signed inspection by activity; of two of one day that did not know of each other, the worse.
    pub inspections: BTreeMap<String, LastInspection>,
    /// The other one of such two, by activity, until somebody has read of it.
    pub beside: Vec<(String, LastInspection)>,
    /// News that somebody has read, by the events it was about.
    pub read: Vec<Dot>,
    /// Software seen on it, newest last.
    pub software: Vec<SoftwareSeen>,
    /// Notes, oldest first.
    pub notes: Vec<Note>,
    /// How many events made this record.
    pub revision: u64,
    /// The last one.
    pub changed: Option<Stamp>,
}

impl Device {
    /// Applies one event. `seen` is what its writer knew.
    pub fn apply(&mut self, event: &DeviceEvent, stamp: &Stamp, seen: &seen::Seen) {
        match event {
            DeviceEvent::Registered {
                origin,
                stage,
                changes,
            } => {
                self.origin.get_or_insert(*origin);
                self.stages.list(Some(*stage), stamp, Stage::eq);
                for change in changes {
                    self.fields.entry(change.field).or_default().list(
                        change.new.clone(),
                        stamp,
                        Value::means_the_same,
                    );
                }
            }
            DeviceEvent::Edited { changes, .. } => self.write(changes, stamp),
            DeviceEvent::StageChanged { to, .. } => self.stages.set_seen(Some(*to), stamp, seen),
            DeviceEvent::WhereaboutsChanged { to, .. } => {
                self.places.set_seen(Some(to.clone()), stamp, seen);
                self.whereabouts = whereabouts::shown(&self.places);
            }
            DeviceEvent::HoldPlaced {
                kind,
                reason,
                source,
            } => self.holds.push(Hold {
                kind: *kind,
                reason: reason.clone(),
                source: *source,
                stamp: stamp.clone(),
            }),
            DeviceEvent::HoldLifted { hold, .. } => self.holds.retain(|h| h.stamp.dot != *hold),
            DeviceEvent::Retagged { old, change, .. } => {
                self.alias(old);
                self.write(std::slice::from_ref(change), stamp);
            }
            DeviceEvent::Combined { other, aliases, .. } => self.combine(*other, aliases),
            DeviceEvent::Separated { other, .. } => {
                self.combined.retain(|id| id != other);
                // The other record carries its own names again.
                for (_, names) in self.lent.extract_if(.., |(id, _)| id == other) {
                    self.aliases.retain(|alias| !names.contains(alias));
                }
                self.stand_if_circular();
            }
            DeviceEvent::MergedInto { into, .. } => {
                self.merges.set_seen(*into, stamp, seen);
                self.stand_if_circular();
            }
            DeviceEvent::Inspected {
                inspection,
                activity,
                outcome,
                performed,
                next_due,
            } => {
                let last = LastInspection {
                    inspection: Some(*inspection),
                    outcome: *outcome,
                    performed: *performed,
                    next_due: *next_due,
                    report: String::new(),
                    stamp: stamp.clone(),
                };
                self.done(activity, last, seen);
            }
            DeviceEvent::Serviced {
                activity,
                performed,
                next_due,
                report,
                ..
            } => {
                let last = LastInspection {
                    inspection: None,
                    outcome: Outcome::Passed,
                    performed: *performed,
                    next_due: *next_due,
                    report: report.clone(),
                    stamp: stamp.clone(),
                };
                self.done(activity, last, seen);
            }
            // What was agreed to stands beside it in the same entry.
            DeviceEvent::Witnessed { .. } => {}
            DeviceEvent::SoftwareSeen {
                component,
                version,
                how,
            } => {
                self.software.push(SoftwareSeen {
                    component: component.clone(),
                    version: version.clone(),
                    how: how.clone(),
                    stamp: stamp.clone(),
                });
            }
            DeviceEvent::Noted { text } => {
                self.notes.push(Note {
                    text: text.clone(),
                    stamp: stamp.clone(),
                });
            }
            DeviceEvent::NoticeRead { of } => {
                self.beside
                    .retain(|(_, other)| !of.contains(&other.stamp.dot));
                self.read.extend(of);
            }
        }
        self.revision += 1;
        self.changed = Some(stamp.clone());
    }

    fn write(&mut self, changes: &[FieldChange], stamp: &Stamp) {
        for change in changes {
            self.fields.entry(change.field).or_default().set(
                change.new.clone(),
                stamp,
                &change.replaces,
            );
        }
    }

    fn alias(&mut self, text: &str) {
        if !text.is_empty() && !self.aliases.iter().any(|a| a == text) {
            self.aliases.push(text.to_owned());
        }
    }

    /// A field's value.
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.fields.get(&field).and_then(Register::get)
    }

    /// A field as text, empty when nothing is known.
    pub fn text(&self, field: Field) -> String {
        self.get(field)
            .map(|value| field.show(value))
            .unwrap_or_default()
    }

    /// A field's stable key form, empty when nothing is known.
    pub fn key(&self, field: Field) -> String {
        self.get(field)
            .map(|value| field.key_of(value))
            .unwrap_or_default()
    }

    /// The asset tag.
    pub fn tag(&self) -> String {
        self.text(Field::AssetTag)
    }

    /// Manufacturer and model, as people say it.
    pub fn name(&self) -> String {
        let (maker, model) = (self.text(Field::Manufacturer), self.text(Field::Model));
        match (maker.is_empty(), model.is_empty()) {
            (false, false) => format!("{maker} {model}"),
            (false, true) => maker,
            (true, false) => model,
            (true, true) => "unknown make and model".to_owned(),
        }
    }

    /// Its stage; a record whose registration has not arrived is only requested. While shops disagree it is in service
    /// only if all say so: of the others the latest is shown.
    pub fn stage(&self) -> Stage {
        let said = self
            .stages
            .candidates()
            .iter()
            .rev()
            .filter_map(|c| c.value);
        said.clone()
            .find(|stage| *stage != Stage::InService)
            .or_else(|| said.clone().next())
            .unwrap_or(Stage::Requested)
    }

    /// A date field.
    pub fn date(&self, field: Field) -> Option<NaiveDate> {
        match self.get(field) {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        }
    }

    /// Whether it is high-risk; `None` while nobody has recorded either.
    pub fn high_risk(&self) -> Option<bool> {
        match self.key(Field::HighRisk).as_ref() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }

    /// A hold of this kind, if one is open.
    pub fn hold(&self, kind: HoldKind) -> Option<&Hold> {
        self.holds.iter().find(|h| h.kind == kind)
    }

    /// VistA's use status.
    pub fn use_status(&self) -> UseStatus {
        match (&self.whereabouts, self.stage()) {
            (Whereabouts::Missing { .. }, _) => UseStatus::LostOrStolen,
            (_, Stage::Retired | Stage::Disposed) => UseStatus::TurnedIn,
            (Whereabouts::OnLoan { .. }, _) => UseStatus::LoanedOut,
            (Whereabouts::SentOut { .. }, _) => UseStatus::OutOfService,
            (_, Stage::InService) if self.holds.is_empty() => UseStatus::InUse,
            _ => UseStatus::OutOfService,
        }
    }

    /// One stable word for lists and JSON: whereabouts when it is not at its location, else the stage.
    pub fn status_key(&self) -> &'static str {
        match self.whereabouts {
            Whereabouts::Missing { .. } => "missing",
            Whereabouts::OnLoan { .. } => "on-loan",
            Whereabouts::SentOut { .. } => "sent-out",
            Whereabouts::AtLocation => self.stage().key(),
        }
    }

    /// Fennigkoh-Smith equipment management number, when all three parts are known.
    pub fn em_number(&self) -> Option<rust_decimal::Decimal> {
        [Field::EmFunction, Field::EmRisk, Field::EmMaintenance]
            .into_iter()
            .map(|field| match self.get(field) {
                Some(Value::Number(n)) => Some(*n),
                _ => None,
            })
            .sum()
    }

    /// Passed its last inspection of every activity, none of them overdue, and nothing holds it.
    pub fn is_passed_and_current(&self, today: NaiveDate) -> bool {
        self.holds.is_empty()
            && !self.inspections.is_empty()
            && self
                .inspections
                .values()
                .all(|i| i.outcome.is_pass() && i.next_due.is_none_or(|due| due >= today))
    }
}
