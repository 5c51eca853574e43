//! The recovery table, row by row, on real files.

use std::time::{Duration, Instant};

use crate::journal::codec;

use super::super::layout::{META_KEY, Meta, Watermark, entry_key};
use super::super::rows::family;
use super::*;

fn filled(bench: &Bench, count: u64) -> Vec<Vec<u8>> {
    let (store, _) = bench.open();
    for n in 0..count {
        store
            .append(draft(n, format!("body {n}").as_bytes()))
            .unwrap();
    }
    bodies(&store)
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

fn has(notices: &[Notice], test: impl Fn(&Notice) -> bool) -> bool {
    notices.iter().any(test)
}

#[test]
fn an_incomplete_last_frame_is_cut_kept_and_named() {
    let bench = Bench::new();
    let before = filled(&bench, 10);
    change(&bench.journal(1), |bytes| {
        bytes.extend_from_slice(b"TGF1\x40\0\0\0half");
    });
    let (store, notices) = bench.open();
    let Some(Notice::TailCut { bytes, kept, .. }) = notices.first() else {
        panic!("{notices:?}")
    };
    assert_eq!(*bytes, 12);
    assert_eq!(std::fs::read(kept).unwrap(), b"TGF1\x40\0\0\0half");
    assert_eq!(bodies(&store), before);
    assert!(store.read_only().is_none());
    drop(store);
    assert_eq!(bench.open().1, vec![]);
}

#[test]
fn a_damaged_end_is_restored_from_the_rows() {
    let bench = Bench::new();
    let before = filled(&bench, 10);
    change(&bench.journal(1), |bytes| bytes.truncate(bytes.len() - 100));
    let (store, notices) = bench.open();
    assert!(
        has(&notices, |n| matches!(
            n,
            Notice::Refilled { entries: 1, .. }
        )),
        "{notices:?}"
    );
    assert_eq!(bodies(&store), before);
    assert!(store.verify().unwrap().ok);
    drop(store);
    assert_eq!(bench.open().1, vec![]);
}

#[test]
fn damage_in_the_middle_is_restored_from_the_rows() {
    for at in [3, 40, 900, 1500] {
        let bench = Bench::new();
        let before = filled(&bench, 10);
        change(&bench.journal(1), |bytes| bytes[at] ^= 0x10);
        let (store, notices) = bench.open();
        assert!(
            has(&notices, |n| matches!(
                n,
                Notice::Refilled {
                    entries: 1,
                    kept: Some(_),
                    ..
                }
            )),
            "{notices:?}"
        );
        assert_eq!(bodies(&store), before);
        assert!(store.verify().unwrap().ok);
        store.append(draft(99, b"more")).unwrap();
        drop(store);
        assert_eq!(bench.open().1, vec![]);
    }
}

#[test]
fn a_lost_journal_file_is_restored_from_the_rows() {
    let bench = Bench::new();
    let before = filled(&bench, 200);
    assert!(bench.journal(3).exists());
    for number in [2, 3, 1] {
        std::fs::remove_file(bench.journal(number)).unwrap();
        let (store, notices) = bench.open();
        assert!(
            has(&notices, |n| matches!(n, Notice::Refilled { .. })),
            "{notices:?}"
        );
        assert_eq!(bodies(&store), before);
        assert!(store.verify().unwrap().ok);
    }
    std::fs::remove_dir_all(bench.store_dir().join("journal")).unwrap();
    let (store, notices) = bench.open();
    assert!(
        has(&notices, |n| matches!(
            n,
            Notice::Refilled { entries: 201, .. }
        )),
        "{notices:?}"
    );
    assert_eq!(bodies(&store), before);
}

#[test]
fn damage_that_cannot_be_restored_is_named_and_reading_goes_on() {
    let bench = Bench::new();
    let before = filled(&bench, 10);
    change(&bench.journal(1), |bytes| bytes[900] ^= 0x10);
    remove_rows(&bench);
    let (store, notices) = bench.open();
    assert!(
        has(
            &notices,
            |n| matches!(n, Notice::Quarantined { what } if what.contains("missing"))
        ),
        "{notices:?}"
    );
    assert_eq!(bodies(&store).len(), before.len() - 1);
    let error = store.append(draft(50, b"no")).unwrap_err();
    assert!(error.is_read_only(), "{error}");
    let report = store.verify().unwrap();
    assert!(!report.ok);
    assert!(report.problems[0].what.contains("damaged"), "{report:?}");
    drop(store);
    // A second opening says the same; recover goes on without the record, as a new site.
    assert!(bench.open().0.read_only().is_some());
    let (store, notices) = Store::recover(bench.options()).unwrap();
    assert!(
        has(&notices, |n| matches!(n, Notice::Continued { .. })),
        "{notices:?}"
    );
    store.append(draft(50, b"yes")).unwrap();
    let report = store.verify().unwrap();
    assert!(
        report.ok && report.problems.iter().all(|p| p.accepted),
        "{report:?}"
    );
    assert_eq!(report.sites.len(), 2);
    drop(store);
    let (store, notices) = bench.open();
    assert_eq!(notices, vec![]);
    assert_eq!(bodies(&store), vec![b"yes".to_vec()]);
    assert!(!names(&bench.store_dir().join("set-aside")).is_empty());
}

#[test]
fn a_changed_record_with_a_right_checksum_breaks_the_chain_and_is_named() {
    let bench = Bench::new();
    filled(&bench, 10);
    change(&bench.journal(1), |bytes| {
        // Forge the third entry's body and give its frame a matching checksum.
        let at = bytes.windows(6).position(|w| w == b"body 1").unwrap();
        bytes[at] = b'B';
        let start = bytes[..at].windows(4).rposition(|w| w == b"TGF1").unwrap();
        let len = u32::from_le_bytes(bytes[start + 4..start + 8].try_into().unwrap()) as usize;
        let hash = *blake3::hash(&bytes[start + 16..start + 16 + len]).as_bytes();
        bytes[start + 8..start + 16].copy_from_slice(&hash[..8]);
    });
    let (store, notices) = bench.open();
    assert!(
        has(
            &notices,
            |n| matches!(n, Notice::Quarantined { what } if what.contains("record 4"))
        ),
        "{notices:?}"
    );
    assert!(store.append(draft(50, b"no")).is_err());
    let report = store.verify().unwrap();
    assert!(report.problems[0].place.contains("record 3"), "{report:?}");
    assert!(report.problems[1].what.contains("record 4"), "{report:?}");
}

/// sled itself, once its threads have let go of the file that was just closed.
fn opened_alone(dir: &Path) -> sled::Db {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        match sled::open(dir) {
            Ok(db) => return db,
            Err(sled::Error::Io(e)) if Instant::now() < end => {
                assert!(e.to_string().contains("lock"), "{e}");
                std::thread::yield_now();
            }
            Err(e) => panic!("{e}"),
        }
    }
}

#[test]
fn rows_behind_are_replayed_and_rows_ahead_or_wrong_are_built_anew() {
    let bench = Bench::new();
    filled(&bench, 5);
    let copy = |from: &str, to: &str| {
        let (from, to) = (bench.store_dir().join(from), bench.store_dir().join(to));
        let _ = std::fs::remove_dir_all(&to);
        assert!(
            std::process::Command::new("cp")
                .arg("-r")
                .args([from, to])
                .status()
                .unwrap()
                .success()
        );
    };
    copy("rows", "older");
    let (store, _) = bench.open();
    for n in 5..9 {
        store.append(draft(n, b"later")).unwrap();
    }
    let digest = store.digest().unwrap();
    let before = bodies(&store);
    drop(store);
    copy("older", "rows");
    let (store, notices) = bench.open();
    assert_eq!(notices, vec![Notice::Replayed { entries: 4 }]);
    assert_eq!(
        (bodies(&store), store.digest().unwrap()),
        (before.clone(), digest.clone())
    );
    drop(store);
    // A row changed behind the store's back, with sled itself intact.
    let db = opened_alone(&bench.store_dir().join("rows"));
    let mut key = vec![SUMS];
    key.extend_from_slice(&thing(1).id.key());
    db.insert(key, b"\0nonsense".to_vec()).unwrap();
    drop(db);
    let (store, notices) = bench.open();
    let [
        Notice::Rebuilt {
            reason,
            kept: Some(kept),
            ..
        },
    ] = &notices[..]
    else {
        panic!("{notices:?}")
    };
    assert!(reason.contains("checksum") && kept.exists());
    assert_eq!(
        (bodies(&store), store.digest().unwrap()),
        (before.clone(), digest.clone())
    );
    drop(store);
    // Another version of the projection.
    let newer = Bench {
        version: 2,
        ..bench
    };
    let (store, notices) = newer.open();
    assert!(
        matches!(&notices[..], [Notice::Rebuilt { reason, .. }] if reason.contains("form")),
        "{notices:?}"
    );
    assert_eq!(bodies(&store), before);
    assert_eq!(store.digest().unwrap().entries, digest.entries);
}

/// Rows of a big transaction go to sled one by one. A power cut just behind its last entry in the journal leaves some of
/// them, under a meta row that names an entry the journal does hold.
#[test]
fn rows_of_a_big_transaction_that_are_not_all_there_are_built_anew() {
    let mut bench = Bench::new();
    bench.tuning.full_check_rows = 0;
    filled(&bench, 5);
    let (store, _) = bench.open();
    store
        .append_bulk(&mut (100..220).map(|n| draft(n, b"bulk")), &mut |_| {})
        .unwrap();
    let (digest, before, head) = (store.digest().unwrap(), bodies(&store), store.head());
    drop(store);
    let db = opened_alone(&bench.store_dir().join("rows"));
    let mut meta_key = vec![family::META];
    meta_key.extend_from_slice(META_KEY);
    let mut meta: Meta = codec::decode(&db.get(&meta_key).unwrap().unwrap()).unwrap();
    meta.bulk_from = Some(Watermark {
        applied: 6,
        seq: 6,
        ..meta.watermark
    });
    db.insert(meta_key, codec::encode(&meta).unwrap()).unwrap();
    let mut lost = vec![family::ENTRIES];
    lost.extend_from_slice(&entry_key(head.site, head.seq - 9));
    assert!(db.remove(lost).unwrap().is_some());
    drop(db);
    let (store, notices) = bench.open();
    assert!(
        matches!(&notices[..], [Notice::Rebuilt { reason, .. }] if reason.contains("big transaction")),
        "{notices:?}"
    );
    assert_eq!((bodies(&store), store.digest().unwrap()), (before, digest));
    assert!(store.verify().unwrap().ok);
}

#[test]
fn a_journal_that_was_set_back_continues_as_a_new_site() {
    let bench = Bench::new();
    filled(&bench, 5);
    let journal = std::fs::read(bench.journal(1)).unwrap();
    let (store, _) = bench.open();
    let old = store.site();
    store.append(draft(9, b"lost in the restore")).unwrap();
    drop(store);
    std::fs::write(bench.journal(1), journal).unwrap();
    remove_rows(&bench);
    let (store, notices) = bench.open();
    let found = notices.iter().find_map(|n| match n {
        Notice::RolledBack {
            old,
            have,
            seen,
            new,
        } => Some((*old, *have, *seen, *new)),
        _ => None,
    });
    assert_eq!(found, Some((old, 6, 7, store.site())), "{notices:?}");
    assert_ne!(store.site(), old);
    let genesis = store.genesis();
    let continues = genesis.continues.unwrap();
    assert_eq!(
        (continues.site, continues.seq, genesis.prefix.as_str()),
        (old, 6, "SHOPR2")
    );
    assert_eq!(store.append(draft(10, b"on")).unwrap().seq, 2);
    let site = store.site();
    drop(store);
    let (store, notices) = bench.open();
    assert_eq!((store.site(), notices), (site, vec![]));
    assert!(store.verify().unwrap().ok);
}

#[test]
fn another_machine_a_lost_key_and_a_backup_continue_as_new_sites() {
    let mut bench = Bench::new();
    let before = filled(&bench, 130);
    let (store, _) = bench.open();
    let first = store.site();
    store
        .append_bulk(&mut (300..420).map(|n| draft(n, b"bulk")), &mut |_| {})
        .unwrap();
    let to = bench.dir.path().join("copy");
    let report = store.backup(&to).unwrap();
    assert_eq!(report.entries, 131 + 121);
    assert!(store.backup(&to).is_err());
    let digest = store.digest().unwrap();
    drop(store);

    bench.machine.machine = [3; 32];
    let (store, notices) = bench.open();
    assert!(
        has(
            &notices,
            |n| matches!(n, Notice::Continued { old, .. } if *old == first)
        ),
        "{notices:?}"
    );
    let second = store.site();
    drop(store);
    std::fs::remove_file(bench.store_dir().join(format!("keys/{second}.key"))).unwrap();
    let (store, notices) = bench.open();
    assert!(
        has(
            &notices,
            |n| matches!(n, Notice::Continued { old, .. } if *old == second)
        ),
        "{notices:?}"
    );
    assert_eq!(store.genesis().prefix, "SHOPR3");
    drop(store);

    let options = StoreOptions {
        dir: to.clone(),
        ..bench.options()
    };
    let (store, notices) = Store::open(options.clone()).unwrap();
    assert!(
        has(
            &notices,
            |n| matches!(n, Notice::Continued { reason, .. } if reason.contains("backup"))
        ),
        "{notices:?}"
    );
    let body = store
        .entry(first, 131)
        .unwrap()
        .unwrap()
        .events
        .remove(0)
        .body;
    assert_eq!(body, before[129]);
    assert_eq!(store.digest().unwrap().state, digest.state);
    assert!(store.verify().unwrap().ok);
    drop(store);
    assert_eq!(Store::open(options).unwrap().1, vec![]);
}

#[test]
fn an_emptied_journal_is_not_taken_for_a_new_store() {
    let bench = Bench::new();
    filled(&bench, 5);
    remove_rows(&bench);
    std::fs::remove_dir_all(bench.store_dir().join("journal")).unwrap();
    let error = Store::open(bench.options()).err().unwrap().to_string();
    assert!(
        error.contains("is empty, though records were written"),
        "{error}"
    );
}

#[test]
fn rebuild_gives_the_same_digest() {
    let bench = Bench::new();
    filled(&bench, 30);
    let (store, _) = bench.open();
    let digest = store.digest().unwrap();
    assert_eq!(store.rebuild(&mut |_| {}).unwrap(), 31);
    assert_eq!(store.digest().unwrap(), digest);
    assert!(store.verify().unwrap().ok);
    let text = digest.to_string();
    assert!(
        text.starts_with("entries:") && text.contains(" state-v1:"),
        "{text}"
    );
    store.append(draft(77, b"and on")).unwrap();
    assert_ne!(store.digest().unwrap(), digest);
}

#[test]
fn a_bulk_file_is_restored_or_named() {
    for gone in [false, true] {
        let bench = Bench::new();
        let (store, _) = bench.open();
        store
            .append_bulk(&mut (0..120).map(|n| draft(n, b"bulk")), &mut |_| {})
            .unwrap();
        store.append(draft(500, b"after")).unwrap();
        let before = bodies(&store);
        drop(store);
        let name = names(&bench.store_dir().join("journal"))
            .into_iter()
            .find(|n| n.starts_with("bulk-"))
            .unwrap();
        let path = bench.store_dir().join("journal").join(&name);
        let good = std::fs::read(&path).unwrap();
        if gone {
            std::fs::remove_file(&path).unwrap();
        } else {
            change(&path, |bytes| bytes[2000..6000].fill(0));
        }
        let (store, notices) = bench.open();
        assert!(
            has(
                &notices,
                |n| matches!(n, Notice::Refilled { file, .. } if *file == name)
            ),
            "{notices:?}"
        );
        assert_eq!(bodies(&store), before);
        assert_eq!(std::fs::read(&path).unwrap(), good);
        drop(store);
        remove_rows(&bench);
        std::fs::remove_file(&path).unwrap();
        let (store, notices) = bench.open();
        assert!(
            has(&notices, |n| matches!(n, Notice::Quarantined { .. })),
            "{notices:?}"
        );
        assert!(store.read_only().is_some());
    }
}

#[test]
fn a_record_of_a_newer_version_is_kept_and_the_store_is_read_only() {
    let bench = Bench::new();
    let before = filled(&bench, 5);
    let journal = std::fs::read(bench.journal(1)).unwrap();
    change(&bench.journal(1), |bytes| {
        let newer = [&9u16.to_le_bytes()[..], b"of a later year"].concat();
        bytes.extend_from_slice(b"TGF1");
        bytes.extend_from_slice(&(newer.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&blake3::hash(&newer).as_bytes()[..8]);
        bytes.extend_from_slice(&newer);
    });
    let damaged = std::fs::read(bench.journal(1)).unwrap();
    for open in [Store::open, Store::recover] {
        let (store, notices) = open(bench.options()).unwrap();
        assert!(
            has(&notices, |n| n.to_string().contains("newer")),
            "{notices:?}"
        );
        assert!(store.append(draft(50, b"no")).unwrap_err().is_read_only());
        assert_eq!(bodies(&store), before);
    }
    assert_eq!(std::fs::read(bench.journal(1)).unwrap(), damaged);
    assert!(damaged.starts_with(&journal));
}

#[test]
fn an_unfinished_big_transaction_does_not_count_and_is_kept_aside() {
    let bench = Bench::new();
    let before = filled(&bench, 5);
    let journal = bench.store_dir().join("journal");
    // As after a crash between the file and its Include entry: the rows may be ahead, the journal is not.
    let (store, _) = bench.open();
    store
        .append_bulk(&mut (100..220).map(|n| draft(n, b"bulk")), &mut |_| {})
        .unwrap();
    drop(store);
    let bulk = names(&journal)
        .into_iter()
        .find(|n| n.starts_with("bulk-"))
        .unwrap();
    change(&bench.journal(1), |bytes| {
        let include = bytes.windows(4).rposition(|w| w == b"TGF1").unwrap();
        bytes.truncate(include);
    });
    let state = bench.dir.path().join("state");
    std::fs::remove_dir_all(state).unwrap();
    remove_rows(&bench);
    let (store, notices) = bench.open();
    assert_eq!(bodies(&store), before);
    assert!(
        has(&notices, |n| n
            .to_string()
            .contains("unfinished big transaction")),
        "{notices:?}"
    );
    assert!(
        names(&bench.store_dir().join("set-aside"))
            .iter()
            .any(|n| n.starts_with(&bulk))
    );
    store.append(draft(1000, b"goes on")).unwrap();
    assert!(store.verify().unwrap().ok);
}
