//! Setting up depots, and how things are with them.

use std::path::Path;
use std::sync::Arc;

use super::desk::Depots;
use super::exchange::failure;
use super::files::{DepotSetting, Files};
use super::sheets::{DepotSheet, LastSync, SyncMark};
use crate::bench::Failure;
use crate::bench::service::Bench;
use crate::depot::{Depot, DepotError, Place, Settings};
use crate::domain::refusal::{Refusal, RefusalKind};

/// The longest name, in characters.
const LONGEST_NAME: usize = 32;
/// Depots of one store at most.
const MOST: usize = 16;

impl Bench {
    /// What runs with depots.
    pub(in crate::bench) fn depots(&self) -> &Arc<Depots> {
        &self.depots
    }

    /// What was set up.
    pub fn depot_list(&self) -> Result<Vec<DepotSetting>, Failure> {
        if let Some(list) = self.depots().list() {
            return Ok(list);
        }
        let files = Files::of(self.dir());
        let list = files.read()?;
        for depot in &list {
            self.depots().set_last(&depot.name, files.last(&depot.name));
        }
        self.depots().set_list(list.clone());
        Ok(list)
    }

    /// The depot with this name.
    pub fn depot_named(&self, name: &str) -> Result<DepotSetting, Failure> {
        let mut list = self.depot_list()?;
        let names: Vec<String> = list.iter().map(|depot| depot.name.clone()).collect();
        match list.iter().position(|depot| depot.name == name) {
            Some(at) => Ok(list.swap_remove(at)),
            None => Err(Refusal::not_found(
                format!("There is no depot \"{name}\" here."),
                if names.is_empty() {
                    "Add one: tagout depot add NAME FOLDER. Nothing was changed.".to_owned()
                } else {
                    format!("There are: {}. Nothing was changed.", names.join(", "))
                },
            )
            .into()),
        }
    }

    /// Sets a depot up. What to know beside it, in words.
    pub fn add_depot(&self, depot: &DepotSetting) -> Result<Vec<String>, Failure> {
        let mut list = self.depot_list()?;
        let place = self.checked(depot, &list)?;
        let notes = notes(&place)?;
        list.push(DepotSetting {
            place: place.to_string(),
            ..depot.clone()
        });
        list.sort_by(|a, b| a.name.cmp(&b.name));
        let files = Files::of(self.dir());
        files.forget(&depot.name);
        files.write(&list)?;
        self.depots().set_last(&depot.name, LastSync::default());
        self.depots().set_list(list);
        self.announce(Vec::new());
        Ok(notes)
    }

    fn checked(&self, depot: &DepotSetting, list: &[DepotSetting]) -> Result<Place, Failure> {
        let name = &depot.name;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(fits) {
            return Err(Refusal::bad_input(
                format!("\"{name}\" is no name for a depot."),
                "Use up to 32 small letters, digits, - and _, like \"stick\". Nothing was changed.",
            )
            .into());
        }
        let place = Place::parse(&depot.place).map_err(failure)?;
        let rule =
            |what: String, hint: &str| Failure::from(Refusal::new(RefusalKind::Rule, what, hint));
        if let Some(same) = list
            .iter()
            .find(|d| d.name == *name || d.place == place.to_string())
        {
            return Err(rule(
                format!(
                    "There is a depot \"{}\" at {} already.",
                    same.name, same.place
                ),
                "Remove it first (tagout depot remove), or choose another name and place. Nothing was changed.",
            ));
        }
        if list.len() >= MOST {
            return Err(rule(
                format!("{MOST} depots are here already."),
                "Remove one that is not used. Nothing was changed.",
            ));
        }
        if depot.every == Some(0) {
            return Err(rule(
                "A depot cannot be synced every 0 seconds.".to_owned(),
                "Say how often, like 5m, or --manual. Nothing was changed.",
            ));
        }
        if let Place::Folder(folder) = &place {
            if !folder.is_absolute() {
                return Err(rule(
                    format!("{} is not a whole path.", folder.display()),
                    "Name the folder from / on. Nothing was changed.",
                ));
            }
            if inside(folder, self.dir()) {
                return Err(rule(
                    format!("{} is the store itself.", folder.display()),
                    "Name a folder outside of it. Nothing was changed.",
                ));
            }
        }
        Ok(place)
    }

    /// Takes a depot from the list. What lies there stays.
    pub fn remove_depot(&self, name: &str) -> Result<(), Failure> {
        self.depot_named(name)?;
        let mut list = self.depot_list()?;
        list.retain(|depot| depot.name != name);
        let files = Files::of(self.dir());
        files.write(&list)?;
        files.forget(name);
        self.depots().set_list(list);
        self.announce(Vec::new());
        Ok(())
    }

    /// Every depot, with how things are.
    pub fn depot_sheets(&self) -> Result<Vec<DepotSheet>, Failure> {
        let running = self.depots().running();
        let mut out = Vec::new();
        for depot in self.depot_list()? {
            let last = self.depots().last(&depot.name);
            out.push(DepotSheet {
                to_send: self.to_send(&last)?,
                absent: is_absent(&depot),
                running: running
                    .as_ref()
                    .filter(|(name, _)| *name == depot.name)
                    .map(|(_, step)| step.clone()),
                depot,
                last,
            });
        }
        Ok(out)
    }

    /// Records of the own site that wait to go; none if nobody waits for them.
    pub(super) fn to_send(&self, last: &LastSync) -> Result<u64, Failure> {
        let own = self.store().site().to_string();
        let had = last.had.iter().find(|(site, _)| *site == own);
        Ok(self.store().news_after(had.map_or(0, |(_, seq)| *seq))?)
    }

    /// One short mark for all depots; `None` if there is none.
    pub(in crate::bench) fn sync_mark(&self) -> Option<SyncMark> {
        let list = self.depot_list().ok()?;
        let mut lasts: Vec<LastSync> = Vec::new();
        for depot in &list {
            let last = self.depots().last(&depot.name);
            if last.trouble.is_some() && !(last.passes && is_absent(depot)) {
                return Some(SyncMark::Trouble);
            }
            lasts.push(last);
        }
        let waits = lasts
            .iter()
            .filter_map(|last| self.to_send(last).ok())
            .max()?;
        let latest = lasts.iter().map(|last| last.good_us).max()?;
        Some(match (latest, waits) {
            (0, _) => SyncMark::Never,
            (at, 0) => SyncMark::Synced(at),
            (_, waits) => SyncMark::ToSend(waits),
        })
    }

    /// After a site was trusted: what was refused may be taken now.
    pub(in crate::bench) fn ask_depots_again(&self) -> Result<(), Failure> {
        let files = Files::of(self.dir());
        for depot in self.depot_list()? {
            let mut memory = files.memory(&depot.name);
            memory.try_again();
            files.remember_memory(&depot.name, &memory);
        }
        Ok(())
    }
}

/// A stick that is not plugged in, a share that is not connected.
pub fn is_absent(depot: &DepotSetting) -> bool {
    depot.place.starts_with('/') && !Path::new(&depot.place).is_dir()
}

fn inside(folder: &Path, store: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    real(folder).starts_with(real(store))
}

/// What a person should know of a place that is set up now. A place that this program can never reach is refused.
fn notes(place: &Place) -> Result<Vec<String>, Failure> {
    match Depot::open(place.clone(), &Settings::of_process()) {
        Ok(_) => Ok(Vec::new()),
        Err(DepotError::NoFolder { folder }) => Ok(vec![format!(
            "The folder {folder} is not there now. It is synced when it is."
        )]),
        Err(DepotError::Setup { reason, advice, .. }) => Ok(vec![format!(
            "It cannot be reached yet: {reason}. {advice}. The keys are taken from the environment of the process that has \
             the store open (`tagout host stop`, then start it where they are set)."
        )]),
        Err(error) => Err(failure(error)),
    }
}
