//! People, and one shop alone.

use super::*;

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
