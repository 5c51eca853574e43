//! Keys pressed on a desk, for the tests of several files.

use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::desk::Desk;
use crate::tui::input::Press;

/// Presses one key.
pub fn press(desk: &mut Desk, code: KeyCode) {
    let now = Instant::now();
    let press = Press {
        key: KeyEvent::new(code, KeyModifiers::NONE),
        at: now,
        repeat: false,
        burst: false,
    };
    let _ = desk.key(&press, now);
}

/// Types a text and presses Enter.
pub fn enter(desk: &mut Desk, text: &str) {
    for c in text.chars() {
        press(desk, KeyCode::Char(c));
    }
    press(desk, KeyCode::Enter);
}
