//! A form drawn: the sentence above it, its fields, what is wrong.
//!
//! Invariants: the field in front is always visible; with little room the fields come before the sentence above them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::Form;
use super::entry::{Entry, Kind};
use crate::tui::screens::steps::edit::Edit;
use crate::tui::view::text::{LineMaker, cut, width, wrap};
use crate::tui::view::{Look, Role};

/// Rows of a note at least, and at most.
const NOTE: (usize, usize) = (3, 10);

impl Form {
    /// Columns of the longest label, within bounds.
    fn label_width(&self, room: u16) -> usize {
        let widest = self.entries.iter().map(|e| width(&e.label)).max();
        let widest = widest.unwrap_or(0) + 2;
        let room = room as usize;
        // A label is read whole before a field is long.
        let most = (room * 2 / 5).max(room.saturating_sub(17));
        widest.min(most)
    }

    /// Rows that a field takes at this width.
    fn rows(&self, entry: &Entry, columns: u16) -> usize {
        match &entry.kind {
            Kind::Note(edit) => {
                let room = (columns as usize).saturating_sub(1 + self.label_width(columns));
                edit.rows(room.saturating_sub(1))
                    .len()
                    .clamp(NOTE.0, NOTE.1)
            }
            _ => 1,
        }
    }

    fn intro_lines(&self, columns: u16) -> Vec<String> {
        if self.intro.is_empty() {
            Vec::new()
        } else {
            wrap(&self.intro, columns as usize)
        }
    }

    fn wrong_lines(&self, columns: u16) -> Vec<String> {
        self.wrong
            .as_ref()
            .map(|(_, words)| wrap(words, (columns as usize).saturating_sub(2)))
            .unwrap_or_default()
    }

    /// The width and height that it wants.
    pub(super) fn size(&self, room: (u16, u16)) -> (u16, u16) {
        let wide = room.0.saturating_sub(8).clamp(32, 68);
        let intro = self.intro_lines(wide).len();
        let intro = if intro > 0 { intro + 1 } else { 0 };
        let wrong = self.wrong_lines(wide).len().max(1);
        let rows: usize = self.entries.iter().map(|e| self.rows(e, wide)).sum();
        (wide, (intro + rows + 1 + wrong) as u16)
    }

    /// Draws it.
    pub(super) fn paint(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let mut wrong = self.wrong_lines(area.width);
        wrong.truncate((area.height / 2) as usize);
        let end = area.bottom().saturating_sub(wrong.len() as u16);
        let heights: Vec<usize> = self
            .entries
            .iter()
            .map(|entry| self.rows(entry, area.width))
            .collect();
        let all: usize = heights.iter().sum();
        let mut y = area.y;
        let intro = self.intro_lines(area.width);
        let spare = (end.saturating_sub(y) as usize).saturating_sub(all);
        for text in intro.iter().take(spare) {
            let line = Line::styled(text.clone(), look.style(Role::Text));
            line.render(row(area, y), frame.buffer_mut());
            y += 1;
        }
        if !intro.is_empty() && spare > intro.len() {
            y += 1;
        }
        // Fields above the one in front make room until it is whole.
        let room = (end.saturating_sub(y) as usize).max(1);
        let mut first = 0;
        let upto = |first: usize| heights.iter().skip(first).take(self.at + 1 - first);
        while first < self.at && upto(first).sum::<usize>() > room {
            first += 1;
        }
        for (at, (entry, high)) in self.entries.iter().zip(&heights).enumerate().skip(first) {
            let high = (*high as u16).min(end.saturating_sub(y));
            if high == 0 {
                break;
            }
            let place = Rect {
                y,
                height: high,
                ..area
            };
            self.draw_entry(frame, place, look, at, entry);
            y += high;
        }
        for (y, (at, text)) in (end.max(area.y)..area.bottom()).zip(wrong.iter().enumerate()) {
            let mut line = LineMaker::new(area.width);
            line.add(if at == 0 { "! " } else { "  " }, look.style(Role::Bad));
            line.add(text, look.style(Role::Bad));
            line.line().render(row(area, y), frame.buffer_mut());
        }
    }

    fn draw_entry(&self, frame: &mut Frame<'_>, area: Rect, look: &Look, at: usize, entry: &Entry) {
        let label = self.label_width(area.width);
        let here = at == self.at;
        let mut line = LineMaker::new(area.width);
        let role = if here { Role::Strong } else { Role::Dim };
        let star = if entry.needed { "*" } else { "" };
        let mark = if here { "▸" } else { " " };
        line.add(mark, look.style(Role::Title));
        line.column(&format!("{}{star}", entry.label), label, look.style(role));
        let used = (1 + label) as u16;
        let space = Rect {
            x: area.x + used.min(area.width),
            width: area.width.saturating_sub(used),
            ..area
        };
        let top = row(area, area.y);
        match &entry.kind {
            Kind::Choice { choices, at } => {
                let words = at.and_then(|at| choices.get(at)).map(|(_, words)| words);
                if let Some(words) = words {
                    line.add(&format!("‹ {words} ›"), look.style(role));
                } else {
                    let all: Vec<&str> = choices.iter().map(|(_, w)| w.as_str()).collect();
                    let mut words = format!("‹ › {}", all.join(" / "));
                    if width(&words) > line.left() {
                        words = format!("‹ › one of {}: a letter, or right", choices.len());
                    }
                    line.add(&words, look.style(Role::Dim));
                }
                line.line().render(top, frame.buffer_mut());
                if here {
                    frame.set_cursor_position((space.x, space.y));
                }
            }
            Kind::Line(field) => {
                line.line().render(top, frame.buffer_mut());
                field.draw(frame, row(space, space.y), look, here, false, &entry.hint);
                underline(frame, space);
            }
            Kind::Secret(field) => {
                line.line().render(top, frame.buffer_mut());
                field.draw(frame, row(space, space.y), look, here, true, &entry.hint);
            }
            Kind::Note(edit) => {
                line.line().render(top, frame.buffer_mut());
                draw_note(frame, space, look, edit, here, &entry.hint);
                underline(frame, space);
            }
        }
    }
}

/// A line under the text shows where it goes, also without colour.
fn underline(frame: &mut Frame<'_>, area: Rect) {
    let style = Style::new().add_modifier(Modifier::UNDERLINED);
    frame.buffer_mut().set_style(area, style);
}

const fn row(area: Rect, y: u16) -> Rect {
    Rect {
        y,
        height: 1,
        ..area
    }
}

/// A note in its rows, the one with the cursor among them.
fn draw_note(frame: &mut Frame<'_>, area: Rect, look: &Look, edit: &Edit, here: bool, hint: &str) {
    if area.width < 2 || area.height == 0 {
        return;
    }
    let rows = edit.rows(area.width as usize - 1);
    let (at, column) = edit.cursor_in(&rows);
    let first = (at + 1).saturating_sub(area.height as usize);
    if edit.is_empty() {
        let hint = cut(hint, area.width as usize);
        Line::styled(hint, look.style(Role::Dim)).render(row(area, area.y), frame.buffer_mut());
    }
    for (y, text) in (area.y..area.bottom()).zip(rows.iter().skip(first)) {
        let text = cut(edit.row(text).trim_end(), area.width as usize);
        if !edit.is_empty() {
            Line::styled(text, look.style(Role::Text)).render(row(area, y), frame.buffer_mut());
        }
    }
    if here {
        let x = (column as u16).min(area.width - 1);
        frame.set_cursor_position((area.x + x, area.y + (at - first) as u16));
    }
}
