//! What can be done at the step in front, and why not.
//!
//! Invariant: an action is never disabled without a sentence that says why.

use super::Checklist;
use crate::domain::inspection::StepState;
use crate::domain::procedure::StepKind;
use crate::keymap::{Action, Availability, Context};
use crate::tui::screens::steps::ask::Question;

impl Checklist {
    pub(super) fn can(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        if let Question::Failing(_) = self.question {
            let computed = self
                .item()
                .is_some_and(|i| matches!(i.step.kind, StepKind::Computed(_)));
            return match action {
                Action::TypingSlip if computed => {
                    no("This value is computed: correct the reading it comes from.")
                }
                Action::TypingSlip
                | Action::MeasureAgain
                | Action::FixedNow
                | Action::RepairFromStep
                | Action::Back => Availability::Ready,
                _ => no("Say first what is done about the failure."),
            };
        }
        if !self.question.is_none() {
            return match action {
                Action::NewLine if !matches!(&self.question, Question::Form(form, _) if form.context() == Context::Note) => {
                    no("This field has one line.")
                }
                Action::Submit
                | Action::NewLine
                | Action::Back
                | Action::NextField
                | Action::PreviousField
                | Action::Up
                | Action::Down
                | Action::Top
                | Action::Bottom => Availability::Ready,
                _ => no("Answer the question in front first."),
            };
        }
        match action {
            Action::NextStep | Action::PreviousStep | Action::Finish | Action::Note => {
                Availability::Ready
            }
            Action::HandOver => match &self.sheet {
                Some(sheet) if sheet.inspection.is_open() => Availability::Ready,
                _ => no("This inspection is not open."),
            },
            Action::Up
            | Action::Down
            | Action::Back
            | Action::Submit
            | Action::Top
            | Action::Bottom => Availability::Ready,
            Action::Pass | Action::Fail => self.can_judge(action),
            Action::NotApplicable => match (self.closed(), self.item()) {
                (Some(why), _) => Availability::Disabled(why),
                (None, Some(item)) if !item.step.allow_na => {
                    no("This step cannot be answered \"not applicable\".")
                }
                (None, _) if !self.asking() => no("This step is answered already."),
                _ => Availability::Ready,
            },
            Action::StartTimer => match (self.closed(), self.item()) {
                (Some(why), _) => Availability::Disabled(why),
                (None, Some(item)) if matches!(item.step.kind, StepKind::Timer { .. }) => {
                    match self.state() {
                        Some(StepState::Running { until }) if until.micros > self.now.micros => {
                            no("The count-down is running.")
                        }
                        _ => Availability::Ready,
                    }
                }
                _ => no("This step has no count-down."),
            },
            Action::Amend => match (self.closed(), self.state()) {
                (Some(why), _) => Availability::Disabled(why),
                (None, Some(StepState::Done | StepState::Unsettled | StepState::InRepair(_))) => {
                    Availability::Ready
                }
                _ => no("There is no answer to amend here."),
            },
            Action::PickTool => match (self.closed(), self.item()) {
                (Some(why), _) => Availability::Disabled(why),
                (None, Some(item)) if item.step.tool.is_some() => Availability::Ready,
                _ => no("This step needs no test equipment."),
            },
            Action::SkipStep => match self.closed() {
                Some(why) => Availability::Disabled(why),
                None if self.asking() => Availability::Ready,
                None => no("This step is answered already."),
            },
            Action::OpenRepair => match (self.closed(), self.state()) {
                (Some(why), _) => Availability::Disabled(why),
                (None, Some(StepState::Unsettled)) => Availability::Ready,
                _ => no("This step did not fail; a repair order comes from a failing step."),
            },
            Action::WrongDevice => match self.closed() {
                Some(why) => Availability::Disabled(why),
                None => Availability::Ready,
            },
            Action::SuspectRecall if self.sheet.is_some() => Availability::Ready,
            _ => no("This does nothing in a checklist."),
        }
    }

    pub(super) fn can_judge(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        if let Some(why) = self.closed() {
            return Availability::Disabled(why);
        }
        let Some(item) = self.item() else {
            return no("No step is in front.");
        };
        if action == Action::Fail && self.state() == Some(&StepState::Unsettled) {
            return Availability::Ready;
        }
        if !self.asking() {
            return no("This step is answered already; amend it to correct the answer.");
        }
        match (&item.step.kind, self.state()) {
            (StepKind::Check, _) => Availability::Ready,
            (StepKind::Timer { .. }, Some(StepState::Running { until }))
                if action == Action::Pass && until.micros > self.now.micros =>
            {
                no("The count-down is still running; it can pass when its time is over.")
            }
            (StepKind::Timer { .. }, Some(StepState::Running { .. })) => Availability::Ready,
            (StepKind::Timer { .. }, _) => no("Start the count-down first."),
            _ => no("This step takes another kind of answer."),
        }
    }
}
