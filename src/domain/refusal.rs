//! Why a command is refused: in words, with what it means and what to do next.

use serde::{Deserialize, Serialize};

/// What sort of refusal it is, for faces that react to it (exit codes, offering a choice).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RefusalKind {
    /// What the command names is not there.
    NotFound,
    /// A rule of the field forbids it.
    Rule,
    /// The command does not make sense as given.
    BadInput,
    /// Somebody else changed it since it was read.
    Changed,
    /// Several things fit: a person must choose.
    NeedsChoice,
    /// The person asking may not do it.
    NotAllowed,
}

/// A refused command. Nothing was recorded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{what}")]
pub struct Refusal {
    /// Its sort.
    pub kind: RefusalKind,
    /// What happened, as a sentence.
    pub what: String,
    /// What to do next, as a sentence.
    pub hint: String,
    /// The things to choose from, when a choice is needed: id and words.
    pub choices: Vec<(String, String)>,
}

impl Refusal {
    /// A refusal of a sort, with what happened and what to do next.
    pub fn new(kind: RefusalKind, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            hint: hint.into(),
            choices: Vec::new(),
        }
    }

    /// Something named is not there.
    pub fn not_found(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(RefusalKind::NotFound, what, hint)
    }

    /// A rule forbids it.
    pub fn rule(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(RefusalKind::Rule, what, hint)
    }

    /// The input makes no sense.
    pub fn bad_input(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(RefusalKind::BadInput, what, hint)
    }
}
