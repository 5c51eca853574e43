//! What a device shows on the bench: readings about where its limit wants them, the same device much the same every time,
//! some of them drifting over the years.
//!
//! Invariant: integers and decimals only; a good answer lies within its limit, a failing one outside of it.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::calendar::later;
use super::random::Random;
use crate::domain::inspection::Answer;
use crate::domain::measure::{Limit, Reading, Unit};
use crate::domain::procedure::{AnswerVerdict, ScanTarget, Step, StepKind, TextAbout};

/// What is known of the device while it is on the bench.
pub struct OnBench<'a> {
    /// Seed of the demo.
    pub seed: u64,
    /// Place in the fleet.
    pub device: u64,
    /// Asset tag.
    pub tag: &'a str,
    /// Where it stands.
    pub location: &'a str,
    /// Software version on record; empty when nobody knows.
    pub software: &'a str,
    /// The day of the work.
    pub day: NaiveDate,
    /// Days since the history began.
    pub age: i64,
}

impl OnBench<'_> {
    /// The answer to a step (and set point); `None` for what cannot be answered by a person here.
    pub fn answer(&self, step: &Step, point: Option<u16>, good: bool) -> Option<Answer> {
        Some(match &step.kind {
            StepKind::Check if good => Answer::Pass,
            StepKind::Check => Answer::Fail,
            StepKind::Measure(measure) => {
                let limit = measure.limit.as_ref();
                Answer::Reading(self.reading(step, point, limit, measure.unit, good))
            }
            StepKind::Table(table) => {
                let set = table.points.get(usize::from(point?))?;
                Answer::Reading(self.reading(step, point, Some(&set.limit), table.unit, good))
            }
            StepKind::Choice { options } => {
                let wanted = if good {
                    AnswerVerdict::Pass
                } else {
                    AnswerVerdict::Fail
                };
                let option = options
                    .iter()
                    .find(|o| o.verdict == wanted)
                    .or_else(|| options.first())?;
                Answer::Choice(option.label.clone())
            }
            StepKind::Text { about } => match about {
                TextAbout::SoftwareVersion if self.software.is_empty() => {
                    Answer::Text("none shown".to_owned())
                }
                TextAbout::SoftwareVersion => Answer::Text(self.software.to_owned()),
                TextAbout::Location => Answer::Text(self.location.to_owned()),
                TextAbout::Accessories => Answer::Text("power cord, complete".to_owned()),
                TextAbout::Other => Answer::Text("as found".to_owned()),
            },
            StepKind::Date { .. } => {
                let ahead = self.random(step, None, self.age).between(90, 700);
                Answer::Date(later(self.day, if good { ahead } else { -ahead / 6 - 1 }))
            }
            StepKind::Scan {
                what: ScanTarget::Device,
            } => Answer::Scan(self.tag.to_owned()),
            StepKind::Scan { .. } => Answer::Scan("present".to_owned()),
            StepKind::Timer { .. }
            | StepKind::Computed(_)
            | StepKind::SecondPerson
            | StepKind::ElectricalSafety { .. } => {
                return None;
            }
        })
    }

    fn random(&self, step: &Step, point: Option<u16>, when: i64) -> Random {
        let stream = format!("reading {} {point:?} {when}", step.id);
        Random::numbered(self.seed, &stream, self.device)
    }

    fn reading(
        &self,
        step: &Step,
        point: Option<u16>,
        limit: Option<&Limit>,
        unit: Unit,
        good: bool,
    ) -> Reading {
        // Its own offset stays with the device; the noise is of the day; one device in twelve drifts.
        let mut own = self.random(step, point, -1);
        let offset = own.bell() / 4;
        let drift = if own.chance(80) {
            own.between(150, 320) * self.age / 365
        } else {
            0
        };
        let noise = self.random(step, point, self.age).bell() / 12;
        let mut fate = self.random(step, point, self.age + 1_000_000);
        let place = if good {
            (offset + drift + noise).clamp(-900, 900)
        } else {
            fate.between(1_080, 1_600)
        };
        let sign = if !good && fate.chance(500) { -1 } else { 1 };
        let value = match limit {
            None => Decimal::from(100),
            Some(Limit::AtMost(high)) => {
                // Leakage and leaks lie well below their limit.
                let part = if good {
                    (330 + place / 3).clamp(60, 960)
                } else {
                    place
                };
                rounded(*high * Decimal::new(part, 3), *high)
            }
            Some(Limit::AtLeast(low)) => {
                let part = if good {
                    1_180 + (place / 8).max(-150)
                } else {
                    2_000 - place
                };
                rounded(*low * Decimal::new(part, 3), *low)
            }
            Some(Limit::Range { low, high }) => {
                let half = (*high - *low) / Decimal::TWO;
                around(*low + half, half, place * sign)
            }
            Some(Limit::Nominal {
                nominal,
                tol_abs,
                tol_percent,
            }) => {
                let percent =
                    tol_percent.map_or(Decimal::ZERO, |p| nominal.abs() * p / Decimal::ONE_HUNDRED);
                around(
                    *nominal,
                    percent.max(tol_abs.unwrap_or(Decimal::ZERO)),
                    place * sign,
                )
            }
        };
        Reading::exact(value, unit)
    }
}

/// The middle, moved by thousandths of the tolerance, with the places that an instrument shows for it.
fn around(middle: Decimal, tolerance: Decimal, thousandths: i64) -> Decimal {
    rounded(middle + tolerance * Decimal::new(thousandths, 3), tolerance)
}

fn rounded(value: Decimal, scale: Decimal) -> Decimal {
    let places = if scale < Decimal::ONE {
        3
    } else if scale < Decimal::from(20) {
        2
    } else {
        1
    };
    value.round_dp(places - 1).max(Decimal::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::measure::judge;
    use crate::domain::procedure::{LimitSource, Measure};
    use proptest::prelude::*;

    fn limits() -> impl Strategy<Value = Limit> {
        let number = (1i64..5_000, 0u32..2).prop_map(|(m, s)| Decimal::new(m, s));
        prop_oneof![
            number.clone().prop_map(Limit::AtMost),
            number.clone().prop_map(Limit::AtLeast),
            (10i64..500, 3i64..20).prop_map(|(nominal, percent)| Limit::Nominal {
                nominal: Decimal::from(nominal),
                tol_abs: None,
                tol_percent: Some(Decimal::from(percent)),
            }),
            (30i64..300, 1i64..9).prop_map(|(nominal, tol)| Limit::Nominal {
                nominal: Decimal::from(nominal),
                tol_abs: Some(Decimal::new(tol, 1) + Decimal::new(2, 1)),
                tol_percent: None,
            }),
        ]
    }

    proptest! {
        #[test]
        fn good_readings_pass_and_bad_ones_fail(limit in limits(), device in 0u64..2_000, age in 0i64..800) {
            let step = Step::new("value", "Value", StepKind::Measure(Measure {
                unit: Unit::Ohm,
                limit: Some(limit),
                source: LimitSource::default(),
            }));
            let bench = OnBench {
                seed: 5, device, tag: "SB-1", location: "", software: "", day: NaiveDate::default(), age,
            };
            for good in [true, false] {
                let Some(Answer::Reading(reading)) = bench.answer(&step, None, good) else {
                    return Err(TestCaseError::fail("no reading"));
                };
                prop_assert_eq!(judge(&limit, Unit::Ohm, &reading).passed(), good, "{:?} {:?}", limit, reading);
                prop_assert_eq!(Some(Answer::Reading(reading)), bench.answer(&step, None, good));
            }
        }
    }
}
