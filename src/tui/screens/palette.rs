//! The command palette: actions that can be used now, devices and work orders in one list, by typing.
//!
//! Invariant: a name runs exactly what its key would run.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::field::Field;
use crate::bench::query::{OrderFilter, Receipt};
use crate::bench::{Failure, rank_text};
use crate::keymap::describe::HelpEntry;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Place, Screen};
use crate::tui::input::Press;
use crate::tui::view::list::{self, Selection};
use crate::tui::view::text::LineMaker;
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
}

/// The palette.
pub struct Palette {
    actions: Vec<HelpEntry>,
    input: Field,
    rows: Vec<Row>,
    selection: Selection,
}

impl Palette {
    /// A palette of these actions.
    pub fn new(entries: Vec<HelpEntry>) -> Self {
        let mut made = Self {
            actions: entries
                .into_iter()
                .filter(|entry| entry.availability == Availability::Ready)
                .collect(),
            input: Field::default(),
            rows: Vec::new(),
            selection: Selection::default(),
        };
        made.rows = made.action_rows();
        made
    }

    fn action_rows(&self) -> Vec<Row> {
        let labels = self.actions.iter().map(|entry| entry.action.label());
        rank_text(self.input.text(), labels)
            .into_iter()
            .filter_map(|hit| {
                let entry = self.actions.get(hit.index)?;
                Some(Row {
                    words: entry.action.label().to_owned(),
                    right: entry.keys(),
                    ranges: hit.ranges.iter().map(|r| (r.start, r.end)).collect(),
                    entry: Entry::Action(entry.action),
                })
            })
            .collect()
    }

    fn search(&mut self, cx: &Cx<'_>) {
        self.selection.set(0);
        self.rows = self.action_rows();
        let text = self.input.text().trim().to_owned();
        if text.len() < 2 {
            return;
        }
        if let Ok(found) = cx.session.find(&text, FEW)
            && !found.nearest
        {
            self.rows
                .extend(found.devices.into_iter().map(|device| Row {
                    words: format!("{} {}", device.card.tag, device.card.name()),
                    right: "device".to_owned(),
                    ranges: Vec::new(),
                    entry: Entry::Place(Place::Device(device.card.id)),
                }));
        }
        let filter = OrderFilter {
            text,
            ..OrderFilter::default()
        };
        if let Ok(window) = cx.session.orders(filter, 0, FEW) {
            self.rows.extend(window.rows.into_iter().map(|row| Row {
                words: format!("{} {}", row.number, row.what),
                right: "work order".to_owned(),
                ranges: Vec::new(),
                entry: Entry::Place(Place::Order(row.id)),
            }));
        }
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
        match action {
            Action::Submit if self.rows.is_empty() => {
                Availability::Disabled("Nothing fits what is typed.".to_owned())
            }
            Action::Submit | Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
                Availability::Ready
            }
            _ => Availability::Disabled("Close the palette with Esc first.".to_owned()),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        if self.selection.run(action, self.rows.len()) || action != Action::Submit {
            return;
        }
        if let Some(row) = self.rows.get(self.selection.at()) {
            cx.wish(Effect::Back);
            cx.wish(match &row.entry {
                Entry::Action(action) => Effect::Run(*action),
                Entry::Place(place) => Effect::Go(place.clone()),
            });
        }
    }

    fn typed(&mut self, key: KeyCombo, _press: &Press, cx: &mut Cx<'_>) -> bool {
        let used = self.input.edit(key);
        if used {
            self.search(cx);
        }
        used
    }

    fn pasted(&mut self, text: &str, cx: &mut Cx<'_>) -> bool {
        self.input.insert(text);
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
        if area.height < 2 {
            return;
        }
        let first = Rect { height: 1, ..area };
        Line::styled(": ", look.style(Role::Title)).render(first, frame.buffer_mut());
        let field = Rect {
            x: area.x + 2,
            width: area.width.saturating_sub(2),
            ..first
        };
        let rows = Rect {
            y: area.y + 1,
            height: area.height - 1,
            ..area
        };
        let plain = look.style(Role::Text);
        list::draw(
            frame,
            rows,
            look,
            &self.selection,
            self.rows.len(),
            true,
            |at| {
                let mut line = LineMaker::new(area.width);
                if let Some(row) = self.rows.get(at) {
                    let side = crate::tui::view::text::width(&row.right).min(18);
                    let room = (area.width as usize).saturating_sub(side + 3);
                    line.add(" ", plain);
                    line.marked(
                        &row.words,
                        room,
                        plain,
                        &row.ranges,
                        look.style(Role::Match),
                    );
                    line.add(" ", plain);
                    line.column(&row.right, side, look.style(Role::Dim));
                }
                line.filled(plain)
            },
        );
        let hint = "type what you want to do, or a tag, or an order number";
        self.input.draw(frame, field, look, true, false, hint);
    }
}
