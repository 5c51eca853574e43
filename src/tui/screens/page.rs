//! A page of rows under headings, one of them selected: what a device and an order are shown with.
//!
//! Invariants: headings and empty lines are never selected; the selection stays on its row when the page is made anew,
//! as long as a row with the same words or target is there.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

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
}

impl<T: Clone + PartialEq> Default for Page<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            selection: Selection::default(),
            label_width: 18,
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

    fn line(&self, columns: u16, look: &Look, row: &Row) -> Line<'static> {
        let plain = look.style(Role::Text);
        let mut line = LineMaker::new(columns);
        match row {
            Row::Blank => {}
            Row::Heading(words) => {
                line.add(words, look.style(Role::Title));
            }
            Row::Pair { label, value, role } => {
                let label_width = self.label_width.min(columns as usize * 2 / 5);
                line.add(" ", plain);
                line.column(label, label_width, look.style(Role::Dim));
                line.add(" ", plain);
                line.add(value, look.style(*role));
            }
            Row::Text {
                mark,
                text: words,
                right,
                role,
            } => {
                line.add(" ", plain);
                if !mark.is_empty() {
                    line.add(&format!("{mark} "), look.style(*role));
                }
                let side = text::width(right).min(columns as usize * 2 / 5);
                let room = line
                    .left()
                    .saturating_sub(if side > 0 { side + 1 } else { 0 });
                if room >= 12 || side == 0 {
                    line.column(words, room, look.style(*role));
                    if side > 0 {
                        line.add(" ", plain);
                        line.column(right, side, look.style(Role::Dim));
                    }
                } else {
                    line.add(words, look.style(*role));
                }
            }
        }
        line.filled(plain)
    }

    /// Draws the page.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look, focused: bool) {
        list::draw(
            frame,
            area,
            look,
            &self.selection,
            self.rows.len(),
            focused,
            |at| {
                self.rows
                    .get(at)
                    .map_or_else(Line::default, |(row, _)| self.line(area.width, look, row))
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
