//! Answers: what fits, what it says, and what may take the place of what.

use super::bench::{JD, MK, Shop, day, fixed_now, flow, ohm, volt};
use crate::domain::device::Outcome;
use crate::domain::event::Kind;
use crate::domain::inspection::{
    Again, Answer, AnswerOrigin, Failing, InspectionCommand, Phase, StepState, Verdict, outcome,
};
use crate::domain::order::{Cause, OrderKind, Priority};

fn na(reason: &str) -> Answer {
    Answer::NotApplicable {
        reason: reason.into(),
    }
}

#[test]
fn the_kind_of_an_answer_fits_the_step() {
    let bad = [
        ("case", ohm("1"), "another kind"),
        ("case", na(" "), "needs a reason"),
        ("volts", Answer::Pass, "another kind"),
        ("volts", ohm("1"), "is measured in V"),
        (
            "cord",
            Answer::Choice("fibre".into()),
            "not one of the answers",
        ),
        ("flow", flow("10"), "no such set point"),
        ("flow@7", flow("10"), "no such set point"),
        ("sag", volt("1"), "is computed"),
        ("software", Answer::Text("  ".into()), "empty"),
        ("device", Answer::Scan("BM-999".into()), "another device"),
        ("damage", Answer::Text("dent".into()), "waits for step case"),
        (
            "second",
            Answer::SecondPerson { who: JD.into() },
            "somebody else",
        ),
        (
            "second",
            Answer::SecondPerson { who: "xx".into() },
            "No technician",
        ),
        (
            "soak",
            Answer::Timer {
                passed: true,
                seconds: 999,
            },
            "was not started",
        ),
        ("nonsense", Answer::Pass, "has no step"),
    ];
    for (step, answer, words) in bad {
        let mut shop = Shop::new();
        let id = shop.start();
        let refusal = shop.answer(id, step, answer).unwrap_err();
        assert!(refusal.what.contains(words), "{step}: {}", refusal.what);
        assert_eq!(shop.inspection(id).answer_count(), 0);
    }
}

#[test]
fn answers_say_what_they_say() {
    let good = [
        ("device", Answer::Scan("sn-100".into()), Verdict::Pass),
        ("case", Answer::Fail, Verdict::Fail),
        ("case", na("sealed unit"), Verdict::NotApplicable),
        ("cord", Answer::Choice("Earthed".into()), Verdict::Neutral),
        ("flow@1", flow("105"), Verdict::Pass),
        ("flow@1", flow("105.1"), Verdict::Fail),
        ("flow@0", flow("<10"), Verdict::Undecided),
        ("pads", Answer::Date(day("2026-03-02")), Verdict::Pass),
        ("pads", Answer::Date(day("2026-03-01")), Verdict::Fail),
        (
            "second",
            Answer::SecondPerson { who: MK.into() },
            Verdict::Pass,
        ),
        (
            "soak",
            Answer::Timer {
                passed: false,
                seconds: 0,
            },
            Verdict::Fail,
        ),
        ("software", Answer::Text("v 3.1".into()), Verdict::Neutral),
    ];
    for (step, answer, verdict) in good {
        let mut shop = Shop::new();
        let id = shop.start();
        shop.answer(id, step, answer).unwrap();
        let step = step.split('@').next().unwrap();
        assert_eq!(shop.verdict(id, step), verdict, "{step}");
    }
}

#[test]
fn a_scan_is_never_a_reading() {
    let mut shop = Shop::new();
    let id = shop.start();
    for (step, answer, origin) in [
        ("volts", volt("12"), AnswerOrigin::Scan),
        ("case", Answer::Pass, AnswerOrigin::Scan),
        ("volts", volt("12"), AnswerOrigin::Computed),
        ("volts", volt("12"), AnswerOrigin::Confirmed),
        ("case", Answer::Pass, AnswerOrigin::File),
    ] {
        let command = InspectionCommand::Answer {
            inspection: id,
            step: step.into(),
            point: None,
            answer,
            origin,
            again: None,
            reason: String::new(),
        };
        assert!(shop.act(JD, command).is_err(), "{step} {origin}");
    }
}

#[test]
fn a_second_answer_says_why_and_both_are_kept() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.answer(id, "volts", volt("12.4")).unwrap();
    let refusal = shop.answer(id, "volts", volt("12.5")).unwrap_err();
    assert!(
        refusal.what.contains("answered already, by jd"),
        "{}",
        refusal.what
    );
    shop.answer_again(id, "volts", volt("12.5"), Some(Again::TypingSlip))
        .unwrap();
    assert_eq!(shop.inspection(id).answers.len(), 2);
    assert_eq!(shop.inspection(id).answer_count(), 1);
    let without_reason = InspectionCommand::Answer {
        inspection: id,
        step: "volts".into(),
        point: None,
        answer: volt("12.6"),
        origin: AnswerOrigin::Key,
        again: Some(Again::Amended),
        reason: String::new(),
    };
    assert!(
        shop.act(JD, without_reason)
            .unwrap_err()
            .what
            .contains("reason")
    );
}

#[test]
fn conditions_follow_the_answers() {
    let mut shop = Shop::new();
    let id = shop.start();
    assert_eq!(shop.state(id, "damage"), StepState::Waiting);
    shop.answer(id, "case", Answer::Pass).unwrap();
    assert_eq!(shop.state(id, "damage"), StepState::Skipped);
    shop.answer(id, "cord", Answer::Choice("none".into()))
        .unwrap();
    let refusal = shop.answer(id, "earth", ohm("0.1")).unwrap_err();
    assert!(refusal.what.contains("not asked here"), "{}", refusal.what);
    shop.answer_again(id, "case", Answer::Fail, Some(Again::Remeasured))
        .unwrap();
    assert_eq!(shop.state(id, "damage"), StepState::Open);
}

#[test]
fn computed_steps_follow_by_themselves_in_the_same_entry() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.answer(id, "volts", volt("12.4")).unwrap();
    let receipt = shop.answer(id, "volts-load", volt("11.9")).unwrap();
    assert_eq!(receipt.events.len(), 2);
    let sag = shop.last(id, "sag");
    assert_eq!(sag.origin, AnswerOrigin::Computed);
    assert_eq!((sag.answer, sag.verdict), (volt("0.5"), Verdict::Pass));
    shop.answer_again(id, "volts-load", volt("11.0"), Some(Again::Remeasured))
        .unwrap();
    let sag = shop.last(id, "sag");
    assert_eq!((sag.answer, sag.verdict), (volt("1.4"), Verdict::Fail));
    // Put right: the as-left value comes only from something measured afterwards.
    shop.fixed(id, "sag");
    shop.answer(id, "case", Answer::Pass).unwrap();
    assert_eq!(shop.state(id, "sag"), StepState::AsLeft);
    shop.answer_again(id, "volts-load", volt("12.0"), Some(Again::Remeasured))
        .unwrap();
    let sag = shop.last(id, "sag");
    assert_eq!((sag.phase, sag.verdict), (Phase::AsLeft, Verdict::Pass));
    assert_eq!(shop.state(id, "sag"), StepState::Done);
}

#[test]
fn a_missing_input_is_never_a_zero() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.answer(id, "volts", volt("12.4")).unwrap();
    shop.answer(id, "volts-load", na("no load here")).unwrap();
    assert_eq!(shop.verdict(id, "sag"), Verdict::NotApplicable);
    let mut shop = Shop::new();
    let id = shop.start();
    shop.answer(id, "volts", volt(">12")).unwrap();
    shop.answer(id, "volts-load", volt("11")).unwrap();
    assert_eq!(shop.verdict(id, "sag"), Verdict::Undecided);
}

#[test]
fn a_count_down_passes_only_when_its_time_is_over() {
    let mut shop = Shop::new();
    let id = shop.start();
    let start = InspectionCommand::StartTimer {
        inspection: id,
        step: "soak".into(),
    };
    let pass = Answer::Timer {
        passed: true,
        seconds: 0,
    };
    shop.act(JD, start.clone()).unwrap();
    assert!(matches!(shop.state(id, "soak"), StepState::Running { .. }));
    assert_eq!(
        shop.front(id),
        "device",
        "a long one runs in the background"
    );
    assert!(shop.act(JD, start).unwrap_err().what.contains("is running"));
    assert!(
        shop.answer(id, "soak", pass.clone())
            .unwrap_err()
            .what
            .contains("of 600")
    );
    shop.pass_all_but(id, &[]);
    let refusal = shop.sign_as(JD, id, crate::domain::signature::Meaning::Performed);
    assert!(refusal.unwrap_err().what.contains("Count-down"));
    shop.world.pass(600);
    shop.answer(id, "soak", pass).unwrap();
    assert_eq!(shop.state(id, "soak"), StepState::Done);
}

#[test]
fn a_test_that_is_done_again_runs_again() {
    let mut shop = Shop::new();
    let id = shop.start();
    let start = InspectionCommand::StartTimer {
        inspection: id,
        step: "soak".into(),
    };
    let ends = |passed| Answer::Timer { passed, seconds: 0 };
    shop.act(JD, start.clone()).unwrap();
    shop.world.pass(700);
    shop.answer(id, "soak", ends(false)).unwrap();
    shop.fixed(id, "soak");
    let refusal = shop.answer(id, "soak", ends(true)).unwrap_err();
    assert!(refusal.what.contains("was not started"), "{}", refusal.what);
    shop.act(JD, start).unwrap();
    assert!(shop.answer(id, "soak", ends(true)).is_err(), "too early");
    shop.world.pass(600);
    shop.answer(id, "soak", ends(true)).unwrap();
    let last = shop.last(id, "soak");
    assert_eq!((last.phase, last.supersedes), (Phase::AsLeft, None));
    assert_eq!(shop.state(id, "soak"), StepState::Done);
}

#[test]
fn a_failing_answer_waits_until_somebody_says_what_is_done() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &["volts"]);
    shop.answer(id, "volts", volt("11.4")).unwrap();
    assert_eq!(shop.front(id), "volts");
    assert_eq!(shop.state(id, "volts"), StepState::Unsettled);
    assert!(
        shop.act(
            JD,
            InspectionCommand::Defer {
                inspection: id,
                step: "volts".into()
            }
        )
        .is_err()
    );
    shop.fixed(id, "volts");
    assert_eq!(shop.state(id, "volts"), StepState::AsLeft);
    shop.answer(id, "volts", volt("12.6")).unwrap();
    let last = shop.last(id, "volts");
    assert_eq!((last.phase, last.supersedes), (Phase::AsLeft, None));
    assert_eq!(shop.state(id, "volts"), StepState::Done);
    assert!(shop.settle(id, "volts", fixed_now()).is_err(), "settled");
    assert_eq!(shop.sign(id), Outcome::Corrected);
}

#[test]
fn an_as_left_answer_that_fails_asks_again() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &["earth"]);
    shop.answer(id, "earth", ohm("0.9")).unwrap();
    shop.fixed(id, "earth");
    shop.answer(id, "earth", ohm("0.7")).unwrap();
    assert_eq!(shop.state(id, "earth"), StepState::Unsettled);
    let remeasured = shop.answer_again(id, "earth", ohm("0.2"), Some(Again::Remeasured));
    remeasured.unwrap();
    assert_eq!(
        shop.state(id, "earth"),
        StepState::Unsettled,
        "nothing was put right since it failed"
    );
    shop.fixed(id, "earth");
    shop.answer(id, "earth", ohm("0.2")).unwrap();
    assert_eq!(shop.sign(id), Outcome::Corrected);
}

#[test]
fn a_failed_safety_step_stays_failed_through_amendments_and_late_slips() {
    for again in [Again::Amended, Again::TypingSlip] {
        let mut shop = Shop::new();
        let id = shop.start();
        shop.pass_all_but(id, &["earth", "volts"]);
        shop.answer(id, "earth", ohm("0.9")).unwrap();
        shop.answer(id, "volts", volt("12")).unwrap();
        let refusal = shop
            .answer_again(id, "earth", ohm("0.1"), Some(again))
            .unwrap_err();
        assert!(
            refusal.what.contains("safety step that failed"),
            "{}",
            refusal.what
        );
        assert!(
            shop.answer_again(id, "earth", na("not earthed"), Some(Again::Remeasured))
                .is_err()
        );
        // Another failing value is a truth that may be told.
        shop.answer_again(id, "earth", ohm("0.8"), Some(again))
            .unwrap();
        assert_eq!(shop.state(id, "earth"), StepState::Unsettled);
    }
}

#[test]
fn a_slip_of_a_slip_buys_no_time() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &["earth", "volts"]);
    shop.answer(id, "earth", ohm("0.9")).unwrap();
    shop.answer(id, "volts", volt("12")).unwrap();
    let slip = Some(Again::TypingSlip);
    shop.answer_again(id, "earth", ohm("0.8"), slip).unwrap();
    assert!(shop.answer_again(id, "earth", ohm("0.1"), slip).is_err());
}

#[test]
fn a_slip_noticed_at_once_is_only_a_slip() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &["earth"]);
    shop.answer(id, "earth", ohm("1.2")).unwrap();
    shop.answer_again(id, "earth", ohm("0.12"), Some(Again::TypingSlip))
        .unwrap();
    assert_eq!(shop.sign(id), Outcome::Passed);
    let because = shop.inspection(id).because.join(" ");
    assert!(because.contains("typing slip"), "{because}");
}

#[test]
fn measuring_a_failed_safety_step_again_does_not_pass_it() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &["earth"]);
    shop.answer(id, "earth", ohm("0.9")).unwrap();
    shop.answer_again(id, "earth", ohm("0.1"), Some(Again::Remeasured))
        .unwrap();
    assert_eq!(shop.state(id, "earth"), StepState::Unsettled);
    let inspection = shop.inspection(id);
    let frozen = super::bench::checklist();
    let (ends, because) = outcome(&inspection, &frozen, true);
    assert_eq!(ends, Outcome::DoNotUse);
    assert!(because[0].contains("0.9"), "{because:?}");
    // A step that is not safety may be measured again.
    shop.answer_again(id, "volts", volt("9"), Some(Again::Remeasured))
        .unwrap();
    shop.answer_again(id, "volts", volt("12.4"), Some(Again::Remeasured))
        .unwrap();
    assert_eq!(shop.state(id, "volts"), StepState::Done);
}

#[test]
fn a_failed_step_cannot_be_made_to_vanish_by_another_answer() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &["earth"]);
    shop.answer(id, "earth", ohm("0.9")).unwrap();
    shop.answer_again(
        id,
        "cord",
        Answer::Choice("none".into()),
        Some(Again::Amended),
    )
    .unwrap();
    assert_eq!(shop.state(id, "earth"), StepState::Unsettled);
}

#[test]
fn a_repair_order_takes_the_finding_with_it() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &["earth"]);
    shop.answer(id, "earth", ohm("0.9")).unwrap();
    let receipt = shop.settle(id, "earth", Failing::OpenRepair).unwrap();
    let repair = receipt.first(Kind::Order).unwrap();
    let order = shop.world.orders[&repair].clone();
    assert_eq!(order.opening.kind, OrderKind::Repair);
    assert_eq!(order.opening.priority, Priority::Urgent);
    assert_eq!(
        order.opening.problem,
        "Ground resistance: 0.9 Ω, limit at most 0.5 Ω (found at annual PM on 2026-03-02)"
    );
    assert_eq!(
        order.opening.cause,
        Cause::FailedStep {
            inspection: id,
            step: "earth".into()
        }
    );
    assert_eq!(order.links[0].0, shop.inspection(id).order.unwrap());
    assert_eq!(shop.order_of(id).links[0].0, repair);
    assert_eq!(shop.state(id, "earth"), StepState::InRepair(repair));
    assert!(
        shop.settle(id, "earth", Failing::OpenRepair).is_err(),
        "once"
    );
}

#[test]
fn a_deferred_step_comes_back_at_the_end() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.act(
        JD,
        InspectionCommand::Defer {
            inspection: id,
            step: "device".into(),
        },
    )
    .unwrap();
    assert_eq!(shop.front(id), "case");
    shop.pass_all_but(id, &["device"]);
    for step in ["soak", "pads", "second", "software"] {
        shop.answer(id, step, na("not today")).unwrap();
    }
    assert_eq!(shop.front(id), "device");
}

#[test]
fn one_reason_makes_a_whole_table_not_applicable() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.answer(id, "flow@0", flow("10")).unwrap();
    let receipt = shop.answer(id, "flow", na("no flow analyser")).unwrap();
    assert_eq!(receipt.events.len(), 1);
    assert_eq!(shop.state(id, "flow"), StepState::Done);
}
