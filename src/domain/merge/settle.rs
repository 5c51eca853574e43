//! Settling a conflict: the side that a person chose, written as an ordinary change that replaces all sides.
//!
//! Invariants: what is written is what the same person could have written by hand, so it syncs like any change; two who
//! settle alike do not conflict, two who settle differently do again; nothing that ended is changed, it is only read.

use serde::{Deserialize, Serialize};

use super::{Conflict, ConflictKind, Side};
use crate::domain::context::{Context, World};
use crate::domain::device;
use crate::domain::event::{Addressed, Aggregate, Kind};
use crate::domain::id::{Dot, EntityId};
use crate::domain::inspection;
use crate::domain::model::ModelEvent;
use crate::domain::order;
use crate::domain::refusal::Refusal;
use crate::domain::technician::TechnicianEvent;
use crate::domain::tool::ToolEvent;

/// What a person asks: this fact of this record is as this side says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settle {
    /// The record.
    pub about: Aggregate,
    /// The fact, as [`Conflict::fact`] names it.
    pub fact: String,
    /// The side: the dot of the event that wrote it.
    pub choose: Dot,
}

/// What is written when a side was chosen.
pub(crate) struct Chosen<'a> {
    pub conflict: &'a Conflict,
    pub side: &'a Side,
}

impl Chosen<'_> {
    /// The dots of the other sides.
    pub(crate) fn others(&self) -> Vec<Dot> {
        let dots = self.conflict.sides.iter().map(|side| side.stamp.dot);
        dots.filter(|dot| *dot != self.side.stamp.dot).collect()
    }

    /// The dots of all sides but the one that counts.
    pub(crate) fn beside(&self) -> Vec<Dot> {
        let dots = self.conflict.sides.iter().map(|side| side.stamp.dot);
        dots.filter(|dot| *dot != self.conflict.shown).collect()
    }

    /// Why it was written, for the history.
    pub(crate) fn reason(&self) -> String {
        format!("{} settled", self.conflict.label)
    }
}

/// The refusal for a conflict that is not there.
pub(crate) fn settled_already() -> Refusal {
    Refusal::not_found(
        "This conflict is not open: somebody has settled it, or it was changed since.",
        "List what is open: tagout conflict list. Nothing was recorded.",
    )
}

/// Decides a settlement.
pub fn settle(
    world: &dyn World,
    ctx: &Context,
    wanted: &Settle,
) -> Result<Vec<Addressed>, Refusal> {
    let id = wanted.about.id;
    match wanted.fact.as_str() {
        "duplicate-tag" => {
            return Err(Refusal::rule(
                "Two devices carry one asset tag; choosing one does not change the other.",
                "If it is one device, combine the records: device combine KEEP OTHER --reason WHY. If it is two, put a new label on one: device retag. Nothing was recorded.",
            ));
        }
        "duplicate-serial" => return device::told_apart(world, id),
        _ => {}
    }
    let conflicts = conflicts_of(world, wanted.about).ok_or_else(settled_already)?;
    let conflict = conflicts
        .iter()
        .find(|conflict| conflict.fact == wanted.fact)
        .ok_or_else(settled_already)?;
    let side = conflict.side(wanted.choose).ok_or_else(settled_already)?;
    let chosen = Chosen { conflict, side };
    match wanted.about.kind {
        Kind::Device => device::settle(world, id, &chosen),
        Kind::Order => order::settle(world, id, &chosen),
        Kind::Inspection => inspection::settle_beside(world, ctx, id, &chosen),
        Kind::Technician => technician(world, id, &chosen),
        Kind::Tool => tool(world, id, &chosen),
        Kind::Model => model(world, id, &chosen),
        Kind::Shop | Kind::Procedure => Err(settled_already()),
    }
}

/// What is in conflict in a record; `None` for a record that is not there.
pub fn conflicts_of(world: &dyn World, about: Aggregate) -> Option<Vec<Conflict>> {
    let id = about.id;
    Some(match about.kind {
        Kind::Device => world.device(id)?.conflicts(),
        Kind::Order => world.order(id)?.conflicts(),
        Kind::Inspection => world.inspection(id)?.conflicts(),
        Kind::Technician => world.technician_of(id)?.conflicts(),
        Kind::Tool => world.tool(id)?.conflicts(),
        Kind::Model => world.model(id)?.conflicts(),
        Kind::Shop | Kind::Procedure => return None,
    })
}

fn technician(
    world: &dyn World,
    id: EntityId,
    chosen: &Chosen<'_>,
) -> Result<Vec<Addressed>, Refusal> {
    let known = world.technician_of(id).ok_or_else(settled_already)?;
    let dot = chosen.side.stamp.dot;
    let named = |name: &str, initials: &str| TechnicianEvent::Named {
        key: known.key.clone(),
        name: name.to_owned(),
        initials: initials.to_owned(),
    };
    let event = match chosen.conflict.fact.as_str() {
        "name" => {
            let naming = written(known.namings.candidates(), dot)?;
            named(&naming.name, &naming.initials)
        }
        "standing" if written(known.standing.candidates(), dot)? => {
            named(&known.name, &known.initials)
        }
        "standing" => TechnicianEvent::Left {
            reason: chosen.reason(),
        },
        _ => {
            let credential = known
                .credentials
                .iter()
                .find(|c| c.stamp.dot == dot)
                .ok_or_else(settled_already)?;
            TechnicianEvent::CredentialAdded {
                credential: credential.credential.clone(),
                number: credential.number.clone(),
                expires: credential.expires,
            }
        }
    };
    let mut events = vec![(id, event).into()];
    // A name does not bring back whoever left.
    if chosen.conflict.fact == "name" && known.left.is_some() {
        let left = TechnicianEvent::Left {
            reason: "still gone".to_owned(),
        };
        events.push((id, left).into());
    }
    Ok(events)
}

fn tool(world: &dyn World, id: EntityId, chosen: &Chosen<'_>) -> Result<Vec<Addressed>, Refusal> {
    let known = world.tool(id).ok_or_else(settled_already)?;
    let dot = chosen.side.stamp.dot;
    let described = |d: &crate::domain::tool::Description| ToolEvent::Described {
        name: d.name.clone(),
        kind: d.kind.clone(),
        model: d.model.clone(),
        serial: d.serial.clone(),
    };
    let withdrawn = |reason: String| ToolEvent::Withdrawn { reason };
    if chosen.conflict.fact == "description" {
        let said = written(known.descriptions.candidates(), dot)?;
        let mut events = vec![(id, described(&said)).into()];
        // Describing a tool takes it into use; this one stays out of it.
        if known.withdrawn {
            let why = known
                .withdrawals
                .candidates()
                .iter()
                .find_map(|c| c.value.clone());
            events.push((id, withdrawn(why.unwrap_or_default())).into());
        }
        return Ok(events);
    }
    let why = known
        .withdrawals
        .candidates()
        .iter()
        .find(|c| c.stamp.dot == dot)
        .ok_or_else(settled_already)?;
    let event = match (&why.value, known.descriptions.get()) {
        (None, Some(now)) => described(now),
        (why, _) => withdrawn(why.clone().unwrap_or_default()),
    };
    Ok(vec![(id, event).into()])
}

fn model(world: &dyn World, id: EntityId, chosen: &Chosen<'_>) -> Result<Vec<Addressed>, Refusal> {
    let known = world.model(id).ok_or_else(settled_already)?;
    let (facts, source) = written(known.published.candidates(), chosen.side.stamp.dot)?;
    Ok(vec![(id, ModelEvent::Published { facts, source }).into()])
}

/// The value that a candidate with this dot holds.
pub(crate) fn written<T: Clone>(
    candidates: &[crate::domain::register::Candidate<T>],
    dot: Dot,
) -> Result<T, Refusal> {
    candidates
        .iter()
        .find(|c| c.stamp.dot == dot)
        .and_then(|c| c.value.clone())
        .ok_or_else(settled_already)
}

impl Chosen<'_> {
    /// What marks the other sides of something that ended as read.
    pub(crate) fn notice(&self) -> Vec<Dot> {
        match self.conflict.kind {
            ConflictKind::Values => self.conflict.sides.iter().map(|s| s.stamp.dot).collect(),
            _ => self.beside(),
        }
    }
}
