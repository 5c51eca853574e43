//! Rows that are picked and labels that are scanned during an inspection.
//!
//! Invariants: a scan answers a scan step and nothing else; another device is never switched to without a person's word.

use super::{Act, Checklist};
use crate::bench::query::ScanAnswer;
use crate::domain::inspection::{Answer, AnswerOrigin, InspectionCommand};
use crate::domain::procedure::{ScanTarget, StepKind};
use crate::tui::app::screen::{Cx, Effect, Place, Tone};
use crate::tui::screens::steps::ask::{self, Asked, Question};
use crate::tui::screens::steps::entry::Given;

impl Checklist {
    /// A row of a list was picked.
    pub(super) fn picked(&mut self, row: usize, cx: &mut Cx<'_>) {
        match std::mem::take(&mut self.question) {
            Question::Tools { rows, kind, .. } => {
                let Some(chosen) = rows.get(row) else { return };
                if chosen.status.is_good() || self.people.is_empty() && is_unusable(chosen) {
                    let tool = chosen.id;
                    let command = InspectionCommand::ChooseTool {
                        inspection: self.id,
                        kind: kind.clone(),
                        tool,
                        override_by: None,
                    };
                    self.tell(Act::Tool { kind, tool }, command, cx);
                } else if is_unusable(chosen) {
                    let words = format!(
                        "{}: {}. Take another tool; nobody can override this.",
                        chosen.tool.name,
                        chosen.status.words()
                    );
                    cx.say(Tone::Bad, words);
                    self.ask_tool(cx, true);
                } else {
                    self.put(ask::override_tool(chosen, &kind, &self.people), cx);
                }
            }
            Question::OtherDevice { devices, .. } => {
                let Some(index) = row.checked_sub(1) else {
                    return;
                };
                let Some(card) = devices.get(index / 2) else {
                    return;
                };
                if index % 2 == 0 {
                    let open = cx.session.device(card.id).ok().and_then(|sheet| {
                        sheet
                            .inspections
                            .into_iter()
                            .find(|i| i.status == crate::domain::inspection::InspectionStatus::Open)
                    });
                    cx.wish(Effect::Go(match open {
                        Some(row) => Place::Checklist(row.id),
                        None => Place::Begin {
                            device: card.id,
                            order: None,
                        },
                    }));
                } else if let Some(sheet) = &self.sheet {
                    self.put(ask::wrong_device(sheet, Some(card)), cx);
                }
            }
            other => self.question = other,
        }
    }

    /// A label was scanned.
    pub(super) fn scan(&mut self, scan: &ScanAnswer, text: &str, cx: &mut Cx<'_>) {
        let (own, others) = self.devices_of(scan);
        if let Question::Form(form, Asked::WrongDevice) = &mut self.question {
            if let [card] = others.as_slice() {
                form.fill(1, &card.tag);
            } else {
                form.refuse("That label names no other device.");
                cx.wish(Effect::Bell);
            }
            return;
        }
        let target = match self.item().map(|i| &i.step.kind) {
            Some(StepKind::Scan { what }) if self.asking() => Some(what.clone()),
            _ => None,
        };
        let asked = !self.question.is_none();
        match target {
            _ if !own && !others.is_empty() => {
                if let Some(sheet) = &self.sheet {
                    cx.wish(Effect::Bell);
                    self.put(ask::other_device(sheet, others), cx);
                }
            }
            Some(target) if !asked && (own || matches!(target, ScanTarget::Other(_))) => {
                let wrong = own && matches!(target, ScanTarget::Other(_));
                if wrong {
                    cx.wish(Effect::Bell);
                    cx.say(
                        Tone::Bad,
                        "That is the device itself. Nothing was recorded.",
                    );
                    return;
                }
                let given = Given {
                    answer: Answer::Scan(text.to_owned()),
                    origin: AnswerOrigin::Scan,
                };
                self.answer(given, cx);
            }
            _ if own => cx.say(Tone::Good, "This is the device in front."),
            _ => {
                cx.wish(Effect::Bell);
                let words = format!(
                    "\"{text}\" names no device on record. A scan is never a reading; nothing was recorded."
                );
                cx.say(Tone::Bad, words);
            }
        }
    }
}

/// Faulty or withdrawn: nobody can override that.
fn is_unusable(row: &crate::bench::query::ToolRow) -> bool {
    use crate::domain::tool::ToolStatus;
    matches!(row.status, ToolStatus::Faulty(_) | ToolStatus::Withdrawn)
}
