//! Questions and answers: owned values that pass the codec, so that they can cross a socket unchanged.
//!
//! Invariant: a list answer is a window (offset, limit of at most [`MAX_WINDOW`]) with the total and the revision of the
//! store it was read at; notices carry ids, never rows.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::depots::SyncMark;
use crate::domain::command::Command;
use crate::domain::device::{Device, DeviceCard, Outcome};
use crate::domain::event::Aggregate;
use crate::domain::id::{CommandId, EntityId, Hash};
use crate::domain::inspection::{Inspection, InspectionStatus};
use crate::domain::measure::Reading;
use crate::domain::merge::Conflict;
use crate::domain::model::ModelFacts;
use crate::domain::order::{Order, OrderKind, Priority, Rank, Status};
use crate::domain::procedure::{Procedure, StepId};
use crate::domain::stored_procedure::StoredProcedure;
use crate::domain::technician::Technician;
use crate::domain::time::Moment;
use crate::domain::tool::{Tool, ToolStatus};
use crate::domain::witness::Statement;
use crate::identify::Scan;

/// The longest window of a list answer.
pub const MAX_WINDOW: usize = 500;

/// A command with its id and who asks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The id; a repeat of it gets the first answer.
    pub id: CommandId,
    /// The technician's key.
    pub actor: String,
    /// What.
    pub command: Command,
}

/// Something that an entry made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Made {
    /// What.
    pub what: Aggregate,
    /// Its tag, number or name.
    pub name: String,
}

/// The durable answer to a command.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The entry's sequence at this site; 0 when there was nothing to record.
    pub seq: u64,
    /// True if this command had been answered before.
    pub repeated: bool,
    /// What the entry made.
    pub made: Vec<Made>,
    /// Everything the entry changed.
    pub changed: Vec<Aggregate>,
    /// What happened, a line per event.
    pub lines: Vec<String>,
}

impl Receipt {
    /// The first thing of this kind that the entry made.
    pub fn made(&self, kind: crate::domain::event::Kind) -> Option<&Made> {
        self.made.iter().find(|made| made.what.kind == kind)
    }
}

/// Which orders to list.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OrderFilter {
    /// Assigned to this technician.
    pub assignee: Option<String>,
    /// Assigned to nobody.
    pub unassigned: bool,
    /// Past the last day in time.
    pub overdue: bool,
    /// Due today or before.
    pub today: bool,
    /// Of this kind.
    pub kind: Option<OrderKind>,
    /// Of this department (folded comparison).
    pub department: Option<String>,
    /// Words that must occur in number, tag, device, problem or activity.
    pub text: String,
    /// On this device; closed ones too.
    pub device: Option<EntityId>,
}

/// A question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Query {
    /// The shop and its store.
    Shop,
    /// Devices by typed text, best first.
    Find {
        /// The text.
        text: String,
        /// How many.
        limit: usize,
    },
    /// The devices that this exact tag, serial or alias names.
    Named(String),
    /// One device with all that belongs to it.
    Device(EntityId),
    /// What happened to an aggregate, newest first.
    History {
        /// Of what.
        of: Aggregate,
        /// From here.
        offset: usize,
        /// So many.
        limit: usize,
    },
    /// Work orders in queue order.
    Orders {
        /// Which.
        filter: OrderFilter,
        /// From here.
        offset: usize,
        /// So many.
        limit: usize,
    },
    /// The order with this number.
    OrderNumbered(String),
    /// One order.
    Order(EntityId),
    /// One inspection.
    Inspection(EntityId),
    /// Inspections being worked on, by this technician or all.
    OpenInspections(Option<String>),
    /// Procedure versions.
    Procedures,
    /// One procedure version.
    Procedure(Hash),
    /// The procedures that fit a device and activity, best first.
    ProceduresFor {
        /// The device.
        device: EntityId,
        /// The activity; any when empty.
        activity: String,
    },
    /// All test equipment.
    Tools,
    /// The test equipment with this name.
    ToolNamed(String),
    /// This shop's technicians.
    Technicians,
    /// Everybody whose records are here, of whatever shop.
    People,
    /// Read a scanned or typed label.
    Scan {
        /// The text.
        text: String,
        /// The day that decides the century of two-digit years; the shop's when not given.
        today: Option<NaiveDate>,
    },
    /// Check a signed record.
    CheckRecord(EntityId),
    /// Check an order that a company's report closed.
    CheckOrder(EntityId),
    /// The second person whose proof a command needs, and what they agree to.
    SecondPerson(Box<Command>),
    /// What a technician lacks of the credentials that a procedure version asks for today.
    LacksCredentials {
        /// The technician's key.
        technician: String,
        /// The version.
        procedure: Hash,
    },
    /// Now, in the shop's zone.
    Now,
    /// Warnings to be read before work on a device.
    Warnings {
        /// The device.
        device: EntityId,
        /// The order about to be worked on.
        order: Option<EntityId>,
    },
    /// The other devices of the same make and model.
    Siblings(EntityId),
    /// What shops disagree about, the newest first.
    Conflicts {
        /// From here.
        offset: usize,
        /// So many.
        limit: usize,
    },
}

/// Facts of the shop.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShopFacts {
    /// Name.
    pub name: String,
    /// Work order prefix.
    pub prefix: String,
    /// IANA zone.
    pub zone: String,
    /// This site.
    pub site: String,
    /// A demonstration store.
    pub demo: bool,
    /// The store's folder.
    pub dir: String,
    /// Devices on record.
    pub devices: usize,
    /// Entries in the journal.
    pub entries: u64,
    /// Events of newer versions, kept and not understood.
    pub newer: usize,
    /// How many things shops disagree about.
    pub conflicts: usize,
    /// Why it takes no writes, if so.
    pub read_only: Option<String>,
    /// How it stands with the depots; `None` if there is none.
    pub sync: Option<SyncMark>,
    /// The shop's date.
    pub today: NaiveDate,
    /// Now.
    pub now: Moment,
}

/// One device found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FoundDevice {
    /// The device.
    pub card: DeviceCard,
    /// Why it was found, in a few words.
    pub why: String,
    /// Matched characters by field: field key and ranges of character positions.
    pub matched: Vec<(String, Vec<(usize, usize)>)>,
}

/// Devices found.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FoundDevices {
    /// The best ones.
    pub devices: Vec<FoundDevice>,
    /// How many match in all.
    pub total: usize,
    /// Nothing matches: these are only near.
    pub nearest: bool,
}

/// One order in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderRow {
    /// The order.
    pub id: EntityId,
    /// Its number.
    pub number: String,
    /// Kind.
    pub kind: OrderKind,
    /// Status.
    pub status: Status,
    /// Priority.
    pub priority: Priority,
    /// Activity, or the problem when there is none.
    pub what: String,
    /// The device.
    pub device: Option<DeviceCard>,
    /// Department.
    pub department: String,
    /// Due date.
    pub due: Option<NaiveDate>,
    /// Who has it.
    pub assignee: Option<String>,
    /// Place in the queue, with why.
    pub rank: Rank,
    /// Past the last day in time.
    pub overdue: bool,
    /// The inspection being worked on, if any: id and holder.
    pub inspection: Option<(EntityId, String)>,
    /// How many tries failed to get it done.
    pub attempts: usize,
}

/// A window of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Window<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// From here.
    pub offset: usize,
    /// Of so many.
    pub total: usize,
    /// Entries in the store when it was read.
    pub revision: u64,
}

/// One inspection in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InspectionRow {
    /// The inspection.
    pub id: EntityId,
    /// Device.
    pub device: Option<DeviceCard>,
    /// Order number.
    pub order: String,
    /// Activity.
    pub activity: String,
    /// Procedure title.
    pub procedure: String,
    /// Who has it.
    pub holder: String,
    /// How far.
    pub status: InspectionStatus,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The day of the work.
    pub performed: NaiveDate,
    /// Effective answers so far.
    pub answers: usize,
    /// Count-downs still running: step and the moment they end.
    pub timers: Vec<(StepId, Moment)>,
    /// When something was last recorded in it, in microseconds since 1970 UTC.
    pub touched: i64,
}

/// One conflict in the inbox.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConflictRow {
    /// Its short name, the same in every shop.
    pub id: String,
    /// The record.
    pub about: Aggregate,
    /// The record's tag, number or name.
    pub name: String,
    /// What the record is, in a few words.
    pub what: String,
    /// The device it concerns, if one.
    pub device: Option<EntityId>,
    /// The conflict.
    pub conflict: Conflict,
    /// The shop of each side, in the same order.
    pub sites: Vec<String>,
}

/// A device with all that belongs to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceSheet {
    /// The device.
    pub id: EntityId,
    /// Its record.
    pub device: Device,
    /// Open orders in queue order.
    pub open_orders: Vec<OrderRow>,
    /// Closed orders, newest first, at most 50.
    pub closed_orders: Vec<OrderRow>,
    /// Inspections, newest first, at most 50.
    pub inspections: Vec<InspectionRow>,
    /// What must be read before work on it.
    pub warnings: Vec<String>,
    /// The published record of its device identifier.
    pub model: Option<ModelFacts>,
    /// Modules of it.
    pub modules: Vec<DeviceCard>,
    /// The record it was combined into.
    pub stands_for: Option<DeviceCard>,
    /// Printed names by technician key.
    pub names: Vec<(String, String)>,
}

/// An order with all that belongs to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderSheet {
    /// The order.
    pub id: EntityId,
    /// Its state.
    pub order: Order,
    /// Its row.
    pub row: OrderRow,
    /// Its inspections.
    pub inspections: Vec<InspectionRow>,
    /// Linked orders: number, relation and status.
    pub links: Vec<(String, String, Status)>,
    /// Tools by name.
    pub tools: Vec<String>,
    /// Printed names by technician key.
    pub names: Vec<(String, String)>,
    /// How it came to be, with the numbers and titles that people know.
    pub came_from: String,
}

/// An earlier reading at the same step on the same device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Previous {
    /// The step.
    pub step: StepId,
    /// The set point.
    pub point: Option<u16>,
    /// What was read.
    pub reading: Reading,
    /// The day.
    pub on: NaiveDate,
}

/// An inspection with all that belongs to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InspectionSheet {
    /// The inspection.
    pub id: EntityId,
    /// Its state.
    pub inspection: Inspection,
    /// The expanded document it is judged by.
    pub document: Arc<Procedure>,
    /// The version it was made from, with who adopted it.
    pub procedure: StoredProcedure,
    /// The device's card.
    pub device: DeviceCard,
    /// The order's number.
    pub order: String,
    /// Numbers of the repair orders opened from it, by step.
    pub repairs: Vec<(StepId, String)>,
    /// Earlier readings, newest first within a step.
    pub previous: Vec<Previous>,
    /// The last signed inspection of the same activity, for what may be confirmed again.
    pub last: Option<Box<Inspection>>,
    /// Printed names by technician key.
    pub names: Vec<(String, String)>,
    /// Tags of the devices that it was moved away from, in the order of the moves; empty where none is known.
    pub moved: Vec<String>,
    /// Other inspections of the same order: both kept, both history.
    pub others: Vec<InspectionRow>,
    /// Now, for count-downs.
    pub now: Moment,
}

/// A procedure version in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProcedureRow {
    /// The version.
    pub hash: Hash,
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// Activity.
    pub activity: String,
    /// Version label.
    pub version: String,
    /// Device types it is for.
    pub device_types: Vec<String>,
    /// Who adopted it, and against what.
    pub adopted: Option<(String, String)>,
    /// Used no longer.
    pub withdrawn: bool,
    /// Holds limits that nobody has verified.
    pub unverified: bool,
    /// Number of steps.
    pub steps: usize,
    /// Where it came from.
    pub source: String,
}

/// Test equipment in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ToolRow {
    /// The tool.
    pub id: EntityId,
    /// Its state.
    pub tool: Tool,
    /// What is known of it today.
    pub status: ToolStatus,
}

/// One line of a history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HistoryLine {
    /// When.
    pub at: Moment,
    /// Who.
    pub by: String,
    /// What, in words.
    pub what: String,
    /// Entry: site (short) and sequence.
    pub entry: String,
}

/// What a scan or typed label is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ScanAnswer {
    /// What was read.
    pub scan: Scan,
    /// The devices it may be; one when it is certain.
    pub devices: Vec<DeviceCard>,
    /// The published record of the device identifier, to register the device with.
    pub model: Option<ModelFacts>,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// To [`Query::Shop`].
    Shop(Box<ShopFacts>),
    /// To [`Query::Find`].
    Found(FoundDevices),
    /// To [`Query::Named`].
    Cards(Vec<DeviceCard>),
    /// To [`Query::Device`].
    Device(Box<DeviceSheet>),
    /// To [`Query::History`].
    History(Window<HistoryLine>),
    /// To [`Query::Orders`].
    Orders(Window<OrderRow>),
    /// To [`Query::Order`] and [`Query::OrderNumbered`].
    Order(Box<OrderSheet>),
    /// To [`Query::Inspection`].
    Inspection(Box<InspectionSheet>),
    /// To [`Query::OpenInspections`].
    Inspections(Vec<InspectionRow>),
    /// To [`Query::Procedures`] and [`Query::ProceduresFor`].
    Procedures(Vec<ProcedureRow>),
    /// To [`Query::Procedure`].
    Procedure(Box<StoredProcedure>),
    /// To [`Query::Tools`].
    Tools(Vec<ToolRow>),
    /// To [`Query::ToolNamed`].
    Tool(Box<ToolRow>),
    /// To [`Query::Technicians`] and [`Query::People`].
    Technicians(Vec<Technician>),
    /// To [`Query::Scan`].
    Scan(Box<ScanAnswer>),
    /// To [`Query::CheckRecord`] and [`Query::CheckOrder`].
    Checked(Box<super::check::RecordCheck>),
    /// To [`Query::SecondPerson`].
    Statement(Option<Box<Statement>>),
    /// To [`Query::LacksCredentials`].
    Lacks(Option<String>),
    /// To [`Query::Now`].
    Now(Moment),
    /// To [`Query::Warnings`].
    Warnings(Vec<String>),
    /// To [`Query::Conflicts`].
    Conflicts(Window<ConflictRow>),
}

/// What watchers hear: what changed, never the rows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Change {
    /// Everything one entry changed; empty when it is too much to list.
    pub changed: Vec<Aggregate>,
    /// Entries in the store since.
    pub revision: u64,
}
