//! A seeded random workload on a file system that loses what was not synced, tears writes, fills up and fails.
//!
//! What must hold in every run: an acknowledged entry is there after opening again; an entry that was not acknowledged
//! is there whole or not at all; nothing panics; trouble is said in words.

use super::*;
use crate::store::vfs::FaultFs;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What a person was told is saved, and what may or may not be.
#[derive(Default)]
struct Told {
    saved: Vec<(u64, Vec<u8>)>,
    maybe: Vec<(u64, Vec<u8>)>,
}

fn check(store: &Store, told: &Told, context: &str) {
    let site = store.site();
    let mut known: Vec<(u64, Vec<u8>)> = Vec::new();
    let head = store.head();
    assert_eq!(head.site, site);
    for seq in 1..=head.seq {
        let entry = store
            .entry(site, seq)
            .unwrap()
            .unwrap_or_else(|| panic!("{context}: {seq}"));
        for event in entry.events.iter().filter(|e| e.kind >= 100) {
            let mut n = [0; 8];
            n.copy_from_slice(&entry.command.0[..8]);
            known.push((u64::from_le_bytes(n) - 1, event.body.clone()));
        }
    }
    for saved in &told.saved {
        assert!(known.contains(saved), "{context}: lost {}", saved.0);
    }
    for found in &known {
        assert!(
            told.saved.contains(found) || told.maybe.contains(found),
            "{context}: {} came from nowhere",
            found.0
        );
    }
}

fn body(random: &mut Random, n: u64) -> Vec<u8> {
    let len = [3, 30, 300, 5000][random.below(4) as usize];
    let mut body = vec![b'a' + (n % 26) as u8; len];
    body.extend_from_slice(&n.to_le_bytes());
    body
}

/// Writes until something fails or the round is over. True if the machine "stopped".
fn work(store: &Store, random: &mut Random, told: &mut Told, next: &mut u64, fs: &FaultFs) {
    for _ in 0..random.below(16) {
        if random.below(40) == 0 {
            fs.set_free(Some(random.below(3000)));
        } else if random.below(20) == 0 {
            fs.set_free(None);
        }
        if random.below(30) == 0 {
            fs.fail_sync_in(random.below(3));
        }
        if random.below(8) == 0 {
            let from = *next;
            let count = 1 + random.below(70);
            *next += count;
            let made: Vec<(u64, Vec<u8>)> =
                (from..from + count).map(|n| (n, body(random, n))).collect();
            let result = store.append_bulk(
                &mut made.iter().map(|(n, body)| draft(*n, body)),
                &mut |_| {},
            );
            match result {
                Ok(done) => {
                    assert_eq!(done.count, count);
                    told.saved.extend(made);
                }
                Err(_) => told.maybe.extend(made),
            }
        } else {
            let n = *next;
            *next += 1;
            let body = body(random, n);
            match store.append(draft(n, &body)) {
                Ok(_) => told.saved.push((n, body)),
                Err(error) => {
                    assert!(error.to_string().len() > 30, "{error}");
                    told.maybe.push((n, body));
                }
            }
        }
    }
}

fn run(seed: u64) {
    let fs = FaultFs::new(seed);
    let bench = Bench::with(Arc::new(fs.clone()));
    let mut random = Random(seed);
    let mut told = Told::default();
    let mut next = 0;
    for round in 0..3 {
        let context = format!("seed {seed} round {round}");
        if random.below(3) == 0 {
            fs.stop_after(random.below(60));
        }
        match Store::open(bench.options()) {
            Ok((store, notices)) => {
                assert!(store.read_only().is_none(), "{context}: {notices:?}");
                check(&store, &told, &context);
                if random.below(2) == 0 {
                    fs.stop_after(random.below(200));
                }
                work(&store, &mut random, &mut told, &mut next, &fs);
            }
            Err(error) => assert!(error.to_string().len() > 30, "{context}: {error}"),
        }
        fs.set_free(None);
        fs.power_cut();
        if random.below(3) == 0 {
            remove_rows(&bench);
        }
    }
    let (store, notices) = bench.open();
    check(
        &store,
        &told,
        &format!("seed {seed} at the end {notices:?}"),
    );
    let report = store.verify().unwrap();
    assert!(report.ok, "seed {seed}: {report:?}");
    // The rows are what the journal says, however they came about.
    let digest = store.digest().unwrap();
    store.rebuild(&mut |_| {}).unwrap();
    assert_eq!(store.digest().unwrap(), digest, "seed {seed}");
}

fn seeds(default: u64) -> u64 {
    std::env::var("TAGOUT_SEEDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[test]
fn nothing_acknowledged_is_lost_in_any_power_cut() {
    for seed in 0..seeds(200) / 2 {
        run(seed);
    }
}

#[test]
fn nothing_acknowledged_is_lost_in_any_other_power_cut() {
    for seed in 0..seeds(200) / 2 {
        run(1_000_000 + seed);
    }
}

#[test]
fn a_full_disk_refuses_writes_in_words_and_reads_on() {
    let fs = FaultFs::new(7);
    let mut bench = Bench::with(Arc::new(fs.clone()));
    bench.tuning.floor_bytes = 1 << 20;
    let (store, _) = bench.open();
    store.append(draft(1, b"before")).unwrap();
    fs.set_free(Some(1000));
    let error = store.append(draft(2, b"no")).unwrap_err();
    assert!(
        error.is_read_only() && error.to_string().contains("MiB"),
        "{error}"
    );
    assert_eq!(bodies(&store), vec![b"before".to_vec()]);
    drop(store);
    let (store, notices) = bench.open();
    assert!(
        matches!(notices[..], [Notice::DiskNearlyFull { .. }]),
        "{notices:?}"
    );
    assert_eq!(bodies(&store), vec![b"before".to_vec()]);
    assert!(store.append(draft(2, b"no")).is_err());
    fs.set_free(None);
    store.append(draft(2, b"yes")).unwrap();
}

#[test]
fn a_write_that_does_not_fit_is_taken_back_and_the_next_one_works() {
    let fs = FaultFs::new(8);
    let mut bench = Bench::with(Arc::new(fs.clone()));
    bench.tuning.floor_bytes = 100;
    let (store, _) = bench.open();
    fs.set_free(Some(300));
    let error = store.append(draft(1, &[b'x'; 5000])).unwrap_err();
    assert!(error.to_string().contains("nothing was saved"), "{error}");
    assert_eq!(store.head().seq, 1);
    fs.set_free(None);
    store.append(draft(1, b"fits")).unwrap();
    drop(store);
    let (store, notices) = bench.open();
    assert_eq!((bodies(&store), notices), (vec![b"fits".to_vec()], vec![]));
}

#[test]
fn after_a_failed_sync_nothing_more_is_written_until_reopened() {
    let fs = FaultFs::new(9);
    let bench = Bench::with(Arc::new(fs.clone()));
    let (store, _) = bench.open();
    store.append(draft(1, b"before")).unwrap();
    fs.fail_sync_in(0);
    let error = store.append(draft(2, b"lost")).unwrap_err();
    assert!(
        error.is_read_only() && error.to_string().contains("not certain"),
        "{error}"
    );
    let error = store.append(draft(3, b"no")).unwrap_err();
    assert!(error.to_string().contains("open it again"), "{error}");
    assert_eq!(bodies(&store), vec![b"before".to_vec()]);
    drop(store);
    let (store, _) = bench.open();
    store.append(draft(3, b"again")).unwrap();
    assert_eq!(bodies(&store), vec![b"before".to_vec(), b"again".to_vec()]);
}

#[test]
fn the_ballast_is_given_up_on_a_full_disk_and_comes_back() {
    let fs = FaultFs::new(10);
    let mut bench = Bench::with(Arc::new(fs.clone()));
    bench.tuning.ballast_bytes = 3 << 20;
    bench.tuning.floor_bytes = 1 << 20;
    let ballast = bench.store_dir().join("ballast");
    drop(bench.open());
    assert_eq!(fs.len(&ballast).unwrap(), 3 << 20);
    fs.set_free(Some(5000));
    let (store, notices) = bench.open();
    assert!(!fs.exists(&ballast), "{notices:?}");
    store.append(draft(1, b"a")).unwrap();
    drop(store);
    fs.set_free(None);
    drop(bench.open());
    assert!(fs.exists(&ballast));
}

#[test]
fn a_network_folder_is_refused_with_the_reason() {
    let fs = FaultFs::new(11);
    fs.set_shared("a network folder (NFS)");
    let bench = Bench::with(Arc::new(fs));
    let error = Store::open(bench.options()).err().unwrap().to_string();
    assert!(
        error.contains("NFS") && error.contains("local disk"),
        "{error}"
    );
}
