//! The lines around the panes: header with the way here, message line, footer, and the panel of a begun chord.
//!
//! Invariant: footer and chord panel name only keys that work now, as the keymap in force has them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Widget};

use super::text::{LineMaker, cut, pad, width, wrap};
use super::{Look, Role};
use crate::keymap::describe::{FooterItem, fit};
use crate::keymap::{Action, Candidate};
use crate::tui::app::screen::Tone;

/// Columns between two items of the footer.
const GAP: usize = 2;
/// Most lines that a message takes.
const MESSAGE_LINES: usize = 4;

/// The header: the way here on the left, shop and technician on the right.
pub fn header(frame: &mut Frame<'_>, area: Rect, look: &Look, way: &[String], right: &str) {
    let mut line = LineMaker::new(area.width);
    let right_wide = width(right) + 1;
    let room = (area.width as usize).saturating_sub(1);
    let way = way.join(" › ");
    let tail = right.split_once(" · ").map_or(right, |(_, tail)| tail);
    line.add(" ", look.style(Role::Text));
    if width(&way) + right_wide + 2 <= room {
        line.add(&way, look.style(Role::Strong));
        line.right(&format!("{right} "), look.style(Role::Dim));
    } else if width(&way) + width(tail) + 3 <= room {
        // The end of it names the technician and the day.
        line.add(&way, look.style(Role::Strong));
        line.right(&format!("  {tail} "), look.style(Role::Dim));
    } else {
        // On a narrow screen the last place matters most.
        let shown = if width(&way) <= room {
            way
        } else {
            let tail = way.rsplit(" › ").next().unwrap_or_default().to_owned();
            cut(&format!("… › {tail}"), room)
        };
        line.add(&shown, look.style(Role::Strong));
    }
    line.line().render(area, frame.buffer_mut());
}

/// The lines of a message at this width.
pub fn message_lines(words: &str, columns: u16) -> Vec<String> {
    let mut lines = wrap(words, (columns as usize).saturating_sub(4).max(8));
    if lines.len() > MESSAGE_LINES {
        lines.truncate(MESSAGE_LINES);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} …"), (columns as usize).saturating_sub(4));
        }
    }
    lines
}

/// The message line(s).
pub fn message(frame: &mut Frame<'_>, area: Rect, look: &Look, tone: Tone, words: &str) {
    let (mark, role) = match tone {
        Tone::Good => ("✓", Role::Good),
        Tone::Plain => ("•", Role::Text),
        Tone::Bad => ("!", Role::Bad),
    };
    for (at, text) in message_lines(words, area.width).into_iter().enumerate() {
        let y = area.y + at as u16;
        if y >= area.bottom() {
            break;
        }
        let mut line = LineMaker::new(area.width);
        let lead = if at == 0 { mark } else { " " };
        line.add(&format!(" {lead} "), look.style(role));
        line.add(&text, look.style(role));
        line.line().render(
            Rect {
                y,
                height: 1,
                ..area
            },
            frame.buffer_mut(),
        );
    }
}

/// The footer; the place of a key that does nothing now stays empty.
pub fn footer(
    frame: &mut Frame<'_>,
    area: Rect,
    look: &Look,
    items: &[FooterItem],
    ready: impl Fn(Action) -> bool,
) {
    let mut line = LineMaker::new(area.width);
    line.add(" ", look.style(Role::Text));
    let shown = fit(items, (area.width as usize).saturating_sub(2), GAP);
    for (at, item) in shown.iter().enumerate() {
        if at > 0 {
            line.add(&" ".repeat(GAP), look.style(Role::Text));
        }
        if ready(item.action) {
            line.add(&item.key, look.style(Role::Key));
            line.add(&format!(" {}", item.label), look.style(Role::Dim));
        } else {
            line.add(&" ".repeat(item.width()), look.style(Role::Text));
        }
    }
    line.line().render(area, frame.buffer_mut());
}

/// The ways to complete a chord that has begun, above the footer.
pub fn chord(frame: &mut Frame<'_>, room: Rect, look: &Look, begun: &str, ways: &[Candidate]) {
    if room.height < 4 || ways.is_empty() {
        return;
    }
    let key_wide = ways.iter().map(|way| width(&way.keys)).max().unwrap_or(1);
    let cell = ways
        .iter()
        .map(|way| key_wide + 1 + width(way.label))
        .max()
        .unwrap_or(1);
    let columns = ((room.width as usize).saturating_sub(4) / (cell + 3)).max(1);
    let rows = ways.len().div_ceil(columns);
    let shown = rows.min(room.height as usize - 2);
    let height = shown as u16 + 2;
    let area = Rect {
        y: room.bottom() - height,
        height,
        ..room
    };
    Clear.render(area, frame.buffer_mut());
    let inner = super::panel::pane(frame, area, look, &format!("{begun} …"), true);
    let lines = (0..shown).map(|row| {
        let mut line = LineMaker::new(inner.width);
        for column in 0..columns {
            if let Some(way) = ways.get(column * rows + row) {
                line.add(" ", look.style(Role::Text));
                line.column(&way.keys, key_wide, look.style(Role::Key));
                line.add(
                    &format!(" {}  ", pad(way.label, cell - key_wide - 1)),
                    look.style(Role::Text),
                );
            }
        }
        line.line()
    });
    super::panel::lines(frame, inner, lines);
}

/// A few words in the middle of an otherwise empty screen.
pub fn centred(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>) {
    let top = area.height.saturating_sub(lines.len() as u16) / 2;
    let inner = Rect {
        y: area.y + top,
        height: area.height - top,
        ..area
    };
    super::panel::lines(frame, inner, lines.into_iter().map(Line::centered));
}
