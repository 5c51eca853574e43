//! Carrying out what screens ask for, in order.
//!
//! Invariants: an effect is carried out once, after those asked for before it; what came of a command is told to the
//! screen that asked, then everything visible reads again; a screen that keeps asking is stopped.

use std::collections::VecDeque;

use super::desk::{Desk, Id};
use super::screen::{Cx, Effect, Tone};
use super::sign::ToSign;
use crate::bench::Failure;
use crate::bench::query::Receipt;
use crate::keymap::Action;
use crate::tui::screens::confirm::Confirm;
use crate::tui::terminal::Flow;

/// More effects than this from one input are a loop.
const MOST: usize = 2_000;

impl Desk {
    /// Carries out effects that the screen with this number asked for.
    pub(super) fn carry_out(&mut self, origin: Id, effects: Vec<Effect>) -> Flow {
        let owner = self
            .layers
            .iter()
            .find(|m| m.id == origin)
            .map_or(origin, |m| m.owner);
        let mut queue: VecDeque<(Id, Effect)> =
            effects.into_iter().map(|effect| (origin, effect)).collect();
        let mut flow = Flow::CONTINUE;
        for _ in 0..MOST {
            let Some((from, effect)) = queue.pop_front() else {
                break;
            };
            flow = flow.and(match effect {
                Effect::Tell(command) => {
                    let asker = self.asker(from, owner);
                    if let Some(command) = self.wait_for_second(asker, *command) {
                        let told = match self.session.tell(command.clone()) {
                            Ok(receipt) => Some(Ok(receipt)),
                            Err(failure) => self.wait_for_name(asker, &command, failure).map(Err),
                        };
                        let more = told.map_or_else(Vec::new, |result| self.tell(asker, &result));
                        for effect in more.into_iter().rev() {
                            queue.push_front((asker, effect));
                        }
                        self.refresh_all()
                    } else {
                        Flow::REDRAW
                    }
                }
                Effect::Sign(request) => {
                    let asker = self.asker(from, owner);
                    self.signing.push_back((asker, ToSign::Inspection(request)));
                    Flow::REDRAW
                }
                Effect::Review(request) => {
                    let asker = self.asker(from, owner);
                    self.signing.push_back((asker, ToSign::Report(request)));
                    Flow::REDRAW
                }
                Effect::Go(place) => {
                    self.close_layers();
                    self.go(&place)
                }
                Effect::Back => self.back(from),
                Effect::Say(tone, words) => {
                    self.say(tone, words);
                    Flow::REDRAW
                }
                Effect::Bell => Flow::REDRAW.and_bell(),
                Effect::Copy(text) => self.copy(&text),
                Effect::Confirm { question, yes } => {
                    let asker = self.asker(from, owner);
                    let confirm = Confirm::new(question, yes, self.confirm_keys());
                    self.open(asker, Box::new(confirm))
                }
                Effect::TakeInHand { kind, tool } => {
                    self.session.take_in_hand(&kind, tool);
                    Flow::REDRAW
                }
                Effect::Narrow(by) => {
                    let mut cx = Cx {
                        session: &self.session,
                        effects: Vec::new(),
                        keymap: Some(&self.keymap.keymap),
                    };
                    self.queue.narrow(by, &mut cx);
                    Flow::REDRAW
                }
                Effect::Open(screen) => self.open(from, screen),
                Effect::Run(action) => self.run_named(action),
                Effect::DropTypedAhead => Flow::REDRAW.and_drop_typed_ahead(),
                Effect::NewStep => {
                    self.new_step = true;
                    Flow::REDRAW
                }
                Effect::WriteFiles(files) => self.write_files(&files),
            });
        }
        if !self.waiting.is_empty() && self.proving.is_none() {
            flow = flow.and(self.ask_second(""));
        }
        if !self.unnamed.is_empty() && self.naming.is_none() {
            let actor = self.session.actor().to_owned();
            flow = flow.and(self.ask_name("", &actor));
        }
        if !self.signing.is_empty() && self.asking.is_none() {
            flow = flow.and(self.go_on_signing());
        }
        flow
    }

    /// A question that was closed with yes speaks for whoever asked it.
    fn asker(&self, from: Id, owner: Id) -> Id {
        if self.screen(from).is_some() {
            from
        } else {
            owner
        }
    }

    /// Tells a screen what came of its command, and gives back what it asks for then.
    pub(super) fn tell(&mut self, asker: Id, result: &Result<Receipt, Failure>) -> Vec<Effect> {
        let (heard, effects) = self.with(asker, |screen, cx| screen.told(result, cx));
        if heard.is_none()
            && let Err(failure) = result
        {
            let hint = failure.hint().unwrap_or_default();
            self.say(Tone::Bad, format!("{failure} {hint}"));
        }
        effects
    }

    /// Going somewhere closes what stands in front of it.
    fn close_layers(&mut self) {
        while let Some(layer) = self.layers.pop() {
            let _ = self.asked(layer.id);
        }
    }

    fn confirm_keys(&self) -> (String, String) {
        let contexts = [crate::keymap::Context::Confirm];
        let key = |action, otherwise: &str| {
            self.keymap
                .keymap
                .first_key(&contexts, action)
                .unwrap_or_else(|| otherwise.to_owned())
        };
        (key(Action::ConfirmYes, "y"), key(Action::ConfirmNo, "n"))
    }

    fn copy(&mut self, text: &str) -> Flow {
        let Some(flow) = Flow::REDRAW.and_copy(text) else {
            self.say(
                Tone::Bad,
                "This is too long for the clipboard of a terminal.".to_owned(),
            );
            return Flow::REDRAW;
        };
        let shown = crate::tui::view::text::cut(text, 40);
        self.say(
            Tone::Good,
            format!("Copied {shown} to the clipboard of your terminal."),
        );
        flow
    }

    /// Writes text files into the technician's own folder: where the program was started, else at home.
    fn write_files(&mut self, files: &[(String, String)]) -> Flow {
        let home = std::env::var_os("HOME").map(std::path::PathBuf::from);
        let folders = [std::env::current_dir().ok(), home];
        let mut last = None;
        for folder in folders.into_iter().flatten() {
            match write_into(&folder, files) {
                Ok(names) => {
                    let names = names.join(" and ");
                    self.say(
                        Tone::Good,
                        format!("Written: {names}, in {}.", folder.display()),
                    );
                    return Flow::REDRAW;
                }
                Err(why) => last = Some(why),
            }
        }
        let why = last.unwrap_or_else(|| "no folder to write to".to_owned());
        self.say(
            Tone::Bad,
            format!("The file could not be written ({why}). The record itself is safe."),
        );
        Flow::REDRAW.and_bell()
    }
}

/// Writes files under names without anything that a path could hide in; gives the names back.
fn write_into(folder: &std::path::Path, files: &[(String, String)]) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for (name, text) in files {
        let name: String = name
            .trim_start_matches('.')
            .chars()
            .map(|c| match c {
                c if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') => c,
                _ => '_',
            })
            .collect();
        let path = folder.join(&name);
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        names.push(name);
    }
    Ok(names)
}
