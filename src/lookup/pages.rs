//! What of a card is written out row by row: its id, tag, serial, addresses and earlier names, packed one after the other.
//!
//! Sixty-four rows share a page: a row is found by stepping over those before it, and changed by writing its page anew.
//!
//! Invariant: a row reads back as it was put in.

use std::collections::HashMap;

use crate::domain::device::DeviceCard;
use crate::domain::id::{Dot, EntityId, SiteId};

/// Rows of a page.
const PAGE: usize = 64;

/// The packed rows.
#[derive(Debug, Default)]
pub(super) struct Pages {
    whole: Vec<Box<[u8]>>,
    /// Rows of the last page that are not in a page of their own yet.
    open: Vec<u8>,
    rows: usize,
    sites: Vec<SiteId>,
    site_numbers: HashMap<SiteId, u64>,
}

/// The written-out parts of a card.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written<'p> {
    pub(super) tag: &'p str,
    pub(super) serial: &'p str,
    pub(super) ip: &'p str,
    pub(super) mac: &'p str,
    /// Number of aliases, then the aliases, packed.
    aliases: &'p [u8],
}

impl<'p> Written<'p> {
    /// The earlier tags and serials.
    pub(super) fn aliases(self) -> Vec<&'p str> {
        let mut rest = self.aliases;
        let count = number(&mut rest);
        (0..count).map(|_| string(&mut rest)).collect()
    }
}

fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn number(from: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let Some((byte, rest)) = from.split_first() else {
            break;
        };
        *from = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

fn bytes<'p>(from: &mut &'p [u8]) -> &'p [u8] {
    let length = (number(from) as usize).min(from.len());
    let (bytes, rest) = from.split_at(length);
    *from = rest;
    bytes
}

fn string<'p>(from: &mut &'p [u8]) -> &'p str {
    std::str::from_utf8(bytes(from)).unwrap_or("")
}

fn put_string(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

impl Pages {
    /// Bytes in use.
    pub(super) fn size(&self) -> usize {
        self.whole.iter().map(|page| page.len() + 16).sum::<usize>() + self.open.capacity()
    }

    fn pack(&mut self, card: &DeviceCard) -> Vec<u8> {
        let mut out = Vec::with_capacity(96);
        match card.id {
            EntityId::Made(dot) => {
                let next = self.sites.len() as u64;
                let site = *self.site_numbers.entry(dot.site).or_insert(next);
                if site == next {
                    self.sites.push(dot.site);
                }
                put_number(&mut out, site + 1);
                put_number(&mut out, dot.seq);
                put_number(&mut out, u64::from(dot.index));
            }
            EntityId::Natural(hash) => {
                put_number(&mut out, 0);
                out.extend_from_slice(&hash);
            }
        }
        for text in [&card.tag, &card.serial, &card.ip, &card.mac] {
            put_string(&mut out, text);
        }
        put_number(&mut out, card.aliases.len() as u64);
        for alias in &card.aliases {
            put_string(&mut out, alias);
        }
        out
    }

    /// The same rows in another order; rows that are not named fall out.
    pub(super) fn reorder(&mut self, order: &[u32]) {
        let pages = std::mem::take(&mut self.whole);
        let open = std::mem::take(&mut self.open);
        self.rows = 0;
        for row in order {
            let row = *row as usize;
            let mut rest = pages.get(row / PAGE).map_or(&*open, |page| page);
            for _ in 0..row % PAGE {
                bytes(&mut rest);
            }
            self.push_packed(bytes(&mut rest));
        }
    }

    /// Adds a row at the end.
    pub(super) fn push(&mut self, card: &DeviceCard) {
        let row = self.pack(card);
        self.push_packed(&row);
    }

    fn push_packed(&mut self, row: &[u8]) {
        put_number(&mut self.open, row.len() as u64);
        self.open.extend_from_slice(row);
        self.rows += 1;
        if self.rows.is_multiple_of(PAGE) {
            self.whole.push(self.open.as_slice().into());
            self.open.clear();
        }
    }

    /// Writes a row anew; `None` makes it empty.
    pub(super) fn set(&mut self, row: usize, card: Option<&DeviceCard>) {
        let packed = card.map(|card| self.pack(card)).unwrap_or_default();
        let page = self.page(row);
        let mut rest = page;
        for _ in 0..row % PAGE {
            bytes(&mut rest);
        }
        let start = page.len() - rest.len();
        if bytes(&mut rest) == packed {
            return;
        }
        let mut new = Vec::with_capacity(page.len() + packed.len());
        new.extend_from_slice(page.get(..start).unwrap_or(page));
        put_number(&mut new, packed.len() as u64);
        new.extend_from_slice(&packed);
        new.extend_from_slice(rest);
        match self.whole.get_mut(row / PAGE) {
            Some(page) => *page = new.into(),
            None => self.open = new,
        }
    }

    fn page(&self, row: usize) -> &[u8] {
        self.whole.get(row / PAGE).map_or(&self.open, |page| page)
    }

    fn row(&self, row: usize) -> &[u8] {
        let mut rest = self.page(row);
        for _ in 0..row % PAGE {
            bytes(&mut rest);
        }
        bytes(&mut rest)
    }

    fn read_id(&self, from: &mut &[u8]) -> Option<EntityId> {
        let site = number(from);
        if site == 0 {
            let (hash, rest) = from.split_first_chunk::<16>()?;
            *from = rest;
            return Some(EntityId::Natural(*hash));
        }
        Some(EntityId::Made(Dot {
            site: *self.sites.get(site as usize - 1)?,
            seq: number(from),
            index: number(from) as u16,
        }))
    }

    /// Whose row it is; none where it is empty.
    pub(super) fn id(&self, row: usize) -> Option<EntityId> {
        self.read_id(&mut self.row(row))
    }

    /// The parts of a row.
    pub(super) fn get(&self, row: usize) -> Option<(EntityId, Written<'_>)> {
        let mut rest = self.row(row);
        let id = self.read_id(&mut rest)?;
        Some((
            id,
            Written {
                tag: string(&mut rest),
                serial: string(&mut rest),
                ip: string(&mut rest),
                mac: string(&mut rest),
                aliases: rest,
            },
        ))
    }
}
