//! Shops that work apart and exchange bundles, from a seed: at the end all hold the same, whatever was lost, came twice or
//! came late, and it is what one fold of everything gives.
//!
//! `TAGOUT_SEEDS=N` runs so many histories, `TAGOUT_SEED=S` only the one with this seed, `TAGOUT_STEPS=N` makes them longer
//! (`.ci/long` does). A failure names its seed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tagout::bench::clock::Clock;
use tagout::bench::query::Request;
use tagout::bench::sync::{Desk, ExportAsk, Scope, SiteAct};
use tagout::bench::{Bench, BenchOptions, NewStore, SigningKey, Tuning};
use tagout::domain::command::Command;
use tagout::domain::device::{DeviceCommand, Field, HoldKind, Origin, Stage, Value, Whereabouts};
use tagout::domain::event::Kind;
use tagout::domain::id::{CommandId, EntityId, SiteId};
use tagout::domain::order::{
    Cause, FailureCause, HoldReason, LabourKind, Opening, Order, OrderCommand, Priority,
};
use tagout::domain::technician::TechnicianEvent;

use crate::support::kill::Dice;

/// What CI runs.
const SEEDS: u64 = 200;
/// Commands of a history, at most, where nothing else is said.
const STEPS: u64 = 16;
const NOON_US: i64 = 1_795_435_200_000_000;

fn below(dice: &mut Dice, limit: usize) -> usize {
    dice.below(limit.max(1) as u64) as usize
}

fn of<'a, T>(dice: &mut Dice, all: &'a [T]) -> &'a T {
    &all[below(dice, all.len())]
}

struct Shop {
    dir: PathBuf,
    number: u8,
    bench: Option<Bench>,
    clock: Clock,
    skew_us: i64,
}

const PEOPLE: [&str; 2] = ["jd", "mk"];

impl Shop {
    fn new(root: &Path, number: u8, skew_us: i64) -> Self {
        let mut shop = Self {
            dir: root.join(format!("{number}")),
            number,
            bench: None,
            clock: Clock::set(NOON_US + skew_us),
            skew_us,
        };
        shop.open();
        shop
    }

    fn open(&mut self) {
        self.bench = None;
        let options = BenchOptions {
            dir: self.dir.join("store"),
            state_dir: self.dir.join("state"),
            user: "jd".to_owned(),
            new: Some(NewStore {
                seed: Some([self.number + 1; 32]),
                shop: format!("Shop {}", self.number),
                prefix: format!("S{}", self.number),
                zone: "UTC".to_owned(),
                demo: true,
            }),
            clock: self.clock.clone(),
            progress: None,
            tuning: Tuning::small(),
        };
        self.bench = Some(Bench::open(options).unwrap().0);
    }

    fn bench(&self) -> &Bench {
        self.bench.as_ref().unwrap()
    }

    fn site(&self) -> SiteId {
        SigningKey::from_seed([self.number + 1; 32]).site()
    }

    fn tell(&self, dice: &mut Dice, actor: &str, command: Command) -> Option<EntityId> {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&dice.next().to_le_bytes());
        id[8..].copy_from_slice(&dice.next().to_le_bytes());
        let request = Request {
            id: CommandId(id),
            actor: actor.to_owned(),
            command,
        };
        // A rule may stand against a dice command; the store may not fail.
        match self.bench().tell(request) {
            Ok(receipt) => receipt.made.first().map(|made| made.what.id),
            Err(failure) => {
                assert!(failure.refusal().is_some(), "{failure}");
                None
            }
        }
    }

    /// Bundles for somebody, as files.
    fn export(&self, scope: Scope) -> Vec<Vec<u8>> {
        let mut desk = Desk::default();
        let ask = ExportAsk {
            scope,
            readers: Vec::new(),
            limit: 0,
        };
        let made = self
            .bench()
            .export_bundles(&mut desk, &ask, &mut |_| {})
            .unwrap();
        (0u32..)
            .zip(&made)
            .map(|(part, _)| self.bench().made_piece(&desk, part, 0).unwrap())
            .collect()
    }

    /// Takes bundles in; how many records came.
    fn import(&self, files: &[Vec<u8>]) -> u64 {
        let mut desk = Desk::default();
        let bench = self.bench();
        for file in files {
            bench
                .give_bundle(&mut desk, file, true, &mut |_| {})
                .unwrap();
        }
        let arrived = bench.import_bundles(&mut desk, "jd", 0, &mut |_| {});
        arrived.unwrap().entries
    }

    fn knows(&self, other: &Self) -> bool {
        let id = other.site().to_string();
        let sites = self.bench().sites().unwrap();
        sites
            .iter()
            .any(|sheet| sheet.site.id == id && sheet.trust == "trusted")
    }

    fn trust_all(&self) {
        for sheet in self.bench().sites().unwrap() {
            if sheet.trust == "unknown" {
                let act = SiteAct::Trust {
                    name: String::new(),
                };
                let site = sheet.site.id.parse().unwrap();
                self.bench()
                    .say_of_site("jd", 0, site, &act, &mut |_| {})
                    .unwrap();
            }
        }
    }

    fn digest(&self) -> String {
        self.bench().digest().unwrap()
    }
}

fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

/// A device as a hospital's list names it in full: the same in every shop that loads the list.
fn listed(number: usize) -> Command {
    Command::Device(DeviceCommand::Add {
        fields: vec![
            (Field::AssetTag, text(&format!("L-{number}"))),
            (Field::Serial, text(&format!("SN{number}"))),
            (Field::Manufacturer, text("Acme")),
            (Field::Model, text("P1")),
        ],
        stage: Stage::InService,
        origin: Origin::TakenOver,
    })
}

fn opening(dice: &mut Dice, device: EntityId) -> Opening {
    Opening {
        device: Some(device),
        priority: *of(dice, &[Priority::Normal, Priority::Urgent]),
        problem: format!("fault {}", below(dice, 9)),
        cause: Cause::Request,
        ..Order::default().opening
    }
}

/// What is known to exist somewhere.
#[derive(Default)]
struct Things {
    devices: Vec<EntityId>,
    orders: Vec<EntityId>,
}

fn device_command(dice: &mut Dice, device: EntityId) -> Command {
    let reason = "because".to_owned();
    Command::Device(match below(dice, 8) {
        0 | 1 => DeviceCommand::Set {
            device,
            changes: vec![(
                *of(
                    dice,
                    &[Field::Department, Field::Manufacturer, Field::Model],
                ),
                Some(text(["ICU", "ER", "OR", "Ward 3"][below(dice, 4)])),
            )],
            reason,
            expected: None,
        },
        2 => DeviceCommand::SetStage {
            device,
            to: *of(
                dice,
                &[Stage::InService, Stage::OutOfService, Stage::Retired],
            ),
            reason,
        },
        3 => DeviceCommand::Place {
            device,
            at: if below(dice, 2) == 0 {
                Whereabouts::AtLocation
            } else {
                Whereabouts::OnLoan {
                    to: "East".to_owned(),
                    back: None,
                }
            },
            note: String::new(),
        },
        4 => DeviceCommand::Hold {
            device,
            kind: HoldKind::DoNotUse,
            reason,
        },
        5 => DeviceCommand::Retag {
            device,
            tag: format!("N-{}", below(dice, 12)),
            reason,
        },
        6 => DeviceCommand::SawSoftware {
            device,
            component: "main".to_owned(),
            version: format!("{}", below(dice, 3)),
            how: "screen".to_owned(),
        },
        _ => DeviceCommand::Note {
            device,
            text: format!("note {}", below(dice, 100)),
        },
    })
}

fn order_command(dice: &mut Dice, order: EntityId) -> Command {
    let reason = "because".to_owned();
    Command::Order(match below(dice, 11) {
        0 => OrderCommand::Claim {
            orders: vec![order],
        },
        1 => OrderCommand::Assign {
            orders: vec![order],
            to: (*of(dice, &PEOPLE)).to_owned(),
        },
        2 => OrderCommand::Release { order, reason },
        3 => OrderCommand::Start { order },
        4 => OrderCommand::Hold {
            order,
            reason: HoldReason::Parts,
            note: String::new(),
            chase: None,
        },
        5 => OrderCommand::Resume { order },
        6 => OrderCommand::WorkDone { order },
        7 => OrderCommand::Labour {
            order,
            who: String::new(),
            minutes: 5 + below(dice, 60) as u32,
            kind: LabourKind::Active,
            on: None,
            note: String::new(),
        },
        8 => OrderCommand::Edit {
            order,
            priority: Some(*of(
                dice,
                &[Priority::Normal, Priority::Urgent, Priority::Low],
            )),
            due: None,
            problem: None,
            reason,
            expected: None,
        },
        9 => OrderCommand::Close {
            order,
            found: "found".to_owned(),
            done: "done".to_owned(),
            cause: FailureCause::Preventable,
            action: None,
            outcome: None,
            performed: None,
            minutes: Some(5),
        },
        _ => OrderCommand::Note {
            order,
            text: format!("note {}", below(dice, 100)),
        },
    })
}

fn work(dice: &mut Dice, shop: &Shop, things: &mut Things) {
    let actor = *of(dice, &PEOPLE);
    match below(dice, 12) {
        0 => {
            let number = below(dice, 4);
            if let Some(id) = shop.tell(dice, actor, listed(number)) {
                things.devices.push(id);
            }
        }
        1 => {
            let add = Command::Device(DeviceCommand::Add {
                fields: vec![(Field::AssetTag, text(&format!("N-{}", below(dice, 12))))],
                stage: Stage::Received,
                origin: Origin::Entered,
            });
            if let Some(id) = shop.tell(dice, actor, add) {
                things.devices.push(id);
            }
        }
        2 | 3 if !things.devices.is_empty() => {
            let device = *of(dice, &things.devices);
            let opening = opening(dice, device);
            let open = Command::Order(OrderCommand::Open {
                opening,
                check_in: None,
            });
            if let Some(id) = shop.tell(dice, actor, open) {
                things.orders.push(id);
            }
        }
        4..=7 if !things.devices.is_empty() => {
            let device = *of(dice, &things.devices);
            let command = device_command(dice, device);
            shop.tell(dice, actor, command);
        }
        _ if !things.orders.is_empty() => {
            let order = *of(dice, &things.orders);
            let command = order_command(dice, order);
            shop.tell(dice, actor, command);
        }
        _ => {}
    }
}

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// One history. Panics with its seed if anything is not as it should be.
fn history(seed: u64) {
    let root = tempfile::TempDir::new_in("/dev/shm")
        .or_else(|_| tempfile::TempDir::new())
        .unwrap();
    let dice = &mut Dice(seed);
    let count = 2 + below(dice, if seed.is_multiple_of(40) { 7 } else { 3 });
    let skews = [0, 0, 0, 90_000_000, -3_600_000_000, 31_536_000_000_000 * 2];
    let mut shops: Vec<Shop> = (0..count as u8)
        .map(|number| Shop::new(root.path(), number, *of(dice, &skews)))
        .collect();
    for shop in &shops {
        for who in PEOPLE {
            let named = Command::Technician {
                key: who.to_owned(),
                event: TechnicianEvent::Named {
                    key: who.to_owned(),
                    initials: who.to_uppercase(),
                    name: format!("{who} of shop {}", shop.number),
                },
            };
            shop.tell(dice, who, named);
        }
    }
    let mut things = Things::default();
    if below(dice, 2) == 0 {
        // All load the same list before they ever meet.
        for shop in &shops {
            for number in 0..4 {
                if let Some(id) = shop.tell(dice, "jd", listed(number)) {
                    things.devices.push(id);
                }
            }
        }
    }
    let mut lying: Vec<Vec<u8>> = Vec::new();
    // A partition: the shops up to this number hear nothing from the others.
    let mut wall = None;
    let steps = 10 + below(dice, asked("TAGOUT_STEPS").unwrap_or(STEPS) as usize) as i64;
    for step in 0..steps {
        let at = below(dice, count);
        let time = NOON_US + step * 1_000_000;
        shops[at].clock.move_to(time + shops[at].skew_us);
        match below(dice, 20) {
            0 => {
                let to = below(dice, count);
                let apart = wall.is_some_and(|wall| (at < wall) != (to < wall));
                if to != at && !apart {
                    let files = shops[at].export(Scope::For(shops[to].site()));
                    for _ in 0..=below(dice, 2) {
                        shops[to].import(&files);
                    }
                    shops[to].trust_all();
                }
            }
            1 => lying.extend(shops[at].export(Scope::Since(
                NOON_US + below(dice, steps as usize) as i64 * 1_000_000,
            ))),
            2 if !lying.is_empty() => {
                let file = of(dice, &lying).clone();
                shops[at].import(&[file]);
            }
            3 if below(dice, 3) == 0 => shops[at].open(),
            4 => wall = (below(dice, 2) == 0).then(|| below(dice, count)),
            _ => work(dice, &shops[at], &mut things),
        }
    }
    meet(&shops);
    let digests: BTreeSet<String> = shops.iter().map(Shop::digest).collect();
    assert_eq!(
        digests.len(),
        1,
        "the shops differ (seed {seed}): {digests:?}"
    );
    one_fold(root.path(), &shops, seed);
    let verified = shops[0].bench().verify().unwrap();
    assert!(verified.ok, "seed {seed}: {:?}", verified.problems);
}

/// Everybody tells everybody what they lack, until nobody has anything to tell.
fn meet(shops: &[Shop]) {
    // First contact: nobody can know what a stranger has.
    for one in shops {
        for other in shops.iter().filter(|other| other.number != one.number) {
            if !other.knows(one) {
                other.import(&one.export(Scope::All));
                other.trust_all();
            }
        }
    }
    let mut moved = true;
    while std::mem::take(&mut moved) {
        for one in shops {
            for other in shops.iter().filter(|other| other.number != one.number) {
                let files = one.export(Scope::For(other.site()));
                if !files.is_empty() {
                    moved |= other.import(&files) > 0;
                    other.trust_all();
                }
            }
        }
    }
}

/// A newcomer who gets everything at once, and builds the same.
fn one_fold(root: &Path, shops: &[Shop], seed: u64) {
    let newcomer = Shop::new(root, 99, 0);
    let files: Vec<Vec<u8>> = shops
        .iter()
        .rev()
        .flat_map(|shop| shop.export(Scope::All))
        .collect();
    newcomer.import(&files);
    newcomer.trust_all();
    let state = |digest: &str| digest.split_once(' ').unwrap().1.to_owned();
    assert_eq!(
        state(&newcomer.digest()),
        state(&shops[0].digest()),
        "one fold of everything differs (seed {seed})"
    );
}

#[test]
fn shops_that_work_apart_end_with_the_same_records() {
    if let Some(seed) = asked("TAGOUT_SEED") {
        return history(seed);
    }
    let seeds = asked("TAGOUT_SEEDS").unwrap_or(SEEDS);
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get) as u64;
    std::thread::scope(|scope| {
        for worker in 0..workers {
            scope.spawn(move || {
                for seed in (worker..seeds).step_by(workers as usize) {
                    history(seed);
                }
            });
        }
    });
}

#[test]
fn a_history_is_the_same_every_time() {
    let run = || {
        let root = tempfile::TempDir::new().unwrap();
        let dice = &mut Dice(7);
        let shop = Shop::new(root.path(), 0, 0);
        let mut things = Things::default();
        for _ in 0..60 {
            work(dice, &shop, &mut things);
        }
        let digest = shop.digest();
        drop(shop);
        let _ = fs::remove_dir_all(root.path());
        digest
    };
    assert_eq!(run(), run());
    assert_eq!(Kind::Device.code(), 3);
}
