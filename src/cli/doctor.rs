//! `doctor`: where things are kept, and what is unusual on this machine.
//!
//! Invariant: it changes nothing; a store that is missing is not made, one that cannot be opened is said so.

use std::io::IsTerminal as _;

use serde_json::{Value, json};

use crate::bench::clock::machine_zone;
use crate::bench::{Bench, Failure};
use crate::identify::text::clean;

use super::done::{Done, Trouble};
use super::place::Place;

/// One line of the report.
struct Line {
    key: &'static str,
    label: &'static str,
    value: String,
    doubt: Option<String>,
}

/// Looks at everything.
pub fn run(place: &Place) -> Result<Done, Trouble> {
    let folders = place.folders();
    let mut lines = vec![
        line("version", "Version", env!("CARGO_PKG_VERSION")),
        line("store", "Store", folders.store.display().to_string()),
        line("state", "State", folders.state.display().to_string()),
        line("log", "Log", folders.log().display().to_string()),
        line(
            "config",
            "Settings",
            folders
                .config
                .as_ref()
                .map_or_else(|| "none".to_owned(), |dir| dir.display().to_string()),
        ),
        line("account", "Account", place.user()),
        line("zone", "Zone", machine_zone().to_string()),
        line(
            "clock",
            "Clock",
            place.clock().now(machine_zone()).rfc3339(),
        ),
        locale(),
        terminal(),
        space(place),
    ];
    let mut code = 0;
    if folders.store.join("journal").exists() {
        let (found, bad) = store(place);
        lines.extend(found);
        code = bad;
    } else {
        lines.push(line(
            "store_state",
            "Records",
            "no store here yet; the first command makes it",
        ));
    }
    let mut text = String::new();
    for line in &lines {
        say!(text, "{:<12}{}\n", line.label, clean(&line.value));
        if let Some(doubt) = &line.doubt {
            say!(text, "{:<12}! {}\n", "", clean(doubt));
        }
    }
    let doubts: Vec<&String> = lines
        .iter()
        .filter_map(|line| line.doubt.as_ref())
        .collect();
    let mut json = json!({"ok": doubts.is_empty() && code == 0, "doubts": doubts});
    if let Some(map) = json.as_object_mut() {
        for line in &lines {
            map.insert(line.key.to_owned(), Value::String(line.value.clone()));
        }
    }
    Ok(Done::new(text, json).code(code))
}

fn line(key: &'static str, label: &'static str, value: impl Into<String>) -> Line {
    Line {
        key,
        label,
        value: value.into(),
        doubt: None,
    }
}

impl Line {
    fn doubt(self, doubt: Option<&str>) -> Self {
        Self {
            doubt: doubt.map(str::to_owned),
            ..self
        }
    }
}

fn locale() -> Line {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "not set".to_owned());
    let folded = locale.to_lowercase().replace('-', "");
    let utf8 = folded.contains("utf8");
    line("locale", "Locale", locale)
        .doubt((!utf8).then_some("It is not UTF-8: characters may be shown wrong. Use --ascii, or set LANG to a UTF-8 locale."))
}

fn terminal() -> Line {
    let term = std::env::var("TERM").unwrap_or_else(|_| "not set".to_owned());
    let on_terminal = std::io::stdout().is_terminal();
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
    let small = size.is_some_and(|size| size.ws_col < 80 || size.ws_row < 24);
    let words = match (on_terminal, size) {
        (true, Some(size)) => format!("{term}, {} by {}", size.ws_col, size.ws_row),
        _ => format!("{term}, output goes to no terminal"),
    };
    line("terminal", "Terminal", words).doubt(
        (on_terminal && small)
            .then_some("It is smaller than 80 by 24: not everything fits on a screen."),
    )
}

/// Free space where the store is, or will be.
fn space(place: &Place) -> Line {
    let at = place
        .folders()
        .store
        .ancestors()
        .find(|dir| dir.exists())
        .and_then(|dir| rustix::fs::statvfs(dir).ok());
    match at {
        Some(facts) => {
            let mib = facts.f_bavail.saturating_mul(facts.f_frsize) >> 20;
            let low = mib < 256;
            line("space", "Free space", format!("{mib} MiB"))
                .doubt(low.then_some("The disk is nearly full. Below 32 MiB nothing can be saved."))
        }
        None => line("space", "Free space", "unknown"),
    }
}

fn store(place: &Place) -> (Vec<Line>, i32) {
    let bench = match Bench::open(place.options(None)) {
        Ok((bench, notices)) => {
            for notice in &notices {
                tracing::info!("{notice}");
            }
            bench
        }
        Err(failure) => return (vec![broken(&failure)], failure.exit_code()),
    };
    let verified = match bench.verify() {
        Ok(verified) => verified,
        Err(failure) => return (vec![broken(&failure)], failure.exit_code()),
    };
    let session = crate::bench::Session::new(bench.into(), &place.own_key());
    let read_only = session.shop().ok().and_then(|facts| facts.read_only);
    let first = verified.problems.iter().find(|problem| !problem.accepted);
    let doubt = match (first, read_only) {
        (Some(problem), _) => Some(format!(
            "{}: {}. {}",
            problem.place, problem.what, problem.advice
        )),
        (None, Some(why)) => Some(format!("It takes no writes: {why}")),
        (None, None) => None,
    };
    let code = if verified.ok { 0 } else { 3 };
    let words = format!(
        "{} records, {}",
        verified.entries,
        if verified.ok { "whole" } else { "NOT WHOLE" }
    );
    (
        vec![line("store_state", "Records", words).doubt(doubt.as_deref())],
        code,
    )
}

fn broken(failure: &Failure) -> Line {
    line("store_state", "Records", "cannot be opened").doubt(Some(&failure.to_string()))
}
