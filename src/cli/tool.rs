//! `tool`: test equipment, its calibration, and what follows when it turns out faulty.

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::bench::Session;
use crate::bench::query::{Receipt, ToolRow};
use crate::domain::command::Command;
use crate::domain::event::Kind;
use crate::domain::tool::{ToolCommand, ToolStatus};
use crate::identify::text::clean;

use super::done::{Done, Trouble};
use super::inspection::doubts_json;
use super::place::Place;
use super::table::Table;
use super::{lists, shapes};

/// What may be done with test equipment.
#[derive(Debug, Subcommand)]
pub enum ToolSub {
    /// All test equipment with its calibration today
    List,
    /// Add a tool
    Add(AddArgs),
    /// Record a calibration
    #[command(visible_alias = "calibrate")]
    Set(CalibrateArgs),
    /// Record that it was checked and found good
    Check(CheckArgs),
    /// It was found faulty: its readings since the last good check become suspect everywhere
    Fail(FailArgs),
    /// Use it no longer
    Withdraw(WithdrawArgs),
}

/// Arguments of `tool add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The short name
    pub name: String,
    /// The kind as procedures name it, like "safety analyser"
    #[arg(long)]
    pub kind: String,
    /// Make and model
    #[arg(long, default_value = "", hide_default_value = true)]
    pub model: String,
    /// Serial number
    #[arg(long, default_value = "", hide_default_value = true)]
    pub serial: String,
}

/// Arguments of `tool set`.
#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// The tool's name
    pub name: String,
    /// The day of calibration (default: today)
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
    /// The last day it is good
    #[arg(long, value_name = "DATE")]
    pub due: NaiveDate,
    /// Certificate number, or who did it
    #[arg(long, default_value = "", hide_default_value = true)]
    pub certificate: String,
}

/// Arguments of `tool check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The tool's name
    pub name: String,
    /// The day (default: today)
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
    /// How it was checked
    #[arg(long, default_value = "", hide_default_value = true)]
    pub note: String,
}

/// Arguments of `tool fail`.
#[derive(Debug, Args)]
pub struct FailArgs {
    /// The tool's name
    pub name: String,
    /// The day it was found (default: today)
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
    /// What was found
    #[arg(long)]
    pub reason: String,
}

/// Arguments of `tool withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// The tool's name
    pub name: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// Runs a tool command.
pub fn run(place: &Place, command: ToolSub) -> Result<Done, Trouble> {
    match command {
        ToolSub::List => list(place),
        ToolSub::Add(arguments) => {
            let session = place.work()?;
            let name = arguments.name.clone();
            let receipt = session.tell(Command::Tool(ToolCommand::Add {
                name: arguments.name,
                kind: arguments.kind,
                model: arguments.model,
                serial: arguments.serial,
            }))?;
            after(&session, &name, &receipt)
        }
        ToolSub::Set(arguments) => one(place, &arguments.name, |session, row| {
            Ok(Command::Tool(ToolCommand::Calibrate {
                tool: row.id,
                on: day(session, arguments.on)?,
                due: arguments.due,
                certificate: arguments.certificate.clone(),
            }))
        }),
        ToolSub::Check(arguments) => one(place, &arguments.name, |session, row| {
            Ok(Command::Tool(ToolCommand::CheckGood {
                tool: row.id,
                on: day(session, arguments.on)?,
                note: arguments.note.clone(),
            }))
        }),
        ToolSub::Fail(arguments) => one(place, &arguments.name, |session, row| {
            Ok(Command::ToolFailed {
                tool: row.id,
                on: day(session, arguments.on)?,
                reason: arguments.reason.clone(),
            })
        }),
        ToolSub::Withdraw(arguments) => one(place, &arguments.name, |_, row| {
            Ok(Command::Tool(ToolCommand::Withdraw {
                tool: row.id,
                reason: arguments.reason.clone(),
            }))
        }),
    }
}

/// The day given, else the shop's date.
fn day(session: &Session, given: Option<NaiveDate>) -> Result<NaiveDate, Trouble> {
    Ok(match given {
        Some(day) => day,
        None => session.shop()?.today,
    })
}

fn one(
    place: &Place,
    name: &str,
    make: impl FnOnce(&Session, &ToolRow) -> Result<Command, Trouble>,
) -> Result<Done, Trouble> {
    let session = place.work()?;
    let row = session.tool_named(name)?;
    let receipt = session.tell(make(&session, &row)?)?;
    after(&session, name, &receipt)
}

fn after(session: &Session, name: &str, receipt: &Receipt) -> Result<Done, Trouble> {
    // A withdrawn tool is found by its name no longer.
    let row = session
        .tools()?
        .into_iter()
        .find(|row| row.tool.name.eq_ignore_ascii_case(name.trim()));
    let doubts = doubts(session, receipt)?;
    let mut text = if doubts.is_empty() {
        lists::lines(receipt)
    } else {
        // One line for each reading follows, with its device; the events have no more to say.
        receipt
            .lines
            .first()
            .map_or_else(String::new, |line| format!("{}\n", clean(line)))
    };
    for doubt in &doubts {
        let part = |name: &str| clean(doubt[name].as_str().unwrap_or_default());
        say!(
            text,
            "Measure again: {}  {}{}  ({}, {}, {})\n",
            part("tag"),
            part("title"),
            doubt["point"]
                .as_u64()
                .map_or_else(String::new, |point| format!(" [{point}]")),
            part("activity"),
            part("order"),
            part("status")
        );
    }
    let mut json = row.as_ref().map_or_else(|| json!({"name": name}), shape);
    if let Some(row) = &row {
        say!(
            text,
            "{}: {}\n",
            clean(&row.tool.name),
            clean(&row.status.words())
        );
        if matches!(row.status, ToolStatus::Faulty(_)) {
            text.push_str(
                "It stays out of use until it is calibrated: tagout tool set NAME --on DATE --due DATE.\n",
            );
        }
    }
    if let Some(map) = json.as_object_mut() {
        map.insert("changes".to_owned(), json!(receipt.lines));
        if matches!(
            row.as_ref().map(|row| &row.status),
            Some(ToolStatus::Faulty(_))
        ) {
            map.insert("suspect".to_owned(), json!(doubts));
        }
    }
    Ok(Done::new(text, json))
}

/// The readings that an entry made doubtful, with device, order and inspection.
fn doubts(session: &Session, receipt: &Receipt) -> Result<Vec<Value>, Trouble> {
    let mut out = Vec::new();
    for changed in &receipt.changed {
        if changed.kind == Kind::Inspection {
            out.extend(doubts_json(&session.inspection(changed.id)?));
        }
    }
    Ok(out)
}

fn shape(row: &ToolRow) -> Value {
    let tool = &row.tool;
    let (status, due) = match &row.status {
        ToolStatus::Good(due) => ("good", Some(*due)),
        ToolStatus::OutOfCalibration(due) => ("out-of-calibration", Some(*due)),
        ToolStatus::Unknown => ("unknown", None),
        ToolStatus::Faulty(_) => ("faulty", None),
        ToolStatus::Withdrawn => ("withdrawn", None),
    };
    json!({
        "id": row.id.to_string(),
        "name": tool.name,
        "kind": tool.kind,
        "model": shapes::known(&tool.model),
        "serial": shapes::known(&tool.serial),
        "status": status,
        "words": row.status.words(),
        "due": due,
        "calibrations": tool.calibrations.iter().map(|calibration| json!({
            "on": calibration.on,
            "due": calibration.due,
            "certificate": shapes::known(&calibration.certificate),
        })).collect::<Vec<_>>(),
    })
}

fn list(place: &Place) -> Result<Done, Trouble> {
    let rows = place.session()?.tools()?;
    let mut table = Table::new(&["Name", "Kind", "Model", "Serial", "Calibration"]);
    for row in &rows {
        table.row([
            row.tool.name.as_str(),
            &row.tool.kind,
            &row.tool.model,
            &row.tool.serial,
            &row.status.words(),
        ]);
    }
    let text = if rows.is_empty() {
        "No test equipment yet. Add some with `tagout tool add`.\n".to_owned()
    } else {
        table.text()
    };
    Ok(Done::new(text, rows.iter().map(shape).collect()))
}
