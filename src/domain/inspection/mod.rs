//! Inspections: one walk through one procedure version on one device, step by step, until it is signed or void.
//!
//! Invariants: an inspection pins its procedure version and the expanded document it was judged by; an answer is never
//! changed, a later one supersedes it and both stay; no answer is ever filled from an earlier inspection; an amendment
//! never turns a failed safety step into a pass; a void inspection is kept and counts nowhere.

mod acts;
mod alerts;
mod answer;
mod beside;
mod computed;
mod conflicts;
mod decide;
mod doubt;
mod event;
mod facts;
mod faulty_tool;
mod judge;
mod moving;
mod outcome;
mod past;
mod plate;
mod reach;
mod settle;
mod settle_beside;
mod sign;
mod start;
#[cfg(test)]
mod tests;
mod tools;
mod walk;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use alerts::warnings;
pub use beside::Beside;
pub use decide::{Failing, InspectionCommand, decide, decide_all};
pub use doubt::{Doubt, doubts, measure_again_lines, rests_on_doubt, to_measure_again};
pub use event::InspectionEvent;
pub use facts::facts_of;
pub use faulty_tool::tool_failed;
pub use outcome::outcome;
pub use past::{Previous, prefill, previous_readings};
pub(crate) use settle_beside::settle_beside;
pub use sign::proposed_minutes;
pub use start::unqualified;
pub use walk::{Plan, PlanItem, PlanPoint, StepState, plan};

use super::choices::choices;
use super::claims::Claims;
use super::device::{Note, Outcome};
use super::id::{Dot, EntityId, Hash};
use super::measure::Reading;
use super::order::FailureCause;
use super::procedure::{DeviceFacts, StepId};
use super::register::Register;
use super::seen::Seen;
use super::signature::Signature;
use super::time::Stamp;
use super::witness::Witness;

choices! {
    /// Where an answer came from.
    AnswerOrigin {
        /// A key was pressed.
        Key = 1, "key", "key";
        /// A scan.
        Scan = 2, "scan", "scan";
        /// A file of an analyser.
        File = 3, "file", "analyser file";
        /// Computed from earlier readings.
        Computed = 4, "computed", "computed";
        /// Confirmed again from the last inspection (accessories, software version, location only).
        Confirmed = 5, "confirmed", "confirmed from last time";
    }
}

choices! {
    /// What an answer says of the device, judged by the frozen limit.
    Verdict {
        /// Good.
        Pass = 1, "pass", "pass";
        /// Not good.
        Fail = 2, "fail", "fail";
        /// It cannot be said.
        Undecided = 3, "undecided", "undecided";
        /// Within a limit that nobody has verified or adopted: recorded, not a pass.
        Unverified = 4, "unverified", "unverified limit";
        /// Nothing is judged here.
        Neutral = 5, "neutral", "recorded";
        /// Does not apply, with a reason.
        NotApplicable = 6, "na", "not applicable";
    }
}

choices! {
    /// Before or after something was put right.
    Phase {
        /// As the device came.
        AsFound = 1, "as-found", "as found";
        /// As the device goes.
        AsLeft = 2, "as-left", "as left";
    }
}

choices! {
    /// Why an answer takes the place of an earlier one.
    Again {
        /// The earlier one was mistyped.
        TypingSlip = 1, "slip", "typing slip";
        /// It was measured again.
        Remeasured = 2, "again", "measured again";
        /// It was corrected afterwards.
        Amended = 3, "amended", "amended";
        /// The test equipment turned out faulty.
        ToolFault = 4, "tool", "measured again, tool was faulty";
    }
}

choices! {
    /// How far an inspection is.
    InspectionStatus {
        /// Being worked on.
        Open = 1, "open", "open";
        /// Signed.
        Signed = 2, "signed", "signed";
        /// Void: kept, counts nowhere.
        Void = 3, "void", "void";
    }
}

/// What was answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// Good.
    Pass,
    /// Not good.
    Fail,
    /// Does not apply.
    NotApplicable {
        /// Why; never empty.
        reason: String,
    },
    /// A reading as typed.
    Reading(Reading),
    /// One of the choices, by its label.
    Choice(String),
    /// Text.
    Text(String),
    /// A date.
    Date(NaiveDate),
    /// What was scanned.
    Scan(String),
    /// A count-down ran to its end: pass or fail.
    Timer {
        /// The test passed.
        passed: bool,
        /// Seconds it ran.
        seconds: u32,
    },
    /// A second person confirmed.
    SecondPerson {
        /// Their technician key.
        who: String,
    },
}

/// One answer with all that makes it a fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answered {
    /// The step.
    pub step: StepId,
    /// The set point of a table, from 0.
    pub point: Option<u16>,
    /// What was answered.
    pub answer: Answer,
    /// What it says.
    pub verdict: Verdict,
    /// The limit it was judged by, in words; empty when nothing was judged.
    pub limit: String,
    /// Why it is undecided or unverified; empty otherwise.
    pub why: String,
    /// Before or after something was put right.
    pub phase: Phase,
    /// Where it came from.
    pub origin: AnswerOrigin,
    /// The test equipment.
    pub tool: Option<EntityId>,
    /// The earlier answer it takes the place of, and why.
    pub supersedes: Option<(Dot, Again)>,
    /// The reason of an amendment; empty otherwise.
    pub reason: String,
    /// Who and when; its dot names the answer.
    pub stamp: Stamp,
}

/// Test equipment chosen for one kind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ToolUse {
    /// The tool.
    pub tool: EntityId,
    /// Its short name.
    pub name: String,
    /// Make, model and serial for the record.
    pub description: String,
    /// Its calibration on the day of measurement, in words.
    pub calibration: String,
    /// It was known to be good.
    pub good: bool,
    /// Used although not known to be good: reason and second person.
    pub override_by: Option<(String, String)>,
    /// Who chose it and when.
    pub stamp: Stamp,
}

/// Something failed and was put right on the spot.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fix {
    /// The step that failed.
    pub step: StepId,
    /// What was done.
    pub done: String,
    /// Why it failed.
    pub cause: FailureCause,
    /// Minutes it took.
    pub minutes: u32,
    /// Who and when.
    pub stamp: Stamp,
}

/// A reading made with test equipment that turned out faulty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Suspect {
    /// The answer.
    pub answer: Dot,
    /// The tool.
    pub tool: EntityId,
    /// What was found.
    pub reason: String,
    /// Who and when.
    pub stamp: Stamp,
}

/// An inspection.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Inspection {
    /// The device.
    pub device: Option<EntityId>,
    /// The order.
    pub order: Option<EntityId>,
    /// The device and order that the shops that moved it say; empty until somebody moves it.
    pub places: Register<(EntityId, EntityId)>,
    /// The procedure version.
    pub procedure: Hash,
    /// The expanded document it is judged by.
    pub frozen: Hash,
    /// The activity.
    pub activity: String,
    /// The day the work is done.
    pub performed: NaiveDate,
    /// What was known of the device when it began.
    pub facts: DeviceFacts,
    /// The procedure version was adopted when it began.
    pub adopted: bool,
    /// Who began it and when.
    pub started: Option<Stamp>,
    /// Who has it now.
    pub holder: String,
    /// Who was given it by shops that did not know of each other; the first has it.
    pub seats: Claims,
    /// How far it is.
    pub status: Option<InspectionStatus>,
    /// Warnings read.
    pub acknowledged: Vec<Note>,
    /// Test equipment by kind.
    pub tools: BTreeMap<String, ToolUse>,
    /// Every test equipment ever chosen.
    pub tools_used: Vec<ToolUse>,
    /// Every answer ever given, in order.
    pub answers: Vec<Answered>,
    /// What was put right.
    pub fixes: Vec<Fix>,
    /// Repair orders opened: step and order.
    pub repairs: Vec<(StepId, EntityId)>,
    /// Notes: step and text.
    pub notes: Vec<(Option<StepId>, Note)>,
    /// Count-downs running or run: when begun and how long.
    pub timers: BTreeMap<StepId, (Stamp, u32)>,
    /// Steps left for later.
    pub deferred: Vec<StepId>,
    /// Hand-overs: to whom, where, what is left.
    pub handovers: Vec<(String, String, String, Stamp)>,
    /// Devices it was moved away from, with the reason.
    pub moved: Vec<(EntityId, String, Stamp)>,
    /// Why it is void.
    pub void: Option<(String, Stamp)>,
    /// Readings made with faulty test equipment.
    pub suspects: Vec<Suspect>,
    /// Signatures, the first one decides.
    pub signatures: Vec<Signature>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Why.
    pub because: Vec<String>,
    /// Active minutes.
    pub minutes: u32,
    /// Second persons who proved that it was them.
    pub witnesses: Vec<Witness>,
    /// What was recorded by shops that did not know of each other.
    pub beside: Beside,
    /// How many events made this state.
    pub revision: u64,
    /// The last one.
    pub changed: Option<Stamp>,
}

impl Inspection {
    /// Applies one event. `seen` is what its writer knew.
    pub fn apply(&mut self, event: &InspectionEvent, stamp: &Stamp, seen: &Seen) {
        self.run(stamp.dot);
        let note = |text: &str| Note {
            text: text.to_owned(),
            stamp: stamp.clone(),
        };
        match event {
            InspectionEvent::Started {
                device,
                order,
                procedure,
                frozen,
                activity,
                performed,
                facts,
                adopted,
            } => {
                self.device = Some(*device);
                self.order = Some(*order);
                self.procedure = *procedure;
                self.frozen = *frozen;
                self.activity.clone_from(activity);
                self.performed = *performed;
                self.facts = facts.clone();
                self.adopted = *adopted;
                self.sit(&stamp.by, stamp, seen);
                self.started = Some(stamp.clone());
                self.status.get_or_insert(InspectionStatus::Open);
            }
            InspectionEvent::Acknowledged { warning } => self.acknowledged.push(note(warning)),
            InspectionEvent::ToolChosen {
                kind,
                tool,
                name,
                description,
                calibration,
                good,
                override_by,
            } => {
                let used = ToolUse {
                    tool: *tool,
                    name: name.clone(),
                    description: description.clone(),
                    calibration: calibration.clone(),
                    good: *good,
                    override_by: override_by.clone(),
                    stamp: stamp.clone(),
                };
                self.tools.insert(kind.clone(), used.clone());
                self.tools_used.push(used);
            }
            InspectionEvent::Answered {
                step,
                point,
                answer,
                verdict,
                limit,
                why,
                phase,
                origin,
                tool,
                supersedes,
                reason,
            } => {
                self.deferred.retain(|later| later != step);
                self.note_unseen(step, *point, stamp, seen);
                self.answers.push(Answered {
                    step: step.clone(),
                    point: *point,
                    answer: answer.clone(),
                    verdict: *verdict,
                    limit: limit.clone(),
                    why: why.clone(),
                    phase: *phase,
                    origin: *origin,
                    tool: *tool,
                    supersedes: *supersedes,
                    reason: reason.clone(),
                    stamp: stamp.clone(),
                });
            }
            InspectionEvent::Fixed {
                step,
                done,
                cause,
                minutes,
            } => {
                self.note_unseen_by_fix(step, stamp, seen);
                self.fixes.push(Fix {
                    step: step.clone(),
                    done: done.clone(),
                    cause: *cause,
                    minutes: *minutes,
                    stamp: stamp.clone(),
                });
            }
            InspectionEvent::RepairOpened { step, order } => {
                self.repairs.push((step.clone(), *order));
            }
            InspectionEvent::Noted { step, text } => self.notes.push((step.clone(), note(text))),
            InspectionEvent::TimerStarted { step, seconds } => {
                self.timers.insert(step.clone(), (stamp.clone(), *seconds));
            }
            InspectionEvent::Deferred { step } => {
                if !self.deferred.contains(step) {
                    self.deferred.push(step.clone());
                }
            }
            InspectionEvent::HandedOver { to, place, left } => {
                self.sit(to, stamp, seen);
                self.handovers
                    .push((to.clone(), place.clone(), left.clone(), stamp.clone()));
            }
            InspectionEvent::Moved {
                from,
                to,
                order,
                reason,
            } => {
                self.moved.push((*from, reason.clone(), stamp.clone()));
                self.places.set_seen(Some((*to, *order)), stamp, seen);
                if let Some((device, order)) = self.places.get() {
                    self.device = Some(*device);
                    self.order = Some(*order);
                }
            }
            InspectionEvent::Voided { reason } => self.void_it(reason, stamp),
            InspectionEvent::Suspected {
                answer,
                tool,
                reason,
            } => self.suspects.push(Suspect {
                answer: *answer,
                tool: *tool,
                reason: reason.clone(),
                stamp: stamp.clone(),
            }),
            InspectionEvent::Signed {
                signature,
                outcome,
                because,
                minutes,
            } => self.sign_it(signature, *outcome, because, *minutes, stamp, seen),
            InspectionEvent::Witnessed { words, signature } => self.witnesses.push(Witness {
                words: words.clone(),
                signature: signature.clone(),
                stamp: stamp.clone(),
            }),
            InspectionEvent::AnswerChosen { answer, over } => self.choose(*answer, over),
            InspectionEvent::NoticeRead { of } => self.beside.read.extend(of),
        }
        self.revision += 1;
        self.changed = Some(stamp.clone());
    }

    /// True if this technician proved that it is them in the entry that holds the event `of` (an answer, a tool's choice).
    pub fn is_witnessed(&self, who: &str, of: Dot) -> bool {
        self.witnesses.iter().any(|w| {
            w.signature.signer == who && (w.stamp.dot.site, w.stamp.dot.seq) == (of.site, of.seq)
        })
    }

    /// True while it can be worked on.
    pub fn is_open(&self) -> bool {
        self.status == Some(InspectionStatus::Open)
    }

    /// The answer that counts at a step (and set point) in a phase: the last one that nothing supersedes; of those that
    /// did not know of each other, the worst.
    pub fn answer(&self, step: &StepId, point: Option<u16>, phase: Phase) -> Option<&Answered> {
        let counts = |a: &&Answered| {
            a.step == *step
                && a.point == point
                && a.phase == phase
                && !self.is_superseded(a.stamp.dot)
        };
        self.worst_beside(self.answers.iter().filter(counts))
    }

    /// Something takes the place of this answer, or another one was chosen over it.
    pub fn is_superseded(&self, answer: Dot) -> bool {
        self.superseded_by(answer).is_some()
    }

    /// Why this answer counts no more: a later one took its place, or one that did not know of it was chosen.
    pub fn superseded_by(&self, answer: Dot) -> Option<Again> {
        self.answers
            .iter()
            .filter_map(|a| a.supersedes)
            .find_map(|(old, why)| (old == answer).then_some(why))
            .or_else(|| self.beside.passed_over(answer).then_some(Again::Amended))
    }

    /// The reading's test equipment turned out faulty and it was not measured again.
    pub fn is_suspect(&self, answer: Dot) -> bool {
        self.suspects.iter().any(|s| s.answer == answer) && !self.is_superseded(answer)
    }

    /// How many answers count.
    pub fn answer_count(&self) -> usize {
        self.answers
            .iter()
            .filter(|a| !self.is_superseded(a.stamp.dot))
            .count()
    }
}
