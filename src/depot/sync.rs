//! The exchange: first what the depot lacks goes up, then what the site lacks comes down, then the site says what it has,
//! and puts small bundles of its own together.
//!
//! Invariants: every act is whole by itself, so the exchange may end anywhere and the next one goes on; what was downloaded
//! is checked against the hash in its name before the store sees it; one bundle that is damaged or refused stops nothing
//! else; a bundle is removed only after the one that replaces it was read back.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::bundle::format::END;
use crate::bundle::{BundleName, inspect};
use crate::journal::{SiteId, VersionVector};

use super::contents::{self, Contents, Memory, Warnings, bundle_key, have_key};
use super::error::DepotError;
use super::folder::Folder;
use super::objects::Objects;
use super::place::Place;
use super::plan::{self, Stored};
pub use super::settings::{Patience, Settings};
use super::shelf::{Shelf, Taken};
use super::spans::{Coverage, Span};

/// Downloads are handed to the store in lots of so many bytes and bundles.
const LOT: (u64, usize) = (256 << 20, 256);
/// So many times bundles are put together in one exchange at most.
const MOST_TURNS: usize = 1000;
/// A bundle longer than this is not downloaded, in bytes.
const LONGEST: u64 = 4 << 30;

/// How far an exchange is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Looking at what lies there.
    Looking,
    /// So many of so many bundles are up.
    Uploading(usize, usize),
    /// So many of so many bundles are down.
    Downloading(usize, usize),
    /// Small bundles are put together.
    Compacting,
}

/// Hears how far it is; `Break` stops it at the next safe place, which is at once.
pub type Watch<'w> = &'w mut dyn FnMut(Step) -> ControlFlow<()>;

/// What an exchange did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Bundles that were uploaded, by name.
    pub uploaded: Vec<String>,
    /// Entries in them.
    pub entries_up: u64,
    /// Bundles that were downloaded and kept.
    pub downloaded: usize,
    /// Bytes of them.
    pub bytes_down: u64,
    /// What the site has now that it had not before, as a number of entries.
    pub entries_down: u64,
    /// Bundles of this site that one bundle replaced.
    pub replaced: usize,
    /// Entries that exist, as later ones do, but that are in no bundle here.
    pub gaps: Vec<Span>,
    /// Entries of this very site that lie there and that it does not have: it was set back, or somebody else writes in its
    /// name.
    pub own_ahead: u64,
    /// How many entries of what lies there each other site lacked, when it said so last.
    pub behind: Vec<(SiteId, u64)>,
    /// Sites whose bundles bring something, but are encrypted for others.
    pub sealed: BTreeSet<SiteId>,
    /// What was passed over or refused, in words.
    pub warnings: Warnings,
}

/// A place where bundles meet.
pub struct Depot {
    place: Place,
    objects: Box<dyn Objects + Send>,
}

impl std::fmt::Debug for Depot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "depot at {}", self.place)
    }
}

impl Depot {
    /// The depot at this place. Of an object store only the setting up is checked here.
    pub fn open(place: Place, settings: &Settings) -> Result<Self, DepotError> {
        let objects: Box<dyn Objects + Send> = match &place {
            Place::Folder(root) => Box::new(Folder::open(root)?),
            #[cfg(feature = "cloud")]
            Place::Bucket { .. } => Box::new(super::cloud::Cloud::open(&place, settings)?),
            #[cfg(not(feature = "cloud"))]
            Place::Bucket { .. } => {
                let _ = settings;
                return Err(DepotError::NotBuilt {
                    place: place.to_string(),
                });
            }
        };
        Ok(Self { place, objects })
    }

    /// A depot on objects of any kind.
    pub fn on(place: Place, objects: Box<dyn Objects + Send>) -> Self {
        Self { place, objects }
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What lies there. `known` are the site that looks, and then the sites that are looked for even if something strange keeps the place from being
    /// listed.
    pub fn contents(&self, memory: &mut Memory, known: &[SiteId]) -> Result<Contents, DepotError> {
        contents::read(&*self.objects, memory, known)
    }

    /// Exchanges with a store. `scratch` is an empty folder of this machine for bundles on their way.
    pub fn sync(
        &self,
        shelf: &mut dyn Shelf,
        memory: &mut Memory,
        scratch: &Path,
        watch: Watch<'_>,
    ) -> Result<Report, DepotError> {
        let mut report = Report::default();
        let before = shelf.have()?;
        memory.check(&before);
        step(watch, Step::Looking)?;
        let mut known: BTreeSet<SiteId> = before.iter().map(|(site, _)| site).collect();
        known.remove(&shelf.site());
        let known: Vec<SiteId> = [shelf.site()].into_iter().chain(known).collect();
        let mut contents = self.contents(memory, &known)?;
        let site = shelf.site();
        let spans = contents.stored.iter().flat_map(|bundle| &bundle.spans);
        let last = spans
            .filter(|span| span.site == site)
            .map(|span| span.to)
            .max();
        report.own_ahead = last.unwrap_or(0).saturating_sub(before.get(site));
        let signed = contents.stored.iter().filter(|b| b.author == site);
        let ends = signed.flat_map(|b| &b.ends).filter(|end| end.0 == site);
        if let Some((_, seq, hash)) = ends.max_by_key(|end| end.1).copied() {
            shelf.wrote(seq, hash)?;
        }
        Self::compare(shelf, memory, &before, &mut contents)?;
        if report.own_ahead > 0 {
            // What it wrote once comes first: else it writes other entries under the same numbers.
            self.download(shelf, memory, &contents, scratch, watch, &mut report)?;
        }
        self.upload(shelf, memory, &mut contents, scratch, watch, &mut report)?;
        self.download(shelf, memory, &contents, scratch, watch, &mut report)?;
        let own = shelf.have()?;
        report.entries_down = lacks(&before, &own);
        memory.keep(&own);
        self.say(shelf, memory, &contents)?;
        self.compact(shelf, memory, &mut contents, scratch, watch, &mut report)?;
        let others = contents
            .haves
            .iter()
            .filter(|(site, _)| **site != shelf.site());
        // What is only a note about the exchange is never put there, and nobody lacks it.
        let mut there = plan::coverage(&contents.stored).reach();
        there = there
            .iter()
            .map(|(site, seq)| (site, seq.min(own.get(site))))
            .collect();
        report.behind = others
            .map(|(site, have)| (*site, lacks(&have.vector, &there)))
            .collect();
        for words in std::mem::take(&mut contents.warnings.words) {
            report.warnings.add(words);
        }
        report.warnings.more += contents.warnings.more;
        Ok(report)
    }

    /// Finds the bundles that hold other entries than the site has under the same numbers. What it once agreed with is not
    /// looked at again.
    fn compare(
        shelf: &dyn Shelf,
        memory: &mut Memory,
        own: &VersionVector,
        contents: &mut Contents,
    ) -> Result<(), DepotError> {
        for bundle in contents.stored.iter().filter(|bundle| !bundle.agreed) {
            let (mut all, mut differs) = (true, false);
            for (site, seq, hash) in &bundle.ends {
                if *seq > own.get(*site) {
                    all = false;
                } else if shelf.differs(*site, *seq, *hash)? {
                    differs = true;
                }
            }
            if differs {
                contents.forked.insert(bundle.key.clone());
            } else if all {
                memory.agree(&bundle.key);
            }
        }
        Ok(())
    }

    /// The bundles that count as being there for others: of trusted sites, and not found damaged by anybody trusted.
    fn counted<'a>(
        shelf: &dyn Shelf,
        memory: &Memory,
        contents: &'a Contents,
    ) -> impl Iterator<Item = &'a Stored> {
        let own = shelf.site();
        let trusted = |site: SiteId| site == own || shelf.trusts(site);
        let haves = contents.haves.iter().filter(|(site, _)| trusted(**site));
        let mut damaged: BTreeSet<String> = memory.damaged().into_iter().collect();
        damaged.extend(haves.flat_map(|(_, have)| have.damaged.iter().cloned()));
        let counted: Vec<&Stored> = contents
            .stored
            .iter()
            .filter(|bundle| trusted(bundle.author) && !damaged.contains(&bundle.key))
            .filter(|bundle| !contents.forked.contains(&bundle.key))
            .collect();
        counted.into_iter()
    }

    fn upload(
        &self,
        shelf: &mut dyn Shelf,
        memory: &Memory,
        contents: &mut Contents,
        scratch: &Path,
        watch: Watch<'_>,
        report: &mut Report,
    ) -> Result<(), DepotError> {
        let own = shelf.have()?;
        let lacking = plan::to_upload(&own, Self::counted(shelf, memory, contents));
        if lacking.is_empty() {
            return Ok(());
        }
        let files = shelf.export(&lacking, scratch)?;
        for (at, file) in files.iter().enumerate() {
            step(watch, Step::Uploading(at, files.len()))?;
            let stored = self.put(shelf.site(), file)?;
            report.entries_up += stored.spans.iter().map(Span::count).sum::<u64>();
            report
                .uploaded
                .push(stored.key.rsplit('/').next().unwrap_or_default().to_owned());
            contents.stored.push(stored);
        }
        Ok(())
    }

    /// Puts a bundle of this site there, and removes the working file.
    fn put(&self, site: SiteId, file: &Path) -> Result<Stored, DepotError> {
        let name = file.file_name().and_then(|name| name.to_str());
        let name = name.filter(|name| BundleName::parse(name).is_some());
        let Some(name) = name else {
            return Err(DepotError::Here {
                doing: "upload a bundle".to_owned(),
                reason: format!("{} is not the name of a bundle", file.display()),
            });
        };
        let read = DepotError::here("read a working file");
        let mut opened = File::open(file).map_err(read)?;
        let header = inspect(&mut opened).map_err(|error| DepotError::Here {
            doing: "read a working file".to_owned(),
            reason: error.to_string(),
        })?;
        let bytes = opened
            .metadata()
            .map_err(DepotError::here("read a working file"))?
            .len();
        let key = bundle_key(site, name);
        self.objects.put_file(&key, file)?;
        let _ = fs::remove_file(file);
        Ok(contents::stored(&key, bytes, &header))
    }

    fn download(
        &self,
        shelf: &mut dyn Shelf,
        memory: &mut Memory,
        contents: &Contents,
        scratch: &Path,
        watch: Watch<'_>,
        report: &mut Report,
    ) -> Result<(), DepotError> {
        // What cannot be had from one bundle may be in another: each round leaves out what failed before.
        let mut failed: BTreeSet<String> = BTreeSet::new();
        Self::not_for_us(shelf, contents, &mut failed, report)?;
        loop {
            let own = shelf.have()?;
            let usable = contents.stored.iter().filter(|bundle| {
                !memory.was_handed(&bundle.key)
                    && !memory.is_damaged(&bundle.key)
                    && !failed.contains(&bundle.key)
            });
            let fetch = plan::to_download(&own, usable);
            report.gaps = fetch.gaps;
            let mut keys = fetch.keys;
            // The store keeps both versions, and says so.
            let forked = contents.forked.iter().filter(|key| {
                !memory.was_handed(key) && !memory.is_damaged(key) && !failed.contains(*key)
            });
            for key in forked {
                if !keys.contains(key) {
                    keys.push(key.clone());
                }
            }
            if keys.is_empty() {
                return Ok(());
            }
            let total = keys.len();
            let mut lot: Vec<(String, PathBuf)> = Vec::new();
            let mut bytes = 0;
            for (at, key) in keys.into_iter().enumerate() {
                step(watch, Step::Downloading(at, total))?;
                let file = scratch.join(format!("down-{at}.tagout"));
                // Tried now; whatever comes of it, not again in this exchange.
                failed.insert(key.clone());
                if !self.objects.fetch(&key, LONGEST, &file)? {
                    // Its site has just replaced it.
                    continue;
                }
                let length = file.metadata().map_or(0, |about| about.len());
                if let Err(why) = check_hash(&key, &file)? {
                    report.warnings.add(format!("{key} is damaged: {why}"));
                    memory.damage(&key);
                    let _ = fs::remove_file(&file);
                    continue;
                }
                report.bytes_down += length;
                bytes += length;
                lot.push((key, file));
                if bytes >= LOT.0 || lot.len() >= LOT.1 {
                    Self::hand_in(shelf, memory, std::mem::take(&mut lot), report)?;
                    bytes = 0;
                }
            }
            Self::hand_in(shelf, memory, lot, report)?;
        }
    }

    /// Passes over what is encrypted for others. It is asked for again when its site puts it there for more.
    fn not_for_us(
        shelf: &dyn Shelf,
        contents: &Contents,
        failed: &mut BTreeSet<String>,
        report: &mut Report,
    ) -> Result<(), DepotError> {
        let have = Coverage::of(&shelf.have()?);
        report.sealed.clear();
        for bundle in &contents.stored {
            if bundle.readers.is_empty() || shelf.reads(&bundle.readers) {
                continue;
            }
            failed.insert(bundle.key.clone());
            if bundle.spans.iter().any(|span| !have.covers(*span)) {
                report.sealed.insert(bundle.author);
            }
        }
        Ok(())
    }

    /// Hands a lot to the store.
    fn hand_in(
        shelf: &mut dyn Shelf,
        memory: &mut Memory,
        lot: Vec<(String, PathBuf)>,
        report: &mut Report,
    ) -> Result<(), DepotError> {
        if lot.is_empty() {
            return Ok(());
        }
        let files: Vec<PathBuf> = lot.iter().map(|(_, file)| file.clone()).collect();
        let taken = shelf.import(&files);
        for file in &files {
            let _ = fs::remove_file(file);
        }
        for ((key, _), taken) in lot.into_iter().zip(taken?) {
            match taken {
                Taken::Kept => {
                    report.downloaded += 1;
                    memory.hand(&key);
                }
                Taken::Damaged(why) => {
                    report.warnings.add(format!("{key} is damaged: {why}"));
                    memory.damage(&key);
                }
                Taken::Refused(why) => {
                    report.warnings.add(format!("{key} was refused: {why}"));
                    memory.hand(&key);
                }
            }
        }
        Ok(())
    }

    /// Says what the site has, unless that stands there already.
    fn say(
        &self,
        shelf: &dyn Shelf,
        memory: &Memory,
        contents: &Contents,
    ) -> Result<(), DepotError> {
        let statement = shelf.statement(&memory.damaged())?;
        let said = contents.haves.get(&shelf.site());
        if said.is_some_and(|said| said.says_as(&statement)) {
            return Ok(());
        }
        let bytes = statement.encode().map_err(|error| DepotError::Here {
            doing: "say what this site has".to_owned(),
            reason: error.to_string(),
        })?;
        self.objects.put(&have_key(shelf.site()), &bytes)
    }

    fn compact(
        &self,
        shelf: &mut dyn Shelf,
        memory: &Memory,
        contents: &mut Contents,
        scratch: &Path,
        watch: Watch<'_>,
        report: &mut Report,
    ) -> Result<(), DepotError> {
        let site = shelf.site();
        let readers = shelf.readers();
        // Each turn replaces bundles that are never looked at again; an end is set all the same.
        for _ in 0..MOST_TURNS {
            let own = shelf.have()?;
            let renewed = readers
                .as_ref()
                .and_then(|readers| plan::to_renew(site, &own, readers, &contents.stored));
            let few = usize::from(renewed.is_some());
            let compacted = || plan::to_compact(site, &own, Self::counted(shelf, memory, contents));
            let Some(checkpoint) = renewed.or_else(compacted) else {
                break;
            };
            step(watch, Step::Compacting)?;
            let files = shelf.export(&checkpoint.spans, scratch)?;
            let mut put = Vec::new();
            for file in &files {
                put.push(self.put(site, file)?);
            }
            // Nothing is removed on the word of a server: what it gives back is read and checked.
            let mut there = plan::coverage([]);
            for stored in &put {
                let file = scratch.join("back.tagout");
                let back = self.objects.fetch(&stored.key, LONGEST, &file)?;
                let whole = back && check_hash(&stored.key, &file)?.is_ok();
                let _ = fs::remove_file(&file);
                if !whole {
                    report.warnings.add(format!(
                        "{} did not come back as it was put there, so nothing was removed",
                        stored.key
                    ));
                    return Ok(());
                }
                there.add_all(&stored.spans);
            }
            let new: BTreeSet<&str> = put.iter().map(|stored| stored.key.as_str()).collect();
            let all = checkpoint.spans.iter().all(|span| there.covers(*span));
            let fewer = new.len() < checkpoint.replaces.len() + few;
            if !all || !fewer {
                return Ok(());
            }
            for key in &checkpoint.replaces {
                if !new.contains(key.as_str()) {
                    self.objects.remove(key)?;
                    report.replaced += 1;
                }
            }
            let replaced: BTreeSet<String> = checkpoint.replaces.into_iter().collect();
            contents
                .stored
                .retain(|b| !replaced.contains(&b.key) || new.contains(b.key.as_str()));
            let known: BTreeSet<String> = contents
                .stored
                .iter()
                .map(|bundle| bundle.key.clone())
                .collect();
            contents.stored.extend(
                put.into_iter()
                    .filter(|stored| !known.contains(&stored.key)),
            );
        }
        Ok(())
    }
}

fn step(watch: Watch<'_>, step: Step) -> Result<(), DepotError> {
    match watch(step) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(DepotError::Stopped),
    }
}

/// How many entries of the second the first lacks.
fn lacks(first: &VersionVector, second: &VersionVector) -> u64 {
    let rows = second.iter();
    rows.map(|(site, seq)| seq.saturating_sub(first.get(site)))
        .fold(0, u64::saturating_add)
}

/// Whether a downloaded file has the hash that its last bytes and its name say.
fn check_hash(key: &str, path: &Path) -> Result<Result<(), String>, DepotError> {
    let name = key.rsplit('/').next().and_then(BundleName::parse);
    let Some(name) = name else {
        return Ok(Err("its name is none".to_owned()));
    };
    let failed = || DepotError::here("read a working file");
    let mut file = File::open(path).map_err(failed())?;
    let bytes = file.metadata().map_err(failed())?.len();
    let Some(body) = bytes.checked_sub(END as u64) else {
        return Ok(Err(format!("it has {bytes} bytes only")));
    };
    let mut hasher = blake3::Hasher::new();
    hasher
        .update_reader((&mut file).take(body))
        .map_err(failed())?;
    file.seek(SeekFrom::Start(body)).map_err(failed())?;
    let mut end = Vec::new();
    file.read_to_end(&mut end).map_err(failed())?;
    let hash = hasher.finalize();
    let fits = end == hash.as_bytes() && hash.to_hex().starts_with(&name.hash);
    Ok(if fits {
        Ok(())
    } else {
        Err("its bytes are not those of its name".to_owned())
    })
}
