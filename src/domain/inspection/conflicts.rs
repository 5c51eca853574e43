//! What shops that did not know of each other disagree about in one inspection.
//!
//! Invariants: answers that say the same are no conflict; a void inspection has none; what is computed follows from what it
//! was computed from and is not asked about.

use super::outcome::in_words;
use super::walk::by_a_person;
use super::{Answered, Inspection, InspectionStatus};
use crate::domain::merge::{Conflict, ConflictKind, Side, of_register};

/// The fact that a step was answered differently, before the step.
pub(crate) const STEP: &str = "step:";

impl Inspection {
    /// What is in conflict.
    pub fn conflicts(&self) -> Vec<Conflict> {
        if self.status == Some(InspectionStatus::Void) {
            return Vec::new();
        }
        let mut out = self.answered_twice();
        if self.is_open() {
            out.extend(self.taken_twice());
        }
        let place = |(device, order): &(crate::domain::id::EntityId, _)| {
            format!("device {device}, order {order}")
        };
        out.extend(of_register("place", "Moved to", &self.places, place, None));
        out.extend(self.ended_twice());
        out
    }

    /// Answers to one step that did not know of each other and say different things.
    pub fn clashes(&self) -> Vec<Vec<&Answered>> {
        let counts = |dot| {
            self.answers
                .iter()
                .find(|a| a.stamp.dot == dot)
                .filter(|a| !self.is_superseded(dot) && by_a_person(a))
        };
        let mut groups: Vec<Vec<&Answered>> = Vec::new();
        for (first, second) in &self.beside.unseen {
            let (Some(a), Some(b)) = (counts(*first), counts(*second)) else {
                continue;
            };
            let same = a.answer == b.answer && a.verdict == b.verdict && a.phase == b.phase;
            let read = [first, second]
                .iter()
                .all(|dot| self.beside.read.contains(dot));
            if same || read || a.phase != b.phase {
                continue;
            }
            match groups.iter_mut().find(|group| {
                group
                    .iter()
                    .any(|known| known.stamp.dot == *first || known.stamp.dot == *second)
            }) {
                Some(group) => {
                    for answer in [a, b] {
                        if !group
                            .iter()
                            .any(|known| known.stamp.dot == answer.stamp.dot)
                        {
                            group.push(answer);
                        }
                    }
                }
                None => groups.push(vec![a, b]),
            }
        }
        groups
    }

    fn answered_twice(&self) -> Vec<Conflict> {
        self.clashes()
            .into_iter()
            .filter_map(|group| {
                let first = group.first()?;
                let point = first
                    .point
                    .map_or_else(String::new, |n| format!("#{}", n + 1));
                let worst = self.worst_beside(group.iter().copied())?;
                let sides = group
                    .iter()
                    .map(|answer| Side {
                        value: said(answer),
                        stamp: answer.stamp.clone(),
                    })
                    .collect();
                Some(Conflict::new(
                    format!("{STEP}{}{point}/{}", first.step, first.phase.key()),
                    format!("Step {}{point}, {}", first.step, first.phase),
                    ConflictKind::Values,
                    sides,
                    worst.stamp.dot,
                ))
            })
            .collect()
    }

    fn taken_twice(&self) -> Option<Conflict> {
        let told: Vec<String> = self.seats.losers().map(|(who, _)| who.clone()).collect();
        let (_, first) = self.seats.all().first()?;
        (!told.is_empty()).then(|| {
            let sides = self.seats.all().iter().map(|(who, by)| Side {
                value: who.clone(),
                stamp: by.clone(),
            });
            let mut conflict = Conflict::new(
                "holder",
                "In the hands of",
                ConflictKind::ClaimLost,
                sides.collect(),
                first.dot,
            );
            conflict.told = told;
            conflict
        })
    }

    fn ended_twice(&self) -> Vec<Conflict> {
        let Some(signed) = &self.beside.signed else {
            return Vec::new();
        };
        let unread = |dot| !self.beside.read.contains(&dot);
        let own = || Side {
            value: format!(
                "signed: {}",
                self.outcome
                    .map_or_else(|| "unknown".to_owned(), |outcome| outcome.to_string())
            ),
            stamp: signed.clone(),
        };
        let mut out = Vec::new();
        let mut push = |fact: &str, label: &str, kind, others: Vec<Side>| {
            if !others.is_empty() {
                let sides = std::iter::once(own()).chain(others).collect();
                out.push(Conflict::new(fact, label, kind, sides, signed.dot).for_the_others());
            }
        };
        let signings = self
            .beside
            .signings
            .iter()
            .filter(|(by, _)| unread(by.dot))
            .map(|(by, outcome)| Side {
                value: format!("signed: {outcome}"),
                stamp: by.clone(),
            });
        push(
            "signature",
            "Signed twice",
            ConflictKind::DoubleInspection,
            signings.collect(),
        );
        let voids = self
            .beside
            .voids
            .iter()
            .filter(|(_, by)| unread(by.dot))
            .map(|(reason, by)| Side {
                value: format!("void: {reason}"),
                stamp: by.clone(),
            });
        push(
            "end",
            "Signed and made void",
            ConflictKind::EndedBoth,
            voids.collect(),
        );
        out
    }
}

/// What an answer says, in words.
fn said(answer: &Answered) -> String {
    match in_words(&answer.answer).as_str() {
        "" => answer.verdict.to_string(),
        words => format!("{words}: {}", answer.verdict),
    }
}
