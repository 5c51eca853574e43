//! `order open` and `order check-in`.

use chrono::NaiveDate;
use clap::Args;

use crate::domain::command::Command;
use crate::domain::device::Stage;
use crate::domain::event::Kind;
use crate::domain::order::{
    Cause, CheckIn, Harm, Known, Opening, OrderCommand, OrderKind, Priority,
};
use crate::domain::refusal::Refusal;
use crate::interop::procedure::library;

use super::super::done::{Done, Trouble};
use super::super::inspection::named_procedure;
use super::super::place::Place;
use super::super::{pick, words};
use super::show::after;

/// Arguments of `order open`.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// Tag, serial, earlier tag or id of the device
    pub device: Option<String>,
    /// Kind of work
    #[arg(long, value_parser = words::order_kind(), default_value = "repair")]
    pub kind: OrderKind,
    /// The problem as it was reported (no patient data)
    #[arg(long, default_value = "", hide_default_value = true)]
    pub problem: String,
    /// How urgent
    #[arg(long, value_parser = words::priority(), default_value = "normal")]
    pub priority: Priority,
    /// Who asked
    #[arg(long, default_value = "", hide_default_value = true)]
    pub requester: String,
    /// The department that asked (default: the device's)
    #[arg(long, default_value = "", hide_default_value = true)]
    pub department: String,
    /// When it is due
    #[arg(long, value_name = "DATE")]
    pub due: Option<NaiveDate>,
    /// First day that counts as in time
    #[arg(long, value_name = "DATE", requires = "window_to")]
    pub window_from: Option<NaiveDate>,
    /// Last day that counts as in time
    #[arg(long, value_name = "DATE", requires = "window_from")]
    pub window_to: Option<NaiveDate>,
    /// The activity, like "annual PM"
    #[arg(long, default_value = "", hide_default_value = true)]
    pub activity: String,
    /// The procedure's code
    #[arg(long, default_value = "", hide_default_value = true)]
    pub procedure: String,
    /// Planned minutes
    #[arg(long, value_name = "N")]
    pub minutes: Option<u32>,
    /// Due again this many months after it is done
    #[arg(long, value_name = "MONTHS")]
    pub every: Option<u32>,
    /// The check-in line; given as a whole or not at all
    #[command(flatten)]
    pub check_in: LineArgs,
}

/// The check-in line of a repair.
#[derive(Debug, Args)]
pub struct LineArgs {
    /// Harm to somebody, or nearly
    #[arg(long, value_parser = words::harm())]
    pub harm: Option<Harm>,
    /// It came clean
    #[arg(long, value_parser = words::known())]
    pub clean: Option<Known>,
    /// Accessories that came with it
    #[arg(long)]
    pub accessories: Option<String>,
    /// Where on the shelf it stands
    #[arg(long)]
    pub shelf: Option<String>,
}

impl LineArgs {
    /// The line, if any of it was given; the rest is unknown.
    fn line(self) -> Option<CheckIn> {
        let given = self.harm.is_some()
            || self.clean.is_some()
            || self.accessories.is_some()
            || self.shelf.is_some();
        given.then(|| CheckIn {
            harm: self.harm.unwrap_or(Harm::Unknown),
            clean: self.clean.unwrap_or(Known::Unknown),
            accessories: self.accessories.unwrap_or_default(),
            shelf: self.shelf.unwrap_or_default(),
        })
    }
}

/// Arguments of `order check-in`.
#[derive(Debug, Args)]
pub struct CheckInArgs {
    /// Number or id
    pub order: String,
    /// The line.
    #[command(flatten)]
    pub line: LineArgs,
}

/// Opens an order.
pub fn run(place: &Place, arguments: OpenArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let device = match &arguments.device {
        Some(name) => Some(pick::device(&session, name)?),
        None => None,
    };
    if !arguments.procedure.is_empty() && library::get(&arguments.procedure).is_none() {
        named_procedure(&session, &arguments.procedure)?;
    }
    let gone = match device {
        Some(id) => {
            let record = session.device(id)?.device;
            matches!(record.stage(), Stage::Retired | Stage::Disposed)
                .then(|| format!("! {} is {}.\n", record.tag(), record.stage()))
        }
        None => None,
    };
    let receipt = session.tell(Command::Order(OrderCommand::Open {
        opening: Opening {
            kind: arguments.kind,
            device,
            priority: arguments.priority,
            problem: arguments.problem,
            requester: arguments.requester,
            department: arguments.department,
            due: arguments.due,
            window: arguments.window_from.zip(arguments.window_to),
            activity: arguments.activity,
            procedure: arguments.procedure,
            planned_minutes: arguments.minutes,
            interval_months: arguments.every,
            cause: Cause::Request,
        },
        check_in: arguments.check_in.line(),
    }))?;
    let made = receipt.made(Kind::Order).ok_or_else(|| {
        Refusal::rule(
            "No order was opened: the store answered without one.",
            "Look with `tagout order list`, then try again.",
        )
    })?;
    let mut done = after(&session, made.what.id, &receipt)?;
    done.text.push_str(&gone.unwrap_or_default());
    Ok(done)
}

/// Checks a repair in.
pub fn check_in(place: &Place, arguments: CheckInArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let order = pick::order(&session, &arguments.order)?;
    let check_in = arguments.line.line().ok_or_else(|| {
        Trouble::usage(
            "The check-in line is empty.",
            "Give --harm, --clean, --accessories or --shelf; what is left out stays as it was.",
        )
    })?;
    let receipt = session.tell(Command::Order(OrderCommand::CheckIn { order, check_in }))?;
    after(&session, order, &receipt)
}
