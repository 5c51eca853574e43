//! Damage: each kind has its own answer.

use std::io::Read;

use super::samples::{Shop, about, error, honest, read, refused, write};
use crate::bundle::{BundleError, inspect};

#[test]
fn a_file_that_ends_early_or_late() {
    let (_, bytes, _) = honest();
    for len in 0..bytes.len() {
        let error = error(&bytes[..len]);
        assert!(
            matches!(error, BundleError::CutOff { have, .. } if have == len as u64),
            "{len}: {error:?}"
        );
    }
    let longer = [&bytes[..], b"\0\0\0"].concat();
    refused!(longer, BundleError::TooLong { extra: 3 });
    refused!(vec![0; 4096], BundleError::NotABundle);
}

#[test]
fn a_file_that_was_copied_as_text() {
    let (_, bytes, _) = honest();
    let unix: Vec<u8> = String::from_utf8_lossy(&bytes)
        .replace("\r\n", "\n")
        .into_bytes();
    let dos: Vec<u8> = bytes
        .iter()
        .flat_map(|b| {
            if *b == b'\n' {
                vec![b'\r', b'\n']
            } else {
                vec![*b]
            }
        })
        .collect();
    let latin: Vec<u8> = bytes
        .iter()
        .map(|b| char::from(*b))
        .collect::<String>()
        .into_bytes();
    refused!(dos, BundleError::TextMode);
    refused!(latin, BundleError::TextMode);
    // What is not UTF-8 becomes a question mark, and the first byte is not.
    let error = error(&unix);
    assert!(matches!(
        error,
        BundleError::TextMode | BundleError::NotABundle
    ));
    let folded: Vec<u8> = [&bytes[..4], &bytes[5..]].concat();
    refused!(folded, BundleError::TextMode);
}

#[test]
fn every_changed_byte_is_noticed() {
    let (_, bytes, _) = honest();
    for at in 0..bytes.len() {
        for bit in [0x01, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= bit;
            let error = error(&changed);
            let fits = match at {
                0..8 => matches!(error, BundleError::NotABundle | BundleError::TextMode),
                8..20 => matches!(
                    error,
                    BundleError::Newer { .. }
                        | BundleError::Changed { .. }
                        | BundleError::Absurd(_)
                        | BundleError::CutOff { .. }
                ),
                _ => matches!(
                    error,
                    BundleError::Changed { .. } | BundleError::Forged { .. }
                ),
            };
            assert!(fits, "{at}: {error:?}");
        }
    }
}

#[test]
fn what_a_later_format_adds_is_kept_and_signed() {
    let (shop, _, mut forge) = honest();
    forge.header.extra.0 = b"later".to_vec();
    let later = forge.seal(&shop.key);
    assert_eq!(inspect(&mut &later[..]).unwrap().extra, b"later");
    assert_eq!(read(&later).unwrap(), shop.entries);
}

#[test]
fn a_file_that_changes_between_checking_and_reading() {
    use std::cell::Cell;
    use std::io::{Cursor, Seek, SeekFrom};
    use std::ops::ControlFlow;
    use std::rc::Rc;

    /// One of two files, as the switch stands.
    struct Either {
        files: [Cursor<Vec<u8>>; 2],
        second: Rc<Cell<bool>>,
    }
    impl Read for Either {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.files[usize::from(self.second.get())].read(into)
        }
    }
    impl Seek for Either {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            self.files[1].seek(to)?;
            self.files[0].seek(to)
        }
    }
    let (shop, bytes, _) = honest();
    let other = Shop::with(1, &vec![b"0.21 ohm".to_vec(); 8]);
    let (changed, _) = write(&other.entries, about(), &other.key);
    let mut damaged = bytes.clone();
    let at = damaged.len() - 60;
    damaged[at] ^= 1;
    let short = bytes[..bytes.len() - 60].to_vec();
    for second in [changed, damaged, short] {
        let switch = Rc::new(Cell::new(false));
        let both = Either {
            files: [Cursor::new(bytes.clone()), Cursor::new(second)],
            second: Rc::clone(&switch),
        };
        let bundle = crate::bundle::Bundle::open(both).unwrap();
        let mut verified = bundle.verify(&mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(verified.entries().unwrap().count(), shop.entries.len());
        switch.set(true);
        let mut entries = verified.entries().unwrap();
        assert!(matches!(entries.next(), Some(Err(BundleError::Swapped))));
        assert!(entries.next().is_none());
    }
}
