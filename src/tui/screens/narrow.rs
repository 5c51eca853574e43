//! A field over a list that it narrows: what help, the palette and every list to choose from have in common.
//!
//! Invariant: typing puts the best row in front; only a person's Enter takes it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::field::Field;
use crate::keymap::{Action, Availability, KeyCombo};
use crate::tui::view::list::{self, Selection};
use crate::tui::view::text::cut;
use crate::tui::view::{Look, Role};

/// The field and what is selected below it.
#[derive(Default)]
pub struct Narrow {
    /// What is typed.
    pub input: Field,
    /// The row in front.
    pub selection: Selection,
}

impl Narrow {
    /// What can be done in a list of `total` rows; anything else is refused with `otherwise`.
    pub fn availability(action: Action, total: usize, otherwise: &str) -> Availability {
        match action {
            Action::Submit if total == 0 => {
                Availability::Disabled("Nothing fits what is typed.".to_owned())
            }
            Action::Submit | Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
                Availability::Ready
            }
            _ => Availability::Disabled(otherwise.to_owned()),
        }
    }

    /// Takes a key into the field; the list begins anew. True if the field uses it.
    pub fn typed(&mut self, key: KeyCombo) -> bool {
        let used = self.input.edit(key);
        if used {
            self.selection.set(0);
        }
        used
    }

    /// Puts pasted text into the field.
    pub fn pasted(&mut self, text: &str) {
        self.input.insert(text);
        self.selection.set(0);
    }

    /// The row that `action` takes, after moving for one that moves.
    pub fn run(&mut self, action: Action, total: usize) -> Option<usize> {
        if self.selection.run(action, total) || action != Action::Submit {
            return None;
        }
        (self.selection.at() < total).then(|| self.selection.at())
    }

    /// Draws the field with its prompt and, below it, the rows. `make` gives the line of a row.
    pub fn draw(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        look: &Look,
        (prompt, hint): (&str, &str),
        total: usize,
        make: impl Fn(usize) -> Line<'static>,
    ) {
        if area.height < 2 {
            return;
        }
        let first = Rect { height: 1, ..area };
        Line::styled(format!("{prompt} "), look.style(Role::Title))
            .render(first, frame.buffer_mut());
        let rows = Rect {
            y: area.y + 1,
            height: area.height - 1,
            ..area
        };
        if total == 0 {
            let words = cut(" Nothing fits what is typed.", rows.width as usize);
            Line::styled(words, look.style(Role::Dim))
                .render(Rect { height: 1, ..rows }, frame.buffer_mut());
        }
        list::draw(frame, rows, look, &self.selection, total, true, make);
        let field = Rect {
            x: area.x + 2,
            width: area.width.saturating_sub(2),
            ..first
        };
        self.input.draw(frame, field, look, true, false, hint);
    }
}
