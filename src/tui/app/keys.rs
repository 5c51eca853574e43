//! From a key press to an action, and the actions of the program itself.
//!
//! Invariants: text is never an action; an answer pressed before its step was painted, by auto-repeat, or in a burst of
//! characters is dropped with a word; an action that cannot be used says why.

use std::time::Instant;

use crossterm::event::KeyEvent;

use super::desk::{Desk, LOOKUP, Mounted, Pane};
use super::layout;
use super::screen::{Place, Tone};
use crate::keymap::describe::{Filter, HelpEntry, entries};
use crate::keymap::map::Press as Meaning;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::input::Press;
use crate::tui::screens::help::Help;
use crate::tui::screens::notices::Notices;
use crate::tui::screens::palette::Palette;
use crate::tui::terminal::Flow;

impl Desk {
    /// The contexts in force, innermost first.
    pub(super) fn contexts(&self) -> Vec<Context> {
        let mut contexts = self
            .screen(self.front())
            .map(super::screen::Screen::contexts)
            .unwrap_or_default();
        if !contexts.contains(&Context::Global) {
            contexts.push(Context::Global);
        }
        contexts
    }

    /// A key press.
    pub(super) fn key(&mut self, press: &Press, now: Instant) -> Flow {
        self.said = None;
        let contexts = self.contexts();
        let key = KeyCombo::from(press.key);
        let meaning = self.keymap.keymap.press(&mut self.chord, &contexts, key);
        self.ways.clear();
        let flow = match meaning {
            Meaning::Run(action) => self.run(action, press),
            Meaning::Pending(ways) => {
                self.ways = ways;
                Flow::REDRAW
            }
            Meaning::Cancelled => {
                if key != KeyCombo::esc() {
                    self.say(Tone::Plain, format!("No keys begin like that with {key}."));
                }
                Flow::REDRAW
            }
            Meaning::None => self.typed(key, press, &contexts),
        };
        self.settle();
        self.plan_wake(now);
        flow.and(Flow::REDRAW)
    }

    /// Whether a key may answer: pressed by a hand, and after what it answers was on screen.
    fn counts(&mut self, press: &Press) -> bool {
        if press.burst {
            self.say(
                Tone::Bad,
                "That looked like a label that nobody knows here; nothing was done. Type it into the search to look."
                    .to_owned(),
            );
            return false;
        }
        if press.repeat {
            return false;
        }
        if self.new_step || self.step_painted.is_some_and(|at| press.at < at) {
            self.say(
                Tone::Plain,
                "That key came before the step was on screen. Press it again.".to_owned(),
            );
            return false;
        }
        true
    }

    fn typed(&mut self, key: KeyCombo, press: &Press, contexts: &[Context]) -> Flow {
        let inner = contexts.first().copied().unwrap_or(Context::Global);
        let answering = matches!(inner, Context::Choice | Context::NumberInput);
        if answering && !self.counts(press) {
            return Flow::REDRAW;
        }
        let front = self.front();
        let (used, effects) = self.with(front, |screen, cx| screen.typed(key, press, cx));
        let flow = self.carry_out(front, effects);
        if used != Some(true) && !press.repeat {
            let help = self
                .keymap
                .keymap
                .first_key(contexts, Action::Help)
                .unwrap_or_else(|| "F1".to_owned());
            self.say(
                Tone::Plain,
                format!("{key} does nothing here. {help} shows the keys."),
            );
        }
        flow
    }

    /// Whether an action can be used now.
    pub(super) fn availability(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        let here = self.layers.is_empty() && self.focus == Pane::Front;
        match action {
            Action::GoTray if here && self.top() == Some(&Place::Tray) => no("This is the tray."),
            Action::GoConflicts if here && self.top() == Some(&Place::Conflicts) => {
                no("These are the conflicts.")
            }
            Action::GoSync if here && self.top() == Some(&Place::Sync) => {
                no("This is the exchange with other shops.")
            }
            Action::Quit
            | Action::Help
            | Action::Palette
            | Action::Notices
            | Action::Repaint
            | Action::Suspend
            | Action::GoLookup
            | Action::GoQueue
            | Action::GoTray
            | Action::GoConflicts
            | Action::GoSync
            | Action::GoChecklist
            | Action::Resume => Availability::Ready,
            Action::NextPane | Action::PreviousPane => {
                if layout::panes(self).len() > 1 {
                    Availability::Ready
                } else {
                    no("There is only one pane.")
                }
            }
            Action::Back => {
                let own = self.own_back();
                if own || !self.layers.is_empty() || self.focus == Pane::Front {
                    Availability::Ready
                } else {
                    no("This is the first page. The quit key leaves the program.")
                }
            }
            other => self
                .screen(self.front())
                .map_or_else(|| no("Nothing is in front."), |s| s.availability(other)),
        }
    }

    /// Whether the screen in front goes back inside itself.
    fn own_back(&self) -> bool {
        self.screen(self.front())
            .is_some_and(|s| s.availability(Action::Back) == Availability::Ready)
    }

    /// Runs an action.
    pub(super) fn run(&mut self, action: Action, press: &Press) -> Flow {
        if action.records() && !self.counts(press) {
            return Flow::REDRAW.and_bell();
        }
        if let Availability::Disabled(why) = self.availability(action) {
            self.say(Tone::Plain, why);
            return Flow::REDRAW;
        }
        match action {
            Action::Quit => Flow::QUIT,
            Action::Repaint => Flow::REPAINT,
            Action::Suspend => Flow::SUSPEND,
            Action::Help => {
                let help = Help::new(self.entries());
                self.open(self.front(), Box::new(help))
            }
            Action::Palette => {
                let palette = Palette::new(self.entries());
                self.open(self.front(), Box::new(palette))
            }
            Action::Notices => self.open_notices(),
            Action::Back if !self.own_back() => self.back(self.front()),
            Action::NextPane => self.move_to_pane(1),
            Action::PreviousPane => self.move_to_pane(-1),
            Action::GoLookup => self.go(&Place::Lookup),
            Action::GoQueue => self.go(&Place::Queue),
            Action::GoTray => self.go(&Place::Tray),
            Action::GoConflicts => self.go(&Place::Conflicts),
            Action::GoSync => self.go(&Place::Sync),
            Action::GoChecklist | Action::Resume => self.resume(),
            other => {
                let front = self.front();
                let (_, effects) = self.with(front, |screen, cx| screen.run(other, press, cx));
                self.carry_out(front, effects)
            }
        }
    }

    fn move_to_pane(&mut self, step: isize) -> Flow {
        let panes = layout::panes(self);
        let at = panes.iter().position(|p| *p == self.focus).unwrap_or(0);
        let next = (at as isize + step).rem_euclid(panes.len().max(1) as isize) as usize;
        if let Some(pane) = panes.get(next) {
            if *pane == Pane::Front && self.stack.is_empty() {
                // Looking at the preview becomes being there.
                if let Some(preview) = self.preview.take() {
                    self.stack.push(preview);
                }
            }
            self.focus = *pane;
        }
        Flow::REDRAW
    }

    /// Every action of the contexts in force, for help and palette.
    fn entries(&self) -> Vec<HelpEntry> {
        entries(
            &self.keymap.keymap,
            &self.contexts(),
            &Filter::default(),
            |action| self.availability(action),
        )
    }

    pub(super) fn open_notices(&mut self) -> Flow {
        let notices = Notices::new(self.messages.clone());
        self.open(LOOKUP, Box::new(notices))
    }

    /// Puts a dialog in front.
    pub(super) fn open(&mut self, owner: u64, screen: Box<dyn super::screen::Screen>) -> Flow {
        let id = self.fresh_id();
        self.layers.push(Mounted {
            id,
            place: None,
            owner,
            screen,
        });
        self.chord.clear();
        self.ways.clear();
        self.refresh(id).and_drop_typed_ahead()
    }

    /// Closes the dialog or leaves the place with this number.
    pub(super) fn back(&mut self, id: u64) -> Flow {
        self.chord.clear();
        self.ways.clear();
        if let Some(at) = self.layers.iter().position(|m| m.id == id) {
            self.layers.remove(at);
            let flow = self.asked(id);
            let front = self.front();
            return flow.and(self.refresh(front));
        }
        if self.stack.last().is_some_and(|m| m.id == id) {
            self.stack.pop();
            if self.stack.is_empty() {
                self.focus = self.base;
            }
            let front = self.front();
            return self.refresh(front);
        }
        Flow::REDRAW
    }

    /// May this printable key act at once, although it may be the first one of a label?
    pub(super) fn harmless(&self, key: KeyEvent) -> bool {
        let key = KeyCombo::from(key);
        let contexts = self.contexts();
        let inner = contexts.first().copied().unwrap_or(Context::Global);
        if self.chord.is_pending() {
            return false;
        }
        if inner.is_text() && key.typed().is_some() {
            return true;
        }
        let mut chord = crate::keymap::ChordState::default();
        matches!(
            self.keymap.keymap.press(&mut chord, &contexts, key),
            Meaning::Run(Action::Up | Action::Down | Action::PageUp | Action::PageDown)
        )
    }

    /// Would this key answer a step or a question?
    pub(super) fn answers(&self, key: KeyEvent) -> bool {
        let key = KeyCombo::from(key);
        let contexts = self.contexts();
        let inner = contexts.first().copied().unwrap_or(Context::Global);
        let mut chord = self.chord.clone();
        match self.keymap.keymap.press(&mut chord, &contexts, key) {
            Meaning::Run(action) => action.records(),
            Meaning::None => inner == Context::Choice,
            _ => false,
        }
    }

    /// Does this text name something?
    pub(super) fn is_known(&self, text: &str) -> bool {
        self.session
            .scan(text)
            .is_ok_and(|answer| answer.scan.error.is_none() || !answer.devices.is_empty())
    }

    /// Runs an action that was chosen by name.
    pub(super) fn run_named(&mut self, action: Action) -> Flow {
        let press = Press {
            key: KeyEvent::new(
                crossterm::event::KeyCode::Enter,
                crossterm::event::KeyModifiers::NONE,
            ),
            at: self.step_painted.unwrap_or_else(Instant::now),
            repeat: false,
            burst: false,
        };
        self.run(action, &press)
    }
}
