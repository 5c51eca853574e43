//! The selection and scroll position of a list, and rows drawn with it.
//!
//! Invariants: the selected row is always inside the list and always visible; only rows that are visible are made.

use std::cell::Cell;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::{Look, Role};
use crate::keymap::{Action, Context};

/// Which row is selected, and which one stands at the top. The top and the page are noted while drawing.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    at: usize,
    top: Cell<usize>,
    page: Cell<usize>,
    bar: Cell<Option<u16>>,
}

impl Selection {
    /// The selected row.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Selects a row.
    pub fn set(&mut self, at: usize) {
        self.at = at;
    }

    /// Stays inside a list that may have become shorter.
    pub fn clamp(&mut self, total: usize) {
        self.at = self.at.min(total.saturating_sub(1));
    }

    /// Only so many columns of the selected row are marked: those that name it, where a row says much more.
    pub fn mark_only(&self, columns: Option<u16>) {
        self.bar.set(columns);
    }

    /// Rows of one page, as last drawn.
    pub fn page(&self) -> usize {
        self.page.get().max(1)
    }

    /// Moves by an action. True if it is one that moves.
    pub fn run(&mut self, action: Action, total: usize) -> bool {
        let last = total.saturating_sub(1);
        self.at = match action {
            Action::Up => self.at.saturating_sub(1),
            Action::Down => (self.at + 1).min(last),
            Action::PageUp => self.at.saturating_sub(self.page()),
            Action::PageDown => (self.at + self.page()).min(last),
            Action::Top => 0,
            Action::Bottom => last,
            _ => return false,
        };
        true
    }

    /// The rows that are visible in a window of this height, the selected one among them.
    pub fn window(&self, height: usize, total: usize) -> std::ops::Range<usize> {
        self.page.set(height.max(1));
        let height = height.max(1);
        let mut top = self.top.get().min(total.saturating_sub(height));
        if self.at < top {
            top = self.at;
        } else if self.at >= top + height {
            top = self.at + 1 - height;
        }
        self.top.set(top);
        top..(top + height).min(total)
    }
}

/// Whether an action only moves in a list.
pub const fn moves(action: Action) -> bool {
    matches!(
        action,
        Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::Top
            | Action::Bottom
    )
}

/// Whether an action belongs to a list or page of this context: one of its own, one that moves in it, or copying. (That an
/// action exists everywhere does not mean that this page does something with it.)
pub fn belongs(action: Action, context: Context) -> bool {
    action.meta().contexts.contains(&context) || moves(action) || action == Action::Copy
}

/// Draws rows into `area`, the selected one marked. `make` gives the line of a row.
pub fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    look: &Look,
    selection: &Selection,
    total: usize,
    focused: bool,
    make: impl Fn(usize) -> Line<'static>,
) {
    if area.height == 0 || area.width == 0 {
        return;
    }
    for (y, at) in selection.window(area.height as usize, total).enumerate() {
        let row = Rect {
            y: area.y + y as u16,
            height: 1,
            ..area
        };
        make(at).render(row, frame.buffer_mut());
        if at == selection.at() && total > 0 {
            let bar = Rect {
                width: selection.bar.get().unwrap_or(row.width).min(row.width),
                ..row
            };
            mark(frame, bar, look, focused);
        }
    }
}

/// Marks a drawn row as the selected one; for screen readers the cursor stands on it.
pub fn mark(frame: &mut Frame<'_>, row: Rect, look: &Look, focused: bool) {
    let role = if focused {
        Role::Selected
    } else {
        Role::SelectedBehind
    };
    frame.buffer_mut().set_style(row, look.style(role));
    if focused && look.plain {
        frame.set_cursor_position((row.x, row.y));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_is_always_visible() {
        let mut list = Selection::default();
        assert_eq!(list.window(3, 0), 0..0);
        assert_eq!(list.window(3, 10), 0..3);
        for (action, at, shown) in [
            (Action::Down, 1, 0..3),
            (Action::PageDown, 4, 2..5),
            (Action::Bottom, 9, 7..10),
            (Action::Down, 9, 7..10),
            (Action::PageUp, 6, 6..9),
            (Action::Top, 0, 0..3),
            (Action::Up, 0, 0..3),
        ] {
            assert!(list.run(action, 10));
            assert_eq!((list.at(), list.window(3, 10)), (at, shown), "{action:?}");
        }
        list.set(9);
        list.clamp(4);
        assert_eq!(list.at(), 3);
        assert!(!list.run(Action::Quit, 4));
    }
}
