//! What was read off a label, with everything doubtful said aloud.
//!
//! Invariants: as JSON a [`Scan`] is flat, every field present, unknown as `null`; warnings and errors are stable codes
//! in snake_case. Every type also survives a binary codec that does not describe itself.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::check::hibcc_check_character;
use super::dates::LabelDate;

/// Who issued the numbering: the three agencies whose identifiers count as a UDI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Issuer {
    /// GS1: GTIN and application identifiers.
    #[serde(rename = "GS1")]
    Gs1,
    /// Health Industry Business Communications Council.
    #[serde(rename = "HIBCC")]
    Hibcc,
    /// ISBT 128, for blood, cells and tissue.
    #[serde(rename = "ICCBBA")]
    Iccbba,
    /// The text is in none of the three forms.
    #[default]
    #[serde(rename = "unknown")]
    Unknown,
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gs1 => "GS1",
            Self::Hibcc => "HIBCC",
            Self::Iccbba => "ICCBBA",
            Self::Unknown => "unknown",
        })
    }
}

impl fmt::Display for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// One further thing a label says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extra {
    /// Text, as the label has it.
    Text(String),
    /// A number.
    Number(u64),
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return match self {
                Self::Text(text) => serializer.serialize_str(text),
                Self::Number(number) => serializer.serialize_u64(*number),
            };
        }
        match self {
            Self::Text(text) => (None::<u64>, text.as_str()).serialize(serializer),
            Self::Number(number) => (Some(*number), "").serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Plain {
            Number(u64),
            Text(String),
        }
        if deserializer.is_human_readable() {
            return Ok(match Plain::deserialize(deserializer)? {
                Plain::Number(number) => Self::Number(number),
                Plain::Text(text) => Self::Text(text),
            });
        }
        let (number, text) = <(Option<u64>, String)>::deserialize(deserializer)?;
        Ok(number.map_or(Self::Text(text), Self::Number))
    }
}

/// Something about a scan that a person should know; what was read is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The check digit of a GS1 number is wrong. Some genuine labels are printed so.
    CheckDigit,
    /// The check character of a HIBCC symbol is wrong.
    CheckCharacter,
    /// A field holds what could be the next fields: the scanner may have swallowed the separator.
    SeparatorLostPossible,
    /// A date that does not exist; it is left empty.
    InvalidDate,
    /// A production date after today.
    ManufacturedInFuture,
    /// The label names no device identifier.
    NoDi,
    /// A field is shorter or longer than its form allows.
    InvalidLength,
    /// A field holds a character that its form does not allow.
    InvalidCharacter,
    /// A field that no table knows; its text is kept.
    UnknownField,
    /// One field twice, with two values; the first counts, the second is kept beside it.
    RepeatedField,
    /// The scanner typed for another keyboard than the computer's; undone, and the check digit proves it.
    KeyboardLayoutRepaired,
    /// The scanner may type for another keyboard than the computer's; nothing proves what the label says.
    KeyboardLayoutSuspected,
}

impl Warning {
    /// The sentence for the technician.
    pub fn words(self) -> &'static str {
        match self {
            Self::CheckDigit => {
                "The check digit does not fit. Compare the number with the label, or scan again."
            }
            Self::CheckCharacter => {
                "The check character does not fit. Compare the code with the label, or scan again."
            }
            Self::SeparatorLostPossible => {
                "The scanner may have lost a separator: two fields could have run together. Compare lot and serial with the label, or scan again."
            }
            Self::InvalidDate => "The label gives a date that does not exist. It is left empty.",
            Self::ManufacturedInFuture => {
                "The production date lies in the future. Compare it with the label."
            }
            Self::NoDi => "The code names no device identifier, so it does not tell the model.",
            Self::InvalidLength => {
                "A field is shorter or longer than the standard allows. Compare it with the label."
            }
            Self::InvalidCharacter => {
                "A field holds a character that the standard does not allow. Compare it with the label."
            }
            Self::UnknownField => "The code holds a field that is not known. Its text is kept.",
            Self::RepeatedField => {
                "The code gives one field twice with two values. The first one is used."
            }
            Self::KeyboardLayoutRepaired => {
                "The scanner types for another keyboard than this computer's. The check digit proves the repair; still set the scanner to this layout."
            }
            Self::KeyboardLayoutSuspected => {
                "The scanner seems to type for another keyboard than this computer's. Set it to this layout, then scan again."
            }
        }
    }
}

/// Why a text could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanError {
    /// The text has none of the three forms.
    NotAUdi,
    /// The text ends within a field.
    Truncated,
    /// A field is longer than its form allows: fields have run together, and where is not known.
    SeparatorLost,
    /// The second of two HIBCC symbols, without the first.
    SecondaryWithoutPrimary,
    /// A compressed GS1 Digital Link, which is not read.
    CompressedLink,
}

impl ScanError {
    /// The sentence for the technician.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotAUdi => "This is not a UDI. Look it up as an asset tag or serial number.",
            Self::Truncated => "The code ends too early. Scan it again, or type it from the label.",
            Self::SeparatorLost => {
                "The scanner lost a separator, so the fields cannot be told apart. Scan again, or set the scanner to send GS (FNC1)."
            }
            Self::CompressedLink => {
                "This is a compressed GS1 link, which is not read here. Scan the plain barcode on the label, or type the numbers."
            }
            Self::SecondaryWithoutPrimary => {
                "This is the second barcode of a pair. Scan the first one, which names the device."
            }
        }
    }
}

/// What one scan or typed text says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Scan {
    /// Who issued the numbering.
    pub issuer: Issuer,
    /// Device identifier, in the form to look it up by: GS1 as GTIN-14; HIBCC as labeler, product and unit of measure
    /// without `+` and check character; ICCBBA as its 16 characters (blood containers: 10).
    pub di: Option<String>,
    /// Lot or batch.
    pub lot: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// Production date.
    pub manufactured: Option<LabelDate>,
    /// Expiry date.
    pub expires: Option<LabelDate>,
    /// Number of pieces.
    pub quantity: Option<u64>,
    /// All other fields: GS1 by application identifier; HIBCC `lic`, `pcn`, `um` of a lone primary symbol; ICCBBA by name.
    pub additional: BTreeMap<String, Extra>,
    /// What a person should know, in the order it was found, each once.
    pub warnings: Vec<Warning>,
    /// Why the text could not be read to its end.
    pub error: Option<ScanError>,
}

impl Scan {
    /// An empty scan of this issuer.
    pub(crate) fn of(issuer: Issuer) -> Self {
        Self {
            issuer,
            ..Self::default()
        }
    }

    /// The scan of a text in none of the three forms.
    pub(crate) fn not_a_udi() -> Self {
        Self {
            error: Some(ScanError::NotAUdi),
            ..Self::default()
        }
    }

    /// Adds a warning, once.
    pub(crate) fn warn(&mut self, warning: Warning) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Sets the error; the first one stays.
    pub(crate) fn fail(&mut self, error: ScanError) {
        self.error.get_or_insert(error);
    }

    /// Keeps a further field. A second value under one name gets a numbered name, so that nothing is lost.
    pub(crate) fn extra(&mut self, name: &str, value: Extra) {
        let mut key = name.to_owned();
        let mut count = 1;
        while let Some(have) = self.additional.get(&key) {
            if *have == value {
                return;
            }
            count += 1;
            key = format!("{name} ({count})");
        }
        if count > 1 {
            self.warn(Warning::RepeatedField);
        }
        self.additional.insert(key, value);
    }

    /// Keeps a further field of text.
    pub(crate) fn extra_text(&mut self, name: &str, text: &str) {
        self.extra(name, Extra::Text(text.to_owned()));
    }

    /// Fills one of the named text fields; another value for a filled one is kept under `name`.
    pub(crate) fn fill(
        &mut self,
        name: &str,
        field: fn(&mut Self) -> &mut Option<String>,
        text: &str,
    ) {
        match field(self) {
            slot @ None => *slot = Some(text.to_owned()),
            Some(have) if have == text => {}
            Some(_) => {
                self.warn(Warning::RepeatedField);
                self.extra_text(name, text);
            }
        }
    }

    /// Fills one of the dates from a label's text; an impossible date warns and leaves it empty.
    pub(crate) fn fill_date(
        &mut self,
        name: &str,
        field: fn(&mut Self) -> &mut Option<LabelDate>,
        date: Option<LabelDate>,
        text: &str,
    ) {
        let Some(date) = date else {
            self.warn(Warning::InvalidDate);
            return;
        };
        match field(self) {
            slot @ None => *slot = Some(date),
            Some(have) if *have == date => {}
            Some(_) => {
                self.warn(Warning::RepeatedField);
                self.extra_text(name, text);
            }
        }
    }

    /// Warns of a production date after today.
    pub(crate) fn judge_dates(&mut self, today: chrono::NaiveDate) {
        if self
            .manufactured
            .is_some_and(|date| date.first_day() > today)
        {
            self.warn(Warning::ManufacturedInFuture);
        }
    }

    /// Leaves only what two readings of one text agree on.
    pub(crate) fn keep_what_agrees(&mut self, other: &Self) {
        fn agreed<T: PartialEq>(mine: &mut Option<T>, theirs: Option<&T>) {
            if mine.as_ref() != theirs {
                *mine = None;
            }
        }
        agreed(&mut self.di, other.di.as_ref());
        agreed(&mut self.lot, other.lot.as_ref());
        agreed(&mut self.serial, other.serial.as_ref());
        agreed(&mut self.manufactured, other.manufactured.as_ref());
        agreed(&mut self.expires, other.expires.as_ref());
        agreed(&mut self.quantity, other.quantity.as_ref());
        self.additional
            .retain(|name, value| other.additional.get(name) == Some(value));
        if self.issuer != other.issuer {
            self.issuer = Issuer::Unknown;
        }
    }

    /// Nothing was read at all.
    pub fn is_empty(&self) -> bool {
        self.di.is_none()
            && self.lot.is_none()
            && self.serial.is_none()
            && self.manufactured.is_none()
            && self.expires.is_none()
            && self.quantity.is_none()
            && self.additional.is_empty()
    }

    /// The forms under which registries store this device identifier. FDA's database holds most HIBCC identifiers
    /// with their check character and some without, and a GTIN may be stored without its leading zeros.
    pub fn di_forms(&self) -> Vec<String> {
        let Some(di) = &self.di else {
            return Vec::new();
        };
        let mut forms = vec![di.clone()];
        match self.issuer {
            Issuer::Hibcc => {
                if let Some(check) = hibcc_check_character(&format!("+{di}")) {
                    forms.push(format!("{di}{check}"));
                }
            }
            Issuer::Gs1 => {
                for length in [13, 12, 8] {
                    let zeros = di.len().saturating_sub(length);
                    if let Some((head, rest)) = di.split_at_checked(zeros)
                        && zeros > 0
                        && head.bytes().all(|b| b == b'0')
                    {
                        forms.push(rest.to_owned());
                    }
                }
            }
            Issuer::Iccbba | Issuer::Unknown => {}
        }
        forms
    }

    /// The hospital's or owner's asset number on the label (GS1 GIAI, AI 8004), if it has one.
    pub fn asset_number(&self) -> Option<&str> {
        match self.additional.get("8004") {
            Some(Extra::Text(text)) => Some(text),
            _ => None,
        }
    }
}
