//! Bundles that only some sites can open.

use std::io::Cursor;

use proptest::prelude::*;

use super::forge::Forge;
use super::samples::{Shop, about, key, opened, read, write};
use crate::bundle::{Builder, BundleError, Fresh, Push, Recipient, format, inspect};
use crate::journal::codec;

/// An encrypted bundle of these entries.
fn sealed(entries: &[Vec<u8>], author: &Shop, to: &[Recipient], fresh: u8) -> Vec<u8> {
    let spool = Cursor::new(Vec::new());
    let limit = format::USUAL_LIMIT;
    let mut builder =
        Builder::encrypted(about(), limit, spool, to, Fresh::new([fresh; 32])).unwrap();
    for entry in entries {
        assert_eq!(builder.push(entry).unwrap(), Push::Taken);
    }
    let mut out = Vec::new();
    let written = builder.finish(&author.key, &mut out).unwrap();
    assert_eq!(written.bytes, out.len() as u64);
    out
}

#[test]
fn an_encrypted_bundle_opens_for_whom_it_is_meant_and_for_nobody_else() {
    let (author, b, c) = (Shop::with(1, &vec![vec![7; 90]; 9]), key(2), key(3));
    let to: Vec<_> = [&b, &c]
        .map(|key| Recipient::of_site(&key.public()).unwrap())
        .to_vec();
    let bytes = sealed(&author.entries, &author, &to, 1);
    for key in [&b, &c] {
        assert!(opened(&bytes, key).unwrap() == author.entries);
    }
    let header = inspect(&mut &bytes[..]).unwrap();
    assert_eq!(header.recipients, to);
    for refused in [opened(&bytes, &author.key), read(&bytes)] {
        assert!(matches!(refused, Err(BundleError::Encrypted { sites }) if sites.len() == 2));
    }
    // A plain one opens for everybody, and nothing of the plain one is found in the encrypted one.
    let (plain, _) = write(&author.entries, about(), &author.key);
    assert!(opened(&plain, &b).unwrap() == author.entries);
    let start = plain.len() - 32 - header.body_bytes.min(200) as usize;
    assert!(!bytes.windows(16).any(|w| w == &plain[start..start + 16]));
    assert_ne!(sealed(&author.entries, &author, &to, 2), bytes);
    assert!(Recipient::of_site(&[0; 32]).is_none());
}

#[test]
fn a_large_encrypted_body_keeps_its_limit() {
    let mut noise = vec![0; 1_500_000];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    let author = Shop::with(1, &[noise.clone(), noise.clone(), noise]);
    let to = [Recipient::of_site(&key(2).public()).unwrap()];
    let bytes = sealed(&author.entries, &author, &to, 3);
    assert!(opened(&bytes, &key(2)).unwrap() == author.entries);
    let limit = 3_100_000;
    let spool = Cursor::new(Vec::new());
    let mut builder = Builder::encrypted(about(), limit, spool, &to, Fresh::new([4; 32])).unwrap();
    let taken = author
        .entries
        .iter()
        .take_while(|entry| builder.push(entry).unwrap() == Push::Taken)
        .count();
    assert_eq!(taken, 3);
    let mut out = Vec::new();
    builder.finish(&author.key, &mut out).unwrap();
    assert!(out.len() as u64 <= limit);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_changed_encrypted_body_is_refused_even_if_it_is_signed_again(
        at in 0.0..1.0f64,
        cut in proptest::option::of(1usize..300),
        bit in 0u8..8,
    ) {
        let author = Shop::with(1, &vec![vec![7; 90]; 9]);
        let to = [Recipient::of_site(&key(2).public()).unwrap()];
        let bytes = sealed(&author.entries, &author, &to, 1);
        let h = u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize;
        let mut body = bytes[52 + h + 64..bytes.len() - 32].to_vec();
        let at = (body.len() as f64 * at) as usize;
        match cut {
            None => body[at] ^= 1 << bit,
            Some(len) => drop(body.drain(at..(at + len).min(body.len()))),
        }
        let header = codec::decode(&bytes[52..52 + h]).unwrap();
        let forge = Forge { header, stream: Vec::new(), flags: format::ENCRYPTED };
        prop_assert!(opened(&forge.seal_body(&body, &author.key), &key(2)).is_err());
    }
}
