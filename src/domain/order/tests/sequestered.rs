//! Possible harm: the device stays as it is until a named person releases it.

use crate::domain::device::{DeviceCommand, Field, HoldKind, Stage, Whereabouts};
use crate::domain::event::Kind;
use crate::domain::id::EntityId;
use crate::domain::order::{Harm, OrderCommand, OrderKind, Status};
use crate::domain::scenario::{MK, Shop, check_in, close, opening, place, sent_out, stage};

/// A repair checked in with an answer to "harm or near miss?".
fn checked_in(shop: &mut Shop, device: EntityId, harm: Harm) -> EntityId {
    shop.ok(OrderCommand::Open {
        opening: opening(OrderKind::Repair, Some(device)),
        check_in: Some(check_in(harm)),
    })
    .first(Kind::Order)
    .unwrap()
}

fn release(shop: &Shop, device: EntityId, by: &str) -> OrderCommand {
    OrderCommand::ReleaseSequestered {
        device,
        hold: shop.hold(device, HoldKind::Sequestered).unwrap(),
        released_by: by.into(),
        reason: "photographed, logs read".into(),
    }
}

#[test]
fn harm_and_near_miss_sequester_the_device_and_nothing_else_does() {
    for harm in Harm::ALL {
        for at_once in [true, false] {
            let mut shop = Shop::new();
            let pump = shop.pump("BM-1", "SN1");
            if at_once {
                checked_in(&mut shop, pump, *harm);
            } else {
                let order = shop.open(OrderKind::Repair, pump);
                shop.ok(OrderCommand::CheckIn {
                    order,
                    check_in: check_in(*harm),
                });
            }
            let held = shop.hold(pump, HoldKind::Sequestered).is_some();
            assert_eq!(held, matches!(harm, Harm::Harm | Harm::NearMiss));
        }
    }
}

#[test]
fn a_sequestered_device_refuses_every_change_until_it_is_released() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let pm = shop.open(OrderKind::Pm, pump);
    let entered = shop.reviewed(
        pm,
        crate::domain::order::Report {
            company: "Acme Service".into(),
            technician: String::new(),
            number: "R-1".into(),
            on: crate::domain::scenario::day("2026-02-20"),
            passed: true,
            readings: true,
            file: String::new(),
        },
    );
    shop.ok(entered);
    let order = checked_in(&mut shop, pump, Harm::NearMiss);
    let part = OrderCommand::Part {
        order,
        number: "1005".into(),
        description: String::new(),
        quantity: 1,
        cost: None,
    };
    let lent = Whereabouts::OnLoan {
        to: "Ward 4".into(),
        back: None,
    };
    let refused: Vec<crate::domain::command::Command> = vec![
        part.clone().into(),
        OrderCommand::Start { order }.into(),
        OrderCommand::WorkDone { order }.into(),
        close(order, "worn", "new cable").into(),
        close(pm, "", "").into(),
        place(pump, sent_out()).into(),
        place(pump, lent).into(),
        stage(pump, Stage::Retired).into(),
    ];
    for command in refused.clone() {
        let what = shop.refused(command);
        assert!(what.contains("BM-1 is sequestered: near miss"), "{what}");
    }
    assert!(shop.start(pump, "annual PM").is_err());
    // Looking after the papers, and taking it away from the patient, go on.
    shop.ok(OrderCommand::Claim {
        orders: vec![order],
    });
    shop.ok(OrderCommand::Note {
        order,
        text: "risk management told".into(),
    });
    shop.ok(stage(pump, Stage::OutOfService));
    let incident = shop.open(OrderKind::Incident, pump);
    shop.ok(OrderCommand::Start { order: incident });

    let words = DeviceCommand::Lift {
        device: pump,
        hold: shop.hold(pump, HoldKind::Sequestered).unwrap(),
        reason: "done".into(),
    };
    assert!(shop.refused(words).contains("named person"));
    let nameless = release(&shop, pump, " ");
    assert!(shop.refused(nameless).contains("named person"));
    // Somebody on record, not oneself, and only with the proof that it is them.
    let unknown = release(&shop, pump, "R. Diaz, risk management");
    assert!(shop.refused(unknown).contains("No technician"));
    let own = release(&shop, pump, crate::domain::scenario::JD);
    assert!(shop.refused(own).contains("somebody else"));
    let alone = release(&shop, pump, MK);
    let refusal = shop.world.tell_alone("jd", &alone.into()).unwrap_err();
    assert!(refusal.what.contains("Max Kim has not proved"), "{refusal}");
    let released = release(&shop, pump, MK);
    let events = shop.ok(released).events;
    assert!(events.iter().any(|e| matches!(
        &e.event,
        crate::domain::event::Event::Device(crate::domain::device::DeviceEvent::Witnessed { signature, .. })
            if signature.signer == MK
    )));
    assert_eq!(shop.hold(pump, HoldKind::Sequestered), None);
    shop.ok(part);
    shop.ok(close(order, "worn", "new cable"));
    assert_eq!(shop.order(order).status, Status::Closed);
}

#[test]
fn each_report_of_harm_is_released_for_itself() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let first = checked_in(&mut shop, pump, Harm::NearMiss);
    checked_in(&mut shop, pump, Harm::Harm);
    // The same report again is not another one.
    shop.ok(OrderCommand::CheckIn {
        order: first,
        check_in: check_in(Harm::NearMiss),
    });
    assert_eq!(shop.device(pump).holds.len(), 2);
    let released = release(&shop, pump, MK);
    shop.ok(released);
    assert!(shop.start(pump, "annual PM").is_err());
    let released = release(&shop, pump, MK);
    shop.ok(released);
    assert!(shop.start(pump, "annual PM").is_ok());
}

#[test]
fn harm_noticed_during_an_inspection_stops_it() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let inspection = shop.start(pump, "annual PM").unwrap();
    checked_in(&mut shop, pump, Harm::Harm);
    let answer = crate::domain::inspection::InspectionCommand::Answer {
        inspection,
        step: "case".into(),
        point: None,
        answer: crate::domain::inspection::Answer::Pass,
        origin: crate::domain::inspection::AnswerOrigin::Key,
        again: None,
        reason: String::new(),
    };
    let answer = crate::domain::command::Command::Inspection(answer);
    assert!(shop.refused(answer).contains("sequestered"));
    assert_eq!(shop.device(pump).text(Field::AssetTag), "BM-1");
}
