//! Who is at the keyboard, where the Unix account does not say it: a technician by name and passphrase.
//!
//! Invariants: it is asked only when something was refused for want of it; what was refused is told again once it is
//! known, and only then; closing the question records nothing.

use std::cell::RefCell;
use std::rc::Rc;

use super::desk::{Desk, Id};
use super::screen::Tone;
use crate::bench::Failure;
use crate::domain::command::Command;
use crate::domain::refusal::RefusalKind;
use crate::tui::screens::form::{Entry, Form};
use crate::tui::terminal::Flow;

/// A question in front, and what was typed into it: technician and passphrase.
pub(super) struct Naming {
    layer: Id,
    typed: Rc<RefCell<Option<(String, String)>>>,
}

impl Desk {
    /// Keeps an act that was refused because nobody said who is at work; gives the refusal back otherwise.
    pub(super) fn wait_for_name(
        &mut self,
        asker: Id,
        command: &Command,
        failure: Failure,
    ) -> Option<Failure> {
        let unnamed = failure.refusal() == Some(RefusalKind::NotAllowed)
            && self.session.may_act().is_ok_and(|may| !may)
            && !self.who_signs().is_empty();
        if !unnamed {
            return Some(failure);
        }
        self.unnamed.push_back((asker, command.clone()));
        None
    }

    /// Technicians with a signing key: the one of the session first.
    fn who_signs(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = self
            .session
            .technicians()
            .unwrap_or_default()
            .into_iter()
            .filter(|t| t.left.is_none() && t.current_key().is_some())
            .map(|t| (t.key, t.name))
            .collect();
        all.sort_by_key(|(key, _)| (key != self.session.actor(), key.clone()));
        all
    }

    /// Asks who is at work; `guess` is filled in.
    pub(super) fn ask_name(&mut self, trouble: &str, guess: &str) -> Flow {
        let words = "This account is shared. Say who you are; it is asked once in each session.";
        let intro = if trouble.is_empty() {
            words.to_owned()
        } else {
            format!("{trouble}\n{words}")
        };
        let typed = Rc::new(RefCell::new(None));
        let slot = Rc::clone(&typed);
        let everyone = self.who_signs();
        let known = everyone.iter().any(|(key, _)| key == guess);
        let entries = vec![
            Entry::choice("Technician", everyone)
                .holding(guess)
                .needed(),
            Entry::secret("Passphrase").needed(),
        ];
        let form = Form::new("Who is at work?".to_owned(), entries, move |values| {
            *slot.borrow_mut() = Some((values.text(0), values.text(1)));
            Ok(Vec::new())
        })
        .intro(intro)
        .starting_at(usize::from(known));
        let owner = self.front();
        self.naming = Some(Naming {
            layer: self.coming_id(),
            typed,
        });
        self.open(owner, Box::new(form))
    }

    /// A dialog was closed: if it was the question who is at work, tells what waits for the answer.
    pub(super) fn name_asked(&mut self, layer: Id) -> Option<Flow> {
        let naming = self.naming.take_if(|naming| naming.layer == layer)?;
        let Some((who, passphrase)) = naming.typed.borrow_mut().take() else {
            self.unnamed.clear();
            self.say(Tone::Plain, "Nothing was recorded.".to_owned());
            return Some(Flow::REDRAW);
        };
        if let Err(error) = self.session.sign_in(&who, &passphrase) {
            return Some(self.ask_name(&format!("{error}."), &who).and_bell());
        }
        let mut flow = Flow::REDRAW;
        for (asker, command) in std::mem::take(&mut self.unnamed) {
            let result = self.session.tell(command);
            let effects = self.tell(asker, &result);
            flow = flow.and(self.carry_out(asker, effects));
        }
        Some(flow.and(self.refresh_all()))
    }
}
