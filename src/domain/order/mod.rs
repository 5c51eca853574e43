//! Work orders: what is to be done to a device, by whom, until when, and what came of it.
//!
//! Invariants: a number is never used twice; a closed or cancelled order is never changed again, what comes later is an
//! addendum; D0 to D3 are attempts on an open order and never close it; performed date and entry date are two facts.

mod codes;
mod decide;
mod ending;
mod event;
mod hands;
mod opening;
mod queue;
mod report;
#[cfg(test)]
mod tests;

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
pub use queue::{Rank, Urgency, rank};
pub use report::{External, Report};

use super::choices::choices;
use super::device::Note;
use super::id::EntityId;
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

/// A work order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub number: String,
    /// What it was opened with; priority, due date and problem as last edited.
    pub opening: Opening,
    /// Who opened it and when.
    pub opened: Option<Stamp>,
    /// Where it is on its path.
    pub status: Status,
    /// Who has it.
    pub assignee: Option<String>,
    /// When work began.
    pub started: Option<Stamp>,
    /// Why it waits.
    pub hold: Option<(HoldReason, String, Option<NaiveDate>)>,
    /// How it was checked in.
    pub check_in: Option<CheckIn>,
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
            opened: None,
            status: Status::Open,
            assignee: None,
            started: None,
            hold: None,
            check_in: None,
            labour: Vec::new(),
            parts: Vec::new(),
            attachments: Vec::new(),
            tools: Vec::new(),
            notes: Vec::new(),
            attempts: Vec::new(),
            external: Vec::new(),
            closing: None,
            cancelled: None,
            links: Vec::new(),
            addenda: Vec::new(),
            revision: 0,
            changed: None,
        }
    }
}

/// What a change says that came too late to change anything.
fn late_words(event: &OrderEvent) -> String {
    let what = match event {
        OrderEvent::Assigned { to } => format!("assigned to {to}"),
        OrderEvent::Released { reason } => format!("given back: {reason}"),
        OrderEvent::Edited {
            priority,
            due,
            problem,
            reason,
        } => [
            priority.map(|p| format!("priority {p}")),
            due.map(|d| format!("due {d}")),
            problem.as_ref().map(|p| format!("problem: {p}")),
            Some(reason.clone()).filter(|r| !r.is_empty()),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", "),
        _ => String::new(),
    };
    format!("came after the end, not applied: {what}")
}

impl Order {
    /// Applies one event.
    pub fn apply(&mut self, event: &OrderEvent, stamp: &Stamp) {
        match event {
            // Written elsewhere while this order was being closed: kept as a line, changes nothing.
            late @ (OrderEvent::Assigned { .. }
            | OrderEvent::Released { .. }
            | OrderEvent::Edited { .. })
                if !self.status.is_open() =>
            {
                self.addenda.push(Note {
                    text: late_words(late),
                    stamp: stamp.clone(),
                });
            }
            OrderEvent::Opened { number, opening } => {
                // Two shops that generated the same PM agree on everything but the number: the first one stays.
                if self.opened.is_none() {
                    self.number.clone_from(number);
                    self.opening = opening.clone();
                    self.opened = Some(stamp.clone());
                }
            }
            OrderEvent::CheckedIn { check_in } => self.check_in = Some(check_in.clone()),
            OrderEvent::Assigned { to } => {
                self.assignee = Some(to.clone());
                if self.status == Status::Open {
                    self.status = Status::Assigned;
                }
            }
            OrderEvent::Released { .. } => {
                self.assignee = None;
                if self.status == Status::Assigned {
                    self.status = Status::Open;
                }
            }
            OrderEvent::Started => {
                self.started.get_or_insert_with(|| stamp.clone());
                self.hold = None;
                self.advance(Status::InProgress);
            }
            OrderEvent::Held {
                reason,
                note,
                chase,
            } => {
                self.hold = Some((*reason, note.clone(), *chase));
                self.advance(Status::OnHold);
            }
            OrderEvent::Resumed => {
                self.hold = None;
                // What waited before anybody began goes back to where it was.
                self.advance(if self.started.is_some() {
                    Status::InProgress
                } else if self.assignee.is_some() {
                    Status::Assigned
                } else {
                    Status::Open
                });
            }
            OrderEvent::WorkDone => {
                self.hold = None;
                self.advance(Status::WorkDone);
            }
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
            } => {
                if let Some(priority) = priority {
                    self.opening.priority = *priority;
                }
                if let Some(due) = due {
                    self.opening.due = Some(*due);
                }
                if let Some(problem) = problem {
                    self.opening.problem.clone_from(problem);
                }
            }
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
            } => {
                self.closing.get_or_insert_with(|| Closing {
                    outcome: *outcome,
                    cause: *cause,
                    action: *action,
                    found: found.clone(),
                    done: done.clone(),
                    performed: *performed,
                    inspection: *inspection,
                    stamp: stamp.clone(),
                });
                self.hold = None;
                self.status = Status::Closed;
            }
            OrderEvent::Cancelled { reason } => {
                if self.status != Status::Closed {
                    self.cancelled = Some(reason.clone());
                    self.status = Status::Cancelled;
                }
            }
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

    fn advance(&mut self, to: Status) {
        if self.status.is_open() {
            self.status = to;
        }
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
