//! The terminal face on a small shop in a folder of its own, driven by key scripts: `"al<down><enter>"`.
//!
//! Invariants: time stands still at 2026-11-23 09:00 UTC; every key is followed by a drawn and painted frame, as on a
//! real terminal, so that what a test types could have been typed by hand.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use ratatui::style::{Color, Modifier};
use tagout::bench::clock::Clock;
use tagout::bench::{Bench, BenchOptions, NewStore, Session, Tuning};
use tagout::domain::command::Command;
use tagout::domain::device::{DeviceCommand, Field, HoldKind, Origin, Stage};
use tagout::domain::event::Kind;
use tagout::domain::id::EntityId;
use tagout::domain::order::{Opening, Order, OrderCommand, OrderKind, Priority};
use tagout::domain::technician::TechnicianEvent;
use tagout::tui::app::{App, Msg, Opened};
use tagout::tui::input::{Press, Scan, ScanSource};
use tagout::tui::terminal::{Input, Painted, Program};
use tagout::tui::view::Look;

/// 2026-11-23 09:00 UTC, in microseconds.
const NOW: i64 = 1_795_424_400_000_000;

/// Tag, maker, model, serial, type, department.
const DEVICES: [[&str; 6]; 7] = [
    [
        "BME-001",
        "Alaris",
        "8015",
        "SN-1001",
        "Infusion pump",
        "ICU",
    ],
    [
        "BME-002",
        "Alaris",
        "8100",
        "SN-1002",
        "Infusion pump",
        "ICU",
    ],
    [
        "BME-003",
        "ZOLL",
        "R Series",
        "SN-2001",
        "Defibrillator",
        "ED",
    ],
    [
        "BME-004",
        "Philips",
        "MX450",
        "SN-3001",
        "Patient monitor",
        "ED",
    ],
    [
        "BME-005",
        "Olympus",
        "UHI-4",
        "SN-4001",
        "Insufflator",
        "OR",
    ],
    [
        "BME-006",
        "Masimo",
        "Rad-97",
        "SN-5001",
        "Pulse oximeter",
        "PACU",
    ],
    [
        "BME-007",
        "Masimo",
        "Rad-97",
        "SN-5001",
        "Pulse oximeter",
        "PACU",
    ],
];

/// The program at a bench.
pub struct Desk {
    app: App,
    terminal: Terminal<TestBackend>,
    /// A second session at the same bench, to look at what was recorded and to be somebody else.
    pub session: Session,
    now: Instant,
    frame: u64,
    _dir: tempfile::TempDir,
}

impl Desk {
    /// The small shop at this size.
    pub fn open(width: u16, height: u16) -> Self {
        Self::with_look(
            width,
            height,
            Look {
                mono: false,
                ascii: false,
                plain: false,
            },
        )
    }

    /// The small shop at this size and with this look.
    pub fn with_look(width: u16, height: u16, look: Look) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let bench = Arc::new(bench(dir.path()));
        let session = Session::new(bench, "jd");
        stock(&session);
        let session_of_face = session.beside();
        let keymap = tagout::keymap::load(None, None);
        let app = App::new(keymap, look, |_| {}, |_| {});
        let terminal = Terminal::new(TestBackend::new(width, height)).expect("a screen");
        let mut desk = Self {
            app,
            terminal,
            session,
            now: Instant::now(),
            frame: 0,
            _dir: dir,
        };
        desk.paint();
        desk.give(Input::Worker(Msg::Opened(Box::new(Opened {
            session: session_of_face,
            notices: Vec::new(),
            new_store: false,
            greeting: None,
        }))));
        desk
    }

    fn give(&mut self, input: Input<Msg>) {
        self.now += Duration::from_millis(150);
        let _ = self.app.update(input, self.now);
        self.paint();
    }

    fn paint(&mut self) {
        let app = &mut self.app;
        self.terminal
            .draw(|frame| app.draw(frame))
            .expect("a frame is drawn");
        self.frame += 1;
        self.now += Duration::from_millis(1);
        self.app.painted(Painted {
            frame: self.frame,
            at: self.now,
        });
    }

    /// Presses one key.
    pub fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        let press = Press {
            key: KeyEvent::new(code, modifiers),
            at: self.now + Duration::from_millis(100),
            repeat: false,
            burst: false,
        };
        self.give(Input::Key(press));
    }

    /// Lets the hands rest: what waits for that is done. No more than a moment passes.
    pub fn rest(&mut self) -> &mut Self {
        self.now += Duration::from_millis(200);
        if self.app.wake_at().is_some_and(|at| at <= self.now) {
            let _ = self.app.update(Input::Wake, self.now);
            self.paint();
        }
        self
    }

    /// Types a script: characters, and `<enter>`, `<esc>`, `<down>`, `<c-u>` and so on.
    pub fn keys(&mut self, script: &str) -> &mut Self {
        self.type_in(script);
        self.rest()
    }

    fn type_in(&mut self, script: &str) {
        let mut rest = script;
        while let Some(c) = rest.chars().next() {
            if c == '<'
                && let Some((name, after)) = rest[1..].split_once('>')
            {
                let (code, modifiers) = named(name);
                self.press(code, modifiers);
                rest = after;
                continue;
            }
            let modifiers = if c.is_uppercase() {
                KeyModifiers::SHIFT
            } else {
                KeyModifiers::NONE
            };
            self.press(KeyCode::Char(c), modifiers);
            rest = &rest[c.len_utf8()..];
        }
    }

    /// A key as the terminal would deliver it when held down.
    pub fn hold(&mut self, c: char) {
        let press = Press {
            key: KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE),
            at: self.now,
            repeat: true,
            burst: false,
        };
        self.give(Input::Key(press));
    }

    /// Scans a label.
    pub fn scan(&mut self, text: &str) -> &mut Self {
        let scan = Scan {
            text: text.to_owned(),
            at: self.now,
            shown: 0,
            source: ScanSource::Burst,
        };
        self.give(Input::Scan(scan));
        self
    }

    /// Pastes a text.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.give(Input::Paste(text.to_owned()));
        self
    }

    /// Gives the window another size.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.terminal.backend_mut().resize(width, height);
        let _ = self
            .app
            .update(Input::Resize(Size { width, height }), self.now);
        self.paint();
    }

    /// Says that somebody else changed something.
    pub fn changed(&mut self) {
        let change = tagout::bench::query::Change {
            changed: Vec::new(),
            revision: 0,
        };
        self.give(Input::Worker(Msg::Changed(change, None)));
    }

    /// The text on screen, line by line, without spaces at the ends.
    pub fn text(&self) -> String {
        let buffer = self.terminal.backend().buffer();
        let width = buffer.area.width.max(1) as usize;
        buffer
            .content
            .chunks(width)
            .fold(String::new(), |mut out, row| {
                let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
                out.push_str(line.trim_end());
                out.push('\n');
                out
            })
    }

    /// The text on screen, and below it where it is not plain: row, columns, colours and weight.
    pub fn picture(&self) -> String {
        use std::fmt::Write as _;
        let buffer = self.terminal.backend().buffer();
        let mut out = self.text();
        out.push_str("----\n");
        let width = buffer.area.width.max(1) as usize;
        for (y, row) in buffer.content.chunks(width).enumerate() {
            let mut from = 0;
            while let Some(first) = row.get(from) {
                let look = |cell: &ratatui::buffer::Cell| (cell.fg, cell.bg, cell.modifier);
                let run = row[from..]
                    .iter()
                    .take_while(|cell| look(cell) == look(first))
                    .count();
                if look(first) != (Color::Reset, Color::Reset, Modifier::empty()) {
                    let to = from + run - 1;
                    let _ = writeln!(out, "{y}:{from}-{to} {:?} {:?}", first.fg, first.modifier);
                }
                from += run;
            }
        }
        out
    }

    /// Fails unless the screen holds this text.
    #[track_caller]
    pub fn sees(&self, text: &str) -> &Self {
        let screen = self.text();
        assert!(
            screen.contains(text),
            "\"{text}\" is not on screen:\n{screen}"
        );
        self
    }

    /// Fails if the screen holds this text.
    #[track_caller]
    pub fn misses(&self, text: &str) -> &Self {
        let screen = self.text();
        assert!(!screen.contains(text), "\"{text}\" is on screen:\n{screen}");
        self
    }

    /// The title of what has the keys.
    pub fn in_front(&self) -> String {
        self.app
            .desk()
            .map(tagout::tui::app::Desk::in_front)
            .unwrap_or_default()
    }

    /// The device with this tag.
    pub fn device(&self, tag: &str) -> EntityId {
        self.session.named(tag).expect("an answer")[0].id
    }
}

fn named(name: &str) -> (KeyCode, KeyModifiers) {
    let none = KeyModifiers::NONE;
    match name {
        "enter" => (KeyCode::Enter, none),
        "esc" => (KeyCode::Esc, none),
        "tab" => (KeyCode::Tab, none),
        "backtab" => (KeyCode::BackTab, KeyModifiers::SHIFT),
        "up" => (KeyCode::Up, none),
        "down" => (KeyCode::Down, none),
        "left" => (KeyCode::Left, none),
        "right" => (KeyCode::Right, none),
        "home" => (KeyCode::Home, none),
        "end" => (KeyCode::End, none),
        "backspace" => (KeyCode::Backspace, none),
        "space" => (KeyCode::Char(' '), none),
        "f1" => (KeyCode::F(1), none),
        "f2" => (KeyCode::F(2), none),
        other => match other.strip_prefix("c-").and_then(|c| c.chars().next()) {
            Some(c) => (KeyCode::Char(c), KeyModifiers::CONTROL),
            None => panic!("<{name}> is no key of these scripts"),
        },
    }
}

fn bench(dir: &std::path::Path) -> Bench {
    let options = BenchOptions {
        dir: dir.join("store"),
        state_dir: dir.join("state"),
        user: "jd".to_owned(),
        new: Some(NewStore {
            seed: Some([9; 32]),
            shop: "Test shop".to_owned(),
            prefix: "T".to_owned(),
            zone: "UTC".to_owned(),
            demo: true,
        }),
        clock: Clock::set(NOW),
        progress: None,
        tuning: Tuning::small(),
    };
    Bench::open(options).expect("a new store opens").0
}

/// Seven devices, two of them with one serial, and five work orders.
fn stock(session: &Session) {
    let tell = |command| session.tell(command).expect("the command is recorded");
    for (key, name) in [("jd", "Jo Doe"), ("mx", "Max Ix")] {
        tell(Command::Technician {
            key: key.to_owned(),
            event: TechnicianEvent::Named {
                key: key.to_owned(),
                name: name.to_owned(),
                initials: key.to_uppercase(),
            },
        });
    }
    let mut ids = Vec::new();
    for [tag, maker, model, serial, kind, department] in DEVICES {
        let fields = [
            (Field::AssetTag, tag),
            (Field::Manufacturer, maker),
            (Field::Model, model),
            (Field::Serial, serial),
            (Field::TypeName, kind),
            (Field::Department, department),
            (
                Field::HighRisk,
                if kind == "Pulse oximeter" {
                    "no"
                } else {
                    "yes"
                },
            ),
        ];
        let receipt = tell(Command::Device(DeviceCommand::Add {
            fields: fields
                .iter()
                .map(|(field, text)| (*field, field.parse(text).unwrap().unwrap()))
                .collect(),
            stage: Stage::InService,
            origin: Origin::TakenOver,
        }));
        ids.push(receipt.made(Kind::Device).unwrap().what.id);
    }
    tell(Command::Device(DeviceCommand::Hold {
        device: ids[4],
        kind: HoldKind::DoNotUse,
        reason: "Pressure reads wrong".to_owned(),
    }));
    let order = |device: usize, kind: OrderKind, what: &str, due: Option<&str>| {
        tell(Command::Order(OrderCommand::Open {
            opening: Opening {
                kind,
                device: Some(ids[device]),
                priority: Priority::Normal,
                problem: if kind == OrderKind::Repair { what } else { "" }.to_owned(),
                activity: if kind == OrderKind::Pm { what } else { "" }.to_owned(),
                due: due.map(|day| day.parse().unwrap()),
                ..Order::default().opening
            },
            check_in: None,
        }))
    };
    order(0, OrderKind::Pm, "annual PM", Some("2026-11-20"));
    order(1, OrderKind::Pm, "annual PM", Some("2026-11-23"));
    order(
        2,
        OrderKind::Repair,
        "Paddle cable frayed",
        Some("2026-11-25"),
    );
    order(5, OrderKind::Pm, "annual PM", Some("2026-12-20"));
    order(4, OrderKind::Repair, "Pressure reads wrong", None);
}
