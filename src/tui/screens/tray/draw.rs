//! The tray drawn: a row for each inspection, the table before signing, the step that is walked.

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::walk::Walk;
use super::{Front, Tile, Tray};
use crate::domain::inspection::Answer;
use crate::tui::screens::steps::entry::Around;
use crate::tui::screens::steps::paint::{self, Tint, cut, line, pad, wrap};
use crate::tui::screens::steps::panel::Face;
use crate::tui::screens::steps::words;
use crate::tui::view::Look;

impl Tray {
    pub(super) fn paint(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let area = paint::inset(area);
        let width = area.width as usize;
        let height = area.height as usize;
        match &self.front {
            Front::Walk(walk) => self.paint_walk(walk, frame, area, look),
            Front::Table(ids, lines, first) => {
                let heading = match ids.len() {
                    1 => "1 inspection would be signed:".to_owned(),
                    n => format!("{n} inspections would be signed, each with its own signature:"),
                };
                let mut out = vec![line(look, Tint::Strong, cut(look, &heading, width))];
                let wrapped = lines.iter().flat_map(|text| wrap_indented(text, width));
                out.extend(
                    wrapped
                        .skip(*first)
                        .take(height.saturating_sub(1))
                        .map(|text| {
                            let tint = if text.trim_start().starts_with('!') {
                                Tint::Warn
                            } else {
                                Tint::Plain
                            };
                            line(look, tint, text)
                        }),
                );
                paint::lines(frame, area, out);
            }
            Front::None => paint::lines(frame, area, self.rows(look, width, height)),
        }
    }

    fn rows(&self, look: &Look, width: usize, height: usize) -> Vec<Line<'static>> {
        if let Some(trouble) = &self.trouble {
            return wrap(trouble, width)
                .into_iter()
                .map(|t| line(look, Tint::Bad, t))
                .collect();
        }
        if self.tiles.is_empty() {
            return vec![line(
                look,
                Tint::Plain,
                cut(look, "No inspection is open on the bench.", width),
            )];
        }
        let widest = |text: &dyn Fn(&Tile) -> usize, most: usize| {
            self.tiles.iter().map(text).max().unwrap_or(0).min(most)
        };
        let tag = widest(&|t| t.tag().chars().count(), 14).max(3);
        let room = if width >= 70 {
            widest(&|t| device(t).chars().count(), width / 3).max(6)
        } else {
            0
        };
        let first = (self.at + 2).saturating_sub(height);
        let mut heading = format!("   {}  ", pad(look, "tag", tag));
        if room > 0 {
            heading.push_str(&pad(look, "device", room));
            heading.push_str("  ");
        }
        heading.push_str(" done  step in front");
        let mut out = vec![line(look, Tint::Dim, cut(look, &heading, width))];
        for (i, tile) in self.tiles.iter().enumerate().skip(first) {
            if out.len() >= height {
                break;
            }
            let mark = match (self.marked.contains(&tile.row.id), look.ascii) {
                (true, true) => "*",
                (true, false) => "●",
                _ => " ",
            };
            let mut text = format!(" {mark} {}  ", pad(look, tile.tag(), tag));
            if room > 0 {
                text.push_str(&pad(look, &device(tile), room));
                text.push_str("  ");
            }
            let progress = if tile.sheet.is_some() {
                format!("{}/{}", tile.plan.done, tile.plan.total)
            } else {
                format!("{}", tile.row.answers)
            };
            // Writing to a String cannot fail.
            let _ = write!(text, "{progress:>5}  ");
            let (words, tint) = self.waiting_for(tile);
            text.push_str(&words);
            let tint = if i == self.at { Tint::Chosen } else { tint };
            out.push(line(look, tint, pad(look, &text, width)));
        }
        out
    }

    /// What an inspection waits for, with its count-downs.
    fn waiting_for(&self, tile: &Tile) -> (String, Tint) {
        if !tile.mine {
            return (
                format!("{} has it", self.people.name(&tile.row.holder)),
                Tint::Dim,
            );
        }
        let mut tint = Tint::Plain;
        let mut parts = Vec::new();
        let front = tile.plan.front.and_then(|i| tile.plan.items.get(i));
        for (step, title, until) in tile.timers() {
            let left = until.seconds_since(self.now);
            if left > 0 {
                let name = if front.is_some_and(|item| item.step.id == *step) {
                    title
                } else {
                    "count-down"
                };
                parts.push(format!("{} {name}", words::clock(left)));
            } else {
                tint = Tint::Warn;
                parts.push(format!("TIME OVER {title}"));
            }
        }
        match front {
            Some(item) if item.state == crate::domain::inspection::StepState::Unsettled => {
                tint = Tint::Bad;
                parts.insert(0, format!("FAILED, unsettled: {}", item.step.title));
            }
            Some(item) if !tile.timers().any(|(step, ..)| *step == item.step.id) => {
                parts.insert(0, item.step.title.clone());
            }
            Some(_) => {}
            None => {
                tint = Tint::Good;
                parts.insert(0, "ready to sign".to_owned());
            }
        }
        (parts.join("; "), tint)
    }

    fn paint_walk(&self, walk: &Walk, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let width = area.width as usize;
        let Some((id, tile)) = walk.id().and_then(|id| Some((id, self.tile(id)?))) else {
            return;
        };
        let Some(sheet) = &tile.sheet else { return };
        let at = tile
            .plan
            .items
            .iter()
            .position(|item| item.step.id == walk.step.id)
            .unwrap_or(0);
        let face = Face {
            sheet,
            plan: &tile.plan,
            at,
            point: self.walk_point(),
            input: &walk.input,
            asking: true,
            again: None,
            around: Around {
                people: &walk.people,
                last: None,
            },
            now: self.now,
            adopted: sheet.inspection.adopted || sheet.procedure.is_adopted(),
        };
        let heading = format!(
            "{}  {}  device {} of {}",
            tile.tag(),
            device(tile),
            walk.at + 1,
            walk.queue.len()
        );
        let mut out = vec![line(look, Tint::Strong, cut(look, &heading, width))];
        let list = if area.height > 14 {
            (walk.queue.len() + 1).min(area.height as usize / 3)
        } else {
            0
        };
        let room = (area.height as usize).saturating_sub(1 + list);
        out.extend(face.step(look, width, room));
        out.truncate(room + 1);
        while out.len() < room + 1 {
            out.push(Line::default());
        }
        if list > 1 {
            let sign = if look.ascii { "-" } else { "─" };
            out.push(line(look, Tint::Dim, sign.repeat(width)));
            let shown = list - 1;
            let first = (walk.at + 1).saturating_sub(shown);
            for other in walk.queue.iter().skip(first).take(shown) {
                let Some(tile) = self.tile(*other) else {
                    continue;
                };
                let item = tile.plan.item(&walk.step.id);
                let mark = item.map(paint::step_mark);
                let sign = mark.map_or(" ", |m| m.sign(look));
                let word = mark.map_or("", |m| m.word);
                let front = match (*other == id, look.ascii) {
                    (true, true) => ">",
                    (true, false) => "▸",
                    _ => " ",
                };
                let value = item
                    .and_then(|item| item.points.last()?.current())
                    .filter(|a| !matches!(a.answer, Answer::Pass | Answer::Fail))
                    .map(|a| words::answer(&a.answer))
                    .unwrap_or_default();
                let text = format!(
                    "{front}{sign} {}  {word}  {value}",
                    pad(look, tile.tag(), 14)
                );
                let tint = mark.map_or(Tint::Plain, |m| m.tint);
                out.push(line(look, tint, cut(look, text.trim_end(), width)));
            }
        }
        paint::lines(frame, area, out);
        if let Some(form) = &walk.form {
            form.draw(frame, area, look);
        }
    }
}

fn device(tile: &Tile) -> String {
    tile.row.device.as_ref().map_or_else(
        || "device unknown".to_owned(),
        crate::domain::device::DeviceCard::name,
    )
}

/// Wrapped lines that keep the indent of the first.
fn wrap_indented(text: &str, width: usize) -> Vec<String> {
    let body = text.trim_start();
    let indent = text.len() - body.len();
    wrap(body, width.saturating_sub(indent))
        .into_iter()
        .map(|part| format!("{}{part}", " ".repeat(indent)))
        .collect()
}
