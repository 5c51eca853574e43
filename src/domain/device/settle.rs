//! Settling what shops disagree about on a device's record.
//!
//! Invariant: a tag that was not chosen stays an alias: its label may still stick on the device.

use super::conflicts::LAST;
use super::record::changed;
use super::{Device, DeviceEvent, Field, Register, Value};
use crate::domain::choices::fold;
use crate::domain::context::World;
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::merge::{Chosen, settled_already, written};
use crate::domain::refusal::Refusal;

/// The events that say a side was chosen.
pub(crate) fn settle(
    world: &dyn World,
    id: EntityId,
    chosen: &Chosen<'_>,
) -> Result<Vec<Addressed>, Refusal> {
    let device = world.device(id).ok_or_else(settled_already)?;
    let dot = chosen.side.stamp.dot;
    let events: Vec<DeviceEvent> = match chosen.conflict.fact.as_str() {
        "stage" => vec![DeviceEvent::StageChanged {
            from: device.stage(),
            to: written(device.stages.candidates(), dot)?,
            reason: chosen.reason(),
        }],
        "whereabouts" => vec![DeviceEvent::WhereaboutsChanged {
            to: written(device.places.candidates(), dot)?,
            note: chosen.reason(),
        }],
        "combined-into" => return combined(&device, id, chosen),
        "combined-both-ways" => {
            let other = device.merges.get().copied().ok_or_else(settled_already)?;
            return Ok(vec![stands(id, chosen), separated(other, id, chosen)]);
        }
        fact => match fact.strip_prefix(LAST) {
            Some(activity) => last(&device, activity, chosen)?,
            None => field(&device, fact, chosen)?,
        },
    };
    Ok(events.into_iter().map(|event| (id, event).into()).collect())
}

/// A person says that the devices with the serial number of this one are different devices.
pub(crate) fn told_apart(world: &dyn World, id: EntityId) -> Result<Vec<Addressed>, Refusal> {
    let device = world.device(id).ok_or_else(settled_already)?;
    let make = |device: &Device| {
        [Field::Serial, Field::Manufacturer, Field::Model].map(|field| fold(&device.text(field)))
    };
    let mut events: Vec<Addressed> = Vec::new();
    for other in world.devices_named(&device.text(Field::Serial)) {
        let twin = world
            .device(other)
            .filter(|twin| twin.merged_into.is_none() && make(twin) == make(&device));
        let Some(twin) = twin else { continue };
        let unread = twin
            .fields
            .get(&Field::Serial)
            .and_then(Register::stamp)
            .filter(|stamp| !twin.read.contains(&stamp.dot));
        if let Some(stamp) = unread {
            let of = vec![stamp.dot];
            events.push((other, DeviceEvent::NoticeRead { of }).into());
        }
    }
    if events.is_empty() {
        return Err(settled_already());
    }
    Ok(events)
}

/// This record stands for itself.
fn stands(id: EntityId, chosen: &Chosen<'_>) -> Addressed {
    let event = DeviceEvent::MergedInto {
        into: None,
        reason: chosen.reason(),
    };
    (id, event).into()
}

/// A record stands for another one no more.
fn separated(keep: EntityId, other: EntityId, chosen: &Chosen<'_>) -> Addressed {
    let event = DeviceEvent::Separated {
        other,
        reason: chosen.reason(),
    };
    (keep, event).into()
}

fn combined(device: &Device, id: EntityId, chosen: &Chosen<'_>) -> Result<Vec<Addressed>, Refusal> {
    let side = device
        .merges
        .candidates()
        .iter()
        .find(|c| c.stamp.dot == chosen.side.stamp.dot)
        .ok_or_else(settled_already)?;
    let into = side.value;
    let event = DeviceEvent::MergedInto {
        into,
        reason: chosen.reason(),
    };
    let mut events: Vec<Addressed> = vec![(id, event).into()];
    let mut others: Vec<EntityId> = Vec::new();
    for other in device.merges.candidates().iter().filter_map(|c| c.value) {
        if Some(other) != into && !others.contains(&other) {
            others.push(other);
        }
    }
    events.extend(others.into_iter().map(|keep| separated(keep, id, chosen)));
    Ok(events)
}

/// Of two inspections of one day, the one that counts.
fn last(device: &Device, activity: &str, chosen: &Chosen<'_>) -> Result<Vec<DeviceEvent>, Refusal> {
    let read = DeviceEvent::NoticeRead {
        of: chosen.beside(),
    };
    let dot = chosen.side.stamp.dot;
    if dot == chosen.conflict.shown {
        return Ok(vec![read]);
    }
    let other = device
        .beside
        .iter()
        .map(|(_, other)| other)
        .find(|other| other.stamp.dot == dot)
        .ok_or_else(settled_already)?;
    let Some(inspection) = other.inspection else {
        return Err(Refusal::rule(
            "A company's report does not outweigh what was found here on the same day.",
            "Choose what was found here, or inspect the device again. Nothing was recorded.",
        ));
    };
    Ok(vec![
        DeviceEvent::Inspected {
            inspection,
            activity: activity.to_owned(),
            outcome: other.outcome,
            performed: other.performed,
            next_due: other.next_due,
        },
        read,
    ])
}

fn field(device: &Device, fact: &str, chosen: &Chosen<'_>) -> Result<Vec<DeviceEvent>, Refusal> {
    let (field, register) = Field::from_key(fact)
        .and_then(|field| Some((field, device.fields.get(&field)?)))
        .ok_or_else(settled_already)?;
    let dot = chosen.side.stamp.dot;
    let value = register
        .candidates()
        .iter()
        .find(|c| c.stamp.dot == dot)
        .map(|c| c.value.clone())
        .ok_or_else(settled_already)?;
    let change = changed(device, field, value.clone());
    if field != Field::AssetTag {
        return Ok(vec![DeviceEvent::Edited {
            changes: vec![change],
            reason: chosen.reason(),
        }]);
    }
    let mut events = Vec::new();
    for other in register.candidates() {
        if let Some(Value::Text(old)) = &other.value
            && other.value != value
        {
            events.push(DeviceEvent::Retagged {
                old: old.clone(),
                change: change.clone(),
                reason: chosen.reason(),
            });
        }
    }
    Ok(events)
}
