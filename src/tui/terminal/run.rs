//! The loop: one channel for everything that happens, one thread that decides and draws.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyEvent};
use crossterm::style::force_color_output;

use super::frame::Screen;
use super::modes::{self, Modes};
use super::program::{Closing, Flow, Input, Painted, Program};
use super::watch::{self, Outside};
use super::{Capabilities, Workers};
use crate::tui::input::{Decoded, Decoder, InputOptions, Judge};

/// A flood of messages may delay a frame by this much, no more.
const LONGEST_DRAIN: Duration = Duration::from_millis(30);
/// A program that does not move its wake time on is woken at this pace.
const SHORTEST_WAKE: Duration = Duration::from_millis(10);
/// Events of one burst are stamped with one time; a stamp is never older than this many events.
const BURST: usize = 256;

/// How to run a program.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the terminal can show.
    pub capabilities: Capabilities,
    /// How keys and labels are told apart.
    pub input: InputOptions,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It asked to.
    Quit,
    /// The line is gone.
    HangUp,
    /// A terminating signal, by number.
    Signal(i32),
}

/// Why no full-screen program can run here.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// The terminal cannot do it; nothing was written to it.
    #[error("{0}")]
    Refused(String),
    /// The terminal failed while in use. What was shown as saved is saved.
    #[error(
        "the terminal failed: {0}. What was shown as saved is saved; open tagout again to go on."
    )]
    Io(#[from] io::Error),
}

impl TerminalError {
    /// The process's exit code: 2 for a refusal (wrong use), 1 otherwise.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) => 2,
            Self::Io(_) => 1,
        }
    }
}

/// The capabilities of the terminal this process runs in. Refuses when input or output is not a terminal.
pub fn capabilities_here(ascii: bool, plain: bool) -> Result<Capabilities, TerminalError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(TerminalError::Refused(
            "this is not a terminal: input or output goes to a file or a pipe. Nothing was changed. Over ssh use \
             `ssh -t`, or use the line commands: tagout --help."
                .into(),
        ));
    }
    Capabilities::detect(|name| std::env::var(name).ok(), ascii, plain)
}

/// Everything that can arrive at the UI thread.
#[derive(Debug)]
pub(super) enum Incoming<M> {
    Terminal(Event, Instant),
    InputFailed(io::Error),
    Outside(Outside),
    Worker(M),
    WorkerFailed { name: &'static str, reason: String },
}

/// Runs a program until it ends. Only one can run in a process, and only once: the input thread cannot be taken back.
///
/// `start` is called when the terminal is ready but before the first frame; slow things belong on a worker, so that
/// the first frame appears at once.
pub fn run<P: Program>(
    options: &Options,
    start: impl FnOnce(Workers<P::Msg>, &Capabilities) -> P,
) -> Result<Exit, TerminalError> {
    static STARTED: AtomicBool = AtomicBool::new(false);
    if STARTED.swap(true, Ordering::SeqCst) {
        return Err(TerminalError::Io(io::Error::other(
            "a program already ran in this process",
        )));
    }
    let (channel, inbox) = mpsc::channel();
    modes::install_panic_hook();
    // crossterm would turn every colour into a full reset under NO_COLOR and lose bold and reverse with it; what
    // NO_COLOR means is decided by the capabilities.
    force_color_output(true);
    let tell = channel.clone();
    watch::start(move |outside| tell.send(Incoming::Outside(outside)).is_ok())?;
    let modes = Modes::enter()?;
    // crossterm begins to notice window changes at its first poll; one before the first frame, or a change in between
    // would be lost.
    event::poll(Duration::ZERO)?;
    let screen = Screen::open(&options.capabilities)?;
    read_input(channel.clone())?;
    let program = start(Workers::new(channel), &options.capabilities);
    let mut shell = Shell {
        _modes: modes,
        screen,
        program,
        decoder: Decoder::new(options.input.clone()),
        deaf: Deaf::No,
        dirty: true,
        ended: None,
        last_wake: None,
        continued: false,
    };
    let exit = shell.work(&inbox)?;
    tracing::info!("terminal closed: {exit:?}");
    Ok(exit)
}

/// Reads the terminal's events and stamps them with the time they arrived. Events that were waiting together get one
/// stamp: they came together, however long this thread was kept from the processor between them.
fn read_input<M: Send + 'static>(channel: Sender<Incoming<M>>) -> io::Result<()> {
    let work = move || {
        loop {
            let mut stamp = None;
            for _ in 0..BURST {
                let read = event::read();
                let at = *stamp.get_or_insert_with(Instant::now);
                let message = match read {
                    Ok(event) => Incoming::Terminal(event, at),
                    Err(e) => Incoming::InputFailed(e),
                };
                let failed = matches!(message, Incoming::InputFailed(_));
                if channel.send(message).is_err() || failed {
                    return;
                }
                if !event::poll(Duration::ZERO).unwrap_or(false) {
                    break;
                }
            }
        }
    };
    thread::Builder::new().name("input".into()).spawn(work)?;
    Ok(())
}

/// Whether input that was typed ahead is being dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deaf {
    No,
    /// Until the next frame is painted.
    UntilPainted,
    /// Everything pressed before this moment.
    Before(Instant),
}

/// Lets the decoder ask the program.
struct Asks<'a, P>(&'a P);

impl<P: Program> Judge for Asks<'_, P> {
    fn is_known(&self, text: &str) -> bool {
        self.0.is_known(text)
    }
    fn harmless(&self, key: &KeyEvent) -> bool {
        self.0.harmless(key)
    }
    fn answers(&self, key: &KeyEvent) -> bool {
        self.0.answers(key)
    }
}

/// Fields are dropped in this order: the terminal is given back before the program, which may take a while, goes.
struct Shell<P> {
    _modes: Modes,
    screen: Screen,
    program: P,
    decoder: Decoder,
    deaf: Deaf,
    dirty: bool,
    ended: Option<Exit>,
    last_wake: Option<Instant>,
    /// The next SIGCONT tells of a continuation that was seen already.
    continued: bool,
}

impl<P: Program> Shell<P> {
    fn work(&mut self, inbox: &Receiver<Incoming<P::Msg>>) -> Result<Exit, TerminalError> {
        loop {
            if let Some(exit) = self.ended {
                return Ok(exit);
            }
            if self.dirty && self.line_is_free_at().is_none_or(|at| at <= Instant::now()) {
                self.paint()?;
            }
            let first = match self.next_deadline() {
                None => inbox.recv().ok(),
                Some(at) => {
                    match inbox.recv_timeout(at.saturating_duration_since(Instant::now())) {
                        Ok(message) => Some(message),
                        Err(RecvTimeoutError::Timeout) => None,
                        Err(RecvTimeoutError::Disconnected) => return Ok(Exit::Quit),
                    }
                }
            };
            // Take in all that waits, so that a burst becomes one frame.
            let began = Instant::now();
            let mut next = first;
            let mut certain = None;
            let mut arrived = began;
            while let Some(message) = next {
                if let Incoming::Terminal(_, at) = &message {
                    arrived = *at;
                }
                self.take(message)?;
                if self.ended.is_some() {
                    break;
                }
                if began.elapsed() > LONGEST_DRAIN {
                    certain = Some(arrived.min(began));
                    break;
                }
                next = inbox.try_recv().ok();
            }
            // Held keys are let go by the clock only when nothing that arrived earlier still waits, as it may belong
            // to them; under a flood of messages that is certain only up to the last event taken in. (The rest of a
            // label may wait behind it, and a slow frame before it must not cut the label in two.)
            if self.ended.is_none() {
                self.let_time_pass(certain.unwrap_or_else(Instant::now));
            }
        }
    }

    fn next_deadline(&self) -> Option<Instant> {
        let paint = self.line_is_free_at();
        [self.wake_due(), self.decoder.wake_at(), paint]
            .into_iter()
            .flatten()
            .min()
    }

    /// When the line can take the frame that waits; what happens until then goes into it.
    fn line_is_free_at(&self) -> Option<Instant> {
        self.screen.free_at().filter(|_| self.dirty)
    }

    fn wake_due(&self) -> Option<Instant> {
        let at = self.program.wake_at()?;
        Some(
            self.last_wake
                .map_or(at, |last| at.max(last + SHORTEST_WAKE)),
        )
    }

    fn let_time_pass(&mut self, now: Instant) {
        let mut decoded = Vec::new();
        self.decoder.tick(now, &Asks(&self.program), &mut decoded);
        self.deliver(decoded);
        if self.ended.is_none() && self.wake_due().is_some_and(|at| at <= now) {
            self.last_wake = Some(now);
            self.update(Input::Wake);
        }
    }

    fn take(&mut self, message: Incoming<P::Msg>) -> Result<(), TerminalError> {
        match message {
            // The window's size comes from the signal thread, which never waits behind half a key.
            Incoming::Terminal(Event::Resize(..), _) => {}
            Incoming::Terminal(event, at) => {
                if self.is_deaf_to(at) {
                    return Ok(());
                }
                let mut decoded = Vec::new();
                self.decoder
                    .feed(&event, at, &Asks(&self.program), &mut decoded);
                self.deliver(decoded);
            }
            Incoming::InputFailed(e) => {
                tracing::warn!("reading the terminal failed: {e}");
                self.close(Closing::HangUp);
            }
            Incoming::Outside(Outside::Resized) => {
                // Painted anew even if the size is what it was: it may have been smaller in between, and what the
                // terminal cut off then is gone from the glass.
                if self.screen.measure()? {
                    self.update(Input::Resize(self.screen.size()));
                }
                self.screen.forget()?;
                self.dirty = true;
            }
            // After a suspension of our own making the terminal was taken again already.
            Incoming::Outside(Outside::Continued) => {
                if !std::mem::take(&mut self.continued) {
                    self.resume();
                }
            }
            Incoming::Outside(Outside::StopAsked) => self.suspend(),
            Incoming::Outside(Outside::Terminate(signal)) => self.close(Closing::Terminate(signal)),
            Incoming::Outside(Outside::HungUp) => self.close(Closing::HangUp),
            Incoming::Worker(message) => self.update(Input::Worker(message)),
            Incoming::WorkerFailed { name, reason } => {
                self.update(Input::WorkerFailed { name, reason });
            }
        }
        Ok(())
    }

    fn is_deaf_to(&self, at: Instant) -> bool {
        match self.deaf {
            Deaf::No => false,
            Deaf::UntilPainted => true,
            Deaf::Before(painted) => at < painted,
        }
    }

    fn deliver(&mut self, decoded: Vec<Decoded>) {
        for one in decoded {
            // A dialog that opened on the key before drops the rest of what was typed with it.
            if self.ended.is_some() || self.deaf == Deaf::UntilPainted {
                return;
            }
            self.update(match one {
                Decoded::Key(press) => Input::Key(press),
                Decoded::Scan(scan) => Input::Scan(scan),
                Decoded::BrokenScan(text) => Input::BrokenScan(text),
                Decoded::Paste(text) => Input::Paste(text),
            });
        }
    }

    fn update(&mut self, input: Input<P::Msg>) {
        let flow = self.program.update(input, Instant::now());
        self.obey(flow);
    }

    fn obey(&mut self, flow: Flow) {
        self.dirty |= flow.redraw;
        if flow.drop_typed_ahead {
            self.deaf = Deaf::UntilPainted;
            self.decoder.clear();
        }
        // A terminal that takes nothing any more is noticed at the next frame and by the watchdog; a bell is not worth
        // an error of its own.
        if flow.repaint {
            let _ = self.screen.forget();
        }
        if flow.bell {
            self.screen.bell();
            self.dirty = true;
        }
        if let Some(text) = &flow.copy {
            let _ = self.screen.copy(text);
        }
        if flow.quit {
            self.ended = Some(Exit::Quit);
        } else if flow.suspend {
            self.suspend();
        }
    }

    fn suspend(&mut self) {
        if !watch::can_suspend() {
            let now = Instant::now();
            let mut flow = self.program.update(Input::CannotSuspend, now);
            flow.suspend = false;
            self.obey(flow);
            return;
        }
        self.decoder.clear();
        modes::leave();
        match watch::stop() {
            Ok(()) => self.continued = true,
            Err(e) => tracing::warn!("could not stop: {e}"),
        }
        self.resume();
    }

    /// Takes the terminal again. The kernel sends SIGCONT together with SIGHUP when a line dies, so errors here must
    /// not overtake the clean end.
    fn resume(&mut self) {
        let again = modes::enter_again()
            .and_then(|()| self.screen.measure())
            .and_then(|_| self.screen.forget());
        if let Err(e) = again {
            tracing::warn!("could not take the terminal again: {e}");
            return;
        }
        self.dirty = true;
        self.update(Input::Resume);
    }

    fn close(&mut self, closing: Closing) {
        if self.ended.is_some() {
            return;
        }
        let now = Instant::now();
        let _ = self.program.update(Input::Closing(closing), now);
        self.ended = Some(match closing {
            Closing::HangUp => Exit::HangUp,
            Closing::Terminate(signal) => Exit::Signal(signal),
        });
    }

    fn paint(&mut self) -> Result<(), TerminalError> {
        self.dirty = false;
        let program = &mut self.program;
        match self.screen.draw(|frame| program.draw(frame)) {
            Ok((frame, at)) => {
                if self.deaf == Deaf::UntilPainted {
                    self.deaf = Deaf::Before(at);
                }
                self.program.painted(Painted { frame, at });
                Ok(())
            }
            // EIO is what a line that is gone answers; anything else is a real failure.
            Err(e) if e.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => {
                self.close(Closing::HangUp);
                Ok(())
            }
            Err(e) => Err(e.into()),
        }
    }
}
