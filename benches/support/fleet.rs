//! Made fleets of any size, alike on every run: shares of makes, serial forms and addresses as large hospital groups
//! have them, and what people type to find a device in them.

use super::{DeviceCard, EntityId};

/// Makes with their models, the common ones first, and the type they are.
const MODELS: &[(&str, &str, &str)] = &[
    ("BD", "Alaris 8015 PC Unit", "Infusion pump"),
    ("BD", "Alaris 8100 Pump Module", "Infusion pump"),
    ("B. Braun", "Infusomat Space", "Infusion pump"),
    ("Philips", "IntelliVue MX450", "Monitor, bedside"),
    ("Philips", "IntelliVue MX800", "Monitor, bedside"),
    ("Philips", "IntelliVue MX40", "Telemetry transmitter"),
    ("GE Healthcare", "Carescape B650", "Monitor, bedside"),
    ("GE Healthcare", "Carescape B450", "Monitor, transport"),
    ("Baxter", "Sigma Spectrum", "Infusion pump"),
    ("Smiths Medical", "Medfusion 4000", "Syringe pump"),
    ("Smiths Medical", "Medfusion 3500", "Syringe pump"),
    ("Dräger", "Evita V500", "Ventilator"),
    ("Dräger", "Apollo", "Anesthesia machine"),
    ("GE Healthcare", "Aisys CS2", "Anesthesia machine"),
    ("Getinge", "Servo-u", "Ventilator"),
    ("Hamilton Medical", "Hamilton-C6", "Ventilator"),
    ("Medtronic", "Puritan Bennett 840", "Ventilator"),
    ("Physio-Control", "LIFEPAK 15", "Defibrillator"),
    ("Physio-Control", "LIFEPAK 20e", "Defibrillator"),
    ("Zoll", "R Series", "Defibrillator"),
    ("Zoll", "X Series", "Defibrillator"),
    ("3M", "Bair Hugger 775", "Patient warmer"),
    ("Welch Allyn", "Connex Spot", "Monitor, vital signs"),
    ("Hillrom", "Progressa", "Bed, ICU"),
    ("Stryker", "InTouch", "Bed, ICU"),
    ("Medtronic", "Valleylab FT10", "Electrosurgical unit"),
    ("Olympus", "EVIS Exera III", "Endoscopy processor"),
    ("Sonosite", "M-Turbo", "Ultrasound, portable"),
    ("Masimo", "Radical-7", "Pulse oximeter"),
    ("Abbott", "i-STAT 1", "Blood gas analyzer"),
    ("Fresenius", "2008T", "Hemodialysis machine"),
    ("Arjo", "Flowtron ACS900", "Compression pump"),
];
const MAKERS: &[&str] = &[
    "Acme Medical",
    "Aspen",
    "Belmont",
    "Cardinal",
    "ConMed",
    "Covidien",
    "Datascope",
    "Edan",
    "Fisher & Paykel",
    "Fukuda Denshi",
    "Gambro",
    "Haemonetics",
    "Integra",
    "Invacare",
    "Karl Storz",
    "Laerdal",
    "Mindray",
    "Natus",
    "Nihon Kohden",
    "Nonin",
    "Omron",
    "Ohmeda",
    "Pentax",
    "ResMed",
    "Richard Wolf",
    "Schiller",
    "Siemens",
    "Spacelabs",
    "Steris",
    "Terumo",
    "Verathon",
    "Vyaire",
];
const SERIES: &[&str] = &[
    "Aero", "Beacon", "Centra", "Delta", "Elan", "Flex", "Giro", "Helix", "Ion", "Jade", "Kappa",
    "Lumen", "Metro", "Nova", "Optima", "Pulse", "Quanta", "Reva", "Solis", "Trident",
];
const TYPES: &[&str] = &[
    "Scale",
    "Suction unit",
    "Fetal monitor",
    "Light, surgical",
    "Table, surgical",
    "Centrifuge",
    "Incubator, infant",
    "ECG machine",
    "Nebulizer",
    "Lift, patient",
    "Stimulator",
    "Refrigerator",
];
const SITES: &[&str] = &[
    "Mercy",
    "Riverside",
    "Lakeview",
    "St. Anne",
    "Northgate",
    "Harbor",
    "Summit",
    "Valley",
    "Cedar",
    "Memorial",
    "Grace",
    "Union",
];
const CAMPUS: &[&str] = &["Main", "West", "East", "Clinic", "Rehab"];
const WARDS: &[&str] = &[
    "ICU",
    "MICU",
    "NICU",
    "PICU",
    "CVICU",
    "ED",
    "OR",
    "PACU",
    "Cath Lab",
    "Telemetry",
    "Dialysis",
    "Endoscopy",
    "Radiology",
    "Oncology",
    "L&D",
    "Biomed Shop",
    "Central Supply",
    "1E",
    "1W",
    "2E",
    "2W",
    "3E",
    "3W",
    "4E",
    "4W",
    "5E",
    "5W",
    "6E",
    "6W",
    "7E",
    "7W",
    "8E",
    "8W",
];
const STATES: &[(&str, bool)] = &[
    ("in-service", false),
    ("in-repair", false),
    ("missing", true),
    ("retired", true),
    ("pm-due", false),
    ("available", false),
];

/// Numbers that look random and are the same every time.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end.max(1)
    }

    fn of<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }
}

fn serial(dice: &mut Dice, number: usize, form: usize) -> String {
    let n = dice.below(10_000_000);
    match form % 9 {
        0 => format!("{n:08}"),
        1 => format!("DE{:09}", 30_000_000 + n),
        2 => format!("ARRC-{:05}", n % 100_000),
        3 => format!("{:06}", n % 1_000_000),
        4 => format!("B{:08}", 50_000_000 + n),
        5 => format!("AF{:02}S RM{:04}", n % 100, number % 10_000),
        6 => format!("US{n:07}A"),
        7 => format!("SN-{:04}-{:05}", n % 10_000, number % 100_000),
        _ => format!("{:03}{:06}K", n % 1000, number % 1_000_000),
    }
}

/// Device number `number` of a fleet.
pub fn device(number: usize, dice: &mut Dice) -> DeviceCard {
    let mut key = [2; 27];
    key[1..9].copy_from_slice(&(number as u64).to_be_bytes());
    key[17..].fill(0);
    // Few models are most of the fleet.
    let common = dice.below(100) < 70;
    let pick = dice.below(1000) * dice.below(1000) / 1000;
    let (maker, model, kind, model_number);
    if common {
        model_number = pick * MODELS.len() / 1000;
        let (a, b, c) = MODELS[model_number];
        (maker, model, kind) = (a.to_owned(), b.to_owned(), c.to_owned());
    } else {
        model_number = 100 + pick * 611 / 1000;
        let n = model_number;
        maker = MAKERS[n % MAKERS.len()].to_owned();
        model = format!("{} {}", SERIES[n % SERIES.len()], 100 + n * 7 % 900);
        kind = TYPES[n % TYPES.len()].to_owned();
    }
    let site = dice.below(SITES.len() * CAMPUS.len());
    let ward = dice.below(WARDS.len());
    let place = dice.below(16);
    let site_name = format!(
        "{} {}",
        SITES[site / CAMPUS.len()],
        CAMPUS[site % CAMPUS.len()]
    );
    let room = match place {
        0..8 => format!("Bed {}", place * 3 + ward % 3 + 1),
        8..14 => format!("Rm {}{:02}", ward % 8 + 1, place * 2 + ward % 5),
        14 => "Storage".to_owned(),
        _ => "Hallway".to_owned(),
    };
    let networked = dice.below(100) < 64;
    let tag_number = number + 1;
    let tag = match number % 20 {
        0 => format!("CE-{tag_number:07}"),
        1 => format!("{tag_number:07}"),
        _ => format!("BME-{tag_number:07}"),
    };
    let (status, gone) = match dice.below(100) {
        0..80 => STATES[0],
        80..84 => STATES[1],
        84..86 => STATES[2],
        86..91 => STATES[3],
        91..96 => STATES[4],
        _ => STATES[5],
    };
    let mac = dice.below(1 << 24);
    DeviceCard {
        id: EntityId::from_key(&key).unwrap_or(EntityId::Natural([0; 16])),
        tag,
        serial: serial(dice, number, model_number),
        manufacturer: maker,
        brand: String::new(),
        model,
        numbers: vec![format!("P{:05}", 10_000 + model_number * 13)],
        udi_di: format!("008848389{:05}", 77_124 + model_number),
        type_code: ["FRN", "MHX", "CBK", "DRO", "BSZ"][model_number % 5].to_owned(),
        type_name: kind,
        department: WARDS[ward].to_owned(),
        location: format!("{site_name}, {room}"),
        ip: if networked {
            format!(
                "10.{}.{}.{}",
                20 + site % 12,
                dice.below(256),
                dice.below(256)
            )
        } else {
            String::new()
        },
        mac: if networked {
            format!(
                "00:09:{:02X}:{:02X}:{:02X}:{:02X}",
                model_number % 256,
                mac >> 16,
                mac >> 8 & 255,
                mac & 255
            )
        } else {
            String::new()
        },
        aliases: if dice.below(50) == 0 {
            vec![format!("OLD{:06}", dice.below(1_000_000))]
        } else {
            Vec::new()
        },
        status: status.to_owned(),
        holds: if dice.below(50) == 0 {
            vec![(*dice.of(&["Recall", "Do not use"])).to_owned()]
        } else {
            Vec::new()
        },
        high_risk: Some(model_number.is_multiple_of(3)),
        gone,
        merged: false,
    }
}

/// A fleet of so many devices.
pub fn fleet(devices: usize) -> Vec<DeviceCard> {
    let mut dice = Dice::new(devices as u64);
    (0..devices)
        .map(|number| device(number, &mut dice))
        .collect()
}

/// What people type, with its kind.
pub const QUERIES: &[(&str, &str)] = &[
    ("text", "alaris"),
    ("text", "infusomat"),
    ("text", "intellivue mx450"),
    ("text", "carescape b650"),
    ("text", "drager"),
    ("text", "evita v500"),
    ("text", "lifepak 15"),
    ("text", "zoll"),
    ("text", "servo-u"),
    ("text", "bair hugger"),
    ("text", "ventilator"),
    ("text", "syringe pump"),
    ("text", "defib"),
    ("text", "anesthesia machine"),
    ("words", "alaris icu"),
    ("words", "alaris 3w"),
    ("words", "pump 3w mercy"),
    ("words", "b650 micu"),
    ("words", "ventilator nicu"),
    ("words", "bed 12 icu"),
    ("words", "mx40 telemetry"),
    ("words", "biomed shop pump"),
    ("words", "alaris missing"),
    ("words", "evita pm due"),
    ("words", "riverside or 4"),
    ("words", "philips in repair"),
    ("words", "medfusion picu avail"),
    ("words", "4e infusion riverside"),
    ("tag", "BME-0084066"),
    ("tag", "bme 5039"),
    ("tag", "0322927"),
    ("tag", "3122"),
    ("tag", "bme0161538"),
    ("tag", "ce-0228995"),
    ("serial", "DE036016790"),
    ("serial", "ARRC-17986"),
    ("serial", "300783"),
    ("serial", "b5221"),
    ("serial", "b57305020"),
    ("serial", "af21s rm"),
    ("network", "10.20.31.171"),
    ("network", "10.31.117"),
    ("network", "00:09:01:08:68:39"),
    ("network", "E7:D6:13"),
    ("network", "49ee"),
    ("udi", "00884838977124"),
    ("udi", "016193"),
    ("typo", "alrais"),
    ("typo", "infusmat"),
    ("typo", "intelivue mx8"),
    ("typo", "carscape"),
    ("typo", "lifepack 15"),
    ("typo", "evtia v500"),
    ("typo", "hamiltn c6"),
    ("typo", "medfuson 4000"),
    ("typo", "philps mx40"),
    ("typo", "alris icu"),
    ("typo", "ivmx40"),
    ("typo", "pb840"),
    ("typo", "DE039003339"),
    ("typo", "305400"),
    ("typo", "DE03304959"),
];
