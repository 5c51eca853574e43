//! Whatever several shops do apart, in whatever order they meet: the same state everywhere, nothing that was added lost, no
//! hold lost, every value that two of them wrote in the inbox, and an inbox that can be emptied.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Group, Written};
use crate::domain::command::Command;
use crate::domain::device::{
    Device, DeviceCommand, DeviceEvent, Field, HoldKind, Origin, Stage, Whereabouts,
};
use crate::domain::event::{Aggregate, Event, Kind};
use crate::domain::id::{Dot, EntityId};
use crate::domain::merge::{Conflict, Settle, conflicts_of};
use crate::domain::order::tests::random::{Try, act};
use crate::domain::order::{
    AttemptCode, HoldReason, LabourKind, Order, OrderCommand, OrderEvent, OrderKind, Priority,
};
use crate::domain::scenario::{JD, MK, Shop, close, missing, sent_out};
use crate::domain::testing::TestWorld;

/// What happens next: somebody acts, or one shop gets what another has.
#[derive(Clone, Debug)]
enum Turn {
    Act(usize, Try),
    Contest(usize, Try),
    Give(usize, usize),
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let act = (0..3usize, any::<Try>()).prop_map(|(shop, what)| Turn::Act(shop, what));
    let contest = (0..3usize, any::<Try>()).prop_map(|(shop, what)| Turn::Contest(shop, what));
    let give = (0..3usize, 0..3usize).prop_map(|(from, to)| Turn::Give(from, to));
    proptest::collection::vec(prop_oneof![1 => act, 14 => contest, 1 => give], 1..110)
}

/// What shops contest most: few records, and few ways to write each.
fn contest(shop: &mut Shop, (what, a, b, c): Try) {
    let pick = |n: usize, of: usize| n % of.max(1);
    let ids = |keys: Vec<EntityId>, n: u8| keys.get(pick(n.into(), keys.len())).copied();
    let devices = shop.world.devices.keys().copied().take(2).collect();
    let orders = shop.world.orders.keys().copied().take(3).collect();
    let Some(device) = ids(devices, a) else {
        return;
    };
    let reason = String::from("because");
    let who = if c % 2 == 0 { JD } else { MK };
    let text = |n: u8| ["ICU", "ER", "OR"][usize::from(n % 3)];
    let command: Command = match (what % 16, ids(orders, b)) {
        (0, _) => DeviceCommand::Set {
            device,
            changes: vec![(
                [Field::Department, Field::Location][usize::from(b % 2)],
                Field::Department.parse(text(c)).unwrap(),
            )],
            reason,
            expected: None,
        }
        .into(),
        (1, _) => DeviceCommand::SetStage {
            device,
            to: [Stage::InService, Stage::OutOfService, Stage::Retired][usize::from(b % 3)],
            reason,
        }
        .into(),
        (2, _) => DeviceCommand::Place {
            device,
            at: match b % 3 {
                0 => Whereabouts::AtLocation,
                1 => sent_out(),
                _ => missing(),
            },
            note: reason,
        }
        .into(),
        (3, _) => DeviceCommand::Hold {
            device,
            kind: HoldKind::DoNotUse,
            reason,
        }
        .into(),
        (4, _) => {
            let hold = shop.device(device).holds.last().map(|h| h.stamp.dot);
            DeviceCommand::Lift {
                device,
                hold: hold.unwrap_or_default(),
                reason,
            }
            .into()
        }
        (5, None) => OrderCommand::Open {
            opening: crate::domain::scenario::opening(OrderKind::Repair, Some(device)),
            check_in: None,
        }
        .into(),
        (5 | 6, Some(order)) => OrderCommand::Assign {
            orders: vec![order],
            to: who.into(),
        }
        .into(),
        (7, Some(order)) => OrderCommand::Release { order, reason }.into(),
        (8, Some(order)) => OrderCommand::Start { order }.into(),
        (9, Some(order)) => OrderCommand::Hold {
            order,
            reason: HoldReason::ALL[usize::from(c % 2)],
            note: reason,
            chase: None,
        }
        .into(),
        (10, Some(order)) => OrderCommand::Resume { order }.into(),
        (11, Some(order)) => OrderCommand::WorkDone { order }.into(),
        (12, Some(order)) => OrderCommand::Edit {
            order,
            priority: Some(Priority::ALL[usize::from(c) % Priority::ALL.len()]),
            due: None,
            problem: (c % 3 == 0).then(|| text(c / 3).to_owned()),
            reason,
            expected: None,
        }
        .into(),
        (13, Some(order)) => OrderCommand::Labour {
            order,
            who: String::new(),
            minutes: 5,
            kind: LabourKind::Active,
            on: None,
            note: String::new(),
        }
        .into(),
        (14, Some(order)) => OrderCommand::Attempt {
            orders: vec![(order, reason)],
            code: AttemptCode::InUse,
            place: "ICU".into(),
            next_try: None,
        }
        .into(),
        (15, Some(order)) if c % 12 == 0 => OrderCommand::Cancel { order, reason }.into(),
        (15, Some(order)) if c % 12 == 1 => close(order, "found", "done").into(),
        _ => return,
    };
    shop.world.pass(i64::from(c));
    // A refusal is an answer too.
    let _ = shop.world.tell(who, &command);
}

/// Three shops that know three devices, after these turns and a meeting of all.
fn played(turns: &[Turn]) -> Group {
    let mut group = Group::after(3, |shop| {
        for (tag, stage, origin) in [
            ("BM-1", Stage::InService, Origin::TakenOver),
            ("BM-2", Stage::InService, Origin::TakenOver),
            ("BM-3", Stage::Received, Origin::Delivered),
        ] {
            shop.add(
                &[(Field::AssetTag, tag), (Field::Serial, "SN1")],
                stage,
                origin,
            );
        }
    });
    for turn in turns {
        match turn {
            Turn::Act(shop, what) => {
                act(&mut group.shops[*shop], *what);
                group.take_notes();
            }
            Turn::Contest(shop, what) => {
                contest(&mut group.shops[*shop], *what);
                group.take_notes();
            }
            Turn::Give(from, to) if from != to => group.give(*from, *to),
            Turn::Give(..) => {}
        }
    }
    group.meet();
    group
}

/// The states, without what differs from shop to shop.
fn states(world: &TestWorld) -> TestWorld {
    TestWorld {
        devices: world.devices.clone(),
        orders: world.orders.clone(),
        inspections: world.inspections.clone(),
        technicians: world.technicians.clone(),
        tools: world.tools.clone(),
        procedures: world.procedures.clone(),
        models: world.models.clone(),
        ..TestWorld::default()
    }
}

/// Every event with its dot and what its writer had seen.
fn all_events(entries: &[Written]) -> Vec<(Dot, &Written, &crate::domain::event::Addressed)> {
    let mut out = Vec::new();
    for entry in entries {
        for (index, event) in entry.events.iter().enumerate() {
            let dot = Dot {
                index: index as u16,
                ..entry.stamp.dot
            };
            out.push((dot, entry, event));
        }
    }
    out
}

/// The values of the writes that no later writer had seen, of one fact of one record.
fn standing<V: Clone>(writes: &[(Dot, &Written, V)]) -> Vec<V> {
    let overwrites = |(by, entry, _): &(Dot, &Written, V), dot: Dot| {
        let same_entry = (by.site, by.seq) == (dot.site, dot.seq);
        if same_entry {
            by.index > dot.index
        } else {
            entry.seen().covers(dot)
        }
    };
    writes
        .iter()
        .filter(|(dot, _, _)| !writes.iter().any(|other| overwrites(other, *dot)))
        .map(|(_, _, value)| value.clone())
        .collect()
}

fn differ<V: PartialEq>(values: &[V]) -> bool {
    values.windows(2).any(|pair| pair[0] != pair[1])
}

fn has(conflicts: &[Conflict], fact: &str) -> bool {
    conflicts.iter().any(|conflict| conflict.fact == fact)
}

fn devices_hold(entries: &[Written], world: &TestWorld) -> Result<(), TestCaseError> {
    let events = all_events(entries);
    for (id, device) in &world.devices {
        let mine: Vec<_> = events
            .iter()
            .filter_map(|(dot, entry, event)| match &event.event {
                Event::Device(what) if event.id == *id => Some((*dot, *entry, what)),
                _ => None,
            })
            .collect();
        let lifted: BTreeSet<Dot> = mine
            .iter()
            .filter_map(|(_, _, what)| match what {
                DeviceEvent::HoldLifted { hold, .. } => Some(*hold),
                _ => None,
            })
            .collect();
        let expected: BTreeSet<Dot> = mine
            .iter()
            .filter(|(dot, _, what)| {
                matches!(what, DeviceEvent::HoldPlaced { .. }) && !lifted.contains(dot)
            })
            .map(|(dot, _, _)| *dot)
            .collect();
        let open: BTreeSet<Dot> = device.holds.iter().map(|hold| hold.stamp.dot).collect();
        prop_assert_eq!(open, expected, "holds of {}", device.tag());
        let conflicts = device.conflicts();
        let stages: Vec<_> = mine
            .iter()
            .filter_map(|(dot, entry, what)| match what {
                DeviceEvent::StageChanged { to, .. } => Some((*dot, *entry, *to)),
                _ => None,
            })
            .collect();
        let said = standing(&stages);
        prop_assert_eq!(has(&conflicts, "stage"), differ(&said), "{:?}", said);
        if said.iter().any(|stage| *stage != Stage::InService) {
            prop_assert!(device.stage() != Stage::InService);
        }
        let places: Vec<_> = mine
            .iter()
            .filter_map(|(dot, entry, what)| match what {
                DeviceEvent::WhereaboutsChanged { to, .. } => Some((*dot, *entry, to.clone())),
                _ => None,
            })
            .collect();
        prop_assert_eq!(has(&conflicts, "whereabouts"), differ(&standing(&places)));
        fields_hold(&mine, device, &conflicts)?;
    }
    Ok(())
}

fn fields_hold(
    mine: &[(Dot, &Written, &DeviceEvent)],
    device: &Device,
    conflicts: &[Conflict],
) -> Result<(), TestCaseError> {
    let mut writes: BTreeMap<Field, Vec<_>> = BTreeMap::new();
    for (dot, entry, what) in mine {
        let changes: Vec<_> = match what {
            DeviceEvent::Registered { changes, .. } | DeviceEvent::Edited { changes, .. } => {
                changes.iter().collect()
            }
            DeviceEvent::Retagged { change, .. } => vec![change],
            _ => Vec::new(),
        };
        for change in changes {
            let of_field = writes.entry(change.field).or_default();
            of_field.push((*dot, *entry, change.new.clone()));
        }
    }
    for (field, writes) in writes {
        let said = standing(&writes);
        prop_assert_eq!(
            has(conflicts, field.key()),
            differ(&said),
            "{} of {}: {:?}",
            field.label(),
            device.tag(),
            said
        );
    }
    Ok(())
}

fn orders_hold(entries: &[Written], world: &TestWorld) -> Result<(), TestCaseError> {
    let events = all_events(entries);
    for (id, order) in &world.orders {
        let mine: Vec<_> = events
            .iter()
            .filter_map(|(dot, entry, event)| match &event.event {
                Event::Order(what) if event.id == *id => Some((*dot, *entry, what)),
                _ => None,
            })
            .collect();
        let count = |wanted: fn(&OrderEvent) -> bool| {
            mine.iter().filter(|(_, _, what)| wanted(what)).count()
        };
        prop_assert_eq!(
            order.labour.len(),
            count(|e| matches!(e, OrderEvent::LabourBooked { .. }))
        );
        prop_assert_eq!(
            order.attempts.len(),
            count(|e| matches!(e, OrderEvent::Attempted { .. }))
        );
        prop_assert_eq!(
            order.notes.len(),
            count(|e| matches!(e, OrderEvent::Noted { .. }))
        );
        let lines = count(|e| matches!(e, OrderEvent::Addendum { .. }));
        prop_assert!(order.addenda.len() >= lines);
        let closed = count(|e| matches!(e, OrderEvent::Closed { .. }));
        let cancelled = count(|e| matches!(e, OrderEvent::Cancelled { .. }));
        prop_assert_eq!(
            closed,
            usize::from(order.closing.is_some()) + order.beside.closings.len()
        );
        prop_assert_eq!(order.status.is_open(), closed + cancelled == 0);
        prop_assert_eq!(order.closing.is_some(), closed > 0);
        let conflicts = order.conflicts();
        prop_assert_eq!(closed > 1, has(&conflicts, "closing"));
        prop_assert_eq!(closed > 0 && cancelled > 0, has(&conflicts, "end"));
        if order.status.is_open() {
            claims_hold(&mine, order, &conflicts)?;
        }
    }
    Ok(())
}

fn claims_hold(
    mine: &[(Dot, &Written, &OrderEvent)],
    order: &Order,
    conflicts: &[Conflict],
) -> Result<(), TestCaseError> {
    let claims: Vec<_> = mine
        .iter()
        .filter_map(|(dot, entry, what)| match what {
            OrderEvent::Assigned { to } => Some((*dot, *entry, Some(to.clone()))),
            OrderEvent::Released { .. } => Some((*dot, *entry, None)),
            _ => None,
        })
        .collect();
    let said: Vec<String> = standing(&claims).into_iter().flatten().collect();
    prop_assert_eq!(has(conflicts, "claim"), differ(&said), "{:?}", said);
    prop_assert_eq!(order.assignee.is_some(), !said.is_empty());
    if let Some(who) = &order.assignee {
        prop_assert!(said.contains(who));
    }
    Ok(())
}

/// Everything in conflict, in a world.
pub fn open(world: &TestWorld) -> Vec<(Aggregate, Conflict)> {
    let of = |kind, ids: Vec<EntityId>| ids.into_iter().map(move |id| Aggregate { kind, id });
    let records = of(Kind::Device, world.devices.keys().copied().collect())
        .chain(of(Kind::Order, world.orders.keys().copied().collect()))
        .chain(of(
            Kind::Inspection,
            world.inspections.keys().copied().collect(),
        ))
        .chain(of(
            Kind::Technician,
            world.technicians.keys().copied().collect(),
        ));
    records
        .flat_map(|about| {
            let conflicts = conflicts_of(world, about).unwrap_or_default();
            conflicts.into_iter().map(move |conflict| (about, conflict))
        })
        .collect()
}

/// Settles everything, one side after the other until one is taken.
pub fn settle_all(shop: &mut Shop) -> Result<(), TestCaseError> {
    for _ in 0..200 {
        let Some((about, conflict)) = open(&shop.world).into_iter().next() else {
            return Ok(());
        };
        shop.world.pass(30);
        let settled = conflict.sides.iter().any(|side| {
            let command = Command::Settle(Settle {
                about,
                fact: conflict.fact.clone(),
                choose: side.stamp.dot,
            });
            shop.world.tell(JD, &command).is_ok()
        });
        prop_assert!(settled, "nothing settles {conflict:?}");
        let still = conflicts_of(&shop.world, about).unwrap_or_default();
        prop_assert!(!has(&still, &conflict.fact), "still open: {conflict:?}");
    }
    prop_assert!(false, "the inbox does not get empty");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_shops_do_apart_nothing_is_lost_and_every_conflict_is_shown(turns in turns()) {
        let mut group = played(&turns);
        let world = states(&group.shops[0].world);
        for shop in &group.shops {
            prop_assert_eq!(&states(&shop.world), &world);
        }
        devices_hold(&group.known[0], &world)?;
        orders_hold(&group.known[0], &world)?;
        settle_all(&mut group.shops[0])?;
        group.meet();
        for shop in &group.shops {
            prop_assert_eq!(open(&shop.world), Vec::new(), "settled everywhere");
        }
    }

    /// The order in which entries arrive does not matter, and what was known all along changes nothing.
    #[test]
    fn the_order_of_arrival_does_not_matter(
        turns in turns(),
        shuffle in any::<proptest::sample::Index>(),
    ) {
        let mut group = played(&turns);
        let expected = states(&group.folded(0));
        let at = shuffle.index(group.known[0].len());
        group.known[0].rotate_left(at);
        group.known[0].reverse();
        prop_assert_eq!(states(&group.folded(0)), expected);
    }
}
