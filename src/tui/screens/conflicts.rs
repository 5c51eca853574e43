//! The inbox: what shops disagree about, both sides in full below the list, settled with one key.
//!
//! Invariants: nothing is settled by Enter alone: Enter asks which side; one key keeps what is shown or takes the other side,
//! and only where there are two; two devices with one number are told apart on their own pages, or said to be two.

#[cfg(test)]
mod tests;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::choose::Choose;
use super::words::People;
use crate::bench::Failure;
use crate::bench::query::{ConflictRow, MAX_WINDOW, Receipt};
use crate::domain::command::Command;
use crate::domain::event::Kind;
use crate::domain::id::Dot;
use crate::domain::merge::{ConflictKind, Settle, Side};
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Place, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::view::list::{self, Selection, belongs};
use crate::tui::view::text::{LineMaker, wrap};
use crate::tui::view::{Look, Role, below, panel};

/// The list of conflicts.
#[derive(Default)]
pub struct Conflicts {
    rows: Vec<ConflictRow>,
    total: usize,
    selection: Selection,
    trouble: Option<String>,
    people: People,
    me: String,
    focused: bool,
    /// What was being settled, to say so.
    settling: String,
}

impl Conflicts {
    /// The inbox; it is read when it comes to the front.
    pub fn new() -> Self {
        Self::default()
    }

    fn row(&self) -> Option<&ConflictRow> {
        self.rows.get(self.selection.at())
    }

    /// Two devices with one number: choosing settles nothing there.
    fn is_pair(row: &ConflictRow) -> bool {
        row.conflict.fact.starts_with("duplicate-")
    }

    /// The one side that is not shown, where there are two.
    fn other(row: &ConflictRow) -> Option<&Side> {
        let mut others = row
            .conflict
            .sides
            .iter()
            .filter(|side| side.stamp.dot != row.conflict.shown);
        let other = others.next()?;
        others.next().is_none().then_some(other)
    }

    fn settle(row: &ConflictRow, choose: Dot) -> Effect {
        Effect::Tell(Box::new(Command::Settle(Settle {
            about: row.about,
            fact: row.conflict.fact.clone(),
            choose,
        })))
    }

    /// The page of the record that a conflict is about.
    fn page(row: &ConflictRow) -> Option<Place> {
        match row.about.kind {
            Kind::Order => Some(Place::Order(row.about.id)),
            Kind::Inspection => Some(Place::Summary(row.about.id)),
            _ => row.device.map(Place::Device),
        }
    }

    /// Asks which side is right, or goes to the record.
    fn ask(&mut self, cx: &mut Cx<'_>) {
        let Some(row) = self.row().cloned() else {
            return;
        };
        let page = Self::page(&row);
        if Self::is_pair(&row) {
            cx.say(Tone::Plain, row.conflict.kind.hint());
            cx.effects.extend(page.map(Effect::Go));
            return;
        }
        let mut choices: Vec<(String, Vec<Effect>)> = row
            .conflict
            .sides
            .iter()
            .enumerate()
            .map(|(number, side)| {
                (
                    format!("{}. {}", number + 1, side.value),
                    vec![Self::settle(&row, side.stamp.dot)],
                )
            })
            .collect();
        if let Some(page) = page {
            choices.push((format!("Look at {}", row.name), vec![Effect::Go(page)]));
        }
        self.settling = format!("{} of {}", row.conflict.label, row.name);
        let title = format!("{}: which one is right?", row.conflict.label);
        cx.wish(Effect::Open(Box::new(Choose::new(title, choices))));
    }

    /// Settles with one key.
    fn one_key(&mut self, action: Action, cx: &mut Cx<'_>) {
        if self.availability(action) != Availability::Ready {
            return;
        }
        let Some(row) = self.row() else { return };
        let choose = match action {
            Action::KeepShown => Some(row.conflict.shown),
            _ => Self::other(row).map(|side| side.stamp.dot),
        };
        let settling = format!("{} of {}", row.conflict.label, row.name);
        if let Some(choose) = choose {
            let wish = Self::settle(row, choose);
            self.settling = settling;
            cx.wish(wish);
        }
    }

    /// Both sides in full, each with who wrote it, when and where, then what choosing means.
    fn below(&self, columns: usize) -> Vec<(Role, String)> {
        let Some(row) = self.row() else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (number, (side, site)) in row.conflict.sides.iter().zip(&row.sites).enumerate() {
            let shown = side.stamp.dot == row.conflict.shown;
            let (mark, role) = if shown {
                ("▸", Role::Strong)
            } else {
                (" ", Role::Text)
            };
            let lines = wrap(&side.value, columns.saturating_sub(6));
            for (at, text) in lines.into_iter().enumerate() {
                let lead = match at {
                    0 => format!(" {mark} {}. ", number + 1),
                    _ => "      ".to_owned(),
                };
                out.push((role, format!("{lead}{text}")));
            }
            let counts = if shown { ", counts now" } else { "" };
            let by = format!(
                "{} at {}, {site}{counts}",
                self.people.name(&side.stamp.by),
                side.stamp.at.minute()
            );
            let by = wrap(&by, columns.saturating_sub(6)).into_iter();
            out.extend(by.map(|text| (Role::Dim, format!("      {text}"))));
        }
        if row.conflict.told.contains(&self.me) {
            let words = match row.conflict.kind {
                ConflictKind::ClaimLost => "This is for you: somebody else has it.",
                _ => "This is for you: what you recorded is kept, the other side counts.",
            };
            let lines = wrap(words, columns.saturating_sub(3))
                .into_iter()
                .enumerate();
            out.extend(lines.map(|(at, text)| {
                let lead = if at == 0 { " ▲ " } else { "   " };
                (Role::Warn, format!("{lead}{text}"))
            }));
        }
        let hint = wrap(row.conflict.kind.hint(), columns.saturating_sub(2));
        out.extend(hint.into_iter().map(|text| (Role::Dim, format!(" {text}"))));
        out
    }
}

impl Screen for Conflicts {
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Conflicts]
    }

    fn title(&self) -> String {
        "Conflicts".to_owned()
    }

    fn availability(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        let Some(row) = self.row() else {
            return if list::moves(action) {
                Availability::Ready
            } else {
                no("Nothing is in conflict.")
            };
        };
        match action {
            Action::TakeOther if Self::is_pair(row) => {
                no("These are two devices: combine the records, or correct one of them.")
            }
            Action::KeepShown if row.conflict.kind == ConflictKind::DuplicateTag => {
                no("Tell the two devices apart: combine the records, or put a new label on one.")
            }
            Action::TakeOther if Self::other(row).is_none() => {
                no("There are several other sides: press Enter and choose.")
            }
            action if belongs(action, Context::Conflicts) => Availability::Ready,
            _ => no("This is not for a conflict."),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        if self.selection.run(action, self.rows.len()) {
            return;
        }
        match action {
            Action::Select => self.ask(cx),
            Action::KeepShown | Action::TakeOther => self.one_key(action, cx),
            Action::Copy => {
                if let Some(row) = self.row() {
                    cx.wish(Effect::Copy(row.name.clone()));
                }
            }
            _ => {}
        }
    }

    fn typed(&mut self, _key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        false
    }

    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        match result {
            Ok(_) => cx.say(Tone::Good, format!("Settled: {}.", self.settling)),
            Err(failure) => cx.fail(failure),
        }
    }

    fn refresh(&mut self, cx: &mut Cx<'_>) {
        self.people = People::of(cx.session);
        cx.session.actor().clone_into(&mut self.me);
        let before = self.row().map(|row| row.id.clone());
        match cx.session.conflicts(0, MAX_WINDOW) {
            Ok(window) => {
                self.rows = window.rows;
                self.total = window.total;
                self.trouble = None;
            }
            Err(failure) => self.trouble = Some(failure.to_string()),
        }
        if let Some(at) = self
            .rows
            .iter()
            .position(|row| Some(&row.id) == before.as_ref())
        {
            self.selection.set(at);
        }
        self.selection.clamp(self.rows.len());
    }

    fn focus(&mut self, on: bool) {
        self.focused = on;
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let words = match &self.trouble {
            Some(trouble) => Some(trouble.as_str()),
            None if self.rows.is_empty() => {
                Some("Nothing is in conflict: no two shops wrote different things of one fact.")
            }
            None => None,
        };
        if let Some(words) = words {
            let lines = wrap(words, (area.width as usize).saturating_sub(2));
            let lines = lines.into_iter().map(|line| Line::from(format!(" {line}")));
            panel::lines(frame, area, lines);
            return;
        }
        let below = self.below(area.width as usize);
        let below = below
            .into_iter()
            .map(|(role, text)| Line::styled(text, look.style(role)))
            .collect();
        let most = (area.height * 2 / 3).max(1);
        let counted = (&self.selection, self.total);
        let rows = below::draw(frame, area, look, counted, below, most);
        let what = (area.width as usize / 3).clamp(10, 30);
        list::draw(
            frame,
            rows,
            look,
            &self.selection,
            self.rows.len(),
            self.focused,
            |at| {
                let mut line = LineMaker::new(area.width);
                if let Some(row) = self.rows.get(at) {
                    let mine = row.conflict.told.contains(&self.me);
                    let (mark, role) = if mine {
                        (" ▲ ", Role::Warn)
                    } else {
                        (" ≠ ", Role::Text)
                    };
                    line.add(mark, look.style(role));
                    line.column(&row.name, 14, look.style(Role::Strong));
                    line.add(" ", look.style(Role::Text));
                    line.column(&row.conflict.label, what, look.style(Role::Text));
                    line.add(
                        &format!(" {}", row.conflict.kind.label()),
                        look.style(Role::Dim),
                    );
                }
                line.filled(look.style(Role::Text))
            },
        );
    }
}
