//! How an inspection ends: `inspection sign|void|move|verify`.

use clap::Args;
use serde_json::{Value, json};

use crate::bench::query::InspectionSheet;
use crate::bench::{RecordCheck, SignRequest};
use crate::domain::command::Command;
use crate::domain::inspection::{InspectionCommand, Verdict, outcome};
use crate::domain::order::FailureCause;
use crate::domain::refusal::Refusal;
use crate::domain::signature::Meaning;
use crate::identify::text::clean;

use super::super::done::{Done, Trouble, note};
use super::super::place::Place;
use super::super::secret::PassphraseArgs;
use super::super::{lists, pick, words};
use super::show::{RefArgs, after, find, plan_sheet};
use super::{doubt, shape};

/// Arguments of `inspection sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// Inspection ids, order numbers or device tags (default: your only open one)
    pub inspections: Vec<String>,
    /// What the signature says
    #[arg(long, value_parser = words::meaning(), default_value = "performed")]
    pub meaning: Meaning,
    /// Active minutes, when not as proposed
    #[arg(long)]
    pub minutes: Option<u32>,
    /// Failure cause, when it did not simply pass
    #[arg(long, value_parser = words::cause())]
    pub cause: Option<FailureCause>,
    /// Where the passphrase comes from.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

/// Arguments of `inspection void`.
#[derive(Debug, Args)]
pub struct VoidArgs {
    /// Which one.
    #[command(flatten)]
    pub which: RefArgs,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// Arguments of `inspection move`.
#[derive(Debug, Args)]
pub struct MoveArgs {
    /// The device that it was really on
    #[arg(long, value_name = "TAG")]
    pub to: String,
    /// Why
    #[arg(long)]
    pub reason: String,
    /// Inspection id, order number or the device's tag (default: your only open one)
    #[arg(long, value_name = "INSPECTION")]
    pub on: Option<String>,
}

/// Signs one or several, after naming every failure, "not applicable" and amendment.
pub fn sign(place: &Place, arguments: &SignArgs) -> Result<Done, Trouble> {
    let mut session = place.work()?;
    let names: Vec<Option<&str>> = if arguments.inspections.is_empty() {
        vec![None]
    } else {
        arguments
            .inspections
            .iter()
            .map(|name| Some(name.as_str()))
            .collect()
    };
    let mut ids = Vec::new();
    for name in names {
        let id = find(&session, name)?;
        if ids.contains(&id) {
            continue;
        }
        let sheet = session.inspection(id)?;
        let missing = plan_sheet(&sheet).missing;
        if sheet.inspection.is_open() && !missing.is_empty() {
            let mut refusal = Refusal::rule(
                format!(
                    "{} cannot be signed yet. What is missing:",
                    sheet.device.tag
                ),
                "Answer what is missing, then sign. Nothing was signed.",
            );
            refusal.choices = missing
                .into_iter()
                .map(|line| ("-".to_owned(), line))
                .collect();
            return Err(refusal.into());
        }
        for line in worth_reading(&sheet) {
            note(place.json(), &line);
        }
        ids.push(id);
    }
    arguments
        .passphrase
        .unlock(&mut session, ". Nothing was signed.")?;
    let mut text = String::new();
    let mut signed = Vec::new();
    for id in ids {
        let receipt = session.sign(&SignRequest {
            inspection: id,
            meaning: arguments.meaning,
            minutes: arguments.minutes,
            cause: arguments.cause,
        })?;
        let sheet = session.inspection(id)?;
        text.push_str(&lists::lines(&receipt));
        if let Some(outcome) = sheet.inspection.outcome {
            say!(text, "{}: {outcome}\n", clean(&sheet.device.tag));
        }
        for line in &sheet.inspection.because {
            say!(text, "  {}\n", clean(line));
        }
        let mut json = shape::sheet(&sheet, &plan_sheet(&sheet));
        if let Some(map) = json.as_object_mut() {
            map.insert("changes".to_owned(), json!(receipt.lines));
        }
        signed.push(json);
    }
    let json = match signed.len() {
        1 => signed.pop().unwrap_or(Value::Null),
        _ => Value::Array(signed),
    };
    Ok(Done::new(text, json))
}

/// Every failure, "not applicable", doubt and amendment, a line each, and how the inspection ends.
fn worth_reading(sheet: &InspectionSheet) -> Vec<String> {
    let inspection = &sheet.inspection;
    let tag = &sheet.device.tag;
    let title = |step: &crate::domain::procedure::StepId| {
        sheet
            .document
            .step(step)
            .map_or_else(|| step.to_string(), |step| step.title.clone())
    };
    let mut out = Vec::new();
    for answered in &inspection.answers {
        let amended = answered
            .supersedes
            .map_or(String::new(), |(_, again)| format!(" ({again})"));
        let plain = matches!(answered.verdict, Verdict::Pass | Verdict::Neutral);
        if plain && amended.is_empty() {
            continue;
        }
        out.push(format!(
            "{tag}: {}: {} [{}]{amended}",
            title(&answered.step),
            shape::words(&answered.answer),
            answered.verdict
        ));
    }
    if inspection.outcome.is_none() {
        let (ends, _) = outcome(inspection, &sheet.document, sheet.procedure.is_adopted());
        out.push(format!("{tag}: ends as: {ends}"));
    }
    out
}

/// It counts nowhere.
pub fn void(place: &Place, arguments: VoidArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let inspection = find(&session, arguments.which.name())?;
    let receipt = session.tell(Command::Inspection(InspectionCommand::Void {
        inspection,
        reason: arguments.reason,
    }))?;
    after(&session, inspection, &receipt)
}

/// To the right device.
pub fn move_to(place: &Place, arguments: MoveArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let inspection = find(&session, arguments.on.as_deref())?;
    let to = pick::device(&session, &arguments.to)?;
    let receipt = session.tell(Command::Inspection(InspectionCommand::Move {
        inspection,
        to,
        reason: arguments.reason,
    }))?;
    after(&session, inspection, &receipt)
}

/// Checks a record.
pub fn verify(place: &Place, arguments: &RefArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let inspection = find(&session, arguments.name())?;
    let check = session.check_record(inspection)?;
    let sheet = session.inspection(inspection)?;
    let mut done = checked(&inspection.to_string(), &check);
    for line in doubt::lines(&sheet) {
        say!(done.text, "{line}\n");
    }
    if let Some(map) = done.json.as_object_mut() {
        map.insert("suspect".to_owned(), doubt::json(&sheet).into());
    }
    Ok(done)
}

/// What checking a record found; exit code 1 when it does not hold.
pub fn checked(id: &str, check: &RecordCheck) -> Done {
    let mut text = format!(
        "{}\nDigest {}\n",
        if check.ok {
            "The record holds."
        } else {
            "THE RECORD DOES NOT HOLD."
        },
        check.digest
    );
    for line in check.signatures.iter().chain(&check.problems) {
        say!(text, "{}\n", clean(line));
    }
    let code = i32::from(!check.ok);
    Done::new(text, check_json(id, check)).code(code)
}

fn check_json(id: &str, check: &RecordCheck) -> Value {
    json!({
        "id": id,
        "ok": check.ok,
        "digest": check.digest.to_string(),
        "signatures": check.signatures,
        "problems": check.problems,
    })
}
