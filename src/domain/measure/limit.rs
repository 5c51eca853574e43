//! Limits and the judgement of a reading by them.
//!
//! Invariants: a value exactly on a limit passes. A reading is compared as an exact fraction after conversion, never
//! rounded first. `<1` or `>200` is judged only where every value it can stand for gives the same answer. A limit that
//! cannot be used (no bound, other dimension, number too long) gives `Undecided` with the reason, never a pass.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Ratio, Reading, ReadingForm, Unit};

/// What a value must meet; its numbers are in the step's unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Limit {
    /// From `low` to `high`, both included.
    Range {
        /// The lowest value that passes.
        low: Decimal,
        /// The highest value that passes.
        high: Decimal,
    },
    /// This value or less.
    AtMost(Decimal),
    /// This value or more.
    AtLeast(Decimal),
    /// A nominal value with a tolerance to both sides; of the two tolerances the larger counts.
    Nominal {
        /// The value to be met.
        nominal: Decimal,
        /// Tolerance in the step's unit (for a temperature: in degrees of difference).
        tol_abs: Option<Decimal>,
        /// Tolerance in percent of the nominal value as given in the step's unit.
        tol_percent: Option<Decimal>,
    },
}

/// The answer that a limit gives.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Judgement {
    /// Within the limit.
    Pass,
    /// Outside the limit.
    Fail,
    /// Not certain; the words say why and what would make it certain.
    Undecided(String),
}

/// Which bound of a limit is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Side {
    /// The lower bound.
    Low,
    /// The upper bound.
    High,
}

impl Judgement {
    /// Whether the value is certainly within the limit.
    pub fn passed(&self) -> bool {
        *self == Self::Pass
    }

    /// Whether the value is certainly outside the limit.
    pub fn failed(&self) -> bool {
        *self == Self::Fail
    }

    /// The worse of two: a failure before an undecided one before a pass.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Fail, _) => self,
            (_, Self::Fail) => other,
            (Self::Undecided(_), _) => self,
            _ => other,
        }
    }
}

impl Limit {
    /// The lowest and the highest value that pass, in the limit's own unit. `None` if the limit has no usable bound.
    pub fn bounds(&self) -> Option<(Option<Ratio>, Option<Ratio>)> {
        Some(match self {
            Self::Range { low, high } => (
                Some(Ratio::from_decimal(*low)),
                Some(Ratio::from_decimal(*high)),
            ),
            Self::AtMost(high) => (None, Some(Ratio::from_decimal(*high))),
            Self::AtLeast(low) => (Some(Ratio::from_decimal(*low)), None),
            Self::Nominal { .. } => {
                let (nominal, tolerance) = self.tolerance()?;
                (
                    Some(nominal.minus(tolerance)?),
                    Some(nominal.plus(tolerance)?),
                )
            }
        })
    }

    /// The nominal value and the tolerance that counts; `None` for other limits, or without any tolerance.
    pub fn tolerance(&self) -> Option<(Ratio, Ratio)> {
        let Self::Nominal {
            nominal,
            tol_abs,
            tol_percent,
        } = self
        else {
            return None;
        };
        let nominal = Ratio::from_decimal(*nominal);
        let absolute = tol_abs.map(Ratio::from_decimal);
        let percent = match tol_percent {
            Some(percent) => Some(
                nominal
                    .abs()?
                    .times(Ratio::from_decimal(*percent))?
                    .times(Ratio::new(1, 100)?)?,
            ),
            None => None,
        };
        Some((nominal, absolute.max(percent)?))
    }

    /// The limit in words: `at most 0.5 Ω`, `95 to 105 mL/h`, `200 J ± 10 % or 3 J, the larger`.
    pub fn describe(&self, unit: Unit) -> String {
        let with = |text: String, unit: Unit| {
            if unit == Unit::None {
                text
            } else {
                format!("{text} {unit}")
            }
        };
        match self {
            Self::Range { low, high } => with(format!("{low} to {high}"), unit),
            Self::AtMost(high) => with(format!("at most {high}"), unit),
            Self::AtLeast(low) => with(format!("at least {low}"), unit),
            Self::Nominal {
                nominal,
                tol_abs,
                tol_percent,
            } => {
                let nominal = with(nominal.to_string(), unit);
                let absolute = |t: &Decimal| with(t.to_string(), unit.difference());
                match (tol_abs, tol_percent) {
                    (Some(a), Some(p)) => {
                        format!("{nominal} ± {p} % or {}, the larger", absolute(a))
                    }
                    (Some(a), None) => format!("{nominal} ± {}", absolute(a)),
                    (None, Some(p)) => format!("{nominal} ± {p} %"),
                    (None, None) => nominal,
                }
            }
        }
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("pass"),
            Self::Fail => f.write_str("fail"),
            Self::Undecided(why) => write!(f, "undecided: {why}"),
        }
    }
}

/// Judges a reading by a limit given in `unit`.
///
/// Over-range fails an upper limit, because the instrument's range is chosen to hold the limit and a value that runs off
/// its end cannot be shown to be within; against a lower limit alone it is undecided, because a pass is never assumed.
pub fn judge(limit: &Limit, unit: Unit, reading: &Reading) -> Judgement {
    let undecided = |why: &str| Judgement::Undecided(why.to_owned());
    if !reading.unit.converts_to(unit) {
        return Judgement::Undecided(format!(
            "the reading is in {}, the limit in {unit}",
            reading.unit
        ));
    }
    let base = |value: Option<Ratio>| match value {
        None => Some(None),
        Some(value) => unit.to_base(value).map(Some),
    };
    let Some((low, high)) = limit.bounds().and_then(|(l, h)| Some((base(l)?, base(h)?))) else {
        return undecided("the limit has no tolerance, or its numbers are too long to compare");
    };
    let Some(number) = reading.form.number() else {
        return if high.is_some() {
            Judgement::Fail
        } else {
            undecided("over range: type > and the end of the instrument's range, like >200")
        };
    };
    let Some(value) = reading.unit.to_base(Ratio::from_decimal(number)) else {
        return undecided("the number is too long to compare");
    };
    match reading.form {
        ReadingForm::Exact(_) | ReadingForm::OverRange => {
            let below = low.is_some_and(|low| value < low);
            let above = high.is_some_and(|high| value > high);
            if below || above {
                Judgement::Fail
            } else {
                Judgement::Pass
            }
        }
        // Every value strictly under `value` is possible.
        ReadingForm::Below(_) => match (low, high) {
            (Some(low), _) if value <= low => Judgement::Fail,
            (None, Some(high)) if value <= high => Judgement::Pass,
            _ => undecided(
                "the value can be on either side of the limit: use a range that shows a number",
            ),
        },
        // Every value strictly over `value` is possible.
        ReadingForm::Above(_) => match (low, high) {
            (_, Some(high)) if value >= high => Judgement::Fail,
            (Some(low), None) if value >= low => Judgement::Pass,
            _ => undecided(
                "the value can be on either side of the limit: use a range that shows a number",
            ),
        },
    }
}

/// Judges a table of set points: one failure fails it; a missing or uncertain point leaves it undecided.
///
/// `points` pairs each point's label with its limit; `readings` are in the same order, absent where not yet taken.
pub fn judge_points(
    points: &[(&str, &Limit)],
    unit: Unit,
    readings: &[Option<Reading>],
) -> Judgement {
    if points.is_empty() {
        return Judgement::Undecided("the table has no points".to_owned());
    }
    points
        .iter()
        .enumerate()
        .map(|(i, (label, limit))| match readings.get(i) {
            Some(Some(reading)) => match judge(limit, unit, reading) {
                Judgement::Undecided(why) => Judgement::Undecided(format!("{label}: {why}")),
                sure => sure,
            },
            _ => Judgement::Undecided(format!("{label}: no reading yet")),
        })
        .fold(Judgement::Pass, Judgement::worse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn verdict(limit: Limit, unit: Unit, typed: &str) -> char {
        match judge(&limit, unit, &Reading::parse(typed, unit).unwrap()) {
            Judgement::Pass => 'P',
            Judgement::Fail => 'F',
            Judgement::Undecided(_) => 'U',
        }
    }

    #[test]
    fn the_border_belongs_to_the_pass() {
        let ohm = Limit::AtMost(d("0.5"));
        let flow = Limit::Nominal {
            nominal: d("100"),
            tol_abs: None,
            tol_percent: Some(d("5")),
        };
        let energy = Limit::Nominal {
            nominal: d("10"),
            tol_abs: Some(d("3")),
            tol_percent: Some(d("15")),
        };
        let temp = Limit::Range {
            low: d("36.5"),
            high: d("37.5"),
        };
        let rem = Limit::AtLeast(d("135"));
        for (limit, unit, typed, want) in [
            (ohm, Unit::Ohm, "0.5", 'P'),
            (ohm, Unit::Ohm, "0.500000000000001", 'F'),
            (ohm, Unit::Ohm, "500 mohm", 'P'),
            (ohm, Unit::Ohm, "501 mohm", 'F'),
            (ohm, Unit::Ohm, "<1", 'U'),
            (ohm, Unit::Ohm, "<0.5", 'P'),
            (ohm, Unit::Ohm, ">0.5", 'F'),
            (ohm, Unit::Ohm, ">0.4", 'U'),
            (ohm, Unit::Ohm, "OL", 'F'),
            (flow, Unit::MlPerHour, "95", 'P'),
            (flow, Unit::MlPerHour, "105", 'P'),
            (flow, Unit::MlPerHour, "94.9", 'F'),
            (flow, Unit::MlPerHour, "1.75 mL/min", 'P'),
            (flow, Unit::MlPerHour, "<95", 'F'),
            (flow, Unit::MlPerHour, "<100", 'U'),
            (flow, Unit::MlPerHour, ">105", 'F'),
            (energy, Unit::Joule, "7", 'P'),
            (energy, Unit::Joule, "6.99", 'F'),
            (temp, Unit::Celsius, "99.5 degF", 'P'),
            (temp, Unit::Celsius, "99.6 degF", 'F'),
            (rem, Unit::Ohm, "135", 'P'),
            (rem, Unit::Ohm, "134.9", 'F'),
            (rem, Unit::Ohm, ">135", 'P'),
            (rem, Unit::Ohm, "<135", 'F'),
            (rem, Unit::Ohm, "OL", 'U'),
        ] {
            assert_eq!(
                verdict(limit, unit, typed),
                want,
                "{typed} against {}",
                limit.describe(unit)
            );
        }
    }

    #[test]
    fn an_unusable_limit_never_passes() {
        let bare = Limit::Nominal {
            nominal: d("1"),
            tol_abs: None,
            tol_percent: None,
        };
        assert_eq!(verdict(bare, Unit::Ohm, "1"), 'U');
        let volts = Reading::parse("1", Unit::Volt).unwrap();
        assert!(matches!(
            judge(&Limit::AtMost(d("5")), Unit::Ohm, &volts),
            Judgement::Undecided(_)
        ));
    }

    #[test]
    fn a_table_is_as_good_as_its_worst_point() {
        let limit = Limit::AtMost(d("5"));
        let points = [("one", &limit), ("two", &limit)];
        let read = |text: &str| Some(Reading::parse(text, Unit::Ohm).unwrap());
        assert!(judge_points(&points, Unit::Ohm, &[read("1"), read("5")]).passed());
        assert!(judge_points(&points, Unit::Ohm, &[None, read("6")]).failed());
        assert_eq!(
            judge_points(&points, Unit::Ohm, &[read("1")]).to_string(),
            "undecided: two: no reading yet"
        );
        assert!(matches!(
            judge_points(&[], Unit::Ohm, &[]),
            Judgement::Undecided(_)
        ));
    }

    #[test]
    fn limits_in_words() {
        let both = Limit::Nominal {
            nominal: d("37"),
            tol_abs: Some(d("0.2")),
            tol_percent: Some(d("1")),
        };
        assert_eq!(
            both.describe(Unit::Celsius),
            "37 °C ± 1 % or 0.2 K, the larger"
        );
        assert_eq!(Limit::AtMost(d("0.5")).describe(Unit::Ohm), "at most 0.5 Ω");
    }

    proptest! {
        /// Nominal with both tolerances: inside either one is inside.
        #[test]
        fn the_larger_tolerance_counts(nominal in -500i64..500, value in -1000i64..1000, absolute in 0i64..50, percent in 0i64..50) {
            let limit = Limit::Nominal {
                nominal: Decimal::new(nominal, 0),
                tol_abs: Some(Decimal::new(absolute, 0)),
                tol_percent: Some(Decimal::new(percent, 0)),
            };
            let off = (value - nominal).abs();
            let want = off <= absolute || off * 100 <= nominal.abs() * percent;
            let got = judge(&limit, Unit::Watt, &Reading::exact(Decimal::new(value, 0), Unit::Watt));
            prop_assert_eq!(got.passed(), want);
            prop_assert_eq!(got.failed(), !want);
        }

        /// A Fahrenheit reading against a Celsius range, in tenths: 5 (F - 32) against 9 C.
        #[test]
        fn fahrenheit_readings_meet_celsius_limits(tenths in 900i64..1100, low in 330i64..380, width in 0i64..50) {
            let dec = |n: i64| Decimal::new(n, 1);
            let limit = Limit::Range { low: dec(low), high: dec(low + width) };
            let nine_c = 5 * (tenths - 320);
            let want = nine_c >= 9 * low && nine_c <= 9 * (low + width);
            let got = judge(&limit, Unit::Celsius, &Reading::exact(dec(tenths), Unit::Fahrenheit));
            prop_assert_eq!(got.passed(), want);
        }

        /// Readings and limits on a grid of thousandths, checked with plain whole numbers.
        #[test]
        fn agrees_with_whole_number_arithmetic(
            value in -5000i64..5000, low in -5000i64..5000, width in 0i64..4000,
            form in 0u8..3, kind in 0u8..4, milli in any::<bool>(),
        ) {
            let high = low + width;
            let dec = |n: i64| Decimal::new(n, 3);
            let (limit, lo, hi) = match kind {
                0 => (Limit::Range { low: dec(low), high: dec(high) }, Some(low), Some(high)),
                1 => (Limit::AtMost(dec(high)), None, Some(high)),
                2 => (Limit::AtLeast(dec(low)), Some(low), None),
                _ => (Limit::Nominal { nominal: dec(low), tol_abs: Some(dec(width)), tol_percent: None }, Some(low - width), Some(high)),
            };
            // The same value given in amperes or in milliamperes.
            let (number, unit) = if milli { (Decimal::new(value, 0), Unit::MilliAmpere) } else { (dec(value), Unit::Ampere) };
            // What the reading can stand for, sampled on a grid of halves around every border and far away.
            let twice = value * 2;
            let possible: Vec<i64> = match form {
                0 => vec![twice],
                1 => [twice - 1, -40_000].into_iter().chain(lo.map(|l| l * 2 - 1)).chain(lo.map(|l| l * 2)).filter(|v| *v < twice).collect(),
                _ => [twice + 1, 40_000].into_iter().chain(hi.map(|h| h * 2 + 1)).chain(hi.map(|h| h * 2)).filter(|v| *v > twice).collect(),
            };
            let good = possible.iter().filter(|v| lo.is_none_or(|l| **v >= l * 2) && hi.is_none_or(|h| **v <= h * 2)).count();
            let want = if good == possible.len() { 'P' } else if good == 0 { 'F' } else { 'U' };
            let form = match form { 0 => ReadingForm::Exact(number), 1 => ReadingForm::Below(number), _ => ReadingForm::Above(number) };
            let got = match judge(&limit, Unit::Ampere, &Reading { form, unit, typed: String::new() }) {
                Judgement::Pass => 'P', Judgement::Fail => 'F', Judgement::Undecided(_) => 'U',
            };
            prop_assert_eq!(got, want);
        }
    }
}
