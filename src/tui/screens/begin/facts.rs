//! The facts at the head of the page in words: which order, which procedure, and what stands against them.
//!
//! Invariant: an order that somebody else has says so before anybody tries to begin it.

use crate::bench::query::{OrderRow, ProcedureRow};
use crate::domain::order::OrderKind;
use crate::tui::screens::words::People;

/// The same words with a capital letter in front.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// The kinds of order that an inspection completes.
pub(super) const fn is_inspection(kind: OrderKind) -> bool {
    matches!(
        kind,
        OrderKind::Pm
            | OrderKind::IncomingInspection
            | OrderKind::ElectricalSafety
            | OrderKind::Calibration
    )
}

/// An order with its due day and in whose hands it is, if not in those of `me`.
pub(super) fn order_words(row: &OrderRow, people: &People, me: &str) -> String {
    let due = row
        .due
        .map(|due| format!(", due {due}"))
        .unwrap_or_default();
    let late = if row.overdue { ", OVERDUE" } else { "" };
    let hands = match (&row.inspection, &row.assignee) {
        (Some((_, holder)), _) => {
            format!(", inspection open, {} has it", people.name(holder))
        }
        (None, Some(who)) if who != me => format!(", claimed by {}", people.name(who)),
        _ => String::new(),
    };
    format!("{}  {}{due}{late}{hands}", row.number, row.what)
}

/// A procedure with its version, length and standing.
pub(super) fn procedure_words(row: &ProcedureRow) -> String {
    let version = if row.version.is_empty() {
        String::new()
    } else {
        format!(" v{}", row.version)
    };
    let stands = match &row.adopted {
        Some((by, _)) => format!("adopted by {by}"),
        None => "UNVERIFIED, not adopted".to_owned(),
    };
    format!("{}{version}, {} steps, {stands}", row.title, row.steps)
}
