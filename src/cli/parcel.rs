//! What a task is given and gives back, as bytes: a small head, then parts of any size.
//!
//! A list of a hundred thousand devices is longer than one message may be, so the parts are not values of the codec.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bench::Failure;
use crate::bench::link::{decode, encode};

/// Packs a head and parts: each as eight bytes of length and the bytes.
pub fn pack<T: Serialize>(head: &T, parts: &[&[u8]]) -> Result<Vec<u8>, Failure> {
    let head = encode(head)?;
    let mut out = Vec::new();
    for part in std::iter::once(&head.as_slice()).chain(parts) {
        out.extend_from_slice(&(part.len() as u64).to_le_bytes());
        out.extend_from_slice(part);
    }
    Ok(out)
}

/// The head and the parts.
pub fn unpack<T: DeserializeOwned>(mut bytes: &[u8]) -> Result<(T, Vec<Vec<u8>>), Failure> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(broken)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| broken())?;
        let (part, rest) = rest.split_at_checked(length).ok_or_else(broken)?;
        parts.push(part.to_vec());
        bytes = rest;
    }
    if parts.is_empty() {
        return Err(broken());
    }
    let head = decode(&parts.remove(0))?;
    Ok((head, parts))
}

/// Bytes that are no parcel.
pub fn broken() -> Failure {
    Failure::Store {
        words: "what was sent could not be read on the other side. Nothing was recorded; close every tagout of this store \
                and try again"
            .to_owned(),
        read_only: false,
        refused: true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_packed_is_unpacked(head: String, parts: Vec<Vec<u8>>) {
            let borrowed: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            let packed = pack(&head, &borrowed).unwrap();
            prop_assert_eq!(unpack::<String>(&packed).unwrap(), (head, parts));
            prop_assert!(unpack::<String>(&packed[..packed.len() - 1]).is_err());
        }

        #[test]
        fn any_bytes_are_a_parcel_or_an_error(bytes: Vec<u8>) {
            let _ = unpack::<String>(&bytes);
        }
    }
}
