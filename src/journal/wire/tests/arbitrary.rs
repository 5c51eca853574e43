//! Arbitrary domain events, one strategy per variant.

use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use crate::domain::device::{
    DeviceEvent, Field, FieldChange, HoldKind, Origin, Outcome, Stage, Value, Whereabouts,
};
use crate::domain::event::Addressed;
use crate::domain::id::{Dot, EntityId, Hash, SiteId};
use crate::domain::inspection::{Again, Answer, AnswerOrigin, InspectionEvent, Phase, Verdict};
use crate::domain::measure::{Limit, Reading, ReadingForm, Unit};
use crate::domain::model::{ModelEvent, ModelFacts};
use crate::domain::order::{
    AttemptCode, Cause, CheckIn, FailureCause, Harm, HoldReason, Known, LabourKind, Opening,
    OrderEvent, OrderKind, OutcomeCode, Priority, WorkAction,
};
use crate::domain::procedure::{
    AnswerVerdict, AppliedPart, AppliedPartType, ChoiceOption, DeviceFacts, LimitSource, Measure,
    PowerConnection, Procedure, ProtectionClass, Reference, Section, SourceKind, Step, StepId,
    StepKind, TextAbout,
};
use crate::domain::shop::ShopEvent;
use crate::domain::signature::{Meaning, Signature};
use crate::domain::stored_procedure::ProcedureEvent;
use crate::domain::technician::TechnicianEvent;
use crate::domain::time::Moment;
use crate::domain::tool::ToolEvent;

/// One strategy for every variant of every event.
pub fn variants() -> Vec<BoxedStrategy<Addressed>> {
    let mut all = Vec::new();
    all.extend(addressed(shop()));
    all.extend(addressed(technician()));
    all.extend(addressed(device()));
    all.extend(addressed(order()));
    all.extend(addressed(inspection()));
    all.extend(addressed(procedure_events()));
    all.extend(addressed(tool()));
    all.extend(addressed(model()));
    all
}

/// Any event at all.
pub fn any_event() -> impl Strategy<Value = Addressed> {
    proptest::strategy::Union::new(variants())
}

fn addressed<E>(events: Vec<BoxedStrategy<E>>) -> Vec<BoxedStrategy<Addressed>>
where
    E: std::fmt::Debug + 'static,
    Addressed: From<(EntityId, E)>,
{
    events
        .into_iter()
        .map(|event| (id(), event).prop_map(Addressed::from).boxed())
        .collect()
}

fn text() -> impl Strategy<Value = String> + Clone {
    ".{0,12}"
}

fn hash16() -> impl Strategy<Value = [u8; 16]> + Clone {
    any::<[u8; 16]>()
}

fn dot() -> impl Strategy<Value = Dot> + Clone {
    (hash16(), any::<u64>(), any::<u16>()).prop_map(|(site, seq, index)| Dot {
        site: SiteId(site),
        seq,
        index,
    })
}

fn id() -> impl Strategy<Value = EntityId> + Clone {
    prop_oneof![
        dot().prop_map(EntityId::Made),
        hash16().prop_map(EntityId::Natural)
    ]
}

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash)
}

fn day() -> impl Strategy<Value = NaiveDate> + Clone {
    prop_oneof![
        8 => (-200_000i32..1_200_000).prop_map(|days| {
            NaiveDate::from_num_days_from_ce_opt(days).unwrap_or_default()
        }),
        1 => Just(NaiveDate::MIN),
        1 => Just(NaiveDate::MAX),
    ]
}

fn moment() -> impl Strategy<Value = Moment> {
    any::<(i64, i16)>().prop_map(|(micros, offset)| Moment { micros, offset })
}

fn decimal() -> impl Strategy<Value = Decimal> + Clone {
    const MOST: i128 = (1 << 96) - 1;
    prop_oneof![
        (-MOST..=MOST, 0u32..=28).prop_map(|(m, s)| Decimal::from_i128_with_scale(m, s)),
        (-9_999i128..=9_999, 0u32..=4).prop_map(|(m, s)| Decimal::from_i128_with_scale(m, s)),
    ]
}

fn pick<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    select(all)
}

fn maybe_bool() -> impl Strategy<Value = Option<bool>> {
    any::<Option<bool>>()
}

fn step() -> impl Strategy<Value = StepId> {
    text().prop_map(StepId)
}

fn signature() -> impl Strategy<Value = Signature> {
    (
        (text(), text(), moment(), pick(Meaning::ALL)),
        (hash(), any::<[u8; 32]>(), vec(any::<u8>(), 0..70)),
    )
        .prop_map(
            |((signer, name, at, meaning), (list, public, bytes))| Signature {
                signer,
                name,
                at,
                meaning,
                list,
                public,
                bytes,
            },
        )
}

fn shop() -> Vec<BoxedStrategy<ShopEvent>> {
    use ShopEvent as E;
    vec![
        text().prop_map(|name| E::Renamed { name }).boxed(),
        text()
            .prop_map(|prefix| E::PrefixChanged { prefix })
            .boxed(),
        text().prop_map(|zone| E::ZoneChanged { zone }).boxed(),
        (text(), text())
            .prop_map(|(name, text)| E::ColumnMapSaved { name, text })
            .boxed(),
    ]
}

fn technician() -> Vec<BoxedStrategy<TechnicianEvent>> {
    use TechnicianEvent as E;
    vec![
        (text(), text(), text())
            .prop_map(|(key, name, initials)| E::Named {
                key,
                name,
                initials,
            })
            .boxed(),
        (text(), text(), option::of(day()))
            .prop_map(|(credential, number, expires)| E::CredentialAdded {
                credential,
                number,
                expires,
            })
            .boxed(),
        any::<[u8; 32]>()
            .prop_map(|public| E::KeyEnrolled { public })
            .boxed(),
        (any::<[u8; 32]>(), text())
            .prop_map(|(public, reason)| E::KeyRevoked { public, reason })
            .boxed(),
        text().prop_map(|reason| E::Left { reason }).boxed(),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::Text),
        day().prop_map(Value::Date),
        decimal().prop_map(Value::Number),
        any::<u16>().prop_map(Value::Choice),
        vec(text(), 0..4).prop_map(Value::List),
    ]
}

fn change() -> impl Strategy<Value = FieldChange> {
    (
        pick(Field::ALL),
        option::of(value()),
        option::of(value()),
        vec(dot(), 0..3),
    )
        .prop_map(|(field, old, new, replaces)| FieldChange {
            field,
            old,
            new,
            replaces,
        })
}

fn whereabouts() -> impl Strategy<Value = Whereabouts> {
    prop_oneof![
        Just(Whereabouts::AtLocation),
        (text(), option::of(day())).prop_map(|(to, back)| Whereabouts::OnLoan { to, back }),
        (
            text(),
            text(),
            text(),
            maybe_bool(),
            maybe_bool(),
            option::of(day())
        )
            .prop_map(
                |(vendor, rma, carrier, ephi_cleared, decontaminated, expected)| {
                    Whereabouts::SentOut {
                        vendor,
                        rma,
                        carrier,
                        ephi_cleared,
                        decontaminated,
                        expected,
                    }
                }
            ),
        text().prop_map(|searched| Whereabouts::Missing { searched }),
    ]
}

fn device() -> Vec<BoxedStrategy<DeviceEvent>> {
    use DeviceEvent as E;
    vec![
        (pick(Origin::ALL), pick(Stage::ALL), vec(change(), 0..4))
            .prop_map(|(origin, stage, changes)| E::Registered {
                origin,
                stage,
                changes,
            })
            .boxed(),
        (vec(change(), 0..4), text())
            .prop_map(|(changes, reason)| E::Edited { changes, reason })
            .boxed(),
        (pick(Stage::ALL), pick(Stage::ALL), text())
            .prop_map(|(from, to, reason)| E::StageChanged { from, to, reason })
            .boxed(),
        (whereabouts(), text())
            .prop_map(|(to, note)| E::WhereaboutsChanged { to, note })
            .boxed(),
        (pick(HoldKind::ALL), text(), option::of(id()))
            .prop_map(|(kind, reason, source)| E::HoldPlaced {
                kind,
                reason,
                source,
            })
            .boxed(),
        (dot(), text(), option::of(id()))
            .prop_map(|(hold, reason, inspection)| E::HoldLifted {
                hold,
                reason,
                inspection,
            })
            .boxed(),
        (text(), change(), text())
            .prop_map(|(old, change, reason)| E::Retagged {
                old,
                change,
                reason,
            })
            .boxed(),
        (id(), vec(text(), 0..4), text())
            .prop_map(|(other, aliases, reason)| E::Combined {
                other,
                aliases,
                reason,
            })
            .boxed(),
        (id(), text())
            .prop_map(|(other, reason)| E::Separated { other, reason })
            .boxed(),
        (option::of(id()), text())
            .prop_map(|(into, reason)| E::MergedInto { into, reason })
            .boxed(),
        (id(), text(), pick(Outcome::ALL), day(), option::of(day()))
            .prop_map(
                |(inspection, activity, outcome, performed, next_due)| E::Inspected {
                    inspection,
                    activity,
                    outcome,
                    performed,
                    next_due,
                },
            )
            .boxed(),
        (text(), text(), text())
            .prop_map(|(component, version, how)| E::SoftwareSeen {
                component,
                version,
                how,
            })
            .boxed(),
        text().prop_map(|text| E::Noted { text }).boxed(),
    ]
}

fn cause() -> impl Strategy<Value = Cause> {
    prop_oneof![
        Just(Cause::Request),
        text().prop_map(|plan| Cause::Plan { plan }),
        (id(), text()).prop_map(|(inspection, step)| Cause::FailedStep { inspection, step }),
        id().prop_map(|order| Cause::Reopened { order }),
        option::of(id()).prop_map(|inspection| Cause::SuspectRecall { inspection }),
        Just(Cause::Unscheduled),
    ]
}

fn opening() -> impl Strategy<Value = Opening> {
    (
        (
            pick(OrderKind::ALL),
            option::of(id()),
            pick(Priority::ALL),
            text(),
            text(),
            text(),
        ),
        (
            option::of(day()),
            option::of((day(), day())),
            text(),
            text(),
            any::<Option<u32>>(),
            any::<Option<u32>>(),
            cause(),
        ),
    )
        .prop_map(
            |(
                (kind, device, priority, problem, requester, department),
                (due, window, activity, procedure, planned_minutes, interval_months, cause),
            )| Opening {
                kind,
                device,
                priority,
                problem,
                requester,
                department,
                due,
                window,
                activity,
                procedure,
                planned_minutes,
                interval_months,
                cause,
            },
        )
}

fn order() -> Vec<BoxedStrategy<OrderEvent>> {
    use OrderEvent as E;
    vec![
        (text(), opening())
            .prop_map(|(number, opening)| E::Opened { number, opening })
            .boxed(),
        (pick(Harm::ALL), pick(Known::ALL), text(), text())
            .prop_map(|(harm, clean, accessories, shelf)| E::CheckedIn {
                check_in: CheckIn {
                    harm,
                    clean,
                    accessories,
                    shelf,
                },
            })
            .boxed(),
        text().prop_map(|to| E::Assigned { to }).boxed(),
        text().prop_map(|reason| E::Released { reason }).boxed(),
        Just(E::Started).boxed(),
        (pick(HoldReason::ALL), text(), option::of(day()))
            .prop_map(|(reason, note, chase)| E::Held {
                reason,
                note,
                chase,
            })
            .boxed(),
        Just(E::Resumed).boxed(),
        Just(E::WorkDone).boxed(),
        (text(), any::<u32>(), pick(LabourKind::ALL), day(), text())
            .prop_map(|(who, minutes, kind, on, note)| E::LabourBooked {
                who,
                minutes,
                kind,
                on,
                note,
            })
            .boxed(),
        (text(), text(), any::<u32>(), option::of(decimal()))
            .prop_map(|(number, description, quantity, cost)| E::PartUsed {
                number,
                description,
                quantity,
                cost,
            })
            .boxed(),
        (text(), text())
            .prop_map(|(reference, note)| E::Attached { reference, note })
            .boxed(),
        id().prop_map(|tool| E::ToolUsed { tool }).boxed(),
        text().prop_map(|text| E::Noted { text }).boxed(),
        (pick(AttemptCode::ALL), text(), text(), option::of(day()))
            .prop_map(|(code, place, note, next_try)| E::Attempted {
                code,
                place,
                note,
                next_try,
            })
            .boxed(),
        (
            option::of(pick(Priority::ALL)),
            option::of(day()),
            option::of(text()),
            text(),
        )
            .prop_map(|(priority, due, problem, reason)| E::Edited {
                priority,
                due,
                problem,
                reason,
            })
            .boxed(),
        (
            (text(), text(), text(), day()),
            any::<(bool, bool)>(),
            (text(), option::of(signature())),
        )
            .prop_map(
                |((company, technician, report, on), (passed, readings), (file, signature))| {
                    E::External {
                        company,
                        technician,
                        report,
                        on,
                        passed,
                        readings,
                        file,
                        signature,
                    }
                },
            )
            .boxed(),
        (
            (
                option::of(pick(OutcomeCode::ALL)),
                pick(FailureCause::ALL),
                pick(WorkAction::ALL),
            ),
            (text(), text(), day(), option::of(id())),
        )
            .prop_map(
                |((outcome, cause, action), (found, done, performed, inspection))| E::Closed {
                    outcome,
                    cause,
                    action,
                    found,
                    done,
                    performed,
                    inspection,
                },
            )
            .boxed(),
        text().prop_map(|reason| E::Cancelled { reason }).boxed(),
        (id(), text())
            .prop_map(|(order, relation)| E::Linked { order, relation })
            .boxed(),
        text().prop_map(|text| E::Addendum { text }).boxed(),
    ]
}

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

fn inspection() -> Vec<BoxedStrategy<InspectionEvent>> {
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
    ]
}

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

fn procedure_events() -> Vec<BoxedStrategy<ProcedureEvent>> {
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

fn tool() -> Vec<BoxedStrategy<ToolEvent>> {
    use ToolEvent as E;
    vec![
        (text(), text(), text(), text())
            .prop_map(|(name, kind, model, serial)| E::Described {
                name,
                kind,
                model,
                serial,
            })
            .boxed(),
        (day(), day(), text())
            .prop_map(|(on, due, certificate)| E::Calibrated {
                on,
                due,
                certificate,
            })
            .boxed(),
        (day(), text())
            .prop_map(|(on, note)| E::CheckedGood { on, note })
            .boxed(),
        (day(), text(), option::of(day()))
            .prop_map(|(on, reason, last_good)| E::Failed {
                on,
                reason,
                last_good,
            })
            .boxed(),
        text().prop_map(|reason| E::Withdrawn { reason }).boxed(),
    ]
}

fn model() -> Vec<BoxedStrategy<ModelEvent>> {
    let facts = (
        (text(), vec(text(), 0..3), text(), text(), text()),
        (
            text(),
            text(),
            vec((text(), text()), 0..3),
            text(),
            maybe_bool(),
            maybe_bool(),
        ),
    )
        .prop_map(
            |(
                (di, other_dis, manufacturer, brand, model),
                (catalogue, description, product_codes, gmdn, has_lot, has_serial),
            )| ModelFacts {
                di,
                other_dis,
                manufacturer,
                brand,
                model,
                catalogue,
                description,
                product_codes,
                gmdn,
                has_lot,
                has_serial,
            },
        );
    vec![
        (facts, text())
            .prop_map(|(facts, source)| ModelEvent::Published { facts, source })
            .boxed(),
    ]
}
