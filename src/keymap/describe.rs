//! What people read about keys, derived from the actions and the keymap in force: footer, help, palette, and the data
//! and text of `keys show` and `keys check`.
//!
//! Invariants: only keys that really work in the contexts asked about are named; the order is stable.

use std::fmt::Write as _;

use serde::Serialize;

use super::key::{Chord, canonical_chord, chord_text};
use super::map::with_global;
use super::{Action, Availability, Context, Effect, Finding, KeyCombo, Keymap, Loaded, Shadow};

/// One item of the footer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FooterItem {
    /// What it runs.
    pub action: Action,
    /// Its first key, for people.
    pub key: String,
    /// Its short label.
    pub label: &'static str,
}

impl FooterItem {
    /// Columns that the item takes as `key label`.
    pub fn width(&self) -> usize {
        self.key.chars().count() + 1 + self.label.chars().count()
    }
}

/// The footer of these contexts (innermost first): actions that can be used now, the most wanted first.
pub fn footer(
    keymap: &Keymap,
    contexts: &[Context],
    availability: impl Fn(Action) -> Availability,
) -> Vec<FooterItem> {
    let all = with_global(contexts);
    let mut items: Vec<FooterItem> = Action::ALL
        .iter()
        .copied()
        .filter(|action| rank_here(*action, contexts) > 0)
        .filter(|action| {
            all.iter()
                .any(|context| action.meta().contexts.contains(context))
        })
        .filter(|action| availability(*action) == Availability::Ready)
        .filter_map(|action| {
            let keys = keymap.keys_for(contexts, action);
            Some(FooterItem {
                action,
                key: chord_text(keys.first()?),
                label: label_here(action, contexts),
            })
        })
        .collect();
    // What belongs to the context in front comes before what it inherits.
    items.sort_by_key(|item| {
        let meta = item.action.meta();
        let level = all
            .iter()
            .position(|context| meta.contexts.contains(context));
        let rank = rank_here(item.action, contexts);
        // The way out of a field is as near as what it is for.
        let level = if rank == meta.footer_rank {
            level
        } else {
            Some(0)
        };
        (level, rank)
    });
    items
}

/// The rank in the footer, 0 for none: where everything printable is typed, the keys that lead on come first.
fn rank_here(action: Action, contexts: &[Context]) -> u8 {
    match (contexts.first(), action) {
        (Some(Context::LookupInput), Action::Down) => 2,
        (Some(Context::TextInput), Action::Back) => 2,
        _ => action.meta().footer_rank,
    }
}

/// The short label of an action, in the words of the place where its key is pressed.
fn label_here(action: Action, contexts: &[Context]) -> &'static str {
    match (contexts.first(), action) {
        (
            Some(Context::Note | Context::NumberInput | Context::TextInput | Context::Choice),
            Action::Submit,
        ) => "save",
        (Some(Context::TextInput), Action::Back) => "leave the field",
        (Some(Context::LookupInput), Action::Submit) => "open",
        (Some(Context::LookupInput), Action::Down) => "into the list",
        (Some(Context::Note | Context::Dialog), Action::Back) => "cancel",
        _ => action.meta().footer,
    }
}

/// The first items that fit in `width` columns with `gap` columns between them; `help` is kept at the end even when
/// others must go, so that the way to the rest is always shown.
pub fn fit(items: &[FooterItem], width: usize, gap: usize) -> Vec<FooterItem> {
    let help = items.iter().find(|item| item.action == Action::Help);
    let kept = help.map_or(0, |item| item.width() + gap);
    let mut used = 0;
    let mut out: Vec<FooterItem> = Vec::new();
    for item in items.iter().filter(|item| item.action != Action::Help) {
        let wants = item.width() + if out.is_empty() { 0 } else { gap };
        if used + wants + kept > width {
            break;
        }
        used += wants;
        out.push(item.clone());
    }
    out.extend(help.filter(|item| item.width() <= width).cloned());
    out
}

/// One line of help, of `keys show`, or of the palette.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct KeyRow {
    /// Section of the keymap.
    pub context: &'static str,
    /// Stable name of the action.
    pub action: &'static str,
    /// Its keys, as keymap files write them.
    pub keys: Vec<String>,
    /// Its name for people.
    pub label: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// Heading.
    pub group: &'static str,
    /// Whether it records at once.
    pub records: bool,
    /// Whether it asks yes or no first.
    pub confirms: bool,
}

/// Which lines of help to show.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Filter {
    /// Only this context; `None` for all.
    pub context: Option<Context>,
    /// Only lines that hold every one of these words.
    pub text: String,
    /// Only lines with a key that begins with these keys.
    pub keys: Vec<KeyCombo>,
}

impl Filter {
    /// Whether this action with these keys fits. `place` is searched like the other words.
    fn lets_through(&self, action: Action, chords: &[Chord], place: &str) -> bool {
        let by_key = self.keys.is_empty() || chords.iter().any(|c| c.starts_with(&self.keys));
        if !by_key {
            return false;
        }
        let meta = action.meta();
        let group = meta.group.title();
        let mut text = format!("{} {} {} {group} {place}", meta.id, meta.label, meta.help);
        for keys in chords {
            text.push(' ');
            text.push_str(&canonical_chord(keys));
        }
        let text = text.to_lowercase();
        let mut words = self.text.split_whitespace();
        words.all(|word| text.contains(&word.to_lowercase()))
    }
}

/// The lines of help that a filter lets through: by context, then in the order of the actions.
pub fn rows(keymap: &Keymap, filter: &Filter) -> Vec<KeyRow> {
    let mut out = Vec::new();
    for context in Context::ALL {
        if filter.context.is_some_and(|only| only != context) {
            continue;
        }
        let place = format!("{} {}", context.id(), context.title());
        for &action in Action::ALL {
            let chords: Vec<Chord> = keymap
                .bindings()
                .iter()
                .filter(|binding| binding.context == context && binding.action == action)
                .map(|binding| binding.keys.clone())
                .collect();
            let meta = action.meta();
            // An action without a key is listed where it belongs: the palette still runs it.
            let listed = !chords.is_empty() || meta.contexts.contains(&context);
            if !listed || !filter.lets_through(action, &chords, &place) {
                continue;
            }
            out.push(KeyRow {
                context: context.id(),
                action: meta.id,
                keys: chords.iter().map(|keys| canonical_chord(keys)).collect(),
                label: meta.label,
                help: meta.help,
                group: meta.group.title(),
                records: action.records(),
                confirms: meta.effect == Effect::Danger,
            });
        }
    }
    out
}

/// One line of the help page: an action that works in the contexts in front.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HelpEntry {
    /// The action.
    pub action: Action,
    /// The section it belongs to.
    pub context: Context,
    /// The keys that run it here.
    pub chords: Vec<Chord>,
    /// Whether it can be used now, and if not, why.
    pub availability: Availability,
}

impl HelpEntry {
    /// The keys, for people: `g q, F2`; empty when it has none.
    pub fn keys(&self) -> String {
        let all: Vec<String> = self.chords.iter().map(|keys| chord_text(keys)).collect();
        all.join(", ")
    }
}

/// Everything that exists in these contexts, innermost section first, with the reason where it cannot be used now.
/// The help page and the palette are made of this; the filter is what the person has typed there so far.
pub fn entries(
    keymap: &Keymap,
    contexts: &[Context],
    filter: &Filter,
    availability: impl Fn(Action) -> Availability,
) -> Vec<HelpEntry> {
    let mut out: Vec<HelpEntry> = Vec::new();
    for context in with_global(contexts) {
        for &action in Action::ALL {
            let here = action.meta().contexts.contains(&context)
                && filter.context.is_none_or(|only| only == context);
            if !here || out.iter().any(|entry| entry.action == action) {
                continue;
            }
            let chords = keymap.keys_for(contexts, action);
            let place = format!("{} {}", context.id(), context.title());
            if filter.lets_through(action, &chords, &place) {
                out.push(HelpEntry {
                    action,
                    context,
                    chords,
                    availability: availability(action),
                });
            }
        }
    }
    out
}

/// The text of `keys show`: a heading and a table for each context.
pub fn show_text(keymap: &Keymap, rows: &[KeyRow]) -> String {
    let mut out = format!("Keymap: {}\n", keymap.name());
    let keys_of = |row: &KeyRow| {
        if row.keys.is_empty() {
            "(no key)".to_owned()
        } else {
            row.keys.join(", ")
        }
    };
    let columns = |text: &str| text.chars().count();
    let wide = rows
        .iter()
        .map(|row| columns(&keys_of(row)))
        .max()
        .unwrap_or(0);
    let names = rows
        .iter()
        .map(|row| columns(row.action))
        .max()
        .unwrap_or(0);
    let mut last = "";
    for row in rows {
        if row.context != last {
            let title = Context::from_id(row.context).map_or("", Context::title);
            let _ = writeln!(out, "\n[{}] {title}", row.context);
            last = row.context;
        }
        let asks = if row.confirms { " Asks first." } else { "" };
        let keys = keys_of(row);
        let _ = writeln!(
            out,
            "  {keys:<wide$}  {:<names$}  {}{asks}",
            row.action, row.help
        );
    }
    if rows.is_empty() {
        out.push_str("\nNo key and no action fits.\n");
    }
    out
}

/// The data of `keys check --json`.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    /// Whether the file can be used.
    pub ok: bool,
    /// What makes it unusable.
    pub mistakes: Vec<Finding>,
    /// Keys that may not arrive.
    pub warnings: Vec<Finding>,
    /// Keys with another meaning in an inner context.
    pub shadows: Vec<Shadow>,
}

impl From<&Loaded> for CheckReport {
    fn from(loaded: &Loaded) -> Self {
        Self {
            ok: loaded.mistakes.is_empty(),
            mistakes: loaded.mistakes.clone(),
            warnings: loaded.warnings.clone(),
            shadows: loaded.shadows.clone(),
        }
    }
}

/// The text of `keys check`.
pub fn check_text(file: &str, report: &CheckReport) -> String {
    let mut out = String::new();
    for finding in &report.mistakes {
        let _ = writeln!(out, "mistake: {finding}");
    }
    for finding in &report.warnings {
        let _ = writeln!(out, "warning: {finding}");
    }
    for shadow in &report.shadows {
        let _ = writeln!(
            out,
            "note: in [{}] \"{}\" runs \"{}\" instead of \"{}\" of [{}]",
            shadow.context, shadow.keys, shadow.action, shadow.hidden_action, shadow.hidden_context
        );
    }
    let count = |n: usize, one: &str| {
        if n == 1 {
            format!("1 {one}")
        } else {
            format!("{n} {one}s")
        }
    };
    let verdict = if report.ok {
        "can be used"
    } else {
        "is not used until this is corrected; no record is touched"
    };
    let _ = writeln!(
        out,
        "{file}: {}, {}: it {verdict}.",
        count(report.mistakes.len(), "mistake"),
        count(report.warnings.len(), "warning"),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::*;

    fn default() -> Keymap {
        load(None, None).keymap
    }

    fn ready(_: Action) -> Availability {
        Availability::Ready
    }

    fn shown(items: &[FooterItem]) -> String {
        let parts: Vec<String> = items
            .iter()
            .map(|item| format!("{} {}", item.key, item.label))
            .collect();
        parts.join("  ")
    }

    #[test]
    fn the_footer_begins_with_what_is_wanted_most() {
        let items = footer(&default(), &[Context::Checklist], ready);
        assert_eq!(
            shown(&fit(&items, 60, 2)),
            "p pass  f fail  n n/a  t timer  m note  s later  ? help"
        );
        let none = fit(&items, 0, 2);
        assert_eq!(none, []);
        for width in 0..200 {
            let fitted = fit(&items, width, 2);
            assert!(shown(&fitted).chars().count() <= width, "{width}");
        }
    }

    #[test]
    fn the_footer_of_a_reading_names_only_keys_that_work() {
        let items = footer(
            &default(),
            &[Context::NumberInput, Context::Checklist],
            |action| match action {
                Action::Pass | Action::Fail => Availability::Disabled("The number decides.".into()),
                _ => Availability::Ready,
            },
        );
        let text = shown(&fit(&items, 40, 2));
        assert_eq!(text, "Enter save  n n/a  t timer  ? help");
        let question = footer(&default(), &[Context::Confirm, Context::Checklist], ready);
        let text = shown(&question);
        assert!(text.starts_with("y yes  n no  "), "{text}");
        assert!(!text.contains("pass"), "{text}");
    }

    #[test]
    fn help_is_found_by_word_and_by_key() {
        let find = |text: &str, keys: &str| -> Vec<String> {
            let filter = Filter {
                text: text.into(),
                keys: keys.split(' ').filter_map(|key| key.parse().ok()).collect(),
                context: None,
            };
            rows(&default(), &filter)
                .iter()
                .map(|row| format!("{}/{}", row.context, row.action))
                .collect()
        };
        assert_eq!(find("give BACK", ""), ["queue/release", "order/release"]);
        assert_eq!(
            find("", "X"),
            [
                "queue/cancel-order",
                "order/cancel-order",
                "checklist/wrong-device",
                "summary/wrong-device"
            ]
        );
        let chords = find("", "g");
        assert!(chords.contains(&"global/go-queue".to_owned()));
        assert!(chords.iter().all(|row| row.starts_with("global/")));
        assert_eq!(find("zebra", ""), Vec::<String>::new());
    }

    #[test]
    fn help_says_why_not() {
        let yours = |action| match action {
            Action::Claim => Availability::Disabled("The order is yours already.".into()),
            _ => Availability::Ready,
        };
        let all = Filter::default();
        let entries = |filter: &Filter| entries(&default(), &[Context::Queue], filter, yours);
        let by_text = Filter {
            text: "assign YOURSELF".into(),
            ..Filter::default()
        };
        let found: Vec<Action> = entries(&by_text).iter().map(|e| e.action).collect();
        assert_eq!(found, [Action::Claim]);
        let by_key = Filter {
            keys: vec![KeyCombo::char('c')],
            ..Filter::default()
        };
        let found: Vec<Action> = entries(&by_key).iter().map(|e| e.action).collect();
        assert_eq!(found, [Action::Claim]);
        let entries = entries(&all);
        let claim = entries.iter().find(|e| e.action == Action::Claim).unwrap();
        assert_eq!(
            claim.availability.reason(),
            Some("The order is yours already.")
        );
        assert_eq!(claim.keys(), "c");
        assert_eq!(entries.first().map(|e| e.action), Some(Action::Select));
        assert!(!entries.iter().any(|e| e.action == Action::Pass));
    }

    #[test]
    fn keys_show_as_text_and_data() {
        let keymap = default();
        let filter = Filter {
            context: Some(Context::Confirm),
            ..Filter::default()
        };
        let rows = rows(&keymap, &filter);
        assert_eq!(
            show_text(&keymap, &rows),
            "Keymap: default\n\n[confirm] Yes or no\n  y  confirm-yes  Do it. Enter is never yes.\n  n  confirm-no   Leave everything as it is.\n"
        );
        let json = serde_json::to_value(&rows).unwrap();
        assert_eq!(
            json[0],
            serde_json::json!({
                "context": "confirm", "action": "confirm-yes", "keys": ["y"], "label": "Yes",
                "help": "Do it. Enter is never yes.", "group": "Questions and forms",
                "records": true, "confirms": false,
            })
        );
        assert!(show_text(&keymap, &[]).ends_with("No key and no action fits.\n"));
    }

    #[test]
    fn an_action_without_a_key_is_still_listed() {
        let text = "[queue]\nhold = []\n";
        let keymap = load(None, Some(("k.toml", text))).keymap;
        let filter = Filter {
            context: Some(Context::Queue),
            text: "hold".into(),
            ..Filter::default()
        };
        let rows = rows(&keymap, &filter);
        assert_eq!(rows.len(), 1);
        assert!(show_text(&keymap, &rows).contains("(no key)  hold"));
    }

    #[test]
    fn the_check_report_reads_as_text() {
        let text = "[queue]\nhold = [\"Y\", \"ctrl-b\"]\n";
        let report = CheckReport::from(&load(None, Some(("k.toml", text))));
        let shown = check_text("k.toml", &report);
        assert!(shown.contains("warning: k.toml:2:14: \"ctrl-b\" may not arrive: tmux takes it."));
        assert!(
            shown
                .contains("note: in [queue] \"Y\" runs \"hold\" instead of \"copy\" of [global]\n")
        );
        assert!(shown.ends_with("k.toml: 0 mistakes, 1 warning: it can be used.\n"));
        let broken = CheckReport::from(&load(None, Some(("k.toml", "[quue]\n"))));
        assert_eq!(
            check_text("k.toml", &broken).lines().last(),
            Some(
                "k.toml: 1 mistake, 0 warnings: it is not used until this is corrected; no record is touched."
            )
        );
    }
}
