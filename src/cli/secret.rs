//! Asking for a passphrase: from a file or the environment for scripts, else from the terminal without showing it.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use crate::bench::Session;
use crate::bench::query::Receipt;
use crate::domain::command::Command;
use crate::domain::refusal::Refusal;

use super::done::Trouble;

/// Where a passphrase comes from.
#[derive(Debug, Args)]
pub struct PassphraseArgs {
    /// Read the passphrase from the first line of this file (or set TAGOUT_PASSPHRASE)
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

impl PassphraseArgs {
    /// The passphrase, asked for with these words; twice when it is a new one.
    pub fn get(&self, prompt: &str, new: bool) -> Result<Zeroizing<String>, Trouble> {
        if let Some(path) = &self.passphrase_file {
            return from_file(path);
        }
        if let Ok(passphrase) = std::env::var("TAGOUT_PASSPHRASE") {
            return Ok(Zeroizing::new(passphrase));
        }
        if !std::io::stdin().is_terminal() {
            return Err(Trouble::usage(
                "A passphrase is needed, and there is no terminal to ask on.",
                "Give --passphrase-file FILE, or set TAGOUT_PASSPHRASE.",
            ));
        }
        let first = ask(&format!("{prompt}: "))?;
        if new && *ask("The same again: ")? != *first {
            return Err(Trouble::usage(
                "The two passphrases differ. Nothing was changed.",
                "Try again.",
            ));
        }
        Ok(first)
    }

    /// Opens the acting technician's own key, to sign; `unsigned` says what is not done without one.
    pub fn unlock(&self, session: &mut Session, unsigned: &str) -> Result<(), Trouble> {
        if !session.has_key()? {
            return Err(Refusal::not_found(
                format!("{} has no signing key here{unsigned}", session.actor()),
                "Enrol one with `tagout tech key`.",
            )
            .into());
        }
        let passphrase = self.get(&format!("Passphrase of {}", session.actor()), false)?;
        Ok(session.unlock(&passphrase)?)
    }
}

/// Where the passphrase of a second person comes from, for an act that one person does not do alone.
#[derive(Debug, Args)]
pub struct SecondArgs {
    /// Read the second person's passphrase from the first line of this file (or set TAGOUT_SECOND_PASSPHRASE)
    #[arg(long, value_name = "FILE")]
    pub second_passphrase_file: Option<PathBuf>,
}

impl SecondArgs {
    /// Does what is asked; where that takes a second person, they prove first that it is them.
    pub fn tell(&self, session: &Session, command: Command) -> Result<Receipt, Trouble> {
        let Some(statement) = session.second_person(&command)? else {
            return Ok(session.tell(command)?);
        };
        // Nobody is asked to type who could not prove anything: the refusal says why.
        if statement.who == session.actor() || !session.has_key_of(&statement.who)? {
            return Ok(session.tell(command)?);
        }
        let passphrase = match &self.second_passphrase_file {
            Some(path) => from_file(path)?,
            None => match std::env::var("TAGOUT_SECOND_PASSPHRASE") {
                Ok(passphrase) => Zeroizing::new(passphrase),
                Err(_) if std::io::stdin().is_terminal() => {
                    ask(&format!("Passphrase of {}: ", statement.who))?
                }
                Err(_) => {
                    return Err(Trouble::usage(
                        format!(
                            "{} has to agree with their own passphrase, and there is no terminal to ask on.",
                            statement.who
                        ),
                        "Give --second-passphrase-file FILE, or set TAGOUT_SECOND_PASSPHRASE. Nothing was recorded.",
                    ));
                }
            },
        };
        Ok(session.tell_with(&command, &passphrase)?)
    }
}

/// Where the account does not say who is at work, the technician's passphrase does. Nobody is asked to type who could
/// not prove anything: the refusal of what they ask for says why.
pub fn sign_in(session: &mut Session) -> Result<(), Trouble> {
    let technician = session.actor().to_owned();
    if session.may_act()? || !session.has_key()? {
        return Ok(());
    }
    let passphrase = match std::env::var("TAGOUT_PASSPHRASE") {
        Ok(passphrase) => Zeroizing::new(passphrase),
        Err(_) if std::io::stdin().is_terminal() => ask(&format!("Passphrase of {technician}: "))?,
        Err(_) => return Ok(()),
    };
    Ok(session.sign_in(&technician, &passphrase)?)
}

/// The passphrase of a technician's key in force, which is to be replaced.
pub fn old(file: Option<&Path>, technician: &str) -> Result<Zeroizing<String>, Trouble> {
    if let Some(path) = file {
        return from_file(path);
    }
    if let Ok(passphrase) = std::env::var("TAGOUT_OLD_PASSPHRASE") {
        return Ok(Zeroizing::new(passphrase));
    }
    if std::io::stdin().is_terminal() {
        return ask(&format!("Passphrase of the key of {technician} in force: "));
    }
    Err(Trouble::usage(
        format!(
            "{technician} has a signing key in force; it is replaced only with its own passphrase."
        ),
        "Give --old-passphrase-file FILE, or set TAGOUT_OLD_PASSPHRASE. A lost key is revoked by another technician: tagout tech revoke.",
    ))
}

fn from_file(path: &Path) -> Result<Zeroizing<String>, Trouble> {
    let text = Zeroizing::new(
        std::fs::read_to_string(path).map_err(|error| Trouble::file("read", path, &error))?,
    );
    Ok(Zeroizing::new(text.lines().next().unwrap_or("").to_owned()))
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Trouble> {
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .map_err(|error| {
            Trouble::usage(
                format!("The passphrase could not be read: {error}. Nothing was changed."),
                "Give --passphrase-file FILE, or set TAGOUT_PASSPHRASE.",
            )
        })
}
