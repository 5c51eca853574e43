//! Ids that are unique without coordination.
//!
//! An event is named by its [`Dot`]: the site that wrote it, its entry's sequence there, and its index in the entry.
//! A thing (device, order, …) is named by the dot of the event that created it, or, where two shops can make the same
//! thing, by a natural key: the hash of what makes it that thing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A shop's store, for ever: the first 16 bytes of the blake3 hash of its ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct SiteId(pub [u8; 16]);

impl SiteId {
    /// The first eight hex digits: enough to tell sites apart on screen.
    pub fn short(&self) -> String {
        hex(&self.0[..4])
    }
}

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl FromStr for SiteId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        unhex16(text)
            .map(Self)
            .ok_or_else(|| BadId(text.to_owned()))
    }
}

impl fmt::Debug for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "site {}", self.short())
    }
}

/// The id of one event: site, sequence of its entry (from 1, without gaps) and its index within the entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Dot {
    /// The site that wrote the entry.
    pub site: SiteId,
    /// The entry's sequence at that site; the first entry (Genesis) is 1.
    pub seq: u64,
    /// The event's place within its entry, from 0.
    pub index: u16,
}

impl fmt::Display for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.site, self.seq, self.index)
    }
}

impl fmt::Debug for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.site.short(), self.seq, self.index)
    }
}

/// The id of an aggregate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EntityId {
    /// Named by the event that created it.
    Made(Dot),
    /// Named by what it is: two shops that make the same thing make the same id.
    Natural([u8; 16]),
}

impl EntityId {
    /// A fixed-length form for store keys: kind byte, then 26 bytes; sorts by site and sequence.
    pub fn key(&self) -> [u8; 27] {
        let mut out = [0u8; 27];
        match self {
            Self::Made(dot) => {
                out[0] = 1;
                out[1..17].copy_from_slice(&dot.site.0);
                out[17..25].copy_from_slice(&dot.seq.to_be_bytes());
                out[25..27].copy_from_slice(&dot.index.to_be_bytes());
            }
            Self::Natural(hash) => {
                out[0] = 2;
                out[1..17].copy_from_slice(hash);
            }
        }
        out
    }

    /// The id that [`EntityId::key`] was made from, if these bytes are one.
    pub fn from_key(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 27] = bytes.try_into().ok()?;
        let mut head = [0u8; 16];
        head.copy_from_slice(&bytes[1..17]);
        match bytes[0] {
            1 => {
                let mut seq = [0u8; 8];
                seq.copy_from_slice(&bytes[17..25]);
                Some(Self::Made(Dot {
                    site: SiteId(head),
                    seq: u64::from_be_bytes(seq),
                    index: u16::from_be_bytes([bytes[25], bytes[26]]),
                }))
            }
            2 => Some(Self::Natural(head)),
            _ => None,
        }
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(dot) => write!(f, "{dot}"),
            Self::Natural(hash) => write!(f, "n-{}", hex(hash)),
        }
    }
}

impl fmt::Debug for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(dot) => write!(f, "{dot:?}"),
            Self::Natural(hash) => write!(f, "n-{}", hex(&hash[..4])),
        }
    }
}

impl FromStr for EntityId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId(text.to_owned());
        if let Some(rest) = text.strip_prefix("n-") {
            return Ok(Self::Natural(unhex16(rest).ok_or_else(bad)?));
        }
        let mut parts = text.split('-');
        let (Some(site), Some(seq), Some(index), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad());
        };
        Ok(Self::Made(Dot {
            site: SiteId(unhex16(site).ok_or_else(bad)?),
            seq: seq.parse().map_err(|_| bad())?,
            index: index.parse().map_err(|_| bad())?,
        }))
    }
}

/// A text that is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an id of this store")]
pub struct BadId(pub String);

/// A command's id, chosen by whoever asks: a repeat gets the first answer, so a retry after a lost answer is safe.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default, Debug,
)]
pub struct CommandId(pub [u8; 16]);

/// A blake3 hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0[..6]))
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            // Writing to a String cannot fail.
            let _ = write!(out, "{byte:02x}");
            out
        })
}

fn unhex16(text: &str) -> Option<[u8; 16]> {
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    let mut out = [0u8; 16];
    for (i, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[i * 2..i * 2 + 2], 16).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_text_and_key_form() {
        let made = EntityId::Made(Dot {
            site: SiteId([7; 16]),
            seq: 981,
            index: 3,
        });
        let natural = EntityId::Natural([0xab; 16]);
        for id in [made, natural] {
            assert_eq!(id.to_string().parse::<EntityId>().unwrap(), id);
            assert_eq!(EntityId::from_key(&id.key()), Some(id));
        }
        assert!("12".parse::<EntityId>().is_err());
        assert!(EntityId::from_key(&[9; 27]).is_none());
    }
}
