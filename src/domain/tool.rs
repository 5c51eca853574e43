//! Test equipment: its calibration, and when it was last known to be good.
//!
//! Invariant: calibration is judged on the date of the measurement, never on today's.

mod conflicts;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::context::Context;
use super::event::Addressed;
use super::id::{Dot, EntityId};
use super::refusal::Refusal;
use super::register::Register;
use super::seen::Seen;
use super::time::Stamp;

/// What happened to a piece of test equipment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ToolEvent {
    /// It was added, or its description changed.
    Described {
        /// The short name that commands use.
        name: String,
        /// Its kind as procedures name it ("safety analyser").
        kind: String,
        /// Make and model.
        model: String,
        /// Serial number.
        serial: String,
    },
    /// It was calibrated.
    Calibrated {
        /// The day.
        on: NaiveDate,
        /// The last day the calibration is good.
        due: NaiveDate,
        /// Certificate number or who did it.
        certificate: String,
    },
    /// It was checked against a reference and found good.
    CheckedGood {
        /// The day.
        on: NaiveDate,
        /// How.
        note: String,
    },
    /// It was found faulty: every reading since the last good check is suspect.
    Failed {
        /// The day.
        on: NaiveDate,
        /// What was found.
        reason: String,
        /// The last day it was known to be good.
        last_good: Option<NaiveDate>,
    },
    /// It is used no longer.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

/// One calibration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Calibration {
    /// The day.
    pub on: NaiveDate,
    /// The last good day.
    pub due: NaiveDate,
    /// Certificate.
    pub certificate: String,
}

/// A moment at which a tool was known to be good: a calibration or a check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct GoodCheck {
    /// The day.
    pub on: NaiveDate,
    /// When on that day, in microseconds since 1970 UTC: known when it was recorded on the day itself.
    pub at: Option<i64>,
}

impl GoodCheck {
    fn of(on: NaiveDate, stamp: &Stamp) -> Self {
        Self {
            on,
            at: (stamp.at.date() == on).then_some(stamp.at.micros),
        }
    }
}

/// How a tool is described.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Description {
    /// The short name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Make and model.
    pub model: String,
    /// Serial number.
    pub serial: String,
}

/// A piece of test equipment.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tool {
    /// The short name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Make and model.
    pub model: String,
    /// Serial number.
    pub serial: String,
    /// Calibrations, oldest first.
    pub calibrations: Vec<Calibration>,
    /// When it was found good.
    pub good: Vec<GoodCheck>,
    /// Failures: day, what, last good day.
    pub failures: Vec<(NaiveDate, String, Option<NaiveDate>)>,
    /// What the shops that described it say.
    pub descriptions: Register<Description>,
    /// Used no longer: while shops disagree, it is withdrawn.
    pub withdrawn: bool,
    /// Whether it is used, as the shops say: the reason when it is not.
    pub withdrawals: Register<String>,
    /// Every time somebody withdrew it.
    pub removals: Vec<Dot>,
    /// How many events made this state.
    pub revision: u64,
    /// The last one.
    pub changed: Option<Stamp>,
}

/// May a tool be used for a measurement of a given day?
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ToolStatus {
    /// Calibrated; good until this day.
    Good(NaiveDate),
    /// The calibration ended on this day.
    OutOfCalibration(NaiveDate),
    /// No calibration is on record for that day.
    Unknown,
    /// Found faulty and not calibrated since.
    Faulty(String),
    /// Used no longer.
    Withdrawn,
}

impl ToolStatus {
    /// True only when it is known to be good.
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::Good(_))
    }

    /// A sentence for a record.
    pub fn words(&self) -> String {
        match self {
            Self::Good(due) => format!("calibrated, due {due}"),
            Self::OutOfCalibration(due) => format!("OUT OF CALIBRATION since {due}"),
            Self::Unknown => "calibration unknown".to_owned(),
            Self::Faulty(reason) => format!("FAULTY: {reason}"),
            Self::Withdrawn => "withdrawn from use".to_owned(),
        }
    }
}

impl Tool {
    /// Applies one event. `seen` is what its writer knew.
    pub fn apply(&mut self, event: &ToolEvent, stamp: &Stamp, seen: &Seen) {
        match event {
            ToolEvent::Described {
                name,
                kind,
                model,
                serial,
            } => {
                let described = Description {
                    name: name.clone(),
                    kind: kind.clone(),
                    model: model.clone(),
                    serial: serial.clone(),
                };
                self.descriptions.set_seen(Some(described), stamp, seen);
                if let Some(shown) = self.descriptions.get() {
                    self.name.clone_from(&shown.name);
                    self.kind.clone_from(&shown.kind);
                    self.model.clone_from(&shown.model);
                    self.serial.clone_from(&shown.serial);
                }
                // Describing a tool that was withdrawn takes it into use again.
                let knew = self.removals.iter().any(|dot| seen.covers(*dot));
                if knew {
                    self.withdraw(None, stamp, seen);
                }
            }
            ToolEvent::Calibrated {
                on,
                due,
                certificate,
            } => {
                self.calibrations.push(Calibration {
                    on: *on,
                    due: *due,
                    certificate: certificate.clone(),
                });
                self.calibrations.sort_by_key(|c| c.on);
                self.good.push(GoodCheck::of(*on, stamp));
            }
            ToolEvent::CheckedGood { on, .. } => self.good.push(GoodCheck::of(*on, stamp)),
            ToolEvent::Failed {
                on,
                reason,
                last_good,
            } => {
                self.failures.push((*on, reason.clone(), *last_good));
            }
            ToolEvent::Withdrawn { reason } => {
                self.removals.push(stamp.dot);
                self.withdraw(Some(reason.clone()), stamp, seen);
            }
        }
        self.revision += 1;
        self.changed = Some(stamp.clone());
    }

    fn withdraw(&mut self, why: Option<String>, stamp: &Stamp, seen: &Seen) {
        self.withdrawals.set_seen(why, stamp, seen);
        let said = self.withdrawals.candidates();
        self.withdrawn = said.iter().any(|c| c.value.is_some());
    }

    /// What is known of the tool for measurements made on `day`.
    pub fn status_on(&self, day: NaiveDate) -> ToolStatus {
        if self.withdrawn {
            return ToolStatus::Withdrawn;
        }
        let calibration = self.calibrations.iter().rev().find(|c| c.on <= day);
        let fault = self
            .failures
            .iter()
            .rev()
            .find(|(on, _, _)| *on <= day && calibration.is_none_or(|c| c.on <= *on));
        if let Some((_, reason, _)) = fault {
            return ToolStatus::Faulty(reason.clone());
        }
        match calibration {
            Some(c) if c.due >= day => ToolStatus::Good(c.due),
            Some(c) => ToolStatus::OutOfCalibration(c.due),
            None => ToolStatus::Unknown,
        }
    }

    /// The last time up to the end of `day` at which the tool was known to be good.
    pub fn last_good(&self, day: NaiveDate) -> Option<GoodCheck> {
        self.good.iter().copied().filter(|c| c.on <= day).max()
    }
}

/// What a person asks of test equipment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ToolCommand {
    /// Add a tool.
    Add {
        /// Short name.
        name: String,
        /// Kind.
        kind: String,
        /// Make and model.
        model: String,
        /// Serial.
        serial: String,
    },
    /// Record a calibration.
    Calibrate {
        /// The tool.
        tool: EntityId,
        /// The day.
        on: NaiveDate,
        /// The last good day.
        due: NaiveDate,
        /// Certificate.
        certificate: String,
    },
    /// Record a good check.
    CheckGood {
        /// The tool.
        tool: EntityId,
        /// The day.
        on: NaiveDate,
        /// How.
        note: String,
    },
    /// Use it no longer.
    Withdraw {
        /// The tool.
        tool: EntityId,
        /// Why.
        reason: String,
    },
}

/// Decides a tool command, given the tool it names (`None` for a new one).
pub fn decide(
    tool: Option<&Tool>,
    ctx: &Context,
    command: &ToolCommand,
) -> Result<Vec<Addressed>, Refusal> {
    let known = || {
        tool.ok_or_else(|| {
            Refusal::not_found(
                "This tool is not on record.",
                "List the tools with `tagout tool list`.",
            )
        })
    };
    let day_ok = |on: NaiveDate| {
        if on > ctx.today {
            Err(Refusal::bad_input(
                format!("{on} lies in the future."),
                "Give the day it was done.",
            ))
        } else {
            Ok(())
        }
    };
    Ok(match command {
        ToolCommand::Add {
            name,
            kind,
            model,
            serial,
        } => {
            if name.trim().is_empty() || kind.trim().is_empty() {
                return Err(Refusal::bad_input(
                    "A tool needs a short name and a kind.",
                    "For example: tool add esa1 --kind \"safety analyser\".",
                ));
            }
            vec![
                (
                    ctx.id(0),
                    ToolEvent::Described {
                        name: name.trim().to_owned(),
                        kind: kind.trim().to_lowercase(),
                        model: model.clone(),
                        serial: serial.clone(),
                    },
                )
                    .into(),
            ]
        }
        ToolCommand::Calibrate {
            tool: id,
            on,
            due,
            certificate,
        } => {
            known()?;
            day_ok(*on)?;
            if due < on {
                return Err(Refusal::bad_input(
                    format!("The calibration of {on} cannot end on {due}."),
                    "Give a due date after the day of calibration.",
                ));
            }
            vec![
                (
                    *id,
                    ToolEvent::Calibrated {
                        on: *on,
                        due: *due,
                        certificate: certificate.clone(),
                    },
                )
                    .into(),
            ]
        }
        ToolCommand::CheckGood { tool: id, on, note } => {
            let tool = known()?;
            day_ok(*on)?;
            if let status @ (ToolStatus::Faulty(_) | ToolStatus::Withdrawn) = tool.status_on(*on) {
                return Err(Refusal::rule(
                    format!("{} is not in use: {}.", tool.name, status.words()),
                    "A check does not put it right. Record the calibration after the repair with `tagout tool set`.",
                ));
            }
            vec![
                (
                    *id,
                    ToolEvent::CheckedGood {
                        on: *on,
                        note: note.clone(),
                    },
                )
                    .into(),
            ]
        }
        ToolCommand::Withdraw { tool: id, reason } => {
            known()?;
            if reason.trim().is_empty() {
                return Err(Refusal::bad_input(
                    "Withdrawing a tool needs a reason.",
                    "Say why in a few words.",
                ));
            }
            vec![
                (
                    *id,
                    ToolEvent::Withdrawn {
                        reason: reason.clone(),
                    },
                )
                    .into(),
            ]
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Dot;
    use crate::domain::time::Moment;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(tool: &mut Tool, event: ToolEvent) {
        let stamp = Stamp {
            dot: Dot::default(),
            at: Moment::default(),
            by: "jd".into(),
        };
        tool.apply(&event, &stamp, &Seen::Everything);
    }

    #[test]
    fn calibration_counts_on_the_day_of_measurement() {
        let mut tool = Tool::default();
        assert_eq!(tool.status_on(day("2026-01-01")), ToolStatus::Unknown);
        at(
            &mut tool,
            ToolEvent::Calibrated {
                on: day("2025-03-01"),
                due: day("2026-03-01"),
                certificate: "C1".into(),
            },
        );
        assert!(tool.status_on(day("2026-03-01")).is_good());
        assert_eq!(tool.status_on(day("2025-02-28")), ToolStatus::Unknown);
        assert_eq!(
            tool.status_on(day("2026-03-02")),
            ToolStatus::OutOfCalibration(day("2026-03-01"))
        );
        at(
            &mut tool,
            ToolEvent::Failed {
                on: day("2026-02-01"),
                reason: "dropped".into(),
                last_good: None,
            },
        );
        assert!(tool.status_on(day("2026-01-31")).is_good());
        assert_eq!(
            tool.status_on(day("2026-02-02")),
            ToolStatus::Faulty("dropped".into())
        );
        at(
            &mut tool,
            ToolEvent::Calibrated {
                on: day("2026-02-10"),
                due: day("2027-02-10"),
                certificate: "C2".into(),
            },
        );
        assert!(tool.status_on(day("2026-02-11")).is_good());
        assert_eq!(
            tool.last_good(day("2026-02-05")).map(|check| check.on),
            Some(day("2025-03-01"))
        );
    }

    #[test]
    fn a_short_name_is_given_once() {
        use crate::domain::command::Command;
        let mut world = crate::domain::testing::TestWorld::default();
        let add = |name: &str| {
            Command::Tool(ToolCommand::Add {
                name: name.into(),
                kind: "safety analyser".into(),
                model: String::new(),
                serial: String::new(),
            })
        };
        world.tell("jd", &add("esa1")).unwrap();
        let refused = world.tell("jd", &add("ESA-1")).unwrap_err();
        assert!(refused.what.contains("already"), "{refused}");
        world.tell("jd", &add("esa2")).unwrap();
    }
}
