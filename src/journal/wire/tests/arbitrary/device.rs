//! Arbitrary device events.

use super::{day, decimal, dot, id, maybe_bool, pick, signature, text};
use crate::domain::device::{
    DeviceEvent, Field, FieldChange, HoldKind, Origin, Outcome, Stage, Value, Whereabouts,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::Text),
        day().prop_map(Value::Date),
        decimal().prop_map(Value::Number),
        any::<u16>().prop_map(Value::Choice),
        vec(text(), 0..4).prop_map(Value::List),
    ]
}

fn change() -> impl Strategy<Value = FieldChange> {
    (
        pick(Field::ALL),
        option::of(value()),
        option::of(value()),
        vec(dot(), 0..3),
    )
        .prop_map(|(field, old, new, replaces)| FieldChange {
            field,
            old,
            new,
            replaces,
        })
}

fn whereabouts() -> impl Strategy<Value = Whereabouts> {
    prop_oneof![
        Just(Whereabouts::AtLocation),
        (text(), option::of(day())).prop_map(|(to, back)| Whereabouts::OnLoan { to, back }),
        (
            text(),
            text(),
            text(),
            maybe_bool(),
            maybe_bool(),
            option::of(day())
        )
            .prop_map(
                |(vendor, rma, carrier, ephi_cleared, decontaminated, expected)| {
                    Whereabouts::SentOut {
                        vendor,
                        rma,
                        carrier,
                        ephi_cleared,
                        decontaminated,
                        expected,
                    }
                }
            ),
        text().prop_map(|searched| Whereabouts::Missing { searched }),
    ]
}

/// One strategy for every variant.
pub fn events() -> Vec<BoxedStrategy<DeviceEvent>> {
    use DeviceEvent as E;
    vec![
        (pick(Origin::ALL), pick(Stage::ALL), vec(change(), 0..4))
            .prop_map(|(origin, stage, changes)| E::Registered {
                origin,
                stage,
                changes,
            })
            .boxed(),
        (vec(change(), 0..4), text())
            .prop_map(|(changes, reason)| E::Edited { changes, reason })
            .boxed(),
        (pick(Stage::ALL), pick(Stage::ALL), text())
            .prop_map(|(from, to, reason)| E::StageChanged { from, to, reason })
            .boxed(),
        (whereabouts(), text())
            .prop_map(|(to, note)| E::WhereaboutsChanged { to, note })
            .boxed(),
        (pick(HoldKind::ALL), text(), option::of(id()))
            .prop_map(|(kind, reason, source)| E::HoldPlaced {
                kind,
                reason,
                source,
            })
            .boxed(),
        (dot(), text(), option::of(id()))
            .prop_map(|(hold, reason, inspection)| E::HoldLifted {
                hold,
                reason,
                inspection,
            })
            .boxed(),
        (text(), change(), text())
            .prop_map(|(old, change, reason)| E::Retagged {
                old,
                change,
                reason,
            })
            .boxed(),
        (id(), vec(text(), 0..4), text())
            .prop_map(|(other, aliases, reason)| E::Combined {
                other,
                aliases,
                reason,
            })
            .boxed(),
        (id(), text())
            .prop_map(|(other, reason)| E::Separated { other, reason })
            .boxed(),
        (option::of(id()), text())
            .prop_map(|(into, reason)| E::MergedInto { into, reason })
            .boxed(),
        (id(), text(), pick(Outcome::ALL), day(), option::of(day()))
            .prop_map(
                |(inspection, activity, outcome, performed, next_due)| E::Inspected {
                    inspection,
                    activity,
                    outcome,
                    performed,
                    next_due,
                },
            )
            .boxed(),
        (text(), text(), text())
            .prop_map(|(component, version, how)| E::SoftwareSeen {
                component,
                version,
                how,
            })
            .boxed(),
        text().prop_map(|text| E::Noted { text }).boxed(),
        (text(), signature())
            .prop_map(|(words, signature)| E::Witnessed { words, signature })
            .boxed(),
        vec(dot(), 0..3).prop_map(|of| E::NoticeRead { of }).boxed(),
        (id(), text(), day(), option::of(day()), text())
            .prop_map(
                |(order, activity, performed, next_due, report)| E::Serviced {
                    order,
                    activity,
                    performed,
                    next_due,
                    report,
                },
            )
            .boxed(),
    ]
}
