//! What may be done to a device record, and what it does.
//!
//! Rules that no command gets round: a stage moves along legal arrows only; a device enters service only with a passed
//! incoming inspection on record; a hold is lifted by name, and a failed-test hold only by a signed passing inspection.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    Device, DeviceEvent, Field, FieldChange, Hold, HoldKind, Origin, Outcome, Stage, Value,
    Whereabouts,
};
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::{Dot, EntityId};
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
        } => add(world, ctx, fields, *stage, *origin),
        DeviceCommand::Set {
            device,
            changes,
            reason,
            expected,
        } => {
            let known = current(world, *device)?;
            check_revision(&known, *expected)?;
            set(world, *device, &known, changes, reason)
        }
        DeviceCommand::SetStage { device, to, reason } => {
            let known = current(world, *device)?;
            set_stage(*device, &known, *to, reason)
        }
        DeviceCommand::Place { device, at, note } => {
            let known = current(world, *device)?;
            place(ctx, *device, &known, at, note)
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
            lift(*device, &known, *hold, reason)
        }
        DeviceCommand::Retag {
            device,
            tag,
            reason,
        } => {
            let known = current(world, *device)?;
            retag(world, *device, &known, tag, reason)
        }
        DeviceCommand::Combine {
            keep,
            other,
            reason,
        } => combine(world, *keep, *other, reason),
        DeviceCommand::Separate {
            keep,
            other,
            reason,
        } => {
            let kept = current(world, *keep)?;
            need_reason(reason, "Taking a combination back")?;
            if !kept.combined.contains(other) {
                return Err(Refusal::rule(
                    "These two records are not combined.",
                    "Look at the history of the device that stayed.",
                ));
            }
            Ok(vec![
                (
                    *keep,
                    DeviceEvent::Separated {
                        other: *other,
                        reason: reason.clone(),
                    },
                )
                    .into(),
                (
                    *other,
                    DeviceEvent::MergedInto {
                        into: None,
                        reason: reason.clone(),
                    },
                )
                    .into(),
            ])
        }
        DeviceCommand::Swap { out, with, reason } => swap(world, ctx, *out, *with, reason),
        DeviceCommand::Exchange {
            device,
            serial,
            reason,
        } => exchange(world, ctx, *device, serial, reason),
        DeviceCommand::SawSoftware {
            device,
            component,
            version,
            how,
        } => {
            current(world, *device)?;
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

/// The hold under which every device arrives.
pub fn incoming_hold() -> DeviceEvent {
    DeviceEvent::HoldPlaced {
        kind: HoldKind::IncomingInspection,
        reason: "no passed incoming inspection on record".to_owned(),
        source: None,
    }
}

fn current(world: &dyn World, id: EntityId) -> Result<Device, Refusal> {
    world
        .device(id)
        .filter(|device| device.revision > 0)
        .ok_or_else(|| {
            Refusal::not_found(
                "This device is not on record.",
                "Look it up again by tag or serial.",
            )
        })
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

fn need_reason(text: &str, what: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::bad_input(
            format!("{what} needs words."),
            "Say why in a few words. No patient data.",
        ));
    }
    Ok(())
}

fn tag_is_free(world: &dyn World, tag: &str, own: Option<EntityId>) -> Result<(), Refusal> {
    let folded = super::super::choices::fold(tag);
    let taken = world
        .devices_named(tag)
        .into_iter()
        .filter(|id| Some(*id) != own)
        .find_map(|id| {
            world.device(id).filter(|device| {
                device.merged_into.is_none() && super::super::choices::fold(&device.tag()) == folded
            })
        });
    match taken {
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

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

fn add(
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
    let mut fields = fields.to_vec();
    match fields.iter().find(|(field, _)| *field == Field::AssetTag) {
        Some((_, Value::Text(tag))) => tag_is_free(world, tag, None)?,
        _ => fields.push((
            Field::AssetTag,
            Value::Text(format!("TMP-{}-{:04}", ctx.prefix, ctx.next_temporary)),
        )),
    }
    fields.sort();
    if let Some(pair) = fields.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(Refusal::bad_input(
            format!("{} was given twice.", pair[0].0.label()),
            "Give each field once.",
        ));
    }
    let changes = fields
        .into_iter()
        .map(|(field, value)| FieldChange {
            field,
            old: None,
            new: Some(value),
            replaces: Vec::new(),
        })
        .collect();
    let id = ctx.id(0);
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

fn set(
    world: &dyn World,
    id: EntityId,
    device: &Device,
    changes: &[(Field, Option<Value>)],
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let mut events = Vec::new();
    let mut edits = Vec::new();
    for (field, new) in changes {
        let old = device.get(*field).cloned();
        let settled = !device
            .fields
            .get(field)
            .is_some_and(super::Register::in_conflict);
        if old == *new && settled {
            continue;
        }
        let change = FieldChange {
            field: *field,
            old,
            new: new.clone(),
            replaces: device
                .fields
                .get(field)
                .map(super::Register::dots)
                .unwrap_or_default(),
        };
        if *field == Field::AssetTag {
            let Some(Value::Text(tag)) = new else {
                return Err(Refusal::rule(
                    "A device cannot be without a tag.",
                    "Give the new tag; a device without a label keeps its temporary one.",
                ));
            };
            tag_is_free(world, tag, Some(id))?;
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
        } else {
            edits.push(change);
        }
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

fn set_stage(
    id: EntityId,
    device: &Device,
    to: Stage,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let from = device.stage();
    if from == to {
        return Ok(Vec::new());
    }
    if !from.next().contains(&to) {
        let next: Vec<_> = from.next().iter().map(|s| s.label()).collect();
        return Err(Refusal::rule(
            format!("A device that is {from} cannot become {to}."),
            if next.is_empty() {
                "It is gone; register it anew if it came back.".to_owned()
            } else {
                format!("From here it can become: {}.", next.join(", "))
            },
        ));
    }
    if to == Stage::InService {
        may_enter_service(device)?;
    }
    if to == Stage::Disposed && device.key(Field::StoresEphi) != "no" {
        need_reason(
            reason,
            "Disposal of a device that stores or may store patient information",
        )?;
    }
    Ok(vec![
        (
            id,
            DeviceEvent::StageChanged {
                from,
                to,
                reason: reason.to_owned(),
            },
        )
            .into(),
    ])
}

/// Refuses unless the device passed its incoming inspection (or was in service when taken over) and nothing holds it.
fn may_enter_service(device: &Device) -> Result<(), Refusal> {
    let was_in_service = device.origin == Some(Origin::TakenOver)
        && device.stage() == Stage::OutOfService
        && device.hold(HoldKind::IncomingInspection).is_none();
    let passed = device
        .inspections
        .get("incoming inspection")
        .is_some_and(|i| i.outcome.is_pass());
    if !passed && !was_in_service {
        return Err(Refusal::rule(
            "No passed incoming inspection is on record, so this device cannot enter service.",
            "Do its incoming inspection and sign it; then it enters service by itself.",
        ));
    }
    if let Some(hold) = device.holds.first() {
        return Err(Refusal::rule(
            format!("A hold is open: {} ({}).", hold.kind, hold.reason),
            "Lift the hold by name first.",
        ));
    }
    Ok(())
}

fn place(
    ctx: &Context,
    id: EntityId,
    device: &Device,
    at: &Whereabouts,
    note: &str,
) -> Result<Vec<Addressed>, Refusal> {
    if matches!(at, Whereabouts::Missing { .. }) && device.key(Field::Fixed) == "yes" {
        return Err(Refusal::rule(
            "This device is fixed in place; it cannot be missing.",
            "Check the record: wrong device, or removed without an order?",
        ));
    }
    if matches!(at, Whereabouts::SentOut { .. }) && device.hold(HoldKind::Sequestered).is_some() {
        return Err(Refusal::rule(
            "This device is sequestered; it must stay as it is.",
            "A named person has to release it before it leaves the house.",
        ));
    }
    let mut events: Vec<Addressed> = Vec::new();
    if device.whereabouts != *at {
        events.push(
            (
                id,
                DeviceEvent::WhereaboutsChanged {
                    to: at.clone(),
                    note: note.to_owned(),
                },
            )
                .into(),
        );
    }
    let found = matches!(device.whereabouts, Whereabouts::Missing { .. })
        && !matches!(at, Whereabouts::Missing { .. });
    if found
        && device.hold(HoldKind::FoundWithoutPm).is_none()
        && let Some(due) = missed_pm(device, ctx.today)
    {
        events.push(
            (
                id,
                DeviceEvent::HoldPlaced {
                    kind: HoldKind::FoundWithoutPm,
                    reason: format!("found after its maintenance was due on {due}"),
                    source: None,
                },
            )
                .into(),
        );
    }
    Ok(events)
}

fn missed_pm(device: &Device, today: NaiveDate) -> Option<NaiveDate> {
    device
        .inspections
        .values()
        .filter_map(|i| i.next_due)
        .filter(|due| *due < today)
        .min()
}

fn lift(id: EntityId, device: &Device, hold: Dot, reason: &str) -> Result<Vec<Addressed>, Refusal> {
    let Some(known) = device.holds.iter().find(|h| h.stamp.dot == hold) else {
        return Err(Refusal::not_found(
            "This hold is not open on this device.",
            "Look at the device again: somebody may have lifted it.",
        ));
    };
    need_reason(reason, "Lifting a hold")?;
    match known.kind {
        HoldKind::FailedTest | HoldKind::FoundWithoutPm => Err(Refusal::rule(
            format!(
                "\"{}\" is lifted only by a signed passing inspection.",
                known.kind
            ),
            "Inspect the device and sign; the hold goes by itself when it passes.",
        )),
        HoldKind::IncomingInspection => Err(Refusal::rule(
            "This hold is lifted only by a passed incoming inspection.",
            "Do the incoming inspection and sign it.",
        )),
        _ => Ok(vec![
            (
                id,
                DeviceEvent::HoldLifted {
                    hold,
                    reason: reason.to_owned(),
                    inspection: None,
                },
            )
                .into(),
        ]),
    }
}

fn retag(
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

fn combine(
    world: &dyn World,
    keep: EntityId,
    other: EntityId,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let kept = current(world, keep)?;
    let gone = current(world, other)?;
    need_reason(reason, "Combining two records")?;
    if keep == other {
        return Err(Refusal::bad_input(
            "These are the same record.",
            "Name two different records.",
        ));
    }
    if let Some((record, _)) = [(&kept, keep), (&gone, other)]
        .into_iter()
        .find(|(d, _)| d.merged_into.is_some())
    {
        return Err(Refusal::rule(
            format!(
                "The record of {} was already combined into another one.",
                record.tag()
            ),
            "Take that combination back first.",
        ));
    }
    let aliases = [gone.tag(), gone.text(Field::Serial)]
        .into_iter()
        .chain(gone.aliases.iter().cloned())
        .filter(|alias| !alias.is_empty())
        .collect();
    let mut events: Vec<Addressed> = vec![
        (
            keep,
            DeviceEvent::Combined {
                other,
                aliases,
                reason: reason.to_owned(),
            },
        )
            .into(),
        (
            other,
            DeviceEvent::MergedInto {
                into: Some(keep),
                reason: reason.to_owned(),
            },
        )
            .into(),
    ];
    // A reason not to use one record is a reason not to use the device.
    for hold in &gone.holds {
        if kept.hold(hold.kind).is_none() {
            events.push(
                (
                    keep,
                    DeviceEvent::HoldPlaced {
                        kind: hold.kind,
                        reason: format!("{} (from {})", hold.reason, gone.tag()),
                        source: hold.source,
                    },
                )
                    .into(),
            );
        }
    }
    Ok(events)
}

fn swap(
    world: &dyn World,
    ctx: &Context,
    out: EntityId,
    with: EntityId,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let old = current(world, out)?;
    let new = current(world, with)?;
    if out == with {
        return Err(Refusal::bad_input(
            "These are the same device.",
            "Scan the device that goes and the one that comes.",
        ));
    }
    if new.stage() != Stage::InService || new.whereabouts != Whereabouts::AtLocation {
        return Err(Refusal::rule(
            format!(
                "{} is {}, {}: it cannot replace another device.",
                new.tag(),
                new.stage(),
                new.whereabouts.words()
            ),
            "Take a device that is in service and here.",
        ));
    }
    if !new.is_passed_and_current(ctx.today) {
        let why = new.holds.first().map_or_else(
            || "its last inspection is missing, failed or overdue".to_owned(),
            |hold| format!("{}: {}", hold.kind, hold.reason),
        );
        return Err(Refusal::rule(
            format!("{} is not passed and current ({why}).", new.tag()),
            "Inspect it first, or take another one.",
        ));
    }
    let reason = if reason.trim().is_empty() {
        "swapped"
    } else {
        reason
    };
    let mut events: Vec<Addressed> = Vec::new();
    let change = |device: &Device, field: Field, new: Option<Value>| FieldChange {
        field,
        old: device.get(field).cloned(),
        new,
        replaces: device
            .fields
            .get(&field)
            .map(super::Register::dots)
            .unwrap_or_default(),
    };
    let places = [Field::Department, Field::Location];
    let incoming: Vec<FieldChange> = places
        .iter()
        .map(|f| change(&new, *f, old.get(*f).cloned()))
        .collect();
    let outgoing: Vec<FieldChange> = places
        .iter()
        .map(|f| change(&old, *f, new.get(*f).cloned()))
        .collect();
    events.push(
        (
            with,
            DeviceEvent::Edited {
                changes: incoming,
                reason: format!("{reason}: replaces {}", old.tag()),
            },
        )
            .into(),
    );
    events.push(
        (
            out,
            DeviceEvent::Edited {
                changes: outgoing,
                reason: format!("{reason}: replaced by {}", new.tag()),
            },
        )
            .into(),
    );
    if old.stage() == Stage::InService {
        events.push(
            (
                out,
                DeviceEvent::StageChanged {
                    from: Stage::InService,
                    to: Stage::OutOfService,
                    reason: format!("{reason}: replaced by {}", new.tag()),
                },
            )
                .into(),
        );
    }
    Ok(events)
}

fn exchange(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    serial: &str,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let old = current(world, id)?;
    if !matches!(old.whereabouts, Whereabouts::SentOut { .. }) {
        return Err(Refusal::rule(
            format!("{} was not sent out.", old.tag()),
            "Only a device at a vendor can come back as another one.",
        ));
    }
    let serial_value = Field::Serial
        .parse(serial)
        .map_err(|e| Refusal::bad_input(e.to_string(), "Scan the serial number on the device."))?
        .ok_or_else(|| {
            Refusal::bad_input(
                "The new serial number is missing.",
                "Scan it from the device.",
            )
        })?;
    let same = |a: &str, b: &str| super::super::choices::fold(a) == super::super::choices::fold(b);
    if same(serial, &old.text(Field::Serial)) {
        return Err(Refusal::bad_input(
            "This is the serial number that was sent out.",
            "Record that the device is back: device status TAG --at-location.",
        ));
    }
    let new_id = ctx.id(0);
    let kept = [
        Field::Manufacturer,
        Field::Brand,
        Field::Model,
        Field::ModelNumber,
        Field::CatalogueNumber,
        Field::UdiDi,
        Field::TypeCode,
        Field::TypeName,
        Field::Department,
        Field::Location,
        Field::Team,
        Field::Ownership,
        Field::HighRisk,
        Field::HighRiskReason,
        Field::EmFunction,
        Field::EmRisk,
        Field::EmMaintenance,
        Field::ProtectionClass,
        Field::Power,
        Field::AppliedParts,
    ];
    let mut changes: Vec<FieldChange> = kept
        .into_iter()
        .filter_map(|field| old.get(field).map(|value| (field, value.clone())))
        .chain([
            (Field::Serial, serial_value),
            (
                Field::AssetTag,
                Value::Text(format!("TMP-{}-{:04}", ctx.prefix, ctx.next_temporary)),
            ),
        ])
        .map(|(field, value)| FieldChange {
            field,
            old: None,
            new: Some(value),
            replaces: Vec::new(),
        })
        .collect();
    changes.sort_by_key(|c| c.field);
    let why = if reason.trim().is_empty() {
        "exchanged by the vendor"
    } else {
        reason
    };
    let mut events: Vec<Addressed> = vec![
        (
            new_id,
            DeviceEvent::Registered {
                origin: Origin::Delivered,
                stage: Stage::Received,
                changes,
            },
        )
            .into(),
        (new_id, incoming_hold()).into(),
        (
            new_id,
            DeviceEvent::Noted {
                text: format!("Came back from the vendor in exchange for {}.", old.tag()),
            },
        )
            .into(),
        (
            id,
            DeviceEvent::WhereaboutsChanged {
                to: Whereabouts::AtLocation,
                note: format!("kept by the vendor; serial {serial} came back"),
            },
        )
            .into(),
    ];
    let mut stage = old.stage();
    for to in [Stage::OutOfService, Stage::Retired, Stage::Disposed] {
        if stage.next().contains(&to) {
            events.push(
                (
                    id,
                    DeviceEvent::StageChanged {
                        from: stage,
                        to,
                        reason: why.to_owned(),
                    },
                )
                    .into(),
            );
            stage = to;
        }
    }
    Ok(events)
}

/// The events with which a signed inspection changes its device: the record of it, holds lifted by name, service entered.
///
/// `may_lift` says whether the inspection is late enough for a hold: begun after it was placed and after the last repair.
/// A failure always places a hold of its own, so that no inspection begun before it can clear the device.
#[allow(clippy::too_many_arguments)]
pub(crate) fn inspected(
    id: EntityId,
    device: &Device,
    inspection: EntityId,
    activity: &str,
    outcome: Outcome,
    performed: NaiveDate,
    next_due: Option<NaiveDate>,
    may_lift: &dyn Fn(&Hold) -> bool,
) -> Vec<Addressed> {
    let mut events: Vec<Addressed> = vec![
        (
            id,
            DeviceEvent::Inspected {
                inspection,
                activity: activity.to_owned(),
                outcome,
                performed,
                next_due,
            },
        )
            .into(),
    ];
    if outcome.is_pass() {
        let mut stays = false;
        for hold in &device.holds {
            let of_this_kind = match hold.kind {
                HoldKind::FailedTest | HoldKind::FoundWithoutPm => true,
                HoldKind::IncomingInspection => activity == "incoming inspection",
                _ => false,
            };
            if !of_this_kind || !may_lift(hold) {
                stays = true;
                continue;
            }
            events.push(
                (
                    id,
                    DeviceEvent::HoldLifted {
                        hold: hold.stamp.dot,
                        reason: format!("{activity} passed and signed"),
                        inspection: Some(inspection),
                    },
                )
                    .into(),
            );
        }
        if activity == "incoming inspection" && device.stage() == Stage::Received && !stays {
            events.push(
                (
                    id,
                    DeviceEvent::StageChanged {
                        from: Stage::Received,
                        to: Stage::InService,
                        reason: "incoming inspection passed and signed".to_owned(),
                    },
                )
                    .into(),
            );
        }
    } else if outcome == Outcome::DoNotUse {
        events.push(
            (
                id,
                DeviceEvent::HoldPlaced {
                    kind: HoldKind::FailedTest,
                    reason: format!("{activity} of {performed} failed a safety step"),
                    source: Some(inspection),
                },
            )
                .into(),
        );
    }
    events
}
