//! Arbitrary domain events, one strategy per variant.

mod device;
mod inspection;
mod order;
mod procedure;

use crate::domain::event::Addressed;
use crate::domain::id::{Dot, EntityId, Hash, SiteId};
use crate::domain::model::{ModelEvent, ModelFacts};
use crate::domain::procedure::StepId;
use crate::domain::shop::ShopEvent;
use crate::domain::signature::{Covered, Meaning, Signature};
use crate::domain::technician::TechnicianEvent;
use crate::domain::time::Moment;
use crate::domain::tool::ToolEvent;
use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

/// One strategy for every variant of every event.
pub fn variants() -> Vec<BoxedStrategy<Addressed>> {
    let mut all = Vec::new();
    all.extend(addressed(shop()));
    all.extend(addressed(technician()));
    all.extend(addressed(device::events()));
    all.extend(addressed(order::events()));
    all.extend(addressed(inspection::events()));
    all.extend(addressed(procedure::events()));
    all.extend(addressed(tool()));
    all.extend(addressed(model()));
    all
}

/// Any event at all.
pub fn any_event() -> impl Strategy<Value = Addressed> {
    proptest::strategy::Union::new(variants())
}

fn addressed<E>(events: Vec<BoxedStrategy<E>>) -> Vec<BoxedStrategy<Addressed>>
where
    E: std::fmt::Debug + 'static,
    Addressed: From<(EntityId, E)>,
{
    events
        .into_iter()
        .map(|event| (id(), event).prop_map(Addressed::from).boxed())
        .collect()
}

fn text() -> impl Strategy<Value = String> + Clone {
    ".{0,12}"
}

fn hash16() -> impl Strategy<Value = [u8; 16]> + Clone {
    any::<[u8; 16]>()
}

fn dot() -> impl Strategy<Value = Dot> + Clone {
    (hash16(), any::<u64>(), any::<u16>()).prop_map(|(site, seq, index)| Dot {
        site: SiteId(site),
        seq,
        index,
    })
}

fn id() -> impl Strategy<Value = EntityId> + Clone {
    prop_oneof![
        dot().prop_map(EntityId::Made),
        hash16().prop_map(EntityId::Natural)
    ]
}

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash)
}

fn day() -> impl Strategy<Value = NaiveDate> + Clone {
    prop_oneof![
        8 => (-200_000i32..1_200_000).prop_map(|days| {
            NaiveDate::from_num_days_from_ce_opt(days).unwrap_or_default()
        }),
        1 => Just(NaiveDate::MIN),
        1 => Just(NaiveDate::MAX),
    ]
}

fn moment() -> impl Strategy<Value = Moment> {
    any::<(i64, i16)>().prop_map(|(micros, offset)| Moment { micros, offset })
}

fn decimal() -> impl Strategy<Value = Decimal> + Clone {
    const MOST: i128 = (1 << 96) - 1;
    prop_oneof![
        (-MOST..=MOST, 0u32..=28).prop_map(|(m, s)| Decimal::from_i128_with_scale(m, s)),
        (-9_999i128..=9_999, 0u32..=4).prop_map(|(m, s)| Decimal::from_i128_with_scale(m, s)),
    ]
}

fn pick<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    select(all)
}

fn maybe_bool() -> impl Strategy<Value = Option<bool>> {
    any::<Option<bool>>()
}

fn step() -> impl Strategy<Value = StepId> {
    text().prop_map(StepId)
}

fn signature() -> impl Strategy<Value = Signature> {
    (
        (text(), text(), moment(), pick(Meaning::ALL)),
        (
            hash(),
            vec((dot(), hash()), 0..4),
            any::<[u8; 32]>(),
            vec(any::<u8>(), 0..70),
        ),
    )
        .prop_map(
            |((signer, name, at, meaning), (list, covers, public, bytes))| Signature {
                covers: covers
                    .into_iter()
                    .map(|(dot, hash)| Covered {
                        site: dot.site,
                        seq: dot.seq,
                        hash,
                    })
                    .collect(),
                signer,
                name,
                at,
                meaning,
                list,
                public,
                bytes,
            },
        )
}

fn shop() -> Vec<BoxedStrategy<ShopEvent>> {
    use ShopEvent as E;
    vec![
        text().prop_map(|name| E::Renamed { name }).boxed(),
        text()
            .prop_map(|prefix| E::PrefixChanged { prefix })
            .boxed(),
        text().prop_map(|zone| E::ZoneChanged { zone }).boxed(),
        (text(), text())
            .prop_map(|(name, text)| E::ColumnMapSaved { name, text })
            .boxed(),
    ]
}

fn technician() -> Vec<BoxedStrategy<TechnicianEvent>> {
    use TechnicianEvent as E;
    vec![
        (text(), text(), text())
            .prop_map(|(key, name, initials)| E::Named {
                key,
                name,
                initials,
            })
            .boxed(),
        (text(), text(), option::of(day()))
            .prop_map(|(credential, number, expires)| E::CredentialAdded {
                credential,
                number,
                expires,
            })
            .boxed(),
        any::<[u8; 32]>()
            .prop_map(|public| E::KeyEnrolled { public })
            .boxed(),
        (any::<[u8; 32]>(), text())
            .prop_map(|(public, reason)| E::KeyRevoked { public, reason })
            .boxed(),
        text().prop_map(|reason| E::Left { reason }).boxed(),
        text()
            .prop_map(|account| E::AccountLinked { account })
            .boxed(),
        text()
            .prop_map(|account| E::AccountUnlinked { account })
            .boxed(),
    ]
}

fn tool() -> Vec<BoxedStrategy<ToolEvent>> {
    use ToolEvent as E;
    vec![
        (text(), text(), text(), text())
            .prop_map(|(name, kind, model, serial)| E::Described {
                name,
                kind,
                model,
                serial,
            })
            .boxed(),
        (day(), day(), text())
            .prop_map(|(on, due, certificate)| E::Calibrated {
                on,
                due,
                certificate,
            })
            .boxed(),
        (day(), text())
            .prop_map(|(on, note)| E::CheckedGood { on, note })
            .boxed(),
        (day(), text(), option::of(day()))
            .prop_map(|(on, reason, last_good)| E::Failed {
                on,
                reason,
                last_good,
            })
            .boxed(),
        text().prop_map(|reason| E::Withdrawn { reason }).boxed(),
    ]
}

fn model() -> Vec<BoxedStrategy<ModelEvent>> {
    let facts = (
        (text(), vec(text(), 0..3), text(), text(), text()),
        (
            text(),
            text(),
            vec((text(), text()), 0..3),
            text(),
            maybe_bool(),
            maybe_bool(),
        ),
    )
        .prop_map(
            |(
                (di, other_dis, manufacturer, brand, model),
                (catalogue, description, product_codes, gmdn, has_lot, has_serial),
            )| ModelFacts {
                di,
                other_dis,
                manufacturer,
                brand,
                model,
                catalogue,
                description,
                product_codes,
                gmdn,
                has_lot,
                has_serial,
            },
        );
    vec![
        (facts, text())
            .prop_map(|(facts, source)| ModelEvent::Published { facts, source })
            .boxed(),
    ]
}
