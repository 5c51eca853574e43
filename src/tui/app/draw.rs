//! Drawing the desk: header, panes, message line, footer, dialogs in front.

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::desk::{Desk, LOOKUP, Pane, QUEUE};
use super::layout;
use super::screen::{Screen as _, Tone};
use crate::bench::Failure;
use crate::bench::depots::SyncMark;
use crate::bench::link::Step;
use crate::bench::query::ShopFacts;
use crate::domain::time::Moment;
use crate::keymap::{Action, Availability, Context, describe};
use crate::tui::view::text::{LineMaker, wrap};
use crate::tui::view::{Look, Role, SizeClass, bars, panel};

/// A line of the pane below the lists is at most so wide: what a move of the selection sends stays small.
const GLANCE: u16 = 42;

/// The first frame, before the store is open.
pub(super) fn opening(frame: &mut Frame<'_>, look: &Look, progress: Option<&Step>) {
    let area = frame.area();
    let doing = progress.map_or_else(
        || "opening the store …".to_owned(),
        |step| match step.total {
            Some(total) => format!("{}: {} of {total}", step.doing, step.done),
            None => format!("{}: {}", step.doing, step.done),
        },
    );
    let mut lines = vec![
        Line::styled("tagout", look.style(Role::Title)),
        Line::default(),
        Line::from(doing),
    ];
    if let Some(total) = progress.and_then(|step| step.total).filter(|t| *t > 0) {
        let done = progress.map_or(0, |step| step.done.min(total));
        let wide = u64::from(area.width.saturating_sub(10).min(40));
        let full = done * wide / total;
        let bar = "█".repeat(full as usize) + &"░".repeat((wide - full) as usize);
        lines.push(Line::styled(bar, look.style(Role::Good)));
    }
    bars::centred(frame, area, lines);
}

/// There is no bench to work at.
pub(super) fn failed(frame: &mut Frame<'_>, look: &Look, failure: &Failure) {
    let area = frame.area();
    let wide = area.width.saturating_sub(6).min(90) as usize;
    let mut lines = vec![
        Line::styled("The store could not be opened", look.style(Role::Bad)),
        Line::default(),
    ];
    let words = match failure.hint() {
        Some(hint) => format!("{failure}\n{hint}"),
        None => failure.to_string(),
    };
    lines.extend(wrap(&words, wide).into_iter().map(Line::from));
    lines.push(Line::default());
    lines.push(Line::styled("q  quit", look.style(Role::Key)));
    bars::centred(frame, area, lines);
}

impl Desk {
    /// Draws everything.
    pub(super) fn draw(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        if self.size != (area.width, area.height) {
            self.size = (area.width, area.height);
            self.settle();
        }
        let look = self.look.clone();
        if SizeClass::of(area.width, area.height) == SizeClass::TooSmall {
            let words = format!(
                "{}x{} is too small: tagout needs 40x12. What was saved is saved.",
                area.width, area.height
            );
            let lines = wrap(&words, area.width as usize)
                .into_iter()
                .map(Line::from);
            bars::centred(frame, area, lines.collect());
            return;
        }
        let row = |y: u16, height: u16| Rect { y, height, ..area };
        bars::header(frame, row(0, 1), &look, &self.way(), &self.who());
        let mut top = 1;
        if let Some(banner) = self.keymap.banner() {
            bars::message(frame, row(top, 1), &look, Tone::Bad, &banner);
            top += 1;
        }
        let (tone, words) = match &self.said {
            Some((tone, words)) => (*tone, words.clone()),
            None => (Tone::Plain, self.standing_words()),
        };
        // The line of messages stays free, so that nothing moves when there is one; the smallest screens need it.
        let message_high = if words.is_empty() {
            u16::from(area.height >= 16)
        } else {
            (bars::message_lines(&words, area.width).len() as u16).max(1)
        };
        let footer_y = area.bottom() - 1;
        let message_y = footer_y.saturating_sub(message_high).max(top);
        let body = row(top, message_y.saturating_sub(top));
        for (pane, room) in layout::arrange(self, body) {
            self.draw_pane(frame, room, &look, pane);
        }
        if !words.is_empty() {
            bars::message(frame, row(message_y, message_high), &look, tone, &words);
        }
        self.draw_layers(frame, body, &look);
        let contexts = self.contexts();
        let ready = |action| self.availability(action) == Availability::Ready;
        // In a wide queue each key has its place, which is empty while the selected order has no use for it: a move of the
        // selection does not move the keys.
        let placed = |action: Action| {
            contexts.first() == Some(&Context::Queue)
                && action.meta().contexts.contains(&Context::Queue)
                && layout::stacked(self)
        };
        let footer = describe::footer(&self.keymap.keymap, &contexts, |action| {
            if placed(action) {
                Availability::Ready
            } else {
                self.availability(action)
            }
        });
        bars::footer(frame, row(footer_y, 1), &look, &footer, ready);
        if self.chord.is_pending() {
            bars::chord(frame, body, &look, &self.chord.text(), &self.ways);
        }
    }

    fn draw_pane(&self, frame: &mut Frame<'_>, room: Rect, look: &Look, pane: Pane) {
        let has_keys = self.layers.is_empty();
        let (id, focused) = match pane {
            Pane::Lookup => (LOOKUP, self.focus == Pane::Lookup),
            Pane::Queue => (QUEUE, self.focus == Pane::Queue),
            Pane::Front if self.focus != Pane::Front => {
                self.draw_glance(frame, room, look);
                return;
            }
            Pane::Front => match self.stack.last() {
                Some(top) => (top.id, true),
                None => return,
            },
        };
        if let Some(screen) = self.screen(id) {
            let title = screen.title();
            let around = if layout::stacked(self) {
                panel::shelf
            } else {
                panel::pane
            };
            let inner = around(frame, room, look, &title, focused && has_keys);
            screen.draw(frame, inner, look);
        }
    }

    /// The third pane while a list has the keys: whose facts these are, and the facts that must not be missed.
    fn draw_glance(&self, frame: &mut Frame<'_>, room: Rect, look: &Look) {
        let screen = self.preview.as_ref().map(|mounted| &mounted.screen);
        let mut title = screen.map_or_else(|| "Nothing is selected".to_owned(), |s| s.title());
        match self.stack.last().map(|waits| waits.screen.title()) {
            Some(waits) if waits != title => {
                let _ = write!(title, " · {waits} waits in the next pane");
            }
            _ => {}
        }
        let inner = panel::shelf(frame, room, look, &title, false);
        let lines = screen.map(|screen| screen.glance()).unwrap_or_default();
        let lines = lines.into_iter().map(|(role, words)| {
            let mut line = LineMaker::new(inner.width.min(GLANCE));
            line.add(&format!(" {words}"), look.style(role));
            line.line()
        });
        panel::lines(frame, inner, lines);
    }

    fn draw_layers(&self, frame: &mut Frame<'_>, room: Rect, look: &Look) {
        // A pane behind a dialog may have put the cursor somewhere; the dialog in front decides.
        for layer in &self.layers {
            let wants = layer
                .screen
                .wants((room.width.saturating_sub(4), room.height.saturating_sub(2)));
            let inner = panel::dialog(frame, room, look, &layer.screen.title(), wants);
            layer.screen.draw(frame, inner, look);
        }
    }

    /// The way here, for the header.
    fn way(&self) -> Vec<String> {
        let list = match self.base {
            Pane::Queue => "Queue",
            _ => "Devices",
        };
        let mut way = vec![list.to_owned()];
        if self.focus == Pane::Front {
            way.extend(self.stack.iter().map(|m| m.screen.title()));
        }
        way.extend(self.layers.last().map(|m| m.screen.title()));
        way
    }

    fn who(&self) -> String {
        let actor = self.session.actor();
        match &self.shop {
            Some(shop) => {
                let said = shop.name.to_lowercase().contains("demo");
                let demo = if shop.demo && !said { " (demo)" } else { "" };
                let open = match shop.conflicts {
                    0 => String::new(),
                    1 => "1 conflict · ".to_owned(),
                    n => format!("{n} conflicts · "),
                };
                let sync = synced(shop);
                format!("{}{demo} · {sync}{open}{actor} · {}", shop.name, shop.today)
            }
            None => actor.to_owned(),
        }
    }

    /// Without a message: where the keys go, for those who do not see the frame.
    fn standing_words(&self) -> String {
        if !self.look.plain {
            return String::new();
        }
        self.screen(self.front())
            .map(|screen| format!("In: {}", screen.title()))
            .unwrap_or_default()
    }

    /// The title of what has the keys, for tests and for plain mode.
    pub fn in_front(&self) -> String {
        match self.front() {
            LOOKUP => self.lookup.title(),
            QUEUE => self.queue.title(),
            other => self
                .screen(other)
                .map(super::screen::Screen::title)
                .unwrap_or_default(),
        }
    }
}

/// How it stands with the depots, in a word or two; nothing if there is none.
fn synced(shop: &ShopFacts) -> String {
    let words = match &shop.sync {
        None => return String::new(),
        Some(SyncMark::Trouble) => "sync: trouble".to_owned(),
        Some(SyncMark::ToSend(waits)) => format!("{waits} to send"),
        Some(SyncMark::Never) => "never synced".to_owned(),
        Some(SyncMark::Synced(at)) => {
            let at = Moment {
                micros: *at,
                offset: shop.now.offset,
            };
            let minute = at.minute();
            // The day of an older one says more than its minute.
            let (day, clock) = minute.split_once(' ').unwrap_or((&minute, ""));
            let today = at.date() == shop.today;
            format!("sync {}", if today { clock } else { day })
        }
    };
    format!("{words} · ")
}
