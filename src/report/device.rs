//! A device's record on one page.

use crate::bench::query::{DeviceSheet, InspectionRow, OrderRow};
use crate::domain::device::{Field, Value};

use super::doc::{Doc, Mark};
use super::words::{Names, time};
use super::{Page, html, text};

/// A device's record as text.
pub fn device_summary_text(sheet: &DeviceSheet, page: &Page<'_>) -> String {
    text::text(&device(sheet, page), page.width, page.ascii)
}

/// A device's record as an HTML page.
pub fn device_summary_html(sheet: &DeviceSheet, page: &Page<'_>) -> String {
    html::html(&device(sheet, page))
}

fn device(sheet: &DeviceSheet, page: &Page<'_>) -> Doc {
    let record = &sheet.device;
    let names = Names(&sheet.names);
    let mut doc = Doc::new("Device record");
    if !record.holds.is_empty() {
        doc.across.push("DO NOT USE".to_owned());
    }
    page.shop_line(&mut doc);
    doc.fact_or_unknown("Asset tag", &record.tag());
    doc.fact_or_unknown("Serial", &record.text(Field::Serial));
    doc.fact("Make and model", record.name());
    doc.fact("Stage", record.stage().label());
    doc.fact("Whereabouts", record.whereabouts.details());
    doc.fact("Use status", record.use_status().label());
    if let Some(other) = &sheet.stands_for {
        let text = format!("combined into the record of {} {}", other.tag, other.name());
        doc.marked_fact("This record", text, Mark::Bad);
    }
    for hold in &record.holds {
        let text = format!(
            "{}: {} ({})",
            hold.kind,
            hold.reason,
            names.stamp(&hold.stamp)
        );
        doc.marked_fact("HOLD", text, Mark::Bad);
    }
    for warning in &sheet.warnings {
        doc.marked_fact("Warning", warning.clone(), Mark::Bad);
    }
    doc.heading("Fields");
    let known = [Field::AssetTag, Field::Serial];
    for field in Field::ALL.iter().filter(|f| !known.contains(f)) {
        let Some(register) = record.fields.get(field) else {
            continue;
        };
        let show = |v: Option<&Value>| v.map_or_else(|| "(nothing)".to_owned(), |v| field.show(v));
        if register.in_conflict() {
            for candidate in register.candidates() {
                let text = format!(
                    "IN CONFLICT: {} ({})",
                    show(candidate.value.as_ref()),
                    names.stamp(&candidate.stamp)
                );
                doc.marked_fact(field.label(), text, Mark::Bad);
            }
        } else if let Some(value) = register.get() {
            doc.fact(field.label(), field.show(value));
        }
    }
    doc.fact_if("Earlier labels", &record.aliases.join(", "));
    rest(&mut doc, sheet, names);
    doc
}

fn rest(doc: &mut Doc, sheet: &DeviceSheet, names: Names<'_>) {
    let record = &sheet.device;
    doc.heading("Last inspection of each activity");
    for (activity, last) in &record.inspections {
        let due = last
            .next_due
            .map_or_else(|| "unknown".to_owned(), |due| due.to_string());
        let mark = if last.outcome.is_pass() {
            Mark::Plain
        } else {
            Mark::Bad
        };
        let report = if last.report.is_empty() {
            String::new()
        } else {
            format!("; done by {}", last.report)
        };
        let text = format!(
            "{} on {}, next due {due}{report}",
            last.outcome, last.performed
        );
        doc.marked_fact(activity, text, mark);
    }
    if record.inspections.is_empty() {
        doc.line(0, "", "No signed inspection is on record.", Mark::Bad);
    }
    orders(doc, "Open work orders", &sheet.open_orders, names);
    orders(doc, "Closed work orders", &sheet.closed_orders, names);
    inspections(doc, &sheet.inspections, names);
    if !sheet.modules.is_empty() {
        doc.heading("Modules");
        for module in &sheet.modules {
            let text = format!("{} {}, serial {}", module.tag, module.name(), module.serial);
            doc.line(0, "-", text, Mark::Plain);
        }
    }
    if !record.software.is_empty() {
        doc.heading("Software seen");
        for seen in &record.software {
            let text = format!(
                "{} {}, seen: {} ({})",
                seen.component,
                seen.version,
                seen.how,
                names.stamp(&seen.stamp)
            );
            doc.line(0, "-", text, Mark::Plain);
        }
    }
    if let Some(model) = &sheet.model {
        doc.heading("Published model record");
        doc.fact("UDI-DI", model.di.clone());
        doc.fact_if("Company", &model.manufacturer);
        doc.fact_if("Brand", &model.brand);
        doc.fact_if("Model", &model.model);
        doc.fact_if("Catalogue number", &model.catalogue);
        doc.fact_if("Description", &model.description);
    }
    if !record.notes.is_empty() {
        doc.heading("Notes");
        for note in &record.notes {
            let text = format!("{} ({})", note.text, names.stamp(&note.stamp));
            doc.line(0, "-", text, Mark::Plain);
        }
    }
    if let Some(changed) = &record.changed {
        doc.heading("Record");
        doc.fact("Last changed", names.stamp(changed));
    }
}

/// Work orders in lines of a list.
fn orders(doc: &mut Doc, heading: &str, rows: &[OrderRow], names: Names<'_>) {
    if rows.is_empty() {
        return;
    }
    doc.heading(heading);
    for row in rows {
        let due = row
            .due
            .map_or_else(String::new, |due| format!(", due {due}"));
        let late = if row.overdue { ", OVERDUE" } else { "" };
        let who = row
            .assignee
            .as_deref()
            .map_or_else(String::new, |who| format!(", {}", names.who(who)));
        let text = format!("{}: {}, {}{due}{late}{who}", row.kind, row.what, row.status);
        doc.line(0, &row.number, text, Mark::Plain);
    }
}

/// Inspections in lines of a list.
pub(super) fn inspections(doc: &mut Doc, rows: &[InspectionRow], names: Names<'_>) {
    if rows.is_empty() {
        return;
    }
    doc.heading("Inspections");
    for row in rows {
        let ended = row
            .outcome
            .map_or_else(String::new, |outcome| format!(", {outcome}"));
        let text = format!(
            "{}, {}, {}{ended}, held by {}, order {}, record {}",
            row.activity,
            row.procedure,
            row.status,
            names.who(&row.holder),
            row.order,
            row.id
        );
        doc.line(0, &row.performed.to_string(), text, Mark::Plain);
        for (step, until) in &row.timers {
            let text = format!("{step} until {}", time(*until));
            doc.line(1, "count-down", text, Mark::Plain);
        }
    }
}
