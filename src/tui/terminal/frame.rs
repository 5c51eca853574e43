//! One frame, one `write`: collects what ratatui wants to say and hands it to the terminal whole.
//!
//! Invariants: a frame is bracketed by the synchronised-output marks (terminals that do not know them ignore them);
//! no question is ever sent (the size comes from the kernel, the cursor position is refused); nothing goes out between
//! frames; colours and characters that the terminal cannot show never leave this file.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::Hide;
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Rect, Size};
use ratatui::{Frame, Terminal};
use rustix::event::{PollFd, PollFlags, poll};

use super::Capabilities;
use super::fit::fit;
use super::paint::Painter;

/// Size assumed when the kernel says 0 x 0, as on a line without a local terminal.
const ASSUMED: Size = Size::new(80, 24);

/// The bytes of the frame being drawn, shared between the backend that fills them and the screen that sends them.
#[derive(Debug, Clone, Default)]
struct Bytes(Rc<RefCell<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A write that took longer than this waited for the terminal. Shorter than anybody needs to see a step and answer it.
const STALLED: Duration = Duration::from_millis(150);

/// A backend that knows its size beforehand and can ask nothing.
#[derive(Debug)]
struct Sheet {
    inner: CrosstermBackend<Bytes>,
    bytes: Bytes,
    painter: Painter,
    size: Size,
    cursor_shown: bool,
}

impl Backend for Sheet {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.painter.paint(&mut self.bytes.0.borrow_mut(), content);
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.cursor_shown) {
            self.inner.hide_cursor()?;
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.cursor_shown, true) {
            self.inner.show_cursor()?;
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Err(io::Error::other(
            "the terminal is never asked for its cursor",
        ))
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.painter.moved();
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    /// Always the whole of it: parts are asked for only by programs that leave other text on the screen.
    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.painter.plain(&mut self.bytes.0.borrow_mut());
        self.painter.erased();
        self.inner.clear_region(ClearType::All)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::new(0, 0),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What BEL is.
const BELL: u8 = 0x07;
/// What a line that says nothing of its speed says (the kernel's own choice for pseudo-terminals), in baud. Below, it is
/// taken at its word: a serial line, or an ssh client on one, which passes its speed on.
const SAYS_NOTHING: u32 = 38_400;
/// Bits on a serial line for each byte.
const BITS: u32 = 10;

/// How fast the line is, and what is still on its way.
#[derive(Debug)]
struct Line {
    /// Bytes a second, if the line is known to be slow.
    speed: Option<u32>,
    free: Option<Instant>,
}

impl Line {
    /// The line behind this terminal.
    fn of(tty: &File) -> Self {
        let baud = rustix::termios::tcgetattr(tty).map_or(0, |modes| modes.output_speed());
        Self {
            speed: (BITS..SAYS_NOTHING).contains(&baud).then_some(baud / BITS),
            free: None,
        }
    }

    /// Takes note of bytes that were handed over at a moment; the moment when they have arrived.
    fn sent(&mut self, bytes: usize, at: Instant) -> Instant {
        let Some(speed) = self.speed.filter(|_| bytes > 0) else {
            return at;
        };
        let took = Duration::from_secs_f64(bytes as f64 / f64::from(speed));
        let arrived = self.free.map_or(at, |free| free.max(at)) + took;
        self.free = Some(arrived);
        arrived
    }
}

/// The screen: draws frames and sends the few bytes that are not frames (bell, clipboard).
pub(super) struct Screen {
    terminal: Terminal<Sheet>,
    bytes: Bytes,
    tty: File,
    capabilities: Capabilities,
    frames: u64,
    /// The next frame rings.
    rings: bool,
    line: Line,
}

impl Screen {
    /// Opens the screen on standard output.
    pub(super) fn open(capabilities: &Capabilities) -> io::Result<Self> {
        let tty = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let bytes = Bytes::default();
        let size = size_of(&tty)?;
        let line = Line::of(&tty);
        // The oldest ones cannot erase in the middle of a line.
        let mut painter = Painter::new(!capabilities.term.starts_with("vt1"));
        painter.forget(size.width, size.height);
        let sheet = Sheet {
            inner: CrosstermBackend::new(bytes.clone()),
            bytes: bytes.clone(),
            painter,
            size,
            cursor_shown: false,
        };
        let mut screen = Self {
            terminal: Terminal::new(sheet)?,
            bytes,
            tty,
            capabilities: capabilities.clone(),
            frames: 0,
            rings: false,
            line,
        };
        // From the first frame on it is known what stands where.
        screen.forget()?;
        Ok(screen)
    }

    /// Reads the window size from the kernel; true when it differs from the last one known.
    pub(super) fn measure(&mut self) -> io::Result<bool> {
        let size = size_of(&self.tty)?;
        self.line.speed = Line::of(&self.tty).speed;
        let changed = self.terminal.backend().size != size;
        self.terminal.backend_mut().size = size;
        Ok(changed)
    }

    /// The size in cells.
    pub(super) fn size(&self) -> Size {
        self.terminal.backend().size
    }

    /// Makes the next frame paint every cell, whatever stands on the glass. The cursor is hidden again first, since
    /// another program may have shown it.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        let Size { width, height } = self.size();
        queue!(self.bytes, Hide)?;
        let sheet = self.terminal.backend_mut();
        sheet.cursor_shown = false;
        sheet.painter.forget(width, height);
        self.terminal.resize(Rect::new(0, 0, width, height))
    }

    /// Draws one frame and writes it in one piece. Returns the frame's number and the moment it was handed over.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<(u64, Instant)> {
        let capabilities = &self.capabilities;
        self.terminal.draw(|frame| {
            draw(frame);
            fit(frame.buffer_mut(), capabilities);
        })?;
        let mut body = self.bytes.0.take();
        if std::mem::take(&mut self.rings) {
            body.push(BELL);
        }
        let began = Instant::now();
        let mut sent = 0;
        if !body.is_empty() {
            let mut whole = Vec::with_capacity(body.len() + 32);
            queue!(whole, BeginSynchronizedUpdate)?;
            whole.extend_from_slice(&body);
            queue!(whole, EndSynchronizedUpdate)?;
            write_whole(&mut self.tty, &whole)?;
            sent = whole.len();
        }
        let ended = Instant::now();
        // The frame is on its way from the first byte on, and who reads it may answer before this thread runs again;
        // only a terminal that made us wait, or a slow line, had not taken it yet.
        let stalled = ended.saturating_duration_since(began) > STALLED;
        let at = if stalled { ended } else { began };
        let at = self.line.sent(sent, at);
        self.frames += 1;
        Ok((self.frames, at))
    }

    /// Rings the bell with the next frame.
    pub(super) fn bell(&mut self) {
        self.rings = true;
    }

    /// When the line has carried what was sent, if that takes a while: a frame before then would only queue up.
    pub(super) fn free_at(&self) -> Option<Instant> {
        self.line.free
    }

    /// Puts text on the clipboard of the terminal the user sits at (OSC 52); terminals that refuse it do nothing.
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        let mut bytes = Vec::new();
        queue!(bytes, CopyToClipboard::to_clipboard_from(text))?;
        write_whole(&mut self.tty, &bytes)
    }
}

fn size_of(tty: &File) -> io::Result<Size> {
    let size = rustix::termios::tcgetwinsize(tty)?;
    if size.ws_col == 0 || size.ws_row == 0 {
        return Ok(ASSUMED);
    }
    Ok(Size::new(size.ws_col, size.ws_row))
}

/// Writes everything, normally with one `write`. A descriptor that a parent left non-blocking is waited for.
fn write_whole(tty: &mut File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match tty.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                let mut fds = [PollFd::new(tty, PollFlags::OUT)];
                match poll(&mut fds, None) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(e) => return Err(e.into()),
                }
            }
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
