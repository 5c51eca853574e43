//! `demo`: a made-up hospital with two years of history.

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use crate::bench::clock::{Clock, machine_zone};
use crate::bench::link::Step;
use crate::bench::query::{Answer, Query};
use crate::bench::{Bench, BenchOptions, Failure, Notice, Session};
use crate::demo::{self, DEVICES, DemoOptions, MOST_DEVICES};
use crate::domain::refusal::Refusal;
use crate::identify::text::clean;

use super::done::{Done, Trouble};
use super::place::Place;
use super::progress::Bar;
use super::screen;

/// The file in a demonstration's folder that says that it was made to its end.
const MADE: &str = "demo-made";

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

/// Fills the store and, unless told otherwise, opens the terminal face on it.
pub fn run(place: &Place, arguments: DemoArgs) -> Result<Done, Trouble> {
    let place = place.with_store(place.folders().demo.clone());
    if arguments.no_tui {
        return fill(&place, &arguments);
    }
    let mut here = place.clone();
    screen::show(&place, move |progress| {
        let elsewhere = arguments.today.is_some_and(|day| day != today(&here));
        // A demonstration that is there already is gone on with, where it was left; one that was interrupted while it
        // was made is made now.
        let mark = here.folders().store.join(MADE);
        let begun = here.folders().store.join("journal").exists();
        if !(begun && mark.exists()) {
            let options = story(&here, &arguments);
            if here.in_process() || elsewhere {
                make(&here, &options, &|step| progress(step))?;
            } else {
                here = here.making(options);
            }
        }
        // The story stands at its last morning; from here on time goes by, unless another day was asked for.
        if elsewhere && std::env::var_os("TAGOUT_CLOCK").is_none() {
            here = here.with_clock(Clock::set(story(&here, &arguments).end()));
        }
        let opened = screen::open(&here, progress)?;
        demonstration(&opened.session)?;
        Ok(opened)
    })
}

/// Refuses a store that is no demonstration, or that somebody opened before it was one.
fn demonstration(session: &Session) -> Result<(), Failure> {
    let shop = session.shop()?;
    if !shop.demo {
        return Err(real().into());
    }
    if shop.devices == 0 {
        return Err(Refusal::rule(
            "This demonstration was never made to its end, and another session has it open. Nothing was changed.",
            "End that session, then `tagout host stop` with the same --store, then try again.",
        )
        .into());
    }
    Ok(())
}

/// The demonstration, made if it is not there yet, with the machine's clock.
pub fn make(place: &Place, options: &DemoOptions, hear: &dyn Fn(Step)) -> Result<Bench, Failure> {
    let (bench, _) = made(place, options).map_err(real_store)?;
    if devices(&bench)? == 0 {
        demo::fill(&bench, options, &mut |done| {
            hear(Step {
                doing: "making the demo hospital".to_owned(),
                done,
                total: None,
            });
        })?;
    }
    mark_made(&bench);
    Ok(bench.with_clock(place.clock().clone()))
}

/// The options as one word, for the host that makes it.
pub fn in_short(options: &DemoOptions) -> String {
    format!("{}:{}:{}", options.devices, options.seed, options.today)
}

/// The other way round.
pub fn from_short(text: &str) -> Result<DemoOptions, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let [devices, seed, today] = parts[..] else {
        return Err("DEVICES:SEED:DAY".to_owned());
    };
    Ok(DemoOptions {
        devices: devices
            .parse()
            .map_err(|_| "DEVICES is a number".to_owned())?,
        seed: seed.parse().map_err(|_| "SEED is a number".to_owned())?,
        today: today.parse().map_err(|_| "DAY is a date".to_owned())?,
    })
}

fn today(place: &Place) -> NaiveDate {
    place.clock().today(machine_zone())
}

fn story(place: &Place, arguments: &DemoArgs) -> DemoOptions {
    DemoOptions {
        devices: arguments.devices,
        seed: arguments.seed,
        today: arguments.today.unwrap_or_else(|| today(place)),
    }
}

/// The store of a demonstration, opened at the beginning of its story.
fn made(place: &Place, options: &DemoOptions) -> Result<(Bench, Vec<Notice>), Failure> {
    Bench::open(BenchOptions {
        clock: options.clock(),
        ..place.options(Some(options.new_store()))
    })
}

fn fill(place: &Place, arguments: &DemoArgs) -> Result<Done, Trouble> {
    let options = story(place, arguments);
    // One that was interrupted while it was made is made to its end.
    if place.folders().store.join(MADE).exists() && place.folders().store.join("journal").exists() {
        return Err(another().into());
    }
    let (bench, _) = made(place, &options).map_err(real_store)?;
    let before = devices(&bench)?;
    let mut bar = Bar::new(place.json());
    let summary = demo::fill(&bench, &options, &mut |done| {
        bar.at("Making the hospital", done, None);
    });
    bar.end();
    let summary = summary.map_err(|failure| match failure {
        Failure::Refused(_) if before > 0 => another(),
        other => other,
    })?;
    mark_made(&bench);
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

/// How many devices are on record.
fn devices(bench: &Bench) -> Result<usize, Failure> {
    Ok(match bench.ask(&Query::Shop)? {
        Answer::Shop(shop) => shop.devices,
        _ => 0,
    })
}

/// Two demonstrations are never mixed.
fn another() -> Failure {
    Refusal::rule(
        "This folder holds a demonstration already. Nothing was changed.",
        "Name another folder with --store DIR, or open the one that is there with `tagout --store DIR`.",
    )
    .into()
}

/// Notes that the demonstration is whole. Without the mark the next start only looks once more.
fn mark_made(bench: &Bench) {
    let _ = std::fs::write(bench.dir().join(MADE), "The demonstration is complete.\n");
}

/// A store with real records is never filled with made-up ones.
fn real_store(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(_) => real().into(),
        other => other,
    }
}

fn real() -> Refusal {
    Refusal::rule(
        "This store holds real records; a demonstration is never put among them. Nothing was changed.",
        "Name another folder with --store DIR.",
    )
}
