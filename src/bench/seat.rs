//! A session's place at the bench, on the bench's side: who may act here, and which keys were opened.
//!
//! Invariants: an opened key lives here and nowhere else, and is gone with the link; a call is answered from what is
//! durable; what a call may do does not depend on what its sender says of itself, but on the account that the kernel
//! names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::failure::Failure;
use super::link::{Call, KeyAct, KeyState, Link, PIECE, Reply, Secret, Step};
use super::query::{Change, Receipt, Request};
use super::service::{Bench, own_uid, technician_key};
use super::sync::{DepotCall, Desk, SyncCall, SyncReply};
use crate::domain::id::CommandId;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::journal::SiteKey;

/// The shortest PIN for later signatures in a session, in characters.
pub const SHORTEST_PIN: usize = 4;
/// Wrong PINs after which the passphrase is asked again.
pub const PIN_TRIES: u32 = 3;

/// The most that the tasks of all seats may be given at one time, in bytes.
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

/// Who is at a seat, as the kernel says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peer {
    /// The number of the Unix account.
    pub uid: u32,
    /// Its name.
    pub account: String,
    /// They have the store open in a process of their own: its files are theirs, and so is the choice of a name.
    pub inside: bool,
}

impl Peer {
    /// Whoever runs this process.
    pub fn inside() -> Self {
        Self {
            uid: own_uid(),
            account: String::new(),
            inside: true,
        }
    }
}

/// What all seats of this process hold for tasks to come, in bytes.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// What a task will work on. All seats together hold no more than [`MOST_GIVEN`].
#[derive(Default)]
struct Given(Vec<u8>);

impl Given {
    /// Takes a piece, if there is room for it.
    fn take(&mut self, piece: &[u8]) -> bool {
        let held = HELD.fetch_add(piece.len(), Ordering::SeqCst);
        if held + piece.len() > MOST_GIVEN {
            HELD.fetch_sub(piece.len(), Ordering::SeqCst);
            return false;
        }
        self.0.extend_from_slice(piece);
        true
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        HELD.fetch_sub(self.0.len(), Ordering::SeqCst);
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
    peer: Peer,
    /// Technicians whose passphrase was given on this link.
    proven: Mutex<BTreeSet<String>>,
    opened: Mutex<BTreeMap<String, Opened>>,
    given: Mutex<Given>,
    made: Mutex<Vec<u8>>,
    desk: Mutex<Desk>,
}

impl Seat {
    /// A place for whoever the kernel says is there.
    pub fn new(bench: Arc<Bench>, tasks: Tasks, peer: Peer) -> Self {
        Self {
            bench,
            tasks,
            peer,
            proven: Mutex::default(),
            opened: Mutex::default(),
            given: Mutex::default(),
            made: Mutex::default(),
            desk: Mutex::default(),
        }
    }

    fn opened(&self) -> MutexGuard<'_, BTreeMap<String, Opened>> {
        lock(&self.opened)
    }

    /// Whether who is on this link may record as this technician.
    fn may_act(&self, technician: &str) -> Result<bool, Failure> {
        if self.peer.inside || self.bench.is_demo() || lock(&self.proven).contains(technician) {
            return Ok(true);
        }
        let own = technician_key(&self.peer.account) == technician;
        match self.bench.technician(technician)? {
            Some(known) if known.accounts.is_empty() => Ok(own),
            Some(known) => {
                Ok(known.accounts.contains(&self.peer.account) && self.linked()?.len() == 1)
            }
            // Somebody new adds themselves where the store is theirs; elsewhere a colleague adds them.
            None => Ok(own && self.is_owner()),
        }
    }

    /// The technicians whom this account is linked to. More than one share it: each says by passphrase who is at work.
    fn linked(&self) -> Result<Vec<String>, Failure> {
        let all = self.bench.technicians()?;
        Ok(all
            .into_iter()
            .filter(|t| t.left.is_none() && t.accounts.contains(&self.peer.account))
            .map(|t| t.key)
            .collect())
    }

    /// They are the account that the host runs as, or may be any account.
    fn is_owner(&self) -> bool {
        self.peer.inside || self.peer.uid == own_uid() || self.peer.uid == 0
    }

    /// Refuses what a technician asks who is not known to be on this link.
    fn acting(&self, technician: &str) -> Result<(), Failure> {
        if self.may_act(technician)? {
            return Ok(());
        }
        let account = &self.peer.account;
        let known = self.bench.technician(technician)?;
        let linked = known
            .as_ref()
            .is_some_and(|known| known.accounts.contains(account));
        let (what, hint) = match known {
            Some(known) if linked => (
                format!(
                    "Several technicians share the account {account}, and nobody gave the passphrase of {}.",
                    known.name
                ),
                if known.current_key().is_some() {
                    "Give that passphrase. Nothing was recorded.".to_owned()
                } else {
                    format!("Make a signing key first: tagout tech key {technician}. Nothing was recorded.")
                },
            ),
            None => (
                format!("The account {account} is no technician's, and \"{technician}\" is not on record."),
                "Ask a technician of this shop to add you (tagout tech add) and to link your account (tagout tech link). \
                 Nothing was recorded."
                    .to_owned(),
            ),
            Some(known) => (
                format!(
                    "The account {account} is not linked to {}, and nobody gave the passphrase of {technician}.",
                    known.name
                ),
                if known.current_key().is_some() {
                    format!(
                        "Give that passphrase, or link the account: tagout tech link {technician} {account}. Nothing was \
                         recorded."
                    )
                } else {
                    format!(
                        "Link the account: tagout tech link {technician} {account}; or make a signing key: tagout tech \
                         key {technician}. Nothing was recorded."
                    )
                },
            ),
        };
        Err(Refusal::new(RefusalKind::NotAllowed, what, hint).into())
    }

    /// Refuses a technician's first signing key from an account that is not linked to them: whoever makes it has their
    /// name from then on.
    fn making_first_key(&self, technician: &str) -> Result<(), Failure> {
        if self.is_owner()
            || self.may_act(technician)?
            || self.linked()?.iter().any(|key| key == technician)
        {
            return Ok(());
        }
        let account = &self.peer.account;
        Err(Refusal::new(
            RefusalKind::NotAllowed,
            format!("The account {account} is not linked to \"{technician}\", whose first signing key this would be."),
            format!(
                "Ask a technician of this shop: tagout tech link {technician} {account}. Nothing was changed."
            ),
        )
        .into())
    }

    /// Refuses what only the account that the store belongs to may do.
    fn owning(&self, what: &str) -> Result<(), Failure> {
        if self.is_owner() {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalKind::NotAllowed,
            format!("Only the account that this store belongs to may {what}."),
            "Ask whoever looks after this shop terminal. Nothing was changed.",
        )
        .into())
    }

    /// Notes that a technician's own key was opened here. One that was revoked, lost perhaps, says nothing.
    fn prove(&self, technician: &str, key: &SiteKey) -> Result<(), Failure> {
        let known = self.bench.technician(technician)?;
        let in_force = known.is_some_and(|known| {
            known.left.is_none()
                && known
                    .current_key()
                    .is_some_and(|own| own.public == key.public())
        });
        if in_force {
            lock(&self.proven).insert(technician.to_owned());
        }
        Ok(())
    }

    /// The first answer of a command that was done before; else whether its technician may act.
    fn first(&self, id: CommandId, actor: &str) -> Result<Option<Receipt>, Failure> {
        match self.acting(actor) {
            Ok(()) => Ok(None),
            // Asked again after a break: who proved themselves then need not do it for an answer that is there.
            Err(refused) => match self.bench.answered(id)? {
                Some(first) => Ok(Some(first)),
                None => Err(refused),
            },
        }
    }

    /// Takes a piece of what a task will work on; says how much there is now.
    fn take(&self, piece: &[u8]) -> Result<u64, Failure> {
        let mut given = lock(&self.given);
        if piece.len() > PIECE || !given.take(piece) {
            *given = Given::default();
            return Err(Refusal::bad_input(
                format!(
                    "more than {} MiB at once are not taken. Nothing was recorded.",
                    MOST_GIVEN >> 20
                ),
                "Give it in several parts.",
            )
            .into());
        }
        Ok(given.0.len() as u64)
    }

    fn task(
        &self,
        name: &str,
        errand: &Errand<'_>,
        length: u64,
        hear: &mut dyn FnMut(Step),
    ) -> Result<u64, Failure> {
        let given = std::mem::take(&mut *lock(&self.given));
        if given.0.len() as u64 != length {
            return Err(Failure::Store {
                words: "only a part of what was sent arrived. Nothing was recorded; try again"
                    .to_owned(),
                read_only: false,
                refused: false,
            });
        }
        let task = self.tasks.0.get(name).cloned();
        let task = task.ok_or_else(|| unknown_task(name))?;
        let made = task(&self.bench, errand, &given.0, hear)?;
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

    fn desk(&self) -> MutexGuard<'_, Desk> {
        lock(&self.desk)
    }

    /// Exchanges work by depots.
    fn depot(&self, call: DepotCall, hear: &mut dyn FnMut(Step)) -> Result<SyncReply, Failure> {
        Ok(match call {
            DepotCall::List => SyncReply::Depots(self.bench.depot_sheets()?),
            DepotCall::Add(depot) => {
                // The process that has the store open writes there with its own rights.
                self.owning("say where it is synced")?;
                SyncReply::Words(self.bench.add_depot(&depot)?)
            }
            DepotCall::Remove { name } => {
                self.owning("say where it is synced")?;
                self.bench.remove_depot(&name)?;
                SyncReply::Done
            }
            DepotCall::Sync { actor, name } => {
                self.acting(&actor)?;
                let by = (actor, self.peer.uid);
                SyncReply::Synced(Box::new(self.bench.sync_depot(&name, by, hear)?))
            }
            DepotCall::Start { actor, name } => {
                self.acting(&actor)?;
                self.bench.start_sync(&name, (actor, self.peer.uid))?;
                SyncReply::Done
            }
        })
    }

    /// Exchanges work with other shops.
    fn sync(&self, call: SyncCall, hear: &mut dyn FnMut(Step)) -> Result<SyncReply, Failure> {
        Ok(match call {
            // May take long, and needs nothing of the desk.
            SyncCall::Depot(call) => return self.depot(call, hear),
            SyncCall::Give { piece, ends } => {
                self.bench
                    .give_bundle(&mut self.desk(), &piece, ends, hear)?;
                SyncReply::Done
            }
            SyncCall::Forget => {
                *self.desk() = Desk::default();
                SyncReply::Done
            }
            SyncCall::Preview => {
                SyncReply::Arrived(Box::new(self.bench.preview_bundles(&mut self.desk())?))
            }
            SyncCall::Import { actor } => {
                self.acting(&actor)?;
                let uid = self.peer.uid;
                let arrived = self
                    .bench
                    .import_bundles(&mut self.desk(), &actor, uid, hear)?;
                SyncReply::Arrived(Box::new(arrived))
            }
            SyncCall::Export(ask) => {
                SyncReply::Made(self.bench.export_bundles(&mut self.desk(), &ask, hear)?)
            }
            SyncCall::Made { part, offset } => {
                SyncReply::Bytes(self.bench.made_piece(&self.desk(), part, offset)?)
            }
            SyncCall::Sites => SyncReply::Sites(self.bench.sites()?),
            SyncCall::Site { actor, site, act } => {
                self.acting(&actor)?;
                let uid = self.peer.uid;
                match self.bench.say_of_site(&actor, uid, site, &act, hear)? {
                    Some(arrived) => SyncReply::Arrived(Box::new(arrived)),
                    None => SyncReply::Done,
                }
            }
        })
    }

    /// Does a command with the proof of the second person that it names.
    fn tell_with(&self, request: Request, second: &Secret) -> Result<Receipt, Failure> {
        let Some(statement) = self.bench.statement(&request.command)? else {
            return self.bench.tell_from(request, self.peer.uid);
        };
        let key = self.bench.keys().unlock(&statement.who, &second.0)?;
        let Request { id, actor, command } = request;
        self.bench
            .tell_witnessed(id, &actor, self.peer.uid, &command, &key)
    }

    fn key(&self, technician: &str, act: KeyAct) -> Result<KeyState, Failure> {
        match act {
            KeyAct::Look => {}
            KeyAct::Enrol(passphrase) => {
                self.making_first_key(technician)?;
                self.bench
                    .enrol_key(technician, &passphrase.0, None, self.peer.uid)?;
            }
            KeyAct::Replace { old, new } => {
                let known = self.bench.technician(technician)?;
                if known.is_none_or(|known| known.current_key().is_none()) {
                    self.making_first_key(technician)?;
                }
                self.bench
                    .replace_key(technician, &old.0, &new.0, self.peer.uid)?;
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
                self.prove(technician, &fresh.key)?;
                self.opened().insert(technician.to_owned(), fresh);
            }
            KeyAct::SignIn(passphrase) => {
                let key = self.bench.keys().unlock(technician, &passphrase.0)?;
                self.prove(technician, &key)?;
                self.acting(technician)?;
            }
            KeyAct::SetPin(pin) => self.set_pin(technician, &pin.0)?,
            KeyAct::CheckPin(pin) => self.check_pin(technician, &pin.0)?,
            KeyAct::Lock => {
                self.opened().remove(technician);
            }
        }
        let exists = self.bench.keys().has(technician);
        let may_act = self.may_act(technician)?;
        let opened = self.opened();
        let opened = opened.get(technician);
        Ok(KeyState {
            exists,
            open: opened.is_some(),
            pin: opened.is_some_and(|opened| opened.pin.is_some()),
            may_act,
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
            Call::Tell(request) => match self.first(request.id, &request.actor)? {
                Some(first) => Reply::Receipt(first),
                None => Reply::Receipt(self.bench.tell_from(request, self.peer.uid)?),
            },
            Call::Ask(query) => Reply::Answer(self.bench.ask(&query)?),
            Call::Key { technician, act } => Reply::Key(self.key(&technician, act)?),
            Call::Sign { id, actor, request } => {
                if let Some(first) = self.bench.answered(id)? {
                    // Asked again after a break: the key is closed by now, and not needed.
                    return Ok(Reply::Receipt(first));
                }
                self.acting(&actor)?;
                let opened = self.opened();
                let key = &opened_of(&opened, &actor)?.key;
                Reply::Receipt(self.bench.sign(id, &actor, self.peer.uid, key, &request)?)
            }
            Call::Review { id, actor, request } => {
                if let Some(first) = self.bench.answered(id)? {
                    return Ok(Reply::Receipt(first));
                }
                self.acting(&actor)?;
                let opened = self.opened();
                let key = &opened_of(&opened, &actor)?.key;
                Reply::Receipt(
                    self.bench
                        .review(id, &actor, self.peer.uid, key, &request)?,
                )
            }
            Call::TellWith { request, second } => match self.first(request.id, &request.actor)? {
                Some(first) => Reply::Receipt(first),
                None => Reply::Receipt(self.tell_with(request, &second)?),
            },
            Call::Verify => Reply::Verified(self.bench.verify()?),
            Call::Digest => Reply::Text(self.bench.digest()?),
            Call::Rebuild => {
                self.owning("build its working copy anew")?;
                Reply::Count(self.bench.rebuild(&mut |step| {
                    hear(Step {
                        doing: step.doing.to_owned(),
                        done: step.done,
                        total: step.total,
                    });
                })?)
            }
            Call::Piece(piece) => Reply::Count(self.take(&piece)?),
            Call::Task {
                id,
                name,
                actor,
                length,
            } => {
                self.acting(&actor)?;
                let errand = Errand {
                    id,
                    actor: &actor,
                    uid: self.peer.uid,
                };
                Reply::Count(self.task(&name, &errand, length, hear)?)
            }
            Call::Fetch(offset) => Reply::Bytes(self.fetch(offset)),
            Call::BackupPlan => {
                self.owning("copy its files")?;
                Reply::Files(self.bench.backup_plan()?)
            }
            Call::BackupPiece { name, offset } => {
                self.owning("copy its files")?;
                Reply::Bytes(self.bench.backup_piece(&name, offset)?)
            }
            Call::BackupMade(note) => {
                self.owning("copy its files")?;
                self.bench.note_backup(&note)?;
                Reply::Count(0)
            }
            Call::Look => Reply::Look(self.bench.look()?),
            Call::Sync(call) => Reply::Sync(self.sync(call, hear)?),
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
