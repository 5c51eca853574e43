//! `device import` and `device import-models`: lists and published records from files, all or nothing.
//!
//! The file is read here and sent; the plan is made where the store is.
//!
//! Invariant: the plan is made and carried out under one write guard, so nothing can change between the two; a dry run
//! makes the same plan and records nothing.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::bench::seat::Errand;
use crate::bench::{Act, Bench, BulkStep, Failure, Made, new_command_id};
use crate::domain::command::{Command, shop_id};
use crate::domain::context::World as _;
use crate::domain::device::{DeviceEvent, Field};
use crate::domain::event::Event;
use crate::domain::refusal::Refusal;
use crate::domain::shop::ShopEvent;
use crate::identify::text::clean;
use crate::interop::csv::{
    self, ColumnMap, CsvOptions, DateOrder, ImportPlan, KnownDevices, Mistake, Sheet,
};
use crate::interop::gudid;

use super::super::done::{Done, Trouble};
use super::super::parcel;
use super::super::place::Place;
use super::super::progress::Bar;

/// Lines of detail that a report for people shows at most.
const SHOWN: usize = 60;

/// A map file, as help shows it.
const MAP: &str = "\
A map file says what your own headings and words mean:

  dates = \"dmy\"                 # or \"mdy\": month first
  [columns]                     # your heading = our field; \"ignore\" keeps a column out
  \"Betr.-Nr.\" = \"tag\"
  [values.status]               # your word = our word
  \"ACTIVE\" = \"in-service\"
  [defaults]                    # for new devices that say nothing there
  ownership = \"hospital\"

The fields are those of `device set`; --save-map NAME keeps the map in the store.";

/// Arguments of `device import`.
#[derive(Debug, Args)]
#[command(after_help = MAP)]
pub struct ImportArgs {
    /// The list, as exported
    pub file: PathBuf,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// A column map: a TOML file, or the name of a saved one
    #[arg(long, value_name = "FILE")]
    pub map: Option<String>,
    /// Save the map under this name in the store
    #[arg(long, value_name = "NAME", requires = "map")]
    pub save_map: Option<String>,
    /// How 03/04/2024 is read: dmy or mdy
    #[arg(long, value_parser = date_order)]
    pub dates: Option<DateOrder>,
    /// Import the good rows and write the refused ones to this file for repair
    #[arg(long, value_name = "FILE")]
    pub skip_bad: Option<PathBuf>,
}

/// Arguments of `device import-models`.
#[derive(Debug, Args)]
pub struct ModelsArgs {
    /// A release file of AccessGUDID (XML) or an answer of openFDA's device/udi (JSON)
    pub file: PathBuf,
}

fn date_order(text: &str) -> Result<DateOrder, String> {
    DateOrder::from_key(text).ok_or_else(|| "use one of: dmy, mdy".to_owned())
}

fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    std::fs::read(path).map_err(|error| Trouble::file("read", path, &error))
}

/// What the maker of steps leaves behind.
#[derive(Default)]
struct Outcome {
    sheet: Option<Sheet>,
    plan: ImportPlan,
    mistakes: Vec<Mistake>,
    blocked: bool,
}

/// What the task is asked, beside the list itself.
#[derive(Serialize, Deserialize)]
struct Wish {
    map: Option<MapWish>,
    save_map: Option<String>,
    dates: Option<DateOrder>,
    dry_run: bool,
    /// The good rows may be taken without the bad ones.
    keep_good: bool,
}

/// A column map, as text or by the name it was saved under.
#[derive(Serialize, Deserialize)]
enum MapWish {
    Text(String),
    Saved(String),
}

/// The name of the task that takes a device list over.
pub const DEVICES: &str = "import devices";
/// The name of the task that takes published models over.
pub const MODELS: &str = "import models";

/// Takes a device list over.
pub fn devices(place: &Place, arguments: &ImportArgs) -> Result<Done, Trouble> {
    let bytes = read(&arguments.file)?;
    let map = match &arguments.map {
        Some(map) if Path::new(map).exists() => {
            let text = read(Path::new(map))?;
            Some(MapWish::Text(String::from_utf8_lossy(&text).into_owned()))
        }
        Some(name) => Some(MapWish::Saved(name.clone())),
        None => None,
    };
    let wish = Wish {
        map,
        save_map: arguments.save_map.clone(),
        dates: arguments.dates,
        dry_run: arguments.dry_run,
        keep_good: arguments.skip_bad.is_some(),
    };
    let session = place.work()?;
    let mut bar = Bar::new(place.json());
    let made = session.task(DEVICES, &parcel::pack(&wish, &[&bytes])?, &mut |step| {
        bar.at("Importing", step.done, step.total);
    });
    bar.end();
    let (code, parts): (i32, Vec<Vec<u8>>) = parcel::unpack(&made?)?;
    let [text, json, refused] = parts.as_slice() else {
        return Err(parcel::broken().into());
    };
    let mut text = String::from_utf8_lossy(text).into_owned();
    if let (Some(file), false) = (&arguments.skip_bad, refused.is_empty()) {
        std::fs::write(file, refused).map_err(|error| Trouble::File {
            what: format!(
                "The good rows were imported, but the refused ones could not be written to {}: {error}.",
                file.display()
            ),
            hint: "Check the path, then import the same file again: rows that are in already stay as they are."
                .to_owned(),
        })?;
        say!(
            text,
            "Refused rows are in {}.\n",
            clean(&file.display().to_string())
        );
    }
    let json = serde_json::from_slice(json).unwrap_or(Value::Null);
    Ok(Done::new(text, json).code(code))
}

/// The task: plans the list against the devices on record, and carries the plan out.
pub fn import_devices(
    bench: &Bench,
    errand: &Errand<'_>,
    given: &[u8],
    hear: &mut dyn FnMut(crate::bench::link::Step),
) -> Result<Vec<u8>, Failure> {
    let (wish, parts): (Wish, Vec<Vec<u8>>) = parcel::unpack(given)?;
    let [bytes] = parts.as_slice() else {
        return Err(parcel::broken());
    };
    let mut outcome = Outcome::default();
    let mut steps: Option<Vec<Step>> = None;
    let total = Cell::new(0);
    let done = bench.tell_bulk(
        errand.uid,
        &mut |made| {
            if steps.is_none() {
                let text = match &wish.map {
                    Some(MapWish::Text(text)) => Some(text.clone()),
                    Some(MapWish::Saved(name)) => Some(saved_map(made, name)?),
                    None => None,
                };
                outcome = look(made, bytes, text.as_deref(), wish.dates)?;
                steps = Some(plan_steps(&outcome, &wish, text.as_deref()));
                total.set(steps.as_ref().map_or(0, Vec::len) as u64);
            }
            let Some(steps) = &mut steps else {
                return Ok(None);
            };
            next(steps, made, errand.actor)
        },
        &mut |done| {
            hear(crate::bench::link::Step {
                doing: String::new(),
                done,
                total: Some(total.get()),
            });
        },
    )?;
    report(&outcome, &wish, bytes, done.entries)
}

/// One thing to record; a device that is added may have to be placed after it.
enum Step {
    Tell(Box<Command>),
    Place(Box<crate::interop::csv::PlannedRow>),
}

fn next(steps: &mut Vec<Step>, made: &Made<'_>, actor: &str) -> Result<Option<BulkStep>, Failure> {
    loop {
        let Some(step) = steps.pop() else {
            return Ok(None);
        };
        let command = match step {
            Step::Tell(command) => *command,
            Step::Place(row) => {
                let added = made.last.iter().find(|addressed| {
                    matches!(
                        &addressed.event,
                        Event::Device(DeviceEvent::Registered { .. })
                    )
                });
                match added.and_then(|added| csv::place_added(&row, added.to().id)) {
                    Some(command) => command,
                    None => continue,
                }
            }
        };
        return Ok(Some(BulkStep {
            id: new_command_id()?,
            actor: actor.to_owned(),
            at: None,
            act: Act::Tell(Box::new(command)),
        }));
    }
}

/// Reads the list and plans it against the devices on record.
fn look(
    made: &Made<'_>,
    bytes: &[u8],
    map: Option<&str>,
    dates: Option<DateOrder>,
) -> Result<Outcome, Failure> {
    let map = match map.map(ColumnMap::from_toml).transpose() {
        Ok(map) => map.unwrap_or_default(),
        Err(mistakes) => {
            return Ok(Outcome {
                mistakes,
                blocked: true,
                ..Outcome::default()
            });
        }
    };
    let options = CsvOptions {
        map,
        dates,
        delimiter: None,
    };
    let sheet = match csv::read(bytes, &options) {
        Ok(sheet) => sheet,
        Err(mistakes) => {
            return Ok(Outcome {
                mistakes,
                blocked: true,
                ..Outcome::default()
            });
        }
    };
    let mut ids = BTreeSet::new();
    for row in &sheet.rows {
        for name in [row.tag().unwrap_or_default(), row.text(Field::Serial)] {
            if !name.is_empty() {
                ids.extend(made.view.devices_named(name));
            }
        }
    }
    let known = KnownDevices::new(
        ids.into_iter()
            .filter_map(|id| Some((id, Arc::unwrap_or_clone(made.view.device(id)?)))),
    );
    let plan = csv::plan(&sheet, &|row| known.find(row));
    Ok(Outcome {
        blocked: sheet.is_blocked(),
        sheet: Some(sheet),
        plan,
        mistakes: Vec::new(),
    })
}

fn saved_map(made: &Made<'_>, name: &str) -> Result<String, Failure> {
    made.view
        .shop_state(shop_id(made.context.site))
        .and_then(|shop| shop.column_maps.get(name).cloned())
        .ok_or_else(|| {
            Refusal::not_found(
                format!("There is no file and no saved map \"{name}\". Nothing was imported."),
                "Give a TOML file, or save one with --save-map NAME.",
            )
            .into()
        })
}

/// The steps in backward order, so that each is taken from the end. None when something stands against the import.
fn plan_steps(outcome: &Outcome, wish: &Wish, map: Option<&str>) -> Vec<Step> {
    let mut steps = Vec::new();
    if wish.dry_run || stands_against(outcome, wish) {
        return steps;
    }
    for row in &outcome.plan.rows {
        steps.extend(
            csv::commands(row)
                .into_iter()
                .map(|command| Step::Tell(Box::new(command))),
        );
        steps.push(Step::Place(Box::new(row.clone())));
    }
    if let (Some(name), Some(text)) = (&wish.save_map, map) {
        steps.push(Step::Tell(Box::new(Command::Shop(
            ShopEvent::ColumnMapSaved {
                name: name.clone(),
                text: text.to_owned(),
            },
        ))));
    }
    steps.reverse();
    steps
}

/// Whether the import must not go on as it is.
fn stands_against(outcome: &Outcome, wish: &Wish) -> bool {
    let Some(sheet) = &outcome.sheet else {
        return true;
    };
    let bad = !sheet.refused.is_empty() || outcome.plan.counts().conflict > 0;
    outcome.blocked || (bad && !wish.keep_good)
}

fn report(outcome: &Outcome, wish: &Wish, bytes: &[u8], entries: u64) -> Result<Vec<u8>, Failure> {
    let against = stands_against(outcome, wish);
    let counts = outcome.plan.counts();
    let mut text = String::new();
    let mut refused = Vec::new();
    let mut json = json!({
        "imported": !wish.dry_run && !against,
        "dry_run": wish.dry_run,
        "added": counts.add,
        "updated": counts.update,
        "same": counts.same,
        "conflicts": counts.conflict,
        "entries": entries,
        "mistakes": outcome.mistakes,
    });
    for mistake in &outcome.mistakes {
        say!(text, "{}\n", clean(&mistake.to_string()));
    }
    if let (Some(sheet), Some(map)) = (&outcome.sheet, json.as_object_mut()) {
        text.push_str(&csv::sheet_text(sheet, SHOWN));
        if !sheet.unknown_columns.is_empty() {
            text.push_str(
                "A column that is not known can be named in a map file; `tagout device import --help` shows one.\n",
            );
        }
        text.push_str(&csv::plan_text(&outcome.plan, SHOWN));
        map.insert("sheet".to_owned(), csv::sheet_json(sheet));
        map.insert("plan".to_owned(), csv::plan_json(&outcome.plan));
        map.insert("refused".to_owned(), json!(sheet.refused.len()));
        if wish.keep_good && !against && !wish.dry_run {
            refused = csv::write_bad_with(sheet, bytes, &outcome.plan.conflicts());
        }
    }
    let words = if against {
        "Nothing was imported. Correct the list, or import the good rows with --skip-bad FILE.\n"
    } else if wish.dry_run {
        "Nothing was changed: this was a dry run.\n"
    } else {
        "Imported.\n"
    };
    text.push_str(words);
    let json = json.to_string();
    parcel::pack(
        &i32::from(against),
        &[text.as_bytes(), json.as_bytes(), &refused],
    )
}

/// Takes published model records over.
pub fn models(place: &Place, arguments: &ModelsArgs) -> Result<Done, Trouble> {
    let bytes = read(&arguments.file)?;
    let published = gudid::read(&bytes);
    let source = arguments
        .file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    if published.models.is_empty() {
        let mut text = String::new();
        for mistake in &published.mistakes {
            say!(text, "{}\n", clean(&mistake.to_string()));
        }
        text.push_str("Nothing was imported.\n");
        return Ok(Done::new(text, models_json(0, 0, &published.mistakes)).code(1));
    }
    let session = place.work()?;
    let found = published.models.len();
    let mut bar = Bar::new(place.json());
    let made = session.task(MODELS, &parcel::pack(&source, &[&bytes])?, &mut |step| {
        bar.at("Importing", step.done, step.total);
    });
    bar.end();
    let ((entries, same), _): ((u64, u64), Vec<Vec<u8>>) = parcel::unpack(&made?)?;
    let mut text = String::new();
    for mistake in &published.mistakes {
        say!(text, "{}\n", clean(&mistake.to_string()));
    }
    say!(
        text,
        "{found} model records: {} new or changed, {same} known already.\n",
        (found as u64).saturating_sub(same)
    );
    Ok(Done::new(
        text,
        models_json(entries, same, &published.mistakes),
    ))
}

fn models_json(entries: u64, same: u64, mistakes: &[Mistake]) -> Value {
    json!({"imported": entries, "same": same, "mistakes": mistakes})
}

/// The task: takes the records over that are not on record as they are.
pub fn import_models(
    bench: &Bench,
    errand: &Errand<'_>,
    given: &[u8],
    hear: &mut dyn FnMut(crate::bench::link::Step),
) -> Result<Vec<u8>, Failure> {
    let (source, parts): (String, Vec<Vec<u8>>) = parcel::unpack(given)?;
    let [bytes] = parts.as_slice() else {
        return Err(parcel::broken());
    };
    let models = gudid::read(bytes).models;
    let total = models.len() as u64;
    let mut models = models.into_iter();
    let mut same = 0_u64;
    let done = bench.tell_bulk(
        errand.uid,
        &mut |made| {
            for facts in models.by_ref() {
                // The same facts again are nothing new.
                let known = made.view.model_of(&facts.di);
                if known.is_some_and(|model| model.facts == facts) {
                    same += 1;
                    continue;
                }
                return Ok(Some(BulkStep {
                    id: new_command_id()?,
                    actor: errand.actor.to_owned(),
                    at: None,
                    act: Act::Tell(Box::new(Command::ImportModel {
                        facts,
                        source: source.clone(),
                    })),
                }));
            }
            Ok(None)
        },
        &mut |done| {
            hear(crate::bench::link::Step {
                doing: String::new(),
                done,
                total: Some(total),
            });
        },
    )?;
    parcel::pack(&(done.entries, same), &[])
}
