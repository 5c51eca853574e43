//! `order list` and `order show`, and the order after a change.

use clap::Args;
use serde_json::json;

use crate::bench::Session;
use crate::bench::query::{OrderFilter, OrderSheet, Receipt};
use crate::domain::id::EntityId;
use crate::domain::order::OrderKind;
use crate::identify::text::clean;

use super::super::done::{Done, Trouble};
use super::super::place::Place;
use super::super::{lists, pick, shapes, words};

/// Arguments of `order list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Words that must occur
    pub text: Vec<String>,
    /// Mine
    #[arg(long)]
    pub mine: bool,
    /// Of this technician
    #[arg(long, value_name = "TECH", conflicts_with = "mine")]
    pub assignee: Option<String>,
    /// Of nobody
    #[arg(long, conflicts_with_all = ["mine", "assignee"])]
    pub unassigned: bool,
    /// Past the last day in time
    #[arg(long)]
    pub overdue: bool,
    /// Due today or before
    #[arg(long)]
    pub today: bool,
    /// Of this kind
    #[arg(long, value_parser = words::order_kind())]
    pub kind: Option<OrderKind>,
    /// Of this department
    #[arg(long)]
    pub department: Option<String>,
    /// On this device; closed ones too
    #[arg(long, value_name = "TAG")]
    pub device: Option<String>,
    /// At most this many
    #[arg(short, long = "number", default_value_t = 50, value_name = "K")]
    pub n: usize,
    /// Leave out this many of the first
    #[arg(long, default_value_t = 0, value_name = "K")]
    pub skip: usize,
}

/// Arguments of `order show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Number or id
    pub order: String,
}

/// The queue.
pub fn list(place: &Place, arguments: &ListArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let device = match &arguments.device {
        Some(name) => Some(pick::device(&session, name)?),
        None => None,
    };
    let filter = OrderFilter {
        assignee: if arguments.mine {
            Some(session.actor().to_owned())
        } else {
            arguments.assignee.clone()
        },
        unassigned: arguments.unassigned,
        overdue: arguments.overdue,
        today: arguments.today,
        kind: arguments.kind,
        department: arguments.department.clone(),
        text: arguments.text.join(" "),
        device,
    };
    let window = session.orders(filter, arguments.skip, arguments.n)?;
    let mut text = if window.rows.is_empty() {
        "No orders.\n".to_owned()
    } else {
        lists::orders(&window.rows)
    };
    let more = window
        .total
        .saturating_sub(window.offset + window.rows.len());
    if more > 0 {
        say!(text, "{more} more; give --skip and -n.\n");
    }
    let rows: Vec<_> = window.rows.iter().map(shapes::order_row).collect();
    Ok(Done::new(
        text,
        json!({"total": window.total, "orders": rows}),
    ))
}

/// One order.
pub fn show(place: &Place, arguments: &ShowArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let sheet = session.order(pick::order(&session, &arguments.order)?)?;
    let mut text = describe(&sheet);
    let mut json = shapes::order_sheet(&sheet);
    if let (OrderKind::Recall, Some(device)) =
        (sheet.order.opening.kind, sheet.order.opening.device)
    {
        let siblings = session.siblings(device)?;
        text.push_str(&lists::siblings(&siblings));
        if let Some(map) = json.as_object_mut() {
            map.insert(
                "siblings".to_owned(),
                siblings.iter().map(shapes::card).collect(),
            );
        }
    }
    Ok(Done::new(text, json))
}

/// The order after a change: what was recorded, and where it stands.
pub fn after(session: &Session, id: EntityId, receipt: &Receipt) -> Result<Done, Trouble> {
    let sheet = session.order(id)?;
    let mut text = lists::lines(receipt);
    say!(
        text,
        "{}: {}\n",
        clean(&sheet.order.number),
        sheet.order.status
    );
    let mut json = shapes::order_sheet(&sheet);
    if let Some(map) = json.as_object_mut() {
        map.insert("changes".to_owned(), json!(receipt.lines));
    }
    Ok(Done::new(text, json))
}

fn describe(sheet: &OrderSheet) -> String {
    let order = &sheet.order;
    let opening = &order.opening;
    let who = |key: &str| lists::who(&sheet.names, key);
    let mut out = String::new();
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            say!(out, "{label:<12}{}\n", clean(value));
        }
    };
    line("Order", &order.number);
    line("Also", &order.aliases.join(", "));
    for conflict in order.conflicts() {
        line("CONFLICT", &lists::conflict(&conflict, &who));
    }
    line("Kind", opening.kind.label());
    line("Status", order.status.label());
    line("Priority", opening.priority.label());
    if let Some(card) = &sheet.row.device {
        line("Device", &format!("{}  {}", card.tag, card.name()));
    }
    line("Department", &opening.department);
    line("Activity", &opening.activity);
    line("Problem", &opening.problem);
    line("Requester", &opening.requester);
    let due = opening.due.map(|due| due.to_string()).unwrap_or_default();
    line(
        "Due",
        &format!("{due}{}", if sheet.row.overdue { " overdue" } else { "" }),
    );
    line(
        "Assigned to",
        &order
            .assignee
            .as_deref()
            .map_or_else(|| "nobody".to_owned(), who),
    );
    if let Some((reason, note, chase)) = &order.hold {
        let chase = chase
            .map(|day| format!(", ask again {day}"))
            .unwrap_or_default();
        line("On hold", &format!("{reason} {note}{chase}"));
    }
    if let Some(check_in) = &order.check_in {
        line(
            "Check-in",
            &format!(
                "{}; clean: {}; accessories: {}; shelf: {}",
                check_in.harm,
                check_in.clean,
                or_unknown(&check_in.accessories),
                or_unknown(&check_in.shelf)
            ),
        );
    }
    for labour in &order.labour {
        line(
            "Labour",
            &format!(
                "{} {} min {} by {} {}",
                labour.on,
                labour.minutes,
                labour.kind,
                who(&labour.who),
                labour.note
            ),
        );
    }
    for part in &order.parts {
        let cost = part
            .cost
            .map(|cost| format!(" at {cost}"))
            .unwrap_or_default();
        line(
            "Part",
            &format!(
                "{} x {} {}{cost}",
                part.quantity, part.number, part.description
            ),
        );
    }
    for tool in &sheet.tools {
        line("Tool", tool);
    }
    for (reference, note) in &order.attachments {
        line("File", &format!("{reference} {note}"));
    }
    for attempt in &order.attempts {
        line(
            "Attempt",
            &format!(
                "{} {} {} {} by {}{}",
                attempt.stamp.at.minute(),
                attempt.code,
                attempt.place,
                attempt.note,
                who(&attempt.stamp.by),
                attempt
                    .next_try
                    .map_or_else(String::new, |day| format!(", again on {day}"))
            ),
        );
    }
    // What nobody wrote down is left out of the line.
    let said = |before: &str, text: &str| {
        if text.trim().is_empty() {
            String::new()
        } else {
            format!("{before}{text}")
        }
    };
    for work in &order.external {
        let signed = match &work.signature {
            Some(signature) => format!(
                "{} {} ({})",
                signature.meaning, signature.name, signature.signer
            ),
            None => "NOT SIGNED".to_owned(),
        };
        line(
            "Vendor",
            &format!(
                "{} on {}{}{}; {signed}",
                work.words(),
                work.on,
                said(", by ", &work.technician),
                said(", file ", &work.file)
            ),
        );
    }
    for note in order.notes.iter().chain(&order.addenda) {
        line(
            "Note",
            &format!(
                "{} ({}, {})",
                note.text,
                who(&note.stamp.by),
                note.stamp.at.minute()
            ),
        );
    }
    for (number, relation, status) in &sheet.links {
        line("Linked", &format!("{number} ({relation}), {status}"));
    }
    if let Some(closing) = &order.closing {
        line("Found", &closing.found);
        line("Done", &closing.done);
        line("Cause", closing.cause.label());
        line("Action", closing.action.label());
        line(
            "Outcome",
            closing.outcome.map_or("", |outcome| outcome.label()),
        );
        line("Performed", &closing.performed.to_string());
        line(
            "Closed",
            &format!(
                "by {} at {}",
                who(&closing.stamp.by),
                closing.stamp.at.minute()
            ),
        );
    }
    line("Cancelled", order.cancelled.as_deref().unwrap_or(""));
    if !sheet.inspections.is_empty() {
        out.push_str("Inspections\n");
        out.push_str(&lists::inspections(&sheet.inspections));
    }
    out
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}
