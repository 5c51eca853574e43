//! One fixed sample of every event variant, and of every form that a part of it may take. The golden files hold their
//! bytes, so a sample is never changed; another one goes behind the last of its list.

mod device;
mod inspection;
mod order;
mod procedure;

use crate::domain::event::Addressed;
use crate::domain::id::{Dot, EntityId, Hash, SiteId};
use crate::domain::model::{ModelEvent, ModelFacts};
use crate::domain::shop::ShopEvent;
use crate::domain::signature::{Covered, Meaning, Signature};
use crate::domain::technician::TechnicianEvent;
use crate::domain::time::Moment;
use crate::domain::tool::ToolEvent;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Every sample.
pub fn all() -> Vec<Addressed> {
    let natural = EntityId::Natural([0xc5; 16]);
    let mut all: Vec<Addressed> = Vec::new();
    all.extend(shop().into_iter().map(|e| (natural, e).into()));
    all.extend(technician().into_iter().map(|e| (natural, e).into()));
    all.extend(device::events().into_iter().map(|e| (id(1), e).into()));
    all.extend(order::events().into_iter().map(|e| (id(2), e).into()));
    all.extend(inspection::events().into_iter().map(|e| (id(3), e).into()));
    all.extend(procedure::events().into_iter().map(|e| (natural, e).into()));
    all.extend(tool().into_iter().map(|e| (id(4), e).into()));
    all.extend(model().into_iter().map(|e| (natural, e).into()));
    all
}

fn dot(seq: u64) -> Dot {
    let mut site = [0u8; 16];
    for (place, byte) in site.iter_mut().enumerate() {
        *byte = place as u8 + 0x10;
    }
    Dot {
        site: SiteId(site),
        seq,
        index: 2,
    }
}

fn id(seq: u64) -> EntityId {
    EntityId::Made(dot(seq))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn s(text: &str) -> String {
    text.to_owned()
}

fn signature() -> Signature {
    Signature {
        signer: s("rk"),
        name: s("Renée Köhler"),
        at: Moment {
            micros: 1_795_442_580_123_456,
            offset: -300,
        },
        meaning: Meaning::Reviewed,
        list: Hash([0x5a; 32]),
        covers: vec![Covered {
            site: dot(7).site,
            seq: 7,
            hash: Hash([0x77; 32]),
        }],
        public: [0xb1; 32],
        bytes: (0..64).collect(),
    }
}

fn shop() -> Vec<ShopEvent> {
    use ShopEvent as E;
    vec![
        E::Renamed {
            name: s("St. Anne, Clinical Engineering"),
        },
        E::PrefixChanged { prefix: s("SHOP2") },
        E::ZoneChanged {
            zone: s("America/New_York"),
        },
        E::ColumnMapSaved {
            name: s("nuvolo"),
            text: s("tag = \"Asset #\"\n"),
        },
    ]
}

fn technician() -> Vec<TechnicianEvent> {
    use TechnicianEvent as E;
    vec![
        E::Named {
            key: s("rk"),
            name: s("Renée Köhler"),
            initials: s("RK"),
        },
        E::CredentialAdded {
            credential: s("CBET"),
            number: s("12345"),
            expires: Some(day("2028-12-31")),
        },
        E::CredentialAdded {
            credential: s("X-ray"),
            number: s(""),
            expires: None,
        },
        E::KeyEnrolled { public: [0xb1; 32] },
        E::KeyRevoked {
            public: [0xb1; 32],
            reason: s("laptop lost"),
        },
        E::Left {
            reason: s("retired"),
        },
        E::AccountLinked {
            account: s("rkoehler"),
        },
        E::AccountUnlinked {
            account: s("rkoehler"),
        },
    ]
}

fn tool() -> Vec<ToolEvent> {
    use ToolEvent as E;
    vec![
        E::Described {
            name: s("sa1"),
            kind: s("safety analyser"),
            model: s("Acme ES-1"),
            serial: s("0815"),
        },
        E::Calibrated {
            on: day("2026-03-01"),
            due: day("2027-03-01"),
            certificate: s("C-55"),
        },
        E::CheckedGood {
            on: day("2026-05-01"),
            note: s("against reference resistor"),
        },
        E::Failed {
            on: day("2026-06-01"),
            reason: s("dropped"),
            last_good: Some(day("2026-05-01")),
        },
        E::Withdrawn { reason: s("sold") },
    ]
}

fn model() -> Vec<ModelEvent> {
    vec![ModelEvent::Published {
        facts: ModelFacts {
            di: s("00812345678906"),
            other_dis: vec![s("10812345678903")],
            manufacturer: s("Acme"),
            brand: s("Flow"),
            model: s("F-1"),
            catalogue: s("100-1"),
            description: s("Infusion pump"),
            product_codes: vec![(s("FRN"), s("Pump, Infusion"))],
            gmdn: s("Infusion pump"),
            has_lot: Some(false),
            has_serial: None,
        },
        source: s("gudid.csv"),
    }]
}
