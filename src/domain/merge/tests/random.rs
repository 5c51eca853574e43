//! Whatever several shops do apart, in whatever order they meet: the same state everywhere, nothing that was added lost, no
//! hold lost, every value that two of them wrote in the inbox, and an inbox that can be emptied.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Group, Written};
use crate::domain::command::Command;
use crate::domain::device::{Device, DeviceEvent, Field, Origin, Stage};
use crate::domain::event::{Aggregate, Event, Kind};
use crate::domain::id::{Dot, EntityId};
use crate::domain::merge::{Conflict, Settle, conflicts_of};
use crate::domain::order::tests::random::{Try, act};
use crate::domain::order::{Order, OrderEvent};
use crate::domain::scenario::{JD, Shop};
use crate::domain::testing::TestWorld;

/// What happens next: somebody acts, or one shop gets what another has.
#[derive(Clone, Debug)]
enum Turn {
    Act(usize, Try),
    Give(usize, usize),
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let act = (0..3usize, any::<Try>()).prop_map(|(shop, what)| Turn::Act(shop, what));
    let give = (0..3usize, 0..3usize).prop_map(|(from, to)| Turn::Give(from, to));
    proptest::collection::vec(prop_oneof![7 => act, 1 => give], 1..45)
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
    #![proptest_config(ProptestConfig::with_cases(64))]

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
