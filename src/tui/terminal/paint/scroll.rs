//! A list that moved by one row: the terminal moves the rows itself, and only what is new is sent.
//!
//! Invariants: rows are moved only where each of their characters is known for certain, and only where that takes fewer
//! bytes than writing what differs; the whole width moves, so what stands beside the list counts too. Every terminal since
//! the VT100 can do it (DECSTBM, line feed, reverse index).

use ratatui::buffer::Cell;

use super::{Known, Pen};

/// A row of the glass; `None` where a cell is not known for certain.
type Row<'a> = &'a [Option<Cell>];

/// What moving rows takes itself: the region and its end, the way to its edge, and the line feed.
const PRICE: i64 = 22;
/// Cells that differ, below which looking for moved rows is not worth it.
pub(super) const WORTH: usize = 48;
/// The price of a row that may not be moved.
const NEVER: i64 = 1 << 20;

/// Rows that move by one, first and last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scroll {
    pub(super) top: usize,
    pub(super) bottom: usize,
    /// Upwards, or downwards.
    pub(super) up: bool,
}

/// Whether two cells look alike.
pub(super) fn alike(one: &Cell, other: &Cell) -> bool {
    one.symbol() == other.symbol()
        && (Pen::of(one) == Pen::of(other)
            || (one.symbol() == " " && Pen::of(one).blank_like(Pen::of(other))))
}

/// About how many bytes it takes to make one row look like another; none stands for a row of blanks.
fn price(from: Option<Row<'_>>, to: Row<'_>) -> i64 {
    let mut sum = 0;
    let (mut stays, mut blanks) = (true, 0);
    for (x, wanted) in to.iter().enumerate() {
        let stands = from.map(|row| row.get(x).and_then(Option::as_ref));
        let (Some(wanted), None | Some(Some(_))) = (wanted, stands) else {
            return NEVER;
        };
        let same = match stands.flatten() {
            Some(cell) => alike(cell, wanted),
            None => Known::of(wanted).is_some_and(Known::is_erased),
        };
        if same {
            stays = true;
            blanks = 0;
            continue;
        }
        // The way to the first one, and a style.
        sum += if stays { 7 } else { 0 };
        stays = false;
        blanks = if wanted.symbol() == " " {
            blanks + 1
        } else {
            0
        };
        // Blanks are erased in one piece.
        sum += if blanks > 6 {
            0
        } else {
            wanted.symbol().len() as i64
        };
    }
    sum
}

/// The rows that are best moved by the terminal, if any.
pub(super) fn find(
    glass: &[Option<Cell>],
    wanted: &[Option<Cell>],
    width: usize,
) -> Option<Scroll> {
    let stands: Vec<Row<'_>> = glass.chunks_exact(width.max(1)).collect();
    let wants: Vec<Row<'_>> = wanted.chunks_exact(width.max(1)).collect();
    let mut best = (0, None);
    for up in [true, false] {
        // Downwards is upwards in a mirror.
        let rows: Vec<(Row<'_>, Row<'_>)> = {
            let pairs = stands.iter().copied().zip(wants.iter().copied());
            if up {
                pairs.collect()
            } else {
                pairs.rev().collect()
            }
        };
        let gains: Vec<(i64, i64)> = rows
            .iter()
            .enumerate()
            .map(|(y, (now, then))| {
                let still = price(Some(now), then);
                let moved = rows
                    .get(y + 1)
                    .map_or(NEVER, |next| price(Some(next.0), then));
                let blank = price(None, then);
                if still >= NEVER {
                    return (-NEVER, -NEVER);
                }
                (still - moved, still - blank)
            })
            .collect();
        for first in 0..gains.len() {
            let mut sum = -PRICE;
            for (last, (moved, blank)) in gains.iter().enumerate().skip(first) {
                if last > first && sum + blank > best.0 {
                    let (top, bottom) = if up {
                        (first, last)
                    } else {
                        (gains.len() - 1 - last, gains.len() - 1 - first)
                    };
                    best = (sum + blank, Some(Scroll { top, bottom, up }));
                }
                sum += moved;
                if sum < -NEVER / 2 {
                    break;
                }
            }
        }
    }
    best.1
}
