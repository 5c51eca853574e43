//! What an inspection read from the device itself and the record keeps: the rating plate, the software version.
//!
//! Invariants: an answer changes the record only when it says something else than the record; the old value stays in the
//! history; a version is kept as it was shown.

use super::record::changed;
use super::{Device, DeviceEvent, Field};
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;

/// What was read: a field from the rating plate, or a software version.
pub(crate) enum Seen<'a> {
    /// A field, in the words of the answer.
    Plate(Field, &'a str),
    /// A software version, as shown.
    Software(&'a str),
}

/// The events with which a record takes over what a signed inspection saw. `how` names the inspection.
pub(crate) fn saved(id: EntityId, device: &Device, seen: &[Seen<'_>], how: &str) -> Vec<Addressed> {
    let mut events = Vec::new();
    let mut changes = Vec::new();
    for one in seen {
        match one {
            // An answer like "cannot be read" is no value of the field.
            Seen::Plate(field, words) => {
                if let Ok(Some(value)) = field.parse(words)
                    && device.get(*field) != Some(&value)
                {
                    changes.push(changed(device, *field, Some(value)));
                }
            }
            Seen::Software(version) => {
                let newest = device.software.last().map(|seen| seen.version.as_str());
                if newest != Some(*version) {
                    let event = DeviceEvent::SoftwareSeen {
                        component: "software".to_owned(),
                        version: (*version).to_owned(),
                        how: how.to_owned(),
                    };
                    events.push((id, event).into());
                }
            }
        }
    }
    if !changes.is_empty() {
        let event = DeviceEvent::Edited {
            changes,
            reason: format!("read from the rating plate: {how}"),
        };
        events.push((id, event).into());
    }
    events
}
