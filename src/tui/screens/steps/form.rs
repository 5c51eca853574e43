//! Questions over a screen: a form of a few fields, and a list to pick from.
//!
//! Invariants: nothing typed is lost while the question is open; a form is only done when every required field holds
//! something; a row of a list is picked by its digit or with the arrows and Enter.

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::edit::Edit;
use super::paint::{self, Tint};
use crate::keymap::{Action, Context, KeyCombo};
use crate::tui::view::Look;

/// One field of a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Field {
    /// A line of text.
    Text {
        /// What it is.
        label: &'static str,
        /// What is typed.
        edit: Edit,
        /// It must not be empty.
        required: bool,
    },
    /// A whole number.
    Number {
        /// What it is.
        label: &'static str,
        /// What is typed.
        edit: Edit,
    },
    /// One of several.
    Choice {
        /// What it is.
        label: &'static str,
        /// The choices in words.
        options: Vec<String>,
        /// The one chosen.
        at: usize,
    },
}

impl Field {
    /// An empty line of text.
    pub fn text(label: &'static str) -> Self {
        Self::Text {
            label,
            edit: Edit::default(),
            required: true,
        }
    }

    /// A text of several lines.
    pub fn note(label: &'static str) -> Self {
        Self::Text {
            label,
            edit: Edit::note(),
            required: true,
        }
    }

    /// A line of text that may stay empty.
    pub fn optional(label: &'static str) -> Self {
        Self::Text {
            label,
            edit: Edit::default(),
            required: false,
        }
    }

    /// A number with a value to start from.
    pub fn number(label: &'static str, value: u32) -> Self {
        Self::Number {
            label,
            edit: Edit::with(&value.to_string()),
        }
    }

    /// One of several.
    pub fn choice(label: &'static str, options: Vec<String>, at: usize) -> Self {
        Self::Choice { label, options, at }
    }

    const fn label(&self) -> &'static str {
        match self {
            Self::Text { label, .. } | Self::Number { label, .. } | Self::Choice { label, .. } => {
                label
            }
        }
    }
}

/// What became of a form after an action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    /// It stays open.
    Open,
    /// It was given up.
    GivenUp,
    /// It is complete.
    Complete,
}

/// A form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Form {
    /// The heading.
    pub title: String,
    /// What it is about and what will happen.
    pub about: String,
    fields: Vec<Field>,
    at: usize,
    error: Option<String>,
    /// Everything is proposed: Enter sends from any field.
    proposed: bool,
}

impl Form {
    /// A form with the first field in front.
    pub fn new(title: impl Into<String>, about: impl Into<String>, fields: Vec<Field>) -> Self {
        Self {
            title: title.into(),
            about: about.into(),
            fields,
            at: 0,
            error: None,
            proposed: false,
        }
    }

    /// A form that is filled in already: Enter sends it from any field, the arrows and Tab go to what is to be changed.
    pub fn proposed(mut self) -> Self {
        self.proposed = true;
        self
    }

    /// The text of a field, trimmed; empty for a choice.
    pub fn text(&self, index: usize) -> String {
        match self.fields.get(index) {
            Some(Field::Text { edit, .. } | Field::Number { edit, .. }) => {
                edit.text().trim().to_owned()
            }
            _ => String::new(),
        }
    }

    /// The number of a field, if it is one.
    pub fn number(&self, index: usize) -> Option<u32> {
        self.text(index).parse().ok()
    }

    /// The place of the choice made; 0 for other fields.
    pub fn chosen(&self, index: usize) -> usize {
        match self.fields.get(index) {
            Some(Field::Choice { at, .. }) => *at,
            _ => 0,
        }
    }

    /// Puts a text into a field in place of what is there.
    pub fn fill(&mut self, index: usize, text: &str) {
        if let Some(Field::Text { edit, .. }) = self.fields.get_mut(index) {
            *edit = Edit::with(text);
        }
    }

    /// Shows what is wrong and keeps the form open.
    pub fn refuse(&mut self, words: impl Into<String>) {
        self.error = Some(words.into());
    }

    /// The keymap context that the field in front is typed in.
    pub fn context(&self) -> Context {
        match self.fields.get(self.at) {
            Some(Field::Text { edit, .. }) if edit.is_note() => Context::Note,
            _ => Context::Dialog,
        }
    }

    /// The note that is being written, if the field in front is one.
    fn note(&mut self) -> Option<&mut Edit> {
        match self.fields.get_mut(self.at) {
            Some(Field::Text { edit, .. }) if edit.is_note() => Some(edit),
            _ => None,
        }
    }

    /// Takes a key without an action.
    pub fn typed(&mut self, key: KeyCombo) -> bool {
        self.error = None;
        match self.fields.get_mut(self.at) {
            Some(Field::Text { edit, .. }) => edit.key(key),
            Some(Field::Number { edit, .. }) => {
                key.typed().is_none_or(|c| c.is_ascii_digit()) && edit.key(key)
            }
            Some(Field::Choice { options, at, .. }) => {
                let last = options.len().saturating_sub(1);
                match (key.code(), key.typed()) {
                    (KeyCode::Left, _) => *at = at.saturating_sub(1),
                    (KeyCode::Right, _) => *at = (*at + 1).min(last),
                    (_, Some(c)) => {
                        let begins = |o: &String| {
                            o.chars().next().map(|f| f.to_ascii_lowercase())
                                == Some(c.to_ascii_lowercase())
                        };
                        let next = (1..=options.len())
                            .map(|i| (*at + i) % options.len().max(1))
                            .find(|i| options.get(*i).is_some_and(begins));
                        match next {
                            Some(i) => *at = i,
                            None => return false,
                        }
                    }
                    _ => return false,
                }
                true
            }
            None => false,
        }
    }

    /// Takes pasted text.
    pub fn pasted(&mut self, text: &str) -> bool {
        match self.fields.get_mut(self.at) {
            Some(Field::Text { edit, .. }) => {
                edit.insert(text);
                true
            }
            _ => false,
        }
    }

    /// Runs an action.
    pub fn run(&mut self, action: Action) -> Done {
        self.error = None;
        let last = self.fields.len().saturating_sub(1);
        let mut saves = false;
        if let Some(edit) = self.note() {
            match action {
                Action::NewLine => edit.insert("\n"),
                Action::Up | Action::Down if edit.step(action == Action::Down) => {
                    return Done::Open;
                }
                // The key of a note saves; it is pressed for nothing else.
                Action::Submit => saves = true,
                _ => {}
            }
        }
        match action {
            Action::Back => return Done::GivenUp,
            Action::NextField | Action::Down => self.at = (self.at + 1).min(last),
            Action::PreviousField | Action::Up => self.at = self.at.saturating_sub(1),
            Action::Submit
                if !(saves || self.proposed)
                    && self.at < last
                    && self.missing(self.at).is_none() =>
            {
                self.at += 1;
            }
            Action::Submit => match (0..self.fields.len()).find_map(|i| self.missing(i)) {
                Some((i, words)) => {
                    self.at = i;
                    self.error = Some(words);
                }
                None => return Done::Complete,
            },
            _ => {}
        }
        Done::Open
    }

    fn missing(&self, index: usize) -> Option<(usize, String)> {
        match self.fields.get(index)? {
            Field::Text {
                label,
                edit,
                required: true,
            } if edit.text().trim().is_empty() => Some((
                index,
                format!("{label}: a few words are needed. No patient data."),
            )),
            Field::Number { label, edit } if edit.text().trim().parse::<u32>().is_err() => {
                Some((index, format!("{label}: a whole number is needed.")))
            }
            _ => None,
        }
    }

    /// Draws it over an area.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let width = paint::overlay_width(area);
        let labels = self
            .fields
            .iter()
            .map(|f| f.label().len())
            .max()
            .unwrap_or(0);
        // Without room beside its label the field in front stands below it.
        let narrow = width < labels + 4 + BESIDE;
        let mut out: Vec<Line<'static>> = Vec::new();
        if !self.about.is_empty() && area.height > 8 {
            out.extend(
                paint::wrap(&self.about, width)
                    .into_iter()
                    .map(|l| paint::line(look, Tint::Dim, l)),
            );
        }
        for (i, field) in self.fields.iter().enumerate() {
            let front = i == self.at;
            let cursor = if front {
                if look.ascii { "> " } else { "▸ " }
            } else {
                "  "
            };
            let label = paint::pad(look, field.label(), labels);
            let tint = if front { Tint::Strong } else { Tint::Plain };
            let mut spans = vec![paint::span(look, tint, format!("{cursor}{label}  "))];
            let mut labels = labels;
            if narrow && front {
                out.push(Line::from(std::mem::take(&mut spans)));
                spans.push(Span::raw("    "));
                labels = 0;
            }
            let room = width.saturating_sub(labels + 4);
            match field {
                Field::Text { edit, .. } if edit.is_note() => {
                    let most = (area.height as usize).saturating_sub(7).clamp(1, NOTE_ROWS);
                    let mut rows = note_rows(look, edit, front, room, most).into_iter();
                    spans.extend(rows.next().unwrap_or_default());
                    out.push(Line::from(std::mem::take(&mut spans)));
                    let indent = " ".repeat(labels + 4);
                    for row in rows {
                        let mut line = vec![paint::span(look, Tint::Plain, indent.clone())];
                        line.extend(row);
                        out.push(Line::from(line));
                    }
                    continue;
                }
                Field::Text { edit, .. } | Field::Number { edit, .. } => {
                    spans.extend(field_spans(look, edit, front, room));
                }
                Field::Choice { options, at, .. } => {
                    let words = options.get(*at).cloned().unwrap_or_default();
                    let (left, right) = if look.ascii {
                        ("<", ">")
                    } else {
                        ("‹", "›")
                    };
                    let words = match options.len() {
                        0 | 1 => words,
                        count => format!("{left} {words} {right}  {} of {count}", at + 1),
                    };
                    let tint = if front { Tint::Chosen } else { Tint::Plain };
                    spans.push(paint::span(look, tint, paint::cut(look, &words, room)));
                }
            }
            out.push(Line::from(spans));
        }
        if let Some(error) = &self.error {
            out.extend(
                paint::wrap(error, width)
                    .into_iter()
                    .map(|l| paint::line(look, Tint::Bad, l)),
            );
        }
        paint::overlay(frame, area, look, &self.title, out);
    }
}

/// Columns that a field needs beside its label.
const BESIDE: usize = 16;
/// Most rows of a note that are shown at once.
const NOTE_ROWS: usize = 8;
/// Rows of a note that are shown although they are empty, so that it is seen to be one.
const FEWEST_ROWS: usize = 3;

/// A note in rows of `room` columns, at most `height` of them, the one with the cursor among them.
fn note_rows(
    look: &Look,
    edit: &Edit,
    front: bool,
    room: usize,
    height: usize,
) -> Vec<Vec<Span<'static>>> {
    let rows = edit.rows(room.saturating_sub(1));
    let (at, _) = edit.cursor_in(&rows);
    let first = (at + 1).saturating_sub(height);
    let shown = rows.iter().enumerate().skip(first).take(height);
    let mut out: Vec<_> = shown
        .map(|(i, row)| {
            if !front || i != at {
                let tint = if front { Tint::Strong } else { Tint::Plain };
                return vec![paint::span(look, tint, edit.row(row))];
            }
            let (before, after) = edit.row_halves(row);
            let mut after = after.chars();
            let under: String = after.next().unwrap_or('_').to_string();
            vec![
                paint::span(look, Tint::Strong, before),
                paint::span(look, Tint::Chosen, under),
                paint::span(look, Tint::Strong, after.collect::<String>()),
            ]
        })
        .collect();
    while out.len() < FEWEST_ROWS.min(height) {
        out.push(Vec::new());
    }
    out
}

/// A text field in `room` columns, the end of long text in view, with a cursor when it is in front.
pub fn field_spans(look: &Look, edit: &Edit, front: bool, room: usize) -> Vec<Span<'static>> {
    let (before, after) = edit.halves();
    let keep = room.saturating_sub(1);
    let count = before.chars().count();
    let shown: String = before.chars().skip(count.saturating_sub(keep)).collect();
    let rest = keep.saturating_sub(shown.chars().count());
    if !front {
        let all: String = format!("{shown}{after}").chars().take(room).collect();
        return vec![paint::span(look, Tint::Plain, all)];
    }
    let mut after = after.chars();
    let under: String = after.next().unwrap_or('_').to_string();
    let after: String = after.take(rest).collect();
    vec![
        paint::span(look, Tint::Strong, shown),
        paint::span(look, Tint::Chosen, under),
        paint::span(look, Tint::Strong, after),
    ]
}

/// A list to pick one row from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picker {
    /// The heading.
    pub title: String,
    /// What it is about.
    pub about: String,
    rows: Vec<(String, Tint)>,
    at: usize,
}

impl Picker {
    /// A list with the row `at` in front.
    pub fn new(
        title: impl Into<String>,
        about: impl Into<String>,
        rows: Vec<(String, Tint)>,
        at: usize,
    ) -> Self {
        let at = at.min(rows.len().saturating_sub(1));
        Self {
            title: title.into(),
            about: about.into(),
            rows,
            at,
        }
    }

    /// A digit picks its row.
    pub fn digit(&self, key: KeyCombo) -> Option<usize> {
        let digit = key.typed()?.to_digit(10)? as usize;
        (1..=self.rows.len()).contains(&digit).then(|| digit - 1)
    }

    /// Moves, or picks the row in front on Enter.
    pub fn run(&mut self, action: Action) -> Option<usize> {
        let last = self.rows.len().saturating_sub(1);
        match action {
            Action::Up | Action::PreviousField => self.at = self.at.saturating_sub(1),
            Action::Down | Action::NextField => self.at = (self.at + 1).min(last),
            Action::Top => self.at = 0,
            Action::Bottom => self.at = last,
            Action::Submit if !self.rows.is_empty() => return Some(self.at),
            _ => {}
        }
        None
    }

    /// The rows as lines, the one in front always among the `height` shown.
    pub fn lines(&self, look: &Look, width: usize, height: usize) -> Vec<Line<'static>> {
        let height = height.max(1);
        let first = (self.at + 1).saturating_sub(height);
        self.rows
            .iter()
            .enumerate()
            .skip(first)
            .take(height)
            .map(|(i, (words, tint))| {
                let digit = if i < 9 {
                    (i + 1).to_string()
                } else {
                    " ".to_owned()
                };
                let text = paint::pad(look, &format!(" {digit}  {words}"), width);
                let tint = if i == self.at { Tint::Chosen } else { *tint };
                paint::line(look, tint, text)
            })
            .collect()
    }

    /// Draws it over an area.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let width = paint::overlay_width(area);
        let mut out: Vec<Line<'static>> = if self.about.is_empty() || area.height < 9 {
            Vec::new()
        } else {
            paint::wrap(&self.about, width)
                .into_iter()
                .map(|l| paint::line(look, Tint::Dim, l))
                .collect()
        };
        let room = (area.height as usize).saturating_sub(out.len() + 2);
        out.extend(self.lines(look, width, room));
        paint::overlay(frame, area, look, &self.title, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_done_only_when_it_is_complete() {
        let mut form = Form::new(
            "Fixed now",
            "",
            vec![Field::text("Done"), Field::number("Minutes", 5)],
        );
        assert_eq!(form.run(Action::Submit), Done::Open);
        assert!(form.error.is_some(), "nothing typed");
        form.typed("x".parse().unwrap());
        assert_eq!(form.run(Action::Submit), Done::Open, "the next field");
        form.typed("a".parse().unwrap());
        assert_eq!(form.number(1), Some(5), "a letter is no digit");
        assert_eq!(form.run(Action::Submit), Done::Complete);
        assert_eq!(form.text(0), "x");
    }

    #[test]
    fn a_list_is_picked_by_digit_or_enter() {
        let rows = vec![("a".to_owned(), Tint::Plain), ("b".to_owned(), Tint::Plain)];
        let mut picker = Picker::new("Tool", "", rows, 0);
        assert_eq!(picker.digit("2".parse().unwrap()), Some(1));
        assert_eq!(picker.digit("3".parse().unwrap()), None);
        picker.run(Action::Down);
        assert_eq!(picker.run(Action::Submit), Some(1));
    }

    #[test]
    fn a_choice_follows_its_first_letter() {
        let options = vec!["battery".to_owned(), "network".to_owned()];
        let mut form = Form::new("x", "", vec![Field::choice("Cause", options, 0)]);
        assert!(form.typed("n".parse().unwrap()));
        assert_eq!(form.chosen(0), 1);
        assert!(!form.typed("z".parse().unwrap()));
    }
}
