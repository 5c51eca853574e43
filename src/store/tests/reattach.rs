//! A big transaction whose Include entry was damaged: its own file says what is needed to take it in again.

use super::*;

/// A store with a big transaction between single entries (`after` of them behind it): bytes of the journal file, where
/// the Include's frame lies, and every body.
struct Big {
    bench: Bench,
    good: Vec<u8>,
    include: std::ops::Range<usize>,
    bodies: Vec<Vec<u8>>,
}

fn big(after: u64) -> Big {
    let bench = Bench::new();
    let (store, _) = bench.open();
    store.append(draft(0, b"before")).unwrap();
    drop(store);
    let from = std::fs::metadata(bench.journal(1)).unwrap().len() as usize;
    let (store, _) = bench.open();
    store
        .append_bulk(&mut (10..140).map(|n| draft(n, b"bulk")), &mut |_| {})
        .unwrap();
    let to = std::fs::metadata(bench.journal(1)).unwrap().len() as usize;
    for n in 0..after {
        store.append(draft(500 + n, b"after")).unwrap();
    }
    let bodies = bodies(&store);
    drop(store);
    Big {
        good: std::fs::read(bench.journal(1)).unwrap(),
        include: from..to,
        bodies,
        bench,
    }
}

#[test]
fn a_damaged_include_is_made_again_byte_for_byte() {
    for (after, without_rows, zeroed) in [
        (1, true, false),
        (1, false, false),
        (3, true, true),
        (0, true, false),
        (0, true, true),
        (0, false, true),
    ] {
        let what = format!("{after} after, without rows {without_rows}, zeroed {zeroed}");
        let Big {
            bench,
            good,
            include,
            bodies: before,
        } = big(after);
        let mut bad = good.clone();
        if zeroed {
            bad[include.clone()].fill(0);
        } else {
            bad[include.start + 40] ^= 4;
        }
        std::fs::write(bench.journal(1), &bad).unwrap();
        if without_rows {
            remove_rows(&bench);
        }
        let (store, notices) = bench.open();
        assert!(store.read_only().is_none(), "{what}: {notices:?}");
        assert_eq!(bodies(&store), before, "{what}: {notices:?}");
        assert!(store.verify().unwrap().ok, "{what}");
        assert!(!notices.is_empty(), "{what}");
        drop(store);
        assert_eq!(
            std::fs::read(bench.journal(1)).unwrap(),
            good,
            "{what}: not what was written"
        );
        let (store, _) = bench.open();
        store.append(draft(900, b"and on")).unwrap();
    }
}

#[test]
fn a_transaction_that_does_not_join_is_not_taken_in() {
    // A bulk file that was changed is not the one that was written, whatever its name says.
    let Big {
        bench,
        good,
        include,
        ..
    } = big(1);
    let mut bad = good;
    bad[include.start + 40] ^= 4;
    std::fs::write(bench.journal(1), &bad).unwrap();
    remove_rows(&bench);
    let journal = bench.store_dir().join("journal");
    let name = names(&journal)
        .into_iter()
        .find(|n| n.starts_with("bulk-"))
        .unwrap();
    let bytes = std::fs::read(journal.join(&name)).unwrap();
    std::fs::write(journal.join(&name), &bytes[..bytes.len() / 2]).unwrap();
    let (store, notices) = bench.open();
    assert!(store.read_only().is_some(), "{notices:?}");
    assert!(
        bench.vfs.exists(&journal.join(&name)),
        "nothing is thrown away"
    );
}

#[test]
fn a_backup_that_was_interrupted_does_not_open_as_a_store() {
    let bench = Bench::new();
    let (store, _) = bench.open();
    store.append(draft(1, b"one")).unwrap();
    let to = bench.dir.path().join("copy");
    let failed = store.backup_with(&to, || Err(StoreError::Draft("power went off".to_owned())));
    assert!(failed.is_err());
    let options = StoreOptions {
        dir: to.clone(),
        ..bench.options()
    };
    let Err(error) = Store::open(options.clone()) else {
        panic!("it opened");
    };
    assert!(error.to_string().contains("interrupted"), "{error}");
    assert_eq!(error.exit_class(), ExitClass::Store);
    // Whoever has nothing else may accept what is there.
    let (copy, notices) = Store::recover(options.clone()).unwrap();
    assert!(
        notices
            .iter()
            .any(|n| n.to_string().contains("interrupted")),
        "{notices:?}"
    );
    assert_eq!(bodies_of(&copy), 1);
    drop(copy);
    Store::open(options).unwrap();
    // And a finished one opens.
    let whole = bench.dir.path().join("whole");
    store.backup(&whole).unwrap();
    Store::open(StoreOptions {
        dir: whole,
        ..bench.options()
    })
    .unwrap();
}

/// How many test entries there are, of any site.
fn bodies_of(store: &Store) -> u64 {
    store.entries_count() - 2
}

#[test]
fn a_big_store_is_checked_beside_the_work() {
    let mut bench = Bench::new();
    bench.tuning.full_check_rows = 0;
    let (store, _) = bench.open();
    for n in 0..40 {
        store.append(draft(n, b"row")).unwrap();
    }
    let mut families = 0;
    let mut check = check::Slow::of(&store.inner);
    // Told to stop, it reads no further and says nothing; a sound store passes.
    while check.is_going() {
        assert_eq!(check.go_on(&store.inner, &mut || false).unwrap(), None);
        families += 1;
    }
    assert!(families > 2, "{families}");
    // A row that changed by itself.
    let mut check = check::Slow::of(&store.inner);
    let key = [&[SUMS][..], &thing(3).id.key()].concat();
    let mut value = store.inner.base.get(&key).unwrap().unwrap();
    *value.last_mut().unwrap() ^= 1;
    store.inner.base.apply(vec![(key, Some(value))]).unwrap();
    let mut found = Vec::new();
    while check.is_going() {
        found.extend(check.go_on(&store.inner, &mut || false).unwrap());
    }
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("0x20"), "{found:?}");
}
