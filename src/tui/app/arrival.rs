//! Sitting down at the desk: what there is to say at the start, and going on where one was when one left, or was cut off.

use super::desk::{Desk, LOOKUP};
use super::screen::{Place, Tone};
use crate::bench::Failure;
use crate::bench::query::InspectionRow;
use crate::keymap::Action;
use crate::tui::screens::dialogs;
use crate::tui::terminal::Flow;

impl Desk {
    /// What opening had to say, and the first page of a new store.
    pub(super) fn welcome(
        &mut self,
        notices: Vec<String>,
        new_store: bool,
        greeting: Option<String>,
    ) {
        for notice in notices {
            self.say(Tone::Bad, notice);
        }
        if let Some(shop) = self.shop.clone() {
            if let Some(why) = &shop.read_only {
                self.say(Tone::Bad, format!("Nothing can be recorded: {why}"));
            }
            if new_store && !shop.demo {
                let key = self.session.actor().to_owned();
                let name = self
                    .session
                    .technicians()
                    .unwrap_or_default()
                    .into_iter()
                    .find(|technician| technician.key == key)
                    .map_or_else(|| key.clone(), |technician| technician.name);
                let form = dialogs::first_start(&shop, &key, &name);
                let _ = self.carry_out(LOOKUP, vec![form]);
            }
        }
        // What went wrong stays in sight.
        let calm = self.said.is_none();
        let waits = self.what_waits().filter(|_| calm || greeting.is_some());
        let words: Vec<String> = [greeting, waits].into_iter().flatten().collect();
        if !words.is_empty() {
            self.say(Tone::Plain, words.join(" "));
        }
    }

    /// The inspection that the technician goes on with, if one waits: a line that dropped, or yesterday's work.
    fn what_waits(&self) -> Option<String> {
        let row = self.worked_on_last().ok()??;
        let key = self
            .keymap
            .keymap
            .first_key(&self.contexts(), Action::Resume)?;
        let tag = row
            .device
            .map_or_else(|| row.order.clone(), |card| card.tag.clone());
        let saved = match row.answers {
            1 => "1 answer".to_owned(),
            count => format!("{count} answers"),
        };
        Some(format!(
            "{tag}, {}, waits with {saved} saved: {key} goes on.",
            row.activity
        ))
    }

    /// The open inspection of the technician in which something was recorded last.
    fn worked_on_last(&self) -> Result<Option<InspectionRow>, Failure> {
        let me = self.session.actor().to_owned();
        let open = self.session.open_inspections(Some(me))?;
        let here = self.last_inspection;
        let at = open
            .iter()
            .position(|row| Some(row.id) == here)
            .or_else(|| (0..open.len()).max_by_key(|at| open.get(*at).map(|row| row.touched)));
        Ok(at.and_then(|at| open.into_iter().nth(at)))
    }

    /// Goes to the inspection that was worked on last, at the step that waits.
    pub(super) fn resume(&mut self) -> Flow {
        match self.worked_on_last() {
            Ok(Some(row)) => {
                let place = Place::Checklist(row.id);
                // Open already, it may show another step: begin anew at the one that waits.
                if self.top() == Some(&place) {
                    self.stack.pop();
                }
                self.go(&place)
            }
            Ok(None) => {
                self.say(
                    Tone::Plain,
                    "You have no open inspection. Start one from a device or from the queue."
                        .to_owned(),
                );
                Flow::REDRAW
            }
            Err(failure) => {
                self.say(Tone::Bad, failure.to_string());
                Flow::REDRAW
            }
        }
    }
}
