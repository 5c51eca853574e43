//! Where a command runs: its folders, the account, the clock, and the way to an open bench.

use std::path::PathBuf;
use std::sync::Arc;

use crate::bench::clock::{Clock, machine_zone};
use crate::bench::{
    Bench, BenchOptions, Failure, NewStore, Notice, ProgressStep, Session, Tuning, technician_key,
};
use crate::domain::refusal::Refusal;

use super::args::Globals;
use super::done::{Trouble, note};
use super::paths::Folders;

/// Where a command runs.
#[derive(Clone)]
pub struct Place {
    globals: Globals,
    folders: Folders,
    user: String,
    clock: Clock,
}

impl Place {
    /// The place that the global options and the environment name.
    pub fn of(globals: Globals) -> Result<Self, Trouble> {
        let folders = Folders::of(globals.store.as_deref())?;
        Ok(Self {
            folders,
            user: account(),
            clock: clock_of(std::env::var("TAGOUT_CLOCK").ok().as_deref())?,
            globals,
        })
    }

    /// The same place with another store.
    pub fn with_store(&self, store: PathBuf) -> Self {
        Self {
            folders: Folders {
                store,
                ..self.folders.clone()
            },
            ..self.clone()
        }
    }

    /// The same place with another clock.
    pub fn with_clock(&self, clock: Clock) -> Self {
        Self {
            clock,
            ..self.clone()
        }
    }

    /// The folders.
    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    /// Answers are JSON.
    pub fn json(&self) -> bool {
        self.globals.json
    }

    /// ASCII characters only.
    pub fn ascii(&self) -> bool {
        self.globals.ascii
    }

    /// The account's name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The technician's key that the account's name gives.
    pub fn own_key(&self) -> String {
        technician_key(&self.user)
    }

    /// The global options.
    pub fn globals(&self) -> &Globals {
        &self.globals
    }

    /// The clock: the machine's, unless the environment sets one.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How the store is opened; a missing one is made as the options say.
    pub fn options(&self, new: Option<NewStore>) -> BenchOptions {
        BenchOptions {
            dir: self.folders.store.clone(),
            state_dir: self.folders.state.clone(),
            user: self.user.clone(),
            new,
            clock: self.clock.clone(),
            progress: Some(Arc::new(opening)),
            tuning: Tuning::default(),
        }
    }

    /// What a new store is called when nobody says: the machine's name as shop, the machine's zone.
    #[allow(clippy::unused_self)] // a face asks its place, whatever it is made of
    pub fn new_store(&self) -> NewStore {
        NewStore {
            seed: None,
            shop: machine_name(),
            prefix: "SHOP".to_owned(),
            zone: machine_zone().to_string(),
            demo: false,
        }
    }

    /// Opens the store, makes it if there is none, and says on standard error what a person should know.
    pub fn bench(&self) -> Result<Arc<Bench>, Trouble> {
        self.open(Some(self.new_store()))
    }

    /// As [`Place::bench`], with the new store's facts given.
    pub fn open(&self, new: Option<NewStore>) -> Result<Arc<Bench>, Trouble> {
        let (bench, notices) = Bench::open(self.options(new))?;
        for notice in &notices {
            tracing::info!("{notice}");
            let small = matches!(notice, Notice::Created { .. } | Notice::Replayed { .. });
            if !(self.json() && small) {
                note(self.json(), &notice.to_string());
            }
        }
        Ok(Arc::new(bench))
    }

    /// A session for looking only.
    pub fn session(&self) -> Result<Session, Trouble> {
        let bench = self.bench()?;
        let actor = self.actor(&bench)?;
        Ok(Session::new(bench, &actor))
    }

    /// A session for work: the technician must be on record.
    pub fn work(&self) -> Result<Session, Trouble> {
        let session = self.session()?;
        let known = session
            .technicians()?
            .iter()
            .any(|technician| technician.key == session.actor());
        if !known {
            return Err(Refusal::not_found(
                format!(
                    "No technician \"{}\" is on record in this store.",
                    session.actor()
                ),
                "Name one with --as TECH, or add them: tagout tech add KEY --name \"First Last\".",
            )
            .into());
        }
        Ok(session)
    }

    /// Who acts: the one named, else the account; in a demonstration the first technician on record.
    pub fn actor(&self, bench: &Arc<Bench>) -> Result<String, Failure> {
        if let Some(named) = &self.globals.technician {
            return Ok(named.clone());
        }
        let own = technician_key(&self.user);
        let session = Session::new(bench.clone(), &own);
        let known = session.technicians()?;
        if session.shop()?.demo
            && !known.iter().any(|technician| technician.key == own)
            && let Some(someone) = known
                .iter()
                .find(|technician| technician.key == crate::demo::TECHNICIAN)
                .or(known.first())
        {
            return Ok(someone.key.clone());
        }
        Ok(own)
    }
}

/// Long opening work goes to the log; a command prints its answer only.
fn opening(step: ProgressStep) {
    tracing::debug!(done = step.done, total = step.total, "{}", step.doing);
}

/// The clock: the machine's, or a fixed one from `TAGOUT_CLOCK` for demonstrations.
fn clock_of(fixed: Option<&str>) -> Result<Clock, Trouble> {
    let Some(text) = fixed.filter(|text| !text.is_empty()) else {
        return Ok(Clock::System);
    };
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|at| Clock::set(at.timestamp_micros()))
        .map_err(|_| {
            Trouble::usage(
                format!("TAGOUT_CLOCK is \"{text}\", which is not a time."),
                "Write it like 2026-11-23T14:00:00Z, or unset it.",
            )
        })
}

/// The account's name: from the user database, else from the environment, else its number.
fn account() -> String {
    let uid = rustix::process::getuid().as_raw().to_string();
    let listed = std::fs::read_to_string("/etc/passwd")
        .ok()
        .and_then(|text| {
            text.lines().find_map(|line| {
                let mut parts = line.split(':');
                let name = parts.next()?;
                (parts.nth(1)? == uid).then(|| name.to_owned())
            })
        });
    listed
        .or_else(|| std::env::var("USER").ok())
        .or_else(|| std::env::var("LOGNAME").ok())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| format!("uid{uid}"))
}

/// The machine's name.
fn machine_name() -> String {
    let name = rustix::system::uname();
    let name = name.nodename().to_string_lossy().into_owned();
    if name.is_empty() || name == "(none)" {
        "This shop".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_is_read_or_refused() {
        assert!(matches!(clock_of(None), Ok(Clock::System)));
        assert!(matches!(clock_of(Some("")), Ok(Clock::System)));
        let fixed = clock_of(Some("2026-11-23T14:00:00+01:00")).unwrap();
        assert_eq!(fixed.micros(), 1_795_438_800_000_000);
        let trouble = clock_of(Some("yesterday")).unwrap_err();
        assert_eq!(trouble.exit_code(), 2);
    }
}
