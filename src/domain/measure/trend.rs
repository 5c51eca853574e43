//! How far a reading is from its limit, and how far it has moved since the last inspection.
//!
//! Invariants: helpers for display; nothing here decides pass or fail. Only plain numbers have a margin or a drift; for
//! `<1`, `>200` and over-range the answer is `None`, shown as unknown.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Limit, Ratio, Reading, Side, Unit};

/// Places kept in differences, enough for any bench instrument.
const PLACES: u32 = 6;

/// The change of a value since an earlier reading, in the step's unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Drift {
    /// The earlier value in the step's unit.
    pub previous: Decimal,
    /// Now minus earlier; in [`Unit::difference`] of the step's unit.
    pub difference: Decimal,
    /// The change as a share of the way that was left to the nearer limit, in percent: 100 means the limit is reached.
    pub share_of_margin: Option<Decimal>,
}

/// The change from `previous` to `now`, both shown in the step's unit.
pub fn drift(
    previous: &Reading,
    now: &Reading,
    limit: Option<&Limit>,
    unit: Unit,
) -> Option<Drift> {
    let before = previous.value_in(unit)?;
    let change = now.value_in(unit)?.minus(before)?;
    let share_of_margin = limit.and_then(|limit| {
        let (left, side) = exact_margin(limit, before)?;
        let toward = match side {
            Side::Low => change.negated()?,
            Side::High => change,
        };
        toward.times(Ratio::new(100, 1)?)?.over(left)?.to_decimal(1)
    });
    Some(Drift {
        previous: before.to_decimal(PLACES)?,
        difference: change.to_decimal(PLACES)?,
        share_of_margin,
    })
}

/// The distance of a reading to the nearer bound of its limit, in the step's unit; negative when outside.
pub fn margin(limit: &Limit, unit: Unit, reading: &Reading) -> Option<(Decimal, Side)> {
    let (left, side) = exact_margin(limit, reading.value_in(unit)?)?;
    Some((left.to_decimal(PLACES)?, side))
}

/// As [`margin`], exact and for a value already in the limit's unit.
pub(crate) fn exact_margin(limit: &Limit, value: Ratio) -> Option<(Ratio, Side)> {
    let (low, high) = limit.bounds()?;
    let low = low.and_then(|low| value.minus(low)).map(|m| (m, Side::Low));
    let high = high
        .and_then(|high| high.minus(value))
        .map(|m| (m, Side::High));
    match (low, high) {
        (Some(low), Some(high)) => Some(if low.0 < high.0 { low } else { high }),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, unit: Unit) -> Reading {
        Reading::parse(text, unit).unwrap()
    }

    #[test]
    fn margin_is_to_the_nearer_bound() {
        let range = Limit::Range {
            low: Decimal::new(95, 0),
            high: Decimal::new(105, 0),
        };
        for (text, want, side) in [
            ("96", "1", Side::Low),
            ("104.5", "0.5", Side::High),
            ("110", "-5", Side::High),
        ] {
            let (left, at) = margin(&range, Unit::MlPerHour, &read(text, Unit::MlPerHour)).unwrap();
            assert_eq!((left.to_string().as_str(), at), (want, side));
        }
        assert_eq!(
            margin(&range, Unit::MlPerHour, &read("<96", Unit::MlPerHour)),
            None
        );
    }

    #[test]
    fn drift_is_shown_in_the_steps_unit() {
        let limit = Limit::AtMost(Decimal::new(5, 1));
        let moved = drift(
            &read("100 mohm", Unit::Ohm),
            &read("0.3", Unit::Ohm),
            Some(&limit),
            Unit::Ohm,
        )
        .unwrap();
        assert_eq!(moved.previous.to_string(), "0.1");
        assert_eq!(moved.difference.to_string(), "0.2");
        assert_eq!(moved.share_of_margin.unwrap().to_string(), "50");
        assert_eq!(
            drift(
                &read("OL", Unit::Ohm),
                &read("1", Unit::Ohm),
                None,
                Unit::Ohm
            ),
            None
        );
    }
}
