//! What a procedure may ask about a device. `None` is "not known yet" and never counts as an answer.

use serde::{Deserialize, Serialize};

/// Protection against electric shock, from the rating plate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum ProtectionClass {
    /// Protective earth (ground).
    I,
    /// Double or reinforced insulation.
    II,
    /// Internally powered, never connected to mains while used on a patient.
    Internal,
}

/// How the device is connected to its supply.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum PowerConnection {
    /// A cord that comes off at the inlet.
    DetachableCord,
    /// A cord fixed to the device.
    FixedCord,
    /// Permanently installed, without a plug.
    Permanent,
    /// Battery only.
    Internal,
}

/// The type of an applied part, from the symbol beside its connector.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AppliedPartType {
    /// Body, not isolated.
    B,
    /// Body floating.
    BF,
    /// Cardiac floating.
    CF,
}

/// A part that touches the patient.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AppliedPart {
    /// What it is: "ECG leads", "SpO2 probe".
    pub name: String,
    /// Its type; `None` if the symbol has not been read yet.
    pub kind: Option<AppliedPartType>,
}

/// What is known about a device, as far as conditions ask.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DeviceFacts {
    /// Protection class.
    pub class: Option<ProtectionClass>,
    /// Power connection.
    pub power: Option<PowerConnection>,
    /// Applied parts; an empty list says there are none.
    pub applied_parts: Option<Vec<AppliedPart>>,
    /// Whether it stores electronic patient data.
    pub stores_ephi: Option<bool>,
    /// Whether it is connected to a network, by wire or radio.
    pub networked: Option<bool>,
    /// Whether it has a battery for operation.
    pub battery: Option<bool>,
    /// Whether a failure may cause serious injury or death.
    pub high_risk: Option<bool>,
}
