//! Readers beside a writer.

use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::base::{Base, Direction};
use super::super::fold;
use super::super::layout::Meta;
use super::super::raw;
use super::super::rows::Rows;
use super::*;

/// A row that takes several in sled is never seen half old, half new, and never taken for damaged.
#[test]
fn a_long_row_is_read_as_it_was_written() {
    let dir = temp_dir();
    let base = Arc::new(Base::open(dir.path(), 1 << 20).unwrap());
    let mut rows = Rows::new(Arc::clone(&base));
    let mut meta = Meta::default();
    let mut write = |n: u8| {
        let length = 4000 + 900 * usize::from(n % 23);
        rows.put(0x20, b"long", vec![n; length]).unwrap();
        fold::flush(&base, &mut rows, &mut meta).unwrap();
    };
    write(0);
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    let one = raw::read(&base, 0x20, b"long").unwrap().unwrap();
                    let (from, to) = (Bound::Unbounded, Bound::Unbounded);
                    let all = raw::read_range(&base, 0x20, from, to, 9, Direction::Up).unwrap();
                    for value in [&one, &all[0].1] {
                        assert_eq!(value.len(), 4000 + 900 * usize::from(value[0] % 23));
                        assert!(value.iter().all(|byte| *byte == value[0]));
                    }
                }
            });
        }
        for n in 0..=250 {
            write(n);
        }
        done.store(true, Ordering::SeqCst);
    });
    assert_eq!(base.down(), None);
}

#[test]
fn whoever_reads_while_all_rows_are_built_anew_finds_them_all() {
    let bench = Bench::new();
    let (store, _) = bench.open();
    for n in 0..40 {
        store.append(draft(n, b"body")).unwrap();
    }
    let head = store.head();
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    assert!(store.entry(head.site, head.seq).unwrap().is_some());
                    assert_eq!(store.entries_of(&thing(1), 0, 100).unwrap().len(), 8);
                }
            });
        }
        for _ in 0..20 {
            store.rebuild(&mut |_| {}).unwrap();
        }
        done.store(true, Ordering::SeqCst);
    });
    assert!(store.verify().unwrap().ok);
}
