//! A keymap file as text: TOML to bindings with their places.
//!
//! Invariants: never panics, whatever the text; finds every mistake of the file in one go; a part with a mistake gives
//! no binding, the rest does.

use std::borrow::Cow;
use std::ops::Range;

use crossterm::event::KeyCode;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::finding::{Finding, Place, nearest};
use super::key::{Chord, KeyCombo, MAX_CHORD, canonical_chord, parse_chord};
use super::{Action, Context};

/// The setting that names the scanner's prefix.
const PREFIX: &str = "scanner-prefix";

/// The keys of one action in one section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub context: Context,
    pub action: Action,
    /// Where the action is named.
    pub place: Place,
    /// Each chord with its place; empty takes the keys away.
    pub chords: Vec<(Chord, Place)>,
}

/// A file that has been read.
#[derive(Clone, Default, Debug)]
pub(super) struct File {
    /// The keymap it builds on, if it says so.
    pub base: Option<(String, Place)>,
    /// The key that the scanner sends before each label, if it is set to.
    pub scanner_prefix: Option<(KeyCombo, Place)>,
    pub entries: Vec<Entry>,
    pub mistakes: Vec<Finding>,
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    out: File,
}

/// Reads a keymap file; `name` is how mistakes call it.
pub(super) fn parse(name: &str, text: &str) -> File {
    let mut reader = Reader {
        file: name,
        text,
        out: File::default(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        reader.mistake(
            error.span().unwrap_or_default(),
            format!("this is not TOML: {}", error.message()),
            "A line looks like: claim = [\"c\"]".into(),
        );
    }
    // After a syntax error what follows is guesswork: more complaints would mislead.
    if errors.is_empty() {
        reader.top(table.get_ref());
    }
    reader.out
}

impl Reader<'_> {
    fn place(&self, span: Range<usize>) -> Place {
        Place::at(self.file, self.text, span.start)
    }

    fn mistake(&mut self, span: Range<usize>, what: String, hint: String) {
        let place = self.place(span);
        self.out.mistakes.push(Finding { place, what, hint });
    }

    fn top(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            let span = name.span();
            let name: &str = name.get_ref();
            match (name, value.get_ref()) {
                ("base", DeValue::String(base)) => {
                    let place = self.place(value.span());
                    self.out.base = Some((base.to_string(), place));
                }
                ("base", _) => self.mistake(
                    value.span(),
                    "\"base\" needs the name of a keymap".into(),
                    "Write, for instance: base = \"vim\"".into(),
                ),
                (PREFIX, DeValue::String(key)) => self.prefix(key, value.span()),
                (PREFIX, _) => self.mistake(
                    value.span(),
                    format!("\"{PREFIX}\" needs the name of one key"),
                    format!("Write, for instance: {PREFIX} = \"ctrl-b\""),
                ),
                (_, DeValue::Table(section)) => self.section(name, span, section),
                _ => {
                    let known = ["base", PREFIX]
                        .into_iter()
                        .chain(Action::ALL.iter().map(|a| a.id()));
                    let hint = match nearest(name, known) {
                        Some(near @ ("base" | PREFIX)) => format!("Did you mean \"{near}\"?"),
                        Some(action) => format!(
                            "Put \"{action}\" below the section where it works, such as [{}].",
                            home(action)
                        ),
                        None => format!(
                            "Only \"base\", \"{PREFIX}\" and sections such as [queue] stand here."
                        ),
                    };
                    self.mistake(
                        span,
                        format!("\"{}\" does not belong here", shown(name)),
                        hint,
                    );
                }
            }
        }
    }

    /// A key that begins a label must be one that no hand presses for anything else.
    fn prefix(&mut self, text: &str, span: Range<usize>) {
        let key = match text.parse::<KeyCombo>() {
            Ok(key) => key,
            Err(error) => {
                let hint = format!("Write, for instance: {PREFIX} = \"ctrl-b\"");
                self.mistake(span, error.to_string(), hint);
                return;
            }
        };
        let by_hand = matches!(
            key.code(),
            KeyCode::Enter
                | KeyCode::Tab
                | KeyCode::Esc
                | KeyCode::Backspace
                | KeyCode::Delete
                | KeyCode::Up
                | KeyCode::Down
                | KeyCode::Left
                | KeyCode::Right
        );
        if key.typed().is_some() || by_hand {
            self.mistake(
                span,
                format!("\"{}\" cannot be the scanner's prefix: people press it", shown(text)),
                "Set the scanner to a key that nobody presses, such as Ctrl-B (STX), and name it here.".into(),
            );
            return;
        }
        self.out.scanner_prefix = Some((key, self.place(span)));
    }

    fn section(&mut self, name: &str, span: Range<usize>, section: &DeTable<'_>) {
        let Some(context) = Context::from_id(name) else {
            let ids = Context::ALL.map(Context::id);
            let hint = match nearest(name, ids) {
                Some(near) => format!("Did you mean [{near}]?"),
                None => format!("The sections are {}.", ids.join(", ")),
            };
            self.mistake(span, format!("there is no section [{}]", shown(name)), hint);
            return;
        };
        for (name, value) in section {
            self.action(context, name, value);
        }
    }

    fn action(
        &mut self,
        context: Context,
        name: &Spanned<Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) {
        let id: &str = name.get_ref();
        let Some(action) = Action::from_id(id) else {
            let here = Action::ALL.iter().filter(|a| a.exists_in(context));
            let near = nearest(id, here.map(|a| a.id()))
                .or_else(|| nearest(id, Action::ALL.iter().map(|a| a.id())));
            let hint = match near {
                Some(near) => format!("Did you mean \"{near}\"?"),
                None => "\"tagout keys show\" lists every action.".into(),
            };
            let what = format!("there is no action \"{}\"", shown(id));
            self.mistake(name.span(), what, hint);
            return;
        };
        if !action.exists_in(context) {
            let homes: Vec<String> = action
                .meta()
                .contexts
                .iter()
                .map(|c| format!("[{c}]"))
                .collect();
            self.mistake(
                name.span(),
                format!("\"{action}\" does not exist in [{context}]"),
                format!("It exists in {}.", homes.join(", ")),
            );
            return;
        }
        let DeValue::Array(items) = value.get_ref() else {
            let key = match value.get_ref() {
                DeValue::String(key) => shown(key),
                _ => "k".into(),
            };
            self.mistake(
                value.span(),
                format!("\"{action}\" needs a list of keys"),
                format!("Write: {action} = [\"{key}\"]"),
            );
            return;
        };
        let mut chords = Vec::new();
        for item in items {
            let DeValue::String(keys) = item.get_ref() else {
                self.mistake(
                    item.span(),
                    "a key is written in quotes".into(),
                    "Write, for instance: [\"k\", \"g g\"]".into(),
                );
                continue;
            };
            match read_chord(keys) {
                Ok(chord) => chords.push((chord, self.place(item.span()))),
                Err((what, hint)) => self.mistake(item.span(), what, hint),
            }
        }
        let place = self.place(name.span());
        self.out.entries.push(Entry {
            context,
            action,
            place,
            chords,
        });
    }
}

/// The first section of an action, for hints.
fn home(id: &str) -> Context {
    Action::from_id(id)
        .and_then(|action| action.meta().contexts.first().copied())
        .unwrap_or(Context::Global)
}

/// A piece of the file as a message may show it: short, one line, no control characters.
pub(super) fn shown(text: &str) -> String {
    let mut out: String = text
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .take(40)
        .collect();
    if text.chars().count() > 40 {
        out.push_str("...");
    }
    out
}

const KEY_NAMES: [&str; 27] = [
    "esc",
    "enter",
    "left",
    "right",
    "up",
    "down",
    "home",
    "end",
    "pageup",
    "pagedown",
    "backtab",
    "backspace",
    "delete",
    "insert",
    "f1",
    "f2",
    "f3",
    "f4",
    "f5",
    "f6",
    "f7",
    "f8",
    "f9",
    "f10",
    "f11",
    "f12",
    "space",
];

fn read_chord(text: &str) -> Result<Chord, (String, String)> {
    let text_shown = shown(text);
    if text.trim().is_empty() {
        return Err((
            "an empty text is not a key".into(),
            "The space bar is \"space\"; to take the keys away write [].".into(),
        ));
    }
    match parse_chord(text) {
        Ok(chord) if chord.iter().skip(1).any(|key| *key == KeyCombo::esc()) => Err((
            format!("\"{text_shown}\" can never be pressed: Esc drops a chord that has begun"),
            "Choose another last key.".into(),
        )),
        Ok(chord) => Ok(chord),
        Err(_) if text.split_ascii_whitespace().count() > MAX_CHORD => Err((
            format!("\"{text_shown}\" has more than {MAX_CHORD} keys"),
            "Use one, two or three keys.".into(),
        )),
        Err(bad) => Err((
            format!("\"{}\" is not a key", shown(&bad.0)),
            key_hint(&bad.0),
        )),
    }
}

fn key_hint(bad: &str) -> String {
    let lower = bad.to_lowercase();
    let (held, name) = lower
        .rfind(['-', '+'])
        .and_then(|at| Some((lower.get(..at)?, lower.get(at + 1..)?)))
        .unwrap_or(("", &lower));
    let modifiers: Vec<&str> = held
        .split(['-', '+'])
        .filter_map(|part| match part {
            "c" | "ctrl" | "control" => Some("ctrl-"),
            "a" | "m" | "alt" | "meta" | "option" => Some("alt-"),
            "s" | "shift" => Some("shift-"),
            _ => None,
        })
        .collect();
    let name = match name {
        "escape" => "esc",
        "return" | "cr" => "enter",
        "pgup" | "page-up" => "pageup",
        "pgdn" | "pgdown" | "page-down" => "pagedown",
        "spacebar" => "space",
        "bs" => "backspace",
        other => other,
    };
    let proposal = if name.chars().count() == 1 || KEY_NAMES.contains(&name) {
        Some(name)
    } else {
        nearest(name, KEY_NAMES)
    };
    match proposal.map(|name| format!("{}{name}", modifiers.concat())) {
        Some(text) if parse_chord(&text).is_ok() => format!("Did you mean \"{text}\"?"),
        _ if parse_chord(&spaced(bad)).is_ok() => format!(
            "For keys pressed one after the other write \"{}\".",
            spaced(bad)
        ),
        _ => "Keys look like \"k\", \"G\", \"ctrl-l\", \"alt-x\", \"f5\", \"pageup\", \"g g\"."
            .into(),
    }
}

/// `gg` as the chord it was probably meant to be.
fn spaced(text: &str) -> String {
    let keys: Chord = text
        .chars()
        .take(MAX_CHORD + 1)
        .map(KeyCombo::char)
        .collect();
    canonical_chord(&keys)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_good_file_gives_its_bindings_in_order() {
        let file = parse(
            "k.toml",
            "base = \"vim\"\n[queue]\nclaim = [\"c\", \"g g\"]\nhold = []\n",
        );
        assert_eq!(file.mistakes, []);
        assert_eq!(
            file.base.as_ref().map(|(name, _)| name.as_str()),
            Some("vim")
        );
        let shown: Vec<(Action, usize, usize, usize)> = file
            .entries
            .iter()
            .map(|e| (e.action, e.chords.len(), e.place.line, e.place.column))
            .collect();
        assert_eq!(shown, [(Action::Claim, 2, 3, 1), (Action::Hold, 0, 4, 1)]);
        assert_eq!(file.entries[0].chords[1].1.column, 15);
    }

    #[test]
    fn each_mistake_has_its_sentence() {
        for (text, expected) in [
            (
                "[quue]\nclaim = [\"c\"]\n",
                "k.toml:1:2: there is no section [quue]. Did you mean [queue]?",
            ),
            (
                "[queue]\nclam = [\"c\"]\n",
                "k.toml:2:1: there is no action \"clam\". Did you mean \"claim\"?",
            ),
            (
                "[queue]\nmake-coffee = [\"c\"]\n",
                "k.toml:2:1: there is no action \"make-coffee\". \"tagout keys show\" lists every action.",
            ),
            (
                "[checklist]\nclaim = [\"c\"]\n",
                "k.toml:2:1: \"claim\" does not exist in [checklist]. It exists in [queue], [order].",
            ),
            (
                "[queue]\nclaim = \"c\"\n",
                "k.toml:2:9: \"claim\" needs a list of keys. Write: claim = [\"c\"]",
            ),
            (
                "[queue]\nclaim = [7]\n",
                "k.toml:2:10: a key is written in quotes. Write, for instance: [\"k\", \"g g\"]",
            ),
            (
                "[queue]\nclaim = [\"enterr\"]\n",
                "k.toml:2:10: \"enterr\" is not a key. Did you mean \"enter\"?",
            ),
            (
                "[queue]\nclaim = [\"C+x\"]\n",
                "k.toml:2:10: \"C+x\" is not a key. Did you mean \"ctrl-x\"?",
            ),
            (
                "[queue]\nclaim = [\"gx\"]\n",
                "k.toml:2:10: \"gx\" is not a key. For keys pressed one after the other write \"g x\".",
            ),
            (
                "[queue]\nclaim = [\"windows\"]\n",
                "k.toml:2:10: \"windows\" is not a key. Keys look like \"k\", \"G\", \"ctrl-l\", \"alt-x\", \"f5\", \"pageup\", \"g g\".",
            ),
            (
                "[queue]\nclaim = [\" \"]\n",
                "k.toml:2:10: an empty text is not a key. The space bar is \"space\"; to take the keys away write [].",
            ),
            (
                "[queue]\nclaim = [\"a b c d\"]\n",
                "k.toml:2:10: \"a b c d\" has more than 3 keys. Use one, two or three keys.",
            ),
            (
                "[queue]\nclaim = [\"g esc\"]\n",
                "k.toml:2:10: \"g esc\" can never be pressed: Esc drops a chord that has begun. Choose another last key.",
            ),
            (
                "bass = \"vim\"\n",
                "k.toml:1:1: \"bass\" does not belong here. Did you mean \"base\"?",
            ),
            (
                "claim = [\"c\"]\n",
                "k.toml:1:1: \"claim\" does not belong here. Put \"claim\" below the section where it works, such as [queue].",
            ),
            (
                "zebra = 1\n",
                "k.toml:1:1: \"zebra\" does not belong here. Only \"base\", \"scanner-prefix\" and sections such as [queue] stand here.",
            ),
            (
                "base = 3\n",
                "k.toml:1:8: \"base\" needs the name of a keymap. Write, for instance: base = \"vim\"",
            ),
        ] {
            let file = parse("k.toml", text);
            let shown: Vec<String> = file.mistakes.iter().map(ToString::to_string).collect();
            assert_eq!(shown, [expected], "{text}");
        }
    }

    #[test]
    fn broken_toml_is_named_with_its_line() {
        let file = parse("k.toml", "[queue]\nclaim = [\"c\"\nhold = \n");
        assert!(!file.mistakes.is_empty());
        let first = file.mistakes[0].to_string();
        assert!(first.starts_with("k.toml:") && first.contains("this is not TOML: "));
        assert!(file.entries.is_empty());
    }

    #[test]
    fn all_mistakes_at_once() {
        let text = "[queue]\nclam = [\"c\"]\nhold = [\"hyper-x\", \"w\"]\n[zzzzzzzzzz]\n";
        let file = parse("k.toml", text);
        assert_eq!(file.mistakes.len(), 3);
        assert_eq!(file.entries.len(), 1);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(\\[?(queue|global|x)\\]?|(claim|base|quit) ?= ?|\\[|\\]|\"|ctrl-|g g|\n| |,|é|.){0,24}") {
            let _ = parse("k.toml", &text);
        }
    }
}
