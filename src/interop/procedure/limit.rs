//! Limits in the file: `low` and `high`, `at-most`, `at-least`, or `nominal` with `plus-minus` and `percent`.
//!
//! A number is in the step's unit; a text with a unit of its own (`"500 mohm"`) is converted exactly.

use super::fields::{Fields, Value, number_of, wrong_type};
use super::mistake::Mistakes;
use crate::domain::measure::{Decimal, Dimension, Limit, Reading, ReadingForm, Unit};
use crate::domain::procedure::LimitSource;

/// What `[limits]` at the head of the file says for all limits that say nothing of their own.
#[derive(Default)]
pub(super) struct Defaults {
    verified: bool,
    source: Option<String>,
}

impl Defaults {
    pub(super) fn read(fields: &mut Fields<'_, '_>, mistakes: &mut Mistakes<'_>) -> Self {
        let Some(value) = fields.value("limits") else {
            return Self::default();
        };
        let Some(mut inner) = Fields::of(value, "the table of limits", mistakes) else {
            return Self::default();
        };
        let defaults = Self {
            verified: inner.flag("verified", mistakes).is_some_and(|at| at.value),
            source: inner.text("source", mistakes).map(|at| at.value),
        };
        inner.done(mistakes);
        defaults
    }
}

/// The unit of a step.
pub(super) fn unit(fields: &mut Fields<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<Unit> {
    let text = fields.needed(
        "unit",
        "Say in what unit it is measured, like unit = \"ohm\", or unit = \"none\" for a plain number",
        mistakes,
    )?;
    match text.value.parse() {
        Ok(unit) => Some(unit),
        Err(error) => {
            let error: crate::domain::measure::UnknownUnit = error;
            let near = super::mistake::nearest(&text.value, Unit::ALL.iter().map(|u| u.symbol()));
            let mend = match near {
                Some(symbol) if !symbol.is_empty() => format!("Did you mean \"{symbol}\"?"),
                _ => "Use a unit like ohm, uA, mmHg, psi, mL/h, degC, J, s, bpm, %".to_owned(),
            };
            mistakes.add(&text.span, error.to_string(), mend);
            None
        }
    }
}

/// Where a limit comes from: the step's own words, else those at the head of the file.
pub(super) fn limit_source(
    fields: &mut Fields<'_, '_>,
    defaults: &Defaults,
    has_limit: bool,
    mistakes: &mut Mistakes<'_>,
) -> LimitSource {
    let own_text = fields.text("source", mistakes);
    let own_flag = fields.flag("verified", mistakes);
    if !has_limit {
        for span in [own_text.map(|at| at.span), own_flag.map(|at| at.span)]
            .into_iter()
            .flatten()
        {
            mistakes.add(
                &span,
                "there is no limit that this could be the source of",
                "Give a limit, or take this line out",
            );
        }
        return LimitSource::default();
    }
    let verified = own_flag.as_ref().map_or(defaults.verified, |at| at.value);
    let text = own_text
        .map(|at| at.value)
        .or_else(|| defaults.source.clone());
    if verified && text.is_none() {
        let span = own_flag.map_or_else(|| fields.span.clone(), |at| at.span);
        mistakes.missing(
            &span,
            "a verified limit does not say what it was verified against",
            "Add source = \"document, revision, page\"",
        );
    }
    LimitSource {
        verified,
        text: text.unwrap_or_default(),
    }
}

/// The limit in a table of fields, if there is one.
pub(super) fn limit(
    fields: &mut Fields<'_, '_>,
    unit: Unit,
    mistakes: &mut Mistakes<'_>,
) -> Option<Limit> {
    let mut take = |key: &'static str, unit: Unit, mistakes: &mut Mistakes<'_>| {
        fields
            .value(key)
            .map(|value| (value.span(), number_in(value, unit, mistakes)))
    };
    let low = take("low", unit, mistakes);
    let high = take("high", unit, mistakes);
    let at_most = take("at-most", unit, mistakes);
    let at_least = take("at-least", unit, mistakes);
    let nominal = take("nominal", unit, mistakes);
    let plus_minus = take("plus-minus", unit.difference(), mistakes);
    let percent = take("percent", Unit::Percent, mistakes);

    let kinds = [
        low.is_some() || high.is_some(),
        at_most.is_some(),
        at_least.is_some(),
        nominal.is_some(),
    ];
    if kinds.iter().filter(|given| **given).count() > 1 {
        mistakes.add(
            &fields.span,
            "there are two kinds of limit",
            "Give one: low and high, or at-most, or at-least, or nominal with plus-minus or percent",
        );
        return None;
    }
    if nominal.is_none() {
        for span in [&plus_minus, &percent]
            .into_iter()
            .flatten()
            .map(|(span, _)| span)
        {
            mistakes.missing(
                span,
                "a tolerance without a nominal value",
                "Add nominal = the value that should be met",
            );
        }
    }
    if let Some((_, high)) = at_most {
        return high.map(Limit::AtMost);
    }
    if let Some((_, low)) = at_least {
        return low.map(Limit::AtLeast);
    }
    match (low, high) {
        (Some((span, low)), Some((_, high))) => {
            let (low, high) = (low?, high?);
            if low > high {
                mistakes.add(
                    &span,
                    format!("low {low} is more than high {high}"),
                    "Exchange the two",
                );
            }
            return Some(Limit::Range { low, high });
        }
        (Some((span, _)), None) => {
            mistakes.missing(
                &span,
                "low without high",
                "Add high, or write at-least instead of low",
            );
            return None;
        }
        (None, Some((span, _))) => {
            mistakes.missing(
                &span,
                "high without low",
                "Add low, or write at-most instead of high",
            );
            return None;
        }
        (None, None) => {}
    }
    let (span, nominal) = nominal?;
    let nominal = nominal?;
    if plus_minus.is_none() && percent.is_none() {
        mistakes.missing(
            &span,
            "a nominal value without a tolerance",
            "Add plus-minus = 3 or percent = 5; with both the larger counts",
        );
        return None;
    }
    for (span, tolerance) in [&plus_minus, &percent].into_iter().flatten() {
        if tolerance.is_some_and(|t| t < Decimal::ZERO) {
            mistakes.add(
                span,
                "a tolerance cannot be below zero",
                "Write it without the minus; it counts to both sides",
            );
        }
    }
    if let Some((span, Some(_))) = &percent {
        if unit.dimension() == Dimension::Temperature {
            mistakes.add(
                span,
                "a percentage of a temperature depends on the scale",
                "Write plus-minus in degrees",
            );
        } else if nominal.is_zero() && plus_minus.is_none() {
            mistakes.add(
                span,
                "a percentage of zero is zero",
                "Write plus-minus instead",
            );
        }
    }
    Some(Limit::Nominal {
        nominal,
        tol_abs: flatten(plus_minus),
        tol_percent: flatten(percent),
    })
}

fn flatten<S>(found: Option<(S, Option<Decimal>)>) -> Option<Decimal> {
    found.and_then(|(_, number)| number)
}

/// A number in `unit`, or a text with its own unit, converted exactly.
fn number_in(value: &Value<'_>, unit: Unit, mistakes: &mut Mistakes<'_>) -> Option<Decimal> {
    let Some(text) = value.get_ref().as_str() else {
        if value.get_ref().is_integer() || value.get_ref().is_float() {
            return number_of(value, mistakes);
        }
        wrong_type(
            value,
            "a number like 0.5, or a text with its unit like \"500 mohm\"",
            mistakes,
        );
        return None;
    };
    let reading = match Reading::parse(text, unit) {
        Ok(reading) => reading,
        Err(error) => {
            mistakes.add(
                &value.span(),
                error.to_string(),
                "Write a number in the unit of the step, or one of the same kind",
            );
            return None;
        }
    };
    let ReadingForm::Exact(number) = reading.form else {
        mistakes.add(
            &value.span(),
            format!("\"{text}\" is not a plain number"),
            "A limit is a number; < and > belong to readings",
        );
        return None;
    };
    if reading.unit == unit {
        return Some(number);
    }
    let exact = reading.value_in(unit);
    let rounded = exact.and_then(|exact| exact.to_decimal(12));
    match (exact, rounded) {
        (Some(exact), Some(rounded))
            if crate::domain::measure::Ratio::from_decimal(rounded) == exact =>
        {
            Some(rounded)
        }
        _ => {
            mistakes.add(
                &value.span(),
                format!("\"{text}\" has no exact value in {unit}"),
                format!("Write the number in {unit}, rounded as the instructions allow"),
            );
            None
        }
    }
}
