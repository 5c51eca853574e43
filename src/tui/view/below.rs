//! A list with a rule that counts its rows, and below the rule what there is to say about the row in front.
//!
//! Invariant: what is said takes the rows it needs, up to a share that leaves the list some.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::list::Selection;
use super::{Look, Role, panel};

/// Draws the rule and what stands below it, at most `most` rows, and gives the place that is left for the list.
pub fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    look: &Look,
    (selection, total): (&Selection, usize),
    below: Vec<Line<'static>>,
    most: u16,
) -> Rect {
    let foot = (below.len() as u16).min(most);
    let rows = Rect {
        height: area.height.saturating_sub(foot + 1),
        ..area
    };
    let rule = Rect {
        y: rows.bottom(),
        height: 1.min(area.height),
        ..area
    };
    let count = format!("── {} of {total} ", selection.at() + 1);
    let fill = (area.width as usize).saturating_sub(count.chars().count());
    Line::styled(
        format!("{count}{}", "─".repeat(fill)),
        look.style(Role::Dim),
    )
    .render(rule, frame.buffer_mut());
    let place = Rect {
        y: rule.bottom().min(area.bottom()),
        height: area.bottom().saturating_sub(rule.bottom()),
        ..area
    };
    panel::lines(frame, place, below);
    rows
}
