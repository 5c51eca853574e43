//! A walk along all journal files in order, entry by entry, with the chain of every site checked on the way.
//!
//! Invariants: bulk segments are walked at the place of the Include entry that takes them in, whether they hold a big
//! transaction of the same site or entries of other sites; a bulk segment that no Include names is not part of the
//! journal. Nothing is skipped in silence: every damaged byte range, gap and fork is
//! reported to the visitor.

use std::path::Path;

use crate::domain::id::{Hash, SiteId};
use crate::journal::chain::{Break, Chains};
use crate::journal::system::{INCLUDE, Include, MERGE, Merge};
use crate::journal::{Entry, EntryFace, VersionVector, first_kind};

use super::error::StoreError;
use super::frame::{FrameReader, Piece};
use super::layout::{bulk_name, segment_name, segment_number};
use super::vfs::Vfs;

/// A place in the journal's files.
#[derive(Clone, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// Offset in bytes.
    pub offset: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at byte {}", self.file, self.offset)
    }
}

/// What is wrong at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// Bytes that are no frame, with more of the journal behind them.
    Bytes {
        /// Where.
        place: Place,
        /// How many.
        len: u64,
    },
    /// Bytes at the end of the last live file that are no frame.
    Tail {
        /// Where.
        place: Place,
        /// How many.
        len: u64,
    },
    /// Entries are missing before the entry at this place.
    Missing {
        /// The entry behind the gap.
        place: Place,
        /// Its site.
        site: SiteId,
        /// First missing sequence.
        from: u64,
        /// Last missing sequence.
        to: u64,
        /// The hash that the last missing entry must have.
        joins: Hash,
        /// The bulk file that should have held them, if an Include names one.
        bulk: Option<Include>,
    },
    /// The entry at this place does not continue its chain.
    Fork {
        /// Where.
        place: Place,
        /// Its site.
        site: SiteId,
        /// Its sequence.
        seq: u64,
    },
    /// The frame is whole but its content cannot be read.
    Unreadable {
        /// Where.
        place: Place,
        /// Why.
        reason: String,
    },
}

/// Records that are not where the chain needs them, in words.
pub(crate) fn missing(from: u64, to: u64, site: SiteId, place: &impl std::fmt::Display) -> String {
    let site = site.short();
    if from == to {
        format!("record {from} of site {site} is missing before {place}")
    } else {
        format!("records {from} to {to} of site {site} are missing before {place}")
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes { place, len } => write!(f, "{len} bytes of {place} are damaged"),
            Self::Tail { place, len } => {
                write!(f, "the last {len} bytes, {place}, are not a whole record")
            }
            Self::Missing {
                place,
                site,
                from,
                to,
                ..
            } => f.write_str(&missing(*from, *to, *site, place)),
            Self::Fork { place, site, seq } => write!(
                f,
                "record {seq} of site {} ({place}) does not follow from the one before it",
                site.short()
            ),
            Self::Unreadable { place, reason } => {
                write!(f, "the record in {place} cannot be read: {reason}")
            }
        }
    }
}

/// One entry on the walk.
pub struct Step<'a> {
    /// Its face.
    pub face: EntryFace,
    /// Its stored bytes.
    pub bytes: &'a [u8],
    /// Where it lies.
    pub place: Place,
    /// How it came into the journal.
    pub came: Came,
}

/// How an entry came into the journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Came {
    /// By itself, or as the first of a big transaction: it answers a command.
    Written,
    /// Inside a big transaction.
    InBulk,
    /// From another site.
    TakenIn,
}

/// Who is told what the walk finds.
pub trait Visitor {
    /// An entry, in journal order.
    fn entry(&mut self, step: Step<'_>) -> Result<(), StoreError>;
    /// Something wrong. The default passes over it.
    fn trouble(&mut self, trouble: Trouble) -> Result<(), StoreError> {
        let _ = trouble;
        Ok(())
    }
}

/// The live files in order, and the chains at the walk's end.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    /// Numbers of live files.
    pub live: Vec<u64>,
    /// Length in bytes of the last live file's good part.
    pub last_good: u64,
    /// The chains.
    pub chains: Chains,
    /// Names of the bulk files that were taken in.
    pub bulks: Vec<String>,
}

/// The numbers of the live files in a journal folder, in order.
pub fn live_segments(vfs: &dyn Vfs, dir: &Path) -> Result<Vec<u64>, StoreError> {
    if !vfs.exists(dir) {
        return Ok(Vec::new());
    }
    let names = vfs
        .list(dir)
        .map_err(|e| StoreError::file("could not list", dir, e))?;
    let mut numbers: Vec<u64> = names.iter().filter_map(|n| segment_number(n)).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Walks the whole journal.
pub fn walk(vfs: &dyn Vfs, dir: &Path, visitor: &mut dyn Visitor) -> Result<Walked, StoreError> {
    let live = live_segments(vfs, dir)?;
    let mut walk = Walk {
        vfs,
        dir,
        visitor,
        out: Walked {
            live: live.clone(),
            ..Walked::default()
        },
    };
    for (index, number) in live.iter().enumerate() {
        walk.live_file(&segment_name(*number), index + 1 == live.len())?;
    }
    Ok(walk.out)
}

struct Walk<'a> {
    vfs: &'a dyn Vfs,
    dir: &'a Path,
    visitor: &'a mut dyn Visitor,
    out: Walked,
}

impl<'w> Walk<'w> {
    fn live_file(&mut self, name: &str, last: bool) -> Result<(), StoreError> {
        self.out.last_good = 0;
        let path = self.dir.join(name);
        let failed = |e| StoreError::file("could not read", &path, e);
        let mut reader = FrameReader::open(self.vfs, &path, 0).map_err(failed)?;
        while let Some(piece) = reader.next_piece().map_err(failed)? {
            match piece {
                Piece::Frame {
                    offset,
                    bytes,
                    hash,
                } => {
                    self.out.last_good = offset + (super::frame::HEAD + bytes.len()) as u64;
                    let place = Place {
                        file: name.to_owned(),
                        offset,
                    };
                    self.live_entry(place, &bytes, hash)?;
                }
                Piece::Bad {
                    offset,
                    len,
                    to_end,
                } => {
                    let place = Place {
                        file: name.to_owned(),
                        offset,
                    };
                    self.visitor.trouble(if last && to_end {
                        Trouble::Tail { place, len }
                    } else {
                        Trouble::Bytes { place, len }
                    })?;
                }
            }
        }
        Ok(())
    }

    fn live_entry(&mut self, place: Place, bytes: &[u8], hash: Hash) -> Result<(), StoreError> {
        let face = match EntryFace::read(bytes, hash) {
            Ok(face) => face,
            Err(error) => {
                return self.visitor.trouble(Trouble::Unreadable {
                    place,
                    reason: error.to_string(),
                });
            }
        };
        if let Err(Break::Missing { from, to }) = self.out.chains.check(&face) {
            let bulk = included(bytes, hash, from, to);
            if let Some(include) = bulk {
                self.bulk_file(&include, &face)?;
            }
        }
        if let Some(taken) = taken_in(bytes, hash) {
            self.foreign_file(&taken, &face)?;
        }
        self.take(place, face, bytes, Came::Written)
    }

    /// Hands an entry on, and reports why it does not join if it does not.
    fn take(
        &mut self,
        place: Place,
        face: EntryFace,
        bytes: &[u8],
        came: Came,
    ) -> Result<(), StoreError> {
        match self.out.chains.check(&face) {
            Ok(()) => {}
            Err(Break::Repeated) => return Ok(()),
            Err(Break::Missing { from, to }) => {
                self.visitor.trouble(Trouble::Missing {
                    place: place.clone(),
                    site: face.site,
                    from,
                    to,
                    joins: face.previous,
                    bulk: included(bytes, face.hash, from, to),
                })?;
            }
            Err(Break::Fork) => {
                self.visitor.trouble(Trouble::Fork {
                    place: place.clone(),
                    site: face.site,
                    seq: face.seq,
                })?;
                if face.seq <= self.out.chains.tip(face.site).seq {
                    return Ok(());
                }
            }
        }
        self.out.chains.force(&face);
        self.visitor.entry(Step {
            face,
            bytes,
            place,
            came,
        })
    }

    /// The file of a big transaction of the site that names it.
    fn bulk_file(&mut self, include: &Include, by: &EntryFace) -> Result<(), StoreError> {
        self.whole_file(include, &mut |walk, place, face, bytes| {
            if face.site != by.site || face.seq >= by.seq {
                return walk.stranger(place);
            }
            let came = if face.seq == include.first {
                Came::Written
            } else {
                Came::InBulk
            };
            walk.take(place, face, bytes, came)
        })
    }

    /// The file of entries of other sites. What is missing at its end shows in what its site knew afterwards.
    fn foreign_file(&mut self, taken: &TakenIn, by: &EntryFace) -> Result<(), StoreError> {
        self.whole_file(&taken.include, &mut |walk, place, face, bytes| {
            if face.site == by.site {
                return walk.stranger(place);
            }
            if face.seq <= walk.out.chains.tip(face.site).seq {
                // Restored to an earlier place of the journal after damage.
                return Ok(());
            }
            walk.take(place, face, bytes, Came::TakenIn)
        })?;
        for (site, seq) in taken.seen.iter().filter(|(site, _)| *site != by.site) {
            let tip = self.out.chains.tip(site);
            if tip.seq < seq {
                self.visitor.trouble(Trouble::Missing {
                    place: Place {
                        file: bulk_name(&taken.include.file),
                        offset: 0,
                    },
                    site,
                    from: tip.seq + 1,
                    to: seq,
                    joins: Hash::default(),
                    bulk: Some(taken.include),
                })?;
            }
        }
        Ok(())
    }

    fn stranger(&mut self, place: Place) -> Result<(), StoreError> {
        self.visitor.trouble(Trouble::Unreadable {
            place,
            reason: "it is not of the transaction that names this file".to_owned(),
        })
    }

    fn whole_file(&mut self, include: &Include, take: TakeEntry<'_, 'w>) -> Result<(), StoreError> {
        let name = bulk_name(&include.file);
        let path = self.dir.join(&name);
        if !self.vfs.exists(&path) {
            return Ok(());
        }
        self.out.bulks.push(name.clone());
        let failed = |e| StoreError::file("could not read", &path, e);
        let mut reader = FrameReader::open(self.vfs, &path, 0).map_err(failed)?;
        while let Some(piece) = reader.next_piece().map_err(failed)? {
            let (Piece::Frame { offset, .. } | Piece::Bad { offset, .. }) = &piece;
            let place = Place {
                file: name.clone(),
                offset: *offset,
            };
            match piece {
                Piece::Frame { bytes, hash, .. } => match EntryFace::read(&bytes, hash) {
                    Ok(face) => take(self, place, face, &bytes)?,
                    Err(error) => self.visitor.trouble(Trouble::Unreadable {
                        place,
                        reason: error.to_string(),
                    })?,
                },
                Piece::Bad { len, .. } => self.visitor.trouble(Trouble::Bytes { place, len })?,
            }
        }
        Ok(())
    }
}

type TakeEntry<'t, 'w> =
    &'t mut dyn FnMut(&mut Walk<'w>, Place, EntryFace, &[u8]) -> Result<(), StoreError>;

/// What an entry says that takes in entries of other sites.
pub struct TakenIn {
    /// The file they are in.
    pub include: Include,
    /// What the site knew afterwards.
    pub seen: VersionVector,
}

/// What this entry takes in of other sites, if it does.
pub fn taken_in(bytes: &[u8], hash: Hash) -> Option<TakenIn> {
    if first_kind(bytes) != Some(INCLUDE) {
        return None;
    }
    let entry = Entry::decode_hashed(bytes, hash).ok()?;
    let include = Include::from_record(entry.events.first()?).ok()??;
    if include.first != 0 {
        return None;
    }
    let merge = entry.events.iter().find(|event| event.kind == MERGE)?;
    let seen = Merge::from_record(merge).ok()??.seen;
    Some(TakenIn { include, seen })
}

/// The Include in this entry that accounts for a gap before it, if it carries one.
pub fn included(bytes: &[u8], hash: Hash, from: u64, to: u64) -> Option<Include> {
    let entry = Entry::decode_hashed(bytes, hash).ok()?;
    let event = entry.events.iter().find(|e| e.kind == INCLUDE)?;
    let include = Include::from_record(event).ok()??;
    // A part of the transaction may already have been read; what is missing must lie within it.
    (include.first <= from && to <= include.last).then_some(include)
}
