//! A device model as its manufacturer published it (AccessGUDID): fills the fields of a device when it is registered.

use serde::{Deserialize, Serialize};

use super::merge::{Conflict, of_register};
use super::register::Register;
use super::seen::Seen;
use super::time::Stamp;

/// What a published record says of one device identifier.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ModelFacts {
    /// The primary device identifier.
    pub di: String,
    /// Other identifiers of the same item (packages, secondary).
    pub other_dis: Vec<String>,
    /// Company name.
    pub manufacturer: String,
    /// Brand name.
    pub brand: String,
    /// Version or model number.
    pub model: String,
    /// Catalogue number.
    pub catalogue: String,
    /// Description.
    pub description: String,
    /// FDA product codes with names.
    pub product_codes: Vec<(String, String)>,
    /// GMDN term.
    pub gmdn: String,
    /// The label carries a lot number; `None` when not published.
    pub has_lot: Option<bool>,
    /// The label carries a serial number; `None` when not published.
    pub has_serial: Option<bool>,
}

/// What happened to a model record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ModelEvent {
    /// It was imported, or imported again with other facts.
    Published {
        /// The facts.
        facts: ModelFacts,
        /// The file it came from.
        source: String,
    },
}

/// A model record.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Model {
    /// The facts.
    pub facts: ModelFacts,
    /// Where they came from.
    pub source: String,
    /// What the shops that imported it read; more than one only where the files differed.
    pub published: Register<(ModelFacts, String)>,
    /// How many events made this state.
    pub revision: u64,
    /// The last one.
    pub changed: Option<Stamp>,
}

impl Model {
    /// Applies one event. `seen` is what its writer knew.
    pub fn apply(&mut self, event: &ModelEvent, stamp: &Stamp, seen: &Seen) {
        match event {
            ModelEvent::Published { facts, source } => {
                let read = (facts.clone(), source.clone());
                self.published.set_seen(Some(read), stamp, seen);
                if let Some((facts, source)) = self.published.get() {
                    self.facts = facts.clone();
                    self.source.clone_from(source);
                }
            }
        }
        self.revision += 1;
        self.changed = Some(stamp.clone());
    }

    /// What shops that did not know of each other disagree about.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let read = |(facts, source): &(ModelFacts, String)| {
            format!(
                "{} {} {}, read from {source}",
                facts.manufacturer, facts.brand, facts.model
            )
        };
        of_register("facts", "Published record", &self.published, read, None)
            .into_iter()
            .collect()
    }
}
