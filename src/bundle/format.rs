//! The bytes of a bundle file, format 1, one by one. Numbers are little endian; a released format never changes.
//!
//! ## The file
//!
//! | from | bytes | what |
//! | --- | --- | --- |
//! | 0 | 8 | magic: `89 54 42 4e 0d 0a 1a 0a` (`\x89TBN\r\n\x1a\n`). A copy made as text changes at least one of them |
//! | 8 | 2 | format number: 1 |
//! | 10 | 2 | the lowest format whose readers can read this file |
//! | 12 | 2 | flags, below |
//! | 14 | 2 | zero |
//! | 16 | 4 | `h`: length of the header, 1 to 2 MiB |
//! | 20 | 32 | header hash: blake3 of `tagout bundle header 1`, bytes 0 to 19, and the header |
//! | 52 | h | the header |
//! | 52 + h | 64 | ed25519 signature of the author's site key over the 32 bytes of the header hash |
//! | 116 + h | b | the body: frames, one after another; `b` stands in the header |
//! | 116 + h + b | 32 | blake3 of everything before |
//!
//! Nothing follows. The header hash tells damage from forgery: where it does not fit, bytes were changed; where it
//! fits and the signature does not, somebody wrote the header who does not hold the author's key. Through the body's
//! hash in the header the signature covers the whole file.
//!
//! ## Flags
//!
//! Bits 0 to 7 must be understood by whoever reads the file, bits 8 to 15 may be ignored.
//!
//! | bit | meaning |
//! | --- | --- |
//! | 0 | the body is inside an age file (x25519) for the recipients that the header lists |
//!
//! With bit 0 set, `b` and the body's hash are those of a binary age file (version 1, x25519 recipients only), and what
//! it holds is the body as described here. A site's x25519 key is its ed25519 key in Montgomery form, so that whoever
//! knows a site can encrypt for it. The header stays readable. Without the flag the header lists no recipients.
//!
//! ## The header
//!
//! [`HeaderV1`](super::wire::HeaderV1) in the journal's encoding: fixed-width numbers, little endian; a text, a list
//! or bytes of varying length begin with their length as 8 bytes; an optional value begins with one byte 0 or 1;
//! arrays have no length. Its fields in order:
//!
//! | field | bytes | what |
//! | --- | --- | --- |
//! | author | 16 | the site that made the bundle: the first 16 bytes of blake3 of its public key |
//! | author_key | 32 | its ed25519 public key |
//! | shop | 8 + n | its shop's name, at most 1,024 bytes of UTF-8, no control characters |
//! | app | 8 + n | the program's version, by the same rule |
//! | created_hybrid | 8 | hybrid time of making: 48 bits of milliseconds since 1970, 16 bits of counter |
//! | created_wall_us | 8 | the wall clock then: signed, microseconds since 1970 UTC |
//! | created_offset | 2 | minutes east of UTC there: signed |
//! | entries | 8 | how many entries the body holds: the sum over the ranges |
//! | raw_bytes | 8 | length of the entry stream, uncompressed |
//! | body_bytes | 8 | `b` |
//! | body_hash | 32 | blake3 of the body's bytes as they stand in the file |
//! | ranges | 8 + n × 96 | site (16), first sequence (8), last sequence (8), hash of the entry before the first, zero at sequence 1 (32), hash of the last (32); sorted by site and first sequence; ranges of one site neither overlap nor touch |
//! | needs | 8 + n × 24 | site (16), sequence (8): what must be known for everything to join, at least the sequence before every range; sorted by site, once each |
//! | have | 8 + n × 24 | the author's version vector, same layout |
//! | witnessed | 8 + n × 56 | site (16), sequence (8), hash of that entry (32): where the author knows other sites to be; sorted by site, once each |
//! | heads | 8 + n × 144 | heads signed by their own sites: public key (32), sequence (8), hash (32), wall time of that entry (8, signed), signature (64) as a head of the journal carries it; sorted by key and sequence |
//! | recipients | 8 + n × 48 | site (16), x25519 public key (32): for whom the body is encrypted |
//! | inspection | 1 or 28 | in a sign-off bundle the inspection that it is about, as the 27 bytes of its id |
//! | extra | 8 + n | zero bytes in format 1; a later format that this reader can read puts more fields here. Signed, otherwise ignored |
//!
//! Each list has at most 4,096 rows.
//!
//! ## The body
//!
//! The entry stream is every entry of the first range in ascending sequence, then of the next range, and so on: each
//! as 4 bytes of length and the bytes of the journal's entry exactly as the author's journal holds them, at most
//! 4 MiB. The stream is cut every 1 MiB, wherever that falls, so that every frame but the last holds exactly 1 MiB and
//! the length of each is known from the header before the frame is read. A frame:
//!
//! | from | bytes | what |
//! | --- | --- | --- |
//! | 0 | 4 | length uncompressed: 1 MiB; in the last frame what is left of the stream |
//! | 4 | 4 | `z`: length compressed, at most [`longest_packed`] |
//! | 8 | 32 | blake3 of `tagout bundle frame 1`, the frame's number from 0 (8), bytes 0 to 7, and the compressed bytes |
//! | 40 | z | the piece of the stream, compressed by zstd (level 3) |

/// The first bytes of every bundle.
pub const MAGIC: [u8; 8] = [0x89, b'T', b'B', b'N', 0x0d, 0x0a, 0x1a, 0x0a];
/// The format that is written, and the highest that is read.
pub const FORMAT: u16 = 1;
/// Flag: the body is encrypted for the recipients in the header.
pub const ENCRYPTED: u16 = 1;
/// The flags that a reader must understand.
const BINDING: u16 = 0x00ff;

/// Bytes before the header.
pub const PREFIX: usize = 52;
/// Bytes of the prefix that the header hash covers.
const HASHED: usize = 20;
/// Bytes of the signature.
pub const SIGNATURE: usize = 64;
/// Bytes of the hash at the end.
pub const END: usize = 32;
/// Bytes of a frame before its compressed piece.
pub const FRAME_HEAD: usize = 40;

/// The longest header: 2 MiB.
pub const MAX_HEADER: usize = 2 << 20;
/// The most rows in a list of the header.
pub const MAX_ROWS: usize = 4096;
/// The longest name in the header and in a site's first entry, in bytes.
pub const MAX_NAME: usize = 1024;
/// What a frame holds uncompressed: 1 MiB.
pub const FRAME: usize = 1 << 20;
/// The longest entry stream: 64 GiB. What is more is exported in parts.
pub const MAX_RAW: u64 = 64 << 30;
/// The usual limit for one file: 1 GiB, far from where FAT ends.
pub const USUAL_LIMIT: u64 = 1 << 30;
/// Bytes of an entry's length in the stream.
pub const LENGTH: usize = 4;

const HEADER_DOMAIN: &[u8] = b"tagout bundle header 1";
const FRAME_DOMAIN: &[u8] = b"tagout bundle frame 1";

use crate::journal::Hash;

use super::error::BundleError;

/// The most bytes that a piece of this length takes compressed: zstd's own bound for pieces that do not shrink.
pub const fn longest_packed(raw: usize) -> usize {
    let spare = if raw < (128 << 10) {
        ((128 << 10) - raw) >> 11
    } else {
        0
    };
    raw + (raw >> 8) + spare
}

/// How many frames a stream of this length has.
pub const fn frames(raw: u64) -> u64 {
    raw.div_ceil(FRAME as u64)
}

/// The bytes before the header, read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prefix {
    /// The format of the file.
    pub format: u16,
    /// The lowest format whose readers can read it.
    pub min_reader: u16,
    /// What is special about it.
    pub flags: u16,
    /// Length of the header in bytes.
    pub header_len: u32,
    /// The header hash.
    pub hash: Hash,
}

impl Prefix {
    /// The prefix of a header that is to be written.
    pub fn of(flags: u16, header: &[u8]) -> Result<Self, BundleError> {
        if header.len() > MAX_HEADER {
            return Err(BundleError::absurd(format!(
                "a header of {} bytes",
                header.len()
            )));
        }
        let mut prefix = Self {
            format: FORMAT,
            min_reader: FORMAT,
            flags,
            header_len: header.len() as u32,
            hash: Hash::default(),
        };
        prefix.hash = prefix.header_hash(header);
        Ok(prefix)
    }

    /// True if the body is encrypted.
    pub fn encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }

    /// The bytes of the file's beginning.
    pub fn encode(&self) -> [u8; PREFIX] {
        let mut out = [0; PREFIX];
        out[..8].copy_from_slice(&MAGIC);
        out[8..10].copy_from_slice(&self.format.to_le_bytes());
        out[10..12].copy_from_slice(&self.min_reader.to_le_bytes());
        out[12..14].copy_from_slice(&self.flags.to_le_bytes());
        out[16..20].copy_from_slice(&self.header_len.to_le_bytes());
        out[20..].copy_from_slice(&self.hash.0);
        out
    }

    /// Reads the file's beginning: says what is no bundle, what is damaged, and what only a newer version can read.
    pub fn decode(bytes: &[u8; PREFIX]) -> Result<Self, BundleError> {
        check_magic(bytes)?;
        let [format, min_reader, flags, reserved] = [
            u16::from_le_bytes([bytes[8], bytes[9]]),
            u16::from_le_bytes([bytes[10], bytes[11]]),
            u16::from_le_bytes([bytes[12], bytes[13]]),
            u16::from_le_bytes([bytes[14], bytes[15]]),
        ];
        if min_reader > FORMAT {
            return Err(BundleError::Newer {
                format,
                min_reader,
                known: FORMAT,
            });
        }
        if format == 0 || min_reader == 0 || min_reader > format || reserved != 0 {
            return Err(BundleError::changed("in its first 20 bytes"));
        }
        if flags & BINDING & !ENCRYPTED != 0 {
            return Err(BundleError::Newer {
                format,
                min_reader: format.saturating_add(1),
                known: FORMAT,
            });
        }
        let header_len = u32::from_le_bytes([bytes[16], bytes[17], bytes[18], bytes[19]]);
        if header_len == 0 || header_len as usize > MAX_HEADER {
            return Err(BundleError::absurd(format!(
                "a header of {header_len} bytes"
            )));
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(&bytes[HASHED..]);
        Ok(Self {
            format,
            min_reader,
            flags,
            header_len,
            hash: Hash(hash),
        })
    }

    /// The header hash of this prefix with these header bytes.
    pub fn header_hash(&self, header: &[u8]) -> Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(HEADER_DOMAIN);
        hasher.update(&self.encode()[..HASHED]);
        hasher.update(header);
        Hash(*hasher.finalize().as_bytes())
    }
}

/// Says whether these first bytes of a file, possibly few, begin a bundle.
pub fn check_magic(bytes: &[u8]) -> Result<(), BundleError> {
    let known = bytes.len().min(MAGIC.len());
    if bytes[..known] == MAGIC[..known] {
        return Ok(());
    }
    let stripped = bytes.first() == Some(&0x09) && bytes.get(1..4) == Some(&MAGIC[1..4]);
    if bytes.get(..4) == Some(&MAGIC[..4]) || stripped || bytes.starts_with(TRANSCODED) {
        return Err(BundleError::TextMode);
    }
    Err(BundleError::NotABundle)
}

/// The magic after a program took it for Latin-1 text and wrote UTF-8, up to the line end.
const TRANSCODED: &[u8] = &[0xc2, 0x89, b'T', b'B', b'N'];

/// The hash that a frame carries.
pub fn frame_hash(index: u64, raw: u32, packed: &[u8]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(FRAME_DOMAIN);
    hasher.update(&index.to_le_bytes());
    hasher.update(&raw.to_le_bytes());
    hasher.update(&(packed.len() as u32).to_le_bytes());
    hasher.update(packed);
    Hash(*hasher.finalize().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_the_one_that_zstd_keeps() {
        for raw in [0, 1, 100, 4096, 131_071, 131_072, 600_000, FRAME] {
            assert_eq!(longest_packed(raw), zstd::zstd_safe::compress_bound(raw));
        }
    }

    #[test]
    fn what_a_text_copy_does_to_the_magic_is_named() {
        let unix: &[u8] = b"\x89TBN\n\x1a\n";
        let dos: &[u8] = b"\x89TBN\r\r\n\x1a\r\n";
        let seven: &[u8] = b"\x09TBN\r\n\x1a\n";
        let latin: &[u8] = b"\xc2\x89TBN\r\n\x1a\n";
        for bytes in [unix, dos, seven, latin] {
            assert!(
                matches!(check_magic(bytes), Err(BundleError::TextMode)),
                "{bytes:?}"
            );
        }
        for bytes in [&b"PK\x03\x04...."[..], b"{\"a\": 1}", b"\x89PNG\r\n\x1a\n"] {
            assert!(
                matches!(check_magic(bytes), Err(BundleError::NotABundle)),
                "{bytes:?}"
            );
        }
        for len in 0..=MAGIC.len() {
            assert!(check_magic(&MAGIC[..len]).is_ok());
        }
    }

    #[test]
    fn the_prefix_comes_back_and_names_what_is_newer() {
        let prefix = Prefix::of(ENCRYPTED | 0x4000, b"header").unwrap();
        assert_eq!(Prefix::decode(&prefix.encode()).unwrap(), prefix);
        assert!(prefix.encrypted());
        let read = |prefix: Prefix| Prefix::decode(&prefix.encode());
        let readable = Prefix {
            format: 7,
            ..prefix
        };
        assert_eq!(read(readable).unwrap(), readable);
        for newer in [
            Prefix {
                format: 7,
                min_reader: 2,
                ..prefix
            },
            Prefix {
                flags: 0x80,
                ..prefix
            },
        ] {
            assert!(matches!(read(newer), Err(BundleError::Newer { .. })));
        }
        for wrong in [
            Prefix {
                format: 0,
                ..prefix
            },
            Prefix {
                min_reader: 0,
                ..prefix
            },
        ] {
            assert!(matches!(read(wrong), Err(BundleError::Changed { .. })));
        }
        for header_len in [0, MAX_HEADER as u32 + 1, u32::MAX] {
            let absurd = read(Prefix {
                header_len,
                ..prefix
            });
            assert!(matches!(absurd, Err(BundleError::Absurd(_))));
        }
    }
}
