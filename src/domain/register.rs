//! A scalar that several shops may write at once: it keeps every candidate that nobody has overwritten yet.
//!
//! Invariants: an edit removes exactly the candidates its writer saw; two edits that did not see each other both stay,
//! the later one shown and the field marked as in conflict.

use serde::{Deserialize, Serialize};

use super::id::Dot;
use super::time::Stamp;

/// One value with who wrote it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Candidate<T> {
    /// What was written; `None` says that the field was emptied.
    pub value: Option<T>,
    /// Who wrote it and when.
    pub stamp: Stamp,
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
    /// Writes a value over the candidates that the writer saw.
    pub fn set(&mut self, value: Option<T>, stamp: &Stamp, replaces: &[Dot]) {
        self.candidates.retain(|c| !replaces.contains(&c.stamp.dot));
        self.candidates.push(Candidate {
            value,
            stamp: stamp.clone(),
        });
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
