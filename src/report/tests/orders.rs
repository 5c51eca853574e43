//! A work order with all that can hang on it.

use super::sample::{at, card, id, stamp};
use crate::bench::query::{OrderRow, OrderSheet};
use crate::domain::device::Note;
use crate::domain::measure::Decimal;
use crate::domain::order::{
    Attempt, AttemptCode, CheckIn, Closing, External, FailureCause, Harm, HoldReason, Known,
    Labour, LabourKind, Order, OutcomeCode, Part, Priority, Rank, Status, Urgency, WorkAction,
};
use crate::report::{Page, order_text};

pub(super) fn sheet(text: &dyn Fn(&str) -> String) -> OrderSheet {
    let day = at(0).date();
    let note = |words: &str| Note {
        text: text(words),
        stamp: stamp(9),
    };
    let mut order = Order {
        number: text("SHOP-00013"),
        opened: Some(stamp(1)),
        started: Some(stamp(2)),
        status: Status::Closed,
        assignee: Some(text("ab")),
        hold: Some((HoldReason::Parts, text("cord ordered"), Some(day))),
        check_in: Some(CheckIn {
            harm: Harm::NearMiss,
            clean: Known::Unknown,
            accessories: String::new(),
            shelf: text("shelf 4"),
        }),
        labour: vec![Labour {
            who: text("ab"),
            minutes: 25,
            kind: LabourKind::Active,
            on: day,
            note: text("replaced cord"),
            stamp: stamp(3),
        }],
        parts: vec![Part {
            number: text("C-77"),
            description: text("mains cord"),
            quantity: 1,
            cost: Some(Decimal::new(1250, 2)),
            stamp: stamp(4),
        }],
        attachments: vec![(text("share/report.pdf"), text("photo of the plug"))],
        notes: vec![note("user says it fell")],
        attempts: vec![Attempt {
            code: AttemptCode::UnableToLocate,
            place: text("ICU 2"),
            note: text("bed empty"),
            next_try: None,
            stamp: stamp(5),
        }],
        external: vec![External {
            company: text("Example Service"),
            technician: text("Bo Lind"),
            report: text("R-9"),
            on: day,
            passed: true,
            readings: false,
            file: text("share/r9.pdf"),
            signature: None,
            stamp: stamp(6),
        }],
        closing: Some(Closing {
            outcome: Some(OutcomeCode::Corrective),
            cause: FailureCause::Preventable,
            action: WorkAction::Repair,
            found: text("ground wire broken"),
            done: text("cord replaced"),
            performed: day,
            inspection: Some(id(4)),
            stamp: stamp(7),
        }),
        addenda: vec![note("cord kept for the safety officer")],
        ..Order::default()
    };
    order.opening.problem = text("failed ground wire");
    order.opening.requester = text("charge nurse");
    order.opening.due = Some(day);
    OrderSheet {
        id: id(3),
        row: OrderRow {
            id: id(3),
            number: order.number.clone(),
            kind: order.opening.kind,
            status: order.status,
            priority: order.opening.priority,
            what: order.opening.problem.clone(),
            device: Some(card(text)),
            department: text("ICU 2"),
            due: order.opening.due,
            assignee: order.assignee.clone(),
            rank: Rank {
                urgency: Urgency::Due,
                risk: 0,
                last_day: None,
                priority: Priority::Normal,
                why: String::new(),
            },
            overdue: true,
            inspection: None,
            attempts: 1,
        },
        order,
        inspections: Vec::new(),
        links: vec![(
            text("SHOP-00012"),
            text("repair of a failed step"),
            Status::Closed,
        )],
        tools: vec![text("ANA-1")],
        names: Vec::new(),
        came_from: text("a request"),
    }
}

#[test]
fn an_order_on_a_page() {
    insta::assert_snapshot!(order_text(&sheet(&str::to_owned), &Page::default()));
}

#[test]
fn every_text_of_an_order_is_on_its_page() {
    let marked = |text: &str| format!("{text}~");
    let page: String = order_text(&sheet(&marked), &Page::default())
        .split_whitespace()
        .collect();
    for words in [
        "cord ordered~",
        "shelf 4~",
        "replaced cord~",
        "mains cord~",
        "photo of the plug~",
        "user says it fell~",
        "bed empty~",
        "Example Service~",
        "ground wire broken~",
        "cord kept for the safety officer~",
        "repair of a failed step~",
        "ANA-1~",
    ] {
        assert!(page.contains(&super::squeezed(words)), "{words}");
    }
}
