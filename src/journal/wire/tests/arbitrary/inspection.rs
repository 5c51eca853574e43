//! Arbitrary inspection events.

use super::{day, decimal, dot, hash, id, maybe_bool, pick, signature, step, text};
use crate::domain::device::Outcome;
use crate::domain::inspection::{Again, Answer, AnswerOrigin, InspectionEvent, Phase, Verdict};
use crate::domain::measure::{Reading, ReadingForm, Unit};
use crate::domain::order::FailureCause;
use crate::domain::procedure::{
    AppliedPart, AppliedPartType, DeviceFacts, PowerConnection, ProtectionClass,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn reading() -> impl Strategy<Value = Reading> {
    let form = prop_oneof![
        decimal().prop_map(ReadingForm::Exact),
        decimal().prop_map(ReadingForm::Below),
        decimal().prop_map(ReadingForm::Above),
        Just(ReadingForm::OverRange),
    ];
    (form, pick(Unit::ALL), text()).prop_map(|(form, unit, typed)| Reading { form, unit, typed })
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::Pass),
        Just(Answer::Fail),
        text().prop_map(|reason| Answer::NotApplicable { reason }),
        reading().prop_map(Answer::Reading),
        text().prop_map(Answer::Choice),
        text().prop_map(Answer::Text),
        day().prop_map(Answer::Date),
        text().prop_map(Answer::Scan),
        any::<(bool, u32)>().prop_map(|(passed, seconds)| Answer::Timer { passed, seconds }),
        text().prop_map(|who| Answer::SecondPerson { who }),
    ]
}

fn facts() -> impl Strategy<Value = DeviceFacts> {
    const CLASSES: &[ProtectionClass] = &[
        ProtectionClass::I,
        ProtectionClass::II,
        ProtectionClass::Internal,
    ];
    const POWERS: &[PowerConnection] = &[
        PowerConnection::DetachableCord,
        PowerConnection::FixedCord,
        PowerConnection::Permanent,
        PowerConnection::Internal,
    ];
    const TYPES: &[AppliedPartType] =
        &[AppliedPartType::B, AppliedPartType::BF, AppliedPartType::CF];
    let part =
        (text(), option::of(pick(TYPES))).prop_map(|(name, kind)| AppliedPart { name, kind });
    (
        (
            option::of(pick(CLASSES)),
            option::of(pick(POWERS)),
            option::of(vec(part, 0..3)),
        ),
        (maybe_bool(), maybe_bool(), maybe_bool(), maybe_bool()),
    )
        .prop_map(
            |((class, power, applied_parts), (stores_ephi, networked, battery, high_risk))| {
                DeviceFacts {
                    class,
                    power,
                    applied_parts,
                    stores_ephi,
                    networked,
                    battery,
                    high_risk,
                }
            },
        )
}

/// One strategy for every variant.
pub fn events() -> Vec<BoxedStrategy<InspectionEvent>> {
    use InspectionEvent as E;
    vec![
        (
            (id(), id(), hash(), hash()),
            (text(), day(), facts(), any::<bool>()),
        )
            .prop_map(
                |((device, order, procedure, frozen), (activity, performed, facts, adopted))| {
                    E::Started {
                        device,
                        order,
                        procedure,
                        frozen,
                        activity,
                        performed,
                        facts,
                        adopted,
                    }
                },
            )
            .boxed(),
        text()
            .prop_map(|warning| E::Acknowledged { warning })
            .boxed(),
        (
            (text(), id(), text(), text()),
            (text(), any::<bool>(), option::of((text(), text()))),
        )
            .prop_map(
                |((kind, tool, name, description), (calibration, good, override_by))| {
                    E::ToolChosen {
                        kind,
                        tool,
                        name,
                        description,
                        calibration,
                        good,
                        override_by,
                    }
                },
            )
            .boxed(),
        (
            (
                step(),
                any::<Option<u16>>(),
                answer(),
                pick(Verdict::ALL),
                text(),
            ),
            (
                text(),
                pick(Phase::ALL),
                pick(AnswerOrigin::ALL),
                option::of(id()),
                option::of((dot(), pick(Again::ALL))),
                text(),
            ),
        )
            .prop_map(
                |(
                    (step, point, answer, verdict, limit),
                    (why, phase, origin, tool, supersedes, reason),
                )| E::Answered {
                    step,
                    point,
                    answer,
                    verdict,
                    limit,
                    why,
                    phase,
                    origin,
                    tool,
                    supersedes,
                    reason,
                },
            )
            .boxed(),
        (step(), text(), pick(FailureCause::ALL), any::<u32>())
            .prop_map(|(step, done, cause, minutes)| E::Fixed {
                step,
                done,
                cause,
                minutes,
            })
            .boxed(),
        (step(), id())
            .prop_map(|(step, order)| E::RepairOpened { step, order })
            .boxed(),
        (option::of(step()), text())
            .prop_map(|(step, text)| E::Noted { step, text })
            .boxed(),
        (step(), any::<u32>())
            .prop_map(|(step, seconds)| E::TimerStarted { step, seconds })
            .boxed(),
        step().prop_map(|step| E::Deferred { step }).boxed(),
        (text(), text(), text())
            .prop_map(|(to, place, left)| E::HandedOver { to, place, left })
            .boxed(),
        (id(), id(), id(), text())
            .prop_map(|(from, to, order, reason)| E::Moved {
                from,
                to,
                order,
                reason,
            })
            .boxed(),
        text().prop_map(|reason| E::Voided { reason }).boxed(),
        (dot(), id(), text())
            .prop_map(|(answer, tool, reason)| E::Suspected {
                answer,
                tool,
                reason,
            })
            .boxed(),
        (
            signature(),
            pick(Outcome::ALL),
            vec(text(), 0..4),
            any::<u32>(),
        )
            .prop_map(|(signature, outcome, because, minutes)| E::Signed {
                signature,
                outcome,
                because,
                minutes,
            })
            .boxed(),
        (text(), signature())
            .prop_map(|(words, signature)| E::Witnessed { words, signature })
            .boxed(),
        (dot(), vec(dot(), 0..3))
            .prop_map(|(answer, over)| E::AnswerChosen { answer, over })
            .boxed(),
        vec(dot(), 0..3).prop_map(|of| E::NoticeRead { of }).boxed(),
    ]
}
