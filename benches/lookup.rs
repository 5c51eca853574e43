//! Device lookup, key by key: `cargo bench --bench lookup [DEVICES...]`, for 10,000, 100,000 and 1,000,000 made devices
//! unless others are named.
//!
//! Sixty-two queries are typed letter by letter, as people type them, with typing errors. A figure of a keystroke is the
//! best of five passes; between two queries the index forgets what it was asked. `--features peers` measures others on
//! the same fleet and keys in the same run.

#[path = "support/fleet.rs"]
#[allow(dead_code)]
mod fleet;
#[cfg(feature = "peers")]
#[path = "support/lookup_peers.rs"]
mod lookup_peers;

use std::collections::HashMap;
use std::time::Instant;

use chrono::NaiveDate;
use tagout::domain::device::DeviceCard;
use tagout::domain::id::EntityId;
use tagout::identify::parse_udi;
use tagout::lookup::{FindOptions, Index};

use fleet::{Dice, QUERIES};

const PASSES: usize = 5;
const SHOWN: usize = 50;
/// Scans of each form.
const SCANS: usize = 1_000;

/// Milliseconds, least first.
struct Times(Vec<f64>);

impl Times {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    fn at(&self, percent: usize) -> f64 {
        let place = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(place).copied().unwrap_or(f64::NAN)
    }

    fn line(&self) -> String {
        format!(
            "p50 {:>9.3}  p90 {:>9.3}  p99 {:>9.3}  max {:>9.3} ms  ({} keys)",
            self.at(50),
            self.at(90),
            self.at(99),
            self.at(100),
            self.0.len()
        )
    }
}

fn timed<T>(act: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let done = act();
    (start.elapsed().as_secs_f64() * 1e3, done)
}

/// Types all queries and takes the best time of each keystroke.
fn typed(passes: usize, mut begin: impl FnMut(), mut key: impl FnMut(&str)) -> Vec<(f64, String)> {
    let mut best: Vec<(f64, String)> = Vec::new();
    for pass in 0..passes {
        let mut place = 0;
        for (_, query) in QUERIES {
            begin();
            for (end, letter) in query.char_indices() {
                let text = &query[..end + letter.len_utf8()];
                let (took, ()) = timed(|| key(text));
                match best.get_mut(place) {
                    Some((known, _)) if pass > 0 => *known = known.min(took),
                    _ => best.push((took, text.to_owned())),
                }
                place += 1;
            }
        }
    }
    best
}

fn times(keys: &[(f64, String)]) -> Times {
    Times::of(keys.iter().map(|(took, _)| *took).collect())
}

fn slowest(keys: &[(f64, String)]) -> String {
    let mut keys: Vec<&(f64, String)> = keys.iter().collect();
    keys.sort_by(|a, b| b.0.total_cmp(&a.0));
    let worst = keys.iter().take(6);
    worst
        .map(|(took, text)| format!("{text:?} {took:.2}"))
        .collect::<Vec<_>>()
        .join("  ")
}

/// What a scanner sends for a label.
type Form = fn(&DeviceCard) -> String;

/// A text as identifiers are compared.
fn bare(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

/// Scans labels of random devices in several forms; prints how often the right device is first.
fn scans(index: &Index, cards: &[DeviceCard]) {
    let mut names: HashMap<String, u32> = HashMap::new();
    for card in cards {
        for text in [&card.tag, &card.serial] {
            *names.entry(bare(text)).or_default() += 1;
        }
    }
    let today = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
    let forms: [(&str, Form); 7] = [
        ("asset tag", |card| card.tag.clone()),
        ("*asset tag*", |card| format!("*{}*", card.tag)),
        ("asset tag, no dash", |card| {
            bare(&card.tag).to_ascii_lowercase()
        }),
        ("serial", |card| card.serial.clone()),
        ("GS1 with brackets", |card| {
            format!("(01){}(21){}", card.udi_di, card.serial)
        }),
        ("GS1 as scanned", |card| {
            format!("]d201{}17300101\u{1d}21{}", card.udi_di, card.serial)
        }),
        ("GS1 with lot", |card| {
            format!("01{}10LOT7\u{1d}21{}", card.udi_di, card.serial)
        }),
    ];
    let mut dice = Dice::new(77);
    let mut all = Vec::new();
    let mut wrong = Vec::new();
    for (name, form) in forms {
        let mut right = 0;
        let mut asked = 0;
        while asked < SCANS {
            let card = &cards[dice.below(cards.len())];
            // A label that two devices carry has no right answer.
            if names.get(&bare(&card.serial)) != Some(&1) || names.get(&bare(&card.tag)) != Some(&1)
            {
                continue;
            }
            asked += 1;
            let text = form(card);
            let (took, first) = timed(|| {
                let scan = parse_udi(&text, today);
                let options = FindOptions {
                    di: scan.di,
                    serial: scan.serial,
                };
                let found = index.find(&text, SHOWN, &options);
                found.hits.first().map(|hit| hit.id)
            });
            all.push(took);
            if first == Some(card.id) {
                right += 1;
            } else if wrong.len() < 5 {
                wrong.push(format!("{name} {text:?}"));
            }
        }
        if right < asked {
            println!("  scans, {name}: right device first {right} of {asked}");
        }
    }
    println!("  scans             {}", Times::of(all).line());
    println!(
        "                    {}",
        if wrong.is_empty() {
            "right device first in every one".to_owned()
        } else {
            format!("not right first: {}", wrong.join("; "))
        }
    );
}

fn measure(devices: usize) {
    println!("\n{devices} devices");
    let cards = fleet::fleet(devices);
    let (built, mut index) = timed(|| Index::of(cards.iter().cloned()));
    let size = index.size();
    println!(
        "  build             {:.2} s with the reading of made cards",
        built / 1e3
    );
    println!(
        "  memory, a device  {} bytes searched (of these {} without a cell), {} written out for showing",
        size.searched / devices,
        size.overflow / devices,
        size.written / devices
    );
    let cell = std::cell::RefCell::new(&mut index);
    let begin = || cell.borrow_mut().forget(false);
    let keys = typed(PASSES, begin, |text| {
        std::hint::black_box(cell.borrow().rank_only(text, SHOWN));
    });
    let ours = times(&keys);
    println!("  key to top 50     {}", ours.line());
    println!("    slowest         {}", slowest(&keys));
    let keys = typed(2, begin, |text| {
        std::hint::black_box(cell.borrow().find(text, SHOWN, &FindOptions::default()));
    });
    println!("  with highlights   {}", times(&keys).line());

    let mut dice = Dice::new(5);
    let changed: Vec<DeviceCard> = (0..2_000)
        .map(|turn| {
            let mut card = cards[dice.below(cards.len())].clone();
            let other = &cards[dice.below(cards.len())];
            card.location.clone_from(&other.location);
            card.ip = format!("10.9.{}.{}", turn % 250, turn % 199);
            card
        })
        .collect();
    let mut updates = Vec::new();
    for card in changed {
        let (took, ()) = timed(|| index.upsert(card));
        updates.push(took * 1e3);
    }
    let updates = Times::of(updates);
    println!(
        "  one change        p50 {:.2}  p99 {:.2} µs",
        updates.at(50),
        updates.at(99)
    );
    scans(&index, &cards);
    drop(index);
    #[cfg(feature = "peers")]
    lookup_peers::measure(&cards, &ours);
}

fn main() {
    let named: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|arg| arg.parse().ok())
        .collect();
    let sizes = if named.is_empty() {
        vec![10_000, 100_000, 1_000_000]
    } else {
        named
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!(
        "Device lookup: {} queries typed key by key, {cores} cores, best of {PASSES} passes",
        QUERIES.len()
    );
    for devices in sizes {
        measure(devices);
    }
}
