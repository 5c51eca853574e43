//! Frames of the journal files: `marker | length u32 | checksum | entry bytes`.
//!
//! Invariants: the checksum is the first 8 bytes of the entry's own blake3 hash, so a frame that checks out carries the
//! bytes that its chain names. The marker lets a reader find the next whole frame behind a damaged place. A file is
//! read in bounded pieces; a forged length allocates nothing.

use std::io;
use std::path::{Path, PathBuf};

use crate::domain::id::Hash;
use crate::journal::MAX_ENTRY;

use super::vfs::Vfs;

/// The bytes that begin every frame.
pub const MARKER: [u8; 4] = *b"TGF1";
/// Marker, length and checksum.
pub const HEAD: usize = 16;
const PIECE: usize = 1 << 20;

/// Appends the frame of an entry to a buffer.
pub fn push(out: &mut Vec<u8>, bytes: &[u8], hash: Hash) {
    out.extend_from_slice(&MARKER);
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(&hash.0[..8]);
    out.extend_from_slice(bytes);
}

/// What a file holds at one place.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// A whole frame.
    Frame {
        /// Where the frame begins.
        offset: u64,
        /// The entry's bytes.
        bytes: Vec<u8>,
        /// Their hash.
        hash: Hash,
    },
    /// Bytes that are no frame.
    Bad {
        /// Where they begin.
        offset: u64,
        /// How many.
        len: u64,
        /// True if no whole frame follows in this file.
        to_end: bool,
    },
}

/// Reads the frames of one file in order.
pub struct FrameReader<'a> {
    vfs: &'a dyn Vfs,
    path: PathBuf,
    len: u64,
    pos: u64,
    buffer: Vec<u8>,
    buffer_at: u64,
}

impl<'a> FrameReader<'a> {
    /// Starts at an offset of a file.
    pub fn open(vfs: &'a dyn Vfs, path: &Path, offset: u64) -> io::Result<Self> {
        Ok(Self {
            vfs,
            path: path.to_path_buf(),
            len: vfs.len(path)?,
            pos: offset,
            buffer: Vec::new(),
            buffer_at: offset,
        })
    }

    /// The next frame or damaged range; `None` at the end of the file.
    pub fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        if self.pos >= self.len {
            return Ok(None);
        }
        let start = self.pos;
        if let Some((bytes, hash)) = self.frame_at(start)? {
            self.pos = start + (HEAD + bytes.len()) as u64;
            return Ok(Some(Piece::Frame {
                offset: start,
                bytes,
                hash,
            }));
        }
        let next = self.resync(start + 1)?;
        let end = next.unwrap_or(self.len);
        self.pos = end;
        Ok(Some(Piece::Bad {
            offset: start,
            len: end - start,
            to_end: next.is_none(),
        }))
    }

    fn resync(&mut self, from: u64) -> io::Result<Option<u64>> {
        let mut at = from;
        while at + (HEAD as u64) <= self.len {
            let window = self.bytes(at, PIECE)?;
            let hit = window.windows(MARKER.len()).position(|w| w == MARKER);
            let step = window.len().saturating_sub(MARKER.len() - 1).max(1) as u64;
            match hit {
                Some(hit) => {
                    at += hit as u64;
                    if self.frame_at(at)?.is_some() {
                        return Ok(Some(at));
                    }
                    at += 1;
                }
                None => at += step,
            }
        }
        Ok(None)
    }

    fn frame_at(&mut self, at: u64) -> io::Result<Option<(Vec<u8>, Hash)>> {
        let head = self.bytes(at, HEAD)?;
        let (Some(marker), Some(length), Some(sum)) =
            (head.get(..4), head.get(4..8), head.get(8..16))
        else {
            return Ok(None);
        };
        let length = length
            .iter()
            .rev()
            .fold(0usize, |n, b| n << 8 | *b as usize);
        if marker != MARKER || length == 0 || length > MAX_ENTRY {
            return Ok(None);
        }
        let mut check = [0; 8];
        check.copy_from_slice(sum);
        if at + (HEAD + length) as u64 > self.len {
            return Ok(None);
        }
        let bytes = self.bytes(at + HEAD as u64, length)?;
        if bytes.len() < length {
            return Ok(None);
        }
        let hash = Hash(*blake3::hash(bytes).as_bytes());
        Ok((hash.0[..8] == check).then(|| (bytes.to_vec(), hash)))
    }

    fn bytes(&mut self, at: u64, len: usize) -> io::Result<&[u8]> {
        let have_end = self.buffer_at + self.buffer.len() as u64;
        let want_end = (at + len as u64).min(self.len);
        if at < self.buffer_at || want_end > have_end {
            self.buffer = self.vfs.read_at(&self.path, at, len.max(PIECE))?;
            self.buffer_at = at;
        }
        let from = ((at - self.buffer_at) as usize).min(self.buffer.len());
        let to = (from + len).min(self.buffer.len());
        Ok(self.buffer.get(from..to).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::vfs::FaultFs;
    use super::*;
    use proptest::prelude::*;

    fn pieces(content: &[u8]) -> Vec<Piece> {
        let fs = FaultFs::new(1);
        fs.create_dir_all(Path::new("/j")).unwrap();
        let path = Path::new("/j/f");
        fs.open_append(path).unwrap().append(content).unwrap();
        let mut reader = FrameReader::open(&fs, path, 0).unwrap();
        std::iter::from_fn(|| reader.next_piece().unwrap()).collect()
    }

    fn framed(bodies: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        for body in bodies {
            push(&mut out, body, Hash(*blake3::hash(body).as_bytes()));
        }
        out
    }

    fn bodies() -> impl Strategy<Value = Vec<Vec<u8>>> {
        proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..80), 1..8)
    }

    fn good(pieces: &[Piece]) -> Vec<Vec<u8>> {
        pieces
            .iter()
            .filter_map(|p| match p {
                Piece::Frame { bytes, .. } => Some(bytes.clone()),
                Piece::Bad { .. } => None,
            })
            .collect()
    }

    proptest! {
        #[test]
        fn whole_files_come_back(bodies in bodies()) {
            prop_assert_eq!(good(&pieces(&framed(&bodies))), bodies);
        }

        #[test]
        fn a_cut_file_gives_every_whole_frame_and_names_the_rest(bodies in bodies(), cut in 0usize..400) {
            let mut content = framed(&bodies);
            content.truncate(content.len().saturating_sub(cut).max(1));
            let found = pieces(&content);
            let whole = good(&found);
            prop_assert_eq!(&whole[..], &bodies[..whole.len()]);
            let covered: u64 = found.iter().map(|p| match p {
                Piece::Frame { bytes, .. } => (HEAD + bytes.len()) as u64,
                Piece::Bad { len, .. } => *len,
            }).sum();
            prop_assert_eq!(covered, content.len() as u64);
        }

        #[test]
        fn a_flipped_bit_costs_one_frame_and_is_named(bodies in bodies(), at: prop::sample::Index, bit in 0u8..8) {
            let mut content = framed(&bodies);
            let at = at.index(content.len());
            content[at] ^= 1 << bit;
            let found = pieces(&content);
            prop_assert_eq!(good(&found).len(), bodies.len() - 1);
            let named = found.iter().any(|p| matches!(p, Piece::Bad { offset, len, .. } if (*offset..offset + len).contains(&(at as u64))));
            prop_assert!(named);
        }
    }
}
