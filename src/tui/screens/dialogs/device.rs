//! Forms about one device: a field, the tag, holds, stage, notes, exchange.

use super::{NO_PATIENTS, device, open};
use crate::bench::Session;
use crate::domain::device::{Device, DeviceCommand, Field, FieldKind, Hold, HoldKind, Stage};
use crate::domain::id::EntityId;
use crate::domain::order::OrderCommand;
use crate::tui::app::screen::{Effect, Tone};
use crate::tui::screens::form::{Entry, Form, Wrong};

/// Change one field.
pub fn edit_field(id: EntityId, record: &Device, field: Field) -> Effect {
    let now = record.key(field);
    let entry = match field.kind() {
        FieldKind::Choice(choices) => Entry::choice(
            field.label(),
            choices
                .iter()
                .map(|c| (c.key.to_owned(), c.label.to_owned()))
                .collect(),
        ),
        FieldKind::Date => Entry::line(field.label()).hint("YYYY-MM-DD"),
        FieldKind::List => Entry::line(field.label()).hint("separate with ;"),
        _ => Entry::line(field.label()),
    };
    let revision = record.revision;
    let title = format!("{}: {}", record.tag(), field.label());
    let form = Form::new(
        title,
        vec![
            entry.holding(&now),
            Entry::line("Reason").hint("if worth saying"),
        ],
        move |values| {
            let value = field
                .parse(&values.text(0))
                .map_err(|bad| (Some(0), format!("{bad}.")))?;
            Ok(device(DeviceCommand::Set {
                device: id,
                changes: vec![(field, value)],
                reason: values.text(1),
                expected: Some(revision),
            }))
        },
    )
    .intro("The old value stays in the history. An empty field means unknown.");
    open(form)
}

/// Another tag.
pub fn retag(id: EntityId, tag: &str) -> Effect {
    let form = Form::new(
        format!("Change the tag of {tag}"),
        vec![
            Entry::line("New tag").needed().hint("type or scan it"),
            Entry::line("Reason").hint("label lost, damaged …"),
        ],
        move |values| {
            Ok(device(DeviceCommand::Retag {
                device: id,
                tag: values.text(0),
                reason: values.text(1),
            }))
        },
    )
    .intro("The old tag still finds this device.");
    open(form)
}

/// A reason not to use the device.
pub fn hold_device(id: EntityId, tag: &str) -> Effect {
    let kinds = [
        HoldKind::DoNotUse,
        HoldKind::Recall,
        HoldKind::FoundWithoutPm,
    ]
    .iter()
    .map(|kind| (kind.key().to_owned(), kind.label().to_owned()))
    .collect();
    let form = Form::new(
        format!("Hold {tag}"),
        vec![
            Entry::choice("Kind", kinds).needed().holding("do-not-use"),
            Entry::line("Why").needed(),
        ],
        move |values| {
            let kind = HoldKind::from_key(&values.text(0))
                .ok_or_else(|| (Some(0), "Choose the kind of hold.".to_owned()))?;
            Ok(device(DeviceCommand::Hold {
                device: id,
                kind,
                reason: values.text(1),
            }))
        },
    )
    .starting_at(1)
    .intro("The device may not be used until this hold is lifted by name.");
    open(form)
}

/// Lift one hold; a sequestered device is released by a named person, chosen among `colleagues`.
pub fn lift_hold(id: EntityId, tag: &str, hold: &Hold, colleagues: &[(String, String)]) -> Effect {
    if hold.kind == HoldKind::Sequestered {
        return release(id, tag, hold, colleagues);
    }
    let dot = hold.stamp.dot;
    let form = Form::new(
        format!("Lift \"{}\" from {tag}", hold.kind.label()),
        vec![Entry::line("Why").needed()],
        move |values| {
            Ok(device(DeviceCommand::Lift {
                device: id,
                hold: dot,
                reason: values.text(0),
            }))
        },
    )
    .intro(format!("Placed because: {}", hold.reason));
    open(form)
}

/// Release a sequestered device in the name of somebody else, who proves it with their own passphrase afterwards.
fn release(id: EntityId, tag: &str, hold: &Hold, colleagues: &[(String, String)]) -> Effect {
    if colleagues.is_empty() {
        return Effect::Say(
            Tone::Bad,
            "A sequestered device is released by somebody else, and no other technician is on record. Add them with \
             `tagout tech add`."
                .to_owned(),
        );
    }
    let dot = hold.stamp.dot;
    let form = Form::new(
        format!("Release {tag} (sequestered)"),
        vec![
            Entry::line("Why")
                .needed()
                .hint("what was secured, who agreed"),
            Entry::choice("Released by", colleagues.to_vec()).needed(),
        ],
        move |values| {
            Ok(super::order(OrderCommand::ReleaseSequestered {
                device: id,
                hold: dot,
                reason: values.text(0),
                released_by: values.text(1),
            }))
        },
    )
    .intro(format!(
        "Placed because: {}. Whoever releases it types their own passphrase next.",
        hold.reason.trim_end_matches('.')
    ));
    open(form)
}

/// Move along its life.
pub fn set_stage(id: EntityId, record: &Device) -> Effect {
    let next: Vec<(String, String)> = record
        .stage()
        .next()
        .iter()
        .map(|stage| (stage.key().to_owned(), stage.label().to_owned()))
        .collect();
    let form = Form::new(
        format!("{}: status", record.tag()),
        vec![
            Entry::choice("Status", next).needed(),
            Entry::line("Reason"),
        ],
        move |values| {
            let to = Stage::from_key(&values.text(0))
                .ok_or_else(|| (Some(0), "Choose where it goes.".to_owned()))?;
            Ok(device(DeviceCommand::SetStage {
                device: id,
                to,
                reason: values.text(1),
            }))
        },
    )
    .intro(format!("Now: {}.", record.stage().label()));
    open(form)
}

/// A note.
pub fn note_device(id: EntityId, tag: &str) -> Effect {
    let form = Form::new(
        format!("Note on {tag}"),
        vec![Entry::note("Note").needed()],
        move |values| {
            Ok(device(DeviceCommand::Note {
                device: id,
                text: values.text(0),
            }))
        },
    )
    .intro(NO_PATIENTS);
    open(form)
}

/// Exchange the device for a ready one.
pub fn swap(session: &Session, out: EntityId, tag: &str) -> Effect {
    let session = session.beside();
    let form = Form::new(
        format!("Swap {tag}"),
        vec![
            Entry::line("Replaced by").needed().hint("tag or serial, type or scan"),
            Entry::line("Reason"),
        ],
        move |values| {
            let with = one_named(&session, &values.text(0))?;
            Ok(device(DeviceCommand::Swap {
                out,
                with,
                reason: values.text(1),
            }))
        },
    )
    .intro("The other device takes the place of this one. It must have passed its inspections and be current.");
    open(form)
}

/// The one device that a typed tag or serial names.
fn one_named(session: &Session, name: &str) -> Result<EntityId, Wrong> {
    let found = session
        .named(name)
        .map_err(|failure| (Some(0), failure.to_string()))?;
    match found.as_slice() {
        [only] => Ok(only.id),
        [] => Err((
            Some(0),
            format!("No device has the tag or serial \"{name}\"."),
        )),
        several => {
            let tags: Vec<&str> = several.iter().map(|card| card.tag.as_str()).collect();
            Err((
                Some(0),
                format!(
                    "\"{name}\" names several devices: {}. Give the asset tag.",
                    tags.join(", ")
                ),
            ))
        }
    }
}
