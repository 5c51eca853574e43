//! A tiny program on the terminal runtime: a list with a cursor, a text field and a status line. It is compiled into
//! this test binary, which starts itself again inside a pseudo-terminal to run it.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};
use tagout::tui::input::InputOptions;
use tagout::tui::terminal::{
    Capabilities, Closing, Exit, Flow, Input, Options, Painted, Program, Workers,
    capabilities_here, run,
};

use super::pty::Start;

enum Msg {
    Hello,
    Flood,
    Drop,
}

/// A list with a cursor, a text field and a status line.
struct Child {
    workers: Workers<Msg>,
    colour: bool,
    selected: u16,
    field: String,
    status: String,
    saved: usize,
    asking: bool,
    step: usize,
    flooding: bool,
    painted: Option<Instant>,
    log: Option<PathBuf>,
}

impl Child {
    fn new(workers: Workers<Msg>, capabilities: &Capabilities) -> Self {
        Self {
            workers,
            colour: !capabilities.plain,
            selected: 0,
            field: String::new(),
            status: "Ready".into(),
            saved: 0,
            asking: false,
            step: 1,
            flooding: false,
            painted: None,
            log: std::env::var_os("CHILD_LOG").map(PathBuf::from),
        }
    }

    fn log(&self, line: &str) {
        let Some(path) = &self.log else { return };
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .expect("a log");
        writeln!(file, "{line}").expect("a log line");
    }

    fn say(&mut self, status: impl Into<String>) -> Flow {
        self.status = status.into();
        self.log(&self.status);
        Flow::REDRAW
    }

    fn key(&mut self, code: KeyCode, modifiers: KeyModifiers, at: Instant) -> Flow {
        if self.asking {
            return match code {
                KeyCode::Char('y') => {
                    self.asking = false;
                    self.say("Answered yes")
                }
                _ => self.say("Asked: y or n?"),
            };
        }
        match (code, modifiers) {
            (KeyCode::Char(c), KeyModifiers::CONTROL) => match c {
                'a' => {
                    self.asking = true;
                    self.say("Asked: y or n?").and_drop_typed_ahead()
                }
                'b' => self.say("Bell").and_bell(),
                'c' => Flow::QUIT,
                'e' => {
                    // An answer counts only if its key was pressed after the question was painted.
                    if self.painted.is_some_and(|painted| at >= painted) {
                        self.step += 1;
                        self.painted = None;
                        self.say(format!("Step {}", self.step))
                    } else {
                        self.say(format!("Step {}, too early", self.step))
                    }
                }
                'f' => {
                    for _ in 0..40 {
                        self.workers.send(Msg::Flood);
                    }
                    Flow::CONTINUE
                }
                'g' => {
                    self.flooding = !self.flooding;
                    self.workers.send(Msg::Drop);
                    self.say(if self.flooding { "Flood" } else { "Ebb" })
                }
                'k' => {
                    self.log("Hanging");
                    loop {
                        std::thread::park();
                    }
                }
                'l' => Flow::REPAINT,
                'n' => Flow::CONTINUE,
                'o' => Flow::REDRAW,
                'w' => {
                    self.workers.spawn("greeter", |workers| {
                        workers.send(Msg::Hello);
                    });
                    Flow::CONTINUE
                }
                'x' => {
                    self.workers.spawn("doomed", |_| panic!("worker boom"));
                    Flow::CONTINUE
                }
                'y' => Flow::CONTINUE.and_copy(self.field.clone()).expect("short"),
                'z' => Flow::SUSPEND,
                _ => self.say(format!("Ctrl-{c}")),
            },
            (KeyCode::Char('!'), _) => panic!("boom"),
            (KeyCode::Char(c), _) => {
                self.field.push(c);
                Flow::REDRAW
            }
            (KeyCode::Backspace, _) => {
                self.field.pop();
                Flow::REDRAW
            }
            (KeyCode::Down, _) => {
                self.selected += 1;
                Flow::REDRAW
            }
            (KeyCode::Up, _) => {
                self.selected = self.selected.saturating_sub(1);
                Flow::REDRAW
            }
            (KeyCode::Enter, _) => {
                self.saved += 1;
                let text = std::mem::take(&mut self.field);
                self.say(format!("Saved #{} {text}", self.saved))
            }
            (KeyCode::Esc, _) => self.say("Esc"),
            _ => Flow::CONTINUE,
        }
    }
}

impl Program for Child {
    type Msg = Msg;

    fn update(&mut self, input: Input<Msg>, now: Instant) -> Flow {
        match input {
            Input::Key(press) => {
                assert!(press.at <= now);
                self.key(press.key.code, press.key.modifiers, press.at)
            }
            Input::Scan(scan) => {
                self.saved += 1;
                self.say(format!("Scan #{} {}", self.saved, scan.text))
            }
            Input::BrokenScan(text) => self.say(format!("Broken scan {text}")),
            Input::Paste(text) => {
                self.field.push_str(&text.replace('\n', " "));
                self.say(format!("Pasted {} characters", text.chars().count()))
            }
            Input::Resize(_) => Flow::CONTINUE,
            Input::Resume => self.say("Resumed"),
            Input::CannotSuspend => self.say("No shell to go back to"),
            Input::Wake => Flow::CONTINUE,
            Input::Worker(Msg::Hello) => self.say("Worker says hello"),
            Input::Worker(Msg::Drop) => {
                // Each drop brings the next: there is always one waiting, and never more.
                if self.flooding {
                    self.workers.send(Msg::Drop);
                }
                Flow::REDRAW
            }
            Input::Worker(Msg::Flood) => Flow::CONTINUE
                .and_copy("x".repeat(50_000))
                .expect("at the limit"),
            Input::WorkerFailed { name, reason } => self.say(format!("{name} failed: {reason}")),
            Input::Closing(Closing::HangUp) => self.say("Closing: hang-up"),
            Input::Closing(Closing::Terminate(signal)) => {
                self.say(format!("Closing: signal {signal}"))
            }
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        let title = format!(
            " bench [{}x{}] row {} ",
            area.width, area.height, self.selected
        );
        frame.render_widget(Block::bordered().title(title), area);
        let mut lines = vec![Line::from(vec![
            Span::raw("> "),
            Span::styled(
                self.field.clone(),
                Style::new().add_modifier(Modifier::BOLD),
            ),
        ])];
        for row in 0..area.height.saturating_sub(4) {
            let mut style = Style::new();
            if self.colour {
                style = style.fg(if row % 3 == 0 {
                    Color::Indexed(214)
                } else {
                    Color::Reset
                });
            }
            if row == self.selected {
                style = style.add_modifier(Modifier::REVERSED);
            }
            let text = format!("PUMP-{row:04}  Müller 1000  ICU  ✓ 100 °C");
            lines.push(Line::styled(text, style));
        }
        let inner = Rect::new(
            1,
            1,
            area.width.saturating_sub(2),
            area.height.saturating_sub(3),
        );
        frame.render_widget(Paragraph::new(lines), inner);
        let foot = Rect::new(
            1,
            area.height.saturating_sub(2),
            area.width.saturating_sub(2),
            1,
        );
        frame.render_widget(Line::raw(self.status.clone()), foot.intersection(area));
    }

    fn painted(&mut self, painted: Painted) {
        self.painted.get_or_insert(painted.at);
    }

    fn is_known(&self, text: &str) -> bool {
        text.starts_with("TAG")
    }
}

/// Not a test of its own: what the others start inside the pseudo-terminal. Without the variable it does nothing.
#[test]
fn child() {
    let Ok(options) = std::env::var("CHILD") else {
        return;
    };
    let mut input = InputOptions::default();
    if options.contains("patient") {
        // So that a busy machine cannot decide what was cut and what belongs together.
        input.escape_gap = Duration::from_secs(5);
        input.scanner_gap = Duration::from_secs(5);
    }
    let ended = capabilities_here(options.contains("ascii"), options.contains("plain")).and_then(
        |capabilities| {
            run(
                &Options {
                    capabilities,
                    input,
                },
                Child::new,
            )
        },
    );
    std::process::exit(match ended {
        Ok(Exit::Quit) => 0,
        Ok(Exit::HangUp) => 41,
        Ok(Exit::Signal(signal)) => 60 + signal,
        Err(e) => {
            eprintln!("{e}");
            i32::from(e.exit_code())
        }
    })
}

/// The child, not yet started.
pub fn child_program(options: &str) -> Start {
    let here = std::env::current_exe().expect("this test binary");
    Start::new(here)
        .args(child_arguments())
        .env("CHILD", options)
}

/// The arguments with which this test binary runs the child and nothing else.
pub fn child_arguments() -> [&'static str; 5] {
    [
        "--exact",
        "support::child::child",
        "--nocapture",
        "--test-threads=1",
        "--color=never",
    ]
}
