//! A session's place at the bench, on the bench's side: who may act here, and which keys were opened.
//!
//! Invariants: an opened key lives here and nowhere else, and is gone with the link; a call is answered from what is
//! durable; what a call may do does not depend on what its sender says of itself, but on the account that the kernel
//! names.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::failure::Failure;
use super::link::{Call, KeyAct, KeyState, Link, PIECE, Reply, Secret, Step};
use super::query::{Change, Receipt, Request};
use super::service::Bench;
use crate::domain::id::CommandId;
use crate::domain::refusal::Refusal;
use crate::journal::SiteKey;

/// The shortest PIN for later signatures in a session, in characters.
pub const SHORTEST_PIN: usize = 4;
/// Wrong PINs after which the passphrase is asked again.
pub const PIN_TRIES: u32 = 3;

/// The most that a task may be given, in bytes.
const MOST_GIVEN: usize = 512 << 20;

/// For whom a task is done.
pub struct Errand<'a> {
    /// The command's id.
    pub id: CommandId,
    /// The technician.
    pub actor: &'a str,
    /// The number of the account.
    pub uid: u32,
}

/// Work that needs the whole state at once.
pub type Task = dyn Fn(&Bench, &Errand<'_>, &[u8], &mut dyn FnMut(Step)) -> Result<Vec<u8>, Failure>
    + Send
    + Sync;

/// The tasks that a program knows, by name.
#[derive(Clone, Default)]
pub struct Tasks(BTreeMap<&'static str, Arc<Task>>);

impl Tasks {
    /// The same with one more.
    #[must_use]
    pub fn with(mut self, name: &'static str, task: Arc<Task>) -> Self {
        self.0.insert(name, task);
        self
    }
}

/// An opened key and the PIN for it.
struct Opened {
    key: SiteKey,
    pin: Option<[u8; 32]>,
    wrong: u32,
}

/// A session's place at the bench.
pub struct Seat {
    bench: Arc<Bench>,
    tasks: Tasks,
    uid: u32,
    opened: Mutex<BTreeMap<String, Opened>>,
    given: Mutex<Vec<u8>>,
    made: Mutex<Vec<u8>>,
}

impl Seat {
    /// A place for the account with this number.
    pub fn new(bench: Arc<Bench>, tasks: Tasks, uid: u32) -> Self {
        Self {
            bench,
            tasks,
            uid,
            opened: Mutex::default(),
            given: Mutex::default(),
            made: Mutex::default(),
        }
    }

    fn opened(&self) -> MutexGuard<'_, BTreeMap<String, Opened>> {
        lock(&self.opened)
    }

    /// Takes a piece of what a task will work on; says how much there is now.
    fn take(&self, piece: &[u8]) -> Result<u64, Failure> {
        let mut given = lock(&self.given);
        if piece.len() > PIECE || given.len() + piece.len() > MOST_GIVEN {
            *given = Vec::new();
            return Err(Refusal::bad_input(
                format!(
                    "more than {} MiB at once are not taken. Nothing was recorded.",
                    MOST_GIVEN >> 20
                ),
                "Give it in several parts.",
            )
            .into());
        }
        given.extend_from_slice(piece);
        Ok(given.len() as u64)
    }

    fn task(
        &self,
        name: &str,
        errand: &Errand<'_>,
        length: u64,
        hear: &mut dyn FnMut(Step),
    ) -> Result<u64, Failure> {
        let given = std::mem::take(&mut *lock(&self.given));
        if given.len() as u64 != length {
            return Err(Failure::Store {
                words: "only a part of what was sent arrived. Nothing was recorded; try again"
                    .to_owned(),
                read_only: false,
                refused: false,
            });
        }
        let task = self.tasks.0.get(name).cloned();
        let task = task.ok_or_else(|| unknown_task(name))?;
        let made = task(&self.bench, errand, &given, hear)?;
        let length = made.len() as u64;
        *lock(&self.made) = made;
        Ok(length)
    }

    /// A piece of what the last task gave; it is forgotten with its last byte.
    fn fetch(&self, offset: u64) -> Vec<u8> {
        let mut made = lock(&self.made);
        let from = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(made.len());
        let to = from.saturating_add(PIECE).min(made.len());
        let piece = made[from..to].to_vec();
        if to == made.len() {
            *made = Vec::new();
        }
        piece
    }

    /// Does a command with the proof of the second person that it names.
    fn tell_with(&self, request: Request, second: &Secret) -> Result<Receipt, Failure> {
        let Some(statement) = self.bench.statement(&request.command)? else {
            return self.bench.tell_from(request, self.uid);
        };
        let key = self.bench.keys().unlock(&statement.who, &second.0)?;
        let Request { id, actor, command } = request;
        self.bench
            .tell_witnessed(id, &actor, self.uid, &command, &key)
    }

    fn key(&self, technician: &str, act: KeyAct) -> Result<KeyState, Failure> {
        match act {
            KeyAct::Look => {}
            KeyAct::Enrol(passphrase) => {
                self.bench
                    .enrol_key(technician, &passphrase.0, None, self.uid)?;
            }
            KeyAct::Replace { old, new } => {
                self.bench
                    .replace_key(technician, &old.0, &new.0, self.uid)?;
            }
            KeyAct::Prove(passphrase) => {
                self.bench.keys().unlock(technician, &passphrase.0)?;
            }
            KeyAct::Unlock(passphrase) => {
                let key = self.bench.keys().unlock(technician, &passphrase.0)?;
                let fresh = Opened {
                    key,
                    pin: None,
                    wrong: 0,
                };
                self.opened().insert(technician.to_owned(), fresh);
            }
            KeyAct::SetPin(pin) => self.set_pin(technician, &pin.0)?,
            KeyAct::CheckPin(pin) => self.check_pin(technician, &pin.0)?,
            KeyAct::Lock => {
                self.opened().remove(technician);
            }
        }
        let exists = self.bench.keys().has(technician);
        let opened = self.opened();
        let opened = opened.get(technician);
        Ok(KeyState {
            exists,
            open: opened.is_some(),
            pin: opened.is_some_and(|opened| opened.pin.is_some()),
        })
    }

    fn set_pin(&self, technician: &str, pin: &str) -> Result<(), Failure> {
        if pin.chars().count() < SHORTEST_PIN {
            return Err(Failure::Key(format!(
                "the PIN is too short: use at least {SHORTEST_PIN} characters"
            )));
        }
        match self.opened().get_mut(technician) {
            Some(opened) => {
                opened.pin = Some(hash(pin));
                Ok(())
            }
            None => Err(not_open()),
        }
    }

    /// Checks the PIN before a later signature. After some wrong ones the passphrase is asked again.
    fn check_pin(&self, technician: &str, pin: &str) -> Result<(), Failure> {
        let mut all = self.opened();
        let opened = all.get_mut(technician).ok_or_else(not_open)?;
        if opened.pin == Some(hash(pin)) {
            opened.wrong = 0;
            return Ok(());
        }
        opened.wrong += 1;
        if opened.wrong < PIN_TRIES {
            return Err(Failure::Key(
                "the PIN is wrong. Nothing was signed; try again".to_owned(),
            ));
        }
        all.remove(technician);
        Err(Failure::Key(
            "the PIN is wrong; the passphrase is needed again. Nothing was signed".to_owned(),
        ))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hash(pin: &str) -> [u8; 32] {
    *blake3::hash(pin.as_bytes()).as_bytes()
}

fn opened_of<'a>(opened: &'a BTreeMap<String, Opened>, actor: &str) -> Result<&'a Opened, Failure> {
    opened.get(actor).ok_or_else(not_open)
}

fn not_open() -> Failure {
    Failure::Key("open your signing key with the passphrase first. Nothing was signed".to_owned())
}

impl Link for Seat {
    fn call(&self, call: Call, hear: &mut dyn FnMut(Step)) -> Result<Reply, Failure> {
        Ok(match call {
            Call::Tell(request) => Reply::Receipt(self.bench.tell_from(request, self.uid)?),
            Call::Ask(query) => Reply::Answer(self.bench.ask(&query)?),
            Call::Key { technician, act } => Reply::Key(self.key(&technician, act)?),
            Call::Sign { id, actor, request } => {
                if let Some(first) = self.bench.answered(id)? {
                    // Asked again after a break: the key is closed by now, and not needed.
                    return Ok(Reply::Receipt(first));
                }
                let opened = self.opened();
                let key = &opened_of(&opened, &actor)?.key;
                Reply::Receipt(self.bench.sign(id, &actor, self.uid, key, &request)?)
            }
            Call::Review { id, actor, request } => {
                if let Some(first) = self.bench.answered(id)? {
                    return Ok(Reply::Receipt(first));
                }
                let opened = self.opened();
                let key = &opened_of(&opened, &actor)?.key;
                Reply::Receipt(self.bench.review(id, &actor, self.uid, key, &request)?)
            }
            Call::TellWith { request, second } => Reply::Receipt(self.tell_with(request, &second)?),
            Call::Verify => Reply::Verified(self.bench.verify()?),
            Call::Digest => Reply::Text(self.bench.digest()?),
            Call::Rebuild => Reply::Count(self.bench.rebuild(&mut |step| {
                hear(Step {
                    doing: step.doing.to_owned(),
                    done: step.done,
                    total: step.total,
                });
            })?),
            Call::Piece(piece) => Reply::Count(self.take(&piece)?),
            Call::Task {
                id,
                name,
                actor,
                length,
            } => {
                let errand = Errand {
                    id,
                    actor: &actor,
                    uid: self.uid,
                };
                Reply::Count(self.task(&name, &errand, length, hear)?)
            }
            Call::Fetch(offset) => Reply::Bytes(self.fetch(offset)),
            Call::BackupPlan => Reply::Files(self.bench.backup_plan()?),
            Call::BackupPiece { name, offset } => {
                Reply::Bytes(self.bench.backup_piece(&name, offset)?)
            }
        })
    }

    fn watch(&self) -> Receiver<Change> {
        self.bench.watch()
    }
}

fn unknown_task(name: &str) -> Failure {
    Failure::Store {
        words: format!(
            "the program that has the store open does not know how to do \"{name}\"; it is of another version. Nothing \
             was changed; stop it with `tagout host stop` and try again"
        ),
        read_only: false,
        refused: true,
    }
}
