//! Samples of order events.

use super::{day, dot, id, number, s, signature};
use crate::domain::order::{
    AttemptCode, Cause, CheckIn, FailureCause, Harm, HoldReason, Known, LabourKind, Opening,
    OrderEvent, OrderKind, OutcomeCode, Priority, WorkAction,
};

fn opening(cause: Cause) -> Opening {
    Opening {
        kind: OrderKind::Pm,
        device: Some(id(1)),
        priority: Priority::Normal,
        problem: s("annual PM"),
        requester: s("rk"),
        department: s("ICU"),
        due: Some(day("2026-11-30")),
        window: Some((day("2026-11-01"), day("2026-12-31"))),
        activity: s("annual PM"),
        procedure: s("infusion-pump"),
        planned_minutes: Some(25),
        interval_months: Some(12),
        cause,
    }
}

/// In the order of their golden files.
pub fn events() -> Vec<OrderEvent> {
    use OrderEvent as E;
    let opened = |cause| E::Opened {
        number: s("SHOP2-00123"),
        opening: opening(cause),
    };
    vec![
        opened(Cause::Request),
        opened(Cause::Plan {
            plan: s("pumps yearly"),
        }),
        opened(Cause::FailedStep {
            inspection: id(3),
            step: s("flow-rate"),
        }),
        opened(Cause::Reopened { order: id(2) }),
        opened(Cause::SuspectRecall {
            inspection: Some(id(3)),
        }),
        opened(Cause::Unscheduled),
        E::CheckedIn {
            check_in: CheckIn {
                harm: Harm::NearMiss,
                clean: Known::Unknown,
                accessories: s("pole clamp"),
                shelf: s("B4"),
            },
        },
        E::Assigned { to: s("rk") },
        E::Released {
            reason: s("end of shift"),
        },
        E::Started,
        E::Held {
            reason: HoldReason::Parts,
            note: s("battery door"),
            chase: Some(day("2026-12-05")),
        },
        E::Resumed,
        E::WorkDone,
        E::LabourBooked {
            who: s("rk"),
            minutes: 35,
            kind: LabourKind::Active,
            on: day("2026-11-23"),
            note: s(""),
        },
        E::PartUsed {
            number: s("P-100"),
            description: s("battery"),
            quantity: 2,
            cost: Some(number("49.90")),
        },
        E::Attached {
            reference: s("files/report.pdf"),
            note: s("vendor report"),
        },
        E::ToolUsed { tool: id(4) },
        E::Noted {
            text: s("user called back"),
        },
        E::Attempted {
            code: AttemptCode::UnableToLocate,
            place: s("ICU, ED"),
            note: s("asked charge nurse"),
            next_try: Some(day("2026-12-01")),
        },
        E::Edited {
            priority: Some(Priority::Urgent),
            due: None,
            problem: Some(s("alarm silent")),
            reason: s("user called"),
        },
        E::External {
            company: s("Acme Service"),
            technician: s("J. Doe"),
            report: s("R-77"),
            on: day("2026-11-20"),
            passed: true,
            readings: false,
            file: s("files/r77.pdf"),
            signature: Some(signature()),
        },
        E::Closed {
            outcome: Some(OutcomeCode::Corrective),
            cause: FailureCause::Battery,
            action: WorkAction::Pm,
            found: s("battery weak"),
            done: s("battery changed"),
            performed: day("2026-11-23"),
            inspection: Some(id(3)),
        },
        E::Cancelled {
            reason: s("opened twice"),
        },
        E::Linked {
            order: id(6),
            relation: s("repair of a failed step"),
        },
        E::Addendum {
            text: s("invoice arrived"),
        },
        E::NoticeRead {
            of: vec![dot(7), dot(9)],
        },
    ]
}
