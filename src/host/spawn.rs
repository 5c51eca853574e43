//! Starting the host of a private store, detached from the terminal that happens to be the first.
//!
//! Invariants: starters queue at a lock, so ten of them start one host; the host itself holds that lock until it takes
//! callers, so the next starter waits for it even if the first one dies; where a host holds the store already, none is
//! started; a starter waits until its host takes callers, or says in the host's own words why it could not.

use std::fs::{File, OpenOptions};
use std::io::BufReader;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde::{Deserialize, Serialize};

use super::holder::host_of;
use super::paths;
use crate::bench::Failure;
use crate::bench::link::Step;

/// What a host that was started says on its standard output, one line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Started {
    /// Opening takes a while.
    Step(Step),
    /// Callers are taken in.
    Ready,
    /// It could not open the store.
    Failed(Failure),
}

impl Started {
    /// The line.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What a host keeps of the first session's environment: where things are, never a passphrase.
const KEPT: [&str; 12] = [
    "HOME",
    "USER",
    "LOGNAME",
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CONFIG_HOME",
    "TAGOUT_IDLE",
    "TAGOUT_LOG",
];

/// How a host is started.
#[derive(Clone, Debug)]
pub struct Starter {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The store.
    pub store: PathBuf,
    /// Where its messages go.
    pub log: PathBuf,
}

/// The host that a starter made takes callers: its standard input, which is the starters' lock, is let go.
pub fn let_others_start() {
    if let Ok(nothing) = File::open("/dev/null") {
        let _ = rustix::stdio::dup2_stdin(&nothing);
    }
}

/// Lets go of what the first session's shell had open beside the standard streams: a lock or a pipe of some script would
/// be held as long as the host lives. To be called before anything is opened.
pub fn keep_nothing_inherited() {
    let open: Vec<i32> = std::fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|number| *number > 2)
        .collect();
    for number in open {
        // The one that this list was read from is closed already.
        let _ = nix::unistd::close(number);
    }
}

fn trouble(doing: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::Store {
        words: format!(
            "the host of this store could not be started ({doing}: {error}). Nothing was changed"
        ),
        read_only: false,
        refused: false,
    }
}

impl Starter {
    /// Starts a host, unless another starter was quicker. When this returns well, somebody listened a moment ago.
    pub fn start(&self, socket: &Path, hear: &dyn Fn(Step)) -> Result<(), Failure> {
        let fresh = !self.store.exists();
        paths::make_folder(&self.store).map_err(|error| {
            trouble(
                &format!("making {}", paths::folder(&self.store).display()),
                &error,
            )
        })?;
        let turn = paths::Turn::wait(&self.store).map_err(|error| {
            trouble(
                &format!("locking {}", paths::starting(&self.store).display()),
                &error,
            )
        })?;
        // A host that opens the store, or leaves it, is waited for, whoever started it.
        if paths::call(socket).is_ok() || host_of(&self.store).is_some() {
            return Ok(());
        }
        let log = self.log();
        let held = turn
            .share()
            .map_err(|error| trouble("passing the lock on", &error))?;
        let mut host = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(
                KEPT.iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .current_dir("/")
            .stdin(held)
            .stdout(Stdio::piped())
            .stderr(log.map_or_else(Stdio::null, Stdio::from))
            .spawn()
            .map_err(|error| trouble(&format!("running {}", self.program.display()), &error))?;
        let said = host.stdout.take().map(BufReader::new);
        let last = said
            .into_iter()
            .flat_map(std::io::BufRead::lines)
            .map_while(Result::ok)
            .filter_map(|line| serde_json::from_str(&line).ok())
            .find(|started| match started {
                Started::Step(step) => {
                    hear(step.clone());
                    false
                }
                Started::Ready | Started::Failed(_) => true,
            });
        match last {
            Some(Started::Ready) => {
                // It outlives this process; if it ends first, somebody must take note of it.
                let waits = thread::Builder::new().name("host's end".into());
                let _ = waits.spawn(move || host.wait());
                Ok(())
            }
            Some(Started::Failed(failure)) => {
                let _ = host.wait();
                drop(turn);
                if paths::call(socket).is_ok() || host_of(&self.store).is_some() {
                    // A host whose starter is gone was quicker.
                    return Ok(());
                }
                self.leave_nothing(fresh);
                Err(failure)
            }
            _ => {
                let ended = host
                    .wait()
                    .map_or_else(|error| error.to_string(), |status| status.to_string());
                Err(trouble("it ended without a word", &ended))
            }
        }
    }

    /// Where no store came to be, the folder stays as it was found.
    fn leave_nothing(&self, fresh: bool) {
        if !self.store.join("journal").exists() {
            let _ = std::fs::remove_dir(paths::folder(&self.store));
            if fresh {
                let _ = std::fs::remove_dir(&self.store);
            }
        }
    }

    fn log(&self) -> Option<File> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&self.log)
            .ok()
    }
}
