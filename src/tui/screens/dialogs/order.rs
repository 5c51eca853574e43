//! Forms about work orders: waiting, attempts, labour, parts, notes, closing, cancelling.

use rust_decimal::Decimal;

use super::{NO_PATIENTS, all_of, open, order, today};
use crate::domain::id::EntityId;
use crate::domain::order::{
    AttemptCode, External, FailureCause, HoldReason, LabourKind, Order, OrderCommand,
};
use crate::tui::app::screen::{Cx, Effect};
use crate::tui::screens::form::{Entry, Form};

/// Orders that get a note of their own in one attempt form; a longer selection shares one note.
const OWN_NOTES: usize = 8;

/// Put an order on hold.
pub fn hold_order(id: EntityId, number: &str, cx: &Cx<'_>) -> Effect {
    let today = today(cx);
    let form = Form::new(
        format!("{number} waits"),
        vec![
            Entry::choice("For", all_of!(HoldReason)).needed(),
            Entry::line("Details").hint("part, vendor, PO number …"),
            Entry::line("Ask again").hint("YYYY-MM-DD or +7 days"),
        ],
        move |values| {
            let reason = HoldReason::from_key(&values.text(0))
                .ok_or_else(|| (Some(0), "Choose what it waits for.".to_owned()))?;
            Ok(order(OrderCommand::Hold {
                order: id,
                reason,
                note: values.text(1),
                chase: values.date(2, today)?,
            }))
        },
    );
    open(form)
}

/// Tries that did not get the work done, for one order or several at once.
pub fn attempt(orders: &[(EntityId, String)], cx: &Cx<'_>) -> Effect {
    let today = today(cx);
    let orders = orders.to_vec();
    let own = orders.len() <= OWN_NOTES;
    let mut entries = vec![
        Entry::choice("Result", all_of!(AttemptCode))
            .needed()
            .holding(AttemptCode::UnableToLocate.key()),
        Entry::line("Place searched")
            .needed()
            .hint("where you looked"),
        Entry::line("Next try").hint("YYYY-MM-DD or +7 days"),
    ];
    if own {
        entries.extend(
            orders
                .iter()
                .map(|(_, words)| Entry::line(words).hint("note")),
        );
    } else {
        entries.push(Entry::line("Note for all"));
    }
    let title = match orders.as_slice() {
        [(_, words)] => format!("Attempt: {words}"),
        several => format!("Attempt on {} orders", several.len()),
    };
    let form = Form::new(title, entries, move |values| {
        let code = AttemptCode::from_key(&values.text(0))
            .ok_or_else(|| (Some(0), "Choose the result.".to_owned()))?;
        let noted = orders
            .iter()
            .enumerate()
            .map(|(at, (id, _))| (*id, values.text(3 + if own { at } else { 0 })))
            .collect();
        Ok(order(OrderCommand::Attempt {
            orders: noted,
            code,
            place: values.text(1),
            next_try: values.date(2, today)?,
        }))
    })
    .starting_at(1)
    .intro("The order stays open and keeps its due date.");
    open(form)
}

/// End an order without the work. The question comes after the reason.
pub fn cancel_order(id: EntityId, number: &str) -> Effect {
    let words = number.to_owned();
    let form = Form::new(
        format!("Cancel {number}"),
        vec![Entry::line("Reason").needed()],
        move |values| {
            Ok(vec![Effect::Confirm {
                question: format!(
                    "Cancel {words}? The work will not be done. A cancelled order stays on record and cannot be \
                     opened again; a new one can."
                ),
                yes: order(OrderCommand::Cancel {
                    order: id,
                    reason: values.text(0),
                }),
            }])
        },
    );
    open(form)
}

/// End scheduled work without doing it. Somebody else approved that, and the device is held.
pub fn escalate(id: EntityId, number: &str) -> Effect {
    let words = number.to_owned();
    let form = Form::new(
        format!("End {number} undone"),
        vec![
            Entry::line("Approved by")
                .needed()
                .hint("name of the person, not yourself"),
            Entry::note("Reason").needed(),
        ],
        move |values| {
            let (approved_by, reason) = (values.text(0), values.text(1));
            Ok(vec![Effect::Confirm {
                question: format!(
                    "End {words} without the work, approved by {approved_by}? The order is closed as not done, and the \
                     device is held until its inspection is passed. This cannot be taken back."
                ),
                yes: order(OrderCommand::Escalate {
                    order: id,
                    approved_by,
                    reason,
                }),
            }])
        },
    )
    .intro("For scheduled work that will not be done. Who decided that is on the record by name.");
    open(form)
}

/// Minutes of work.
pub fn book_labour(id: EntityId, number: &str, cx: &Cx<'_>) -> Effect {
    let today = today(cx);
    let form = Form::new(
        format!("Labor on {number}"),
        vec![
            Entry::line("Minutes").needed(),
            Entry::choice("Kind", all_of!(LabourKind))
                .needed()
                .holding(LabourKind::Active.key()),
            Entry::line("Day").hint("today"),
            Entry::line("Note"),
        ],
        move |values| {
            let minutes = values
                .number(0, 24 * 60)?
                .ok_or_else(|| (Some(0), "Minutes are needed.".to_owned()))?;
            let kind = LabourKind::from_key(&values.text(1))
                .ok_or_else(|| (Some(1), "Choose the kind.".to_owned()))?;
            Ok(order(OrderCommand::Labour {
                order: id,
                who: String::new(),
                minutes,
                kind,
                on: values.date(2, today)?,
                note: values.text(3),
            }))
        },
    );
    open(form)
}

/// A part used.
pub fn book_part(id: EntityId, number: &str) -> Effect {
    let form = Form::new(
        format!("Part on {number}"),
        vec![
            Entry::line("Part number").needed(),
            Entry::line("Description"),
            Entry::line("Quantity").needed().holding("1"),
            Entry::line("Cost of one").hint("if known"),
        ],
        move |values| {
            let quantity = values
                .number(2, 100_000)?
                .ok_or_else(|| (Some(2), "A quantity is needed.".to_owned()))?;
            let cost = match values.text(3).as_str() {
                "" => None,
                text => {
                    let read = text
                        .replace([',', '$', '€', '£', ' '], "")
                        .parse::<Decimal>();
                    Some(read.map_err(|_| (Some(3), format!("\"{text}\" is not an amount.")))?)
                }
            };
            Ok(order(OrderCommand::Part {
                order: id,
                number: values.text(0),
                description: values.text(1),
                quantity,
                cost,
            }))
        },
    );
    open(form)
}

/// A note; an addendum once the order is closed.
pub fn note_order(id: EntityId, number: &str) -> Effect {
    let form = Form::new(
        format!("Note on {number}"),
        vec![Entry::note("Note").needed()],
        move |values| {
            Ok(order(OrderCommand::Note {
                order: id,
                text: values.text(0),
            }))
        },
    )
    .intro(NO_PATIENTS);
    open(form)
}

/// A file kept elsewhere.
pub fn attach(id: EntityId, number: &str) -> Effect {
    let form = Form::new(
        format!("File for {number}"),
        vec![
            Entry::line("Where it is")
                .needed()
                .hint("path, link, folder"),
            Entry::line("What it is"),
        ],
        move |values| {
            Ok(order(OrderCommand::Attach {
                order: id,
                reference: values.text(0),
                note: values.text(1),
            }))
        },
    );
    open(form)
}

/// Close by hand: found, done, cause. Scheduled work that a reviewed report proves is closed by that report.
pub fn close_order(id: EntityId, record: &Order, cx: &Cx<'_>) -> Effect {
    let today = today(cx);
    let number = &record.number;
    let proof = record.external.last().filter(|work| work.proves_work());
    if let Some(report) = proof.filter(|_| record.opening.kind.is_scheduled()) {
        return close_by_report(id, number, report);
    }
    let form = Form::new(
        format!("Close {number}"),
        vec![
            Entry::note("Found").needed(),
            Entry::note("Done").needed(),
            Entry::choice("Cause", all_of!(FailureCause)).needed(),
            Entry::line("Minutes").hint("active work"),
            Entry::line("Done on").hint("today, or YYYY-MM-DD, -1"),
        ],
        move |values| {
            let cause = FailureCause::from_key(&values.text(2))
                .ok_or_else(|| (Some(2), "Choose the cause; \"unknown\" is one.".to_owned()))?;
            Ok(order(OrderCommand::Close {
                order: id,
                found: values.text(0),
                done: values.text(1),
                cause,
                action: None,
                outcome: None,
                performed: values.date(4, today)?,
                minutes: values.number(3, 24 * 60)?,
            }))
        },
    )
    .intro(NO_PATIENTS);
    open(form)
}

/// Close scheduled work that a company did: its report says what and when.
fn close_by_report(id: EntityId, number: &str, report: &External) -> Effect {
    let form = Form::new(
        format!("Close {number}"),
        vec![
            Entry::choice("Cause", all_of!(FailureCause))
                .needed()
                .holding(FailureCause::None.key()),
            Entry::line("Minutes").hint("your own, if any"),
            Entry::note("Remarks"),
        ],
        move |values| {
            let cause = FailureCause::from_key(&values.text(0))
                .ok_or_else(|| (Some(0), "Choose the cause; \"none\" is one.".to_owned()))?;
            Ok(order(OrderCommand::Close {
                order: id,
                found: values.text(2),
                done: String::new(),
                cause,
                action: None,
                outcome: None,
                performed: None,
                minutes: values.number(1, 24 * 60)?,
            }))
        },
    )
    .intro(format!(
        "On the report that you reviewed: {}, work of {}. The next one is due from that day.",
        report.words(),
        report.on
    ));
    open(form)
}
