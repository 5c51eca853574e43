//! Arbitrary procedure events.

use super::{decimal, hash, pick, text};
use crate::domain::measure::{Limit, Unit};
use crate::domain::procedure::{
    AnswerVerdict, ChoiceOption, LimitSource, Measure, Procedure, Reference, Section, SourceKind,
    Step, StepKind, TextAbout,
};
use crate::domain::stored_procedure::ProcedureEvent;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn step_kind() -> impl Strategy<Value = StepKind> {
    let limit = prop_oneof![
        decimal().prop_map(Limit::AtMost),
        (decimal(), decimal()).prop_map(|(low, high)| Limit::Range { low, high }),
    ];
    prop_oneof![
        Just(StepKind::Check),
        Just(StepKind::SecondPerson),
        (pick(Unit::ALL), option::of(limit), any::<bool>(), text()).prop_map(
            |(unit, limit, verified, text)| StepKind::Measure(Measure {
                unit,
                limit,
                source: LimitSource { verified, text },
            })
        ),
        vec(text(), 0..3).prop_map(|labels| StepKind::Choice {
            options: labels
                .into_iter()
                .map(|label| ChoiceOption {
                    label,
                    verdict: AnswerVerdict::Neutral,
                })
                .collect(),
        }),
        Just(StepKind::Text {
            about: TextAbout::Accessories
        }),
        any::<(u32, bool)>().prop_map(|(seconds, long)| StepKind::Timer { seconds, long }),
    ]
}

// The document's own bytes have their own tests; here it is enough that documents of many shapes go through.
fn procedure() -> impl Strategy<Value = Box<Procedure>> {
    let step = (text(), text(), step_kind(), any::<(bool, bool)>()).prop_map(
        |(id, title, kind, (safety, as_left))| Step {
            safety,
            as_left,
            ..Step::new(&id, &title, kind)
        },
    );
    let section = (text(), vec(step, 0..4)).prop_map(|(title, steps)| Section { title, steps });
    (
        (text(), text(), text(), vec(text(), 0..3)),
        (option::of(text()), any::<Option<u32>>(), vec(section, 0..3)),
    )
        .prop_map(
            |((code, title, activity, device_types), (document, minutes, sections))| {
                Box::new(Procedure {
                    code,
                    title,
                    activity,
                    device_types,
                    source: SourceKind::Manufacturer,
                    reference: document.map(|document| Reference {
                        document,
                        revision: None,
                    }),
                    minutes,
                    sections,
                    ..Procedure::default()
                })
            },
        )
}

/// One strategy for every variant.
pub fn events() -> Vec<BoxedStrategy<ProcedureEvent>> {
    use ProcedureEvent as E;
    vec![
        (procedure(), text())
            .prop_map(|(procedure, source)| E::Imported { procedure, source })
            .boxed(),
        (procedure(), hash())
            .prop_map(|(procedure, of)| E::Frozen { procedure, of })
            .boxed(),
        (text(), text(), text())
            .prop_map(|(by, against, note)| E::Adopted { by, against, note })
            .boxed(),
        text().prop_map(|reason| E::Withdrawn { reason }).boxed(),
    ]
}
