//! The rows of the queue: which columns there is room for, and an order in them.

use ratatui::text::Line;

use super::Queue;
use crate::bench::query::OrderRow;
use crate::tui::screens::words;
use crate::tui::view::text::{self, LineMaker};
use crate::tui::view::{Look, Role};

/// Columns of an order's number.
const NUMBER: usize = 13;

impl Queue {
    /// As wide as the widest tag in sight, within bounds.
    fn tag_width(&self) -> usize {
        let tags = self.rows.iter().filter_map(|row| row.device.as_ref());
        let widest = tags.map(|card| text::width(&card.tag)).max();
        widest.unwrap_or(9).clamp(9, 14)
    }

    /// The columns that name the order, where more follows them.
    pub(super) fn naming(&self, columns: usize) -> Option<u16> {
        (columns >= 90).then(|| (3 + self.tag_width() + 1) as u16)
    }

    pub(super) fn draw_row(&self, columns: usize, look: &Look, row: &OrderRow) -> Line<'static> {
        let plain = look.style(Role::Text);
        let mut line = LineMaker::new(columns as u16);
        let (glyph, role) = words::urgency(row.rank.urgency);
        let marked = if self.marked.contains_key(&row.id) {
            "■"
        } else {
            " "
        };
        line.add(marked, look.style(Role::Title));
        line.add(glyph, look.style(role));
        line.add(" ", plain);
        let tag = row.device.as_ref().map_or("no device", |d| d.tag.as_str());
        let who = self.hands(row);
        // A narrow list says what is urgent and why; what is to be done stands in the line below it.
        let narrow = columns < 46;
        let tag_wide = self.tag_width();
        let why = if narrow {
            columns.saturating_sub(tag_wide + 4)
        } else {
            // What is to be done keeps the width of the usual words for it.
            columns.saturating_sub(tag_wide + 5 + 11).clamp(20, 26)
        };
        let number = if columns >= 72 { NUMBER } else { 0 };
        let hands = self.rows.iter().map(|row| text::width(&self.hands(row)));
        let person = match hands.max() {
            Some(widest) if columns >= 58 => widest.clamp(3, 9),
            _ => 0,
        };
        let gaps = 3 + usize::from(number > 0) + usize::from(person > 0);
        let rest = columns.saturating_sub(3 + tag_wide + why + number + person + gaps);
        line.column(tag, tag_wide, look.style(Role::Strong));
        line.add(" ", plain);
        if narrow {
            line.column(&row.rank.why, why, look.style(role));
            return line.filled(plain);
        }
        if number > 0 {
            line.column(&row.number, number, look.style(Role::Dim));
            line.add(" ", plain);
        }
        let device = row
            .device
            .as_ref()
            .map(crate::domain::device::DeviceCard::name);
        let what = match (&device, columns >= 90) {
            (Some(name), true) => format!("{} · {name}", row.what),
            _ => row.what.clone(),
        };
        line.column(&what, rest, plain);
        line.add(" ", plain);
        if person > 0 {
            line.column(&who, person, look.style(Role::Dim));
            line.add(" ", plain);
        }
        line.column(&row.rank.why, why, look.style(role));
        line.filled(plain)
    }
}
