//! One fixed sample of every event variant, and of every form that a part of it may take. The golden files hold their
//! bytes, so a sample is never changed; another one goes behind the last of its list.

use chrono::NaiveDate;
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
    AppliedPart, AppliedPartType, Condition, DeviceFacts, DeviceTest, LimitSource, Measure,
    PowerConnection, Procedure, ProtectionClass, Section, SourceKind, Step, StepId, StepKind,
};
use crate::domain::shop::ShopEvent;
use crate::domain::signature::{Meaning, Signature};
use crate::domain::stored_procedure::ProcedureEvent;
use crate::domain::technician::TechnicianEvent;
use crate::domain::time::Moment;
use crate::domain::tool::ToolEvent;

/// Every sample.
pub fn all() -> Vec<Addressed> {
    let natural = EntityId::Natural([0xc5; 16]);
    let mut all: Vec<Addressed> = Vec::new();
    all.extend(shop().into_iter().map(|e| (natural, e).into()));
    all.extend(technician().into_iter().map(|e| (natural, e).into()));
    all.extend(device().into_iter().map(|e| (id(1), e).into()));
    all.extend(order().into_iter().map(|e| (id(2), e).into()));
    all.extend(inspection().into_iter().map(|e| (id(3), e).into()));
    all.extend(procedures().into_iter().map(|e| (natural, e).into()));
    all.extend(tool().into_iter().map(|e| (id(4), e).into()));
    all.extend(model().into_iter().map(|e| (natural, e).into()));
    all
}

fn dot(seq: u64) -> Dot {
    let mut site = [0u8; 16];
    for (place, byte) in site.iter_mut().enumerate() {
        *byte = place as u8 + 0x10;
    }
    Dot {
        site: SiteId(site),
        seq,
        index: 2,
    }
}

fn id(seq: u64) -> EntityId {
    EntityId::Made(dot(seq))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn s(text: &str) -> String {
    text.to_owned()
}

fn signature() -> Signature {
    Signature {
        signer: s("rk"),
        name: s("Renée Köhler"),
        at: Moment {
            micros: 1_795_442_580_123_456,
            offset: -300,
        },
        meaning: Meaning::Reviewed,
        list: Hash([0x5a; 32]),
        public: [0xb1; 32],
        bytes: (0..64).collect(),
    }
}

fn shop() -> Vec<ShopEvent> {
    use ShopEvent as E;
    vec![
        E::Renamed {
            name: s("St. Anne, Clinical Engineering"),
        },
        E::PrefixChanged { prefix: s("SHOP2") },
        E::ZoneChanged {
            zone: s("America/New_York"),
        },
        E::ColumnMapSaved {
            name: s("nuvolo"),
            text: s("tag = \"Asset #\"\n"),
        },
    ]
}

fn technician() -> Vec<TechnicianEvent> {
    use TechnicianEvent as E;
    vec![
        E::Named {
            key: s("rk"),
            name: s("Renée Köhler"),
            initials: s("RK"),
        },
        E::CredentialAdded {
            credential: s("CBET"),
            number: s("12345"),
            expires: Some(day("2028-12-31")),
        },
        E::CredentialAdded {
            credential: s("X-ray"),
            number: s(""),
            expires: None,
        },
        E::KeyEnrolled { public: [0xb1; 32] },
        E::KeyRevoked {
            public: [0xb1; 32],
            reason: s("laptop lost"),
        },
        E::Left {
            reason: s("retired"),
        },
    ]
}

fn change(field: Field, old: Option<Value>, new: Option<Value>) -> FieldChange {
    FieldChange {
        field,
        old,
        new,
        replaces: vec![dot(7)],
    }
}

fn device() -> Vec<DeviceEvent> {
    use DeviceEvent as E;
    vec![
        E::Registered {
            origin: Origin::Delivered,
            stage: Stage::Received,
            changes: vec![
                FieldChange {
                    field: Field::AssetTag,
                    old: None,
                    new: Some(Value::Text(s("BM-00042"))),
                    replaces: vec![],
                },
                change(
                    Field::PurchaseDate,
                    Some(Value::Date(day("1969-12-31"))),
                    Some(Value::Date(day("2024-02-29"))),
                ),
            ],
        },
        E::Edited {
            changes: vec![
                change(
                    Field::PurchasePrice,
                    Some(Value::Number(number("1250.50"))),
                    Some(Value::Number(number("-0.10"))),
                ),
                change(Field::Ownership, Some(Value::Choice(4)), None),
                change(
                    Field::AppliedParts,
                    None,
                    Some(Value::List(vec![s("ECG leads: CF"), s("cuff: BF")])),
                ),
            ],
            reason: s("rating plate read"),
        },
        E::StageChanged {
            from: Stage::Received,
            to: Stage::InService,
            reason: s("incoming inspection passed"),
        },
        E::WhereaboutsChanged {
            to: Whereabouts::AtLocation,
            note: s("found in ICU 3"),
        },
        E::WhereaboutsChanged {
            to: Whereabouts::OnLoan {
                to: s("Ward 5"),
                back: Some(day("2026-12-01")),
            },
            note: s(""),
        },
        E::WhereaboutsChanged {
            to: Whereabouts::SentOut {
                vendor: s("Acme Service"),
                rma: s("RMA-9"),
                carrier: s("courier"),
                ephi_cleared: Some(true),
                decontaminated: None,
                expected: None,
            },
            note: s("display dark"),
        },
        E::WhereaboutsChanged {
            to: Whereabouts::Missing {
                searched: s("ED, storage B"),
            },
            note: s(""),
        },
        E::HoldPlaced {
            kind: HoldKind::Sequestered,
            reason: s("possible harm"),
            source: Some(id(2)),
        },
        E::HoldLifted {
            hold: dot(9),
            reason: s("passed after repair"),
            inspection: Some(EntityId::Natural([0x11; 16])),
        },
        E::Retagged {
            old: s("TMP-7"),
            change: change(
                Field::AssetTag,
                Some(Value::Text(s("TMP-7"))),
                Some(Value::Text(s("BM-00043"))),
            ),
            reason: s("label arrived"),
        },
        E::Combined {
            other: id(5),
            aliases: vec![s("BM-17"), s("SN 4711")],
            reason: s("same pump twice"),
        },
        E::Separated {
            other: id(5),
            reason: s("two pumps after all"),
        },
        E::MergedInto {
            into: Some(id(1)),
            reason: s("same pump twice"),
        },
        E::MergedInto {
            into: None,
            reason: s("two pumps after all"),
        },
        E::Inspected {
            inspection: id(3),
            activity: s("annual PM"),
            outcome: Outcome::Corrected,
            performed: day("2026-11-23"),
            next_due: Some(day("2027-11-30")),
        },
        E::SoftwareSeen {
            component: s("main"),
            version: s("v4.02 (b)"),
            how: s("start screen"),
        },
        E::Noted {
            text: s("Socket cover cracked,\nstill tight."),
        },
    ]
}

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

fn order() -> Vec<OrderEvent> {
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
    ]
}

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

fn inspection() -> Vec<InspectionEvent> {
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
    ]
}

fn document() -> Box<Procedure> {
    let measure = StepKind::Measure(Measure {
        unit: Unit::Ohm,
        limit: Some(Limit::AtMost(number("0.5"))),
        source: LimitSource {
            verified: true,
            text: s("IFU 7.3"),
        },
    });
    Box::new(Procedure {
        code: s("infusion-pump"),
        title: s("Infusion pump, annual"),
        activity: s("annual PM"),
        device_types: vec![s("FRN")],
        version: s("2"),
        source: SourceKind::Manufacturer,
        minutes: Some(25),
        sections: vec![Section {
            title: s("Electrical"),
            steps: vec![
                Step::new("look", "Look at the case", StepKind::Check),
                Step {
                    safety: true,
                    condition: Some(Condition::Device(DeviceTest::Class(ProtectionClass::I))),
                    ..Step::new("earth", "Earth resistance", measure)
                },
            ],
        }],
        ..Procedure::default()
    })
}

fn procedures() -> Vec<ProcedureEvent> {
    use ProcedureEvent as E;
    vec![
        E::Imported {
            procedure: document(),
            source: s("pump.toml"),
        },
        E::Frozen {
            procedure: document(),
            of: Hash([0x21; 32]),
        },
        E::Adopted {
            by: s("Renée Köhler"),
            against: s("IFU 1234 rev C"),
            note: s(""),
        },
        E::Withdrawn {
            reason: s("replaced by version 3"),
        },
    ]
}

fn tool() -> Vec<ToolEvent> {
    use ToolEvent as E;
    vec![
        E::Described {
            name: s("sa1"),
            kind: s("safety analyser"),
            model: s("Acme ES-1"),
            serial: s("0815"),
        },
        E::Calibrated {
            on: day("2026-03-01"),
            due: day("2027-03-01"),
            certificate: s("C-55"),
        },
        E::CheckedGood {
            on: day("2026-05-01"),
            note: s("against reference resistor"),
        },
        E::Failed {
            on: day("2026-06-01"),
            reason: s("dropped"),
            last_good: Some(day("2026-05-01")),
        },
        E::Withdrawn { reason: s("sold") },
    ]
}

fn model() -> Vec<ModelEvent> {
    vec![ModelEvent::Published {
        facts: ModelFacts {
            di: s("00812345678906"),
            other_dis: vec![s("10812345678903")],
            manufacturer: s("Acme"),
            brand: s("Flow"),
            model: s("F-1"),
            catalogue: s("100-1"),
            description: s("Infusion pump"),
            product_codes: vec![(s("FRN"), s("Pump, Infusion"))],
            gmdn: s("Infusion pump"),
            has_lot: Some(false),
            has_serial: None,
        },
        source: s("gudid.csv"),
    }]
}
