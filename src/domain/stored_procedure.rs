//! A procedure version in a store: the document, where it came from, and who adopted it.
//!
//! Invariant: a version is named by its content hash and never changes; until a named person adopts it against the
//! manufacturer's instructions, a limit marked unverified cannot pass a device.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::id::Hash;
use super::procedure::Procedure;
use super::seen::Seen;
use super::time::Stamp;

/// What happened to a procedure version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ProcedureEvent {
    /// It was brought in.
    Imported {
        /// The document.
        procedure: Box<Procedure>,
        /// The file, or "built in".
        source: String,
    },
    /// A version was expanded for a device and frozen: what an inspection is judged by. Never offered for new work.
    Frozen {
        /// The expanded document.
        procedure: Box<Procedure>,
        /// The version it was made from.
        of: Hash,
    },
    /// A named person checked it against the manufacturer's instructions and stands for it.
    Adopted {
        /// Their printed name.
        by: String,
        /// Which instructions, with revision.
        against: String,
        /// A note.
        note: String,
    },
    /// It is used no longer for new inspections.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

/// Who adopted a version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Adoption {
    /// Printed name.
    pub by: String,
    /// Against which instructions.
    pub against: String,
    /// A note.
    pub note: String,
    /// When, and under which account.
    pub stamp: Stamp,
}

/// A procedure version.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct StoredProcedure {
    /// The document; `None` only while its import has not arrived. Shared, because every answer is judged by it.
    pub procedure: Option<Arc<Procedure>>,
    /// Where it came from.
    pub source: String,
    /// The version it was expanded from, if it is a frozen document.
    pub frozen_from: Option<Hash>,
    /// Who adopted it, the latest last.
    pub adoptions: Vec<Adoption>,
    /// Used no longer.
    pub withdrawn: Option<String>,
    /// How many events made this state.
    pub revision: u64,
    /// The last one.
    pub changed: Option<Stamp>,
}

impl StoredProcedure {
    /// Applies one event. A version is what its hash names, adoptions only come to it, and a withdrawal is for good: nothing
    /// here can be overwritten by somebody who had not seen it.
    pub fn apply(&mut self, event: &ProcedureEvent, stamp: &Stamp, _: &Seen) {
        match event {
            ProcedureEvent::Imported { procedure, source } => {
                if self.procedure.is_none() {
                    self.procedure = Some(Arc::new((**procedure).clone()));
                    self.source.clone_from(source);
                }
            }
            ProcedureEvent::Frozen { procedure, of } => {
                if self.procedure.is_none() {
                    self.procedure = Some(Arc::new((**procedure).clone()));
                    self.frozen_from = Some(*of);
                }
            }
            ProcedureEvent::Adopted { by, against, note } => self.adoptions.push(Adoption {
                by: by.clone(),
                against: against.clone(),
                note: note.clone(),
                stamp: stamp.clone(),
            }),
            ProcedureEvent::Withdrawn { reason } => match &mut self.withdrawn {
                Some(known) if known.contains(reason.as_str()) => {}
                Some(known) => {
                    known.push_str("; ");
                    known.push_str(reason);
                }
                None => self.withdrawn = Some(reason.clone()),
            },
        }
        self.revision += 1;
        self.changed = Some(stamp.clone());
    }

    /// True once a named person has adopted it.
    pub fn is_adopted(&self) -> bool {
        !self.adoptions.is_empty()
    }
}
