//! Values computed from earlier readings.
//!
//! Invariants: exact fractions until the value is shown; judged before rounding. A missing or uncertain reading gives an
//! error in words, never a value.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Computed, Formula, Operand, StepId};
use crate::domain::measure::{Judgement, Ratio, Reading, Unit};

/// The outcome of a computed step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Computation {
    /// The value in the step's unit, rounded to at most six places for display.
    pub value: Decimal,
    /// The judgement of the exact value; `Pass` where the step has no limit.
    pub judgement: Judgement,
}

/// Why nothing could be computed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
pub enum ComputeError {
    /// An earlier reading is not there yet, or was not applicable.
    #[error("step {0} has no reading")]
    Missing(StepId),
    /// An earlier reading is `<`, `>` or over range, or of another dimension.
    #[error("the reading of step {0} is not a plain number in {1}")]
    NotPlain(StepId, Unit),
    /// The reference value of a percent error is zero.
    #[error("the reference value is zero, so there is no percent error")]
    DivisionByZero,
    /// Nothing to compute from.
    #[error("no readings to compute from, or the numbers are too long")]
    Impossible,
}

/// Gives a step's unit with all its readings that stand.
pub type Readings<'a> = dyn Fn(&StepId) -> Option<(Unit, Vec<Reading>)> + 'a;

/// Computes a step from earlier readings. `readings` gives a step's unit with all its readings that stand (a table gives
/// one for each point; a step that was not asked or has no reading gives none).
pub fn compute(step: &Computed, readings: &Readings<'_>) -> Result<Computation, ComputeError> {
    let value = match &step.formula {
        Formula::WorstOf(ids) => {
            let values = all_values(ids, step.unit, readings)?;
            worst(&values, step)
        }
        Formula::Mean(ids) => {
            let values = all_values(ids, step.unit, readings)?;
            let count = i128::try_from(values.len()).ok();
            values
                .into_iter()
                .try_fold(Ratio::ZERO, Ratio::plus)
                .and_then(|sum| sum.times(Ratio::new(1, count?)?))
        }
        Formula::PercentError {
            measured,
            reference,
        } => {
            let unit = operand_unit(measured, reference, readings)?;
            let measured = operand(measured, unit, readings)?;
            let reference = operand(reference, unit, readings)?;
            if reference == Ratio::ZERO {
                return Err(ComputeError::DivisionByZero);
            }
            percent_error(measured, reference)
        }
        Formula::Difference { first, second } => {
            let unit = operand_unit(first, second, readings)?;
            let first = operand(first, unit, readings)?;
            let second = operand(second, unit, readings)?;
            first
                .minus(second)
                .and_then(|difference| unit.difference().convert(difference, step.unit))
        }
    }
    .ok_or(ComputeError::Impossible)?;
    Ok(Computation {
        value: value.to_decimal(6).ok_or(ComputeError::Impossible)?,
        judgement: match &step.limit {
            None => Judgement::Pass,
            Some(limit) => match limit.bounds() {
                Some((low, high)) => {
                    if low.is_some_and(|low| value < low) || high.is_some_and(|high| value > high) {
                        Judgement::Fail
                    } else {
                        Judgement::Pass
                    }
                }
                None => Judgement::Undecided("the limit has no tolerance".to_owned()),
            },
        },
    })
}

fn percent_error(measured: Ratio, reference: Ratio) -> Option<Ratio> {
    measured
        .minus(reference)?
        .over(reference)?
        .times(Ratio::new(100, 1)?)
}

/// The value with the least room to the limit; without a limit, the largest.
fn worst(values: &[Ratio], step: &Computed) -> Option<Ratio> {
    let Some(limit) = &step.limit else {
        return values.iter().copied().max();
    };
    let (low, high) = limit.bounds()?;
    values.iter().copied().min_by_key(|value| {
        let low = low.and_then(|low| value.minus(low));
        let high = high.and_then(|high| high.minus(*value));
        match (low, high) {
            (Some(low), Some(high)) => Some(low.min(high)),
            (one, other) => one.or(other),
        }
    })
}

fn all_values(
    ids: &[StepId],
    unit: Unit,
    readings: &Readings<'_>,
) -> Result<Vec<Ratio>, ComputeError> {
    let mut values = Vec::new();
    for id in ids {
        let given = readings(id).map(|(_, given)| given).unwrap_or_default();
        if given.is_empty() {
            return Err(ComputeError::Missing(id.clone()));
        }
        for reading in given {
            values.push(
                reading
                    .value_in(unit)
                    .ok_or_else(|| ComputeError::NotPlain(id.clone(), unit))?,
            );
        }
    }
    if values.is_empty() {
        return Err(ComputeError::Impossible);
    }
    Ok(values)
}

/// The unit in which two operands meet: that of the first step among them.
fn operand_unit(
    one: &Operand,
    other: &Operand,
    readings: &Readings<'_>,
) -> Result<Unit, ComputeError> {
    for operand in [one, other] {
        if let Operand::Step(id) = operand {
            return match readings(id) {
                Some((unit, _)) => Ok(unit),
                None => Err(ComputeError::Missing(id.clone())),
            };
        }
    }
    Ok(Unit::None)
}

fn operand(operand: &Operand, unit: Unit, readings: &Readings<'_>) -> Result<Ratio, ComputeError> {
    match operand {
        Operand::Value(value) => Ok(Ratio::from_decimal(*value)),
        Operand::Step(id) => match readings(id)
            .map(|(_, given)| given)
            .unwrap_or_default()
            .as_slice()
        {
            [] => Err(ComputeError::Missing(id.clone())),
            [reading] => reading
                .value_in(unit)
                .ok_or_else(|| ComputeError::NotPlain(id.clone(), unit)),
            _ => Err(ComputeError::NotPlain(id.clone(), unit)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::measure::Limit;
    use crate::domain::procedure::LimitSource;

    fn run(
        formula: Formula,
        unit: Unit,
        limit: Option<Limit>,
        given: &[(&str, &str, Unit)],
    ) -> Result<String, ComputeError> {
        let step = Computed {
            formula,
            unit,
            limit,
            source: LimitSource::default(),
        };
        let readings = |id: &StepId| {
            let (_, text, unit) = given.iter().find(|(name, ..)| *name == id.0)?;
            Some((*unit, vec![Reading::parse(text, *unit).unwrap()]))
        };
        compute(&step, &readings).map(|c| format!("{} {}", c.value, c.judgement))
    }

    fn id(text: &str) -> StepId {
        StepId::from(text)
    }

    #[test]
    fn the_formulas() {
        let ab = || vec![id("a"), id("b")];
        let ohms = [("a", "0.2", Unit::Ohm), ("b", "0.3", Unit::Ohm)];
        let at_most = Some(Limit::AtMost(Decimal::new(3, 1)));
        let at_least = Some(Limit::AtLeast(Decimal::new(3, 1)));
        assert_eq!(
            run(Formula::WorstOf(ab()), Unit::Ohm, at_most, &ohms).unwrap(),
            "0.3 pass"
        );
        assert_eq!(
            run(Formula::WorstOf(ab()), Unit::Ohm, at_least, &ohms).unwrap(),
            "0.2 fail"
        );
        assert_eq!(
            run(Formula::Mean(ab()), Unit::MilliOhm, None, &ohms).unwrap(),
            "250 pass"
        );
        let error = Formula::PercentError {
            measured: Operand::Step(id("a")),
            reference: Operand::Value(Decimal::new(3, 1)),
        };
        assert_eq!(
            run(error, Unit::Percent, None, &ohms).unwrap(),
            "-33.333333 pass"
        );
        let flow = Formula::PercentError {
            measured: Operand::Step(id("a")),
            reference: Operand::Value(Decimal::new(100, 0)),
        };
        let typed = [("a", "1.75 mL/min", Unit::MlPerHour)];
        assert_eq!(run(flow, Unit::Percent, None, &typed).unwrap(), "5 pass");
        let difference = Formula::Difference {
            first: Operand::Step(id("a")),
            second: Operand::Step(id("b")),
        };
        let warm = [("a", "98.6", Unit::Fahrenheit), ("b", "36", Unit::Celsius)];
        assert_eq!(
            run(difference, Unit::KelvinDifference, None, &warm).unwrap(),
            "1 pass"
        );
    }

    #[test]
    fn missing_is_not_zero() {
        let mean = || Formula::Mean(vec![id("a"), id("b")]);
        let one = [("a", "1", Unit::Ohm)];
        assert_eq!(
            run(mean(), Unit::Ohm, None, &one),
            Err(ComputeError::Missing(id("b")))
        );
        let unsure = [("a", "1", Unit::Ohm), ("b", "<1", Unit::Ohm)];
        assert_eq!(
            run(mean(), Unit::Ohm, None, &unsure),
            Err(ComputeError::NotPlain(id("b"), Unit::Ohm))
        );
        let zero = Formula::PercentError {
            measured: Operand::Step(id("a")),
            reference: Operand::Value(Decimal::ZERO),
        };
        assert_eq!(
            run(zero, Unit::Percent, None, &one),
            Err(ComputeError::DivisionByZero)
        );
    }
}
