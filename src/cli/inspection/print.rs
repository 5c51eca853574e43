//! `inspection print`: the record, a sticker or a red tag, as text or HTML.

use std::path::PathBuf;

use chrono::{Months, NaiveDate};
use clap::Args;
use serde_json::json;

use crate::bench::Session;
use crate::bench::query::{DeviceSheet, InspectionSheet};
use crate::domain::refusal::Refusal;
use crate::report::{
    LabelSize, Page, RedTag, Sticker, record_html, record_text, red_tag_html, red_tag_text,
    sticker_html, sticker_text,
};

use super::super::done::{Done, Trouble};
use super::super::place::Place;
use super::super::table::terminal_width;
use super::doubt;
use super::show::find;

/// Arguments of `inspection print`.
#[derive(Debug, Args)]
pub struct PrintArgs {
    /// Inspection id, order number or the device's tag (default: your only open one)
    pub inspection: Option<String>,
    /// As an HTML page for a printer
    #[arg(long)]
    pub html: bool,
    /// The sticker for a device that passed
    #[arg(long, conflicts_with = "red_tag")]
    pub sticker: bool,
    /// The do-not-use tag
    #[arg(long)]
    pub red_tag: bool,
    /// Write it to this file
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Prints.
pub fn run(place: &Place, arguments: &PrintArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let id = find(&session, arguments.inspection.as_deref())?;
    let sheet = session.inspection(id)?;
    let text = if arguments.sticker {
        sticker(&session, &sheet, place.ascii(), arguments.html)?
    } else if arguments.red_tag {
        red_tag(&session, &sheet, place.ascii(), arguments.html)?
    } else {
        let shop = session.shop()?;
        let check = session.bench().check_record(id)?;
        let page = Page {
            shop: Some(&shop),
            width: terminal_width().unwrap_or(80),
            ascii: place.ascii(),
        };
        let signed = (!sheet.inspection.signatures.is_empty()).then_some(&check);
        if arguments.html {
            record_html(&sheet, signed, &page)
        } else {
            record_text(&sheet, signed, &page)
        }
    };
    let Some(file) = &arguments.output else {
        let json = json!({"id": id.to_string(), "text": text});
        return Ok(Done::new(text, json));
    };
    std::fs::write(file, &text).map_err(|error| Trouble::file("write", file, &error))?;
    let words = format!(
        "Written to {}.",
        crate::identify::text::clean(&file.display().to_string())
    );
    Ok(Done::new(
        words,
        json!({"id": id.to_string(), "file": file.display().to_string()}),
    ))
}

fn sticker(
    session: &Session,
    sheet: &InspectionSheet,
    ascii: bool,
    html: bool,
) -> Result<String, Trouble> {
    let device = session.device(sheet.device.id)?;
    let due = device
        .device
        .inspections
        .get(&sheet.inspection.activity)
        .filter(|last| last.inspection == Some(sheet.id))
        .and_then(|last| last.next_due)
        .or_else(|| planned(&device, sheet));
    let signer = sheet
        .inspection
        .signatures
        .first()
        .map(|signature| signature.signer.clone());
    let initials = session
        .technicians()?
        .into_iter()
        .find(|technician| Some(&technician.key) == signer.as_ref())
        .map(|technician| technician.initials)
        .unwrap_or_default();
    let sticker = Sticker::of(sheet, due, &initials).ok_or_else(|| {
        match doubt::lines(sheet).into_iter().next() {
            Some(line) => Refusal::rule(
                format!("No sticker for readings in doubt. {line}"),
                format!(
                    "Measure them in a new inspection: tagout inspection start {} --activity \"{}\".",
                    sheet.device.tag, sheet.inspection.activity
                ),
            ),
            None => Refusal::rule(
                "There is a sticker only for a signed inspection that passed.",
                "Sign it first, or print the red tag with --red-tag.",
            ),
        }
    })?;
    let size = LabelSize {
        ascii,
        ..LabelSize::STICKER
    };
    Ok(if html {
        sticker_html(&sticker, &size)
    } else {
        sticker_text(&sticker, &size)
    })
}

/// When work on the device is due next: by its open scheduled orders and its other activities, else by what the procedure
/// says of its frequency.
fn planned(device: &DeviceSheet, sheet: &InspectionSheet) -> Option<NaiveDate> {
    let by_orders = device
        .open_orders
        .iter()
        .filter(|row| row.kind.is_scheduled())
        .filter_map(|row| row.due);
    let by_record = device
        .device
        .inspections
        .values()
        .filter_map(|last| last.next_due);
    let later = by_orders
        .chain(by_record)
        .filter(|due| *due >= sheet.inspection.performed);
    later.min().or_else(|| {
        let months = months(sheet.document.frequency.as_deref()?)?;
        sheet.inspection.performed.checked_add_months(months)
    })
}

/// The months of "every 12 months", "every 2 years", "yearly"; `None` for anything else.
fn months(frequency: &str) -> Option<Months> {
    let text = frequency.trim().to_lowercase();
    let number = match text.as_str() {
        "yearly" | "annually" | "every year" => 12,
        "monthly" | "every month" => 1,
        text => {
            let (number, unit) = text.strip_prefix("every ")?.split_once(' ')?;
            let number: u32 = number.parse().ok()?;
            match unit {
                "month" | "months" => number,
                "year" | "years" => number.checked_mul(12)?,
                _ => return None,
            }
        }
    };
    (1..=1_200).contains(&number).then(|| Months::new(number))
}

fn red_tag(
    session: &Session,
    sheet: &InspectionSheet,
    ascii: bool,
    html: bool,
) -> Result<String, Trouble> {
    let tag = match RedTag::of_inspection(sheet) {
        Some(tag) => Some(tag),
        None => RedTag::of_device(&session.device(sheet.device.id)?),
    };
    let tag = tag.ok_or_else(|| {
        Refusal::rule(
            "Nothing speaks against the use of this device: there is no red tag for it.",
            "A failed inspection or a hold makes one.",
        )
    })?;
    let size = LabelSize {
        ascii,
        ..LabelSize::TAG
    };
    Ok(if html {
        red_tag_html(&tag, &size)
    } else {
        red_tag_text(&tag, &size)
    })
}
