//! A desk for key scripts: an in-process bench with a clock that stands, the real keymap, and a small driver that
//! carries out effects and paints between keys as the app does.

mod driver;

use std::sync::Arc;

use chrono::NaiveDate;

use crate::bench::clock::Clock;
use crate::bench::{Bench, BenchOptions, NewStore, Session, Tuning};
use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, Field, Origin, Stage, Value};
use crate::domain::event::Kind;
use crate::domain::id::{EntityId, Hash};
use crate::domain::inspection::InspectionCommand;
use crate::domain::order::{Cause, Opening, OrderCommand, OrderKind, Priority};
use crate::domain::technician::TechnicianEvent;
use crate::domain::tool::ToolCommand;
use crate::tui::view::Look;

pub use driver::Desk;

/// 2026-11-23 09:00 UTC.
pub const START: i64 = 1_795_424_400_000_000;

pub const LOOK: Look = Look {
    mono: false,
    ascii: false,
    plain: false,
};

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The passphrase of the second technician.
pub const SECOND: &str = "battery staple second";

/// A shop with two technicians, tools, two procedures and a few devices.
pub struct Shop {
    pub session: Session,
    pub bench: Arc<Bench>,
    pub clock: Clock,
    pub every_kind: Hash,
    pub short: Hash,
    /// Removed with the shop.
    _dir: tempfile::TempDir,
}

impl Shop {
    pub fn open() -> Self {
        Self::open_as([7; 32], "Test shop", "T")
    }

    /// A shop of another name, with another key.
    pub fn open_as(seed: [u8; 32], shop: &str, prefix: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::set(START);
        let options = BenchOptions {
            dir: dir.path().join("store"),
            state_dir: dir.path().join("state"),
            user: "jd".to_owned(),
            new: Some(NewStore {
                seed: Some(seed),
                shop: shop.to_owned(),
                prefix: prefix.to_owned(),
                zone: "UTC".to_owned(),
                demo: true,
            }),
            clock: clock.clone(),
            progress: None,
            tuning: Tuning::small(),
        };
        let (bench, _) = Bench::open(options).unwrap();
        let bench = Arc::new(bench);
        let session = Session::new(Arc::clone(&bench), "jd");
        for (key, name, initials) in [("jd", "Jo Doe", "JD"), ("mk", "Mika Klein", "MK")] {
            let event = TechnicianEvent::Named {
                key: key.to_owned(),
                name: name.to_owned(),
                initials: initials.to_owned(),
            };
            let key = key.to_owned();
            session.tell(Command::Technician { key, event }).unwrap();
        }
        let import = |text: &str| {
            let procedure = crate::interop::procedure::read(text).unwrap();
            let hash = procedure.hash().0;
            let procedure = Box::new(procedure);
            let source = "test".to_owned();
            session
                .tell(Command::ImportProcedure { procedure, source })
                .unwrap();
            hash
        };
        let every_kind = import(include_str!("every-kind.toml"));
        let short = import(include_str!("short.toml"));
        for (name, on, due) in [
            ("ESA1", "2026-03-01", "2027-03-01"),
            ("ESA2", "2025-03-01", "2026-03-01"),
        ] {
            let made = session
                .tell(Command::Tool(ToolCommand::Add {
                    name: name.to_owned(),
                    kind: "safety analyser".to_owned(),
                    model: "Acme SA-9".to_owned(),
                    serial: format!("{name}-77"),
                }))
                .unwrap();
            session
                .tell(Command::Tool(ToolCommand::Calibrate {
                    tool: made.made(Kind::Tool).unwrap().what.id,
                    on: day(on),
                    due: day(due),
                    certificate: "C1".to_owned(),
                }))
                .unwrap();
        }
        let shop = Self {
            session,
            bench,
            clock,
            every_kind,
            short,
            _dir: dir,
        };
        shop.adopt(every_kind);
        shop
    }

    /// Somebody stands for a procedure version.
    pub fn adopt(&self, hash: Hash) {
        self.session
            .tell(Command::AdoptProcedure {
                hash,
                by: "Ada Engineer".to_owned(),
                against: "Service manual, Rev. C".to_owned(),
                note: String::new(),
            })
            .unwrap();
    }

    /// The second technician makes a signing key, if there is none.
    pub fn second_key(&self) {
        if !self.session.has_key_of("mk").unwrap() {
            self.session.enrol_key("mk", SECOND).unwrap();
        }
    }

    /// The technician makes a signing key and opens it.
    pub fn unlock(&mut self) {
        self.session.enrol_key("jd", "a long secret").unwrap();
        self.session.unlock("a long secret").unwrap();
    }

    /// A device in service; its type decides which procedure fits.
    pub fn device(&self, tag: &str, type_code: &str) -> EntityId {
        let text = |text: &str| Value::Text(text.to_owned());
        let made = self
            .session
            .tell(Command::Device(DeviceCommand::Add {
                fields: vec![
                    (Field::AssetTag, text(tag)),
                    (Field::Serial, text(&format!("SN-{tag}"))),
                    (Field::Manufacturer, text("Acme")),
                    (Field::Model, text("Flow 9")),
                    (Field::TypeCode, text(type_code)),
                    (Field::Department, text("ICU 3")),
                ],
                stage: Stage::InService,
                origin: Origin::TakenOver,
            }))
            .unwrap();
        made.made(Kind::Device).unwrap().what.id
    }

    /// An open PM order.
    pub fn pm(&self, device: EntityId) -> EntityId {
        self.order(device, OrderKind::Pm, "annual PM", "")
    }

    pub fn order(
        &self,
        device: EntityId,
        kind: OrderKind,
        activity: &str,
        problem: &str,
    ) -> EntityId {
        let made = self
            .session
            .tell(Command::Order(OrderCommand::Open {
                opening: Opening {
                    kind,
                    device: Some(device),
                    priority: Priority::Normal,
                    problem: problem.to_owned(),
                    requester: "ward".to_owned(),
                    department: "ICU 3".to_owned(),
                    due: Some(day("2026-11-30")),
                    window: None,
                    activity: activity.to_owned(),
                    procedure: String::new(),
                    planned_minutes: None,
                    interval_months: Some(12),
                    cause: Cause::Request,
                },
                check_in: None,
            }))
            .unwrap();
        made.made(Kind::Order).unwrap().what.id
    }

    /// A fresh inspection with the every-kind procedure.
    pub fn inspection(&self, tag: &str) -> EntityId {
        let device = self.device(tag, "FRN");
        let order = self.pm(device);
        self.start(device, order, self.every_kind)
    }

    pub fn start(&self, device: EntityId, order: EntityId, procedure: Hash) -> EntityId {
        let acknowledged = self.session.warnings(device, Some(order)).unwrap();
        let made = self
            .session
            .tell(Command::Inspection(InspectionCommand::Start {
                device,
                order: Some(order),
                procedure,
                performed: None,
                acknowledged,
                tools: Vec::new(),
            }))
            .unwrap();
        made.made(Kind::Inspection).unwrap().what.id
    }

    /// Lets time go by.
    pub fn wait(&self, seconds: i64) {
        self.clock
            .move_to(self.clock.micros() + seconds * 1_000_000);
    }
}
