//! Forms about where a device is: at a vendor and back, on loan, searched for and not found, at its location.
//!
//! Invariants: a device is only said to be somewhere by a form that was filled in; what comes back from a vendor with
//! another serial number is another device.

use chrono::NaiveDate;

use super::{device, open, today, yes_no_unknown};
use crate::domain::device::{Device, DeviceCommand, Field, Whereabouts};
use crate::domain::event::Kind;
use crate::domain::id::EntityId;
use crate::domain::order::Known;
use crate::tui::app::screen::{Cx, Effect, Place};
use crate::tui::screens::choose::Choose;
use crate::tui::screens::form::{Entry, Form};

/// Asks where it is now.
pub fn whereabouts(id: EntityId, record: &Device, cx: &Cx<'_>) -> Effect {
    let tag = record.tag();
    let today = today(cx);
    let here = matches!(record.whereabouts, Whereabouts::AtLocation);
    let mut rows = Vec::new();
    if let Whereabouts::SentOut { vendor, .. } = &record.whereabouts {
        let words = format!("back from {vendor}");
        rows.push((words, vec![back_from_vendor(id, record)]));
    }
    if !here {
        let words = "at its location again".to_owned();
        let form = simple(id, &tag, "at its location", Whereabouts::AtLocation);
        rows.push((words, vec![form]));
    }
    let sends = vec![send_out(id, &tag, today)];
    rows.push(("sent to a vendor".to_owned(), sends));
    rows.push(("on loan".to_owned(), vec![lend(id, &tag, today)]));
    rows.push(("searched and not found".to_owned(), vec![missing(id, &tag)]));
    let title = format!("{tag} is now {}. Change to", record.whereabouts.words());
    Effect::Open(Box::new(Choose::new(title, rows)))
}

fn placed(id: EntityId, at: Whereabouts, note: String) -> Vec<Effect> {
    device(DeviceCommand::Place {
        device: id,
        at,
        note,
    })
}

fn simple(id: EntityId, tag: &str, words: &str, at: Whereabouts) -> Effect {
    let form = Form::new(
        format!("{tag}: {words}"),
        vec![Entry::line("Note").hint("if worth saying")],
        move |values| Ok(placed(id, at.clone(), values.text(0))),
    );
    open(form)
}

/// Sent to a vendor: what goes with it, and whether it could go.
fn send_out(id: EntityId, tag: &str, today: NaiveDate) -> Effect {
    let form = Form::new(
        format!("{tag}: sent to a vendor"),
        vec![
            Entry::line("Vendor").needed(),
            Entry::line("RMA").hint("their return number"),
            Entry::line("Carrier"),
            Entry::choice("ePHI removed?", yes_no_unknown()).holding(Known::Unknown.key()),
            Entry::choice("Decontaminated?", yes_no_unknown()).holding(Known::Unknown.key()),
            Entry::line("Expected back").hint("YYYY-MM-DD or +14 days"),
            Entry::line("Note"),
        ],
        move |values| {
            let said = |at: usize| match Known::from_key(&values.text(at)) {
                Some(Known::Yes) => Some(true),
                Some(Known::No) => Some(false),
                _ => None,
            };
            let at = Whereabouts::SentOut {
                vendor: values.text(0),
                rma: values.text(1),
                carrier: values.text(2),
                ephi_cleared: said(3),
                decontaminated: said(4),
                expected: values.date(5, today)?,
            };
            Ok(placed(id, at, values.text(6)))
        },
    )
    .intro("Unknown stays unknown on the record until somebody answers it.");
    open(form)
}

fn lend(id: EntityId, tag: &str, today: NaiveDate) -> Effect {
    let form = Form::new(
        format!("{tag}: on loan"),
        vec![
            Entry::line("To").needed().hint("department or site"),
            Entry::line("Back by").hint("YYYY-MM-DD or +7 days"),
            Entry::line("Note"),
        ],
        move |values| {
            let at = Whereabouts::OnLoan {
                to: values.text(0),
                back: values.date(1, today)?,
            };
            Ok(placed(id, at, values.text(2)))
        },
    );
    open(form)
}

fn missing(id: EntityId, tag: &str) -> Effect {
    let form = Form::new(
        format!("{tag}: not found"),
        vec![
            Entry::line("Searched")
                .needed()
                .hint("the places you looked"),
            Entry::line("Note"),
        ],
        move |values| {
            let at = Whereabouts::Missing {
                searched: values.text(0),
            };
            Ok(placed(id, at, values.text(1)))
        },
    )
    .intro("Open work stays open. For a work order that was tried, record the attempt there.");
    open(form)
}

/// Back from the vendor: the same device, or another one in exchange.
fn back_from_vendor(id: EntityId, record: &Device) -> Effect {
    let sent = record.text(Field::Serial);
    let words = if sent.is_empty() {
        "The serial number that was sent out is not on record.".to_owned()
    } else {
        format!(
            "S/N {sent} was sent out. Another serial number is an exchange: a device of its own."
        )
    };
    let form = Form::new(
        format!("{} is back", record.tag()),
        vec![
            Entry::line("Serial on it").needed().hint("scan or type it"),
            Entry::line("Note"),
        ],
        move |values| {
            let (serial, note) = (values.text(0), values.text(1));
            if same(&serial, &sent) || sent.is_empty() {
                return Ok(placed(id, Whereabouts::AtLocation, note));
            }
            Ok(device(DeviceCommand::Exchange {
                device: id,
                serial,
                reason: note,
            }))
        },
    )
    .intro(words)
    .then(move |receipt| {
        receipt
            .made(Kind::Device)
            .map(|made| Effect::Go(Place::Device(made.what.id)))
            .into_iter()
            .collect()
    });
    open(form)
}

/// Whether two serial numbers are one: letters and digits only, whatever their case.
fn same(a: &str, b: &str) -> bool {
    crate::identify::text::fold_identifier(a) == crate::identify::text::fold_identifier(b)
}
