//! The one place that knows bincode: fixed-width integers, little endian, nothing left over, never past a limit.
//!
//! Invariants: decoding starts from a slice whose length is already known and checked, never from a reader, because a
//! forged length makes a reader allocate what it claims. Bytes after the value are an error, not ignored: silently
//! dropping a newer version's tail would be silent loss.

use bincode::Options;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest value in bytes that is encoded or decoded: 16 MiB.
pub const LIMIT: usize = 16 << 20;

/// Bytes that do not hold what they should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The value or the bytes exceed [`LIMIT`].
    #[error(
        "{0} bytes are more than the 16 MiB that one value may take; it was not read or written"
    )]
    TooLong(usize),
    /// The bytes are not a value of the expected kind.
    #[error("the bytes do not hold what was expected ({0}); they were left as they are")]
    Malformed(String),
    /// The bytes were written by a later version of the program.
    #[error(
        "format {found} is newer than this program knows ({known}); the data is kept, a newer tagout can read it"
    )]
    Newer {
        /// The version found in the bytes.
        found: u16,
        /// The highest version this program reads.
        known: u16,
    },
}

fn options() -> impl Options {
    bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_little_endian()
        .reject_trailing_bytes()
        .with_limit(LIMIT as u64)
}

/// The bytes of a value.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CodecError> {
    options().serialize(value).map_err(|e| match *e {
        bincode::ErrorKind::SizeLimit => CodecError::TooLong(LIMIT + 1),
        _ => CodecError::Malformed(e.to_string()),
    })
}

/// The value that exactly these bytes hold.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    if bytes.len() > LIMIT {
        return Err(CodecError::TooLong(bytes.len()));
    }
    options()
        .deserialize(bytes)
        .map_err(|e| CodecError::Malformed(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_tail_a_cut_and_a_forged_length_are_errors() {
        let bytes = encode(&(7u32, "abc".to_owned())).unwrap();
        assert_eq!(
            decode::<(u32, String)>(&bytes).unwrap(),
            (7, "abc".to_owned())
        );
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(decode::<(u32, String)>(&longer).is_err());
        assert!(decode::<(u32, String)>(&bytes[..bytes.len() - 1]).is_err());
        let mut forged = bytes;
        forged[4..12].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(decode::<(u32, String)>(&forged).is_err());
    }

    #[test]
    fn too_long_is_named_before_reading() {
        let bytes = vec![0; LIMIT + 1];
        assert_eq!(decode::<u8>(&bytes), Err(CodecError::TooLong(LIMIT + 1)));
        assert!(matches!(encode(&bytes), Err(CodecError::TooLong(_))));
    }

    proptest! {
        #[test]
        fn every_value_comes_back(a: u64, b: i128, c: Vec<String>, d: Option<Vec<u8>>) {
            let value = (a, b, c, d);
            let bytes = encode(&value).unwrap();
            prop_assert_eq!(decode::<(u64, i128, Vec<String>, Option<Vec<u8>>)>(&bytes).unwrap(), value);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = decode::<(u16, Vec<String>, Option<Vec<Vec<u8>>>)>(&bytes);
        }
    }
}
