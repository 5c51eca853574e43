//! `device history`: what happened, newest first.

use clap::Args;
use serde_json::{Value, json};

use crate::bench::Session;
use crate::domain::event::{Aggregate, Kind};

use super::super::done::{Done, Trouble};
use super::super::pick;
use super::super::place::Place;
use super::super::table::Table;

/// Arguments of `device history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// Tag, serial, earlier tag or id
    pub device: String,
    /// At most this many lines
    #[arg(short, long = "number", default_value_t = 50, value_name = "K")]
    pub n: usize,
    /// Leave out this many of the newest
    #[arg(long, default_value_t = 0, value_name = "K")]
    pub skip: usize,
}

/// The history of a device.
pub fn run(place: &Place, arguments: &HistoryArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let id = pick::device(&session, &arguments.device)?;
    of(
        &session,
        Aggregate {
            kind: Kind::Device,
            id,
        },
        arguments.skip,
        arguments.n,
    )
}

/// The history of anything.
pub fn of(session: &Session, what: Aggregate, skip: usize, n: usize) -> Result<Done, Trouble> {
    let window = session.history(what, skip, n)?;
    let mut table = Table::new(&["When", "Who", "What", "Entry"]);
    for line in &window.rows {
        table.row([line.at.minute().as_str(), &line.by, &line.what, &line.entry]);
    }
    let rows: Vec<Value> = window
        .rows
        .iter()
        .map(|line| {
            json!({"at": line.at.rfc3339(), "by": line.by, "what": line.what, "entry": line.entry})
        })
        .collect();
    let mut text = table.text();
    let more = window.total.saturating_sub(skip + window.rows.len());
    if more > 0 {
        say!(text, "{more} older ones; give --skip and -n.\n");
    }
    Ok(Done::new(
        text,
        json!({"total": window.total, "lines": rows}),
    ))
}
