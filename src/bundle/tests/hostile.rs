//! Every kind of damage and of lie has its own answer; none costs memory or lets anything through.

use std::io::Read;

use super::forge::{Forge, frame, frames_of, push, seal_bytes, zeros};
use super::samples::{NOON_US, Shop, about, key, read, verify, write};
use crate::bundle::format::{ENCRYPTED, FRAME, MAX_HEADER, MAX_ROWS, longest_packed};
use crate::bundle::frame::{FrameReader, Known};
use crate::bundle::wire::RangeV1;
use crate::bundle::{BundleError, SignedHead, inspect};
use crate::journal::chain::Tip;
use crate::journal::{Entry, Hash, Head, HybridTime, SiteId, codec};

/// A shop, the honest bundle of its entries, and its parts.
fn honest() -> (Shop, Vec<u8>, Forge) {
    let shop = Shop::with(1, &vec![b"0.12 ohm".to_vec(); 8]);
    let (bytes, _) = write(&shop.entries, about(), &shop.key);
    let forge = Forge::of(&bytes);
    (shop, bytes, forge)
}

fn error(bytes: &[u8]) -> BundleError {
    read(bytes).expect_err("refused")
}

macro_rules! refused {
    ($bytes:expr, $pattern:pat $(if $guard:expr)?) => {
        let error = error(&$bytes);
        assert!(matches!(error, $pattern $(if $guard)?), "{error:?}");
    };
}

#[test]
fn a_file_that_ends_early_or_late() {
    let (_, bytes, _) = honest();
    for len in 0..bytes.len() {
        let error = error(&bytes[..len]);
        assert!(
            matches!(error, BundleError::CutOff { have, .. } if have == len as u64),
            "{len}: {error:?}"
        );
    }
    let longer = [&bytes[..], b"\0\0\0"].concat();
    refused!(longer, BundleError::TooLong { extra: 3 });
    refused!(vec![0; 4096], BundleError::NotABundle);
}

#[test]
fn a_file_that_was_copied_as_text() {
    let (_, bytes, _) = honest();
    let unix: Vec<u8> = String::from_utf8_lossy(&bytes)
        .replace("\r\n", "\n")
        .into_bytes();
    let dos: Vec<u8> = bytes
        .iter()
        .flat_map(|b| {
            if *b == b'\n' {
                vec![b'\r', b'\n']
            } else {
                vec![*b]
            }
        })
        .collect();
    let latin: Vec<u8> = bytes
        .iter()
        .map(|b| char::from(*b))
        .collect::<String>()
        .into_bytes();
    refused!(dos, BundleError::TextMode);
    refused!(latin, BundleError::TextMode);
    // What is not UTF-8 becomes a question mark, and the first byte is not.
    let error = error(&unix);
    assert!(matches!(
        error,
        BundleError::TextMode | BundleError::NotABundle
    ));
    let folded: Vec<u8> = [&bytes[..4], &bytes[5..]].concat();
    refused!(folded, BundleError::TextMode);
}

#[test]
fn every_changed_byte_is_noticed() {
    let (_, bytes, _) = honest();
    for at in 0..bytes.len() {
        for bit in [0x01, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= bit;
            let error = error(&changed);
            let fits = match at {
                0..8 => matches!(error, BundleError::NotABundle | BundleError::TextMode),
                8..20 => matches!(
                    error,
                    BundleError::Newer { .. }
                        | BundleError::Changed { .. }
                        | BundleError::Absurd(_)
                        | BundleError::CutOff { .. }
                ),
                _ => matches!(
                    error,
                    BundleError::Changed { .. } | BundleError::Forged { .. }
                ),
            };
            assert!(fits, "{at}: {error:?}");
        }
    }
}

#[test]
fn a_newer_format_and_a_forged_signature() {
    let (shop, bytes, forge) = honest();
    let mut newer = bytes.clone();
    newer[8] = 3;
    newer[10] = 2;
    refused!(
        newer,
        BundleError::Newer {
            format: 3,
            min_reader: 2,
            known: 1
        }
    );
    // Signed with another key than the one named.
    refused!(
        forge.clone().seal(&key(9)),
        BundleError::Forged { author } if author == shop.site()
    );
    // Another key under the old name.
    let mut impostor = forge.clone();
    impostor.header.author_key = key(9).public();
    refused!(impostor.seal(&key(9)), BundleError::Impostor { .. });
    // A key that is no key.
    let mut weak = forge;
    weak.header.author_key = [0; 32];
    weak.header.author = crate::journal::site::site_of(&[0; 32]).0;
    refused!(weak.seal(&key(9)), BundleError::Forged { .. });
}

#[test]
fn what_a_later_format_adds_is_kept_and_signed() {
    let (shop, _, mut forge) = honest();
    forge.header.extra.0 = b"later".to_vec();
    let later = forge.seal(&shop.key);
    assert_eq!(inspect(&mut &later[..]).unwrap().extra, b"later");
    assert_eq!(read(&later).unwrap(), shop.entries);
}

#[test]
fn chains_that_do_not_join() {
    let (shop, _, forge) = honest();
    let seal = |entries: &[Vec<u8>]| forge.clone().with_entries(entries).seal(&shop.key);
    // One entry changed in the middle: the next does not join.
    let mut entry = Entry::decode(&shop.entries[4]).unwrap();
    entry.wall_us += 1;
    let mut changed = shop.entries.clone();
    changed[4] = entry.encode().unwrap().0;
    refused!(seal(&changed), BundleError::Chain { seq: 6, .. });
    // The last one changed: it is not the one announced.
    let mut entry = Entry::decode(&shop.entries[8]).unwrap();
    entry.events[0].body = b"0.11 ohm".to_vec();
    let mut changed = shop.entries.clone();
    changed[8] = entry.encode().unwrap().0;
    refused!(
        seal(&changed),
        BundleError::Chain { seq: 9, .. } | BundleError::TwoVersions { seq: 9, .. }
    );
    // Dropped, doubled, exchanged, of another site.
    let mut dropped = shop.entries.clone();
    dropped.remove(3);
    dropped.push(shop.entries[8].clone());
    refused!(
        seal(&dropped),
        BundleError::OutsideRange {
            seq: 5,
            want_seq: 4,
            ..
        }
    );
    let mut exchanged = shop.entries.clone();
    exchanged.swap(2, 3);
    refused!(seal(&exchanged), BundleError::OutsideRange { .. });
    let mut strange = shop.entries.clone();
    strange[8] = Shop::new(2).entries[0].clone();
    refused!(seal(&strange), BundleError::OutsideRange { seq: 1, .. });
    // Before the range.
    let mut forge = forge.clone();
    forge.header.ranges[0].from = 2;
    forge.header.ranges[0].before = [5; 32];
    forge.header.needs = vec![(shop.site().0, 1)];
    forge.header.entries = 8;
    refused!(
        forge
            .clone()
            .with_entries(&shop.entries[..8])
            .seal(&shop.key),
        BundleError::OutsideRange { seq: 1, .. }
    );
    // Joined to another past.
    refused!(
        forge.with_entries(&shop.entries[1..]).seal(&shop.key),
        BundleError::Chain { seq: 2, .. }
    );
}

#[test]
fn a_first_entry_that_names_another_key() {
    let (shop, _, _) = honest();
    let other = Shop::new(2);
    let genesis = Entry::decode(&other.entries[0]).unwrap().events;
    let record = Entry::decode(&shop.entries[1]).unwrap().events;
    let first = |events| {
        let mut bare = Shop::new(1);
        bare.entries.clear();
        let mut entry = Entry::decode(&shop.entries[0]).unwrap();
        entry.events = events;
        bare.put(&entry);
        bare
    };
    let own = Entry::decode(&shop.entries[0]).unwrap().events;
    let twice = [own.clone(), own.clone()].concat();
    let mut cut = own.clone();
    cut[0].body.truncate(40);
    for events in [genesis.clone(), record, twice, cut] {
        let bare = first(events);
        let forged = bundle_of(&bare);
        refused!(forged, BundleError::ForgedGenesis { .. });
    }
    let mut again = Shop::new(1);
    let entry = again.next(own.clone());
    again.put(&entry);
    refused!(bundle_of(&again), BundleError::ForgedGenesis { .. });
    // One of a newer layout is kept, and confirms no key.
    let mut newer = own;
    newer[0].schema = 2;
    newer[0].body = b"what a later version says".to_vec();
    let bare = first(newer);
    let bytes = bundle_of(&bare);
    assert_eq!(read(&bytes).unwrap(), bare.entries);
    assert!(verify(&bytes).unwrap().report().keys.is_empty());
}

/// A bundle of a site's entries that no honest writer would write.
fn bundle_of(shop: &Shop) -> Vec<u8> {
    let honest = Shop::with(1, &vec![vec![1]; shop.entries.len() - 1]);
    let (bytes, _) = write(&honest.entries, about(), &honest.key);
    let mut forge = Forge::of(&bytes);
    let last = crate::journal::entry_hash(shop.entries.last().unwrap());
    forge.header.ranges[0].last = last.0;
    forge.header.heads.clear();
    forge.with_entries(&shop.entries).seal(&shop.key)
}

#[test]
fn entries_that_cannot_be() {
    let bend = |change: &dyn Fn(&mut Entry)| {
        let mut shop = Shop::with(1, &[b"one".to_vec()]);
        let mut entry = shop.next(Entry::decode(&shop.entries[1]).unwrap().events);
        change(&mut entry);
        shop.put(&entry);
        error(&bundle_of(&shop))
    };
    for (what, wall, hybrid) in [
        ("before 1970", -1, 0),
        ("after 9999", i64::MAX, 0),
        ("hybrid after 9999", NOON_US, u64::MAX),
    ] {
        let error = bend(&|entry| {
            entry.wall_us = wall;
            entry.hybrid = HybridTime(hybrid);
        });
        assert!(matches!(error, BundleError::Time { .. }), "{what}");
    }
    let error = bend(&|entry| entry.offset_minutes = 5000);
    assert!(matches!(error, BundleError::Time { .. }));
    for actor in ["Kim\u{1b}[2J", "a\nb", &"x".repeat(65)] {
        let error = bend(&|entry| actor.clone_into(&mut entry.actor));
        assert!(matches!(error, BundleError::Name { .. }));
        assert!(!error.to_string().contains(['\u{1b}', '\n']));
    }
    let error = bend(&|entry| entry.events.clear());
    // Too short to hold an event at all.
    assert!(matches!(error, BundleError::Absurd(_)), "{error:?}");

    let (shop, _, forge) = honest();
    let mut newer = shop.entries.clone();
    newer[2][0] = 2;
    let bytes = forge.clone().with_entries(&newer).seal(&shop.key);
    refused!(
        bytes,
        BundleError::NewerEntry {
            seq_in: 3,
            found: 2,
            known: 1
        }
    );
    let mut garbage = shop.entries.clone();
    garbage[2] = vec![1; garbage[2].len()];
    garbage[2][1] = 0;
    let bytes = forge.clone().with_entries(&garbage).seal(&shop.key);
    refused!(bytes, BundleError::Unreadable { seq_in: 3, .. });
    // A flat battery is no lie: such entries travel.
    let mut shop = Shop::new(1);
    let mut entry = shop.next(
        Entry::decode(&forge.stream[4 + shop.entries[0].len() + 4..][..newer[1].len()])
            .unwrap()
            .events,
    );
    entry.wall_us = 60_000_000;
    shop.put(&entry);
    assert_eq!(read(&bundle_of(&shop)).unwrap(), shop.entries);
}

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
fn names_and_times_in_the_header() {
    let (shop, _, forge) = honest();
    for name in ["Biomed\u{7}", "a\u{9b}31m", &"x".repeat(129)] {
        let mut bent = forge.clone();
        name.clone_into(&mut bent.header.shop);
        refused!(bent.seal(&shop.key), BundleError::Name { .. });
        let mut bent = forge.clone();
        name.clone_into(&mut bent.header.app);
        refused!(bent.seal(&shop.key), BundleError::Name { .. });
    }
    for (wall, hybrid, offset) in [
        (-1, 0, 0),
        (i64::MAX, 0, 0),
        (0, u64::MAX, 0),
        (0, 0, 1081),
        (0, 0, i16::MIN),
    ] {
        let mut bent = forge.clone();
        bent.header.created_wall_us = wall;
        bent.header.created_hybrid = hybrid;
        bent.header.created_offset = offset;
        refused!(bent.seal(&shop.key), BundleError::Time { .. });
    }
}

#[test]
fn two_versions_of_one_record() {
    let (shop, _, forge) = honest();
    let site = shop.site().0;
    for (seq, hash) in [(4, [1; 32]), (9, [1; 32])] {
        let mut bent = forge.clone();
        bent.header.witnessed = vec![(site, seq, hash)];
        refused!(bent.seal(&shop.key), BundleError::TwoVersions { .. });
    }
    // Signed by the site itself: it wrote two pasts.
    let mut facts = about();
    facts.heads = vec![SignedHead {
        key: shop.key.public(),
        head: Head::sign(&shop.key, 4, Hash([1; 32]), NOON_US),
    }];
    let author = Shop::new(2);
    let signed = super::samples::try_write(&shop.entries, facts, &author.key);
    assert!(matches!(
        signed,
        Err(BundleError::TwoVersions { seq: 4, .. })
    ));
    // A head that its site never signed.
    let mut bent = forge.clone();
    bent.header.heads[0].hash = [2; 32];
    refused!(bent.seal(&shop.key), BundleError::ForgedHead { .. });
    // The entry before the range is spoken of, too.
    let (later, _) = write(&shop.entries[3..], about(), &shop.key);
    let mut bent = Forge::of(&later);
    let tip = Tip {
        seq: 3,
        hash: Hash([1; 32]),
    };
    bent.header.witnessed = vec![(site, tip.seq, tip.hash.0)];
    refused!(
        bent.seal(&shop.key),
        BundleError::TwoVersions { seq: 3, .. }
    );
}

#[test]
fn encrypted_for_others() {
    let (shop, bytes, mut forge) = honest();
    let (start, _) = frames_of(&bytes);
    forge.flags = ENCRYPTED;
    forge.header.recipients = vec![([0xab; 16], [1; 32])];
    let sealed = forge.seal_as_it_is(&bytes[start..bytes.len() - 32], &shop.key);
    assert_eq!(
        inspect(&mut &sealed[..]).unwrap().recipients[0].site,
        SiteId([0xab; 16])
    );
    let error = error(&sealed);
    assert!(matches!(error, BundleError::Encrypted { .. }));
    assert!(error.to_string().contains("abababab"));
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
            &body[..],
            (1 << 40, 1 << 40),
            blake3::Hasher::new(),
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

#[test]
fn a_file_that_changes_between_checking_and_reading() {
    use std::cell::Cell;
    use std::io::{Cursor, Seek, SeekFrom};
    use std::ops::ControlFlow;
    use std::rc::Rc;

    /// One of two files, as the switch stands.
    struct Either {
        files: [Cursor<Vec<u8>>; 2],
        second: Rc<Cell<bool>>,
    }
    impl Read for Either {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.files[usize::from(self.second.get())].read(into)
        }
    }
    impl Seek for Either {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            self.files[1].seek(to)?;
            self.files[0].seek(to)
        }
    }
    let (shop, bytes, _) = honest();
    let other = Shop::with(1, &vec![b"0.21 ohm".to_vec(); 8]);
    let (changed, _) = write(&other.entries, about(), &other.key);
    let mut damaged = bytes.clone();
    let at = damaged.len() - 60;
    damaged[at] ^= 1;
    let short = bytes[..bytes.len() - 60].to_vec();
    for second in [changed, damaged, short] {
        let switch = Rc::new(Cell::new(false));
        let both = Either {
            files: [Cursor::new(bytes.clone()), Cursor::new(second)],
            second: Rc::clone(&switch),
        };
        let bundle = crate::bundle::Bundle::open(both).unwrap();
        let mut verified = bundle.verify(&mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(verified.entries().unwrap().count(), shop.entries.len());
        switch.set(true);
        let mut entries = verified.entries().unwrap();
        assert!(matches!(entries.next(), Some(Err(BundleError::Swapped))));
        assert!(entries.next().is_none());
    }
}
