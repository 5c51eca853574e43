//! The rows of the device list: which columns there is room for, and a device in them.

use ratatui::text::Line;

use super::Lookup;
use crate::bench::query::FoundDevice;
use crate::tui::screens::words;
use crate::tui::view::text::{self, LineMaker};
use crate::tui::view::{Look, Role};

/// How wide the columns are; 0 for one that there is no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    tag: usize,
    name: usize,
    kind: usize,
    place: usize,
    state: usize,
}

impl Columns {
    /// The columns that name the device, where more follows them.
    pub(super) fn naming(self) -> Option<u16> {
        (self.kind > 0).then_some((self.tag + 2) as u16)
    }
}

impl Lookup {
    /// The columns of a list that is so wide.
    pub(super) fn columns(&self, columns: usize) -> Columns {
        self.columns_beside(columns, 16)
    }

    /// The columns beside a state that is so wide.
    fn columns_beside(&self, columns: usize, state: usize) -> Columns {
        let tag = self.tag_width(columns);
        let rest = columns.saturating_sub(tag + state + 4);
        let (kind, place) = if columns >= 76 {
            (rest * 3 / 10, rest * 3 / 10)
        } else if columns >= 56 {
            (0, rest * 2 / 5)
        } else {
            (0, 0)
        };
        let name =
            rest.saturating_sub(kind + place + usize::from(kind > 0) + usize::from(place > 0));
        Columns {
            tag,
            name,
            kind,
            place,
            state,
        }
    }

    /// As wide as the widest tag in sight, within bounds.
    fn tag_width(&self, columns: usize) -> usize {
        let widest = self
            .found
            .devices
            .iter()
            .take(100)
            .map(|found| text::width(&found.card.tag))
            .max();
        widest
            .unwrap_or(8)
            .clamp(6, if columns < 60 { 12 } else { 16 })
    }

    pub(super) fn draw_row(
        &self,
        columns: usize,
        look: &Look,
        found: &FoundDevice,
    ) -> Line<'static> {
        let card = &found.card;
        let ranges = |field: &str| -> Vec<(usize, usize)> {
            found
                .matched
                .iter()
                .filter(|(name, _)| name == field)
                .flat_map(|(_, ranges)| ranges.clone())
                .collect()
        };
        let mark = look.style(Role::Match);
        let plain = look.style(Role::Text);
        let mut line = LineMaker::new(columns as u16);
        let (glyph, state_words, role) = words::device_state(card);
        // In a narrow list the ordinary state is its mark alone; the line below the list has the word.
        let shown = if columns < 46 && role == Role::Good {
            glyph.to_owned()
        } else {
            format!("{glyph} {state_words}")
        };
        let Columns {
            tag,
            name,
            kind,
            place,
            state,
        } = if columns < 46 {
            self.columns_beside(columns, text::width(&shown).min(14))
        } else {
            self.columns(columns)
        };
        line.add(" ", plain);
        line.marked(
            &card.tag,
            tag,
            look.style(Role::Strong),
            &ranges("asset tag"),
            mark,
        );
        line.add(" ", plain);
        let shift = if card.manufacturer.is_empty() || card.model.is_empty() {
            0
        } else {
            card.manufacturer.chars().count() + 1
        };
        let mut named = ranges("manufacturer");
        named.extend(ranges("model").iter().map(|(a, b)| (a + shift, b + shift)));
        line.marked(&card.name(), name, plain, &named, mark);
        if kind > 0 {
            line.add(" ", plain);
            let kind_role = look.style(Role::Dim);
            line.marked(
                &card.type_name,
                kind,
                kind_role,
                &ranges("device type"),
                mark,
            );
        }
        if place > 0 {
            line.add(" ", plain);
            let (words, field) = if card.location.is_empty() {
                (&card.department, "department")
            } else {
                (&card.location, "location")
            };
            line.marked(words, place, plain, &ranges(field), mark);
        }
        line.add(" ", plain);
        line.column(&shown, state, look.style(role));
        line.filled(plain)
    }
}
