//! Passphrase, PIN and signature.
//!
//! Invariants: nothing is signed before the technician typed the passphrase, or later in the session the PIN; a
//! passphrase that is not to be asked again needs a PIN of the technician's choice; several requests that wait together
//! are signed after one asking; closing the question signs nothing.

use std::cell::RefCell;
use std::rc::Rc;

use super::desk::{Desk, Id};
use super::screen::Tone;
use crate::bench::{ReviewRequest, SHORTEST_PIN, SignRequest};
use crate::tui::screens::form::{Entry, Form};
use crate::tui::screens::words::People;
use crate::tui::terminal::Flow;

/// What waits for a signature.
pub(super) enum ToSign {
    /// An inspection.
    Inspection(SignRequest),
    /// A company's report, signed as reviewed.
    Report(ReviewRequest),
}

/// What is asked before signing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Question {
    Enrol,
    Passphrase,
    Pin,
    NewPin,
}

/// A question in front, and what was typed into it.
pub(super) struct Asking {
    layer: Id,
    question: Question,
    typed: Rc<RefCell<Option<Vec<String>>>>,
}

impl Desk {
    /// Takes the next step towards signing what waits.
    pub(super) fn go_on_signing(&mut self) -> Flow {
        if !self.session.has_key().unwrap_or(false) {
            return self.ask_for(Question::Enrol, "");
        }
        if !self.session.is_unlocked() {
            return self.ask_for(Question::Passphrase, "");
        }
        if self.session.has_pin() {
            return self.ask_for(Question::Pin, "");
        }
        self.sign_all()
    }

    fn ask_for(&mut self, question: Question, trouble: &str) -> Flow {
        let name = People::of(&self.session).name(self.session.actor());
        let several = match self.signing.len() {
            0 | 1 => String::new(),
            n => format!(" ({n} inspections)"),
        };
        let reviewed = match self.signing.front() {
            Some((_, ToSign::Report(request))) => format!(
                " You sign as reviewed: {}, report {}.",
                request.report.company, request.report.number
            ),
            _ => String::new(),
        };
        let (title, entries, words) = match question {
            Question::Enrol => (
                "Make your signing key".to_owned(),
                vec![
                    Entry::secret("Passphrase").needed(),
                    Entry::secret("Again").needed(),
                ],
                format!(
                    "{name} has no signing key here yet. Choose a passphrase; nobody can recover it. It is asked \
                     once in each session."
                ),
            ),
            Question::Passphrase => (
                format!("Sign{several}"),
                vec![Entry::secret("Passphrase").needed()],
                format!(
                    "The passphrase of {name} opens the signing key for this session.{reviewed}"
                ),
            ),
            Question::Pin => (
                format!("Sign{several}"),
                vec![Entry::secret("PIN").needed()],
                format!("Your PIN signs. A signature cannot be taken back.{reviewed}"),
            ),
            Question::NewPin => (
                "A PIN for later signatures".to_owned(),
                vec![Entry::secret("PIN")],
                format!(
                    "At least {SHORTEST_PIN} characters; it counts for this session only. Leave it empty to be asked \
                     for the passphrase each time."
                ),
            ),
        };
        let intro = if trouble.is_empty() {
            words
        } else {
            format!("{trouble}\n{words}")
        };
        let typed = Rc::new(RefCell::new(None));
        let slot = Rc::clone(&typed);
        let count = entries.len();
        let form = Form::new(title, entries, move |values| {
            let all = (0..count).map(|at| values.text(at)).collect();
            *slot.borrow_mut() = Some(all);
            Ok(Vec::new())
        })
        .intro(intro);
        let owner = self.front();
        // Noted before the form opens: what waits for a signature must not ask a second time.
        self.asking = Some(Asking {
            layer: self.coming_id(),
            question,
            typed,
        });
        self.open(owner, Box::new(form))
    }

    /// A dialog was closed: if it was the question before signing, goes on with what was typed there.
    pub(super) fn asked(&mut self, layer: Id) -> Flow {
        if let Some(flow) = self.second_asked(layer) {
            return flow;
        }
        if let Some(flow) = self.name_asked(layer) {
            return flow;
        }
        let Some(asking) = self.asking.take_if(|asking| asking.layer == layer) else {
            return Flow::REDRAW;
        };
        let Some(typed) = asking.typed.borrow_mut().take() else {
            self.signing.clear();
            self.say(Tone::Plain, "Nothing was signed.".to_owned());
            return Flow::REDRAW;
        };
        let first = typed.first().cloned().unwrap_or_default();
        match asking.question {
            Question::Enrol => self.enrol(&first, typed.get(1).map_or("", String::as_str)),
            Question::Passphrase => match self.session.unlock(&first) {
                Ok(()) if self.pin_offered => self.sign_all(),
                Ok(()) => {
                    self.pin_offered = true;
                    self.ask_for(Question::NewPin, "")
                }
                Err(failure) => self
                    .ask_for(Question::Passphrase, &failure.to_string())
                    .and_bell(),
            },
            Question::Pin => match self.session.check_pin(&first) {
                Ok(()) => self.sign_all(),
                Err(failure) => {
                    let again = if self.session.is_unlocked() {
                        Question::Pin
                    } else {
                        Question::Passphrase
                    };
                    self.ask_for(again, &failure.to_string()).and_bell()
                }
            },
            Question::NewPin if first.is_empty() => self.sign_all(),
            Question::NewPin => match self.session.set_pin(&first) {
                Ok(()) => self.sign_all(),
                Err(failure) => self.ask_for(Question::NewPin, &failure.to_string()),
            },
        }
    }

    fn enrol(&mut self, passphrase: &str, again: &str) -> Flow {
        if passphrase != again {
            return self.ask_for(Question::Enrol, "The two passphrases are not equal.");
        }
        let actor = self.session.actor().to_owned();
        let made = self.session.enrol_key(&actor, passphrase);
        match made.and_then(|()| self.session.unlock(passphrase)) {
            Ok(()) => {
                self.pin_offered = true;
                self.ask_for(Question::NewPin, "")
            }
            Err(failure) => self
                .ask_for(Question::Enrol, &failure.to_string())
                .and_bell(),
        }
    }

    /// Signs everything that waits, each with its own signature.
    fn sign_all(&mut self) -> Flow {
        let mut flow = Flow::REDRAW;
        for (asker, request) in std::mem::take(&mut self.signing) {
            let result = match &request {
                ToSign::Inspection(request) => self.session.sign(request),
                ToSign::Report(request) => self.session.review(request),
            };
            let effects = self.tell(asker, &result);
            flow = flow.and(self.carry_out(asker, effects));
        }
        if !self.session.has_pin() {
            self.session.lock();
        }
        flow.and(self.refresh_all())
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;

    use super::super::Opened;
    use super::super::desk::LOOKUP;
    use super::super::screen::Effect;
    use super::super::testing::{enter, press};
    use super::*;
    use crate::domain::signature::Meaning;
    use crate::tui::screens::steps::testing::{LOOK, Shop};

    const PASSPHRASE: &str = "correct horse battery";

    fn desk(shop: &Shop) -> Desk {
        shop.session
            .enrol_key(shop.session.actor(), PASSPHRASE)
            .unwrap();
        let opened = Opened {
            session: shop.session.beside(),
            notices: Vec::new(),
            new_store: false,
            greeting: None,
        };
        Desk::new(opened, crate::keymap::load(None, None), LOOK)
    }

    fn sign(shop: &Shop, tag: &str) -> Vec<Effect> {
        let request = SignRequest {
            inspection: shop.inspection(tag),
            meaning: Meaning::Performed,
            minutes: None,
            cause: None,
        };
        vec![Effect::Sign(request.clone()), Effect::Sign(request)]
    }

    #[test]
    fn the_passphrase_is_asked_once_for_all_that_waits() {
        let shop = Shop::open();
        let mut desk = desk(&shop);
        let _ = desk.carry_out(LOOKUP, sign(&shop, "BME-77"));
        assert_eq!(desk.in_front(), "Sign (2 inspections)");
        enter(&mut desk, "wrong passphrase");
        assert_eq!(desk.in_front(), "Sign (2 inspections)");
        enter(&mut desk, PASSPHRASE);
        assert_eq!(desk.in_front(), "A PIN for later signatures");
        enter(&mut desk, "4711");
        // The inspection is not answered yet, so both are refused, and nobody is asked again.
        assert_eq!(desk.in_front(), "Devices");
        assert!(desk.signing.is_empty() && desk.said.is_some());
        let _ = desk.carry_out(LOOKUP, sign(&shop, "BME-78"));
        enter(&mut desk, "4711");
        assert_eq!(desk.in_front(), "Devices");
    }

    #[test]
    fn closing_the_question_signs_nothing() {
        let shop = Shop::open();
        let mut desk = desk(&shop);
        let _ = desk.carry_out(LOOKUP, sign(&shop, "BME-77"));
        press(&mut desk, KeyCode::Esc);
        assert_eq!(desk.in_front(), "Devices");
        assert!(desk.signing.is_empty() && !desk.session.is_unlocked());
    }
}
