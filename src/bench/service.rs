//! Opening a bench, and telling it what to do.
//!
//! Invariants: reading, deciding and appending happen under one write guard, so no decision is made on a stale state; an
//! entry is durable before its receipt is given; a repeated command id gets the first receipt.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use chrono_tz::Tz;

use crate::domain::command::{Command, decide, shop_id};
use crate::domain::context::{Context, World as _};
use crate::domain::event::{Addressed, Aggregate, Event, Kind};
use crate::domain::id::{CommandId, EntityId};
use crate::domain::refusal::Refusal;
use crate::domain::technician::{Technician, TechnicianEvent};
use crate::journal::wire::events;
use crate::journal::{Entry, codec};
use crate::lookup::Index;
use crate::store::{
    Committed, Direction, Draft, IfAbsent, MachineFacts, NewStore, Notice, Progress, Store,
    StoreOptions, Tuning,
};

use super::clock::Clock;
use super::depots::Depots;
use super::failure::Failure;
use super::history;
use super::keys::{KeyRing, random};
use super::projector::Views;
use super::query::{Answer, Change, Made, Query, Receipt, Request};
use super::rows;
use super::sign::genuine;
use super::together::Waiting;
use super::view::View;

/// How to open a bench.
pub struct BenchOptions {
    /// The store's folder.
    pub dir: PathBuf,
    /// A folder outside of it, for heads.
    pub state_dir: PathBuf,
    /// The Unix account, who becomes the first technician of a new store.
    pub user: String,
    /// What a new store is called; `None` refuses when there is none.
    pub new: Option<NewStore>,
    /// The clock; anything but the machine's needs a demonstration store.
    pub clock: Clock,
    /// Hears of long work.
    pub progress: Option<Progress>,
    /// Sizes and limits of the store.
    pub tuning: Tuning,
}

/// So many changed devices go into the lookup index at once.
const AT_ONCE: usize = 100;

/// The application service.
pub struct Bench {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) index: RwLock<Index>,
    /// One index is built at a time.
    filling: Mutex<()>,
    /// While one is built: the devices that change meanwhile.
    touched: Mutex<Option<Vec<EntityId>>>,
    pub(super) keys: KeyRing,
    pub(super) queue: Mutex<Option<super::ask::Queue>>,
    pub(super) waiting: Mutex<Waiting>,
    watchers: Mutex<Vec<Sender<Change>>>,
    dir: PathBuf,
    pub(super) depots: Arc<Depots>,
}

impl Bench {
    /// Opens the store, makes it if the options say so, and fills the lookup index.
    pub fn open(options: BenchOptions) -> Result<(Self, Vec<Notice>), Failure> {
        if matches!(options.clock, Clock::Set(_)) && makes_real_store(&options) {
            // Refused before a store is made that could never be opened so.
            return Err(foreign_clock().into());
        }
        if options.new.is_some() && holds_other_files(&options.dir) {
            return Err(Refusal::rule(
                format!(
                    "{} holds other files and no store. Nothing was made there.",
                    options.dir.display()
                ),
                "Name the folder of the store, or a new one for a new store, with --store DIR.",
            )
            .into());
        }
        let store_options = store_options(&options);
        let (store, notices) = Store::open(store_options)?;
        if matches!(options.clock, Clock::Set(_)) && !store.genesis().demo {
            return Err(foreign_clock().into());
        }
        let keys = KeyRing::of(&options.dir);
        let bench = Self {
            store,
            clock: options.clock,
            index: RwLock::new(Index::new()),
            filling: Mutex::new(()),
            touched: Mutex::new(None),
            keys,
            queue: Mutex::new(None),
            waiting: Mutex::default(),
            watchers: Mutex::new(Vec::new()),
            dir: options.dir,
            depots: Arc::default(),
        };
        super::sync::clear(&bench.dir);
        bench.fill_index()?;
        let created = notices
            .iter()
            .any(|notice| matches!(notice, Notice::Created { .. }));
        if created && !bench.store.genesis().demo {
            bench.add_first_technician(&options.user)?;
        }
        Ok((bench, notices))
    }

    /// The same bench with another clock from now on.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The store's folder.
    pub fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// False if somebody changed the store's files behind the back of the process that has it open.
    pub fn is_undisturbed(&self) -> bool {
        self.store.is_undisturbed()
    }

    /// Why the working copy cannot be used any more, if so: the store must be opened again, which builds it anew.
    pub fn is_down(&self) -> Option<String> {
        self.store.is_down()
    }

    /// True for a demonstration.
    pub fn is_demo(&self) -> bool {
        self.store.genesis().demo
    }

    /// One technician on record.
    pub fn technician(&self, key: &str) -> Result<Option<Technician>, Failure> {
        let view = self.view();
        let known = view.technician(key);
        view.trouble()?;
        Ok(known)
    }

    /// All technicians on record.
    pub fn technicians(&self) -> Result<Vec<Technician>, Failure> {
        match self.ask(&Query::Technicians)? {
            Answer::Technicians(all) => Ok(all),
            _ => Ok(Vec::new()),
        }
    }

    /// The store, for maintenance commands of this room.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The sealed signing keys of this store.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    fn add_first_technician(&self, user: &str) -> Result<(), Failure> {
        let key = technician_key(user);
        let event = TechnicianEvent::Named {
            key: key.clone(),
            name: user.to_owned(),
            initials: user.chars().take(2).collect::<String>().to_uppercase(),
        };
        self.tell(Request {
            id: new_command_id()?,
            actor: key.clone(),
            command: Command::Technician { key, event },
        })?;
        Ok(())
    }

    pub(super) fn fill_index(&self) -> Result<(), Failure> {
        const WINDOW: usize = 4_096;
        let _alone = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        *self.touched() = Some(Vec::new());
        // Built beside the one in use, so that nobody who types waits for it.
        let mut index = Index::new();
        let mut after: Option<Vec<u8>> = None;
        loop {
            let rows = self.store.scan(
                rows::DEVICE_CARD,
                &[],
                after.as_deref(),
                WINDOW,
                Direction::Up,
            )?;
            let Some((last, _)) = rows.last() else {
                break;
            };
            after = Some(last.clone());
            for (_, value) in &rows {
                index.upsert(codec::decode(value)?);
            }
        }
        index.settle();
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = index;
        // What was changed meanwhile is in the one that was in use until now.
        let touched = self.touched().take().unwrap_or_default();
        self.put_in_index(&touched)
    }

    fn touched(&self) -> MutexGuard<'_, Option<Vec<EntityId>>> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings devices in the lookup index up to date.
    fn put_in_index(&self, devices: &[EntityId]) -> Result<(), Failure> {
        if let Some(touched) = self.touched().as_mut() {
            touched.extend_from_slice(devices);
        }
        let view = self.view();
        for some in devices.chunks(AT_ONCE) {
            // Let go of between: a search waits for some changes at most.
            let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
            for id in some {
                match view.card(*id) {
                    Some(card) => index.upsert(card),
                    None => index.remove(*id),
                }
            }
        }
        Ok(view.trouble()?)
    }

    /// A view of what is durable now.
    pub(super) fn view(&self) -> View<'_> {
        View::new(&self.store, self.store.own_sites())
    }

    /// The shop's zone.
    pub fn zone(&self) -> Tz {
        let view = self.view();
        zone_of(&view, &self.store)
    }

    /// Does what a person asks, once: the entry is durable when this returns.
    pub fn tell(&self, request: Request) -> Result<Receipt, Failure> {
        // In one process or over a socket: the same bytes.
        let request: Request = codec::decode(&codec::encode(&request)?)?;
        self.tell_from(request, own_uid())
    }

    /// As [`Bench::tell`], for the account with this number.
    pub fn tell_from(&self, request: Request, uid: u32) -> Result<Receipt, Failure> {
        self.tell_together(request, uid)
    }

    /// As [`Bench::tell`], with a command that is made under the write guard (signatures need the entries as they are).
    pub(super) fn tell_made(
        &self,
        id: CommandId,
        actor: &str,
        uid: u32,
        make: &mut dyn FnMut(&View<'_>, &Context) -> Result<Command, Failure>,
    ) -> Result<Receipt, Failure> {
        let sites = self.store.own_sites();
        let mut writer = self.store.write();
        if let Some(first) = writer.answered(id)? {
            drop(writer);
            return self.receipt_of(&first);
        }
        let seq = writer.next_dot(0).seq;
        let cell = RefCell::new(writer);
        let (decided, context) = {
            let view = View::new(&cell, sites);
            let context = self.context(&view, actor, seq, None);
            let decided = make(&view, &context).and_then(|command| {
                genuine(&command)?;
                Ok(decide(&view, &context, &command)?)
            });
            view.trouble()?;
            (decided?, context)
        };
        let mut writer = cell.into_inner();
        if decided.is_empty() {
            return Ok(Receipt {
                seq: 0,
                repeated: false,
                made: Vec::new(),
                changed: Vec::new(),
                lines: Vec::new(),
            });
        }
        let uid = self.recorded_uid(uid);
        let draft = draft(id, actor, uid, &context, &decided)?;
        let committed = writer.append(draft)?;
        drop(writer);
        let receipt = receipt(&committed, &decided, &|key| self.printed(key));
        self.after(&receipt.changed)?;
        Ok(receipt)
    }

    /// The receipt of a command that was done earlier.
    pub fn answered(&self, id: CommandId) -> Result<Option<Receipt>, Failure> {
        let first = self.store.write().answered(id)?;
        first.map(|first| self.receipt_of(&first)).transpose()
    }

    /// The account to write down: a demonstration is the same for every account.
    pub(super) fn recorded_uid(&self, uid: u32) -> u32 {
        if self.store.genesis().demo { 0 } else { uid }
    }

    /// What deciders may know beside the state.
    pub(super) fn context(
        &self,
        view: &View<'_>,
        actor: &str,
        seq: u64,
        micros: Option<i64>,
    ) -> Context {
        let zone = zone_of(view, &self.store);
        let now = super::clock::moment(micros.unwrap_or_else(|| self.clock.micros()), zone);
        let prefix = view
            .shop_state(shop_id(self.store.site()))
            .and_then(|shop| shop.prefix.clone())
            .unwrap_or_else(|| self.store.genesis().prefix.clone());
        Context {
            site: self.store.site(),
            seq,
            now,
            today: now.date(),
            actor: actor.to_owned(),
            next_order: view.counter(&prefix).saturating_add(1),
            next_temporary: view.counter(&format!("TMP-{prefix}")).saturating_add(1),
            witness: None,
            prefix,
        }
    }

    /// Brings the lookup index up to date and tells the watchers.
    pub(super) fn after(&self, changed: &[Aggregate]) -> Result<(), Failure> {
        let devices: Vec<EntityId> = changed
            .iter()
            .filter(|what| what.kind == Kind::Device)
            .map(|what| what.id)
            .collect();
        self.put_in_index(&devices)?;
        self.announce(changed.to_vec());
        Ok(())
    }

    pub(super) fn announce(&self, changed: Vec<Aggregate>) {
        let change = Change {
            changed,
            revision: self.store.entries_count(),
        };
        self.watchers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|watcher| watcher.send(change.clone()).is_ok());
        self.depots.nudge();
    }

    /// Hears of every change from now on.
    pub fn watch(&self) -> Receiver<Change> {
        let (sender, receiver) = channel();
        self.watchers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(sender);
        receiver
    }

    pub(super) fn receipt_of(&self, committed: &Committed) -> Result<Receipt, Failure> {
        let events = match self.store.entry(committed.site, committed.seq)? {
            Some(entry) => decoded(&entry),
            None => Vec::new(),
        };
        Ok(Receipt {
            repeated: true,
            ..receipt(committed, &events, &|key| self.printed(key))
        })
    }
}

/// The number of the account that this process runs as.
pub fn own_uid() -> u32 {
    rustix::process::getuid().as_raw()
}

/// What stands in a store's folder; one of them is enough to call it a store, whatever state it is in.
const STORE_PARTS: [&str; 9] = [
    "depots",
    "journal",
    "keys",
    "rows",
    "set-aside",
    "ballast",
    "copied-from",
    "lock",
    "technicians",
];

impl Bench {
    /// The printed name of a technician; the key itself of somebody who is not on record.
    pub(super) fn printed(&self, key: &str) -> String {
        match self.view().technician(key) {
            Some(technician) if !technician.name.is_empty() => technician.name,
            _ => key.to_owned(),
        }
    }
}

/// True if opening would make a store with real records: nothing stands where it is to be, and a folder can. All else
/// is for the store to look at, whose trouble comes first.
fn makes_real_store(options: &BenchOptions) -> bool {
    let real = options.new.as_ref().is_some_and(|new| !new.demo);
    let nothing_there = if let Ok(mut inside) = std::fs::read_dir(&options.dir) {
        inside.next().is_none()
    } else {
        let nearest = options.dir.ancestors().find(|place| place.exists());
        nearest.is_none_or(std::path::Path::is_dir) && !options.dir.exists()
    };
    real && nothing_there
}

/// True if the folder holds files, and none of them is a part of a store: a folder that was named by mistake. What
/// systems leave in a folder by themselves is no file of somebody's.
fn holds_other_files(dir: &std::path::Path) -> bool {
    let Ok(inside) = std::fs::read_dir(dir) else {
        return false;
    };
    let mut others = false;
    for entry in inside.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if STORE_PARTS.contains(&name.as_ref()) {
            return false;
        }
        // The folder of the socket is there before the store is.
        others |= !name.starts_with('.') && name != "lost+found" && name != "host";
    }
    others
}

fn foreign_clock() -> Refusal {
    Refusal::rule(
        "Only a demonstration store takes a clock that is not the machine's.",
        "Unset TAGOUT_CLOCK, or name a demonstration store with --store.",
    )
}

/// What the store needs to know.
pub(super) fn store_options(options: &BenchOptions) -> StoreOptions {
    let mut out = StoreOptions::new(
        options.dir.clone(),
        options.state_dir.clone(),
        Arc::new(Views),
    );
    out.machine = machine_facts(&options.user, &options.clock);
    out.progress.clone_from(&options.progress);
    out.tuning = options.tuning;
    if let Some(new) = &options.new {
        if new.demo {
            // A demonstration is the same on every machine.
            out.machine.boot_id = [0; 16];
            out.machine.machine = [0; 32];
        }
        out.if_absent = IfAbsent::Create(new.clone());
    }
    out
}

/// The events of an entry that this version understands.
pub(super) fn decoded(entry: &Entry) -> Vec<Addressed> {
    entry
        .events
        .iter()
        .filter_map(|record| events::decode(record).ok())
        .collect()
}

pub(super) fn draft(
    id: CommandId,
    actor: &str,
    peer_uid: u32,
    context: &Context,
    decided: &[Addressed],
) -> Result<Draft, Failure> {
    let events = decided
        .iter()
        .map(events::encode)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Failure::Store {
            words: error.to_string(),
            read_only: false,
            refused: true,
        })?;
    Ok(Draft {
        command: id,
        actor: actor.to_owned(),
        peer_uid,
        wall_us: context.now.micros,
        offset_minutes: context.now.offset,
        events,
    })
}

pub(super) fn receipt(
    committed: &Committed,
    events: &[Addressed],
    who: &dyn Fn(&str) -> String,
) -> Receipt {
    let mut changed: Vec<Aggregate> = events.iter().map(Addressed::to).collect();
    changed.sort();
    changed.dedup();
    Receipt {
        seq: committed.seq,
        repeated: committed.repeated,
        made: events.iter().filter_map(made).collect(),
        changed,
        lines: events
            .iter()
            .map(|addressed| history::words(&addressed.event, who))
            .collect(),
    }
}

fn made(addressed: &Addressed) -> Option<Made> {
    use crate::domain::device::{DeviceEvent, Field, Value};
    use crate::domain::inspection::InspectionEvent;
    use crate::domain::order::OrderEvent;
    use crate::domain::stored_procedure::ProcedureEvent;
    use crate::domain::tool::ToolEvent;
    let name = match &addressed.event {
        Event::Device(DeviceEvent::Registered { changes, .. }) => changes
            .iter()
            .find(|change| change.field == Field::AssetTag)
            .and_then(|change| match &change.new {
                Some(Value::Text(tag)) => Some(tag.clone()),
                _ => None,
            })
            .unwrap_or_default(),
        Event::Order(OrderEvent::Opened { number, .. }) => number.clone(),
        Event::Inspection(InspectionEvent::Started { activity, .. }) => activity.clone(),
        Event::Procedure(ProcedureEvent::Imported { procedure, .. }) => procedure.code.clone(),
        Event::Tool(ToolEvent::Described { name, .. }) => name.clone(),
        Event::Technician(TechnicianEvent::Named { key, .. }) => key.clone(),
        _ => return None,
    };
    Some(Made {
        what: addressed.to(),
        name,
    })
}

fn zone_of(view: &View<'_>, store: &Store) -> Tz {
    view.shop_state(shop_id(store.site()))
        .and_then(|shop| shop.zone.clone())
        .unwrap_or_else(|| store.genesis().zone.clone())
        .parse()
        .unwrap_or(Tz::UTC)
}

/// A technician's key from an account name: lower case, what keys may hold.
pub fn technician_key(user: &str) -> String {
    let key: String = user
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '-'
            }
        })
        .take(32)
        .collect();
    if key.is_empty() {
        "technician".to_owned()
    } else {
        key
    }
}

/// A fresh command id.
pub fn new_command_id() -> Result<CommandId, Failure> {
    Ok(CommandId(random()?))
}

fn machine_facts(user: &str, clock: &Clock) -> MachineFacts {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let boot = read("/proc/sys/kernel/random/boot_id");
    let mut boot_id = [0u8; 16];
    let digits: Vec<u8> = boot
        .chars()
        .filter_map(|c| c.to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    for (byte, pair) in boot_id.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    let machine = read("/etc/machine-id");
    let zone = super::clock::machine_zone();
    let now = clock.now(zone);
    let terminal = rustix::termios::ttyname(rustix::stdio::stdin(), Vec::new())
        .ok()
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| "no terminal".to_owned());
    MachineFacts {
        machine: if machine.trim().is_empty() {
            [0; 32]
        } else {
            *blake3::hash(machine.trim().as_bytes()).as_bytes()
        },
        boot_id,
        user: user.to_owned(),
        terminal,
        process: std::process::id(),
        wall_us: now.micros,
        offset_minutes: now.offset,
        since: now.minute(),
    }
}
