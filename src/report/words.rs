//! Times, facts and answers in the words of a record.
//!
//! Invariant: unknown is said in words, never left out and never shown as fine.

use crate::domain::inspection::{Answer, Answered, Verdict};
use crate::domain::measure::Reading;
use crate::domain::procedure::{
    AppliedPart, AppliedPartType, DeviceFacts, PowerConnection, ProtectionClass,
};
use crate::domain::time::{Moment, Stamp};

/// Printed names by technician key.
#[derive(Clone, Copy)]
pub(super) struct Names<'a>(pub &'a [(String, String)]);

impl Names<'_> {
    /// `Ann Bell (ab)`, or the key alone when no name is known.
    pub fn who(self, key: &str) -> String {
        if key.trim().is_empty() {
            return "somebody unknown".to_owned();
        }
        match self.0.iter().find(|(known, _)| known == key) {
            Some((_, name)) if !name.is_empty() && name != key => format!("{name} ({key})"),
            _ => key.to_owned(),
        }
    }

    /// `Ann Bell (ab), 2026-03-02 08:10 +00:00`.
    pub fn stamp(self, stamp: &Stamp) -> String {
        format!("{}, {}", self.who(&stamp.by), time(stamp.at))
    }
}

/// `2026-03-02 08:10 +01:00`, the shop's clock with its offset.
pub(super) fn time(at: Moment) -> String {
    at.local().map_or_else(
        || "unknown time".to_owned(),
        |at| at.format("%Y-%m-%d %H:%M %:z").to_string(),
    )
}

/// As [`time`], with seconds: for signatures.
pub(super) fn exact_time(at: Moment) -> String {
    at.local().map_or_else(
        || "unknown time".to_owned(),
        |at| at.format("%Y-%m-%d %H:%M:%S %:z").to_string(),
    )
}

/// `45 s`, `10 min`, `1 h 30 min`.
pub(super) fn duration(seconds: u32) -> String {
    let parts = [
        (seconds / 3600, "h"),
        (seconds % 3600 / 60, "min"),
        (seconds % 60, "s"),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n} {unit}"))
        .collect();
    if said.is_empty() {
        "0 s".to_owned()
    } else {
        said.join(" ")
    }
}

/// Hex in groups of four, to compare by eye or on the telephone.
pub(super) fn grouped(hex: &str) -> String {
    let digits: Vec<char> = hex.chars().collect();
    digits
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What an answer says, in one or two capital words.
pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Undecided => "UNDECIDED",
        Verdict::Unverified => "LIMIT NOT VERIFIED",
        Verdict::Neutral => "recorded",
        Verdict::NotApplicable => "NOT APPLICABLE",
    }
}

/// A reading with its unit, and as it was typed where that looks different.
pub(super) fn reading(reading: &Reading) -> String {
    let shown = reading.to_string();
    let number = reading.form.to_string();
    if reading.typed == shown || reading.typed == number || reading.typed.is_empty() {
        shown
    } else {
        format!("{shown} (typed \"{}\")", reading.typed)
    }
}

/// An answer with its verdict: `0.12 Ω, PASS`.
pub(super) fn answer(given: &Answered, names: Names<'_>) -> String {
    let value = match &given.answer {
        // The verdict says it all, unless the two should differ.
        Answer::Pass if given.verdict == Verdict::Pass => String::new(),
        Answer::Fail if given.verdict == Verdict::Fail => String::new(),
        Answer::Pass => "answered pass".to_owned(),
        Answer::Fail => "answered fail".to_owned(),
        Answer::NotApplicable { reason } => {
            let reason = if reason.trim().is_empty() {
                "no reason given"
            } else {
                reason
            };
            return if given.verdict == Verdict::NotApplicable {
                format!("{}: {reason}", verdict(given.verdict))
            } else {
                format!("not applicable: {reason}, {}", verdict(given.verdict))
            };
        }
        Answer::Reading(value) => reading(value),
        Answer::Choice(text) => text.clone(),
        Answer::Text(text) | Answer::Scan(text) => {
            if text.trim().is_empty() {
                "(empty)".to_owned()
            } else {
                format!("\"{text}\"")
            }
        }
        Answer::Date(date) => date.to_string(),
        Answer::Timer { passed, seconds } => format!(
            "{} after {}",
            if *passed { "passed" } else { "failed" },
            duration(*seconds)
        ),
        Answer::SecondPerson { who } => format!("confirmed by {}", names.who(who)),
    };
    if value.is_empty() {
        verdict(given.verdict).to_owned()
    } else {
        format!("{value}, {}", verdict(given.verdict))
    }
}

/// What was known of the device when it was inspected: label and words, and whether it was known.
pub(super) fn facts(facts: &DeviceFacts) -> Vec<(&'static str, String, bool)> {
    let known = |label, text: &str| (label, text.to_owned(), true);
    let unknown = |label, meaning: &str| (label, format!("unknown{meaning}"), false);
    let strictest = ", the strictest limits were taken";
    let yes_no = |label, fact: Option<bool>, meaning: &str| match fact {
        Some(true) => known(label, "yes"),
        Some(false) => known(label, "no"),
        None => unknown(label, meaning),
    };
    vec![
        match facts.class {
            Some(ProtectionClass::I) => known("Protection class", "class I (earthed)"),
            Some(ProtectionClass::II) => known("Protection class", "class II (double insulated)"),
            Some(ProtectionClass::Internal) => known("Protection class", "internally powered"),
            None => unknown("Protection class", strictest),
        },
        match facts.power {
            Some(PowerConnection::DetachableCord) => known("Power connection", "detachable cord"),
            Some(PowerConnection::FixedCord) => known("Power connection", "fixed cord"),
            Some(PowerConnection::Permanent) => known("Power connection", "permanently connected"),
            Some(PowerConnection::Internal) => known("Power connection", "battery only"),
            None => unknown("Power connection", strictest),
        },
        match facts.applied_parts.as_deref() {
            Some([]) => known("Applied parts", "none"),
            Some(parts) => {
                let said: Vec<String> = parts.iter().map(applied_part).collect();
                let all_known = parts.iter().all(|part| part.kind.is_some());
                ("Applied parts", said.join("; "), all_known)
            }
            None => unknown("Applied parts", strictest),
        },
        yes_no("Stores ePHI", facts.stores_ephi, ""),
        yes_no("On a network", facts.networked, ""),
        yes_no("Has a battery", facts.battery, ""),
        yes_no("High-risk", facts.high_risk, ", counts as high-risk"),
    ]
}

fn applied_part(part: &AppliedPart) -> String {
    let kind = match part.kind {
        Some(AppliedPartType::B) => "type B",
        Some(AppliedPartType::BF) => "type BF",
        Some(AppliedPartType::CF) => "type CF",
        None => "type unknown",
    };
    format!("{} ({kind})", part.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::measure::Unit;

    #[test]
    fn durations_are_said_as_people_say_them() {
        for (seconds, words) in [
            (0, "0 s"),
            (45, "45 s"),
            (600, "10 min"),
            (5400, "1 h 30 min"),
            (3601, "1 h 1 s"),
        ] {
            assert_eq!(duration(seconds), words);
        }
    }

    #[test]
    fn a_reading_typed_in_another_way_is_shown_both_ways() {
        for (typed, shown) in [
            ("0.12", "0.12 Ω"),
            ("0.12 Ω", "0.12 Ω"),
            ("0,12", "0.12 Ω (typed \"0,12\")"),
            ("120 mohm", "120 mΩ (typed \"120 mohm\")"),
            ("OL", "OL Ω"),
        ] {
            let value = Reading::parse(typed, Unit::Ohm).unwrap();
            assert_eq!(reading(&value), shown);
        }
    }

    #[test]
    fn times_carry_their_offset_and_no_time_says_so() {
        let at = Moment {
            micros: 1_772_438_400_000_000,
            offset: -300,
        };
        assert_eq!(time(at), "2026-03-02 03:00 -05:00");
        assert_eq!(exact_time(at), "2026-03-02 03:00:00 -05:00");
        let broken = Moment {
            micros: i64::MAX,
            offset: i16::MAX,
        };
        assert_eq!(time(broken), "unknown time");
    }
}
