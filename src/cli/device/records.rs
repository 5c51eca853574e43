//! `device combine|separate|exchange` and `swap`: acts on two records, or two devices.

use clap::Args;
use serde_json::json;

use crate::domain::command::Command;
use crate::domain::device::{Device, DeviceCommand, Field};
use crate::domain::event::Kind;
use crate::domain::refusal::Refusal;
use crate::identify::text::{clean, fold_identifier};

use super::super::done::{Done, Trouble};
use super::super::place::Place;
use super::super::{pick, shapes};
use super::add::after;

/// Two records.
#[derive(Debug, Args)]
pub struct PairArgs {
    /// The record that stays: tag, serial or id
    pub keep: String,
    /// The other record: tag, serial or id
    pub other: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// Arguments of `device exchange`.
#[derive(Debug, Args)]
pub struct ExchangeArgs {
    /// The device that was sent away
    pub device: String,
    /// The serial number that came back
    #[arg(long)]
    pub serial: String,
    /// Why
    #[arg(long, default_value = "exchanged by the vendor")]
    pub reason: String,
}

/// Arguments of `swap`.
#[derive(Debug, Args)]
pub struct SwapArgs {
    /// The device to take away
    pub out: String,
    /// The ready device that takes its place
    #[arg(value_name = "IN")]
    pub with: String,
    /// Why
    #[arg(long, default_value = "swapped for service")]
    pub reason: String,
}

/// Two records become one.
pub fn combine(place: &Place, arguments: PairArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let keep = pick::device(&session, &arguments.keep)?;
    let other = pick::device(&session, &arguments.other)?;
    let (stays, goes) = (session.device(keep)?.device, session.device(other)?.device);
    session.tell(Command::Device(DeviceCommand::Combine {
        keep,
        other,
        reason: arguments.reason,
    }))?;
    let mut done = after(&session, keep, "Combined into")?;
    let warning = differs(&stays, &goes);
    if !warning.is_empty() {
        done.text.push_str(&warning);
        done.text
            .push_str("  If they are two devices, take it back: tagout device separate.\n");
    }
    Ok(done)
}

/// One record becomes two again. The other one is named by its id, or by the tag it had.
pub fn separate(place: &Place, arguments: PairArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let keep = pick::device(&session, &arguments.keep)?;
    let combined = session.device(keep)?.device.combined;
    let mut named = Vec::new();
    for id in combined {
        let sheet = session.device(id)?;
        let is_it = id.to_string() == arguments.other
            || [sheet.device.tag(), sheet.device.text(Field::Serial)]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&arguments.other));
        if is_it {
            named.push(id);
        }
    }
    let [other] = named.as_slice() else {
        return Err(Refusal::not_found(
            format!(
                "No record \"{}\" is combined into this one.",
                arguments.other
            ),
            "Look at `tagout device history`; name the record by its tag, serial or id.",
        )
        .into());
    };
    session.tell(Command::Device(DeviceCommand::Separate {
        keep,
        other: *other,
        reason: arguments.reason,
    }))?;
    after(&session, *other, "Separated")
}

/// Another serial came back.
pub fn exchange(place: &Place, arguments: ExchangeArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let device = pick::device(&session, &arguments.device)?;
    let receipt = session.tell(Command::Device(DeviceCommand::Exchange {
        device,
        serial: arguments.serial,
        reason: arguments.reason,
    }))?;
    let came = receipt
        .made(Kind::Device)
        .map_or(device, |made| made.what.id);
    after(&session, came, "Came back instead:")
}

/// One out, a ready one in.
pub fn swap(place: &Place, arguments: SwapArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let out = pick::device(&session, &arguments.out)?;
    let with = pick::device(&session, &arguments.with)?;
    let receipt = session.tell(Command::Device(DeviceCommand::Swap {
        out,
        with,
        reason: arguments.reason,
    }))?;
    let (gone, come) = (session.device(out)?, session.device(with)?);
    let json = json!({
        "out": shapes::device(out, &gone.device),
        "in": shapes::device(with, &come.device),
        "changes": receipt.lines,
    });
    let mut text = super::super::lists::lines(&receipt);
    text.push_str(&differs(&gone.device, &come.device));
    Ok(Done::new(text, json))
}

/// A warning when two records are of different makes, models or types, as far as both say.
fn differs(a: &Device, b: &Device) -> String {
    let mut out = String::new();
    for field in [Field::Manufacturer, Field::Model, Field::TypeCode] {
        let (one, two) = (a.text(field), b.text(field));
        let (x, y) = (fold_identifier(&one), fold_identifier(&two));
        if !x.is_empty() && !y.is_empty() && x != y {
            say!(
                out,
                "! {}: {} is {}, {} is {}\n",
                field.label(),
                clean(&a.tag()),
                clean(&one),
                clean(&b.tag()),
                clean(&two)
            );
        }
    }
    out
}
