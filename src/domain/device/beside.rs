//! One record that several shops work on without knowing of each other: its last inspections, and what it was combined with.
//!
//! Invariants: the later day of work counts, and of several of one day that did not know of each other the worst; no record
//! is lost because two were combined into each other.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Device, Outcome};
use crate::domain::id::EntityId;
use crate::domain::seen::Seen;
use crate::domain::time::Stamp;

/// The last signed inspection of one activity, or a company's work that was reviewed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LastInspection {
    /// The inspection; `None` when a company did the work and its report was reviewed.
    pub inspection: Option<EntityId>,
    /// How it ended.
    pub outcome: Outcome,
    /// The day it was done.
    pub performed: NaiveDate,
    /// When it is due again, if known.
    pub next_due: Option<NaiveDate>,
    /// Company, report and result of work that was not done here; empty otherwise.
    pub report: String,
    /// Who recorded it and when.
    pub stamp: Stamp,
}

impl LastInspection {
    /// The same result, and due again on the same day.
    fn says_the_same(&self, other: &Self) -> bool {
        self.outcome == other.outcome && self.next_due == other.next_due
    }

    /// A graver outcome; of the same outcomes, the one that is due again sooner.
    fn is_worse_than(&self, other: &Self) -> bool {
        let due = |last: &Self| last.next_due.unwrap_or(NaiveDate::MAX);
        (self.outcome.gravity(), std::cmp::Reverse(due(self)))
            > (other.outcome.gravity(), std::cmp::Reverse(due(other)))
    }
}

impl Device {
    pub(super) fn combine(&mut self, other: EntityId, aliases: &[String]) {
        if !self.combined.contains(&other) {
            self.combined.push(other);
        }
        let new: Vec<String> = aliases
            .iter()
            .filter(|alias| !self.aliases.contains(alias))
            .cloned()
            .collect();
        for alias in &new {
            self.alias(alias);
        }
        self.lent.push((other, new));
        self.stand_if_circular();
    }

    /// A record that was combined into one that was combined into it stands for itself, so that neither is lost.
    pub(super) fn stand_if_circular(&mut self) {
        self.merged_into = self
            .merges
            .get()
            .copied()
            .filter(|into| !self.combined.contains(into));
    }

    /// Work of an activity, unless later work is known already. Of several of one day that did not know of each other the
    /// worst counts until somebody has read of all.
    pub(super) fn done(&mut self, activity: &str, last: LastInspection, seen: &Seen) {
        let known = self.inspections.get(activity);
        if known.is_some_and(|known| known.performed > last.performed) {
            return;
        }
        let stands = |other: &LastInspection| {
            other.performed == last.performed
                && !seen.covers(other.stamp.dot)
                && !other.says_the_same(&last)
        };
        let mut said: Vec<LastInspection> =
            known.filter(|o| stands(o)).cloned().into_iter().collect();
        for (_, other) in self.beside.extract_if(.., |(of, _)| of == activity) {
            if stands(&other) {
                said.push(other);
            }
        }
        let mut worst = last;
        for other in said {
            let lesser = if other.is_worse_than(&worst) {
                std::mem::replace(&mut worst, other)
            } else {
                other
            };
            self.beside.push((activity.to_owned(), lesser));
        }
        self.inspections.insert(activity.to_owned(), worst);
    }
}
