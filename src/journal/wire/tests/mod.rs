//! Tests of the frozen event forms: every variant comes back exactly, nothing panics, damage and later versions are told
//! apart, and the committed bytes of every variant still read as they always did.

mod arbitrary;
mod golden;
mod samples;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;

use super::events::{
    WireError, aggregate_of, aggregate_ref, decode, encode, encode_and_read, kinds,
};
use crate::domain::device::{DeviceEvent, Field, FieldChange, Value};
use crate::domain::event::{Aggregate, Kind};
use crate::domain::id::EntityId;
use crate::domain::procedure::{Condition, Procedure, Section, Step, StepKind};
use crate::domain::stored_procedure::ProcedureEvent;
use crate::journal::{AggregateRef, EventRecord};
use arbitrary::{any_event, variants};

#[test]
fn every_variant_comes_back_exactly() {
    let mut seen = BTreeSet::new();
    for strategy in variants() {
        let mut runner = TestRunner::new(ProptestConfig::with_cases(48));
        let kinds_here = std::cell::RefCell::new(BTreeSet::new());
        runner
            .run(&strategy, |event| {
                let record = encode(&event).unwrap();
                kinds_here.borrow_mut().insert(record.kind);
                prop_assert_eq!(record.schema, 1);
                prop_assert_eq!(decode(&record).unwrap(), event);
                Ok(())
            })
            .unwrap();
        let kinds_here = kinds_here.into_inner();
        assert_eq!(kinds_here.len(), 1, "one strategy is one variant");
        seen.extend(kinds_here);
    }
    let all: BTreeSet<u16> = kinds().map(|(kind, _)| kind).collect();
    assert_eq!(seen, all, "every kind has a strategy");
}

#[test]
fn numbers_and_names_are_unique_and_in_their_hundred() {
    let mut numbers = BTreeSet::new();
    let mut names = BTreeSet::new();
    for (kind, name) in kinds() {
        assert!(numbers.insert(kind), "{kind} is used twice");
        assert!(names.insert(name), "{name} is used twice");
        let owner = match kind / 100 {
            1 => "shop",
            2 => "technician",
            3 => "device",
            4 => "order",
            5 => "inspection",
            6 => "procedure",
            7 => "tool",
            8 => "model",
            _ => panic!("{kind} belongs to nothing"),
        };
        assert!(name.starts_with(owner), "{kind} {name}");
    }
}

#[test]
fn aggregates_have_their_own_numbers_apart_from_the_journals() {
    let id = EntityId::Natural([3; 16]);
    for code in 1..=8 {
        let kind = Kind::from_code(code).unwrap();
        let named = aggregate_ref(Aggregate { kind, id });
        assert_eq!(named.kind, code * 100);
        assert_eq!(aggregate_of(&named), Some(Aggregate { kind, id }));
    }
    for kind in [0, 1, 99, 101, 350, 900] {
        assert_eq!(aggregate_of(&AggregateRef { kind, id }), None, "{kind}");
    }
}

fn started() -> EventRecord {
    EventRecord {
        aggregate: AggregateRef {
            kind: 400,
            id: EntityId::Natural([3; 16]),
        },
        kind: 405,
        schema: 1,
        body: Vec::new(),
    }
}

#[test]
fn later_versions_are_told_from_damage() {
    let good = started();
    assert!(decode(&good).is_ok());
    let with = |change: &dyn Fn(&mut EventRecord)| {
        let mut record = good.clone();
        change(&mut record);
        decode(&record).unwrap_err()
    };
    let newer = |kind, schema| WireError::Newer { kind, schema };
    assert_eq!(with(&|r| r.kind = 499), newer(499, 1));
    assert_eq!(with(&|r| r.kind = 1_201), newer(1_201, 1));
    assert_eq!(with(&|r| r.schema = 2), newer(405, 2));
    // Whatever the body of a newer schema looks like.
    assert_eq!(
        with(&|r| {
            r.schema = 7;
            r.body = vec![1, 2, 3];
        }),
        newer(405, 7)
    );
    assert!(matches!(
        with(&|r| r.schema = 0),
        WireError::Damaged { kind: 405, .. }
    ));
    assert!(matches!(
        with(&|r| r.body = vec![0]),
        WireError::Damaged { kind: 405, .. }
    ));
    assert!(matches!(
        with(&|r| r.aggregate.kind = 300),
        WireError::Damaged { kind: 405, .. }
    ));
    for kind in [1, 2, 3, 99] {
        assert_eq!(
            with(&|r| r.kind = kind),
            WireError::JournalsOwn { kind },
            "{kind}"
        );
    }
}

/// In each body, a number where a choice of a list or of a variant stands is replaced by one that nobody knows yet.
#[test]
fn an_unknown_choice_is_a_later_version() {
    let cases: &[(u16, usize)] = &[
        (303, 0), // stage
        (304, 0), // whereabouts
        (305, 0), // kind of hold
        (414, 0), // attempt code
        (302, 8), // field of the first change
    ];
    for (kind, at) in cases {
        let sample = samples::all()
            .into_iter()
            .map(|event| encode(&event).unwrap())
            .find(|record| record.kind == *kind)
            .unwrap();
        let mut record = sample;
        record.body[*at..at + 2].copy_from_slice(&60_000u16.to_le_bytes());
        assert_eq!(
            decode(&record),
            Err(WireError::Newer {
                kind: *kind,
                schema: 1
            })
        );
    }
}

#[test]
fn a_document_that_would_not_come_back_is_not_written() {
    let mut condition = Condition::All(Vec::new());
    for _ in 0..80 {
        condition = Condition::Not(Box::new(condition));
    }
    let step = Step {
        condition: Some(condition),
        ..Step::new("a", "a", StepKind::Check)
    };
    let procedure = Procedure {
        sections: vec![Section {
            title: String::new(),
            steps: vec![step],
        }],
        ..Procedure::default()
    };
    let event = ProcedureEvent::Imported {
        procedure: Box::new(procedure),
        source: "file".into(),
    };
    let refused = encode(&(EntityId::Natural([1; 16]), event).into()).unwrap_err();
    assert!(matches!(refused, WireError::Unwritable { .. }));
    assert!(refused.to_string().contains("nothing was written"));
}

#[test]
fn what_was_just_written_is_given_as_a_rebuild_will_read_it() {
    let price = |new| DeviceEvent::Edited {
        changes: vec![FieldChange {
            field: Field::PurchasePrice,
            old: None,
            new: Some(Value::Number(new)),
            replaces: vec![],
        }],
        reason: String::new(),
    };
    let mut minus_zero = Decimal::ZERO;
    minus_zero.set_sign_negative(true);
    assert_eq!(minus_zero.to_string(), "-0");
    let event = (EntityId::Natural([1; 16]), price(minus_zero)).into();
    let (record, read) = encode_and_read(&event).unwrap();
    assert_eq!(decode(&record).unwrap(), read);
    assert!(
        format!("{read:?}").contains("Number(0)"),
        "zero has no sign in the journal: {read:?}"
    );
    // Places count: 1250.50 was typed so.
    let event = (EntityId::Natural([1; 16]), price(Decimal::new(125_050, 2))).into();
    let (_, read) = encode_and_read(&event).unwrap();
    assert!(format!("{read:?}").contains("1250.50"));
}

#[test]
fn an_answer_stays_small() {
    let largest = samples::all()
        .into_iter()
        .map(|event| encode(&event).unwrap())
        .filter(|record| record.kind == 504)
        .map(|record| record.body.len())
        .max()
        .unwrap();
    assert!(largest <= 300, "{largest} bytes for one answer");
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(
        (kind, schema) in (prop_oneof![any::<u16>(), 100u16..900], 0u16..3),
        aggregate in prop_oneof![any::<u16>(), (1u16..9).prop_map(|k| k * 100)],
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let record = EventRecord {
            aggregate: AggregateRef { kind: aggregate, id: EntityId::Natural([0; 16]) },
            kind, schema, body,
        };
        let _ = decode(&record);
    }

    #[test]
    fn a_flipped_byte_is_noticed_or_reads_as_what_it_says(
        event in any_event(), at in any::<prop::sample::Index>(), to in any::<u8>(),
    ) {
        let mut record = encode(&event).unwrap();
        if !record.body.is_empty() {
            let at = at.index(record.body.len());
            record.body[at] = to;
            if let Ok(read) = decode(&record) {
                prop_assert_eq!(encode(&read).unwrap(), record);
            }
        }
    }

    #[test]
    fn a_cut_is_damage(event in any_event(), at in any::<prop::sample::Index>()) {
        let mut record = encode(&event).unwrap();
        if !record.body.is_empty() {
            record.body.truncate(at.index(record.body.len()));
            let damaged = matches!(decode(&record), Err(WireError::Damaged { .. }));
            prop_assert!(damaged, "{:?}", decode(&record));
        }
    }

    #[test]
    fn a_tail_is_damage(event in any_event(), tail in proptest::collection::vec(any::<u8>(), 1..9)) {
        let mut record = encode(&event).unwrap();
        record.body.extend_from_slice(&tail);
        let damaged = matches!(decode(&record), Err(WireError::Damaged { .. }));
        prop_assert!(damaged, "{:?}", decode(&record));
    }
}

#[test]
fn every_event_has_exactly_one_rule_for_work_done_apart() {
    let mut ruled: Vec<&str> = crate::domain::merge::RULES
        .iter()
        .flat_map(|rule| rule.events)
        .copied()
        .collect();
    ruled.sort_unstable();
    let mut known: Vec<&str> = kinds().map(|(_, name)| name).collect();
    known.sort_unstable();
    assert_eq!(ruled, known);
}
