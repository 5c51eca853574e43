//! Procedures made from random numbers, for tests of every codec: each is one that an author could have written.

use super::electrical::Profile;
use super::{
    AnswerVerdict, AppliedPartType, ChoiceOption, Comparison, Computed, Condition, DeviceTest,
    Formula, LimitSource, Measure, Operand, PowerConnection, Procedure, ProtectionClass, Reference,
    ScanTarget, Section, SetPoint, SourceKind, Step, StepId, StepKind, Table, TextAbout,
};
use crate::domain::measure::{Decimal, Dimension, Limit, Unit};
use proptest::prelude::*;

/// Any procedure that an author could have written.
pub(crate) fn procedures() -> impl Strategy<Value = Procedure> {
    proptest::collection::vec(any::<u16>(), 0..600)
        .prop_map(|rolls| Dice { rolls, next: 0 }.procedure())
}

const TEXTS: [&str; 8] = [
    "Flow at 100 mL/h",
    "say \"yes\"",
    "back\\slash",
    "two\nlines",
    "µΩ °C ≥ é",
    "tab\there",
    "odd \u{202f} ends # here",
    "'''",
];

struct Dice {
    rolls: Vec<u16>,
    next: usize,
}

impl Dice {
    /// A number below `sides`; 0 once the rolls are used up, so that everything ends.
    fn roll(&mut self, sides: usize) -> usize {
        let roll = self.rolls.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        usize::from(roll) % sides
    }

    fn coin(&mut self) -> bool {
        self.roll(2) == 1
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = self.roll(from.len());
        from[at]
    }

    fn text(&mut self) -> String {
        self.pick(&TEXTS).to_owned()
    }

    fn maybe(&mut self) -> Option<String> {
        self.coin().then(|| self.text())
    }

    fn number(&mut self) -> Decimal {
        let sign = if self.coin() { -1 } else { 1 };
        Decimal::new(sign * self.roll(65_536) as i64, self.roll(5) as u32)
    }

    fn tolerance(&mut self) -> Decimal {
        Decimal::new(self.roll(1000) as i64, self.roll(3) as u32)
    }

    fn limit(&mut self, unit: Unit) -> Limit {
        match self.roll(4) {
            0 => Limit::AtMost(self.number()),
            1 => Limit::AtLeast(self.number()),
            2 => {
                let low = self.number();
                Limit::Range {
                    low,
                    high: low + self.tolerance(),
                }
            }
            _ => {
                let percent = unit.dimension() != Dimension::Temperature && self.coin();
                let absolute = !percent || self.coin();
                let nominal = self.number();
                Limit::Nominal {
                    nominal,
                    tol_abs: (absolute || nominal.is_zero()).then(|| self.tolerance()),
                    tol_percent: percent.then(|| self.tolerance()),
                }
            }
        }
    }

    fn source(&mut self) -> LimitSource {
        LimitSource {
            verified: self.coin(),
            text: self.text(),
        }
    }

    /// A limit with its source, or neither.
    fn judged(&mut self, unit: Unit) -> (Option<Limit>, LimitSource) {
        if self.coin() {
            (Some(self.limit(unit)), self.source())
        } else {
            (None, LimitSource::default())
        }
    }

    fn condition(&mut self, earlier: &[Step], depth: usize) -> Condition {
        let judged: Vec<&Step> = earlier
            .iter()
            .filter(|s| !matches!(s.kind, StepKind::Text { .. }))
            .collect();
        let kind = self.roll(if depth < 3 { 8 } else { 5 });
        match kind {
            0 | 1 if !judged.is_empty() => {
                let step = self.pick(&judged).id.clone();
                if kind == 0 {
                    Condition::Failed(step)
                } else {
                    Condition::Passed(step)
                }
            }
            2 => {
                let choices: Vec<&Step> = earlier
                    .iter()
                    .filter(|s| matches!(s.kind, StepKind::Choice { .. }))
                    .collect();
                if choices.is_empty() {
                    return Condition::Device(self.device_test());
                }
                let step = self.pick(&choices);
                let StepKind::Choice { options } = &step.kind else {
                    unreachable!()
                };
                let at = self.roll(options.len());
                Condition::Chose {
                    step: step.id.clone(),
                    option: options[at].label.clone(),
                }
            }
            3 => {
                let values: Vec<&Step> = earlier
                    .iter()
                    .filter(|s| matches!(s.kind, StepKind::Measure(_) | StepKind::Computed(_)))
                    .collect();
                if values.is_empty() {
                    return Condition::Device(self.device_test());
                }
                let step = self.pick(&values).id.clone();
                let is = self.pick(&[
                    Comparison::Below,
                    Comparison::AtMost,
                    Comparison::Equal,
                    Comparison::AtLeast,
                    Comparison::Above,
                ]);
                Condition::Value {
                    step,
                    is,
                    value: self.number(),
                }
            }
            5 => Condition::Not(Box::new(self.condition(earlier, depth + 1))),
            6 | 7 => {
                let list = (0..=self.roll(3))
                    .map(|_| self.condition(earlier, depth + 1))
                    .collect();
                if kind == 6 {
                    Condition::All(list)
                } else {
                    Condition::Any(list)
                }
            }
            _ => Condition::Device(self.device_test()),
        }
    }

    fn device_test(&mut self) -> DeviceTest {
        let yes = self.coin();
        match self.roll(8) {
            0 => DeviceTest::Class(self.pick(&[
                ProtectionClass::I,
                ProtectionClass::II,
                ProtectionClass::Internal,
            ])),
            1 => DeviceTest::Power(self.pick(&[
                PowerConnection::DetachableCord,
                PowerConnection::FixedCord,
                PowerConnection::Permanent,
                PowerConnection::Internal,
            ])),
            2 => DeviceTest::HasAppliedPart(self.pick(&[
                AppliedPartType::B,
                AppliedPartType::BF,
                AppliedPartType::CF,
            ])),
            3 => DeviceTest::HasAppliedParts(yes),
            4 => DeviceTest::StoresEphi(yes),
            5 => DeviceTest::Networked(yes),
            6 => DeviceTest::Battery(yes),
            _ => DeviceTest::HighRisk(yes),
        }
    }

    fn computed(&mut self, earlier: &[Step]) -> Option<StepKind> {
        let numeric: Vec<&Step> = earlier.iter().filter(|s| s.is_numeric()).collect();
        if numeric.is_empty() {
            return None;
        }
        let one = self.pick(&numeric);
        let unit = one.unit()?;
        let value = Operand::Value(self.number() + Decimal::new(100_000, 0));
        let (formula, unit) = match self.roll(4) {
            0 => (Formula::WorstOf(vec![one.id.clone()]), unit),
            1 => (Formula::Mean(vec![one.id.clone(), one.id.clone()]), unit),
            2 if !matches!(one.kind, StepKind::Table(_)) => (
                Formula::PercentError {
                    measured: Operand::Step(one.id.clone()),
                    reference: value,
                },
                Unit::Percent,
            ),
            3 if !matches!(one.kind, StepKind::Table(_)) => (
                Formula::Difference {
                    first: value,
                    second: Operand::Step(one.id.clone()),
                },
                unit.difference(),
            ),
            _ => return None,
        };
        let (limit, source) = self.judged(unit);
        Some(StepKind::Computed(Computed {
            formula,
            unit,
            limit,
            source,
        }))
    }

    fn kind(&mut self, earlier: &[Step]) -> StepKind {
        match self.roll(11) {
            0 => StepKind::Check,
            1 => {
                let unit = self.pick(Unit::ALL);
                let (limit, source) = self.judged(unit);
                StepKind::Measure(Measure {
                    unit,
                    limit,
                    source,
                })
            }
            2 => {
                let unit = self.pick(Unit::ALL);
                let points = (0..=self.roll(4))
                    .map(|i| SetPoint {
                        label: format!("{} {i}", self.text()),
                        limit: self.limit(unit),
                    })
                    .collect();
                StepKind::Table(Table {
                    unit,
                    points,
                    source: self.source(),
                })
            }
            3 => StepKind::Choice {
                options: (0..2 + self.roll(3))
                    .map(|i| ChoiceOption {
                        label: format!("{} {i}", self.text()),
                        verdict: self.pick(&[
                            AnswerVerdict::Pass,
                            AnswerVerdict::Fail,
                            AnswerVerdict::Neutral,
                        ]),
                    })
                    .collect(),
            },
            4 => StepKind::Text {
                about: self.pick(&[
                    TextAbout::Other,
                    TextAbout::Accessories,
                    TextAbout::SoftwareVersion,
                    TextAbout::Location,
                ]),
            },
            5 => StepKind::Timer {
                seconds: 1 + self.roll(20_000) as u32,
                long: self.coin(),
            },
            6 => StepKind::Date {
                must_not_be_past: self.coin(),
            },
            7 => StepKind::Scan {
                what: if self.coin() {
                    ScanTarget::Device
                } else {
                    ScanTarget::Other(self.text())
                },
            },
            8 => self.computed(earlier).unwrap_or(StepKind::Check),
            9 => StepKind::SecondPerson,
            _ => StepKind::ElectricalSafety {
                profile: self.pick(&Profile::ALL),
            },
        }
    }

    fn step(&mut self, earlier: &[Step]) -> Step {
        let kind = self.kind(earlier);
        let can_fail = match &kind {
            StepKind::Text { .. } => false,
            StepKind::Measure(m) => m.limit.is_some(),
            StepKind::Computed(c) => c.limit.is_some(),
            _ => true,
        };
        let never_na = matches!(
            kind,
            StepKind::SecondPerson
                | StepKind::Scan {
                    what: ScanTarget::Device
                }
        );
        let safety = can_fail && self.coin();
        let measured = matches!(kind, StepKind::Measure(_) | StepKind::Table(_));
        Step {
            id: StepId(format!("step-{}", earlier.len())),
            title: self.text(),
            detail: self.maybe(),
            kind,
            safety,
            required: safety || self.coin(),
            allow_na: !never_na && self.coin(),
            condition: if self.coin() {
                Some(self.condition(earlier, 0))
            } else {
                None
            },
            tool: if measured { self.maybe() } else { None },
            reference: self.maybe(),
            as_left: can_fail && self.coin(),
        }
    }

    fn procedure(mut self) -> Procedure {
        let mut steps: Vec<Step> = Vec::new();
        let mut sections = Vec::new();
        for _ in 0..=self.roll(4) {
            let from = steps.len();
            for _ in 0..=self.roll(8) {
                let step = self.step(&steps);
                steps.push(step);
            }
            sections.push(Section {
                title: self.text(),
                steps: steps[from..].to_vec(),
            });
        }
        let reference = Some(Reference {
            document: self.text(),
            revision: self.maybe(),
        });
        let source = self.pick(&[
            SourceKind::BuiltIn,
            SourceKind::Shop,
            SourceKind::Manufacturer,
        ]);
        Procedure {
            code: format!("code-{}", self.roll(100)),
            title: self.text(),
            activity: self.text(),
            device_types: (0..self.roll(3)).map(|_| self.text()).collect(),
            models: (0..self.roll(3)).map(|_| self.text()).collect(),
            version: self.text(),
            source,
            reference: if source == SourceKind::Manufacturer || self.coin() {
                reference
            } else {
                None
            },
            banner: self.maybe(),
            credentials: (0..self.roll(3)).map(|_| self.text()).collect(),
            minutes: self.coin().then(|| self.roll(1000) as u32),
            frequency: self.maybe(),
            sections,
        }
    }
}
