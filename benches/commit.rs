//! Time to a durable step record, against the physical limit (append + fdatasync) and SQLite (WAL, synchronous=FULL),
//! in turns within one run: `cargo bench --bench commit --features peers`.
//!
//! Honest reading: a tagout record holds the decision, the hash chain, the projections and their checksums; the raw
//! append and the SQLite row hold 300 bytes and nothing else.

mod support;

use std::fs::OpenOptions;
use std::io::Write as _;

use support::{Inspecting, Run, Series, in_turns, print_table};

const ROUNDS: usize = 20;
const PER_ROUND: usize = 50;

fn main() {
    let dir = support::folder();
    let mut bench = Inspecting::start(dir.path(), ROUNDS * PER_ROUND);
    let mut raw = OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.path().join("raw"))
        .expect("a file in the bench folder");
    let record = [7u8; 300];
    let mut ours = Series::new("tagout: one step answered, durable");
    let mut limit = Series::new("raw: 300 B append + fdatasync");
    let mut runs: Vec<Run<'_>> = vec![
        (&mut ours, Box::new(|| bench.answer_next())),
        (
            &mut limit,
            Box::new(|| {
                raw.write_all(&record).expect("space in the bench folder");
                raw.sync_data().expect("a sync");
            }),
        ),
    ];
    #[cfg(feature = "peers")]
    let mut sqlite_series = Series::new("SQLite: 300 B row, WAL, synchronous=FULL");
    #[cfg(feature = "peers")]
    let mut sqlite = support::sqlite::Database::open(dir.path());
    #[cfg(feature = "peers")]
    runs.push((&mut sqlite_series, Box::new(|| sqlite.insert_one(&record))));
    in_turns(&mut runs, ROUNDS, PER_ROUND);
    drop(runs);
    #[cfg_attr(not(feature = "peers"), allow(unused_mut))]
    let mut rows = vec![&ours, &limit];
    #[cfg(feature = "peers")]
    rows.push(&sqlite_series);
    print_table("a durable step record", &rows);
    if !cfg!(feature = "peers") {
        println!("(SQLite not measured: run with --features peers)");
    }
}
