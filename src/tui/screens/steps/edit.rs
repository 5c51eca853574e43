//! A text field: one line, or a note of several lines.
//!
//! Invariants: the cursor lies between characters, never inside one; the only control character that ever enters is the
//! line break of a note; a line is at most [`LONGEST`] characters long, a note [`LONGEST_NOTE`].

use std::cell::Cell;
use std::ops::Range;

use crossterm::event::KeyCode;
use unicode_width::UnicodeWidthChar as _;

use crate::keymap::KeyCombo;
use crate::tui::view::text::shown;

/// The most characters that a line takes.
pub const LONGEST: usize = 500;
/// The most characters that a note takes.
pub const LONGEST_NOTE: usize = 2_000;
/// The columns of a note that was not drawn yet.
const FIRST_WIDTH: usize = 60;

/// A text field: its text and the cursor, counted in characters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Edit {
    text: Vec<char>,
    cursor: usize,
    /// Enter breaks the line.
    note: bool,
    /// Columns as last drawn, for the way up and down; noted while drawing.
    width: Cell<usize>,
}

impl Edit {
    /// An empty note of several lines.
    pub fn note() -> Self {
        Self {
            note: true,
            width: Cell::new(FIRST_WIDTH),
            ..Self::default()
        }
    }

    /// A field with this text, the cursor at its end.
    pub fn with(text: &str) -> Self {
        let mut edit = Self::default();
        edit.insert(text);
        edit
    }

    /// Whether it has several lines.
    pub const fn is_note(&self) -> bool {
        self.note
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

    /// Puts text in at the cursor; line breaks become spaces unless this is a note, other control characters and marks
    /// that cannot be seen are left out.
    pub fn insert(&mut self, text: &str) {
        let longest = if self.note { LONGEST_NOTE } else { LONGEST };
        for c in text.chars() {
            let c = match c {
                '\n' if self.note => c,
                '\n' | '\t' => ' ',
                c if c.is_control() || shown(c).is_none() => continue,
                c => c,
            };
            if self.text.len() >= longest {
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
            (KeyCode::Enter, _) if self.note => self.insert("\n"),
            (KeyCode::Home, _) | (_, Some('a')) => self.cursor = self.line().start,
            (KeyCode::End, _) | (_, Some('e')) => self.cursor = self.line().end,
            (_, Some('k')) => {
                let end = self.line().end;
                self.text.drain(self.cursor.min(end)..end);
            }
            (_, Some('u')) => {
                let start = self.line().start;
                self.text.drain(start..self.cursor.max(start));
                self.cursor = start;
            }
            (_, Some('w')) => self.delete_word(),
            _ => return false,
        }
        true
    }

    /// The line that the cursor is in, without its line break.
    fn line(&self) -> Range<usize> {
        let cursor = self.cursor.min(self.text.len());
        let (before, after) = self.text.split_at(cursor);
        let start = before
            .iter()
            .rposition(|c| *c == '\n')
            .map_or(0, |at| at + 1);
        let end = after.iter().position(|c| *c == '\n');
        start..end.map_or(self.text.len(), |at| cursor + at)
    }

    /// The text as rows of at most `width` columns, broken at spaces where there are any; at least one row.
    pub fn rows(&self, width: usize) -> Vec<Range<usize>> {
        let width = width.max(1);
        self.width.set(width);
        let mut out = Vec::new();
        let (mut start, mut used, mut space) = (0, 0, None);
        let mut at = 0;
        while let Some(c) = self.text.get(at) {
            if *c == '\n' {
                out.push(start..at);
                (start, used, space) = (at + 1, 0, None);
                at += 1;
                continue;
            }
            let wide = c.width().unwrap_or(0);
            // A space may hang over the edge; what follows begins the next row.
            if *c != ' ' && used + wide > width && at > start {
                let from = space.unwrap_or(at);
                out.push(start..from);
                (start, space) = (from, None);
                used = self.columns(from..at);
                continue;
            }
            used += wide;
            at += 1;
            if *c == ' ' {
                space = Some(at);
            }
        }
        out.push(start..self.text.len());
        out
    }

    /// The characters of a row.
    pub fn row(&self, row: &Range<usize>) -> String {
        self.text
            .get(row.clone())
            .unwrap_or_default()
            .iter()
            .collect()
    }

    /// The characters of a row before the cursor, and from it on.
    pub fn row_halves(&self, row: &Range<usize>) -> (String, String) {
        let cursor = self.cursor.clamp(row.start, row.end);
        (self.row(&(row.start..cursor)), self.row(&(cursor..row.end)))
    }

    fn columns(&self, range: Range<usize>) -> usize {
        let text = self.text.get(range).unwrap_or_default();
        text.iter().map(|c| c.width().unwrap_or(0)).sum()
    }

    /// Where the cursor stands in these rows: row and column.
    pub fn cursor_in(&self, rows: &[Range<usize>]) -> (usize, usize) {
        let row = rows
            .iter()
            .rposition(|row| row.start <= self.cursor)
            .unwrap_or(0);
        let start = rows.get(row).map_or(0, |row| row.start);
        (row, self.columns(start..self.cursor))
    }

    /// Moves to the row above or below. False at the first or last one.
    pub fn step(&mut self, down: bool) -> bool {
        let rows = self.rows(self.width.get().max(1));
        let (at, column) = self.cursor_in(&rows);
        let to = if down {
            at.checked_add(1)
        } else {
            at.checked_sub(1)
        };
        let Some(row) = to.and_then(|to| rows.get(to)) else {
            return false;
        };
        // The end of a row that was broken belongs to the next one.
        let broken = goes_on(&rows, row);
        let last = row
            .end
            .saturating_sub(usize::from(broken && row.end > row.start));
        let fits = |end: &usize| self.columns(row.start..*end) <= column;
        self.cursor = (row.start..=last.max(row.start))
            .take_while(fits)
            .last()
            .unwrap_or(row.start);
        true
    }

    fn delete_word(&mut self) {
        let mut start = self.cursor;
        let space = |at: usize| self.text.get(at).is_none_or(|c| matches!(c, ' ' | '\n'));
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

/// Whether a row goes on in the next one without a line break between them.
fn goes_on(rows: &[Range<usize>], row: &Range<usize>) -> bool {
    rows.iter().any(|next| next.start == row.end && next != row)
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

    fn noted(keys: &str, width: usize) -> String {
        let mut edit = Edit::note();
        edit.rows(width);
        for key in keys.split(' ') {
            let combo: KeyCombo = key.parse().unwrap();
            match combo.code() {
                KeyCode::Up => drop(edit.step(false)),
                KeyCode::Down => drop(edit.step(true)),
                _ => drop(edit.key(combo)),
            }
        }
        let (before, after) = edit.halves();
        format!("{before}|{after}")
    }

    #[test]
    fn a_note_has_lines_and_the_cursor_goes_up_and_down_in_them() {
        for (keys, want) in [
            ("a enter b", "a\nb|"),
            ("a b enter c d up x", "abx|\ncd"),
            ("a b enter c up x", "ax|b\nc"),
            ("a enter b c home x", "a\nx|bc"),
            ("a enter b c ctrl-u x", "a\nx|"),
            ("a b enter c up home ctrl-k x", "x|\nc"),
            ("a up x", "ax|"),
            ("a enter enter b up x", "a\nx|\nb"),
            // Six columns: "one two" is two rows without a line break.
            ("o n e space t w o up x", "onex| two"),
        ] {
            assert_eq!(noted(keys, 6), want, "{keys}");
        }
    }

    #[test]
    fn rows_break_at_spaces() {
        let note = |text: &str| {
            let mut edit = Edit::note();
            edit.insert(text);
            edit
        };
        for (text, width, rows) in [
            ("one two", 6, ["one ", "two"].as_slice()),
            ("abcdefgh", 3, &["abc", "def", "gh"]),
            ("a\n\nb", 9, &["a", "", "b"]),
            ("", 9, &[""]),
            ("one   ", 4, &["one   "]),
        ] {
            let edit = note(text);
            let shown: Vec<String> = edit.rows(width).iter().map(|r| edit.row(r)).collect();
            assert_eq!(shown, rows, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn rows_hold_every_character_once(text in "[a-c \n\u{5fc3}]{0,80}", width in 1usize..12) {
            let mut edit = Edit::note();
            edit.insert(&text);
            let rows = edit.rows(width);
            let mut again = String::new();
            for (at, row) in rows.iter().enumerate() {
                again.push_str(&edit.row(row));
                if rows.get(at + 1).is_some_and(|next| next.start > row.end) {
                    again.push('\n');
                }
            }
            prop_assert_eq!(again, edit.text());
            let (row, _) = edit.cursor_in(&rows);
            prop_assert_eq!(row, rows.len() - 1);
        }

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
