//! Golden bundles: every format that was ever released is read for ever.
//!
//! `TAGOUT_GOLDEN=write cargo test --lib bundle::tests::golden` adds the files that are missing; it never touches one
//! that is there. A new format adds rows here. What is made here for a released row must never change.

use std::fs;
use std::path::PathBuf;

use super::samples::{opened, read, verify};
use crate::bundle::format::MAGIC;
use crate::bundle::{About, Builder, Created, Fresh, Header, Push, Recipient, SignedHead, inspect};
use crate::journal::chain::Tip;
use crate::journal::system::Genesis;
use crate::journal::{
    AggregateRef, CommandId, Dot, EntityId, Entry, EventRecord, Hash, Head, HybridTime, SiteId,
    SiteKey,
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/bundle/golden")
}

fn key(seed: u8) -> SiteKey {
    SiteKey::from_seed([seed; 32])
}

/// The entries of a site: its first, and some whose bodies differ in length and in how they compress.
fn entries(key: &SiteKey, count: u64) -> Vec<(Vec<u8>, Hash)> {
    let site = key.site();
    let mut previous = Hash::default();
    let mut out = Vec::new();
    for seq in 1..=count {
        let event = if seq == 1 {
            let genesis = Genesis {
                public_key: key.public(),
                shop: "Biomed Süd".to_owned(),
                prefix: "SHOP2".to_owned(),
                zone: "Europe/Berlin".to_owned(),
                machine: [0x77; 32],
                continues: None,
                demo: false,
            };
            genesis.to_record(site).unwrap()
        } else {
            EventRecord {
                aggregate: AggregateRef {
                    kind: 100,
                    id: EntityId::Natural([0x33; 16]),
                },
                // A kind that no version knows: bundles carry it all the same.
                kind: 60_000,
                schema: 9,
                body: (0..seq * 40).map(|n| (n * n % 251) as u8).collect(),
            }
        };
        let entry = Entry {
            version: 1,
            site,
            seq,
            hybrid: HybridTime::from_millis(1_795_435_200_000 + seq),
            wall_us: 1_795_435_200_000_000 + seq as i64,
            boot_id: [0xb0; 16],
            offset_minutes: 60,
            actor: "Kim Öz".to_owned(),
            peer_uid: 1001,
            command: CommandId([seq as u8; 16]),
            previous,
            events: vec![event],
            hash: Hash::default(),
        };
        let (bytes, hash) = entry.encode().unwrap();
        previous = hash;
        out.push((bytes, hash));
    }
    out
}

struct Row {
    name: &'static str,
    encrypted: bool,
    about: About,
    entries: Vec<Vec<u8>>,
}

fn about() -> About {
    About {
        shop: "Biomed Süd".to_owned(),
        app: "0.1.0".to_owned(),
        created: Created {
            hybrid: HybridTime(0x0001_9999_1234_0003),
            wall_us: 1_795_435_200_123_456,
            offset_minutes: -210,
        },
        ..About::default()
    }
}

fn table() -> Vec<Row> {
    let (own, other) = (key(0x42), key(0x43));
    let (mine, theirs) = (entries(&own, 8), entries(&other, 5));
    let bytes =
        |of: &[(Vec<u8>, Hash)]| -> Vec<Vec<u8>> { of.iter().map(|e| e.0.clone()).collect() };
    let mut both = [
        (own.site(), bytes(&mine)),
        (other.site(), bytes(&theirs[2..])),
    ];
    both.sort_by_key(|(site, _)| *site);
    let relayed = About {
        needs: [(SiteId([0xee; 16]), 70)].into_iter().collect(),
        have: [
            (own.site(), 8),
            (other.site(), 5),
            (SiteId([0xee; 16]), 9000),
        ]
        .into_iter()
        .collect(),
        witnessed: [(
            SiteId([0xee; 16]),
            Tip {
                seq: 9000,
                hash: Hash([0x21; 32]),
            },
        )]
        .into_iter()
        .collect(),
        heads: vec![SignedHead {
            key: other.public(),
            head: Head::sign(&other, 5, theirs[4].1, 1_795_435_200_000_005),
        }],
        ..about()
    };
    let signoff = About {
        inspection: Some(EntityId::Made(Dot {
            site: own.site(),
            seq: 4,
            index: 0,
        })),
        ..about()
    };
    let some = [&mine[..1], &mine[3..5], &mine[6..7]].concat();
    vec![
        Row {
            name: "v1-two-sites.tagout",
            encrypted: false,
            about: relayed,
            entries: both.into_iter().flat_map(|(_, e)| e).collect(),
        },
        Row {
            name: "v1-signoff.tagout",
            encrypted: false,
            about: signoff,
            entries: bytes(&some),
        },
        Row {
            name: "v1-encrypted.tagout",
            encrypted: true,
            about: about(),
            entries: bytes(&mine[2..]),
        },
    ]
}

fn written(row: &Row) -> (Vec<u8>, Header) {
    let spool = std::io::Cursor::new(Vec::new());
    let about = row.about.clone();
    let to: Vec<_> = [0x43, 0x44]
        .map(|seed| Recipient::of_site(&key(seed).public()).unwrap())
        .to_vec();
    let mut builder = if row.encrypted {
        Builder::encrypted(about, 1 << 30, spool, &to, Fresh::new([0x55; 32])).unwrap()
    } else {
        Builder::new(about, 1 << 30, spool).unwrap()
    };
    for entry in &row.entries {
        assert_eq!(builder.push(entry).unwrap(), Push::Taken);
    }
    let mut out = Vec::new();
    let written = builder.finish(&key(0x42), &mut out).unwrap();
    (out, written.header)
}

#[test]
fn every_released_format_is_read_and_format_1_is_still_written() {
    let write = std::env::var_os("TAGOUT_GOLDEN").is_some_and(|v| v == "write");
    for row in table() {
        let path = folder().join(row.name);
        let (fresh, header) = written(&row);
        if write && !path.exists() {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, &fresh).unwrap();
        }
        let bytes = fs::read(&path)
            .unwrap_or_else(|e| panic!("{}: {e}; run once with TAGOUT_GOLDEN=write", row.name));
        for reader in [key(0x43), key(0x44)] {
            assert!(
                opened(&bytes, &reader).unwrap() == row.entries,
                "{}",
                row.name
            );
        }
        assert_eq!(read(&bytes).is_ok(), !row.encrypted, "{}", row.name);
        // Another version of the compressor may pack the body otherwise; all else is the same.
        let old = inspect(&mut &bytes[..]).unwrap();
        let expected = Header {
            body_bytes: old.body_bytes,
            body_hash: old.body_hash,
            ..header
        };
        assert_eq!(old, expected, "{}", row.name);
        assert_eq!(bytes[..16], fresh[..16]);
    }
}

#[test]
fn no_golden_file_is_left_unread() {
    let known: Vec<_> = table().iter().map(|row| row.name).collect();
    for file in fs::read_dir(folder()).unwrap().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        assert!(known.contains(&name.as_str()), "{name} is in no table");
    }
}

/// Reads the layout as the table in `format` tells it, without any code of this room.
#[test]
fn the_table_of_the_layout_is_true() {
    struct At<'a>(&'a [u8]);
    impl<'a> At<'a> {
        fn take(&mut self, len: usize) -> &'a [u8] {
            let (now, later) = self.0.split_at(len);
            self.0 = later;
            now
        }
        fn number(&mut self, len: usize) -> u64 {
            let mut wide = [0; 8];
            wide[..len].copy_from_slice(self.take(len));
            u64::from_le_bytes(wide)
        }
        fn list(&mut self, width: usize) -> Vec<&'a [u8]> {
            (0..self.number(8)).map(|_| self.take(width)).collect()
        }
        fn text(&mut self) -> &'a str {
            let len = self.number(8) as usize;
            std::str::from_utf8(self.take(len)).unwrap()
        }
    }
    let bytes = fs::read(folder().join("v1-two-sites.tagout")).unwrap();
    let mut file = At(&bytes);
    assert_eq!(file.take(8), MAGIC);
    assert_eq!([2, 2, 2, 2].map(|n| file.number(n)), [1, 1, 0, 0]);
    let h = file.number(4) as usize;
    let hash = file.take(32);
    let header = file.take(h);
    let signature = file.take(64);
    let signed = [b"tagout bundle header 1", &bytes[..20], header].concat();
    assert_eq!(blake3::hash(&signed).as_bytes(), hash);
    let mut at = At(header);
    let (site, public) = (at.take(16), at.take(32));
    assert_eq!(site, &blake3::hash(public).as_bytes()[..16]);
    let public: [u8; 32] = public.try_into().unwrap();
    assert!(crate::journal::site::verify(&public, hash, signature));
    assert_eq!((at.text(), at.text()), ("Biomed Süd", "0.1.0"));
    assert_eq!(at.number(8), 0x0001_9999_1234_0003);
    assert_eq!(at.number(8), 1_795_435_200_123_456);
    assert_eq!(at.number(2) as u16 as i16, -210);
    assert_eq!(at.number(8), 11);
    let (raw, b) = (at.number(8), at.number(8) as usize);
    let body_hash = at.take(32);
    let ranges = at.list(96);
    assert_eq!(ranges.len(), 2);
    assert_eq!(at.list(24).len(), 2);
    assert_eq!(at.list(24).len(), 3);
    assert_eq!(at.list(56).len(), 1);
    assert_eq!(at.list(144).len(), 2);
    assert_eq!(at.list(48).len(), 0);
    assert_eq!(at.number(1), 0);
    assert_eq!((at.number(8), at.0.len()), (0, 0));
    let body = file.take(b);
    assert_eq!(blake3::hash(body).as_bytes(), body_hash);
    let end = bytes.len() - 32;
    assert_eq!(blake3::hash(&bytes[..end]).as_bytes(), file.take(32));
    assert!(file.0.is_empty());
    let mut frame = At(body);
    assert_eq!(frame.number(4), raw);
    let z = frame.number(4) as usize;
    let frame_hash = frame.take(32);
    let packed = frame.take(z);
    let hashed = [b"tagout bundle frame 1", &[0; 8][..], &body[..8], packed].concat();
    assert_eq!(blake3::hash(&hashed).as_bytes(), frame_hash);
    let stream = zstd::bulk::decompress(packed, raw as usize).unwrap();
    let mut stream = At(&stream);
    let mut found = Vec::new();
    while !stream.0.is_empty() {
        let len = stream.number(4) as usize;
        found.push(stream.take(len).to_vec());
    }
    assert!(found == table()[0].entries);
    let last = found.last().unwrap();
    assert_eq!(&ranges[1][64..], blake3::hash(last).as_bytes());
    // A sign-off bundle names its inspection in 27 bytes.
    let bytes = fs::read(folder().join("v1-signoff.tagout")).unwrap();
    let header = inspect(&mut &bytes[..]).unwrap();
    assert_eq!(header.ranges.len(), 3);
    assert_eq!(verify(&bytes).unwrap().report().ranges.len(), 3);
    assert!(header.about.inspection.is_some());
}
