//! Bundles as a liar would write them: every hash and the signature fit, but what they cover is wrong.

use crate::bundle::format::{ENCRYPTED, FRAME, Prefix, frame_hash};
use crate::bundle::frame::{FrameHead, FrameWriter};
use crate::bundle::tally::Outlet;
use crate::bundle::wire::HeaderV1;
use crate::journal::{SiteKey, codec};

use super::samples;

/// A bundle in parts that can be bent.
#[derive(Clone)]
pub struct Forge {
    pub header: HeaderV1,
    /// The entry stream.
    pub stream: Vec<u8>,
    pub flags: u16,
}

impl Forge {
    /// The parts of an honest bundle.
    pub fn of(bytes: &[u8]) -> Self {
        let prefix: [u8; 52] = bytes[..52].try_into().unwrap();
        let h = Prefix::decode(&prefix).unwrap().header_len as usize;
        let header: HeaderV1 = codec::decode(&bytes[52..52 + h]).unwrap();
        let mut stream = Vec::new();
        for entry in samples::read(bytes).unwrap() {
            push(&mut stream, &entry);
        }
        Self {
            header,
            stream,
            flags: 0,
        }
    }

    /// A bundle of exactly these entries under this header, whatever it says; lengths and hashes of the body fit.
    pub fn with_entries(mut self, entries: &[Vec<u8>]) -> Self {
        self.stream.clear();
        for entry in entries {
            push(&mut self.stream, entry);
        }
        self
    }

    /// Frames, hashes and signature made to fit.
    pub fn seal(mut self, key: &SiteKey) -> Vec<u8> {
        let mut writer = FrameWriter::new(Outlet::plain(Vec::new())).unwrap();
        writer.write(&self.stream).unwrap();
        let (body, sum) = writer.finish().unwrap();
        self.header.raw_bytes = sum.raw;
        self.seal_body(&body, key)
    }

    /// The same with a body that is taken as it is; `raw_bytes` stays as the header has it.
    pub fn seal_body(mut self, body: &[u8], key: &SiteKey) -> Vec<u8> {
        self.header.body_bytes = body.len() as u64;
        self.header.body_hash = *blake3::hash(body).as_bytes();
        self.seal_as_it_is(body, key)
    }

    /// Header hash, signature and last hash fit; what the header says of the body stays as it is.
    pub fn seal_as_it_is(self, body: &[u8], key: &SiteKey) -> Vec<u8> {
        seal_bytes(self.flags, &codec::encode(&self.header).unwrap(), body, key)
    }
}

/// A file of these header bytes and this body, signed.
pub fn seal_bytes(flags: u16, header: &[u8], body: &[u8], key: &SiteKey) -> Vec<u8> {
    let prefix = Prefix::of(flags, header).unwrap();
    let mut out = prefix.encode().to_vec();
    out.extend_from_slice(header);
    out.extend_from_slice(&key.sign(&prefix.hash.0));
    out.extend_from_slice(body);
    let end = blake3::hash(&out);
    out.extend_from_slice(end.as_bytes());
    out
}

/// A frame whose hash fits.
pub fn frame(index: u64, raw: u32, packed: &[u8]) -> Vec<u8> {
    let head = FrameHead {
        raw,
        packed: packed.len() as u32,
        hash: frame_hash(index, raw, packed),
    };
    [&head.encode()[..], packed].concat()
}

/// The frames of an honest bundle's body.
pub fn frames_of(bytes: &[u8]) -> (usize, Vec<Vec<u8>>) {
    let h = u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize;
    let start = 52 + h + 64;
    let mut at = start;
    let mut frames = Vec::new();
    while at < bytes.len() - 32 {
        let packed = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
        frames.push(bytes[at..at + 40 + packed].to_vec());
        at += 40 + packed;
    }
    (start, frames)
}

/// A compressed piece of so many zeros: a bomb.
pub fn zeros(len: usize) -> Vec<u8> {
    zstd::bulk::compress(&vec![0; len], 3).unwrap()
}

pub fn push(stream: &mut Vec<u8>, entry: &[u8]) {
    stream.extend_from_slice(&(entry.len() as u32).to_le_bytes());
    stream.extend_from_slice(entry);
}

#[test]
fn a_forge_that_changes_nothing_gives_the_honest_file() {
    let shop = samples::Shop::with(1, &[vec![1; 20], vec![2; FRAME], vec![3; 5]]);
    let (bytes, _) = samples::write(&shop.entries, samples::about(), &shop.key);
    assert_eq!(Forge::of(&bytes).seal(&shop.key), bytes);
    assert_ne!(Forge::of(&bytes).flags, ENCRYPTED);
}
