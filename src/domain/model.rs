//! A device model as its manufacturer published it (AccessGUDID): fills the fields of a device when it is registered.

use serde::{Deserialize, Serialize};

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
    /// How many events made this state.
    pub revision: u64,
    /// The last one.
    pub changed: Option<Stamp>,
}

impl Model {
    /// Applies one event.
    pub fn apply(&mut self, event: &ModelEvent, stamp: &Stamp) {
        match event {
            ModelEvent::Published { facts, source } => {
                self.facts = facts.clone();
                self.source.clone_from(source);
            }
        }
        self.revision += 1;
        self.changed = Some(stamp.clone());
    }
}
