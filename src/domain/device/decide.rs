//! What may be done to a device record, and what it does.
//!
//! Rules that no command gets round: a stage moves along legal arrows only; a device enters service only with a passed
//! incoming inspection on record; a hold is lifted by name, and a failed-test hold only by a signed passing inspection; a
//! record that was combined into another one is left alone until that is taken back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Device, DeviceEvent, Field, HoldKind, Origin, Stage, Value, Whereabouts, pair, record, service,
};
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::{Dot, EntityId};
use crate::domain::order::device_not_sequestered;
use crate::domain::refusal::{Refusal, RefusalKind};

/// What a person asks of a device record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum DeviceCommand {
    /// Register a device. Without an asset tag it gets a visible temporary one.
    Add {
        /// The fields known.
        fields: Vec<(Field, Value)>,
        /// Where it is in its life.
        stage: Stage,
        /// How it came here. Taken over from a list: it may be in service already.
        origin: Origin,
    },
    /// Edit fields; `None` empties one.
    Set {
        /// The device.
        device: EntityId,
        /// New values.
        changes: Vec<(Field, Option<Value>)>,
        /// Why, if worth saying.
        reason: String,
        /// The revision that the person saw; another one is refused with who changed it.
        expected: Option<u64>,
    },
    /// Move along the life.
    SetStage {
        /// The device.
        device: EntityId,
        /// To.
        to: Stage,
        /// Why.
        reason: String,
    },
    /// Record where it is.
    Place {
        /// The device.
        device: EntityId,
        /// Where.
        at: Whereabouts,
        /// Why, or what was found.
        note: String,
    },
    /// Add a reason not to use it.
    Hold {
        /// The device.
        device: EntityId,
        /// Which sort.
        kind: HoldKind,
        /// Why.
        reason: String,
    },
    /// Lift one hold by name.
    Lift {
        /// The device.
        device: EntityId,
        /// The hold.
        hold: Dot,
        /// Why.
        reason: String,
    },
    /// Put another label on it; the old tag stays an alias.
    Retag {
        /// The device.
        device: EntityId,
        /// The new tag.
        tag: String,
        /// Why.
        reason: String,
    },
    /// Two records turned out to be one device.
    Combine {
        /// The record that stays.
        keep: EntityId,
        /// The record that is combined into it.
        other: EntityId,
        /// Why.
        reason: String,
    },
    /// Take a combination back.
    Separate {
        /// The record that stayed.
        keep: EntityId,
        /// The record to set free.
        other: EntityId,
        /// Why.
        reason: String,
    },
    /// One device out, a ready one in, in one act.
    Swap {
        /// The device to take away.
        out: EntityId,
        /// The device that replaces it.
        with: EntityId,
        /// Why.
        reason: String,
    },
    /// The vendor sent another one back.
    Exchange {
        /// The record of the one sent away.
        device: EntityId,
        /// The serial that came back.
        serial: String,
        /// Why.
        reason: String,
    },
    /// A software version seen on it.
    SawSoftware {
        /// The device.
        device: EntityId,
        /// Which software.
        component: String,
        /// Version as shown.
        version: String,
        /// How it was seen.
        how: String,
    },
    /// A note. No patient data.
    Note {
        /// The device.
        device: EntityId,
        /// The text.
        text: String,
    },
}
/// Decides a device command.
pub fn decide(
    world: &dyn World,
    ctx: &Context,
    command: &DeviceCommand,
) -> Result<Vec<Addressed>, Refusal> {
    match command {
        DeviceCommand::Add {
            fields,
            stage,
            origin,
        } => record::add(world, ctx, fields, *stage, *origin),
        DeviceCommand::Set {
            device,
            changes,
            reason,
            expected,
        } => {
            let known = current(world, *device)?;
            check_revision(&known, *expected)?;
            stays_as_it_is(&known, changes)?;
            record::set(world, *device, &known, changes, reason)
        }
        DeviceCommand::SetStage { device, to, reason } => {
            let known = current(world, *device)?;
            // Taking it out of use is what sequestering is for; any other stage waits for the release.
            if *to != Stage::OutOfService {
                device_not_sequestered(&known)?;
            }
            service::set_stage(*device, &known, *to, reason)
        }
        DeviceCommand::Place { device, at, note } => {
            let known = current(world, *device)?;
            service::place(world, ctx, *device, &known, at, note)
        }
        DeviceCommand::Hold {
            device,
            kind,
            reason,
        } => {
            current(world, *device)?;
            need_reason(reason, "A hold")?;
            Ok(vec![
                (
                    *device,
                    DeviceEvent::HoldPlaced {
                        kind: *kind,
                        reason: reason.clone(),
                        source: None,
                    },
                )
                    .into(),
            ])
        }
        DeviceCommand::Lift {
            device,
            hold,
            reason,
        } => {
            let known = current(world, *device)?;
            service::lift(*device, &known, *hold, reason)
        }
        DeviceCommand::Retag {
            device,
            tag,
            reason,
        } => {
            let known = current(world, *device)?;
            device_not_sequestered(&known)?;
            record::retag(world, *device, &known, tag, reason)
        }
        DeviceCommand::Combine {
            keep,
            other,
            reason,
        } => pair::combine(world, *keep, *other, reason),
        DeviceCommand::Separate {
            keep,
            other,
            reason,
        } => pair::separate(world, *keep, *other, reason),
        DeviceCommand::Swap { out, with, reason } => pair::swap(world, ctx, *out, *with, reason),
        DeviceCommand::Exchange {
            device,
            serial,
            reason,
        } => pair::exchange(world, ctx, *device, serial, reason),
        DeviceCommand::SawSoftware {
            device,
            component,
            version,
            how,
        } => {
            let device_now = current(world, *device)?;
            device_not_sequestered(&device_now)?;
            need_reason(version, "A software version")?;
            Ok(vec![
                (
                    *device,
                    DeviceEvent::SoftwareSeen {
                        component: component.clone(),
                        version: version.clone(),
                        how: how.clone(),
                    },
                )
                    .into(),
            ])
        }
        DeviceCommand::Note { device, text } => {
            current(world, *device)?;
            need_reason(text, "A note")?;
            Ok(vec![
                (*device, DeviceEvent::Noted { text: text.clone() }).into(),
            ])
        }
    }
}

/// The fields that say where a device is kept: all that may be written of one that must stay as it is.
const WHERE_IT_IS: [Field; 2] = [Field::Department, Field::Location];

/// Refuses a change of a sequestered device that goes beyond where it is kept.
fn stays_as_it_is(device: &Device, changes: &[(Field, Option<Value>)]) -> Result<(), Refusal> {
    let only_place = changes
        .iter()
        .all(|(field, new)| WHERE_IT_IS.contains(field) || device.get(*field) == new.as_ref());
    if only_place {
        return Ok(());
    }
    device_not_sequestered(device)
}

/// The record, if it stands for itself.
pub(super) fn current(world: &dyn World, id: EntityId) -> Result<Arc<Device>, Refusal> {
    let device = world
        .device(id)
        .filter(|device| device.revision > 0)
        .ok_or_else(|| {
            Refusal::not_found(
                "This device is not on record.",
                "Look it up again by tag or serial.",
            )
        })?;
    let Some(into) = device.merged_into else {
        return Ok(device);
    };
    let stands = world.device(into).map(|d| d.tag()).unwrap_or_default();
    Err(Refusal::rule(
        format!(
            "The record of {} was combined into the record of {stands}.",
            device.tag()
        ),
        format!("Do it on {stands}, or take the combination back first."),
    ))
}

fn check_revision(device: &Device, expected: Option<u64>) -> Result<(), Refusal> {
    match (expected, &device.changed) {
        (Some(seen), Some(changed)) if seen != device.revision => Err(Refusal::new(
            RefusalKind::Changed,
            format!(
                "{} changed this device at {}.",
                changed.by,
                changed.at.minute()
            ),
            "Look at the new values and make your change again. Nothing of yours was recorded.",
        )),
        _ => Ok(()),
    }
}

/// Refuses a text that says nothing.
pub(super) fn need_reason(text: &str, what: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::bad_input(
            format!("{what} needs words."),
            "Say why in a few words. No patient data.",
        ));
    }
    Ok(())
}
