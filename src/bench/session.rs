//! One technician at a bench: who asks, what was unlocked, and typed questions.
//!
//! Invariants: the passphrase opens the signing key once per session; each later signature takes a short PIN and a
//! deliberate key; nothing of either is kept on disk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::command::Command;
use crate::domain::event::Aggregate;
use crate::domain::id::{EntityId, Hash};
use crate::domain::stored_procedure::StoredProcedure;
use crate::domain::technician::Technician;
use crate::domain::witness::Statement;
use crate::journal::SiteKey;

use super::failure::Failure;
use super::keys::KeyError;
use super::query::{
    Answer, DeviceSheet, FoundDevices, HistoryLine, InspectionRow, InspectionSheet, OrderFilter,
    OrderRow, OrderSheet, ProcedureRow, Query, Receipt, Request, ScanAnswer, ShopFacts, ToolRow,
    Window,
};
use super::service::{Bench, new_command_id};
use super::sign::{ReviewRequest, SignRequest};
use crate::domain::device::DeviceCard;

/// The shortest PIN for later signatures in a session, in characters.
pub const SHORTEST_PIN: usize = 4;
/// Wrong PINs after which the passphrase is asked again.
pub const PIN_TRIES: u32 = 3;

struct Unlocked {
    key: SiteKey,
    pin: Option<[u8; 32]>,
    wrong: u32,
}

/// A technician's session at a bench.
pub struct Session {
    bench: Arc<Bench>,
    actor: String,
    unlocked: Option<Unlocked>,
    in_hand: Mutex<BTreeMap<String, EntityId>>,
}

macro_rules! typed {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) -> $out:ty = $query:expr => $variant:ident;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(&self $(, $arg: $type)*) -> Result<$out, Failure> {
                match self.bench.ask(&$query)? {
                    Answer::$variant(answer) => Ok(answer.into()),
                    _ => Err(unexpected()),
                }
            }
        )*
    };
}

/// An answer of another sort than the question has: two versions that do not fit together.
fn unexpected() -> Failure {
    Failure::Store {
        words: "the answer is not of the sort that was asked for. Nothing was changed; close tagout and open it again"
            .to_owned(),
        read_only: false,
        refused: false,
    }
}

impl Session {
    /// A session of this technician.
    pub fn new(bench: Arc<Bench>, actor: &str) -> Self {
        Self {
            bench,
            actor: actor.to_owned(),
            unlocked: None,
            in_hand: Mutex::default(),
        }
    }

    /// The bench.
    pub fn bench(&self) -> &Arc<Bench> {
        &self.bench
    }

    /// The technician's key.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Remembers the test equipment that was chosen for a kind, until the session ends.
    pub fn take_in_hand(&self, kind: &str, tool: EntityId) {
        let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        in_hand.insert(kind.to_owned(), tool);
    }

    /// The test equipment chosen in this session: kind and tool, the latest of each kind.
    pub fn tools_in_hand(&self) -> Vec<(String, EntityId)> {
        let in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        in_hand.iter().map(|(k, t)| (k.clone(), *t)).collect()
    }

    /// Does what the technician asks, under a fresh command id.
    pub fn tell(&self, command: Command) -> Result<Receipt, Failure> {
        self.bench.tell(Request {
            id: new_command_id()?,
            actor: self.actor.clone(),
            command,
        })
    }

    typed! {
        /// Devices by typed text, best first.
        find(text: &str, limit: usize) -> FoundDevices = Query::Find { text: text.to_owned(), limit } => Found;
        /// The devices that an exact tag, serial or alias names.
        named(name: &str) -> Vec<DeviceCard> = Query::Named(name.to_owned()) => Cards;
        /// What happened to an aggregate, newest first.
        history(of: Aggregate, offset: usize, limit: usize) -> Window<HistoryLine> = Query::History { of, offset, limit } => History;
        /// Work orders in queue order.
        orders(filter: OrderFilter, offset: usize, limit: usize) -> Window<OrderRow> = Query::Orders { filter, offset, limit } => Orders;
        /// Inspections being worked on.
        open_inspections(holder: Option<String>) -> Vec<InspectionRow> = Query::OpenInspections(holder) => Inspections;
        /// Procedure versions.
        procedures() -> Vec<ProcedureRow> = Query::Procedures => Procedures;
        /// The procedures that fit a device and an activity, best first.
        procedures_for(device: EntityId, activity: &str) -> Vec<ProcedureRow> = Query::ProceduresFor { device, activity: activity.to_owned() } => Procedures;
        /// Test equipment.
        tools() -> Vec<ToolRow> = Query::Tools => Tools;
        /// Technicians.
        technicians() -> Vec<Technician> = Query::Technicians => Technicians;
        /// The other devices of the same make and model.
        siblings(device: EntityId) -> Vec<DeviceCard> = Query::Siblings(device) => Cards;
        /// What must be read before work on a device.
        warnings(device: EntityId, order: Option<EntityId>) -> Vec<String> = Query::Warnings { device, order } => Warnings;
    }

    /// The shop.
    pub fn shop(&self) -> Result<ShopFacts, Failure> {
        match self.bench.ask(&Query::Shop)? {
            Answer::Shop(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// One device with all that belongs to it.
    pub fn device(&self, id: EntityId) -> Result<DeviceSheet, Failure> {
        match self.bench.ask(&Query::Device(id))? {
            Answer::Device(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// One order with all that belongs to it.
    pub fn order(&self, id: EntityId) -> Result<OrderSheet, Failure> {
        match self.bench.ask(&Query::Order(id))? {
            Answer::Order(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// The order with this number.
    pub fn order_numbered(&self, number: &str) -> Result<OrderSheet, Failure> {
        match self.bench.ask(&Query::OrderNumbered(number.to_owned()))? {
            Answer::Order(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// One inspection with all that belongs to it.
    pub fn inspection(&self, id: EntityId) -> Result<InspectionSheet, Failure> {
        match self.bench.ask(&Query::Inspection(id))? {
            Answer::Inspection(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// One procedure version.
    pub fn procedure(&self, hash: Hash) -> Result<StoredProcedure, Failure> {
        match self.bench.ask(&Query::Procedure(hash))? {
            Answer::Procedure(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// The test equipment with this name.
    pub fn tool_named(&self, name: &str) -> Result<ToolRow, Failure> {
        match self.bench.ask(&Query::ToolNamed(name.to_owned()))? {
            Answer::Tool(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// Reads a label.
    pub fn scan(&self, text: &str) -> Result<ScanAnswer, Failure> {
        match self.bench.ask(&Query::Scan(text.to_owned()))? {
            Answer::Scan(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// True once the passphrase opened the signing key in this session.
    pub fn is_unlocked(&self) -> bool {
        self.unlocked.is_some()
    }

    /// True once a PIN was chosen for later signatures.
    pub fn has_pin(&self) -> bool {
        self.unlocked
            .as_ref()
            .is_some_and(|unlocked| unlocked.pin.is_some())
    }

    /// Opens the signing key with the passphrase. Slow on purpose.
    pub fn unlock(&mut self, passphrase: &str) -> Result<(), Failure> {
        let key = self.bench.keys().unlock(&self.actor, passphrase)?;
        self.unlocked = Some(Unlocked {
            key,
            pin: None,
            wrong: 0,
        });
        Ok(())
    }

    /// Chooses the PIN for later signatures in this session.
    pub fn set_pin(&mut self, pin: &str) -> Result<(), Failure> {
        if pin.chars().count() < SHORTEST_PIN {
            return Err(Failure::Key(format!(
                "the PIN is too short: use at least {SHORTEST_PIN} characters"
            )));
        }
        match &mut self.unlocked {
            Some(unlocked) => {
                unlocked.pin = Some(*blake3::hash(pin.as_bytes()).as_bytes());
                Ok(())
            }
            None => Err(Failure::Key(
                "open your signing key with the passphrase first".to_owned(),
            )),
        }
    }

    /// Checks the PIN before a later signature. After some wrong ones the passphrase is asked again.
    pub fn check_pin(&mut self, pin: &str) -> Result<(), Failure> {
        let Some(unlocked) = &mut self.unlocked else {
            return Err(Failure::Key(
                "open your signing key with the passphrase first".to_owned(),
            ));
        };
        if unlocked.pin == Some(*blake3::hash(pin.as_bytes()).as_bytes()) {
            unlocked.wrong = 0;
            return Ok(());
        }
        unlocked.wrong += 1;
        if unlocked.wrong >= PIN_TRIES {
            self.unlocked = None;
            return Err(Failure::Key(
                "the PIN is wrong; the passphrase is needed again. Nothing was signed".to_owned(),
            ));
        }
        Err(Failure::Key(
            "the PIN is wrong. Nothing was signed; try again".to_owned(),
        ))
    }

    /// Forgets the opened key.
    pub fn lock(&mut self) {
        self.unlocked = None;
    }

    /// Enters a company's report, signed as reviewed with the opened key.
    pub fn review(&self, request: &ReviewRequest) -> Result<Receipt, Failure> {
        let unlocked = self.opened()?;
        self.bench
            .review(new_command_id()?, &self.actor, &unlocked.key, request)
    }

    /// The second person whose proof a command needs, with what they agree to; `None` for all that one person does alone.
    pub fn second_person(&self, command: &Command) -> Result<Option<Statement>, Failure> {
        self.bench.statement(command)
    }

    /// Does what the technician asks, with the proof of the second person that the command names: their passphrase opens
    /// their key for this one act. Slow on purpose.
    pub fn tell_with(&self, command: &Command, passphrase: &str) -> Result<Receipt, Failure> {
        let Some(statement) = self.bench.statement(command)? else {
            return self.tell(command.clone());
        };
        let key = self.bench.keys().unlock(&statement.who, passphrase)?;
        self.bench
            .tell_witnessed(new_command_id()?, &self.actor, command, &key)
    }

    /// What the technician lacks of the credentials that a procedure version asks for today, in one sentence.
    pub fn lacks_credentials(&self, procedure: Hash) -> Result<Option<String>, Failure> {
        self.bench.lacks_credentials(&self.actor, procedure)
    }

    fn opened(&self) -> Result<&Unlocked, Failure> {
        self.unlocked
            .as_ref()
            .ok_or_else(|| Failure::from(KeyError::Missing(self.actor.clone())))
    }

    /// Signs an inspection with the opened key. Passphrase or PIN are asked by the face before.
    pub fn sign(&self, request: &SignRequest) -> Result<Receipt, Failure> {
        let unlocked = self.opened()?;
        self.bench
            .sign(new_command_id()?, &self.actor, &unlocked.key, request)
    }
}
