//! Whatever is asked of devices and orders, in whatever order: no panic, no way into service around the incoming
//! inspection, no number twice, and the events alone make the same shop again.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::domain::command::Command;
use crate::domain::device::{
    DeviceCommand, DeviceEvent, Field, HoldKind, Origin, Outcome, Stage, Value, Whereabouts,
};
use crate::domain::event::Event;
use crate::domain::id::EntityId;
use crate::domain::order::{
    AttemptCode, Harm, HoldReason, OrderCommand, OrderEvent, OrderKind, OutcomeCode, Status,
};
use crate::domain::scenario::{JD, MK, Shop, check_in, close, day, missing, opening, sent_out};

/// One thing somebody tries: which, on what, with what. The numbers are taken modulo what there is.
pub(crate) type Try = (u8, u8, u8, u8);

fn pick<T: Copy>(from: &[T], n: u8) -> T {
    from[usize::from(n) % from.len()]
}

fn known<T>(map: &BTreeMap<EntityId, T>, n: u8) -> EntityId {
    let count = map.len().max(1);
    map.keys()
        .nth(usize::from(n) % count)
        .copied()
        .unwrap_or(EntityId::Natural([9; 16]))
}

fn device_command(shop: &Shop, (what, a, b, c): Try) -> DeviceCommand {
    let device = known(&shop.world.devices, a);
    let other = known(&shop.world.devices, b);
    let reason = if c.is_multiple_of(5) { "" } else { "because" }.to_owned();
    match what % 11 {
        0 => DeviceCommand::Add {
            fields: if b.is_multiple_of(3) {
                Vec::new()
            } else {
                vec![
                    (Field::AssetTag, Value::Text(format!("BM-{}", b % 8))),
                    (Field::Serial, Value::Text(format!("SN{}", c % 4))),
                ]
            },
            stage: pick(Stage::ALL, a),
            origin: pick(Origin::ALL, c),
        },
        1 => DeviceCommand::Set {
            device,
            changes: vec![(
                pick(&[Field::AssetTag, Field::Fixed, Field::Location], b),
                match c % 3 {
                    0 => None,
                    1 => Some(Value::Text(format!("BM-{}", c % 8))),
                    _ => Some(Value::Choice(1)),
                },
            )],
            reason,
            expected: c.is_multiple_of(7).then_some(u64::from(c)),
        },
        2 | 3 => DeviceCommand::SetStage {
            device,
            to: pick(Stage::ALL, b),
            reason,
        },
        4 => DeviceCommand::Place {
            device,
            at: pick(&[0, 1, 2], b).clone_place(),
            note: reason,
        },
        5 => DeviceCommand::Hold {
            device,
            kind: pick(HoldKind::ALL, b),
            reason,
        },
        6 => {
            let holds = shop.world.devices.get(&device).map(|d| d.holds.clone());
            let holds = holds.unwrap_or_default();
            let hold = holds.get(usize::from(b) % holds.len().max(1));
            DeviceCommand::Lift {
                device,
                hold: hold.map(|h| h.stamp.dot).unwrap_or_default(),
                reason,
            }
        }
        7 => DeviceCommand::Combine {
            keep: device,
            other,
            reason,
        },
        8 => DeviceCommand::Separate {
            keep: device,
            other,
            reason,
        },
        9 => DeviceCommand::Swap {
            out: device,
            with: other,
            reason,
        },
        _ => DeviceCommand::Exchange {
            device,
            serial: format!("SN{}", c % 6),
            reason,
        },
    }
}

/// Where a device may be, by number.
trait ClonePlace {
    fn clone_place(self) -> Whereabouts;
}

impl ClonePlace for i32 {
    fn clone_place(self) -> Whereabouts {
        match self {
            0 => Whereabouts::AtLocation,
            1 => sent_out(),
            _ => missing(),
        }
    }
}

fn order_command(shop: &Shop, (what, a, b, c): Try) -> OrderCommand {
    let order = known(&shop.world.orders, a);
    let reason = if c.is_multiple_of(5) { "" } else { "because" }.to_owned();
    let due = day("2026-02-20").checked_add_days(chrono::Days::new(u64::from(c % 30)));
    match what % 14 {
        0 | 1 => {
            let mut opening = opening(
                pick(OrderKind::ALL, a),
                (!b.is_multiple_of(7)).then(|| known(&shop.world.devices, b)),
            );
            opening.due = due;
            OrderCommand::Open {
                opening,
                check_in: c.is_multiple_of(4).then(|| check_in(pick(Harm::ALL, b))),
            }
        }
        2 => OrderCommand::Claim {
            orders: vec![order, known(&shop.world.orders, b)],
        },
        3 => OrderCommand::Assign {
            orders: vec![order],
            to: pick(&[JD, MK, "zz"], b).to_owned(),
        },
        4 => OrderCommand::Release { order, reason },
        5 => OrderCommand::Start { order },
        6 => OrderCommand::Hold {
            order,
            reason: pick(HoldReason::ALL, b),
            note: reason,
            chase: due,
        },
        7 => OrderCommand::Resume { order },
        8 => OrderCommand::WorkDone { order },
        9 => OrderCommand::Attempt {
            orders: vec![(order, reason)],
            code: pick(AttemptCode::ALL, b),
            place: "ICU".into(),
            next_try: None,
        },
        10 => {
            let mut command = close(order, &reason, "done");
            if let OrderCommand::Close { outcome, .. } = &mut command {
                *outcome = c.is_multiple_of(3).then(|| pick(OutcomeCode::ALL, b));
            }
            command
        }
        11 => OrderCommand::Cancel { order, reason },
        12 => OrderCommand::Escalate {
            order,
            approved_by: pick(&["M. Chen", "", "jd"], b).to_owned(),
            reason,
        },
        _ => OrderCommand::Reopen { order, reason },
    }
}

pub(crate) fn act(shop: &mut Shop, one: Try) {
    let who = if one.3.is_multiple_of(6) { MK } else { JD };
    let command: Command = match one.0 % 16 {
        0..=6 => device_command(shop, (one.0 / 16, one.1, one.2, one.3)).into(),
        7..=13 => order_command(shop, (one.0 / 16, one.1, one.2, one.3)).into(),
        _ => {
            // A whole inspection, where one may begin; what is refused half-way stays as it is.
            let device = known(&shop.world.devices, one.1);
            let activity = pick(&["incoming inspection", "annual PM"], one.2);
            let busy = shop
                .world
                .orders
                .values()
                .any(|o| o.opening.device == Some(device) && o.assignee.as_deref() == Some(MK));
            if !busy
                && shop.world.devices.contains_key(&device)
                && let Ok(inspection) = shop.start(device, activity)
            {
                shop.finish(inspection, !one.3.is_multiple_of(3));
            }
            return;
        }
    };
    shop.world.pass(30);
    // A refusal is an answer too; what it leaves behind is checked with the rest.
    let before = shop.world.clone();
    if shop.world.tell(who, &command).is_err() {
        assert_eq!(shop.world, before);
    }
}

/// Reads the entries as an auditor would.
fn audit(shop: &Shop) -> Result<(), TestCaseError> {
    let mut passed: BTreeSet<EntityId> = BTreeSet::new();
    let mut taken_over: BTreeSet<EntityId> = BTreeSet::new();
    let mut numbers = BTreeSet::new();
    let mut ended: BTreeMap<EntityId, bool> = BTreeMap::new();
    for (_, events) in &shop.world.entries {
        for addressed in events {
            match &addressed.event {
                Event::Device(DeviceEvent::Registered { origin, stage, .. }) => {
                    let in_use = !matches!(
                        stage,
                        Stage::Requested | Stage::Evaluated | Stage::Ordered | Stage::Received
                    );
                    prop_assert!(!in_use || *origin == Origin::TakenOver);
                    if in_use {
                        taken_over.insert(addressed.id);
                    }
                }
                Event::Device(DeviceEvent::Inspected {
                    activity, outcome, ..
                }) if activity == "incoming inspection" => {
                    if outcome.is_pass() {
                        passed.insert(addressed.id);
                    } else if *outcome == Outcome::DoNotUse {
                        passed.remove(&addressed.id);
                        taken_over.remove(&addressed.id);
                    }
                }
                Event::Device(DeviceEvent::StageChanged { from, to, .. }) => {
                    prop_assert!(from.next().contains(to));
                    let may = passed.contains(&addressed.id) || taken_over.contains(&addressed.id);
                    prop_assert!(*to != Stage::InService || may);
                }
                Event::Device(DeviceEvent::HoldLifted { inspection, .. }) => {
                    let record = &shop.world.devices[&addressed.id];
                    prop_assert!(record.revision > 0);
                    if let Some(inspection) = inspection {
                        prop_assert!(shop.world.inspections.contains_key(inspection));
                    }
                }
                Event::Order(OrderEvent::Opened { number, .. }) => {
                    prop_assert!(numbers.insert(number.clone()), "{} twice", number);
                }
                Event::Order(OrderEvent::Closed { .. } | OrderEvent::Cancelled { .. }) => {
                    prop_assert!(ended.insert(addressed.id, true).is_none());
                }
                Event::Order(OrderEvent::Addendum { .. } | OrderEvent::Linked { .. }) => {}
                Event::Order(_) => prop_assert!(!ended.contains_key(&addressed.id)),
                _ => {}
            }
        }
    }
    Ok(())
}

/// What must be true of every state.
fn sound(shop: &Shop) -> Result<(), TestCaseError> {
    let mut tags = BTreeSet::new();
    for (id, device) in &shop.world.devices {
        prop_assert!(!device.tag().is_empty());
        if device.merged_into.is_none() {
            prop_assert!(tags.insert(device.tag().to_lowercase()), "tag twice");
        }
        for other in &device.combined {
            prop_assert_eq!(shop.world.devices[other].merged_into, Some(*id));
        }
    }
    for order in shop.world.orders.values() {
        let ended = order.closing.is_some() || order.cancelled.is_some();
        prop_assert_eq!(ended, !order.status.is_open());
        let quiet = order.status == Status::Closed
            && order.opening.kind.is_scheduled()
            && order.external.is_empty();
        if quiet && let Some(closing) = &order.closing {
            prop_assert!(
                closing.inspection.is_some() || closing.outcome == Some(OutcomeCode::Escalated)
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_is_asked_the_rules_hold(
        tries in proptest::collection::vec(any::<Try>(), 1..70)
    ) {
        let mut shop = Shop::new();
        for (tag, stage, origin) in [
            ("BM-1", Stage::InService, Origin::TakenOver),
            ("BM-2", Stage::InService, Origin::TakenOver),
            ("BM-3", Stage::Received, Origin::Delivered),
        ] {
            shop.add(&[(Field::AssetTag, tag), (Field::Serial, "SN1")], stage, origin);
        }
        for one in tries {
            act(&mut shop, one);
        }
        audit(&shop)?;
        sound(&shop)?;
        prop_assert_eq!(shop.world.replayed(), shop.world);
    }
}
