//! Reading a bundle: look at its header, check all of it, take its entries.
//!
//! Invariants: entries come only out of a bundle that was checked from the first byte to the last, so the types say
//! it: [`inspect`] and [`Bundle`] know the header, [`Verified`] alone gives entries. Its bytes are read a second time
//! for that, and compared with what was checked. No length is believed before it was compared with its limit and with
//! what the file still holds; buffers grow with what was read, not with what was claimed. Nothing is ever written.

use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use crate::journal::site;
use crate::journal::{EntryFace, Hash, MAX_ENTRY, SiteKey, entry_hash};

use super::age::Secret;
use super::error::BundleError;
use super::format::{END, LENGTH, PREFIX, Prefix, SIGNATURE, check_magic};
use super::frame::{FrameReader, Known, body_error};
use super::header::Header;
use super::plausible::{MIN_ENTRY, examine};
use super::tally::Inlet;
use super::walk::{Report, Walk};

/// How far a check has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Bytes of the body that were checked.
    pub done: u64,
    /// Bytes of the body.
    pub total: u64,
}

/// Hears how far a check has come, once a frame; `Break` stops it.
pub type Watch<'w> = &'w mut dyn FnMut(Progress) -> ControlFlow<()>;

/// An entry of a verified bundle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BundledEntry {
    /// Its place in its site's chain.
    pub face: EntryFace,
    /// The bytes to store, unchanged since its own site wrote them.
    pub bytes: Vec<u8>,
}

/// Reads the header of a bundle and checks that its author signed it. Reads nothing of the body.
pub fn inspect(input: &mut impl Read) -> Result<Header, BundleError> {
    Ok(Front::read(input)?.header)
}

/// Everything before the body.
struct Front {
    header: Header,
    bytes: u64,
    hasher: blake3::Hasher,
}

impl Front {
    fn read(input: &mut impl Read) -> Result<Self, BundleError> {
        let start = read_up_to(input, PREFIX)?;
        check_magic(&start)?;
        let Ok(start) = <[u8; PREFIX]>::try_from(start.as_slice()) else {
            return Err(BundleError::CutOff {
                have: start.len() as u64,
                need: None,
            });
        };
        let prefix = Prefix::decode(&start)?;
        let header_len = prefix.header_len as usize;
        let rest = read_up_to(input, header_len + SIGNATURE)?;
        let (Some(header), Some(signature)) = (rest.get(..header_len), rest.get(header_len..))
        else {
            return Err(cut(PREFIX + rest.len()));
        };
        if signature.len() < SIGNATURE {
            return Err(cut(PREFIX + rest.len()));
        }
        if prefix.header_hash(header) != prefix.hash {
            return Err(BundleError::changed("in its header"));
        }
        let read = Header::decode(header, prefix.encrypted())?;
        if !site::verify(&read.key, &prefix.hash.0, signature) {
            return Err(BundleError::Forged {
                author: read.author,
            });
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(&start);
        hasher.update(&rest);
        Ok(Self {
            header: read,
            bytes: (PREFIX + rest.len()) as u64,
            hasher,
        })
    }
}

fn cut(have: usize) -> BundleError {
    BundleError::CutOff {
        have: have as u64,
        need: None,
    }
}

/// At most this many bytes; fewer if the input ends.
fn read_up_to(input: &mut impl Read, longest: usize) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    input
        .take(longest as u64)
        .read_to_end(&mut bytes)
        .map_err(BundleError::io("read the bundle"))?;
    Ok(bytes)
}

/// A bundle whose header is signed and whose length is right. Nothing is known of its body.
#[derive(Debug)]
pub struct Bundle<R> {
    input: R,
    header: Header,
    front: u64,
    hasher: blake3::Hasher,
}

impl<R: Read + Seek> Bundle<R> {
    /// Opens a file that holds a bundle and nothing else.
    pub fn open(mut input: R) -> Result<Self, BundleError> {
        let failed = |e| BundleError::Io {
            doing: "read the bundle",
            source: e,
        };
        let have = input.seek(SeekFrom::End(0)).map_err(failed)?;
        input.seek(SeekFrom::Start(0)).map_err(failed)?;
        let Front {
            header,
            bytes,
            hasher,
        } = Front::read(&mut input)?;
        let need = bytes
            .saturating_add(header.body_bytes)
            .saturating_add(END as u64);
        if have < need {
            return Err(BundleError::CutOff {
                have,
                need: Some(need),
            });
        }
        if have > need {
            return Err(BundleError::TooLong { extra: have - need });
        }
        Ok(Self {
            input,
            header,
            front: bytes,
            hasher,
        })
    }

    /// What it says about itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Checks every byte against the hash at the end, without looking at entries: all that can be said of an encrypted
    /// bundle by those it is not for.
    pub fn check_bytes(mut self) -> Result<(), BundleError> {
        const PIECE: usize = 1 << 16;
        let mut end = self.hasher;
        let mut body = blake3::Hasher::new();
        wind(&mut self.input, self.front)?;
        let mut left = self.header.body_bytes;
        while left > 0 {
            let piece = read_up_to(
                &mut self.input,
                PIECE.min(usize::try_from(left).unwrap_or(PIECE)),
            )?;
            if piece.is_empty() {
                return Err(BundleError::Swapped);
            }
            left -= piece.len() as u64;
            body.update(&piece);
            end.update(&piece);
        }
        if Hash(*body.finalize().as_bytes()) != self.header.body_hash {
            return Err(BundleError::changed("in its body"));
        }
        if read_up_to(&mut self.input, END)? != end.finalize().as_bytes() {
            return Err(BundleError::changed("in its last 32 bytes"));
        }
        Ok(())
    }

    /// Checks everything: every hash, every entry by itself, in its range and in its chain. Takes memory for a frame
    /// and an entry, whatever the size.
    pub fn verify(self, watch: Watch<'_>) -> Result<Verified<R>, BundleError> {
        self.verify_with(None, watch)
    }

    /// The same for a site that the body may be encrypted for.
    pub fn verify_as(self, key: &SiteKey, watch: Watch<'_>) -> Result<Verified<R>, BundleError> {
        self.verify_with(Some(Secret::of(key)), watch)
    }

    fn verify_with(
        mut self,
        secret: Option<Secret>,
        watch: Watch<'_>,
    ) -> Result<Verified<R>, BundleError> {
        let mut hashes = Vec::new();
        let end = std::mem::take(&mut self.hasher);
        wind(&mut self.input, self.front)?;
        let mut stream = Stream {
            frames: FrameReader::new(
                inlet(&mut self.input, &self.header, end, secret.as_ref())?,
                self.header.raw_bytes,
                Known::Nothing(&mut hashes),
            )?,
            entry: Vec::new(),
            nth: 0,
        };
        let mut walk = Walk::new(&self.header)?;
        let mut told = 0;
        for _ in 0..self.header.entries {
            stream.next()?;
            walk.step(&examine(&stream.entry, stream.nth)?)?;
            let done = stream.frames.bytes_read();
            if done != told {
                told = done;
                let total = self.header.body_bytes;
                if watch(Progress { done, total }).is_break() {
                    return Err(BundleError::Stopped);
                }
            }
        }
        let report = walk.finish()?;
        let passed = stream.frames.finish()?;
        if passed.hash != self.header.body_hash {
            return Err(BundleError::changed("in its body"));
        }
        let end = Hash(*passed.whole.finalize().as_bytes());
        if read_up_to(passed.inner.into_inner(), END)? != end.0 {
            return Err(BundleError::changed("in its last 32 bytes"));
        }
        Ok(Verified {
            input: self.input,
            header: self.header,
            front: self.front,
            secret,
            hashes,
            report,
            end,
        })
    }
}

/// A bundle that was checked from the first byte to the last.
pub struct Verified<R> {
    input: R,
    header: Header,
    front: u64,
    secret: Option<Secret>,
    hashes: Vec<Hash>,
    report: Report,
    end: Hash,
}

impl<R: Read + Seek> Verified<R> {
    /// What it says about itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What was found in it.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The hash at its end: the same bundle, the same hash.
    pub fn end(&self) -> Hash {
        self.end
    }

    /// Its entries, by site and sequence, from the first. If the file was changed since the check, they end in an
    /// error before anything that was not checked comes out.
    pub fn entries(&mut self) -> Result<Entries<'_, R>, BundleError> {
        wind(&mut self.input, self.front)?;
        let whole = blake3::Hasher::new();
        let frames = FrameReader::new(
            inlet(&mut self.input, &self.header, whole, self.secret.as_ref())?,
            self.header.raw_bytes,
            Known::Hashes(&self.hashes),
        )?;
        Ok(Entries {
            stream: Stream {
                frames,
                entry: Vec::new(),
                nth: 0,
            },
            left: self.header.entries,
        })
    }

    /// The file as it is, from its beginning.
    pub fn whole_file(&mut self) -> Result<&mut R, BundleError> {
        wind(&mut self.input, 0)?;
        Ok(&mut self.input)
    }

    /// The file, wherever reading stopped.
    pub fn into_inner(self) -> R {
        self.input
    }
}

/// The entries of a verified bundle. After an error there are no more.
pub struct Entries<'a, R> {
    stream: Stream<'a, &'a mut R>,
    left: u64,
}

impl<R: Read> Iterator for Entries<'_, R> {
    type Item = Result<BundledEntry, BundleError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let item = self.stream.next().and_then(|()| {
            let bytes = std::mem::take(&mut self.stream.entry);
            let face = EntryFace::read(&bytes, entry_hash(&bytes)).map_err(|e| {
                BundleError::Unreadable {
                    seq_in: self.stream.nth,
                    reason: e.to_string(),
                }
            })?;
            Ok(BundledEntry { face, bytes })
        });
        if item.is_err() {
            self.left = 0;
        }
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        (0, Some(left))
    }
}

impl<R: Read> std::iter::FusedIterator for Entries<'_, R> {}

/// The stream of entries inside the frames.
struct Stream<'a, R> {
    frames: FrameReader<'a, R>,
    entry: Vec<u8>,
    nth: u64,
}

impl<R: Read> Stream<'_, R> {
    /// Puts the next entry's bytes in `entry`.
    fn next(&mut self) -> Result<(), BundleError> {
        self.nth += 1;
        let mut length = [0; LENGTH];
        self.fits(LENGTH as u64)?;
        self.frames.read(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if !(MIN_ENTRY..=MAX_ENTRY).contains(&length) {
            return Err(BundleError::absurd(format!("a record of {length} bytes")));
        }
        self.fits(length as u64)?;
        self.entry.clear();
        self.entry.resize(length, 0);
        self.frames.read(&mut self.entry)
    }

    fn fits(&self, bytes: u64) -> Result<(), BundleError> {
        if bytes <= self.frames.left() {
            return Ok(());
        }
        Err(BundleError::absurd(
            "a record that is longer than all that is left",
        ))
    }
}

/// The way into the body, which stands at its beginning.
fn inlet<R: Read>(
    input: R,
    header: &Header,
    whole: blake3::Hasher,
    secret: Option<&Secret>,
) -> Result<Inlet<R>, BundleError> {
    let most = header.recipients.len();
    if most == 0 {
        return Ok(Inlet::plain(input, header.body_bytes, whole));
    }
    let opened = match secret {
        None => None,
        Some(secret) => Inlet::opened(input, header.body_bytes, whole, most, secret)
            .map_err(|e| body_error(e, true, 1))?,
    };
    opened.ok_or_else(|| BundleError::Encrypted {
        sites: header.recipients.iter().map(|r| r.site).collect(),
    })
}

fn wind(input: &mut impl Seek, to: u64) -> Result<(), BundleError> {
    input
        .seek(SeekFrom::Start(to))
        .map(|_| ())
        .map_err(BundleError::io("read the bundle"))
}
