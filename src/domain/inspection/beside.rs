//! One inspection worked on by several shops that did not know of each other.
//!
//! Invariants: every answer stays; of answers that did not know of each other the worst counts until a person says which;
//! a failure is put right only by what was done with the knowledge of it; a signature wins over a void, and of two first
//! signatures the graver outcome counts.

use serde::{Deserialize, Serialize};

use super::walk::later;
use super::{Answered, Inspection, InspectionStatus, Verdict};
use crate::domain::device::Outcome;
use crate::domain::id::Dot;
use crate::domain::procedure::StepId;
use crate::domain::seen::Seen;
use crate::domain::signature::Signature;
use crate::domain::time::Stamp;

/// What was recorded by shops that did not know of each other.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Beside {
    /// In which order the shops' events were folded: the last event of each run of one shop's.
    pub runs: Vec<Dot>,
    /// Two facts of one step (answers or fixes), the second written without knowledge of the first.
    pub unseen: Vec<(Dot, Dot)>,
    /// Answers that count no more, because another one was chosen over them.
    pub passed_over: Vec<Dot>,
    /// Who made the first signature that counts.
    pub signed: Option<Stamp>,
    /// First signatures of other shops, with the outcome each came to.
    pub signings: Vec<(Stamp, Outcome)>,
    /// Voids of an inspection that was signed: the reasons.
    pub voids: Vec<(String, Stamp)>,
    /// Which of these somebody has read.
    pub read: Vec<Dot>,
}

impl Beside {
    /// Another answer was chosen over this one.
    pub(super) fn passed_over(&self, answer: Dot) -> bool {
        self.passed_over.contains(&answer)
    }

    /// The two facts did not know of each other.
    pub fn are_strangers(&self, a: Dot, b: Dot) -> bool {
        self.unseen.contains(&(a, b)) || self.unseen.contains(&(b, a))
    }
}

impl Verdict {
    /// How bad it is: of answers that did not know of each other the worst counts.
    pub(super) const fn gravity(self) -> u8 {
        match self {
            Self::NotApplicable => 0,
            Self::Neutral => 1,
            Self::Pass => 2,
            Self::Unverified => 3,
            Self::Undecided => 4,
            Self::Fail => 5,
        }
    }
}

impl Inspection {
    /// Takes note of whose event it is that is folded now.
    pub(super) fn run(&mut self, dot: Dot) {
        match self.beside.runs.last_mut() {
            Some(last) if last.site == dot.site => *last = dot,
            _ => self.beside.runs.push(dot),
        }
    }

    /// Whether `a` came after `b` in the order of the fold: whoever wrote `a` knew of `b`, or neither knew of the other.
    /// What no event of this inspection recorded is compared by time.
    pub fn came_later(&self, a: &Stamp, b: &Stamp) -> bool {
        let run = |dot: Dot| {
            let mut runs = self.beside.runs.iter();
            runs.position(|last| last.site == dot.site && *last >= dot)
        };
        match (run(a.dot), run(b.dot)) {
            (Some(first), Some(second)) if a.dot.site != b.dot.site => first > second,
            _ => later(a, b),
        }
    }

    /// Somebody has it now.
    pub(super) fn sit(&mut self, who: &str, stamp: &Stamp, seen: &Seen) {
        self.seats.claim(who, stamp, seen);
        if let Some(holder) = self.seats.holder() {
            holder.clone_into(&mut self.holder);
        }
    }

    /// Remembers which facts of a step an answer's writer had not seen.
    pub(super) fn note_unseen(
        &mut self,
        step: &StepId,
        point: Option<u16>,
        stamp: &Stamp,
        seen: &Seen,
    ) {
        let answers = self
            .answers
            .iter()
            .filter(|a| !seen.covers(a.stamp.dot) && a.step == *step && a.point == point)
            .map(|a| a.stamp.dot);
        let fixes = self
            .fixes
            .iter()
            .filter(|f| !seen.covers(f.stamp.dot) && f.step == *step)
            .map(|f| f.stamp.dot);
        let strangers: Vec<Dot> = answers.chain(fixes).collect();
        self.beside
            .unseen
            .extend(strangers.into_iter().map(|other| (other, stamp.dot)));
    }

    /// Remembers which answers of a step were not seen by whoever put it right.
    pub(super) fn note_unseen_by_fix(&mut self, step: &StepId, stamp: &Stamp, seen: &Seen) {
        let strangers = self
            .answers
            .iter()
            .filter(|a| !seen.covers(a.stamp.dot) && a.step == *step)
            .map(|a| (a.stamp.dot, stamp.dot));
        self.beside.unseen.extend(strangers);
    }

    /// The last of these answers, or a worse one that did not know of it.
    pub(super) fn worst_beside<'a>(
        &self,
        answers: impl DoubleEndedIterator<Item = &'a Answered> + Clone,
    ) -> Option<&'a Answered> {
        let last = answers.clone().next_back()?;
        if self.beside.unseen.is_empty() {
            return Some(last);
        }
        let strangers = answers.filter(|a| self.beside.are_strangers(a.stamp.dot, last.stamp.dot));
        Some(strangers.fold(last, |worst, other| {
            if other.verdict.gravity() > worst.verdict.gravity() {
                other
            } else {
                worst
            }
        }))
    }

    pub(super) fn choose(&mut self, answer: Dot, over: &[Dot]) {
        // Two who chose differently are in conflict again: neither choice silences the other's answer.
        if self.beside.passed_over(answer) {
            self.beside.passed_over.retain(|other| *other != answer);
            return;
        }
        for other in over {
            if *other != answer && !self.beside.passed_over(*other) {
                self.beside.passed_over.push(*other);
            }
        }
    }

    pub(super) fn void_it(&mut self, reason: &str, stamp: &Stamp) {
        if self.status == Some(InspectionStatus::Signed) {
            self.beside.voids.push((reason.to_owned(), stamp.clone()));
            return;
        }
        if let Some((reason, by)) = self.void.take() {
            self.beside.voids.push((reason, by));
        }
        self.void = Some((reason.to_owned(), stamp.clone()));
        self.status = Some(InspectionStatus::Void);
    }

    pub(super) fn sign_it(
        &mut self,
        signature: &Signature,
        outcome: Outcome,
        because: &[String],
        minutes: u32,
        stamp: &Stamp,
        seen: &Seen,
    ) {
        match &self.beside.signed {
            None => {
                self.outcome = Some(outcome);
                self.because = because.to_vec();
                self.minutes = minutes;
                self.beside.signed = Some(stamp.clone());
                // A void that did not know of the signature counts no more.
                self.beside.voids.extend(self.void.take());
            }
            Some(first) if !seen.covers(first.dot) => {
                let graver = self
                    .outcome
                    .is_none_or(|known| outcome.gravity() > known.gravity());
                if graver {
                    self.outcome = Some(outcome);
                    self.because = because.to_vec();
                }
                self.beside.signings.push((stamp.clone(), outcome));
            }
            Some(_) => {}
        }
        self.signatures.push(signature.clone());
        self.status = Some(InspectionStatus::Signed);
    }
}
