//! Which panes are visible at this size, and where.
//!
//! Invariants: the pane that has the keys is always visible; panes never overlap and fill the room.

use ratatui::layout::Rect;

use super::desk::{Desk, Pane};
use super::places::Width;
use crate::tui::view::SizeClass;

/// Rows of the pane below the lists, with its title.
const GLANCE: u16 = 3;

/// Whether the third pane shows what is selected.
pub(super) fn previews(size: (u16, u16)) -> bool {
    SizeClass::of(size.0, size.1) == SizeClass::Three
}

/// Whether the panes stand one above the other, each with the whole width.
pub(super) fn stacked(desk: &Desk) -> bool {
    previews(desk.size) && desk.focus != Pane::Front && !desk.look.plain
}

/// The panes that the pane keys go round through.
pub(super) fn panes(desk: &Desk) -> Vec<Pane> {
    let mut panes = vec![Pane::Lookup, Pane::Queue];
    if !desk.stack.is_empty() || desk.preview.is_some() {
        panes.push(Pane::Front);
    }
    panes
}

/// The visible panes with their room.
pub(super) fn arrange(desk: &Desk, room: Rect) -> Vec<(Pane, Rect)> {
    let class = if desk.look.plain {
        SizeClass::One
    } else {
        SizeClass::of(desk.size.0, desk.size.1)
    };
    let place = desk.stack.last().and_then(|m| m.place.as_ref());
    match class {
        SizeClass::TooSmall | SizeClass::One => vec![(desk.focus, room)],
        SizeClass::Two => match place.map(super::screen::Place::width) {
            Some(Width::Whole) if desk.focus == Pane::Front => vec![(Pane::Front, room)],
            Some(Width::Beside) if desk.focus == Pane::Front => {
                beside(room, desk.base, Pane::Front, room.width * 2 / 5)
            }
            // The list that has the keys gets the room to say what its rows are about; a page of before waits unseen.
            _ => {
                let wide = room.width * 13 / 20;
                let left = if desk.focus == Pane::Queue {
                    room.width - wide
                } else {
                    wide
                };
                beside(room, Pane::Lookup, Pane::Queue, left)
            }
        },
        // The lists have the whole width, so that their rows say all and the terminal can move them; a page of before
        // waits unseen.
        SizeClass::Three if stacked(desk) => {
            let lists = room.height.saturating_sub(GLANCE);
            let part = |from: u16, upto: u16| Rect {
                y: room.y + from,
                height: upto - from,
                ..room
            };
            vec![
                (Pane::Lookup, part(0, lists / 2)),
                (Pane::Queue, part(lists / 2, lists)),
                (Pane::Front, part(lists, room.height)),
            ]
        }
        SizeClass::Three => {
            let left = (room.width * 9 / 20).clamp(50, 80);
            let upper = room.height / 2;
            let column = Rect {
                width: left,
                ..room
            };
            vec![
                (
                    Pane::Lookup,
                    Rect {
                        height: upper,
                        ..column
                    },
                ),
                (
                    Pane::Queue,
                    Rect {
                        y: column.y + upper,
                        height: column.height - upper,
                        ..column
                    },
                ),
                (
                    Pane::Front,
                    Rect {
                        x: room.x + left,
                        width: room.width - left,
                        ..room
                    },
                ),
            ]
        }
    }
}

fn beside(room: Rect, left: Pane, right: Pane, width: u16) -> Vec<(Pane, Rect)> {
    vec![
        (left, Rect { width, ..room }),
        (
            right,
            Rect {
                x: room.x + width,
                width: room.width - width,
                ..room
            },
        ),
    ]
}
