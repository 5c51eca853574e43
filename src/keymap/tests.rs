//! The shipped keymaps, the rules of a whole keymap with their sentences, and what no keymap may do.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::load::*;
use super::{Action, ChordState, Context, Effect, KeyCombo, Press};

fn check_user(text: &str) -> Vec<String> {
    let loaded = load(None, Some(("k.toml", text)));
    let sentences = loaded.mistakes.iter().map(ToString::to_string);
    sentences.map(|s| without_shipped_place(&s)).collect()
}

/// Lines of the shipped file move with every edit; the tests are about the sentence.
fn without_shipped_place(sentence: &str) -> String {
    const FILE: &str = "keymaps/default.toml:";
    let Some((before, after)) = sentence.split_once(FILE) else {
        return sentence.to_owned();
    };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
    assert!(after.len() >= rest.len() + 3, "line and column are named");
    format!("{before}{FILE}_{rest}")
}

#[test]
fn shipped_keymaps_have_no_mistakes_and_no_warnings() {
    for name in names() {
        let loaded = load(Some(name), None);
        assert_eq!(loaded.mistakes, [], "{name}");
        assert_eq!(loaded.warnings, [], "{name}");
        assert_eq!(loaded.keymap.name(), name);
        assert_eq!(loaded.banner(), None);
    }
}

#[test]
fn every_action_has_a_key_wherever_it_exists() {
    for name in names() {
        let keymap = load(Some(name), None).keymap;
        for &action in Action::ALL {
            for &context in action.meta().contexts {
                let keys = keymap.keys_for(&[context], action);
                assert!(!keys.is_empty(), "{name}: {action} in [{context}]");
            }
        }
    }
}

#[test]
fn no_shipped_key_destroys_by_accident() {
    for name in names() {
        for binding in load(Some(name), None).keymap.bindings() {
            if binding.action.effect() == Effect::Danger {
                let shown = super::key::canonical_chord(&binding.keys);
                assert!(
                    !["enter", "space", "tab", "esc"].contains(&shown.as_str()),
                    "{name}: {shown}"
                );
            }
        }
    }
}

#[test]
fn rules_of_the_whole_keymap_have_their_sentences() {
    for (text, expected) in [
        (
            "[queue]\nhold = [\"c\"]\n",
            "k.toml:2:9: \"c\" already runs \"claim\" in [queue] (keymaps/default.toml:_). Choose another key for \"hold\", or give \"claim\" other keys in this file.",
        ),
        (
            "[queue]\nhold = [\"z\"]\nclaim = [\"z\"]\n",
            "k.toml:3:10: \"z\" already runs \"hold\" in [queue] (k.toml:2:9). Choose another key for \"claim\", or give \"hold\" other keys in this file.",
        ),
        (
            "[queue]\nhold = [\"z\", \"z\"]\n",
            "k.toml:2:14: \"z\" is listed twice for \"hold\". Remove one.",
        ),
        (
            "[queue]\nhold = [\"f\"]\n",
            "k.toml:2:9: \"f\" (hold) begins \"f m\" (filter-mine), so one of the two can never be pressed in [queue]; the other is at keymaps/default.toml:_. Choose another key for \"hold\".",
        ),
        (
            "[queue]\nhold = [\"ctrl-j\"]\n",
            "k.toml:2:9: \"ctrl-j\" can never be a key: scanners send it inside a code. Take another key.",
        ),
        (
            "[queue]\nhold = [\"ctrl-5\"]\n",
            "k.toml:2:9: \"ctrl-5\" can never be a key: scanners send it inside a code. Take another key.",
        ),
        (
            "[queue]\nhold = [\"ctrl-i\"]\n",
            "k.toml:2:9: \"ctrl-i\" can never be a key: most terminals send Tab for it. Write \"tab\" if that is meant.",
        ),
        (
            "[lookup-input]\nhistory = [\"v\"]\n",
            "k.toml:2:1: \"history\" does not exist in [lookup-input]. It exists in [lookup], [device], [order].",
        ),
        (
            "[lookup-input]\nresume = [\"v\"]\n",
            "k.toml:2:11: \"v\" is typed in [lookup-input] and can never run \"resume\" there. Take a function key, or a key with Ctrl.",
        ),
        (
            "[number-input]\nresume = [\"7\"]\n",
            "k.toml:2:11: \"7\" is typed in [number-input] and can never run \"resume\" there. Take a function key, or a key with Ctrl.",
        ),
        (
            "[confirm]\nconfirm-yes = [\"enter\", \"y\"]\n",
            "k.toml:2:16: \"enter\" can never run \"confirm-yes\": Enter and Tab are pressed by habit, and scanners send them. Take a letter or a function key.",
        ),
        (
            "[summary]\nsign = [\"g enter\"]\n",
            "k.toml:2:9: \"g enter\" can never run \"sign\": Enter and Tab are pressed by habit, and scanners send them. Take a letter or a function key.",
        ),
        (
            "[checklist]\npass = [\"A\"]\n",
            "k.toml:2:9: \"A\" can never run \"pass\": a torn escape sequence or a scan can produce it. Take another letter or a function key.",
        ),
        (
            "[global]\nback = [\"f10\", \"f9\"]\nquit = [\"esc\", \"ctrl-c\"]\n",
            "k.toml:3:9: \"esc\" can never run \"quit\": Esc only closes or goes back. Take a letter or a function key.",
        ),
        (
            "[confirm]\nconfirm-yes = []\n",
            "k.toml:2:1: \"confirm-yes\" has no key that works in [confirm]. Without it no question can be answered with yes. Give it a letter such as \"y\".",
        ),
        (
            "[global]\nquit = []\n",
            "k.toml:2:1: \"quit\" has no key left. Nobody may be locked in. Give it a key that works everywhere, such as a function key or a key with Ctrl.",
        ),
        (
            "[global]\nhelp = [\"?\"]\n",
            "k.toml:2:1: \"help\" has no key that works in [lookup-input], [text-input], [palette], [dialog], [note], [pin-input]. Nobody may be locked in. Give it a key that works everywhere, such as a function key or a key with Ctrl.",
        ),
        (
            "base = \"vi\"\n",
            "k.toml:1:8: there is no keymap \"vi\". Did you mean \"vim\"?",
        ),
        (
            "base = \"emacs-like\"\n",
            "k.toml:1:8: there is no keymap \"emacs-like\". The keymaps are default, vim, function-keys.",
        ),
    ] {
        assert_eq!(check_user(text), [expected], "{text}");
    }
}

#[test]
fn shadowing_a_protected_key_locks_nobody_in() {
    let found = check_user("[checklist]\nnext-step = [\"esc\"]\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("\"back\" has no key that works in [checklist]"));
}

#[test]
fn unreliable_keys_are_warned_about() {
    for (key, why) in [
        ("ctrl-b", "tmux takes it"),
        ("ctrl-a", "screen takes it"),
        ("ctrl-w", "browsers close the window with it"),
        (
            "shift-enter",
            "plain terminals send it without Shift or Ctrl",
        ),
        ("ctrl-shift-x", "plain terminals send it without Shift"),
        ("ctrl-1", "plain terminals send Ctrl only with letters"),
        ("cmd-x", "most terminals do not send Cmd"),
        ("f13", "most keyboards have no such key"),
        ("alt-x", "a slow line can tear it into Esc and the bare key"),
        ("alt-[", "terminals use it as the beginning of other keys"),
        (
            "f11",
            "some terminals keep it for their menu or full screen",
        ),
    ] {
        let loaded = load(
            None,
            Some(("k.toml", &format!("[queue]\nhold = [\"{key}\"]\n"))),
        );
        assert_eq!(loaded.mistakes, [], "{key}");
        assert_eq!(loaded.warnings.len(), 1, "{key}");
        let shown = loaded.warnings[0].to_string();
        let start = format!("k.toml:2:9: \"{key}\" may not arrive: {why}.");
        assert!(shown.starts_with(&start), "{shown}");
    }
    let second = load(None, Some(("k.toml", "[queue]\nhold = [\"f11\", \"w\"]\n")));
    assert_eq!(second.warnings, []);
}

#[test]
fn a_persons_file_replaces_the_keys_of_an_action() {
    let user = "base = \"vim\"\n[queue]\nhold = [\"z h\"]\nclaim = []\n";
    let loaded = load(None, Some(("k.toml", user)));
    // `z z` repaints in the vi keys; `z h` lives beside it.
    assert_eq!(loaded.mistakes, []);
    let press = |text: &str| {
        let mut state = ChordState::default();
        text.split(' ')
            .map(|key| key.parse().unwrap())
            .map(|key: KeyCombo| loaded.keymap.press(&mut state, &[Context::Queue], key))
            .last()
    };
    assert_eq!(press("z h"), Some(Press::Run(Action::Hold)));
    assert_eq!(press("z z"), Some(Press::Run(Action::Repaint)));
    assert_eq!(press("w"), Some(Press::None));
    assert_eq!(press("c"), Some(Press::None));
    assert_eq!(press("j"), Some(Press::Run(Action::Down)));
}

#[test]
fn a_broken_file_leaves_the_shipped_keys_in_force_and_says_so() {
    let broken = "base = \"vim\"\n[queue]\nclam = [\"c\"]\nhold = [\"hyper-x\"]\n";
    let loaded = load(None, Some(("k.toml", broken)));
    assert_eq!(loaded.keymap.name(), "default");
    assert_eq!(loaded.mistakes.len(), 2);
    assert_eq!(
        loaded.banner().as_deref(),
        Some(
            "Your keymap has a mistake, so the default keys are in force. k.toml:3:1: there is no action \"clam\". Did you mean \"claim\"? (and 1 more; see \"tagout keys check\")"
        )
    );
    let asked = load(Some("vim"), Some(("k.toml", broken)));
    assert_eq!(asked.keymap.name(), "vim");
    let unknown = load(Some("emacs"), None);
    assert_eq!(unknown.keymap.name(), "default");
    assert_eq!(
        unknown
            .mistakes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["--keymap: there is no keymap \"emacs\". The keymaps are default, vim, function-keys."]
    );
}

#[test]
fn what_is_left_of_a_torn_arrow_key_records_nothing() {
    for name in names() {
        let keymap = load(Some(name), None).keymap;
        for context in Context::ALL {
            for last in ["A", "B", "C", "D", "H", "F", "P", "Q", "R", "S", "Z"] {
                for middle in ["[", "O"] {
                    let mut state = ChordState::default();
                    for key in ["esc", middle, last] {
                        let key: KeyCombo = key.parse().unwrap();
                        let press = keymap.press(&mut state, &context.stack(), key);
                        if let Press::Run(action) = press {
                            assert!(!action.records(), "{name} [{context}] {key}: {action}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn enter_confirms_nothing_in_any_shipped_keymap() {
    for name in names() {
        let keymap = load(Some(name), None).keymap;
        for context in Context::ALL {
            let press = keymap.press(
                &mut ChordState::default(),
                &context.stack(),
                "enter".parse().unwrap(),
            );
            let allowed = [
                Press::Run(Action::Submit),
                Press::Run(Action::Select),
                Press::Run(Action::NewLine),
                Press::None,
            ];
            assert!(allowed.contains(&press), "{name} [{context}]: {press:?}");
        }
    }
}

#[test]
fn shadowed_keys_are_listed() {
    let loaded = load(None, Some(("k.toml", "[queue]\nhold = [\"Y\"]\n")));
    assert_eq!(loaded.mistakes, []);
    let found = loaded.shadows.iter().find(|s| s.action == "hold");
    let found = found.expect("hold hides copy");
    assert_eq!((found.keys.as_str(), found.hidden_action), ("Y", "copy"));
}

#[test]
fn the_scanner_prefix_is_a_setting_of_the_persons_file() {
    let own = |text: &str| load(None, Some(("keymap.toml", text)));
    let set = own("scanner-prefix = \"ctrl-b\"\n");
    assert_eq!(set.scanner_prefix, Some("ctrl-b".parse().unwrap()));
    assert!(set.mistakes.is_empty(), "{:?}", set.mistakes);
    assert_eq!(load(None, None).scanner_prefix, None);
    // A mistake among the keys does not change how labels are read.
    let broken = own("scanner-prefix = \"f12\"\n[queue]\nclame = [\"c\"]\n");
    assert!(broken.banner().is_some());
    assert_eq!(broken.scanner_prefix, Some("f12".parse().unwrap()));
    for (text, line, what) in [
        ("scanner-prefix = \"a\"", 1, "people press it"),
        ("scanner-prefix = \"enter\"", 1, "people press it"),
        ("\nscanner-prefix = 7", 2, "the name of one key"),
        ("scanner-prefix = \"ctrl-nix\"", 1, ""),
        (
            "scanner-prefix = \"ctrl-l\"",
            1,
            "cannot also run \"repaint\"",
        ),
        ("scaner-prefix = \"ctrl-b\"", 1, "does not belong here"),
    ] {
        let loaded = own(text);
        let first = loaded.mistakes.first().expect(text);
        assert!(first.what.contains(what), "{text}: {first}");
        assert_eq!(first.place.line, line, "{text}: {first}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_panics(text in "(\\[(queue|global|confirm)\\]\n|(claim|base|quit|up) ?= ?|\\[|\\]|\"|ctrl-|g g|\n|,|é|.){0,16}") {
        let loaded = load(None, Some(("k.toml", &text)));
        prop_assert_eq!(loaded.banner().is_some(), !loaded.mistakes.is_empty());
    }

    #[test]
    fn chords_end_as_they_should(
        shipped in 0usize..3,
        at in 0usize..21,
        keys in prop::collection::vec("(esc|enter|tab|home|ctrl-c|f[1-9]|[a-zA-Z0-9?/:])", 1..12),
    ) {
        let keymap = load(Some(SHIPPED[shipped].0), None).keymap;
        let context = Context::ALL[at];
        let mut state = ChordState::default();
        for key in keys {
            let key: KeyCombo = key.parse().unwrap();
            let before = state.clone();
            let press = keymap.press(&mut state, &context.stack(), key);
            prop_assert_eq!(state.is_pending(), matches!(press, Press::Pending(_)));
            match &press {
                Press::Pending(candidates) => prop_assert!(!candidates.is_empty()),
                Press::Cancelled => prop_assert!(before.is_pending()),
                Press::None => prop_assert!(!before.is_pending()),
                Press::Run(action) => {
                    prop_assert!(action.exists_in(context) || context.stack().iter().any(|c| action.exists_in(*c)));
                    let typed = key.typed().is_some_and(|c| context.types(c));
                    prop_assert!(before.is_pending() || !typed, "text ran {action}");
                }
            }
            if before.is_pending() && key == KeyCombo::esc() {
                prop_assert_eq!(press, Press::Cancelled);
            }
        }
    }

    #[test]
    fn no_file_panics_and_none_locks_anybody_in(
        rows in prop::collection::vec((0usize..21, 0..Action::ALL.len(), "(esc|enter|q|g|g g|ctrl-c|f1|y|[a-zA-Z]|ctrl-[a-z]|alt-x)?"), 0..8)
    ) {
        let mut text = String::new();
        for context in Context::ALL {
            let _ = writeln!(text, "[{context}]");
            let mut seen = Vec::new();
            for (at, action, key) in &rows {
                if Context::ALL[*at] == context && !seen.contains(action) {
                    seen.push(*action);
                    let keys = if key.is_empty() { String::new() } else { format!("\"{key}\"") };
                    let _ = writeln!(text, "{} = [{keys}]", Action::ALL[*action]);
                }
            }
        }
        let loaded = load(None, Some(("k.toml", &text)));
        prop_assert_eq!(loaded.banner().is_some(), !loaded.mistakes.is_empty());
        for action in Action::ALL.iter().filter(|a| a.is_protected()) {
            for context in Context::ALL.into_iter().filter(|c| action.exists_in(*c)) {
                prop_assert!(!loaded.keymap.keys_for(&context.stack(), *action).is_empty());
            }
        }
    }
}
