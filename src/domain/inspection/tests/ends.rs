//! How inspections end, and what they lend to later ones.

use super::bench::{JD, Shop, checklist, flow, ohm, volt};
use crate::domain::device::{Field, Outcome};
use crate::domain::inspection::{
    Answer, Failing, Phase, outcome, plan, prefill, previous_readings,
};
use crate::domain::measure::Unit;
use crate::domain::signature::Meaning;

/// Each case: steps answered otherwise than well, how it is settled, how it ends, what it says.
#[test]
fn the_gravest_decides_and_all_are_said() {
    let repair = || Some(Failing::OpenRepair);
    let fixed = || Some(super::bench::fixed_now());
    type Case = (
        Vec<(&'static str, Answer, Option<Failing>)>,
        Outcome,
        &'static str,
    );
    let cases: Vec<Case> = vec![
        (vec![], Outcome::Passed, ""),
        (
            vec![("earth", ohm("0.9"), repair())],
            Outcome::DoNotUse,
            "\"Ground resistance\" failed; a repair order is open (0.9 Ω, limit at most 0.5 Ω)",
        ),
        (
            vec![("volts", volt("11"), repair())],
            Outcome::Failed,
            "\"Battery voltage\" failed; a repair order is open",
        ),
        (
            vec![("earth", ohm("0.9"), fixed())],
            Outcome::Corrected,
            "was put right (tightened the earth screw), and passed as left (0.12 Ω",
        ),
        (
            vec![("flow@0", flow("<10"), None)],
            Outcome::Undecided,
            "\"Flow\" at 10 mL/h is undecided",
        ),
        (
            vec![
                ("earth", ohm("0.9"), repair()),
                ("flow@0", flow("<10"), None),
            ],
            Outcome::DoNotUse,
            "\"Flow\" at 10 mL/h is undecided",
        ),
    ];
    for (others, ends, words) in cases {
        let mut shop = Shop::new();
        let id = shop.start();
        for (step, good) in super::bench::good_answers() {
            let other = others.iter().find(|(name, _, _)| *name == step);
            let Some((_, answer, settled)) = other else {
                shop.answer(id, step, good).unwrap();
                continue;
            };
            shop.answer(id, step, answer.clone()).unwrap();
            if let Some(with) = settled {
                shop.settle(id, step, with.clone()).unwrap();
                if matches!(with, Failing::FixedNow { .. }) {
                    shop.answer(id, step, good).unwrap();
                }
            }
        }
        assert_eq!(shop.sign(id), ends, "{words}");
        let because = shop.inspection(id).because.join(" ");
        assert!(because.contains(words), "{because}");
    }
}

#[test]
fn nothing_answered_is_never_a_pass() {
    let mut shop = Shop::new();
    let id = shop.start();
    let (ends, _) = outcome(&shop.inspection(id), &checklist(), true);
    assert_eq!(ends, Outcome::Undecided);
    let empty = crate::domain::procedure::Procedure::default();
    assert_eq!(
        outcome(&shop.inspection(id), &empty, true).0,
        Outcome::Undecided
    );
    assert!(shop.sign_as(JD, id, Meaning::Performed).is_err());
}

#[test]
fn only_a_few_texts_are_offered_again() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.answer(id, "case", Answer::Fail).unwrap();
    shop.answer(id, "damage", Answer::Text("dent".into()))
        .unwrap();
    shop.answer(id, "software", Answer::Text("v 3.1".into()))
        .unwrap();
    shop.answer(id, "volts", volt("12")).unwrap();
    let previous = shop.inspection(id);
    let frozen = checklist();
    for step in frozen.steps() {
        let offered = prefill(&previous, step);
        let wanted = (step.id.0 == "software").then(|| Answer::Text("v 3.1".into()));
        assert_eq!(offered, wanted, "{}", step.id);
    }
}

#[test]
fn earlier_readings_come_newest_first_and_only_from_signed_inspections() {
    let mut shop = Shop::new();
    let mut past = Vec::new();
    for volts in ["12.6", "12.4"] {
        let id = shop.start();
        shop.pass_all_but(id, &["volts"]);
        shop.answer(id, "volts", volt(volts)).unwrap();
        shop.sign(id);
        past.push(shop.inspection(id));
        shop.world.pass_days(30);
    }
    let open = shop.start();
    shop.answer(open, "volts", volt("12.1")).unwrap();
    past.push(shop.inspection(open));
    let found = previous_readings(&past, &"volts".into(), None);
    let typed: Vec<&str> = found.iter().map(|p| p.reading.typed.as_str()).collect();
    assert_eq!(typed, ["12.4", "12.6"]);
    assert_eq!(found[0].phase, Phase::AsFound);
    assert_eq!(found[0].reading.unit, Unit::Volt);
    assert_eq!(previous_readings(&past, &"flow".into(), Some(1)).len(), 2);
    assert!(previous_readings(&past, &"case".into(), None).is_empty());
}

#[test]
fn the_plan_counts_what_is_asked() {
    let mut shop = Shop::new();
    let id = shop.start();
    let start = shop.plan(id);
    assert_eq!((start.done, start.front), (0, Some(0)));
    shop.pass_all_but(id, &[]);
    let end = shop.plan(id);
    // All but the four that may be left out, and the damage that nobody saw.
    assert_eq!((end.done, end.total, end.items.len()), (8, 12, 13));
    let flow = end.item(&"flow".into()).unwrap();
    assert_eq!(flow.section, "Measure");
    assert_eq!(flow.points[1].label, "100 mL/h");
    assert_eq!(flow.points[1].limit, "95 to 105 mL/h");
    let twice = plan(
        &shop.inspection(id),
        &checklist(),
        &shop.inspection(id).facts,
    );
    assert_eq!(twice, end, "the same every time");
}

#[test]
fn facts_are_unknown_until_somebody_wrote_them_down() {
    let shop = Shop::new();
    let device = &shop.world.devices[&shop.pump];
    let facts = crate::domain::inspection::facts_of(device);
    assert_eq!(facts, crate::domain::procedure::DeviceFacts::default());
    let mut device = device.clone();
    for (field, text) in [
        (Field::ProtectionClass, "II"),
        (Field::Power, "battery only"),
        (Field::AppliedParts, "leads: CF; cuff: BF"),
        (Field::Network, "none"),
        (Field::StoresEphi, "unknown"),
        (Field::HighRisk, "no"),
    ] {
        let change = crate::domain::device::FieldChange {
            field,
            old: None,
            new: field.parse(text).unwrap(),
            replaces: vec![],
        };
        device.apply(
            &crate::domain::device::DeviceEvent::Edited {
                changes: vec![change],
                reason: String::new(),
            },
            &crate::domain::time::Stamp {
                dot: crate::domain::id::Dot::default(),
                at: shop.world.now,
                by: JD.into(),
            },
            &crate::domain::seen::Seen::Everything,
        );
    }
    let facts = crate::domain::inspection::facts_of(&device);
    assert_eq!(
        facts.class,
        Some(crate::domain::procedure::ProtectionClass::II)
    );
    assert_eq!(facts.applied_parts.map(|p| p.len()), Some(2));
    assert_eq!(
        (
            facts.battery,
            facts.networked,
            facts.stores_ephi,
            facts.high_risk
        ),
        (Some(true), Some(false), None, Some(false))
    );
}
