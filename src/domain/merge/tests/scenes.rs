//! One scene for each rule: two or three shops, apart for a while.

use super::Group;
use super::random::{open, settle_all};
use crate::domain::command::Command;
use crate::domain::device::{
    DeviceCommand, Field, HoldKind, Outcome, Stage, UseStatus, Whereabouts,
};
use crate::domain::event::{Aggregate, Event, Kind};
use crate::domain::id::EntityId;
use crate::domain::inspection::{
    Answer, AnswerOrigin, Failing, InspectionCommand, InspectionStatus, Verdict,
};
use crate::domain::merge::{ConflictKind, Settle};
use crate::domain::order::{
    FailureCause, HoldReason, OrderCommand, OrderEvent, OrderKind, Priority, Status,
};
use crate::domain::scenario::{JD, MK, Shop, close, opening, place, sent_out, stage};
use crate::domain::signature::Meaning;

/// Two shops that both know a pump in service, in the ICU.
fn two() -> (Group, EntityId) {
    let mut pump = None;
    let group = Group::after(2, |shop| pump = Some(shop.pump("BM-1", "SN1")));
    (group, pump.unwrap())
}

/// Two shops that both know an open repair of the pump.
fn two_with_order() -> (Group, EntityId, EntityId) {
    let (mut group, pump) = two();
    let order = group.shops[0].open(OrderKind::Repair, pump);
    group.meet();
    (group, pump, order)
}

fn kinds(shop: &Shop) -> Vec<(String, ConflictKind)> {
    open(&shop.world)
        .into_iter()
        .map(|(_, conflict)| (conflict.fact, conflict.kind))
        .collect()
}

fn one(fact: &str, kind: ConflictKind) -> Vec<(String, ConflictKind)> {
    vec![(fact.to_owned(), kind)]
}

/// Chooses the side that says this.
fn choose(shop: &mut Shop, fact: &str, value: &str) {
    let (about, conflict) = open(&shop.world)
        .into_iter()
        .find(|(_, conflict)| conflict.fact == fact)
        .unwrap_or_else(|| panic!("{fact} is not in conflict"));
    let side = conflict
        .sides
        .iter()
        .find(|side| side.value.contains(value))
        .unwrap_or_else(|| panic!("no side says {value}: {conflict:?}"));
    shop.ok(Command::Settle(Settle {
        about,
        fact: fact.to_owned(),
        choose: side.stamp.dot,
    }));
}

fn hold(device: EntityId, kind: HoldKind) -> DeviceCommand {
    DeviceCommand::Hold {
        device,
        kind,
        reason: "seen at the bedside".into(),
    }
}

#[test]
fn two_values_of_a_field_are_both_kept_and_settled_once_for_all() {
    let (mut group, pump) = two();
    group.shops[0].set(pump, Field::Department, "ER").unwrap();
    group.shops[1].world.pass(60);
    group.shops[1].set(pump, Field::Department, "OR").unwrap();
    group.shops[1].set(pump, Field::Location, "Room 4").unwrap();
    group.meet();
    for shop in &group.shops {
        assert_eq!(kinds(shop), one("department", ConflictKind::Values));
        assert_eq!(shop.device(pump).text(Field::Department), "OR", "the later");
        assert_eq!(shop.device(pump).text(Field::Location), "Room 4");
    }
    choose(&mut group.shops[0], "department", "ER");
    group.meet();
    for shop in &group.shops {
        assert!(open(&shop.world).is_empty());
        assert_eq!(shop.device(pump).text(Field::Department), "ER");
    }
}

#[test]
fn two_who_settle_alike_agree_and_two_who_do_not_are_asked_again() {
    for (second, still) in [("ER", false), ("OR", true)] {
        let (mut group, pump) = two();
        group.shops[0].set(pump, Field::Department, "ER").unwrap();
        group.shops[1].set(pump, Field::Department, "OR").unwrap();
        group.meet();
        choose(&mut group.shops[0], "department", "ER");
        choose(&mut group.shops[1], "department", second);
        group.meet();
        assert_eq!(!open(&group.shops[0].world).is_empty(), still);
    }
}

#[test]
fn a_settled_conflict_is_not_settled_again() {
    let (mut group, pump) = two();
    group.shops[0].set(pump, Field::Department, "ER").unwrap();
    group.shops[1].set(pump, Field::Department, "OR").unwrap();
    group.meet();
    let (about, conflict) = open(&group.shops[0].world).remove(0);
    let command = Command::Settle(Settle {
        about,
        fact: conflict.fact.clone(),
        choose: conflict.shown,
    });
    group.shops[0].ok(command.clone());
    let refusal = group.shops[0].refused_as(JD, command);
    assert!(refusal.what.contains("not open"), "{}", refusal.what);
}

#[test]
fn both_labels_find_a_device_that_two_shops_relabelled_and_the_other_stays_an_alias() {
    let (mut group, pump) = two();
    for (shop, tag) in [(0, "BM-7"), (1, "BM-8")] {
        group.shops[shop].ok(DeviceCommand::Retag {
            device: pump,
            tag: tag.into(),
            reason: String::new(),
        });
    }
    group.meet();
    choose(&mut group.shops[0], "tag", "BM-7");
    group.meet();
    let device = group.shops[1].device(pump);
    assert_eq!(device.tag(), "BM-7");
    assert!(device.aliases.iter().any(|alias| alias == "BM-8"));
    assert!(device.aliases.iter().any(|alias| alias == "BM-1"));
}

#[test]
fn a_device_that_one_shop_took_out_of_service_is_not_shown_as_fine() {
    let (mut group, pump) = two();
    group.shops[0].ok(stage(pump, Stage::OutOfService));
    group.meet();
    // One brings it back, the other one retires it, earlier by the clock.
    group.shops[1].ok(stage(pump, Stage::Retired));
    group.shops[0].world.pass(600);
    group.shops[0].ok(stage(pump, Stage::InService));
    group.meet();
    for shop in &group.shops {
        assert_eq!(kinds(shop), one("stage", ConflictKind::Values));
        assert_eq!(shop.device(pump).stage(), Stage::Retired);
        assert_ne!(shop.device(pump).use_status(), UseStatus::InUse);
    }
    choose(&mut group.shops[1], "stage", "in service");
    group.meet();
    assert_eq!(group.shops[0].device(pump).use_status(), UseStatus::InUse);
}

#[test]
fn a_device_is_at_its_location_only_if_no_shop_says_otherwise() {
    let (mut group, pump) = two();
    group.shops[0].ok(place(pump, sent_out()));
    group.meet();
    let loan = Whereabouts::OnLoan {
        to: "Clinic".into(),
        back: None,
    };
    group.shops[1].ok(place(pump, loan));
    group.shops[0].world.pass(600);
    group.shops[0].ok(place(pump, Whereabouts::AtLocation));
    group.meet();
    assert_eq!(
        kinds(&group.shops[0]),
        one("whereabouts", ConflictKind::Values)
    );
    assert_eq!(group.shops[0].device(pump).status_key(), "on-loan");
    choose(&mut group.shops[0], "whereabouts", "at its location");
    group.meet();
    assert_eq!(group.shops[1].device(pump).status_key(), "in-service");
}

#[test]
fn lifting_a_hold_never_lifts_one_that_was_not_seen() {
    let (mut group, pump) = two();
    group.shops[0].ok(hold(pump, HoldKind::DoNotUse));
    group.meet();
    let known = group.shops[1].hold(pump, HoldKind::DoNotUse).unwrap();
    group.shops[0].ok(hold(pump, HoldKind::DoNotUse));
    group.shops[1].ok(DeviceCommand::Lift {
        device: pump,
        hold: known,
        reason: "repaired".into(),
    });
    assert_eq!(group.shops[1].device(pump).use_status(), UseStatus::InUse);
    group.meet();
    for shop in &group.shops {
        assert_eq!(shop.device(pump).holds.len(), 1);
        assert_ne!(shop.device(pump).holds[0].stamp.dot, known);
        assert_eq!(shop.device(pump).use_status(), UseStatus::OutOfService);
    }
}

#[test]
fn a_list_that_two_shops_loaded_before_they_met_is_one_list() {
    let mut group = Group::new(2);
    let mut ids = Vec::new();
    for shop in &mut group.shops {
        ids.push(shop.pump("BM-1", "SN1"));
        shop.pump("BM-2", "SN2");
    }
    assert_eq!(ids[0], ids[1]);
    // One of them corrected what the list says; the other lists another department for the second pump.
    group.shops[0].set(ids[0], Field::Department, "ER").unwrap();
    group.meet();
    assert_eq!(group.shops[0].world.devices.len(), 2);
    assert_eq!(kinds(&group.shops[1]), Vec::new(), "no flood");
    assert_eq!(group.shops[1].device(ids[0]).text(Field::Department), "ER");
    // What both corrected is a conflict like any other, whose edit stands for both lists.
    group.shops[0].set(ids[0], Field::Department, "A").unwrap();
    group.shops[1].set(ids[0], Field::Department, "B").unwrap();
    group.meet();
    assert_eq!(
        kinds(&group.shops[0]),
        one("department", ConflictKind::Values)
    );
}

#[test]
fn records_combined_into_each_other_both_stand_until_somebody_says_which() {
    let (mut group, first) = two();
    let second = group.shops[0].pump("BM-2", "SN1");
    group.meet();
    for (shop, keep, other) in [(0, first, second), (1, second, first)] {
        group.shops[shop].ok(DeviceCommand::Combine {
            keep,
            other,
            reason: "the same device".into(),
        });
    }
    group.meet();
    for id in [first, second] {
        assert_eq!(
            group.shops[0].device(id).merged_into,
            None,
            "neither is lost"
        );
    }
    assert_eq!(open(&group.shops[0].world).len(), 2);
    let about = Aggregate {
        kind: Kind::Device,
        id: first,
    };
    let (_, conflict) = open(&group.shops[0].world)
        .into_iter()
        .find(|(at, _)| *at == about)
        .unwrap();
    group.shops[0].ok(Command::Settle(Settle {
        about,
        fact: conflict.fact,
        choose: conflict.shown,
    }));
    group.meet();
    assert!(open(&group.shops[1].world).is_empty());
    assert_eq!(group.shops[1].device(first).merged_into, None);
    assert_eq!(group.shops[1].device(second).merged_into, Some(first));
}

#[test]
fn the_worse_of_two_inspections_of_one_day_counts_until_somebody_has_read_both() {
    let (mut group, pump) = two();
    group.shops[0].inspect(pump, "annual PM", false);
    group.shops[1].inspect(pump, "annual PM", true);
    group.meet();
    for shop in &group.shops {
        let device = shop.device(pump);
        assert_eq!(device.inspections["annual PM"].outcome, Outcome::DoNotUse);
        assert_eq!(device.holds.len(), 1, "the pass had not seen the failure");
        assert_eq!(
            kinds(shop),
            one("last:annual PM", ConflictKind::DoubleInspection)
        );
    }
    settle_all(&mut group.shops[1]).unwrap();
    group.meet();
    assert!(open(&group.shops[0].world).is_empty());
    assert_eq!(group.shops[0].device(pump).holds.len(), 1);
}

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

fn answer(inspection: EntityId, answer: Answer) -> Command {
    Command::Inspection(InspectionCommand::Answer {
        inspection,
        step: "case".into(),
        point: None,
        answer,
        origin: AnswerOrigin::Key,
        again: None,
        reason: String::new(),
    })
}

#[test]
fn of_two_answers_to_one_safety_step_the_failed_one_counts_and_is_not_chosen_away() {
    let (mut group, pump) = two();
    let inspection = group.shops[0].start(pump, "annual PM").unwrap();
    group.meet();
    group.shops[0].ok(answer(inspection, Answer::Fail));
    group.shops[1].world.pass(600);
    group.shops[1].ok(answer(inspection, Answer::Pass));
    group.meet();
    for shop in &group.shops {
        let state = &shop.world.inspections[&inspection];
        assert_eq!(state.answers.len(), 2);
        let counts = state.answer(
            &"case".into(),
            None,
            crate::domain::inspection::Phase::AsFound,
        );
        assert_eq!(counts.unwrap().verdict, Verdict::Fail);
        assert_eq!(open(&shop.world).len(), 1);
    }
    let (about, conflict) = open(&group.shops[0].world).remove(0);
    let pass = conflict
        .sides
        .iter()
        .find(|side| side.value.contains("pass"));
    let refusal = group.shops[0].refused_as(
        JD,
        Command::Settle(Settle {
            about,
            fact: conflict.fact.clone(),
            choose: pass.unwrap().stamp.dot,
        }),
    );
    assert!(refusal.what.contains("safety"), "{}", refusal.what);
    let fact = conflict.fact.clone();
    // It is put right, but not signed before somebody has looked at both answers.
    for act in [
        InspectionCommand::Settle {
            inspection,
            step: "case".into(),
            with: Failing::FixedNow {
                done: "tightened".into(),
                cause: FailureCause::Unknown,
                minutes: 1,
            },
        },
        InspectionCommand::Answer {
            inspection,
            step: "case".into(),
            point: None,
            answer: Answer::Pass,
            origin: AnswerOrigin::Key,
            again: None,
            reason: String::new(),
        },
    ] {
        group.shops[0].ok(Command::Inspection(act));
    }
    let signature = group.shops[0].signature(JD, Meaning::Performed);
    let refusal = group.shops[0].refused_as(
        JD,
        Command::Inspection(InspectionCommand::Sign {
            inspection,
            signature,
            minutes: None,
            cause: None,
        }),
    );
    assert!(refusal.what.contains("differently"), "{}", refusal.what);
    choose(&mut group.shops[0], &fact, "fail");
    group.meet();
    assert!(open(&group.shops[1].world).is_empty());
    let state = &group.shops[1].world.inspections[&inspection];
    assert_eq!((state.answers.len(), state.fixes.len()), (3, 1));
}

#[test]
fn a_checklist_handed_to_two_is_with_the_first_and_the_other_is_told() {
    let (mut group, pump) = two();
    let inspection = group.shops[0].start(pump, "annual PM").unwrap();
    group.meet();
    let hand_over = |to: &str| {
        Command::Inspection(InspectionCommand::HandOver {
            inspection,
            to: to.into(),
            place: "bench 2".into(),
        })
    };
    group.shops[0].ok_as(JD, hand_over(MK));
    group.shops[1].world.pass(600);
    let third = Command::Technician {
        key: "lo".into(),
        event: crate::domain::technician::TechnicianEvent::Named {
            key: "lo".into(),
            name: "Lou Ortiz".into(),
            initials: "LO".into(),
        },
    };
    group.shops[1].ok(third);
    group.shops[1].ok_as(JD, hand_over("lo"));
    group.meet();
    let state = group.shops[1].world.inspections[&inspection].clone();
    assert_eq!(state.holder, MK);
    let told: Vec<_> = open(&group.shops[1].world)
        .into_iter()
        .filter(|(_, conflict)| conflict.fact == "holder")
        .flat_map(|(_, conflict)| conflict.told)
        .collect();
    assert_eq!(told, ["lo"]);
    choose(&mut group.shops[0], "holder", "lo");
    group.meet();
    assert_eq!(group.shops[1].world.inspections[&inspection].holder, "lo");
    assert!(open(&group.shops[1].world).is_empty(), "the order follows");
}

#[test]
fn signed_wins_over_void_and_who_made_it_void_is_told() {
    let (mut group, pump) = two();
    let inspection = group.shops[0].start(pump, "annual PM").unwrap();
    group.meet();
    group.shops[1].ok(Command::Inspection(InspectionCommand::Void {
        inspection,
        reason: "wrong device".into(),
    }));
    group.shops[0].world.pass(600);
    group.shops[0].finish(inspection, true);
    group.meet();
    let state = &group.shops[1].world.inspections[&inspection];
    assert_eq!(state.status, Some(InspectionStatus::Signed));
    assert_eq!(state.void, None);
    let facts = kinds(&group.shops[1]);
    assert!(
        facts.contains(&("end".into(), ConflictKind::EndedBoth)),
        "{facts:?}"
    );
    settle_all(&mut group.shops[1]).unwrap();
}

#[test]
fn who_left_in_one_shop_may_not_act_until_it_is_settled() {
    let (mut group, _) = two();
    let key = group.shops[0]
        .world
        .technicians
        .keys()
        .next()
        .copied()
        .unwrap();
    let who = group.shops[0].world.technicians[&key].key.clone();
    let event = |event| [(key, event).into()];
    use crate::domain::technician::TechnicianEvent as E;
    let named = |name: &str| E::Named {
        key: who.clone(),
        name: name.into(),
        initials: "XX".into(),
    };
    group.shops[0].world.record(JD, &event(named("New Name")));
    group.shops[1].world.record(
        JD,
        &event(E::Left {
            reason: "moved".into(),
        }),
    );
    group.meet();
    let person = &group.shops[0].world.technicians[&key];
    assert!(
        person.left.is_some(),
        "a new name does not bring anybody back"
    );
    assert_eq!(person.name, "New Name");
    assert!(open(&group.shops[0].world).is_empty());
    // Taken in again in one shop, named anew as gone in the other.
    group.shops[0].world.record(JD, &event(named("New Name")));
    group.shops[1].world.record(
        JD,
        &event(E::Left {
            reason: "still gone".into(),
        }),
    );
    group.meet();
    assert!(group.shops[1].world.technicians[&key].left.is_some());
    assert_eq!(
        kinds(&group.shops[0]),
        one("standing", ConflictKind::Values)
    );
}

#[test]
fn nothing_in_one_shop_is_ever_in_conflict() {
    let (mut group, pump) = two();
    let shop = &mut group.shops[0];
    let order = shop.open(OrderKind::Repair, pump);
    shop.ok(OrderCommand::Start { order });
    shop.set(pump, Field::Department, "ER").unwrap();
    shop.set(pump, Field::Department, "OR").unwrap();
    shop.ok(stage(pump, Stage::OutOfService));
    shop.ok(close(order, "fuse blown", "fuse changed"));
    assert!(open(&shop.world).is_empty());
    let folded = {
        group.take_notes();
        group.folded(0)
    };
    assert!(open(&folded).is_empty());
    let events = folded.entries.iter().flat_map(|(_, events)| events);
    assert!(events.clone().any(|e| matches!(e.event, Event::Order(_))));
    assert_eq!(folded.devices, group.shops[0].world.devices);
}
