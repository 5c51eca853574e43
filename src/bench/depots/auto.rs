//! Exchanges in the background, in a process that stays: the host.
//!
//! Invariants: the thread holds the store only to look; it ends by itself when the store is closed, and soon when it is
//! told to.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use super::desk::Depots;
use super::exchange::exchange;
use super::files::DepotSetting;
use super::manage::is_absent;
use super::timing::Timing;
use crate::bench::service::{Bench, own_uid};

/// How often a folder is looked for that may be plugged in.
const LOOK: Duration = Duration::from_secs(2);
/// How long leaving waits for an exchange that is in the middle of a request.
const LEAVING: Duration = Duration::from_secs(2);

/// The thread that exchanges.
#[derive(Debug)]
pub struct Background {
    depots: Arc<Depots>,
}

impl Bench {
    /// Begins to exchange with all depots that are not left to people.
    pub fn keep_syncing(self: &Arc<Self>) -> io::Result<Background> {
        let depots = Arc::clone(self.depots());
        let (weak, own) = (Arc::downgrade(self), Arc::clone(&depots));
        thread::Builder::new()
            .name("depots".to_owned())
            .spawn(move || run(&weak, &own))?;
        Ok(Background { depots })
    }
}

impl Background {
    /// Ends whatever runs at its next safe place, and begins nothing more. One that waits for a place that does not answer
    /// is left alone after a moment: it holds nothing.
    pub fn stop(&self) {
        self.depots.stop();
        self.depots.wait_until_quiet(LEAVING);
    }
}

fn run(bench: &Weak<Bench>, depots: &Depots) {
    let mut plan: BTreeMap<String, (DepotSetting, Timing)> = BTreeMap::new();
    loop {
        let seen = depots.news();
        if depots.is_stopping() {
            return;
        }
        let Some(now) = bench.upgrade() else { return };
        let folders = look(&now, depots, &mut plan);
        drop(now);
        let moment = Instant::now();
        let due = plan
            .iter()
            .filter_map(|(name, (_, timing))| Some((timing.due()?, name.clone())))
            .min();
        match due {
            Some((at, name)) if at <= moment => {
                let by = (String::new(), own_uid());
                // A fault of the program's own ends this exchange, not all that come.
                let ended = catch_unwind(AssertUnwindSafe(|| {
                    exchange(bench, depots, &name, by, &mut |_| {})
                }));
                match &ended {
                    Ok(Ok(_)) => {}
                    Ok(Err(failure)) => tracing::warn!(depot = name, "not synced: {failure}"),
                    Err(_) => tracing::error!(depot = name, "a fault of the program's own"),
                }
                if let Some((_, timing)) = plan.get_mut(&name) {
                    timing.ended(Instant::now(), matches!(ended, Ok(Ok(_))));
                }
            }
            due => {
                let next = due.map(|(at, _)| at.saturating_duration_since(moment));
                let longest = match (next, folders) {
                    (next, false) => next,
                    (next, true) => Some(next.map_or(LOOK, |next| next.min(LOOK))),
                };
                depots.wait(seen, longest);
            }
        }
    }
}

/// Brings the plan up to what is set up, what waits and what is plugged in. True if folders are among it.
fn look(
    bench: &Bench,
    depots: &Depots,
    plan: &mut BTreeMap<String, (DepotSetting, Timing)>,
) -> bool {
    let list = match bench.depot_list() {
        Ok(list) => list,
        Err(failure) => {
            tracing::warn!("{failure}");
            Vec::new()
        }
    };
    let now = Instant::now();
    plan.retain(|name, (old, _)| list.iter().any(|new| new.name == *name && new == old));
    let mut folders = false;
    for depot in list {
        let Some(every) = depot.every else { continue };
        let last = depots.last(&depot.name);
        let (_, timing) = plan.entry(depot.name.clone()).or_insert_with(|| {
            let ago = bench.clock().micros().saturating_sub(last.good_us);
            let ago = u64::try_from(ago).ok().filter(|_| last.good_us > 0);
            let ago = ago.map(Duration::from_micros);
            let timing = Timing::new(Duration::from_secs(every), ago, now);
            (depot.clone(), timing)
        });
        folders |= depot.place.starts_with('/');
        timing.look(now, bench.to_send(&last).unwrap_or(0), !is_absent(&depot));
    }
    folders
}
