//! The passphrase of a second person, for an act that one person does not do alone.
//!
//! Invariants: the act is told only after they typed it, or without a proof when they did not, so that its refusal says
//! what is missing; several acts that wait for the same person take one asking; the key is opened for these acts only.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::desk::{Desk, Id};
use crate::domain::command::Command;
use crate::domain::witness::Statement;
use crate::tui::screens::form::{Entry, Form};
use crate::tui::screens::words::People;
use crate::tui::terminal::Flow;

/// An act that waits for the second person it names.
pub(super) struct Waiting {
    asker: Id,
    command: Command,
    statement: Statement,
}

/// The question in front, whom it asks, and what was typed into it.
pub(super) struct Proving {
    layer: Id,
    who: String,
    typed: Rc<RefCell<Option<String>>>,
}

impl Desk {
    /// Keeps an act back if its second person has a key here and can prove that it is them; gives it back otherwise.
    pub(super) fn wait_for_second(&mut self, asker: Id, command: Command) -> Option<Command> {
        let statement = self.session.second_person(&command).ok().flatten();
        match statement {
            Some(statement)
                if statement.who != self.session.actor()
                    && self.session.has_key_of(&statement.who).unwrap_or(false) =>
            {
                self.waiting.push_back(Waiting {
                    asker,
                    command,
                    statement,
                });
                None
            }
            _ => Some(command),
        }
    }

    /// Asks the second person of the first act that waits.
    pub(super) fn ask_second(&mut self, trouble: &str) -> Flow {
        let Some(first) = self.waiting.front() else {
            return Flow::CONTINUE;
        };
        let who = first.statement.who.clone();
        let name = People::of(&self.session).name(&who);
        let words = format!(
            "{name} agrees to this with their own passphrase: {}.",
            first.statement.words
        );
        let intro = if trouble.is_empty() {
            words
        } else {
            format!("{trouble}\n{words}")
        };
        let typed = Rc::new(RefCell::new(None));
        let slot = Rc::clone(&typed);
        let form = Form::new(
            "Second person".to_owned(),
            vec![Entry::secret("Passphrase").needed()],
            move |values| {
                *slot.borrow_mut() = Some(values.text(0));
                Ok(Vec::new())
            },
        )
        .intro(intro);
        let owner = self.front();
        self.proving = Some(Proving {
            layer: self.coming_id(),
            who,
            typed,
        });
        self.open(owner, Box::new(form))
    }

    /// A dialog was closed: if it was the question to a second person, tells what waits for them.
    pub(super) fn second_asked(&mut self, layer: Id) -> Option<Flow> {
        let proving = self.proving.take_if(|proving| proving.layer == layer)?;
        let typed = proving.typed.borrow_mut().take();
        if let Some(passphrase) = &typed
            && let Err(error) = self.session.prove(&proving.who, passphrase)
        {
            return Some(self.ask_second(&format!("{error}.")).and_bell());
        }
        let (mine, rest): (VecDeque<Waiting>, VecDeque<Waiting>) =
            std::mem::take(&mut self.waiting)
                .into_iter()
                .partition(|waiting| waiting.statement.who == proving.who);
        self.waiting = rest;
        let mut flow = Flow::REDRAW;
        for Waiting { asker, command, .. } in mine {
            let result = match &typed {
                Some(passphrase) => self.session.tell_with(&command, passphrase),
                None => self.session.tell(command),
            };
            let effects = self.tell(asker, &result);
            flow = flow.and(self.carry_out(asker, effects));
        }
        Some(flow.and(self.refresh_all()))
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
    use crate::domain::device::{DeviceCommand, HoldKind};
    use crate::domain::order::OrderCommand;
    use crate::tui::screens::steps::testing::{LOOK, Shop};

    #[test]
    fn a_sequestered_device_is_released_by_somebody_elses_passphrase() {
        let shop = Shop::open();
        shop.second_key();
        let device = shop.device("BM-1", "S1");
        shop.session
            .tell(Command::Device(DeviceCommand::Hold {
                device,
                kind: HoldKind::Sequestered,
                reason: "near miss".to_owned(),
            }))
            .unwrap();
        let hold = shop.session.device(device).unwrap().device.holds[0]
            .stamp
            .dot;
        let release = || {
            vec![Effect::Tell(Box::new(Command::Order(
                OrderCommand::ReleaseSequestered {
                    device,
                    hold,
                    released_by: "mk".to_owned(),
                    reason: "photographed".to_owned(),
                },
            )))]
        };
        let mut desk = Desk::new(
            Opened {
                session: shop.session.beside(),
                notices: Vec::new(),
                new_store: false,
                greeting: None,
            },
            crate::keymap::load(None, None),
            LOOK,
        );
        let held = |desk: &Desk| !desk.session.device(device).unwrap().device.holds.is_empty();

        let _ = desk.carry_out(LOOKUP, release());
        assert_eq!(desk.in_front(), "Second person");
        press(&mut desk, KeyCode::Esc);
        assert!(held(&desk), "closing the question releases nothing");

        let _ = desk.carry_out(LOOKUP, release());
        enter(&mut desk, "not hers");
        assert_eq!(desk.in_front(), "Second person", "asked again");
        assert!(held(&desk));
        enter(&mut desk, crate::tui::screens::steps::testing::SECOND);
        assert!(!held(&desk));
    }
}
