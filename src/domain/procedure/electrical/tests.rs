//! The limits that each class, connection and applied part takes.

use super::*;
use crate::domain::procedure::StepKind;

/// `name limit` of each step, with `?` where something was assumed and `!` where the limit is unverified.
fn tests_of(profile: Profile, facts: &ElectricalFacts) -> Vec<String> {
    profile
        .steps_for(facts)
        .iter()
        .map(|step| {
            let name = step.id.0.trim_start_matches("electrical.");
            let StepKind::Measure(measure) = &step.kind else {
                return name.to_owned();
            };
            assert!(step.safety && step.tool.is_some() && step.required);
            let limit = measure.limit.unwrap().describe(measure.unit);
            let assumed = step.detail.as_ref().unwrap().contains("not known")
                || step.detail.as_ref().unwrap().contains("No applied parts");
            format!(
                "{name} {limit}{}{}",
                if assumed { " ?" } else { "" },
                if measure.source.verified { "" } else { " !" }
            )
        })
        .collect()
}

fn facts(
    class: Option<ProtectionClass>,
    power: Option<PowerConnection>,
    parts: Option<&[(&str, Option<AppliedPartType>)]>,
) -> ElectricalFacts {
    ElectricalFacts {
        class,
        power,
        applied_parts: parts.map(|parts| {
            parts
                .iter()
                .map(|(name, kind)| AppliedPart {
                    name: (*name).to_owned(),
                    kind: *kind,
                })
                .collect()
        }),
    }
}

use AppliedPartType::{B, BF, CF};
use LeakageMethod::{Alternative, Differential, Direct};
use ProtectionClass::{I, II, Internal};

#[test]
fn nfpa_picks_limits_by_class_and_part() {
    let nfpa = Profile::Nfpa99Edition2012;
    let cord = Some(PowerConnection::DetachableCord);
    let monitor = facts(
        Some(I),
        cord,
        Some(&[("ECG leads", Some(CF)), ("NIBP cuff", Some(BF))]),
    );
    assert_eq!(
        tests_of(nfpa, &monitor),
        [
            "ground-wire at most 0.5 Ω",
            "touch-closed at most 100 µA",
            "touch-open at most 500 µA",
            "leads-closed-ecg-leads at most 10 µA !",
            "leads-open-ecg-leads at most 50 µA !",
            "leads-closed-nibp-cuff at most 100 µA !",
            "leads-open-nibp-cuff at most 500 µA !",
        ]
    );
    assert_eq!(
        tests_of(nfpa, &facts(Some(II), cord, Some(&[]))),
        ["touch-closed at most 100 µA"]
    );
    assert_eq!(
        tests_of(nfpa, &facts(Some(Internal), None, Some(&[]))),
        ["none"]
    );
}

#[test]
fn iec_picks_limits_by_class_cord_and_method() {
    let fixed = Some(PowerConnection::FixedCord);
    let detachable = Some(PowerConnection::DetachableCord);
    let iec = Profile::Iec62353Edition2014;
    assert_eq!(
        tests_of(
            iec(Direct),
            &facts(Some(I), detachable, Some(&[("probe", Some(B))]))
        ),
        [
            "earth-inlet at most 200 mΩ",
            "earth-cord at most 100 mΩ",
            "earth at most 300 mΩ",
            "insulation at least 2 MΩ !",
            "equipment-leakage at most 500 µA !",
        ]
    );
    assert_eq!(
        tests_of(
            iec(Alternative),
            &facts(Some(I), fixed, Some(&[("probe", Some(CF))]))
        ),
        [
            "earth at most 300 mΩ",
            "insulation at least 2 MΩ !",
            "equipment-leakage at most 1000 µA !",
            "applied-part-probe at most 50 µA !",
            "insulation-probe at least 70 MΩ !",
        ]
    );
    for (method, limit) in [(Direct, 100), (Differential, 100), (Alternative, 500)] {
        assert_eq!(
            tests_of(
                iec(method),
                &facts(Some(II), fixed, Some(&[("probe", Some(BF))]))
            ),
            [
                "insulation at least 7 MΩ !".to_owned(),
                format!("equipment-leakage at most {limit} µA !"),
                "applied-part-probe at most 5000 µA !".to_owned(),
                "insulation-probe at least 70 MΩ !".to_owned(),
            ]
        );
    }
}

/// Type B parts are measured with the case, so they have no step of their own; BF and CF have theirs, by every method.
#[test]
fn iec_applied_parts_of_each_type_take_their_own_limit() {
    let steps = |kind, method| {
        let facts = facts(
            Some(II),
            Some(PowerConnection::FixedCord),
            Some(&[("probe", Some(kind))]),
        );
        tests_of(Profile::Iec62353Edition2014(method), &facts)
    };
    for method in [Direct, Differential, Alternative] {
        let b = steps(B, method);
        assert!(b.iter().all(|step| !step.contains("probe")), "{b:?}");
        assert!(
            b.iter().any(|step| step.starts_with("equipment-leakage")),
            "what covers it: {b:?}"
        );
        for (kind, limit) in [(BF, 5000), (CF, 50)] {
            let mut with = b.clone();
            with.push(format!("applied-part-probe at most {limit} µA !"));
            with.push("insulation-probe at least 70 MΩ !".to_owned());
            assert_eq!(steps(kind, method), with);
        }
    }
}

#[test]
fn unknown_takes_the_strictest_and_says_so() {
    let unknown = ElectricalFacts::default();
    assert_eq!(
        tests_of(Profile::Iec62353Edition2014(Direct), &unknown),
        [
            "earth-inlet at most 200 mΩ ?",
            "earth-cord at most 100 mΩ ?",
            "earth at most 300 mΩ ?",
            "insulation at least 7 MΩ ? !",
            "equipment-leakage at most 100 µA ? !",
            "applied-part-patient-leads at most 50 µA ? !",
            "insulation-patient-leads at least 70 MΩ ? !",
        ]
    );
    assert_eq!(
        tests_of(Profile::Nfpa99Edition2012, &unknown)[3],
        "leads-closed-patient-leads at most 10 µA ? !"
    );
    let part = facts(
        Some(I),
        Some(PowerConnection::FixedCord),
        Some(&[("probe", None)]),
    );
    assert!(
        tests_of(Profile::Iec62353Edition2014(Direct), &part)
            .contains(&"applied-part-probe at most 50 µA ? !".to_owned())
    );
}

#[test]
fn a_battery_device_with_a_mains_connection_is_tested_on_mains() {
    let odd = facts(
        Some(Internal),
        Some(PowerConnection::DetachableCord),
        Some(&[]),
    );
    assert_eq!(
        tests_of(Profile::Iec62353Edition2014(Direct), &odd).len(),
        5
    );
}

#[test]
fn two_parts_of_one_name_get_two_steps() {
    let twins = facts(
        Some(Internal),
        None,
        Some(&[("probe", Some(BF)), ("Probe ", Some(CF))]),
    );
    assert_eq!(
        tests_of(Profile::Nfpa99Edition2012, &twins),
        [
            "leads-closed-probe at most 100 µA !",
            "leads-closed-probe-2 at most 10 µA !"
        ]
    );
}

#[test]
fn names_of_profiles_read_back() {
    for profile in Profile::ALL {
        assert_eq!(Profile::from_code(profile.code()), Some(profile));
    }
    assert_eq!(Profile::from_code("nfpa99-1999"), None);
}
