//! Golden bytes: every entry layout that was ever released is read for ever.
//!
//! A new layout adds files under `tests/golden/journal` and a row here; an existing file is never changed.

use crate::domain::id::{CommandId, Dot, EntityId, Hash, SiteId};

use super::notes::Note;
use super::system::{Continues, Genesis, Include, Merge};
use super::{AggregateRef, Entry, EventRecord, Head, HybridTime, SiteKey};

fn key() -> SiteKey {
    SiteKey::from_seed([0x42; 32])
}

fn entry(seq: u64, events: Vec<EventRecord>) -> Entry {
    Entry {
        version: 1,
        site: key().site(),
        seq,
        hybrid: HybridTime(0x0001_9999_1234_0003),
        wall_us: 1_790_000_000_123_456,
        boot_id: [0xb0; 16],
        offset_minutes: -210,
        actor: "Kim Öz".to_owned(),
        peer_uid: 1001,
        command: CommandId([0xc0; 16]),
        previous: Hash([0x11; 32]),
        events,
        hash: Hash::default(),
    }
}

fn event(id: EntityId, kind: u16, body: &[u8]) -> EventRecord {
    EventRecord {
        aggregate: AggregateRef { kind: 100, id },
        kind,
        schema: 7,
        body: body.to_vec(),
    }
}

/// Every released layout: file name and what it must read as.
fn table() -> Vec<(&'static str, Entry)> {
    let site = key().site();
    let genesis = Genesis {
        public_key: key().public(),
        shop: "Biomed Süd".to_owned(),
        prefix: "SHOP2".to_owned(),
        zone: "Europe/Berlin".to_owned(),
        machine: [0x77; 32],
        continues: Some(Continues {
            site: SiteId([0x0f; 16]),
            seq: 812,
            hash: Hash([0x1f; 32]),
        }),
        demo: true,
    };
    let include = Include {
        file: Hash([0x5e; 32]),
        count: 3,
        first: 2,
        last: 4,
    };
    let merge = Merge {
        seen: [(site, 5), (SiteId([0xee; 16]), 9000)]
            .into_iter()
            .collect(),
        after: HybridTime(0x0001_9999_1234_0007),
    };
    // The first layout of a Merge had no time; it is still read.
    let merge_1 = EventRecord {
        schema: 1,
        body: super::codec::encode(&super::wire::system_v1::MergeV1 {
            seen: merge.seen.iter().map(|(site, seq)| (site.0, seq)).collect(),
        })
        .unwrap(),
        ..merge.to_record(site).unwrap()
    };
    let head = Head::sign(&key(), 12, Hash([0x21; 32]), 1_790_000_000_000_000);
    let notes = [
        Note::Trusted {
            public_key: key().public(),
            name: "Biomed Ost".to_owned(),
        },
        Note::Revoked {
            after: 77,
            reason: "stolen laptop".to_owned(),
        },
        Note::Renamed {
            name: "Klinik Süd".to_owned(),
        },
        Note::Forked {
            seq: 12,
            kept: Hash([0x31; 32]),
            other: Hash([0x32; 32]),
            from: SiteId([0x33; 16]),
        },
        Note::Ahead {
            seq: 9,
            ahead_ms: 86_400_000,
        },
        Note::Witnessed {
            public_key: key().public(),
            head,
        },
    ];
    let notes = notes.iter().map(|n| n.to_record(site).unwrap()).collect();
    let made = EntityId::Made(Dot {
        site,
        seq: 2,
        index: 1,
    });
    vec![
        (
            "entry-v1-genesis.bin",
            entry(1, vec![genesis.to_record(site).unwrap()]),
        ),
        (
            "entry-v1-include.bin",
            entry(5, vec![include.to_record(site).unwrap()]),
        ),
        ("entry-v1-merge.bin", entry(6, vec![merge_1])),
        (
            "entry-v1-merge-2.bin",
            entry(6, vec![merge.to_record(site).unwrap()]),
        ),
        ("entry-v1-notes.bin", entry(8, notes)),
        (
            "entry-v1-events.bin",
            entry(
                7,
                vec![
                    event(made, 200, b"body"),
                    event(EntityId::Natural([0xaa; 16]), 65_535, &[0, 255, 1]),
                    event(made, 201, b""),
                ],
            ),
        ),
    ]
}

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/journal")
}

#[test]
fn every_released_layout_is_read_and_written_to_the_byte() {
    for (name, expected) in table() {
        let bytes = std::fs::read(folder().join(name)).expect(name);
        let read = Entry::decode(&bytes).expect(name);
        let (written, hash) = expected.encode().unwrap();
        assert_eq!(read, Entry { hash, ..expected }, "{name}");
        assert_eq!(written, bytes, "{name}");
    }
}

#[test]
fn system_events_read_as_what_was_written() {
    let table = table();
    let body = |name: &str| {
        let bytes = std::fs::read(folder().join(name)).unwrap();
        Entry::decode(&bytes).unwrap().events.remove(0)
    };
    let of = |index: usize| &table[index].1.events[0];
    let genesis = Genesis::from_record(&body("entry-v1-genesis.bin")).unwrap();
    assert_eq!(genesis, Genesis::from_record(of(0)).unwrap());
    assert_eq!(genesis.unwrap().shop, "Biomed Süd");
    let include = Include::from_record(&body("entry-v1-include.bin"))
        .unwrap()
        .unwrap();
    assert_eq!((include.count, include.first, include.last), (3, 2, 4));
    let merge = Merge::from_record(&body("entry-v1-merge.bin"))
        .unwrap()
        .unwrap();
    assert_eq!(merge.seen.get(SiteId([0xee; 16])), 9000);
    assert_eq!(Merge::from_record(of(0)).unwrap(), None);
}

#[test]
fn a_released_head_still_verifies() {
    let bytes = std::fs::read(folder().join("head-v1.bin")).unwrap();
    let head = Head::decode(&bytes).unwrap();
    assert!(head.verify(&key().public()));
    assert_eq!(
        head,
        Head::sign(&key(), 812, Hash([0x21; 32]), 1_790_000_000_000_000)
    );
}

#[test]
fn no_golden_file_is_left_unread() {
    let mut known: Vec<&str> = table().iter().map(|(name, _)| *name).collect();
    known.push("head-v1.bin");
    for file in std::fs::read_dir(folder()).unwrap().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        assert!(known.contains(&name.as_str()), "{name} is in no table");
    }
}

#[test]
#[ignore = "writes golden files for layouts that have none yet; run once when a layout is released"]
fn write_missing_golden_files() {
    let write = |name: &str, bytes: &[u8]| {
        let path = folder().join(name);
        if !path.exists() {
            std::fs::write(path, bytes).unwrap();
        }
    };
    for (name, entry) in table() {
        write(name, &entry.encode().unwrap().0);
    }
    let head = Head::sign(&key(), 812, Hash([0x21; 32]), 1_790_000_000_000_000);
    write("head-v1.bin", &head.encode().unwrap());
}
