//! Procedures: the versioned documents that say what is done to a device, step by step, and by which limits.
//!
//! Invariants: plain values, no IO. A procedure is identified by the hash of its canonical bytes ([`ProcedureHash`]), which
//! do not depend on how the document was written down. Conditions look only backwards: at device facts and at earlier
//! steps. A limit from an unverified source says so ([`LimitSource::verified`]); what is unknown shows the step, never
//! hides it.

mod applicable;
mod canon;
mod compute;
mod condition;
pub mod electrical;
mod facts;
mod step;

pub use applicable::{AnswerFact, AnswerState, Answers, Applicability, applicable};
pub use canon::{BadBytes, FORMAT, sections_from_bytes, sections_to_bytes};
pub use compute::{Computation, ComputeError, Readings, compute};
pub use condition::{Comparison, Condition, DeviceTest};
pub use facts::{AppliedPart, AppliedPartType, DeviceFacts, PowerConnection, ProtectionClass};
pub use step::{
    AnswerVerdict, ChoiceOption, Computed, Formula, LimitSource, Measure, Operand, ScanTarget,
    SetPoint, Step, StepId, StepKind, Table, TextAbout,
};

use serde::{Deserialize, Serialize};

use crate::domain::id::Hash;

/// The name of one version of a procedure: the blake3 hash of its canonical bytes.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct ProcedureHash(pub Hash);

impl std::fmt::Display for ProcedureHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a procedure comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum SourceKind {
    /// Shipped with tagout: a starting point, to be replaced.
    BuiltIn,
    /// Written or adapted by the shop.
    #[default]
    Shop,
    /// Taken from the manufacturer's instructions.
    Manufacturer,
}

/// The document a procedure or its limits are taken from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Reference {
    /// The title or number of the manufacturer's instructions or of the standard.
    pub document: String,
    /// Its revision, edition or date.
    pub revision: Option<String>,
}

/// One version of a procedure.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Procedure {
    /// The short name by which people and plans call for it; the same for all its versions.
    pub code: String,
    /// The full title.
    pub title: String,
    /// What kind of work it is: "annual PM", "electrical safety", "incoming inspection".
    pub activity: String,
    /// The device types it is for: FDA product codes or plain names; none means any type.
    pub device_types: Vec<String>,
    /// The models it is for; none means any model of the types.
    pub models: Vec<String>,
    /// The author's label of this version, like "2" or "2026-03".
    pub version: String,
    /// Where it comes from.
    pub source: SourceKind,
    /// The document it follows.
    pub reference: Option<Reference>,
    /// A sentence shown before the first step and printed on every record.
    pub banner: Option<String>,
    /// Credentials that the technician must hold, like "CBET" or "X-ray".
    pub credentials: Vec<String>,
    /// Expected working time in minutes.
    pub minutes: Option<u32>,
    /// How often it is due, in words.
    pub frequency: Option<String>,
    /// The steps, in groups, in working order.
    pub sections: Vec<Section>,
}

/// A titled group of steps.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// The steps in working order.
    pub steps: Vec<Step>,
}

impl Procedure {
    /// Every step in working order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.sections.iter().flat_map(|section| &section.steps)
    }

    /// The step with this id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps().find(|step| step.id == *id)
    }

    /// Whether any limit, outside an electrical safety profile, comes from an unverified source.
    pub fn has_unverified_limits(&self) -> bool {
        self.steps().any(Step::is_unverified)
    }

    /// The bytes that stand for this procedure in journals and from which its hash is made.
    pub fn to_bytes(&self) -> Vec<u8> {
        canon::to_bytes(self)
    }

    /// The procedure of canonical bytes. Never panics, whatever the bytes are.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadBytes> {
        canon::from_bytes(bytes)
    }

    /// The name of this version.
    pub fn hash(&self) -> ProcedureHash {
        ProcedureHash(Hash(*blake3::hash(&self.to_bytes()).as_bytes()))
    }

    /// The sections with every electrical safety step replaced by the concrete steps for this device, ready to be frozen
    /// in an inspection. `profile`, where given, takes the place of the profile named in the procedure.
    pub fn expanded(
        &self,
        facts: &electrical::ElectricalFacts,
        profile: Option<electrical::Profile>,
    ) -> Vec<Section> {
        self.sections
            .iter()
            .map(|section| Section {
                title: section.title.clone(),
                steps: section
                    .steps
                    .iter()
                    .flat_map(|step| match step.kind {
                        StepKind::ElectricalSafety { profile: own } => {
                            profile.unwrap_or(own).steps_in_place_of(step, facts)
                        }
                        _ => vec![step.clone()],
                    })
                    .collect(),
            })
            .collect()
    }
}

#[cfg(test)]
pub(crate) mod arbitrary;
#[cfg(test)]
mod tests;
