//! Every key that works here, with what it does, narrowed by typing words or keys.
//!
//! Invariant: made from the actions and the keymap in force, never from a text of its own.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::narrow::Narrow;
use crate::bench::Failure;
use crate::bench::query::Receipt;
use crate::keymap::describe::HelpEntry;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Screen};
use crate::tui::input::Press;
use crate::tui::view::text::{LineMaker, wrap};
use crate::tui::view::{Look, Role, panel};

/// The help page.
pub struct Help {
    entries: Vec<HelpEntry>,
    shown: Vec<usize>,
    list: Narrow,
}

impl Help {
    /// Help on these actions, the ones of the place in front first.
    pub fn new(entries: Vec<HelpEntry>) -> Self {
        let shown = (0..entries.len()).collect();
        Self {
            entries,
            shown,
            list: Narrow::default(),
        }
    }

    fn narrow(&mut self) {
        let typed = self.list.input.text().trim().to_owned();
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
        Narrow::availability(action, self.shown.len(), "Close help with Esc first.")
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        let taken = self.list.run(action, self.shown.len());
        if let Some(entry) = taken.and_then(|at| self.entry(at))
            && !entry.action.records()
        {
            cx.wish(Effect::Back);
            cx.wish(Effect::Run(entry.action));
        }
    }

    fn typed(&mut self, key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        let used = self.list.typed(key);
        if used {
            self.narrow();
        }
        used
    }

    fn told(&mut self, _result: &Result<Receipt, Failure>, _cx: &mut Cx<'_>) {}

    fn refresh(&mut self, _cx: &mut Cx<'_>) {}

    fn wants(&self, room: (u16, u16)) -> (u16, u16) {
        // Slivers of the page beneath would only be read along: a small screen is taken whole.
        if room.0 < 100 {
            room
        } else {
            (92, room.1.saturating_sub(3))
        }
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        if area.height < 3 {
            return;
        }
        // The sentence of the selected action, with why it cannot be used now.
        let foot: Vec<String> = self
            .entry(self.list.selection.at())
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
            height: area.height - foot_high,
            ..area
        };
        let key_wide = if area.width < 60 { 11 } else { 18 };
        let hint = ("/", "type words, or a key such as g q");
        self.list
            .draw(frame, rows, look, hint, self.shown.len(), |at| {
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
            });
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
    }
}
