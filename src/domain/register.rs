//! A scalar that several shops may write at once: it keeps every candidate that nobody has overwritten yet.
//!
//! Invariants: an edit removes exactly the candidates its writer saw; two edits that did not see each other both stay,
//! the later one shown and the field marked as in conflict.

use serde::{Deserialize, Serialize};

use super::id::Dot;
use super::time::Stamp;

/// One value with who wrote it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Candidate<T> {
    /// What was written; `None` says that the field was emptied.
    pub value: Option<T>,
    /// Who wrote it and when.
    pub stamp: Stamp,
}

/// The candidates of one field, the one to show last.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Register<T> {
    candidates: Vec<Candidate<T>>,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self {
            candidates: Vec::new(),
        }
    }
}

impl<T: Clone + PartialEq> Register<T> {
    /// Writes a value over the candidates that the writer saw.
    pub fn set(&mut self, value: Option<T>, stamp: &Stamp, replaces: &[Dot]) {
        self.candidates.retain(|c| !replaces.contains(&c.stamp.dot));
        self.candidates.push(Candidate {
            value,
            stamp: stamp.clone(),
        });
        self.candidates.sort_by(|a, b| {
            (a.stamp.at.micros, a.stamp.dot).cmp(&(b.stamp.at.micros, b.stamp.dot))
        });
    }

    /// The value to show: the latest candidate's.
    pub fn get(&self) -> Option<&T> {
        self.candidates.last().and_then(|c| c.value.as_ref())
    }

    /// Who wrote the value that is shown.
    pub fn stamp(&self) -> Option<&Stamp> {
        self.candidates.last().map(|c| &c.stamp)
    }

    /// The dots that an edit made now replaces.
    pub fn dots(&self) -> Vec<Dot> {
        self.candidates.iter().map(|c| c.stamp.dot).collect()
    }

    /// True while two writers who did not see each other disagree.
    pub fn in_conflict(&self) -> bool {
        self.candidates
            .windows(2)
            .any(|pair| pair[0].value != pair[1].value)
    }

    /// All candidates, the one to show last.
    pub fn candidates(&self) -> &[Candidate<T>] {
        &self.candidates
    }
}
