//! Events of work orders, 401 to 499. Frozen.

use super::frozen::DecimalV1;
use super::parts::{DotV1, IdV1, SignatureV1};
use super::table::{codes, events, record, variants};
use crate::domain::order::{
    AttemptCode, Cause, CheckIn, Harm, HoldReason, Known, LabourKind, Opening, OrderEvent,
    OrderKind, OutcomeCode, Priority, WorkAction,
};

codes!(
    AttemptCode,
    Harm,
    HoldReason,
    Known,
    LabourKind,
    OrderKind,
    OutcomeCode,
    Priority,
    WorkAction
);

variants! {
    /// How an order came to be.
    CauseV1 of Cause {
        1 Request;
        2 Plan { plan: String };
        3 FailedStep { inspection: IdV1, step: String };
        4 Reopened { order: IdV1 };
        5 SuspectRecall { inspection: Option<IdV1> };
        6 Unscheduled;
    }
}

record! {
    /// What an order is opened with.
    OpeningV1 of Opening {
        kind: u16,
        device: Option<IdV1>,
        priority: u16,
        problem: String,
        requester: String,
        department: String,
        due: Option<i32>,
        window: Option<(i32, i32)>,
        activity: String,
        procedure: String,
        planned_minutes: Option<u32>,
        interval_months: Option<u32>,
        cause: CauseV1,
    }
}

record! {
    /// The line with which a repair comes in.
    CheckInV1 of CheckIn { harm: u16, clean: u16, accessories: String, shelf: String }
}

events! { OrderEvent {
    401 "order-opened" Opened OpenedV1 { number: String, opening: OpeningV1 }
    402 "order-checked-in" CheckedIn CheckedInV1 { check_in: CheckInV1 }
    403 "order-assigned" Assigned AssignedV1 { to: String }
    404 "order-released" Released ReleasedV1 { reason: String }
    405 "order-started" Started StartedV1 {}
    406 "order-held" Held HeldV1 { reason: u16, note: String, chase: Option<i32> }
    407 "order-resumed" Resumed ResumedV1 {}
    408 "order-work-done" WorkDone WorkDoneV1 {}
    409 "order-labour-booked" LabourBooked LabourBookedV1 {
        who: String, minutes: u32, kind: u16, on: i32, note: String,
    }
    410 "order-part-used" PartUsed PartUsedV1 {
        number: String, description: String, quantity: u32, cost: Option<DecimalV1>,
    }
    411 "order-attached" Attached AttachedV1 { reference: String, note: String }
    412 "order-tool-used" ToolUsed ToolUsedV1 { tool: IdV1 }
    413 "order-noted" Noted NotedV1 { text: String }
    414 "order-attempted" Attempted AttemptedV1 {
        code: u16, place: String, note: String, next_try: Option<i32>,
    }
    415 "order-edited" Edited EditedV1 {
        priority: Option<u16>, due: Option<i32>, problem: Option<String>, reason: String,
    }
    416 "order-external" External ExternalV1 {
        company: String, technician: String, report: String, on: i32, passed: bool, readings: bool, file: String,
        signature: Option<SignatureV1>,
    }
    417 "order-closed" Closed ClosedV1 {
        outcome: Option<u16>, cause: u16, action: u16, found: String, done: String, performed: i32,
        inspection: Option<IdV1>,
    }
    418 "order-cancelled" Cancelled CancelledV1 { reason: String }
    419 "order-linked" Linked LinkedV1 { order: IdV1, relation: String }
    420 "order-addendum" Addendum AddendumV1 { text: String }
    421 "order-notice-read" NoticeRead NoticeReadV1 { of: Vec<DotV1> }
} }
