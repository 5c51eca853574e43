//! Stickers and red tags, as text for any printer and as HTML sized for a label printer.
//!
//! Invariants: there is no sticker for an inspection that is unsigned, void or not passed; a tag or order number is never
//! cut short; a due date that nobody knows is said to be unknown.

use std::fmt::Write as _;

use chrono::NaiveDate;

use crate::bench::query::{DeviceSheet, InspectionSheet};
use crate::domain::device::{DeviceCard, Outcome};
use crate::domain::inspection::{InspectionStatus, doubts};

use super::clean::{ascii, clean};
use super::html::{escape, wrap_page};
use super::text::wrapped;
use super::words::Names;

/// The size of a label: columns for the text form, millimetres for the HTML form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LabelSize {
    /// Columns of the text form.
    pub columns: usize,
    /// Width in millimetres.
    pub width_mm: u32,
    /// Height in millimetres.
    pub height_mm: u32,
    /// Printable ASCII only in the text form.
    pub ascii: bool,
}

impl LabelSize {
    /// An inspection sticker: 32 columns, 62 x 29 mm.
    pub const STICKER: Self = Self {
        columns: 32,
        width_mm: 62,
        height_mm: 29,
        ascii: false,
    };
    /// A hanging tag: 40 columns, 102 x 152 mm.
    pub const TAG: Self = Self {
        columns: 40,
        width_mm: 102,
        height_mm: 152,
        ascii: false,
    };
}

/// What an inspection sticker says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sticker {
    /// Asset tag.
    pub tag: String,
    /// The activity.
    pub activity: String,
    /// The day the work was done.
    pub done: NaiveDate,
    /// The day it is due again; `None` when not known.
    pub due: Option<NaiveDate>,
    /// Initials of the technician who signed first.
    pub initials: String,
    /// Work order number.
    pub order: String,
}

impl Sticker {
    /// The sticker of a signed, passing inspection without a reading in doubt; `None` for any other. `due` is the next due date from the device's
    /// record; empty `initials` are made from the signer's name.
    pub fn of(sheet: &InspectionSheet, due: Option<NaiveDate>, initials: &str) -> Option<Self> {
        let inspection = &sheet.inspection;
        let signature = inspection.signatures.first()?;
        let passed = inspection.outcome.is_some_and(Outcome::is_pass);
        if inspection.status != Some(InspectionStatus::Signed)
            || inspection.void.is_some()
            || !passed
            || !doubts(inspection).is_empty()
        {
            return None;
        }
        let initials = if initials.trim().is_empty() {
            signature
                .name
                .split_whitespace()
                .filter_map(|word| word.chars().next())
                .collect()
        } else {
            initials.to_owned()
        };
        Some(Self {
            tag: sheet.device.tag.clone(),
            activity: inspection.activity.clone(),
            done: inspection.performed,
            due,
            initials,
            order: sheet.order.clone(),
        })
    }

    fn lines(&self) -> Vec<String> {
        let due = self
            .due
            .map_or_else(|| "unknown".to_owned(), |due| due.to_string());
        vec![
            self.activity.to_uppercase(),
            format!("DONE {}  BY {}", self.done, known(&self.initials)),
            format!("NEXT DUE {due}"),
            format!("ORDER {}", known(&self.order)),
            format!("TAG {}", known(&self.tag)),
        ]
    }
}

/// What a do-not-use tag says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedTag {
    /// Asset tag.
    pub tag: String,
    /// Serial number.
    pub serial: String,
    /// Make and model.
    pub device: String,
    /// Why, line by line.
    pub reasons: Vec<String>,
    /// The order to ask for.
    pub order: String,
    /// Since when.
    pub on: NaiveDate,
    /// Who took it out of use.
    pub by: String,
}

impl RedTag {
    /// The tag for a device by an inspection that ended as anything but a pass; `None` after a pass, or while open with
    /// nothing decided.
    pub fn of_inspection(sheet: &InspectionSheet) -> Option<Self> {
        let inspection = &sheet.inspection;
        let ended = inspection.outcome?;
        if ended.is_pass() || inspection.void.is_some() {
            return None;
        }
        let mut reasons = vec![format!("{}: {ended}", inspection.activity)];
        reasons.extend(inspection.because.iter().cloned());
        let order = sheet
            .repairs
            .first()
            .map_or_else(|| sheet.order.clone(), |(_, number)| number.clone());
        let by = inspection.signatures.first().map_or_else(
            || Names(&sheet.names).who(&inspection.holder),
            |signature| signature.name.clone(),
        );
        Some(Self::of_card(
            &sheet.device,
            reasons,
            order,
            inspection.performed,
            by,
        ))
    }

    /// The tag for a device with open holds; `None` when nothing holds it.
    pub fn of_device(sheet: &DeviceSheet) -> Option<Self> {
        let first = sheet.device.holds.first()?;
        let reasons = sheet
            .device
            .holds
            .iter()
            .map(|hold| format!("{}: {}", hold.kind.label().to_uppercase(), hold.reason))
            .collect();
        let order = sheet
            .open_orders
            .first()
            .map(|order| order.number.clone())
            .unwrap_or_default();
        Some(Self::of_card(
            &DeviceCard::of(sheet.id, &sheet.device),
            reasons,
            order,
            first.stamp.at.date(),
            first.stamp.by.clone(),
        ))
    }

    fn of_card(
        card: &DeviceCard,
        reasons: Vec<String>,
        order: String,
        on: NaiveDate,
        by: String,
    ) -> Self {
        Self {
            tag: card.tag.clone(),
            serial: card.serial.clone(),
            device: card.name(),
            reasons,
            order,
            on,
            by,
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("TAG {}", known(&self.tag)),
            self.device.clone(),
            format!("SERIAL {}", known(&self.serial)),
        ];
        lines.extend(self.reasons.iter().map(|reason| format!("- {reason}")));
        lines.push(format!("ORDER {}", known(&self.order)));
        lines.push(format!("SINCE {}  BY {}", self.on, known(&self.by)));
        lines.push("Do not remove this tag. Call the biomedical shop.".to_owned());
        lines
    }
}

const DO_NOT_USE: &str = "DO NOT USE";

fn known(text: &str) -> &str {
    if text.trim().is_empty() {
        "unknown"
    } else {
        text
    }
}

/// A sticker as text: five lines, more only where a number is longer than the label.
pub fn sticker_text(sticker: &Sticker, size: &LabelSize) -> String {
    label_text(&sticker.lines(), size)
}

/// A sticker as an HTML page of the label's size.
pub fn sticker_html(sticker: &Sticker, size: &LabelSize) -> String {
    label_html(None, &sticker.lines(), size, "Inspection sticker", 9)
}

/// A do-not-use tag as text.
pub fn red_tag_text(tag: &RedTag, size: &LabelSize) -> String {
    let columns = size.columns.max(16);
    let bar = "#".repeat(columns);
    let head = format!("{DO_NOT_USE:^columns$}");
    format!(
        "{bar}\n{}\n{bar}\n{}",
        head.trim_end(),
        label_text(&tag.lines(), size)
    )
}

/// A do-not-use tag as an HTML page of the tag's size.
pub fn red_tag_html(tag: &RedTag, size: &LabelSize) -> String {
    label_html(Some(DO_NOT_USE), &tag.lines(), size, DO_NOT_USE, 14)
}

fn label_text(lines: &[String], size: &LabelSize) -> String {
    let mut out = String::new();
    for line in lines {
        let line = if size.ascii { ascii(line) } else { clean(line) };
        for part in wrapped(&line, size.columns.max(16)) {
            out.push_str(&part);
            out.push('\n');
        }
    }
    out
}

fn label_html(
    shout: Option<&str>,
    lines: &[String],
    size: &LabelSize,
    title: &str,
    points: u32,
) -> String {
    let style = format!(
        "@page{{size:{w}mm {h}mm;margin:1.5mm}}body{{margin:0;width:{inner}mm;font:bold {points}pt/1.15 sans-serif;\
         color:#000;background:#fff}}p{{margin:0;overflow-wrap:anywhere}}\
         .shout{{background:#b00000;color:#fff;font-size:2.2em;text-align:center;border:1mm solid #000;margin:0 0 3mm;\
         print-color-adjust:exact}}",
        w = size.width_mm.max(10),
        h = size.height_mm.max(10),
        inner = size.width_mm.max(10).saturating_sub(3)
    );
    let mut body = String::new();
    // Writing to a String cannot fail.
    if let Some(shout) = shout {
        let _ = writeln!(body, "<p class=\"shout\">{}</p>", escape(shout));
    }
    for line in lines {
        let _ = writeln!(body, "<p>{}</p>", escape(line));
    }
    wrap_page(title, &style, &body)
}
