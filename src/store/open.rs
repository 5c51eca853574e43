//! Opening a store: lock, survey of the journal, repair, rows, heads.
//!
//! The recovery table, row by row:
//!
//! | found | done |
//! | --- | --- |
//! | incomplete last frame | cut off, kept aside, notice; was it the Include of a big transaction, it is made again |
//! | an Include damaged elsewhere | made again from the last record of its transaction, if its hash joins |
//! | journal damaged elsewhere | each missing entry refilled from sled if its hash joins on both sides; else quarantined: reading only, named |
//! | sled behind | replayed |
//! | sled damaged, ahead, or checksum wrong | set aside and built anew, after such refilling |
//! | a backup that was interrupted | refused, in words; `recover` takes what is there |
//! | head outside ahead of the journal, copy, other machine | a new site continues the old one, visibly |

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::domain::id::SiteId;
use crate::journal::system::{GENESIS, Genesis};
use crate::journal::{Clock, Entry, HybridTime};

use super::background::{Background, Wake};
use super::base::Base;
use super::error::{Notice, StoreError};
use super::foreign::Late;
use super::gaps::{self, Gap};
use super::layout::{Layout, Meta, Watermark, segment_number};
use super::options::{IfAbsent, StoreOptions};
use super::read::Published;
use super::rows::{Encoding, Rows};
use super::segment::Segment;
use super::settle::Settler;
use super::walk::{Came, Step, Trouble, Visitor, Walked, walk};
use super::writer::WriteState;
use super::{Inner, Store, fold, identity, keyfile, lock, repair, space};

/// What the survey of the journal found.
#[derive(Default)]
pub(crate) struct Survey {
    pub walked: Walked,
    pub entries: u64,
    pub troubles: Vec<Trouble>,
    /// The own site: the last Genesis in a live file.
    pub own: Option<(SiteId, Genesis)>,
    /// All sites that ever wrote here, the own one among them.
    pub sites: BTreeSet<SiteId>,
    pub own_time: HybridTime,
    pub own_wall: i64,
    /// The entry at the rows' watermark.
    pub at_mark: Option<Watermark>,
    mark: u64,
    known: Vec<Gap>,
}

/// True for the first entry of a site that writes in this store: others are taken in by files of their own.
fn begins_here(step: &Step<'_>) -> bool {
    step.face.seq == 1 && segment_number(&step.place.file).is_some()
}

impl Visitor for Survey {
    fn entry(&mut self, step: Step<'_>) -> Result<(), StoreError> {
        self.entries += 1;
        if self.entries == self.mark {
            self.at_mark = Some(Watermark {
                applied: self.entries,
                site: step.face.site,
                seq: step.face.seq,
                hash: step.face.hash,
            });
        }
        if begins_here(&step) {
            self.sites.insert(step.face.site);
            let entry = Entry::decode_hashed(step.bytes, step.face.hash)?;
            let event = entry.events.iter().find(|e| e.kind == GENESIS);
            if let Some(genesis) = event.map(Genesis::from_record).transpose()?.flatten() {
                self.own = Some((entry.site, genesis));
            }
        }
        if self
            .own
            .as_ref()
            .is_some_and(|(site, _)| *site == step.face.site)
        {
            self.own_time = self.own_time.max(step.face.hybrid);
            self.own_wall = step.face.wall_us;
        }
        Ok(())
    }

    fn trouble(&mut self, trouble: Trouble) -> Result<(), StoreError> {
        if !Gap::of(&trouble).is_some_and(|gap| self.known.contains(&gap)) {
            self.troubles.push(trouble);
        }
        Ok(())
    }
}

pub(crate) fn survey(
    options: &StoreOptions,
    layout: &Layout,
    mark: u64,
) -> Result<Survey, StoreError> {
    let mut found = Survey {
        mark,
        known: gaps::read(options.vfs.as_ref(), layout),
        ..Survey::default()
    };
    options.tell("checking the journal", 0, None);
    found.walked = walk(options.vfs.as_ref(), &layout.journal(), &mut found)?;
    Ok(found)
}

/// Folds every entry of the journal above the watermark.
struct Replay<'a> {
    options: &'a StoreOptions,
    settler: Settler,
    rows: Rows,
    meta: Meta,
    late: Late,
    /// The sites that ever wrote here.
    own: BTreeSet<SiteId>,
    position: u64,
    since_flush: usize,
    total: u64,
}

impl Visitor for Replay<'_> {
    fn entry(&mut self, step: Step<'_>) -> Result<(), StoreError> {
        self.position += 1;
        if begins_here(&step) {
            self.own.insert(step.face.site);
        }
        if self.position <= self.meta.watermark.applied {
            return Ok(());
        }
        let entry = Entry::decode_hashed(step.bytes, step.face.hash)?;
        let projector = self.options.projector.as_ref();
        if step.came == Came::TakenIn || !self.own.contains(&entry.site) {
            self.late
                .fold(projector, &entry, step.bytes, &mut self.rows)?;
        } else {
            self.late.settle(projector, &mut self.rows)?;
            let answers = if step.came == Came::InBulk {
                fold::Answers::Skip
            } else {
                fold::Answers::Keep
            };
            match fold::fold(projector, &entry, step.bytes, answers, &mut self.rows) {
                Ok(()) => {}
                Err(StoreError::Refused(_)) => {
                    // The entry is kept and readable; only its projection is missing, and that is counted and shown.
                    fold::own_rows(&entry, step.bytes, answers, &mut self.rows)?;
                    self.meta.skipped += 1;
                }
                Err(error) => return Err(error),
            }
        }
        fold::advance(&mut self.meta, &entry);
        self.since_flush += 1;
        if self.since_flush >= self.options.tuning.batch.max(1) {
            self.since_flush = 0;
            self.late.settle(projector, &mut self.rows)?;
            self.settler.hand(&mut self.rows, &mut self.meta)?;
            self.options.tell(
                "taking records into the working copy",
                self.position,
                Some(self.total),
            );
        }
        Ok(())
    }
}

/// Brings rows from their watermark to the journal's end.
pub(crate) fn replay(
    options: &StoreOptions,
    layout: &Layout,
    base: &Arc<Base>,
    meta: Meta,
    total: u64,
) -> Result<Meta, StoreError> {
    let mut visitor = Replay {
        options,
        settler: Settler::start(base),
        rows: Rows::new(Arc::clone(base)),
        meta,
        late: Late::default(),
        own: BTreeSet::new(),
        position: 0,
        since_flush: 0,
        total,
    };
    visitor.rows.encode(Encoding::Late);
    walk(options.vfs.as_ref(), &layout.journal(), &mut visitor)?;
    visitor
        .late
        .settle(options.projector.as_ref(), &mut visitor.rows)?;
    visitor.settler.settled(&mut visitor.meta)?;
    fold::flush(base, &mut visitor.rows, &mut visitor.meta)?;
    Ok(visitor.meta)
}

/// Takes a big transaction that was given up out of the rows: empties them and folds the journal again.
pub(crate) fn refold_in_place(inner: &Inner) -> Result<Meta, StoreError> {
    let _nobody_reads = inner.whole.write().unwrap_or_else(PoisonError::into_inner);
    inner.base.clear()?;
    let options = StoreOptions {
        vfs: Arc::clone(&inner.vfs),
        tuning: inner.tuning,
        ..StoreOptions::new(
            inner.layout.dir.clone(),
            inner.layout.state.clone(),
            Arc::clone(&inner.projector),
        )
    };
    let meta = Meta {
        projector: inner.projector.version(),
        ..Meta::default()
    };
    replay(
        &options,
        &inner.layout,
        &inner.base,
        meta,
        inner.published().watermark.applied,
    )
}

impl Store {
    /// Opens the store, or makes it if the options say so, and heals what can be healed.
    pub fn open(options: StoreOptions) -> Result<(Self, Vec<Notice>), StoreError> {
        Self::open_as(options, false)
    }

    /// Opens the store as [`Store::open`] does, and goes on without what cannot be restored: the gaps are noted for
    /// ever, the damaged files are kept aside, and a new site continues. The notices say what was done.
    pub fn recover(options: StoreOptions) -> Result<(Self, Vec<Notice>), StoreError> {
        Self::open_as(options, true)
    }

    fn open_as(options: StoreOptions, accept: bool) -> Result<(Self, Vec<Notice>), StoreError> {
        let layout = Layout {
            dir: options.dir.clone(),
            state: options.state_dir.clone(),
        };
        let vfs = Arc::clone(&options.vfs);
        let mut notices = Vec::new();
        let absent = !vfs.exists(&layout.journal()) && !vfs.exists(&layout.keys());
        if absent && matches!(options.if_absent, IfAbsent::Refuse) {
            return Err(StoreError::Absent(layout.dir));
        }
        if !accept && vfs.exists(&layout.unfinished()) {
            return Err(StoreError::Unfinished(layout.dir));
        }
        for folder in [layout.dir.clone(), layout.journal(), layout.keys()] {
            vfs.create_dir_all(&folder)
                .map_err(|e| StoreError::file("could not make the folder", &folder, e))?;
        }
        if let Some(kind) = vfs
            .shared_kind(&layout.dir)
            .map_err(|e| StoreError::file("could not look at", &layout.dir, e))?
        {
            return Err(StoreError::NetworkFolder {
                path: layout.dir,
                kind,
            });
        }
        let machine = &options.machine;
        let holder = format!(
            "process {} of {} on {} since {}",
            machine.process, machine.user, machine.terminal, machine.since
        );
        let lock = lock::take(&vfs, &layout, &holder, options.tuning.lock_wait)?;
        notices.extend(space::prepare(vfs.as_ref(), &layout, &options.tuning));
        let tight = notices
            .iter()
            .any(|notice| matches!(notice, Notice::DiskNearlyFull { .. }));

        let ready = repair::bring_up(&options, &layout, accept, &mut notices)?;
        let repair::Ready {
            base,
            meta,
            survey,
            read_only,
            accepted,
        } = ready;

        let (site, genesis) = survey.own.clone().unwrap_or_default();
        let key = keyfile::read(vfs.as_ref(), &layout, site);
        let tip = survey.walked.chains.tip(site);
        let number = survey.walked.live.last().copied().unwrap_or(1);
        let segment = Segment::resume(
            Arc::clone(&vfs),
            layout.journal(),
            number,
            survey.walked.last_good,
            options.tuning.segment_bytes,
        );
        let state = WriteState {
            segment,
            rows: Rows::new(Arc::clone(&base)),
            clock: Clock::after(survey.own_time),
            site,
            tip,
            wall_us: survey.own_wall,
            meta,
        };
        let published = Published {
            site,
            tip,
            wall_us: state.wall_us,
            watermark: state.meta.watermark,
        };
        let mut inner = Inner {
            layout,
            vfs,
            projector: Arc::clone(&options.projector),
            machine: options.machine.clone(),
            tuning: options.tuning,
            base,
            genesis,
            key,
            write: Mutex::new(state),
            published: RwLock::new(published),
            others: RwLock::new(survey.walked.chains.clone()),
            sites: survey.sites.clone(),
            read_only: RwLock::new(read_only),
            wake: Wake::default(),
            tight: AtomicBool::new(tight),
            whole: RwLock::default(),
            _lock: lock,
        };
        let start = if survey.own.is_none() {
            identity::Start::New
        } else if accepted {
            identity::Start::AfterLoss
        } else {
            identity::Start::GoOn
        };
        identity::settle(&mut inner, &options, start, &mut notices)?;
        if accept && inner.vfs.exists(&inner.layout.unfinished()) {
            let _ = inner.vfs.remove(&inner.layout.unfinished());
            notices.push(Notice::Other(
                "This backup was interrupted while it was made; what it holds was accepted as all there is."
                    .to_owned(),
            ));
        }
        let inner = Arc::new(inner);
        let background = Background::start(&inner);
        Ok((
            Self {
                inner,
                background: Some(background),
            },
            notices,
        ))
    }
}
