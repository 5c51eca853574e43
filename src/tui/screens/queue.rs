//! The work order queue: what waits, in the order it should be done, with the reason for each place.
//!
//! Invariants: only a window of the queue is held, however long it is; marks hold orders, not rows, so that a list that
//! moves under them changes nothing; an action on marked orders covers all of them or none.

mod filters;
mod rows;

use std::collections::BTreeMap;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::{dialogs, words};
use crate::bench::Failure;
use crate::bench::query::{OrderFilter, OrderRow, Receipt};
use crate::domain::command::Command;
use crate::domain::id::EntityId;
use crate::domain::order::{OrderCommand, Status};
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Place, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::view::list::{self, Selection};
use crate::tui::view::text::LineMaker;
use crate::tui::view::{Look, Role};

/// Rows held at once.
const WINDOW: usize = 200;

pub use filters::Narrowing;

/// The queue pane.
#[derive(Default)]
pub struct Queue {
    filter: OrderFilter,
    rows: Vec<OrderRow>,
    offset: usize,
    total: usize,
    selection: Selection,
    marked: BTreeMap<EntityId, (String, String)>,
    trouble: Option<String>,
    focused: bool,
    me: String,
    people: words::People,
}

impl Queue {
    /// The whole queue.
    pub fn new() -> Self {
        Self::default()
    }

    /// The selected order and its device.
    pub fn selected(&self) -> Option<EntityId> {
        Some(self.row()?.id)
    }

    fn row_at(&self, at: usize) -> Option<&OrderRow> {
        self.rows.get(at.checked_sub(self.offset)?)
    }

    fn row(&self) -> Option<&OrderRow> {
        self.row_at(self.selection.at())
    }

    fn load(&mut self, around: usize, cx: &Cx<'_>) {
        cx.session.actor().clone_into(&mut self.me);
        self.people = words::People::of(cx.session);
        let offset = around.saturating_sub(WINDOW / 2);
        match cx.session.orders(self.filter.clone(), offset, WINDOW) {
            Ok(window) => {
                self.rows = window.rows;
                self.offset = window.offset;
                self.total = window.total;
                self.trouble = None;
            }
            Err(failure) => self.trouble = Some(failure.to_string()),
        }
        self.selection.clamp(self.total);
    }

    fn keep_in_window(&mut self, cx: &Cx<'_>) {
        let at = self.selection.at();
        let page = self.selection.page();
        let end = self.offset + self.rows.len();
        let low = self.offset > 0 && at < self.offset + page;
        let high = end < self.total && at + page >= end;
        if low || high {
            self.load(at, cx);
        }
    }

    /// Narrows the queue as it was chosen from a list.
    pub fn narrow(&mut self, by: Narrowing, cx: &mut Cx<'_>) {
        self.filtered(
            |filter| match by {
                Narrowing::Kind(kind) => filter.kind = kind,
                Narrowing::Department(department) => filter.department = department,
            },
            cx,
        );
    }

    fn filtered(&mut self, change: impl FnOnce(&mut OrderFilter), cx: &Cx<'_>) {
        change(&mut self.filter);
        self.selection.set(0);
        self.load(0, cx);
    }

    /// The orders an action covers: the marked ones, else the selected one: id and number with tag.
    fn chosen(&self) -> Vec<(EntityId, String)> {
        if self.marked.is_empty() {
            self.row()
                .map(|row| (row.id, words_of(row)))
                .into_iter()
                .collect()
        } else {
            self.marked
                .iter()
                .map(|(id, (_, words))| (*id, words.clone()))
                .collect()
        }
    }

    fn chips(&self) -> String {
        let mut chips: Vec<String> = Vec::new();
        let filter = &self.filter;
        if filter.assignee.is_some() {
            chips.push("mine".to_owned());
        }
        for (on, word) in [
            (filter.unassigned, "unassigned"),
            (filter.overdue, "overdue"),
            (filter.today, "today"),
        ] {
            if on {
                chips.push(word.to_owned());
            }
        }
        if let Some(kind) = filter.kind {
            chips.push(kind.label().to_owned());
        }
        if let Some(department) = &filter.department {
            chips.push(department.clone());
        }
        if !filter.text.is_empty() {
            chips.push(format!("\"{}\"", filter.text));
        }
        chips
            .iter()
            .map(|chip| format!("[{chip}]"))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The initials of who has the order, with a mark while its inspection is open.
    fn hands(&self, row: &OrderRow) -> String {
        match (&row.assignee, &row.inspection) {
            (_, Some((_, holder))) => format!("▸{}", self.people.initials(holder)),
            (Some(who), None) => self.people.initials(who),
            (None, None) => String::new(),
        }
    }
}

fn words_of(row: &OrderRow) -> String {
    match &row.device {
        Some(card) => format!("{} {}", row.number, card.tag),
        None => row.number.clone(),
    }
}

impl Screen for Queue {
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Queue]
    }

    fn title(&self) -> String {
        format!("Work orders ({})", self.total)
    }

    fn availability(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        let Some(row) = self.row() else {
            return match action {
                Action::ClearFilters
                | Action::FilterMine
                | Action::FilterUnassigned
                | Action::FilterOverdue
                | Action::FilterToday
                | Action::FilterKind
                | Action::FilterDepartment => Availability::Ready,
                _ => no("No work order is listed."),
            };
        };
        match action {
            Action::Start if row.device.is_none() => no("This order names no device."),
            Action::OpenRepair if row.device.is_none() => no("This order names no device."),
            Action::Escalate if !row.kind.is_scheduled() => {
                no("Only scheduled work is ended undone; close this order, or cancel it.")
            }
            Action::Release if row.assignee.is_none() && self.marked.is_empty() => {
                no("Nobody has claimed this order.")
            }
            Action::Claim
                if self.marked.is_empty() && row.assignee.as_deref() == Some(self.me.as_str()) =>
            {
                no("You have this order already.")
            }
            Action::ClearMarks if self.marked.is_empty() => no("Nothing is marked."),
            Action::GoOn if row.status != Status::OnHold => no("This order is not on hold."),
            action if list::belongs(action, Context::Queue) => Availability::Ready,
            _ => no("This is not for the queue."),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        if self.selection.run(action, self.total) {
            self.keep_in_window(cx);
            return;
        }
        let me = cx.session.actor().to_owned();
        match action {
            Action::FilterMine => self.filtered(
                |f| {
                    f.unassigned = false;
                    f.assignee = if f.assignee.is_some() { None } else { Some(me) };
                },
                cx,
            ),
            Action::FilterUnassigned => self.filtered(
                |f| {
                    f.assignee = None;
                    f.unassigned = !f.unassigned;
                },
                cx,
            ),
            Action::FilterOverdue => self.filtered(|f| f.overdue = !f.overdue, cx),
            Action::FilterToday => self.filtered(|f| f.today = !f.today, cx),
            Action::FilterKind => self.pick_kind(cx),
            Action::FilterDepartment => self.pick_department(cx),
            Action::ClearFilters => self.filtered(|f| *f = OrderFilter::default(), cx),
            Action::ClearMarks => self.marked.clear(),
            _ => self.on_order(action, cx),
        }
    }

    fn typed(&mut self, _key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        false
    }

    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        match result {
            Ok(receipt) => {
                let (tone, words) = words::recorded(receipt);
                cx.say(tone, words);
                self.marked.clear();
            }
            Err(failure) => cx.fail(failure),
        }
    }

    fn refresh(&mut self, cx: &mut Cx<'_>) {
        let selected = self.selected();
        self.load(self.selection.at(), cx);
        // The selection follows its order as long as it is near.
        if let Some(at) = selected.and_then(|id| self.rows.iter().position(|row| row.id == id)) {
            self.selection.set(self.offset + at);
        }
        for row in &self.rows {
            if !row.status.is_open() {
                self.marked.remove(&row.id);
            }
        }
    }

    fn focus(&mut self, on: bool) {
        self.focused = on;
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        if area.height < 2 {
            return;
        }
        let mut top = LineMaker::new(area.width);
        let chips = self.chips();
        let words = match (&self.trouble, chips.is_empty(), self.marked.len()) {
            (Some(trouble), ..) => trouble.clone(),
            (None, false, 0) => chips,
            (None, true, 0) => "everything, most urgent first".to_owned(),
            (None, _, n) => format!("{n} marked {chips}"),
        };
        let role = if self.trouble.is_some() {
            Role::Bad
        } else if self.chips().is_empty() && self.marked.is_empty() {
            Role::Dim
        } else {
            Role::Title
        };
        top.add(&format!(" {words}"), look.style(role));
        top.line()
            .render(Rect { height: 1, ..area }, frame.buffer_mut());
        // The last line says what the selected order is about, where the rows do not.
        let wide = self.naming(area.width as usize).is_some();
        let about = u16::from(area.height >= 8 && !wide);
        let rows = Rect {
            y: area.y + 1,
            height: area.height - 1 - about,
            ..area
        };
        if self.total == 0 {
            let words = if self.chips().is_empty() {
                " No work waits."
            } else {
                " No work order fits these filters."
            };
            Line::styled(
                crate::tui::view::text::cut(words, rows.width as usize),
                look.style(Role::Text),
            )
            .render(
                Rect {
                    height: 1.min(rows.height),
                    ..rows
                },
                frame.buffer_mut(),
            );
            if self.focused && look.plain {
                frame.set_cursor_position((rows.x, rows.y));
            }
            return;
        }
        self.selection.mark_only(self.naming(area.width as usize));
        list::draw(
            frame,
            rows,
            look,
            &self.selection,
            self.total,
            self.focused,
            |at| {
                self.row_at(at).map_or_else(Line::default, |row| {
                    self.draw_row(area.width as usize, look, row)
                })
            },
        );
        if about > 0
            && let Some(order) = self.row()
        {
            let who = match (&order.assignee, &order.inspection) {
                (_, Some((_, holder))) => format!("{} is inspecting", self.people.name(holder)),
                (Some(who), None) => {
                    format!("{}, {}", self.people.name(who), order.status.label())
                }
                (None, None) => "nobody has it".to_owned(),
            };
            let mut line = LineMaker::new(area.width);
            line.add(
                &format!(" {} · {} · {who}", order.number, order.what),
                look.style(Role::Dim),
            );
            line.line().render(
                Rect {
                    y: area.bottom() - 1,
                    height: 1,
                    ..area
                },
                frame.buffer_mut(),
            );
        }
    }
}

impl Queue {
    /// Actions on the selected order, or on the marked ones.
    fn on_order(&mut self, action: Action, cx: &mut Cx<'_>) {
        let Some(row) = self.row().cloned() else {
            cx.say(Tone::Plain, "No work order is listed.");
            return;
        };
        let chosen = self.chosen();
        let ids = || chosen.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        match action {
            Action::Select => cx.wish(Effect::Go(Place::Order(row.id))),
            Action::Copy => cx.wish(Effect::Copy(row.number.clone())),
            Action::Mark => {
                let words = words_of(&row);
                if self.marked.remove(&row.id).is_none() {
                    self.marked.insert(row.id, (row.number.clone(), words));
                }
                self.selection.run(Action::Down, self.total);
                self.keep_in_window(cx);
            }
            Action::Claim => cx.wish(Effect::Tell(Box::new(Command::Order(
                OrderCommand::Claim { orders: ids() },
            )))),
            Action::Release => {
                for id in ids() {
                    cx.wish(Effect::Tell(Box::new(Command::Order(
                        OrderCommand::Release {
                            order: id,
                            reason: String::new(),
                        },
                    ))));
                }
            }
            Action::GoOn => {
                for id in ids() {
                    let resume = OrderCommand::Resume { order: id };
                    cx.wish(Effect::Tell(Box::new(Command::Order(resume))));
                }
            }
            Action::Start => match (row.inspection, row.device) {
                (Some((inspection, _)), _) => cx.wish(Effect::Go(Place::Checklist(inspection))),
                (None, Some(card)) => cx.wish(Effect::Go(Place::Begin {
                    device: card.id,
                    order: Some(row.id),
                })),
                (None, None) => cx.say(Tone::Bad, "This order names no device."),
            },
            Action::OpenRepair => {
                if let Some(card) = row.device {
                    cx.wish(dialogs::open_repair(card.id, &card.tag));
                }
            }
            Action::Hold => cx.wish(dialogs::hold_order(row.id, &row.number, cx)),
            Action::UnableToLocate => cx.wish(dialogs::attempt(&chosen, cx)),
            Action::CancelOrder => cx.wish(dialogs::cancel_order(row.id, &row.number)),
            Action::Escalate => cx.wish(dialogs::escalate(row.id, &row.number)),
            _ => {}
        }
    }
}
