//! Writing a bundle.
//!
//! The header holds the body's length and hash, and stands before it. So the body is first written to a working file
//! (the spool: a file that can be written, read again and wound back), one frame in memory at a time; then the file
//! itself is written from beginning to end: header, signature, the spool's bytes, the hash. Nothing is written to the
//! output before every entry was checked.
//!
//! Invariants: the writer refuses what no reader would take, by the same checks; the same entries, facts and key give
//! the same bytes as long as the compressor stays the same.

use std::io::{Read, Seek, SeekFrom, Write};

use crate::journal::codec;
use crate::journal::{Hash, Head, SiteId, SiteKey};

use super::age::Fresh;
use super::error::BundleError;
use super::format::{ENCRYPTED, END, LENGTH, MAX_RAW, MAX_ROWS, PREFIX, Prefix, SIGNATURE};
use super::frame::{Body, FrameWriter};
use super::header::{About, Header, Recipient, SignedHead};
use super::name::BundleName;
use super::plausible::{Examined, examine};
use super::range::Range;
use super::tally::Outlet;
use super::walk::Statements;

/// Bytes of the header that a range can add: the range itself, what it needs, and its head.
const RANGE_ROOM: u64 = 96 + 24 + 144;
const PIECE: usize = 64 << 10;

/// What became of an entry that was handed in.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Push {
    /// It is in the bundle.
    Taken,
    /// It would pass the limit. It is not in the bundle: finish this one, and hand the entry to the next.
    Full,
}

/// A bundle that is complete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// Its header.
    pub header: Header,
    /// Its length in bytes.
    pub bytes: u64,
    /// The hash at its end.
    pub end: Hash,
}

impl Written {
    /// What its file should be called.
    pub fn name(&self) -> BundleName {
        BundleName::of(&self.header, self.end)
    }
}

/// A bundle in the making.
pub struct Builder<S> {
    about: About,
    statements: Statements,
    frames: FrameWriter<S>,
    recipients: Vec<Recipient>,
    ranges: Vec<Range>,
    walls: Vec<i64>,
    entries: u64,
    room: u64,
    limit: u64,
}

impl<S: Read + Write + Seek> Builder<S> {
    /// A bundle that says this about itself and has at most `limit` bytes when it is complete. `spool` is an empty
    /// working file.
    pub fn new(about: About, limit: u64, spool: S) -> Result<Self, BundleError> {
        Self::with(about, limit, Outlet::plain(spool), Vec::new())
    }

    /// The same with a body that only these sites can open. The header stays readable: who made it, when, and how many
    /// records of which sites are in it.
    pub fn encrypted(
        about: About,
        limit: u64,
        spool: S,
        recipients: &[Recipient],
        fresh: Fresh,
    ) -> Result<Self, BundleError> {
        if recipients.is_empty() || recipients.len() > MAX_ROWS {
            return Err(BundleError::absurd(format!(
                "to be encrypted for {} sites",
                recipients.len()
            )));
        }
        let keys: Vec<[u8; 32]> = recipients.iter().map(|r| r.key).collect();
        let outlet =
            Outlet::sealed(spool, &keys, &fresh).map_err(BundleError::io("encrypt the bundle"))?;
        Self::with(about, limit, outlet, recipients.to_vec())
    }

    fn with(
        about: About,
        limit: u64,
        outlet: Outlet<S>,
        recipients: Vec<Recipient>,
    ) -> Result<Self, BundleError> {
        let fixed = empty_header(&about, &recipients)?;
        Ok(Self {
            statements: Statements::of(&about)?,
            about,
            frames: FrameWriter::new(outlet)?,
            recipients,
            ranges: Vec::new(),
            walls: Vec::new(),
            entries: 0,
            room: fixed + (PREFIX + SIGNATURE + END) as u64,
            limit,
        })
    }

    /// How many entries it holds so far.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Adds an entry, as the journal stores it. Entries come sorted by site and sequence; a gap begins a new range.
    pub fn push(&mut self, entry: &[u8]) -> Result<Push, BundleError> {
        let examined = examine(entry, self.entries + 1)?;
        self.statements.agree(&examined.face)?;
        let place = self.place(&examined)?;
        let more = (LENGTH + entry.len()) as u64;
        let ranges = self.ranges.len() + usize::from(place == Place::Begins);
        let most = self
            .frames
            .longest_with(more)
            .saturating_add(self.room)
            .saturating_add(ranges as u64 * RANGE_ROOM);
        if most > self.limit
            || self.frames.raw_bytes() + more > MAX_RAW
            || self.rows_with(ranges) > MAX_ROWS
        {
            return if self.entries == 0 {
                Err(BundleError::LimitTooSmall { limit: self.limit })
            } else {
                Ok(Push::Full)
            };
        }
        self.frames.write(&(entry.len() as u32).to_le_bytes())?;
        self.frames.write(entry)?;
        let face = examined.face;
        if let (Place::Continues, Some(range), Some(wall)) =
            (place, self.ranges.last_mut(), self.walls.last_mut())
        {
            range.to = face.seq;
            range.last = face.hash;
            *wall = face.wall_us;
        } else {
            self.ranges.push(Range {
                site: face.site,
                from: face.seq,
                to: face.seq,
                before: face.previous,
                last: face.hash,
            });
            self.walls.push(face.wall_us);
        }
        self.entries += 1;
        Ok(Push::Taken)
    }

    /// Signs the bundle and writes it to `out` from beginning to end. Syncing and renaming are the caller's.
    pub fn finish(self, key: &SiteKey, out: &mut impl Write) -> Result<Written, BundleError> {
        if self.entries == 0 {
            return Err(BundleError::Empty);
        }
        let mut about = self.about;
        for range in self.ranges.iter().filter(|range| range.from > 1) {
            about.needs.raise(range.site, range.from - 1);
        }
        add_own_head(&mut about, key, &self.ranges, &self.walls);
        let (mut spool, body) = self.frames.finish()?;
        let header = Header {
            author: key.site(),
            key: key.public(),
            about,
            ranges: self.ranges,
            entries: self.entries,
            raw_bytes: body.raw,
            body_bytes: body.bytes,
            body_hash: body.hash,
            recipients: self.recipients,
            extra: Vec::new(),
        };
        let bytes = header.encode()?;
        let flags = if header.recipients.is_empty() {
            0
        } else {
            ENCRYPTED
        };
        let prefix = Prefix::of(flags, &bytes)?;
        let signature = key.sign(&prefix.hash.0);
        let mut end = blake3::Hasher::new();
        let failed = |e| BundleError::Io {
            doing: "write the bundle",
            source: e,
        };
        for piece in [&prefix.encode()[..], &bytes, &signature] {
            end.update(piece);
            out.write_all(piece).map_err(failed)?;
        }
        copy(&mut spool, &body, out, &mut end)?;
        let end = Hash(*end.finalize().as_bytes());
        out.write_all(&end.0).map_err(failed)?;
        out.flush().map_err(failed)?;
        Ok(Written {
            bytes: (PREFIX + bytes.len() + SIGNATURE + END) as u64 + body.bytes,
            header,
            end,
        })
    }

    fn place(&self, entry: &Examined) -> Result<Place, BundleError> {
        let face = &entry.face;
        let Some(last) = self.ranges.last() else {
            return begins(entry);
        };
        if face.site == last.site && face.seq == last.to + 1 {
            return if face.previous == last.last {
                Ok(Place::Continues)
            } else {
                Err(BundleError::Chain {
                    site: face.site,
                    seq: face.seq,
                })
            };
        }
        if (face.site, face.seq) <= (last.site, last.to) {
            return Err(BundleError::Order {
                site: face.site,
                seq: face.seq,
            });
        }
        begins(entry)
    }

    /// The longest list that the header may get with this many ranges.
    fn rows_with(&self, ranges: usize) -> usize {
        ranges + self.about.needs.len().max(self.about.heads.len()) + 1
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Continues,
    Begins,
}

/// The first entry of a site continues nothing; every other continues something.
fn begins(entry: &Examined) -> Result<Place, BundleError> {
    let face = &entry.face;
    if (face.seq == 1) == (face.previous == Hash::default()) {
        Ok(Place::Begins)
    } else {
        Err(BundleError::Chain {
            site: face.site,
            seq: face.seq,
        })
    }
}

/// Length of the header before anything is in the bundle.
fn empty_header(about: &About, recipients: &[Recipient]) -> Result<u64, BundleError> {
    let header = Header {
        author: SiteId::default(),
        key: [0; 32],
        about: about.clone(),
        ranges: Vec::new(),
        entries: 0,
        raw_bytes: 0,
        body_bytes: 0,
        body_hash: Hash::default(),
        recipients: recipients.to_vec(),
        extra: Vec::new(),
    };
    let bytes = codec::encode(&header.to_wire()).map_err(BundleError::Header)?;
    Ok(bytes.len() as u64)
}

/// The author's statement about the end of its own entries, for those who pass them on later.
fn add_own_head(about: &mut About, key: &SiteKey, ranges: &[Range], walls: &[i64]) {
    let site = key.site();
    let own = ranges.iter().zip(walls).rev().find(|(r, _)| r.site == site);
    if let Some((range, wall)) = own
        && !about
            .heads
            .iter()
            .any(|h| h.head.site == site && h.head.seq == range.to)
    {
        about.heads.push(SignedHead {
            key: key.public(),
            head: Head::sign(key, range.to, range.last, *wall),
        });
    }
    about.heads.sort_by_key(|h| (h.key, h.head.seq));
    about.heads.dedup_by_key(|h| (h.key, h.head.seq));
}

/// Copies the body, and makes sure that the working file gave back what was written to it.
fn copy(
    spool: &mut (impl Read + Seek),
    body: &Body,
    out: &mut impl Write,
    end: &mut blake3::Hasher,
) -> Result<(), BundleError> {
    let failed = |e| BundleError::Io {
        doing: "read the bundle's working file",
        source: e,
    };
    spool.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; PIECE];
    let mut left = body.bytes;
    while left > 0 {
        let now = &mut piece[..left.min(PIECE as u64) as usize];
        spool.read_exact(now).map_err(failed)?;
        hasher.update(now);
        end.update(now);
        out.write_all(now)
            .map_err(BundleError::io("write the bundle"))?;
        left -= now.len() as u64;
    }
    if *hasher.finalize().as_bytes() == body.hash.0 {
        Ok(())
    } else {
        Err(failed(std::io::Error::other(
            "it does not give back what was written to it",
        )))
    }
}
