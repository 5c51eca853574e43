//! Pages from any input: nothing panics, and nothing of an answer is lost.

use proptest::prelude::*;

use super::{sample, squeezed};
use crate::domain::id::Hash;
use crate::domain::inspection::{Again, Answer, AnswerOrigin, InspectionEvent, Phase, Verdict};
use crate::domain::measure::{Decimal, Reading, ReadingForm, Unit};
use crate::domain::procedure::StepId;
use crate::report::clean::ascii;
use crate::report::{Page, record_html, record_text};

const STEPS: [&str; 8] = [
    "confirm",
    "case",
    "earth",
    "leak",
    "flow",
    "battery",
    "clean",
    "elsewhere",
];

fn readings() -> impl Strategy<Value = Reading> {
    (
        any::<i64>(),
        0u32..9,
        0usize..4,
        0usize..Unit::ALL.len(),
        any::<String>(),
    )
        .prop_map(|(n, places, form, unit, typed)| {
            let n = Decimal::new(n, places);
            Reading {
                form: [
                    ReadingForm::Exact(n),
                    ReadingForm::Below(n),
                    ReadingForm::Above(n),
                    ReadingForm::OverRange,
                ][form],
                unit: Unit::ALL[unit],
                typed,
            }
        })
}

fn answers() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::Pass),
        Just(Answer::Fail),
        any::<String>().prop_map(|reason| Answer::NotApplicable { reason }),
        readings().prop_map(Answer::Reading),
        any::<String>().prop_map(Answer::Choice),
        any::<String>().prop_map(Answer::Text),
        any::<String>().prop_map(Answer::Scan),
        (any::<bool>(), any::<u32>())
            .prop_map(|(passed, seconds)| Answer::Timer { passed, seconds }),
        any::<String>().prop_map(|who| Answer::SecondPerson { who }),
    ]
}

fn events() -> impl Strategy<Value = InspectionEvent> {
    let step = || (0..STEPS.len()).prop_map(|at| StepId::from(STEPS[at]));
    let words = || any::<String>();
    let answered = (
        (step(), proptest::option::of(0u16..3), answers()),
        (0..Verdict::ALL.len(), words(), words(), any::<bool>()),
        (
            proptest::option::of((1u64..12, 0..Again::ALL.len())),
            words(),
        ),
    )
        .prop_map(
            |((step, point, answer), (verdict, limit, why, left), (supersedes, reason))| {
                InspectionEvent::Answered {
                    step,
                    point,
                    answer,
                    verdict: Verdict::ALL[verdict],
                    limit,
                    why,
                    phase: if left { Phase::AsLeft } else { Phase::AsFound },
                    origin: AnswerOrigin::Key,
                    tool: Some(sample::id(9)),
                    supersedes: supersedes.map(|(seq, why)| (sample::dot(seq), Again::ALL[why])),
                    reason,
                }
            },
        );
    prop_oneof![
        6 => answered,
        1 => (proptest::option::of(step()), words())
            .prop_map(|(step, text)| InspectionEvent::Noted { step, text }),
        1 => (1u64..12, words()).prop_map(|(seq, reason)| InspectionEvent::Suspected {
            answer: sample::dot(seq),
            tool: sample::id(9),
            reason,
        }),
        1 => (step(), any::<u32>())
            .prop_map(|(step, seconds)| InspectionEvent::TimerStarted { step, seconds }),
        1 => (words(), words(), words())
            .prop_map(|(to, place, left)| InspectionEvent::HandedOver { to, place, left }),
        1 => words().prop_map(|reason| InspectionEvent::Voided { reason }),
    ]
}

/// What of an answer must be readable on the page.
fn typed(answer: &Answer) -> Vec<String> {
    match answer {
        Answer::NotApplicable { reason: text }
        | Answer::Choice(text)
        | Answer::Text(text)
        | Answer::Scan(text)
        | Answer::SecondPerson { who: text } => vec![text.clone()],
        Answer::Reading(reading) => vec![reading.to_string(), reading.typed.clone()],
        Answer::Date(date) => vec![date.to_string()],
        Answer::Pass | Answer::Fail | Answer::Timer { .. } => Vec::new(),
    }
}

proptest! {
    #[test]
    fn nothing_of_an_answer_is_missing(
        told in proptest::collection::vec(events(), 0..14), width in 0usize..120, sign in any::<bool>(),
    ) {
        let same = |text: &str| text.to_owned();
        let mut story = sample::Story {
            inspection: crate::domain::inspection::Inspection::default(),
            seq: 0,
            text: &same,
        };
        for event in &told {
            story.tell(event);
        }
        if sign {
            sample::signed(&mut story);
        }
        let mut sheet = sample::sheet(&story);
        sheet.inspection.procedure = Hash([1; 32]);
        let page = squeezed(&record_text(&sheet, None, &Page { width, ..Page::default() }));
        let plain = record_text(&sheet, None, &Page { width, ascii: true, ..Page::default() });
        prop_assert!(plain.is_ascii());
        let plain: String = plain.split_whitespace().collect();
        for given in &sheet.inspection.answers {
            let mut texts = typed(&given.answer);
            texts.extend([given.reason.clone(), given.why.clone(), given.limit.clone()]);
            for text in texts {
                prop_assert!(page.contains(&squeezed(&text)), "{text:?} of {given:?}");
                let short: String = ascii(&text).split_whitespace().collect();
                prop_assert!(plain.contains(&short), "{text:?} of {given:?}");
            }
        }
        for (_, note) in &sheet.inspection.notes {
            prop_assert!(page.contains(&squeezed(&note.text)));
        }
        let html = record_html(&sheet, None, &Page::default());
        prop_assert!(!html.contains("<script"));
        super::balanced(&html);
    }
}
