//! A scalar that several shops may write at once: it keeps every candidate that nobody has overwritten yet.
//!
//! Invariants: an edit removes exactly the candidates its writer saw; two edits that did not see each other both stay,
//! the later one shown and the field marked as in conflict. What two shops took from the same list is one value: an edit
//! of one of them is an edit of both.

use serde::{Deserialize, Serialize};

use super::id::Dot;
use super::seen::Seen;
use super::time::Stamp;

/// One value with who wrote it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Candidate<T> {
    /// What was written; `None` says that the field was emptied.
    pub value: Option<T>,
    /// Who wrote it and when.
    pub stamp: Stamp,
    /// It came with the registration, as from a list that another shop may have loaded too.
    pub listed: bool,
    /// What the registration had said where this edit was made.
    pub over: Option<T>,
}

/// The candidates of one field, the one to show last.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Register<T> {
    candidates: Vec<Candidate<T>>,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self {
            candidates: Vec::new(),
        }
    }
}

impl<T: Clone + PartialEq> Register<T> {
    /// Writes a value over the candidates that the writer saw, by name.
    pub fn set(&mut self, value: Option<T>, stamp: &Stamp, replaces: &[Dot]) {
        self.put(value, stamp, |dot| replaces.contains(&dot));
    }

    /// Writes a value over the candidates that the writer saw.
    pub fn set_seen(&mut self, value: Option<T>, stamp: &Stamp, seen: &Seen) {
        self.put(value, stamp, |dot| seen.covers(dot));
    }

    /// Takes in a value with which the thing was registered. What another shop registered too, and what an edit has
    /// replaced already, is nothing new; `same` says when two values mean the same.
    pub fn list(&mut self, value: Option<T>, stamp: &Stamp, same: impl Fn(&T, &T) -> bool) {
        let alike = |known: &Option<T>| match (known, &value) {
            (Some(known), Some(value)) => same(known, value),
            _ => false,
        };
        if self.candidates.iter().any(|c| alike(&c.over)) {
            return;
        }
        let known = self
            .candidates
            .iter()
            .find(|c| c.listed && alike(&c.value))
            .map(|c| c.value.clone());
        self.push(Candidate {
            value: known.unwrap_or(value),
            stamp: stamp.clone(),
            listed: true,
            over: None,
        });
    }

    fn put(&mut self, value: Option<T>, stamp: &Stamp, replaced: impl Fn(Dot) -> bool) {
        let over = self
            .candidates
            .iter()
            .filter(|c| replaced(c.stamp.dot))
            .find_map(|c| {
                if c.listed {
                    c.value.clone()
                } else {
                    c.over.clone()
                }
            });
        self.candidates.retain(|c| {
            let twin = c.listed && over.is_some() && c.value == over;
            !replaced(c.stamp.dot) && !twin
        });
        self.push(Candidate {
            value,
            stamp: stamp.clone(),
            listed: false,
            over,
        });
    }

    fn push(&mut self, candidate: Candidate<T>) {
        self.candidates.push(candidate);
        self.candidates.sort_by(|a, b| {
            (a.stamp.at.micros, a.stamp.dot).cmp(&(b.stamp.at.micros, b.stamp.dot))
        });
    }

    /// The value to show: the latest candidate's.
    pub fn get(&self) -> Option<&T> {
        self.candidates.last().and_then(|c| c.value.as_ref())
    }

    /// Who wrote the value that is shown.
    pub fn stamp(&self) -> Option<&Stamp> {
        self.candidates.last().map(|c| &c.stamp)
    }

    /// The dots that an edit made now replaces.
    pub fn dots(&self) -> Vec<Dot> {
        self.candidates.iter().map(|c| c.stamp.dot).collect()
    }

    /// True while two writers who did not see each other disagree.
    pub fn in_conflict(&self) -> bool {
        self.candidates
            .windows(2)
            .any(|pair| pair[0].value != pair[1].value)
    }

    /// True when nobody has written anything.
    pub const fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// All candidates, the one to show last.
    pub fn candidates(&self) -> &[Candidate<T>] {
        &self.candidates
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::id::SiteId;
    use crate::domain::time::Moment;

    fn stamp(site: u8, seq: u64, at: i64) -> Stamp {
        Stamp {
            dot: Dot {
                site: SiteId([site; 16]),
                seq,
                index: 0,
            },
            at: Moment {
                micros: at,
                offset: 0,
            },
            by: format!("tech{site}"),
        }
    }

    #[test]
    fn two_who_did_not_see_each_other_are_both_kept_until_one_saw_both() {
        let mut register = Register::default();
        let first = stamp(1, 1, 10);
        register.set(Some("ICU"), &first, &[]);
        assert!(!register.in_conflict());
        register.set(Some("ER"), &stamp(1, 2, 20), &[first.dot]);
        register.set(Some("OR"), &stamp(2, 1, 30), &[first.dot]);
        assert!(register.in_conflict());
        assert_eq!(register.candidates().len(), 2);
        assert_eq!(register.get(), Some(&"OR"), "the later one is shown");
        assert_eq!(register.stamp().map(|s| s.by.as_str()), Some("tech2"));
        let seen = register.dots();
        register.set(Some("ER"), &stamp(1, 3, 40), &seen);
        assert!(!register.in_conflict());
        assert_eq!(register.candidates().len(), 1);
    }

    #[test]
    fn two_who_agree_are_no_conflict_and_an_emptied_field_is_a_value() {
        let mut register = Register::default();
        register.set(Some("ICU"), &stamp(1, 1, 10), &[]);
        register.set(Some("ICU"), &stamp(2, 1, 20), &[]);
        assert!(!register.in_conflict());
        register.set(None, &stamp(3, 1, 30), &[]);
        assert!(register.in_conflict());
        assert_eq!(register.get(), None);
    }

    #[test]
    fn a_list_that_two_shops_loaded_is_one_value_and_an_edit_of_it_is_an_edit_of_both() {
        let same = |a: &&str, b: &&str| a.eq_ignore_ascii_case(b);
        let (a, b) = (stamp(1, 1, 10), stamp(2, 1, 90));
        // Loaded twice, then edited by the one who loaded first; and in the other order of arrival.
        for edit_first in [true, false] {
            let mut register = Register::default();
            register.list(Some("ICU"), &a, same);
            if !edit_first {
                register.list(Some("icu"), &b, same);
                assert!(!register.in_conflict());
            }
            register.set(Some("ER"), &stamp(1, 2, 20), &[a.dot]);
            if edit_first {
                register.list(Some("icu"), &b, same);
            }
            assert_eq!(register.get(), Some(&"ER"));
            assert!(!register.in_conflict(), "{register:?}");
        }
        // What the lists disagree about is shown.
        let mut register = Register::default();
        register.list(Some("ICU"), &a, same);
        register.list(Some("OR"), &b, same);
        assert!(register.in_conflict());
        // So is what both edited.
        let mut register = Register::default();
        register.list(Some("ICU"), &a, same);
        register.list(Some("ICU"), &b, same);
        register.set(Some("ER"), &stamp(1, 2, 20), &[a.dot]);
        register.set(Some("OR"), &stamp(2, 2, 95), &[b.dot]);
        assert!(register.in_conflict());
        assert_eq!(register.candidates().len(), 2);
    }

    #[test]
    fn a_writer_replaces_what_they_saw() {
        let mut register = Register::default();
        register.set_seen(Some("ICU"), &stamp(1, 1, 10), &Seen::Everything);
        let only_first = Seen::UpTo([(SiteId([1; 16]), 1), (SiteId([2; 16]), 1)].into());
        register.set_seen(Some("ER"), &stamp(1, 2, 20), &Seen::Everything);
        register.set_seen(Some("OR"), &stamp(2, 1, 30), &only_first);
        assert!(register.in_conflict());
        register.set_seen(Some("OR"), &stamp(2, 2, 40), &Seen::Everything);
        assert_eq!(register.candidates().len(), 1);
    }

    /// Edits by several shops: each sees some of the edits before it, by number.
    fn edits() -> impl Strategy<Value = Vec<(u8, i64, u8, Vec<bool>)>> {
        let seen = proptest::collection::vec(any::<bool>(), 8);
        proptest::collection::vec((0..4u8, 0..50i64, 0..3u8, seen), 1..8)
    }

    proptest! {
        /// Causes before effects is all the order that is asked for: the result is the same, and an edit is gone only when
        /// somebody who saw it wrote over it.
        #[test]
        fn any_causal_order_of_edits_gives_the_same_register(
            edits in edits(),
            turns in proptest::collection::vec(any::<prop::sample::Index>(), 8),
        ) {
            let made: Vec<(Stamp, u8, Vec<usize>)> = edits
                .iter()
                .enumerate()
                .map(|(i, (site, at, value, seen))| {
                    let saw = (0..i).filter(|j| seen[*j]).collect();
                    (stamp(*site, i as u64 + 1, *at), *value, saw)
                })
                .collect();
            let fold = |order: &[usize]| {
                let mut register = Register::default();
                for i in order {
                    let (stamp, value, saw) = &made[*i];
                    let replaces: Vec<Dot> = saw.iter().map(|j| made[*j].0.dot).collect();
                    register.set(Some(*value), stamp, &replaces);
                }
                register
            };
            let straight: Vec<usize> = (0..made.len()).collect();
            // Another order in which everything that an edit saw still comes before it.
            let mut waiting = straight.clone();
            let mut other = Vec::new();
            for turn in turns {
                let ready: Vec<usize> = waiting
                    .iter()
                    .copied()
                    .filter(|i| made[*i].2.iter().all(|j| other.contains(j)))
                    .collect();
                if ready.is_empty() {
                    break;
                }
                let next = ready[turn.index(ready.len())];
                waiting.retain(|i| *i != next);
                other.push(next);
            }
            prop_assert_eq!(other.len(), made.len());
            let register = fold(&straight);
            prop_assert_eq!(&register, &fold(&other));
            for (i, (stamp, _, _)) in made.iter().enumerate() {
                let overwritten = made.iter().any(|(_, _, saw)| saw.contains(&i));
                let kept = register.dots().contains(&stamp.dot);
                prop_assert_eq!(kept, !overwritten);
            }
            let newest = register.candidates().iter().map(|c| c.stamp.at.micros).max();
            prop_assert_eq!(register.stamp().map(|s| s.at.micros), newest);
        }
    }
}
