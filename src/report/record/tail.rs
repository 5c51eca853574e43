//! The end of a record: test equipment, what else happened, how it ended, who signed, and how to check it.

use crate::bench::query::InspectionSheet;
use crate::bench::{RecordCheck, digest};
use crate::domain::id::{Dot, Hash, hex};
use crate::domain::inspection::outcome;

use super::steps::tool_name;
use crate::report::doc::{Doc, Mark};
use crate::report::words::{Names, exact_time, grouped};

pub(super) fn tail(doc: &mut Doc, sheet: &InspectionSheet, check: Option<&RecordCheck>) {
    let names = Names(&sheet.names);
    tools(doc, sheet, names);
    events(doc, sheet, names);
    result(doc, sheet);
    signatures(doc, sheet);
    how_to_check(doc, sheet, check);
}

fn tools(doc: &mut Doc, sheet: &InspectionSheet, names: Names<'_>) {
    let inspection = &sheet.inspection;
    doc.heading("Test equipment");
    if inspection.tools_used.is_empty() {
        doc.plain("None was chosen.");
    }
    for used in &inspection.tools_used {
        doc.line(0, "-", &used.name, Mark::Strong);
        let description = if used.description.trim().is_empty() {
            "make, model and serial unknown"
        } else {
            &used.description
        };
        doc.line(2, "", description, Mark::Plain);
        let mark = if used.good { Mark::Plain } else { Mark::Bad };
        let calibration = if used.calibration.trim().is_empty() {
            "calibration unknown"
        } else {
            &used.calibration
        };
        doc.line(2, "", calibration, mark);
        let kinds: Vec<&str> = inspection
            .tools
            .iter()
            .filter(|(_, current)| *current == used)
            .map(|(kind, _)| kind.as_str())
            .collect();
        if !kinds.is_empty() {
            doc.line(2, "used as", kinds.join(", "), Mark::Plain);
        }
        doc.line(2, "chosen by", names.stamp(&used.stamp), Mark::Plain);
        match &used.override_by {
            Some((reason, second)) => doc.line(
                2,
                "OVERRIDE",
                format!(
                    "used although not known to be good: {reason}; second person {}, {}",
                    names.who(second),
                    proved(sheet, second, used.stamp.dot).0
                ),
                Mark::Bad,
            ),
            None if !used.good => doc.line(2, "", "NOT KNOWN TO BE GOOD", Mark::Bad),
            None => {}
        }
    }
}

/// Whether a second person proved that it was them, in the entry that holds this event.
pub(super) fn proved(sheet: &InspectionSheet, who: &str, of: Dot) -> (&'static str, Mark) {
    if sheet.inspection.is_witnessed(who, of) {
        ("proved by their own key", Mark::Plain)
    } else {
        ("NAMED ONLY", Mark::Bad)
    }
}

/// Everything that belongs to the whole inspection or to a step that the document does not hold.
fn events(doc: &mut Doc, sheet: &InspectionSheet, names: Names<'_>) {
    let inspection = &sheet.inspection;
    let known = |step| sheet.document.step(step).is_some();
    let mut lines: Vec<(&str, String)> = Vec::new();
    for (step, note) in &inspection.notes {
        match step {
            Some(step) if known(step) => {}
            Some(step) => lines.push((
                "note",
                format!("step {step}: {} ({})", note.text, names.stamp(&note.stamp)),
            )),
            None => lines.push((
                "note",
                format!("{} ({})", note.text, names.stamp(&note.stamp)),
            )),
        }
    }
    for fix in inspection.fixes.iter().filter(|fix| !known(&fix.step)) {
        lines.push((
            "put right",
            format!(
                "step {}: {} (cause: {}, {} min, {})",
                fix.step,
                fix.done,
                fix.cause,
                fix.minutes,
                names.stamp(&fix.stamp)
            ),
        ));
    }
    for (to, place, left, stamp) in &inspection.handovers {
        let place = if place.trim().is_empty() {
            "unknown"
        } else {
            place
        };
        lines.push((
            "handed over",
            format!(
                "to {}; the device is at: {place}; left to do: {left} ({})",
                names.who(to),
                names.stamp(stamp)
            ),
        ));
    }
    for (at, (from, reason, stamp)) in inspection.moved.iter().enumerate() {
        let from = match sheet.moved.get(at).filter(|tag| !tag.is_empty()) {
            Some(tag) => tag.clone(),
            None => from.to_string(),
        };
        lines.push((
            "MOVED",
            format!(
                "every answer before this was recorded on another device's record ({from}) and belongs to this device: \
                 {reason} ({})",
                names.stamp(stamp)
            ),
        ));
    }
    for suspect in inspection.suspects.iter().filter(|s| {
        !inspection
            .answers
            .iter()
            .any(|answer| answer.stamp.dot == s.answer)
    }) {
        lines.push((
            "SUSPECT",
            format!(
                "answer {}: {} turned out faulty: {} ({})",
                suspect.answer,
                tool_name(sheet, suspect.tool),
                suspect.reason,
                names.stamp(&suspect.stamp)
            ),
        ));
    }
    for conflict in inspection.conflicts() {
        let sides: Vec<String> = conflict
            .sides
            .iter()
            .map(|side| format!("{} ({})", side.value, names.stamp(&side.stamp)))
            .collect();
        lines.push((
            "CONFLICT",
            format!("{}: {}", conflict.label, sides.join("; ")),
        ));
    }
    for other in &sheet.others {
        let ended = other
            .outcome
            .map_or_else(|| other.status.to_string(), |outcome| outcome.to_string());
        lines.push((
            "same order",
            format!(
                "{} was also inspected on {} by {}: {ended} (record {})",
                sheet.order,
                other.performed,
                names.who(&other.holder),
                other.id
            ),
        ));
    }
    for (step, number) in &sheet.repairs {
        if !known(step) {
            lines.push(("repair order", format!("{number} for step {step}")));
        }
    }
    for (step, order) in &inspection.repairs {
        if !sheet.repairs.iter().any(|(known, _)| known == step) {
            lines.push((
                "repair order",
                format!("of step {step}: its number is not on record here ({order})"),
            ));
        }
    }
    if !lines.is_empty() {
        doc.heading("What else happened");
        for (lead, text) in lines {
            let mark = if lead.chars().all(char::is_uppercase) {
                Mark::Bad
            } else {
                Mark::Plain
            };
            doc.line(0, lead, text, mark);
        }
    }
}

fn result(doc: &mut Doc, sheet: &InspectionSheet) {
    let inspection = &sheet.inspection;
    doc.heading("Outcome");
    let because = if let Some(ended) = inspection.outcome {
        let mark = if ended.is_pass() {
            Mark::Plain
        } else {
            Mark::Bad
        };
        doc.marked_fact("Outcome", ended.label().to_uppercase(), mark);
        inspection.because.clone()
    } else {
        let adopted = inspection.adopted || sheet.procedure.is_adopted();
        let (would_be, because) = outcome(inspection, &sheet.document, adopted);
        doc.marked_fact(
            "Outcome",
            format!("NOT DECIDED YET; as it stands: {}", would_be.label()),
            Mark::Bad,
        );
        because
    };
    for line in because {
        doc.line(0, "-", line, Mark::Plain);
    }
    if inspection.outcome.is_some() {
        doc.fact("Active work", format!("{} min", inspection.minutes));
    }
}

fn signatures(doc: &mut Doc, sheet: &InspectionSheet) {
    doc.heading("Signatures");
    if sheet.inspection.signatures.is_empty() {
        doc.line(0, "", "UNSIGNED. This is not a finished record.", Mark::Bad);
    }
    for signature in &sheet.inspection.signatures {
        doc.line(
            0,
            "",
            format!("{} {}", signature.meaning, signature.name),
            Mark::Strong,
        );
        doc.fact("Technician", signature.signer.clone());
        doc.fact("Signed at", exact_time(signature.at));
        doc.fact("Public key", grouped(&hex(&signature.public)));
        doc.fact("Covers", format!("{} entries", signature.covers.len()));
        doc.fact("List digest", grouped(&signature.list.to_string()));
    }
}

fn how_to_check(doc: &mut Doc, sheet: &InspectionSheet, check: Option<&RecordCheck>) {
    if sheet.inspection.signatures.is_empty() {
        doc.heading("To check this record");
        doc.line(
            0,
            "",
            "It is not signed yet: there is nothing to check it by.",
            Mark::Bad,
        );
        return;
    }
    let printed: Hash =
        check.map_or_else(|| digest(sheet.id, &sheet.inspection), |check| check.digest);
    doc.heading("To check this record");
    doc.fact("Digest", grouped(&printed.to_string()));
    doc.fact("Command", format!("tagout inspection verify {}", sheet.id));
    match check {
        Some(check) if check.ok => doc.fact(
            "When printed",
            "every signature held and nothing was changed",
        ),
        Some(check) => {
            doc.marked_fact("When printed", "IT DID NOT CHECK", Mark::Bad);
            for problem in &check.problems {
                doc.line(0, "-", problem, Mark::Bad);
            }
        }
        None => doc.fact("When printed", "not checked"),
    }
    if let Some(check) = check {
        for line in &check.signatures {
            doc.line(0, "-", line, Mark::Plain);
        }
    }
}
