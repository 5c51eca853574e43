//! How orders end, and that they stay ended.

use crate::domain::command::Command;
use crate::domain::device::{HoldKind, Stage, UseStatus};
use crate::domain::id::EntityId;
use crate::domain::inspection::InspectionCommand;
use crate::domain::order::{
    AttemptCode, FailureCause, LabourKind, OrderCommand, OrderKind, OutcomeCode, Report, Status,
    WorkAction, proposed_action,
};
use crate::domain::scenario::{JD, MK, Shop, close, day, stage};
use crate::domain::signature::{Meaning, Signature};

fn facts(passed: bool) -> Report {
    Report {
        company: "Acme Service".into(),
        technician: "P. Roe".into(),
        number: "R-118".into(),
        on: day("2026-02-20"),
        passed,
        readings: false,
        file: "reports/R-118.pdf".into(),
    }
}

/// A company's report, reviewed and signed by the technician who enters it.
fn report(shop: &Shop, order: EntityId, passed: bool) -> OrderCommand {
    shop.reviewed(order, facts(passed))
}

fn escalate(order: EntityId, by: &str) -> OrderCommand {
    OrderCommand::Escalate {
        order,
        approved_by: by.into(),
        reason: "in use on one patient for weeks".into(),
    }
}

fn cancel(order: EntityId) -> OrderCommand {
    OrderCommand::Cancel {
        order,
        reason: "opened twice".into(),
    }
}

fn reopen(order: EntityId) -> OrderCommand {
    OrderCommand::Reopen {
        order,
        reason: "fault is back".into(),
    }
}

/// What closing asks of a person, by kind: scheduled work its signature and nothing else, a repair found and done (the
/// cause is always chosen), all other work nothing.
#[test]
fn closing_asks_few_fields() {
    for kind in OrderKind::ALL {
        let mut shop = Shop::new();
        let pump = shop.pump("BM-1", "SN1");
        let order = shop.open(*kind, pump);
        let bare = close(order, "", "");
        match kind {
            OrderKind::Pm
            | OrderKind::IncomingInspection
            | OrderKind::ElectricalSafety
            | OrderKind::Calibration => {
                let by_hand = close(order, "fine", "checked");
                for command in [bare, by_hand] {
                    assert!(shop.refused(command).contains("signing its inspection"));
                }
                let activity = shop.order(order).opening.activity;
                assert_eq!(activity, kind.default_activity());
                shop.inspect(pump, &activity, true);
                let closing = shop.order(order).closing.unwrap();
                assert_eq!(closing.outcome, Some(OutcomeCode::Passed));
                assert_eq!(closing.cause, FailureCause::None);
                assert!(closing.inspection.is_some());
                assert!(closing.found.is_empty() && closing.done.is_empty());
                assert!(shop.order(order).minutes() >= 1);
            }
            OrderKind::Repair => {
                assert!(shop.refused(bare).contains("what was found"));
                let half = close(order, "worn cable", " ");
                assert!(shop.refused(half).contains("what was done"));
                shop.ok(close(order, "worn cable", "new cable"));
            }
            _ => {
                shop.ok(bare);
            }
        }
        let closed = shop.order(order);
        assert_eq!(closed.status, Status::Closed, "{kind}");
        assert_eq!(closed.closing.unwrap().action, proposed_action(*kind));
    }
}

#[test]
fn the_day_of_the_work_is_not_the_day_of_the_entry() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open(OrderKind::Repair, pump);
    let on = |text: &str| OrderCommand::Close {
        order,
        found: "worn".into(),
        done: "new cable".into(),
        cause: FailureCause::Unpreventable,
        action: Some(WorkAction::Damage),
        outcome: None,
        performed: Some(day(text)),
        minutes: Some(20),
    };
    assert!(shop.refused(on("2026-03-03")).contains("future"));
    shop.ok(on("2026-02-27"));
    let closed = shop.order(order);
    let closing = closed.closing.unwrap();
    assert_eq!(closing.performed, day("2026-02-27"));
    assert_eq!(closing.stamp.at.date(), day("2026-03-02"));
    assert_eq!(closing.action, WorkAction::Damage);
    assert_eq!(
        (closed.labour[0].minutes, closed.labour[0].on),
        (20, day("2026-02-27"))
    );
}

#[test]
fn a_closed_or_cancelled_order_takes_only_notes() {
    for cancelled in [true, false] {
        let mut shop = Shop::new();
        let pump = shop.pump("BM-1", "SN1");
        let order = shop.open(OrderKind::Repair, pump);
        shop.ok(if cancelled {
            cancel(order)
        } else {
            close(order, "worn", "new cable")
        });
        let text = String::new;
        let commands = [
            OrderCommand::Claim {
                orders: vec![order],
            },
            OrderCommand::Assign {
                orders: vec![order],
                to: MK.into(),
            },
            OrderCommand::Release {
                order,
                reason: text(),
            },
            OrderCommand::Start { order },
            OrderCommand::WorkDone { order },
            OrderCommand::Resume { order },
            OrderCommand::Attempt {
                orders: vec![(order, text())],
                code: AttemptCode::Deferred,
                place: text(),
                next_try: None,
            },
            OrderCommand::Labour {
                order,
                who: text(),
                minutes: 5,
                kind: LabourKind::Active,
                on: None,
                note: text(),
            },
            OrderCommand::Attach {
                order,
                reference: "photo.jpg".into(),
                note: text(),
            },
            report(&shop, order, true),
            escalate(order, "M. Chen"),
            close(order, "a", "b"),
            cancel(order),
        ];
        for command in commands {
            assert!(shop.refused(command).contains("cannot be changed any more"));
        }
        shop.ok(OrderCommand::Note {
            order,
            text: "the invoice came".into(),
        });
        let after = shop.order(order);
        assert_eq!((after.notes.len(), after.addenda.len()), (0, 1));

        let events = shop.ok(reopen(order)).events;
        let again = shop.order(events[0].id);
        assert_eq!(again.number, "SHOP-00002");
        assert_eq!(again.status, Status::Open);
        assert_eq!(again.opening.problem, "fault is back (reopened SHOP-00001)");
        assert!(again.links.contains(&(order, "reopens".into())));
        assert!(
            shop.order(order)
                .links
                .contains(&(events[0].id, "reopened as".into()))
        );
        assert!(!shop.order(order).status.is_open());
        assert!(
            shop.refused(reopen(order))
                .contains("reopened as SHOP-00002")
        );
        assert!(
            shop.refused(reopen(events[0].id))
                .contains("nothing to reopen")
        );
    }
}

#[test]
fn scheduled_work_is_closed_by_a_reviewed_report_that_says_passed() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open_due(OrderKind::Pm, pump, Some("2026-02-20"));
    let entered = report(&shop, order, false);
    shop.ok(entered);
    let refusal = shop.refused_as(JD, close(order, "", ""));
    assert!(refusal.what.contains("signing its inspection"));
    assert!(refusal.hint.contains("does not say passed"));
    assert_eq!(
        shop.order(order).external[0].result(),
        "not passed, without readings"
    );

    let with = |shop: &Shop, change: &dyn Fn(&mut Signature)| {
        let mut command = report(shop, order, true);
        if let OrderCommand::External { signature, .. } = &mut command {
            change(signature);
        }
        command
    };
    let performed = with(&shop, &|s| s.meaning = Meaning::Performed);
    assert!(shop.refused(performed).contains("\"reviewed\""));
    let other = with(&shop, &|s| s.signer = MK.into());
    shop.refused(other);
    let unknown = with(&shop, &|s| s.public = [0; 32]);
    shop.refused(unknown);
    let elsewhere = with(&shop, &|s| s.list = crate::domain::id::Hash([7; 32]));
    assert!(shop.refused(elsewhere).contains("another report"));
    let mut retold = report(&shop, order, true);
    if let OrderCommand::External { report, .. } = &mut retold {
        report.on = day("2026-02-21");
    }
    assert!(shop.refused(retold).contains("another report"));

    let entered = report(&shop, order, true);
    shop.ok(entered);
    let mut quiet = close(order, "", "");
    if let OrderCommand::Close { outcome, .. } = &mut quiet {
        *outcome = Some(OutcomeCode::Escalated);
    }
    assert!(shop.refused(quiet).contains("named approver"));
    let mut later = close(order, "", "");
    if let OrderCommand::Close { performed, .. } = &mut later {
        *performed = Some(day("2026-03-01"));
    }
    assert!(shop.refused(later).contains("2026-02-20"));
    shop.ok(close(order, "", ""));
    let closing = shop.order(order).closing.unwrap();
    assert_eq!(closing.outcome, Some(OutcomeCode::Passed));
    assert_eq!(closing.performed, day("2026-02-20"));
    assert_eq!(
        closing.done,
        "done by Acme Service, report R-118, passed, without readings"
    );
    // The device counts as maintained on the day of service, and is due a year after that.
    let last = shop.device(pump).inspections["annual PM"].clone();
    assert_eq!(
        (last.inspection, last.outcome, last.performed, last.next_due),
        (
            None,
            crate::domain::device::Outcome::Passed,
            day("2026-02-20"),
            Some(day("2027-02-20"))
        )
    );
    assert!(last.report.ends_with("without readings"), "{}", last.report);
}

#[test]
fn a_report_that_nobody_signed_or_that_a_failure_followed_closes_nothing() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open(OrderKind::Pm, pump);
    // As a store of before may hold it.
    let unsigned = crate::domain::order::OrderEvent::External {
        company: "Acme Service".into(),
        technician: String::new(),
        report: "R-1".into(),
        on: day("2026-02-20"),
        passed: true,
        readings: true,
        file: String::new(),
        signature: None,
    };
    shop.world.record(JD, &[(order, unsigned).into()]);
    let refusal = shop.refused_as(JD, close(order, "", ""));
    assert!(refusal.hint.contains("Nobody signed"), "{}", refusal.hint);
    let entered = report(&shop, order, true);
    shop.ok(entered);
    let entered = report(&shop, order, false);
    shop.ok(entered);
    shop.refused(close(order, "", ""));
    let entered = report(&shop, order, true);
    shop.ok(entered);
    shop.ok(close(order, "", ""));
}

#[test]
fn a_vendors_report_does_not_lift_what_only_an_inspection_lifts() {
    let mut shop = Shop::new();
    let pump = shop.add(
        &[(crate::domain::device::Field::AssetTag, "BM-1")],
        Stage::Received,
        crate::domain::device::Origin::Delivered,
    );
    let order = shop.open(OrderKind::IncomingInspection, pump);
    let entered = report(&shop, order, true);
    shop.ok(entered);
    let refusal = shop.refused_as(JD, close(order, "", ""));
    assert!(refusal.hint.contains("inspected here"), "{}", refusal.hint);
    assert!(shop.hold(pump, HoldKind::IncomingInspection).is_some());
    shop.refused(stage(pump, Stage::InService));
}

#[test]
fn a_company_makes_up_for_missed_work_by_what_it_did_after_the_hold() {
    for (on, lifted) in [("2026-03-01", false), ("2026-03-02", true)] {
        let mut shop = Shop::new();
        let pump = shop.pump("BM-1", "SN1");
        let missed = shop.open(OrderKind::Pm, pump);
        shop.ok(escalate(missed, "M. Chen"));
        let order = shop.open(OrderKind::Pm, pump);
        let mut done = facts(true);
        done.on = day(on);
        let command = shop.reviewed(order, done);
        shop.ok(command);
        shop.ok(close(order, "", ""));
        let held = shop.hold(pump, HoldKind::FoundWithoutPm).is_some();
        assert_eq!(held, !lifted, "{on}");
    }
}

#[test]
fn only_a_named_approver_ends_scheduled_work_undone_and_the_device_is_held() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open_due(OrderKind::Pm, pump, Some("2026-03-01"));
    // Not quietly by cancelling, not without a name, not by oneself.
    assert!(shop.refused(cancel(order)).contains("without an approver"));
    assert!(shop.refused(escalate(order, "")).contains("named approver"));
    for own in ["jd", "Jane Doe", "JANE DOE"] {
        assert!(shop.refused(escalate(order, own)).contains("yourself"));
    }
    let repair = shop.open(OrderKind::Repair, pump);
    assert!(
        shop.refused(escalate(repair, "M. Chen"))
            .contains("no scheduled work")
    );
    shop.ok(close(repair, "worn", "new cable"));

    shop.ok(escalate(order, "M. Chen"));
    let ended = shop.order(order);
    assert_eq!(ended.status, Status::Closed);
    let closing = ended.closing.unwrap();
    assert_eq!(closing.outcome, Some(OutcomeCode::Escalated));
    assert!(closing.done.contains("M. Chen"));
    let device = shop.device(pump);
    assert_eq!(device.use_status(), UseStatus::OutOfService);
    assert!(device.inspections.is_empty());
    assert!(
        device
            .hold(HoldKind::FoundWithoutPm)
            .unwrap()
            .reason
            .contains("M. Chen")
    );
    // The work itself lifts the hold; another test does not.
    shop.inspect(pump, "electrical safety", true);
    assert!(shop.hold(pump, HoldKind::FoundWithoutPm).is_some());
    shop.inspect(pump, "annual PM", true);
    assert_eq!(shop.hold(pump, HoldKind::FoundWithoutPm), None);
}

#[test]
fn scheduled_work_is_cancelled_where_it_is_not_owed() {
    let mut shop = Shop::new();
    let due = Some("2026-03-01");
    // A twin of an order that stays open.
    let pump = shop.pump("BM-1", "SN1");
    let (first, twin) = (
        shop.open_due(OrderKind::Pm, pump, due),
        shop.open_due(OrderKind::Pm, pump, due),
    );
    shop.ok(cancel(twin));
    shop.refused(cancel(first));
    // Not due yet.
    let early = shop.open_due(OrderKind::Calibration, pump, Some("2026-06-01"));
    shop.ok(cancel(early));
    // Its device left service.
    shop.ok(stage(pump, Stage::OutOfService));
    shop.ok(cancel(first));
}

#[test]
fn nothing_ends_while_its_inspection_is_open() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open(OrderKind::Pm, pump);
    let inspection = shop.start(pump, "annual PM").unwrap();
    let entered = report(&shop, order, true);
    shop.ok(entered);
    for command in [
        close(order, "", ""),
        cancel(order),
        escalate(order, "M. Chen"),
    ] {
        assert!(shop.refused(command).contains("still open"));
    }
    shop.ok(Command::Inspection(InspectionCommand::Void {
        inspection,
        reason: "wrong device".into(),
    }));
    shop.ok(cancel(order));
}

#[test]
fn what_was_written_elsewhere_while_it_was_closed_changes_nothing() {
    let mut shop = Shop::new();
    let pump = shop.pump("BM-1", "SN1");
    let order = shop.open(OrderKind::Repair, pump);
    shop.ok(close(order, "worn", "new cable"));
    let before = shop.order(order);
    let late = crate::domain::order::OrderEvent::Assigned { to: MK.into() };
    shop.world.record(MK, &[(order, late).into()]);
    let after = shop.order(order);
    assert_eq!(after.assignee, before.assignee);
    assert_eq!(after.status, Status::Closed);
    assert!(after.addenda[0].text.contains("assigned to mk"));
}
