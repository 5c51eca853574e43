//! Restoring damaged journal files from the entries that sled holds, and from what the journal itself still says.
//!
//! Invariants: an entry is put back only if its hash joins the chain on both sides, so what is restored is exactly what
//! was written. A file is replaced as a whole (temporary name, sync, rename) and the damaged one is kept. If a gap in a
//! file cannot be closed, the file is left as it is, unless the loss was accepted.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::domain::id::{Hash, SiteId};
use crate::journal::chain::{Break, Chains, Tip};
use crate::journal::system::Include;
use crate::journal::{EntryFace, entry_hash};

use super::aside;
use super::base::{Base, Direction};
use super::error::{Notice, StoreError};
use super::frame::{self, FrameReader, Piece};
use super::gaps::Gap;
use super::layout::{Layout, bulk_name, entry_key, read_entry_key, segment_name};
use super::raw;
use super::reattach;
use super::rows::family;
use super::vfs::{AppendFile, Vfs};
use super::walk::{self, Trouble};

/// Entries from sled, as far as they can be read.
pub struct Source<'a> {
    /// The rows; `None` if sled could not be opened.
    pub base: Option<&'a Base>,
    /// Entries of a big transaction that never counted: nothing above this sequence of this site may be used.
    pub limit: Option<(SiteId, u64)>,
}

impl Source<'_> {
    fn entry(&self, site: SiteId, seq: u64) -> Option<(Vec<u8>, EntryFace)> {
        let base = self.base?;
        if base.down().is_some() || self.limit.is_some_and(|(s, last)| s == site && seq > last) {
            return None;
        }
        let bytes = raw::read(base, family::ENTRIES, &entry_key(site, seq)).ok()??;
        let face = EntryFace::read(&bytes, entry_hash(&bytes)).ok()?;
        (face.site == site && face.seq == seq).then_some((bytes, face))
    }

    /// Every entry between a chain's end and a later entry, if all are there and join on both sides.
    fn bridge(
        &self,
        site: SiteId,
        tip: Tip,
        to: u64,
        joins: Hash,
    ) -> Option<Vec<(Vec<u8>, EntryFace)>> {
        let mut out = Vec::new();
        let mut last = tip.hash;
        for seq in tip.seq + 1..=to {
            let (bytes, face) = self.entry(site, seq)?;
            if face.previous != last {
                return None;
            }
            last = face.hash;
            out.push((bytes, face));
        }
        (last == joins).then_some(out)
    }

    /// Entries that go on behind a chain's end, at most `limit`.
    pub fn behind(&self, site: SiteId, tip: Tip, limit: usize) -> Vec<(Vec<u8>, EntryFace)> {
        let mut out = Vec::new();
        let (mut seq, mut last) = (tip.seq, tip.hash);
        while out.len() < limit {
            match self.entry(site, seq + 1) {
                Some((bytes, face)) if face.previous == last => {
                    (seq, last) = (face.seq, face.hash);
                    out.push((bytes, face));
                }
                _ => break,
            }
        }
        out
    }

    /// The sites that sled holds entries of.
    pub fn sites(&self) -> Vec<SiteId> {
        let mut out: Vec<SiteId> = Vec::new();
        let Some(base) = self.base else { return out };
        loop {
            let from = match out.last() {
                Some(site) => std::ops::Bound::Excluded(entry_key(*site, u64::MAX).to_vec()),
                None => std::ops::Bound::Unbounded,
            };
            let next = raw::read_range(
                base,
                family::ENTRIES,
                raw::as_slice(&from),
                std::ops::Bound::Unbounded,
                1,
                Direction::Up,
            );
            let site = next
                .ok()
                .and_then(|rows| read_entry_key(&rows.first()?.0).map(|(site, _)| site));
            match site {
                Some(site) if !out.contains(&site) => out.push(site),
                _ => return out,
            }
        }
    }
}

/// The result of a repair of the journal's files.
#[derive(Default)]
pub struct Refilled {
    /// What could not be closed, in words.
    pub open: Vec<String>,
    /// The gaps among them.
    pub gaps: Vec<Gap>,
}

/// Closes the gaps in the journal's files.
pub struct Refill<'a> {
    /// The file layer.
    pub vfs: &'a dyn Vfs,
    /// Where things lie.
    pub layout: &'a Layout,
    /// Where entries come from.
    pub source: Source<'a>,
    /// The files with trouble.
    pub files: BTreeSet<String>,
    /// Drop what cannot be restored.
    pub accept: bool,
    /// Gaps accepted earlier.
    pub known: Vec<Gap>,
}

/// A file that an entry takes in.
#[derive(Clone, Copy)]
enum Part<'a> {
    /// A big transaction, with the entry that takes it in.
    Own(&'a Include, &'a EntryFace),
    /// Entries of other sites, with the site that took them in.
    Foreign(&'a walk::TakenIn, SiteId),
}

struct Output {
    temporary: PathBuf,
    file: Box<dyn AppendFile>,
}

struct Progress {
    chains: Chains,
    done: Refilled,
}

impl Refill<'_> {
    /// Names the files that these troubles are in.
    pub fn files_of(troubles: &[Trouble]) -> BTreeSet<String> {
        troubles
            .iter()
            .filter_map(|trouble| match trouble {
                Trouble::Bytes { place, .. } => Some(place.file.clone()),
                Trouble::Missing { place, bulk, .. } => match bulk {
                    Some(include) => Some(bulk_name(&include.file)),
                    None => Some(place.file.clone()),
                },
                Trouble::Unreadable { .. } | Trouble::Fork { .. } | Trouble::Tail { .. } => None,
            })
            .collect()
    }

    /// Goes through all files in order and rewrites those with trouble.
    pub fn run(&self, notices: &mut Vec<Notice>) -> Result<Refilled, StoreError> {
        let mut progress = Progress {
            chains: Chains::default(),
            done: Refilled::default(),
        };
        let dir = self.layout.journal();
        for number in walk::live_segments(self.vfs, &dir)? {
            self.file(&segment_name(number), None, &mut progress, notices)?;
        }
        Ok(progress.done)
    }

    /// One file. `part` is set for a file that an entry takes in.
    fn file(
        &self,
        name: &str,
        part: Option<Part<'_>>,
        progress: &mut Progress,
        notices: &mut Vec<Notice>,
    ) -> Result<(), StoreError> {
        let path = self.layout.journal().join(name);
        let failed = |e| StoreError::file("could not repair", &path, e);
        let mut out = if self.files.contains(name) {
            let temporary = path.with_extension("seg.tmp");
            if self.vfs.exists(&temporary) {
                self.vfs.remove(&temporary).map_err(failed)?;
            }
            let file = self.vfs.open_append(&temporary).map_err(failed)?;
            Some(Output { temporary, file })
        } else {
            None
        };
        let open_before = progress.done.open.len();
        let mut filled = 0;
        if self.vfs.exists(&path) {
            let mut reader = FrameReader::open(self.vfs, &path, 0).map_err(failed)?;
            while let Some(piece) = reader.next_piece().map_err(failed)? {
                let Piece::Frame {
                    offset,
                    bytes,
                    hash,
                } = piece
                else {
                    continue;
                };
                if let Ok(face) = EntryFace::read(&bytes, hash) {
                    let place = format!("{name} at byte {offset}");
                    if part.is_none() {
                        self.take_bulk_in(&bytes, &face, progress, notices)?;
                    }
                    filled += self
                        .join(&face, &place, &mut out, progress)
                        .map_err(failed)?;
                }
                copy(&mut out, &bytes, hash).map_err(failed)?;
            }
        }
        filled += self
            .end_of(part, name, &mut out, progress)
            .map_err(failed)?;
        let Some(mut out) = out else { return Ok(()) };
        let still_open = progress.done.open.len() > open_before;
        if still_open && !self.accept {
            drop(out.file);
            return self.vfs.remove(&out.temporary).map_err(failed);
        }
        out.file.sync().map_err(failed)?;
        drop(out.file);
        let kept = if self.vfs.exists(&path) {
            Some(aside::part(
                self.vfs,
                self.layout,
                &path,
                0,
                self.vfs.len(&path).map_err(failed)?,
            )?)
        } else {
            None
        };
        self.vfs
            .rename(&out.temporary, &path)
            .and_then(|()| self.vfs.sync_dir(&self.layout.journal()))
            .map_err(failed)?;
        if filled > 0 {
            notices.push(Notice::Refilled {
                file: name.to_owned(),
                entries: filled,
                kept,
            });
        } else if let Some(kept) = kept {
            notices.push(Notice::Other(format!(
                "Damaged bytes in {name} held no record that is missing and were taken out. The old file is kept in {}.",
                kept.display()
            )));
        }
        Ok(())
    }

    fn take_bulk_in(
        &self,
        bytes: &[u8],
        face: &EntryFace,
        progress: &mut Progress,
        notices: &mut Vec<Notice>,
    ) -> Result<(), StoreError> {
        if let Err(Break::Missing { from, to }) = progress.chains.check(face)
            && let Some(include) = walk::included(bytes, face.hash, from, to)
        {
            let name = bulk_name(&include.file);
            self.file(&name, Some(Part::Own(&include, face)), progress, notices)?;
        }
        if let Some(taken) = walk::taken_in(bytes, face.hash) {
            let name = bulk_name(&taken.include.file);
            let part = Part::Foreign(&taken, face.site);
            self.file(&name, Some(part), progress, notices)?;
        }
        Ok(())
    }

    /// Fills what is missing at the end of a file that an entry takes in. Gives the number of entries filled.
    fn end_of(
        &self,
        part: Option<Part<'_>>,
        name: &str,
        out: &mut Option<Output>,
        progress: &mut Progress,
    ) -> std::io::Result<u64> {
        let place = format!("the end of {name}");
        match part {
            Some(Part::Own(include, by)) if progress.chains.tip(by.site).seq < include.last => {
                let end = EntryFace {
                    seq: include.last + 1,
                    ..*by
                };
                self.bridge_to(&end, &place, out, progress)
            }
            Some(Part::Foreign(taken, by)) => {
                let mut filled = 0;
                for (site, seq) in taken.seen.iter().filter(|(site, _)| *site != by) {
                    filled += self.go_on_to(site, seq, &place, out, progress)?;
                }
                Ok(filled)
            }
            Some(Part::Own(..)) | None => Ok(0),
        }
    }

    /// Fills a chain up to this sequence from sled: what follows is not known, so what sled holds is joined on one side.
    fn go_on_to(
        &self,
        site: SiteId,
        to: u64,
        place: &str,
        out: &mut Option<Output>,
        progress: &mut Progress,
    ) -> std::io::Result<u64> {
        let tip = progress.chains.tip(site);
        let missing = to.saturating_sub(tip.seq);
        let gap = Gap {
            site,
            from: tip.seq + 1,
            to,
        };
        if missing == 0 || out.is_none() || self.known.contains(&gap) {
            return Ok(0);
        }
        let entries = self
            .source
            .behind(site, tip, usize::try_from(missing).unwrap_or(usize::MAX));
        if (entries.len() as u64) < missing {
            progress.done.gaps.push(gap);
            let words = walk::missing(gap.from, to, site, &place);
            progress.done.open.push(words);
            return Ok(0);
        }
        for (bytes, face) in &entries {
            copy(out, bytes, face.hash)?;
            progress.chains.force(face);
        }
        Ok(missing)
    }

    /// Makes the entry join its chain by filling what is missing before it. Gives the number of entries filled.
    fn join(
        &self,
        face: &EntryFace,
        place: &str,
        out: &mut Option<Output>,
        progress: &mut Progress,
    ) -> std::io::Result<u64> {
        let mut filled = 0;
        match progress.chains.check(face) {
            Ok(()) => progress.chains.force(face),
            Err(Break::Repeated) => {}
            Err(Break::Missing { .. }) => {
                filled = self.bridge_to(face, place, out, progress)?;
                progress.chains.force(face);
            }
            Err(Break::Fork) => {
                let gap = Gap {
                    site: face.site,
                    from: face.seq,
                    to: face.seq,
                };
                if !self.known.contains(&gap) {
                    progress.done.gaps.push(gap);
                    progress.done.open.push(format!(
                        "record {} of site {} does not follow from the one before it ({place})",
                        face.seq,
                        face.site.short()
                    ));
                }
                if face.seq > progress.chains.tip(face.site).seq {
                    progress.chains.force(face);
                }
            }
        }
        Ok(filled)
    }

    fn bridge_to(
        &self,
        face: &EntryFace,
        place: &str,
        out: &mut Option<Output>,
        progress: &mut Progress,
    ) -> std::io::Result<u64> {
        let tip = progress.chains.tip(face.site);
        let (from, to) = (tip.seq + 1, face.seq - 1);
        let gap = Gap {
            site: face.site,
            from,
            to,
        };
        if out.is_none() || self.known.contains(&gap) {
            return Ok(0);
        }
        // First the file of a big transaction that lacks nothing but its Include: its records lie safely where they are.
        let again = reattach::include_again(
            self.vfs,
            &self.layout.journal(),
            face.site,
            tip,
            Some((to, face.previous)),
        );
        if let Ok(Some((bytes, include))) = again {
            copy(out, &bytes, include.hash)?;
            progress.chains.force(&include);
            return Ok(1);
        }
        if let Some(entries) = self.source.bridge(face.site, tip, to, face.previous) {
            for (bytes, face) in &entries {
                copy(out, bytes, face.hash)?;
                progress.chains.force(face);
            }
            return Ok(entries.len() as u64);
        }
        progress.done.gaps.push(gap);
        progress
            .done
            .open
            .push(super::walk::missing(from, to, face.site, &place));
        Ok(0)
    }
}

fn copy(out: &mut Option<Output>, bytes: &[u8], hash: Hash) -> std::io::Result<()> {
    if let Some(out) = out {
        let mut buffer = Vec::with_capacity(bytes.len() + frame::HEAD);
        frame::push(&mut buffer, bytes, hash);
        out.file.append(&buffer)?;
    }
    Ok(())
}
