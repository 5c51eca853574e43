//! Two devices, or two records, in one act: combining and separating, swapping, an exchange by the vendor.
//!
//! Invariants: a hold is never lost on the way; nothing here brings a device into service that was not; a record with work
//! open on it is not combined away.

use super::decide::{current, need_reason};
use super::record::{changed, filled, tag_is_free, temporary_tag};
use super::service::incoming_hold;
use super::{Device, DeviceEvent, Field, FieldChange, HoldKind, Origin, Stage, Value, Whereabouts};
use crate::domain::choices::fold;
use crate::domain::context::{Context, World};
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::inspection::measure_again_lines;
use crate::domain::order::device_not_sequestered;
use crate::domain::refusal::Refusal;

/// What a device that the vendor sends in exchange has in common with the one sent away.
const SHARED: [Field; 31] = [
    Field::Manufacturer,
    Field::Brand,
    Field::Model,
    Field::ModelNumber,
    Field::CatalogueNumber,
    Field::UdiDi,
    Field::TypeCode,
    Field::TypeName,
    Field::Gmdn,
    Field::Umdns,
    Field::Department,
    Field::Location,
    Field::Team,
    Field::Ownership,
    Field::Owner,
    Field::ReturnBy,
    Field::HighRisk,
    Field::HighRiskReason,
    Field::EmFunction,
    Field::EmRisk,
    Field::EmMaintenance,
    Field::ProtectionClass,
    Field::Power,
    Field::AppliedParts,
    Field::Network,
    Field::StoresEphi,
    Field::Parent,
    Field::Fixed,
    Field::ServiceProvider,
    Field::Accessories,
    Field::Aem,
];

pub(super) fn combine(
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
    nothing_open(world, other, &gone, &kept)?;
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
    // A reason not to use one record is a reason not to use the device; each keeps what it came from, which decides how
    // it may be lifted.
    for hold in &gone.holds {
        let known = kept.holds.iter().any(|h| {
            h.kind == hold.kind
                && (h.kind == HoldKind::IncomingInspection
                    || (h.source == hold.source && h.reason == hold.reason))
        });
        if !known {
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

/// Work open on a record that goes would be out of reach.
fn nothing_open(
    world: &dyn World,
    id: EntityId,
    gone: &Device,
    kept: &Device,
) -> Result<(), Refusal> {
    let hint = format!(
        "Finish it, or cancel it and open it on {}; or combine the other way round.",
        kept.tag()
    );
    if !world.open_inspections(id).is_empty() {
        return Err(Refusal::rule(
            format!("{} has an open inspection.", gone.tag()),
            hint,
        ));
    }
    let open: Vec<String> = world
        .open_orders(id)
        .into_iter()
        .filter_map(|order| world.order(order))
        .map(|order| format!("{} ({})", order.number, order.opening.kind))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    Err(Refusal::rule(
        format!("{} has open work orders: {}.", gone.tag(), open.join(", ")),
        hint,
    ))
}

pub(super) fn separate(
    world: &dyn World,
    keep: EntityId,
    other: EntityId,
    reason: &str,
) -> Result<Vec<Addressed>, Refusal> {
    let kept = current(world, keep)?;
    need_reason(reason, "Taking a combination back")?;
    if !kept.combined.contains(&other) {
        return Err(Refusal::rule(
            "These two records are not combined.",
            "Look at the history of the device that stayed.",
        ));
    }
    if let Some(gone) = world.device(other) {
        tag_is_free(world, &gone.tag(), Some(other))?;
    }
    // Holds stay on both: which of the two a hold was about is for a person to say.
    Ok(vec![
        (
            keep,
            DeviceEvent::Separated {
                other,
                reason: reason.to_owned(),
            },
        )
            .into(),
        (
            other,
            DeviceEvent::MergedInto {
                into: None,
                reason: reason.to_owned(),
            },
        )
            .into(),
    ])
}

pub(super) fn swap(
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
    if matches!(old.stage(), Stage::Retired | Stage::Disposed) {
        return Err(Refusal::rule(
            format!("{} is {}; nothing replaces it.", old.tag(), old.stage()),
            "Check the tag of the device that goes.",
        ));
    }
    ready(world, ctx, with, &new)?;
    let reason = if reason.trim().is_empty() {
        "swapped"
    } else {
        reason
    };
    let places = |from: &Device, to: &Device| -> Vec<FieldChange> {
        [Field::Department, Field::Location]
            .into_iter()
            .filter(|field| from.get(*field) != to.get(*field))
            .map(|field| changed(to, field, from.get(field).cloned()))
            .collect()
    };
    // Without a place to change the swap is kept as a note, so that both histories tell of it.
    let traced = |id: EntityId, changes: Vec<FieldChange>, reason: String| -> Addressed {
        if changes.is_empty() {
            return (id, DeviceEvent::Noted { text: reason }).into();
        }
        (id, DeviceEvent::Edited { changes, reason }).into()
    };
    let mut events: Vec<Addressed> = vec![
        traced(
            with,
            places(&old, &new),
            format!("{reason}: replaces {}", old.tag()),
        ),
        traced(
            out,
            places(&new, &old),
            format!("{reason}: replaced by {}", new.tag()),
        ),
    ];
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

/// Refuses a device that cannot replace another one now.
fn ready(world: &dyn World, ctx: &Context, id: EntityId, new: &Device) -> Result<(), Refusal> {
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
    let overdue = world
        .open_orders(id)
        .into_iter()
        .filter_map(|order| world.order(order))
        .find(|order| order.opening.kind.is_scheduled() && order.is_overdue(ctx.today));
    let why = if let Some(hold) = new.holds.first() {
        format!("{}: {}", hold.kind, hold.reason)
    } else if let Some(order) = overdue {
        format!("{} is overdue", order.number)
    } else if let Some(doubt) = measure_again_lines(world, id).into_iter().next() {
        doubt
    } else if !new.is_passed_and_current(ctx.today) {
        "its last inspection is missing, failed or overdue".to_owned()
    } else {
        return Ok(());
    };
    Err(Refusal::rule(
        format!("{} is not passed and current ({why}).", new.tag()),
        "Inspect it first, or take another one.",
    ))
}

pub(super) fn exchange(
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
    device_not_sequestered(&old)?;
    let serial_value = Field::Serial
        .parse(serial)
        .map_err(|e| Refusal::bad_input(e.to_string(), "Scan the serial number on the device."))?
        .ok_or_else(|| {
            Refusal::bad_input(
                "The new serial number is missing.",
                "Scan it from the device.",
            )
        })?;
    if fold(serial) == fold(&old.text(Field::Serial)) {
        return Err(Refusal::bad_input(
            "This is the serial number that was sent out.",
            "Record that the device is back: device status TAG --at-location.",
        ));
    }
    let new_id = ctx.id(0);
    let mut changes: Vec<FieldChange> = SHARED
        .into_iter()
        .filter_map(|field| old.get(field).map(|value| (field, value.clone())))
        .chain([
            (Field::Serial, serial_value),
            (Field::AssetTag, temporary_tag(world, ctx)?),
        ])
        .map(|(field, value): (Field, Value)| filled(field, value))
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
