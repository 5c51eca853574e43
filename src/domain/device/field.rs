//! The fields of a device record: what each is called, what it may hold, and its number on the wire.
//!
//! Invariant: a field's number and a choice's number never change and are never reused; the journal holds them.

use chrono::{Datelike as _, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::address;
use crate::domain::choices::fold;

/// What a field may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// An identifier: compared without case and punctuation.
    Identifier,
    /// A calendar date.
    Date,
    /// A number: money or a score.
    Number,
    /// One of a fixed list.
    Choice(&'static [Choice]),
    /// A list of texts.
    List,
}

/// One entry of a fixed list: number on the wire, key on the command line and in JSON, words on screen.
#[derive(PartialEq, Eq, Debug)]
pub struct Choice {
    /// Number on the wire; never reused.
    pub code: u16,
    /// Stable key.
    pub key: &'static str,
    /// What a person reads.
    pub label: &'static str,
}

const fn choice(code: u16, key: &'static str, label: &'static str) -> Choice {
    Choice { code, key, label }
}

/// Yes, no, or nobody knows. Unknown is never taken for no.
pub const YES_NO_UNKNOWN: &[Choice] = &[
    choice(1, "yes", "yes"),
    choice(2, "no", "no"),
    choice(3, "unknown", "unknown"),
];
const TEAM: &[Choice] = &[
    choice(1, "htm", "HTM"),
    choice(2, "it", "IT"),
    choice(3, "vendor", "vendor"),
];
const OWNERSHIP: &[Choice] = &[
    choice(1, "hospital", "hospital"),
    choice(2, "lease", "lease"),
    choice(3, "rental", "rental"),
    choice(4, "loaner", "vendor loaner"),
    choice(5, "demo", "demo"),
    choice(6, "consignment", "consignment"),
    choice(7, "patient-owned", "patient-owned"),
    choice(8, "research", "research"),
];
const PROTECTION: &[Choice] = &[
    choice(1, "class-i", "class I (earthed)"),
    choice(2, "class-ii", "class II (double insulated)"),
    choice(3, "internal", "internally powered"),
    choice(4, "unknown", "unknown"),
];
const POWER: &[Choice] = &[
    choice(1, "detachable", "detachable cord"),
    choice(2, "fixed", "fixed cord"),
    choice(3, "permanent", "permanently connected"),
    choice(4, "internal", "battery only"),
    choice(5, "unknown", "unknown"),
];
const NETWORK: &[Choice] = &[
    choice(1, "none", "none"),
    choice(2, "wired", "wired"),
    choice(3, "wifi", "Wi-Fi"),
    choice(4, "bluetooth", "Bluetooth"),
    choice(5, "several", "several"),
    choice(6, "unknown", "unknown"),
];

macro_rules! fields {
    ($( $(#[$doc:meta])* $name:ident = $code:literal, $key:literal, $label:literal, $kind:expr; )*) => {
        /// A field of the device record.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[repr(u16)]
        pub enum Field {
            $( $(#[$doc])* $name = $code, )*
        }

        impl Field {
            /// Every field, in the order of a record on screen.
            pub const ALL: &'static [Field] = &[ $( Field::$name, )* ];

            /// The number on the wire.
            pub const fn code(self) -> u16 { self as u16 }

            /// The field with this number on the wire.
            pub fn from_code(code: u16) -> Option<Self> {
                match code { $( $code => Some(Self::$name), )* _ => None }
            }

            /// The stable key on the command line, in CSV headers and in JSON.
            pub const fn key(self) -> &'static str {
                match self { $( Self::$name => $key, )* }
            }

            /// What a person reads.
            pub const fn label(self) -> &'static str {
                match self { $( Self::$name => $label, )* }
            }

            /// What it may hold.
            pub const fn kind(self) -> FieldKind {
                match self { $( Self::$name => $kind, )* }
            }
        }
    };
}

fields! {
    /// The number on the hospital's label.
    AssetTag = 1, "tag", "Asset tag", FieldKind::Identifier;
    /// The manufacturer's serial number.
    Serial = 2, "serial", "Serial", FieldKind::Identifier;
    /// Who made it.
    Manufacturer = 3, "manufacturer", "Manufacturer", FieldKind::Text;
    /// Brand name.
    Brand = 4, "brand", "Brand", FieldKind::Text;
    /// Model as people say it.
    Model = 5, "model", "Model", FieldKind::Text;
    /// Version or model number as printed.
    ModelNumber = 6, "model_number", "Model number", FieldKind::Text;
    /// Catalogue (order) number.
    CatalogueNumber = 7, "catalogue_number", "Catalogue number", FieldKind::Text;
    /// Device identifier part of the UDI.
    UdiDi = 8, "udi_di", "UDI-DI", FieldKind::Identifier;
    /// FDA product code.
    TypeCode = 9, "type", "FDA product code", FieldKind::Text;
    /// Plain name of the device type.
    TypeName = 10, "type_name", "Device type", FieldKind::Text;
    /// GMDN code or term (licensed nomenclature: filled by the shop).
    Gmdn = 11, "gmdn", "GMDN", FieldKind::Text;
    /// UMDNS code (licensed nomenclature: filled by the shop).
    Umdns = 12, "umdns", "UMDNS", FieldKind::Text;
    /// Using department.
    Department = 13, "department", "Department", FieldKind::Text;
    /// Where it stands.
    Location = 14, "location", "Location", FieldKind::Text;
    /// Who looks after it.
    Team = 15, "team", "Service team", FieldKind::Choice(TEAM);
    /// Whose it is.
    Ownership = 16, "ownership", "Ownership", FieldKind::Choice(OWNERSHIP);
    /// The owner's name, when it is not the hospital.
    Owner = 17, "owner", "Owner", FieldKind::Text;
    /// The day a loaner or rental goes back.
    ReturnBy = 18, "return_by", "Return by", FieldKind::Date;
    /// Failure may seriously harm a patient or user. Unknown counts as high-risk.
    HighRisk = 19, "high_risk", "High-risk", FieldKind::Choice(YES_NO_UNKNOWN);
    /// Why it is or is not high-risk.
    HighRiskReason = 20, "high_risk_reason", "High-risk reason", FieldKind::Text;
    /// Fennigkoh-Smith function score, 2 to 10.
    EmFunction = 21, "em_function", "EM function", FieldKind::Number;
    /// Fennigkoh-Smith risk score, 1 to 5.
    EmRisk = 22, "em_risk", "EM risk", FieldKind::Number;
    /// Fennigkoh-Smith maintenance score, 1 to 5.
    EmMaintenance = 23, "em_maintenance", "EM maintenance", FieldKind::Number;
    /// Protection class on the rating plate.
    ProtectionClass = 24, "protection_class", "Protection class", FieldKind::Choice(PROTECTION);
    /// How it is powered.
    Power = 25, "power", "Power connection", FieldKind::Choice(POWER);
    /// Applied parts, each `name: B`, `name: BF` or `name: CF`.
    AppliedParts = 26, "applied_parts", "Applied parts", FieldKind::List;
    /// Day of purchase.
    PurchaseDate = 27, "purchase_date", "Purchased", FieldKind::Date;
    /// Price paid, in the hospital's currency.
    PurchasePrice = 28, "purchase_price", "Price", FieldKind::Number;
    /// Last day of the warranty.
    WarrantyEnd = 29, "warranty_end", "Warranty end", FieldKind::Date;
    /// Software and firmware versions, raw text as seen.
    Software = 30, "software", "Software", FieldKind::List;
    /// How it is networked.
    Network = 31, "network", "Network", FieldKind::Choice(NETWORK);
    /// IP address.
    Ip = 32, "ip", "IP address", FieldKind::Identifier;
    /// MAC address.
    Mac = 33, "mac", "MAC address", FieldKind::Identifier;
    /// Stores electronic patient information.
    StoresEphi = 34, "ephi", "Stores ePHI", FieldKind::Choice(YES_NO_UNKNOWN);
    /// Asset tag of the system this is a module of.
    Parent = 35, "parent", "Part of", FieldKind::Identifier;
    /// Free notes. No patient data.
    Notes = 36, "notes", "Notes", FieldKind::Text;
    /// Lot number of the UDI.
    Lot = 37, "lot", "Lot", FieldKind::Text;
    /// Day of manufacture.
    Manufactured = 38, "manufactured", "Manufactured", FieldKind::Date;
    /// Purchase order.
    PurchaseOrder = 39, "po", "Purchase order", FieldKind::Text;
    /// Accessories that belong to it.
    Accessories = 40, "accessories", "Accessories", FieldKind::List;
    /// Cannot be carried away: it is never "unable to locate".
    Fixed = 41, "fixed", "Fixed in place", FieldKind::Choice(YES_NO_UNKNOWN);
    /// Host name on the network.
    Hostname = 42, "hostname", "Host name", FieldKind::Text;
    /// Who services it when it is not the shop.
    ServiceProvider = 43, "service_provider", "Service provider", FieldKind::Text;
    /// Maintained under an alternative equipment maintenance programme.
    Aem = 44, "aem", "AEM", FieldKind::Choice(YES_NO_UNKNOWN);
}

/// What a field holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Value {
    /// Text or identifier as written.
    Text(String),
    /// A date.
    Date(NaiveDate),
    /// A number.
    Number(Decimal),
    /// The number of a choice.
    Choice(u16),
    /// Several texts.
    List(Vec<String>),
}

impl Value {
    /// The same thing, written in another way perhaps: texts are compared by letters and digits.
    pub fn means_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a == b || fold(a) == fold(b) && !fold(a).is_empty(),
            _ => self == other,
        }
    }
}

/// The longest text a field takes, in bytes.
pub const TEXT_LIMIT: usize = 2_000;

/// The years that a date of a device may lie in.
const YEARS: std::ops::Range<i32> = 1900..2200;

/// A text that a field cannot hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{label} cannot be \"{text}\": {why}")]
pub struct BadValue {
    /// The field's label.
    pub label: &'static str,
    /// What was given.
    pub text: String,
    /// Why not, and what would do.
    pub why: String,
}

impl Field {
    /// The field with this key, comparing without case, space, dash and underscore.
    pub fn from_key(key: &str) -> Option<Self> {
        let wanted = fold(key);
        Self::ALL
            .iter()
            .copied()
            .find(|f| fold(f.key()) == wanted || fold(f.label()) == wanted)
    }

    /// Reads a value as a person writes it; an empty text is no value. Dates are `YYYY-MM-DD`.
    pub fn parse(self, text: &str) -> Result<Option<Value>, BadValue> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let bad = |why: String| BadValue {
            label: self.label(),
            text: short(text),
            why,
        };
        if text.len() > TEXT_LIMIT {
            return Err(bad(format!("longer than {TEXT_LIMIT} bytes")));
        }
        if text.chars().any(char::is_control) && !matches!(self, Self::Notes) {
            return Err(bad("it contains control characters".to_owned()));
        }
        let value = match self.kind() {
            FieldKind::Text | FieldKind::Identifier => {
                if self == Self::AssetTag && !text.chars().any(char::is_alphanumeric) {
                    return Err(bad("a tag needs a letter or a digit".to_owned()));
                }
                if let Some(why) = address::wrong(self, text) {
                    return Err(bad(why.to_owned()));
                }
                Value::Text(text.to_owned())
            }
            FieldKind::Date => {
                let date = NaiveDate::parse_from_str(text, "%Y-%m-%d")
                    .map_err(|_| bad("a date is written YYYY-MM-DD".to_owned()))?;
                if !YEARS.contains(&date.year()) {
                    return Err(bad("no device has a date of that year".to_owned()));
                }
                Value::Date(date)
            }
            FieldKind::Number => {
                let number: Decimal = text
                    .replace([',', '$', '€', '£', ' '], "")
                    .parse()
                    .map_err(|_| bad("it is not a number".to_owned()))?;
                let range = match self {
                    Self::EmFunction => Some((2, 10)),
                    Self::EmRisk | Self::EmMaintenance => Some((1, 5)),
                    _ => None,
                };
                if let Some((low, high)) = range
                    && (number < Decimal::from(low) || number > Decimal::from(high))
                {
                    return Err(bad(format!("the score runs from {low} to {high}")));
                }
                if number.is_sign_negative() && !number.is_zero() {
                    return Err(bad("it cannot be negative".to_owned()));
                }
                Value::Number(number)
            }
            FieldKind::Choice(choices) => {
                Value::Choice(read_choice(choices, text).ok_or_else(|| {
                    let keys: Vec<_> = choices.iter().map(|c| c.key).collect();
                    bad(format!("one of {} is needed", keys.join(", ")))
                })?)
            }
            FieldKind::List => {
                let items: Vec<String> = text
                    .split([';', '|'])
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(str::to_owned)
                    .collect();
                if self == Self::AppliedParts
                    && let Some(item) = items.iter().find(|item| applied_part(item).is_none())
                {
                    return Err(bad(format!(
                        "\"{item}\" needs a name and a type, as in \"ECG leads: CF\""
                    )));
                }
                Value::List(items)
            }
        };
        Ok(Some(value))
    }

    /// Refuses a value that this field cannot hold, whoever made it.
    pub fn check(self, value: &Value) -> Result<(), BadValue> {
        let bad = |why: &str| BadValue {
            label: self.label(),
            text: short(&self.show(value)),
            why: why.to_owned(),
        };
        match (self.kind(), value) {
            (FieldKind::Text | FieldKind::Identifier, Value::Text(text)) => {
                match self.parse(text)? {
                    Some(_) => Ok(()),
                    None => Err(bad("it is empty")),
                }
            }
            (FieldKind::Number, Value::Number(number)) => {
                self.parse(&number.to_string()).map(|_| ())
            }
            (FieldKind::Date, Value::Date(_)) => Ok(()),
            (FieldKind::Choice(choices), Value::Choice(code)) => {
                if choices.iter().any(|choice| choice.code == *code) {
                    Ok(())
                } else {
                    Err(bad("it is not one of the choices"))
                }
            }
            (FieldKind::List, Value::List(items)) => {
                let text = items.join(";");
                match self.parse(&text)? {
                    Some(_) => Ok(()),
                    None => Err(bad("it is empty")),
                }
            }
            _ => Err(bad("it is of another kind")),
        }
    }

    /// A value as a person reads it.
    pub fn show(self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Date(date) => date.format("%Y-%m-%d").to_string(),
            Value::Number(number) => number.to_string(),
            Value::Choice(code) => match self.kind() {
                FieldKind::Choice(choices) => choices
                    .iter()
                    .find(|c| c.code == *code)
                    .map_or_else(|| format!("choice {code}"), |c| c.label.to_owned()),
                _ => format!("choice {code}"),
            },
            Value::List(items) => items.join("; "),
        }
    }

    /// The stable key of a value: as [`Field::show`], with choices by key.
    pub fn key_of(self, value: &Value) -> String {
        match (self.kind(), value) {
            (FieldKind::Choice(choices), Value::Choice(code)) => choices
                .iter()
                .find(|c| c.code == *code)
                .map_or_else(|| code.to_string(), |c| c.key.to_owned()),
            _ => self.show(value),
        }
    }
}

/// Splits `name: BF` into name and type.
pub fn applied_part(item: &str) -> Option<(&str, &str)> {
    let (name, kind) = item.rsplit_once(':')?;
    let (name, kind) = (name.trim(), kind.trim());
    (!name.is_empty() && matches!(kind, "B" | "BF" | "CF")).then_some((name, kind))
}

fn read_choice(choices: &[Choice], text: &str) -> Option<u16> {
    let wanted = fold(text);
    let wanted = match wanted.as_str() {
        "y" | "true" | "1" if choices == YES_NO_UNKNOWN => "yes",
        "n" | "false" | "0" if choices == YES_NO_UNKNOWN => "no",
        "u" | "na" if choices == YES_NO_UNKNOWN => "unknown",
        "i" | "1" | "class1" if choices == PROTECTION => "classi",
        "ii" | "2" | "class2" if choices == PROTECTION => "classii",
        other => other,
    };
    choices
        .iter()
        .find(|c| fold(c.key) == wanted || fold(c.label) == wanted)
        .map(|c| c.code)
}

fn short(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    if clean.chars().count() <= 40 {
        clean
    } else {
        clean.chars().take(39).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_on_the_wire_are_unique_and_come_back() {
        let mut seen = std::collections::BTreeSet::new();
        for field in Field::ALL {
            assert!(seen.insert(field.code()), "{field:?} reuses a number");
            assert_eq!(Field::from_code(field.code()), Some(*field));
            assert_eq!(Field::from_key(field.key()), Some(*field));
        }
    }

    #[test]
    fn values_read_as_written() {
        let good = [
            (Field::Serial, " AB-12 ", "AB-12"),
            (Field::PurchaseDate, "2024-02-29", "2024-02-29"),
            (Field::PurchasePrice, "$1,250.50", "1250.50"),
            (Field::StoresEphi, "Y", "yes"),
            (Field::Ownership, "vendor loaner", "vendor loaner"),
            (Field::ProtectionClass, "II", "class II (double insulated)"),
            (
                Field::AppliedParts,
                "ECG leads: CF; cuff: BF",
                "ECG leads: CF; cuff: BF",
            ),
        ];
        for (field, text, shown) in good {
            let value = field.parse(text).unwrap().unwrap();
            assert_eq!(field.show(&value), shown);
            assert_eq!(field.parse(&field.key_of(&value)).unwrap(), Some(value));
        }
        for (field, text) in [
            (Field::PurchaseDate, "2023-02-29"),
            (Field::PurchasePrice, "-1"),
            (Field::EmFunction, "11"),
            (Field::StoresEphi, "perhaps"),
            (Field::AppliedParts, "cuff"),
            (Field::AssetTag, "--"),
            (Field::Serial, "a\u{1b}[2J"),
        ] {
            assert!(field.parse(text).is_err(), "{field:?} took {text}");
        }
        assert_eq!(Field::Serial.parse("  ").unwrap(), None);
    }
}
