//! `host`: the process that keeps a store open for every session.

use std::io::{IsTerminal as _, Write as _};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::bench::clock;
use crate::bench::link::Step;
use crate::bench::{Bench, BenchOptions, Failure, Notice, ProgressStep, Tuning};
use crate::demo::DemoOptions;
use crate::domain::time::Moment;
use crate::host::spawn::Started;
use crate::host::status::HostStatus;
use crate::host::{self, Client, HostOptions};
use crate::identify::text::clean;

use super::done::{Done, Trouble, note};
use super::place::Place;
use super::table::Table;

/// Seconds without a session after which a host leaves.
const IDLE: u64 = 300;
/// How long `host stop` waits until the store is free.
const STOPPING: Duration = Duration::from_secs(30);

/// How long a host that a session starts waits for one that is just leaving.
const LEAVING: Duration = Duration::from_secs(5);

/// The host's commands.
#[derive(Debug, Subcommand)]
pub enum HostSub {
    /// Keep the store open for every session, until stopped
    Run(RunArgs),
    /// Say who is at the host
    Status,
    /// Ask the host to finish and leave
    Stop,
}

/// Arguments of `host run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Leave after this many seconds without a session; 0 stays
    #[arg(long, default_value_t = IDLE, env = "TAGOUT_IDLE", value_name = "SECONDS")]
    pub idle: u64,
    /// Started by a session: say when ready, and belong to no terminal
    #[arg(long, hide = true)]
    pub detached: bool,
    /// Make this demonstration first
    #[arg(long, hide = true, value_parser = super::demo::from_short)]
    pub demo: Option<DemoOptions>,
}

/// Does what is asked of the host.
pub fn run(place: &Place, command: &HostSub) -> Result<Done, Trouble> {
    match command {
        HostSub::Run(arguments) => serve(place, arguments),
        HostSub::Status => status(place),
        HostSub::Stop => stop(place),
    }
}

fn serve(place: &Place, arguments: &RunArgs) -> Result<Done, Trouble> {
    if arguments.detached {
        // Closing the terminal that happened to be the first ends no host.
        let _ = rustix::process::setsid();
    }
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let detached = arguments.detached;
    let say = move |started: &Started| {
        if detached {
            let mut out = std::io::stdout().lock();
            // A starter that has gone away needs no answer.
            let _ = writeln!(out, "{}", started.line()).and_then(|()| out.flush());
        }
    };
    let hear = move |step| say(&Started::Step(step));
    let opened = match &arguments.demo {
        Some(demo) => super::demo::make(place, demo, &hear).map(|bench| (bench, Vec::new())),
        None => open(place, detached, hear),
    };
    let (bench, notices) = match opened {
        Ok(opened) => opened,
        Err(failure) => {
            say(&Started::Failed(failure.clone()));
            return Err(failure.into());
        }
    };
    let options = HostOptions {
        socket: match &place.globals().host {
            Some(socket) => socket.clone(),
            None => host::paths::socket(&place.folders().store),
        },
        listener: handed_over(),
        idle: (arguments.idle > 0).then(|| Duration::from_secs(arguments.idle)),
        new_store: notices
            .iter()
            .any(|notice| matches!(notice, Notice::Created { .. })),
        notices: host::wire::words(&notices),
    };
    let json = place.json();
    let at = options.socket.display().to_string();
    let served = host::paths::make_folder(&place.folders().store).and_then(|()| {
        host::serve(bench, super::tasks::all(), options, || {
            say(&Started::Ready);
            if detached {
                host::spawn::let_others_start();
            } else {
                note(
                    json,
                    &format!(
                        "The host of this store listens at {at}. Stop it with `tagout host stop`."
                    ),
                );
            }
        })
    });
    match served {
        Ok(why) => {
            let words = why.words();
            Ok(Done::new(
                format!("The host left: {words}."),
                json!({"left": words}),
            ))
        }
        Err(error) => {
            let failure = Failure::Store {
                words: format!(
                    "the host could not listen ({error}). What was confirmed as saved is in the journal"
                ),
                read_only: false,
                refused: false,
            };
            say(&Started::Failed(failure.clone()));
            Err(failure.into())
        }
    }
}

fn open(
    place: &Place,
    detached: bool,
    hear: impl Fn(Step) + Send + Sync + 'static,
) -> Result<(Bench, Vec<Notice>), Failure> {
    let options = BenchOptions {
        progress: Some(Arc::new(move |step: ProgressStep| {
            hear(Step {
                doing: step.doing.to_owned(),
                done: step.done,
                total: step.total,
            });
        })),
        tuning: Tuning {
            lock_wait: if detached { LEAVING } else { Duration::ZERO },
            ..Tuning::default()
        },
        ..place.options(Some(place.new_store()))
    };
    let (bench, notices) = Bench::open(options)?;
    for notice in &notices {
        tracing::info!("{notice}");
    }
    Ok((bench, notices))
}

/// The listening socket that the system made and gave as standard input (a systemd socket unit).
fn handed_over() -> Option<UnixListener> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() || !rustix::net::sockopt::socket_acceptconn(&stdin).unwrap_or(false) {
        return None;
    }
    let own = rustix::io::dup(&stdin).ok()?;
    Some(UnixListener::from(own))
}

fn status(place: &Place) -> Result<Done, Trouble> {
    let Some(client) = running(place)? else {
        return Ok(Done::new(
            "No host is running for this store. The next command starts one.",
            json!({"running": false}),
        )
        .code(1));
    };
    let status = client.status()?;
    let uptime = (place.clock().micros() - status.since).max(0) / 1_000_000;
    let mut text = format!(
        "Host {} of version {}, up {}; the store takes {}.\n",
        status.process,
        clean(&status.build),
        time(uptime),
        size(status.bytes)
    );
    match status.idle {
        Some(idle) => say!(
            text,
            "It leaves after {} without a session.\n",
            time(idle as i64)
        ),
        None => say!(text, "It stays until it is stopped.\n"),
    }
    text.push_str(&sessions(&status));
    let json = json!({
        "running": true,
        "pid": status.process,
        "version": status.build,
        "uptime_seconds": uptime,
        "idle_seconds": status.idle,
        "store_bytes": status.bytes,
        "sessions": status.sessions.iter().map(|line| json!({
            "uid": line.uid,
            "user": line.user,
            "pid": line.process,
            "tty": line.terminal,
            "since": moment(line.since).rfc3339(),
            "doing": line.doing,
        })).collect::<Vec<_>>(),
    });
    Ok(Done::new(text, json))
}

fn sessions(status: &HostStatus) -> String {
    if status.sessions.is_empty() {
        return "Nobody else is here.\n".to_owned();
    }
    let mut table = Table::new(&["Account", "Process", "Terminal", "Since", "Doing"]);
    for line in &status.sessions {
        table.row([
            &format!("{} ({})", line.user, line.uid),
            &line.process.to_string(),
            &line.terminal,
            &moment(line.since).minute(),
            &line.doing,
        ]);
    }
    table.text()
}

fn moment(micros: i64) -> Moment {
    clock::moment(micros, clock::machine_zone())
}

/// A size, in words.
fn size(bytes: u64) -> String {
    match (bytes >> 30, bytes >> 20) {
        (0, 0) => format!("{} KiB", bytes >> 10),
        (0, mib) => format!("{mib} MiB"),
        _ => format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30)),
    }
}

/// A duration, in words.
fn time(seconds: i64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// The host that runs, if one does.
fn running(place: &Place) -> Result<Option<Client>, Failure> {
    let route = place.route(false)?;
    if host::paths::call(&route.socket).is_err() {
        return Ok(None);
    }
    Client::connect(route, &|_| {}).map(|(client, _)| Some(client))
}

fn stop(place: &Place) -> Result<Done, Trouble> {
    let Some(client) = running(place)? else {
        return Ok(Done::new(
            "No host is running for this store.",
            json!({"stopped": false}),
        ));
    };
    let status = client.status()?;
    client.stop()?;
    // The store is free only when the lock is: until then rows are still being brought to the disk.
    let gone = || match host::holder(&place.folders().store) {
        Some(process) if process == status.process => None,
        _ => host::paths::call(&place.route(false).ok()?.socket).err(),
    };
    let end = Instant::now() + STOPPING;
    while gone().is_none() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    if gone().is_none() {
        return Err(Failure::Store {
            words: format!(
                "the host (process {}) was asked to leave and is still there. What was confirmed as saved is in the \
                 journal; wait, or end the process",
                status.process
            ),
            read_only: false,
            refused: false,
        }
        .into());
    }
    Ok(Done::new(
        format!("The host (process {}) has left.", status.process),
        json!({"stopped": true, "pid": status.process}),
    ))
}
