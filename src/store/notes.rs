//! What shops decided and noted about sites, as rows: read together they say whether a site is trusted.
//!
//! Invariants: a decision counts if the own shop made it; of others only a revocation counts, and only if the own shop
//! trusts the one who made it. A revocation is never taken back: a site that was stolen or copied begins anew under
//! another name. Nobody can revoke the own shop's sites here.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::id::{Dot, SiteId};
use crate::journal::notes::Note;
use crate::journal::{Entry, Head};

use super::Store;
use super::error::StoreError;
use super::import::ImportBy;
use super::layout::entry_key;
use super::raw::Row;
use super::rows::{Rows, family};

/// Keeps the notes in this entry.
pub fn take_in(rows: &mut Rows, entry: &Entry) -> Result<(), StoreError> {
    for (index, event) in entry.events.iter().enumerate() {
        // Notes of a newer version stay in their entry, unread.
        let Ok(Some((about, note))) = Note::from_record(event) else {
            continue;
        };
        let mut key = about.0.to_vec();
        key.extend_from_slice(&entry_key(entry.site, entry.seq));
        key.extend_from_slice(&u16::try_from(index).unwrap_or(u16::MAX).to_be_bytes());
        rows.put_own(family::NOTES, &key, note.to_row(about)?);
    }
    Ok(())
}

/// A note with who made it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Noted {
    /// The site it is about.
    pub about: SiteId,
    /// The event that says so: its site is the one who made the note.
    pub dot: Dot,
    /// What it says.
    pub note: Note,
}

impl Noted {
    /// Reads a row.
    pub fn read((key, value): &Row) -> Result<Option<Self>, StoreError> {
        let part = |from: usize, to: usize| key.get(from..to);
        let (Some(about), Some(by), Some(seq), Some(index)) =
            (part(0, 16), part(16, 32), part(32, 40), part(40, 42))
        else {
            return Ok(None);
        };
        let site = |bytes: &[u8]| SiteId(bytes.try_into().unwrap_or_default());
        let about = site(about);
        let Some(note) = Note::from_row(about, value)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            about,
            dot: Dot {
                site: site(by),
                seq: u64::from_be_bytes(seq.try_into().unwrap_or_default()),
                index: u16::from_be_bytes(index.try_into().unwrap_or_default()),
            },
            note,
        }))
    }
}

/// How far a site is trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// It is this shop's own.
    Own,
    /// A person here trusts it.
    Trusted,
    /// Nobody here has said anything about it: its entries wait.
    Unknown,
    /// What it wrote after this sequence does not count.
    Revoked {
        /// The last sequence that counts.
        after: u64,
    },
}

impl Trust {
    /// The last sequence whose entry may be taken in; `None` if none may.
    pub const fn limit(self) -> Option<u64> {
        match self {
            Self::Own | Self::Trusted => Some(u64::MAX),
            Self::Unknown => None,
            Self::Revoked { after } => Some(after),
        }
    }
}

impl Store {
    /// Everything noted about sites.
    pub fn notes(&self) -> Result<Notes, StoreError> {
        let _whole = self.inner.whole();
        self.inner.notes()
    }

    /// Notes something about a site, durably.
    pub fn note(&self, about: SiteId, note: &Note, by: &ImportBy) -> Result<(), StoreError> {
        let mut writer = self.write();
        writer.may_write()?;
        let draft = by.draft(vec![note.to_record(about)?]);
        writer.stage_as(draft, true)?;
        writer.commit()
    }
}

/// Everything noted about sites.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    own: BTreeSet<SiteId>,
    all: BTreeMap<SiteId, Vec<Noted>>,
}

impl Notes {
    /// Of all rows; `own` are the sites that ever wrote in this store.
    pub fn of(own: BTreeSet<SiteId>, rows: &[Row]) -> Result<Self, StoreError> {
        let mut all: BTreeMap<SiteId, Vec<Noted>> = BTreeMap::new();
        for row in rows {
            if let Some(noted) = Noted::read(row)? {
                all.entry(noted.about).or_default().push(noted);
            }
        }
        Ok(Self { own, all })
    }

    /// What is noted about a site, in the order of the rows.
    pub fn about(&self, site: SiteId) -> &[Noted] {
        self.all.get(&site).map_or(&[], Vec::as_slice)
    }

    /// The sites that something is noted about.
    pub fn sites(&self) -> impl Iterator<Item = SiteId> + '_ {
        self.all.keys().copied()
    }

    /// True if the site is one that ever wrote in this store.
    pub fn is_own(&self, site: SiteId) -> bool {
        self.own.contains(&site)
    }

    fn ours(&self, site: SiteId) -> impl Iterator<Item = &Noted> + '_ {
        self.about(site)
            .iter()
            .filter(|noted| self.is_own(noted.dot.site))
    }

    fn trusted_by_us(&self, site: SiteId) -> bool {
        self.is_own(site)
            || self
                .ours(site)
                .any(|noted| matches!(noted.note, Note::Trusted { .. }))
    }

    /// Whether a site is trusted.
    pub fn trust(&self, site: SiteId) -> Trust {
        if self.is_own(site) {
            return Trust::Own;
        }
        let revoked = self
            .about(site)
            .iter()
            .filter(|noted| noted.dot.site != site && self.trusted_by_us(noted.dot.site))
            .filter_map(|noted| match noted.note {
                Note::Revoked { after, .. } => Some(after),
                _ => None,
            })
            .min();
        match revoked {
            // Somebody else's word limits what is trusted here; it does not make a stranger known.
            Some(after) if self.trusted_by_us(site) => Trust::Revoked { after },
            Some(_) => Trust::Revoked { after: 0 },
            None if self.trusted_by_us(site) => Trust::Trusted,
            None => Trust::Unknown,
        }
    }

    /// What a site is called here, if somebody gave it a name: the last name given.
    pub fn name(&self, site: SiteId) -> Option<&str> {
        let mut named: Vec<&Noted> = self.ours(site).collect();
        named.sort_by_key(|noted| (noted.dot.seq, noted.dot.index));
        named
            .iter()
            .rev()
            .find_map(|noted| match &noted.note {
                Note::Trusted { name, .. } | Note::Renamed { name } => Some(name.as_str()),
                _ => None,
            })
            .filter(|name| !name.is_empty())
    }

    /// The key of a site that was trusted or whose head was received.
    pub fn key(&self, site: SiteId) -> Option<[u8; 32]> {
        self.about(site)
            .iter()
            .find_map(|noted| match &noted.note {
                Note::Trusted { public_key, .. } | Note::Witnessed { public_key, .. } => {
                    Some(*public_key)
                }
                _ => None,
            })
            .filter(|key| crate::journal::site::site_of(key) == site)
    }

    /// The latest head of a site that was received, with the key that signed it.
    pub fn head(&self, site: SiteId) -> Option<([u8; 32], &Head)> {
        self.heads(site).max_by_key(|(_, head)| head.seq)
    }

    /// The heads of a site that were received.
    fn heads(&self, site: SiteId) -> impl Iterator<Item = ([u8; 32], &Head)> + '_ {
        self.about(site)
            .iter()
            .filter_map(|noted| match &noted.note {
                Note::Witnessed { public_key, head } if head.verify(public_key) => {
                    Some((*public_key, head))
                }
                _ => None,
            })
    }

    /// The latest received head of a site that is not after this sequence.
    pub fn head_up_to(&self, site: SiteId, seq: u64) -> Option<([u8; 32], &Head)> {
        self.heads(site)
            .filter(|(_, head)| head.seq <= seq)
            .max_by_key(|(_, head)| head.seq)
    }

    /// The earliest received head of a site that is not before this sequence.
    pub fn head_from(&self, site: SiteId, seq: u64) -> Option<&Head> {
        self.heads(site)
            .map(|(_, head)| head)
            .filter(|head| head.seq >= seq)
            .min_by_key(|head| head.seq)
    }

    /// True if this fork is noted already.
    pub fn knows_fork(&self, site: SiteId, seq: u64, other: crate::domain::id::Hash) -> bool {
        self.ours(site).any(|noted| {
            matches!(&noted.note, Note::Forked { seq: s, other: o, .. } if *s == seq && *o == other)
        })
    }
}
