//! A keymap at work: which action a key runs in the contexts in front, and the state of a half-pressed chord.
//!
//! Invariants: text is never an action (see [`Context::types`]); a chord has no time limit and Esc drops it; the
//! innermost context that knows a key decides; in a context that holds the screen only harmless global actions pass.

use std::collections::BTreeMap;

use super::key::{Chord, chord_text};
use super::trie::{Found, Trie};
use super::{Action, Context, KeyCombo};

/// One chord of one action in one section of a keymap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Binding {
    /// The section.
    pub context: Context,
    /// The action.
    pub action: Action,
    /// The keys, one after the other.
    pub keys: Chord,
}

/// The keys pressed so far of a chord that is not complete.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ChordState {
    keys: Vec<KeyCombo>,
}

impl ChordState {
    /// Whether a chord has begun.
    pub fn is_pending(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The keys pressed so far, for people; empty when no chord has begun.
    pub fn text(&self) -> String {
        chord_text(&self.keys)
    }

    /// Forgets the chord, for instance when another page comes to the front or a scan arrives.
    pub fn clear(&mut self) {
        self.keys.clear();
    }
}

/// A way to complete a chord.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The keys still to be pressed, for people.
    pub keys: String,
    /// What they run.
    pub action: Action,
    /// Its name.
    pub label: &'static str,
}

/// What a key press means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Press {
    /// Run this action.
    Run(Action),
    /// A chord has begun; these are the ways to complete it.
    Pending(Vec<Candidate>),
    /// A chord was dropped, by Esc or by a key that does not continue it. The key is used up: it is neither text nor
    /// an action.
    Cancelled,
    /// No action. In a text field the key belongs to the field.
    None,
}

/// The keys of every context.
#[derive(Clone, Debug)]
pub struct Keymap {
    name: String,
    bindings: Vec<Binding>,
    tries: BTreeMap<Context, Trie>,
}

impl Keymap {
    /// A keymap of these bindings. Of two equal chords in one context the first counts.
    pub fn new(name: impl Into<String>, bindings: Vec<Binding>) -> Self {
        let mut tries: BTreeMap<Context, Trie> = BTreeMap::new();
        for binding in &bindings {
            tries
                .entry(binding.context)
                .or_default()
                .insert(&binding.keys, binding.action);
        }
        Self {
            name: name.into(),
            bindings,
            tries,
        }
    }

    /// The name: of a shipped keymap, or of the person's file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every binding, in file order.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// What this key means in these contexts, innermost first. The global context is always last and need not be
    /// named.
    pub fn press(&self, state: &mut ChordState, contexts: &[Context], key: KeyCombo) -> Press {
        if state.is_pending() && key == KeyCombo::esc() {
            state.clear();
            return Press::Cancelled;
        }
        let was_pending = state.is_pending();
        state.keys.push(key);
        match self.resolve(contexts, &state.keys) {
            Found::Action(action) => {
                state.clear();
                Press::Run(action)
            }
            Found::Branch => Press::Pending(self.candidates(contexts, state)),
            Found::Missing => {
                state.clear();
                if was_pending {
                    Press::Cancelled
                } else {
                    Press::None
                }
            }
        }
    }

    /// The ways to complete the chord that has begun; empty when none has.
    pub fn candidates(&self, contexts: &[Context], state: &ChordState) -> Vec<Candidate> {
        let mut out: Vec<Candidate> = Vec::new();
        if !state.is_pending() {
            return out;
        }
        for (context, trie) in self.levels(contexts, state.keys.first().copied()) {
            for (rest, action) in trie.below(&state.keys) {
                let keys = chord_text(&rest);
                let whole: Chord = state.keys.iter().copied().chain(rest).collect();
                let runs = self.resolve(contexts, &whole) == Found::Action(action);
                let known = out.iter().any(|candidate| candidate.keys == keys);
                if runs && !known && passes(contexts, context, action) {
                    out.push(Candidate {
                        keys,
                        action,
                        label: action.label(),
                    });
                }
            }
        }
        out
    }

    /// What a complete sequence means in these contexts, innermost first.
    pub fn resolve(&self, contexts: &[Context], keys: &[KeyCombo]) -> Found {
        for (context, trie) in self.levels(contexts, keys.first().copied()) {
            match trie.find(keys) {
                Found::Action(action) if passes(contexts, context, action) => {
                    return Found::Action(action);
                }
                Found::Branch => {
                    let open = trie.below(keys);
                    if open.iter().any(|(_, a)| passes(contexts, context, *a)) {
                        return Found::Branch;
                    }
                }
                _ => {}
            }
        }
        Found::Missing
    }

    /// The chords that really run this action in these contexts, in file order, innermost section first.
    pub fn keys_for(&self, contexts: &[Context], action: Action) -> Vec<Chord> {
        let mut out: Vec<Chord> = Vec::new();
        for context in with_global(contexts) {
            for binding in &self.bindings {
                if binding.context == context
                    && binding.action == action
                    && self.resolve(contexts, &binding.keys) == Found::Action(action)
                    && !out.contains(&binding.keys)
                {
                    out.push(binding.keys.clone());
                }
            }
        }
        out
    }

    /// The first key that runs this action in these contexts, for people: for sentences such as "press S to sign".
    pub fn first_key(&self, contexts: &[Context], action: Action) -> Option<String> {
        let keys = self.keys_for(contexts, action);
        keys.first().map(|chord| chord_text(chord))
    }

    /// The trees that may decide about a chord that begins with this key, innermost first.
    fn levels<'a>(
        &'a self,
        contexts: &[Context],
        first: Option<KeyCombo>,
    ) -> Vec<(Context, &'a Trie)> {
        let inner = contexts.first().copied().unwrap_or(Context::Global);
        let Some(first) = first else {
            return Vec::new();
        };
        if first.typed().is_some_and(|c| inner.types(c)) {
            return Vec::new();
        }
        let own_only = inner.is_text() && first.edits_text();
        with_global(contexts)
            .into_iter()
            .take(if own_only { 1 } else { usize::MAX })
            .filter_map(|context| Some((context, self.tries.get(&context)?)))
            .collect()
    }
}

/// Whether an action bound in `context` may run while `contexts` are in front.
fn passes(contexts: &[Context], context: Context, action: Action) -> bool {
    contexts
        .iter()
        .take_while(|inner| **inner != context)
        .all(|inner| !inner.is_modal() || action.passes_modal())
}

/// Whether a binding of the section `context` can take effect while these contexts are in front, were it not for other
/// bindings: its first key is not text there, and its action passes.
pub(super) fn visible(contexts: &[Context], binding: &Binding) -> bool {
    let inner = contexts.first().copied().unwrap_or(Context::Global);
    let Some(first) = binding.keys.first() else {
        return false;
    };
    let typed = first.typed().is_some_and(|c| inner.types(c));
    let edits = inner.is_text() && first.edits_text() && binding.context != inner;
    with_global(contexts).contains(&binding.context)
        && !typed
        && !edits
        && passes(contexts, binding.context, binding.action)
}

/// The contexts with the global one as the last.
pub(super) fn with_global(contexts: &[Context]) -> Vec<Context> {
    let mut out = contexts.to_vec();
    if !out.contains(&Context::Global) {
        out.push(Context::Global);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::key::parse_chord;
    use super::*;

    fn map() -> Keymap {
        let rows = [
            (Context::Global, Action::Quit, "q"),
            (Context::Global, Action::Quit, "ctrl-c"),
            (Context::Global, Action::GoQueue, "g q"),
            (Context::Global, Action::GoTray, "g t"),
            (Context::Global, Action::NextPane, "tab"),
            (Context::Global, Action::Top, "home"),
            (Context::Queue, Action::FilterMine, "f m"),
            (Context::Queue, Action::ClearFilters, "g t"),
            (Context::Checklist, Action::Fail, "f"),
            (Context::Checklist, Action::NotApplicable, "n"),
            (Context::Confirm, Action::ConfirmYes, "y"),
        ];
        let bindings = rows
            .iter()
            .map(|(context, action, keys)| Binding {
                context: *context,
                action: *action,
                keys: parse_chord(keys).unwrap(),
            })
            .collect();
        Keymap::new("test", bindings)
    }

    /// Presses every key of a script and returns what the last one means.
    fn script(contexts: &[Context], keys: &str) -> Press {
        let map = map();
        let mut state = ChordState::default();
        let mut last = Press::None;
        for key in keys.split(' ') {
            last = map.press(&mut state, contexts, key.parse().unwrap());
        }
        last
    }

    #[test]
    fn keys_mean_what_the_innermost_context_says() {
        use Action as A;
        use Context as C;
        for (contexts, keys, expected) in [
            (vec![C::Queue], "q", Press::Run(A::Quit)),
            (vec![C::Queue], "f m", Press::Run(A::FilterMine)),
            (vec![C::Checklist], "f", Press::Run(A::Fail)),
            (vec![C::Queue], "g t", Press::Run(A::ClearFilters)),
            (vec![C::Checklist], "g t", Press::Run(A::GoTray)),
            (vec![], "g q", Press::Run(A::GoQueue)),
            (vec![C::Queue], "x", Press::None),
            // A dropped chord uses its key up.
            (vec![C::Queue], "g x", Press::Cancelled),
            (vec![C::Queue], "g esc", Press::Cancelled),
            (vec![C::Queue], "g esc q", Press::Run(A::Quit)),
            (vec![C::Queue], "g q", Press::Run(A::GoQueue)),
            // Text is never an action.
            (vec![C::LookupInput], "q", Press::None),
            (vec![C::LookupInput], "g", Press::None),
            (vec![C::LookupInput], "home", Press::None),
            (vec![C::Queue], "home", Press::Run(A::Top)),
            (vec![C::LookupInput], "ctrl-c", Press::Run(A::Quit)),
            (vec![C::NumberInput, C::Checklist], "4", Press::None),
            (
                vec![C::NumberInput, C::Checklist],
                "n",
                Press::Run(A::NotApplicable),
            ),
            // A question lets only harmless keys through.
            (vec![C::Confirm, C::Checklist], "f", Press::None),
            (vec![C::Confirm, C::Checklist], "tab", Press::None),
            (vec![C::Confirm, C::Checklist], "g", Press::None),
            (vec![C::Confirm], "ctrl-c", Press::Run(A::Quit)),
            (vec![C::Confirm], "y", Press::Run(A::ConfirmYes)),
        ] {
            assert_eq!(script(&contexts, keys), expected, "{contexts:?} {keys}");
        }
    }

    #[test]
    fn a_chord_that_has_begun_names_its_ends() {
        let Press::Pending(candidates) = script(&[Context::Queue], "g") else {
            panic!("g begins a chord");
        };
        let shown: Vec<(&str, Action)> = candidates
            .iter()
            .map(|c| (c.keys.as_str(), c.action))
            .collect();
        // The queue's own `g t` hides the global one.
        assert_eq!(shown, [("t", Action::ClearFilters), ("q", Action::GoQueue)]);
    }

    #[test]
    fn only_keys_that_work_are_named() {
        let map = map();
        let text = |contexts: &[Context], action| -> Vec<String> {
            map.keys_for(contexts, action)
                .iter()
                .map(|chord| chord_text(chord))
                .collect()
        };
        assert_eq!(text(&[Context::Queue], Action::Quit), ["q", "Ctrl-C"]);
        assert_eq!(text(&[Context::LookupInput], Action::Quit), ["Ctrl-C"]);
        assert!(text(&[Context::Queue], Action::GoTray).is_empty());
    }
}
