//! Work orders: claims, paths, endings, planned work.

use super::*;

#[test]
fn the_first_claim_has_the_order_and_the_other_technician_is_told() {
    let (mut group, _, order) = two_with_order();
    let claim = || OrderCommand::Claim {
        orders: vec![order],
    };
    group.shops[0].ok_as(JD, claim());
    group.shops[1].world.pass(600);
    group.shops[1].ok_as(MK, claim());
    group.meet();
    for shop in &group.shops {
        assert_eq!(shop.order(order).assignee.as_deref(), Some(JD));
        let (_, conflict) = open(&shop.world).remove(0);
        assert_eq!(conflict.kind, ConflictKind::ClaimLost);
        assert_eq!(conflict.told, [MK]);
        assert_eq!(conflict.shown().unwrap().value, JD);
    }
    // "Seen" is to confirm who has it; giving it to the other one settles it too.
    choose(&mut group.shops[1], "claim", MK);
    group.meet();
    assert_eq!(group.shops[0].order(order).assignee.as_deref(), Some(MK));
    assert!(open(&group.shops[0].world).is_empty());
}

#[test]
fn giving_back_removes_only_the_claim_that_was_seen() {
    let (mut group, _, order) = two_with_order();
    group.shops[0].ok(OrderCommand::Claim {
        orders: vec![order],
    });
    group.meet();
    group.shops[0].ok(OrderCommand::Release {
        order,
        reason: "holiday".into(),
    });
    group.shops[1].ok(OrderCommand::Assign {
        orders: vec![order],
        to: MK.into(),
    });
    group.meet();
    assert_eq!(group.shops[0].order(order).assignee.as_deref(), Some(MK));
    assert_eq!(group.shops[0].order(order).status, Status::Assigned);
    assert!(open(&group.shops[0].world).is_empty());
}

#[test]
fn steps_join_where_only_one_can_be_the_later_and_else_the_order_stays_workable() {
    let wait = |order| OrderCommand::Hold {
        order,
        reason: HoldReason::ALL[0],
        note: "battery ordered".into(),
        chase: None,
    };
    type Act = fn(EntityId) -> OrderCommand;
    let cases: [(&str, Act, Status, bool); 4] = [
        (
            "claim",
            |order| OrderCommand::Claim {
                orders: vec![order],
            },
            Status::OnHold,
            false,
        ),
        (
            "note",
            |order| OrderCommand::Note {
                order,
                text: "noise".into(),
            },
            Status::OnHold,
            false,
        ),
        (
            "start",
            |order| OrderCommand::Start { order },
            Status::InProgress,
            true,
        ),
        (
            "done",
            |order| OrderCommand::WorkDone { order },
            Status::WorkDone,
            true,
        ),
    ];
    for (name, other, shown, conflict) in cases {
        let (mut group, _, order) = two_with_order();
        group.shops[0].ok(wait(order));
        group.shops[1].world.pass(600);
        group.shops[1].ok(other(order));
        group.meet();
        let state = group.shops[0].order(order);
        assert_eq!(state.status, shown, "{name}");
        let expected = if conflict {
            one("status", ConflictKind::Values)
        } else {
            Vec::new()
        };
        assert_eq!(kinds(&group.shops[0]), expected, "{name}");
        // It can be worked on either way, and going on with knowledge of both sides settles it.
        group.shops[1].ok(wait(order));
        group.meet();
        assert_eq!(group.shops[0].order(order).status, Status::OnHold);
        assert!(open(&group.shops[0].world).is_empty(), "{name}");
    }
    let (mut group, _, order) = two_with_order();
    group.shops[0].ok(OrderCommand::WorkDone { order });
    group.shops[1].world.pass(600);
    group.shops[1].ok(OrderCommand::Start { order });
    group.meet();
    assert_eq!(group.shops[0].order(order).status, Status::WorkDone);
    assert!(open(&group.shops[0].world).is_empty());
}

#[test]
fn priority_and_problem_are_asked_about_and_labour_of_both_is_kept() {
    let (mut group, _, order) = two_with_order();
    for (shop, priority, minutes) in [(0, Priority::Urgent, 10), (1, Priority::Emergency, 20)] {
        group.shops[shop].ok(OrderCommand::Edit {
            order,
            priority: Some(priority),
            due: None,
            problem: None,
            reason: "asked".into(),
            expected: None,
        });
        group.shops[shop].ok(OrderCommand::Labour {
            order,
            who: String::new(),
            minutes,
            kind: crate::domain::order::LabourKind::Active,
            on: None,
            note: String::new(),
        });
    }
    group.meet();
    assert_eq!(
        kinds(&group.shops[0]),
        one("priority", ConflictKind::Values)
    );
    assert_eq!(group.shops[0].order(order).minutes(), 30);
    choose(&mut group.shops[0], "priority", Priority::Urgent.label());
    group.meet();
    assert_eq!(
        group.shops[1].order(order).opening.priority,
        Priority::Urgent
    );
    assert!(open(&group.shops[1].world).is_empty());
}

#[test]
fn of_two_closings_the_first_counts_and_the_other_stands_beside_it() {
    let (mut group, _, order) = two_with_order();
    group.shops[0].ok(close(order, "fuse blown", "fuse changed"));
    group.shops[1].world.pass(600);
    group.shops[1].ok(close(order, "lead broken", "lead changed"));
    group.meet();
    for shop in &group.shops {
        let state = shop.order(order);
        assert_eq!(
            open(&shop.world)[0].1.told,
            Vec::<String>::new(),
            "one person"
        );
        assert_eq!(state.closing.unwrap().found, "fuse blown");
        assert_eq!(state.beside.closings[0].found, "lead broken");
        assert_eq!(kinds(shop), one("closing", ConflictKind::DoubleClosing));
    }
    choose(&mut group.shops[0], "closing", "lead");
    group.meet();
    let state = group.shops[1].order(order);
    assert_eq!(
        state.closing.unwrap().found,
        "fuse blown",
        "it only is read"
    );
    assert_eq!(state.beside.closings.len(), 1);
    assert!(open(&group.shops[1].world).is_empty());
}

#[test]
fn closed_wins_over_cancelled_whichever_came_first() {
    for closes_first in [true, false] {
        let (mut group, _, order) = two_with_order();
        let (closer, canceller) = if closes_first { (0, 1) } else { (1, 0) };
        group.shops[1].world.pass(600);
        group.shops[closer].ok(close(order, "fuse blown", "fuse changed"));
        group.shops[canceller].ok(OrderCommand::Cancel {
            order,
            reason: "opened twice".into(),
        });
        group.meet();
        let state = group.shops[0].order(order);
        assert_eq!(state.status, Status::Closed);
        assert_eq!(state.cancelled, None);
        assert!(
            state
                .addenda
                .iter()
                .any(|line| line.text.contains("opened twice"))
        );
        assert_eq!(kinds(&group.shops[0]), one("end", ConflictKind::EndedBoth));
        settle_all(&mut group.shops[0]).unwrap();
    }
}

#[test]
fn what_comes_to_an_order_that_ended_is_a_line() {
    let (mut group, _, order) = two_with_order();
    group.shops[0].ok(close(order, "fuse blown", "fuse changed"));
    group.shops[1].world.pass(600);
    group.shops[1].ok(OrderCommand::Start { order });
    group.shops[1].ok(OrderCommand::Hold {
        order,
        reason: HoldReason::ALL[0],
        note: "battery ordered".into(),
        chase: None,
    });
    group.meet();
    let state = group.shops[1].order(order);
    assert_eq!((state.status, state.hold.is_none()), (Status::Closed, true));
    assert_eq!(
        state.addenda.len(),
        3,
        "claimed, begun, held: {:?}",
        state.addenda
    );
}

#[test]
fn planned_work_that_two_shops_opened_is_one_order_with_two_numbers() {
    let (mut group, pump) = two();
    let id = EntityId::Natural([42; 16]);
    group.shops[1].world.pass(600);
    for (shop, number) in [(0, "S0-00001"), (1, "S1-00001")] {
        let event = OrderEvent::Opened {
            number: number.into(),
            opening: opening(OrderKind::Pm, Some(pump)),
        };
        group.shops[shop].world.record(JD, &[(id, event).into()]);
    }
    // One of them made it urgent before they met.
    group.shops[0].ok(OrderCommand::Edit {
        order: id,
        priority: Some(Priority::Urgent),
        due: None,
        problem: None,
        reason: String::new(),
        expected: None,
    });
    group.meet();
    for shop in &group.shops {
        let order = shop.order(id);
        assert_eq!(order.number, "S0-00001");
        assert_eq!(order.aliases, ["S1-00001"]);
        assert_eq!(order.opening.priority, Priority::Urgent);
        assert_eq!(kinds(shop), Vec::new(), "no flood");
    }
}

#[test]
fn two_inspections_of_one_order_are_both_kept_and_the_first_closed_it() {
    let (mut group, pump) = two();
    let mut pm = opening(OrderKind::Pm, Some(pump));
    pm.activity = "annual PM".into();
    let order = group.shops[0]
        .ok(OrderCommand::Open {
            opening: pm,
            check_in: None,
        })
        .first(Kind::Order)
        .unwrap();
    group.meet();
    for shop in &mut group.shops {
        let inspection = shop.start(pump, "annual PM").unwrap();
        shop.finish(inspection, true);
    }
    group.meet();
    for shop in &group.shops {
        let state = shop.order(order);
        let first = state.closing.as_ref().unwrap().inspection.unwrap();
        let other = state.beside.closings[0].inspection.unwrap();
        assert_ne!(first, other);
        for id in [first, other] {
            let inspection = &shop.world.inspections[&id];
            assert_eq!(inspection.status, Some(InspectionStatus::Signed));
            assert_eq!(inspection.order, Some(order));
        }
        assert!(kinds(shop).contains(&("closing".into(), ConflictKind::DoubleInspection)));
    }
    settle_all(&mut group.shops[0]).unwrap();
    group.meet();
    assert!(open(&group.shops[1].world).is_empty());
}
