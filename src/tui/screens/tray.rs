//! The bench tray: every inspection that is open, with the step in front of each.
//!
//! Invariants: a scan of a device on the tray leads to its waiting step and answers nothing; a count-down that ends rings
//! once with the tag; a signature covers one inspection, and several are signed only after a table of every failure, every
//! "not applicable" and every correction was shown.

mod draw;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::BTreeSet;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::bench::query::{InspectionRow, InspectionSheet, Receipt, ScanAnswer};
use crate::bench::{Failure, SignRequest};
use crate::domain::id::EntityId;
use crate::domain::inspection::{Plan, StepState, outcome, plan};
use crate::domain::procedure::StepId;
use crate::domain::signature::Meaning;
use crate::domain::time::Moment;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Place, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::screens::steps::entry::by_hand;
use crate::tui::screens::words::People;
use crate::tui::view::Look;
use walk::Walk;

/// The most inspections that one technician has open on the bench.
pub const MOST: usize = 64;

/// One inspection on the tray.
struct Tile {
    row: InspectionRow,
    mine: bool,
    /// Only those of this technician are read in full.
    sheet: Option<InspectionSheet>,
    plan: Plan,
}

impl Tile {
    fn tag(&self) -> &str {
        self.row
            .device
            .as_ref()
            .map_or("?", |card| card.tag.as_str())
    }

    /// Everything is answered; only the signature is missing.
    fn is_ready(&self) -> bool {
        self.mine && self.sheet.is_some() && self.plan.missing.is_empty()
    }

    /// Its count-downs: step, title and end.
    fn timers(&self) -> impl Iterator<Item = (&StepId, &str, Moment)> {
        self.plan.items.iter().filter_map(|item| match &item.state {
            StepState::Running { until } => Some((&item.step.id, item.step.title.as_str(), *until)),
            _ => None,
        })
    }
}

/// Something in front of the list.
enum Front {
    /// Nothing.
    None,
    /// What several signatures would cover: the inspections and the lines of the table, the first line shown.
    Table(Vec<EntityId>, Vec<String>, usize),
    /// One step across the tray.
    Walk(Box<Walk>),
}

/// The tray.
pub struct Tray {
    tiles: Vec<Tile>,
    at: usize,
    marked: BTreeSet<EntityId>,
    front: Front,
    /// Signatures asked for and not answered yet.
    signing: usize,
    signed: usize,
    rung: BTreeSet<(EntityId, StepId)>,
    entries: Option<u64>,
    now: Moment,
    me: String,
    people: People,
    trouble: Option<String>,
}

impl Default for Tray {
    fn default() -> Self {
        Self::new()
    }
}

impl Tray {
    /// The tray.
    pub fn new() -> Self {
        Self {
            tiles: Vec::new(),
            at: 0,
            marked: BTreeSet::new(),
            front: Front::None,
            signing: 0,
            signed: 0,
            rung: BTreeSet::new(),
            entries: None,
            now: Moment::default(),
            me: String::new(),
            people: People::default(),
            trouble: None,
        }
    }

    fn load(&mut self, cx: &mut Cx<'_>) {
        cx.session.actor().clone_into(&mut self.me);
        let shop = match cx.session.shop() {
            Ok(shop) => shop,
            Err(failure) => {
                self.trouble = Some(failure.to_string());
                return;
            }
        };
        self.now = shop.now;
        // Count-downs wake the tray every second; the sheets are read again only when something was recorded.
        if self.entries != Some(shop.entries) {
            match cx.session.open_inspections(None) {
                Ok(rows) => {
                    self.people = People::of(cx.session);
                    self.place(rows, cx);
                    self.entries = Some(shop.entries);
                    self.trouble = None;
                }
                Err(failure) => self.trouble = Some(failure.to_string()),
            }
        }
        self.ring(cx);
    }

    fn place(&mut self, rows: Vec<InspectionRow>, cx: &Cx<'_>) {
        let selected = self.tiles.get(self.at).map(|t| t.row.id);
        let (mut mine, others): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.holder == self.me);
        mine.truncate(MOST);
        let read = |row: InspectionRow, mine: bool| {
            let sheet = if mine {
                cx.session.inspection(row.id).ok()
            } else {
                None
            };
            let plan = sheet
                .as_ref()
                .map(|s| plan(&s.inspection, &s.document, &s.inspection.facts))
                .unwrap_or_default();
            Tile {
                row,
                mine,
                sheet,
                plan,
            }
        };
        let mut tiles: Vec<Tile> = mine.into_iter().map(|row| read(row, true)).collect();
        tiles.sort_by(|a, b| a.tag().cmp(b.tag()));
        tiles.extend(others.into_iter().take(MOST).map(|row| read(row, false)));
        self.tiles = tiles;
        self.at = selected
            .and_then(|id| self.tiles.iter().position(|t| t.row.id == id))
            .unwrap_or(self.at)
            .min(self.tiles.len().saturating_sub(1));
        let here: BTreeSet<EntityId> = self.tiles.iter().map(|t| t.row.id).collect();
        self.marked.retain(|id| here.contains(id));
    }

    fn ring(&mut self, cx: &mut Cx<'_>) {
        for tile in &self.tiles {
            for (step, title, until) in tile.timers() {
                if until.micros > self.now.micros {
                    continue;
                }
                if self.rung.insert((tile.row.id, step.clone())) {
                    cx.wish(Effect::Bell);
                    cx.say(
                        Tone::Plain,
                        format!("{}: time is over: {title}", tile.tag()),
                    );
                }
            }
        }
    }

    fn tile(&self, id: EntityId) -> Option<&Tile> {
        self.tiles.iter().find(|t| t.row.id == id)
    }

    fn selected(&self) -> Option<&Tile> {
        self.tiles.get(self.at)
    }

    /// The marked inspections, else the one in front.
    fn chosen(&self) -> Vec<&Tile> {
        if self.marked.is_empty() {
            return self.selected().into_iter().collect();
        }
        self.tiles
            .iter()
            .filter(|t| self.marked.contains(&t.row.id))
            .collect()
    }

    /// The table that is read before several inspections are signed in one act.
    fn table(&mut self, cx: &mut Cx<'_>) {
        let mut ids = Vec::new();
        let mut lines = Vec::new();
        let mut left = Vec::new();
        for tile in self.chosen() {
            let Some(sheet) = tile.sheet.as_ref().filter(|_| tile.is_ready()) else {
                left.push(tile.tag().to_owned());
                continue;
            };
            ids.push(tile.row.id);
            let inspection = &sheet.inspection;
            let adopted = inspection.adopted || sheet.procedure.is_adopted();
            let (ended, because) = outcome(inspection, &sheet.document, adopted);
            lines.push(format!(
                "{}  {}  {}  {ended}",
                tile.tag(),
                sheet.order,
                inspection.activity
            ));
            let remarks: Vec<String> = tile
                .plan
                .items
                .iter()
                .filter_map(|item| super::summary::remarks(sheet, item))
                .collect();
            if remarks.is_empty() && ended.is_pass() {
                lines.push("    no failure, nothing left out, no correction".to_owned());
            }
            lines.extend(remarks.iter().map(|words| format!("    ! {words}")));
            if !ended.is_pass() {
                lines.extend(because.iter().map(|words| format!("    {words}")));
            }
        }
        if ids.is_empty() {
            cx.say(
                Tone::Bad,
                format!("Not ready to be signed: {}.", left.join(", ")),
            );
            return;
        }
        if !left.is_empty() {
            lines.push(format!(
                "Not ready, and not signed now: {}",
                left.join(", ")
            ));
        }
        self.front = Front::Table(ids, lines, 0);
        cx.wish(Effect::DropTypedAhead);
    }

    fn sign(&mut self, cx: &mut Cx<'_>) {
        let Front::Table(ids, ..) = std::mem::replace(&mut self.front, Front::None) else {
            return;
        };
        self.signing = ids.len();
        self.signed = 0;
        for inspection in ids {
            cx.wish(Effect::Sign(SignRequest {
                inspection,
                meaning: Meaning::Performed,
                minutes: None,
                cause: None,
            }));
        }
    }

    fn run_list(&mut self, action: Action, cx: &mut Cx<'_>) {
        let last = self.tiles.len().saturating_sub(1);
        match action {
            Action::Back => cx.wish(Effect::Back),
            Action::Up => self.at = self.at.saturating_sub(1),
            Action::Down => self.at = (self.at + 1).min(last),
            Action::PageUp => self.at = self.at.saturating_sub(10),
            Action::PageDown => self.at = (self.at + 10).min(last),
            Action::Top => self.at = 0,
            Action::Bottom => self.at = last,
            Action::Select => {
                if let Some(tile) = self.selected() {
                    cx.wish(Effect::Go(if tile.is_ready() {
                        Place::Summary(tile.row.id)
                    } else {
                        Place::Checklist(tile.row.id)
                    }));
                }
            }
            Action::Mark => {
                if let Some(id) = self.selected().map(|t| t.row.id)
                    && !self.marked.remove(&id)
                {
                    self.marked.insert(id);
                }
                self.at = (self.at + 1).min(last);
            }
            Action::ClearMarks => self.marked.clear(),
            Action::WalkStep => self.begin_walk(cx),
            Action::Sign => self.table(cx),
            _ => {}
        }
    }
}

impl Screen for Tray {
    fn contexts(&self) -> Vec<Context> {
        match &self.front {
            Front::Walk(walk) => walk.contexts(),
            _ => vec![Context::Tray],
        }
    }

    fn title(&self) -> String {
        let mine = self.tiles.iter().filter(|t| t.mine).count();
        match self.tiles.len() - mine {
            0 => format!("Bench tray: {mine} open"),
            others => format!("Bench tray: {mine} open, {others} of others"),
        }
    }

    fn availability(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        if let Front::Walk(walk) = &self.front {
            return walk.can(action);
        }
        match action {
            Action::Back => Availability::Ready,
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::Top
            | Action::Bottom => Availability::Ready,
            Action::Sign if self.signing > 0 => no("The signatures are being made."),
            Action::Sign if matches!(self.front, Front::Table(..)) => Availability::Ready,
            _ if matches!(self.front, Front::Table(..)) => no("Sign, or go back."),
            _ if self.tiles.is_empty() => no("No inspection is open on the bench."),
            Action::Sign if !self.chosen().iter().any(|t| t.is_ready()) => {
                no("Nothing chosen here is ready to be signed.")
            }
            Action::WalkStep if self.walkable().len() < 2 => no(
                "A walk needs one step that waits on two confirmed devices; a label is scanned at each device.",
            ),
            Action::ClearMarks if self.marked.is_empty() => no("Nothing is marked."),
            Action::Select
            | Action::Mark
            | Action::ClearMarks
            | Action::WalkStep
            | Action::Sign => Availability::Ready,
            _ => no("This does nothing on the tray."),
        }
    }

    fn run(&mut self, action: Action, press: &Press, cx: &mut Cx<'_>) {
        if action.records() && !by_hand(press) {
            return;
        }
        match &mut self.front {
            Front::Walk(_) => self.run_walk(action, press, cx),
            Front::Table(_, lines, first) => match action {
                Action::Back => self.front = Front::None,
                Action::Up => *first = first.saturating_sub(1),
                Action::Down => *first = (*first + 1).min(lines.len().saturating_sub(1)),
                Action::PageUp => *first = first.saturating_sub(10),
                Action::PageDown => *first = (*first + 10).min(lines.len().saturating_sub(1)),
                Action::Sign => self.sign(cx),
                _ => {}
            },
            Front::None => {
                if let Availability::Disabled(why) = self.availability(action) {
                    cx.say(Tone::Bad, why);
                    return;
                }
                self.run_list(action, cx);
            }
        }
    }

    fn typed(&mut self, key: KeyCombo, press: &Press, cx: &mut Cx<'_>) -> bool {
        match self.front {
            Front::Walk(_) => self.type_walk(key, press, cx),
            _ => false,
        }
    }

    fn scanned(&mut self, scan: &ScanAnswer, _text: &str, cx: &mut Cx<'_>) -> bool {
        let found = self.tiles.iter().find(|tile| {
            let own = tile.row.device.as_ref().map(|card| card.id);
            scan.devices.iter().any(|card| Some(card.id) == own)
        });
        let Some(id) = found.map(|tile| tile.row.id) else {
            return false;
        };
        if let Front::Walk(walk) = &mut self.front {
            if walk.turn_to(id) {
                cx.wish(Effect::NewStep);
                return true;
            }
            cx.wish(Effect::Bell);
            cx.say(Tone::Bad, "That device does not wait for this step.");
            return true;
        }
        cx.wish(Effect::Go(Place::Checklist(id)));
        true
    }

    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        if matches!(self.front, Front::Walk(_)) {
            self.told_walk(result, cx);
            return;
        }
        self.signing = self.signing.saturating_sub(1);
        match result {
            Ok(_) => {
                self.signed += 1;
                let words = match self.signed {
                    1 => "1 inspection is signed.".to_owned(),
                    n => format!("{n} inspections are signed, each with its own signature."),
                };
                cx.say(Tone::Good, words);
            }
            Err(failure) => cx.fail(failure),
        }
        self.load(cx);
    }

    fn refresh(&mut self, cx: &mut Cx<'_>) {
        // Coming back from the passphrase: what was not signed is not being signed any more.
        self.signing = 0;
        self.load(cx);
    }

    fn woken(&mut self, cx: &mut Cx<'_>) {
        self.load(cx);
    }

    fn wake_in(&self) -> Option<std::time::Duration> {
        let running = self.tiles.iter().any(|tile| {
            tile.timers()
                .any(|(_, _, until)| until.micros > self.now.micros)
        });
        running.then(|| std::time::Duration::from_secs(1))
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        self.paint(frame, area, look);
    }
}
