//! `inspection start`: the procedure, the order and the warnings of a new inspection.
//!
//! Invariant: where several procedures or orders fit, nothing is chosen silently: they are listed.

use chrono::NaiveDate;
use clap::Args;

use crate::bench::query::{OrderFilter, ProcedureRow};
use crate::bench::{Failure, Session};
use crate::domain::command::Command;
use crate::domain::device::{HoldKind, Stage};
use crate::domain::event::Kind;
use crate::domain::id::{EntityId, Hash};
use crate::domain::inspection::InspectionCommand;
use crate::domain::order::OrderKind;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::tool::ToolStatus;
use crate::identify::text::fold_identifier;
use crate::interop::procedure::{library, read};

use super::super::done::{Done, Trouble, note};
use super::super::pick;
use super::super::place::Place;
use super::show::after;

/// Arguments of `inspection start`.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// Tag, serial, earlier tag or id of the device
    pub device: String,
    /// The order it is for: number or id
    #[arg(long)]
    pub order: Option<String>,
    /// The procedure: code, or the first digits of its hash
    #[arg(long)]
    pub procedure: Option<String>,
    /// The activity, like "annual PM" (default: what is due)
    #[arg(long, conflicts_with = "procedure")]
    pub activity: Option<String>,
    /// The day of the work (default: today)
    #[arg(long, value_name = "DATE")]
    pub performed: Option<NaiveDate>,
    /// The warnings on the device were read
    #[arg(long)]
    pub read: bool,
    /// Test equipment by kind, as in "safety analyser=esa1"
    #[arg(long = "tool", value_name = "KIND=NAME")]
    pub tools: Vec<String>,
}

/// Begins.
pub fn run(place: &Place, arguments: &StartArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let device = pick::device(&session, &arguments.device)?;
    let order = match &arguments.order {
        Some(name) => Some(pick::order(&session, name)?),
        None => None,
    };
    let tools = arguments
        .tools
        .iter()
        .map(|word| tool(&session, word, arguments.performed))
        .collect::<Result<Vec<_>, _>>()?;
    let procedure = match &arguments.procedure {
        Some(name) => shipped_or_named(&session, name)?,
        None => fitting(&session, device, order, arguments.activity.as_deref())?,
    };
    let acknowledged = if arguments.read {
        // With the order's own line: more was read than has to be.
        let mut read = session.warnings(device, order)?;
        read.extend(session.warnings(device, None)?);
        read
    } else {
        Vec::new()
    };
    let receipt = session
        .tell(Command::Inspection(InspectionCommand::Start {
            device,
            order,
            procedure,
            performed: arguments.performed,
            acknowledged,
            tools: tools.clone(),
        }))
        .map_err(say_how)?;
    let made = receipt.made(Kind::Inspection).ok_or_else(|| {
        Refusal::rule(
            "No inspection was begun: the store answered without one.",
            "Look with `tagout inspection list`, then try again.",
        )
    })?;
    if !place.json() {
        let chosen = session.inspection(made.what.id)?.inspection.tools;
        for (kind, _) in tools
            .iter()
            .filter(|(_, id)| chosen.iter().all(|(_, used)| used.tool != *id))
        {
            note(
                false,
                &format!("No step of this checklist needs a {kind}; it was not taken."),
            );
        }
    }
    after(&session, made.what.id, &receipt)
}

/// How a choice is made on the command line.
fn say_how(failure: Failure) -> Trouble {
    match failure {
        Failure::Refused(mut refusal) if refusal.kind == RefusalKind::NeedsChoice => {
            let warnings = refusal.choices.iter().all(|(id, words)| id == words);
            refusal.hint = if warnings {
                for (id, _) in &mut refusal.choices {
                    "!".clone_into(id);
                }
                "Read them, then start again with --read.".to_owned()
            } else {
                "Name the order with --order.".to_owned()
            };
            Failure::Refused(refusal).into()
        }
        other => other.into(),
    }
}

/// Test equipment that was named: of the kind that was said, and good on the day of the work.
fn tool(
    session: &Session,
    word: &str,
    performed: Option<NaiveDate>,
) -> Result<(String, EntityId), Trouble> {
    let (kind, name) = match word.split_once('=') {
        Some((kind, name)) => (Some(kind.trim()), name.trim()),
        None => (None, word),
    };
    let row = session.tool_named(name)?;
    let kind = kind.unwrap_or(&row.tool.kind);
    if fold_identifier(kind) != fold_identifier(&row.tool.kind) {
        return Err(Refusal::rule(
            format!(
                "{} is on record as {}, not as {kind}.",
                row.tool.name, row.tool.kind
            ),
            "Name a tool of that kind. No inspection was begun.",
        )
        .into());
    }
    let day = match performed {
        Some(day) => day,
        None => session.shop()?.today,
    };
    let status = row.tool.status_on(day);
    if !status.is_good() {
        return Err(Refusal::rule(
            format!("{}: {}.", row.tool.name, status.words()),
            match status {
                ToolStatus::Faulty(_) | ToolStatus::Withdrawn => {
                    "Name another tool; nobody can override this. No inspection was begun."
                }
                _ => "Name another tool; or begin without it, then choose it with `tagout inspection tool` and an override by a second person. No inspection was begun.",
            },
        )
        .into());
    }
    Ok((kind.to_owned(), row.id))
}

/// As [`named_procedure`]; a shipped one that is not on record yet is imported.
fn shipped_or_named(session: &Session, name: &str) -> Result<Hash, Trouble> {
    named_procedure(session, name).or_else(|trouble| {
        let Some(procedure) = library::get(name).and_then(|text| read(text).ok()) else {
            return Err(trouble);
        };
        session.tell(Command::ImportProcedure {
            procedure: Box::new(procedure),
            source: "built in".to_owned(),
        })?;
        named_procedure(session, name)
    })
}

/// The version that a code or the first digits of a hash name: of a code, the adopted and newest one not withdrawn.
pub fn named_procedure(session: &Session, name: &str) -> Result<Hash, Trouble> {
    let rows = session.procedures()?;
    let by_code: Vec<&ProcedureRow> = rows
        .iter()
        .filter(|row| row.code.eq_ignore_ascii_case(name) && !row.withdrawn)
        .collect();
    let adopted = by_code.iter().rev().find(|row| row.adopted.is_some());
    if let Some(row) = adopted.or(by_code.last()) {
        return Ok(row.hash);
    }
    let by_hash: Vec<&ProcedureRow> = rows
        .iter()
        .filter(|row| name.len() >= 4 && row.hash.to_string().starts_with(&name.to_lowercase()))
        .collect();
    match by_hash.as_slice() {
        [row] => Ok(row.hash),
        [] => Err(Refusal::not_found(
            format!("No procedure \"{name}\" is on record."),
            "List them with `tagout procedure list`, or import a shipped one with `tagout procedure library --import CODE`.",
        )
        .into()),
        several => Err(choose(several)),
    }
}

/// The procedure for what is due on the device. The shipped ones that fit are imported when there is none yet.
fn fitting(
    session: &Session,
    device: EntityId,
    order: Option<EntityId>,
    activity: Option<&str>,
) -> Result<Hash, Trouble> {
    let sheet = session.device(device)?;
    let due = match order {
        Some(order) => Some(session.order(order)?.order.opening),
        None => {
            let filter = OrderFilter {
                device: Some(device),
                ..OrderFilter::default()
            };
            let mut scheduled: Vec<_> = session
                .orders(filter, 0, 500)?
                .rows
                .into_iter()
                .filter(|row| row.status.is_open() && is_scheduled(row.kind))
                .collect();
            match (scheduled.len(), activity) {
                (1, None) => scheduled
                    .pop()
                    .map(|row| session.order(row.id))
                    .transpose()?
                    .map(|sheet| sheet.order.opening),
                (0 | 1, _) | (_, Some(_)) => None,
                _ => {
                    let mut refusal = Refusal::new(
                        RefusalKind::NeedsChoice,
                        format!(
                            "{} has {} scheduled orders open.",
                            sheet.device.tag(),
                            scheduled.len()
                        ),
                        "Name one with --order.",
                    );
                    refusal.choices = scheduled
                        .into_iter()
                        .map(|row| (row.number, format!("{} {}", row.kind, row.what)))
                        .collect();
                    return Err(refusal.into());
                }
            }
        }
    };
    if let Some(code) = due
        .as_ref()
        .map(|due| due.procedure.as_str())
        .filter(|code| !code.is_empty())
        && let Ok(hash) = named_procedure(session, code)
    {
        return Ok(hash);
    }
    let arrives = sheet.device.hold(HoldKind::IncomingInspection).is_some()
        || sheet.device.stage() == Stage::Received;
    let activity = match (activity, &due) {
        (Some(named), _) => named.to_owned(),
        (None, Some(due)) if !due.activity.is_empty() => due.activity.clone(),
        (None, _) if arrives => OrderKind::IncomingInspection.default_activity().to_owned(),
        (None, _) => OrderKind::Pm.default_activity().to_owned(),
    };
    let mut rows = session.procedures_for(device, &activity)?;
    if rows.is_empty() {
        for procedure in library::fitting(&sheet.device, &activity) {
            session.tell(Command::ImportProcedure {
                procedure: Box::new(procedure),
                source: "built in".to_owned(),
            })?;
        }
        rows = session.procedures_for(device, &activity)?;
    }
    match rows.as_slice() {
        [] => Err(Refusal::not_found(
            format!("No procedure for {activity} of this device type is on record."),
            "Name one with --procedure CODE (tagout procedure library lists the shipped ones), or give the device its type, an FDA product code: tagout device set TAG type=FRN.",
        )
        .into()),
        [only] => Ok(only.hash),
        // The rows come best first: an adopted version of the same code is no choice.
        [first, rest @ ..] if rest.iter().all(|row| row.code == first.code) => Ok(first.hash),
        several => Err(choose(&several.iter().collect::<Vec<_>>())),
    }
}

const fn is_scheduled(kind: OrderKind) -> bool {
    matches!(
        kind,
        OrderKind::Pm
            | OrderKind::IncomingInspection
            | OrderKind::ElectricalSafety
            | OrderKind::Calibration
    )
}

fn choose(rows: &[&ProcedureRow]) -> Trouble {
    let mut refusal = Refusal::new(
        RefusalKind::NeedsChoice,
        format!("{} procedures fit.", rows.len()),
        "Name one with --procedure.",
    );
    refusal.choices = rows
        .iter()
        .map(|row| {
            let hash: String = row.hash.to_string().chars().take(12).collect();
            (
                hash,
                format!("{} {} (version {})", row.code, row.title, row.version),
            )
        })
        .collect();
    refusal.into()
}
