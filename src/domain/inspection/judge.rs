//! What one answer says of the device, judged by the frozen step alone.
//!
//! Invariants: the kind of the answer fits the kind of the step or it is refused; a scan is never a reading; a value
//! within a limit that nobody has adopted is unverified, never a pass, and outside of it is a failure all the same.

use chrono::NaiveDate;

use super::{Answer, AnswerOrigin, Verdict};
use crate::domain::choices::fold;
use crate::domain::device::{Device, Field, TEXT_LIMIT};
use crate::domain::measure::{Judgement, Limit, Ratio, Reading, ReadingForm, Unit, judge};
use crate::domain::procedure::{AnswerVerdict, ScanTarget, Step, StepKind, TextAbout};
use crate::domain::refusal::Refusal;

/// An answer with what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Judged {
    /// The answer, labels as the procedure spells them.
    pub answer: Answer,
    /// What it says.
    pub verdict: Verdict,
    /// The limit in words; empty when nothing is judged.
    pub limit: String,
    /// Why undecided or unverified; empty otherwise.
    pub why: String,
}

impl Judged {
    pub fn plain(answer: Answer, verdict: Verdict) -> Self {
        Self {
            answer,
            verdict,
            limit: String::new(),
            why: String::new(),
        }
    }
}

/// What an answer is judged against beside the step.
pub(super) struct Bench<'a> {
    /// The device on the bench.
    pub device: &'a Device,
    /// The day the work is done.
    pub performed: NaiveDate,
    /// A named person has adopted the procedure version.
    pub adopted: bool,
    /// Seconds since the step's count-down began, if it did.
    pub elapsed: Option<i64>,
}

/// Judges an answer to a step (and set point).
pub(super) fn judge_answer(
    step: &Step,
    point: Option<u16>,
    answer: &Answer,
    origin: AnswerOrigin,
    bench: &Bench<'_>,
) -> Result<Judged, Refusal> {
    fitting_origin(step, answer, origin)?;
    if !matches!(step.kind, StepKind::Table(_)) && point.is_some() {
        return Err(Refusal::bad_input(
            format!("\"{}\" has no set points.", step.title),
            "Answer it without a set point.",
        ));
    }
    if let Answer::NotApplicable { reason } = answer {
        return not_applicable(step, reason);
    }
    match (&step.kind, answer) {
        (StepKind::Check, Answer::Pass) => Ok(Judged::plain(Answer::Pass, Verdict::Pass)),
        (StepKind::Check, Answer::Fail) => Ok(Judged::plain(Answer::Fail, Verdict::Fail)),
        (StepKind::Measure(measure), Answer::Reading(reading)) => Ok(reading_by(
            measure.limit.as_ref(),
            measure.unit,
            reading,
            step,
            &measure.source.text,
            bench.adopted,
        )?),
        (StepKind::Table(table), Answer::Reading(reading)) => {
            let set = point
                .and_then(|p| table.points.get(usize::from(p)))
                .ok_or_else(|| {
                    Refusal::bad_input(
                        format!("\"{}\" has {} set points.", step.title, table.points.len()),
                        "Name the set point that was measured.",
                    )
                })?;
            Ok(reading_by(
                Some(&set.limit),
                table.unit,
                reading,
                step,
                &table.source.text,
                bench.adopted,
            )?)
        }
        (StepKind::Choice { options }, Answer::Choice(label)) => {
            let option = options
                .iter()
                .find(|o| o.label == *label)
                .or_else(|| options.iter().find(|o| fold(&o.label) == fold(label)))
                .ok_or_else(|| {
                    let all: Vec<_> = options.iter().map(|o| o.label.as_str()).collect();
                    Refusal::bad_input(
                        format!("\"{label}\" is not one of the answers."),
                        format!("Choose one of: {}.", all.join(", ")),
                    )
                })?;
            let verdict = match option.verdict {
                AnswerVerdict::Pass => Verdict::Pass,
                AnswerVerdict::Fail => Verdict::Fail,
                AnswerVerdict::Neutral => Verdict::Neutral,
            };
            Ok(Judged::plain(Answer::Choice(option.label.clone()), verdict))
        }
        (StepKind::Text { .. }, Answer::Text(text)) => {
            let text = clean(text, "The text")?;
            Ok(Judged::plain(Answer::Text(text), Verdict::Neutral))
        }
        (StepKind::Date { must_not_be_past }, Answer::Date(date)) => Ok(Judged {
            answer: Answer::Date(*date),
            verdict: match (must_not_be_past, *date < bench.performed) {
                (false, _) => Verdict::Neutral,
                (true, true) => Verdict::Fail,
                (true, false) => Verdict::Pass,
            },
            limit: if *must_not_be_past {
                format!("not before {}", bench.performed)
            } else {
                String::new()
            },
            why: String::new(),
        }),
        (StepKind::Timer { seconds, .. }, Answer::Timer { passed, .. }) => {
            timer(step, *seconds, *passed, bench.elapsed)
        }
        (StepKind::Scan { what }, Answer::Scan(text)) => {
            let text = clean(text, "The scan")?;
            match what {
                ScanTarget::Other(_) => Ok(Judged::plain(Answer::Scan(text), Verdict::Neutral)),
                ScanTarget::Device if names(bench.device, &text) => {
                    Ok(Judged::plain(Answer::Scan(text), Verdict::Pass))
                }
                ScanTarget::Device => Err(Refusal::rule(
                    format!(
                        "This is another device: \"{text}\" does not name {}.",
                        bench.device.tag()
                    ),
                    "Check the label. If the wrong device is on the bench, move or void this inspection. Nothing was recorded.",
                )),
            }
        }
        (StepKind::SecondPerson, Answer::SecondPerson { .. }) => {
            Ok(Judged::plain(answer.clone(), Verdict::Pass))
        }
        (StepKind::Computed(_), _) => Err(Refusal::bad_input(
            format!("\"{}\" is computed from earlier readings.", step.title),
            "Measure those again; it follows by itself.",
        )),
        (kind, _) => Err(Refusal::bad_input(
            format!("\"{}\" takes another kind of answer.", step.title),
            format!("It is a step of the kind \"{}\".", kind.word()),
        )),
    }
}

/// Judges a reading by a limit, with the rule for limits that nobody has verified or adopted.
fn reading_by(
    limit: Option<&Limit>,
    unit: Unit,
    reading: &Reading,
    step: &Step,
    source: &str,
    adopted: bool,
) -> Result<Judged, Refusal> {
    if !reading.unit.converts_to(unit) {
        return Err(Refusal::bad_input(
            format!(
                "\"{}\" is measured in {unit}, not in {}.",
                step.title, reading.unit
            ),
            format!("Type the reading in {unit}."),
        ));
    }
    not_below_zero(limit, reading, step)?;
    let Some(limit) = limit else {
        return Ok(Judged::plain(
            Answer::Reading(reading.clone()),
            Verdict::Neutral,
        ));
    };
    let (verdict, why) = by_limit(
        judge(limit, unit, reading),
        step.is_unverified(),
        source,
        adopted,
    );
    Ok(Judged {
        answer: Answer::Reading(reading.clone()),
        verdict,
        limit: limit.describe(unit),
        why,
    })
}

/// Refuses a reading below zero of a quantity that cannot be, unless the step's own limit reaches below zero (a deviation).
fn not_below_zero(limit: Option<&Limit>, reading: &Reading, step: &Step) -> Result<(), Refusal> {
    let (ReadingForm::Exact(value) | ReadingForm::Below(value) | ReadingForm::Above(value)) =
        reading.form
    else {
        return Ok(());
    };
    let quantity = reading.unit.dimension();
    let below = match reading.form {
        // Less than zero, or than something below it, is below zero.
        ReadingForm::Below(_) => value.is_zero() || value.is_sign_negative(),
        _ => value.is_sign_negative() && !value.is_zero(),
    };
    let reaches_below = limit
        .and_then(Limit::bounds)
        .and_then(|(low, _)| low)
        .is_some_and(|low| low < Ratio::ZERO);
    if !below || !quantity.is_never_negative() || reaches_below {
        return Ok(());
    }
    Err(Refusal::bad_input(
        format!(
            "\"{}\": {} cannot be {}; this is a typing slip or a wrong zero of the test equipment.",
            step.title,
            quantity.name(),
            reading.typed
        ),
        "Zero the test equipment if it shows less than nothing, then type what it shows. Nothing was recorded.",
    ))
}

/// A judgement as a verdict: a pass by an unverified limit is unverified until the version is adopted.
pub(super) fn by_limit(
    judgement: Judgement,
    unverified: bool,
    source: &str,
    adopted: bool,
) -> (Verdict, String) {
    match judgement {
        Judgement::Fail => (Verdict::Fail, String::new()),
        Judgement::Undecided(why) => (Verdict::Undecided, why),
        Judgement::Pass if unverified && !adopted => (
            Verdict::Unverified,
            if source.is_empty() {
                "the limit has no verified source".to_owned()
            } else {
                format!("the limit is not verified: {source}")
            },
        ),
        Judgement::Pass => (Verdict::Pass, String::new()),
    }
}

fn fitting_origin(step: &Step, answer: &Answer, origin: AnswerOrigin) -> Result<(), Refusal> {
    let fits = match origin {
        AnswerOrigin::Key => true,
        AnswerOrigin::Scan => matches!(answer, Answer::Scan(_)),
        AnswerOrigin::File => matches!(answer, Answer::Reading(_)),
        AnswerOrigin::Computed => false,
        AnswerOrigin::Confirmed => matches!(
            &step.kind,
            StepKind::Text { about } if *about != TextAbout::Other
        ),
    };
    if fits {
        return Ok(());
    }
    Err(match origin {
        AnswerOrigin::Scan => Refusal::rule(
            "A scan is never a reading or an answer here.",
            "Type the answer. Nothing was recorded.",
        ),
        AnswerOrigin::Confirmed => Refusal::rule(
            "Only accessories, software version and location may be taken over from the last inspection.",
            "Give the answer afresh.",
        ),
        _ => Refusal::rule(
            format!("\"{}\" cannot be answered from there.", step.title),
            "Give the answer by key.",
        ),
    })
}

fn not_applicable(step: &Step, reason: &str) -> Result<Judged, Refusal> {
    if matches!(step.kind, StepKind::Computed(_)) {
        return Err(Refusal::bad_input(
            format!("\"{}\" is computed from earlier readings.", step.title),
            "Answer those; it follows by itself.",
        ));
    }
    if !step.allow_na {
        return Err(Refusal::rule(
            format!("\"{}\" cannot be answered \"not applicable\".", step.title),
            "Do the step, or leave it for later.",
        ));
    }
    if reason.trim().is_empty() {
        return Err(Refusal::bad_input(
            "\"Not applicable\" needs a reason.",
            "Say why in a few words.",
        ));
    }
    let reason = clean(reason, "The reason")?;
    Ok(Judged::plain(
        Answer::NotApplicable { reason },
        Verdict::NotApplicable,
    ))
}

fn timer(step: &Step, seconds: u32, passed: bool, elapsed: Option<i64>) -> Result<Judged, Refusal> {
    let ran = elapsed.unwrap_or(0).clamp(0, i64::from(u32::MAX)) as u32;
    if passed && (elapsed.is_none() || ran < seconds) {
        return Err(Refusal::rule(
            if elapsed.is_none() {
                format!("The count-down of \"{}\" was not started.", step.title)
            } else {
                format!("\"{}\" has run {ran} of {seconds} seconds.", step.title)
            },
            "It can pass when its time is over; a failure can be recorded at once.",
        ));
    }
    Ok(Judged {
        answer: Answer::Timer {
            passed,
            seconds: ran,
        },
        verdict: if passed { Verdict::Pass } else { Verdict::Fail },
        limit: format!("{seconds} s"),
        why: String::new(),
    })
}

/// Text as it may be kept: trimmed, not empty, not too long, no control characters.
pub(super) fn clean(text: &str, what: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::bad_input(
            format!("{what} is empty."),
            "Give a few words. No patient data.",
        ));
    }
    if text.len() > TEXT_LIMIT {
        return Err(Refusal::bad_input(
            format!("{what} is longer than {TEXT_LIMIT} bytes."),
            "Shorten it; a file can be attached to the order.",
        ));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Refusal::bad_input(
            format!("{what} contains control characters."),
            "Type it again.",
        ));
    }
    Ok(text.to_owned())
}

/// Whether a scanned or typed text names this device: tag, earlier tag or serial, serial, or its device identifier,
/// alone or in a full UDI that carries the serial.
pub(super) fn names(device: &Device, text: &str) -> bool {
    let text = fold(text);
    if text.is_empty() {
        return false;
    }
    let serial = fold(&device.text(Field::Serial));
    let di = fold(&device.text(Field::UdiDi));
    let own = [fold(&device.tag()), serial.clone(), di.clone()];
    if own.contains(&text) || device.aliases.iter().any(|a| fold(a) == text) {
        return true;
    }
    if di.is_empty() {
        return false;
    }
    let Some((_, rest)) = text.split_once(&di) else {
        return false;
    };
    rest.is_empty() || (!serial.is_empty() && rest.contains(&serial))
}
