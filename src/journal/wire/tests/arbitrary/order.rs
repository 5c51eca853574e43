//! Arbitrary order events.

use super::{day, decimal, dot, id, pick, signature, text};
use crate::domain::order::{
    AttemptCode, Cause, CheckIn, FailureCause, Harm, HoldReason, Known, LabourKind, Opening,
    OrderEvent, OrderKind, OutcomeCode, Priority, WorkAction,
};
use proptest::option;
use proptest::prelude::*;

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

/// One strategy for every variant.
pub fn events() -> Vec<BoxedStrategy<OrderEvent>> {
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
        proptest::collection::vec(dot(), 0..3)
            .prop_map(|of| E::NoticeRead { of })
            .boxed(),
    ]
}
