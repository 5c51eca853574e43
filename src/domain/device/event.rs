//! What happens to devices.
//!
//! Invariant: what an event means never changes; its form in the journal has a number of its own.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{FieldChange, HoldKind, Origin, Outcome, Stage, Whereabouts};
use crate::domain::id::{Dot, EntityId};
use crate::domain::signature::Signature;

/// What happened to a device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum DeviceEvent {
    /// It entered the inventory.
    Registered {
        /// How.
        origin: Origin,
        /// Its stage then.
        stage: Stage,
        /// The fields known then.
        changes: Vec<FieldChange>,
    },
    /// Fields were edited.
    Edited {
        /// Each field with old and new value.
        changes: Vec<FieldChange>,
        /// Why, if said.
        reason: String,
    },
    /// It moved along its life.
    StageChanged {
        /// From.
        from: Stage,
        /// To.
        to: Stage,
        /// Why.
        reason: String,
    },
    /// It went somewhere or came back.
    WhereaboutsChanged {
        /// Where it is now.
        to: Whereabouts,
        /// Why, or what was found.
        note: String,
    },
    /// A reason not to use it was added.
    HoldPlaced {
        /// Its sort.
        kind: HoldKind,
        /// Why.
        reason: String,
        /// What it came from.
        source: Option<EntityId>,
    },
    /// One hold was lifted, by name.
    HoldLifted {
        /// The hold: the dot of the event that placed it.
        hold: Dot,
        /// Why.
        reason: String,
        /// The signed inspection that proves it, if one does.
        inspection: Option<EntityId>,
    },
    /// Its label was replaced; the old tag stays an alias.
    Retagged {
        /// The tag before.
        old: String,
        /// The tag now.
        change: FieldChange,
        /// Why.
        reason: String,
    },
    /// Another record of the same device was combined into this one.
    Combined {
        /// The other record.
        other: EntityId,
        /// Its tag and serial, which find this record from now on.
        aliases: Vec<String>,
        /// Why.
        reason: String,
    },
    /// A combination was taken back.
    Separated {
        /// The other record.
        other: EntityId,
        /// Why.
        reason: String,
    },
    /// This record was combined into another one, or taken out again (`None`).
    MergedInto {
        /// The record that stands for both.
        into: Option<EntityId>,
        /// Why.
        reason: String,
    },
    /// An inspection of it was signed.
    Inspected {
        /// The inspection.
        inspection: EntityId,
        /// The activity it did ("incoming inspection", "annual PM").
        activity: String,
        /// How it ended.
        outcome: Outcome,
        /// The day it was done.
        performed: NaiveDate,
        /// When it is due again, if the order knows.
        next_due: Option<NaiveDate>,
    },
    /// A software version was seen on it.
    SoftwareSeen {
        /// Which software, as named on the device.
        component: String,
        /// The version, raw text.
        version: String,
        /// How it was seen.
        how: String,
    },
    /// A note. No patient data.
    Noted {
        /// The text.
        text: String,
    },
    /// A second person proved that it is them.
    Witnessed {
        /// What they agreed to.
        words: String,
        /// Their signature over it.
        signature: Signature,
    },
    /// Scheduled work was done by a company, as its reviewed report says.
    Serviced {
        /// The order.
        order: EntityId,
        /// The activity that was done ("annual PM").
        activity: String,
        /// The day it was done.
        performed: NaiveDate,
        /// When it is due again, if the order knows.
        next_due: Option<NaiveDate>,
        /// Company, report and result in words; says so when there are no readings.
        report: String,
    },
    /// Somebody has read what came in beside other work, and settled nothing but that.
    NoticeRead {
        /// The events it was about.
        of: Vec<Dot>,
    },
}
