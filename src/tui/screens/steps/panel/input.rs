//! What is asked for at the step in front, or what was answered: the field, the choices, the table of set points, the
//! count-down.
//!
//! Invariant: an answer that was given again or put right stays beside the one that counts.

use ratatui::text::{Line, Span};

use super::{Face, LABEL, labelled};
use crate::domain::inspection::{PlanItem, PlanPoint, StepState};
use crate::domain::procedure::{Applicability, ScanTarget, StepKind};
use crate::tui::screens::steps::form::field_spans;
use crate::tui::screens::steps::paint::{self, Tint, cut, line, pad, span, wrap};
use crate::tui::screens::steps::words;
use crate::tui::view::Look;

impl Face<'_> {
    pub(super) fn entry(
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
            StepKind::Measure(_) => self.explained(look, width, boxed("Reading", &unit)),
            StepKind::Table(table) => {
                let label = self
                    .point
                    .and_then(|p| table.points.get(usize::from(p)))
                    .map_or("Reading", |p| p.label.as_str());
                self.explained(look, width, boxed(label, &unit))
            }
            StepKind::Date { .. } => self.explained(look, width, boxed("Date", "")),
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

    /// While something is typed the letters are text: said below the field, as the footer has fewer keys then.
    fn explained(&self, look: &Look, width: usize, field: Line<'static>) -> Vec<Line<'static>> {
        let mut out = vec![field];
        if !self.input.edit.is_empty() {
            let words = "Enter saves. Esc empties it; then the letters act.";
            let indent = " ".repeat(LABEL);
            let words = cut(look, &format!("{indent}{words}"), width);
            out.push(line(look, Tint::Dim, words));
        }
        out
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
}
