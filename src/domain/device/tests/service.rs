//! Stages, whereabouts and holds.

use crate::domain::device::{
    DeviceCommand, Field, HoldKind, Origin, Stage, UseStatus, Whereabouts,
};
use crate::domain::id::EntityId;
use crate::domain::order::OrderKind;
use crate::domain::scenario::{Shop, add, day, missing, place, sent_out, stage};

const INCOMING: &str = "incoming inspection";

fn lift(shop: &Shop, device: EntityId, kind: HoldKind) -> DeviceCommand {
    DeviceCommand::Lift {
        device,
        hold: shop.hold(device, kind).unwrap(),
        reason: "looked at it".into(),
    }
}

fn hold(device: EntityId, kind: HoldKind) -> DeviceCommand {
    DeviceCommand::Hold {
        device,
        kind,
        reason: "smells burnt".into(),
    }
}

#[test]
fn a_stage_moves_along_legal_arrows_only() {
    for from in Stage::ALL {
        for to in Stage::ALL {
            let mut shop = Shop::new();
            let device = shop.add(
                &[(Field::AssetTag, "BM-1"), (Field::Serial, "1")],
                *from,
                Origin::TakenOver,
            );
            let legal = from == to || from.next().contains(to);
            // Into service from before it, only a signature leads.
            let by_hand = *to != Stage::InService || *from != Stage::Received;
            if legal && by_hand {
                shop.ok(stage(device, *to));
                assert_eq!(shop.device(device).stage(), *to);
            } else {
                shop.refused(stage(device, *to));
            }
        }
    }
}

#[test]
fn a_new_device_never_begins_in_service() {
    let mut shop = Shop::new();
    for origin in [Origin::Entered, Origin::Delivered] {
        for begin in [
            Stage::InService,
            Stage::OutOfService,
            Stage::Retired,
            Stage::Disposed,
        ] {
            shop.refused(add(&[(Field::Serial, "1")], begin, origin));
        }
    }
}

#[test]
fn only_a_passed_incoming_inspection_brings_a_device_into_service() {
    let mut shop = Shop::new();
    let serial = [(Field::AssetTag, "BM-1")];
    let device = shop.add(&serial, Stage::Received, Origin::Delivered);
    let by_hand = "No passed incoming inspection";
    assert!(
        shop.refused(stage(device, Stage::InService))
            .contains(by_hand)
    );
    // Around the corner is no other way, and the hold is not lifted by words.
    shop.ok(stage(device, Stage::OutOfService));
    assert!(
        shop.refused(stage(device, Stage::InService))
            .contains(by_hand)
    );
    let words = lift(&shop, device, HoldKind::IncomingInspection);
    assert!(
        shop.refused(words)
            .contains("only by a passed incoming inspection")
    );
    // A failed one, and a pass of something else, are not one.
    shop.inspect(device, "annual PM", true);
    assert!(shop.hold(device, HoldKind::IncomingInspection).is_some());
    shop.refused(stage(device, Stage::InService));
    shop.inspect(device, INCOMING, true);
    shop.ok(stage(device, Stage::InService));

    let straight = shop.add(
        &[(Field::AssetTag, "BM-2")],
        Stage::Received,
        Origin::Delivered,
    );
    shop.inspect(straight, INCOMING, true);
    assert_eq!(shop.device(straight).stage(), Stage::InService);
    assert!(shop.device(straight).holds.is_empty());
}

#[test]
fn a_device_inspected_on_trial_is_inspected_again_when_it_is_delivered() {
    let mut shop = Shop::new();
    let device = shop.add(
        &[(Field::AssetTag, "BM-1")],
        Stage::Evaluated,
        Origin::Entered,
    );
    shop.inspect(device, INCOMING, true);
    shop.ok(stage(device, Stage::Ordered));
    shop.ok(stage(device, Stage::Received));
    assert!(shop.hold(device, HoldKind::IncomingInspection).is_some());
    shop.refused(stage(device, Stage::InService));
}

#[test]
fn a_device_taken_over_out_of_service_comes_back_unless_it_failed_since() {
    let mut shop = Shop::new();
    let old = |tag| {
        add(
            &[(Field::AssetTag, tag)],
            Stage::OutOfService,
            Origin::TakenOver,
        )
    };
    let good = shop.ok(old("BM-1")).events[0].id;
    let bad = shop.ok(old("BM-2")).events[0].id;
    shop.ok(stage(good, Stage::InService));
    shop.inspect(bad, INCOMING, false);
    shop.refused(stage(bad, Stage::InService));
    // A list may name devices that only came in: they are inspected like any other.
    let new = shop.add(
        &[(Field::AssetTag, "BM-3")],
        Stage::Received,
        Origin::TakenOver,
    );
    shop.refused(stage(new, Stage::InService));
}

#[test]
fn each_hold_is_lifted_by_its_own_name_and_way() {
    let mut shop = Shop::new();
    let device = shop.pump("BM-1", "SN1");
    for kind in HoldKind::ALL {
        shop.ok(hold(device, *kind));
    }
    for kind in HoldKind::ALL {
        let words = lift(&shop, device, *kind);
        if matches!(kind, HoldKind::DoNotUse | HoldKind::Recall) {
            shop.ok(words.clone());
            assert_eq!(shop.hold(device, *kind), None);
            assert!(shop.refused(words).contains("not open"));
        } else {
            shop.refused(words);
            assert!(shop.hold(device, *kind).is_some());
        }
    }
    assert_eq!(shop.device(device).holds.len(), 4);
}

#[test]
fn a_second_hold_of_the_same_sort_outlives_the_first() {
    let mut shop = Shop::new();
    let device = shop.pump("BM-1", "SN1");
    shop.ok(hold(device, HoldKind::DoNotUse));
    shop.ok(hold(device, HoldKind::DoNotUse));
    shop.ok(lift(&shop, device, HoldKind::DoNotUse));
    assert_eq!(shop.device(device).holds.len(), 1);
    let mut silent = lift(&shop, device, HoldKind::DoNotUse);
    if let DeviceCommand::Lift { reason, .. } = &mut silent {
        reason.clear();
    }
    assert!(shop.refused(silent).contains("needs words"));
}

#[test]
fn a_failed_test_is_lifted_by_a_pass_after_the_repair() {
    let mut shop = Shop::new();
    let device = shop.pump("BM-1", "SN1");
    shop.inspect(device, "annual PM", false);
    assert!(shop.hold(device, HoldKind::FailedTest).is_some());
    let words = lift(&shop, device, HoldKind::FailedTest);
    assert!(shop.refused(words).contains("signed passing inspection"));
    // The repair is still open: a pass now does not clear it.
    shop.inspect(device, "annual PM", true);
    assert!(shop.hold(device, HoldKind::FailedTest).is_some());
    let repair = crate::domain::context::World::open_orders(&shop.world, device)[0];
    shop.ok(crate::domain::scenario::close(
        repair,
        "cracked case",
        "new case",
    ));
    shop.inspect(device, "annual PM", true);
    assert_eq!(shop.hold(device, HoldKind::FailedTest), None);
}

#[test]
fn use_status_and_status_word_follow_the_three_facts() {
    let lent = Whereabouts::OnLoan {
        to: "Ward 4".into(),
        back: None,
    };
    let here = || Whereabouts::AtLocation;
    let table = [
        (
            Stage::InService,
            here(),
            false,
            UseStatus::InUse,
            "in-service",
        ),
        (
            Stage::InService,
            here(),
            true,
            UseStatus::OutOfService,
            "in-service",
        ),
        (
            Stage::InService,
            lent.clone(),
            false,
            UseStatus::LoanedOut,
            "on-loan",
        ),
        (
            Stage::InService,
            sent_out(),
            false,
            UseStatus::OutOfService,
            "sent-out",
        ),
        (
            Stage::InService,
            missing(),
            true,
            UseStatus::LostOrStolen,
            "missing",
        ),
        (
            Stage::OutOfService,
            here(),
            false,
            UseStatus::OutOfService,
            "out-of-service",
        ),
        (
            Stage::Received,
            here(),
            false,
            UseStatus::OutOfService,
            "received",
        ),
        (Stage::Retired, lent, false, UseStatus::TurnedIn, "on-loan"),
        (
            Stage::Disposed,
            here(),
            false,
            UseStatus::TurnedIn,
            "disposed",
        ),
        (
            Stage::Disposed,
            missing(),
            false,
            UseStatus::LostOrStolen,
            "missing",
        ),
    ];
    for (at_stage, at, held, status, word) in table {
        let mut shop = Shop::new();
        let device = shop.add(&[(Field::AssetTag, "BM-1")], at_stage, Origin::TakenOver);
        shop.ok(place(device, at));
        if held {
            shop.ok(hold(device, HoldKind::DoNotUse));
        }
        let record = shop.device(device);
        assert_eq!((record.use_status(), record.status_key()), (status, word));
    }
}

#[test]
fn what_is_found_after_a_missed_pm_is_held() {
    // Known from an open order, or from its last inspection.
    for by_order in [true, false] {
        let mut shop = Shop::new();
        let device = shop.pump("BM-1", "SN1");
        let due = by_order.then_some("2026-03-10");
        shop.open_due(OrderKind::Pm, device, due);
        if !by_order {
            shop.inspect(device, "annual PM", true);
        }
        shop.ok(place(device, missing()));
        shop.ok(place(device, Whereabouts::AtLocation));
        assert_eq!(shop.hold(device, HoldKind::FoundWithoutPm), None, "in time");
        shop.ok(place(device, missing()));
        shop.world.pass_days(400);
        shop.ok(place(device, Whereabouts::AtLocation));
        assert!(shop.hold(device, HoldKind::FoundWithoutPm).is_some());
        // It is made up by that maintenance, not by another test.
        shop.inspect(device, "electrical safety", true);
        assert_eq!(
            shop.hold(device, HoldKind::FoundWithoutPm).is_none(),
            by_order
        );
        shop.inspect(device, "annual PM", true);
        assert_eq!(shop.hold(device, HoldKind::FoundWithoutPm), None);
    }
}

#[test]
fn what_is_fixed_in_place_is_never_missing_and_what_is_away_never_enters_service() {
    let mut shop = Shop::new();
    let device = shop.pump("BM-1", "SN1");
    shop.set(device, Field::Fixed, "yes").unwrap();
    assert!(
        shop.refused(place(device, missing()))
            .contains("fixed in place")
    );
    let other = shop.pump("BM-2", "SN2");
    shop.ok(stage(other, Stage::OutOfService));
    shop.ok(place(other, sent_out()));
    assert!(
        shop.refused(stage(other, Stage::InService))
            .contains("sent out")
    );
    let nameless = Whereabouts::OnLoan {
        to: " ".into(),
        back: Some(day("2026-03-05")),
    };
    shop.refused(place(other, nameless));
}

#[test]
fn what_may_hold_patient_information_is_disposed_of_with_words() {
    let mut shop = Shop::new();
    let device = shop.add(
        &[(Field::AssetTag, "BM-1")],
        Stage::Retired,
        Origin::TakenOver,
    );
    let silent = DeviceCommand::SetStage {
        device,
        to: Stage::Disposed,
        reason: String::new(),
    };
    assert!(shop.refused(silent.clone()).contains("patient information"));
    shop.set(device, Field::StoresEphi, "no").unwrap();
    shop.ok(silent);
}
