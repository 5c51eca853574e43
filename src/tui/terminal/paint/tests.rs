//! Whatever stood on the glass, it shows what was drawn; and what need not be said is not said.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::*;

const COLUMNS: u16 = 24;
const ROWS: u16 = 8;

/// A text with its place, colours and attributes.
type Piece = (u16, u16, String, u8, u8, u16);

/// Styled text; or wide characters, all in one style: what shows of one that is half written over is the terminal's
/// own choice.
fn pieces(wide: bool) -> impl Strategy<Value = Vec<Piece>> {
    let styles = if wide {
        (1, 1, 1)
    } else {
        (5_u8, 3_u8, 512_u16)
    };
    let text = if wide {
        prop_oneof!["[漢字a]{1,3}", "[漢a ]{1,9}", " {1,24}"].boxed()
    } else {
        prop_oneof!["[a-c ]{1,12}", " {1,24}", "[─│▸✓a ]{1,6}"].boxed()
    };
    let styles = (0..styles.0, 0..styles.1, 0..styles.2);
    let one = (0..COLUMNS, 0..ROWS, text, styles)
        .prop_map(|(x, y, text, (fg, bg, modifier))| (x, y, text, fg, bg, modifier));
    prop::collection::vec(one, 0..20).prop_map(move |mut pieces| {
        if wide {
            // One to a row: halves of characters do not stand in a frame.
            pieces.truncate(usize::from(ROWS));
            (0..)
                .zip(&mut pieces)
                .for_each(|(row, piece)| piece.1 = row);
        }
        pieces
    })
}

fn frames() -> impl Strategy<Value = Vec<(Vec<Piece>, bool)>> {
    any::<bool>().prop_flat_map(|wide| {
        let on_top = any::<bool>().prop_map(move |on_top| on_top && !wide);
        prop::collection::vec((pieces(wide), on_top), 1..6)
    })
}

fn frame(before: Option<&Buffer>, pieces: &[Piece]) -> Buffer {
    let area = Rect::new(0, 0, COLUMNS, ROWS);
    let mut buffer = before.cloned().unwrap_or_else(|| Buffer::empty(area));
    let colours = [
        Color::Reset,
        Color::Indexed(75),
        Color::DarkGray,
        Color::Red,
        Color::Rgb(1, 2, 3),
    ];
    for (x, y, text, fg, bg, modifier) in pieces {
        // The emulator knows these attributes.
        let seen = Modifier::BOLD | Modifier::ITALIC | Modifier::UNDERLINED | Modifier::REVERSED;
        let style = Style::reset()
            .fg(colours[usize::from(*fg)])
            .bg(colours[usize::from(*bg)])
            .add_modifier(Modifier::from_bits_truncate(*modifier) & seen);
        buffer.set_string(*x, *y, text, style);
    }
    buffer
}

fn as_shown(colour: Color) -> vt100::Color {
    match colour {
        Color::Red => vt100::Color::Idx(1),
        Color::DarkGray => vt100::Color::Idx(8),
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        _ => vt100::Color::Default,
    }
}

fn check(emulator: &vt100::Parser, wanted: &Buffer) {
    for y in 0..ROWS {
        let mut x = 0;
        while x < COLUMNS {
            let cell = &wanted[(x, y)];
            let shown = emulator.screen().cell(y, x).unwrap();
            let place = format!("{x},{y} in {wanted:?}");
            let symbol = cell.symbol();
            let text = if shown.has_contents() {
                shown.contents()
            } else {
                " "
            };
            assert_eq!(text, symbol, "{place}");
            assert_eq!(shown.bgcolor(), as_shown(cell.bg), "{place}");
            assert_eq!(
                shown.inverse(),
                cell.modifier.contains(Modifier::REVERSED),
                "{place}"
            );
            assert_eq!(
                shown.underline(),
                cell.modifier.contains(Modifier::UNDERLINED),
                "{place}"
            );
            if symbol != " " {
                assert_eq!(shown.fgcolor(), as_shown(cell.fg), "{place}");
                assert_eq!(
                    shown.bold(),
                    cell.modifier.contains(Modifier::BOLD),
                    "{place}"
                );
                assert_eq!(
                    shown.italic(),
                    cell.modifier.contains(Modifier::ITALIC),
                    "{place}"
                );
            }
            x += u16::try_from(symbol.width()).unwrap().max(1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_glass_shows_what_was_drawn(
        frames in frames(),
        erases in any::<bool>(),
    ) {
        let size = |n: u16| std::num::NonZeroU16::new(n).unwrap();
        let mut emulator = vt100::Parser::new(size(ROWS), size(COLUMNS), 0);
        let mut painter = Painter::new(erases);
        painter.forget(COLUMNS, ROWS);
        // Whatever stood there.
        emulator.process(b"\x1b[7;31mleft over");
        let mut before = frame(None, &[]);
        let mut out = Vec::new();
        painter.plain(&mut out);
        out.extend_from_slice(b"\x1b[2J");
        painter.erased();
        for (pieces, on_top) in frames {
            let after = frame(on_top.then_some(&before), &pieces);
            painter.paint(&mut out, before.diff(&after).into_iter());
            emulator.process(&out);
            check(&emulator, &after);
            out.clear();
            before = after;
        }
    }
}

fn painted(frames: &[&[Piece]]) -> String {
    let mut painter = Painter::new(true);
    painter.forget(COLUMNS, ROWS);
    let mut out = Vec::new();
    painter.plain(&mut out);
    painter.erased();
    let mut before = frame(None, &[]);
    for pieces in frames {
        out.clear();
        let after = frame(Some(&before), pieces);
        painter.paint(&mut out, before.diff(&after).into_iter());
        before = after;
    }
    String::from_utf8(out).unwrap().replace('\x1b', "^")
}

#[test]
fn what_need_not_be_said_is_not_said() {
    let text = |x: u16, text: &str, modifier: u16| (x, 0, text.to_owned(), 0, 0, modifier);
    let bold = Modifier::BOLD.bits();
    for (frames, bytes) in [
        (vec![vec![text(0, "one", 0)]], "^[1Hone"),
        // Letters between that stay are shorter than a step over them.
        (
            vec![vec![text(0, "alarm", 0)], vec![text(0, "blare", 0)]],
            "^[1Hblare",
        ),
        (
            vec![vec![text(0, "a234567b", 0)], vec![text(0, "c234567d", 0)]],
            "^[1Hc^[6Cd",
        ),
        // Only what differs of a style is said, and nothing for blanks.
        (
            vec![vec![text(0, "a", bold), text(1, "  ", 0), text(3, "b", 0)]],
            "^[1H^[1ma  ^[mb",
        ),
        // Blanks go in one piece: to the end, or in the middle.
        (
            vec![vec![text(2, "abcdefghi", 0)], vec![text(2, "         ", 0)]],
            "^[1;3H^[K",
        ),
        (
            vec![
                vec![text(2, "abcdefghijkl|", 0)],
                vec![text(2, "            ", 0)],
            ],
            "^[1;3H^[12X",
        ),
    ] {
        let frames: Vec<&[Piece]> = frames.iter().map(Vec::as_slice).collect();
        assert_eq!(painted(&frames), bytes);
    }
}

/// A list in a frame, from its row `top` on, with one row in other colours and a note beside it.
fn list(rows: &[String], top: usize, chosen: usize, note: &str) -> Buffer {
    let mut pieces: Vec<Piece> = Vec::new();
    for y in 1..ROWS - 1 {
        let at = top + usize::from(y) - 1;
        let text = rows.get(at).cloned().unwrap_or_default();
        let bg = u8::from(at == chosen);
        pieces.push((0, y, format!("│{text:<18}│"), 0, bg, 0));
    }
    pieces.push((20, 2, note.to_owned(), 0, 0, 0));
    frame(None, &pieces)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn rows_that_moved_are_moved_on_the_glass(
        rows in prop::collection::vec("[a-zé●]{0,18}|漢字a{0,8}", 14),
        walk in prop::collection::vec((0_usize..8, 0_usize..14, "[a-z]{0,4}"), 1..12),
    ) {
        let size = |n: u16| std::num::NonZeroU16::new(n).unwrap();
        let mut emulator = vt100::Parser::new(size(ROWS), size(COLUMNS), 0);
        let mut painter = Painter::new(true);
        painter.forget(COLUMNS, ROWS);
        let mut out = Vec::new();
        painter.plain(&mut out);
        painter.erased();
        let mut before = frame(None, &[]);
        for (top, chosen, note) in walk {
            let after = list(&rows, top, chosen, &note);
            painter.paint(&mut out, before.diff(&after).into_iter());
            emulator.process(&out);
            check(&emulator, &after);
            out.clear();
            before = after;
        }
    }
}

#[test]
fn a_list_that_moves_by_a_row_costs_about_a_row() {
    let rows: Vec<String> = (0..14)
        .map(|n| format!("{} row", "qwertyuiopasdf"[n..].repeat(2)))
        .collect();
    let rows: Vec<String> = rows
        .iter()
        .map(|row| row.chars().take(18).collect())
        .collect();
    let mut painter = Painter::new(true);
    painter.forget(COLUMNS, ROWS);
    let mut out = Vec::new();
    painter.plain(&mut out);
    painter.erased();
    let mut before = frame(None, &[]);
    let mut costs = Vec::new();
    for top in [0, 1, 2, 1, 0] {
        let after = list(&rows, top, 20, "");
        out.clear();
        painter.paint(&mut out, before.diff(&after).into_iter());
        costs.push(out.len());
        before = after;
    }
    assert!(costs[1..].iter().all(|cost| *cost < 56), "{costs:?}");
}
