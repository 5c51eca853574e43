//! A page of rows under headings, one of them selected: what a device and an order are shown with.
//!
//! Invariants: headings and empty lines are never selected; the selection stays on its row when the page is made anew,
//! as long as a row with the same words or target is there; a long text takes as many lines as it needs.

use std::cell::Cell;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use crate::keymap::Action;
use crate::tui::view::list::{self, Selection};
use crate::tui::view::text::{self, LineMaker};
use crate::tui::view::{Look, Role};

/// One row.
#[derive(Clone, Debug)]
enum Row {
    Heading(String),
    Blank,
    Pair {
        label: String,
        value: String,
        role: Role,
    },
    Text {
        mark: &'static str,
        text: String,
        right: String,
        role: Role,
    },
}

/// Rows, each with what it stands for.
#[derive(Clone, Debug)]
pub struct Page<T> {
    rows: Vec<(Row, Option<T>)>,
    selection: Selection,
    label_width: usize,
    /// The line at the top, as last drawn.
    top: Cell<usize>,
}

impl<T: Clone + PartialEq> Default for Page<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            selection: Selection::default(),
            label_width: 18,
            top: Cell::new(0),
        }
    }
}

impl<T: Clone + PartialEq> Page<T> {
    /// An empty page whose labels take this many columns.
    pub fn new(label_width: usize) -> Self {
        Self {
            label_width,
            ..Self::default()
        }
    }

    /// A heading, with an empty line above it.
    pub fn heading(&mut self, text: impl Into<String>) {
        if !self.rows.is_empty() {
            self.rows.push((Row::Blank, None));
        }
        self.rows.push((Row::Heading(text.into()), None));
    }

    /// A label with its value.
    pub fn pair(&mut self, label: &str, value: impl Into<String>, role: Role, target: Option<T>) {
        let row = Row::Pair {
            label: label.to_owned(),
            value: value.into(),
            role,
        };
        self.rows.push((row, target));
    }

    /// A line of text with a mark before it and a note at the right edge.
    pub fn text(
        &mut self,
        mark: &'static str,
        text: impl Into<String>,
        right: impl Into<String>,
        role: Role,
        target: Option<T>,
    ) {
        let row = Row::Text {
            mark,
            text: text.into(),
            right: right.into(),
            role,
        };
        self.rows.push((row, target));
    }

    /// The target of the selected row.
    pub fn target(&self) -> Option<&T> {
        self.rows.get(self.selection.at())?.1.as_ref()
    }

    /// Takes the place of an earlier page: the selection stays with its target.
    pub fn follow(mut self, earlier: &Self) -> Self {
        self.selection = earlier.selection.clone();
        self.top = earlier.top.clone();
        if let Some(target) = earlier.target() {
            let same = |row: &(Row, Option<T>)| row.1.as_ref() == Some(target);
            if let Some(at) = self.rows.iter().position(same) {
                self.selection.set(at);
            }
        }
        self.selection.clamp(self.rows.len());
        self.settle(true);
        self
    }

    /// Moves the selection. True if the action moves.
    pub fn run(&mut self, action: Action) -> bool {
        if !self.selection.run(action, self.rows.len()) {
            return false;
        }
        let down = matches!(action, Action::Down | Action::PageDown | Action::Top);
        self.settle(down);
        true
    }

    /// Leaves a heading or an empty line in this direction, or in the other one at the end.
    fn settle(&mut self, down: bool) {
        let stands = |at: &usize| {
            matches!(
                self.rows.get(*at),
                Some((Row::Pair { .. } | Row::Text { .. }, _))
            )
        };
        let at = self.selection.at();
        let below = (at..self.rows.len()).find(stands);
        let above = (0..=at).rev().find(stands);
        let found = if down {
            below.or(above)
        } else {
            above.or(below)
        };
        if let Some(found) = found {
            self.selection.set(found);
        }
    }

    /// The lines of a row: one, or several for a text that is longer than the page is wide.
    fn lines(&self, columns: u16, look: &Look, row: &Row) -> Vec<Line<'static>> {
        let plain = look.style(Role::Text);
        let made = |line: LineMaker| line.filled(plain);
        match row {
            Row::Blank => vec![made(LineMaker::new(columns))],
            Row::Heading(words) => {
                let mut line = LineMaker::new(columns);
                line.add(" ", plain);
                line.add(words, look.style(Role::Title));
                vec![made(line)]
            }
            Row::Pair { label, value, role } => {
                let label_width = self.label_width.min(columns as usize * 2 / 5);
                let room = (columns as usize).saturating_sub(label_width + 2);
                let values = text::wrap(value, room).into_iter().enumerate();
                values
                    .map(|(at, value)| {
                        let mut line = LineMaker::new(columns);
                        let label = if at == 0 { label.as_str() } else { "" };
                        line.add(" ", plain);
                        line.column(label, label_width, look.style(Role::Dim));
                        line.add(" ", plain);
                        line.add(&value, look.style(*role));
                        made(line)
                    })
                    .collect()
            }
            Row::Text {
                mark,
                text: words,
                right,
                role,
            } => {
                let lead = if mark.is_empty() { 1 } else { 3 };
                let whole = (columns as usize).saturating_sub(lead);
                let side = text::width(right);
                // Beside each other where both fit whole; else what stands at the edge goes below.
                let beside =
                    side > 0 && text::width(words) + side + 2 <= whole && !words.contains('\n');
                let room = if beside { whole - side - 2 } else { whole };
                let mut lines: Vec<Line<'static>> = text::wrap(words, room)
                    .into_iter()
                    .enumerate()
                    .map(|(at, words)| {
                        let mut line = LineMaker::new(columns);
                        match (at, lead) {
                            (0, 3) => line.add(&format!(" {mark} "), look.style(*role)),
                            (_, 3) => line.add("   ", plain),
                            _ => line.add(" ", plain),
                        };
                        line.column(&words, room, look.style(*role));
                        if beside {
                            line.add(&format!(" {right} "), look.style(Role::Dim));
                        }
                        made(line)
                    })
                    .collect();
                if side > 0 && !beside {
                    lines.extend(text::wrap(right, whole.saturating_sub(2)).into_iter().map(
                        |right| {
                            let mut line = LineMaker::new(columns);
                            line.add(&" ".repeat(lead + 2), plain);
                            line.add(&right, look.style(Role::Dim));
                            made(line)
                        },
                    ));
                }
                lines
            }
        }
    }

    /// Draws the page; the selected row is always visible, as much of it as fits.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look, focused: bool) {
        if area.height == 0 || area.width == 0 {
            return;
        }
        let mut lines: Vec<(usize, Line<'static>)> = Vec::new();
        for (at, (row, _)) in self.rows.iter().enumerate() {
            let more = self.lines(area.width, look, row);
            lines.extend(more.into_iter().map(|line| (at, line)));
        }
        let high = area.height as usize;
        // The page keys move by rows; a page has about as many as lines.
        let _ = self.selection.window(high, self.rows.len());
        let mine = |(at, _): &(usize, Line<'static>)| *at == self.selection.at();
        let first = lines.iter().position(mine).unwrap_or(0);
        let last = lines.iter().rposition(mine).unwrap_or(first);
        let mut top = self.top.get().min(lines.len().saturating_sub(high));
        if last >= top + high {
            top = last + 1 - high;
        }
        // The heading above the first row belongs to it.
        let head = if first <= 1 { 0 } else { first };
        top = top.min(head);
        self.top.set(top);
        for (y, (at, line)) in (area.y..area.bottom()).zip(lines.into_iter().skip(top)) {
            let row = Rect {
                y,
                height: 1,
                ..area
            };
            line.render(row, frame.buffer_mut());
            if at == self.selection.at() {
                list::mark(frame, row, look, focused);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_note_is_shown_to_its_end() {
        use ratatui::{Terminal, backend::TestBackend};
        let look = Look {
            mono: true,
            ascii: false,
            plain: false,
        };
        let mut page: Page<u8> = Page::new(8);
        page.heading("Notes");
        page.text(
            "",
            "First line\nand a second one that goes on and on",
            "JD",
            Role::Text,
            None,
        );
        page.pair(
            "Problem",
            "Alarm is silent when the door opens",
            Role::Text,
            Some(1),
        );
        let page = page.follow(&Page::new(8));
        let mut terminal = Terminal::new(TestBackend::new(30, 9)).unwrap();
        terminal
            .draw(|frame| page.draw(frame, frame.area(), &look, true))
            .unwrap();
        let screen = terminal.backend().to_string();
        for words in [
            "First line",
            "JD",
            "second one",
            "and on  ",
            "silent when",
            "opens",
        ] {
            assert!(screen.contains(words), "{words}:\n{screen}");
        }
        // In a window of three lines the selected row is the one that is seen.
        let mut page = page;
        page.run(Action::Bottom);
        let mut terminal = Terminal::new(TestBackend::new(30, 3)).unwrap();
        terminal
            .draw(|frame| page.draw(frame, frame.area(), &look, true))
            .unwrap();
        assert!(terminal.backend().to_string().contains("opens"));
    }

    #[test]
    fn headings_are_passed_over() {
        let mut page: Page<u8> = Page::new(10);
        page.heading("A");
        page.pair("x", "1", Role::Text, Some(1));
        page.heading("B");
        page.pair("y", "2", Role::Text, Some(2));
        let mut page = page.follow(&Page::new(10));
        assert_eq!(page.target(), Some(&1));
        for (action, target) in [
            (Action::Down, 2),
            (Action::Down, 2),
            (Action::Up, 1),
            (Action::Up, 1),
            (Action::Bottom, 2),
            (Action::Top, 1),
        ] {
            page.run(action);
            assert_eq!(page.target(), Some(&target), "{action:?}");
        }
    }
}
