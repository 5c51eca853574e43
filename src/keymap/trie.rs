//! The keys of one context as a tree: each edge is a key, each end an action.
//!
//! Invariants: what is inserted is found; a node keeps the order of insertion, so that lists of candidates read like
//! the keymap file. Nothing here depends on time: a chord waits for its next key as long as it takes.

use super::{Action, KeyCombo};

/// What a sequence of keys leads to in one tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// An action.
    Action(Action),
    /// The beginning of longer sequences.
    Branch,
    /// Nothing.
    Missing,
}

/// The tree.
#[derive(Clone, Default, Debug)]
pub struct Trie {
    action: Option<Action>,
    next: Vec<(KeyCombo, Trie)>,
}

impl Trie {
    /// Adds a sequence. A sequence that is already there keeps its first action.
    pub fn insert(&mut self, keys: &[KeyCombo], action: Action) {
        let Some((key, rest)) = keys.split_first() else {
            self.action.get_or_insert(action);
            return;
        };
        if let Some((_, child)) = self.next.iter_mut().find(|(k, _)| k == key) {
            child.insert(rest, action);
        } else {
            let mut child = Self::default();
            child.insert(rest, action);
            self.next.push((*key, child));
        }
    }

    fn node(&self, keys: &[KeyCombo]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| {
            let (_, child) = node.next.iter().find(|(k, _)| k == key)?;
            Some(child)
        })
    }

    /// What these keys lead to. An action wins over longer sequences that begin the same.
    pub fn find(&self, keys: &[KeyCombo]) -> Found {
        match self.node(keys) {
            Some(Self {
                action: Some(action),
                ..
            }) => Found::Action(*action),
            Some(node) if !node.next.is_empty() => Found::Branch,
            _ => Found::Missing,
        }
    }

    /// Every sequence that begins with these keys: what is still to be pressed, and the action at its end.
    pub fn below(&self, keys: &[KeyCombo]) -> Vec<(Vec<KeyCombo>, Action)> {
        let mut out = Vec::new();
        if let Some(node) = self.node(keys) {
            node.collect(&mut Vec::new(), &mut out);
        }
        out
    }

    fn collect(&self, path: &mut Vec<KeyCombo>, out: &mut Vec<(Vec<KeyCombo>, Action)>) {
        if let Some(action) = self.action {
            out.push((path.clone(), action));
        }
        for (key, child) in &self.next {
            path.push(*key);
            child.collect(path, out);
            path.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chords() -> impl Strategy<Value = Vec<(Vec<KeyCombo>, Action)>> {
        let key = (0u8..4).prop_map(|i| KeyCombo::char(char::from(b'a' + i)));
        let action = (0..Action::ALL.len()).prop_map(|i| Action::ALL[i]);
        prop::collection::vec((prop::collection::vec(key, 1..=3), action), 0..12)
    }

    proptest! {
        #[test]
        fn what_is_inserted_is_found_and_nothing_else(all in chords(), probe in chords()) {
            let mut trie = Trie::default();
            for (keys, action) in &all {
                trie.insert(keys, *action);
            }
            let first = |keys: &[KeyCombo]| all.iter().find(|(k, _)| k == keys).map(|(_, a)| *a);
            for (keys, _) in all.iter().chain(&probe) {
                let expected = match first(keys) {
                    Some(action) => Found::Action(action),
                    None if all.iter().any(|(k, _)| k.starts_with(keys)) => Found::Branch,
                    None => Found::Missing,
                };
                prop_assert_eq!(trie.find(keys), expected);
                for (rest, action) in trie.below(keys) {
                    let whole: Vec<KeyCombo> = keys.iter().copied().chain(rest).collect();
                    prop_assert_eq!(first(&whole), Some(action));
                }
            }
        }
    }
}
