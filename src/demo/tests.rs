//! The demo as a whole: the same twice, another with another seed, and sound by the rules of the shop.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::bench::{BenchOptions, Tuning};

fn options(devices: u32, seed: u64) -> DemoOptions {
    DemoOptions { devices, seed, today: NaiveDate::from_ymd_opt(2026, 11, 23).unwrap() }
}

fn open(dir: &Path, options: &DemoOptions) -> Bench {
    let (bench, _) = Bench::open(BenchOptions {
        dir: dir.join("store"),
        state_dir: dir.join("state"),
        user: "demo".into(),
        new: Some(options.new_store()),
        clock: options.clock(),
        progress: None,
        tuning: Tuning { ballast_bytes: 0, floor_bytes: 1 << 16, background: false, ..Tuning::default() },
    })
    .unwrap();
    bench
}

/// Every file of a folder with its bytes.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(dir)
        .unwrap()
        .flatten()
        .map(|file| (file.file_name().to_string_lossy().into_owned(), std::fs::read(file.path()).unwrap()))
        .collect()
}

fn made(devices: u32, seed: u64) -> (tempfile::TempDir, Bench, Summary) {
    let dir = tempfile::tempdir().unwrap();
    let options = options(devices, seed);
    let bench = open(dir.path(), &options);
    let summary = fill(&bench, &options, &mut |_| {}).unwrap();
    (dir, bench, summary)
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
    let (one, bench, summary) = made(120, 7);
    let (two, again, _) = made(120, 7);
    let (other, different, _) = made(120, 8);
    let journal = |dir: &tempfile::TempDir| files(&dir.path().join("store/journal"));
    assert!(!journal(&one).is_empty());
    assert_eq!(journal(&one), journal(&two));
    assert_ne!(journal(&one), journal(&other));
    eprintln!("{summary:?}");
    drop((bench, again, different));
}
