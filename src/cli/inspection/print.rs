//! `inspection print`: the record, a sticker or a red tag, as text or HTML.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::bench::Session;
use crate::bench::query::InspectionSheet;
use crate::domain::refusal::Refusal;
use crate::report::{
    LabelSize, Page, RedTag, Sticker, next_due, record_html, record_text, red_tag_html,
    red_tag_text, sticker_html, sticker_text,
};

use super::super::done::{Done, Trouble};
use super::super::place::Place;
use super::super::table::terminal_width;
use super::doubt;
use super::show::{RefArgs, find};

/// Arguments of `inspection print`.
#[derive(Debug, Args)]
pub struct PrintArgs {
    /// Which one.
    #[command(flatten)]
    pub which: RefArgs,
    /// As an HTML page for a printer
    #[arg(long)]
    pub html: bool,
    /// The sticker for a device that passed
    #[arg(long, conflicts_with = "red_tag")]
    pub sticker: bool,
    /// The do-not-use tag
    #[arg(long)]
    pub red_tag: bool,
    /// Write it to this file; one that is there already stays as it is
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write over a file that is there already
    #[arg(long, requires = "output")]
    pub force: bool,
}

/// Prints.
pub fn run(place: &Place, arguments: &PrintArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let id = find(&session, arguments.which.name())?;
    let sheet = session.inspection(id)?;
    let text = if arguments.sticker {
        sticker(&session, &sheet, place.ascii(), arguments.html)?
    } else if arguments.red_tag {
        red_tag(&session, &sheet, place.ascii(), arguments.html)?
    } else {
        let shop = session.shop()?;
        let check = session.check_record(id)?;
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
    if file.exists() && !arguments.force {
        return Err(Refusal::rule(
            format!("{} is there already. It was left as it is.", file.display()),
            "Name another file, or write over it with --force.",
        )
        .into());
    }
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
    let due = next_due(&device, sheet);
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
