//! `device set|status|retag|hold|lift|release|note`: changes to one record.

use chrono::NaiveDate;
use clap::Args;

use crate::bench::Session;
use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, Field, HoldKind, Stage, Whereabouts};
use crate::domain::id::{Dot, EntityId};
use crate::domain::order::OrderCommand;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::identify::text::fold_identifier;

use super::super::done::{Done, Trouble};
use super::super::place::Place;
use super::super::secret::SecondArgs;
use super::super::{fields, pick, words};
use super::add::after;

/// Arguments of `device set`.
#[derive(Debug, Args)]
pub struct SetArgs {
    /// Tag, serial, earlier tag or id
    pub device: String,
    /// Fields and values; an empty value empties the field
    #[arg(required = true, value_name = "FIELD=VALUE")]
    pub changes: Vec<String>,
    /// Why
    #[arg(long, default_value = "", hide_default_value = true)]
    pub reason: String,
    /// Refuse unless the record is at this revision
    #[arg(long, value_name = "N")]
    pub expected: Option<u64>,
}

/// Arguments of `device status`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("where").args(["stage", "at_location", "missing", "on_loan", "sent_out"]).required(true))]
pub struct StatusArgs {
    /// Tag, serial, earlier tag or id
    pub device: String,
    /// Move it along its life
    #[arg(long, value_parser = words::stage())]
    pub stage: Option<Stage>,
    /// It is at its location
    #[arg(long)]
    pub at_location: bool,
    /// It was searched for and not found; where
    #[arg(long, value_name = "SEARCHED")]
    pub missing: Option<String>,
    /// It is lent to somebody
    #[arg(long, value_name = "TO")]
    pub on_loan: Option<String>,
    /// When a loan should be back
    #[arg(long, value_name = "DATE", requires = "on_loan")]
    pub back: Option<NaiveDate>,
    /// It is at a vendor
    #[arg(long, value_name = "VENDOR")]
    pub sent_out: Option<String>,
    /// The vendor's return authorisation
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        requires = "sent_out"
    )]
    pub rma: String,
    /// Who carries it
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        requires = "sent_out"
    )]
    pub carrier: String,
    /// Patient information was removed: yes, no, unknown
    #[arg(long, default_value = "unknown", requires = "sent_out")]
    pub ephi_cleared: String,
    /// It was decontaminated: yes, no, unknown
    #[arg(long, default_value = "unknown", requires = "sent_out")]
    pub decontaminated: String,
    /// When the vendor should send it back
    #[arg(long, value_name = "DATE", requires = "sent_out")]
    pub expected: Option<NaiveDate>,
    /// Why, or what was found
    #[arg(long, default_value = "", hide_default_value = true)]
    pub reason: String,
}

/// Arguments of `device retag`.
#[derive(Debug, Args)]
pub struct RetagArgs {
    /// Tag, serial, earlier tag or id
    pub device: String,
    /// The new tag
    pub tag: String,
    /// Why
    #[arg(long, default_value = "new label")]
    pub reason: String,
}

/// Arguments of `device hold`.
#[derive(Debug, Args)]
pub struct HoldArgs {
    /// Tag, serial, earlier tag or id
    pub device: String,
    /// Which sort
    #[arg(long, value_parser = words::hold_kind(), default_value = "do-not-use")]
    pub kind: HoldKind,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// Arguments of `device lift`.
#[derive(Debug, Args)]
pub struct LiftArgs {
    /// Tag, serial, earlier tag or id
    pub device: String,
    /// The hold: its kind, or its id when several are of that kind
    #[arg(long)]
    pub hold: Option<String>,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// Arguments of `device release`.
#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// Tag, serial, earlier tag or id
    pub device: String,
    /// The technician who releases it, by key or printed name: somebody else than you
    #[arg(long, value_name = "TECH")]
    pub by: String,
    /// Why
    #[arg(long)]
    pub reason: String,
    /// Where their passphrase comes from.
    #[command(flatten)]
    pub second: SecondArgs,
}

/// Arguments of `device note`.
#[derive(Debug, Args)]
pub struct NoteArgs {
    /// Tag, serial, earlier tag or id
    pub device: String,
    /// The note
    #[arg(required = true)]
    pub text: Vec<String>,
}

fn tell(
    session: &Session,
    id: EntityId,
    command: DeviceCommand,
    done: &str,
) -> Result<Done, Trouble> {
    let receipt = session.tell(Command::Device(command))?;
    after(
        session,
        id,
        if receipt.seq == 0 {
            "Nothing to change on"
        } else {
            done
        },
    )
}

/// Refuses the tag of a system that no device on record carries.
pub fn parent_on_record(session: &Session, parent: &str) -> Result<(), Trouble> {
    let folded = fold_identifier(parent);
    let known = session
        .named(parent)?
        .iter()
        .any(|card| fold_identifier(&card.tag) == folded);
    if known {
        return Ok(());
    }
    Err(Refusal::not_found(
        format!("No device on record carries the tag {parent}, so nothing can be a part of it."),
        "Register the system first. Nothing was recorded.",
    )
    .into())
}

/// Edits fields.
pub fn set(place: &Place, arguments: &SetArgs) -> Result<Done, Trouble> {
    let mut changes = arguments
        .changes
        .iter()
        .map(|word| fields::assignment(word))
        .collect::<Result<Vec<_>, _>>()?;
    for (field, new) in &mut changes {
        if let (Field::UdiDi, Some(value)) = (&*field, &mut *new) {
            *value = fields::identifier(place, &field.show(value))?;
        }
    }
    let session = place.work()?;
    let device = pick::device(&session, &arguments.device)?;
    for (field, new) in &changes {
        if let (Field::Parent, Some(parent)) = (field, new) {
            parent_on_record(&session, &field.show(parent))?;
        }
    }
    let command = DeviceCommand::Set {
        device,
        changes,
        reason: arguments.reason.clone(),
        expected: arguments.expected,
    };
    tell(&session, device, command, "Changed")
}

/// Stage or whereabouts.
pub fn status(place: &Place, arguments: StatusArgs) -> Result<Done, Trouble> {
    let unsure = |text: &str| {
        words::yes_no(text).map_err(|hint| {
            Trouble::usage(
                format!("\"{text}\" is neither yes nor no nor unknown."),
                hint,
            )
        })
    };
    let (ephi_cleared, decontaminated) = (
        unsure(&arguments.ephi_cleared)?,
        unsure(&arguments.decontaminated)?,
    );
    let session = place.work()?;
    let device = pick::device(&session, &arguments.device)?;
    if let Some(to) = arguments.stage {
        let command = DeviceCommand::SetStage {
            device,
            to,
            reason: arguments.reason,
        };
        return tell(&session, device, command, "Moved");
    }
    let at = if let Some(searched) = arguments.missing {
        Whereabouts::Missing { searched }
    } else if let Some(to) = arguments.on_loan {
        Whereabouts::OnLoan {
            to,
            back: arguments.back,
        }
    } else if let Some(vendor) = arguments.sent_out {
        Whereabouts::SentOut {
            vendor,
            rma: arguments.rma,
            carrier: arguments.carrier,
            ephi_cleared,
            decontaminated,
            expected: arguments.expected,
        }
    } else {
        Whereabouts::AtLocation
    };
    let command = DeviceCommand::Place {
        device,
        at,
        note: arguments.reason,
    };
    let mut done = tell(&session, device, command, "Placed")?;
    let record = session.device(device)?.device;
    if let Whereabouts::SentOut {
        ephi_cleared,
        decontaminated,
        ..
    } = &record.whereabouts
    {
        if record.key(Field::StoresEphi) != "no" && *ephi_cleared != Some(true) {
            done.text.push_str(
                "! It stores or may store patient information, and nobody said that it was cleared.\n",
            );
        }
        if *decontaminated != Some(true) {
            done.text
                .push_str("! Nobody said that it was decontaminated.\n");
        }
    }
    Ok(done)
}

/// Another label.
pub fn retag(place: &Place, arguments: RetagArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let device = pick::device(&session, &arguments.device)?;
    let command = DeviceCommand::Retag {
        device,
        tag: arguments.tag,
        reason: arguments.reason,
    };
    tell(&session, device, command, "Relabelled")
}

/// A reason not to use it.
pub fn hold(place: &Place, arguments: HoldArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let device = pick::device(&session, &arguments.device)?;
    let command = DeviceCommand::Hold {
        device,
        kind: arguments.kind,
        reason: arguments.reason,
    };
    tell(&session, device, command, "Held")
}

/// Lifts one hold.
pub fn lift(place: &Place, arguments: LiftArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let device = pick::device(&session, &arguments.device)?;
    let hold = one_hold(&session, device, arguments.hold.as_deref())?;
    let command = DeviceCommand::Lift {
        device,
        hold,
        reason: arguments.reason,
    };
    tell(&session, device, command, "Lifted a hold on")
}

/// Releases a sequestered device.
pub fn release(place: &Place, arguments: ReleaseArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let device = pick::device(&session, &arguments.device)?;
    let hold = one_hold(&session, device, Some(HoldKind::Sequestered.key()))?;
    let command = Command::Order(OrderCommand::ReleaseSequestered {
        device,
        hold,
        released_by: pick::technician(&session, &arguments.by)?,
        reason: arguments.reason,
    });
    arguments.second.tell(&session, command)?;
    after(&session, device, "Released")
}

/// A note.
pub fn note(place: &Place, arguments: NoteArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let device = pick::device(&session, &arguments.device)?;
    let command = DeviceCommand::Note {
        device,
        text: arguments.text.join(" "),
    };
    tell(&session, device, command, "Noted on")
}

/// The hold that a kind or an id names; the only one when nothing is said.
fn one_hold(session: &Session, device: EntityId, named: Option<&str>) -> Result<Dot, Trouble> {
    let sheet = session.device(device)?;
    let fitting: Vec<_> = sheet
        .device
        .holds
        .iter()
        .filter(|hold| {
            named.is_none_or(|name| {
                HoldKind::from_key(name) == Some(hold.kind) || hold.stamp.dot.to_string() == name
            })
        })
        .collect();
    match fitting.as_slice() {
        [hold] => Ok(hold.stamp.dot),
        [] => Err(Refusal::not_found(
            format!("{} has no such hold.", sheet.device.tag()),
            "Look at it with `tagout device show`.",
        )
        .into()),
        several => {
            let mut refusal = Refusal::new(
                RefusalKind::NeedsChoice,
                format!(
                    "{} has {} holds that fit.",
                    sheet.device.tag(),
                    several.len()
                ),
                "Name one with --hold ID.",
            );
            refusal.choices = several
                .iter()
                .map(|hold| {
                    (
                        hold.stamp.dot.to_string(),
                        format!("{}: {}", hold.kind, hold.reason),
                    )
                })
                .collect();
            Err(refusal.into())
        }
    }
}
