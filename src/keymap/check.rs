//! The rules that a whole keymap must keep, after a person's file was laid over a shipped one.
//!
//! Mistakes make a keymap unusable; warnings and shadows are told and change nothing.
//! Invariants: nobody can be locked in (quit, help, back and yes have a key wherever they exist); no key that a
//! scanner or a torn escape sequence can produce records anything; Enter and Tab, which end a scan, confirm nothing;
//! Esc is harmless everywhere.

use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyModifiers};
use serde::Serialize;

use super::finding::{Finding, Place};
use super::key::canonical_chord;
use super::map::visible;
use super::parse::Entry;
use super::{Action, Binding, Context, Effect, KeyCombo, Keymap};

/// A context that gives a key another meaning than the context around it. Allowed, and listed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Shadow {
    /// The key, as keymap files write it.
    pub keys: String,
    /// The context in front.
    pub context: &'static str,
    /// What the key does there.
    pub action: &'static str,
    /// The context whose meaning is hidden.
    pub hidden_context: &'static str,
    /// What the key does there.
    pub hidden_action: &'static str,
}

/// Everything the rules have to say.
#[derive(Clone, Default, Debug)]
pub(super) struct Checked {
    pub mistakes: Vec<Finding>,
    pub warnings: Vec<Finding>,
    pub shadows: Vec<Shadow>,
}

/// A binding with the place that it comes from.
struct Placed {
    binding: Binding,
    place: Place,
}

impl Placed {
    fn keys(&self) -> String {
        canonical_chord(&self.binding.keys)
    }
}

/// Checks merged entries. `file` is the person's file: of two clashing lines the one in there is named.
pub(super) fn check(file: &str, entries: &[Entry], keymap: &Keymap) -> Checked {
    let placed: Vec<Placed> = entries
        .iter()
        .flat_map(|entry| {
            entry.chords.iter().map(|(keys, place)| Placed {
                binding: Binding {
                    context: entry.context,
                    action: entry.action,
                    keys: keys.clone(),
                },
                place: place.clone(),
            })
        })
        .collect();
    let mut out = Checked::default();
    for one in &placed {
        single(one, &placed, &mut out);
    }
    twice(file, &placed, &mut out.mistakes);
    prefixes(file, &placed, &mut out.mistakes);
    reachable(file, entries, keymap, &mut out.mistakes);
    out.shadows = shadows(&placed);
    out.mistakes.sort();
    out.mistakes.dedup();
    out.warnings.sort();
    out.warnings.dedup();
    out
}

/// The rules that look at one binding.
fn single(one: &Placed, all: &[Placed], out: &mut Checked) {
    let Binding {
        context,
        action,
        keys,
    } = &one.binding;
    let mistake = |what: String, hint: String| Finding {
        place: one.place.clone(),
        what,
        hint,
    };
    for key in keys {
        if let Some((why, hint)) = reserved(*key) {
            let what = format!("\"{}\" can never be a key: {why}", key.canonical());
            out.mistakes.push(mistake(what, hint));
        } else if let Some((why, hint)) = unreliable(*key) {
            let what = format!("\"{}\" may not arrive: {why}", key.canonical());
            out.warnings.push(mistake(what, hint.into()));
        } else if matches!(key.code(), KeyCode::F(10 | 11)) && alone(one, all) {
            out.warnings.push(mistake(
                format!(
                    "\"{}\" may not arrive: some terminals keep it for their menu or full screen",
                    key.canonical()
                ),
                format!("Give \"{action}\" a second key."),
            ));
        }
    }
    if let Some(c) = keys.first().and_then(|key| key.typed())
        && context.types(c)
    {
        out.mistakes.push(mistake(
            format!(
                "\"{}\" is typed in [{context}] and can never run \"{action}\" there",
                one.keys()
            ),
            "Take a function key, or a key with Ctrl.".into(),
        ));
    }
    let esc_leads_away = *action == Action::Quit || action.effect() == Effect::Ask;
    if keys.first() == Some(&KeyCombo::esc()) && esc_leads_away {
        out.mistakes.push(mistake(
            format!(
                "\"{}\" can never run \"{action}\": Esc only closes or goes back",
                one.keys()
            ),
            "Take a letter or a function key.".into(),
        ));
    }
    if !action.records() {
        return;
    }
    let ends_scan = |key: &KeyCombo| matches!(key.code(), KeyCode::Enter | KeyCode::Tab);
    if *action != Action::Submit && keys.iter().any(ends_scan) {
        out.mistakes.push(mistake(
            format!("\"{}\" can never run \"{action}\": Enter and Tab are pressed by habit, and scanners send them", one.keys()),
            "Take a letter or a function key.".into(),
        ));
    } else if keys.iter().all(|key| torn(*key)) {
        out.mistakes.push(mistake(
            format!(
                "\"{}\" can never run \"{action}\": a torn escape sequence or a scan can produce it",
                one.keys()
            ),
            "Take another letter or a function key.".into(),
        ));
    }
}

/// Whether this is the only key of its action in its section.
fn alone(one: &Placed, all: &[Placed]) -> bool {
    let same = |other: &&Placed| {
        other.binding.context == one.binding.context && other.binding.action == one.binding.action
    };
    all.iter().filter(same).count() == 1
}

/// Keys that no keymap may use, with the reason and the way out. Scanners send the control characters of a code as
/// keys: LF as Ctrl-J, FS, GS, RS and US as Ctrl-4 to Ctrl-7. Some Ctrl-letters are the same byte as a named key.
fn reserved(key: KeyCombo) -> Option<(String, String)> {
    let (name, file) = match key.ctrl_char()? {
        'j' | '4'..='7' | ']' | '\\' | '^' | '_' => {
            let why = "scanners send it inside a code";
            return Some((why.into(), "Take another key.".into()));
        }
        'i' => ("Tab", "tab"),
        'm' => ("Enter", "enter"),
        'h' => ("Backspace", "backspace"),
        '[' => ("Esc", "esc"),
        _ => return None,
    };
    Some((
        format!("most terminals send {name} for it"),
        format!("Write \"{file}\" if that is meant."),
    ))
}

/// Keys that something between the person and the program may keep, or that plain terminals cannot send.
fn unreliable(key: KeyCombo) -> Option<(&'static str, &'static str)> {
    const ELSEWHERE: &str = "It works only where nothing else takes it.";
    const LEGACY: &str = "It works only in terminals with an extended keyboard protocol.";
    let modifiers = key.modifiers();
    let plain_ctrl = match key.ctrl_char() {
        Some('a') => Some("screen takes it"),
        Some('b') => Some("tmux takes it"),
        Some('g' | 'o' | 'p') => Some("zellij takes it"),
        Some('n' | 't') => Some("zellij and browsers take it"),
        Some('q' | 's') => Some("zellij and the flow control of terminals take it"),
        Some('w') => Some("browsers close the window with it"),
        _ => None,
    };
    if let Some(why) = plain_ctrl {
        return Some((why, ELSEWHERE));
    }
    let named = matches!(
        key.code(),
        KeyCode::Enter | KeyCode::Esc | KeyCode::Backspace | KeyCode::Tab
    );
    let why = if modifiers.contains(KeyModifiers::SUPER) {
        "most terminals do not send Cmd"
    } else if named && modifiers.intersects(KeyModifiers::SHIFT | KeyModifiers::CONTROL) {
        "plain terminals send it without Shift or Ctrl"
    } else if key.code() == KeyCode::BackTab && modifiers != KeyModifiers::SHIFT {
        "plain terminals send it as Shift-Tab"
    } else if let KeyCode::Char(c) = key.code() {
        if modifiers.contains(KeyModifiers::CONTROL | KeyModifiers::SHIFT) {
            "plain terminals send it without Shift"
        } else if modifiers.contains(KeyModifiers::CONTROL) && !c.is_ascii_lowercase() {
            "plain terminals send Ctrl only with letters"
        } else if modifiers.contains(KeyModifiers::ALT) && matches!(c, '[' | 'O') {
            "terminals use it as the beginning of other keys"
        } else if modifiers.contains(KeyModifiers::ALT) {
            let why = "a slow line can tear it into Esc and the bare key";
            return Some((why, "Take a function key, or a key with Ctrl."));
        } else {
            return None;
        }
    } else if matches!(key.code(), KeyCode::F(n) if n > 12) {
        "most keyboards have no such key"
    } else {
        return None;
    };
    Some((why, LEGACY))
}

/// Keys that may be what is left of an escape sequence that the network tore apart (arrows end in A to D, Home and End
/// in H and F, F1 to F4 in P to S, Shift-Tab in Z), or that stand inside a scan (Ctrl-D ends the code of some labels).
fn torn(key: KeyCombo) -> bool {
    key.code() == KeyCode::Esc
        || key.ctrl_char() == Some('d')
        || matches!(
            key.typed(),
            Some('[' | 'O' | 'A'..='D' | 'F' | 'H' | 'P'..='S' | 'Z')
        )
}

/// Which of two bindings to name: the one in the person's file, or the later one. Returns (named, other).
fn order<'a>(file: &str, a: &'a Placed, b: &'a Placed) -> (&'a Placed, &'a Placed) {
    match (a.place.file == file, b.place.file == file) {
        (true, false) => (a, b),
        (false, true) => (b, a),
        _ if a.place > b.place => (a, b),
        _ => (b, a),
    }
}

fn twice(file: &str, placed: &[Placed], out: &mut Vec<Finding>) {
    for (i, a) in placed.iter().enumerate() {
        for b in placed.iter().skip(i + 1) {
            if a.binding.context != b.binding.context || a.binding.keys != b.binding.keys {
                continue;
            }
            let (named, other) = order(file, a, b);
            let (action, context) = (named.binding.action, named.binding.context);
            let (what, hint) = if a.binding.action == b.binding.action {
                (
                    format!("\"{}\" is listed twice for \"{action}\"", named.keys()),
                    "Remove one.".into(),
                )
            } else {
                (
                    format!(
                        "\"{}\" already runs \"{}\" in [{context}] ({})",
                        named.keys(),
                        other.binding.action,
                        other.place
                    ),
                    format!(
                        "Choose another key for \"{action}\", or give \"{}\" other keys in this file.",
                        other.binding.action
                    ),
                )
            };
            out.push(Finding {
                place: named.place.clone(),
                what,
                hint,
            });
        }
    }
}

fn prefixes(file: &str, placed: &[Placed], out: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for context in Context::ALL {
        let stack = context.stack();
        let here: Vec<&Placed> = placed
            .iter()
            .filter(|one| visible(&stack, &one.binding))
            .collect();
        for short in &here {
            for long in &here {
                let (a, b) = (&short.binding.keys, &long.binding.keys);
                if a.len() >= b.len() || !b.starts_with(a) {
                    continue;
                }
                let (named, other) = order(file, short, long);
                // One sentence per line of the file, not one for each chord it clashes with.
                if told.insert(named.place.clone()) {
                    out.push(Finding {
                        place: named.place.clone(),
                        what: format!(
                            "\"{}\" ({}) begins \"{}\" ({}), so one of the two can never be pressed in [{context}]; the other is at {}",
                            short.keys(),
                            short.binding.action,
                            long.keys(),
                            long.binding.action,
                            other.place
                        ),
                        hint: format!(
                            "Choose another key for \"{}\".",
                            named.binding.action
                        ),
                    });
                }
            }
        }
    }
}

fn reachable(file: &str, entries: &[Entry], keymap: &Keymap, out: &mut Vec<Finding>) {
    for action in Action::ALL.iter().copied().filter(|a| a.is_protected()) {
        let missing: Vec<String> = Context::ALL
            .into_iter()
            .filter(|context| action.exists_in(*context))
            .filter(|context| keymap.keys_for(&context.stack(), action).is_empty())
            .map(|context| format!("[{context}]"))
            .collect();
        if missing.is_empty() {
            continue;
        }
        let line = entries
            .iter()
            .find(|entry| entry.action == action && entry.place.file == file);
        let place = line.map_or_else(
            || Place {
                file: file.to_owned(),
                line: 1,
                column: 1,
            },
            |entry| entry.place.clone(),
        );
        let what = if missing.len() == Context::ALL.len() {
            format!("\"{action}\" has no key left")
        } else {
            format!(
                "\"{action}\" has no key that works in {}",
                missing.join(", ")
            )
        };
        let hint = if action == Action::ConfirmYes {
            "Without it no question can be answered with yes. Give it a letter such as \"y\"."
        } else {
            "Nobody may be locked in. Give it a key that works everywhere, such as a function key or a key with Ctrl."
        };
        out.push(Finding {
            place,
            what,
            hint: hint.into(),
        });
    }
}

fn shadows(placed: &[Placed]) -> Vec<Shadow> {
    let mut out = Vec::new();
    for one in placed {
        let stack = one.binding.context.stack();
        for outer in stack.iter().skip(1) {
            let hidden = placed.iter().find(|other| {
                other.binding.context == *outer
                    && other.binding.keys == one.binding.keys
                    && other.binding.action != one.binding.action
                    && visible(&stack, &other.binding)
            });
            if let Some(hidden) = hidden {
                out.push(Shadow {
                    keys: one.keys(),
                    context: one.binding.context.id(),
                    action: one.binding.action.id(),
                    hidden_context: outer.id(),
                    hidden_action: hidden.binding.action.id(),
                });
            }
        }
    }
    out
}
