//! Forms that open orders on a device: a repair with its check-in line, a suspected recall.

use super::{NO_PATIENTS, all_of, open, order, yes_no_unknown};
use crate::domain::event::Kind;
use crate::domain::id::EntityId;
use crate::domain::order::{
    Cause, CheckIn, Harm, Known, Opening, Order, OrderCommand, OrderKind, Priority,
};
use crate::tui::app::screen::{Effect, Place};
use crate::tui::screens::form::{Entry, Form, Values};

fn opening(device: EntityId, kind: OrderKind, problem: String, requester: String) -> Opening {
    Opening {
        kind,
        device: Some(device),
        problem,
        requester,
        ..Order::default().opening
    }
}

/// The four fields of the check-in line.
fn check_in_entries() -> Vec<Entry> {
    vec![
        Entry::choice("Harm?", all_of!(Harm)).holding(Harm::Unknown.key()),
        Entry::choice("Clean?", yes_no_unknown()).holding(Known::Unknown.key()),
        Entry::line("Accessories").hint("what came with it"),
        Entry::line("Shelf").hint("where it stands"),
    ]
}

fn read_check_in(values: &Values<'_>, from: usize) -> CheckIn {
    CheckIn {
        harm: Harm::from_key(&values.text(from)).unwrap_or(Harm::Unknown),
        clean: Known::from_key(&values.text(from + 1)).unwrap_or(Known::Unknown),
        accessories: values.text(from + 2),
        shelf: values.text(from + 3),
    }
}

/// Open a repair.
pub fn open_repair(device: EntityId, tag: &str) -> Effect {
    let mut entries = vec![
        Entry::line("Problem").needed().hint("as the user says it"),
        Entry::line("Reported by"),
        Entry::choice("Priority", all_of!(Priority)).holding(Priority::Normal.key()),
    ];
    entries.extend(check_in_entries());
    let form = Form::new(format!("Repair order for {tag}"), entries, move |values| {
        let mut opening = opening(device, OrderKind::Repair, values.text(0), values.text(1));
        opening.priority = Priority::from_key(&values.text(2)).unwrap_or(Priority::Normal);
        Ok(order(OrderCommand::Open {
            opening,
            check_in: Some(read_check_in(values, 3)),
        }))
    })
    .intro(format!(
        "Possible harm sequesters the device. {NO_PATIENTS}"
    ))
    .then(|receipt| {
        receipt
            .made(Kind::Order)
            .map(|made| Effect::Go(Place::Order(made.what.id)))
            .into_iter()
            .collect()
    });
    open(form)
}

/// Answer the check-in line of an order.
pub fn check_in(id: EntityId, number: &str) -> Effect {
    let form = Form::new(
        format!("Check in {number}"),
        check_in_entries(),
        move |values| {
            Ok(order(OrderCommand::CheckIn {
                order: id,
                check_in: read_check_in(values, 0),
            }))
        },
    )
    .intro("One key each. Possible harm sequesters the device.");
    open(form)
}

/// Open a recall order on suspicion.
pub fn suspect_recall(device: EntityId, tag: &str) -> Effect {
    let form = Form::new(
        format!("Suspected recall: {tag}"),
        vec![Entry::line("What points to it").needed()],
        move |values| {
            let mut opening = opening(device, OrderKind::Recall, values.text(0), String::new());
            opening.cause = Cause::SuspectRecall { inspection: None };
            Ok(order(OrderCommand::Open {
                opening,
                check_in: None,
            }))
        },
    )
    .intro("Opens a recall order on this device. Search for the model to see its siblings.")
    .then(|receipt| {
        receipt
            .made(Kind::Order)
            .map(|made| Effect::Go(Place::Order(made.what.id)))
            .into_iter()
            .collect()
    });
    open(form)
}
