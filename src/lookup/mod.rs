//! The in-memory device index and its ranking; fuzzy-matcher is the scorer.
//!
//! May use: `domain`. Pure: rows go in, ranked ids come out.
//!
//! Each word of a query must match some field of a device. What a match is worth is, first, its level:
//!
//! | level | meaning |
//! | --- | --- |
//! | 9 | an identifier exactly: asset tag, its number without letters and zeros, serial, IP, MAC, UDI-DI, earlier tag or serial |
//! | 8 | a text exactly |
//! | 7, 6, 5 | a whole word of a text; the text begins with it; a later word begins with it |
//! | 4 | an identifier begins with it |
//! | 3 | an identifier ends with it, or it stands inside a word of a text (from two characters) |
//! | 2 | inside an identifier (from two characters) |
//! | 1 | its characters are scattered over a text, or over make and model, in order and well (from three characters) |
//! | 0 | misspelt: one edit from four characters, two from eight, and no text of the fleet holds it as typed |
//!
//! and within a level the score of fuzzy-matcher and a small preference of fields; an identifier that was typed whole
//! comes before one that only has the same number. Neighbouring words that stand so in one text earn a bonus. Devices
//! that are retired, disposed or missing follow after all others, but for one whose identifier is the only word: a
//! missing device that is scanned has been found. Equals are in the order of their asset tags. When nothing matches,
//! misspelt identifiers are looked for, look-alikes (O and 0, I and 1, S and 5, B and 8) taken as one, and marked as
//! nearest.
//!
//! How it is done: texts that devices share are compared once per word (`intern`, `worth`), and so are the groups of
//! devices that have the same (`groups`, `rank`). Identifiers stand in columns of sixteen bytes, compared all at once
//! (`lanes`, `idents`). What a word is worth is remembered while it is typed on (`memo`).
//!
//! Invariants: an answer depends on the cards that are in, not on the order or history of changes; a card that is
//! combined into another is never in.

mod extra;
mod find;
mod fold;
mod grams;
mod groups;
mod heads;
mod highlight;
mod idents;
mod intern;
mod lanes;
mod memo;
mod near_lanes;
mod nearest;
mod pages;
mod query;
mod rank;
mod row;
mod score;
mod search;
mod settle;
mod sieve;
mod text;
mod worth;

#[cfg(test)]
mod exact;
#[cfg(test)]
mod reference;
#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)] // the ranges of a highlight are the data
mod tests;

use std::cmp::Ordering;
use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

use crate::domain::device::DeviceCard;
use crate::domain::id::EntityId;

pub use highlight::Highlight;
pub use query::filter_names;
pub use row::FieldName;
pub use score::{Scorer, Skim};
pub use text::{TextHit, rank_text};

use groups::{Groups, Part};
use idents::{CHUNK, Idents};
use intern::Interner;
use memo::{Fleet, Memo};
use pages::Pages;

/// What the caller knows about the text, beside the text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FindOptions {
    /// The UDI-DI, where the text is a scan that was parsed.
    pub di: Option<String>,
    /// The serial number, where the text is a scan that was parsed.
    pub serial: Option<String>,
}

/// A device that matches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    /// The device.
    pub id: EntityId,
    /// Its card.
    pub card: DeviceCard,
    /// What the match is worth; only comparable within one answer, and only among devices that are both gone or both not.
    pub total: u32,
    /// Where the words matched, in a few words: `asset tag`, `inside serial`.
    pub why: String,
    /// The characters that matched, field by field.
    pub highlights: Vec<Highlight>,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The best devices, best first, at most as many as asked for.
    pub hits: Vec<Hit>,
    /// How many match in all.
    pub total: usize,
    /// Nothing matches what was typed or scanned; these come nearest.
    pub nearest: bool,
}

/// What an index takes in memory, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Size {
    /// What is searched: identifiers, groups, distinct texts.
    pub searched: usize,
    /// Of these, the identifiers that have no cell of sixteen characters.
    pub overflow: usize,
    /// What is only shown: the cards as written.
    pub written: usize,
}

/// The devices of a store, ready to be looked up.
#[derive(Debug)]
pub struct Index {
    scorer: Skim,
    memo: Memo,
    interner: Interner,
    groups: [Groups; 3],
    /// The number of each row's group, by part; a row that is not in has zeros.
    members: [Vec<u32>; 3],
    idents: Idents,
    pages: Pages,
    numbers: HashTable<u32>,
    hasher: RandomState,
    /// So many rows from the first are in the order of their tags.
    sorted: usize,
    threads: usize,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            scorer: Skim::default(),
            memo: Memo::default(),
            interner: Interner::default(),
            groups: Part::ALL.map(Groups::new),
            members: Default::default(),
            idents: Idents::default(),
            pages: Pages::default(),
            numbers: HashTable::new(),
            hasher: RandomState::new(),
            sorted: 0,
            threads: std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4)),
        }
    }
}

impl Index {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// An index of these devices.
    pub fn of(cards: impl IntoIterator<Item = DeviceCard>) -> Self {
        let mut index = Self::new();
        for card in cards {
            index.upsert(card);
        }
        index.settle();
        index
    }

    /// Rows, with those that are not in.
    fn rows(&self) -> usize {
        self.members[0].len()
    }

    fn row(&self, id: EntityId) -> Option<usize> {
        let hash = hash(&self.hasher, Some(id));
        self.numbers
            .find(hash, |row| self.pages.id(*row as usize) == Some(id))
            .map(|row| *row as usize)
    }

    /// Puts a card in, or in place of the one with its id. A card that is combined into another record leaves.
    pub fn upsert(&mut self, mut card: DeviceCard) {
        card.numbers.retain(|number| !number.is_empty());
        card.holds.retain(|hold| !hold.is_empty());
        if card.merged {
            self.remove(card.id);
            return;
        }
        self.memo.clear();
        let Some(row) = self.row(card.id) else {
            self.add(card);
            return;
        };
        let same_tag = self
            .pages
            .get(row)
            .is_some_and(|(_, written)| written.tag == card.tag);
        if row < self.sorted && !same_tag {
            // Its place among the others is another one now.
            self.remove(card.id);
            self.add(card);
            return;
        }
        let groups = self.take(&card);
        let before = self.enter(row, groups);
        self.give_back(before);
        self.idents.set(row, Some(&card));
        self.pages.set(row, Some(&card));
    }

    fn add(&mut self, card: DeviceCard) {
        let row = self.rows();
        let groups = self.take(&card);
        for (members, group) in self.members.iter_mut().zip(groups) {
            members.push(group);
        }
        self.idents.set(row, Some(&card));
        self.pages.push(&card);
        self.number(row);
    }

    /// Makes a row known by its id.
    fn number(&mut self, row: usize) {
        let (pages, hasher) = (&self.pages, &self.hasher);
        let own = hash(hasher, pages.id(row));
        self.numbers
            .insert_unique(own, row as u32, |row| hash(hasher, pages.id(*row as usize)));
    }

    fn take(&mut self, card: &DeviceCard) -> [u32; 3] {
        let interner = &mut self.interner;
        self.groups
            .each_mut()
            .map(|groups| groups.take(card, interner))
    }

    fn give_back(&mut self, numbers: [u32; 3]) {
        for (groups, number) in self.groups.iter_mut().zip(numbers) {
            groups.give_back(number, &mut self.interner);
        }
    }

    /// Puts a row's groups in the place of those before.
    fn enter(&mut self, row: usize, groups: [u32; 3]) -> [u32; 3] {
        let mut before = [0; 3];
        for ((members, group), before) in self.members.iter_mut().zip(groups).zip(&mut before) {
            if let Some(slot) = members.get_mut(row) {
                *before = std::mem::replace(slot, group);
            }
        }
        before
    }

    /// Takes a device out; one that is not in is none the less out.
    pub fn remove(&mut self, id: EntityId) {
        let hash = hash(&self.hasher, Some(id));
        let pages = &self.pages;
        let Ok(entry) = self
            .numbers
            .find_entry(hash, |row| pages.id(*row as usize) == Some(id))
        else {
            return;
        };
        let (row, _) = entry.remove();
        let row = row as usize;
        self.memo.clear();
        let before = self.enter(row, [0; 3]);
        self.give_back(before);
        self.idents.set(row, None);
        self.pages.set(row, None);
    }

    /// How many devices can be found; combined records are not among them.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// True when nothing can be found.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The card of a device, if it can be found.
    pub fn get(&self, id: EntityId) -> Option<DeviceCard> {
        self.card(self.row(id)?)
    }

    /// The card in a row, put together again.
    fn card(&self, row: usize) -> Option<DeviceCard> {
        let (id, written) = self.pages.get(row)?;
        let mut card = DeviceCard {
            id,
            tag: written.tag.to_owned(),
            serial: written.serial.to_owned(),
            manufacturer: String::new(),
            brand: String::new(),
            model: String::new(),
            numbers: Vec::new(),
            udi_di: String::new(),
            type_code: String::new(),
            type_name: String::new(),
            department: String::new(),
            location: String::new(),
            ip: written.ip.to_owned(),
            mac: written.mac.to_owned(),
            aliases: written.aliases().into_iter().map(str::to_owned).collect(),
            status: String::new(),
            holds: Vec::new(),
            high_risk: None,
            gone: false,
            merged: false,
        };
        let parts = self.groups.iter().zip(&self.members).zip(Part::ALL);
        for ((groups, members), part) in parts {
            let group = groups.all().get(*members.get(row)? as usize)?;
            group.fill(&mut card, part, &self.interner);
        }
        Some(card)
    }

    /// The order of two rows by their tags.
    fn by_tag(&self, a: usize, b: usize) -> Ordering {
        let key = |row| self.pages.get(row).map(|(id, written)| (written.tag, id));
        key(a).cmp(&key(b))
    }

    fn fleet(&self) -> Fleet<'_> {
        Fleet {
            interner: &self.interner,
            groups: &self.groups,
            idents: &self.idents,
            chunks: self.rows().div_ceil(CHUNK),
            threads: self.threads,
        }
    }

    /// Forgets what was looked for lately, as after a change of a device; with `texts` also what the words were worth
    /// against the fleet's texts. For measuring.
    pub fn forget(&mut self, texts: bool) {
        if texts {
            self.memo.clear_all();
        } else {
            self.memo.clear();
        }
    }

    /// What the index takes in memory.
    pub fn size(&self) -> Size {
        let (cells, overflow) = self.idents.size();
        let groups: usize = self.groups.iter().map(Groups::size).sum();
        let members: usize = self
            .members
            .iter()
            .map(|members| members.capacity() * 4)
            .sum();
        Size {
            searched: cells
                + overflow
                + groups
                + members
                + self.numbers.allocation_size()
                + self.interner.size(),
            overflow,
            written: self.pages.size(),
        }
    }
}

fn hash(hasher: &RandomState, id: Option<EntityId>) -> u64 {
    hasher.hash_one(id)
}
