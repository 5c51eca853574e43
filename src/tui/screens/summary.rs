//! The end of an inspection: how it ends and why, what is missing, the signature, and the paper.
//!
//! Invariants: the outcome shown before signing is computed by the same rules as the one that is signed; nothing is
//! signed from here before a form said with which meaning, minutes and cause; a signed inspection is only shown.

mod draw;
#[cfg(test)]
mod tests;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::bench::query::{InspectionSheet, Receipt};
use crate::bench::{Failure, RecordCheck, SignRequest};
use crate::domain::command::Command;
use crate::domain::device::Outcome;
use crate::domain::id::EntityId;
use crate::domain::inspection::{
    Answer, InspectionCommand, InspectionStatus, Plan, StepState, Verdict, outcome, plan,
    proposed_minutes,
};
use crate::domain::order::FailureCause;
use crate::domain::procedure::StepId;
use crate::domain::signature::Meaning;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::report::{LabelSize, Page, RedTag, Sticker, next_due};
use crate::tui::app::screen::{Cx, Effect, Place, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::screens::steps::ask;
use crate::tui::screens::steps::entry::by_hand;
use crate::tui::screens::steps::form::{Done, Field, Form};
use crate::tui::screens::steps::words;
use crate::tui::view::Look;

/// Something in front of the page.
enum Front {
    /// Nothing.
    None,
    /// The form before a signature.
    Sign(Form, Vec<Meaning>),
    /// A note on the whole inspection.
    Note(Form),
    /// A text to read: title, lines, first line shown.
    Text(String, Vec<String>, usize),
}

/// A row that leads to a step.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Row {
    step: StepId,
    words: String,
    missing: bool,
}

/// The end of one inspection.
pub struct Summary {
    id: EntityId,
    sheet: Option<InspectionSheet>,
    plan: Plan,
    ends: Option<(Outcome, Vec<String>)>,
    minutes: u32,
    rows: Vec<Row>,
    at: usize,
    front: Front,
    check: Option<RecordCheck>,
    me: String,
    signing: bool,
    trouble: Option<String>,
}

impl Summary {
    /// The end of this inspection.
    pub fn new(inspection: EntityId) -> Self {
        Self {
            id: inspection,
            sheet: None,
            plan: Plan::default(),
            ends: None,
            minutes: 0,
            rows: Vec::new(),
            at: 0,
            front: Front::None,
            check: None,
            me: String::new(),
            signing: false,
            trouble: None,
        }
    }

    fn load(&mut self, cx: &mut Cx<'_>) {
        cx.session.actor().clone_into(&mut self.me);
        match cx.session.inspection(self.id) {
            Ok(sheet) => {
                let inspection = &sheet.inspection;
                self.plan = plan(inspection, &sheet.document, &inspection.facts);
                let adopted = inspection.adopted || sheet.procedure.is_adopted();
                self.ends = Some(match inspection.outcome {
                    Some(ended) => (ended, inspection.because.clone()),
                    None => outcome(inspection, &sheet.document, adopted),
                });
                self.minutes = if inspection.signatures.is_empty() {
                    proposed_minutes(inspection)
                } else {
                    inspection.minutes
                };
                self.check = match inspection.status {
                    Some(InspectionStatus::Signed) => cx.session.check_record(self.id).ok(),
                    _ => None,
                };
                self.rows = rows(&sheet, &self.plan);
                self.at = self.at.min(self.rows.len().saturating_sub(1));
                self.sheet = Some(sheet);
                self.trouble = None;
            }
            Err(failure) => self.trouble = Some(failure.to_string()),
        }
    }

    fn is_open(&self) -> bool {
        self.sheet.as_ref().is_some_and(|s| s.inspection.is_open())
    }

    fn is_signed(&self) -> bool {
        self.sheet
            .as_ref()
            .is_some_and(|s| s.inspection.status == Some(InspectionStatus::Signed))
    }

    /// Asks for meaning, minutes and cause.
    fn ask_to_sign(&mut self, cx: &mut Cx<'_>) {
        let Some(sheet) = &self.sheet else { return };
        let others = sheet
            .inspection
            .answers
            .iter()
            .any(|a| a.stamp.by != self.me);
        let meanings = match (self.is_signed(), others) {
            (true, _) => vec![Meaning::Reviewed, Meaning::Approved],
            (false, true) => vec![Meaning::Performed, Meaning::Reverified],
            (false, false) => vec![Meaning::Performed],
        };
        let labels = meanings.iter().map(|m| m.label().to_owned()).collect();
        let mut fields = vec![Field::choice("Meaning", labels, 0)];
        let ends = self.ends.as_ref().map(|(ended, _)| *ended);
        if !self.is_signed() {
            fields.push(Field::number("Active minutes", self.minutes));
            if !ends.is_some_and(|e| matches!(e, Outcome::Passed | Outcome::Undecided)) {
                let causes = FailureCause::ALL
                    .iter()
                    .map(|c| c.label().to_owned())
                    .collect();
                let at = FailureCause::ALL
                    .iter()
                    .position(|c| *c == FailureCause::FoundAtPm)
                    .unwrap_or(0);
                fields.push(Field::choice("Cause", causes, at));
            }
        }
        let ends = ends.map_or("unknown", |e| e.label());
        let about = format!(
            "{}, {}: {ends}. Enter goes on to your passphrase or PIN. A signature cannot be taken back.",
            sheet.device.tag, sheet.inspection.activity
        );
        self.front = Front::Sign(Form::new("Sign", about, fields).proposed(), meanings);
        cx.wish(Effect::DropTypedAhead);
    }

    fn sign(&mut self, form: &Form, meanings: &[Meaning], cx: &mut Cx<'_>) {
        if self.signing {
            return;
        }
        let meaning = meanings
            .get(form.chosen(0))
            .copied()
            .unwrap_or(Meaning::Performed);
        let first = !self.is_signed();
        // Minutes that were not changed are booked for each person by their own answers.
        let minutes = form
            .number(1)
            .filter(|minutes| first && *minutes != self.minutes);
        let passed = self
            .ends
            .as_ref()
            .is_some_and(|(e, _)| matches!(e, Outcome::Passed | Outcome::Undecided));
        let cause = if first && !passed {
            FailureCause::ALL.get(form.chosen(2)).copied()
        } else {
            None
        };
        self.front = Front::None;
        self.signing = true;
        cx.wish(Effect::Sign(SignRequest {
            inspection: self.id,
            meaning,
            minutes,
            cause,
        }));
    }

    /// The record as lines to read.
    fn record(&self, cx: &Cx<'_>) -> Option<String> {
        let sheet = self.sheet.as_ref()?;
        let shop = cx.session.shop().ok();
        let page = Page {
            shop: shop.as_ref(),
            ..Page::default()
        };
        Some(crate::report::record_text(
            sheet,
            self.check.as_ref(),
            &page,
        ))
    }

    fn read_record(&mut self, cx: &mut Cx<'_>) {
        if let Some(text) = self.record(cx) {
            let lines = text.lines().map(str::to_owned).collect();
            self.front = Front::Text("Record".to_owned(), lines, 0);
        }
    }

    fn write_record(&mut self, cx: &mut Cx<'_>) {
        let (Some(sheet), Some(text)) = (&self.sheet, self.record(cx)) else {
            return;
        };
        let shop = cx.session.shop().ok();
        let page = Page {
            shop: shop.as_ref(),
            ..Page::default()
        };
        let html = crate::report::record_html(sheet, self.check.as_ref(), &page);
        let name = format!("{}-{}", sheet.device.tag, sheet.order);
        cx.wish(Effect::WriteFiles(vec![
            (format!("{name}.txt"), text),
            (format!("{name}.html"), html),
        ]));
    }

    /// The sticker, or the red tag of a device that must not be used.
    fn sticker(&mut self, cx: &mut Cx<'_>) {
        let Some(sheet) = &self.sheet else { return };
        let due = cx
            .session
            .device(sheet.device.id)
            .ok()
            .and_then(|device| next_due(&device, sheet));
        let signer = sheet
            .inspection
            .signatures
            .first()
            .map(|s| s.signer.clone());
        let initials = cx
            .session
            .technicians()
            .unwrap_or_default()
            .into_iter()
            .find(|t| Some(&t.key) == signer.as_ref())
            .map(|t| t.initials)
            .unwrap_or_default();
        let shown = match Sticker::of(sheet, due, &initials) {
            Some(sticker) => Some((
                "Sticker",
                crate::report::sticker_text(&sticker, &LabelSize::STICKER),
            )),
            None => RedTag::of_inspection(sheet).map(|tag| {
                (
                    "Red tag",
                    crate::report::red_tag_text(&tag, &LabelSize::TAG),
                )
            }),
        };
        match shown {
            Some((title, text)) => {
                let lines = text.lines().map(str::to_owned).collect();
                self.front = Front::Text(title.to_owned(), lines, 0);
            }
            None => cx.say(
                Tone::Bad,
                "There is no sticker for an inspection like this.",
            ),
        }
    }

    fn open_row(&self, cx: &mut Cx<'_>) {
        if let Some(row) = self.rows.get(self.at) {
            cx.wish(Effect::Go(Place::Step {
                inspection: self.id,
                step: row.step.clone(),
            }));
        }
    }
}

/// What is missing first, then what deserves a second look: failures, what does not apply, amendments.
fn rows(sheet: &InspectionSheet, plan: &Plan) -> Vec<Row> {
    let row = |item: &crate::domain::inspection::PlanItem, words: String, missing| Row {
        step: item.step.id.clone(),
        words,
        missing,
    };
    let mut out = Vec::new();
    for item in &plan.items {
        let required = match item.state {
            StepState::Open | StepState::Waiting => item.step.required,
            StepState::Running { .. }
            | StepState::Unsettled
            | StepState::AsLeft
            | StepState::Suspect => true,
            _ => false,
        };
        if required {
            let words = format!("{}: {}", item.step.title, item.state.words());
            out.push(row(item, words, true));
        }
    }
    for item in &plan.items {
        if matches!(item.state, StepState::Done | StepState::InRepair(_)) {
            out.extend(remarks(sheet, item).map(|words| row(item, words, false)));
        }
    }
    out
}

/// What deserves a second look at a step, in words; `None` for an ordinary answer.
pub(super) fn remarks(
    sheet: &InspectionSheet,
    item: &crate::domain::inspection::PlanItem,
) -> Option<String> {
    use std::fmt::Write as _;
    let title = &item.step.title;
    let mut out = match (&item.state, item.verdict()) {
        (StepState::InRepair(_), _) => {
            let number = sheet
                .repairs
                .iter()
                .rev()
                .find(|(step, _)| *step == item.step.id)
                .map_or("a repair order", |(_, number)| number.as_str());
            format!("{title}: FAILED, {number}")
        }
        (_, Some(Verdict::Fail)) => format!("{title}: FAILED"),
        (_, Some(Verdict::Undecided)) => format!("{title}: undecided"),
        (_, Some(Verdict::Unverified)) => format!("{title}: limit not verified"),
        (_, Some(Verdict::NotApplicable)) => {
            let reason = item.points.iter().find_map(|p| match &p.current()?.answer {
                Answer::NotApplicable { reason } => Some(reason.as_str()),
                _ => None,
            });
            format!("{title}: not applicable: {}", reason.unwrap_or("no reason"))
        }
        _ => String::new(),
    };
    let mut add = |words: String| {
        if out.is_empty() {
            out = format!("{title}: {words}");
        } else {
            let _ = write!(out, "; {words}");
        }
    };
    if let Some(fix) = item.points.iter().find_map(|p| p.fix.as_ref()) {
        add(format!("failed as found, put right ({})", fix.done));
    }
    let changed: Vec<&'static str> = sheet
        .inspection
        .answers
        .iter()
        .filter(|a| a.step == item.step.id)
        .filter_map(|a| a.supersedes.map(|(_, why)| words::again(why)))
        .collect();
    if let Some(why) = changed.last() {
        add((*why).to_owned());
    }
    (!out.is_empty()).then_some(out)
}

impl Screen for Summary {
    fn contexts(&self) -> Vec<Context> {
        match &self.front {
            Front::Sign(form, _) | Front::Note(form) => vec![form.context()],
            Front::Text(..) | Front::None => vec![Context::Summary],
        }
    }

    fn title(&self) -> String {
        self.sheet.as_ref().map_or_else(
            || "End of the inspection".to_owned(),
            |s| format!("{} {}: end", s.device.tag, s.inspection.activity),
        )
    }

    fn availability(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        let Some(sheet) = &self.sheet else {
            return no("The inspection cannot be read now.");
        };
        match action {
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::Top
            | Action::Bottom => return Availability::Ready,
            Action::Submit | Action::NextField | Action::PreviousField => {
                return Availability::Ready;
            }
            Action::NewLine if matches!(self.front, Front::Note(_)) => return Availability::Ready,
            _ => {}
        }
        if let Front::Text(..) = self.front {
            return match action {
                Action::Back | Action::PrintRecord => Availability::Ready,
                _ => no("Close this text first."),
            };
        }
        let void = sheet.inspection.status == Some(InspectionStatus::Void);
        match action {
            Action::Back => Availability::Ready,
            _ if void && action != Action::PrintRecord && action != Action::Select => {
                no("This inspection is void.")
            }
            Action::Sign if self.signing => no("The signature is being made."),
            Action::Sign if self.is_open() && sheet.inspection.holder != self.me => {
                Availability::Disabled(format!(
                    "{} has this inspection; take it over first.",
                    words::name(sheet, &sheet.inspection.holder)
                ))
            }
            Action::Sign if self.is_open() && !self.plan.missing.is_empty() => {
                no("Something is missing; it is listed here.")
            }
            Action::Sign if self.is_signed() => {
                let mine = sheet
                    .inspection
                    .signatures
                    .iter()
                    .any(|s| s.signer == self.me);
                if mine {
                    no("You have signed this inspection.")
                } else {
                    Availability::Ready
                }
            }
            Action::Sign | Action::Note | Action::PrintRecord => Availability::Ready,
            Action::Sticker if self.is_signed() => Availability::Ready,
            Action::Sticker => no("There is a sticker once it is signed."),
            Action::Select if self.is_open() && self.rows.is_empty() => {
                no("No step waits or needs a second look.")
            }
            Action::Select => Availability::Ready,
            Action::Amend | Action::OpenRepair if self.is_open() && !self.rows.is_empty() => {
                Availability::Ready
            }
            Action::Amend | Action::OpenRepair if self.is_open() => {
                no("Go back to the step and do it there.")
            }
            Action::Amend | Action::OpenRepair => no("It is signed; add a note instead."),
            Action::WrongDevice | Action::HandOver if self.is_open() => {
                no("Go back to the checklist and do it there.")
            }
            Action::WrongDevice | Action::HandOver => no("This inspection is not open."),
            _ => no("This does nothing here."),
        }
    }

    fn run(&mut self, action: Action, press: &Press, cx: &mut Cx<'_>) {
        match &mut self.front {
            Front::Sign(form, meanings) => match form.run(action) {
                Done::Open => {}
                Done::GivenUp => self.front = Front::None,
                Done::Complete if by_hand(press) => {
                    let (form, meanings) = (form.clone(), meanings.clone());
                    self.sign(&form, &meanings, cx);
                }
                Done::Complete => {}
            },
            Front::Note(form) => match form.run(action) {
                Done::Open => {}
                Done::GivenUp => self.front = Front::None,
                Done::Complete => {
                    let command = InspectionCommand::Note {
                        inspection: self.id,
                        step: None,
                        text: form.text(0),
                    };
                    cx.wish(Effect::Tell(Box::new(Command::Inspection(command))));
                }
            },
            Front::Text(_, lines, first) => {
                let last = lines.len().saturating_sub(1);
                match action {
                    Action::Back => self.front = Front::None,
                    Action::Up => *first = first.saturating_sub(1),
                    Action::Down => *first = (*first + 1).min(last),
                    Action::PageUp => *first = first.saturating_sub(10),
                    Action::PageDown => *first = (*first + 10).min(last),
                    Action::Top => *first = 0,
                    Action::Bottom => *first = last,
                    Action::PrintRecord => self.write_record(cx),
                    _ => {}
                }
            }
            Front::None => {
                if let Availability::Disabled(why) = self.availability(action) {
                    cx.say(Tone::Bad, why);
                    return;
                }
                let last = self.rows.len().saturating_sub(1);
                match action {
                    Action::Back => cx.wish(Effect::Back),
                    Action::Up => self.at = self.at.saturating_sub(1),
                    Action::Down => self.at = (self.at + 1).min(last),
                    Action::Top => self.at = 0,
                    Action::Bottom => self.at = last,
                    Action::Select if self.is_open() => self.open_row(cx),
                    Action::Select => self.read_record(cx),
                    Action::Amend | Action::OpenRepair => self.open_row(cx),
                    Action::Sign if by_hand(press) => self.ask_to_sign(cx),
                    Action::PrintRecord => self.write_record(cx),
                    Action::Sticker => self.sticker(cx),
                    Action::Note => {
                        if let ask::Question::Form(form, _) = ask::note("The whole inspection") {
                            self.front = Front::Note(form);
                            cx.wish(Effect::DropTypedAhead);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    fn typed(&mut self, key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        match &mut self.front {
            Front::Sign(form, _) | Front::Note(form) => form.typed(key),
            _ => false,
        }
    }

    fn pasted(&mut self, text: &str, _cx: &mut Cx<'_>) -> bool {
        match &mut self.front {
            Front::Sign(form, _) | Front::Note(form) => form.pasted(text),
            _ => false,
        }
    }

    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        let signed = std::mem::take(&mut self.signing);
        match result {
            Ok(_) => {
                self.front = Front::None;
                self.load(cx);
                if signed {
                    cx.say(Tone::Good, "Signed. The record is complete.");
                } else {
                    cx.say(Tone::Good, "The note is saved.");
                }
            }
            Err(failure) => cx.fail(failure),
        }
    }

    fn refresh(&mut self, cx: &mut Cx<'_>) {
        // Reading again after the passphrase question was closed: nothing is being signed then.
        self.signing = false;
        self.load(cx);
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        self.paint(frame, area, look);
    }
}
