//! Building the working copy anew from the journal: `cargo bench --bench rebuild`, with `TAGOUT_ENTRIES=1000000` for
//! as many entries (20,000 when not set). Its peers are reading the same journal once, and writing as many bytes as the
//! working copy takes with one sync.
//!
//! Honest reading: the entries are device records with ten notes and moves each, written as one big transaction; a
//! journal of long checklists has fewer and larger entries.

mod support;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use support::{Series, print_table, timed};
use tagout::bench::{Act, Bench, BulkStep, new_command_id, own_uid};
use tagout::domain::command::Command;
use tagout::domain::device::{DeviceCommand, Field, Origin, Stage, Value};
use tagout::domain::event::Kind;
use tagout::domain::id::EntityId;

const PER_DEVICE: u64 = 10;

fn main() {
    let entries: u64 = std::env::var("TAGOUT_ENTRIES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_000);
    let runs = if entries > 100_000 { 1 } else { 5 };
    let dir = support::folder();
    let bench = support::open_bench(dir.path());
    let mut written = Series::new("tagout: writing the entries, one transaction");
    written.add(timed(|| write(&bench, entries)));
    let mut ours = Series::new("tagout: rebuild");
    let mut read = Series::new("raw: reading the journal once");
    let mut raw = Series::new("raw: writing the working copy's bytes, one sync");
    let journal = dir.path().join("store").join("journal");
    let rows = dir.path().join("store").join("rows");
    let before = bench.digest().expect("a digest");
    for _ in 0..runs {
        ours.add(timed(|| {
            bench.rebuild(&mut |_| {}).expect("a working copy");
        }));
        read.add(timed(|| {
            for file in files(&journal) {
                fs::read(file).expect("a journal file");
            }
        }));
        let block = vec![7u8; size(&rows) as usize];
        raw.add(timed(|| {
            let mut file = fs::File::create(dir.path().join("raw")).expect("a file");
            file.write_all(&block).expect("space");
            file.sync_all().expect("a sync");
        }));
    }
    assert_eq!(before, bench.digest().expect("a digest"));
    print_table(
        &format!("rebuild of {entries} entries"),
        &[&ours, &written, &read, &raw],
    );
    println!(
        "journal {} MiB, working copy {} MiB, peak memory {}",
        size(&journal) >> 20,
        size(&rows) >> 20,
        peak()
    );
}

/// Devices, and what happens to them.
fn write(bench: &Bench, entries: u64) {
    let mut device: Option<EntityId> = None;
    let mut made = 0;
    let done = bench
        .tell_bulk(
            own_uid(),
            &mut |so_far| {
                if made == entries {
                    return Ok(None);
                }
                if let Some(event) = so_far.last.iter().find(|e| e.to().kind == Kind::Device) {
                    device = Some(event.id);
                }
                let command = match (device, made % PER_DEVICE) {
                    (Some(device), 1..) => DeviceCommand::Note {
                        device,
                        text: format!("battery checked, {made} charge cycles"),
                    },
                    _ => DeviceCommand::Add {
                        fields: vec![
                            (Field::AssetTag, Value::Text(format!("BME-{made:08}"))),
                            (Field::Serial, Value::Text(format!("SN{made:09}"))),
                            (Field::Manufacturer, Value::Text("Acme Medical".to_owned())),
                            (Field::Model, Value::Text(format!("Pump {}", made % 40))),
                        ],
                        stage: Stage::Received,
                        origin: Origin::Entered,
                    },
                };
                made += 1;
                Ok(Some(BulkStep {
                    id: new_command_id()?,
                    actor: "bench".to_owned(),
                    at: None,
                    act: Act::Tell(Box::new(Command::Device(command))),
                }))
            },
            &mut |_| {},
        )
        .expect("the entries");
    assert_eq!(done.entries, entries);
}

fn files(dir: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    fs::read_dir(dir)
        .expect("a folder")
        .flatten()
        .map(|file| file.path())
}

fn size(dir: &Path) -> u64 {
    files(dir)
        .map(|file| match file.metadata() {
            Ok(facts) if facts.is_dir() => size(&file),
            Ok(facts) => facts.len(),
            Err(_) => 0,
        })
        .sum()
}

/// The most memory this process has had, as the system says it.
fn peak() -> String {
    fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .map_or_else(|| "not known".to_owned(), |text| text.trim().to_owned())
}
