//! Electrical safety profiles: which tests and limits a standard asks for, given the class, the power connection and the
//! applied parts of a device.
//!
//! Invariants: profiles are data (the tables in `nfpa` and `iec`). What is not known takes the strictest limit that it
//! could take, and the step says so in words. Every applied part gets its own steps. A limit that has not been checked
//! against the standard is marked unverified.

mod iec;
mod nfpa;
mod row;

use serde::{Deserialize, Serialize};

use super::{
    AppliedPart, AppliedPartType, DeviceFacts, PowerConnection, ProtectionClass, Step, StepId,
};

/// How leakage is measured under IEC 62353.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum LeakageMethod {
    /// The device isolated from earth, the current through its earth connection measured directly.
    Direct,
    /// The difference of the currents in live and neutral.
    Differential,
    /// The device off mains, mains parts joined, a test voltage between them and earth.
    Alternative,
}

/// A standard with its edition and method.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum Profile {
    /// NFPA 99, edition 2012.
    Nfpa99Edition2012,
    /// IEC 62353, edition 2014.
    Iec62353Edition2014(LeakageMethod),
}

/// What is known about a device's electrical side.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ElectricalFacts {
    /// Protection class from the rating plate.
    pub class: Option<ProtectionClass>,
    /// Power connection.
    pub power: Option<PowerConnection>,
    /// Applied parts; an empty list says there are none, `None` that nobody has looked.
    pub applied_parts: Option<Vec<AppliedPart>>,
}

impl From<&DeviceFacts> for ElectricalFacts {
    fn from(device: &DeviceFacts) -> Self {
        Self {
            class: device.class,
            power: device.power,
            applied_parts: device.applied_parts.clone(),
        }
    }
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 4] = [
        Self::Nfpa99Edition2012,
        Self::Iec62353Edition2014(LeakageMethod::Direct),
        Self::Iec62353Edition2014(LeakageMethod::Differential),
        Self::Iec62353Edition2014(LeakageMethod::Alternative),
    ];

    /// The name that authors and commands use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nfpa99Edition2012 => "nfpa99-2012",
            Self::Iec62353Edition2014(LeakageMethod::Direct) => "iec62353-2014-direct",
            Self::Iec62353Edition2014(LeakageMethod::Differential) => "iec62353-2014-differential",
            Self::Iec62353Edition2014(LeakageMethod::Alternative) => "iec62353-2014-alternative",
        }
    }

    /// The profile of a name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.code() == code)
    }

    /// Standard, edition and method in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Nfpa99Edition2012 => "NFPA 99, 2012 edition",
            Self::Iec62353Edition2014(LeakageMethod::Direct) => "IEC 62353:2014, direct method",
            Self::Iec62353Edition2014(LeakageMethod::Differential) => {
                "IEC 62353:2014, differential method"
            }
            Self::Iec62353Edition2014(LeakageMethod::Alternative) => {
                "IEC 62353:2014, alternative method"
            }
        }
    }

    /// The steps for a device. Their ids are `electrical.` and the name of the test.
    pub fn steps_for(self, facts: &ElectricalFacts) -> Vec<Step> {
        let rows = match self {
            Self::Nfpa99Edition2012 => nfpa::rows(facts),
            Self::Iec62353Edition2014(method) => iec::rows(facts, method),
        };
        row::steps(self, &rows)
    }

    /// The steps for a device in place of the step that stands for them in a procedure: they take over its id as prefix,
    /// its condition, and its tool and reference where they have none.
    pub fn steps_in_place_of(self, step: &Step, facts: &ElectricalFacts) -> Vec<Step> {
        let mut steps = self.steps_for(facts);
        for made in &mut steps {
            let name = made.id.0.strip_prefix("electrical.").unwrap_or(&made.id.0);
            made.id = StepId(format!("{}.{name}", step.id));
            made.condition.clone_from(&step.condition);
            made.required = step.required;
            if step.tool.is_some() {
                made.tool.clone_from(&step.tool);
            }
            if step.reference.is_some() {
                made.reference.clone_from(&step.reference);
            }
        }
        steps
    }
}

/// How the device is to be tested, after the class and the power connection have been held against each other.
struct Supply {
    /// Never on mains.
    internal: bool,
    /// Double insulation is certain.
    double: bool,
    /// The class is not certain, so class II limits and class I tests both count.
    uncertain: bool,
    /// Why, in words for the technician.
    why: Option<&'static str>,
}

impl Supply {
    fn of(facts: &ElectricalFacts) -> Self {
        let mains = !matches!(facts.power, None | Some(PowerConnection::Internal));
        let (internal, why) = match facts.class {
            Some(ProtectionClass::Internal) if mains => (
                false,
                Some(
                    "Internally powered, but with a mains connection: tested as class I with the limits of class II.",
                ),
            ),
            Some(ProtectionClass::Internal) => (true, None),
            None if facts.power == Some(PowerConnection::Internal) => (true, None),
            None => (
                false,
                Some(
                    "The protection class is not known: tested as class I with the limits of class II. Read the rating plate.",
                ),
            ),
            Some(_) => (false, None),
        };
        Self {
            internal,
            double: facts.class == Some(ProtectionClass::II),
            uncertain: why.is_some(),
            why,
        }
    }

    fn words(&self) -> Vec<String> {
        self.why.map(str::to_owned).into_iter().collect()
    }
}

/// Each applied part to test: its name, its type where known, and what had to be assumed.
fn parts_to_test(facts: &ElectricalFacts) -> Vec<(&str, Option<AppliedPartType>, Vec<String>)> {
    match &facts.applied_parts {
        None => vec![(
            "patient leads",
            None,
            vec!["No applied parts are recorded. If there are any, read the symbol beside each connector; until then the limit is the one for type CF. If there are none, answer not applicable with that reason.".to_owned()],
        )],
        Some(parts) => parts
            .iter()
            .map(|part| {
                let words = match part.kind {
                    Some(_) => Vec::new(),
                    None => vec!["The type of this part is not known: the limit is the one for type CF. Read the symbol beside its connector.".to_owned()],
                };
                (part.name.as_str(), part.kind, words)
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests;
