//! What the technician does at a step, as commands, and what the screen does when they are durable.

use super::{Act, Checklist};
use crate::bench::query::Receipt;
use crate::domain::command::Command;
use crate::domain::event::Kind;
use crate::domain::inspection::{Again, Answer, Failing, InspectionCommand};
use crate::domain::order::FailureCause;
use crate::domain::procedure::StepKind;
use crate::keymap::{Action, Availability};
use crate::tui::app::screen::{Cx, Effect, Place, Tone};
use crate::tui::input::Press;
use crate::tui::screens::steps::ask::{self, Asked, Question};
use crate::tui::screens::steps::entry::{Around, Given, by_hand};
use crate::tui::screens::steps::form::Form;
use crate::tui::screens::steps::words;

impl Checklist {
    /// Tells the bench; what comes of it arrives in `told`, in the same order.
    pub(super) fn tell(&mut self, act: Act, command: InspectionCommand, cx: &mut Cx<'_>) {
        self.acts.push(act);
        cx.wish(Effect::Tell(Box::new(Command::Inspection(command))));
    }

    pub(super) fn act(&mut self, action: Action, press: &Press, cx: &mut Cx<'_>) {
        let asking = self.asking();
        if action == Action::Back {
            let left = asking && self.step_here().is_some_and(|step| self.input.leave(&step));
            if left {
                return;
            }
            if self.again.take().is_some() {
                self.ask_what_is_due(cx);
                return;
            }
            cx.wish(Effect::Back);
            return;
        }
        if asking && let Some(step) = self.step_here() {
            let around = Around {
                people: &self.people,
                last: self.last.as_deref(),
            };
            let judged = matches!(action, Action::Pass | Action::Fail);
            if judged && let Availability::Disabled(why) = self.can_judge(action) {
                cx.say(Tone::Bad, why);
                return;
            }
            if let Some(given) = self.input.run(&step, around, action, press) {
                if let Some(given) = given {
                    self.answer(given, cx);
                }
                return;
            }
        }
        if let Availability::Disabled(why) = self.can(action) {
            cx.say(Tone::Bad, why);
            return;
        }
        let title = self
            .item()
            .map(|i| i.step.title.clone())
            .unwrap_or_default();
        match action {
            Action::NextStep | Action::Down => self.look(true, cx),
            Action::PreviousStep | Action::Up => self.look(false, cx),
            Action::Top => self.show_front(cx),
            Action::Finish => cx.wish(Effect::Go(Place::Summary(self.id))),
            Action::NotApplicable => self.put(ask::not_applicable(&title), cx),
            Action::Note => self.put(ask::note(&title), cx),
            Action::Amend => self.amend(&title, cx),
            Action::Fail | Action::OpenRepair => self.put(ask::failing(cx), cx),
            Action::PickTool => self.ask_tool(cx, true),
            Action::StartTimer => {
                if let Some(step) = self.step.clone() {
                    let inspection = self.id;
                    let command = InspectionCommand::StartTimer { inspection, step };
                    self.tell(Act::Timer, command, cx);
                }
            }
            Action::SkipStep => {
                if let Some(step) = self.step.clone().filter(|_| by_hand(press)) {
                    let inspection = self.id;
                    let command = InspectionCommand::Defer { inspection, step };
                    self.tell(Act::Deferred, command, cx);
                }
            }
            Action::WrongDevice => {
                if let Some(sheet) = &self.sheet {
                    self.put(ask::wrong_device(sheet, None), cx);
                }
            }
            Action::SuspectRecall => {
                if let Some(sheet) = &self.sheet {
                    self.put(ask::recall(sheet), cx);
                }
            }
            Action::HandOver => {
                if let Some(sheet) = &self.sheet {
                    self.put(ask::hand_over(sheet, &self.people, &self.me), cx);
                }
            }
            _ => {}
        }
    }

    /// Puts a question; what was typed before it does not answer it.
    pub(super) fn put(&mut self, question: Question, cx: &mut Cx<'_>) {
        self.question = question;
        cx.wish(Effect::DropTypedAhead);
    }

    pub(super) fn give_up(&mut self, cx: &mut Cx<'_>) {
        self.question = Question::None;
        cx.wish(Effect::DropTypedAhead);
    }

    fn amend(&mut self, title: &str, cx: &mut Cx<'_>) {
        let computed = self
            .item()
            .is_some_and(|i| matches!(i.step.kind, StepKind::Computed(_)));
        if computed {
            self.measure_inputs(cx);
            return;
        }
        let answer = self
            .plan_point()
            .and_then(|p| p.current())
            .map(|a| words::answer(&a.answer))
            .unwrap_or_default();
        self.put(ask::amend(title, &answer), cx);
    }

    /// Records an answer at the step in front.
    pub(super) fn answer(&mut self, given: Given, cx: &mut Cx<'_>) {
        let Some(step) = self.step.clone() else {
            return;
        };
        if !self.acts.is_empty() {
            return;
        }
        let (again, reason) = match &self.again {
            Some((again, reason)) => (Some(*again), reason.clone()),
            None => (None, String::new()),
        };
        let point = match given.answer {
            // "Not applicable" is meant for the whole table.
            Answer::NotApplicable { .. } if again.is_none() => None,
            _ => self.point,
        };
        let act = Act::Answer {
            step: step.clone(),
            point: self.point,
            corrected: again == Some(Again::Amended),
        };
        let command = InspectionCommand::Answer {
            inspection: self.id,
            step,
            point,
            answer: given.answer,
            origin: given.origin,
            again,
            reason,
        };
        self.tell(act, command, cx);
    }

    /// The question after a failing answer.
    pub(super) fn settle(&mut self, action: Action, cx: &mut Cx<'_>) {
        if action != Action::Back
            && let Availability::Disabled(why) = self.can(action)
        {
            cx.say(Tone::Bad, why);
            return;
        }
        let Some(item) = self.item() else { return };
        let title = item.step.title.clone();
        let step = item.step.id.clone();
        let computed = matches!(item.step.kind, StepKind::Computed(_));
        match action {
            Action::Back => self.give_up(cx),
            Action::MeasureAgain if computed => self.measure_inputs(cx),
            Action::TypingSlip | Action::MeasureAgain => {
                let again = if action == Action::TypingSlip {
                    Again::TypingSlip
                } else {
                    Again::Remeasured
                };
                self.question = Question::None;
                self.again = Some((again, String::new()));
                cx.wish(Effect::NewStep);
            }
            Action::FixedNow => self.put(ask::fixed(&title), cx),
            Action::RepairFromStep => {
                self.question = Question::None;
                let command = InspectionCommand::Settle {
                    inspection: self.id,
                    step,
                    with: Failing::OpenRepair,
                };
                self.tell(Act::Settled, command, cx);
            }
            _ => {}
        }
    }

    /// A form is complete.
    pub(super) fn complete(&mut self, form: &Form, asked: Asked, cx: &mut Cx<'_>) {
        let inspection = self.id;
        let step = self.step.clone();
        match asked {
            Asked::NotApplicable => {
                self.question = Question::None;
                let reason = form.text(0);
                self.answer(Given::key(Answer::NotApplicable { reason }), cx);
            }
            Asked::Amend => {
                self.question = Question::None;
                self.again = Some((Again::Amended, form.text(0)));
                cx.wish(Effect::NewStep);
            }
            Asked::Note => {
                let text = form.text(0);
                let command = InspectionCommand::Note {
                    inspection,
                    step,
                    text,
                };
                self.tell(Act::Note, command, cx);
            }
            Asked::Fixed => {
                let Some(step) = step else { return };
                let cause = FailureCause::ALL
                    .get(form.chosen(1))
                    .copied()
                    .unwrap_or(FailureCause::Unknown);
                let with = Failing::FixedNow {
                    done: form.text(0),
                    cause,
                    minutes: form.number(2).unwrap_or(0),
                };
                let command = InspectionCommand::Settle {
                    inspection,
                    step,
                    with,
                };
                self.tell(Act::Settled, command, cx);
            }
            Asked::Override { kind, tool } => {
                let second = self.people.get(form.chosen(1)).map(|(key, _)| key.clone());
                let command = InspectionCommand::ChooseTool {
                    inspection,
                    kind: kind.clone(),
                    tool,
                    override_by: second.map(|who| (form.text(0), who)),
                };
                self.tell(Act::Tool { kind, tool }, command, cx);
            }
            Asked::WrongDevice => self.wrong_device(form, cx),
            Asked::Recall => {
                let note = form.text(0);
                let command = InspectionCommand::SuspectRecall { inspection, note };
                self.tell(Act::Recall, command, cx);
            }
            Asked::HandOver => {
                let mine = self
                    .sheet
                    .as_ref()
                    .is_some_and(|s| s.inspection.holder == self.me);
                let (to, place) = if mine {
                    match self.people.get(form.chosen(0)) {
                        Some((key, _)) => (key.clone(), form.text(1)),
                        None => return,
                    }
                } else {
                    (self.me.clone(), form.text(0))
                };
                let command = InspectionCommand::HandOver {
                    inspection,
                    to,
                    place,
                };
                self.tell(Act::HandedOver, command, cx);
            }
        }
    }

    fn wrong_device(&mut self, form: &Form, cx: &mut Cx<'_>) {
        let Some(sheet) = &self.sheet else { return };
        let inspection = self.id;
        let reason = form.text(2);
        let (question, command) = if form.chosen(0) == 0 {
            (
                format!(
                    "Void the inspection of {}? It is kept and counts nowhere.",
                    sheet.device.tag
                ),
                InspectionCommand::Void { inspection, reason },
            )
        } else {
            let tag = form.text(1);
            let found = cx.session.named(&tag).unwrap_or_default();
            let [card] = found.as_slice() else {
                let words = if found.is_empty() {
                    format!(
                        "No device \"{tag}\" is on record. Scan the right device, or type its tag."
                    )
                } else {
                    format!("\"{tag}\" fits several devices. Type the asset tag.")
                };
                if let Question::Form(open, _) = &mut self.question {
                    open.refuse(words);
                }
                return;
            };
            (
                format!(
                    "Move every reading from {} to {} ({})? Each is marked as moved.",
                    sheet.device.tag,
                    card.tag,
                    card.name()
                ),
                InspectionCommand::Move {
                    inspection,
                    to: card.id,
                    reason,
                },
            )
        };
        self.question = Question::None;
        // The receipt only comes if the technician says yes: it is told apart by what it changed.
        self.acts.retain(|act| *act != Act::WrongDevice);
        cx.wish(Effect::Confirm {
            question,
            yes: vec![Effect::Tell(Box::new(Command::Inspection(command)))],
        });
    }

    /// Something was recorded.
    pub(super) fn done(&mut self, act: Option<Act>, receipt: &Receipt, cx: &mut Cx<'_>) {
        self.load(cx);
        match act {
            Some(Act::Answer {
                step,
                point,
                corrected,
            }) => {
                self.saved = Some((step, point));
                self.move_on(corrected, cx);
            }
            Some(Act::Settled) => {
                if let Some(order) = receipt.made(Kind::Order) {
                    cx.say(Tone::Good, format!("Repair order {} is open.", order.name));
                }
                self.again = None;
                self.question = Question::None;
                self.move_on(false, cx);
            }
            Some(Act::Tool { kind, tool }) => {
                cx.session.take_in_hand(&kind, tool);
                self.question = Question::None;
                cx.wish(Effect::NewStep);
                self.ask_what_is_due(cx);
            }
            Some(Act::Note) => {
                self.question = Question::None;
                cx.say(Tone::Good, "The note is saved.");
            }
            Some(Act::Timer) => {
                self.question = Question::None;
                self.rung.clear();
                let long = self
                    .item()
                    .is_some_and(|i| matches!(i.step.kind, StepKind::Timer { long: true, .. }));
                cx.wish(Effect::NewStep);
                if long {
                    cx.say(Tone::Good, "The count-down runs on in the background.");
                    self.move_on(false, cx);
                }
            }
            Some(Act::Deferred) => {
                cx.say(Tone::Plain, "Left for later; it comes back before the end.");
                self.move_on(false, cx);
            }
            Some(Act::HandedOver) => {
                self.question = Question::None;
                let holder = self
                    .sheet
                    .as_ref()
                    .map(|s| words::name(s, &s.inspection.holder).to_owned())
                    .unwrap_or_default();
                cx.say(Tone::Good, format!("{holder} has this inspection now."));
                if self.is_mine() {
                    self.show_front(cx);
                } else {
                    cx.wish(Effect::Back);
                }
            }
            Some(Act::Recall) => self.recalled(receipt, cx),
            Some(Act::WrongDevice) | None => self.moved_or_void(cx),
        }
    }

    fn recalled(&mut self, receipt: &Receipt, cx: &mut Cx<'_>) {
        let Some(sheet) = &self.sheet else { return };
        let number = receipt
            .made(Kind::Order)
            .map_or("A recall order", |made| made.name.as_str());
        let own = &sheet.device;
        let same: Vec<String> = cx
            .session
            .find(&own.name(), 100)
            .map(|found| found.devices)
            .unwrap_or_default()
            .into_iter()
            .map(|found| found.card)
            .filter(|card| {
                card.id != own.id
                    && !own.model.is_empty()
                    && words::same(&card.model, &own.model)
                    && words::same(&card.manufacturer, &own.manufacturer)
            })
            .map(|card| format!("{}  {}  {}", card.tag, card.serial, card.location))
            .collect();
        let mut lines = vec![format!("{number} is open on {}.", own.tag)];
        lines.push(match same.len() {
            0 => "No other device of this model is on record.".to_owned(),
            1 => "1 other device of this model:".to_owned(),
            n => format!("{n} other devices of this model:"),
        });
        let more = same.len().saturating_sub(12);
        lines.extend(same.into_iter().take(12));
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        let title = "Recall suspected".to_owned();
        self.put(Question::Read { title, lines }, cx);
    }

    fn moved_or_void(&mut self, cx: &mut Cx<'_>) {
        let Some(sheet) = &self.sheet else { return };
        if sheet.inspection.is_open() {
            let words = format!(
                "This inspection is on the record of {} now.",
                sheet.device.tag
            );
            cx.say(Tone::Good, words);
            self.show_front(cx);
        } else {
            cx.say(
                Tone::Good,
                "The inspection is void: kept, and counts nowhere.",
            );
            cx.wish(Effect::Back);
        }
    }
}
