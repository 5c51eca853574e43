//! One test of a profile, and the step made from it.

use super::Profile;
use crate::domain::measure::{Decimal, Limit, Unit};
use crate::domain::procedure::{LimitSource, Measure, Step, StepId, StepKind};

/// One test with the limit that this device takes.
pub(super) struct Row {
    /// The last part of the step's id.
    pub name: String,
    /// What is measured.
    pub title: String,
    /// How.
    pub how: &'static str,
    /// The unit of the limit.
    pub unit: Unit,
    /// The limit.
    pub limit: Limit,
    /// Whether it has been checked, and where it comes from.
    pub source: (bool, &'static str),
    /// What was not known, so that the strictest limit was taken.
    pub assumed: Vec<String>,
}

pub(super) fn at_most(mantissa: i64, places: u32) -> Limit {
    Limit::AtMost(Decimal::new(mantissa, places))
}

pub(super) fn at_least(value: i64) -> Limit {
    Limit::AtLeast(Decimal::new(value, 0))
}

/// A name as part of a step id: "SpO2 probe" is "spo2-probe".
pub(super) fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.truncate(24);
    let out = out.trim_end_matches('-');
    if out.is_empty() {
        "part".to_owned()
    } else {
        out.to_owned()
    }
}

/// The step of each row, in order; a second row of the same name gets a number.
pub(super) fn steps(profile: Profile, rows: &[Row]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    if rows.is_empty() {
        // Said in words rather than left out, so that the record shows why nothing was measured.
        let mut none = Step::new(
            "electrical.none",
            "No electrical measurement applies: confirm battery only and no isolated applied part",
            StepKind::Check,
        );
        none.reference = Some(profile.title().to_owned());
        steps.push(none);
    }
    for row in rows {
        let mut id = StepId(format!("electrical.{}", row.name));
        let mut number = 2;
        while steps.iter().any(|step| step.id == id) {
            id = StepId(format!("electrical.{}-{number}", row.name));
            number += 1;
        }
        let (verified, text) = row.source;
        let mut detail = row.how.to_owned();
        for words in &row.assumed {
            detail.push(' ');
            detail.push_str(words);
        }
        steps.push(Step {
            id,
            detail: Some(detail),
            safety: true,
            tool: Some("safety analyser".to_owned()),
            reference: Some(profile.title().to_owned()),
            as_left: true,
            ..Step::new(
                "",
                &row.title,
                StepKind::Measure(Measure {
                    unit: row.unit,
                    limit: Some(row.limit),
                    source: LimitSource {
                        verified,
                        text: text.to_owned(),
                    },
                }),
            )
        });
    }
    steps
}
