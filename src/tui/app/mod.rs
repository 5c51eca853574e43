//! The application on screen: the program that the terminal runs.
//!
//! | file | idea |
//! | --- | --- |
//! | [`screen`] | what a screen is to the app |
//! | [`mod@desk`] | the model while a store is open: panes, places, dialogs, focus |
//! | `keys` | from a key press to an action, and the actions of the program itself |
//! | `effects` | carrying out what screens ask for, in order |
//! | `places` | which screen shows a place |
//! | `scan` | labels, wherever they are scanned |
//! | `sign` | passphrase, PIN and signature |
//! | `second` | the passphrase of a second person |
//! | `layout`, `draw` | what is visible at this size, and drawing it |
//!
//! Invariants: the first frame needs no store; commands are told in the order they were asked for and shown as saved only
//! after they are; nothing that is off-screen has the keys; a key that was pressed before a step was painted answers
//! nothing.

mod arrival;
mod bells;
pub mod desk;
mod draw;
mod effects;
mod keys;
mod layout;
mod places;
mod scan;
pub mod screen;
mod second;
mod sign;
#[cfg(test)]
mod testing;
mod who;

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Instant;

use crossterm::event::KeyEvent;
use ratatui::Frame;

use crate::bench::link::Step;
use crate::bench::query::Change;
use crate::bench::{Failure, Session};
use crate::keymap::{KeyCombo, Loaded};
use crate::tui::input::Press;
use crate::tui::terminal::{Flow, Input, Painted, Program};
use crate::tui::view::Look;

pub use desk::Desk;

/// Hears how far opening is.
pub type Progress = Arc<dyn Fn(Step) + Send + Sync>;

/// A way to an open bench, and what there is to say about it.
pub struct Opened {
    /// The session of the technician who sits there.
    pub session: Session,
    /// What opening the store had to say.
    pub notices: Vec<String>,
    /// The store was just made, and nobody saw its first page yet.
    pub new_store: bool,
    /// A sentence for who sits down at it, if there is something to know.
    pub greeting: Option<String>,
}

/// What workers report.
pub enum Msg {
    /// Opening takes a while.
    Progress(Step),
    /// The bench is open.
    Opened(Box<Opened>),
    /// It could not be opened.
    Failed(Failure),
    /// Somebody changed something; what is with it is dropped when it was looked at.
    Changed(Change, Option<Sender<()>>),
}

/// Hears of the open bench, once.
type OnOpened = Box<dyn FnMut(&Session)>;

enum Stage {
    /// The store is being opened on a worker.
    Opening(Option<Step>),
    /// At work.
    Open(Box<Desk>),
    /// There is no bench to work at.
    Failed(Failure),
}

/// The program.
pub struct App {
    stage: Stage,
    keymap: Option<Loaded>,
    look: Look,
    size: (u16, u16),
    opened: OnOpened,
    failed: Box<dyn FnMut(&Failure)>,
}

impl App {
    /// A program that waits for its bench. `opened` hears of the open bench (to watch it), `failed` of why there is none.
    pub fn new(
        keymap: Loaded,
        look: Look,
        opened: impl FnMut(&Session) + 'static,
        failed: impl FnMut(&Failure) + 'static,
    ) -> Self {
        Self {
            stage: Stage::Opening(None),
            keymap: Some(keymap),
            look,
            size: (80, 24),
            opened: Box::new(opened),
            failed: Box::new(failed),
        }
    }

    /// The desk, once the store is open.
    pub fn desk(&self) -> Option<&Desk> {
        match &self.stage {
            Stage::Open(desk) => Some(desk),
            _ => None,
        }
    }

    fn worker(&mut self, message: Msg, now: Instant) -> Flow {
        match (message, &mut self.stage) {
            (Msg::Progress(step), Stage::Opening(progress)) => *progress = Some(step),
            (Msg::Opened(opened), Stage::Opening(_)) => {
                (self.opened)(&opened.session);
                if let Some(keymap) = self.keymap.take() {
                    let mut desk = Desk::new(*opened, keymap, self.look.clone());
                    let flow = desk.resized(self.size);
                    desk.plan_wake(now);
                    self.stage = Stage::Open(Box::new(desk));
                    return flow.and(Flow::REDRAW);
                }
            }
            (Msg::Failed(failure), _) => {
                (self.failed)(&failure);
                self.stage = Stage::Failed(failure);
            }
            (Msg::Changed(change, _), Stage::Open(desk)) => {
                let flow = desk.changed(&change);
                desk.plan_wake(now);
                return flow;
            }
            _ => return Flow::CONTINUE,
        }
        Flow::REDRAW
    }

    /// Keys while there is no desk: only leaving.
    fn key_without_desk(&self, press: &Press) -> Flow {
        let key = KeyCombo::from(press.key);
        let leave = key == KeyCombo::char('q') || key.ctrl_char() == Some('c');
        if leave {
            return Flow::QUIT;
        }
        match (key.ctrl_char(), &self.stage) {
            (Some('l'), _) => Flow::REPAINT,
            (Some('z'), _) => Flow::SUSPEND,
            _ => Flow::CONTINUE,
        }
    }
}

impl Program for App {
    type Msg = Msg;

    fn update(&mut self, input: Input<Msg>, now: Instant) -> Flow {
        match (input, &mut self.stage) {
            (Input::Resize(size), stage) => {
                self.size = (size.width, size.height);
                match stage {
                    Stage::Open(desk) => {
                        let flow = desk.resized(self.size);
                        desk.plan_wake(now);
                        flow.and(Flow::REDRAW)
                    }
                    _ => Flow::REDRAW,
                }
            }
            (Input::Worker(message), _) => self.worker(message, now),
            (Input::WorkerFailed { name, reason }, Stage::Opening(_)) => {
                let failure = Failure::Store {
                    words: format!(
                        "Opening the store broke off ({name}: {reason}). Nothing was changed. Run \"tagout doctor\"; \
                         if it finds damage, run \"tagout recover\"."
                    ),
                    read_only: false,
                    refused: false,
                };
                self.worker(Msg::Failed(failure), now)
            }
            (Input::Closing(_), _) => Flow::CONTINUE,
            (Input::Key(press), Stage::Open(desk)) => desk.key(&press, now),
            (Input::Key(press), _) => self.key_without_desk(&press),
            (input, Stage::Open(desk)) => desk.other(input, now),
            (_, _) => Flow::REDRAW,
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        self.size = (area.width, area.height);
        match &mut self.stage {
            Stage::Opening(progress) => draw::opening(frame, &self.look, progress.as_ref()),
            Stage::Failed(failure) => draw::failed(frame, &self.look, failure),
            Stage::Open(desk) => desk.draw(frame),
        }
    }

    fn painted(&mut self, painted: Painted) {
        if let Stage::Open(desk) = &mut self.stage {
            desk.painted(painted.at);
        }
    }

    fn wake_at(&self) -> Option<Instant> {
        self.desk().and_then(Desk::wake_at)
    }

    fn is_known(&self, text: &str) -> bool {
        self.desk().is_some_and(|desk| desk.is_known(text))
    }

    fn harmless(&self, key: &KeyEvent) -> bool {
        self.desk().is_some_and(|desk| desk.harmless(*key))
    }

    fn answers(&self, key: &KeyEvent) -> bool {
        self.desk().is_some_and(|desk| desk.answers(*key))
    }
}
