//! `depot` and `sync`: places where shops leave bundles for each other.

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::bench::clock::minute;
use crate::bench::depots::{DepotSetting, Synced};
use crate::bench::{Failure, Session};
use crate::domain::refusal::Refusal;
use crate::identify::text::clean;

use super::done::{Done, Trouble, note};
use super::place::Place;
use super::progress::Bar;
use super::table::Table;

/// What may be done with depots.
#[derive(Debug, Subcommand)]
pub enum DepotSub {
    /// Set a depot up on this machine
    Add(AddArgs),
    /// Every depot: when it was synced, what waits, what is wrong
    List,
    /// Sync with a depot no more; what lies there stays
    Remove(RemoveArgs),
}

/// Arguments of `depot add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// What it is called here, like "stick"
    pub name: String,
    /// A folder, s3://BUCKET/PREFIX, az://CONTAINER/PREFIX or gs://BUCKET/PREFIX
    pub url: String,
    /// Sync it this often in the background (30s, 5m, 2h), and soon after something was recorded
    #[arg(long, value_name = "TIME", value_parser = seconds_of, default_value = "5m")]
    pub every: u64,
    /// Sync it only when asked (`tagout sync NAME`)
    #[arg(long, conflicts_with = "every")]
    pub manual: bool,
    /// Encrypt what is put there for this shop and those that it trusts
    #[arg(long)]
    pub encrypt: bool,
}

/// Arguments of `depot remove`.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// Its name
    pub name: String,
}

/// Arguments of `sync`.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// The depot (default: all of them)
    pub name: Option<String>,
}

/// A span of time: `30s`, `5m`, `2h`, or seconds.
fn seconds_of(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).unwrap_or_default() {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        _ => 0,
    };
    let seconds = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(unit));
    seconds
        .filter(|seconds| (1..=7 * 86_400).contains(seconds))
        .ok_or_else(|| "write it like 30s, 5m or 2h, at most a week".to_owned())
}

/// Runs a depot command.
pub fn run(place: &Place, command: DepotSub) -> Result<Done, Trouble> {
    match command {
        DepotSub::Add(arguments) => add(place, arguments),
        DepotSub::List => list(place),
        DepotSub::Remove(arguments) => {
            place.session()?.remove_depot(&arguments.name)?;
            let name = clean(&arguments.name);
            Ok(Done::new(
                format!("{name} is not synced any more. What lies there stays.\n"),
                json!({"removed": arguments.name}),
            ))
        }
    }
}

/// A folder is named from / on: the process that has the store open stands elsewhere.
fn whole(url: &str) -> String {
    if url.contains("://") || url.trim().is_empty() || Path::new(url).is_absolute() {
        return url.to_owned();
    }
    std::env::current_dir().map_or_else(
        |_| url.to_owned(),
        |here| {
            let path = here.join(url.trim());
            let real = std::fs::canonicalize(&path).unwrap_or(path);
            real.display().to_string()
        },
    )
}

fn add(place: &Place, arguments: AddArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let depot = DepotSetting {
        name: arguments.name.clone(),
        place: whole(&arguments.url),
        every: (!arguments.manual).then_some(arguments.every),
        encrypted: arguments.encrypt,
    };
    let notes = session.add_depot(depot)?;
    for words in &notes {
        note(place.json(), words);
    }
    let sheets = session.depots()?;
    let sheet = sheets
        .iter()
        .find(|sheet| sheet.depot.name == arguments.name)
        .ok_or_else(|| nobody(&arguments.name))?;
    let mut text = format!(
        "{} is at {}, synced {}{}.\n",
        clean(&sheet.depot.name),
        clean(&sheet.depot.place),
        sheet.when(),
        if sheet.depot.encrypted {
            ", encrypted"
        } else {
            ""
        }
    );
    say!(
        text,
        "Sync it now with `tagout sync {}`.\n",
        clean(&sheet.depot.name)
    );
    Ok(Done::new(text, json!(sheet)))
}

fn nobody(name: &str) -> Trouble {
    Refusal::not_found(
        format!("There is no depot \"{}\" here.", clean(name)),
        "`tagout depot list` shows them.",
    )
    .into()
}

fn list(place: &Place) -> Result<Done, Trouble> {
    let session = place.session()?;
    let (shop, sheets) = (session.shop()?, session.depots()?);
    if sheets.is_empty() {
        return Ok(Done::new(
            "No depot is set up. Add one: tagout depot add NAME FOLDER\n",
            json!({"depots": []}),
        ));
    }
    let mut table = Table::new(&["Depot", "Place", "Synced", "Last", "To send"]);
    for sheet in &sheets {
        table.row([
            sheet.depot.name.clone(),
            sheet.depot.place.clone(),
            sheet.when(),
            if sheet.last.good_us > 0 {
                minute(sheet.last.good_us, &shop)
            } else {
                "never".to_owned()
            },
            match sheet.to_send {
                0 => String::new(),
                n => n.to_string(),
            },
        ]);
    }
    let mut text = table.text();
    for sheet in &sheets {
        let state = sheet.state();
        if !state.is_empty() {
            say!(text, "{}: {}\n", clean(&sheet.depot.name), clean(&state));
        }
    }
    Ok(Done::new(text, json!({"depots": sheets})))
}

/// Runs `sync`.
pub fn sync(place: &Place, arguments: &SyncArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let names: Vec<String> = match &arguments.name {
        Some(name) => vec![name.clone()],
        None => session
            .depots()?
            .into_iter()
            .map(|s| s.depot.name)
            .collect(),
    };
    if names.is_empty() {
        return Err(Refusal::not_found(
            "No depot is set up.",
            "Add one: tagout depot add NAME FOLDER. Nothing was changed.",
        )
        .into());
    }
    let mut text = String::new();
    let mut all: Vec<Value> = Vec::new();
    let mut failed: Vec<(String, Failure)> = Vec::new();
    for name in names {
        match one(place, &session, &name) {
            Ok(synced) => {
                for line in synced.lines() {
                    say!(text, "{}\n", clean(&line));
                }
                all.push(json!(synced));
            }
            Err(failure) => failed.push((name, failure)),
        }
    }
    // One depot's trouble does not keep the others from being synced; a single one is the command's own.
    if all.is_empty()
        && let Some((_, failure)) = failed.pop()
    {
        for (name, other) in failed {
            note(place.json(), &format!("{name}: {other}"));
        }
        return Err(failure.into());
    }
    let code = i32::from(!failed.is_empty());
    let mut troubles: Vec<Value> = Vec::new();
    for (name, failure) in &failed {
        say!(
            text,
            "{}: NOT SYNCED: {}\n",
            clean(name),
            clean(&failure.to_string())
        );
        troubles.push(json!({"name": name, "error": failure.to_string()}));
    }
    Ok(Done::new(text, json!({"synced": all, "failed": troubles})).code(code))
}

fn one(place: &Place, session: &Session, name: &str) -> Result<Synced, Failure> {
    let mut bar = Bar::new(place.json());
    let synced = session.sync_depot(name, &mut |step| {
        bar.at(&step.doing, step.done, step.total);
    });
    bar.end();
    synced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_are_read_or_refused() {
        for (text, seconds) in [
            ("30s", 30),
            ("5m", 300),
            ("2h", 7200),
            ("90", 90),
            ("1min", 60),
        ] {
            assert_eq!(seconds_of(text), Ok(seconds));
        }
        for text in [
            "",
            "0",
            "0m",
            "m",
            "-5m",
            "5d",
            "5 m",
            "99999999999999999999h",
            "8000h",
        ] {
            assert!(seconds_of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_folder_is_named_from_the_root_on() {
        assert_eq!(whole("s3://a/b"), "s3://a/b");
        assert_eq!(whole("/mnt/x"), "/mnt/x");
        let here = std::env::current_dir().unwrap();
        assert_eq!(whole("no-such"), here.join("no-such").display().to_string());
    }
}
