//! The identifiers of all devices: four columns of cells, and what has no cell.
//!
//! A word is looked for in chunks of rows, each when a search comes to it. What it is worth in a chunk is kept, so that a
//! longer word is only looked for where the shorter one was found.

// Only as part of the loops around them are these quick.
#![allow(clippy::inline_always)]

use wide::u8x16;

use crate::domain::device::DeviceCard;

use super::extra::Extra;
use super::heads::{self, Letter};
use super::lanes::{self, CELL, Lanes, Pattern, blanks};
use super::near_lanes::NearLane;
use super::nearest::Near;
use super::query::Word;
use super::row::{FieldName, Ident, idents_of};
use super::score::{LEVEL, WHOLE};

/// Rows that are searched at a stretch.
pub(super) const CHUNK: usize = 8192;

const COLUMNS: [FieldName; 4] = [
    FieldName::Tag,
    FieldName::Serial,
    FieldName::Ip,
    FieldName::Mac,
];

/// Where short forms begin in a column that has none.
static NO_SHORTS: [u8; CHUNK] = [0; CHUNK];

/// The identifiers by row.
#[derive(Debug, Default)]
pub(super) struct Idents {
    columns: [Lanes; 4],
    /// Where a tag's number begins.
    shorts: Vec<u8>,
    /// See [`heads`].
    heads: Vec<u32>,
    extra: Extra,
}

/// What a word is worth in the rows of a chunk.
#[derive(Clone, Debug)]
pub(super) enum ChunkHits {
    /// Nothing.
    None,
    /// Something in a few rows: places in the chunk in order, with the worths.
    Some(Box<[(u16, u16)]>),
    /// The worth in each row.
    Many(Box<[u16]>),
}

impl ChunkHits {
    /// The worth at a place in the chunk.
    pub(super) fn at(&self, at: usize) -> u16 {
        match self {
            Self::None => 0,
            Self::Some(hits) => hits
                .binary_search_by_key(&(at as u16), |(at, _)| *at)
                .ok()
                .and_then(|found| hits.get(found))
                .map_or(0, |(_, worth)| *worth),
            Self::Many(worths) => worths.get(at).copied().unwrap_or(0),
        }
    }
}

impl Idents {
    /// The same rows in another order; rows that are not named fall out.
    pub(super) fn reorder(&mut self, order: &[u32]) {
        self.shorts = order
            .iter()
            .map(|row| self.shorts.get(*row as usize).copied().unwrap_or(0))
            .collect();
        self.heads = order
            .iter()
            .map(|row| self.heads.get(*row as usize).copied().unwrap_or(0))
            .collect();
        for column in &mut self.columns {
            column.reorder(order);
        }
        self.extra.reorder(order);
    }

    /// Puts the identifiers of a card into a row; `None` empties it.
    pub(super) fn set(&mut self, row: usize, card: Option<&DeviceCard>) {
        self.extra.clear(row as u32);
        if self.shorts.len() <= row {
            self.shorts.resize(row + 1, 0);
        }
        let before = self.shorts.get(row).copied().map_or(0, usize::from);
        let idents: Vec<Ident> = card
            .map(|card| idents_of(card, |field| field != FieldName::UdiDi).into_vec())
            .unwrap_or_default();
        let mut cells: [Option<&Ident>; 4] = [None; 4];
        for ident in &idents {
            let cell = COLUMNS
                .iter()
                .position(|field| *field == ident.field && lanes::fits(&ident.text))
                .and_then(|at| cells.get_mut(at));
            match cell {
                Some(cell) => *cell = Some(ident),
                None => self.extra.add(row as u32, ident.clone()),
            }
        }
        for ((column, cell), field) in self.columns.iter_mut().zip(cells).zip(COLUMNS) {
            let short = cell.map_or(0, |ident| ident.short);
            let before = if field == FieldName::Tag { before } else { 0 };
            column.set(row, cell.map_or("", |ident| &ident.text), short, before);
            if field == FieldName::Tag
                && let Some(slot) = self.shorts.get_mut(row)
            {
                *slot = short as u8;
            }
        }
        if self.heads.len() <= row {
            self.heads.resize(row + 1, 0);
        }
        let cells = self.columns.each_ref().map(|column| {
            let cells = column.cells();
            cells.get(row).unwrap_or(&[0; CELL])
        });
        let short = self.shorts.get(row).copied().unwrap_or(0);
        if let Some(slot) = self.heads.get_mut(row) {
            *slot = heads::pack(cells, short);
        }
    }

    /// The rows that have an identifier of these fields with this text in it.
    pub(super) fn rows_holding(&self, fields: &[FieldName], wanted: &str) -> Vec<u32> {
        let mut rows = self
            .extra
            .rows_where(|ident| fields.contains(&ident.field) && ident.text.contains(wanted));
        for (column, field) in self.columns.iter().zip(COLUMNS) {
            if !fields.contains(&field) || column.grams().most(wanted.as_bytes()) == 0 {
                continue;
            }
            let Some(pattern) = Pattern::new(wanted.as_bytes(), column.grams()) else {
                continue;
            };
            rows.extend(
                (0..)
                    .zip(column.cells())
                    .filter(|(_, cell)| pattern.starts(u8x16::new(**cell)) != 0)
                    .map(|(row, _)| row),
            );
        }
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// Bytes of the cells, and of what has none.
    pub(super) fn size(&self) -> (usize, usize) {
        let cells = self.columns[0].cells().len();
        let counts = 4 * 4 * (38 + 38 * 38 + 38 * 38 * 38);
        (cells * (4 * CELL + 5) + counts, self.extra.size())
    }
}

/// A word in one column.
#[derive(Debug)]
struct ColumnProbe {
    pattern: Option<Pattern>,
    /// The word's number, where it is written otherwise.
    number: Option<Pattern>,
    near: Option<NearLane>,
    /// The worth by what was found: all of it, at all, from a beginning to the end, from a beginning, to the end.
    worths: [u16; 32],
    /// The worth of the identifier itself.
    equal: u16,
    /// The most it can be worth here.
    most: u16,
    single: bool,
    /// So many cells hold it that one is not looked for, but weighed in all.
    dense: bool,
}

impl ColumnProbe {
    fn new(lanes: &Lanes, field: FieldName, word: &Word, base: u32, nearest: bool) -> Option<Self> {
        let grams = lanes.grams();
        let wanted = word.ident_for(field);
        if nearest {
            // What it is worth as typed is known from the first pass.
            let near = if word.literal {
                None
            } else {
                NearLane::new(&word.ident, grams)
            };
            return near.is_some().then_some(Self {
                pattern: None,
                number: None,
                near,
                worths: [0; 32],
                equal: 0,
                most: u16::MAX,
                single: false,
                dense: false,
            });
        }
        let pattern = if grams.most(wanted.as_bytes()) > 0 {
            Pattern::new(wanted.as_bytes(), grams)
        } else {
            None
        };
        let number = if field == FieldName::Tag
            && word.number != wanted
            && grams.most(word.number.as_bytes()) > 0
        {
            Pattern::new(word.number.as_bytes(), grams)
        } else {
            None
        };
        let worth = |level: u32| (level * LEVEL + base + field.priority()) as u16;
        let others = |level: u32| if word.exact { 0 } else { worth(level) };
        let single = wanted.len() == 1;
        let worths = std::array::from_fn(|found| match found {
            0..=7 => 0,
            12..=15 => worth(9),
            16.. => worth(9) + WHOLE as u16,
            10 | 11 => others(4),
            _ if single => 0,
            9 => others(3),
            _ => others(2),
        });
        let equal = lanes.has_length(wanted.len()) || number.is_some();
        if word.exact && !equal {
            return None;
        }
        (pattern.is_some() || number.is_some()).then_some(Self {
            dense: grams.most(wanted.as_bytes()) as usize > lanes.cells().len() / 16,
            pattern,
            number,
            near: None,
            most: if equal {
                worth(9) + WHOLE as u16
            } else {
                worth(4)
            },
            equal: worth(9),
            worths,
            single,
        })
    }

    /// The worth of a cell in which the word stands from these places.
    #[inline(always)]
    fn weigh(&self, lane: u8x16, starts: u32, length: usize, short: u8) -> u16 {
        let heads = starts & (1 | 1_u32 << short);
        let starts = if self.single { heads } else { starts };
        let ends = starts & (blanks(lane) >> length);
        let found = usize::from(ends & 1 != 0) << 4
            | usize::from(starts != 0) << 3
            | usize::from(ends & heads != 0) << 2
            | usize::from(heads != 0) << 1
            | usize::from(ends != 0);
        self.worths.get(found).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn worth(&self, cell: &[u8; CELL], short: u8) -> u16 {
        let lane = u8x16::new(*cell);
        let mut worth = 0;
        if let Some(pattern) = &self.pattern {
            let starts = pattern.starts(lane);
            if starts != 0 {
                worth = self.weigh(lane, starts, pattern.length, short);
            }
        }
        if let Some(number) = &self.number
            && has_number(number, lane, short)
        {
            worth = self.equal;
        }
        if let Some(near) = &self.near
            && worth == 0
        {
            worth = near.worth(cell);
        }
        worth
    }

    /// Raises the worths of rows to what their cells are worth.
    fn scan(&self, cells: &[[u8; CELL]], shorts: &[u8], worths: &mut [u16]) {
        // Nothing to add where all rows are worth as much already as this column can give.
        if worths.iter().all(|worth| *worth >= self.most) {
            return;
        }
        let rows = || cells.iter().zip(shorts.iter().copied());
        if let Some(pattern) = &self.pattern {
            let length = pattern.length;
            if self.dense {
                for (worth, (cell, short)) in worths.iter_mut().zip(rows()) {
                    let lane = u8x16::new(*cell);
                    let own = self.weigh(lane, pattern.starts_dense(lane), length, short);
                    *worth = (*worth).max(own);
                }
            } else {
                for (worth, (cell, short)) in worths.iter_mut().zip(rows()) {
                    let lane = u8x16::new(*cell);
                    let starts = pattern.starts(lane);
                    if starts != 0 {
                        *worth = (*worth).max(self.weigh(lane, starts, length, short));
                    }
                }
            }
        }
        if let Some(number) = &self.number {
            for (worth, (cell, short)) in worths.iter_mut().zip(rows()) {
                if has_number(number, u8x16::new(*cell), short) {
                    *worth = (*worth).max(self.equal);
                }
            }
        }
        if let Some(near) = &self.near {
            for (worth, (cell, _)) in worths.iter_mut().zip(rows()) {
                *worth = (*worth).max(near.worth(cell));
            }
        }
    }
}

/// True where a cell's number is this one.
#[inline(always)]
fn has_number(number: &Pattern, lane: u8x16, short: u8) -> bool {
    let ends = number.starts(lane) & (blanks(lane) >> number.length);
    ends >> short & 1 == 1
}

/// A word to look for in identifiers.
#[derive(Debug)]
pub(super) struct Probe {
    columns: [Option<ColumnProbe>; 4],
    /// The word, where it is a single letter.
    letter: Option<Letter>,
    extra: Vec<(u32, u16)>,
    /// At most so many rows hold it, look-alikes aside.
    pub(super) most: usize,
    /// Where a shorter word was not found, this one is not found either.
    pub(super) narrows: bool,
}

impl Probe {
    /// Prepares a word.
    pub(super) fn new(idents: &Idents, word: &Word, base: u32, nearest: bool) -> Self {
        let mut most = 0_usize;
        let columns = std::array::from_fn(|at| {
            let (lanes, field) = (idents.columns.get(at)?, *COLUMNS.get(at)?);
            let wanted = word.ident_for(field);
            most += lanes.grams().most(wanted.as_bytes()) as usize;
            ColumnProbe::new(lanes, field, word, base, nearest)
        });
        let near = if nearest { Near::new(word) } else { None };
        let extra = idents.extra.hits(word, base, near.as_ref());
        let single = word.ident.len() == 1 && word.ip == word.ident && !nearest && !word.exact;
        let letter = single.then(|| {
            let worth = |field: FieldName| (4 * LEVEL + base + field.priority()) as u16;
            Letter::new(word.ident.bytes().next().unwrap_or(0), COLUMNS.map(worth))
        });
        Self {
            columns,
            letter,
            most: most + extra.len(),
            extra,
            narrows: !nearest
                && !word.exact
                && (word.number.is_empty() || word.number == word.ident),
        }
    }

    /// False where no row holds the word.
    pub(super) fn any(&self) -> bool {
        !self.extra.is_empty() || self.columns.iter().any(Option::is_some)
    }

    /// The rows of the chunk among those without a cell.
    fn extra_in(&self, chunk: usize) -> impl Iterator<Item = (usize, u16)> {
        let start = chunk * CHUNK;
        let from = self
            .extra
            .partition_point(|(row, _)| (*row as usize) < start);
        self.extra
            .get(from..)
            .unwrap_or(&[])
            .iter()
            .map(move |(row, worth)| (*row as usize - start, *worth))
            .take_while(|(at, _)| *at < CHUNK)
    }

    /// What the word is worth in one row.
    pub(super) fn row(&self, idents: &Idents, row: usize) -> u16 {
        let extra = self
            .extra
            .binary_search_by_key(&(row as u32), |(row, _)| *row)
            .ok()
            .and_then(|found| self.extra.get(found))
            .map_or(0, |(_, worth)| *worth);
        self.in_row(idents, row).max(extra)
    }

    /// What the word is worth in a row, but for what has no cell.
    #[inline(always)]
    fn in_row(&self, idents: &Idents, row: usize) -> u16 {
        let mut best = 0;
        for (at, (column, lanes)) in self.columns.iter().zip(&idents.columns).enumerate() {
            let Some(column) = column else { continue };
            if column.most <= best {
                continue;
            }
            let short = if at == 0 {
                idents.shorts.get(row).copied().unwrap_or(0)
            } else {
                0
            };
            if let Some(cell) = lanes.cells().get(row) {
                best = best.max(column.worth(cell, short));
            }
        }
        best
    }

    /// What the word is worth in the rows of a chunk. `before` is what a shorter word is worth there; `floor` what this
    /// one is worth at least.
    pub(super) fn chunk(
        &self,
        idents: &Idents,
        chunk: usize,
        before: Option<&ChunkHits>,
        floor: Option<&ChunkHits>,
        worths: &mut Vec<u16>,
    ) -> ChunkHits {
        let start = chunk * CHUNK;
        let rows = idents.shorts.len().saturating_sub(start).min(CHUNK);
        match before {
            Some(ChunkHits::None) => return ChunkHits::None,
            Some(ChunkHits::Some(known)) => {
                let mut extra = self.extra_in(chunk).peekable();
                let mut hits = Vec::new();
                for (at, _) in known {
                    let mut worth = self.in_row(idents, start + usize::from(*at));
                    if let Some(floor) = floor {
                        worth = worth.max(floor.at(usize::from(*at)));
                    }
                    while extra.next_if(|(row, _)| *row < usize::from(*at)).is_some() {}
                    if let Some((_, more)) = extra.next_if(|(row, _)| *row == usize::from(*at)) {
                        worth = worth.max(more);
                    }
                    if worth > 0 {
                        hits.push((*at, worth));
                    }
                }
                return if hits.is_empty() {
                    ChunkHits::None
                } else {
                    ChunkHits::Some(hits.into())
                };
            }
            Some(ChunkHits::Many(_)) | None => {}
        }
        worths.clear();
        if let Some(ChunkHits::Many(floor)) = floor {
            worths.extend_from_slice(floor);
        }
        worths.resize(rows, 0);
        if let Some(ChunkHits::Some(floor)) = floor {
            for (at, worth) in floor {
                if let Some(slot) = worths.get_mut(usize::from(*at)) {
                    *slot = *worth;
                }
            }
        }
        if let Some(letter) = &self.letter {
            let heads = idents.heads.get(start..start + rows).unwrap_or(&[]);
            for (worth, packed) in worths.iter_mut().zip(heads) {
                *worth = letter.worth(*packed);
            }
            for ((worth, packed), row) in worths.iter_mut().zip(heads).zip(start..) {
                if Letter::is_short(*packed) {
                    *worth = self.in_row(idents, row);
                }
            }
        }
        let columns = self.columns.iter().zip(&idents.columns).enumerate();
        for (number, (column, lanes)) in columns {
            if self.letter.is_some() {
                break;
            }
            let Some(column) = column else { continue };
            let Some(cells) = lanes.cells().get(start..start + rows) else {
                continue;
            };
            if number == 0 {
                let shorts = idents.shorts.get(start..start + rows).unwrap_or(&[]);
                column.scan(cells, shorts, worths);
            } else {
                column.scan(cells, NO_SHORTS.get(..rows).unwrap_or(&[]), worths);
            }
        }
        for (at, more) in self.extra_in(chunk) {
            if let Some(worth) = worths.get_mut(at) {
                *worth = (*worth).max(more);
            }
        }
        let count = worths.iter().filter(|worth| **worth > 0).count();
        if count == 0 {
            ChunkHits::None
        } else if count <= rows / 4 {
            ChunkHits::Some(
                (0..)
                    .zip(worths.iter())
                    .filter(|(_, worth)| **worth > 0)
                    .map(|(at, worth)| (at, *worth))
                    .collect(),
            )
        } else {
            ChunkHits::Many(worths.as_slice().into())
        }
    }
}
