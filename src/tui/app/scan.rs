//! Labels, wherever they are scanned.
//!
//! Invariants: the screen in front is asked first; a form keeps what was typed, so a scan that it cannot use goes nowhere
//! else; every scan ends in a word on the screen, good or bad.

use super::desk::Desk;
use super::screen::{Effect, Place, Tone};
use crate::bench::query::ScanAnswer;
use crate::keymap::KeyCombo;
use crate::tui::input::{Press, Scan};
use crate::tui::screens::choose::Choose;
use crate::tui::screens::dialogs;
use crate::tui::screens::words::device_state;
use crate::tui::terminal::Flow;

impl Desk {
    /// A label was scanned.
    pub(super) fn scanned(&mut self, scan: &Scan) -> Flow {
        self.chord.clear();
        self.ways.clear();
        self.said = None;
        self.take_back(scan);
        let answer = match self.session.scan(&scan.text) {
            Ok(answer) => answer,
            Err(failure) => {
                self.say(Tone::Bad, failure.to_string());
                return Flow::REDRAW.and_bell();
            }
        };
        let front = self.front();
        let (taken, effects) = self.with(front, |s, cx| s.scanned(&answer, &scan.text, cx));
        let flow = self.carry_out(front, effects);
        if taken == Some(true) {
            return flow;
        }
        if !self.layers.is_empty() {
            self.say(
                Tone::Bad,
                "Close what is in front with Esc, then scan again. Nothing was done.".to_owned(),
            );
            return flow.and(Flow::REDRAW.and_bell());
        }
        flow.and(self.open_scanned(&answer, &scan.text)).and_bell()
    }

    /// Characters of the label that a text field already took are taken back.
    fn take_back(&mut self, scan: &Scan) {
        let front = self.front();
        let key = crossterm::event::KeyEvent::new(
            crossterm::event::KeyCode::Backspace,
            crossterm::event::KeyModifiers::NONE,
        );
        let press = Press {
            key,
            at: scan.at,
            repeat: false,
            burst: false,
        };
        for _ in 0..scan.shown {
            let _ = self.with(front, |s, cx| s.typed(KeyCombo::from(key), &press, cx));
        }
    }

    fn open_scanned(&mut self, answer: &ScanAnswer, text: &str) -> Flow {
        let warnings: Vec<&str> = answer.scan.warnings.iter().map(|w| w.words()).collect();
        let warnings = warnings.join(" ");
        match answer.devices.as_slice() {
            [only] => {
                let flow = self.go(&Place::Device(only.id));
                let tone = if warnings.is_empty() {
                    Tone::Good
                } else {
                    Tone::Bad
                };
                let words = format!("Scanned {}, {}. {warnings}", only.tag, only.name());
                self.say(tone, words.trim_end().to_owned());
                flow
            }
            [] => self.unknown(answer, text, &warnings),
            several => {
                let rows = several
                    .iter()
                    .map(|card| {
                        let (_, state, _) = device_state(card);
                        (
                            format!(
                                "{}  {}  S/N {}  {}  {state}",
                                card.tag,
                                card.name(),
                                card.serial,
                                card.department
                            ),
                            vec![Effect::Go(Place::Device(card.id))],
                        )
                    })
                    .collect();
                let choose = Choose::new("The label fits several devices", rows);
                let flow = self.open(self.front(), Box::new(choose));
                self.say(
                    Tone::Plain,
                    format!("{} devices fit this label: choose.", several.len()),
                );
                flow
            }
        }
    }

    fn unknown(&mut self, answer: &ScanAnswer, text: &str, warnings: &str) -> Flow {
        let scan = &answer.scan;
        if let Some(error) = scan.error
            && scan.di.is_none()
        {
            self.say(
                Tone::Bad,
                format!(
                    "Read \"{}\". {}",
                    crate::tui::view::text::cut(text, 40),
                    error.words()
                ),
            );
            return Flow::REDRAW;
        }
        let mut read: Vec<String> = Vec::new();
        for (name, value) in [
            ("model", &scan.di),
            ("serial", &scan.serial),
            ("lot", &scan.lot),
        ] {
            read.extend(value.as_ref().map(|value| format!("{name} {value}")));
        }
        let form = dialogs::add_device(Some(answer), None);
        let front = self.front();
        let flow = self.carry_out(front, vec![form]);
        self.say(
            if warnings.is_empty() {
                Tone::Plain
            } else {
                Tone::Bad
            },
            format!(
                "Not on record: {}. Register it, or close with Esc. {warnings}",
                read.join(", ")
            )
            .trim_end()
            .to_owned(),
        );
        flow
    }
}
