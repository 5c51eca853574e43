//! The store, as a depot needs it.
//!
//! Invariants: the store is held open only for the moment of each call, so that a place that does not answer keeps nothing
//! open; what another shop put there is checked as a bundle from a stick is.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use crate::bench::Failure;
use crate::bench::link::Step;
use crate::bench::service::Bench;
use crate::bench::sync::Arrived;
use crate::bundle::{BundleError, Created, Recipient, Verified};
use crate::depot::{Have, Shelf, ShelfError, Span, Taken};
use crate::domain::id::{Hash, SiteId};
use crate::journal::VersionVector;
use crate::store::{Carrier, ExportPlan, MAX_BUNDLE, StoreError, Stretch, Trust};

/// Who hears how far long work is.
pub type Hear<'h> = RefCell<&'h mut dyn FnMut(Step)>;

/// A store on whose behalf something is exchanged.
pub struct BenchShelf<'h> {
    bench: Weak<Bench>,
    /// The technician, and the account.
    by: (String, u32),
    site: SiteId,
    own: BTreeSet<SiteId>,
    trusted: BTreeSet<SiteId>,
    /// For whom bundles are encrypted, if they are.
    readers: Option<Vec<Recipient>>,
    hear: &'h Hear<'h>,
    /// What came in.
    pub arrived: Arrived,
    /// What the store refused, with all that a face needs to know of it.
    pub failure: Option<Failure>,
}

impl<'h> BenchShelf<'h> {
    /// The shelf of this bench.
    pub fn new(
        bench: &Arc<Bench>,
        by: (String, u32),
        encrypted: bool,
        hear: &'h Hear<'h>,
    ) -> Result<Self, Failure> {
        let site = bench.store().site();
        let mut shelf = Self {
            bench: Arc::downgrade(bench),
            by,
            site,
            own: bench
                .store()
                .own_sites()
                .into_iter()
                .chain([site])
                .collect(),
            trusted: BTreeSet::new(),
            readers: encrypted.then(Vec::new),
            hear,
            arrived: Arrived::default(),
            failure: None,
        };
        shelf.learn_trust(bench)?;
        Ok(shelf)
    }

    /// Which sites are trusted may change with what comes.
    fn learn_trust(&mut self, bench: &Bench) -> Result<(), Failure> {
        let notes = bench.store().notes()?;
        let trusted = notes
            .sites()
            .filter(|site| notes.trust(*site) == Trust::Trusted);
        self.trusted = trusted.collect();
        if let Some(readers) = &mut self.readers {
            let own = bench.store().genesis().public_key;
            let keys = self.trusted.iter().filter_map(|site| notes.key(*site));
            *readers = [own]
                .into_iter()
                .chain(keys)
                .filter_map(|key| Recipient::of_site(&key))
                .collect();
        }
        Ok(())
    }

    fn bench(&mut self) -> Result<Arc<Bench>, ShelfError> {
        let bench = self.bench.upgrade();
        bench.ok_or_else(|| ShelfError("the store was closed. The records are safe".to_owned()))
    }

    fn kept<T>(&mut self, result: Result<T, Failure>) -> Result<T, ShelfError> {
        result.map_err(|failure| {
            let words = ShelfError(failure.to_string());
            self.failure = Some(failure);
            words
        })
    }

    fn make(
        &mut self,
        bench: &Bench,
        spans: &[Span],
        folder: &Path,
    ) -> Result<Vec<PathBuf>, Failure> {
        let store = bench.store();
        store.check_room()?;
        let wanted: Vec<Stretch> = spans
            .iter()
            .map(|span| Stretch {
                site: span.site,
                from: span.from,
                to: span.to,
            })
            .collect();
        let what = store.passable(&wanted)?;
        if what.is_empty() {
            return Ok(Vec::new());
        }
        let now = bench.clock().now(bench.zone());
        let plan = ExportPlan {
            what,
            readers: self.readers.clone().unwrap_or_default(),
            created: Created {
                wall_us: now.micros,
                offset_minutes: now.offset,
                ..Created::default()
            },
            app: env!("CARGO_PKG_VERSION").to_owned(),
            limit: MAX_BUNDLE,
            inspection: None,
            folder: folder.join("made"),
        };
        let made = store.export(&plan, &mut |done, total| {
            (self.hear.borrow_mut())(Step {
                doing: "writing the bundle".to_owned(),
                done,
                total: Some(total),
            });
        })?;
        let mut out = Vec::new();
        for one in made {
            let path = folder.join(one.written.name().to_string());
            fs::rename(&one.path, &path)
                .map_err(|error| BundleError::Io {
                    doing: "write the bundle",
                    source: error,
                })
                .map_err(StoreError::from)?;
            out.push(path);
        }
        let _ = fs::remove_dir_all(&plan.folder);
        Ok(out)
    }

    /// Takes in what can be: together, or one by one if one of them is refused.
    fn take(&mut self, bench: &Bench, files: &[PathBuf]) -> Result<Vec<Taken>, Failure> {
        let mut out: Vec<Taken> = Vec::new();
        let mut good: Vec<(usize, Verified<File>)> = Vec::new();
        for (at, file) in files.iter().enumerate() {
            match opened(bench, file) {
                Ok(bundle) => {
                    good.push((at, bundle));
                    out.push(Taken::Kept);
                }
                Err(StoreError::Bundle(error)) => out.push(refused(&error)),
                Err(error) => return Err(error.into()),
            }
        }
        let all: Vec<&mut Verified<File>> = good.iter_mut().map(|(_, bundle)| bundle).collect();
        match self.take_in(bench, all) {
            Ok(()) => return Ok(out),
            Err(error) if !is_about_a_bundle(&error) => return Err(error.into()),
            Err(_) => {}
        }
        for (at, bundle) in &mut good {
            match self.take_in(bench, vec![bundle]) {
                Ok(()) => {}
                Err(error) if is_about_a_bundle(&error) => {
                    if let Some(taken) = out.get_mut(*at) {
                        *taken = Taken::Refused(error.to_string());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(out)
    }

    fn take_in(
        &mut self,
        bench: &Bench,
        bundles: Vec<&mut Verified<File>>,
    ) -> Result<(), StoreError> {
        if bundles.is_empty() {
            return Ok(());
        }
        let mut carriers: Vec<&mut dyn Carrier> = Vec::new();
        for bundle in bundles {
            carriers.push(bundle);
        }
        let (actor, uid) = self.by.clone();
        let came = bench.take_in(&mut carriers, &actor, uid, &mut |step| {
            (self.hear.borrow_mut())(step);
        })?;
        match came {
            Ok(arrived) => self.arrived.add(arrived),
            // The records are in; only the words for them are missing.
            Err(failure) => self.failure = Some(failure),
        }
        Ok(())
    }
}

fn opened(bench: &Bench, path: &Path) -> Result<Verified<File>, StoreError> {
    let file = File::open(path).map_err(|source| BundleError::Io {
        doing: "read the bundle",
        source,
    })?;
    bench
        .store()
        .open_bundle(file, &mut |_| ControlFlow::Continue(()))
}

/// True if it lies with what is in a bundle, not with this store.
fn is_about_a_bundle(error: &StoreError) -> bool {
    match error {
        StoreError::Bundle(error) => !matches!(error, BundleError::Io { .. }),
        StoreError::Practice(_) | StoreError::Refused(_) => true,
        _ => false,
    }
}

/// What a bundle that does not pass is: damaged, so that whoever has its records puts them there again, or refused.
fn refused(error: &BundleError) -> Taken {
    let words = error.to_string();
    match error {
        BundleError::CutOff { .. }
        | BundleError::TooLong { .. }
        | BundleError::Changed { .. }
        | BundleError::TextMode
        | BundleError::NotABundle => Taken::Damaged(words),
        _ => Taken::Refused(words),
    }
}

impl Shelf for BenchShelf<'_> {
    fn site(&self) -> SiteId {
        self.site
    }

    fn have(&self) -> Result<VersionVector, ShelfError> {
        match self.bench.upgrade() {
            Some(bench) => Ok(bench.store().vector()),
            None => Err(ShelfError(
                "the store was closed. The records are safe".to_owned(),
            )),
        }
    }

    fn trusts(&self, site: SiteId) -> bool {
        self.own.contains(&site) || self.trusted.contains(&site)
    }

    fn readers(&self) -> Option<Vec<SiteId>> {
        let readers = self.readers.as_ref()?;
        Some(readers.iter().map(|reader| reader.site).collect())
    }

    fn reads(&self, readers: &[SiteId]) -> bool {
        readers.iter().any(|reader| self.own.contains(reader))
    }

    fn wrote(&mut self, seq: u64, hash: Hash) -> Result<(), ShelfError> {
        let bench = self.bench()?;
        let wrote = bench.store().wrote(seq, hash).map_err(Failure::from);
        self.kept(wrote)
    }

    fn differs(&self, site: SiteId, seq: u64, hash: Hash) -> Result<bool, ShelfError> {
        let Some(bench) = self.bench.upgrade() else {
            return Err(ShelfError(
                "the store was closed. The records are safe".to_owned(),
            ));
        };
        bench
            .store()
            .has_another(site, seq, hash)
            .map_err(|error| ShelfError(error.to_string()))
    }

    fn statement(&self, damaged: &[String]) -> Result<Have, ShelfError> {
        let Some(bench) = self.bench.upgrade() else {
            return Err(ShelfError(
                "the store was closed. The records are safe".to_owned(),
            ));
        };
        let store = bench.store();
        let (now, vector) = (bench.clock().micros(), store.vector());
        store
            .signed(|key| Have::sign(key, now, vector, damaged))
            .map_err(|error| ShelfError(error.to_string()))
    }

    fn export(&mut self, spans: &[Span], folder: &Path) -> Result<Vec<PathBuf>, ShelfError> {
        let bench = self.bench()?;
        let made = self.make(&bench, spans, folder);
        self.kept(made)
    }

    fn import(&mut self, files: &[PathBuf]) -> Result<Vec<Taken>, ShelfError> {
        let bench = self.bench()?;
        let taken = self
            .take(&bench, files)
            .and_then(|taken| self.learn_trust(&bench).map(|()| taken));
        self.kept(taken)
    }
}
