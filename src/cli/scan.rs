//! `scan`: what a label says, and the device it belongs to.

use chrono::NaiveDate;
use clap::Args;
use serde_json::Value;

use crate::domain::device::DeviceCard;
use crate::identify::text::clean;
use crate::identify::{LabelDate, Scan};

use super::device::late_of;
use super::done::{Done, Trouble};
use super::place::Place;
use super::shapes;
use super::table::Table;

/// Arguments of `scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// The text as scanned or typed
    pub text: String,
    /// The day that decides the century of two-digit years (default: the shop's date)
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<NaiveDate>,
}

/// Reads a label and looks the device up.
pub fn run(place: &Place, arguments: &ScanArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let answer = session.scan_on(&arguments.text, arguments.today)?;
    let scan = &answer.scan;
    let json = json(scan, &answer.devices)?;
    let mut text = words(scan, &answer.devices);
    for late in late_of(&session, answer.devices.iter())? {
        say!(text, "! {}\n", clean(&late));
    }
    if answer.devices.is_empty()
        && let Some(model) = &answer.model
    {
        say!(
            text,
            "Known model: {} {} {}. Register it with `tagout device add TAG --udi-di {}{}`.\n",
            clean(&model.manufacturer),
            clean(&model.brand),
            clean(&model.model),
            clean(&model.di),
            also(scan)
        );
    }
    let nothing = scan.error.is_some() && answer.devices.is_empty();
    Ok(Done::new(text, json).code(i32::from(nothing)))
}

/// What else the label says of this one device, as options of `device add`.
fn also(scan: &Scan) -> String {
    let made = match scan.manufactured {
        Some(LabelDate::Day(day)) => Some(day.to_string()),
        _ => None,
    };
    let mut out = String::new();
    for (option, value) in [
        ("serial", scan.serial.as_deref()),
        ("lot", scan.lot.as_deref()),
        ("manufactured", made.as_deref()),
    ] {
        let Some(value) = value.map(clean) else {
            continue;
        };
        let plain = value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
        if plain {
            say!(out, " --{option} {value}");
        } else {
            // As a shell takes it unchanged.
            say!(out, " --{option} '{}'", value.replace('\'', "'\\''"));
        }
    }
    out
}

/// The scan's own fields, `device` when exactly one fits, and all that fit as `devices`.
fn json(scan: &Scan, devices: &[DeviceCard]) -> Result<Value, Trouble> {
    let mut out = serde_json::to_value(scan).map_err(|error| {
        Trouble::usage(
            format!("The scan cannot be written as JSON: {error}."),
            "Leave --json out.",
        )
    })?;
    if let Some(map) = out.as_object_mut() {
        let device = match devices {
            [one] => shapes::card(one),
            _ => Value::Null,
        };
        map.insert("device".to_owned(), device);
        map.insert(
            "devices".to_owned(),
            devices.iter().map(shapes::card).collect(),
        );
    }
    Ok(out)
}

fn words(scan: &Scan, devices: &[DeviceCard]) -> String {
    let mut out = String::new();
    let mut line = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            say!(out, "{label:<14}{}\n", clean(&value));
        }
    };
    if !scan.is_empty() {
        line("Issuer", Some(scan.issuer.to_string()));
    }
    line("Identifier", scan.di.clone());
    line("Lot", scan.lot.clone());
    line("Serial", scan.serial.clone());
    line(
        "Manufactured",
        scan.manufactured.as_ref().map(ToString::to_string),
    );
    line("Expires", scan.expires.as_ref().map(ToString::to_string));
    line("Quantity", scan.quantity.map(|n| n.to_string()));
    for (name, value) in &scan.additional {
        line(name, Some(value.to_string()));
    }
    for warning in &scan.warnings {
        say!(out, "Warning: {}\n", warning.words());
    }
    if let (Some(error), true) = (scan.error, devices.is_empty() || !scan.is_empty()) {
        say!(out, "{}\n", error.words());
    }
    match devices {
        [] => out.push_str("No device on record fits.\n"),
        several => {
            let mut table = Table::new(&["Tag", "Device", "Serial", "Department", "Status"]);
            for card in several {
                table.row([
                    card.tag.as_str(),
                    &card.name(),
                    &card.serial,
                    &card.department,
                    &card.status,
                ]);
            }
            out.push_str(&table.text());
        }
    }
    out
}
