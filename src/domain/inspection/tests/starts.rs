//! Beginning: which order, what must be read, what is refused.

use super::bench::{JD, MK, Shop, checklist, day};
use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, Field, HoldKind};
use crate::domain::event::{Event, Kind};
use crate::domain::inspection::{InspectionCommand, InspectionEvent, StepState, warnings};
use crate::domain::order::{Cause, OrderCommand, OrderKind, Status};
use crate::domain::procedure::electrical::Profile;
use crate::domain::procedure::{Procedure, Section, Step, StepKind};
use crate::domain::refusal::RefusalKind;
use crate::domain::stored_procedure::ProcedureEvent;

fn start(
    shop: &mut Shop,
) -> Result<crate::domain::testing::Receipt, crate::domain::refusal::Refusal> {
    let command = shop.begin(shop.pump, None);
    shop.act(JD, command)
}

#[test]
fn it_attaches_to_the_one_open_order_of_the_activity_claims_it_and_starts_it() {
    let mut shop = Shop::new();
    let due = shop.order(OrderKind::Pm, "annual PM");
    shop.order(OrderKind::ElectricalSafety, "");
    let id = shop.start();
    assert_eq!(shop.inspection(id).order, Some(due));
    let order = shop.order_of(id);
    assert_eq!(order.status, Status::InProgress);
    assert_eq!(order.assignee.as_deref(), Some(JD));
    assert_eq!(shop.inspection(id).holder, JD);
    assert_eq!(shop.front(id), "device");
}

#[test]
fn without_an_order_it_opens_an_unscheduled_one_in_the_same_entry() {
    let mut shop = Shop::new();
    let id = shop.start();
    let order = shop.order_of(id);
    assert_eq!(order.number, "SHOP-00001");
    assert_eq!(order.opening.cause, Cause::Unscheduled);
    assert_eq!(order.opening.activity, "annual PM");
    assert_eq!(order.status, Status::InProgress);
}

#[test]
fn several_orders_are_shown_and_never_chosen_silently() {
    let mut shop = Shop::new();
    let first = shop.order(OrderKind::Pm, "annual PM");
    let second = shop.order(OrderKind::Pm, "Annual-PM");
    let refusal = start(&mut shop).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::NeedsChoice);
    let ids: Vec<String> = refusal.choices.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids, [first.to_string(), second.to_string()]);
    assert!(refusal.choices[0].1.starts_with("SHOP-00001 annual PM"));
    let command = shop.begin(shop.pump, Some(second));
    let receipt = shop.act(JD, command).unwrap();
    let id = receipt.first(Kind::Inspection).unwrap();
    assert_eq!(shop.inspection(id).order, Some(second));
}

#[test]
fn an_order_of_another_kind_or_device_is_refused() {
    let mut shop = Shop::new();
    let safety = shop.order(OrderKind::ElectricalSafety, "");
    let command = shop.begin(shop.pump, Some(safety));
    assert!(
        shop.act(JD, command)
            .unwrap_err()
            .what
            .contains("this procedure does")
    );
    let other = shop.device("BM-200", "SN200");
    let command = shop.begin(other, Some(safety));
    assert!(
        shop.act(JD, command)
            .unwrap_err()
            .what
            .contains("not an order for BM-200")
    );
}

#[test]
fn a_second_inspection_of_the_same_order_says_who_has_the_first() {
    let mut shop = Shop::new();
    shop.order(OrderKind::Pm, "annual PM");
    let id = shop.start();
    let refusal = start(&mut shop).unwrap_err();
    assert!(
        refusal.what.contains("Jane Doe (jd) has it"),
        "{}",
        refusal.what
    );
    assert_eq!(refusal.choices[0].0, id.to_string());
}

#[test]
fn every_warning_is_read_before_step_one() {
    let mut shop = Shop::new();
    let rack = shop.device("RACK-1", "R1");
    shop.ok(
        JD,
        Command::Device(DeviceCommand::Set {
            device: shop.pump,
            changes: vec![(Field::Parent, Field::Parent.parse("rack 1").unwrap())],
            reason: String::new(),
            expected: None,
        }),
    );
    for (device, kind, reason) in [
        (shop.pump, HoldKind::Recall, "battery door"),
        (rack, HoldKind::DoNotUse, "smells burnt"),
    ] {
        shop.ok(
            JD,
            Command::Device(DeviceCommand::Hold {
                device,
                kind,
                reason: reason.into(),
            }),
        );
    }
    let due = shop.order(OrderKind::Pm, "annual PM");
    shop.order(OrderKind::Repair, "");
    let ctx = shop.world.context(JD);
    let all = warnings(&shop.world, &ctx, shop.pump, Some(due));
    assert_eq!(
        all,
        [
            "BM-100: recall: battery door",
            "BM-100: open order SHOP-00002 repair, open: due",
            "the system RACK-1: do not use: smells burnt",
        ]
    );
    let unread = InspectionCommand::Start {
        device: shop.pump,
        order: None,
        procedure: shop.procedure,
        performed: None,
        acknowledged: all[..1].to_vec(),
        tools: vec![],
    };
    let refusal = shop.act(JD, unread).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::NeedsChoice);
    let lines: Vec<_> = refusal.choices.iter().map(|(_, words)| words).collect();
    assert_eq!(lines, [&all[1], &all[2]]);
    let id = shop.start();
    assert_eq!(shop.inspection(id).acknowledged.len(), 3);
}

#[test]
fn a_sequestered_device_gets_no_inspection_and_no_answers() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.ok(
        JD,
        Command::Device(DeviceCommand::Hold {
            device: shop.pump,
            kind: HoldKind::Sequestered,
            reason: "possible harm".into(),
        }),
    );
    for refusal in [
        start(&mut shop).unwrap_err(),
        shop.answer(id, "case", super::bench::good_answers()[1].1.clone())
            .unwrap_err(),
    ] {
        assert!(refusal.what.contains("sequestered"), "{}", refusal.what);
    }
}

#[test]
fn a_withdrawn_version_and_a_future_day_are_refused() {
    let mut shop = Shop::new();
    let future = InspectionCommand::Start {
        device: shop.pump,
        order: None,
        procedure: shop.procedure,
        performed: Some(day("2026-03-03")),
        acknowledged: vec![],
        tools: vec![],
    };
    assert!(shop.act(JD, future).unwrap_err().what.contains("future"));
    shop.ok(
        JD,
        Command::WithdrawProcedure {
            hash: shop.procedure,
            reason: "version 2 is out".into(),
        },
    );
    assert!(
        start(&mut shop)
            .unwrap_err()
            .what
            .contains("version 2 is out")
    );
}

#[test]
fn what_is_not_known_of_the_device_takes_the_strictest_limit_and_says_so() {
    let procedure = Procedure {
        code: "es".into(),
        title: "Electrical safety".into(),
        activity: "electrical safety".into(),
        sections: vec![Section {
            title: "Electrical".into(),
            steps: vec![Step::new(
                "es",
                "Electrical safety",
                StepKind::ElectricalSafety {
                    profile: Profile::Nfpa99Edition2012,
                },
            )],
        }],
        ..Procedure::default()
    };
    let mut shop = Shop::with(procedure);
    let receipt = start(&mut shop).unwrap();
    let frozen = receipt
        .events
        .iter()
        .filter(|e| matches!(&e.event, Event::Procedure(ProcedureEvent::Frozen { of, .. }) if *of == shop.procedure))
        .count();
    assert_eq!(frozen, 1);
    let id = receipt.first(Kind::Inspection).unwrap();
    let plan = shop.plan(id);
    assert!(plan.items.iter().all(|i| i.step.id.0.starts_with("es.")));
    let ground = plan.item(&"es.ground-wire".into()).unwrap();
    assert!(ground.step.detail.as_ref().unwrap().contains("not known"));
    assert_eq!(shop.order_of(id).opening.kind, OrderKind::ElectricalSafety);

    // The same document again is not frozen twice.
    shop.act(
        JD,
        InspectionCommand::Void {
            inspection: id,
            reason: "again".into(),
        },
    )
    .unwrap();
    let again = start(&mut shop).unwrap();
    assert!(again.first(Kind::Procedure).is_none());
}

#[test]
fn voiding_keeps_it_and_cancels_the_order_opened_for_it_alone() {
    let mut shop = Shop::new();
    let id = shop.start();
    let void = |reason: &str| InspectionCommand::Void {
        inspection: id,
        reason: reason.into(),
    };
    assert!(shop.act(MK, void("no")).is_err(), "only who has it");
    assert!(shop.act(JD, void(" ")).is_err(), "a reason is needed");
    shop.act(JD, void("wrong device")).unwrap();
    assert_eq!(shop.order_of(id).status, Status::Cancelled);
    assert!(!shop.inspection(id).is_open());
    let order = shop.order(OrderKind::Pm, "annual PM");
    let id = shop.start();
    shop.act(
        JD,
        InspectionCommand::Void {
            inspection: id,
            reason: "wrong device".into(),
        },
    )
    .unwrap();
    assert!(shop.world.orders[&order].status.is_open());
}

#[test]
fn moving_takes_the_readings_along_and_asks_for_the_device_again() {
    let mut shop = Shop::new();
    let other = shop.device("BM-200", "SN200");
    let id = shop.start();
    shop.pass_all_but(id, &[]);
    assert_eq!(shop.front(id), "soak");
    shop.act(
        JD,
        InspectionCommand::Move {
            inspection: id,
            to: other,
            reason: "labels were swapped".into(),
        },
    )
    .unwrap();
    let moved = shop.inspection(id);
    assert_eq!(moved.device, Some(other));
    assert_eq!(moved.answer_count(), 9);
    assert_eq!(shop.order_of(id).opening.device, Some(other));
    assert_eq!(shop.front(id), "device");
    assert_eq!(shop.state(id, "device"), StepState::Open);
    let wrong = crate::domain::inspection::Answer::Scan("BM-100".into());
    assert!(
        shop.answer(id, "device", wrong)
            .unwrap_err()
            .what
            .contains("another device")
    );
    let right = crate::domain::inspection::Answer::Scan("SN200".into());
    shop.answer(id, "device", right).unwrap();
    shop.sign(id);
    assert!(
        shop.world.devices[&other]
            .inspections
            .contains_key("annual PM")
    );
    assert!(shop.world.devices[&shop.pump].inspections.is_empty());
}

#[test]
fn it_is_not_moved_where_other_steps_would_have_been_asked() {
    let mut shop = Shop::new();
    let mut procedure = checklist();
    procedure.sections[1].steps.push(Step {
        condition: Some(crate::domain::procedure::Condition::Device(
            crate::domain::procedure::DeviceTest::StoresEphi(true),
        )),
        ..Step::new("wipe", "Wipe patient data", StepKind::Check)
    });
    shop.procedure = procedure.hash().0;
    shop.ok(
        JD,
        Command::ImportProcedure {
            procedure: Box::new(procedure),
            source: "test".into(),
        },
    );
    let other = shop.device("BM-200", "SN200");
    shop.ok(
        JD,
        Command::Device(DeviceCommand::Set {
            device: other,
            changes: vec![(Field::StoresEphi, Field::StoresEphi.parse("no").unwrap())],
            reason: String::new(),
            expected: None,
        }),
    );
    let id = shop.start();
    let refusal = shop
        .act(
            JD,
            InspectionCommand::Move {
                inspection: id,
                to: other,
                reason: "wrong one".into(),
            },
        )
        .unwrap_err();
    assert!(refusal.what.contains("other steps"), "{}", refusal.what);
    assert!(refusal.hint.contains("Void"));
}

#[test]
fn a_hand_over_says_what_is_left_and_the_order_follows() {
    let mut shop = Shop::new();
    let id = shop.start();
    let over = |to: &str| InspectionCommand::HandOver {
        inspection: id,
        to: to.into(),
        place: "bench 2".into(),
    };
    assert!(shop.act(JD, over("nobody")).is_err());
    shop.act(JD, over(MK)).unwrap();
    let inspection = shop.inspection(id);
    assert_eq!(inspection.holder, MK);
    assert!(inspection.handovers[0].2.contains("Scan the device"));
    assert_eq!(shop.order_of(id).assignee.as_deref(), Some(MK));
    let answer = crate::domain::inspection::Answer::Pass;
    assert!(
        shop.answer(id, "case", answer)
            .unwrap_err()
            .what
            .contains("mk has")
    );
    // Whoever goes on with it may take it over; that is on record too.
    shop.act(JD, over(JD)).unwrap();
    assert_eq!(shop.inspection(id).holder, JD);
}

#[test]
fn who_takes_over_after_more_than_a_day_scans_the_device_again() {
    use crate::domain::inspection::Answer;
    // Until then the colleague's scan holds.
    for (hours, again) in [(23, false), (25, true)] {
        let mut shop = Shop::new();
        let id = shop.start();
        shop.answer(id, "device", Answer::Scan("BM-100".into()))
            .unwrap();
        shop.answer(id, "case", Answer::Pass).unwrap();
        shop.world.pass(hours * 3600);
        let over = InspectionCommand::HandOver {
            inspection: id,
            to: MK.into(),
            place: "shelf 4".into(),
        };
        shop.act(MK, over).unwrap();
        assert_eq!(shop.front(id) == "device", again, "{hours} h");
        assert_eq!(shop.state(id, "device") == StepState::Open, again);
        assert_ne!(shop.state(id, "case"), StepState::Open);
        if again {
            let scan = Answer::Scan("BM-100".into());
            shop.answer_as(MK, id, "device", scan, None).unwrap();
            assert_ne!(shop.front(id), "device");
        }
    }
}

#[test]
fn a_suspected_recall_opens_a_linked_order() {
    let mut shop = Shop::new();
    let id = shop.start();
    let receipt = shop
        .act(
            JD,
            InspectionCommand::SuspectRecall {
                inspection: id,
                note: "door latch as in the 2025 notice".into(),
            },
        )
        .unwrap();
    let order = receipt.first(Kind::Order).unwrap();
    let recall = &shop.world.orders[&order];
    assert_eq!(recall.opening.kind, OrderKind::Recall);
    assert_eq!(recall.number, "SHOP-00002");
    assert_eq!(recall.links[0].0, shop.inspection(id).order.unwrap());
    assert_eq!(shop.order_of(id).links[0].0, order);
}

#[test]
fn an_order_claimed_by_somebody_else_is_left_alone() {
    let mut shop = Shop::new();
    let order = shop.order(OrderKind::Pm, "annual PM");
    shop.ok(
        MK,
        Command::Order(OrderCommand::Claim {
            orders: vec![order],
        }),
    );
    assert!(start(&mut shop).unwrap_err().what.contains("(mk)"));
}

#[test]
fn a_note_stays_possible_after_everything() {
    let mut shop = Shop::new();
    let id = shop.start();
    let receipt = shop
        .act(
            MK,
            InspectionCommand::Note {
                inspection: id,
                step: Some("case".into()),
                text: "scratch on the left".into(),
            },
        )
        .unwrap();
    assert!(matches!(
        receipt.events[0].event,
        Event::Inspection(InspectionEvent::Noted { .. })
    ));
}
