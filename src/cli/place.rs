//! Where a command runs: its folders, the account, the clock, and the way to an open bench.

use std::cell::RefCell;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::bench::clock::{Clock, machine_zone};
use crate::bench::link::{Link, Step};
use crate::bench::{
    Bench, BenchOptions, Failure, NewStore, Notice, Peer, ProgressStep, Seat, Session, Tuning,
    own_uid, technician_key,
};
use crate::demo::DemoOptions;
use crate::domain::refusal::Refusal;
use crate::host::spawn::Starter;
use crate::host::wire::Caller;
use crate::host::{self, Client, Route};

use super::args::Globals;
use super::done::{Trouble, note};
use super::paths::Folders;
use super::progress::Bar;

/// The way to a store, and what there is to say about it.
pub struct Entered {
    /// The way.
    pub link: Arc<dyn Link>,
    /// What opening the store had to say.
    pub notices: Vec<String>,
    /// The store was just made, and nobody saw its first page yet.
    pub new_store: bool,
}

/// Where a command runs.
#[derive(Clone)]
pub struct Place {
    globals: Globals,
    folders: Folders,
    user: String,
    clock: Clock,
    doing: String,
    /// What a host that is started here makes first: a demonstration.
    making: Option<DemoOptions>,
}

impl Place {
    /// The place that the global options and the environment name.
    pub fn of(globals: Globals) -> Result<Self, Trouble> {
        let folders = Folders::of(globals.store.as_deref())?;
        Ok(Self {
            folders,
            user: account(),
            clock: clock_of(std::env::var("TAGOUT_CLOCK").ok().as_deref())?,
            doing: command_name(std::env::args()),
            making: None,
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

    /// The same place, where a host that is started makes this demonstration first.
    pub fn making(&self, demo: DemoOptions) -> Self {
        Self {
            making: Some(demo),
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

    /// The way to the store: its host, found or started; in this process if the options say so.
    pub fn link(&self, hear: &dyn Fn(Step)) -> Result<Entered, Failure> {
        if self.in_process() {
            return self.open(Some(self.new_store()));
        }
        let (client, welcome) = Client::connect(self.route(true)?, hear)?;
        Ok(Entered {
            link: Arc::new(client),
            notices: welcome.notices,
            new_store: welcome.new_store,
        })
    }

    /// The store is opened in this process: as asked, or because a clock was set that other sessions must not get.
    pub fn in_process(&self) -> bool {
        self.globals.in_process || matches!(self.clock, Clock::Set(_))
    }

    /// Opens the store in this process; a missing one is made as the options say.
    pub fn open(&self, new: Option<NewStore>) -> Result<Entered, Failure> {
        let (bench, notices) = Bench::open(self.options(new))?;
        for notice in &notices {
            tracing::info!("{notice}");
        }
        let seat = Seat::new(Arc::new(bench), super::tasks::all(), Peer::inside());
        Ok(Entered {
            link: Arc::new(seat),
            notices: host::wire::words(&notices),
            new_store: notices
                .iter()
                .any(|notice| matches!(notice, Notice::Created { .. })),
        })
    }

    /// How to get to the host. Without `start` only one that runs is found.
    pub fn route(&self, start: bool) -> Result<Route, Failure> {
        let store = &self.folders.store;
        let socket = self
            .globals
            .host
            .clone()
            .unwrap_or_else(|| host::paths::socket(store));
        let own = own_uid();
        let facts = std::fs::metadata(store);
        // A folder that one may not even look at is somebody else's.
        let hidden = facts
            .as_ref()
            .is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied);
        let stranger = facts
            .ok()
            .map(|facts| facts.uid())
            .filter(|owner| *owner != own && own != 0);
        let starts = start && self.globals.host.is_none() && stranger.is_none() && !hidden;
        let owner = match &self.globals.host {
            Some(socket) => host::paths::owner(socket).unwrap_or(0),
            None => stranger.unwrap_or(own),
        };
        Ok(Route {
            owner,
            starter: if starts { Some(self.starter()?) } else { None },
            caller: Caller {
                build: env!("CARGO_PKG_VERSION").to_owned(),
                process: std::process::id(),
                user: self.user.clone(),
                terminal: terminal(),
                doing: self.doing.clone(),
            },
            whom_to_ask: whom_to_ask(stranger, hidden, &socket),
            socket,
        })
    }

    /// How a host for this store is started.
    fn starter(&self) -> Result<Starter, Failure> {
        let program = std::env::current_exe().map_err(|error| Failure::Store {
            words: format!("this program's own file cannot be found ({error}). Nothing was changed; use --in-process"),
            read_only: false,
            refused: false,
        })?;
        let store = self.folders.store.display().to_string();
        let mut arguments = ["--store", &store, "host", "run", "--detached"]
            .map(str::to_owned)
            .to_vec();
        if let Some(demo) = &self.making {
            arguments.extend(["--demo".to_owned(), super::demo::in_short(demo)]);
        }
        Ok(Starter {
            program,
            arguments,
            store: self.folders.store.clone(),
            log: self.folders.log(),
        })
    }

    /// As [`Place::link`], and says on standard error what a person should know.
    fn enter(&self) -> Result<Arc<dyn Link>, Trouble> {
        let mut bar = RefCell::new(Bar::new(self.json()));
        let entered = self.link(&|step| bar.borrow_mut().at(&step.doing, step.done, step.total));
        bar.get_mut().end();
        let entered = entered?;
        for notice in &entered.notices {
            note(self.json(), notice);
        }
        Ok(entered.link)
    }

    /// A session for looking only.
    pub fn session(&self) -> Result<Session, Trouble> {
        let link = self.enter()?;
        let actor = self.actor(&link)?;
        Ok(Session::over(link, &actor))
    }

    /// A session for work: the technician must be on record.
    pub fn work(&self) -> Result<Session, Trouble> {
        let mut session = self.session()?;
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
        super::secret::sign_in(&mut session)?;
        Ok(session)
    }

    /// Who acts: the one named, else whose account this is alone; in a demonstration the first technician on record.
    pub fn actor(&self, link: &Arc<dyn Link>) -> Result<String, Failure> {
        if let Some(named) = &self.globals.technician {
            return Ok(named.clone());
        }
        let own = technician_key(&self.user);
        let session = Session::over(Arc::clone(link), &own);
        let known = session.technicians()?;
        let mut linked = known.iter().filter(|technician| {
            technician.left.is_none() && technician.accounts.contains(&self.user)
        });
        if let (Some(linked), None) = (linked.next(), linked.next()) {
            return Ok(linked.key.clone());
        }
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

/// The terminal of this session.
fn terminal() -> String {
    rustix::termios::ttyname(rustix::stdio::stdin(), Vec::new())
        .ok()
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| "no terminal".to_owned())
}

/// The command's own words, without what it is about: `order claim`, or the terminal face.
fn command_name(words: impl Iterator<Item = String>) -> String {
    let mut command = <super::args::Cli as clap::CommandFactory>::command();
    let mut names = Vec::new();
    for word in words.skip(1) {
        if let Some(sub) = command.find_subcommand(&word) {
            command = sub.clone();
            names.push(word);
        }
    }
    if names.is_empty() {
        host::client::TERMINAL_FACE.to_owned()
    } else {
        names.join(" ")
    }
}

/// The words for somebody who finds no host and cannot start one.
fn whom_to_ask(stranger: Option<u32>, hidden: bool, socket: &Path) -> String {
    let owner = stranger.map(host::account::name_of);
    match owner.or_else(|| hidden.then(|| "somebody else".to_owned())) {
        Some(owner) => format!(
            "The store belongs to {owner}: ask that person, or whoever looks after this shop terminal, to \
             start its host, and name the host's socket with --host or TAGOUT_HOST."
        ),
        None => format!(
            "Ask whoever looks after this shop terminal to start the host that listens at {} (`systemctl start \
             tagout.socket`).",
            socket.display()
        ),
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
