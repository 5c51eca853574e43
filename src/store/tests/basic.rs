//! Make, append, read, open again.

use super::*;

#[test]
fn what_was_appended_is_there_after_opening_again() {
    let bench = Bench::new();
    let (store, notices) = bench.open();
    assert!(matches!(notices[..], [Notice::Created { .. }]));
    let site = store.site();
    for n in 0..20 {
        let committed = store
            .append(draft(n, format!("body {n}").as_bytes()))
            .unwrap();
        assert_eq!(committed.seq, n + 2);
        assert!(!committed.repeated);
    }
    let before = store.scan(SUMS, &[], None, 100, Direction::Up).unwrap();
    let head = store.head();
    drop(store);
    let (store, notices) = bench.open();
    assert_eq!(notices, vec![]);
    assert_eq!(store.site(), site);
    assert_eq!(store.head(), head);
    assert_eq!(store.entries_count(), 21);
    assert_eq!(store.genesis().shop, "Biomed");
    assert_eq!(
        store.scan(SUMS, &[], None, 100, Direction::Up).unwrap(),
        before
    );
    assert_eq!(bodies(&store).len(), 20);
    let of = store.entries_of(&thing(3), 1, 2).unwrap();
    let seqs: Vec<u64> = of.iter().map(|e| e.seq).collect();
    assert_eq!(seqs, vec![10, 15]);
}

#[test]
fn a_repeated_command_gets_the_first_answer_and_writes_nothing() {
    let bench = Bench::new();
    let (store, _) = bench.open();
    let first = store.append(draft(1, b"once")).unwrap();
    drop(store);
    let (store, _) = bench.open();
    let again = store.append(draft(1, b"once")).unwrap();
    assert_eq!(
        again,
        Committed {
            repeated: true,
            ..first
        }
    );
    assert_eq!(store.entries_count(), 2);
}

#[test]
fn a_refused_fold_leaves_nothing_behind() {
    let bench = Bench::new();
    let (store, _) = bench.open();
    store.append(draft(1, b"good")).unwrap();
    let head = store.head();
    let error = store.append(draft(2, b"!bad")).unwrap_err();
    assert_eq!(error.exit_class(), ExitClass::Refused);
    assert_eq!(store.head(), head);
    store.append(draft(2, b"good too")).unwrap();
    drop(store);
    assert_eq!(
        bodies(&bench.open().0),
        vec![b"good".to_vec(), b"good too".to_vec()]
    );
}

#[test]
fn a_decision_and_its_entry_are_one_step_and_ids_are_known_before() {
    let bench = Bench::new();
    let (store, _) = bench.open();
    let mut writer = store.write();
    assert_eq!(writer.get(SUMS, &thing(1).id.key()).unwrap(), None);
    let dot = writer.next_dot(0);
    writer.stage(draft(1, b"a")).unwrap();
    assert!(writer.get(SUMS, &thing(1).id.key()).unwrap().is_some());
    assert_eq!(store.get(SUMS, &thing(1).id.key()).unwrap(), None);
    assert_eq!(writer.next_dot(0).seq, dot.seq + 1);
    drop(writer);
    assert_eq!(store.head().seq, 1);
    let mut writer = store.write();
    let a = writer.stage(draft(1, b"a")).unwrap();
    let b = writer.stage(draft(2, b"b")).unwrap();
    writer.commit().unwrap();
    assert_eq!((a.dot(0), b.seq), (dot, dot.seq + 1));
    assert_eq!(bodies(&store), vec![b"a".to_vec(), b"b".to_vec()]);
}

#[test]
fn a_big_transaction_is_all_or_nothing_and_opens_again() {
    let bench = Bench::new();
    let (store, _) = bench.open();
    store.append(draft(0, b"before")).unwrap();
    let mut heard = 0;
    let done = store
        .append_bulk(
            &mut (1..=173).map(|n| draft(n, format!("bulk {n}").as_bytes())),
            &mut |n| heard = n,
        )
        .unwrap();
    assert_eq!(
        (done.first, done.last, done.count, heard),
        (3, 175, 173, 173)
    );
    store.append(draft(500, b"after")).unwrap();
    let rows = store.scan(SUMS, &[], None, 100, Direction::Up).unwrap();
    let again = store
        .append_bulk(&mut (1..=173).map(|n| draft(n, b"x")), &mut |_| {})
        .unwrap();
    assert!(again.repeated);
    let error = store
        .append_bulk(
            &mut (600..800).map(|n| draft(n, if n == 777 { b"!" } else { b"y" })),
            &mut |_| {},
        )
        .unwrap_err();
    assert_eq!(error.exit_class(), ExitClass::Refused);
    assert_eq!(
        store.scan(SUMS, &[], None, 100, Direction::Up).unwrap(),
        rows
    );
    assert_eq!(bodies(&store).len(), 175);
    store.append(draft(501, b"still writable")).unwrap();
    drop(store);
    let (store, notices) = bench.open();
    assert_eq!(notices, vec![]);
    assert_eq!(bodies(&store).len(), 176);
    drop(store);
    remove_rows(&bench);
    let (store, notices) = bench.open();
    assert!(
        matches!(notices[..], [Notice::Replayed { entries: 178 }]),
        "{notices:?}"
    );
    assert_eq!(bodies(&store).len(), 176);
}

#[test]
fn a_second_opener_is_told_who_holds_the_store() {
    let bench = Bench::new();
    let (_store, _) = bench.open();
    let error = Store::open(bench.options()).err().unwrap().to_string();
    for word in ["process 4711", "kim", "pts/3", "14:03"] {
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn long_values_are_chunked_and_leave_no_blob() {
    let bench = Bench::new();
    let (store, _) = bench.open();
    let mut sizes = vec![0usize, 1, 4095, 4096, 4097, 8192, 20_000, 300_000, 4092, 10];
    sizes.extend((0..40).map(|n| n * 700));
    for (n, size) in sizes.iter().enumerate() {
        store.append(draft(n as u64, &vec![b'v'; *size])).unwrap();
    }
    drop(store);
    let (store, notices) = bench.open();
    assert_eq!(notices, vec![]);
    let read: Vec<usize> = bodies(&store).iter().map(Vec::len).collect();
    assert_eq!(read, sizes);
    assert_eq!(
        names(&bench.store_dir().join("rows/blobs")),
        Vec::<String>::new()
    );
}

#[test]
fn what_is_ours_is_readable_by_us_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let (store, _) = bench.open();
    store.append(draft(1, b"a")).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let dir = bench.store_dir();
    for folder in ["", "journal", "keys", "rows"] {
        assert_eq!(mode(&dir.join(folder)), 0o700, "{folder}");
    }
    let key = dir.join("keys").join(&names(&dir.join("keys"))[0]);
    for file in [bench.journal(1), key, dir.join("lock")] {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn many_threads_write_one_chain() {
    fn shared<T: Send + Sync>(_: &T) {}
    let bench = Bench::new();
    let (store, _) = bench.open();
    shared(&store);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = &store;
            scope.spawn(move || {
                for n in 0..25 {
                    store.append(draft(thread * 1000 + n, b"x")).unwrap();
                    assert!(store.entries_of(&thing(0), 0, 3).is_ok());
                }
            });
        }
    });
    assert_eq!(store.entries_count(), 101);
    assert!(store.verify().unwrap().ok);
}

#[test]
fn demonstration_stores_of_one_seed_are_equal_to_the_byte() {
    let make = |bench: &Bench| {
        let mut options = bench.options();
        options.if_absent = IfAbsent::Create(NewStore {
            seed: Some([7; 32]),
            shop: "Demo".to_owned(),
            prefix: "DEMO".to_owned(),
            zone: "UTC".to_owned(),
            demo: true,
        });
        let (store, _) = Store::open(options).unwrap();
        store
            .append_bulk(&mut (0..120).map(|n| draft(n, b"demo")), &mut |_| {})
            .unwrap();
        store.append(draft(500, b"after")).unwrap();
        let digest = store.digest().unwrap();
        drop(store);
        let dir = bench.store_dir().join("journal");
        let files: Vec<Vec<u8>> = names(&dir)
            .iter()
            .map(|n| std::fs::read(dir.join(n)).unwrap())
            .collect();
        (digest, names(&dir), files)
    };
    let (one, two) = (Bench::new(), Bench::new());

    assert_eq!(make(&one), make(&two));
}

#[test]
fn drafts_that_break_a_rule_are_refused_in_words() {
    let bench = Bench::new();
    let (store, _) = bench.open();
    let system = {
        let mut d = draft(1, b"x");
        d.events[0].kind = 99;
        d
    };
    let table = [
        (
            Draft {
                events: vec![],
                ..draft(1, b"")
            },
            "1 to 65,535",
        ),
        (
            Draft {
                actor: "k".repeat(65),
                ..draft(1, b"")
            },
            "65 bytes",
        ),
        (system, "belong to the journal"),
        (draft(1, &vec![b'x'; 5 << 20]), "4 MiB"),
    ];
    for (draft, words) in table {
        let error = store.append(draft).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(store.entries_count(), 1);
}
