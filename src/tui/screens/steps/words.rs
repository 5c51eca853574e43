//! Steps, answers and limits in words, for the screens of an inspection.
//!
//! Invariants: what is unknown says so; a reading is shown as it was typed, with its unit; nothing is rounded for display.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::paint::verdict_mark;
use crate::bench::query::InspectionSheet;
use crate::domain::inspection::{Again, Answer, Answered, PlanItem, ToolUse};
use crate::domain::measure::{Limit, Reading, Unit, drift};
use crate::domain::procedure::{Formula, Operand, SourceKind, Step, StepId, StepKind};
use crate::domain::time::Moment;
use crate::tui::view::Look;

/// An answer in a few words.
pub fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Pass => "pass".to_owned(),
        Answer::Fail => "fail".to_owned(),
        Answer::NotApplicable { reason } => format!("not applicable: {reason}"),
        Answer::Reading(reading) => reading_words(reading),
        Answer::Choice(text) | Answer::Text(text) | Answer::Scan(text) => text.clone(),
        Answer::Date(date) => date.to_string(),
        Answer::Timer { passed, seconds } => format!(
            "{} after {}",
            if *passed { "pass" } else { "fail" },
            clock(i64::from(*seconds))
        ),
        Answer::SecondPerson { who } => format!("confirmed by {who}"),
    }
}

/// A reading with its unit.
pub fn reading_words(reading: &Reading) -> String {
    format!("{} {}", reading.form, reading.unit)
        .trim()
        .to_owned()
}

/// An answer with its judgement: `0.12 Ω ✓ pass, limit at most 0.5 Ω`.
pub fn judged(look: &Look, answered: &Answered) -> String {
    let mark = verdict_mark(answered.verdict);
    let words = answer(&answered.answer);
    let plain = matches!(answered.answer, Answer::Pass | Answer::Fail);
    let mut out = if plain {
        format!("{} {}", mark.sign(look), mark.word)
    } else {
        format!("{words} {} {}", mark.sign(look), mark.word)
    };
    if !answered.limit.is_empty() {
        out.push_str(", limit ");
        out.push_str(&answered.limit);
    }
    if !answered.why.is_empty() {
        out.push_str(": ");
        out.push_str(&answered.why);
    }
    out
}

/// Why an answer takes the place of an earlier one.
pub const fn again(again: Again) -> &'static str {
    again.label()
}

/// Seconds as hours, minutes and seconds.
pub fn clock(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h > 0 {
        format!("{h}:{m:02}:{s:02}")
    } else {
        format!("{m}:{s:02}")
    }
}

/// The time of day of a moment.
pub fn time_of_day(at: Moment) -> String {
    at.local()
        .map_or_else(|| "?".to_owned(), |local| local.format("%H:%M").to_string())
}

/// The procedure with its version, and whether a named person stands for it. The flag says that nobody does.
pub fn procedure(sheet: &InspectionSheet) -> (String, bool) {
    let title = &sheet.document.title;
    let version = if sheet.document.version.is_empty() {
        String::new()
    } else {
        format!(" v{}", sheet.document.version)
    };
    match sheet.procedure.adoptions.last() {
        Some(adoption) => (
            format!("{title}{version}, adopted by {}", adoption.by),
            false,
        ),
        None => (format!("{title}{version}"), true),
    }
}

/// Which activity by which procedure, in one line; an activity that the procedure's title names is not said twice.
pub fn activity(sheet: &InspectionSheet) -> String {
    let (procedure, _) = procedure(sheet);
    let activity = &sheet.inspection.activity;
    if sheet.document.title.contains(activity.as_str()) {
        procedure
    } else {
        format!("{activity}: {procedure}")
    }
}

/// The banner of a procedure that nobody has adopted.
pub fn banner(sheet: &InspectionSheet) -> String {
    let source = match sheet.document.source {
        SourceKind::BuiltIn => "built-in procedure",
        SourceKind::Shop | SourceKind::Manufacturer => "procedure",
    };
    format!(
        "UNVERIFIED {source}: nobody has adopted this version. Readings are recorded, but it cannot end in \"passed\"."
    )
}

/// The limit of a point in words, with a mark when nobody has verified it.
pub fn limit(item: &PlanItem, limit: &str, adopted: bool) -> Option<String> {
    if limit.is_empty() {
        return None;
    }
    let source = source_text(&item.step);
    Some(match (item.step.is_unverified(), adopted, source) {
        (true, false, "") => format!("{limit}  (unverified)"),
        (true, false, source) => format!("{limit}  (unverified: {source})"),
        (_, _, "") => limit.to_owned(),
        (_, _, source) => format!("{limit}  ({source})"),
    })
}

fn source_text(step: &Step) -> &str {
    match &step.kind {
        StepKind::Measure(m) => &m.source.text,
        StepKind::Table(t) => &t.source.text,
        StepKind::Computed(c) => &c.source.text,
        _ => "",
    }
}

/// The unit and limit of a step's point.
pub fn unit_and_limit(step: &Step, point: Option<u16>) -> Option<(Unit, Option<Limit>)> {
    Some(match &step.kind {
        StepKind::Measure(m) => (m.unit, m.limit),
        StepKind::Computed(c) => (c.unit, c.limit),
        StepKind::Table(t) => (
            t.unit,
            point
                .and_then(|p| t.points.get(usize::from(p)))
                .map(|p| p.limit),
        ),
        _ => return None,
    })
}

/// Earlier readings of a point, newest first, one a day, each with the difference to `now` where both are numbers.
pub fn previous(
    sheet: &InspectionSheet,
    step: &Step,
    point: Option<u16>,
    now: Option<&Reading>,
    most: usize,
) -> Vec<String> {
    let Some((unit, limit)) = unit_and_limit(step, point) else {
        return Vec::new();
    };
    let mut days: Vec<(NaiveDate, &Reading)> = Vec::new();
    for earlier in sheet
        .previous
        .iter()
        .filter(|p| p.step == step.id && p.point == point)
    {
        // Within one day the last reading is the one that counted.
        match days.iter_mut().find(|(on, _)| *on == earlier.on) {
            Some(day) => day.1 = &earlier.reading,
            None => days.push((earlier.on, &earlier.reading)),
        }
    }
    days.into_iter()
        .take(most)
        .map(|(on, reading)| {
            let mut out = format!("{on}: {}", reading_words(reading));
            if let Some(change) = now.and_then(|now| drift(reading, now, limit.as_ref(), unit)) {
                let sign = if change.difference.is_sign_negative() {
                    ""
                } else {
                    "+"
                };
                let difference = change.difference.normalize();
                out.push_str(
                    format!("  difference {sign}{difference} {}", unit.difference()).trim_end(),
                );
                match change.share_of_margin {
                    Some(share) if share > 100.into() => out.push_str(", past the limit"),
                    Some(share) if share >= 50.into() => {
                        let share = share.round().normalize();
                        // Writing to a String cannot fail.
                        let _ = write!(out, ", {share} % of the way to the limit");
                    }
                    _ => {}
                }
            }
            out
        })
        .collect()
}

/// The test equipment that is chosen for a kind.
pub fn chosen_tool<'s>(sheet: &'s InspectionSheet, kind: &str) -> Option<&'s ToolUse> {
    sheet
        .inspection
        .tools
        .iter()
        .find(|(known, _)| same(known, kind))
        .map(|(_, used)| used)
}

/// Whether two words are the same without regard to case, spaces and dashes.
pub fn same(a: &str, b: &str) -> bool {
    let fold = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    fold(a) == fold(b)
}

/// The steps that a computed step takes its readings from.
pub fn inputs(step: &Step) -> Vec<StepId> {
    let StepKind::Computed(computed) = &step.kind else {
        return Vec::new();
    };
    match &computed.formula {
        Formula::WorstOf(ids) | Formula::Mean(ids) => ids.clone(),
        Formula::PercentError {
            measured: a,
            reference: b,
        }
        | Formula::Difference {
            first: a,
            second: b,
        } => [a, b]
            .into_iter()
            .filter_map(|operand| match operand {
                Operand::Step(id) => Some(id.clone()),
                Operand::Value(_) => None,
            })
            .collect(),
    }
}

/// The printed name of a technician, or their key.
pub fn name<'s>(sheet: &'s InspectionSheet, key: &'s str) -> &'s str {
    sheet
        .names
        .iter()
        .find(|(known, _)| known == key)
        .map_or(key, |(_, name)| name)
}

/// What was given at this step at the last inspection, where it may be confirmed again.
pub fn last_text(sheet: &InspectionSheet, step: &Step) -> Option<String> {
    let last = sheet.last.as_deref()?;
    match crate::domain::inspection::prefill(last, step)? {
        Answer::Text(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_at_a_glance() {
        assert_eq!(clock(0), "0:00");
        assert_eq!(clock(192), "3:12");
        assert_eq!(clock(4 * 3600 + 5), "4:00:05");
        assert_eq!(clock(-3), "0:00");
    }
}
