//! What shops that did not know of each other disagree about on a device's record.

use super::{Device, Stage, Whereabouts};
use crate::domain::merge::{Conflict, ConflictKind, Side, of_register};

/// The fact that two inspections of one day disagree, before the activity.
pub(crate) const LAST: &str = "last:";

impl Device {
    /// What is in conflict, fields first.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut out: Vec<Conflict> = self
            .fields
            .iter()
            .filter_map(|(field, register)| {
                of_register(
                    field.key(),
                    field.label(),
                    register,
                    |value| field.show(value),
                    None,
                )
            })
            .collect();
        let stage = self.stage();
        let in_force = |c: &&crate::domain::register::Candidate<Stage>| c.value == Some(stage);
        let shown = self.stages.candidates().iter().rev().find(in_force);
        out.extend(of_register(
            "stage",
            "Stage",
            &self.stages,
            Stage::to_string,
            shown.map(|c| c.stamp.dot),
        ));
        let shown = self
            .places
            .candidates()
            .iter()
            .rev()
            .find(|c| c.value.as_ref() == Some(&self.whereabouts));
        out.extend(of_register(
            "whereabouts",
            "Whereabouts",
            &self.places,
            Whereabouts::details,
            shown.map(|c| c.stamp.dot),
        ));
        let merges = of_register(
            "combined-into",
            "Combined into",
            &self.merges,
            ToString::to_string,
            None,
        );
        out.extend(merges.map(|mut conflict| {
            for side in &mut conflict.sides {
                if !self
                    .merges
                    .candidates()
                    .iter()
                    .any(|c| c.stamp.dot == side.stamp.dot && c.value.is_some())
                {
                    "a record of its own".clone_into(&mut side.value);
                }
            }
            conflict
        }));
        out.extend(self.circle());
        out.extend(self.inspections.iter().filter_map(|(activity, counts)| {
            let side = |last: &super::LastInspection| Side {
                value: format!("{} on {}", last.outcome, last.performed),
                stamp: last.stamp.clone(),
            };
            let others = self.beside.iter().filter(|(of, _)| of == activity);
            let mut sides: Vec<Side> = others.map(|(_, other)| side(other)).collect();
            if sides.is_empty() {
                return None;
            }
            sides.push(side(counts));
            Some(Conflict::new(
                format!("{LAST}{activity}"),
                format!("Result of {activity}"),
                ConflictKind::DoubleInspection,
                sides,
                counts.stamp.dot,
            ))
        }));
        out
    }

    /// Two records that were combined into each other: both stand until somebody says which one does.
    fn circle(&self) -> Option<Conflict> {
        let into = self.merges.get()?;
        let by = self.merges.stamp()?;
        (self.combined.contains(into) && self.merged_into.is_none()).then(|| {
            Conflict::new(
                "combined-both-ways",
                "Combined both ways",
                ConflictKind::Values,
                vec![Side {
                    value: "each record was combined into the other one; both stand".to_owned(),
                    stamp: by.clone(),
                }],
                by.dot,
            )
        })
    }
}
