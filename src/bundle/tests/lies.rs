//! Bundles whose hashes and signature fit, made by somebody who lies.

use super::forge::{Forge, frames_of};
use super::samples::{
    NOON_US, Shop, about, error, honest, key, read, refused, try_write, verify, write,
};
use crate::bundle::format::ENCRYPTED;
use crate::bundle::{BundleError, SignedHead, inspect};
use crate::journal::chain::Tip;
use crate::journal::{Entry, Hash, Head, HybridTime, SiteId};

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
fn names_and_times_in_the_header() {
    let (shop, _, forge) = honest();
    for name in ["Biomed\u{7}", "a\u{9b}31m", &"x".repeat(1025)] {
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
    let signed = try_write(&shop.entries, facts, &author.key);
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
