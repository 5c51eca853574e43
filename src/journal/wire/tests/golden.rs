//! The committed bytes of every event variant: what was once written must read the same for ever.
//!
//! `TAGOUT_GOLDEN=write cargo test --lib golden` adds the files that are missing. It never touches one that is there.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use super::samples;
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::journal::codec;
use crate::journal::wire::Bytes;
use crate::journal::wire::entry_v1::EventV1;
use crate::journal::wire::events::{decode, encode, kinds};
use crate::journal::{AggregateRef, EventRecord};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/wire-v1")
}

/// The samples by file name: number and name of the kind, then a number where a kind has several.
fn expected() -> BTreeMap<String, Addressed> {
    let names: BTreeMap<u16, &str> = kinds().collect();
    let mut count: BTreeMap<u16, usize> = BTreeMap::new();
    let mut files = BTreeMap::new();
    for event in samples::all() {
        let kind = encode(&event).unwrap().kind;
        let nth = count.entry(kind).or_default();
        *nth += 1;
        files.insert(format!("{kind}-{}-{nth}.bin", names[&kind]), event);
    }
    for (kind, name) in names {
        assert!(
            count.contains_key(&kind),
            "no sample of event {kind} {name}: add one at the end of its list"
        );
    }
    files
}

/// An event as it stands in an entry, envelope included.
fn to_bytes(event: &Addressed) -> Vec<u8> {
    let record = encode(event).unwrap();
    codec::encode(&EventV1 {
        aggregate_kind: record.aggregate.kind,
        aggregate: Bytes(record.aggregate.id.key().to_vec()),
        kind: record.kind,
        schema: record.schema,
        body: Bytes(record.body),
    })
    .unwrap()
}

fn from_bytes(bytes: &[u8]) -> Addressed {
    let wire: EventV1 = codec::decode(bytes).unwrap();
    decode(&EventRecord {
        aggregate: AggregateRef {
            kind: wire.aggregate_kind,
            id: EntityId::from_key(&wire.aggregate.0).unwrap(),
        },
        kind: wire.kind,
        schema: wire.schema,
        body: wire.body.0,
    })
    .unwrap()
}

#[test]
fn golden_files_still_read_and_are_still_written() {
    let folder = folder();
    let write = std::env::var_os("TAGOUT_GOLDEN").is_some_and(|v| v == "write");
    let expected = expected();
    let mut wrong = Vec::new();
    for (name, event) in &expected {
        let path = folder.join(name);
        if write && !path.exists() {
            fs::create_dir_all(&folder).unwrap();
            let mut file = fs::File::create_new(&path).unwrap();
            file.write_all(&to_bytes(event)).unwrap();
        }
        match fs::read(&path) {
            Err(error) => wrong.push(format!(
                "{name}: {error}; if the event is new, run once with TAGOUT_GOLDEN=write"
            )),
            Ok(bytes) if from_bytes(&bytes) != *event => {
                wrong.push(format!(
                    "{name} no longer reads as the event it was made from"
                ));
            }
            Ok(bytes) if bytes != to_bytes(event) => {
                wrong.push(format!("{name}: schema 1 is written in another way now"));
            }
            Ok(_) => {}
        }
    }
    for file in fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().to_string_lossy().into_owned();
        if !expected.contains_key(&name) {
            wrong.push(format!(
                "{name} has no sample that says what it must read as"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
