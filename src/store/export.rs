//! Making bundles of what others lack.
//!
//! Invariants: entries leave as they are stored. Of another site only what it has signed for is passed on, with its
//! signed head. If others lack nothing but notes about the exchange itself, there is nothing to export.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use crate::bundle::{
    About, Builder, BundleError, Created, Fresh, Recipient, SignedHead, Written, split,
};
use crate::domain::id::{EntityId, SiteId};
use crate::journal::chain::Tip;
use crate::journal::notes::is_news;
use crate::journal::{EntryFace, Head, VersionVector, entry_hash, first_kind};

use super::base::Direction;
use super::error::StoreError;
use super::layout::entry_key;
use super::raw;
use super::rows::family;
use super::{Inner, Store, causes, heard, keyfile};

/// The largest bundle in bytes: 1 GiB, which every stick's file system takes.
pub const MAX_BUNDLE: u64 = 1 << 30;
/// Entries read at once.
const PAGE: usize = 500;

/// A run of a site's entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// The site.
    pub site: SiteId,
    /// The first sequence.
    pub from: u64,
    /// The last sequence.
    pub to: u64,
}

impl Stretch {
    /// How many entries it holds.
    pub const fn count(&self) -> u64 {
        (self.to - self.from).saturating_add(1)
    }
}

/// What is to be exported, and how.
#[derive(Clone, Debug)]
pub struct ExportPlan {
    /// The entries, sorted by site and sequence.
    pub what: Vec<Stretch>,
    /// The sites that can read it; everybody if none is named.
    pub readers: Vec<Recipient>,
    /// When it is made.
    pub created: Created,
    /// The program's version.
    pub app: String,
    /// The largest file in bytes, at most [`MAX_BUNDLE`].
    pub limit: u64,
    /// The inspection that a sign-off bundle is about.
    pub inspection: Option<EntityId>,
    /// The folder that the files are made in; what is in it goes.
    pub folder: PathBuf,
}

/// A bundle that was made.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The file.
    pub path: PathBuf,
    /// What it holds, and its name.
    pub written: Written,
}

impl Store {
    /// Refuses if less space is free than must stay free.
    pub fn check_room(&self) -> Result<(), StoreError> {
        self.inner.room()
    }

    /// What is known of every site.
    pub fn vector(&self) -> VersionVector {
        self.inner.chains().vector()
    }

    /// The end of every site's chain.
    pub fn tips(&self) -> Vec<(SiteId, Tip)> {
        self.inner.chains().tips().collect()
    }

    /// What a site is known to have: what it wrote, what it had taken in when it last wrote something that is here, and
    /// what it said in its bundles.
    pub fn known_to(&self, peer: SiteId) -> Result<VersionVector, StoreError> {
        let mut writer = self.write();
        let tip = self.inner.chains().tip(peer).seq;
        let merge = causes::last_merge(&mut writer.state.rows, peer, tip)?;
        let mut known: VersionVector = merge
            .iter()
            .flat_map(|merge| merge.seen.iter().map(|(site, seq)| (*site, *seq)))
            .collect();
        known.raise(peer, tip);
        for (site, seq) in heard::of(&self.inner, peer).iter() {
            known.raise(site, seq);
        }
        Ok(known)
    }

    /// What tells a site that its entries arrived, where there is no news for it: the own entries it is not known to
    /// have. Nothing if it knows, or if none of its entries are here.
    pub fn receipt_for(&self, peer: SiteId) -> Result<Vec<Stretch>, StoreError> {
        let known = self.known_to(peer)?;
        let news = self.lacking(&known)?;
        if !news.is_empty() {
            return Ok(news);
        }
        let own = self.site();
        let to = self.head().seq;
        let from = known.get(own) + 1;
        let arrived = self.inner.chains().tip(peer).seq > 0;
        Ok(if arrived && from <= to {
            vec![Stretch {
                site: own,
                from,
                to,
            }]
        } else {
            Vec::new()
        })
    }

    /// What somebody lacks who has this much: nothing if that is only notes about the exchange.
    pub fn lacking(&self, known: &VersionVector) -> Result<Vec<Stretch>, StoreError> {
        let notes = self.inner.notes()?;
        let own = self.site();
        let mut out = Vec::new();
        let mut news = false;
        for (site, tip) in self.inner.chains().tips() {
            let to = if site == own {
                tip.seq
            } else {
                notes
                    .head(site)
                    .map_or(0, |(_, head)| head.seq.min(tip.seq))
            };
            let from = known.get(site) + 1;
            if from <= to {
                let stretch = Stretch { site, from, to };
                news = news || self.has_news(&stretch)?;
                out.push(stretch);
            }
        }
        Ok(if news { out } else { Vec::new() })
    }

    /// Everything from the first entry of each site that was written at this wall time or later.
    pub fn since(&self, wall_us: i64) -> Result<Vec<Stretch>, StoreError> {
        let mut out = Vec::new();
        for mut stretch in self.lacking(&VersionVector::default())? {
            let mut first = None;
            self.inner.each_entry(&stretch, &mut |face, _| {
                if face.wall_us >= wall_us && first.is_none() {
                    first = Some(face.seq);
                }
                Ok(first.is_none())
            })?;
            if let Some(from) = first {
                stretch.from = from;
                out.push(stretch);
            }
        }
        let mut news = false;
        for stretch in &out {
            news = news || self.has_news(stretch)?;
        }
        Ok(if news { out } else { Vec::new() })
    }

    pub(super) fn has_news(&self, stretch: &Stretch) -> Result<bool, StoreError> {
        let mut news = false;
        self.inner.each_entry(stretch, &mut |_, bytes| {
            news = is_news(first_kind(bytes).unwrap_or_default());
            Ok(!news)
        })?;
        Ok(news)
    }

    /// Writes bundles, one or several, to the plan's folder.
    pub fn export(
        &self,
        plan: &ExportPlan,
        hear: &mut dyn FnMut(u64, u64),
    ) -> Result<Vec<Exported>, StoreError> {
        let inner = &self.inner;
        let Some(key) = &inner.key else {
            return Err(StoreError::ReadOnly {
                reason: "the private key of this store's site is missing, and a bundle must be signed; open the store \
                         again"
                    .to_owned(),
            });
        };
        let folder = plan.folder.clone();
        clear(&folder)?;
        let spool = folder.join("spool.tmp");
        let about = self.about(plan)?;
        let total: u64 = plan.what.iter().map(Stretch::count).sum();
        let mut done = 0;
        let mut out = Vec::new();
        let all = plan.what.iter();
        let entries = all.flat_map(|stretch| Pages::new(inner, *stretch));
        let entries = entries.inspect(|_| {
            done += 1;
            if done % 1000 == 0 {
                hear(done, total);
            }
        });
        let made = split(
            entries,
            || {
                let spool = File::options()
                    .read(true)
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .open(&spool)
                    .map_err(io("write the bundle"))?;
                Ok(if plan.readers.is_empty() {
                    Builder::new(about.clone(), plan.limit, spool)?
                } else {
                    let fresh = Fresh::new(keyfile::random()?);
                    Builder::encrypted(about.clone(), plan.limit, spool, &plan.readers, fresh)?
                })
            },
            |builder: Builder<File>| {
                let path = folder.join(format!("{}.tagout", out.len()));
                let file = File::create_new(&path).map_err(io("write the bundle"))?;
                let mut file = BufWriter::new(file);
                let written = builder.finish(key, &mut file)?;
                file.flush()
                    .and_then(|()| file.get_ref().sync_all())
                    .map_err(io("write the bundle"))?;
                out.push(Exported { path, written });
                Ok(())
            },
        );
        let _ = std::fs::remove_file(&spool);
        match made {
            Ok(0) => Err(BundleError::Empty.into()),
            Ok(_) => Ok(out),
            Err(error) => {
                let _ = clear(&folder);
                Err(error)
            }
        }
    }

    fn about(&self, plan: &ExportPlan) -> Result<About, StoreError> {
        let inner = &self.inner;
        let notes = inner.notes()?;
        let own = self.site();
        let chains = inner.chains();
        let heads = plan
            .what
            .iter()
            .filter(|stretch| stretch.site != own)
            .filter_map(|stretch| {
                // The one that vouches for the run's end.
                let within = notes.head_up_to(stretch.site, stretch.to);
                let within = within.filter(|(_, head)| head.seq >= stretch.from);
                within.or_else(|| notes.head(stretch.site))
            })
            .map(|(key, head)| SignedHead {
                key,
                head: head.clone(),
            })
            .collect();
        Ok(About {
            shop: inner.genesis.shop.clone(),
            app: plan.app.clone(),
            created: plan.created,
            needs: VersionVector::default(),
            have: chains.vector(),
            witnessed: chains.tips().collect(),
            heads,
            inspection: plan.inspection,
        })
    }
}

fn io(doing: &'static str) -> impl Fn(std::io::Error) -> StoreError {
    move |source| StoreError::Bundle(BundleError::Io { doing, source })
}

fn clear(folder: &std::path::Path) -> Result<(), StoreError> {
    let failed = |e| StoreError::file("could not empty", folder, e);
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(failed)?;
    }
    std::fs::create_dir_all(folder).map_err(failed)
}

/// The stored bytes of a stretch, page by page.
struct Pages<'a> {
    inner: &'a Inner,
    left: Stretch,
    page: std::vec::IntoIter<raw::Row>,
}

impl<'a> Pages<'a> {
    fn new(inner: &'a Inner, stretch: Stretch) -> Self {
        Self {
            inner,
            left: stretch,
            page: Vec::new().into_iter(),
        }
    }

    fn fill(&mut self) -> Result<(), StoreError> {
        let from = entry_key(self.left.site, self.left.from);
        let to = entry_key(self.left.site, self.left.to);
        let _whole = self.inner.whole();
        let rows = raw::read_range(
            &self.inner.base,
            family::ENTRIES,
            std::ops::Bound::Included(&from),
            std::ops::Bound::Included(&to),
            PAGE,
            Direction::Up,
        )?;
        self.left.from += rows.len() as u64;
        self.page = rows.into_iter();
        Ok(())
    }
}

impl Iterator for Pages<'_> {
    type Item = Result<Vec<u8>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0 && self.left.from <= self.left.to {
            if let Err(error) = self.fill() {
                self.left.from = self.left.to + 1;
                return Some(Err(error));
            }
            if self.page.len() == 0 {
                self.left.from = self.left.to + 1;
                let reason = "entries that the journal holds are missing".to_owned();
                return Some(Err(StoreError::Rows { reason }));
            }
        }
        self.page.next().map(|(_, bytes)| Ok(bytes))
    }
}

/// Told of each entry with its stored bytes; `false` ends it.
type Visit<'v> = &'v mut dyn FnMut(&EntryFace, &[u8]) -> Result<bool, StoreError>;

impl Inner {
    fn each_entry(&self, stretch: &Stretch, visit: Visit<'_>) -> Result<(), StoreError> {
        for bytes in Pages::new(self, *stretch) {
            let bytes = bytes?;
            let face = EntryFace::read(&bytes, entry_hash(&bytes))?;
            if !visit(&face, &bytes)? {
                break;
            }
        }
        Ok(())
    }

    /// The head of a site that wrote here before, signed with its own key where that is still there.
    pub fn last_head(&self, site: SiteId, tip: Tip, wall_us: i64) -> Option<([u8; 32], Head)> {
        let key = keyfile::read(self.vfs.as_ref(), &self.layout, site)?;
        Some((key.public(), Head::sign(&key, tip.seq, tip.hash, wall_us)))
    }
}
