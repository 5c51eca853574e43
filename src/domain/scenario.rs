//! The shop in which the rules of devices and work orders are acted out: two technicians, devices taken over from a list,
//! and a checklist of one safety step that does for every activity.

use chrono::NaiveDate;

use super::command::Command;
use super::context::World as _;
use super::device::{Device, DeviceCommand, Field, HoldKind, Origin, Stage, Value, Whereabouts};
use super::event::Kind;
use super::id::{Dot, EntityId, Hash, SiteId};
use super::inspection::{Answer, AnswerOrigin, InspectionCommand, warnings};
use super::order::{
    Cause, CheckIn, FailureCause, Harm, Known, Opening, Order, OrderCommand, OrderKind, Priority,
    Report,
};
use super::procedure::{Procedure, Section, Step, StepKind};
use super::refusal::Refusal;
use super::signature::{Meaning, Signature};
use super::technician::TechnicianEvent;
use super::testing::{Receipt, TestWorld};

pub const JD: &str = "jd";
pub const MK: &str = "mk";

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn value(field: Field, text: &str) -> Value {
    field.parse(text).unwrap().unwrap()
}

pub struct Shop {
    pub world: TestWorld,
}

impl Shop {
    /// Today is 2026-03-02.
    pub fn new() -> Self {
        Self::at(SiteId([1; 16]), "SHOP")
    }

    /// A shop of its own, with its own numbers.
    pub fn at(site: SiteId, prefix: &str) -> Self {
        let mut shop = Self {
            world: TestWorld {
                site,
                prefix: prefix.to_owned(),
                ..TestWorld::default()
            },
        };
        for (key, name) in [(JD, "Jane Doe"), (MK, "Max Kim")] {
            for event in [
                TechnicianEvent::Named {
                    key: key.into(),
                    name: name.into(),
                    initials: key.to_uppercase(),
                },
                TechnicianEvent::KeyEnrolled {
                    public: [key.as_bytes()[0]; 32],
                },
            ] {
                let key = key.to_owned();
                shop.ok(Command::Technician { key, event });
            }
        }
        shop
    }

    pub fn ok_as(&mut self, who: &str, command: impl Into<Command>) -> Receipt {
        self.world.pass(30);
        match self.world.tell(who, &command.into()) {
            Ok(receipt) => receipt,
            Err(refusal) => panic!("refused: {} {}", refusal.what, refusal.hint),
        }
    }

    pub fn ok(&mut self, command: impl Into<Command>) -> Receipt {
        self.ok_as(JD, command)
    }

    /// The refusal of a command; it must say what happened and what to do, and leave nothing behind.
    pub fn refused_as(&mut self, who: &str, command: impl Into<Command>) -> Refusal {
        let before = self.world.clone();
        let command = command.into();
        let Err(refusal) = self.world.tell(who, &command) else {
            panic!("accepted: {command:?}");
        };
        assert!(!refusal.what.is_empty() && !refusal.hint.is_empty());
        assert_eq!(self.world, before);
        refusal
    }

    pub fn refused(&mut self, command: impl Into<Command>) -> String {
        self.refused_as(JD, command).what
    }

    pub fn add(&mut self, fields: &[(Field, &str)], stage: Stage, origin: Origin) -> EntityId {
        self.ok(add(fields, stage, origin))
            .first(Kind::Device)
            .unwrap()
    }

    /// A device in service, taken over from the hospital's list.
    pub fn pump(&mut self, tag: &str, serial: &str) -> EntityId {
        self.add(
            &[
                (Field::AssetTag, tag),
                (Field::Serial, serial),
                (Field::Manufacturer, "Acme"),
                (Field::Model, "Drip 3"),
                (Field::Department, "ICU"),
            ],
            Stage::InService,
            Origin::TakenOver,
        )
    }

    pub fn device(&self, id: EntityId) -> Device {
        self.world.devices[&id].clone()
    }

    pub fn order(&self, id: EntityId) -> Order {
        self.world.orders[&id].clone()
    }

    /// The open hold of a sort, by the dot that names it.
    pub fn hold(&self, device: EntityId, kind: HoldKind) -> Option<Dot> {
        self.device(device).hold(kind).map(|hold| hold.stamp.dot)
    }

    pub fn set(&mut self, device: EntityId, field: Field, text: &str) -> Result<Receipt, Refusal> {
        let new = field.parse(text).unwrap();
        self.world.tell(
            JD,
            &DeviceCommand::Set {
                device,
                changes: vec![(field, new)],
                reason: String::new(),
                expected: None,
            }
            .into(),
        )
    }

    pub fn open(&mut self, kind: OrderKind, device: EntityId) -> EntityId {
        self.open_due(kind, device, None)
    }

    pub fn open_due(&mut self, kind: OrderKind, device: EntityId, due: Option<&str>) -> EntityId {
        let mut opening = opening(kind, Some(device));
        opening.due = due.map(day);
        self.ok(OrderCommand::Open {
            opening,
            check_in: None,
        })
        .first(Kind::Order)
        .unwrap()
    }

    /// A checklist of one safety step for an activity.
    fn procedure(&mut self, activity: &str) -> Hash {
        let procedure = Procedure {
            code: format!("short {activity}"),
            title: activity.to_owned(),
            activity: activity.to_owned(),
            version: "1".into(),
            sections: vec![Section {
                title: "All".into(),
                steps: vec![Step {
                    safety: true,
                    ..Step::new("case", "Case and labels", StepKind::Check)
                }],
            }],
            ..Procedure::default()
        };
        let hash = procedure.hash().0;
        self.ok(Command::ImportProcedure {
            procedure: Box::new(procedure),
            source: "test".into(),
        });
        hash
    }

    pub fn start(&mut self, device: EntityId, activity: &str) -> Result<EntityId, Refusal> {
        let procedure = self.procedure(activity);
        let read = warnings(&self.world, &self.world.context(JD), device, None);
        self.world.pass(30);
        let started = self.world.tell(
            JD,
            &Command::Inspection(InspectionCommand::Start {
                device,
                order: None,
                procedure,
                performed: None,
                acknowledged: read,
                tools: Vec::new(),
            }),
        )?;
        Ok(started.first(Kind::Inspection).unwrap())
    }

    /// Answers the one step of an inspection and signs it.
    pub fn finish(&mut self, inspection: EntityId, pass: bool) {
        let mut acts = vec![InspectionCommand::Answer {
            inspection,
            step: "case".into(),
            point: None,
            answer: if pass { Answer::Pass } else { Answer::Fail },
            origin: AnswerOrigin::Key,
            again: None,
            reason: String::new(),
        }];
        if !pass {
            acts.push(InspectionCommand::Settle {
                inspection,
                step: "case".into(),
                with: super::inspection::Failing::OpenRepair,
            });
        }
        for act in acts {
            self.ok(Command::Inspection(act));
        }
        self.world.pass(30);
        let signature = self.signature(JD, Meaning::Performed);
        self.ok(Command::Inspection(InspectionCommand::Sign {
            inspection,
            signature,
            minutes: None,
            cause: None,
        }));
    }

    /// An inspection from start to signature.
    pub fn inspect(&mut self, device: EntityId, activity: &str, pass: bool) {
        let inspection = self.start(device, activity).unwrap();
        self.finish(inspection, pass);
    }

    /// A company's report as the technician enters it, signed as reviewed.
    pub fn reviewed(&self, order: EntityId, report: Report) -> OrderCommand {
        let mut signature = self.signature(JD, Meaning::Reviewed);
        signature.list = Signature::list_hash(order, &[report.hash()], &signature.covers);
        OrderCommand::External {
            order,
            report,
            signature,
        }
    }

    pub fn signature(&self, who: &str, meaning: Meaning) -> Signature {
        Signature {
            signer: who.into(),
            name: self.world.technician(who).unwrap_or_default().name,
            at: self.world.now,
            meaning,
            list: Hash([9; 32]),
            covers: Vec::new(),
            public: [who.as_bytes()[0]; 32],
            bytes: vec![0; 64],
        }
    }
}

impl From<DeviceCommand> for Command {
    fn from(command: DeviceCommand) -> Self {
        Self::Device(command)
    }
}

impl From<OrderCommand> for Command {
    fn from(command: OrderCommand) -> Self {
        Self::Order(command)
    }
}

pub fn add(fields: &[(Field, &str)], stage: Stage, origin: Origin) -> DeviceCommand {
    DeviceCommand::Add {
        fields: fields
            .iter()
            .map(|(field, text)| (*field, value(*field, text)))
            .collect(),
        stage,
        origin,
    }
}

pub fn opening(kind: OrderKind, device: Option<EntityId>) -> Opening {
    Opening {
        kind,
        device,
        priority: Priority::Normal,
        problem: "as reported".into(),
        requester: String::new(),
        department: String::new(),
        due: None,
        window: None,
        activity: String::new(),
        procedure: String::new(),
        planned_minutes: None,
        interval_months: Some(12),
        cause: Cause::Request,
    }
}

pub fn check_in(harm: Harm) -> CheckIn {
    CheckIn {
        harm,
        clean: Known::Unknown,
        accessories: String::new(),
        shelf: String::new(),
    }
}

pub fn close(order: EntityId, found: &str, done: &str) -> OrderCommand {
    OrderCommand::Close {
        order,
        found: found.into(),
        done: done.into(),
        cause: FailureCause::Unknown,
        action: None,
        outcome: None,
        performed: None,
        minutes: None,
    }
}

pub fn stage(device: EntityId, to: Stage) -> DeviceCommand {
    DeviceCommand::SetStage {
        device,
        to,
        reason: "as planned".into(),
    }
}

pub fn place(device: EntityId, at: Whereabouts) -> DeviceCommand {
    DeviceCommand::Place {
        device,
        at,
        note: String::new(),
    }
}

pub fn sent_out() -> Whereabouts {
    Whereabouts::SentOut {
        vendor: "Acme Service".into(),
        rma: "RMA-1".into(),
        carrier: "courier".into(),
        ephi_cleared: Some(true),
        decontaminated: None,
        expected: Some(day("2026-04-01")),
    }
}

pub fn missing() -> Whereabouts {
    Whereabouts::Missing {
        searched: "ICU".into(),
    }
}
