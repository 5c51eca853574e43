//! `bundle`: work that goes from shop to shop in files.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::bench::sync::{Arrived, ExportAsk, Scope, SiteSheet, check_signoff};
use crate::bench::{RecordCheck, Session};
use crate::bundle::{Bundle, BundleError, Header, inspect as read_header};
use crate::domain::id::{EntityId, SiteId};
use crate::domain::refusal::Refusal;
use crate::identify::text::clean;

use super::done::{Done, Trouble};
use super::place::Place;
use super::progress::Bar;
use super::table::Table;
use super::{inspection, site};

/// What may be done with bundles.
#[derive(Debug, Subcommand)]
pub enum BundleSub {
    /// Write records to a file for another shop
    Export(ExportArgs),
    /// Take in what bundles bring: everything that can be, or nothing
    Import(ImportArgs),
    /// Read the header of a bundle: who made it, and what is in it
    Inspect(FileArgs),
    /// Check a bundle from the first byte to the last, without importing it
    Verify(VerifyArgs),
}

/// Arguments of `bundle export`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("scope").args(["to", "since", "all", "inspection"]))]
pub struct ExportArgs {
    /// The file, or a folder that takes the bundle under its own name
    pub file: PathBuf,
    /// Only what this site is not known to have
    #[arg(long = "for", value_name = "SITE", id = "to")]
    pub to: Option<String>,
    /// With --for: even if there is nothing new, tell that site what arrived from it, so that its next bundle is short
    #[arg(long, requires = "to")]
    pub receipt: bool,
    /// Only what was written at this time or later (2026-11-23, or 2026-11-23T14:00)
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Everything (as without --for and --since)
    #[arg(long)]
    pub all: bool,
    /// Only this signed inspection, for somebody who has no store
    #[arg(long, value_name = "ID")]
    pub inspection: Option<String>,
    /// Only these sites can read it
    #[arg(long, value_name = "SITE", num_args = 1..)]
    pub encrypt_to: Vec<String>,
    /// The largest file in MiB; more goes to further files
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub split: u64,
}

/// Arguments of `bundle import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Bundle files, or folders with bundles
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Say what they would bring, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `bundle inspect` and `bundle verify`.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// The bundle
    pub file: PathBuf,
}

/// Arguments of `bundle verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The bundle
    pub file: PathBuf,
    /// Check the signatures of this inspection too; no store is needed
    #[arg(long, value_name = "ID")]
    pub inspection: Option<EntityId>,
}

/// Runs a bundle command.
pub fn run(place: &Place, command: BundleSub) -> Result<Done, Trouble> {
    match command {
        BundleSub::Export(arguments) => export(place, &arguments),
        BundleSub::Import(arguments) => import(place, &arguments),
        BundleSub::Inspect(arguments) => inspect(&arguments),
        BundleSub::Verify(arguments) => verify(place, &arguments),
    }
}

fn export(place: &Place, arguments: &ExportArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let sites = session.sites()?;
    let scope = match (&arguments.to, &arguments.since) {
        (Some(site), _) => {
            let site = site::id_of(site::named(&sites, site)?)?;
            if arguments.receipt {
                Scope::Receipt(site)
            } else {
                Scope::For(site)
            }
        }
        (_, Some(time)) => Scope::Since(time_of(&session, time)?),
        _ => match &arguments.inspection {
            Some(id) => Scope::Inspection(inspection::find(&session, Some(id))?),
            None => Scope::All,
        },
    };
    let mut readers = Vec::new();
    for reader in &arguments.encrypt_to {
        readers.push(site::id_of(site::named(&sites, reader)?)?);
    }
    let ask = ExportAsk {
        scope,
        readers,
        limit: arguments.split << 20,
    };
    let mut bar = Bar::new(place.json());
    let made = session.export_files(ask, &arguments.file, &mut |step| {
        bar.at(&step.doing, step.done, step.total);
    });
    bar.end();
    let made = made?;
    if made.is_empty() {
        return Ok(Done::new(
            "There is nothing to export: nothing was written since, or the other shop has it all. No file was written. \
             (With --for and --receipt the other shop hears what arrived here, and its next bundle is short.)",
            json!({"files": []}),
        ));
    }
    let mut text = String::new();
    let mut files: Vec<Value> = Vec::new();
    for (path, file) in &made {
        say!(
            text,
            "Wrote {} ({} records, {}) and read it back.\n",
            clean(&path.display().to_string()),
            file.entries,
            size(file.bytes)
        );
        files.push(json!({
            "file": path.display().to_string(),
            "bytes": file.bytes,
            "entries": file.entries,
            "hash": file.hash,
            "ranges": file.ranges,
        }));
    }
    text.push_str("It is safe to remove the stick.\n");
    Ok(Done::new(text, json!({"files": files})))
}

fn time_of(session: &Session, text: &str) -> Result<i64, Trouble> {
    let zone = session.shop()?.zone;
    let zone: chrono_tz::Tz = zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    let local = text
        .parse::<NaiveDate>()
        .ok()
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok());
    let exact = DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .ok();
    let at = exact.or_else(|| {
        let local = local?;
        zone.from_local_datetime(&local)
            .earliest()
            .map(|at| at.to_utc())
            .or_else(|| Some(Utc.from_utc_datetime(&local)))
    });
    at.map(|at| at.timestamp_micros()).ok_or_else(|| {
        Trouble::usage(
            format!("\"{}\" is not a time.", clean(text)),
            "Write it like 2026-11-23 or 2026-11-23T14:00, in the shop's time.",
        )
    })
}

fn import(place: &Place, arguments: &ImportArgs) -> Result<Done, Trouble> {
    let session = if arguments.dry_run {
        place.session()?
    } else {
        place.work()?
    };
    let mut bar = Bar::new(place.json());
    let given = session.give_files(&arguments.files, &mut |step| {
        bar.at(&step.doing, step.done, step.total);
    });
    if given.is_err() {
        bar.end();
    }
    given?;
    let arrived = if arguments.dry_run {
        session.preview_bundles(&mut |step| bar.at(&step.doing, step.done, step.total))
    } else {
        session.import_bundles(&mut |step| bar.at(&step.doing, step.done, step.total))
    };
    bar.end();
    let arrived = arrived?;
    Ok(report(&arrived, arguments.dry_run))
}

/// What came or would come, in both forms.
pub fn report(arrived: &Arrived, dry_run: bool) -> Done {
    let text: String = arrived
        .lines(dry_run)
        .iter()
        .map(|line| format!("{}\n", clean(line)))
        .collect();
    let refused = arrived.entries == 0 && arrived.waiting.iter().any(|line| !line.waits);
    Done::new(text, json!({"dry_run": dry_run, "arrived": arrived})).code(i32::from(refused))
}

fn opened(path: &std::path::Path) -> Result<File, Trouble> {
    File::open(path).map_err(|error| Trouble::file("read", path, &error))
}

fn refused(path: &std::path::Path, error: &BundleError) -> Trouble {
    Refusal::bad_input(
        format!("{}: {error}", clean(&path.display().to_string())),
        "",
    )
    .into()
}

fn inspect(arguments: &FileArgs) -> Result<Done, Trouble> {
    let mut file = opened(&arguments.file)?;
    let header = read_header(&mut file).map_err(|error| refused(&arguments.file, &error))?;
    let mut text = described(&header);
    text.push_str("Only the header was read; `tagout bundle verify` checks the rest.\n");
    Ok(Done::new(text, header_json(&header)))
}

fn verify(place: &Place, arguments: &VerifyArgs) -> Result<Done, Trouble> {
    let bundle =
        Bundle::open(opened(&arguments.file)?).map_err(|error| refused(&arguments.file, &error))?;
    let mut bar = Bar::new(place.json());
    let encrypted = !bundle.header().recipients.is_empty();
    let header = bundle.header().clone();
    let mut text = described(&header);
    let mut json = header_json(&header);
    let mut good = true;
    if encrypted {
        bundle
            .check_bytes()
            .map_err(|error| refused(&arguments.file, &error))?;
        text.push_str(
            "Every byte is as it was written. The records are encrypted: only the named sites can check them.\n",
        );
    } else {
        let checked = bundle.verify(&mut |progress| {
            bar.at("checking the bundle", progress.done, Some(progress.total));
            ControlFlow::Continue(())
        });
        bar.end();
        let mut checked = checked.map_err(|error| refused(&arguments.file, &error))?;
        let unsigned: Vec<String> = checked
            .report()
            .unsigned()
            .filter(|carried| carried.range.site != header.author)
            .map(|carried| carried.range.site.short())
            .collect();
        say!(
            text,
            "Whole: every byte, every signature and the chain of all {} records is right.\n",
            header.entries
        );
        if !unsigned.is_empty() {
            say!(
                text,
                "Of {} only the author says that these are their records.\n",
                unsigned.join(", ")
            );
        }
        if let Some(object) = json.as_object_mut() {
            object.insert("unsigned".to_owned(), json!(unsigned));
        }
        if let Some(id) = arguments.inspection.or(header.about.inspection) {
            let found = check_signoff(&mut checked, id)?;
            good = found.ok;
            text.push_str(&signed(&found));
            if let Some(object) = json.as_object_mut() {
                object.insert("inspection".to_owned(), json!(id.to_string()));
                object.insert("record".to_owned(), json!(found));
            }
        }
    }
    if let Some(object) = json.as_object_mut() {
        object.insert("ok".to_owned(), json!(good));
        object.insert("records_checked".to_owned(), json!(!encrypted));
    }
    Ok(Done::new(text, json).code(i32::from(!good)))
}

/// What the signatures of an inspection are worth.
fn signed(found: &RecordCheck) -> String {
    let mut text = String::new();
    for line in &found.signatures {
        say!(text, "{}\n", clean(line));
    }
    for problem in &found.problems {
        say!(text, "PROBLEM: {}\n", clean(problem));
    }
    say!(
        text,
        "Record {}: {}\n",
        found.digest,
        if found.ok {
            "every signature holds, and nothing was changed since."
        } else {
            "it is NOT as it was signed."
        }
    );
    text
}

fn described(header: &Header) -> String {
    let about = &header.about;
    let made = DateTime::from_timestamp_micros(about.created.wall_us)
        .map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default();
    let mut text = format!(
        "Bundle of {} (site {}), made {made} with tagout {}\nSigned by that site's key.\n",
        clean(&about.shop),
        header.author.short(),
        clean(&about.app)
    );
    let mut table = Table::new(&["Site", "From", "To", "Records"]);
    for range in &header.ranges {
        table.row([
            range.site.short(),
            range.from.to_string(),
            range.to.to_string(),
            range.count().to_string(),
        ]);
    }
    text.push_str(&table.text());
    say!(
        text,
        "{} records, {} unpacked\n",
        header.entries,
        size(header.raw_bytes)
    );
    if !header.recipients.is_empty() {
        let readers: Vec<String> = header.recipients.iter().map(|r| r.site.short()).collect();
        say!(text, "Encrypted for {}\n", readers.join(", "));
    }
    text
}

fn header_json(header: &Header) -> Value {
    let about = &header.about;
    let vector = |vector: &crate::bundle::VersionVector| -> Value {
        vector
            .iter()
            .map(|(site, seq)| (site.to_string(), json!(seq)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    json!({
        "author": header.author.to_string(),
        "shop": about.shop,
        "app": about.app,
        "made_us": about.created.wall_us,
        "entries": header.entries,
        "raw_bytes": header.raw_bytes,
        "body_bytes": header.body_bytes,
        "ranges": header.ranges.iter().map(|range| json!({
            "site": range.site.to_string(),
            "from": range.from,
            "to": range.to,
        })).collect::<Vec<_>>(),
        "needs": vector(&about.needs),
        "have": vector(&about.have),
        "encrypted_for": header.recipients.iter().map(|r| r.site.to_string()).collect::<Vec<_>>(),
    })
}

/// Bytes for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

/// A site's id among those of the sheets.
pub fn sheet_of(sites: &[SiteSheet], id: SiteId) -> Option<&SiteSheet> {
    let id = id.to_string();
    sites.iter().find(|sheet| sheet.site.id == id)
}
