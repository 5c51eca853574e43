//! Time to a durable step record, against the physical limit (append + fdatasync) and SQLite (WAL, synchronous=FULL),
//! in turns within one run: `cargo bench --bench commit --features peers`.
//!
//! Honest reading: a tagout record holds the decision, the hash chain, the projections and their checksums. The raw
//! append and the plain SQLite row hold 300 bytes and nothing else; the second SQLite row keeps a state of 4 KiB and an
//! index row up as well, without deciding anything.

mod support;

use std::fs::OpenOptions;
use std::io::Write as _;

use support::{Inspecting, Run, Series, in_turns, print_table, timed};

const ROUNDS: usize = 40;
const PER_ROUND: usize = 25;

fn main() {
    let dir = support::folder();
    let mut bench = Inspecting::start(dir.path());
    let mut raw = OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.path().join("raw"))
        .expect("a file in the bench folder");
    let record = [7u8; 300];
    let mut ours = Series::new("tagout: one step answered, durable");
    let mut limit = Series::new("raw: 300 B append + fdatasync");
    #[cfg(feature = "peers")]
    let state = [7u8; 4096];
    #[cfg(feature = "peers")]
    let mut plain_series = Series::new("SQLite: 300 B row, WAL, synchronous=FULL");
    #[cfg(feature = "peers")]
    let mut step_series = Series::new("SQLite: row, state and index row, the same");
    #[cfg(feature = "peers")]
    let mut plain = support::sqlite::Database::open(&dir.path().join("plain.sqlite"));
    #[cfg(feature = "peers")]
    let mut steps = support::sqlite::Database::open(&dir.path().join("steps.sqlite"));
    #[cfg(feature = "peers")]
    let mut number = 0i64;
    let mut runs: Vec<Run<'_>> = vec![
        (&mut ours, Box::new(|| bench.answer_next())),
        (
            &mut limit,
            Box::new(|| {
                timed(|| {
                    raw.write_all(&record).expect("space in the bench folder");
                    raw.sync_data().expect("a sync");
                })
            }),
        ),
    ];
    #[cfg(feature = "peers")]
    runs.extend([
        (
            &mut plain_series,
            Box::new(|| timed(|| plain.insert_one(&record))) as Box<dyn FnMut() -> _>,
        ),
        (
            &mut step_series,
            Box::new(|| {
                number += 1;
                timed(|| steps.insert_step(number, &record, &state))
            }),
        ),
    ]);
    in_turns(&mut runs, ROUNDS, PER_ROUND);
    drop(runs);
    #[cfg_attr(not(feature = "peers"), allow(unused_mut))]
    let mut rows = vec![&ours, &limit];
    #[cfg(feature = "peers")]
    rows.extend([&plain_series, &step_series]);
    print_table("a durable step record", &rows);
    if !cfg!(feature = "peers") {
        println!("(SQLite not measured: run with --features peers)");
    }
}
