//! Devices: fields, labels, stages, places, holds, lists, records that are one.

use super::*;

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
