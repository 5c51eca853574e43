//! The printed record of an inspection: everything that was done, found, replaced, signed, and what is missing.
//!
//! Invariants: every answer ever given is on the page, a replaced one marked as struck with the reason; an unanswered step
//! says so; a void or unsigned record says so across the whole page; a record that does not check says so at the top.

mod head;
mod steps;
mod tail;

use crate::bench::RecordCheck;
use crate::bench::query::InspectionSheet;
use crate::domain::inspection::InspectionStatus;

use super::doc::Doc;
use super::{Page, html, text};

/// The record as plain text. `check` is what checking its signatures found; without it the page says how to check.
pub fn record_text(
    sheet: &InspectionSheet,
    check: Option<&RecordCheck>,
    page: &Page<'_>,
) -> String {
    text::text(&record(sheet, check, page), page.width, page.ascii)
}

/// The record as one printable HTML page that needs no other file and runs nothing.
pub fn record_html(
    sheet: &InspectionSheet,
    check: Option<&RecordCheck>,
    page: &Page<'_>,
) -> String {
    html::html(&record(sheet, check, page))
}

fn record(sheet: &InspectionSheet, check: Option<&RecordCheck>, page: &Page<'_>) -> Doc {
    let mut doc = Doc::new("Inspection record");
    doc.across = across(sheet, check, page);
    page.shop_line(&mut doc);
    head::head(&mut doc, sheet);
    steps::steps(&mut doc, sheet);
    tail::tail(&mut doc, sheet, check);
    doc
}

/// The words across the page, the gravest first.
fn across(sheet: &InspectionSheet, check: Option<&RecordCheck>, page: &Page<'_>) -> Vec<String> {
    let mut words = Vec::new();
    let signed = !sheet.inspection.signatures.is_empty();
    if sheet.inspection.void.is_some() || sheet.inspection.status == Some(InspectionStatus::Void) {
        words.push("VOID".to_owned());
    } else if !signed {
        words.push("UNSIGNED".to_owned());
    }
    if signed && check.is_some_and(|check| !check.ok) {
        words.push("DOES NOT CHECK".to_owned());
    }
    if page.shop.is_some_and(|shop| shop.demo) {
        words.push("DEMONSTRATION, NOT A RECORD".to_owned());
    }
    words
}
