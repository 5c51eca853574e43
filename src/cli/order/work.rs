//! What is done with an order once it is open.

use chrono::NaiveDate;
use clap::Args;
use rust_decimal::Decimal;
use serde_json::json;

use crate::bench::{ReviewRequest, Session};
use crate::domain::command::Command;
use crate::domain::event::Kind;
use crate::domain::id::EntityId;
use crate::domain::order::{
    AttemptCode, FailureCause, HoldReason, LabourKind, OrderCommand, OrderKind, OutcomeCode,
    Priority, Report, WorkAction,
};
use crate::domain::refusal::Refusal;

use super::super::done::{Done, Trouble};
use super::super::inspection::checked;
use super::super::place::Place;
use super::super::secret::PassphraseArgs;
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

/// Arguments of `order external`.
#[derive(Debug, Args)]
pub struct ExternalArgs {
    /// Number or id
    pub order: String,
    /// The company
    #[arg(long)]
    pub company: String,
    /// Its technician
    #[arg(long = "technician", default_value = "", hide_default_value = true)]
    pub company_technician: String,
    /// The report's number
    #[arg(long)]
    pub report: String,
    /// The day of service
    #[arg(long, value_name = "DATE")]
    pub on: NaiveDate,
    /// The report says passed: yes or no
    #[arg(long, value_parser = yes_or_no, action = clap::ArgAction::Set, value_name = "YES|NO")]
    pub passed: bool,
    /// The report holds readings
    #[arg(long)]
    pub readings: bool,
    /// Where the report is kept
    #[arg(long, default_value = "", hide_default_value = true)]
    pub file: String,
    /// Where your passphrase comes from.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

/// Arguments of `order close`.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// Number or id
    pub order: String,
    /// What was found
    #[arg(long, default_value = "", hide_default_value = true)]
    pub found: String,
    /// What was done
    #[arg(long, default_value = "", hide_default_value = true)]
    pub done: String,
    /// Why it failed; needed for a repair
    #[arg(long, value_parser = words::cause())]
    pub cause: Option<FailureCause>,
    /// Work action (default: from the kind)
    #[arg(long, value_parser = words::action())]
    pub action: Option<WorkAction>,
    /// Outcome of scheduled work: P, C or E
    #[arg(long, value_parser = words::outcome())]
    pub outcome: Option<OutcomeCode>,
    /// The day of the work (default: today)
    #[arg(long, value_name = "DATE")]
    pub performed: Option<NaiveDate>,
    /// Minutes to book with it
    #[arg(long)]
    pub minutes: Option<u32>,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    words::yes_no(text)?.ok_or_else(|| "use one of: yes, no".to_owned())
}

/// Tells one order something and shows it.
fn one(
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
    let json = json!({"orders": names, "changes": receipt.lines});
    Ok(Done::new(lists::lines(&receipt), json))
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

/// Enters a company's work, signed as reviewed by who enters it.
pub fn external(place: &Place, arguments: ExternalArgs) -> Result<Done, Trouble> {
    let mut session = place.work()?;
    let order = pick::order(&session, &arguments.order)?;
    if !session.bench().keys().has(session.actor()) {
        return Err(Refusal::not_found(
            format!(
                "{} has no signing key here, and a company's report is signed as reviewed. Nothing was recorded.",
                session.actor()
            ),
            "Enrol one with `tagout tech key`.",
        )
        .into());
    }
    let passphrase = arguments
        .passphrase
        .get(&format!("Passphrase of {}", session.actor()), false)?;
    session.unlock(&passphrase)?;
    let receipt = session.review(&ReviewRequest {
        order,
        report: Report {
            company: arguments.company,
            technician: arguments.company_technician,
            number: arguments.report,
            on: arguments.on,
            passed: arguments.passed,
            readings: arguments.readings,
            file: arguments.file,
        },
    })?;
    after(&session, order, &receipt)
}

/// Checks the reviewed reports of an order.
pub fn verify(place: &Place, arguments: &OneArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let order = pick::order(&session, &arguments.order)?;
    let check = session.bench().check_order(order)?;
    Ok(checked(&order.to_string(), &check))
}

/// Closes by hand.
pub fn close(place: &Place, arguments: CloseArgs) -> Result<Done, Trouble> {
    one(place, &arguments.order, |session, order| {
        let repair = session.order(order)?.order.opening.kind == OrderKind::Repair;
        if repair && arguments.cause.is_none() {
            return Err(Refusal::bad_input(
                "A repair needs its cause: --cause CAUSE.",
                format!("Use one of: {}. Nothing was changed.", FailureCause::keys()),
            )
            .into());
        }
        Ok(OrderCommand::Close {
            order,
            found: arguments.found,
            done: arguments.done,
            cause: arguments.cause.unwrap_or(FailureCause::Unknown),
            action: arguments.action,
            outcome: arguments.outcome,
            performed: arguments.performed,
            minutes: arguments.minutes,
        })
    })
}

/// Does not do it.
pub fn cancel(place: &Place, arguments: ReasonArgs) -> Result<Done, Trouble> {
    let reason = arguments.reason;
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::Cancel { order, reason })
    })
}

/// An order that ends undone.
#[derive(Debug, Args)]
pub struct EscalateArgs {
    /// Order number
    pub order: String,
    /// Who approved it; never the person asking
    #[arg(long = "by", value_name = "NAME")]
    pub by: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// Ends scheduled work undone, with a named approver; the device is then held.
pub fn escalate(place: &Place, arguments: EscalateArgs) -> Result<Done, Trouble> {
    let (approved_by, reason) = (arguments.by, arguments.reason);
    one(place, &arguments.order, |_, order| {
        Ok(OrderCommand::Escalate {
            order,
            approved_by,
            reason,
        })
    })
}

/// Opens it again as a new linked order, and shows the new one.
pub fn reopen(place: &Place, arguments: ReasonArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let order = pick::order(&session, &arguments.order)?;
    let receipt = session.tell(Command::Order(OrderCommand::Reopen {
        order,
        reason: arguments.reason,
    }))?;
    let opened = receipt.made(Kind::Order).map_or(order, |made| made.what.id);
    after(&session, opened, &receipt)
}
