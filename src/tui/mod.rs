//! The terminal face. `app` (model, messages, update: pure), `screens` (one file each), `view` (drawing and theme),
//! `input` (terminal events to messages, scans, pastes), `terminal` (modes, signals, threads: the only code that touches
//! crossterm's terminal).
//!
//! May use: `bench`, `keymap`. `view` never changes the model.

pub mod app;
pub mod input;
pub mod screens;
pub mod terminal;
pub mod view;

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};

use crate::bench::Failure;
use crate::keymap::Loaded;
use app::{App, Msg, Opened, Progress};
use input::InputOptions;
use terminal::{ColourDepth, Exit, Options, TerminalError};
use view::Look;

/// How to run the terminal face.
pub struct TuiOptions {
    /// The keymap in force, with what there is to say about it.
    pub keymap: Loaded,
    /// ASCII frames and marks.
    pub ascii: bool,
    /// Plain lines for screen readers.
    pub plain: bool,
    /// How keys and labels are told apart.
    pub input: InputOptions,
}

/// How it ended.
#[derive(Debug)]
pub enum Ended {
    /// The terminal was left.
    Left(Exit),
    /// There was no bench to work at; the technician has read why.
    NoBench(Failure),
}

/// Runs the terminal face until it is left. `open` opens the bench on a thread of its own, so that the first frame
/// appears at once; it is given what hears of long work.
pub fn run(
    open: impl FnOnce(Progress) -> Result<Opened, Failure> + Send + 'static,
    options: TuiOptions,
) -> Result<Ended, TerminalError> {
    let capabilities = terminal::capabilities_here(options.ascii, options.plain)?;
    let failed: Arc<Mutex<Option<Failure>>> = Arc::default();
    let keep = Arc::clone(&failed);
    let terminal_options = Options {
        capabilities,
        input: options.input,
    };
    let exit = terminal::run(&terminal_options, move |workers, capabilities| {
        let look = Look {
            mono: capabilities.colour == ColourDepth::None,
            ascii: capabilities.ascii,
            plain: capabilities.plain,
        };
        workers.spawn("opening", move |workers| {
            let tell = workers.clone();
            let progress: Progress = Arc::new(move |step| {
                tell.send(Msg::Progress(step));
            });
            let message = match open(progress) {
                Ok(opened) => Msg::Opened(Box::new(opened)),
                Err(failure) => Msg::Failed(failure),
            };
            workers.send(message);
        });
        App::new(
            options.keymap,
            look,
            move |session| {
                let changes = session.watch();
                workers.spawn("watching", move |workers| {
                    while let Ok(mut change) = changes.recv() {
                        // Much at once is looked at once.
                        for more in changes.try_iter() {
                            change.changed.extend(more.changed);
                            change.revision = change.revision.max(more.revision);
                        }
                        let (taken_in, looked) = channel();
                        if !workers.send(Msg::Changed(change, Some(taken_in))) {
                            break;
                        }
                        // The next only when this one was looked at: a busy shop's news never pile up before what is typed.
                        let _ = looked.recv();
                    }
                });
            },
            move |failure| {
                let mut slot = keep.lock().unwrap_or_else(PoisonError::into_inner);
                *slot = Some(failure.clone());
            },
        )
    })?;
    let failure = failed.lock().unwrap_or_else(PoisonError::into_inner).take();
    Ok(match failure {
        Some(failure) => Ended::NoBench(failure),
        None => Ended::Left(exit),
    })
}
