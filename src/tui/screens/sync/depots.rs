//! The depots on the screen: a line each above the sites, and what came of a sync that was started here.
//!
//! Invariant: the screen never waits for a place; while something runs it looks again now and then, else it is told.

use std::collections::BTreeMap;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use crate::bench::depots::DepotSheet;
use crate::bench::{Failure, Session};
use crate::tui::view::text::LineMaker;
use crate::tui::view::{Look, Role};

/// Lines for depots at most; the sites need theirs.
const MOST: usize = 4;

/// What is known of the depots.
#[derive(Default)]
pub struct Depots {
    sheets: Vec<DepotSheet>,
    /// The depots that were started here, and how many exchanges with each had ended before.
    started: BTreeMap<String, u64>,
}

impl Depots {
    /// Looks again.
    pub fn read(&mut self, session: &Session) -> Result<(), Failure> {
        self.sheets = session.depots()?;
        Ok(())
    }

    /// None is set up.
    pub fn is_empty(&self) -> bool {
        self.sheets.is_empty()
    }

    /// Begins to sync with all of them.
    pub fn start(&mut self, session: &Session) -> Result<(), Failure> {
        for sheet in &self.sheets {
            let name = &sheet.depot.name;
            session.start_sync(name)?;
            self.started.insert(name.clone(), sheet.last.count);
        }
        Ok(())
    }

    /// Something that was started here is not at its end.
    pub fn runs(&self) -> bool {
        !self.started.is_empty()
    }

    /// How far what runs is, in words.
    pub fn step(&self) -> String {
        let running = self
            .sheets
            .iter()
            .find_map(|sheet| Some((&sheet.depot.name, sheet.running.as_ref()?)));
        running.map_or_else(
            || "syncing".to_owned(),
            |(name, step)| format!("{name}: {step}"),
        )
    }

    /// Once all that was started is at its end: what there is to say, and whether all went well.
    pub fn ended(&mut self) -> Option<(Vec<String>, bool)> {
        let ended = self.started.iter().all(|(name, before)| {
            let sheet = self.sheets.iter().find(|sheet| sheet.depot.name == *name);
            sheet.is_none_or(|sheet| sheet.running.is_none() && sheet.last.count != *before)
        });
        if !ended || self.started.is_empty() {
            return None;
        }
        self.started.clear();
        let mut well = true;
        let mut lines = Vec::new();
        for sheet in &self.sheets {
            match &sheet.last.trouble {
                Some(trouble) => {
                    well = false;
                    lines.push(format!("{}: not synced: {trouble}", sheet.depot.name));
                }
                None => lines.extend(sheet.last.lines.iter().cloned()),
            }
        }
        Some((lines, well))
    }

    /// What is wrong with depots, in words.
    pub fn trouble(&self) -> Vec<String> {
        let wrong = self.sheets.iter().filter(|sheet| !sheet.absent);
        wrong
            .filter_map(|sheet| {
                let trouble = sheet.last.trouble.as_ref()?;
                Some(format!("{}: not synced: {trouble}", sheet.depot.name))
            })
            .collect()
    }

    /// Draws a line each, and gives the place that is left.
    pub fn draw(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        look: &Look,
        minute: &dyn Fn(i64) -> String,
    ) -> Rect {
        let most = MOST.min(usize::from(area.height / 4));
        let mut rest = area;
        for sheet in self.sheets.iter().take(most) {
            let mut line = LineMaker::new(area.width);
            depot_line(&mut line, sheet, look, minute);
            let row = Rect { height: 1, ..rest };
            line.filled(look.style(Role::Text))
                .render(row, frame.buffer_mut());
            rest.y += 1;
            rest.height = rest.height.saturating_sub(1);
        }
        rest
    }
}

fn depot_line(
    line: &mut LineMaker,
    sheet: &DepotSheet,
    look: &Look,
    minute: &dyn Fn(i64) -> String,
) {
    let (words, role) = match (&sheet.running, &sheet.last.trouble) {
        (Some(step), _) => (step.clone(), Role::Strong),
        (None, _) if sheet.absent => ("not there now".to_owned(), Role::Dim),
        (None, Some(_)) => ("trouble".to_owned(), Role::Bad),
        (None, None) if sheet.last.good_us == 0 => ("never synced".to_owned(), Role::Dim),
        (None, None) => (format!("synced {}", minute(sheet.last.good_us)), Role::Text),
    };
    line.add(" • ", look.style(Role::Dim));
    line.column(&sheet.depot.name, 12, look.style(Role::Strong));
    line.add(" ", look.style(Role::Text));
    line.column(&sheet.when(), 9, look.style(Role::Dim));
    line.add("  ", look.style(Role::Text));
    line.column(&words, 23, look.style(role));
    let waits = match sheet.to_send {
        0 => String::new(),
        n => format!(" {n} to send"),
    };
    line.add(&waits, look.style(Role::Warn));
}
