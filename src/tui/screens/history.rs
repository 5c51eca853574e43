//! Everything that ever happened to a device, newest first.
//!
//! Invariant: only a window of it is held, however long it is.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::words::People;
use crate::bench::Failure;
use crate::bench::query::{HistoryLine, Receipt};
use crate::domain::event::{Aggregate, Kind};
use crate::domain::id::EntityId;
use crate::keymap::{Action, Availability, Context, KeyCombo};

use crate::tui::app::screen::{Cx, Effect, Screen};
use crate::tui::input::Press;
use crate::tui::view::list::{self, Selection};
use crate::tui::view::text::{LineMaker, width, wrap};
use crate::tui::view::{Look, Role, below, panel};

/// Lines held at once.
const WINDOW: usize = 300;

/// The history of one device.
pub struct History {
    device: EntityId,
    tag: String,
    lines: Vec<HistoryLine>,
    offset: usize,
    total: usize,
    selection: Selection,
    trouble: Option<String>,
    people: People,
}

/// Opens the history of a device in front.
pub fn open(device: EntityId, tag: &str) -> Effect {
    Effect::Open(Box::new(History {
        device,
        tag: tag.to_owned(),
        lines: Vec::new(),
        offset: 0,
        total: 0,
        selection: Selection::default(),
        trouble: None,
        people: People::default(),
    }))
}

impl History {
    fn load(&mut self, cx: &Cx<'_>) {
        let of = Aggregate {
            kind: Kind::Device,
            id: self.device,
        };
        let offset = self.selection.at().saturating_sub(WINDOW / 2);
        match cx.session.history(of, offset, WINDOW) {
            Ok(window) => {
                self.lines = window.rows;
                self.offset = window.offset;
                self.total = window.total;
            }
            Err(failure) => self.trouble = Some(failure.to_string()),
        }
        self.selection.clamp(self.total);
    }

    fn at(&self, at: usize) -> Option<&HistoryLine> {
        self.lines.get(at.checked_sub(self.offset)?)
    }
}

impl Screen for History {
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Notices]
    }

    fn title(&self) -> String {
        format!("History of {}", self.tag)
    }

    fn availability(&self, action: Action) -> Availability {
        match action {
            action if list::moves(action) => Availability::Ready,
            _ => Availability::Disabled("The history is only read.".to_owned()),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        if self.selection.run(action, self.total) {
            let at = self.selection.at();
            let page = self.selection.page();
            let end = self.offset + self.lines.len();
            if at < self.offset + page && self.offset > 0 || at + page >= end && end < self.total {
                self.load(cx);
            }
        }
    }

    fn typed(&mut self, _key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        false
    }

    fn told(&mut self, _result: &Result<Receipt, Failure>, _cx: &mut Cx<'_>) {}

    fn refresh(&mut self, cx: &mut Cx<'_>) {
        self.people = People::of(cx.session);
        self.load(cx);
    }

    fn wants(&self, room: (u16, u16)) -> (u16, u16) {
        (room.0.saturating_sub(6), room.1.saturating_sub(3))
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        if let Some(trouble) = &self.trouble {
            let lines = wrap(trouble, area.width as usize)
                .into_iter()
                .map(Line::from);
            panel::lines(frame, area, lines);
            return;
        }
        // The selected line is shown in full below the list.
        let below = self
            .at(self.selection.at())
            .map(|line| wrap(&line.what, area.width as usize))
            .unwrap_or_default();
        let below = below.into_iter().map(Line::from).collect();
        let most = (area.height / 3).max(1);
        let counted = (&self.selection, self.total);
        let list_area = below::draw(frame, area, look, counted, below, most);
        // Names where there is room for them; the initials else.
        let roomy = area.width >= 64;
        let who = |entry: &HistoryLine| {
            if roomy {
                self.people.name(&entry.by)
            } else {
                self.people.initials(&entry.by)
            }
        };
        let widest = self.lines.iter().map(|entry| width(&who(entry))).max();
        let by = widest.unwrap_or(0).clamp(2, 20) + 1;
        list::draw(
            frame,
            list_area,
            look,
            &self.selection,
            self.total,
            true,
            |at| {
                let mut line = LineMaker::new(area.width);
                if let Some(entry) = self.at(at) {
                    line.column(&entry.at.minute(), 17, look.style(Role::Dim));
                    line.column(&who(entry), by, look.style(Role::Dim));
                    line.add(&entry.what, look.style(Role::Text));
                }
                line.filled(look.style(Role::Text))
            },
        );
    }
}
