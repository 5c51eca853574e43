//! Before step 1: which order, which procedure, and what must be read about the device first.
//!
//! Invariants: several open orders are listed, never chosen silently; every warning is on screen before one key
//! acknowledges it; a procedure that nobody has adopted is shown as such before the start; an inspection that is open
//! already is gone on with, never begun twice. With nothing to read the inspection begins at once.

mod facts;
#[cfg(test)]
mod tests;

use std::cell::Cell;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::bench::Failure;
use crate::bench::query::{DeviceSheet, OrderRow, ProcedureRow, Receipt};
use crate::domain::command::Command;
use crate::domain::device::{DeviceCard, Field};
use crate::domain::event::Kind;
use crate::domain::id::EntityId;
use crate::domain::inspection::InspectionCommand;
use crate::domain::refusal::RefusalKind;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Place, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::screens::steps::entry::by_hand;
use crate::tui::screens::steps::form::Picker;
use crate::tui::screens::steps::paint::{self, Tint, line, wrap};
use crate::tui::screens::steps::panel::labelled;
use crate::tui::screens::words::People;
use crate::tui::view::Look;

use facts::{is_inspection, order_words, procedure_words, sentence};

/// The most procedures that are offered: as many as a digit can pick.
const OFFERED: usize = 9;

/// The page before step 1.
pub struct Begin {
    device: EntityId,
    order: Option<EntityId>,
    sheet: Option<DeviceSheet>,
    row: Option<OrderRow>,
    warnings: Vec<String>,
    /// What the technician lacks of the credentials that the chosen procedure asks for.
    lacks: Option<String>,
    procedures: Vec<ProcedureRow>,
    at: usize,
    orders: Option<(Picker, Vec<EntityId>)>,
    /// Start was asked for and is not answered yet.
    started: bool,
    /// It began, or it was refused: it does not begin by itself again.
    tried: bool,
    trouble: Option<String>,
    /// Why it did not begin, and what can be done.
    refused: Option<String>,
    people: People,
    me: String,
    /// The first line of the warnings that is shown.
    first: usize,
    /// What was painted of the warnings, so that nothing unseen is acknowledged: lines seen, and lines in all.
    seen: Cell<(usize, usize)>,
}

impl Begin {
    /// The page for a device, for an order if one is chosen.
    pub fn new(device: EntityId, order: Option<EntityId>) -> Self {
        Self {
            device,
            order,
            sheet: None,
            row: None,
            warnings: Vec::new(),
            lacks: None,
            procedures: Vec::new(),
            at: 0,
            orders: None,
            started: false,
            tried: false,
            trouble: None,
            refused: None,
            people: People::default(),
            me: String::new(),
            first: 0,
            seen: Cell::new((0, usize::MAX)),
        }
    }

    fn load(&mut self, cx: &mut Cx<'_>) -> Result<(), Failure> {
        let sheet = cx.session.device(self.device)?;
        self.people = People::of(cx.session);
        cx.session.actor().clone_into(&mut self.me);
        if self.order.is_none() {
            let fitting: Vec<&OrderRow> = sheet
                .open_orders
                .iter()
                .filter(|row| is_inspection(row.kind))
                .collect();
            match fitting.as_slice() {
                [] => {}
                [only] => self.order = Some(only.id),
                several => {
                    let rows = several
                        .iter()
                        .map(|row| (order_words(row, &self.people, &self.me), Tint::Plain))
                        .collect();
                    let ids = several.iter().map(|row| row.id).collect();
                    let title = format!("{} open orders: which one?", several.len());
                    self.orders = Some((Picker::new(title, "", rows, 0), ids));
                }
            }
        }
        self.row = match self.order {
            Some(id) => Some(cx.session.order(id)?.row),
            None => None,
        };
        let (activity, code) = match self.order {
            Some(id) => {
                let opening = cx.session.order(id)?.order.opening;
                (opening.activity, opening.procedure)
            }
            None => (String::new(), String::new()),
        };
        let mut procedures = cx.session.procedures_for(self.device, &activity)?;
        // The order may name the procedure; its versions come first then.
        procedures.sort_by_key(|p| code.is_empty() || p.code != code);
        procedures.truncate(OFFERED);
        let chosen = self.procedures.get(self.at).map(|p| p.hash);
        self.at = chosen
            .and_then(|hash| procedures.iter().position(|p| p.hash == hash))
            .unwrap_or(0);
        self.procedures = procedures;
        self.warnings = cx.session.warnings(self.device, self.order)?;
        self.lacks = match self.procedures.get(self.at) {
            Some(row) => cx.session.lacks_credentials(row.hash)?,
            None => None,
        };
        self.sheet = Some(sheet);
        Ok(())
    }

    /// The inspection of the order that is open already.
    fn open_already(&self) -> Option<EntityId> {
        let (id, _) = self.row.as_ref()?.inspection.as_ref()?;
        Some(*id)
    }

    /// Nothing has to be read or chosen first.
    fn is_clear(&self) -> bool {
        self.orders.is_none()
            && self.warnings.is_empty()
            && self.lacks.is_none()
            && self
                .procedures
                .get(self.at)
                .is_some_and(|p| p.adopted.is_some())
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        let Some(procedure) = self.procedures.get(self.at) else {
            return;
        };
        if self.started {
            return;
        }
        self.started = true;
        self.tried = true;
        self.refused = None;
        let command = InspectionCommand::Start {
            device: self.device,
            order: self.order,
            procedure: procedure.hash,
            performed: None,
            acknowledged: self.warnings.clone(),
            tools: cx.session.tools_in_hand(),
        };
        cx.wish(Effect::Tell(Box::new(Command::Inspection(command))));
    }

    /// Turns to the lines that were not shown yet.
    fn read_on(&mut self) {
        let (seen, total) = self.seen.get();
        if seen < total && total != usize::MAX {
            self.first = seen;
        }
    }

    fn choose_order(&mut self, row: usize, cx: &mut Cx<'_>) {
        let Some((_, ids)) = self.orders.take() else {
            return;
        };
        self.order = ids.get(row).copied();
        cx.wish(Effect::DropTypedAhead);
        self.refresh(cx);
    }

    fn choose_procedure(&mut self, at: usize) {
        if at < self.procedures.len() {
            self.at = at;
        }
    }

    fn head(&self, look: &Look, width: usize, short: bool) -> Vec<Line<'static>> {
        let mut out = Vec::new();
        let mut fact = |tint: Tint, label: &str, words: &str| {
            let mut lines = labelled(look, width, tint, label, words);
            if short {
                lines.truncate(1);
            }
            out.extend(lines);
        };
        if let Some(sheet) = &self.sheet {
            let card = DeviceCard::of(sheet.id, &sheet.device);
            let place = sheet.device.text(Field::Location);
            let place = if place.is_empty() {
                card.department.clone()
            } else {
                place
            };
            let words = format!("{}  {}  {place}", card.tag, card.name());
            fact(Tint::Strong, "Device", &words);
        }
        if self.orders.is_some() {
            return out;
        }
        let order = self.row.as_ref().map_or_else(
            || "none is open: an unscheduled one is made".to_owned(),
            |row| order_words(row, &self.people, &self.me),
        );
        fact(Tint::Plain, "Order", &order);
        if self.procedures.is_empty() && self.sheet.is_some() {
            let words = "none on record fits this device. Import one with `tagout procedure import FILE`; `tagout procedure new` prints an example.";
            fact(Tint::Bad, "Procedure", words);
        }
        let many = self.procedures.len() > 1;
        let room = if short { 1 } else { OFFERED };
        let first = (self.at + 1).saturating_sub(room);
        for (i, row) in self.procedures.iter().enumerate().skip(first).take(room) {
            let label = if i == first { "Procedure" } else { "" };
            let digit = if many {
                format!("{}  ", i + 1)
            } else {
                String::new()
            };
            let words = format!("{digit}{}", procedure_words(row));
            let tint = match (i == self.at && many, row.adopted.is_some()) {
                (true, _) => Tint::Chosen,
                (_, true) => Tint::Plain,
                (_, false) => Tint::Warn,
            };
            fact(tint, label, &words);
        }
        out
    }

    /// What must be read: the banner of a procedure that nobody has adopted, and the warnings.
    fn to_read(&self, look: &Look, width: usize) -> Vec<Line<'static>> {
        let mut out = Vec::new();
        if let Some(row) = self.procedures.get(self.at)
            && row.adopted.is_none()
        {
            let words = "UNVERIFIED: nobody has adopted this version. Its readings are recorded, but the inspection cannot end in \"passed\". The manufacturer's instructions decide.";
            out.extend(
                wrap(words, width)
                    .into_iter()
                    .map(|t| line(look, Tint::Warn, t)),
            );
        }
        if let Some(lacks) = &self.lacks {
            let words = format!(
                "{lacks}. You may begin; somebody who holds them has to sign.",
                lacks = sentence(lacks)
            );
            out.extend(
                wrap(&words, width)
                    .into_iter()
                    .map(|t| line(look, Tint::Warn, t)),
            );
        }
        if !self.warnings.is_empty() {
            let words = match self.warnings.len() {
                1 => "Read this before step 1:".to_owned(),
                n => format!("Read these {n} before step 1:"),
            };
            out.push(line(look, Tint::Strong, words));
            for warning in &self.warnings {
                let mut mark = "! ";
                for text in wrap(warning, width.saturating_sub(2)) {
                    out.push(line(look, Tint::Bad, format!("{mark}{text}")));
                    mark = "  ";
                }
            }
        }
        out
    }

    fn lines(&self, look: &Look, width: usize, height: usize) -> Vec<Line<'static>> {
        let short = height < 14;
        let mut out = self.head(look, width, short);
        if self.orders.is_some() {
            return out;
        }
        if !short {
            out.push(Line::default());
        }
        if let Some(why) = &self.refused {
            let lines = wrap(why, width).into_iter();
            out.extend(lines.map(|t| line(look, Tint::Bad, t)));
        }
        let read = self.to_read(look, width);
        let total = read.len();
        let room = height.saturating_sub(out.len());
        // One line says how much is left to read.
        let shown = if self.first + room < total {
            room.saturating_sub(1).max(1)
        } else {
            room
        };
        let upto = (self.first + shown).min(total);
        self.seen.set((upto, total));
        out.extend(read.into_iter().skip(self.first).take(shown));
        if upto < total {
            let words = format!("{} more lines to read", total - upto);
            out.push(line(look, Tint::Strong, words));
        }
        out
    }
}

impl Screen for Begin {
    fn contexts(&self) -> Vec<Context> {
        if self.orders.is_some() {
            vec![Context::Dialog]
        } else {
            vec![Context::Alerts]
        }
    }

    fn title(&self) -> String {
        self.sheet.as_ref().map_or_else(
            || "Begin an inspection".to_owned(),
            |sheet| format!("{}: begin an inspection", sheet.device.tag()),
        )
    }

    fn availability(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        match action {
            Action::Submit if self.orders.is_some() => Availability::Ready,
            Action::Up | Action::Down | Action::PageUp | Action::PageDown => Availability::Ready,
            Action::AcknowledgeAlert if self.procedures.is_empty() => {
                no("No procedure on record fits this device.")
            }
            Action::AcknowledgeAlert => Availability::Ready,
            _ => no("Read what is listed, then begin or go back."),
        }
    }

    fn run(&mut self, action: Action, press: &Press, cx: &mut Cx<'_>) {
        if action == Action::Back {
            cx.wish(Effect::Back);
            return;
        }
        if let Some((picker, _)) = &mut self.orders {
            if let Some(row) = picker.run(action)
                && by_hand(press)
            {
                self.choose_order(row, cx);
            }
            return;
        }
        match action {
            Action::Up => self.choose_procedure(self.at.saturating_sub(1)),
            Action::Down => self.choose_procedure(self.at + 1),
            Action::PageUp => self.first = 0,
            Action::PageDown => self.read_on(),
            Action::AcknowledgeAlert if by_hand(press) => {
                let (seen, total) = self.seen.get();
                if seen < total {
                    self.read_on();
                    cx.say(Tone::Plain, "There is more to read.");
                } else if let Availability::Disabled(why) = self.availability(action) {
                    cx.say(Tone::Bad, why);
                } else {
                    self.start(cx);
                }
            }
            _ => {}
        }
    }

    fn typed(&mut self, key: KeyCombo, press: &Press, cx: &mut Cx<'_>) -> bool {
        if let Some((picker, _)) = &self.orders {
            let Some(row) = picker.digit(key) else {
                return false;
            };
            if by_hand(press) {
                self.choose_order(row, cx);
            }
            return true;
        }
        let digit = key.typed().and_then(|c| c.to_digit(10)).unwrap_or(0) as usize;
        let known = (1..=self.procedures.len()).contains(&digit);
        if known && by_hand(press) {
            self.choose_procedure(digit - 1);
        }
        known
    }

    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        self.started = false;
        match result {
            Ok(receipt) => {
                if let Some(made) = receipt.made(Kind::Inspection) {
                    cx.wish(Effect::Go(Place::Checklist(made.what.id)));
                }
            }
            Err(failure) => {
                cx.fail(failure);
                let hint = failure.hint().unwrap_or_default();
                self.refused = Some(format!("Not begun: {failure} {hint}"));
                let Failure::Refused(refusal) = failure else {
                    return;
                };
                let ids: Vec<EntityId> = refusal
                    .choices
                    .iter()
                    .filter_map(|(id, _)| id.parse().ok())
                    .collect();
                match (refusal.kind, ids.as_slice()) {
                    // Somebody has begun it meanwhile.
                    (RefusalKind::Changed, [open]) => {
                        cx.wish(Effect::Go(Place::Checklist(*open)));
                    }
                    (RefusalKind::NeedsChoice, [_, _, ..]) => {
                        let rows = refusal
                            .choices
                            .iter()
                            .map(|(_, words)| (words.clone(), Tint::Plain))
                            .collect();
                        self.orders = Some((
                            Picker::new("Which order?", refusal.what.clone(), rows, 0),
                            ids,
                        ));
                    }
                    _ => {}
                }
            }
        }
    }

    fn refresh(&mut self, cx: &mut Cx<'_>) {
        if self.started || (self.orders.is_some() && self.sheet.is_some()) {
            return;
        }
        match self.load(cx) {
            Ok(()) => self.trouble = None,
            Err(failure) => {
                self.trouble = Some(failure.to_string());
                return;
            }
        }
        if let Some(open) = self.open_already() {
            cx.wish(Effect::Go(Place::Checklist(open)));
        } else if self.is_clear() && !self.tried {
            self.start(cx);
        }
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let area = paint::inset(area);
        let width = area.width as usize;
        if let Some(trouble) = &self.trouble {
            let lines = wrap(trouble, width);
            paint::lines(
                frame,
                area,
                lines
                    .into_iter()
                    .map(|t| line(look, Tint::Bad, t))
                    .collect(),
            );
            return;
        }
        paint::lines(frame, area, self.lines(look, width, area.height as usize));
        if let Some((picker, _)) = &self.orders {
            picker.draw(frame, area, look);
        }
    }
}
