//! One inspection in which everything happens that can happen, made from events as the program records them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::bench::query::{InspectionSheet, ShopFacts};
use crate::domain::device::{Device, DeviceCard, Outcome};
use crate::domain::id::{Dot, EntityId, Hash, SiteId};
use crate::domain::inspection::{
    Again, Answer, AnswerOrigin, Inspection, InspectionEvent, Phase, Verdict,
};
use crate::domain::measure::{Decimal, Limit, Reading, Unit};
use crate::domain::order::FailureCause;
use crate::domain::procedure::{
    AnswerVerdict, AppliedPart, AppliedPartType, ChoiceOption, DeviceFacts, LimitSource, Measure,
    Procedure, ProtectionClass, Reference, ScanTarget, Section, SetPoint, SourceKind, Step,
    StepKind, Table, TextAbout,
};
use crate::domain::seen::Seen;
use crate::domain::signature::{Covered, Meaning, Signature};
use crate::domain::stored_procedure::{Adoption, StoredProcedure};
use crate::domain::time::{Moment, Stamp};

pub(super) const SITE: SiteId = SiteId([7; 16]);

pub(super) fn dot(seq: u64) -> Dot {
    Dot {
        site: SITE,
        seq,
        index: 0,
    }
}

pub(super) fn at(minutes: i64) -> Moment {
    // 2026-03-02 08:00 at UTC-5.
    Moment {
        micros: 1_772_456_400_000_000,
        offset: -300,
    }
    .plus_seconds(minutes * 60)
}

pub(super) fn stamp(seq: u64) -> Stamp {
    Stamp {
        dot: dot(seq),
        at: at(seq as i64),
        by: "ab".to_owned(),
    }
}

pub(super) fn id(n: u8) -> EntityId {
    EntityId::Natural([n; 16])
}

/// Applies events one by one, each its own entry.
pub(super) struct Story<'a> {
    pub inspection: Inspection,
    pub seq: u64,
    pub text: &'a dyn Fn(&str) -> String,
}

impl Story<'_> {
    pub fn tell(&mut self, event: &InspectionEvent) -> Dot {
        self.seq += 1;
        self.inspection
            .apply(event, &stamp(self.seq), &Seen::Everything);
        dot(self.seq)
    }

    fn t(&self, text: &str) -> String {
        (self.text)(text)
    }

    #[allow(clippy::too_many_arguments, reason = "one line of a test story each")]
    fn answer(
        &mut self,
        step: &str,
        point: Option<u16>,
        answer: Answer,
        verdict: Verdict,
        limit: &str,
        phase: Phase,
        supersedes: Option<(Dot, Again)>,
        reason: &str,
    ) -> Dot {
        let measured = matches!(answer, Answer::Reading(_));
        let why = match verdict {
            Verdict::Undecided | Verdict::Unverified => self.t("nobody can say yet"),
            _ => String::new(),
        };
        let event = InspectionEvent::Answered {
            step: step.into(),
            point,
            answer,
            verdict,
            limit: limit.to_owned(),
            why,
            phase,
            origin: if measured {
                AnswerOrigin::File
            } else {
                AnswerOrigin::Key
            },
            tool: measured.then_some(id(9)),
            supersedes,
            reason: if reason.is_empty() {
                String::new()
            } else {
                self.t(reason)
            },
        };
        self.tell(&event)
    }
}

fn read(typed: &str, unit: Unit) -> Answer {
    Answer::Reading(Reading::parse(typed, unit).expect("a reading"))
}

fn at_most(unit: Unit, limit: i64, places: u32, verified: bool, from: String) -> StepKind {
    StepKind::Measure(Measure {
        unit,
        limit: Some(Limit::AtMost(Decimal::new(limit, places))),
        source: LimitSource {
            verified,
            text: from,
        },
    })
}

pub(super) fn document(text: &dyn Fn(&str) -> String) -> Procedure {
    let step = |id: &str, title: &str, kind: StepKind| Step::new(id, &text(title), kind);
    let safety = |step: Step| Step {
        safety: true,
        as_left: true,
        ..step
    };
    let ohm = || at_most(Unit::Ohm, 5, 1, true, text("NFPA 99"));
    let choice = StepKind::Choice {
        options: ["alarm heard", "no alarm"]
            .iter()
            .zip([AnswerVerdict::Pass, AnswerVerdict::Fail])
            .map(|(label, verdict)| ChoiceOption {
                label: text(label),
                verdict,
            })
            .collect(),
    };
    let table = StepKind::Table(Table {
        unit: Unit::MlPerHour,
        points: [10, 100]
            .into_iter()
            .map(|rate| SetPoint {
                label: text(&format!("{rate} mL/h")),
                limit: Limit::Range {
                    low: Decimal::new(rate * 95, 2),
                    high: Decimal::new(rate * 105, 2),
                },
            })
            .collect(),
        source: LimitSource {
            verified: false,
            text: text("common practice"),
        },
    });
    let confirm = StepKind::Scan {
        what: ScanTarget::Device,
    };
    Procedure {
        code: text("pump-pm"),
        title: text("Infusion pump PM"),
        activity: text("annual PM"),
        version: text("3"),
        source: SourceKind::BuiltIn,
        reference: Some(Reference {
            document: text("Service manual 12-345"),
            revision: Some(text("rev C")),
        }),
        banner: Some(text("The manufacturer's instructions decide.")),
        credentials: vec![text("CBET")],
        sections: vec![
            Section {
                title: text("Before the work"),
                steps: vec![
                    step("confirm", "The right device", confirm),
                    step("case", "Case and cord", StepKind::Check),
                    step("labels", "Labels can be read", StepKind::Check),
                ],
            },
            Section {
                title: text("Electrical safety"),
                steps: vec![
                    safety(step("earth", "Ground wire resistance", ohm())),
                    safety(step(
                        "leak",
                        "Touch current",
                        at_most(Unit::MicroAmpere, 500, 0, false, text("manual")),
                    )),
                ],
            },
            Section {
                title: text("Performance"),
                steps: vec![
                    step("flow", "Flow rate", table),
                    step("alarm", "Occlusion alarm", choice),
                    step(
                        "battery",
                        "Battery run",
                        StepKind::Timer {
                            seconds: 5400,
                            long: true,
                        },
                    ),
                    step(
                        "pads",
                        "Filter expiry",
                        StepKind::Date {
                            must_not_be_past: true,
                        },
                    ),
                    step(
                        "software",
                        "Software version",
                        StepKind::Text {
                            about: TextAbout::SoftwareVersion,
                        },
                    ),
                    step("second", "Second person", StepKind::SecondPerson),
                    step("clean", "Cleaned", StepKind::Check),
                ],
            },
        ],
        ..Procedure::default()
    }
}

fn facts(text: &dyn Fn(&str) -> String) -> DeviceFacts {
    DeviceFacts {
        class: Some(ProtectionClass::I),
        power: None,
        applied_parts: Some(vec![
            AppliedPart {
                name: text("infusion line"),
                kind: Some(AppliedPartType::CF),
            },
            AppliedPart {
                name: text("drop sensor"),
                kind: None,
            },
        ]),
        stores_ephi: Some(false),
        ..DeviceFacts::default()
    }
}

fn begin(story: &mut Story<'_>) {
    let started = InspectionEvent::Started {
        device: id(1),
        order: id(2),
        procedure: Hash([0xab; 32]),
        frozen: Hash([0xcd; 32]),
        activity: story.t("annual PM"),
        performed: NaiveDate::from_ymd_opt(2026, 2, 27).expect("a day"),
        facts: facts(story.text),
        adopted: false,
    };
    story.tell(&started);
    let warning = story.t("RECALL: battery door");
    story.tell(&InspectionEvent::Acknowledged { warning });
    let tool = |story: &Story<'_>, good: bool| InspectionEvent::ToolChosen {
        kind: story.t("safety analyser"),
        tool: id(9),
        name: story.t("ANA-1"),
        description: story.t("Example 601 serial 7781"),
        calibration: story.t("OUT OF CALIBRATION since 2026-01-31"),
        good,
        override_by: (!good).then(|| (story.t("the only one here"), "cd".to_owned())),
    };
    let chosen = tool(story, false);
    story.tell(&chosen);
}

/// The inspection up to the signature.
pub(super) fn worked(text: &dyn Fn(&str) -> String) -> Story<'_> {
    use Phase::{AsFound, AsLeft};
    use Verdict::{Fail, Neutral, NotApplicable, Pass, Undecided, Unverified};
    let mut story = Story {
        inspection: Inspection::default(),
        seq: 0,
        text,
    };
    let s = &mut story;
    begin(s);
    let scanned = Answer::Scan(s.t("10023"));
    s.answer("confirm", None, scanned, Pass, "", AsFound, None, "");
    s.answer("case", None, Answer::Pass, Pass, "", AsFound, None, "");
    let reason = s.t("no label on this model");
    let na = Answer::NotApplicable { reason };
    s.answer("labels", None, na, NotApplicable, "", AsFound, None, "");
    // A slip, then a true failure, put right and measured as left.
    let limit = "at most 0.5 Ω";
    let slip = read("12", Unit::Ohm);
    let slip = s.answer("earth", None, slip, Fail, limit, AsFound, None, "");
    let again = Some((slip, Again::TypingSlip));
    let found = read("0,92", Unit::Ohm);
    s.answer(
        "earth",
        None,
        found,
        Fail,
        limit,
        AsFound,
        again,
        "point left out",
    );
    let done = s.t("cord replaced");
    s.tell(&InspectionEvent::Fixed {
        step: "earth".into(),
        done,
        cause: FailureCause::Preventable,
        minutes: 15,
    });
    let left = read("120 mohm", Unit::Ohm);
    s.answer("earth", None, left, Pass, limit, AsLeft, None, "");
    let leak = read("<1", Unit::MicroAmpere);
    let leak = s.answer(
        "leak",
        None,
        leak,
        Unverified,
        "at most 500 µA",
        AsFound,
        None,
        "",
    );
    let flow = read("9.8", Unit::MlPerHour);
    let flow = s.answer(
        "flow",
        Some(0),
        flow,
        Unverified,
        "9.5 to 10.5 mL/h",
        AsFound,
        None,
        "",
    );
    let flow2 = read("10.1", Unit::MlPerHour);
    s.answer(
        "flow",
        Some(0),
        flow2,
        Unverified,
        "9.5 to 10.5 mL/h",
        AsFound,
        Some((flow, Again::Remeasured)),
        "",
    );
    let no = Answer::Choice(s.t("no alarm"));
    let no = s.answer("alarm", None, no, Fail, "", AsFound, None, "");
    s.tell(&InspectionEvent::RepairOpened {
        step: "alarm".into(),
        order: id(3),
    });
    let yes = Answer::Choice(s.t("alarm heard"));
    let amended = Some((no, Again::Amended));
    s.answer(
        "alarm",
        None,
        yes,
        Pass,
        "",
        AsFound,
        amended,
        "heard it in the corridor",
    );
    s.tell(&InspectionEvent::TimerStarted {
        step: "battery".into(),
        seconds: 5400,
    });
    let ran = Answer::Timer {
        passed: true,
        seconds: 5400,
    };
    s.answer("battery", None, ran, Pass, "", AsFound, None, "");
    let date = Answer::Date(NaiveDate::from_ymd_opt(2027, 6, 30).expect("a day"));
    let limit = "not before 2026-02-27";
    s.answer("pads", None, date, Pass, limit, AsFound, None, "");
    let version = Answer::Text(s.t("v4.2.1 build 77"));
    s.answer("software", None, version, Neutral, "", AsFound, None, "");
    let second = Answer::SecondPerson {
        who: "cd".to_owned(),
    };
    s.answer("second", None, second, Pass, "", AsFound, None, "");
    s.answer(
        "gone",
        Some(1),
        Answer::Fail,
        Undecided,
        "",
        AsFound,
        None,
        "",
    );
    let note = s.t("door\nsqueaks");
    s.tell(&InspectionEvent::Noted {
        step: Some("case".into()),
        text: note,
    });
    let note = s.t("left on the bench over night");
    s.tell(&InspectionEvent::Noted {
        step: None,
        text: note,
    });
    s.tell(&InspectionEvent::Deferred {
        step: "clean".into(),
    });
    let (place, left) = (s.t("shelf 4"), s.t("cleaning"));
    s.tell(&InspectionEvent::HandedOver {
        to: "cd".to_owned(),
        place,
        left,
    });
    let reason = s.t("tags swapped");
    s.tell(&InspectionEvent::Moved {
        from: id(8),
        to: id(1),
        order: id(2),
        reason,
    });
    let reason = s.t("reads half of the reference");
    s.tell(&InspectionEvent::Suspected {
        answer: leak,
        tool: id(9),
        reason,
    });
    story
}

pub(super) fn signed(story: &mut Story<'_>) {
    let signature = Signature {
        signer: "ab".to_owned(),
        name: story.t("Ann Bell"),
        at: at(90),
        meaning: Meaning::Performed,
        list: Hash([0x5e; 32]),
        covers: (1..=20)
            .map(|seq| Covered {
                site: SITE,
                seq,
                hash: Hash([seq as u8; 32]),
            })
            .collect(),
        public: [0x11; 32],
        bytes: vec![0x22; 64],
    };
    let because = vec![story.t("\"Flow rate\" at 100 mL/h was not answered.")];
    story.tell(&InspectionEvent::Signed {
        signature,
        outcome: Outcome::Undecided,
        because,
        minutes: 42,
    });
}

pub(super) fn card(text: &dyn Fn(&str) -> String) -> DeviceCard {
    let mut card = DeviceCard::of(id(1), &Device::default());
    for (field, value) in [
        (&mut card.tag, "10023"),
        (&mut card.serial, "SN-55801"),
        (&mut card.manufacturer, "Example Medical"),
        (&mut card.brand, "Flowline"),
        (&mut card.model, "FL-200"),
        (&mut card.udi_di, "09506000134352"),
        (&mut card.type_code, "FRN"),
        (&mut card.type_name, "Infusion pump"),
        (&mut card.department, "ICU 2"),
        (&mut card.location, "Bed 7"),
    ] {
        *field = text(value);
    }
    card.numbers = vec![text("200-A")];
    card.aliases = vec![text("OLD-7")];
    card.holds = vec![text("recall")];
    card
}

pub(super) fn sheet(story: &Story<'_>) -> InspectionSheet {
    let text = story.text;
    InspectionSheet {
        id: id(4),
        inspection: story.inspection.clone(),
        document: std::sync::Arc::new(document(text)),
        procedure: StoredProcedure {
            procedure: Some(std::sync::Arc::new(document(text))),
            source: text("built in"),
            ..StoredProcedure::default()
        },
        device: card(text),
        order: text("SHOP-00012"),
        repairs: vec![("alarm".into(), text("SHOP-00013"))],
        previous: Vec::new(),
        last: None,
        moved: vec![text("OTHER-7")],
        names: vec![
            ("ab".to_owned(), text("Ann Bell")),
            ("cd".to_owned(), text("Cy Dorn")),
        ],
        others: Vec::new(),
        now: at(95),
    }
}

pub(super) fn adopt(sheet: &mut InspectionSheet, text: &dyn Fn(&str) -> String) {
    sheet.procedure.adoptions.push(Adoption {
        by: text("Mia Roth"),
        against: text("Service manual 12-345 rev C"),
        note: text("limits compared"),
        stamp: stamp(60),
    });
    sheet.procedure.withdrawn = Some(text("version 4 is out"));
}

pub(super) fn shop(text: &dyn Fn(&str) -> String) -> ShopFacts {
    ShopFacts {
        name: text("North Shop"),
        prefix: "SHOP".to_owned(),
        zone: "America/New_York".to_owned(),
        site: SITE.short(),
        demo: false,
        dir: "/srv/shop".to_owned(),
        devices: 1,
        entries: 1,
        newer: 0,
        conflicts: 0,
        read_only: None,
        sync: None,
        today: at(95).date(),
        now: at(95),
    }
}

/// A device's sheet, from the same card.
pub(super) fn device_sheet(text: &dyn Fn(&str) -> String) -> crate::bench::query::DeviceSheet {
    use crate::domain::device::{Field, Hold, HoldKind, LastInspection, Note, Value};
    let mut device = Device::default();
    for (seq, (field, value)) in [
        (Field::AssetTag, "10023"),
        (Field::Serial, "SN-55801"),
        (Field::Manufacturer, "Example Medical"),
        (Field::Model, "FL-200"),
        (Field::Department, "ICU 2"),
    ]
    .into_iter()
    .enumerate()
    {
        let register = device.fields.entry(field).or_default();
        register.set(Some(Value::Text(text(value))), &stamp(seq as u64), &[]);
    }
    let department = device.fields.entry(Field::Department).or_default();
    department.set(Some(Value::Text(text("ICU 3"))), &stamp(30), &[]);
    device.holds.push(Hold {
        kind: HoldKind::FailedTest,
        reason: text("ground wire 0.92 Ω"),
        source: None,
        stamp: stamp(31),
    });
    device.inspections = BTreeMap::from([(
        text("annual PM"),
        LastInspection {
            inspection: Some(id(4)),
            outcome: Outcome::DoNotUse,
            performed: at(0).date(),
            next_due: None,
            report: String::new(),
            stamp: stamp(31),
        },
    )]);
    device.notes.push(Note {
        text: text("spare cord in drawer 3"),
        stamp: stamp(32),
    });
    crate::bench::query::DeviceSheet {
        id: id(1),
        device,
        open_orders: Vec::new(),
        closed_orders: Vec::new(),
        inspections: Vec::new(),
        warnings: vec![text("RECALL: battery door")],
        model: None,
        modules: vec![card(text)],
        stands_for: None,
        names: Vec::new(),
    }
}
