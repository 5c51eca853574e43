//! Inspections: answers, hand-overs, endings.

use super::*;

fn answer(inspection: EntityId, answer: Answer) -> Command {
    Command::Inspection(InspectionCommand::Answer {
        inspection,
        step: "case".into(),
        point: None,
        answer,
        origin: AnswerOrigin::Key,
        again: None,
        reason: String::new(),
    })
}

#[test]
fn of_two_answers_to_one_safety_step_the_failed_one_counts_and_is_not_chosen_away() {
    let (mut group, pump) = two();
    let inspection = group.shops[0].start(pump, "annual PM").unwrap();
    group.meet();
    group.shops[0].ok(answer(inspection, Answer::Fail));
    group.shops[1].world.pass(600);
    group.shops[1].ok(answer(inspection, Answer::Pass));
    group.meet();
    for shop in &group.shops {
        let state = &shop.world.inspections[&inspection];
        assert_eq!(state.answers.len(), 2);
        let counts = state.answer(
            &"case".into(),
            None,
            crate::domain::inspection::Phase::AsFound,
        );
        assert_eq!(counts.unwrap().verdict, Verdict::Fail);
        assert_eq!(open(&shop.world).len(), 1);
    }
    let (about, conflict) = open(&group.shops[0].world).remove(0);
    let pass = conflict
        .sides
        .iter()
        .find(|side| side.value.contains("pass"));
    let refusal = group.shops[0].refused_as(
        JD,
        Command::Settle(Settle {
            about,
            fact: conflict.fact.clone(),
            choose: pass.unwrap().stamp.dot,
        }),
    );
    assert!(refusal.what.contains("safety"), "{}", refusal.what);
    let fact = conflict.fact.clone();
    // It is put right, but not signed before somebody has looked at both answers.
    for act in [
        InspectionCommand::Settle {
            inspection,
            step: "case".into(),
            with: Failing::FixedNow {
                done: "tightened".into(),
                cause: FailureCause::Unknown,
                minutes: 1,
            },
        },
        InspectionCommand::Answer {
            inspection,
            step: "case".into(),
            point: None,
            answer: Answer::Pass,
            origin: AnswerOrigin::Key,
            again: None,
            reason: String::new(),
        },
    ] {
        group.shops[0].ok(Command::Inspection(act));
    }
    let signature = group.shops[0].signature(JD, Meaning::Performed);
    let refusal = group.shops[0].refused_as(
        JD,
        Command::Inspection(InspectionCommand::Sign {
            inspection,
            signature,
            minutes: None,
            cause: None,
        }),
    );
    assert!(refusal.what.contains("differently"), "{}", refusal.what);
    choose(&mut group.shops[0], &fact, "fail");
    group.meet();
    assert!(open(&group.shops[1].world).is_empty());
    let state = &group.shops[1].world.inspections[&inspection];
    assert_eq!((state.answers.len(), state.fixes.len()), (3, 1));
}

#[test]
fn a_checklist_handed_to_two_is_with_the_first_and_the_other_is_told() {
    let (mut group, pump) = two();
    let inspection = group.shops[0].start(pump, "annual PM").unwrap();
    group.meet();
    let hand_over = |to: &str| {
        Command::Inspection(InspectionCommand::HandOver {
            inspection,
            to: to.into(),
            place: "bench 2".into(),
        })
    };
    group.shops[0].ok_as(JD, hand_over(MK));
    group.shops[1].world.pass(600);
    let third = Command::Technician {
        key: "lo".into(),
        event: crate::domain::technician::TechnicianEvent::Named {
            key: "lo".into(),
            name: "Lou Ortiz".into(),
            initials: "LO".into(),
        },
    };
    group.shops[1].ok(third);
    group.shops[1].ok_as(JD, hand_over("lo"));
    group.meet();
    let state = group.shops[1].world.inspections[&inspection].clone();
    assert_eq!(state.holder, MK);
    let told: Vec<_> = open(&group.shops[1].world)
        .into_iter()
        .filter(|(_, conflict)| conflict.fact == "holder")
        .flat_map(|(_, conflict)| conflict.told)
        .collect();
    assert_eq!(told, ["lo"]);
    choose(&mut group.shops[0], "holder", "lo");
    group.meet();
    assert_eq!(group.shops[1].world.inspections[&inspection].holder, "lo");
    assert!(open(&group.shops[1].world).is_empty(), "the order follows");
}

#[test]
fn signed_wins_over_void_and_who_made_it_void_is_told() {
    let (mut group, pump) = two();
    let inspection = group.shops[0].start(pump, "annual PM").unwrap();
    group.meet();
    group.shops[1].ok(Command::Inspection(InspectionCommand::Void {
        inspection,
        reason: "wrong device".into(),
    }));
    group.shops[0].world.pass(600);
    group.shops[0].finish(inspection, true);
    group.meet();
    let state = &group.shops[1].world.inspections[&inspection];
    assert_eq!(state.status, Some(InspectionStatus::Signed));
    assert_eq!(state.void, None);
    let facts = kinds(&group.shops[1]);
    assert!(
        facts.contains(&("end".into(), ConflictKind::EndedBoth)),
        "{facts:?}"
    );
    settle_all(&mut group.shops[1]).unwrap();
}
