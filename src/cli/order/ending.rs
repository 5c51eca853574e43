//! How an order ends: a company's report, closing by hand, ending undone, beginning anew.

use chrono::NaiveDate;
use clap::Args;

use crate::bench::ReviewRequest;
use crate::domain::command::Command;
use crate::domain::event::Kind;
use crate::domain::order::{
    FailureCause, OrderCommand, OrderKind, OutcomeCode, Report, WorkAction,
};
use crate::domain::refusal::Refusal;

use super::super::done::{Done, Trouble};
use super::super::inspection::checked;
use super::super::place::Place;
use super::super::secret::PassphraseArgs;
use super::super::{pick, words};
use super::show::after;
use super::work::{OneArgs, ReasonArgs, one};

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

/// Enters a company's work, signed as reviewed by who enters it.
pub fn external(place: &Place, arguments: ExternalArgs) -> Result<Done, Trouble> {
    let mut session = place.work()?;
    let order = pick::order(&session, &arguments.order)?;
    arguments.passphrase.unlock(
        &mut session,
        ", and a company's report is signed as reviewed. Nothing was recorded.",
    )?;
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
    let check = session.check_order(order)?;
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
