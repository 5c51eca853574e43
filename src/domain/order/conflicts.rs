//! What shops that did not know of each other disagree about on a work order.
//!
//! Invariant: an order that ended has no open question left but how it ended: what was said differently before stays on
//! record, and can be settled no more.

use super::{Closing, Order, Priority, Status, Step, path};
use crate::domain::merge::{Conflict, ConflictKind, Side, of_register};

impl Order {
    /// What is in conflict.
    pub fn conflicts(&self) -> Vec<Conflict> {
        if self.status.is_open() {
            self.of_open()
        } else {
            self.of_ended()
        }
    }

    fn of_open(&self) -> Vec<Conflict> {
        let mut out: Vec<Conflict> = Vec::new();
        out.extend(of_register(
            "priority",
            "Priority",
            &self.priorities,
            Priority::to_string,
            None,
        ));
        let day = |due: &Option<chrono::NaiveDate>| {
            due.map_or_else(|| "no due date".to_owned(), |day| day.to_string())
        };
        out.extend(of_register("due", "Due date", &self.dues, day, None));
        out.extend(of_register(
            "problem",
            "Problem",
            &self.problems,
            String::clone,
            None,
        ));
        let line = |line: &super::CheckIn| {
            format!(
                "{}, clean: {}, accessories: {}, shelf: {}",
                line.harm, line.clean, line.accessories, line.shelf
            )
        };
        out.extend(of_register(
            "check-in",
            "Check-in",
            &self.check_ins,
            line,
            None,
        ));
        out.extend(self.torn());
        out.extend(self.claimed_twice());
        out
    }

    /// Steps that do not go together; one back to open among them says nothing against the others.
    fn torn(&self) -> Option<Conflict> {
        if !path::is_torn(&self.path) {
            return None;
        }
        let mut conflict = of_register("status", "Status", &self.path, Step::words, None)?;
        let weak = |dot| {
            let steps = self.path.candidates();
            steps.iter().any(|c| {
                c.stamp.dot == dot && c.value.as_ref().is_some_and(|s| s.status == Status::Open)
            })
        };
        conflict.sides.retain(|side| !weak(side.stamp.dot));
        conflict.shown = self
            .path
            .candidates()
            .iter()
            .rev()
            .find(|c| {
                c.value
                    .as_ref()
                    .is_some_and(|step| step.status == self.status)
            })
            .map_or(conflict.shown, |c| c.stamp.dot);
        Some(conflict)
    }

    fn claimed_twice(&self) -> Option<Conflict> {
        let told: Vec<String> = self.claims.losers().map(|(who, _)| who.clone()).collect();
        let (_, first) = self.claims.all().first()?;
        (!told.is_empty()).then(|| {
            let sides = self.claims.all().iter().map(|(who, by)| Side {
                value: who.clone(),
                stamp: by.clone(),
            });
            let mut conflict = Conflict::new(
                "claim",
                "Assigned to",
                ConflictKind::ClaimLost,
                sides.collect(),
                first.dot,
            );
            conflict.told = told;
            conflict
        })
    }

    fn of_ended(&self) -> Vec<Conflict> {
        let Some(closing) = &self.closing else {
            return Vec::new();
        };
        let unread = |dot| !self.beside.read.contains(&dot);
        let mut out = Vec::new();
        let others: Vec<&Closing> = self
            .beside
            .closings
            .iter()
            .filter(|other| unread(other.stamp.dot))
            .collect();
        if !others.is_empty() {
            let inspected = closing.inspection.is_some()
                && others.iter().all(|other| other.inspection.is_some());
            let sides = std::iter::once(closing)
                .chain(others)
                .map(|closing| Side {
                    value: closing.words(),
                    stamp: closing.stamp.clone(),
                })
                .collect();
            out.push(
                Conflict::new(
                    "closing",
                    "Closing",
                    if inspected {
                        ConflictKind::DoubleInspection
                    } else {
                        ConflictKind::DoubleClosing
                    },
                    sides,
                    closing.stamp.dot,
                )
                .for_the_others(),
            );
        }
        let cancelled: Vec<Side> = self
            .beside
            .cancelled
            .iter()
            .filter(|(_, by)| unread(by.dot))
            .map(|(reason, by)| Side {
                value: format!("cancelled: {reason}"),
                stamp: by.clone(),
            })
            .collect();
        if !cancelled.is_empty() {
            let mut sides = cancelled;
            sides.push(Side {
                value: closing.words(),
                stamp: closing.stamp.clone(),
            });
            out.push(
                Conflict::new(
                    "end",
                    "How it ended",
                    ConflictKind::EndedBoth,
                    sides,
                    closing.stamp.dot,
                )
                .for_the_others(),
            );
        }
        out
    }
}

impl Closing {
    /// Outcome, what was found and what was done, in a line.
    pub fn words(&self) -> String {
        let outcome = self.outcome.map(|outcome| outcome.to_string());
        let parts = [
            outcome.unwrap_or_default(),
            self.found.clone(),
            self.done.clone(),
        ];
        let said: Vec<&str> = parts
            .iter()
            .map(|part| part.trim())
            .filter(|part| !part.is_empty())
            .collect();
        format!(
            "closed, work of {}: {}",
            self.performed,
            match said.len() {
                0 => "nothing more was said".to_owned(),
                _ => said.join("; "),
            }
        )
    }
}
