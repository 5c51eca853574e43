//! The top of a record: which device, which order, by which procedure, on which day, with which facts.

use crate::bench::query::InspectionSheet;
use crate::domain::procedure::SourceKind;

use crate::report::doc::{Doc, Mark};
use crate::report::words::{Names, facts, time};

pub(super) fn head(doc: &mut Doc, sheet: &InspectionSheet) {
    let names = Names(&sheet.names);
    device(doc, sheet);
    work(doc, sheet, names);
    procedure(doc, sheet);
    doc.heading("Device facts the limits were chosen by");
    for (label, words, known) in facts(&sheet.inspection.facts) {
        let mark = if known { Mark::Plain } else { Mark::Bad };
        doc.marked_fact(label, words, mark);
    }
    if !sheet.inspection.acknowledged.is_empty() {
        doc.heading("Warnings read before the work");
        for warning in &sheet.inspection.acknowledged {
            doc.line(0, "-", &warning.text, Mark::Plain);
            doc.line(1, "read by", names.stamp(&warning.stamp), Mark::Plain);
        }
    }
}

fn device(doc: &mut Doc, sheet: &InspectionSheet) {
    let card = &sheet.device;
    doc.fact_or_unknown("Asset tag", &card.tag);
    doc.fact_or_unknown("Serial", &card.serial);
    doc.fact("Make and model", card.name());
    doc.fact_if("Brand", &card.brand);
    doc.fact_if("Model numbers", &card.numbers.join(", "));
    doc.fact_if("UDI-DI", &card.udi_di);
    let mut sort = card.type_name.clone();
    if !card.type_code.is_empty() {
        sort = format!("{sort} ({})", card.type_code).trim().to_owned();
    }
    doc.fact_if("Device type", &sort);
    doc.fact_if("Department", &card.department);
    doc.fact_if("Location", &card.location);
    doc.fact_if("Earlier labels", &card.aliases.join(", "));
    if !card.holds.is_empty() {
        doc.marked_fact("Holds today", card.holds.join(", "), Mark::Bad);
    }
}

fn work(doc: &mut Doc, sheet: &InspectionSheet, names: Names<'_>) {
    let inspection = &sheet.inspection;
    doc.heading("Work");
    doc.fact_or_unknown("Work order", &sheet.order);
    doc.fact_or_unknown("Activity", &inspection.activity);
    doc.fact("Performed on", inspection.performed.to_string());
    match &inspection.started {
        Some(started) => {
            doc.fact("Entry began", names.stamp(started));
            if started.at.date() != inspection.performed {
                doc.marked_fact(
                    "Entered late",
                    format!(
                        "the work was done on {}, entry began on {}",
                        inspection.performed,
                        started.at.date()
                    ),
                    Mark::Bad,
                );
            }
        }
        None => doc.marked_fact("Entry began", "unknown", Mark::Bad),
    }
    if let Some(changed) = &inspection.changed {
        doc.fact("Last entry", names.stamp(changed));
    }
    doc.fact("Held by", names.who(&inspection.holder));
    if let Some(status) = inspection.status {
        doc.fact("Status", status.label());
    }
    doc.fact("Record", sheet.id.to_string());
    if let Some((reason, stamp)) = &inspection.void {
        doc.marked_fact(
            "VOID",
            format!("{reason} ({}). It counts nowhere.", names.stamp(stamp)),
            Mark::Bad,
        );
    }
}

fn procedure(doc: &mut Doc, sheet: &InspectionSheet) {
    // The version as it was brought in; the expanded document says the same of itself.
    let version = sheet
        .procedure
        .procedure
        .as_ref()
        .unwrap_or(&sheet.document);
    doc.heading("Procedure");
    doc.fact_or_unknown("Title", &version.title);
    doc.fact(
        "Code and version",
        format!("{} version {}", version.code, version.version),
    );
    doc.fact("Content hash", sheet.inspection.procedure.to_string());
    doc.fact("As judged by", sheet.inspection.frozen.to_string());
    let source = match version.source {
        SourceKind::BuiltIn => "shipped with tagout",
        SourceKind::Shop => "written by the shop",
        SourceKind::Manufacturer => "taken from the manufacturer's instructions",
    };
    doc.fact("Source", source);
    if let Some(reference) = &version.reference {
        let revision = reference
            .revision
            .as_deref()
            .map(|r| format!(", {r}"))
            .unwrap_or_default();
        doc.fact("Follows", format!("{}{revision}", reference.document));
    }
    if let Some(banner) = &version.banner {
        doc.fact_if("Note", banner);
    }
    doc.fact_if("Credentials", &version.credentials.join(", "));
    let adoptions = &sheet.procedure.adoptions;
    if adoptions.is_empty() && !sheet.inspection.adopted {
        let words = if version.source == SourceKind::BuiltIn {
            "BUILT-IN, NOT ADOPTED"
        } else {
            "NOT ADOPTED"
        };
        doc.marked_fact("Adoption", words, Mark::Bad);
    } else if adoptions.is_empty() {
        doc.marked_fact(
            "Adoption",
            "adopted when the work began; by whom is not on record here",
            Mark::Bad,
        );
    }
    for adoption in adoptions {
        let note = if adoption.note.trim().is_empty() {
            String::new()
        } else {
            format!(" Note: {}", adoption.note)
        };
        doc.fact(
            "Adopted by",
            format!(
                "{} against {}, {} under the account {}.{note}",
                adoption.by,
                adoption.against,
                time(adoption.stamp.at),
                adoption.stamp.by
            ),
        );
    }
    if !adoptions.is_empty() && !sheet.inspection.adopted {
        doc.marked_fact(
            "Adoption",
            "NOT ADOPTED when this inspection began",
            Mark::Bad,
        );
    }
    if let Some(reason) = &sheet.procedure.withdrawn {
        doc.marked_fact(
            "Withdrawn",
            format!("this version is used no longer: {reason}"),
            Mark::Bad,
        );
    }
}
