//! Several shops that exchange bundles: whatever gets lost, comes twice, late or in another order, in the end all hold the
//! same, and it is what a fold of everything gives.

use std::io::Cursor;
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;
use crate::bundle::{Bundle, Created, Verified};
use crate::journal::VersionVector;
use crate::journal::notes::Note;

pub fn by(wall_us: i64) -> ImportBy {
    ImportBy {
        actor: "kim".to_owned(),
        peer_uid: 1000,
        wall_us,
        offset_minutes: 0,
    }
}

/// A shop with a store of its own.
pub struct Shop {
    pub bench: Bench,
    pub store: Store,
    /// Its clock runs ahead by so much.
    pub skew: i64,
    written: u64,
}

impl Shop {
    pub fn new(skew: i64) -> Self {
        let mut bench = Bench::new();
        bench.machine.wall_us = WALL + skew;
        let (store, _) = bench.open();
        Self {
            bench,
            store,
            skew,
            written: 0,
        }
    }

    /// Closed and opened again.
    pub fn again(&mut self) {
        let fresh = Bench::new();
        let Self { bench, store, .. } = std::mem::replace(
            self,
            Self {
                store: fresh.open().0,
                bench: fresh,
                skew: self.skew,
                written: self.written,
            },
        );
        drop(store);
        let (store, _) = bench.open();
        self.bench = bench;
        self.store = store;
    }

    pub fn work(&mut self, thing_number: u8, at: i64) {
        self.written += 1;
        let site = self.store.site().short();
        let body = format!("{site} {}", self.written);
        let mut one = draft(u64::from(thing_number), body.as_bytes());
        one.wall_us = WALL + at * 1000 + self.skew;
        one.command = CommandId::default();
        self.store.append(one).unwrap();
    }

    pub fn bundles(&self, known: &VersionVector) -> Vec<Vec<u8>> {
        self.bundles_of(self.store.lacking(known).unwrap())
    }

    pub fn bundles_of(&self, what: Vec<Stretch>) -> Vec<Vec<u8>> {
        if what.is_empty() {
            return Vec::new();
        }
        let plan = ExportPlan {
            what,
            readers: Vec::new(),
            created: Created {
                wall_us: WALL,
                ..Created::default()
            },
            app: "test".to_owned(),
            limit: MAX_BUNDLE,
            inspection: None,
            folder: self.bench.dir.path().join("outgoing"),
        };
        let made = self.store.export(&plan, &mut |_, _| {}).unwrap();
        made.iter()
            .map(|one| std::fs::read(&one.path).unwrap())
            .collect()
    }

    pub fn trust(&self, other: &Self) {
        let note = Note::Trusted {
            public_key: other.store.genesis().public_key,
            name: String::new(),
        };
        let wall = WALL + self.skew;
        self.store
            .note(other.store.site(), &note, &by(wall))
            .unwrap();
    }

    pub fn take(&self, files: &[Vec<u8>]) -> Result<Arrival, StoreError> {
        let mut all: Vec<Verified<Cursor<Vec<u8>>>> =
            files.iter().map(|file| verified(file)).collect();
        let mut carriers: Vec<&mut dyn Carrier> =
            all.iter_mut().map(|one| one as &mut dyn Carrier).collect();
        self.store
            .import(&mut carriers, &by(WALL + self.skew), &mut |_, _| {})
    }

    pub fn tells(&self, other: &Self) -> Arrival {
        let known = other.store.vector();
        other.take(&self.bundles(&known)).unwrap()
    }
}

pub fn verified(file: &[u8]) -> Verified<Cursor<Vec<u8>>> {
    Bundle::open(Cursor::new(file.to_vec()))
        .unwrap()
        .verify(&mut |_| ControlFlow::Continue(()))
        .unwrap()
}

/// Shops that all trust each other.
pub fn shops(skews: &[i64]) -> Vec<Shop> {
    let shops: Vec<Shop> = skews.iter().map(|skew| Shop::new(*skew)).collect();
    for one in &shops {
        for other in &shops {
            if one.store.site() != other.store.site() {
                one.trust(other);
            }
        }
    }
    shops
}

/// Everybody tells everybody until nobody has anything to tell.
pub fn meet(shops: &[Shop]) {
    for _ in 0..shops.len() + 2 {
        for one in shops {
            for other in shops {
                if one.store.site() != other.store.site() {
                    one.tells(other);
                }
            }
        }
    }
}

fn rows_of(store: &Store) -> Vec<Row> {
    store
        .scan(SUMS, &[], None, usize::MAX, Direction::Up)
        .unwrap()
}

#[test]
fn what_one_shop_wrote_is_read_in_the_other_and_work_goes_on_behind_it() {
    let mut shops = shops(&[0, 0]);
    shops[0].work(1, 10);
    shops[1].work(1, 20);
    let (a, b) = (shops[0].store.site(), shops[1].store.site());
    let arrival = shops[0].tells(&shops[1]);
    assert_eq!(arrival.taken.keys().copied().collect::<Vec<_>>(), [a]);
    assert_eq!(arrival.things[&100], 1);
    let of = |shop: &Shop| rows_of(&shop.store);
    assert!(of(&shops[1])[0].1.ends_with(b" 1"));
    shops[1].work(1, 30);
    shops[1].tells(&shops[0]);
    assert_eq!(of(&shops[0]), of(&shops[1]));
    assert_eq!(&of(&shops[0])[0].1[..4], &3u32.to_le_bytes());
    assert_eq!(
        shops[0].store.digest().unwrap(),
        shops[1].store.digest().unwrap()
    );
    assert!(shops[0].store.vector().get(b) > 0);
    // Nothing is left to tell, and telling it again changes nothing.
    assert!(shops[0].bundles(&shops[1].store.vector()).is_empty());
    let before = shops[1].store.head();
    let again = shops[1]
        .take(&shops[0].bundles(&VersionVector::default()))
        .unwrap();
    assert_eq!(again.entries, 0);
    assert_eq!(shops[1].store.head(), before);
    for shop in &mut shops {
        let digest = shop.store.digest().unwrap();
        shop.again();
        assert_eq!(shop.store.digest().unwrap(), digest);
        assert!(shop.store.verify().unwrap().ok);
    }
}

#[test]
fn word_of_what_arrived_makes_the_next_bundle_short_and_calls_for_no_answer() {
    let shops = shops(&[0, 0]);
    meet(&shops);
    let [mut east, west] = <[Shop; 2]>::try_from(shops).ok().unwrap();
    let met = east.store.head().seq;
    for at in 0..30 {
        east.work(1, at);
    }
    let known = east.store.known_to(west.store.site()).unwrap();
    west.take(&east.bundles(&known)).unwrap();
    // Without news there is nothing for it, unless a person asks for it.
    let back = west.store.known_to(east.store.site()).unwrap();
    assert!(west.store.lacking(&back).unwrap().is_empty());
    let known = east.store.known_to(west.store.site()).unwrap();
    assert!(known.get(east.store.site()) <= met);
    let receipt = west.bundles_of(west.store.receipt_for(east.store.site()).unwrap());
    let head = east.store.head();
    assert_eq!(east.take(&receipt).unwrap().entries, 0);
    assert_eq!(
        east.store.head(),
        head,
        "it was taken in, and asks for an answer"
    );
    let known = east.store.known_to(west.store.site()).unwrap();
    assert_eq!(
        known.get(east.store.site()),
        west.store.vector().get(east.store.site())
    );
    assert!(east.store.lacking(&known).unwrap().is_empty());
    east.work(2, 99);
    let next = east.store.lacking(&known).unwrap();
    assert!(
        next.iter().map(Stretch::count).sum::<u64>() <= 2,
        "{next:?}"
    );
    assert_eq!(west.take(&east.bundles(&known)).unwrap().entries, 1);
    // What a stranger says it has is not heard.
    let stranger = Shop::new(0);
    stranger.trust(&east);
    let whole = east.bundles(&VersionVector::default());
    stranger.take(&whole).unwrap();
    let told = stranger.bundles_of(stranger.store.receipt_for(east.store.site()).unwrap());
    east.take(&told).unwrap();
    let known = east.store.known_to(stranger.store.site()).unwrap();
    assert_eq!(known.get(east.store.site()), 0);
}

#[test]
fn rows_built_anew_from_the_journal_are_the_same() {
    let mut shops = shops(&[0, 86_400_000_000 * 900, -5_000_000]);
    for at in 0..40 {
        shops[at as usize % 3].work((at % 4) as u8, at);
        if at % 7 == 0 {
            meet(&shops);
        }
    }
    meet(&shops);
    let digest = shops[0].store.digest().unwrap();
    for shop in &mut shops {
        assert_eq!(shop.store.digest().unwrap(), digest);
        let fresh = Bench::new();
        let bench = std::mem::replace(&mut shop.bench, fresh);
        let (store, _) = shop.bench.open();
        drop(std::mem::replace(&mut shop.store, store));
        remove_rows(&bench);
        let (store, _) = bench.open();
        assert_eq!(store.digest().unwrap(), digest);
        assert!(store.verify().unwrap().ok);
    }
}

/// What shops do in a random history.
#[derive(Clone, Debug)]
enum Step {
    Work {
        shop: u8,
        thing: u8,
    },
    /// Some of what is lacking goes from one to the other: which bundles arrive, and how often.
    Tell {
        from: u8,
        to: u8,
        all: bool,
        copies: u8,
    },
    /// A bundle is made and lies about.
    Lay {
        from: u8,
        skip: u8,
    },
    /// An old bundle is found.
    Find {
        to: u8,
        which: prop::sample::Index,
    },
    Restart {
        shop: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<u8>(), 0..4u8).prop_map(|(shop, thing)| Step::Work { shop, thing }),
        2 => (any::<u8>(), any::<u8>(), any::<bool>(), 1..3u8)
            .prop_map(|(from, to, all, copies)| Step::Tell { from, to, all, copies }),
        2 => (any::<u8>(), 0..6u8).prop_map(|(from, skip)| Step::Lay { from, skip }),
        2 => (any::<u8>(), any::<prop::sample::Index>())
            .prop_map(|(to, which)| Step::Find { to, which }),
        1 => any::<u8>().prop_map(|shop| Step::Restart { shop }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The heart of the exchange.
    #[test]
    fn shops_that_meet_in_the_end_hold_the_same(
        skews in proptest::collection::vec(prop_oneof![Just(0i64), -9_000_000..9_000_000i64, Just(31_536_000_000_000 * 3)], 2..5),
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let mut shops = shops(&skews);
        let count = shops.len();
        let mut lying: Vec<Vec<u8>> = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Work { shop, thing } => {
                    shops[*shop as usize % count].work(*thing, at as i64 * 100);
                }
                Step::Tell { from, to, all, copies } => {
                    let (from, to) = (*from as usize % count, *to as usize % count);
                    if from == to {
                        continue;
                    }
                    let known = if *all {
                        VersionVector::default()
                    } else {
                        shops[from].store.known_to(shops[to].store.site()).unwrap()
                    };
                    let files = shops[from].bundles(&known);
                    for _ in 0..*copies {
                        shops[to].take(&files).unwrap();
                    }
                }
                Step::Lay { from, skip } => {
                    // A part of what there is: gaps on the other side.
                    let shop = &shops[*from as usize % count];
                    let known = shop
                        .store
                        .vector()
                        .iter()
                        .map(|(site, seq)| (site, u64::from(*skip).min(seq.saturating_sub(1))))
                        .collect();
                    lying.extend(shop.bundles(&known));
                }
                Step::Find { to, which } => {
                    if !lying.is_empty() {
                        let file = which.get(&lying).clone();
                        shops[*to as usize % count].take(&[file]).unwrap();
                    }
                }
                Step::Restart { shop } => shops[*shop as usize % count].again(),
            }
        }
        meet(&shops);
        let digest = shops[0].store.digest().unwrap();
        for shop in &shops {
            prop_assert_eq!(shop.store.digest().unwrap(), digest.clone());
        }
        // A newcomer who gets everything at once folds it all in one go.
        let newcomer = Shop::new(0);
        for shop in &shops {
            newcomer.trust(shop);
        }
        let files: Vec<Vec<u8>> = shops
            .iter()
            .rev()
            .flat_map(|shop| shop.bundles(&VersionVector::default()))
            .collect();
        newcomer.take(&files).unwrap();
        prop_assert_eq!(newcomer.store.digest().unwrap().state, digest.state);
        prop_assert!(newcomer.store.verify().unwrap().ok);
    }
}
