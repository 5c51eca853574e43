//! The keymaps that come with the program, and a person's own file laid over one of them.
//!
//! Invariants: there is always a usable keymap; a file with a mistake changes nothing, and says so where it is seen.

use super::check::{Shadow, check};
use super::finding::{Finding, Place, nearest};
use super::parse::{Entry, File, parse, shown};
use super::{Binding, KeyCombo, Keymap};

/// The shipped keymaps: name and text.
pub const SHIPPED: [(&str, &str); 3] = [
    ("default", include_str!("../../keymaps/default.toml")),
    ("vim", include_str!("../../keymaps/vim.toml")),
    (
        "function-keys",
        include_str!("../../keymaps/function-keys.toml"),
    ),
];

/// The shipped keymap that everything else builds on.
pub const DEFAULT: &str = "default";

/// A keymap that can be used, and what there is to say about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The keymap in force.
    pub keymap: Keymap,
    /// The key that the person's scanner sends before each label, where their file names one. It holds also while
    /// the keys of that file have a mistake.
    pub scanner_prefix: Option<KeyCombo>,
    /// Mistakes; when there are any the person's file is not in force.
    pub mistakes: Vec<Finding>,
    /// Keys that may not arrive.
    pub warnings: Vec<Finding>,
    /// Keys that mean something else in one context than in the one around it.
    pub shadows: Vec<Shadow>,
}

impl Loaded {
    /// What the screen must show when the person's keys are not in force.
    pub fn banner(&self) -> Option<String> {
        let first = self.mistakes.first()?;
        let more = match self.mistakes.len() - 1 {
            0 => String::new(),
            n => format!(" (and {n} more; see \"tagout keys check\")"),
        };
        Some(format!(
            "Your keymap has a mistake, so the {} keys are in force. {first}{more}",
            self.keymap.name()
        ))
    }
}

/// The names of the shipped keymaps.
pub fn names() -> [&'static str; 3] {
    SHIPPED.map(|(name, _)| name)
}

/// Loads a keymap. `name` is the shipped keymap asked for by the person (it wins over `base` in the file); `user` is
/// the name and the text of the person's own file. When anything is wrong the shipped keymap is in force.
pub fn load(name: Option<&str>, user: Option<(&str, &str)>) -> Loaded {
    let mut mistakes = Vec::new();
    let mut asked = name.and_then(shipped);
    if let (Some(name), None) = (name, asked) {
        mistakes.push(unknown(
            name,
            Place {
                file: "--keymap".into(),
                line: 0,
                column: 0,
            },
        ));
    }
    let Some((file, text)) = user else {
        let (name, text) = asked.unwrap_or_else(fallback);
        let file = path(name);
        let mut loaded = build(name, &file, parse(&file, text), None);
        mistakes.append(&mut loaded.mistakes);
        return Loaded { mistakes, ..loaded };
    };
    let mut own = parse(file, text);
    mistakes.append(&mut own.mistakes);
    if let Some((base, place)) = &own.base {
        let known = shipped(base);
        if known.is_none() {
            mistakes.push(unknown(base, place.clone()));
        }
        asked = asked.or(known);
    }
    let (base_name, _) = asked.unwrap_or_else(fallback);
    let mut loaded = build(file, file, own, Some(base_name));
    mistakes.append(&mut loaded.mistakes);
    mistakes.sort();
    if mistakes.is_empty() {
        return loaded;
    }
    let in_force = name.filter(|name| shipped(name).is_some());
    Loaded {
        keymap: load(Some(in_force.unwrap_or(DEFAULT)), None).keymap,
        mistakes,
        ..loaded
    }
}

fn shipped(name: &str) -> Option<(&'static str, &'static str)> {
    SHIPPED.into_iter().find(|(known, _)| *known == name)
}

/// How mistakes call a shipped keymap.
fn path(name: &str) -> String {
    format!("keymaps/{name}.toml")
}

fn fallback() -> (&'static str, &'static str) {
    SHIPPED[0]
}

fn unknown(name: &str, place: Place) -> Finding {
    let hint = match nearest(name, names()) {
        Some(near) => format!("Did you mean \"{near}\"?"),
        None => format!("The keymaps are {}.", names().join(", ")),
    };
    Finding {
        place,
        what: format!("there is no keymap \"{}\"", shown(name)),
        hint,
    }
}

/// Lays a file over the keymap it builds on and checks the result.
fn build(name: &str, file: &str, own: File, base: Option<&str>) -> Loaded {
    let base = base.or(own.base.as_ref().map(|(base, _)| base.as_str()));
    let mut entries = base.map_or_else(Vec::new, |base| base_entries(base, 0));
    lay_over(&mut entries, own.entries);
    let bindings = entries
        .iter()
        .flat_map(|entry| {
            entry.chords.iter().map(|(keys, _)| Binding {
                context: entry.context,
                action: entry.action,
                keys: keys.clone(),
            })
        })
        .collect();
    let keymap = Keymap::new(name, bindings);
    let checked = check(file, &entries, &keymap);
    let mut mistakes = own.mistakes;
    // The prefix never reaches the keymap: an action on it could not be run.
    if let Some((key, place)) = &own.scanner_prefix
        && let Some(taken) = keymap
            .bindings()
            .iter()
            .find(|binding| binding.keys.first() == Some(key))
    {
        mistakes.push(Finding {
            place: place.clone(),
            what: format!(
                "\"{}\" begins a label and cannot also run \"{}\" in [{}]",
                key.canonical(),
                taken.action,
                taken.context
            ),
            hint: "Set the scanner to another key, or give the action one.".into(),
        });
    }
    mistakes.extend(checked.mistakes);
    Loaded {
        keymap,
        scanner_prefix: own.scanner_prefix.map(|(key, _)| key),
        mistakes,
        warnings: checked.warnings,
        shadows: checked.shadows,
    }
}

/// The entries of a shipped keymap with everything that it builds on.
fn base_entries(name: &str, depth: usize) -> Vec<Entry> {
    // A shipped keymap builds on the default at most; the depth only keeps a slip from looping.
    let Some((name, text)) = shipped(name).filter(|_| depth < SHIPPED.len()) else {
        return Vec::new();
    };
    let file = parse(&path(name), text);
    let mut entries = file
        .base
        .map_or_else(Vec::new, |(base, _)| base_entries(&base, depth + 1));
    lay_over(&mut entries, file.entries);
    entries
}

/// An action that the upper file names has the upper file's keys and no others.
fn lay_over(entries: &mut Vec<Entry>, upper: Vec<Entry>) {
    for new in upper {
        let same = |old: &&mut Entry| old.context == new.context && old.action == new.action;
        match entries.iter_mut().find(same) {
            Some(old) => *old = new,
            None => entries.push(new),
        }
    }
}
