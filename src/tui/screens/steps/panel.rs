//! The step in front, drawn: heading, what is done, limit, tool, earlier values, the input, and the steps around it.
//!
//! Invariants: drawing changes nothing; when there is little room the input, the limit and what was saved last stay, and
//! detail goes first.

mod input;

use ratatui::text::Line;

use super::entry::{Around, StepInput};
use super::paint::{self, Tint, cut, line, pad, span, step_mark, wrap};
use super::words;
use crate::bench::query::InspectionSheet;
use crate::domain::inspection::{Again, Answer, Plan, PlanItem, PlanPoint, StepState};
use crate::domain::measure::Reading;
use crate::domain::procedure::{Applicability, StepKind};
use crate::domain::time::Moment;
use crate::tui::view::Look;

/// Everything that is shown of a step.
pub struct Face<'a> {
    /// The inspection.
    pub sheet: &'a InspectionSheet,
    /// Where it stands.
    pub plan: &'a Plan,
    /// The place of the step in the plan.
    pub at: usize,
    /// The set point in front, of a table.
    pub point: Option<u16>,
    /// The input.
    pub input: &'a StepInput,
    /// The input is in front: answers are taken.
    pub asking: bool,
    /// Why an answer is given again.
    pub again: Option<Again>,
    /// What is around.
    pub around: Around<'a>,
    /// Now.
    pub now: Moment,
    /// A named person has adopted the procedure version.
    pub adopted: bool,
}

impl Face<'_> {
    fn item(&self) -> Option<&PlanItem> {
        self.plan.items.get(self.at)
    }

    /// The heading of the inspection in an area of this size: device, order, procedure, progress. Where there are few
    /// lines they are cut, and the first one is what stays; where there are many nothing is cut.
    pub fn header(&self, look: &Look, width: usize, height: u16) -> Vec<Line<'static>> {
        let (short, roomy) = (height < SHORT, height >= ROOMY);
        let device = &self.sheet.device;
        let progress = format!("{} of {} done", self.plan.done, self.plan.total);
        let place = if device.location.is_empty() {
            device.department.clone()
        } else {
            device.location.clone()
        };
        let mut name = format!("  {}", device.name());
        let right = if short {
            format!("{}/{}", self.plan.done, self.plan.total)
        } else {
            format!("{}  {progress}", self.sheet.order)
        };
        let room = width.saturating_sub(device.tag.chars().count() + right.chars().count() + 1);
        let with_place = format!("{name}, {place}");
        let fits = with_place.chars().count() <= room;
        if !place.is_empty() && !short && (fits || !roomy) {
            name = with_place;
        }
        let mut out = vec![Line::from(vec![
            span(look, Tint::Strong, device.tag.clone()),
            span(look, Tint::Plain, pad(look, &name, room)),
            span(look, Tint::Plain, format!(" {right}")),
        ])];
        let mut add = |tint: Tint, words: &str| {
            if roomy {
                let lines = wrap(words, width).into_iter();
                out.extend(lines.map(|text| line(look, tint, text)));
            } else {
                out.push(line(look, tint, cut(look, words, width)));
            }
        };
        if roomy && !fits {
            add(Tint::Dim, &place);
        }
        let (_, unverified) = words::procedure(self.sheet);
        if !short {
            add(Tint::Dim, &words::activity(self.sheet));
        }
        if unverified {
            add(Tint::Warn, &words::banner(self.sheet));
        }
        out
    }

    /// The step in at most `height` lines.
    pub fn step(&self, look: &Look, width: usize, height: usize) -> Vec<Line<'static>> {
        let Some(item) = self.item() else {
            return vec![line(look, Tint::Plain, "Every step is answered.")];
        };
        let point = self.plan_point(item);
        let mut top = Vec::new();
        let asked = self.plan.items.iter().take(self.at + 1);
        let number = asked.filter(|i| i.asked.is_asked()).count();
        let safety = if item.step.safety {
            "  safety step"
        } else {
            ""
        };
        let heading = format!(
            "{}  step {number} of {}{safety}",
            item.section, self.plan.total
        );
        top.push(line(look, Tint::Dim, cut(look, &heading, width)));
        for text in wrap(&item.step.title, width) {
            top.push(line(look, Tint::Strong, text));
        }

        let mut facts = Vec::new();
        if let Applicability::AskedUnknown(why) = &item.asked {
            facts.extend(labelled(
                look,
                width,
                Tint::Warn,
                "Asked",
                &format!("because {why}"),
            ));
        }
        let limit = point.map_or("", |p| p.limit.as_str());
        if let Some(limit) = words::limit(item, limit, self.adopted)
            && !matches!(item.step.kind, StepKind::Table(_))
        {
            let tint = if item.step.is_unverified() && !self.adopted {
                Tint::Warn
            } else {
                Tint::Plain
            };
            // Where the limit comes from is left out before the limit takes two lines on a small screen.
            let bare = point.map_or("", |p| p.limit.as_str());
            let small = height < 10 && limit.chars().count() + LABEL > width;
            let words = match (small, tint) {
                (true, Tint::Warn) => format!("{bare} (unverified)"),
                (true, _) => bare.to_owned(),
                (false, _) => limit,
            };
            facts.extend(labelled(look, width, tint, "Limit", &words));
        }
        if let Some(kind) = &item.step.tool {
            let (words, tint) = match words::chosen_tool(self.sheet, kind) {
                Some(used) => {
                    let overridden = if used.override_by.is_some() {
                        ", overridden"
                    } else {
                        ""
                    };
                    (
                        format!("{}  {}{overridden}", used.name, used.calibration),
                        if used.good { Tint::Plain } else { Tint::Warn },
                    )
                }
                None => (format!("{kind}: not chosen yet"), Tint::Warn),
            };
            facts.extend(labelled(look, width, tint, "Tool", &words));
        }

        let entry = self.entry(look, width, item, point);
        let mut before = Vec::new();
        let reading = self.reading_now(item, point);
        let most = if height < 10 { 1 } else { 3 };
        let earlier = words::previous(self.sheet, &item.step, self.point, reading.as_ref(), most);
        for (i, text) in earlier.iter().enumerate() {
            let label = if i == 0 { "Before" } else { "" };
            // One row each: the field below must not jump while a number is typed.
            let text = paint::cut(look, text, width.saturating_sub(LABEL).max(10));
            before.extend(labelled(look, width, Tint::Dim, label, &text));
        }
        let notes = self.notes(look, width, item, point);

        // What is not essential is dropped from the end of this list when there is little room.
        let mut room = height.saturating_sub(top.len() + facts.len() + entry.len());
        let mut take = |lines: &mut Vec<Line<'static>>| {
            lines.truncate(room);
            room -= lines.len();
        };
        take(&mut before);
        let mut notes = notes;
        take(&mut notes);
        let mut detail: Vec<Line<'static>> = item
            .step
            .detail
            .iter()
            .chain(item.step.reference.iter())
            .flat_map(|text| wrap(text, width))
            .map(|text| line(look, Tint::Dim, text))
            .collect();
        take(&mut detail);
        let mut gap = vec![Line::default(); 2];
        take(&mut gap);
        let mut gap = gap.into_iter();

        let mut out = top;
        out.extend(detail);
        out.extend(gap.next());
        out.extend(facts);
        out.extend(before);
        out.extend(gap.next());
        out.extend(entry);
        out.extend(notes);
        out.truncate(height);
        out
    }

    fn plan_point<'p>(&self, item: &'p PlanItem) -> Option<&'p PlanPoint> {
        item.points
            .iter()
            .find(|p| p.point == self.point)
            .or_else(|| item.points.first())
    }

    /// What is typed now, or what was answered, as a reading.
    fn reading_now(&self, item: &PlanItem, point: Option<&PlanPoint>) -> Option<Reading> {
        if self.asking && !self.input.edit.is_empty() {
            return Reading::parse(&self.input.edit.text(), item.step.unit()?).ok();
        }
        match &point?.current()?.answer {
            Answer::Reading(reading) => Some(reading.clone()),
            _ => None,
        }
    }

    /// Superseded answers and notes of the step.
    fn notes(
        &self,
        look: &Look,
        width: usize,
        item: &PlanItem,
        point: Option<&PlanPoint>,
    ) -> Vec<Line<'static>> {
        let mut out = Vec::new();
        let inspection = &self.sheet.inspection;
        for old in inspection
            .answers
            .iter()
            .filter(|a| a.step == item.step.id && point.is_none_or(|p| a.point == p.point))
        {
            let replaced = inspection.answers.iter().find_map(|new| {
                let (_, why) = new.supersedes.filter(|(dot, _)| *dot == old.stamp.dot)?;
                Some((why, new.reason.clone()))
            });
            if let Some((why, reason)) = replaced {
                let reason = if reason.is_empty() {
                    String::new()
                } else {
                    format!(": {reason}")
                };
                let words = format!(
                    "{} ({}{reason})",
                    words::judged(look, old),
                    words::again(why)
                );
                out.extend(labelled(look, width, Tint::Dim, "Kept", &words));
            }
        }
        for (step, note) in &inspection.notes {
            if step.as_ref() == Some(&item.step.id) {
                let words = format!(
                    "{} ({})",
                    note.text,
                    words::name(self.sheet, &note.stamp.by)
                );
                out.extend(labelled(look, width, Tint::Dim, "Note", &words));
            }
        }
        out
    }

    /// The steps around the one in front, at most `height` lines, the one in front among them.
    pub fn around(&self, look: &Look, width: usize, height: usize) -> Vec<Line<'static>> {
        let shown: Vec<usize> = (0..self.plan.items.len())
            .filter(|i| {
                *i == self.at
                    || self
                        .plan
                        .items
                        .get(*i)
                        .is_some_and(|item| item.state != StepState::Skipped)
            })
            .collect();
        let place = shown.iter().position(|i| *i == self.at).unwrap_or(0);
        let first = place
            .saturating_sub(height / 2)
            .min(shown.len().saturating_sub(height));
        shown
            .iter()
            .skip(first)
            .take(height)
            .filter_map(|i| Some((*i, self.plan.items.get(*i)?)))
            .map(|(i, item)| {
                let mark = step_mark(item);
                let word = match (&item.state, mark.word) {
                    (StepState::Running { until }, _) => {
                        let left = until.seconds_since(self.now);
                        if left > 0 {
                            words::clock(left)
                        } else {
                            "TIME OVER".to_owned()
                        }
                    }
                    (StepState::Open, "open") => String::new(),
                    (_, word) => word.to_owned(),
                };
                let room = width.saturating_sub(3 + word.chars().count());
                let front = match (i == self.at, look.ascii) {
                    (true, true) => ">",
                    (true, false) => "▸",
                    _ => " ",
                };
                let title = pad(look, &item.step.title, room);
                let text = format!("{front}{} {title}{word}", mark.sign(look));
                let tint = if i == self.at {
                    Tint::Strong
                } else {
                    mark.tint
                };
                line(look, tint, cut(look, &text, width))
            })
            .collect()
    }
}

/// Below this height everything that can be left out is left out.
pub const SHORT: u16 = 16;
/// From this height on nothing has to be cut.
const ROOMY: u16 = 28;
/// Columns of a label before its text.
const LABEL: usize = 10;

/// A label and its text, wrapped beside it.
pub fn labelled(
    look: &Look,
    width: usize,
    tint: Tint,
    label: &str,
    text: &str,
) -> Vec<Line<'static>> {
    let room = width.saturating_sub(LABEL).max(10);
    let text = paint::fit_glyphs(look, text.to_owned());
    wrap(&text, room)
        .into_iter()
        .enumerate()
        .map(|(i, text)| {
            let label = if i == 0 { label } else { "" };
            Line::from(vec![
                span(look, Tint::Dim, pad(look, label, LABEL)),
                span(look, tint, text),
            ])
        })
        .collect()
}
