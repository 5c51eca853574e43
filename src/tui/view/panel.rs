//! Frames around panes and dialogs.
//!
//! Invariants: the pane in focus is told by its title's weight and mark, not by colour alone; in plain mode there are no
//! frames, only a title line; lists one above the other are parted by lines.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Widget};

use super::text::cut;
use super::{Look, Role};

/// Draws a frame with a title and returns the room inside.
pub fn pane(frame: &mut Frame<'_>, area: Rect, look: &Look, title: &str, focused: bool) -> Rect {
    if area.width < 4 || area.height < 3 {
        return area;
    }
    let role = if focused { Role::Title } else { Role::Dim };
    let style = look.style(role);
    if look.plain {
        let line = Line::styled(cut(title, area.width as usize), look.style(Role::Strong));
        line.render(Rect { height: 1, ..area }, frame.buffer_mut());
        return Rect {
            y: area.y + 1,
            height: area.height - 1,
            ..area
        };
    }
    let mark = if focused { "▸ " } else { "" };
    let room = (area.width as usize).saturating_sub(4);
    let title = Line::from(vec![
        Span::raw(" "),
        Span::styled(cut(&format!("{mark}{title}"), room), style),
        Span::raw(" "),
    ]);
    let block = Block::new()
        .borders(Borders::ALL)
        .border_style(if focused {
            look.style(Role::Good)
        } else {
            look.style(Role::Dim)
        })
        .title(title);
    let inner = block.inner(area);
    block.render(area, frame.buffer_mut());
    inner
}

/// Draws a line with a title above a pane that has the whole width and returns the room below. Sides of a frame would
/// have to be painted again with each row that comes in.
pub fn shelf(frame: &mut Frame<'_>, area: Rect, look: &Look, title: &str, focused: bool) -> Rect {
    if area.height < 2 || look.plain {
        return pane(frame, area, look, title, focused);
    }
    let (role, rule, mark) = if focused {
        (Role::Title, Role::Good, "▸ ")
    } else {
        (Role::Dim, Role::Dim, "")
    };
    let room = (area.width as usize).saturating_sub(4);
    let title = Line::from(vec![
        Span::raw(" "),
        Span::styled(cut(&format!("{mark}{title}"), room), look.style(role)),
        Span::raw(" "),
    ]);
    let block = Block::new()
        .borders(Borders::TOP)
        .border_style(look.style(rule))
        .title(Line::styled("─", look.style(rule)))
        .title(title);
    let inner = block.inner(area);
    block.render(area, frame.buffer_mut());
    inner
}

/// Draws an empty dialog frame in the middle of `room` for this content and returns the room inside.
pub fn dialog(
    frame: &mut Frame<'_>,
    room: Rect,
    look: &Look,
    title: &str,
    content: (u16, u16),
) -> Rect {
    if look.plain {
        Clear.render(room, frame.buffer_mut());
        return pane(frame, room, look, title, true);
    }
    let mut width = content.0.saturating_add(4).min(room.width);
    let mut height = content.1.saturating_add(2).min(room.height);
    // On the smallest screens what is left around it would be slivers.
    if room.width < 60 {
        width = room.width;
        if room.height < 12 {
            height = room.height;
        }
    }
    let area = Rect {
        x: room.x + (room.width - width) / 2,
        y: room.y + (room.height - height) / 3,
        width,
        height,
    };
    Clear.render(area, frame.buffer_mut());
    let inner = pane(frame, area, look, title, true);
    if inner.width > 2 && inner != area {
        Rect {
            x: inner.x + 1,
            width: inner.width - 2,
            ..inner
        }
    } else {
        inner
    }
}

/// Draws lines one below the other, as far as there is room.
pub fn lines(frame: &mut Frame<'_>, area: Rect, lines: impl IntoIterator<Item = Line<'static>>) {
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        line.render(
            Rect {
                y,
                height: 1,
                ..area
            },
            frame.buffer_mut(),
        );
    }
}
