//! What a record says of a device: registering it, editing its fields, its label.
//!
//! Invariants: a device is never without a tag; no two records that stand for themselves carry one tag; a field holds only
//! what its kind allows, whoever asks; an edit replaces exactly the values its writer saw.

use std::sync::Arc;

use super::service::incoming_hold;
use super::{Device, DeviceEvent, Field, FieldChange, Origin, Register, Stage, Value};
use crate::domain::choices::fold;
use crate::domain::command::natural;
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::refusal::Refusal;

/// How many temporary tags are tried before a person must give one.
const TRIES: u32 = 1_000;

/// Refuses a tag that another device carries now.
pub(super) fn tag_is_free(
    world: &dyn World,
    tag: &str,
    own: Option<EntityId>,
) -> Result<(), Refusal> {
    match bearer(world, tag, own) {
        Some(device) => Err(Refusal::rule(
            format!(
                "Asset tag {tag} is already on {}, serial {}.",
                device.name(),
                or_unknown(&device.text(Field::Serial))
            ),
            "Check the label. If it is the same device, combine the two records.",
        )),
        None => Ok(()),
    }
}

/// Another device that carries this tag now.
fn bearer(world: &dyn World, tag: &str, own: Option<EntityId>) -> Option<Arc<Device>> {
    let folded = fold(tag);
    world
        .devices_named(tag)
        .into_iter()
        .filter(|id| Some(*id) != own)
        .filter_map(|id| world.device(id))
        .find(|device| device.merged_into.is_none() && fold(&device.tag()) == folded)
}

/// Refuses a tag that another device carried before: its old label still finds it.
fn tag_is_new(world: &dyn World, tag: &str, own: Option<EntityId>) -> Result<(), Refusal> {
    tag_is_free(world, tag, own)?;
    let folded = fold(tag);
    let before = world
        .devices_named(tag)
        .into_iter()
        .filter(|id| Some(*id) != own)
        .filter_map(|id| world.device(id))
        .find(|device| {
            device.merged_into.is_none() && device.aliases.iter().any(|a| fold(a) == folded)
        });
    match before {
        Some(device) => Err(Refusal::rule(
            format!(
                "{tag} is an earlier label or serial of {} ({}, serial {}), and still finds it.",
                device.tag(),
                device.name(),
                or_unknown(&device.text(Field::Serial))
            ),
            format!(
                "If this is that device, work on {}; if not, put another label on this one. Nothing was recorded.",
                device.tag()
            ),
        )),
        None => Ok(()),
    }
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

/// A visible temporary tag that no label and no earlier device carries.
pub(super) fn temporary_tag(world: &dyn World, ctx: &Context) -> Result<Value, Refusal> {
    (0..TRIES)
        .map_while(|step| ctx.next_temporary.checked_add(step))
        .map(|number| format!("TMP-{}-{number:04}", ctx.prefix))
        .find(|tag| world.devices_named(tag).is_empty())
        .map(Value::Text)
        .ok_or_else(|| {
            Refusal::rule(
                "No temporary tag is free.",
                "Give the device a tag of its own. Nothing was recorded.",
            )
        })
}

/// The change that fills an empty field.
pub(super) fn filled(field: Field, value: Value) -> FieldChange {
    FieldChange {
        field,
        old: None,
        new: Some(value),
        replaces: Vec::new(),
    }
}

/// The change of a field from what this record says now.
pub(super) fn changed(device: &Device, field: Field, new: Option<Value>) -> FieldChange {
    FieldChange {
        field,
        old: device.get(field).cloned(),
        new,
        replaces: device
            .fields
            .get(&field)
            .map(Register::dots)
            .unwrap_or_default(),
    }
}

/// Refuses a field that is given twice, and a value that its field cannot hold.
fn well_formed<'a>(
    fields: impl Iterator<Item = (Field, Option<&'a Value>)>,
) -> Result<(), Refusal> {
    let mut seen = Vec::new();
    for (field, value) in fields {
        if seen.contains(&field) {
            return Err(Refusal::bad_input(
                format!("{} was given twice.", field.label()),
                "Give each field once.",
            ));
        }
        seen.push(field);
        if let Some(value) = value {
            field.check(value).map_err(|error| {
                Refusal::bad_input(error.to_string(), "Correct it. Nothing was recorded.")
            })?;
        }
    }
    Ok(())
}

pub(super) fn add(
    world: &dyn World,
    ctx: &Context,
    fields: &[(Field, Value)],
    stage: Stage,
    origin: Origin,
) -> Result<Vec<Addressed>, Refusal> {
    let takeover = origin == Origin::TakenOver;
    let before_service = matches!(
        stage,
        Stage::Requested | Stage::Evaluated | Stage::Ordered | Stage::Received
    );
    if !takeover && !before_service {
        return Err(Refusal::rule(
            format!("A new device cannot begin as \"{stage}\"."),
            "Register it as received; it enters service when its incoming inspection is passed and signed.",
        ));
    }
    well_formed(fields.iter().map(|(field, value)| (*field, Some(value))))?;
    let mut fields = fields.to_vec();
    match fields.iter().find(|(field, _)| *field == Field::AssetTag) {
        Some((field, value)) => tag_is_new(world, &field.show(value), None)?,
        None => fields.push((Field::AssetTag, temporary_tag(world, ctx)?)),
    }
    let text_of = |wanted: Field| {
        fields
            .iter()
            .find(|(field, _)| *field == wanted)
            .map(|(field, value)| field.show(value))
    };
    if let (Some(tag), Some(parent)) = (text_of(Field::AssetTag), text_of(Field::Parent))
        && fold(&tag) == fold(&parent)
    {
        return Err(part_of_itself(&tag));
    }
    let id = listed_id(&text_of, takeover)
        .filter(|id| world.device(*id).is_none_or(|device| device.revision == 0))
        .unwrap_or_else(|| ctx.id(0));
    fields.sort();
    let changes = fields
        .into_iter()
        .map(|(field, value)| filled(field, value))
        .collect();
    let mut events = vec![
        (
            id,
            DeviceEvent::Registered {
                origin,
                stage,
                changes,
            },
        )
            .into(),
    ];
    if before_service {
        events.push((id, incoming_hold()).into());
    }
    Ok(events)
}

/// The id of a device that is taken over from a list that names it in full: two shops that load the same list before they
/// ever meet make one record of it. Texts are compared by letters and digits.
fn listed_id(text_of: &dyn Fn(Field) -> Option<String>, takeover: bool) -> Option<EntityId> {
    let mut bytes = Vec::new();
    for field in [
        Field::AssetTag,
        Field::Serial,
        Field::Manufacturer,
        Field::Model,
    ] {
        let text = fold(&text_of(field)?);
        if text.is_empty() {
            return None;
        }
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
    }
    takeover.then(|| natural("device", &bytes))
}

/// The most systems that a module is looked for in, one within the other.
const DEPTH: usize = 16;

fn part_of_itself(tag: &str) -> Refusal {
    Refusal::rule(
        format!("{tag} would be a part of itself."),
        "Name the system that it is a module of. Nothing was recorded.",
    )
}

/// Refuses a parent that is the device itself, or a part of it.
fn not_its_own_part(
    world: &dyn World,
    id: EntityId,
    device: &Device,
    parent: &str,
) -> Result<(), Refusal> {
    let mut above = parent.to_owned();
    for _ in 0..DEPTH {
        if above.is_empty() {
            return Ok(());
        }
        let folded = fold(&above);
        let Some((up, system)) = world
            .devices_named(&above)
            .into_iter()
            .filter_map(|id| Some((id, world.device(id)?)))
            .find(|(_, system)| fold(&system.tag()) == folded)
        else {
            return Ok(());
        };
        if up == id {
            return Err(part_of_itself(&device.tag()));
        }
        above = system.text(Field::Parent);
    }
    Ok(())
}

pub(super) fn set(
    world: &dyn World,
    id: EntityId,
    device: &Device,
    changes: &[(Field, Option<Value>)],
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    well_formed(changes.iter().map(|(field, new)| (*field, new.as_ref())))?;
    let mut events = Vec::new();
    let mut edits = Vec::new();
    for (field, new) in changes {
        if let (Field::Parent, Some(value)) = (field, new) {
            not_its_own_part(world, id, device, &field.show(value))?;
        }
        let settled = !device.fields.get(field).is_some_and(Register::in_conflict);
        if device.get(*field) == new.as_ref() && settled {
            continue;
        }
        let change = changed(device, *field, new.clone());
        if *field != Field::AssetTag {
            edits.push(change);
            continue;
        }
        let Some(Value::Text(tag)) = new else {
            return Err(Refusal::rule(
                "A device cannot be without a tag.",
                "Give the new tag; a device without a label keeps its temporary one.",
            ));
        };
        tag_is_new(world, tag, Some(id))?;
        let why = if reason.trim().is_empty() {
            "tag edited"
        } else {
            reason
        };
        events.push(
            (
                id,
                DeviceEvent::Retagged {
                    old: device.tag(),
                    change,
                    reason: why.to_owned(),
                },
            )
                .into(),
        );
    }
    if !edits.is_empty() {
        events.push(
            (
                id,
                DeviceEvent::Edited {
                    changes: edits,
                    reason: reason.to_owned(),
                },
            )
                .into(),
        );
    }
    Ok(events)
}

pub(super) fn retag(
    world: &dyn World,
    id: EntityId,
    device: &Device,
    tag: &str,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let value = Field::AssetTag
        .parse(tag)
        .map_err(|e| Refusal::bad_input(e.to_string(), "Give the number on the new label."))?;
    let reason = if reason.trim().is_empty() {
        "relabelled"
    } else {
        reason
    };
    set(world, id, device, &[(Field::AssetTag, value)], reason)
}
