//! What happens to work orders: how one is opened, and every event after that.
//!
//! Invariant: what an event means never changes; its form in the journal has a number of its own.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    AttemptCode, CheckIn, FailureCause, HoldReason, LabourKind, OrderKind, OutcomeCode, Priority,
    WorkAction,
};
use crate::domain::id::{Dot, EntityId};
use crate::domain::signature::Signature;

/// How an order came to be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Cause {
    /// A person asked.
    Request,
    /// A maintenance plan came due.
    Plan {
        /// The plan's name.
        plan: String,
    },
    /// A step of an inspection failed.
    FailedStep {
        /// The inspection.
        inspection: EntityId,
        /// The step's id.
        step: String,
    },
    /// An order was opened again.
    Reopened {
        /// The closed order.
        order: EntityId,
    },
    /// A technician suspects a recall.
    SuspectRecall {
        /// The inspection during which, if any.
        inspection: Option<EntityId>,
    },
    /// An inspection was started where no order was open.
    Unscheduled,
}

/// What an order is opened with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opening {
    /// Kind of work.
    pub kind: OrderKind,
    /// The device, if it concerns one.
    pub device: Option<EntityId>,
    /// How urgent.
    pub priority: Priority,
    /// The problem or the activity, in words.
    pub problem: String,
    /// Who asked.
    pub requester: String,
    /// Department that asked.
    pub department: String,
    /// When it is due.
    pub due: Option<NaiveDate>,
    /// The first and last day that count as in time.
    pub window: Option<(NaiveDate, NaiveDate)>,
    /// The activity of scheduled work ("annual PM"): what links it to procedures and inspections.
    pub activity: String,
    /// The procedure to use, by code; empty when it follows from the device type.
    pub procedure: String,
    /// Planned minutes.
    pub planned_minutes: Option<u32>,
    /// When this activity is due again once done, in months from the performed date.
    pub interval_months: Option<u32>,
    /// How it came to be.
    pub cause: Cause,
}

/// What happened to an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum OrderEvent {
    /// It was opened.
    Opened {
        /// Its number with the shop's prefix.
        number: String,
        /// With what.
        opening: Opening,
    },
    /// The repair was checked in.
    CheckedIn {
        /// The line.
        check_in: CheckIn,
    },
    /// Somebody took it or was given it.
    Assigned {
        /// The technician's key.
        to: String,
    },
    /// It was given back.
    Released {
        /// Why.
        reason: String,
    },
    /// Work began.
    Started,
    /// It waits.
    Held {
        /// For what.
        reason: HoldReason,
        /// In words.
        note: String,
        /// When to ask again.
        chase: Option<NaiveDate>,
    },
    /// It goes on.
    Resumed,
    /// The work is done.
    WorkDone,
    /// Labour was booked.
    LabourBooked {
        /// The technician's key.
        who: String,
        /// Minutes.
        minutes: u32,
        /// What sort.
        kind: LabourKind,
        /// The day.
        on: NaiveDate,
        /// A note.
        note: String,
    },
    /// A part was used.
    PartUsed {
        /// Part number.
        number: String,
        /// What it is.
        description: String,
        /// How many.
        quantity: u32,
        /// Cost of one.
        cost: Option<Decimal>,
    },
    /// A file is kept elsewhere.
    Attached {
        /// Where.
        reference: String,
        /// What it is.
        note: String,
    },
    /// Test equipment was used.
    ToolUsed {
        /// Which.
        tool: EntityId,
    },
    /// A note. No patient data.
    Noted {
        /// The text.
        text: String,
    },
    /// A try that did not get the work done.
    Attempted {
        /// D0 to D3.
        code: AttemptCode,
        /// Where.
        place: String,
        /// A note.
        note: String,
        /// When to try again.
        next_try: Option<NaiveDate>,
    },
    /// Priority, due date or problem text were changed.
    Edited {
        /// The new priority.
        priority: Option<Priority>,
        /// The new due date.
        due: Option<NaiveDate>,
        /// The new problem text.
        problem: Option<String>,
        /// Why.
        reason: String,
    },
    /// A company's work was entered and reviewed.
    External {
        /// The company.
        company: String,
        /// Its technician.
        technician: String,
        /// Report number.
        report: String,
        /// The day of service.
        on: NaiveDate,
        /// As the report says.
        passed: bool,
        /// The report holds readings.
        readings: bool,
        /// Where the file is.
        file: String,
        /// Signature with the meaning "reviewed".
        signature: Option<Signature>,
    },
    /// It was closed.
    Closed {
        /// Outcome.
        outcome: Option<OutcomeCode>,
        /// Failure cause.
        cause: FailureCause,
        /// Work action.
        action: WorkAction,
        /// What was found.
        found: String,
        /// What was done.
        done: String,
        /// The day of the work.
        performed: NaiveDate,
        /// The inspection that proves it.
        inspection: Option<EntityId>,
    },
    /// It will not be done.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// It belongs together with another order.
    Linked {
        /// The other one.
        order: EntityId,
        /// How, in words ("repair of a failed step").
        relation: String,
    },
    /// A line added after it was closed.
    Addendum {
        /// The text.
        text: String,
    },
    /// Somebody has read what came in beside the end of the order, and settled nothing but that.
    NoticeRead {
        /// The events it was about.
        of: Vec<Dot>,
    },
}
