//! Looking after the store: verify, rebuild, digest, recover, backup.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::bench::Bench;
use crate::domain::refusal::Refusal;
use crate::identify::text::clean;

use super::done::{Done, Trouble};
use super::place::Place;
use super::table::Table;

/// Arguments of `recover`.
#[derive(Debug, Args)]
pub struct RecoverArgs {
    /// Go on without the records that are lost
    #[arg(long)]
    pub accept_loss: bool,
}

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// An empty or new folder
    pub to: PathBuf,
}

/// Walks every chain.
pub fn verify(place: &Place) -> Result<Done, Trouble> {
    let found = place.session()?.verify()?;
    let mut text = format!(
        "{}: {} records\n",
        if found.ok { "Whole" } else { "NOT WHOLE" },
        found.entries
    );
    let mut table = Table::new(&["Site", "Last record", ""]);
    for site in &found.sites {
        let own = if site.own { "this site" } else { "" };
        table.row([site.site.as_str(), &site.last.to_string(), own]);
    }
    text.push_str(&table.text());
    for problem in &found.problems {
        say!(
            text,
            "{}{}: {}\n  {}\n",
            if problem.accepted {
                "accepted earlier: "
            } else {
                ""
            },
            clean(&problem.place),
            clean(&problem.what),
            clean(&problem.meaning),
        );
        // What was accepted asks for nothing more.
        if !problem.accepted {
            say!(text, "  {}\n", clean(&problem.advice));
        }
    }
    let json = json!({
        "ok": found.ok,
        "entries": found.entries,
        "sites": found.sites,
        "problems": found.problems,
    });
    Ok(Done::new(text, json).code(if found.ok { 0 } else { 3 }))
}

/// The digest, as one line.
pub fn digest(place: &Place) -> Result<Done, Trouble> {
    let digest = place.session()?.digest()?;
    Ok(Done::new(digest.clone(), json!({"digest": digest})))
}

/// Builds the working copy anew.
pub fn rebuild(place: &Place) -> Result<Done, Trouble> {
    let session = place.session()?;
    let mut bar = super::progress::Bar::new(place.json());
    let entries = session.rebuild(&mut |step| bar.at(&step.doing, step.done, step.total))?;
    bar.end();
    Ok(Done::new(
        format!("The working copy was built anew from {entries} records."),
        json!({"entries": entries}),
    ))
}

/// Opens a damaged store and accepts what is lost.
pub fn recover(place: &Place, arguments: &RecoverArgs) -> Result<Done, Trouble> {
    if !arguments.accept_loss {
        return Err(Refusal::rule(
            "Recovering goes on without the records that cannot be read. Nothing was changed.",
            "Look at `tagout verify` first and try a backup. Then say `tagout recover --accept-loss`.",
        )
        .into());
    }
    let notices = Bench::recover(place.options(None))?;
    let mut text: String = notices
        .iter()
        .map(|notice| format!("{}\n", clean(notice)))
        .collect();
    if notices.is_empty() {
        text.push_str("The store is whole; nothing had to be given up.\n");
    }
    Ok(Done::new(text, json!({"notices": notices})))
}

/// Copies the journal and the keys.
pub fn backup(place: &Place, arguments: &BackupArgs) -> Result<Done, Trouble> {
    let to = std::path::absolute(&arguments.to)
        .map_err(|error| Trouble::file("use", &arguments.to, &error))?;
    let made = place.session()?.backup(&to)?;
    Ok(Done::new(
        format!(
            "Backed up {} records ({} bytes) to {} and read them back.",
            made.entries,
            made.bytes,
            clean(&made.dir)
        ),
        json!({"dir": made.dir, "entries": made.entries, "bytes": made.bytes}),
    ))
}
