//! What the program had to say, newest first.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use crate::bench::Failure;
use crate::bench::query::Receipt;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::view::list::{self, Selection};
use crate::tui::view::text::{LineMaker, wrap};
use crate::tui::view::{Look, Role, panel};

/// One message of before.
#[derive(Clone, Debug)]
pub struct Message {
    /// The shop's time, or empty while no store was open.
    pub at: String,
    /// How it was shown.
    pub tone: Tone,
    /// Its words.
    pub words: String,
}

/// The list.
pub struct Notices {
    messages: Vec<Message>,
    selection: Selection,
}

impl Notices {
    /// These messages, newest first.
    pub fn new(messages: Vec<Message>) -> Self {
        Self {
            messages,
            selection: Selection::default(),
        }
    }
}

impl Screen for Notices {
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Notices]
    }

    fn title(&self) -> String {
        "Notices".to_owned()
    }

    fn availability(&self, action: Action) -> Availability {
        match action {
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::Top
            | Action::Bottom => Availability::Ready,
            _ => Availability::Disabled("Notices are only read.".to_owned()),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, _cx: &mut Cx<'_>) {
        self.selection.run(action, self.messages.len());
    }

    fn typed(&mut self, _key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        false
    }

    fn told(&mut self, _result: &Result<Receipt, Failure>, _cx: &mut Cx<'_>) {}

    fn refresh(&mut self, _cx: &mut Cx<'_>) {}

    fn wants(&self, room: (u16, u16)) -> (u16, u16) {
        (room.0.saturating_sub(6), room.1.saturating_sub(3))
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        if self.messages.is_empty() {
            panel::lines(frame, area, [Line::from("Nothing was said yet.")]);
            return;
        }
        let full = self
            .messages
            .get(self.selection.at())
            .map(|message| wrap(&message.words, area.width as usize))
            .unwrap_or_default();
        let foot = (full.len() as u16).min((area.height / 2).max(1));
        let rows = Rect {
            height: area.height.saturating_sub(foot + 1),
            ..area
        };
        list::draw(
            frame,
            rows,
            look,
            &self.selection,
            self.messages.len(),
            true,
            |at| {
                let mut line = LineMaker::new(area.width);
                if let Some(message) = self.messages.get(at) {
                    let (mark, role) = match message.tone {
                        Tone::Good => ("✓ ", Role::Good),
                        Tone::Plain => ("• ", Role::Text),
                        Tone::Bad => ("! ", Role::Bad),
                    };
                    line.column(&message.at, 6, look.style(Role::Dim));
                    line.add(mark, look.style(role));
                    line.add(&message.words, look.style(role));
                }
                line.filled(look.style(Role::Text))
            },
        );
        let rule = Rect {
            y: rows.bottom(),
            height: 1.min(area.height),
            ..area
        };
        Line::styled("─".repeat(area.width as usize), look.style(Role::Dim))
            .render(rule, frame.buffer_mut());
        let below = Rect {
            y: rule.bottom().min(area.bottom()),
            height: area.bottom().saturating_sub(rule.bottom()),
            ..area
        };
        panel::lines(frame, below, full.into_iter().map(Line::from));
    }
}
