//! Making the demo hospital (1,500 devices, two years of history) in an empty folder, durable:
//! `cargo bench --bench demo`. Its peer is the raw speed of this disk for the bytes it writes.

mod support;

use std::io::Write as _;
use std::time::Instant;

use support::{Series, print_table};
use tagout::bench::{Bench, BenchOptions, Tuning};
use tagout::demo::{DEVICES, DemoOptions, fill};

fn main() {
    let mut ours = Series::new("tagout: the demo hospital, durable");
    let mut raw = Series::new("raw: the same bytes of journal, one sync");
    for _ in 0..5 {
        let dir = support::folder();
        let options = DemoOptions {
            devices: DEVICES,
            seed: 1,
            today: chrono::NaiveDate::from_ymd_opt(2026, 11, 23).expect("a date"),
        };
        let start = Instant::now();
        let (bench, _) = Bench::open(BenchOptions {
            dir: dir.path().join("store"),
            state_dir: dir.path().join("state"),
            user: "bench".to_owned(),
            new: Some(options.new_store()),
            clock: options.clock(),
            progress: None,
            tuning: Tuning {
                ballast_bytes: 0,
                ..Tuning::default()
            },
        })
        .expect("a store");
        let summary = fill(&bench, &options, &mut |_| {}).expect("a hospital");
        ours.add(start.elapsed());
        println!("{summary:?}");
        let journal = dir.path().join("store").join("journal");
        let bytes: u64 = std::fs::read_dir(journal)
            .expect("a journal")
            .flatten()
            .filter_map(|file| file.metadata().ok())
            .map(|facts| facts.len())
            .sum();
        let block = vec![7u8; bytes as usize];
        let start = Instant::now();
        let mut file = std::fs::File::create(dir.path().join("raw")).expect("a file");
        file.write_all(&block).expect("space");
        file.sync_all().expect("a sync");
        raw.add(start.elapsed());
    }
    print_table("the demo hospital", &[&ours, &raw]);
}
