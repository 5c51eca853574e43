//! Makes a drawn frame fit what the terminal can show: fewer colours, ASCII lines and marks, `?` for what is left.
//!
//! Invariants: without UTF-8 the buffer is pure ASCII afterwards; without colour only modifiers remain; a cell never
//! changes its width in columns.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::{Capabilities, ColourDepth};

/// Rewrites the cells of `buffer` in place.
pub(super) fn fit(buffer: &mut Buffer, capabilities: &Capabilities) {
    let plain_text = capabilities.utf8 && !capabilities.ascii;
    if plain_text && capabilities.colour == ColourDepth::Indexed {
        return;
    }
    for cell in &mut buffer.content {
        if capabilities.colour == ColourDepth::Sixteen {
            row_without_background(cell);
        }
        cell.fg = colour(cell.fg, capabilities.colour);
        cell.bg = colour(cell.bg, capabilities.colour);
        if !plain_text && !cell.symbol().is_ascii() {
            match ascii_mark(cell.symbol()) {
                Some(mark) => {
                    cell.set_char(mark);
                }
                None if !capabilities.utf8 => {
                    cell.set_char('?');
                }
                None => {}
            }
        }
    }
}

/// A background marks a row: with sixteen colours the terminal's own two, reversed, read best and exist everywhere; a
/// dim one is told by its weight alone.
fn row_without_background(cell: &mut Cell) {
    let Color::Indexed(index) = cell.bg else {
        return;
    };
    let (r, g, b) = rgb_of(index);
    let mark = if r.max(g).max(b) > 127 {
        Modifier::REVERSED
    } else {
        Modifier::BOLD
    };
    (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
    cell.modifier.insert(mark);
}

fn colour(colour: Color, depth: ColourDepth) -> Color {
    match (depth, colour) {
        (ColourDepth::None, _) => Color::Reset,
        (ColourDepth::Sixteen, Color::Rgb(r, g, b)) => nearest(r, g, b),
        (ColourDepth::Sixteen, Color::Indexed(index)) if index > 15 => {
            let (r, g, b) = rgb_of(index);
            nearest(r, g, b)
        }
        (_, other) => other,
    }
}

/// The usual colour cube (16 to 231) and grey ramp (232 to 255) of 256-colour terminals.
fn rgb_of(index: u8) -> (u8, u8, u8) {
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        return (grey, grey, grey);
    }
    let cube = index.saturating_sub(16);
    let level = |v: u8| if v == 0 { 0 } else { 55 + 40 * v };
    (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
}

fn nearest(r: u8, g: u8, b: u8) -> Color {
    let low = r.min(g).min(b);
    let high = r.max(g).max(b);
    if high - low < 40 {
        return match high {
            0..=63 => Color::Black,
            64..=143 => Color::DarkGray,
            144..=223 => Color::Gray,
            _ => Color::White,
        };
    }
    let middle = low + (high - low) / 2;
    let bright = high > 191;
    match (r > middle, g > middle, b > middle, bright) {
        (true, true, _, true) => Color::LightYellow,
        (true, true, _, false) => Color::Yellow,
        (_, true, true, true) => Color::LightCyan,
        (_, true, true, false) => Color::Cyan,
        (true, _, true, true) => Color::LightMagenta,
        (true, _, true, false) => Color::Magenta,
        (true, false, false, true) => Color::LightRed,
        (true, false, false, false) => Color::Red,
        (false, true, false, true) => Color::LightGreen,
        (false, true, false, false) => Color::Green,
        (false, false, _, true) => Color::LightBlue,
        (false, false, _, false) => Color::Blue,
    }
}

/// The ASCII stand-in of a line, corner, arrow or mark, all one column wide.
fn ascii_mark(symbol: &str) -> Option<char> {
    let mut chars = symbol.chars();
    let (Some(first), None) = (chars.next(), chars.next()) else {
        return None;
    };
    Some(match first {
        '─' | '━' | '═' | '╌' | '╍' | '┄' | '┅' | '┈' | '┉' | '—' | '–' | '╴' | '╶' | '╸' | '╺' => {
            '-'
        }
        '│' | '┃' | '║' | '╎' | '╏' | '┆' | '┇' | '┊' | '┋' | '▏' | '▕' | '▐' | '▌' => {
            '|'
        }
        '\u{250c}'..='\u{254b}' | '\u{2552}'..='\u{2570}' => '+',
        '█' | '▓' | '■' | '▇' | '▆' | '▅' => '#',
        '▒' | '░' | '▁' | '▂' | '▃' | '▄' | '▀' => ':',
        '✓' | '✔' | '☑' => 'v',
        '✗' | '✘' | '×' | '☒' => 'x',
        '▲' | '↑' | '△' | '▴' => '^',
        '▼' | '↓' | '▽' | '▾' => 'v',
        '▶' | '→' | '›' | '»' | '▸' | '❯' | '⏎' => '>',
        '◀' | '←' | '‹' | '«' | '◂' | '❮' => '<',
        '●' | '•' | '◆' | '★' | '◉' => '*',
        '○' | '◌' | '☐' | '◇' | '◯' => 'o',
        '·' => '.',
        '…' => '~',
        '⚠' | '≠' => '!',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        '\u{a0}' => ' ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn a_marked_row_is_reversed_where_there_are_sixteen_colours() {
        for (bg, mark) in [
            (Color::Indexed(75), Modifier::REVERSED),
            (Color::Indexed(238), Modifier::BOLD),
            (Color::Reset, Modifier::empty()),
        ] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 1));
            let style = Style::new().fg(Color::Indexed(16)).bg(bg);
            buffer.set_string(0, 0, "ab", style);
            fit(&mut buffer, &caps(ColourDepth::Sixteen, true, false));
            let cell = &buffer.content[0];
            assert_eq!((cell.bg, cell.modifier), (Color::Reset, mark), "{bg:?}");
        }
    }

    fn caps(colour: ColourDepth, utf8: bool, ascii: bool) -> Capabilities {
        Capabilities {
            colour,
            utf8,
            ascii,
            plain: false,
            term: "test".into(),
        }
    }

    fn shown(text: &str, capabilities: &Capabilities) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        buffer.set_string(0, 0, text, Style::new());
        fit(&mut buffer, capabilities);
        let line: String = buffer
            .content
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        line.trim_end().to_owned()
    }

    #[test]
    fn marks_have_ascii_stand_ins_and_names_are_not_rewritten() {
        let ascii = caps(ColourDepth::Sixteen, true, true);
        assert_eq!(shown("┌─╮│ ✓ Müller", &ascii), "+-+| v Müller");
        let no_utf8 = caps(ColourDepth::Sixteen, false, true);
        assert_eq!(shown("┌─╮│ ✓ Müller", &no_utf8), "+-+| v M?ller");
        let all = caps(ColourDepth::Indexed, true, false);
        assert_eq!(shown("┌─╮│ ✓ Müller", &all), "┌─╮│ ✓ Müller");
    }

    #[test]
    fn without_colour_the_modifiers_stay() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
        let style = Style::new()
            .fg(Color::Red)
            .bg(Color::Rgb(1, 2, 3))
            .add_modifier(Modifier::REVERSED);
        buffer.set_string(0, 0, "x", style);
        fit(&mut buffer, &caps(ColourDepth::None, true, false));
        let cell = &buffer.content[0];
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
        assert!(cell.modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn sixteen_colours_keep_the_hue() {
        let cases = [
            (Color::Rgb(255, 0, 0), Color::LightRed),
            (Color::Rgb(120, 0, 0), Color::Red),
            (Color::Rgb(255, 140, 0), Color::LightYellow),
            (Color::Rgb(0, 95, 255), Color::LightBlue),
            (Color::Indexed(232), Color::Black),
            (Color::Indexed(255), Color::White),
            (Color::Indexed(21), Color::LightBlue),
            (Color::Indexed(9), Color::Indexed(9)),
            (Color::Green, Color::Green),
        ];
        for (from, to) in cases {
            assert_eq!(colour(from, ColourDepth::Sixteen), to, "{from:?}");
        }
    }

    proptest! {
        #[test]
        fn without_utf8_everything_is_ascii(text in "\\PC{0,20}") {
            let line = shown(&text, &caps(ColourDepth::None, false, true));
            prop_assert!(line.is_ascii(), "{line}");
        }
    }
}
