//! `doctor`: where things are kept, and what is unusual about this machine, this terminal, the store and its host.
//!
//! Invariants: it makes, changes, opens and repairs nothing, and starts no host; each line is ok, warn or fail, and one
//! that is not ok says what to do. A host that runs is asked; without one the store's files are looked at.

mod machine;
mod modes;
mod records;

use serde_json::{Value, json};

use crate::bench::{Failure, Session};
use crate::host::status::HostStatus;
use crate::host::{self, Client};
use crate::identify::text::clean;

use super::done::{Done, Trouble};
use super::place::Place;

/// How a line stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Level {
    /// As it should be.
    Ok,
    /// Work goes on, but somebody should know.
    Warn,
    /// Something does not work, or records are in danger.
    Fail,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One line of the report.
struct Line {
    key: &'static str,
    label: &'static str,
    level: Level,
    value: String,
    advice: Option<String>,
}

impl Line {
    fn ok(key: &'static str, label: &'static str, value: impl Into<String>) -> Self {
        Self {
            key,
            label,
            level: Level::Ok,
            value: value.into(),
            advice: None,
        }
    }

    fn warn(self, advice: impl Into<String>) -> Self {
        self.doubt(Level::Warn, advice)
    }

    fn fail(self, advice: impl Into<String>) -> Self {
        self.doubt(Level::Fail, advice)
    }

    fn doubt(self, level: Level, advice: impl Into<String>) -> Self {
        Self {
            level: self.level.max(level),
            advice: Some(advice.into()),
            ..self
        }
    }
}

/// The store's host, as far as it can be found.
enum Found {
    /// Nobody listens.
    Nobody,
    /// It answers.
    Here(Box<Session>, Box<HostStatus>),
    /// Somebody listens and does not answer as a host should.
    Trouble(Failure),
}

/// Looks at everything.
pub fn run(place: &Place) -> Result<Done, Trouble> {
    let folders = place.folders();
    let found = find(place);
    let mut lines = vec![
        Line::ok("version", "Version", env!("CARGO_PKG_VERSION")),
        Line::ok("store", "Store", folders.store.display().to_string()),
        Line::ok("state", "State", folders.state.display().to_string()),
        Line::ok("log", "Log", folders.log().display().to_string()),
        Line::ok(
            "config",
            "Settings",
            folders
                .config
                .as_ref()
                .map_or_else(|| "none".to_owned(), |dir| dir.display().to_string()),
        ),
        Line::ok("account", "Account", place.user()),
        Line::ok(
            "zone",
            "Zone",
            crate::bench::clock::machine_zone().to_string(),
        ),
        machine::locale(),
        machine::terminal(place),
    ];
    lines.extend(modes::lines(place));
    let holder = host::holder(&folders.store);
    lines.push(host_line(place, &found, holder));
    lines.extend(records::lines(place, &found, holder));
    Ok(report(&lines))
}

fn report(lines: &[Line]) -> Done {
    let count = |level| lines.iter().filter(|line| line.level == level).count();
    let (fails, warns) = (count(Level::Fail), count(Level::Warn));
    let mut text = String::new();
    for line in lines {
        say!(
            text,
            "{:<5} {:<13} {}\n",
            line.level.word(),
            line.label,
            clean(&line.value)
        );
        if let Some(advice) = &line.advice {
            say!(text, "{:<5} {:<13} {}\n", "", "", clean(advice));
        }
    }
    match (fails, warns) {
        (0, 0) => text.push_str("Everything is in order.\n"),
        _ => say!(
            text,
            "{fails} to mend (fail), {warns} to know about (warn).\n"
        ),
    }
    let worst = lines.iter().map(|line| line.level).max();
    let json = json!({
        "ok": fails == 0,
        "worst": worst.unwrap_or(Level::Ok).word(),
        "lines": lines.iter().map(|line| json!({
            "key": line.key,
            "label": line.label,
            "level": line.level.word(),
            "value": line.value,
            "advice": line.advice,
        })).collect::<Vec<Value>>(),
    });
    Done::new(text, json).code(if fails == 0 { 0 } else { 3 })
}

/// The host that runs, if one does; none is started.
fn find(place: &Place) -> Found {
    let asked = || -> Result<Found, Failure> {
        let route = place.route(false)?;
        if host::paths::call(&route.socket).is_err() {
            return Ok(Found::Nobody);
        }
        let (client, _) = Client::connect(route, &|_| {})?;
        let status = client.status()?;
        let session = Session::over(std::sync::Arc::new(client), &place.own_key());
        Ok(Found::Here(Box::new(session), Box::new(status)))
    };
    asked().unwrap_or_else(Found::Trouble)
}

fn host_line(place: &Place, found: &Found, holder: Option<u32>) -> Line {
    let line = |words: String| Line::ok("host", "Host", words);
    match found {
        Found::Here(_, status) => {
            let sessions = status.sessions.len();
            let here = line(format!(
                "process {} of version {}, {sessions} other {}",
                status.process,
                status.build,
                if sessions == 1 { "session" } else { "sessions" }
            ));
            if status.build == env!("CARGO_PKG_VERSION") {
                return here;
            }
            here.warn(
                "It is of another version than this program. When nobody works, run `tagout host stop`; the next \
                 command starts this version.",
            )
        }
        Found::Trouble(failure) => {
            let process = holder.map_or_else(String::new, |process| format!(", process {process}"));
            line(format!("does not answer{process}")).fail(format!(
                "{failure}. What was confirmed as saved is in the journal{}",
                holder.map_or_else(
                    || ".".to_owned(),
                    |process| format!(
                        "; if it stays so, end it with `kill {process}` and try again."
                    )
                )
            ))
        }
        Found::Nobody => {
            let route = place.route(true).ok();
            let starts = route.as_ref().is_none_or(|route| route.starter.is_some());
            match (holder, starts) {
                (Some(process), _) => line(format!(
                    "none, but process {process} has the store open by itself"
                ))
                .warn("Nobody else can work meanwhile. Let that program end; only then a host can start."),
                (None, true) => line("none runs; the next command starts one".to_owned()),
                (None, false) => line("none answers, and this account may start none".to_owned()).fail(
                    route.map_or_else(String::new, |route| route.whom_to_ask),
                ),
            }
        }
    }
}
