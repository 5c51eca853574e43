//! Rows against a model: whatever is put, deleted, taken back, flushed and scanned, both agree, and so do the checksums.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::Bound;

use proptest::prelude::*;

use super::super::base::Base;
use super::super::check;
use super::super::layout::Meta;
use super::super::raw::MAX_VALUE;
use super::super::rows::Encoding;
use super::super::settle::Settler;
use super::*;
use crate::journal::codec::CodecError;

#[derive(Clone, Debug)]
enum Act {
    Put(u8, Vec<u8>, usize),
    PutDecoded(u8, Vec<u8>, usize),
    Grow(u8, Vec<u8>),
    Encode(bool),
    HandOver,
    Delete(u8, Vec<u8>),
    Get(u8, Vec<u8>),
    Begin,
    Keep,
    TakeBack,
    Flush,
    Scan(u8, Vec<u8>, Option<Vec<u8>>, usize, bool),
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![Just(0u8), Just(1), Just(255)], 0..4)
}

fn family_of() -> impl Strategy<Value = u8> {
    prop_oneof![Just(0x20u8), Just(0x21), Just(0xff)]
}

fn act() -> impl Strategy<Value = Act> {
    let size = prop_oneof![0usize..50, Just(4096), Just(4097), Just(9000)];
    prop_oneof![
        6 => (family_of(), key(), size).prop_map(|(f, k, s)| Act::Put(f, k, s)),
        3 => (family_of(), key(), 0usize..9000).prop_map(|(f, k, s)| Act::PutDecoded(f, k, s)),
        2 => (family_of(), key()).prop_map(|(f, k)| Act::Grow(f, k)),
        1 => any::<bool>().prop_map(Act::Encode),
        2 => Just(Act::HandOver),
        2 => (family_of(), key()).prop_map(|(f, k)| Act::Delete(f, k)),
        2 => (family_of(), key()).prop_map(|(f, k)| Act::Get(f, k)),
        1 => Just(Act::Begin),
        1 => Just(Act::Keep),
        1 => Just(Act::TakeBack),
        2 => Just(Act::Flush),
        4 => (family_of(), key(), proptest::option::of(key()), 0usize..6, any::<bool>())
            .prop_map(|(f, p, a, l, d)| Act::Scan(f, p, a, l, d)),
    ]
}

/// A value that is changed in place while it is decoded.
#[derive(Clone)]
struct Text(Vec<u8>);

impl Decoded for Text {
    fn bytes(&self) -> Result<Vec<u8>, CodecError> {
        Ok(self.0.clone())
    }
}

fn text(bytes: &[u8]) -> Result<Arc<dyn Decoded>, CodecError> {
    Ok(Arc::new(Text(bytes.to_vec())))
}

fn of(value: Arc<dyn Decoded>) -> Text {
    let value: Arc<dyn Any + Send + Sync> = value;
    Arc::unwrap_or_clone(value.downcast::<Text>().unwrap())
}

type Model = BTreeMap<(u8, Vec<u8>), Vec<u8>>;

fn expected(
    model: &Model,
    family: u8,
    prefix: &[u8],
    after: Option<&[u8]>,
    limit: usize,
    down: bool,
) -> Vec<Row> {
    let mut rows: Vec<Row> = model
        .iter()
        .filter(|((f, key), _)| *f == family && (key.starts_with(prefix) || after.is_some()))
        .filter(|((_, key), _)| match after {
            Some(after) if down => key.as_slice() < after && key.as_slice() >= prefix,
            Some(after) => {
                let below_end = key.starts_with(prefix) || key.as_slice() < prefix;
                key.as_slice() > after && below_end
            }
            None => true,
        })
        .map(|((_, key), value)| (key.clone(), value.clone()))
        .collect();
    if down {
        rows.reverse();
    }
    rows.truncate(limit);
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn rows_agree_with_a_model(acts in proptest::collection::vec(act(), 1..60)) {
        let dir = super::temp_dir();
        let base = Arc::new(Base::open(&dir.path().join("rows"), 1 << 20).unwrap());
        let mut rows = Rows::new(Arc::clone(&base));
        let mut meta = Meta::default();
        let mut settler = Settler::start(&base);
        let mut model = Model::new();
        let mut saved: Option<Model> = None;
        for (n, act) in acts.into_iter().enumerate() {
            match act {
                Act::Put(family, key, size) => {
                    let value = vec![n as u8; size];
                    rows.put(family, &key, value.clone()).unwrap();
                    model.insert((family, key), value);
                }
                Act::PutDecoded(family, key, size) => {
                    let value = vec![n as u8; size];
                    rows.put_decoded(family, &key, Arc::new(Text(value.clone()))).unwrap();
                    model.insert((family, key), value);
                }
                Act::Grow(family, key) => {
                    let lifted = rows.lift(family, &key, &text).unwrap().map(of);
                    let known = model.get_mut(&(family, key.clone()));
                    prop_assert_eq!(lifted.is_some(), known.is_some());
                    if let (Some(mut lifted), Some(known)) = (lifted, known) {
                        lifted.0.push(7);
                        known.push(7);
                        rows.put_decoded(family, &key, Arc::new(lifted)).unwrap();
                    }
                }
                Act::Encode(late) => {
                    rows.encode(if late { Encoding::Late } else { Encoding::AtOnce });
                }
                Act::HandOver => {
                    saved = None;
                    settler.hand(&mut rows, &mut meta).unwrap();
                }
                Act::Delete(family, key) => {
                    rows.delete(family, &key).unwrap();
                    model.remove(&(family, key));
                }
                Act::Get(family, key) => {
                    prop_assert_eq!(rows.get(family, &key).unwrap(), model.get(&(family, key)).cloned());
                }
                Act::Begin => {
                    rows.begin();
                    saved = Some(model.clone());
                }
                Act::Keep => {
                    rows.keep();
                    saved = None;
                }
                Act::TakeBack => {
                    rows.take_back();
                    if let Some(saved) = saved.take() {
                        model = saved;
                    }
                }
                Act::Flush => {
                    saved = None;
                    settler.settled(&mut meta).unwrap();
                    fold::flush(&base, &mut rows, &mut meta).unwrap();
                    prop_assert_eq!(check::check_rows(&base, &meta).unwrap(), None);
                }
                Act::Scan(family, prefix, after, limit, down) => {
                    // A page starts behind a key of the same prefix, as windows do.
                    let after = after.map(|tail| [prefix.clone(), tail].concat());
                    let direction = if down { Direction::Down } else { Direction::Up };
                    let found = rows.scan(family, &prefix, after.as_deref(), limit, direction).unwrap();
                    let wanted = expected(&model, family, &prefix, after.as_deref(), limit, down);
                    prop_assert_eq!(found, wanted);
                }
            }
        }
        settler.settled(&mut meta).unwrap();
        fold::flush(&base, &mut rows, &mut meta).unwrap();
        prop_assert_eq!(check::check_rows(&base, &meta).unwrap(), None);
        let longest = base
            .range(Bound::Unbounded, Bound::Unbounded, usize::MAX, Direction::Up)
            .unwrap()
            .iter()
            .map(|(_, value)| value.len())
            .max();
        prop_assert!(longest <= Some(MAX_VALUE));
    }
}

#[test]
fn a_row_that_is_too_long_is_refused_before_or_when_it_goes_to_sled_and_never_written() {
    let dir = super::temp_dir();
    let base = Arc::new(Base::open(dir.path(), 1 << 20).unwrap());
    let mut meta = Meta::default();
    let long = || Arc::new(Text(vec![1; 5 << 20]));
    let mut rows = Rows::new(Arc::clone(&base));
    assert!(rows.put_decoded(0x20, b"k", long()).is_err());
    rows.encode(Encoding::Late);
    rows.put_decoded(0x20, b"k", long()).unwrap();
    let mut settler = Settler::start(&base);
    settler.hand(&mut rows, &mut meta).unwrap();
    assert!(settler.settled(&mut meta).is_err());
    assert_eq!(super::super::raw::read(&base, 0x20, b"k").unwrap(), None);
}

#[test]
fn the_stores_own_families_and_long_keys_are_refused() {
    let dir = super::temp_dir();
    let base = Arc::new(Base::open(dir.path(), 1 << 20).unwrap());
    let mut rows = Rows::new(base);
    for (family, key, len) in [
        (0x1f, 1, 1),
        (0x00, 1, 1),
        (0x20, 600, 1),
        (0x20, 1, 5 << 20),
    ] {
        assert!(
            rows.put(family, &vec![1; key], vec![0; len]).is_err(),
            "{family} {key} {len}"
        );
    }
    assert!(rows.delete(0x05, b"x").is_err());
}
