//! A list to choose from, narrowed by typing: devices of one label, fields, holds.
//!
//! Invariant: nothing is chosen unless the technician presses Enter on it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::field::Field;
use crate::bench::query::Receipt;
use crate::bench::{Failure, TextHit, rank_text};
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Screen};
use crate::tui::input::Press;
use crate::tui::view::list::{self, Selection};
use crate::tui::view::text::LineMaker;
use crate::tui::view::{Look, Role};

/// The list.
pub struct Choose {
    title: String,
    rows: Vec<(String, Vec<Effect>)>,
    input: Field,
    hits: Vec<TextHit>,
    selection: Selection,
}

impl Choose {
    /// A list with a title; each row has what choosing it does.
    pub fn new(title: impl Into<String>, rows: Vec<(String, Vec<Effect>)>) -> Self {
        let mut made = Self {
            title: title.into(),
            rows,
            input: Field::default(),
            hits: Vec::new(),
            selection: Selection::default(),
        };
        made.rank();
        made
    }

    fn rank(&mut self) {
        let words = self.rows.iter().map(|(words, _)| words.as_str());
        self.hits = rank_text(self.input.text(), words);
        self.selection.clamp(self.hits.len());
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
        match action {
            Action::Submit if self.hits.is_empty() => {
                Availability::Disabled("Nothing fits what is typed.".to_owned())
            }
            Action::Submit | Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
                Availability::Ready
            }
            _ => Availability::Disabled("Choose first, or close with Esc.".to_owned()),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        if self.selection.run(action, self.hits.len()) || action != Action::Submit {
            return;
        }
        let hit = self.hits.get(self.selection.at());
        if let Some((_, effects)) = hit.and_then(|hit| self.rows.get_mut(hit.index)) {
            cx.wish(Effect::Back);
            cx.effects.append(effects);
        }
    }

    fn typed(&mut self, key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        let used = self.input.edit(key);
        if used {
            self.selection.set(0);
            self.rank();
        }
        used
    }

    fn pasted(&mut self, text: &str, _cx: &mut Cx<'_>) -> bool {
        self.input.insert(text);
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
        if area.height < 2 {
            return;
        }
        let first = Rect { height: 1, ..area };
        Line::styled("/ ", look.style(Role::Title)).render(first, frame.buffer_mut());
        let field = Rect {
            x: area.x + 2,
            width: area.width.saturating_sub(2),
            ..first
        };
        let rows = Rect {
            y: area.y + 1,
            height: area.height - 1,
            ..area
        };
        list::draw(
            frame,
            rows,
            look,
            &self.selection,
            self.hits.len(),
            true,
            |at| {
                let mut line = LineMaker::new(area.width);
                if let Some(hit) = self.hits.get(at)
                    && let Some((words, _)) = self.rows.get(hit.index)
                {
                    let ranges: Vec<_> = hit.ranges.iter().map(|r| (r.start, r.end)).collect();
                    let style = look.style(Role::Text);
                    line.add(" ", style);
                    line.marked(
                        words,
                        area.width as usize,
                        style,
                        &ranges,
                        look.style(Role::Match),
                    );
                }
                line.filled(look.style(Role::Text))
            },
        );
        self.input
            .draw(frame, field, look, true, false, "type to narrow");
    }
}
