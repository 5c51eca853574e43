//! Every step with every answer it was ever given.
//!
//! Invariant: each answer of the inspection is printed, also one whose step the document does not hold.

use std::collections::BTreeSet;

use crate::bench::query::InspectionSheet;
use crate::domain::inspection::{
    Answer, Answered, Phase, PlanItem, PlanPoint, StepState, Verdict, doubts, plan, rests_on_doubt,
};
use crate::domain::procedure::{Applicability, LimitSource, Step, StepId, StepKind};

use crate::report::doc::{Doc, Mark};
use crate::report::words::{self, Names, duration, time};

pub(super) fn steps(doc: &mut Doc, sheet: &InspectionSheet) {
    let plan = plan(&sheet.inspection, &sheet.document, &sheet.inspection.facts);
    let mut steps = Steps {
        doc,
        sheet,
        names: Names(&sheet.names),
        printed: BTreeSet::new(),
    };
    let mut section = None;
    for (index, item) in plan.items.iter().enumerate() {
        if section != Some(&item.section) {
            steps.doc.heading(item.section.clone());
            section = Some(&item.section);
        }
        steps.item(index + 1, item);
    }
    steps.leftovers();
}

struct Steps<'a> {
    doc: &'a mut Doc,
    sheet: &'a InspectionSheet,
    names: Names<'a>,
    /// Answers on the page so far, by their place.
    printed: BTreeSet<usize>,
}

impl Steps<'_> {
    fn item(&mut self, number: usize, item: &PlanItem) {
        let step = &item.step;
        let mut title = step.title.clone();
        if step.safety {
            title.push_str(" [SAFETY]");
        }
        if !step.required {
            title.push_str(" [optional]");
        }
        let state = if item.state == StepState::Open && self.to_be_answered_again(item) {
            "NOT ANSWERED SINCE IT WAS MOVED TO THIS DEVICE".to_owned()
        } else {
            state(item)
        };
        if !state.is_empty() {
            title = format!("{title} - {state}");
        }
        self.doc
            .line(0, &format!("{number:>3}."), title, Mark::Strong);
        if let Applicability::AskedUnknown(why) = &item.asked {
            self.doc.line(3, "asked because", why, Mark::Plain);
        }
        if let Some(reference) = &step.reference {
            self.doc.line(3, "see", reference, Mark::Plain);
        }
        if item.deferred {
            self.doc.line(3, "", "left for later", Mark::Bad);
        }
        for point in &item.points {
            self.point(item, point);
        }
        let doubts = doubts(&self.sheet.inspection);
        if rests_on_doubt(step, &doubts, &self.sheet.document) {
            let text = "computed from a reading of faulty test equipment";
            self.doc.line(5, "SUSPECT", text, Mark::Bad);
        }
        self.what_followed(&step.id);
    }

    /// The tag of the device on whose record an answer was given, if the inspection was moved after that.
    fn moved_from(&self, given: &Answered) -> Option<String> {
        let inspection = &self.sheet.inspection;
        let from = inspection.moved_from(given)?;
        let at = inspection
            .moved
            .iter()
            .position(|(old, _, _)| *old == from)?;
        let tag = self.sheet.moved.get(at).filter(|tag| !tag.is_empty());
        Some(tag.cloned().unwrap_or_else(|| from.to_string()))
    }

    /// A step was answered, but only on another device's record, and that answer does not count here.
    fn to_be_answered_again(&self, item: &PlanItem) -> bool {
        let mut mine = self
            .sheet
            .inspection
            .answers
            .iter()
            .filter(|a| a.step == item.step.id)
            .peekable();
        item.points.iter().all(|point| point.current().is_none())
            && mine.peek().is_some()
            && mine.all(|given| self.moved_from(given).is_some())
    }

    fn point(&mut self, item: &PlanItem, point: &PlanPoint) {
        if !point.label.is_empty() {
            self.doc.line(3, "at", &point.label, Mark::Plain);
        }
        if !point.limit.is_empty() {
            let limit = format!("{}{}", point.limit, source(&item.step));
            self.doc.line(3, "limit", limit, Mark::Plain);
        }
        let mine: Vec<usize> = self
            .sheet
            .inspection
            .answers
            .iter()
            .enumerate()
            .filter(|(_, a)| a.step == item.step.id && a.point == point.point)
            .map(|(at, _)| at)
            .collect();
        if mine.is_empty() && item.asked.is_asked() && item.points.len() > 1 {
            self.doc.line(3, "", "NOT ANSWERED", Mark::Bad);
        }
        for at in mine {
            self.answer(at, &point.limit);
        }
    }

    /// One answer; `limit` is the one already on the page.
    fn answer(&mut self, at: usize, limit: &str) {
        let inspection = &self.sheet.inspection;
        let Some(given) = inspection.answers.get(at) else {
            return;
        };
        self.printed.insert(at);
        let replaced = inspection.answers.iter().find_map(|later| {
            later
                .supersedes
                .filter(|(old, _)| *old == given.stamp.dot)
                .map(|(_, why)| (why, later))
        });
        let mark = match (&replaced, given.verdict) {
            (Some(_), _) => Mark::Struck,
            (None, Verdict::Fail | Verdict::Undecided | Verdict::Unverified) => Mark::Bad,
            _ => Mark::Plain,
        };
        let lead = match given.phase {
            Phase::AsFound => "as found",
            Phase::AsLeft => "as left ",
        };
        let text = words::answer(given, self.names);
        self.doc.line(3, lead, text, mark);
        self.doc.line(5, "", self.how(given, limit), Mark::Plain);
        if !given.why.trim().is_empty() {
            self.doc.line(5, "why", &given.why, Mark::Plain);
        }
        if let Some(from) = self.moved_from(given) {
            let text = format!("recorded on the record of {from}");
            self.doc.line(5, "MOVED", text, Mark::Bad);
        }
        if let Answer::SecondPerson { who } = &given.answer {
            let (proved, mark) = super::tail::proved(self.sheet, who, given.stamp.dot);
            self.doc.line(5, "second person", proved, mark);
        }
        if let Some((why, later)) = replaced {
            let reason = if later.reason.trim().is_empty() {
                String::new()
            } else {
                format!(": {}", later.reason)
            };
            self.doc.line(
                5,
                "",
                format!("replaced by a later answer, {why}{reason}"),
                Mark::Plain,
            );
        }
        match &given.supersedes {
            Some((_, why)) if given.reason.trim().is_empty() => {
                let text = format!("takes the place of an earlier answer, {why}");
                self.doc.line(5, "", text, Mark::Plain);
            }
            Some((_, why)) => {
                let text = format!(
                    "takes the place of an earlier answer, {why}: {}",
                    given.reason
                );
                self.doc.line(5, "", text, Mark::Plain);
            }
            None if !given.reason.trim().is_empty() => {
                self.doc.line(5, "reason", &given.reason, Mark::Plain);
            }
            None => {}
        }
        for suspect in inspection
            .suspects
            .iter()
            .filter(|s| s.answer == given.stamp.dot)
        {
            let again = if inspection.is_superseded(given.stamp.dot) {
                "it was measured again"
            } else {
                "it was NOT measured again"
            };
            self.doc.line(
                5,
                "SUSPECT",
                format!(
                    "{} turned out faulty: {}; {again} ({})",
                    tool_name(self.sheet, suspect.tool),
                    suspect.reason,
                    self.names.stamp(&suspect.stamp)
                ),
                Mark::Bad,
            );
        }
    }

    /// From where, by what, by whom, when; the limit where it is another one than the page shows.
    fn how(&self, given: &Answered, limit: &str) -> String {
        let mut parts = Vec::new();
        if !given.limit.is_empty() && given.limit != limit {
            parts.push(format!("limit {}", given.limit));
        }
        parts.push(format!("by {}", given.origin.label()));
        if let Some(tool) = given.tool {
            parts.push(format!("with {}", tool_name(self.sheet, tool)));
        }
        parts.push(self.names.who(&given.stamp.by));
        parts.push(time(given.stamp.at));
        parts.join(", ")
    }

    /// What belongs to a step beside its answers: count-downs, fixes, repair orders, notes.
    fn what_followed(&mut self, step: &StepId) {
        let inspection = &self.sheet.inspection;
        if let Some((begun, seconds)) = inspection.timers.get(step) {
            let text = format!(
                "{} from {}, begun by {}",
                duration(*seconds),
                time(begun.at),
                self.names.who(&begun.by)
            );
            self.doc.line(3, "count-down", text, Mark::Plain);
        }
        for fix in inspection.fixes.iter().filter(|fix| fix.step == *step) {
            let text = format!(
                "{} (cause: {}, {} min, {})",
                fix.done,
                fix.cause,
                fix.minutes,
                self.names.stamp(&fix.stamp)
            );
            self.doc.line(3, "put right", text, Mark::Plain);
        }
        for (_, number) in self.sheet.repairs.iter().filter(|(s, _)| s == step) {
            self.doc.line(3, "repair order", number, Mark::Bad);
        }
        for (_, note) in inspection
            .notes
            .iter()
            .filter(|(of, _)| of.as_ref() == Some(step))
        {
            let text = format!("{} ({})", note.text, self.names.stamp(&note.stamp));
            self.doc.line(3, "note", text, Mark::Plain);
        }
    }

    /// Answers to steps that the document does not hold: never left out.
    fn leftovers(&mut self) {
        let rest: Vec<usize> = (0..self.sheet.inspection.answers.len())
            .filter(|at| !self.printed.contains(at))
            .collect();
        if rest.is_empty() {
            return;
        }
        self.doc
            .heading("Answers to steps that this document does not hold");
        for at in rest {
            if let Some(given) = self.sheet.inspection.answers.get(at) {
                let point = given
                    .point
                    .map(|point| format!(", set point {}", u32::from(point) + 1))
                    .unwrap_or_default();
                let title = format!("{}{point}", given.step);
                self.doc.line(0, "  ?.", title, Mark::Strong);
            }
            self.answer(at, "");
        }
    }
}

/// How far a step is, in words; empty when its answers say it.
fn state(item: &PlanItem) -> String {
    match (&item.state, &item.asked) {
        (_, Applicability::Skipped(why)) => format!("not asked: {why}"),
        (_, Applicability::Waits(on)) => format!("NOT ANSWERED, waits for step {on}"),
        (StepState::Open, _) => "NOT ANSWERED".to_owned(),
        (StepState::Done, _) => item
            .verdict()
            .map(|v| words::verdict(v).to_owned())
            .unwrap_or_default(),
        (state, _) => state.words(),
    }
}

/// Where the limit comes from.
fn source(step: &Step) -> String {
    let source: &LimitSource = match &step.kind {
        StepKind::Measure(measure) => &measure.source,
        StepKind::Table(table) => &table.source,
        StepKind::Computed(computed) => &computed.source,
        _ => return String::new(),
    };
    let state = if source.verified { "" } else { "NOT VERIFIED" };
    match (source.text.trim().is_empty(), state.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!(" ({state})"),
        (false, true) => format!(" (from {})", source.text),
        (false, false) => format!(" (from {}, {state})", source.text),
    }
}

/// A tool's short name, or its id when the record does not say more.
pub(super) fn tool_name(sheet: &InspectionSheet, tool: crate::domain::id::EntityId) -> String {
    sheet
        .inspection
        .tools_used
        .iter()
        .rev()
        .find(|used| used.tool == tool)
        .map_or_else(
            || format!("test equipment {tool}"),
            |used| used.name.clone(),
        )
}
