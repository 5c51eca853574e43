//! Taking in what bundles bring: all that can be taken in, in one transaction, or nothing.
//!
//! Invariants: idempotent and free of order: the same bundles give the same records however often and in whatever order
//! they come. What is taken in counts from the moment its one entry in the own journal is durable; until then a crash
//! leaves the store as it was. What waits is kept before that. Bundles that bring nothing anybody waits for are not taken
//! in at all, so that two shops do not answer each other for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

use crate::bundle::Verified;
use crate::domain::id::{CommandId, Hash, SiteId};
use crate::journal::notes::Note;
use crate::journal::system::{Include, Merge};
use crate::journal::{Entry, EntryFace, EventRecord, Head, HybridTime, VersionVector};

use super::arrival::{Arrival, FirstPass};
use super::bulk::BulkFile;
use super::carrier::Carrier;
use super::error::StoreError;
use super::foreign::Late;
use super::incoming::{self, Part, Sorted};
use super::layout::entry_key;
use super::notes::Notes;
use super::rows::{Encoding, Rows, family};
use super::settle::Settler;
use super::writer::{Draft, Writer};
use super::{Store, causes, fold, heads, heard, held};

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
        let (mut kept, broken) = held::open(writer.inner)?;
        let mut all = together(bundles, &mut kept);
        let mut looked = writer.look_at(&mut all, wall_us)?;
        looked.arrival.broken = broken;
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
        let mut seen = FirstPass::new(self.inner.genesis.demo);
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
        let mut all = together(bundles, &mut kept);
        let mut looked = self.look_at(&mut all, by.wall_us)?;
        looked.arrival.broken = broken;
        self.keep_what_waits(&mut all, &looked)?;
        let notes = Self::new_notes(&looked)?;
        if looked.sorted.news {
            self.take_in(&mut all, &looked, notes, by, hear)?;
        } else if !looked.arrival.forks.is_empty() {
            let draft = by.draft(notes);
            self.stage_as(draft, true)?;
            self.commit()?;
        }
        self.let_go(&all, &looked);
        heard::listen(self.inner, &all, &looked.notes);
        Ok(looked.arrival)
    }

    fn refuse_if_set_back(&mut self, bundle: &dyn Carrier) -> Result<(), StoreError> {
        let own = self.state.site;
        let about = &bundle.header().about;
        let mut heads = about.heads.iter().filter(|signed| signed.head.site == own);
        heads.try_for_each(|signed| self.must_have_written(bundle.header().author, &signed.head))
    }

    /// For a head that the own site signed. If this store cannot have signed it, it was set back or a copy writes too: from
    /// now on nothing is written under this site's name.
    pub(super) fn must_have_written(
        &mut self,
        author: SiteId,
        head: &Head,
    ) -> Result<(), StoreError> {
        let have = self.state.tip.seq;
        if self.inner.genesis.demo
            || head.seq <= have
                && hash_here(&mut self.state.rows, head.site, head.seq)? == Some(head.hash)
        {
            return Ok(());
        }
        heads::contradicted(self.inner, head)?;
        Err(StoreError::SetBack {
            author,
            site: head.site,
            have,
            seen: head.seq,
        })
    }

    /// Keeps the bundles in which something waits, and those with another version of an entry.
    fn keep_what_waits(
        &self,
        bundles: &mut [&mut dyn Carrier],
        looked: &Looked,
    ) -> Result<(), StoreError> {
        for (source, bundle) in bundles.iter_mut().enumerate() {
            if looked.waits(source) {
                self.inner.room()?;
                held::keep(self.inner, &self.inner.layout.held(), &mut **bundle)?;
            }
            if looked.arrival.forks.iter().any(|f| f.source == source) {
                self.inner.room()?;
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
    fn new_notes(looked: &Looked) -> Result<Vec<EventRecord>, StoreError> {
        let mut out = Vec::new();
        for (site, (public_key, head)) in &looked.heads {
            let arrived = looked.arrival.taken.contains_key(site);
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
        let entry = match self
            .state
            .rows
            .peek(family::ENTRIES, &entry_key(site, tip.seq))?
        {
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
        let time = self.late.fold(projector, &entry, bytes, &mut state.rows)?;
        fold::advance(&mut state.meta, &entry);
        self.after = self.after.max(time);
        self.latest = self.latest.max(entry.hybrid);
        self.done += 1;
        if self
            .done
            .is_multiple_of(writer.inner.tuning.batch.max(1) as u64)
        {
            writer.inner.room()?;
            self.hand_over(writer, flushed)?;
        }
        Ok(())
    }

    fn hand_over(&mut self, writer: &mut Writer<'_>, flushed: &mut bool) -> Result<(), StoreError> {
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

/// The given bundles, then those kept from earlier imports; each once.
fn together<'b, R: Read + Seek>(
    given: &'b mut [&mut dyn Carrier],
    kept: &'b mut [Verified<R>],
) -> Vec<&'b mut dyn Carrier> {
    let mut ends = BTreeSet::new();
    let mut all: Vec<&mut dyn Carrier> = Vec::new();
    for bundle in given.iter_mut() {
        if ends.insert(bundle.end()) {
            all.push(&mut **bundle);
        }
    }
    for bundle in kept {
        if ends.insert(bundle.end()) {
            all.push(bundle);
        }
    }
    all
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
