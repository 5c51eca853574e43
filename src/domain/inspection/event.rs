//! What happens in inspections.
//!
//! Invariant: what an event means never changes; its form in the journal has a number of its own.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Again, Answer, AnswerOrigin, Phase, Verdict};
use crate::domain::device::Outcome;
use crate::domain::id::{Dot, EntityId, Hash};
use crate::domain::order::FailureCause;
use crate::domain::procedure::{DeviceFacts, StepId};
use crate::domain::signature::Signature;

/// What happened in an inspection.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum InspectionEvent {
    /// It began.
    Started {
        /// The device.
        device: EntityId,
        /// The order it belongs to.
        order: EntityId,
        /// The procedure version.
        procedure: Hash,
        /// The expanded document it is judged by (a stored procedure of its own).
        frozen: Hash,
        /// The activity.
        activity: String,
        /// The day the work is done.
        performed: NaiveDate,
        /// What was known of the device.
        facts: DeviceFacts,
        /// The procedure version was adopted at that time.
        adopted: bool,
    },
    /// A warning about the device was read before step 1.
    Acknowledged {
        /// The warning, in words.
        warning: String,
    },
    /// Test equipment was chosen.
    ToolChosen {
        /// The kind of tool that steps name.
        kind: String,
        /// The tool.
        tool: EntityId,
        /// Its short name.
        name: String,
        /// Make, model and serial.
        description: String,
        /// Its calibration in words.
        calibration: String,
        /// Known to be good on the day.
        good: bool,
        /// Reason and second person when used although not known to be good.
        override_by: Option<(String, String)>,
    },
    /// A step was answered.
    Answered {
        /// The step.
        step: StepId,
        /// The set point.
        point: Option<u16>,
        /// What.
        answer: Answer,
        /// What it says.
        verdict: Verdict,
        /// The limit in words.
        limit: String,
        /// Why undecided or unverified.
        why: String,
        /// As found or as left.
        phase: Phase,
        /// From where.
        origin: AnswerOrigin,
        /// Test equipment.
        tool: Option<EntityId>,
        /// The answer it takes the place of, and why.
        supersedes: Option<(Dot, Again)>,
        /// Reason of an amendment.
        reason: String,
    },
    /// A failure was put right on the spot; an as-left answer follows.
    Fixed {
        /// The step.
        step: StepId,
        /// What was done.
        done: String,
        /// Why it failed.
        cause: FailureCause,
        /// Minutes.
        minutes: u32,
    },
    /// A repair order was opened for a failed step.
    RepairOpened {
        /// The step.
        step: StepId,
        /// The order.
        order: EntityId,
    },
    /// A note. No patient data.
    Noted {
        /// The step, or the whole inspection.
        step: Option<StepId>,
        /// The text.
        text: String,
    },
    /// A count-down began.
    TimerStarted {
        /// The step.
        step: StepId,
        /// Seconds it runs.
        seconds: u32,
    },
    /// A step is left for later.
    Deferred {
        /// The step.
        step: StepId,
    },
    /// Somebody else goes on with it.
    HandedOver {
        /// The technician's key.
        to: String,
        /// Where the device is.
        place: String,
        /// What is left.
        left: String,
    },
    /// It was on the wrong device's record: every reading belongs to another one.
    Moved {
        /// The device named before.
        from: EntityId,
        /// The device it was really on.
        to: EntityId,
        /// That device's order.
        order: EntityId,
        /// Why.
        reason: String,
    },
    /// It counts nowhere.
    Voided {
        /// Why.
        reason: String,
    },
    /// A reading's test equipment turned out faulty.
    Suspected {
        /// The answer.
        answer: Dot,
        /// The tool.
        tool: EntityId,
        /// What was found.
        reason: String,
    },
    /// It was signed.
    Signed {
        /// The signature.
        signature: Signature,
        /// How it ended; only the first signature decides.
        outcome: Outcome,
        /// Why, line by line.
        because: Vec<String>,
        /// Active minutes.
        minutes: u32,
    },
    /// A second person proved that it is them.
    Witnessed {
        /// What they agreed to.
        words: String,
        /// Their signature over it.
        signature: Signature,
    },
    /// Of answers that did not know of each other somebody said which one counts; all stay on record.
    AnswerChosen {
        /// The answer that counts.
        answer: Dot,
        /// The answers that count no more.
        over: Vec<Dot>,
    },
    /// Somebody has read what came in beside the end of the inspection, and settled nothing but that.
    NoticeRead {
        /// The events it was about.
        of: Vec<Dot>,
    },
}
