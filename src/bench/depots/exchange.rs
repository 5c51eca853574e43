//! One exchange with one depot, from the turn to the words.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use super::desk::Depots;
use super::files::{DepotSetting, Files};
use super::sheets::{LastSync, Synced};
use super::shelf::{BenchShelf, Hear};
use crate::bench::Failure;
use crate::bench::link::Step;
use crate::bench::service::Bench;
use crate::bench::sync::{Arrived, Names, PASSING};
use crate::depot::{Depot, DepotError, Memory, Place, Report, Settings, Step as DepotStep};

/// Lines kept of what an exchange had to say.
const MOST_LINES: usize = 30;

/// Who asks for an exchange.
pub type By = (String, u32);

impl Bench {
    /// Exchanges with a depot, and waits for the end.
    pub fn sync_depot(
        self: &Arc<Self>,
        name: &str,
        by: By,
        hear: &mut dyn FnMut(Step),
    ) -> Result<Synced, Failure> {
        self.depot_named(name)?;
        let depots = Arc::clone(self.depots());
        exchange(&Arc::downgrade(self), &depots, name, by, hear)
    }

    /// Begins an exchange with a depot and does not wait for its end.
    pub fn start_sync(self: &Arc<Self>, name: &str, by: By) -> Result<(), Failure> {
        self.depot_named(name)?;
        let depots = Arc::clone(self.depots());
        if depots.running().is_some_and(|(running, _)| running == name) {
            return Ok(());
        }
        let (bench, name) = (Arc::downgrade(self), name.to_owned());
        let started = std::thread::Builder::new()
            .name("a sync".to_owned())
            .spawn(move || {
                if let Err(failure) = exchange(&bench, &depots, &name, by, &mut |_| {}) {
                    tracing::warn!(depot = name, "not synced: {failure}");
                }
            });
        match started {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::Store {
                words: format!(
                    "the sync could not be started ({error}). Nothing was changed; try again"
                ),
                read_only: true,
                refused: true,
            }),
        }
    }
}

/// Exchanges when it is its turn. The store is not held open meanwhile.
pub fn exchange(
    bench: &Weak<Bench>,
    depots: &Depots,
    name: &str,
    by: By,
    hear: &mut dyn FnMut(Step),
) -> Result<Synced, Failure> {
    let waiting = &mut |other: &str| {
        hear(Step {
            doing: format!("waiting for the sync with {other}"),
            done: 0,
            total: None,
        });
    };
    let turn = depots.turn(name, waiting);
    let (Some(turn), Some(now)) = (turn, bench.upgrade()) else {
        return Err(failure(DepotError::Stopped));
    };
    // It may have been removed meanwhile.
    let depot = now.depot_named(name)?;
    let files = Files::of(now.dir());
    let mut memory = files.memory(name);
    let mut last = files.last(name);
    drop(now);
    let went = attempt(bench, depots, &depot, by, &mut memory, hear);
    let Some(now) = bench.upgrade() else {
        return Err(failure(DepotError::Stopped));
    };
    let before = last.clone();
    last.at_us = now.clock().micros();
    last.count += 1;
    let result = went.and_then(|(report, arrived)| {
        spoken(&now, name, report, arrived).map_err(|failure| (failure, false))
    });
    match &result {
        Ok(synced) => {
            last = LastSync {
                count: last.count,
                at_us: last.at_us,
                good_us: last.at_us,
                sent: synced.sent,
                received: synced.received,
                trouble: None,
                passes: false,
                lines: synced.lines().into_iter().take(MOST_LINES).collect(),
                had: memory
                    .had()
                    .iter()
                    .map(|(site, seq)| (site.to_string(), seq))
                    .collect(),
            };
        }
        // That the host was stopped in the middle is no trouble of the place.
        Err(_) if depots.is_stopping() => {}
        Err((failure, passes)) => {
            last.trouble = Some(failure.to_string());
            last.passes = *passes;
        }
    }
    if now.depot_named(name).is_ok() {
        files.remember(name, &memory, &last);
        now.depots().set_last(name, last.clone());
    }
    drop(turn);
    // Who looks on is told only if there is something to see.
    let seen = |last: &LastSync| (last.trouble.clone(), last.had.clone(), last.good_us > 0);
    if seen(&before) != seen(&last) {
        now.announce(Vec::new());
    }
    result.map_err(|(failure, _)| failure)
}

/// What came of it; or why it went wrong, and whether that may pass by itself.
fn attempt(
    bench: &Weak<Bench>,
    depots: &Depots,
    depot: &DepotSetting,
    by: By,
    memory: &mut Memory,
    hear: &mut dyn FnMut(Step),
) -> Result<(Report, Arrived), (Failure, bool)> {
    let lasting = |failure| (failure, false);
    let hear: Hear<'_> = RefCell::new(hear);
    let now = bench.upgrade();
    let now = now.ok_or_else(|| lasting(failure(DepotError::Stopped)))?;
    let scratch = Scratch::new(now.dir()).map_err(lasting)?;
    let mut shelf = BenchShelf::new(&now, by, depot.encrypted, &hear).map_err(lasting)?;
    drop(now);
    let place = Place::parse(&depot.place);
    let synced = place
        .and_then(|place| Depot::open(place, &Settings::of_process()))
        .and_then(|depot| {
            depot.sync(&mut shelf, memory, &scratch.0, &mut |step| {
                if depots.is_stopping() || bench.strong_count() == 0 {
                    return ControlFlow::Break(());
                }
                let step = words(step);
                depots.at(&step.doing);
                (hear.borrow_mut())(step);
                ControlFlow::Continue(())
            })
        });
    match synced {
        Ok(report) => Ok((report, shelf.arrived)),
        Err(error) => {
            let passes = error.passes();
            // The store says more of its own trouble than the depot can.
            let of_shelf = matches!(error, DepotError::Shelf(_));
            let known = shelf.failure.filter(|_| of_shelf);
            Err((known.unwrap_or_else(|| failure(error)), passes))
        }
    }
}

fn words(step: DepotStep) -> Step {
    let (doing, done, total) = match step {
        DepotStep::Looking => ("looking at what lies there", 0, None),
        DepotStep::Uploading(done, all) => ("sending bundles", done, Some(all as u64)),
        DepotStep::Downloading(done, all) => ("fetching bundles", done, Some(all as u64)),
        DepotStep::Compacting => ("putting small bundles together", 0, None),
    };
    Step {
        doing: doing.to_owned(),
        done: done as u64,
        total,
    }
}

/// What an exchange did, with the names of the sites.
fn spoken(
    bench: &Bench,
    name: &str,
    report: Report,
    mut arrived: Arrived,
) -> Result<Synced, Failure> {
    bench.still_waiting(&mut arrived)?;
    let names = Names::here(bench)?;
    let mut warnings = report.warnings.words;
    if report.warnings.more > 0 {
        warnings.push(format!("{} more of this kind", report.warnings.more));
    }
    if report.own_ahead > 0 {
        warnings.push(format!(
            "{} records of this shop lay there that were not here: the store had been set back",
            report.own_ahead
        ));
    }
    Ok(Synced {
        name: name.to_owned(),
        sent: report.entries_up,
        uploaded: report.uploaded,
        received: report.entries_down,
        downloaded: report.downloaded,
        bytes_down: report.bytes_down,
        replaced: report.replaced,
        gaps: report
            .gaps
            .iter()
            .map(|gap| (names.of_site(gap.site), gap.from, gap.to))
            .collect(),
        behind: report
            .behind
            .iter()
            .map(|(site, lacks)| (names.of_site(*site), *lacks))
            .collect(),
        sealed: report
            .sealed
            .iter()
            .map(|site| names.of_site(*site))
            .collect(),
        warnings,
        arrived,
    })
}

/// What went wrong with a place: the store is well.
pub fn failure(error: DepotError) -> Failure {
    Failure::Store {
        words: error.to_string(),
        read_only: true,
        refused: true,
    }
}

/// A folder for bundles on their way; it goes when dropped.
struct Scratch(PathBuf);

static NEXT: AtomicU64 = AtomicU64::new(0);

impl Scratch {
    fn new(store: &Path) -> Result<Self, Failure> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = format!("depot-{}-{number}", std::process::id());
        let path = store.join(PASSING).join(folder);
        std::fs::create_dir_all(&path).map_err(|error| {
            failure(DepotError::Here {
                doing: "make a folder for bundles on their way".to_owned(),
                reason: error.to_string(),
            })
        })?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
