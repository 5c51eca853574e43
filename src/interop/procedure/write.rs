//! Writes a procedure as TOML that reads back as the same procedure.

use std::fmt::Write as _;

use super::condition::{CLASSES, COMPARISONS, PARTS, POWERS};
use super::document::source_word;
use super::step::{ABOUT, VERDICTS};
use crate::domain::measure::{Decimal, Limit, Unit};
use crate::domain::procedure::{
    Condition, DeviceTest, Formula, LimitSource, Operand, Procedure, ScanTarget, Step, StepKind,
    TextAbout,
};

/// The procedure as an authored file.
pub fn write(procedure: &Procedure) -> String {
    let mut out = String::new();
    line(&mut out, "code", &quoted(&procedure.code));
    line(&mut out, "title", &quoted(&procedure.title));
    line(&mut out, "activity", &quoted(&procedure.activity));
    texts(&mut out, "device-types", &procedure.device_types);
    texts(&mut out, "models", &procedure.models);
    line(&mut out, "version", &quoted(&procedure.version));
    line(&mut out, "source", &quoted(source_word(procedure.source)));
    optional(&mut out, "banner", procedure.banner.as_ref());
    texts(&mut out, "credentials", &procedure.credentials);
    if let Some(minutes) = procedure.minutes {
        line(&mut out, "minutes", &minutes.to_string());
    }
    optional(&mut out, "frequency", procedure.frequency.as_ref());
    if let Some(reference) = &procedure.reference {
        out.push_str("\n[reference]\n");
        line(&mut out, "document", &quoted(&reference.document));
        optional(&mut out, "revision", reference.revision.as_ref());
    }
    for section in &procedure.sections {
        out.push_str("\n[[section]]\n");
        line(&mut out, "title", &quoted(&section.title));
        for one in &section.steps {
            out.push_str("\n[[section.step]]\n");
            step(&mut out, one);
        }
    }
    out
}

fn step(out: &mut String, step: &Step) {
    line(out, "id", &quoted(&step.id.0));
    line(out, "title", &quoted(&step.title));
    line(out, "kind", &quoted(step.kind.word()));
    kind(out, &step.kind);
    optional(out, "detail", step.detail.as_ref());
    if let Some(condition) = &step.condition {
        line(out, "only-if", &self::condition(condition));
    }
    if step.safety {
        line(out, "safety", "true");
    }
    if !step.required {
        line(out, "required", "false");
    }
    let na_by_default = !matches!(
        step.kind,
        StepKind::SecondPerson
            | StepKind::Scan {
                what: ScanTarget::Device
            }
    );
    if step.allow_na != na_by_default {
        line(out, "na", if step.allow_na { "true" } else { "false" });
    }
    if step.as_left {
        line(out, "as-left", "true");
    }
    optional(out, "tool", step.tool.as_ref());
    optional(out, "reference", step.reference.as_ref());
}

fn kind(out: &mut String, kind: &StepKind) {
    match kind {
        StepKind::Check | StepKind::SecondPerson => {}
        StepKind::Measure(m) => judged(out, m.unit, m.limit.as_ref(), &m.source),
        StepKind::Table(table) => {
            unit(out, table.unit);
            out.push_str("points = [\n");
            for point in &table.points {
                let label = quoted(&point.label);
                let _ = writeln!(
                    out,
                    "    {{ at = {label}, {} }},",
                    limit(&point.limit).join(", ")
                );
            }
            out.push_str("]\n");
            source(out, &table.source);
        }
        StepKind::Choice { options } => {
            out.push_str("options = [\n");
            for option in options {
                let label = quoted(&option.label);
                let verdict = quoted(name_of(&VERDICTS, option.verdict));
                let _ = writeln!(out, "    {{ answer = {label}, verdict = {verdict} }},");
            }
            out.push_str("]\n");
        }
        StepKind::Text { about } => {
            if *about != TextAbout::Other {
                line(out, "about", &quoted(name_of(&ABOUT, *about)));
            }
        }
        StepKind::Timer { seconds, long } => {
            let (count, unit) = match seconds {
                s if s % 3600 == 0 => (s / 3600, "h"),
                s if s % 60 == 0 => (s / 60, "min"),
                s => (*s, "s"),
            };
            line(out, "duration", &quoted(&format!("{count} {unit}")));
            if *long {
                line(out, "background", "true");
            }
        }
        StepKind::Date { must_not_be_past } => {
            if !must_not_be_past {
                line(out, "must-not-be-past", "false");
            }
        }
        StepKind::Scan { what } => match what {
            ScanTarget::Device => line(out, "what", "\"device\""),
            ScanTarget::Other(what) => line(out, "what", &quoted(what)),
        },
        StepKind::Computed(computed) => {
            let list = |ids: &[crate::domain::procedure::StepId]| {
                let ids: Vec<String> = ids.iter().map(|id| quoted(&id.0)).collect();
                format!("[{}]", ids.join(", "))
            };
            match &computed.formula {
                Formula::WorstOf(ids) => line(out, "worst-of", &list(ids)),
                Formula::Mean(ids) => line(out, "mean", &list(ids)),
                Formula::PercentError {
                    measured,
                    reference,
                } => {
                    let text = format!(
                        "{{ measured = {}, reference = {} }}",
                        operand(measured),
                        operand(reference)
                    );
                    line(out, "percent-error", &text);
                }
                Formula::Difference { first, second } => {
                    let text = format!(
                        "{{ first = {}, second = {} }}",
                        operand(first),
                        operand(second)
                    );
                    line(out, "difference", &text);
                }
            }
            judged(
                out,
                computed.unit,
                computed.limit.as_ref(),
                &computed.source,
            );
        }
        StepKind::ElectricalSafety { profile } => line(out, "profile", &quoted(profile.code())),
    }
}

fn judged(out: &mut String, unit_of: Unit, limit_of: Option<&Limit>, source_of: &LimitSource) {
    unit(out, unit_of);
    if let Some(found) = limit_of {
        for text in limit(found) {
            out.push_str(&text);
            out.push('\n');
        }
        source(out, source_of);
    }
}

fn unit(out: &mut String, unit: Unit) {
    line(out, "unit", &quoted(&String::from(unit)));
}

fn source(out: &mut String, source: &LimitSource) {
    line(
        out,
        "verified",
        if source.verified { "true" } else { "false" },
    );
    if !source.text.is_empty() {
        line(out, "source", &quoted(&source.text));
    }
}

fn limit(limit: &Limit) -> Vec<String> {
    let pair = |key: &str, value: &Decimal| format!("{key} = {}", value.normalize());
    match limit {
        Limit::Range { low, high } => vec![pair("low", low), pair("high", high)],
        Limit::AtMost(high) => vec![pair("at-most", high)],
        Limit::AtLeast(low) => vec![pair("at-least", low)],
        Limit::Nominal {
            nominal,
            tol_abs,
            tol_percent,
        } => {
            let mut out = vec![pair("nominal", nominal)];
            out.extend(tol_abs.as_ref().map(|t| pair("plus-minus", t)));
            out.extend(tol_percent.as_ref().map(|t| pair("percent", t)));
            out
        }
    }
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Step(id) => quoted(&id.0),
        Operand::Value(value) => value.normalize().to_string(),
    }
}

fn condition(of: &Condition) -> String {
    let list = |all: &[Condition]| all.iter().map(condition).collect::<Vec<_>>().join(", ");
    match of {
        Condition::Failed(step) => format!("{{ failed = {} }}", quoted(&step.0)),
        Condition::Passed(step) => format!("{{ passed = {} }}", quoted(&step.0)),
        Condition::Chose { step, option } => {
            format!(
                "{{ step = {}, answer = {} }}",
                quoted(&step.0),
                quoted(option)
            )
        }
        Condition::Value { step, is, value } => {
            format!(
                "{{ step = {}, {} = {} }}",
                quoted(&step.0),
                name_of(&COMPARISONS, *is),
                value.normalize()
            )
        }
        Condition::Device(test) => match test {
            DeviceTest::Class(class) => {
                format!("{{ class = {} }}", quoted(name_of(&CLASSES, *class)))
            }
            DeviceTest::Power(power) => {
                format!("{{ power = {} }}", quoted(name_of(&POWERS, *power)))
            }
            DeviceTest::HasAppliedPart(part) => {
                format!("{{ applied-part = {} }}", quoted(name_of(&PARTS, *part)))
            }
            DeviceTest::HasAppliedParts(want) => format!("{{ applied-parts = {want} }}"),
            DeviceTest::StoresEphi(want) => format!("{{ stores-ephi = {want} }}"),
            DeviceTest::Networked(want) => format!("{{ networked = {want} }}"),
            DeviceTest::Battery(want) => format!("{{ battery = {want} }}"),
            DeviceTest::HighRisk(want) => format!("{{ high-risk = {want} }}"),
        },
        Condition::All(all) => format!("{{ all = [{}] }}", list(all)),
        Condition::Any(any) => format!("{{ any = [{}] }}", list(any)),
        Condition::Not(inner) => format!("{{ not = {} }}", condition(inner)),
    }
}

/// The word of a value in a table that lists every value.
fn name_of<T: PartialEq + Copy, const N: usize>(
    words: &[(&'static str, T); N],
    value: T,
) -> &'static str {
    words
        .iter()
        .find(|(_, known)| *known == value)
        .map_or("", |(word, _)| word)
}

fn line(out: &mut String, key: &str, value: &str) {
    let _ = writeln!(out, "{key} = {value}");
}

fn optional(out: &mut String, key: &str, value: Option<&String>) {
    if let Some(value) = value {
        line(out, key, &quoted(value));
    }
}

fn texts(out: &mut String, key: &str, values: &[String]) {
    if !values.is_empty() {
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        line(out, key, &format!("[{}]", values.join(", ")));
    }
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
