//! The input of one step: what is typed or chosen for it, and the answer that comes of it.
//!
//! Invariants: nothing is an answer before the key that gives it; a scan is never a reading; keys that no hand pressed
//! (auto-repeat, a burst of a scanner) answer nothing; what is typed stays until it is saved or the step changes.

use chrono::{Months, NaiveDate};

use super::edit::Edit;
use crate::domain::inspection::{Answer, AnswerOrigin};
use crate::domain::measure::{Reading, Unit};
use crate::domain::procedure::{Step, StepKind};
use crate::keymap::{Action, Context, KeyCombo};
use crate::tui::input::Press;

/// What a step gets to know of its surroundings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// Technicians who can be the second person: key and printed name.
    pub people: &'a [(String, String)],
    /// What was given at the last inspection, where it may be confirmed again.
    pub last: Option<&'a str>,
}

/// An answer given by key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// What.
    pub answer: Answer,
    /// From where.
    pub origin: AnswerOrigin,
}

impl Given {
    /// An answer by key.
    pub const fn key(answer: Answer) -> Self {
        Self {
            answer,
            origin: AnswerOrigin::Key,
        }
    }
}

/// The input of the step in front.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StepInput {
    /// The text field.
    pub edit: Edit,
    /// The choice in front, for choices and second persons.
    pub at: usize,
    /// Why what is typed is no answer.
    pub error: Option<String>,
    /// The text field was left with Esc: letters act again.
    pub left: bool,
}

/// Whether a key may answer: pressed by a hand.
pub const fn by_hand(press: &Press) -> bool {
    !press.repeat && !press.burst
}

impl StepInput {
    /// The contexts of the keymap, innermost first.
    pub fn contexts(&self, step: &Step) -> Vec<Context> {
        let inner = match &step.kind {
            StepKind::Measure(_) | StepKind::Table(_) | StepKind::Date { .. } => {
                Some(if self.edit.is_empty() {
                    Context::NumberInput
                } else {
                    Context::TextInput
                })
            }
            StepKind::Choice { .. } | StepKind::SecondPerson => Some(Context::Choice),
            StepKind::Text { .. } | StepKind::Scan { .. } if self.left => Some(Context::Choice),
            StepKind::Text { .. } | StepKind::Scan { .. } => Some(Context::TextInput),
            _ => None,
        };
        inner.into_iter().chain([Context::Checklist]).collect()
    }

    /// Esc inside the field: clears a reading, leaves a text field. False when there is nothing to leave.
    pub fn leave(&mut self, step: &Step) -> bool {
        self.error = None;
        match step.kind {
            StepKind::Text { .. } | StepKind::Scan { .. } if !self.left => {
                self.left = true;
                true
            }
            StepKind::Measure(_) | StepKind::Table(_) | StepKind::Date { .. }
                if !self.edit.is_empty() =>
            {
                self.edit.clear();
                true
            }
            _ => false,
        }
    }

    /// Takes a key without an action. `Some` when it was used; the answer inside when it gave one.
    pub fn typed(
        &mut self,
        step: &Step,
        around: Around<'_>,
        key: KeyCombo,
        press: &Press,
    ) -> Option<Option<Given>> {
        match &step.kind {
            StepKind::Measure(_) | StepKind::Table(_) | StepKind::Date { .. } => {
                if press.burst {
                    self.error =
                        Some("A label was scanned. A scan is never a reading; type it.".to_owned());
                    return Some(None);
                }
                let before = self.edit.text();
                let used = self.edit.key(key);
                if before != self.edit.text() {
                    self.error = None;
                }
                used.then_some(None)
            }
            StepKind::Text { .. } | StepKind::Scan { .. } => {
                if self.left && key.typed().is_some() {
                    self.left = false;
                }
                self.error = None;
                self.edit.key(key).then_some(None)
            }
            StepKind::Choice { .. } | StepKind::SecondPerson => {
                let digit = key.typed()?.to_digit(10)? as usize;
                if !by_hand(press) || digit == 0 {
                    return Some(None);
                }
                let given = pick(step, around, digit - 1);
                if given.is_some() {
                    self.at = digit - 1;
                }
                Some(given)
            }
            _ => None,
        }
    }

    /// Runs an action that belongs to the input. `Some` when it was used; the answer inside when it gave one.
    pub fn run(
        &mut self,
        step: &Step,
        around: Around<'_>,
        action: Action,
        press: &Press,
    ) -> Option<Option<Given>> {
        let rows = rows(step, around);
        match action {
            Action::Up | Action::Down if rows > 0 => {
                self.at = if action == Action::Up {
                    self.at.saturating_sub(1)
                } else {
                    (self.at + 1).min(rows - 1)
                };
                Some(None)
            }
            Action::Up | Action::Down if around.last.is_some() && self.edit.is_empty() => {
                self.left = false;
                self.edit = Edit::with(around.last.unwrap_or_default());
                Some(None)
            }
            Action::Submit if self.left => {
                self.left = false;
                Some(None)
            }
            Action::Submit if !by_hand(press) => Some(None),
            Action::Submit => Some(self.submit(step, around)),
            Action::Pass if step.kind == StepKind::Check && by_hand(press) => {
                Some(Some(Given::key(Answer::Pass)))
            }
            Action::Fail if step.kind == StepKind::Check && by_hand(press) => {
                Some(Some(Given::key(Answer::Fail)))
            }
            Action::Pass | Action::Fail
                if matches!(step.kind, StepKind::Timer { .. }) && by_hand(press) =>
            {
                Some(Some(Given::key(Answer::Timer {
                    passed: action == Action::Pass,
                    seconds: 0,
                })))
            }
            _ => None,
        }
    }

    fn submit(&mut self, step: &Step, around: Around<'_>) -> Option<Given> {
        let text = self.edit.text();
        let made = match &step.kind {
            StepKind::Measure(measure) => reading(&text, measure.unit),
            StepKind::Table(table) => reading(&text, table.unit),
            StepKind::Date { .. } => date(&text).map(Answer::Date).map(Given::key),
            StepKind::Text { .. } if text.trim().is_empty() => {
                Err("Nothing is typed. Type a few words, without patient data.".to_owned())
            }
            StepKind::Text { .. } => Ok(Given {
                origin: if around.last == Some(text.trim()) {
                    AnswerOrigin::Confirmed
                } else {
                    AnswerOrigin::Key
                },
                answer: Answer::Text(text.trim().to_owned()),
            }),
            StepKind::Scan { .. } if text.trim().is_empty() => {
                Err("Scan the label, or type what it says.".to_owned())
            }
            StepKind::Scan { .. } => Ok(Given::key(Answer::Scan(text.trim().to_owned()))),
            StepKind::Choice { .. } | StepKind::SecondPerson => {
                return pick(step, around, self.at);
            }
            _ => return None,
        };
        match made {
            Ok(given) => Some(given),
            Err(words) => {
                self.error = Some(words);
                None
            }
        }
    }
}

/// How many rows the step offers to choose from.
pub fn rows(step: &Step, around: Around<'_>) -> usize {
    match &step.kind {
        StepKind::Choice { options } => options.len(),
        StepKind::SecondPerson => around.people.len(),
        _ => 0,
    }
}

fn pick(step: &Step, around: Around<'_>, at: usize) -> Option<Given> {
    match &step.kind {
        StepKind::Choice { options } => options
            .get(at)
            .map(|option| Given::key(Answer::Choice(option.label.clone()))),
        StepKind::SecondPerson => around
            .people
            .get(at)
            .map(|(who, _)| Given::key(Answer::SecondPerson { who: who.clone() })),
        _ => None,
    }
}

fn reading(text: &str, unit: Unit) -> Result<Given, String> {
    Reading::parse(text, unit)
        .map(|reading| Given::key(Answer::Reading(reading)))
        .map_err(|error| format!("{error}."))
}

/// A date as it stands on a label: a day, or a month, which means its last day.
fn date(text: &str) -> Result<NaiveDate, String> {
    let text = text.trim();
    let digits: Option<Vec<u32>> = text
        .split(['-', '.', '/'])
        .map(|p| p.parse().ok())
        .collect();
    let wide = |n: usize| text.split(['-', '.', '/']).next().map(str::len) == Some(n);
    let found = match digits.as_deref() {
        Some([y, m, d]) if wide(4) => NaiveDate::from_ymd_opt(*y as i32, *m, *d),
        Some([y, m]) if wide(4) => NaiveDate::from_ymd_opt(*y as i32, *m, 1)
            .and_then(|first| first.checked_add_months(Months::new(1)))
            .and_then(|next| next.pred_opt()),
        Some([all]) if text.len() == 8 => {
            NaiveDate::from_ymd_opt((all / 10_000) as i32, all / 100 % 100, all % 100)
        }
        _ => None,
    };
    found.ok_or_else(|| {
        format!(
            "\"{text}\" is not a date. Type it like 2027-03-31, or 2027-03 for the end of a month."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::procedure::{AnswerVerdict, ChoiceOption, LimitSource, Measure, TextAbout};
    use std::time::Instant;

    fn press(key: &str) -> (KeyCombo, Press) {
        let combo: KeyCombo = key.parse().unwrap();
        let press = Press {
            key: crossterm::event::KeyEvent::new(combo.code(), combo.modifiers()),
            at: Instant::now(),
            repeat: false,
            burst: false,
        };
        (combo, press)
    }

    fn type_in(input: &mut StepInput, step: &Step, text: &str) -> Option<Given> {
        let around = Around::default();
        for c in text.chars() {
            let (combo, press) = press(&c.to_string());
            input.typed(step, around, combo, &press);
        }
        input
            .run(step, around, Action::Submit, &press("enter").1)
            .flatten()
    }

    fn measure() -> Step {
        let kind = StepKind::Measure(Measure {
            unit: Unit::Ohm,
            limit: None,
            source: LimitSource::default(),
        });
        Step::new("earth", "Ground resistance", kind)
    }

    #[test]
    fn a_number_is_typed_straight_in() {
        let mut input = StepInput::default();
        let given = type_in(&mut input, &measure(), "120mohm").unwrap();
        let Answer::Reading(reading) = given.answer else {
            panic!("a reading")
        };
        assert_eq!(reading.unit, Unit::MilliOhm);
        let mut input = StepInput::default();
        assert_eq!(type_in(&mut input, &measure(), "1,2,3x"), None);
        assert!(input.error.is_some());
        assert_eq!(input.edit.text(), "1,2,3x", "what was typed stays");
    }

    #[test]
    fn nothing_a_scanner_typed_is_a_reading() {
        let mut input = StepInput::default();
        let (combo, mut press) = press("7");
        press.burst = true;
        input.typed(&measure(), Around::default(), combo, &press);
        assert!(input.edit.is_empty());
        assert!(input.error.is_some());
    }

    #[test]
    fn a_digit_chooses_once_and_a_held_key_never() {
        let options = ["yes", "no"].map(|label| ChoiceOption {
            label: label.to_owned(),
            verdict: AnswerVerdict::Neutral,
        });
        let step = Step::new(
            "c",
            "Choose",
            StepKind::Choice {
                options: options.to_vec(),
            },
        );
        let mut input = StepInput::default();
        let (combo, mut press) = press("2");
        let given = input.typed(&step, Around::default(), combo, &press);
        assert_eq!(
            given.flatten(),
            Some(Given::key(Answer::Choice("no".to_owned())))
        );
        press.repeat = true;
        assert_eq!(
            input.typed(&step, Around::default(), combo, &press),
            Some(None)
        );
    }

    #[test]
    fn what_was_given_last_time_is_confirmed_by_two_keys() {
        let step = Step::new(
            "s",
            "Software",
            StepKind::Text {
                about: TextAbout::SoftwareVersion,
            },
        );
        let around = Around {
            people: &[],
            last: Some("2.1"),
        };
        let mut input = StepInput::default();
        let enter = press("enter").1;
        assert_eq!(
            input.run(&step, around, Action::Submit, &enter),
            Some(None),
            "Enter alone is nothing"
        );
        input.run(&step, around, Action::Up, &press("up").1);
        let given = input.run(&step, around, Action::Submit, &enter).flatten();
        assert_eq!(given.unwrap().origin, AnswerOrigin::Confirmed);
    }

    #[test]
    fn dates_as_labels_write_them() {
        for (text, want) in [
            ("2027-03-31", Some("2027-03-31")),
            ("20270331", Some("2027-03-31")),
            ("2027-02", Some("2027-02-28")),
            ("2028/02", Some("2028-02-29")),
            ("03-2027", None),
            ("31.03.27", None),
            ("2027-13", None),
            ("", None),
        ] {
            assert_eq!(
                date(text).ok().map(|d| d.to_string()).as_deref(),
                want,
                "{text}"
            );
        }
    }
}
