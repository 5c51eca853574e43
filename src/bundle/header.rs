//! What a bundle says about itself: who made it, what it carries, what its author knows.
//!
//! Invariants: a header that was read or is to be written agrees with itself: its counts, ranges and heads fit
//! together and stay within the limits, so that nobody downstream meets an absurd number.

use std::collections::BTreeMap;

use crate::journal::chain::Tip;
use crate::journal::codec;
use crate::journal::site::{site_of, x25519_of};
use crate::journal::wire::Bytes;
use crate::journal::{EntityId, Hash, Head, HybridTime, MAX_ENTRY, SiteId, VersionVector};

use super::error::BundleError;
use super::format::{
    FRAME, FRAME_HEAD, LENGTH, MAX_HEADER, MAX_NAME, MAX_RAW, MAX_ROWS, frames, longest_packed,
};
use super::plausible::{self, MIN_ENTRY};
use super::range::{Range, check_order};
use super::wire::{HeadRowV1, HeaderV1};

/// When a bundle was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Created {
    /// The author's hybrid time.
    pub hybrid: HybridTime,
    /// The author's wall clock, microseconds since 1970 UTC.
    pub wall_us: i64,
    /// Minutes east of UTC there.
    pub offset_minutes: i16,
}

/// A head together with the key that signed it; the site is named after that key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedHead {
    /// The site's ed25519 public key.
    pub key: [u8; 32],
    /// Its statement of where it was.
    pub head: Head,
}

/// For whom a body is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recipient {
    /// The site.
    pub site: SiteId,
    /// Its x25519 public key.
    pub key: [u8; 32],
}

impl Recipient {
    /// The site with this ed25519 public key; `None` if it is no key.
    pub fn of_site(public: &[u8; 32]) -> Option<Self> {
        Some(Self {
            site: site_of(public),
            key: x25519_of(public)?,
        })
    }
}

/// What the author says beside the entries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct About {
    /// The author's shop, in the words of its people.
    pub shop: String,
    /// The version of the program.
    pub app: String,
    /// When it was made.
    pub created: Created,
    /// What must be known before everything in it joins. What lies before the ranges is added by itself.
    pub needs: VersionVector,
    /// What the author has: whoever exports for this author next need not send it.
    pub have: VersionVector,
    /// Where the author knows sites to be: a site that falls behind this was set back.
    pub witnessed: BTreeMap<SiteId, Tip>,
    /// Heads signed by their own sites: they vouch for entries that the author only passes on.
    pub heads: Vec<SignedHead>,
    /// The inspection that a sign-off bundle is about.
    pub inspection: Option<EntityId>,
}

/// The header of a bundle whose signature is the author's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// The site that made and signed the bundle.
    pub author: SiteId,
    /// Its ed25519 public key.
    pub key: [u8; 32],
    /// What it says beside the entries.
    pub about: About,
    /// What it carries, sorted by site and first sequence.
    pub ranges: Vec<Range>,
    /// How many entries that is.
    pub entries: u64,
    /// Length of the entry stream in bytes, uncompressed.
    pub raw_bytes: u64,
    /// Length of the body in the file.
    pub body_bytes: u64,
    /// blake3 of the body as it stands in the file.
    pub body_hash: Hash,
    /// For whom the body is encrypted; nobody if it is not.
    pub recipients: Vec<Recipient>,
    /// What a later format says more; kept, not understood.
    pub extra: Vec<u8>,
}

impl Header {
    /// The bytes of the header. Refuses what no reader would take.
    pub(super) fn encode(&self) -> Result<Vec<u8>, BundleError> {
        self.check(!self.recipients.is_empty())?;
        let bytes = codec::encode(&self.to_wire()).map_err(BundleError::Header)?;
        if bytes.len() > MAX_HEADER {
            return Err(BundleError::absurd(format!(
                "a header of {} bytes",
                bytes.len()
            )));
        }
        Ok(bytes)
    }

    /// Reads header bytes and checks that they agree with themselves and with the flag of encryption.
    pub(super) fn decode(bytes: &[u8], encrypted: bool) -> Result<Self, BundleError> {
        let wire: HeaderV1 = codec::decode(bytes).map_err(BundleError::Header)?;
        let header = Self::from_wire(wire)?;
        header.check(encrypted)?;
        Ok(header)
    }

    pub(super) fn to_wire(&self) -> HeaderV1 {
        let about = &self.about;
        HeaderV1 {
            author: self.author.0,
            author_key: self.key,
            shop: about.shop.clone(),
            app: about.app.clone(),
            created_hybrid: about.created.hybrid.0,
            created_wall_us: about.created.wall_us,
            created_offset: about.created.offset_minutes,
            entries: self.entries,
            raw_bytes: self.raw_bytes,
            body_bytes: self.body_bytes,
            body_hash: self.body_hash.0,
            ranges: self.ranges.iter().map(|range| range.to_wire()).collect(),
            needs: rows(&about.needs),
            have: rows(&about.have),
            witnessed: about
                .witnessed
                .iter()
                .map(|(site, tip)| (site.0, tip.seq, tip.hash.0))
                .collect(),
            heads: about.heads.iter().map(SignedHead::to_wire).collect(),
            recipients: self.recipients.iter().map(|r| (r.site.0, r.key)).collect(),
            inspection: about.inspection.map(|id| id.key()),
            extra: Bytes(self.extra.clone()),
        }
    }

    fn from_wire(wire: HeaderV1) -> Result<Self, BundleError> {
        let inspection = match wire.inspection {
            None => None,
            Some(key) => Some(EntityId::from_key(&key).ok_or_else(|| {
                BundleError::absurd("to be about an inspection whose id is no id")
            })?),
        };
        sorted_once(wire.witnessed.iter().map(|(site, seq, _)| (site, *seq)))?;
        Ok(Self {
            author: SiteId(wire.author),
            key: wire.author_key,
            about: About {
                shop: wire.shop,
                app: wire.app,
                created: Created {
                    hybrid: HybridTime(wire.created_hybrid),
                    wall_us: wire.created_wall_us,
                    offset_minutes: wire.created_offset,
                },
                needs: vector(&wire.needs)?,
                have: vector(&wire.have)?,
                witnessed: wire
                    .witnessed
                    .into_iter()
                    .map(|(site, seq, hash)| {
                        let hash = Hash(hash);
                        (SiteId(site), Tip { seq, hash })
                    })
                    .collect(),
                heads: wire.heads.iter().map(SignedHead::from_wire).collect(),
                inspection,
            },
            ranges: wire.ranges.iter().map(Range::from_wire).collect(),
            entries: wire.entries,
            raw_bytes: wire.raw_bytes,
            body_bytes: wire.body_bytes,
            body_hash: Hash(wire.body_hash),
            recipients: wire
                .recipients
                .into_iter()
                .map(|(site, key)| Recipient {
                    site: SiteId(site),
                    key,
                })
                .collect(),
            extra: wire.extra.0,
        })
    }

    fn check(&self, encrypted: bool) -> Result<(), BundleError> {
        let real = site_of(&self.key);
        if real != self.author {
            return Err(BundleError::Impostor {
                claimed: self.author,
                real,
            });
        }
        let about = &self.about;
        plausible::name("the shop's name", &about.shop, MAX_NAME)?;
        plausible::name("the program's version", &about.app, MAX_NAME)?;
        let created = about.created;
        plausible::time("its making", created.wall_us, created.hybrid)?;
        plausible::offset("its making", created.offset_minutes)?;
        for (what, count) in [
            ("ranges", self.ranges.len()),
            ("needs", about.needs.len()),
            ("known sites", about.have.len()),
            ("witnessed sites", about.witnessed.len()),
            ("signed heads", about.heads.len()),
            ("recipients", self.recipients.len()),
        ] {
            if count > MAX_ROWS {
                return Err(BundleError::absurd(format!("to list {count} {what}")));
            }
        }
        if encrypted == self.recipients.is_empty() {
            return Err(BundleError::absurd(
                "to be encrypted for nobody, or for somebody without being encrypted",
            ));
        }
        self.check_counts(encrypted)?;
        self.check_needs()?;
        self.check_heads()
    }

    fn check_counts(&self, encrypted: bool) -> Result<(), BundleError> {
        let sum = check_order(&self.ranges)?;
        if sum != self.entries {
            return Err(BundleError::absurd(format!(
                "{} records, while its ranges hold {sum}",
                self.entries
            )));
        }
        let shortest = sum.checked_mul((LENGTH + MIN_ENTRY) as u64);
        let longest = sum.saturating_mul((LENGTH + MAX_ENTRY) as u64);
        let raw = self.raw_bytes;
        if raw > MAX_RAW || raw > longest || shortest.is_none_or(|least| raw < least) {
            return Err(BundleError::absurd(format!("{sum} records in {raw} bytes")));
        }
        let least = frames(raw) * (FRAME_HEAD as u64 + 1);
        let most = frames(raw) * (FRAME_HEAD + longest_packed(FRAME)) as u64;
        // An age file is longer than what it holds: by its head, and 16 bytes in 64 KiB.
        let most = if encrypted {
            most + most / 4096 + MAX_HEADER as u64
        } else {
            most
        };
        if self.body_bytes < least || self.body_bytes > most {
            return Err(BundleError::absurd(format!(
                "that {raw} bytes of records take {} bytes compressed",
                self.body_bytes
            )));
        }
        Ok(())
    }

    fn check_needs(&self) -> Result<(), BundleError> {
        let short = self
            .ranges
            .iter()
            .any(|range| self.about.needs.get(range.site) < range.from - 1);
        if short {
            return Err(BundleError::absurd("to need less than what it continues"));
        }
        Ok(())
    }

    /// Every statement about an entry at the border of a range must agree with the range.
    fn check_heads(&self) -> Result<(), BundleError> {
        for (site, tip) in &self.about.witnessed {
            self.check_statement(*site, *tip)?;
        }
        let mut last = None;
        for signed in &self.about.heads {
            let place = Some((signed.key, signed.head.seq));
            if last >= place {
                return Err(BundleError::absurd("a list of heads that is no such list"));
            }
            last = place;
            let head = &signed.head;
            if !head.verify(&signed.key) {
                return Err(BundleError::ForgedHead { site: head.site });
            }
            plausible::time("a head", head.wall_us, HybridTime(0))?;
            self.check_statement(
                head.site,
                Tip {
                    seq: head.seq,
                    hash: head.hash,
                },
            )?;
        }
        Ok(())
    }

    fn check_statement(&self, site: SiteId, tip: Tip) -> Result<(), BundleError> {
        let contradicts = self.ranges.iter().any(|range| {
            range.site == site
                && ((tip.seq == range.to && tip.hash != range.last)
                    || (tip.seq.checked_add(1) == Some(range.from) && tip.hash != range.before))
        });
        if contradicts {
            return Err(BundleError::TwoVersions { site, seq: tip.seq });
        }
        Ok(())
    }
}

impl SignedHead {
    fn to_wire(&self) -> HeadRowV1 {
        let mut halves = ([0; 32], [0; 32]);
        for (into, from) in halves
            .0
            .iter_mut()
            .chain(halves.1.iter_mut())
            .zip(&self.head.signature)
        {
            *into = *from;
        }
        HeadRowV1 {
            key: self.key,
            seq: self.head.seq,
            hash: self.head.hash.0,
            wall_us: self.head.wall_us,
            signature: halves,
        }
    }

    fn from_wire(row: &HeadRowV1) -> Self {
        Self {
            key: row.key,
            head: Head {
                site: site_of(&row.key),
                seq: row.seq,
                hash: Hash(row.hash),
                wall_us: row.wall_us,
                signature: [row.signature.0, row.signature.1].concat(),
            },
        }
    }
}

fn rows(vector: &VersionVector) -> Vec<([u8; 16], u64)> {
    vector.iter().map(|(site, seq)| (site.0, seq)).collect()
}

/// A list of sites must be sorted, name each once, and say nothing of sequence 0: one content, one encoding.
fn sorted_once<'a>(rows: impl Iterator<Item = (&'a [u8; 16], u64)>) -> Result<(), BundleError> {
    let mut last: Option<&[u8; 16]> = None;
    for (site, seq) in rows {
        if seq == 0 || last.is_some_and(|last| last >= site) {
            return Err(BundleError::absurd("a list of sites that is no such list"));
        }
        last = Some(site);
    }
    Ok(())
}

fn vector(rows: &[([u8; 16], u64)]) -> Result<VersionVector, BundleError> {
    sorted_once(rows.iter().map(|(site, seq)| (site, *seq)))?;
    Ok(rows
        .iter()
        .map(|(site, seq)| (SiteId(*site), *seq))
        .collect())
}
