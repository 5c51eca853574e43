//! One line of typed text with a cursor.
//!
//! Invariants: holds no control characters and at most [`LONGEST`] characters; never eats a key it does not use.

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use tui_input::{Input, InputRequest};

use crate::keymap::KeyCombo;
use crate::tui::view::{Look, Role, text};

/// The longest text, in characters.
pub const LONGEST: usize = 1_000;

/// A line of typed text.
#[derive(Clone, Debug, Default)]
pub struct Field {
    input: Input,
}

impl Field {
    /// A field that holds a text, the cursor behind it.
    pub fn holding(text: &str) -> Self {
        let text = text::clean(text).chars().take(LONGEST).collect();
        Self {
            input: Input::new(text),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Replaces the text.
    pub fn set(&mut self, text: &str) {
        *self = Self::holding(text);
    }

    /// Takes a key. True if the field uses it.
    pub fn edit(&mut self, key: KeyCombo) -> bool {
        let request = match (key.typed(), key.code(), key.ctrl_char()) {
            (Some(c), ..) => {
                if c.is_control() || self.text().chars().count() >= LONGEST {
                    return true;
                }
                InputRequest::InsertChar(c)
            }
            (_, KeyCode::Backspace, _) => InputRequest::DeletePrevChar,
            (_, KeyCode::Delete, _) => InputRequest::DeleteNextChar,
            (_, KeyCode::Left, _) => InputRequest::GoToPrevChar,
            (_, KeyCode::Right, _) => InputRequest::GoToNextChar,
            (_, KeyCode::Home, _) | (_, _, Some('a')) => InputRequest::GoToStart,
            (_, KeyCode::End, _) | (_, _, Some('e')) => InputRequest::GoToEnd,
            (_, _, Some('w')) => InputRequest::DeletePrevWord,
            (_, _, Some('u')) => InputRequest::DeleteLine,
            (_, _, Some('k')) => InputRequest::DeleteTillEnd,
            _ => return false,
        };
        self.input.handle(request);
        true
    }

    /// Puts a text in at the cursor; line breaks become spaces.
    pub fn insert(&mut self, text: &str) {
        for c in text::clean(text).chars() {
            self.edit(KeyCombo::char(c));
        }
    }

    /// Draws the text into one line; the cursor is put there when the field has the keys. `secret` shows dots only.
    pub fn draw(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        look: &Look,
        focused: bool,
        secret: bool,
        hint: &str,
    ) {
        if area.width == 0 || area.height == 0 {
            return;
        }
        let room = area.width.saturating_sub(1) as usize;
        let (shown, cursor) = if secret {
            let dots = self.text().chars().count();
            ("•".repeat(dots), dots)
        } else {
            (self.text().to_owned(), self.input.visual_cursor())
        };
        let skip = cursor.saturating_sub(room);
        let line = if self.text().is_empty() {
            Line::styled(text::cut(hint, area.width as usize), look.style(Role::Dim))
        } else {
            let visible = skip_columns(&shown, skip);
            Line::styled(
                text::cut(&visible, area.width as usize),
                look.style(Role::Text),
            )
        };
        line.render(Rect { height: 1, ..area }, frame.buffer_mut());
        if focused {
            let x = area.x + (cursor - skip).min(room) as u16;
            frame.set_cursor_position((x, area.y));
        }
    }
}

/// What is left of a text behind its first columns.
fn skip_columns(text: &str, columns: usize) -> String {
    let mut passed = 0;
    text.chars()
        .skip_while(|c| {
            let before = passed;
            passed += text::width(&c.to_string());
            before < columns
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str) -> String {
        let mut field = Field::default();
        for key in keys.split(' ') {
            field.edit(key.parse().unwrap());
        }
        field.text().to_owned()
    }

    #[test]
    fn keys_edit_the_line() {
        for (keys, text) in [
            ("a b c", "abc"),
            ("a b backspace c", "ac"),
            ("a b home c", "cab"),
            ("a b left delete", "a"),
            ("a b ctrl-u c", "c"),
            ("a space b ctrl-w", "a "),
        ] {
            assert_eq!(typed(keys), text, "{keys}");
        }
        assert!(!Field::default().edit("up".parse().unwrap()));
        assert!(!Field::default().edit("enter".parse().unwrap()));
    }
}
