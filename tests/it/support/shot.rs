//! Pictures of a terminal's screen as SVG: the same screen gives the same bytes, on every machine.
//!
//! Lines and blocks are drawn as shapes, not as letters, so that frames join whatever font the reader has. All
//! positions are whole numbers: a cell is 9 by 19 units.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const CELL_W: u32 = 9;
const CELL_H: u32 = 19;
const FONT: u32 = 15;
/// From a cell's top to the line its letters stand on.
const BASELINE: u32 = 14;
const MARGIN: u32 = 14;
const BAR: u32 = 30;
const FOREGROUND: &str = "#d6dbe5";
const BACKGROUND: &str = "#161b24";
const FONTS: &str = "'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,monospace";
const NAMED: [&str; 16] = [
    "#2b3240", "#e06c75", "#8fbf7a", "#e0a458", "#6ea8fe", "#b98eea", "#56b6c2", "#c5ccd9",
    "#697386", "#ff8b94", "#b0dd9c", "#ffc777", "#9cc4ff", "#d7b3ff", "#86dbe6", "#ffffff",
];

/// How one cell is painted, reverse already resolved.
#[derive(Clone, PartialEq)]
struct Paint {
    ink: String,
    ground: String,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

impl Paint {
    fn of(cell: &vt100::Cell) -> Self {
        let mut ink = colour(cell.fgcolor(), FOREGROUND);
        let mut ground = colour(cell.bgcolor(), BACKGROUND);
        if cell.inverse() {
            std::mem::swap(&mut ink, &mut ground);
        }
        Self {
            ink,
            ground,
            bold: cell.bold(),
            dim: cell.dim(),
            italic: cell.italic(),
            underline: cell.underline(),
        }
    }

    /// Whether this cell can stand in one text with those before it. A blank can whatever ink it has: nobody sees it, and
    /// the program writes blanks with whatever ink it has just then.
    fn goes_on(&self, cell: &vt100::Cell) -> bool {
        let next = Self::of(cell);
        let blank = cell.contents().trim().is_empty() && !next.underline && !self.underline;
        next == *self || (blank && next.ground == self.ground)
    }

    fn attributes(&self) -> String {
        let mut out = format!(" fill=\"{}\"", self.ink);
        for (set, attribute) in [
            (self.bold, " font-weight=\"bold\""),
            (self.dim, " opacity=\"0.6\""),
            (self.italic, " font-style=\"italic\""),
            (self.underline, " text-decoration=\"underline\""),
        ] {
            if set {
                out.push_str(attribute);
            }
        }
        out
    }
}

/// The screen as an SVG document, in a window with `title` in its bar. A shown cursor is drawn as a block.
pub fn svg(screen: &vt100::Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let width = u32::from(columns) * CELL_W + 2 * MARGIN;
    let height = u32::from(rows) * CELL_H + BAR + MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"{FONTS}\" font-size=\"{FONT}\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"9\" fill=\"{BACKGROUND}\"/>\n"
    );
    for (x, fill) in [(20, "#e06c75"), (38, "#e0a458"), (56, "#8fbf7a")] {
        line(
            &mut out,
            &format!("<circle cx=\"{x}\" cy=\"16\" r=\"5\" fill=\"{fill}\"/>"),
        );
    }
    let middle = width / 2;
    let bar = escape(title);
    line(
        &mut out,
        &format!(
            "<text x=\"{middle}\" y=\"20\" fill=\"#8590a3\" text-anchor=\"middle\" font-size=\"13\">{bar}</text>"
        ),
    );
    for row in 0..rows {
        grounds(screen, row, columns, &mut out);
        letters(screen, row, columns, &mut out);
    }
    if !screen.hide_cursor() {
        let (row, column) = screen.cursor_position();
        let (x, y) = corner(row, column);
        line(
            &mut out,
            &format!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{CELL_W}\" height=\"{CELL_H}\" fill=\"{FOREGROUND}\" opacity=\"0.7\"/>"
            ),
        );
    }
    out.push_str("</svg>\n");
    out
}

/// Makes a PNG beside the SVG, at twice its size. False when `rsvg-convert` is not installed.
pub fn png(svg: &Path) -> bool {
    let target = svg.with_extension("png");
    let made = Command::new("rsvg-convert")
        .args(["-z", "2", "-o"])
        .arg(target)
        .arg(svg)
        .status();
    made.is_ok_and(|status| status.success())
}

/// The backgrounds of one row, one rectangle for each run of the same colour.
fn grounds(screen: &vt100::Screen, row: u16, columns: u16, out: &mut String) {
    let ground = |column: u16| {
        let cell = screen.cell(row, column)?;
        // The right half of a wide character carries no style of its own.
        let cell = match column.checked_sub(1) {
            Some(left) if cell.is_wide_continuation() => screen.cell(row, left)?,
            _ => cell,
        };
        Some(Paint::of(cell).ground)
    };
    let mut start = 0;
    while start < columns {
        let this = ground(start);
        let end = (start..columns)
            .find(|column| ground(*column) != this)
            .unwrap_or(columns);
        if let Some(fill) = this.filter(|fill| fill != BACKGROUND) {
            let (x, y) = corner(row, start);
            let width = u32::from(end - start) * CELL_W;
            line(
                out,
                &format!(
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{CELL_H}\" fill=\"{fill}\"/>"
                ),
            );
        }
        start = end;
    }
}

/// The letters and shapes of one row. A run of letters in one style is one text, stretched to exactly its cells.
fn letters(screen: &vt100::Screen, row: u16, columns: u16, out: &mut String) {
    let mut column = 0;
    while column < columns {
        let Some(cell) = screen.cell(row, column) else {
            return;
        };
        let paint = Paint::of(cell);
        let (x, y) = corner(row, column);
        if let Some(shape) = shape(cell.contents(), x, y, &paint.ink) {
            line(out, &shape);
            column += 1;
            continue;
        }
        if cell.contents().trim().is_empty() && !paint.underline {
            column += 1;
            continue;
        }
        let mut text = String::new();
        let mut end = column;
        while let Some(next) = (end < columns).then(|| screen.cell(row, end)).flatten() {
            let starts_anew = end > column
                && (!paint.goes_on(next) || next.is_wide() || !next.contents().is_ascii());
            if starts_anew || shape_of(next.contents()).is_some() {
                break;
            }
            text.push_str(if next.has_contents() {
                next.contents()
            } else {
                " "
            });
            end += if next.is_wide() { 2 } else { 1 };
            // A character outside ASCII may come from another font: it stands alone, so that it moves nothing.
            if !next.contents().is_ascii() {
                break;
            }
        }
        let shown = if paint.underline {
            text.as_str()
        } else {
            text.trim_end_matches(' ')
        };
        let cells = u32::from(end - column) - (text.len() - shown.len()) as u32;
        let (baseline, length) = (y + BASELINE, cells * CELL_W);
        let (attributes, shown) = (paint.attributes(), escape(shown));
        line(
            out,
            &format!(
                "<text x=\"{x}\" y=\"{baseline}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" \
                 xml:space=\"preserve\"{attributes}>{shown}</text>"
            ),
        );
        column = end;
    }
}

fn corner(row: u16, column: u16) -> (u32, u32) {
    (
        MARGIN + u32::from(column) * CELL_W,
        BAR + u32::from(row) * CELL_H,
    )
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a string takes everything");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn colour(colour: vt100::Color, default: &str) -> String {
    let (r, g, b) = match colour {
        vt100::Color::Default => return default.to_owned(),
        vt100::Color::Idx(index @ 0..=15) => return NAMED[usize::from(index)].to_owned(),
        vt100::Color::Idx(index @ 16..=231) => {
            let level = |v: u8| if v == 0 { 0 } else { 55 + 40 * v };
            let cube = index - 16;
            (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        vt100::Color::Idx(index) => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
        vt100::Color::Rgb(r, g, b) => (r, g, b),
    };
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// What is drawn instead of a letter.
enum Shape {
    /// Strokes from the middle to the edges (up, right, down, left): 0 none, 1 light, 2 heavy.
    Strokes([u8; 4]),
    /// A rounded corner between two edges, numbered as above.
    Arc(u8, u8),
    /// A rectangle in eighths of the cell: x, y, width, height.
    Block([u32; 4]),
    /// The whole cell, at this many tenths of its strength.
    Shade(u8),
}

fn shape_of(symbol: &str) -> Option<Shape> {
    use Shape::{Arc, Block, Shade, Strokes};
    let mut chars = symbol.chars();
    let (Some(c), None) = (chars.next(), chars.next()) else {
        return None;
    };
    Some(match c {
        '─' | '╌' | '┄' | '┈' => Strokes([0, 1, 0, 1]),
        '━' | '╍' | '┅' | '┉' => Strokes([0, 2, 0, 2]),
        '│' | '╎' | '┆' | '┊' => Strokes([1, 0, 1, 0]),
        '┃' | '╏' | '┇' | '┋' => Strokes([2, 0, 2, 0]),
        '┌' => Strokes([0, 1, 1, 0]),
        '┐' => Strokes([0, 0, 1, 1]),
        '└' => Strokes([1, 1, 0, 0]),
        '┘' => Strokes([1, 0, 0, 1]),
        '├' => Strokes([1, 1, 1, 0]),
        '┤' => Strokes([1, 0, 1, 1]),
        '┬' => Strokes([0, 1, 1, 1]),
        '┴' => Strokes([1, 1, 0, 1]),
        '┼' => Strokes([1, 1, 1, 1]),
        '┏' => Strokes([0, 2, 2, 0]),
        '┓' => Strokes([0, 0, 2, 2]),
        '┗' => Strokes([2, 2, 0, 0]),
        '┛' => Strokes([2, 0, 0, 2]),
        '┣' => Strokes([2, 2, 2, 0]),
        '┫' => Strokes([2, 0, 2, 2]),
        '┳' => Strokes([0, 2, 2, 2]),
        '┻' => Strokes([2, 2, 0, 2]),
        '╋' => Strokes([2, 2, 2, 2]),
        '╭' => Arc(2, 1),
        '╮' => Arc(2, 3),
        '╰' => Arc(0, 1),
        '╯' => Arc(0, 3),
        '█' => Block([0, 0, 8, 8]),
        '▀' => Block([0, 0, 8, 4]),
        '▁'..='▇' => {
            let eighths = c as u32 - '▁' as u32 + 1;
            Block([0, 8 - eighths, 8, eighths])
        }
        '▉'..='▏' => Block([0, 0, '▏' as u32 - c as u32 + 1, 8]),
        '▐' => Block([4, 0, 4, 8]),
        '▕' => Block([7, 0, 1, 8]),
        '░' => Shade(2),
        '▒' => Shade(4),
        '▓' => Shade(7),
        _ => return None,
    })
}

/// A shape at a cell's corner. Twice the units are used inside, so that the middle of a cell is a whole number.
fn shape(symbol: &str, x: u32, y: u32, ink: &str) -> Option<String> {
    let (middle_x, middle_y) = (2 * x + CELL_W, 2 * y + CELL_H);
    let edges = [
        (middle_x, 2 * y),
        (2 * (x + CELL_W), middle_y),
        (middle_x, 2 * (y + CELL_H)),
        (2 * x, middle_y),
    ];
    let half = |n: u32| {
        if n.is_multiple_of(2) {
            (n / 2).to_string()
        } else {
            format!("{}.5", n / 2)
        }
    };
    let point = |(x, y): (u32, u32)| format!("{} {}", half(x), half(y));
    let stroke = |path: &str, width: &str| {
        format!("<path d=\"{path}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"{width}\"/>")
    };
    Some(match shape_of(symbol)? {
        Shape::Strokes(arms) => {
            let mut shapes = Vec::new();
            for (weight, width) in [(1, "1.3"), (2, "2.6")] {
                let path = strokes(
                    arms.map(|arm| arm == weight),
                    &|edge| point(edges[edge]),
                    &point((middle_x, middle_y)),
                );
                if !path.is_empty() {
                    shapes.push(stroke(&path, width));
                }
            }
            shapes.concat()
        }
        Shape::Arc(from, to) => {
            let path = format!(
                "M{}Q{} {}",
                point(edges[usize::from(from)]),
                point((middle_x, middle_y)),
                point(edges[usize::from(to)])
            );
            stroke(&path, "1.3")
        }
        Shape::Block([left, top, width, height]) => {
            // Eighths of a cell in thousandths of a unit, written without a float.
            let part = |eighths: u32, size: u32| {
                let thousandths = eighths * size * 125;
                format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
            };
            let shift = |corner: u32, eighths: u32, size: u32| {
                let thousandths = corner * 1000 + eighths * size * 125;
                format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
            };
            format!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{ink}\"/>",
                shift(x, left, CELL_W),
                shift(y, top, CELL_H),
                part(width, CELL_W),
                part(height, CELL_H)
            )
        }
        Shape::Shade(tenths) => format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{CELL_W}\" height=\"{CELL_H}\" fill=\"{ink}\" opacity=\"0.{tenths}\"/>"
        ),
    })
}

/// The path of a cell's strokes: what goes straight through in one piece, a corner as one bent line, so that nothing
/// overlaps and every joint is sharp.
fn strokes(arms: [bool; 4], edge: &impl Fn(usize) -> String, middle: &str) -> String {
    let mut pieces = Vec::new();
    let mut rest: Vec<usize> = Vec::new();
    for (one, other) in [(0, 2), (1, 3)] {
        if arms[one] && arms[other] {
            pieces.push(format!("M{}L{}", edge(one), edge(other)));
        } else {
            rest.extend([one, other].into_iter().filter(|arm| arms[*arm]));
        }
    }
    match rest[..] {
        [one, other] => pieces.push(format!("M{}L{middle}L{}", edge(one), edge(other))),
        [one] => pieces.push(format!("M{middle}L{}", edge(one))),
        _ => {}
    }
    pieces.concat()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use super::*;

    fn picture(text: &str) -> String {
        let size = |n| NonZeroU16::new(n).expect("not zero");
        let mut parser = vt100::Parser::new(size(2), size(12), 0);
        parser.process(b"\x1b[?25l");
        parser.process(text.as_bytes());
        svg(parser.screen(), "a < b")
    }

    #[test]
    fn the_same_screen_gives_the_same_bytes() {
        let text = "\x1b[1;31mA&B\x1b[0m \x1b[7mrev\x1b[0m 漢";
        assert_eq!(picture(text), picture(text));
        assert_ne!(picture(text), picture("other"));
    }

    #[test]
    fn letters_keep_their_cells() {
        let drawn = picture("\x1b[1mab\x1b[0m c");
        assert!(
            drawn.contains("<text x=\"14\" y=\"44\" textLength=\"18\""),
            "{drawn}"
        );
        assert!(drawn.contains("font-weight=\"bold\">ab</text>"));
        assert!(
            drawn.contains("<text x=\"41\" y=\"44\" textLength=\"9\""),
            "{drawn}"
        );
        assert!(picture("漢x").contains("textLength=\"18\""));
    }

    #[test]
    fn reverse_swaps_and_marks_are_escaped() {
        let drawn = picture("\x1b[7m<\x1b[0m");
        assert!(drawn.contains(&format!("width=\"9\" height=\"19\" fill=\"{FOREGROUND}\"")));
        assert!(drawn.contains("&lt;</text>") && drawn.contains("a &lt; b"));
    }

    #[test]
    fn frames_are_shapes_not_letters() {
        for symbol in "─│┌┐└┘├┤┬┴┼╭╮╰╯━┃┏█▀▄▌░▒▓".chars()
        {
            let drawn = picture(&symbol.to_string());
            assert!(!drawn.contains(symbol), "{symbol}");
            assert!(drawn.lines().count() == 8, "{symbol}: {drawn}");
        }
    }
}
