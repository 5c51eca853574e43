//! The step in front, drawn: heading, what is done, limit, tool, earlier values, the input, and the steps around it.
//!
//! Invariants: drawing changes nothing; when there is little room the input, the limit and what was saved last stay, and
//! detail goes first.

use ratatui::text::{Line, Span};

use super::entry::{Around, StepInput};
use super::form::field_spans;
use super::paint::{self, Tint, cut, line, pad, span, step_mark, wrap};
use super::words;
use crate::bench::query::InspectionSheet;
use crate::domain::inspection::{Again, Answer, Plan, PlanItem, PlanPoint, StepState};
use crate::domain::measure::Reading;
use crate::domain::procedure::{Applicability, ScanTarget, StepKind};
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

    /// The heading of the inspection: device, order, procedure, progress. One, two or three lines.
    pub fn header(&self, look: &Look, width: usize, short: bool) -> Vec<Line<'static>> {
        let device = &self.sheet.device;
        let progress = format!("{} of {} done", self.plan.done, self.plan.total);
        let place = if device.location.is_empty() {
            device.department.clone()
        } else {
            device.location.clone()
        };
        let mut name = format!("  {}", device.name());
        if !place.is_empty() && !short {
            name.push_str(", ");
            name.push_str(&place);
        }
        let right = if short {
            format!("{}/{}", self.plan.done, self.plan.total)
        } else {
            format!("{}  {progress}", self.sheet.order)
        };
        let room = width.saturating_sub(device.tag.chars().count() + right.chars().count() + 1);
        let mut out = vec![Line::from(vec![
            span(look, Tint::Strong, device.tag.clone()),
            span(look, Tint::Plain, pad(look, &name, room)),
            span(look, Tint::Plain, format!(" {right}")),
        ])];
        let (procedure, unverified) = words::procedure(self.sheet);
        if !short {
            let words = format!("{}: {procedure}", self.sheet.inspection.activity);
            out.push(line(look, Tint::Dim, cut(look, &words, width)));
        }
        if unverified {
            let banner = words::banner(self.sheet);
            out.push(line(look, Tint::Warn, cut(look, &banner, width)));
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
            before.extend(labelled(look, width, Tint::Dim, label, text));
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

    fn entry(
        &self,
        look: &Look,
        width: usize,
        item: &PlanItem,
        point: Option<&PlanPoint>,
    ) -> Vec<Line<'static>> {
        let mut out = Vec::new();
        if let StepKind::Table(_) = &item.step.kind {
            out.extend(self.table(look, width, item));
        }
        if let StepState::AsLeft = point.map_or(&item.state, |p| &p.state)
            && let Some(fix) = point.and_then(|p| p.fix.as_ref())
        {
            let words = format!("{} ({}, {} min)", fix.done, fix.cause, fix.minutes);
            out.extend(labelled(look, width, Tint::Plain, "Put right", &words));
        }
        if !self.asking {
            out.extend(self.answered(look, width, item, point));
            return out;
        }
        let what = match (self.again, point.map(|p| &p.state)) {
            (Some(again), _) => format!("Again ({})", words::again(again)),
            (None, Some(StepState::AsLeft)) => "As left".to_owned(),
            (None, Some(StepState::Suspect)) => "Measure again".to_owned(),
            _ => String::new(),
        };
        if !what.is_empty() {
            let old = point
                .and_then(|p| p.left.as_ref().or(p.found.as_ref()).or(p.failure.as_ref()))
                .map(|a| format!("; so far {}", words::judged(look, a)))
                .unwrap_or_default();
            let words = format!("{what}{old}");
            out.extend(
                wrap(&words, width)
                    .into_iter()
                    .map(|t| line(look, Tint::Warn, t)),
            );
        }
        out.extend(self.field(look, width, item));
        if let Some(error) = &self.input.error {
            out.extend(
                wrap(error, width)
                    .into_iter()
                    .map(|t| line(look, Tint::Bad, t)),
            );
        }
        out
    }

    fn field(&self, look: &Look, width: usize, item: &PlanItem) -> Vec<Line<'static>> {
        let boxed = |label: &str, unit: &str| {
            let room = width
                .saturating_sub(LABEL + 4 + unit.chars().count())
                .min(40);
            let mut spans = vec![
                span(look, Tint::Strong, pad(look, label, LABEL)),
                Span::raw("["),
            ];
            let field = field_spans(look, &self.input.edit, !self.input.left, room);
            let used: usize = field.iter().map(Span::width).sum();
            spans.extend(field);
            let rest = 12usize.min(room).saturating_sub(used);
            spans.push(Span::raw(format!("{}] ", " ".repeat(rest))));
            spans.push(span(look, Tint::Strong, unit.to_owned()));
            Line::from(spans)
        };
        let unit = item.step.unit().map(|u| u.to_string()).unwrap_or_default();
        match &item.step.kind {
            StepKind::Check => vec![line(look, Tint::Strong, "Pass or fail?")],
            StepKind::Measure(_) => vec![boxed("Reading", &unit)],
            StepKind::Table(table) => {
                let label = self
                    .point
                    .and_then(|p| table.points.get(usize::from(p)))
                    .map_or("Reading", |p| p.label.as_str());
                vec![boxed(label, &unit)]
            }
            StepKind::Date { .. } => vec![boxed("Date", "")],
            StepKind::Text { .. } => {
                let mut out = vec![boxed("Text", "")];
                if let Some(last) = self.around.last {
                    out.extend(labelled(
                        look,
                        width,
                        Tint::Dim,
                        "Last time",
                        &format!("{last}  (arrow up takes it over)"),
                    ));
                }
                out
            }
            StepKind::Scan { what } => {
                let what = match what {
                    ScanTarget::Device => {
                        format!("Scan {}, or type its tag", self.sheet.device.tag)
                    }
                    ScanTarget::Other(name) => format!("Scan: {name}"),
                };
                vec![
                    line(look, Tint::Strong, cut(look, &what, width)),
                    boxed("Label", ""),
                ]
            }
            StepKind::Choice { options } => options
                .iter()
                .enumerate()
                .map(|(i, option)| self.row(look, width, i, &option.label))
                .collect(),
            StepKind::SecondPerson => {
                let mut out = vec![line(
                    look,
                    Tint::Strong,
                    "Who confirms as the second person?",
                )];
                if self.around.people.is_empty() {
                    out.push(line(look, Tint::Bad, "No other technician is on record."));
                }
                let names = self.around.people.iter().enumerate();
                out.extend(names.map(|(i, (_, name))| self.row(look, width, i, name)));
                out
            }
            StepKind::Timer { seconds, .. } => vec![self.timer(look, item, i64::from(*seconds))],
            StepKind::Computed(_) => {
                vec![line(look, Tint::Plain, "Computed from earlier readings.")]
            }
            StepKind::ElectricalSafety { .. } => {
                vec![line(
                    look,
                    Tint::Plain,
                    "Its steps were made when the inspection began.",
                )]
            }
        }
    }

    fn row(&self, look: &Look, width: usize, i: usize, words: &str) -> Line<'static> {
        let digit = if i < 9 {
            (i + 1).to_string()
        } else {
            " ".to_owned()
        };
        let tint = if i == self.input.at {
            Tint::Chosen
        } else {
            Tint::Plain
        };
        line(
            look,
            tint,
            pad(look, &format!(" {digit}  {words}"), width.min(48)),
        )
    }

    fn timer(&self, look: &Look, item: &PlanItem, seconds: i64) -> Line<'static> {
        match &item.state {
            StepState::Running { until } => {
                let left = until.seconds_since(self.now);
                if left > 0 {
                    let words = format!(
                        "Running: {} left, until {}",
                        words::clock(left),
                        words::time_of_day(*until)
                    );
                    line(look, Tint::Strong, words)
                } else {
                    line(look, Tint::Warn, "TIME IS OVER: pass or fail?")
                }
            }
            _ => line(
                look,
                Tint::Strong,
                format!("Not started; it runs {}.", words::clock(seconds)),
            ),
        }
    }

    fn table(&self, look: &Look, width: usize, item: &PlanItem) -> Vec<Line<'static>> {
        let widest = |text: &dyn Fn(&PlanPoint) -> usize, least: usize| {
            item.points.iter().map(text).max().unwrap_or(0).max(least)
        };
        let label = widest(&|p| p.label.chars().count(), 9).min(width / 3);
        let limit = widest(&|p| p.limit.chars().count(), 5).min(width / 3);
        let head = format!(
            "  {}  {}  reading",
            pad(look, "set point", label),
            pad(look, "limit", limit)
        );
        let mut out = vec![line(look, Tint::Dim, cut(look, &head, width))];
        for point in &item.points {
            let front = point.point == self.point;
            let sign = match (front, look.ascii) {
                (true, true) => "> ",
                (true, false) => "▸ ",
                _ => "  ",
            };
            let value = point.current().map_or_else(
                || match point.state {
                    StepState::Open => String::new(),
                    ref other => other.words(),
                },
                |a| {
                    let mark = paint::verdict_mark(a.verdict);
                    let word = if a.verdict == crate::domain::inspection::Verdict::NotApplicable {
                        String::new()
                    } else {
                        words::answer(&a.answer)
                    };
                    format!("{word} {} {}", mark.sign(look), mark.word)
                        .trim()
                        .to_owned()
                },
            );
            let text = format!(
                "{sign}{}  {}  {value}",
                pad(look, &point.label, label),
                pad(look, &point.limit, limit)
            );
            let tint = match point.verdict().map(|v| paint::verdict_mark(v).tint) {
                _ if front => Tint::Strong,
                Some(tint) => tint,
                None => Tint::Plain,
            };
            out.push(line(look, tint, cut(look, &text, width)));
        }
        out
    }

    fn answered(
        &self,
        look: &Look,
        width: usize,
        item: &PlanItem,
        point: Option<&PlanPoint>,
    ) -> Vec<Line<'static>> {
        let mut out = Vec::new();
        match &item.asked {
            Applicability::Skipped(why) => {
                return labelled(look, width, Tint::Dim, "Not asked", why);
            }
            Applicability::Waits(on) => {
                let words = format!("step {on} decides whether this is asked");
                return labelled(look, width, Tint::Dim, "Waits", &words);
            }
            _ => {}
        }
        let Some(point) = point else { return out };
        let by = |a: &crate::domain::inspection::Answered| {
            format!(
                "{}, by {} at {}",
                words::judged(look, a),
                words::name(self.sheet, &a.stamp.by),
                words::time_of_day(a.stamp.at)
            )
        };
        for (label, answered) in [("Answer", &point.found), ("As left", &point.left)] {
            if let Some(a) = answered {
                let tint = paint::verdict_mark(a.verdict).tint;
                out.extend(labelled(look, width, tint, label, &by(a)));
            }
        }
        let state = match &point.state {
            StepState::Unsettled => Some("FAILED: say what is done about it".to_owned()),
            StepState::InRepair(_) => {
                let number = self
                    .sheet
                    .repairs
                    .iter()
                    .rev()
                    .find(|(step, _)| *step == item.step.id)
                    .map_or("a repair order", |(_, number)| number.as_str());
                Some(format!("FAILED, in repair: {number}"))
            }
            StepState::Suspect => Some("SUSPECT: measured with faulty test equipment".to_owned()),
            StepState::AsLeft => Some("as-left answer missing".to_owned()),
            StepState::Running { .. } | StepState::Open | StepState::Waiting => {
                Some(point.state.words())
            }
            _ => None,
        };
        if let Some(state) = state {
            out.extend(labelled(look, width, Tint::Warn, "State", &state));
        }
        out
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
