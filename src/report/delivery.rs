//! The page at the end of a delivery: what came, what did not, what came twice, what was dead on arrival.

use super::doc::{Doc, Mark};
use super::{Page, html, text};

/// One device taken in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Delivered {
    /// The tag put on it.
    pub tag: String,
    /// Its serial number.
    pub serial: String,
    /// Its incoming inspection order.
    pub order: String,
    /// Why it was dead on arrival, if it was.
    pub dead: Option<String>,
}

/// A delivery as it was received.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Delivery {
    /// Purchase order.
    pub purchase_order: String,
    /// Make and model.
    pub model: String,
    /// Who received it.
    pub by: String,
    /// How many were ordered; `None` when nobody said.
    pub ordered: Option<usize>,
    /// What was taken in, in order.
    pub received: Vec<Delivered>,
    /// Scans that were refused as already known: what was scanned, and the device that has it.
    pub duplicates: Vec<(String, String)>,
    /// Accessories that came with each, in words.
    pub accessories: String,
}

/// The delivery as text.
pub fn delivery_text(delivery: &Delivery, page: &Page<'_>) -> String {
    text::text(&delivery_doc(delivery, page), page.width, page.ascii)
}

/// The delivery as an HTML page.
pub fn delivery_html(delivery: &Delivery, page: &Page<'_>) -> String {
    html::html(&delivery_doc(delivery, page))
}

fn delivery_doc(delivery: &Delivery, page: &Page<'_>) -> Doc {
    let mut doc = Doc::new("Delivery received");
    page.shop_line(&mut doc);
    doc.fact_or_unknown("Purchase order", &delivery.purchase_order);
    doc.fact_or_unknown("Make and model", &delivery.model);
    doc.fact_or_unknown("Received by", &delivery.by);
    doc.fact_if("Accessories", &delivery.accessories);
    let came = delivery.received.len();
    match delivery.ordered {
        None => doc.marked_fact(
            "Received",
            format!("{came}; how many were ordered is unknown"),
            Mark::Bad,
        ),
        Some(ordered) if came < ordered => doc.marked_fact(
            "Received",
            format!("{came} of {ordered} ordered, {} MISSING", ordered - came),
            Mark::Bad,
        ),
        Some(ordered) if came > ordered => doc.marked_fact(
            "Received",
            format!(
                "{came} of {ordered} ordered, {} MORE than ordered",
                came - ordered
            ),
            Mark::Bad,
        ),
        Some(ordered) => doc.fact("Received", format!("{came} of {ordered} ordered")),
    }
    let dead = delivery
        .received
        .iter()
        .filter(|d| d.dead.is_some())
        .count();
    doc.fact("Dead on arrival", dead.to_string());
    doc.fact("Duplicates refused", delivery.duplicates.len().to_string());
    doc.heading("Devices");
    for (index, device) in delivery.received.iter().enumerate() {
        let mut words = format!("tag {}, serial {}", device.tag, device.serial);
        if !device.order.is_empty() {
            words = format!("{words}, incoming inspection {}", device.order);
        }
        let mark = if device.dead.is_some() {
            Mark::Bad
        } else {
            Mark::Plain
        };
        if let Some(why) = &device.dead {
            words = format!("{words} - DEAD ON ARRIVAL: {why}");
        }
        doc.line(0, &format!("{:>3}.", index + 1), words, mark);
    }
    if delivery.received.is_empty() {
        doc.plain("None.");
    }
    if !delivery.duplicates.is_empty() {
        doc.heading("Scanned, but already on record");
        for (scanned, device) in &delivery.duplicates {
            doc.line(0, "-", format!("{scanned}: is {device}"), Mark::Bad);
        }
    }
    doc
}
