//! Work orders: what is to be done to a device, by whom, until when, and what came of it.
//!
//! Invariants: a number is never used twice; a closed or cancelled order is never changed again, what comes later is an
//! addendum; D0 to D3 are attempts on an open order and never close it; performed date and entry date are two facts.

mod codes;
mod conflicts;
mod decide;
mod ending;
mod event;
mod hands;
mod opening;
mod path;
mod queue;
mod report;
mod settle;
#[cfg(test)]
pub(crate) mod tests;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use codes::{
    AttemptCode, FailureCause, HoldReason, LabourKind, OrderKind, OutcomeCode, Priority, WorkAction,
};
pub(crate) use decide::device_not_sequestered;
pub use decide::{OrderCommand, decide};
pub use event::{Cause, Opening, OrderEvent};
pub(crate) use hands::named;
pub(crate) use opening::{number, proposed_action};
pub use path::Step;
pub use queue::{Rank, Urgency, rank};
pub use report::{External, Report};
pub(crate) use settle::settle;

use super::choices::choices;
use super::claims::Claims;
use super::device::Note;
use super::id::{Dot, EntityId};
use super::register::Register;
use super::seen::Seen;
use super::time::Stamp;

choices! {
    /// Where an order is on its path.
    Status {
        /// Nobody has it.
        Open = 1, "open", "open";
        /// Somebody has claimed it or was given it.
        Assigned = 2, "assigned", "assigned";
        /// Work has begun.
        InProgress = 3, "in-progress", "in progress";
        /// Waiting, with a reason and a chase date.
        OnHold = 4, "on-hold", "on hold";
        /// The work is done; the papers are not.
        WorkDone = 5, "work-done", "work done";
        /// Closed.
        Closed = 6, "closed", "closed";
        /// Not to be done, with a reason.
        Cancelled = 7, "cancelled", "cancelled";
    }
}

impl Status {
    /// True while there is something left to do.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Cancelled)
    }
}

choices! {
    /// An answer at check-in that may be unknown.
    Known {
        /// Yes.
        Yes = 1, "yes", "yes";
        /// No.
        No = 2, "no", "no";
        /// Nobody knows.
        Unknown = 3, "unknown", "unknown";
    }
}

choices! {
    /// Was a patient or user harmed?
    Harm {
        /// No harm and no near miss.
        None = 1, "none", "no harm";
        /// It could have harmed somebody.
        NearMiss = 2, "near-miss", "near miss";
        /// Somebody was or may have been harmed.
        Harm = 3, "harm", "harm or possible harm";
        /// Nobody knows.
        Unknown = 4, "unknown", "unknown";
    }
}

/// The one line with which a repair comes in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CheckIn {
    /// Harm or near miss.
    pub harm: Harm,
    /// Cleaned and decontaminated.
    pub clean: Known,
    /// Accessories that came with it; empty when nobody knows.
    pub accessories: String,
    /// Where on the shelf it stands; empty when nobody said.
    pub shelf: String,
}

/// Labour booked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Labour {
    /// The technician's key.
    pub who: String,
    /// Minutes of active work.
    pub minutes: u32,
    /// What sort.
    pub kind: LabourKind,
    /// The day it was done.
    pub on: NaiveDate,
    /// A note.
    pub note: String,
    /// Who entered it and when.
    pub stamp: Stamp,
}

/// A part used.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Part number.
    pub number: String,
    /// What it is.
    pub description: String,
    /// How many.
    pub quantity: u32,
    /// Cost of one, if known.
    pub cost: Option<Decimal>,
    /// Who entered it and when.
    pub stamp: Stamp,
}

/// A try that did not get the work done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// D0 to D3.
    pub code: AttemptCode,
    /// Where people looked or stood.
    pub place: String,
    /// A note.
    pub note: String,
    /// When to try again.
    pub next_try: Option<NaiveDate>,
    /// Who and when.
    pub stamp: Stamp,
}

/// How the order ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Closing {
    /// VistA's outcome code, for scheduled work.
    pub outcome: Option<OutcomeCode>,
    /// Why it failed.
    pub cause: FailureCause,
    /// VistA's work action.
    pub action: WorkAction,
    /// What was found.
    pub found: String,
    /// What was done.
    pub done: String,
    /// The day the work was done.
    pub performed: NaiveDate,
    /// The inspection that proves it.
    pub inspection: Option<EntityId>,
    /// Who closed it and when.
    pub stamp: Stamp,
}

/// What came in from elsewhere beside the end of an order, until somebody has read of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Beside {
    /// Other closings of the same order, by shops that did not know of each other.
    pub closings: Vec<Closing>,
    /// Cancellations of an order that was closed: the reasons.
    pub cancelled: Vec<(String, Stamp)>,
    /// Which of these somebody has read.
    pub read: Vec<Dot>,
}

/// A work order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub number: String,
    /// Numbers that other shops gave the same work; each still finds it.
    pub aliases: Vec<String>,
    /// What it was opened with; priority, due date and problem as last edited.
    pub opening: Opening,
    /// What the shops that edited the priority say; empty until somebody does.
    pub priorities: Register<Priority>,
    /// What the shops that edited the due date say; empty until somebody does.
    pub dues: Register<Option<NaiveDate>>,
    /// What the shops that edited the problem say; empty until somebody does.
    pub problems: Register<String>,
    /// Who opened it and when.
    pub opened: Option<Stamp>,
    /// Where it is on its path.
    pub status: Status,
    /// The steps on its path that did not know of each other; `status` and `hold` follow from them and from the claims.
    pub path: Register<Step>,
    /// Who has it.
    pub assignee: Option<String>,
    /// Who claimed it without knowing of each other; the first has it.
    pub claims: Claims,
    /// When work began.
    pub started: Option<Stamp>,
    /// Why it waits.
    pub hold: Option<(HoldReason, String, Option<NaiveDate>)>,
    /// How it was checked in.
    pub check_in: Option<CheckIn>,
    /// What the shops that checked it in say.
    pub check_ins: Register<CheckIn>,
    /// Labour.
    pub labour: Vec<Labour>,
    /// Parts.
    pub parts: Vec<Part>,
    /// Attachments: reference and note.
    pub attachments: Vec<(String, String)>,
    /// Test equipment.
    pub tools: Vec<EntityId>,
    /// Notes.
    pub notes: Vec<Note>,
    /// Tries.
    pub attempts: Vec<Attempt>,
    /// A company's work.
    pub external: Vec<External>,
    /// How it ended.
    pub closing: Option<Closing>,
    /// Why it was cancelled.
    pub cancelled: Option<String>,
    /// Who cancelled it and when.
    pub cancelled_by: Option<Stamp>,
    /// What came in from elsewhere beside its end.
    pub beside: Beside,
    /// Linked orders.
    pub links: Vec<(EntityId, String)>,
    /// Lines added after closing.
    pub addenda: Vec<Note>,
    /// How many events made this state.
    pub revision: u64,
    /// The last one.
    pub changed: Option<Stamp>,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            number: String::new(),
            aliases: Vec::new(),
            opening: Opening {
                kind: OrderKind::Repair,
                device: None,
                priority: Priority::Normal,
                problem: String::new(),
                requester: String::new(),
                department: String::new(),
                due: None,
                window: None,
                activity: String::new(),
                procedure: String::new(),
                planned_minutes: None,
                interval_months: None,
                cause: Cause::Request,
            },
            priorities: Register::default(),
            dues: Register::default(),
            problems: Register::default(),
            opened: None,
            status: Status::Open,
            path: Register::default(),
            assignee: None,
            claims: Claims::default(),
            started: None,
            hold: None,
            check_in: None,
            check_ins: Register::default(),
            labour: Vec::new(),
            parts: Vec::new(),
            attachments: Vec::new(),
            tools: Vec::new(),
            notes: Vec::new(),
            attempts: Vec::new(),
            external: Vec::new(),
            closing: None,
            cancelled: None,
            cancelled_by: None,
            beside: Beside::default(),
            links: Vec::new(),
            addenda: Vec::new(),
            revision: 0,
            changed: None,
        }
    }
}

impl Order {
    /// Applies one event. `seen` is what its writer knew.
    pub fn apply(&mut self, event: &OrderEvent, stamp: &Stamp, seen: &Seen) {
        match event {
            // Written elsewhere while this order was being closed: kept as a line, changes nothing.
            late if !self.status.is_open() && path::late_words(late).is_some() => {
                let text = path::late_words(late).unwrap_or_default();
                self.add_line(text, stamp);
            }
            OrderEvent::Opened { number, opening } => self.open(number, opening, stamp),
            OrderEvent::CheckedIn { check_in } => {
                self.check_ins.set_seen(Some(check_in.clone()), stamp, seen);
                self.check_in = self.check_ins.get().cloned();
            }
            OrderEvent::Assigned { to } => {
                self.claims.claim(to, stamp, seen);
                self.show_path();
            }
            OrderEvent::Released { .. } => {
                self.claims.release(seen);
                self.show_path();
            }
            OrderEvent::Started => {
                self.started.get_or_insert_with(|| stamp.clone());
                self.step(Step::to(Status::InProgress), stamp, seen);
            }
            OrderEvent::Held {
                reason,
                note,
                chase,
            } => {
                let waits = Step {
                    status: Status::OnHold,
                    hold: Some((*reason, note.clone(), *chase)),
                };
                self.step(waits, stamp, seen);
            }
            OrderEvent::Resumed => {
                // What waited before anybody began goes back to where it was.
                let back = if self.started.is_some() {
                    Status::InProgress
                } else {
                    Status::Open
                };
                self.step(Step::to(back), stamp, seen);
            }
            OrderEvent::WorkDone => self.step(Step::to(Status::WorkDone), stamp, seen),
            OrderEvent::LabourBooked {
                who,
                minutes,
                kind,
                on,
                note,
            } => self.labour.push(Labour {
                who: who.clone(),
                minutes: *minutes,
                kind: *kind,
                on: *on,
                note: note.clone(),
                stamp: stamp.clone(),
            }),
            OrderEvent::PartUsed {
                number,
                description,
                quantity,
                cost,
            } => self.parts.push(Part {
                number: number.clone(),
                description: description.clone(),
                quantity: *quantity,
                cost: *cost,
                stamp: stamp.clone(),
            }),
            OrderEvent::Attached { reference, note } => {
                self.attachments.push((reference.clone(), note.clone()));
            }
            OrderEvent::ToolUsed { tool } => {
                if !self.tools.contains(tool) {
                    self.tools.push(*tool);
                }
            }
            OrderEvent::Noted { text } => {
                self.notes.push(Note {
                    text: text.clone(),
                    stamp: stamp.clone(),
                });
            }
            OrderEvent::Attempted {
                code,
                place,
                note,
                next_try,
            } => self.attempts.push(Attempt {
                code: *code,
                place: place.clone(),
                note: note.clone(),
                next_try: *next_try,
                stamp: stamp.clone(),
            }),
            OrderEvent::Edited {
                priority,
                due,
                problem,
                ..
            } => self.edit(*priority, *due, problem.as_deref(), stamp, seen),
            OrderEvent::External {
                company,
                technician,
                report,
                on,
                passed,
                readings,
                file,
                signature,
            } => self.external.push(External {
                company: company.clone(),
                technician: technician.clone(),
                report: report.clone(),
                on: *on,
                passed: *passed,
                readings: *readings,
                file: file.clone(),
                signature: signature.clone(),
                stamp: stamp.clone(),
            }),
            OrderEvent::Closed {
                outcome,
                cause,
                action,
                found,
                done,
                performed,
                inspection,
            } => self.close(
                Closing {
                    outcome: *outcome,
                    cause: *cause,
                    action: *action,
                    found: found.clone(),
                    done: done.clone(),
                    performed: *performed,
                    inspection: *inspection,
                    stamp: stamp.clone(),
                },
                stamp,
            ),
            OrderEvent::Cancelled { reason } => self.cancel(reason, stamp),
            OrderEvent::NoticeRead { of } => self.beside.read.extend(of),
            OrderEvent::Linked { order, relation } => {
                if !self
                    .links
                    .iter()
                    .any(|(id, r)| id == order && r == relation)
                {
                    self.links.push((*order, relation.clone()));
                }
            }
            OrderEvent::Addendum { text } => {
                self.addenda.push(Note {
                    text: text.clone(),
                    stamp: stamp.clone(),
                });
            }
        }
        self.revision += 1;
        self.changed = Some(stamp.clone());
    }

    /// All minutes booked.
    pub fn minutes(&self) -> u32 {
        self.labour.iter().map(|l| l.minutes).sum()
    }

    /// The last day in time: the end of its window, else its due date.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.opening
            .window
            .map(|(_, last)| last)
            .or(self.opening.due)
    }

    /// The first day in time: the start of its window, else its due date.
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.opening
            .window
            .map(|(first, _)| first)
            .or(self.opening.due)
    }

    /// Past its last day in time on this day and still open.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.status.is_open() && self.last_day().is_some_and(|last| last < today)
    }
}
