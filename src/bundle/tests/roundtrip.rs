//! What is written is what is read.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::samples::{NOON_US, Shop, about, builder, key, read, sorted, try_write, verify, write};
use crate::bundle::{Bundle, BundleError, BundleName, Carries, SignedHead, format, inspect, split};
use crate::journal::chain::Tip;
use crate::journal::{EntryFace, Hash, Head, entry_hash};

fn face(bytes: &[u8]) -> EntryFace {
    EntryFace::read(bytes, entry_hash(bytes)).unwrap()
}

/// Bodies that compress and bodies that do not.
fn bodies() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let body = prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..80),
        1 => (any::<u8>(), 0usize..9000).prop_map(|(b, n)| vec![b; n]),
    ];
    proptest::collection::vec(body, 0..25)
}

fn shops() -> impl Strategy<Value = Vec<Shop>> {
    proptest::collection::vec(bodies(), 1..4).prop_map(|all| {
        all.iter()
            .enumerate()
            .map(|(i, bodies)| Shop::with(i as u8 + 1, bodies))
            .collect()
    })
}

/// Entries with holes, as a set of places that are left out.
fn cut(entries: &[Vec<u8>], holes: &BTreeSet<usize>) -> Vec<Vec<u8>> {
    let kept = entries.iter().enumerate();
    kept.filter(|(i, _)| !holes.contains(i))
        .map(|(_, e)| e.clone())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_selection_of_entries_comes_back(
        shops in shops(),
        holes in proptest::collection::btree_set(0usize..60, 0..12),
    ) {
        let entries = cut(&sorted(&shops), &holes);
        let result = try_write(&entries, about(), &shops[0].key);
        if entries.is_empty() {
            prop_assert!(matches!(result, Err(BundleError::Empty)));
            return Ok(());
        }
        let (bytes, written) = result.unwrap();
        prop_assert_eq!(written.bytes, bytes.len() as u64);
        let header = inspect(&mut &bytes[..]).unwrap();
        prop_assert_eq!(&header, &written.header);
        prop_assert_eq!(header.entries, entries.len() as u64);
        let mut verified = verify(&bytes).unwrap();
        prop_assert_eq!(verified.end(), written.end);
        let got: Vec<_> = verified.entries().unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(got.len(), entries.len());
        for (entry, want) in got.iter().zip(&entries) {
            prop_assert_eq!(&entry.bytes, want);
            prop_assert_eq!(entry.face, face(want));
        }
        // The ranges say what is inside, and what lies before is needed.
        let mut inside = Vec::new();
        for range in &header.ranges {
            inside.extend((range.from..=range.to).map(|seq| (range.site, seq)));
            prop_assert!(header.about.needs.get(range.site) >= range.from - 1);
        }
        let places: Vec<_> = entries.iter().map(|e| (face(e).site, face(e).seq)).collect();
        prop_assert_eq!(inside, places);
        // Only the author vouches for the ranges of others.
        for range in &verified.report().ranges {
            let own = range.range.site == header.author;
            prop_assert_eq!(range.signed_to, own.then_some(range.range.to));
        }
    }

    #[test]
    fn parts_hold_all_entries_once_and_keep_the_limit(
        shops in shops(),
        limit in 1500u64..60_000,
    ) {
        let entries = sorted(&shops);
        let mut files: Vec<Vec<u8>> = Vec::new();
        let parts = split(
            entries.iter().map(|e| Ok::<_, BundleError>(e.clone())),
            || Ok(builder(about(), limit)),
            |full| {
                let mut out = Vec::new();
                full.finish(&shops[0].key, &mut out)?;
                files.push(out);
                Ok(())
            },
        );
        match parts {
            Ok(parts) => {
                prop_assert_eq!(parts, files.len() as u64);
                let mut joined = Vec::new();
                for file in &files {
                    prop_assert!(file.len() as u64 <= limit, "{} > {limit}", file.len());
                    joined.extend(read(file).unwrap());
                }
                prop_assert_eq!(joined, entries);
            }
            Err(BundleError::LimitTooSmall { limit: named }) => prop_assert_eq!(named, limit),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }

    #[test]
    fn names_come_back_and_suit_every_stick(
        shop in ".{0,40}",
        wall in 0i64..253_402_300_799_999_999,
        end: [u8; 32],
        seqs in 1usize..6,
    ) {
        let site = Shop::with(1, &vec![vec![1]; seqs]);
        let mut facts = about();
        facts.created.wall_us = wall;
        facts.shop = shop.chars().filter(|c| !c.is_control()).take(30).collect();
        let (_, written) = write(&site.entries, facts, &site.key);
        let name = BundleName::of(&written.header, Hash(end));
        let text = name.to_string();
        prop_assert!(text.len() <= 100 && !text.starts_with('-'));
        prop_assert!(
            text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
        );
        prop_assert_eq!(BundleName::parse(&text), Some(name));
    }

    #[test]
    fn no_text_makes_reading_a_name_panic(text in ".{0,60}", tail in "[-0-9a-f]{0,60}") {
        let _ = BundleName::parse(&text);
        let _ = BundleName::parse(&format!("{tail}.tagout"));
    }
}

#[test]
fn large_entries_lie_across_frames() {
    // Bytes that do not compress, so that every length is near its bound.
    let mut noise = vec![0; 3_500_000];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    let bodies = [noise.clone(), vec![7; 10], noise[..1_048_576].to_vec()];
    let shop = Shop::with(1, &bodies);
    let (bytes, written) = write(&shop.entries, about(), &shop.key);
    assert!(format::frames(written.header.raw_bytes) >= 5);
    let mut steps = Vec::new();
    let bundle = Bundle::open(Cursor::new(&bytes)).unwrap();
    let mut verified = bundle
        .verify(&mut |progress| {
            steps.push(progress);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(steps.len() > 1 && steps.is_sorted_by(|a, b| a.done < b.done));
    assert_eq!(steps.last().unwrap().done, written.header.body_bytes);
    for _ in 0..2 {
        let got: Vec<_> = verified
            .entries()
            .unwrap()
            .map(|e| e.unwrap().bytes)
            .collect();
        assert!(got == shop.entries);
    }
}

#[test]
fn a_check_can_be_stopped() {
    let shop = Shop::with(1, &[vec![1; 2_000_000]]);
    let (bytes, _) = write(&shop.entries, about(), &shop.key);
    let bundle = Bundle::open(Cursor::new(&bytes)).unwrap();
    let stopped = bundle.verify(&mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(BundleError::Stopped)));
}

#[test]
fn the_name_says_shop_site_range_and_day() {
    let shop = Shop::with(1, &vec![vec![1]; 4]);
    let other = Shop::new(2);
    let (_, own) = write(&shop.entries[1..], about(), &shop.key);
    let site = shop.site().short();
    let end = own.end.to_string();
    assert_eq!(
        own.name().to_string(),
        format!(
            "biomed-east-{site}-00000002-00000005-20261123-{}.tagout",
            &end[..12]
        )
    );
    let (_, relay) = write(&other.entries, about(), &shop.key);
    assert_eq!(relay.name().carries, Carries::Relay);
    let mut facts = about();
    facts.shop = "Größe & Söhne — Technik im Hause".to_owned();
    // Five hours west of Greenwich it is still the day before.
    facts.created.wall_us = NOON_US - 8 * 3_600_000_000;
    let (_, written) = write(&shop.entries, facts, &shop.key);
    let name = written.name().to_string();
    assert!(
        name.starts_with(&format!("grosse-sohne-technik-{site}-")),
        "{name}"
    );
    assert!(name.contains("-20261122-"), "{name}");
    for wrong in [
        "notes.txt",
        "x.tagout",
        "a-b-c.tagout",
        &name.to_uppercase(),
    ] {
        assert_eq!(BundleName::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_head_of_its_own_site_vouches_for_what_is_passed_on() {
    let author = Shop::new(1);
    let other = Shop::with(2, &vec![vec![5]; 6]);
    let at = face(&other.entries[4]);
    let mut facts = about();
    facts.heads = vec![SignedHead {
        key: other.key.public(),
        head: Head::sign(&other.key, at.seq, at.hash, at.wall_us),
    }];
    let tip = face(&other.entries[6]);
    let tip = Tip {
        seq: tip.seq,
        hash: tip.hash,
    };
    facts.witnessed.insert(other.site(), tip);
    let (bytes, _) = write(&other.entries[2..], facts, &author.key);
    let verified = verify(&bytes).unwrap();
    let report = verified.report();
    assert_eq!(report.ranges[0].signed_to, Some(5));
    assert_eq!(report.unsigned().count(), 1);
    assert!(report.keys.is_empty());
    assert_eq!(
        report.ranges[0].earliest_us,
        face(&other.entries[2]).wall_us
    );
    assert_eq!(report.ranges[0].latest_us, face(&other.entries[6]).wall_us);
    assert_eq!(report.hybrid(), face(&other.entries[6]).hybrid);

    // Whoever wrote the entries itself leaves a head behind, and its key with the first entry.
    let (bytes, written) = write(&other.entries, about(), &other.key);
    assert!(
        written.header.about.heads[0]
            .head
            .verify(&other.key.public())
    );
    assert_eq!(written.header.about.heads[0].head.seq, 7);
    let report = verify(&bytes).unwrap().report().clone();
    assert_eq!(report.keys.get(&other.site()), Some(&other.key.public()));
    assert_eq!(report.unsigned().count(), 0);
}

#[test]
fn the_writer_takes_only_what_a_reader_takes() {
    let shop = Shop::with(1, &vec![vec![1]; 4]);
    let push = |order: &[usize]| {
        let entries: Vec<_> = order.iter().map(|i| shop.entries[*i].clone()).collect();
        try_write(&entries, about(), &shop.key).map(|_| ())
    };
    assert!(push(&[0, 1, 3, 4]).is_ok());
    for order in [&[1, 0][..], &[1, 1], &[0, 3, 1]] {
        assert!(matches!(push(order), Err(BundleError::Order { .. })));
    }
    let mut stranger = Shop::with(1, &[vec![2]]);
    stranger.record(b"another past");
    let fork = [shop.entries[1].clone(), stranger.entries[2].clone()];
    let broken = try_write(&fork, about(), &shop.key);
    assert!(matches!(broken, Err(BundleError::Chain { seq: 3, .. })));
    let mut facts = about();
    facts.witnessed.insert(
        shop.site(),
        Tip {
            seq: 2,
            hash: Hash([1; 32]),
        },
    );
    let contradiction = try_write(&shop.entries, facts, &shop.key);
    assert!(matches!(
        contradiction,
        Err(BundleError::TwoVersions { seq: 2, .. })
    ));
    let mut facts = about();
    facts.shop = "Bell\u{7}".to_owned();
    assert!(matches!(
        try_write(&shop.entries, facts, &shop.key),
        Err(BundleError::Name { .. })
    ));
    assert!(matches!(
        builder(about(), 900).push(&shop.entries[0]),
        Err(BundleError::LimitTooSmall { limit: 900 })
    ));
    assert!(matches!(
        try_write(&[], about(), &key(1)),
        Err(BundleError::Empty)
    ));
}

#[test]
fn a_working_file_that_forgets_is_noticed() {
    /// Gives back zeros.
    struct Forgetful(Cursor<Vec<u8>>);
    impl std::io::Write for Forgetful {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.write(&vec![0; bytes.len()])
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl std::io::Read for Forgetful {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(into)
        }
    }
    impl std::io::Seek for Forgetful {
        fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }
    let shop = Shop::new(1);
    let spool = Forgetful(Cursor::new(Vec::new()));
    let mut builder = crate::bundle::Builder::new(about(), 1 << 20, spool).unwrap();
    let _ = builder.push(&shop.entries[0]).unwrap();
    let failed = builder.finish(&shop.key, &mut Vec::new());
    assert!(matches!(failed, Err(BundleError::Io { .. })));
}
