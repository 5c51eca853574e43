//! Which steps are asked, given what is known about the device and what has been answered so far.
//!
//! Invariants: three-valued and strict. An unknown device fact or an undecided answer shows the step and says why; only a
//! certain "no" hides one. A step whose condition waits for an earlier answer is neither shown nor hidden yet.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Comparison, Condition, DeviceFacts, DeviceTest, Section, Step, StepId};
use crate::domain::measure::{Judgement, Limit, Reading, Unit, judge};

/// How an earlier step was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AnswerState {
    /// Passed.
    Pass,
    /// Failed.
    Fail,
    /// Answered with nothing to judge.
    Neutral,
    /// Not applicable, with a reason.
    NotApplicable,
    /// Answered, but the judgement is not certain.
    Undecided,
}

/// The answer to an earlier step, as far as conditions ask.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AnswerFact {
    /// How it was answered.
    pub state: AnswerState,
    /// The label chosen, for a choice.
    pub chosen: Option<String>,
    /// The reading, for a measured or computed step.
    pub reading: Option<Reading>,
}

impl AnswerFact {
    /// An answer with nothing but its state.
    pub fn new(state: AnswerState) -> Self {
        Self {
            state,
            chosen: None,
            reading: None,
        }
    }
}

/// The answers given so far, by step.
pub type Answers = BTreeMap<StepId, AnswerFact>;

/// Whether a step is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Applicability {
    /// It is asked.
    Asked,
    /// It is asked because something is not known; the words say what.
    AskedUnknown(String),
    /// It is not asked; the words say why.
    Skipped(String),
    /// Not known yet: this earlier step is to be answered first.
    Waits(StepId),
}

impl Applicability {
    /// Whether the step is asked now.
    pub fn is_asked(&self) -> bool {
        matches!(self, Self::Asked | Self::AskedUnknown(_))
    }
}

/// Whether each step of the (expanded) sections is asked, in working order.
pub fn applicable(
    sections: &[Section],
    device: &DeviceFacts,
    answers: &Answers,
) -> Vec<(StepId, Applicability)> {
    let steps: BTreeMap<&StepId, &Step> = sections
        .iter()
        .flat_map(|s| &s.steps)
        .map(|step| (&step.id, step))
        .collect();
    let mut skipped = BTreeSet::new();
    let mut out = Vec::new();
    for step in sections.iter().flat_map(|section| &section.steps) {
        let asked = match &step.condition {
            None => Applicability::Asked,
            Some(condition) => {
                let view = View {
                    steps: &steps,
                    device,
                    answers,
                    skipped: &skipped,
                };
                match view.truth(condition) {
                    Truth::True => Applicability::Asked,
                    Truth::Unknown(why) => Applicability::AskedUnknown(why),
                    Truth::Waits(id) => Applicability::Waits(id),
                    Truth::False => Applicability::Skipped(format!("asked only if {condition}")),
                }
            }
        };
        if matches!(asked, Applicability::Skipped(_)) {
            skipped.insert(step.id.clone());
        }
        out.push((step.id.clone(), asked));
    }
    out
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Truth {
    True,
    False,
    Unknown(String),
    Waits(StepId),
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

struct View<'a> {
    steps: &'a BTreeMap<&'a StepId, &'a Step>,
    device: &'a DeviceFacts,
    answers: &'a Answers,
    skipped: &'a BTreeSet<StepId>,
}

impl View<'_> {
    fn truth(&self, condition: &Condition) -> Truth {
        match condition {
            Condition::Failed(step) => self.any_of(step, true, |answer| match answer.state {
                AnswerState::Fail => Truth::True,
                AnswerState::Undecided => Truth::Unknown(format!("step {step} is undecided")),
                _ => Truth::False,
            }),
            Condition::Passed(step) => self.any_of(step, false, |answer| match answer.state {
                AnswerState::Pass => Truth::True,
                AnswerState::Undecided => Truth::Unknown(format!("step {step} is undecided")),
                _ => Truth::False,
            }),
            Condition::Chose { step, option } => self.any_of(step, true, |answer| {
                (answer.chosen.as_deref() == Some(option.as_str())).into()
            }),
            Condition::Value { step, is, value } => self.any_of(step, true, |answer| {
                let Some(reading) = &answer.reading else {
                    return Truth::False;
                };
                let unit = self
                    .steps
                    .get(step)
                    .and_then(|s| s.unit())
                    .unwrap_or(Unit::None);
                compare(reading, unit, *is, *value)
            }),
            Condition::Device(test) => match device_answer(*test, self.device) {
                Some(answer) => answer.into(),
                None => Truth::Unknown(format!("{} not known", test.attribute())),
            },
            Condition::All(list) => Self::all(list.iter().map(|c| self.truth(c))),
            Condition::Any(list) => Self::any(list.iter().map(|c| self.truth(c))),
            Condition::Not(inner) => match self.truth(inner) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                other => other,
            },
        }
    }

    /// Asks an earlier step, or all the steps that a profile made from it.
    fn any_of(&self, id: &StepId, any: bool, ask: impl Fn(&AnswerFact) -> Truth) -> Truth {
        let one = |id: &StepId| match self.answers.get(id) {
            Some(answer) => ask(answer),
            None if self.skipped.contains(id) => Truth::False,
            None => Truth::Waits(id.clone()),
        };
        if self.steps.contains_key(id) {
            return one(id);
        }
        let children: Vec<Truth> = self
            .steps
            .keys()
            .filter(|child| child.is_child_of(id) && !self.skipped.contains(**child))
            .map(|child| one(child))
            .collect();
        if children.is_empty() {
            return Truth::False;
        }
        if any {
            Self::any(children.into_iter())
        } else {
            Self::all(children.into_iter())
        }
    }

    /// A certain "no" decides; else an open answer is waited for; else something unknown asks.
    fn all(parts: impl Iterator<Item = Truth>) -> Truth {
        let mut result = Truth::True;
        for part in parts {
            result = match (result, part) {
                (_, Truth::False) => return Truth::False,
                (Truth::Waits(id), _) | (_, Truth::Waits(id)) => Truth::Waits(id),
                (Truth::Unknown(why), _) | (_, Truth::Unknown(why)) => Truth::Unknown(why),
                _ => Truth::True,
            };
        }
        result
    }

    /// A certain "yes" decides; else something unknown asks, whatever the open answers turn out to be.
    fn any(parts: impl Iterator<Item = Truth>) -> Truth {
        let mut result = Truth::False;
        for part in parts {
            result = match (result, part) {
                (_, Truth::True) => return Truth::True,
                (Truth::Unknown(why), _) | (_, Truth::Unknown(why)) => Truth::Unknown(why),
                (Truth::Waits(id), _) | (_, Truth::Waits(id)) => Truth::Waits(id),
                _ => Truth::False,
            };
        }
        result
    }
}

/// Uses the judgement of limits, so that `<1` and unit conversion are treated in one place only.
fn compare(reading: &Reading, unit: Unit, is: Comparison, value: rust_decimal::Decimal) -> Truth {
    let (limit, meant) = match is {
        Comparison::AtMost => (Limit::AtMost(value), true),
        Comparison::Above => (Limit::AtMost(value), false),
        Comparison::AtLeast => (Limit::AtLeast(value), true),
        Comparison::Below => (Limit::AtLeast(value), false),
        Comparison::Equal => (
            Limit::Range {
                low: value,
                high: value,
            },
            true,
        ),
    };
    match judge(&limit, unit, reading) {
        Judgement::Pass => meant.into(),
        Judgement::Fail => (!meant).into(),
        Judgement::Undecided(why) => Truth::Unknown(why),
    }
}

fn device_answer(test: DeviceTest, device: &DeviceFacts) -> Option<bool> {
    match test {
        DeviceTest::Class(class) => device.class.map(|known| known == class),
        DeviceTest::Power(power) => device.power.map(|known| known == power),
        DeviceTest::HasAppliedPart(kind) => {
            let parts = device.applied_parts.as_ref()?;
            if parts.iter().any(|part| part.kind == Some(kind)) {
                Some(true)
            } else if parts.iter().any(|part| part.kind.is_none()) {
                None
            } else {
                Some(false)
            }
        }
        DeviceTest::HasAppliedParts(want) => device
            .applied_parts
            .as_ref()
            .map(|parts| parts.is_empty() != want),
        DeviceTest::StoresEphi(want) => device.stores_ephi.map(|known| known == want),
        DeviceTest::Networked(want) => device.networked.map(|known| known == want),
        DeviceTest::Battery(want) => device.battery.map(|known| known == want),
        DeviceTest::HighRisk(want) => device.high_risk.map(|known| known == want),
    }
}

impl Condition {
    /// The condition in words, as the end of "asked only if …", with each step called as `name` calls it.
    pub fn describe(&self, name: &dyn Fn(&StepId) -> String) -> String {
        let join = |list: &[Self], with: &str| {
            list.iter()
                .map(|one| match one {
                    Self::All(_) | Self::Any(_) if list.len() > 1 => {
                        format!("({})", one.describe(name))
                    }
                    _ => one.describe(name),
                })
                .collect::<Vec<_>>()
                .join(with)
        };
        match self {
            Self::Failed(step) => format!("{} failed", name(step)),
            Self::Passed(step) => format!("{} passed", name(step)),
            Self::Chose { step, option } => {
                format!("{} was answered \"{option}\"", name(step))
            }
            Self::Value { step, is, value } => {
                let is = match is {
                    Comparison::Below => "is below",
                    Comparison::AtMost => "is at most",
                    Comparison::Equal => "is",
                    Comparison::AtLeast => "is at least",
                    Comparison::Above => "is above",
                };
                format!("{} {is} {value}", name(step))
            }
            Self::Device(test) => test.to_string(),
            Self::All(list) => join(list, " and "),
            Self::Any(list) => join(list, " or "),
            Self::Not(inner) => format!("not ({})", inner.describe(name)),
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.describe(&|step| format!("step {step}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::measure::Decimal;
    use crate::domain::procedure::{
        AppliedPart, AppliedPartType, LimitSource, Measure, ProtectionClass, StepKind,
    };

    fn sections(condition: Condition) -> Vec<Section> {
        let measure = StepKind::Measure(Measure {
            unit: Unit::Ohm,
            limit: None,
            source: LimitSource::default(),
        });
        let mut last = Step::new("last", "Last", StepKind::Check);
        last.condition = Some(condition);
        vec![Section {
            title: "All".into(),
            steps: vec![
                Step::new("first", "First", measure),
                Step::new("es.one", "One", StepKind::Check),
                Step::new("es.two", "Two", StepKind::Check),
                last,
            ],
        }]
    }

    fn asked(condition: Condition, device: &DeviceFacts, answers: &Answers) -> Applicability {
        applicable(&sections(condition), device, answers)[3]
            .1
            .clone()
    }

    fn id(text: &str) -> StepId {
        StepId::from(text)
    }

    #[test]
    fn unknown_facts_show_the_step() {
        let class_one = Condition::Device(DeviceTest::Class(ProtectionClass::I));
        let mut device = DeviceFacts::default();
        let none = Answers::new();
        let unknown = Applicability::AskedUnknown("protection class not known".into());
        assert_eq!(asked(class_one.clone(), &device, &none), unknown);
        assert_eq!(
            asked(Condition::Not(Box::new(class_one.clone())), &device, &none),
            unknown
        );
        device.class = Some(ProtectionClass::II);
        assert!(matches!(
            asked(class_one, &device, &none),
            Applicability::Skipped(_)
        ));
    }

    #[test]
    fn an_applied_part_of_unknown_type_may_be_any() {
        let cf = Condition::Device(DeviceTest::HasAppliedPart(AppliedPartType::CF));
        let part = |kind| AppliedPart {
            name: "ECG".into(),
            kind,
        };
        let mut device = DeviceFacts {
            applied_parts: Some(vec![part(None)]),
            ..Default::default()
        };
        assert!(matches!(
            asked(cf.clone(), &device, &Answers::new()),
            Applicability::AskedUnknown(_)
        ));
        device.applied_parts = Some(vec![part(Some(AppliedPartType::BF))]);
        assert!(!asked(cf.clone(), &device, &Answers::new()).is_asked());
        device.applied_parts = Some(vec![
            part(Some(AppliedPartType::BF)),
            part(Some(AppliedPartType::CF)),
        ]);
        assert_eq!(asked(cf, &device, &Answers::new()), Applicability::Asked);
    }

    #[test]
    fn open_answers_are_waited_for_only_where_they_matter() {
        let device = DeviceFacts::default();
        let none = Answers::new();
        let unknown = || Condition::Device(DeviceTest::Battery(true));
        let open = || Condition::Failed(id("first"));
        assert_eq!(
            asked(open(), &device, &none),
            Applicability::Waits(id("first"))
        );
        assert_eq!(
            asked(Condition::All(vec![unknown(), open()]), &device, &none),
            Applicability::Waits(id("first"))
        );
        assert!(matches!(
            asked(Condition::Any(vec![open(), unknown()]), &device, &none),
            Applicability::AskedUnknown(_)
        ));
        assert_eq!(
            asked(Condition::All(vec![]), &device, &none),
            Applicability::Asked
        );
    }

    #[test]
    fn values_compare_in_the_steps_unit_and_uncertain_ones_show_the_step() {
        let device = DeviceFacts::default();
        let above = |value| Condition::Value {
            step: id("first"),
            is: Comparison::Above,
            value: Decimal::new(value, 1),
        };
        for (typed, want) in [
            ("600 mohm", 'Y'),
            ("0.5", 'N'),
            ("<1", '?'),
            ("<0.5", 'N'),
            (">1", 'Y'),
        ] {
            let mut fact = AnswerFact::new(AnswerState::Pass);
            fact.reading = Some(Reading::parse(typed, Unit::Ohm).unwrap());
            let answers = Answers::from([(id("first"), fact)]);
            let got = match asked(above(5), &device, &answers) {
                Applicability::Asked => 'Y',
                Applicability::AskedUnknown(_) => '?',
                Applicability::Skipped(_) => 'N',
                Applicability::Waits(_) => 'W',
            };
            assert_eq!(got, want, "{typed}");
        }
    }

    #[test]
    fn a_profile_step_fails_with_any_of_its_parts_and_passes_with_all() {
        let device = DeviceFacts::default();
        let mut answers = Answers::from([(id("es.one"), AnswerFact::new(AnswerState::Pass))]);
        assert_eq!(
            asked(Condition::Passed(id("es")), &device, &answers),
            Applicability::Waits(id("es.two"))
        );
        answers.insert(id("es.two"), AnswerFact::new(AnswerState::Fail));
        assert_eq!(
            asked(Condition::Failed(id("es")), &device, &answers),
            Applicability::Asked
        );
        assert!(!asked(Condition::Passed(id("es")), &device, &answers).is_asked());
        answers.insert(id("es.two"), AnswerFact::new(AnswerState::NotApplicable));
        assert!(!asked(Condition::Failed(id("es")), &device, &answers).is_asked());
    }
}
