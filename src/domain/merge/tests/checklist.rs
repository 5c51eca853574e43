//! One checklist that several shops work on apart, event by event: every reading is kept, no failure is hidden, and who
//! signed, made void or took it is never lost.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Written, in_order};
use crate::domain::event::Event;
use crate::domain::id::{Dot, EntityId, Hash, SiteId};
use crate::domain::inspection::{
    Again, Answer, AnswerOrigin, Inspection, InspectionEvent, InspectionStatus, Phase, StepState,
    Verdict, plan,
};
use crate::domain::order::FailureCause;
use crate::domain::procedure::{DeviceFacts, Procedure, Section, Step, StepId, StepKind};
use crate::domain::signature::{Meaning, Signature};
use crate::domain::time::{Moment, Stamp};

const ID: EntityId = EntityId::Natural([5; 16]);

/// One thing that a shop writes: which shop, what, how, about which earlier event, and what it gets to know before.
type Turn = (usize, u8, u8, u8, Option<usize>);

fn frozen() -> Procedure {
    let steps = ["a", "b"].map(|id| Step {
        safety: id == "a",
        ..Step::new(id, "Case", StepKind::Check)
    });
    Procedure {
        sections: vec![Section {
            title: "All".into(),
            steps: steps.into(),
        }],
        ..Procedure::default()
    }
}

fn event(what: u8, how: u8, earlier: Option<Dot>) -> InspectionEvent {
    let step = StepId::from(if how & 1 == 0 { "a" } else { "b" });
    match what % 12 {
        0..=5 => InspectionEvent::Answered {
            step,
            point: None,
            answer: if how & 2 == 0 {
                Answer::Pass
            } else {
                Answer::Fail
            },
            verdict: if how & 2 == 0 {
                Verdict::Pass
            } else {
                Verdict::Fail
            },
            limit: String::new(),
            why: String::new(),
            phase: if how & 4 == 0 {
                Phase::AsFound
            } else {
                Phase::AsLeft
            },
            origin: AnswerOrigin::Key,
            tool: None,
            supersedes: earlier
                .filter(|_| how & 8 != 0)
                .map(|dot| (dot, Again::Remeasured)),
            reason: String::new(),
        },
        6 => InspectionEvent::Fixed {
            step,
            done: "tightened".into(),
            cause: FailureCause::Unknown,
            minutes: 1,
        },
        7 | 8 => InspectionEvent::HandedOver {
            to: if how & 1 == 0 { "jd" } else { "mk" }.into(),
            place: String::new(),
            left: String::new(),
        },
        9 if how.is_multiple_of(8) => InspectionEvent::Voided {
            reason: "wrong device".into(),
        },
        10 if how % 8 == 1 => InspectionEvent::Signed {
            signature: Signature {
                signer: "jd".into(),
                name: "Jane Doe".into(),
                at: Moment::default(),
                meaning: Meaning::Performed,
                list: Hash([1; 32]),
                covers: Vec::new(),
                public: [0; 32],
                bytes: vec![0; 64],
            },
            outcome: crate::domain::device::Outcome::ALL[usize::from(how) % 5],
            because: Vec::new(),
            minutes: 1,
        },
        _ => InspectionEvent::Noted {
            step: None,
            text: format!("note {how}"),
        },
    }
}

/// The entries of these turns, each with what its shop knew.
fn written(turns: &[Turn]) -> Vec<Written> {
    let started = InspectionEvent::Started {
        device: EntityId::Natural([1; 16]),
        order: EntityId::Natural([2; 16]),
        procedure: Hash([3; 32]),
        frozen: Hash([3; 32]),
        activity: "annual PM".into(),
        performed: "2026-03-02".parse().unwrap(),
        facts: DeviceFacts::default(),
        adopted: true,
    };
    let site = |n: usize| SiteId([n as u8 + 1; 16]);
    let mut entries: Vec<Written> = Vec::new();
    let mut seqs = [1u64; 3];
    let mut knows: [BTreeMap<SiteId, u64>; 3] = Default::default();
    let mut write = |shop: usize, event: InspectionEvent, knows: &mut BTreeMap<SiteId, u64>| {
        seqs[shop] += 1;
        knows.insert(site(shop), seqs[shop]);
        let at = 10 * entries.len() as i64 + [0, 25, -25][shop];
        entries.push(Written {
            stamp: Stamp {
                dot: Dot {
                    site: site(shop),
                    seq: seqs[shop],
                    index: 0,
                },
                at: Moment {
                    micros: at,
                    offset: 0,
                },
                by: format!("tech{shop}"),
            },
            saw: knows.clone(),
            events: vec![(ID, event).into()],
        });
        entries.clone()
    };
    let mut now = write(0, started, &mut knows[0]);
    let first = knows[0].clone();
    knows[1] = first.clone();
    knows[2] = first;
    for (shop, what, how, about, from) in turns {
        if let Some(from) = from {
            for (site, seq) in knows[*from].clone() {
                let known = knows[*shop].entry(site).or_insert(seq);
                *known = seq.max(*known);
            }
        }
        let seen: Vec<Dot> = now
            .iter()
            .filter(|entry| {
                let dot = entry.stamp.dot;
                let answers = entry.events.iter().any(|e| {
                    matches!(
                        &e.event,
                        Event::Inspection(InspectionEvent::Answered { .. })
                    )
                });
                answers
                    && knows[*shop]
                        .get(&dot.site)
                        .is_some_and(|seq| dot.seq <= *seq)
            })
            .map(|entry| entry.stamp.dot)
            .collect();
        let earlier = seen.get(usize::from(*about) % seen.len().max(1)).copied();
        now = write(*shop, event(*what, *how, earlier), &mut knows[*shop]);
    }
    now
}

fn fold(entries: Vec<Written>) -> Inspection {
    let mut state = Inspection::default();
    for entry in in_order(entries) {
        for addressed in &entry.events {
            if let Event::Inspection(event) = &addressed.event {
                state.apply(event, &entry.stamp, &entry.seen());
            }
        }
    }
    state
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let from = proptest::option::weighted(0.2, 0..3usize);
    proptest::collection::vec(
        (0..3usize, any::<u8>(), any::<u8>(), any::<u8>(), from),
        1..30,
    )
}

proptest! {
    #[test]
    fn no_answer_is_lost_and_no_failure_hidden(turns in turns()) {
        let entries = written(&turns);
        let state = fold(entries.clone());
        let mut backwards = entries.clone();
        backwards.reverse();
        prop_assert_eq!(&fold(backwards), &state);
        let mine: Vec<(&Written, &InspectionEvent)> = entries
            .iter()
            .flat_map(|entry| entry.events.iter().map(move |e| (entry, e)))
            .filter_map(|(entry, e)| match &e.event {
                Event::Inspection(event) => Some((entry, event)),
                _ => None,
            })
            .collect();
        let count = |wanted: fn(&InspectionEvent) -> bool| {
            mine.iter().filter(|(_, event)| wanted(event)).count()
        };
        prop_assert_eq!(
            state.answers.len(),
            count(|e| matches!(e, InspectionEvent::Answered { .. }))
        );
        prop_assert_eq!(state.fixes.len(), count(|e| matches!(e, InspectionEvent::Fixed { .. })));
        prop_assert_eq!(state.notes.len(), count(|e| matches!(e, InspectionEvent::Noted { .. })));
        let signed = count(|e| matches!(e, InspectionEvent::Signed { .. }));
        let voided = count(|e| matches!(e, InspectionEvent::Voided { .. }));
        prop_assert_eq!(state.signatures.len(), signed);
        prop_assert_eq!(
            voided,
            usize::from(state.void.is_some()) + state.beside.voids.len()
        );
        let status = match (signed, voided) {
            (0, 0) => InspectionStatus::Open,
            (0, _) => InspectionStatus::Void,
            _ => InspectionStatus::Signed,
        };
        prop_assert_eq!(state.status, Some(status));

        // A failed answer that nothing replaced, and that nobody who knew of it put right, is a failure.
        let now = plan(&state, &frozen(), &state.facts);
        for answer in state.answers.iter().filter(|a| a.verdict == Verdict::Fail) {
            let dot = answer.stamp.dot;
            let replaced = state.answers.iter().any(|a| a.supersedes.is_some_and(|(old, _)| old == dot));
            let put_right = mine.iter().any(|(entry, event)| {
                matches!(event, InspectionEvent::Fixed { step, .. } if *step == answer.step)
                    && entry.stamp.dot != dot
                    && entry.seen().covers(dot)
            });
            if replaced || put_right {
                continue;
            }
            let item = now.item(&answer.step).unwrap();
            prop_assert_eq!(&item.state, &StepState::Unsettled);
            prop_assert_eq!(item.verdict(), Some(Verdict::Fail));
        }
        // Two open answers of one phase that did not know of each other and differ are in the inbox.
        if status != InspectionStatus::Void {
            let stands = |dot: Dot| !state.is_superseded(dot);
            for (first, second) in &state.beside.unseen {
                let of = |dot: &Dot| state.answers.iter().find(|a| a.stamp.dot == *dot);
                let (Some(a), Some(b)) = (of(first), of(second)) else { continue };
                if stands(*first) && stands(*second) && a.phase == b.phase && a.answer != b.answer {
                    let shown = state.conflicts().into_iter().any(|conflict| {
                        conflict.side(*first).is_some() && conflict.side(*second).is_some()
                    });
                    prop_assert!(shown);
                }
            }
        }
    }
}
