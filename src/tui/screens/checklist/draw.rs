//! The checklist drawn: heading, the step in front, what was saved last, and the steps around.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Checklist;
use crate::tui::screens::steps::entry::Around;
use crate::tui::screens::steps::paint::{self, Tint, cut, line, verdict_mark};
use crate::tui::screens::steps::panel::{Face, SHORT};
use crate::tui::screens::steps::words;
use crate::tui::view::Look;

/// From here on the steps around stand beside the step, not below it.
const WIDE: u16 = 100;

impl Checklist {
    fn face(&self) -> Option<Face<'_>> {
        Some(Face {
            sheet: self.sheet.as_ref()?,
            plan: &self.plan,
            at: self.index().unwrap_or(self.plan.items.len()),
            point: self.point,
            input: &self.input,
            asking: self.asking(),
            again: self.again.as_ref().map(|(again, _)| *again),
            around: Around {
                people: &self.people,
                last: self.last.as_deref(),
            },
            now: self.now,
            adopted: self.adopted(),
        })
    }

    /// What was saved last, in one line: `saved  Ground resistance: 0.12 Ω ✓ pass, limit at most 0.5 Ω`.
    fn saved_line(&self, look: &Look, width: usize) -> Option<Line<'static>> {
        let (step, point) = self.saved.as_ref()?;
        let item = self.plan.item(step)?;
        let answered = item.points.iter().find(|p| p.point == *point)?.current()?;
        let label = item
            .points
            .iter()
            .find(|p| p.point == *point)
            .map(|p| p.label.as_str())
            .filter(|label| !label.is_empty())
            .map(|label| format!(" at {label}"))
            .unwrap_or_default();
        let judged = words::judged(look, answered);
        let judged = paint::fit_glyphs(look, judged);
        let room = width.saturating_sub(judged.chars().count() + 9).max(8);
        let title = cut(look, &format!("{}{label}", item.step.title), room);
        let words = cut(look, &format!("saved  {title}: {judged}"), width);
        Some(line(look, verdict_mark(answered.verdict).tint, words))
    }

    pub(super) fn paint(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let area = paint::inset(area);
        let Some(face) = self.face() else {
            let words = self
                .trouble
                .clone()
                .unwrap_or_else(|| "Reading the inspection.".to_owned());
            let lines = paint::wrap(&words, area.width as usize);
            paint::lines(
                frame,
                area,
                lines
                    .into_iter()
                    .map(|l| line(look, Tint::Bad, l))
                    .collect(),
            );
            return;
        };
        let width = area.width as usize;
        let short = area.height < SHORT;
        let wide = area.width >= WIDE && !look.plain;
        let mut head = face.header(look, width, area.height);
        if let Some(why) = self.closed() {
            head.push(line(look, Tint::Warn, cut(look, &why, width)));
        }
        head.truncate(area.height as usize);
        let head_height = head.len() as u16;
        paint::lines(
            frame,
            Rect {
                height: head_height,
                ..area
            },
            head,
        );
        let mut body = Rect {
            y: area.y + head_height,
            height: area.height - head_height,
            ..area
        };
        if !short && body.height > 0 {
            rule(frame, Rect { height: 1, ..body }, look);
            body.y += 1;
            body.height -= 1;
        }
        let saved_width = if wide { width - 43 } else { width };
        let saved = self.saved_line(look, saved_width);
        let mut step_area = body;
        if wide {
            let list = Rect {
                x: body.x + body.width - 40,
                width: 40,
                ..body
            };
            step_area.width -= 43;
            paint::lines(frame, list, face.around(look, 40, list.height as usize));
            for y in body.y..body.y + body.height {
                let at = Rect {
                    x: list.x - 2,
                    y,
                    width: 1,
                    height: 1,
                };
                let bar = if look.ascii { "|" } else { "│" };
                paint::lines(frame, at, vec![line(look, Tint::Dim, bar)]);
            }
        } else if !short && !look.plain {
            let height = (body.height / 3).min(6);
            let list = Rect {
                y: body.y + body.height - height,
                height,
                ..body
            };
            step_area.height -= height + 1;
            rule(
                frame,
                Rect {
                    y: list.y - 1,
                    height: 1,
                    ..body
                },
                look,
            );
            paint::lines(frame, list, face.around(look, width, height as usize));
        }
        if let Some(saved) = saved {
            let at = Rect {
                y: step_area.y + step_area.height.saturating_sub(1),
                height: step_area.height.min(1),
                ..step_area
            };
            paint::lines(frame, at, vec![saved]);
            step_area.height = step_area.height.saturating_sub(1);
        }
        let lines = face.step(look, step_area.width as usize, step_area.height as usize);
        paint::lines(frame, step_area, lines);
        self.question.draw(frame, body, look);
    }
}

/// A line across.
fn rule(frame: &mut Frame<'_>, area: Rect, look: &Look) {
    let sign = if look.ascii { "-" } else { "─" };
    paint::lines(
        frame,
        area,
        vec![line(look, Tint::Dim, sign.repeat(area.width as usize))],
    );
}
