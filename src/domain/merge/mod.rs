//! Work that several shops did without knowing of each other: what becomes of each fact, what is in conflict, and how a
//! person settles it.
//!
//! Invariants: nothing here is kept beside the states: a conflict is read off one aggregate, and is gone when a later event
//! whose writer saw all sides says which one it is. What people read of the rules is made from [`RULES`].

mod rules;
mod settle;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use rules::{RULES, Rule, Way};
pub(crate) use settle::{Chosen, settled_already, written};
pub use settle::{Settle, conflicts_of, settle};

use super::choices::choices;
use super::id::Dot;
use super::register::Register;
use super::time::Stamp;

choices! {
    /// What sort of conflict it is.
    ConflictKind {
        /// Two shops wrote different values of one fact.
        Values = 1, "values", "two values";
        /// Two technicians took the same work; the one who did not get it is told.
        ClaimLost = 2, "claim-lost", "taken by two";
        /// An order was closed twice.
        DoubleClosing = 3, "double-closing", "closed twice";
        /// The same work was inspected twice.
        DoubleInspection = 4, "double-inspection", "inspected twice";
        /// One shop finished what another one cancelled or made void.
        EndedBoth = 5, "ended-both", "finished and given up";
        /// Two devices carry one asset tag.
        DuplicateTag = 6, "duplicate-tag", "one tag on two devices";
        /// Two devices of one make and model carry one serial number.
        DuplicateSerial = 7, "duplicate-serial", "one serial on two devices";
    }
}

impl ConflictKind {
    /// What choosing means, for whoever is about to.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Values => "Choose the value that is right; the other one stays in the history.",
            Self::ClaimLost => "Choose who does it; the others see that it is settled.",
            Self::DoubleClosing => {
                "Both closings are kept, the first one counts. Choosing says that you have read both."
            }
            Self::DoubleInspection => {
                "Both inspections are kept. Choosing says which one counts, where that makes a difference."
            }
            Self::EndedBoth => {
                "The finished work counts, the other is kept as a line. Choosing says that you have read it."
            }
            Self::DuplicateTag => {
                "If it is one device, combine the records; if it is two, put a new label on one of them."
            }
            Self::DuplicateSerial => {
                "If it is one device, combine the records. If a number is wrong, correct it. If the maker gave it \
                 twice, choose either: it is asked no more."
            }
        }
    }
}

/// One side of a conflict.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Side {
    /// What it says, as a person reads it.
    pub value: String,
    /// Who wrote it, when and where; its dot names the side.
    pub stamp: Stamp,
}

/// One fact about which shops disagree, or one piece of news for somebody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Conflict {
    /// The stable name of the fact within its record, as `settle` takes it.
    pub fact: String,
    /// The fact as a person reads it.
    pub label: String,
    /// What sort it is.
    pub kind: ConflictKind,
    /// The sides, oldest first.
    pub sides: Vec<Side>,
    /// The side that counts as long as nobody settles it.
    pub shown: Dot,
    /// Technicians who should know of it, by key; empty when it is for everybody.
    pub told: Vec<String>,
}

impl Conflict {
    /// A conflict with its sides in order of time.
    pub fn new(
        fact: impl Into<String>,
        label: impl Into<String>,
        kind: ConflictKind,
        mut sides: Vec<Side>,
        shown: Dot,
    ) -> Self {
        sides.sort_by(|a, b| {
            (a.stamp.at.micros, a.stamp.dot).cmp(&(b.stamp.at.micros, b.stamp.dot))
        });
        Self {
            fact: fact.into(),
            label: label.into(),
            kind,
            sides,
            shown,
            told: Vec::new(),
        }
    }

    /// The same conflict, as news for whoever wrote the sides that do not count.
    #[must_use]
    pub fn for_the_others(mut self) -> Self {
        let counts = self.shown().map(|side| side.stamp.by.clone());
        for side in &self.sides {
            let by = &side.stamp.by;
            if Some(by) != counts.as_ref() && !self.told.contains(by) {
                self.told.push(by.clone());
            }
        }
        self
    }

    /// The side with this dot.
    pub fn side(&self, dot: Dot) -> Option<&Side> {
        self.sides.iter().find(|side| side.stamp.dot == dot)
    }

    /// The side that counts now.
    pub fn shown(&self) -> Option<&Side> {
        self.side(self.shown)
    }
}

/// The conflict of a register, if its candidates differ: each as words, the one with `shown` first in force.
pub fn of_register<T: Clone + PartialEq>(
    fact: &str,
    label: &str,
    register: &Register<T>,
    words: impl Fn(&T) -> String,
    shown: Option<Dot>,
) -> Option<Conflict> {
    if !register.in_conflict() {
        return None;
    }
    let sides = register
        .candidates()
        .iter()
        .map(|c| Side {
            value: c
                .value
                .as_ref()
                .map_or_else(|| "(empty)".to_owned(), &words),
            stamp: c.stamp.clone(),
        })
        .collect();
    let shown = shown.or_else(|| register.stamp().map(|stamp| stamp.dot))?;
    Some(Conflict::new(
        fact,
        label,
        ConflictKind::Values,
        sides,
        shown,
    ))
}
