//! A list and its plan in words and as JSON.
//!
//! Invariant: the words name everything that is kept out; the keys of the JSON are stable.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::plan::{ImportPlan, Planned, PlannedRow};
use super::sheet::Sheet;

/// What was found in the file: encoding, columns, lines left aside, mistakes and warnings. At most `limit` lines of each
/// sort except mistakes, which are all listed.
pub fn sheet_text(sheet: &Sheet, limit: usize) -> String {
    let mut out = String::new();
    let separator = match sheet.delimiter {
        '\t' => "tab".to_owned(),
        c => format!("\"{c}\""),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{}, separator {separator}, headings in line {}, {} device rows: {} sound, {} refused.",
        sheet.encoding.label(),
        sheet.header_line,
        sheet.row_count,
        sheet.rows.len(),
        sheet.refused.len()
    );
    for usage in &sheet.columns {
        let what = usage
            .target
            .map_or("kept out", super::header::Target::label);
        let mut line = format!("  {}: {what}", usage.column);
        if usage.target.is_some() {
            let _ = write!(line, ", {} filled", usage.filled);
        }
        if usage.read_as_blank > 0 {
            let _ = write!(line, ", {} say that nothing is known", usage.read_as_blank);
        }
        if !usage.note.is_empty() {
            let _ = write!(line, " ({})", usage.note);
        }
        let _ = writeln!(out, "{line}");
    }
    for skipped in sheet.skipped.iter().take(limit) {
        let _ = writeln!(
            out,
            "  line {} left aside, {}: {}",
            skipped.line, skipped.why, skipped.text
        );
    }
    more(&mut out, sheet.skipped.len(), limit, "lines left aside");
    let warnings: Vec<_> = sheet.warnings().collect();
    for warning in warnings.iter().take(limit) {
        let _ = writeln!(out, "  warning: {warning}");
    }
    more(&mut out, warnings.len(), limit, "warnings");
    for mistake in &sheet.mistakes {
        let _ = writeln!(out, "  {mistake}");
    }
    out
}

fn more(out: &mut String, all: usize, limit: usize, what: &str) {
    if all > limit {
        let _ = writeln!(out, "  … and {} more {what}", all - limit);
    }
}

fn change_lines(row: &PlannedRow) -> Option<String> {
    match &row.what {
        Planned::Add { stage, .. } => Some(format!("add {} ({stage})", row.name)),
        Planned::Update {
            changes,
            stages,
            whereabouts,
            ..
        } => {
            let mut parts: Vec<String> = changes
                .iter()
                .map(super::plan::PlannedChange::words)
                .collect();
            if let Some(to) = stages.1.last() {
                parts.push(format!("Stage: {} → {to}", stages.0));
            }
            if let Some(at) = whereabouts {
                parts.push(format!("now {}", at.words()));
            }
            Some(format!("change {}: {}", row.name, parts.join("; ")))
        }
        Planned::Same { .. } => None,
        Planned::Conflict { reason } => Some(format!("NOT imported {}: {reason}", row.name)),
    }
}

/// What the import would do: the first `limit` rows that do something, and how many of each sort.
pub fn plan_text(plan: &ImportPlan, limit: usize) -> String {
    let mut out = String::new();
    let lines: Vec<_> = plan
        .rows
        .iter()
        .filter_map(|row| change_lines(row).map(|text| (row.line, text)))
        .collect();
    for (line, text) in lines.iter().take(limit) {
        let _ = writeln!(out, "  line {line}: {text}");
    }
    more(&mut out, lines.len(), limit, "rows");
    let counts = plan.counts();
    let _ = writeln!(
        out,
        "{} new, {} changed, {} unchanged, {} to decide.",
        counts.add, counts.update, counts.same, counts.conflict
    );
    out
}

/// The sheet as JSON.
pub fn sheet_json(sheet: &Sheet) -> Json {
    let columns: Vec<Json> = sheet
        .columns
        .iter()
        .map(|c| {
            json!({
                "number": c.column.number, "name": c.column.name, "use": c.target.map(super::header::Target::key),
                "note": c.note, "filled": c.filled, "read_as_blank": c.read_as_blank,
            })
        })
        .collect();
    let skipped: Vec<Json> = sheet
        .skipped
        .iter()
        .map(|s| json!({"line": s.line, "text": s.text, "why": s.why}))
        .collect();
    json!({
        "encoding": sheet.encoding.label(),
        "delimiter": sheet.delimiter.to_string(),
        "header_line": sheet.header_line,
        "rows": sheet.row_count,
        "sound": sheet.rows.len(),
        "refused": sheet.refused.len(),
        "blocked": sheet.is_blocked(),
        "columns": columns,
        "unknown_columns": sheet.unknown_columns,
        "skipped": skipped,
        "mistakes": sheet.mistakes,
        "warnings": sheet.warnings().collect::<Vec<_>>(),
    })
}

/// The plan as JSON: counts, and every row that does something.
pub fn plan_json(plan: &ImportPlan) -> Json {
    let rows: Vec<Json> = plan
        .rows
        .iter()
        .filter_map(|row| {
            let (action, detail) = match &row.what {
                Planned::Same { .. } => return None,
                Planned::Add { fields, stage, whereabouts } => {
                    let fields: serde_json::Map<String, Json> = fields
                        .iter()
                        .map(|(f, v)| (f.key().to_owned(), Json::String(f.key_of(v))))
                        .collect();
                    ("add", json!({"fields": fields, "stage": stage.key(), "whereabouts": whereabouts.as_ref().map(crate::domain::device::Whereabouts::words)}))
                }
                Planned::Update { device, changes, stages, whereabouts, .. } => {
                    let changes: Vec<Json> = changes
                        .iter()
                        .map(|c| {
                            json!({
                                "field": c.field.key(),
                                "old": c.old.as_ref().map(|v| c.field.key_of(v)),
                                "new": c.new.as_ref().map(|v| c.field.key_of(v)),
                            })
                        })
                        .collect();
                    ("update", json!({"id": device.to_string(), "changes": changes, "stage": stages.1.last().map(|s| s.key()), "whereabouts": whereabouts.as_ref().map(crate::domain::device::Whereabouts::words)}))
                }
                Planned::Conflict { reason } => ("conflict", json!({"reason": reason})),
            };
            Some(json!({"line": row.line, "name": row.name, "action": action, "detail": detail}))
        })
        .collect();
    json!({"counts": plan.counts(), "rows": rows})
}
