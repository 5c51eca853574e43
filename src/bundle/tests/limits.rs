//! Counts and lengths that cannot be, and bombs: refused before they cost memory.

use std::io::Read;

use super::forge::{Forge, frame, frames_of, push, seal_bytes, zeros};
use super::samples::{about, error, honest, read, refused, write};
use crate::bundle::format::{ENCRYPTED, FRAME, MAX_HEADER, MAX_ROWS, longest_packed};
use crate::bundle::frame::{FrameReader, Known};
use crate::bundle::tally::Inlet;
use crate::bundle::wire::RangeV1;
use crate::bundle::{BundleError, inspect};
use crate::journal::codec;

#[test]
fn counts_and_lists_that_cannot_be() {
    type Bend = (&'static str, fn(&mut Forge));
    let table: &[Bend] = &[
        ("more entries than ranges", |f| f.header.entries = 10),
        ("no entries", |f| {
            f.header.entries = 0;
            f.header.ranges.clear();
        }),
        ("the last possible sequence", |f| {
            f.header.ranges[0].to = u64::MAX;
            f.header.entries = u64::MAX;
        }),
        ("a sum that overflows", |f| {
            let mut second = f.header.ranges[0];
            second.site = [0xff; 16];
            f.header.ranges[0].to = u64::MAX - 1;
            second.to = u64::MAX - 1;
            f.header.ranges.push(second);
        }),
        ("huge counts that agree", |f| {
            f.header.ranges[0].to = 1 << 40;
            f.header.entries = 1 << 40;
        }),
        ("sequence 0", |f| f.header.ranges[0].from = 0),
        ("backwards", |f| {
            f.header.ranges[0].from = 9;
            f.header.ranges[0].to = 2;
        }),
        ("before the first", |f| f.header.ranges[0].before = [1; 32]),
        ("the same twice", |f| {
            let again = f.header.ranges[0];
            f.header.ranges.push(again);
            f.header.entries *= 2;
        }),
        ("touching ranges", |f| {
            let range = f.header.ranges[0];
            f.header.ranges[0].to = 4;
            f.header.ranges.push(RangeV1 {
                from: 5,
                before: [1; 32],
                ..range
            });
        }),
        ("unsorted vector", |f| {
            f.header.have = vec![([2; 16], 1), ([1; 16], 1)];
        }),
        ("a site twice", |f| {
            f.header.witnessed = vec![([2; 16], 1, [0; 32]), ([2; 16], 2, [0; 32])];
        }),
        ("sequence 0 known", |f| f.header.needs = vec![([2; 16], 0)]),
        ("too many rows", |f| {
            f.header.have = (0..=MAX_ROWS as u128)
                .map(|n| (n.to_be_bytes(), 1))
                .collect();
        }),
        ("no inspection", |f| f.header.inspection = Some([7; 27])),
        ("recipients of what is not encrypted", |f| {
            f.header.recipients = vec![([1; 16], [1; 32])];
        }),
        ("encrypted for nobody", |f| f.flags = ENCRYPTED),
    ];
    let (shop, bytes, forge) = honest();
    let (start, _) = frames_of(&bytes);
    let body = &bytes[start..bytes.len() - 32];
    for (what, bend) in table {
        let mut bent = forge.clone();
        bend(&mut bent);
        let error = error(&bent.seal_as_it_is(body, &shop.key));
        assert!(matches!(error, BundleError::Absurd(_)), "{what}: {error:?}");
    }
    // Needing less than what it continues.
    let (later, _) = write(&shop.entries[3..], about(), &shop.key);
    let mut bent = Forge::of(&later);
    bent.header.needs.clear();
    refused!(bent.seal(&shop.key), BundleError::Absurd(_));
    // Lengths of the body that its stream cannot have.
    for (raw, body_bytes) in [
        (u64::MAX, 100),
        (0, 0),
        (1, 1),
        (forge.header.raw_bytes, u64::MAX),
        (forge.header.raw_bytes, 0),
        (1 << 36, 1 << 36),
    ] {
        let mut bent = forge.clone();
        bent.header.raw_bytes = raw;
        bent.header.body_bytes = body_bytes;
        let bytes = bent.seal_as_it_is(body, &shop.key);
        assert!(
            matches!(inspect(&mut &bytes[..]), Err(BundleError::Absurd(_))),
            "{raw} {body_bytes}"
        );
    }
    // More or fewer entries in the stream than announced.
    let mut more = forge.clone();
    push(&mut more.stream, &shop.entries[0]);
    refused!(more.seal(&shop.key), BundleError::Absurd(_));
    let fewer = forge.with_entries(&shop.entries[..8]).seal(&shop.key);
    refused!(
        fewer,
        BundleError::Absurd(_) | BundleError::Unpacking { .. }
    );
}

#[test]
fn bombs_stop_at_the_announced_size() {
    let (shop, _, forge) = honest();
    let raw = forge.stream.len() as u32;
    let bomb = zeros(200 << 20);
    for packed in [
        &bomb[..],
        b"no compressed data at all",
        &zeros(raw as usize / 2),
    ] {
        let mut bent = forge.clone();
        bent.header.raw_bytes = u64::from(raw);
        let bytes = bent.seal_body(&frame(0, raw, packed), &shop.key);
        let error = error(&bytes);
        assert!(
            matches!(
                error,
                BundleError::Unpacking { number: 1, .. } | BundleError::Changed { .. }
            ),
            "{error:?}"
        );
    }
    // A frame that claims more than the header left for it is not even unpacked.
    for claimed in [raw + 1, FRAME as u32, u32::MAX] {
        let mut bent = forge.clone();
        bent.header.raw_bytes = u64::from(raw);
        let bytes = bent.seal_body(&frame(0, claimed, &zeros(1000)), &shop.key);
        refused!(bytes, BundleError::Changed { .. });
    }
    // Zeros of the right length hold no entry.
    let mut bent = forge;
    bent.header.raw_bytes = u64::from(raw);
    let bytes = bent.seal_body(&frame(0, raw, &zeros(raw as usize)), &shop.key);
    refused!(bytes, BundleError::Absurd(_));
}

#[test]
fn buffers_stay_within_a_frame_whatever_is_claimed() {
    let bomb = zeros(64 << 20);
    let huge = {
        let mut head = frame(0, FRAME as u32, &bomb);
        head[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        head
    };
    for body in [
        frame(0, FRAME as u32, &bomb),
        frame(0, u32::MAX, &bomb),
        huge,
    ] {
        let mut hashes = Vec::new();
        let mut frames = FrameReader::new(
            Inlet::plain(&body[..], 1 << 40, blake3::Hasher::new()),
            1 << 40,
            Known::Nothing(&mut hashes),
        )
        .unwrap();
        assert!(frames.read(&mut [0; 100]).is_err());
        assert!(frames.held() <= FRAME + longest_packed(FRAME));
    }
}

#[test]
fn a_refusal_comes_before_the_reading() {
    /// Counts what is asked of it, and never ends.
    struct Endless {
        start: Vec<u8>,
        given: usize,
    }
    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let left = self.start.get(self.given..).unwrap_or_default();
            let now = if left.is_empty() {
                into.fill(0xaa);
                into.len()
            } else {
                let now = left.len().min(into.len());
                into[..now].copy_from_slice(&left[..now]);
                now
            };
            self.given += now;
            Ok(now)
        }
    }
    let (_, bytes, _) = honest();
    let mut longest = bytes[..52].to_vec();
    longest[16..20].copy_from_slice(&(MAX_HEADER as u32).to_le_bytes());
    let mut forged = bytes[..52].to_vec();
    forged[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    for (start, most) in [
        (longest, 52 + MAX_HEADER + 64),
        (forged, 52),
        (b"\x89TBN".to_vec(), 52),
        (bytes, 4096),
    ] {
        let mut input = Endless { start, given: 0 };
        let _ = inspect(&mut input);
        assert!(input.given <= most, "{} > {most}", input.given);
    }
}

#[test]
fn forged_list_lengths_in_the_header() {
    let (shop, bytes, forge) = honest();
    let (start, _) = frames_of(&bytes);
    let header = codec::encode(&forge.header).unwrap();
    // Every place in the header may be the length of something.
    for at in 0..header.len() - 8 {
        for length in [u64::MAX, u64::from(u32::MAX), 1 << 33] {
            let mut bent = header.clone();
            bent[at..at + 8].copy_from_slice(&length.to_le_bytes());
            let file = seal_bytes(0, &bent, &bytes[start..bytes.len() - 32], &shop.key);
            if let Ok(entries) = read(&file) {
                // Only what says nothing about the entries may be bent: the times of making.
                assert_eq!(entries, shop.entries, "{at}");
            }
        }
    }
}
