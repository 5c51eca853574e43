//! One scene for each rule: two or three shops, apart for a while.

mod devices;
mod inspections;
mod orders;
mod people;

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
pub fn two() -> (Group, EntityId) {
    let mut pump = None;
    let group = Group::after(2, |shop| pump = Some(shop.pump("BM-1", "SN1")));
    (group, pump.unwrap())
}

/// Two shops that both know an open repair of the pump.
pub fn two_with_order() -> (Group, EntityId, EntityId) {
    let (mut group, pump) = two();
    let order = group.shops[0].open(OrderKind::Repair, pump);
    group.meet();
    (group, pump, order)
}

pub fn kinds(shop: &Shop) -> Vec<(String, ConflictKind)> {
    open(&shop.world)
        .into_iter()
        .map(|(_, conflict)| (conflict.fact, conflict.kind))
        .collect()
}

pub fn one(fact: &str, kind: ConflictKind) -> Vec<(String, ConflictKind)> {
    vec![(fact.to_owned(), kind)]
}

/// Chooses the side that says this.
pub fn choose(shop: &mut Shop, fact: &str, value: &str) {
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

pub fn hold(device: EntityId, kind: HoldKind) -> DeviceCommand {
    DeviceCommand::Hold {
        device,
        kind,
        reason: "seen at the bedside".into(),
    }
}
