//! The shop: what a store calls itself, and its policies.

use serde::{Deserialize, Serialize};

use super::time::Stamp;

/// What happened to the shop.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ShopEvent {
    /// It got another name.
    Renamed {
        /// The name.
        name: String,
    },
    /// Its work orders got another prefix.
    PrefixChanged {
        /// The prefix.
        prefix: String,
    },
    /// Its time zone was set.
    ZoneChanged {
        /// An IANA name.
        zone: String,
    },
    /// A CSV column map was saved for re-use.
    ColumnMapSaved {
        /// Its name.
        name: String,
        /// The TOML text.
        text: String,
    },
}

/// The shop's state; what is `None` is as Genesis said.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Shop {
    /// Its name, if changed since Genesis.
    pub name: Option<String>,
    /// Its prefix, if changed since Genesis.
    pub prefix: Option<String>,
    /// Its zone, if changed since Genesis.
    pub zone: Option<String>,
    /// Saved column maps by name.
    pub column_maps: std::collections::BTreeMap<String, String>,
    /// How many events made this state.
    pub revision: u64,
    /// The last one.
    pub changed: Option<Stamp>,
}

impl Shop {
    /// Applies one event.
    pub fn apply(&mut self, event: &ShopEvent, stamp: &Stamp) {
        match event {
            ShopEvent::Renamed { name } => self.name = Some(name.clone()),
            ShopEvent::PrefixChanged { prefix } => self.prefix = Some(prefix.clone()),
            ShopEvent::ZoneChanged { zone } => self.zone = Some(zone.clone()),
            ShopEvent::ColumnMapSaved { name, text } => {
                self.column_maps.insert(name.clone(), text.clone());
            }
        }
        self.revision += 1;
        self.changed = Some(stamp.clone());
    }
}
