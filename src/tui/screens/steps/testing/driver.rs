//! The driver: keys in, effects carried out, pictures out.

use std::time::{Duration, Instant};

use crossterm::event::KeyEvent;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;

use super::{LOOK, Shop};
use crate::bench::query::Receipt;
use crate::bench::{Failure, Session};
use crate::keymap::{self, Action, ChordState, Context, KeyCombo, Keymap};
use crate::tui::app::screen::{Cx, Effect, Place, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::screens::begin::Begin;
use crate::tui::screens::checklist::Checklist;
use crate::tui::screens::conflicts::Conflicts;
use crate::tui::screens::summary::Summary;
use crate::tui::screens::sync::Sync;
use crate::tui::screens::tray::Tray;
use crate::tui::view::Look;

/// A desk: the shop, the screens on top of each other, and what was said.
pub struct Desk {
    pub shop: Shop,
    keymap: Keymap,
    chord: ChordState,
    stack: Vec<Box<dyn Screen>>,
    /// Places gone to, in order.
    pub went: Vec<Place>,
    pub said: Vec<(Tone, String)>,
    pub bells: usize,
    /// Commands and signatures told.
    pub told: usize,
    pub files: Vec<(String, String)>,
    confirm: Option<(String, Vec<Effect>)>,
    /// A step changed and was not painted yet.
    blind: bool,
    at: Instant,
    /// The size of the window.
    pub size: (u16, u16),
    /// Does not paint between keys.
    pub hasty: bool,
}

impl Desk {
    pub fn new(shop: Shop, place: Place) -> Self {
        let keymap = keymap::load(None, None).keymap;
        let mut desk = Self {
            shop,
            keymap,
            chord: ChordState::default(),
            stack: Vec::new(),
            went: Vec::new(),
            said: Vec::new(),
            bells: 0,
            told: 0,
            files: Vec::new(),
            confirm: None,
            blind: false,
            at: Instant::now(),
            size: (80, 24),
            hasty: false,
        };
        desk.go(place);
        desk.paint();
        desk
    }

    /// A desk that shows this screen.
    pub fn showing(shop: Shop, screen: Box<dyn Screen>) -> Self {
        let mut desk = Self::new(shop, Place::Tray);
        desk.carry_out(vec![Effect::Open(screen)]);
        desk
    }

    /// A desk at the checklist of a fresh inspection.
    pub fn at_checklist() -> Self {
        let shop = Shop::open();
        let id = shop.inspection("BME-1");
        Self::new(shop, Place::Checklist(id))
    }

    pub fn session(&self) -> &Session {
        &self.shop.session
    }

    /// Presses keys written as keymap files write them, with spaces between; paints after each.
    pub fn keys(&mut self, script: &str) {
        for key in script.split_whitespace() {
            self.press(key, false, false);
        }
    }

    /// Types text, then Enter.
    pub fn enter(&mut self, text: &str) {
        self.type_text(text);
        self.press("enter", false, false);
    }

    /// Writes a note and saves it.
    pub fn note(&mut self, text: &str) {
        self.type_text(text);
        self.press("f2", false, false);
    }

    /// Wakes the screen, as the app does, until this holds: work beside the screen takes its own time.
    pub fn until(&mut self, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !holds(self) {
            assert!(Instant::now() < end, "{}", self.shot(80, 24));
            self.with(|screen, cx| screen.woken(cx));
            std::thread::yield_now();
        }
    }

    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            let key = if c == ' ' {
                "space".to_owned()
            } else {
                c.to_string()
            };
            self.press(&key, false, false);
        }
    }

    pub fn press(&mut self, key: &str, repeat: bool, burst: bool) {
        let combo: KeyCombo = key.parse().unwrap();
        self.at += Duration::from_millis(200);
        let press = Press {
            key: KeyEvent::new(combo.code(), combo.modifiers()),
            at: self.at,
            repeat,
            burst,
        };
        let contexts = self.contexts();
        let meaning = self.keymap.press(&mut self.chord, &contexts, combo);
        // What was pressed before the step was painted answers nothing.
        let blind = self.blind;
        match meaning {
            keymap::Press::Run(Action::ConfirmYes)
                if self.confirm.is_some() && !repeat && !burst =>
            {
                if let Some((_, yes)) = self.confirm.take() {
                    self.carry_out(yes);
                }
            }
            keymap::Press::Run(Action::ConfirmNo | Action::Back) if self.confirm.is_some() => {
                self.confirm = None;
            }
            _ if self.confirm.is_some() => {}
            keymap::Press::Run(action) if !(blind && action.records()) => {
                self.with(|screen, cx| screen.run(action, &press, cx));
            }
            keymap::Press::None if !blind => {
                self.with(|screen, cx| {
                    screen.typed(combo, &press, cx);
                });
            }
            _ => {}
        }
        if !self.hasty {
            self.paint();
        }
    }

    pub fn scan(&mut self, text: &str) {
        let answer = self.shop.session.scan(text).unwrap();
        self.with(|screen, cx| {
            screen.scanned(&answer, text, cx);
        });
        self.paint();
    }

    /// Lets time go by and wakes the screen.
    pub fn wait(&mut self, seconds: i64) {
        self.shop.wait(seconds);
        self.with(|screen, cx| screen.woken(cx));
        self.paint();
    }

    pub fn contexts(&self) -> Vec<Context> {
        if self.confirm.is_some() {
            return vec![Context::Confirm];
        }
        self.stack.last().map(|s| s.contexts()).unwrap_or_default()
    }

    pub fn question(&self) -> Option<&str> {
        self.confirm.as_ref().map(|(question, _)| question.as_str())
    }

    pub fn last_said(&self) -> &str {
        self.said.last().map_or("", |(_, words)| words.as_str())
    }

    pub fn screen(&self) -> &dyn Screen {
        self.stack.last().unwrap().as_ref()
    }

    fn with(&mut self, run: impl FnOnce(&mut dyn Screen, &mut Cx<'_>)) {
        let Some(mut screen) = self.stack.pop() else {
            return;
        };
        let mut cx = Cx {
            session: &self.shop.session,
            effects: Vec::new(),
            keymap: Some(&self.keymap),
        };
        run(screen.as_mut(), &mut cx);
        let effects = cx.effects;
        self.stack.push(screen);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Tell(command) => {
                    let result = match self.shop.session.second_person(&command) {
                        Ok(Some(_)) => {
                            self.shop.second_key();
                            self.shop.session.tell_with(&command, super::SECOND)
                        }
                        _ => self.shop.session.tell(*command),
                    };
                    self.tell(result);
                }
                Effect::Sign(request) => {
                    let result = self.shop.session.sign(&request);
                    self.tell(result);
                }
                Effect::Review(request) => {
                    let result = self.shop.session.review(&request);
                    self.tell(result);
                }
                Effect::TakeInHand { kind, tool } => self.shop.session.take_in_hand(&kind, tool),
                Effect::Go(place) => self.go(place),
                Effect::Back => {
                    if self.stack.len() > 1 {
                        self.stack.pop();
                    }
                    self.with(|screen, cx| screen.refresh(cx));
                }
                Effect::Say(tone, words) => self.said.push((tone, words)),
                Effect::Bell => self.bells += 1,
                Effect::Confirm { question, yes } => self.confirm = Some((question, yes)),
                Effect::NewStep => self.blind = true,
                Effect::Open(screen) => {
                    self.stack.push(screen);
                    self.with(|screen, cx| screen.refresh(cx));
                }
                Effect::WriteFiles(files) => self.files.extend(files),
                _ => {}
            }
        }
    }

    fn tell(&mut self, result: Result<Receipt, Failure>) {
        self.told += usize::from(result.is_ok());
        self.with(|screen, cx| screen.told(&result, cx));
        self.with(|screen, cx| screen.refresh(cx));
    }

    fn go(&mut self, place: Place) {
        let screen: Option<Box<dyn Screen>> = match &place {
            Place::Begin { device, order } => Some(Box::new(Begin::new(*device, *order))),
            Place::Checklist(id) => Some(Box::new(Checklist::new(*id))),
            Place::Step { inspection, step } => {
                Some(Box::new(Checklist::at(*inspection, step.clone())))
            }
            Place::Summary(id) => Some(Box::new(Summary::new(*id))),
            Place::Tray => Some(Box::new(Tray::new())),
            Place::Conflicts => Some(Box::new(Conflicts::new())),
            Place::Sync => Some(Box::new(Sync::new())),
            _ => None,
        };
        // As in the app: where work begins, the page before it is not gone back to.
        if let (Some(Place::Begin { .. }), Place::Checklist(_)) = (self.went.last(), &place) {
            self.stack.pop();
        }
        self.went.push(place);
        if let Some(screen) = screen {
            self.stack.push(screen);
            self.with(|screen, cx| screen.refresh(cx));
        }
    }

    /// Paints a frame of the size that the desk has.
    pub fn paint(&mut self) {
        let (width, height) = self.size;
        let _ = self.shot(width, height);
        self.blind = false;
    }

    /// The screen as text: breadcrumb above, footer below.
    pub fn shot(&self, width: u16, height: u16) -> String {
        self.shot_with(width, height, &LOOK)
    }

    pub fn shot_with(&self, width: u16, height: u16, look: &Look) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| {
                let inner = Rect::new(0, 1, width, height - 2);
                frame.render_widget(self.screen().title(), Rect::new(0, 0, width, 1));
                self.screen().draw(frame, inner, look);
                let items = keymap::describe::footer(&self.keymap, &self.contexts(), |action| {
                    self.screen().availability(action)
                });
                let words: Vec<String> = keymap::describe::fit(&items, width as usize, 2)
                    .iter()
                    .map(|item| format!("{} {}", item.key, item.label))
                    .collect();
                frame.render_widget(words.join("  "), Rect::new(0, height - 1, width, 1));
            })
            .unwrap();
        let buffer = terminal.backend().buffer();
        let mut out = String::new();
        for y in 0..height {
            let mut row = String::new();
            for x in 0..width {
                row.push_str(buffer[(x, y)].symbol());
            }
            out.push_str(row.trim_end());
            out.push('\n');
        }
        out
    }
}
