//! A program in a pseudo-terminal, with an emulator reading along. No threads and no sleeps: the test thread itself
//! waits on the terminal's descriptor. Conditions are checked at the borders between frames only, so a half-painted
//! screen can never match; one long limit exists that only a failing test reaches, and it prints the screen.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// Only a failing test waits this long.
pub const LIMIT: Duration = Duration::from_secs(20);
const FRAME_BEGINS: &[u8] = b"\x1b[?2026h";
const FRAME_ENDS: &[u8] = b"\x1b[?2026l";

/// What the emulator noticed besides the screen.
#[derive(Default)]
pub struct Seen {
    /// Questions to the terminal (cursor position, attributes, modes, colours). Must stay 0.
    pub queries: usize,
    /// Bells.
    pub bells: usize,
    /// What was put on the clipboard, still in base64.
    pub copied: Vec<String>,
    /// Whether a frame is being painted.
    pub in_frame: bool,
}

impl vt100::Callbacks for Seen {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }

    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.copied.push(String::from_utf8_lossy(data).into_owned());
    }

    fn unhandled_csi(
        &mut self,
        _: &mut vt100::Screen,
        first: Option<u8>,
        second: Option<u8>,
        parameters: &[&[u16]],
        last: char,
    ) {
        let number = parameters.first().and_then(|p| p.first()).copied();
        match (first, second, last) {
            (Some(b'?'), None, 'h' | 'l') if number == Some(2026) => self.in_frame = last == 'h',
            (_, _, 'n' | 'c')
            | (_, Some(b'$'), 'p')
            | (Some(b'>'), _, 'q')
            | (Some(b'?'), _, 'u') => {
                self.queries += 1;
            }
            _ => {}
        }
    }

    fn unhandled_osc(&mut self, _: &mut vt100::Screen, parameters: &[&[u8]]) {
        if parameters.last() == Some(&&b"?"[..]) {
            self.queries += 1;
        }
    }
}

/// What to start. The environment is exactly what is listed here, besides PATH and the coverage file.
#[derive(Clone)]
pub struct Start {
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    columns: u16,
    rows: u16,
    kernel_size: Option<(u16, u16)>,
    baud: Option<u32>,
}

impl Start {
    /// A program at 80 x 24 on a UTF-8 xterm with 256 colours, in UTC.
    pub fn new(program: impl AsRef<Path>) -> Self {
        let start = Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            columns: 80,
            rows: 24,
            kernel_size: None,
            baud: None,
        };
        start
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
    }

    /// The tagout binary, with its home and its store inside `folder`.
    #[allow(dead_code)] // for the tests of the whole program
    pub fn tagout(folder: &Path) -> Self {
        let at = |name: &str| folder.join(name).display().to_string();
        Self::new(env!("CARGO_BIN_EXE_tagout"))
            .env("HOME", &at("home"))
            .env("XDG_STATE_HOME", &at("state"))
            .env("XDG_CONFIG_HOME", &at("config"))
            .env("XDG_DATA_HOME", &at("data"))
            .env("TAGOUT_STORE", &at("store"))
    }

    /// Adds arguments.
    pub fn args<S: AsRef<str>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments
            .extend(arguments.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    /// Sets a variable; an empty value removes it.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.environment.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Sets the window's size.
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    /// Lets the kernel report another size than the emulator has.
    pub fn kernel_size(mut self, columns: u16, rows: u16) -> Self {
        self.kernel_size = Some((columns, rows));
        self
    }

    /// A serial line: it says its speed, and carries a byte with ten bits.
    #[allow(dead_code)] // for the tests of slow lines
    pub fn baud(mut self, baud: u32) -> Self {
        self.baud = Some(baud);
        self
    }

    /// Starts it as the leader of a session on a new terminal.
    pub fn spawn(self) -> Tty {
        let (pty, pts) = pty_process::blocking::open().expect("a pseudo-terminal");
        let (columns, rows) = self.kernel_size.unwrap_or((self.columns, self.rows));
        pty.resize(pty_process::Size::new(rows, columns))
            .expect("a size");
        if let Some(baud) = self.baud {
            let mut modes = tcgetattr(&pty).expect("the line has modes");
            modes.set_output_speed(baud).expect("a speed");
            tcsetattr(&pty, OptionalActions::Now, &modes).expect("the line takes modes");
        }
        let passed_on = std::env::vars_os().filter(|(name, _)| {
            name == OsStr::new("PATH") || name.to_string_lossy().starts_with("LLVM_PROFILE")
        });
        let child = pty_process::blocking::Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(passed_on)
            .envs(self.environment)
            .spawn(pts)
            .expect("the program starts");
        let pidfd = pidfd_open(Pid::from_child(&child), PidfdFlags::empty()).expect("a pidfd");
        let size = (non_zero(self.rows), non_zero(self.columns));
        Tty {
            pty: Some(pty),
            child,
            pidfd,
            emulator: vt100::Parser::new_with_callbacks(size.0, size.1, 0, Seen::default()),
            raw: Vec::new(),
            frames: Vec::new(),
            waiting: VecDeque::new(),
            ended: false,
            line: self.baud.map(|baud| SlowLine {
                bytes_per_second: f64::from(baud) / 10.0,
                free: Instant::now(),
            }),
        }
    }
}

/// A line that carries so many bytes a second to the screen.
struct SlowLine {
    bytes_per_second: f64,
    /// When the byte that was read last has arrived.
    free: Instant,
}

/// So many bytes pass at once, as through the buffer of a serial port.
const FIFO: f64 = 16.0;

/// The running program, its terminal and what stands on it.
pub struct Tty {
    pty: Option<pty_process::blocking::Pty>,
    child: Child,
    pidfd: OwnedFd,
    emulator: vt100::Parser<Seen>,
    /// Every byte it wrote.
    pub raw: Vec<u8>,
    /// The bytes of each complete frame, marks included.
    pub frames: Vec<usize>,
    waiting: VecDeque<u8>,
    ended: bool,
    line: Option<SlowLine>,
}

impl Tty {
    /// The screen as it stands.
    pub fn screen(&self) -> &vt100::Screen {
        self.emulator.screen()
    }

    /// What else was noticed.
    pub fn seen(&self) -> &Seen {
        self.emulator.callbacks()
    }

    /// The screen's text.
    pub fn text(&self) -> String {
        self.screen().contents()
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types bytes.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let pty = self.pty.as_mut().expect("not hung up");
        pty.write_all(bytes.as_ref())
            .expect("the terminal takes input");
    }

    /// Sends a signal to the process.
    pub fn kill(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process is there");
    }

    /// Changes the window's size; the kernel tells the program.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.emulator.set_size(non_zero(rows), non_zero(columns));
        let pty = self.pty.as_ref().expect("not hung up");
        pty.resize(pty_process::Size::new(rows, columns))
            .expect("a size");
    }

    /// Hangs up, as sshd does when the link drops: the terminal's other end is closed.
    pub fn hang_up(&mut self) {
        self.pty = None;
        self.ended = true;
    }

    /// Waits until `ok` holds on a complete frame, or on what stands there when the program says nothing more.
    #[track_caller]
    pub fn wait(&mut self, what: &str, mut ok: impl FnMut(&vt100::Screen) -> bool) {
        let end = Instant::now() + LIMIT;
        loop {
            // Look at every border, not only at the last one of what arrived together.
            loop {
                if !self.seen().in_frame && ok(self.screen()) {
                    return;
                }
                if !self.step() {
                    break;
                }
            }
            let left = end.saturating_duration_since(Instant::now());
            if self.ended || left.is_zero() {
                let why = if self.ended { " before it ended" } else { "" };
                panic!("never saw {what}{why}; the screen:\n{}", self.text());
            }
            self.read(left);
        }
    }

    /// Waits until the screen holds `text`.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        self.wait(&format!("{text:?}"), |screen| {
            screen.contents().contains(text)
        });
    }

    /// Waits until the process has ended, reading what it still writes.
    #[track_caller]
    pub fn wait_exit(&mut self) -> ExitStatus {
        let end = Instant::now() + LIMIT;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child of ours") {
                while self.read(Duration::ZERO) {}
                while self.step() {}
                return status;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "did not end; the screen:\n{}", self.text());
            self.read_or_exit(left);
            while self.step() {}
        }
    }

    /// Waits until the process ended, without reading a byte of what it writes.
    #[track_caller]
    pub fn wait_exit_unread(&mut self) -> ExitStatus {
        wait_fd(&[(self.pidfd.as_fd(), PollFlags::IN)], LIMIT);
        self.child
            .try_wait()
            .expect("a child of ours")
            .expect("the process ended")
    }

    /// Writes onto the glass as a foreign program would.
    pub fn scribble(&mut self, text: &str) {
        self.emulator.process(text.as_bytes());
    }

    /// Waits until the program has written something, without reading it.
    #[track_caller]
    pub fn wait_readable(&self) {
        let pty = self.pty.as_ref().expect("not hung up");
        assert!(
            wait_fd(&[(pty.as_fd(), PollFlags::IN)], LIMIT),
            "it wrote nothing"
        );
    }

    /// True if the program wrote nothing for `time`.
    pub fn is_silent(&mut self, time: Duration) -> bool {
        let silent = !self.read(time);
        while self.step() {}
        silent
    }

    /// Sets the line to ordinary, echoing input, as a shell does that takes its terminal back.
    pub fn make_cooked(&self) {
        let pty = self.pty.as_ref().expect("not hung up");
        let mut modes = tcgetattr(pty).expect("the line has modes");
        modes
            .local_modes
            .insert(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
        tcsetattr(pty, OptionalActions::Now, &modes).expect("the line takes modes");
    }

    /// One letter for what the process does: R runs, S waits, T is stopped.
    pub fn state(&self) -> char {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap_or_default();
        let after = stat.rsplit(") ").next().unwrap_or_default();
        after.chars().next().unwrap_or('-')
    }

    /// How often the process called `write`, once that is at least `count`. The kernel counts a write after its bytes
    /// can be read, so a count taken at once may lag.
    pub fn writes_from(&self, count: u64) -> u64 {
        let end = Instant::now() + LIMIT;
        loop {
            let writes = self.writes();
            if writes >= count || Instant::now() >= end {
                return writes;
            }
            std::thread::yield_now();
        }
    }

    /// How often the process called `write` so far.
    pub fn writes(&self) -> u64 {
        let io = std::fs::read_to_string(format!("/proc/{}/io", self.pid())).unwrap_or_default();
        let line = io.lines().find_map(|line| line.strip_prefix("syscw: "));
        line.and_then(|n| n.parse().ok())
            .expect("the kernel counts")
    }

    /// Feeds the emulator up to the next border between frames; false when nothing waits.
    fn step(&mut self) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        let ended = self.ended;
        let bytes = self.waiting.make_contiguous();
        let upto = match find(bytes, FRAME_ENDS) {
            Some(at) => at + FRAME_ENDS.len(),
            // A mark may be cut by the read; its beginning waits for the rest.
            None if !ended => bytes.len() - cut_mark(bytes),
            None => bytes.len(),
        };
        if upto == 0 {
            return false;
        }
        let piece: Vec<u8> = self.waiting.drain(..upto).collect();
        self.emulator.process(&piece);
        self.raw.extend(piece);
        if self.raw.ends_with(FRAME_ENDS) {
            let begin = rfind(&self.raw, FRAME_BEGINS).expect("a frame began");
            self.frames.push(self.raw.len() - begin);
        }
        true
    }

    /// One read of whatever is there, waiting at most `time`.
    fn read(&mut self, time: Duration) -> bool {
        let Some(pty) = self.pty.as_mut() else {
            return false;
        };
        if self.ended || !wait_fd(&[(pty.as_fd(), PollFlags::IN)], time) {
            return false;
        }
        let mut buffer = [0; 16384];
        let mut room = buffer.len();
        if let Some(line) = &mut self.line {
            // The bytes before these are still on their way.
            wait_fd(&[], line.free.saturating_duration_since(Instant::now()));
            room = FIFO as usize;
            line.free = Instant::now();
        }
        match pty.read(&mut buffer[..room]) {
            Ok(n) if n > 0 => {
                if let Some(line) = &mut self.line {
                    line.free += Duration::from_secs_f64(n as f64 / line.bytes_per_second);
                }
                self.waiting.extend(&buffer[..n]);
                true
            }
            // EIO: nobody holds the other end any more.
            _ => {
                self.ended = true;
                false
            }
        }
    }

    fn read_or_exit(&mut self, time: Duration) {
        match &self.pty {
            Some(pty) if !self.ended => {
                let fds = [
                    (pty.as_fd(), PollFlags::IN),
                    (self.pidfd.as_fd(), PollFlags::IN),
                ];
                wait_fd(&fds, time);
                self.read(Duration::ZERO);
            }
            _ => {
                wait_fd(&[(self.pidfd.as_fd(), PollFlags::IN)], time);
            }
        }
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // The process may have ended already; either way it is gone afterwards.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_fd(fds: &[(rustix::fd::BorrowedFd<'_>, PollFlags)], time: Duration) -> bool {
    let time = Timespec {
        tv_sec: time.as_secs() as i64,
        tv_nsec: i64::from(time.subsec_nanos()),
    };
    let mut fds: Vec<_> = fds
        .iter()
        .map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags))
        .collect();
    loop {
        match poll(&mut fds, Some(&time)) {
            Err(rustix::io::Errno::INTR) => {}
            ready => return ready.expect("poll works") > 0,
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// How many bytes at the end are the beginning of a mark.
fn cut_mark(bytes: &[u8]) -> usize {
    (1..FRAME_ENDS.len())
        .rev()
        .find(|n| bytes.ends_with(&FRAME_ENDS[..*n]))
        .unwrap_or(0)
}

fn rfind(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}

fn non_zero(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("a window has a size")
}
