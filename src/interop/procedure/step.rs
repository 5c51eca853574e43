//! One step in the file.

use super::check::ParsedStep;
use super::condition::{Mention, condition, word};
use super::fields::{At, Fields, Value, number_of};
use super::limit::{Defaults, limit, limit_source, unit};
use super::mistake::{Mistakes, suggest};
use crate::domain::measure::{Dimension, Reading, Unit};
use crate::domain::procedure::electrical::Profile;
use crate::domain::procedure::{
    AnswerVerdict, ChoiceOption, Computed, Formula, LimitSource, Measure, Operand, ScanTarget,
    SetPoint, Step, StepId, StepKind, Table, TextAbout,
};

pub(super) const VERDICTS: [(&str, AnswerVerdict); 3] = [
    ("pass", AnswerVerdict::Pass),
    ("fail", AnswerVerdict::Fail),
    ("neutral", AnswerVerdict::Neutral),
];
pub(super) const ABOUT: [(&str, TextAbout); 4] = [
    ("other", TextAbout::Other),
    ("accessories", TextAbout::Accessories),
    ("software version", TextAbout::SoftwareVersion),
    ("location", TextAbout::Location),
];
const KINDS: [&str; 11] = [
    "check",
    "measure",
    "table",
    "choice",
    "text",
    "timer",
    "date",
    "scan",
    "computed",
    "second-person",
    "electrical-safety",
];

/// What a step's own part of the file gives beside the kind: the steps it computes from, with their places.
type Operands = Vec<At<StepId>>;

/// Reads one step with everything that can be checked without the others.
pub(super) fn step(
    mut fields: Fields<'_, '_>,
    defaults: &Defaults,
    mistakes: &mut Mistakes<'_>,
) -> ParsedStep {
    let id = fields.needed(
        "id",
        "Give the step a name that stays the same, like id = \"flow-100\"",
        mistakes,
    );
    if let Some(id) = &id
        && !StepId::is_valid(&id.value)
    {
        mistakes.add(
            &id.span,
            format!("\"{}\" cannot be the id of a step", id.value),
            "Use lower-case letters, digits and hyphens, at most 64",
        );
    }
    let title = fields.needed("title", "Say in one line what is done", mistakes);
    let word = fields.needed(
        "kind",
        &format!("Give one of: {}", KINDS.join(", ")),
        mistakes,
    );
    let mut operands = Operands::new();
    let span = fields.span.clone();
    let kind = word.and_then(|word| kind(&word, &mut fields, defaults, &mut operands, mistakes));
    let mut mentions: Vec<Mention> = Vec::new();
    let only_if = fields
        .value("only-if")
        .map(|value| condition(value, 0, &mut mentions, mistakes));
    let safety = fields.flag("safety", mistakes);
    let required = fields.flag("required", mistakes);
    let na = fields.flag("na", mistakes);
    let as_left = fields.flag("as-left", mistakes);
    let mut text = |key| fields.text(key, mistakes);
    let (detail, tool, reference) = (text("detail"), text("tool"), text("reference"));
    let (detail, reference) = (detail.map(|at| at.value), reference.map(|at| at.value));
    if kind.is_some() {
        // Without a kind every key of that kind would be reported as unknown.
        fields.done(mistakes);
    }
    let known = kind.is_some();
    let kind = kind.unwrap_or(StepKind::Check);
    let never_na = matches!(
        kind,
        StepKind::SecondPerson
            | StepKind::Scan {
                what: ScanTarget::Device
            }
    );
    if let Some(tool) = &tool
        && matches!(
            kind,
            StepKind::Text { .. }
                | StepKind::Date { .. }
                | StepKind::Scan { .. }
                | StepKind::SecondPerson
                | StepKind::Computed(_)
        )
    {
        mistakes.add(
            &tool.span,
            "nothing is measured in this step",
            "Take tool out, or put it on the step with the reading",
        );
    }
    let tool = tool.map(|at| at.value);
    if let Some(na) = &na
        && na.value
        && never_na
    {
        mistakes.add(
            &na.span,
            "this step cannot be \"not applicable\"",
            "Take na out: a second person and the device itself are always there",
        );
    }
    if let (Some(safety), Some(required)) = (&safety, &required)
        && safety.value
        && !required.value
    {
        mistakes.add(
            &required.span,
            "a safety step must be answered",
            "Take required = false out",
        );
    }
    let cannot_fail = matches!(&kind, StepKind::Text { .. })
        || matches!(&kind, StepKind::Measure(m) if m.limit.is_none())
        || matches!(&kind, StepKind::Computed(c) if c.limit.is_none());
    for flag in [&safety, &as_left].into_iter().flatten() {
        if flag.value && cannot_fail {
            mistakes.add(
                &flag.span,
                "this step can never fail, so this says nothing",
                "Take it out, or give the step a limit",
            );
        }
    }
    ParsedStep {
        known,
        step: Step {
            id: StepId(id.as_ref().map(|id| id.value.clone()).unwrap_or_default()),
            title: title.map(|at| at.value).unwrap_or_default(),
            detail,
            kind,
            safety: safety.is_some_and(|at| at.value),
            required: required.is_none_or(|at| at.value),
            allow_na: na.map_or(!never_na, |at| at.value),
            condition: only_if.flatten(),
            tool,
            reference,
            as_left: as_left.is_some_and(|at| at.value),
        },
        span: id.map_or(span, |id| id.span),
        mentions,
        operands,
    }
}

fn kind(
    name: &At<String>,
    fields: &mut Fields<'_, '_>,
    defaults: &Defaults,
    operands: &mut Operands,
    mistakes: &mut Mistakes<'_>,
) -> Option<StepKind> {
    Some(match name.value.as_str() {
        "check" => StepKind::Check,
        "measure" => {
            let (unit, limit, source) = judged(fields, defaults, mistakes)?;
            StepKind::Measure(Measure {
                unit,
                limit,
                source,
            })
        }
        "table" => table(fields, defaults, mistakes)?,
        "choice" => choice(fields, mistakes),
        "text" => StepKind::Text {
            about: if fields.has("about") {
                word(fields, "about", &ABOUT, mistakes).unwrap_or_default()
            } else {
                TextAbout::Other
            },
        },
        "timer" => StepKind::Timer {
            seconds: duration(fields, mistakes).unwrap_or_default(),
            long: fields
                .flag("background", mistakes)
                .is_some_and(|at| at.value),
        },
        "date" => StepKind::Date {
            must_not_be_past: fields
                .flag("must-not-be-past", mistakes)
                .is_none_or(|at| at.value),
        },
        "scan" => {
            let what = fields.needed(
                "what",
                "Say what is scanned: what = \"device\", or a part in your words",
                mistakes,
            )?;
            StepKind::Scan {
                what: if what.value == "device" {
                    ScanTarget::Device
                } else {
                    ScanTarget::Other(what.value)
                },
            }
        }
        "computed" => {
            let formula = formula(fields, operands, mistakes);
            let (unit, limit, source) = judged(fields, defaults, mistakes)?;
            StepKind::Computed(Computed {
                formula: formula?,
                unit,
                limit,
                source,
            })
        }
        "second-person" => StepKind::SecondPerson,
        "electrical-safety" => {
            let codes = Profile::ALL.map(Profile::code);
            let text = fields.needed(
                "profile",
                &format!("Give one of: {}", codes.join(", ")),
                mistakes,
            )?;
            let Some(profile) = Profile::from_code(&text.value) else {
                mistakes.add(
                    &text.span,
                    format!("\"{}\" is no profile", text.value),
                    suggest(&text.value, codes),
                );
                return None;
            };
            StepKind::ElectricalSafety { profile }
        }
        other => {
            mistakes.add(
                &name.span,
                format!("\"{other}\" is no kind of step"),
                suggest(other, KINDS),
            );
            return None;
        }
    })
}

/// Unit, limit and its source, as measured and computed steps have them.
fn judged(
    fields: &mut Fields<'_, '_>,
    defaults: &Defaults,
    mistakes: &mut Mistakes<'_>,
) -> Option<(Unit, Option<crate::domain::measure::Limit>, LimitSource)> {
    // Without a unit the limit is looked at all the same, as plain numbers: all mistakes are reported at once.
    let unit = unit(fields, mistakes);
    let found = limit(fields, unit.unwrap_or(Unit::None), mistakes);
    let keys = [
        "low",
        "high",
        "at-most",
        "at-least",
        "nominal",
        "plus-minus",
        "percent",
    ];
    let tried = keys.into_iter().any(|key| fields.has(key));
    let source = limit_source(fields, defaults, tried, mistakes);
    Some((unit?, found, source))
}

fn table(
    fields: &mut Fields<'_, '_>,
    defaults: &Defaults,
    mistakes: &mut Mistakes<'_>,
) -> Option<StepKind> {
    let unit = unit(fields, mistakes);
    let source = limit_source(fields, defaults, true, mistakes);
    let list = fields.list("points", mistakes);
    if list.is_empty() {
        mistakes.missing(
            &fields.span,
            "the table has no points",
            "Add points = [ { at = \"60 bpm\", nominal = 60, plus-minus = 2 }, … ]",
        );
    }
    let unit = unit?;
    let mut points: Vec<SetPoint> = Vec::new();
    for item in list {
        let Some(mut point) = Fields::of(item, "the point", mistakes) else {
            continue;
        };
        let label = point.needed("at", "Say what is set, like at = \"60 bpm\"", mistakes);
        let before = mistakes.count();
        let found = limit(&mut point, unit, mistakes);
        if found.is_none() && mistakes.count() == before {
            mistakes.missing(
                &point.span,
                "the point has no limit",
                "Add one, like nominal = 60 with plus-minus = 2",
            );
        }
        point.done(mistakes);
        if let (Some(label), Some(limit)) = (label, found) {
            if points.iter().any(|known| known.label == label.value) {
                mistakes.add(
                    &label.span,
                    format!("\"{}\" is there twice", label.value),
                    "Give every point its own label",
                );
            }
            points.push(SetPoint {
                label: label.value,
                limit,
            });
        }
    }
    Some(StepKind::Table(Table {
        unit,
        points,
        source,
    }))
}

fn choice(fields: &mut Fields<'_, '_>, mistakes: &mut Mistakes<'_>) -> StepKind {
    let mut options: Vec<ChoiceOption> = Vec::new();
    let list = fields.list("options", mistakes);
    if list.len() < 2 {
        mistakes.missing(
            &fields.span,
            "a choice needs at least two options",
            "Add options = [ { answer = \"Clean\", verdict = \"pass\" }, { answer = \"Dirty\", verdict = \"fail\" } ]",
        );
    }
    for item in list {
        let Some(mut option) = Fields::of(item, "the option", mistakes) else {
            continue;
        };
        let label = option.needed("answer", "Write what is chosen", mistakes);
        let verdict = if option.has("verdict") {
            word(&mut option, "verdict", &VERDICTS, mistakes)
        } else {
            mistakes.missing(
                &option.span,
                "the option has no \"verdict\"",
                "Add verdict = \"pass\", \"fail\" or \"neutral\"",
            );
            None
        };
        option.done(mistakes);
        if let (Some(label), Some(verdict)) = (label, verdict) {
            if options.iter().any(|known| known.label == label.value) {
                mistakes.add(
                    &label.span,
                    format!("\"{}\" is there twice", label.value),
                    "Give every option its own words",
                );
            }
            options.push(ChoiceOption {
                label: label.value,
                verdict,
            });
        }
    }
    StepKind::Choice { options }
}

/// `duration = "4 h"`, in whole seconds.
fn duration(fields: &mut Fields<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<u32> {
    const MEND: &str = "Write it like duration = \"30 s\", \"15 min\" or \"4 h\", at most 30 days";
    let text = fields.needed("duration", MEND, mistakes)?;
    let seconds = Reading::parse(&text.value, Unit::Second)
        .ok()
        .filter(|reading| reading.unit.dimension() == Dimension::Time)
        .and_then(|reading| reading.value_in(Unit::Second))
        .filter(|seconds| seconds.denominator() == 1)
        .and_then(|seconds| u32::try_from(seconds.numerator()).ok())
        .filter(|seconds| (1..=30 * 86_400).contains(seconds));
    if seconds.is_none() {
        mistakes.add(
            &text.span,
            format!("\"{}\" is not a duration in whole seconds", text.value),
            MEND,
        );
    }
    seconds
}

fn formula(
    fields: &mut Fields<'_, '_>,
    operands: &mut Operands,
    mistakes: &mut Mistakes<'_>,
) -> Option<Formula> {
    let mut found: Vec<Option<Formula>> = Vec::new();
    for (key, make) in [
        ("worst-of", Formula::WorstOf as fn(Vec<StepId>) -> Formula),
        ("mean", Formula::Mean),
    ] {
        if fields.has(key) {
            let list = fields.texts(key, mistakes);
            if list.is_empty() {
                mistakes.add(
                    &fields.span,
                    format!("\"{key}\" names no steps"),
                    format!("Write {key} = [\"step-a\", \"step-b\"]"),
                );
            }
            let ids: Vec<StepId> = list.iter().map(|at| StepId(at.value.clone())).collect();
            operands.extend(list.into_iter().map(|at| At {
                value: StepId(at.value),
                span: at.span,
            }));
            found.push(Some(make(ids)));
        }
    }
    if let Some(value) = fields.value("percent-error") {
        found.push(two(value, "measured", "reference", operands, mistakes).map(
            |(measured, reference)| Formula::PercentError {
                measured,
                reference,
            },
        ));
    }
    if let Some(value) = fields.value("difference") {
        found.push(
            two(value, "first", "second", operands, mistakes)
                .map(|(first, second)| Formula::Difference { first, second }),
        );
    }
    if found.len() == 1 {
        return found.pop().flatten();
    }
    mistakes.missing(
        &fields.span,
        "a computed step needs one formula",
        "Write one of: worst-of = [steps], mean = [steps], percent-error = { measured = \"step\", reference = 100 }, difference = { first = \"step\", second = \"step\" }",
    );
    None
}

/// The two operands of a formula; at least one is a step.
fn two(
    value: &Value<'_>,
    first: &'static str,
    second: &'static str,
    operands: &mut Operands,
    mistakes: &mut Mistakes<'_>,
) -> Option<(Operand, Operand)> {
    let mut inner = Fields::of(value, "the formula", mistakes)?;
    let mut one = |key: &'static str| {
        let Some(value) = inner.value(key) else {
            mistakes.missing(
                &inner.span,
                format!("the formula has no \"{key}\""),
                "Name a step in quotes, or write a number",
            );
            return None;
        };
        if let Some(id) = value.get_ref().as_str() {
            let id = StepId(id.to_owned());
            operands.push(At {
                value: id.clone(),
                span: value.span(),
            });
            return Some(Operand::Step(id));
        }
        number_of(value, mistakes).map(Operand::Value)
    };
    let (a, b) = (one(first), one(second));
    let span = inner.span.clone();
    inner.done(mistakes);
    let (a, b) = (a?, b?);
    if matches!((&a, &b), (Operand::Value(_), Operand::Value(_))) {
        mistakes.add(
            &span,
            "the formula computes from two fixed numbers",
            "Name a step for at least one of them",
        );
    }
    if let Operand::Value(value) = &b
        && value.is_zero()
        && second == "reference"
    {
        mistakes.add(
            &span,
            "a percent error against zero has no value",
            "Give another reference",
        );
    }
    Some((a, b))
}
