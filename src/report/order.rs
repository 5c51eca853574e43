//! A work order on one page: what was asked, what was tried, what was done, what it took.

use crate::bench::query::OrderSheet;
use crate::domain::order::External;

use super::device::inspections;
use super::doc::{Doc, Mark};
use super::words::Names;
use super::{Page, html, text};

/// A work order as text.
pub fn order_text(sheet: &OrderSheet, page: &Page<'_>) -> String {
    text::text(&order(sheet, page), page.width, page.ascii)
}

/// A work order as an HTML page.
pub fn order_html(sheet: &OrderSheet, page: &Page<'_>) -> String {
    html::html(&order(sheet, page))
}

fn order(sheet: &OrderSheet, page: &Page<'_>) -> Doc {
    let order = &sheet.order;
    let names = Names(&sheet.names);
    let mut doc = Doc::new(format!("Work order {}", order.number));
    if let Some(reason) = &order.cancelled {
        doc.across.push("CANCELLED".to_owned());
        doc.marked_fact("Cancelled", reason.clone(), Mark::Bad);
    }
    page.shop_line(&mut doc);
    let opening = &order.opening;
    doc.fact("Kind", opening.kind.label());
    doc.fact("Status", order.status.label());
    doc.fact("Priority", opening.priority.label());
    match &sheet.row.device {
        Some(card) => {
            doc.fact_or_unknown("Asset tag", &card.tag);
            doc.fact("Device", card.name());
            doc.fact_or_unknown("Serial", &card.serial);
            doc.fact_if("Location", &card.location);
            if !card.holds.is_empty() {
                doc.marked_fact("Holds today", card.holds.join(", "), Mark::Bad);
            }
        }
        None => doc.fact("Device", "none"),
    }
    doc.fact_if("Problem", &opening.problem);
    doc.fact_if("Activity", &opening.activity);
    doc.fact_if("Procedure", &opening.procedure);
    doc.fact_if("Requester", &opening.requester);
    doc.fact_if("Department", &opening.department);
    if let Some(due) = opening.due {
        let late = if sheet.row.overdue { ", OVERDUE" } else { "" };
        doc.fact("Due", format!("{due}{late}"));
    }
    if let Some((first, last)) = opening.window {
        doc.fact("In time", format!("{first} to {last}"));
    }
    if let Some(minutes) = opening.planned_minutes {
        doc.fact("Planned", format!("{minutes} min"));
    }
    doc.fact("Came from", sheet.came_from.clone());
    if let Some(opened) = &order.opened {
        doc.fact("Opened", names.stamp(opened));
    }
    doc.fact(
        "Assigned to",
        order
            .assignee
            .as_deref()
            .map_or_else(|| "nobody".to_owned(), |who| names.who(who)),
    );
    if let Some(started) = &order.started {
        doc.fact("Work began", names.stamp(started));
    }
    if let Some((reason, note, chase)) = &order.hold {
        let chase = chase.map_or_else(String::new, |day| format!(", ask again on {day}"));
        doc.marked_fact("On hold", format!("{reason}: {note}{chase}"), Mark::Bad);
    }
    if let Some(check_in) = &order.check_in {
        let said = |text: &str| {
            if text.trim().is_empty() {
                "unknown".to_owned()
            } else {
                text.to_owned()
            }
        };
        doc.heading("Check-in");
        doc.fact("Harm", check_in.harm.label());
        doc.fact("Clean", check_in.clean.label());
        doc.fact("Accessories", said(&check_in.accessories));
        doc.fact("Shelf", said(&check_in.shelf));
    }
    work(&mut doc, sheet, names);
    ending(&mut doc, sheet, names);
    doc
}

fn work(doc: &mut Doc, sheet: &OrderSheet, names: Names<'_>) {
    let order = &sheet.order;
    if !order.attempts.is_empty() {
        doc.heading("Tries that did not get it done");
        for attempt in &order.attempts {
            let next = attempt
                .next_try
                .map_or_else(|| "unknown".to_owned(), |day| day.to_string());
            let text = format!(
                "at {}: {}; next try {next} ({})",
                attempt.place,
                attempt.note,
                names.stamp(&attempt.stamp)
            );
            doc.line(0, attempt.code.label(), text, Mark::Plain);
        }
    }
    inspections(doc, &sheet.inspections, names);
    if !order.labour.is_empty() {
        doc.heading("Labour");
        for labour in &order.labour {
            let note = if labour.note.is_empty() {
                String::new()
            } else {
                format!(": {}", labour.note)
            };
            let text = format!(
                "{} min {} by {}{note}",
                labour.minutes,
                labour.kind,
                names.who(&labour.who)
            );
            doc.line(0, &labour.on.to_string(), text, Mark::Plain);
        }
        let total: u64 = order.labour.iter().map(|l| u64::from(l.minutes)).sum();
        doc.fact("Total", format!("{total} min"));
    }
    if !order.parts.is_empty() {
        doc.heading("Parts");
        for part in &order.parts {
            let cost = part
                .cost
                .map_or_else(|| "cost unknown".to_owned(), |cost| format!("{cost} each"));
            let text = format!(
                "{} x {} {}, {cost}",
                part.quantity, part.number, part.description
            );
            doc.line(0, "-", text, Mark::Plain);
        }
    }
    doc.fact_if("Test equipment", &sheet.tools.join(", "));
    for external in &order.external {
        vendor(doc, external, names);
    }
    if !order.attachments.is_empty() {
        doc.heading("Files kept elsewhere");
        for (reference, note) in &order.attachments {
            doc.line(0, "-", format!("{reference} {note}"), Mark::Plain);
        }
    }
    if !order.notes.is_empty() {
        doc.heading("Notes");
        for note in &order.notes {
            let text = format!("{} ({})", note.text, names.stamp(&note.stamp));
            doc.line(0, "-", text, Mark::Plain);
        }
    }
    if !sheet.links.is_empty() {
        doc.heading("Linked orders");
        for (number, relation, status) in &sheet.links {
            doc.line(0, number, format!("{relation}, {status}"), Mark::Plain);
        }
    }
}

fn vendor(doc: &mut Doc, external: &External, names: Names<'_>) {
    doc.heading("Work by a company");
    doc.fact("Company", external.company.clone());
    doc.fact_if("Its technician", &external.technician);
    doc.fact_or_unknown("Report", &external.report);
    doc.fact("Done on", external.on.to_string());
    let passed = if external.passed {
        "passed"
    } else {
        "NOT PASSED"
    };
    if external.readings {
        doc.fact("Result", format!("{passed}, with readings"));
    } else {
        doc.marked_fact("Result", format!("{passed}, WITHOUT READINGS"), Mark::Bad);
    }
    doc.fact_if("File", &external.file);
    doc.fact("Entered by", names.stamp(&external.stamp));
    match &external.signature {
        Some(signature) => {
            doc.fact(
                "Signature",
                format!(
                    "{} {} ({}), {}",
                    signature.meaning,
                    signature.name,
                    signature.signer,
                    super::words::exact_time(signature.at)
                ),
            );
            doc.fact("Digest", super::words::grouped(&signature.list.to_string()));
        }
        None => doc.marked_fact("Signature", "NOT SIGNED AS REVIEWED", Mark::Bad),
    }
}

fn ending(doc: &mut Doc, sheet: &OrderSheet, names: Names<'_>) {
    let order = &sheet.order;
    if let Some(closing) = &order.closing {
        doc.heading("Closing");
        if let Some(outcome) = closing.outcome {
            doc.fact("Outcome", outcome.label());
        }
        doc.fact("Work action", closing.action.label());
        doc.fact("Failure cause", closing.cause.label());
        doc.fact_if("Found", &closing.found);
        doc.fact_if("Done", &closing.done);
        doc.fact("Performed on", closing.performed.to_string());
        doc.fact("Closed", names.stamp(&closing.stamp));
        if let Some(inspection) = closing.inspection {
            let row = sheet.inspections.iter().find(|row| row.id == inspection);
            let text = match row {
                Some(row) => format!("{} of {}, record {inspection}", row.activity, row.performed),
                None => format!("record {inspection}"),
            };
            doc.fact("Proved by", text);
        }
    }
    if !order.addenda.is_empty() {
        doc.heading("Added after closing");
        for note in &order.addenda {
            let text = format!("{} ({})", note.text, names.stamp(&note.stamp));
            doc.line(0, "-", text, Mark::Plain);
        }
    }
}
