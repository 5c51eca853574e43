//! `tech`: technicians, their credentials and their signing keys.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::bench::Session;
use crate::domain::command::Command;
use crate::domain::id::hex;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::technician::{Technician, TechnicianEvent};
use crate::identify::text::clean;

use super::done::{Done, Trouble};
use super::place::Place;
use super::secret::{self, PassphraseArgs};
use super::shapes;
use super::table::Table;

/// What may be done with technicians.
#[derive(Debug, Subcommand)]
pub enum TechSub {
    /// All technicians
    List,
    /// Add a technician, or change the printed name
    Add(AddArgs),
    /// Record a credential: CBET, CRES, CLES, CHTM or the shop's own
    Credential(CredentialArgs),
    /// Enrol a signing key, sealed with a passphrase; one in force is replaced only with its own passphrase
    Key(KeyArgs),
    /// Revoke a lost signing key of another technician
    Revoke(ReasonArgs),
    /// Works here no longer; the records stay
    Left(ReasonArgs),
    /// Whoever logs in with a Unix account may act as a technician
    Link(LinkArgs),
    /// An account is a technician's no longer
    Unlink(LinkArgs),
}

/// Arguments of `tech add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The short key that commands use, lower case
    pub key: String,
    /// Printed name
    #[arg(long)]
    pub name: String,
    /// Initials for stickers (default: of the name)
    #[arg(long)]
    pub initials: Option<String>,
}

/// Arguments of `tech credential`.
#[derive(Debug, Args)]
pub struct CredentialArgs {
    /// The technician
    pub key: String,
    /// Which
    pub credential: String,
    /// Its number
    #[arg(long, default_value = "", hide_default_value = true)]
    pub number: String,
    /// Last day it is valid
    #[arg(long, value_name = "DATE")]
    pub expires: Option<NaiveDate>,
}

/// Arguments of `tech key`.
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// The technician (default: you)
    pub key: Option<String>,
    /// Where the passphrase comes from.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
    /// Read the passphrase of the key in force from this file (or set TAGOUT_OLD_PASSPHRASE)
    #[arg(long, value_name = "FILE")]
    pub old_passphrase_file: Option<PathBuf>,
}

/// A technician and why.
#[derive(Debug, Args)]
pub struct ReasonArgs {
    /// The technician
    pub key: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// A technician and a Unix account.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// The technician
    pub key: String,
    /// The account's name, as `id -un` prints it
    #[arg(value_name = "UNIXUSER")]
    pub account: String,
}

/// Runs a technician command.
pub fn run(place: &Place, command: TechSub) -> Result<Done, Trouble> {
    match command {
        TechSub::List => list(place),
        TechSub::Add(arguments) => {
            // The first technician of a store is added by nobody who is on record.
            let session = place.session()?;
            let initials = arguments.initials.unwrap_or_else(|| {
                arguments
                    .name
                    .split_whitespace()
                    .filter_map(|word| word.chars().next())
                    .take(3)
                    .collect()
            });
            let event = TechnicianEvent::Named {
                key: arguments.key.clone(),
                name: arguments.name,
                initials,
            };
            tell(&session, &arguments.key, event, "Added")
        }
        TechSub::Credential(arguments) => {
            let event = TechnicianEvent::CredentialAdded {
                credential: arguments.credential,
                number: arguments.number,
                expires: arguments.expires,
            };
            tell(
                &place.work()?,
                &arguments.key,
                event,
                "Recorded a credential of",
            )
        }
        TechSub::Key(arguments) => {
            // At a shared account this is how somebody becomes able to say who they are.
            let session = place.session()?;
            let key = arguments
                .key
                .clone()
                .unwrap_or_else(|| session.actor().to_owned());
            let technician = one(&session, &key)?;
            let old = match technician.current_key() {
                Some(_) => Some(secret::old(arguments.old_passphrase_file.as_deref(), &key)?),
                None => None,
            };
            let passphrase = arguments.passphrase.get(
                &format!(
                    "New passphrase of {key} (at least {} characters)",
                    crate::bench::keys::SHORTEST
                ),
                true,
            )?;
            match old {
                Some(old) => session.replace_key(&key, &old, &passphrase)?,
                None => session.enrol_key(&key, &passphrase)?,
            }
            after(&session, &key, "Enrolled a signing key of")
        }
        TechSub::Revoke(arguments) => {
            let session = place.work()?;
            let technician = one(&session, &arguments.key)?;
            let Some(current) = technician.current_key() else {
                return Err(Refusal::rule(
                    format!("{} has no signing key in force.", technician.name),
                    "Nothing to do.",
                )
                .into());
            };
            if session.actor() == technician.key {
                return Err(Refusal::new(
                    RefusalKind::NotAllowed,
                    "Your own signing key is revoked by another technician, by name.",
                    "Ask a colleague: tagout tech revoke KEY --reason WHY --as TECH. To replace it with its passphrase: tagout tech key.",
                )
                .into());
            }
            let event = TechnicianEvent::KeyRevoked {
                public: current.public,
                reason: arguments.reason,
            };
            tell(
                &session,
                &arguments.key,
                event,
                "Revoked the signing key of",
            )
        }
        TechSub::Left(arguments) => {
            let event = TechnicianEvent::Left {
                reason: arguments.reason,
            };
            tell(&place.work()?, &arguments.key, event, "No longer here:")
        }
        TechSub::Link(LinkArgs { key, account }) => {
            let done = format!("The account {} is linked to", clean(&account));
            let event = TechnicianEvent::AccountLinked { account };
            tell(&place.work()?, &key, event, &done)
        }
        TechSub::Unlink(LinkArgs { key, account }) => {
            let done = format!("The account {} is linked no longer to", clean(&account));
            let event = TechnicianEvent::AccountUnlinked { account };
            tell(&place.work()?, &key, event, &done)
        }
    }
}

fn tell(session: &Session, key: &str, event: TechnicianEvent, done: &str) -> Result<Done, Trouble> {
    session.tell(Command::Technician {
        key: key.to_owned(),
        event,
    })?;
    after(session, key, done)
}

fn one(session: &Session, key: &str) -> Result<Technician, Trouble> {
    session
        .technicians()?
        .into_iter()
        .find(|technician| technician.key == key)
        .ok_or_else(|| {
            Refusal::not_found(
                format!("No technician \"{key}\" is on record."),
                "List them with `tagout tech list`.",
            )
            .into()
        })
}

fn after(session: &Session, key: &str, done: &str) -> Result<Done, Trouble> {
    let technician = one(session, key)?;
    Ok(Done::new(
        format!(
            "{done} {} ({})\n",
            clean(&technician.name),
            clean(&technician.key)
        ),
        shape(&technician),
    ))
}

fn shape(technician: &Technician) -> Value {
    json!({
        "key": technician.key,
        "name": technician.name,
        "initials": technician.initials,
        "credentials": technician.credentials.iter().map(|credential| json!({
            "credential": credential.credential,
            "number": shapes::known(&credential.number),
            "expires": credential.expires,
        })).collect::<Vec<_>>(),
        "signing_key": technician.current_key().map(|key| hex(&key.public)),
        "accounts": technician.accounts,
        "left": technician.left.map(|at| at.rfc3339()),
    })
}

fn list(place: &Place) -> Result<Done, Trouble> {
    let all = place.session()?.technicians()?;
    let mut table = Table::new(&[
        "Key",
        "Name",
        "Initials",
        "Credentials",
        "Signing key",
        "Accounts",
    ]);
    for technician in &all {
        let credentials: Vec<&str> = technician
            .credentials
            .iter()
            .map(|credential| credential.credential.as_str())
            .collect();
        let signing = match (technician.left, technician.current_key()) {
            (Some(_), _) => "left",
            (None, Some(_)) => "yes",
            (None, None) => "none",
        };
        table.row([
            technician.key.as_str(),
            &technician.name,
            &technician.initials,
            &credentials.join(", "),
            signing,
            &technician.accounts.join(", "),
        ]);
    }
    Ok(Done::new(table.text(), all.iter().map(shape).collect()))
}
