//! How an order comes to be, moves on its path and ends, when several shops work on it without knowing of each other.
//!
//! Invariants: steps that did not know of each other join where only one of them can be the later one, else the order is in
//! conflict and stays workable; an order that ended never changes again, what comes later is a line; closed wins over
//! cancelled; of two closings the first in the order of the fold is the closing and the other stands beside it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Closing, HoldReason, Opening, Order, OrderEvent, Priority, Status};
use crate::domain::device::Note;
use crate::domain::register::Register;
use crate::domain::seen::Seen;
use crate::domain::time::Stamp;

/// One step on the path of an open order: back to open (who has it says the claim), in progress, on hold or work done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Where it leads.
    pub status: Status,
    /// Why the order waits there, when to ask again.
    pub hold: Option<(HoldReason, String, Option<NaiveDate>)>,
}

impl Step {
    /// A step that needs no words.
    pub(super) const fn to(status: Status) -> Self {
        Self { status, hold: None }
    }

    /// What a person reads: the status, with what is waited for.
    pub fn words(&self) -> String {
        let Some((reason, note, chase)) = &self.hold else {
            return self.status.to_string();
        };
        let note = match note.trim() {
            "" => String::new(),
            note => format!(", {note}"),
        };
        let chase = chase.map_or_else(String::new, |day| format!(", ask again on {day}"));
        format!("{}: {reason}{note}{chase}", self.status)
    }

    /// Whether this step, taken beside another one, is the later one on the path. Who took an order off its hold says
    /// nothing against work that began, and who goes on working has not seen that the work is done. Waiting beside working
    /// or being done is something that only a person can tell.
    pub fn follows(&self, other: &Self) -> bool {
        match (other.status, self.status) {
            _ if self == other => true,
            (Status::Open, _) => true,
            (Status::InProgress, to) => to == Status::WorkDone,
            _ => false,
        }
    }
}

/// The step that follows all others, if there is one: the one that is shown.
fn joined<'a>(steps: impl Iterator<Item = &'a Step> + Clone) -> Option<&'a Step> {
    steps
        .clone()
        .find(|step| steps.clone().all(|other| step.follows(other)))
}

/// What an open order's steps come to: where they join, or the latest one that some other one does not follow.
fn shown(path: &Register<Step>) -> Option<&Step> {
    let steps = path.candidates().iter().filter_map(|c| c.value.as_ref());
    joined(steps.clone()).or_else(|| steps.rev().find(|step| step.status != Status::Open))
}

/// True while the steps of an open order say things that do not go together.
pub(super) fn is_torn(path: &Register<Step>) -> bool {
    let steps = path.candidates().iter().filter_map(|c| c.value.as_ref());
    !path.is_empty() && joined(steps).is_none()
}

/// What a change says that came too late to change anything; `None` for what is kept in its own list at any time.
pub(super) fn late_words(event: &OrderEvent) -> Option<String> {
    let what = match event {
        OrderEvent::Assigned { to } => format!("assigned to {to}"),
        OrderEvent::Released { reason } => format!("given back: {reason}"),
        OrderEvent::Started => "work begun".to_owned(),
        OrderEvent::Held {
            reason,
            note,
            chase,
        } => Step {
            status: Status::OnHold,
            hold: Some((*reason, note.clone(), *chase)),
        }
        .words(),
        OrderEvent::Resumed => "goes on".to_owned(),
        OrderEvent::WorkDone => "work done".to_owned(),
        OrderEvent::CheckedIn { check_in } => format!(
            "checked in: {}, clean: {}, accessories: {}, shelf: {}",
            check_in.harm, check_in.clean, check_in.accessories, check_in.shelf
        ),
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
        _ => return None,
    };
    Some(format!("came after the end, not applied: {what}"))
}

impl Order {
    pub(super) fn add_line(&mut self, text: String, stamp: &Stamp) {
        self.addenda.push(Note {
            text,
            stamp: stamp.clone(),
        });
    }

    /// Opens it. Two shops that planned the same work agree on what it is: the first number stays, the other one finds it
    /// too, and what they say differently is shown.
    pub(super) fn open(&mut self, number: &str, opening: &Opening, stamp: &Stamp) {
        let Some(first) = &self.opened else {
            number.clone_into(&mut self.number);
            self.opening = opening.clone();
            self.opened = Some(stamp.clone());
            return;
        };
        let first = first.clone();
        if self.number != number && !self.aliases.iter().any(|known| known == number) {
            self.aliases.push(number.to_owned());
        }
        if self.status.is_open() {
            self.list_opening(&first);
            self.priorities
                .list(Some(opening.priority), stamp, Priority::eq);
            self.dues.list(Some(opening.due), stamp, |a, b| a == b);
            self.problems
                .list(Some(opening.problem.clone()), stamp, String::eq);
            self.show_edits();
        }
    }

    /// Puts what the order was opened with beside what comes now, where nothing was edited yet.
    fn list_opening(&mut self, opened: &Stamp) {
        if self.priorities.is_empty() {
            self.priorities
                .list(Some(self.opening.priority), opened, Priority::eq);
        }
        if self.dues.is_empty() {
            self.dues
                .list(Some(self.opening.due), opened, |a, b| a == b);
        }
        if self.problems.is_empty() {
            self.problems
                .list(Some(self.opening.problem.clone()), opened, String::eq);
        }
    }

    pub(super) fn edit(
        &mut self,
        priority: Option<Priority>,
        due: Option<NaiveDate>,
        problem: Option<&str>,
        stamp: &Stamp,
        seen: &Seen,
    ) {
        let opened = self.opened.clone().unwrap_or_else(|| stamp.clone());
        if let Some(priority) = priority {
            if self.priorities.is_empty() {
                self.priorities
                    .list(Some(self.opening.priority), &opened, Priority::eq);
            }
            self.priorities.set_seen(Some(priority), stamp, seen);
        }
        if let Some(due) = due {
            if self.dues.is_empty() {
                self.dues
                    .list(Some(self.opening.due), &opened, |a, b| a == b);
            }
            self.dues.set_seen(Some(Some(due)), stamp, seen);
        }
        if let Some(problem) = problem {
            if self.problems.is_empty() {
                self.problems
                    .list(Some(self.opening.problem.clone()), &opened, String::eq);
            }
            self.problems
                .set_seen(Some(problem.to_owned()), stamp, seen);
        }
        self.show_edits();
    }

    fn show_edits(&mut self) {
        if let Some(priority) = self.priorities.get() {
            self.opening.priority = *priority;
        }
        if let Some(due) = self.dues.get() {
            self.opening.due = *due;
        }
        if let Some(problem) = self.problems.get() {
            self.opening.problem.clone_from(problem);
        }
    }

    /// Takes a step on the path.
    pub(super) fn step(&mut self, to: Step, stamp: &Stamp, seen: &Seen) {
        self.path.set_seen(Some(to), stamp, seen);
        self.show_path();
    }

    /// Status, hold and assignee of an open order, as its steps and claims say.
    pub(super) fn show_path(&mut self) {
        self.assignee = self.claims.holder().map(str::to_owned);
        let step = shown(&self.path).filter(|step| step.status != Status::Open);
        self.status = match step {
            Some(step) => step.status,
            None if self.assignee.is_some() => Status::Assigned,
            None => Status::Open,
        };
        self.hold = step.and_then(|step| step.hold.clone());
    }

    pub(super) fn close(&mut self, closing: Closing, stamp: &Stamp) {
        self.hold = None;
        self.status = Status::Closed;
        match &self.closing {
            None => self.closing = Some(closing),
            Some(_) => self.beside.closings.push(closing),
        }
        if let Some(reason) = self.cancelled.take() {
            let by = self.cancelled_by.take().unwrap_or_else(|| stamp.clone());
            self.cancelled_beside(&reason, &by);
        }
    }

    pub(super) fn cancel(&mut self, reason: &str, stamp: &Stamp) {
        match self.status {
            Status::Closed => self.cancelled_beside(reason, stamp),
            Status::Cancelled => {
                self.add_line(format!("cancelled elsewhere too: {reason}"), stamp);
            }
            _ => {
                self.cancelled = Some(reason.to_owned());
                self.cancelled_by = Some(stamp.clone());
                self.status = Status::Cancelled;
            }
        }
    }

    fn cancelled_beside(&mut self, reason: &str, by: &Stamp) {
        self.add_line(
            format!("cancelled elsewhere while it was being closed: {reason}"),
            by,
        );
        self.beside.cancelled.push((reason.to_owned(), by.clone()));
    }
}
