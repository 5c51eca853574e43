//! The few facts of a device that lists and the lookup index hold.

use serde::{Deserialize, Serialize};

use super::{Device, Field, Stage, Whereabouts};
use crate::domain::id::EntityId;

/// One device in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceCard {
    /// The device.
    pub id: EntityId,
    /// Asset tag.
    pub tag: String,
    /// Serial number.
    pub serial: String,
    /// Manufacturer.
    pub manufacturer: String,
    /// Brand.
    pub brand: String,
    /// Model.
    pub model: String,
    /// Model and catalogue number.
    pub numbers: Vec<String>,
    /// UDI-DI.
    pub udi_di: String,
    /// FDA product code.
    pub type_code: String,
    /// Plain device type.
    pub type_name: String,
    /// Using department.
    pub department: String,
    /// Location.
    pub location: String,
    /// IP address.
    pub ip: String,
    /// MAC address.
    pub mac: String,
    /// Tags and serials of before.
    pub aliases: Vec<String>,
    /// The stable status word (see [`Device::status_key`]).
    pub status: String,
    /// Words of the open holds.
    pub holds: Vec<String>,
    /// Whether it is high-risk; unknown counts as yes wherever something is ranked or asked.
    pub high_risk: Option<bool>,
    /// Retired, disposed or missing: listed after the rest.
    pub gone: bool,
    /// Combined into another record: found by nothing.
    pub merged: bool,
}

impl DeviceCard {
    /// The card of a record.
    pub fn of(id: EntityId, device: &Device) -> Self {
        let text = |field| device.text(field);
        Self {
            id,
            tag: device.tag(),
            serial: text(Field::Serial),
            manufacturer: text(Field::Manufacturer),
            brand: text(Field::Brand),
            model: text(Field::Model),
            numbers: [text(Field::ModelNumber), text(Field::CatalogueNumber)]
                .into_iter()
                .filter(|number| !number.is_empty())
                .collect(),
            udi_di: text(Field::UdiDi),
            type_code: text(Field::TypeCode),
            type_name: text(Field::TypeName),
            department: text(Field::Department),
            location: text(Field::Location),
            ip: text(Field::Ip),
            mac: text(Field::Mac),
            aliases: device.aliases.clone(),
            status: device.status_key().to_owned(),
            holds: device
                .holds
                .iter()
                .map(|hold| hold.kind.label().to_owned())
                .collect(),
            high_risk: device.high_risk(),
            gone: matches!(device.stage(), Stage::Retired | Stage::Disposed)
                || matches!(device.whereabouts, Whereabouts::Missing { .. }),
            merged: device.merged_into.is_some(),
        }
    }

    /// Manufacturer and model, as people say it.
    pub fn name(&self) -> String {
        match (self.manufacturer.is_empty(), self.model.is_empty()) {
            (false, false) => format!("{} {}", self.manufacturer, self.model),
            (false, true) => self.manufacturer.clone(),
            (true, false) => self.model.clone(),
            (true, true) => "unknown make and model".to_owned(),
        }
    }
}
