//! A session's end of the line: calls the host, hears its news, and finds or starts another host when it is gone.
//!
//! Invariants: a call that was on its way when the host died is sent again only if that cannot do it twice; news after a
//! break begin with "look at everything again"; a caller never waits without an end.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use super::frame::{self, FrameError};
use super::paths;
use super::repeat::{is_short, may_repeat};
use super::spawn::Starter;
use super::status::HostStatus;
use super::trouble::{broken, hung, nobody, silent, trouble};
use super::wire::{self, Answerer, Caller, FromHost, Greeting, OLDEST, ToHost, VERSION};
use crate::bench::Failure;
use crate::bench::link::{Call, Link, Reply, Step};
use crate::bench::query::Change;

/// What a terminal face says that it does when it comes.
pub const TERMINAL_FACE: &str = "terminal";

/// How long a host may take to answer the greeting.
const GREETING: Duration = Duration::from_secs(2);
/// How long a session looks for a host, or for a new one after a break.
const LOOKING: Duration = Duration::from_secs(20);
/// How long a session that only waits for news looks before it says that the host is away, and goes on looking.
const SOON: Duration = Duration::from_secs(2);
/// How long it rests between two such looks.
const AGAIN: Duration = Duration::from_millis(500);
/// How long a host may take to answer what needs no long work.
const ANSWERING: Duration = Duration::from_secs(60);
/// How long to wait between two looks.
const BETWEEN: Duration = Duration::from_millis(10);

/// How a session gets to the host.
pub struct Route {
    /// The socket.
    pub socket: std::path::PathBuf,
    /// The account that the host must be of, or root (a socket made by the system).
    pub owner: u32,
    /// Starts a host when none answers; `None` when only others may.
    pub starter: Option<Starter>,
    /// Who comes.
    pub caller: Caller,
    /// Whom to ask when there is no host and none can be started.
    pub whom_to_ask: String,
}

/// What the host said when the session came.
#[derive(Clone, Debug, Default)]
pub struct Welcome {
    /// What opening the store had to say.
    pub notices: Vec<String>,
    /// This session is the first face of a new store.
    pub new_store: bool,
}

/// What a waiting caller is sent.
enum News {
    Step(Step),
    Done(Result<Reply, Failure>),
    Status(HostStatus),
    Broken,
}

/// The line that is in use, if any.
struct Current {
    line: Option<UnixStream>,
    /// Counts the lines, so that the end of an old one says nothing about a new one.
    number: u64,
    waiting: BTreeMap<u64, Sender<News>>,
    last_words: Option<String>,
}

struct Inner {
    route: Route,
    current: Mutex<Current>,
    /// Held while a host is looked for, so that only one thread does.
    looking: Mutex<()>,
    watchers: Mutex<Vec<Sender<Change>>>,
    watches: AtomicBool,
    next: AtomicU64,
    breaks: AtomicU64,
    /// Why there is no host, once that was looked for in vain.
    away: Mutex<Option<String>>,
}

/// A session's end of the line.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Client {
    /// Finds the host of the store, or starts it.
    pub fn connect(route: Route, hear: &dyn Fn(Step)) -> Result<(Self, Welcome), Failure> {
        let client = Self(Arc::new(Inner {
            route,
            current: Mutex::new(Current {
                line: None,
                number: 0,
                waiting: BTreeMap::new(),
                last_words: None,
            }),
            looking: Mutex::new(()),
            watchers: Mutex::default(),
            watches: AtomicBool::new(false),
            next: AtomicU64::new(1),
            breaks: AtomicU64::new(0),
            away: Mutex::default(),
        }));
        let welcome = client.0.find(LOOKING, hear)?.unwrap_or_default();
        Ok((client, welcome))
    }

    /// Who is at the host.
    pub fn status(&self) -> Result<HostStatus, Failure> {
        let (_, id, answers) = self.0.ask(|id| ToHost::Status { id })?;
        loop {
            match answers.recv() {
                Ok(News::Status(status)) => return Ok(status),
                Ok(News::Step(_)) => {}
                _ => {
                    lock(&self.0.current).waiting.remove(&id);
                    return Err(self.0.gone());
                }
            }
        }
    }

    /// Asks the host to finish and leave, and waits until the line is closed.
    pub fn stop(&self) -> Result<(), Failure> {
        let (_, _, answers) = self.0.ask(|id| ToHost::Stop { id })?;
        match answers.recv() {
            Ok(News::Done(Err(failure))) => Err(failure),
            _ => Ok(()),
        }
    }
}

impl Inner {
    /// Makes sure that there is a line; the welcome if it is a new one.
    fn find(
        self: &Arc<Self>,
        longest: Duration,
        hear: &dyn Fn(Step),
    ) -> Result<Option<Welcome>, Failure> {
        let _one = lock(&self.looking);
        if lock(&self.current).line.is_some() {
            return Ok(None);
        }
        let mut end = Instant::now() + longest;
        let (mut empty, mut started) = (false, false);
        let (line, answerer) = loop {
            match self.greet()? {
                Greeted::Line(line, answerer) => break (line, answerer),
                Greeted::Leaving => empty = false,
                Greeted::Nobody => match &self.route.starter {
                    Some(starter) => {
                        starter.start(&self.route.socket, hear)?;
                        // However long opening took, the one that was started is greeted.
                        if !std::mem::replace(&mut started, true) {
                            end = end.max(Instant::now() + GREETING);
                        }
                    }
                    // Whoever looks after the shop's host starts another; a session that was there waits for it.
                    None if lock(&self.current).number > 0 => empty = true,
                    None => return Err(nobody(&self.route)),
                },
            }
            if Instant::now() >= end {
                return Err(if empty {
                    nobody(&self.route)
                } else {
                    hung(&self.route)
                });
            }
            thread::sleep(BETWEEN);
        };
        let out = line.try_clone().map_err(|error| broken(&error))?;
        let number = {
            let mut current = lock(&self.current);
            current.line = Some(out);
            current.number += 1;
            current.number
        };
        *lock(&self.away) = None;
        if number > 1 {
            self.breaks.fetch_add(1, Ordering::SeqCst);
        }
        if self.watches.load(Ordering::SeqCst) {
            let _ = self.send(&ToHost::Watch);
        }
        let weak = Arc::downgrade(self);
        thread::Builder::new()
            .name("from the host".into())
            .spawn(move || listen(&weak, line, number))
            .map_err(|error| broken(&error))?;
        if number > 1 {
            // Whatever happened meanwhile was not heard of.
            self.announce(&look_again());
        }
        Ok(Some(Welcome {
            notices: answerer.notices,
            new_store: answerer.new_store,
        }))
    }

    fn greet(&self) -> Result<Greeted, Failure> {
        let Ok(mut line) = paths::call(&self.route.socket) else {
            return Ok(Greeted::Nobody);
        };
        self.trust(&line)?;
        let hello = Greeting {
            oldest: OLDEST,
            newest: VERSION,
            step_down: self.route.starter.is_some(),
        };
        let answered = line
            .set_read_timeout(Some(GREETING))
            .map_err(FrameError::from)
            .and_then(|()| wire::greet(&mut line, hello, &self.route.caller))
            .and_then(|()| wire::greeted(&mut line));
        let (greeting, details) = match answered {
            Ok(Some(answer)) => answer,
            Ok(None) => return Err(hung(&self.route)),
            // It died, or it is leaving just now: look again.
            Err(FrameError::Gone) => return Ok(Greeted::Leaving),
            Err(FrameError::Io(error)) if is_timeout(&error) => return Err(hung(&self.route)),
            Err(FrameError::Io(_)) => return Ok(Greeted::Leaving),
            Err(error) => return Err(broken(&error)),
        };
        if greeting.newest == 0 {
            if greeting.step_down {
                return Ok(Greeted::Leaving);
            }
            let words: String = crate::journal::codec::decode(&details).unwrap_or_default();
            return Err(Failure::Store {
                words,
                read_only: false,
                refused: false,
            });
        }
        let answerer = crate::journal::codec::decode(&details).map_err(|error| broken(&error))?;
        line.set_read_timeout(None)
            .map_err(|error| broken(&error))?;
        Ok(Greeted::Line(line, answerer))
    }

    /// Talks to nobody but the store's own host.
    fn trust(&self, line: &UnixStream) -> Result<(), Failure> {
        use nix::sys::socket::getsockopt;
        use nix::sys::socket::sockopt::PeerCredentials;
        let uid = getsockopt(line, PeerCredentials)
            .map_err(|error| broken(&error))?
            .uid();
        if uid == self.route.owner || uid == 0 {
            return Ok(());
        }
        Err(Failure::Store {
            words: format!(
                "somebody else (account number {uid}) listens where the host of this store should. Nothing was sent to \
                 them; tell whoever looks after this machine"
            ),
            read_only: false,
            refused: false,
        })
    }

    fn send(&self, message: &ToHost) -> Result<(), FrameError> {
        let bytes = frame::framed(message)?;
        let mut current = lock(&self.current);
        let line = current.line.as_mut().ok_or(FrameError::Gone)?;
        use std::io::Write as _;
        line.write_all(&bytes)?;
        Ok(())
    }

    /// Sends a question under a fresh id: the line's number, that id, and where its answers come.
    fn ask(
        self: &Arc<Self>,
        make: impl Fn(u64) -> ToHost,
    ) -> Result<(u64, u64, Receiver<News>), Failure> {
        let away = lock(&self.away).clone();
        if let Some(words) = away {
            return Err(trouble(words));
        }
        self.find(LOOKING, &|_| {})?;
        let id = self.next.fetch_add(1, Ordering::SeqCst);
        let (sender, answers) = channel();
        let number = {
            let mut current = lock(&self.current);
            current.waiting.insert(id, sender.clone());
            current.number
        };
        match self.send(&make(id)) {
            Ok(()) => {}
            Err(FrameError::Io(_) | FrameError::Gone) => {
                // The one who waits hears that the line is broken, as if it had broken a moment later.
                let _ = sender.send(News::Broken);
            }
            Err(error) => {
                lock(&self.current).waiting.remove(&id);
                return Err(broken(&error));
            }
        }
        Ok((number, id, answers))
    }

    /// The words for a host that went away and stays away.
    fn gone(&self) -> Failure {
        let words = lock(&self.current).last_words.clone();
        Failure::Store {
            words: format!(
                "the program that has the store open went away{}. What was confirmed as saved is in the journal",
                words.map_or_else(String::new, |words| format!(": {words}"))
            ),
            read_only: false,
            refused: false,
        }
    }

    fn deliver(&self, id: u64, news: News, last: bool) {
        let mut current = lock(&self.current);
        let gone = current
            .waiting
            .get(&id)
            .is_some_and(|waiting| waiting.send(news).is_err());
        if last || gone {
            current.waiting.remove(&id);
        }
    }

    fn announce(&self, change: &Change) {
        lock(&self.watchers).retain(|watcher| watcher.send(change.clone()).is_ok());
    }

    /// The line with this number is gone: whoever waits is told.
    fn break_off(&self, number: u64) {
        let mut current = lock(&self.current);
        if current.number != number {
            return;
        }
        if let Some(line) = current.line.take() {
            // The thread that reads from it shall end too.
            let _ = line.shutdown(Shutdown::Both);
        }
        for (_, waiting) in std::mem::take(&mut current.waiting) {
            let _ = waiting.send(News::Broken);
        }
    }
}

/// How a call at the socket went.
enum Greeted {
    Line(UnixStream, Answerer),
    Leaving,
    Nobody,
}

/// Reads what the host says until the line ends; then looks for another host, if somebody still wants news.
fn listen(client: &Weak<Inner>, line: UnixStream, number: u64) {
    let mut from = BufReader::with_capacity(16 << 10, line);
    while let Ok(message) = frame::receive::<FromHost>(&mut from) {
        let Some(inner) = client.upgrade() else {
            return;
        };
        match message {
            FromHost::Done { id, result } => inner.deliver(id, News::Done(result), true),
            FromHost::Step { id, step } => inner.deliver(id, News::Step(step), false),
            FromHost::Status { id, status } => inner.deliver(id, News::Status(status), true),
            FromHost::Changed(change) => inner.announce(&change),
            FromHost::Leaving(words) => lock(&inner.current).last_words = Some(words),
        }
    }
    let Some(inner) = client.upgrade() else {
        return;
    };
    inner.break_off(number);
    let watches = inner.watches.load(Ordering::SeqCst);
    drop(inner);
    if watches {
        look_for_another(client);
    }
}

/// Looks for a host until there is one or nobody wants it any more. Whoever watches is told when the first look was in
/// vain: until there is a host again, every question is answered at once with the reason.
fn look_for_another(client: &Weak<Inner>) {
    while let Some(inner) = client.upgrade() {
        match inner.find(SOON, &|_| {}) {
            Ok(_) => return,
            Err(failure) => {
                let words = format!(
                    "the host of this store went away. Nothing can be recorded until another is found; it is being looked \
                     for. ({failure})"
                );
                if lock(&inner.away).replace(words).is_none() {
                    tracing::warn!("no host was found after a break: {failure}");
                    inner.announce(&look_again());
                }
            }
        }
        drop(inner);
        thread::sleep(AGAIN);
    }
}

/// Something changed that cannot be named: look at everything again.
fn look_again() -> Change {
    Change {
        changed: Vec::new(),
        revision: 0,
    }
}

impl Link for Client {
    fn breaks(&self) -> u64 {
        self.0.breaks.load(Ordering::SeqCst)
    }

    fn away(&self) -> Option<String> {
        lock(&self.0.away).clone()
    }

    fn doing(&self, words: &str) {
        let _ = self.0.send(&ToHost::Doing(words.to_owned()));
    }

    fn call(&self, call: Call, hear: &mut dyn FnMut(Step)) -> Result<Reply, Failure> {
        let end = Instant::now() + LOOKING;
        loop {
            let (number, id, answers) = self.0.ask(|id| ToHost::Call {
                id,
                call: call.clone(),
            })?;
            loop {
                let news = if is_short(&call) {
                    answers.recv_timeout(ANSWERING)
                } else {
                    answers.recv().map_err(|_| RecvTimeoutError::Disconnected)
                };
                match news {
                    Ok(News::Step(step)) => hear(step),
                    Ok(News::Done(result)) => return result,
                    Ok(News::Status(_)) => {}
                    Err(RecvTimeoutError::Timeout) => {
                        lock(&self.0.current).waiting.remove(&id);
                        return Err(silent(&self.0.route));
                    }
                    Ok(News::Broken) | Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            self.0.break_off(number);
            if !may_repeat(&call) || Instant::now() >= end {
                return Err(self.0.gone());
            }
        }
    }

    fn watch(&self) -> Receiver<Change> {
        let (sender, receiver) = channel();
        lock(&self.0.watchers).push(sender);
        if !self.0.watches.swap(true, Ordering::SeqCst) {
            let _ = self.0.send(&ToHost::Watch);
        }
        receiver
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(line) = lock(&self.current).line.take() {
            let _ = line.shutdown(Shutdown::Both);
        }
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
    )
}
