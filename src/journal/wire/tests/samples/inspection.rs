//! Samples of inspection events.

use super::{day, dot, id, number, s, signature};
use crate::domain::device::Outcome;
use crate::domain::id::Hash;
use crate::domain::inspection::{Again, Answer, AnswerOrigin, InspectionEvent, Phase, Verdict};
use crate::domain::measure::{Reading, ReadingForm, Unit};
use crate::domain::order::FailureCause;
use crate::domain::procedure::{
    AppliedPart, AppliedPartType, DeviceFacts, PowerConnection, ProtectionClass, StepId,
};

fn answered(answer: Answer, verdict: Verdict) -> InspectionEvent {
    InspectionEvent::Answered {
        step: StepId(s("earth-resistance")),
        point: None,
        answer,
        verdict,
        limit: s(""),
        why: s(""),
        phase: Phase::AsFound,
        origin: AnswerOrigin::Key,
        tool: None,
        supersedes: None,
        reason: s(""),
    }
}

fn reading(form: ReadingForm, unit: Unit, typed: &str) -> Answer {
    Answer::Reading(Reading {
        form,
        unit,
        typed: s(typed),
    })
}

/// In the order of their golden files.
pub fn events() -> Vec<InspectionEvent> {
    use InspectionEvent as E;
    let step = || StepId(s("earth-resistance"));
    vec![
        E::Started {
            device: id(1),
            order: id(2),
            procedure: Hash([0x21; 32]),
            frozen: Hash([0x22; 32]),
            activity: s("annual PM"),
            performed: day("2026-11-23"),
            facts: DeviceFacts {
                class: Some(ProtectionClass::II),
                power: Some(PowerConnection::Permanent),
                applied_parts: Some(vec![
                    AppliedPart {
                        name: s("ECG leads"),
                        kind: Some(AppliedPartType::CF),
                    },
                    AppliedPart {
                        name: s("cuff"),
                        kind: None,
                    },
                ]),
                stores_ephi: Some(false),
                networked: Some(true),
                battery: None,
                high_risk: Some(true),
            },
            adopted: true,
        },
        E::Started {
            device: id(1),
            order: id(2),
            procedure: Hash([0x21; 32]),
            frozen: Hash([0x22; 32]),
            activity: s(""),
            performed: day("2026-11-23"),
            facts: DeviceFacts::default(),
            adopted: false,
        },
        E::Acknowledged {
            warning: s("recall Z-1234 covers this model"),
        },
        E::ToolChosen {
            kind: s("safety analyser"),
            tool: id(4),
            name: s("sa1"),
            description: s("Acme ES-1, 0815"),
            calibration: s("OUT OF CALIBRATION since 2026-10-01"),
            good: false,
            override_by: Some((s("only one here"), s("mt"))),
        },
        E::Answered {
            step: step(),
            point: Some(3),
            answer: reading(ReadingForm::Exact(number("0.120")), Unit::Ohm, "0.120"),
            verdict: Verdict::Pass,
            limit: s("at most 0.5 Ω"),
            why: s(""),
            phase: Phase::AsLeft,
            origin: AnswerOrigin::File,
            tool: Some(id(4)),
            supersedes: Some((dot(30), Again::Remeasured)),
            reason: s("clamp was loose"),
        },
        answered(
            reading(ReadingForm::Below(number("1")), Unit::MicroAmpere, "<1"),
            Verdict::Undecided,
        ),
        answered(
            reading(ReadingForm::Above(number("200")), Unit::MegaOhm, "> 200"),
            Verdict::Unverified,
        ),
        answered(
            reading(ReadingForm::OverRange, Unit::MegaOhm, "OL"),
            Verdict::Neutral,
        ),
        answered(Answer::Pass, Verdict::Pass),
        answered(Answer::Fail, Verdict::Fail),
        answered(
            Answer::NotApplicable {
                reason: s("no battery"),
            },
            Verdict::NotApplicable,
        ),
        answered(Answer::Choice(s("worn")), Verdict::Neutral),
        answered(Answer::Text(s("v4.02")), Verdict::Neutral),
        answered(Answer::Date(day("2027-05-31")), Verdict::Pass),
        answered(Answer::Scan(s("BM-00042")), Verdict::Pass),
        answered(
            Answer::Timer {
                passed: true,
                seconds: 3_600,
            },
            Verdict::Pass,
        ),
        answered(Answer::SecondPerson { who: s("mt") }, Verdict::Pass),
        E::Fixed {
            step: step(),
            done: s("cord changed"),
            cause: FailureCause::Preventable,
            minutes: 10,
        },
        E::RepairOpened {
            step: step(),
            order: id(6),
        },
        E::Noted {
            step: Some(step()),
            text: s("screw tightened"),
        },
        E::Noted {
            step: None,
            text: s("case scratched"),
        },
        E::TimerStarted {
            step: StepId(s("battery-run")),
            seconds: 3_600,
        },
        E::Deferred { step: step() },
        E::HandedOver {
            to: s("mt"),
            place: s("bench 2"),
            left: s("battery run, sticker"),
        },
        E::Moved {
            from: id(1),
            to: id(8),
            order: id(9),
            reason: s("wrong pump scanned"),
        },
        E::Voided {
            reason: s("wrong device"),
        },
        E::Suspected {
            answer: dot(30),
            tool: id(4),
            reason: s("dropped"),
        },
        E::Signed {
            signature: signature(),
            outcome: Outcome::Passed,
            because: vec![s("every step passed"), s("tool calibrated")],
            minutes: 25,
        },
        E::Witnessed {
            words: s("step second confirmed"),
            signature: signature(),
        },
        E::AnswerChosen {
            answer: dot(7),
            over: vec![dot(8), dot(9)],
        },
        E::NoticeRead { of: vec![dot(7)] },
    ]
}
