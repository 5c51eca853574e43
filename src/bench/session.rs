//! One technician at a bench: who asks, what is in hand, and typed questions over a [`Link`].
//!
//! Invariants: the passphrase opens the signing key once per session; each later signature takes a short PIN and a
//! deliberate key; neither the key nor the secrets are kept here.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;

use super::check::RecordCheck;
use super::failure::Failure;
use super::link::{Call, KeyAct, KeyState, Link, Reply, Secret, Step};
use super::query::{
    Answer, Change, ConflictRow, DeviceSheet, FoundDevices, HistoryLine, InspectionRow,
    InspectionSheet, OrderFilter, OrderRow, OrderSheet, ProcedureRow, Query, Receipt, Request,
    ScanAnswer, ShopFacts, ToolRow, Window,
};
use super::seat::{Peer, Seat, Tasks};
use super::service::{Bench, new_command_id};
use super::sign::{ReviewRequest, SignRequest};
use crate::domain::command::Command;
use crate::domain::device::DeviceCard;
use crate::domain::event::Aggregate;
use crate::domain::id::{EntityId, Hash};
use crate::domain::stored_procedure::StoredProcedure;
use crate::domain::technician::Technician;
use crate::domain::time::Moment;
use crate::domain::witness::Statement;

/// A technician's session at a bench.
pub struct Session {
    pub(super) link: Arc<dyn Link>,
    pub(super) actor: String,
    key: KeyState,
    /// The breaks counted when that was true.
    key_at: u64,
    in_hand: Mutex<BTreeMap<String, EntityId>>,
}

/// Nobody listens to how far a short call is.
pub(super) fn unheard(_: Step) {}

macro_rules! typed {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) -> $out:ty = $query:expr => $variant:ident;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(&self $(, $arg: $type)*) -> Result<$out, Failure> {
                match self.ask($query)? {
                    Answer::$variant(answer) => Ok(answer.into()),
                    _ => Err(unexpected()),
                }
            }
        )*
    };
}

/// An answer of another sort than the question has: two versions that do not fit together.
pub(super) fn unexpected() -> Failure {
    Failure::Store {
        words: "the answer is not of the sort that was asked for. Nothing was changed; close tagout and open it again"
            .to_owned(),
        read_only: false,
        refused: false,
    }
}

impl Session {
    /// A session of this technician at a bench in this process.
    pub fn new(bench: Arc<Bench>, actor: &str) -> Self {
        let seat = Seat::new(bench, Tasks::default(), Peer::inside());
        Self::over(Arc::new(seat), actor)
    }

    /// A session of this technician over a link.
    pub fn over(link: Arc<dyn Link>, actor: &str) -> Self {
        Self {
            link,
            actor: actor.to_owned(),
            key: KeyState::default(),
            key_at: 0,
            in_hand: Mutex::default(),
        }
    }

    /// Another session over the same link, with nothing in hand.
    pub fn beside(&self) -> Self {
        Self::over(Arc::clone(&self.link), &self.actor)
    }

    /// The technician's key.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    fn ask(&self, query: Query) -> Result<Answer, Failure> {
        match self.link.call(Call::Ask(query), &mut unheard)? {
            Reply::Answer(answer) => Ok(answer),
            _ => Err(unexpected()),
        }
    }

    /// How often the bench was lost and found again.
    pub fn breaks(&self) -> u64 {
        self.link.breaks()
    }

    /// Why nothing can be asked just now, in words: the host was lost and is still being looked for.
    pub fn away(&self) -> Option<String> {
        self.link.away()
    }

    /// Says what the session does now, for whoever asks the host who is there.
    pub fn doing(&self, words: &str) {
        self.link.doing(words);
    }

    /// Hears of every change from now on.
    pub fn watch(&self) -> Receiver<Change> {
        self.link.watch()
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
        self.receipt(Call::Tell(Request {
            id: new_command_id()?,
            actor: self.actor.clone(),
            command,
        }))
    }

    fn receipt(&self, call: Call) -> Result<Receipt, Failure> {
        match self.link.call(call, &mut unheard)? {
            Reply::Receipt(receipt) => Ok(receipt),
            _ => Err(unexpected()),
        }
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
        /// Everybody whose records are here, of whatever shop; two may have one key.
        people() -> Vec<Technician> = Query::People => Technicians;
        /// The other devices of the same make and model.
        siblings(device: EntityId) -> Vec<DeviceCard> = Query::Siblings(device) => Cards;
        /// What shops disagree about, the newest first.
        conflicts(offset: usize, limit: usize) -> Window<ConflictRow> = Query::Conflicts { offset, limit } => Conflicts;
        /// What must be read before work on a device.
        warnings(device: EntityId, order: Option<EntityId>) -> Vec<String> = Query::Warnings { device, order } => Warnings;
    }

    /// The shop.
    pub fn shop(&self) -> Result<ShopFacts, Failure> {
        match self.ask(Query::Shop)? {
            Answer::Shop(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// One device with all that belongs to it.
    pub fn device(&self, id: EntityId) -> Result<DeviceSheet, Failure> {
        match self.ask(Query::Device(id))? {
            Answer::Device(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// One order with all that belongs to it.
    pub fn order(&self, id: EntityId) -> Result<OrderSheet, Failure> {
        match self.ask(Query::Order(id))? {
            Answer::Order(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// The order with this number.
    pub fn order_numbered(&self, number: &str) -> Result<OrderSheet, Failure> {
        match self.ask(Query::OrderNumbered(number.to_owned()))? {
            Answer::Order(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// One inspection with all that belongs to it.
    pub fn inspection(&self, id: EntityId) -> Result<InspectionSheet, Failure> {
        match self.ask(Query::Inspection(id))? {
            Answer::Inspection(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// One procedure version.
    pub fn procedure(&self, hash: Hash) -> Result<StoredProcedure, Failure> {
        match self.ask(Query::Procedure(hash))? {
            Answer::Procedure(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// The test equipment with this name.
    pub fn tool_named(&self, name: &str) -> Result<ToolRow, Failure> {
        match self.ask(Query::ToolNamed(name.to_owned()))? {
            Answer::Tool(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// Reads a label, on a day of one's choice instead of the shop's.
    pub fn scan_on(&self, text: &str, today: Option<NaiveDate>) -> Result<ScanAnswer, Failure> {
        let text = text.to_owned();
        match self.ask(Query::Scan { text, today })? {
            Answer::Scan(answer) => Ok(*answer),
            _ => Err(unexpected()),
        }
    }

    /// Reads a label.
    pub fn scan(&self, text: &str) -> Result<ScanAnswer, Failure> {
        self.scan_on(text, None)
    }

    /// Now, in the shop's zone.
    pub fn now(&self) -> Result<Moment, Failure> {
        match self.ask(Query::Now)? {
            Answer::Now(now) => Ok(now),
            _ => Err(unexpected()),
        }
    }

    /// Checks an order that a company's report closed: its signatures and the entries they cover.
    pub fn check_order(&self, order: EntityId) -> Result<RecordCheck, Failure> {
        match self.ask(Query::CheckOrder(order))? {
            Answer::Checked(check) => Ok(*check),
            _ => Err(unexpected()),
        }
    }

    /// Checks a record: its signatures, the entries they cover, and that none is missing.
    pub fn check_record(&self, inspection: EntityId) -> Result<RecordCheck, Failure> {
        match self.ask(Query::CheckRecord(inspection))? {
            Answer::Checked(check) => Ok(*check),
            _ => Err(unexpected()),
        }
    }

    fn key_of(&self, technician: &str, act: KeyAct) -> Result<KeyState, Failure> {
        let call = Call::Key {
            technician: technician.to_owned(),
            act,
        };
        match self.link.call(call, &mut unheard)? {
            Reply::Key(state) => Ok(state),
            _ => Err(unexpected()),
        }
    }

    fn key(&mut self, act: KeyAct) -> Result<(), Failure> {
        let done = self.key_of(&self.actor, act);
        self.key_at = self.link.breaks();
        // After a refusal too: some wrong PINs close the key.
        self.key = match &done {
            Ok(state) => *state,
            Err(_) => self.key_of(&self.actor, KeyAct::Look)?,
        };
        done.map(drop)
    }

    /// True if the technician has a signing key here.
    pub fn has_key(&self) -> Result<bool, Failure> {
        self.has_key_of(&self.actor)
    }

    /// True if this technician has a signing key here.
    pub fn has_key_of(&self, technician: &str) -> Result<bool, Failure> {
        Ok(self.key_of(technician, KeyAct::Look)?.exists)
    }

    /// True if who is here may record as the session's technician: by their Unix account, or by a passphrase given here.
    pub fn may_act(&self) -> Result<bool, Failure> {
        Ok(self.key_of(&self.actor, KeyAct::Look)?.may_act)
    }

    /// Goes on as this technician, whose passphrase says that it is them. Slow on purpose.
    pub fn sign_in(&mut self, technician: &str, passphrase: &str) -> Result<(), Failure> {
        let act = KeyAct::SignIn(Secret(passphrase.to_owned()));
        self.key = self.key_of(technician, act)?;
        self.key_at = self.link.breaks();
        technician.clone_into(&mut self.actor);
        Ok(())
    }

    /// Checks that a passphrase opens a technician's key; it stays closed. Slow on purpose.
    pub fn prove(&self, technician: &str, passphrase: &str) -> Result<(), Failure> {
        let act = KeyAct::Prove(Secret(passphrase.to_owned()));
        self.key_of(technician, act).map(drop)
    }

    /// True once the passphrase opened the signing key in this session.
    pub fn is_unlocked(&self) -> bool {
        self.key.open && self.key_at == self.link.breaks()
    }

    /// True once a PIN was chosen for later signatures.
    pub fn has_pin(&self) -> bool {
        self.key.pin && self.is_unlocked()
    }

    /// Makes and enrols a signing key for a technician. Slow on purpose.
    pub fn enrol_key(&self, technician: &str, passphrase: &str) -> Result<(), Failure> {
        let act = KeyAct::Enrol(Secret(passphrase.to_owned()));
        self.key_of(technician, act).map(drop)
    }

    /// Makes and enrols a signing key in the place of the one in force, which the old passphrase must open. Slow on purpose.
    pub fn replace_key(&self, technician: &str, old: &str, new: &str) -> Result<(), Failure> {
        let act = KeyAct::Replace {
            old: Secret(old.to_owned()),
            new: Secret(new.to_owned()),
        };
        self.key_of(technician, act).map(drop)
    }

    /// Opens the signing key with the passphrase. Slow on purpose.
    pub fn unlock(&mut self, passphrase: &str) -> Result<(), Failure> {
        self.key(KeyAct::Unlock(Secret(passphrase.to_owned())))
    }

    /// Chooses the PIN for later signatures in this session.
    pub fn set_pin(&mut self, pin: &str) -> Result<(), Failure> {
        self.key(KeyAct::SetPin(Secret(pin.to_owned())))
    }

    /// Checks the PIN before a later signature. After some wrong ones the passphrase is asked again.
    pub fn check_pin(&mut self, pin: &str) -> Result<(), Failure> {
        self.key(KeyAct::CheckPin(Secret(pin.to_owned())))
    }

    /// Forgets the opened key.
    pub fn lock(&mut self) {
        let _ = self.key(KeyAct::Lock);
        self.key.open = false;
        self.key.pin = false;
    }

    /// Enters a company's report, signed as reviewed with the opened key.
    pub fn review(&self, request: &ReviewRequest) -> Result<Receipt, Failure> {
        self.receipt(Call::Review {
            id: new_command_id()?,
            actor: self.actor.clone(),
            request: request.clone(),
        })
    }

    /// The second person whose proof a command needs, with what they agree to; `None` for all that one person does alone.
    pub fn second_person(&self, command: &Command) -> Result<Option<Statement>, Failure> {
        match self.ask(Query::SecondPerson(Box::new(command.clone())))? {
            Answer::Statement(statement) => Ok(statement.map(|statement| *statement)),
            _ => Err(unexpected()),
        }
    }

    /// Does what the technician asks, with the proof of the second person that the command names: their passphrase opens
    /// their key for this one act. Slow on purpose.
    pub fn tell_with(&self, command: &Command, passphrase: &str) -> Result<Receipt, Failure> {
        self.receipt(Call::TellWith {
            request: Request {
                id: new_command_id()?,
                actor: self.actor.clone(),
                command: command.clone(),
            },
            second: Secret(passphrase.to_owned()),
        })
    }

    /// What the technician lacks of the credentials that a procedure version asks for today, in one sentence.
    pub fn lacks_credentials(&self, procedure: Hash) -> Result<Option<String>, Failure> {
        let technician = self.actor.clone();
        match self.ask(Query::LacksCredentials {
            technician,
            procedure,
        })? {
            Answer::Lacks(what) => Ok(what),
            _ => Err(unexpected()),
        }
    }

    /// Signs an inspection with the opened key. Passphrase or PIN are asked by the face before.
    pub fn sign(&self, request: &SignRequest) -> Result<Receipt, Failure> {
        self.receipt(Call::Sign {
            id: new_command_id()?,
            actor: self.actor.clone(),
            request: request.clone(),
        })
    }
}
