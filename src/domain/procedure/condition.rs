//! When a step is asked: conditions on earlier answers and on what is known about the device.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{AppliedPartType, PowerConnection, ProtectionClass, StepId};

/// How a value is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Comparison {
    /// Less than.
    Below,
    /// Less than or equal.
    AtMost,
    /// Equal.
    Equal,
    /// More than or equal.
    AtLeast,
    /// More than.
    Above,
}

/// A question about the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum DeviceTest {
    /// Has this protection class.
    Class(ProtectionClass),
    /// Has this power connection.
    Power(PowerConnection),
    /// Has an applied part of this type.
    HasAppliedPart(AppliedPartType),
    /// Has any applied part (or, with `false`, none).
    HasAppliedParts(bool),
    /// Stores electronic patient data (or not).
    StoresEphi(bool),
    /// Is connected to a network (or not).
    Networked(bool),
    /// Has a battery (or none).
    Battery(bool),
    /// Is high-risk equipment (or not).
    HighRisk(bool),
}

impl DeviceTest {
    /// What has to be known to answer, in words.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Class(_) => "protection class",
            Self::Power(_) => "power connection",
            Self::HasAppliedPart(_) | Self::HasAppliedParts(_) => "applied parts",
            Self::StoresEphi(_) => "whether it stores patient data",
            Self::Networked(_) => "network connection",
            Self::Battery(_) => "battery",
            Self::HighRisk(_) => "criticality",
        }
    }
}

/// When a step is asked.
///
/// An earlier step that was not asked, or was answered "not applicable", counts as neither failed nor passed, chosen or
/// measured: a condition on it is false.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Condition {
    /// An earlier step failed.
    Failed(StepId),
    /// An earlier step passed.
    Passed(StepId),
    /// This option was chosen at an earlier choice.
    Chose {
        /// The choice.
        step: StepId,
        /// The label of the option.
        option: String,
    },
    /// An earlier reading compares like this; a reading that does not settle it (`<1`, over range) shows the step.
    Value {
        /// The earlier measure or computed step.
        step: StepId,
        /// The comparison.
        is: Comparison,
        /// The value, in that step's unit.
        value: Decimal,
    },
    /// A fact about the device.
    Device(DeviceTest),
    /// All of these.
    All(Vec<Condition>),
    /// Any of these.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
}

impl Condition {
    /// The steps that the condition asks about, in the order written.
    pub fn steps(&self) -> Vec<&StepId> {
        match self {
            Self::Failed(step)
            | Self::Passed(step)
            | Self::Chose { step, .. }
            | Self::Value { step, .. } => vec![step],
            Self::Device(_) => Vec::new(),
            Self::All(list) | Self::Any(list) => list.iter().flat_map(Self::steps).collect(),
            Self::Not(inner) => inner.steps(),
        }
    }
}

impl std::fmt::Display for DeviceTest {
    /// As the end of "asked only if …".
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let not = |want: &bool| if *want { "" } else { "not " };
        match self {
            Self::Class(ProtectionClass::I) => f.write_str("the device is class I"),
            Self::Class(ProtectionClass::II) => f.write_str("the device is class II"),
            Self::Class(ProtectionClass::Internal) => {
                f.write_str("the device is internally powered")
            }
            Self::Power(PowerConnection::DetachableCord) => f.write_str("the cord is detachable"),
            Self::Power(PowerConnection::FixedCord) => f.write_str("the cord is fixed"),
            Self::Power(PowerConnection::Permanent) => f.write_str("it is permanently installed"),
            Self::Power(PowerConnection::Internal) => f.write_str("it runs on battery only"),
            Self::HasAppliedPart(kind) => write!(f, "it has a type {kind:?} applied part"),
            Self::HasAppliedParts(true) => f.write_str("it has applied parts"),
            Self::HasAppliedParts(false) => f.write_str("it has no applied parts"),
            Self::StoresEphi(want) => write!(f, "it does {}store patient data", not(want)),
            Self::Networked(want) => write!(f, "it is {}on a network", not(want)),
            Self::Battery(true) => f.write_str("it has a battery"),
            Self::Battery(false) => f.write_str("it has no battery"),
            Self::HighRisk(want) => write!(f, "it is {}high-risk", not(want)),
        }
    }
}
