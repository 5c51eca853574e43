//! A text field of one line.
//!
//! Invariants: the cursor lies between characters, never inside one; control characters never enter; the text is at most
//! [`LONGEST`] characters long.

use crossterm::event::KeyCode;

use crate::keymap::KeyCombo;

/// The most characters that a field takes.
pub const LONGEST: usize = 500;

/// A text field: its text and the cursor, counted in characters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Edit {
    text: Vec<char>,
    cursor: usize,
}

impl Edit {
    /// A field with this text, the cursor at its end.
    pub fn with(text: &str) -> Self {
        let mut edit = Self::default();
        edit.insert(text);
        edit
    }

    /// What is typed.
    pub fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// Nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text before the cursor and from the cursor on, for drawing.
    pub fn halves(&self) -> (String, String) {
        let (before, after) = self.text.split_at(self.cursor.min(self.text.len()));
        (before.iter().collect(), after.iter().collect())
    }

    /// Empties the field.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// Puts text in at the cursor; line breaks become spaces, other control characters are left out.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars() {
            let c = if c == '\n' || c == '\t' { ' ' } else { c };
            if c.is_control() || self.text.len() >= LONGEST {
                continue;
            }
            self.text.insert(self.cursor.min(self.text.len()), c);
            self.cursor += 1;
        }
    }

    /// Takes a key that types or edits. False when the field has no use for it.
    pub fn key(&mut self, key: KeyCombo) -> bool {
        if let Some(c) = key.typed() {
            self.insert(c.encode_utf8(&mut [0; 4]));
            return true;
        }
        match (key.code(), key.ctrl_char()) {
            (KeyCode::Backspace, _) => {
                if self.cursor > 0 {
                    self.cursor -= 1;
                    self.text.remove(self.cursor);
                }
            }
            (KeyCode::Delete, _) => {
                if self.cursor < self.text.len() {
                    self.text.remove(self.cursor);
                }
            }
            (KeyCode::Left, _) => self.cursor = self.cursor.saturating_sub(1),
            (KeyCode::Right, _) => self.cursor = (self.cursor + 1).min(self.text.len()),
            (KeyCode::Home, _) | (_, Some('a')) => self.cursor = 0,
            (KeyCode::End, _) | (_, Some('e')) => self.cursor = self.text.len(),
            (_, Some('k')) => self.text.truncate(self.cursor),
            (_, Some('u')) => {
                self.text.drain(..self.cursor.min(self.text.len()));
                self.cursor = 0;
            }
            (_, Some('w')) => self.delete_word(),
            _ => return false,
        }
        true
    }

    fn delete_word(&mut self) {
        let mut start = self.cursor;
        let space = |at: usize| self.text.get(at).is_none_or(|c| *c == ' ');
        while start > 0 && space(start - 1) {
            start -= 1;
        }
        while start > 0 && !space(start - 1) {
            start -= 1;
        }
        self.text.drain(start..self.cursor);
        self.cursor = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(keys: &str) -> String {
        let mut edit = Edit::default();
        for key in keys.split(' ') {
            edit.key(key.parse().unwrap());
        }
        let (before, after) = edit.halves();
        format!("{before}|{after}")
    }

    #[test]
    fn keys_edit_as_shells_taught_people() {
        for (keys, want) in [
            ("a b c", "abc|"),
            ("a b left c", "ac|b"),
            ("a b c left backspace", "a|c"),
            ("a b c home delete", "|bc"),
            ("a b space c d ctrl-w", "ab |"),
            ("a b c left ctrl-k", "ab|"),
            ("a b c left ctrl-u", "|c"),
            ("a b ctrl-a c", "c|ab"),
        ] {
            assert_eq!(typed(keys), want, "{keys}");
        }
    }

    #[test]
    fn control_characters_and_pages_stay_out() {
        let mut edit = Edit::with("a\u{1b}[2J\nb");
        assert_eq!(edit.text(), "a[2J b");
        edit.insert(&"x".repeat(2 * LONGEST));
        assert_eq!(edit.text().chars().count(), LONGEST);
    }

    proptest! {
        #[test]
        fn any_keys_leave_a_field_that_can_be_drawn(keys in proptest::collection::vec(0usize..12, 0..60)) {
            let names = ["a", "é", "space", "left", "right", "home", "end", "backspace", "delete", "ctrl-w", "ctrl-u", "ctrl-k"];
            let mut edit = Edit::default();
            for key in keys {
                edit.key(names[key].parse().unwrap());
                let (before, after) = edit.halves();
                prop_assert_eq!(format!("{before}{after}"), edit.text());
            }
        }
    }
}
