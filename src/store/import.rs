//! Taking in what bundles bring: all that can be taken in, in one transaction, or nothing.
//!
//! Invariants: idempotent and free of order: the same bundles give the same records however often and in whatever order
//! they come. What is taken in counts from the moment its one entry in the own journal is durable; until then a crash
//! leaves the store as it was. What waits is kept before that. Bundles that bring nothing anybody waits for are not taken
//! in at all, so that two shops do not answer each other for ever.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::domain::id::{CommandId, Hash, SiteId};
use crate::journal::notes::{Note, is_news};
use crate::journal::system::{GENESIS, Genesis, INCLUDE, Include, MERGE, Merge};
use crate::journal::{Entry, EntryFace, EventRecord, Head, HybridTime, VersionVector, first_kind};

use super::bulk::BulkFile;
use super::carrier::Carrier;
use super::error::StoreError;
use super::foreign::Late;
use super::incoming::{self, Fork, Part, Run, Sorted, Waiting};
use super::notes::Notes;
use super::rows::{Encoding, Rows, family};
use super::settle::Settler;
use super::writer::{Draft, Writer};
use super::{Store, causes, fold, held, heads};
use super::layout::entry_key;

/// On whose behalf an import is made.
#[derive(Clone, Debug, Default)]
pub struct ImportBy {
    /// The technician's key.
    pub actor: String,
    /// The Unix account.
    pub peer_uid: u32,
    /// Wall time, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// Minutes east of UTC.
    pub offset_minutes: i16,
}

/// A site's clock that is ahead of the clock here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ahead {
    /// The site.
    pub site: SiteId,
    /// The entry that is furthest ahead.
    pub seq: u64,
    /// By how many milliseconds.
    pub ahead_ms: u64,
}

/// What bundles bring, or brought.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    /// What is taken in, by site: the first and last sequence.
    pub taken: BTreeMap<SiteId, (u64, u64)>,
    /// How many entries that is.
    pub entries: u64,
    /// How many different things of each kind they touch.
    pub things: BTreeMap<u16, u64>,
    /// What waits or is refused, and why.
    pub waiting: Vec<Waiting>,
    /// Forks that were not known before.
    pub forks: Vec<Fork>,
    /// Clocks that are ahead of the clock here.
    pub ahead: Vec<Ahead>,
    /// First entries of sites that the bundles carry, the unknown ones among them.
    pub sites: BTreeMap<SiteId, Genesis>,
    /// Kept bundles that cannot be read any more, in words.
    pub broken: Vec<String>,
}

/// Hears how many entries are done, of how many.
pub type Hear<'h> = &'h mut dyn FnMut(u64, u64);

impl Store {
    /// What importing these bundles would bring. Changes nothing.
    pub fn preview(
        &self,
        bundles: &mut [&mut dyn Carrier],
        wall_us: i64,
    ) -> Result<Arrival, StoreError> {
        let mut writer = self.write();
        let looked = writer.look_at(bundles, wall_us)?;
        Ok(looked.arrival)
    }

    /// Takes in what these bundles bring, and what is kept from earlier ones and can now be taken in.
    pub fn import(
        &self,
        bundles: &mut [&mut dyn Carrier],
        by: &ImportBy,
        hear: Hear<'_>,
    ) -> Result<Arrival, StoreError> {
        self.write().import(bundles, by, hear)
    }
}

/// Everything known before anything is changed.
struct Looked {
    sorted: Sorted,
    notes: Notes,
    arrival: Arrival,
    /// The latest head that each site signed, with its key.
    heads: BTreeMap<SiteId, ([u8; 32], Head)>,
}

impl Writer<'_> {
    /// Sorts what the bundles bring.
    fn look_at(
        &mut self,
        bundles: &mut [&mut dyn Carrier],
        wall_us: i64,
    ) -> Result<Looked, StoreError> {
        let chains = self.inner.chains();
        let mut seen = Seen::new(self.inner.genesis.demo);
        for (source, bundle) in bundles.iter_mut().enumerate() {
            seen.bundle(source, &mut **bundle, |site| chains.tip(site).seq)?;
        }
        let notes = self.inner.notes()?;
        let rows = &mut self.state.rows;
        let sorted = incoming::sort(&seen.runs, &chains, &notes, &mut |site, seq| {
            hash_here(rows, site, seq)
        })?;
        let arrival = seen.arrival(&sorted, &notes, wall_us);
        Ok(Looked {
            sorted,
            notes,
            arrival,
            heads: seen.heads,
        })
    }

    fn import(
        &mut self,
        bundles: &mut [&mut dyn Carrier],
        by: &ImportBy,
        hear: Hear<'_>,
    ) -> Result<Arrival, StoreError> {
        self.commit()?;
        self.may_write()?;
        for bundle in bundles.iter() {
            self.refuse_if_set_back(&**bundle)?;
        }
        let (mut kept, broken) = held::open(self.inner)?;
        let given: BTreeSet<Hash> = bundles.iter().map(|bundle| bundle.end()).collect();
        kept.retain(|bundle| !given.contains(&bundle.end()));
        let mut all: Vec<&mut dyn Carrier> = Vec::new();
        for bundle in bundles.iter_mut() {
            all.push(&mut **bundle);
        }
        for bundle in &mut kept {
            all.push(bundle);
        }
        let mut looked = self.look_at(&mut all, by.wall_us)?;
        looked.arrival.broken = broken;
        self.keep_what_waits(&mut all, &looked)?;
        let notes = self.new_notes(&looked)?;
        if looked.sorted.news {
            self.take_in(&mut all, &looked, notes, by, hear)?;
        } else if !looked.arrival.forks.is_empty() {
            let draft = by.draft(notes);
            self.stage_as(draft, true)?;
            self.commit()?;
        }
        self.let_go(&all, &looked);
        Ok(looked.arrival)
    }

    /// A head that the own site signed and that this store cannot have signed: it was set back, or a copy writes too.
    fn refuse_if_set_back(&mut self, bundle: &dyn Carrier) -> Result<(), StoreError> {
        let own = self.state.site;
        if self.inner.genesis.demo {
            return Ok(());
        }
        for signed in &bundle.header().about.heads {
            let head = &signed.head;
            if head.site != own {
                continue;
            }
            let agrees = head.seq <= self.state.tip.seq
                && hash_here(&mut self.state.rows, own, head.seq)? == Some(head.hash);
            if !agrees {
                heads::contradicted(self.inner, head)?;
                return Err(StoreError::SetBack {
                    author: bundle.header().author,
                    site: own,
                    have: self.state.tip.seq,
                    seen: head.seq,
                });
            }
        }
        Ok(())
    }

    /// Keeps the bundles in which something waits, and those with another version of an entry.
    fn keep_what_waits(
        &self,
        bundles: &mut [&mut dyn Carrier],
        looked: &Looked,
    ) -> Result<(), StoreError> {
        for (source, bundle) in bundles.iter_mut().enumerate() {
            if looked.waits(source) {
                self.check_floor()?;
                held::keep(self.inner, &self.inner.layout.held(), &mut **bundle)?;
            }
            if looked.arrival.forks.iter().any(|f| f.source == source) {
                self.check_floor()?;
                held::keep(self.inner, &self.inner.layout.forks(), &mut **bundle)?;
            }
        }
        Ok(())
    }

    fn let_go(&self, bundles: &[&mut dyn Carrier], looked: &Looked) {
        for (source, bundle) in bundles.iter().enumerate() {
            if !looked.waits(source) {
                held::release(self.inner, bundle.end());
            }
        }
    }

    /// What is worth noting about the sites of this import.
    fn new_notes(
        &self,
        looked: &Looked,
    ) -> Result<Vec<EventRecord>, StoreError> {
        let mut out = Vec::new();
        for (site, (public_key, head)) in &looked.heads {
            let arrived = looked.arrival.taken.get(site).is_some();
            let newer = looked
                .notes
                .head(*site)
                .is_none_or(|(_, known)| known.seq < head.seq);
            // Only what is here can be passed on with it.
            let within = head.seq <= looked.sorted.chains.tip(*site).seq;
            if arrived && newer && within && !looked.notes.is_own(*site) {
                let note = Note::Witnessed {
                    public_key: *public_key,
                    head: head.clone(),
                };
                out.push(note.to_record(*site)?);
            }
        }
        for ahead in &looked.arrival.ahead {
            let note = Note::Ahead {
                seq: ahead.seq,
                ahead_ms: ahead.ahead_ms,
            };
            out.push(note.to_record(ahead.site)?);
        }
        for fork in &looked.arrival.forks {
            let note = Note::Forked {
                seq: fork.seq,
                kept: fork.kept,
                other: fork.other,
                from: fork.author,
            };
            out.push(note.to_record(fork.site)?);
        }
        Ok(out)
    }

    fn take_in(
        &mut self,
        bundles: &mut [&mut dyn Carrier],
        looked: &Looked,
        notes: Vec<EventRecord>,
        by: &ImportBy,
        hear: Hear<'_>,
    ) -> Result<(), StoreError> {
        self.remember();
        self.state.rows.encode(Encoding::Late);
        let mut flushed = false;
        let done = self.take_in_all(bundles, looked, notes, by, hear, &mut flushed);
        match done {
            Ok(()) => {
                self.no_way_back();
                self.inner.set_chains(&looked.sorted.chains);
                Ok(())
            }
            Err(error) => {
                self.abort(flushed);
                Err(error)
            }
        }
    }

    fn take_in_all(
        &mut self,
        bundles: &mut [&mut dyn Carrier],
        looked: &Looked,
        notes: Vec<EventRecord>,
        by: &ImportBy,
        hear: Hear<'_>,
        flushed: &mut bool,
    ) -> Result<(), StoreError> {
        let total = looked.arrival.entries;
        let mut file = BulkFile::begin(self.inner)?;
        let mut taking = Taking {
            before: self.here(),
            late: Late::default(),
            settler: Settler::start(&self.inner.base),
            after: HybridTime::default(),
            latest: HybridTime::default(),
            done: 0,
        };
        let mut parts = looked.sorted.parts.as_slice();
        while let Some(first) = parts.first() {
            let (pass, rest) = parts.split_at(one_pass(parts));
            parts = rest;
            let Some(bundle) = bundles.get_mut(first.source) else {
                continue;
            };
            bundle.each(&mut |face, bytes| {
                if !pass.iter().any(|part| part.holds(&face)) {
                    return Ok(());
                }
                file.push(bytes, face.hash)?;
                taking.entry(self, &face, bytes, flushed)?;
                if taking.done.is_multiple_of(1000) {
                    hear(taking.done, total);
                }
                Ok(())
            })?;
        }
        if taking.done != total {
            return Err(StoreError::Refused(
                "a bundle gave other entries when it was read again; leave its stick or folder alone during the import"
                    .to_owned(),
            ));
        }
        taking.hand_over(self, flushed)?;
        let (count, mut after, latest) = (taking.done, taking.after, taking.latest);
        let (path, hash) = file.finish(taking.settler, &mut self.state.meta)?;
        after = after.max(self.latest_here()?);
        self.state.clock.observe(latest, by.wall_us);
        let site = self.state.site;
        let mut seen: VersionVector = looked
            .sorted
            .chains
            .tips()
            .filter(|(s, _)| *s != site)
            .map(|(site, tip)| (site, tip.seq))
            .collect();
        seen.raise(site, self.state.tip.seq);
        let include = Include {
            file: hash,
            count,
            first: 0,
            last: 0,
        };
        let mut events = vec![
            include.to_record(site)?,
            Merge { seen, after }.to_record(site)?,
        ];
        events.extend(notes);
        if let Err(error) = self.end_bulk(by.draft(events)) {
            // After a failed sync nobody knows whether the entry is on the disk: then its file must stay.
            if self.state.segment.broken().is_none() {
                let _ = self.inner.vfs.remove(&path);
            }
            return Err(error);
        }
        hear(count, total);
        Ok(())
    }

    /// The latest fold time that the own site has seen or written.
    pub(super) fn latest_here(&mut self) -> Result<HybridTime, StoreError> {
        let (site, tip) = (self.state.site, self.state.tip);
        let merge = causes::last_merge(&mut self.state.rows, site, tip.seq)?;
        let entry = match self.state.rows.peek(family::ENTRIES, &entry_key(site, tip.seq))? {
            Some(bytes) => EntryFace::read(&bytes, tip.hash)?.hybrid,
            None => HybridTime::default(),
        };
        Ok(causes::fold_time(entry, merge.as_deref()))
    }
}

/// An import in the middle.
struct Taking {
    before: super::layout::Watermark,
    late: Late,
    settler: Settler,
    after: HybridTime,
    latest: HybridTime,
    done: u64,
}

impl Taking {
    fn entry(
        &mut self,
        writer: &mut Writer<'_>,
        face: &EntryFace,
        bytes: &[u8],
        flushed: &mut bool,
    ) -> Result<(), StoreError> {
        let entry = Entry::decode_hashed(bytes, face.hash)?;
        let projector = writer.inner.projector.as_ref();
        let state = &mut *writer.state;
        let time = self
            .late
            .fold(projector, &entry, bytes, &mut state.rows)?;
        fold::advance(&mut state.meta, &entry);
        self.after = self.after.max(time);
        self.latest = self.latest.max(entry.hybrid);
        self.done += 1;
        if self
            .done
            .is_multiple_of(writer.inner.tuning.batch.max(1) as u64)
        {
            writer.check_floor()?;
            self.hand_over(writer, flushed)?;
        }
        Ok(())
    }

    fn hand_over(
        &mut self,
        writer: &mut Writer<'_>,
        flushed: &mut bool,
    ) -> Result<(), StoreError> {
        let projector = writer.inner.projector.as_ref();
        let state = &mut *writer.state;
        self.late.settle(projector, &mut state.rows)?;
        state.meta.bulk_from = Some(self.before);
        *flushed = true;
        self.settler.hand(&mut state.rows, &mut state.meta)
    }
}

impl Part {
    fn holds(&self, face: &EntryFace) -> bool {
        face.site == self.site && (self.from..=self.to).contains(&face.seq)
    }
}

/// How many of the parts at the beginning can be read in one pass through their bundle.
fn one_pass(parts: &[Part]) -> usize {
    let rising = parts.windows(2).take_while(|pair| {
        let [a, b] = pair else { return false };
        a.source == b.source && (a.site, a.from) < (b.site, b.from)
    });
    1 + rising.count()
}

/// The hash of an entry that is here.
fn hash_here(rows: &mut Rows, site: SiteId, seq: u64) -> Result<Option<Hash>, StoreError> {
    let bytes = rows.peek(family::ENTRIES, &entry_key(site, seq))?;
    Ok(bytes.map(|bytes| crate::journal::entry_hash(&bytes)))
}

impl ImportBy {
    pub(super) fn draft(&self, events: Vec<EventRecord>) -> Draft {
        Draft {
            command: CommandId::default(),
            actor: self.actor.clone(),
            peer_uid: self.peer_uid,
            wall_us: self.wall_us,
            offset_minutes: self.offset_minutes,
            events,
        }
    }
}

impl Looked {
    fn waits(&self, source: usize) -> bool {
        self.arrival
            .waiting
            .iter()
            .any(|waiting| waiting.source == source && waiting.why.waits())
    }
}

/// What a first pass through the bundles finds.
struct Seen {
    demo: bool,
    runs: Vec<Run>,
    heads: BTreeMap<SiteId, ([u8; 32], Head)>,
    sites: BTreeMap<SiteId, Genesis>,
    /// The latest hybrid time of each site's new entries, with its sequence.
    latest: BTreeMap<SiteId, (HybridTime, u64)>,
    /// Things touched by new entries, per run.
    things: Vec<Vec<(u64, u16, u64)>>,
}

impl Seen {
    fn new(demo: bool) -> Self {
        Self {
            demo,
            runs: Vec::new(),
            heads: BTreeMap::new(),
            sites: BTreeMap::new(),
            latest: BTreeMap::new(),
            things: Vec::new(),
        }
    }

    fn bundle(
        &mut self,
        source: usize,
        bundle: &mut dyn Carrier,
        tip: impl Fn(SiteId) -> u64,
    ) -> Result<(), StoreError> {
        let header = bundle.header();
        let author = header.author;
        for signed in &header.about.heads {
            let known = self.heads.get(&signed.head.site);
            if known.is_none_or(|(_, head)| head.seq < signed.head.seq) {
                let head = (signed.key, signed.head.clone());
                self.heads.insert(signed.head.site, head);
            }
        }
        let vouched: BTreeMap<(SiteId, u64), u64> = bundle
            .report()
            .ranges
            .iter()
            .map(|carried| {
                let range = carried.range;
                let to = if range.site == author {
                    range.to
                } else {
                    carried.signed_to.unwrap_or(0)
                };
                ((range.site, range.from), to)
            })
            .collect();
        let mut run: Option<usize> = None;
        bundle.each(&mut |face, bytes| {
            let current = run.and_then(|at| self.runs.get(at));
            let goes_on =
                current.is_some_and(|r| r.site == face.site && r.to() + 1 == face.seq);
            if !goes_on {
                self.runs.push(Run {
                    source,
                    site: face.site,
                    from: face.seq,
                    before: face.previous,
                    hashes: Vec::new(),
                    merges: Vec::new(),
                    news: 0,
                    author,
                    vouched: vouched
                        .get(&(face.site, face.seq))
                        .copied()
                        .unwrap_or_default(),
                });
                self.things.push(Vec::new());
                run = Some(self.runs.len() - 1);
            }
            self.entry(&face, bytes, face.seq > tip(face.site))
        })
    }

    fn entry(&mut self, face: &EntryFace, bytes: &[u8], new: bool) -> Result<(), StoreError> {
        let (Some(run), Some(things)) = (self.runs.last_mut(), self.things.last_mut()) else {
            return Ok(());
        };
        run.hashes.push(face.hash);
        let kind = first_kind(bytes).unwrap_or(0);
        if is_news(kind) {
            run.news = face.seq;
        }
        if !new {
            return Ok(());
        }
        let latest = self.latest.entry(face.site).or_default();
        *latest = (*latest).max((face.hybrid, face.seq));
        let entry = Entry::decode_hashed(bytes, face.hash)?;
        for event in &entry.events {
            match event.kind {
                GENESIS => {
                    if let Ok(Some(genesis)) = Genesis::from_record(event) {
                        if genesis.demo != self.demo {
                            return Err(StoreError::Practice(if self.demo {
                                "this is a practice store, and the bundle holds a shop's real records"
                            } else {
                                "the bundle comes from a practice store (tagout demo)"
                            }));
                        }
                        self.sites.insert(face.site, genesis);
                    }
                }
                MERGE => {
                    if let Ok(Some(merge)) = Merge::from_record(event) {
                        run.merges.push((face.seq, merge.seen));
                    }
                }
                INCLUDE => {}
                kind if kind > crate::journal::system::LAST_SYSTEM_KIND => {
                    let id = blake3::hash(&event.aggregate.id.key());
                    let mut short = [0; 8];
                    short.copy_from_slice(id.as_bytes().get(..8).unwrap_or(&[0; 8]));
                    things.push((face.seq, event.aggregate.kind, u64::from_le_bytes(short)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn arrival(&mut self, sorted: &Sorted, notes: &Notes, wall_us: i64) -> Arrival {
        let mut arrival = Arrival {
            sites: std::mem::take(&mut self.sites),
            waiting: sorted.waiting.clone(),
            ..Arrival::default()
        };
        arrival.forks = sorted
            .forks
            .iter()
            .filter(|fork| !notes.knows_fork(fork.site, fork.seq, fork.other))
            .copied()
            .collect();
        if !sorted.news {
            return arrival;
        }
        let mut touched: BTreeMap<u16, HashSet<u64>> = BTreeMap::new();
        for part in &sorted.parts {
            let taken = arrival.taken.entry(part.site).or_insert((part.from, part.to));
            *taken = (taken.0.min(part.from), taken.1.max(part.to));
            arrival.entries += part.to - part.from + 1;
            for (run, things) in self.runs.iter().zip(&self.things) {
                if run.source == part.source && run.site == part.site {
                    for (seq, kind, thing) in things {
                        if (part.from..=part.to).contains(seq) {
                            touched.entry(*kind).or_default().insert(*thing);
                        }
                    }
                }
            }
        }
        arrival.things = touched
            .into_iter()
            .map(|(kind, things)| (kind, things.len() as u64))
            .collect();
        for site in arrival.taken.keys() {
            if let Some((time, seq)) = self.latest.get(site)
                && let Some(ahead_ms) = incoming::ahead(*time, wall_us)
            {
                arrival.ahead.push(Ahead {
                    site: *site,
                    seq: *seq,
                    ahead_ms,
                });
            }
        }
        arrival
    }
}
