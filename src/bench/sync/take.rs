//! Bundles that come in.

use std::fs::File;
use std::ops::ControlFlow;

use super::super::failure::Failure;
use super::super::link::Step;
use super::super::rows;
use super::super::service::Bench;
use super::desk::Desk;
use super::sheets::{AheadLine, Arrived, ForkLine, TakenLine, WaitingLine};
use super::sites::Names;
use super::words::records;
use crate::domain::event::{Aggregate, Kind};
use crate::domain::id::SiteId;
use crate::journal::wire::events::aggregate_of;
use crate::store::{Arrival, Carrier, ImportBy, StoreError, Waiting, Why};

type Hear<'h> = &'h mut dyn FnMut(Step);

impl Bench {
    /// Takes a piece of a bundle. With the last one the bundle is checked; a bad one is refused and forgotten.
    pub fn give_bundle(
        &self,
        desk: &mut Desk,
        piece: &[u8],
        ends: bool,
        hear: Hear<'_>,
    ) -> Result<(), Failure> {
        self.store().check_room()?;
        let Some(path) = desk.take(self.dir(), piece, ends)? else {
            return Ok(());
        };
        match self.opened(&path, hear) {
            Ok(bundle) => {
                desk.given.push(bundle);
                Ok(())
            }
            Err(failure) => {
                let _ = std::fs::remove_file(&path);
                Err(failure)
            }
        }
    }

    fn opened(
        &self,
        path: &std::path::Path,
        hear: Hear<'_>,
    ) -> Result<crate::bundle::Verified<File>, Failure> {
        let file = File::open(path).map_err(|source| {
            StoreError::from(crate::bundle::BundleError::Io {
                doing: "read the bundle",
                source,
            })
        })?;
        let bundle = self.store().open_bundle(file, &mut |progress| {
            hear(Step {
                doing: "checking the bundle".to_owned(),
                done: progress.done,
                total: Some(progress.total),
            });
            ControlFlow::Continue(())
        })?;
        Ok(bundle)
    }

    /// What the given bundles, and those that wait, would bring.
    pub fn preview_bundles(&self, desk: &mut Desk) -> Result<Arrived, Failure> {
        let mut carriers = carriers(&mut desk.given);
        let arrival = self.store().preview(&mut carriers, self.clock().micros())?;
        self.arrived(&arrival, carriers.len())
    }

    /// Takes in what the given bundles, and those that wait, bring.
    pub fn import_bundles(
        &self,
        desk: &mut Desk,
        actor: &str,
        uid: u32,
        hear: Hear<'_>,
    ) -> Result<Arrived, Failure> {
        let arrived = self.take_in(&mut carriers(&mut desk.given), actor, uid, hear)?;
        desk.forget();
        arrived
    }

    /// Takes in what these bundles, and those that wait, bring. What the store refuses is the outer error; after that the
    /// records are in.
    pub(in crate::bench) fn take_in(
        &self,
        carriers: &mut [&mut dyn Carrier],
        actor: &str,
        uid: u32,
        hear: Hear<'_>,
    ) -> Result<Result<Arrived, Failure>, StoreError> {
        let by = self.by(actor, uid);
        let arrival = self.store().import(carriers, &by, &mut |done, all| {
            hear(Step {
                doing: "taking records in".to_owned(),
                done,
                total: Some(all),
            });
        })?;
        let refreshed = if arrival.entries > 0 {
            self.refresh(&arrival)
        } else {
            Ok(())
        };
        Ok(refreshed.and_then(|()| self.arrived(&arrival, carriers.len())))
    }

    /// Adds what still waits, if nothing was said of that yet.
    pub(in crate::bench) fn still_waiting(&self, arrived: &mut Arrived) -> Result<(), Failure> {
        if arrived.bundles == 0 {
            let waits = self.store().preview(&mut [], self.clock().micros())?;
            arrived.waiting = self.arrived(&waits, 0)?.waiting;
        }
        Ok(())
    }

    /// On whose behalf something is written now.
    pub(super) fn by(&self, actor: &str, uid: u32) -> ImportBy {
        let now = self.clock().now(self.zone());
        ImportBy {
            actor: actor.to_owned(),
            peer_uid: self.recorded_uid(uid),
            wall_us: now.micros,
            offset_minutes: now.offset,
        }
    }

    /// Brings the lookup index up to what came, and tells everybody.
    fn refresh(&self, arrival: &Arrival) -> Result<(), Failure> {
        const FEW: u64 = 2_000;
        if arrival.entries > FEW {
            self.fill_index()?;
            self.announce(Vec::new());
            return Ok(());
        }
        let mut changed: Vec<Aggregate> = Vec::new();
        for (site, (from, to)) in &arrival.taken {
            for seq in *from..=*to {
                if let Some(entry) = self.store().entry(*site, seq)? {
                    let things = entry.events.iter().map(|event| &event.aggregate);
                    changed.extend(things.filter_map(aggregate_of));
                }
            }
        }
        changed.sort();
        changed.dedup();
        self.after(&changed)
    }

    fn arrived(&self, arrival: &Arrival, bundles: usize) -> Result<Arrived, Failure> {
        let names = Names::of(self, &arrival.authors, &arrival.sites)?;
        let own = self.store().genesis();
        let shop = self.shop_prefix();
        let mut same_prefix: Vec<_> = arrival
            .sites
            .iter()
            .filter(|(site, _)| arrival.taken.contains_key(site))
            .filter(|(site, genesis)| {
                **site != self.store().site()
                    && (genesis.prefix == own.prefix || genesis.prefix == shop)
            })
            .map(|(site, genesis)| (names.of_site(*site), genesis.prefix.clone()))
            .collect();
        same_prefix.sort();
        Ok(Arrived {
            bundles,
            entries: arrival.entries,
            taken: arrival
                .taken
                .iter()
                .map(|(site, (from, to))| TakenLine {
                    site: names.of_site(*site),
                    from: *from,
                    to: *to,
                })
                .collect(),
            things: arrival
                .things
                .iter()
                .filter_map(|(kind, count)| Some((plural(*kind)?.to_owned(), *count)))
                .collect(),
            waiting: arrival
                .waiting
                .iter()
                .map(|waiting| line(waiting, &names))
                .collect(),
            forks: arrival
                .forks
                .iter()
                .map(|fork| ForkLine {
                    site: names.of_site(fork.site),
                    seq: fork.seq,
                    kept: fork.kept.to_string(),
                    other: fork.other.to_string(),
                    from: names.of_site(fork.author),
                })
                .collect(),
            ahead: arrival
                .ahead
                .iter()
                .map(|ahead| AheadLine {
                    site: names.of_site(ahead.site),
                    seq: ahead.seq,
                    ahead_ms: ahead.ahead_ms,
                })
                .collect(),
            same_prefix,
            broken: arrival.broken.clone(),
        })
    }
}

fn carriers(bundles: &mut [crate::bundle::Verified<File>]) -> Vec<&mut dyn Carrier> {
    bundles
        .iter_mut()
        .map(|bundle| bundle as &mut dyn Carrier)
        .collect()
}

/// A kind of things, in the plural.
fn plural(kind: u16) -> Option<&'static str> {
    let any = crate::journal::AggregateRef {
        kind,
        id: rows::id_at_end(&[0; 27]).unwrap_or(crate::domain::id::EntityId::Natural([0; 16])),
    };
    Some(match aggregate_of(&any)?.kind {
        Kind::Shop => "shops",
        Kind::Technician => "technicians",
        Kind::Device => "devices",
        Kind::Order => "work orders",
        Kind::Inspection => "inspections",
        Kind::Procedure => "procedures",
        Kind::Tool => "test equipment",
        Kind::Model => "models",
    })
}

fn line(waiting: &Waiting, names: &Names) -> WaitingLine {
    let site = names.of_site(waiting.site);
    let spoken = |site: SiteId| names.of_site(site).to_string();
    let (reason, why, advice) = match &waiting.why {
        Why::Gap { from, to } => (
            "gap",
            format!("{} before them are missing", records(*from, *to)),
            format!(
                "They are kept. Import the bundle of {site} with {}.",
                records(*from, *to)
            ),
        ),
        Why::Unknown => (
            "unknown-site",
            "nobody here has said that this site is trusted".to_owned(),
            format!(
                "They are kept. Compare its words with the other shop (`tagout site show {0}`), then `tagout site trust \
                 {0}`.",
                site.short
            ),
        ),
        Why::Needs {
            site: other,
            from,
            to,
        } => (
            "needs",
            format!(
                "whoever wrote them had seen {} of {}, which are not here",
                records(*from, *to),
                spoken(*other)
            ),
            format!(
                "They are kept. Import a bundle of {0}, and trust it if it is unknown (`tagout site show {1}`).",
                spoken(*other),
                other.short()
            ),
        ),
        Why::Revoked { after } => (
            "revoked",
            format!("this site was revoked after record {after}"),
            "They are refused. If the site is sound, it begins anew under another name.".to_owned(),
        ),
        Why::Fork { seq } => (
            "fork",
            format!("record {seq} is another one than the record here"),
            "Two machines write under one name: a copied disk or an old backup. Both versions are kept; ask both shops, \
             and revoke the site that should not write (`tagout site revoke`)."
                .to_owned(),
        ),
        Why::Unsigned => (
            "unsigned",
            "only the bundle's author says that they are this site's, not the site itself".to_owned(),
            format!("They are refused. Import a bundle that {site} made."),
        ),
    };
    WaitingLine {
        site,
        from: waiting.from,
        to: waiting.to,
        reason: reason.to_owned(),
        why,
        advice,
        waits: waiting.why.waits(),
    }
}
