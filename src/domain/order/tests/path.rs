//! From opening to the last try.

use crate::domain::device::{DeviceCommand, Field, HoldKind, Stage, Whereabouts};
use crate::domain::event::Kind;
use crate::domain::id::EntityId;
use crate::domain::order::{
    AttemptCode, HoldReason, LabourKind, OrderCommand, OrderKind, Priority, Status, Urgency, rank,
};
use crate::domain::scenario::{JD, MK, Shop, day, opening, place, stage};

fn claim(orders: &[EntityId]) -> OrderCommand {
    OrderCommand::Claim {
        orders: orders.to_vec(),
    }
}

fn attempt(order: EntityId, code: AttemptCode, place: &str) -> OrderCommand {
    OrderCommand::Attempt {
        orders: vec![(order, "asked the charge nurse".into())],
        code,
        place: place.into(),
        next_try: None,
    }
}

fn hold(order: EntityId, chase: &str) -> OrderCommand {
    OrderCommand::Hold {
        order,
        reason: HoldReason::Parts,
        note: String::new(),
        chase: chase.parse().ok(),
    }
}

#[test]
fn an_order_goes_from_hand_to_hand() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open(OrderKind::Repair, pump);
    let status = |shop: &Shop| shop.order(order).status;
    assert_eq!(shop.order(order).number, "SHOP-00001");
    assert_eq!(shop.order(order).opening.department, "ICU");
    shop.ok(claim(&[order, order]));
    assert_eq!(status(&shop), Status::Assigned);
    assert!(shop.ok(claim(&[order])).events.is_empty());
    for command in [claim(&[order]), OrderCommand::Start { order }] {
        assert!(shop.refused_as(MK, command).what.contains("(jd)"));
    }
    shop.ok(OrderCommand::Release {
        order,
        reason: "off tomorrow".into(),
    });
    assert_eq!(status(&shop), Status::Open);
    shop.ok_as(MK, OrderCommand::Start { order });
    assert_eq!(shop.order(order).assignee.as_deref(), Some(MK));
    shop.ok(hold(order, "2026-03-09"));
    assert_eq!(status(&shop), Status::OnHold);
    shop.ok(OrderCommand::Resume { order });
    assert_eq!(status(&shop), Status::InProgress);
    assert!(
        shop.refused(OrderCommand::Resume { order })
            .contains("not on hold")
    );
    shop.ok(OrderCommand::WorkDone { order });
    assert_eq!(status(&shop), Status::WorkDone);
    shop.ok(OrderCommand::Assign {
        orders: vec![order],
        to: JD.into(),
    });
    let nobody = OrderCommand::Assign {
        orders: vec![order],
        to: "zz".into(),
    };
    assert!(shop.refused(nobody).contains("\"zz\""));
}

#[test]
fn what_waited_before_anybody_began_is_not_in_progress_afterwards() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open(OrderKind::Repair, pump);
    shop.ok(hold(order, ""));
    shop.ok(OrderCommand::Resume { order });
    assert_eq!(shop.order(order).status, Status::Open);
    shop.ok(claim(&[order]));
    shop.ok(hold(order, ""));
    shop.ok(OrderCommand::Resume { order });
    assert_eq!(shop.order(order).status, Status::Assigned);
    assert!(shop.refused(hold(order, "2026-03-01")).contains("past"));
}

#[test]
fn several_orders_are_claimed_all_or_none() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let orders: Vec<_> = (0..3).map(|_| shop.open(OrderKind::Repair, pump)).collect();
    shop.ok_as(MK, claim(&orders[2..]));
    let refusal = shop.refused_as(JD, claim(&orders));
    assert!(refusal.hint.contains("Nothing was claimed"));
    assert_eq!(shop.order(orders[0]).assignee, None);
    shop.ok(claim(&orders[..2]));
    assert_eq!(shop.order(orders[1]).assignee.as_deref(), Some(JD));
    shop.refused(claim(&[]));
}

#[test]
fn an_attempt_never_closes_an_order_and_always_sets_a_next_try() {
    for code in AttemptCode::ALL {
        let mut shop = Shop::new();
        let pump = shop.pump("BM-1", "SN1");
        let order = shop.open_due(OrderKind::Pm, pump, Some("2026-03-02"));
        shop.ok(attempt(order, *code, "ICU, store room"));
        let tried = shop.order(order);
        assert_eq!(tried.status, Status::Open);
        assert_eq!(tried.opening.due, Some(day("2026-03-02")));
        assert_eq!(tried.attempts[0].next_try, Some(day("2026-03-09")));
        assert!(shop.device(pump).inspections.is_empty());
        let lost = matches!(shop.device(pump).whereabouts, Whereabouts::Missing { .. });
        assert_eq!(lost, *code == AttemptCode::UnableToLocate);
    }
}

#[test]
fn unable_to_locate_names_the_place_and_refuses_fixed_equipment() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let light = shop.pump("BM-2", "SN2");
    shop.set(light, Field::Fixed, "yes").unwrap();
    let orders = [
        shop.open(OrderKind::Pm, pump),
        shop.open(OrderKind::Pm, light),
    ];
    let d1 = AttemptCode::UnableToLocate;
    assert!(shop.refused(attempt(orders[0], d1, " ")).contains("Where"));
    let both = OrderCommand::Attempt {
        orders: orders.iter().map(|id| (*id, String::new())).collect(),
        code: d1,
        place: "ICU".into(),
        next_try: None,
    };
    assert!(shop.refused(both).contains("BM-2 is fixed in place"));
    let late = OrderCommand::Attempt {
        orders: vec![(orders[0], String::new())],
        code: AttemptCode::Deferred,
        place: String::new(),
        next_try: Some(day("2026-03-01")),
    };
    assert!(shop.refused(late).contains("past"));
}

#[test]
fn labour_parts_and_files_are_checked_as_they_are_booked() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open(OrderKind::Repair, pump);
    let labour = |who: &str, minutes, on: &str| OrderCommand::Labour {
        order,
        who: who.into(),
        minutes,
        kind: LabourKind::Active,
        on: on.parse().ok(),
        note: String::new(),
    };
    shop.ok(labour("", 30, ""));
    shop.ok(labour(MK, 15, "2026-02-27"));
    shop.refused(labour("", 0, ""));
    shop.refused(labour("", 1_441, ""));
    shop.refused(labour("", 10, "2026-03-03"));
    shop.refused(labour("zz", 10, ""));
    let booked = shop.order(order);
    assert_eq!(booked.minutes(), 45);
    assert_eq!(booked.labour[0].who, JD);
    assert_eq!(booked.labour[0].on, day("2026-03-02"));

    let part = |number: &str, quantity, cost: &str| OrderCommand::Part {
        order,
        number: number.into(),
        description: String::new(),
        quantity,
        cost: cost.parse().ok(),
    };
    shop.ok(part("1005", 2, "12.50"));
    shop.ok(part("1006", 1, ""));
    shop.refused(part("", 1, ""));
    shop.refused(part("1005", 0, ""));
    shop.refused(part("1005", 1, "-1"));
    assert_eq!(shop.order(order).parts.len(), 2);
    assert_eq!(shop.order(order).parts[1].cost, None);
    shop.refused(OrderCommand::Attach {
        order,
        reference: " ".into(),
        note: String::new(),
    });
    shop.refused(OrderCommand::UseTool { order, tool: pump });
}

#[test]
fn an_edit_needs_a_reason_where_it_moves_a_schedule() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open_due(OrderKind::Pm, pump, Some("2026-03-02"));
    let edit = |due: &str, reason: &str| OrderCommand::Edit {
        order,
        priority: None,
        due: due.parse().ok(),
        problem: None,
        reason: reason.into(),
        expected: None,
    };
    assert!(
        shop.refused(edit("2026-04-01", ""))
            .contains("needs a reason")
    );
    shop.ok(edit("2026-04-01", "plan changed"));
    assert!(shop.ok(edit("2026-04-01", "")).events.is_empty());
}

#[test]
fn numbers_are_never_used_twice_and_some_orders_need_a_device() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let first = shop.open(OrderKind::Repair, pump);
    shop.ok(OrderCommand::Cancel {
        order: first,
        reason: "twice".into(),
    });
    let second = shop.open(OrderKind::Repair, pump);
    assert_eq!(shop.order(second).number, "SHOP-00002");
    for kind in OrderKind::ALL {
        let command = OrderCommand::Open {
            opening: opening(*kind, None),
            check_in: None,
        };
        let needs = [
            OrderKind::Pm,
            OrderKind::IncomingInspection,
            OrderKind::ElectricalSafety,
        ];
        if needs.contains(kind) {
            shop.refused(command);
        } else {
            shop.ok(command);
        }
    }
    shop.ok(stage(pump, Stage::Retired));
    shop.ok(stage(pump, Stage::Disposed));
    let gone = OrderCommand::Open {
        opening: opening(OrderKind::Pm, Some(pump)),
        check_in: None,
    };
    assert!(shop.refused(gone).contains("disposed"));
}

#[test]
fn the_queue_says_why_and_when_again() {
    let mut shop = Shop::new();
    let today = day("2026-03-02");
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open_due(OrderKind::Pm, pump, Some("2026-02-27"));
    let why = |shop: &Shop| {
        let rank = rank(&shop.order(order), Some(false), today);
        (rank.urgency, rank.why)
    };
    assert_eq!(why(&shop), (Urgency::Overdue, "overdue 3 d".into()));
    shop.ok(attempt(order, AttemptCode::InUse, "ICU"));
    let tried = "overdue 3 d, tried 1x (D2 in use), again on 2026-03-09";
    assert_eq!(why(&shop), (Urgency::Overdue, tried.into()));
    shop.ok(hold(order, "2026-03-05"));
    assert_eq!(why(&shop).0, Urgency::Waiting);
    assert!(
        why(&shop)
            .1
            .starts_with("awaiting parts, ask on 2026-03-05")
    );
    // The day to ask has come: it is back in its place.
    shop.ok(hold(order, "2026-03-02"));
    assert_eq!(why(&shop).0, Urgency::Overdue);
    assert!(why(&shop).1.contains("ask now"));
    // An emergency does not wait.
    shop.ok(hold(order, "2026-03-05"));
    shop.ok(OrderCommand::Edit {
        order,
        priority: Some(Priority::Emergency),
        due: None,
        problem: None,
        reason: String::new(),
        expected: None,
    });
    assert_eq!(why(&shop).0, Urgency::Safety);
    assert!(
        why(&shop)
            .1
            .starts_with("emergency, awaiting parts, ask on")
    );
}

#[test]
fn the_window_decides_what_is_late_not_the_due_day() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let mut pm = opening(OrderKind::Pm, Some(pump));
    pm.due = Some(day("2026-02-15"));
    pm.window = Some((day("2026-02-01"), day("2026-03-03")));
    let order = shop
        .ok(OrderCommand::Open {
            opening: pm.clone(),
            check_in: None,
        })
        .first(Kind::Order)
        .unwrap();
    let at = |text: &str| {
        let order = shop.order(order);
        let rank = rank(&order, Some(true), day(text));
        assert_eq!(
            order.is_overdue(day(text)),
            rank.urgency == Urgency::Overdue
        );
        (rank.urgency, rank.why)
    };
    for (today, urgency, why) in [
        ("2026-01-31", Urgency::Later, "from 2026-02-01, high-risk"),
        ("2026-02-01", Urgency::Due, "due, 30 d left, high-risk"),
        ("2026-03-03", Urgency::Due, "due today, high-risk"),
        ("2026-03-04", Urgency::Overdue, "overdue 1 d, high-risk"),
    ] {
        assert_eq!(at(today), (urgency, why.to_owned()));
    }
    pm.window = Some((day("2026-03-03"), day("2026-02-01")));
    let backwards = OrderCommand::Open {
        opening: pm,
        check_in: None,
    };
    assert!(shop.refused(backwards).contains("ends before"));
}

#[test]
fn found_again_after_attempts_a_device_is_held_until_its_pm() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open_due(OrderKind::Pm, pump, Some("2026-02-27"));
    shop.ok(attempt(order, AttemptCode::UnableToLocate, "ICU"));
    assert_eq!(shop.device(pump).status_key(), "missing");
    shop.ok(place(pump, Whereabouts::AtLocation));
    let hold = shop.hold(pump, HoldKind::FoundWithoutPm).unwrap();
    shop.refused(DeviceCommand::Lift {
        device: pump,
        hold,
        reason: "looks fine".into(),
    });
    shop.inspect(pump, "annual PM", true);
    assert!(shop.device(pump).holds.is_empty());
    assert_eq!(shop.order(order).status, Status::Closed);
}
