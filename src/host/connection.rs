//! One session at the host: its greeting, its calls one after the other, and the news it asked for.
//!
//! Two threads: one reads calls and answers them, one writes the news. News wait in a short queue; a session that does not
//! read is not waited for: it loses single news and is told once to look at everything again.

use std::io::BufReader;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::socket::getsockopt;
use nix::sys::socket::sockopt::PeerCredentials;

use super::frame::{self, FrameError};
use super::repeat::may_repeat;
use super::server::{Shared, TurnedAway};
use super::status::SessionLine;
use super::wire::{self, Answerer, Caller, FromHost, Greeting, OLDEST, ToHost, VERSION};
use crate::bench::Failure;
use crate::bench::link::Link as _;
use crate::bench::query::Change;
use crate::bench::seat::{Peer, Seat};

/// How long a caller may take to greet.
const GREETING: Duration = Duration::from_secs(5);
/// How long a session may take to read what it is sent before it is let go.
const READING: Duration = Duration::from_secs(30);
/// Messages that wait for a session at most.
const WAITING: usize = 256;
/// The longest text of what a session does.
const LONGEST_DOING: usize = 80;

/// The way to a session, for news.
#[derive(Clone)]
pub struct Outbox {
    queue: SyncSender<FromHost>,
    /// The line, for answers: one thread less to wake than by the queue.
    line: Arc<Mutex<UnixStream>>,
    /// News were lost; the session shall look at everything again.
    lost: Arc<AtomicBool>,
    /// It wants news.
    watches: Arc<AtomicBool>,
}

impl Outbox {
    fn new(line: UnixStream) -> (Self, Receiver<FromHost>) {
        let (queue, waiting) = sync_channel(WAITING);
        let outbox = Self {
            queue,
            line: Arc::new(Mutex::new(line)),
            lost: Arc::default(),
            watches: Arc::default(),
        };
        (outbox, waiting)
    }

    /// Sends news, without waiting.
    pub fn tell(&self, change: &Change) {
        if !self.watches.load(Ordering::SeqCst) {
            return;
        }
        if let Err(TrySendError::Full(_)) = self.queue.try_send(FromHost::Changed(change.clone())) {
            self.lost.store(true, Ordering::SeqCst);
        }
    }

    /// Says goodbye, without waiting.
    pub fn leave(&self, why: &str) {
        let _ = self.queue.try_send(FromHost::Leaving(why.to_owned()));
    }

    /// Sends an answer; waits for a slow reader.
    fn answer(&self, message: FromHost) -> Result<(), FrameError> {
        let sent = self.send(&message);
        match (&sent, &message) {
            (Err(FrameError::TooLong(_) | FrameError::Codec(_)), FromHost::Done { id, .. }) => self
                .send(&FromHost::Done {
                    id: *id,
                    result: Err(too_long()),
                }),
            _ => sent,
        }
    }

    fn send(&self, message: &FromHost) -> Result<(), FrameError> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        wire::send(&mut *line, message)
    }
}

/// Serves one caller until it leaves.
pub fn serve(shared: &Arc<Shared>, line: UnixStream) {
    let peer = match getsockopt(&line, PeerCredentials) {
        Ok(peer) => peer,
        Err(error) => {
            tracing::warn!("a caller without an account was let go: {error}");
            return;
        }
    };
    let who = SessionLine {
        uid: peer.uid(),
        user: super::account::name_of(peer.uid()),
        process: peer.pid(),
        terminal: String::new(),
        since: shared.now(),
        doing: String::new(),
    };
    if let Err(error) = talk(shared, line, who) {
        tracing::info!("a session ended: {error}");
    }
}

fn talk(
    shared: &Arc<Shared>,
    mut line: UnixStream,
    mut who: SessionLine,
) -> Result<(), FrameError> {
    line.set_read_timeout(Some(GREETING))?;
    line.set_write_timeout(Some(READING))?;
    let Some((theirs, details)) = wire::greeted(&mut line)? else {
        tracing::warn!("a caller that does not speak tagout's protocol was let go");
        return Ok(());
    };
    let Some(version) = wire::agreed(theirs) else {
        return turn_away(&mut line, &shared.skew(theirs));
    };
    let caller: Caller = crate::journal::codec::decode(&details)?;
    who.terminal = plain(&caller.terminal);
    who.doing = plain(&caller.doing);
    let (outbox, waiting) = Outbox::new(line.try_clone()?);
    let guest = match shared.enter(who.clone(), outbox.clone(), line.try_clone()?) {
        Ok(guest) => guest,
        Err(refused) => return turn_away(&mut line, &refused),
    };
    let answer = Greeting {
        oldest: OLDEST,
        newest: version.min(VERSION),
        step_down: false,
    };
    let mut details = Answerer {
        build: env!("CARGO_PKG_VERSION").to_owned(),
        process: std::process::id(),
        notices: shared.notices(),
        new_store: shared.first_visit(&caller),
    };
    details.notices.truncate(20);
    wire::greet(&mut line, answer, &details)?;
    line.set_read_timeout(None)?;
    let lost = Arc::clone(&outbox.lost);
    let out = Arc::clone(&outbox.line);
    let writer = thread::Builder::new()
        .name("to a session".into())
        .spawn(move || write(&out, &waiting, &lost))?;
    let peer = Peer {
        uid: who.uid,
        account: who.user.clone(),
        inside: false,
    };
    let seat = Seat::new(shared.bench(), shared.tasks(), peer);
    let ended = answer_calls(shared, &seat, &line, &outbox, guest.number());
    drop(guest);
    drop(outbox);
    // The writer ends when the last sender is gone, or when the line is.
    let _ = line.shutdown(std::net::Shutdown::Read);
    let _ = writer.join();
    ended
}

/// Tells a caller why it is not taken in, in words that every version can read.
fn turn_away(line: &mut UnixStream, why: &TurnedAway) -> Result<(), FrameError> {
    let none = Greeting {
        oldest: OLDEST,
        newest: 0,
        step_down: why.leaving,
    };
    wire::greet(line, none, &why.words)
}

fn answer_calls(
    shared: &Arc<Shared>,
    seat: &Seat,
    line: &UnixStream,
    outbox: &Outbox,
    number: u64,
) -> Result<(), FrameError> {
    let mut from = BufReader::with_capacity(16 << 10, line.try_clone()?);
    loop {
        let message: ToHost = match frame::receive(&mut from) {
            Ok(message) => message,
            Err(FrameError::Gone) => return Ok(()),
            Err(error @ (FrameError::TooLong(_) | FrameError::Codec(_))) => {
                outbox.leave(&format!(
                    "what this session sent cannot be understood: {error}"
                ));
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        match message {
            ToHost::Call { id, call } => {
                let busy = shared.busy();
                let Some(_busy) = busy else {
                    outbox.answer(FromHost::Leaving("it is being stopped".to_owned()))?;
                    return Ok(());
                };
                let mut hear = |step| {
                    let _ = outbox.queue.try_send(FromHost::Step { id, step });
                };
                let again = may_repeat(&call);
                let result = guarded(|| seat.call(call, &mut hear));
                if result.is_err()
                    && let Some(why) = shared.leave_if_down()
                {
                    // The session asks the next host again, where that cannot do it twice; else it hears what happened.
                    if !again {
                        outbox.answer(FromHost::Done { id, result })?;
                    }
                    outbox.answer(FromHost::Leaving(why))?;
                    return Ok(());
                }
                outbox.answer(FromHost::Done { id, result })?;
            }
            ToHost::Watch => outbox.watches.store(true, Ordering::SeqCst),
            ToHost::Doing(words) => shared.doing(number, plain(&words)),
            ToHost::Status { id } => outbox.answer(FromHost::Status {
                id,
                status: shared.status(number),
            })?,
            ToHost::Stop { id } => {
                let result = shared.ask_to_stop(number);
                let stops = result.is_ok();
                outbox.answer(FromHost::Done {
                    id,
                    result: result.map(|()| crate::bench::link::Reply::Count(0)),
                })?;
                if stops {
                    return Ok(());
                }
            }
        }
    }
}

/// A fault of the program's own ends the call, not the host.
fn guarded<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Failure::Store {
            words: "tagout met a fault of its own while it did this; the log says where. What was confirmed as saved is \
                    in the journal. Look at the record before you try again"
                .to_owned(),
            read_only: false,
            refused: false,
        })
    })
}

fn write(out: &Mutex<UnixStream>, waiting: &Receiver<FromHost>, lost: &AtomicBool) {
    let send = |message: &FromHost| {
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        wire::send(&mut *out, message)
    };
    while let Ok(message) = waiting.recv() {
        let mut sent = send(&message);
        if sent.is_ok() && lost.swap(false, Ordering::SeqCst) {
            sent = send(&FromHost::Changed(Change {
                changed: Vec::new(),
                revision: 0,
            }));
        }
        if let Err(error) = sent {
            tracing::info!("a session could not be written to: {error}");
            let out = out.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = out.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

fn too_long() -> Failure {
    Failure::Store {
        words: "the answer is longer than one message may be. Ask for less at once".to_owned(),
        read_only: false,
        refused: true,
    }
}

/// A short text without control characters.
fn plain(text: &str) -> String {
    crate::identify::text::clean(text)
        .chars()
        .take(LONGEST_DOING)
        .collect()
}
