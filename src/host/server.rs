//! The host: takes callers in, tells them the news, and leaves when nobody needs it.
//!
//! Invariants: the bench is closed (its lock freed) only after the last call was answered; the socket's name is taken
//! away only while the lock is held; leaving never waits for a session that does not read.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::connection::{self, Outbox};
use super::paths;
use super::status::{HostStatus, SessionLine};
use super::wire::{Caller, Greeting, OLDEST, VERSION};
use crate::bench::depots::Background;
use crate::bench::seat::Tasks;
use crate::bench::{Bench, Failure};
use crate::domain::refusal::Refusal;

/// Sessions at once; more are told to wait.
const MOST_SESSIONS: usize = 256;
/// Callers at once, with those that have not greeted yet; more are let go without a word, and try again.
const MOST_CALLERS: usize = MOST_SESSIONS + 64;
/// How long leaving waits for calls that are being answered.
const LAST_CALLS: Duration = Duration::from_secs(20);
/// How long the last words may take to reach a session.
const LAST_WORDS: Duration = Duration::from_millis(20);
/// How often the host looks whether its store is still there.
const LOOK: Duration = Duration::from_secs(5);

/// How to serve.
pub struct HostOptions {
    /// Where to listen, unless a listener was handed over.
    pub socket: PathBuf,
    /// A socket that somebody else made (systemd); it is not taken away at the end.
    pub listener: Option<UnixListener>,
    /// Leave after this long without a session; `None` stays.
    pub idle: Option<Duration>,
    /// What opening the store had to say.
    pub notices: Vec<String>,
    /// The store was just made.
    pub new_store: bool,
}

/// Why a host left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// Nobody needed it.
    Idle,
    /// A session asked it to.
    Asked,
    /// A signal, by number.
    Signal(i32),
    /// The store's folder is gone.
    StoreGone,
}

impl Stopped {
    /// In words, for the log, the sessions and whoever ran it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Idle => "nobody needed it",
            Self::Asked => "it was asked to stop",
            Self::Signal(_) => "it was told to stop by a signal",
            Self::StoreGone => "the store's folder is gone",
        }
    }
}

/// What all connections share.
pub struct Shared {
    bench: Arc<Bench>,
    tasks: Tasks,
    sessions: Mutex<BTreeMap<u64, Present>>,
    next: AtomicU64,
    callers: AtomicUsize,
    busy: AtomicUsize,
    stopping: AtomicBool,
    asked: AtomicBool,
    left: Mutex<Instant>,
    since: i64,
    idle: Option<Duration>,
    notices: Vec<String>,
    new_store: AtomicBool,
    wake: UnixStream,
}

/// A session that is here.
struct Present {
    line: SessionLine,
    outbox: Outbox,
    socket: UnixStream,
}

/// A session that was taken in; dropping it lets it go.
pub struct Guest {
    shared: Arc<Shared>,
    number: u64,
}

impl Guest {
    /// Its number.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.shared.sessions().remove(&self.number);
        *lock(&self.shared.left) = Instant::now();
        self.shared.wake();
    }
}

/// Why a caller is not taken in.
pub struct TurnedAway {
    /// In words.
    pub words: String,
    /// The host leaves just now; the caller may start another.
    pub leaving: bool,
}

impl TurnedAway {
    fn stays(words: String) -> Self {
        Self {
            words,
            leaving: false,
        }
    }

    fn leaves(words: String) -> Self {
        Self {
            words,
            leaving: true,
        }
    }
}

/// A call that is being answered.
pub struct Busy(Arc<Shared>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A caller's thread.
struct Taken(Arc<Shared>);

impl Taken {
    fn by(shared: &Arc<Shared>) -> Option<Self> {
        let before = shared.callers.fetch_add(1, Ordering::SeqCst);
        let taken = Self(Arc::clone(shared));
        (before < MOST_CALLERS).then_some(taken)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.callers.fetch_sub(1, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn sessions(&self) -> MutexGuard<'_, BTreeMap<u64, Present>> {
        lock(&self.sessions)
    }

    fn wake(&self) {
        use std::io::Write as _;
        let _ = (&self.wake).write(&[1]);
    }

    /// The bench.
    pub fn bench(&self) -> Arc<Bench> {
        Arc::clone(&self.bench)
    }

    /// The tasks that this program knows.
    pub fn tasks(&self) -> Tasks {
        self.tasks.clone()
    }

    /// Now, in microseconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        self.bench.clock().micros()
    }

    /// What opening had to say.
    pub fn notices(&self) -> Vec<String> {
        self.notices.clone()
    }

    /// True for the terminal face that made the store by coming; whoever made it by a command knows it already.
    pub fn first_visit(&self, caller: &Caller) -> bool {
        self.new_store.swap(false, Ordering::SeqCst) && caller.doing == super::client::TERMINAL_FACE
    }

    /// Takes a session in, or says why not.
    pub fn enter(
        self: &Arc<Self>,
        line: SessionLine,
        outbox: Outbox,
        socket: UnixStream,
    ) -> Result<Guest, TurnedAway> {
        if !self.bench.is_undisturbed() {
            self.asked.store(true, Ordering::SeqCst);
            self.wake();
            return Err(TurnedAway::leaves(
                "the store's files were changed by somebody else; they are looked at anew"
                    .to_owned(),
            ));
        }
        let mut sessions = self.sessions();
        if self.stopping.load(Ordering::SeqCst) {
            return Err(TurnedAway::leaves(
                "the host of this store is just leaving; try again".to_owned(),
            ));
        }
        if sessions.len() >= MOST_SESSIONS {
            return Err(TurnedAway::stays(format!(
                "{MOST_SESSIONS} sessions are open on this store already; close one and try again"
            )));
        }
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let present = Present {
            line,
            outbox,
            socket,
        };
        sessions.insert(number, present);
        Ok(Guest {
            shared: Arc::clone(self),
            number,
        })
    }

    /// Marks that a call is being answered; `None` when the host leaves.
    pub fn busy(self: &Arc<Self>) -> Option<Busy> {
        self.busy.fetch_add(1, Ordering::SeqCst);
        let busy = Busy(Arc::clone(self));
        (!self.stopping.load(Ordering::SeqCst)).then_some(busy)
    }

    /// Leaves when the working copy cannot be used any more, and says why: the next host builds it anew.
    pub fn leave_if_down(&self) -> Option<String> {
        let why = self.bench.is_down()?;
        tracing::error!("the working copy cannot be used: {why}");
        self.asked.store(true, Ordering::SeqCst);
        self.wake();
        Some("the working copy of the records could not be read; it is built anew".to_owned())
    }

    /// Notes what a session does.
    pub fn doing(&self, number: u64, words: String) {
        if let Some(present) = self.sessions().get_mut(&number) {
            present.line.doing = words;
        }
    }

    /// The facts, without the session that asks.
    pub fn status(&self, asker: u64) -> HostStatus {
        let sessions = self.sessions();
        HostStatus {
            process: std::process::id(),
            build: env!("CARGO_PKG_VERSION").to_owned(),
            since: self.since,
            idle: self.idle.map(|idle| idle.as_secs()),
            bytes: size_of(self.bench.dir()),
            sessions: sessions
                .iter()
                .filter(|(number, _)| **number != asker)
                .map(|(_, present)| present.line.clone())
                .collect(),
        }
    }

    /// A session asks the host to leave: its own account's host, or root.
    pub fn ask_to_stop(&self, asker: u64) -> Result<(), Failure> {
        let uid = self.sessions().get(&asker).map(|present| present.line.uid);
        let own = rustix::process::getuid().as_raw();
        if uid != Some(own) && uid != Some(0) {
            return Err(Refusal::rule(
                "Only the account that the host runs as may stop it.",
                "Ask whoever looks after this shop terminal.",
            )
            .into());
        }
        self.asked.store(true, Ordering::SeqCst);
        self.wake();
        Ok(())
    }

    /// The words for a caller whose protocol does not fit; an older host without sessions makes room for it.
    pub fn skew(&self, theirs: Greeting) -> TurnedAway {
        let ours = env!("CARGO_PKG_VERSION");
        if theirs.oldest > VERSION {
            let others = self.sessions().len();
            if theirs.step_down && others == 0 {
                self.asked.store(true, Ordering::SeqCst);
                self.wake();
                return TurnedAway::leaves(format!(
                    "the store was kept open by an older tagout ({ours}) that nobody used; it leaves now"
                ));
            }
            return TurnedAway::stays(format!(
                "the store is kept open by an older tagout ({ours}) with {others} open sessions, which this one cannot \
                 talk to. Nothing was changed. Close those sessions, or stop it with `tagout host stop` of that version, \
                 then try again"
            ));
        }
        TurnedAway::stays(format!(
            "the store is kept open by a newer tagout ({ours}, protocol {OLDEST} to {VERSION}) and this one only speaks \
             {} to {}. Nothing was changed. Use the newer program",
            theirs.oldest, theirs.newest
        ))
    }
}

/// Bytes of all files under a folder, as far as it can be read.
fn size_of(dir: &Path) -> u64 {
    let Ok(files) = std::fs::read_dir(dir) else {
        return 0;
    };
    files
        .flatten()
        .map(|file| match file.metadata() {
            Ok(facts) if facts.is_dir() => size_of(&file.path()),
            Ok(facts) => facts.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Serves until it is time to leave. `ready` is called once callers are taken in. The bench is closed when this
/// returns.
pub fn serve(
    bench: Bench,
    tasks: Tasks,
    options: HostOptions,
    ready: impl FnOnce(),
) -> io::Result<Stopped> {
    let own = options.listener.is_none();
    let listener = match options.listener {
        Some(listener) => listener,
        None => paths::listen(&options.socket)?,
    };
    listener.set_nonblocking(true)?;
    let (wake, woken) = UnixStream::pair()?;
    wake.set_nonblocking(true)?;
    woken.set_nonblocking(true)?;
    let signal = Arc::new(AtomicUsize::new(0));
    for number in [SIGTERM, SIGINT] {
        signal_hook::flag::register_usize(number, Arc::clone(&signal), number as usize)?;
        signal_hook::low_level::pipe::register(number, wake.try_clone()?)?;
    }
    // Logging out of the terminal that started it is no reason to leave.
    signal_hook::flag::register(SIGHUP, Arc::default())?;
    let dir = bench.dir().to_path_buf();
    let shared = Arc::new(Shared {
        since: bench.clock().micros(),
        bench: Arc::new(bench),
        tasks,
        sessions: Mutex::default(),
        next: AtomicU64::new(1),
        callers: AtomicUsize::new(0),
        busy: AtomicUsize::new(0),
        stopping: AtomicBool::new(false),
        asked: AtomicBool::new(false),
        left: Mutex::new(Instant::now()),
        idle: options.idle,
        notices: options.notices,
        new_store: AtomicBool::new(options.new_store),
        wake,
    });
    spread_news(&shared)?;
    let syncing = shared.bench.keep_syncing()?;
    ready();
    let stopped = loop {
        take_in(&shared, &listener);
        if let number @ 1.. = signal.load(Ordering::SeqCst) {
            break Stopped::Signal(number as i32);
        }
        if shared.asked.load(Ordering::SeqCst) {
            break Stopped::Asked;
        }
        // An exchange in the background may have found that the store was set back.
        if shared.leave_if_down().is_some() {
            break Stopped::Asked;
        }
        if !dir.join("journal").exists() {
            break Stopped::StoreGone;
        }
        let quiet = shared.sessions().is_empty();
        let waited = lock(&shared.left).elapsed();
        let mut wait = LOOK;
        if let Some(idle) = shared.idle.filter(|_| quiet) {
            if waited >= idle {
                break Stopped::Idle;
            }
            wait = wait.min(idle.saturating_sub(waited));
        }
        wait_for_somebody(&listener, &woken, wait)?;
    };
    leave(&shared, &listener, stopped, &syncing);
    if own {
        let _ = std::fs::remove_file(&options.socket);
    }
    Ok(stopped)
}

/// Passes every change on to every session that wants it.
fn spread_news(shared: &Arc<Shared>) -> io::Result<()> {
    let news = shared.bench.watch();
    let weak = Arc::downgrade(shared);
    thread::Builder::new()
        .name("news".into())
        .spawn(move || {
            for change in news {
                let Some(shared) = weak.upgrade() else { return };
                let outboxes: Vec<Outbox> = shared
                    .sessions()
                    .values()
                    .map(|present| present.outbox.clone())
                    .collect();
                for outbox in outboxes {
                    outbox.tell(&change);
                }
            }
        })
        .map(drop)
}

fn take_in(shared: &Arc<Shared>, listener: &UnixListener) {
    loop {
        match listener.accept() {
            Ok((line, _)) => {
                let Some(caller) = Taken::by(shared) else {
                    tracing::warn!("a caller was let go: {MOST_CALLERS} are here already");
                    continue;
                };
                let served = line.set_nonblocking(false).and_then(|()| {
                    thread::Builder::new()
                        .name("a session".into())
                        .spawn(move || connection::serve(&caller.0, line))
                });
                if let Err(error) = served {
                    tracing::warn!("a caller could not be served: {error}");
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Err(error) => {
                // Too many open files, most likely; the callers that are here go on.
                tracing::warn!("a caller could not be taken in: {error}");
                thread::sleep(Duration::from_millis(50));
                return;
            }
        }
    }
}

fn wait_for_somebody(
    listener: &UnixListener,
    woken: &UnixStream,
    longest: Duration,
) -> io::Result<()> {
    use std::io::Read as _;
    let mut fds = [
        PollFd::from_borrowed_fd(listener.as_fd(), PollFlags::IN),
        PollFd::from_borrowed_fd(woken.as_fd(), PollFlags::IN),
    ];
    let limit = Timespec::try_from(longest).ok();
    match poll(&mut fds, limit.as_ref()) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let mut spent = [0; 64];
    while matches!((&*woken).read(&mut spent), Ok(1..)) {}
    Ok(())
}

/// No new calls; what is being answered is finished; everybody is told, and so is whoever comes now.
fn leave(shared: &Arc<Shared>, listener: &UnixListener, why: Stopped, syncing: &Background) {
    shared.stopping.store(true, Ordering::SeqCst);
    syncing.stop();
    let words = why.words();
    tracing::info!("the host leaves: {words}");
    let end = Instant::now() + LAST_CALLS;
    while shared.busy.load(Ordering::SeqCst) > 0 && Instant::now() < end {
        take_in(shared, listener);
        thread::sleep(Duration::from_millis(5));
    }
    for present in shared.sessions().values() {
        present.outbox.leave(words);
    }
    // What was said is on its way; a session that does not read is not waited for.
    thread::sleep(LAST_WORDS);
    for present in shared.sessions().values() {
        let _ = present.socket.shutdown(std::net::Shutdown::Both);
    }
    let end = Instant::now() + LAST_CALLS;
    while !shared.sessions().is_empty() && Instant::now() < end {
        thread::sleep(Duration::from_millis(1));
    }
}
