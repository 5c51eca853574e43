//! From changed cells to bytes, as few as it takes: for lines that carry a thousand bytes a second.
//!
//! What it saves: a style is changed, not set anew; a few cells that stay as they are are written again where that is
//! shorter than stepping over them; blanks are erased in one piece; blanks take the style that is in force where nobody
//! can see the difference; rows of a list that moved by one are moved by the terminal.
//!
//! Invariants: after [`Painter::paint`] the glass shows the cells that were given, whatever stood there; where a character
//! may be wider or narrower on the glass than here, the next one is placed by its own address.

mod scroll;

use std::io::Write as _;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

/// At most so many cells are written again instead of stepped over: a step takes three to five bytes.
const GAP: u16 = 4;
/// Blanks from which on erasing them is shorter than writing them, when the cursor has to move afterwards anyway.
const ERASED: u16 = 5;
/// The same when the next cell follows at once.
const ERASED_WITHIN: u16 = 10;
/// What can be seen on a blank.
const SEEN_ON_BLANKS: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::CROSSED_OUT);

/// Colours and attributes of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    const PLAIN: Self = Self {
        fg: Color::Reset,
        bg: Color::Reset,
        modifier: Modifier::empty(),
    };

    fn of(cell: &Cell) -> Self {
        Self {
            fg: cell.fg,
            bg: cell.bg,
            modifier: cell.modifier,
        }
    }

    /// Whether a blank in this pen looks like one in the other.
    fn blank_like(self, other: Self) -> bool {
        self == other
            || (self.bg == other.bg && !(self.modifier | other.modifier).intersects(SEEN_ON_BLANKS))
    }
}

/// Whether a cell takes one column on every glass.
fn is_certain(cell: &Cell) -> bool {
    cell.symbol().width() == 1 && cell.symbol().chars().nth(1).is_none()
}

/// One character of ASCII that stands on the glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    byte: u8,
    pen: Pen,
}

impl Known {
    fn of(cell: &Cell) -> Option<Self> {
        match cell.symbol().as_bytes() {
            [byte @ b' '..=b'~'] => Some(Self {
                byte: *byte,
                pen: Pen::of(cell),
            }),
            _ => None,
        }
    }

    /// Looks like something that was erased.
    fn is_erased(self) -> bool {
        self.byte == b' ' && self.pen.blank_like(Pen::PLAIN)
    }
}

/// What stands on the glass, and where and how the next character would appear.
#[derive(Debug)]
pub(super) struct Painter {
    width: u16,
    /// Row by row; `None` where it is not known, or is no single character of one column.
    glass: Vec<Option<Cell>>,
    pen: Option<Pen>,
    at: Option<(u16, u16)>,
    /// The terminal can erase in the middle of a line (ECH).
    erases: bool,
}

impl Painter {
    /// For a terminal that can, or cannot, erase in the middle of a line.
    pub(super) fn new(erases: bool) -> Self {
        Self {
            width: 0,
            glass: Vec::new(),
            pen: None,
            at: None,
            erases,
        }
    }

    /// Nothing is known about the glass and the style any more; it has this size.
    pub(super) fn forget(&mut self, width: u16, height: u16) {
        self.width = width;
        self.glass = vec![None; usize::from(width) * usize::from(height)];
        self.pen = None;
        self.at = None;
    }

    /// The whole glass was erased, in whatever style was in force.
    pub(super) fn erased(&mut self) {
        let blank = self
            .pen
            .is_some_and(|pen| pen.bg == Color::Reset)
            .then(Cell::default);
        self.glass.fill(blank);
    }

    /// Sets the plain style.
    pub(super) fn plain(&mut self, out: &mut Vec<u8>) {
        self.set(out, Pen::PLAIN);
    }

    /// The cursor was moved by somebody else.
    pub(super) fn moved(&mut self) {
        self.at = None;
    }

    /// Writes these cells, in rows from left to right.
    pub(super) fn paint<'a>(
        &mut self,
        out: &mut Vec<u8>,
        cells: impl Iterator<Item = (u16, u16, &'a Cell)>,
    ) {
        let mut cells: Vec<_> = cells.collect();
        let wanted = self.moved_rows(out, &cells);
        if let Some((wanted, top, bottom)) = &wanted {
            cells.retain(|(_, y, _)| !(*top..=*bottom).contains(&usize::from(*y)));
            let at = cells.partition_point(|(_, y, _)| usize::from(*y) < *top);
            let differs = self.differing(wanted, *top, *bottom);
            cells.splice(at..at, differs);
        }
        let mut rest = cells.as_slice();
        while let Some(((x, y, cell), behind)) = rest.split_first() {
            let taken = self.blanks(out, rest);
            if taken > 0 {
                rest = rest.get(taken..).unwrap_or_default();
                continue;
            }
            self.place(out, *x, *y);
            self.write(out, *x, *y, cell);
            rest = behind;
        }
    }

    /// Lets the terminal move rows by one where that is shorter: all that is wanted on the glass, and the rows that moved.
    #[allow(clippy::type_complexity)] // one caller, which takes it apart at once
    fn moved_rows(
        &mut self,
        out: &mut Vec<u8>,
        cells: &[(u16, u16, &Cell)],
    ) -> Option<(Vec<Option<Cell>>, usize, usize)> {
        if cells.len() < scroll::WORTH {
            return None;
        }
        let mut wanted = self.glass.clone();
        for (x, y, cell) in cells {
            let at = self.index(*x, *y);
            if let Some(place) = wanted.get_mut(at) {
                *place = is_certain(cell).then(|| (*cell).clone());
            }
            // What a wide character covers is nothing of its own.
            for covered in 1..cell.symbol().width() {
                if let Some(place) = wanted.get_mut(at + covered) {
                    *place = None;
                }
            }
        }
        let width = usize::from(self.width);
        let scroll::Scroll { top, bottom, up } = scroll::find(&self.glass, &wanted, width)?;
        // The row that comes in has the background in force.
        let pen = self.pen.unwrap_or(Pen::PLAIN);
        self.set(
            out,
            Pen {
                bg: Color::Reset,
                modifier: pen.modifier - SEEN_ON_BLANKS,
                ..pen
            },
        );
        let _ = write!(out, "\x1b[{};{}r", top + 1, bottom + 1);
        // A line feed at the last row, or a reverse index at the first one.
        let (edge, step) = if up {
            (bottom, &b"\n"[..])
        } else {
            (top, &b"\x1bM"[..])
        };
        let _ = write!(out, "\x1b[{}H", edge + 1);
        out.extend_from_slice(step);
        out.extend_from_slice(b"\x1b[r");
        self.at = None;
        let rows = self.glass.get_mut(top * width..(bottom + 1) * width)?;
        if up {
            rows.rotate_left(width);
        } else {
            rows.rotate_right(width);
        }
        let new = if up { bottom } else { top };
        if let Some(row) = self.glass.get_mut(new * width..(new + 1) * width) {
            row.fill(Some(Cell::default()));
        }
        Some((wanted, top, bottom))
    }

    /// The cells of these rows that do not show yet what is wanted.
    fn differing<'a>(
        &self,
        wanted: &'a [Option<Cell>],
        top: usize,
        bottom: usize,
    ) -> Vec<(u16, u16, &'a Cell)> {
        let width = usize::from(self.width);
        let range = top * width..(bottom + 1) * width;
        let stands = self.glass.iter().enumerate().skip(range.start);
        stands
            .zip(wanted.iter().skip(range.start))
            .take(range.len())
            .filter_map(|((at, stands), wanted)| {
                let wanted = wanted.as_ref()?;
                let same = stands
                    .as_ref()
                    .is_some_and(|cell| scroll::alike(cell, wanted));
                (!same).then_some(((at % width) as u16, (at / width) as u16, wanted))
            })
            .collect()
    }

    /// Erases the blanks that these cells begin with, if that is shorter; how many cells were done.
    fn blanks(&mut self, out: &mut Vec<u8>, cells: &[(u16, u16, &Cell)]) -> usize {
        let Some((x, y, _)) = cells.first().copied() else {
            return 0;
        };
        let is_blank = |at: u16, cell: &(u16, u16, &Cell)| {
            (cell.0, cell.1) == (at, y) && Known::of(cell.2).is_some_and(Known::is_erased)
        };
        let (mut taken, mut upto, mut end) = (0, x, x);
        while end < self.width {
            match cells.get(taken) {
                Some(cell) if is_blank(end, cell) => {
                    taken += 1;
                    end += 1;
                    upto = end;
                }
                Some((at, row, _)) if (*at, *row) == (end, y) => break,
                // Stays as it is: a blank already?
                _ if self.known(end, y).is_some_and(Known::is_erased) => end += 1,
                _ => break,
            }
        }
        let count = upto - x;
        let to_the_end = end == self.width;
        let follows = cells
            .get(taken)
            .is_some_and(|(at, row, _)| (*at, *row) == (upto, y));
        let worth = if to_the_end || !follows {
            ERASED
        } else {
            ERASED_WITHIN
        };
        if count < worth || !(to_the_end || self.erases) {
            return 0;
        }
        self.place(out, x, y);
        let pen = self.pen.unwrap_or(Pen::PLAIN);
        self.set(
            out,
            Pen {
                bg: Color::Reset,
                modifier: pen.modifier - SEEN_ON_BLANKS,
                ..pen
            },
        );
        if to_the_end {
            out.extend_from_slice(b"\x1b[K");
        } else {
            let _ = write!(out, "\x1b[{count}X");
        }
        for at in x..upto {
            self.note(at, y, Some(Cell::default()));
        }
        taken
    }

    /// Writes one cell at the cursor.
    fn write(&mut self, out: &mut Vec<u8>, x: u16, y: u16, cell: &Cell) {
        let symbol = cell.symbol();
        let wanted = Pen::of(cell);
        let blank = symbol == " " && self.pen.is_some_and(|pen| pen.blank_like(wanted));
        if !blank {
            self.set(out, wanted);
        }
        out.extend_from_slice(symbol.as_bytes());
        let certain = is_certain(cell);
        // A blank may have taken the style in force.
        let mut stands = cell.clone();
        if let (true, Some(pen)) = (blank, self.pen) {
            stands.fg = pen.fg;
            stands.bg = pen.bg;
            stands.modifier = pen.modifier;
        }
        self.note(x, y, certain.then_some(stands));
        let width = u16::try_from(symbol.width()).unwrap_or(1);
        for covered in 1..width {
            self.note(x.saturating_add(covered), y, None);
        }
        let next = x.saturating_add(1);
        // In the last column terminals differ in where the cursor stands.
        self.at = (certain && next < self.width).then_some((next, y));
    }

    /// Brings the cursor to a cell.
    fn place(&mut self, out: &mut Vec<u8>, x: u16, y: u16) {
        if self.at == Some((x, y)) {
            return;
        }
        match self.at {
            Some((from, row)) if row == y && from < x => {
                let gap = x - from;
                if gap > GAP || !self.write_again(out, from, x, y) {
                    // What is not written is "1".
                    let _ = match gap {
                        1 => out.write_all(b"\x1b[C"),
                        _ => write!(out, "\x1b[{gap}C"),
                    };
                }
            }
            _ => {
                let _ = match x {
                    0 => write!(out, "\x1b[{}H", y + 1),
                    _ => write!(out, "\x1b[{};{}H", y + 1, x + 1),
                };
            }
        }
        self.at = Some((x, y));
    }

    /// Writes what stands between two columns once more, if it is known and needs no other style.
    fn write_again(&self, out: &mut Vec<u8>, from: u16, upto: u16, y: u16) -> bool {
        let Some(pen) = self.pen else { return false };
        let fits =
            |known: Known| known.pen == pen || (known.byte == b' ' && known.pen.blank_like(pen));
        let bytes: Option<Vec<u8>> = (from..upto)
            .map(|x| {
                self.known(x, y)
                    .filter(|known| fits(*known))
                    .map(|k| k.byte)
            })
            .collect();
        bytes.is_some_and(|bytes| out.write_all(&bytes).is_ok())
    }

    /// Changes the style in force to this one.
    fn set(&mut self, out: &mut Vec<u8>, wanted: Pen) {
        if self.pen == Some(wanted) {
            return;
        }
        let anew = codes(None, wanted);
        let codes = match self.pen {
            None => anew,
            Some(pen) => {
                let changed = codes(Some(pen), wanted);
                if changed.len() < anew.len() {
                    changed
                } else {
                    anew
                }
            }
        };
        let _ = write!(out, "\x1b[{codes}m");
        self.pen = Some(wanted);
    }

    fn index(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.width) + usize::from(x)
    }

    fn known(&self, x: u16, y: u16) -> Option<Known> {
        Known::of(self.glass.get(self.index(x, y))?.as_ref()?)
    }

    fn note(&mut self, x: u16, y: u16, what: Option<Cell>) {
        if x >= self.width {
            return;
        }
        let at = self.index(x, y);
        if let Some(cell) = self.glass.get_mut(at) {
            *cell = what;
        }
    }
}

/// The numbers that lead from one style, or from any, to another.
fn codes(from: Option<Pen>, to: Pen) -> String {
    let mut out: Vec<String> = Vec::new();
    let was = from.unwrap_or(Pen::PLAIN);
    let mut had = was.modifier;
    if from.is_none() {
        // An empty number is 0, which resets everything.
        out.push(String::new());
    }
    let gone = had - to.modifier;
    for (attributes, off) in [
        (Modifier::BOLD | Modifier::DIM, 22),
        (Modifier::ITALIC, 23),
        (Modifier::UNDERLINED, 24),
        (Modifier::SLOW_BLINK | Modifier::RAPID_BLINK, 25),
        (Modifier::REVERSED, 27),
        (Modifier::HIDDEN, 28),
        (Modifier::CROSSED_OUT, 29),
    ] {
        if gone.intersects(attributes) {
            out.push(off.to_string());
            had -= attributes;
        }
    }
    for (attribute, on) in [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::SLOW_BLINK, 5),
        (Modifier::RAPID_BLINK, 6),
        (Modifier::REVERSED, 7),
        (Modifier::HIDDEN, 8),
        (Modifier::CROSSED_OUT, 9),
    ] {
        if (to.modifier - had).contains(attribute) {
            out.push(on.to_string());
        }
    }
    if was.fg != to.fg {
        out.push(colour(to.fg, 30));
    }
    if was.bg != to.bg {
        out.push(colour(to.bg, 40));
    }
    out.join(";")
}

/// A colour's number; `base` is 30 for characters and 40 for what is behind them.
fn colour(colour: Color, base: u8) -> String {
    let dark = |n: u8| (base + n).to_string();
    let light = |n: u8| (base + 60 + n).to_string();
    match colour {
        Color::Reset => (base + 9).to_string(),
        Color::Black => dark(0),
        Color::Red => dark(1),
        Color::Green => dark(2),
        Color::Yellow => dark(3),
        Color::Blue => dark(4),
        Color::Magenta => dark(5),
        Color::Cyan => dark(6),
        Color::Gray => dark(7),
        Color::DarkGray => light(0),
        Color::LightRed => light(1),
        Color::LightGreen => light(2),
        Color::LightYellow => light(3),
        Color::LightBlue => light(4),
        Color::LightMagenta => light(5),
        Color::LightCyan => light(6),
        Color::White => light(7),
        Color::Indexed(n) => format!("{};5;{n}", base + 8),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

#[cfg(test)]
mod tests;
