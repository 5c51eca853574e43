//! Every key that works here, with what it does, narrowed by typing words or keys.
//!
//! Invariant: made from the actions and the keymap in force, never from a text of its own.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::field::Field;
use crate::bench::Failure;
use crate::bench::query::Receipt;
use crate::keymap::describe::HelpEntry;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Screen};
use crate::tui::input::Press;
use crate::tui::view::list::{self, Selection};
use crate::tui::view::text::{LineMaker, wrap};
use crate::tui::view::{Look, Role, panel};

/// The help page.
pub struct Help {
    entries: Vec<HelpEntry>,
    input: Field,
    shown: Vec<usize>,
    selection: Selection,
}

impl Help {
    /// Help on these actions, the ones of the place in front first.
    pub fn new(entries: Vec<HelpEntry>) -> Self {
        let shown = (0..entries.len()).collect();
        Self {
            entries,
            input: Field::default(),
            shown,
            selection: Selection::default(),
        }
    }

    fn narrow(&mut self) {
        let typed = self.input.text().trim().to_owned();
        let words: Vec<String> = typed.to_lowercase().split(' ').map(str::to_owned).collect();
        // A key comes before words that hold its letter; the beginning of a chord names all of them.
        let by_key = |entry: &HelpEntry| {
            !typed.is_empty()
                && entry.keys().split(", ").any(|keys| {
                    keys == typed
                        || keys.starts_with(&format!("{typed} "))
                        || typed.len() > 1 && keys.eq_ignore_ascii_case(&typed)
                })
        };
        let letters = words.iter().all(|word| word.chars().count() < 2);
        let by_words = |entry: &HelpEntry| {
            let meta = entry.action.meta();
            let text = format!(
                "{} {} {} {}",
                meta.label,
                meta.help,
                entry.context.title(),
                entry.keys()
            )
            .to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        };
        let all = || self.entries.iter().enumerate();
        let mut shown: Vec<usize> = all().filter(|(_, e)| by_key(e)).map(|(at, _)| at).collect();
        let rest: Vec<usize> = all()
            .filter(|(at, e)| !shown.contains(at) && (shown.is_empty() || !letters) && by_words(e))
            .map(|(at, _)| at)
            .collect();
        shown.extend(rest);
        self.shown = shown;
        self.selection.set(0);
    }

    fn entry(&self, at: usize) -> Option<&HelpEntry> {
        self.entries.get(*self.shown.get(at)?)
    }
}

impl Screen for Help {
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Palette]
    }

    fn title(&self) -> String {
        "Help: keys that work here".to_owned()
    }

    fn availability(&self, action: Action) -> Availability {
        match action {
            Action::Submit | Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
                Availability::Ready
            }
            _ => Availability::Disabled("Close help with Esc first.".to_owned()),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        if self.selection.run(action, self.shown.len()) || action != Action::Submit {
            return;
        }
        if let Some(entry) = self.entry(self.selection.at())
            && !entry.action.records()
        {
            cx.wish(Effect::Back);
            cx.wish(Effect::Run(entry.action));
        }
    }

    fn typed(&mut self, key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        let used = self.input.edit(key);
        if used {
            self.narrow();
        }
        used
    }

    fn told(&mut self, _result: &Result<Receipt, Failure>, _cx: &mut Cx<'_>) {}

    fn refresh(&mut self, _cx: &mut Cx<'_>) {}

    fn wants(&self, room: (u16, u16)) -> (u16, u16) {
        (room.0.saturating_sub(6).min(92), room.1.saturating_sub(3))
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        if area.height < 3 {
            return;
        }
        let first = Rect { height: 1, ..area };
        Line::styled("/ ", look.style(Role::Title)).render(first, frame.buffer_mut());
        let field = Rect {
            x: area.x + 2,
            width: area.width.saturating_sub(2),
            ..first
        };
        // The sentence of the selected action, with why it cannot be used now.
        let foot: Vec<String> = self
            .entry(self.selection.at())
            .map(|entry| {
                let why = match entry.availability.reason() {
                    Some(reason) => format!(" Not now: {reason}"),
                    None => String::new(),
                };
                wrap(
                    &format!("{}{why}", entry.action.help()),
                    area.width as usize,
                )
            })
            .unwrap_or_default();
        let foot_high = (foot.len() as u16).min(area.height / 3);
        let rows = Rect {
            y: area.y + 1,
            height: area.height - 1 - foot_high,
            ..area
        };
        let key_wide = if area.width < 60 { 11 } else { 18 };
        list::draw(
            frame,
            rows,
            look,
            &self.selection,
            self.shown.len(),
            true,
            |at| {
                let mut line = LineMaker::new(area.width);
                if let Some(entry) = self.entry(at) {
                    let ready = entry.availability == Availability::Ready;
                    let role = if ready { Role::Text } else { Role::Dim };
                    let keys = match entry.keys() {
                        keys if keys.is_empty() => "no key".to_owned(),
                        keys => keys,
                    };
                    line.add(" ", look.style(Role::Text));
                    line.column(&keys, key_wide, look.style(Role::Key));
                    line.add(" ", look.style(Role::Text));
                    line.add(entry.action.label(), look.style(role));
                    if !ready {
                        line.add(" (not now)", look.style(Role::Dim));
                    }
                    if area.width >= 60 {
                        line.right(
                            &format!(" {}", entry.context.title()),
                            look.style(Role::Dim),
                        );
                    }
                }
                line.filled(look.style(Role::Text))
            },
        );
        let below = Rect {
            y: rows.bottom(),
            height: foot_high,
            ..area
        };
        panel::lines(
            frame,
            below,
            foot.into_iter()
                .map(|text| Line::styled(text, look.style(Role::Strong))),
        );
        let hint = "type words, or a key such as g q";
        self.input.draw(frame, field, look, true, false, hint);
    }
}
