//! The fields of a device: its texts, and its identifiers as compared.

use crate::domain::device::DeviceCard;

use super::fold::{alike, ident, number_start};
use super::intern::Interner;

/// A field of a card that lookup searches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FieldName {
    /// Asset tag.
    Tag,
    /// Serial number.
    Serial,
    /// IP address.
    Ip,
    /// MAC address.
    Mac,
    /// UDI-DI.
    UdiDi,
    /// A tag or serial of before.
    Alias,
    /// Manufacturer.
    Manufacturer,
    /// Brand.
    Brand,
    /// Model.
    Model,
    /// Manufacturer and model in one; never in a highlight, which names the two fields.
    Name,
    /// Model or catalogue number.
    Number,
    /// Plain device type.
    TypeName,
    /// FDA product code.
    TypeCode,
    /// Using department.
    Department,
    /// Location.
    Location,
    /// Status.
    Status,
    /// An open hold.
    Hold,
}

impl FieldName {
    /// What a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Tag => "asset tag",
            Self::Serial => "serial",
            Self::Ip => "IP address",
            Self::Mac => "MAC address",
            Self::UdiDi => "UDI-DI",
            Self::Alias => "earlier tag or serial",
            Self::Manufacturer => "manufacturer",
            Self::Brand => "brand",
            Self::Model => "model",
            Self::Name => "make and model",
            Self::Number => "model number",
            Self::TypeName => "device type",
            Self::TypeCode => "product code",
            Self::Department => "department",
            Self::Location => "location",
            Self::Status => "status",
            Self::Hold => "hold",
        }
    }

    /// Points that prefer this field among equal matches.
    pub(super) const fn priority(self) -> u32 {
        match self {
            Self::Tag
            | Self::Manufacturer
            | Self::Brand
            | Self::Model
            | Self::Name
            | Self::Number
            | Self::TypeName
            | Self::TypeCode => 3,
            Self::Serial | Self::Department => 2,
            Self::Ip | Self::Alias | Self::Location => 1,
            Self::Mac | Self::UdiDi | Self::Status | Self::Hold => 0,
        }
    }
}

/// One text of a device.
#[derive(Debug)]
pub(super) struct TextRef {
    pub(super) field: FieldName,
    /// Which of several, from 0.
    pub(super) nth: u16,
    /// Its number in the [`Interner`].
    pub(super) value: u32,
}

/// One identifier of a device.
#[derive(Clone, Debug)]
pub(super) struct Ident {
    pub(super) field: FieldName,
    /// Which of several, from 0.
    pub(super) nth: usize,
    /// As compared.
    pub(super) text: Box<str>,
    /// Where the short form begins (a tag's number, a DI without leading zeros); 0 where there is none.
    pub(super) short: usize,
}

impl Ident {
    /// The short form, if it differs.
    pub(super) fn short(&self) -> Option<&str> {
        (self.short > 0)
            .then(|| self.text.get(self.short..))
            .flatten()
    }
}

/// A device as it is explained: put together again for the rows that are shown.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) card: DeviceCard,
    pub(super) texts: Vec<TextRef>,
    pub(super) idents: Vec<Ident>,
}

impl Row {
    /// A card whose texts are known.
    pub(super) fn new(card: DeviceCard, interner: &Interner) -> Self {
        let texts = texts(&card)
            .into_iter()
            .filter_map(|(field, nth, text)| {
                Some(TextRef {
                    field,
                    nth: u16::try_from(nth).unwrap_or(u16::MAX),
                    value: interner.number(&text)?,
                })
            })
            .collect();
        Self {
            texts,
            idents: idents_of(&card, |_| true).into_vec(),
            card,
        }
    }
}

/// The texts of a card, with their fields; empty ones left out.
pub(super) fn texts(card: &DeviceCard) -> Vec<(FieldName, usize, String)> {
    texts_of(card, |_| true)
}

/// The texts of the wanted fields.
pub(super) fn texts_of(
    card: &DeviceCard,
    wanted: impl Fn(FieldName) -> bool,
) -> Vec<(FieldName, usize, String)> {
    let mut out = Vec::with_capacity(12);
    let mut add = |field, nth, text: &str| {
        if !text.is_empty() && wanted(field) {
            out.push((field, nth, text.to_owned()));
        }
    };
    add(FieldName::Manufacturer, 0, &card.manufacturer);
    add(FieldName::Brand, 0, &card.brand);
    add(FieldName::Model, 0, &card.model);
    for (nth, number) in card.numbers.iter().enumerate() {
        add(FieldName::Number, nth, number);
    }
    add(FieldName::TypeName, 0, &card.type_name);
    add(FieldName::TypeCode, 0, &card.type_code);
    add(FieldName::Department, 0, &card.department);
    add(FieldName::Location, 0, &card.location);
    add(FieldName::Status, 0, &card.status);
    for (nth, hold) in card.holds.iter().enumerate() {
        add(FieldName::Hold, nth, hold);
    }
    if !card.manufacturer.is_empty() && !card.model.is_empty() {
        add(
            FieldName::Name,
            0,
            &format!("{} {}", card.manufacturer, card.model),
        );
    }
    out
}

/// The identifiers of the wanted fields; empty ones left out.
pub(super) fn idents_of(card: &DeviceCard, wanted: impl Fn(FieldName) -> bool) -> Box<[Ident]> {
    let mut out = Vec::with_capacity(5);
    let mut add = |field, nth, text: &str| {
        if text.is_empty() || !wanted(field) {
            return;
        }
        let text = ident(text, field == FieldName::Ip);
        if text.is_empty() {
            return;
        }
        let short = match field {
            FieldName::Tag => number_start(&text),
            FieldName::UdiDi => text.len() - text.trim_start_matches('0').len(),
            _ => 0,
        };
        out.push(Ident {
            field,
            nth,
            text: text.into(),
            short,
        });
    };
    add(FieldName::Tag, 0, &card.tag);
    add(FieldName::Serial, 0, &card.serial);
    add(FieldName::Ip, 0, &card.ip);
    add(FieldName::Mac, 0, &card.mac);
    add(FieldName::UdiDi, 0, &card.udi_di);
    for (nth, alias) in card.aliases.iter().enumerate() {
        add(FieldName::Alias, nth, alias);
    }
    out.into()
}

/// The pairs of neighbouring characters of an identifier, thrown into 128 bits, look-alikes as one. An identifier can
/// hold only a word whose pairs it has; most devices are passed over by this one comparison.
pub(super) fn pairs(ident: &str) -> u128 {
    let mut mask = 0;
    let mut before = None;
    for c in ident.chars().map(alike) {
        if let Some(before) = before {
            let mixed = (before as u32)
                .wrapping_mul(0x9E37_79B1)
                .wrapping_add(c as u32)
                .wrapping_mul(0x85EB_CA6B);
            mask |= 1 << (mixed >> 25);
        }
        before = Some(c);
    }
    mask
}

/// The text of a card that a field name and number stand for, as the card writes it.
pub(super) fn raw(card: &DeviceCard, field: FieldName, nth: usize) -> Option<&str> {
    Some(match field {
        FieldName::Tag => &card.tag,
        FieldName::Serial => &card.serial,
        FieldName::Ip => &card.ip,
        FieldName::Mac => &card.mac,
        FieldName::UdiDi => &card.udi_di,
        FieldName::Alias => card.aliases.get(nth)?,
        FieldName::Manufacturer => &card.manufacturer,
        FieldName::Brand => &card.brand,
        FieldName::Model => &card.model,
        FieldName::Number => card.numbers.get(nth)?,
        FieldName::TypeName => &card.type_name,
        FieldName::TypeCode => &card.type_code,
        FieldName::Department => &card.department,
        FieldName::Location => &card.location,
        FieldName::Status => &card.status,
        FieldName::Hold => card.holds.get(nth)?,
        FieldName::Name => return None,
    })
}
