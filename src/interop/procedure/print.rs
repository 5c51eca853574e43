//! The paper form: a blank checklist in plain text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use crate::domain::measure::{Limit, Unit};
use crate::domain::procedure::{
    AnswerVerdict, Formula, LimitSource, Operand, Procedure, ScanTarget, Section, Step, StepId,
    StepKind,
};

/// The procedure as a blank checklist, `width` columns wide (at least 40).
pub fn print(procedure: &Procedure, width: usize) -> String {
    print_sections(procedure, &procedure.sections, width)
}

/// As [`print()`], with sections already made for one device.
pub fn print_sections(procedure: &Procedure, sections: &[Section], width: usize) -> String {
    let width = width.max(40);
    let mut out = String::new();
    wrap(&mut out, width, "", &procedure.title);
    let mut facts = vec![
        procedure.activity.clone(),
        format!("{} version {}", procedure.code, procedure.version),
        format!("content {}", short_hash(procedure)),
    ];
    facts.extend(procedure.minutes.map(|m| format!("about {m} minutes")));
    facts.extend(procedure.frequency.clone());
    wrap(&mut out, width, "", &facts.join(" · "));
    if let Some(reference) = &procedure.reference {
        let revision = reference
            .revision
            .as_deref()
            .map(|r| format!(", {r}"))
            .unwrap_or_default();
        wrap(
            &mut out,
            width,
            "",
            &format!("Follows: {}{revision}", reference.document),
        );
    }
    if !procedure.credentials.is_empty() {
        wrap(
            &mut out,
            width,
            "",
            &format!("Needs: {}", procedure.credentials.join(", ")),
        );
    }
    if let Some(banner) = &procedure.banner {
        out.push('\n');
        wrap(&mut out, width, "! ", banner);
    }
    out.push('\n');
    for label in [
        "Asset tag",
        "Serial",
        "Manufacturer and model",
        "Date",
        "Technician",
    ] {
        let _ = writeln!(out, "{label:<24}{}", "_".repeat((width - 24).min(40)));
    }
    let numbers: BTreeMap<&StepId, usize> = sections
        .iter()
        .flat_map(|section| &section.steps)
        .enumerate()
        .map(|(i, step)| (&step.id, i + 1))
        .collect();
    let name = |id: &StepId| match numbers.get(id) {
        Some(number) => format!("step {number}"),
        None => format!("step {id}"),
    };
    let mut number = 0;
    for section in sections {
        out.push('\n');
        wrap(&mut out, width, "", &section.title);
        let _ = writeln!(
            out,
            "{}",
            "-".repeat(columns(&section.title).clamp(1, width))
        );
        for one in &section.steps {
            number += 1;
            step(&mut out, width, number, one, &name);
        }
    }
    out.push('\n');
    wrap(
        &mut out,
        width,
        "Result   ",
        "[\u{a0}]\u{a0}passed   [\u{a0}]\u{a0}failed,\u{a0}do\u{a0}not\u{a0}use   [\u{a0}]\u{a0}not\u{a0}finished",
    );
    out.push('\n');
    let _ = writeln!(
        out,
        "{:<24}{}",
        "Signature",
        "_".repeat((width - 24).min(40))
    );
    if procedure.has_unverified_limits() {
        out.push('\n');
        wrap(
            &mut out,
            width,
            "",
            "Limits marked (unverified) have not been checked against the manufacturer's instructions.",
        );
    }
    out
}

/// A space at which a line is not broken.
const KEEP: char = '\u{a0}';

fn short_hash(procedure: &Procedure) -> String {
    procedure.hash().to_string().chars().take(12).collect()
}

fn step(
    out: &mut String,
    width: usize,
    number: usize,
    step: &Step,
    name: &dyn Fn(&StepId) -> String,
) {
    let safety = if step.safety { "  SAFETY" } else { "" };
    let lead = format!("{number:>3}. ");
    wrap(out, width, &lead, &format!("{}{safety}", step.title));
    let indent = "     ";
    if let Some(condition) = &step.condition {
        wrap(
            out,
            width,
            indent,
            &format!("Only if {}.", condition.describe(name)),
        );
    }
    if let Some(detail) = &step.detail {
        wrap(out, width, indent, detail);
    }
    if let Some(tool) = &step.tool {
        wrap(
            out,
            width,
            indent,
            &format!("With: {tool}. Tool number ____________"),
        );
    }
    if let Some(reference) = &step.reference {
        wrap(out, width, indent, &format!("See: {reference}"));
    }
    let na = if step.allow_na {
        "   [\u{a0}]\u{a0}n/a\u{a0}because\u{a0}______________"
    } else {
        ""
    };
    let judged = format!("[\u{a0}]\u{a0}pass   [\u{a0}]\u{a0}fail{na}");
    match &step.kind {
        StepKind::Check => wrap(out, width, indent, &judged),
        StepKind::Measure(m) => {
            limit(out, width, m.limit.as_ref(), m.unit, &m.source);
            value(out, width, m.unit, step.as_left);
            wrap(
                out,
                width,
                indent,
                if m.limit.is_some() {
                    &judged
                } else {
                    na.trim_start()
                },
            );
        }
        StepKind::Table(table) => {
            wrap(out, width, indent, &source(&table.source, "Limits"));
            for point in &table.points {
                let text = format!(
                    "{}: ______ {}  ({})",
                    point.label,
                    table.unit,
                    point.limit.describe(table.unit)
                );
                wrap(out, width, "       ", &text);
            }
            wrap(out, width, indent, &judged);
        }
        StepKind::Choice { options } => {
            let words: Vec<String> = options
                .iter()
                .map(|option| {
                    let verdict = match option.verdict {
                        AnswerVerdict::Pass => "",
                        AnswerVerdict::Fail => " (fails)",
                        AnswerVerdict::Neutral => "",
                    };
                    format!(
                        "[\u{a0}]\u{a0}{}{verdict}",
                        option.label.replace(' ', "\u{a0}")
                    )
                })
                .collect();
            wrap(out, width, indent, &format!("{}{na}", words.join("   ")));
        }
        StepKind::Text { .. } => wrap(out, width, indent, "______________________________"),
        StepKind::Timer { seconds, .. } => {
            let text = format!("Wait {}. Started ______ ended ______", duration(*seconds));
            wrap(out, width, indent, &text);
            wrap(out, width, indent, &judged);
        }
        StepKind::Date { must_not_be_past } => {
            let rule = if *must_not_be_past {
                "  (must not be past)"
            } else {
                ""
            };
            wrap(out, width, indent, &format!("Date ____-__-__{rule}{na}"));
        }
        StepKind::Scan { what } => {
            let what = match what {
                ScanTarget::Device => "tag, serial or UDI of the device",
                ScanTarget::Other(what) => what,
            };
            wrap(
                out,
                width,
                indent,
                &format!("Scan {what}: ____________________{na}"),
            );
        }
        StepKind::Computed(c) => {
            wrap(out, width, indent, &formula(&c.formula, name));
            limit(out, width, c.limit.as_ref(), c.unit, &c.source);
            value(out, width, c.unit, false);
            if c.limit.is_some() {
                wrap(out, width, indent, &judged);
            }
        }
        StepKind::SecondPerson => wrap(
            out,
            width,
            indent,
            "A second person confirms before the work goes on: name ______________ signed ______________",
        ),
        StepKind::ElectricalSafety { profile } => {
            let text = format!(
                "Measurements by {}, made for the class, power connection and applied parts of the device.",
                profile.title()
            );
            wrap(out, width, indent, &text);
            wrap(out, width, indent, &judged);
        }
    }
}

fn value(out: &mut String, width: usize, unit: Unit, as_left: bool) {
    let left = if as_left {
        format!("   as left ________ {unit}")
    } else {
        String::new()
    };
    let text = format!("Reading ________ {unit}{left}");
    wrap(out, width, "     ", text.trim_end());
}

fn limit(out: &mut String, width: usize, limit: Option<&Limit>, unit: Unit, from: &LimitSource) {
    let text = match limit {
        Some(limit) => source(from, &format!("Limit: {}", limit.describe(unit))),
        None => "No limit: record the value.".to_owned(),
    };
    wrap(out, width, "     ", &text);
}

fn source(source: &LimitSource, what: &str) -> String {
    let mark = if source.verified { "" } else { " (unverified)" };
    match source.text.as_str() {
        "" => format!("{what}{mark}."),
        text => format!("{what}{mark}. Source: {text}."),
    }
}

fn formula(formula: &Formula, name: &dyn Fn(&StepId) -> String) -> String {
    let list = |ids: &[StepId]| ids.iter().map(name).collect::<Vec<_>>().join(", ");
    let operand = |operand: &Operand| match operand {
        Operand::Step(id) => name(id),
        Operand::Value(value) => value.to_string(),
    };
    match formula {
        Formula::WorstOf(ids) => format!("Worst of: {}", list(ids)),
        Formula::Mean(ids) => format!("Mean of: {}", list(ids)),
        Formula::PercentError {
            measured,
            reference,
        } => {
            format!(
                "Percent error of {} against {}",
                operand(measured),
                operand(reference)
            )
        }
        Formula::Difference { first, second } => {
            format!("{} minus {}", operand(first), operand(second))
        }
    }
}

/// Seconds as people say them.
fn duration(seconds: u32) -> String {
    match seconds {
        s if s % 3600 == 0 => format!("{} h", s / 3600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

/// Breaks text into lines of at most `width` columns after `lead`; later lines are indented as far as the lead.
///
/// A [`KEEP`] holds words together; line breaks and tabs count as spaces, other control characters are dropped.
fn wrap(out: &mut String, width: usize, lead: &str, text: &str) {
    let indent = columns(lead);
    let mut line = lead.to_owned();
    let mut used = indent;
    let clean: String = text
        .chars()
        .map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c })
        .filter(|c| !c.is_control())
        .collect();
    if clean.trim().is_empty() {
        return;
    }
    let mut end = |line: &mut String| {
        out.push_str(line.replace(KEEP, " ").trim_end());
        out.push('\n');
        *line = " ".repeat(indent);
    };
    for word in clean.split_inclusive(' ') {
        if used > indent && used + columns(word.trim_end()) > width {
            end(&mut line);
            used = indent;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            // A word longer than the whole line is broken where the line ends.
            if used + wide > width && c != ' ' {
                end(&mut line);
                used = indent;
            }
            line.push(c);
            used += wide;
        }
    }
    end(&mut line);
}

/// The columns that a text takes on a terminal or in a fixed-width printout.
fn columns(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}
