//! What a procedure may ask of a device, taken from its record.
//!
//! Invariant: a field that is empty, "unknown", or written differently by two shops is not known; nothing is assumed.

use crate::domain::device::{Device, Field, Value, applied_part};
use crate::domain::procedure::{
    AppliedPart, AppliedPartType, DeviceFacts, PowerConnection, ProtectionClass,
};
use crate::domain::register::Register;

/// The facts of a device's record.
pub fn facts_of(device: &Device) -> DeviceFacts {
    let key = |field: Field| {
        if device.fields.get(&field).is_some_and(Register::in_conflict) {
            String::new()
        } else {
            device.key(field)
        }
    };
    let yes_no = |field: Field| match key(field).as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let power = match key(Field::Power).as_str() {
        "detachable" => Some(PowerConnection::DetachableCord),
        "fixed" => Some(PowerConnection::FixedCord),
        "permanent" => Some(PowerConnection::Permanent),
        "internal" => Some(PowerConnection::Internal),
        _ => None,
    };
    DeviceFacts {
        class: match key(Field::ProtectionClass).as_str() {
            "class-i" => Some(ProtectionClass::I),
            "class-ii" => Some(ProtectionClass::II),
            "internal" => Some(ProtectionClass::Internal),
            _ => None,
        },
        power,
        applied_parts: applied_parts(device),
        stores_ephi: yes_no(Field::StoresEphi),
        networked: match key(Field::Network).as_str() {
            "none" => Some(false),
            "" | "unknown" => None,
            _ => Some(true),
        },
        battery: (power == Some(PowerConnection::Internal)).then_some(true),
        high_risk: yes_no(Field::HighRisk),
    }
}

fn applied_parts(device: &Device) -> Option<Vec<AppliedPart>> {
    let register = device.fields.get(&Field::AppliedParts)?;
    if register.in_conflict() {
        return None;
    }
    let Some(Value::List(items)) = register.get() else {
        return None;
    };
    Some(
        items
            .iter()
            .map(|item| match applied_part(item) {
                Some((name, kind)) => AppliedPart {
                    name: name.to_owned(),
                    kind: match kind {
                        "B" => Some(AppliedPartType::B),
                        "BF" => Some(AppliedPartType::BF),
                        "CF" => Some(AppliedPartType::CF),
                        _ => None,
                    },
                },
                None => AppliedPart {
                    name: item.clone(),
                    kind: None,
                },
            })
            .collect(),
    )
}
