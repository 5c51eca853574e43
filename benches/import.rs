//! Import of a 10,000-row device list, read, planned, decided and durable, against SQLite: the same file read with the
//! csv crate, inserted in one transaction with an index on tag and serial, WAL, synchronous=FULL:
//! `cargo bench --bench import --features peers`.
//!
//! Honest reading: SQLite stores seven texts per row as they come. tagout checks every cell, decides on every row, and
//! writes one journal entry per device with its chain, the field history, the lookup and their checksums.

mod support;

use std::fmt::Write as _;
use std::time::Instant;

use support::{Series, print_table};
use tagout::bench::{Act, BulkStep, new_command_id, own_uid};
use tagout::interop::csv::{CsvOptions, KnownDevices, commands, plan, read};

const ROWS: usize = 10_000;

fn list() -> String {
    let mut text = "Asset Tag;Serial No;Manufacturer;Model;Department;Location;Status\n".to_owned();
    for n in 0..ROWS {
        let _ = writeln!(
            text,
            "BME-{n:05};SN{n:07};Acme Medical;Pump {};Ward {};Room {};Active",
            n % 40,
            n % 30,
            n % 400
        );
    }
    text
}

fn main() {
    let text = list();
    let mut ours = Series::new("tagout: 10,000 rows, durable");
    #[cfg(feature = "peers")]
    let mut peer = Series::new("SQLite: the same file, parsed and inserted");
    for _ in 0..5 {
        let dir = support::folder();
        let bench = support::open_bench(dir.path());
        let start = Instant::now();
        let sheet = read(text.as_bytes(), &CsvOptions::default()).expect("a readable list");
        let known = KnownDevices::new(std::iter::empty());
        let planned = plan(&sheet, &|row| known.find(row));
        let mut steps = planned
            .rows
            .iter()
            .flat_map(commands)
            .collect::<Vec<_>>()
            .into_iter();
        let done = bench
            .tell_bulk(
                own_uid(),
                &mut |_| {
                    let Some(command) = steps.next() else {
                        return Ok(None);
                    };
                    Ok(Some(BulkStep {
                        id: new_command_id()?,
                        actor: "bench".to_owned(),
                        at: None,
                        act: Act::Tell(Box::new(command)),
                    }))
                },
                &mut |_| {},
            )
            .expect("an import");
        ours.add(start.elapsed());
        assert_eq!(done.entries as usize, ROWS);
        #[cfg(feature = "peers")]
        {
            let mut database = support::sqlite::Database::open(&dir.path().join("peer.sqlite"));
            peer.add(support::timed(|| {
                let rows: Vec<Vec<String>> = csv::ReaderBuilder::new()
                    .delimiter(b';')
                    .from_reader(text.as_bytes())
                    .into_records()
                    .map(|row| row.expect("a row").iter().map(str::to_owned).collect())
                    .collect();
                database.insert_devices(&rows);
            }));
        }
    }
    #[cfg(feature = "peers")]
    print_table("import of a device list", &[&ours, &peer]);
    #[cfg(not(feature = "peers"))]
    {
        print_table("import of a device list", &[&ours]);
        println!("(SQLite not measured: run with --features peers)");
    }
}
