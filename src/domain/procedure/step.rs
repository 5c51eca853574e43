//! One step of a procedure and what is answered at it.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Condition;
use super::electrical::Profile;
use crate::domain::measure::{Judgement, Limit, Reading, Unit, judge, judge_points};

/// The stable name of a step, unique in its procedure: lower-case letters, digits and hyphens.
///
/// Steps made from an electrical safety profile are named `parent.child`, so a dot never occurs in an author's id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct StepId(pub String);

impl StepId {
    /// Whether an author may use this text as an id.
    pub fn is_valid(text: &str) -> bool {
        (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }

    /// Whether this step was made from the electrical safety step `parent`.
    pub fn is_child_of(&self, parent: &Self) -> bool {
        self.0
            .strip_prefix(parent.0.as_str())
            .is_some_and(|rest| rest.starts_with('.'))
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for StepId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// One step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Its stable name.
    pub id: StepId,
    /// What is done, in one line.
    pub title: String,
    /// How it is done.
    pub detail: Option<String>,
    /// What is answered.
    pub kind: StepKind,
    /// A failure means that the device must not be used.
    pub safety: bool,
    /// The inspection cannot be signed without an answer here; "not applicable" with a reason is one where allowed.
    pub required: bool,
    /// Whether "not applicable", always with a reason, may be answered.
    pub allow_na: bool,
    /// When the step is asked at all; `None` is always.
    pub condition: Option<Condition>,
    /// The kind of test equipment needed, like "safety analyser".
    pub tool: Option<String>,
    /// Where the step is described in the instructions or the standard.
    pub reference: Option<String>,
    /// A failure fixed on the spot is followed by an as-left answer of the same kind.
    pub as_left: bool,
}

impl Step {
    /// A required step of this kind with nothing else set.
    pub fn new(id: &str, title: &str, kind: StepKind) -> Self {
        Self {
            id: StepId::from(id),
            title: title.to_owned(),
            detail: None,
            kind,
            safety: false,
            required: true,
            allow_na: true,
            condition: None,
            tool: None,
            reference: None,
            as_left: false,
        }
    }

    /// Whether the step is judged by a limit from an unverified source.
    pub fn is_unverified(&self) -> bool {
        let source = match &self.kind {
            StepKind::Measure(m) if m.limit.is_some() => &m.source,
            StepKind::Table(t) => &t.source,
            StepKind::Computed(c) if c.limit.is_some() => &c.source,
            _ => return false,
        };
        !source.verified
    }

    /// Whether the step is answered with numbers, so that a computed step can use it.
    pub fn is_numeric(&self) -> bool {
        matches!(
            self.kind,
            StepKind::Measure(_) | StepKind::Table(_) | StepKind::Computed(_)
        )
    }

    /// The unit of the step's numbers.
    pub fn unit(&self) -> Option<Unit> {
        match &self.kind {
            StepKind::Measure(m) => Some(m.unit),
            StepKind::Table(t) => Some(t.unit),
            StepKind::Computed(c) => Some(c.unit),
            _ => None,
        }
    }
}

/// Where a limit comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct LimitSource {
    /// Whether the limit has been checked against its source.
    pub verified: bool,
    /// The source in words.
    pub text: String,
}

/// A reading with its limit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Measure {
    /// The unit that is asked for; readings in units of the same dimension are accepted.
    pub unit: Unit,
    /// The limit; `None` records the value without judging it.
    pub limit: Option<Limit>,
    /// Where the limit comes from.
    pub source: LimitSource,
}

impl Measure {
    /// The judgement of a reading; `None` where the step has no limit and only records.
    pub fn judge(&self, reading: &Reading) -> Option<Judgement> {
        self.limit
            .as_ref()
            .map(|limit| judge(limit, self.unit, reading))
    }
}

/// One set point of a table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SetPoint {
    /// What is set: "60 bpm".
    pub label: String,
    /// The limit of the reading at this set point.
    pub limit: Limit,
}

/// Several readings in one unit, each at its own set point.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Table {
    /// The unit of all points.
    pub unit: Unit,
    /// The set points in working order.
    pub points: Vec<SetPoint>,
    /// Where the limits come from.
    pub source: LimitSource,
}

impl Table {
    /// The judgement of the readings, given in the order of the points, absent where not yet taken.
    pub fn judge(&self, readings: &[Option<Reading>]) -> Judgement {
        let points: Vec<(&str, &Limit)> = self
            .points
            .iter()
            .map(|point| (point.label.as_str(), &point.limit))
            .collect();
        judge_points(&points, self.unit, readings)
    }
}

/// What an answer says about the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum AnswerVerdict {
    /// Good.
    Pass,
    /// Not good.
    Fail,
    /// Says nothing either way.
    Neutral,
}

/// One answer of a choice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChoiceOption {
    /// What is chosen; unique within the step.
    pub label: String,
    /// What it says about the device.
    pub verdict: AnswerVerdict,
}

/// What a text answer is about. Only the last three may be offered again from an earlier inspection, to be confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
pub enum TextAbout {
    /// Anything else; never prefilled.
    #[default]
    Other,
    /// Accessories found with the device.
    Accessories,
    /// The software or firmware version.
    SoftwareVersion,
    /// Where the device is.
    Location,
}

/// What is to be scanned.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ScanTarget {
    /// The device itself: its tag, serial or UDI, to confirm that it is the right one.
    Device,
    /// An accessory, part or consumable, named here.
    Other(String),
}

/// One operand of a computed step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Operand {
    /// The reading of an earlier step.
    Step(StepId),
    /// A fixed value in the unit of the other operand.
    Value(Decimal),
}

/// How a computed step gets its value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Formula {
    /// Of all readings of these steps, the one nearest to (or furthest beyond) the computed step's limit.
    WorstOf(Vec<StepId>),
    /// The mean of all readings of these steps.
    Mean(Vec<StepId>),
    /// (measured - reference) / reference × 100; the computed step's unit is percent.
    PercentError {
        /// The measured value.
        measured: Operand,
        /// The value it should have.
        reference: Operand,
    },
    /// first - second.
    Difference {
        /// The value from which is taken.
        first: Operand,
        /// The value that is taken away.
        second: Operand,
    },
}

/// A value computed from earlier readings.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Computed {
    /// How it is computed.
    pub formula: Formula,
    /// The unit of the result.
    pub unit: Unit,
    /// The limit; `None` shows the value without judging it.
    pub limit: Option<Limit>,
    /// Where the limit comes from.
    pub source: LimitSource,
}

/// What is answered at a step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum StepKind {
    /// Pass or fail.
    Check,
    /// One reading.
    Measure(Measure),
    /// Several readings at set points.
    Table(Table),
    /// One of several answers.
    Choice {
        /// The answers, at least two.
        options: Vec<ChoiceOption>,
    },
    /// Free text; never about a patient.
    Text {
        /// What it is about.
        about: TextAbout,
    },
    /// A count-down, then pass or fail.
    Timer {
        /// How long, in seconds.
        seconds: u32,
        /// Runs in the background while other steps go on.
        long: bool,
    },
    /// A date, like the expiry of pads.
    Date {
        /// A date before the day of the inspection fails.
        must_not_be_past: bool,
    },
    /// A scan that identifies something.
    Scan {
        /// What is to be scanned.
        what: ScanTarget,
    },
    /// A value computed from earlier readings.
    Computed(Computed),
    /// A hold point: a second person confirms before the work goes on.
    SecondPerson,
    /// Stands for the electrical safety steps that a profile makes for the device when the inspection starts.
    ElectricalSafety {
        /// The standard, edition and method.
        profile: Profile,
    },
}

impl StepKind {
    /// The kind as authors write it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Measure(_) => "measure",
            Self::Table(_) => "table",
            Self::Choice { .. } => "choice",
            Self::Text { .. } => "text",
            Self::Timer { .. } => "timer",
            Self::Date { .. } => "date",
            Self::Scan { .. } => "scan",
            Self::Computed(_) => "computed",
            Self::SecondPerson => "second-person",
            Self::ElectricalSafety { .. } => "electrical-safety",
        }
    }
}
