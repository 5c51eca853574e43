//! The command palette: actions, devices and work orders in one list, by typing.
//!
//! Invariants: a name runs exactly what its key would run; what can be done now stands before what cannot, and of that
//! what is done often comes first.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::narrow::Narrow;
use crate::bench::query::{OrderFilter, Receipt};
use crate::bench::{Failure, rank_text};
use crate::keymap::describe::HelpEntry;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Place, Screen};
use crate::tui::input::Press;
use crate::tui::view::text::{LineMaker, width};
use crate::tui::view::{Look, Role};

/// Devices and orders listed beside the actions.
const FEW: usize = 8;

#[derive(Clone)]
enum Entry {
    Action(Action),
    Place(Place),
}

struct Row {
    words: String,
    right: String,
    ranges: Vec<(usize, usize)>,
    entry: Entry,
    ready: bool,
}

/// The palette.
pub struct Palette {
    actions: Vec<HelpEntry>,
    rows: Vec<Row>,
    list: Narrow,
}

impl Palette {
    /// A palette of these actions.
    pub fn new(entries: Vec<HelpEntry>) -> Self {
        let mut made = Self {
            // What belongs to the palette itself is no command.
            actions: entries
                .into_iter()
                .filter(|entry| !matches!(entry.action, Action::Palette | Action::Submit))
                .collect(),
            rows: Vec::new(),
            list: Narrow::default(),
        };
        made.rows = made.action_rows(true);
        made
    }

    /// The actions that fit, those first that are most likely meant.
    fn action_rows(&self, ready: bool) -> Vec<Row> {
        let typed = self.list.input.text();
        let fits = |entry: &&HelpEntry| (entry.availability == Availability::Ready) == ready;
        let actions: Vec<&HelpEntry> = self.actions.iter().filter(fits).collect();
        let mut hits = rank_text(typed, actions.iter().map(|entry| entry.action.label()));
        // A stable sort: equals stay in the order of the score.
        hits.sort_by_key(|hit| {
            let action = actions.get(hit.index).map(|entry| entry.action);
            action.map(|action| (!begins(action.label(), typed), rarity(action)))
        });
        hits.into_iter()
            .filter_map(|hit| {
                let entry = actions.get(hit.index)?;
                Some(Row {
                    words: entry.action.label().to_owned(),
                    right: entry.keys(),
                    ranges: hit.ranges.iter().map(|r| (r.start, r.end)).collect(),
                    entry: Entry::Action(entry.action),
                    ready,
                })
            })
            .collect()
    }

    fn search(&mut self, cx: &Cx<'_>) {
        self.rows = self.action_rows(true);
        let text = self.list.input.text().trim().to_owned();
        if text.len() >= 2 {
            self.add_places(&text, cx);
        }
        if !text.is_empty() {
            let not_now = self.action_rows(false);
            self.rows.extend(not_now);
        }
    }

    fn add_places(&mut self, text: &str, cx: &Cx<'_>) {
        let place = |words: String, right: &str, place: Place| Row {
            words,
            right: right.to_owned(),
            ranges: Vec::new(),
            entry: Entry::Place(place),
            ready: true,
        };
        if let Ok(found) = cx.session.find(text, FEW)
            && !found.nearest
        {
            self.rows.extend(found.devices.into_iter().map(|device| {
                let words = format!("{} {}", device.card.tag, device.card.name());
                place(words, "device", Place::Device(device.card.id))
            }));
        }
        let filter = OrderFilter {
            text: text.to_owned(),
            ..OrderFilter::default()
        };
        if let Ok(window) = cx.session.orders(filter, 0, FEW) {
            self.rows.extend(window.rows.into_iter().map(|row| {
                let words = format!("{} {}", row.number, row.what);
                place(words, "work order", Place::Order(row.id))
            }));
        }
    }
}

/// Whether every word typed begins a word of the label.
fn begins(label: &str, typed: &str) -> bool {
    let label = label.to_lowercase();
    let has = |word: &str| label.split([' ', '-', '/']).any(|of| of.starts_with(word));
    typed.to_lowercase().split_whitespace().all(has)
}

/// The footer's order is how often an action is wanted; what never stands there comes last.
fn rarity(action: Action) -> u8 {
    match action.meta().footer_rank {
        0 => u8::MAX,
        rank => rank,
    }
}

impl Screen for Palette {
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Palette]
    }

    fn title(&self) -> String {
        "Commands, devices, work orders".to_owned()
    }

    fn availability(&self, action: Action) -> Availability {
        Narrow::availability(action, self.rows.len(), "Close the palette with Esc first.")
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        let taken = self.list.run(action, self.rows.len());
        if let Some(row) = taken.and_then(|at| self.rows.get(at)) {
            cx.wish(Effect::Back);
            cx.wish(match &row.entry {
                Entry::Action(action) => Effect::Run(*action),
                Entry::Place(place) => Effect::Go(place.clone()),
            });
        }
    }

    fn typed(&mut self, key: KeyCombo, _press: &Press, cx: &mut Cx<'_>) -> bool {
        let used = self.list.typed(key);
        if used {
            self.search(cx);
        }
        used
    }

    fn pasted(&mut self, text: &str, cx: &mut Cx<'_>) -> bool {
        self.list.pasted(text);
        self.search(cx);
        true
    }

    fn told(&mut self, _result: &Result<Receipt, Failure>, _cx: &mut Cx<'_>) {}

    fn refresh(&mut self, _cx: &mut Cx<'_>) {}

    fn wants(&self, room: (u16, u16)) -> (u16, u16) {
        (
            room.0.saturating_sub(8).min(72),
            room.1.saturating_sub(4).min(18),
        )
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let plain = look.style(Role::Text);
        let side = self.rows.iter().map(|row| width(&row.right)).max();
        let side = side.unwrap_or(0).min(18);
        let room = (area.width as usize).saturating_sub(side + 3);
        let make = |at: usize| {
            let mut line = LineMaker::new(area.width);
            if let Some(row) = self.rows.get(at) {
                let style = look.style(if row.ready { Role::Text } else { Role::Dim });
                let words = if row.ready {
                    row.words.clone()
                } else {
                    format!("{} (not now)", row.words)
                };
                line.add(" ", plain);
                line.marked(&words, room, style, &row.ranges, look.style(Role::Match));
                line.add(" ", plain);
                line.column(&row.right, side, look.style(Role::Dim));
            }
            line.filled(plain)
        };
        let hint = "type what you want to do, or a tag, or an order number";
        self.list
            .draw(frame, area, look, (":", hint), self.rows.len(), make);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn palette(typed: &str) -> Vec<String> {
        let entries = [
            (Action::Quit, true),
            (Action::Repaint, true),
            (Action::PrintRecord, false),
            (Action::OpenRepair, true),
            (Action::Receive, false),
            (Action::Release, true),
        ]
        .map(|(action, ready)| HelpEntry {
            action,
            context: Context::Global,
            chords: Vec::new(),
            availability: if ready {
                Availability::Ready
            } else {
                Availability::Disabled("Not here.".to_owned())
            },
        });
        let mut palette = Palette::new(entries.to_vec());
        palette.list.input.set(typed);
        let words = |ready| palette.action_rows(ready).into_iter().map(|row| row.words);
        words(true).chain(words(false)).collect()
    }

    #[test]
    fn what_is_done_often_and_can_be_done_comes_first() {
        for (typed, first) in [
            ("rep", ["Open a repair order", "Repaint"].as_slice()),
            ("re", &["Open a repair order", "Repaint"]),
            ("open rep", &["Open a repair order"]),
            ("repa", &["Open a repair order", "Repaint"]),
            ("repai", &["Open a repair order"]),
            ("rec", &["Print the record", "Receive a delivery"]),
            ("give", &["Give back"]),
        ] {
            let rows = palette(typed);
            let at = |label: &&str| rows.iter().position(|row| row == label);
            let places: Vec<_> = first.iter().map(at).collect();
            assert!(
                places.iter().all(Option::is_some) && places.is_sorted(),
                "{typed}: {rows:?}"
            );
            assert_eq!(places.first(), Some(&Some(0)), "{typed}: {rows:?}");
        }
    }
}
