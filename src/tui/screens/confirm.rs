//! A yes-or-no question before something that cannot be taken back. Default no; Enter does nothing.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::bench::Failure;
use crate::bench::query::Receipt;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::view::text::wrap;
use crate::tui::view::{Look, Role, panel};

/// The question.
pub struct Confirm {
    question: String,
    /// Carried out on yes, in the name of whoever asked.
    yes: Vec<Effect>,
    keys: (String, String),
}

impl Confirm {
    /// A question with what yes does, and the keys of yes and no as people read them.
    pub fn new(question: String, yes: Vec<Effect>, keys: (String, String)) -> Self {
        Self {
            question,
            yes,
            keys,
        }
    }
}

impl Screen for Confirm {
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Confirm]
    }

    fn title(&self) -> String {
        "Yes or no".to_owned()
    }

    fn availability(&self, action: Action) -> Availability {
        match action {
            Action::ConfirmYes | Action::ConfirmNo => Availability::Ready,
            _ => Availability::Disabled("Answer the question first.".to_owned()),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        match action {
            Action::ConfirmYes => {
                cx.wish(Effect::Back);
                cx.effects.append(&mut self.yes);
            }
            Action::ConfirmNo => {
                cx.wish(Effect::Back);
                cx.say(Tone::Plain, "Nothing was changed.");
            }
            _ => {}
        }
    }

    fn typed(&mut self, _key: KeyCombo, _press: &Press, cx: &mut Cx<'_>) -> bool {
        let (yes, no) = &self.keys;
        cx.say(Tone::Plain, format!("Press {yes} for yes or {no} for no."));
        true
    }

    fn told(&mut self, _result: &Result<Receipt, Failure>, _cx: &mut Cx<'_>) {}

    fn refresh(&mut self, _cx: &mut Cx<'_>) {}

    fn wants(&self, room: (u16, u16)) -> (u16, u16) {
        let wide = room.0.saturating_sub(8).clamp(30, 60);
        (wide, wrap(&self.question, wide as usize).len() as u16 + 2)
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let (yes, no) = &self.keys;
        let mut lines: Vec<Line<'static>> = wrap(&self.question, area.width as usize)
            .into_iter()
            .take(area.height.saturating_sub(1) as usize)
            .map(Line::from)
            .collect();
        if lines.len() as u16 + 1 < area.height {
            lines.push(Line::default());
        }
        lines.push(Line::styled(
            format!("{yes} yes   {no} no (or Esc)"),
            look.style(Role::Key),
        ));
        panel::lines(frame, area, lines);
    }
}
