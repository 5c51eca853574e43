//! What shops that did not know of each other disagree about on a piece of test equipment.

use super::{Description, Tool};
use crate::domain::merge::{Conflict, ConflictKind, Side, of_register};

impl Tool {
    /// What shops that did not know of each other disagree about.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let described =
            |d: &Description| format!("{}: {}, {}, serial {}", d.name, d.kind, d.model, d.serial);
        let mut out: Vec<Conflict> = Vec::new();
        out.extend(of_register(
            "description",
            "Description",
            &self.descriptions,
            described,
            None,
        ));
        let said = self.withdrawals.candidates();
        let gone = said.iter().any(|c| c.value.is_some());
        if gone && said.iter().any(|c| c.value.is_none()) {
            let away = said.iter().find(|c| c.value.is_some());
            let sides = said.iter().map(|c| Side {
                value: c
                    .value
                    .as_ref()
                    .map_or_else(|| "in use".to_owned(), |why| format!("withdrawn: {why}")),
                stamp: c.stamp.clone(),
            });
            out.extend(away.map(|away| {
                Conflict::new(
                    "withdrawn",
                    "In use or withdrawn",
                    ConflictKind::Values,
                    sides.collect(),
                    away.stamp.dot,
                )
            }));
        }
        out
    }
}
