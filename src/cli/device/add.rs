//! `device add`: a new record.

use clap::Args;
use serde_json::{Value, json};

use crate::bench::Session;
use crate::domain::command::Command;
use crate::domain::device::{Device, DeviceCommand, Field, Origin, Stage};
use crate::domain::event::Kind;
use crate::domain::id::EntityId;
use crate::domain::refusal::Refusal;
use crate::identify::text::{clean, fold_identifier};

use super::super::done::{Done, Trouble};
use super::super::fields::{self, FieldArgs};
use super::super::place::Place;
use super::super::receive::from_scan;
use super::super::{shapes, words};
use super::change::parent_on_record;

/// Arguments of `device add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The number on the hospital's label
    pub tag: Option<String>,
    /// Where it is in its life
    #[arg(long, value_parser = words::stage(), default_value = "received")]
    pub stage: Stage,
    /// Taken over from the hospital's earlier list: it may be in service already
    #[arg(long)]
    pub taken_over: bool,
    /// Why, for a device that is in service already; kept as a note
    #[arg(long, default_value = "", hide_default_value = true)]
    pub reason: String,
    /// The fields.
    #[command(flatten)]
    pub fields: FieldArgs,
}

/// Registers a device.
pub fn run(place: &Place, arguments: &AddArgs) -> Result<Done, Trouble> {
    let mut fields = arguments.fields.values()?;
    if let Some(tag) = &arguments.tag
        && let Some(value) = Field::AssetTag.parse(tag).map_err(fields::bad)?
    {
        fields.insert(0, (Field::AssetTag, value));
    }
    if fields.is_empty() {
        return Err(Refusal::bad_input(
            "Nothing is known of this device: no tag, no serial number, no model.",
            "Give at least one, for example: tagout device add TAG --serial SERIAL.",
        )
        .into());
    }
    let in_service = matches!(arguments.stage, Stage::InService | Stage::OutOfService);
    if arguments.taken_over && in_service && arguments.reason.trim().is_empty() {
        return Err(Refusal::bad_input(
            "A device that was in service before it came on record needs a reason why no incoming inspection is done here.",
            "Give --reason WHY; or add it without --stage, and it enters service by its incoming inspection.",
        )
        .into());
    }
    let origin = if arguments.taken_over {
        Origin::TakenOver
    } else {
        Origin::Entered
    };
    let session = place.work()?;
    if let Some((field, parent)) = fields.iter().find(|(field, _)| *field == Field::Parent) {
        parent_on_record(&session, &field.show(parent))?;
    }
    if let Some(di) = fields
        .iter()
        .find(|(field, _)| *field == Field::UdiDi)
        .map(|(field, value)| field.show(value))
    {
        let label = session.scan(&di)?;
        // What is typed as a bare GS1 number is read as one.
        let answer = match label.model {
            None if di.bytes().all(|b| b.is_ascii_digit()) => session.scan(&format!("(01){di}"))?,
            _ => label,
        };
        for (field, value) in &mut fields {
            if *field == Field::UdiDi {
                // Of a whole label the identifier is the field; the rest goes where it belongs.
                *value = fields::identifier(place, &di)?;
            }
        }
        if let (Some(serial), false) = (
            &answer.scan.serial,
            fields.iter().any(|(field, _)| *field == Field::Serial),
        ) {
            let serial = Field::Serial.parse(serial).map_err(fields::bad)?;
            fields.extend(serial.map(|serial| (Field::Serial, serial)));
        }
        from_scan(&mut fields, &answer.scan, answer.model.as_ref());
    }
    let receipt = session.tell(Command::Device(DeviceCommand::Add {
        fields,
        stage: arguments.stage,
        origin,
    }))?;
    let made = receipt.made(Kind::Device).ok_or_else(|| {
        Refusal::rule(
            "The device was not added: the store answered without a device.",
            "Look with `tagout device find`, then try again.",
        )
    })?;
    if !arguments.reason.trim().is_empty() {
        session.tell(Command::Device(DeviceCommand::Note {
            device: made.what.id,
            text: format!("Added as {}: {}", arguments.stage, arguments.reason.trim()),
        }))?;
    }
    after(&session, made.what.id, "Added")
}

/// The device as it is after a change, for the answer.
pub fn after(session: &Session, id: EntityId, done: &str) -> Result<Done, Trouble> {
    let sheet = session.device(id)?;
    let doubles = doubles(session, id, &sheet.device)?;
    let mut text = format!(
        "{done} {} ({}), {}\n",
        clean(&sheet.device.tag()),
        clean(&sheet.device.name()),
        sheet.device.status_key()
    );
    for hold in &sheet.device.holds {
        say!(text, "hold: {}: {}\n", hold.kind, clean(&hold.reason));
    }
    for tag in &doubles {
        say!(
            text,
            "! {} has the same maker, model and serial. One device twice? tagout device combine {} {} --reason WHY\n",
            clean(tag),
            clean(tag),
            clean(&sheet.device.tag())
        );
    }
    let mut json = json!({"tag": shapes::known(&sheet.device.tag()), "same_serial": doubles});
    if let Value::Object(map) = &mut json {
        map.extend(shapes::device(id, &sheet.device));
    }
    Ok(Done::new(text, json))
}

/// The tags of other records with the same maker, model and serial, all three known.
fn doubles(session: &Session, id: EntityId, device: &Device) -> Result<Vec<String>, Trouble> {
    let serial = device.text(Field::Serial);
    let maker = fold_identifier(&device.text(Field::Manufacturer));
    let model = fold_identifier(&device.text(Field::Model));
    if serial.is_empty() || maker.is_empty() || model.is_empty() {
        return Ok(Vec::new());
    }
    Ok(session
        .named(&serial)?
        .into_iter()
        .filter(|card| {
            card.id != id
                && fold_identifier(&card.serial) == fold_identifier(&serial)
                && fold_identifier(&card.manufacturer) == maker
                && fold_identifier(&card.model) == model
        })
        .map(|card| card.tag)
        .collect())
}
