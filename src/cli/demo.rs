//! `demo`: a made-up hospital with two years of history.

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use crate::bench::{Bench, BenchOptions};
use crate::demo::{self, DEVICES, DemoOptions, MOST_DEVICES};
use crate::domain::refusal::Refusal;
use crate::identify::text::clean;

use super::done::{Done, Trouble};
use super::place::Place;
use super::progress::Bar;

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// How many devices
    #[arg(long, default_value_t = DEVICES, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_DEVICES)))]
    pub devices: u32,
    /// The seed: another one gives another hospital
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The day on which the story ends (default: today)
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<NaiveDate>,
    /// Fill the store only
    #[arg(long)]
    pub no_tui: bool,
}

/// Fills the store.
pub fn run(place: &Place, arguments: &DemoArgs) -> Result<Done, Trouble> {
    let options = DemoOptions {
        devices: arguments.devices,
        seed: arguments.seed,
        today: arguments
            .today
            .unwrap_or_else(|| place.clock().today(crate::bench::clock::machine_zone())),
    };
    let (bench, _) = Bench::open(BenchOptions {
        clock: options.clock(),
        ..place.options(Some(options.new_store()))
    })
    .map_err(real_store)?;
    let mut bar = Bar::new(place.json());
    let summary = demo::fill(&bench, &options, &mut |done| {
        bar.at("Making the hospital", done, None)
    });
    bar.end();
    let summary = summary?;
    let dir = bench.dir().display().to_string();
    let text = format!(
        "{}: {} devices, {} signed inspections, {} answers, in {}\nOpen it as {} (passphrase \"{}\").\n",
        demo::HOSPITAL,
        summary.devices,
        summary.inspections,
        summary.answers,
        clean(&dir),
        summary.technician,
        summary.passphrase
    );
    let json = json!({
        "store": dir,
        "devices": summary.devices,
        "inspections": summary.inspections,
        "answers": summary.answers,
        "entries": summary.entries,
        "technician": summary.technician,
        "passphrase": summary.passphrase,
    });
    Ok(Done::new(text, json))
}

/// A store with real records is never filled with made-up ones.
fn real_store(failure: crate::bench::Failure) -> Trouble {
    match failure {
        crate::bench::Failure::Refused(_) => Refusal::rule(
            "This store holds real records; a demonstration is never put among them. Nothing was changed.",
            "Name another folder with --store DIR.",
        )
        .into(),
        other => other.into(),
    }
}
