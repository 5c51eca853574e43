//! Tables of orders and inspections for people.

use crate::bench::query::{InspectionRow, OrderRow, Receipt};
use crate::domain::device::DeviceCard;
use crate::domain::merge::Conflict;
use crate::identify::text::clean;

use super::table::Table;

/// Orders, a row each.
pub fn orders(rows: &[OrderRow]) -> String {
    let mut table = Table::new(&[
        "Order", "Kind", "Status", "Priority", "Due", "Why here", "Tag", "What", "Who",
    ]);
    for row in rows {
        let due = row.due.map_or_else(String::new, |due| {
            format!("{due}{}", if row.overdue { " overdue" } else { "" })
        });
        table.row([
            row.number.as_str(),
            row.kind.label(),
            row.status.label(),
            row.priority.label(),
            &due,
            // A closed order stands in no queue.
            if row.status.is_open() {
                row.rank.why.as_str()
            } else {
                ""
            },
            row.device.as_ref().map_or("", |card| card.tag.as_str()),
            &row.what,
            row.assignee.as_deref().unwrap_or(""),
        ]);
    }
    table.text()
}

/// Devices of the same make and model as one on which a recall is suspected.
pub fn siblings(cards: &[DeviceCard]) -> String {
    if cards.is_empty() {
        return "No other device of this make and model is on record.\n".to_owned();
    }
    let mut out = format!(
        "The same make and model ({}); each shows the alert while the recall order is open:\n",
        cards.len()
    );
    let mut table = Table::new(&["Tag", "Serial", "Department", "Location", "Status"]);
    for card in cards {
        table.row([
            card.tag.as_str(),
            &card.serial,
            &card.department,
            &card.location,
            &card.status,
        ]);
    }
    out.push_str(&table.text());
    out
}

/// Inspections, a row each.
pub fn inspections(rows: &[InspectionRow]) -> String {
    let mut table = Table::new(&[
        "Performed",
        "Activity",
        "Procedure",
        "Order",
        "Who",
        "Result",
        "Id",
    ]);
    for row in rows {
        table.row([
            row.performed.to_string().as_str(),
            &row.activity,
            &row.procedure,
            &row.order,
            &row.holder,
            row.outcome
                .map_or_else(|| row.status.label(), |outcome| outcome.label()),
            &row.id.to_string(),
        ]);
    }
    table.text()
}

/// What a command recorded, a line each.
pub fn lines(receipt: &Receipt) -> String {
    if receipt.seq == 0 {
        return "Nothing to change.\n".to_owned();
    }
    receipt
        .lines
        .iter()
        .map(|line| format!("{}\n", clean(line)))
        .collect()
}

/// `Jane Doe (jd)`, or the key alone when no other name is known.
pub fn who(names: &[(String, String)], key: &str) -> String {
    names
        .iter()
        .find(|(known, name)| known == key && !name.is_empty() && name != key)
        .map_or_else(|| key.to_owned(), |(_, name)| format!("{name} ({key})"))
}

/// A conflict in one line: the fact, then each side with who wrote it and when, the one that counts first.
pub fn conflict(conflict: &Conflict, who: &dyn Fn(&str) -> String) -> String {
    let (mut shown, others): (Vec<_>, Vec<_>) = conflict
        .sides
        .iter()
        .partition(|side| side.stamp.dot == conflict.shown);
    shown.extend(others);
    let sides: Vec<String> = shown
        .into_iter()
        .map(|side| {
            format!(
                "{} ({}, {})",
                side.value,
                who(&side.stamp.by),
                side.stamp.at.minute()
            )
        })
        .collect();
    format!("{}: {}", conflict.label, sides.join("  ≠  "))
}
