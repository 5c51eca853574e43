//! Joins keys that the network cut in two.
//!
//! A function key is several bytes beginning with ESC. If a read ends right after the ESC, crossterm reports the Esc key
//! at once and the rest as ordinary characters: an arrow becomes Esc, `[`, `B`, and "[B" would be typed somewhere or
//! `B` would act. So Esc is held for 50 ms; what follows in time and spells a known key becomes that key.
//!
//! Invariants: keys that spell nothing come out unchanged and in order; Esc alone is delayed by 50 ms at most; text of a
//! paste whose first mark was cut the same way never comes out as keys.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// No key spells longer than this.
const LONGEST: usize = 12;

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Joined {
    Key(KeyEvent, Instant),
    Paste(String, Instant),
}

/// The stage's memory.
#[derive(Debug)]
pub(super) struct Joiner {
    /// How long after one byte the next of the same key may still come.
    gap: Duration,
    /// Esc and what followed it so far.
    held: Vec<(KeyEvent, Instant)>,
    /// The text of a paste whose beginning was cut, and when its last character came.
    paste: Option<(String, Instant)>,
}

impl Joiner {
    pub(super) fn new(gap: Duration) -> Self {
        Self {
            gap,
            held: Vec::new(),
            paste: None,
        }
    }

    /// Forgets everything held.
    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.paste = None;
    }

    pub(super) fn feed(&mut self, key: KeyEvent, at: Instant, out: &mut Vec<Joined>) {
        self.tick(at, out);
        if let Some((text, last)) = &mut self.paste {
            *last = at;
            text.extend(typed(&key));
            // The closing mark, cut in the same way. (Uncut, crossterm drops it, and the pause after it ends the text.)
            if let Some(body) = text.strip_suffix("\u{1b}[201~") {
                out.push(Joined::Paste(body.to_owned(), at));
                self.paste = None;
            }
            return;
        }
        let is_esc = key.code == KeyCode::Esc && key.modifiers.is_empty();
        if self.held.is_empty() && !is_esc {
            out.push(Joined::Key(key, at));
            return;
        }
        if is_esc {
            self.flush(out);
        }
        self.held.push((key, at));
        match spelled(&self.held) {
            Spelled::Unfinished => {}
            Spelled::Key(joined) => {
                self.held.clear();
                out.push(Joined::Key(joined, at));
            }
            Spelled::PasteBegins => {
                self.held.clear();
                self.paste = Some((String::new(), at));
            }
            Spelled::Nothing => self.flush(out),
        }
    }

    pub(super) fn tick(&mut self, now: Instant, out: &mut Vec<Joined>) {
        if self.wake_at().is_some_and(|at| now >= at) {
            self.flush(out);
        }
    }

    pub(super) fn wake_at(&self) -> Option<Instant> {
        let held = self.held.last().map(|(_, at)| *at);
        let paste = self.paste.as_ref().map(|(_, at)| *at);
        held.or(paste).map(|at| at + self.gap)
    }

    /// Lets everything go at once.
    pub(super) fn flush(&mut self, out: &mut Vec<Joined>) {
        out.extend(self.held.drain(..).map(|(key, at)| Joined::Key(key, at)));
        if let Some((text, at)) = self.paste.take() {
            out.push(Joined::Paste(text, at));
        }
    }
}

/// The character a key stands for in a pasted text.
fn typed(key: &KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => Some(c),
        KeyCode::Char('j') => Some('\n'),
        KeyCode::Char('5' | ']') => Some('\u{1d}'),
        KeyCode::Enter => Some('\n'),
        KeyCode::Tab => Some('\t'),
        KeyCode::Esc => Some('\u{1b}'),
        _ => None,
    }
}

enum Spelled {
    Unfinished,
    Key(KeyEvent),
    PasteBegins,
    Nothing,
}

fn spelled(held: &[(KeyEvent, Instant)]) -> Spelled {
    let mut text = String::new();
    for (key, _) in held.iter().skip(1) {
        match key.code {
            KeyCode::Char(c)
                if c.is_ascii()
                    && (key.modifiers - KeyModifiers::SHIFT).is_empty()
                    && key.kind == KeyEventKind::Press =>
            {
                text.push(c);
            }
            _ => return Spelled::Nothing,
        }
    }
    if text.len() > LONGEST {
        return Spelled::Nothing;
    }
    let Some((first, rest)) = text.split_at_checked(1) else {
        return Spelled::Unfinished;
    };
    let Some(last) = rest.chars().next_back() else {
        return match first {
            "[" | "O" => Spelled::Unfinished,
            _ => Spelled::Nothing,
        };
    };
    let parameters = &rest[..rest.len() - last.len_utf8()];
    let code = match (first, parameters, last) {
        ("O", "", _) => named(last),
        // The Linux console's F1 to F5.
        ("[", "", '[') => return Spelled::Unfinished,
        ("[", "[", 'A'..='E') => Some(KeyCode::F(last as u8 - b'A' + 1)),
        ("[", _, '0'..='9' | ';') if !parameters.starts_with('[') => return Spelled::Unfinished,
        ("[", "200", '~') => return Spelled::PasteBegins,
        ("[", _, '~') => numbered(parameters),
        ("[", _, _) if !parameters.starts_with('[') => named(last),
        _ => None,
    };
    match code {
        Some(code) => Spelled::Key(KeyEvent::new(code, modifiers(code, parameters))),
        None => Spelled::Nothing,
    }
}

fn named(last: char) -> Option<KeyCode> {
    Some(match last {
        'A' => KeyCode::Up,
        'B' => KeyCode::Down,
        'C' => KeyCode::Right,
        'D' => KeyCode::Left,
        'H' => KeyCode::Home,
        'F' => KeyCode::End,
        'P' => KeyCode::F(1),
        'Q' => KeyCode::F(2),
        'R' => KeyCode::F(3),
        'S' => KeyCode::F(4),
        'Z' => KeyCode::BackTab,
        _ => return None,
    })
}

/// The keys of the old keypads, by their number.
fn numbered(parameters: &str) -> Option<KeyCode> {
    let number: u8 = parameters.split(';').next()?.parse().ok()?;
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number - 10),
        17..=21 => KeyCode::F(number - 11),
        23..=26 => KeyCode::F(number - 12),
        28..=29 => KeyCode::F(number - 13),
        31..=34 => KeyCode::F(number - 14),
        _ => return None,
    })
}

/// The second parameter is one more than the sum of Shift (1), Alt (2) and Ctrl (4).
fn modifiers(code: KeyCode, parameters: &str) -> KeyModifiers {
    let mask = parameters
        .split(';')
        .nth(1)
        .and_then(|number| number.parse::<u8>().ok())
        .and_then(|number| number.checked_sub(1))
        .unwrap_or(0);
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(
        KeyModifiers::SHIFT,
        mask & 1 != 0 || code == KeyCode::BackTab,
    );
    modifiers.set(KeyModifiers::ALT, mask & 2 != 0);
    modifiers.set(KeyModifiers::CONTROL, mask & 4 != 0);
    modifiers
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GAP: Duration = Duration::from_millis(50);

    fn key(c: char) -> KeyEvent {
        match c {
            '\u{1b}' => KeyCode::Esc.into(),
            '\r' => KeyCode::Enter.into(),
            c if c.is_uppercase() => KeyEvent::new(KeyCode::Char(c), KeyModifiers::SHIFT),
            c => KeyCode::Char(c).into(),
        }
    }

    /// Feeds characters `step` ms apart, then lets time pass.
    fn play(text: &str, step: u64) -> Vec<Joined> {
        let start = Instant::now();
        let mut joiner = Joiner::new(GAP);
        let mut out = Vec::new();
        for (i, c) in text.chars().enumerate() {
            joiner.feed(
                key(c),
                start + Duration::from_millis(i as u64 * step),
                &mut out,
            );
        }
        joiner.tick(start + Duration::from_secs(60), &mut out);
        assert_eq!(joiner.wake_at(), None);
        out
    }

    fn keys(out: &[Joined]) -> Vec<KeyEvent> {
        out.iter()
            .map(|one| match one {
                Joined::Key(key, _) => *key,
                Joined::Paste(text, _) => panic!("paste {text:?}"),
            })
            .collect()
    }

    #[test]
    fn cut_keys_are_joined() {
        let ctrl = KeyModifiers::CONTROL;
        let cases: &[(&str, KeyEvent)] = &[
            ("\u{1b}[A", KeyCode::Up.into()),
            ("\u{1b}[B", KeyCode::Down.into()),
            ("\u{1b}OB", KeyCode::Down.into()),
            ("\u{1b}[H", KeyCode::Home.into()),
            ("\u{1b}[4~", KeyCode::End.into()),
            ("\u{1b}[6~", KeyCode::PageDown.into()),
            ("\u{1b}[15~", KeyCode::F(5).into()),
            ("\u{1b}[24~", KeyCode::F(12).into()),
            ("\u{1b}OP", KeyCode::F(1).into()),
            ("\u{1b}[[C", KeyCode::F(3).into()),
            ("\u{1b}[1;5C", KeyEvent::new(KeyCode::Right, ctrl)),
            ("\u{1b}[3;5~", KeyEvent::new(KeyCode::Delete, ctrl)),
            (
                "\u{1b}[Z",
                KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT),
            ),
        ];
        for (text, want) in cases {
            assert_eq!(keys(&play(text, 10)), [*want], "{text:?}");
        }
    }

    #[test]
    fn what_spells_no_key_comes_out_as_it_came() {
        for text in [
            "\u{1b}",
            "\u{1b}x",
            "\u{1b}[x",
            "\u{1b}[9~",
            "\u{1b}\u{1b}[x",
            "\u{1b}[12345678901234",
            "\u{1b}[[Z",
            "\u{1b}[\r",
        ] {
            let want: Vec<_> = text.chars().map(key).collect();
            assert_eq!(keys(&play(text, 10)), want, "{text:?}");
        }
    }

    #[test]
    fn a_hand_is_slower_than_a_network_packet() {
        let want: Vec<_> = "\u{1b}[B".chars().map(key).collect();
        assert_eq!(keys(&play("\u{1b}[B", 60)), want);
    }

    #[test]
    fn two_escapes_then_an_arrow() {
        assert_eq!(
            keys(&play("\u{1b}\u{1b}[B", 5)),
            [KeyEvent::from(KeyCode::Esc), KeyCode::Down.into()]
        );
    }

    #[test]
    fn a_paste_with_a_cut_beginning_is_still_a_paste() {
        let start = Instant::now();
        for text in ["\u{1b}[200~p\rq\u{1b}[201~", "\u{1b}[200~p\rq"] {
            let mut joiner = Joiner::new(GAP);
            let mut out = Vec::new();
            for c in text.chars() {
                joiner.feed(key(c), start, &mut out);
            }
            joiner.tick(start + GAP, &mut out);
            assert!(
                matches!(out.as_slice(), [Joined::Paste(t, _)] if t == "p\nq"),
                "{text:?}: {out:?}"
            );
        }
    }

    proptest! {
        /// Without Esc nothing is held or changed; with it, no key is lost that spells nothing.
        #[test]
        fn text_without_escape_passes_at_once(text in "[ -~]{0,40}") {
            let start = Instant::now();
            let mut joiner = Joiner::new(GAP);
            let mut out = Vec::new();
            for c in text.chars() {
                joiner.feed(key(c), start, &mut out);
            }
            prop_assert_eq!(joiner.wake_at(), None);
            let want: Vec<_> = text.chars().map(key).collect();
            prop_assert_eq!(keys(&out), want);
        }

        #[test]
        fn slow_keys_come_out_unchanged(text in "[\u{1b}\\[OABH~0-9;x]{0,30}") {
            let want: Vec<_> = text.chars().map(key).collect();
            prop_assert_eq!(keys(&play(&text, 51)), want);
        }
    }
}
