//! What every equipment list holds in some corner: a device whose label came off, one device with two records, a serial
//! number that two makers gave, a loaner that should be back, a delivery of which a part is missing.
//!
//! Invariant: comes after everything else of the last morning, so that nothing before it is another for it.

use super::calendar::{later, working};
use super::history::made_order;
use super::people::{DEFAULT, LEAD};
use super::script::{Move, Stage, then};
use super::today::some_device;
use crate::bench::Failure;
use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, Field, Origin, Stage as Life, Value};
use crate::domain::event::Kind;
use crate::domain::order::{Cause, HoldReason, Opening, OrderCommand, OrderKind, Priority};

/// The model and the purchase order of the delivery.
const DELIVERY: (&str, &str) = ("Spectrum IQ", "PO-4410");

/// All of them.
pub fn oddities(stage: &mut Stage<'_, '_>, used: &mut Vec<usize>) -> Result<Vec<Move>, Failure> {
    let mut moves = Vec::new();
    for scene in [two_records, same_serial, late_loaner] {
        moves.extend(scene(stage, used)?);
    }
    moves.extend(part_delivery(stage));
    Ok(moves)
}

fn told(command: DeviceCommand) -> Move {
    Move::Tell(DEFAULT, Command::Device(command))
}

fn field(stage: &Stage<'_, '_>, device: usize, field: Field) -> Option<Value> {
    let planned = stage.hospital.planned(device).ok()?;
    let found = planned.fields.iter().find(|(known, _)| *known == field)?;
    Some(found.1.clone())
}

/// A device found without its label gets a temporary tag, then a printed one, and then turns out to be on record
/// already. Both tags find it from now on.
fn two_records(stage: &mut Stage<'_, '_>, used: &mut Vec<usize>) -> Result<Vec<Move>, Failure> {
    let Some(device) = some_device(
        stage,
        used,
        &["Suction pump", "Pulse oximeter", "Electronic thermometer"],
    ) else {
        return Ok(Vec::new());
    };
    let record = stage.hospital.record(device)?;
    let tag = format!("{}-B", stage.hospital.planned(device)?.tag);
    let fields = [
        Field::Serial,
        Field::Manufacturer,
        Field::Model,
        Field::TypeCode,
        Field::TypeName,
        Field::Department,
    ]
    .into_iter()
    .filter_map(|name| Some((name, field(stage, device, name)?)))
    .collect();
    Ok(vec![
        told(DeviceCommand::Add {
            fields,
            stage: Life::InService,
            origin: Origin::TakenOver,
        }),
        then(move |stage| {
            let Some(found) = stage.made(Kind::Device) else {
                return Ok(Vec::new());
            };
            Ok(vec![
                told(DeviceCommand::Retag {
                    device: found,
                    tag,
                    reason: "found without a label; this is the new one".to_owned(),
                }),
                told(DeviceCommand::Combine {
                    keep: record,
                    other: found,
                    reason: "same serial and rating plate: its old label had come off".to_owned(),
                }),
            ])
        }),
    ])
}

/// Serial numbers are a maker's own: here two makers gave the same one, and a scan of it has to ask which.
fn same_serial(stage: &mut Stage<'_, '_>, used: &mut Vec<usize>) -> Result<Vec<Move>, Failure> {
    let (Some(one), Some(other)) = (
        some_device(stage, used, &["Infusion pump", "Suction pump"]),
        some_device(
            stage,
            used,
            &["Patient monitor", "Hospital bed", "Vital signs monitor"],
        ),
    ) else {
        return Ok(Vec::new());
    };
    let Some(serial) = field(stage, one, Field::Serial) else {
        return Ok(Vec::new());
    };
    Ok(vec![told(DeviceCommand::Set {
        device: stage.hospital.record(other)?,
        changes: vec![(Field::Serial, Some(serial))],
        reason: "read again from the rating plate; another maker uses the same number".to_owned(),
        expected: None,
    })])
}

/// A loaner that should have gone back.
fn late_loaner(stage: &mut Stage<'_, '_>, used: &mut Vec<usize>) -> Result<Vec<Move>, Failure> {
    let Some(device) = some_device(
        stage,
        used,
        &["Patient monitor", "Hospital bed", "Infusion pump"],
    ) else {
        return Ok(Vec::new());
    };
    let planned = stage.hospital.planned(device)?;
    let back = later(stage.hospital.today, -3);
    Ok(vec![Move::Tell(
        LEAD,
        Command::Device(DeviceCommand::Set {
            device: stage.hospital.record(device)?,
            changes: vec![
                (
                    Field::Ownership,
                    Field::Ownership.parse("loaner").ok().flatten(),
                ),
                (Field::Owner, Some(Value::Text(planned.maker.to_owned()))),
                (Field::ReturnBy, Some(Value::Date(back))),
                (Field::PurchasePrice, None),
                (Field::PurchaseOrder, None),
            ],
            reason: "the maker asks for it: its return was due".to_owned(),
            expected: None,
        }),
    )])
}

/// A delivery of which a part came: the rest is waited for, with a day to ask.
fn part_delivery(stage: &Stage<'_, '_>) -> Vec<Move> {
    let (model, purchase) = DELIVERY;
    let today = stage.hospital.today;
    let opening = Opening {
        kind: OrderKind::Installation,
        device: None,
        priority: Priority::Low,
        problem: format!("Delivery {purchase}: 3 of 5 {model} received, 2 still to come"),
        requester: "Receiving".to_owned(),
        department: "Biomedical Engineering".to_owned(),
        due: Some(working(later(today, 14))),
        window: None,
        activity: String::new(),
        procedure: String::new(),
        planned_minutes: None,
        interval_months: None,
        cause: Cause::Request,
    };
    vec![
        Move::Tell(
            LEAD,
            Command::Order(OrderCommand::Open {
                opening,
                check_in: None,
            }),
        ),
        then(move |stage| {
            let order = made_order(stage)?;
            Ok(vec![
                Move::Tell(LEAD, Command::Order(OrderCommand::Start { order })),
                Move::Tell(
                    LEAD,
                    Command::Order(OrderCommand::Hold {
                        order,
                        reason: HoldReason::PurchaseOrder,
                        note: "2 of 5 on back order at the maker".to_owned(),
                        chase: Some(working(later(today, 4))),
                    }),
                ),
            ])
        }),
    ]
}
