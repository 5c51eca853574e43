//! The body: a stream of bytes cut into compressed frames, and put together again.
//!
//! Invariants: the writer holds one frame, the reader one frame, compressed and not. The reader knows from the header
//! how long each frame must be uncompressed before it sees it, checks the compressed bytes against their hash before
//! they are unpacked, and unpacks into a buffer of exactly the announced length: a bomb stops there.

use std::io::{self, Read, Take, Write};

use crate::journal::Hash;

use super::error::BundleError;
use super::format::{FRAME, FRAME_HEAD, frame_hash, frames, longest_packed};
use super::tally::{Inlet, Outlet, Passed};

const LEVEL: i32 = 3;

/// What a finished body is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Body {
    /// Length of the stream, uncompressed.
    pub raw: u64,
    /// Length of the body.
    pub bytes: u64,
    /// blake3 of the body.
    pub hash: Hash,
}

/// Cuts and compresses.
pub struct FrameWriter<W> {
    out: Outlet<W>,
    compressor: zstd::bulk::Compressor<'static>,
    raw: Vec<u8>,
    packed: Vec<u8>,
    index: u64,
    raw_bytes: u64,
    bytes: u64,
}

impl<W: Write> FrameWriter<W> {
    /// A body that is written to `out`.
    pub fn new(out: Outlet<W>) -> Result<Self, BundleError> {
        Ok(Self {
            out,
            compressor: zstd::bulk::Compressor::new(LEVEL)
                .map_err(BundleError::io("compress the bundle"))?,
            raw: Vec::new(),
            packed: Vec::new(),
            index: 0,
            raw_bytes: 0,
            bytes: 0,
        })
    }

    /// Adds to the stream.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), BundleError> {
        while !bytes.is_empty() {
            let room = FRAME - self.raw.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.raw.extend_from_slice(now);
            self.raw_bytes += now.len() as u64;
            bytes = later;
            if self.raw.len() == FRAME {
                self.emit()?;
            }
        }
        Ok(())
    }

    /// The most bytes that the body can have after `more` bytes of stream.
    pub fn longest_with(&self, more: u64) -> u64 {
        let waiting = self.raw.len() as u64 + more;
        let full = waiting / FRAME as u64;
        let rest = (waiting % FRAME as u64) as usize;
        let most = full * longest_packed(FRAME) as u64 + longest_packed(rest) as u64;
        let framed = self.bytes + most + frames(waiting) * FRAME_HEAD as u64;
        self.out.length_of(framed)
    }

    /// Length of the stream so far.
    pub fn raw_bytes(&self) -> u64 {
        self.raw_bytes
    }

    /// Ends the body and gives back what it was written to.
    pub fn finish(mut self) -> Result<(W, Body), BundleError> {
        if !self.raw.is_empty() {
            self.emit()?;
        }
        let failed = BundleError::io("write the bundle's working file");
        let passed = self.out.finish().map_err(failed)?;
        let body = Body {
            raw: self.raw_bytes,
            bytes: passed.bytes,
            hash: passed.hash,
        };
        Ok((passed.inner, body))
    }

    fn emit(&mut self) -> Result<(), BundleError> {
        self.packed.clear();
        self.packed.reserve(longest_packed(self.raw.len()));
        self.compressor
            .compress_to_buffer(&self.raw, &mut self.packed)
            .map_err(BundleError::io("compress the bundle"))?;
        let raw = self.raw.len() as u32;
        let head = FrameHead {
            raw,
            packed: self.packed.len() as u32,
            hash: frame_hash(self.index, raw, &self.packed),
        };
        for piece in [&head.encode()[..], &self.packed] {
            self.out
                .write_all(piece)
                .map_err(BundleError::io("write the bundle's working file"))?;
            self.bytes += piece.len() as u64;
        }
        self.index += 1;
        self.raw.clear();
        Ok(())
    }
}

/// What stands before a frame's compressed bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameHead {
    /// Length uncompressed.
    pub raw: u32,
    /// Length compressed.
    pub packed: u32,
    /// See [`frame_hash`].
    pub hash: Hash,
}

impl FrameHead {
    /// Its bytes.
    pub fn encode(&self) -> [u8; FRAME_HEAD] {
        let mut out = [0; FRAME_HEAD];
        out[..4].copy_from_slice(&self.raw.to_le_bytes());
        out[4..8].copy_from_slice(&self.packed.to_le_bytes());
        out[8..].copy_from_slice(&self.hash.0);
        out
    }

    fn decode(bytes: &[u8; FRAME_HEAD]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(&bytes[8..]);
        Self {
            raw: u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
            packed: u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
            hash: Hash(hash),
        }
    }
}

/// What is known of the frames before they are read.
pub enum Known<'a> {
    /// Nothing: their hashes are noted.
    Nothing(&'a mut Vec<Hash>),
    /// Their hashes, from an earlier reading of the same file.
    Hashes(&'a [Hash]),
}

/// Checks, unpacks and joins.
pub struct FrameReader<'a, R> {
    input: Inlet<R>,
    known: Known<'a>,
    decompressor: zstd::bulk::Decompressor<'static>,
    packed: Vec<u8>,
    raw: Vec<u8>,
    at: usize,
    index: u64,
    raw_left: u64,
}

impl<'a, R: Read> FrameReader<'a, R> {
    /// Reads a body of `raw` bytes of stream from `input`.
    pub fn new(input: Inlet<R>, raw: u64, known: Known<'a>) -> Result<Self, BundleError> {
        Ok(Self {
            input,
            known,
            decompressor: zstd::bulk::Decompressor::new()
                .map_err(BundleError::io("unpack the bundle"))?,
            packed: Vec::new(),
            raw: Vec::new(),
            at: 0,
            index: 0,
            raw_left: raw,
        })
    }

    /// Fills `into` from the stream; the stream must hold that much.
    pub fn read(&mut self, into: &mut [u8]) -> Result<(), BundleError> {
        let mut done = 0;
        while done < into.len() {
            if self.at == self.raw.len() {
                self.next()?;
            }
            let take = (self.raw.len() - self.at).min(into.len() - done);
            into[done..done + take].copy_from_slice(&self.raw[self.at..self.at + take]);
            done += take;
            self.at += take;
        }
        Ok(())
    }

    /// How many bytes of the stream are left.
    pub fn left(&self) -> u64 {
        self.raw_left + (self.raw.len() - self.at) as u64
    }

    /// How many bytes of the file's body were read.
    pub fn bytes_read(&self) -> u64 {
        self.input.passed()
    }

    /// The most memory that its buffers ever took, in bytes.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.packed.capacity() + self.raw.capacity()
    }

    /// Ends the body: nothing may be left.
    pub fn finish(mut self) -> Result<Passed<Take<R>>, BundleError> {
        let mut more = [0];
        if self.left() > 0 || self.input.read(&mut more).map_err(|e| self.failed(e))? > 0 {
            return Err(BundleError::absurd(
                "more compressed bytes than its records need",
            ));
        }
        Ok(self.input.finish())
    }

    fn next(&mut self) -> Result<(), BundleError> {
        let number = self.index + 1;
        let announced = self.raw_left.min(FRAME as u64) as usize;
        if announced == 0 {
            return Err(BundleError::Unpacking {
                number,
                reason: "there is less than announced",
            });
        }
        let mut head = [0; FRAME_HEAD];
        self.take(&mut head)?;
        let frame = FrameHead::decode(&head);
        let longest = longest_packed(announced);
        let changed = || BundleError::changed(format!("in part {number}"));
        // The lengths are compared with what the header promised before anything is taken for them.
        if frame.raw as usize != announced || frame.packed == 0 || frame.packed as usize > longest {
            return Err(changed());
        }
        if let Known::Hashes(hashes) = &self.known
            && hashes.get(self.index as usize) != Some(&frame.hash)
        {
            return Err(BundleError::Swapped);
        }
        let mut packed = std::mem::take(&mut self.packed);
        packed.resize(frame.packed as usize, 0);
        self.take(&mut packed)?;
        if frame_hash(self.index, frame.raw, &packed) != frame.hash {
            return Err(match self.known {
                Known::Nothing(_) => changed(),
                Known::Hashes(_) => BundleError::Swapped,
            });
        }
        self.raw.resize(announced, 0);
        let unpacked = self
            .decompressor
            .decompress_to_buffer(&packed, &mut self.raw[..]);
        match unpacked {
            Ok(len) if len == announced => {}
            Ok(_) => {
                return Err(BundleError::Unpacking {
                    number,
                    reason: "it holds less than that",
                });
            }
            Err(_) => {
                return Err(BundleError::Unpacking {
                    number,
                    reason: "it holds more than that, or is no compressed data",
                });
            }
        }
        self.packed = packed;
        self.at = 0;
        self.raw_left -= announced as u64;
        self.index += 1;
        if let Known::Nothing(hashes) = &mut self.known {
            hashes.push(frame.hash);
        }
        Ok(())
    }

    fn take(&mut self, into: &mut [u8]) -> Result<(), BundleError> {
        self.input.read_exact(into).map_err(|e| self.failed(e))
    }

    fn failed(&self, error: io::Error) -> BundleError {
        body_error(error, self.input.left() == 0, self.index + 1)
    }
}

/// What an error while reading the body means. A file that ends although its length said otherwise became another one.
pub fn body_error(error: io::Error, whole: bool, number: u64) -> BundleError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof if whole => BundleError::changed(format!("in part {number}")),
        io::ErrorKind::UnexpectedEof => BundleError::Swapped,
        io::ErrorKind::InvalidData => BundleError::changed(format!("in its body: {error}")),
        _ => BundleError::Io {
            doing: "read the bundle",
            source: error,
        },
    }
}
