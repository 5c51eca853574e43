//! Units of measurement: what they are called, what they measure, and their exact size.
//!
//! Invariants: every factor is an exact fraction (a millimetre of mercury is 133.322387415 Pa by definition, a pound-force
//! and an inch are exact too). Two units convert only within one [`Dimension`]. Temperatures and temperature
//! *differences* are different dimensions: 1 °C is 33.8 °F, but a difference of 1 K is one of 1.8 Δ°F. The number behind
//! each variant is stored in journals and never changes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Ratio;

/// What a unit measures. Only units of one dimension convert into each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
#[allow(
    missing_docs,
    reason = "each variant is the plain name of a physical quantity"
)]
pub enum Dimension {
    Pressure,
    PressureRate,
    Temperature,
    TemperatureDifference,
    Resistance,
    Current,
    Voltage,
    Flow,
    Volume,
    Energy,
    Power,
    Time,
    Proportion,
    EventRate,
    Rotation,
    Frequency,
    Mass,
    Length,
    Speed,
    EcgGain,
    Illuminance,
    SpectralIrradiance,
    SoundLevel,
    Conductivity,
    DoseRate,
    Dose,
    CtNumber,
    Force,
    Angle,
    BacterialCount,
    Endotoxin,
    Count,
    Plain,
}

impl Dimension {
    /// Whether a value below zero means nothing. Pressures, temperatures, voltages, weights, levels, angles, times, proportions and
    /// plain numbers may be measured against a reference, and lie below it.
    pub const fn is_never_negative(self) -> bool {
        matches!(
            self,
            Self::Resistance
                | Self::Current
                | Self::Flow
                | Self::Volume
                | Self::Energy
                | Self::Power
                | Self::EventRate
                | Self::Rotation
                | Self::Frequency
                | Self::Length
                | Self::Speed
                | Self::EcgGain
                | Self::Illuminance
                | Self::SpectralIrradiance
                | Self::Conductivity
                | Self::DoseRate
                | Self::Dose
                | Self::BacterialCount
                | Self::Endotoxin
                | Self::Count
        )
    }

    /// The quantity in words, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pressure => "pressure",
            Self::PressureRate => "pressure change over time",
            Self::Temperature => "temperature",
            Self::TemperatureDifference => "temperature difference",
            Self::Resistance => "resistance",
            Self::Current => "current",
            Self::Voltage => "voltage",
            Self::Flow => "flow",
            Self::Volume => "volume",
            Self::Energy => "energy",
            Self::Power => "power",
            Self::Time => "time",
            Self::Proportion => "proportion",
            Self::EventRate => "rate",
            Self::Rotation => "rotation",
            Self::Frequency => "frequency",
            Self::Mass => "mass",
            Self::Length => "length",
            Self::Speed => "speed",
            Self::EcgGain => "ECG gain",
            Self::Illuminance => "illuminance",
            Self::SpectralIrradiance => "spectral irradiance",
            Self::SoundLevel => "sound level",
            Self::Conductivity => "conductivity",
            Self::DoseRate => "dose rate",
            Self::Dose => "dose",
            Self::CtNumber => "CT number",
            Self::Force => "force",
            Self::Angle => "angle",
            Self::BacterialCount => "bacterial count",
            Self::Endotoxin => "endotoxin",
            Self::Count => "count",
            Self::Plain => "plain number",
        }
    }
}

/// Declares every unit once: variant, stored code, dimension, printed symbol, other spellings, factor to the base unit
/// of its dimension as a fraction, and the offset (in base units) for temperatures.
macro_rules! units {
    ($($variant:ident = $code:literal, $dim:ident, $symbol:literal, [$($alias:literal),*], $num:literal / $den:literal $(, + $onum:literal / $oden:literal)?;)*) => {
        /// A unit of measurement.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[repr(u16)]
        #[allow(missing_docs, reason = "each variant is named by its unit; the table below gives symbol and size")]
        pub enum Unit { $($variant = $code),* }

        impl Unit {
            /// Every unit, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The number stored in journals.
            pub fn code(self) -> u16 { self as u16 }

            /// The unit of a stored number; `None` if this version does not know it.
            pub fn from_code(code: u16) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// The symbol as printed.
            pub fn symbol(self) -> &'static str {
                match self { $(Self::$variant => $symbol),* }
            }

            /// Other spellings that are understood, ASCII ones first.
            pub fn spellings(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($alias),*]),* }
            }

            /// What the unit measures.
            pub fn dimension(self) -> Dimension {
                match self { $(Self::$variant => Dimension::$dim),* }
            }

            /// Factor and offset to the base unit of the dimension: `base = value * factor + offset`.
            fn scale(self) -> ((i128, i128), (i128, i128)) {
                match self { $(Self::$variant => (($num, $den), units!(@offset $($onum / $oden)?))),* }
            }
        }
    };
    (@offset) => { (0, 1) };
    (@offset $n:literal / $d:literal) => { ($n, $d) };
}

units! {
    None = 0, Plain, "", ["none", "1"], 1 / 1;
    Count = 1, Count, "count", ["counts", "pcs", "x"], 1 / 1;
    Percent = 2, Proportion, "%", ["percent", "pct", "%RH"], 1 / 1;
    VolumePercent = 3, Proportion, "vol%", ["vol %", "% vol", "%vol", "Vol.%"], 1 / 1;
    // Base: pascal.
    MmHg = 10, Pressure, "mmHg", ["mm Hg", "torr"], 133_322_387_415 / 1_000_000_000;
    KiloPascal = 11, Pressure, "kPa", [], 1000 / 1;
    Psi = 12, Pressure, "psi", ["psig", "lbf/in2"], 44_482_216_152_605 / 6_451_600_000;
    CmH2O = 13, Pressure, "cmH2O", ["cm H2O", "cmH₂O"], 980_665 / 10_000;
    Millibar = 14, Pressure, "mbar", ["hPa"], 100 / 1;
    Bar = 15, Pressure, "bar", [], 100_000 / 1;
    Pascal = 16, Pressure, "Pa", [], 1 / 1;
    InHg = 17, Pressure, "inHg", ["in Hg"], 3_386_388_640_341 / 1_000_000_000;
    // Base: pascal per second.
    MmHgPerMin = 20, PressureRate, "mmHg/min", [], 133_322_387_415 / 60_000_000_000;
    MillibarPerMin = 21, PressureRate, "mbar/min", ["hPa/min"], 100 / 60;
    KiloPascalPerMin = 22, PressureRate, "kPa/min", [], 1000 / 60;
    CmH2OPerMin = 23, PressureRate, "cmH2O/min", [], 980_665 / 600_000;
    PsiPerMin = 24, PressureRate, "psi/min", [], 44_482_216_152_605 / 387_096_000_000;
    // Base: degree Celsius; Fahrenheit is shifted by -160/9.
    Celsius = 30, Temperature, "°C", ["degC", "C", "deg C"], 1 / 1;
    Fahrenheit = 31, Temperature, "°F", ["degF", "F", "deg F"], 5 / 9, + -160 / 9;
    KelvinDifference = 32, TemperatureDifference, "K", ["delta degC", "delta C", "Δ°C", "kelvin"], 1 / 1;
    FahrenheitDifference = 33, TemperatureDifference, "Δ°F", ["delta degF", "delta F"], 5 / 9;
    // Base: ohm.
    Ohm = 40, Resistance, "Ω", ["ohm", "ohms", "R"], 1 / 1;
    MilliOhm = 41, Resistance, "mΩ", ["mohm", "milliohm"], 1 / 1000;
    KiloOhm = 42, Resistance, "kΩ", ["kohm"], 1000 / 1;
    MegaOhm = 43, Resistance, "MΩ", ["Mohm", "megohm"], 1_000_000 / 1;
    // Base: ampere.
    Ampere = 50, Current, "A", ["amp", "amps"], 1 / 1;
    MilliAmpere = 51, Current, "mA", [], 1 / 1000;
    MicroAmpere = 52, Current, "µA", ["uA", "microamp"], 1 / 1_000_000;
    // Base: volt.
    Volt = 60, Voltage, "V", ["volt", "volts"], 1 / 1;
    MilliVolt = 61, Voltage, "mV", [], 1 / 1000;
    KiloVolt = 62, Voltage, "kV", ["kVp"], 1000 / 1;
    MicroVolt = 63, Voltage, "µV", ["uV"], 1 / 1_000_000;
    // Base: litre per hour.
    MlPerHour = 70, Flow, "mL/h", ["mL/hr", "cc/h", "cc/hr"], 1 / 1000;
    MlPerMin = 71, Flow, "mL/min", ["cc/min"], 60 / 1000;
    LPerMin = 72, Flow, "L/min", ["lpm", "slpm"], 60 / 1;
    LPerHour = 73, Flow, "L/h", ["L/hr"], 1 / 1;
    // Base: litre.
    Litre = 80, Volume, "L", ["liter", "litre"], 1 / 1;
    MilliLitre = 81, Volume, "mL", ["cc"], 1 / 1000;
    MicroLitre = 82, Volume, "µL", ["uL"], 1 / 1_000_000;
    // Base: joule.
    Joule = 90, Energy, "J", ["joule", "joules"], 1 / 1;
    MilliJoule = 91, Energy, "mJ", [], 1 / 1000;
    // Base: watt.
    Watt = 100, Power, "W", ["watt", "watts"], 1 / 1;
    MilliWatt = 101, Power, "mW", [], 1 / 1000;
    // Base: second.
    Second = 110, Time, "s", ["sec", "secs", "second", "seconds"], 1 / 1;
    MilliSecond = 111, Time, "ms", ["msec"], 1 / 1000;
    Minute = 112, Time, "min", ["mins", "minute", "minutes"], 60 / 1;
    Hour = 113, Time, "h", ["hr", "hrs", "hour", "hours"], 3600 / 1;
    Day = 114, Time, "d", ["day", "days"], 86_400 / 1;
    // Base: events per minute.
    BeatsPerMin = 120, EventRate, "bpm", ["beats/min"], 1 / 1;
    PerMin = 121, EventRate, "/min", ["1/min", "per min", "br/min", "breaths/min", "pulses/min"], 1 / 1;
    Rpm = 122, Rotation, "rpm", ["rev/min"], 1 / 1;
    Hertz = 123, Frequency, "Hz", [], 1 / 1;
    KiloHertz = 124, Frequency, "kHz", [], 1000 / 1;
    // Base: gram.
    KiloGram = 130, Mass, "kg", [], 1000 / 1;
    Gram = 131, Mass, "g", ["gram", "grams"], 1 / 1;
    MilliGram = 132, Mass, "mg", [], 1 / 1000;
    Pound = 133, Mass, "lb", ["lbs"], 45_359_237 / 100_000;
    Ounce = 134, Mass, "oz", [], 45_359_237 / 1_600_000;
    // Base: millimetre.
    MilliMetre = 140, Length, "mm", [], 1 / 1;
    CentiMetre = 141, Length, "cm", [], 10 / 1;
    Metre = 142, Length, "m", [], 1000 / 1;
    Inch = 143, Length, "in", ["inch", "inches"], 254 / 10;
    // Base: millimetre per second.
    MetrePerSecond = 150, Speed, "m/s", [], 1000 / 1;
    MilliMetrePerSecond = 151, Speed, "mm/s", [], 1 / 1;
    MilliMetrePerMilliVolt = 155, EcgGain, "mm/mV", [], 1 / 1;
    Lux = 160, Illuminance, "lux", ["lx"], 1 / 1;
    KiloLux = 161, Illuminance, "klx", ["klux"], 1000 / 1;
    MicroWattPerCm2Nm = 165, SpectralIrradiance, "µW/cm²/nm", ["uW/cm2/nm", "µW/cm2/nm"], 1 / 1;
    DecibelA = 170, SoundLevel, "dBA", ["dB(A)", "dB A"], 1 / 1;
    MilliSiemensPerCm = 175, Conductivity, "mS/cm", [], 1000 / 1;
    MicroSiemensPerCm = 176, Conductivity, "µS/cm", ["uS/cm"], 1 / 1;
    MilliGrayPerMin = 180, DoseRate, "mGy/min", [], 1 / 1;
    MilliGray = 181, Dose, "mGy", [], 1 / 1;
    Hounsfield = 185, CtNumber, "HU", [], 1 / 1;
    Newton = 190, Force, "N", [], 1 / 1;
    Degree = 195, Angle, "°", ["deg", "degree", "degrees"], 1 / 1;
    CfuPerMl = 200, BacterialCount, "CFU/mL", [], 1 / 1;
    EuPerMl = 201, Endotoxin, "EU/mL", [], 1 / 1;
}

impl Unit {
    /// The value in the base unit of the dimension; `None` when the number is too long to convert exactly.
    pub fn to_base(self, value: Ratio) -> Option<Ratio> {
        let ((num, den), (onum, oden)) = self.scale();
        value
            .times(Ratio::new(num, den)?)?
            .plus(Ratio::new(onum, oden)?)
    }

    /// The value in this unit of a value in the base unit; `None` when the number is too long.
    pub fn from_base(self, base: Ratio) -> Option<Ratio> {
        let ((num, den), (onum, oden)) = self.scale();
        base.minus(Ratio::new(onum, oden)?)?
            .over(Ratio::new(num, den)?)
    }

    /// `value`, given in this unit, in `other`; exact. `None` for another dimension or a number that is too long.
    pub fn convert(self, value: Ratio, other: Self) -> Option<Ratio> {
        if self == other {
            return Some(value);
        }
        if self.dimension() != other.dimension() {
            return None;
        }
        other.from_base(self.to_base(value)?)
    }

    /// The unit of a difference of two values in this unit: kelvin for °C, Δ°F for °F, itself otherwise.
    pub fn difference(self) -> Self {
        match self {
            Self::Celsius => Self::KelvinDifference,
            Self::Fahrenheit => Self::FahrenheitDifference,
            other => other,
        }
    }

    /// Whether a value in one unit can be given in the other.
    pub fn converts_to(self, other: Self) -> bool {
        self.dimension() == other.dimension()
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> Self {
        if unit == Unit::None {
            "none".to_owned()
        } else {
            unit.symbol().to_owned()
        }
    }
}

impl TryFrom<String> for Unit {
    type Error = UnknownUnit;

    fn try_from(text: String) -> Result<Self, UnknownUnit> {
        text.parse()
    }
}

/// A text that names no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a known unit{}", .near.map(|u| format!("; did you mean {u}?")).unwrap_or_default())]
pub struct UnknownUnit {
    /// What was given.
    pub text: String,
    /// A unit spelled alike, differing only in capitals.
    pub near: Option<Unit>,
}

/// One spelling for the signs that look alike: the two micro signs, the ohm sign and the Greek capital omega.
fn plain(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| match c {
            '\u{3bc}' => 'µ',
            '\u{2126}' => 'Ω',
            '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
            other => other,
        })
        .collect()
}

impl FromStr for Unit {
    type Err = UnknownUnit;

    /// Symbol or spelling, exact capitals first. Other capitals are accepted only where one unit fits ("MMHG", "ml/H"),
    /// because "mΩ" and "MΩ" differ by a thousand million.
    fn from_str(text: &str) -> Result<Self, UnknownUnit> {
        let text = plain(text);
        let all = || Self::ALL.iter().copied();
        let names =
            |unit: Self| std::iter::once(unit.symbol()).chain(unit.spellings().iter().copied());
        if let Some(unit) = all().find(|unit| names(*unit).any(|name| name == text)) {
            return Ok(unit);
        }
        let folded = text.to_lowercase();
        let mut alike = all().filter(|unit| names(*unit).any(|name| name.to_lowercase() == folded));
        match (alike.next(), alike.next()) {
            (Some(unit), None) => Ok(unit),
            (near, _) => Err(UnknownUnit { text, near }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn r(text: &str) -> Ratio {
        Ratio::from_decimal(text.parse().unwrap())
    }

    #[test]
    fn known_conversions_are_exact() {
        for (value, from, to, num, den) in [
            ("1", Unit::Ohm, Unit::MilliOhm, 1000, 1),
            ("0.12", Unit::Ohm, Unit::MilliOhm, 120, 1),
            ("500", Unit::MicroAmpere, Unit::MilliAmpere, 1, 2),
            ("98.6", Unit::Fahrenheit, Unit::Celsius, 37, 1),
            ("-40", Unit::Fahrenheit, Unit::Celsius, -40, 1),
            (
                "1",
                Unit::KelvinDifference,
                Unit::FahrenheitDifference,
                9,
                5,
            ),
            ("60", Unit::MlPerHour, Unit::MlPerMin, 1, 1),
            ("1", Unit::LPerMin, Unit::MlPerHour, 60_000, 1),
            ("1", Unit::KiloPascal, Unit::Millibar, 10, 1),
            ("1", Unit::Pound, Unit::Ounce, 16, 1),
            (
                "1",
                Unit::PsiPerMin,
                Unit::KiloPascalPerMin,
                8_896_443_230_521,
                1_290_320_000_000,
            ),
        ] {
            let got = from.convert(r(value), to).unwrap();
            assert_eq!(got, Ratio::new(num, den).unwrap(), "{value} {from} in {to}");
        }
        let psi = Unit::Psi.convert(Ratio::ONE, Unit::MmHg).unwrap();
        assert_eq!(psi.to_decimal(4).unwrap().to_string(), "51.7149");
        let inch = Unit::InHg.convert(Ratio::ONE, Unit::MmHg).unwrap();
        assert_eq!(inch.to_decimal(4).unwrap().to_string(), "25.4");
        let water = Unit::CmH2O.convert(Ratio::ONE, Unit::MmHg).unwrap();
        assert_eq!(water.to_decimal(4).unwrap().to_string(), "0.7356");
    }

    #[test]
    fn temperatures_and_differences_do_not_mix() {
        assert_eq!(
            Unit::Celsius.convert(Ratio::ONE, Unit::KelvinDifference),
            None
        );
        assert_eq!(Unit::Ohm.convert(Ratio::ONE, Unit::Ampere), None);
        assert_eq!(Unit::Celsius.difference(), Unit::KelvinDifference);
    }

    #[test]
    fn spellings_are_understood_and_unambiguous() {
        for (text, want) in [
            ("ohm", Unit::Ohm),
            ("uA", Unit::MicroAmpere),
            ("\u{3bc}A", Unit::MicroAmpere),
            ("\u{2126}", Unit::Ohm),
            ("degC", Unit::Celsius),
            ("mL/h", Unit::MlPerHour),
            ("ml/h", Unit::MlPerHour),
            ("MMHG", Unit::MmHg),
            ("mohm", Unit::MilliOhm),
            ("Mohm", Unit::MegaOhm),
            ("uW/cm2/nm", Unit::MicroWattPerCm2Nm),
            ("none", Unit::None),
            ("", Unit::None),
        ] {
            assert_eq!(text.parse::<Unit>(), Ok(want), "{text}");
        }
        assert!("MOHM".parse::<Unit>().is_err(), "could be milli or mega");
        assert!("furlong".parse::<Unit>().is_err());
        let mut seen: BTreeMap<&str, Unit> = BTreeMap::new();
        for unit in Unit::ALL {
            for name in std::iter::once(unit.symbol()).chain(unit.spellings().iter().copied()) {
                assert_eq!(seen.insert(name, *unit), None, "{name} names two units");
                assert_eq!(name.parse::<Unit>(), Ok(*unit));
            }
            assert_eq!(Unit::from_code(unit.code()), Some(*unit));
        }
        assert_eq!(Unit::from_code(9999), None);
    }

    proptest! {
        #[test]
        fn conversion_round_trips_exactly(
            mantissa in -999_999_999i64..=999_999_999, scale in 0u32..6,
            a in 0..Unit::ALL.len(), b in 0..Unit::ALL.len(),
        ) {
            let (from, to) = (Unit::ALL[a], Unit::ALL[b]);
            let value = Ratio::from_decimal(rust_decimal::Decimal::new(mantissa, scale));
            match from.convert(value, to) {
                Some(there) => prop_assert_eq!(to.convert(there, from), Some(value)),
                None => prop_assert!(!from.converts_to(to)),
            }
        }
    }
}
