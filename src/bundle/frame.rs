//! The body: a stream of bytes cut into compressed frames, and put together again.
//!
//! Invariants: the writer holds one frame, the reader one frame, compressed and not. The reader knows from the header
//! how long each frame must be uncompressed before it sees it, checks the compressed bytes against their hash before
//! they are unpacked, and unpacks into a buffer of exactly the announced length: a bomb stops there.

use std::io::{Read, Write};

use crate::journal::Hash;

use super::error::BundleError;
use super::format::{FRAME, FRAME_HEAD, frame_hash, frames, longest_packed};

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
    out: W,
    compressor: zstd::bulk::Compressor<'static>,
    raw: Vec<u8>,
    packed: Vec<u8>,
    hasher: blake3::Hasher,
    index: u64,
    raw_bytes: u64,
    bytes: u64,
}

impl<W: Write> FrameWriter<W> {
    /// A body that is written to `out`.
    pub fn new(out: W) -> Result<Self, BundleError> {
        Ok(Self {
            out,
            compressor: zstd::bulk::Compressor::new(LEVEL)
                .map_err(BundleError::io("compress the bundle"))?,
            raw: Vec::new(),
            packed: Vec::new(),
            hasher: blake3::Hasher::new(),
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
        self.bytes + most + frames(waiting) * FRAME_HEAD as u64
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
        self.out
            .flush()
            .map_err(BundleError::io("write the bundle's working file"))?;
        let body = Body {
            raw: self.raw_bytes,
            bytes: self.bytes,
            hash: Hash(*self.hasher.finalize().as_bytes()),
        };
        Ok((self.out, body))
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
            self.hasher.update(piece);
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
    input: R,
    known: Known<'a>,
    decompressor: zstd::bulk::Decompressor<'static>,
    hasher: blake3::Hasher,
    end: blake3::Hasher,
    packed: Vec<u8>,
    raw: Vec<u8>,
    at: usize,
    index: u64,
    raw_left: u64,
    bytes_left: u64,
    bytes_read: u64,
}

impl<'a, R: Read> FrameReader<'a, R> {
    /// Reads a body of `raw` bytes of stream in `bytes` bytes of file from `input`, which stands at its beginning.
    /// `end` has taken in everything before it.
    pub fn new(
        input: R,
        (raw, bytes): (u64, u64),
        end: blake3::Hasher,
        known: Known<'a>,
    ) -> Result<Self, BundleError> {
        Ok(Self {
            input,
            known,
            decompressor: zstd::bulk::Decompressor::new()
                .map_err(BundleError::io("unpack the bundle"))?,
            hasher: blake3::Hasher::new(),
            end,
            packed: Vec::new(),
            raw: Vec::new(),
            at: 0,
            index: 0,
            raw_left: raw,
            bytes_left: bytes,
            bytes_read: 0,
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
        self.bytes_read
    }

    /// The most memory that its buffers ever took, in bytes.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.packed.capacity() + self.raw.capacity()
    }

    /// Ends the body: nothing may be left. Gives the input, the body's hash, and the hasher that took everything in.
    pub fn finish(self) -> Result<(R, Hash, blake3::Hasher), BundleError> {
        if self.bytes_left > 0 || self.left() > 0 {
            return Err(BundleError::absurd(
                "more compressed bytes than its records need",
            ));
        }
        let hash = Hash(*self.hasher.finalize().as_bytes());
        Ok((self.input, hash, self.end))
    }

    fn next(&mut self) -> Result<(), BundleError> {
        let number = self.index + 1;
        let announced = self.raw_left.min(FRAME as u64) as usize;
        if announced == 0 || self.bytes_left < FRAME_HEAD as u64 {
            return Err(BundleError::Unpacking {
                number,
                reason: "there is less than announced",
            });
        }
        let mut head = [0; FRAME_HEAD];
        self.take(&mut head)?;
        let frame = FrameHead::decode(&head);
        let longest = (longest_packed(announced) as u64).min(self.bytes_left);
        let changed = || BundleError::changed(format!("in part {number}"));
        // The lengths are compared with what the header promised before anything is taken for them.
        if frame.raw as usize != announced || frame.packed == 0 || u64::from(frame.packed) > longest
        {
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
        self.input.read_exact(into).map_err(cut_or_io)?;
        self.hasher.update(into);
        self.end.update(into);
        self.bytes_left -= into.len() as u64;
        self.bytes_read += into.len() as u64;
        Ok(())
    }
}

/// A file that ended although its length said otherwise became another one.
fn cut_or_io(error: std::io::Error) -> BundleError {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        BundleError::Swapped
    } else {
        BundleError::Io {
            doing: "read the bundle",
            source: error,
        }
    }
}
