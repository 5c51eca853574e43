//! The devices of the demo hospital: records as a hospital's list would hold them, nothing of their history yet.
//!
//! Invariants: the same seed, size and day give the same records; no tag and no serial of a maker occurs twice; network
//! addresses are private, MAC addresses are locally administered and device identifiers lie in GS1's range for
//! restricted circulation, so that none is anybody's.

use std::collections::HashSet;

use chrono::{Datelike as _, Days, NaiveDate};

use super::catalogue::{self, DeviceType, Model};
use super::places::{self, Area, Department};
use super::random::Random;
use crate::domain::device::{Field, Value};

/// How long the history before today is, in days.
pub const HISTORY_DAYS: u64 = 730;

/// One device before it is registered.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its place in the fleet.
    pub index: u32,
    /// Asset tag.
    pub tag: String,
    /// Manufacturer and model.
    pub maker: &'static str,
    /// Model.
    pub model: &'static str,
    /// Device type in words.
    pub type_name: &'static str,
    /// Every field of its record.
    pub fields: Vec<(Field, Value)>,
    /// The day it arrived; before the history began it is taken over from the old list.
    pub arrived: NaiveDate,
    /// Bought before the history began, so already in service on the first day.
    pub taken_over: bool,
    /// Months between maintenances; 0 for none.
    pub pm_months: u32,
    /// The shop's maintenance procedure, by code; empty when it has none.
    pub procedure: &'static str,
    /// Department.
    pub department: String,
    /// Where it belongs.
    pub location: String,
    /// Cannot be carried away.
    pub fixed: bool,
    /// High-risk.
    pub high_risk: bool,
    /// The tag of the system it is a module of; empty for none.
    pub parent: String,
}

/// Every device of the fleet, in the order of their tags.
pub fn fleet(devices: u32, seed: u64, today: NaiveDate) -> Vec<Planned> {
    let mut maker = Maker {
        seed,
        today,
        start: today
            .checked_sub_days(Days::new(HISTORY_DAYS))
            .unwrap_or(today),
        departments: places::departments(devices),
        random: Random::new(seed, "fleet"),
        serials: HashSet::new(),
        tag: 100_000,
        out: Vec::with_capacity(devices as usize),
    };
    let types: Vec<&DeviceType> = catalogue::types().collect();
    while (maker.out.len() as u32) < devices {
        let Some(kind) = maker.random.weighted(&types, |kind| kind.share).copied() else {
            break;
        };
        maker.system(kind, devices);
    }
    maker.out
}

struct Maker {
    seed: u64,
    today: NaiveDate,
    start: NaiveDate,
    departments: Vec<Department>,
    random: Random,
    serials: HashSet<(&'static str, String)>,
    tag: u32,
    out: Vec<Planned>,
}

/// What a module takes from the system it belongs to.
struct Home<'a> {
    kind: &'static DeviceType,
    department: usize,
    location: String,
    bought: NaiveDate,
    parent: &'a str,
}

impl Maker {
    /// A device with its modules, as far as the fleet has room.
    fn system(&mut self, kind: &'static DeviceType, devices: u32) {
        let Some(model) = self.random.weighted(kind.models, |m| m.share) else {
            return;
        };
        let area = self.random.pick(kind.homes).copied().unwrap_or(Area::Ward);
        let department = self.department(area);
        let location = self
            .departments
            .get(department)
            .map(|d| places::room(d, &mut self.random))
            .unwrap_or_default();
        // A few came with the last deliveries and still wait for their incoming inspection.
        let fresh = self.out.len() % 400 == 37 && kind.price.1 < 20_000;
        let bought = if fresh {
            last_delivery(self.today)
        } else {
            self.bought(kind.life)
        };
        let home = Home {
            kind,
            department,
            location,
            bought,
            parent: "",
        };
        let price = self
            .random
            .between(i64::from(kind.price.0), i64::from(kind.price.1)) as u32;
        let tag = self.device(&home, model, (kind.code, kind.name), price, kind.procedure);
        let Some(modules) = kind
            .modules
            .as_ref()
            .filter(|m| m.of_model.is_empty() || m.of_model == model.model)
        else {
            return;
        };
        let count = self
            .random
            .between(i64::from(modules.count.0), i64::from(modules.count.1));
        for _ in 0..count {
            if self.out.len() as u32 >= devices {
                return;
            }
            let home = Home {
                parent: &tag,
                location: home.location.clone(),
                ..home
            };
            self.device(
                &home,
                &modules.model,
                (modules.code, modules.name),
                modules.price,
                modules.procedure,
            );
        }
    }

    /// Purchases fall over the years of use, some of them over it: hospitals keep devices longer than planned.
    fn bought(&mut self, life: u32) -> NaiveDate {
        let days = self.random.below(u64::from(life) * 365 * 6 / 5) + 40;
        let day = self
            .today
            .checked_sub_days(Days::new(days))
            .unwrap_or(self.today);
        // Deliveries come on working days.
        let back = u64::from(day.weekday().num_days_from_monday().saturating_sub(4));
        day.checked_sub_days(Days::new(back)).unwrap_or(day)
    }

    fn department(&mut self, area: Area) -> usize {
        let fits: Vec<usize> = (0..self.departments.len())
            .filter(|at| self.departments.get(*at).is_some_and(|d| d.area == area))
            .collect();
        self.random.pick(&fits).copied().unwrap_or_default()
    }

    fn serial(&mut self, model: &Model) -> String {
        loop {
            let serial = self.random.fill(model.serial);
            if self.serials.insert((model.maker, serial.clone())) {
                return serial;
            }
        }
    }

    /// Adds one record and returns its tag.
    fn device(
        &mut self,
        home: &Home<'_>,
        model: &'static Model,
        (code, name): (&'static str, &'static str),
        price: u32,
        procedure: &'static str,
    ) -> String {
        let index = self.out.len() as u32;
        self.tag += 1 + self.random.below(3) as u32;
        let tag = format!("SB-{}", self.tag);
        let serial = self.serial(model);
        // What else is on record draws from the device's own stream.
        let random = &mut Random::numbered(self.seed, "device", u64::from(index));
        let (area, department, subnet) = self
            .departments
            .get(home.department)
            .map_or((Area::Ward, String::new(), 0), |d| {
                (d.area, d.name.clone(), d.subnet)
            });
        let kind = home.kind;
        let mut record = Record::default();
        record.put(Field::AssetTag, &tag);
        record.put(Field::Serial, &serial);
        record.put(Field::Manufacturer, model.maker);
        record.put(Field::Brand, model.brand);
        record.put(Field::Model, model.model);
        record.put(Field::ModelNumber, model.number);
        record.put(Field::UdiDi, &identifier(model));
        record.put(Field::TypeCode, code);
        record.put(Field::TypeName, name);
        record.put(Field::Department, &department);
        record.put(Field::Location, &home.location);
        record.put(Field::Parent, home.parent);
        record.put(
            Field::Team,
            if kind.price.0 > 100_000 {
                "vendor"
            } else {
                "htm"
            },
        );
        record.put(Field::EmFunction, &kind.em.0.to_string());
        record.put(Field::EmRisk, &kind.em.1.to_string());
        record.put(Field::EmMaintenance, &kind.em.2.to_string());
        record.put(Field::HighRisk, if kind.high_risk { "yes" } else { "no" });
        let (class, power) = if random.chance(25) {
            ("unknown", "unknown") // nobody read the rating plate yet
        } else {
            (kind.class, kind.power)
        };
        record.put(Field::ProtectionClass, class);
        record.put(Field::Power, power);
        record.put(Field::AppliedParts, kind.parts);
        record.put(Field::Fixed, if kind.fixed { "yes" } else { "no" });
        record.put(Field::PurchaseDate, &home.bought.to_string());
        record.put(Field::PurchasePrice, &price.to_string());
        let warranty =
            home.bought
                .checked_add_days(Days::new(if price > 20_000 { 730 } else { 365 }));
        if let Some(end) = warranty {
            record.put(Field::WarrantyEnd, &end.to_string());
        }
        record.put(
            Field::PurchaseOrder,
            &format!("PO-{}-{:04}", home.bought.year(), random.below(10_000)),
        );
        let made = home
            .bought
            .checked_sub_days(Days::new(30 + random.below(200)));
        if let Some(made) = made {
            record.put(Field::Manufactured, &made.to_string());
        }
        // Most devices run the newest version, a good part of them an older one.
        if let Some(newest) = model.software.last() {
            let version = if random.chance(650) {
                *newest
            } else {
                random.pick(model.software).copied().unwrap_or(newest)
            };
            record.put(Field::Software, &format!("system {version}"));
        }
        let modular = !home.parent.is_empty();
        record.put(
            Field::StoresEphi,
            if random.chance(40) {
                "unknown"
            } else {
                kind.ephi
            },
        );
        network(
            &mut record,
            if modular { "none" } else { kind.network },
            model,
            subnet,
            index,
            random,
        );
        ownership(&mut record, kind, area, self.today, random);
        if price > 300_000 {
            record.put(Field::ServiceProvider, model.maker);
        }
        self.out.push(Planned {
            index,
            tag: tag.clone(),
            maker: model.maker,
            model: model.model,
            type_name: name,
            fields: record.0,
            arrived: home.bought,
            taken_over: home.bought < self.start,
            pm_months: kind.pm_months,
            procedure,
            department,
            location: home.location.clone(),
            fixed: kind.fixed,
            high_risk: kind.high_risk,
            parent: home.parent.to_owned(),
        });
        tag
    }
}

/// The last working day before today.
fn last_delivery(today: NaiveDate) -> NaiveDate {
    let day = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    let back = u64::from(day.weekday().num_days_from_monday().saturating_sub(4));
    day.checked_sub_days(Days::new(back)).unwrap_or(day)
}

fn network(
    record: &mut Record,
    network: &str,
    model: &Model,
    subnet: u16,
    index: u32,
    random: &mut Random,
) {
    record.put(Field::Network, network);
    if matches!(network, "none" | "unknown") {
        return;
    }
    let mac = random.fill("02:5B:%%:%%:%%:%%");
    record.put(Field::Mac, &mac);
    // Some are known to be networked, but nobody noted the address.
    if random.chance(850) {
        let host = index % 250 + 2;
        record.put(
            Field::Ip,
            &format!(
                "10.{}.{}.{host}",
                20 + subnet / 250 + (index / 62_500) as u16 * 8,
                subnet % 250
            ),
        );
    }
    if network != "wifi" {
        let short: String = model
            .model
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(6)
            .collect();
        record.put(
            Field::Hostname,
            &format!("sbr-{}-{index:05}", short.to_lowercase()),
        );
    }
}

fn ownership(
    record: &mut Record,
    kind: &DeviceType,
    area: Area,
    today: NaiveDate,
    random: &mut Random,
) {
    let rentable = matches!(kind.code, "FRN" | "FNL" | "JOW");
    let (key, owner) = match random.below(1_000) {
        0..35 if rentable => ("rental", "Prairie Medical Rental"),
        0..12 => ("lease", "First Lakes Leasing"),
        12..15 if area == Area::Theatre => ("consignment", "Northfield Surgical Supply"),
        _ => ("hospital", ""),
    };
    record.put(Field::Ownership, key);
    record.put(Field::Owner, owner);
    if key == "rental"
        && let Some(back) = today.checked_add_days(Days::new(10 + random.below(120)))
    {
        record.put(Field::ReturnBy, &back.to_string());
    }
}

/// The model's device identifier: fourteen digits in GS1's range for restricted circulation (a GTIN-13 from 02 on).
pub fn identifier(model: &Model) -> String {
    let mut random = Random::new(0x5b, &format!("{} {}", model.maker, model.model));
    let body = format!("002{:010}", random.below(10_000_000_000));
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 3 } else { 1 })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Fields as a record takes them.
#[derive(Default)]
struct Record(Vec<(Field, Value)>);

impl Record {
    /// Adds a field; an empty text adds nothing. What the field cannot hold is left out, and a test looks for it.
    fn put(&mut self, field: Field, text: &str) {
        if let Ok(Some(value)) = field.parse(text) {
            self.0.push((field, value));
        } else {
            debug_assert!(text.is_empty(), "{field:?} cannot hold {text}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_fleet_and_another_seed_another() {
        let fields = |seed| {
            fleet(300, seed, day())
                .into_iter()
                .map(|d| d.fields)
                .collect::<Vec<_>>()
        };
        assert_eq!(fields(1), fields(1));
        assert_ne!(fields(1), fields(2));
    }

    #[test]
    fn tags_and_serials_are_one_of_a_kind_and_types_skewed() {
        for size in [1, 60, 1_500, 20_000] {
            let list = fleet(size, 9, day());
            assert_eq!(list.len(), size as usize);
            let tags: BTreeSet<&str> = list.iter().map(|d| d.tag.as_str()).collect();
            assert_eq!(tags.len(), list.len());
            let text = |d: &Planned, field: Field| {
                d.fields
                    .iter()
                    .find(|(f, _)| *f == field)
                    .map(|(_, v)| field.show(v))
            };
            let serials: BTreeSet<_> = list
                .iter()
                .map(|d| (d.maker, text(d, Field::Serial)))
                .collect();
            assert_eq!(serials.len(), list.len());
            let addresses: Vec<_> = list.iter().filter_map(|d| text(d, Field::Mac)).collect();
            assert_eq!(
                addresses.iter().collect::<BTreeSet<_>>().len(),
                addresses.len()
            );
        }
        let list = fleet(1_500, 9, day());
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for device in &list {
            *counts.entry(device.type_name).or_default() += 1;
        }
        assert!(counts.len() >= 40, "{}", counts.len());
        let mut sorted: Vec<u32> = counts.values().copied().collect();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        assert!(sorted.iter().take(8).sum::<u32>() > 750, "{sorted:?}");
        let new = list.iter().filter(|d| !d.taken_over).count();
        assert!((150..500).contains(&new), "{new}");
        assert!(list.iter().any(|d| !d.parent.is_empty()));
        for device in &list {
            if let Some(parent) = list.iter().find(|d| d.tag == device.parent) {
                assert_eq!(parent.location, device.location, "{}", device.tag);
            } else {
                assert!(device.parent.is_empty(), "{}", device.tag);
            }
        }
    }

    #[test]
    fn identifiers_carry_their_check_digit() {
        for kind in catalogue::types() {
            for model in kind.models {
                let id = identifier(model);
                assert_eq!(id.len(), 14);
                let sum: u32 = id
                    .bytes()
                    .enumerate()
                    .map(|(at, d)| u32::from(d - b'0') * if at % 2 == 0 { 3 } else { 1 })
                    .sum();
                assert_eq!(sum % 10, 0, "{id}");
            }
        }
    }
}
