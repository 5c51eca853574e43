//! What is done with an order once it is open.

use chrono::NaiveDate;
use clap::Args;
use rust_decimal::Decimal;
use serde_json::json;

use crate::bench::Session;
use crate::domain::command::Command;
use crate::domain::id::EntityId;
use crate::domain::order::{AttemptCode, HoldReason, LabourKind, OrderCommand, Priority};
use crate::identify::text::clean;

use super::super::done::{Done, Trouble};
use super::super::place::Place;
use super::super::{lists, pick, words};
use super::show::after;

/// One order.
#[derive(Debug, Args)]
pub struct OneArgs {
    /// Number or id
    pub order: String,
}

/// Several orders.
#[derive(Debug, Args)]
pub struct OrdersArgs {
    /// Numbers or ids
    #[arg(required = true)]
    pub orders: Vec<String>,
}

/// Arguments of `order assign`.
#[derive(Debug, Args)]
pub struct AssignArgs {
    /// Numbers or ids
    #[arg(required = true)]
    pub orders: Vec<String>,
    /// To whom
    #[arg(long, value_name = "TECH")]
    pub to: String,
}

/// One order and why.
#[derive(Debug, Args)]
pub struct ReasonArgs {
    /// Number or id
    pub order: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// Arguments of `order hold`.
#[derive(Debug, Args)]
pub struct HoldArgs {
    /// Number or id
    pub order: String,
    /// For what
    #[arg(long = "for", value_parser = words::hold_reason(), value_name = "REASON")]
    pub reason: HoldReason,
    /// In words
    #[arg(long, default_value = "", hide_default_value = true)]
    pub note: String,
    /// When to ask again
    #[arg(long, value_name = "DATE")]
    pub chase: Option<NaiveDate>,
}

/// Arguments of `order attempt`.
#[derive(Debug, Args)]
pub struct AttemptArgs {
    /// Numbers or ids, each with a note of its own after `=` if there is one
    #[arg(required = true, value_name = "ORDER[=NOTE]")]
    pub orders: Vec<String>,
    /// D0 deferred, D1 unable to locate, D2 in use, D3 out of service
    #[arg(long, value_parser = words::attempt())]
    pub code: AttemptCode,
    /// Where people looked
    #[arg(long = "place", default_value = "", hide_default_value = true)]
    pub searched: String,
    /// When to try again
    #[arg(long, value_name = "DATE")]
    pub next_try: Option<NaiveDate>,
}

/// Arguments of `order labor`.
#[derive(Debug, Args)]
pub struct LaborArgs {
    /// Number or id
    pub order: String,
    /// Minutes
    pub minutes: u32,
    /// What sort
    #[arg(long, value_parser = words::labour(), default_value = "active")]
    pub kind: LabourKind,
    /// Who worked (default: you)
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "TECH"
    )]
    pub who: String,
    /// The day (default: today)
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
    /// A note
    #[arg(long, default_value = "", hide_default_value = true)]
    pub note: String,
}

/// Arguments of `order part`.
#[derive(Debug, Args)]
pub struct PartArgs {
    /// Number or id
    pub order: String,
    /// Part number
    #[arg(long, default_value = "", hide_default_value = true)]
    pub number: String,
    /// What it is
    #[arg(long, default_value = "", hide_default_value = true)]
    pub description: String,
    /// How many
    #[arg(long, default_value_t = 1)]
    pub quantity: u32,
    /// Cost of one
    #[arg(long)]
    pub cost: Option<Decimal>,
}

/// Arguments of `order attach`.
#[derive(Debug, Args)]
pub struct AttachArgs {
    /// Number or id
    pub order: String,
    /// Where the file is kept
    pub reference: String,
    /// What it is
    #[arg(long, default_value = "", hide_default_value = true)]
    pub note: String,
}

/// Arguments of `order tool`.
#[derive(Debug, Args)]
pub struct ToolArgs {
    /// Number or id
    pub order: String,
    /// The tool's name
    pub tool: String,
}

/// Arguments of `order note`.
#[derive(Debug, Args)]
pub struct NoteArgs {
    /// Number or id
    pub order: String,
    /// The note (no patient data)
    #[arg(required = true)]
    pub text: Vec<String>,
}

/// Arguments of `order edit`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").args(["priority", "due", "problem"]).required(true).multiple(true))]
pub struct EditArgs {
    /// Number or id
    pub order: String,
    /// New priority
    #[arg(long, value_parser = words::priority())]
    pub priority: Option<Priority>,
    /// New due date
    #[arg(long, value_name = "DATE")]
    pub due: Option<NaiveDate>,
    /// New problem text
    #[arg(long)]
    pub problem: Option<String>,
    /// Why
    #[arg(long, default_value = "", hide_default_value = true)]
    pub reason: String,
    /// Refuse unless the order is at this revision
    #[arg(long, value_name = "N")]
    pub expected: Option<u64>,
}

/// Tells one order something and shows it.
/// Changes one order.
pub(super) fn one(
    place: &Place,
    name: &str,
    make: impl FnOnce(&Session, EntityId) -> Result<OrderCommand, Trouble>,
) -> Result<Done, Trouble> {
    let session = place.work()?;
    let order = pick::order(&session, name)?;
    let command = make(&session, order)?;
    let receipt = session.tell(Command::Order(command))?;
    after(&session, order, &receipt)
}

fn several(
    place: &Place,
    names: &[String],
    make: impl FnOnce(Vec<EntityId>) -> OrderCommand,
) -> Result<Done, Trouble> {
    let session = place.work()?;
    let orders = names
        .iter()
        .map(|name| pick::order(&session, name))
        .collect::<Result<Vec<_>, _>>()?;
    let receipt = session.tell(Command::Order(make(orders.clone())))?;
    if let [order] = orders.as_slice() {
        return after(&session, *order, &receipt);
    }
    // Which line is whose is said by the number.
    let mut text = String::new();
    for (order, line) in orders.iter().zip(&receipt.lines) {
        let sheet = session.order(*order)?;
        let tag = sheet.row.device.map_or_else(String::new, |card| card.tag);
        say!(
            text,
            "{}  {}: {}\n",
            clean(&sheet.order.number),
            clean(&tag),
            clean(line)
        );
    }
    if receipt.lines.len() != orders.len() {
        text = lists::lines(&receipt);
    }
    let json = json!({"orders": names, "changes": receipt.lines});
    Ok(Done::new(text, json))
}

/// Takes orders.
pub fn claim(place: &Place, arguments: &OrdersArgs) -> Result<Done, Trouble> {
    several(place, &arguments.orders, |orders| OrderCommand::Claim {
        orders,
    })
}

/// Gives orders to somebody.
pub fn assign(place: &Place, arguments: AssignArgs) -> Result<Done, Trouble> {
    let to = arguments.to;
    several(place, &arguments.orders, |orders| OrderCommand::Assign {
        orders,
        to,
    })
}

/// Gives an order back.
pub fn release(place: &Place, arguments: ReasonArgs) -> Result<Done, Trouble> {
    let reason = arguments.reason;
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::Release { order, reason })
    })
}

/// Begins.
pub fn start(place: &Place, arguments: &OneArgs) -> Result<Done, Trouble> {
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::Start { order })
    })
}

/// Waits for something.
pub fn hold(place: &Place, arguments: HoldArgs) -> Result<Done, Trouble> {
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::Hold {
            order,
            reason: arguments.reason,
            note: arguments.note,
            chase: arguments.chase,
        })
    })
}

/// Goes on.
pub fn resume(place: &Place, arguments: &OneArgs) -> Result<Done, Trouble> {
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::Resume { order })
    })
}

/// The work is done.
pub fn done(place: &Place, arguments: &OneArgs) -> Result<Done, Trouble> {
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::WorkDone { order })
    })
}

/// Tries that did not get the work done.
pub fn attempt(place: &Place, arguments: AttemptArgs) -> Result<Done, Trouble> {
    let (names, notes): (Vec<String>, Vec<String>) = arguments
        .orders
        .iter()
        .map(|word| {
            let (name, note) = word.split_once('=').unwrap_or((word, ""));
            (name.to_owned(), note.to_owned())
        })
        .unzip();
    several(place, &names, |orders| OrderCommand::Attempt {
        orders: orders.into_iter().zip(notes).collect(),
        code: arguments.code,
        place: arguments.searched,
        next_try: arguments.next_try,
    })
}

/// Books labour.
pub fn labor(place: &Place, arguments: LaborArgs) -> Result<Done, Trouble> {
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::Labour {
            order,
            who: arguments.who,
            minutes: arguments.minutes,
            kind: arguments.kind,
            on: arguments.on,
            note: arguments.note,
        })
    })
}

/// Books a part.
pub fn part(place: &Place, arguments: PartArgs) -> Result<Done, Trouble> {
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::Part {
            order,
            number: arguments.number,
            description: arguments.description,
            quantity: arguments.quantity,
            cost: arguments.cost,
        })
    })
}

/// Names a file.
pub fn attach(place: &Place, arguments: AttachArgs) -> Result<Done, Trouble> {
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::Attach {
            order,
            reference: arguments.reference,
            note: arguments.note,
        })
    })
}

/// Names test equipment.
pub fn tool(place: &Place, arguments: &ToolArgs) -> Result<Done, Trouble> {
    one(place, &arguments.order, |session, order| {
        let tool = session.tool_named(&arguments.tool)?.id;
        Ok(OrderCommand::UseTool { order, tool })
    })
}

/// Adds a note.
pub fn note(place: &Place, arguments: &NoteArgs) -> Result<Done, Trouble> {
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::Note {
            order,
            text: arguments.text.join(" "),
        })
    })
}

/// Changes priority, due date or problem.
pub fn edit(place: &Place, arguments: EditArgs) -> Result<Done, Trouble> {
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::Edit {
            order,
            priority: arguments.priority,
            due: arguments.due,
            problem: arguments.problem,
            reason: arguments.reason,
            expected: arguments.expected,
        })
    })
}
