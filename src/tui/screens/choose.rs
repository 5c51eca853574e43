//! A list to choose from, narrowed by typing: devices of one label, fields, holds, filters.
//!
//! Invariant: nothing is chosen unless the technician presses Enter on it.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::narrow::Narrow;
use crate::bench::query::Receipt;
use crate::bench::{Failure, TextHit, rank_text};
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Screen};
use crate::tui::input::Press;
use crate::tui::view::text::{LineMaker, width};
use crate::tui::view::{Look, Role};

/// A row: its words, what stands at the right edge, and what choosing it does.
struct Row {
    words: String,
    right: String,
    effects: Vec<Effect>,
}

/// The list.
pub struct Choose {
    title: String,
    rows: Vec<Row>,
    hits: Vec<TextHit>,
    list: Narrow,
}

impl Choose {
    /// A list with a title; each row has what choosing it does.
    pub fn new(title: impl Into<String>, rows: Vec<(String, Vec<Effect>)>) -> Self {
        let rows = rows
            .into_iter()
            .map(|(words, effects)| (words, String::new(), effects));
        Self::with_counts(title, rows.collect())
    }

    /// A list whose rows have a count or a word at the right edge.
    pub fn with_counts(title: impl Into<String>, rows: Vec<(String, String, Vec<Effect>)>) -> Self {
        let mut made = Self {
            title: title.into(),
            rows: rows
                .into_iter()
                .map(|(words, right, effects)| Row {
                    words,
                    right,
                    effects,
                })
                .collect(),
            hits: Vec::new(),
            list: Narrow::default(),
        };
        made.rank();
        made
    }

    fn rank(&mut self) {
        let words = self.rows.iter().map(|row| row.words.as_str());
        self.hits = rank_text(self.list.input.text(), words);
        self.list.selection.clamp(self.hits.len());
    }
}

impl Screen for Choose {
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Palette]
    }

    fn title(&self) -> String {
        self.title.clone()
    }

    fn availability(&self, action: Action) -> Availability {
        Narrow::availability(action, self.hits.len(), "Choose first, or close with Esc.")
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        let taken = self.list.run(action, self.hits.len());
        let hit = taken.and_then(|at| self.hits.get(at));
        if let Some(row) = hit.and_then(|hit| self.rows.get_mut(hit.index)) {
            cx.wish(Effect::Back);
            cx.effects.append(&mut row.effects);
        }
    }

    fn typed(&mut self, key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        let used = self.list.typed(key);
        if used {
            self.rank();
        }
        used
    }

    fn pasted(&mut self, text: &str, _cx: &mut Cx<'_>) -> bool {
        self.list.pasted(text);
        self.rank();
        true
    }

    fn told(&mut self, _result: &Result<Receipt, Failure>, _cx: &mut Cx<'_>) {}

    fn refresh(&mut self, _cx: &mut Cx<'_>) {}

    fn wants(&self, room: (u16, u16)) -> (u16, u16) {
        let wide = room.0.saturating_sub(8).clamp(30, 76);
        let high = (self.rows.len() as u16 + 1)
            .min(room.1.saturating_sub(4))
            .max(3);
        (wide, high)
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let plain = look.style(Role::Text);
        let side = self.rows.iter().map(|row| width(&row.right)).max();
        let side = side.unwrap_or(0).min(area.width as usize / 2);
        let words = (area.width as usize).saturating_sub(side + 3);
        let make = |at: usize| {
            let mut line = LineMaker::new(area.width);
            if let Some(hit) = self.hits.get(at)
                && let Some(row) = self.rows.get(hit.index)
            {
                let ranges: Vec<_> = hit.ranges.iter().map(|r| (r.start, r.end)).collect();
                let mark = look.style(Role::Match);
                line.add(" ", plain);
                line.marked(&row.words, words, plain, &ranges, mark);
                line.right(&format!("{} ", row.right), look.style(Role::Dim));
            }
            line.filled(plain)
        };
        let hint = ("/", "type to narrow");
        self.list
            .draw(frame, area, look, hint, self.hits.len(), make);
    }
}
