//! What is recorded while an inspection is worked on.

use chrono::NaiveDate;
use clap::Args;

use crate::bench::Session;
use crate::bench::query::InspectionSheet;
use crate::domain::command::Command;
use crate::domain::id::EntityId;
use crate::domain::inspection::{
    Again, Answer, AnswerOrigin, Failing, InspectionCommand, PlanItem, StepState,
};
use crate::domain::measure::{Reading, Unit};
use crate::domain::order::FailureCause;
use crate::domain::procedure::{StepId, StepKind};
use crate::domain::refusal::Refusal;

use super::super::done::{Done, Trouble};
use super::super::place::Place;
use super::super::secret::SecondArgs;
use super::super::{lists, pick, shapes, words};
use super::show::{after, find, plan_sheet};

/// Arguments of `inspection record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// The step's id, or "next" for the step in front
    pub step: String,
    /// pass, fail, na, a reading, a choice, a text, a date, a scan, or who confirms
    #[arg(allow_negative_numbers = true)]
    pub value: String,
    /// Inspection id, order number or the device's tag (default: your only open one)
    #[arg(long, value_name = "INSPECTION")]
    pub on: Option<String>,
    /// The set point of a table: its number as shown, from 1, or its label (default: the next open one)
    #[arg(long)]
    pub point: Option<String>,
    /// Why it does not apply; with `amend`, what was wrong with the earlier answer
    #[arg(long, default_value = "", hide_default_value = true)]
    pub reason: String,
    /// Where the answer came from
    #[arg(long, value_parser = words::origin())]
    pub origin: Option<AnswerOrigin>,
    /// Where a second person's passphrase comes from.
    #[command(flatten)]
    pub second: SecondArgs,
}

/// Arguments of `inspection amend`.
#[derive(Debug, Args)]
pub struct AmendArgs {
    /// The answer.
    #[command(flatten)]
    pub answer: RecordArgs,
    /// Why again: mistyped, measured again, amended, or the tool was faulty
    #[arg(long, value_parser = words::again(), default_value = "amended")]
    pub because: Again,
}

/// Arguments of `inspection settle`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("how").args(["fixed", "measured_again", "repair"]).required(true))]
pub struct SettleArgs {
    /// The step that failed
    pub step: String,
    /// It was put right on the spot: what was done
    #[arg(long, value_name = "WHAT")]
    pub fixed: Option<String>,
    /// Nothing was wrong with the device: why the first measurement was; the failure is kept, an as-left answer follows
    #[arg(long, value_name = "WHY")]
    pub measured_again: Option<String>,
    /// Open a repair order with the finding filled in
    #[arg(long)]
    pub repair: bool,
    /// Why it failed
    #[arg(long, value_parser = words::cause(), default_value = "unknown")]
    pub cause: FailureCause,
    /// Minutes it took
    #[arg(long, default_value_t = 0)]
    pub minutes: u32,
    /// Inspection id, order number or the device's tag (default: your only open one)
    #[arg(long, value_name = "INSPECTION")]
    pub on: Option<String>,
}

/// Arguments of `inspection note`.
#[derive(Debug, Args)]
pub struct NoteArgs {
    /// The note
    #[arg(required = true)]
    pub text: Vec<String>,
    /// The step it is about
    #[arg(long)]
    pub step: Option<String>,
    /// Inspection id, order number or the device's tag (default: your only open one)
    #[arg(long, value_name = "INSPECTION")]
    pub on: Option<String>,
}

/// One step.
#[derive(Debug, Args)]
pub struct StepArgs {
    /// The step's id, or "next" for the step in front
    pub step: String,
    /// Inspection id, order number or the device's tag (default: your only open one)
    #[arg(long, value_name = "INSPECTION")]
    pub on: Option<String>,
}

/// Arguments of `inspection tool`.
#[derive(Debug, Args)]
pub struct ToolArgs {
    /// The tool's name
    pub tool: String,
    /// The kind of tool that steps name (default: the tool's own kind)
    #[arg(long)]
    pub kind: Option<String>,
    /// Use it although it is not known to be good: why
    #[arg(long, value_name = "WHY", requires = "agrees")]
    pub override_reason: Option<String>,
    /// The second person who agrees
    #[arg(long = "second", value_name = "TECH", requires = "override_reason")]
    pub agrees: Option<String>,
    /// Where their passphrase comes from.
    #[command(flatten)]
    pub second: SecondArgs,
    /// Inspection id, order number or the device's tag (default: your only open one)
    #[arg(long, value_name = "INSPECTION")]
    pub on: Option<String>,
}

/// Arguments of `inspection hand-over`.
#[derive(Debug, Args)]
pub struct HandOverArgs {
    /// To whom
    #[arg(long, value_name = "TECH")]
    pub to: String,
    /// Where the device is
    #[arg(long = "place", default_value = "", hide_default_value = true)]
    pub device_at: String,
    /// Inspection id, order number or the device's tag (default: your only open one)
    #[arg(long, value_name = "INSPECTION")]
    pub on: Option<String>,
}

/// Arguments of `inspection suspect-recall`.
#[derive(Debug, Args)]
pub struct RecallArgs {
    /// What was seen
    #[arg(required = true)]
    pub note: Vec<String>,
    /// Inspection id, order number or the device's tag (default: your only open one)
    #[arg(long, value_name = "INSPECTION")]
    pub on: Option<String>,
}

/// Answers a step.
pub fn record(place: &Place, arguments: &RecordArgs) -> Result<Done, Trouble> {
    give(place, arguments, None)
}

/// Answers a step again.
pub fn amend(place: &Place, arguments: &AmendArgs) -> Result<Done, Trouble> {
    give(place, &arguments.answer, Some(arguments.because))
}

fn give(place: &Place, arguments: &RecordArgs, again: Option<Again>) -> Result<Done, Trouble> {
    let session = place.work()?;
    let inspection = find(&session, arguments.on.as_deref())?;
    let sheet = session.inspection(inspection)?;
    let plan = plan_sheet(&sheet);
    let item = step(&sheet, &plan.items, plan.front, &arguments.step)?;
    let mut answer = read(item, arguments, &sheet)?;
    if let Answer::SecondPerson { who } = &mut answer {
        *who = pick::technician(&session, who)?;
    }
    let whole = matches!(answer, Answer::NotApplicable { .. }) && arguments.point.is_none();
    let point = if whole {
        None
    } else {
        point(item, arguments.point.as_deref())?
    };
    let origin = arguments.origin.unwrap_or(match answer {
        Answer::Scan(_) => AnswerOrigin::Scan,
        _ => AnswerOrigin::Key,
    });
    let command = Command::Inspection(InspectionCommand::Answer {
        inspection,
        step: item.step.id.clone(),
        point,
        answer,
        origin,
        again,
        reason: if again.is_some() {
            arguments.reason.clone()
        } else {
            String::new()
        },
    });
    let receipt = arguments.second.tell(&session, command)?;
    after(&session, inspection, &receipt)
}

/// The step that an id or "next" names.
fn step<'p>(
    sheet: &InspectionSheet,
    items: &'p [PlanItem],
    front: Option<usize>,
    name: &str,
) -> Result<&'p PlanItem, Trouble> {
    if name == "next" {
        return front.and_then(|front| items.get(front)).ok_or_else(|| {
            Refusal::not_found("No step is left.", "Sign with `tagout inspection sign`.").into()
        });
    }
    items
        .iter()
        .find(|item| item.step.id.0.eq_ignore_ascii_case(name))
        .ok_or_else(|| {
            let mut refusal = Refusal::not_found(
                format!("\"{}\" has no step \"{name}\".", sheet.document.title),
                "See the steps with `tagout inspection plan`.",
            );
            refusal.choices = items
                .iter()
                .filter(|item| item.asked.is_asked() && item.state != StepState::Done)
                .take(12)
                .map(|item| (item.step.id.to_string(), item.step.title.clone()))
                .collect();
            refusal.into()
        })
}

fn bad(item: &PlanItem, value: &str, hint: &str) -> Trouble {
    Refusal::bad_input(
        format!("\"{value}\" is no answer to \"{}\".", item.step.title),
        hint,
    )
    .into()
}

/// Reads a value as the step's kind of answer.
fn read(
    item: &PlanItem,
    arguments: &RecordArgs,
    sheet: &InspectionSheet,
) -> Result<Answer, Trouble> {
    let value = arguments.value.trim();
    let word = value.to_lowercase();
    if matches!(word.as_str(), "na" | "n/a" | "not applicable") {
        return Ok(Answer::NotApplicable {
            reason: arguments.reason.clone(),
        });
    }
    let passed = match word.as_str() {
        "pass" | "p" | "ok" => Some(true),
        "fail" | "f" => Some(false),
        _ => None,
    };
    let pass_or_fail = || passed.ok_or_else(|| bad(item, value, "Say pass, fail or na."));
    Ok(match &item.step.kind {
        StepKind::Check if pass_or_fail()? => Answer::Pass,
        StepKind::Check => Answer::Fail,
        StepKind::Measure(_) | StepKind::Table(_) | StepKind::Computed(_) => {
            let unit = item.step.unit().unwrap_or(Unit::None);
            Answer::Reading(Reading::parse(value, unit).map_err(|error| {
                Trouble::from(Refusal::bad_input(
                    format!("{error}."),
                    "Nothing was recorded.",
                ))
            })?)
        }
        StepKind::Choice { options } => {
            let by_number = value
                .parse::<usize>()
                .ok()
                .and_then(|number| options.get(number.checked_sub(1)?))
                .filter(|_| !options.iter().any(|option| option.label == value));
            Answer::Choice(
                by_number.map_or_else(|| value.to_owned(), |option| option.label.clone()),
            )
        }
        StepKind::Text { .. } => Answer::Text(value.to_owned()),
        StepKind::Date { .. } => Answer::Date(
            value
                .parse::<NaiveDate>()
                .map_err(|_| bad(item, value, "A date is written YYYY-MM-DD."))?,
        ),
        StepKind::Scan { .. } => Answer::Scan(value.to_owned()),
        StepKind::Timer { .. } => Answer::Timer {
            passed: pass_or_fail()?,
            seconds: sheet
                .inspection
                .timers
                .get(&item.step.id)
                .map_or(0, |(from, _)| {
                    u32::try_from(sheet.now.seconds_since(from.at)).unwrap_or(0)
                }),
        },
        StepKind::SecondPerson => Answer::SecondPerson {
            who: value.to_owned(),
        },
        StepKind::ElectricalSafety { .. } => {
            return Err(bad(item, value, "Answer the steps that it was made into."));
        }
    })
}

/// The set point of a table that a number (from 1, as shown) or a label names; the next one that is not answered when none
/// is named.
fn point(item: &PlanItem, named: Option<&str>) -> Result<Option<u16>, Trouble> {
    if !matches!(item.step.kind, StepKind::Table(_)) {
        return match named {
            None => Ok(None),
            Some(_) => Err(Refusal::bad_input(
                format!("\"{}\" has no set points.", item.step.title),
                "Leave --point out.",
            )
            .into()),
        };
    }
    let Some(name) = named.map(str::trim) else {
        return Ok(item.next_point().and_then(|point| point.point));
    };
    let by_number = name
        .parse::<usize>()
        .ok()
        .and_then(|number| item.points.get(number.checked_sub(1)?));
    let by_label = item
        .points
        .iter()
        .find(|point| point.label.eq_ignore_ascii_case(name));
    let what = match (by_number, by_label) {
        (Some(a), Some(b)) if a.point != b.point => {
            format!("\"{name}\" is the number of one set point and the label of another.")
        }
        (_, Some(one)) | (Some(one), None) => return Ok(one.point),
        (None, None) => format!("\"{}\" has no set point \"{name}\".", item.step.title),
    };
    let all: Vec<String> = item
        .points
        .iter()
        .enumerate()
        .map(|(i, point)| format!("{} is {}", i + 1, point.label))
        .collect();
    let range = match item.points.len() {
        1 => "It has one set point".to_owned(),
        n => format!("Set points are 1 to {n}"),
    };
    Err(Refusal::bad_input(
        what,
        format!("{range}: {}. Nothing was recorded.", all.join(", ")),
    )
    .into())
}

fn tell(
    session: &Session,
    inspection: EntityId,
    command: InspectionCommand,
) -> Result<Done, Trouble> {
    let receipt = session.tell(Command::Inspection(command))?;
    after(session, inspection, &receipt)
}

/// The id of a named step of an inspection.
fn step_id(session: &Session, inspection: EntityId, name: &str) -> Result<StepId, Trouble> {
    let sheet = session.inspection(inspection)?;
    let plan = plan_sheet(&sheet);
    step(&sheet, &plan.items, plan.front, name).map(|item| item.step.id.clone())
}

/// What is done about a failing step.
pub fn settle(place: &Place, arguments: SettleArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let inspection = find(&session, arguments.on.as_deref())?;
    let step = step_id(&session, inspection, &arguments.step)?;
    let with = match (arguments.fixed, arguments.measured_again) {
        (Some(done), _) => Failing::FixedNow {
            done,
            cause: arguments.cause,
            minutes: arguments.minutes,
        },
        (None, Some(why)) if why.trim().is_empty() => {
            return Err(Refusal::bad_input(
                "Measuring again needs a reason: what was wrong with the first measurement.",
                "For example: --measured-again \"the lead had slipped off\". Nothing was recorded.",
            )
            .into());
        }
        (None, Some(why)) => Failing::FixedNow {
            done: format!("nothing was repaired; measured again: {}", why.trim()),
            cause: match arguments.cause {
                FailureCause::Unknown => FailureCause::CannotDuplicate,
                said => said,
            },
            minutes: arguments.minutes,
        },
        (None, None) => Failing::OpenRepair,
    };
    let command = InspectionCommand::Settle {
        inspection,
        step,
        with,
    };
    tell(&session, inspection, command)
}

/// A note.
pub fn note(place: &Place, arguments: &NoteArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let inspection = find(&session, arguments.on.as_deref())?;
    let step = match &arguments.step {
        Some(name) => Some(step_id(&session, inspection, name)?),
        None => None,
    };
    let command = InspectionCommand::Note {
        inspection,
        step,
        text: arguments.text.join(" "),
    };
    tell(&session, inspection, command)
}

/// Starts a count-down.
pub fn timer(place: &Place, arguments: &StepArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let inspection = find(&session, arguments.on.as_deref())?;
    let step = step_id(&session, inspection, &arguments.step)?;
    tell(
        &session,
        inspection,
        InspectionCommand::StartTimer { inspection, step },
    )
}

/// Leaves a step for later.
pub fn defer(place: &Place, arguments: &StepArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let inspection = find(&session, arguments.on.as_deref())?;
    let step = step_id(&session, inspection, &arguments.step)?;
    tell(
        &session,
        inspection,
        InspectionCommand::Defer { inspection, step },
    )
}

/// Chooses test equipment.
pub fn tool(place: &Place, arguments: &ToolArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let inspection = find(&session, arguments.on.as_deref())?;
    let row = session.tool_named(&arguments.tool)?;
    let command = InspectionCommand::ChooseTool {
        inspection,
        kind: arguments.kind.clone().unwrap_or(row.tool.kind),
        tool: row.id,
        override_by: arguments
            .override_reason
            .clone()
            .zip(arguments.agrees.clone()),
    };
    let receipt = arguments
        .second
        .tell(&session, Command::Inspection(command))?;
    after(&session, inspection, &receipt)
}

/// Somebody else goes on.
pub fn hand_over(place: &Place, arguments: HandOverArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let inspection = find(&session, arguments.on.as_deref())?;
    let command = InspectionCommand::HandOver {
        inspection,
        to: arguments.to,
        place: arguments.device_at,
    };
    tell(&session, inspection, command)
}

/// Opens a recall order for what was seen, and lists the devices that it may be about too.
pub fn suspect_recall(place: &Place, arguments: &RecallArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let inspection = find(&session, arguments.on.as_deref())?;
    let command = InspectionCommand::SuspectRecall {
        inspection,
        note: arguments.note.join(" "),
    };
    let mut done = tell(&session, inspection, command)?;
    let device = session.inspection(inspection)?.device.id;
    let siblings = session.siblings(device)?;
    done.text.push_str(&lists::siblings(&siblings));
    if let Some(map) = done.json.as_object_mut() {
        map.insert(
            "siblings".to_owned(),
            siblings.iter().map(shapes::card).collect(),
        );
    }
    Ok(done)
}
