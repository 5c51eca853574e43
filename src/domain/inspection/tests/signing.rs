//! Signing: who may, when, and what follows for the order and the device.

use super::bench::{JD, MK, Shop, day, ohm, volt};
use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, HoldKind, Origin, Outcome, Stage};
use crate::domain::event::Kind;
use crate::domain::id::{EntityId, Hash};
use crate::domain::inspection::{Again, Answer, Failing, InspectionCommand};
use crate::domain::order::{
    FailureCause, OrderCommand, OrderKind, OutcomeCode, Status, WorkAction,
};
use crate::domain::procedure::{Procedure, StepKind};
use crate::domain::refusal::RefusalKind;
use crate::domain::signature::Meaning;
use crate::domain::technician::TechnicianEvent;

fn failed_inspection(shop: &mut Shop) -> (EntityId, EntityId) {
    let id = shop.start();
    shop.pass_all_but(id, &["earth"]);
    shop.answer(id, "earth", ohm("0.9")).unwrap();
    let repair = shop
        .settle(id, "earth", Failing::OpenRepair)
        .unwrap()
        .first(Kind::Order)
        .unwrap();
    assert_eq!(shop.sign(id), Outcome::DoNotUse);
    (id, repair)
}

fn close(shop: &mut Shop, repair: EntityId) {
    shop.ok(
        JD,
        Command::Order(OrderCommand::Close {
            order: repair,
            found: "earth screw loose".into(),
            done: "tightened".into(),
            cause: FailureCause::Unpreventable,
            action: None,
            outcome: None,
            performed: None,
            minutes: Some(10),
        }),
    );
}

fn holds(shop: &Shop) -> Vec<HoldKind> {
    let device = &shop.world.devices[&shop.pump];
    device.holds.iter().map(|h| h.kind).collect()
}

#[test]
fn a_passing_pm_needs_its_steps_and_the_signature() {
    let mut shop = Shop::new();
    let order = shop.order(OrderKind::Pm, "annual PM");
    let id = shop.start();
    assert_eq!(shop.inspection(id).order, Some(order));
    shop.pass_all_but(id, &[]);
    assert_eq!(shop.plan(id).missing, Vec::<String>::new());
    assert_eq!(shop.sign(id), Outcome::Passed);

    let order = shop.order_of(id);
    assert_eq!(order.status, Status::Closed);
    let closing = order.closing.clone().unwrap();
    assert_eq!(closing.outcome, Some(OutcomeCode::Passed));
    assert_eq!(closing.cause, FailureCause::None);
    assert_eq!(closing.action, WorkAction::Pm);
    assert_eq!(closing.inspection, Some(id));
    assert_eq!(order.tools, vec![shop.esa]);
    // Eight answers, half a minute apart.
    assert_eq!(order.minutes(), 4);
    let last = &shop.world.devices[&shop.pump].inspections["annual PM"];
    assert_eq!(last.next_due, Some(day("2027-03-02")));
}

#[test]
fn it_is_due_again_from_the_day_of_the_work_even_at_the_end_of_a_month() {
    let mut shop = Shop::new();
    shop.world.pass_days(30);
    shop.order(OrderKind::Pm, "annual PM");
    let mut command = shop.begin(shop.pump, None);
    if let InspectionCommand::Start { performed, .. } = &mut command {
        *performed = Some(day("2026-03-31"));
    }
    let receipt = shop.act(JD, command).unwrap();
    let id = receipt.first(Kind::Inspection).unwrap();
    let order = shop.inspection(id).order.unwrap();
    shop.world
        .orders
        .get_mut(&order)
        .unwrap()
        .opening
        .interval_months = Some(6);
    shop.pass_all_but(id, &[]);
    shop.sign(id);
    let last = &shop.world.devices[&shop.pump].inspections["annual PM"];
    assert_eq!(last.performed, day("2026-03-31"));
    assert_eq!(last.next_due, Some(day("2026-09-30")));
}

#[test]
fn nothing_is_signed_while_something_is_missing() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &["volts", "volts-load"]);
    let refusal = shop.sign_as(JD, id, Meaning::Performed).unwrap_err();
    assert!(
        refusal.what.contains("Battery voltage, loaded"),
        "{}",
        refusal.what
    );
    assert_eq!(refusal.choices.len(), 3, "{:?}", refusal.choices);
    shop.answer(id, "volts", volt("11")).unwrap();
    shop.answer(id, "volts-load", volt("10.5")).unwrap();
    let refusal = shop.sign_as(JD, id, Meaning::Performed).unwrap_err();
    assert!(
        refusal.what.contains("not said what is done"),
        "{}",
        refusal.what
    );
    shop.fixed(id, "volts");
    let refusal = shop.sign_as(JD, id, Meaning::Performed).unwrap_err();
    assert!(refusal.what.contains("as-left"), "{}", refusal.what);
}

#[test]
fn a_signature_must_be_the_signers_own_and_whole() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &[]);
    let good = shop.signature(JD, Meaning::Performed);
    let mut bad = Vec::new();
    bad.push(shop.signature(MK, Meaning::Performed));
    for change in 0..6 {
        let mut signature = good.clone();
        match change {
            0 => signature.name = "Jane D.".into(),
            1 => signature.public = [7; 32],
            2 => signature.list = Hash::default(),
            3 => signature.bytes.truncate(63),
            4 => signature.meaning = Meaning::Approved,
            _ => signature.at = signature.at.plus_seconds(3_600),
        }
        bad.push(signature);
    }
    for signature in bad {
        let command = InspectionCommand::Sign {
            inspection: id,
            signature: signature.clone(),
            minutes: None,
            cause: None,
        };
        assert!(shop.act(JD, command).is_err(), "{signature:?}");
    }
    shop.ok(
        JD,
        Command::Technician {
            key: JD.into(),
            event: TechnicianEvent::KeyRevoked {
                public: super::bench::key_of(JD),
                reason: "lost".into(),
            },
        },
    );
    let refusal = shop.sign_as(JD, id, Meaning::Performed).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::NotAllowed);
    assert!(shop.inspection(id).is_open());
}

#[test]
fn steps_of_others_need_reverifying() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.answer(id, "case", Answer::Pass).unwrap();
    shop.act(
        JD,
        InspectionCommand::HandOver {
            inspection: id,
            to: MK.into(),
            place: String::new(),
        },
    )
    .unwrap();
    for (step, answer) in super::bench::good_answers() {
        if step != "case" {
            shop.answer_as(MK, id, step, answer, None).unwrap();
        }
    }
    assert!(
        shop.sign_as(JD, id, Meaning::Performed).is_err(),
        "mk has it"
    );
    let refusal = shop.sign_as(MK, id, Meaning::Performed).unwrap_err();
    assert!(
        refusal.what.contains("Case and labels by jd"),
        "{}",
        refusal.what
    );
    shop.sign_as(MK, id, Meaning::Reverified).unwrap();
    // Each is booked their own time.
    let people: Vec<String> = shop
        .order_of(id)
        .labour
        .into_iter()
        .map(|l| l.who)
        .collect();
    assert_eq!(people, [JD, MK]);
}

#[test]
fn others_review_what_is_signed_and_nothing_changes() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &[]);
    shop.sign(id);
    let before = shop.inspection(id);
    assert!(
        shop.sign_as(JD, id, Meaning::Reviewed).is_err(),
        "one's own"
    );
    assert!(
        shop.sign_as(MK, id, Meaning::Performed).is_err(),
        "did nothing"
    );
    shop.sign_as(MK, id, Meaning::Reviewed).unwrap();
    let after = shop.inspection(id);
    assert_eq!(after.signatures.len(), 2);
    assert_eq!(
        (after.outcome, &after.because),
        (before.outcome, &before.because)
    );
}

#[test]
fn a_signed_inspection_is_neither_changed_nor_moved_nor_voided() {
    let mut shop = Shop::new();
    let other = shop.device("BM-200", "SN200");
    let id = shop.start();
    shop.pass_all_but(id, &[]);
    shop.sign(id);
    let amend = shop.answer_again(id, "case", Answer::Fail, Some(Again::Amended));
    assert!(amend.unwrap_err().what.contains("is signed"));
    for command in [
        InspectionCommand::Void {
            inspection: id,
            reason: "wrong".into(),
        },
        InspectionCommand::Move {
            inspection: id,
            to: other,
            reason: "wrong".into(),
        },
    ] {
        let refusal = shop.act(JD, command).unwrap_err();
        assert!(refusal.hint.contains("new inspection"), "{}", refusal.hint);
    }
    // A line may be added.
    shop.act(
        JD,
        InspectionCommand::Note {
            inspection: id,
            step: None,
            text: "label replaced later".into(),
        },
    )
    .unwrap();
}

#[test]
fn a_safety_failure_holds_the_device_until_a_pass_after_the_repair() {
    let mut shop = Shop::new();
    let (first, repair) = failed_inspection(&mut shop);
    assert_eq!(holds(&shop), [HoldKind::FailedTest]);
    let closing = shop.order_of(first).closing.unwrap();
    assert_eq!(closing.outcome, Some(OutcomeCode::Corrective));
    assert_eq!(closing.cause, FailureCause::FoundAtPm);

    // The repair is still open: a pass now does not lift it, and says so.
    let id = shop.start();
    shop.pass_all_but(id, &[]);
    assert_eq!(shop.sign(id), Outcome::Passed);
    assert_eq!(holds(&shop), [HoldKind::FailedTest]);
    assert!(shop.inspection(id).because.join(" ").contains("stays"));

    // Begun before the repair was closed: neither.
    let id = shop.start();
    shop.pass_all_but(id, &[]);
    close(&mut shop, repair);
    shop.sign(id);
    assert_eq!(holds(&shop), [HoldKind::FailedTest]);

    let id = shop.start();
    shop.pass_all_but(id, &[]);
    shop.sign(id);
    assert_eq!(holds(&shop), []);
}

#[test]
fn a_pass_of_something_else_does_not_lift_a_failed_test() {
    let mut shop = Shop::new();
    let (_, repair) = failed_inspection(&mut shop);
    close(&mut shop, repair);
    let mut other = super::bench::checklist();
    other.activity = "calibration".into();
    other.sections[2].steps.remove(0);
    let annual = shop.procedure;
    shop.procedure = other.hash().0;
    shop.ok(
        JD,
        Command::ImportProcedure {
            procedure: Box::new(other),
            source: "test".into(),
        },
    );
    let id = shop.start();
    shop.pass_all_but(id, &["earth"]);
    assert_eq!(shop.sign(id), Outcome::Passed);
    assert_eq!(holds(&shop), [HoldKind::FailedTest]);
    assert!(shop.inspection(id).because.join(" ").contains("stays"));
    shop.procedure = annual;
    let id = shop.start();
    shop.pass_all_but(id, &[]);
    shop.sign(id);
    assert_eq!(holds(&shop), []);
}

#[test]
fn an_inspection_begun_before_the_hold_does_not_lift_it() {
    let mut shop = Shop::new();
    shop.order(OrderKind::Pm, "annual PM");
    let early = shop.start();
    shop.pass_all_but(early, &[]);
    let order = shop.order(OrderKind::Pm, "annual PM");
    let command = shop.begin(shop.pump, Some(order));
    let late = shop
        .act(JD, command)
        .unwrap()
        .first(Kind::Inspection)
        .unwrap();
    shop.pass_all_but(late, &["earth"]);
    shop.answer(late, "earth", ohm("0.9")).unwrap();
    let repair = shop.settle(late, "earth", Failing::OpenRepair).unwrap();
    shop.sign(late);
    close(&mut shop, repair.first(Kind::Order).unwrap());
    shop.sign(early);
    assert_eq!(holds(&shop), [HoldKind::FailedTest]);
}

#[test]
fn a_passed_incoming_inspection_brings_a_device_into_service() {
    let mut shop = Shop::with(Procedure {
        activity: "Incoming inspection".into(),
        ..super::bench::checklist()
    });
    let fields = vec![(
        crate::domain::device::Field::AssetTag,
        crate::domain::device::Value::Text("NEW-1".into()),
    )];
    let new = shop
        .ok(
            JD,
            Command::Device(DeviceCommand::Add {
                fields,
                stage: Stage::Received,
                origin: Origin::Delivered,
            }),
        )
        .first(Kind::Device)
        .unwrap();
    shop.pump = new;
    let id = shop.start();
    shop.pass_all_but(id, &["device"]);
    shop.answer(id, "device", Answer::Scan("NEW-1".into()))
        .unwrap();
    shop.sign(id);
    let device = &shop.world.devices[&new];
    assert_eq!((device.stage(), device.holds.len()), (Stage::InService, 0));
}

#[test]
fn an_undecided_inspection_leaves_the_order_open_until_the_version_is_adopted() {
    let mut procedure = super::bench::checklist();
    for step in &mut procedure.sections[2].steps {
        if let StepKind::Measure(measure) = &mut step.kind {
            measure.source.verified = false;
        }
    }
    let mut shop = Shop::with(procedure);
    shop.order(OrderKind::Pm, "annual PM");
    let id = shop.start();
    shop.pass_all_but(id, &[]);
    assert_eq!(shop.sign(id), Outcome::Undecided);
    let order = shop.order_of(id);
    assert_eq!(order.status, Status::InProgress);
    assert!(order.notes[0].text.contains("stays open"));
    let because = shop.inspection(id).because.join(" ");
    assert!(because.contains("nobody has adopted"), "{because}");

    // The same order again; adopted while it is open, it can end in a pass.
    let id = shop.start();
    shop.pass_all_but(id, &[]);
    shop.ok(
        JD,
        Command::AdoptProcedure {
            hash: shop.procedure,
            by: "Jane Doe".into(),
            against: "Acme service manual, revision 4".into(),
            note: String::new(),
        },
    );
    assert_eq!(shop.sign(id), Outcome::Passed);
    assert_eq!(shop.order_of(id).status, Status::Closed);
}

#[test]
fn a_fail_by_an_unverified_limit_is_a_fail() {
    let mut procedure = super::bench::checklist();
    if let StepKind::Measure(measure) = &mut procedure.sections[2].steps[0].kind {
        measure.source.verified = false;
    }
    let mut shop = Shop::with(procedure);
    let (_, _) = failed_inspection(&mut shop);
    assert_eq!(holds(&shop), [HoldKind::FailedTest]);
}

#[test]
fn a_repair_order_is_not_closed_by_an_inspection() {
    let mut shop = Shop::new();
    let repair = shop.order(OrderKind::Repair, "");
    let command = shop.begin(shop.pump, Some(repair));
    let receipt = shop.act(JD, command).unwrap();
    let id = receipt.first(Kind::Inspection).unwrap();
    shop.pass_all_but(id, &[]);
    assert_eq!(shop.sign(id), Outcome::Passed);
    assert_eq!(shop.world.orders[&repair].status, Status::InProgress);
    assert!(shop.world.orders[&repair].minutes() > 0);
}
