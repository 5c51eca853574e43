//! The lookup pane: a search field that is always ready, and the devices it finds.
//!
//! Invariants: every key searches at once; what was typed is never thrown away except by the technician; the first
//! device is selected as soon as something was typed, so that Enter opens the best one.

mod rows;

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::field::Field;
use super::{dialogs, words};
use crate::bench::query::{FoundDevice, FoundDevices, OrderFilter, Receipt};
use crate::bench::{Failure, filter_names};
use crate::domain::id::EntityId;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Place, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::view::list::{self, Selection};
use crate::tui::view::text::LineMaker;
use crate::tui::view::{Look, Role, text};

/// Devices asked for at once; more are named by their number only.
const LONGEST: usize = 500;

/// What an empty store says.
const FIRST_WORDS: &str = "Bring in your list on the command line:\ntagout device import FILE.csv\n\nOr leave this \
    field with the down key: below stand the keys that register a device and receive a delivery.";

/// The lookup pane.
pub struct Lookup {
    input: Field,
    typing: bool,
    found: FoundDevices,
    selection: Selection,
    trouble: Option<String>,
    focused: bool,
}

impl Default for Lookup {
    fn default() -> Self {
        Self::new()
    }
}

impl Lookup {
    /// The pane with an empty search field that has the keys.
    pub fn new() -> Self {
        Self {
            input: Field::default(),
            typing: true,
            found: FoundDevices::default(),
            selection: Selection::default(),
            trouble: None,
            focused: false,
        }
    }

    /// The selected device.
    pub fn selected(&self) -> Option<EntityId> {
        Some(self.row()?.card.id)
    }

    fn row(&self) -> Option<&FoundDevice> {
        self.found.devices.get(self.selection.at())
    }

    /// Gives the search field the keys.
    pub fn to_field(&mut self) {
        self.typing = true;
    }

    fn search(&mut self, cx: &Cx<'_>) {
        let text = self.input.text().trim().to_owned();
        match cx.session.find(&text, LONGEST) {
            Ok(found) => {
                self.found = found;
                self.trouble = None;
                if text.is_empty() {
                    self.mine_first(cx);
                }
            }
            Err(failure) => self.trouble = Some(failure.to_string()),
        }
        self.selection.clamp(self.found.devices.len());
    }

    /// Without a text, the technician's own work stands first.
    fn mine_first(&mut self, cx: &Cx<'_>) {
        let me = cx.session.actor().to_owned();
        let mut mine: Vec<FoundDevice> = Vec::new();
        let mut add = |card, why: String| {
            let card: crate::domain::device::DeviceCard = card;
            if !mine.iter().any(|have| have.card.id == card.id) {
                mine.push(FoundDevice {
                    card,
                    why,
                    matched: Vec::new(),
                });
            }
        };
        for row in cx
            .session
            .open_inspections(Some(me.clone()))
            .unwrap_or_default()
        {
            if let Some(card) = row.device {
                add(card, format!("on your bench: {}", row.activity));
            }
        }
        let filter = OrderFilter {
            assignee: Some(me),
            ..OrderFilter::default()
        };
        if let Ok(window) = cx.session.orders(filter, 0, 50) {
            for row in window.rows {
                if let Some(card) = row.device {
                    add(card, format!("your order {}", row.number));
                }
            }
        }
        let devices = std::mem::take(&mut self.found.devices);
        let known: Vec<EntityId> = mine.iter().map(|have| have.card.id).collect();
        mine.extend(
            devices
                .into_iter()
                .filter(|have| !known.contains(&have.card.id)),
        );
        self.found.devices = mine;
    }

    /// The filter name that the last word begins, for completion.
    fn completion(&self) -> Option<String> {
        let text = self.input.text();
        let last = text.rsplit(' ').next().unwrap_or_default();
        if last.len() < 2 || last.contains(':') {
            return None;
        }
        let name = filter_names()
            .into_iter()
            .find(|name| name.starts_with(&last.to_lowercase()))?;
        Some(format!("{}:", name.get(last.len()..)?))
    }

    fn filter(&mut self, name: &str, cx: &Cx<'_>) {
        let word = format!("{name}:");
        if !self.input.text().contains(&word) {
            let mut text = self.input.text().trim_end().to_owned();
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&word);
            self.input.set(&text);
        }
        self.typing = true;
        self.search(cx);
    }

    fn count_words(&self) -> String {
        if let Some(trouble) = &self.trouble {
            return trouble.clone();
        }
        let shown = self.found.devices.len();
        let empty = self.input.text().trim().is_empty();
        match (self.found.nearest, self.found.total) {
            (_, 0) if empty => "no devices on record yet".to_owned(),
            (_, 0) => "nothing matches".to_owned(),
            (true, _) => "nothing matches; these come nearest:".to_owned(),
            (false, total) if total > shown => {
                format!("{total} devices, the first {shown} are listed: type more")
            }
            (false, total) => words::count(total, "device", "devices"),
        }
    }
}

impl Screen for Lookup {
    fn contexts(&self) -> Vec<Context> {
        if self.typing {
            vec![Context::LookupInput]
        } else {
            vec![Context::Lookup]
        }
    }

    fn title(&self) -> String {
        "Devices".to_owned()
    }

    fn availability(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        match action {
            Action::Select
            | Action::Start
            | Action::OpenRepair
            | Action::History
            | Action::Submit
            | Action::Copy
                if self.row().is_none() =>
            {
                no("No device is selected.")
            }
            Action::Mark | Action::ClearMarks => {
                no("Devices are worked on one at a time; mark orders in the queue.")
            }
            Action::Back if !self.typing => no("Already at the first page."),
            Action::Select
            | Action::Submit
            | Action::Start
            | Action::OpenRepair
            | Action::History
            | Action::AddDevice
            | Action::Receive
            | Action::FilterKind
            | Action::FilterDepartment
            | Action::ClearFilters
            | Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::Top
            | Action::Bottom
            | Action::Copy
            | Action::Back => Availability::Ready,
            _ => no("This is not for the device list."),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        let total = self.found.devices.len();
        match action {
            Action::Up if self.selection.at() == 0 => self.typing = true,
            Action::Back => self.typing = false,
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::Top
            | Action::Bottom => {
                self.selection.run(action, total);
                // Without a device and without a text there is nothing to type for: the keys of the list act.
                self.typing = total == 0 && !self.input.text().is_empty();
            }
            Action::FilterKind => self.filter("type", cx),
            Action::FilterDepartment => self.filter("dept", cx),
            Action::ClearFilters => {
                self.input.set("");
                self.search(cx);
            }
            Action::AddDevice => cx.wish(dialogs::add_device(None, None)),
            Action::Receive => cx.wish(super::receive::open()),
            _ => {
                let Some(row) = self.row() else {
                    cx.say(Tone::Plain, "No device is selected.");
                    return;
                };
                let id = row.card.id;
                match action {
                    Action::Select | Action::Submit => cx.wish(Effect::Go(Place::Device(id))),
                    Action::Start => cx.wish(Effect::Go(Place::Begin {
                        device: id,
                        order: None,
                    })),
                    Action::OpenRepair => cx.wish(dialogs::open_repair(id, &row.card.tag)),
                    Action::History => cx.wish(super::history::open(id, &row.card.tag)),
                    Action::Copy => cx.wish(Effect::Copy(row.card.tag.clone())),
                    _ => {}
                }
            }
        }
    }

    fn typed(&mut self, key: KeyCombo, _press: &Press, cx: &mut Cx<'_>) -> bool {
        if !self.typing {
            return false;
        }
        let before = self.input.text().to_owned();
        if key.code() == KeyCode::Right
            && let Some(rest) = self.completion()
        {
            self.input.insert(&rest);
        } else if !self.input.edit(key) {
            return false;
        }
        if self.input.text() != before {
            self.selection.set(0);
            self.search(cx);
        }
        true
    }

    fn pasted(&mut self, text: &str, cx: &mut Cx<'_>) -> bool {
        self.typing = true;
        self.input.insert(text);
        self.selection.set(0);
        self.search(cx);
        true
    }

    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        if let Err(failure) = result {
            cx.fail(failure);
        }
    }

    fn refresh(&mut self, cx: &mut Cx<'_>) {
        // The selection follows its device, not its place in the list.
        let selected = self.selected();
        self.search(cx);
        let again = |id: EntityId| self.found.devices.iter().position(|d| d.card.id == id);
        if let Some(at) = selected.and_then(again) {
            self.selection.set(at);
        }
    }

    fn focus(&mut self, on: bool) {
        self.focused = on;
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let row = |y: u16| Rect {
            y,
            height: 1,
            ..area
        };
        if area.height < 3 {
            return;
        }
        let mut prompt = LineMaker::new(area.width);
        let prompt_role = if self.typing && self.focused {
            Role::Title
        } else {
            Role::Dim
        };
        prompt.add(" / ", look.style(prompt_role));
        prompt.line().render(row(area.y), frame.buffer_mut());
        let field = Rect {
            x: area.x + 3,
            width: area.width.saturating_sub(4),
            ..row(area.y)
        };
        let typing = self.typing && self.focused;
        self.input.draw(
            frame,
            field,
            look,
            typing,
            false,
            "tag, serial, model, department …",
        );
        if typing && let Some(rest) = self.completion() {
            let x = field.x + (text::width(self.input.text()) as u16).min(field.width);
            let hint = Rect {
                x,
                width: field.right().saturating_sub(x),
                ..field
            };
            Line::styled(
                text::cut(&format!("{rest} →"), hint.width as usize),
                look.style(Role::Dim),
            )
            .render(hint, frame.buffer_mut());
        }
        let mut count = LineMaker::new(area.width);
        let role = if self.found.nearest || self.trouble.is_some() {
            Role::Warn
        } else {
            Role::Dim
        };
        count.add(&format!(" {}", self.count_words()), look.style(role));
        count.line().render(row(area.y + 1), frame.buffer_mut());
        // The last line says why the selected device was found.
        let why = usize::from(area.height >= 8);
        let rows = Rect {
            y: area.y + 2,
            height: area.height - 2 - why as u16,
            ..area
        };
        if self.found.total == 0 && self.trouble.is_none() && self.input.text().trim().is_empty() {
            let lines = text::wrap(FIRST_WORDS, (rows.width as usize).saturating_sub(2));
            let lines = lines.into_iter().map(|line| Line::from(format!(" {line}")));
            let place = Rect {
                y: rows.y + 1.min(rows.height),
                height: rows.height.saturating_sub(1),
                ..rows
            };
            crate::tui::view::panel::lines(frame, place, lines);
        }
        self.selection
            .mark_only(self.columns(area.width as usize).naming());
        list::draw(
            frame,
            rows,
            look,
            &self.selection,
            self.found.devices.len(),
            self.focused,
            |at| {
                self.found
                    .devices
                    .get(at)
                    .map_or_else(Line::default, |found| {
                        self.draw_row(area.width as usize, look, found)
                    })
            },
        );
        if typing && look.plain {
            // In plain mode the cursor belongs to the field while it is being typed into.
            let x = field.x + (text::width(self.input.text()) as u16).min(field.width);
            frame.set_cursor_position((x, field.y));
        }
        if why > 0
            && let Some(found) = self.row()
        {
            let mut line = LineMaker::new(area.width);
            let serial = if found.card.serial.is_empty() {
                "no serial".to_owned()
            } else {
                format!("S/N {}", found.card.serial)
            };
            let department = match found.card.department.as_str() {
                "" => String::new(),
                department => format!(" · {department}"),
            };
            let why = match found.why.as_str() {
                "" => String::new(),
                why => format!(" · {why}"),
            };
            // A wide row says its state itself.
            let state = if self.columns(area.width as usize).naming().is_some() {
                String::new()
            } else {
                format!("{} · ", words::device_state(&found.card).1)
            };
            line.add(
                &format!(" {state}{serial}{department}{why}"),
                look.style(Role::Dim),
            );
            line.line()
                .render(row(area.bottom() - 1), frame.buffer_mut());
        }
    }
}
