//! Valid bundles, bent at random: nothing may panic, and nothing may come out that was not put in.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::forge::{Forge, frames_of, seal_bytes};
use super::samples::{Shop, about, read, sorted, verify, write};
use crate::journal::{Entry, Hash, SiteKey, codec};

/// What is bent: a small bundle of three sites and one of several frames.
struct Base {
    shops: Vec<Shop>,
    entries: Vec<Vec<u8>>,
    bytes: Vec<u8>,
}

impl Base {
    fn new(bodies: &[Vec<u8>]) -> Self {
        let shops: Vec<_> = (1..4).map(|seed| Shop::with(seed, bodies)).collect();
        let entries = sorted(&shops);
        let bytes = write(&entries, about(), &shops[0].key).0;
        Self {
            shops,
            entries,
            bytes,
        }
    }

    fn key(&self) -> &SiteKey {
        &self.shops[0].key
    }
}

static SMALL: LazyLock<Base> = LazyLock::new(|| {
    Base::new(&[
        b"passed".to_vec(),
        vec![0; 300],
        (0..=255).collect(),
        b"OL".to_vec(),
    ])
});
static LARGE: LazyLock<Base> = LazyLock::new(|| {
    let mut noise = vec![0; 500_000];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    Base::new(&[noise.clone(), noise])
});

/// One way to bend bytes; places are fractions of the length.
#[derive(Clone, Debug)]
enum Bend {
    Flip(f64, u8),
    Set(f64, Vec<u8>),
    Number(f64, u64, usize),
    Cut(f64),
    Drop(f64, usize),
    Insert(f64, Vec<u8>),
    Double(f64, usize),
}

impl Bend {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |share: &f64| ((bytes.len() as f64 * share) as usize).min(bytes.len());
        match self {
            Self::Flip(at, bit) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Self::Set(at, with) => {
                let at = place(at);
                for (byte, new) in bytes[at..].iter_mut().zip(with) {
                    *byte = *new;
                }
            }
            Self::Number(at, number, width) => {
                let at = place(at);
                for (byte, new) in bytes[at..].iter_mut().zip(&number.to_le_bytes()[..*width]) {
                    *byte = *new;
                }
            }
            Self::Cut(at) => {
                let at = place(at);
                bytes.truncate(at);
            }
            Self::Drop(at, len) => {
                let at = place(at);
                let end = (at + len).min(bytes.len());
                bytes.drain(at..end);
            }
            Self::Insert(at, new) => {
                let at = place(at);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Double(at, len) => {
                let at = place(at);
                let end = (at + len).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.splice(end..end, again);
            }
        }
    }
}

fn bend() -> impl Strategy<Value = Bend> {
    let share = || 0.0..1.0f64;
    let few = || proptest::collection::vec(any::<u8>(), 1..40);
    let number = prop_oneof![
        Just(0),
        Just(1),
        Just(u64::MAX),
        Just(u64::from(u32::MAX)),
        Just(1 << 20),
        Just(1 << 62),
        any::<u64>(),
    ];
    prop_oneof![
        3 => (share(), any::<u8>()).prop_map(|(a, b)| Bend::Flip(a, b)),
        1 => (share(), few()).prop_map(|(a, b)| Bend::Set(a, b)),
        3 => (share(), number, prop_oneof![Just(2), Just(4), Just(8)])
            .prop_map(|(a, n, w)| Bend::Number(a, n, w)),
        1 => share().prop_map(Bend::Cut),
        1 => (share(), 1usize..200).prop_map(|(a, n)| Bend::Drop(a, n)),
        1 => (share(), few()).prop_map(|(a, b)| Bend::Insert(a, b)),
        1 => (share(), 1usize..200).prop_map(|(a, n)| Bend::Double(a, n)),
    ]
}

/// Whatever comes out must be a chain by its own bytes, in the order that the header says.
fn is_honest(bytes: &[u8]) -> Result<(), TestCaseError> {
    let Ok(mut verified) = verify(bytes) else {
        return Ok(());
    };
    let ranges = verified.header().ranges.clone();
    let mut entries = verified.entries().unwrap();
    for range in ranges {
        let mut previous = range.before;
        for seq in range.from..=range.to {
            let bytes = entries.next().expect("as many as announced").unwrap().bytes;
            let entry = Entry::decode(&bytes).unwrap();
            prop_assert_eq!((entry.site, entry.seq), (range.site, seq));
            prop_assert_eq!(entry.previous, previous);
            previous = Hash(*blake3::hash(&bytes).as_bytes());
        }
        prop_assert_eq!(previous, range.last);
    }
    prop_assert!(entries.next().is_none());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_bent_file_is_refused(bends in proptest::collection::vec(bend(), 1..4)) {
        let mut bytes = SMALL.bytes.clone();
        for bend in &bends {
            bend.apply(&mut bytes);
        }
        if bytes == SMALL.bytes {
            prop_assert_eq!(read(&bytes).unwrap(), SMALL.entries.clone());
        } else {
            prop_assert!(read(&bytes).is_err());
        }
    }

    #[test]
    fn a_bent_header_that_is_signed_again_lets_no_wrong_entry_through(
        bends in proptest::collection::vec(bend(), 1..3),
    ) {
        let (start, _) = frames_of(&SMALL.bytes);
        let mut header = SMALL.bytes[52..start - 64].to_vec();
        for bend in &bends {
            bend.apply(&mut header);
        }
        header.resize(header.len().max(1), 0);
        let body = &SMALL.bytes[start..SMALL.bytes.len() - 32];
        let bytes = seal_bytes(0, &header, body, SMALL.key());
        // The body is the honest one: if anything comes out, it is what was put in.
        if let Ok(entries) = read(&bytes) {
            prop_assert_eq!(entries, SMALL.entries.clone());
        }
    }

    #[test]
    fn a_bent_stream_that_is_signed_again_lets_no_broken_chain_through(
        bends in proptest::collection::vec(bend(), 1..3),
        fix_last: bool,
    ) {
        let mut forge = Forge::of(&SMALL.bytes);
        for bend in &bends {
            bend.apply(&mut forge.stream);
        }
        if fix_last {
            // A liar who also announces the bent entries.
            forge.header.heads.clear();
            let mut at = 0;
            let mut entries = Vec::new();
            while let Some(length) = forge.stream.get(at..at + 4) {
                let length = u32::from_le_bytes(length.try_into().unwrap()) as usize;
                let Some(entry) = forge.stream.get(at + 4..(at + 4).saturating_add(length)) else {
                    break;
                };
                entries.push(*blake3::hash(entry).as_bytes());
                at += 4 + length;
            }
            let mut place = 0;
            for range in &mut forge.header.ranges {
                place += (range.to - range.from + 1) as usize;
                if let Some(hash) = entries.get(place - 1) {
                    range.last = *hash;
                }
            }
        }
        is_honest(&forge.seal(SMALL.key()))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn frames_that_change_places_are_refused(a in 0usize..3, b in 0usize..3, resign: bool) {
        let (start, mut frames) = frames_of(&LARGE.bytes);
        prop_assert!(frames.len() >= 3);
        frames.swap(a, b);
        let body = frames.concat();
        let bytes = if resign {
            let header = codec::decode(&LARGE.bytes[52..start - 64]).unwrap();
            let forge = Forge { header, stream: Vec::new(), flags: 0 };
            forge.seal_body(&body, LARGE.key())
        } else {
            let end = LARGE.bytes.len() - 32;
            [&LARGE.bytes[..start], &body, &LARGE.bytes[end..]].concat()
        };
        let result = read(&bytes);
        if a == b {
            prop_assert!(result.unwrap() == LARGE.entries);
        } else {
            prop_assert!(result.is_err());
        }
    }

    #[test]
    fn a_bent_file_of_several_frames_is_refused(bend in bend()) {
        let mut bytes = LARGE.bytes.clone();
        bend.apply(&mut bytes);
        prop_assert!(bytes == LARGE.bytes || read(&bytes).is_err());
    }

    #[test]
    fn no_bytes_make_reading_panic(tail in proptest::collection::vec(any::<u8>(), 0..3000)) {
        let _ = read(&tail);
        let begun = [&SMALL.bytes[..8], &tail].concat();
        let _ = read(&begun);
    }
}
