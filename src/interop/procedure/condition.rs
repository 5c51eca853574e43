//! Conditions in the file: `only-if = { failed = "step" }`, `{ class = "I" }`, `{ all = [ … ] }` and so on.

use std::ops::Range;

use super::fields::{Fields, Value, number_of};
use super::mistake::{Mistakes, suggest};
use crate::domain::procedure::{
    AppliedPartType, Comparison, Condition, DeviceTest, PowerConnection, ProtectionClass, StepId,
};

/// What is asked of an earlier step, with its place in the file.
pub(super) enum Asks {
    /// Whether it failed or passed.
    Verdict,
    /// Whether this option was chosen.
    Option(String),
    /// How its value compares.
    Value,
}

/// One mention of an earlier step.
pub(super) struct Mention {
    pub step: StepId,
    pub asks: Asks,
    pub span: Range<usize>,
}

pub(super) const CLASSES: [(&str, ProtectionClass); 3] = [
    ("I", ProtectionClass::I),
    ("II", ProtectionClass::II),
    ("internal", ProtectionClass::Internal),
];
pub(super) const POWERS: [(&str, PowerConnection); 4] = [
    ("detachable cord", PowerConnection::DetachableCord),
    ("fixed cord", PowerConnection::FixedCord),
    ("permanent", PowerConnection::Permanent),
    ("internal", PowerConnection::Internal),
];
pub(super) const PARTS: [(&str, AppliedPartType); 3] = [
    ("B", AppliedPartType::B),
    ("BF", AppliedPartType::BF),
    ("CF", AppliedPartType::CF),
];
pub(super) const COMPARISONS: [(&str, Comparison); 5] = [
    ("below", Comparison::Below),
    ("at-most", Comparison::AtMost),
    ("equal", Comparison::Equal),
    ("at-least", Comparison::AtLeast),
    ("above", Comparison::Above),
];
/// Makes a question about the device from true or false.
type Flag = fn(bool) -> DeviceTest;

/// Questions that are answered with true or false.
const FLAGS: [(&str, Flag); 5] = [
    ("applied-parts", DeviceTest::HasAppliedParts),
    ("stores-ephi", DeviceTest::StoresEphi),
    ("networked", DeviceTest::Networked),
    ("battery", DeviceTest::Battery),
    ("high-risk", DeviceTest::HighRisk),
];

const MEND: &str = "Write one, like { failed = \"step-id\" }, { step = \"step-id\", answer = \"Yes\" }, { step = \"step-id\", above = 5 }, { class = \"I\" }, { battery = true }, { all = [ … ] }, { any = [ … ] } or { not = { … } }";

/// Reads a condition and notes every step that it mentions. `depth` keeps forged nesting short.
pub(super) fn condition(
    value: &Value<'_>,
    depth: u32,
    mentions: &mut Vec<Mention>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Condition> {
    if depth > 8 {
        mistakes.add(
            &value.span(),
            "conditions are nested more than 8 deep",
            "Write it flatter",
        );
        return None;
    }
    let mut fields = Fields::of(value, "the condition", mistakes)?;
    let mut found = Vec::new();
    let mut broken = false;
    let mut keep = |made: Option<Condition>| match made {
        Some(condition) => found.push(condition),
        None => broken = true,
    };
    for (key, make) in [
        ("failed", Condition::Failed as fn(StepId) -> Condition),
        ("passed", Condition::Passed),
    ] {
        if fields.has(key) {
            keep(fields.text(key, mistakes).map(|at| {
                let step = StepId(at.value);
                mentions.push(Mention {
                    step: step.clone(),
                    asks: Asks::Verdict,
                    span: at.span,
                });
                make(step)
            }));
        }
    }
    if fields.has("step") {
        keep(about_step(&mut fields, mentions, mistakes));
    }
    if fields.has("class") {
        keep(
            word(&mut fields, "class", &CLASSES, mistakes)
                .map(|c| Condition::Device(DeviceTest::Class(c))),
        );
    }
    if fields.has("power") {
        keep(
            word(&mut fields, "power", &POWERS, mistakes)
                .map(|p| Condition::Device(DeviceTest::Power(p))),
        );
    }
    if fields.has("applied-part") {
        keep(
            word(&mut fields, "applied-part", &PARTS, mistakes)
                .map(|p| Condition::Device(DeviceTest::HasAppliedPart(p))),
        );
    }
    for (key, make) in FLAGS {
        if fields.has(key) {
            keep(
                fields
                    .flag(key, mistakes)
                    .map(|at| Condition::Device(make(at.value))),
            );
        }
    }
    for (key, make) in [
        ("all", Condition::All as fn(Vec<Condition>) -> Condition),
        ("any", Condition::Any),
    ] {
        if fields.has(key) {
            let list = fields.list(key, mistakes);
            if list.is_empty() {
                mistakes.add(&fields.span, format!("\"{key}\" lists no conditions"), MEND);
            }
            let inner: Vec<_> = list
                .into_iter()
                .map(|item| condition(item, depth + 1, mentions, mistakes))
                .collect();
            keep(inner.into_iter().collect::<Option<Vec<_>>>().map(make));
        }
    }
    if let Some(inner) = fields.value("not") {
        keep(condition(inner, depth + 1, mentions, mistakes).map(|c| Condition::Not(Box::new(c))));
    }
    let span = fields.span.clone();
    fields.done(mistakes);
    if broken {
        return None;
    }
    if found.len() > 1 {
        mistakes.add(
            &span,
            "this is more than one condition",
            "Put them into { all = [ {…}, {…} ] } or { any = [ {…}, {…} ] }",
        );
        return None;
    }
    let one = found.pop();
    if one.is_none() {
        mistakes.missing(&span, "this is no condition", MEND);
    }
    one
}

/// `step = "x"` with `answer = "…"` or with one comparison.
fn about_step(
    fields: &mut Fields<'_, '_>,
    mentions: &mut Vec<Mention>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Condition> {
    let at = fields.text("step", mistakes)?;
    let step = StepId(at.value);
    let mut found = Vec::new();
    if let Some(option) = fields.text("answer", mistakes) {
        let option = option.value;
        mentions.push(Mention {
            step: step.clone(),
            asks: Asks::Option(option.clone()),
            span: at.span.clone(),
        });
        found.push(Condition::Chose {
            step: step.clone(),
            option,
        });
    }
    for (key, is) in COMPARISONS {
        if let Some(value) = fields.value(key) {
            let value = number_of(value, mistakes)?;
            mentions.push(Mention {
                step: step.clone(),
                asks: Asks::Value,
                span: at.span.clone(),
            });
            found.push(Condition::Value {
                step: step.clone(),
                is,
                value,
            });
        }
    }
    if found.len() == 1 {
        return found.pop();
    }
    mistakes.missing(
        &at.span,
        "a condition on a step needs one thing to compare",
        "Add answer = \"…\" for a choice, or one of below, at-most, equal, at-least, above for a value",
    );
    None
}

/// One of a list of words.
pub(super) fn word<T: Copy, const N: usize>(
    fields: &mut Fields<'_, '_>,
    key: &'static str,
    words: &[(&'static str, T); N],
    mistakes: &mut Mistakes<'_>,
) -> Option<T> {
    let text = fields.text(key, mistakes)?;
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
        return Some(*value);
    }
    let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    mistakes.add(
        &text.span,
        format!("\"{}\" is not allowed for \"{key}\"", text.value),
        suggest(&text.value, allowed.iter().copied()),
    );
    None
}
