//! The shop that the scenarios happen in.

use chrono::NaiveDate;

use crate::domain::command::Command;
use crate::domain::context::World as _;
use crate::domain::device::{DeviceCommand, Field, Origin, Outcome, Stage};
use crate::domain::event::Kind;
use crate::domain::id::{EntityId, Hash};
use crate::domain::inspection::{
    Again, Answer, AnswerOrigin, Answered, Failing, Inspection, InspectionCommand, Plan, StepState,
    Verdict, plan, warnings,
};
use crate::domain::measure::{Decimal, Limit, Reading, Unit};
use crate::domain::order::{
    Cause, FailureCause, Opening, Order, OrderCommand, OrderKind, Priority,
};
use crate::domain::procedure::{
    AnswerVerdict, ChoiceOption, Computed, Condition, Formula, LimitSource, Measure, Procedure,
    ScanTarget, Section, SetPoint, Step, StepId, StepKind, Table, TextAbout,
};
use crate::domain::refusal::Refusal;
use crate::domain::signature::{Meaning, Signature};
use crate::domain::technician::TechnicianEvent;
use crate::domain::testing::{Receipt, TestWorld};
use crate::domain::tool::ToolCommand;

pub const JD: &str = "jd";
pub const MK: &str = "mk";

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn key_of(who: &str) -> [u8; 32] {
    [who.as_bytes()[0]; 32]
}

fn measure(unit: Unit, limit: Limit, verified: bool) -> StepKind {
    StepKind::Measure(Measure {
        unit,
        limit: Some(limit),
        source: LimitSource {
            verified,
            text: "manual, chapter 5".into(),
        },
    })
}

/// The checklist of the scenarios: every kind of step once.
pub fn checklist() -> Procedure {
    let safety = |step: Step| Step {
        safety: true,
        tool: Some("safety analyser".into()),
        ..step
    };
    let optional = |step: Step| Step {
        required: false,
        ..step
    };
    let when = |step: Step, condition: Condition| Step {
        condition: Some(condition),
        ..step
    };
    Procedure {
        code: "pump-pm".into(),
        title: "Infusion pump PM".into(),
        activity: "annual PM".into(),
        version: "1".into(),
        sections: vec![
            Section {
                title: "Identify".into(),
                steps: vec![Step::new(
                    "device",
                    "Scan the device",
                    StepKind::Scan {
                        what: ScanTarget::Device,
                    },
                )],
            },
            Section {
                title: "Visual".into(),
                steps: vec![
                    Step::new("case", "Case and labels", StepKind::Check),
                    when(
                        Step::new(
                            "damage",
                            "Describe the damage",
                            StepKind::Text {
                                about: TextAbout::Other,
                            },
                        ),
                        Condition::Failed(StepId::from("case")),
                    ),
                    Step::new(
                        "cord",
                        "Cord type",
                        StepKind::Choice {
                            options: vec![
                                ChoiceOption {
                                    label: "earthed".into(),
                                    verdict: AnswerVerdict::Neutral,
                                },
                                ChoiceOption {
                                    label: "none".into(),
                                    verdict: AnswerVerdict::Neutral,
                                },
                            ],
                        },
                    ),
                ],
            },
            Section {
                title: "Measure".into(),
                steps: vec![
                    when(
                        safety(Step::new(
                            "earth",
                            "Ground resistance",
                            measure(Unit::Ohm, Limit::AtMost(dec("0.5")), true),
                        )),
                        Condition::Chose {
                            step: StepId::from("cord"),
                            option: "earthed".into(),
                        },
                    ),
                    Step::new(
                        "flow",
                        "Flow",
                        StepKind::Table(Table {
                            unit: Unit::MlPerHour,
                            points: vec![
                                SetPoint {
                                    label: "10 mL/h".into(),
                                    limit: Limit::Range {
                                        low: dec("9.5"),
                                        high: dec("10.5"),
                                    },
                                },
                                SetPoint {
                                    label: "100 mL/h".into(),
                                    limit: Limit::Range {
                                        low: dec("95"),
                                        high: dec("105"),
                                    },
                                },
                            ],
                            source: LimitSource {
                                verified: true,
                                text: String::new(),
                            },
                        }),
                    ),
                    Step::new(
                        "volts",
                        "Battery voltage",
                        measure(Unit::Volt, Limit::AtLeast(dec("11.5")), true),
                    ),
                    Step::new(
                        "volts-load",
                        "Battery voltage, loaded",
                        measure(Unit::Volt, Limit::AtLeast(dec("10")), true),
                    ),
                    Step::new(
                        "sag",
                        "Voltage drop",
                        StepKind::Computed(Computed {
                            formula: Formula::Difference {
                                first: crate::domain::procedure::Operand::Step(StepId::from(
                                    "volts",
                                )),
                                second: crate::domain::procedure::Operand::Step(StepId::from(
                                    "volts-load",
                                )),
                            },
                            unit: Unit::Volt,
                            limit: Some(Limit::AtMost(dec("1"))),
                            source: LimitSource {
                                verified: true,
                                text: String::new(),
                            },
                        }),
                    ),
                    optional(Step::new(
                        "soak",
                        "Battery run-down",
                        StepKind::Timer {
                            seconds: 600,
                            long: true,
                        },
                    )),
                    optional(Step::new(
                        "pads",
                        "Expiry of the set",
                        StepKind::Date {
                            must_not_be_past: true,
                        },
                    )),
                    optional(Step::new("second", "Second person", StepKind::SecondPerson)),
                ],
            },
            Section {
                title: "Finish".into(),
                steps: vec![optional(Step::new(
                    "software",
                    "Software version",
                    StepKind::Text {
                        about: TextAbout::SoftwareVersion,
                    },
                ))],
            },
        ],
        ..Procedure::default()
    }
}

pub struct Shop {
    pub world: TestWorld,
    pub pump: EntityId,
    pub esa: EntityId,
    pub procedure: Hash,
}

impl Shop {
    pub fn new() -> Self {
        Self::with(checklist())
    }

    pub fn with(procedure: Procedure) -> Self {
        let mut shop = Self {
            world: TestWorld::default(),
            pump: EntityId::Natural([0; 16]),
            esa: EntityId::Natural([0; 16]),
            procedure: procedure.hash().0,
        };
        for (key, name) in [(JD, "Jane Doe"), (MK, "Max Kim")] {
            for event in [
                TechnicianEvent::Named {
                    key: key.into(),
                    name: name.into(),
                    initials: key.to_uppercase(),
                },
                TechnicianEvent::KeyEnrolled {
                    public: key_of(key),
                },
            ] {
                let key = key.to_owned();
                shop.ok(JD, Command::Technician { key, event });
            }
        }
        shop.ok(
            JD,
            Command::ImportProcedure {
                procedure: Box::new(procedure),
                source: "test".into(),
            },
        );
        shop.pump = shop.device("BM-100", "SN100");
        shop.esa = shop.tool("esa1", "safety analyser", "2026-01-10", "2027-01-10");
        shop
    }

    pub fn device(&mut self, tag: &str, serial: &str) -> EntityId {
        let fields = [
            (Field::AssetTag, tag),
            (Field::Serial, serial),
            (Field::Manufacturer, "Acme"),
            (Field::Model, "Drip 3"),
        ];
        let fields = fields
            .into_iter()
            .map(|(field, text)| (field, field.parse(text).unwrap().unwrap()))
            .collect();
        self.ok(
            JD,
            Command::Device(DeviceCommand::Add {
                fields,
                stage: Stage::InService,
                origin: Origin::TakenOver,
            }),
        )
        .first(Kind::Device)
        .unwrap()
    }

    pub fn tool(&mut self, name: &str, kind: &str, on: &str, due: &str) -> EntityId {
        let tool = self
            .ok(
                JD,
                Command::Tool(ToolCommand::Add {
                    name: name.into(),
                    kind: kind.into(),
                    model: "Acme ESA".into(),
                    serial: "E1".into(),
                }),
            )
            .first(Kind::Tool)
            .unwrap();
        self.ok(
            JD,
            Command::Tool(ToolCommand::Calibrate {
                tool,
                on: day(on),
                due: day(due),
                certificate: "C1".into(),
            }),
        );
        tool
    }

    /// Opens an order for an activity, due again after a year.
    pub fn order(&mut self, kind: OrderKind, activity: &str) -> EntityId {
        self.ok(
            MK,
            Command::Order(OrderCommand::Open {
                opening: Opening {
                    kind,
                    device: Some(self.pump),
                    priority: Priority::Normal,
                    problem: "due".into(),
                    requester: String::new(),
                    department: String::new(),
                    due: None,
                    window: None,
                    activity: activity.into(),
                    procedure: String::new(),
                    planned_minutes: None,
                    interval_months: Some(12),
                    cause: Cause::Request,
                },
                check_in: None,
            }),
        )
        .first(Kind::Order)
        .unwrap()
    }

    pub fn try_tell(&mut self, who: &str, command: Command) -> Result<Receipt, Refusal> {
        self.world.pass(30);
        self.world.tell(who, &command)
    }

    pub fn ok(&mut self, who: &str, command: Command) -> Receipt {
        match self.try_tell(who, command) {
            Ok(receipt) => receipt,
            Err(refusal) => panic!("refused: {} {}", refusal.what, refusal.hint),
        }
    }

    pub fn begin(&self, device: EntityId, order: Option<EntityId>) -> InspectionCommand {
        let ctx = self.world.context(JD);
        InspectionCommand::Start {
            device,
            order,
            procedure: self.procedure,
            performed: None,
            acknowledged: warnings(&self.world, &ctx, device, None),
            tools: vec![("safety analyser".into(), self.esa)],
        }
    }

    /// Starts an inspection of the pump with every warning read.
    pub fn start(&mut self) -> EntityId {
        let command = self.begin(self.pump, None);
        self.ok(JD, Command::Inspection(command))
            .first(Kind::Inspection)
            .unwrap()
    }

    pub fn act(&mut self, who: &str, command: InspectionCommand) -> Result<Receipt, Refusal> {
        self.try_tell(who, Command::Inspection(command))
    }

    pub fn settle(&mut self, id: EntityId, step: &str, with: Failing) -> Result<Receipt, Refusal> {
        self.act(
            JD,
            InspectionCommand::Settle {
                inspection: id,
                step: step.into(),
                with,
            },
        )
    }

    pub fn fixed(&mut self, id: EntityId, step: &str) {
        self.settle(id, step, fixed_now()).unwrap();
    }

    pub fn answer(&mut self, id: EntityId, step: &str, answer: Answer) -> Result<Receipt, Refusal> {
        self.answer_again(id, step, answer, None)
    }

    pub fn answer_again(
        &mut self,
        id: EntityId,
        step: &str,
        answer: Answer,
        again: Option<Again>,
    ) -> Result<Receipt, Refusal> {
        self.answer_as(JD, id, step, answer, again)
    }

    /// Answers a step, or with `step@n` a set point.
    pub fn answer_as(
        &mut self,
        who: &str,
        id: EntityId,
        step: &str,
        answer: Answer,
        again: Option<Again>,
    ) -> Result<Receipt, Refusal> {
        let (step, point) = match step.split_once('@') {
            Some((step, point)) => (step, Some(point.parse().unwrap())),
            None => (step, None),
        };
        self.act(
            who,
            InspectionCommand::Answer {
                inspection: id,
                step: step.into(),
                point,
                answer,
                origin: AnswerOrigin::Key,
                again,
                reason: if again == Some(Again::Amended) {
                    "written down wrongly".into()
                } else {
                    String::new()
                },
            },
        )
    }

    /// Answers every required step well, except those named.
    pub fn pass_all_but(&mut self, id: EntityId, except: &[&str]) {
        for (step, answer) in good_answers() {
            if !except.contains(&step) {
                self.answer(id, step, answer).unwrap();
            }
        }
    }

    pub fn signature(&self, who: &str, meaning: Meaning) -> Signature {
        Signature {
            covers: Vec::new(),
            signer: who.into(),
            name: self
                .world
                .technician(who)
                .map(|t| t.name)
                .unwrap_or_default(),
            at: self.world.now,
            meaning,
            list: Hash([9; 32]),
            public: key_of(who),
            bytes: vec![0; 64],
        }
    }

    pub fn sign_as(
        &mut self,
        who: &str,
        id: EntityId,
        meaning: Meaning,
    ) -> Result<Receipt, Refusal> {
        let signature = self.signature(who, meaning);
        self.act(
            who,
            InspectionCommand::Sign {
                inspection: id,
                signature,
                minutes: None,
                cause: None,
            },
        )
    }

    pub fn sign(&mut self, id: EntityId) -> Outcome {
        match self.sign_as(JD, id, Meaning::Performed) {
            Ok(_) => self.inspection(id).outcome.unwrap(),
            Err(refusal) => panic!("refused: {}", refusal.what),
        }
    }

    pub fn inspection(&self, id: EntityId) -> Inspection {
        self.world.inspections[&id].clone()
    }

    pub fn order_of(&self, id: EntityId) -> Order {
        self.world.orders[&self.inspection(id).order.unwrap()].clone()
    }

    pub fn plan(&self, id: EntityId) -> Plan {
        let inspection = self.inspection(id);
        let frozen = self.world.procedure(inspection.frozen).unwrap();
        plan(
            &inspection,
            &frozen.procedure.clone().unwrap(),
            &inspection.facts.clone(),
        )
    }

    pub fn front(&self, id: EntityId) -> String {
        let plan = self.plan(id);
        plan.front
            .map(|i| plan.items[i].step.id.0.clone())
            .unwrap_or_default()
    }

    pub fn state(&self, id: EntityId, step: &str) -> StepState {
        self.plan(id).item(&step.into()).unwrap().state.clone()
    }

    pub fn last(&self, id: EntityId, step: &str) -> Answered {
        self.inspection(id)
            .answers
            .into_iter()
            .rfind(|a| a.step.0 == step)
            .unwrap()
    }

    pub fn verdict(&self, id: EntityId, step: &str) -> Verdict {
        self.last(id, step).verdict
    }
}

pub fn fixed_now() -> Failing {
    Failing::FixedNow {
        done: "tightened the earth screw".into(),
        cause: FailureCause::Unpreventable,
        minutes: 5,
    }
}

pub fn read(text: &str, unit: Unit) -> Answer {
    Answer::Reading(Reading::parse(text, unit).unwrap())
}

pub fn ohm(text: &str) -> Answer {
    read(text, Unit::Ohm)
}

pub fn volt(text: &str) -> Answer {
    read(text, Unit::Volt)
}

pub fn flow(text: &str) -> Answer {
    read(text, Unit::MlPerHour)
}

pub fn good_answers() -> Vec<(&'static str, Answer)> {
    vec![
        ("device", Answer::Scan("bm 100".into())),
        ("case", Answer::Pass),
        ("cord", Answer::Choice("earthed".into())),
        ("earth", ohm("0.12")),
        ("flow@0", flow("10.1")),
        ("flow@1", flow("99")),
        ("volts", volt("12.4")),
        ("volts-load", volt("11.9")),
    ]
}
