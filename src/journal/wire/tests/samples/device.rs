//! Samples of device events.

use super::{day, dot, id, number, s, signature};
use crate::domain::device::{
    DeviceEvent, Field, FieldChange, HoldKind, Origin, Outcome, Stage, Value, Whereabouts,
};
use crate::domain::id::EntityId;

fn change(field: Field, old: Option<Value>, new: Option<Value>) -> FieldChange {
    FieldChange {
        field,
        old,
        new,
        replaces: vec![dot(7)],
    }
}

/// In the order of their golden files.
pub fn events() -> Vec<DeviceEvent> {
    use DeviceEvent as E;
    vec![
        E::Registered {
            origin: Origin::Delivered,
            stage: Stage::Received,
            changes: vec![
                FieldChange {
                    field: Field::AssetTag,
                    old: None,
                    new: Some(Value::Text(s("BM-00042"))),
                    replaces: vec![],
                },
                change(
                    Field::PurchaseDate,
                    Some(Value::Date(day("1969-12-31"))),
                    Some(Value::Date(day("2024-02-29"))),
                ),
            ],
        },
        E::Edited {
            changes: vec![
                change(
                    Field::PurchasePrice,
                    Some(Value::Number(number("1250.50"))),
                    Some(Value::Number(number("-0.10"))),
                ),
                change(Field::Ownership, Some(Value::Choice(4)), None),
                change(
                    Field::AppliedParts,
                    None,
                    Some(Value::List(vec![s("ECG leads: CF"), s("cuff: BF")])),
                ),
            ],
            reason: s("rating plate read"),
        },
        E::StageChanged {
            from: Stage::Received,
            to: Stage::InService,
            reason: s("incoming inspection passed"),
        },
        E::WhereaboutsChanged {
            to: Whereabouts::AtLocation,
            note: s("found in ICU 3"),
        },
        E::WhereaboutsChanged {
            to: Whereabouts::OnLoan {
                to: s("Ward 5"),
                back: Some(day("2026-12-01")),
            },
            note: s(""),
        },
        E::WhereaboutsChanged {
            to: Whereabouts::SentOut {
                vendor: s("Acme Service"),
                rma: s("RMA-9"),
                carrier: s("courier"),
                ephi_cleared: Some(true),
                decontaminated: None,
                expected: None,
            },
            note: s("display dark"),
        },
        E::WhereaboutsChanged {
            to: Whereabouts::Missing {
                searched: s("ED, storage B"),
            },
            note: s(""),
        },
        E::HoldPlaced {
            kind: HoldKind::Sequestered,
            reason: s("possible harm"),
            source: Some(id(2)),
        },
        E::HoldLifted {
            hold: dot(9),
            reason: s("passed after repair"),
            inspection: Some(EntityId::Natural([0x11; 16])),
        },
        E::Retagged {
            old: s("TMP-7"),
            change: change(
                Field::AssetTag,
                Some(Value::Text(s("TMP-7"))),
                Some(Value::Text(s("BM-00043"))),
            ),
            reason: s("label arrived"),
        },
        E::Combined {
            other: id(5),
            aliases: vec![s("BM-17"), s("SN 4711")],
            reason: s("same pump twice"),
        },
        E::Separated {
            other: id(5),
            reason: s("two pumps after all"),
        },
        E::MergedInto {
            into: Some(id(1)),
            reason: s("same pump twice"),
        },
        E::MergedInto {
            into: None,
            reason: s("two pumps after all"),
        },
        E::Inspected {
            inspection: id(3),
            activity: s("annual PM"),
            outcome: Outcome::Corrected,
            performed: day("2026-11-23"),
            next_due: Some(day("2027-11-30")),
        },
        E::SoftwareSeen {
            component: s("main"),
            version: s("v4.02 (b)"),
            how: s("start screen"),
        },
        E::Noted {
            text: s("Socket cover cracked,\nstill tight."),
        },
        E::Witnessed {
            words: s("hold released: photographed"),
            signature: signature(),
        },
        E::Serviced {
            order: id(2),
            activity: s("annual PM"),
            performed: day("2026-11-20"),
            next_due: Some(day("2027-11-20")),
            report: s("Acme Service, report R-77, passed, without readings"),
        },
        E::NoticeRead { of: vec![dot(7)] },
    ]
}
