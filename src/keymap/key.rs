//! One key press with its modifiers, and the text that names it. The only file that knows crokey.
//!
//! Invariants: two presses that a person cannot tell apart are equal (`G`, `shift-g` and the terminal's `G` with or
//! without the shift flag; `shift-tab` and `backtab`; Ctrl-letters in either case); `parse(canonical(key)) == key`.

use std::fmt;
use std::str::FromStr;

use crokey::{KeyCombination, KeyCombinationFormat, OneToThree};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers, normalised.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct KeyCombo {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// A text that names no key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not a key")]
pub struct BadKey(pub String);

const MODIFIERS: [(&str, KeyModifiers); 4] = [
    ("ctrl-", KeyModifiers::CONTROL),
    ("alt-", KeyModifiers::ALT),
    ("shift-", KeyModifiers::SHIFT),
    ("cmd-", KeyModifiers::SUPER),
];

impl KeyCombo {
    /// A key from its parts, normalised.
    pub fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let known =
            KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT | KeyModifiers::SUPER;
        let mut modifiers = modifiers & known;
        let mut code = match code {
            KeyCode::Char('\r' | '\n') => KeyCode::Enter,
            KeyCode::Char('\t') => KeyCode::Tab,
            other => other,
        };
        match code {
            KeyCode::BackTab => modifiers.insert(KeyModifiers::SHIFT),
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => code = KeyCode::BackTab,
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::SHIFT) => {
                // A shifted sign (`?`, `:`) is its own key whatever the terminal says about Shift.
                match letter(c) {
                    Some((_, big)) => code = KeyCode::Char(big),
                    None => modifiers.remove(KeyModifiers::SHIFT),
                }
            }
            // Ctrl-C and Ctrl-c are one key; anything else in capitals was typed with Shift.
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => {
                code = KeyCode::Char(letter(c).map_or(c, |(small, _)| small));
            }
            KeyCode::Char(c) if letter(c).is_some_and(|(_, big)| big == c) => {
                modifiers.insert(KeyModifiers::SHIFT);
            }
            _ => {}
        }
        Self { code, modifiers }
    }

    /// A printable character without modifiers other than Shift.
    pub fn char(c: char) -> Self {
        Self::new(KeyCode::Char(c), KeyModifiers::NONE)
    }

    /// The Esc key.
    pub fn esc() -> Self {
        Self::new(KeyCode::Esc, KeyModifiers::NONE)
    }

    /// The key code, as crossterm names it.
    pub const fn code(self) -> KeyCode {
        self.code
    }

    /// The modifiers, after normalisation.
    pub const fn modifiers(self) -> KeyModifiers {
        self.modifiers
    }

    /// The character that this key types in a text field, if it types one.
    pub const fn typed(self) -> Option<char> {
        let held = KeyModifiers::CONTROL
            .union(KeyModifiers::ALT)
            .union(KeyModifiers::SUPER);
        match self.code {
            KeyCode::Char(c) if !self.modifiers.intersects(held) => Some(c),
            _ => None,
        }
    }

    /// Whether a text field uses this key to edit: cursor, deleting, and the Ctrl-letters that shells taught people.
    pub fn edits_text(self) -> bool {
        match self.code {
            KeyCode::Left
            | KeyCode::Right
            | KeyCode::Home
            | KeyCode::End
            | KeyCode::Backspace
            | KeyCode::Delete => true,
            _ => matches!(self.ctrl_char(), Some('a' | 'e' | 'k' | 'u' | 'w')),
        }
    }

    /// The letter or digit of `ctrl-X` with no other modifier.
    pub fn ctrl_char(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers == KeyModifiers::CONTROL => Some(c),
            _ => None,
        }
    }

    /// The text that keymap files use: `k`, `G`, `ctrl-l`, `shift-up`, `backtab`, `f5`.
    pub fn canonical(self) -> String {
        let mut out = String::new();
        let mut modifiers = self.modifiers;
        match self.code {
            KeyCode::BackTab => modifiers.remove(KeyModifiers::SHIFT),
            KeyCode::Char(_) if !modifiers.contains(KeyModifiers::CONTROL) => {
                modifiers.remove(KeyModifiers::SHIFT);
            }
            _ => {}
        }
        for (text, modifier) in MODIFIERS {
            if modifiers.contains(modifier) {
                out.push_str(text);
            }
        }
        match self.code {
            KeyCode::Char(c @ ('-' | ' ')) => out.push_str(if c == ' ' { "space" } else { "-" }),
            // The modifier says Shift already: `ctrl-shift-x`, as people write it.
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::SHIFT) => {
                out.push(letter(c).map_or(c, |(small, _)| small));
            }
            KeyCode::Char(c) => out.push(c),
            code => {
                let bare = KeyCombination::one_key(code, KeyModifiers::NONE);
                let name = KeyCombinationFormat::default().to_string(bare);
                out.push_str(&name.to_ascii_lowercase());
            }
        }
        out
    }
}

/// The small and the capital form of a letter that has exactly one of each; `None` for signs and digits.
fn letter(c: char) -> Option<(char, char)> {
    let only = |mut forms: std::char::ToUppercase| forms.next().filter(|_| forms.next().is_none());
    let big = only(c.to_uppercase())?;
    let mut forms = big.to_lowercase();
    let small = forms.next().filter(|_| forms.next().is_none())?;
    let paired =
        small != big && (c == small || c == big) && only(small.to_uppercase()) == Some(big);
    paired.then_some((small, big))
}

impl FromStr for KeyCombo {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let bad = || BadKey(text.to_owned());
        let mut rest = text;
        let mut modifiers = KeyModifiers::NONE;
        'strip: loop {
            for (name, modifier) in MODIFIERS {
                if let Some((head, tail)) = rest.split_at_checked(name.len())
                    && head.eq_ignore_ascii_case(name)
                    && !tail.is_empty()
                {
                    modifiers.insert(modifier);
                    rest = tail;
                    continue 'strip;
                }
            }
            break;
        }
        let mut chars = rest.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            if c.is_control() || c.is_whitespace() {
                return Err(bad());
            }
            return Ok(Self::new(KeyCode::Char(c), modifiers));
        }
        let parsed = crokey::parse(rest).map_err(|_| bad())?;
        match parsed.codes {
            OneToThree::One(code) => Ok(Self::new(code, modifiers | parsed.modifiers)),
            // Two keys held at once: no terminal can send that.
            _ => Err(bad()),
        }
    }
}

impl From<KeyEvent> for KeyCombo {
    fn from(event: KeyEvent) -> Self {
        Self::new(event.code, event.modifiers)
    }
}

/// The text that people read: `k`, `G`, `Ctrl-L`, `Shift-Up`, `Shift-Tab`, `F5`, `PgDn`.
impl fmt::Display for KeyCombo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut modifiers = self.modifiers;
        if matches!(self.code, KeyCode::Char(_)) && !modifiers.contains(KeyModifiers::CONTROL) {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        for (modifier, text) in [
            (KeyModifiers::CONTROL, "Ctrl-"),
            (KeyModifiers::ALT, "Alt-"),
            (KeyModifiers::SHIFT, "Shift-"),
            (KeyModifiers::SUPER, "Cmd-"),
        ] {
            if modifiers.contains(modifier) {
                f.write_str(text)?;
            }
        }
        match self.code {
            KeyCode::BackTab => f.write_str("Tab"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::Delete => f.write_str("Del"),
            KeyCode::Insert => f.write_str("Ins"),
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) if self.modifiers.contains(KeyModifiers::CONTROL) => {
                write!(f, "{}", letter(c).map_or(c, |(_, big)| big))
            }
            KeyCode::Char(c) => write!(f, "{c}"),
            code => {
                let bare = KeyCombination::one_key(code, KeyModifiers::NONE);
                f.write_str(&KeyCombinationFormat::default().to_string(bare))
            }
        }
    }
}

/// One to three keys pressed one after the other.
pub type Chord = Vec<KeyCombo>;

/// The longest chord.
pub const MAX_CHORD: usize = 3;

/// The keys of a text such as `k` or `g g`, separated by spaces. The error names the part that is not a key.
pub fn parse_chord(text: &str) -> Result<Chord, BadKey> {
    let keys = text
        .split(' ')
        .filter(|part| !part.is_empty())
        .map(str::parse)
        .collect::<Result<Chord, BadKey>>()?;
    if keys.is_empty() || keys.len() > MAX_CHORD {
        return Err(BadKey(text.to_owned()));
    }
    Ok(keys)
}

/// A chord as keymap files write it.
pub fn canonical_chord(keys: &[KeyCombo]) -> String {
    let parts: Vec<String> = keys.iter().map(|key| key.canonical()).collect();
    parts.join(" ")
}

/// A chord as people read it.
pub fn chord_text(keys: &[KeyCombo]) -> String {
    let parts: Vec<String> = keys.iter().map(ToString::to_string).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> KeyCombo {
        text.parse().expect(text)
    }

    #[test]
    fn what_people_cannot_tell_apart_is_equal() {
        for (a, b) in [
            ("G", "shift-g"),
            ("ctrl-C", "ctrl-c"),
            ("Ctrl-c", "ctrl-c"),
            ("shift-tab", "backtab"),
            ("ENTER", "enter"),
            ("shift-?", "?"),
            ("minus", "-"),
            ("del", "delete"),
            ("alt-shift-x", "alt-X"),
        ] {
            assert_eq!(key(a), key(b), "{a} and {b}");
        }
        for (a, b) in [("g", "G"), ("alt-x", "alt-X"), ("up", "shift-up")] {
            assert_ne!(key(a), key(b), "{a} and {b}");
        }
    }

    #[test]
    fn the_terminal_and_the_file_agree() {
        for (code, modifiers, text) in [
            (KeyCode::Char('G'), KeyModifiers::SHIFT, "G"),
            (KeyCode::Char('G'), KeyModifiers::NONE, "G"),
            (KeyCode::Char('?'), KeyModifiers::SHIFT, "?"),
            (KeyCode::Char('l'), KeyModifiers::CONTROL, "ctrl-l"),
            (KeyCode::BackTab, KeyModifiers::SHIFT, "backtab"),
            (KeyCode::Char('5'), KeyModifiers::CONTROL, "ctrl-5"),
            (KeyCode::F(5), KeyModifiers::NONE, "f5"),
            (KeyCode::Char('\r'), KeyModifiers::NONE, "enter"),
            (KeyCode::Char('ö'), KeyModifiers::NONE, "ö"),
        ] {
            let event = KeyEvent::new(code, modifiers);
            assert_eq!(KeyCombo::from(event), key(text), "{text}");
        }
    }

    #[test]
    fn words_for_people() {
        for (text, shown) in [
            ("ctrl-l", "Ctrl-L"),
            ("G", "G"),
            ("backtab", "Shift-Tab"),
            ("pagedown", "PgDn"),
            ("space", "Space"),
            ("f10", "F10"),
            ("shift-up", "Shift-Up"),
            ("alt-x", "Alt-x"),
        ] {
            assert_eq!(key(text).to_string(), shown);
        }
        assert_eq!(chord_text(&parse_chord("g g").unwrap()), "g g");
    }

    #[test]
    fn what_is_not_a_key_is_refused() {
        for text in ["", " ", "ctrl-", "hyper-x", "enterr", "a-b", "f99", "\u{1}"] {
            assert!(parse_chord(text).is_err(), "{text:?}");
        }
        assert_eq!(parse_chord("a b c d"), Err(BadKey("a b c d".into())));
        assert_eq!(parse_chord("g pageupp"), Err(BadKey("pageupp".into())));
    }

    #[test]
    fn typed_characters() {
        assert_eq!(key("G").typed(), Some('G'));
        assert_eq!(key("space").typed(), Some(' '));
        assert_eq!(key("ctrl-x").typed(), None);
        assert_eq!(key("enter").typed(), None);
    }

    proptest! {
        #[test]
        fn any_text_parses_or_is_refused(text in ".{0,12}") {
            if let Ok(parsed) = text.parse::<KeyCombo>() {
                prop_assert_eq!(parsed.canonical().parse::<KeyCombo>(), Ok(parsed));
            }
        }

        #[test]
        fn canonical_text_leads_back(c in any::<char>(), bits in 0u8..16, f in 1u8..=24) {
            let modifiers = KeyModifiers::from_bits_truncate(bits);
            for code in [KeyCode::Char(c), KeyCode::F(f), KeyCode::Up, KeyCode::Tab, KeyCode::Enter, KeyCode::PageUp] {
                if c.is_control() || (c.is_whitespace() && c != ' ') {
                    continue;
                }
                let combo = KeyCombo::new(code, modifiers);
                prop_assert_eq!(combo.canonical().parse::<KeyCombo>(), Ok(combo));
            }
        }
    }
}
