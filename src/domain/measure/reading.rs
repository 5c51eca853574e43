//! A reading as a technician types it.
//!
//! Invariants: `typed` is what was typed or sent, without the spaces around it, and the number keeps its places ("0.10" stays "0.10"). The unit
//! is the one given with the number, else the step's. Nothing is guessed: a text with two meanings is refused.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Ratio, Unit};

/// The most digits a reading may have; no instrument shows more, and conversion stays exact.
pub const MAX_DIGITS: usize = 15;

/// The longest text, in bytes, that can be a reading with its unit; a pasted page is not one.
const MAX_TYPED: usize = 48;

/// What an instrument showed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ReadingForm {
    /// A number.
    Exact(Decimal),
    /// Less than this number (`<1`), the number itself not included.
    Below(Decimal),
    /// More than this number (`>200`), the number itself not included.
    Above(Decimal),
    /// Beyond the instrument's range (`OL`), whose end is not known.
    OverRange,
}

/// One measured value with its unit, as typed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reading {
    /// What the instrument showed.
    pub form: ReadingForm,
    /// The unit of the number.
    pub unit: Unit,
    /// The text as it came in.
    pub typed: String,
}

/// Why a text is not a reading. Nothing has been recorded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReadingError {
    /// Nothing but spaces.
    #[error(
        "nothing typed. A missing reading is not zero: type the number shown, or answer \"not applicable\" with a reason"
    )]
    Empty,
    /// No number where one should be.
    #[error("\"{0}\" is not a number. Type it like 0.12, <1, >200 or OL, with or without the unit")]
    NotANumber(String),
    /// One comma that could be a decimal or a thousands sign.
    #[error("\"{0}\" could be a thousand or a decimal. Type {1} or {2}")]
    Ambiguous(String, String, String),
    /// More digits than an instrument shows.
    #[error("\"{0}\" has more than 15 digits. Type it as the instrument shows it")]
    TooLong(String),
    /// The unit after the number is not known.
    #[error("\"{0}\" is not a known unit. This step is measured in {1}")]
    UnknownUnit(String, String),
    /// The unit measures something else.
    #[error("{0} is a unit of {1}, but this step is measured in {2}")]
    WrongUnit(String, &'static str, String),
    /// `≤`, `≥`, `<=`, `>=`.
    #[error("\"{0}\": type < or > alone, or the number itself")]
    OrEqual(String),
}

impl Reading {
    /// Reads what a technician typed for a step that is measured in `step_unit`.
    pub fn parse(text: &str, step_unit: Unit) -> Result<Self, ReadingError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(ReadingError::Empty);
        }
        if trimmed.len() > MAX_TYPED {
            let start: String = trimmed.chars().take(20).collect();
            return Err(ReadingError::NotANumber(format!("{start}…")));
        }
        if let Some(rest) = over_range(trimmed) {
            return Ok(Self {
                form: ReadingForm::OverRange,
                unit: unit_after(rest, step_unit)?,
                typed: trimmed.to_owned(),
            });
        }
        let (sign, rest) = match trimmed.chars().next() {
            Some(c @ ('<' | '>')) => (Some(c), trimmed[1..].trim_start()),
            Some('≤' | '≥') => return Err(ReadingError::OrEqual(trimmed.to_owned())),
            _ => (None, trimmed),
        };
        if sign.is_some() && rest.starts_with('=') {
            return Err(ReadingError::OrEqual(trimmed.to_owned()));
        }
        let end = rest
            .char_indices()
            .find(|(i, c)| {
                !(c.is_ascii_digit() || matches!(c, '.' | ',') || (*i == 0 && is_sign(*c)))
            })
            .map_or(rest.len(), |(i, _)| i);
        let (number, after) = rest.split_at(end);
        let value = parse_number(number).map_err(|error| match error {
            // The whole text tells the technician more than the part before the first letter.
            ReadingError::NotANumber(_) => ReadingError::NotANumber(trimmed.to_owned()),
            other => other,
        })?;
        Ok(Self {
            form: match sign {
                Some('<') => ReadingForm::Below(value),
                Some(_) => ReadingForm::Above(value),
                None => ReadingForm::Exact(value),
            },
            unit: unit_after(after, step_unit)?,
            typed: trimmed.to_owned(),
        })
    }

    /// An exact value in a unit, as an instrument's file gives it.
    pub fn exact(value: Decimal, unit: Unit) -> Self {
        Self {
            form: ReadingForm::Exact(value),
            unit,
            typed: value.to_string(),
        }
    }

    /// The number as (mantissa, places), if there is one.
    pub fn parts(&self) -> Option<(i128, u32)> {
        self.form.number().map(decimal_parts)
    }

    /// The exact value in another unit; `None` unless the reading is a plain number of the same dimension.
    pub fn value_in(&self, unit: Unit) -> Option<Ratio> {
        match self.form {
            ReadingForm::Exact(value) => self.unit.convert(Ratio::from_decimal(value), unit),
            _ => None,
        }
    }
}

impl ReadingForm {
    /// The number in the reading, if there is one.
    pub fn number(self) -> Option<Decimal> {
        match self {
            Self::Exact(n) | Self::Below(n) | Self::Above(n) => Some(n),
            Self::OverRange => None,
        }
    }
}

impl fmt::Display for ReadingForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(n) => write!(f, "{n}"),
            Self::Below(n) => write!(f, "<{n}"),
            Self::Above(n) => write!(f, ">{n}"),
            Self::OverRange => f.write_str("OL"),
        }
    }
}

impl fmt::Display for Reading {
    /// The value and its unit: `0.12 Ω`, `<1 µA`, `OL MΩ`, `37`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::None => write!(f, "{}", self.form),
            unit => write!(f, "{} {unit}", self.form),
        }
    }
}

/// The (mantissa, places) of a decimal, for formats that hold plain whole numbers: 0.12 is (12, 2).
pub fn decimal_parts(value: Decimal) -> (i128, u32) {
    (value.mantissa(), value.scale())
}

/// The decimal of (mantissa, places); `None` if it is out of range.
pub fn decimal_from_parts(mantissa: i128, places: u32) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(mantissa, places).ok()
}

/// Reads a plain number with a decimal point or comma and an optional sign; no exponent, no thousands signs.
pub fn parse_number(text: &str) -> Result<Decimal, ReadingError> {
    let text = text.trim();
    let not = || ReadingError::NotANumber(text.to_owned());
    let (negative, digits) = match text.chars().next() {
        Some('+') => (false, &text[1..]),
        Some(c) if is_sign(c) => (true, &text[c.len_utf8()..]),
        _ => (false, text),
    };
    let points = digits.matches(['.', ',']).count();
    if points > 1
        || !digits
            .chars()
            .all(|c| c.is_ascii_digit() || c == '.' || c == ',')
    {
        return Err(not());
    }
    let (whole, places) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    if whole.is_empty() && places.is_empty() {
        return Err(not());
    }
    if digits.contains(',')
        && places.len() == 3
        && (1..=3).contains(&whole.len())
        && !whole.starts_with('0')
    {
        return Err(ReadingError::Ambiguous(
            text.to_owned(),
            format!("{whole}{places}"),
            format!("{whole}.{places}"),
        ));
    }
    let significant = whole.trim_start_matches('0').len() + places.len();
    if significant > MAX_DIGITS {
        return Err(ReadingError::TooLong(text.to_owned()));
    }
    let mantissa: i128 = format!("{whole}{places}").parse().map_err(|_| not())?;
    decimal_from_parts(
        if negative { -mantissa } else { mantissa },
        places.len() as u32,
    )
    .ok_or_else(not)
}

/// A hyphen, or one of the minus signs that keyboards and instrument files send.
fn is_sign(c: char) -> bool {
    matches!(c, '-' | '+' | '\u{2212}' | '\u{2013}')
}

/// What follows an over-range mark, if the text begins with one.
fn over_range(text: &str) -> Option<&str> {
    let text = text.strip_prefix('+').unwrap_or(text);
    ["OVERRANGE", "OVER", "O.L.", "O.L", "0.L", "OVL", "OL", "∞"]
        .iter()
        .find_map(|mark| {
            let head = text.get(..mark.len())?;
            let rest = text.get(mark.len()..)?;
            let ends = rest.is_empty() || rest.starts_with(char::is_whitespace);
            (head.eq_ignore_ascii_case(mark) && ends).then_some(rest)
        })
}

fn unit_after(text: &str, step_unit: Unit) -> Result<Unit, ReadingError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(step_unit);
    }
    let name = if step_unit == Unit::None {
        "a plain number"
    } else {
        step_unit.symbol()
    };
    let unit: Unit = text
        .parse()
        .map_err(|_| ReadingError::UnknownUnit(text.to_owned(), name.to_owned()))?;
    if unit.converts_to(step_unit) {
        Ok(unit)
    } else {
        Err(ReadingError::WrongUnit(
            unit.symbol().to_owned(),
            unit.dimension().name(),
            name.to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_technicians_type() {
        for (text, step, want) in [
            ("0.12", Unit::Ohm, "0.12 Ω"),
            ("0,12", Unit::Ohm, "0.12 Ω"),
            (" .5 ", Unit::Ohm, "0.5 Ω"),
            ("5.", Unit::Ohm, "5 Ω"),
            ("<1", Unit::MicroAmpere, "<1 µA"),
            ("> 200", Unit::MegaOhm, ">200 MΩ"),
            ("OL", Unit::MegaOhm, "OL MΩ"),
            ("ol kohm", Unit::MegaOhm, "OL kΩ"),
            ("0.12 ohm", Unit::MilliOhm, "0.12 Ω"),
            ("120mohm", Unit::Ohm, "120 mΩ"),
            ("-5", Unit::Celsius, "-5 °C"),
            ("\u{2212}5 degF", Unit::Celsius, "-5 °F"),
            ("0.10", Unit::None, "0.10"),
            ("0,125", Unit::Ohm, "0.125 Ω"),
            ("1000,5", Unit::MlPerHour, "1000.5 mL/h"),
            ("21", Unit::VolumePercent, "21 vol%"),
            ("21 %", Unit::VolumePercent, "21 %"),
        ] {
            let reading = Reading::parse(text, step).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(reading.to_string(), want, "{text}");
            assert_eq!(reading.typed, text.trim());
        }
    }

    #[test]
    fn what_is_refused_and_why() {
        for (text, words) in [
            ("", "nothing typed"),
            ("   ", "nothing typed"),
            ("abc", "not a number"),
            ("1.2.3", "not a number"),
            ("1,234.5", "not a number"),
            ("<", "not a number"),
            (".", "not a number"),
            ("1e5", "not a known unit"),
            ("1,000", "Type 1000 or 1.000"),
            ("1234567890123456", "15 digits"),
            ("5 furlong", "not a known unit"),
            ("5 V", "voltage"),
            ("<=5", "< or > alone"),
            ("≥5", "< or > alone"),
            ("--5", "not a number"),
            (
                "0.000000000000000000000000000000000000000000000000",
                "not a number",
            ),
            ("5\n6", "not a known unit"),
        ] {
            let error = Reading::parse(text, Unit::Ohm).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn the_wire_form_gives_the_same_number_back() {
        let reading = Reading::parse("0.10", Unit::Ohm).unwrap();
        assert_eq!(reading.parts(), Some((10, 2)));
        assert_eq!(decimal_from_parts(10, 2).unwrap().to_string(), "0.10");
        assert_eq!(decimal_from_parts(i128::MAX, 0), None);
        assert_eq!(Reading::parse("OL", Unit::Ohm).unwrap().parts(), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*", unit in 0..Unit::ALL.len()) {
            let _ = Reading::parse(&text, Unit::ALL[unit]);
        }

        #[test]
        fn near_readings_never_panic(text in "[-+<>=≤≥∞]{0,2} ?[0-9.,OLol]{0,18} ?[a-zA-Zµ/%°Ω]{0,6}") {
            let _ = Reading::parse(&text, Unit::MlPerHour);
        }

        #[test]
        fn a_printed_reading_reads_back(mantissa in -999_999i64..=999_999, places in 0u32..5, form in 0u8..3, unit in 0..Unit::ALL.len()) {
            let number = Decimal::new(mantissa, places);
            let unit = Unit::ALL[unit];
            let form = match form {
                0 => ReadingForm::Exact(number),
                1 => ReadingForm::Below(number),
                _ => ReadingForm::Above(number),
            };
            let printed = Reading { form, unit, typed: String::new() }.to_string();
            let back = Reading::parse(&printed, unit).unwrap();
            prop_assert_eq!((back.form, back.unit), (form, unit));
        }
    }
}
